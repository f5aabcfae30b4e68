// bereg process: figures of random logs against the definitions in plain JavaScript, written times, the map, and bad logs.
//   BEREG=… BEREG_TMP=… node tests/process.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { figuresOf, loanLog, logToCsv, randomLog } from './lib/event_logs.mjs';
import { finish, is, like, note, ok, part } from './lib/tap.mjs';

const tmp = fs.mkdtempSync(path.join(process.env.BEREG_TMP ?? '/tmp', 'process-'));
const file = (name, bytes) => {
  const at = path.join(tmp, name);
  if (bytes !== undefined) fs.writeFileSync(at, bytes);
  return at;
};
const columns = ['--case', 'case', '--activity', 'activity', '--time', 'time'];
const bereg = (...args) => spawnSync(process.env.BEREG, ['process', ...args], { encoding: 'utf8', maxBuffer: 1 << 29 });
const json = (...args) => {
  const run = bereg(...args, '--format', 'json');
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
};
const near = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
const sameSpread = (a, b) => ['mean', 'median', 'p90', 'min', 'max'].every((k) => near(a[k], b[k]));

// What differs between the program's figures and those of the definitions; null when nothing does.
function difference(got, wanted) {
  if (got.cases !== wanted.cases || got.events !== wanted.events) return `cases ${got.cases}/${wanted.cases}, events ${got.events}/${wanted.events}`;
  if (!sameSpread(got.duration_seconds, wanted.duration)) return ['duration', got.duration_seconds, wanted.duration];
  const activities = new Map(got.activities.filter((a) => a.events).map((a) => [a.name, a]));
  if (activities.size !== wanted.activities.size) return `${activities.size} activities, not ${wanted.activities.size}`;
  for (const [name, w] of wanted.activities) {
    const g = activities.get(name);
    if (!g || ['events', 'cases', 'starts', 'ends', 'self_loops'].some((k) => g[k] !== w[k]) || (g.seconds && !sameSpread(g.seconds, w.seconds))) return [name, g, w];
  }
  if (got.arcs.length !== wanted.arcs.size || got.n_arcs !== wanted.arcs.size) return `${got.arcs.length} arcs, not ${wanted.arcs.size}`;
  for (const a of got.arcs) {
    const w = wanted.arcs.get(JSON.stringify([a.from, a.to]));
    if (!w || a.count !== w.count || a.cases !== w.cases || !sameSpread(a.seconds, w.seconds)) return [a, w];
  }
  if (got.variants.length !== wanted.variants.size || got.n_variants !== wanted.variants.size) return `${got.variants.length} variants, not ${wanted.variants.size}`;
  for (const v of got.variants) {
    const w = wanted.variants.get(JSON.stringify(v.activities.map((i) => got.activities[i].name)));
    if (!w || v.cases !== w.cases || !near(v.share * got.cases, v.cases) && Math.abs(v.share - v.cases / got.cases) > 1e-6 || !sameSpread(v.seconds, w.seconds)) return [v, w];
  }
  const order = got.variants.map((v) => v.cases);
  return order.every((n, i) => i === 0 || order[i - 1] >= n) ? null : 'variants are not in order';
}

// From the start to each node and on to the end by what the map shows.
function cutOff(got) {
  const shown = got.arcs.filter((a) => a.on_map);
  const names = new Set(shown.flatMap((a) => [a.from, a.to]));
  const walk = (seeds, from, to) => {
    const seen = new Set(seeds.filter((n) => names.has(n)));
    for (let grown = true; grown;) {
      grown = false;
      for (const a of shown) if (seen.has(a[from]) && !seen.has(a[to])) { seen.add(a[to]); grown = true; }
    }
    return seen;
  };
  const begun = walk(got.activities.filter((a) => a.starts).map((a) => a.name), 'from', 'to');
  const ended = walk(got.activities.filter((a) => a.ends).map((a) => a.name), 'to', 'from');
  return [...names].filter((n) => !begun.has(n) || !ended.has(n));
}

