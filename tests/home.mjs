// The beginning of the day: for every role each number is that of the rows behind its link; nothing is shown to whom it does not belong.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/home.mjs
import fs from 'node:fs';
import path from 'node:path';
import { readPacks } from './lib/leak_plant.mjs';
import { ENGINE, PACKS, Register, TREE, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 9, name: 'home' });
const server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const browser = async (login) => server.client().signIn(login);
const account = Object.fromEntries(register.rows('select id, login, name, role, body_id as body, unit_id as unit from account order by id').map((a) => [a.login, a]));
const caps = Object.fromEntries(readPacks([path.join(TREE, 'packs/demo')]).filter((s) => s.kind === 'role').map((s) => [s.key, new Set((s.props.caps ?? '').split(' '))]));
let keys = 0;
const post = async (login, at, body) => {
  const a = await client(login).postJson(`/api/v1${at}`, body, { headers: { 'idempotency-key': `home-${process.pid}-${keys += 1}` } });
  if (a.status >= 300) throw new Error(`${login} ${at}: ${a.status} ${a.text.slice(0, 300)}`);
  return a.json;
};
const home = async (login) => (await client(login).get('/api/v1/')).json;
const BLOCKS = ['terms', 'people', 'meetings', 'body_lines', 'region', 'system', 'control'];
const linesOf = (j) => BLOCKS.flatMap((b) => j[b].map((l) => ({ ...l, block: b })));
const line = async (login, name) => linesOf(await home(login)).find((l) => l.name === name)?.n ?? 0;

async function all(login, at) {
  const items = [];
  for (let after = ''; ;) {
    const a = await client(login).get(`/api/v1${at}${at.includes('?') ? '&' : '?'}limit=40${after}`);
    if (a.status !== 200) throw new Error(`${login} ${at}: ${a.status}`);
    items.push(...a.json.items);
    if (!a.json.next || items.length >= 400) return items;
    after = `&after=${encodeURIComponent(a.json.next)}`;
  }
}

// Whose each line is, written down a second time.
const LINES = {
  overdue: 'see_person', today: 'see_person', week: 'see_person', new: 'see_person', proposals: 'see_person', messages: 'see_person', answers: 'see_person',
  waiting_late: 'see_person', measures: 'see_person', drafts: 'see_person', asks: 'lead_case', steps: 'lead_case', idle: 'lead_case', follow_ups: 'lead_case',
  programmes: 'lead_case', consents: 'record_consent', twins: 'restrict', pairs: 'join_persons', imports: 'import_list', columns: 'import_list',
  body_overdue: 'see_person', escalated: 'see_person', emergencies: 'review_emergency', body_waiting: 'see_person', absent: 'lead_body',
  body_agreements: 'lead_body', acts: 'destroy', delays: 'coordinate', agreements: 'agreements', schemes: 'route_schemes', uncovered: 'admin', jobs: 'admin', mails: 'admin', rules: 'admin',
  invitations: 'anybody', meetings: 'anybody', tasks: 'anybody', tasks_on_cases: 'see_person',
  decisions_late: 'chair_meeting', decisions_late_on_cases: 'chair_meeting', prepare: 'keep_minutes', minutes: 'keep_minutes',
  partners: 'lead_body', absent_uncovered: 'lead_body', stuck: 'coordinate', silent: 'region_interaction', disk: 'admin', imports_stopped: 'admin',
  headless: 'admin', unused: 'admin', unverified: 'admin', unjudged: 'audit', suspicions: 'audit', explanations: 'lead_body', acts_unconfirmed: 'audit', acts_done: 'audit', restrictions_set: 'audit',
  restrictions_ended: 'audit', sealed_counted: 'audit', log_faults: 'audit',
};
const ROLES = ['social1', 'head1', 'penal1', 'police1', 'employment1', 'doctor1', 'ngo1', 'juvenile1', 'aids1', 'coordinator', 'analyst', 'admin', 'auditor'];

// ---- a morning on which there is something of everything ----

