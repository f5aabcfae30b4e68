// Retention: convictions that close on their day, what is due, holds, destruction by an act; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/retention.mjs
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { BEREG, ENGINE, PACKS, Register } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 9, name: 'retention' });
let server = await register.serve();
const users = register.rows('select login, role, body_id as body from account where active = 1 order by id');
const body = users.find((u) => u.login === 'social1').body;
const headLogin = users.find((u) => u.role === 'centre_head' && u.body === body).login;
const otherHead = users.find((u) => u.role === 'centre_head' && u.body !== body).login;
const tokens = new Map(); // by day too: they have a term
const client = (login) => {
  const key = `${login} ${register.now}`;
  if (!tokens.has(key)) tokens.set(key, register.token(login));
  return server.client({ token: tokens.get(key) });
};
const at = async (now) => { await server.stop(); server = await register.serve({ env: { BEREG_NOW: now } }); };
let keys = 0;
const post = (api, path, data) => api.postJson(`/api/v1${path}`, data, { headers: { 'idempotency-key': `retention-${process.pid}-${keys += 1}` } });
const made = async (api, path, data) => {
  const a = await post(api, path, data);
  if (a.status >= 300) throw new Error(`${path}: ${a.status} ${a.text.slice(0, 600)}`);
  return a.json;
};
const pause = (ms) => new Promise((r) => setTimeout(r, ms));
const stderr = [];

