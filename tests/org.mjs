// The organisation: units and heads, absences and who stands in, caseloads that pass on, pauses, renaming, closing with a successor, agreements;
// on both engines.   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/org.mjs
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 400, seed: 7, name: 'org' });
const server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const one = (sql) => register.rows(sql)[0];
const account = (login) => one(`select id, body_id from account where login = '${login}'`);
let keys = 0;
const post = (login, path, body) => client(login).postJson(`/api/v1${path}`, body, { headers: { 'idempotency-key': `org-${process.pid}-${keys += 1}` } });
const get = (login, path) => client(login).get(`/api/v1${path}`);
const page = async (login, path) => (await (await server.client().signIn(login)).get(path)).text;
const version = (table, id) => String(one(`select version from ${table} where id = ${id}`).version);
const last = (table) => one(`select max(id) as id from ${table}`).id;
const events = (kind, where = '') => register.rows(`select id, person_id, case_id, object_id, other_body_id from event where kind = '${kind}' ${where} order by id`);
const [w1, w2, w3, head] = ['social1', 'social1b', 'social1c', 'head1'].map(account);
const centre = w1.body_id, other = account('social2').body_id;

await part('who may', async () => {
  for (const [login, status] of [['head1', 200], ['admin', 200], ['social1', 404], ['head2', 404], ['employment1', 404], ['analyst', 404], ['coordinator', 404], ['auditor', 404]])
    for (const path of ['units', 'staff', 'absences'])
      is((await get(login, `/bodies/${centre}/${path}`)).status, status, `${login}: ${path} of the centre`);
  for (const [login, status] of [['head1', 200], ['social1', 403], ['admin', 403], ['coordinator', 403]])
    is((await get(login, '/caseload')).status, status, `${login}: caseloads`);
  for (const [login, status] of [['head1', 403], ['coordinator', 200], ['social1', 403], ['ngo1', 403], ['admin', 403]])
    is((await get(login, '/agreements')).status, status, `${login}: agreements`);
  for (const [login, status] of [['head1', 200], ['head2', 404], ['social1', 403], ['coordinator', 403]])
    is((await get(login, `/bodies/${centre}/agreements`)).status, status, `${login}: agreements of the centre`);
  for (const login of ['social1', 'doctor1', 'analyst']) is((await get(login, '/absences')).status, 200, `${login}: own absences`);
  is((await get('head1', '/bodies/999999/units')).status, 404, 'a body that is not there is no body of the head');
  is((await get('admin', '/bodies/999999/units')).status, 404, 'and none for the administrator');
});

await part('units', async () => {
  const made = one(`select id, head_account_id from unit where body_id = ${centre}`);
  is(made.head_account_id, w1.id, 'the demo has a department with its head');
  let r = await post('head1', `/bodies/${centre}/units`, { name: 'Отделение срочной помощи', parent_id: String(made.id), head_account_id: String(w3.id) });
  is(r.status, 201, 'the head adds a unit', r.text.slice(0, 300));
  const unit = last('unit');
  is((await post('head2', `/bodies/${centre}/units`, { name: 'Чужое' })).status, 404, 'nobody of another body does');
  is((await post('head1', `/bodies/${centre}/units`, { name: 'Х', head_account_id: String(account('social2').id) })).status, 422, 'its head works in the body');
  is((await post('head1', `/units/${made.id}`, { name: 'Отделение', parent_id: String(unit), active: '1', version: version('unit', made.id) })).status, 422, 'a unit is no part of its own part');
  r = await post('head1', `/units/${unit}/members`, { account: [String(w2.id), String(w3.id)], version: version('unit', unit) });
  ok(r.status < 300, 'members are set', r.text.slice(0, 300));
  is(register.rows(`select id from account where unit_id = ${unit} order by id`).map((x) => x.id), [w2.id, w3.id], 'as they were ticked');
  is((await post('head1', `/units/${unit}/members`, { account: String(account('social2').id), version: version('unit', unit) })).status, 422, 'no foreign worker');
  is((await post('head1', `/units/${unit}`, { name: 'Х', active: '0', version: version('unit', unit) })).status, 422, 'a unit with workers is not closed');
  is((await get('head2', `/units/${unit}`)).status, 404, 'another head does not open it');
  is((await post('head1', `/units/${unit}`, { name: 'Х', active: '1', version: '1' })).status, 409, 'a stale version is told');
  const csv = await client('head1').get(`/bodies/${centre}/units?format=csv`);
  like(csv.text, /Отделение срочной помощи/, 'the list is a table too');
  is(events('unit.members').length >= 1, true, 'with an event');
});