const { social1: me, head1: head } = account;
const centre = me.body;
const mate = Object.values(account).find((a) => a.body === centre && a.role === 'social_worker' && a.login !== 'social1');
const instant = (day) => Date.parse(`${day}T09:00:00Z`) * 1000;
const next = (table) => register.rows(`select coalesce(max(id), 0) + 1 as id from ${table}`)[0].id;
const set = (table, where, what) => register.exec([`update ${table} set ${what} where ${where}`]);
const insert = (table, row) => register.exec([`insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).map((v) => (v === null ? 'null' : typeof v === 'number' ? v : `'${v}'`)).join(', ')})`,
  ...(ENGINE === 'postgres' ? [`select setval(pg_get_serial_sequence('${table}', 'id'), ${row.id})`] : [])]);
const free = `not exists (select x.id from restriction x where x.person_id = t.person_id)`;

await part('a morning', async () => {
  const owed = register.rows(`select id, person_id as person, from_body_id as other from referral t where owing_body_id = ${centre} and to_body_id = ${centre} and ${free} order by id desc limit 6`);
  ok(owed.length >= 5, 'the centre has something to do', owed.length);
  ['2024-06-10', '2024-06-13', '2024-06-14', '2024-06-18'].forEach((d, i) => set('referral', `id = ${owed[i].id}`, `fixed_on = '${d}', due_on = '${d}', next_on = '${d}', answer_by = '${d}', next_at = null`));
  set('referral', `id = ${owed[0].id}`, `state = 'accepted', to_account_id = ${me.id}, escalation = 1`);
  set('referral', `id = ${owed[1].id}`, `state = 'accepted', to_account_id = ${mate.id}`);
  // the other side writes, and asks for another term
  const sender = Object.values(account).find((a) => a.body === owed[0].other);
  await post(sender.login, `/referrals/${owed[0].id}/messages`, { words: 'Когда ответ?' });
  const sent = register.rows(`select id, owing_body_id as other from referral t where waiting_body_id = ${centre} and from_body_id = ${centre} and state in ('accepted', 'in_progress') and ${free} order by id desc limit 1`)[0];
  const other = Object.values(account).find((a) => a.body === sent.other);
  set('referral', `id = ${sent.id}`, `from_account_id = ${me.id}`);
  await post(other.login, `/referrals/${sent.id}/term`, { kind: 'another_date', ground: 'workload', date_on: '28.06.2024' });
  // a draft that was forgotten
  const known = register.rows(`select a.person_id as p from access a where a.body_id = ${centre} and (a.bits & 2) <> 0 order by a.person_id desc limit 1`)[0].p;
  await post('social1', '/referrals', { person: String(known), to_body_id: String(account.employment1.body), need: 'employment', ground: 'employment_565', term: '5', note: '', draft: '1' });
  is(await line('social1', 'drafts'), 0, 'a draft of today is not old');
  set('referral', `id = (select max(id) from referral where state = 'draft')`, `created_at = ${instant('2024-06-01')}`);
  // cases, programmes, consents
  const cases = register.rows(`select id from case_file t where body_id = ${centre} and state in ('registered', 'assessment', 'programme', 'in_work') and ${free}
    and not exists (select e.id from event e where e.case_id = t.id and e.account_id = ${me.id}) order by id limit 2`);
  ok(cases.length === 2, 'cases in which he has done nothing', cases.length);
  register.exec([`update case_file set account_id = ${me.id}, created_at = ${instant('2024-01-10')} where id = ${cases[0].id}`,
    `update case_file set account_id = ${me.id}, state = 'follow_up', follow_up_until = '2024-06-19' where id = ${cases[1].id}`]);
  const programme = register.rows(`select id from programme t where body_id = ${centre} and state = 'agreed' and ${free} order by id limit 1`)[0];
  set('programme', `id = ${programme.id}`, `account_id = ${me.id}, ends_on = '2024-06-20'`);
  const consent = (await all('social1', '/consents')).find((c) => !c.withdrawn_on);
  set('consent', `id = ${consent.id}`, `until = '2024-06-17'`);
  const measure = register.rows(`select id, programme_id as g from measure t where body_id = ${centre} and referral_id is null and ${free} order by id limit 1`)[0];
  set('measure', `id = ${measure.id}`, `state = 'in_progress', due_on = '2024-06-20'`);
  set('programme', `id = ${measure.g}`, `account_id = ${me.id}`);
  // access asked for, lists, pairs, emergencies, absences, an act
  for (const state of ['staged', 'columns']) insert('list_import', { id: next('list_import'), kind: 'persons', body_id: centre, account_id: me.id, list: 'Список', file_name: 'a.csv', state, created_at: instant('2024-06-13') });
  const [p, q] = register.rows(`select a.person_id as p from access a where a.body_id = ${centre} and (a.bits & 2) <> 0 and not exists (select x.id from restriction x where x.person_id = a.person_id) order by a.person_id limit 2`).map((r) => r.p);
  insert('access_ask', { id: next('access_ask'), person_id: p, from_body_id: account.employment1.body, to_body_id: centre, account_id: account.employment1.id, classes: 4, words: 'x', state: 'asked', asked_on: '2024-06-13' });
  insert('access_ask', { id: next('access_ask'), person_id: q, from_body_id: account.employment1.body, to_body_id: centre, account_id: account.employment1.id, classes: 4, words: 'x', state: 'refused', asked_on: '2024-06-13' });
  insert('likely_pair', { id: next('likely_pair'), person_id: p, other_id: q, bits: 90, state: 'open', compared: 'x', found_at: instant('2024-06-13') });
  for (const day of ['2024-06-01', '2024-06-14']) insert('emergency', { id: next('emergency'), person_id: p, body_id: centre, account_id: me.id, reason: 'life', words: 'x', opened_at: instant(day) - 36e8 * 3, until: instant(day), review: 'waiting' });
  insert('absence', { id: next('absence'), account_id: mate.id, body_id: centre, since: '2024-06-10', until: '2024-06-28', kind: 'leave', substitute_id: null, cancelled: 0, created_at: instant('2024-06-01') });
  insert('absence', { id: next('absence'), account_id: head.id, body_id: centre, since: '2024-06-20', until: '2024-06-28', kind: 'leave', substitute_id: me.id, cancelled: 0, created_at: instant('2024-06-01') });
  insert('retention_act', { id: next('retention_act'), number: 'У-1', body_id: centre, account_id: me.id, state: 'prepared', prepared_on: '2024-06-13', commission: 'x', method: 'x', ground: 'x' });
  // what the rules of suspicion have found: of today, of a worker whose head is asked, of the head himself, and one that is explained
  for (const [who, at, more] of [[me, '2024-06-14', {}], [mate, '2024-06-08', {}], [head, '2024-06-08', {}], [mate, '2024-06-07', { explained_at: instant('2024-06-12') }]])
    insert('suspicion', { id: next('suspicion'), rule: 'night', account_id: who.id, body_id: centre, day: at, n: 7, raised_at: instant(at), ...more });
  // a check of the logs that has found something, and one of everything before it
  for (const whole of [1, 0]) {
    const check = next('log_check');
    insert('log_check', { id: check, whole, begun_at: instant('2024-06-13'), ended_at: instant('2024-06-13'), event_n: 1, read_n: 1, faults: 1 });
    insert('log_fault', { id: next('log_fault'), check_id: check, kind: 'row_changed', log: 'event', from_row: 7, to_row: 7 });
  }
  // a restricted person of the centre, and somebody like him
  const hidden = register.rows(`select p.id, p.name_key, p.birth_date from person p join access a on a.person_id = p.id and a.body_id = ${centre} where (a.bits & 2) <> 0 and p.birth_date is not null and p.id not in (${p}, ${q}) and not exists (select r.id from referral r where r.person_id = p.id) and not exists (select c.id from case_file c where c.person_id = p.id) order by p.id limit 1`)[0];
  const twin = register.rows(`select p.id from person p where p.id not in (select a.person_id from access a where a.body_id = ${centre}) order by p.id limit 1`)[0];
  const id = next('restriction');
  register.exec([`insert into restriction (id, version, person_id, body_id, account_id, reason, words, since) values (${id}, 1, ${hidden.id}, ${centre}, ${head.id}, 'violence', 'x', '2024-06-10')`,
    `insert into restriction_viewer (id, restriction_id, person_id, body_id) values (${next('restriction_viewer')}, ${id}, ${hidden.id}, ${centre})`,
    `update person set snils = null, name_key = (select h.name_key from person h where h.id = ${hidden.id}), birth_date = (select h.birth_date from person h where h.id = ${hidden.id}) where id = ${twin.id}`]);
  insert('reminder', { id: next('reminder'), account_id: me.id, kind: 'daily', day: '2024-06-13', state: 'failed', tries: 4, next_at: instant('2024-06-13'), error: '550' });
  insert('reminder', { id: next('reminder'), account_id: head.id, kind: 'daily', day: '2024-05-01', state: 'failed', tries: 4, next_at: instant('2024-05-01') });
  // a step of a route that nobody else can move on
  const scheme = register.rows(`select s.id, t.code from scheme s join scheme_step t on t.scheme_id = s.id where s.state = 'approved' order by s.id, t.ord limit 1`)[0];
  const way = register.rows(`select id, person_id as person, body_id from case_file where id = ${cases[0].id}`)[0];
  const route = next('route');
  register.exec([`insert into route (id, version, scheme_id, person_id, case_id, body_id, account_id, state, started_on, classes, created_at) values (${route}, 1, ${scheme.id}, ${way.person}, ${way.id}, ${centre}, ${me.id}, 'running', '2024-06-10', 0, ${instant('2024-06-10')})`,
    `insert into route_step (id, version, route_id, step, round, state, wait, opened_on) values (${next('route_step')}, 1, ${route}, '${scheme.code}', 1, 'by_hand', 'no_body', '2024-06-10')`]);
  // what others look into: acts and restrictions of all bodies, a list that has stopped, a meeting without an agenda, one without minutes, late decisions
  insert('retention_act', { id: next('retention_act'), number: 'У-2', body_id: centre, account_id: me.id, state: 'done', prepared_on: '2024-06-01', confirmed_on: '2024-06-05', done_on: '2024-06-06', commission: 'x', method: 'x', ground: 'x' });
  insert('retention_act', { id: next('retention_act'), number: 'У-3', body_id: centre, account_id: me.id, state: 'done', prepared_on: '2024-01-01', confirmed_on: '2024-01-05', done_on: '2024-01-06', commission: 'x', method: 'x', ground: 'x' });
  insert('restriction', { id: next('restriction'), version: 1, person_id: twin.id, body_id: centre, account_id: head.id, reason: 'violence', words: 'x', since: '2024-01-10', ended_at: instant('2024-06-12') });
  insert('list_import', { id: next('list_import'), kind: 'persons', body_id: centre, account_id: me.id, list: 'Список', file_name: 'b.csv', state: 'loading', created_at: instant('2024-06-13') });
  insert('list_import', { id: next('list_import'), kind: 'persons', body_id: centre, account_id: me.id, list: 'Список', file_name: 'c.csv', state: 'loading', created_at: Date.parse('2024-06-14T06:30:00Z') * 1000 });
  const held = register.rows(`select meeting_id as m from decision where person_id is null and state = 'open' order by id limit 1`)[0];
  set('meeting', `id = ${held.m}`, `body_id = ${account.coordinator.body}`);
  set('decision', `meeting_id = ${held.m} and person_id is null and state = 'open'`, `due_on = '2024-06-03'`);
  const own = register.rows(`select d.id, d.meeting_id as m from decision d join access a on a.person_id = d.person_id and a.body_id = ${centre} and (a.bits & 2) <> 0 where d.measure_id is null and d.meeting_id <> ${held.m} order by d.id limit 1`)[0];
  set('meeting', `id = ${own.m}`, `body_id = ${centre}`);
  set('decision', `id = ${own.id}`, `state = 'open', due_on = '2024-06-03', body_id = ${centre}, account_id = ${mate.id}, classes = 0`);
  for (const [state, day] of [['planned', '2024-06-20'], ['held', '2024-06-05'], ['planned', '2024-06-04']]) {
    const other = register.rows('select kind, subject, place, remote, ballot, quorum, majority, tie from meeting order by id limit 1')[0];
    insert('meeting', { id: next('meeting'), version: 1, ...other, body_id: account.coordinator.body, chair_id: account.coordinator.id, secretary_id: account.coordinator.id,
      meets_on: day, meets_time: '12:00', meets_at: instant(day), state, created_at: instant('2024-06-01') });
  }
  // a body that owes many answers, and one that owes us one
  const slow = register.rows(`select owing_body_id as b, count(*) as n from referral where state in ('sent', 'received') group by owing_body_id order by n desc, b limit 1`)[0];
  ok(slow.n >= 5, 'some body has much to answer', slow);
  set('referral', `owing_body_id = ${slow.b} and state in ('sent', 'received')`, `next_on = '2024-06-03', answer_by = '2024-06-03', next_at = null`);
  const ours = register.rows(`select id from referral where waiting_body_id = ${centre} and owing_body_id <> ${centre} and state in ('sent', 'received') order by id limit 1`)[0];
  set('referral', `id = ${ours.id}`, `next_on = '2024-06-03', answer_by = '2024-06-03', next_at = null`);
  await client('analyst').get('/api/v1/reports/sealed-categories');
  set('account', `login = 'ngo1'`, 'signed_in_at = null, created_at = 1700000000000000');
});

