// Backup and restore: a drill beside a working writer, the way to the other engine and back, what is refused, kills and full disks.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/backup.mjs
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BEREG, bereg, ENGINE, NOW, parseCsv, Register, tmpDir } from './lib/server.mjs';
import * as file from './lib/backup-file.mjs';
import { dmy, person } from './lib/import-files.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
const dir = fs.mkdtempSync(path.join(tmpDir(), 'backup-'));
const at = (name) => path.join(dir, name);
const key = at('key');
const pause = (ms) => new Promise((r) => setTimeout(r, ms));
const register = Register.demo({ persons: 100, seed: 21, name: 'backup' });
const made = [];
const away = (r) => { made.push(r); return r; };
const save = (r, to, more = []) => r.run(['backup', '--to', to, '--backup-key', `${key}.make`, ...more]);
const restore = (r, from, opening = key) => r.run(['restore', '--from', from, '--backup-key', opening]);
const tables = (file) => parseCsv(bereg(['backup', '--verify', file, '--backup-key', key, '--format', 'csv']).out);
// What noting the backup and the restore itself writes (and what follows the log), and what is not brought back.
const OWN = ['event', 'history', 'setting', 'log_position', 'leaf', 'leaf_tile', 'log_head', 'session', 'sign_in_delay'];
const content = (file) => tables(at(file)).filter((t) => !OWN.includes(t.table)).map((t) => `${t.table} ${t.rows} ${t.digest}`);
const differ = (a, b) => { const other = content(b); return content(a).filter((t, i) => t !== other[i]).map((t) => t.slice(0, 40)); };

// A register that holds nothing yet, on either engine.
function elsewhere(engine = ENGINE) {
  if (engine === ENGINE) return away(new Register('elsewhere'));
  const r = Object.create(Register.prototype);
  Object.assign(r, { name: `x${made.length}`, servers: [], file: at(`x${made.length}.db`) });
  r.url = `sqlite:${r.file}`;
  return r;
}

await part('keys', async () => {
  is(bereg(['backup-key', '--out', key]).status, 0, 'both keys are made');
  is([key, `${key}.make`].map((f) => (fs.statSync(f).mode & 0o777).toString(8)), ['600', '600'], 'nobody else reads them');
  const again = bereg(['backup-key', '--out', key]);
  ok(again.status === 1 && /already|exists/.test(again.err), 'and nothing is written over them', again.err);
  like(save(register, at('none')).out, /digest/, 'the making key makes a backup');
  const reading = bereg(['backup', '--verify', at('none'), '--backup-key', `${key}.make`]);
  ok(reading.status === 1 && /cannot read/.test(reading.err), 'and cannot read it', reading.err);
  const opening = register.run(['backup', '--to', at('wrong'), '--backup-key', key]);
  ok(opening.status === 1 && /must not lie/.test(opening.err), 'the opening key makes none', opening.err);
  const over = save(register, at('none'));
  ok(over.status === 1 && /already/.test(over.err), 'a backup is never written over', over.err);
});

