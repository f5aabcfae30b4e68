// People without papers: registered with what is known, identified later without losing anything; other names, documents, lists.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/paperless.mjs
import { Register } from './lib/server.mjs';
import { csv, newKey, rest, upload } from './lib/import-files.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 150, seed: 5, name: 'paperless' });
const server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const post = (login, path, body) => client(login).postJson(`/api/v1${path}`, body, { headers: { 'idempotency-key': newKey() } });
const card = async (id, login = 'social1') => (await client(login).get(`/api/v1/persons/${id}`)).json;
const page = await server.client().signIn('social1');
const why = { category: 'homeless', channel: 'outreach', since: '14.06.2024' };
const errorsOf = (a) => Object.keys(a.json.errors ?? {}).length ? a.json.errors : a.json;
const namesOf = (id) => register.rows(`select kind, name, until from person_name where person_id = ${id} order by id`);
const eventsOf = (id) => register.rows(`select kind from event where person_id = ${id} order by id`).map((e) => e.kind);
const registered = async (given, login = 'social1') => {
  const a = await post(login, '/persons', { ...why, ...given });
  if (a.status !== 201) throw new Error(`registration: ${a.status} ${a.text.slice(0, 400)}`);
  return Number(a.headers.location.split('/').pop());
};

// ---- registration ----

let anybody; // known by an alias and by how he looks
await part('what each status asks for', async () => {
  const one = async (given) => post('social1', '/persons', { ...why, ...given });
  const bare = await one({ identity_status: 'document', family_name: 'Бездатов' });
  is(bare.status, 422, 'by a document: a surname alone is too little');
  like(bare.text, /birth_date/, 'the date of birth is asked for');
  is((await one({ identity_status: 'document', birth_date: '01.02.1980' })).status, 422, 'by a document: a date without a surname is too little');
  is((await one({ identity_status: 'document', family_name: 'Датов', birth_date: '01.02.1980' })).status, 201, 'surname and date will do');
  is((await one({ identity_status: 'document', family_name: 'Номеров', snils: '112-233-445 95' })).status, 201, 'surname and number too');
  is((await one({ identity_status: 'stated' })).status, 422, 'as stated: something must have been said');
  is((await one({ identity_status: 'unknown' })).status, 422, 'not established: alias, signs or place');
  for (const given of [{ alias: 'Кочегар' }, { signs: 'шрам на щеке' }, { met_at: 'у вокзала' }])
    is((await one({ identity_status: 'unknown', ...given })).status, 201, `not established: ${Object.keys(given)} will do`);
});

await part('an alias and an approximate age', async () => {
  anybody = await registered({ identity_status: 'unknown', alias: 'Боцман', age: 'на вид 45–50 лет', sex: 'male', signs: 'наколка «якорь»', met_at: 'теплотрасса у рынка' });
  const c = await card(anybody);
  is([c.family_name, c.given_name ?? null, c.birth_date ?? null], ['Боцман', null, null], 'he stands under his alias');
  is([c.birth_year_from, c.birth_year_to], [1973, 1979], 'who is 45 to 50 on 14.06.2024 was born from 1973 to 1979');
  is([c.signs, c.met_at], ['наколка «якорь»', 'теплотрасса у рынка'], 'signs and place');
  is(namesOf(anybody).map((n) => [n.kind, n.name]), [['alias', 'Боцман']], 'the alias stands as another name too');
  like((await page.get(`/persons/${anybody}`)).main, /ок\. 1973–1979 г\. р\./, 'the card shows about when he was born');
  like((await page.get(`/persons?q=${encodeURIComponent('Боцман')}`)).main, /ок\. 1973–1979 г\. р\./, 'and so does the list');
  const year = await registered({ identity_status: 'stated', family_name: 'Примернов', age: 'около 1960' });
  like((await page.get(`/persons/${year}`)).main, /ок\. 1960 г\. р\./, 'a single year');
  like((await page.get(`/persons?q=${encodeURIComponent('Примернов 1960')}`)).main, new RegExp(`/persons/${year}"`), 'by which the person is found');
  unlike((await page.get(`/persons?q=${encodeURIComponent('Примернов 1961')}`)).main, new RegExp(`/persons/${year}"`), 'and not by another');
  const stored = register.rows(`select signs from person where id = ${anybody}`)[0].signs;
  ok(!String(stored).includes('якорь'), 'what is written about the person is stored sealed');
  for (const age of ['сорок', '50–45', '1975–20', '12/13', '2030', '300'])
    is((await post('social1', '/persons', { ...why, identity_status: 'stated', family_name: 'Неверов', age })).status, 422, `an age “${age}” is asked again`);
});

