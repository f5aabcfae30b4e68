// The real way of cases: kept sums against a plain SQL over the log, what changes the past, routes and their schemes, who sees what.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/ways.mjs
import fs from 'node:fs';
import path from 'node:path';
import { random } from './lib/persons_truth.mjs';
import { ENGINE, PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'ways' });
let server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const post = (login, at, body = {}) => client(login).postJson(`/api/v1${at}`, body, { headers: { 'idempotency-key': `ways-${process.pid}-${keys += 1}` } });
const get = async (login, at) => (await client(login).get(`/api/v1${at}`)).json;
const one = (sql) => register.rows(sql)[0];
const idOf = (a) => Number(/\/(\d+)$/.exec(a.location)?.[1]);
const jobs = () => { for (let i = 0; i < 3; i += 1) register.run(['jobs', '--once']); };

// The declaration of the packs.
const stepOf = {};
for (const section of fs.readFileSync(path.join(PACKS, '../ru/ways.pack'), 'utf8').split('[code way_step ').slice(1))
  for (const kind of /^events = (.*)$/m.exec(section)[1].split(' ')) stepOf[kind] = section.slice(0, section.indexOf(']'));
const days = (from, to) => (ENGINE === 'postgres' ? `(${to} - ${from})` : `cast(julianday(${to}) - julianday(${from}) as integer)`);
const month = (d) => (ENGINE === 'postgres' ? `(extract(year from ${d}) * 100 + extract(month from ${d}))::int` : `cast(strftime('%Y%m', ${d}) as integer)`);

// The same sums from the log alone, by the definitions (rooms/ways/ways.h).
// Of a body that works in a case of another one (scheme '+'): its own referrals and measures, and what the lead did with the case once it has taken one on.
const kindsOf = (test) => Object.keys(stepOf).filter(test).map((k) => `'${k}'`);
const named = `case e.kind ${Object.entries(stepOf).map(([k, s]) => `when '${k}' then '${s}'`).join(' ')} end`;
const ofCase = kindsOf((k) => !/^(referral|measure)\./.test(k));
const plain = `with item as (
    select e.case_id as c, 0 as b, e.day as d, 0 as src, e.id as id, ${named} as step
    from event e join case_file f on f.id = e.case_id
    where e.kind in (${kindsOf(() => true)}) and not (e.kind like 'referral.%' and e.object = 'referral' and exists (select 1 from route_offer o
      join route r on r.id = o.route_id where o.referral_id = e.object_id and r.case_id = e.case_id))
    union all
    select r.case_id, 0, t.opened_on, 1, t.id, s.code || '/' || t.step
    from route_step t join route r on r.id = t.route_id join scheme s on s.id = r.scheme_id
    union all
    select e.case_id, p.b, e.day, 0, e.id, ${named}
    from (select r.case_id as c, r.to_body_id as b, max(case when r.state in ('accepted', 'in_progress', 'done', 'not_done') then 1 else 0 end) as takes
          from referral r join case_file f on f.id = r.case_id
          where r.to_body_id <> f.body_id and r.state <> 'draft' and not exists (select 1 from restriction x where x.person_id = f.person_id and x.ended_at is null)
          group by 1, 2) p
    join event e on e.case_id = p.c
    where e.kind in (${ofCase}) and p.takes = 1
       or e.kind in (${kindsOf((k) => /^referral\./.test(k))}) and e.object = 'referral' and exists (select 1 from referral q where q.id = e.object_id and q.to_body_id = p.b and q.case_id = p.c)
       or e.kind in (${kindsOf((k) => /^measure\./.test(k))}) and e.object = 'measure' and exists (select 1 from measure m where m.id = e.object_id and m.body_id = p.b and m.case_id = p.c)),
  walk as (select i.c, i.b, i.d, i.step, lag(i.step) over w as before, lag(i.d) over w as since, lead(i.step) over w as next, first_value(i.d) over w as first_day
    from item i window w as (partition by i.c, i.b order by i.d, i.src, i.id)),
  arc as (select c, b, coalesce(before, '^') as s, step as t, case when before is null then 0 else ${days('since', 'd')} end as days from walk
    union all
    select w.c, w.b, w.step, '$', ${days('w.first_day', 'w.d')} from walk w join case_file f on f.id = w.c where w.next is null and f.state = 'closed'
      and (w.b = 0 or exists (select 1 from referral r where r.case_id = w.c and r.to_body_id = w.b and r.state in ('accepted', 'in_progress', 'done', 'not_done'))))
  select case when a.b <> 0 then '+' else coalesce((select s.code from route n join scheme s on s.id = n.scheme_id where n.case_id = f.id order by n.id desc limit 1), '') end as scheme,
    coalesce(p.district_id, 0) as district_id, case when a.b <> 0 then a.b else f.body_id end as body_id, ${month('f.opened_on')} as month, a.s as step, a.t as next_step, a.days, count(*) as n
  from arc a join case_file f on f.id = a.c join person p on p.id = f.person_id
  group by 1, 2, 3, 4, 5, 6, 7`;
