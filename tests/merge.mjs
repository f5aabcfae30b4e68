// Two cards of one person: joined field by field, undone later; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/merge.mjs
import { BEREG, ENGINE, PACKS, Register, bereg } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 240, seed: 11, name: 'merge' });
let server = await register.serve();
const rows = (sql) => register.rows(sql);
const users = rows('select id, login, role, body_id as body from account where active = 1 order by id');
const user = (login) => users.find((u) => u.login === login);
const body = user('social1').body;
const head = users.find((u) => u.role === 'centre_head' && u.body === body).login;
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const post = (login, path, data) => client(login).postJson(`/api/v1${path}`, data, { headers: { 'idempotency-key': `merge-${process.pid}-${keys += 1}` } });
const made = async (login, path, data) => {
  const a = await post(login, path, data);
  if (a.status >= 300) throw new Error(`${path}: ${a.status} ${a.text.slice(0, 600)}`);
  return a.json;
};
const get = (login, path) => client(login).get(`/api/v1${path}`);
const join = (login, kept, gone, more = {}) => post(login, `/persons/${kept}/join`, { other: gone, words: 'один и тот же паспорт', ...more });
const undo = (login, id, more = {}) => post(login, `/merges/${id}/undo`, { undone_words: 'разные люди', ...more });
const joined = async (kept, gone, more) => {
  const a = await join(head, kept, gone, more);
  if (a.status !== 201) throw new Error(`join ${kept} ${gone}: ${a.status} ${a.text.slice(0, 600)}`);
  return a.json.id;
};
const parted = async (id, more) => {
  const a = await undo(head, id, more);
  if (a.status !== 201) throw new Error(`undo ${id}: ${a.status} ${a.text.slice(0, 600)}`);
};
const check = (name) => { const r = register.run(['check']); is([r.status, r.status ? r.out + r.err : ''], [0, ''], name); };
const jobs = () => register.run(['jobs', '--once']);

// ---- all that a register holds, but its logs and versions ----

const LOGS = new Set(['event', 'history', 'read', 'read_person', 'leaf', 'leaf_tile', 'log_head', 'counter', 'idempotency', 'session', 'token', 'log_position', 'setting',
  'sign_in_delay', 'likely_pair', 'link_model',
  'way_due', 'way_case', 'way_stale', 'way_variant', 'way_sum', 'way_variant_sum', 'person_merge', 'merge_value', 'merge_move', 'reminder']);
const named = ({ tab, ...r }) => ({ t: tab, ...r }); // the statement around it calls its rows t
const columns = ENGINE === 'postgres'
  ? rows("select table_name as tab, column_name as c from information_schema.columns where table_schema = 'public' order by 1, ordinal_position").map(named)
  : rows("select m.name as t, i.name as c from sqlite_schema m, pragma_table_info(m.name) i where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, i.cid");
const tables = [...new Set(columns.map((c) => c.t))].filter((t) => !LOGS.has(t));
const array = ENGINE === 'postgres' ? 'json_build_array' : 'json_array';
const whole = tables.map((t) => {
  const cs = columns.filter((c) => c.t === t && c.c !== 'version' && !(t === 'account' && c.c === 'signed_in_at')).map((c) => `"${c.c}"`);
  return `select '${t}' as tab, cast(${array}(${cs.join(', ')}) as text) as r from "${t}"`;
}).join(' union all ');
function state() {
  const out = Object.fromEntries(tables.map((t) => [t, []]));
  for (const { tab, r } of rows(whole)) out[tab].push(r);
  return out;
}
// The sums follow the log when the job has read it: they are compared behind it.
const at_once = (before) => differ(before, state()).filter((d) => !/^(served|interaction)/.test(d));
function differ(a, b) {
  const out = [];
  for (const t of tables) {
    const before = new Set(a[t]);
    const after = new Set(b[t]);
    for (const r of a[t]) if (!after.has(r)) out.push(`${t} lost ${r}`);
    for (const r of b[t]) if (!before.has(r)) out.push(`${t} new  ${r}`);
  }
  return out;
}
const known = (who = head) => rows(`select a.person_id as id from access a where a.body_id = ${user(who).body} and (a.bits & 2) <> 0
  and not exists (select 1 from restriction x where x.person_id = a.person_id and x.ended_at is null) order by a.person_id`).map((r) => r.id);
let seed = 20240614;
const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff; return Math.floor(seed / 65536) % n; };
const two = (list) => { const a = list[random(list.length)]; let b = a; while (b === a) b = list[random(list.length)]; return [a, b]; };

