// Suspicion: rules over the read log raise questions for the auditor, who changes nothing; nobody else learns of them but the head, when he is asked; on
// both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/suspicion.mjs
import fs from 'node:fs';
import path from 'node:path';
import { rest, upload } from './lib/import-files.mjs';
import { ENGINE, PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

// Small numbers, so that a test need not write thousands of pages.
const packs = path.join(tmpDir(), `suspicion-${process.pid}-${ENGINE}`);
fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
const file = path.join(packs, 'ru', 'suspicion.pack');
fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('many.days = 10', 'many.days = 3').replace('many.least = 100', 'many.least = 20').replace('district.least = 10', 'district.least = 2')
  .replace('night.least = 5', 'night.least = 2').replace('refused.least = 20', 'refused.least = 3'));
const own = path.join(packs, path.basename(PACKS));
const register = Register.demo({ persons: 300, seed: 9, name: 'suspicion', packs: own });
const one = (sql) => register.rows(sql)[0];
const account = (login) => one(`select id, body_id as body, name from account where login = '${login}'`);
const [social, mate, head, police] = ['social1', 'social1b', 'head1', 'police1'].map(account);
const body = social.body;
const district = one(`select district_id as id from body where id = ${body}`).id;
ok(district, 'the centre has a district');

// Pages written behind the program's back: day, local time, who, page, persons.
const offset = /utc_offset = \+0?(\d+):00/.exec(fs.readFileSync(path.join(own, 'demo.pack'), 'utf8'))[1];
const instant = (at) => Date.parse(`${at}:00Z`) * 1000 - Number(offset) * 3600e6;
const page = (who, at, persons, where = '/persons/{person}') =>
  register.exec([`insert into "read" (at, account_id, body_id, page, persons) values (${instant(at)}, ${who.id}, ${who.body}, '${where}', ' ${[].concat(persons).join(' ')} ')`]);
const judge = (options) => register.run(['jobs', '--once'], options);
const items = (rule) => register.rows(`select id, rule, account_id as who, person_id as person, n, usual, day, first_read as first, last_read as last from suspicion ${rule ? `where rule = '${rule}'` : ''} order by id`);
const judged = (rule) => { const r = judge(); if (r.status) throw new Error(r.err); return items(rule); };

// Persons of whom nobody has a case, of the district and of another.
const plain = register.rows(`select p.id, p.district_id as d from person p where p.merged_into is null and not exists
  (select g.id from access_grant g where g.person_id = p.id and g.body_id = ${body}) and coalesce(p.lead_body_id, 0) <> ${body} order by p.id`);
const near = plain.map((p) => p.id);
register.exec([`update person set district_id = ${district} where id in (${near.join(', ')})`, `update person set family_name = 'Ничейный', name_key = 'ничейныи ' || id, given_name = 'Он' where id in (${near.join(', ')})`]);
ok(near.length > 60, 'persons to be looked at', near.length);
const WORK = '2024-06-11T12:00';

await part('a colleague', async () => {
  const [a, b] = near.splice(0, 2);
  const [family, given, patronymic] = mate.name.split(' ');
  register.exec([`update person set family_name = '${family}', given_name = '${given}', patronymic = '${patronymic}', name_key = '${`${family} ${given} ${patronymic}`.toLowerCase().replaceAll('ё', 'е')}' where id = ${a}`]);
  page(social, WORK, [a], '/persons');
  is(judged(), [], 'a list is no card');
  page(social, WORK, [b]);
  is(judged(), [], 'nor is a stranger a colleague');
  page(social, WORK, [a]);
  is(judged().map((i) => [i.rule, i.who, i.person, i.n]), [['colleague', social.id, a, 1]], 'the card of one is told');
  page(social, '2024-06-11T12:05', [a], '/persons/{person}/why');
  is(judged().map((i) => [i.rule, i.n]), [['colleague', 2]], 'and grows on the same day');
  page(social, '2024-06-13T12:05', [a]);
  is(judged().map((i) => [i.day, i.n]), [['2024-06-11', 2], ['2024-06-13', 1]], 'on another day it is another');
  is(judged().length, 2, 'the job a second time finds nothing more');
  is(register.rows("select kind, person_id from event where object = 'suspicion' order by id"), [{ kind: 'suspicion.raised', person_id: null }, { kind: 'suspicion.raised', person_id: null }], 'the log names the item, not the person');
  register.exec([`update person set district_id = null, family_name = 'Ничейный', name_key = 'x' where id = ${a}`]);
});

