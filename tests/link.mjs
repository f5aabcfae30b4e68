// bereg link: persons with truth by several seeds, twins and generations kept apart, bad tables, and the public data sets when they
// are there (BEREG_LINKAGE, or a folder data/linkage beside the house).
//   BEREG=… BEREG_TMP=… node tests/link.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { columns, namesakesWithTruth, personsWithTruth, random, toCsv } from './lib/persons_truth.mjs';
import { finish, is, like, note, ok, part, skip } from './lib/tap.mjs';

const tmp = fs.mkdtempSync(path.join(process.env.BEREG_TMP ?? '/tmp', 'link-'));
const file = (name, bytes) => {
  const at = path.join(tmp, name);
  if (bytes !== undefined) fs.writeFileSync(at, bytes);
  return at;
};
const bereg = (...args) => spawnSync(process.env.BEREG, ['link', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
const fields = (list) => list.flatMap((f) => ['--field', f]);
const ownFields = fields(columns.slice(2).map((c) => `${c}=${c}`));

function pairsOf(text) {
  const lines = text.split('\n');
  return { head: lines[0], pairs: lines.slice(1, -1).map((l) => l.split(',')) };
}

// Runs bereg link and weighs its pairs against the truth.
function judge(args, truthOf, wanted) {
  const out = file('pairs.csv');
  const run = bereg(...args, '--out', out);
  if (run.status !== 0) throw new Error(run.stderr);
  const { head, pairs } = pairsOf(fs.readFileSync(out, 'utf8'));
  const right = pairs.filter(([a, b]) => truthOf(a) === truthOf(b)).length;
  const precision = right / Math.max(1, pairs.length);
  const recall = right / wanted;
  return { head, pairs, precision, recall, f1: (2 * right) / (pairs.length + wanted), stderr: run.stderr };
}
const pairsIn = (list) => {
  const count = new Map();
  for (const x of list) count.set(x, (count.get(x) ?? 0) + 1);
  return [...count.values()].reduce((s, n) => s + (n * (n - 1)) / 2, 0);
};
const figures = (j) => `precision ${j.precision.toFixed(4)}, recall ${j.recall.toFixed(4)}, F1 ${j.f1.toFixed(4)}`;

for (const seed of [11, 12, 13]) {
  await part(`persons of seed ${seed}`, async () => {
    const { rows, apart } = personsWithTruth(seed, 1500);
    const truth = new Map(rows.map((r) => [r.id, r.truth]));
    const j = judge([file('persons.csv', toCsv(rows)), '--id', 'id', ...ownFields], (id) => truth.get(id), pairsIn([...truth.values()]));
    is(j.head, 'id_a,id_b,weight', 'the heading is as promised');
    note(`seed ${seed}: ${rows.length} rows, ${figures(j)}`);
    ok(j.precision >= 0.98 && j.recall >= 0.95, 'precision of .98 at a recall of .95', figures(j));
    const joined = j.pairs.filter(([a, b]) => truth.get(a) !== truth.get(b) && apart.get(truth.get(a)) && apart.get(truth.get(a)) === apart.get(truth.get(b)));
    ok(apart.size > 40, 'there are twins, fathers and sons of one name', apart.size);
    is(joined, [], 'twins, father and son are never joined');
    is(new Set(j.pairs.map(([a, b]) => [a, b].sort().join())).size, j.pairs.length, 'each pair is given once');
    like(j.stderr, /family_name \(surname\): the same \+\d/, 'the model is summed up');
  });
}

await part('two tables', async () => {
  const { rows } = personsWithTruth(21, 1200);
  const r = random(5);
  const [a, b] = [[], []];
  for (const row of rows) (r() < 0.5 ? a : b).push(row);
  b.forEach((row, i) => { row.id = `b${i}`; });
  const truth = new Map(rows.map((row) => [row.id, row.truth]));
  const wanted = pairsIn(rows.map((x) => x.truth)) - pairsIn(a.map((x) => x.truth)) - pairsIn(b.map((x) => x.truth));
  const j = judge([file('a.csv', toCsv(a)), file('b.csv', toCsv(b)), '--id', 'id', ...ownFields], (id) => truth.get(id), wanted);
  note(`two tables: ${figures(j)}`);
  ok(j.precision >= 0.98 && j.recall >= 0.95, 'two tables are linked as well as one', figures(j));
  ok(j.pairs.every(([x, y]) => x.startsWith('r') && y.startsWith('b')), 'id_a is of the first table, id_b of the second');
  const again = judge([file('a.csv'), file('b.csv'), '--id', 'id', ...ownFields], (id) => truth.get(id), wanted);
  is(again.pairs, j.pairs, 'the same tables give the same pairs');
});

await part('more namesakes than persons written twice', async () => {
  const sets = [[1500, { families: 20, names: 10, fathers: 7, spoilt: 0 }], [3000, { families: 20, names: 10, fathers: 7, spoilt: 0.02 }]];
  for (const [persons, few] of sets) {
    const rows = namesakesWithTruth(41, persons, few);
    const truth = new Map(rows.map((row) => [row.id, row.truth]));
    const j = judge([file('few.csv', toCsv(rows)), '--id', 'id', ...fields(['family_name', 'given_name', 'patronymic', 'birth_date'].map((c) => `${c}=${c}`))],
      (id) => truth.get(id), pairsIn([...truth.values()]));
    const name = `${persons} persons of ${few.families} × ${few.names} × ${few.fathers} names`;
    note(`${name}: ${figures(j)}`);
    ok(j.precision >= 0.93 && j.recall >= 0.95, `${name}: namesakes are not learnt as one person`, figures(j));
  }
});

await part('half the rows are the same person', async () => {
  const { rows } = personsWithTruth(31, 400);
  const r = random(7);
  const same = { family_name: 'Кравченко', given_name: 'Василий', patronymic: 'Степанович', birth_date: '1961-03-07', sex: 'м', snils: '', iin: '', phone: '+79131234567', address: '' };
  const all = rows.flatMap((row, i) => [row, {
    ...same, id: `s${i}`, truth: 'same', phone: r() < 0.3 ? '' : same.phone, given_name: r() < 0.1 ? 'Вася' : same.given_name,
    birth_date: r() < 0.1 ? '1961-07-03' : same.birth_date, family_name: r() < 0.1 ? 'Кравчинко' : same.family_name,
  }]);
  const truth = new Map(all.map((row) => [row.id, row.truth]));
  const began = process.hrtime.bigint();
  const j = judge([file('half.csv', toCsv(all)), '--id', 'id', ...ownFields], (id) => truth.get(id), pairsIn([...truth.values()]));
  note(`half the same: ${j.pairs.length} pairs in ${Number((process.hrtime.bigint() - began) / 1000000n)} ms, ${figures(j)}`);
  ok(j.f1 >= 0.99, 'one person in half of the rows', figures(j));
  const others = j.pairs.filter(([a, b]) => truth.get(a) !== 'same' && truth.get(b) !== 'same');
  const right = others.filter(([a, b]) => truth.get(a) === truth.get(b)).length;
  ok(right / pairsIn(rows.map((x) => x.truth)) >= 0.93 && right / others.length >= 0.98, 'and the others are found as without it', [right, others.length]);
});

await part('few rows, offices\' files', async () => {
  const names = 'ФИО;Дата;N\r\nИванов Иван Иванович;02.01.1980;1\r\nИВАНОВ И.И.;02.01.1980;2\r\nИван Иванович Иванов ;1980;3\r\nПетров Олег;03.04.1970;4\r\n';
  const bytes = Buffer.from([...names].map((c) => {
    const u = c.codePointAt(0);
    return u < 128 ? u : u - 0x410 + 0xc0;
  }));
  const run = bereg(file('office.csv', bytes), '--id', 'N', '--field', 'name=ФИО', '--field', 'birth_date=Дата');
  is(pairsOf(run.stdout).pairs.map(([a, b]) => `${a}-${b}`), ['1-2', '1-3', '2-3'], 'Windows-1251, semicolons, names in one column in any order, initials');
  const odd = 'id,family_name,given_name,patronymic,birth_date\n1,😀,-,,\n2,😀,-,,\n3,И,И,И,\n4,"  ",,,\n5,Cидopoв,Олег,Ильич,1975-05-05\n6,Сидоров,Олег,Ильич,05.05.1975\n7,Cbljhjd,Олег,,1975-05-05\n';
  const strange = bereg(file('odd.csv', odd), '--id', 'id', ...fields(['family_name=family_name', 'given_name=given_name', 'patronymic=patronymic', 'birth_date=birth_date']));
  is(pairsOf(strange.stdout).pairs.map(([a, b]) => `${a}-${b}`), ['5-6', '5-7', '6-7'], 'look-alike letters and another layout; signs, blanks and single letters join nobody');
  const alone = bereg(file('one.csv', '\ufeffid , a\n7, x\n'), '--id', 'id', '--field', 'text:a=a');
  is([alone.status, alone.stdout], [0, 'id_a,id_b,weight\n'], 'one row has no pair');
});

await part('rows that say nothing', async () => {
  const many = Array.from({ length: 150000 }, (_, i) => `${i},${i % 2 ? '' : 'Иванов'},\n`).join('');
  const began = process.hrtime.bigint();
  const run = bereg(file('blank.csv', `id,a,b\n${many}`), '--id', 'id', '--field', 'family_name=a', '--field', 'given_name=b');
  const ms = Number((process.hrtime.bigint() - began) / 1000000n);
  is([run.status, run.stdout], [0, 'id_a,id_b,weight\n'], 'blank rows, and rows of one surname, are joined with nobody');
  ok(ms < 8000, 'and cost no time of their pairs', ms);
});

await part('what is refused', async () => {
  const good = file('good.csv', 'id,name,born\n1,Иванов,1980-01-02\n2,Петров,1981-02-03\n');
  const told = (status, pattern, args, name) => {
    const run = bereg(...args);
    ok(run.status === status && pattern.test(run.stderr) && !run.stdout, name, `${run.status} ${run.stderr} ${run.stdout}`);
  };
  told(1, /cannot be read/, [file('none.csv'), '--id', 'id', '--field', 'text:a=a'], 'a file that is not there');
  told(1, /the file is empty/, [file('empty.csv', ''), '--id', 'id', '--field', 'text:a=a'], 'an empty file');
  told(1, /no rows/, [file('head.csv', 'id,a\n'), '--id', 'id', '--field', 'text:a=a'], 'headings without rows');
  told(1, /PDF/, [file('x.csv', '%PDF-1.4 not a table'), '--id', 'id', '--field', 'text:a=a'], 'another kind of file');
  const long = 'слово '.repeat(20000);
  told(1, /line 2: A cell is longer than 100,000 bytes/, [file('long.csv', `id,a\n1,"${long}"\n2,x\n`), '--id', 'id', '--field', 'text:a=a'], 'a cell in quotes that is too long');
  told(1, /line 2: A quote that is opened here is not closed/, [file('open.csv', `id,a\n1,"${long}\n2,x\n`), '--id', 'id', '--field', 'text:a=a'], 'a long cell whose quote is not closed');
  told(1, /no column "surname"; its columns: id, name, born/, [good, '--id', 'id', '--field', 'family_name=surname'], 'a column that is not there');
  told(1, /no column "number"/, [good, '--id', 'number', '--field', 'family_name=name'], 'an id column that is not there');
  told(1, /names two rows, in lines 2 and 4/, [file('twice.csv', 'id,a\n1,x\n2,y\n1,z\n'), '--id', 'id', '--field', 'text:a=a'], 'an id that names two rows');
  told(1, /line 3: the row has no id/, [file('noid.csv', 'id,a\n1,x\n,y\n'), '--id', 'id', '--field', 'text:a=a'], 'a row without an id');
  told(1, /holds no dates like %d\.%m\.%Y: "1980-01-02" \(line 2\)/, [good, '--id', 'id', '--field', 'birth_date=born:%d.%m.%Y'], 'dates of another format');
  told(2, /a format of dates is made of/, [good, '--id', 'id', '--field', 'birth_date=born:%q'], 'a format that is none');
  told(2, /there is no field "born"/, [good, '--id', 'id', '--field', 'born=born'], 'a field that the register has not');
  told(2, /--id COLUMN is missing/, [good, '--field', 'family_name=name'], 'no id');
  told(2, /--field is missing/, [good, '--id', 'id'], 'no field');
  told(2, /one table or two/, ['--id', 'id', '--field', 'family_name=name'], 'no table');
  told(1, /cannot be written/, [good, '--id', 'id', '--field', 'family_name=name', '--out', path.join(tmp, 'no', 'folder')], 'a place where nothing can be written');
  const table = fs.readFileSync(good, 'utf8');
  fs.symlinkSync(good, path.join(tmp, 'also.csv'));
  for (const out of [good, path.join(tmp, 'also.csv'), path.join(tmp, '.', 'good.csv')])
    told(1, /would overwrite the table/, [good, '--id', 'id', '--field', 'family_name=name', '--out', out], `pairs over the table itself: ${path.basename(out)}`);
  is(fs.readFileSync(good, 'utf8'), table, 'the table stands as it was');
  const kept = file('kept.csv', 'pairs of yesterday\n');
  told(1, /no rows/, [file('head.csv'), '--id', 'id', '--field', 'text:a=a', '--out', kept], 'a table without rows');
  is(fs.readFileSync(kept, 'utf8'), 'pairs of yesterday\n', 'and what was written before stands');
  const full = bereg(good, '--id', 'id', '--field', 'family_name=name', '--out', kept);
  is([full.status, fs.readFileSync(kept, 'utf8'), fs.existsSync(`${kept}.part`)], [0, 'id_a,id_b,weight\n', false], 'it is replaced when the new is whole');
  is(bereg(good, '--id', 'id', '--field', 'family_name=name', '--out', '/dev/null').status, 0, 'a device is written as it is');
  if (fs.existsSync('/dev/full')) told(1, /cannot be written/, [good, '--id', 'id', '--field', 'family_name=name', '--out', '/dev/full'], 'a full disk');
  like(execFileSync(process.env.BEREG, ['link', '--help'], { encoding: 'utf8' }), /family_name[^]*text:/, '--help names the fields');
});

const sets = process.env.BEREG_LINKAGE ?? ['../shared/data/linkage', '../../shared/data/linkage'].find((d) => fs.existsSync(d));
const febrl = ['given_name=given_name', 'family_name=surname', 'text:street_number=street_number', 'text:address_1=address_1', 'text:address_2=address_2',
  'text:suburb=suburb', 'text:postcode=postcode', 'text:state=state', 'birth_date=date_of_birth:%Y%m%d', 'text:soc_sec_id=soc_sec_id'];
const table = (name) => fs.readFileSync(path.join(sets, name), 'utf8').trim().split('\n').slice(1).map((l) => l.split(',').map((c) => c.trim()));
await part('public sets', async () => {
  const goals = { 'dataset1.csv': 0.99, 'dataset2.csv': 0.99, 'dataset3.csv': 0.996 };
  for (const [name, goal] of Object.entries(goals)) {
    if (!sets) { skip(`${name}: F1 of ${goal}`, 'the set is not here'); continue; }
    const who = (id) => id.split('-')[1];
    const j = judge([path.join(sets, name), '--id', 'rec_id', ...fields(febrl)], who, pairsIn(table(name).map((r) => who(r[0]))));
    note(`${name}: ${figures(j)}`);
    ok(j.f1 >= goal, `${name}: F1 of ${goal}`, figures(j));
  }
  if (!sets) { skip('fake_1000.csv: F1 of 0.86', 'the set is not here'); return; }
  const truth = new Map(table('fake_1000.csv').map((r) => [r[0], r.at(-1)]));
  const j = judge([path.join(sets, 'fake_1000.csv'), '--id', 'unique_id',
    ...fields(['given_name=first_name', 'family_name=surname', 'birth_date=dob', 'text:city=city', 'text:email=email'])], (id) => truth.get(id), pairsIn([...truth.values()]));
  note(`fake_1000.csv: ${figures(j)}`);
  ok(j.f1 >= 0.86, 'fake_1000.csv: F1 of 0.86', figures(j));
});

fs.rmSync(tmp, { recursive: true });
finish();
