// The search: each way in which somebody is looked for, why he was found, and whom nobody may find; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/search.mjs
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ENGINE, Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 11, name: 'search' });
let server = await register.serve();
const tokens = {};
const client = (login, at = server) => at.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const post = (login, where, body) => client(login).postJson(`/api/v1${where}`, body, { headers: { 'idempotency-key': `search-${process.pid}-${keys += 1}` } });
const snils = (n) => { const s = String(n).padStart(9, '0'); const sum = [...s].reduce((a, d, i) => a + Number(d) * (9 - i), 0) % 101; return s + String(sum % 100).padStart(2, '0'); };

async function enter(login, family, given, patronymic, born, more = {}) {
  const r = await post(login, '/persons', { family_name: family, given_name: given, patronymic, birth_date: born, ...more });
  if (r.status !== 201) throw new Error(`${family}: ${r.status} ${r.text.slice(0, 400)}`);
  return { ...r.json, family, snils: more.snils };
}
// items of the list and what else fits; on the search page all are items
const ask = async (login, q, where = '/persons', at = server) => {
  const r = await client(login, at).get(`/api/v1${where}?q=${encodeURIComponent(q)}`);
  if (r.status !== 200) return { status: r.status, ids: [], why: new Map() };
  const all = [...r.json.items, ...(r.json.similar ?? [])];
  return { status: 200, all, ids: all.map((p) => p.id), why: new Map(all.map((p) => [p.id, p.found_by ?? ''])) };
};
const wide = (login, q, at) => ask(login, q, '/persons/search', at);

const p = {
  semenov: await enter('social1', 'Семёновский', 'Алексей', 'Платонович', '03.04.1980', { phone: '+79991234567', address: 'г. Дальнереченск, ул. Лесная, д. 1', snils: snils(731245688) }),
  scherb: await enter('social1', 'Щербаченкова', 'Наталья', 'Юрьевна', '21.11.1975', {}),
  erzhan: await enter('social1', 'Жұмағалиев', 'Ержан', 'Серікұлы', '07.05.1992', { iin: '920507300005' }).catch(() => null),
  aigul: await enter('social1', 'Тәжімұратова', 'Айгүл', 'Бауыржанқызы', '30.01.1988', {}),
  rare: await enter('social1', 'Жцыхшук', 'Йбыщ', 'Львович', '11.12.1971', {}),
  tsoy: await enter('social1', 'Цой-Кимов', 'Аркадий', 'Львович', '12.12.1970', {}),
};
p.erzhan ??= await enter('social1', 'Жұмағалиев', 'Ержан', 'Серікұлы', '07.05.1992');
const body = register.rows("select body_id as id from account where login = 'social1'")[0].id;