const seen = new Set();

await part('each number is that of the rows behind its link', async () => {
  for (const login of ROLES) {
    const j = await home(login), bad = [], mine = new Set([...caps[account[login].role], 'anybody']);
    for (const l of linesOf(j)) {
      seen.add(l.name);
      if (!mine.has(LINES[l.name])) bad.push(`${l.name} is not for ${login}`);
      const rows = await all(login, l.path);
      if (Math.min(100, rows.length) !== l.n) bad.push(`${l.name}: ${l.n} there, ${rows.length} behind ${l.path}`);
    }
    for (const w of j.workers) {
      const rows = await all(login, `/inbox?group=overdue&worker=${w.id ?? 'none'}`);
      if (rows.length !== w.n_overdue) bad.push(`worker ${w.name}: ${w.n_overdue} there, ${rows.length} behind`);
    }
    for (const b of j.worst) {
      const rows = await all(login, `/delays?body=${b.id}`);
      if (rows.length !== b.n) bad.push(`body ${b.id}: ${b.n} there, ${rows.length} behind`);
    }
    ok(bad.length === 0, `${login}: ${linesOf(j).length} lines`, bad.join('\n'));
    const page = await (await browser(login)).get('/');
    is(page.status, 200, `${login} has a first page`);
    like(page.text, /<a class="b-nav__link" href="\/" aria-current="page">Начало дня<\/a>/, 'which the navigation marks');
    for (const l of linesOf(j)) if (!page.text.includes(`href="${l.path.replaceAll('&', '&amp;')}"`)) ok(false, `${login}: ${l.name} leads to ${l.path}`);
  }
  is(Object.keys(LINES).filter((n) => !seen.has(n)), ['jobs', 'rules', 'disk'], 'every line was shown to somebody, but those of a program in trouble');
});

