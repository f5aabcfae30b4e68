// Linking 50,000 rows with truth: node bench/link.mjs [ROWS]. Behind bench/run; also alone, after ./run --build-only.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { columns, personsWithTruth, toCsv } from '../tests/lib/persons_truth.mjs';

const wanted = Number(process.argv.slice(2).find((a) => /^\d+$/.test(a)) ?? 50000);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bereg-link-'));
const rows = personsWithTruth(9, Math.round(wanted * 0.54)).rows.slice(0, wanted);
const table = path.join(dir, 'persons.csv');
const out = path.join(dir, 'pairs.csv');
fs.writeFileSync(table, toCsv(rows));
const args = ['link', table, '--id', 'id', ...columns.slice(2).flatMap((c) => ['--field', `${c}=${c}`]), '--out', out];
const times = [];
for (let i = 0; i < 3; i += 1) {
  const began = process.hrtime.bigint();
  const run = spawnSync(process.env.BEREG ?? 'build/bereg', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  times.push(Number(process.hrtime.bigint() - began) / 1e9);
  if (i === 0) console.log(run.stderr.split('\n')[0]);
}
fs.rmSync(dir, { recursive: true });
console.log(`linking ${rows.length} rows: ${times.map((t) => t.toFixed(2)).join(', ')} s from file to file (goal 5 s for 50,000)`);
