// The leak test. Markers stand in every classed field, row and code of the demo region; every page and address of the API is
// opened as every role. Each marker seen must be allowed, and what is allowed must be reachable; what is not there and what
// is not the viewer's are answered alike.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/leak.mjs [--verbose]
import { readPacks, plant, bit, bitsOf, namesOf } from './lib/leak_plant.mjs';
import { Judge, readable } from './lib/leak_check.mjs';
import { Client, formsOf, linksOf, sheetRows } from './lib/client.mjs';
import { ENGINE, Register, TREE, parseCsv } from './lib/server.mjs';
import { finish, note, ok, part } from './lib/tap.mjs';
import path from 'node:path';

const PERSONS = Number(process.env.BEREG_LEAK_PERSONS ?? 300);
const ONE_OF_ROLE = ENGINE === 'postgres'; // for what repeats by the thousand; all of them ask on SQLite
const verbose = process.argv.includes('--verbose');
const VIEWERS_MAX = 24;
const OPEN_MAX = 4; // addresses of one shape
const SHAPES = { '/persons/{}': 8, '/cases/{}': 8, '/referrals/{}': 6, '/programmes/{}': 6, '/measures/{}': 6, '/services/{}': 6,
  '/persons/{}/timeline': 4, '/bodies/{}': 2 };
const OPTIONS_MAX = 18; // of one filter of a list of persons
const FEW = /^\/(bodies|reports|log|accounts|packs|districts|agreements|calendars|deadlines|schemes|delays)|\/new\?|\/timeline\?/; // not about persons, or the same for each

// One login for each role and kind of body, and a second body of each role; on PostgreSQL one for each role.
function pickViewers(accounts, bodies) {
  const picked = [];
  const roles = [...new Set(accounts.map((a) => a.role))].sort();
  const take = (a) => a && !picked.some((p) => p.login === a.login) && picked.push({
    login: a.login, role: a.role, account: a.id, body: a.body_id, kind: bodies.get(a.body_id).kind,
  });
  for (const role of roles) {
    const mine = accounts.filter((a) => a.role === role).sort((a, b) => a.id - b.id);
    const kinds = [...new Set(mine.map((a) => bodies.get(a.body_id).kind))];
    for (const kind of ONE_OF_ROLE ? kinds.slice(0, 1) : kinds) take(mine.find((a) => bodies.get(a.body_id).kind === kind));
    if (!ONE_OF_ROLE && !picked.some((p) => p.role === role && p.body !== picked.find((q) => q.role === role).body)) {
      take(mine.find((a) => a.body_id !== picked.find((q) => q.role === role).body));
    }
  }
  return picked.slice(0, VIEWERS_MAX);
}

async function pool(items, n, run) {
  const queue = [...items];
  await Promise.all([...Array(n)].map(async () => { while (queue.length) await run(queue.shift()); }));
}

const began = Date.now();
const world = plant((packs) => Register.demo({ persons: PERSONS, seed: 11, packs, name: 'leak' }), pickViewers);
const { register, marks, viewers } = world;
const judge = new Judge(world, parseCsv(register.run(['access']).out));
const roles = Object.fromEntries(readPacks([path.join(TREE, 'packs/demo')]).filter((s) => s.kind === 'role')
  .map((s) => [s.key, new Set((s.props.caps ?? '').split(' '))]));
for (const v of viewers) v.caps = roles[v.role];

ok(world.strange.length === 0, 'every table with classed fields is known to this test', `add to TABLES of lib/leak_plant.mjs: ${world.strange}`);
note(`${ENGINE}: ${viewers.length} viewers, ${marks.of.size + marks.dates.size + marks.numbers.size} markers, planted in ${Date.now() - began} ms`);

// ---- the test can fail: what a leak would look like is found ----

