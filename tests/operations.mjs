// What an operator sees: the log of the process, the metrics, `bereg doctor`, the upgrade of an older register.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/operations.mjs
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { BEREG, bereg, ENGINE, PACKS, parseCsv, Register, tmpDir, TREE } from './lib/server.mjs';
import { dmy, person } from './lib/import-files.mjs';
import { smtpServer } from './lib/smtp.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
const dir = fs.mkdtempSync(path.join(tmpDir(), 'operations-'));
const at = (name) => path.join(dir, name);
const pause = (ms) => new Promise((r) => setTimeout(r, ms));
const register = Register.demo({ persons: 100, seed: 33, name: 'operations' });
const socket = at('metrics');
let server = await register.serve({ args: ['--metrics', `unix:${socket}`] });
const token = register.token('social1');

const ask = (how, path_ = '/metrics', method = 'GET') => new Promise((resolve, reject) => {
  const req = http.request({ ...how, path: path_, method, agent: false }, (res) => {
    let text = '';
    res.on('data', (d) => { text += d; });
    res.on('end', () => resolve({ status: res.statusCode, type: res.headers['content-type'], text }));
  });
  req.on('error', reject);
  req.end();
});

// The text format of Prometheus, read strictly: {name: {type, samples: [{name, labels, value}]}}; throws what is wrong.
function exposition(text) {
  const families = {};
  const seen = new Set();
  let family = null;
  if (!text.endsWith('\n')) throw new Error('no line end at the end');
  for (const line of text.slice(0, -1).split('\n')) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (meta?.[1] === 'HELP') {
      if (families[meta[2]]) throw new Error(`twice: ${meta[2]}`);
      family = families[meta[2]] = { name: meta[2], samples: [] };
    } else if (meta) {
      if (family?.name !== meta[2] || family.type || !['counter', 'gauge', 'histogram'].includes(meta[3])) throw new Error(line);
      family.type = meta[3];
    } else {
      const m = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)$/.exec(line);
      if (!m || !family?.type) throw new Error(`no sample: ${line}`);
      const base = family.type === 'histogram' ? m[1].replace(/_(bucket|sum|count)$/, '') : m[1];
      if (base !== family.name) throw new Error(`${m[1]} stands under ${family.name}`);
      if (seen.has(m[1] + (m[2] ?? ''))) throw new Error(`twice: ${line}`);
      seen.add(m[1] + (m[2] ?? ''));
      const labels = Object.fromEntries([...(m[2] ?? '').matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="([^"]*)"/g)].map((l) => [l[1], l[2]]));
      family.samples.push({ name: m[1], labels, value: Number(m[3].replace('Inf', 'Infinity')) });
    }
  }
  for (const f of Object.values(families).filter((x) => x.type === 'histogram')) {
    for (const s of f.samples.filter((x) => x.name.endsWith('_count'))) {
      const buckets = f.samples.filter((b) => b.name.endsWith('_bucket') && b.labels.queue === s.labels.queue);
      if (buckets.at(-1).labels.le !== '+Inf' || buckets.at(-1).value !== s.value) throw new Error(`${f.name}: the last bucket is not the count`);
      if (buckets.some((b, i) => i && (b.value < buckets[i - 1].value || Number(b.labels.le.replace('+Inf', 'Infinity')) <= Number(buckets[i - 1].labels.le)))) throw new Error(`${f.name}: buckets do not rise`);
    }
  }
  return families;
}

const known = (await server.client({ token }).get('/api/v1/persons')).json.items[0].id;
const one = register.rows(`select id, family_name, given_name, birth_date from person where id = ${known}`)[0];
const added = person(777001);
const wrongLogin = 'nobody-of-this-name';

