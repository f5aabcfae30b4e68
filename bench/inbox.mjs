// The inbox in a large region: 100,000 open referrals between 300 bodies with 2,000 workers.
//   node bench/inbox.mjs [--small] [--dir DIR]      build/bereg and build/bench must stand: bench/run builds them
// A demo register, then bodies, workers and open referrals by SQL: bodies of very different size (the largest owes some thousand, most some
// hundred), dates from three weeks ago to two months ahead. Open load of 100 requests/s by workers of all bodies in turn, and by those of the
// largest alone; the groups of the page in turn. Twice each: trust what both say. Then all terms are computed anew.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const small = args.includes("--small");
const dir = args.includes("--dir") ? args[args.indexOf("--dir") + 1] : join(process.env.BEREG_TMP ?? tmpdir(), "bereg-bench");
const size = small ? { persons: 500, bodies: 30, workers: 200, referrals: 4000 } : { persons: 20000, bodies: 300, workers: 2000, referrals: 100000 };
const [rate, seconds, users] = small ? [50, 2, 10] : [100, 20, 50];
const now = "2024-06-14T10:00", today = "2024-06-14";
const env = { ...process.env, BEREG_NOW: now, BEREG_PACKS: "packs/demo", BEREG_RATE: "0" };
const file = join(dir, `inbox-${size.referrals}.db`), db = `sqlite:${file}`;
mkdirSync(dir, { recursive: true });