await part('by whatever is known, in the own body', async () => {
  for (const [who, q, why] of [
    ['semenov', 'Семёновский', null], ['semenov', 'семеновск', null], ['semenov', 'ЕМЕНОВСК', /по части имени/],
    ['semenov', 'Семеновский Алексей Платонович', null], ['semenov', 'Алексей Платонович Семёновский', null], ['semenov', 'алексей семеновский', null],
    ['semenov', 'Алексей Платонович', null], ['semenov', 'Семёновский А.П.', null], ['semenov', 'А. П. Семеновский', null],
    ['semenov', 'Симёновский Алексей', /похожее написание/], ['semenov', 'Семёнвоский', /похожее написание/], ['semenov', 'Ctvtyjdcrbq', /раскладк/],
    ['semenov', 'Ctv`yjdcrbq Fktrctq', /раскладк/], ['rare', ';ws[ier q,so', /раскладк/], ['semenov', 'Semenovskiy', /азбук/], ['semenov', 'Semyonovsky Alexey', /азбук/],
    ['semenov', 'Семёновский Лёша', /по имени Алексей \(Леша\)/], ['semenov', 'Семёновская', /окончани/],
    ['semenov', '03.04.1980', null], ['semenov', '1980-04-03', null], ['semenov', '03041980', null], ['semenov', 'Семёновский 04.03.1980', /день и месяц/],
    ['semenov', 'Семёновский 13.04.1980', /дата отличается/], ['semenov', 'Семёновский 1980', null], ['semenov', 'Алексей 1980 г.р.', null],
    ['semenov', '8 (999) 123-45-67', /по телефону/], ['semenov', '+79991234567', /по телефону/], ['semenov', 'Дальнереченск Семёновский', /по месту/],
    ['semenov', p.semenov.snils.replace(/(...)(...)(...)(..)/, '$1-$2-$3 $4'), null],
    ['semenov', p.semenov.snils.slice(0, 3) + String((Number(p.semenov.snils[3]) + 1) % 10) + p.semenov.snils.slice(4), /одной цифрой/],
    ['scherb', 'Shcherbachenkova', /азбук/], ['scherb', 'Scherbachenkova Natalia', /азбук/], ['scherb', 'Наташа Щербаченкова', /по имени Наталья/], ['scherb', 'Щербаченкова Наталия', /по имени/],
    ['scherb', '11.21.1975', /день и месяц/], ['erzhan', 'Жумагалиев', null], ['erzhan', 'Zhumagaliyev Yerzhan', /азбук/], ['erzhan', 'Jūmağaliev Erjan', /азбук/],
    ['erzhan', ';9vf5fkbtd', /раскладк/], ['erzhan', 'Ержан Серикулы', null], ['erzhan', 'Жумагалиев Ерджан', /похожее/], ['aigul', 'Тажимуратова Айгуль', null], ['aigul', 'Tajimuratova Aigul', /азбук/],
    ['aigul', 'Айгуля Тажимуратова', /по имени/], ['tsoy', 'Кимов Аркадий', null], ['tsoy', 'Цой Кимов', null], ['tsoy', 'Tsoy-Kimov', /азбук/], ['tsoy', 'Аркаша Цой', /по имени/], ['tsoy', 'Аркадий Кимов', null],
  ]) {
    const r = await ask('social1', q);
    ok(r.ids.includes(p[who].id), `“${q}” finds ${p[who].family}`, JSON.stringify(r.all?.slice(0, 5)));
    if (why && r.ids.includes(p[who].id)) like(r.why.get(p[who].id) ?? '', why, `“${q}” says why`);
    if (!why && r.why.has(p[who].id)) unlike(r.why.get(p[who].id) ?? '', /похожее/, `“${q}” is no misspelling`);
  }
  is((await ask('social1', 'Семёновский Алексей')).ids[0], p.semenov.id, 'whom it fits best stands first');
  is((await ask('social1', 'Симёновский Алексей 1981')).ids.includes(p.semenov.id), false, 'another year is another person');
  is((await ask('social1', 'Семёновский Борис')).ids.includes(p.semenov.id), false, 'so is another name');
});

const SURNAMES = ('Черных Дегтев Белых Сухих Долгих Седых Коротких Гладких Толстых Легких Мягких Косых Рыжих Широких Глухих Новых Старых Борзых Красных '
  + 'Сизых Гущин Чуйков Лифшиц Крутых Живых Пеших Тучин Удалых Жуйков Шубин Чурбанов Бочаров Кислицын Ярыгин Мохов Рогожин Телегин Вьюгин Лыткин Тулеев Щукин Фомин Ушаков Цыплаков Хохлов Юдин Жук Лях Ким '
  + 'Югай Бойко Рыбак Гук Дрозд Мороз Чуб Кравчук Ющук Дудь Усов Лещук Шмыга Уфимцев Лыков').split(' ');

await part('surnames that could be another layout', async () => {
  const missed = [];
  for (const [i, family] of SURNAMES.entries()) {
    const who = await enter('social1', family, 'Тихон', 'Львович', `${String(1 + i % 28).padStart(2, '0')}.${String(1 + i % 12).padStart(2, '0')}.1964`);
    for (const where of ['/persons', '/persons/search']) {
      const r = await ask('social1', family, where);
      if (!r.ids.includes(who.id) || /раскладк/.test(r.why.get(who.id))) missed.push(`${family} ${where}`);
    }
  }
  is(missed, [], 'a surname typed as it is written finds who has it');
  is((await ask('social1', 'еышьв')).all?.map((x) => x.found_by) ?? [], [], 'and what is nothing in either layout finds nobody');
});

