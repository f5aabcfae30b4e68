// Grants from facts: law, family, court order; the matrix both ways; changed rules close at once and are worked off.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/facts.mjs
import fs from 'node:fs';
import path from 'node:path';
import { PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 9, name: 'facts' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const [social, penal, police, juvenile, crisis, admin, analyst] = ['social1', 'penal1', 'police1', 'juvenile1', 'crisis1', 'admin', 'analyst'].map(client);
const one = (sql) => register.rows(sql)[0];
const bodyOf = (login) => one(`select b.id, b.kind, b.district_id as district from account c join body b on b.id = c.body_id where c.login = '${login}'`);
const B = Object.fromEntries(['social1', 'penal1', 'police1', 'juvenile1', 'ngo1'].map((l) => [l, bodyOf(l)]));
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `facts-${process.pid}-${keys += 1}` } });
const post = (api, where, body) => api.postJson(`/api/v1${where}`, body, key());
const sees = async (api, person) => (await api.get(`/api/v1/persons/${person}`)).status === 200;
const grants = (where) => register.rows(`select g.id, g.person_id as person, g.body_id as body, g.fact, g.reason, g.classes, g.until from access_grant g where g.ended_at is null and ${where} order by g.id`);
const clean = (words) => { const r = register.run(['check']); is([r.status, r.out.slice(0, 300)], [0, r.status ? '' : r.out.slice(0, 300)], `bereg check is clean: ${words}`); };
const jobs = () => is(register.run(['jobs', '--once']).status, 0, 'the jobs run');
const until = async (good, words) => {
  for (let i = 0; i < 100 && !good(); i += 1) await new Promise((r) => setTimeout(r, 100));
  ok(good(), words);
};
const NAMES = ['identity', 'contact', 'social', 'family', 'criminal', 'spent', 'health', 'hiv', 'addiction', 'mental', 'violence', 'employment', 'finance'];
const words = (bits) => NAMES.filter((_, i) => bits & (1 << (i + 1))).join(' ');

// ---- by law ----

const strangers = (district, n = 5) => register.rows(`select p.id, p.family_name as family, p.district_id as district, p.version from person p
  join access a on a.person_id = p.id and a.body_id = ${B.social1.id} where p.district_id = ${district}
  and not exists (select 1 from access b where b.person_id = p.id and b.body_id in (${B.juvenile1.id}, ${B.police1.id})) order by p.id limit ${n}`);
const here = B.juvenile1.district ?? B.social1.district;

await part('a category opens by law and ends with it', async () => {
  const p = strangers(here)[0] ?? strangers(B.social1.district)[0];
  ok(p, 'somebody whom the commission does not know');
  is(await sees(juvenile, p.id), false, 'before, the commission does not see the person');
  const add = await post(social, `/persons/${p.id}/categories`, { category: 'minor_neglect', since: '01.06.2024', channel: one(`select key from pack_entry where key like 'channel %' order by ord limit 1`).key.split(' ')[1] });
  ok(add.status < 300, 'the centre records neglect', `${add.status} ${add.text.slice(0, 300)}`);
  is(await sees(juvenile, p.id), true, 'the commission sees the person at once');
  const g = grants(`person_id = ${p.id} and fact = 'law'`);
  ok(g.length > 0 && g.every((x) => x.reason.charCodeAt(0) === 2), 'each grant keeps its law and category, sealed', JSON.stringify(g));
  is(words(g.find((x) => x.body === B.juvenile1.id).classes), 'identity contact social family', 'with the classes that the law names');
  const kinds = register.rows(`select distinct b.kind from body b where b.id in (${g.map((x) => x.body).join()})`).map((x) => x.kind);
  ok(kinds.every((k) => ['juvenile_commission', 'guardianship', 'police'].includes(k)), 'to the kinds that it names and no others', kinds.join());
  const foreign = one(`select count(*) as n from body b where b.id in (${g.map((x) => x.body).join()}) and b.district_id is not null and b.district_id <> ${p.district}`).n;
  is(foreign, 0, 'of the district of the person');
  const why = await (await server.client().signIn('juvenile1')).get(`/persons/${p.id}/why`);
  ok(why.text.includes('Норма закона') && why.text.includes('120-ФЗ') && why.text.includes('Безнадзорные'), '“why” names the act and the category');
  ok(one(`select count(*) as n from event where kind = 'law.opened' and person_id = ${p.id} and other_body_id = ${B.juvenile1.id} and ground = 'minors_120'`).n === 1, 'and the log has it');
  const elsewhere = one(`select id from district where id <> ${p.district} order by id limit 1`).id;
  const move = async (district) => {
    const now = (await social.get(`/api/v1/persons/${p.id}/edit`)).json;
    const f = now.person ?? now;
    return post(social, `/persons/${p.id}/edit`, { family_name: p.family, district_id: String(district), version: one(`select version from person where id = ${p.id}`).version, given_name: f.given_name });
  };
  const m = await move(elsewhere);
  ok(m.status < 400, 'the person moves', `${m.status} ${m.text.slice(0, 300)}`);
  is(await sees(juvenile, p.id), B.juvenile1.district === null, 'and the commission of the former district sees no more');
  await move(p.district);
  is(await sees(juvenile, p.id), true, 'back again');
  const c = one(`select id, version from person_category where person_id = ${p.id} and category = 'minor_neglect' and until is null`);
  const end = await post(social, `/persons/${p.id}/categories/${c.id}/end`, { until: '13.06.2024', version: c.version });
  ok(end.status < 300, 'the category ends', `${end.status} ${end.text.slice(0, 300)}`);
  is(await sees(juvenile, p.id), false, 'the grant with it');
  is(grants(`person_id = ${p.id} and fact = 'law'`).length, 0, 'and those of the other bodies');
  clean('after a law');
});

