// A long list of persons through the page: staged, applied in slices beside which others write, cancelled in the middle.
// The program is what BEREG names when this is loaded: server.mjs is therefore read once more.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { is, note, ok } from './tap.mjs';
import { PERSON_HEAD, csv, dmy, newKey, personRow, person, rest, upload } from './import-files.mjs';

const { ENGINE, Register, tmpDir } = await import('./server.mjs?large');
const WAIT = 150; // ms that no other write waits longer than
const LOADED = 3; // times that is borne where other work shares the machine, and what a write takes without any import
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

// What the disk alone takes meanwhile, where other work shares it: a few bytes made durable every 40 ms.
function disk() {
  const took = [];
  const file = path.join(tmpDir(), `disk_${process.pid}`);
  let stop = false;
  const done = (async () => {
    const f = await fs.open(file, 'w');
    while (!stop) {
      const began = performance.now();
      await f.write('x');
      await f.datasync();
      took.push(performance.now() - began);
      await pause(40);
    }
    await f.close();
    await fs.rm(file);
  })();
  return async () => { stop = true; await done; return took.sort((x, y) => x - y); };
}

const percentile = (took, q) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * q))] ?? 0);

// Registers a person every 40 ms, as a specialist at a counter of another body would, and tells how long each took.
function writer(api, first) {
  const took = [];
  const bad = [];
  const disks = disk();
  let n = first;
  let stop = false;
  const done = (async () => {
    while (!stop) {
      const p = person(n += 1);
      const began = performance.now();
      const a = await api.postJson('/api/v1/persons', { family_name: p.family, given_name: p.given, birth_date: dmy(p.birth) }, { headers: { 'idempotency-key': newKey() } });
      took.push(performance.now() - began);
      if (a.status !== 201) bad.push(`${a.status} ${a.text.slice(0, 200)}`);
      await pause(40);
    }
  })();
  return { async end() { stop = true; await done; return { took: took.sort((x, y) => x - y), bad, disk: percentile(await disks(), 0.99) }; } };
}

let alone = 0; // the longest write without an import

function waits({ took, bad, disk }, what, measured) {
  const crowd = Math.max(1, os.loadavg()[0] / os.cpus().length); // how many want each processor
  const borne = Math.round((WAIT * crowd + disk) * LOADED + alone);
  const at = (q) => percentile(took, q);
  note(`${what}: ${took.length} other writes, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; the disk alone p99 ${disk} ms`);
  is(bad.slice(0, 3), [], `${what}: other writes succeed`);
  // one in a hundred may meet a pause of the machine itself
  if (measured) ok(at(0.99) < borne, `${what}: no other write waits long (p99 ${at(0.99)} ms, promised ${WAIT}, borne here ${borne})`, took.slice(-8).map(Math.round).join(' '));
}

async function follow(api, id, until) {
  const seen = [];
  for (let i = 0; i < 3000; i += 1) {
    const a = await api.get(`/api/v1/imports/${id}/progress`);
    if (a.status === 200 && a.text) seen.push(a.json.done);
    if (until(a, seen)) break;
    await pause(60);
  }
  return seen;
}

