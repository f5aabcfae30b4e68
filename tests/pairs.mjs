// Pairs that may be one person: found by the job, shown with what speaks for and against, decided; joined by rule only where the
// packs say so; warning while registering.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/pairs.mjs
import { Client } from './lib/client.mjs';
import { ENGINE, PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';
import fs from 'node:fs';
import path from 'node:path';

// The packs of the region with joining by rule switched on, for the last part.
function packsWithJoining() {
  const dir = path.join(tmpDir(), 'packs-joining');
  fs.cpSync(path.dirname(PACKS), dir, { recursive: true });
  const file = path.join(dir, 'ru', 'joining.pack');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('sure = no', 'sure = yes'));
  return path.join(dir, path.basename(PACKS));
}

const register = Register.demo({ persons: 60, seed: 41, name: 'pairs' });
let server = await register.serve();
const api = (login) => new Client(server.base, { token: register.token(login) });
const page = (login) => new Client(server.base).signIn(login);
const one = (sql) => register.rows(sql)[0];
const jobs = () => { const r = register.run(['jobs', '--once']); if (r.status) throw new Error(r.err); };
const snils = (n) => {
  const d = String(n).padStart(9, '0');
  const sum = [...d].reduce((s, c, i) => s + Number(c) * (9 - i), 0) % 101;
  return d + String(sum === 100 ? 0 : sum).padStart(2, '0');
};
const enter = async (login, p) => {
  const a = await api(login).postJson('/api/v1/persons', { sex: 'male', twin: 'another', ...p });
  if (a.status !== 201) throw new Error(`${login}: ${a.status} ${a.text.slice(0, 300)}`);
  return a.json.id;
};
const pairOf = (a, b) => one(`select * from likely_pair where person_id = ${Math.min(a, b)} and other_id = ${Math.max(a, b)}`);

jobs();
const man = { family_name: 'Журавский', given_name: 'Платон', patronymic: 'Ильич', birth_date: '03.04.1981' };
const a = await enter('head1', man);
const b = await enter('penal1', { ...man, family_name: 'Журавсский', given_name: 'Платоша', birth_date: '04.03.1981', snils: snils(612000001) });
const twin1 = await enter('head1', { family_name: 'Двинов', given_name: 'Роман', patronymic: 'Олегович', birth_date: '05.05.2001' });
const twin2 = await enter('head1', { family_name: 'Двинов', given_name: 'Руслан', patronymic: 'Олегович', birth_date: '05.05.2001' });
const other = await enter('head1', { family_name: 'Совсемин', given_name: 'Эдуард', patronymic: 'Янович', birth_date: '09.10.1955' });
const own1 = await enter('head1', { family_name: 'Остроухов', given_name: 'Глеб', patronymic: 'Ильич', birth_date: '11.12.1990' });
const own2 = await enter('head1', { family_name: 'Острoухов'.replace('o', 'о'), given_name: 'Глеб', patronymic: 'Ильич', birth_date: '12.11.1990', phone: '+79131112233' });
jobs();

await part('the job', async () => {
  ok(pairOf(a, b), 'a misspelt name with day and month changed is offered');
  ok(pairOf(own1, own2), 'so are two cards of one body');
  const t = pairOf(twin1, twin2);
  ok(!t || t.sure === 0, 'twins are never sure');
  ok(!pairOf(a, other), 'strangers are not offered');
  const n = one('select count(*) as n from likely_pair').n;
  jobs();
  is(one('select count(*) as n from likely_pair').n, n, 'nothing twice');
});

