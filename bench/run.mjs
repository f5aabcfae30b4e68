// Figures of pages, import, report and memory; see bench/run. Trust ratios inside one run: the machine may be busy.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const option = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise);
const small = args.includes("--small");
const sizes = option("--persons", small ? "3000" : "10000,100000,1000000").split(",").map(Number);
const dir = option("--dir", join(process.env.BEREG_TMP ?? tmpdir(), "bereg-bench"));
const now = "2024-06-14T10:00";
const env = { ...process.env, BEREG_NOW: now, BEREG_PACKS: "packs/demo", BEREG_RATE: "0" };
const bereg = "build/bereg";
mkdirSync(dir, { recursive: true });

let failed = 0;
function check(good, name) {
  if (!good) failed += 1;
  if (small) console.log(`${good ? "ok" : "not ok"} - bench: ${name}`);
}
const run = (program, ...list) => execFileSync(program, list, { encoding: "utf8", env, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
function seconds(work) {
  const begin = process.hrtime.bigint();
  const result = work();
  return [Number(process.hrtime.bigint() - begin) / 1e9, result];
}
const figures = (text) => Object.fromEntries(text.trim().split("\n").map((l) => [l.split(" ")[0], Number(l.split(" ")[1])]));

// user and system time of a process, seconds
function cpu(pid) {
  const f = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(f[11]) + Number(f[12])) / 100;
}
function memory(pid) {
  const s = readFileSync(`/proc/${pid}/status`, "utf8");
  const kb = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(s)?.[1] ?? 0);
  return (kb("RssAnon") + kb("RssShmem")) / 1024;
}

