// The contract with the outside: commands, addresses, statuses, headers, sign-in, the API, exports, bad input.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/http.mjs
import fs from 'node:fs';
import path from 'node:path';
import { ENGINE, PASSWORD, Register, TODAY, TREE, bereg, parseCsv, tmpDir } from './lib/server.mjs';
import { Client, sheetRows, unescapeHtml } from './lib/client.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
const register = Register.demo({ persons: 300, seed: 3, name: 'http' });
const server = await register.serve({ args: ['--demo'] });
const one = (sql) => register.rows(sql)[0];
const users = register.users();
const roleOf = (role) => users.find((u) => u.role === role).login;
const centre = one(`select b.id, c.login, c.id as account from body b join account c on c.body_id = b.id join access a on a.body_id = b.id
  where b.kind = 'social_centre' and c.role = 'social_worker' and c.active = 1 group by b.id, c.login, c.id order by count(*) desc, c.login limit 1`);
const worker = centre.login;
const operator = one(`select c.login, c.body_id from account c join access a on a.body_id = c.body_id where c.role = 'penal_operator' and c.active = 1
  group by c.login, c.body_id order by count(*) desc, c.login limit 1`);
const nobody = new Client(server.base);
const web = await new Client(server.base).signIn(worker);
const api = new Client(server.base, { token: register.token(worker) });
const admin = await new Client(server.base).signIn(roleOf('system_admin'));
note(`${ENGINE}: ready after ${Date.now() - began} ms`);

const problem = (a, status, name) => {
  const good = a.status === status && a.type === 'application/problem+json';
  let body = null;
  try { body = a.json; } catch { /* told below */ }
  return ok(good && body && body.status === status && typeof body.title === 'string' && Array.isArray(body.errors), name,
    `${a.status} ${a.type} ${a.text.slice(0, 400)}`) ? body : { errors: [] };
};
const errorAt = (a, field) => {
  try { return a.json.errors.find((e) => e.field === field)?.message ?? null; } catch { return null; }
};

// ---- commands ----

await part('commands', async () => {
  const help = bereg(['--help']);
  is(help.status, 0, 'bereg --help ends with 0');
  const commands = [...help.out.matchAll(/^ {2}bereg (\w+)/gm)].map((m) => m[1]);
  for (const c of ['init', 'demo', 'serve', 'jobs', 'upgrade', 'users', 'token', 'fields', 'access', 'routes', 'import', 'report', 'deadline',
    'check']) {
    ok(commands.includes(c), `there is a command ${c}`);
  }
  for (const c of commands) {
    const r = bereg([c, '--help']);
    ok(r.status === 0 && r.out.includes(`bereg ${c}`) && r.out.length > 30, `bereg ${c} --help`, `${r.status} ${r.out}${r.err}`);
  }
  is(bereg([]).status, 2, 'without a command: 2');
  is(bereg(['fly']).status, 2, 'an unknown command: 2');
  is(bereg(['users', '--no-such-option', 'x']).status, 2, 'an unknown option: 2');
  is(bereg(['users', '--db']).status, 2, 'an option without its value: 2');
  is(bereg(['demo', '--db', register.url, '--persons', 'many']).status, 2, 'a number that is none: 2');
  for (const c of ['init', 'users', 'serve', 'check', 'jobs', 'upgrade']) {
    const r = bereg(c === 'jobs' ? [c, '--once'] : [c]);
    ok(r.status === 2 && /--db/.test(r.err), `bereg ${c} without --db: 2 and a word`, `${r.status} ${r.err}`);
  }
  is(register.run(['token']).status, 2, 'a token without --login: 2');
  const unknown = register.run(['token', '--login', 'nobody.here']);
  ok(unknown.status === 1 && /nobody\.here|account|login/i.test(unknown.err), 'a token of nobody: 1 and a word', `${unknown.status} ${unknown.err}`);
  const wrong = bereg(['check', '--db', 'mysql://localhost/x']);
  ok((wrong.status === 1 || wrong.status === 2) && wrong.err.length > 10, 'an address of another kind of database is refused with a word',
    `${wrong.status} ${wrong.err}`);
  const missing = bereg(['check', '--db', `sqlite:${path.join(tmpDir(), 'not-there.db')}`]);
  ok(missing.status === 1 && missing.err.length > 10, 'a register that is not there: 1 and a word', `${missing.status} ${missing.err}`);
  ok(!fs.existsSync(path.join(tmpDir(), 'not-there.db')), 'and no file is made');
  const again = bereg(['demo', '--db', register.url, '--persons', '10']);
  ok(again.status === 1 && again.err.length > 10, 'a demo over a register: 1 and a word', `${again.status} ${again.err}`);
  ok(bereg(['users', '--db', register.url], { env: { BEREG_NOW: 'yesterday' } }).status === 2, 'a clock that is none: 2');
  is(bereg(['users', '--db', register.url, '--now', '2024-06-15T10:00']).status, 0, '--now sets the clock of any command');
  is(register.run(['jobs', '--once']).status, 0, 'bereg jobs --once beside a running server');
  is(Object.keys(users[0]), ['login', 'role', 'body', 'name'], 'bereg users: login,role,body,name');
  is(Object.keys(parseCsv(bereg(['fields']).out)[0]), ['table', 'field', 'class', 'sealed'], 'bereg fields: table,field,class,sealed');
  is(Object.keys(parseCsv(bereg(['access']).out)[0]), ['role or need', 'class', 'read', 'write'], 'bereg access: role or need,class,read,write');
  const routes = register.csv(['routes', '--login', worker]);
  is(Object.keys(routes[0]), ['method', 'path', 'example'], 'bereg routes: method,path,example');
  const bad = [];
  for (const r of routes.filter((x) => x.method === 'GET' && x.example)) {
    const a = await web.get(r.example);
    if (a.status !== 200 && a.status !== 303) bad.push(`${r.example}: ${a.status}`);
  }
  ok(bad.length === 0, 'each example of bereg routes is an address that opens', bad.join('\n'));
  for (const p of ['/persons/{person}', '/cases/{case}', '/referrals/{referral}']) {
    ok(routes.some((r) => r.method === 'GET' && r.path === p && r.example), `bereg routes gives an example of ${p} to a social worker`);
  }
  const date = bereg(['deadline', '--packs', path.join(TREE, 'packs'), '--calendar', 'ru', '--from', '2024-04-26', '--count', '5', '--unit',
    'working_day']);
  is([date.status, date.out.trim()], [0, '2024-05-07'], 'bereg deadline needs no register');
});

