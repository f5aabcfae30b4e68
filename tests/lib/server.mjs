// A register of a test's own, on the engine that BEREG_TEST_DB names (sqlite, postgres), and the server in front of it.
//   BEREG          the program           (build-asan/bereg)
//   BEREG_PACKS    its packs             (packs/demo)
//   BEREG_TMP      where files may lie   (a new folder)
//   BEREG_TEST_PG  postgresql:// address of a server in which databases may be made
//   BEREG_TEST_ROLE=serve   on PostgreSQL demo registers are served, and all commands but the owner's run, by a role that only serves
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';
import { ok } from './tap.mjs';

export const TREE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BEREG = process.env.BEREG ?? path.join(TREE, 'build-asan/bereg');
export const PACKS = process.env.BEREG_PACKS ?? path.join(TREE, 'packs/demo');
export const ENGINE = process.env.BEREG_TEST_DB ?? 'sqlite';
export const NOW = '2024-06-14T10:00';
export const TODAY = '2024-06-14';
export const PASSWORD = 'bereg-demo';

let tmp;
export function tmpDir() {
  tmp ??= process.env.BEREG_TMP ?? fs.mkdtempSync(path.join(os.tmpdir(), 'bereg-test.'));
  return tmp;
}

// One key file for all registers of a test, also of programs that it starts by itself.
process.env.BEREG_KEYS ??= path.join(tmpDir(), 'test.keys');

const environment = (env) => ({
  ...process.env,
  BEREG_NOW: NOW,
  BEREG_PACKS: PACKS,
  BEREG_RATE: '0', // tests ask more often than people; tests/many.mjs gives it back
  ...env,
});

// Lines of CSV as objects by the first one.
export function parseCsv(text, separator = ',') {
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  const s = text.replace(/^\uFEFF/, '');
  for (let i = 0; i < s.length; i += 1) {
    const c = s[i];
    if (quoted) {
      if (c === '"' && s[i + 1] === '"') { cell += '"'; i += 1; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === separator) { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else if (c !== '\r') cell += c;
  }
  if (cell || row.length) { row.push(cell); rows.push(row); }
  const head = rows.shift() ?? [];
  return rows.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i] ?? ''])));
}

// Runs the program; {status, out, err}.
export function bereg(args, { env = {}, input, timeout = 120000, program = BEREG } = {}) {
  const r = spawnSync(program, args, { env: environment(env), input, encoding: 'utf8', timeout, maxBuffer: 1 << 28 });
  if (r.error) throw r.error;
  return { status: r.status, out: r.stdout, err: r.stderr };
}

function tool(name, args, input) {
  const bin = fs.existsSync('/usr/lib/postgresql')
    ? fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`) : [];
  const r = spawnSync(name, args, {
    input, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PATH: [...bin, process.env.PATH].join(':') },
  });
  if (r.error) throw r.error;
  if (r.status !== 0) throw new Error(`${name}: ${r.stderr.slice(0, 2000)}`);
  return r.stdout;
}

// A role of PostgreSQL that owns nothing; `bereg upgrade --serve-role` gives it its rights.
export const SERVE_ROLE = 'bereg_serve';
const served = ENGINE === 'postgres' && process.env.BEREG_TEST_ROLE === 'serve';
const OWNERS = ['init', 'demo', 'upgrade', 'restore'];
export function makeServeRole(name = SERVE_ROLE) {
  sql(`do $$ begin create role "${name.replaceAll('"', '""')}" login; exception when duplicate_object or unique_violation then null; end $$`);
}
export const as = (role, address) => Object.assign(new URL(address), { username: role }).href;

let serial = 0;

