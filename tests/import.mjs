// Lists of persons and services through the page, the API and the command line: as institutions send them, and as nobody should.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/import.mjs [PART]
// BEREG_RELEASE: the program for what is measured (30,000 rows on SQLite, 8,000 on PostgreSQL); without it that part runs on BEREG and measures nothing.
import fs from 'node:fs';
import path from 'node:path';
import { ENGINE, Register, parseCsv, tmpDir } from './lib/server.mjs';
import { unescapeHtml } from './lib/client.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';
import { PERSON_HEAD, csv, cp1251, dmy, isoDay, msgid, multipart, newKey, personRow, persons, rest, snils, upload, word, xlsx, xlsxParts,
  zip } from './lib/import-files.mjs';

const only = process.argv[2];
const section = (name, run) => (!only || name.includes(only) ? part(name, run) : undefined);

const register = Register.demo({ persons: 60, name: 'import' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const penal = client('penal1');
const colleague = client('penal1b');
const stranger = client('penal2');
const social = client('social1');
const users = Object.fromEntries(register.users().map((u) => [u.login, u]));
const district = register.rows('select name from district order by id')[0].name;

// What must not change when nothing should be stored. Staging and the events of imports themselves are not counted in `lasting`.
const LASTING = ['person', 'listing', 'access', 'access_grant', 'person_category', 'service'];
const count = (table, where = '') => `(select count(*) from ${table} ${where}) as ${table.replace(/\W/g, '_')}`;
const lasting = () => register.rows(`select ${LASTING.map((t) => count(t)).join(', ')}, ${count('event', 'where person_id is not null')}`)[0];
const everything = () => register.rows(`select ${[...LASTING, 'event', 'list_import', 'import_row', 'import_column'].map((t) => count(t)).join(', ')}`)[0];
const living = () => register.rows(`select ${['person', 'listing', 'access', 'person_category', 'service'].map((t) => count(t)).join(', ')},
  ${count('access_grant', 'where ended_at is null')}`)[0];

const counts = (i) => [i.rows_total, i.rows_new, i.rows_known, i.rows_doubtful, i.rows_faulty];
const post = (api, id, what, data = {}) => api.postJson(`/api/v1/imports/${id}/${what}`, data, { headers: { 'idempotency-key': newKey() } });
async function apply(api, id) {
  const a = await post(api, id, 'apply');
  if (a.status !== 201 && a.status !== 200) throw new Error(`apply ${id}: ${a.status} ${a.text.slice(0, 500)}`);
  return rest(api, id);
}
async function cancel(api, id) {
  const a = await post(api, id, 'cancel');
  if (a.status !== 201 && a.status !== 200) throw new Error(`cancel ${id}: ${a.status} ${a.text.slice(0, 500)}`);
  return rest(api, id);
}
// Upload, wait for the check; the file itself is read when the answer comes.
async function staged(api, file, options) {
  const a = await upload(api, file, options);
  if (a.status !== 201 || a.json.state === 'parsing') throw new Error(`upload: ${a.status} ${a.text.slice(0, 300)}\n${server.err.slice(-500)}`);
  return rest(api, a.id);
}
async function bring(api, file, options) {
  return apply(api, (await staged(api, file, options)).id);
}
const itemsOf = async (api, id, show) => (await api.get(`/api/v1/imports/${id}?show=${show}&limit=200`)).json.items;
const digits = (s) => s.replace(/\D/g, '');
const byNumber = (p) => register.rows(`select * from person where snils = '${digits(p.snils)}'`);
const rowsOf = (ps) => [PERSON_HEAD, ...ps.map(personRow)];

// ---- as institutions send them ----

await section('kinds of files', async () => {
  const kinds = [
    ['UTF-8, comma', (r) => csv(r)],
    ['UTF-8 with mark, semicolon, CRLF', (r) => csv(r, { bom: true, sep: ';', eol: '\r\n' })],
    ['UTF-8, tab', (r) => csv(r, { sep: '\t' })],
    ['Windows-1251, semicolon, CRLF', (r) => csv(r, { encoding: 'cp1251', sep: ';', eol: '\r\n' })],
    ['Windows-1251, comma', (r) => csv(r, { encoding: 'cp1251' })],
    ['Windows-1251, tab, CRLF', (r) => csv(r, { encoding: 'cp1251', sep: '\t', eol: '\r\n' })],
    ['UTF-16 of “Unicode text”', (r) => csv(r, { encoding: 'utf16le', sep: '\t', eol: '\r\n' })],
    ['old line ends', (r) => csv(r, { eol: '\r' })],
    ['XLSX with shared strings', (r) => xlsx(r), 'список.xlsx'],
    ['XLSX with inline strings, packed', (r) => xlsx(r, { inline: true, deflate: true }), 'список.xlsx'],
    ['XLSX under the name of CSV', (r) => xlsx(r), 'список.csv'],
    ['CSV under the name of XLSX', (r) => csv(r, { sep: ';' }), 'список.xlsx'],
  ];
  for (const [what, make, name = 'список.csv'] of kinds) {
    const ps = persons(3);
    const r = await bring(penal, make(rowsOf(ps)), { name, list: what });
    is(counts(r), [3, 3, 0, 0, 0], `${what}: read`);
    const p = ps[0];
    const [row] = byNumber(p);
    is([row?.family_name, row?.given_name, row?.patronymic, row?.birth_date, row?.sex], [p.family, p.given, p.patronymic, p.birth, p.sex === 'м' ? 'male' : 'female'],
      `${what}: stored as written`);
  }
});

await section('headings and cells', async () => {
  const [a, b, c, d] = persons(4);
  const r = await bring(penal, csv([
    ['№ п/п', 'Номер СНИЛС', 'Канал', 'Д.р.', 'Пол (м/ж)', 'Категория учёта', 'Ф.И.О.', 'Муниципальный район', 'Примечания отдела', 'Тел.', 'Адрес регистрации'],
    ['1', digits(a.snils), 'список УИИ', dmy(a.birth), 'М', 'условно осуждённые', `${a.family} ${a.given} ${a.patronymic}`, district, 'первый; "особый"', '8 (900) 123-45-67', 'ул. Мира, 1'],
    ['2', b.snils, 'Обратился сам', b.birth, 'жен.', 'Освобождённые из мест лишения свободы', `  ${b.family}   ${b.given}  ${b.patronymic} `, '', '', '', ''],
    ['3', c.snils.replaceAll('-', ' '), 'направление', dmy(c.birth).replaceAll('.', '/'), 'муж', 'СОП', `${c.family} ${c.given}`, district.toUpperCase(), '', '', ''],
    ['', '', '', '', '', '', '', '', '', '', ''],
    ['4', '', 'направление', dmy(d.birth), 'женский', 'освобожденный', `${d.family} ${d.given} ${d.patronymic}`, '', '', '+7 900 765-43-21', ''],
  ], { sep: ';' }), { list: 'Заголовки' });
  is(counts(r), [4, 3, 0, 0, 1], 'columns in any order under other headings; a category the role does not record is told');
  const taken = (await penal.get(`/api/v1/imports/${r.id}`)).json.columns.map((x) => x.field);
  is(taken, [null, 'snils', 'channel', 'birth_date', 'sex', 'category', 'full_name', 'district', null, 'phone', 'address'], 'each column is taken for what it is');
  const [row] = byNumber(a);
  is([row.family_name, row.given_name, row.patronymic, row.phone, row.address, row.sex], [a.family, a.given, a.patronymic, '+79001234567', 'ул. Мира, 1', 'male'], 'full name, telephone, address');
  const cats = register.rows(`select c.category, c.channel from person_category c where c.person_id = ${row.id}`);
  is(cats, [{ category: 'sentenced_no_isolation', channel: 'register_list' }], 'category and channel by other words');
  is(register.rows(`select d.name from district d where d.id = ${row.district_id}`), [{ name: district }], 'district by its name');
  const [faulty] = await itemsOf(penal, r.id, 'faulty');
  is([faulty.line, faulty.field, msgid(faulty.reason)], [4, 'Категория учёта', 'Your role does not record this category'], 'and why');
  is(register.rows(`select given_name, snils from person where family_name = '${d.family}'`), [{ given_name: d.given, snils: null }], 'a person without a number');

  const [e, f] = persons(2);
  const quoted = Buffer.from(`"Фамилия";"Имя";"Отчество";"Дата\r\nрождения";"СНИЛС"\r\n"${e.family}";"Анна ""Нюра"" Мария";;${dmy(e.birth)};${e.snils}\r\n"${f.family}";"${f.given}";"";"${dmy(f.birth)}";"${f.snils}"`);
  const q = await staged(penal, quoted, { list: 'Кавычки' });
  is(counts(q), [2, 1, 0, 0, 1], 'quotes, a line end in a heading, no line end at the end');
  is((await itemsOf(penal, q.id, 'faulty')).map((i) => [i.line, i.field]), [[3, 'Имя']], 'the line of the file is told, not the row');
  const [n1, n2] = persons(2);
  const numbered = await bring(penal, csv([['Фамилия', 'Имя', 'СНИЛС'], [n1.family, n1.given, n1.snils], [n2.family, n2.given, '']]), { list: 'По номерам' });
  is(counts(numbered), [2, 1, 0, 0, 1], 'a list with numbers needs no dates; who has neither is told');
  is(register.rows(`select snils, birth_date from person where family_name = '${n1.family}'`), [{ snils: n1.snils.replace(/\D/g, ''), birth_date: null }], 'a person by the number alone');
  const [g] = persons(1);
  const told = await bring(penal, csv([['Фамилия', 'Имя', 'Дата рождения', 'Пол'], [g.family, 'Жанна', dmy(g.birth), 'ж']]), { list: 'Для всех', category: 'released', channel: 'self' });
  is(counts(told), [1, 1, 0, 0, 0], 'one category for the whole list');
  is(register.rows(`select c.category, c.channel from person_category c join person p on p.id = c.person_id where p.family_name = '${g.family}'`), [{ category: 'released', channel: 'self' }], 'stands at its persons');
});

await section('XLSX cells', async () => {
  const [a, b, c, d] = persons(4);
  const r = await bring(penal, xlsx([
    ['Фамилия', 'Имя', 'Дата рождения', 'СНИЛС', 'Пол', 'Адрес'],
    [a.family, { inline: 'Анна' }, { date: a.birth }, Number(digits(a.snils)), 'ж', { formula: 'CONCATENATE("ул.",1)', value: 'ул.1' }],
    [b.family, 'Борис', { date: b.birth }, b.snils, 'м', { formula: 'A1' }],
    [],
    [c.family, 'Вера', { date: c.birth }, c.snils, 'ж', { error: '#REF!' }],
    [d.family, 'Глеб', dmy(d.birth), digits(d.snils), 'м', null],
  ]), { name: 'a.xlsx', list: 'Ячейки' });
  is(counts(r), [4, 2, 0, 0, 2], 'dates as numbers of days, numbers, formulas with their value');
  is([byNumber(a)[0]?.birth_date, byNumber(a)[0]?.address], [a.birth, 'ул.1'], 'are stored as what they show');
  const faulty = await itemsOf(penal, r.id, 'faulty');
  is(faulty.map((i) => [i.line, msgid(i.reason)]), [[3, 'A cell holds a formula without its value: save the file in Excel'], [5, 'A cell holds the error of a formula']],
    'a formula without its value, an error: told');
  is(faulty.map((i) => i.field), ['Адрес', 'Адрес'], 'at their column');
});

// ---- the preview ----

const known = persons(6);
await section('preview', async () => {
  await bring(penal, csv(rowsOf(known)), { list: 'Учёт' });
  const theirs = persons(1)[0];
  await bring(social, csv(rowsOf([theirs])), { list: 'Центр' });
  const before = lasting();
  const fresh = persons(3);
  const [same, more, renamed, moved, twice] = known;
  const unborn = persons(1)[0];
  const rows = [
    [...PERSON_HEAD, 'Место рождения', 'Адрес'],
    ...fresh.map((p) => [...personRow(p), '', '']), // new
    [...personRow(theirs), '', ''], // known to another body: new to this one
    [...personRow(same), '', ''], // known, nothing to change
    [...personRow(more), 'г. Устье', 'ул. Садовая, 2'], // known, adds
    [...personRow({ ...renamed, family: `Ново${word(renamed.n).toLowerCase()}` }), '', ''], // other name under the number
    [...personRow({ ...moved, birth: '1999-09-09' }), '', ''], // other birth date under the number
    [...personRow({ ...twice, snils: '' }), '', ''], // by name and date: known
    [...personRow(fresh[0]), '', ''], // stands higher in the file
    [...personRow(unborn), '', ''].map((v, i) => (i === 3 ? '01.01.2031' : v)), // faulty
    [...personRow(persons(1)[0]), '', ''].map((v, i) => (i === 5 ? '111-111-111 11' : v)), // faulty
  ];
  const browser = await server.client().signIn('penal1');
  const form = (await browser.get('/imports/new')).form('/imports');
  const { type, body } = multipart({ ...Object.fromEntries(form.fields), kind: 'persons', list: 'Учёт' }, csv(rows, { sep: ';', bom: true }), 'Список.csv');
  const sent = await browser.request('POST', '/imports', { headers: { 'content-type': type }, body });
  is(sent.status, 303, 'a file sent by the form goes to the preview');
  const id = Number(/\/imports\/(\d+)$/.exec(sent.location)?.[1]);
  const i = await rest(penal, id);
  const figures = [rows.length - 1, 4, 4, 2, 2];
  is(counts(i), figures, 'API: new, known, doubtful, faulty');
  const page = await browser.get(`/imports/${id}`);
  is([...page.main.matchAll(/b-counter__figure">([^<]*)</g)].map((m) => Number(m[1])), figures.slice(1), 'page: the same four figures');
  like(page.main, /ничего не (?:записано|сохранено)|ещё не/i, 'page: says that nothing is stored yet');
  is(lasting(), before, 'and nothing is');

  const faulty = await itemsOf(penal, id, 'faulty');
  is(faulty.map((f) => [f.line, f.field, f.cell]), [[12, 'Дата рождения', '01.01.2031'], [13, 'СНИЛС', '111-111-111 11']], 'faulty rows with line, field and what stands there');
  ok(faulty.every((f) => /[а-яё]/i.test(f.reason)), 'and the reason in Russian', JSON.stringify(faulty));
  const shown = await browser.get(`/imports/${id}?show=faulty`);
  ok(faulty.every((f) => [String(f.line), f.field, f.cell, f.reason].every((t) => unescapeHtml(shown.main).includes(t))), 'page: the same');
  const doubtful = await itemsOf(penal, id, 'doubtful');
  is(doubtful.map((f) => [f.line, f.field]), [[8, 'Фамилия'], [9, 'Дата рождения']], 'doubtful rows with line and field');
  const doubts = await browser.get(`/imports/${id}?show=doubtful`);
  ok(doubts.form(/decisions/), 'page: decisions can be made');
  const unshown = JSON.stringify([...(await itemsOf(penal, id, 'new')), (await penal.get(`/api/v1/imports/${id}?show=new`)).text]);
  unlike(unshown, new RegExp(users.social1.body), 'that another body knows somebody is not told');

  const done = await apply(penal, id);
  is(done.state, 'applied', 'applied');
  const after = lasting();
  is([after.person - before.person, after.listing - before.listing, after.access - before.access], [3, 5, 4], 'three persons are new, the fourth was there; the known one found by name stands in the list a second time');
  is(register.rows(`select count(*) as n from person where snils = '${digits(theirs.snils)}'`)[0].n, 1, 'the person of another body is not doubled');
  is([byNumber(more)[0].birth_place, byNumber(more)[0].address], ['г. Устье', 'ул. Садовая, 2'], 'a known card is completed');
  is([byNumber(renamed)[0].family_name, byNumber(moved)[0].birth_date], [renamed.family, moved.birth], 'doubtful rows change nothing without a decision');
  const again = await staged(penal, csv(rows, { sep: ';', bom: true }), { list: 'Учёт', name: 'Список.csv' });
  is(counts(again), [figures[0], 0, 8, 2, 2], 'the same file again: what was taken is known');
  const then = lasting();
  await apply(penal, again.id);
  is(lasting(), then, 'applying it changes nothing');
  is(counts(await staged(colleague, csv(rows), { list: 'Учёт' })).slice(1, 3), [0, 8], 'a colleague of the same body sees them as known');
});

await section('the same file again', async () => {
  const ps = [...persons(5), ...persons(3).map((p) => ({ ...p, snils: '' }))];
  const rows = [[...PERSON_HEAD, 'Место рождения', 'Категория', 'Канал обращения', 'Район'], ...ps.map((p, i) => [...personRow(p), i % 2 ? 'г. Заречье' : '', 'освобождённый', 'направление', district])];
  const file = csv(rows, { encoding: 'cp1251', sep: ';' });
  is(counts(await bring(penal, file, { list: 'Дважды' })), [8, 8, 0, 0, 0], 'once');
  const before = lasting();
  is(counts(await bring(penal, file, { list: 'Дважды' })), [8, 0, 8, 0, 0], 'twice: all known');
  is(lasting(), before, 'nothing has changed');
  const turned = [rows[0].slice().reverse(), ...rows.slice(1).reverse().map((r) => r.slice().reverse())];
  const other = xlsx(turned.map((r) => r.map((c) => (/^\d\d\.\d\d\.\d{4}$/.test(c) ? { date: c.split('.').reverse().join('-') } : c.replaceAll('ё', 'е').toUpperCase()))));
  is(counts(await bring(penal, other, { list: 'Дважды', name: 'b.xlsx' })), [8, 0, 8, 0, 0], 'the same as XLSX, turned about, in capitals, without ё');
  is(lasting(), before, 'nothing has changed');
  const next = await bring(penal, file, { list: 'Следующий месяц' });
  is(counts(next).slice(0, 3), [8, 0, 8], 'under the name of another list: known');
  const after = lasting();
  is([after.person - before.person, after.access - before.access, after.listing - before.listing], [0, 0, 8], 'entries of the other list, no new persons');
});

await section('doubtful rows', async () => {
  const [a, b, c, d] = persons(4);
  await bring(penal, csv([[...PERSON_HEAD, 'Место рождения'], ...[a, b].map((p) => [...personRow(p), 'Омск']), ...[c, d].map((p) => [...personRow({ ...p, snils: '' }), 'Омск'])]), { list: 'Сомнения' });
  const file = csv([[...PERSON_HEAD, 'Место рождения'],
    [...personRow({ ...a, given: 'Иная' }), 'Омск'], [...personRow({ ...b, given: 'Иной' }), 'Омск'],
    [...personRow({ ...c, snils: '' }), 'Тара'], [...personRow({ ...d, snils: '' }), 'Тара']]);
  const i = await staged(penal, file, { list: 'Сомнения 2' });
  is(counts(i), [4, 0, 0, 4, 0], 'other names under a number, other places under a name: doubtful');
  const rows = await itemsOf(penal, i.id, 'doubtful');
  const before = lasting();
  is((await post(stranger, i.id, 'decisions', { row: rows.map((r) => String(r.id)), ...Object.fromEntries(rows.map((r) => [`decision-${r.id}`, 'same'])) })).status, 404, 'no stranger decides');
  const decide = await post(penal, i.id, 'decisions', { row: rows.map((r) => String(r.id)), [`decision-${rows[0].id}`]: 'same', [`decision-${rows[1].id}`]: 'skip', [`decision-${rows[2].id}`]: 'same', [`decision-${rows[3].id}`]: 'another' });
  ok(decide.status < 300, 'decisions are kept', `${decide.status} ${decide.text.slice(0, 300)}`);
  is((await itemsOf(penal, i.id, 'doubtful')).map((r) => r.decision), ['same', 'skip', 'same', 'another'], 'and shown');
  const done = await apply(penal, i.id);
  is(done.rows_done, 4, 'four rows are done');
  const after = lasting();
  is([after.person - before.person, after.listing - before.listing], [1, 3], 'one more person, three entries: the same, the same, another');
  is(register.rows(`select count(*) as n from person where family_name = '${d.family}'`)[0].n, 2, 'the other one of the name is another person');
  is(register.rows(`select count(*) as n from person where family_name = '${c.family}'`)[0].n, 1, 'the same one is not doubled');
  await cancel(penal, i.id);
  is([lasting().person, lasting().listing], [before.person, before.listing], 'taken back whole');
});

// ---- faults by row ----

await section('faulty rows', async () => {
  const long = 'Я'.repeat(5000);
  const head = [...PERSON_HEAD, 'Дата смерти', 'Район', 'Категория', 'Канал обращения', 'Телефон', 'Адрес'];
  const cases = [
    ['wrong check number', { СНИЛС: '123-456-789 00' }, 'СНИЛС', /SNILS is wrong/],
    ['letters in the number', { СНИЛС: '123-456-78О 64' }, 'СНИЛС', /digits/],
    ['twelve digits', { СНИЛС: '1234567896400' }, 'СНИЛС', /SNILS is wrong/],
    ['31 February', { 'Дата рождения': '31.02.1980' }, 'Дата рождения', /no such date/],
    ['29 February of no leap year', { 'Дата рождения': '29.02.1981' }, 'Дата рождения', /no such date/],
    ['month 13', { 'Дата рождения': '01.13.1980' }, 'Дата рождения', /no such date/],
    ['year of two digits', { 'Дата рождения': '01.01.80' }, 'Дата рождения', /no such date/],
    ['a word for a date', { 'Дата рождения': 'неизвестна' }, 'Дата рождения', /no such date/],
    ['birth tomorrow', { 'Дата рождения': '15.06.2024' }, 'Дата рождения', /future/],
    ['birth long ago', { 'Дата рождения': '01.01.1850' }, 'Дата рождения', /older than 120|too long ago/],
    ['no birth date and no number', { 'Дата рождения': '', СНИЛС: '' }, 'Дата рождения', /Neither/],
    ['death before birth', { 'Дата смерти': '01.01.1900' }, 'Дата смерти', /before the date of birth|too long ago/],
    ['death tomorrow', { 'Дата смерти': '15.06.2024' }, 'Дата смерти', /future/],
    ['surname of 5,000 letters', { Фамилия: long }, 'Фамилия', /too long/],
    ['surname of 101 letters', { Фамилия: 'Я'.repeat(101) }, 'Фамилия', /too long/],
    ['no surname', { Фамилия: '' }, 'Фамилия', /surname is missing/i],
    ['a formula as surname', { Фамилия: '=2+5' }, 'Фамилия', /letters/],
    ['a command as given name', { Имя: "=cmd|'/c calc'!A1" }, 'Имя', /letters/],
    ['digits in the name', { Имя: 'Иван2' }, 'Имя', /letters/],
    ['markup as name', { Фамилия: '<script>alert(1)</script>' }, 'Фамилия', /letters/],
    ['unknown sex', { Пол: 'не знаю' }, 'Пол', /list of values/],
    ['unknown district', { Район: 'Тьмутараканский' }, 'Район', /no such district/],
    ['unknown category', { Категория: 'хорошие люди', 'Канал обращения': 'направление' }, 'Категория', /list of values/],
    ['unknown channel', { Категория: 'освобождённый', 'Канал обращения': 'голубиная почта' }, 'Канал обращения', /list of values/],
    ['category without channel', { Категория: 'освобождённый' }, 'Канал обращения', /channel of entry is missing/],
    ['half a telephone number', { Телефон: '12-34' }, 'Телефон', /./],
    ['an address of 5,000 letters', { Адрес: long }, 'Адрес', /too long/],
  ];
  const ps = persons(cases.length);
  const rows = [head, ...cases.map(([, change], i) => {
    const row = [...personRow(ps[i]), '', '', '', '', '', ''];
    for (const [heading, value] of Object.entries(change)) row[head.indexOf(heading)] = value;
    return row;
  })];
  const good = persons(2);
  rows.push([...personRow(good[0]), '', '', '', '', '8 900 111-22-33', '=HYPERLINK("http://example.org";"x")']); // an address may begin as it likes
  const before = lasting();
  const i = await staged(penal, csv(rows, { sep: ';' }), { list: 'Ошибки' });
  is(counts(i), [cases.length + 1, 1, 0, 0, cases.length], 'each is found faulty, what stands between is taken');
  const items = new Map((await itemsOf(penal, i.id, 'faulty')).map((f) => [f.line, f]));
  cases.forEach(([what, , field, reason], k) => {
    const f = items.get(k + 2);
    ok(f && f.field === field && reason.test(msgid(f.reason)) && /[а-яё]/i.test(f.reason), `${what}: told at line ${k + 2}, ${field}`, JSON.stringify(f));
  });
  is(lasting(), before, 'nothing is stored before it is applied');
  await apply(penal, i.id);
  is(lasting().person - before.person, 1, 'good rows are taken');
  is(byNumber(good[0])[0]?.address, '=HYPERLINK("http://example.org";"x")', 'a formula is a text like others');
  const list = await penal.get(`/api/v1/persons?q=${encodeURIComponent(good[0].family)}&format=csv`);
  ok(list.status === 200 && !/(^|;)[=+@-]/m.test(list.text.replace(/^\uFEFF/, '')), 'what is exported runs as no formula', list.text.slice(0, 400));

  // rows that are damaged as bytes
  const [a, b, c, d] = persons(4);
  const line = (p) => personRow(p).join(';');
  const bytes = Buffer.concat([Buffer.from(`${PERSON_HEAD.join(';')}\n${line(a)}\n`), Buffer.from(line(b).replace(b.given, 'Ни\0на')), Buffer.from('\n'),
    Buffer.concat([Buffer.from(`${c.family};Ви`), Buffer.from([0xd0, 0xff, 0xfe]), Buffer.from(`;${c.patronymic};${dmy(c.birth)};м;${c.snils}`)]), Buffer.from(`\n${line(d)}\n"${a.family}";"Не закрыто;x\n${line(persons(1)[0])}\n`)]);
  const j = await staged(penal, bytes, { list: 'Байты' });
  is(counts(j), [6, 3, 0, 0, 3], 'a zero byte, broken UTF-8, a quote that is not closed: three rows, the others are taken');
  const damaged = await itemsOf(penal, j.id, 'faulty');
  is(damaged.map((f) => [f.line, msgid(f.reason)]), [[3, 'The row holds a zero byte'], [4, 'The row holds bytes that are no letters: the encoding is damaged'], [6, 'A quote that is opened here is not closed']], 'with line and reason');
  is(damaged.map((f) => f.field), ['Имя', 'Имя', 'Имя'], 'and at their column');
  await cancel(penal, j.id);
});

await section('faulty rows come back as a file', async () => {
  const ps = persons(4);
  const head = [...PERSON_HEAD, 'Телефон', 'Адрес'];
  const rows = [head, ...ps.map((p) => [...personRow(p), '+7 900 111-22-33', '-5, под мостом'])];
  rows[2][3] = '31.06.1990';
  rows[3][5] = '111-111-111 11';
  rows[4][0] = '=1+1';
  const first = await bring(penal, csv(rows), { list: 'Исправления' });
  is(counts(first), [4, 1, 0, 0, 3], 'one row is taken');
  const a = await penal.get(`/imports/${first.id}/faulty`);
  like(a.type, /^text\/csv/, 'the others come as CSV');
  const table = (t) => parseCsv(t, ';');
  const back = table(a.text);
  const heads = a.text.replace(/^\uFEFF/, '').split('\r\n')[0].split(';');
  is([back.length, heads.slice(1, -2)], [3, head], 'with all their columns');
  ok(back.every((r) => /[а-яё]{3}/i.test(r[heads.at(-1)]) && head.includes(r[heads.at(-2)])) && back.map((r) => r[heads[0]]).join() === '3,4,5', 'line, column and reason', JSON.stringify(back));
  ok(back.every((r) => Object.values(r).every((v) => !/^[=+@-]/.test(v))), 'nothing in it runs as a formula', a.text);
  const write = (list) => csv([heads, ...list.map((r) => heads.map((h) => r[h]))], { sep: ';', bom: true });
  back[0]['Дата рождения'] = '30.06.1990';
  const second = await bring(penal, write(back), { list: 'Исправления', name: 'исправлено.csv' });
  is(counts(second), [3, 1, 0, 0, 2], 'the file with one row mended, as it came: that row is taken');
  const reasons = await staged(penal, csv([[...PERSON_HEAD, 'Причина'], [...personRow({ ...persons(1)[0], birth: '1980-02-31' }), 'ушёл из семьи']]), { list: 'Свои слова' });
  const kept = (await penal.get(`/api/v1/imports/${reasons.id}/faulty`)).text;
  ok(kept.includes('ушёл из семьи'), 'a column of the sender\'s own that is called like ours comes back', kept);
  is(byNumber(ps[1]).map((r) => [r.birth_date, r.phone, r.address]), [['1990-06-30', '+79001112233', '-5, под мостом']], 'with its other cells as they were');
  const b = await penal.get(`/imports/${second.id}/faulty`);
  const rest2 = table(b.text);
  is(rest2.length, 2, 'what is left comes back again');
  const heads2 = b.text.replace(/^\uFEFF/, '').split('\r\n')[0].split(';');
  for (const r of rest2) { r['СНИЛС'] = r['СНИЛС'].startsWith('111') ? ps[2].snils : r['СНИЛС']; if (r['Фамилия'].includes('1+1')) r['Фамилия'] = ps[3].family; }
  const third = await upload(penal, Buffer.from(`\uFEFF${heads2.join(';')}\r\n${rest2.map((r) => heads2.map((h) => r[h]).join(';')).join('\r\n')}\r\n`), { list: 'Исправления' });
  if (ok(third.status === 201, 'and can be brought in a third time, though it came back twice', `${third.status} ${third.text.slice(0, 400)}\n${b.text.slice(0, 400)}`)) {
    await rest(penal, third.id);
    is(counts(await apply(penal, third.id)), [2, 2, 0, 0, 0], 'all are taken in the end');
  }
});

// ---- files that are none ----

await section('files that are none', async () => {
  const rows = rowsOf(persons(2));
  const ps = persons(2);
  const parts = xlsxParts(rows);
  const sheet = 'xl/worksheets/sheet1.xml';
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(400, 7)]);
  const lol = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "лол">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>`;
  const bomb = zip({ ...parts, [sheet]: parts[sheet].replace('</sheetData>', `<row r="9"><c r="A9" t="inlineStr"><is><t>${' '.repeat(60 << 20)}</t></is></c></row></sheetData>`) }, { deflate: true });
  const files = [
    ['an empty file', Buffer.alloc(0), 'a.csv', /empty/],
    ['only blanks and line ends', Buffer.from(' \r\n \r\n'), 'a.csv', /empty/],
    ['only a byte order mark', Buffer.from([0xef, 0xbb, 0xbf]), 'a.csv', /empty/],
    ['a heading twice', csv([[...PERSON_HEAD, 'фамилия'], [...personRow(ps[0]), 'Б']]), 'a.csv', /stands twice/],
    ['two headings for one field', csv([[...PERSON_HEAD, 'д.р.'], [...personRow(ps[0]), '01.01.1990']]), 'a.csv', /Two columns are taken/],
    ['no date of birth among the headings', csv([['Фамилия', 'Имя'], ['А', 'Б']]), 'a.csv', /is missing/],
    ['neither a date of birth nor an age nor a SNILS', csv([['Фамилия', 'Имя', 'Район'], ['А', 'Б', 'В']]), 'a.csv', /is missing/],
    ['no surname among the headings', csv([['Имя', 'Дата рождения'], ['А', '01.01.1990']]), 'a.csv', /is missing/],
    ['a category without a channel', csv([[...PERSON_HEAD, 'Категория'], [...personRow(ps[0]), 'освобождённый']]), 'a.csv', /goes with the category/],
    ['no headings at all', csv([personRow(ps[0]), personRow(ps[1])]), 'a.csv', /is missing/],
    ['a PDF under the name of CSV', Buffer.from(`%PDF-1.7\n%\u00e2\n1 0 obj\n${'x'.repeat(500)}`, 'latin1'), 'a.csv', /not a table/],
    ['a PDF under the name of XLSX', Buffer.from('%PDF-1.7\n1 0 obj\n'), 'a.xlsx', /not a table/],
    ['a picture under the name of CSV', png, 'a.csv', /not a table/],
    ['a picture under the name of XLSX', png, 'a.xlsx', /not a table/],
    ['a web page under the name of XLSX', Buffer.from('<html><table><tr><td>Фамилия</table>'), 'a.xlsx', /not a table/],
    ['an archive without a workbook', zip({ 'a.txt': 'Привет', 'b/c.bin': png }), 'a.xlsx', /not a table/],
    ['a Word document', zip({ '[Content_Types].xml': '<x/>', 'word/document.xml': '<w:document/>' }), 'a.xlsx', /not a table/],
    ['half a workbook', xlsx(rows).subarray(0, 900), 'a.xlsx', /not a table|damaged/],
    ['an archive of rubbish', Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 256))]), 'a.xlsx', /not a table/],
    ['a workbook with a damaged sheet', zip({ ...parts, [sheet]: '<worksheet><sheetData><row><c t="s"><v>99999</v>' }), 'a.xlsx', /./],
    ['a workbook without a sheet', (() => { const { [sheet]: _, ...others } = parts; return zip(others); })(), 'a.xlsx', /no sheet|not a table/],
    ['a bomb of entities in the sheet', zip({ ...parts, [sheet]: lol + parts[sheet].replace(/<\?xml[^>]*>/, '').replace('</sheetData>', '<row><c t="inlineStr"><is><t>&j;</t></is></c></row></sheetData>') }), 'a.xlsx', /./],
    ['a bomb of entities in the strings', zip({ ...parts, 'xl/sharedStrings.xml': `${lol}<sst><si><t>&j;</t></si></sst>` }), 'a.xlsx', /./],
    ['a file of the system as an entity', zip({ ...parts, 'xl/sharedStrings.xml': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst><si><t>&e;</t></si></sst>' }), 'a.xlsx', /./],
    ['letters of DOS', Buffer.from([...'Фамилия;Имя;Дата рождения\nПетров;Семён;01.02.1980\n'].map((ch) => {
      const u = ch.codePointAt(0);
      return u < 0x80 ? u : u >= 0x410 && u <= 0x43f ? u - 0x410 + 0x80 : u >= 0x440 && u <= 0x44f ? u - 0x440 + 0xe0 : 0xf1;
    })), 'a.csv', /neither UTF-8 nor Windows-1251/],
    ['zeros', Buffer.alloc(5000), 'a.csv', /not text|not a table|empty/],
    ['one quote', Buffer.from('"'), 'a.csv', /./],
    ['300 columns', csv([[...PERSON_HEAD, ...Array.from({ length: 300 }, (_, i) => `Столбец ${i}`)], personRow(ps[0])]), 'a.csv', /./],
  ];
  const before = everything();
  for (const [what, bytes, name, message] of files) {
    const began = Date.now();
    const a = await upload(penal, bytes, { name, list: 'Чужие' });
    let said = null;
    try { said = a.json.errors?.[0]; } catch { /* not JSON */ }
    ok(a.status === 422 && said?.field === 'file' && /[а-яё]{3}/i.test(said.message) && message.test(msgid(said.message)), `${what}: refused at the field, in Russian`,
      `${a.status} ${a.text.slice(0, 500)} (${a.text && said ? msgid(said.message) : ''})`);
    if (Date.now() - began > 10000) ok(false, `${what}: within 10 s`, `${Date.now() - began} ms`);
  }
  is(everything(), before, 'nothing is half stored: not even the record of an import');

  // what is wrong behind some good rows is told as a row, and nothing is stored by itself
  const there = lasting();
  const big = await staged(penal, bomb, { name: 'a.xlsx', list: 'Бомба' });
  const [end] = await itemsOf(penal, big.id, 'faulty');
  ok(big.rows_faulty === 1 && /suspiciously tightly|is longer than|element in it is too large/.test(msgid(end.reason)), 'a bomb of ZIP: told', JSON.stringify(end));
  await cancel(penal, big.id);
  is(lasting(), there, 'a bomb of ZIP: nothing is stored');
  // one text, named by hundreds of cells: nearly nothing to send, and much to keep
  const [p, q] = persons(2);
  const shared = xlsx([[...PERSON_HEAD, ...Array.from({ length: 200 }, (_, i) => `К${i}`)], [...personRow(p), ...Array(200).fill('я'.repeat(40000))], personRow(q)], { deflate: true });
  const wide = await staged(penal, shared, { name: 'a.xlsx', list: 'Широкий' });
  const [row] = await itemsOf(penal, wide.id, 'faulty');
  is([wide.rows_new, wide.rows_faulty, msgid(row.reason)], [1, 1, 'The row is longer than 200,000 bytes'], 'a row of shared texts: told, and the next is read');
  ok(register.rows(`select max(length(cells)) as n from import_row where import_id = ${wide.id}`)[0].n < 280000, /* stored sealed: a third longer */ 'a row of shared texts: no more of it is kept than a row may have');
  await cancel(penal, wide.id);
  is((await server.client().get('/health')).status, 200, 'the server is well');

  const browser = await server.client().signIn('penal1');
  const form = (await browser.get('/imports/new')).form('/imports');
  const { type, body } = multipart({ ...Object.fromEntries(form.fields), list: 'Мой список', kind: 'persons' }, Buffer.from('%PDF-1.7\n'), 'a.csv');
  const page = await browser.request('POST', '/imports', { headers: { 'content-type': type }, body });
  is(page.status, 422, 'page: the form is shown again');
  is(page.form('/imports')?.fields.find(([k]) => k === 'list')?.[1], 'Мой список', 'page: with what was typed');
  like(page.main, /href="#file"/, 'page: the error leads to the field');
  const none = multipart({ ...Object.fromEntries(form.fields), kind: 'persons' }, null);
  is((await browser.request('POST', '/imports', { headers: { 'content-type': none.type }, body: none.body })).status, 422, 'page: no file');
  is((await upload(penal, csv(rows), { kind: 'elephants' })).status, 422, 'an unknown kind of list');
  is((await upload(client('employment1'), csv(rows), {})).status, 403, 'a role that imports nothing');
  is((await upload(client('analyst'), csv(rows), {})).status, 403, 'the analyst');
  is((await server.client().request('POST', '/api/v1/imports', { headers: { 'content-type': type }, body })).status, 401, 'nobody');
  is(lasting(), there, 'and nothing is stored by them');
});

// ---- taking back ----

await section('taking back', async () => {
  const before = { ...living() };
  const rows = (n) => csv([[...PERSON_HEAD, 'Категория', 'Канал обращения'], ...persons(n).map((p) => [...personRow(p), 'освобождённый', 'направление'])]);
  const early = await staged(penal, rows(40), { list: 'Отмена' });
  is((await cancel(penal, early.id)).state, 'cancelled', 'before it is applied');
  is(living(), before, 'nothing is left');
  is(register.rows(`select count(*) as n from import_row where import_id = ${early.id}`)[0].n, 0, 'nor in the staging table');
  is((await post(penal, early.id, 'apply')).status, 409, 'what was taken back cannot be applied');
  is((await post(penal, early.id, 'cancel')).status, 409, 'nor taken back again');

  const ps = persons(30);
  const file = csv([[...PERSON_HEAD, 'Категория', 'Канал обращения'], ...ps.map((p) => [...personRow(p), 'освобождённый', 'направление'])]);
  const late = await bring(penal, file, { list: 'Отмена' });
  is(living().person - before.person, 30, 'applied');
  is((await post(stranger, late.id, 'cancel')).status, 404, 'no stranger takes it back');
  is((await cancel(colleague, late.id)).state, 'cancelled', 'a colleague takes it back');
  is(living(), before, 'whole: persons, entries, access, grants, categories');
  is((await penal.get(`/api/v1/persons?q=${encodeURIComponent(ps[0].family)}`)).json.items, [], 'nobody is found any more');
  const once = await bring(penal, file, { list: 'Отмена' });
  is(counts(once), [30, 30, 0, 0, 0], 'the file can be brought in again');

  // used in the meantime: sent on, served, put into a category, brought in by another body, corrected
  const id = (p) => byNumber(p)[0]?.id;
  const centre = String(register.rows(`select body_id as id from account where login = 'social1'`)[0].id);
  const key = () => ({ headers: { 'idempotency-key': newKey() } });
  const refer = await penal.postJson('/api/v1/referrals', { person: String(id(ps[0])), to_body_id: centre, need: 'documents', ground: 'social_442', term: '5', note: '' }, key());
  ok(refer.status === 201, 'one is referred', `${refer.status} ${refer.text.slice(0, 600)}`);
  const service = await penal.postJson('/api/v1/services', { person: String(id(ps[1])), kind: 'preventive_talk', day: '13.06.2024', note: '' }, key());
  ok(service.status === 201, 'one is served', `${service.status} ${service.text.slice(0, 600)}`);
  const category = await penal.postJson(`/api/v1/persons/${id(ps[2])}/categories`, { category: 'homeless', since: '01.06.2024', channel: 'self' }, key());
  ok(category.status === 201, 'one has a further category', `${category.status} ${category.text.slice(0, 600)}`);
  await bring(social, csv(rowsOf([ps[3]])), { list: 'Тоже у нас' });
  const card = (await penal.get(`/api/v1/persons/${id(ps[4])}`)).json;
  const edited = await penal.postJson(`/api/v1/persons/${id(ps[4])}/edit`, { family_name: ps[4].family, given_name: ps[4].given, patronymic: ps[4].patronymic, birth_date: dmy(ps[4].birth), sex: 'male', identity_status: 'document', snils: ps[4].snils, address: 'по словам соседей', version: card.version }, key());
  ok(edited.status < 300, 'one is corrected by hand', `${edited.status} ${edited.text.slice(0, 600)}`);
  const used = ps.slice(0, 5).map(id);
  await cancel(penal, once.id);
  is(register.rows(`select id from person where id in (${used.slice(0, 4)}) order by id`).map((r) => r.id), [...used.slice(0, 4)].sort((x, y) => x - y), 'those that others or later work need stay');
  ok(register.rows(`select id from person where id = ${used[4]}`).length === 1, 'and one whose card was corrected by hand');
  is(living().person - before.person, 5, 'the others go');
  is((await social.get(`/api/v1/persons/${used[3]}`)).status, 200, 'the other body works on with its own');
  for (const [k, what] of [[0, 'referred'], [1, 'served'], [2, 'put into a category']])
    is((await penal.get(`/api/v1/persons/${used[k]}`)).status, 200, `the body still sees the person it has ${what}`);
  is(register.rows(`select count(*) as n from person_category c where c.person_id = ${used[2]} and c.category = 'homeless'`)[0].n, 1, 'the further category stays');
  is(register.rows(`select count(*) as n from person_category c where c.person_id in (${used}) and c.category = 'released'`)[0].n, 0, 'those of the list go');

  // work that was itself taken back is none: persons, services for two of them, both lists taken back in turn
  const ws = persons(3);
  const people = await bring(penal, csv(rowsOf(ws)), { list: 'Снова никого' });
  const served = await bring(penal, csv([['СНИЛС', 'Услуга', 'Дата оказания'], ...ws.slice(0, 2).map((w) => [w.snils, 'Профилактическая беседа', '13.06.2024'])]), { kind: 'services', list: 'Беседы' });
  is(counts(served)[0], 2, 'services come in by a list');
  is(register.rows(`select count(*) as n from import_row r join list_import i on i.id = r.import_id where i.kind = 'services' and r.row_key like '%|%'`)[0].n, 0, 'the key of a row tells no service');
  await cancel(penal, served.id);
  await cancel(penal, people.id);
  is(ws.flatMap((w) => byNumber(w)), [], 'persons whose services were taken back go with their list');

  // a list that changed cards of known persons gives back the old values, and leaves what was changed since
  const [x, y] = persons(2);
  await bring(penal, csv([PERSON_HEAD, ...[x, y].map((p) => personRow({ ...p, sex: '' }))]), { list: 'Основа' });
  const adds = await bring(penal, csv([[...PERSON_HEAD, 'Адрес'], ...[x, y].map((p) => [...personRow(p), 'ул. Новая, 1'])]), { list: 'Дополнение' });
  is([x, y].map((p) => byNumber(p)[0].address), ['ул. Новая, 1', 'ул. Новая, 1'], 'a list completes known cards');
  const cardY = (await penal.get(`/api/v1/persons/${id(y)}`)).json;
  await penal.postJson(`/api/v1/persons/${id(y)}/edit`, { family_name: y.family, given_name: y.given, patronymic: y.patronymic, birth_date: dmy(y.birth), sex: cardY.sex?.code ?? cardY.sex, identity_status: 'document', snils: y.snils, address: 'ул. Старая, 9', version: cardY.version }, key());
  await cancel(penal, adds.id);
  is([x, y].map((p) => byNumber(p)[0].address), [null, 'ул. Старая, 9'], 'taken back: the old value, but what was written since stays');
});

// ---- at the same time ----

await section('at the same time', async () => {
  const ps = persons(300);
  const file = csv(rowsOf(ps), { sep: ';' });
  const numbers = ps.map((p) => `'${digits(p.snils)}'`);
  const twice = () => register.rows(`select snils, count(*) as n from person where snils in (${numbers}) group by snils having count(*) > 1`).length;
  // two colleagues bring in the same persons under two names, and a third body its own list of them
  const [a, b, c] = [await staged(penal, file, { list: 'Разом 1' }), await staged(colleague, file, { list: 'Разом 2' }), await staged(social, file, { list: 'Разом 3' })];
  const done = await Promise.all([apply(penal, a.id), apply(colleague, b.id), apply(social, c.id)]);
  is(done.map((i) => [i.state, i.rows_done]), [['applied', 300], ['applied', 300], ['applied', 300]], 'three lists of the same persons, applied at once, come to their end');
  is(register.rows(`select count(*) as n from person where snils in (${numbers})`)[0].n, 300, 'each person is there once');
  is(twice(), 0, 'no number stands twice');
  is(['Разом 1', 'Разом 2', 'Разом 3'].map((l) => register.rows(`select count(*) as n from listing where list = '${l}'`)[0].n), [300, 300, 300], 'in all three lists');

  // the same list twice at once: by two pages, and by the command line beside a page
  const qs = persons(200);
  const same = csv(rowsOf(qs));
  const [d, e] = [await staged(penal, same, { list: 'Один' }), await staged(colleague, same, { list: 'Один' })];
  const ends = await Promise.all([apply(penal, d.id), apply(colleague, e.id)]);
  is(ends.map((i) => i.state), ['applied', 'applied'], 'one list twice at once: both come to their end');
  is(register.rows(`select count(*) as n from listing where list = 'Один'`)[0].n, 200, 'each row once');
  // two buttons for one import
  const f = await staged(penal, csv(rowsOf(persons(200))), { list: 'Кнопки' });
  const both = await Promise.all([post(penal, f.id, 'apply'), post(colleague, f.id, 'apply')]);
  ok(both.some((x) => x.status < 300) && both.every((x) => x.status < 300 || x.status === 409), 'two colleagues press the same button', both.map((x) => x.status).join());
  await rest(penal, f.id);
  is(register.rows(`select count(*) as n from listing where list = 'Кнопки'`)[0].n, 200, 'each row once');

  // one person at two counters
  let refused = 0;
  for (let i = 0; i < 15; i += 1) {
    const [p] = persons(1);
    const answers = await Promise.all([penal, social, stranger].map((x) => x.postJson('/api/v1/persons', { family_name: p.family, given_name: p.given, birth_date: dmy(p.birth), snils: p.snils }, { headers: { 'idempotency-key': newKey() } })));
    numbers.push(`'${digits(p.snils)}'`);
    refused += answers.filter((x) => x.status !== 201).length;
    if (answers.some((x) => x.status >= 500)) ok(false, 'a person registered at three counters: no failure', answers.map((x) => `${x.status} ${x.text.slice(0, 100)}`).join('\n'));
  }
  is([refused, twice()], [30, 0], 'one person registered at three counters at once: one is stored, the others are told');
});

// ---- whose it is ----

await section('strangers', async () => {
  const i = await staged(penal, csv([...rowsOf(persons(2)), ['Я', '', '', 'x', '', '']]), { list: 'Чужое' });
  for (const [who, api] of [['an operator of another inspectorate', stranger], ['a social worker', social]]) {
    for (const where of ['', '?show=faulty', '/progress', '/faulty', '/columns'])
      is((await api.get(`/api/v1/imports/${i.id}${where}`)).status, 404, `${who}: 404 at /imports/…${where}`);
    for (const what of ['apply', 'cancel', 'decisions', 'columns']) is((await post(api, i.id, what)).status, 404, `${who}: 404 for ${what}`);
    ok(!(await api.get('/api/v1/imports?limit=200')).json.items.some((x) => x.id === i.id), `${who}: not in the list`);
  }
  const page = await server.client().signIn('penal2');
  is((await page.get(`/imports/${i.id}`)).status, 404, 'the page too');
  is((await penal.get('/api/v1/imports/999999')).status, 404, 'exactly as one that is not there');
  is((await rest(penal, i.id)).state, 'staged', 'it stands as it stood');
  await cancel(penal, i.id);
});

await section('columns by hand', async () => {
  const [a, b] = persons(2);
  const file = csv([['К1', 'К2', 'К3', 'К4'], [a.family, a.given, dmy(a.birth), a.snils], [b.family, b.given, dmy(b.birth), b.snils]]);
  is((await upload(penal, file, { list: 'Рукой' })).status, 422, 'headings that nobody knows are refused');
  const up = await upload(penal, file, { list: 'Рукой', by_hand: '1' });
  is(up.status, 201, 'unless the columns are to be matched');
  const i = (await penal.get(`/api/v1/imports/${up.id}`)).json;
  is(i.state, 'columns', 'then they wait for it');
  const page = await server.client().signIn('penal1');
  const form = (await page.get(`/imports/${up.id}/columns`)).form(/columns/);
  const names = form.fields.map(([k]) => k).filter((k) => k.startsWith('column-'));
  is(names.length, 4, 'the page asks for four columns');
  const wrong = await page.post(form.action, [...form.fields.filter(([k]) => !names.includes(k)), [names[0], 'family_name'], [names[1], 'family_name']]);
  is(wrong.status, 422, 'one field twice is refused');
  const right = await page.submit(await page.get(`/imports/${up.id}/columns`), /columns/, { [names[0]]: 'family_name', [names[1]]: 'given_name', [names[2]]: 'birth_date', [names[3]]: 'snils' });
  is(right.status, 303, 'matched');
  is(counts(await rest(penal, up.id)), [2, 2, 0, 0, 0], 'and checked');
  await apply(penal, up.id);
  is(byNumber(a)[0]?.family_name, a.family, 'and stored');
});

// ---- the command line ----

await section('command line', async () => {
  const file = (name, bytes) => { const at = path.join(tmpDir(), `import-${process.pid}-${name}`); fs.writeFileSync(at, bytes); return at; };
  const line = (r) => /(\d+) rows: (\d+) new, (\d+) known, (\d+) doubtful, (\d+) faulty/.exec(r.out)?.slice(1).map(Number) ?? `${r.status} ${r.out}${r.err}`.slice(0, 600);
  const ps = persons(6);
  const rows = [...rowsOf(ps), ['Плохо', '', '', '31.02.1980', 'м', ''], ['=1', '', '', '01.02.1980', 'м', '']];
  const one = file('a.csv', csv(rows, { encoding: 'cp1251', sep: ';', eol: '\r\n' }));
  const report = path.join(tmpDir(), `import-${process.pid}-report.csv`);
  const before = everything();
  is(line(register.run(['import', 'persons', one, '--login', 'penal1', '--list', 'КС', '--dry-run'])), [8, 6, 0, 0, 2], '--dry-run tells');
  is(everything(), before, 'and stores nothing');
  const done = register.run(['import', 'persons', one, '--login', 'penal1', '--list', 'КС', '--report', report]);
  is([done.status, line(done)], [0, [8, 6, 0, 0, 2]], 'bereg import persons');
  is(everything().person - before.person, 6, 'stores');
  const back = parseCsv(fs.readFileSync(report, 'utf8'), ';');
  ok(back.length === 2 && back[0]['Фамилия'] === 'Плохо' && back[1]['Фамилия'] === "'=1" && Object.values(back[0]).some((v) => msgid(v).includes('no such date')), '--report has the faulty rows with their reasons', fs.readFileSync(report, 'utf8'));
  const then = lasting();
  is(line(register.run(['import', 'persons', one, '--login', 'penal1', '--list', 'КС'])), [8, 0, 6, 0, 2], 'again: known');
  is(lasting(), then, 'nothing has changed');
  is(counts(await staged(penal, csv(rows), { list: 'КС' })), [8, 0, 6, 0, 2], 'known to the page as well');
  const mapped = file('m.csv', csv([['К1', 'К2', 'К3'], ...persons(2).map((p) => [p.family, dmy(p.birth), 'лишнее'])]));
  const map = file('map', Buffer.from('# столбцы\nК1 = family_name\nК2=birth_date\nК3 = -\n'));
  is(line(register.run(['import', 'persons', mapped, '--login', 'penal1', '--map', map])), [2, 2, 0, 0, 0], '--map');
  is(register.run(['import', 'persons', mapped, '--login', 'penal1', '--map', file('map2', Buffer.from('К1 = elephant\n'))]).status, 1, '--map with an unknown field');

  // a list taken at the command line is taken back by the page
  const id = register.rows(`select min(id) as id from list_import where list = 'КС' and rows_new = 6 and state = 'applied'`)[0].id;
  await cancel(penal, id);
  is(everything().person - before.person, 2, 'it can be taken back by the page');

  const refused = [
    [1, ['import', 'elephants', one, '--login', 'penal1'], /elephants/],
    [1, ['import', 'persons', '/nowhere/a.csv', '--login', 'penal1'], /cannot read/],
    [1, ['import', 'persons', tmpDir(), '--login', 'penal1'], /cannot read|not a file/],
    [1, ['import', 'persons', one, '--login', 'employment1'], /may not/],
    [1, ['import', 'persons', one, '--login', 'analyst'], /may not/],
    [1, ['import', 'persons', one, '--login', 'nobody'], /./],
    [1, ['import', 'persons', one, '--login', 'penal1', '--category', 'x'], /codes/],
    [1, ['import', 'persons', one, '--login', 'penal1', '--report', '/nowhere/r.csv'], /cannot write/],
    [2, ['import', 'persons', one], /--login/],
    [2, ['import', 'persons', '--login', 'penal1'], /usage/],
    [2, ['import', 'persons', one, '--login', 'penal1', '--elephant', 'x'], /elephant/],
    [1, ['import', 'persons', file('b.csv', Buffer.from('%PDF-1.4')), '--login', 'penal1'], /PDF/],
    [1, ['import', 'persons', file('c.csv', Buffer.alloc(0)), '--login', 'penal1'], /empty/],
    [1, ['import', 'persons', file('d.csv', csv([['Имя'], ['А']])), '--login', 'penal1'], /missing/],
    [1, ['import', 'persons', file('e.csv', csv([[...PERSON_HEAD, 'СНИЛС'], [...personRow(ps[0]), '']])), '--login', 'penal1'], /twice/],
    [1, ['import', 'persons', file('f.xlsx', xlsx(rows).subarray(0, 700)), '--login', 'penal1'], /./],
  ];
  const rest0 = everything();
  for (const [status, args, words] of refused) {
    const r = register.run(args);
    ok(r.status === status && words.test(r.err) && !/Sanitizer/.test(r.err), `${status} with a word: ${args.slice(1).map((a) => path.basename(a)).join(' ')}`, `${r.status} ${r.out} ${r.err}`.slice(0, 600));
  }
  is(everything(), rest0, 'nothing is stored by them');
});

await section('services', async () => {
  const file = (name, rows) => { const at = path.join(tmpDir(), `import-${process.pid}-${name}.csv`); fs.writeFileSync(at, csv(rows, { sep: ';' })); return at; };
  const line = (r) => /(\d+) rows: (\d+) new, (\d+) known, (\d+) doubtful, (\d+) faulty/.exec(r.out)?.slice(1).map(Number) ?? `${r.status} ${r.out}${r.err}`.slice(0, 600);
  const [a, b, c, ...unknown] = persons(5);
  const namesakes = persons(2).map((p) => ({ ...p, family: 'Тёзкина', given: 'Анна', patronymic: '', birth: '1970-07-07' }));
  await bring(social, csv(rowsOf([a, b, c, ...namesakes])), { list: 'Услуги' });
  const head = ['СНИЛС', 'Фамилия', 'Имя', 'Отчество', 'Дата рождения', 'Услуга', 'Дата оказания', 'Учреждение'];
  const mine = users.social1.body;
  const rows = [head,
    [a.snils, '', '', '', '', 'консультация', '01.03.2024', mine],
    [digits(a.snils), '', '', '', '', 'Горячее питание', '2024-03-02', ''],
    ['', b.family.toUpperCase(), b.given, b.patronymic, dmy(b.birth), 'восстановление документов', '03.03.2024', mine],
    [c.snils, c.family, c.given, c.patronymic, dmy(c.birth), 'консультация', '04.03.2024', mine],
    [c.snils, c.family, c.given, c.patronymic, dmy(c.birth), 'консультация', '04.03.2024', mine], // the same
    [namesakes[1].snils, '', '', '', '', 'консультация', '05.03.2024', mine],
    // faulty
    [unknown[0].snils, '', '', '', '', 'консультация', '01.03.2024', mine],
    ['', unknown[1].family, unknown[1].given, unknown[1].patronymic, dmy(unknown[1].birth), 'консультация', '01.03.2024', mine],
    ['', 'Тёзкина', 'Анна', '', '07.07.1970', 'консультация', '01.03.2024', mine],
    [a.snils, b.family, b.given, b.patronymic, dmy(b.birth), 'консультация', '01.03.2024', mine],
    [a.snils, '', '', '', '', 'полёт на Луну', '01.03.2024', mine],
    [a.snils, '', '', '', '', 'консультация', '15.06.2024', mine],
    [a.snils, '', '', '', '', 'консультация', '30.02.2024', mine],
    [a.snils, '', '', '', '', 'консультация', '', mine],
    [a.snils, '', '', '', '', 'консультация', '01.03.2024', users.penal1.body],
    [a.snils, '', '', '', '', 'консультация', '01.03.2024', 'Рога и копыта'],
    ['', '', '', '', '', 'консультация', '01.03.2024', mine],
    [a.snils, '', '', '', dmy(a.birth), 'консультация', '01.01.1930', mine],
  ];
  const faults = [['СНИЛС', /no such person/], ['Фамилия', /no such person/], ['Фамилия', /Several persons/], ['СНИЛС', /another name/], ['Услуга', /list of values/], ['Дата оказания', /future/],
    ['Дата оказания', /no such date/], ['Дата оказания', /empty/], ['Учреждение', /own institution/], ['Учреждение', /no such institution/], ['СНИЛС', /SNILS is needed/], ['Дата оказания', /before the person's birth|too long ago/]];
  const before = lasting();
  const i = await staged(social, csv(rows), { kind: 'services', list: '' });
  is(counts(i), [18, 5, 1, 0, 12], 'services: by number, by name and birth date');
  const items = await itemsOf(social, i.id, 'faulty');
  faults.forEach(([field, reason], k) => ok(items[k]?.field === field && reason.test(msgid(items[k].reason)), `services: line ${items[k]?.line}: ${reason}`, JSON.stringify(items[k])));
  await apply(social, i.id);
  is([lasting().service - before.service, lasting().person - before.person], [5, 0], 'five are stored, nobody is made up');
  is(register.rows(`select s.day, s.kind from service s join person p on p.id = s.person_id where p.snils = '${digits(b.snils)}'`), [{ day: '2024-03-03', kind: 'documents' }], 'at the right person');
  is(register.rows(`select count(*) as n from service s join person p on p.id = s.person_id where p.snils = '${digits(namesakes[1].snils)}'`)[0].n, 1, 'the number tells namesakes apart');
  const then = lasting();
  const at = file('services', rows);
  const r = register.run(['import', 'services', at, '--login', 'social1', '--report', `${at}.report`]);
  is([r.status, line(r)], [0, [18, 0, 6, 0, 12]], 'bereg import services: all known');
  is(lasting(), then, 'nothing has changed');
  is(parseCsv(fs.readFileSync(`${at}.report`, 'utf8'), ';').length, 12, 'the report has the faulty rows');
  await cancel(social, i.id);
  is(lasting().service, before.service, 'services are taken back');
  is(line(register.run(['import', 'services', at, '--login', 'social1'])), [18, 5, 1, 0, 12], 'and can be brought in by the command line');
  is(register.run(['import', 'services', file('none', [['Услуга', 'Дата оказания'], ['консультация', '01.03.2024']]), '--login', 'social1']).status, 1, 'columns that say nobody are refused');
});

const log = server.err;
is(await server.stop(), 0, 'the server drains and ends');
unlike(log, /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
const check = register.run(['check']);
is([check.status, check.out.trim()], [0, 'The register is whole.'], 'bereg check is clean');
await register.drop();

// ---- a large list ----

if (!only || only === 'large') {
  const release = process.env.BEREG_RELEASE && fs.existsSync(process.env.BEREG_RELEASE);
  if (release) process.env.BEREG = process.env.BEREG_RELEASE;
  const { large } = await import('./lib/import-large.mjs');
  // one row on PostgreSQL takes some ten times what it takes on SQLite
  const rows = !release ? 6000 : ENGINE === 'postgres' ? 8000 : 30000;
  await part('a large list', () => large({ rows, measured: Boolean(release) }));
}
note(ENGINE);
finish();