await part('what comes first', async () => {
  const j = await home('social1'), inbox = await all('social1', '/inbox?group=all&whose=mine');
  ok(j.urgent.length > 0 && j.urgent.length <= 6, 'a handful of obligations', j.urgent.length);
  is(j.urgent.map((r) => r.id), inbox.slice(0, j.urgent.length).map((r) => r.id), 'the first of the inbox');
  ok(j.urgent.every((r) => r.due_on <= '2024-06-21'), 'nothing of later weeks');
  const file = await client('social1').get('/api/v1/?list=urgent&format=csv');
  is([file.status, file.text.trim().split('\n').length - 1], [200, j.urgent.length], 'as a file they stand once');
  const page = await (await browser('social1')).get('/');
  ok(page.text.indexOf('В первую очередь') < page.text.indexOf('Сроки направлений'), 'they stand above the numbers');
  like(page.text, /Просрочено на 3 рабочих дня/, 'late by');
});

await part('heads', async () => {
  const j = await home('head1');
  ok(j.workers.some((w) => w.id === mate.id) && j.workers.some((w) => w.id === me.id), 'what is overdue, by worker', j.workers);
  is(j.away.map((a) => [a.worker, a.until]), [[mate.name, '2024-06-28']], 'who is absent today, and nobody who will be');
  const page = await (await browser('head1')).get('/');
  like(page.text, /никто не замещает/, 'that nobody stands in is said');
  for (const login of [mate.login, 'police1']) is([(await home(login)).workers, (await home(login)).away], [[], []], `${login} heads nothing and sees nobody else by name`);
  // the head of a unit: of his unit only
  const unit = next('unit');
  register.exec([`insert into unit (id, version, body_id, name, active, head_account_id) values (${unit}, 1, ${centre}, 'Отделение', 1, ${me.id})`, `update account set unit_id = ${unit} where id = ${mate.id}`, `update account set unit_id = null where id = ${me.id}`]);
  is((await home('social1')).workers.map((w) => w.id), [mate.id], 'the head of a unit sees its workers');
  is((await home('social1')).body_lines.map((l) => l.name), [], 'and no number of the whole body');
  register.exec([`update unit set head_account_id = null where id = ${unit}`, `update account set unit_id = null where id = ${mate.id}`]);
});

