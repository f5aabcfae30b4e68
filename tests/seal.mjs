// Sealed facts: what a dump shows, what viewers see, keys and their change, figures; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/seal.mjs
import fs from 'node:fs';
import path from 'node:path';
import { Register, bereg, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const KEYS = path.join(tmpDir(), `seal-${process.pid}.keys`);
process.env.BEREG_KEYS = KEYS;
const register = Register.demo({ persons: 600, seed: 3, name: 'seal' });
let server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `seal-${process.pid}-${keys += 1}` } });
const bodyOf = (login) => register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
const [clinic, centre] = ['doctor1', 'social1'].map(bodyOf);
// one whom both know
register.exec(`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since)
  select a.person_id, ${centre}, 'listed', (select max(bits) from access where body_id = ${centre}), 'listing', 1, 1 from access a
  where a.body_id = ${clinic} and a.person_id not in (select person_id from access where body_id = ${centre}) and (a.bits & 128) <> 0`);
register.exec(`insert into access (body_id, person_id, bits, name_key)
  select ${centre}, g.person_id, max(g.classes), max(p.name_key) from access_grant g join person p on p.id = g.person_id
  where g.body_id = ${centre} and g.ref = 'listing' and g.ref_id = 1 group by g.person_id`);
const person = register.rows(`select a.person_id as id from access a join access b on b.person_id = a.person_id and b.body_id = ${centre}
  where a.body_id = ${clinic} and (a.bits & 128) <> 0 and (b.bits & 8) <> 0 order by a.person_id limit 1`)[0].id;
const SECRET = ['hiv_observation', 'narcology_treatment', 'psychiatric_help', 'living_with_hiv', 'leaving_mental_home', 'addiction_help', 'mental_help'];
const MARK = 'ZQTAYNAZQ';
const data = (dump) => dump.split('\n').filter((l) => !/insert into "?(public\.)?"?pack_entry/i.test(l)).join('\n');

let doctor = client('doctor1');
let social = client('social1');

await part('what a dump shows', async () => {
  const note = await doctor.postJson(`/api/v1/persons/${person}/notes`, { day: '14.06.2024', topic: 'mental', words: `${MARK} запись` }, key());
  is(note.status, 201, 'a doctor writes a note of a sealed class', note.text.slice(0, 400));
  const service = await doctor.postJson('/api/v1/services', { person, kind: 'psychiatric_help', day: '14.06.2024', note: `${MARK} услуга` }, key());
  is(service.status, 201, 'and records a service', service.text.slice(0, 400));
  const plain = await doctor.postJson('/api/v1/services', { person, kind: 'treatment', day: '13.06.2024', note: 'лечение' }, key());
  is(plain.status, 201, 'and an ordinary one');
  const dump = data(register.dump());
  unlike(dump, new RegExp(MARK), 'no words in the dump');
  const ofPersons = dump.split('\n').filter((l) => !/catalogue_need/.test(l)).join('\n'); // what bodies offer is public
  for (const code of SECRET) unlike(ofPersons, new RegExp(`'${code}'`), `no ${code} in any row`);
  const rows = register.rows(`select kind, classes & 16383 as plain, cast(classes / 16384 as text) as tag, length(note) as n from service where person_id = ${person} and body_id = ${clinic} order by id desc limit 2`);
  is(rows.map((r) => [r.kind, r.plain]), [['treatment', rows[0].plain], ['treatment', rows[0].plain]], 'a row that tells a secret looks like one that does not');
  ok(rows[0].tag !== rows[1].tag && rows[0].tag > 0, 'their tags differ');
  is(rows[0].n, rows[1].n, 'their notes take the same room');
  const event = register.rows(`select distinct classes & 16383 as plain from event where person_id = ${person} and kind = 'service.recorded' and body_id = ${clinic}`);
  is(event.length, 1, 'and so do the events');
  const tags = register.rows(`select count(*) as n, count(distinct classes) as tags from person_category`)[0];
  ok(tags.tags > tags.n * 0.9, 'no two rows are told to be alike', tags);
  is(register.run(['check']).status, 0, 'bereg check opens everything');
});

