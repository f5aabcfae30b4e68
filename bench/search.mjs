// The search at an open load of 100 requests/s, each kind of question by itself.
//   node bench/search.mjs [--small] [--persons N] [--db postgresql://…] [--dir DIR] [--keep] [--only WORDS]      build/bereg and build/bench must stand: bench/run builds them
// A demo register, to which persons are added by SQL (names of the demo and 20,000 made surnames, frequent ones first; one body knows a tenth of
// them, another a hundredth); `bereg upgrade` then fills the indexes of the search, which measures that too. Own lists are asked by a worker of the
// large body, other bodies' persons by one of the small.
import { createWriteStream, existsSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { check, cpu, dir, each, failed, fold, frequent, given, load, misspelt, namesOf, now, option, random, register, run, seconds, serve, small, snils, some, words } from "./lib.mjs";

const N = Number(option("--persons", small ? 3000 : 1000000));
const file = join(dir, `search-${N}.db`);
const r = register(file, option("--db")), { db, postgres, sql, script } = r;
const pace = small ? { rate: 50, time: 1, users: 10 } : { rate: 100, time: 10, users: 50 };
const timed = (what, work) => console.log(`# ${what}: ${seconds(work).toFixed(1)} s`);

async function fill() {
  timed("demo", () => run("build/bereg", "demo", "--db", db, "--persons", small ? "300" : "2000", "--seed", "1", "--date", now.slice(0, 10)));
  const bodyOf = (login) => sql(`select body_id as id from account where login = '${login}'`)[0].id;
  const bodies = { large: bodyOf("social1"), little: bodyOf("employment1") };
  const from = sql("select max(id) as id from person")[0].id;
  const names = namesOf(r);
  const places = ["Прибрежный", "Причальный", "Устье", "Ключевое", "Вязово", "Окуневка", "Плёсы", "Вишнёвка", "Ямское", "Морошкино"];
  const district = sql("select min(id) as id from district")[0].id, instant = Date.parse("2024-06-01T00:00:00Z") * 1000;
  const out = (name) => createWriteStream(join(dir, `${name}.csv`));
  const person = out("person"), access = out("access"), other = out("other");
  const write = async (stream, line) => { if (!stream.write(`${line}\n`)) await once(stream, "drain"); };
  for (let i = 1; i <= N; i += 1) {
    const id = from + i, sex = random() < 0.5 ? "m" : "f", l = names[sex];
    const [a, b, c] = [frequent(l.family_name), frequent(l.given_name), frequent(l.patronymic)];
    const day = new Date(Date.UTC(1940, 0, 1) + Math.floor(random() * 25000) * 86400000).toISOString().slice(0, 10), key = fold(`${a} ${b} ${c}`);
    await write(person, [id, 1, a, b, c, day, sex === "m" ? "male" : "female", "document", snils(200000000 + i), `+79${String(i).padStart(9, "0")}`, `"с. ${some(places)}, ул. Новая, д. ${i % 200}"`, district, key, instant].join(","));
    const of = i % 10 === 0 ? bodies.large : i % 100 === 1 ? bodies.little : 0;
    if (of) await write(access, [of, id, 16382, key].join(","));
    if (i % 50 === 0) { const f = frequent(l.family_name); await write(other, [id, 1, id, "former", f, fold(f), bodies.large, instant].join(",")); }
  }
  for (const s of [person, access, other]) { s.end(); await once(s, "close"); }
  const load = (table, name, columns) => (postgres
    ? `\\copy ${table} (${columns}) from '${join(dir, `${name}.csv`)}' csv\n`
    : `create temp table csv_${name} (${columns});\n.mode csv\n.import ${join(dir, `${name}.csv`)} csv_${name}\ninsert into ${table} (${columns}) select ${columns} from csv_${name};\n`);
  timed(`${N} persons by SQL`, () => script((postgres ? "begin;\n" : "pragma cache_size = -400000;\nbegin;\n") + load("person", "person", "id, version, family_name, given_name, patronymic, birth_date, sex, identity_status, snils, phone, address, district_id, name_key, created_at")
    + load("access", "access", "body_id, person_id, bits, name_key") + load("person_name", "other", "id, version, person_id, kind, name, name_key, body_id, created_at")
    + (postgres ? "select setval(pg_get_serial_sequence('person', 'id'), (select max(id) from person));\nselect setval(pg_get_serial_sequence('person_name', 'id'), (select max(id) from person_name));\n" : "")
    + "delete from setting where name = 'person_keys';\ncommit;\n"));
  timed("bereg upgrade fills the indexes", () => run("build/bereg", "upgrade", "--db", db));
  script("analyze;");
  for (const name of ["person", "access", "other"]) rmSync(join(dir, `${name}.csv`));
}

if (postgres ? !sql("select 1 as x from pg_tables where tablename = 'person_key'").length : !existsSync(file)) await fill();
if (!postgres)
  for (const r of sql("select name, sum(pgsize) as bytes from dbstat where name in ('person', 'person_key', 'name_word', 'name_word_word', 'person_by_name', 'access', 'person_snils') group by 1 order by 1")) console.log(`# ${r.name}: ${(r.bytes / 1e6).toFixed(1)} MB`);
else
  for (const r of sql("select relname as name, pg_relation_size(oid) as bytes from pg_class where relname in ('person', 'person_key', 'person_key_pkey', 'name_word', 'name_word_word', 'person_by_name', 'access', 'person_snils') order by 1")) console.log(`# ${r.name}: ${(r.bytes / 1e6).toFixed(1)} MB`);
const [count] = sql("select (select count(*) from person) as persons, (select count(*) from person_key) as keys, (select count(*) from name_word) as words");
console.log(`# ${count.persons} persons, ${count.keys} keys, ${count.words} words${postgres ? "" : `, file ${(statSync(file).size / 1e6).toFixed(0)} MB`}`);

const sample = (login, given = "true") => sql(`select p.id, p.family_name as f, p.given_name as g, p.patronymic as p, p.birth_date as b, p.snils as s, p.phone as t, p.address as a from person p join access x on x.person_id = p.id
  where x.body_id = (select body_id from account where login = '${login}') and p.patronymic is not null and p.snils is not null and p.phone is not null and p.birth_date is not null and length(p.family_name) > 6 and p.id > (select max(id) / 3 from person) and p.id % 7 = 3 and ${given} order by p.id limit 40`);
const own = sample("social1"), others = own;
const us = "f,dult;pbqrkvyjghcnea[wxio]sm'.z";
const layout = (t) => [...t.toLowerCase()].map((c) => (c === "ё" ? "`" : c >= "а" && c <= "я" ? us[c.charCodeAt(0) - 0x430] : c)).join("");
const latin = (t) => [...t.toLowerCase()].map((c) => ({ а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "yo", ж: "zh", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m", н: "n", о: "o", п: "p", р: "r", с: "s", т: "t", у: "u",
  ф: "f", х: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "shch", ъ: "", ы: "y", ь: "", э: "e", ю: "yu", я: "ya" })[c] ?? c).join("");
const dmy = (d) => d.split("-").reverse().join("."), mdy = (d) => `${d.slice(5, 7)}.${d.slice(8, 10)}.${d.slice(0, 4)}`;
const wrong = (s) => s.slice(0, 5) + (Number(s[5]) + 1) % 10 + s.slice(6);
const short = { Александр: "Саша", Алексей: "Лёша", Сергей: "Серёжа", Дмитрий: "Дима", Мария: "Маша", Анна: "Аня", Елена: "Лена", Наталья: "Наташа", Иван: "Ваня", Михаил: "Миша", Николай: "Коля", Владимир: "Вова", Екатерина: "Катя", Ольга: "Оля" };
const former = sql(`select o.name as n, p.given_name as g from person_name o join person p on p.id = o.person_id join access x on x.person_id = p.id where x.body_id = (select body_id from account where login = 'social1') and o.id % 3 = 0 order by o.id limit 40`);
const only = option("--only", "");
const kinds = [
  ["own: beginning of a surname", "/persons", own.map((p) => p.f.slice(0, 4))],
  ["own: part inside a surname", "/persons", own.map((p) => p.f.slice(1, 6))],
  ["own: full name in another order", "/persons", own.map((p) => `${p.g} ${p.p} ${p.f}`)],
  ["own: given name and patronymic", "/persons", own.map((p) => `${p.g} ${p.p}`)],
  ["own: misspelt", "/persons", own.map((p) => `${misspelt(p.f)} ${p.g}`)],
  ["own: another layout", "/persons", own.filter((p) => /^[а-яё ]+$/i.test(`${p.f} ${p.g}`)).map((p) => layout(`${p.f} ${p.g}`))],
  ["own: in Latin", "/persons", own.map((p) => latin(`${p.f} ${p.g}`))],
  ["own: diminutive", "/persons", sample("social1", `p.given_name in (${Object.keys(short).map((g) => `'${g}'`)})`).map((p) => `${short[p.g]} ${p.f}`)],
  ["own: nobody fits", "/persons", own.map((p) => `${p.f}ич Саша ${p.p}`), true],
  ["own: former surname", "/persons", former.map((o) => `${o.n} ${o.g}`)],
  ["own: SNILS", "/persons", own.map((p) => p.s)],
  ["own: telephone", "/persons", own.map((p) => p.t)],
  ["own: date of birth", "/persons", own.map((p) => dmy(p.b))],
  ["own: surname, day and month swapped", "/persons", own.map((p) => `${p.f} ${mdy(p.b)}`)],
  ["own: settlement and surname", "/persons", own.map((p) => `${/^\S+ ([^,]+)/.exec(p.a ?? "с. Устье,")[1]} ${p.f}`)],
  ["all: surname and year", "/persons/search", others.map((p) => `${p.f} ${p.b.slice(0, 4)}`)],
  ["all: full name and date", "/persons/search", others.map((p) => `${p.f} ${p.g} ${p.p} ${dmy(p.b)}`)],
  ["all: misspelt and year", "/persons/search", others.map((p) => `${misspelt(p.f)} ${p.g} ${p.b.slice(0, 4)}`)],
  ["all: in Latin and year", "/persons/search", others.map((p) => `${latin(p.f)} ${latin(p.g)} ${p.b.slice(0, 4)}`)],
  ["all: SNILS", "/persons/search", others.map((p) => p.s)],
  ["all: SNILS with a wrong digit", "/persons/search", others.map((p) => wrong(p.s))],
].filter(([name]) => name.includes(only));
const tokens = { "/persons": r.token("social1"), "/persons/search": r.token("employment1") };
const server = await serve(db);
try {
  await load(server.host, tokens["/persons"], ["/persons?q=%D0%B0%D0%B1%D0%B2"], { ...pace, time: 1 });
  for (const [name, where, list, nobody] of kinds) {
    const paths = list.map((q) => `${where}?q=${encodeURIComponent(q)}`);
    const found = await (await fetch(`http://${server.host}/api/v1${paths[0]}`, { headers: { Authorization: `Bearer ${tokens[where]}` } })).json();
    await load(server.host, tokens[where], paths, { ...pace, time: 1 });
    const before = cpu(server.child.pid);
    const f = await load(server.host, tokens[where], paths, pace);
    const each = ((cpu(server.child.pid) - before) / f.requests) * 1000;
    console.log(`# ${name}: p50 / p95 / p99 at ${pace.rate}/s: ${f.p50} / ${f.p95} / ${f.p99} ms, CPU of the server ${each.toFixed(1)} ms (finds ${(found.items?.length ?? 0) + (found.similar?.length ?? 0)})`);
    check(f.requests === pace.rate * pace.time && (nobody || (found.items?.length ?? 0) + (found.similar?.length ?? 0) > 0), `search, ${name}: answered and found`);
  }
  // Who may be meant, while somebody is being registered: one after the other, names misspelt or day and month swapped.
  const asked = own.flatMap((p, i) => [0, 1, 2].map((k) => ({ family_name: (i + k) % 3 ? p.f : misspelt(p.f), given_name: p.g, patronymic: p.p, birth_date: (i + k) % 3 === 1 ? mdy(p.b) : dmy(p.b) })));
  let hits = 0;
  const f = await each(server.child.pid, asked, async (p) => {
    const a = await fetch(`http://${server.host}/api/v1/persons/alike`, { method: "POST", headers: { Authorization: `Bearer ${tokens["/persons"]}`, "Content-Type": "application/json" }, body: JSON.stringify(p) });
    hits += ((await a.json()).items ?? []).length > 0;
  });
  console.log(`# check of a new person: p50 / p95: ${words(f)} (${hits} of ${asked.length} find somebody)`);
  check(hits > asked.length / 2, "search, check of a new person: answered and found");
} finally {
  await server.stop();
}
if (!postgres && (small || !given("--keep"))) for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
process.exit(failed ? 1 : 0);