await part('common names', async () => {
  const ends = 'иченко енчук ашвили анский овалец ыгин утдин ятевич оградов ельман озубов ушкевич амышев ониди ерский ашенко ильников опутов еевич юченко'.split(' ');
  const rows = 'Мор Кол Зуб Лап Гор Тиш Вор Дуб Бор Сок Пан Фил Рог Ник Ерш'.split(' ').flatMap((begin, k) => ends.map((end, i) =>
    `${begin}${end};Ермолай;${['Иванович', 'Петрович', 'Львович'][i % 3]};${String(1 + (k * 20 + i) % 28).padStart(2, '0')}.${String(1 + (k + i) % 12).padStart(2, '0')}.1984`));
  const dir = fs.mkdtempSync(path.join(process.env.BEREG_TMP ?? os.tmpdir(), 'search-'));
  fs.writeFileSync(path.join(dir, 'list.csv'), `Фамилия;Имя;Отчество;Дата рождения\n${rows.join('\n')}\n`);
  const five = { Чурбанюк: [], Бочарко: [], Кислицер: [], Ярыгандер: [] };
  const some = async (from, to) => { // some are older than the hundreds, some younger
    for (const family of Object.keys(five))
      for (let i = from; i < to; i++)
        five[family].push((await enter('social1', family, 'Ермолай', ['Олегович', 'Глебович', 'Юрьевич', 'Ильич', 'Фомич'][i], `${String(3 + i * 5).padStart(2, '0')}.0${1 + i * 2}.1984`)).id);
  };
  await some(0, 2);
  const taken = register.run(['import', 'persons', path.join(dir, 'list.csv'), '--login', 'social1', '--list', 'common']);
  const n = Number(register.rows("select count(*) as n from person where given_name = 'Ермолай'")[0].n);
  ok(taken.status < 2 && n >= 300, 'three hundred of one given name and year', `${n} ${taken.out}${taken.err}`);
  await some(2, 5);
  for (const [login, where] of [['social1', '/persons'], ['social1', '/persons/search'], ['penal1', '/persons/search']])
    for (const [family, ids] of Object.entries(five))
      for (const q of [`${family} Ермолай 1984`, `Ермолай ${family} 1984`, `${family} 1984`, `${family.replace('а', 'о')} Ермолай 1984`]) {
        const r = await ask(login, q, where);
        is(ids.filter((id) => r.ids.includes(id)).length, 5, `“${q}” finds all five for ${login} by ${where}`);
      }
  ok((await ask('social1', 'Ермолай 1984')).ids.length > 20, 'the given name and year alone find many');
  fs.rmSync(dir, { recursive: true });
});

await part('other names and documents', async () => {
  const now = new Date('2024-06-14T07:00:00Z').getTime() * 1000;
  const name = (kind, text) => `insert into person_name (person_id, kind, name, name_key, body_id, created_at, version) values (${p.scherb.id}, '${kind}', '${text}', '${text.toLowerCase()}', ${body}, ${now}, 1)`;
  register.exec([name('former', 'Заболоцкая'), name('alias', 'Пчёлка').replace("'пчёлка'", "'пчелка'")]);
  let r = await ask('social1', 'Заболоцкая Наталья');
  like(r.why.get(p.scherb.id) ?? '', /по прежней фамилии Заболоцкая/, 'by the former surname');
  r = await ask('social1', 'пчелка');
  like(r.why.get(p.scherb.id) ?? '', /по прозвищу Пчёлка/, 'by the alias');
  is((await wide('penal1', 'Заболоцкая 1975')).why.get(p.scherb.id), 'по прежней фамилии', 'another body is not told the former surname');
  is((await wide('penal1', 'пчелка 1975')).why.get(p.scherb.id), 'по другому имени', 'nor that a name is an alias');
  const paper = await post('social1', `/persons/${p.semenov.id}/documents`, { kind: 'birth_certificate', series: 'IV-МН', number: '654321', state: 'valid' });
  is(paper.status, 201, 'a document whose letters look alike in two alphabets', paper.text.slice(0, 300));
  for (const q of ['IV-МН 654321', 'IV-MH 654321', 'ivмн654321', 'ІV МН № 654321'])
    like((await ask('social1', q)).why.get(p.semenov.id) ?? '', /по номеру документа/, `“${q}” finds by the document`);
  const [{ bits }] = register.rows('select max(classes) as bits from person_document').concat({ bits: null });
  ok(bits === null || bits > 0, 'documents stand in a table of their own');
});