await part('what viewers see', async () => {
  const mine = (await doctor.get(`/api/v1/services?person=${person}`)).json.items;
  ok(mine.some((s) => s.kind === 'psychiatric_help' && s.note === `${MARK} услуга`), 'the doctor reads what he wrote', mine);
  const filtered = async (kind) => (await doctor.get(`/api/v1/services?kind=${kind}`)).json.items.map((s) => s.kind);
  ok((await filtered('psychiatric_help')).every((k) => k === 'psychiatric_help') && (await filtered('psychiatric_help')).length > 0, 'a filter by a covered service finds it');
  ok((await filtered('treatment')).every((k) => k === 'treatment'), 'and a filter by the cover finds only the cover');
  const card = await doctor.get(`/api/v1/persons/${person}`);
  ok(card.text.includes(`${MARK} запись`), 'his note is on the card');
  for (const at of [`/api/v1/persons/${person}`, `/api/v1/persons/${person}/timeline`, `/persons/${person}`]) {
    const text = (await social.get(at)).text;
    unlike(text, new RegExp(`${MARK}|psychiatric|Психиатр`), `the centre sees nothing of it at ${at}`);
  }
  const ngo = bodyOf('ngo1');
  const inbox = async () => { const j = (await client('ngo1').get('/api/v1/inbox?group=new&limit=200')).json; return { listed: j.items.length, counted: j.n_new }; };
  const all = await inbox();
  ok(all.listed > 0 && all.listed === all.counted, 'the inbox counts what it lists', all);
  const sent = register.rows(`select max(id) as id from referral where to_body_id = ${ngo} and state = 'sent'`)[0].id;
  register.exec([`insert into setting (name, value) select 'was', cast(classes as text) from referral where id = ${sent}`,
    `update referral set classes = (select classes from note where id = (select max(id) from note)) where id = ${sent}`]);
  is(await inbox(), { listed: all.listed - 1, counted: all.counted - 1 }, 'and does not count what it withholds');
  register.exec([`update referral set classes = (select cast(value as bigint) from setting where name = 'was') where id = ${sent}`, `delete from setting where name = 'was'`]);
  // who has a category under the cover "other" does not stand in the list of "other"
  const others = new Set();
  for (let after = ''; ;) {
    const page = (await social.get(`/api/v1/persons?category=other&limit=2${after}`)).json;
    for (const p of page.items) others.add(p.id);
    if (!page.next) {
      ok(page.items.length > 0, 'the last page is not empty');
      break;
    }
    if (page.items.length !== 2) ok(false, 'a page tells by its length that somebody was left out', page.items.length);
    after = `&after=${page.next}`;
  }
  let shown = 0;
  for (const id of others) {
    const card_ = (await social.get(`/api/v1/persons/${id}`)).json;
    if (!card_.categories.some((c) => c.category === 'other')) ok(false, `person ${id} is listed under "other" and has no such category`);
    shown += 1;
  }
  ok(shown > 0, `${shown} persons of the category "other" really have it`);
});

await part('figures of sealed categories', async () => {
  const analyst = client('analyst');
  const report = (await analyst.get('/api/v1/reports/sealed-categories?period=2024-H1&against=2023-H1')).json;
  is(report.items.map((i) => i.code), ['leaving_mental_home', 'living_with_hiv', 'addiction'], 'the analyst reads the shipped shape');
  ok(report.items.every((i) => i.now % 5 === 0 && i.before % 5 === 0), 'rounded to five', report.items);
  ok(report.items.some((i) => i.now > 0), 'and there is something to count', report.items);
  const again = (await analyst.get('/api/v1/reports/sealed-categories?period=2024-H1&against=2023-H1')).json;
  is(again.items, report.items, 'always the same for the same persons');
  is(register.rows("select count(*) as n from event where kind = 'sealed.counted'")[0].n, 2, 'each counting is in the log');
  for (const login of ['head1', 'social1', 'doctor1', 'penal1', 'auditor'])
    is((await client(login).get('/api/v1/reports/sealed-categories')).status, 403, `${login} does not`);
  unlike((await client('head1').get('/reports')).text, /sealed-categories/, 'nor is it offered to a head');
  const clients = (await analyst.get('/api/v1/reports/clients-by-category?period=2024-H1')).json;
  ok(!clients.rows.some((r) => SECRET.includes(r.category)), 'the general report has no such lines');
  const served = register.rows(`select count(*) as n from served where category in (${SECRET.map((c) => `'${c}'`).join()})`)[0].n;
  is(served, 0, 'and no sum in the register names them');
  const other = register.rows(`select count(*) as n from served v where v.category = 'other'
    and not exists (select 1 from person_category c where c.person_id = v.person_id and c.category = 'other')`)[0].n;
  is(other, 0, 'what is counted as other is other');
});

