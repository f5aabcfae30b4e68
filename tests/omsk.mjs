// The Omsk paper as the check of the half-year table: its figures are taken apart into persons and services, brought in by
// the ordinary imports among much that must not count, and the report has to give them back.
//
// Paper: 478 against 67 sentenced without isolation, 630 against 210 released, 838 against 1,025 homeless, first halves of
// 2014 and 2013. What is expected is counted here, from the files, by a rule of its own: a person counts in a half-year and
// category when a service has its date inside it and the category stood on that date; once per category, once in the total.
import fs from 'node:fs';
import path from 'node:path';
import { Register, tmpDir, parseCsv } from './lib/server.mjs';
import { sheetRows } from './lib/client.mjs';
import { ok, is, part, finish, note } from './lib/tap.mjs';
import { csv, dmy, isoDay, person, PERSON_HEAD, newKey } from './lib/import-files.mjs';

const PAPER = {
  sentenced_no_isolation: { 20141: 478, 20131: 67 },
  released: { 20141: 630, 20131: 210 },
  homeless: { 20141: 838, 20131: 1025 },
};
const WORDS = { // as lists write them: the paper's own words, labels, and words of the packs
  sentenced_no_isolation: ['Осуждённые к наказаниям без изоляции от общества', 'осужденные к мерам наказания, не связанным с лишением свободы', 'состоит на учёте УИИ'],
  released: ['Освобождённые из мест лишения свободы', 'освободившиеся из мест лишения свободы', 'Освобождённый'],
  homeless: ['Лица без определённого места жительства и занятий', 'лица без определенного места жительства', 'Без определённого места жительства'],
};
const CHANNELS = [['self', 'Обратился сам'], ['self', 'самостоятельно'], ['referred', 'направление'], ['referred', 'Направлен органом или учреждением'],
  ['found', 'Контингент-Рецидив'], ['found', 'акция «Милосердие»']];
const SERVICES = ['консультативная помощь', 'Консультация психолога', 'восстановление документов', 'восстановление родственных связей', 'оформление пенсии'];

let dice = 20140630;
const below = (n) => { dice = (dice * 1103515245 + 12345) % 2147483648; return Math.floor(dice / 65536) % n; };

const half = (iso) => Number(iso.slice(0, 4)) * 10 + (Number(iso.slice(5, 7)) <= 6 ? 1 : 2);
const inside = (year) => isoDay(year, 1 + below(6), 1 + below(28));

const people = [];
function someone(categories, { number = true } = {}) {
  const p = { ...person(100000 + people.length), services: [], categories: [], number };
  for (const code of categories) {
    const [group, channel] = CHANNELS[below(CHANNELS.length)];
    p.categories.push({ code, word: WORDS[code][below(3)], group, channel, since: null, until: null });
  }
  people.push(p);
  return p;
}
const serve = (p, day, { body = 0, kind = below(SERVICES.length), again = false } = {}) => {
  if (!again && p.services.some((s) => s.day === day && s.kind === kind && s.body === body)) return;
  p.services.push({ day, kind, body });
};
const served = (p, year) => { for (let n = 1 + below(4); n > 0; n -= 1) serve(p, inside(year)); };

// Persons behind the figures.
function fill() {
  const left = structuredClone(PAPER);
  const take = (p) => { for (const c of p.categories) for (const h of new Set(p.services.map((s) => half(s.day)))) if (h in left[c.code]) left[c.code][h] -= 1; return p; };
  const many = (n, make) => { for (let i = 0; i < n; i += 1) take(make(i)); };
  // two and three categories: once in each, once in the total
  many(25, () => { const p = someone(['released', 'homeless']); served(p, 2014); return p; });
  many(10, () => { const p = someone(['sentenced_no_isolation', 'homeless']); served(p, 2013); return p; });
  many(5, () => { const p = someone(['sentenced_no_isolation', 'released', 'homeless']); served(p, 2013); served(p, 2014); return p; });
  // the first and the last day of the half-years
  for (const code of Object.keys(PAPER))
    for (const day of ['2013-01-01', '2013-06-30', '2014-01-01', '2014-06-30'])
      many(3, () => { const p = someone([code]); serve(p, day); return p; });
  // both years
  for (const code of Object.keys(PAPER)) many(12, () => { const p = someone([code]); served(p, 2013); served(p, 2014); return p; });
  // the category stood on the day: its last day, its first day
  many(5, () => { const p = someone(['homeless']); serve(p, '2014-02-10'); p.categories[0].until = '2014-02-10'; return p; });
  many(6, () => { const p = someone(['released']); serve(p, '2014-05-01'); p.categories[0].since = '2014-05-01'; return p; });
  // served by another body only
  many(20, () => { const p = someone(['homeless']); serve(p, inside(2014), { body: 1 }); return p; });
  many(20, () => { const p = someone(['homeless']); serve(p, inside(2014), { body: 1 }); serve(p, inside(2014)); return p; });
  // two persons of one name and birth date, told apart by their numbers
  many(6, (i) => {
    const p = someone(['released']);
    if (i % 2) Object.assign(p, { family: people.at(-2).family, given: people.at(-2).given, patronymic: people.at(-2).patronymic, birth: people.at(-2).birth, sex: people.at(-2).sex, twin: true });
    else p.twin = true;
    serve(p, inside(2014));
    return p;
  });
  for (const [code, halves] of Object.entries(left))
    for (const [h, n] of Object.entries(halves)) {
      if (n < 0) throw new Error(`${code} ${h}: too many`);
      for (let i = 0; i < n; i += 1) served(someone([code], { number: i % 4 !== 0 }), Math.floor(h / 10));
    }
}

