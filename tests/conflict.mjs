// Two at the same thing at once: the same card, the same referral, the same form sent twice.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/conflict.mjs
import { ENGINE, Register } from './lib/server.mjs';
import { Client } from './lib/client.mjs';
import { finish, is, like, note, ok, part } from './lib/tap.mjs';

const TRIES = 20;
const began = Date.now();
const register = Register.demo({ persons: 300, seed: 5, name: 'conflict' });
const server = await register.serve();
const one = (sql) => register.rows(sql)[0];

// Two people of one social centre that knows many persons, and an operator who sends there.
const centre = one(`select b.id, b.district_id from body b join access a on a.body_id = b.id where b.kind = 'social_centre'
  and (select count(*) from account c where c.body_id = b.id and c.active = 1 and c.role in ('social_worker', 'centre_head')) >= 2
  group by b.id, b.district_id order by count(*) desc, b.id limit 1`);
const staff = register.rows(`select login, id from account where body_id = ${centre.id} and active = 1 and role in ('social_worker', 'centre_head')
  order by role desc, id limit 2`);
const operator = one(`select c.login, c.body_id from account c join access a on a.body_id = c.body_id where c.role = 'penal_operator' and c.active = 1
  group by c.login, c.body_id order by count(*) desc, c.login limit 1`);
const [anna, boris] = await Promise.all(staff.map((s) => new Client(server.base).signIn(s.login)));
const annaApi = new Client(server.base, { token: register.token(staff[0].login) });
const borisApi = new Client(server.base, { token: register.token(staff[1].login) });
const operatorApi = new Client(server.base, { token: register.token(operator.login) });
const known = (body) => register.rows(`select person_id as id from access where body_id = ${body} and bits & 14 = 14 order by person_id`).map((r) => r.id);
const persons = known(centre.id);
note(`${ENGINE}: ${persons.length} persons of the centre, ready after ${Date.now() - began} ms`);

await part('the same card', async () => {
  const p = persons[0];
  const at = `/persons/${p}/edit`;
  const [first, second] = [await anna.get(at), await boris.get(at)];
  is([first.status, second.status], [200, 200], 'both open the form');
  const a = await anna.submit(first, at, { address: 'Морская ул., д. 1', birth_place: 'г. Первый' });
  is([a.status, a.location], [303, `/persons/${p}`], 'the first is saved');
  const b = await boris.submit(second, at, { address: 'Речная ул., д. 2' });
  is(b.status, 409, 'the second is told that the card has changed');
  like(b.text, /Морская ул., д\. 1/, 'and is shown what is saved');
  like(b.text, /Речная ул., д\. 2/, 'and what he wrote');
  is(one(`select address from person where id = ${p}`).address, 'Морская ул., д. 1', 'nothing of his is stored yet');
  const form = b.form(at);
  ok(form && (form.choices.address ?? []).length === 2, 'he can choose between both', form);
  const version = form.fields.find(([k]) => k === 'version')?.[1];
  ok(Number(version) === one(`select version as v from person where id = ${p}`).v, 'the form carries the new version', version);
  const kept = await boris.submit(b, at, { address: 'Речная ул., д. 2' });
  is(kept.status, 303, 'what he chose is saved');
  const row = one(`select address, birth_place from person where id = ${p}`);
  is(row, { address: 'Речная ул., д. 2', birth_place: 'г. Первый' }, 'his choice stands, and so does the field that only the first changed');
  const again = await anna.get(at);
  await boris.submit(at, at, { address: 'Речная ул., д. 4' });
  const third = await anna.submit(again, at, { address: 'Морская ул., д. 3' });
  is(third.status, 409, 'the other way round too');
  const left = await anna.submit(third, at, {});
  ok(left.status === 303 && one(`select address from person where id = ${p}`).address === 'Речная ул., д. 4',
    'sent as it is, the choice leaves what is saved');
});

