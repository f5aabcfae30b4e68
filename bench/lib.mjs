// What the programs of figures share: options, a register on either engine, a server, an open load.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
export const given = (name) => args.includes(name);
export const option = (name, otherwise) => (given(name) ? args[args.indexOf(name) + 1] : otherwise);
export const small = given("--small");
export const dir = option("--dir", join(process.env.BEREG_TMP ?? tmpdir(), "bereg-bench"));
mkdirSync(dir, { recursive: true });
export const now = "2024-06-14T10:00";
export const env = { ...process.env, BEREG_NOW: now, BEREG_PACKS: "packs/demo", BEREG_RATE: "0" };

export let failed = 0;
export function check(good, name) {
  if (!good) failed += 1;
  if (small) console.log(`${good ? "ok" : "not ok"} - bench: ${name}`);
}
export const run = (program, ...list) => execFileSync(program, list, { encoding: "utf8", env, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
export function seconds(work) {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
}

// {db, postgres, sql(select) -> rows, script(text)}; file: of a register on SQLite
export function register(file, db = `sqlite:${file}`) {
  const postgres = db.startsWith("postgres");
  const psql = () => join("/usr/lib/postgresql", readdirSync("/usr/lib/postgresql").sort((a, b) => a - b).pop(), "bin/psql");
  const rows = (text) => (postgres
    ? execFileSync(psql(), ["-X", "-q", "-t", "-A", "-d", db, "-c", `select coalesce(json_agg(x), '[]') from (${text}) x`], { encoding: "utf8", maxBuffer: 1 << 28 })
    : execFileSync("sqlite3", ["-json", file, text], { encoding: "utf8", maxBuffer: 1 << 28 }));
  return {
    db, postgres,
    sql: (text) => JSON.parse(rows(text) || "[]"),
    script: (text) => (postgres
      ? execFileSync(psql(), ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", db], { input: text, encoding: "utf8" })
      : execFileSync("sqlite3", ["-bail", file], { input: text, encoding: "utf8" })),
    token: (login) => run("build/bereg", "token", "--db", db, "--login", login).trim(),
  };
}

export async function serve(db) {
  const child = spawn("build/bereg", ["serve", "--db", db, "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) {
    const m = /http:\/\/([\d.:]+)/.exec(line);
    if (m) return { child, host: m[1], stop: () => new Promise((end) => { child.on("exit", end); child.kill("SIGTERM"); }) };
  }
  throw new Error("the server did not start");
}

// Answers of an open load: {requests, p50, p95, p99, …}, milliseconds.
export const load = (host, token, paths, { rate, time, users }) => new Promise((done, fail) => {
  const child = spawn("build/bench", ["load", host, token, String(rate), String(time), String(users), ...paths], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (d) => (out += d));
  child.on("close", (code) => (code ? fail(new Error("the load failed")) : done(Object.fromEntries(out.trim().split("\n").map((l) => [l.split(" ")[0], Number(l.split(" ")[1])])))));
});

// user and system time of a process, seconds
export const cpu = (pid) => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" "); return (Number(f[11]) + Number(f[12])) / 100; };

// One after the other, with a pause as people make one, or each would wait for the commit of the last one's note in the read log:
// {p50, p95, cpu} in milliseconds.
export async function each(pid, list, ask) {
  const took = [], before = cpu(pid);
  for (const x of list) {
    await new Promise((rest) => { setTimeout(rest, 30); });
    const began = performance.now();
    await ask(x);
    took.push(performance.now() - began);
  }
  const used = ((cpu(pid) - before) * 1000) / list.length;
  took.sort((a, b) => a - b);
  return { p50: took[took.length >> 1], p95: took[Math.floor(took.length * 0.95)], cpu: used };
}
export const words = (f) => `${f.p50.toFixed(1)} / ${f.p95.toFixed(1)} ms, CPU of the server ${f.cpu.toFixed(1)} ms`;

// ---- names ----

let seed = 1;
export const random = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 4294967296; };
export const some = (list) => list[Math.floor(random() * list.length)];
export const frequent = (list) => list[Math.floor(list.length * random() ** 3)];
export const fold = (s) => s.toLowerCase().replace(/[ёәғқңөұүһі]/g, (c) => ({ ё: "е", ә: "а", ғ: "г", қ: "к", ң: "н", ө: "о", ұ: "у", ү: "у", һ: "х", і: "и" })[c]).replace(/[-\s]+/g, " ").trim();
export const snils = (n) => { const s = String(n).padStart(9, "0"); return s + String([...s].reduce((a, d, i) => a + Number(d) * (9 - i), 0) % 101 % 100).padStart(2, "0"); };

// Names of a demo register and 20,000 made surnames, frequent ones first: {m: {family_name: […], …}, f: {…}}.
export function namesOf(r) {
  const names = Object.fromEntries(["m", "f"].map((sex) => [sex, Object.fromEntries(["family_name", "given_name", "patronymic"].map((column) => [column,
    r.sql(`select ${column} as name, count(*) as n from person where sex = '${{ m: "male", f: "female" }[sex]}' and ${column} is not null group by 1 order by 2 desc, 1`).map((x) => x.name)]))]));
  const syllables = ["ба", "ви", "го", "де", "жу", "за", "ки", "ло", "ме", "ну", "по", "ри", "са", "ту", "фе", "ши"];
  const made = Array.from({ length: 20000 }, () => { const w = some(syllables) + some(syllables) + some(syllables); return w[0].toUpperCase() + w.slice(1) + some(["н", "р", "л", "к"]); });
  for (const [sex, end] of [["m", "ов"], ["f", "ова"]]) names[sex].family_name.push(...made.map((w) => w + end));
  return names;
}
export const misspelt = (t) => t.slice(0, 2) + t[3] + t[2] + t.slice(4);