await part('the same seed, the same region', async () => {
  const small = [1, 1, 2].map((seed) => Register.demo({ persons: 30, seed, name: 'seed', fresh: true }));
  const of = (r) => JSON.stringify([r.rows('select family_name, given_name, birth_date, snils, address from person order by id'),
    r.rows('select kind, person_id, case_id, day from event order by id'), r.rows('select login, name from account order by id')]);
  const [a, b, c] = small.map(of);
  ok(a === b, 'two regions of one seed are the same');
  ok(a !== c, 'another seed gives another one');
  is(small[0].run(['check']).status, 0, 'bereg check finds nothing in a new region');
  for (const r of small) await r.drop();
});

// ---- health, description ----

await part('health', async () => {
  const a = await nobody.get('/health');
  is([a.status, a.type], [200, 'application/json'], '/health: 200 and JSON');
  ok(a.json.status === 'ok' && a.json.version, '/health names the version', a.text);
});

await part('openapi', async () => {
  const a = await nobody.get('/api/openapi.json');
  is([a.status, a.type], [200, 'application/json'], '/api/openapi.json: 200 and JSON');
  const d = a.json;
  like(d.openapi, /^3\.1\.\d$/, 'it says 3.1');
  ok(d.info?.title && d.info?.version && d.paths && d.components?.schemas, 'it has its parts');
  const bad = [];
  const walk = (x, at) => {
    if (Array.isArray(x)) x.forEach((y, i) => walk(y, `${at}[${i}]`));
    else if (x && typeof x === 'object') {
      for (const [k, v] of Object.entries(x)) {
        if (k === '$ref') {
          const to = String(v).replace(/^#\//, '').split('/').reduce((o, name) => o?.[name], d);
          if (!to) bad.push(`${at}: ${v} leads nowhere`);
        }
        if (k === 'required' && Array.isArray(v)) for (const name of v) if (!x.properties?.[name]) bad.push(`${at}: required ${name} is no property`);
        if (k === 'type') for (const t of [].concat(v)) if (typeof t === 'string'
          && !/^(object|array|string|integer|number|boolean|null|http|apiKey)$/.test(t)) bad.push(`${at}: type ${t}`);
        walk(v, `${at}.${k}`);
      }
    }
  };
  walk(d, '');
  const ids = new Set();
  for (const [p, methods] of Object.entries(d.paths)) {
    if (!p.startsWith('/')) bad.push(`path ${p}`);
    const inPath = [...p.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    for (const [m, op] of Object.entries(methods)) {
      if (!/^(get|post)$/.test(m)) bad.push(`${m} ${p}`);
      if (!op.operationId || ids.has(op.operationId)) bad.push(`${m} ${p}: operationId ${op.operationId}`);
      ids.add(op.operationId);
      const declared = (op.parameters ?? []).filter((x) => x.in === 'path').map((x) => x.name).sort();
      if (JSON.stringify(declared) !== JSON.stringify(inPath)) bad.push(`${m} ${p}: parts ${declared}`);
      if ((op.parameters ?? []).some((x) => !x.schema || (x.in === 'path'
        && x.required !== true))) bad.push(`${m} ${p}: a parameter without schema or not required`);
      const names = (op.parameters ?? []).map((x) => `${x.in}:${x.name}`);
      if (new Set(names).size !== names.length) bad.push(`${m} ${p}: parameters twice: ${names}`);
      if (!op.responses || !Object.values(op.responses).every((r) => r.description || r.$ref)) bad.push(`${m} ${p}: responses`);
      if (m === 'post' && !op.requestBody) bad.push(`${m} ${p}: no body`);
    }
  }
  ok(bad.length === 0, 'its references lead somewhere, its parts are declared', bad.slice(0, 20).join('\n'));
  const lacking = [];
  for (const u of ['social_worker', 'system_admin', 'auditor', 'ministry_analyst']) {
    for (const r of register.csv(['routes', '--login', roleOf(u)])) {
      const at = d.paths[`/api/v1${r.path}`];
      if (!/^\/(sign-in($|\/)|sign-out$|find$|security($|\/)|outside\/|calendar\/\{token\}$)/.test(r.path) && !at?.[r.method.toLowerCase()]) lacking.push(`${r.method} ${r.path}`);
    }
  }
  ok(lacking.length === 0, 'every route stands in it', [...new Set(lacking)].join('\n'));
  for (const p of ['persons', 'cases', 'referrals', 'programmes', 'measures', 'services', 'reports']) ok(d.paths[`/api/v1/${p}`]?.get,
    `there is a resource ${p}`);
  // what comes back has the members that were described
  const card = d.paths['/api/v1/persons/{person}'].get.responses['200'].content['application/json'].schema;
  const schema = card.$ref ? d.components.schemas[card.$ref.split('/').pop()] : card;
  const id = (await api.get('/api/v1/persons')).json.items[0].id;
  const extra = Object.keys((await api.get(`/api/v1/persons/${id}`)).json).filter((k) => !schema.properties[k]);
  ok(extra.length === 0, 'a card has no member that is not described', extra.join());
});

// ---- signing in ----

await part('signing in', async () => {
  const c = new Client(server.base);
  const page = await c.get('/sign-in');
  is(page.status, 200, 'the page opens');
  like(page.text, /name="login"/, 'it asks for the login');
  const timed = async (login, password) => {
    const t = process.hrtime.bigint();
    const a = await new Client(server.base).post('/sign-in', { login, password });
    return { a, ms: Number(process.hrtime.bigint() - t) / 1e6 };
  };
  await timed('warm.up', 'x');
  const known = [];
  const unknown = [];
  const others = users.filter((u) => u.login !== worker && u.role !== 'ngo_worker').slice(30, 80);
  const least = (l) => Math.min(...l.map((x) => x.ms)); // other load only adds: a busy machine is asked again
  const alike = () => Math.max(least(known), least(unknown)) / Math.min(least(known), least(unknown)) < 1.6;
  for (let i = 0; i < others.length && (i < 8 || !alike()); i += 1) {
    known.push(await timed(others[i].login, 'wrong password'));
    unknown.push(await timed(`no.such.${i}`, 'wrong password'));
  }
  const bare = (x) => x.a.text.replace(/value="[^"]*"/g, '');
  is([known[0].a.status, unknown[0].a.status], [422, 422], 'a wrong password and an unknown login are refused alike');
  is(bare(known[0]) === bare(unknown[0]), true, 'in the same words');
  unlike(known[0].a.text, /wrong password/, 'the password is not sent back');
  ok(alike(), 'and in a similar time', `${least(known).toFixed(1)} ms for known, ${least(unknown).toFixed(1)} ms for unknown logins`);
  // repeated failures
  const victim = users.find((x) => x.role === 'ngo_worker').login;
  const waits = [];
  for (let i = 0; i < 5; i += 1) waits.push((await timed(victim, 'wrong')).ms);
  ok(waits[4] > 800 && waits[0] < 800, 'after some failures the answer comes late', waits.map((w) => Math.round(w)).join(' '));
  const late = await timed(victim, PASSWORD);
  ok(late.a.status === 303, 'but the right password still opens', `${late.a.status} after ${Math.round(late.ms)} ms`);
  const cookie = [].concat(late.a.headers['set-cookie']).find((x) => x.startsWith('bereg='));
  like(cookie ?? '', /; ?HttpOnly/i, 'the cookie is HttpOnly');
  like(cookie ?? '', /; ?SameSite=(Lax|Strict)/i, 'and SameSite');
  like(cookie ?? '', /; ?Path=\/(;|$)/i, 'for the whole site');
  const secure = await new Client(server.base).request('POST', '/sign-in', {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-proto': 'https' },
      body: `login=${users[20].login}&password=${PASSWORD}` });
  like([].concat(secure.headers['set-cookie']).join(), /; ?Secure/i, 'behind HTTPS it is Secure');
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    const a = await new Client(server.base).post('/sign-in', { login: users[21].login, password: PASSWORD, next });
    ok(a.status === 303 && /^\/(?![/\\])/.test(a.location), `next=${next} leads nowhere else`, a.location);
  }
  const kept = await new Client(server.base).post('/sign-in', { login: users[21].login, password: PASSWORD, next: '/persons?q=a' });
  is(kept.location, '/persons?q=a', 'next= inside the site is kept');
  is((await nobody.get('/persons?q=x')).status, 303, 'nobody signed in: led to the sign-in page');
  like((await nobody.get('/persons?q=x')).location, /^\/sign-in\?next=%2Fpersons|^\/sign-in\?next=\/persons/, 'and back');
  // sessions
  const s = await new Client(server.base).signIn(users[22].login);
  const account = one(`select id from account where login = '${users[22].login}'`).id;
  const old = new Map(s.cookies);
  const out = await s.submit('/', '/sign-out').catch(async () => s.post('/sign-out'));
  is(out.status, 303, 'signing out');
  is((await new Client(server.base, { cookies: old }).get('/bodies')).status, 303, 'the cookie opens nothing afterwards');
  await s.signIn(users[22].login);
  register.exec(`update session set expires_at = 1 where account_id = ${account}`);
  is((await s.get('/bodies')).status, 303, 'an expired session opens nothing');
  await s.signIn(users[22].login);
  const token = new Client(server.base, { token: register.token(users[22].login) });
  is((await token.get('/api/v1/bodies')).status, 200, 'a token opens the API');
  register.exec(`update account set active = 0 where id = ${account}`);
  is([(await s.get('/bodies')).status, (await token.get('/api/v1/bodies')).status], [303, 401],
    'an account that has ended opens nothing, neither by cookie nor by token');
  register.exec(`update account set active = 1 where id = ${account}`);
});

await part('forms of strangers', async () => {
  const form = { login: 'x', password: 'y' };
  const far = await new Client(server.base).post('/sign-in', form, { headers: { origin: 'https://evil.example' } });
  is(far.status, 403, 'a form from another site is refused');
  const site = await new Client(server.base).post('/sign-in', form, { headers: { 'sec-fetch-site': 'cross-site' } });
  is(site.status, 403, 'also when the browser says it in the other header');
  await web.get('/persons/new');
  const given = { family_name: 'Безключей', birth_date: '01.02.1980', sex: 'male', category: 'homeless', channel: 'self', since: '14.06.2024' };
  is((await web.post('/persons', given, { csrf: '' })).status, 403, 'without csrf: 403');
  is((await web.post('/persons', given, { csrf: 'f'.repeat(64) })).status, 403, 'with a wrong one: 403');
  const other = await new Client(server.base).signIn(users[23].login);
  is((await web.post('/persons', given, { csrf: other.csrf })).status, 403, 'with that of another session: 403');
  is(one("select count(*) as n from person where family_name = 'Безключей'").n, 0, 'nothing was stored');
});

// ---- headers ----

await part('headers', async () => {
  const asset = /href="(\/assets\/bereg\.css[^"]*)"/.exec((await nobody.get('/sign-in')).text)?.[1] ?? '/assets/bereg.css';
  const answers = { page: await web.get('/persons'), 'sign-in': await nobody.get('/sign-in'), redirect: await nobody.get('/persons'),
    json: await api.get('/api/v1/persons'),
    'not found': await web.get('/nothing'), problem: await nobody.get('/api/v1/persons'), asset: await nobody.get(asset),
      health: await nobody.get('/health'),
    export: await web.get('/persons?format=csv'), 'missing file': await nobody.get('/assets/none.css') };
  for (const [name, a] of Object.entries(answers)) {
    const h = a.headers;
    const csp = h['content-security-policy'] ?? '';
    const lacks = [];
    if (!/default-src '(none|self)'/.test(csp) || /unsafe|\*/.test(csp) || !/frame-ancestors 'none'/.test(csp) || !/base-uri 'none'/.test(csp)
      || !/form-action '(self|none)'/.test(csp)) lacks.push(`CSP ${csp}`);
    if (h['x-content-type-options'] !== 'nosniff') lacks.push('nosniff');
    if (!h['referrer-policy']) lacks.push('referrer-policy');
    if (h['x-frame-options'] !== 'DENY') lacks.push('x-frame-options');
    if (h.server || h['x-powered-by']) lacks.push('names its server');
    if (!['asset'].includes(name) && !/no-store|no-cache/.test(h['cache-control'] ?? '')
      && name !== 'missing file') lacks.push(`cache-control ${h['cache-control']}`);
    ok(lacks.length === 0, `headers of ${name}`, lacks.join('\n'));
  }
  unlike(answers.page.text, /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style="/, 'no script or style inside a page');
  unlike(answers.page.text, /(?:src|href)="https?:/, 'nothing from another host');
});

await part('assets', async () => {
  const html = (await nobody.get('/sign-in')).text;
  const links = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((m) => m[1]);
  ok(links.length >= 4, 'a page has its files', links.join());
  for (const l of links) {
    const a = await nobody.get(l);
    ok(a.status === 200 && /immutable|max-age=\d{6,}/.test(a.headers['cache-control'] ?? '') && a.headers.etag,
      `${l.split('?')[0]} is kept by browsers`, `${a.status} ${a.headers['cache-control']}`);
    is((await nobody.get(l, { headers: { 'if-none-match': a.headers.etag } })).status, 304, `${l.split('?')[0]}: 304 when it is there`);
  }
  const css = links.find((l) => /\.css/.test(l));
  const plain = await nobody.request('GET', css);
  const packed = await nobody.request('GET', css, { headers: { 'accept-encoding': 'gzip' } });
  ok(!plain.headers['content-encoding'] && packed.headers['content-encoding'] === 'gzip'
    && Number(packed.headers['content-length']) < Number(plain.headers['content-length']) / 2,
    'CSS comes packed to who takes it', `${plain.headers['content-length']} ${packed.headers['content-length']}`);
  ok(plain.text === packed.text, 'and is the same');
  like(packed.headers.vary ?? '', /accept-encoding/i, 'Vary says so');
  for (const bad of ['/assets/', '/assets/none.css', '/assets/../src/main.c', '/assets/%2e%2e/%2e%2e/etc/passwd', '/assets/bereg.css/x']) {
    is((await nobody.get(bad)).status, 404, `${bad}: 404`);
  }
});

// ---- statuses ----

await part('statuses', async () => {
  is((await web.get('/nothing')).status, 404, 'no such page: 404');
  is((await web.get('/persons/999999999')).status, 404, 'no such person: 404');
  for (const id of ['0', '-1', '+1', 'abc', '1e3', '1.0', '0x1', '99999999999999999999', '9223372036854775808', '%31%00', '1%2f2', ' 1', '١']) {
    const a = await web.get(`/persons/${encodeURI(id).replace(/%25/g, '%')}`);
    ok(a.status === 404 || a.status === 400, `/persons/${id}: no person`, String(a.status));
  }
  const post = await web.post('/inbox', {});
  ok(post.status === 405 && /GET/.test(post.headers.allow ?? ''), 'another method: 405 with Allow', `${post.status} ${post.headers.allow}`);
  for (const m of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    const a = await web.request(m, '/persons');
    ok(a.status === 405 || a.status === 501 || a.status === 400, `${m}: not understood`, String(a.status));
  }
  const forbidden = await web.get('/accounts');
  is(forbidden.status, 403, 'a page for others: 403');
  like(forbidden.type, /^text\/html/, 'as a page');
  is((await admin.get('/persons')).status, 403, 'the administrator opens no persons');
  problem(await api.get('/api/v1/accounts'), 403, 'the API says it in JSON');
  problem(await api.get('/api/v1/persons/999999999'), 404, 'no such person in the API');
  problem(await api.get('/api/v1/nothing'), 404, 'no such resource in the API');
  problem(await nobody.get('/api/v1/persons'), 401, 'the API without a token: 401');
  ok((await nobody.get('/api/v1/persons')).headers['www-authenticate']?.startsWith('Bearer'), 'and says what it wants');
  problem(await nobody.get('/api/v1/persons', { headers: { authorization: `Bearer ${'0'.repeat(64)}` } }), 401, 'a token of nobody: 401');
  problem(await nobody.get('/api/v1/persons', { headers: { authorization: 'Basic eDp5' } }), 401, 'another scheme: 401');
  problem(await web.get('/api/v1/persons'), 401, 'a cookie does not open the API');
  problem(await api.post('/api/v1/inbox', {}), 405, 'another method in the API: 405');
  is((await api.get('/persons')).status, 200, 'a token opens pages');
  is((await api.post('/persons', { family_name: 'Токенов' })).status, 403, 'for reading only');
  problem(await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'text/plain' }, body: 'x' }), 415,
    'another kind of content: 415');
  problem(await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'application/json' }, body: '{"a":' }), 400, 'broken JSON: 400');
  problem(await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'application/json' }, body: '[1,2]' }), 400,
    'JSON that is no object: 400');
  problem(await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'application/json' }, body: '{"a":'.repeat(20000) }), 400,
    'JSON without bottom: 400');
  const large = await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'application/json' },
    body: `{"address":"${'x'.repeat(3 << 20)}"}` }).catch((e) => ({ status: String(e.code) }));
  ok(large.status === 413 || large.status === 'EPIPE' || large.status === 'ECONNRESET', 'too much: 413', String(large.status));
  for (const p of ['/persons/', '//persons', '/persons//1', '/./persons', '/persons/../health', '/PERSONS', '/api/v1', '/api/v1/', '/api/v2/persons',
    '/api', '/persons;x=1', '/persons%2f1', '/%00']) {
    const a = await web.get(p);
    ok([400, 401, 404].includes(a.status), `${p}: nothing there`, String(a.status));
  }
});

