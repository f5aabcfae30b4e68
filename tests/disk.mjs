// A full disk: what cannot be stored is refused with a clear word, nothing is stored by half, and with room again the same
// server goes on. The disk is a small tmpfs when root may mount one (SQLite's file, PostgreSQL's tablespace); on SQLite a
// limit on the size of files stands for it as well.
//   BEREG_TEST_DB=sqlite|postgres node tests/disk.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const scratch = process.env.BEREG_TMP ?? fs.mkdtempSync('/tmp/bereg-disk.');
// The program behind a limit on files, when BEREG_FSIZE gives one (KB); the signal that would end it is ignored.
const program = process.env.BEREG ?? fileURLToPath(new URL('../build-asan/bereg', import.meta.url));
const wrapper = path.join(scratch, `disk-${process.pid}.sh`);
fs.writeFileSync(wrapper, `#!/bin/bash\ntrap '' XFSZ\n[ -z "\${BEREG_FSIZE:-}" ] || ulimit -S -f "$BEREG_FSIZE"\nexec '${program}' "$@"\n`, { mode: 0o755 });
process.env.BEREG = wrapper;
const { ENGINE, Register } = await import('./lib/server.mjs');
const { csv, dmy, newKey, person, personRow, PERSON_HEAD, rest, upload } = await import('./lib/import-files.mjs');
const { finish, is, like, note, ok, part, skip } = await import('./lib/tap.mjs');

const sh = (cmd, ...args) => spawnSync(cmd, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const mounts = new Set();
process.on('exit', () => { for (const m of mounts) sh('umount', '-l', m); fs.rmSync(wrapper, { force: true }); });

function smallDisk(megabytes) {
  const at = path.join(scratch, `disk-${process.pid}-${mounts.size}`);
  fs.mkdirSync(at, { recursive: true });
  if (process.getuid() !== 0 || sh('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=777`, 'tmpfs', at).status !== 0) return null;
  mounts.add(at);
  return at;
}

const HALVES = `select p.id from person p where p.id not in (select person_id from listing)
  or p.id not in (select person_id from access) or p.id not in (select person_id from access_grant)
  or p.id not in (select person_id from event where kind = 'person.registered' and person_id is not null)`;
const TABLES = ['person', 'listing', 'access', 'access_grant', 'event', 'idempotency'];
const count = (register) => register.rows(`select ${TABLES.map((t) => `(select count(*) from ${t}) as ${t}`).join(', ')}`)[0];
let serial = 700000;

// fill() leaves hardly any room, free() gives it back; exact: the fault is one that the program can tell apart.
async function course(register, { what, serve, fill, free, exact }) {
  const server = await register.serve(serve ?? {});
  const api = server.client({ token: register.token('head1') });
  const penal = server.client({ token: register.token('penal1') });
  const send = (p, key) => api.postJson('/api/v1/persons', { family_name: p.family, given_name: p.given, birth_date: dmy(p.birth) }, { headers: { 'idempotency-key': key } });
  is((await send(person(serial += 1), newKey())).status, 201, `${what}: before, a person is registered`);
  const halves = register.rows(HALVES).length;
  await fill(server);
  const acknowledged = [];
  const refused = [];
  for (let i = 0; i < 4000 && refused.length < 25; i += 1) {
    const p = person(serial += 1);
    const key = newKey();
    const a = await send(p, key);
    if (a.status === 201) acknowledged.push(p);
    else refused.push({ p, key, a });
  }
  note(`${what}: ${acknowledged.length} persons went in before it was full`);
  if (!ok(refused.length > 0, `${what}: it is full in the end`)) { await server.stop(); return; }
  const statuses = [...new Set(refused.map((r) => r.a.status))];
  ok(statuses.every((s) => (exact ? [503, 507] : [500, 503, 507]).includes(s)), `${what}: refused as a trouble of the server (${statuses})`, refused[0].a.text);
  ok(refused.every((r) => r.a.type.startsWith('application/problem+json')), `${what}: in the form of an error`, refused[0].a.text);
  if (exact) like(refused[0].a.text, /мест[оа]|диск/i, `${what}: the words say that there is no room`);
  const list = await upload(penal, csv([PERSON_HEAD, ...Array.from({ length: 4000 }, (_, i) => personRow(person(800000 + i)))]), { list: 'Полный' });
  ok(list.status >= 500, `${what}: a list is refused, too`, `${list.status} ${list.text.slice(0, 300)}`);
  const seen = await api.get('/api/v1/persons');
  ok([200, 503, 507].includes(seen.status) || (!exact && seen.status === 500), `${what}: reading answers, or says why not (${seen.status})`, seen.text.slice(0, 300));
  const cli = register.run(['import', 'persons', listFile(), '--login', 'penal1', '--list', 'КС'], { env: serve?.env ?? {} });
  ok(cli.status === 1 && cli.err.length > 10 && !/Sanitizer/.test(cli.err), `${what}: the command line says so as well`, `${cli.status} ${cli.out} ${cli.err.slice(0, 400)}`);
  ok(server.status === null, `${what}: the server is still there`, String(server.status));

  await free(server);
  const after = register.rows(`select family_name from person`).map((r) => r.family_name);
  ok(acknowledged.every((p) => after.includes(p.family)), `${what}: every acknowledged person is there`);
  // an answer may fail behind the change, when its own reading cannot be noted any more: then the key tells
  const silent = refused.filter((r) => after.includes(r.p.family));
  if (silent.length) note(`${what}: ${silent.length} of ${refused.length} were stored though the answer was ${silent[0].a.status}`);
  is(register.rows(HALVES).length, halves, `${what}: nobody is there by half`);
  let again = await send(refused[0].p, refused[0].key);
  for (let i = 0; i < 20 && again.status !== 201; i += 1) { await new Promise((r) => setTimeout(r, 250)); again = await send(refused[0].p, refused[0].key); }
  is(again.status, 201, `${what}: with room again the same server takes the same request`);
  const late = [];
  for (const r of refused) late.push((await send(r.p, r.key)).status);
  ok(late.every((x) => x === 201), `${what}: so with all that were refused`, late.join());
  is(register.rows(`select family_name from person where family_name in (${refused.map((r) => `'${r.p.family}'`).join()})`).length, refused.length, `${what}: each is there once`);
  is((await api.get('/api/v1/persons')).status, 200, `${what}: and reads`);
  const before = count(register);
  const whole = await upload(penal, csv([PERSON_HEAD, ...Array.from({ length: 50 }, (_, i) => personRow(person(900000 + i)))]), { list: 'Снова' });
  const done = whole.status === 201 ? await rest(penal, whole.id) : {};
  is([whole.status, done.state, done.rows_new], [201, 'staged', 50], `${what}: a list is read again`);
  is(count(register).person, before.person, `${what}: and waits`);
  for (const r of register.rows(`select id, state from list_import where list = 'Полный'`)) {
    // what the server could still note is being taken back by itself
    const c = r.state.startsWith('cancel') ? { status: 200, text: '' } : await penal.postJson(`/api/v1/imports/${r.id}/cancel`, {}, { headers: { 'idempotency-key': newKey() } });
    ok(c.status < 300, `${what}: what was cut off (${r.state}) can be taken back`, `${c.status} ${c.text.slice(0, 300)}`);
    is((await rest(penal, r.id)).state, 'cancelled', `${what}: and is`);
  }
  is(register.rows('select count(*) as n from import_row where import_id in (select id from list_import where list = \'Полный\')')[0].n, 0, `${what}: nothing of the refused list is left`);
  const rerun = register.run(['import', 'persons', listFile(), '--login', 'penal1', '--list', 'КС']);
  is([rerun.status, register.rows(`select count(*) as n from listing where list = 'КС'`)[0].n], [0, 4000], `${what}: the same command takes the rest`);
  is(await server.stop(), 0, `${what}: the server ends`);
  ok(!/Sanitizer|runtime error/.test(server.err), `${what}: the sanitizers have nothing to say`, server.err.slice(-1500));
  const check = register.run(['check']);
  is([check.status, check.out.trim()], [0, 'The register is whole.'], `${what}: bereg check is clean`);
}

function listFile() {
  const at = path.join(scratch, `disk-${process.pid}-list.csv`);
  if (!fs.existsSync(at)) fs.writeFileSync(at, csv([PERSON_HEAD, ...Array.from({ length: 4000 }, (_, i) => personRow(person(850000 + i)))]));
  return at;
}

// Leaves some hundred kilobytes of a small disk.
function ballast(dir) {
  const file = path.join(dir, 'ballast');
  return {
    fill() {
      const { bavail, bsize } = fs.statfsSync(dir);
      fs.writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - 300 * 1024)));
    },
    free() { fs.rmSync(file, { force: true }); },
  };
}