await part('other bodies', async () => {
  for (const [q, found] of [['Семёновский 1980', true], ['Семёновский Алексей 03.04.1980', true], ['Semenovskiy 1980', true], ['Ctvtyjdcrbq 1980', true], ['Симёновский 1980', true],
    ['Семёновский 04.03.1980', true], [p.semenov.snils, true], ['Алексей Платонович 03.04.1980', true], ['Семён 1980', false], ['Семёновский', false], ['Семёновский Алексей', false],
    ['03.04.1980', false], ['1980', false], ['Алексей 1980', false], ['А П 03.04.1980', false], ['+79991234567', false], ['еновск 1980', false], ['Дальнереченск Семёновский 1980', false]]) {
    const r = await wide('penal1', q);
    is(r.ids.includes(p.semenov.id), found, `“${q}” ${found ? 'finds' : 'does not find'} another body's person`);
    if (found) {
      const card = r.all.find((x) => x.id === p.semenov.id) ?? {};
      is([card.known, card.born, card.phone, card.address, card.birth_date], [0, 1980, undefined, undefined, undefined], 'and shows the minimal card');
    }
    ok(!(await ask('penal1', q)).ids.includes(p.semenov.id), `“${q}” finds nobody in the list of a body that does not know him`);
  }
  const page = await (await server.client().signIn('penal1')).get(`/persons/search?q=${encodeURIComponent('Симёновский 1980')}`);
  like(page.main, /Семёновский Алексей[^]*похожее написание/, 'the page says why');
  like((await (await server.client().signIn('penal1')).get(`/persons/search?q=${encodeURIComponent('Семёновский')}`)).main, /год/, 'and what is missing');
  like((await (await server.client().signIn('social1')).get(`/persons?q=${encodeURIComponent('Симёновский')}`)).main, /Подходят к тому, что вы ввели[^]*Семёновский[^]*похожее написание/, 'so does the list');
  ok(register.rows(`select count(*) as n from read_person where person_id = ${p.semenov.id}`).length === 1, 'what was shown is in the read log');
});

await part('restricted persons', async () => {
  const hidden = await enter('social1', 'Затворницкая', 'Вера', 'Ильинична', '15.08.1991', { phone: '+79997654321', snils: snils(731245999) });
  const queries = ['Затворницкая 1991', 'Затворницкая Вера 15.08.1991', 'Zatvornitskaya 1991', 'Pfndjhybwrfz 1991', 'Сатворницкая 1991', hidden.snils, '15.08.1991', '+79997654321', 'Вера Ильинична 15.08.1991', 'Затворницкая'];
  is((await wide('penal1', queries[0])).ids.includes(hidden.id), true, 'before, other bodies find her');
  const set = await post('head1', `/persons/${hidden.id}/restrictions`, { reason: 'order', words: 'Решение суда' });
  is(set.status, 201, 'she is restricted', set.text.slice(0, 300));
  for (const q of queries) {
    const r = [...(await wide('penal1', q)).ids, ...(await ask('penal1', q)).ids, ...(await wide('police1', q)).ids];
    is(r.includes(hidden.id), false, `“${q}” finds her for nobody who is not named`);
  }
  is((await ask('social1', 'Сатворницкая')).ids.includes(hidden.id), true, 'her own body goes on finding her');
});