await part('nameless', async () => {
  const ids = [];
  for (const sex of ['male', 'male', 'female', undefined]) ids.push(await registered({ identity_status: 'unknown', met_at: 'вокзал', ...(sex && { sex }) }));
  const names = [];
  for (const id of ids) names.push((await card(id)).family_name);
  like(names[0], /^Неизвестный № \d+\/2024$/, 'a calm word and a number');
  ok(new Set(names).size === 4, 'each has its own', names.join('; '));
  like(names[2], /^Неизвестная № /, 'by sex');
  like(names[3], /^Неизвестное лицо № /, 'also when the sex is not known');
  const empty = (html) => [...html.matchAll(/<a\s[^>]*href="\/persons\/\d+"[^>]*>([^]*?)<\/a>/g)].filter((m) => !m[1].replace(/<[^>]*>/g, '').trim());
  is(empty((await page.get('/persons?sort=newest')).main).length, 0, 'no link to a person is empty');
  const edit = await page.submit(`/persons/${ids[0]}/edit`, /edit/, { phone: '+79001112233' });
  is(edit.status, 303, 'such a card can be corrected without giving a name');
});

// ---- names of bad input ----

await part('names of bad input', async () => {
  const send = (family_name) => post('social1', '/persons', { ...why, family_name, given_name: 'Пётр', birth_date: '01.02.1981' });
  for (const [what, name] of [['blanks only', '  \u00a0 '], ['emoji', '😀'], ['emoji in a name', 'Иванов😀'], ['digits', '12'], ['a hyphen', '-'], ['a number like the made ones', 'Петров № 3/2024']])
    is((await send(name)).status, 422, `${what}: refused`);
  is((await send('Э')).status, 201, 'one letter: taken');
  const mixed = await send('Ив\u0061нов'); // a Latin a
  is(mixed.status, 422, 'letters of two alphabets: asked about');
  like(mixed.text, /Иванов/, 'and the name in one alphabet is offered');
  ok(!/Ив\u0061нов/.test(mixed.text), 'not the mixed one');
  is((await send('Ивfнов')).status, 422, 'mixed with letters that are not alike: refused');
  const html = await page.submit('/persons/new', '/persons', { ...why, family_name: 'C\u043eкoлов', birth_date: '01.02.1982' });
  is(html.status, 422, 'on the page it comes back');
  const form = html.form('/persons');
  is(form.fields.find(([k]) => k === 'family_name')[1], 'Соколов', 'with the name mended');
  is((await page.submit(html, '/persons')).status, 303, 'and is taken when it is sent again');
  is((await send('Smith')).status, 201, 'a name in Latin letters is a name');
});

// ---- identification ----