await part('absences', async () => {
  const absent = (login, who, since, until, substitute, path = '/absences') =>
    post(login, path, { account_id: String(who.id), kind: 'leave', since, until, substitute_id: substitute ? String(substitute.id) : '' });
  let r = await absent('social1', w1, '14.06.2024', '30.06.2024', w2);
  is(r.status, 201, 'a worker enters his own', r.text.slice(0, 300));
  is((await absent('social1', w1, '30.06.2024', '05.07.2024', w2)).status, 422, 'overlapping ones are refused');
  is((await absent('social1b', w2, '20.06.2024', '25.06.2024', w1)).status, 422, 'a circle of two is refused');
  is((await absent('social1b', w2, '01.07.2024', '25.07.2024', w1)).status, 201, 'not when the days are others');
  const heads = `/bodies/${centre}/absences`;
  is((await absent('head1', w2, '20.06.2024', '25.06.2024', w3, heads)).status, 201, 'the head enters anybody of the body');
  is((await absent('head1', w3, '24.06.2024', '24.06.2024', w1, heads)).status, 422, 'a circle over three is refused');
  is((await absent('head1', w3, '26.06.2024', '27.06.2024', w1, heads)).status, 201, 'and only on its days: w1 is away, and w2, who is back, stands in for him');
  is((await absent('head1', account('social2'), '01.08.2024', '02.08.2024', null, heads)).status, 404, 'nobody of another body');
  is((await absent('social1', w2, '01.09.2024', '02.09.2024', null)).status, 201, 'what a worker enters is his own');
  is(one('select account_id from absence order by id desc limit 1').account_id, w1.id, 'whatever account was sent');
  is((await absent('social1c', w3, '01.10.2024', '02.10.2024', account('employment1'))).status, 422, 'nobody of another body stands in');
  is((await absent('doctor1', account('doctor1'), '05.07.2024', '01.07.2024')).status, 422, 'the last day is not before the first');
  like(await page('head1', `/bodies/${centre}/staff`), /отсутствует до 30\.06\.2024/, 'the line of the worker says so');
  const mine = (await get('social1', '/absences')).json.items;
  is(mine.length, 2, 'a worker reads his own only');
  is((await post('social2', `/absences/${mine[0].id}/end`, { version: '1' })).status, 404, 'another does not end it');
  ok((await post('social1', `/absences/${mine[0].id}/end`, { version: String(mine[0].version) })).status < 300, 'back at work');
  is(one(`select cancelled from absence where id = ${mine[0].id}`).cancelled, 1, 'one that began today was none');
  unlike(await page('head1', `/bodies/${centre}/staff`), /отсутствует до 30\.06\.2024/, 'and the line is clear');
  is((await get('head1', `/bodies/${centre}/absences`)).json.items.length, (await get('head1', `/bodies/${centre}/absences`)).json.items.filter((x) => x.worker).length, 'the head reads all');
});

const load = async (id) => (await get('head1', '/caseload')).json.workers.find((w) => w.id === id);
const cases = (id) => one(`select count(*) as n from case_file where account_id = ${id} and state <> 'closed'`).n;

