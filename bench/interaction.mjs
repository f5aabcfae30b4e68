// The picture of interaction over a large log: 1,000,000 referrals, 5,000,000 events, 150 bodies, four years.
//   BEREG_TEST_DB=sqlite|postgres [BEREG_TEST_PG=…] node bench/interaction.mjs [--small] [--referrals N] [--keep]      build/bereg must stand
// A demo register, then bodies of 20 districts (six kinds) and 30 NGOs, referrals and their events by SQL: each body sends to those of its
// district and to NGOs, 4 of 5 are accepted, the newest are open. Measured: a rebuild of all sums, what a working day adds, the pages.
import { Register } from "../tests/lib/server.mjs";

const small = process.argv.includes("--small"), postgres = process.env.BEREG_TEST_DB === "postgres";
const asked = process.argv.indexOf("--referrals");
const size = { referrals: asked > 0 ? Number(process.argv[asked + 1]) : small ? 4000 : 1000000, persons: small ? 300 : 2000 };
let failed = 0;
const check = (good, name) => { if (!good) failed += 1; console.log(`${good ? "ok" : "not ok"} - bench: ${name}`); };
const register = Register.demo({ persons: size.persons, seed: 1, name: "bench_interaction" });
const rows = (sql) => register.rows(sql);
const timed = async (run) => { const began = performance.now(); const out = await run(); return [(performance.now() - began) / 1000, out]; };
const series = (n) => (postgres ? `(select i from generate_series(0, ${n - 1}) i) c` : `(with recursive c(i) as (select 0 union all select i + 1 from c where i + 1 < ${n}) select i from c) c`);
const plus = (day, days) => (postgres ? `(${day} + cast(${days} as integer))` : `date(${day}, '+' || (${days}) || ' days')`);
const first = postgres ? "date '2020-06-15'" : "'2020-06-15'";
const columns = (table) => (postgres ? rows(`select column_name as name from information_schema.columns where table_name = '${table}' and column_name <> 'id' order by ordinal_position`)
  : rows(`select name from pragma_table_info('${table}') where name <> 'id'`)).map((c) => c.name);
const copy = (table, of, changed, from, where = "true") => {
  const names = columns(table);
  return `insert into ${table} (${names}) select ${names.map((n) => changed[n] ?? `x.${n}`)} from ${table} x cross join ${from} where x.id = ${of} and ${where}`;
};
const DAYS = 1460;
const kinds = ["social_centre", "employment_centre", "penal_inspectorate", "police", "juvenile_commission", "clinic"];
const needs = { social_centre: ["social_support", "documents", "shelter"], employment_centre: ["employment", "retraining", "employment"], penal_inspectorate: ["supervision", "supervision", "supervision"],
  police: ["supervision", "documents", "supervision"], juvenile_commission: ["family_work", "family_work", "family_work"], clinic: ["medical_examination", "medical_examination", "medical_examination"], ngo: ["urgent_help", "legal_aid", "psychological_help"] };

