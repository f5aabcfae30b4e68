// The lock of the server and of the jobs, from outside: every thread is bound, the system's word for it; jobs as a service of their own. What a
// locked process cannot do is tried in src/formats/lock_test.c; that all pages work under it, in every other test.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/lock.mjs
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BEREG, NOW, PACKS, Register, tmpDir } from './lib/server.mjs';
import { sheetRows } from './lib/client.mjs';
import { finish, is, ok, part, skip } from './lib/tap.mjs';

const register = Register.demo({ persons: 60, name: 'lock' });
const worker = register.users().find((u) => u.role === 'social_worker').login;
const sleep = (ms) => new Promise((r) => { setTimeout(r, ms); });
const bound = (pid) => fs.readdirSync(`/proc/${pid}/task`).map((t) => fs.readFileSync(`/proc/${pid}/task/${t}/status`, 'utf8'))
  .map((s) => [/Seccomp:\s+(\d)/.exec(s)[1], /NoNewPrivs:\s+(\d)/.exec(s)[1]].join());

await part('the server', async () => {
  const temporary = path.join(tmpDir(), `lock-${process.pid}`);
  fs.mkdirSync(temporary, { recursive: true });
  const server = await register.serve({ args: ['--no-jobs'], env: { TMPDIR: temporary } });
  const threads = bound(server.child.pid);
  ok(threads.length > 10 && threads.every((t) => t === '2,1'), `each of ${threads.length} threads is under a filter and can get no new rights`, threads.join(' '));
  if (/Landlock/.test(server.err)) skip('the files are locked', 'this system has no Landlock, as the log says');
  else ok(!/lock:/.test(server.err), 'the log has no complaint: files are locked too', server.err.slice(0, 500));
  // what needs children, temporary files and new connections works inside
  const web = await server.client().signIn(worker);
  const sheet = await web.get('/persons?format=xlsx');
  ok(sheet.status === 200 && sheetRows(sheet.bytes).length > 1, 'an XLSX is written');
  const big = `${'family_name,given_name,birth_date,sex\n'}${'Иванов,Пётр,1980-01-02,male\n'.repeat(20000)}`;
  const form = (await web.get('/imports/new')).form('/imports');
  const sent = await web.postFile('/imports', { ...Object.fromEntries(form?.fields ?? []), kind: 'persons' }, ['file', 'a.csv', big]);
  ok(sent.status < 500, 'a file of 700 KB goes through a temporary one to a child', `${sent.status} ${sent.text.slice(0, 200)}`);
  const many = await Promise.all(Array.from({ length: 40 }, () => web.get('/inbox')));
  ok(many.every((a) => a.status === 200), '40 at once get connections of their own');
  is(await server.stop(), 0, 'it ends well');
  fs.rmSync(temporary, { recursive: true });
});

await part('the jobs', async () => {
  const server = await register.serve({ args: ['--no-jobs'] });
  const day = register.rows('select max(id) as n from event')[0].n;
  const jobs = spawn(BEREG, ['jobs', '--db', register.url], { env: { ...process.env, BEREG_NOW: NOW, BEREG_PACKS: PACKS }, stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => jobs.kill('SIGKILL'));
  let out = '';
  jobs.stdout.on('data', (d) => { out += d; });
  let err = '';
  jobs.stderr.on('data', (d) => { err += d; });
  const ended = new Promise((r) => { jobs.on('close', (code, signal) => r(code ?? signal)); });
  for (let i = 0; i < 100 && !/running/.test(out); i += 1) await sleep(100);
  ok(/The jobs are running/.test(out), 'they run beside a server without jobs', `${out}${err}`);
  ok(bound(jobs.pid).every((t) => t === '2,1'), 'under the same lock');
  // a job of theirs: the sums of the report follow the log
  const api = server.client({ token: register.token(worker) });
  const person = (await api.get('/api/v1/persons?limit=1')).json.items[0].id;
  is((await api.postJson('/api/v1/services', { person, kind: 'consultation', day: '2024-06-13' })).status, 201, 'something is written');
  const last = register.rows('select max(id) as n from event')[0].n;
  let at = 0;
  for (let i = 0; i < 200 && at < last; i += 1) {
    await sleep(100);
    at = Math.max(...register.rows('select event_id as n from log_position').map((r) => Number(r.n)));
  }
  ok(last > day && at >= last, 'what follows the log has come to its end', `${at} of ${last}`);
  jobs.kill('SIGTERM');
  is(await ended, 0, 'SIGTERM ends them with 0');
  is(await server.stop(), 0, 'the server goes on until it is told');
  is(register.run(['check']).status, 0, 'bereg check finds nothing');
});

await register.drop();
finish();
process.exit(); // also when a part failed beside its jobs