await part('joining and undoing at random', async () => {
  jobs();
  const list = known();
  const first = state();
  for (let round = 0; round < 4; round += 1) {
    const [a, b] = two(list);
    const before = state();
    const id = await joined(a, b, { 'take.family_name': 'other', 'take.phone': round % 2 ? 'other' : 'this', 'take.district_id': 'other' });
    if (round === 0) check('bereg check agrees with a joined pair');
    await parted(id);
    is(at_once(before), [], `cards ${a} and ${b}: every row as before`);
  }
  jobs();
  is(differ(first, state()), [], 'and so are the sums behind the log');
  check('bereg check agrees at the end');
});


// ---- every reference that the schema has ----

const LOGGED = new Set(['person_key.person_id', 'likely_pair.person_id', 'event.person_id', 'read_person.person_id', 'retention_row.person_number', 'person_merge.kept_number', 'person_merge.gone_number',
  'merge_move.person_number', 'suspicion.person_id']);
const COMPUTED = new Set(['access.person_id', 'served.person_id', 'served_due.person_id']);
const foreign = ENGINE === 'postgres'
  ? rows(`select k.conrelid::regclass::text as tab, a.attname as c, k.confrelid::regclass::text as r from pg_constraint k
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] where k.contype = 'f'`).map(named)
  : rows(`select m.name as t, f."from" as c, f."table" as r from sqlite_schema m, pragma_foreign_key_list(m.name) f where m.type = 'table'`);
const wanted = ENGINE === 'postgres'
  ? rows(`select table_name as tab, column_name as c, data_type as type from information_schema.columns where table_schema = 'public' and is_nullable = 'NO' and column_default is null and is_identity = 'NO'`).map(named)
  : rows(`select m.name as t, i.name as c, i.type from sqlite_schema m, pragma_table_info(m.name) i where m.type = 'table' and m.name not like 'sqlite_%'
      and i."notnull" = 1 and i.dflt_value is null and i.pk = 0`);
const DATES = /(^day|_on|_date|^since|^until|^born|^birth_date)$/;
const references = columns.filter((c) => /person_(id|number)$/.test(c.c) || foreign.some((f) => f.t === c.t && f.c === c.c && f.r === 'person'))
  .map((c) => `${c.t}.${c.c}`);
const GIVEN = { restriction: { ended_at: 1 }, retention_hold: { lifted_on: "'2024-01-01'" }, emergency: { review: "'good'" }, person_merge: { undone_at: 1 }, merge_value: { chosen: 0 } };

// A row of the table that names the person: one of another person's, or one made of what the schema wants.
function plantRow(t, c, person, n) {
  const has = (name) => columns.some((x) => x.t === t && x.c === name);
  const cells = { [c]: person, ...GIVEN[t] };
  for (const f of foreign.filter((x) => x.t === t && wanted.some((w) => w.t === t && w.c === x.c) && x.r !== t && !rows(`select 1 as n from "${x.r}" limit 1`).length)) plantRow(f.r, 'id', 900000 + n, n);
  for (const w of wanted.filter((x) => x.t === t && !(x.c in cells) && x.c !== 'id')) {
    const ref = foreign.find((f) => f.t === t && f.c === w.c);
    const date = w.type === 'date' || (ENGINE !== 'postgres' && DATES.test(w.c) && /text/i.test(w.type));
    cells[w.c] = ref ? rows(`select min(id) as id from "${ref.r}"`)[0]?.id ?? 'null' : date ? "'2024-01-01'" : /int/i.test(w.type) ? 900000 + n : `'x${n}'`;
  }
  if (ENGINE === 'postgres' && has('id')) cells.id = rows(`select coalesce(max(id), 0) + 1000 as id from "${t}"`)[0].id;
  const names = Object.keys(cells);
  register.exec(`insert into "${t}" (${names.map((x) => `"${x}"`).join(', ')}) values (${names.map((x) => cells[x]).join(', ')})`);
}