await part('the queue', async () => {
  const mine = (await api('head1').get('/api/v1/pairs')).json.items;
  const id = pairOf(a, b).id;
  ok(mine.some((p) => p.id === id), 'the body that knows one of them sees the pair');
  const row = mine.find((p) => p.id === id);
  ok([row.a_known, row.b_known].includes(0), 'the other one stands there by the minimal card');
  unlike(JSON.stringify(row), /1981-|03\.04|04\.03|612000001/, 'without date or number');
  is((await api('police1').get('/api/v1/pairs')).status, 403, 'not every role decides');
  const file = (await api('head1').get('/api/v1/pairs?limit=1&format=csv')).text.trim().split('\n').slice(1);
  ok(mine.length > 1, 'there are several', mine.length);
  is([file.length, new Set(file).size], [mine.length, mine.length], 'a file of the queue has each once');
  const card = await (await page('head1')).get(`/pairs/${id}`);
  like(card.text, /<svg class="b-bars"/, 'a chart says what speaks for it');
  unlike(card.text, /[+−]\d+,\d/, 'without the bits, which would tell how a date agrees');
  unlike(card.text, /день и месяц/, 'how the date agrees is not told of somebody whom the body does not know');
  const both = await (await page('head1')).get(`/pairs/${pairOf(own1, own2).id}`);
  like(both.text, /11\.12\.1990[^]*12\.11\.1990/, 'of two known ones the values stand side by side');
  like(both.text, /\/join\?other=/, 'and the cards can be joined');
  const strange = await api('head2').get(`/api/v1/pairs/${pairOf(own1, own2).id}`);
  is(strange.status, 404, 'a body that knows neither has no such pair');
  is((await api('head1').get('/api/v1/pairs/999999')).status, 404, 'as one that is not there');
});

await part('not the same', async () => {
  const id = pairOf(own1, own2).id;
  const p = await page('head1');
  let r = await p.submit(`/pairs/${id}`, `/pairs/${id}/apart`, { reason: '' });
  is(r.status, 422, 'a decision has a reason');
  r = await p.submit(`/pairs/${id}`, `/pairs/${id}/apart`, { reason: 'Сверено с паспортами' });
  is(r.status, 303, 'two persons');
  is(pairOf(own1, own2).state, 'not_same', 'kept');
  jobs();
  is(pairOf(own1, own2).state, 'not_same', 'and not offered again');
  await p.submit(`/persons/${own1}/edit`, `/persons/${own1}/edit`, { birth_place: 'с. Ивановка' });
  jobs();
  is(pairOf(own1, own2).state, 'not_same', 'a new fact that speaks neither way does not bring it back');
  await p.submit(`/persons/${own1}/edit`, `/persons/${own1}/edit`, { phone: '+79131112233' });
  jobs();
  is(pairOf(own1, own2).state, 'open', 'one that speaks for it does');
  is((await api('head1').postJson(`/api/v1/pairs/${id}/apart`, { version: 1, reason: 'x' })).status, 409, 'an old page decides nothing');
});

await part('both sides', async () => {
  const id = pairOf(a, b).id;
  let r = await (await page('head1')).submit(`/pairs/${id}`, `/pairs/${id}/apart`, { reason: 'Тот же человек, пришёл сам' }, {});
  is(pairOf(a, b).state, 'not_same', 'the button decides');
  register.exec([`update likely_pair set state = 'open', body_id = null, account_id = null where id = ${id}`]);
  const say = async (login) => {
    const v = one(`select version from likely_pair where id = ${id}`).version;
    return api(login).postJson(`/api/v1/pairs/${id}/same`, { version: v, reason: 'Один человек' });
  };
  r = await say('head1');
  ok(r.status < 300, 'one side says so', r.text.slice(0, 300));
  is(pairOf(a, b).state, 'open', 'that alone joins nothing');
  r = await say('head1');
  is(r.status, 409, 'nor does it count twice');
  jobs();
  is(one(`select merged_into from person where id = ${b}`).merged_into, null, 'the cards stay two');
  r = await say('penal1');
  ok(r.status < 300, 'the other side agrees', r.text.slice(0, 300));
  jobs();
  const into = one(`select id, merged_into from person where id in (${a}, ${b}) and merged_into is not null`);
  ok(into, 'then they are one', JSON.stringify(pairOf(a, b)));
  is(pairOf(a, b).state, 'joined', 'and the pair has ended');
  is(register.run(['check']).status, 0, 'the register is sound');
});