function fill() {
  const [worker] = rows("select id, body_id as body from account where login = 'social1'");
  const [r] = rows("select id from referral where state = 'accepted' order by id limit 1"), [e] = rows("select id from event where kind = 'referral.sent' order by id limit 1");
  const districts = rows("select id from district order by id").map((d) => d.id);
  // n: 0–119 six kinds in 20 districts, 120–149 NGOs
  const kind = `case when c.i >= 120 then 'ngo' ${kinds.map((k, i) => `when c.i % 6 = ${i} then '${k}'`).join(" ")} end`;
  const need = (to) => `case ${Object.entries(needs).map(([k, [a, b, c]]) => `when ${to} = '${k}' then case c.i % 7 when 0 then '${b}' when 1 then '${c}' else '${a}' end`).join(" ")} end`;
  register.exec([...(postgres ? [] : ["pragma cache_size = -400000", "pragma temp_store = memory"]),
    copy("body", worker.body, { name: "'Орган ' || c.i", name_key: "'орган ' || c.i", kind, district_id: `case when c.i < 120 then ${districts[0]} + (c.i / 6) % ${districts.length} end`, head_account_id: "null", discloses: "0" }, series(150)),
    "create table bench_b as select row_number() over (order by id) - 1 as n, id, kind from body where name_key like 'орган %'",
    "create unique index bench_b_n on bench_b (n)",
    "create table bench_p as select row_number() over (order by id) - 1 as n, id from person",
    "create unique index bench_p_n on bench_p (n)",
    // sender: any body of the districts; receiver: another of its district, of four one an NGO
    `create table bench_r as select c.i, (c.i * 7919) % (select count(*) from bench_p) as person, (c.i * 31) % 120 as f,
       case when (c.i / 120) % 4 = 0 then 120 + (c.i / 480) % 30 else ((c.i * 31) % 120 / 6) * 6 + ((c.i * 31) % 6 + 1 + (c.i / 120) % 5) % 6 end as t,
       (c.i / 5 * 104729) % ${DAYS} as d, (c.i * 13) % 100 as luck, 1 + (c.i * 17) % 9 as answer, 5 + (c.i * 29) % 60 as work from ${series(size.referrals)}`,
    "update bench_r set t = (f / 6) * 6 + (f + 1) % 6 where t = f",
    copy("referral", r.id, { number: "'P-' || c.i", person_id: "p.id", case_id: "null", measure_id: "null", offer_id: "null", from_body_id: "f.id", to_body_id: "t.id", from_account_id: String(worker.id), to_account_id: "null",
      need: need("t.kind"), state: `case when c.d + c.answer > ${DAYS} then 'sent' when c.luck < 10 then 'declined' when c.luck < 14 then 'withdrawn' when c.d + c.answer + c.work > ${DAYS} then 'accepted' when c.luck < 30 then 'not_done' else 'done' end`,
      sent_on: plus(first, "c.d"), answer_by: plus(first, "c.d + 6"), due_on: plus(first, "c.d + 45"), next_on: `case when c.d + c.answer > ${DAYS} then ${plus(first, "c.d + 6")} else ${plus(first, "c.d + 45")} end`,
      answered_on: `case when c.d + c.answer <= ${DAYS} then ${plus(first, "c.d + c.answer")} end`, answer_late: "case when c.answer > 6 then 1 else 0 end", finished_on: plus(first, "c.d + c.answer + c.work"), decline_reason: "case when c.luck < 10 then 'no_capacity' end",
      owing_body_id: "null", waiting_body_id: "null", fixed_on: "null", next_at: "null", due_rule: "null", note: "null" },
    "bench_r c join bench_b f on f.n = c.f join bench_b t on t.n = c.t join bench_p p on p.n = c.person"),
    "create table bench_i as select id, cast(substr(number, 3) as integer) as i, from_body_id as f, to_body_id as t from referral where number like 'P-%'",
    "create unique index bench_i_i on bench_i (i)",
    copy("event", e.id, { at: "x.at", day: plus(first, "g.day"), body_id: "case when g.k = 0 then g.f else g.t end", other_body_id: "case when g.k = 0 then g.t else g.f end", account_id: String(worker.id), person_id: "g.person", case_id: "null", kind: "g.kind",
      object_id: "g.id", import_id: "null", digest: "null", ground: "null" },
    `(select b.id, b.f, b.t, c.i, p.id as person, s.i as k, c.d + case s.i when 0 then 0 when 1 then 1 when 2 then c.answer when 3 then c.answer + 1 else c.answer + c.work end as day,
        case s.i when 0 then 'referral.sent' when 1 then 'referral.received' when 2 then case when c.luck < 10 then 'referral.declined' when c.luck < 14 then 'referral.withdrawn' else 'referral.accepted' end
          when 3 then 'referral.progress' else case when c.luck < 30 then 'referral.not_done' else 'referral.done' end end as kind
      from bench_r c join bench_i b on b.i = c.i join bench_p p on p.n = c.person cross join (select i from ${series(5)}) s order by c.d, s.i) g`),
    "drop table bench_i", "drop table bench_r", "drop table bench_p", "drop table bench_b",
  ]);
  register.exec(["update referral set owing_body_id = to_body_id, waiting_body_id = from_body_id where number like 'P-%' and state in ('sent', 'accepted')", "update referral set answered_on = null, answer_late = null, finished_on = null where number like 'P-%' and state = 'sent'",
    "update referral set finished_on = null where number like 'P-%' and state = 'accepted'", "analyze"]);
}

const [took] = await timed(() => fill());
const [n] = rows("select (select count(*) from event) as events, (select count(*) from referral) as referrals, (select count(*) from body) as bodies");
console.log(`# ${n.events} events, ${n.referrals} referrals, ${n.bodies} bodies, filled in ${took.toFixed(0)} s`);
check(n.referrals >= size.referrals && n.events >= size.referrals * 5, "the register is filled");
if (register.run(["audit", "head"], { timeout: 1800000 }).status) throw new Error("not sealed"); // or the server would do it beside what is measured
const [whole, made] = await timed(() => register.run(["rebuild"], { timeout: 1800000 }));
console.log(`# all sums from the whole log: ${whole.toFixed(1)} s (${made.out.trim()}${made.err.slice(-300)})`);
const [kept] = rows("select (select count(*) from interaction_sum) as sums, (select count(*) from interaction_days) as days, (select sum(sent) from interaction_sum) as sent");
console.log(`# kept: ${kept.sums} sums, ${kept.days} counts of days`);
check(made.status === 0 && Number(kept.sent) >= size.referrals, "each referral counts once");
check(small || whole < 60, "a rebuild takes less than 60 s");

const server = await register.serve();
const [large] = rows("select from_body_id as body, count(*) as n from referral group by from_body_id order by count(*) desc limit 1");
register.exec([`update account set body_id = ${large.body} where login = 'head1'`]);
for (const [name, login, path] of [["the region, half a year", "analyst", "/interaction?period=2024-H1"], ["the region as JSON", "analyst", "/api/v1/interaction?period=2023-H2"],
  ["a body, a year", "head1", "/interaction"], ["a body, all years", "head1", "/interaction?since=2020-06&until=2024-06"], ["one need, all years", "head1", "/interaction?since=2020-06&until=2024-06&need=documents"]]) {
  const client = server.client({ token: register.token(login) }), times = [];
  const page = path.startsWith("/api") ? null : await server.client().signIn(login);
  for (let i = 0; i < (small ? 2 : 7); i += 1) {
    const [s, r] = await timed(() => (page ?? client).get(path));
    if (r.status !== 200) check(false, `${name} answers (${r.status})`);
    times.push(s);
  }
  times.sort((a, b) => a - b);
  console.log(`# ${name}: median ${(times[Math.floor(times.length / 2)] * 1000).toFixed(0)} ms, slowest ${(times.at(-1) * 1000).toFixed(0)} ms`);
  check(times.at(-1) < (small ? 5 : 1), `${name} within a second`);
}
await server.stop();
if (!process.argv.includes("--keep")) await register.drop();
process.exit(failed ? 1 : 0);
