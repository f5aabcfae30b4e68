// Makes the pictures of README and the user's guide from the demo region.
//   BEREG=… node tests/pictures.mjs [FOLDER]      docs/pictures by default
import fs from 'node:fs';
import path from 'node:path';
import { Desk, launch } from './lib/chrome.mjs';
import { csv, snils } from './lib/import-files.mjs';
import { smallPng } from './lib/png.mjs';
import { Register, TREE } from './lib/server.mjs';

const out = process.argv[2] ?? path.join(TREE, 'docs/pictures');
const size = { width: 1280, height: 800 };
const register = Register.demo({ persons: 3000, seed: 7, name: 'pictures' });
register.run(['jobs', '--once']); // sums of interaction and ways
const server = await register.serve({ args: ['--demo'] });
const browser = await launch();
fs.mkdirSync(out, { recursive: true });

async function take(desk, name, place) {
  if (place) await desk.go(place);
  await desk.page.mouse.move(0, 0);
  const png = smallPng(await desk.page.screenshot());
  fs.writeFileSync(path.join(out, `${name}.png`), png);
  console.log(`${name}.png ${Math.ceil(png.length / 1024)} KB`);
}

const sit = async (login) => (await Desk.open(browser, server.base, { size })).signIn(login);
// A case of the centre that is in full work: the most measures, with another body's among them.
const [of] = register.rows(`select c.id, c.person_id, g.id as programme from case_file c join programme g on g.case_id = c.id
  join measure m on m.programme_id = g.id join account a on a.body_id = c.body_id and a.login = 'social1'
  where c.state = 'in_work' group by c.id, g.id order by count(distinct m.state) desc, count(*) desc limit 1`);

const guest = await Desk.open(browser, server.base, { size });
await take(guest, 'sign-in', '/sign-in');

const social = await sit('social1');
await take(social, 'home', '/');
await take(social, 'inbox', '/inbox');
await take(social, 'persons', '/persons');
await take(social, 'case', `/cases/${of.id}`);
await take(social, 'programme', `/programmes/${of.programme}`);
await take(social, 'timeline', `/cases/${of.id}/timeline`);
await take(social, 'readers', `/persons/${of.person_id}/readers`);
await take(social, 'why', `/persons/${of.person_id}/why`);
await take(social, 'consent', `/persons/${of.person_id}/consents/new`);
await take(social, 'statement', `/persons/${of.person_id}/statement`);
await social.go('/inbox');
await social.page.locator('tbody .b-table__name a').last().click();
await social.page.waitForLoadState('load');
await take(social, 'referral');

const colleague = await sit('social1b');
for (const who of [social, colleague]) await who.go(`/persons/${of.person_id}/edit`);
await social.fill({ 'Адрес': 'г. Прибрежный, ул. Лесная, д. 3, кв. 8' });
await social.press('Сохранить');
await colleague.fill({ 'Адрес': 'г. Прибрежный, ул. Лесная, д. 3, кв. 18' });
await colleague.press('Сохранить');
await take(colleague, 'conflict');

const penal = await sit('penal1');
await penal.go('/imports/new');
const people = [['Беляков', 'Роман', 'Игоревич', '12.03.1988', 'м'], ['Гаврилова', 'Ирина', 'Львовна', '05.11.1979', 'ж'],
  ['Досанов', 'Ерлан', 'Маратович', '28.07.1991', 'м'], ['Котова', 'Алла', 'Петровна', '31.02.1980', 'ж'],
  ['Мингазов', 'Ринат', 'Фаритович', '14.01.1995', 'м'], ['Носков', 'Павел', 'Ильич', '09.09.2031', 'м']];
await penal.page.locator('#file').setInputFiles({ name: 'освобождаемые, июль.csv', mimeType: 'text/csv', buffer: csv([
  ['Фамилия', 'Имя', 'Отчество', 'Дата рождения', 'Пол', 'СНИЛС', 'Район', 'Отряд'],
  ...people.map((p, i) => [...p, snils(810000 + i), 'Прибрежный городской округ', '4']),
], { sep: ';' }) });
await penal.fill({ 'Название списка': 'Освобождаемые', 'Категория': 'Готовящиеся', 'Канал обращения': 'готовящихся' });
await penal.press('Проверить список');
await penal.page.locator('.b-counter--overdue').click();
await penal.page.waitForLoadState('load');
await take(penal, 'import');

await take(await sit('employment1'), 'inbox-employment', '/inbox?group=work');
const doctor = await sit('doctor1');
await doctor.go('/inbox');
await doctor.page.locator('tbody .b-table__name a').first().click();
await doctor.page.waitForLoadState('load');
await doctor.page.locator('main .b-lead a').click();
await doctor.page.waitForLoadState('load');
await take(doctor, 'person-doctor');
await take(await sit('analyst'), 'report', '/reports/clients-by-category?period=2024-H1');
await take(await sit('auditor'), 'log', '/log?to=13.06.2024');
// Pages for the rules of suspicion: a worker at night, and one who looks at far more than usual.
const [night, much] = ['social1b', 'penal1'].map((login) => register.rows(`select id, body_id as body from account where login = '${login}'`)[0]);
const shown = (who, at, page, persons) => `insert into "read" (at, account_id, body_id, page, persons) values (${Date.parse(at) * 1000}, ${who.id}, ${who.body}, '${page}', ' ${persons.join(' ')} ')`;
const numbers = (n) => Array.from({ length: n }, (_, i) => i + 1);
register.exec([...[20, 21, 22, 23, 24, 27, 28, 29, 30, 31].map((d) => shown(much, `2024-05-${d}T09:00:00Z`, '/persons', numbers(30 + (d % 7)))),
  shown(much, '2024-06-13T08:00:00Z', '/persons', numbers(412)), ...numbers(9).map((n) => shown(night, `2024-06-12T20:0${n}:00Z`, '/persons/{person}', [n]))]);
for (let i = 0; i < 50 && register.rows('select count(*) as n from suspicion')[0].n < 2; i += 1) await new Promise((r) => { setTimeout(r, 200); });
await take(await sit('auditor'), 'suspicions', '/suspicions');
await take(await sit('admin'), 'accounts', '/accounts');

await take(await sit('coordinator'), 'home-coordinator', '/');
await take(await sit('analyst'), 'home-analyst', '/');
await take(await sit('admin'), 'home-admin', '/');
await take(await sit('ngo1'), 'home-ngo', '/');
const head = await sit('head1');
await take(head, 'home-head', '/');
await take(head, 'interaction', '/interaction');
await take(head, 'ways', '/ways');
const [held] = register.rows(`select m.id from meeting m join invitation v on v.meeting_id = m.id join account a on a.body_id = v.body_id and a.login = 'head1'
  where m.state = 'approved' order by (select count(*) from decision d where d.meeting_id = m.id) desc, m.id limit 1`);
await take(head, 'meeting', `/meetings/${held.id}`);
await take(head, 'minutes', `/meetings/${held.id}/minutes`);
await take(head, 'catalogue', '/catalogue');

await browser.close();
await register.drop({ damaged: true }); // pages that were dated back