await part('several to one name at once', async () => {
  const one = () => new Promise((r) => {
    const child = spawn(BEREG, ['backup', '--db', register.url, '--to', at('once'), '--backup-key', `${key}.make`], { env: { ...process.env, BEREG_NOW: NOW } });
    let err = '';
    child.stderr.on('data', (d) => { err += d; });
    child.on('close', (status) => r({ status, err }));
  });
  for (let i = 0; i < 3; i += 1) {
    const all = await Promise.all([one(), one(), one(), one()]);
    is(all.filter((r) => r.status === 0).length, 1, 'one of them is made', all.map((r) => r.err));
    is(bereg(['backup', '--verify', at('once'), '--backup-key', key]).status, 0, 'and is whole');
    ok(all.every((r) => r.status === 0 || /being made just now|is a file .* already/.test(r.err)), 'the others say why they were not', all.map((r) => r.err));
    fs.rmSync(at('once'));
  }
  unlike(fs.readdirSync(dir).join(' '), /\.part/, 'no halves lie about');
  // who holds the part is left alone; what a killed one has left is not
  fs.writeFileSync(at('once.part'), 'a half');
  const holder = spawn('flock', ['-x', at('once.part'), '-c', 'echo held; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  await new Promise((r) => holder.stdout.once('data', r));
  const second = save(register, at('once'));
  ok(second.status === 1 && /another backup to .* is being made just now/.test(second.err), 'a second one is refused while one is written', second.err);
  is(fs.readFileSync(at('once.part'), 'utf8'), 'a half', 'and does not touch its half');
  const ended = new Promise((r) => holder.on('close', r));
  process.kill(-holder.pid, 'SIGKILL');
  await ended;
  is(save(register, at('once')).status, 0, 'what nobody holds is written over');
  is([bereg(['backup', '--verify', at('once'), '--backup-key', key]).status, fs.existsSync(at('once.part'))], [0, false], 'and the backup is whole');
});

await part('into a folder that may be written and not read', async () => {
  const folder = at('drop');
  fs.mkdirSync(folder, { mode: 0o300 });
  const to = path.join(folder, 'one'), env = { ...process.env, BEREG_NOW: NOW };
  const args = [BEREG, 'backup', '--db', register.url, '--to', to, '--backup-key', `${key}.make`];
  const root = process.getuid() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []; // root without his right to everything
  const [command, ...rest] = [...root, ...args];
  const r = spawnSync(command, rest, { env, encoding: 'utf8' });
  fs.chmodSync(folder, 0o700);
  is([r.status, r.stderr], [0, ''], 'it is made');
  is(bereg(['backup', '--verify', to, '--backup-key', key]).status, 0, 'and whole');
});

await part('the drill: a writer works meanwhile', async () => {
  const server = await register.serve();
  const tokens = ['head1', 'penal1'].map((l) => register.token(l));
  const acknowledged = [];
  let sent = 0;
  const stop = { now: false };
  const writers = tokens.map(async (token) => {
    const api = server.client({ token });
    while (!stop.now) {
      const p = person(500000 + (sent += 1));
      const a = await api.postJson('/api/v1/persons', { family_name: p.family, given_name: p.given, patronymic: p.patronymic, birth_date: dmy(p.birth) },
        { headers: { 'idempotency-key': `backup-${p.n}` } });
      if (a.status === 201) acknowledged.push({ id: Number(/\/persons\/(\d+)/.exec(a.location)[1]), family: p.family });
      else ok(false, 'the writer is served', `${a.status} ${a.text.slice(0, 300)}`);
    }
  });
  while (acknowledged.length < 20) await pause(20);
  const before = acknowledged.length;
  const b = await new Promise((r) => {
    const child = spawn(BEREG, ['backup', '--db', register.url, '--to', at('drill'), '--backup-key', `${key}.make`], { env: { ...process.env, BEREG_NOW: NOW } });
    let err = '';
    child.stderr.on('data', (d) => { err += d; });
    child.on('close', (status) => r({ status, err }));
  });
  is(b.status, 0, 'a backup is made beside it', b.err);
  const during = acknowledged.length;
  stop.now = true;
  await Promise.all(writers);
  await server.stop();
  ok(during > before, `${during - before} persons were stored meanwhile`);
  const there = elsewhere();
  const back = restore(there, at('drill'));
  is(back.status, 0, 'it is restored elsewhere', back.err);
  is(there.run(['check']).out.trim(), 'The register is whole.', 'bereg check finds nothing');
  const rows = new Map(there.rows('select id, family_name from person where id in (select person_id from listing)').map((r) => [r.id, r.family_name]));
  is(acknowledged.slice(0, before).filter((p) => rows.get(p.id) !== p.family).length, 0, `all ${before} persons acknowledged before it are there`);
  const n = there.rows('select count(*) as n from person')[0].n;
  const all = register.rows('select count(*) as n from person')[0].n;
  ok(n >= all - acknowledged.length + before && n <= all, 'and none that was never stored', `${n} of ${all}`);
  const halves = there.rows(`select id from person where id not in (select person_id from access) or id not in
    (select person_id from event where kind = 'person.registered' and person_id is not null) and id > ${all - acknowledged.length}`);
  is(halves, [], 'nobody by half');
  const again = await there.serve();
  const api = again.client({ token: tokens[0] });
  const p = person(900001);
  const next = await api.postJson('/api/v1/persons', { family_name: p.family, given_name: p.given, birth_date: dmy(p.birth) }, { headers: { 'idempotency-key': 'backup-next' } });
  is(next.status, 201, 'it is served, and numbers go on', next.text);
  ok(Number(/\/persons\/(\d+)/.exec(next.location)[1]) > Math.max(...rows.keys()), 'behind the greatest');
  is(there.rows('select count(*) as n from session')[0].n, 0, 'sessions did not come back');
  await again.stop();
  is(there.rows("select kind from event where kind = 'register.restored'").length, 1, 'the log says that it was restored');
  is(register.rows("select count(*) as n from event where kind = 'backup.made'")[0].n, 7, 'and that it was copied');
});

await part('from one engine to the other and back', async () => {
  is(save(register, at('first')).status, 0, 'a backup');
  const other = elsewhere('sqlite');
  is(restore(other, at('first')).status, 0, 'is restored to SQLite');
  is(other.run(['check']).status, 0, 'and whole there');
  is(other.run(['backup', '--to', at('second'), '--backup-key', `${key}.make`]).status, 0, 'copied from there');
  is(differ('second', 'first'), [], 'the same rows in all tables');
  const home = elsewhere();
  is(restore(home, at('second')).status, 0, 'restored where it came from');
  is(home.run(['check']).status, 0, 'and whole again');
  is(save(home, at('third')).status, 0, 'copied once more');
  is(differ('third', 'first'), [], 'still the same');
  if (ENGINE === 'postgres') {
    const seq = (r) => r.rows("select last_value from person_id_seq")[0].last_value;
    ok(seq(home) >= register.rows('select max(id) as n from person')[0].n, 'the sequence goes on behind');
  }
});

await part('what is refused before anything is written', async () => {
  const bytes = fs.readFileSync(at('drill'));
  const chunk = (k) => { let p = 192; for (let i = 0; i < k; i += 1) p += 4 + bytes.readUInt32LE(p); return [p, p + 4 + bytes.readUInt32LE(p)]; };
  const [a, b] = chunk(1);
  const [, c] = chunk(2);
  const flip = (where) => { const x = Buffer.from(bytes); x[where] ^= 1; return x; };
  const bad = {
    cut: [bytes.subarray(0, bytes.length - 1000), /cut off/],
    'cut between two parts': [bytes.subarray(0, a), /cut off/],
    'cut in its head': [bytes.subarray(0, 60), /cut off/],
    'changed in the middle': [flip(Math.floor(bytes.length / 2)), /changed/],
    'changed in its head': [flip(30), /was not made with this key, or its beginning was changed/],
    'put in another order': [Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c)]), /another order/],
    'short of a part': [Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]), /another order/],
    'with something behind': [Buffer.concat([bytes, Buffer.from('x')]), /behind the end/],
    'no backup at all': [Buffer.from('PK\x03\x04'.repeat(100)), /no backup of Bereg/],
    empty: [Buffer.alloc(0), /no backup of Bereg/],
  };
  for (const [what, [data, words]] of Object.entries(bad)) {
    fs.writeFileSync(at('bad'), data);
    const there = { file: at(`bad-${what.replace(/\W/g, '_')}.db`) };
    const r = bereg(['restore', '--from', at('bad'), '--backup-key', key, '--db', `sqlite:${there.file}`]);
    ok(r.status === 1 && words.test(r.err) && !fs.existsSync(there.file), `a file ${what}`, `${r.status} ${r.err}`);
  }
  is(bereg(['backup-key', '--out', at('other')]).status, 0, 'another pair of keys');
  const wrong = bereg(['restore', '--from', at('drill'), '--backup-key', at('other'), '--db', `sqlite:${at('wrong.db')}`]);
  ok(wrong.status === 1 && /another backup key/.test(wrong.err) && !fs.existsSync(at('wrong.db')), 'a wrong key', wrong.err);
  // who has the public half only, and makes a file of his own for the same opening key
  const forged = `${fs.readFileSync(`${key}.make`, 'utf8').split('\n')[1].split(' ').slice(0, 2).join(' ')} ${fs.readFileSync(at('other.make'), 'utf8').split('\n')[1].split(' ')[2]}`;
  fs.writeFileSync(at('forged.make'), `${forged}\n`, { mode: 0o600 });
  is(register.run(['backup', '--to', at('forged'), '--backup-key', at('forged.make')]).status, 0, 'a file of somebody who knows where it goes');
  const f = bereg(['backup', '--verify', at('forged'), '--backup-key', key]);
  ok(f.status === 1 && /another backup key|not made with this key/.test(f.err), 'is not taken for ours', f.err);
  const full = restore(register, at('drill'));
  ok(full.status === 1 && /empty place/.test(full.err), 'a register that holds something is left alone', full.err);
  is(register.run(['check']).status, 0, 'and is whole');
});