await part('the same card by the API', async () => {
  const p = persons[1];
  const get = await annaApi.get(`/api/v1/persons/${p}`);
  const tag = get.headers.etag;
  like(tag ?? '', /^"v\d+"$/, 'the object has an ETag');
  const good = await annaApi.postJson(`/api/v1/persons/${p}/edit`, { ...editOf(get.json), phone: '+79001234567' }, { headers: { 'if-match': tag } });
  is(good.status, 201, 'If-Match of the version that stands: changed');
  const stale = await borisApi.postJson(`/api/v1/persons/${p}/edit`, { ...editOf(get.json), phone: '+79001234568' },
    { headers: { 'if-match': tag } });
  is([stale.status, stale.type], [412, 'application/problem+json'], 'If-Match of an older one: 412');
  const version = Number(/\d+/.exec(tag)[0]);
  const old = await borisApi.postJson(`/api/v1/persons/${p}/edit`, { ...editOf(get.json), phone: '+79001234568', version });
  is([old.status, old.type], [409, 'application/problem+json'], 'an older version in the body: 409');
  is((await borisApi.postJson(`/api/v1/persons/${p}/edit`, editOf(get.json), { headers: { 'if-match': 'nonsense' } })).status, 412,
    'an If-Match that is none of ours: 412');
  is(one(`select phone from person where id = ${p}`).phone, '+79001234567', 'the first change stands');
});

function editOf(o) {
  const out = {};
  for (const k of ['family_name', 'given_name', 'patronymic', 'birth_date', 'sex', 'birth_place', 'identity_status', 'snils', 'iin', 'death_date',
    'district_id', 'address', 'phone']) {
    if (o[k] !== undefined && o[k] !== null) out[k] = o[k];
  }
  return out;
}

await part('two corrections at once', async () => {
  const bad = [];
  for (let i = 0; i < TRIES; i += 1) {
    const p = persons[2 + (i % (persons.length - 2))];
    const at = `/persons/${p}/edit`;
    const [x, y] = await Promise.all([anna.get(at), boris.get(at)]);
    const before = one(`select version as v from person where id = ${p}`).v;
    const answers = await Promise.all([anna.submit(x, at, { address: `Анна ${i}` }), boris.submit(y, at, { address: `Борис ${i}` })]);
    const s = answers.map((a) => a.status).sort().join();
    const row = one(`select version as v, address from person where id = ${p}`);
    const winner = answers[0].status === 303 ? `Анна ${i}` : `Борис ${i}`;
    if (s !== '303,409' || row.v !== before + 1 || row.address !== winner) bad.push(`person ${p}: ${s}, version ${before} → ${row.v}, ${row.address}`);
  }
  ok(bad.length === 0, `${TRIES} times exactly one of two corrections wins, and it is the one that was told so`, bad.join('\n'));
});

// ---- referrals ----

const sendable = known(operator.body_id);
let nextPerson = 0;
async function send(n) {
  const before = one('select coalesce(max(id), 0) as id from referral').id;
  const chosen = [...Array(n)].map(() => sendable[nextPerson++ % sendable.length]);
  const ground = register.rows("select key from pack_entry where kind = 'code' and key like 'legal_basis %' order by ord limit 1")[0].key.split(' ')[1];
  const pairs = [...chosen.map((p) => ['person', p]), ['to_body_id', centre.id], ['need', 'social_support'], ['ground', ground], ['term', 5], ['note',
    'Прошу принять']];
  const a = await operatorApi.request('POST', '/api/v1/referrals', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: pairs.map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&'),
  });
  if (a.status !== 201) throw new Error(`referrals are not sent: ${a.status} ${a.text.slice(0, 500)}`);
  return register.rows(`select id, version, person_id from referral where id > ${before} order by id`);
}

