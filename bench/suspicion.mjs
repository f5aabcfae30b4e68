// The rules of suspicion: node bench/suspicion.mjs [--small] [--reads N] [--db postgresql://…]. How long the job takes for a million pages shown that it has
// not walked yet, sixty working days of a hundred accounts. Behind bench/run.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { check, dir, env, failed, option, register, run, seconds, small } from "./lib.mjs";

env.BEREG_KEYS ??= join(dir, "suspicion.keys");
env.BEREG_NOW = "2024-06-14T10:00";
const reads = Number(option("--reads", small ? 5000 : 1000000));
const file = join(dir, "suspicion.db");
for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
const r = register(file, option("--db", `sqlite:${file}`));
const bereg = (...a) => run("build/bereg", ...a, "--db", r.db);
bereg("demo", "--persons", "2000", "--seed", "1", "--date", "2024-06-14");
bereg("jobs", "--once");
const alone = seconds(() => bereg("jobs", "--once"));

// Each page of an account on a day in working hours; every fifth a list of ten persons.
const accounts = r.sql("select id, body_id from account where active = 1 and body_id is not null order by id limit 100");
const persons = r.sql("select max(id) as n from person")[0].n;
const days = 60;
const perDay = Math.ceil(reads / days);
const first = Date.parse("2024-04-15T03:00:00Z") * 1000;
const lines = [];
for (let i = 0; i < reads; i += 1) {
  const day = Math.floor(i / perDay), a = accounts[i % accounts.length];
  const p = (k) => 1 + ((i * 7919 + k * 104729 + (i % 97) * 31) % persons);
  const shown = i % 5 ? [p(0)] : Array.from({ length: 10 }, (_, k) => p(k));
  lines.push(`(${first + day * 86400e6 + Math.floor((i % perDay) / perDay * 8 * 3600e6)}, ${a.id}, ${a.body_id}, '${i % 5 ? "/persons/{person}" : "/persons"}', ' ${[...new Set(shown)].sort((x, y) => x - y).join(" ")} ')`);
}
for (let i = 0; i < lines.length; i += 5000) r.script(`insert into read (at, account_id, body_id, page, persons) values ${lines.slice(i, i + 5000).join(",\n")};`);
// the index by person is another job's
r.script("insert into setting (name, value) select 'read_folded', cast(max(id) as text) from read where 1 = 1 on conflict (name) do update set value = excluded.value;");
const took = seconds(() => bereg("jobs", "--once")) - alone;
console.log(`# ${reads} pages walked in ${took.toFixed(1)} s: ${Math.round(reads / took)} a second`);
check(Number(r.sql("select value from setting where name = 'suspicion_read'")[0].value) === r.sql("select max(id) as n from read")[0].n, "all of them were walked");
const found = r.sql("select rule, count(*) as n from suspicion group by rule order by rule");
console.log(`# raised: ${found.map((f) => `${f.rule} ${f.n}`).join(", ")}`);
if (!small) check(reads / took > 1000, "a million pages are a matter of minutes");
process.exit(failed ? 1 : 0);
