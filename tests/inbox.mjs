// The inbox of obligations, its reminders by mail and its calendar feed; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/inbox.mjs
import { spawn } from 'node:child_process';
import { BEREG, PACKS, Register } from './lib/server.mjs';
import { readMail, smtpServer } from './lib/smtp.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 9, name: 'inbox' });
// The server computes all dates anew once it runs: what is set behind its back is set after that.
register.exec([`update referral set next_on = '2020-01-01' where id = (select max(id) from referral where state = 'accepted')`]);
const server = await register.serve();
for (let i = 0; register.rows(`select id from referral where next_on = '2020-01-01'`).length; i += 1) {
  if (i > 300) throw new Error('the dates are not computed');
  await new Promise((r) => setTimeout(r, 100));
}
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const browser = async (login) => server.client().signIn(login);
const account = Object.fromEntries(register.rows('select id, login, name, role, body_id as body, unit_id as unit from account').map((a) => [a.login, a]));
const pad = (n) => String(n).padStart(2, '0');
let keys = 0;
const post = (login, path, body) => client(login).postJson(`/api/v1${path}`, body, { headers: { 'idempotency-key': `inbox-${process.pid}-${keys += 1}` } });
const ask = async (login, query = '') => (await client(login).get(`/api/v1/inbox?${query}`)).json;