await part('head', async () => {
  for (const [c, p] of [[web, '/persons'], [api, '/api/v1/persons'], [nobody, '/health'], [nobody, '/assets/favicon.svg'], [web, '/nothing'], [nobody,
    '/persons']]) {
    const [g, h] = [await c.get(p), await c.request('HEAD', p)];
    ok(h.status === g.status && h.bytes.length === 0 && h.type === g.type, `HEAD ${p} is GET without the body`,
      `${g.status} ${h.status}, ${h.bytes.length} bytes, ${g.type} ${h.type}`);
  }
});

// ---- input that nobody means well with ----

const goodPerson = { family_name: 'Проверкин', given_name: 'Пётр', patronymic: 'Петрович', birth_date: '05.09.1985', sex: 'male',
  category: 'homeless', channel: 'self', since: '14.06.2024' };
const people = () => one('select count(*) as n from person').n;

await part('bad input', async () => {
  const before = people();
  const p = (await api.get('/api/v1/persons?limit=1')).json.items[0].id;
  const cases = [
    ['a surname of 5,000 characters', { family_name: 'Я'.repeat(5000) }, 'family_name'],
    ['no surname', { family_name: '' }, 'family_name'],
    ['blanks for a surname', { family_name: '  \u00a0 ' }, 'family_name'],
    ['digits in a surname', { family_name: 'Петров7' }, 'family_name'],
    ['31.02', { birth_date: '31.02.1980' }, 'birth_date'],
    ['29.02 of a common year', { birth_date: '29.02.1981' }, 'birth_date'],
    ['birth in the future', { birth_date: '15.06.2024' }, 'birth_date'],
    ['birth in the far future', { birth_date: '01.01.9999' }, 'birth_date'],
    ['birth in the year 1200', { birth_date: '01.01.1200' }, 'birth_date'],
    ['a word for a date', { birth_date: 'вчера' }, 'birth_date'],
    ['an American date', { birth_date: '09/25/1985' }, 'birth_date'],
    ['death before birth', { death_date: '04.09.1985' }, 'death_date'],
    ['death in the future', { death_date: '15.06.2024' }, 'death_date'],
    ['a SNILS with a wrong check number', { snils: '112-233-445 96' }, 'snils'],
    ['a SNILS too short', { snils: '112-233' }, 'snils'],
    ['an IIN with a wrong check number', { iin: '850905300123' }, 'iin'],
    ['a telephone of letters', { phone: 'позвоните' }, 'phone'],
    ['a code of no list', { sex: 'other-code' }, 'sex'],
    ['a district of nowhere', { district_id: '999999' }, 'district_id'],
    ['a number for a district that is none', { district_id: 'x' }, 'district_id'],
    ['a category of no list', { category: "' or 1=1 --" }, 'category'],
  ];
  for (const [name, change, field] of cases) {
    const a = await api.postJson('/api/v1/persons', { ...goodPerson, ...change });
    ok(a.status === 422 && errorAt(a, field), `${name}: 422 at ${field}`, `${a.status} ${a.text.slice(0, 500)}`);
    if (['a surname of 5,000 characters', '31.02', 'death before birth'].includes(name)) {
      const at = field === 'death_date' ? `/persons/${p}/edit` : '/persons/new';
      const page = await web.submit(at, field === 'death_date' ? at : '/persons', { ...goodPerson, ...change });
      ok(page.status === 422 && new RegExp(`id="${field}-error"`).test(page.text) && /govuk-error-summary/.test(page.text),
        `${name}: the page says it at the field and in a summary`, String(page.status));
      ok(page.form(field === 'death_date' ? at : '/persons')?.fields.some(([k, v]) => k === 'given_name' && v === 'Пётр'),
        `${name}: what was typed is kept`);
    }
  }
  const ground = register.rows("select key from pack_entry where kind = 'code' and key like 'legal_basis %' order by ord limit 1")[0].key.split(' ')[1];
  for (const [where, body, field] of [
    ['/referrals', { person: p, to_body_id: 999999, need: 'social_support', ground, term: 5 }, 'to_body_id'],
    ['/referrals', { person: p, to_body_id: centre.id, need: 'nothing', ground, term: 5 }, 'need'],
    ['/referrals', { person: p, need: 'social_support', ground, term: 0 }, 'term'],
    ['/referrals', { person: p, need: 'social_support', ground, term: 366 }, 'term'],
    ['/services', { person: p, kind: 'consultation', day: '15.06.2024' }, 'day'],
    ['/services', { person: p, kind: 'consultation', day: '01.01.1800' }, 'day'],
    ['/services', { person: p, kind: 'no_such', day: TODAY }, 'kind'],
    [`/persons/${p}/notes`, { day: TODAY, topic: 'general', words: '' }, 'words'],
    [`/persons/${p}/notes`, { day: TODAY, topic: 'general', words: 'я'.repeat(4001) }, 'words'],
    [`/persons/${p}/categories`, { category: 'homeless', channel: 'self', since: '15.06.2024' }, 'since'],
  ]) {
    const a = await api.postJson(`/api/v1${where}`, body);
    ok(a.status === 422 && a.json.errors.length > 0, `${where} with a wrong ${field}: 422`, `${a.status} ${a.text.slice(0, 300)}`);
  }
  const district = await admin.submit('/bodies/new', '/bodies', { name: 'Нигде', kind: 'ngo', district_id: '999999' });
  is(district.status, 422, 'a body in a district of nowhere: 422');
  const account = await admin.submit('/accounts/new', '/accounts', { login: 'no.body', name: 'Никто', role: 'ngo_worker', body_id: '999999' });
  is(account.status, 422, 'an account of a body of nowhere: 422');
  const two = await api.postJson('/api/v1/persons', { ...goodPerson, birth_date: '31.02.1980', snils: '1', family_name: '' });
  ok(two.status === 422 && ['birth_date', 'snils', 'family_name'].every((f) => errorAt(two, f)), 'several mistakes are told at once',
    two.text.slice(0, 500));
  // bytes
  const raw = (body, type = 'application/x-www-form-urlencoded') => api.request('POST', '/api/v1/persons', { headers: { 'content-type': type },
    body });
  const form = Object.entries(goodPerson).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
  for (const [name, a] of [
    ['a NUL byte in a form', await raw(form.replace('family_name=', 'family_name=A%00'))],
    ['a NUL byte as it is', await raw(Buffer.from(form.replace('family_name=', 'family_name=A\0')))],
    ['broken UTF-8 in a form', await raw(form.replace('family_name=', 'family_name=%D0%FF'))],
    ['overlong UTF-8', await raw(form.replace('family_name=', 'family_name=%C0%AF'))],
    ['half of a surrogate', await raw(form.replace('family_name=', 'family_name=%ED%A0%80'))],
    ['a broken percent sign', await raw(form.replace('family_name=', 'family_name=%ZZ'))],
    ['a NUL in JSON', await raw(JSON.stringify({ ...goodPerson, family_name: 'A\0B' }), 'application/json')],
    ['half of a surrogate in JSON', await raw('{"family_name":"\\ud800"}', 'application/json')],
    ['broken UTF-8 in JSON', await raw(Buffer.concat([Buffer.from('{"family_name":"'), Buffer.from([0xd0, 0xff]), Buffer.from('"}')]),
      'application/json')],
    ['an object in place of a name', await raw(JSON.stringify({ ...goodPerson, family_name: { a: 1 } }), 'application/json')],
  ]) {
    ok(a.status === 400 || a.status === 422, `${name}: refused`, `${a.status} ${a.text.slice(0, 300)}`);
  }
  for (const q of ['%00', '%D0%FF', '%ZZ', '%']) {
    const a = await web.get(`/persons?q=${q}`);
    is(a.status, 400, `q=${q}: 400`);
  }
  const long = await web.get(`/persons?q=${'%D0%AF'.repeat(1500)}`);
  ok(long.status < 500, 'a query of 1,500 letters is no failure', String(long.status));
  is((await web.get('/persons?no_such=1&q=&utm=x&q=zzz&limit=5&limit=7')).status, 200, 'unknown and repeated parameters are passed over');
  for (const bad of ['limit=-1', 'limit=0', 'limit=abc', 'limit=999999999', 'limit=99999999999999999999', 'after=x', 'after=AAAA',
    `after=${'A'.repeat(3000)}`, 'sort=;drop', 'district=abc', 'district=-5', 'format=exe']) {
    const a = await api.get(`/api/v1/persons?${bad}`);
    ok(a.status === 200 || a.status === 400, `${bad}: a list or a refusal`, String(a.status));
    if (a.status === 200 && bad.startsWith('limit')) ok(a.json.items.length <= 200, `${bad}: not more than 200 rows`);
  }
  is(people(), before, 'nothing of all this was stored');
});