// What must not count.
function noise() {
  for (const code of Object.keys(PAPER)) {
    for (const day of ['2012-12-31', '2013-07-01', '2013-12-31', '2014-07-01', '2015-03-03']) {
      const p = someone([code]);
      serve(p, day);
    }
    for (let i = 0; i < 5; i += 1) someone([code]); // never served
  }
  for (let i = 0; i < 8; i += 1) { // the category had ended, or had not begun
    const ended = someone(['homeless']);
    serve(ended, '2014-02-11');
    ended.categories[0].until = i % 2 ? '2014-02-10' : '2013-12-31';
    const early = someone(['released']);
    serve(early, i % 2 ? '2014-04-30' : '2014-01-15');
    early.categories[0].since = '2014-05-01';
  }
  // more services of the same persons: other kinds on the same day, other half-years
  for (let i = 0; i < people.length; i += 7) {
    const p = people[i];
    if (!p.services.length || p.categories.some((c) => c.until || c.since)) continue;
    serve(p, p.services[0].day, { kind: (p.services[0].kind + 1) % SERVICES.length });
    serve(p, '2013-10-10');
    serve(p, '2014-11-04');
  }
}

const stood = (c, day) => (!c.since || c.since <= day) && (!c.until || c.until >= day);
function expected() {
  const figures = {};
  const total = {};
  for (const h of [20131, 20141]) {
    const all = new Set();
    for (const code of Object.keys(PAPER)) {
      const f = { all: 0, self: 0, referred: 0, found: 0 };
      for (const p of people) {
        const c = p.categories.find((k) => k.code === code);
        if (!c || !p.services.some((s) => half(s.day) === h && stood(c, s.day))) continue;
        f.all += 1;
        f[c.group] += 1;
        all.add(p);
      }
      (figures[code] ??= {})[h] = f;
    }
    total[h] = all.size;
  }
  return { figures, total };
}

fill();
noise();
const { figures, total } = expected();
for (const [code, halves] of Object.entries(PAPER))
  for (const h of [20131, 20141])
    if (figures[code][h].all !== halves[h]) throw new Error(`the test itself: ${code} ${h} is ${figures[code][h].all}`);

const register = Register.demo({ persons: 60, name: 'omsk' });
const users = register.users();
const head = users.find((u) => u.login === 'head1');
const other = users.find((u) => u.role !== 'ngo_worker' && /social_worker|centre_head|социальн|руководител/i.test(u.role) && u.body !== head.body);
const bodies = [head.body, other.body];
const districts = register.rows('select name from district order by id').map((d) => d.name);
const file = (name, rows, options) => {
  const at = path.join(tmpDir(), `omsk-${process.pid}-${name}.csv`);
  fs.writeFileSync(at, csv(rows, options));
  return at;
};
const counts = (r) => /(\d+) rows: (\d+) new, (\d+) known, (\d+) doubtful, (\d+) faulty/.exec(r.out)?.slice(1).map(Number) ?? [r.out, r.err.slice(-1500)];