await part('a namesake', async () => {
  const [a, b, c, d] = near.splice(0, 4);
  const family = social.name.split(' ')[0].replace(/а$/, '');
  const call = (id, where) => register.exec([`update person set family_name = '${family}', given_name = 'Пётр', name_key = '${family.toLowerCase()} петр ${id}', district_id = ${where} where id = ${id}`]);
  call(a, district); call(b, 'null'); call(c, district); call(d, one(`select id from district where id <> ${district} order by id limit 1`).id);
  register.exec([`update person set lead_body_id = ${body} where id = ${c}`]);
  page(social, WORK, [b]); page(social, WORK, [c]); page(social, WORK, [d]);
  is(judged('namesake'), [], 'not of another district, nor led by the own body');
  page(social, WORK, [a]);
  is(judged('namesake').map((i) => [i.who, i.person]), [[social.id, a]], 'Шубин for Шубина');
});

await part('a neighbour', async () => {
  const [a, b] = near.splice(0, 2);
  const server = await register.serve();
  const admin = await server.client().signIn('admin');
  const form = await admin.get(`/accounts/${social.id}`);
  like(form.text, /Улица проживания/, 'the administrator may enter where a worker lives');
  const saved = await admin.submit(form, `/accounts/${social.id}`, { settlement: 'с. Морошкино', street: 'ул. Школьная' });
  is(saved.status, 303, 'and does', saved.text.slice(0, 300));
  like((await admin.get(`/accounts/${social.id}`)).text, /value="с\. Морошкино"/, 'it stands in the form again');
  unlike(register.files(), /ул\. Школьная(?!, д)/, 'and is sealed in the files');
  await server.stop();
  register.exec([`update person set address = 'с. Морошкино, ул. Полевая, д. 7' where id = ${b}`, `update person set address = 'с. Морошкино, ул. Школьная, д. 77, кв. 26' where id = ${a}`]);
  page(social, WORK, [b]);
  is(judged('neighbour'), [], 'another street is far enough');
  page(social, WORK, [a]);
  is(judged('neighbour').map((i) => [i.who, i.person]), [[social.id, a]], 'the same street is not');
  const lists = ['/persons', '/referrals', '/imports/{import}', '/meetings/{meeting}', '/meetings/{meeting}/minutes', '/retention/acts/{act}/rows', '/crosschecks/{crosscheck}'];
  for (const where of lists) page(social, WORK, [a], where);
  page(social, WORK, [a, b], '/referrals/new');
  is(judged('neighbour').map((i) => i.n), [1], 'nor what gathers many, with one in it');
  const pages = ['/referrals/{referral}', '/referrals/{referral}/attachments/{document}', '/programmes/{programme}', '/consents/{consent}', '/consents/{consent}/attachments/{attachment}', '/measures/{measure}',
    '/services/{service}', '/sentences/{sentence}', '/routes/{route}', '/emergencies/{emergency}', '/agenda-items/{item}', '/services/new'];
  for (const where of pages) page(social, WORK, [a], where);
  page(social, WORK, [a, b], '/pairs/{pair}');
  is(judged('neighbour').map((i) => i.n), [1 + pages.length + 1], 'what is of one person is a page about him, not his card alone');
});