await part('every declared reference', async () => {
  ok(references.length > 30, `the schema has ${references.length} numbers of persons`, references);
  await server.stop();
  const [kept, gone] = two(known());
  const moving = references.filter((r) => !LOGGED.has(r) && !COMPUTED.has(r));
  const planted = [];
  let n = 0;
  for (const r of moving.sort((a, b) => /restriction_viewer|attachment_part|merge_value/.test(a) - /restriction_viewer|attachment_part|merge_value/.test(b))) {
    const [t, c] = r.split('.');
    if (r === 'person.merged_into') continue;
    if (rows(`select count(*) as n from "${t}" where "${c}" = ${gone}`)[0].n > 0) continue;
    try { plantRow(t, c, gone, n += 1); planted.push(r); } catch (e) { ok(false, `a row of ${r} is planted: a new table wants its own line here`, e.message.slice(0, 300)); }
  }
  note(`planted: ${planted.join(', ')}`);
  is(moving.filter((r) => r !== 'person.merged_into' && !rows(`select 1 as n from "${r.split('.')[0]}" where "${r.split('.')[1]}" = ${gone} limit 1`).length), [],
    'each of them names the card that will be given up');
  server = await register.serve();
  const before = state();
  const id = await joined(kept, gone);
  is(moving.filter((r) => rows(`select 1 as n from "${r.split('.')[0]}" where "${r.split('.')[1]}" = ${gone} limit 1`).length), [],
    'after the joining none does');
  jobs();
  is([...COMPUTED].filter((r) => rows(`select 1 as n from ${r.split('.')[0]} where person_id = ${gone} limit 1`).length), [], 'nor what is computed');
  await parted(id);
  jobs();
  is(differ(before, state()).filter((d) => !/^(served|served_due|rule_work|list_import|import_row) /.test(d)), [], 'undone, every row names whom it named');
  await server.stop();
  register.exec(planted.filter((r) => !/^(person|access_grant|listing)\./.test(r)).reverse()
    .map((r) => { const [t, c] = r.split('.'); return `delete from "${t}" where "${c}" = ${gone} and ${t === 'person_merge' ? 'undone_at = 1' : '1 = 1'}`; }));
  server = await register.serve();
});


// ---- a pair made for each question ----

let names = 0;
const letters = (n) => [...String(n)].map((d) => 'абвгдежзик'[d]).join('');
const snils = (n) => { const t = String(n).padStart(9, '0'); const sum = [...t].reduce((a, d, i) => a + Number(d) * (9 - i), 0) % 101; return t + String(sum % 100).padStart(2, '0'); };
async function person(login, more = {}) {
  names += 1;
  const a = await made(login, '/persons', { family_name: `Двойников${letters(names)}`, given_name: 'Пётр', birth_date: '05.06.1980', twin: 'another', ...more });
  return a.id;
}
const card = async (id, who = head) => (await get(who, `/persons/${id}`)).json;
const at = (sql) => rows(sql)[0];
const accountOf = (login) => user(login).id;

await part('field by field', async () => {
  const kept = await person(head, { given_name: 'Иван', patronymic: 'Ильич', birth_place: 'г. Омск', identity_status: 'stated', address: 'ул. Старая, 1' });
  const gone = await person(head, { given_name: 'Иван', birth_place: 'г. Томск', identity_status: 'document', phone: '+79001112233', snils: snils(917000001) });
  const page = await (await server.client().signIn(head)).get(`/persons/${kept}/join?other=${gone}`);
  is(page.status, 200, 'two cards side by side');
  const form = page.form(`/persons/${kept}/join`);
  const chosen = Object.fromEntries(form.fields.filter(([k]) => k.startsWith('take.')));
  is(Object.keys(form.choices).filter((k) => k.startsWith('take.')).every((k) => form.choices[k].length === 2), true, 'each differing field is a choice of two');
  is([chosen['take.family_name'], chosen['take.birth_place'], chosen['take.identity_status']], ['other', 'other', 'other'], 'established by a document goes before stated');
  is([chosen['take.phone'], chosen['take.patronymic'], chosen['take.address']], ['other', 'this', 'this'], 'filled before empty');
  is('take.given_name' in chosen, false, 'what is equal is no question');
  like(page.text, /Одинаково на обеих карточках/, 'and is shown once');
  const a = await join(head, kept, gone, { 'take.birth_place': 'this' });
  is(a.status, 201, 'joined');
  is([a.json.kept_number, a.json.gone_number, a.json.undone_at ?? null], [kept, gone, null], 'the record says which into which');
  const now = await card(kept);
  is([now.birth_place, now.phone, now.patronymic, now.snils, now.identity_status], ['г. Омск', '+79001112233', 'Ильич', snils(917000001), 'document'], 'what was chosen stands');
  const record = (await get(head, `/merges/${a.json.id}`)).json;
  is(record.fields.filter((f) => /birth_place|phone/.test(f.name)).map((f) => [f.kept ?? null, f.other ?? null, f.taken]), [['г. Омск', 'г. Томск', 0], [null, '+79001112233', 1]], 'what was not chosen is kept in the record');
  const other = at(`select kind, name from person_name where person_id = ${kept}`);
  is([other?.kind, /^Двойников/.test(other?.name ?? '')], ['stated', true], 'the name that was only stated stays as another name');
  is(at(`select name_key from access where person_id = ${kept} and body_id = ${body}`).name_key, at(`select name_key from person where id = ${gone}`).name_key + ' ильич', 'lists sort by the name that stands');
  unlike(register.files(), /один и тот же паспорт/, 'the reason is stored sealed');
  const kind = rows(`select person_id as p, object_id as o from event where kind = 'person.merged' and object_id = ${a.json.id} order by id`);
  is(kind, [{ p: kept, o: a.json.id }, { p: gone, o: a.json.id }], 'an event stands at both');
  await parted(a.json.id);
  is([(await card(kept)).birth_place, (await card(gone)).birth_place, (await card(kept)).phone ?? null], ['г. Омск', 'г. Томск', null], 'undone, each card says what it said');
  is(rows(`select 1 as n from person_name where person_id = ${kept}`).length, 0, 'and the other name is gone again');
});

