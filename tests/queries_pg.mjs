// Every text that a query can have, on both engines.
// PostgreSQL: it can be prepared on the schema of `bereg init`, and reads the very columns that SQLite's authorizer reported
// at build time (a temporary view tells them in pg_depend; doors.md §1: what one engine does not name, the other does).
// SQLite: on a filled register no large table is walked through and no list is sorted anew, unless the query says so.
//   BEREG=…/bereg (its querycomp lies beside it; BEREG_QUERYCOMP names another) BEREG_TEST_PG=… node tests/queries_pg.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { finish, note, ok, part, skip } from './lib/tap.mjs';

const { BEREG, PACKS, TREE } = await import('./lib/server.mjs');
const querycomp = process.env.BEREG_QUERYCOMP ?? path.join(path.dirname(BEREG), 'querycomp');
const LARGE = ['person', 'access', 'access_grant', 'event', 'history', 'read', 'referral', 'service', 'case_file', 'measure', 'person_category', 'listing',
  'programme', 'note', 'served', 'interaction_item', 'interaction_sum', 'interaction_days', 'person_key', 'name_word', 'person_name', 'person_document'];

// [query, filter]: texts whose plan looks worse than it is.
const EXCUSED = [
  ['person_list', 'snils'], // a number has one holder
];

function sqlFiles(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const at = path.join(dir, e.name);
    return e.isDirectory() ? sqlFiles(at) : at.endsWith('.sql') ? [at] : [];
  });
}