await part('far more than usual', async () => {
  const many = near.splice(0, 40);
  const usual = (day, n) => page(mate, `${day}T12:00`, many.slice(0, n), '/persons');
  usual('2024-06-03', 6); usual('2024-06-04', 8); usual('2024-06-05', 7);
  page(mate, '2024-06-06T12:00', many.slice(0, 21), '/persons');
  is(judged('many'), [], 'three times the median of seven is not more than it');
  page(mate, '2024-06-07T11:00', many.slice(0, 12), '/persons');
  page(mate, '2024-06-07T12:00', many.slice(6, 23), '/persons');
  is(judged('many').map((i) => [i.who, i.n, i.usual, i.day]), [[mate.id, 23, 7, '2024-06-07']], 'one more is: each person once, the median of the own days', JSON.stringify(items('many')));
  page(mate, '2024-06-07T13:00', many.slice(20, 30), '/persons');
  is(judged('many').map((i) => i.n), [30], 'it grows with the day');
  const other = account('penal1');
  [5, 9, 7].forEach((n, i) => page(other, `2024-06-0${i + 3}T12:00`, many.slice(0, n), '/persons'));
  page(other, '2024-06-06T12:00', many.slice(0, 22), '/persons');
  is(judged('many').filter((i) => i.who === other.id).map((i) => [i.n, i.usual]), [[22, 7]], 'days that are walked together count as days');
  const fresh = account('social1c');
  page(fresh, '2024-06-07T12:00', many.slice(0, 30), '/persons');
  is(judged('many').map((i) => [i.who, i.usual]).at(-1), [fresh.id, one(`select max(usual) as u from suspicion where account_id = ${fresh.id} and rule = 'many'`)?.u], 'who has no days of his own is compared with his role', JSON.stringify(items('many')));
});

await part('other districts', async () => {
  const far = near.splice(0, 5);
  const other = one(`select id from district where id <> ${district} order by id limit 1`).id;
  register.exec([`update person set district_id = ${other} where id in (${far.join(', ')})`,
    `insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) values (${far[0]}, ${body}, 'referral_accepted', 0, 'test', 1, ${instant('2024-06-01T00:00')})`]);
  for (const p of far.slice(0, 3)) page(mate, '2024-06-10T12:00', [p]);
  is(judged('district'), [], 'two are allowed, and a third with an accepted referral');
  page(mate, '2024-06-10T12:30', [far[1]]);
  is(judged('district'), [], 'the same person counts once');
  page(mate, '2024-06-10T13:00', [far[3]]);
  is(judged('district').map((i) => [i.who, i.n]), [[mate.id, 3]], 'the third is one too many');
  register.exec(["delete from access_grant where ref = 'test'"]);
});

await part('at night', async () => {
  const [a, b, c] = near.splice(0, 3);
  for (const p of [a, b]) page(mate, '2024-06-13T22:30', [p]);
  page(mate, '2024-06-13T20:59', [c]);
  for (const p of [a, b, c]) page(police, '2024-06-13T23:30', [p]);
  is(judged('night'), [], 'two are allowed; evening is no night; the police work then');
  page(mate, '2024-06-13T06:59', [c]);
  is(judged('night').map((i) => [i.who, i.n, i.day]), [[mate.id, 3, '2024-06-13']], 'the third is told');
  for (const p of [a, b, c]) page(mate, '2024-06-12T12:00', [p]);
  is(judged('night').map((i) => i.day), ['2024-06-13', '2024-06-12'], 'so is noon of a holiday');
});

await part('cut off, and two at once', async () => {
  const many = near.slice(0, 10);
  register.exec(Array.from({ length: 1500 }, (_, i) => `insert into "read" (at, account_id, body_id, page, persons) values (${instant('2024-06-13T12:00') + i}, ${mate.id}, ${mate.body}, '/persons', ' ${many[i % 10]} ')`));
  const before = register.rows('select rule, account_id, person_id, day, n from suspicion order by id');
  const first = await Promise.all(ENGINE === 'postgres' ? [register.serve(), register.serve()] : [register.serve()]);
  const at = () => Number(one("select value from setting where name = 'suspicion_read'").value);
  const last = one('select max(id) as id from "read"').id;
  const begun = at();
  for (let i = 0; i < 400 && at() === begun; i += 1) await new Promise((r) => { setTimeout(r, 5); });
  await first[0].stop('SIGKILL');
  const again = first[1] ?? await register.serve(); // SQLite has one at a time
  for (let i = 0; i < 200 && at() < last; i += 1) await new Promise((r) => { setTimeout(r, 50); });
  is(at(), last, 'the other goes on to the end');
  await again.stop();
  is(register.rows('select rule, account_id, person_id, day, n from suspicion order by id'), before, 'nothing was raised twice');
  is(one(`select shown from reader_day where account_id = ${mate.id} and day = '2024-06-13'`).shown, new Set([...many, ...register.rows(`select persons from "read" where account_id = ${mate.id} and at >= ${instant('2024-06-13T00:00')}`).flatMap((r) => r.persons.trim().split(' ').map(Number))]).size, 'each person of the day was counted once');
});