await part('the card given up leads to the one kept', async () => {
  const kept = await person(head);
  const gone = await person(head, { snils: snils(917000002) });
  const browser = await server.client().signIn(head);
  const old = await browser.get(`/persons/${gone}/edit`);
  const v = at(`select version from person where id = ${gone}`).version;
  await joined(kept, gone, { 'take.snils': 'this' });
  const a = await browser.get(`/persons/${gone}/timeline?kind=person`);
  is([a.status, a.location], [303, `/persons/${kept}/timeline?kind=person`], 'a page of it leads on, with the rest of the address');
  is([(await browser.get(`/services/new?person=${gone}`)).location], [`/services/new?person=${kept}`], 'one that names it in its query too');
  is((await card(gone)).id, kept, 'the API answers with the card kept');
  const api = await post(head, `/persons/${gone}/edit`, { address: 'ул. Новая, 2', version: v });
  is([api.status, api.json.errors[0].message.includes(String(kept))], [409, true], 'what is written to it by an old form is refused, and says where the person is');
  const sent = await browser.submit(old, `/persons/${gone}/edit`, { address: 'ул. Новая, 2' });
  is([sent.status, sent.text.includes(`номер ${kept}`)], [409, true], 'on a page as well');
  is((await post(head, '/services', { person: gone, kind: 'consultation', day: '13.06.2024' })).status, 409, 'a service for it too');
  const stranger = users.find((u) => u.role === 'police_officer' && !rows(`select 1 as n from access where body_id = ${u.body} and person_id = ${kept}`).length);
  is([(await get(stranger.login, `/persons/${gone}`)).status, (await client(stranger.login).get(`/persons/${gone}`)).status, (await post(stranger.login, `/persons/${gone}/notes`, { words: 'x' })).status],
    [404, 404, 404], 'who does not know the person learns nothing');
  // nobody finds it
  const q = at(`select family_name as f from person where id = ${gone}`).f;
  is((await get(head, `/persons?q=${encodeURIComponent(q)}`)).json.items.map((p) => p.id).filter((p) => p === gone), [], 'the list does not hold it');
  for (const what of [snils(917000002), `${q} 1980`])
    is((await get(stranger.login, `/persons/search?q=${encodeURIComponent(what)}`)).json.items.filter((p) => p.id === gone), [], 'a search across bodies does not find it');
  const twin = await post(head, '/persons', { family_name: 'Другой', given_name: 'Пётр', birth_date: '05.06.1980', snils: snils(917000002) });
  is(twin.status, 201, 'nor is it a twin of who is registered');
  check('bereg check agrees');
});

await part('both histories', async () => {
  const kept = await person(head);
  const gone = await person(head);
  const theirs = (await made(head, `/persons/${gone}/notes`, { day: '13.06.2024', topic: 'general', words: 'до объединения' })).id;
  await made(head, '/cases', { person: gone, channel: 'self' });
  const file = at(`select id from case_file where person_id = ${gone}`).id;
  await get(head, `/persons/${gone}`);
  await get('social1', `/persons/${gone}`);
  const before = (await get(head, `/cases/${file}/timeline`)).json.items.length;
  const id = await joined(kept, gone);
  const events = (await get(head, `/persons/${kept}/timeline`)).json.items;
  ok(events.filter((e) => e.kind === 'person.registered').length === 2 && events.some((e) => e.kind === 'case.opened'), 'the timeline shows what was written for both', events);
  ok((await get(head, `/cases/${file}/timeline`)).json.items.length >= before, 'the timeline of the case goes on');
  const readers = (await get(head, `/persons/${kept}/readers`)).json.items;
  ok(readers.some((r) => r.role === user('social1').role), '"who looked" shows who looked at the card given up', readers);
  jobs();
  register.run(['jobs', '--once', '--now', '2024-06-15T03:00']);
  ok((await get(head, `/persons/${kept}/readers`)).json.items.some((r) => r.role === user('social1').role), 'also when the reads are folded');
  const now = await card(kept);
  is([now.lead_body, now.cases.length, now.notes.some((n) => n.words === 'до объединения')], [at(`select name from body where id = ${body}`).name, 1, true], 'case, note and lead are his');
  is(rows(`select distinct person_id as p from event where object = 'case_file' and object_id = ${file}`).map((r) => r.p), [gone], 'the log names whom it was written for');
  await parted(id);
  is((await get(head, `/persons/${kept}/timeline`)).json.items.filter((e) => e.kind === 'person.registered').length, 1, 'undone, each has his own');
  void theirs;
});

