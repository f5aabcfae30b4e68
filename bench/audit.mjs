// The sealed logs: node bench/audit.mjs [--small] [--entries N] [--db postgresql://…]. How quickly rows become leaves, how long the audit of
// a million entries takes, and a proof. Behind bench/run.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { check, dir, env, failed, option, register, run, seconds, small } from "./lib.mjs";

env.BEREG_KEYS ??= join(dir, "audit.keys");
const entries = Number(option("--entries", small ? 20000 : 1000000));
const file = join(dir, "audit.db");
for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
const r = register(file, option("--db", `sqlite:${file}`));
const bereg = (...a) => run("build/bereg", ...a, "--db", r.db);
bereg("demo", "--persons", "500", "--seed", "1", "--date", "2024-06-14");

const first = r.sql("select max(id) as n from event")[0].n;
const numbers = (n) => (r.postgres ? `generate_series(1, ${n}) i` : `c`);
const series = (n) => (r.postgres ? "" : `with recursive c(i) as (select 1 union all select i + 1 from c where i < ${n}) `);
const events = Math.round(entries * 0.7);
const reads = entries - events;
r.script(`${series(events)}insert into event (id, at, day, account_id, body_id, person_id, kind, object, object_id, classes)
  select ${first} + i, 1718348400000000 + i, '2024-06-14', 1 + i % 100, 1 + i % 40, 1 + i % 400, 'service.recorded', 'service', i, 0 from ${numbers(events)};
  ${series(reads)}insert into read (at, account_id, body_id, page, persons)
  select 1718348400000000 + i, 1 + i % 100, 1 + i % 40, '/persons', ' ' || (1 + i % 400) || ' ' || (1 + i % 300) || ' 17 18 19 20 21 22 23 24 ' from ${numbers(reads)};`);
const sealing = seconds(() => bereg("audit", "head"));
console.log(`# ${entries} rows sealed in ${sealing.toFixed(1)} s: ${Math.round(entries / sealing)} a second`);
let said = "";
const verifying = seconds(() => { said = bereg("audit", "verify"); });
console.log(`# audit verify: ${verifying.toFixed(1)} s for ${entries} entries and the demo's (goal: seconds)`);
check(/The log is whole/.test(said), "the log is whole");
const proving = seconds(() => { said = bereg("audit", "proof", "--event", String(first + Math.round(events / 3))); });
console.log(`# audit proof: ${(proving * 1000).toFixed(0)} ms, of which a start of the program ${(seconds(() => bereg("users")) * 1000).toFixed(0)} ms`);
check(JSON.parse(said).path.length > 10, "an entry has its proof");
if (!small) check(verifying < 30, "the audit takes seconds");
process.exit(failed ? 1 : 0);