await part('keys and values stay closed', async () => {
  const master = /^[0-9a-f]{16} (\S+)$/m.exec(fs.readFileSync(process.env.BEREG_KEYS, 'utf8'))[1];
  const raw = fs.readFileSync(at('drill'));
  ok(!raw.includes(Buffer.from(master)) && !raw.includes(Buffer.from(master, 'base64')), 'no master key in the file');
  ok(!raw.includes(Buffer.from('family_name')) && !raw.includes(Buffer.from(register.rows('select family_name from person limit 1')[0].family_name)), 'no name to be read');
  const there = elsewhere();
  const r = there.run(['restore', '--from', at('drill'), '--backup-key', key], { env: { BEREG_KEYS: at('nothing.keys') } });
  ok(r.status === 0 && /key file is not in a backup/.test(r.err), 'without the key file all rows are there, and it is asked for', r.err);
  const served = there.run(['serve', '--listen', '127.0.0.1:0'], { env: { BEREG_KEYS: at('nothing.keys') }, timeout: 20000 });
  ok(served.status === 1 && /key file/.test(served.err), 'but nobody serves it', served.err);
  is(there.run(['check']).status, 0, 'with its key file it is whole');
});

await part('of an older bereg', async () => {
  const b = file.read(file.open(at('drill'), key));
  const again = at('again');
  file.seal(again, file.write(b), key);
  is(tables(again), tables(at('drill')), 'somebody else reads and writes the form as it is told');
  // A version that had no passkeys, no terms of tokens, other sums of ways, and none of the later steps.
  const without = (name) => { b.tables = b.tables.filter((t) => t.name !== name); };
  const narrow = (name, field) => {
    const t = b.tables.find((x) => x.name === name), k = t.fields.findIndex((f) => f.name === field);
    t.fields.splice(k, 1);
    for (const r of t.rows) r.splice(k, 1);
  };
  const rows = (r, table) => r.rows(`select count(*) as n from ${table}`)[0].n;
  b.version = '0.1';
  b.steps = b.steps.slice(0, 3);
  without('passkey');
  without('way_sum');
  narrow('token', 'ends_at');
  without('way_case');
  const dropped = [{ name: 'id', kind: 'k', required: 0 }, { name: 'way', kind: 't', required: 1 }, { name: 'since', kind: 'd', required: 0 }];
  for (const name of ['way_case', 'way_variant_sum']) { without(name); b.tables.push({ name, fields: dropped, rows: [[1n, 'old', 19888n], [2n, 'old', null]], next: 3n }); }
  file.seal(at('old'), file.write(b), key);
  like(bereg(['backup', '--verify', at('old'), '--backup-key', key]).out, /bereg 0\.1[^]*whole/, 'it is verified');
  const there = elsewhere();
  const r = restore(there, at('old'));
  ok(r.status === 0 && /older bereg/.test(r.out), 'restored and upgraded', `${r.out}${r.err}`);
  is(there.run(['check']).status, 0, 'it is whole');
  is(there.rows('select name from schema_step order by name').length, register.rows('select name from schema_step order by name').length, 'with all steps made');
  is([rows(there, 'passkey'), rows(there, 'way_sum') > 0, rows(there, 'person')], [0, true, b.tables.find((t) => t.name === 'person').rows.length], 'what was missing is there, and everybody');
  is(there.run(['audit', 'verify', '--values']).status, 0, 'and the log fits');
  const server = await there.serve();
  is((await (await server.client().signIn('penal1')).get('/persons')).status, 200, 'it is served');
  await server.stop();
  // killed between both: nobody serves it, and the upgrade goes on
  const cut = elsewhere();
  const stopped = cut.run(['restore', '--from', at('old'), '--backup-key', key, '--packs', at('no packs')]);
  ok(stopped.status === 1 && /the rows are all there[^]*bereg upgrade/.test(stopped.err), 'without packs the upgrade is left to do', stopped.err);
  is(cut.run(['upgrade']).status, 0, 'and is done');
  is(cut.run(['check']).status, 0, 'then it is whole too');
});