const led = (rows) => rows.filter((l) => !l.startsWith('+|'));
const line = (r) => [r.scheme, r.district_id, r.body_id, r.month, r.step, r.next_step, r.days, r.n].join('|');
const kept = () => register.rows(`select * from way_sum where scheme not in ('*', '**')`).map(line).sort();
const wanted = () => register.rows(plain).map(line).sort();
const whole = (rows) => rows.reduce((m, l) => {
  const [, , , mo, a, b, d, n] = l.split('|');
  m.set([mo, a, b, d].join('|'), (m.get([mo, a, b, d].join('|')) ?? 0) + Number(n));
  return m;
}, new Map());
function same(name) {
  jobs();
  const [a, b] = [kept(), wanted()];
  ok(JSON.stringify(a) === JSON.stringify(b) && a.length > 50 && a.some((x) => x.startsWith('+|')), `${name}: the sums are those of a plain SQL over the log`, () => [a.filter((x) => !b.includes(x)).slice(0, 8), b.filter((x) => !a.includes(x)).slice(0, 8)]);
  const all = register.rows(`select * from way_sum where scheme = '*'`).map((r) => [[r.month, r.step, r.next_step, r.days].join('|'), r.n]);
  is(new Map(all.sort()).size === all.length && JSON.stringify(all.sort()), JSON.stringify([...whole(led(b))].sort()), `${name}: and those of all together`);
  const years = new Map();
  for (const [k, n] of whole(led(b))) years.set(k.slice(0, 4) + k.slice(6), (years.get(k.slice(0, 4) + k.slice(6)) ?? 0) + n);
  is(JSON.stringify(register.rows(`select * from way_sum where scheme = '**'`).map((r) => [[r.month, r.step, r.next_step, r.days].join('|'), r.n]).sort()), JSON.stringify([...years].sort()), `${name}: and of whole years`);
  const check = register.run(['check']);
  ok(check.status === 0, `${name}: the register is whole`, check.out + check.err);
}

await part('the region as it is made', async () => same('the demo region'));

const lead = 'social1', head = 'head1';
const centre = one(`select body_id as id from account where login = '${lead}'`).id;
const open = register.rows(`select c.id, c.person_id as person from case_file c join access a on a.body_id = c.body_id and a.person_id = c.person_id
  join person p on p.id = c.person_id where c.body_id = ${centre} and c.state not in ('closed', 'follow_up') and a.bits & 46 = 46 and p.district_id is not null order by c.id`);
for (const p of register.rows(`select a.person_id as id from access a join person p on p.id = a.person_id where a.body_id = ${centre} and a.bits & 46 = 46
  and p.district_id is not null and not exists (select 1 from case_file c where c.person_id = p.id and c.body_id = ${centre}) order by p.id limit 12`)) {
  const made = await post(lead, '/cases', { person: String(p.id), channel: 'self' });
  if (made.status === 201) open.push({ id: idOf(made), person: p.id });
}
const scheme = one(`select id from scheme where code = 'release' and state = 'approved'`).id;
const steps = async (route) => (await get(lead, `/routes/${route}`)).steps;
async function own(route, code, outcome, how = 'outcome') {
  const s = (await steps(route)).filter((x) => x.step === code).at(-1);
  return post(lead, `/routes/steps/${s.id}/${how}`, { version: String(s.version), outcome, note: 'записано' });
}

