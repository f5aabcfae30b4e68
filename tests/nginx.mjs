// deploy/nginx/bereg.conf as it is, with other places and ports: TLS 1.3, HTTP/2, headers, who asks, limits, kept assets, and the list of
// malformed requests through it. nginx runs as a user of its own, with a certificate made here.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/nginx.mjs [--table FILE]     --table: the answers of both, for docs/malformed.md
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { PASSWORD, Register, TREE, tmpDir } from './lib/server.mjs';
import { exchangeWith, head, refusedRequests } from './lib/malformed.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const table = process.argv[2] === '--table' ? process.argv[3] : null;
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((p) => fs.existsSync(p));
if (!NGINX) throw new Error('nginx is not here: tools/install.sh test');
const register = Register.demo({ persons: 60, name: 'nginx' });
const dir = fs.mkdtempSync(path.join(tmpDir(), 'nginx-'));
const at = (name) => path.join(dir, name);
const socketPath = at('web.sock');
const server = await register.serve({ args: ['--listen', `unix:${socketPath}`], env: { BEREG_DEADLINE_MS: '15000', BEREG_RATE: '' } });
const freePort = () => new Promise((resolve) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => resolve(port)); }); });
const [plain, secure] = [await freePort(), await freePort()];

// As nobody, where the test is root: then all that nginx touches is nobody's.
const uid = process.getuid() === 0 ? 65534 : process.getuid();
fs.mkdirSync(at('cache'));
const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=bereg.example',
  '-addext', 'subjectAltName=DNS:bereg.example', '-keyout', at('key.pem'), '-out', at('fullchain.pem')], { encoding: 'utf8' });
if (made.status !== 0) throw new Error(made.stderr);
const shipped = fs.readFileSync(path.join(TREE, 'deploy/nginx/bereg.conf'), 'utf8');
const places = [['unix:/run/bereg/web.sock', `unix:${socketPath}`], ['/etc/ssl/bereg/', `${dir}/`], ['/var/cache/nginx/bereg', at('cache')], ['/var/log/nginx/bereg.log', at('access.log')],
  ['    listen [::]:80 default_server;\n', ''], ['    listen [::]:443 ssl http2;\n', ''], ['listen 80 default_server', `listen 127.0.0.1:${plain} default_server`],
  ['listen 443 ssl http2', `listen 127.0.0.1:${secure} ssl http2`]];
let conf = shipped;
for (const [from, to] of places) {
  if (!conf.includes(from)) throw new Error(`deploy/nginx/bereg.conf has no ${from}`);
  conf = conf.replaceAll(from, to);
}
// The list of malformed requests is plain text: it goes by a server beside, with the same locations, without TLS and without the limits by address.
const bare = await freePort();
const inner = conf.slice(conf.lastIndexOf('\nserver {')).replace(`listen 127.0.0.1:${secure} ssl http2;`, `listen 127.0.0.1:${bare};`).replaceAll(/^\s*(ssl_|limit_|http2_).*$/gm, '');
fs.writeFileSync(at('bereg.conf'), `${conf}\n${inner}`);
fs.writeFileSync(at('nginx.conf'), `daemon off;\nworker_processes 1;\npid ${at('nginx.pid')};\nerror_log ${at('error.log')} warn;\nevents { worker_connections 1024; }
http {\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((t) => `${t}_temp_path ${at(t)};`).join('\n')}\ndefault_type application/octet-stream;\ninclude ${at('bereg.conf')};\n}\n`);
fs.chmodSync(dir, 0o755);
fs.writeFileSync(at('access.log'), '');
fs.writeFileSync(at('error.log'), '');
for (const f of ['', ...fs.readdirSync(dir)]) fs.chownSync(at(f), uid, uid);
const nginx = spawn(NGINX, ['-e', at('error.log'), '-c', at('nginx.conf')], { uid, gid: uid, stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
nginx.stderr.on('data', (d) => { said += d; });
const ended = new Promise((r) => { nginx.on('close', r); });
process.on('exit', () => nginx.kill('SIGKILL'));
const reached = (port) => new Promise((r) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); r(true); }); s.on('error', () => r(false)); });
for (let i = 0; i < 100 && !(await reached(secure)); i += 1) await new Promise((r) => { setTimeout(r, 50); });

