// Calendars and terms as everybody reads them, the calculator against `bereg deadline`, and packs that come late or are wrong, on both
// engines.
//   BEREG=… BEREG_PACKS=packs/demo BEREG_TEST_DB=sqlite|postgres node tests/terms.mjs
import fs from 'node:fs';
import path from 'node:path';
import { PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 100, seed: 3, name: 'terms' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const users = register.users();
const social = client('social1');
const get = async (where, who = social) => (await who.get(`/api/v1${where}`)).json;

await part('who reads', async () => {
  const logins = new Map(users.map((u) => [u.role, u.login]));
  ok(logins.size > 5, 'the demo has accounts of all roles', [...logins.keys()].join(' '));
  for (const [role, login] of logins)
    for (const where of ['/calendars', '/calendars/year', '/deadlines'])
      is((await client(login).get(`/api/v1${where}`)).status, 200, `${role} reads ${where}`);
  const stranger = server.client();
  for (const where of ['/calendars', '/calendars/year', '/deadlines'])
    is((await stranger.get(`/api/v1${where}`)).status, 401, `a stranger does not read ${where}`);
});

await part('calendars', async () => {
  const { items } = await get('/calendars');
  is(items.map((c) => [c.name, c.here, c.first, c.last]), [['ru', 0, 2011, 2026], ['pribrezhnaya', 1, 2011, 2026]], 'both calendars, the region\'s marked');
  ok(items.every((c) => c.act && !c.unverified), 'with their acts');
  const here = await get('/calendars/year');
  is([here.calendar, here.year, here.known], ['pribrezhnaya', 2024, 1], 'without a name the region\'s, without a year the running one');
  is(here.worked, 247, 'a day less than the country: the Day of the region, and one moved for one worked');
  const of = (day) => here.items.find((d) => d.day === day);
  is([of('2024-09-19')?.kind, of('2024-09-28')?.kind, of('2024-04-27')?.kind, of('2024-05-08')?.kind, of('2024-01-01')?.kind, of('2024-06-14')],
    ['regional_off', 'regional_worked', 'worked_weekend', 'short', 'off', undefined], 'each kind of day is told');
  is((await get('/calendars/year?calendar=ru&year=2024')).worked, 248, 'the country\'s norm of 2024');
  const covid = await get('/calendars/year?calendar=ru&year=2020');
  is([covid.worked, covid.items.find((d) => d.day === '2020-04-06')?.kind], [219, 'nonworking'], 'the non-working days of 2020');
  like(covid.nonworking_act, /№ 206/, 'with their act');
  is((await get('/calendars/year?calendar=ru&year=2031')).known, 0, 'a year without a decree says so');
  is((await get('/calendars/year?year=2026')).items.filter((d) => d.regional).map((d) => [d.day, d.kind]), [['2026-09-19', 'regional_off'], ['2026-09-21', 'regional_off']],
    'a regional holiday on a Saturday and the day it goes on to');
  for (const wrong of ['calendar=mars', 'calendar=ru%202024', 'year=1899', 'year=2101', 'calendar=ru&year=99999999999999'])
    is((await social.get(`/api/v1/calendars/year?${wrong}`)).status, 404, `${wrong} is not there`);
  is((await get('/calendars/year?calendar=ru&year=soon')).year, 2024, 'what is no number is not looked at');
  const html = (await (await server.client().signIn('social1')).get('/calendars/year?calendar=pribrezhnaya&year=2024')).text;
  is(html.match(/<table class="b-year__month">/g).length, 12, 'twelve months');
  like(html, />19<sup aria-hidden="true">р<\/sup><span class="govuk-visually-hidden">, нерабочий день только в регионе/, 'a regional holiday has a sign and words');
  like(html, />8\*<span class="govuk-visually-hidden">, сокращён на час/, 'a short day too');
});

await part('rules', async () => {
  const { items } = await get('/deadlines');
  is(items.length, register.rows(`select count(*) as n from pack_entry where kind = 'deadline'`)[0].n, 'each rule of the packs stands on the page');
  const decision = items.find((r) => r.rule === 'ru.442.decision');
  is([decision.count, decision.unit, decision.unverified, decision.act], [5, 'working_day', 0, '442-ФЗ, ст. 15'], 'with number, unit and act');
  const html = (await (await server.client().signIn('auditor')).get('/deadlines')).text;
  for (const words of ['5 рабочих дней', '2 рабочих дня', '24 часа', '18 лет', '6 месяцев до события', 'до 15 июля', 'до 30-го числа месяца', 'незамедлительно', 'число актом не установлено'])
    ok(html.includes(words), `a term is written “${words}”`);
});

// The same question to the page and to the command.
async function both(query, args, want) {
  const { answer, wrong } = await get(`/deadlines?${query}`);
  const said = register.run(['deadline', ...args]);
  const shown = answer && (answer.at ? new Date(Date.parse(answer.at) + 3 * 3600e3).toISOString().slice(0, 16) : answer.day);
  is([shown, said.out.trim()], [want, want], `${args.join(' ')}: ${want}`, `${wrong} ${said.err}`);
}
await part('the calculator', async () => {
  await both('rule=ru.442.decision&from=26.04.2024', ['--rule', 'ru.442.decision', '--from', '2024-04-26'], '2024-05-07');
  await both('rule=ru.442.decision&from=2024-04-26&stop=02.05.2024&go_on=03.05.2024', ['--rule', 'ru.442.decision', '--from', '2024-04-26', '--suspend', '2024-05-02..2024-05-03'], '2024-05-13');
  await both('rule=ru.152.breach_first&from=08.05.2024&time=16:00', ['--rule', 'ru.152.breach_first', '--from', '2024-05-08T16:00'], '2024-05-09T16:00');
  await both('count=1&unit=working_day&from=18.09.2024', ['--calendar', 'pribrezhnaya', '--count', '1', '--unit', 'working_day', '--from', '2024-09-18'], '2024-09-23');
  await both('count=1&unit=working_day&from=18.09.2024&calendar=ru', ['--calendar', 'ru', '--count', '1', '--unit', 'working_day', '--from', '2024-09-18'], '2024-09-19');
  await both('count=30&unit=day&from=01.04.2024&more=30', ['--calendar', 'ru', '--count', '30', '--unit', 'day', '--from', '2024-04-01', '--extend', '30'], '2024-05-31');
  await both('rule=ru.442.decision&from=26.04.2024&more=1&more_unit=month', ['--rule', 'ru.442.decision', '--from', '2024-04-26', '--extend', '1', '--extend-unit', 'month'], '2024-06-07');
  const unchecked = await get('/deadlines?rule=ru.152.breach_first&from=08.05.2024');
  is([unchecked.term.act, unchecked.term.unverified], ['152-ФЗ, ст. 21', 1], 'the act stands beside the date, and that it was not checked');
  is((await get('/deadlines?count=10&unit=working_day&from=30.12.2026')).answer.computed, 1, 'a year without a decree is told');
  is((await get('/deadlines?rule=ru.442.decision&from=13.06.2024&stop=14.06.2024')).answer, { day: '2024-06-21', at: null, computed: 0, standing: 1 }, 'a term that stands: today does not count');
  is((await get('/deadlines')).answer, null, 'nothing asked, nothing counted');
  const wrong = { 'rule=ru.none': /нет/, 'rule=ru.10fz.assessment': /не устанавливает/, 'count=5&unit=day&from=31.02.2024': /день события/, 'count=x&unit=day': /число/, 'count=99999999&unit=day': /число/, 'count=5&unit=fortnight': /единицу/,
    'count=0&unit=day_of_month': /число/, 'count=5&unit=day&calendar=mars': /календаря/, 'count=5&unit=hour&time=25:00': /время/, 'count=5&unit=day&go_on=01.05.2024': /приостановления/,
    'count=5&unit=day&stop=03.05.2024&go_on=02.05.2024': /приостановления/, 'count=5&unit=day&more=1&more_unit=immediate': /продления/, 'count=5&unit=day&more=-1': /продления/ };
  const reader = await server.client().signIn('social1');
  for (const [query, words] of Object.entries(wrong)) {
    const page = await reader.get(`/deadlines?${query}`);
    is(page.status, 200, `${query} is answered`);
    like(page.text.match(/role="alert">([^<]*)/)?.[1] ?? '', words, `${query}: what is wrong is told`);
    unlike(page.text, /Срок истекает/, `${query}: no date is made up`);
  }
});

const copy = path.join(tmpDir(), `terms-packs-${process.pid}`);
fs.rmSync(copy, { recursive: true, force: true });
fs.cpSync(path.dirname(path.resolve(PACKS)), copy, { recursive: true });
const file = path.join(copy, 'demo', 'calendar.pack');
const shipped = fs.readFileSync(file, 'utf8');
const upgrade = (text) => {
  fs.writeFileSync(file, text);
  return register.run(['upgrade', '--packs', path.join(copy, 'demo')]);
};
const version = () => register.rows(`select value as n from counter where name = 'terms'`)[0]?.n ?? 0;

await part('a decree that comes late', async () => {
  const before = version();
  ok(before > 0, 'the register knows its version of terms');
  is((await get('/deadlines?rule=ru.442.decision&from=14.06.2024')).answer.day, '2024-06-21', 'five working days');
  const late = upgrade(shipped.replace('off = 09-19 09-20', 'off = 06-17 09-19 09-20'));
  is(late.status, 0, 'a day off more is taken over', late.err);
  like(late.out, /1 days of the region's calendar are worked or off now, from 2024-06-17 to 2024-06-17/, 'the command says which days moved');
  is(version(), before + 1, 'the version of terms went up');
  is((await get('/deadlines?rule=ru.442.decision&from=14.06.2024')).answer.day, '2024-06-24', 'the running server counts by it at once');
  const words = upgrade(fs.readFileSync(file, 'utf8').replace('Производственный календарь Прибрежной области', 'Календарь области'));
  is([words.status, version()], [0, before + 1], 'a label moves no date', words.err);
});

await part('packs that are wrong', async () => {
  const now = version();
  const good = fs.readFileSync(file, 'utf8');
  const wrong = {
    'a property that is none': [good.replace('short = 09-18', 'shrot = 09-18'), /demo\/calendar\.pack:\d+: \[calendar pribrezhnaya 2024\]: such a section has no property: shrot/],
    'a day that is none': [good.replace('off = 06-17', 'off = 06-31'), /demo\/calendar\.pack:\d+: .*06-31/],
    'a day off and worked': [good.replace('work = 09-28', 'work = 09-28 06-17'), /demo\/calendar\.pack:\d+: .*both off and worked/],
    'a section twice': [`${good}\n[calendar pribrezhnaya 2026]\noff = 09-19\n`, /demo\/calendar\.pack:\d+: .*stands above already/],
    'a year that the country does not name': [`${good}\n[calendar pribrezhnaya 2027]\noff = 09-20\n`, /demo\/calendar\.pack:\d+: .*does not name this year: ru/],
    'a rule of a calendar that is none': [`${good}\n[deadline demo.a]\nevent = b\nunit = day\ncount = 1\ncalendar = mars\n`, /demo\/calendar\.pack:\d+: .*mars/],
    'a rule with 40,000 days': [`${good}\n[deadline demo.a]\nevent = b\nunit = day\ncount = 40000\n`, /demo\/calendar\.pack:\d+: .*40000/],
  };
  for (const [name, [text, words]] of Object.entries(wrong)) {
    ok(text !== good, `${name}: the pack is another`);
    const r = upgrade(text);
    is(r.status, 1, `${name}: refused`, r.out);
    like(r.err, words, `${name}: with file and line`);
  }
  is(version(), now, 'nothing was applied');
  is((await get('/deadlines?rule=ru.442.decision&from=14.06.2024')).answer.day, '2024-06-24', 'and dates are counted as before');
});

fs.rmSync(copy, { recursive: true, force: true });
await register.drop();
finish();