await part('identified later', async () => {
  const before = { categories: register.rows(`select id, category from person_category where person_id = ${anybody}`), version: (await card(anybody)).version };
  const opened = await post('social1', '/cases', { person: String(anybody), person_id: String(anybody), category: 'homeless', channel: 'outreach' });
  const caseId = register.rows(`select id from case_file where person_id = ${anybody}`)[0]?.id;
  const shown = await page.get(`/persons/${anybody}/identify`);
  is(shown.status, 200, 'the page of the identification', shown.text.slice(0, 200));
  const send = (data) => page.submit(shown, `/persons/${anybody}/identify`, { identity_status: 'document', family_name: 'Морозов', given_name: 'Игнат', patronymic: 'Львович',
    birth_date: '03.09.1976', kind: 'passport_ru', series: '00 12', number: '123456', issued_on: '05.06.2024', day: '10.06.2024', words: 'Ответ отдела МВД № 5/118', ...data });
  is((await send({ words: '' })).status, 422, 'how it was established must be said');
  is((await send({ day: '15.06.2024' })).status, 422, 'not in the future');
  is((await send({ identity_status: 'unknown' })).status, 422, 'what is established is not unknown');
  is((await send({ kind: '' })).status, 422, 'a number without the kind of the document is asked about');
  is((await send({ number: '12345' })).status, 422, 'a passport has six digits');
  is(register.rows(`select count(*) as n from identification where person_id = ${anybody}`)[0].n, 0, 'nothing was kept of what was refused');
  const done = await send({});
  is([done.status, done.location], [303, `/persons/${anybody}`], 'established', done.text.slice(0, 300));
  const c = await card(anybody);
  is([c.family_name, c.given_name, c.birth_date, c.identity_status.code ?? c.identity_status], ['Морозов', 'Игнат', '1976-09-03', 'document'], 'the card has the name');
  is([c.birth_year_from ?? null, c.birth_year_to ?? null], [null, null], 'and the date in place of the years');
  is(namesOf(anybody).map((n) => [n.kind, n.name]), [['alias', 'Боцман']], 'the alias stays');
  is(c.identified.map((i) => [i.before_name, i.before_from, i.before_to, i.words, i.day]), [['Боцман', 1973, 1979, 'Ответ отдела МВД № 5/118', '2024-06-10']], 'how, when, and what stood until then');
  is(c.documents.map((d) => [d.series, d.number]), [['00 12', '123456']], 'the document stands');
  is(register.rows(`select number_key from person_document where person_id = ${anybody}`)[0].number_key, '0012123456', 'with its key');
  is(register.rows(`select id, category from person_category where person_id = ${anybody}`), before.categories, 'categories stay');
  ok(!caseId || register.rows(`select person_id from case_file where id = ${caseId}`)[0].person_id === anybody, 'so does the case', `${opened.status}`);
  ok(eventsOf(anybody).includes('person.identified') && eventsOf(anybody).includes('person.document_added'), 'events of both', eventsOf(anybody).join(' '));
  like((await page.get(`/persons/${anybody}/timeline`)).main, /Личность установлена/, 'the timeline shows it');
  like((await page.get(`/persons/${anybody}`)).main, /До этого: Боцман[^]*ок\. 1973–1979/, 'the card too');
  like((await page.get(`/persons?q=${encodeURIComponent('Морозов')}`)).main, new RegExp(`/persons/${anybody}"`), 'the list knows him by the new name');
  is((await send({ key: newKey() })).status, 409, 'an old form does not write over it');
  const foreign = await (await server.client().signIn('social2')).get(`/persons/${anybody}/identify`);
  is(foreign.status, 404, 'another body has no such page');
});

// ---- another surname ----

await part('a surname that changes', async () => {
  const given = { family_name: 'Ежова', given_name: 'Анна', birth_date: '01.03.1990', sex: 'female', identity_status: 'document' };
  const id = await registered(given);
  const edit = async (data) => page.submit(`/persons/${id}/edit`, `/persons/${id}/edit`, data);
  is((await edit({ family_name: 'Ёжова' })).status, 303, 'ё for е');
  is(namesOf(id), [], 'is the same name');
  is((await edit({ family_name: 'Ежоав', rename: 'former' })).status, 303, 'changed');
  is(namesOf(id).map((n) => [n.kind, n.name, n.until]), [['former', 'Ёжова', '2024-06-14']], 'the former one is kept with the day');
  is((await edit({ family_name: 'Зимина', rename: 'slip' })).status, 303, 'a slip of the pen');
  is(namesOf(id).length, 1, 'is not kept');
  is((await edit({ family_name: 'Летова', renamed_on: '01.02.2020' })).status, 303, 'changed long ago; keeping is the default');
  is(namesOf(id).map((n) => [n.name, n.until])[1], ['Зимина', '2020-02-01'], 'with that day');
  is((await edit({ family_name: '' })).status, 422, 'a card has a name');
  const name = register.rows(`select id from person_name where person_id = ${id} order by id`)[0].id;
  const at = `/persons/${id}/names/${name}`;
  is((await page.submit(at, at, { name: 'Ежова-Ли', since: '01.01.2000', until: '01.01.1999' })).status, 422, 'an end before the beginning');
  is((await page.submit(at, at, { name: 'Ежова-Ли', since: '01.01.2000' })).status, 303, 'another name is corrected');
  is((await post('social1', `/persons/${id}/names`, { kind: 'spelling', name: 'Letova' })).status, 201, 'and added');
  is((await post('social1', `/persons/${id}/names`, { kind: 'alias', name: 'LETOVA' })).status, 422, 'once');
  const other = await registered({ family_name: 'Посторонний', birth_date: '01.03.1991' });
  is((await page.get(`/persons/${other}/names/${name}`)).status, 404, 'a name of somebody else');
});