await part('what was there in plain SQL', async () => {
  const n = (text) => register.rows(`select count(*) as n from ${text}`)[0].n;
  const wanted = {
    auditor: { acts_done: n(`retention_act where done_on >= '2024-05-14'`), acts_unconfirmed: n(`retention_act where state = 'prepared'`), restrictions_set: n(`restriction where since >= '2024-05-14'`),
      restrictions_ended: n(`restriction where ended_at >= ${instant('2024-05-14') - 12 * 36e8}`), sealed_counted: n(`event where kind = 'sealed.counted'`) },
    admin: { imports_stopped: 1 },
    coordinator: { prepare: 1, minutes: 2, stuck: n(`route_step t join route r on r.id = t.route_id where t.state in ('by_hand', 'decide') and r.state = 'running' and (t.wait in ('no_body', 'no_agreement') or t.opened_on < '2024-06-04')`),
      decisions_late: n(`decision d join meeting m on m.id = d.meeting_id where d.person_id is null and d.state = 'open' and d.due_on < '2024-06-14' and m.body_id = ${account.coordinator.body}`) },
    head1: { absent_uncovered: 1, partners: register.rows(`select count(distinct owing_body_id) as n from referral where waiting_body_id = ${centre} and next_on < '2024-06-14' and state in ('sent', 'received', 'returned')`)[0].n },
  };
  for (const [login, of] of Object.entries(wanted)) {
    const lines = Object.fromEntries(linesOf(await home(login)).map((l) => [l.name, l.n]));
    for (const [name, number] of Object.entries(of)) ok(number > 0 && lines[name] === Math.min(100, number), `${login}: ${name}`, [lines[name], number]);
  }
  is((await home('police1')).body_lines.map((l) => l.name).includes('partners'), false, 'who heads nothing is not told of partners');
  for (const [at, who] of [['/retention/control', 'auditor'], ['/restrictions/control', 'auditor'], ['/routes/stuck', 'coordinator']]) {
    is((await client(who).get(`/api/v1${at}`)).status, 200, `${who} reads ${at}`);
    unlike((await (await browser(who)).get(at)).text, /\/persons\/\d|\/routes\/\d/, 'without the person');
    is((await client('social1').get(`/api/v1${at}`)).status, 403, 'a worker does not');
  }
  // of a restricted person the coordinator learns nothing
  const step = (await all('coordinator', '/routes/stuck')).length;
  const [p] = register.rows(`select r.person_id as p from route_step t join route r on r.id = t.route_id where t.wait = 'no_body' order by t.id desc limit 1`);
  const x = next('restriction');
  insert('restriction', { id: x, version: 1, person_id: p.p, body_id: centre, account_id: head.id, reason: 'violence', words: 'x', since: '2024-06-14' });
  ok((await all('coordinator', '/routes/stuck')).length < step, 'nor of a restricted person that he waits');
  is(await line('coordinator', 'stuck'), (await all('coordinator', '/routes/stuck')).length, 'neither counted');
  register.exec([`delete from restriction where id = ${x}`]);
});

