// node bench/rules.mjs REGISTER.db COPY.db
// A rule that touches a body of 140,000 persons is changed under a running server: how long until all rows are of the new rule, how long
// another write waits meanwhile, how long a page of the body takes. REGISTER.db is a demo of 1,000,000 persons and stays as it is.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [from, file] = process.argv.slice(2);
const PERSONS = 140000;
const bereg = "build/bereg", db = `sqlite:${file}`;
const dir = mkdtempSync(join(process.env.BEREG_TMP ?? tmpdir(), "bereg-rules."));
const run = (packs, ...args) => execFileSync(bereg, [...args, "--db", db], { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"],
  env: { ...process.env, BEREG_NOW: "2024-06-14T10:00", BEREG_PACKS: packs } });
const sql = (text) => execFileSync("sqlite3", ["-cmd", ".timeout 20000", file, text], { encoding: "utf8" }).trim();

copyFileSync(from, file);
run("packs/demo", "upgrade");
run("packs/demo", "jobs", "--once");
const body = Number(sql("select body_id from account where login = 'penal1'"));
const kind = sql(`select kind from body where id = ${body}`);
const lacking = PERSONS - Number(sql(`select count(distinct person_id) from access_grant where body_id = ${body} and ended_at is null`));
sql(`begin immediate;
  create temp table t as select id, name_key from person p where not exists (select 1 from access_grant a where a.body_id = ${body} and a.person_id = p.id) limit ${Math.max(lacking, 0)};
  insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) select id, ${body}, 'listed', 46, 'listing', 0, 0 from t;
  insert into access (body_id, person_id, bits, name_key) select ${body}, id, 46, name_key from t; commit;`);
cpSync("packs", join(dir, "packs"), { recursive: true });
const rules = join(dir, "packs/demo/grants.pack");

const child = spawn(bereg, ["serve", "--db", db, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, BEREG_NOW: "2024-06-14T10:00", BEREG_PACKS: "packs/demo", BEREG_RATE: "0" } });
let host;
for await (const line of createInterface(child.stdout)) { host = /http:\/\/([\d.:]+)/.exec(line)?.[1]; if (host) break; }
const token = (login) => run("packs/demo", "token", "--login", login).trim();
const [writer, reader] = [token("social1"), token("penal1")];
const api = (who, path, body) => fetch(`http://${host}/api/v1${path}`, { method: body ? "POST" : "GET", body: body && JSON.stringify(body),
  headers: { Authorization: `Bearer ${who}`, "Content-Type": "application/json", "Idempotency-Key": `${Math.random()}` } });
const person = (await (await api(writer, "/persons?limit=1")).json()).items[0].id;
const topic = sql("select substr(key, 12) from pack_entry where key like 'note_topic %' order by ord limit 1");
async function change(name, classes) {
  const text = readFileSync(rules, "utf8");
  writeFileSync(rules, text.replace(new RegExp(`(\\[grant listed ${kind}\\]\\nclasses = ).*`), `$1${classes}`));
  const waits = [], pages = [];
  let done = false;
  const others = [(async () => {
    while (!done) {
      const t = performance.now();
      const a = await api(writer, `/persons/${person}/notes`, { day: "14.06.2024", topic, words: "под нагрузкой" });
      if (a.status >= 400) throw new Error(await a.text());
      waits.push(performance.now() - t);
    }
  })(), (async () => {
    while (!done) {
      const t = performance.now();
      await (await api(reader, "/persons")).text();
      pages.push(performance.now() - t);
      await new Promise((r) => setTimeout(r, 50));
    }
  })()];
  const begin = performance.now();
  run(join(dir, "packs/demo"), "upgrade");
  const stored = performance.now();
  while (Number(sql("select count(*) from rule_work"))) await new Promise((r) => setTimeout(r, 100));
  const end = performance.now();
  done = true;
  await Promise.all(others);
  const max = (list) => Math.max(...list).toFixed(0);
  console.log(`${name}: stored in ${((stored - begin) / 1000).toFixed(1)} s, worked off in ${((end - stored) / 1000).toFixed(1)} s after; ${waits.length} other writes, longest ${max(waits)} ms; ${pages.length} pages, longest ${max(pages)} ms`);
}
console.log(`${sql(`select count(*) from access where body_id = ${body}`)} persons of one body, ${sql(`select count(*) from access a join body b on b.id = a.body_id where b.kind = '${kind}'`)} of all bodies of the kind`);
await change("narrower", "identity contact social");
await change("wider", "identity contact social criminal employment");
child.kill("SIGTERM");