await part('metrics', async () => {
  const api = server.client({ token });
  for (let i = 0; i < 3; i += 1) is((await api.get(`/api/v1/persons/${one.id}`)).status, 200, 'a card');
  is((await api.get('/api/v1/persons/99999999')).status, 404, 'a card that is not there');
  const m = await ask({ socketPath: socket });
  is([m.status, m.type], [200, 'text/plain; version=0.0.4; charset=utf-8'], 'are answered at a socket of their own');
  const f = exposition(m.text);
  const answers = f.bereg_http_answers_total.samples.filter((s) => s.labels.route === '/persons/{person}');
  is(answers.map((s) => [s.labels.status, s.value]), [['200', 3], ['404', 1]], 'counts stand under the pattern of the route and the status');
  ok(f.bereg_http_seconds.samples.find((s) => s.name.endsWith('_count') && s.labels.queue === 'pages').value >= 4, 'durations as a histogram');
  is(f.bereg_queue_length.samples.map((s) => s.labels.queue), ['pages', 'slow', 'outward'], 'the queues');
  for (let i = 0; i < 100 && !/bereg_job_runs_total\{job="guard.access"\} [1-9]/.test((await ask({ socketPath: socket })).text); i += 1) await pause(100);
  const g = exposition((await ask({ socketPath: socket })).text);
  ok(g.bereg_job_runs_total.samples.length > 5 && g.bereg_job_failures_total.samples.every((s) => s.value === 0), 'each job with its runs and failures');
  is(g.bereg_store_answers.samples[0].value, 1, 'the store answers');
  ok(g.bereg_store_bytes.samples[0].value > 1e6, 'its size');
  is(g.bereg_log_unsealed.samples.length, 2, 'what is not sealed of both logs');
  ok(!g.bereg_backup_age_seconds, 'no age of a backup that was never made');
  unlike(m.text, new RegExp(`${one.family_name}|social1|/persons/\\d`), 'nothing of anybody');
  is([(await ask({ socketPath: socket }, '/')).status, (await ask({ socketPath: socket }, '/metrics', 'POST')).status], [404, 405], 'nothing else is there');
  is((await server.client({ token }).get('/metrics')).status, 404, 'and nothing at the public address');
  const t = process.hrtime.bigint();
  for (let i = 0; i < 20; i += 1) await ask({ socketPath: socket });
  note(`one look at the metrics: ${(Number(process.hrtime.bigint() - t) / 20e6).toFixed(2)} ms`);
});

await part('the log of the process', async () => {
  const api = server.client({ token });
  const made = await api.postJson('/api/v1/persons', { family_name: added.family, given_name: added.given, patronymic: added.patronymic, birth_date: dmy(added.birth), phone: '+79130001122' }, { headers: { 'idempotency-key': 'operations-1' } });
  is(made.status, 201, 'a person is registered', made.text);
  await api.get(`/api/v1/persons?q=${encodeURIComponent(`${one.family_name} ${one.given_name}`)}`);
  await api.get(`/persons?q=${encodeURIComponent(added.family)}&format=csv`);
  await api.get(`/api/v1${made.location.replace('/api/v1', '')}?whatever=${encodeURIComponent(added.family)}`);
  await api.get(`/nowhere/${encodeURIComponent(added.family)}`);
  const stranger = server.client();
  const page = await stranger.get('/sign-in');
  const form = page.form('/sign-in') ?? page.forms[0];
  await stranger.post('/sign-in', [...form.fields.filter(([k]) => !['login', 'password'].includes(k)), ['login', wrongLogin], ['password', 'a-secret-word']]).catch(() => null);
  const answered = await api.get('/api/v1/persons?q=x');
  await pause(200);
  const lines = server.err.trim().split('\n').map((l) => { try { return JSON.parse(l); } catch { return { broken: l }; } });
  is(lines.filter((l) => l.broken), [], 'every line is JSON');
  ok(lines.every((l) => l.time && ['debug', 'info', 'warn', 'error'].includes(l.level) && l.msg), 'with time, level and words');
  const card = lines.filter((l) => l.route === '/persons/{person}' && l.status === 200);
  ok(card.length >= 4 && card.every((l) => l.method === 'GET' && typeof l.ms === 'number' && /^[0-9a-f]{8}-[0-9a-f]+$/.test(l.request)), 'answers by the pattern of their route, with status and milliseconds');
  is(new Set(lines.filter((l) => l.request && l.route).map((l) => l.request)).size, lines.filter((l) => l.route).length, 'each has a number of its own');
  ok(lines.some((l) => l.request === answered.headers['x-request-id']), 'which the answer has too');
  // Values of persons, of people at work and what was typed: none of it stands in the log.
  const text = server.err;
  const names = register.rows('select distinct family_name as v from person union select distinct given_name from person union select distinct phone from person where phone is not null union select distinct snils from person where snils is not null')
    .map((r) => String(r.v)).filter((v) => v && v !== 'null' && v.length > 2);
  const people = register.rows('select login as a, name as b from account').flatMap((r) => [r.b]);
  is([...names, ...people, added.family, added.given, wrongLogin, 'a-secret-word', '+79130001122'].filter((v) => text.includes(v)), [], `none of ${names.length + people.length} values of persons and workers stands in it`);
  unlike(text, /[?&](q|format|whatever)=|%D0/, 'no query');
  unlike(text, /\/persons\/\d/, 'no address with a number');
  unlike(text, /127\.0\.0\.1/, 'no address of anybody');
});