await part('import of the persons', async () => {
  const headings = [...PERSON_HEAD, 'Район', 'Категория', 'Канал обращения'];
  const row = (p, c, i) => [p.family, p.given, p.patronymic, dmy(p.birth), p.sex, p.number ? p.snils : '', districts[i % districts.length], c.word, c.channel];
  const plain = people.flatMap((p, i) => p.categories.filter((c) => !c.since).map((c) => row(p, c, i)));
  const more = people.flatMap((p) => p.categories.slice(1)).length;
  const dated = people.flatMap((p, i) => p.categories.filter((c) => c.since).map((c) => [...row(p, c, i), dmy(c.since)]));
  const one = file('persons', [headings, ...plain], { encoding: 'cp1251', sep: ';', eol: '\r\n' });
  const r = register.run(['import', 'persons', one, '--login', 'head1', '--list', 'Омск']);
  is(counts(r), [plain.length, plain.length - more, more, 0, 0], `${plain.length} rows of persons, ${more} of them a further category of somebody above`);
  const two = file('dated', [[...headings, 'Дата постановки на учёт'], ...dated], { bom: true });
  is(counts(register.run(['import', 'persons', two, '--login', 'head1', '--list', 'Омск'])), [dated.length, dated.length, 0, 0, 0], 'persons whose category begins on a day');
});

await part('ends of categories', async () => {
  const server = await register.serve();
  const api = server.client({ token: register.token('head1') });
  let done = 0;
  const ended = people.filter((p) => p.categories.some((c) => c.until));
  for (const p of ended) {
    const [row] = register.rows(`select p.id, c.id as category, c.version from person p join person_category c on c.person_id = p.id where p.snils = '${p.snils.replace(/\D/g, '')}'`);
    const a = await api.postJson(`/api/v1/persons/${row.id}/categories/${row.category}/end`,
      { until: dmy(p.categories[0].until), version: row.version }, { headers: { 'idempotency-key': newKey() } });
    if (a.status === 201 || a.status === 200) done += 1;
    else note(`${a.status} ${a.text.slice(0, 300)}`);
  }
  is(done, ended.length, 'categories end on their last day');
  await server.stop();
});

await part('import of the services', async () => {
  for (const body of [0, 1]) {
    const rows = people.flatMap((p) => p.services.filter((s) => s.body === body).map((s) => ({ p, s })));
    const byNumber = rows.filter(({ p }, i) => p.number && (p.twin || i % 2));
    const byName = rows.filter((r) => !byNumber.includes(r));
    const one = file(`services-${body}`, [['СНИЛС', 'Услуга', 'Дата оказания', 'Учреждение'],
      ...byNumber.map(({ p, s }) => [p.snils, SERVICES[s.kind], dmy(s.day), bodies[body]])], { sep: ';', encoding: 'cp1251' });
    const two = file(`named-${body}`, [['Дата оказания', 'Учреждение', 'Фамилия', 'Имя', 'Отчество', 'Дата рождения', 'Услуга'],
      ...byName.map(({ p, s }) => [dmy(s.day), bodies[body], p.family, p.given, p.patronymic, dmy(p.birth), SERVICES[s.kind]])], { bom: true });
    const login = body ? other.login : 'head1';
    for (const [f, n] of [[one, byNumber.length], [two, byName.length]]) {
      const r = register.run(['import', 'services', f, '--login', login]);
      is(counts(r), [n, n, 0, 0, 0], `${n} services of ${login}`);
      is(counts(register.run(['import', 'services', f, '--login', login])), [n, 0, n, 0, 0], 'the same file again: all known');
    }
  }
  const n = people.reduce((s, p) => s + p.services.length, 0);
  is(register.rows(`select count(*) as n from service where day < '2016-01-01'`)[0].n, n, `${n} services stand in the register`);
});

const NAME = 'clients-by-category';
const arguments_ = ['report', NAME, '--period', '2014-H1', '--against', '2013-H1'];

function compare(rows, totals, how) {
  for (const code of Object.keys(PAPER)) {
    const row = rows.find((r) => r.category === code) ?? {};
    is([Number(row.now), Number(row.before)], [PAPER[code][20141], PAPER[code][20131]], `${how}: ${code}, ${PAPER[code][20141]} against ${PAPER[code][20131]}`);
    const now = figures[code][20141];
    const before = figures[code][20131];
    is([row.self, row.referred, row.found, row.self_before, row.referred_before, row.found_before].map(Number),
      [now.self, now.referred, now.found, before.self, before.referred, before.found], `${how}: ${code} by channel`);
  }
  is([Number(totals?.now), Number(totals?.before)], [total[20141], total[20131]], `${how}: persons in all, each once`);
}