await part('caseloads', async () => {
  const before = [await load(w1.id), await load(w2.id), await load(w3.id)];
  is(before[0].cases, cases(w1.id), 'open cases are counted');
  ok(before[0].cases >= 2, `the worker has cases (${before[0].cases})`);
  is((await post('head1', '/caseload', { from: String(w1.id) })).status, 422, 'somebody takes over');
  is((await post('head1', '/caseload', { from: String(w1.id), to: String(account('social2').id) })).status, 422, 'of the same body');
  is((await post('head2', '/caseload', { from: String(w1.id), to: String(account('social2').id) })).status, 404, 'the head of another body finds nobody');
  is(cases(w1.id), before[0].cases, 'and nothing has moved');
  const r = await post('head1', '/caseload', { from: String(w1.id), to: [String(w2.id), String(w3.id)] });
  ok(r.status < 300, 'to two evenly', r.text.slice(0, 300));
  const after = [await load(w1.id), await load(w2.id), await load(w3.id)];
  is([after[0].cases, after[0].programmes, after[0].referrals], [0, 0, 0], 'nothing is left');
  const got = [after[1].cases - before[1].cases, after[2].cases - before[2].cases];
  is(got[0] + got[1], before[0].cases, 'everything has arrived');
  ok(Math.abs(got[0] - got[1]) <= 1, `evenly: ${got}`);
  for (const k of ['programmes', 'referrals']) is(after[1][k] + after[2][k], before[0][k] + before[1][k] + before[2][k], `all ${k} too`);
  const told = events('case.passed');
  is(told.length, before[0].cases, 'each case has its event');
  const line = await get('head1', `/cases/${told[0].case_id}/timeline`);
  like(line.text, /case\.passed/, 'in its timeline');
  is(events('caseload.passed').length, 1, 'and one of the whole');
  is(register.rows(`select g.id from programme g join case_file c on c.id = g.case_id where g.body_id = ${centre} and g.state <> 'closed' and c.state <> 'closed' and g.account_id <> c.account_id and g.account_id in (${w2.id}, ${w3.id}) and c.account_id in (${w2.id}, ${w3.id}) and g.id in (select object_id from event where kind = 'programme.passed')`).length, 0, 'programmes went with their cases');
  const browser = await server.client().signIn('head1');
  const again = await browser.submit('/caseload', '/caseload', { from: String(w2.id), to: String(w1.id) });
  const shown = await browser.get(again.headers.location ?? again.headers.get?.('location'));
  like(shown.text, /было \d/, 'the page shows what it was before');
});

await part('restricted persons', async () => {
  const c = one(`select id, person_id from case_file where account_id = ${w1.id} and state <> 'closed' order by id limit 1`);
  const n = cases(w1.id);
  const r = await post('head1', `/persons/${c.person_id}/restrictions`, { reason: 'victim', words: 'Постановление № 3', account: String(w1.id) });
  is(r.status, 201, 'the head restricts a person to himself and one worker', r.text.slice(0, 300));
  const pass = await post('head1', '/caseload', { from: String(w1.id), to: String(w3.id) });
  is(pass.status, 409, 'his work does not pass to who may not know of the person', pass.text.slice(0, 300));
  is(cases(w1.id), n, 'nothing of it');
  const x = one('select id, version from restriction order by id desc limit 1');
  ok((await post('head1', `/restrictions/${x.id}/lift`, { version: String(x.version) })).status < 300, 'lifted');
});

await part('a worker leaves', async () => {
  const who = w1;
  const admin = await server.client().signIn('admin');
  const end = (more) => admin.submit(`/accounts/${who.id}`, `/accounts/${who.id}`, { active: '0', ...more });
  const n = cases(w1.id);
  ok(n > 0, `he has ${n} cases`);
  let r = await end({});
  is(r.status, 422, 'not while work is open');
  like(/<div class="govuk-error-summary"[^]*?<\/ul>/.exec(r.text)?.[0], new RegExp(`дел: ${n}`), 'the administrator is told how much');
  is((await end({ substitute_id: String(account('social2').id) })).status, 422, 'nobody of another body takes over');
  r = await end({ substitute_id: String(w3.id) });
  is(r.status, 303, 'with who takes over');
  is([cases(w1.id), one(`select active, unit_id from account where id = ${w1.id}`).active], [0, 0], 'the work has passed, the account is ended');
  is(one(`select count(*) as n from unit where head_account_id = ${w1.id}`).n, 0, 'he heads nothing any more');
});