await part('what is refused', async () => {
  const api = server.client({ token });
  const browser = await server.client().signIn('social1');
  const account = register.rows("select id from account where login = 'social1'")[0].id;
  const before = exposition((await ask({ socketPath: socket })).text).bereg_http_refusals_total.samples.map((s) => [s.labels.what, s.value]);
  is(before.map(([what]) => what), ['csrf', 'origin', 'rate', 'size', 'malformed', 'key'], 'each kind has its count');
  is((await browser.post('/persons', { family_name: 'x' }, { csrf: 'wrong' })).status, 403, 'a form without the token');
  is((await browser.post('/persons', { family_name: 'x' }, { headers: { origin: 'https://evil.example' } })).status, 403, 'one of another site');
  const key = { headers: { 'idempotency-key': 'operations-1' } };
  is((await api.postJson('/api/v1/persons', { family_name: 'Y' }, key)).status, 422, 'the key of another form');
  is((await api.request('POST', '/api/v1/persons', { headers: { 'content-type': 'application/json' }, body: '{"a":' })).status, 400, 'a body that cannot be read');
  is((await api.get(`/api/v1/persons?q=${'x'.repeat(9000)}`)).status, 414, 'an address beyond its limit');
  const { port } = new URL(server.base);
  await new Promise((r) => { const s = net.connect(Number(port), '127.0.0.1', () => s.end('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')); s.on('close', r); s.resume(); });
  is((await api.get('/api/v1/accounts')).status, 403, 'what the role may not');
  await pause(200);
  const after = Object.fromEntries(exposition((await ask({ socketPath: socket })).text).bereg_http_refusals_total.samples.map((s) => [s.labels.what, s.value]));
  is(before.map(([what, n]) => [what, after[what] - n]), [['csrf', 1], ['origin', 1], ['rate', 0], ['size', 1], ['malformed', 2], ['key', 1]], 'the metrics count them');
  const lines = server.err.trim().split('\n').map((l) => JSON.parse(l));
  const told = (what) => lines.filter((l) => l.refused === what);
  is(['csrf', 'origin', 'key'].map((w) => [told(w).length, told(w)[0].account, told(w)[0].level]), Array(3).fill([1, account, 'warn']), 'the log names kind and account');
  is(told('malformed').map((l) => l.account ?? 0).sort(), [0, account].sort(), 'where there is one');
  is(lines.filter((l) => l.status === 403 && l.route === '/accounts').map((l) => l.account), [account], 'so does it for what is forbidden');
  ok(lines.filter((l) => l.route === '/persons/{person}' && l.status === 404).every((l) => l.account === account), 'and for what is not there');
  await server.stop();
  server = await register.serve({ args: ['--metrics', `unix:${socket}`], env: { BEREG_RATE: '60' } });
  const many = server.client({ token });
  let refused = 0;
  for (let i = 0; i < 320; i += 1) refused += (await many.get('/api/v1/persons?limit=1')).status === 429;
  ok(refused > 0, 'who asks too often');
  await pause(200);
  const rate = server.err.trim().split('\n').map((l) => JSON.parse(l)).filter((l) => l.refused === 'rate');
  is([rate.length, rate[0].account], [refused, account], 'is told too');
});