await part('two accept one referral', async () => {
  const referrals = await send(TRIES);
  is(referrals.length, TRIES, 'referrals are sent');
  const bad = [];
  for (const [i, r] of referrals.entries()) {
    const cases = one(`select count(*) as n from case_file where person_id = ${r.person_id} and body_id = ${centre.id}`).n;
    const by = i % 2
      ? [annaApi, borisApi].map((c) => c.postJson(`/api/v1/referrals/${r.id}/accept`, { version: r.version }))
      : [anna, boris].map((c) => c.post(`/referrals/${r.id}/accept`, { version: r.version }));
    const answers = await Promise.all(by);
    const s = answers.map((a) => a.status);
    const wins = s.filter((x) => x === 303 || x === 201).length;
    const row = one(`select state, to_account_id as who, case_id from referral where id = ${r.id}`);
    const events = one(`select count(*) as n from event where kind = 'referral.accepted' and object_id = ${r.id}`).n;
    const grants = one(`select count(*) as n from access_grant where ref = 'referral' and ref_id = ${r.id} and body_id = ${centre.id} and fact = 'referral_accepted' and ended_at is null`).n;
    const opened = one(`select count(*) as n from case_file where person_id = ${r.person_id} and body_id = ${centre.id}`).n - cases;
    const winner = staff[s.findIndex((x) => x === 303 || x === 201)]?.id;
    if (wins !== 1 || s.filter((x) => x === 409).length !== 1 || row.state !== 'accepted' || row.who !== winner || events !== 1 || grants !== 1
      || opened > 1) {
      bad.push(`referral ${r.id}: ${s}, ${row.state}, ${events} events, ${grants} grants, ${opened} cases`);
    }
  }
  ok(bad.length === 0, `${TRIES} times exactly one of two accepts`, bad.join('\n'));
});

await part('one accepts while the sender withdraws', async () => {
  const referrals = await send(10);
  const bad = [];
  for (const r of referrals) {
    const [a, w] = await Promise.all([annaApi.postJson(`/api/v1/referrals/${r.id}/accept`, { version: r.version }),
      operatorApi.postJson(`/api/v1/referrals/${r.id}/withdraw`, { version: r.version })]);
    const state = one(`select state from referral where id = ${r.id}`).state;
    const live = one(`select count(*) as n from access_grant where ref = 'referral' and ref_id = ${r.id} and ended_at is null and body_id = ${centre.id}`).n;
    const good = (a.status === 201 && w.status === 409 && state === 'accepted' && live === 1) || (a.status === 409 && w.status === 201
      && state === 'withdrawn' && live === 0)
      || (a.status === 404 && w.status === 201 && state === 'withdrawn' && live === 0);
    if (!good) bad.push(`referral ${r.id}: accept ${a.status}, withdraw ${w.status}, ${state}, ${live} grants`);
  }
  ok(bad.length === 0, '10 times one of both wins, and the grants follow it', bad.join('\n'));
});

await part('one accepts while another declines', async () => {
  const referrals = await send(10);
  const bad = [];
  for (const r of referrals) {
    const [a, d] = await Promise.all([annaApi.postJson(`/api/v1/referrals/${r.id}/accept`, { version: r.version }),
      borisApi.postJson(`/api/v1/referrals/${r.id}/decline`, { version: r.version, decline_reason: 'no_capacity' })]);
    const state = one(`select state from referral where id = ${r.id}`).state;
    const wins = [a, d].filter((x) => x.status === 201).length;
    if (wins !== 1 || state !== (a.status === 201 ? 'accepted' : 'declined')) bad.push(`referral ${r.id}: accept ${a.status}, decline ${d.status}, ${state}`);
  }
  ok(bad.length === 0, '10 times one of both wins', bad.join('\n'));
});

// ---- the same form twice ----

await part('a form sent twice at once', async () => {
  const bad = [];
  for (let i = 0; i < 10; i += 1) {
    const page = await anna.get('/persons/new');
    const form = page.form('/persons');
    ok(i > 0 || form.fields.some(([k, v]) => k === 'key' && v), 'the form carries a key', form.fields);
    const given = { family_name: `Дважды${'абвгдежзик'[i]}`, given_name: 'Пётр', birth_date: '05.09.1985', twin: 'another', sex: 'male', category: 'homeless',
      channel: 'self', since: '14.06.2024' };
    const fields = [...form.fields.filter(([k]) => !(k in given)), ...Object.entries(given)];
    const answers = await Promise.all([anna.post('/persons', fields), anna.post('/persons', fields), anna.post('/persons', fields)]);
    const n = one(`select count(*) as n from person where family_name = '${given.family_name}'`).n;
    const places = new Set(answers.map((a) => a.location));
    if (n !== 1 || answers.some((a) => a.status !== 303) || places.size !== 1) bad.push(`${given.family_name}: ${answers.map((a) => `${a.status} ${a.location}`)}, ${n} persons`);
    const late = await anna.post('/persons', fields);
    if (late.status !== 303 || !places.has(late.location)) bad.push(`${given.family_name}: later ${late.status} ${late.location}`);
  }
  ok(bad.length === 0, '10 forms sent thrice at once and once later make one person each', bad.join('\n'));
});