await part('names of somebody hidden or gone', async () => {
  await enter('penal1', 'Ивабинцева', 'Анна', 'Львовна', '01.01.1980');
  await enter('penal1', 'Ивагинцев', 'Пётр', 'Львович', '01.01.1980');
  await enter('penal1', 'Чернь', 'Осип', 'Львович', '01.01.1980');
  const queries = [['Ивабинцев', '/persons'], ['Ивабинцев 1980', '/persons/search'], ['Ивабинцев Пётр', '/persons'], ['Пётр Ивабинцев 1980', '/persons/search'], ['шмфишытеыум', '/persons']];
  const answers = async () => { const out = []; for (const [q, where] of queries) out.push((await ask('penal1', q, where)).all?.map((x) => `${x.id} ${x.found_by ?? ''}`)); return out; };
  const before = await answers();
  ok(before.slice(0, 4).every((r) => r.some((x) => /похожее/.test(x))), 'misspelt neighbours are found', JSON.stringify(before));
  const hidden = await enter('social1', 'Стеклодувцев', 'Олег', 'Львович', '05.05.1970');
  is((await post('head1', `/persons/${hidden.id}/restrictions`, { reason: 'order', words: 'Решение суда' })).status, 201, 'somebody is restricted');
  const rename = async (family) => {
    const form = (await client('social1').get(`/api/v1/persons/${hidden.id}`)).json;
    const r = await post('social1', `/persons/${hidden.id}/edit`, { version: String(form.version), family_name: family, given_name: 'Олег', patronymic: 'Львович', birth_date: '05.05.1970', identity_status: 'document', rename: 'slip' });
    ok(r.status < 400, `and renamed ${family}`, r.text.slice(0, 300));
  };
  await rename('Ивабинцев');
  is((await ask('social1', 'Ивабинцев')).ids.includes(hidden.id), true, 'the own body finds the new name');
  is(await answers(), before, 'the answers of another body are as they were');
  await rename('Шмфишытеыум');
  is(await answers(), before, 'also when the name looks like another layout');
  await enter('penal1', 'Ивабинцев', 'Лев', '', '01.01.1980');
  is((await ask('penal1', 'Ивабинцев')).all.some((x) => /похожее/.test(x.found_by ?? '')), false, 'somebody visible of the very name: no misspelt ones');
});

await part('bad input', async () => {
  const same = await enter('social1', 'Иваницкий', 'Пётр', '', '01.01.1990');
  for (const q of ['а', ' ', '   ', '😀', '😀😀 😀', '%', '_', "'", '"', '\\', 'а б в г д е ж з', '((((', '-', '--- 1980', '0', '99999999999999999999999', '31.02.1980', '00.00.0000', 'ъьъь', 'а'.repeat(120), '1'.repeat(100), 'İıŞş', '李明', 'ա', 'Иваницкий😀', 'Ив\u0430ницкий '])
    for (const where of ['/persons', '/persons/search']) {
      const r = await ask('social1', q, where);
      is(r.status, 200, `“${q.slice(0, 30)}” is answered by ${where}`);
    }
  for (const q of ['Ивaницкий', 'ИВАНИЦKИЙ', 'Иваницкий 😀', '  Иваницкий,  Петр '])
    is((await ask('social1', q)).ids.includes(same.id), true, `“${q}”: look-alikes and signs do not hide a name`);
  const shared = snils(731245777);
  const twins = [await enter('social1', 'Двойников', 'Иван', '', '02.02.1982'), await enter('social1', 'Двойников', 'Олег', '', '03.03.1983')];
  register.exec([`update person set snils = '${shared}' where id in (${twins.map((t) => t.id)})`]);
  const r = await ask('social1', shared);
  is(twins.every((t) => r.ids.includes(t.id)), true, 'a SNILS of two persons finds both');
});