await part('metrics on a port', async () => {
  await server.stop();
  server = await register.serve({ args: ['--metrics', `unix:${socket}`] });
  is((await ask({ socketPath: socket })).status, 200, 'a socket that a server has left is taken over');
  await server.stop();
  const free = await new Promise((r) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => r(port)); }); });
  server = await register.serve({ env: { BEREG_METRICS: `127.0.0.1:${free}` } });
  is((await ask({ host: '127.0.0.1', port: free })).status, 200, 'named by the environment');
  await server.stop();
  const openly = register.run(['serve', '--listen', '127.0.0.1:0', '--metrics', '0.0.0.0:0'], { timeout: 20000 });
  ok(openly.status === 1 && /for this machine only/.test(openly.err), 'one that others reach is refused: it has no TLS', openly.err);
  const refused = register.run(['serve', '--listen', '127.0.0.1:0', '--metrics', 'unix:/nowhere/at/all'], { timeout: 20000 });
  ok(refused.status === 1 && /cannot listen on \/nowhere/.test(refused.err), 'an address that cannot be used is refused', refused.err);
});

const doctor = (args = [], env = {}) => {
  const r = register.run(['doctor', '--lang', 'en', ...args], { env });
  return { status: r.status, all: r.out, bad: [...r.out.matchAll(/^\[!\] (.*)$/gm)].map((m) => m[1]), others: [...r.out.matchAll(/^\[\?\] (.*)$/gm)].map((m) => m[1]), err: r.err };
};
const has = (d, words) => [...d.bad, ...d.others].some((f) => words.test(f));

