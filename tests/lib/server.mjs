// A register of a test's own, on the engine that BEREG_TEST_DB names (sqlite, postgres), and the server in front of it.
//   BEREG          the program           (build-asan/bereg)
//   BEREG_PACKS    its packs             (packs/demo)
//   BEREG_TMP      where files may lie   (a new folder)
//   BEREG_TEST_PG  postgresql:// address of a server in which databases may be made
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';

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

const environment = (env) => ({
  ...process.env,
  BEREG_NOW: NOW,
  BEREG_PACKS: PACKS,
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
export function bereg(args, { env = {}, input, timeout = 120000 } = {}) {
  const r = spawnSync(BEREG, args, { env: environment(env), input, encoding: 'utf8', timeout, maxBuffer: 1 << 28 });
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

let serial = 0;

// No server outlives its test.
const running = new Set();
process.on('exit', () => { for (const s of running) s.child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export class Register {
  // An address for a register that is not made yet.
  constructor(name = 'register') {
    this.name = `${name}_${process.pid}_${serial += 1}`.toLowerCase().replace(/[^a-z0-9_]/g, '_');
    this.servers = [];
    if (ENGINE === 'postgres') {
      const admin = process.env.BEREG_TEST_PG;
      if (!admin) throw new Error('BEREG_TEST_PG is not set: ./test starts a PostgreSQL, or use tests/pg.sh start DIR');
      tool('psql', ['-X', '-q', '-d', admin, '-c', `create database ${this.name} template template0 encoding 'UTF8'`]);
      const url = new URL(admin);
      url.pathname = `/${this.name}`;
      this.url = url.href;
    } else {
      this.file = path.join(tmpDir(), `${this.name}.db`);
      this.url = `sqlite:${this.file}`;
    }
  }

  // The fictional region.
  static demo({ persons = 300, seed = 7, packs = PACKS, name } = {}) {
    const r = new Register(name);
    const made = bereg(['demo', '--db', r.url, '--persons', String(persons), '--seed', String(seed), '--date', TODAY,
      '--packs', packs], { timeout: 300000 });
    if (made.status !== 0) throw new Error(`bereg demo ended with ${made.status}: ${made.err.slice(-3000)}`);
    return r;
  }

  run(args, options) { return bereg([...args, '--db', this.url], options); }

  csv(args) {
    const r = this.run(args);
    if (r.status !== 0) throw new Error(`bereg ${args.join(' ')}: ${r.err.slice(-2000)}`);
    return parseCsv(r.out);
  }

  users() { return this.csv(['users']); }

  token(login) {
    const r = this.run(['token', '--login', login]);
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

  // Statements as one transaction.
  exec(statements) {
    const script = [].concat(statements).map((s) => `${s};`).join('\n');
    if (ENGINE === 'postgres') tool('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-1', '-d', this.url], script);
    else tool('sqlite3', ['-bail', '-cmd', '.timeout 10000', this.file], `begin immediate;\n${script}\ncommit;\n`);
  }

  // Starts a server; resolves when it says that it is ready.
  serve({ args = [], env = {} } = {}) {
    const child = spawn(BEREG, ['serve', '--db', this.url, '--listen', '127.0.0.1:0', ...args],
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

  // Stops what runs and takes the register away.
  async drop() {
    for (const s of this.servers) await s.stop();
    if (ENGINE === 'postgres') {
      tool('psql', ['-X', '-q', '-d', process.env.BEREG_TEST_PG, '-c', `drop database if exists ${this.name} with (force)`]);
    } else {
      for (const end of ['', '-wal', '-shm', '.lock']) fs.rmSync(this.file + end, { force: true });
    }
  }
}