await part('what changes', async () => {
  const who = await enter('social1', 'Преображенцев', 'Глеб', 'Олегович', '09.09.1969', {});
  const form = (await client('social1').get(`/api/v1/persons/${who.id}`)).json;
  const changed = await post('social1', `/persons/${who.id}/edit`, { version: String(form.version), family_name: 'Златогорцев', given_name: 'Глеб', patronymic: 'Олегович', birth_date: '10.09.1969', identity_status: 'document', rename: 'slip' });
  ok(changed.status < 400, 'a card is changed', changed.text.slice(0, 300));
  is((await wide('penal1', 'Златогорцев 1969')).ids.includes(who.id), true, 'found under the new surname');
  is((await wide('penal1', 'Слатогорцев 1969')).ids.includes(who.id), true, 'also misspelt');
  is((await wide('penal1', 'Преображенцев 1969')).ids.includes(who.id), false, 'and not under that of a slip');
  is((await ask('social1', '10.09.1969')).ids.includes(who.id), true, 'by the new date');
  is((await ask('social1', '09.09.1969')).ids.includes(who.id), false, 'not by the old');

  // a second node; SQLite has one
  const other = ENGINE === 'postgres' ? await register.serve() : server;
  await ask('social1', 'Семёнвоский', '/persons', other);
  const fresh = await enter('social1', 'Колокольцевич', 'Яна', '', '05.06.1993');
  is((await ask('social1', 'Калакольцевич', '/persons', other)).ids.includes(fresh.id), true, 'what one node writes the other finds at once');
  if (other !== server) await other.stop();
  const clean = register.run(['check']);
  is(clean.status, 0, 'bereg check finds nothing', clean.out);
});

await part('the words stand in no address', async () => {
  const desk = await server.client().signIn('social1'), other = await server.client().signIn('social2');
  const said = (a) => /<input[^>]*\bid="q"[^>]*>/.exec(a.text)?.[0].match(/value="([^"]*)"/)?.[1];
  const send = (from, fields) => desk.post('/find', { ...Object.fromEntries(from.fields), ...fields });
  const addresses = (a) => [...a.text.matchAll(/\b(?:href|action)="([^"]*)"/g)].map((m) => decodeURIComponent(m[1]));

  for (const [at, words] of [['/persons', 'Симёновский'], ['/persons/search', 'Симёновский 1980']]) {
    const form = (await desk.get(at)).forms.find((f) => f.fields.some(([n, v]) => n === 'at' && v === at) && f.fields.some(([n]) => n === 'q'));
    is([form.method, form.action], ['post', '/find'], `the form of ${at} sends them in its body`);
    const sent = await send(form, { q: words, empty: '' });
    is(sent.status, 303, 'and leads on');
    ok(sent.location.startsWith(`${at}?`) && /[?&]sealed=[\w-]{140}(&|$)/.test(sent.location) && !/key=|csrf=|at=|empty=|q=/.test(sent.location), 'to an address that says nothing of them', sent.location);
    const found = await desk.get(sent.location), plain = await desk.get(`${at}?q=${encodeURIComponent(words)}`);
    is([found.status, said(found)], [200, words], 'where they were searched by');
    like(found.main, /Семёновский/, 'and somebody is found');
    for (const page of [found, plain]) is(addresses(page).filter((x) => /Симёновский/.test(x)), [], 'no link of the page says them');
    is((await desk.get(addresses(found).find((x) => x.startsWith('/persons/search?sealed=') || x.startsWith('/persons?sealed=')) ?? sent.location)).status, 200, 'its links lead on');
    is(said(await other.get(sent.location)), '', 'another worker who opens the address is told nothing');
    const i = sent.location.indexOf('sealed=') + 60;
    for (const bad of [`${sent.location.slice(0, i)}${sent.location[i] === 'A' ? 'B' : 'A'}${sent.location.slice(i + 1)}`, `${at}?sealed=`, `${at}?sealed=x`, `${at}?sealed=${encodeURIComponent(words)}`, `${at}?sealed=%02A`]) {
      const a = await desk.get(bad);
      ok(a.status < 500 && !(said(a) ?? ''), 'what was sealed by nobody opens nothing', [bad, a.status, said(a)]);
    }
  }
  const csv = await desk.get(`${(await desk.post('/find', { at: '/persons', q: 'Семёновский', sort: 'newest' })).location}&format=csv`);
  like(csv.text, /Семёновский/, 'a file of what was found');

  const typed = await desk.get('/persons/search', { headers: { 'x-words': encodeURIComponent('Симёновский 1980') } });
  like(typed.main, /Семёновский/, 'a script says them in a header');
  like(typed.headers['x-address'], /^\/persons\/search\?sealed=[\w-]+$/, 'and is told the address to show');
  is(said(await desk.get(typed.headers['x-address'])), 'Симёновский 1980', 'which is the same search');
  is((await client('social1').get('/api/v1/persons/search', { headers: { 'x-words': encodeURIComponent('Симёновский 1980') } })).json.items.map((x) => x.id), [p.semenov.id], 'so may a program');
  for (const bad of ['%', '%zz', '%ff', '%00']) is((await desk.get('/persons', { headers: { 'x-words': bad } })).status, 400, `a header that cannot be read: ${bad}`);

  for (const at of ['', '/', '//elsewhere.example', 'https://elsewhere.example/', '/no/such/page', '/persons\r\nx: y', '/persons?q=a', '\\\\elsewhere'])
    ok(at === '/' || (await desk.post('/find', { at, q: 'а' })).status === 404, `it leads only to pages of ours: ${JSON.stringify(at)}`);
  is((await desk.post('/find', { at: '/persons', q: 'я'.repeat(9000) })).status >= 400, true, 'words without measure are refused');
  is((await desk.post('/find', { at: '/persons', q: 'а' }, { csrf: 'wrong' })).status, 403, 'and no other site sends them');
  is((await client('social1').postJson('/api/v1/find', { at: '/persons', q: 'а' })).status, 404, 'programs have no need of it');
  const nobody = server.client();
  const help = await nobody.post('/find', { at: '/help', q: 'нет жилья' });
  like(help.location, /^\/help\?sealed=[\w-]+$/, 'who asks for help without signing in');
  is(said(await nobody.get(help.location)), 'нет жилья', 'leaves no words behind either');
  const said2 = await nobody.get('/help', { headers: { 'x-words': encodeURIComponent('нет жилья') } });
  is([said(said2), said2.headers['cache-control']], ['нет жилья', 'no-store'], 'what a header has asked for is kept by no proxy as the page itself');
});