async function serve(db) {
  const child = spawn(bereg, ["serve", "--db", db, "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) {
    const m = /http:\/\/([\d.:]+)/.exec(line);
    if (m) return { child, host: m[1] };
  }
  throw new Error("the server did not start");
}

// A load beside us: the server's CPU is read before and after.
function load(server, token, rate, time, users, paths) {
  return new Promise((done, fail) => {
    const before = cpu(server.child.pid);
    const child = spawn("build/bench", ["load", server.host, token, String(rate), String(time), String(users), ...paths]);
    let out = "", err = "";
    child.stdout.on("data", (d) => (out += d));
    child.stderr.on("data", (d) => (err += d));
    child.on("close", (code) => {
      if (code) return fail(new Error(err));
      const f = figures(out);
      done({ ...f, server_cpu: ((cpu(server.child.pid) - before) / f.requests) * 1e6 });
    });
  });
}

// The first page of the list in the least, a middling and the largest body with an account that reads persons; a card; the inbox.
function guarded(n, file) {
  const rows = JSON.parse(execFileSync("sqlite3", ["-json", file, `select count(*) as persons, (select min(c.login) from account c where c.body_id = a.body_id
    and c.active = 1 and c.role in ('social_worker', 'penal_operator', 'police_officer', 'employment_specialist', 'doctor', 'juvenile_secretary', 'ngo_worker')) as login
    from access a group by a.body_id order by 1`], { encoding: "utf8" })).filter((r) => r.login);
  const near = (wanted) => rows.reduce((best, r) => (Math.abs(Math.log(r.persons / wanted)) < Math.abs(Math.log(best.persons / wanted)) ? r : best));
  const bodies = [...new Set([near(25), near(1000), near(1e9)])].map((r) => [`list of a body with ${r.persons} persons`, r.login, ["/persons"]]);
  return [...bodies, ["inbox of my body", "social1", ["/inbox?group=work"]]];
}

function database(n) {
  const file = join(dir, `demo-${n}.db`), db = `sqlite:${file}`;
  let made = "kept";
  if (!existsSync(file)) {
    const [s] = seconds(() => run(bereg, "demo", "--db", db, "--persons", String(n), "--seed", "1", "--date", now.slice(0, 10)));
    made = `${s.toFixed(1)} s`;
  }
  return { db, file, made };
}

// Rows of a list for the import: names from syllables, СНИЛС from the range without holders.
function list(rows, from) {
  const syllables = ["ба", "ви", "го", "де", "жу", "за", "ки", "ло", "ме", "ну", "по", "ри"];
  const word = (k, tail) => {
    let s = "";
    for (let i = 0; i < 4; i += 1, k = Math.floor(k / 12)) s += syllables[k % 12];
    return s[0].toUpperCase() + s.slice(1) + tail;
  };
  const lines = ["Фамилия;Имя;Отчество;Дата рождения;Пол;СНИЛС;Район;Категория;Канал обращения"];
  for (let i = 0; i < rows; i += 1) {
    const k = from + i, n = String(990000000 + k);
    let sum = 0;
    for (let d = 0; d < 9; d += 1) sum += Number(n[d]) * (9 - d);
    sum = sum % 101 % 100;
    const day = `${String(1 + (k % 28)).padStart(2, "0")}.${String(1 + (k % 12)).padStart(2, "0")}.${1950 + (k % 55)}`;
    lines.push(`${word(k, "ов")};${word(k * 7, "")};;${day};м;${n}${String(sum).padStart(2, "0")};;released;release_list`);
  }
  return lines.join("\n") + "\n";
}

function importRate(db, rows, from, extra) {
  const file = join(dir, `list-${from}.csv`);
  writeFileSync(file, list(rows, from));
  const [s] = seconds(() => run(bereg, "import", "persons", file, "--db", db, "--login", "penal1", "--list", `bench ${from}`, ...extra));
  return rows / s;
}

const table = [];
const row = (size, name, value, unit) => {
  table.push({ size, name, value, unit });
  console.log(`# ${size} persons: ${name}: ${value} ${unit}`);
};

for (const n of sizes) {
  const { db, file, made } = database(n);
  row(n, "demo region", made, "");
  row(n, "file", (statSync(file).size / 1e6).toFixed(0), "MB");
  const server = await serve(db);
  try {
    for (const [name, login, paths] of [
      ["inbox of my body", "social1", ["/inbox?group=work"]],
      ["list of persons", "social1", ["/persons"]],
      ["card of a person", "social1", null],
    ]) {
      const token = run(bereg, "token", "--db", db, "--login", login).trim();
      let list = paths;
      if (!list) {
        const items = await (await fetch(`http://${server.host}/api/v1/persons?limit=50`, { headers: { Authorization: `Bearer ${token}` } })).json();
        list = items.items.slice(0, 50).map((p) => `/persons/${p.id}`);
      }
      const time = small ? 2 : 20, rate = small ? 50 : 100;
      await load(server, token, rate, 1, 10, list); // statements prepared, pages in memory
      const within = (pace) => figures(run("build/bench", "inproc", db, login, String(small ? 100 : 1000), String(pace), ...list));
      const hot = within(0), inside = within(rate);
      const outside = await load(server, token, rate, time, 50, list);
      const again = within(rate);
      const own = (inside.inproc_cpu + again.inproc_cpu) / 2;
      row(n, `${name}: page`, inside.page_bytes, "bytes");
      row(n, `${name}: CPU in-process, one after the other`, hot.inproc_cpu.toFixed(0), "us");
      row(n, `${name}: CPU in-process at ${rate}/s`, own.toFixed(0), "us");
      row(n, `${name}: CPU of the server per request`, outside.server_cpu.toFixed(0), "us");
      row(n, `${name}: ratio`, (outside.server_cpu / own).toFixed(2), "");
      row(n, `${name}: p50 / p95 / p99 at ${rate}/s, 50 users`, `${outside.p50} / ${outside.p95} / ${outside.p99}`, "ms");
      row(n, `${name}: share of the generator`, (outside.generator_cpu / (outside.server_cpu + outside.generator_cpu) * 100).toFixed(0), "%");
      check(inside.page_bytes > 5000 && inside.page_bytes < 61440, `${name} is a whole page under 60 KB (${inside.page_bytes})`);
      check(outside.requests === rate * time, `${name}: every request of the load was answered`);
    }
    // what rights, mask and read log are of a page: a body of each size, the same pages with and without them in turn
    for (const [name, login, paths] of guarded(n, file)) {
      const g = figures(run("build/bench", "guard", db, login, String(small ? 40 : 400), ...paths));
      row(n, `${name}: CPU with the guard, without the read log, without the mask too`, `${g.guarded.toFixed(0)} / ${g.masked.toFixed(0)} / ${g.unguarded.toFixed(0)}`, "us");
      row(n, `${name}: share of the guard`, g.share.toFixed(0), "%");
      check(g.guarded > 0, `${name} is measured with and without the guard`);
    }
    row(n, "private memory (RssAnon + RssShmem)", memory(server.child.pid).toFixed(1), "MB");
    check(memory(server.child.pid) < 150, "private memory is under 150 MB");
  } finally {
    server.child.kill("SIGTERM");
    await new Promise((end) => server.child.on("exit", end));
  }
  run(bereg, "jobs", "--db", db, "--once"); // the report's sums stand
  const [report] = seconds(() => run(bereg, "report", "clients-by-category", "--db", db, "--login", "analyst", "--period", "2024-H1", "--against", "2023-H1", "--format", "json"));
  row(n, "half-year report, whole process", report.toFixed(2), "s");
  check(report < 5, "the report is read within 5 s");
}

{
  const rows = small ? 2000 : 50000, last = sizes[sizes.length - 1], { db } = database(last);
  const copy = join(dir, "import.db");
  spawnSync("cp", [db.slice(7), copy]);
  const plain = importRate(`sqlite:${copy}`, rows, Math.floor(Date.now() / 1000) % 5000000, []);
  row(last, `import from the command line, ${rows} rows with duplicate check`, plain.toFixed(0), "rows/s");
  check(plain > 200, "an import of the command line goes through");
}

console.log(`\nCores ${cpus().length}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${cpus()[0].model}\n`);
if (sizes.length > 1) {
  const names = [...new Set(table.map((r) => r.name))];
  console.log(`| | ${sizes.join(" | ")} |\n|---|${sizes.map(() => "---").join("|")}|`);
  for (const name of names)
    console.log(`| ${name} | ${sizes.map((s) => { const r = table.find((x) => x.size === s && x.name === name); return r ? `${r.value} ${r.unit}` : ""; }).join(" | ")} |`);
}
process.exit(failed ? 1 : 0);