await part('bereg doctor', async () => {
  const key = at('key');
  bereg(['backup-key', '--out', key]);
  const first = doctor();
  is(first.status, 1, 'a demonstration is no installation');
  ok(has(first, /No backup was ever made/) && has(first, /password of the demonstration/) && has(first, /nobody has checked/), 'no backup, known passwords, unverified packs', first.all);
  ok(!has(first, /background work/), 'the server has reported', first.all);
  ok(first.all.split('What to do:').length - 1 === first.bad.length + first.others.length, 'each says what to do');
  const ru = register.run(['doctor', '--lang', 'ru']).out;
  ok(/Резервная копия ни разу не делалась/.test(ru) && /Что делать:/.test(ru) && !/[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]/.test(ru.replace(/`.*?`/g, '')), 'in Russian too', ru);
  is(register.run(['backup', '--to', at('b'), '--backup-key', `${key}.make`]).status, 0, 'a backup');
  fs.mkdirSync(at('folder'));
  is(register.run(['backup', '--to', at('folder'), '--backup-key', `${key}.make`]).status, 0, 'one into a folder, as the timer makes it');
  is(fs.readdirSync(at('folder')), ['bereg-20240614T070000Z'], 'is called by its time');
  ok(!has(doctor(), /backup was ever made|last backup/), 'is seen');
  ok(has(doctor(), /restored on trial/), 'a trial is missing');
  register.run(['backup', '--drilled']);
  ok(!has(doctor(), /on trial/), 'and then not');
  const late = doctor([], { BEREG_NOW: '2024-06-20T10:00' });
  ok(has(late, /last backup is old/) && has(late, /background work does not run/), 'six days later the backup is old and nobody has worked', late.all);
  ok(has(doctor([], { BEREG_NOW: '2024-06-13T10:00' }), /clock of this machine/), 'a clock that goes behind the register is named');
  ok(!has(doctor([], { BEREG_NOW: '2023-06-01T10:00' }), /data key has been in use/), 'a data key has a term'); // of the region, which begins in June 2021
  ok(has(doctor(), /data key has been in use for more than its term/), 'and is named when it is over');
  is(register.run(['keys', 'add']).status, 0, 'a new one');
  ok(!has(doctor([], { BEREG_NOW: '2024-06-14T10:05' }), /data key has been in use/), 'begins another term');
  // files
  if (ENGINE === 'sqlite') {
    fs.chmodSync(register.file, 0o644);
    ok(has(doctor(), /read or change the file of the register/), 'a register that others read');
    fs.chmodSync(register.file, 0o600);
    ok(!has(doctor(), /read or change the file of the register/), 'and then not');
    const beside = path.join(path.dirname(register.file), `beside-${process.pid}.keys`);
    fs.copyFileSync(process.env.BEREG_KEYS, beside);
    ok(has(doctor(['--keys', beside]), /in the folder of the register/), 'keys beside the register');
    fs.rmSync(beside);
    const big = `${register.file}-wal`;
    const held = fs.existsSync(big);
    if (!held) { fs.writeFileSync(big, ''); fs.truncateSync(big, 300 << 20); }
    ok(has(doctor(), /write-ahead log has become large/) || held, 'a log that grows');
    fs.rmSync(big, { force: true });
  } else {
    const off = doctor();
    ok(has(off, /stored changes can be lost: fsync = off, full_page_writes = off/), 'settings of PostgreSQL that lose commits', off.all);
  }
  const open = at('open.keys');
  fs.copyFileSync(process.env.BEREG_KEYS, open);
  fs.chmodSync(open, 0o644);
  ok(has(doctor(['--keys', open]), /read by other users/), 'keys that others read');
  const none = doctor(['--keys', at('none.keys')]);
  ok(none.status === 1 && has(none, /does not open: the key file .* is missing/), 'no keys', none.all);
  // packs
  const packs = at('packs');
  fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
  ok(!has(doctor(['--packs', path.join(packs, 'demo')]), /packs on the disk/), 'packs as they are');
  const file = path.join(packs, 'demo', fs.readdirSync(path.join(packs, 'demo')).find((f) => /need/.test(f) || /codes|people/.test(f)));
  fs.appendFileSync(file, '\n[code channel tried_out]\nlabel.ru = Проба\nlabel.en = Trial\n');
  ok(has(doctor(['--packs', path.join(packs, 'demo')]), /packs on the disk.*\+1/), 'packs that differ', doctor(['--packs', path.join(packs, 'demo')]).all);
  // mail
  ok(has(doctor(['--smtp', 'smtp://127.0.0.1:1']), /mail server does not answer/), 'a mail server that is not there');
  const mail = await smtpServer();
  const child = (await import('node:child_process')).spawn(BEREG, ['doctor', '--db', register.url, '--lang', 'en', '--smtp', mail.url], { env: { ...process.env, BEREG_NOW: '2024-06-14T10:00' } });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  await new Promise((r) => child.on('close', r));
  unlike(out, /mail server/, 'and one that is');
  await mail.stop();
  // second factors, and a sign-in without TLS from another machine
  ok(!has(doctor(), /second factor/) && !has(doctor(), /without TLS within/), 'no role needs a second factor, nobody signed in openly');
  const strict = at('strict');
  fs.cpSync(path.dirname(PACKS), strict, { recursive: true });
  const roles = fs.readdirSync(path.join(strict, 'demo')).map((f) => path.join(strict, 'demo', f)).find((f) => /^\[role auditor\]/m.test(fs.readFileSync(f, 'utf8')));
  fs.writeFileSync(roles, fs.readFileSync(roles, 'utf8').replace(/^\[role auditor\]$/m, '[role auditor]\nsecond_factor = yes'));
  is(register.run(['upgrade', '--packs', path.join(strict, 'demo')]).status, 0, 'the packs want a second factor of the auditor');
  const auditors = register.rows("select count(*) as n from account where role = 'auditor' and active = 1")[0].n;
  ok(has(doctor(), new RegExp(`role that needs a second factor have none: auditor, ${auditors}$`)), 'accounts without one are named by their role', doctor().all);
  register.run(['upgrade']);
  const plain = await register.serve();
  const signed = async (headers) => plain.client().request('POST', '/sign-in', { headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '203.0.113.7', ...headers }, body: 'login=social1&password=bereg-demo' });
  is((await signed({ 'x-forwarded-proto': 'https' })).status, 303, 'a sign-in behind TLS');
  ok(!has(doctor(), /without TLS within/), 'is no finding');
  is((await signed({})).status, 303, 'one of another machine without it');
  ok(has(doctor(), /signed in without TLS within a day/), 'is', doctor().all);
  ok(!has(doctor([], { BEREG_NOW: '2024-06-16T10:00' }), /without TLS within/), 'for a day');
  await plain.stop();
  // listening openly, and for the demonstration
  const openly = await register.serve({ args: ['--listen', '0.0.0.0:0', '--demo'] });
  let d = doctor();
  for (let i = 0; i < 50 && !has(d, /listens openly/); i += 1) { await pause(200); d = doctor(); }
  ok(has(d, /listens openly.*0\.0\.0\.0/) && has(d, /offers the accounts/), 'a server that listens openly and offers the demonstration', d.all);
  const admin = openly.client({ token: register.token(register.users().find((u) => u.role === 'system_admin').login) });
  const rows = (await admin.get('/api/v1/system?show=installation')).json.items.map((r) => r.what);
  ok(rows.some((w) => /TLS/.test(w)), 'the administrator reads it on his page', rows);
  is((await admin.get('/system?show=installation')).status, 200, 'as a page');
  await openly.stop();
});