// No server outlives its test.
const running = new Set();
process.on('exit', () => { for (const s of running) s.child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// Demo regions are made once, by the quickest program there is, and copied: what tells them apart are the program, its packs and
// the arguments.
const MAKER = process.env.BEREG_RELEASE ?? BEREG;
function demoName(args, packs) {
  const age = (p) => (fs.statSync(p).isDirectory() ? fs.readdirSync(p).map((f) => age(path.join(p, f))).join() : `${fs.statSync(p).mtimeMs}`);
  const what = [age(MAKER), age(packs), process.env.BEREG_KEYS, ...args].join(' ');
  return `demo_${createHash('sha256').update(what).digest('hex').slice(0, 16)}`;
}

const sql = (...statements) => tool('psql', ['-X', '-q', '-d', process.env.BEREG_TEST_PG, ...statements.flatMap((s) => ['-c', s])]);

export class Register {
  // An address for a register that is not made yet, or that has all of another one, which nobody may be using.
  constructor(name = 'register', from = null) {
    this.name = `${name}_${process.pid}_${serial += 1}`.toLowerCase().replace(/[^a-z0-9_]/g, '_');
    this.servers = [];
    if (ENGINE === 'postgres') {
      const admin = process.env.BEREG_TEST_PG;
      if (!admin) throw new Error('BEREG_TEST_PG is not set: ./test starts a PostgreSQL, or use tests/pg.sh start DIR');
      sql(`create database ${this.name} template ${from ?? 'template0'} encoding 'UTF8'`);
      const url = new URL(admin);
      url.pathname = `/${this.name}`;
      this.url = url.href;
      if (from && served) this.served = as(SERVE_ROLE, this.url);
    } else {
      this.file = path.join(tmpDir(), `${this.name}.db`);
      this.url = `sqlite:${this.file}`;
      if (from) fs.copyFileSync(path.join(tmpDir(), `${from}.db`), this.file);
    }
  }

  // The fictional region; fresh: not as a copy of the one that another test has made.
  static demo({ persons = 300, seed = 7, packs = PACKS, name, fresh = persons > 1000 || packs !== PACKS } = {}) {
    const args = ['--persons', String(persons), '--seed', String(seed), '--date', TODAY];
    const kept = !fresh && fs.existsSync(process.env.BEREG_KEYS) ? demoName([...args, served], packs) : null;
    const r = (kept && Register.ofKept(name, kept)) || new Register(name);
    r.made = true;
    if (r.copied) return r;
    const made = bereg(['demo', '--db', r.url, ...args, '--packs', packs],
      { timeout: 300000, program: kept ? MAKER : BEREG });
    if (made.status !== 0) throw new Error(`bereg demo ended with ${made.status}: ${made.err.slice(-3000)}`);
    if (served) {
      makeServeRole();
      const given = r.run(['upgrade', '--serve-role', SERVE_ROLE, '--packs', packs]);
      if (given.status !== 0) throw new Error(`bereg upgrade --serve-role: ${given.err.slice(-2000)}`);
      r.served = as(SERVE_ROLE, r.url);
    }
    if (kept) r.keep(kept);
    return r;
  }

  static ofKept(name, kept) {
    const there = ENGINE === 'postgres'
      ? tool('psql', ['-X', '-t', '-A', '-d', process.env.BEREG_TEST_PG, '-c', `select 1 from pg_database where datname = '${kept}'`]).trim()
      : fs.existsSync(path.join(tmpDir(), `${kept}.db`));
    return there ? Object.assign(new Register(name, kept), { copied: true }) : null;
  }

  // As a whole or not at all; when another test was sooner, its one stays.
  keep(kept) {
    if (ENGINE === 'postgres') {
      try { sql(`create database ${kept} template ${this.name}`); } catch (e) { if (!/already exists/.test(e.message)) throw e; }
    } else {
      const file = path.join(tmpDir(), `${this.name}.kept`);
      tool('sqlite3', [this.file, `.backup ${file}`]);
      fs.renameSync(file, path.join(tmpDir(), `${kept}.db`));
    }
  }

  run(args, options) { return bereg([...args, '--db', this.served && !OWNERS.includes(args[0]) ? this.served : this.url], options); }

  csv(args) {
    const r = this.run(args);
    if (r.status !== 0) throw new Error(`bereg ${args.join(' ')}: ${r.err.slice(-2000)}`);
    return parseCsv(r.out);
  }

  users() { return this.csv(['users']); }

  // Of the day on which a server was last started: a token has a term.
  token(login) {
    const r = this.run(['token', '--login', login], { env: this.now ? { BEREG_NOW: this.now } : {} });
    if (r.status !== 0) throw new Error(`no token for ${login}: ${r.err.slice(-500)}`);
    return r.out.trim();
  }

  // Behind the program's back. Rows of a select, as objects.
  rows(sql) {
    const text = ENGINE === 'postgres'
      ? tool('psql', ['-X', '-q', '-t', '-A', '-d', this.url], `select coalesce(json_agg(t), '[]') from (${sql}) t`)
      : tool('sqlite3', ['-cmd', '.timeout 10000', '-json', this.file], `${sql};`);
    return text.trim() ? JSON.parse(text) : [];
  }

  // All of the register as text, as a backup of the engine's own tools would hold it.
  dump() {
    return ENGINE === 'postgres' ? tool('pg_dump', ['--inserts', '-d', this.url]) : tool('sqlite3', ['-cmd', '.timeout 10000', this.file, '.dump']);
  }

  // Statements as one transaction.
  exec(statements) {
    this.touched = true;
    const script = [].concat(statements).map((s) => `${s};`).join('\n');
    if (ENGINE === 'postgres') tool('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-1', '-d', this.url], script);
    else tool('sqlite3', ['-bail', '-cmd', '.timeout 10000', this.file], `begin immediate;\n${script}\ncommit;\n`);
  }

  // The same for rows that the log does not tell of: the ways of the cases (a select of their numbers) are made anew. The reader of the
  // log is held first, as the program holds it, or a slice that is under way takes the mark for its own.
  execWays(cases, statements) {
    this.exec([`update log_position set event_id = event_id where reader = 'ways'`, ...[].concat(statements),
      `insert into way_due (case_id) ${cases} on conflict (case_id) do nothing`]);
  }

  // Another register with the same content; nobody may be using this one.
  copy() {
    if (ENGINE === 'postgres') return new Register(`${this.name}_copy`, this.name);
    const r = new Register(`${this.name}_copy`);
    tool('sqlite3', [this.file, `.backup ${r.file}`]);
    return r;
  }

  // The bytes that a thief of the files would have; on PostgreSQL the dump.
  files() {
    if (ENGINE === 'postgres') return this.dump();
    return ['', '-wal'].filter((end) => fs.existsSync(this.file + end)).map((end) => fs.readFileSync(this.file + end).toString('utf8')).join('');
  }

  // Starts a server; resolves when it says that it is ready.
  serve({ args = [], env = {} } = {}) {
    this.now = env.BEREG_NOW;
    const child = spawn(BEREG, ['serve', '--db', this.served ?? this.url, '--listen', '127.0.0.1:0', ...args],
      { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    const server = { child, out: '', err: '', base: '', status: null };
    this.servers.push(server);
    running.add(server);
    server.ended = new Promise((resolve) => child.on('close', (code, signal) => {
      server.status = code ?? signal;
      running.delete(server);
      resolve(server.status);
    }));
    server.client = (options) => new Client(server.base, options);
    server.stop = async (signal = 'SIGTERM') => {
      if (server.status === null) child.kill(signal);
      return server.ended;
    };
    child.stderr.on('data', (d) => { server.err += d; });
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`serve is not ready: ${server.err}`)); }, 30000);
      child.stdout.on('data', (d) => {
        server.out += d;
        const m = /^Bereg is ready: (\S+)$/m.exec(server.out);
        if (m && !server.base) {
          server.base = m[1];
          clearTimeout(late);
          resolve(server);
        }
      });
      server.ended.then((status) => {
        clearTimeout(late);
        reject(Object.assign(new Error(`serve ended with ${status}: ${server.err.slice(-3000)}`), { server }));
      });
    });
  }

  // Stops what runs and takes the register away. Whatever a test did through the program, the log is whole and the values are
  // those of the log; unless the test has written past it.
  async drop() {
    for (const s of this.servers) await s.stop();
    if (this.made && !this.touched) {
      const v = bereg(['audit', 'verify', '--values', '--db', this.url], { program: process.env.BEREG_RELEASE ?? BEREG });
      if (v.status) ok(false, 'the log is whole at the end', v.out + v.err);
    }
    if (ENGINE === 'postgres') {
      sql(`drop database if exists ${this.name} with (force)`);
    } else {
      for (const end of ['', '-wal', '-shm', '.lock']) fs.rmSync(this.file + end, { force: true });
    }
  }
}
