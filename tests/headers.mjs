// What every answer carries, and what nobody gets into one: security headers of each page of each role, files that are downloads only, line
// ends in redirects, file names, cookies and the log, cookies set by others; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/headers.mjs
import crypto from 'node:crypto';
import net from 'node:net';
import { PASSWORD, Register } from './lib/server.mjs';
import { Client } from './lib/client.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 200, seed: 11, name: 'headers' });
const server = await register.serve();
const users = register.users();
const loginOf = (role) => users.find((u) => u.role === role).login;
const worker = loginOf('social_worker');
const web = await server.client().signIn(worker);
const tls = { 'x-forwarded-proto': 'https' };

const PAGE = /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'$/;
const FILE = /^default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/;
function lacks(a, { kept = false } = {}) {
  const h = a.headers;
  const file = Boolean(h['content-disposition']);
  const wrong = [];
  const want = (name, pattern) => { if (!pattern.test(h[name] ?? '')) wrong.push(`${name}: ${h[name]}`); };
  want('content-security-policy', file ? FILE : PAGE);
  want('x-content-type-options', /^nosniff$/);
  want('x-frame-options', /^DENY$/);
  want('referrer-policy', /^(same-origin|strict-origin)$/);
  want('permissions-policy', /camera=\(\).*geolocation=\(\).*usb=\(\)/);
  want('cross-origin-opener-policy', /^same-origin$/);
  want('cross-origin-resource-policy', /^same-origin$/);
  if (!kept) want('cache-control', /^no-store$/);
  if (a.bytes.length) want('content-type', /^(text\/(html|plain|csv|calendar); charset=utf-8|application\/(json|problem\+json|zip|vnd\.openxml.*|pdf)|image\/(png|jpeg|tiff|svg\+xml))$/);
  if (h.server || h['x-powered-by']) wrong.push('names its server');
  for (const [name, value] of Object.entries(h)) if (/[\r\n\0]/.test(String(value))) wrong.push(`${name} has a line end`);
  return wrong;
}
// What would run or load if the policy were not there.
function inside(html) {
  const found = [];
  for (const m of html.matchAll(/<script\b[^>]*>|<style\b[^>]*>|<[a-z][^<>]*\s(?:on[a-z]+|style|srcdoc)\s*=|(?:href|src|action|formaction)="\s*(?:javascript|data|vbscript):[^"]*|<(?:iframe|object|embed|base|meta http-equiv)\b[^>]*>/gi))
    if (!/^<script type="module" src="\/assets\/[\w.-]+(\?v=\w+)?">$/.test(m[0])) found.push(m[0].slice(0, 150));
  for (const m of html.matchAll(/(?:src|srcset|<link[^>]*href)="((?:https?:)?\/\/[^"]*)"/g)) found.push(m[0]);
  return found;
}

await part('every page of every role', async () => {
  let pages = 0;
  const wrong = [];
  for (const role of [...new Set(users.map((u) => u.role))]) {
    const login = loginOf(role);
    const routes = register.csv(['routes', '--login', login]).filter((r) => r.method === 'GET' && r.example && r.path !== '/calendar/{token}');
    const client = await server.client().signIn(login);
    const token = server.client({ token: register.token(login) });
    for (const r of routes) {
      for (const [who, at] of [[client, r.example], [token, `/api/v1${r.example}`]]) {
        const a = await who.get(at);
        pages += 1;
        for (const w of [...lacks(a), ...(a.type.startsWith('text/html') ? inside(a.text) : [])]) wrong.push(`${role} ${at} (${a.status}): ${w}`);
        if (a.status >= 500) wrong.push(`${role} ${at}: ${a.status}`);
      }
    }
  }
  ok(pages > 300 && wrong.length === 0, `${pages} answers to ${new Set(users.map((u) => u.role)).size} roles have every header, and nothing inside that runs`, wrong.slice(0, 30).join('\n'));
});

await part('answers that are no pages', async () => {
  const nobody = server.client();
  const asset = /href="(\/assets\/bereg\.css[^"]*)"/.exec((await nobody.get('/sign-in')).text)[1];
  const odd = { 'a redirect to the sign-in': await nobody.get('/persons'), 'a stranger of the API': await nobody.get('/api/v1/persons'), 'nothing there': await web.get('/nothing'),
    'the wrong method': await web.get('/sign-out'), 'a form without csrf': await web.post('/persons', { a: 1 }, { csrf: '' }), 'what cannot be read': await web.get('/persons?q=%zz'),
    'a method that is none': await web.request('PUT', '/persons'), health: await nobody.get('/health'), 'the API described': await nobody.get('/api/openapi.json'),
    CSV: await web.get('/persons?format=csv'), XLSX: await web.get('/persons?format=xlsx'), 'no such file': await nobody.get('/assets/none.css') };
  for (const [name, a] of Object.entries(odd)) is(lacks(a), [], `headers of ${name} (${a.status})`);
  const css = await nobody.get(asset);
  is([lacks(css, { kept: true }).filter((l) => !l.startsWith('content-type')), css.headers['cache-control']], [[], 'public, max-age=31536000, immutable'], 'what is the same for everybody may be kept');
  const help = await nobody.get('/help');
  is([help.headers['cache-control'], lacks(help, { kept: true })], ['public, max-age=300', []], 'the page without signing in may be kept for five minutes');
  is((await web.get('/help')).headers['cache-control'], 'no-store', 'but not by who is signed in');
  is([(await nobody.get('/sign-in')).headers['strict-transport-security'], (await nobody.request('GET', '/sign-in', { headers: tls })).headers['strict-transport-security']],
    [undefined, 'max-age=63072000; includeSubDomains'], 'behind TLS the browser is told to stay there');
});