await part('random logs against the definitions', async () => {
  const stamp = (ms) => new Date(ms).toISOString();
  let compared = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const ends = seed % 2 === 0;
    const rows = randomLog(seed, { cases: 1 + (seed * 7) % 60, activities: 1 + seed % 9, longest: 1 + seed % 15, ends });
    const csv = logToCsv(rows.map(([c, a, at, end]) => (ends ? [c, a, stamp(at), stamp(end)] : [c, a, stamp(at)])), ends ? ['case', 'activity', 'time', 'end'] : undefined);
    const got = json(file('random.csv', csv), ...columns, ...(ends ? ['--end', 'end'] : []));
    const wrong = difference(got, figuresOf(rows));
    if (wrong) { ok(false, `log of seed ${seed}`, wrong); return; }
    const cut = cutOff(json(file('random.csv'), ...columns, '--arcs', String((seed % 10) / 10), '--activities', String((seed % 7) / 6)));
    if (cut.length) { ok(false, `map of seed ${seed}`, cut); return; }
    compared += rows.length;
  }
  ok(compared > 3000, `40 random logs of ${compared} events: cases, activities, arcs, variants and all their times are as defined, maps are whole`);
  const rows = randomLog(99, { cases: 50 });
  const csv = file('period.csv', logToCsv(rows.map(([c, a, at]) => [c, a, stamp(at)])));
  const [from, to] = ['1969-12-22', '1969-12-27'];
  const got = json(csv, ...columns, '--from', from, '--to', to);
  const wanted = figuresOf(rows, { from: Date.parse(from), to: Date.parse(to) + 86400000 });
  ok(wanted.cases > 0 && wanted.cases < 50, 'the period takes some of the cases', wanted.cases);
  is(difference(got, wanted), null, '--from and --to take the cases that begin on these days');
  const reversed = file('reversed.csv', logToCsv([...rows].sort((a, b) => b[2] - a[2]).map(([c, a, at]) => [c, a, stamp(at)])));
  const distinct = new Set(rows.map((r) => `${r[0]} ${r[2]}`)).size === rows.length;
  if (distinct) is(json(reversed, ...columns).variants, json(csv, ...columns).variants, 'the order of the file plays no part');
});

await part('a small log by hand', async () => {
  const csv = 'case,activity,time\n1,A,2012-01-01 00:00:00\n1,B,2012-01-01 01:00:00\n1,C,2012-01-02 00:00:00\n2,A,2012-01-01 00:00:00\n2,C,2012-01-01 00:10:00\n' +
    '2,B,2012-01-01 00:10:00\n3,A,2012-01-05 00:00:00\n4,A,2012-01-01\n4,A,2012-01-03\n';
  const got = json(file('hand.csv', csv), ...columns);
  is([got.cases, got.events, got.n_activities, got.n_variants, got.n_arcs], [4, 9, 3, 4, 5], 'cases, events, activities, variants, arcs');
  is(got.duration_seconds, { mean: 64950, median: 43500, p90: 146880, min: 0, max: 172800 }, 'durations: the median of four is between both middle ones');
  is(got.variants.map((v) => v.activities.join('')), ['0', '00', '012', '021'], 'variants of equal frequency stand by name; equal times in the order of the file');
  is(got.activities[0], { name: 'A', events: 5, cases: 4, starts: 4, ends: 2, self_loops: 1 }, 'an activity');
  const table = bereg(file('hand.csv'), ...columns).stdout;
  like(table, /^cases +4\nevents +9\nactivities +3\nvariants +4\nduration: median +43500 s \(12 h\)\nduration: mean +64950 s/, 'the table begins with the same');
  like(bereg(file('hand.csv'), ...columns, '--top', '2').stdout, /… and 3 more/, '--top cuts the tables and says so');
  is(bereg(file('hand.csv'), ...columns, '--format', 'csv').stdout.split('\r\n').slice(0, 2), ['from,to,count,cases,mean,median,p90,min,max', 'A,A,1,1,172800,172800,172800,172800,172800'], 'arcs as CSV');
});

await part('written times', async () => {
  const second = (written, ...more) => {
    const run = bereg(file('t.csv', `case;activity;time\n1;a;1970-01-01\n1;b;${written}\n`), ...columns, '--format', 'json', ...more);
    return run.status === 0 ? JSON.parse(run.stdout).duration_seconds.max * (JSON.parse(run.stdout).arcs[0].from === 'a' ? 1 : -1) : run.status;
  };
  const good = [['2011-10-01T00:38:44.546+02:00', 1317422324.546], ['2011-10-01T00:38:44Z', 1317429524], ['2011-10-01 00:38:44', 1317429524], ['2011/10/01 00:38:44.546', 1317429524.546],
    ['2011-10-01 00:38:44,546', 1317429524.546], ['2011-10-01T00:38:44.123456789+0000', 1317429524.123456], ['2011-10-01 00:38', 1317429480], ['01.10.2011 00:38', 1317429480], ['1.10.2011 0:38:44', 1317429524],
    ['20111001T003844', 1], ['20111001', 1317427200], ['2011-10-01T00:38:44-03', 1317440324], ['2011-10-01 00:38:44 UTC', 1317429524], ['2011-10-01 00:38:44 +05:30', 1317409724],
    ['1969-12-31 23:00:00', -3600], ['1066-10-14', -28502755200], ['2400-02-29', 13574563200]];
  for (const [written, seconds] of good) is(second(written), seconds, `time ${written}`);
  for (const written of ['2011-02-29', '2011-13-01', '2011-10-01 24:00', '2011-10-01 12:60', '10/01/2011', 'yesterday', '2011-10-01 12:00 MSK', '2011-10-01T', '2011-10-01 12:00:00.', '0000-01-01', '1317429524', '2011-10-01 00:38:44+25:00'])
    is(second(written), 1, `no time: ${written}`);
  is(second('10/01/2011 12:38:44 AM', '--time-format', '%m/%d/%Y %I:%M:%S %p'), 1, 'a format is for all lines');
  const us = (text, format) => json(file('f.csv', `case,activity,time\n1,a,${text}\n1,b,${text}\n`), ...columns, '--time-format', format).events;
  is([us('10/31/2011 12:38:44 AM', '%m/%d/%Y %H:%M:%S %p'), us('31-Oct-11 00.38.44.5', '%d-%b-%y %H.%M.%S.%f')], [2, 2], 'formats of their own');
});

