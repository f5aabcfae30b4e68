// Loading persons with the check for doubles, the check of one new person, joining two cards and parting them, as the register grows.
//   node bench/register.mjs [--small] [--persons N,N,…] [--db postgresql://…/EMPTY] [--dir DIR] [--keep]      build/bereg must stand
// Lists from the command line into a register of the demo's bodies; one row in fifty is another row once more, with a letter misplaced.
// With --db one size only: the register must be empty.
import { execFileSync } from "node:child_process";
import { createWriteStream, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { check, dir, each, env, failed, frequent, given, misspelt, namesOf, now, option, random, register, run, serve, small, snils, words } from "./lib.mjs";

const sizes = option("--persons", small ? "2000" : "10000,100000,1000000").split(",").map(Number);
const PART = 250000; // rows of one list

async function list(name, rows, from, names) {
  const out = createWriteStream(name), row = (a) => a.join(";") + "\n";
  out.write(row(["Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "СНИЛС", "Категория", "Канал обращения"]));
  let last = null;
  for (let i = 0; i < rows; i += 1) {
    const sex = random() < 0.5 ? "m" : "f", l = names[sex];
    const day = new Date(Date.UTC(1940, 0, 1) + Math.floor(random() * 22000) * 86400000).toISOString().slice(0, 10).split("-").reverse().join(".");
    const person = last && i % 50 === 0 && last[0].length > 4 ? [misspelt(last[0]), ...last.slice(1, 5), "", "released", "release_list"]
      : [frequent(l.family_name), frequent(l.given_name), frequent(l.patronymic), day, sex === "m" ? "м" : "ж", snils(300000000 + from + i), "released", "release_list"];
    if (!out.write(row(person))) await once(out, "drain");
    last = person;
  }
  out.end();
  await once(out, "close");
}

// {wall, cpu} in seconds
function loading(...args) {
  const out = execFileSync("bash", ["-c", 'TIMEFORMAT="%R %U %S"; { time "$0" "$@" > /dev/null 2> "$ERRORS"; } 2>&1', "build/bereg", ...args], { encoding: "utf8", env: { ...env, ERRORS: join(dir, "errors") } });
  const [wall, user, system] = out.trim().split(/\s+/).slice(-3).map(Number);
  return { wall, cpu: user + system };
}

for (const n of sizes) {
  const file = join(dir, `register-${n}.db`), r = register(file, option("--db"));
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  run("build/bereg", "demo", "--db", r.db, "--persons", "300", "--seed", "1", "--date", now.slice(0, 10));
  const names = namesOf(r), spent = { wall: 0, cpu: 0 };
  let last = null;
  for (let from = 0; from < n; from += PART) {
    const rows = Math.min(PART, n - from), csv = join(dir, "list.csv");
    await list(csv, rows, from, names);
    last = loading("import", "persons", csv, "--db", r.db, "--login", "penal1", "--list", `bench ${from}`);
    spent.wall += last.wall;
    spent.cpu += last.cpu;
    last.rows = rows;
    rmSync(csv);
  }
  const persons = r.sql("select count(*) as n from person")[0].n;
  console.log(`# ${persons} persons: loaded at ${(n / spent.wall).toFixed(0)} rows/s by the clock, ${(n / spent.cpu).toFixed(0)} by CPU of the program; the last ${last.rows}: ${(last.rows / last.wall).toFixed(0)} and ${(last.rows / last.cpu).toFixed(0)}`);
  check(persons > n * 0.95, "the lists are in the register");
  r.script("analyze;");

  let keys = 0;
  const token = r.token("penal1"), server = await serve(r.db), api = (path, body) => fetch(`http://${server.host}/api/v1${path}`, {
    method: "POST", body: JSON.stringify(body), headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": `bench-${keys += 1}` },
  });
  try {
    const known = r.sql(`select p.id, p.family_name as f, p.given_name as g, p.patronymic as p, cast(p.birth_date as text) as b from person p
      where p.id > (select max(id) / 2 from person) and length(p.family_name) > 6 and p.patronymic is not null and p.birth_date is not null and p.id % 11 = 3 order by p.id limit 120`);
    let found = 0;
    const alike = await each(server.child.pid, known, async (p) => {
      const a = await (await api("/persons/alike", { family_name: misspelt(p.f), given_name: p.g, patronymic: p.p, birth_date: p.b.split("-").reverse().join(".") })).json();
      found += (a.items ?? []).some((x) => x.id === p.id);
    });
    console.log(`# ${persons} persons: check of a new person, p50 / p95: ${words(alike)}; ${found} of ${known.length} found`);
    check(found === known.length, "the check of a new person finds whom it should");

    const pairs = known.slice(0, 80).reduce((all, p, i) => (i % 2 ? all : [...all, [p.id, known[i + 1].id]]), []), merges = [];
    const joining = await each(server.child.pid, pairs, async ([kept, other]) => {
      const a = await api(`/persons/${kept}/join`, { other, words: "измерение" });
      if (a.status !== 201) throw new Error(`join: ${a.status} ${await a.text()}`);
      merges.push((await a.json()).id);
    });
    const parting = await each(server.child.pid, merges, async (id) => {
      const a = await api(`/merges/${id}/undo`, { undone_words: "измерение" });
      if (a.status !== 201) throw new Error(`undo: ${a.status} ${await a.text()}`);
    });
    console.log(`# ${persons} persons: joining two cards, p50 / p95: ${words(joining)}`);
    console.log(`# ${persons} persons: parting them: ${words(parting)}`);
    check(merges.length === pairs.length, "cards are joined and parted");
  } finally {
    await server.stop();
  }
  if (!r.postgres) {
    console.log(`# ${persons} persons: file ${(statSync(file).size / 1e6).toFixed(0)} MB`);
    if (!given("--keep")) for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  }
}
process.exit(failed ? 1 : 0);