export async function large({ rows, measured }) {
  const register = Register.demo({ persons: 40, name: 'large' });
  const server = await register.serve();
  const penal = server.client({ token: register.token('penal1') });
  const social = server.client({ token: register.token('social2') });
  const count = () => register.rows(`select (select count(*) from person) as person, (select count(*) from listing) as listing, (select count(*) from access) as access,
    (select count(*) from access_grant where ended_at is null) as grants, (select count(*) from person_category) as category`)[0];
  const FIRST = 1000000;
  const make = (k) => csv([[...PERSON_HEAD, 'Категория', 'Канал обращения'], ...Array.from({ length: k }, (_, i) => [...personRow(person(FIRST + i)), 'освобождённый', 'направление'])], { encoding: 'cp1251', sep: ';' });
  const before = count();

  const file = make(rows); // now: making it keeps this process from hearing answers
  let other = writer(social, 490000);
  await pause(measured ? 2000 : 200);
  const idle = await other.end();
  alone = Math.round(idle.took.at(-1));
  note(`without an import: ${idle.took.length} writes, longest ${alone} ms`);
  Object.assign(before, count());

  let began = performance.now();
  other = writer(social, 500000);
  const up = await upload(penal, file, { list: 'Большой' });
  is(up.status, 201, `${rows} rows are sent`);
  const answered = performance.now() - began;
  const staged = await rest(penal, up.id, { seconds: 200 });
  is([staged.state, staged.rows_total, staged.rows_new, staged.rows_faulty], ['staged', rows, rows, 0], 'all are parsed into the staging table and checked');
  note(`answered after ${Math.round(answered)} ms, checked after ${Math.round(performance.now() - began)} ms: ${Math.round(rows / (performance.now() - began) * 1000)} rows/s`);
  waits(await other.end(), 'while it is read and checked', measured);
  const mine = register.rows(`select count(*) as n from person where created_at is not null and import_id is not null`)[0].n;
  is([mine, register.rows(`select count(*) as n from import_row where import_id = ${up.id}`)[0].n], [0, rows], 'nobody is stored yet');

  // cancelled in the middle
  other = writer(social, 510000);
  const start = penal.postJson(`/api/v1/imports/${up.id}/apply`, {}, { headers: { 'idempotency-key': newKey() } });
  const seen = await follow(penal, up.id, (a, s) => s.length && s.at(-1) > rows / 5);
  const grown = seen.filter((n, i) => i === 0 || n > seen[i - 1]).length;
  ok(grown >= 3 && seen.every((n, i) => i === 0 || n >= seen[i - 1]), 'progress grows', seen.join(' ').slice(0, 300));
  const cancel = await penal.postJson(`/api/v1/imports/${up.id}/cancel`, {}, { headers: { 'idempotency-key': newKey() } });
  ok(cancel.status < 300, 'it is cancelled in the middle', `${cancel.status} ${cancel.text.slice(0, 300)}`);
  const first = await start;
  ok(first.status < 300, 'the request that applied it is answered', `${first.status} ${first.text.slice(0, 300)}`);
  const gone = await rest(penal, up.id, { seconds: 200 });
  waits(await other.end(), 'while it is applied and taken back', measured);
  is(gone.state, 'cancelled', 'it is taken back');
  const written = register.rows('select count(*) as n from person where import_id is null')[0].n;
  const left = count();
  is([left.person, left.listing, left.access, left.grants, left.category].map((n, i) => n - [before.person, before.listing, before.access, before.grants, before.category][i] - (i < 4 ? written - before.person : 0)),
    [0, 0, 0, 0, 0], 'nothing of it is left, what others wrote is there');
  is(register.rows(`select count(*) as n from import_row where import_id = ${up.id}`)[0].n, 0, 'nor in the staging table');

  // and whole; PostgreSQL takes long, so it gets less
  const n = ENGINE === 'postgres' ? Math.min(rows, 3000) : rows;
  const again = await upload(penal, make(n), { list: 'Большой' });
  await rest(penal, again.id, { seconds: 200 });
  other = writer(social, 520000);
  began = performance.now();
  const go = penal.postJson(`/api/v1/imports/${again.id}/apply`, {}, { headers: { 'idempotency-key': newKey() } });
  const steps = await follow(penal, again.id, (a, s) => s.at(-1) >= n);
  await go;
  const done = await rest(penal, again.id, { seconds: 200 });
  note(`applied in ${Math.round(performance.now() - began)} ms: ${Math.round(n / (performance.now() - began) * 1000)} rows/s`);
  waits(await other.end(), 'while it is applied', measured);
  is([done.state, done.rows_done], ['applied', n], 'applied whole');
  ok(steps.filter((n, i) => i && n > steps[i - 1]).length >= 3, 'progress grows again', steps.join(' ').slice(0, 300));
  is(register.rows(`select count(*) as n from listing where list = 'Большой'`)[0].n, n, 'each row once');
  is(await server.stop(), 0, 'the server ends');
  const check = register.run(['check']);
  is([check.status, check.out.trim()], [0, 'The register is whole.'], 'bereg check is clean after it');
  await register.drop();
}
