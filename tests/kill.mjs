// Kill -9 in the middle of writing: tests/kill.mjs [N] (20; of a thousand every fifty have a register of their own). N kills of
// the server at a moment of chance, while
//   - programs register persons, each with an idempotency key, and note what was acknowledged,
//   - every third time a list is being applied through the page in slices,
//   - every fifth time a list is being loaded at the command line; then that process is killed too.
// After each: the server starts, `bereg check` is clean, every acknowledged person is there and answers to its key with the
// same number, what was not acknowledged is there once or not at all, no person is there by half, and lists are applied to
// their end, each row once.
//   BEREG_RELEASE or BEREG, BEREG_TEST_DB, BEREG_TEST_PG; BEREG_KILL_SEED for the same moments again
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

process.env.BEREG = process.env.BEREG_RELEASE ?? process.env.BEREG; // before lib/server.mjs reads it
if (!process.env.BEREG) delete process.env.BEREG;
const { BEREG, ENGINE, NOW, PACKS, Register, tmpDir } = await import('./lib/server.mjs');
const { csv, dmy, person, personRow, PERSON_HEAD, upload } = await import('./lib/import-files.mjs');
const { finish, is, note, ok } = await import('./lib/tap.mjs');

const kills = Number(process.argv[2] ?? 20);
const EACH = 50; // of one register: it grows by a thousand persons a kill, and `bereg check` reads them all
if (kills > EACH) {
  let failed = 0;
  for (let done = 0; done < kills; done += EACH) {
    const seed = process.env.BEREG_KILL_SEED && { BEREG_KILL_SEED: `${Number(process.env.BEREG_KILL_SEED) + done}` };
    failed += spawnSync(process.execPath, [process.argv[1], String(Math.min(kills - done, EACH))], { stdio: 'inherit', env: { ...process.env, ...seed } }).status !== 0;
    note(`${Math.min(kills, done + EACH)} of ${kills}, in registers that failed: ${failed}`);
  }
  process.exit(failed ? 1 : 0);
}
const WRITERS = 3;
const LIST = ENGINE === 'sqlite' ? 3000 : 900; // what takes about as long as the server lives
let dice = Number(process.env.BEREG_KILL_SEED ?? Date.now() % 2147483647);
note(`${ENGINE}, ${kills} kills, BEREG_KILL_SEED=${dice}`);
const chance = () => { dice = (dice * 48271) % 2147483647; return dice / 2147483647; };
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

const register = Register.demo({ persons: 40, name: 'kill' });
const tokens = { head1: register.token('head1'), penal1: register.token('penal1') };
const base = register.rows('select count(*) as n from person')[0].n;
let serial = 300000;
const tries = []; // {key, body, family, id: of the acknowledged}
const lists = []; // {name, first, id: of the import, cli}

async function writer(server, token, stop) {
  const api = server.client({ token });
  while (!stop.now) {
    const p = person(serial += 1);
    const t = { key: `kill-${p.n}`, token, family: p.family, body: { family_name: p.family, given_name: p.given, patronymic: p.patronymic, birth_date: dmy(p.birth) } };
    tries.push(t);
    try {
      const a = await api.postJson('/api/v1/persons', t.body, { headers: { 'idempotency-key': t.key } });
      if (a.status === 201) t.id = Number(/\/persons\/(\d+)/.exec(a.location)?.[1] ?? a.json.id);
      else if (!stop.now) t.odd = `${a.status} ${a.text.slice(0, 200)}`;
    } catch (e) {
      if (!stop.now && !server.killed) t.odd = String(e);
    }
    if (server.killed) return;
  }
}

function listFile(l) {
  const rows = Array.from({ length: LIST }, (_, i) => personRow(person(l.first + i)));
  const at = path.join(tmpDir(), `${l.name}-${process.pid}.csv`);
  fs.writeFileSync(at, csv([PERSON_HEAD, ...rows], { sep: ';' }));
  return at;
}