// Everything that lies in the register, as bytes.
function dump() {
  if (ENGINE === 'postgres') {
    const bin = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`) : [];
    const r = spawnSync('pg_dump', ['-d', register.url, '--inserts'], { encoding: 'utf8', maxBuffer: 1 << 29, env: { ...process.env, PATH: [...bin, process.env.PATH].join(':') } });
    if (r.status !== 0) throw new Error(r.stderr);
    return r.stdout;
  }
  return ['', '-wal'].map((end) => (fs.existsSync(register.file + end) ? fs.readFileSync(register.file + end).toString('utf8') : '')).join('\n');
}

// ---- convictions ----

const convict = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${users.find((u) => u.login === 'penal1').body}
  where (a.bits & 32) <> 0 and not exists (select 1 from sentence s where s.person_id = p.id) order by p.id limit 1`)[0].id;
const sentenceOf = (article) => register.rows(`select id, version, closes_on as closes, classes from sentence where article = '${article}'`)[0];
const decision = (more) => ({ article: 'ст. 158 ч. 1 (день)', punishment: 'suspended', decided_on: '01.03.2023', ends_on: '20.06.2024', ...more });
const seen = async (api) => {
  const card = (await api.get(`/api/v1/persons/${convict}`)).json;
  const timeline = (await api.get(`/api/v1/persons/${convict}/timeline`)).json;
  const csv = await api.get(`/persons/${convict}/timeline?format=csv`);
  return [card.sentences.map((s) => s.article), timeline.items.filter((e) => e.object === 'sentence').length, /решение суда|решения суда/i.test(csv.text)];
};

await part('the day of closing', async () => {
  const penal = client('penal1');
  const sentences = `/persons/${convict}/sentences`;
  is((await post(penal, sentences, decision({ ends_on: '01.05.2024' }))).status, 422, 'what is spent already is not recorded');
  await made(penal, sentences, decision());
  is(sentenceOf('ст. 158 ч. 1 (день)').closes, '2024-06-21', 'a suspended sentence is spent with its term');
  await made(penal, sentences, decision({ article: 'ст. 161 (тяжесть)', punishment: 'imprisonment', ends_on: '01.06.2024' }));
  const open = sentenceOf('ст. 161 (тяжесть)');
  is(open.closes, null, 'without the gravity of the crime no day is computed');
  ok((await penal.get('/api/v1/sentences')).json.items.some((s) => s.id === open.id), 'and the decision stands in the list of these');
  is((await client('social1').get('/api/v1/sentences')).json.items.filter((s) => s.id === open.id), [], 'of the body that recorded it');
  is((await client('ngo1').get('/api/v1/sentences')).status, 403, 'not of everybody');
  const end = `/sentences/${open.id}`;
  is((await client('ngo1').get(`/api/v1${end}`)).status, 403, 'an NGO does not correct it');
  is((await client(otherHead).get(`/api/v1${end}`)).status, 404, 'nor does who does not know the person');
  await made(penal, end, { ends_on: '01.06.2024', gravity: 'grave', version: open.version });
  is(sentenceOf('ст. 161 (тяжесть)').closes, '2032-06-02', 'a grave crime: eight years behind the term');
  await made(penal, end, { ends_on: '01.06.2024', gravity: 'grave', struck_on: '14.06.2024', version: open.version + 1 });
  is((await seen(penal))[0], ['ст. 158 ч. 1 (день)'], 'struck by a court it is closed at once');
});

await part('the day before, and the day', async () => {
  await at('2024-06-20T23:59:50');
  const penal = client('penal1');
  is((await seen(penal)), [['ст. 158 ч. 1 (день)'], 1, true], 'on its last day the conviction is seen: card, timeline, export');
  await pause(11000);
  is((await seen(penal)), [[], 0, false], 'at midnight it is not, in none of them');
  const id = sentenceOf('ст. 158 ч. 1 (день)').id;
  is((await penal.get(`/api/v1/sentences/${id}`)).status, 404, 'by its number neither');
  is(sentenceOf('ст. 158 ч. 1 (день)').classes, 0, 'and no job has run for it');
  stderr.push(server.err);
  await server.stop();
  is(register.run(['jobs', '--once', '--now', '2024-06-21T01:00']).status, 0, 'the job of the night');
  is(sentenceOf('ст. 158 ч. 1 (день)').classes, 64, 'makes the class that of spent convictions');
  is(register.rows(`select kind, classes & 16383 as classes, day from event where object = 'sentence' and object_id = ${id} order by id desc limit 1`),
    [{ kind: 'sentence.spent', classes: 96, day: '2024-06-21' }], 'and writes it down, for those who read of such');
  register.run(['jobs', '--once', '--now', '2024-06-21T02:00']);
  is(register.rows(`select count(*) as n from event where kind = 'sentence.spent' and object_id = ${id}`)[0].n, 1, 'once');
  server = await register.serve({ env: { BEREG_NOW: '2024-06-21T10:00' } });
  is((await seen(client('penal1'))), [[], 0, false], 'after it nothing is seen either');
});

// ---- what is kept ----

const forbidden = (sql) => { try { register.exec(sql); return false; } catch { return true; } };
await part('the read log is insert-only', async () => {
  ok(forbidden('delete from read') && forbidden('delete from read where id = (select min(id) from read)'), 'by hand no page shown is deleted');
});

const MARK = ['Уничтожимов', 'запись-маркер', 'вывод-маркер', 'потребность-маркер', 'услуга-маркер', 'цель-маркер', 'представитель-маркер',
  'Прозвище-маркер', 'выдавший-маркер', 'установление-маркер', 'примета-маркер'];
const SEALED = ['запись-маркер', 'вывод-маркер', 'потребность-маркер', 'услуга-маркер', 'цель-маркер', 'установление-маркер', 'примета-маркер'];
let person, held, cases;

async function story(family, mark) {
  const social = client('social1');
  const p = await made(social, '/persons', { family_name: family, given_name: 'Пётр', patronymic: 'Ильич', birth_date: '03.04.1980', category: 'homeless', since: '01.06.2024', channel: 'self', signs: `примета-${mark}` });
  await made(social, `/persons/${p.id}/names`, { kind: 'alias', name: `Прозвище-${mark}` });
  await made(social, `/persons/${p.id}/documents`, { kind: 'other', number: '77', issued_by: `выдавший-${mark}`, state: 'valid' });
  await made(social, `/persons/${p.id}/identify`, { version: p.version, identity_status: 'stated', family_name: family, day: '20.06.2024', words: `установление-${mark}` });
  const c = await made(social, '/cases', { person: String(p.id), channel: 'self' });
  await made(social, `/persons/${p.id}/notes`, { day: '20.06.2024', topic: 'general', words: `запись-${mark}` });
  await made(social, `/cases/${c.id}/assessment`, { day: '20.06.2024', summary: `вывод-${mark}`, level_housing: 'urgent', note_housing: `потребность-${mark}` });
  await made(social, '/services', { person: String(p.id), case: String(c.id), kind: 'consultation', day: '20.06.2024', note: `услуга-${mark}` });
  const g = await made(social, `/cases/${c.id}/programmes`, { starts_on: '21.06.2024', ends_on: '21.12.2024' });
  await made(social, `/programmes/${g.id}/goals`, { domain: 'housing', words: `цель-${mark}` });
  await made(social, `/persons/${p.id}/consents`, { to_body_id: String(users.find((u) => u.login === 'employment1').body), purpose: 'employment_help', form: 'paper',
    signed_on: '20.06.2024', until: '20.12.2024', representative: `представитель-${mark}`, authority: 'доверенность' });
  const card = (await social.get(`/api/v1/cases/${c.id}`)).json;
  await made(social, `/cases/${c.id}/close`, { version: card.version, closed_on: '21.06.2024', outcome: 'partly' });
  return { person: p.id, id: c.id, number: c.number };
}

const due = async (api) => Object.fromEntries((await api.get('/api/v1/retention')).json.items.map((k) => [k.kind.code ?? k.kind, [k.due, k.held]]));

await part('what is due', async () => {
  const a = await story('Уничтожимов', 'маркер');
  const b = await story('Удержанов', 'удержан');
  [person, held, cases] = [a.person, b.person, [a, b]];
  for (const m of MARK) is(dump().includes(m), !SEALED.includes(m), `the register holds ${m}${SEALED.includes(m) ? ', sealed' : ''}`);
  is(Object.values(await due(client('social1'))).filter(([n]) => n).length, 0, 'on the day of closing nothing is due');
  await at('2029-12-31T10:00');
  const dueCases = async () => (await client('social1').get('/api/v1/retention/due?kind=case_file')).json.items.map((r) => r.number);
  ok(!(await dueCases()).includes(a.id), 'nor on the last day of the fifth year behind the year of closing');
  await at('2030-01-01T10:00');
  const now = await due(client('social1'));
  ok((await dueCases()).includes(a.id) && now.note[0] >= 2, 'on the next day it is', JSON.stringify(now));
  const rows = (await client('social1').get('/api/v1/retention/due?kind=case_file')).json.items;
  ok(rows.some((r) => r.person_id === person || r.family_name === 'Уничтожимов'), 'the drill-down names the rows', JSON.stringify(rows).slice(0, 300));
  is((await client(otherHead).get('/api/v1/retention/due?kind=case_file')).json.items.filter((r) => rows.some((x) => x.number === r.number)), [], 'of the own body only');
  is((await client('social1').get('/api/v1/retention/due?kind=everything')).status, 404, 'what is not kept is not due');
  for (const login of ['analyst', 'auditor']) is((await client(login).get('/api/v1/retention')).status, 403, `not for ${login}`);
  const rules = await client('auditor').get('/api/v1/retention/rules');
  ok(rules.json.rules.some((r) => r.years === 25) && rules.json.rules.length > 14, 'everybody reads the rules, those of classes too');
});

await part('a hold', async () => {
  const social = client('social1');
  const hold = (api, data) => post(api, `/cases/${cases[1].id}/hold`, data);
  is((await hold(client('ngo1'), { reason: 'court', paper: '1' })).status, 403, 'not by who leads no cases');
  is((await hold(client(otherHead), { reason: 'court', paper: '1' })).status, 404, 'nor by another body');
  for (const [data, why] of [[{ paper: '1' }, 'a reason'], [{ reason: 'court' }, 'a document'], [{ reason: 'court', paper: '1', until: '31.12.2029' }, 'a day to come']])
    is((await hold(social, data)).status, 422, `it needs ${why}`);
  await made(social, `/cases/${cases[1].id}/hold`, { reason: 'court', paper: 'запрос № 7' });
  like((await social.get(`/cases/${cases[1].id}`)).text, /запрос № 7/, 'it stands on the case');
  ok((await due(social)).case_file[1] >= 1, 'and in the figures of what is due');
});

await part('the logs of pages shown and of sign-ins', async () => {
  register.exec(Array.from({ length: 3 }, (_, i) => `insert into sign_in_log (id, at, account_id, way, good, origin) values (${-9 + i}, 1718000000000000 + ${i}, null, 'password', 0, 'a')`));
  await server.client().signIn('social1');
  ok(register.rows(`select count(*) as n from read where at < 1798675200000000`)[0].n > 10, 'pages shown years ago are noted'); // 2026-12-31
  await server.stop();
  register.run(['jobs', '--once', '--now', '2030-01-02T02:00']); // folds them into the index, then
  register.run(['jobs', '--once', '--now', '2030-01-02T02:10']); // drops them
  is(register.rows(`select count(*) as n from read where at < 1798675200000000`)[0].n, 0, 'past their term the job drops them');
  is(register.rows(`select count(*) as n from read_person where read_id not in (select id from read)`)[0].n, 0, 'with their index');
  ok(register.rows(`select count(*) as n from read`)[0].n > 5, 'younger ones stay');
  is(register.rows(`select count(*) as n from sign_in_log where at < 1798675200000000`)[0].n, 0, 'sign-ins too');
  ok(register.rows(`select count(*) as n from sign_in_log`)[0].n > 0, 'younger ones stay');
  is(register.rows(`select distinct kind from event where kind in ('retention.reads', 'retention.sign_ins') order by kind`).map((e) => e.kind), ['retention.reads', 'retention.sign_ins'], 'the log tells how far');
  ok(forbidden(`delete from sign_in_log where id = (select max(id) from sign_in_log)`) && forbidden(`update sign_in_log set way = 'x' where id = (select max(id) from sign_in_log)`), 'what stays cannot be touched');
  ok(forbidden(`delete from read where id = (select max(id) from read)`) && forbidden(`update read set page = 'x' where id = (select max(id) from read)`), 'and cannot be touched');
  server = await register.serve({ env: { BEREG_NOW: '2030-01-01T10:30' } });
});

// ---- the act ----

const actForm = (more) => ({ commission: 'Директор Ив. Иванова\nСпециалист П. Петров', method: 'erasure', ground: 'Истекли сроки хранения', ...more });
const all = async (api) => Object.entries(await due(api)).filter(([, [n]]) => n).map(([k]) => k);
let act;

await part('an act wants two', async () => {
  const [head, social] = [client(headLogin), client('social1')];
  is((await post(client('analyst'), '/retention/acts', actForm({ kind: ['note'] }))).status, 403, 'not by the analyst');
  is((await post(head, '/retention/acts', actForm({ commission: '', kind: ['note'] }))).status, 422, 'somebody destroys');
  is((await post(head, '/retention/acts', actForm())).status, 422, 'something');
  act = await made(head, '/retention/acts', actForm({ kind: await all(head) }));
  like(act.number, /^A-2030-\d{6}$/, 'it has a number');
  is((await post(head, '/retention/acts', actForm({ kind: ['note'] }))).status, 409, 'one at a time');
  is((await post(social, `/retention/acts/${act.id}/confirm`, { version: act.version })).status, 403, 'the specialist does not confirm');
  is((await post(head, `/retention/acts/${act.id}/confirm`, { version: act.version })).status, 409, 'nor who prepared it');
  for (const path of ['', '/rows', '/print']) is((await client(otherHead).get(`/api/v1/retention/acts/${act.id}${path}`)).status, 404, `another body does not see it ${path}`);
  is((await post(client(otherHead), `/retention/acts/${act.id}/confirm`, { version: act.version })).status, 404, 'nor confirms it');
  register.exec(`insert into restriction (version, person_id, body_id, account_id, reason, words, since, ended_at)
    select 2, ${person}, body_id, id, 'victim', 'Заявление', '2024-06-14', 1 from account where login = '${headLogin}'`); // once restricted
  await made(head, `/retention/acts/${act.id}/cancel`, { version: act.version });
  act = await made(social, '/retention/acts', actForm({ kind: await all(head) }));
  ok(register.rows(`select count(*) as n from note where person_id = ${person}`)[0].n === 1, 'a prepared act destroys nothing');
  stderr.push(server.err);
  await server.stop(); // the job is run by hand below
});

const stateOf = (id) => register.rows(`select state from retention_act where id = ${id}`)[0].state;
const gone = () => register.rows('select count(*) as n from retention_row')[0].n;

await part('killed in the middle', async () => {
  // confirmed behind the page, so that no server carries it out before the kill
  register.exec(`update retention_act set state = 'destroying', confirmed_on = prepared_on, version = version + 1, confirmed_by = (select id from account where login = '${headLogin}') where id = ${act.id}`);
  let kills = 0;
  for (let i = 0; i < 40 && stateOf(act.id) === 'destroying'; i += 1) {
    const child = spawn(BEREG, ['jobs', '--once', '--db', register.url], { env: { ...process.env, BEREG_NOW: '2030-01-01T11:00', BEREG_PACKS: PACKS }, stdio: 'ignore' });
    const ended = new Promise((r) => child.on('close', (code, signal) => r(signal)));
    const before = gone();
    for (let k = 0; k < 400 && child.exitCode === null && gone() === before; k += 1) await pause(1);
    child.kill('SIGKILL');
    if (await ended === 'SIGKILL') kills += 1;
    if (kills >= 6) register.run(['jobs', '--once', '--now', '2030-01-01T11:30'], { timeout: 300000 });
  }
  note(`${kills} kills, ${gone()} rows destroyed`);
  ok(kills > 0, 'it was killed while it destroyed');
  is(stateOf(act.id), 'done', 'it goes on and comes to its end');
  is(register.rows(`select coalesce(sum(destroyed), 0) as n from retention_act_kind where act_id = ${act.id}`)[0].n, gone(), 'the figures of the act are the rows that it names');
  is(register.rows('select act_id, kind, row_number from retention_row group by act_id, kind, row_number having count(*) > 1'), [], 'each once');
  is(register.rows(`select count(*) as n from retention_row r where r.kind = 'note' and r.row_number in (select id from note)`)[0].n, 0, 'and none of them is there still');
});

await part('destroyed for good', async () => {
  for (const table of ['note', 'assessment', 'case_file', 'service', 'programme', 'goal', 'consent', 'person_name', 'person_document', 'identification'])
    is(register.rows(`select count(*) as n from ${table} where person_id = ${person}`)[0].n, 0, `${table}: gone`);
  is(register.rows(`select count(*) as n from person where id = ${person}`)[0].n, 0, 'the card too, since nothing else was kept');
  is(register.rows(`select count(*) as n from history h join event e on e.id = h.event_id where e.person_id = ${person} and (trim(h.salt) <> '' or trim(h.changed) <> '')`)[0].n, 0, 'the history is empty');
  ok(register.rows(`select count(*) as n from event where person_id = ${person} and digest is not null`)[0].n > 3, 'the log keeps that it happened');
  ok(register.rows(`select count(*) as n from event where person_id = ${person} and kind = 'retention.destroyed' and object = 'retention_act' and object_id = ${act.id}`)[0].n > 3, 'and by which act it was destroyed');
  const bytes = dump();
  for (const m of MARK) ok(!bytes.includes(m), `${m} is found nowhere`);
  for (const m of ['Удержанов', 'представитель-удержан']) ok(bytes.includes(m), `what is held stays: ${m}`);
  is(register.rows(`select kept as n from retention_act_kind where act_id = ${act.id} and kind = 'case_file'`)[0].n, 1, 'of the cases only the held one: services of other bodies go on without it');
  ok(register.rows(`select sum(kept) as n from retention_act_kind where act_id = ${act.id}`)[0].n >= 4, 'and the act says how much is kept back');
  is(register.run(['check', '--now', '2030-01-01T12:00']).status, 0, 'bereg check is clean');
  server = await register.serve({ env: { BEREG_NOW: '2030-01-02T10:00' } });
  const print = (await client(headLogin).get(`/retention/acts/${act.id}/print`)).text;
  for (const words of [act.number, 'П. Петров', 'Истекли сроки хранения', 'Дела', 'Категории уничтоженных', String(person)]) like(print, new RegExp(words), `the printed act has ${words}`);
  unlike(print, /Уничтожимов/, 'and no name');
  const csv = await client(headLogin).get(`/retention/acts/${act.id}/rows?format=csv`);
  ok(csv.status === 200 && csv.text.split('\n').length > 5, 'the extract from the log is a file', csv.text.slice(0, 300));
  is((await client('social1').get(`/api/v1/persons/${person}`)).status, 404, 'nobody stands under the number');
});

await part('lifted', async () => {
  const [head, social] = [client(headLogin), client('social1')];
  const hold = register.rows('select id, version from retention_hold')[0];
  is((await post(client(otherHead), `/holds/${hold.id}/lift`, { version: hold.version })).status, 404, 'not by another body');
  is((await post(social, `/holds/${hold.id}/lift`, { version: hold.version })).status < 300, true, 'the lead lifts it');
  is((await post(social, `/holds/${hold.id}/lift`, { version: hold.version + 1 })).status, 409, 'once');
  const next = await made(social, '/retention/acts', actForm({ kind: await all(social) }));
  await made(head, `/retention/acts/${next.id}/confirm`, { version: next.version });
  for (let i = 0; i < 150 && stateOf(next.id) !== 'done'; i += 1) await pause(100);
  is(stateOf(next.id), 'done', 'the server carries the next act out by itself');
  is(register.rows(`select count(*) as n from note where person_id = ${held}`)[0].n, 0, 'what was held is gone');
  stderr.push(server.err);
  await server.stop();
  const bytes = dump();
  for (const m of ['вывод-удержан', 'представитель-удержан']) ok(!bytes.includes(m), `${m} is found nowhere`);
  is(register.run(['check', '--now', '2030-01-02T12:00']).status, 0, 'bereg check is clean');
  unlike(stderr.join(''), /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
});

await register.drop();
finish();