// ---- documents ----

await part('documents', async () => {
  const id = await registered({ family_name: 'Бумажкин', birth_date: '01.03.1970' });
  const add = (d) => post('social1', `/persons/${id}/documents`, { state: 'valid', ...d });
  is((await add({ kind: 'passport_ru', series: '0011', number: '12345' })).status, 422, 'five digits are no passport');
  is((await add({ kind: 'passport_ru', series: '00 11', number: '123 456' })).status, 201, 'blanks make no difference');
  is((await add({ kind: 'passport_ru', series: '0011', number: '123456' })).status, 422, 'the same once');
  is((await add({ kind: 'passport_ru', number: '0011 123456' })).status, 422, 'also written as one number');
  is((await add({ kind: 'other', number: '—' })).status, 422, 'a number of signs');
  is((await add({ kind: 'birth_certificate', series: 'ХII-АГ', number: '123456' })).status, 201, 'Roman number in whatever letters');
  is(register.rows(`select number_key from person_document where person_id = ${id} order by id`).map((d) => d.number_key), ['0011123456', 'XIIAГ123456'], 'keys');
  const form = await page.get(`/persons/${id}/documents/new`);
  const odd = await page.submit(form, `/persons/${id}/documents`, { kind: 'military_card', series: 'АБ', number: '12', state: 'valid' });
  is(odd.status, 422, 'an unusual number is asked about');
  like(odd.main, /name="odd"/, 'and may be confirmed');
  is((await page.submit(odd, `/persons/${id}/documents`, { odd: '1' })).status, 303, 'then it stands');
  const doc = register.rows(`select id, version from person_document where person_id = ${id} and kind = 'passport_ru'`)[0];
  const at = `/persons/${id}/documents/${doc.id}`;
  const open = await page.get(at);
  is((await page.submit(open, at, { state: 'restoring', step: 'application', state_on: '10.06.2024' })).status, 303, 'lost, and being restored');
  const late = await page.submit(open, at, { state: 'lost', key: newKey() });
  is(late.status, 409, 'an old form does not write over it');
  like((await page.get(`/persons/${id}`)).main, /Восстанавливается[^]*форма № 1П/, 'the card shows state and step');
  is((await page.submit(at, at, { state: 'valid', step: 'application', state_on: '' })).status, 303, 'restored');
  is(register.rows(`select step from person_document where id = ${doc.id}`)[0].step, null, 'the step is gone');
});