await part('what cannot be joined', async () => {
  const a = await person(head);
  const b = await person(head);
  const c = await person(head);
  const refused = async (r, status, words, name) => { const x = await r; ok(x.status === status && (!words || words.test(x.text)), name, `${x.status} ${x.text.slice(0, 400)}`); };
  await refused(join(head, a, a), 409, /та же карточка/, 'with itself');
  await refused(join(head, a, 999999), 404, null, 'with nobody');
  await refused(join(head, a, b, { words: '' }), 422, null, 'without a reason');
  await refused(join(head, a, b, { 'take.phone': 'both' }), 422, null, 'with a choice that is none');
  await refused(join('social1', a, b), 403, null, 'by who has not the right');
  const v = rows(`select id, version from person where id in (${a}, ${b}) order by id`);
  await refused(join(head, a, b, { version: v[0].version + 1, other_version: v[1].version }), 409, null, 'with a stale version of the one card');
  await refused(join(head, a, b, { version: v[0].version, other_version: v[1].version + 1 }), 409, null, 'or of the other');
  const far = at(`select person_id as id from access where person_id not in (select person_id from access where body_id = ${body}) limit 1`).id;
  await refused(join(head, a, far), 404, null, 'with one whom the body does not know');
  const first = await joined(a, b);
  await refused(join(head, a, b), 409, /уже объединены/, 'twice');
  await refused(join(head, c, b), 409, /уже объединена/, 'with a card that was given up');
  await refused(post(head, `/persons/${b}/join`, { other: a, words: 'x' }), 409, null, 'in a circle');
  await parted(first);
  await refused(undo(head, first), 409, /уже разъединены/, 'undone twice');
  await refused(undo(head, 999999), 404, null, 'a joining that is not there');
  await refused(get('auditor', `/merges/${first}`), 403, null, 'read without the right');
  await refused(get(users.find((u) => u.role === 'police_officer').login, `/merges/${first}`), 404, null, 'or by who does not know the person');
  is([(await get('social1', `/merges/${first}`)).json.words?.words, (await get('social1', `/merges/${first}/undo`)).status], ['один и тот же паспорт', 403], 'a colleague reads why, and does not undo it');
});

await part('two at once', async () => {
  for (let i = 0; i < 8; i += 1) {
    const [a, b, c] = [await person(head), await person(head), await person(head)];
    const both = await Promise.all(i % 2 ? [join(head, a, b), join(head, b, a)] : [join(head, a, b), join(head, c, b)]);
    const good = both.filter((r) => r.status === 201);
    ok(good.length === 1 && both.every((r) => [201, 409, 503].includes(r.status)), 'of two joinings of one card one is done', both.map((r) => `${r.status} ${r.text.slice(0, 200)}`));
    const [note1, j] = await Promise.all([post(head, `/persons/${c}/notes`, { day: '13.06.2024', topic: 'general', words: 'рядом' }), i % 2 ? join(head, a, c) : undo(head, good[0].json.id)]);
    ok([201, 404, 409, 503].includes(note1.status) && [201, 409, 422, 503].includes(j.status), 'and what is written beside it is stored for one of them or refused', `${note1.status} ${j.status}`);
  }
  check('no row is left at a card that was given up');
});

await part('what may stand once', async () => {
  const [a, b, child] = [await person(head, { category: 'homeless', channel: 'self', since: '01.03.2024' }), await person(head, { category: 'homeless', channel: 'self', since: '01.02.2024' }), await person(head)];
  await made(head, '/cases', { person: child, channel: 'self' });
  const file = at(`select id from case_file where person_id = ${child}`).id;
  for (const p of [a, b]) await made(head, `/cases/${file}/members`, { person: p, role: 'other', since: '01.06.2024' });
  await made(head, '/cases', { person: a, channel: 'self' });
  await made(head, '/cases', { person: b, channel: 'self' });
  const before = state();
  const grants = rows(`select id, fact, reason, cap, classes, ref, ref_id, since, until from access_grant where person_id in (${a}, ${b}) and fact not in ('family_member', 'law') order by id`);
  const id = await joined(a, b);
  is(rows(`select since from person_category where person_id = ${a} and until is null`).map((r) => r.since), ['2024-02-01'], 'of two open categories of a kind the one that stood first');
  is(rows(`select id from case_member where case_id = ${file} and until is null and person_id = ${a}`).length, 1, 'one membership of the case');
  is(rows(`select id from case_file where person_id = ${a} and state <> 'closed'`).length, 2, 'two open cases stay two');
  is(rows(`select id, fact, reason, cap, classes, ref, ref_id, since, until from access_grant where person_id = ${a} and fact not in ('family_member', 'law') order by id`), grants, 'each grant keeps its ground and end');
  jobs();
  is([rows(`select count(*) as n from served where person_id = ${b}`)[0].n], [0], 'the sums are those of one person');
  check('bereg check agrees');
  await parted(id);
  is(at_once(before), [], 'undone, all stands as before');
  // a member of his own case
  const own = await joined(child, a);
  is(rows(`select id from case_member where case_id = ${file} and until is null and person_id = ${child}`).length, 0, 'nobody is a member of his own case');
  await parted(own);
  is(at_once(before), [], 'and that comes back');
});