await part('a wrong key file is told at start', async () => {
  await server.stop();
  const refused = async (file, pattern, name) => {
    try {
      const s = await register.serve({ args: ['--keys', file] });
      await s.stop();
      ok(false, name);
    } catch (e) {
      ok(/ended with 1/.test(e.message), name, e.message);
      like(e.message, pattern, `${name}: in clear words`);
    }
  };
  const other = path.join(tmpDir(), `seal-other-${process.pid}.keys`);
  const stranger = new Register('stranger');
  is(bereg(['init', '--db', stranger.url, '--keys', other]).status, 0, 'another register makes its own key file');
  is(fs.statSync(other).mode & 0o777, 0o600, 'which only its owner reads');
  await refused(other, /is not this register's/, 'a foreign key file');
  await refused(`${other}.none`, /is missing/, 'no key file');
  fs.writeFileSync(`${other}.bad`, fs.readFileSync(KEYS, 'utf8').replace(/.=\n$/, '=\n'));
  await refused(`${other}.bad`, /is damaged/, 'a damaged key file');
  fs.writeFileSync(`${other}.empty`, '');
  await refused(`${other}.empty`, /is damaged/, 'an empty key file');
  for (const command of ['check', 'users', 'jobs'])
    is(register.run([command, '--keys', other, ...(command === 'jobs' ? ['--once'] : [])]).status, 1, `bereg ${command} refuses it too`);
  await stranger.drop();
  const credentials = fs.mkdtempSync(path.join(tmpDir(), 'credentials.'));
  fs.copyFileSync(KEYS, path.join(credentials, 'bereg.keys'));
  is(register.run(['check'], { env: { BEREG_KEYS: '', CREDENTIALS_DIRECTORY: credentials } }).status, 0, 'a systemd credential is taken');
  server = await register.serve();
});

await part('keys change while the register is served', async () => {
  const master = fs.readFileSync(KEYS, 'utf8').match(/^[0-9a-f]{16} (\S+)$/m)[1];
  ok(!register.dump().includes(master), 'a dump holds no key of the file');
  is(register.run(['keys', 'add']).status, 0, 'a new data key');
  const later = { env: { BEREG_NOW: '2024-06-14T10:30' } };
  is(register.run(['jobs', '--once'], later).status, 0, 'the jobs seal anew');
  const old = register.rows(`select (select count(*) from note where classes / 288230376151711744 <> 2) as notes,
    (select count(*) from service where classes / 288230376151711744 <> 2) as services, (select count(*) from person_category where classes / 288230376151711744 <> 2) as categories`)[0];
  is(old, { notes: 0, services: 0, categories: 0 }, 'no row is left under the old key');
  await new Promise((resolve) => { setTimeout(resolve, 7000); }); // a node learns of new keys within seconds; they are used from a minute on
  const card = await client('doctor1').get(`/api/v1/persons/${person}`);
  ok(card.text.includes(`${MARK} запись`), 'the running server reads on', card.text.slice(0, 500));
  is(register.run(['check'], later).status, 0, 'bereg check is clean');
  fs.copyFileSync(KEYS, `${KEYS}.old`);
  const other = Register.demo({ persons: 20, seed: 4, name: 'seal-other' }); // with its keys in the same file
  is(register.run(['keys', 'rewrap']).status, 0, 'a new master key');
  is(other.run(['users']).err, '', 'another register of the same file opens as before');
  is(other.run(['keys', 'rewrap']).status + other.run(['keys', 'add']).status, 0, 'and changes its own');
  await other.drop();
  is(register.run(['users']).status, 0, 'opens the register');
  const before = register.run(['users', '--keys', `${KEYS}.old`]);
  is(before.status, 1, 'an old copy of the key file does not any more');
  like(before.err, /is not this register's/, 'and is told so');
  ok((await client('doctor1').get(`/api/v1/persons/${person}`)).text.includes(MARK), 'the running server goes on');
});

await part('a register from before sealing', async () => {
  await server.stop();
  const reported = register.rows(`select min(person_id) as id from served where category <> ''`)[0].id;
  register.exec([`update served set category = 'living_with_hiv' where person_id = ${reported} and category <> '' and half = (select min(half) from served where person_id = ${reported})`, 'delete from data_key', "delete from setting where name in ('sealing', 'register')", 'update note set words = \'старая запись\', classes = 1024, topic = \'mental\'']);
  const refused = register.run(['users']);
  is(refused.status, 1, 'is not served as it is');
  like(refused.err, /bereg upgrade/, 'and says what to do');
  is(register.run(['upgrade', '--packs', process.env.BEREG_PACKS ?? 'packs/demo']).status, 0, 'is upgraded');
  is(register.run(['jobs', '--once']).status, 0, 'and sealed by the jobs');
  is(register.rows(`select count(*) as n from served where category in (${SECRET.map((c) => `'${c}'`).join()})`)[0].n, 0, 'with the sums of reports');
  const note = register.rows('select topic, words, classes & 1024 as mental from note limit 1')[0];
  is([note.topic, note.words.charCodeAt(0), note.mental], ['general', 2, 0], 'what was plain is sealed');
});

await register.drop();
finish();