const version = async (at = '/ways/conformance') => {
  const r = (await get(head, at)).items.find((x) => x.version_id === scheme);
  return r ? [r.cases, r.kept, r.skipped, r.repeated, r.disordered, r.late] : [0, 0, 0, 0, 0, 0];
};
await part('routes: the steps of the scheme', async () => {
  const before = await version();
  const lateBefore = (await get(head, `/ways/cases?version=${scheme}&deviation=late`)).items.map((c) => c.case_id);
  const kept2 = idOf(await post(lead, `/cases/${open[0].id}/routes`, { scheme: String(scheme) }));
  await own(kept2, 'intake', 'full');
  const skipped = idOf(await post(lead, `/cases/${open[1].id}/routes`, { scheme: String(scheme) }));
  is((await own(skipped, 'intake', 'done', 'skip')).status < 400, true, 'a step is skipped');
  const moved = idOf(await post(lead, `/cases/${open[2].id}/routes`, { scheme: String(scheme) }));
  await own(moved, 'intake', 'full');
  // what a route that was moved between versions may show: a step before the one that leads to it; a second round; a date that was missed
  register.execWays(`select ${open[2].id}`, [`update route_step set opened_on = '2024-06-12' where route_id = ${moved} and step = 'intake'`,
    `update route_step set opened_on = '2024-06-10' where route_id = ${moved} and step = 'papers'`,
    `update route_step set due_on = '2024-06-11', closed_on = '2024-06-12' where route_id = ${moved} and step = 'intake'`,
    `insert into route_step (id, version, route_id, step, round, state, opened_on) select 900001, 1, ${moved}, 'clinic', 2, 'closed', '2024-06-13' from route where id = ${moved}`]);
  same('with routes');
  const deviations = (i) => one(`select skipped, repeated, disordered, late from way_case where case_id = ${open[i].id}`);
  is(deviations(0), { skipped: 0, repeated: 0, disordered: 0, late: 0 }, 'a case that kept to the scheme');
  is(deviations(1), { skipped: 1, repeated: 0, disordered: 0, late: 0 }, 'a step was skipped');
  is(deviations(2), { skipped: 0, repeated: 1, disordered: 1, late: 1 }, 'repeated, out of order, outside the term');
  is((await version()).map((n, i) => n - before[i]), [3, 1, 1, 1, 1, 1], 'in sum by the version of the scheme');
  is((await get(head, `/ways/cases?version=${scheme}&deviation=late`)).items.map((c) => c.case_id).filter((c) => !lateBefore.includes(c)), [open[2].id], 'the case behind it');
  like((await (await server.client().signIn(head)).get(`/ways/cases?version=${scheme}&deviation=late`)).text, /повторено: 1 не по порядку: 1 вне срока: 1/, 'with its departures from the scheme');
  // a step that is open past its term is late as of the day of asking: no event, no job in between
  register.execWays(`select ${open[0].id}`, `update route_step set due_on = '2024-06-14' where route_id = ${kept2} and step = 'papers'`);
  jobs();
  const kept3 = one(`select late, open_due from way_case where case_id = ${open[0].id} and scheme <> '+'`);
  is([kept3.late, String(kept3.open_due).slice(0, 10)], [0, '2024-06-14'], 'a step that is open is kept with the day by which it is due');
  const sums = await version();
  await server.stop();
  const tomorrow = await register.serve({ args: ['--now', '2024-06-15T10:00'] });
  const later = async (at) => (await tomorrow.client({ token: register.token(head) }).get(`/api/v1${at}`)).json;
  const then = (await later('/ways/conformance')).items.find((x) => x.version_id === scheme);
  is([then.cases - sums[0], then.kept - sums[1], then.late - sums[5]], [0, -1, 1], 'once the day is past, the case is outside the term');
  const listed = (await later(`/ways/cases?version=${scheme}&deviation=late`)).items.find((c) => c.case_id === open[0].id);
  is(listed?.late, 1, 'and so it stands in the list');
  await tomorrow.stop();
  server = await register.serve();
  const map = await get(head, '/ways?scheme=release');
  ok(map.items.some((a) => a.to_code === 'release/intake' && a.to_label.startsWith('Оценка')), 'steps of the scheme stand on the map by their names', map.items.slice(0, 5));
  ok(!map.items.some((a) => a.to_code === 'sent' && a.n > 20), 'referrals of the route are told by its steps');
});