await part('self-check', async () => {
  const v = viewers.find((x) => x.role === 'ngo_worker');
  const all = [...marks.of.values()];
  const verdict = (kind, text, where = '/persons') => judge.judge(v, where, readable(kind, text), new Set());
  const secret = all.find((m) => m.table === 'sentence' && v.persons.includes(m.person)) ?? all.find((m) => m.table === 'sentence');
  const name = all.find((m) => m.table === 'person' && m.field === 'family_name' && v.persons.includes(m.person));
  const foreign = all.find((m) => m.table === 'person' && m.field === 'family_name' && !world.grants.has(`${v.body}:${m.person}`));
  const mine = all.find((m) => m.table === 'note' && m.field === 'words' && m.need === (bit('identity') | bit('hiv')) && m.scope.includes(v.body));
  const telling = all.find((m) => m.table === 'body' && m.field === 'name' && m.need & bit('health'));
  ok(verdict('html', `<p>${secret.text}</p>`).length === 1, 'a planted leak of a court decision is found');
  ok(verdict('html', `<p>${secret.text.toLowerCase()}</p>`).length === 1, 'also when it was folded to lower case');
  ok(verdict('json', JSON.stringify({ items: [{ article: secret.text }] })).length === 1, 'also in JSON');
  ok(verdict('table', `a;b\n${foreign.text};1`).length === 1, 'a person of another body in an export is found');
  ok(verdict('html', `<p>${mine.text}</p>`).length === 1, 'a note of a class that the role does not read is found, even in the own body');
  ok(verdict('html', `<td>${name.text}</td>`).length === 0, 'what is allowed is not complained of');
  ok(verdict('html', `<table><tr><td>${name.text}<td>${telling.text}</table>`).length === 1,
    'the name of a body that tells, beside a person, is found');
  ok(verdict('html', `<table><tr><td>${telling.text}</table>`).length === 0, 'by itself it tells nothing');
  ok(verdict('html', `<table><tr><td>${name.text}<td><span class="b-hidden">скрыто: здоровье</span></table>`).length === 1,
    'a mark of what is withheld that tells it is found');
  ok(verdict('json', JSON.stringify({ family_name: name.text, category: 'living_with_hiv' })).length === 1, 'a code that tells is found');
  ok(verdict('html', `<p>${foreign.text}</p>`, '/persons/search?q=x').length === 1, 'the minimal card is for roles that may search');
  const phone = [...marks.numbers.values()].find((m) => m.field === 'phone' && m.table === 'person' && !world.grants.has(`${v.body}:${m.person}`));
  const p = phone.text;
  ok(verdict('html', `<p>${p.slice(0, 2)} (${p.slice(2, 5)}) ${p.slice(5, 8)}-${p.slice(8, 10)}-${p.slice(10)}</p>`).length === 1,
    'a telephone number is found however it is written');
});

// ---- crawl ----

for (const v of viewers) {
  v.token = register.token(v.login);
  v.routes = register.csv(['routes', '--login', v.login]);
}
const server = await register.serve();
for (const v of viewers) v.api = new Client(server.base, { token: v.token });
const wrong = new Map(); // words → how often
let opened = 0;
const complain = (v, where, list) => {
  for (const w of list) {
    const shape = where.replace(/\d+/g, '{}').replace(/=[^&]*/g, '=…');
    const key = `${v.role} (${v.kind}) at ${shape}: ${w.mark.table}.${w.mark.field} ${w.why.replace(/\d+/g, 'N')}`;
    const at = wrong.get(key) ?? { n: 0, first: `${v.login} ${where} ${w.mark.text} (${w.mark.table} ${w.mark.id}): ${w.why}` };
    at.n += 1;
    wrong.set(key, at);
  }
};

async function open(v, client, where) {
  opened += 1;
  const a = await client.get(where);
  const kind = a.type.includes('json') ? 'json' : a.type.includes('html') ? 'html' : a.type.includes('csv') ? 'table' : a.type.includes('sheet') ? 'xlsx' : 'html';
  const text = kind === 'xlsx' ? sheetRows(a.bytes).map((r) => r.map((c) => c?.text ?? '').join(';')).join('\n') : a.text;
  const r = readable(kind === 'xlsx' ? 'table' : kind, text);
  // what was looked for in vain stands in the form of registration as it was typed
  const typed = new Set(/^(\/api\/v1)?\/persons\/new\?q=/.test(where) ? marks.find(decodeURIComponent(where)) : []);
  complain(v, where, judge.judge(v, where, r, v.seen).filter((w) => !typed.has(w.mark)));
  if (a.status >= 500) complain(v, where, [{ mark: { table: '-', field: 'status', text: String(a.status), id: '' },
    why: `is answered with ${a.status}` }]);
  return Object.assign(a, { readable: r });
}

const shapeOf = (where) => {
  const [p, q] = where.split('?');
  return p.replace(/\/\d+/g, '/{}') + (q ? `?${q.split('&').map((x) => x.split('=')[0]).sort().join('&')}` : '');
};

// Allowed, and on some page of this viewer: the lead of a case may read its referrals, but has pages only of those to or from it.
const toBeSeen = (v, m) => !judge.refusal(v, m) && (m.table !== 'referral' || m.parties.includes(v.body));

// Of each field that the viewer may see, the page of one row.
function placesOf(v) {
  const places = new Map();
  for (const m of [...marks.of.values(), ...marks.dates.values(), ...marks.numbers.values()]) {
    const key = `${m.table}.${m.field}`;
    if (places.has(key) || m.body !== undefined || m.list || !toBeSeen(v, m)) continue;
    const on = { case_file: 'cases', referral: 'referrals', service: 'services', measure: 'measures', programme: 'programmes' }[m.table];
    if (on) places.set(key, `/${on}/${m.id}`);
    else if (m.page) places.set(key, m.page);
    else places.set(key, `/persons/${m.person}?all=1`);
  }
  return new Set(places.values());
}