await part('what was explained is not asked again', async () => {
  const [first] = items('namesake');
  const shown = () => register.rows("select day, n from suspicion where rule = 'namesake' and covered_by is null order by id").map((i) => [i.day, i.n]);
  const raised = () => one("select count(*) as n from event where kind = 'suspicion.raised'").n;
  register.exec([`update suspicion set explained_at = ${instant('2024-06-13T10:00')}, explained_by = ${head.id} where id = ${first.id}`]);
  const before = raised();
  page(social, '2024-06-13T12:00', [first.person]);
  is([judged('namesake').length, shown(), raised()], [2, [['2024-06-11', 1]], before], 'the same on another day is counted and not raised');
  page(social, '2024-06-13T12:10', [first.person]);
  judge();
  is([shown(), raised()], [[['2024-06-11', 1], ['2024-06-13', 2]], before + 1], 'more than was explained is');
  register.exec([`update suspicion set explained_at = ${instant('2024-04-10T10:00')} where id = ${first.id}`]);
  page(social, '2024-06-10T12:00', [first.person]);
  judge();
  is([shown().length, raised()], [3, before + 2], 'an explanation of long ago says nothing');
  page(social, '2024-06-07T12:00', [first.person]);
  register.exec([`update suspicion set explained_at = ${instant('2024-06-13T10:00')} where id = ${first.id}`]);
  judge();
  is([items('namesake').length, shown().length], [4, 3], 'one is covered');
  register.exec([`update suspicion set explained_at = null, explained_by = null where id = ${first.id}`]);
});

const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const LOGINS = ['social1', 'penal1', 'police1', 'ngo1', 'analyst', 'admin', 'juvenile1'];
let keys = 0;
const post = (api, p, data) => api.postJson(`/api/v1${p}`, data, { headers: { 'idempotency-key': `suspicion-${process.pid}-${keys += 1}` } });