await part('what changes the past', async () => {
  const r = random(11);
  const kinds = Object.keys(stepOf);
  const insert = (c, kind, day, person = null) => `insert into event (at, day, case_id, person_id, kind, classes) values (1718000000000000, '${day}', ${c}, ${person}, '${kind}', 0)`;
  const some = open.slice(3, 9).map((c) => c.id);
  // dated back, at equal times, in any order
  register.exec(Array.from({ length: 400 }, () => insert(some[Math.floor(r() * some.length)], kinds[Math.floor(r() * kinds.length)], `2024-0${1 + Math.floor(r() * 6)}-${10 + Math.floor(r() * 5)}`)));
  same('events out of order and at equal times');
  register.exec(Array.from({ length: 5000 }, (_, i) => insert(open[9].id, kinds[i % 7], '2024-03-11')));
  same('5,000 events of one case');
  const way = one(`select v.length, v.steps from way_case w join way_variant v on v.id = w.variant_id where w.case_id = ${open[9].id}`);
  ok(way.length > 5000 && !way.steps.endsWith('$ '), 'it counts whole, and as open', way.length);
  is((await client(head).get('/ways')).status, 200, 'and the map stands it');
  register.exec([`update person set district_id = (select max(id) from district) where id = ${open[4].person}`, insert('null', 'person.changed', '2024-06-14', open[4].person)]);
  same('a person moves to another district');
});

await part('a running route moves to a newer version of its scheme', async () => {
  const shipped = fs.readFileSync(path.join(PACKS, 'schemes.pack'), 'utf8');
  const dir = path.join(tmpDir(), `ways-packs-${process.pid}`, 'demo');
  fs.cpSync(path.dirname(PACKS), path.dirname(dir), { recursive: true });
  const text = (v) => `[scheme moving]\nlabel.ru = Переход\nsituation = no_income\norder = ${v}\norder_date = 2024-06-0${v}\nstart = one\n
[step moving one]\nlabel.ru = Раз\nwhere = lead\nresult = ru.442.programme\non.done = ${v === 1 ? 'old' : 'fresh'}\n
[step moving ${v === 1 ? 'old' : 'fresh'}]\nlabel.ru = ${v === 1 ? 'Два прежний' : 'Два новый'}\nwhere = lead\nresult = ru.442.programme\non.done = last\n
[step moving last]\nlabel.ru = Последний\nwhere = lead\nresult = ru.442.programme\non.done = end\non.not_done = one\n`;
  const upgrade = (v) => { fs.writeFileSync(path.join(dir, 'schemes.pack'), `${shipped}\n${text(v)}`); const r = register.run(['upgrade', '--packs', dir]); return r.status === 0 || r.out + r.err; };
  const moving = () => one(`select id from scheme where code = 'moving' and state = 'approved'`).id;
  is(upgrade(1), true, 'version 1');
  const first = moving();
  const route = idOf(await post(lead, `/cases/${open[8].id}/routes`, { scheme: String(first) }));
  await own(route, 'one', 'done');
  same('on the first version');
  is(one(`select scheme_id as s from way_case where case_id = ${open[8].id} and scheme <> '+'`).s, first, 'it is compared with the version that it runs on');
  is(upgrade(2), true, 'version 2');
  const moved = await post(lead, `/routes/${route}/move`, { version: String((await get(lead, `/routes/${route}`)).version), scheme: String(moving()), step_old: 'fresh' });
  ok(moved.status < 400, 'the case moves', moved.text.slice(0, 300));
  same('on the second');
  await own(route, 'fresh', 'done');
  await own(route, 'last', 'not_done');
  same('and once more from its beginning');
  is(one(`select scheme_id, skipped, repeated, disordered from way_case where case_id = ${open[8].id} and scheme <> '+'`), { scheme_id: moving(), skipped: 0, repeated: 1, disordered: 0 }, 'by the version that it has moved to');
  const page = await get(head, '/ways?scheme=moving');
  ok(page.items.some((a) => a.to_code === 'moving/fresh' && a.to_label === 'Два новый') && !page.items.some((a) => /moving\/old/.test(a.to_code)), 'the step that moved is told by its new name', page.items);
});

await part('two cards of one person', async () => {
  const [a, b] = [open[6], open[7]];
  register.exec([`update person set district_id = (select min(id) from district) where id = ${a.person}`, `update person set district_id = (select max(id) from district) where id = ${b.person}`,
    ...[a, b].map((x) => `insert into event (at, day, person_id, kind, classes) values (1718000000000000, '2024-06-14', ${x.person}, 'person.changed', 0)`)]);
  same('each with a case and a district');
  const district = () => [a, b].map((x) => one(`select district_id as d from way_case where case_id = ${x.id} and scheme <> '+'`).d);
  const apart = district();
  const joined = await post(head, `/persons/${a.person}/join`, { other: String(b.person), words: 'один и тот же паспорт' });
  ok(joined.status < 400, 'they are joined', joined.text.slice(0, 300));
  same('joined');
  const kept2 = one(`select district_id as d from person where id = ${a.person}`).d;
  is([apart[0] !== apart[1], district()], [true, [kept2, kept2]], 'both cases count in the district of the card that is kept');
  is((await client(head).get('/ways')).status, 200, 'the page answers');
  const parted = await post(head, `/merges/${joined.json?.id ?? idOf(joined)}/undo`, { undone_words: 'разные люди' });
  ok(parted.status < 400, 'they are parted', parted.text.slice(0, 300));
  same('parted');
  is(district(), apart, 'and each counts where it did');
});

