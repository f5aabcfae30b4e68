// A log of 262,200 events is read and mapped: node bench/process.mjs [FILE CASE ACTIVITY TIME]. Behind bench/run; also alone, after
// ./run --build-only.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loanLog, logToCsv } from '../tests/lib/event_logs.mjs';

const bereg = process.env.BEREG ?? 'build/bereg';
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bereg-process-'));
let [file, ...columns] = process.argv.slice(2).filter((a) => !a.startsWith('--'));
if (!file) {
  const { head, rows } = loanLog();
  file = path.join(dir, 'log.csv');
  fs.writeFileSync(file, logToCsv(rows, head));
  columns = head.slice(0, 3);
}
const args = ['process', file, '--case', columns[0], '--activity', columns[1], '--time', columns[2]];
const out = path.join(dir, 'map.svg');
const figures = JSON.parse(execFileSync(bereg, [...args, '--format', 'json', '--top', '1'], { maxBuffer: 1 << 28 }));
console.log(`${(fs.statSync(file).size / 1e6).toFixed(1)} MB, ${figures.cases} cases, ${figures.events} events, ${figures.n_activities} activities, ${figures.n_variants} variants; ` +
  `duration median ${figures.duration_seconds.median} s, mean ${figures.duration_seconds.mean} s`);
for (const format of ['json', 'svg']) {
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    const run = spawnSync('/usr/bin/env', ['bash', '-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', bereg, ...args, '--format', format, '--out', out], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    times.push(run.stderr.trim().split('\n').at(-1).split(' ').map(Number));
  }
  console.log(`read and ${format === 'svg' ? 'mapped' : 'counted'}: ${times.map((t) => t[0].toFixed(2)).join(', ')} s by the clock, ` +
    `${times.map((t) => (t[1] + t[2]).toFixed(2)).join(', ')} s of CPU of all its processes (goal 2 s)`);
}
fs.rmSync(dir, { recursive: true });