async function crawl(v) {
  v.seen = new Set();
  v.pages = new Map();
  v.lists = new Set();
  v.cookie = await new Client(server.base).signIn(v.login);
  const queue = [];
  const met = new Set();
  const count = new Map();
  const add = (where, first = false) => {
    if (!where || met.has(where) || !where.startsWith('/') || /^\/(assets\/|sign-)|[?&](lang|format)=/.test(where)) return;
    const shape = shapeOf(where);
    const n = count.get(shape) ?? 0;
    const asked = shape.split(/[?&]/).slice(1);
    const most = !asked.length ? SHAPES[shape] ?? OPEN_MAX : asked.length > 1 || asked[0] === 'after' ? 2 : FEW.test(shape) ? 5 : OPTIONS_MAX;
    if (n >= most && !first) return;
    met.add(where);
    count.set(shape, n + 1);
    queue.push(where);
  };
  add('/');
  for (const r of v.routes) if (r.method === 'GET' && r.example) add(r.example, true);
  for (const p of v.persons) for (const end of ['?all=1', '/timeline', '/readers']) add(`/persons/${p}${end}`, true);
  for (const where of placesOf(v)) add(where, true);
  const strangers = [...marks.of.values()].filter((m) => m.table === 'person' && m.field === 'family_name'
    && !world.grants.has(`${v.body}:${m.person}`));
  for (const m of strangers.slice(0, 3)) add(`/persons/search?q=${m.text}&year=1931`, true);
  for (const [table, at] of [['case_file', 'cases'], ['programme', 'programmes'], ['measure', 'measures'], ['referral', 'referrals'], ['service',
    'services']]) {
    // rows with classes of their own first
    const rows = [...world.rowsOf[table].values()].filter((r) => r.scope.includes(v.body)).sort((a, b) => (b.classes & ~14) - (a.classes & ~14));
    for (const r of rows.slice(0, 5)) add(`/${at}/${r.id}`, true);
    if (rows.length > 5) add(`/${at}/${rows[rows.length - 1].id}`, true);
  }
  const work = async (where) => {
    const page = await open(v, v.cookie, where);
    v.pages.set(where, { status: page.status, there: marks.find(page.readable.plain) });
    if (page.status === 303) { add(page.location.split('#')[0]); return; }
    const data = await open(v, v.api, `/api/v1${where}`);
    const own = /^\/security\b/.test(where); // factors and sessions are changed by their owner in a browser, never with a token
    if (own ? data.status === 200 : data.status !== page.status) {
      complain(v, where, [{ mark: { table: '-', field: 'status', text: '', id: '' }, why: `page ${page.status}, API ${data.status}` }]);
    }
    if (page.status !== 200) return;
    // each list of a page can be asked for as a file
    for (const [name, list] of Object.entries(data.readable.object ?? {})) {
      const shape = `${shapeOf(where)}#${name}`;
      if (!Array.isArray(list) || name === 'masked' || v.lists.has(shape) || where.includes('?') || name === 'items') continue;
      v.lists.add(shape);
      await open(v, v.cookie, `${where}?list=${name}&format=csv`);
    }
    if (Array.isArray(data.readable.object?.items) && !v.lists.has(shapeOf(where))) {
      v.lists.add(shapeOf(where));
      const join = where.includes('?') ? '&' : '?';
      await open(v, v.cookie, `${where}${join}format=csv`);
      await open(v, v.cookie, `${where}${join}format=xlsx`);
      await open(v, v.api, `/api/v1${where}${join}format=csv`);
      if (!where.includes('?')) add(`${where}?limit=3`);
    }
    const base = where.split('?')[0];
    for (const l of linksOf(page.text)) add((l.startsWith('?') ? base + l : l).split('#')[0]);
    for (const f of formsOf(page.text).filter((x) => x.method === 'get' && x.action.startsWith('/'))) {
      for (const [name, choices] of Object.entries(f.choices)) {
        const step = Math.max(1, Math.floor(choices.length / OPTIONS_MAX));
        choices.filter((c, i) => c && i % step === 0).forEach((c) => add(`${f.action}?${name}=${encodeURIComponent(c)}`));
      }
    }
  };
  const working = new Set();
  while (queue.length || working.size) {
    while (queue.length && working.size < 3) {
      const where = queue.shift();
      const job = work(where).catch((e) => complain(v, where, [{ mark: { table: '-', field: 'error', text: '', id: '' }, why: String(e.message) }]))
        .finally(() => working.delete(job));
      working.add(job);
    }
    await Promise.race(working);
  }
}

await part('every page of every role', async () => {
  await pool(viewers, 3, crawl);
  ok(opened > viewers.length * 20, `${opened} answers were read`);
  for (const [words, w] of wrong) ok(false, `leak: ${words}`, `${w.n} times; first: ${w.first}`);
  ok(wrong.size === 0, `nothing is shown that ${viewers.length} viewers of ${new Set(viewers.map((v) => v.role)).size} roles may not see`);
});
note(`crawled ${opened} answers after ${Date.now() - began} ms`);

// ---- pages that come back from a form, files that are checked ----