await part('files of all kinds', async () => {
  const rows = 'Дело;Действие;Стадия;Дата\r\n1;Принято;начато;01.02.2020 10:00\r\n1;"Отказ; возврат";;02.02.2020 10:00\r\n';
  const cp1251 = Buffer.from([...rows].map((c) => { const u = c.codePointAt(0); return u < 128 ? u : u - 0x410 + 0xc0; }));
  const args = ['--case', 'ДЕЛО', '--activity', 'действие', '--activity', 'Стадия', '--time', ' Дата '];
  const wanted = ['Отказ; возврат+', 'Принято+начато'];
  for (const [name, bytes] of [['Windows-1251', cp1251], ['UTF-8 with its mark', Buffer.from(`\ufeff${rows}`)], ['UTF-16', Buffer.from(`\ufeff${rows}`, 'utf16le')], ['tabs', Buffer.from(rows.replaceAll('"Отказ; возврат"', 'Отказ, возврат').replaceAll(';', '\t').replace('Отказ,', 'Отказ;'))]])
    is(json(file('kind.csv', bytes), ...args).activities.map((a) => a.name), wanted, `${name}, columns by their folded headings, activities of two columns`);
  is(json(file('pipe.csv', 'a|case|activity|time\n,;|1|x|2020-01-01\n'), ...columns, '--separator', '|').events, 1, '--separator');
  is(json(file('quotes.csv', 'case,activity,time\n1,"two\nlines, ""quoted""",2020-01-01\n'), ...columns).activities[0].name, 'two\nlines, "quoted"', 'quotes, line ends in them');
});

await part('bad logs', async () => {
  const told = (status, pattern, name, bytes, ...more) => {
    const run = bereg(typeof bytes === 'string' && bytes.startsWith(tmp) ? bytes : file('bad.csv', bytes), ...columns, ...more);
    ok(run.status === status && pattern.test(run.stderr) && (status === 0 || !run.stdout), name, `${run.status} ${run.stderr} ${run.stdout.slice(0, 300)}`);
    return run;
  };
  const head = 'case,activity,time\n';
  told(1, /cannot be read/, 'no file', path.join(tmp, 'none.csv'));
  told(1, /the file is empty/, 'an empty file', '');
  told(1, /headings but no rows/, 'no rows', head);
  told(1, /no column "activity"; its columns: case, action, time/, 'a missing column', 'case,action,time\n1,a,2020-01-01\n');
  const several = `${head}1,a,2020-01-01\n,b,2020-01-01\n1,,2020-01-01\n1,d,\n1,e,2020-02-30\n1,f\0,2020-01-01\n1,"g,2020-01-01\n2,h,2020-01-02\n`;
  const named = told(1, /6 of 8 lines are wrong; --skip-bad/, 'wrong lines end the work', several).stderr;
  is([...named.matchAll(/line (\d+): ([^\n]*)/g)].map((m) => `${m[1]} ${m[2]}`), ['3 the row names no case', '4 the row names no activity', '5 the row has no time',
    '6 this is no time that can be read (--time-format helps): "2020-02-30"', '7 The row holds a zero byte', '8 A quote that is opened here is not closed'], 'each is named with its number and what is wrong');
  const left = told(0, /6 of 8 lines are left out/, '--skip-bad leaves them out', several, '--skip-bad', '--format', 'json');
  is([JSON.parse(left.stdout).events, JSON.parse(left.stdout).left_out], [2, 6], 'and counts them');
  like(told(1, /40 of 40 lines are wrong/, 'many wrong lines', head + '1,a,x\n'.repeat(40)).stderr, /and 30 lines more/, 'of many the first ten are named');
  told(1, /no line that can be read/, 'nothing but wrong lines', `${head}1,a,x\n`, '--skip-bad');
  told(1, /ends before it begins/, 'an end before its beginning', 'case,activity,time,end\n1,a,2020-01-02,2020-01-01\n', '--end', 'end');
  told(1, /no case of .* begins in these days/, 'a period without cases', `${head}1,a,2020-01-02\n`, '--from', '2021-01-01');
  told(1, /PDF/, 'another kind of file', '%PDF-1.4 x');
  told(1, /would overwrite/, 'the log itself as the output', file('own.csv', `${head}1,a,2020-01-02\n`), '--out', file('own.csv'));
  for (const [pattern, ...args] of [[/--time is missing/, 'x.csv', '--case', 'c', '--activity', 'a'], [/no format "pdf"/, 'x.csv', ...columns, '--format', 'pdf'], [/shares from 0 to 1/, 'x.csv', ...columns, '--arcs', '80'],
    [/is no format of times/, 'x.csv', ...columns, '--time-format', '%H'], [/separates no columns/, 'x.csv', ...columns, '--separator', 'x'], [/one file/, ...columns], [/are dates/, 'x.csv', ...columns, '--from', 'May']]) {
    const run = bereg(...args);
    ok(run.status === 2 && pattern.test(run.stderr), `wrong usage: ${pattern.source}`, run.stderr);
  }
});