await part('markup in texts', async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)> '&amp;{{7*7}}`;
  const open = await web.get('/persons/new');
  const form = open.form('/persons');
  const texts = form.fields.filter(([k]) => !['csrf', 'key'].includes(k)).map(([k]) => k);
  const all = await web.submit(open, '/persons', Object.fromEntries(texts.map((k) => [k, evil])));
  is(all.status, 422, 'a form full of markup comes back');
  unlike(all.text, /<script>alert|<img src=x/, 'escaped');
  const back = all.form('/persons');
  ok(['family_name', 'address', 'birth_place'].every((k) => back.fields.some(([n, v]) => n === k && v === evil)), 'and as it was typed');
  const made = await api.postJson('/api/v1/persons', { ...goodPerson, family_name: 'Разметкин', address: evil, birth_place: evil });
  is(made.status, 201, 'where texts are free, markup is text');
  const id = made.json.id;
  is(made.json.address, evil, 'the API gives it as it is');
  for (const p of [`/persons/${id}`, `/persons/${id}/edit`]) {
    const page = await web.get(p);
    unlike(page.text, /<script>alert|<img src=x/, `${p} shows it escaped`);
    ok(unescapeHtml(page.text).includes('<script>alert(1)</script>'), `${p} shows it`);
  }
  const note_ = await web.submit(`/persons/${id}/notes/new`, `/persons/${id}/notes`, { day: '14.06.2024', topic: 'general',
    words: `${evil}\n${evil}` });
  is(note_.status, 303, 'a note with markup');
  unlike((await web.get(`/persons/${id}`)).text, /<script>alert|<img src=x/, 'it is escaped too');
  const echo = encodeURIComponent(evil);
  for (const p of [`/persons?q=${echo}`, `/persons/search?q=${echo}`, `/cases?state=${echo}&whose=${echo}`, `/referrals?state=${echo}&way=${echo}`,
    `/services?kind=${echo}&from=${echo}`, `/measures?state=${echo}`, `/inbox?group=${echo}&whose=${echo}`,
    `/persons/new?q=${echo}`, `/persons?sort=${echo}&after=${echo}`, `/persons/${id}/timeline?kind=${echo}`]) {
    const a = await web.get(p);
    ok(a.status < 500 && !/<script>alert|<img src=x/.test(a.text), `${p.split('?')[0]} gives back nothing raw`, `${a.status}`);
  }
  const signIn = await new Client(server.base).post('/sign-in', { login: evil, password: 'x', next: evil });
  unlike(signIn.text, /<script>alert|<img src=x/, 'the sign-in page neither');
  unlike((await nobody.get(`/sign-in?next=${echo}`)).text, /<script>alert|<img src=x/, 'nor its next=');
});