await part('files', async () => {
  const centre = register.rows(`select body_id as id from account where login = '${worker}'`)[0].id;
  const to = register.rows("select body_id as id from account where role = 'employment_specialist' order by id limit 1")[0].id;
  const person = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${centre} where p.birth_date < '2000-01-01' order by p.id limit 1`)[0].id;
  const api = server.client({ token: register.token(worker) });
  const c = await api.postJson(`/api/v1/persons/${person}/consents`, { to_body_id: String(to), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.06.2025' });
  is(c.status, 201, 'a consent', c.text.slice(0, 300));
  const evil = '<html><body><script>alert(document.domain)</script><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/></body></html>';
  const polyglots = {
    'a PDF that is HTML too': ['x.pdf', `%PDF-1.7\n${evil}\n%%EOF`, 'application/pdf'],
    'a PDF with a script': ['y.pdf', '%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF', 'application/pdf'],
    'a JPEG that is a script too': ['x.jpg', Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from(`/*JFIF*/=alert(1);${evil}`)]), 'image/jpeg'],
    'a PNG with HTML in a piece': ['x.png', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(evil)]), 'image/png'],
    'a TIFF that is a zip too': ['x.tif', Buffer.concat([Buffer.from('49492a00', 'hex'), Buffer.from('504b0304140000000000', 'hex'), Buffer.from(evil)]), 'image/tiff'],
    'a PDF that is a zip too': ['z.pdf', Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.from('504b0304', 'hex'), crypto.randomBytes(300)]), 'application/pdf'],
  };
  for (const [name, [file, bytes, type]] of Object.entries(polyglots)) {
    const sent = await api.postFile(`/api/v1/consents/${c.json.id}/attachments`, { kind: 'consent' }, ['file', file, Buffer.from(bytes)]);
    if (!ok(sent.status === 201, `${name} is taken as bytes`, sent.text.slice(0, 300))) continue;
    const [x] = (await api.get(`/api/v1/consents/${c.json.id}`)).json.attachments;
    for (const who of [api, web]) {
      const a = await who.get(`${who === api ? '/api/v1' : ''}/consents/${c.json.id}/attachments/${x.id}`);
      is([a.type, lacks(a), /^attachment; /.test(a.headers['content-disposition']), a.bytes.equals(Buffer.from(bytes))], [type, [], true, true], 'and comes back as a download in a sandbox, unchanged');
    }
  }
  const page = (await web.get(`/consents/${c.json.id}`)).text;
  ok(!/<(?:img|iframe|embed|object)[^>]*attachments/.test(page), 'no page shows one inside');
});

// One raw answer, as it came over the wire.
const raw = (text) => new Promise((resolve) => {
  const url = new URL(server.base);
  const s = net.connect(Number(url.port), url.hostname, () => s.write(Buffer.from(text, 'latin1')));
  let got = '';
  s.on('data', (d) => { got += d.toString('latin1'); });
  s.on('close', () => resolve(got));
  s.on('error', () => resolve(got));
  s.setTimeout(10000, () => s.destroy());
});

await part('line ends', async () => {
  const ends = ['%0d%0aX-Evil:%201', '%0aX-Evil:%201', '%0d%0a%0d%0a<script>alert(1)</script>', '%c4%8d%c4%8aX-Evil:1', '%e5%98%8a%e5%98%8dX-Evil:1', '%00%0d%0aX-Evil:1', '%2f%2fevil.example', '%5cevil.example', '%09//evil.example'];
  const wrong = [];
  const cookie = [...web.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  for (const e of ends) {
    const get = (at, more = '') => raw(`GET ${at} HTTP/1.1\r\nHost: a\r\n${more}Connection: close\r\n\r\n`);
    const login = `login=${worker}&password=${PASSWORD}&next=/persons${e}`;
    const answers = [await get(`/persons${e}`), await get(`/persons?q=${e}`), await get(`/sign-in?next=${e}`), await get(`/sign-in?next=/a${e}`), await get(`/sign-in?lang=${e}`),
      await get(`/persons?lang=en${e}`, `Cookie: ${cookie}\r\n`), await get(`/persons?format=csv&q=${e}`, `Cookie: ${cookie}\r\n`), await get('/persons', `Cookie: ${cookie}; lang=${e}; flash=${e}\r\n`),
      await raw(`POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${login.length}\r\nConnection: close\r\n\r\n${login}`),
      await get('/persons', `X-Forwarded-For: 1.2.3.4${e}\r\nReferer: http://a/${e}\r\nUser-Agent: ${e}\r\n`)];
    answers.forEach((a, i) => {
      const head = a.split('\r\n\r\n')[0];
      if (!/^HTTP\/1\.1 \d/.test(a)) wrong.push(`${e} ${i}: no answer`);
      if (/^x-evil/im.test(head) || /[^\r]\n|\r[^\n]/.test(head)) wrong.push(`${e} ${i}: a header of the sender`);
      const location = /^location: (.*)$/im.exec(head)?.[1]?.trim();
      if (location && (!/^\/(?![/\\])[\x21-\x7e]*$/.test(location))) wrong.push(`${e} ${i}: leads to ${location}`);
      if (/<script>alert/.test(a)) wrong.push(`${e} ${i}: a script`);
    });
  }
  ok(wrong.length === 0, `${ends.length * 10} answers have no header and lead nowhere that the sender has made`, wrong.join('\n'));
  const before = server.err.length;
  for (const bad of ['GET /\x1b[2J\n{"level":"error","msg":"forged"} HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x1b]0;forged\x07\r\n\r\n', `BREW /${'%0a{"msg":"forged"}'} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]) await raw(bad);
  await web.get('/persons?q=%0a%7b%22msg%22%3a%22forged%22%7d');
  await server.client().post('/sign-in', { login: 'a\n{"level":"error","msg":"forged"}', password: 'x\r\n' });
  const lines = server.err.slice(before).split('\n').filter(Boolean);
  const odd = lines.filter((l) => { try { return JSON.parse(l).msg === 'forged'; } catch { return true; } });
  is([odd, /[\x00-\x08\x0b-\x1f\x7f]/.test(server.err)], [[], false], 'the log has only lines of the program, each whole');
});

await part('cookies', async () => {
  const secret = web.cookies.get('bereg');
  const open = async (cookie, headers = {}) => (await server.client().request('GET', '/persons', { headers: { cookie, ...headers } })).status;
  is(await open(`bereg=${secret}`), 200, 'the session');
  is(await open(`bereg=${'0'.repeat(secret.length)}; bereg=${secret}`), 303, 'two of one name are none: a neighbour host may have tossed one');
  is(await open(`bereg=${secret}; bereg=${'0'.repeat(secret.length)}`), 303, 'in whatever order');
  is(await open(`bereg=${secret}`, tls), 303, 'behind TLS only the name counts that this host alone can set');
  is(await open(`__Host-bereg=${secret}`, tls), 200, 'which it does');
  const a = await new Client(server.base).request('POST', '/sign-in', { headers: { 'content-type': 'application/x-www-form-urlencoded', ...tls }, body: `login=${worker}&password=${PASSWORD}` });
  const line = [].concat(a.headers['set-cookie']).find((l) => /bereg/.test(l));
  like(line ?? '', /^__Host-bereg=\w+; Path=\/; HttpOnly; SameSite=(Lax|Strict); Secure$/, 'host-bound, Secure, HttpOnly, SameSite');
  const cookiesOf = async (path, cookie) => [].concat((await server.client().request('GET', path, { headers: { cookie, ...tls } })).headers['set-cookie'] ?? []);
  is((await cookiesOf('/sign-in?lang=en', 'x=1')).map((l) => l.replace(/Max-Age=\d+; /, '')), ['__Host-lang=en; Path=/; HttpOnly; SameSite=Lax; Secure'], 'the language too');
  const language = async (cookie) => /<html[^>]* lang="(..)"/.exec((await server.client().request('GET', '/sign-in', { headers: { cookie, ...tls } })).text)?.[1];
  is([await language('__Host-lang=en'), await language('lang=en')], ['en', 'ru'], 'and no other counts');
  const mine = line?.split(';')[0]; // the session of just now: of many at the same time the oldest end
  const csrf = /name="csrf" value="([^"]+)"/.exec((await server.client().request('GET', '/reminders', { headers: { cookie: mine, ...tls } })).text)?.[1];
  const said = await server.client().request('POST', '/reminders', { headers: { cookie: mine, 'content-type': 'application/x-www-form-urlencoded', ...tls }, body: `csrf=${csrf}&reminders=1` });
  const flash = [].concat(said.headers['set-cookie'] ?? []).find((l) => /flash/.test(l)) ?? '';
  like(flash, /^__Host-flash=\d+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/, 'and what is said once');
  const said_ = async (cookie) => /govuk-notification-banner/.test((await server.client().request('GET', '/reminders', { headers: { cookie: `${mine}; ${cookie}`, ...tls } })).text);
  const value = flash.split(';')[0].split('=')[1];
  is([await said_(`__Host-flash=${value}`), await said_(`flash=${value}`)], [true, false], 'of this host only');
  const b = await new Client(server.base).request('POST', '/sign-in', { headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: `bereg=${'a'.repeat(secret.length)}` }, body: `login=${worker}&password=${PASSWORD}` });
  unlike([].concat(b.headers['set-cookie']).join(), /bereg=a{10}/, 'signing in never takes over a session that was there (fixation)');
  is(await open(`bereg=${'a'.repeat(secret.length)}`), 303, 'which opens nothing');
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
finish();