function run(program, args, input) {
  const pg = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`) : [];
  const r = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PATH: [...pg, process.env.PATH].join(':') } });
  if (r.error) throw r.error;
  return r;
}

const dumped = run(querycomp, ['--dump-variants', ...sqlFiles(path.join(TREE, 'src'))]);
if (!ok(dumped.status === 0, 'querycomp proves all queries', dumped.stderr.slice(0, 3000))) process.exit(1);
const variants = dumped.stdout.trim().split('\n').map((l) => JSON.parse(l));
const queries = [...new Set(variants.map((v) => v.query))];
note(`${queries.length} queries, ${variants.length} texts`);
const nameOf = (v) => `${v.room}.${v.query}${v.sort ? ` by ${v.sort}${v.after ? ' onward' : ''}` : ''}${v.on.length ? ` with ${v.on.join(', ')}` : ''}`;
const parameters = (sql) => Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map((m) => Number(m[1])));

// One line for each query, failures below it.
function perQuery(what, faults) {
  for (const q of queries) {
    const mine = faults.filter((f) => f.v.query === q);
    ok(mine.length === 0, `${what}: ${q}`, mine.slice(0, 4).map((f) => `${nameOf(f.v)}: ${f.why}`).join('\n'));
  }
}

// ---- PostgreSQL ----

const admin = process.env.BEREG_TEST_PG;
if (!admin) skip('PostgreSQL', 'BEREG_TEST_PG is not set');
else {
  await part('PostgreSQL', async () => {
    const url = new URL(admin);
    const db = `queries_${process.pid}`;
    run('psql', ['-X', '-q', '-d', admin, '-c', `create database ${db} template template0 encoding 'UTF8'`]);
    url.pathname = `/${db}`;
    try {
      const init = run(BEREG, ['init', '--db', url.href, '--packs', PACKS]);
      if (!ok(init.status === 0, 'bereg init', init.stderr.slice(0, 2000))) return;
      // the types that PostgreSQL itself finds for the parameters stand in for them in the view, as nulls
      const script = ['\\set ON_ERROR_STOP 0', '\\set VERBOSITY terse', '\\pset format unaligned', '\\pset tuples_only on'];
      variants.forEach((v, i) => {
        script.push(`\\echo @@ ${i}`, `prepare v${i} as ${v.sql.trim()};`,
          `select 'types', coalesce(array_to_string(parameter_types, ','), '') from pg_prepared_statements where name = 'v${i}';`,
          `deallocate v${i};`);
      });
      const first = run('psql', ['-X', '-q', '-d', url.href], script.join('\n'));
      const answers = `${first.stdout}`.split(/^@@ /m).slice(1);
      // errors come on stderr without a place, so what has no types has failed; asked again alone for its reason
      const types = answers.map((a) => /^types\|(.*)$/m.exec(a)?.[1]?.split(',').filter(Boolean) ?? null);
      const faults = [];
      variants.forEach((v, i) => {
        if (types[i] && types[i].length === parameters(v.sql)) return;
        const why = run('psql', ['-X', '-q', '-d', url.href], `prepare v as ${v.sql.trim()};`).stderr.trim();
        faults.push({ v, why: why || `types ${types[i]} for ${parameters(v.sql)} parameters` });
      });
      perQuery('prepared on PostgreSQL', faults);

      // a view wants names of its own for its columns: how many there are, psql tells
      const plain = (v, i) => v.sql.trim().replace(/\$(\d+)/g, (_, n) => `null::${types[i][n - 1]}`);
      const readable = variants.map((v, i) => types[i] && v.kind !== 'write');
      const ask = variants.map((v, i) => (readable[i] ? `\\echo @@ ${i}\n${plain(v, i)}\n\\gdesc` : ''));
      const described = run('psql', ['-X', '-q', '-A', '-t', '-d', url.href], ask.join('\n'));
      const columns = new Map(described.stdout.split(/^@@ /m).slice(1).map((t) => [Number(/^\d+/.exec(t)[0]), t.trim().split('\n').length - 1]));
      const reads = [];
      variants.forEach((v, i) => {
        if (!readable[i]) return;
        const names = Array.from({ length: columns.get(i) }, (_, k) => `c${k}`).join(',');
        reads.push(`\\echo @@ ${i}`, 'begin;', `create temporary view v${i} (${names}) as ${plain(v, i)};`,
          `select 'reads', string_agg(distinct c.relname || '.' || a.attname, ',')
           from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
           join pg_class c on c.oid = d.refobjid and c.relkind = 'r' join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid and a.attnum > 0
           where r.ev_class = 'v${i}'::regclass;`, 'rollback;');
      });
      const second = run('psql', ['-X', '-q', '-A', '-t', '-d', url.href], reads.join('\n'));
      const found = new Map(second.stdout.split(/^@@ /m).slice(1).map((a) => [Number(/^\d+/.exec(a)[0]), /^reads\|(.*)$/m.exec(a)?.[1] ?? null]));
      const differ = [];
      variants.forEach((v, i) => {
        if (!readable[i]) return;
        const theirs = found.get(i);
        if (theirs === null || theirs === undefined) {
          differ.push({ v, why: 'no view could be made of it' });
          return;
        }
        const a = new Set(theirs.split(',').filter(Boolean));
        const b = new Set(v.reads);
        const more = [...a].filter((x) => !b.has(x));
        const less = [...b].filter((x) => !a.has(x));
        if (more.length) differ.push({ v, why: `PostgreSQL reads also ${more.join(' ')}` });
        else if (less.length) differ.push({ v, why: `PostgreSQL does not read ${less.join(' ')}` });
      });
      if (second.stderr.trim() && differ.length) note(second.stderr.split('\n').slice(0, 8).join('\n'));
      perQuery('the same columns on both engines', differ);
    } finally {
      run('psql', ['-X', '-q', '-d', admin, '-c', `drop database if exists ${db} with (force)`]);
    }
  });
}

// ---- SQLite ----

await part('SQLite', async () => {
  const file = path.join(process.env.BEREG_TMP ?? fs.mkdtempSync('/tmp/bereg-queries.'), `queries-${process.pid}.db`);
  const fast = process.env.BEREG_RELEASE && fs.existsSync(process.env.BEREG_RELEASE) ? process.env.BEREG_RELEASE : BEREG;
  const demo = run(fast, ['demo', '--db', `sqlite:${file}`, '--persons', '2000', '--date', '2024-06-14', '--now', '2024-06-14T10:00', '--packs', PACKS]);
  if (!ok(demo.status === 0, 'a register of 2,000 persons', demo.stderr.slice(-2000))) return;
  const script = ['.bail off'];
  variants.forEach((v, i) => {
    // the two functions that the program adds itself take part in no plan
    const sql = v.sql.trim().replace(/\$(\d+)/g, '?$1').replace(/\b(?:half_year|year_month)\(/g, 'abs(').replace(/\b(?:days|years)_between\(/g, 'nullif(');
    script.push(`.print @@ ${i}`, `explain query plan ${sql};`);
  });
  const r = run('sqlite3', ['-batch', file], script.join('\n'));
  fs.rmSync(file, { force: true });
  for (const end of ['-wal', '-shm', '.lock']) fs.rmSync(file + end, { force: true });
  const plans = r.stdout.split(/^@@ /m).slice(1);
  ok(plans.length === variants.length && plans.every((p) => /\n/.test(p.trim()) || /^\d+\s*$/.test(p.trim())), 'each text has a plan', r.stderr.slice(0, 2000));
  const faults = [];
  variants.forEach((v, i) => {
    if (v.scan || v.unindexed || EXCUSED.some(([q, on]) => q === v.query && (on ? v.on.includes(on) : !v.on.includes('q') && !v.on.includes('snils')))) return;
    const tables = new Map(); // of the text, by the names it gives them
    for (const m of v.sql.matchAll(/\b(?:from|join|into|update)\s+([a-z_]+)(?:\s+(?:as\s+)?([a-z_]\w*))?/g)) {
      tables.set(m[1], m[1]);
      if (m[2] && !['where', 'set', 'join', 'left', 'on', 'order', 'group', 'limit', 'values'].includes(m[2])) tables.set(m[2], m[1]);
    }
    const lines = (plans[i] ?? '').split('\n').slice(1);
    const top = lines.filter((l) => /^[|`]--/.test(l)); // subqueries stand below the line they belong to
    const sorts = top.some((l) => /USE TEMP B-TREE FOR ORDER BY/.test(l));
    // walking by key in the order of the result and ending at the limit is what a list without a filter does
    const walks = /\blimit\b/.test(v.sql) && /\border by\b/.test(v.sql) && !sorts && !v.on.length
      && parameters(v.sql) <= (v.after ? 3 : 1);
    for (const l of lines) {
      const scan = /SCAN (?:TABLE )?(\w+)/.exec(l);
      const table = scan && (tables.get(scan[1]) ?? scan[1]);
      if (scan && LARGE.includes(table) && !(walks && top.includes(l))) faults.push({ v, why: `${l.trim()} (${table})` });
    }
    // a page of a list comes in the order of an index; what else is sorted must have been narrowed down by a key
    const narrowed = /SEARCH .*(?:=\?|rowid)/.test(top.find((l) => /SEARCH|SCAN/.test(l)) ?? '');
    if (sorts && (v.sort || !narrowed) && [...tables.values()].some((t) => LARGE.includes(t))) faults.push({ v, why: 'USE TEMP B-TREE FOR ORDER BY' });
  });
  perQuery('plan on SQLite', faults);
});
finish();