await part('forms that come back', async () => {
  wrong.clear();
  let asked = 0;
  for (const v of viewers.filter((x) => x.caps.has('edit_person') && x.persons.length)) {
    for (const p of v.persons.slice(0, 2)) {
      const a = await v.cookie.submit(`/persons/${p}/edit`, `/persons/${p}/edit`, { version: 0, birth_place: 'Иное' });
      if (a.status !== 409) ok(false, 'an old card comes back with both versions', `${v.login} ${p}: ${a.status}`);
      complain(v, `/persons/${p}/edit`, judge.judge(v, `/persons/${p}/edit`, readable('html', a.text), v.seen));
      asked += 1;
    }
    // registering somebody whom another body knows
    const m = [...marks.of.values()].find((x) => x.table === 'person' && x.field === 'family_name' && !world.grants.has(`${v.body}:${x.person}`));
    const row = register.rows(`select family_name, given_name, patronymic, birth_date, snils from person where id = ${m.person}`)[0];
    for (const given of [{ snils: row.snils, family_name: 'Иной' }, { family_name: row.family_name, given_name: row.given_name,
      birth_date: row.birth_date }]) {
      const a = await v.cookie.submit('/persons/new', '/persons', { category: 'homeless', channel: 'self', since: '14.06.2024', sex: 'male',
        ...given });
      const typed = new Set(Object.values(given).flatMap((t) => [...marks.find(String(t))]));
      v.asksTwins = true;
      complain(v, '/persons (POST)', judge.judge(v, '/persons', readable('html', a.text), v.seen).filter((w) => !typed.has(w.mark)));
      v.asksTwins = false;
      asked += 1;
    }
  }
  for (const [words, w] of wrong) ok(false, `leak: ${words}`, `${w.n} times; first: ${w.first}`);
  ok(asked > 10 && wrong.size === 0, `${asked} forms that come back show nothing that is not allowed`);
});

await part('lists that are checked', async () => {
  wrong.clear();
  const takers = viewers.filter((v) => v.caps.has('import_list')).filter((v, i, all) => all.findIndex((w) => w.role === v.role) === i);
  for (const v of takers) {
    const strangers = register.rows(`select p.id, p.family_name, p.given_name, p.birth_date, p.snils from person p
      where not exists (select 1 from access a where a.person_id = p.id and a.body_id = ${v.body}) order by p.id limit 6`);
    const lines = ['Фамилия;Имя;Дата рождения;СНИЛС'];
    strangers.forEach((p, i) => lines.push([i % 2 ? p.family_name : 'Иной', i % 2 ? p.given_name : 'Некто',
      p.birth_date.split('-').reverse().join('.'), i % 3 ? '' : p.snils].join(';')));
    const typed = marks.find(lines.join('\n'));
    await v.cookie.get('/imports/new');
    const a = await v.cookie.postFile('/imports', { kind: 'persons', list: 'Проверка', category: 'homeless', channel: 'referred' }, ['file',
      'list.csv', lines.join('\r\n')]);
    if (!ok(a.status === 303 && /^\/imports\/\d+$/.test(a.location), `${v.role} brings in a list`, `${a.status} ${a.location}`)) continue;
    let page;
    for (let i = 0; i < 50; i += 1) {
      page = await v.cookie.get(a.location);
      if (register.rows(`select state from list_import where id = ${a.location.split('/')[2]}`)[0].state !== 'loading') break;
      await new Promise((r) => setTimeout(r, 100));
    }
    for (const where of [a.location, ...linksOf(page.text).filter((l) => l.startsWith('?show=')
      || l.startsWith(`${a.location}?show=`)).map((l) => (l.startsWith('?') ? a.location + l : l)),
      `${a.location}/faulty?show=doubtful`, `${a.location}/columns`]) {
      for (const [client, at] of [[v.cookie, where], [v.api, `/api/v1${where}`]]) {
        const b = await client.get(at);
        const kind = b.type.includes('json') ? 'json' : b.type.includes('csv') ? 'table' : 'html';
        complain(v, at, judge.judge(v, at, readable(kind, b.text), v.seen).filter((w) => !typed.has(w.mark)));
      }
    }
    await v.cookie.submit(a.location, `${a.location}/cancel`).catch(() => null);
  }
  for (const [words, w] of wrong) ok(false, `leak: ${words}`, `${w.n} times; first: ${w.first}`);
  ok(wrong.size === 0, 'the preview of a list tells nothing of persons of other bodies');
});

// ---- a grant that has just ended, before any job has swept ----