await part('restrictions add up', async () => {
  const other = users.find((u) => u.role === 'centre_head' && u.body !== body);
  const [a, b] = [await person(head), await person(head)];
  const now = at('select max(at) as at from event').at;
  await server.stop();
  register.exec([a, b].flatMap((p) => [`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) values (${p}, ${other.body}, 'consent', 14, 'consent', 0, ${now})`,
    `insert into access (body_id, person_id, bits, name_key) select ${other.body}, id, 14, name_key from person where id = ${p}`]));
  server = await register.serve();
  const sees = async (who, p) => (await get(who, `/persons/${p}`)).status;
  is([await sees(other.login, a), await sees(other.login, b)], [200, 200], 'another body knows both');
  const restrict = (p) => made(head, `/persons/${p}/restrictions`, { reason: 'victim', words: 'по заявлению' });
  await restrict(b);
  is((await join(other.login, a, b)).status, 404, 'who may not know of one of them is answered as for nobody');
  is((await get(other.login, `/persons/${a}/join?other=${b}`)).status, 404, 'on the page that compares too');
  let before = state();
  let id = await joined(a, b);
  is([await sees(head, a), await sees(other.login, a), await sees(other.login, b)], [200, 404, 404], 'the person kept is seen by those who were named only');
  is((await get(other.login, `/merges/${id}`)).status, 404, 'and so is the joining');
  check('bereg check agrees');
  await parted(id);
  is(at_once(before), [], 'undone, the restriction is where it was');
  is([await sees(other.login, a), await sees(other.login, b)], [200, 404], 'and hides whom it hid');
  // both restricted, with other viewers
  const r = (await restrict(a)).id;
  await made(head, `/restrictions/${r}/bodies`, { body_id: other.body, version: at(`select version from restriction where id = ${r}`).version });
  is(await sees(other.login, a), 200, 'the other body is named for the one');
  before = state();
  id = await joined(a, b);
  is(rows(`select count(*) as n from restriction where person_id = ${a} and ended_at is null`)[0].n, 1, 'one restriction is in force');
  is([await sees(head, a), await sees(other.login, a)], [200, 404], 'only who was named in both sees the person');
  check('bereg check agrees');
  await parted(id);
  is(at_once(before), [], 'undone, both stand as before');
  await made(head, `/restrictions/${r}/lift`, { version: at(`select version from restriction where id = ${r}`).version });
  const r2 = at(`select id, version from restriction where person_id = ${b} and ended_at is null`);
  await made(head, `/restrictions/${r2.id}/lift`, { version: r2.version });
  // restricted after the joining
  id = await joined(a, b);
  await restrict(a);
  await parted(id, rowsOf(await get(head, `/merges/${id}/undo`), 'kept'));
  is(rows(`select count(*) as n from event where kind = 'restriction.set' and person_id = ${b} and object = 'restriction' and object_id = (select max(id) from restriction)`)[0].n, 1, 'its event stands at the other too');
  is([await sees(other.login, a), await sees(other.login, b)], [404, 404], 'restricted since: after the undoing both are, so that nobody learns of either');
  check('bereg check agrees');
});

// Answers to all that a page of undoing asks.
function rowsOf(page, side) {
  if (page.status !== 200) throw new Error(`${page.path}: ${page.status} ${page.text.slice(0, 300)}`);
  return Object.fromEntries([...page.json.rows, ...page.json.fields].map((r) => [r.name, side]));
}