await part('a watched surname', async () => {
  const coordinator = client('coordinator');
  const NAME = 'Громкоделов';
  const bad = await post(coordinator, '/watched', { word: NAME, label: 'Громкоделова', until: '01.09.2024' });
  is(bad.status, 422, 'the label does not tell the name');
  is((await post(coordinator, '/watched', { word: NAME, label: 'Дело июня', until: '01.09.2034' })).status, 422, 'nor is it watched for ever');
  const set = await post(coordinator, '/watched', { word: NAME, label: 'Дело июня', until: '01.09.2024' });
  ok(set.status < 300, 'it is watched', `${set.status} ${set.text.slice(0, 300)}`);
  unlike((await (await server.client().signIn('coordinator')).get('/watched')).text, /Громкоделов/i, 'and not shown again');
  unlike(register.files(), /Громкоделов/i, 'nor does it stand in the files');
  const reads = one('select count(*) as n from "read"').n;
  const searched = await client('penal1').get(`/api/v1/persons/search?q=${encodeURIComponent('Громкоделова 1980')}`);
  const other = await client('penal1').get(`/api/v1/persons/search?q=${encodeURIComponent('Тиходелова 1980')}`);
  is([searched.status, searched.json.items], [200, other.json.items], 'who looks for it sees what he would see of any other');
  is(one('select count(*) as n from "read"').n, reads, 'a search that shows nobody leaves no page in the log');
  const told = async (n) => { for (let i = 0; i < 100 && items('watched').length < n; i += 1) await new Promise((r) => { setTimeout(r, 100); }); return items('watched').map((i) => [i.who, i.n]); };
  is(await told(1), [[account('penal1').id, 1]], 'the auditor is told at once');
  await client('social1').get(`/api/v1/persons?q=${encodeURIComponent('громкоделовой')}`);
  await client('social1').get(`/api/v1/persons?q=${encodeURIComponent('Громкоделов')}`);
  is((await told(2)).map(([w]) => w), [account('penal1').id, social.id], 'also of the own list');
  const led = one(`select g.person_id as id from access_grant g join person p on p.id = g.person_id where g.fact = 'case_own' and g.ended_at is null and g.body_id = ${account('social1b').body} order by g.id limit 1`).id;
  register.exec([`update person set family_name = '${NAME}', name_key = 'громкоделов' where id = ${led}`, `update access set name_key = 'громкоделов' where person_id = ${led}`]);
  await client('social1b').get(`/api/v1/persons?q=${encodeURIComponent('Громкоделов')}`);
  await new Promise((r) => { setTimeout(r, 3000); });
  is(items('watched').length, 2, 'not of who leads a case of that name');
  const id = one('select max(id) as id from watched_word').id;
  ok((await post(coordinator, `/watched/${id}/end`, {})).status < 300, 'the watch ends');
  await client('police1').get(`/api/v1/persons/search?q=${encodeURIComponent('Громкоделов 1980')}`);
  await new Promise((r) => { setTimeout(r, 3000); });
  is(items('watched').length, 2, 'and nobody is told of any more');
});

await part('a watched surname, wherever it is typed', async () => {
  const NAME = 'Тихомудров', who = { family_name: NAME, given_name: 'Савелий', patronymic: 'Ильич', birth_date: '11.05.1968', sex: 'male' };
  const there = await post(client('penal1'), '/persons', who);
  is(there.status, 201, 'somebody whom another body knows', there.text.slice(0, 300));
  is((await post(client('coordinator'), '/watched', { word: NAME, label: 'Дело двух сёл', until: '01.09.2024' })).status < 300, true, 'he is watched');
  const api = client('head1'), browser = await server.client().signIn('head1');
  const watched = one('select max(id) as id from watched_word').id;
  const n = () => one(`select coalesce(sum(n), 0) as n from suspicion where watched_id = ${watched} and account_id = ${head.id}`).n;
  let want = 0;
  const told = async (what) => {
    want += 1;
    for (let i = 0; i < 100 && n() < want; i += 1) await new Promise((r) => { setTimeout(r, 100); });
    is(n(), want, what);
  };
  const near = await api.get(`/api/v1/persons/search?q=${encodeURIComponent('Тихамудрав 1968')}`);
  like(near.text, /Тихомудров/, 'found however it was spelt');
  await told('who finds him by a misspelt surname has looked for him');
  const born = await api.get(`/api/v1/persons/search?q=${encodeURIComponent('Тихо 1968')}`);
  is(born.status, 200, 'a beginning is what many share');
  const form = await browser.get('/persons/new');
  const checked = await browser.submit(form, '/persons', { ...who, check: '1' });
  like(checked.main, /Тихомудров/, 'the form without scripts shows him');
  await told('and that is a search');
  const other = await browser.submit(form, '/persons', { ...who, family_name: 'Тихамудров', check: '1' });
  like(other.main, /Тихомудров/, 'by another spelling too');
  await told('which is one as well');
  is((await post(api, '/persons', { family_name: NAME, birth_date: 'x' })).status, 422, 'a program that sends nonsense with the name');
  await told('has asked');
  const own = one(`select a.person_id as id from access a join person p on p.id = a.person_id where a.body_id = ${head.body} and p.merged_into is null order by a.person_id limit 1`).id;
  is((await api.get(`/api/v1/persons/${own}/join?q=${encodeURIComponent(NAME)}`)).status, 200, 'while two cards are joined');
  await told('a name is typed');
  const led = one(`select id from case_file where body_id = ${head.body} and state not in ('closed', 'follow_up') order by id limit 1`).id;
  const sent = await browser.post('/find', { at: `/cases/${led}/members/new`, q: NAME });
  is((await browser.get(sent.location)).status, 200, 'while a member of the family is added');
  await told('too');
  const file = `Фамилия;Имя;Отчество;Дата рождения\nТихомудров;Савелий;Ильич;11.05.1968\n`;
  const list = (await rest(api, (await upload(api, Buffer.from(file), { list: 'Проба слов' })).id)).id;
  for (let i = 0; i < 100 && n() === want; i += 1) await new Promise((r) => { setTimeout(r, 100); });
  ok(n() > want, 'a list whose rows are shown as doubtful is a search');
  await new Promise((r) => { setTimeout(r, 4000); });
  want = n(); // the page was asked until the list had been checked
  const doubtful = await api.get(`/api/v1/imports/${list}?show=doubtful`);
  is(doubtful.json.items.length, 1, 'a list with him waits for a decision', doubtful.text.slice(0, 500));
  await told('who looks whether he is known has looked for him');
  like((await browser.get(`/imports/${list}/faulty?show=doubtful`)).text, /Тихомудров/, 'in the file too');
  await told('as well');
  is((await post(api, '/persons', who)).status, 201, 'a program that registers such a one');
  await told('has typed the name');
});