const CHANNEL = one(`select key from pack_entry where key like 'channel %' order by ord limit 1`).key.split(' ')[1];
const body = { name: 'Комиссия, созданная позже', kind: 'juvenile_commission', district_id: String(here), phone: '', address: '', contact: '', active: '1' };

await part('bodies founded later', async () => {
  const p = strangers(here, 9)[1];
  ok((await post(social, `/persons/${p.id}/categories`, { category: 'family_sop', since: '01.06.2024', channel: CHANNEL })).status < 300, 'a family in danger');
  const before = grants(`person_id = ${p.id} and fact = 'law'`).length;
  const made = await post(admin, '/bodies', body);
  is(made.status, 201, 'a second commission is founded', made.text.slice(0, 300));
  const id = one(`select id from body where name = '${body.name}'`).id;
  await until(() => grants(`person_id = ${p.id} and body_id = ${id}`).length === 1, 'the law opens the person to it by itself');
  is(grants(`person_id = ${p.id} and fact = 'law'`).length, before + 1, 'once');
  const version = () => one(`select version from body where id = ${id}`).version;
  const turn = await post(admin, `/bodies/${id}`, { ...body, kind: 'ngo', version: version() });
  ok(turn.status < 400, 'a body without accounts changes its kind', `${turn.status} ${turn.text.slice(0, 400)}`);
  await until(() => grants(`person_id = ${p.id} and body_id = ${id}`).length === 0, 'an NGO has nothing by this law');
  const disclosing = await post(admin, `/bodies/${id}`, { ...body, kind: 'aids_centre', version: version() });
  is(disclosing.status, 422, 'but to a kind whose name tells more it does not change');
  const own = one(`select b.name, b.version, b.district_id as d from body b where b.id = ${B.juvenile1.id}`);
  is((await post(admin, `/bodies/${B.juvenile1.id}`, { ...body, name: own.name, district_id: String(own.d ?? ''), kind: 'education', version: own.version })).status, 422, 'nor with accounts whose posts do not fit');
  clean('after founding');
});

await part('an import opens by law, taking it back ends it', async () => {
  const file = path.join(tmpDir(), `law-${process.pid}.csv`);
  const code = one(`select code from district where id = ${here}`).code;
  fs.writeFileSync(file, `Фамилия;Имя;Дата рождения;Район;Категория;Канал обращения\nЗаконнорождённый;Пётр;01.02.2012;${code};minor_neglect;${CHANNEL}\n`);
  const r = register.run(['import', 'persons', file, '--login', 'social1', '--list', 'law']);
  is(r.status, 0, 'a list with one neglected child', r.err + r.out);
  const p = one(`select id, district_id from person where family_name = 'Законнорождённый'`);
  ok(grants(`person_id = ${p?.id} and body_id = ${B.juvenile1.id} and fact = 'law'`).length === 1, 'is open to the commission', JSON.stringify(p));
  clean('after an import');
});

// ---- family ----