await part('pause of the intake', async () => {
  const charity = account('ngo1').body_id;
  const body = account('social2').body_id;
  is((await post('social2', `/bodies/${body}/pause`, { paused_until: '01.07.2024', pause_reason: 'нет мест', version: version('body', body) })).status, 404, 'not by a worker');
  is((await post('head1', `/bodies/${body}/pause`, { paused_until: '01.07.2024', pause_reason: 'нет мест', version: version('body', body) })).status, 404, 'not by another head');
  is((await post('head2', `/bodies/${body}/pause`, { paused_until: '01.07.2024', version: version('body', body) })).status, 422, 'with a reason');
  is((await post('head2', `/bodies/${body}/pause`, { paused_until: '01.06.2024', pause_reason: 'x', version: version('body', body) })).status, 422, 'not in the past');
  ok((await post('head2', `/bodies/${body}/pause`, { paused_until: '01.07.2024', pause_reason: 'Нет свободных мест', version: version('body', body) })).status < 300, 'by its head');
  like(await page('employment1', `/bodies/${body}`), /приём приостановлен до 01\.07\.2024[^]*Нет свободных мест/, 'everybody reads it on the card');
  like(await page('employment1', '/bodies?kind=social_centre'), /приём приостановлен до 01\.07\.2024/, 'and in the list');
  ok((await post('admin', `/bodies/${charity}/pause`, { paused_until: '01.07.2024', pause_reason: 'ремонт', version: version('body', charity) })).status < 300, 'the administrator of any body');
  for (const b of [charity, body]) ok((await post('admin', `/bodies/${b}/pause`, { version: version('body', b) })).status < 300, 'and ends it');
  is(events('body.resumed').length, 2, 'with events');
});

const bodyForm = (id, more) => {
  const b = one(`select * from body where id = ${id}`);
  return { name: b.name, kind: b.kind, district_id: b.district_id ? String(b.district_id) : '', phone: '', address: '', contact: b.contact ?? '', head_account_id: b.head_account_id ? String(b.head_account_id) : '', coordinator_id: b.coordinator_id ? String(b.coordinator_id) : '', active: '1', version: String(b.version), ...more };
};

await part('a body is renamed', async () => {
  const id = account('narcology1').body_id, was = one(`select name from body where id = ${id}`).name;
  ok((await post('admin', `/bodies/${id}`, bodyForm(id, { name: 'Областной центр лечения зависимостей' }))).status < 300, 'by the administrator');
  const found = await get('admin', `/bodies?name=${encodeURIComponent('наркологический диспансер')}`);
  is(found.json.items.map((b) => b.name), ['Областной центр лечения зависимостей'], 'found by the former name');
  like(await page('admin', `/bodies/${id}`), new RegExp(`Прежние названия[^]*${was}[^]*по 13\\.06\\.2024`), 'the card shows it with its day');
  is((await post('admin', `/bodies/${id}`, bodyForm(id, { head_account_id: String(w2.id) }))).status, 422, 'who heads it works there');
  is((await post('admin', `/bodies/${id}`, bodyForm(id, { coordinator_id: String(id) }))).status, 422, 'it does not coordinate itself');
});