const ca = fs.readFileSync(at('fullchain.pem'));
const open = () => http2.connect(`https://bereg.example:${secure}`, { ca, lookup: (h, o, cb) => (o?.all ? cb(null, [{ address: '127.0.0.1', family: 4 }]) : cb(null, '127.0.0.1', 4)) });
const session = open();
session.on('error', () => {});
const cookies = new Map();
function ask(where, { method = 'GET', headers = {}, body, through = session, keep = true } = {}) {
  return new Promise((resolve, reject) => {
    const s = through.request({ ':method': method, ':path': where, ...(keep && cookies.size ? { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') } : {}), ...headers });
    let got;
    const chunks = [];
    s.on('response', (h) => { got = h; });
    s.on('data', (d) => chunks.push(d));
    s.on('end', () => {
      if (keep) for (const line of got['set-cookie'] ?? []) { const [, k, v] = /^([^=]+)=([^;]*)/.exec(line); if (v) cookies.set(k, v); }
      resolve({ status: got[':status'], headers: got, text: Buffer.concat(chunks).toString('utf8') });
    });
    s.on('error', reject);
    s.end(body);
  });
}
const form = { 'content-type': 'application/x-www-form-urlencoded' };

await part('TLS 1.3 and HTTP/2', async () => {
  ok(await reached(secure), 'the shipped configuration is taken', `${said}${fs.readFileSync(at('error.log'), 'utf8')}`);
  const probe = (options) => new Promise((resolve) => {
    const s = tls.connect({ port: secure, host: '127.0.0.1', servername: 'bereg.example', ca, ALPNProtocols: ['h2', 'http/1.1'], ...options }, () => { resolve([s.getProtocol(), s.alpnProtocol]); s.destroy(); });
    s.on('error', (e) => resolve(e.code));
  });
  is(await probe({}), ['TLSv1.3', 'h2'], 'TLS 1.3 and HTTP/2 are spoken');
  like(String(await probe({ maxVersion: 'TLSv1.2' })), /PROTOCOL_VERSION|ECONNRESET/i, 'TLS 1.2 is not');
  const to = await exchangeWith(plain, '127.0.0.1')(head('GET /persons?q=1 HTTP/1.1', 'Host: bereg.example', 'Connection: close'));
  like(to.answer, /^HTTP\/1\.1 301 [^]*location: https:\/\/bereg\.example\/persons\?q=1/i, 'without TLS one is led to it');
  const overPlain = async (line, ...more) => (await exchangeWith(plain, '127.0.0.1')(head(`${line} HTTP/1.1`, 'Host: bereg.example', ...more, 'Connection: close'))).answer;
  for (const [line, ...more] of [['GET /api/v1/persons'], ['GET /api/openapi.json'], ['GET /persons', 'Authorization: Bearer abc'], ['POST /sign-in', 'Content-Length: 0'], ['GET /calendar/secret.ics']]) {
    const answer = await overPlain(line, ...more);
    ok(/^HTTP\/1\.1 403 /.test(answer) && !/location:/i.test(answer), `${line}${more.length ? ` (${more[0].split(' ')[0]})` : ''}: what programs ask without TLS is refused`, answer.slice(0, 300));
  }
  is(spawnSync('ps', ['-o', 'uid=', '-p', String(nginx.pid)], { encoding: 'utf8' }).stdout.trim(), String(uid), 'nginx runs as a user of its own');
});

await part('pages', async () => {
  const page = await ask('/sign-in');
  is(page.status, 200, 'the sign-in opens');
  const h = page.headers;
  is([h['strict-transport-security'], h['x-content-type-options'], h['cache-control'], h['content-encoding']], ['max-age=63072000; includeSubDomains', 'nosniff', 'no-store', undefined],
    'HSTS and the other headers come through; pages are not compressed');
  ok(/default-src 'none'/.test(h['content-security-policy']) && !Array.isArray(h['content-security-policy']) && !/bereg|microhttpd|\d/.test(h.server ?? ''), 'the policy once, and no version told');
  const worker = register.users().find((u) => u.role === 'social_worker').login;
  const a = await ask('/sign-in', { method: 'POST', headers: form, body: `login=${worker}&password=${PASSWORD}` });
  is([a.status, [...cookies.keys()].includes('__Host-bereg')], [303, true], 'signing in works, the cookie is bound to the host');
  for (const p of ['/', '/inbox', '/persons', '/cases']) is((await ask(p)).status, 200, `${p} opens over HTTP/2`);
  is((await ask('/persons', { keep: false })).status, 303, 'but not without the cookie');
  const made_ = await ask('/sign-out', { method: 'POST', headers: form, body: `csrf=${/name="csrf" value="([^"]+)"/.exec((await ask('/')).text)[1]}` });
  is(made_.status, 303, 'a form of a page is taken: Host and Origin fit');
  is((await ask('/sign-in', { method: 'POST', headers: { ...form, origin: 'https://evil.example' }, body: 'login=a&password=b', keep: false })).status, 403, 'one of another site is not');
  is((await ask('/metrics', { keep: false })).status, 404, 'figures of the process stay on its host');
});

await part('assets', async () => {
  const css = /href="(\/assets\/bereg\.css[^"]*)"/.exec((await ask('/sign-in', { keep: false })).text)[1];
  const [one, two] = [await ask(css, { headers: { 'accept-encoding': 'gzip' }, keep: false }), await ask(css, { headers: { 'accept-encoding': 'gzip', cookie: 'a=b' }, keep: false })];
  is([one.status, two.status, one.headers['cache-control'], one.headers['content-encoding']], [200, 200, 'public, max-age=31536000, immutable', 'gzip'], 'styles are kept for a year, compressed');
  ok(fs.readdirSync(at('cache')).length === 1, 'and nginx keeps them');
  const svg = /"(\/assets\/[^"]*\.svg[^"]*)"/.exec((await ask('/sign-in', { keep: false })).text)[1];
  const picture = await ask(svg, { keep: false });
  is([picture.status, picture.headers['content-type'], picture.headers['strict-transport-security']], [200, 'image/svg+xml; charset=utf-8', 'max-age=63072000; includeSubDomains'], 'pictures name their charset');
  await server.stop();
  is((await ask(css, { keep: false })).status, 200, 'it has them while the program is started anew');
  const busy = await ask('/sign-in', { keep: false });
  is([busy.status, busy.headers['retry-after'], busy.headers['x-content-type-options'], busy.headers['cache-control'], busy.headers['strict-transport-security']], [503, '5', 'nosniff', 'no-store', 'max-age=63072000; includeSubDomains'], 'pages say that it is busy');
  const again = await register.serve({ args: ['--listen', `unix:${socketPath}`], env: { BEREG_DEADLINE_MS: '15000', BEREG_RATE: '' } });
  fs.chownSync(socketPath, uid, uid);
  server.again = again;
  is((await ask('/sign-in', { keep: false })).status, 200, 'then it goes on');
});

await part('the client is who he is', async () => {
  // delays of sign-ins count by account and address: that of the client as nginx saw it, whatever he says himself
  const login = register.users().find((u) => u.role === 'ngo_worker').login;
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    const began = Date.now();
    await ask('/sign-in', { method: 'POST', headers: { ...form, 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}` }, body: `login=${login}&password=wrong`, keep: false });
    times.push(Date.now() - began);
  }
  ok(Math.max(...times.slice(4)) > 1500, 'a new X-Forwarded-For at each try helps nobody past the delay', times.join(' '));
  const spoofed = await ask('/sign-in?lang=en', { headers: { 'x-forwarded-proto': 'http' }, keep: false });
  ok([].concat(spoofed.headers['set-cookie'] ?? []).every((c) => /Secure/.test(c)) && spoofed.headers['set-cookie'], 'nor is X-Forwarded-Proto his to say');
});

await part('limits', async () => {
  const large = await ask('/imports', { method: 'POST', headers: { 'content-length': String(70 << 20) }, keep: false }).catch((e) => ({ status: e.code, headers: {} }));
  is([large.status, large.headers['strict-transport-security']], [413, 'max-age=63072000; includeSubDomains'], 'more than 66 MB is refused by nginx, which says HSTS itself');
  const got = await Promise.all(Array.from({ length: 60 }, () => ask('/sign-in', { keep: false })));
  const count = (s) => got.filter((a) => a.status === s).length;
  ok(count(200) >= 10 && count(429) >= 10 && count(200) + count(429) === 60, 'sign-ins of one address: some at once, then 429', got.map((a) => a.status).join(' '));
  ok(got.every((a) => a.headers['strict-transport-security'] === 'max-age=63072000; includeSubDomains'), 'each says HSTS once');
  is((await Promise.all(['/sign-in/second', '/sign-in/passkey', '/sign-in/oidc'].map((p) => ask(p, { keep: false })))).map((a) => a.status), [429, 429, 429], 'the other steps of a sign-in are counted with it');
  is((await ask('/help', { keep: false })).status, 200, 'other pages open meanwhile');
  is((await ask('/metrics', { keep: false })).headers['strict-transport-security'], 'max-age=63072000; includeSubDomains', 'what nginx does not find too');
});

await part('malformed requests', async () => {
  const host = 'bereg.example';
  const proxied = exchangeWith(bare, '127.0.0.1');
  const list = refusedRequests(host);
  const rows = [];
  const wrong = [];
  for (let i = 0; i < list.length; i += 40) {
    await Promise.all(list.slice(i, i + 40).map(async ([name, bytes, statuses]) => {
      const a = await proxied(bytes, { wait: 2500 });
      rows.push([name, Number.isNaN(a.statuses[0]) ? 'as HTTP/0.9' : a.statuses.join(', ') || 'none', a.how, statuses.join(' or ')]);
      // what nginx mends it passes on mended; but nothing is answered twice as two requests, or by a failure
      if (a.answer.includes('"status":"ok"') && /hidden|Content-Length|Transfer-Encoding|chunk/i.test(name)) wrong.push(`${name}: a request inside a body was answered (${a.statuses})`);
      if (name === 'no version') return; // nginx still knows HTTP/0.9, in which an answer has no head
      if (a.statuses.some((s) => !(s < 500) && s !== 501 && s !== 505)) wrong.push(`${name}: ${a.statuses}`);
      if (a.statuses.length > 1 && a.answer.includes('"status":"ok"')) wrong.push(`${name}: two answers ${a.statuses}`);
    }));
  }
  ok(rows.length >= 130 && wrong.length === 0, `${list.length} malformed requests through nginx: no hidden request is answered, nothing fails`, wrong.join('\n'));
  const laxer = rows.filter(([, s]) => /^(2|as)/.test(s)).length;
  note(`${list.length - laxer} of them are refused by nginx or behind it; ${laxer} nginx mends before passing them on; the server itself refuses all (tests/malformed.mjs)`);
  const log = fs.readFileSync(at('error.log'), 'utf8');
  unlike(log, /upstream sent invalid|upstream prematurely/, 'what comes from the server is well-formed');
  if (table) {
    rows.sort((a, b) => list.findIndex((l) => l[0] === a[0]) - list.findIndex((l) => l[0] === b[0]));
    fs.writeFileSync(table, `# Malformed requests\n\nWhat the server answers (then it closes the connection), and what comes back through nginx ${/nginx\/([\d.]+)/.exec(spawnSync(NGINX, ['-v'], { encoding: 'utf8' }).stderr)[1]
    } with \`deploy/nginx/bereg.conf\`. A status 200 on the right: nginx has mended or left out what was wrong.\nMade by \`node tests/nginx.mjs --table docs/malformed.md\`; the requests stand in \`tests/lib/malformed.mjs\`.\n\n| request | server | through nginx |\n|---|---|---|\n${
      rows.map(([name, s, how, want]) => `| ${name.replaceAll('|', '\\|')} | ${want}, closed | ${s}${how === 'closed' ? ', closed' : ''} |`).join('\n')}\n`);
  }
});

await part('the log', async () => {
  await ask('/persons?q=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2', { keep: false });
  await ask('/outside/secret-address-7315', { keep: false });
  await ask('/calendar/secret-calendar-7315.ics', { keep: false });
  await new Promise((r) => { setTimeout(r, 200); });
  const log = fs.readFileSync(at('access.log'), 'utf8');
  ok(/"GET \/persons HTTP\/2\.0" 303/.test(log) && !/7315|%D0|q=/.test(log), 'neither searches nor secret addresses stand in the log of nginx', log.slice(-600));
});

session.close();
nginx.kill('SIGQUIT');
is(await ended, 0, 'nginx ends well');
is(await server.again?.stop(), 0, 'and so does the server');
await register.drop();
fs.rmSync(dir, { recursive: true, force: true });
finish();
process.exit();
