// Many, slow and greedy clients over the wire: 10,000 connections, slowloris, dripping bodies, limits by address, account and size, a Unix
// socket. Figures stand in the notes.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/many.mjs
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { ENGINE, Register, tmpDir } from './lib/server.mjs';
import { Client } from './lib/client.mjs';
import { finish, is, note, ok, part, skip } from './lib/tap.mjs';

const register = Register.demo({ persons: 60, name: 'many' });
const sanitized = /asan/.test(process.env.BEREG ?? 'asan');
const sleep = (ms) => new Promise((r) => { setTimeout(r, ms); });
const quantile = (v, q) => [...v].sort((a, b) => a - b)[Math.min(v.length - 1, Math.floor(v.length * q))];
const rss = (server) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024);

// One request on a connection of its own; the status, or what went wrong.
function ask(server, at, { from, headers = {}, method = 'GET', body, socketPath } = {}) {
  const began = process.hrtime.bigint();
  const url = socketPath ? null : new URL(server.base);
  return new Promise((resolve) => {
    const done = (status, res) => resolve({ status, ms: Number(process.hrtime.bigint() - began) / 1e6, headers: res?.headers ?? {} });
    const req = http.request({ host: url?.hostname, port: url?.port, socketPath, path: at, method, headers: { ...headers, connection: 'close' }, agent: false,
      localAddress: from, timeout: 30000 }, (res) => { res.resume(); res.on('end', () => done(res.statusCode, res)); res.on('error', (e) => done(e.code)); });
    req.on('timeout', () => req.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    req.on('error', (e) => done(e.code));
    req.end(body);
  });
}

// Connections that have begun a request and do not end it; live() of them are still open.
async function halfOpen(server, n, { from, text = 'GET /health HTTP/1.1\r\nHost: a\r\n', drip } = {}) {
  const url = new URL(server.base);
  const sockets = [];
  const open = () => new Promise((resolve) => {
    const s = net.connect({ host: url.hostname, port: Number(url.port), localAddress: from });
    s.on('error', () => resolve());
    s.on('close', () => { s.gone ??= Date.now(); });
    s.on('connect', () => { if (text) s.write(text); resolve(); });
    s.resume();
    sockets.push(s);
  });
  for (let i = 0; i < n; i += 250) await Promise.all(Array.from({ length: Math.min(250, n - i) }, open));
  const timer = drip && setInterval(() => { for (const s of sockets) if (!s.destroyed) s.write(drip); }, 200);
  return { sockets, live: () => sockets.filter((s) => !s.gone && !s.connecting).length,
    end: () => { clearInterval(timer); for (const s of sockets) s.destroy(); } };
}

await part('10,000 connections', async () => {
  const server = await register.serve({ env: { BEREG_DEADLINE_MS: '60000' } });
  const limit = Number(/Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.child.pid}/limits`, 'utf8'))[1]);
  if (limit < 14000) {
    skip('10,000 connections', `the system gives ${limit} open files`);
    await server.stop();
    return;
  }
  const before = rss(server);
  const began = Date.now();
  const crowd = await halfOpen(server, 10000);
  const took = Date.now() - began;
  await sleep(500);
  is(crowd.live(), 10000, '10,000 half-open requests stand at once');
  const times = [];
  const wrong = [];
  for (let i = 0; i < 80; i += 1) {
    const a = await ask(server, i % 2 ? '/sign-in' : '/health');
    times.push(a.ms);
    if (a.status !== 200) wrong.push(a.status);
  }
  is(wrong, [], 'others are served meanwhile');
  ok(quantile(times, 0.95) < 500, 'and quickly', `95 of 100 within ${quantile(times, 0.95).toFixed(0)} ms`);
  note(`10,000 connections opened in ${took} ms; 80 others: median ${quantile(times, 0.5).toFixed(1)} ms, 95 of 100 within ${
    quantile(times, 0.95).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms; memory ${before} MB before, ${rss(server)} MB with them`);
  if (!sanitized) ok(rss(server) - before < 600, 'each takes less than 60 KB');
  // more than there is room for: who holds without asking goes, the oldest first
  const more = await halfOpen(server, 2500);
  await sleep(2500);
  const late = await ask(server, '/health');
  is(late.status, 200, 'where nearly all places are taken, who asks is served');
  const first = crowd.sockets.slice(0, 500).filter((s) => !s.gone).length;
  const last = more.sockets.slice(-500).filter((s) => !s.gone).length;
  ok(first === 0 && crowd.live() + more.live() <= 11000 && crowd.live() + more.live() > 9000, 'the oldest of those that hold without asking are gone, the others stay',
    `${first} of the first 500, ${last} of the last 500, ${crowd.live() + more.live()} in all`);
  note(`with 12,500 tried, ${crowd.live() + more.live()} stand; another is served in ${late.ms.toFixed(1)} ms`);
  crowd.end();
  more.end();
  await sleep(300);
  const after = await ask(server, '/sign-in');
  is(after.status, 200, 'afterwards it goes on');
  is(await server.stop(), 0, 'and ends well');
});

await part('slow clients', async () => {
  const term = 2000;
  const server = await register.serve({ env: { BEREG_DEADLINE_MS: String(term) } });
  const began = Date.now();
  const post = 'POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n';
  const groups = {
    'a head that drips (slowloris)': await halfOpen(server, 300, { text: 'GET /health HTTP/1.1\r\nHost: a\r\nX-A: ', drip: 'a' }),
    'headers without end': await halfOpen(server, 200, { text: 'GET /health HTTP/1.1\r\nHost: a\r\n', drip: 'X-B: 1\r\n' }),
    'empty lines before a request': await halfOpen(server, 100, { text: '\r\n', drip: '\r\n' }),
    'a body that drips': await halfOpen(server, 200, { text: `${post}Content-Length: 60000\r\n\r\n`, drip: 'a' }),
    'chunks that drip': await halfOpen(server, 200, { text: `${post}Transfer-Encoding: chunked\r\n\r\n`, drip: '1\r\na\r\n' }),
    'trailers that drip': await halfOpen(server, 100, { text: `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n`, drip: 'X: 1\r\n' }),
    'one asked, then silence': await halfOpen(server, 100, { text: 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n' }),
    silence: await halfOpen(server, 100, { text: '' }),
  };
  const times = [];
  while (Date.now() - began < term * 2 + 3000 && Object.values(groups).some((g) => g.live())) {
    const a = await ask(server, '/health');
    if (a.status !== 200) ok(false, 'others are served meanwhile', String(a.status));
    times.push(a.ms);
    await sleep(100);
  }
  for (const [name, g] of Object.entries(groups)) {
    is(g.live(), 0, `${name}: cut, however busily it drips`);
    const last = Math.max(...g.sockets.map((s) => s.gone ?? Infinity)) - began;
    note(`${name}: ${g.sockets.length} of them, the last was cut ${last} ms after the first began (term ${term} ms)`);
    g.end();
  }
  ok(times.length > 5 && quantile(times, 0.9) < 500, `others were served meanwhile: median ${quantile(times, 0.5).toFixed(1)} ms`, times.map(Math.round).join(' '));
  await server.stop();
});

await part('by address', async () => {
  const server = await register.serve({ args: ['--proxy', '127.0.0.9'], env: { BEREG_RATE: '600' } });
  const greedy = await halfOpen(server, 230, { from: '127.0.0.2' });
  await sleep(300);
  is(greedy.live(), 200, 'one address holds 200 connections at most');
  is((await ask(server, '/health', { from: '127.0.0.3' })).status, 200, 'another is served');
  ok((await ask(server, '/health', { from: '127.0.0.2' })).status !== 200, 'the greedy one is not');
  const proxied = await halfOpen(server, 230, { from: '127.0.0.9' });
  await sleep(300);
  is(proxied.live(), 230, 'the proxy is not counted');
  greedy.end();
  proxied.end();
  await sleep(200);

  const until429 = async (options, at = '/sign-in') => {
    for (let i = 0; i < 900; i += 10) {
      const got = await Promise.all(Array.from({ length: 10 }, (_, k) => ask(server, at, typeof options === 'function' ? options(i + k) : options)));
      const refused = got.find((a) => a.status === 429);
      if (refused) return refused;
    }
    return null;
  };
  const a = await until429({ from: '127.0.0.4' });
  ok(a && a.headers['retry-after'], 'an address that asks again and again without signing in: 429, and when to come again');
  is((await ask(server, '/health', { from: '127.0.0.4' })).status, 200, 'whether the server is well may be asked all the same');
  is((await ask(server, '/sign-in', { from: '127.0.0.5' })).status, 200, 'another address is served');
  ok(await until429((i) => ({ from: '127.0.0.6', headers: { 'x-forwarded-for': `198.51.100.${i % 250}` } })), 'who is no proxy is not believed about addresses');
  const via = (who) => ({ from: '127.0.0.9', headers: { 'x-forwarded-for': who } });
  ok(await until429(via('203.0.113.1')), 'behind the proxy each client has its own measure');
  is((await ask(server, '/sign-in', via('203.0.113.2'))).status, 200, 'which another does not use up');
  // ten a second are let in again meanwhile, so several ask at once
  const again = await Promise.all(Array.from({ length: 40 }, () => ask(server, '/sign-in', via('203.0.113.2, 203.0.113.1'))));
  ok(again.some((r) => r.status === 429), 'the last address counts, the one that the proxy saw itself');
  ok(await until429((i) => via(`2001:db8:1:2::${i.toString(16)}`)), 'addresses of one IPv6 network count as one');
  is((await ask(server, '/sign-in', via('2001:db8:1:3::1'))).status, 200, 'those of the next do not');
  const https = async (from) => (await ask(server, '/sign-in?lang=en', { from, headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.8' } })).headers['set-cookie']?.join() ?? '';
  is([/secure/i.test(await https('127.0.0.9')), /secure/i.test(await https('127.0.0.7'))], [true, false], 'X-Forwarded-Proto is believed of the proxy only');

  // an account, wherever it asks from
  const login = register.users().find((u) => u.role === 'social_worker').login;
  const token = register.token(login);
  ok(await until429((i) => ({ ...via(`192.0.2.${i % 200}`), headers: { 'x-forwarded-for': `192.0.2.${i % 200}`, authorization: `Bearer ${token}` } }), '/api/v1/inbox'),
    'an account that asks again and again from many addresses: 429');
  const other = register.token(register.users().filter((u) => u.role === 'social_worker')[1].login);
  is((await ask(server, '/api/v1/inbox', { ...via('192.0.2.1'), headers: { authorization: `Bearer ${other}` } })).status, 200, 'another account is served');
  await server.stop();
  for (const bad of ['somewhere', '127.0.0.1,', '127.0.0.300', ''])
    is(register.run(['serve', '--listen', '127.0.0.1:0', '--proxy', bad], { timeout: 20000 }).status, 1, `--proxy ${JSON.stringify(bad)} is refused`);
});

await part('by size', async () => {
  const server = await register.serve();
  const worker = await new Client(server.base).signIn(register.users().find((u) => u.role === 'social_worker').login);
  const cookie = [...worker.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const form = 'application/x-www-form-urlencoded';
  const multipart = 'multipart/form-data; boundary=x';
  // what is said to come is refused before it comes
  const said = async (at, type, n, withCookie) => (await ask(server, at, { method: 'POST', headers: { 'content-type': type, 'content-length': n, expect: '100-continue', ...(withCookie ? { cookie } : {}) } })).status;
  is(await said('/sign-in', form, 65537, false), 413, 'a stranger: 64 KB');
  is(await said('/persons', form, (1 << 20) + 1, true), 413, 'a form: 1 MB');
  is(await said('/persons', multipart, 2 << 20, true), 413, 'also where a file is sent to a form that takes none');
  is(await said('/imports', multipart, (66 << 20), true), 413, 'a file: 64 MB');
  is(await said('/nothing', multipart, (2 << 20), true), 413, 'nothing takes a file where nothing is');

  // a cookie or token counts when the register knows it
  const file = `--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${'a;b\r\n'.repeat(60000)}\r\n--x--\r\n`;
  const sent = async (headers, at = '/imports') => (await ask(server, at, { method: 'POST', headers: { 'content-type': multipart, 'content-length': file.length, ...headers }, body: file })).status;
  for (const [what, headers, at] of [['a cookie', { cookie: 'a=b' }], ['one of the right name', { cookie: 'bereg=x' }], ['and length', { cookie: `bereg=${'0'.repeat(64)}` }],
    ['a token', { authorization: `Bearer ${'0'.repeat(64)}` }, '/api/v1/imports'], ['another sign-in', { authorization: 'Basic eDp5' }]])
    is(await sent(headers, at), 413, `${what} that the register does not know: a stranger`);
  is(await sent({ cookie }), 403, 'of a session all of it is read: only the form lacks its mark');
  const token = register.token(register.users().find((u) => u.role === 'social_worker').login);
  is(await sent({ authorization: `Bearer ${token}` }, '/api/v1/imports'), 422, 'so it is of a token');
  const chunked = await new Promise((resolve) => {
    const url = new URL(server.base), req = http.request({ host: url.hostname, port: url.port, path: '/api/v1/imports', method: 'POST', agent: false, headers: { 'content-type': multipart, authorization: `Bearer ${token}` } }, (res) => { res.resume(); resolve(res.statusCode); });
    req.on('error', (e) => resolve(e.code));
    for (let i = 0; i < file.length; i += 10000) req.write(file.slice(i, i + 10000));
    req.end();
  });
  is(chunked, 422, 'in chunks too');
  await server.stop();
});

await part('fast, then silent', async () => {
  const term = 2000;
  const server = await register.serve({ env: { BEREG_DEADLINE_MS: String(term) } });
  const token = register.token(register.users().find((u) => u.role === 'social_worker').login);
  const began = Date.now(), bytes = 5e6;
  const head = `POST /api/v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${bytes * 2}\r\n\r\n`;
  const holders = await halfOpen(server, 5, { text: head + 'x'.repeat(bytes), drip: 'x' });
  while (holders.live() && Date.now() - began < 20000) await sleep(100);
  is(holders.live(), 0, 'what came fast long ago keeps no place', `${Date.now() - began} ms`);
  holders.end();
  await server.stop();
});

await part('a Unix socket', async () => {
  const socketPath = path.join(tmpDir(), `many-${process.pid}.sock`);
  const serve = () => register.serve({ args: ['--listen', `unix:${socketPath}`] });
  let server = await serve();
  is([server.base, fs.statSync(socketPath).mode & 0o777], [`unix:${socketPath}`, 0o660], 'it listens, for its group only');
  const a = await ask(server, '/sign-in?lang=en', { socketPath, headers: { host: 'bereg.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' } });
  is([a.status, /secure/i.test(a.headers['set-cookie']?.join() ?? '')], [200, true], 'who asks through it is the proxy');
  await server.stop('SIGKILL');
  server = await serve();
  is((await ask(server, '/health', { socketPath, headers: { host: 'a' } })).status, 200, 'after a kill the next one takes its place');
  if (ENGINE === 'postgres') is(register.run(['serve', '--listen', `unix:${socketPath}`], { timeout: 20000 }).status, 1, 'where one answers a second is refused');
  is(await server.stop(), 0, 'and it ends well');
  fs.rmSync(socketPath, { force: true });
});

await register.drop();
finish();