let failed = 0;
const check = (good, name) => { if (!good) failed += 1; if (small) console.log(`${good ? "ok" : "not ok"} - bench: ${name}`); };
const run = (program, ...list) => execFileSync(program, list, { encoding: "utf8", env, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
const sql = (text) => execFileSync("sqlite3", ["-bail", "-json", file], { input: text, encoding: "utf8", maxBuffer: 1 << 28 });
const rows = (text) => JSON.parse(sql(text) || "[]");

// What is copied: the social centre and its worker; a referral with an ordinary need, whose classes every party may see.
function fill() {
  const [worker] = rows("select id, body_id as body from account where login = 'social1'");
  const [referral] = rows(`select id from referral where owing_body_id = ${worker.body} and state in ('sent', 'received', 'accepted') order by id limit 1`);
  const columns = (table) => rows(`select name from pragma_table_info('${table}') where name <> 'id'`).map((c) => c.name);
  const copy = (table, of, changed, from, where = "true") => {
    const names = columns(table);
    return `insert into ${table} (${names}) select ${names.map((n) => changed[n] ?? `x.${n}`)} from ${table} x, ${from} where x.id = ${of} and ${where};`;
  };
  const many = (n) => `(with recursive c(i) as (select 0 union all select i + 1 from c where i + 1 < ${n}) select i from c) c`;
  sql(`begin; ${copy("body", worker.body, { name: "'Орган ' || c.i", name_key: "'орган ' || c.i", head_account_id: "null", district_id: "null" }, many(size.bodies))}
    create temp table b as select row_number() over (order by id) - 1 as n, id from body where name_key like 'орган %';
    create unique index temp.b_n on b (n);
    ${copy("account", worker.id, { login: "'bench' || c.i", name: "'Работник ' || c.i", body_id: `(select id from b where n = c.i % ${size.bodies})`, unit_id: "null", email: "null" }, many(size.workers))}
    create temp table w as select id, body_id, row_number() over (partition by body_id order by id) - 1 as n, count(*) over (partition by body_id) as all_n
      from account where login like 'bench%';
    create unique index temp.w_n on w (body_id, n);
    create temp table p as select row_number() over (order by id) - 1 as n, id, family_name from person;
    create unique index temp.p_n on p (n);
    create temp table r as select c.i, (c.i * 7919) % (select count(*) from p) as person, cast(${size.bodies} * ((c.i * 104729) % 100003 / 100003.0) * ((c.i * 104729) % 100003 / 100003.0) as integer) as owes,
      (c.i * 31 + 7) % ${size.bodies} as waits, date('${today}', ((c.i * 37) % 80 - 20) || ' days') as day from ${many(size.referrals)};
    update r set waits = (waits + 1) % ${size.bodies} where waits = owes;
    ${copy("referral", referral.id, { number: "'B-' || c.i", person_id: "(select id from p where n = c.person)", case_id: "null", measure_id: "null", offer_id: "null",
      from_body_id: "(select id from b where n = c.waits)", to_body_id: "(select id from b where n = c.owes)", owing_body_id: "(select id from b where n = c.owes)",
      waiting_body_id: "(select id from b where n = c.waits)", from_account_id: "(select id from w where body_id = (select id from b where n = c.waits) and n = c.i % all_n)",
      to_account_id: "case when c.i % 5 > 1 then (select id from w where body_id = (select id from b where n = c.owes) and n = c.i % all_n) end",
      state: "case when c.i % 5 > 1 then 'accepted' else 'sent' end", fixed_on: "c.day", due_on: "c.day", next_on: "c.day", answer_by: "c.day", next_at: "null", due_rule: "null", term_from: "1800000000000000",
      note: "null" }, "temp.r c")}
    insert or ignore into access (body_id, person_id, bits, name_key) select r.from_body_id, r.person_id, 16382, 'x' from referral r where r.number like 'B-%';
    insert or ignore into access (body_id, person_id, bits, name_key) select r.to_body_id, r.person_id, 16382, 'x' from referral r where r.number like 'B-%';
    commit; analyze;`);
}

async function serve() {
  const child = spawn("build/bereg", ["serve", "--db", db, "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) {
    const m = /http:\/\/([\d.:]+)/.exec(line);
    if (m) return { child, host: m[1] };
  }
  throw new Error("the server did not start");
}

function load(host, tokens, paths, time = seconds) {
  return new Promise((done, fail) => {
    const child = spawn("build/bench", ["load", host, tokens.join(","), String(rate), String(time), String(users), ...paths], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (d) => (out += d));
    child.on("close", (code) => (code ? fail(new Error("the load failed")) : done(Object.fromEntries(out.trim().split("\n").map((l) => [l.split(" ")[0], Number(l.split(" ")[1])])))));
  });
}

if (!existsSync(file)) {
  run("build/bereg", "demo", "--db", db, "--persons", String(size.persons), "--seed", "1", "--date", today);
  try { fill(); } catch (e) { rmSync(file); throw e; }
}
const [counts] = rows("select (select count(*) from referral where owing_body_id is not null) as open, (select count(*) from body) as bodies, (select count(*) from account) as workers");
const [large] = rows("select owing_body_id as body, count(*) as n from referral where owing_body_id is not null group by 1 order by 2 desc limit 1");
console.log(`# ${counts.open} open referrals, ${counts.bodies} bodies, ${counts.workers} accounts; the largest body owes ${large.n}`);
check(counts.open >= size.referrals && large.n > size.referrals / 100, "the register is filled");

const token = (login) => run("build/bereg", "token", "--db", db, "--login", login).trim();
const step = Math.max(1, Math.floor(size.workers / (small ? 10 : 100)));
const everybody = rows("select login from account where login like 'bench%' order by id").filter((_, i) => i % step === 0).map((a) => token(a.login));
const largest = rows(`select login from account where body_id = ${large.body} and login like 'bench%' order by id limit 5`).map((a) => token(a.login));
const groups = ["/inbox", "/inbox?whose=mine", "/inbox?group=overdue", "/inbox?group=waiting", "/inbox?group=week&whose=mine", "/inbox?group=new", "/inbox?sort=newest"];
const server = await serve();
try {
  for (const [name, tokens, paths] of [["workers of all bodies, the page as it opens", everybody, ["/inbox"]], ["workers of all bodies, all groups", everybody, groups],
    ["workers of the largest body, all groups", largest, groups]]) {
    await load(server.host, tokens, paths, small ? 1 : 4);
    for (let k = 0; k < 2; k += 1) {
      const f = await load(server.host, tokens, paths);
      console.log(`# inbox, ${name}: p50 / p95 / p99 at ${rate}/s: ${f.p50} / ${f.p95} / ${f.p99} ms`);
      check(f.requests === rate * seconds && f.p95 < 2000, `inbox, ${name}: every request is answered`);
    }
  }
} finally {
  server.child.kill("SIGTERM");
  await new Promise((end) => server.child.on("exit", end));
}

// All terms anew: as every night, and after a decree that takes one working day away. Dates by the calendar, without what was named.
const packs = join(dir, `inbox-packs-${process.pid}`);
const job = (day, at = "packs/demo") => {
  const begin = performance.now();
  const r = spawnSync("build/bereg", ["jobs", "--once", "--db", db, "--packs", at], { encoding: "utf8", env: { ...env, BEREG_NOW: `${day}T03:00` } });
  return { seconds: (performance.now() - begin) / 1000, moved: Number(/terms: (\d+) referrals/.exec(r.stderr + r.stdout)?.[1] ?? 0), status: r.status };
};
sql(`update referral set fixed_on = null, term = 10 + id % 20, term_from = (strftime('%s', '${today}') - 86400 * (id % 10)) * 1000000 where number like 'B-%' and owing_body_id is not null;`);
const first = job("2024-06-15"), night = job("2024-06-16");
console.log(`# terms: all jobs of a night, no date moves: ${night.seconds.toFixed(2)} s; the first time, ${first.moved} dates move: ${first.seconds.toFixed(2)} s with all that follows`);
check(first.status === 0 && first.moved > size.referrals / 2 && night.moved === 0, "every term is computed, and moves once");
cpSync("packs", packs, { recursive: true });
writeFileSync(join(packs, "ru/calendar.pack"), readFileSync("packs/ru/calendar.pack", "utf8").replace(/(\[calendar ru 2024\]\noff = [^\n]*)/, "$1 07-10"));
run("build/bereg", "upgrade", "--db", db, "--packs", join(packs, "demo"));
const decree = job("2024-06-16", join(packs, "demo"));
console.log(`# terms: a day off more, 10 July: ${decree.moved} dates move: ${decree.seconds.toFixed(2)} s`);
check(decree.moved > 0 && decree.moved < first.moved, "a changed calendar moves what it touches");
run("build/bereg", "upgrade", "--db", db, "--packs", "packs/demo");
rmSync(packs, { recursive: true });
rmSync(file); // the dates are others now
process.exit(failed ? 1 : 0);