await part('the auditor', async () => {
  const auditor = client('auditor');
  const covered = register.rows('select id from suspicion where covered_by is not null').map((r) => r.id);
  const all = items().filter((i) => !covered.includes(i.id));
  is(await Promise.all(covered.map(async (id) => (await auditor.get(`/api/v1/suspicions/${id}`)).status)), covered.map(() => 404), 'what is covered is not there');
  const list = await auditor.get('/api/v1/suspicions?from=01.01.2024&limit=200');
  is(list.json.items.map((i) => i.id).sort((a, b) => a - b), all.map((i) => i.id), 'sees all of it', list.text.slice(0, 300));
  unlike(list.text, /Ничейный|family_name/, 'without a name of a person');
  is((await auditor.get('/api/v1/suspicions?from=01.01.2024&rule=night')).json.items.map((i) => i.worker), [mate.name, mate.name], 'by rule');
  is((await auditor.get('/api/v1/suspicions?from=01.01.2024&login=police1')).json.items, [], 'by worker');
  is((await auditor.get('/api/v1/suspicions?from=01.01.2024&to=07.06.2024')).json.items.every((i) => i.rule === 'many'), true, 'by period');
  is((await auditor.get(`/api/v1/suspicions?from=01.01.2024&body=${body}`)).json.items.every((i) => /^(social1|head1)/.test(i.login)), true, 'by body');
  const item = all.find((i) => i.rule === 'many');
  const card = (await auditor.get(`/api/v1/suspicions/${item.id}`)).json;
  is([card.rule, card.n, card.usual, card.items.length], ['many', 30, 7, 3], 'an item leads to the rows of the log');
  const figures = (await auditor.get('/api/v1/suspicions/figures?from=01.01.2024')).json.items;
  is(figures.reduce((n, f) => n + f.n, 0), all.length, 'the figures count each item once');
  is((await auditor.get('/suspicions?from=01.01.2024&format=csv')).text.trim().split('\n').length, all.length + 1, 'and there is a file');
  const mine = all.find((i) => i.person);
  register.exec([`insert into restriction (version, person_id, body_id, account_id, reason, words, since) select 1, ${mine.person}, ${body}, ${head.id}, 'victim', 'x', '2024-06-01' where not exists (select 1 from restriction where person_id = ${mine.person})`]);
  is((await auditor.get(`/api/v1/suspicions/${mine.id}`)).json.person, null, 'of a restricted person not even the number');
  register.exec([`delete from restriction where person_id = ${mine.person}`]);
  const browser = await server.client().signIn('auditor');
  for (const p of ['/suspicions', '/suspicions/figures', `/suspicions/${item.id}`, '/']) is((await browser.get(p)).status, 200, `${p} opens`);
  like((await browser.get('/')).text, /вопрос(а|ов)? аудита без объяснения/, 'the first page counts them');
});