await part('a body closed with its successor', async () => {
  const body = one(`select w.body_id as id, b.version, b.kind from way_case w join body b on b.id = w.body_id where w.body_id <> ${centre} and b.active = 1 and b.kind = 'social_centre'
    group by w.body_id, b.version, b.kind order by count(*) desc, w.body_id limit 1`);
  const to = one(`select id from body where kind = 'social_centre' and active = 1 and id not in (${body.id}, ${centre}) order by id limit 1`).id;
  const led = register.rows(`select case_id from way_case w join case_file c on c.id = w.case_id where w.body_id = ${body.id} and c.state <> 'closed'`).length;
  const b = one(`select * from body where id = ${body.id}`);
  const closed = await post('admin', `/bodies/${body.id}`, { name: b.name, kind: b.kind, district_id: b.district_id ? String(b.district_id) : '', phone: '', address: '', contact: b.contact ?? '',
    head_account_id: b.head_account_id ? String(b.head_account_id) : '', coordinator_id: b.coordinator_id ? String(b.coordinator_id) : '', active: '0', version: String(b.version), successor_id: String(to) });
  if (closed.status < 400) {
    same('after a body was closed');
    is(led > 0 && register.rows(`select 1 as x from way_case w join case_file c on c.id = w.case_id where w.body_id = ${body.id} and c.state <> 'closed'`).length, 0, 'open cases stand with the successor');
  } else ok(false, 'the body is closed', closed.text.slice(0, 500));
});

await part('months whose sums are behind', async () => {
  // as many changed cases leave them: ways are there, sums are not, or are of before
  const months = register.rows(`select distinct month from way_case`).map((r) => r.month);
  const some = months[0];
  register.exec(['delete from way_sum', 'delete from way_variant_sum', ...months.map((m) => `insert into way_stale (month, stamp) values (${m}, 3)`)]);
  register.execWays(`select case_id from way_case where month = ${some} and scheme <> '+'`, []);
  same('they are put together again');
  is(register.rows('select * from way_stale'), [], 'and are behind no more');
});

await part('thrown away and made again', async () => {
  const before = [kept(), register.rows('select * from way_case order by case_id, body_id'), register.rows('select * from way_variant_sum').map((r) => JSON.stringify(r)).sort()];
  register.exec(['delete from way_case', 'delete from way_sum', 'delete from way_variant_sum', `delete from log_position where reader = 'ways'`]);
  jobs();
  const after = [kept(), register.rows('select * from way_case order by case_id, body_id'), register.rows('select * from way_variant_sum').map((r) => JSON.stringify(r)).sort()];
  is(JSON.stringify(after), JSON.stringify(before), 'a rebuild gives the same');
  register.exec([`update way_sum set n = n + 1 where scheme = '*' and step = '^' and month = (select max(month) from way_sum)`]);
  const found = () => { const r = register.run(['check']); return r.out + r.err; };
  const month2 = one(`select max(month) as m from way_sum where scheme = '*'`).m;
  like(found(), new RegExp(`ways: the sums of ${month2} \\(all\\), \\^ to \\w+ in 0 days: 1 too many`), 'bereg check names the sum that is wrong');
  register.exec([`update way_sum set n = n - 1 where scheme = '*' and step = '^' and month = (select max(month) from way_sum)`]);
  // two sums that are wrong by as much, so that totals agree
  const [x, y] = register.rows(`select district_id, body_id, step, next_step, days from way_sum where scheme = '' and month = ${month2} order by n desc, body_id, step, next_step limit 2`);
  const shift = (r, n) => `update way_sum set n = n + ${n} where scheme = '' and month = ${month2} and district_id = ${r.district_id} and body_id = ${r.body_id} and step = '${r.step}' and next_step = '${r.next_step}' and days = ${r.days}`;
  register.exec([shift(x, 1), shift(y, -1)]);
  const two = found();
  ok(two.includes(`body ${x.body_id}`) && / 1 too many/.test(two) && / 1 too few/.test(two), 'and two that cancel each other out', two);
  register.exec([shift(x, -1), shift(y, 1)]);
  const way = one(`select case_id, body_id, days from way_case where days like '% %' and scheme <> '+' order by case_id limit 1`);
  register.exec([`update way_case set late = late + 1 where case_id = ${way.case_id} and body_id = ${way.body_id}`]);
  like(found(), new RegExp(`ways: case ${way.case_id}, body ${way.body_id}: its way differs from the log: how it kept to its scheme`), 'and the case whose way is wrong');
  register.exec([`update way_case set late = late - 1 where case_id = ${way.case_id} and body_id = ${way.body_id}`]);
  const year = one(`select max(month) as m from way_sum where scheme = '**'`).m;
  register.exec([`update way_sum set n = n + 1 where scheme = '**' and month = ${year} and step = '^' and next_step = 'opened'`]);
  like(found(), new RegExp(`ways: the sums of ${year}, \\^ to opened`), 'and the year');
  register.exec([`update way_sum set n = n - 1 where scheme = '**' and month = ${year} and step = '^' and next_step = 'opened'`]);
  unlike(found(), /ways:/, 'put right again it is whole');
});