await part('of a newer bereg', async () => {
  const refused = (change, what, name) => {
    const b = file.read(file.open(at('drill'), key));
    change(b);
    file.seal(at('newer'), file.write(b), key);
    const there = elsewhere(), r = restore(there, at('newer'));
    ok(r.status === 1 && what.test(r.err), name, `${r.status} ${r.err}`);
    fs.rmSync(at('newer'));
    return there;
  };
  refused((b) => { b.steps.push('9999_of_tomorrow'); }, /newer bereg/, 'a step that this one does not know is refused');
  refused((b) => { b.tables.push({ name: 'tomorrow', fields: [{ name: 'id', kind: 'k', required: 0 }], rows: [], next: 1n }); }, /newer bereg[^]*tomorrow/, 'so is a table');
  const there = refused((b) => { const t = b.tables.find((x) => x.name === 'person'); t.fields.push({ name: 'tomorrow', kind: 't', required: 0 }); for (const r of t.rows) r.push('x'); },
    /newer bereg[^]*person/, 'and a field');
  ok(ENGINE === 'postgres' || !fs.existsSync(there.file), 'and nothing is made');
  refused((b) => { b.form = '0.0.9'; }, /another form \(0\.0\.9\)/, 'another form is told');
  for (const [name, change] of [['a name that is none', (b) => { b.tables[0].fields[1].name = 'a"; drop'; }], ['a kind that is none', (b) => { b.tables[0].fields[1].kind = 'x'; }],
    ['a cell of another kind', (b) => { const t = b.tables.find((x) => x.name === 'person'); t.rows[0][t.fields.findIndex((f) => f.kind === 't')] = 5n; }]]) refused(change, /not in the form/, name);
});