await part('a warning opens nothing', async () => {
  const stranger = await enter('penal1', { family_name: 'Громовержцев', given_name: 'Пётр', patronymic: 'Ильич', birth_date: '11.09.1968', phone: '+79994445566', address: 'г. Дальний, ул. Тайная, д. 3' });
  const c = api('head1');
  const ask = async (p) => (await c.postJson('/api/v1/persons/alike', p)).json.items.filter((x) => x.id === stranger);
  is((await ask({ phone: '+79994445566' })).length, 0, 'a telephone alone names nobody');
  is((await ask({ birth_date: '11.09.1968' })).length, 0, 'nor does a date');
  is((await ask({ family_name: 'Г', birth_date: '11.09.1968', phone: '+79994445566', address: 'г. Дальний, ул. Тайная, д. 3' })).length, 0, 'nor a letter with all of it');
  const [hit] = await ask({ family_name: 'Громовержцев', given_name: 'Пётр', birth_date: '11.09.1968', phone: '+79994445566', address: 'г. Дальний, ул. Тайная, д. 3' });
  ok(hit, 'a name with a date does');
  unlike(JSON.stringify(hit), /Телефон|Адрес/, 'but neither telephone nor address is confirmed');
  is(hit?.choose, 0, 'and who is only alike is not taken over');
  const tried = await c.postJson('/api/v1/persons', { sex: 'male', family_name: 'Громовержцев', given_name: 'Пётр', birth_date: '11.09.1968', twin: String(stranger) });
  ok(tried.status === 201 && tried.json.id !== stranger, 'also when his number is sent', tried.text.slice(0, 200));
  is((await c.get(`/api/v1/persons/${stranger}`)).status, 404, 'his card stays closed');
});

await part('two bodies of one side', async () => {
  const shared = await enter('head1', { family_name: 'Однобоков', given_name: 'Фрол', patronymic: 'Ильич', birth_date: '01.02.1977', snils: snils(614000001) });
  const again = await api('head2').postJson('/api/v1/persons', { sex: 'male', family_name: 'Однобоков', given_name: 'Фрол', patronymic: 'Ильич', birth_date: '01.02.1977', snils: snils(614000001), twin: String(shared) });
  is(again.json?.id, shared, 'a card that two bodies know');
  const lone = await enter('penal1', { family_name: 'Однобоков', given_name: 'Фрол', patronymic: 'Ильич', birth_date: '02.01.1977' });
  jobs();
  const id = pairOf(shared, lone)?.id;
  ok(id, 'and one that a third knows are a pair');
  const say = async (login, reason = 'Один человек') => api(login).postJson(`/api/v1/pairs/${id}/same`, { version: one(`select version from likely_pair where id = ${id}`).version, reason });
  ok((await say('head1', 'Тайные слова')).status < 300, 'one of the first says so');
  is((await say('head2')).status, 409, 'the other of the first adds nothing');
  jobs();
  is(one(`select merged_into from person where id = ${lone}`).merged_into, null, 'nothing is joined');
  unlike((await (await page('penal1')).get(`/pairs/${id}`)).text, /Тайные слова/, 'what a body wrote is read by itself only');
  ok((await say('penal1')).status < 300, 'the other side decides');
});