await part('the auditor changes nothing', async () => {
  const api = client('auditor');
  const before = one('select max(id) as id from event').id; // behind that of his token
  const done = [];
  for (const r of register.csv(['routes', '--login', 'auditor'])) {
    if (r.method !== 'POST' || /^\/(sign-in|sign-out|outside|find|help|security|tokens|reminders|log\/seal)(\/|$)/.test(r.path)) continue; // his own account; that he asks for a check changes nothing (tests/log_check.mjs)
    const at = r.example || r.path.replace(/\{[a-z_]+\}/g, '1');
    const a = await post(api, at, { version: '1', id: '1', name: 'x', words: 'x' });
    const hidden = /^\/(watched|explanations)/.test(r.path);
    if (a.status !== (hidden ? 404 : 403)) done.push(`${at} ${a.status}`);
  }
  is(done, [], 'his right is judged before what he sends: no address takes a change');
  is(one(`select count(*) as n from event where id > ${before} and account_id = ${account('auditor').id}`).n, 0, 'and the log has none of him');
  const absent = { kind: 'sick_leave', since: '20.06.2024', until: '21.06.2024' };
  const browser = await server.client().signIn('auditor');
  is([(await post(api, '/absences', absent)).status, (await browser.post('/absences', absent)).status], [403, 403], 'nor does one that everybody else has');
  unlike((await browser.get('/absences')).text, /action="\/absences"/, 'which no page offers him');
  ok((await post(api, '/reminders', {})).status !== 403, 'his own account is his');
});

await part('the head', async () => {
  const api = client('head1');
  is((await api.get('/api/v1/explanations')).json.items, [], 'is not asked before the days of the packs are over');
  register.exec([`update suspicion set raised_at = ${instant('2024-06-10T10:00')} where rule <> 'watched'`]);
  const mine = (await api.get('/api/v1/explanations')).json.items;
  is(mine.length, items().filter((i) => i.rule !== 'watched' && !register.rows(`select id from suspicion where id = ${i.id} and covered_by is not null`).length && [social, mate, account('social1c')].some((a) => a.id === i.who)).length, 'then of his own workers', JSON.stringify(mine.slice(0, 2)));
  like((await (await server.client().signIn('head1')).get('/')).text, /вопрос(а|ов)? аудита (ждёт|ждут) вашего объяснения/, 'the first page tells him');
  const { id } = mine[0];
  const version = (await api.get(`/api/v1/explanations/${id}`)).json.version;
  is((await post(api, `/explanations/${id}`, { version: String(version) })).status, 422, 'an explanation has words');
  const stranger = register.rows(`select login from account where role = 'centre_head' and body_id <> ${body} and active = 1 order by id limit 1`)[0].login;
  is((await client(stranger).get(`/api/v1/explanations/${id}`)).status, 404, 'the head of another body finds nothing');
  is((await post(client(stranger), `/explanations/${id}`, { version: String(version), words: 'Чужое' })).status, 404, 'and explains nothing');
  const a = await post(api, `/explanations/${id}`, { version: String(version), words: 'По просьбе коллеги проверялась запись' });
  ok(a.status < 300, 'he explains it', `${a.status} ${a.text.slice(0, 300)}`);
  is((await post(api, `/explanations/${id}`, { version: String(version + 1), words: 'Ещё' })).status, 409, 'once');
  like((await client('auditor').get(`/api/v1/suspicions/${id}`)).json.words, /проверялась запись/, 'the auditor reads it');
  unlike(register.files(), /проверялась запись/, 'sealed in the files');
  register.exec([`update suspicion set account_id = ${head.id} where id = ${mine[1].id}`]);
  is((await api.get(`/api/v1/explanations/${mine[1].id}`)).status, 404, 'of himself he is told nothing');
});