await part('a grant that has ended', async () => {
  const bad = [];
  const gone = [];
  for (const v of viewers.filter((x) => x.persons.length).slice(0, 8)) {
    const m = [...marks.of.values()].find((x) => x.table === 'person' && x.field === 'family_name' && !world.grants.has(`${v.body}:${x.person}`));
    if (gone.some((g) => g.includes(`body_id = ${v.body} `))) continue;
    gone.push(`delete from access where body_id = ${v.body} and person_id = ${m.person}`,
      `delete from access_grant where body_id = ${v.body} and person_id = ${m.person} and ref_id = 0`);
    register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since, until)
      values (${m.person}, ${v.body}, 'case_closed', 16382, 'case_file', 0, ${world.now - 9e9}, ${world.now - 1e6})`,
    `insert into access (body_id, person_id, bits, recheck_at, name_key) values (${v.body}, ${m.person}, 16382, ${world.now - 1e6}, '${m.text.toLowerCase()}')`]);
    const tell = (words) => bad.push(`${v.login}: ${words}`);
    for (const where of [`/persons/${m.person}`, `/persons/${m.person}/timeline`, `/persons/${m.person}/readers`, `/persons/${m.person}/edit`,
      `/persons/${m.person}/notes/new`,
      `/cases/new?person=${m.person}`, `/services/new?person=${m.person}`]) {
      for (const [client, at] of [[v.cookie, where], [v.api, `/api/v1${where}`]]) {
        const a = await client.get(at);
        if (a.status !== 404 && a.status !== 403) tell(`GET ${at}: ${a.status}`);
        for (const x of marks.find(a.text)) if (x.person === m.person) tell(`GET ${at}: ${x.table}.${x.field}`);
      }
    }
    const found = await v.api.get(`/api/v1/persons?q=${m.text}`);
    if (found.json.items.length) tell(`GET /persons?q= finds the person: ${found.text.slice(0, 150)}`);
    const all = await v.api.get('/api/v1/persons?limit=200&sort=newest');
    if (all.json.items.some((x) => x.id === m.person)) tell('the person stands in the list');
    const written = await v.api.postJson(`/api/v1/persons/${m.person}/notes`, { day: '2024-06-14', topic: 'general', words: 'Поздно' });
    if (written.status < 400) tell(`POST a note: ${written.status}`);
  }
  register.exec([...gone, "delete from note where words = 'Поздно'"]);
  ok(bad.length === 0, 'opens nothing any more', bad.join('\n'));
});

// ---- the same in plain words, whatever `bereg access` says ----

await part('roles in words', async () => {
  const seen = (roles_) => viewers.filter((v) => roles_.includes(v.role)).flatMap((v) => [...(v.seen ?? [])]);
  ok(!seen(['ngo_worker']).some((m) => m.need & bitsOf('criminal spent health hiv addiction mental')),
    'an NGO sees no criminal article and nothing medical');
  ok(!seen(['employment_specialist']).some((m) => m.need & bitsOf('health hiv addiction mental')), 'an employment specialist sees no health data');
  ok(!seen(['penal_operator']).some((m) => m.need & bitsOf('health hiv addiction mental')), 'the penal inspectorate sees no health data');
  ok(!seen(['police_officer']).some((m) => m.need & bitsOf('health hiv addiction mental')), 'the police see no health data');
  for (const role of ['system_admin', 'auditor', 'ministry_analyst']) ok(seen([role]).length === 0, `${role} sees nothing of any person`);
  for (const v of viewers) {
    if ([...v.seen].some((m) => m.need & bit('hiv') && m.owner !== v.body)) ok(false, `${v.login} sees a row of the class hiv of another body`);
  }
  for (const [key, bits] of world.grants) {
    const never = world.kinds[world.bodies.get(Number(key.split(':')[0])).kind].never;
    if (bits & never) { ok(false, `a grant opens ${namesOf(bits & never)} to a kind of body that never gets it`, key); break; }
  }
});

// ---- what is allowed is reachable ----

await part('reachable', async () => {
  const all = [...marks.of.values(), ...marks.numbers.values(), ...marks.dates.values()].filter((m) => m.body === undefined && !m.inside && m.text);
  const missing = new Map();
  let classes = 0;
  const byRole = new Map();
  for (const v of viewers) {
    const allowed = all.filter((m) => !m.list && toBeSeen(v, m));
    const fields = new Map();
    for (const m of allowed) {
      const key = `${m.table}.${m.field}`;
      fields.set(key, (fields.get(key) ?? false) || v.seen.has(m));
      for (let c = 1; c < 14; c += 1) {
        if (!(m.need >> c & 1)) continue;
        const at = `${v.role}:${c}`;
        byRole.set(at, (byRole.get(at) ?? false) || v.seen.has(m));
      }
    }
    for (const [key, was] of fields) if (!was) missing.set(key, [...(missing.get(key) ?? []), `${v.login} (${v.kind})`]);

    // A person's card shows everything of it that the viewer may see.
    for (const p of v.persons) {
      const page = v.pages.get(`/persons/${p}?all=1`);
      if (!page) { missing.set(`card of person ${p}`, [v.login]); continue; }
      const { there } = page;
      for (const m of allowed) {
        if (m.person !== p || !['person', 'person_category', 'sentence', 'note', 'service'].includes(m.table)) continue;
        if (m.table === 'service' && m.owner !== v.body) continue;
        if (!there.has(m)) missing.set(`${m.table}.${m.field} on the person's card`,
          [...(missing.get(`${m.table}.${m.field} on the person's card`) ?? []), `${v.login}: ${m.text} of person ${p}`]);
      }
    }
    // So does the page of a row.
    for (const [where, page] of v.pages) {
      const m = /^\/(cases|referrals|services|measures|programmes)\/(\d+)$/.exec(where);
      if (!m || page.status !== 200) continue;
      const table = { cases: 'case_file', referrals: 'referral', services: 'service', measures: 'measure', programmes: 'programme' }[m[1]];
      const { there } = page;
      for (const mark of allowed) {
        if (mark.table !== table || mark.id !== Number(m[2]) || there.has(mark)) continue;
        const key = `${table}.${mark.field} on its own page`;
        missing.set(key, [...(missing.get(key) ?? []), `${v.login} ${where} ${mark.text}`]);
      }
    }
  }
  for (const [at, was] of byRole) {
    classes += 1;
    if (!was) ok(false, `${at.split(':')[0]} can see something of the class ${namesOf(1 << Number(at.split(':')[1]))} somewhere`);
  }
  for (const [key, who] of missing) ok(false, `allowed and nowhere to be seen: ${key}`, `${who.length} times: ${who.slice(0, 5).join(', ')}`);
  ok(missing.size === 0, `each allowed field was seen by each viewer who may (${classes} pairs of role and class)`);
});