await part('work in between', async () => {
  const penal = users.find((u) => u.role === 'penal_operator').login;
  const [a, b] = [await person(head, { category: 'homeless', channel: 'self', since: '01.03.2024' }), await person(head)];
  await made(head, '/cases', { person: b, channel: 'self' });
  const file = at(`select id from case_file where person_id = ${b}`).id;
  await server.stop();
  const now = at('select max(at) as at from event').at;
  register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) values (${b}, ${user(penal).body}, 'consent', 46, 'consent', 0, ${now})`,
    `insert into access (body_id, person_id, bits, name_key) select ${user(penal).body}, id, 46, name_key from person where id = ${b}`]);
  server = await register.serve();
  const id = await joined(a, b);
  await made(head, `/persons/${a}/notes`, { day: '13.06.2024', topic: 'general', words: 'чья-то запись' });
  const mine = at('select max(id) as id from note').id;
  await made(penal, `/persons/${a}/notes`, { day: '13.06.2024', topic: 'general', words: 'запись инспекции' });
  const theirs = at('select max(id) as id from note').id;
  await made(head, `/cases/${file}/assessment`, { day: '13.06.2024', summary: 'оценка', 'need.housing': 'high', level_housing: 'high' }).catch(() => {});
  await made(head, '/services', { person: a, kind: 'consultation', day: '13.06.2024' });
  const service = at('select max(id) as id from service').id;
  await made(head, `/persons/${a}/edit`, { address: 'ул. Новая, 7', version: at(`select version from person where id = ${a}`).version, family_name: at(`select family_name as f from person where id = ${a}`).f });
  const page = await get(head, `/merges/${id}/undo`);
  is(page.status, 200, 'the page of undoing');
  const asked = page.json.rows.map((r) => r.name).sort();
  ok(asked.includes(`row-note-${mine}`) && !asked.includes(`row-note-${theirs}`), 'it asks whose the own note is, not that of the body that knew one of them', asked);
  ok(page.json.rows.every((r) => r.what && r.day && r.author), 'with what, date and author', page.json.rows);
  is(page.json.fields.map((f) => [f.name, f.kept]), [['field-address', 'ул. Новая, 7']], 'and whose the new address is');
  const html = await (await server.client().signIn(head)).get(`/merges/${id}/undo`);
  is(html.status, 200, 'the page for people');
  const blind = await undo(head, id);
  is([blind.status, rows(`select 1 as n from person where id = ${b} and merged_into is not null`).length], [422, 1], 'without an answer nothing is undone');
  await parted(id, { ...rowsOf(page, 'kept'), [`row-note-${mine}`]: 'again', 'field-address': 'again', [`row-service-${service}`]: 'kept' });
  is(rows(`select id, person_id as p from note where id in (${mine}, ${theirs}) order by id`).map((r) => r.p), [b, b], 'the notes are where they belong');
  is(at(`select person_id as p from service where id = ${service}`).p, at(`select case_id as c from service where id = ${service}`).c ? b : a, 'the service goes with its case, or where it was said');
  is([at(`select address from person where id = ${a}`).address ?? null, at(`select address from person where id = ${b}`).address], [null, 'ул. Новая, 7'], 'and so does the address');
  check('bereg check agrees');
});

await part('a case opened in between', async () => {
  const [a, b] = [await person(head), await person(head)];
  const id = await joined(a, b);
  await made(head, '/cases', { person: a, channel: 'self' });
  const file = at(`select id from case_file where person_id = ${a}`).id;
  const programme = await post(head, '/programmes', { case: file, starts_on: '14.06.2024' });
  const page = await get(head, `/merges/${id}/undo`);
  is(page.json.rows.map((r) => r.name), [`row-case_file-${file}`], 'only the case is asked for, not what hangs on it');
  await parted(id, { [`row-case_file-${file}`]: 'again' });
  is([at(`select person_id as p from case_file where id = ${file}`).p, at(`select person_id as p from access_grant where ref = 'case_file' and ref_id = ${file} and ended_at is null`).p], [b, b], 'the case and its grant go together');
  if (programme.status < 300) is(at(`select person_id as p from programme where case_id = ${file}`).p, b, 'and its programme');
  is([at(`select lead_body_id as l from person where id = ${a}`).l, at(`select lead_body_id as l from person where id = ${b}`).l], [null, body], 'who leads follows the case');
  check('bereg check agrees');
});

await part('chains', async () => {
  const list = known();
  for (let i = 0; i < 3; i += 1) {
    const [a, b] = two(list);
    let c = a;
    while (c === a || c === b) c = list[random(list.length)];
    jobs();
    const before = state();
    const m1 = await joined(b, a);
    const mid = state();
    const m2 = await joined(c, b);
    is([(await card(a)).id, (await card(b)).id, rows(`select id from person where merged_into = ${c} and id in (${a}, ${b})`).length], [c, c, 2], 'both lead to the last');
    check('bereg check agrees with a chain');
    if (i === 0) {
      await parted(m2);
      is(at_once(mid), [], 'the last undone first');
      await parted(m1);
    } else {
      await parted(m1, rowsOf(await get(head, `/merges/${m1}/undo`), 'kept'));
      is([(await card(a)).id, (await card(b)).id], [a, c], 'the inner one undone first');
      check('bereg check agrees');
      await parted(m2, rowsOf(await get(head, `/merges/${m2}/undo`), 'kept'));
    }
    jobs();
    is(differ(before, state()), [], `cards ${a}, ${b}, ${c}: in the end every row as before`);
  }
  const [a, b] = two(list);
  let c = a;
  while (c === a || c === b) c = list[random(list.length)];
  const before = state();
  const m1 = await joined(b, a);
  const m2 = await joined(b, c);
  await parted(m1, rowsOf(await get(head, `/merges/${m1}/undo`), 'kept'));
  await parted(m2, rowsOf(await get(head, `/merges/${m2}/undo`), 'kept'));
  is(at_once(before), [], 'two joined into one, undone in the order they came');
});

await part('lists know the person kept', async () => {
  const [a, b] = [await person(head), await person(head, { snils: snils(917000009) })];
  const q = at(`select family_name as f from person where id = ${b}`).f;
  await joined(a, b);
  const fs = await import('node:fs');
  const { tmpDir } = await import('./lib/server.mjs');
  const file = `${tmpDir()}/merge-${process.pid}.csv`;
  fs.writeFileSync(file, `Фамилия;Имя;Дата рождения;СНИЛС\n${q};Пётр;05.06.1980;${snils(917000009)}\n`);
  const other = users.find((u) => u.role === 'penal_operator').login;
  is(register.run(['import', 'persons', file, '--login', other, '--list', 'Сверка']).status, 0, 'a list names him by his number');
  is(rows(`select person_id as p from import_row where who like '${q}%'`).map((r) => r.p).filter((p) => p === b), [], 'and does not come to the card given up');
  check('bereg check agrees');
});

await part('what went on along a chain', async () => {
  const [a, c] = [await person(head), await person(head)];
  const b = await person(head, { phone: '+79990001122', birth_place: 'с. Дальнее', snils: snils(917000777) });
  const m1 = await joined(a, b, { 'take.phone': 'other', 'take.birth_place': 'other', 'take.snils': 'other' });
  await joined(c, a, { 'take.phone': 'other', 'take.birth_place': 'other', 'take.snils': 'other' });
  const card = (id) => rows(`select phone, birth_place, snils from person where id = ${id}`)[0];
  is(card(c).birth_place, 'с. Дальнее', 'the last has what the first brought');
  await parted(m1, rowsOf(await get(head, `/merges/${m1}/undo`), 'kept'));
  is(card(c), { phone: null, birth_place: null, snils: null }, 'when that is parted, it is no longer on the card that stands');
  is(card(b).phone, '+79990001122', 'but with whom it belongs to');
  check('bereg check agrees');
});

await part('destroyed since', async () => {
  const [a, b] = [await person(head), await person(head)];
  const id = await joined(a, b);
  await server.stop();
  is(register.run(['check']).status, 0, 'before');
  server = await register.serve();
  await server.stop();
  register.exec([`delete from merge_move where merge_id = ${id}`, `delete from merge_value where merge_id = ${id}`, `update person_merge set root_id = null where id = ${id}`,
    ...['person_name', 'person_category', 'listing', 'access', 'access_grant', 'person_key'].flatMap((t) => [a, b].map((p) => `delete from ${t} where person_id = ${p}`)),
    `delete from person where id = ${b}`, `delete from person where id = ${a}`]); // as person_erase() leaves it
  server = await register.serve();
  const r = await undo(head, id);
  is([r.status, /уничтожена/.test(r.text)], [409, true], 'the undoing says plainly why not');
});

await part('bereg check sees what is wrong', async () => {
  const [a, b] = [await person(head), await person(head)];
  await joined(a, b);
  await server.stop();
  const finds = (sql, back, pattern, name) => { register.exec([sql]); const r = register.run(['check']); register.exec([back]); ok(r.status !== 0 && pattern.test(r.out + r.err), name, r.out + r.err); };
  finds(`update listing set person_id = ${b} where person_id = ${a} and id = (select min(id) from listing where person_id = ${a})`, `update listing set person_id = ${a} where person_id = ${b}`, /listing .*names a person/, 'a row that names a card given up');
  finds(`update person set merged_into = ${known()[0]} where id = ${b}`, `update person set merged_into = ${a} where id = ${b}`, /person_merge|open joining/, 'a card that leads elsewhere');
  finds(`update merge_move set field = 'nothing' where object = 'listing' and what = 'moved' and person_number = ${b}`, `update merge_move set field = 'person_id' where object = 'listing' and field = 'nothing'`, /note that cannot be/, 'a note that cannot be');
  server = await register.serve();
  check('put right, it finds nothing');
});

await server.stop();
await register.drop();
finish();