await part('what a document tells', async () => {
  const id = await registered({ family_name: 'Сроков', birth_date: '01.03.1971', category: 'released', channel: 'self' }, 'penal1');
  const a = await post('penal1', `/persons/${id}/documents`, { kind: 'release_certificate', number: '77', state: 'valid' });
  is(a.status, 201, 'the inspectorate records a certificate of release', a.text.slice(0, 300));
  is(register.rows(`select classes & 32 as told from person_document where person_id = ${id}`)[0].told, 32, 'it tells of a conviction');
  const login = register.users().find((u) => u.role === 'ngo_worker').login;
  const body = register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
  register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) values (${id}, ${body}, 'asked', 14, 'listing', 0, 1)`,
    `insert into access (body_id, person_id, bits, name_key) values (${body}, ${id}, 14, 'сроков')`]);
  const seen = await card(id, login);
  is([seen.family_name, seen.documents], ['Сроков', []], 'who may not know of it has no such row');
  const doc = register.rows(`select id from person_document where person_id = ${id}`)[0].id;
  ok([403, 404].includes((await client(login).get(`/api/v1/persons/${id}/documents/${doc}`)).status), 'nor its page');
  const elsewhere = await client('social2').get('/api/v1/persons/search?q=' + encodeURIComponent('Морозов 1976'));
  unlike(elsewhere.text, /Боцман|0012|123456|якорь/, 'the minimal card tells no other name and no document');
  is((await client('social2').get(`/api/v1/persons/${anybody}`)).status, 404, 'a body without access has no card');
});

await part('a consent of somebody whose age is approximate', async () => {
  const to = register.rows("select body_id as id from account where login = 'employment1'")[0].id;
  const consent = async (given) => {
    const id = await registered({ identity_status: 'stated', ...given });
    return (await post('social1', `/persons/${id}/consents`, { to_body_id: String(to), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.07.2024' })).status;
  };
  is(await consent({ family_name: 'Юнгов', age: '15–17' }), 422, 'perhaps under age: the representative signs');
  is(await consent({ family_name: 'Матёров', age: '30–40' }), 201, 'an adult by any count signs alone');
});

// ---- lists ----

await part('lists', async () => {
  const api = client('social1');
  const rows = [['Фамилия', 'Имя', 'Дата рождения', 'Примерный возраст', 'Прозвище', 'Прежняя фамилия', 'Особые приметы', 'Вид документа', 'Серия документа', 'Номер документа'],
    ['', '', '', '50', 'Матрос', '', 'без двух пальцев', '', '', ''],
    ['Листова', 'Ольга', '05.05.1985', '', '', 'Кустова', '', 'паспорт РФ', '0007', '700700'],
    ['Плохова', 'Ольга', '05.05.1986', '', '', '', '', 'паспорт РФ', '0007', '7007'],
    ['Ст\u0061рова', 'Ирина', '05.05.1987', '', '', '', '', '', '', ''],
    ['Безгодов', 'Иван', '', '', '', '', '', '', '', '']];
  const up = await upload(api, csv(rows, { sep: ';' }), { name: 'бездомные.csv' });
  const i = await rest(api, up.id);
  is([i.rows_new, i.rows_faulty], [3, 2], 'three are new, two are faulty', JSON.stringify(i));
  const a = await post('social1', `/imports/${up.id}/apply`, {});
  ok(a.status < 300, 'applied', a.text.slice(0, 300));
  await rest(api, up.id);
  const sailor = register.rows("select id, birth_year_from, birth_year_to, identity_status from person where family_name = 'Матрос'")[0];
  is([sailor.birth_year_from, sailor.birth_year_to, sailor.identity_status], [1973, 1974, 'stated'], 'approximate age');
  is(namesOf(sailor.id).map((n) => n.name), ['Матрос'], 'alias');
  const olga = register.rows("select id from person where family_name = 'Листова'")[0].id;
  is(namesOf(olga).map((n) => [n.kind, n.name]), [['former', 'Кустова']], 'former surname');
  is(register.rows(`select number_key from person_document where person_id = ${olga}`).map((d) => d.number_key), ['0007700700'], 'document');
  is(register.rows("select count(*) as n from person where family_name = 'Старова'")[0].n, 1, 'letters that look alike are written in one alphabet');
  const again = await upload(api, csv(rows.slice(0, 3), { sep: ';' }), { name: 'бездомные2.csv' });
  is((await rest(api, again.id)).rows_new, 0, 'the same list brings nobody new');
  await post('social1', `/imports/${again.id}/cancel`, {});
  await rest(api, again.id);
  const undo = await post('social1', `/imports/${up.id}/cancel`, {});
  ok(undo.status < 300, 'taken back', undo.text.slice(0, 300));
  await rest(api, up.id);
  is(register.rows(`select (select count(*) from person where id in (${sailor.id}, ${olga})) as p, (select count(*) from person_name where person_id in (${sailor.id}, ${olga})) as n,
    (select count(*) from person_document where person_id in (${sailor.id}, ${olga})) as d`)[0], { p: 0, n: 0, d: 0 }, 'persons, names and documents are gone');
  const known = await registered({ family_name: 'Дополнов', given_name: 'Иван', birth_date: '05.05.1983' });
  const more = await upload(api, csv([rows[0], ['Дополнов', 'Иван', '05.05.1983', '', 'Дуб', '', '', 'паспорт РФ', '0008', '800800']], { sep: ';' }), { name: 'ещё.csv' });
  is((await rest(api, more.id)).rows_known, 1, 'a list adds to a card');
  await post('social1', `/imports/${more.id}/apply`, {});
  await rest(api, more.id);
  is([namesOf(known).length, register.rows(`select count(*) as n from person_document where person_id = ${known}`)[0].n], [1, 1], 'name and document');
  await post('social1', `/imports/${more.id}/cancel`, {});
  await rest(api, more.id);
  is([namesOf(known).length, register.rows(`select count(*) as n from person_document where person_id = ${known}`)[0].n, (await card(known)).family_name], [0, 0, 'Дополнов'],
    'taken back, and the person stays');
});

await part('the register is whole', async () => {
  const check = register.run(['check']);
  ok(check.status === 0, 'bereg check finds nothing', check.out.slice(-500));
});

await server.stop?.();
finish();