async function all(login, query) {
  const items = [];
  for (let after = ''; ;) {
    const page = await ask(login, `limit=60&${query}${after}`);
    items.push(...page.items);
    if (!page.next) return items;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

const WORKERS = ['social1', 'penal1', 'police1', 'employment1', 'doctor1', 'ngo1', 'aids1', 'head1'];
const COUNTER = { all: 'n_all', new: 'n_new', overdue: 'n_overdue', today: 'n_today', week: 'n_week', later: 'n_later', work: 'n_work',
  waiting: 'n_waiting', answers: 'n_answers', proposals: 'n_proposals', drafts: 'n_drafts', measures: 'n_measures' };
const GROUPS = Object.keys(COUNTER);
const TODAY = '2024-06-14', WEEK = '2024-06-21';
const WHERE = {
  all: (b) => `owing_body_id = ${b}`,
  new: (b) => `owing_body_id = ${b} and state in ('sent', 'received')`,
  overdue: (b) => `owing_body_id = ${b} and next_on < '${TODAY}'`,
  today: (b) => `owing_body_id = ${b} and next_on = '${TODAY}'`,
  week: (b) => `owing_body_id = ${b} and next_on > '${TODAY}' and next_on <= '${WEEK}'`,
  later: (b) => `owing_body_id = ${b} and next_on > '${WEEK}'`,
  work: (b) => `owing_body_id = ${b} and state in ('accepted', 'in_progress')`,
  waiting: (b) => `waiting_body_id = ${b}`,
};

const centre = account.social1.body;
// Dates of all kinds in the inbox of the centre.
const owed = register.rows(`select id, person_id as person from referral where owing_body_id = ${centre} and to_body_id = ${centre}
  and (select count(*) from restriction x where x.person_id = referral.person_id) = 0 order by id desc limit 8`);
register.exec([`update referral set state = 'accepted' where id in (${owed.map((r) => r.id)})`]);
const set = (id, what) => register.exec([`update referral set ${what} where id = ${id}`]);
const hour = (h) => new Date(`2024-06-14T${pad(h)}:00:00+03:00`).getTime() * 1000;

await part('groups and counters of every role', async () => {
  ok(owed.length >= 8, 'the demo region gives the centre something to do', owed.length);
  [['2024-06-13'], ['2024-06-10'], ['2024-06-14'], ['2024-06-17'], ['2024-06-21'], ['2024-06-24']].forEach(([d], i) => set(owed[i].id, `fixed_on = '${d}', due_on = '${d}', next_on = '${d}', answer_by = '${d}'`));
  for (const login of WORKERS) {
    const body = account[login].body, bad = [];
    const counts = await ask(login, 'group=new&limit=1');
    for (const group of GROUPS) {
      const items = await all(login, `group=${group}`), ids = items.map((i) => i.id);
      if (new Set(ids).size !== ids.length) bad.push(`${group}: rows twice`);
      if (counts[COUNTER[group]] !== Math.min(100, ids.length)) bad.push(`${group}: counted ${counts[COUNTER[group]]}, listed ${ids.length}`);
      if (!WHERE[group]) continue;
      const there = register.rows(`select id from referral where ${WHERE[group](body)}`).map((r) => r.id);
      const strange = ids.filter((i) => !there.includes(i));
      if (strange.length) bad.push(`${group}: rows that do not belong there ${strange}`);
      for (const i of there.filter((x) => !ids.includes(x)).slice(0, 5))
        if ((await client(login).get(`/api/v1/referrals/${i}`)).status !== 404) bad.push(`${group}: ${i} is missing`);
      if (group === 'all' && items.some((r, k) => k && r.due_on < items[k - 1].due_on)) bad.push('all: not in the order of dates');
    }
    ok(bad.length === 0, `${login}: every group lists what it says and counts what it lists`, bad.join('\n'));
  }
  for (const login of ['admin', 'analyst', 'auditor']) is((await client(login).get('/api/v1/inbox')).status, 403, `${login} has no inbox`);
});

await part('one row', async () => {
  const find = async (id, q = 'group=all') => (await all('social1', q)).find((r) => r.id === id);
  is((await find(owed[0].id)).late, 1, 'due yesterday: late by a working day');
  is((await find(owed[1].id)).late, 3, 'due on Monday: by three, the holiday of 12 June is none');
  const date = owed[2].id;
  set(date, `next_at = ${hour(9)}, escalation = 2`);
  let r = await find(date, 'group=overdue');
  ok(r && r.escalation === 2 && r.due_at.startsWith('2024-06-14T06:00'), 'a term in hours is overdue when its hour has passed', r);
  const page = await (await browser('social1')).get('/inbox?limit=200');
  for (const words of ['Начните с просроченного', 'Час истёк', '14.06.2024 09:00', 'Передано выше, уровень 2', 'Предложить иной срок', 'Просрочено на 3 рабочих дня'])
    like(page.text, new RegExp(words), `the page says: ${words}`);
  const order = ['Просрочено', 'Срок сегодня', 'В течение 5 рабочих дней', 'Позже'].map((w) => page.text.indexOf(`colspan="6">${w}<`)).filter((i) => i >= 0);
  ok(order.length >= 3 && order.every((v, i) => !i || v > order[i - 1]), 'headings stand in the order of urgency', order);
  like(page.text, new RegExp(`href="/referrals/${owed[1].id}#term-title"`), 'and leads to the form of another date');
  set(date, `next_at = ${hour(18)}`);
  ok(await find(date, 'group=today') && !(await find(date, 'group=overdue')), 'before its hour it is due today');
  set(date, 'next_at = null, escalation = 0');
  const csv = (await client('social1').get('/api/v1/inbox?group=all&format=csv')).text;
  is(csv.trim().split('\n').length - 1, (await all('social1', 'group=all')).length, 'the export has every row');
});

await part('others owe us, returned, answers', async () => {
  const id = owed[3].id, from = register.rows(`select from_body_id as b from referral where id = ${id}`)[0].b;
  set(id, `owing_body_id = ${from}, waiting_body_id = ${centre}, state = 'returned'`);
  ok((await all('social1', 'group=waiting')).some((r) => r.id === id && r.state === 'returned'), 'what was returned is owed by its sender');
  ok(!(await all('social1', 'group=all')).some((r) => r.id === id), 'and by us no longer');
  const sender = Object.values(account).find((a) => a.body === from && WORKERS.includes(a.login));
  if (sender) ok((await all(sender.login, 'group=all')).some((r) => r.id === id), 'it stands in the inbox of the sender');
  set(id, `owing_body_id = ${centre}, waiting_body_id = ${from}, state = 'accepted'`);
});

const mates = Object.values(account).filter((a) => a.body === centre && a.login !== 'social1' && a.role === 'social_worker');
const [mate, third] = mates;
const me = account.social1;

await part('whose', async () => {
  ok(mate, 'the centre has a second worker', mates.map((m) => m.login));
  const [a, b, c, d] = owed.slice(4, 8).map((r) => r.id);
  register.exec([`update referral set to_account_id = ${mate.id} where owing_body_id = ${centre} and to_body_id = ${centre}`,
    `update referral set to_account_id = ${me.id} where id = ${a}`, `update referral set to_account_id = null where id = ${c}`]);
  const mine = async (q = 'whose=mine') => (await all('social1', `group=all&${q}`)).map((r) => r.id);
  let ids = await mine();
  ok(ids.includes(a) && ids.includes(c) && !ids.includes(b), 'mine: what I carry out, and what nobody has taken', ids);
  is((await ask('social1', 'whose=mine')).n_all, ids.length, 'counted the same way');
  is(await mine(`worker=${me.id}`), [a], 'by worker: exactly his');
  is(await mine('worker=none'), [c], 'what nobody has taken');
  is((await ask('social1', `worker=${me.id}`)).n_all, 1, 'counted the same way');
  ok((await mine(`worker=${account.police1.id}`)).length > 3, 'a worker of another body is no filter');
  // units
  const unit = register.rows('select coalesce(max(id), 0) + 1 as id from unit')[0].id;
  register.exec([`insert into unit (id, version, body_id, name, active) values (${unit}, 1, ${centre}, 'Отделение А', 1)`,
    `insert into unit (id, version, body_id, name, parent_id, active) values (${unit + 1}, 1, ${centre}, 'Сектор А-1', ${unit}, 1)`,
    `update account set unit_id = ${unit} where id = ${me.id}`]);
  ids = await mine('whose=unit');
  ok(ids.includes(a) && ids.includes(c) && !ids.includes(b), 'my unit: its workers, and nobody', ids);
  like((await (await browser('social1')).get('/inbox')).text, /Моё подразделение/, 'the filter is offered');
  unlike((await (await browser('police1')).get('/inbox')).text, /Моё подразделение/, 'but not to who has no unit');
  // who stands in
  const absent = (id, who, by, until = TODAY) => register.exec([`insert into absence (id, version, account_id, body_id, since, until, kind, substitute_id, cancelled, created_at)
    values (${id}, 1, ${who}, ${centre}, '2024-06-03', '${until}', 'leave', ${by}, 0, ${hour(8)})`]);
  absent(9001, mate.id, me.id);
  ok((await mine()).includes(b), 'whom I stand in for counts as mine');
  register.exec([`update absence set until = '2024-06-13' where id = 9001`]);
  ok(!(await mine()).includes(b), 'not when he is back');
  if (third) {
    register.exec([`update absence set until = '${TODAY}', substitute_id = ${third.id} where id = 9001`]);
    ok(!(await mine()).includes(b), 'not when another stands in');
    absent(9002, third.id, me.id);
    ok((await mine()).includes(b), 'along the chain, when that one is away too');
    register.exec(['delete from absence where id = 9002']);
  }
  register.exec([`update absence set until = '${TODAY}', substitute_id = ${me.id}, cancelled = 1 where id = 9001`]);
  ok(!(await mine()).includes(b), 'a cancelled absence is none');
  register.exec(['delete from absence where id = 9001']);
  // the head; the units of the demonstration aside
  register.exec([`update account set unit_id = null where unit_id not in (${unit}, ${unit + 1})`, `update unit set head_account_id = null where id not in (${unit}, ${unit + 1})`]);
  const head = account.head1;
  for (const login of ['social1', 'police1']) is((await client(login).get('/api/v1/inbox/workers')).json.items.map((w) => w.id), [account[login].id], `${login} heads nothing: his own load only`);
  is((await client('analyst').get('/api/v1/inbox/workers')).status, 403, 'who sees no persons sees no load');
  const load = (await client('head1').get('/api/v1/inbox/workers')).json;
  const row = load.items.find((w) => w.id === mate.id);
  const listed = await all('head1', `group=all&worker=${mate.id}`);
  is([row.n_open, row.n_overdue, row.n_today], [listed.length, listed.filter((r) => r.due_on < TODAY).length, listed.filter((r) => r.due_on === TODAY).length], 'the head sees the load of a worker, and it is what the list shows');
  is(row.n_waiting, (await all('head1', `group=waiting&worker=${mate.id}`)).length, 'and what others owe him');
  is(load.n_open, (await all('head1', 'group=all&worker=none')).length, 'and what nobody has taken');
  ok(load.items.every((w) => Object.values(account).find((x) => x.id === w.id)?.body === head.body), 'of his own body only');
  register.exec([`update unit set head_account_id = ${me.id} where id = ${unit}`, `update account set unit_id = ${unit + 1} where id = ${mate.id}`]);
  is((await client('social1').get('/api/v1/inbox/workers')).json.items.map((w) => w.id).sort(), [me.id, mate.id].sort(), 'the head of a unit: its workers, and those of units below');
  like((await (await browser('social1')).get('/inbox')).text, /href="\/inbox\/workers"/, 'and finds the way there');
});

await part('drafts and proposals of another term', async () => {
  const before = await ask('social1', 'group=drafts');
  const person = register.rows(`select person_id as p from access where body_id = ${centre} and (bits & 2) <> 0 order by person_id desc limit 1`)[0].p;
  const r = await post('social1', '/referrals', { person: String(person), to_body_id: String(account.employment1.body), need: 'employment', ground: 'employment_565', term: '5', note: '', draft: '1' });
  is(r.status, 201, 'a draft is kept', r.text.slice(0, 300));
  is((await ask('social1', 'group=drafts')).n_drafts, before.n_drafts + 1, 'it stands in the inbox of its author');
  const id = Math.max(...(await all('social1', 'group=drafts')).map((x) => x.id));
  ok(!(await all('employment1', 'group=all')).some((x) => x.id === id), 'and nowhere in that of the receiver');
  // a proposal: by the one who owes, answered by the other
  const open = register.rows(`select id, from_body_id as other from referral where owing_body_id = ${centre} and to_body_id = ${centre} and state = 'accepted'
    and id not in (${owed.slice(0, 6).map((x) => x.id)}) order by id`)
    .map((x) => ({ ...x, login: WORKERS.find((l) => account[l].body === x.other) })).find((x) => x.login);
  ok(open, 'somebody whom we know waits for the centre');
  const asked = await post('social1', `/referrals/${open.id}/term`, { kind: 'another_date', ground: 'workload', date_on: '28.06.2024' });
  ok(asked.status < 300, 'another date is proposed', asked.text.slice(0, 300));
  is((await ask('social1')).n_proposals, 0, 'it does not wait for the one who proposed');
  const waits = await ask(open.login, 'group=proposals');
  is([waits.n_proposals, waits.items.map((x) => [x.id, x.change, x.date_on])], [1, [[open.id, 'another_date', '2024-06-28']]], 'it waits for the other side, with the new date');
  const page = await (await browser(open.login)).get('/inbox?group=proposals');
  like(page.text, new RegExp(`href="/referrals/${open.id}#asked-title"`), 'and leads to where it is answered');
  for (const l of WORKERS.filter((x) => account[x].body !== open.other)) if ((await ask(l)).n_proposals) ok(false, `${l} is asked too`);
  const t = register.rows(`select id, version from term_change where referral_id = ${open.id} and state = 'asked'`)[0];
  ok((await post(open.login, `/referrals/${open.id}/term/${t.id}`, { answer: 'agree', agree: '1', version: String(t.version) })).status < 300, 'it is answered');
  is((await ask(open.login)).n_proposals, 0, 'and gone');
});

await part('what the viewer does not see is not counted', async () => {
  const doctor = account.doctor1;
  const p = register.rows(`select person_id as p from access where body_id = ${doctor.body} and (bits & ${1 << 10}) <> 0 order by person_id limit 1`)[0];
  const note = await post('doctor1', `/persons/${p.p}/notes`, { day: '14.06.2024', topic: 'mental', words: 'наблюдение' });
  is(note.status, 201, 'a row of a sealed class exists', note.text.slice(0, 200));
  const sealed = register.rows('select cast(classes as text) as c from note where id = (select max(id) from note)')[0].c;
  const id = owed[1].id;
  const was = register.rows(`select cast(classes as text) as c from referral where id = ${id}`)[0].c;
  const counts = async () => { const j = await ask('social1'); return [j.n_all, j.n_overdue, (await all('social1', 'group=all')).length]; };
  const load = async () => (await client('head1').get('/api/v1/inbox/workers')).json.items.reduce((n, w) => n + w.n_open, 0);
  const before = await counts(), loaded = await load();
  set(id, `classes = ${sealed}`);
  is(await counts(), before.map((n) => n - 1), 'a row of a sealed class is neither listed nor counted');
  is(await load(), loaded - 1, 'nor in the load of the workers');
  set(id, `classes = ${was}`);
  is(await counts(), before, 'and is there again');
  const bits = register.rows(`select bits from access where body_id = ${centre} and person_id = ${owed[1].person}`)[0].bits;
  const gone = register.rows(`select count(*) as n from referral where owing_body_id = ${centre} and person_id = ${owed[1].person}`)[0].n;
  register.exec([`update access set bits = 0 where body_id = ${centre} and person_id = ${owed[1].person}`]);
  is((await counts())[0], before[0] - gone, 'without access to the person his rows are not counted');
  register.exec([`update access set bits = ${bits} where body_id = ${centre} and person_id = ${owed[1].person}`]);
});

/* ---- mail ---- */

const SITE = 'https://bereg.example';
const FROM = 'Регистр «Берег» <bereg@register.example>';
// The jobs of another process, with its own clock; the SMTP server of this one goes on meanwhile.
function jobs(now, smtp, extra = {}) {
  const child = spawn(BEREG, ['jobs', '--once', '--db', register.url, '--smtp', smtp, '--mail-from', FROM, '--site', SITE],
    { env: { ...process.env, BEREG_PACKS: PACKS, BEREG_NOW: now, ...extra }, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (d) => { err += d; });
  child.ended = new Promise((r) => child.on('close', (code, signal) => r({ code: code ?? signal, err })));
  return child;
}
const run = async (now, smtp) => {
  const end = await jobs(now, smtp).ended;
  if (end.code !== 0 || /Sanitizer|runtime error/.test(end.err)) ok(false, `jobs at ${now}`, end.err);
  return end;
};
const outbox = (day) => Object.fromEntries(register.rows(`select c.login, r.state, r.tries from reminder r join account c on c.id = r.account_id where r.day = '${day}' order by c.login`)
  .map((r) => [r.login, r.state]));
const mailed = (logins) => register.exec(['update account set email = null', ...logins.map((l) => `update account set email = '${l}@mail.example' where login = '${l}'`)]);

await part('addresses', async () => {
  const a = register.rows(`select version, login, name, role, body_id, post from account where login = 'social1'`)[0];
  const change = (email, version) => post('admin', `/accounts/${account.social1.id}`, { version: String(version), login: a.login, name: a.name, role: a.role, body_id: String(a.body_id), post: a.post ?? '', active: '1', email });
  for (const bad of ['nobody', 'a@b c', 'a@b>\r\nBcc: x@y', 'почта@пример.рф']) is((await change(bad, a.version)).status, 422, `refused: ${JSON.stringify(bad)}`);
  const good = await change('social1@mail.example', a.version);
  ok(good.status < 300, 'the administrator enters an address', good.text.slice(0, 300));
  is(register.rows(`select email from account where login = 'social1'`)[0].email, 'social1@mail.example', 'and it stands in the account');
  is((await change('', a.version + 1)).status < 300, true, 'and takes it away');
  is(register.rows(`select email from account where login = 'social1'`)[0].email, null, 'nothing is left of it');
});

await part('a morning', async () => {
  const smtp = await smtpServer();
  mailed(['social1', 'police1', 'head1', 'analyst']);
  register.exec([`update account set active = 0 where login = 'police1'`]);
  await run('2024-06-14T08:00', smtp.url);
  await run('2024-06-14T12:30', smtp.url);
  await run('2024-06-15T09:00', smtp.url);
  await run('2024-06-12T09:00', smtp.url);
  is([smtp.mails.length, outbox('2024-06-14')], [0, {}], 'nothing before the hour, after it, on a Saturday, on a holiday');
  await run('2024-06-14T09:00', smtp.url);
  is(outbox('2024-06-14'), { analyst: 'empty', head1: 'sent', social1: 'sent' }, 'one row for each who has an address; nothing to one who owes nothing, nor to one who has left');
  is(smtp.mails.map((m) => m.to).sort(), [['head1@mail.example'], ['social1@mail.example']], 'two mails');
  const mail = readMail(smtp.mails.find((m) => m.to[0].startsWith('social1')).raw);
  is([mail.headers.from, mail.headers.to, mail.headers.subject], [FROM, 'social1@mail.example', 'Берег: сроки на 14.06.2024'], 'sender, receiver and subject in UTF-8');
  const n = await ask('social1', 'whose=mine');
  for (const [words, k] of [['Просрочено', n.n_overdue], ['Срок сегодня', n.n_today], ['Новые, без ответа', n.n_new]])
    if (k) like(mail.text, new RegExp(`^${words}: ${k}\r?$`, 'm'), `as the inbox counts: ${words} ${k}`);
  like(mail.text, /https:\/\/bereg\.example\/inbox\?whose=mine/, 'and where to look');
  const head = readMail(smtp.mails.find((m) => m.to[0].startsWith('head1')).raw);
  const late = (await client('head1').get('/api/v1/inbox/workers')).json;
  like(head.text, new RegExp(`Просрочено по органу в целом: ${late.n_overdue + late.items.reduce((s, w) => s + w.n_overdue, 0)}\\b`), 'the head reads what is overdue in his body');
  const names = [...register.rows('select distinct family_name as n from person'), ...register.rows('select name as n from body'), ...register.rows('select name as n from account')];
  const text = smtp.mails.map((m) => { const r = readMail(m.raw); return r.text + Object.values(r.headers).join('\n'); }).join('\n');
  is(names.filter((x) => text.includes(x.n)).map((x) => x.n), [], 'no name of a person, a worker or a body in any mail');
  ok(smtp.mails.every((m) => /^[\x00-\x7f]*$/.test(m.raw)), 'bytes of seven bits only');
  await run('2024-06-14T09:10', smtp.url);
  await run('2024-06-13T09:00', smtp.url);
  is(smtp.mails.length, 2, 'not a second time, and not for an earlier day when the clock is set back');
  register.exec([`update account set active = 1 where login = 'police1'`]);
  await smtp.stop();
});

await part('two nodes', async () => {
  const smtp = await smtpServer(() => ({ slow: 5 }));
  const many = Object.values(account).filter((a) => a.body === centre).map((a) => a.login);
  mailed([...new Set([...many, ...WORKERS])]);
  const ends = await Promise.all([jobs('2024-06-17T09:00', smtp.url), jobs('2024-06-17T09:00', smtp.url), jobs('2024-06-17T09:00', smtp.url)].map((c) => c.ended));
  ok(ends.every((e) => e.code === 0), 'three nodes run their jobs at once', ends.map((e) => e.err).join('\n').slice(0, 2000));
  await run('2024-06-17T09:05', smtp.url);
  const to = smtp.mails.map((m) => m.to[0]), states = Object.values(outbox('2024-06-17'));
  ok(to.length > 3 && new Set(to).size === to.length, 'each mail goes out once', to);
  is(states.filter((s) => s === 'sent').length, to.length, 'and stands as sent');
  ok(states.every((s) => s === 'sent' || s === 'empty'), 'nothing is left over', states);
  await smtp.stop();
});

await part('a server that does not want', async () => {
  let how = {};
  const smtp = await smtpServer(() => how);
  mailed(['social1']);
  const state = (day) => register.rows(`select state, tries, error, next_at from reminder where day = '${day}' and account_id = ${account.social1.id}`)[0];
  how = { refuse: '550 no such user' };
  await run('2024-06-18T09:00', smtp.url);
  is([state('2024-06-18').state, state('2024-06-18').tries], ['failed', 1], 'refused for good: given up at once');
  how = { refuse: '450 later' };
  await run('2024-06-19T09:00', smtp.url);
  const first = state('2024-06-19');
  is([first.state, first.tries], ['waiting', 1], 'put off: it waits');
  is(first.next_at > new Date('2024-06-19T09:04:00+03:00').getTime() * 1000, true, 'for some minutes');
  const before = smtp.sessions;
  await run('2024-06-19T09:03', smtp.url);
  is(smtp.sessions, before, 'and is not tried before');
  for (const at of ['09:06', '09:30', '10:30', '12:45']) await run(`2024-06-19T${at}`, smtp.url);
  is([state('2024-06-19').state, state('2024-06-19').tries, smtp.mails.length], ['failed', 5, 0], 'after five tries with growing pauses it is given up');
  how = { data: '451 try again' };
  await run('2024-06-20T09:00', smtp.url);
  is(state('2024-06-20').state, 'waiting', 'put off behind the text: it waits');
  how = { slow: 300 };
  await run('2024-06-20T09:06', smtp.url);
  is([state('2024-06-20').state, smtp.mails.length], ['sent', 1], 'and is taken by a slow server');
  how = { drop: 'text' };
  await run('2024-06-21T09:00', smtp.url);
  is([state('2024-06-21').state, smtp.mails.length], ['unknown', 2], 'a server that hangs up behind the text may have taken it');
  how = {};
  await run('2024-06-21T10:30', smtp.url);
  is(smtp.mails.length, 2, 'so it is not sent again');
  await smtp.stop();
  await run('2024-06-24T09:00', smtp.url);
  is(state('2024-06-24').state, 'waiting', 'no server there: it waits');
  const again = await smtpServer();
  await run('2024-06-25T08:00', again.url);
  is([state('2024-06-24').state, again.mails.length], ['dropped', 0], 'and is not sent on another day');
  await again.stop();
});

await part('killed between sending and commit', async () => {
  let child;
  const smtp = await smtpServer(() => ({ before: () => child?.kill('SIGKILL') }));
  child = jobs('2024-06-26T09:00', smtp.url);
  is((await child.ended).code, 'SIGKILL', 'the node is killed when the server has the text');
  child = null;
  const state = () => register.rows(`select state from reminder where day = '2024-06-26' and account_id = ${account.social1.id}`)[0].state;
  is(state(), 'sending', 'its claim stands');
  await run('2024-06-26T09:05', smtp.url);
  await run('2024-06-26T09:30', smtp.url);
  is([state(), smtp.mails.length], ['unknown', 1], 'another node does not send it again');
  await smtp.stop();
});

await part('switched off, away', async () => {
  const smtp = await smtpServer();
  mailed(['social1', mate.login]);
  const page = await (await browser('social1')).get('/reminders');
  like(page.text, /Система не отправляет писем/, 'without a mail server the page says so');
  ok((await post('social1', '/reminders', { on: '0' })).status < 300, 'a worker switches his reminders off');
  register.exec([`insert into absence (id, version, account_id, body_id, since, until, kind, substitute_id, cancelled, created_at)
    values (9003, 1, ${mate.id}, ${centre}, '2024-06-03', '2024-06-30', 'leave', ${me.id}, 0, ${hour(8)})`]);
  await run('2024-06-27T09:00', smtp.url);
  is([outbox('2024-06-27'), smtp.mails.length], [{ [mate.login]: 'empty' }, 0], 'nothing goes to him, nor to who is away');
  ok((await post('social1', '/reminders', { on: '1' })).status < 300, 'and on again');
  is(register.rows(`select kind from event where kind like 'reminders.%' order by id`).map((e) => e.kind), ['reminders.off', 'reminders.on'], 'both stand in the log');
  register.exec(['delete from absence where id = 9003']);
  const bad = await jobs('2024-06-27T09:00', 'http://127.0.0.1:1').ended;
  is([bad.code, /smtp:\/\//.test(bad.err)], [2, true], 'a wrong address of the server is refused with a word');
  await smtp.stop();
});

/* ---- calendar feed ---- */

await part('calendar', async () => {
  register.exec([`update referral set to_account_id = ${me.id} where owing_body_id = ${centre} and to_body_id = ${centre}`]);
  const web = await browser('social1');
  const page = await web.submit('/reminders', '/reminders/calendar');
  const at = /\/calendar\/[0-9a-f]{64}\.ics/.exec(page.text)?.[0];
  ok(page.status === 200 && at, 'an address is made and shown', page.status);
  unlike((await web.get('/reminders')).text, /\/calendar\/[0-9a-f]{64}/, 'only once');
  unlike(register.dump(), new RegExp(at.slice(10, 74)), 'and the register keeps its hash only');
  const stranger = server.client();
  const feed = await stranger.get(at);
  is([feed.status, feed.type], [200, 'text/calendar; charset=utf-8'], 'a calendar program reads it without signing in');
  const lines = feed.text.replace(/\r\n /g, '').split('\r\n');
  ok(lines[0] === 'BEGIN:VCALENDAR' && lines.at(-2) === 'END:VCALENDAR' && lines.includes('VERSION:2.0'), 'it is a calendar');
  const events = feed.text.replace(/\r\n /g, '').split('BEGIN:VEVENT').slice(1).map((e) => Object.fromEntries(e.trim().split('\r\n').map((l) => [l.split(/[:;]/)[0], l.slice(l.indexOf(':') + 1)])));
  const mine = await all('social1', 'group=all&whose=mine');
  const days = {};
  for (const r of mine) { const d = r.due_on < TODAY ? 'overdue' : r.due_on.replaceAll('-', ''); days[d] = (days[d] ?? 0) + 1; }
  const told = Object.fromEntries(events.map((e) => [e.SUMMARY.includes('просрочено') ? 'overdue' : e.DTSTART, Number(/: (\d+)$/.exec(e.SUMMARY)[1])]));
  is(told, Object.fromEntries(events.map((e) => { const k = e.SUMMARY.includes('просрочено') ? 'overdue' : e.DTSTART; return [k, days[k]]; })), 'the numbers are those of the inbox');
  is(Object.keys(told).length, Object.keys(days).length, 'every day with something due is there');
  const uids = (t) => [...t.matchAll(/UID:(\S+)/g)].map((m) => m[1]);
  is(uids((await stranger.get(at)).text), uids(feed.text), 'with the same numbers each time');
  ok(new Set(uids(feed.text)).size === events.length && events.length > 1, 'each its own');
  const names = register.rows('select distinct family_name as n from person').map((x) => x.n);
  is(names.filter((n) => feed.text.includes(n)), [], 'no name of a person');
  is((await stranger.get(at.replace('.ics', ''))).status, 404, 'only under its whole name');
  is((await stranger.get(at.replace(/[0-9a-f]\.ics$/, (c) => (c[0] === '0' ? '1.ics' : '0.ics')))).status, 404, 'another secret opens nothing');
  is((await server.client({ token: at.slice(10, 74) }).get('/api/v1/inbox')).status, 401, 'and it is no token of the API');
  const next = /\/calendar\/[0-9a-f]{64}\.ics/.exec((await web.submit('/reminders', '/reminders/calendar')).text)[0];
  is([(await stranger.get(at)).status, (await stranger.get(next)).status], [404, 200], 'a new address ends the old one');
  register.exec([`update account set active = 0 where id = ${me.id}`]);
  is((await stranger.get(next)).status, 404, 'it ends with the account');
  register.exec([`update account set active = 1 where id = ${me.id}`]);
  const other = /\/calendar\/[0-9a-f]{64}\.ics/.exec((await (await browser('ngo1')).submit('/reminders', '/reminders/calendar')).text)[0];
  is((await stranger.get(other)).status, 200, 'another worker has a calendar');
  is((await (await browser('admin')).post(`/accounts/${account.ngo1.id}/password`)).status, 200, 'the administrator gives that one a new password');
  is((await stranger.get(other)).status, 404, 'with it the address ends');
  let busy = 0;
  for (let i = 0; i < 40; i += 1) busy += (await stranger.get(next)).status === 503;
  ok(busy > 5, 'who asks without end is put off', busy);
  is((await web.submit('/reminders', '/reminders/calendar/end')).status, 303, 'the worker ends it');
  is((await stranger.get(next)).status, 404, 'and it is gone');
  is(register.rows(`select kind from event where kind like 'feed.%' and account_id = ${me.id} order by id`).map((e) => e.kind), ['feed.made', 'feed.made', 'feed.ended'], 'all of it in the log');
  const made = await post('analyst', '/reminders/calendar', {}); // of meetings
  const hers = await stranger.get(new URL(made.json.address, server.base).pathname);
  ok(hers.status === 200 && !/SUMMARY/.test(hers.text), 'the calendar of who sees no persons counts no referrals', hers.text.slice(0, 300));
});

await server.stop();
unlike(server.err, /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
await register.drop();
finish();