await part('who is away', async () => {
  const before = await line('social1', 'overdue');
  const of = (await all('social1', '/inbox?group=overdue')).length;
  ok(of > before, 'what a colleague is late with is not mine', [before, of]);
  register.exec([`update absence set substitute_id = ${me.id} where account_id = ${mate.id}`]);
  is(await line('social1', 'overdue'), before + 1, 'it is when I stand in');
  is(await line('admin', 'uncovered'), 0, 'and the post is covered');
  register.exec([`update absence set substitute_id = null where account_id = ${mate.id}`]);
});

await part('as an enemy', async () => {
  // a sealed row, a row without access, a restricted person: neither shown nor counted
  const doctor = account.doctor1;
  const p = register.rows(`select person_id as p from access where body_id = ${doctor.body} and (bits & ${1 << 10}) <> 0 order by person_id limit 1`)[0].p;
  await post('doctor1', `/persons/${p}/notes`, { day: '14.06.2024', topic: 'mental', words: 'наблюдение' });
  const sealed = register.rows('select cast(classes as text) as c from note where id = (select max(id) from note)')[0].c;
  const first = (await home('social1')).urgent[0];
  const state = async () => { const j = await home('social1'), h = await home('head1'); return [linesOf(j), linesOf(h).filter((l) => l.block === 'body_lines'), j.urgent.map((r) => r.id), h.workers.map((w) => [w.id, w.n_overdue])]; };
  const before = await state();
  const [was] = register.rows(`select cast(classes as text) as c, person_id as p from referral where id = ${first.id}`);
  const hidden = async (name) => {
    const now = await state();
    ok(!now[2].includes(first.id), `${name}: not shown`);
    is(now[0].find((l) => l.name === 'overdue')?.n ?? 0, before[0].find((l) => l.name === 'overdue').n - 1, `${name}: not counted`);
    is(now[1].find((l) => l.name === 'body_overdue').n, before[1].find((l) => l.name === 'body_overdue').n - 1, `${name}: nor for the head`);
    is(now[3].reduce((n, w) => n + w[1], 0), before[3].reduce((n, w) => n + w[1], 0) - 1, `${name}: nor by worker`);
  };
  set('referral', `id = ${first.id}`, `classes = ${sealed}`);
  await hidden('a sealed row');
  set('referral', `id = ${first.id}`, `classes = ${was.c}`);
  const bits = register.rows(`select bits from access where body_id = ${centre} and person_id = ${was.p}`)[0].bits;
  set('access', `body_id = ${centre} and person_id = ${was.p}`, 'bits = 0');
  await hidden('no access');
  set('access', `body_id = ${centre} and person_id = ${was.p}`, `bits = ${bits + (1 << 30)}`);
  await hidden('a restricted person whom others are named for');
  set('access', `body_id = ${centre} and person_id = ${was.p}`, `bits = ${bits}`);
  is(await state(), before, 'and all is there again');
  // what is counted is not noted as read, what is shown is
  const last = register.rows('select coalesce(max(id), 0) as id from "read"')[0].id;
  const shown = (await home('social1')).urgent.map((r) => r.id);
  const persons = register.rows(`select distinct person_id as p from referral where id in (${shown})`).map((r) => r.p).sort((a, b) => a - b);
  let noted = [];
  for (let i = 0; i < 50 && !noted.length; i += 1) {
    noted = register.rows(`select persons from "read" where id > ${last} and account_id = ${me.id} and page = '/'`);
    await new Promise((r) => setTimeout(r, 20));
  }
  is([...new Set(noted.flatMap((r) => r.persons.trim().split(' ').map(Number)))].sort((a, b) => a - b), persons, 'the read log has exactly those who were shown');
  for (const name of ['admin', 'auditor', 'analyst', 'coordinator']) unlike(JSON.stringify(await home(name)), /family_name/, `${name} is shown no person`);
  is((await server.client().get('/')).status, 303, 'a stranger is led to the sign-in page');
  is((await server.client().get('/api/v1/')).status, 401, 'and has no API');
});