await part('lists, their undo, upgrade and check', async () => {
  const dir = fs.mkdtempSync(path.join(process.env.BEREG_TMP ?? os.tmpdir(), 'search-'));
  const csv = path.join(dir, 'list.csv');
  fs.writeFileSync(csv, `Фамилия;Имя;Отчество;Дата рождения;Категория;Канал обращения\nМноголетов;Тарас;Ильич;11.11.1971;released;release_list\n${'Половинкин;Пров;;01.02.1961;released;release_list\n'.repeat(40)}`);
  const r = register.run(['import', 'persons', csv, '--login', 'penal1', '--list', 'search']);
  ok(/Многолетов|1/.test(r.out) && r.status < 2, 'a list is taken, half of it one person', r.out + r.err);
  is((await ask('penal1', 'Многолетав')).ids.length, 1, 'who came by a list is found misspelt');
  is((await ask('penal1', 'Половинкин')).ids.length, 1, 'the same row many times is one person');
  is(register.run(['check']).status, 0, 'bereg check finds nothing');
  await server.stop();
  register.exec(['delete from person_key where key = (select min(key) from person_key)']);
  const missing = register.run(['check']);
  like(missing.out, /a key of the search is missing/, 'bereg check misses a key');
  register.exec(['delete from person_key', 'delete from name_word', "delete from setting where name = 'person_keys'"]);
  const up = register.run(['upgrade']);
  is(up.status, 0, 'upgrade fills what an older register has not', up.out + up.err);
  is(register.run(['check']).status, 0, 'and all is there');
  server = await register.serve();
  is((await ask('penal1', 'Многолетав')).ids.length, 1, 'found as before');
  fs.rmSync(dir, { recursive: true });
});

unlike(server.err ?? '', /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
await server.stop();
await register.drop();
finish();