await part('membership in a family case', async () => {
  const c = one(`select c.id, c.version, c.person_id as person, a.login from case_file c join account a on a.id = c.account_id where c.body_id = ${B.social1.id} and c.state not in ('closed', 'follow_up') order by c.id limit 1`);
  const [p, q] = register.rows(`select p.id, p.family_name as family from person p join access a on a.person_id = p.id and a.body_id = ${B.social1.id} where p.id <> ${c.person} order by p.id limit 2`);
  const m = { person: String(p.id), role: 'child', since: '01.06.2024' };
  is((await post(crisis, `/cases/${c.id}/members`, m)).status, 404, 'a stranger adds nobody');
  is((await post(analyst, `/cases/${c.id}/members`, m)).status, 403, 'nor who leads no cases');
  const foreign = one(`select p.id from person p where not exists (select 1 from access a where a.person_id = p.id and a.body_id = ${B.social1.id}) limit 1`);
  is((await post(social, `/cases/${c.id}/members`, { ...m, person: String(foreign.id) })).status, 422, 'not a person whom the body does not see');
  is((await post(social, `/cases/${c.id}/members`, { ...m, person: '999999' })).status, 422, 'nor nobody, exactly the same');
  is((await post(social, `/cases/${c.id}/members`, { ...m, person: String(c.person) })).status, 422, 'nor the person of the case');
  const desk = await server.client().signIn('social1');
  const sent = await desk.submit(await desk.get(`/cases/${c.id}/members/new`), '/find', [['at', `/cases/${c.id}/members/new`], ['q', p.family]]);
  like(sent.location, /^\/cases\/\d+\/members\/new\?sealed=[\w-]+$/, 'the address does not say whom the page looks for');
  const find = await desk.get(sent.location);
  ok(find.text.includes(`value="${p.id}"`), 'the page finds the member by name');
  const a = await post(social, `/cases/${c.id}/members`, m);
  ok(a.status < 300, 'the lead adds a child', `${a.status} ${a.text.slice(0, 300)}`);
  const g = grants(`person_id = ${p.id} and fact = 'family_member'`);
  is(g.map((x) => [x.body, words(x.classes)]), [[B.social1.id, 'identity contact social family']], 'the membership opens the member to the lead');
  is((await post(social, `/cases/${c.id}/members`, m)).status, 422, 'once');
  const card = await social.get(`/api/v1/cases/${c.id}`);
  is(card.json.members.map((x) => x.family_name), [p.family], 'the case shows the member');
  const number = one(`select number from case_file where id = ${c.id}`).number;
  ok((await social.get(`/api/v1/persons/${p.id}`)).text.includes(number), 'the member’s card shows the case');
  const other = register.rows(`select b.login from (select c.login, c.body_id from account c where c.login in ('penal1', 'police1', 'employment1', 'doctor1', 'ngo1', 'juvenile1')) b
    join access a on a.body_id = b.body_id and a.person_id = ${p.id}`)[0];
  if (other) unlike((await client(other.login).get(`/api/v1/persons/${p.id}`)).text, new RegExp(number), 'to other bodies it does not');
  // what the lead does not see of the member, the case does not show
  register.exec([`update access set bits = 0 where body_id = ${B.social1.id} and person_id = ${p.id}`]);
  unlike((await social.get(`/api/v1/cases/${c.id}`)).text, new RegExp(p.family), 'each member is masked by the own access to that member');
  const bits = grants(`person_id = ${p.id} and body_id = ${B.social1.id}`).reduce((x, y) => x | y.classes, 0);
  register.exec([`update access set bits = ${bits} where body_id = ${B.social1.id} and person_id = ${p.id}`]);
  const member = one(`select id, version from case_member where person_id = ${p.id}`);
  is((await post(crisis, `/members/${member.id}/end`, { until: '14.06.2024', version: member.version })).status, 404, 'a stranger ends nothing');
  ok((await post(social, `/members/${member.id}/end`, { until: '14.06.2024', version: member.version })).status < 300, 'the membership ends');
  is(grants(`person_id = ${p.id} and fact = 'family_member'`).length, 0, 'and its grant');
  ok((await post(social, `/cases/${c.id}/members`, { ...m, person: String(q.id) })).status < 300, 'another member');
  const outcome = one(`select key from pack_entry where key like 'case_outcome %' order by ord limit 1`).key.split(' ')[1];
  const close = await post(client(c.login), `/cases/${c.id}/close`, { closed_on: '14.06.2024', outcome, version: c.version });
  if (close.status < 300) {
    is(grants(`person_id = ${q.id} and fact = 'family_member'`).length, 0, 'with the case the membership ends');
    is(grants(`person_id = ${q.id} and ref = 'case_closed' and ref_id = ${c.id}`).map((x) => words(x.classes)), ['identity social'], 'the rule for closed cases goes for the member too');
    is((await post(social, `/cases/${c.id}/members`, m)).status, 409, 'a closed case takes nobody');
  } else ok(false, 'the case closes', `${close.status} ${close.text.slice(0, 300)}`);
  clean('after a family');
});