await part('a body is closed', async () => {
  const to = other; // another social centre
  const open = (body) => one(`select (select count(*) from case_file where body_id = ${body} and state <> 'closed') as cases,
    (select count(*) from programme where body_id = ${body} and state <> 'closed') as programmes,
    (select count(*) from referral where to_body_id = ${body} and state in ('sent', 'accepted')) as received,
    (select count(*) from referral where from_body_id = ${body} and state in ('sent', 'accepted')) as sent`);
  const was = open(centre), had = open(to);
  ok(was.cases && was.programmes && was.received && was.sent, 'the centre has work of each kind', JSON.stringify(was));
  let r = await post('admin', `/bodies/${centre}`, bodyForm(centre, { active: '0' }));
  is(r.status, 422, 'not with open work and nobody after it');
  for (const words of [`дел: ${was.cases}`, `программ: ${was.programmes}`, `полученных направлений: ${was.received}`, `отправленных направлений: ${was.sent}`])
    like(r.text, new RegExp(words), `told: ${words}`);
  is((await post('admin', `/bodies/${centre}`, bodyForm(centre, { active: '0', successor_id: String(account('ngo1').body_id) }))).status, 422, 'the successor is of the same kind');
  is((await post('admin', `/bodies/${centre}`, bodyForm(centre, { active: '0', successor_id: String(centre) }))).status, 422, 'and another body');
  is(open(centre), was, 'nothing has moved');
  const due = register.rows(`select id, due_on, from_body_id, to_body_id from referral where to_body_id = ${centre} and state in ('sent', 'accepted') order by id`);
  const between = due.filter((d) => d.from_body_id === to).length + one(`select count(*) as n from referral where from_body_id = ${centre} and to_body_id = ${to} and state in ('sent', 'accepted')`).n;
  const led = register.rows(`select c.id, c.person_id from case_file c where c.body_id = ${centre} and c.state <> 'closed' order by c.id limit 5`);
  const consents = register.rows(`select id from consent where to_body_id = ${centre} and withdrawn_on is null and until >= '2024-06-14'`);
  const began = Date.now();
  r = await post('admin', `/bodies/${centre}`, bodyForm(centre, { active: '0', successor_id: String(to) }));
  console.log(`# closed in ${Date.now() - began} ms: ${JSON.stringify(was)}`);
  ok(r.status < 300, 'with a successor', r.text.slice(0, 500));
  const now = open(to);
  is(open(centre), { cases: 0, programmes: 0, received: 0, sent: 0 }, 'nothing is left');
  is([now.cases, now.programmes, now.received + now.sent], [had.cases + was.cases, had.programmes + was.programmes, had.received + had.sent + was.received + was.sent - 2 * between], 'everything has arrived');
  for (const d of due.filter((x) => x.from_body_id !== to)) {
    const at = one(`select to_body_id, due_on from referral where id = ${d.id}`);
    is([at.to_body_id, String(at.due_on)], [to, String(d.due_on)], 're-addressed, the date due stays');
  }
  const told = events('referral.readdressed');
  is(told.map((e) => e.other_body_id).sort(), due.filter((x) => x.from_body_id !== to).map((d) => d.from_body_id).sort(), 'each sender is told');
  for (const c of led) is((await get('head2', `/cases/${c.id}`)).status, 200, 'the successor opens the case');
  for (const c of led) is((await get('head1', `/cases/${c.id}`)).status, 404, 'the closed body does not');
  is(register.rows(`select g.id from access_grant g where g.body_id = ${centre} and g.ended_at is null and g.fact in ('case_own', 'case_closed', 'referral_sent', 'referral_accepted', 'referral_sender', 'family_member', 'consent')`).length, 0, 'no grant of work stays behind');
  is(events('consent.recipient_closed').length, consents.length, 'consents to it have ended, and it is said');
  const place = one(`select district_id from body where id = ${centre}`).district_id;
  ok(place, 'the district of the closed body');
  const p = one(`select p.id from person p join access a on a.person_id = p.id where a.body_id = ${account('penal1').body_id} and p.district_id = ${place} order by p.id limit 1`);
  if (p) {
    const sent = await post('penal1', '/referrals', { person: String(p.id), to_body_id: '', need: 'social_support', ground: 'powers', term: '5', note: '' });
    if (sent.status === 201) is(one('select to_body_id from referral order by id desc limit 1').to_body_id, to, 'the district is the successor\'s');
    else ok(sent.status === 422, 'a referral to the district', sent.text.slice(0, 400));
  }
  like(await page('admin', `/bodies/${centre}`), /Правопреемник/, 'the card names the successor');
});

