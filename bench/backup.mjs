// How long a backup and a restore take, and what pages take meanwhile.
//   node bench/backup.mjs [--persons N] [--db sqlite:FILE]   a region of N (10000) persons is made, unless --db names one
//   BEREG (build/bereg), BEREG_TMP, BEREG_KEYS; BEREG_TEST_PG: an empty database, to restore there too
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

process.env.BEREG ??= new URL('../build/bereg', import.meta.url).pathname;
const { BEREG, bereg, NOW, Register, tmpDir } = await import('../tests/lib/server.mjs');
const option = (name, other) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : other);
const dir = fs.mkdtempSync(path.join(tmpDir(), 'bench-backup-'));
let register;
if (option('--db')) {
  register = Object.create(Register.prototype);
  Object.assign(register, { url: option('--db'), file: option('--db').slice(7), servers: [] });
} else register = Register.demo({ persons: Number(option('--persons', 10000)), name: 'bench' });
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

// Runs a command; seconds by the clock and of CPU (user and system), and what it printed.
function run(args) {
  const began = process.hrtime.bigint();
  const child = spawn(BEREG, args, { env: { ...process.env, BEREG_NOW: NOW }, stdio: ['ignore', 'pipe', 'inherit'] });
  const tick = 100;
  let cpu = 0;
  let own = 0;
  const look = setInterval(() => {
    try {
      const s = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      cpu = (Number(s[11]) + Number(s[12])) / tick;
      const m = /^RssAnon:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      own = Math.max(own, Number(m?.[1] ?? 0));
    } catch { /* it has ended */ }
  }, 20);
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  return new Promise((r) => child.on('close', (status) => {
    clearInterval(look);
    r({ status, out, clock: Number(process.hrtime.bigint() - began) / 1e9, cpu, own: own / 1024 });
  }));
}

const key = path.join(dir, 'key');
const file = path.join(dir, 'backup');
bereg(['backup-key', '--out', key]);
const token = register.token('social1');
const server = await register.serve();
const api = server.client({ token });
const ids = (await api.get('/api/v1/persons')).json.items.map((p) => p.id);
const stop = { now: false };
let times = [];
const asking = (async () => {
  for (let i = 0; !stop.now; i += 1) {
    const t = process.hrtime.bigint();
    await api.get(i % 2 ? '/persons' : `/persons/${ids[i % ids.length]}`);
    times.push(Number(process.hrtime.bigint() - t) / 1e6);
    await pause(20);
  }
})();
const told = (name) => {
  const s = times.sort((a, b) => a - b);
  console.log(`${name}: ${s.length} pages, median ${s[s.length >> 1].toFixed(1)} ms, p95 ${s[Math.floor(s.length * 0.95)].toFixed(1)} ms`);
  times = [];
};
await pause(1000);
times = [];
await pause(8000);
told('pages alone');
const b = await run(['backup', '--db', register.url, '--to', file, '--backup-key', `${key}.make`]);
told('beside a backup');
stop.now = true;
await asking;
await server.stop();
console.log(b.out.trim());
const line = (name, r) => console.log(`${name}: ${r.clock.toFixed(1)} s by the clock, ${r.cpu.toFixed(1)} s of CPU, ${r.own.toFixed(0)} MB of its own memory, status ${r.status}`);
line('backup', b);
line('verify', await run(['backup', '--verify', file, '--backup-key', key]));
line('restore', await run(['restore', '--from', file, '--backup-key', key, '--db', `sqlite:${path.join(dir, 'there.db')}`]));
if (process.env.BEREG_TEST_PG) {
  const url = process.env.BEREG_TEST_PG;
  line('restore to PostgreSQL', await run(['restore', '--from', file, '--backup-key', key, '--db', url]));
  line('backup of PostgreSQL', await run(['backup', '--db', url, '--to', `${file}2`, '--backup-key', `${key}.make`]));
}
fs.rmSync(dir, { recursive: true, force: true });
if (!option('--db')) await register.drop();