// ---- court ----

await part('a court order', async () => {
  const p = one(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${B.penal1.id} and (a.bits & 32) <> 0
    where not exists (select 1 from access b where b.person_id = p.id and b.body_id = ${B.police1.id}) order by p.id limit 1`);
  const s = { article: 'ст. 158, ч. 2', punishment: 'supervision', court: '', decided_on: '01.06.2024', ends_on: '', obligations: '', executor_body_id: String(B.police1.id) };
  is((await post(penal, `/persons/${p.id}/sentences`, { ...s, executor_body_id: String(B.ngo1.id) })).status, 422, 'an NGO executes no punishment');
  is((await post(penal, `/persons/${p.id}/sentences`, { ...s, punishment: 'compulsory_works' })).status, 422, 'the police not this one');
  const a = await post(penal, `/persons/${p.id}/sentences`, s);
  ok(a.status < 300, 'a decision that the police executes', `${a.status} ${a.text.slice(0, 300)}`);
  is(await sees(police, p.id), true, 'the police sees the person');
  const now = () => one(`select id, version from sentence where person_id = ${p.id} and executor_body_id is not null order by id desc limit 1`);
  is(grants(`person_id = ${p.id} and fact = 'court_order'`).map((x) => [x.body, x.until, words(x.classes)]), [[B.police1.id, null, 'identity contact social criminal']], 'with an open end');
  like((await (await server.client().signIn('police1')).get(`/persons/${p.id}/why`)).text, /Решение суда, которое исполняет ваш орган/, '“why” names the court');
  const change = (api, more) => post(api, `/sentences/${now().id}`, { ends_on: '20.06.2024', executor_body_id: String(B.police1.id), version: now().version, ...more });
  is((await change(police, {})).status, 404, 'who executes it does not change it');
  ok((await change(penal, {})).status < 300, 'the recorder sets an end');
  const g = grants(`person_id = ${p.id} and fact = 'court_order'`);
  is([g.length, Number(g[0].until) > Date.parse('2024-06-20T00:00Z') * 1000], [1, true], 'the grant ends after the last day');
  is((await change(penal, { ends_on: '01.05.2024' })).status, 422, 'not before the decision');
  ok((await change(penal, { ends_on: '10.06.2024' })).status < 300, 'it has ended early');
  is(await sees(police, p.id), false, 'the police sees no more');
  ok((await change(penal, { ends_on: '', executor_body_id: '' })).status < 300, 'nobody executes it');
  is(grants(`person_id = ${p.id} and fact = 'court_order'`).length, 0, 'nobody has it');
  clean('after a court order');
});

// ---- the matrix, both ways ----

const GRANT_OF = (r) => { const w = r['role or need'].split(' '); return { type: w[0], name: w[1], kind: w[2], class: r.class, read: r.read }; };

await part('the matrix both ways', async () => {
  const rows = register.csv(['access']).map(GRANT_OF).filter((r) => r.type === 'fact' || r.type === 'law');
  ok(rows.length > 1000, `bereg access prints every fact, kind and class (${rows.length})`);
  // each fact is planted for a person and a body of each kind; the job computes it as it does after a change of rules
  const bodies = Object.fromEntries(register.rows('select min(id) as id, kind from body where active = 1 group by kind').map((b) => [b.kind, b.id]));
  const free = register.rows('select id from person order by id desc limit 60').map((p) => p.id);
  const want = new Map();
  const sql = [];
  const laws = new Map(register.rows(`select key, props from pack_entry where kind = 'law'`).map((l) => [l.key, /categories = (\S+)/.exec(l.props)[1]]));
  let i = 0;
  for (const r of rows) {
    if (!bodies[r.kind]) continue;
    const id = `${r.type} ${r.name} ${r.kind}`;
    if (!want.has(id)) {
      want.set(id, { bits: 0, body: bodies[r.kind], person: free[(i += 1) % free.length], n: i });
      const w = want.get(id);
      const fact = r.type === 'law' ? 'law' : r.name;
      const reason = r.type === 'law' ? `'${r.name} ${laws.get(r.name)}'` : 'null';
      sql.push(`insert into access_grant (person_id, body_id, fact, reason, classes, ref, ref_id, since) values (${w.person}, ${w.body}, '${fact}', ${reason}, 16382, 'planted', ${i}, 0)`);
    }
    if (r.read === 'yes') want.get(id).bits |= 1 << (NAMES.indexOf(r.class) + 1);
  }
  register.exec([...sql, 'insert into rule_work (body_id, person_at) select id, 0 from body where true on conflict (body_id) do update set person_at = 0']);
  await until(() => one('select count(*) as n from rule_work').n === 0, 'the work is done');
  const got = new Map(register.rows(`select ref_id, classes from access_grant where ref = 'planted'`).map((g) => [g.ref_id, g.classes]));
  const wrong = [...want].filter(([, w]) => got.get(w.n) !== w.bits).map(([id, w]) => `${id}: printed ${words(w.bits)}, open ${words(got.get(w.n))}`);
  ok(wrong.length === 0 && want.size > 100, `${want.size} pairs of fact and kind: exactly these classes, no more, no fewer`, wrong.slice(0, 5).join('; '));
  is(one(`select count(*) as n from access a where a.bits <> (a.bits & 16382)`).n, 0, 'and rows of access hold no others');
  clean('with all facts');
  const page = (await (await server.client().signIn('admin')).get('/access')).text;
  for (const w of ['Норма закона', 'Решение суда, которое исполняет ваш орган', '120-ФЗ, ст. 4, 9', 'Не сверено с актом'])
    ok(page.includes(w), `the page has “${w}”`);
  register.exec([`delete from access_grant where ref = 'planted'`, 'insert into rule_work (body_id, person_at) select id, 0 from body where true on conflict (body_id) do update set person_at = 0',
    `delete from access where not exists (select 1 from access_grant g where g.body_id = access.body_id and g.person_id = access.person_id and g.ended_at is null)`]);
  await until(() => one('select count(*) as n from rule_work').n === 0, 'taken away again');
  clean('without them');
});

// ---- changed rules ----

const changed = (name, edit) => {
  const dir = path.join(tmpDir(), `packs-${process.pid}-${name}`);
  fs.cpSync(path.dirname(PACKS), dir, { recursive: true });
  edit(dir);
  return { BEREG_PACKS: path.join(dir, path.basename(PACKS)) };
};
const grantOf = (text, rule, classes) => text.replace(new RegExp(`(\\[grant ${rule.replace('*', '\\*')}\\]\\nclasses = ).*`), `$1${classes}`);
const rules = (name, rule, classes) => changed(name, (dir) => {
  const file = path.join(dir, path.basename(PACKS), 'grants.pack');
  fs.writeFileSync(file, grantOf(fs.readFileSync(file, 'utf8'), rule, classes));
});

await part('a narrower rule closes at once', async () => {
  const list = register.rows(`select p.id, p.family_name as family from person p join access_grant g on g.person_id = p.id and g.body_id = ${B.penal1.id} and g.fact = 'listed' and g.ended_at is null
    where 1 = (select count(*) from access_grant x where x.person_id = p.id and x.body_id = ${B.penal1.id} and x.ended_at is null) order by p.id limit 20`);
  ok(list.length > 2, `persons whom the inspectorate has by its list alone (${list.length})`);
  const p = list[0];
  const before = (await penal.get(`/api/v1/persons/${p.id}`)).json;
  ok(before.categories?.length > 0 || before.district !== undefined, 'it sees their address and categories');
  await server.stop();
  const still = await register.serve();
  const api = still.client({ token: register.token('penal1') });
  let seen = 0, shut = 0, after = 0, done = false;
  const load = (async () => { // while the rule changes somebody reads all the time
    while (!done) {
      const a = await api.get(`/api/v1/persons/${list[1].id}`);
      if (a.status === 200 && a.json.family_name === list[1].family) { seen += 1; if (after) shut -= 1000; } else if (a.status === 200 || a.status === 404) shut += 1;
    }
  })();
  const env = rules('narrow', 'listed penal_inspectorate', 'social');
  const up = register.run(['upgrade'], { env });
  is(up.status, 0, 'the rule for lists of the inspectorates no longer opens who it is', up.err + up.out.slice(-300));
  const at = await api.get(`/api/v1/persons/${p.id}`);
  ok(at.status === 404 || typeof at.json.family_name !== 'string' || at.json.family_name !== p.family, 'the next request does not see the name', at.text.slice(0, 200));
  unlike((await api.get('/api/v1/persons')).text, new RegExp(`"${p.family}"`), 'nor the list');
  after = 1;
  for (let i = 0; i < 20; i += 1) await api.get('/api/v1/persons');
  done = true;
  await load;
  ok(seen >= 0 && shut > -500, 'nor any later request, while the slices run');
  await until(() => one('select count(*) as n from rule_work').n === 0, 'the rows come after');
  is(one(`select count(*) as n from access a join access_grant g on g.body_id = a.body_id and g.person_id = a.person_id where a.body_id = ${B.penal1.id} and g.person_id in (${list.map((x) => x.id).join()}) and (a.bits & 2) <> 0`).n, 0, 'no row keeps the class');
  clean('after narrowing');
  const wide = register.run(['upgrade'], { env: rules('wide', 'listed penal_inspectorate', 'identity contact social criminal employment') });
  is(wide.status, 0, 'a wider rule');
  await until(() => one('select count(*) as n from rule_work').n === 0, 'is worked off');
  is((await api.get(`/api/v1/persons/${p.id}`)).json.family_name, p.family, 'and opens');
  is(words(grants(`person_id = ${p.id} and body_id = ${B.penal1.id}`)[0].classes), 'identity contact social criminal employment', 'with all that it gives');
  clean('after widening');
  is(register.run(['upgrade'], { env: { BEREG_PACKS: PACKS } }).status, 0, 'the rules of before');
  await until(() => one('select count(*) as n from rule_work').n === 0, 'again');
  is(one(`select count(*) as n from access_grant g join body b on b.id = g.body_id where b.kind = 'penal_inspectorate' and g.fact = 'listed' and g.ended_at is null and g.classes <> 46`).n, 0, 'as they were');
  await still.stop();
});

await part('nobody has worked it off yet', async () => {
  const p = one(`select p.id, p.family_name as family from person p join access_grant g on g.person_id = p.id and g.body_id = ${B.penal1.id} and g.fact = 'listed' and g.ended_at is null
    where 1 = (select count(*) from access_grant x where x.person_id = p.id and x.body_id = ${B.penal1.id} and x.ended_at is null) order by p.id limit 1`);
  // the work stands at the end of the numbers: the job finds nothing of it in between
  is(register.run(['upgrade'], { env: rules('narrow2', 'listed penal_inspectorate', 'social') }).status, 0, 'narrowed while nobody serves');
  const bits = one(`select bits from access where body_id = ${B.penal1.id} and person_id = ${p.id}`).bits;
  ok(bits & 2, 'the row of access is still the old one');
  const out = register.run(['routes', '--login', 'penal1']);
  const named = Number(out.out.match(/GET,\/persons\/\{person\}\/why,\/persons\/(\d+)\//)?.[1] ?? 0);
  ok(!named || grants(`person_id = ${named} and body_id = ${B.penal1.id} and fact <> 'listed' and (classes & 2) <> 0`).length > 0, 'the command line reads by the door too: whom it names another fact opens', named);
  clean('in the middle of the work');
  jobs();
  is(one('select count(*) as n from rule_work').n, 0, 'bereg jobs --once works it off');
  is(one(`select coalesce(max(bits), 0) as bits from access where body_id = ${B.penal1.id} and person_id = ${p.id}`).bits & 2, 0, 'now the row too');
  is(register.run(['upgrade'], { env: { BEREG_PACKS: PACKS } }).status, 0, 'the rules of before');
  jobs();
  clean('at the end');
});

await part('a law is changed', async () => {
  const n = grants(`fact = 'law'`).length;
  ok(n > 0, `grants by law stand (${n})`);
  const env = changed('law', (dir) => {
    const file = path.join(dir, 'ru/law.pack');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/\n\[law [^\0]*$/, '\n'));
  });
  is(register.run(['upgrade'], { env }).status, 0, 'no law opens anybody any more');
  jobs();
  is(grants(`fact = 'law'`), [], 'all these grants have ended');
  clean('without laws');
  is(register.run(['upgrade'], { env: { BEREG_PACKS: PACKS } }).status, 0, 'the laws are back');
  jobs();
  is(grants(`fact = 'law'`).length, n, 'and so are their grants');
  clean('with laws');
});

ok(!/Sanitizer|runtime error/.test(server.err), 'the sanitizers have nothing to say', server.err.slice(-1500));
await register.drop();
finish();
