// The virus scanner: each uploaded file is handed to it, whole, before anything else reads it. The scanner of this test speaks clamd's protocol.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/scanner.mjs
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { BEREG, NOW, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const dir = fs.mkdtempSync(path.join(tmpDir(), 'scanner-'));
const socketPath = path.join(dir, 'clamd.ctl');
// Told apart in the test, so that no scanner of this machine takes the test itself for a virus.
const BAD = Buffer.from('THIS-IS-THE-BAD-ONE-4417');

// "zINSTREAM\0", then pieces behind their length, then a length of 0; "zPING\0".
let mode = 'honest';
const seen = [];
const open = new Set();
const scanner = net.createServer((s) => {
  open.add(s);
  s.on('close', () => open.delete(s));
  s.on('error', () => {});
  let got = Buffer.alloc(0);
  let head = null;
  const pieces = [];
  s.on('data', (d) => {
    got = Buffer.concat([got, d]);
    if (head === null && got.includes(0)) { head = got.subarray(0, got.indexOf(0)).toString(); got = got.subarray(head.length + 1); }
    if (head === 'zPING') { s.end('PONG\0'); return; }
    if (head !== 'zINSTREAM') return;
    if (mode === 'hangs up') { s.destroy(); return; }
    if (mode === 'too large' && got.length > 100000) { head = 'done'; s.end('INSTREAM size limit exceeded. ERROR\0'); return; }
    while (got.length >= 4 && got.length >= 4 + got.readUInt32BE(0)) {
      const n = got.readUInt32BE(0);
      if (n === 0) { judge(s, Buffer.concat(pieces)); head = 'done'; return; }
      pieces.push(got.subarray(4, 4 + n));
      got = got.subarray(4 + n);
    }
  });
});
function judge(s, bytes) {
  seen.push(bytes);
  if (mode === 'silent') return;
  if (mode === 'nonsense') s.end('stream: OK, perhaps\0');
  else if (mode === 'closes') s.end();
  else if (mode === 'slow') setTimeout(() => s.end('stream: OK\0'), 700);
  else s.end(bytes.includes(BAD) ? 'stream: Test.Malware.\x1b[31m-7 FOUND\0' : 'stream: OK\0');
}
const listen = () => new Promise((r) => { scanner.listen(socketPath, r); });
await listen();

const register = Register.demo({ persons: 300, seed: 5, name: 'scanner' });
const serve = (...args) => register.serve({ args: ['--scanner', `unix:${socketPath}`, ...args], env: { BEREG_SCANNER_MS: '1500' } });
let server = await serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `scanner-${keys += 1}` } });
const count = (from) => Number(register.rows(`select count(*) as n from ${from}`)[0].n);
const events = (kind) => count(`event where kind = '${kind}'`);
const jobs = register.rows("select body_id as id from account where login = 'employment1'")[0].id;
const centre = register.rows("select body_id as id from account where login = 'social1'")[0].id;
const person = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${centre}
  where p.birth_date < '2000-01-01' and not exists (select 1 from access b where b.body_id = ${jobs} and b.person_id = p.id) order by p.id limit 1`)[0].id;
const consent = (await client('social1').postJson(`/api/v1/persons/${person}/consents`, { to_body_id: String(jobs), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.06.2025' }, key())).json;
const pdf = (size, inside = Buffer.alloc(0)) => Buffer.concat([Buffer.from('%PDF-1.7\n'), inside, crypto.randomBytes(size)]);
const attach = (bytes, name = 'scan.pdf', k = key()) => client('social1').postFile(`/api/v1/consents/${consent.id}/attachments`, { kind: 'consent' }, ['file', name, bytes], k);
const FOUND = /нашла в файле вредоносную программу/;
const SILENT = /не удалось проверить на вирусы/;

await part('clean', async () => {
  for (const size of [1, 65526, 65527, 3000000]) {
    const bytes = pdf(size);
    is((await attach(bytes)).status, 201, `a clean file of ${bytes.length} bytes is taken`);
    ok(seen.at(-1)?.equals(bytes), 'and the scanner has seen all of it');
  }
  is(seen.length, 4, 'each once');
});

await part('found', async () => {
  const before = [count('attachment'), events('upload.infected')];
  const k = key();
  const a = await attach(pdf(2000, BAD), 'Тайное имя.pdf', k);
  is(a.status, 422, 'a file with malware is refused');
  like(a.json.errors.map((e) => `${e.field}: ${e.message}`).join('; '), /^file: [^;]*$/, 'at its field, once');
  like(a.text, FOUND, 'in words');
  is([count('attachment'), events('upload.infected')], [before[0], before[1] + 1], 'nothing is kept, and an event tells it');
  const [e] = register.rows("select e.account_id, e.body_id, c.login from event e join account c on c.id = e.account_id where e.kind = 'upload.infected' order by e.id desc limit 1");
  is(e?.login, 'social1', 'with who has sent it');
  like(server.err, /virus scanner has found Test\.Malware\.\?\[31m-7/, 'its name stands in the log of the process, cleaned');
  unlike(server.err, /Тайное имя/, 'but not that of the file');
  is((await attach(pdf(2000), 'scan.pdf', k)).status, 201, 'a clean one sent again by the same form is taken');
  const web = await server.client().signIn('social1');
  const page = await web.postFile(`/consents/${consent.id}/attachments`, { kind: 'consent' }, ['file', 'x.pdf', pdf(100, BAD)]);
  ok(page.status === 422 && FOUND.test(page.text), 'the page shows it beside the form', `${page.status}`);
  const [paper] = (await client('social1').get(`/api/v1/consents/${consent.id}`)).json.attachments;
  const back = await client('social1').postFile(`/api/v1/consents/${consent.id}/attachments/${paper.id}/back`, { kind: 'consent' }, ['file', 'x.pdf', pdf(100, BAD)], key());
  ok(back.status === 422 && (await client('social1').get(`/api/v1/consents/${consent.id}/attachments/${paper.id}`)).status === 200, 'in place of a wrong paper it leaves that one where it is', back.status);
});

await part('lists and files of others', async () => {
  const before = count('list_import');
  const list = Buffer.concat([Buffer.from('family_name,given_name,birth_date,sex\nИванов,Пётр,1980-01-02,male\n'), BAD]);
  const web = await server.client().signIn('social1');
  const bad = await web.postFile('/imports', { kind: 'persons' }, ['file', 'a.csv', list]);
  ok(bad.status === 422 && FOUND.test(bad.text), 'a list of persons', `${bad.status}`);
  is(count('list_import'), before, 'is not even begun');
  const users = register.users();
  const logins = [...new Set(users.map((u) => u.role))].map((role) => users.find((u) => u.role === role).login);
  let tried = 0;
  for (const login of logins) {
    for (const where of ['/api/v1/catalogue/imports', '/api/v1/crosschecks/answer']) {
      const a = await client(login).postFile(where, {}, ['file', 'x.json', Buffer.concat([Buffer.from('{}'), BAD])], key());
      if ([403, 404].includes(a.status)) continue;
      tried += 1;
      ok(a.status === 422 && FOUND.test(a.text), `${where} by ${login}`, `${a.status} ${a.text.slice(0, 300)}`);
    }
  }
  ok(tried >= 2, `a file of the catalogue and one of a cross-check (${tried})`);
});

await part('a scanner that does not do its work', async () => {
  for (const [how, bytes] of [['silent', pdf(1000)], ['hangs up', pdf(1000)], ['nonsense', pdf(1000)], ['closes', pdf(1000)], ['too large', pdf(3000000)]]) {
    mode = how;
    const before = [count('attachment'), Date.now()];
    const waiting = attach(bytes);
    if (how === 'silent') {
      await new Promise((r) => { setTimeout(r, 300); });
      const began = Date.now();
      is((await server.client().get('/help')).status, 200, 'while one waits for it, others are answered');
      ok(Date.now() - began < 700, 'at once', `${Date.now() - began} ms`);
    }
    const a = await waiting;
    ok(a.status === 422 && SILENT.test(a.text), `${how}: the file is refused, with a word`, `${a.status} ${a.text.slice(0, 300)}`);
    is(count('attachment'), before[0], 'and not kept');
    ok(Date.now() - before[1] < 4000, 'within its term', `${Date.now() - before[1]} ms`);
  }
  mode = 'slow';
  is((await attach(pdf(1000))).status, 201, 'one that takes its time within the term is waited for');
  mode = 'honest';
  for (const s of open) s.destroy();
  await new Promise((r) => { scanner.close(r); });
  const gone = await attach(pdf(1000));
  ok(gone.status === 422 && SILENT.test(gone.text), 'when it is not there, files are refused', gone.text.slice(0, 300));
  const d = register.run(['doctor', '--lang', 'en', '--scanner', `unix:${socketPath}`]);
  like(d.out, /\[!\] The virus scanner does not answer/, 'the doctor says so');
  await server.stop();
});

await part('as the operator says', async () => {
  server = await serve('--scanner-silent', 'pass');
  like(server.err, /does not answer: files are taken without being looked at/, 'the log says at the start what becomes of files');
  const before = events('upload.unscanned');
  is((await attach(pdf(1000))).status, 201, 'with --scanner-silent pass a file is taken while it is not there');
  is(events('upload.unscanned'), before + 1, 'with an event');
  await listen();
  is((await attach(pdf(1000, BAD))).status, 422, 'once it is back, malware is refused');
  const doctor = spawn(BEREG, ['doctor', '--db', register.url, '--lang', 'en', '--scanner', `unix:${socketPath}`], { env: { ...process.env, BEREG_NOW: NOW } }); // beside the scanner of this process
  let words = '';
  doctor.stdout.on('data', (x) => { words += x; });
  await new Promise((r) => { doctor.on('close', r); });
  ok(/backup/.test(words) && !/virus scanner/.test(words), 'and the doctor is content', words);
  await server.stop();
  for (const args of [['--scanner', 'tcp:127.0.0.1:3310'], ['--scanner', `unix:${socketPath}`, '--scanner-silent', 'perhaps']])
    is(register.run(['serve', '--listen', '127.0.0.1:0', ...args], { timeout: 20000 }).status, 2, `${args.at(-1)}: wrong usage`);
});

await new Promise((r) => { scanner.close(r); });
const said = register.servers.map((s) => s.err).join('');
ok(!/Sanitizer|runtime error/.test(said), 'the sanitizers have nothing to say', said.slice(-1500));
await register.drop();
fs.rmSync(dir, { recursive: true });
finish();
process.exit();