await part('agreements', async () => {
  const ngo1 = account('ngo1').body_id, ngo4 = account('ngo4').body_id, jobs = account('employment1').body_id;
  const person = one(`select p.id from person p join access a on a.person_id = p.id where a.body_id = ${other} and p.lead_body_id = ${other} order by p.id limit 1`).id;
  const send = (to) => post('social2', '/referrals', { person: String(person), to_body_id: String(to), need: 'documents', ground: 'social_442', term: '5', note: '' });
  is((await send(ngo1)).status, 201, 'under an agreement in force');
  let r = await send(ngo4);
  is(r.status, 409, 'not under an expired one');
  like(r.text, /Срок соглашения № 9-С с этим органом истёк 05\.05\.2024/, 'and it is named', r.text.slice(0, 400));
  r = await send(account('ngo2').body_id);
  like(r.text, /только по соглашению/, 'nor without any');
  const g = { kind: 'agreement', number: '21-С', signed_on: '10.06.2024', subject: 'Документы', since: '14.06.2024', until: '31.12.2024' };
  for (const login of ['head1', 'head2', 'social2', 'admin', 'ngo4', 'analyst']) is((await post(login, '/agreements', g)).status, 403, `${login} records none`);
  is((await post('coordinator', '/agreements', { ...g, until: '01.01.2024' })).status, 422, 'an end before the beginning');
  is((await post('coordinator', '/agreements', g)).status, 201, 'the coordinator does');
  const id = last('agreement'), at = (path = '') => `/agreements/${id}${path}`, v = () => ({ version: version('agreement', id) });
  is((await post('coordinator', at('/sign'), v())).status, 409, 'without parties it is not signed');
  is((await post('coordinator', at('/parties'), { kind: 'social_centre', body_id: String(ngo4), ...v() })).status, 422, 'a party is one thing');
  for (const p of [{ kind: 'social_centre' }, { body_id: String(ngo4) }, { body_id: String(jobs) }]) is((await post('coordinator', at('/parties'), { ...p, ...v() })).status < 300, true, `party ${Object.values(p)[0]}`);
  is((await post('coordinator', at('/parties'), { kind: 'social_centre', ...v() })).status, 422, 'not twice');
  is((await post('coordinator', at('/parties'), { kind: 'ngo', version: '1' })).status, 409, 'a stale draft');
  const rows = (await get('coordinator', at())).json.parties;
  ok((await post('coordinator', at('/drop'), { party: String(rows[2].id), ...v() })).status < 300, 'a wrong party is removed');
  is((await post('coordinator', at('/sign'), v())).status, 409, 'nor without what it carries');
  is((await post('coordinator', at('/carries'), { need: 'documents', scheme: 'x', ...v() })).status, 422, 'one at a time');
  ok((await post('coordinator', at('/carries'), { need: 'documents', ...v() })).status < 300, 'a need');
  is((await send(ngo4)).status, 409, 'a draft opens nothing');
  ok((await post('coordinator', at('/sign'), v())).status < 300, 'in force');
  is((await send(ngo4)).status, 201, 'now it is sent');
  const running = last('referral');
  is((await post('coordinator', at('/parties'), { kind: 'ngo', ...v() })).status, 409, 'parties of a signed one stand');
  is((await get('head2', at())).status, 200, 'the head of a party reads it');
  is((await post('head2', at('/end'), { ended_on: '14.06.2024', end_reason: 'x', ...v() })).status, 403, 'and changes nothing');
  const foreign = one("select id from agreement where number = '7-С'").id;
  register.exec([`update agreement_party set kind = 'police' where agreement_id = ${foreign} and kind = 'social_centre'`]);
  is((await get('head2', `/agreements/${foreign}`)).status, 404, 'of others he reads nothing');
  const own = (await get('head2', `/bodies/${other}/agreements`)).json.items.map((x) => x.id);
  ok(own.includes(id) && !own.includes(foreign), 'nor in the list');
  is((await post('coordinator', at('/end'), { ended_on: '14.06.2024', ...v() })).status, 422, 'an early end has a reason');
  is((await post('coordinator', at('/end'), { ended_on: '01.06.2024', end_reason: 'x', ...v() })).status, 422, 'and is not before the beginning');
  ok((await post('coordinator', at('/end'), { ended_on: '14.06.2024', end_reason: 'Организация ликвидируется', ...v() })).status < 300, 'ended early');
  r = await send(ngo4);
  is(r.status, 409, 'new ones stop');
  like(r.text, /№ 21-С с этим органом прекращено 14\.06\.2024/, 'with the word why', r.text.slice(0, 400));
  is(one(`select state from referral where id = ${running}`).state, 'sent', 'running ones go on');
  is((await post('ngo4', `/referrals/${running}/accept`, { version: version('referral', running) })).status < 300, true, 'and are accepted');
  like(await page('coordinator', '/agreements'), /Заканчивается 30\.06\.2024[^]*|Истекло 05\.05\.2024/, 'the list reminds');
  like(await page('coordinator', `/agreements/${foreign}`), /Соглашение заканчивается 30\.06\.2024/, 'and the card');
  is((await get('coordinator', '/agreements?state=draft')).json.items.every((x) => x.state === 'draft'), true, 'filtered');
  like((await client('coordinator').get('/agreements?format=csv')).text, /118-п\/44/, 'as a table');
});

await part('the register is whole', async () => {
  await server.stop();
  const check = register.run(['check']);
  is(check.status, 0, 'bereg check finds nothing', check.out.slice(-800));
});

const said = register.servers.map((s) => s.err).join('');
ok(!/Sanitizer|runtime error/.test(said), 'the sanitizers have nothing to say', said.slice(-1500));
await register.drop();
finish();