await part('the way to it', async () => {
  const guest = server.client();
  await guest.get('/sign-in');
  is((await guest.post('/sign-in', { login: 'social1', password: 'bereg-demo' })).location, '/', 'signing in leads there');
  is((await client('auditor').get('/api/v1/emergencies/late')).json.items.length, 1, 'the auditor sees what was not judged in time');
  is((await client('head1').get('/api/v1/emergencies/late')).status, 403, 'and nobody else does');
  const late = await (await browser('auditor')).get('/emergencies/late');
  unlike(late.text, /\/persons\/\d|Все проверены/, 'without the person');
});

await part('nothing to do', async () => {
  await server.stop();
  register.exec(['update referral set owing_body_id = null, waiting_body_id = null', `delete from emergency`]);
  const again = await register.serve();
  const j = (await again.client({ token: register.token('aids1') }).get('/api/v1/')).json;
  is([j.all_done, j.urgent, linesOf(j).filter((l) => l.block === 'terms')], [linesOf(j).length === 0, [], []], 'when nothing waits, nothing stands there');
  // a program in trouble: what a job needs is gone, so that new rules are never applied
  is((await again.client({ token: tokens.admin }).get('/api/v1/system')).json.items.map((r) => r.what), ['social1', 'b.csv'], 'of the program itself only a mail and a list are not in order');
  register.exec(['alter table access_grant rename to access_grant_gone', `insert into rule_work (body_id, person_at) values (${centre}, 0)`]);
  const names = async () => Object.fromEntries(linesOf((await again.client({ token: tokens.admin }).get('/api/v1/')).json).map((l) => [l.name, l.n]));
  let told = await names();
  for (let i = 0; i < 300 && !told.jobs; i += 1) {
    await new Promise((r) => setTimeout(r, 100));
    told = await names();
  }
  is(told.rules, 1, 'the administrator sees that rules are not applied');
  is((await again.client({ token: tokens.admin }).get('/api/v1/system?show=rules')).json.items.length, 1, 'and where');
  const wrong = (await again.client({ token: tokens.admin }).get('/api/v1/system?show=jobs')).json.items;
  ok(wrong.some((r) => r.what === 'guard.rules') && wrong.length >= told.jobs, 'and which background work fails', wrong);
  is((await again.client({ token: tokens.auditor }).get('/api/v1/system')).status, 403, 'nobody else does');
  await again.stop();
  register.exec(['alter table access_grant_gone rename to access_grant', 'delete from rule_work']);
  // the disk: no disk has all of itself free
  const packs = path.join(tmpDir(), `home-packs-${process.pid}`);
  fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
  const file = path.join(packs, 'ru/inbox.pack');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^disk = 10$/m, 'disk = 100'));
  is(register.run(['upgrade', '--packs', path.join(packs, 'demo')]).status, 0, 'other numbers of the packs');
  const full = await register.serve({ env: { BEREG_PACKS: path.join(packs, 'demo') } });
  const admin = full.client({ token: register.token('admin') });
  const disk = linesOf((await admin.get('/api/v1/')).json).filter((l) => l.name === 'disk').map((l) => [l.n, l.path]);
  is(disk, ENGINE === 'sqlite' ? [[1, '/system?show=disk']] : [], 'a disk with too little space is told, where the program knows it');
  const system = (await admin.get('/api/v1/system?show=disk')).json;
  is([system.items.length, system.disk_percent > 0 && system.disk_percent < 100], ENGINE === 'sqlite' ? [1, true] : [0, false], 'and how much is left');
  await full.stop();
  fs.rmSync(packs, { recursive: true });
  // two months later nothing of all this is lately
  register.exec([`delete from retention_act where state = 'prepared'`]);
  const later = await register.serve({ env: { BEREG_NOW: '2024-08-20T10:00' } });
  const auditor = await later.client().signIn('auditor');
  let page = await auditor.get('/');
  for (let i = 0; i < 100 && !/Вас ничто не ждёт/.test(page.main); i += 1) { // until the job has checked the whole logs
    await new Promise((r) => { setTimeout(r, 200); });
    page = await auditor.get('/');
  }
  like(page.main, /Вас ничто не ждёт/, 'when nothing is to be looked into, the page says so');
  like(page.text, /href="\/log"/, 'with the usual next step');
  await later.stop();
});

await register.drop();
finish();