await part('the map', async () => {
  const { head, rows } = loanLog(3, 1500, 30000);
  const log = file('loans.csv', logToCsv(rows, head));
  const args = [log, '--case', head[0], '--activity', head[1], '--time', head[2]];
  const got = json(...args);
  is(difference(got, figuresOf(rows.map((r) => [String(r[0]), r[1], Date.parse(r[2])]))), null, '30,000 events as defined');
  is(cutOff(got), [], 'each activity of the map is on a way from start to end');
  const shown = got.arcs.filter((a) => a.on_map).length;
  ok(shown > 20 && shown < got.n_arcs, 'the map shows a part of the arcs', [shown, got.n_arcs]);
  const svg = bereg(...args, '--format', 'svg').stdout;
  like(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*<style>[^]*b-graph__edge--w6[^]*<\/svg>\n$/, 'a drawing that stands alone');
  is((svg.match(/b-graph__head/g) ?? []).length - 1, shown + got.activities.filter((a) => a.starts).length + (svg.match(/>end</) ? (bereg(...args, '--format', 'dot').stdout.match(/ -> n34 /g) ?? []).length : 0), 'an arrow for each arc that is shown');
  const dot = bereg(...args, '--format', 'dot').stdout;
  like(dot, /^digraph process \{[^]*label="submitted\\n1500"[^]*penwidth=6\.0[^]*\}\n$/, 'dot for graphviz');
  const few = json(...args, '--activities', '0', '--arcs', '0');
  ok(few.arcs.filter((a) => a.on_map).length < shown, 'smaller shares show less');
  const out = file('map.svg');
  is([bereg(...args, '--format', 'svg', '--out', out).status, fs.readFileSync(out, 'utf8'), fs.existsSync(`${out}.part`)], [0, svg, false], '--out');
  const evil = file('evil.csv', 'case,activity,time\n1,"<script>""&\\",2020-01-01\n1,b,2020-01-02\n');
  like(bereg(evil, ...columns, '--format', 'svg').stdout, /&lt;script&gt;&quot;&amp;/, 'names are text in the drawing');
  like(bereg(evil, ...columns, '--format', 'dot').stdout, /"<script>\\"&\\\\\\n1"/, 'and in dot');
});

await part('long cases', async () => {
  const minute = (i) => new Date(1300000000000 + i * 60000).toISOString();
  const one = (n, activity) => logToCsv(Array.from({ length: n }, (_, i) => ['x', activity(i), minute(i)]));
  const long = json(file('long.csv', one(5000, (i) => `a${i % 7}`)), ...columns);
  is([long.cases, long.events, long.n_variants, long.duration_seconds.max], [1, 5000, 1, 4999 * 60], 'a case of 5,000 events');
  const began = Date.now();
  const million = json(file('million.csv', one(1000000, (i) => `a${(i * i) % 11}`)), ...columns);
  note(`1,000,000 events of one case: ${Date.now() - began} ms`);
  is([million.events, million.cases, million.variants[0].activities.length], [1000000, 1, 1000000], 'a case of 1,000,000 events');
  fs.rmSync(file('million.csv'));
  const names = bereg(file('names.csv', one(20000, (i) => `name ${i}`)), ...columns, '--format', 'svg');
  ok(names.status === 1 && /nothing to be drawn/.test(names.stderr), 'no map of 20,000 activities in a row, and no hanging', names.stderr);
  const deep = json(file('names.csv'), ...columns);
  is([deep.n_activities, deep.n_arcs], [20000, 19999], 'but its figures');
});

like(execFileSync(process.env.BEREG, ['process', '--help'], { encoding: 'utf8' }), /variant[^]*Median/, '--help defines the figures');
fs.rmSync(tmp, { recursive: true });
finish();