await part('parted by hand', async () => {
  const x = await enter('head1', { family_name: 'Разделов', given_name: 'Наум', patronymic: 'Ильич', birth_date: '05.06.1966', snils: snils(615000001) });
  const y = await enter('head1', { family_name: 'Разделов', given_name: 'Наум', patronymic: 'Ильич', birth_date: '05.06.1966' });
  const z = await enter('head1', { family_name: 'Разделов', given_name: 'Наум', patronymic: 'Ильич', birth_date: '06.05.1966' });
  jobs();
  ok(pairOf(y, z), 'the third is offered with the second');
  const joined = await api('head1').postJson(`/api/v1/persons/${x}/join`, { other: y, words: 'Один' });
  ok(joined.status < 300, 'joined by hand', joined.text.slice(0, 300));
  jobs();
  const merge = one(`select max(id) as id from person_merge`).id;
  const seen = await api('head1').get(`/api/v1/merges/${merge}`);
  const undone = await api('head1').postJson(`/api/v1/merges/${merge}/undo`, { version: one(`select version from person_merge where id = ${merge}`).version, undone_words: 'Два человека, проверено' });
  ok(undone.status < 300, 'and parted', undone.text.slice(0, 400));
  is(pairOf(x, y)?.state, 'not_same', 'which is a judgement');
  jobs();
  is(pairOf(x, y).state, 'not_same', 'that stays');
  is(pairOf(y, z)?.state, 'open', 'the other pair is offered again');
  is(one(`select count(*) as n from merge_value where merge_id = ${merge}`).n, 0, 'and the joining shows nothing of the other any more');
  ok(seen.status === 200, 'as it did before');
});

await part('restricted persons', async () => {
  const hidden = await enter('head1', { family_name: 'Потаённый', given_name: 'Марк', patronymic: 'Ильич', birth_date: '02.02.1982' });
  ok((await api('head1').postJson(`/api/v1/persons/${hidden}/restrictions`, { reason: 'witness', words: '№ 1' })).status === 201, 'hidden');
  const seen = await enter('penal1', { family_name: 'Потаенный', given_name: 'Марк', patronymic: 'Ильич', birth_date: '02.02.1982' });
  jobs();
  unlike((await api('penal1').get('/api/v1/pairs')).text, new RegExp(`"(a|b)_id":${hidden}\\b`), 'no pair tells of her');
  const id = pairOf(hidden, seen)?.id;
  if (id) is((await api('penal1').get(`/api/v1/pairs/${id}`)).status, 404, 'nor does its address');
  const warned = await api('penal1').postJson('/api/v1/persons/alike', { family_name: 'Потаенный', given_name: 'Марк', patronymic: 'Ильич', birth_date: '02.02.1982' });
  unlike(warned.text, new RegExp(`"id":${hidden}\\b`), 'nor the warning');
});

await part('warning while registering', async () => {
  const c = api('head1');
  const ask = async (p) => (await c.postJson('/api/v1/persons/alike', p)).json.items;
  let items = await ask({ family_name: 'Совсемина', given_name: 'Эдуард', patronymic: 'Янович', birth_date: '09.10.1955' });
  ok(items.some((p) => p.id === other), 'another ending of the surname');
  items = await ask({ family_name: 'Совсемин', given_name: 'Эдуард', birth_date: '10.09.1955' });
  const hit = items.find((p) => p.id === other);
  ok(hit, 'day and month change places');
  like(hit?.near ?? '', /день и месяц/, 'said of a person of the own body');
  items = await ask({ family_name: 'Cовсемин', given_name: 'Эдик', patronymic: 'Янович', birth_date: '09.10.1955' });
  ok(items.some((p) => p.id === other), 'a Latin letter and a form of the name');
  is(await ask({}), [], 'nothing is asked, nothing is found');
  is(await ask({ family_name: 'Я' }), [], 'a surname of one letter alone tells nothing');
  is((await ask({ family_name: '😀😀', given_name: '   ', birth_date: '31.02.1990' })), [], 'nor what is no name');
  const p = await page('head1');
  const r = await p.submit('/persons/new', '/persons', { ...man, family_name: 'Совсемин', given_name: 'Эдуард', patronymic: 'Янович', birth_date: '10.09.1955', check: '1' });
  like(r.text, /Возможно, уже зарегистрирован/, 'without scripts a button asks');
  like(r.text, /Совпадает: /, 'and says what agrees');
  is(one("select count(*) as n from person where family_name = 'Совсемин'").n, 1, 'nothing was registered');
  const asked = await p.submit('/persons/new', '/persons', { category: 'homeless', channel: 'self', since: '14.06.2024', sex: 'male', family_name: 'Совсемин', given_name: 'Эдуард', patronymic: 'Янович', birth_date: '10.09.1955' });
  is(asked.status, 422, 'who sends it all the same is asked');
  like(asked.text, new RegExp(`name="twin" type="radio" value="${other}"`), 'whether it is this one');
});