await part('the command', async () => {
  const r = register.run([...arguments_, '--format', 'json', '--login', 'analyst']);
  if (!ok(r.status === 0, 'bereg report as the analyst', r.err.slice(-2000))) return;
  const j = JSON.parse(r.out);
  compare(j.rows, j.total, 'json');
  is([j.period, j.against], ['2014-H1', '2013-H1'], 'json: the two half-years');
  const released = j.rows.find((x) => x.category === 'released');
  is([released.difference, released.ratio], [420, '3.0'], 'json: three times as many, as the paper says');
  const others = j.rows.filter((x) => !(x.category in PAPER));
  ok(others.length > 0 && others.every((x) => x.now === 0 && x.before === 0), 'json: other categories are nought', JSON.stringify(others));

  const head1 = register.run([...arguments_, '--format', 'json', '--login', 'head1']);
  is(JSON.parse(head1.out).total, j.total, 'the head of a centre reads the same totals');
  const text = register.run([...arguments_, '--format', 'csv', '--login', 'analyst']);
  const lines = parseCsv(text.out, text.out.split('\n')[0].includes(';') ? ';' : ',');
  for (const code of Object.keys(PAPER)) {
    const line = lines.find((l) => Object.values(l).includes(code) || Object.values(l).includes(WORDS[code][0]));
    ok(line && Object.values(line).includes(String(PAPER[code][20141])) && Object.values(line).includes(String(PAPER[code][20131])),
      `csv: ${code}`, JSON.stringify(line ?? lines));
  }
  const table = register.run([...arguments_, '--format', 'table', '--login', 'analyst']);
  for (const code of Object.keys(PAPER))
    ok(new RegExp(`\\D${PAPER[code][20141]}\\D+${PAPER[code][20131]}\\D`).test(table.out.replace(/[\u00a0\u202f](?=\d{3})/g, '')), `table: ${code}`, table.out);
  const twice = register.run([...arguments_.slice(0, 4), '--format', 'json', '--login', 'analyst']);
  is(JSON.parse(twice.out).total, j.total, 'without --against: the same half-year before');
  is(register.run([...arguments_, '--login', 'penal1', '--format', 'jsonp']).status, 1, 'an unknown format is refused');
  is(register.run(['report', NAME, '--period', '2014-H3', '--login', 'analyst']).status, 1, 'a third half-year is refused');
  is(register.run(['report', 'nothing', '--period', '2014-H1', '--login', 'analyst']).status, 1, 'an unknown report is refused');
  is(register.run(['report', NAME, '--login', 'analyst']).status, 2, 'no period is wrong usage');
  is(register.run([...arguments_, '--login', 'admin1']).status, 1, 'who may not read reports is refused');
});

await part('page, API, and the list behind a figure', async () => {
  const server = await register.serve();
  const analyst = server.client({ token: register.token('analyst') });
  const head1 = server.client({ token: register.token('head1') });
  const query = 'period=2014-H1&against=2013-H1';
  const a = await analyst.get(`/api/v1/reports/${NAME}?${query}`);
  is(a.status, 200, 'the API as the analyst');
  compare(a.json.rows ?? a.json.items, a.json.total, 'api');
  const x = await analyst.get(`/reports/${NAME}?${query}&format=xlsx`);
  is(x.status, 200, 'XLSX is given');
  const cells = sheetRows(x.bytes).map((r) => r.map((c) => c?.text ?? ''));
  for (const code of Object.keys(PAPER)) {
    const line = cells.find((r) => r.includes(WORDS[code][0]) || r.includes(code)) ?? [];
    ok(line.includes(String(PAPER[code][20141])) && line.includes(String(PAPER[code][20131])), `xlsx: ${code}`, JSON.stringify(line));
  }
  const c = await analyst.get(`/api/v1/reports/${NAME}?${query}&format=csv`);
  ok(c.status === 200 && c.text.includes('478') && c.text.includes('1025'), 'CSV is given', c.text.slice(0, 800));

  const page = await server.client();
  await page.signIn('analyst');
  const html = await page.get(`/reports/${NAME}?${query}`);
  for (const n of ['478', '67', '630', '210', '838', '1025'])
    ok(html.main.replace(/[\u00a0\u202f]/g, '').match(new RegExp(`>\\s*${n}\\s*<`)), `page: ${n}`);
  ok(!html.links.some((l) => /\/persons\/\d/.test(l)), 'the analyst has no way to persons', html.links.join('\n'));
  const behind = await analyst.get(`/api/v1/reports/${NAME}/persons?period=2014-H1&category=released`);
  ok(behind.status === 200 && !/family_name":"/.test(behind.text), 'the list behind a figure has no names for the analyst', behind.text.slice(0, 500));

  const sheet = await head1.get(`/reports/${NAME}?${query}`);
  ok(sheet.links.some((l) => /persons\?/.test(l)), 'the head of a centre has links to the lists behind the figures');
  for (const [code, halves] of [...Object.entries(PAPER), ['', total]])
    for (const [period, h] of [['2014-H1', 20141], ['2013-H1', 20131]])
      for (const channel of h === 20141 ? ['', 'self', 'referred', 'found'] : ['']) {
        if (!code && channel) continue;
        const seen = new Set();
        let n = 0;
        let named = 0;
        let after = '';
        do {
          const l = await head1.get(`/api/v1/reports/${NAME}/persons?period=${period}&category=${code}&channel=${channel}&limit=200&after=${encodeURIComponent(after)}`);
          if (l.status !== 200) { note(`${l.status} ${l.text.slice(0, 300)}`); break; }
          n += l.json.items.length;
          for (const i of l.json.items) if (i.id) { seen.add(i.id); named += 1; }
          after = l.json.next ?? '';
        } while (after);
        const wanted = channel ? figures[code][h][channel] : halves[h];
        is([n, named, seen.size], [wanted, wanted, wanted], `list behind ${code || 'the total'} ${period} ${channel}: ${wanted} persons, each once, all with their names`);
      }
  await server.stop();
});