await part('one idempotency key, at once', async () => {
  const bad = [];
  const p = persons[0];
  for (let i = 0; i < 10; i += 1) {
    const key = `conflict-${process.pid}-${i}`;
    const body = { person: p, kind: 'consultation', day: `2012-03-${10 + i}`, note: `Ключ ${i}` };
    const answers = await Promise.all([...Array(4)].map(() => annaApi.postJson('/api/v1/services', body, { headers: { 'idempotency-key': key } })));
    const n = one(`select count(*) as n from service where day = '2012-03-${10 + i}'`).n;
    const texts = new Set(answers.map((a) => a.text));
    if (n !== 1 || answers.some((a) => a.status !== 201) || texts.size !== 1) bad.push(`${key}: ${answers.map((a) => a.status)}, ${n} services, ${texts.size} different answers`);
    const other = await annaApi.postJson('/api/v1/services', { ...body, note: 'Другое' }, { headers: { 'idempotency-key': key } });
    if (other.status !== 422) bad.push(`${key}: another body is answered with ${other.status}`);
    const foreign = await borisApi.postJson('/api/v1/services', { ...body, note: `Чужой ключ ${i}` }, { headers: { 'idempotency-key': key } });
    if (foreign.status !== 201) bad.push(`${key}: the same key of another account is answered with ${foreign.status}`);
  }
  ok(bad.length === 0, '10 keys sent four times at once make one service each; another body 422; another account has its own keys', bad.join('\n'));
});

// ---- numbers, closing ----

await part('numbers', async () => {
  const before = one('select coalesce(max(id), 0) as id from case_file').id;
  // their own persons without an open case
  const free = register.rows(`select a.person_id as id from access a where a.body_id = ${centre.id} and a.bits & 14 = 14 and not exists
    (select 1 from case_file c where c.person_id = a.person_id and c.body_id = a.body_id and c.state not in ('closed',
      'follow_up')) order by a.person_id limit 20`);
  const answers = await Promise.all(free.map((p, i) => (i % 2 ? annaApi : borisApi).postJson('/api/v1/cases', { person: p.id, channel: 'self' })));
  ok(answers.every((a) => a.status === 201), `${free.length} cases are opened at once`,
    answers.filter((a) => a.status !== 201).map((a) => `${a.status} ${a.text.slice(0, 200)}`).join('\n'));
  const numbers = register.rows(`select number from case_file where id > ${before} order by number`).map((r) => Number(/(\d+)$/.exec(r.number)[1]));
  ok(numbers.length === free.length && numbers.every((n, i) => i === 0 || n === numbers[i - 1] + 1), 'their numbers have no gaps', numbers.join(' '));
  const twice = free[0] && await Promise.all([...Array(4)].map((_, i) => (i % 2 ? annaApi : borisApi).postJson('/api/v1/cases', { person: free[0].id,
    channel: 'self' })));
  const open = free[0] && one(`select count(*) as n from case_file where person_id = ${free[0].id} and body_id = ${centre.id} and state not in ('closed', 'follow_up')`).n;
  ok(!free[0] || open === 1, 'a second case of the same person in the same body is not opened', `${open} open: ${twice?.map((a) => a.status)}`);
});