// ---- objects by the API ----

await part('objects', async () => {
  const a = await api.postJson('/api/v1/persons', { ...goodPerson, family_name: 'Объектов', birth_date: '1985-09-05' });
  is(a.status, 201, 'POST /api/v1/persons: 201');
  like(a.headers.location ?? '', /^\/api\/v1\/persons\/\d+$/, 'with its place');
  ok(a.json.id && a.json.family_name === 'Объектов' && a.json.birth_date === '1985-09-05', 'and the object', a.text.slice(0, 300));
  const get = await api.get(a.headers.location);
  is([get.status, get.json.family_name], [200, 'Объектов'], 'which stands there');
  like(get.headers.etag ?? '', /^"v\d+"$/, 'with an ETag');
  const hidden = get.json.masked;
  ok(hidden === undefined || Array.isArray(hidden), 'what is hidden is named in masked');
  // a hidden field is absent and named
  const d = one(`select c.login, a.person_id as p from account c join access a on a.body_id = c.body_id join person p on p.id = a.person_id
    where c.role = 'employment_specialist' and c.active = 1 and a.bits & 4 = 0 and p.address is not null limit 1`);
  if (d) {
    const card = (await new Client(server.base, { token: register.token(d.login) }).get(`/api/v1/persons/${d.p}`)).json;
    ok(!('address' in card) && card.masked.includes('address'), 'a hidden field is absent and named in masked', JSON.stringify(card).slice(0, 500));
  }
  // changes
  const edit = (body, headers) => api.postJson(`${a.headers.location}/edit`, { ...goodPerson, family_name: 'Объектов', ...body }, { headers });
  is((await edit({ phone: '+7 900 123-45-67' }, { 'if-match': get.headers.etag })).status, 201, 'If-Match of what stands: changed');
  problem(await edit({ phone: '+79001234568' }, { 'if-match': get.headers.etag }), 412, 'If-Match of what stood: 412');
  problem(await edit({ phone: '+79001234568', version: 1 }), 409, 'an old version: 409');
  is((await api.get(a.headers.location)).json.phone, '+79001234567', 'the change stands');
  // keys
  const key = `http-${process.pid}`;
  const send = (body, headers = {}) => api.postJson('/api/v1/persons', { ...goodPerson, family_name: 'Ключев', ...body },
    { headers: { 'idempotency-key': key, ...headers } });
  const [x, y] = [await send({}), await send({})];
  is([x.status, y.status, x.json.id === y.json.id, x.headers.location === y.headers.location], [201, 201, true, true],
    'the same key and body: the same answer');
  problem(await send({ given_name: 'Павел' }), 422, 'the same key, another body: 422');
  is(one("select count(*) as n from person where family_name = 'Ключев'").n, 1, 'one object');
  const together = await Promise.all([...Array(4)].map(() => api.postJson('/api/v1/persons', { ...goodPerson, family_name: 'Разомов' },
    { headers: { 'idempotency-key': `${key}-b` } })));
  is([...new Set(together.map((t) => `${t.status} ${t.json.id}`))].length, 1, 'sent four times at once: one answer',
    together.map((t) => `${t.status} ${t.text.slice(0, 100)}`));
  is(one("select count(*) as n from person where family_name = 'Разомов'").n, 1, 'and one object');
  const failed = await api.postJson('/api/v1/persons', { ...goodPerson, family_name: '' }, { headers: { 'idempotency-key': `${key}-c` } });
  const mended = await api.postJson('/api/v1/persons', { ...goodPerson, family_name: 'Исправин' }, { headers: { 'idempotency-key': `${key}-c` } });
  is([failed.status, mended.status], [422, 201], 'a refused body does not use its key up');
  problem(await api.postJson('/api/v1/persons', goodPerson, { headers: { 'idempotency-key': 'k'.repeat(101) } }), 400,
    'a key longer than 100 characters: 400');
});