is(await server.stop(), 0, 'the server ends cleanly');

await part('a model is learnt', async () => {
  const r = Register.demo({ persons: 2100, seed: 44, name: 'pairs_model' });
  const at = () => Number(r.rows("select value from setting where name = 'pairs_person'")[0]?.value ?? 0);
  const early = await r.serve();
  for (let i = 0; i < 600 && !at(); i += 1) await new Promise((done) => { setTimeout(done, 50); });
  is(await early.stop(), 0, 'a server that compares all persons ends cleanly');
  ok(at() > 0 && at() < 2100, 'without waiting for the last of them', `${at()}`);
  is(r.run(['jobs', '--once'], { timeout: 300000 }).status, 0, 'the jobs run'); // a third of a processor, sanitized
  const rows = r.rows('select id, persons, pairs from link_model');
  is(rows.length, 1, 'from a register with doubles in it');
  is(rows[0]?.persons, 2100, 'of all persons');
  ok(r.rows('select count(*) as n from likely_pair')[0].n > 0, 'and the doubles of the demo are offered');
  await r.drop();
});

await part('by rule', async () => {
  const r = Register.demo({ persons: 40, seed: 43, name: 'pairs_rule', packs: packsWithJoining() });
  server = await r.serve();
  const make = async (login, p) => {
    const x = await new Client(server.base, { token: r.token(login) }).postJson('/api/v1/persons', { sex: 'male', twin: 'another', identity_status: 'document', ...p });
    if (x.status !== 201) throw new Error(`${x.status} ${x.text.slice(0, 300)}`);
    return x.json.id;
  };
  const run = () => { const j = r.run(['jobs', '--once']); if (j.status) throw new Error(j.err); };
  run();
  const full = { family_name: 'Безбородько', given_name: 'Аристарх', patronymic: 'Евстигнеевич', birth_date: '03.04.1981', birth_place: 'г. Приозёрск', phone: '+79131112233', snils: snils(613000001) };
  const x = await make('head1', full);
  const y = await make('penal1', full);
  const t1 = await make('head1', { family_name: 'Двинов', given_name: 'Роман', patronymic: 'Олегович', birth_date: '05.05.2001', phone: '+79131112244', birth_place: 'г. Приозёрск', address: 'г. Приозёрск, ул. Мира, 3' });
  const t2 = await make('head1', { family_name: 'Двинов', given_name: 'Руслан', patronymic: 'Олегович', birth_date: '05.05.2001', phone: '+79131112244', birth_place: 'г. Приозёрск', address: 'г. Приозёрск, ул. Мира, 3' });
  const father = await make('head1', { family_name: 'Ветлугин', given_name: 'Иван', patronymic: 'Иванович', birth_date: '05.05.1970', phone: '+79131112255', birth_place: 'г. Приозёрск', address: 'г. Приозёрск, ул. Мира, 5' });
  const son = await make('head1', { family_name: 'Ветлугин', given_name: 'Иван', patronymic: 'Иванович', birth_date: '05.05.1995', phone: '+79131112255', birth_place: 'г. Приозёрск', address: 'г. Приозёрск, ул. Мира, 5' });
  run();
  const merged = (id) => r.rows(`select merged_into from person where id = ${id}`)[0].merged_into;
  ok(merged(x) === y || merged(y) === x, 'what agrees beyond doubt is joined where the packs allow it');
  is([t1, t2, father, son].map(merged), [null, null, null, null], 'twins, father and son never');
  is(r.rows("select count(*) as n from person_merge where account_id is null")[0].n, 1, 'by nobody\'s hand');
  is(r.run(['check']).status, 0, 'the register is sound');
  is(await server.stop(), 0, 'the server ends cleanly');
  await r.drop();
});

note(ENGINE);
await register.drop();
finish();