// ---- searching, filtering and sorting by what is hidden ----

const same = (answer, ...words) => {
  let t = answer.text.replace(/<select\b[^]*?<\/select>/g, '').replace(/name="(csrf|key)" value="[^"]*"/g,
    '').replace(/(after|next|sealed)[="]+:?"?[\w-]{40,}/g, '$1');
  for (const w of words) t = t.replaceAll(w, 'Q').replaceAll(w.toLowerCase(), 'Q').replaceAll(encodeURIComponent(w), 'Q');
  return t;
};

await part('search by what is hidden', async () => {
  let tried = 0;
  const bad = [];
  await pool(viewers.filter((v) => v.caps.has('see_person')), 3, async (v) => {
    const asks = ['/persons?q=', '/api/v1/persons?q='];
    if (v.caps.has('search_person')) asks.push('/persons/search?year=1931&q=');
    const hiddenOnes = [...marks.of.values()].filter((m) => m.body === undefined && judge.refusal(v, m) && m.text);
    const byField = new Map();
    for (const m of hiddenOnes) {
      const key = `${m.table}.${m.field}`;
      const list = byField.get(key) ?? [];
      if (list.length < 1 || (list.length < 2 && v.persons.includes(m.person))) byField.set(key, [...list, m]);
    }
    const nobody = marks.text(999999990);
    for (const ask of asks) {
      const unknown = same(await v.cookie.get(ask.startsWith('/api') ? ask.slice(7) + nobody : ask + nobody), nobody);
      const unknownApi = ask.startsWith('/api') ? same(await v.api.get(ask + nobody), nobody) : null;
      for (const [key, list] of byField) {
        for (const m of list) {
          if (ask.includes('search') && m.table === 'person') continue;
          tried += 1;
          const a = ask.startsWith('/api') ? await v.api.get(ask + m.text) : await v.cookie.get(ask + m.text);
          if (same(a, m.text) !== (unknownApi ?? unknown)) bad.push(`${v.login} ${ask}${m.text}: ${key}`);
        }
      }
    }
    // A number of somebody else's person is as unknown as no number at all.
    const strangers = [...marks.numbers.values()].filter((m) => m.field === 'snils' && !world.grants.has(`${v.body}:${m.person}`)).slice(0, 2);
    for (const m of strangers) {
      const none = '91799999900';
      const one = same(await v.cookie.get(`/persons?q=${m.text}`), m.text);
      const sum = [...'917999999'].reduce((s, d, i) => s + Number(d) * (9 - i), 0) % 101;
      const valid = none.slice(0, 9) + String(sum === 100 ? 0 : sum).padStart(2, '0');
      tried += 1;
      if (one !== same(await v.cookie.get(`/persons?q=${valid}`), valid)) bad.push(`${v.login} /persons?q=${m.text}: SNILS of another body's person`);
    }
    // And the own ones are found.
    const own = [...marks.of.values()].find((m) => m.table === 'person' && m.field === 'family_name' && v.persons[0] === m.person);
    if (own && !judge.refusal(v, own)) {
      const found = (await v.api.get(`/api/v1/persons?q=${own.text}`)).json.items;
      if (found.length !== 1 || found[0].id !== own.person) bad.push(`${v.login}: ${own.text} of the own body is not found alone`);
    }
  });
  ok(bad.length === 0, `${tried} searches for what is hidden are answered as for what does not exist`, bad.slice(0, 20).join('\n'));
});

await part('filters and sorts by what is hidden', async () => {
  const api = (await new Client(server.base).get('/api/openapi.json')).json;
  const lists = Object.entries(api.paths).filter(([p, o]) => o.get && !p.includes('{') && o.get.parameters?.some((x) => x.name === 'limit'))
    .map(([p, o]) => ({ path: p, filters: o.get.parameters.filter((x) => x.in === 'query' && !['after', 'limit', 'sort', 'format', 'q',
      'list'].includes(x.name)).map((x) => x.name) }));
  let tried = 0;
  const bad = [];
  await pool(viewers.filter((v, i) => viewers.findIndex((x) => x.role === v.role) === i), 3, async (v) => {
    for (const list of lists) {
      const plain = await v.api.get(`${list.path}?limit=50`);
      if (plain.status !== 200) continue;
      const rows = plain.json.items;
      if (rows.length > 1) for (const sort of ['nonsense', 'snils', 'address', 'classes', 'bits', 'category', 'birth_date', 'family_name desc', '1;--']) {
        const a = await v.api.get(`${list.path}?limit=50&sort=${encodeURIComponent(sort)}`);
        tried += 1;
        if (JSON.stringify(a.json.items) !== JSON.stringify(rows)) bad.push(`${v.login} ${list.path}?sort=${sort} changes the list`);
      }
      const filters = new Set([...list.filters, 'category', 'kind', 'need', 'classes', 'snils', 'address']);
      for (const filter of filters) {
        const none = await v.api.get(`${list.path}?limit=50&${filter}=zq_no_such_code`);
        const secret = [...marks.numbers.values()].filter((m) => m.code && judge.refusal(v, m) && (m.scope ?? [m.owner]).includes(v.body)).slice(0,
          6);
        for (const m of secret) {
          const a = await v.api.get(`${list.path}?limit=50&${filter}=${m.code}`);
          tried += 1;
          if (JSON.stringify(a.json.items) !== JSON.stringify(none.json.items)) bad.push(`${v.login} ${list.path}?${filter}=${m.code} (${namesOf(m.need)}) tells`);
        }
      }
    }
  });
  ok(tried > 0 && bad.length === 0, `${tried} sorts and filters by what is hidden change nothing`, bad.slice(0, 20).join('\n'));
});