const cliEnv = { ...process.env, BEREG_NOW: NOW, BEREG_PACKS: PACKS };
function load(l) {
  const child = spawn(BEREG, ['import', 'persons', l.file, '--login', 'penal1', '--list', l.name, '--db', register.url], { env: cliEnv, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (d) => { err += d; });
  return { child, ended: new Promise((r) => child.on('close', (code, signal) => r({ code, signal, err }))) };
}

// Persons that lack a part of what registering one leaves, whatever the way.
const HALVES = `select p.id from person p where p.id not in (select person_id from listing)
  or p.id not in (select person_id from access) or p.id not in (select person_id from access_grant)
  or p.id not in (select person_id from event where kind = 'person.registered' and person_id is not null)`;
const halvesBefore = new Set(register.rows(HALVES).map((r) => r.id));

const states = {}; // of lists when they were cut short
let failures = 0;
let acknowledged = 0;
let repeated = 0;
let unanswered = 0;
const fail = (good, name, detail) => { if (!good) { failures += 1; ok(false, name, detail); } return good; };

let server = await register.serve();
for (let k = 1; k <= kills && failures < 5; k += 1) {
  const began = tries.length;
  const stop = { now: false };
  const writers = Array.from({ length: WRITERS }, (_, i) => writer(server, tokens[i % 2 ? 'penal1' : 'head1'], stop));
  let list = null;
  let cli = null;
  const odd = [];
  const run = server;
  if (k % 5 === 0 || k % 3 === 0) {
    list = { name: `kill${k}`, first: 1000000 + k * LIST, cli: k % 5 === 0 };
    list.file = listFile(list);
    lists.push(list);
    if (list.cli) cli = load(list);
    else {
      const api = server.client({ token: tokens.penal1 });
      list.way = (async () => {
        const a = await upload(api, fs.readFileSync(list.file), { list: list.name, name: `${list.name}.csv` });
        list.id = a.id;
        if (a.status !== 201) odd.push(`upload ${a.status} ${a.text.slice(0, 200)}`);
        const b = await api.postJson(`/api/v1/imports/${a.id}/apply`, {}, { headers: { 'idempotency-key': `apply-${list.name}` } });
        list.applied = b.status;
      })().catch(() => {});
    }
  }
  await pause(20 + chance() * (list ? 700 : 300));
  stop.now = true;
  server.killed = true;
  server.child.kill('SIGKILL');
  if (cli) cli.child.kill('SIGKILL');
  await Promise.all([run.ended, ...writers, list?.way]);
  if (cli) await cli.ended;
  for (const t of tries.slice(began)) if (t.odd) odd.push(t.odd);
  fail(odd.length === 0, `kill ${k}: answers before it are as they should be`, odd.slice(0, 5).join('\n'));

  if (list) {
    const at = register.rows(`select state from list_import where list = '${list.name}'`)[0]?.state ?? 'none';
    states[at] = (states[at] ?? 0) + 1;
  }
  const check = register.run(['check']);
  fail(check.status === 0, `kill ${k}: bereg check is clean`, `${check.out.slice(0, 1500)}${check.err.slice(0, 1500)}`);
  try {
    server = await register.serve();
  } catch (e) {
    fail(false, `kill ${k}: the server starts again`, String(e));
    break;
  }
  // every acknowledged key answers with its number, and the person bears its name
  for (const t of tries.slice(began)) {
    const api = server.client({ token: t.token });
    if (t.id) {
      acknowledged += 1;
      const card = await api.get(`/api/v1/persons/${t.id}`);
      if (!fail(card.status === 200 && card.json.family_name === t.family, `kill ${k}: acknowledged person ${t.id} is there`, `${card.status} ${card.text.slice(0, 300)}`)) break;
    } else unanswered += 1;
    const again = await api.postJson('/api/v1/persons', t.body, { headers: { 'idempotency-key': t.key } });
    repeated += 1;
    const id = Number(/\/persons\/(\d+)/.exec(again.location)?.[1] ?? 0);
    if (!fail([200, 201].includes(again.status) && (!t.id || id === t.id), `kill ${k}: the same key gives the same person`, `${again.status} ${again.location}, wanted ${t.id}: ${again.text.slice(0, 300)}`)) break;
    t.id ??= id;
  }
  const halves = register.rows(HALVES).filter((r) => !halvesBefore.has(r.id));
  fail(halves.length === 0, `kill ${k}: no person is there by half`, JSON.stringify(halves.slice(0, 10)));
  // a list goes on to its end: by itself where its import was applied, by the same command where it was loaded
  if (list?.cli) {
    const done = await load(list).ended;
    fail(done.code === 0, `kill ${k}: the same command takes the rest`, `${done.code} ${done.signal} ${done.err.slice(0, 800)}`);
  } else if (list) {
    let state = '';
    for (let i = 0; i < 300; i += 1) {
      state = register.rows(`select state from list_import where list = '${list.name}'`).map((r) => r.state).join();
      if (!['checking', 'applying', 'cancelling'].includes(state)) break;
      await pause(100);
    }
    const api = server.client({ token: tokens.penal1 });
    if (state !== 'applied') { // cut off before it was whole in the staging table, or before it was applied
      for (const r of register.rows(`select id, state from list_import where list = '${list.name}'`)) {
        const c = await api.postJson(`/api/v1/imports/${r.id}/${r.state === 'staged' ? 'apply' : 'cancel'}`, {}, { headers: { 'idempotency-key': `end-${list.name}-${r.id}` } });
        fail(c.status < 300, `kill ${k}: a list cut short in state ${r.state} can be ended`, `${c.status} ${c.text.slice(0, 300)}`);
        list.taken = r.state === 'staged';
        for (let i = 0; i < 300; i += 1) {
          const now = register.rows(`select state from list_import where id = ${r.id}`)[0].state;
          if (['applied', 'cancelled'].includes(now)) break;
          await pause(100);
        }
      }
    } else list.taken = true;
  }
  if (list) {
    const n = register.rows(`select count(*) as n from listing where list = '${list.name}'`)[0].n;
    const persons = register.rows(`select count(*) as n from person p where exists (select 1 from listing l where l.person_id = p.id and l.list = '${list.name}')`)[0].n;
    const whole = list.cli || list.taken ? LIST : 0;
    fail(n === whole && persons === whole, `kill ${k}: each row of the list ${whole ? 'once' : 'not at all'}`, `${n} entries, ${persons} persons, wanted ${whole}`);
  }
}
const families = new Set(tries.map((t) => t.family));
const stored = register.rows(`select family_name, count(*) as n from person where import_id is null and id > ${base} group by family_name`).filter((r) => families.has(r.family_name));
fail(stored.every((r) => r.n === 1), 'nobody is there twice', JSON.stringify(stored.filter((r) => r.n !== 1).slice(0, 10)));
is(stored.length, tries.length, `each of ${tries.length} persons that were sent is there once`);
ok(failures === 0, `${kills} kills: ${acknowledged} acknowledged persons kept, ${unanswered} without an answer, ${repeated} keys repeated, ${lists.length} lists cut short (${Object.entries(states).map((e) => e.join(' ')).join(', ')})`);

// the server of PostgreSQL drops its connections: what is running fails with a word, what follows goes on
if (ENGINE === 'postgres') {
  const stop = { now: false };
  const began = tries.length;
  const writers = [writer(server, tokens.head1, stop), writer(server, tokens.penal1, stop)];
  for (let i = 0; i < 5; i += 1) {
    await pause(150);
    register.rows(`select count(pg_terminate_backend(pid)) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
  }
  await pause(300);
  stop.now = true;
  await Promise.all(writers);
  const during = tries.slice(began);
  const odd = during.filter((t) => t.odd && !/^50[03] /.test(t.odd));
  ok(odd.length === 0 && server.status === null, 'connections to PostgreSQL are cut: only errors of the server are answered', odd.map((t) => t.odd).slice(0, 5).join('\n'));
  let kept = 0;
  for (const t of during) {
    const again = await server.client({ token: t.token }).postJson('/api/v1/persons', t.body, { headers: { 'idempotency-key': t.key } });
    const id = Number(/\/persons\/(\d+)/.exec(again.location)?.[1] ?? 0);
    if ([200, 201].includes(again.status) && (!t.id || t.id === id)) kept += 1;
    else note(`${again.status} ${again.text.slice(0, 200)}`);
  }
  is(kept, during.length, `of ${during.length} requests each is done once, ${during.filter((t) => !t.id).length} of them when they were repeated`);
}

// a server that was killed leaves nothing that keeps a second one away; two at once are refused on SQLite
if (ENGINE === 'sqlite') {
  const second = register.run(['serve', '--listen', '127.0.0.1:0'], { timeout: 20000 });
  ok(second.status === 1 && /already/.test(second.err), 'a second server on the same file is refused with a word', `${second.status} ${second.err.slice(0, 400)}`);
}
is(await server.stop(), 0, 'the last server drains and ends');
const check = register.run(['check']);
is([check.status, check.out.trim()], [0, 'The register is whole.'], 'bereg check is clean at the end');
await register.drop();
finish();