// ---- lists ----

await part('lists', async () => {
  const should = register.rows(`select person_id as id from access where body_id = ${centre.id} and bits & 2 = 2 order by name_key, person_id`).map((r) => r.id);
  const walk = async (query, client = api, root = '/api/v1/persons') => {
    const ids = [];
    let after = '';
    for (let i = 0; i < 500; i += 1) {
      const a = await client.get(`${root}?${query}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
      if (a.status !== 200) throw new Error(`${a.path}: ${a.status}`);
      ids.push(...a.json.items.map((x) => x.id));
      after = a.json.next;
      if (!after) break;
    }
    return ids;
  };
  for (const n of [1, 7, 50, 200]) {
    if (n === 1 && should.length > 150) continue;
    const ids = await walk(`limit=${n}`);
    ok(ids.length === new Set(ids).size && JSON.stringify(ids) === JSON.stringify(should),
      `page by page of ${n}: each of the ${should.length} persons once, in order`, `${ids.length} rows, ${new Set(ids).size} different`);
  }
  const sorts = (await nobody.get('/api/openapi.json')).json.paths['/api/v1/persons'].get.parameters.find((x) => x.name === 'sort').schema.enum;
  for (const sort of sorts) {
    const ids = await walk(`limit=9&sort=${sort}`);
    ok(JSON.stringify([...ids].sort((a, b) => a - b)) === JSON.stringify([...should].sort((a, b) => a - b)),
      `sorted by ${sort}: each person once too`);
    if (sort === 'newest') ok(JSON.stringify(ids) === JSON.stringify([...should].sort((a, b) => b - a)), 'the newest first');
  }
  // as a person walks
  const seen = [];
  let page = await web.get('/persons?limit=20');
  for (let i = 0; i < 100; i += 1) {
    seen.push(...[...page.main.matchAll(/href="\/persons\/(\d+)"/g)].map((m) => Number(m[1])));
    const next = page.links.find((l) => /[?&]after=/.test(l));
    if (!next) break;
    page = await web.get(next.startsWith('?') ? `/persons${next}` : next);
  }
  ok(JSON.stringify(seen) === JSON.stringify(should), 'the links of the pages lead through the whole list', `${seen.length} of ${should.length}`);
  // exports
  const csv = await web.get('/persons?format=csv');
  like(csv.headers['content-disposition'] ?? '', /attachment; filename="[^"]+\.csv"/, 'CSV is a file');
  ok(csv.bytes[0] === 0xef && csv.bytes[1] === 0xbb, 'with the mark that spreadsheets want');
  const table = parseCsv(csv.text, ';');
  const names = register.rows(`select p.id, p.family_name as f from access a join person p on p.id = a.person_id where a.body_id = ${centre.id} and a.bits & 2 = 2 order by a.name_key, a.person_id`);
  is(table.length, should.length, 'CSV has every row');
  ok(table.every((r, i) => Object.values(r).includes(names[i].f)), 'in the order of the list');
  const xlsx = await web.get('/persons?format=xlsx');
  like(xlsx.type, /spreadsheetml\.sheet$/, 'XLSX is a file');
  const rows = sheetRows(xlsx.bytes);
  is(rows.length, should.length + 1, 'XLSX has every row and a heading');
  is(rows[0].map((c) => c.text), Object.keys(table[0]), 'under the same headings');
  ok(rows.slice(1).every((r, i) => r.some((c) => c?.text === names[i].f)), 'and the same persons');
  const q = names[5].f.slice(0, 3);
  const some = parseCsv((await web.get(`/persons?q=${encodeURIComponent(q)}&format=csv`)).text, ';');
  const items = await walk(`limit=200&q=${encodeURIComponent(q)}`);
  ok(some.length === items.length && items.length > 0 && items.length < should.length, 'a filtered list is exported filtered',
    `${some.length} ${items.length}`);
  const plain = await api.get('/api/v1/persons?format=csv');
  const forPrograms = parseCsv(plain.text);
  ok(plain.bytes[0] !== 0xef && forPrograms.length === should.length && 'family_name' in forPrograms[0], 'the API gives CSV for programs',
    plain.text.slice(0, 200));
  // every list that the role has
  const bad = [];
  for (const at of ['/cases', '/referrals', '/services', '/programmes', '/measures', '/bodies', '/inbox?group=work']) {
    const ids = await walk(at.split('?')[1] ?? 'limit=7', api, `/api/v1${at.split('?')[0]}`);
    const rows_ = parseCsv((await api.get(`/api/v1${at}${at.includes('?') ? '&' : '?'}format=csv`)).text);
    if (ids.length !== new Set(ids).size) bad.push(`${at}: rows twice`);
    if (rows_.length !== ids.length) bad.push(`${at}: ${ids.length} rows in pages, ${rows_.length} in the export`);
    if ('id' in (rows_[0] ?? {}) && JSON.stringify(rows_.map((r) => Number(r.id))) !== JSON.stringify(ids)) bad.push(`${at}: another order in the export`);
  }
  ok(bad.length === 0, 'every list walks and exports alike', bad.join('\n'));
});

await part('formulas', async () => {
  const p = (await api.get('/api/v1/persons?limit=1')).json.items[0].id;
  const evil = ['=HYPERLINK("http://evil.example","x")', '+1+cmd|calc', '-2+3', '@SUM(A1)', '\t=1+1', '  =1+1', 'a;"b"\n=c', '＝1+1'];
  for (const note_ of evil) is((await api.postJson('/api/v1/services', { person: p, kind: 'consultation', day: TODAY, note: note_ })).status, 201,
    `a note ${JSON.stringify(note_).slice(0, 20)} is taken`);
  const rows = parseCsv((await web.get('/services?format=csv')).text, ';');
  const cells = rows.flatMap((r) => Object.values(r));
  ok(!cells.some((c) => /^\s*[=+\-@＝]/.test(c)), 'no cell of a CSV for people begins as a formula',
    cells.filter((c) => /^\s*[=+\-@＝]/.test(c)).join('\n'));
  ok(cells.some((c) => c.includes('HYPERLINK')), 'though the text is there');
  const sheet = sheetRows((await web.get('/services?format=xlsx')).bytes).flat().filter(Boolean);
  ok(!sheet.some((c) => c.formula), 'no cell of an XLSX is a formula');
  ok(sheet.some((c) => c.text.startsWith('=HYPERLINK')), 'it is a text there');
});

// ---- a second server, an old schema ----

await part('a second server', async () => {
  if (ENGINE === 'sqlite') {
    const second = register.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
    ok(second.status === 1 && /serve|server|another|already/i.test(second.err), 'on the same SQLite file is refused with a word',
      `${second.status} ${second.err}`);
    is((await nobody.get('/health')).status, 200, 'the first goes on');
  } else {
    const second = await register.serve();
    is((await second.client().get('/health')).status, 200, 'in front of one PostgreSQL is welcome');
    is(await second.stop(), 0, 'and ends');
  }
  const taken = bereg(['serve', '--db', register.url, '--listen', new URL(server.base).host], { timeout: 20000 });
  ok(taken.status === 1 && taken.err.length > 10, 'a port that is taken is told', `${taken.status} ${taken.err}`);
  const wrong = bereg(['serve', '--db', register.url, '--listen', 'nowhere'], { timeout: 20000 });
  ok(wrong.status === 1 || wrong.status === 2, 'an address that is none is told', `${wrong.status} ${wrong.err}`);
});

await part('the end', async () => {
  const before = register.run(['check']);
  ok(before.status === 0, 'bereg check finds nothing beside the server', `${before.out.slice(0, 1500)}${before.err}`);
  const slow = Promise.all([...Array(6)].map(() => web.get('/persons?format=xlsx').catch((e) => ({ status: String(e.code) }))));
  await new Promise((r) => setTimeout(r, 30));
// ---- who looked, at night ----

await part('the index of readings', async () => {
  // numbers and times do not run in the same order: a long answer is noted late
  const three = Date.parse('2024-06-15T03:00:00+03:00') * 1000;
  register.exec([`insert into read (at, page, persons) values (${three - 30e6}, '/young', ' 7 ')`, `insert into read (at, page, persons) values (${three - 90e6}, '/old', ' 8 ')`]);
  const [young, old] = register.rows(`select id from read where page in ('/young', '/old') order by id`).map((r) => r.id);
  const indexed = () => register.rows(`select person_id from read_person where read_id in (${young}, ${old}) order by person_id`).map((r) => r.person_id);
  register.run(['jobs', '--once', '--now', '2024-06-14T12:00']);
  is(indexed(), [], 'by day nothing is folded');
  register.run(['jobs', '--once', '--now', '2024-06-15T03:00']);
  is(indexed(), [], 'at night all but the last minute, and nothing behind it');
  ok(register.rows(`select count(*) as n from read_person where read_id < ${young}`)[0].n > 0, 'what is older stands in the index by person');
  register.run(['jobs', '--once', '--now', '2024-06-15T03:30']);
  is(indexed(), [7, 8], 'half an hour later these too');
});

  const status = await server.stop();
  ok(status === 0, 'SIGTERM ends the server with 0', `${status}\n${server.err.slice(-3000)}`);
  const got = (await slow).map((a) => a.status);
  ok(got.every((s) => s === 200 || s === 'ECONNREFUSED' || s === 503), 'what had begun was answered', got.join());
  unlike(server.err, /runtime error|AddressSanitizer|LeakSanitizer/, 'the sanitizers have nothing to say');
  const after = register.run(['check']);
  ok(after.status === 0, 'bereg check finds nothing afterwards', `${after.out.slice(0, 1500)}${after.err}`);
});

await part('an old schema', async () => {
  register.exec('drop index person_iin');
  const refused = register.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
  ok(refused.status === 1 && /upgrade/.test(refused.err), 'is refused, and told what to do', `${refused.status} ${refused.err}`);
  const users_ = register.run(['users']);
  ok(users_.status === 1 && /upgrade/.test(users_.err), 'by other commands too', `${users_.status} ${users_.err}`);
  const up = register.run(['upgrade']);
  ok(up.status === 0, 'bereg upgrade mends it', `${up.status} ${up.err}`);
  is(register.run(['check']).status, 0, 'then it is whole');
  register.exec('alter table person add column strange text');
  const strange = register.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
  ok(strange.status === 1 && /strange/.test(strange.err), 'a column that the program does not know is named', `${strange.status} ${strange.err}`);
});

note(`${Date.now() - began} ms`);
await register.drop();
finish();