// ---- what is not yours is not there ----

const TABLE_OF = { person: 'person', case: 'case_file', referral: 'referral', outside: 'referral', programme: 'programme', measure: 'measure', service: 'service',
  category: 'person_category' };
const mine = (v, table, row) => (table === 'person' ? world.grants.has(`${v.body}:${row.id}`) : (row.scope ?? [row.owner]).includes(v.body));
// An answer without the ids that were asked for, so that two can be compared.
const blank = (answer, ...ids) => ids.reduce((t, id) => t.replace(new RegExp(`(?<!\\d)${id}(?!\\d)`, 'g'), '#'),
  `${answer.status} ${answer.text.replace(/name="(csrf|key)" value="[^"]*"/g, '')} ${answer.location}`);

// A body that could pass: enough for the rules to be asked.
function plausible(schema, api) {
  const s = schema?.$ref ? api.components.schemas[schema.$ref.split('/').pop()] : schema;
  const out = { version: 1 };
  for (const [name, p] of Object.entries(s?.properties ?? {})) {
    const type = [].concat(p.type ?? 'string')[0];
    out[name] = p.enum ? p.enum.find((x) => x) : type === 'integer' ? 1 : type === 'boolean' ? true : p.format === 'date' ? '2024-06-14' : 'Текст';
  }
  for (const drop of ['snils', 'iin', 'phone', 'death_date']) delete out[drop];
  return out;
}