function demo(register) {
  const made = register.run(['demo', '--persons', '40', '--seed', '7', '--date', '2024-06-14'], { timeout: 300000 });
  if (made.status !== 0) throw new Error(`bereg demo: ${made.err.slice(-1500)}`);
}

if (ENGINE === 'sqlite') {
  await part('a full disk', async () => {
    const disk = smallDisk(40);
    if (!disk) { skip('a full disk', 'root may mount no tmpfs here'); return; }
    const register = new Register('full');
    register.file = path.join(disk, 'register.db');
    register.url = `sqlite:${register.file}`;
    demo(register);
    const b = ballast(disk);
    await course(register, { what: 'full disk', fill: b.fill, free: b.free, exact: true });
    await register.drop();
  });
  await part('a limit on files', async () => {
    const register = new Register('limit');
    demo(register);
    const room = Math.ceil(fs.statSync(register.file).size / 1024) + 400;
    await course(register, {
      what: 'limit on files',
      serve: { env: { BEREG_FSIZE: String(room) } },
      fill() {},
      free: (server) => { const r = sh('prlimit', '--pid', String(server.child.pid), '--fsize=unlimited:unlimited'); if (r.status !== 0) throw new Error(r.stderr); },
      exact: false,
    });
    await register.drop();
  });
} else {
  await part('a full tablespace', async () => {
    const disk = smallDisk(60);
    const owner = disk && ['postgres', 'nobody'].find((u) => sh('id', u).status === 0);
    if (!disk) { skip('a full tablespace', 'root may mount no tmpfs here'); return; }
    const dir = path.join(disk, 'space');
    fs.mkdirSync(dir);
    sh('chown', owner, dir);
    const register = new Register('full');
    const space = `space_${process.pid}`;
    const psql = (sql, url = process.env.BEREG_TEST_PG) => { const r = sh('psql', '-X', '-q', '-d', url, '-c', sql); if (r.status !== 0) throw new Error(r.stderr); };
    psql(`create tablespace ${space} location '${dir}'`);
    psql(`alter database ${register.name} set tablespace ${space}`);
    try {
      demo(register);
      const b = ballast(disk);
      await course(register, { what: 'full tablespace', fill: b.fill, free: b.free, exact: true });
    } finally {
      await register.drop();
      psql(`drop tablespace ${space}`);
    }
  });
}
finish();