await part('one case closed by two', async () => {
  const rows = register.rows(`select c.id, c.version, c.person_id from case_file c where c.body_id = ${centre.id} and c.state = 'registered' order by c.id desc limit 8`);
  const bad = [];
  for (const c of rows) {
    const body = { version: c.version, closed_on: '2024-06-14', outcome: 'moved' };
    const answers = await Promise.all([annaApi, borisApi].map((x) => x.postJson(`/api/v1/cases/${c.id}/close`, body)));
    const s = answers.map((a) => a.status).sort().join();
    const events = one(`select count(*) as n from event where kind = 'case.closed' and case_id = ${c.id}`).n;
    if (s !== '201,409' || events !== 1) bad.push(`case ${c.id}: ${s}, ${events} events: ${answers.map((a) => a.text.slice(0, 160))}`);
  }
  ok(rows.length > 0 && bad.length === 0, `${rows.length} cases are closed once`, bad.join('\n'));
});

await part('a case is not closed before it was opened', async () => {
  const c = one(`select id, version, opened_on from case_file where body_id = ${centre.id} and state not in ('closed', 'follow_up') order by id limit 1`);
  const before = new Date(Date.parse(String(c.opened_on).slice(0, 10)) - 86400000).toISOString().slice(0, 10);
  const a = await annaApi.postJson(`/api/v1/cases/${c.id}/close`, { version: c.version, closed_on: before, outcome: 'moved' });
  is(a.status, 422, 'it says when it was opened');
  like(a.text, /открыто позже|opened later/, 'in words');
});

await part('old versions of other objects', async () => {
  const c = one(`select id, version from case_file where body_id = ${centre.id} and state not in ('closed', 'follow_up') order by id limit 1`);
  register.exec(`update case_file set version = version + 1 where id = ${c.id}`);
  const body = { closed_on: '2024-06-14', outcome: 'moved' };
  is((await annaApi.postJson(`/api/v1/cases/${c.id}/close`, { ...body, version: c.version })).status, 409, 'a case closed by an old version: 409');
  is((await annaApi.postJson(`/api/v1/cases/${c.id}/close`, body, { headers: { 'if-match': `"v${c.version}"` } })).status, 412,
    'by an old If-Match: 412');
  const g = one(`select id, version from programme where body_id = ${centre.id} and state <> 'closed' order by id limit 1`);
  register.exec(`update programme set version = version + 1 where id = ${g.id}`);
  is((await annaApi.postJson(`/api/v1/programmes/${g.id}/edit`, { starts_on: '2024-01-10', version: g.version })).status, 409,
    'a programme changed by an old version: 409');
  const page = await anna.get(`/cases/${c.id}/close`);
  register.exec(`update case_file set version = version + 1 where id = ${c.id}`);
  const late = await anna.submit(page, `/cases/${c.id}/close`, { closed_on: '14.06.2024', outcome: 'moved', outcome_note: 'Уехал к сестре' });
  is(late.status, 409, 'a page that is old: 409');
  ok(late.text.includes('Уехал к сестре'), 'what was typed is kept');
  is(one(`select state from case_file where id = ${c.id}`).state === 'closed', false, 'and the case stands open');
});

await part('many at once', async () => {
  // readers and writers together: nobody fails, nobody waits for ever
  const began_ = Date.now();
  const jobs = [...Array(60)].map((_, i) => {
    const p = persons[i % persons.length];
    if (i % 3 === 0) return annaApi.postJson('/api/v1/services', { person: p, kind: 'consultation', day: '2012-02-03', note: `Вместе ${i}` });
    return (i % 3 === 1 ? anna : boris).get(i % 2 ? `/persons/${p}` : '/inbox');
  });
  const answers = await Promise.all(jobs);
  ok(answers.every((a) => a.status === 200 || a.status === 201), '60 readers and writers at once are all served',
    [...new Set(answers.map((a) => a.status))].join());
  is(one("select count(*) as n from service where day = '2012-02-03'").n, 20, 'each write is there once');
  ok(Date.now() - began_ < 20000, 'in time', `${Date.now() - began_} ms`);
});

const status = await server.stop();
ok(status === 0, 'the server ends cleanly', `${status}\n${server.err.slice(-3000)}`);
const check = register.run(['check']);
ok(check.status === 0, 'bereg check finds nothing', `${check.out.slice(0, 2000)}${check.err.slice(0, 500)}`);
note(`${Date.now() - began} ms`);
await register.drop();
finish();