await part('small numbers', async () => {
  const three = [0, 1, 2].map((i) => person(190000 + i));
  const f = file('few', [[...PERSON_HEAD, 'Категория', 'Канал обращения'], ...three.map((p) => [p.family, p.given, p.patronymic, dmy(p.birth), p.sex, p.snils, 'безработные', 'Обратился сам'])]);
  const s = file('few-services', [['СНИЛС', 'Услуга', 'Дата оказания'], ...three.map((p) => [p.snils, 'консультация', '05.05.2014'])]);
  const brought = register.run(['import', 'persons', f, '--login', 'head1', '--list', 'Малые', '--report', `${f}.report`]);
  ok(counts(brought)[1] === 3, 'three persons of another category are brought in', `${counts(brought)} ${fs.readFileSync(`${f}.report`, 'utf8')}`);
  is(counts(register.run(['import', 'services', s, '--login', 'head1'])), [3, 3, 0, 0, 0], 'three persons of another category');
  const analyst = JSON.parse(register.run([...arguments_, '--format', 'json', '--login', 'analyst']).out);
  const head1 = JSON.parse(register.run([...arguments_, '--format', 'json', '--login', 'head1']).out);
  is([head1.rows.find((r) => r.category === 'no_income').now, head1.total.now], [3, total[20141] + 3], 'the head of a centre reads 3');
  const row = analyst.rows.find((r) => r.category === 'no_income');
  is([row.now, row.self], ['<5', '<5'], 'the analyst reads <5');
  const column = [...analyst.rows.filter((r) => r !== row), analyst.total].map((r) => r.self);
  ok(column.some((v) => typeof v !== 'number'), 'a second number of the column is hidden with it', JSON.stringify(column));
  const all = [...analyst.rows.filter((r) => r !== row), analyst.total].map((r) => r.now);
  ok(all.some((v) => typeof v !== 'number'), 'and one of the column of all channels', JSON.stringify(all));
});

await part('a correction reaches the table', async () => {
  const p = people.find((x) => x.number && !x.twin && x.categories.length === 1 && x.categories[0].code === 'released' && !x.services.length);
  const f = file('late', [['СНИЛС', 'Услуга', 'Дата оказания'], [p.snils, 'консультация', '30.06.2014']]);
  is(counts(register.run(['import', 'services', f, '--login', 'head1'])), [1, 1, 0, 0, 0], 'one service entered late');
  const figure = () => JSON.parse(register.run([...arguments_, '--format', 'json', '--login', 'head1']).out).rows.find((r) => r.category === 'released').now;
  is(figure(), 631, 'counts: 631');
  const [{ id }] = register.rows(`select max(id) as id from list_import where kind = 'services'`);
  const server = await register.serve();
  const api = server.client({ token: register.token('head1') });
  const a = await api.postJson(`/api/v1/imports/${id}/cancel`, {}, { headers: { 'idempotency-key': newKey() } });
  ok([200, 201].includes(a.status), 'the list of services is taken back', `${a.status} ${a.text.slice(0, 500)}`);
  for (let i = 0; i < 100 && register.rows(`select state from list_import where id = ${id}`)[0].state !== 'cancelled'; i += 1)
    await new Promise((r) => setTimeout(r, 100));
  await server.stop();
  is(figure(), 630, 'and counts no longer: 630');
});

const check = register.run(['check']);
is([check.status, check.out.trim()], [0, 'The register is whole.'], 'bereg check is clean');
await register.drop();
finish();