await part('a body that works in cases of others', async () => {
  const at = 'from=2020-01&to=2024-06';
  let seen = 0;
  for (const role of ['employment_specialist', 'police_officer', 'doctor', 'ngo_worker']) {
    const who = one(`select a.login, a.body_id as body from account a join way_case w on w.body_id = a.body_id where w.scheme = '+' and a.role = '${role}' and a.active = 1
      group by a.login, a.body_id order by count(*) desc, a.login limit 1`);
    const mine = whole(wanted().filter((l) => l.split('|')[2] === String(who.body)));
    const count = (a, b) => [...mine].filter(([k]) => k.split('|')[1] === a && k.split('|')[2] === b).reduce((n, [, x]) => n + x, 0);
    const map = await get(who.login, `/ways?${at}`);
    ok(map.items.length > 3 && map.items.every((x) => x.n === count(x.from_code, x.to_code)), `${role} sees them, exactly`, map.items.slice(0, 3));
    ok(map.items.every((x) => !/\//.test(x.from_code + x.to_code)), `${role} sees no step of a scheme`, map.items.map((x) => x.to_code));
    const asked = one(`select count(*) as n from event e join referral r on r.id = e.object_id and e.object = 'referral' join case_file f on f.id = e.case_id
      where e.kind = 'referral.sent' and r.to_body_id = ${who.body} and f.body_id <> ${who.body} and r.case_id = e.case_id and e.day <= '2024-06-30'`).n;
    is(map.items.filter((x) => x.to_code === 'sent').reduce((n, x) => n + x.n, 0), asked, `${role}: of referrals its own only`);
    is([(await get(who.login, `/ways?${at}&whose=led`)).items.length, (await get(who.login, `/ways?${at}&whose=worked`)).items.length], [0, map.items.length], `${role} leads none`);
    const variants = await get(who.login, `/ways/variants?${at}`);
    is(variants.items.reduce((n, v) => n + v.n, 0), map.cases, `${role}: variants of the same cases`);
    const list = await get(who.login, `/ways/cases?step=sent&${at}`);
    const open2 = one(`select count(*) as n from way_case w join way_variant v on v.id = w.variant_id join case_file c on c.id = w.case_id
      join access a on a.body_id = w.body_id and a.person_id = c.person_id where w.body_id = ${who.body} and w.scheme = '+' and v.steps like '% sent %' and a.bits & 2 = 2`).n;
    ok(list.items.length === Math.min(open2, 50) && list.items.every((c) => c.led === 0 && register.rows(`select 1 as x from way_case where case_id = ${c.case_id} and body_id = ${who.body} and scheme = '+'`).length === 1), `${role}: the cases behind`, [open2, list.items.slice(0, 2)]);
    seen += open2;
    const html = (await (await server.client().signIn(who.login)).get(`/ways/cases?step=sent&${at}`)).text;
    ok(/href="\/persons\/\d+"/.test(html) === open2 > 0 && !/href="\/cases\/\d+"/.test(html), `${role} is led to persons, not to the case of another`);
    const owed = (await get(who.login, `/ways/waiting?${at}`)).items.filter((x) => x.body_id === who.body && x.what === 'past');
    const late = one(`select count(*) as n from referral where to_body_id = ${who.body} and answered_on > answer_by`).n;
    is(owed.reduce((n, x) => n + x.late, 0), late, `${role}: what it answered late itself stands among what waits`);
  }
  ok(seen > 0, 'some of the lists have persons');
  // a scheme tells its situation: only to whose role reads it
  const clinic = one(`select body_id as id from account where login = 'doctor1'`).id, police = one(`select body_id as id from account where login = 'police1'`).id;
  const some = one(`select case_id, body_id from way_case where scheme = '+' and body_id = ${clinic} limit 1`), other = one(`select case_id, body_id from way_case where scheme = '+' and body_id = ${police} limit 1`);
  const told = one(`select classes & 268435455 as c from route where scheme_id = ${scheme} limit 1`).c;
  register.exec([some, other].map((x) => `update way_case set scheme_id = ${scheme}, tells = ${told}, late = 1 where case_id = ${x.case_id} and body_id = ${x.body_id}`));
  is((await get('doctor1', `/ways/conformance?${at}`)).items.filter((r) => r.version_id === scheme).length, 0, 'a doctor is not told that cases go along the scheme of release');
  is((await get('doctor1', `/ways/cases?version=${scheme}&${at}`)).n, 0, 'nor by the list');
  is((await get('doctor1', `/ways/cases?deviation=late&${at}`)).items.some((c) => c.case_id === some.case_id), false, 'nor by what is late there');
  register.execWays(`select distinct case_id from way_case where case_id in (${some.case_id}, ${other.case_id})`, []);
  jobs();
  // a restriction: no body is told anything more
  const person = one(`select c.person_id as id from case_file c join access a on a.body_id = c.body_id and a.person_id = c.person_id
    where c.body_id = ${centre} and a.bits & 46 = 46 and exists (select 1 from way_case w where w.case_id = c.id and w.scheme = '+') order by c.id limit 1`).id;
  const parts = () => register.rows(`select 1 as x from way_case w join case_file c on c.id = w.case_id where c.person_id = ${person} and w.scheme = '+'`).length;
  const there = parts();
  is((await post(head, `/persons/${person}/restrictions`, { reason: 'witness', words: 'Постановление № 1' })).status, 201, 'a person is restricted');
  same('then');
  is([there > 0, parts()], [true, 0], 'of a restricted person only the lead counts');
  is((await post(head, `/restrictions/${one('select max(id) as id from restriction').id}/lift`, { version: '1' })).status < 300, true, 'the restriction is lifted');
  same('and afterwards as before');
});

await part('who sees what', async () => {
  for (const [login, status] of [['coordinator', 200], [head, 200], ['auditor', 403], ['admin', 403]])
    is((await client(login).get('/api/v1/ways')).status, status, `${login} and the map`);
  const map = await get(head, '/ways?from=2020-01&to=2024-06');
  const mine = whole(wanted().filter((l) => l.split('|')[2] === String(centre)));
  const count = (m, a, b) => [...m].filter(([k]) => k.split('|')[1] === a && k.split('|')[2] === b).reduce((s, [, n]) => s + n, 0);
  ok(map.items.length > 5 && map.items.every((x) => x.n === count(mine, x.from_code, x.to_code)), 'a head sees the cases that his body leads, exactly', map.items.slice(0, 3));
  is((await get(head, '/ways?from=2020-01&to=2024-06&body=1')).items.length, map.items.length, 'and no other body\'s by its number');
  const region = await get('coordinator', '/ways?from=2020-01&to=2024-06');
  const all = whole(led(wanted()));
  ok(region.items.length > 5 && region.items.every((x) => x.n % 5 === 0 && x.n > 0 && count(all, x.from_code, x.to_code) >= 5 && Math.abs(x.n - count(all, x.from_code, x.to_code)) <= 2),
    'the region is rounded, and what is rare is not there', region.items.slice(0, 3));
  ok(region.cases % 5 === 0, 'so is the number of cases', region.cases);
  const arc = region.items.find((x) => x.from_code !== '^');
  const behind = await get('coordinator', `/ways/cases?step=${encodeURIComponent(arc.from_code)}&next=${encodeURIComponent(arc.to_code)}&from=2020-01&to=2024-06`);
  is([behind.items.length, behind.n % 5, behind.hidden % 5], [0, 0, 0], 'who knows no persons sees no case, and round numbers');
  const own2 = map.items.find((x) => x.from_code === 'opened');
  const list = await get(head, `/ways/cases?step=opened&next=${own2.to_code}&from=2020-01&to=2024-06`);
  const sql = register.rows(`select w.case_id as id from way_case w join way_variant v on v.id = w.variant_id where w.body_id = ${centre} and replace(v.steps, ' opened ${own2.to_code} ', '') <> v.steps`).map((x) => x.id);
  ok(list.items.length > 0 && list.items.every((c) => sql.includes(c.case_id)), 'the cases behind an arc', list.items.length);
  const hidden = open[5];
  register.exec([`delete from access where body_id = ${centre} and person_id = ${hidden.person}`]);
  const text = (await client(head).get('/ways/cases?from=2020-01&to=2024-06')).text;
  unlike(text, new RegExp(`/cases/${hidden.id}"`), 'a person who is not open is not in the list');
});

await part('the map leads to the cases', async () => {
  const html = (await (await server.client().signIn(head)).get('/ways?from=2020-01&to=2024-06')).text;
  const links = [...html.matchAll(/<a class="b-graph__link" href="([^"]+)"( aria-label="[^"]+")?>/g)];
  const map = await get(head, '/ways?from=2020-01&to=2024-06');
  ok(links.filter((l) => l[2]).length > 5 && links.filter((l) => !l[2]).length > 3, 'arrows and steps are links, arrows with words', links.length);
  like(links.find((l) => l[2])[2], /aria-label="[^"]+ → [^"]+: \d+/, 'that say from where to where');
  for (const l of links.slice(0, 4).concat(links.filter((x) => x[2]).slice(0, 4))) {
    const at = l[1].replaceAll('&amp;', '&');
    const q = new URLSearchParams(at.split('?')[1]);
    const list = await get(head, at);
    const arc = map.items.find((x) => x.from_code === q.get('step') && x.to_code === q.get('next'));
    ok(list.n > 0 && (!q.get('next') || (arc && list.n <= arc.n)), `${q.get('step')} ${q.get('next')}: to the cases behind it`, [list.n, arc]);
  }
  const region = (await (await server.client().signIn('coordinator')).get('/ways?from=2020-01&to=2024-06')).text;
  like(region, /<svg class="b-graph" role="img"/, 'who knows no persons sees the map');
  unlike(region, /b-graph__link|href="\/ways\/cases/, 'and no links to lists that would be empty');
});

await part('median and p90 of any union are exact', async () => {
  const map = await get(head, '/ways?from=2023-09&to=2024-05');
  const mine = wanted().map((l) => l.split('|')).filter((x) => x[2] === String(centre) && x[3] >= 202309 && x[3] <= 202405);
  const quantile = (a, b, p) => {
    const v = mine.filter((x) => x[4] === a && x[5] === b).flatMap((x) => Array(Number(x[7])).fill(Number(x[6]))).sort((x, y) => x - y);
    return v[Math.ceil(p * v.length) - 1];
  };
  ok(map.items.length > 5 && map.items.every((x) => x.median === quantile(x.from_code, x.to_code, 0.5) && x.p90 === quantile(x.from_code, x.to_code, 0.9)), 'as the days of the log give them', map.items.slice(0, 4));
});

await part('pages', async () => {
  const head2 = await server.client().signIn(head);
  const page = await head2.get('/ways?from=2020-01&to=2024-06');
  like(page.text, /<svg class="b-graph"[^]*b-graph__edge--w6[^]*Дело открыто[^]*\d дн\./, 'the map is drawn, with counts and days');
  const csv = await client(head).get('/ways?from=2020-01&to=2024-06&format=csv');
  like(csv.text, /Начало[;,]Дело открыто/, 'the table as CSV');
  for (const at of ['/ways/variants', '/ways/conformance', '/ways/waiting', '/ways/cases?variant=1', '/ways?from=x&to=9999-99&scheme=*&district=-1&body=zz'])
    is((await head2.get(at)).status, 200, at);
  const waiting = (await get('coordinator', '/ways/waiting?from=2023-06&to=2024-06')).items;
  ok(waiting.length > 0 && waiting.every((x, i) => i === 0 || x.harm <= waiting[i - 1].harm), 'bottlenecks by their harm', waiting.slice(0, 3));
  like(waiting[0].words, /^\d+ из \d+ .*медиана \d+ раб\. дн\. при сроке \d+$/, 'in words');
});

await register.drop();
finish();