await part('foreign objects', async () => {
  const api = (await new Client(server.base).get('/api/openapi.json')).json;
  const changes = () => register.rows("select count(*) as n from event where account_id is not null and kind <> 'sign_in.done'")[0].n;
  const events = changes();
  const bad = [];
  let tried = 0;
  let samples = 0;
  const imports = register.rows('select id, body_id from list_import order by id');
  const foreignIds = (v, part_, n) => {
    const table = TABLE_OF[part_];
    if (part_ === 'import') return imports.filter((i) => i.body_id !== v.body).slice(0, n).map((i) => i.id);
    if (!table) return [];
    const rows = [...world.rowsOf[table].values()].filter((r) => !mine(v, table, r));
    const step = Math.max(1, Math.floor(rows.length / n));
    return rows.filter((_, i) => i % step === 0).slice(0, n).map((r) => r.id);
  };
  const absent = new Map(); // what is answered for an id that does not exist: once for each viewer and address
  const compare = async (v, words, ask, id, none) => {
    const a = await ask(id);
    const key = `${v.login} ${words}`;
    if (!absent.has(key)) absent.set(key, { b: await ask(none), none });
    const { b, none: asked } = absent.get(key);
    tried += 1;
    if (blank(a, asked, id) !== blank(b, asked, id)) bad.push(`${key}: ${a.status} for ${id}, ${b.status} for what is not there: ${a.text.slice(0, 100)} | ${b.text.slice(0, 100)}`);
    else if (a.status !== 404 && a.status !== 403) bad.push(`${v.login} ${words}: ${a.status} for a foreign id`);
  };
  const able = viewers.filter((v) => v.caps.has('see_person'));
  await pool(able, 3, async (v) => {
    const deep = v === able[0] || v.role === 'social_worker' && v.kind === 'social_centre';
    for (const r of v.routes.filter((x) => /\{/.test(x.path))) {
      const [first, second] = [...r.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      if (['body', 'account', 'district'].includes(first)) continue;
      const own = second && v.persons[0];
      const ids = foreignIds(v, second && own ? second : first, r.method === 'GET' && deep ? 20 : 2);
      samples += ids.length;
      for (const id of ids) {
        const none = 990000000 + id;
        const at = (x) => (second ? r.path.replace(`{${first}}`, own).replace(`{${second}}`, x) : r.path.replace(`{${first}}`, x));
        if (r.method === 'GET') {
          await compare(v, `GET ${r.path}`, (x) => v.cookie.get(at(x)), id, none);
          await compare(v, `GET /api/v1${r.path}`, (x) => v.api.get(`/api/v1${at(x)}`), id, none);
        } else if (r.example !== undefined) {
          const op = api.paths[`/api/v1${r.path}`]?.post;
          const may = (await v.api.postJson(`/api/v1${at(none)}`, {})).status !== 403;
          if (!may) continue;
          const body = plausible(op?.requestBody?.content?.['application/json']?.schema, api);
          await compare(v, `POST /api/v1${r.path}`, (x) => v.api.postJson(`/api/v1${at(x)}`, body), id, none);
          await compare(v, `POST ${r.path}`, (x) => v.cookie.post(at(x), body), id, none);
        }
      }
    }
    // Ids inside bodies and addresses.
    const [p] = foreignIds(v, 'person', 1);
    const [c] = foreignIds(v, 'case', 1);
    const [f] = foreignIds(v, 'referral', 1);
    const inside = (route, make) => {
      const op = api.paths[`/api/v1${route}`]?.post;
      return (x) => v.api.postJson(`/api/v1${route}`, { ...plausible(op?.requestBody?.content?.['application/json']?.schema, api), ...make(x) });
    };
    const services = { kind: 'consultation', day: '2024-06-14', note: '' };
    if (v.caps.has('send_referral')) {
      const to = [...world.bodies.values()].find((b) => b.kind === 'social_centre' && b.id !== v.body).id;
      await compare(v, 'POST /referrals person', inside('/referrals', (x) => ({ person: x, need: 'social_support', to_body_id: to, term: 5 })), p,
        990000001);
    }
    if (v.caps.has('record_service')) {
      await compare(v, 'POST /services person', inside('/services', (x) => ({ ...services, person: x })), p, 990000001);
      await compare(v, 'POST /services case', inside('/services', (x) => ({ ...services, person: v.persons[0], case: x })), c, 990000001);
      await compare(v, 'POST /services referral', inside('/services', (x) => ({ ...services, person: v.persons[0], referral: x })), f, 990000001);
      await compare(v, 'GET /services/new?person', (x) => v.cookie.get(`/services/new?person=${x}`), p, 990000001);
    }
    if (v.caps.has('lead_case')) {
      await compare(v, 'POST /cases person', inside('/cases', (x) => ({ person: x, channel: 'self' })), p, 990000001);
      await compare(v, 'GET /cases/new?person', (x) => v.cookie.get(`/cases/new?person=${x}`), p, 990000001);
    }
    tried += 1;
    const a = await v.api.get(`/api/v1/referrals?person=${p}`);
    const b = await v.api.get('/api/v1/referrals?person=990000001');
    if (blank(a, 990000001, p) !== blank(b, 990000001, p)) bad.push(`${v.login} /referrals?person= tells`);
  });
  ok(samples > 40 && bad.length === 0, `${tried} foreign objects are answered as objects that do not exist (${samples} samples)`, bad.slice(0,
    25).join('\n'));
  const after = changes();
  ok(after === events, 'and nothing was changed by asking', `${after - events} events more`);
});

// ---- what a body does not see of a person it does not write either ----

await part('writing what is hidden', async () => {
  const TOPICS = { family: 'family', criminal: 'court', violence: 'violence', employment: 'employment', finance: 'finance', health: 'health',
    addiction: 'addiction', mental: 'mental' };
  const bad = [];
  let tried = 0;
  for (const v of viewers.filter((x) => x.caps.has('see_person'))) {
    const known = [...world.grants].filter(([key]) => Number(key.split(':')[0]) === v.body).map(([key, bits]) => ({ p: Number(key.split(':')[1]),
      bits }))
      .filter((k) => k.bits & bit('identity'));
    for (const [cls, topic] of Object.entries(TOPICS)) {
      const k = known.find((x) => !(x.bits & bit(cls)));
      if (!k || !(judge.write[v.role] & bit(cls))) continue;
      tried += 1;
      const words = `Вслепую ${v.login} ${cls}`;
      const a = await v.api.postJson(`/api/v1/persons/${k.p}/notes`, { day: '2024-06-14', topic, words });
      if (a.status < 400 || register.rows(`select id from note where words = '${words}'`).length) bad.push(`${v.login} (${v.kind}, ${namesOf(k.bits)}) writes a note of the class ${cls}: ${a.status}`);
    }
    const k = known.find((x) => !(x.bits & bit('contact')));
    if (!k || !v.caps.has('edit_person')) continue;
    tried += 1;
    const row = register.rows(`select version, address from person where id = ${k.p}`)[0];
    const a = await v.api.postJson(`/api/v1/persons/${k.p}/edit`, { version: row.version, address: 'Вслепую, д. 1' });
    if (register.rows(`select address from person where id = ${k.p}`)[0].address !== row.address) bad.push(`${v.login} (${v.kind}, ${namesOf(k.bits)}) changes an address that is hidden from it: ${a.status}`);
  }
  ok(tried > 3 && bad.length === 0, `${tried} tries to write what is hidden are refused`, bad.join('\n'));
});

const status = await server.stop();
ok(status === 0, 'the server ends cleanly', `${status}\n${server.err.slice(-3000)}`);
if (verbose) for (const v of viewers) note(`${v.login} ${v.role} ${v.kind}: ${v.pages.size} pages, ${v.seen.size} markers`);
note(`${Date.now() - began} ms`);
await register.drop();
finish();