await part('refused requests', async () => {
  const browser = await server.client().signIn('social1b');
  const before = items('refused').length;
  for (let i = 0; i < 2; i += 1) is((await browser.post('/persons', { family_name: 'x' }, { csrf: 'wrong' })).status, 403, 'a form without the token');
  is((await browser.post('/persons', { family_name: 'x' }, { headers: { origin: 'https://evil.example' } })).status, 403, 'one of another site');
  await new Promise((r) => { setTimeout(r, 4000); });
  is(items('refused').length, before, 'so many happen to everybody');
  await browser.post('/persons', { family_name: 'x' }, { headers: { 'sec-fetch-site': 'cross-site' } });
  for (let i = 0; i < 80 && items('refused').length === before; i += 1) await new Promise((r) => { setTimeout(r, 100); });
  is(items('refused').map((i) => [i.who, i.n]), [[mate.id, 4]], 'more of them are told');
  const item = (await client('auditor').get(`/api/v1/suspicions/${items('refused')[0].id}`)).json;
  is(item.refusals.map((r) => [r.kind, r.n]), [['csrf', 2], ['origin', 2]], 'with what they were refused for');
  is(one('select count(*) as n from refusal_note').n, 0, 'no note is left');
});

await part('nobody else', async () => {
  const { id } = items()[0];
  const wrong = [];
  for (const login of LOGINS) {
    const browser = await server.client().signIn(login);
    for (const p of ['/suspicions', '/suspicions/figures', `/suspicions/${id}`, '/explanations', `/explanations/${id}`, '/watched'])
      for (const a of [await browser.get(p), await client(login).get(`/api/v1${p}`)]) if (a.status !== 404) wrong.push(`${login} ${a.path} ${a.status}`);
    const none = await browser.get('/suspicious');
    if (none.status !== 404) wrong.push(`${login} /suspicious`);
    for (const p of ['/', '/inbox']) { const a = await browser.get(p); if (/suspicion|explanations|вопрос\S* аудита/i.test(a.text)) wrong.push(`${login} ${p} tells`); }
  }
  is(wrong, [], 'to the others there are no such pages');
  is((await client('auditor').get('/api/v1/explanations')).status, 404, 'the auditor explains nothing');
  is((await client('auditor').get('/api/v1/watched')).status, 404, 'and learns no watched words');
});

await part('in the end', async () => {
  const explained = register.rows('select id from suspicion where explained_at is not null order by id').map((r) => r.id);
  const kept = () => register.rows(`select h.changed as c from event e join history h on h.event_id = e.id where e.object = 'suspicion' and e.object_id in (${explained.join(', ')})`).filter((r) => r.c.startsWith('{')).length;
  const word = one('select id from watched_word').id;
  const label = () => register.rows(`select h.changed as c from event e join history h on h.event_id = e.id where e.object = 'watched_word' and e.object_id = ${word}`).filter((r) => r.c.startsWith('{')).length;
  ok(explained.length && kept() && label(), 'the history holds explanations and labels', `${explained.length} ${kept()} ${label()}`);
  await server.stop();
  const asked = items('watched').length;
  register.exec([`update watched_word set until = '2021-01-01'`,
    `insert into search_note (at, account_id, body_id, watched_id) values (${instant('2024-04-01T10:00')}, ${social.id}, ${body}, ${word})`]);
  judge();
  is([items('watched').length === asked, one('select count(*) as n from watched_word').n], [true, 2], 'a word that an item names stays');
  register.exec([`update suspicion set day = '2020-01-01' where rule in ('night', 'watched') or explained_at is not null`]);
  judge();
  is([items('night'), items('watched'), explained.filter((id) => items().some((i) => i.id === id))], [[], [], []], 'past their term they go');
  is(kept(), 0, 'with what the history of their events holds');
  is([one('select count(*) as n from watched_word').n, label()], [0, 0], 'so do watched surnames');
  is(register.run(['audit', 'verify', '--values']).out.match(/values of event \d+/g) ?? [], [], 'and no values are missed');
});

await register.drop({ damaged: true }); // pages dated back by the test, which the audit would name
finish();