await part('an older register', async () => {
  // As the first release had it: without tables, columns and indexes that came later, with all that they kept.
  const counts = () => ['person', 'event', 'referral', 'access', 'note', 'account', 'service'].map((t) => register.rows(`select count(*) as n from ${t}`)[0].n);
  const before = counts();
  const later = fs.readFileSync(path.join(TREE, 'tests/fixtures/older.sql'), 'utf8').split(';').map((s) => s.replace(/^--.*$/gm, '').trim()).filter(Boolean);
  register.exec(later);
  const served = register.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
  ok(served.status === 1 && /bereg upgrade/.test(served.err), 'serve refuses it with the word what to do', served.err);
  ok(has(doctor(), /another version than the program/), 'so does the doctor');
  const { spawn } = await import('node:child_process');
  for (const ms of [30, 120, 300]) {
    const child = spawn(BEREG, ['upgrade', '--db', register.url], { env: { ...process.env, BEREG_NOW: '2024-06-14T10:00', BEREG_PACKS: PACKS }, stdio: 'ignore' });
    const ended = new Promise((r) => child.on('close', r));
    await pause(ms);
    child.kill('SIGKILL');
    await ended;
  }
  const need = register.run(['upgrade', '--need-backup'], { env: { BEREG_NOW: '2024-07-14T10:00' } });
  ok(need.status === 1 && /make one first/.test(need.err), 'where it is asked for, nothing is done without a backup', need.err);
  const up = register.run(['upgrade']);
  ok(up.status === 0, 'upgrade brings it up after three that were killed', up.err);
  is(register.run(['upgrade']).status, 0, 'once more does no harm');
  is(counts(), before, 'nothing is lost');
  const check = register.run(['check']);
  is(check.status, 0, 'bereg check finds nothing', `${check.out.slice(0, 800)}${check.err.slice(0, 800)}`);
  const again = await register.serve();
  is((await again.client({ token }).get(`/api/v1/persons/${one.id}`)).status, 200, 'it is served');
  await again.stop();
  is(parseCsv(register.run(['users']).out).length > 100, true, 'with its accounts');
});

await register.drop();
fs.rmSync(dir, { recursive: true, force: true });
note(`${ENGINE}: ${Date.now() - began} ms`);
finish();