await part('killed', async () => {
  const child = spawn(BEREG, ['backup', '--db', register.url, '--to', at('cut'), '--backup-key', `${key}.make`], { env: { ...process.env, BEREG_NOW: NOW }, stdio: 'ignore' });
  const ended = new Promise((r) => child.on('close', r));
  for (let i = 0; i < 2000 && !fs.existsSync(at('cut.part')) && child.exitCode === null; i += 1) await pause(1);
  child.kill('SIGKILL');
  await ended;
  ok(!fs.existsSync(at('cut')), 'a backup that was killed has no name');
  is(save(register, at('cut')).status, 0, 'and the next one is made');
  const there = elsewhere();
  const r = spawn(BEREG, ['restore', '--from', at('drill'), '--backup-key', key, '--db', there.url], { env: { ...process.env, BEREG_NOW: NOW }, stdio: 'ignore' });
  const over = new Promise((done) => r.on('close', done));
  let marked = false;
  for (let i = 0; i < 400 && !marked && r.exitCode === null; i += 1) {
    try { marked = there.rows(ENGINE === 'postgres' ? "select 1 as n from pg_tables where tablename = 'restoring'" : "select 1 as n from sqlite_schema where name = 'restoring'").length > 0; } catch { /* not there yet */ }
    if (!marked) await pause(5);
  }
  r.kill('SIGKILL');
  await over;
  ok(marked, 'a restore is killed in its middle');
  for (const command of [['serve', '--listen', '127.0.0.1:0'], ['upgrade'], ['users']]) {
    const refused = there.run(command, { timeout: 20000 });
    ok(refused.status === 1 && /not restored to the end/.test(refused.err), `${command[0]} refuses what it has left`, `${refused.status} ${refused.err}`);
  }
  const twice = restore(there, at('drill'));
  ok(twice.status === 1 && /empty place/.test(twice.err), 'and it is not mended, but made anew', twice.err);
});

await part('a full disk', async () => {
  const limited = (kb, args) => spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -S -f ${kb}; exec "$@"`, 'sh', BEREG, ...args], { encoding: 'utf8', env: { ...process.env, BEREG_NOW: NOW } });
  const r = limited(1000, ['backup', '--db', register.url, '--to', at('full'), '--backup-key', `${key}.make`]);
  ok(r.status === 1 && /was not made: /.test(r.stderr), 'a backup says that it was not made', r.stderr);
  is([fs.existsSync(at('full')), fs.existsSync(at('full.part'))], [false, false], 'and leaves nothing');
  if (ENGINE === 'sqlite') {
    const there = elsewhere();
    const back = limited(3000, ['restore', '--from', at('drill'), '--backup-key', key, '--db', there.url]);
    is(back.status, 1, 'a restore says so too', back.stderr);
    const served = there.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
    ok(served.status === 1 && /not restored to the end|no register yet/.test(served.err), 'and what it leaves is not served', served.err);
  }
});

await part('told in the register', async () => {
  is(register.run(['backup', '--drilled']).status, 0, 'that a restore was tried out is noted');
  const kinds = register.rows("select name from setting where name in ('backup_at', 'backup_drilled_at') order by name").map((r) => r.name);
  is(kinds, ['backup_at', 'backup_drilled_at'], 'with the time of both');
  is(register.run(['upgrade', '--need-backup']).status, 0, 'an upgrade that wants a backup finds it');
  const late = register.run(['upgrade', '--need-backup'], { env: { BEREG_NOW: '2024-06-16T10:00' } });
  ok(late.status === 1 && /bereg backup/.test(late.err), 'and two days later does not', late.err);
  unlike(fs.readdirSync(dir).join(' '), /\.part/, 'no halves lie about');
});

for (const r of [...made, register]) await r.drop();
fs.rmSync(dir, { recursive: true, force: true });
note(`${ENGINE}: ${Date.now() - began} ms`);
finish();
