// People at work in Chromium: one person's way through four bodies, from a list to the half-year report; without scripts, by
// keyboard alone, two at once; and every page of the program once. Each page seen must be accessible (axe), valid HTML, small,
// silent on the console and no wider than the screen.
//   BEREG=… node tests/browser.mjs
import { csv, snils } from './lib/import-files.mjs';
import { DESK, Desk, launch } from './lib/chrome.mjs';
import { Register, parseCsv } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
const register = Register.demo({ persons: 300, seed: 7, name: 'browser' });
const server = await register.serve({ args: ['--demo'] });
const browser = await launch();
const desks = [];

const PEOPLE = [
  { family: 'Берегова', given: 'Анна', patronymic: 'Тестовна', born: '05.09.1985', sex: 'ж', snils: snils(700001) },
  { family: 'Берегов', given: 'Пётр', patronymic: 'Тестович', born: '17.02.1990', sex: 'м', snils: snils(700002) },
  { family: 'Пристанин', given: 'Олег', patronymic: 'Тестович', born: '30.11.1978', sex: 'м', snils: snils(700003) },
];
const ANNA = 'Берегова Анна Тестовна';
const DIAGNOSIS = 'Наблюдается у инфекциониста';
const ARTICLE = 'ст. 158 ч. 2, отметка проверки';

async function sit(login, options) {
  const desk = await Desk.open(browser, server.base, options);
  desks.push(desk);
  if (login) await desk.signIn(login);
  return desk;
}

// The page as it stands is looked at in every way; phones = how many were also looked at on a small screen.
const seen = { pages: 0, phones: 0, greatest: 0 };
async function look(desk, name, options = {}) {
  const phone = options.phone ?? true;
  seen.pages += 1;
  seen.phones += phone ? 1 : 0;
  const faults = await desk.faults({ ...options, phone });
  seen.greatest = Math.max(seen.greatest, Buffer.byteLength(await desk.body ?? ''));
  ok(faults.length === 0, `${name}: ${desk.path.replace(/\d+/g, '…')} is in order`, faults.join('\n'));
}

const has = async (desk, words, name) => {
  const text = await desk.text();
  ok(text.includes(words), name, () => `${desk.path} (${desk.status}) lacks ${words}:\n${text.slice(0, 1500)}`);
};
const hasNot = async (desk, words, name) => ok(!(await desk.text()).includes(words), name, `${desk.path} holds ${words}`);
const at = (desk, pattern, name) => like(desk.path, pattern, name);

const persons = [...PEOPLE].map((p) => [p.family, p.given, p.patronymic, p.born, p.sex, p.snils, 'Прибрежный городской округ']);
const list = csv([
  ['Фамилия', 'Имя', 'Отчество', 'Дата рождения', 'Пол', 'СНИЛС', 'Район'],
  ...persons,
  ['Невозможный', 'День', 'Тестович', '31.02.1980', 'м', '', 'Прибрежный городской округ'],
], { sep: ';', bom: true, eol: '\r\n' });

// The steps of one way: after one that fails the others are not tried.
let lost = '';
async function step(name, run) {
  if (lost) return ok(false, name, `not reached: ${lost} failed`);
  return part(name, async () => {
    lost = name;
    await run();
    lost = '';
  });
}

let caseAt;
let programmeAt;
let penal;
let social;
let employment;
let doctor;

await part('the eye', async () => {
  const desk = await sit(null);
  await desk.page.route('**/bad', (route) => route.fulfill({ status: 200, contentType: 'text/html; charset=utf-8', body: `<!DOCTYPE html>
    <html lang="ru"><head><title>Плохая страница</title><script>console.error("шум")</script></head><body><main><h1>Плохая</h1>
    <p><div style="width: 2000px">широко</div></p><img src="data:,">${' '.repeat(61440)}</main></body></html>` }));
  await desk.go('/bad');
  const faults = (await desk.faults({ phone: true })).join('\n');
  for (const fault of [/^html: .*close-order|^html: .*no-inline-style/m, /^axe: image-alt/m, /^console: шум/m, /^at 1440 px/m, /^at 390 px/m, /^the page has \d+ bytes/m])
    like(faults, fault, 'a bad page is found out');
  await desk.close();
});

await part('the door', async () => {
  const guest = await sit(null);
  await guest.go('/persons');
  at(guest, /^\/sign-in\?next=/, 'a stranger is led to the sign-in page');
  await look(guest, 'sign-in');
  await guest.page.locator('#login').fill('penal1');
  await guest.page.locator('#password').fill('wrong');
  await guest.press('Войти');
  is(guest.status, 422, 'a wrong password signs nobody in');
  is(await guest.page.locator('#login').inputValue(), 'penal1', 'the login that was typed is kept');
  await look(guest, 'sign-in refused');
  await guest.go('/sign-in');
  await guest.page.getByRole('button', { name: /Аналитик/ }).first().click();
  await guest.page.waitForLoadState('load');
  await has(guest, 'Отч', 'a role of the demo is signed in by one click');
  await guest.close();
});

// Every page of the program, as the first role that may open it; those that differ much by role, as every one. They are gone through beside
// the way below, at another desk.
const OFTEN = ['/', '/persons', '/persons/{person}', '/referrals', '/referrals/{referral}'];
const pages = part('every page', async () => {
  const been = new Set();
  for (const login of ['social1', 'penal1', 'admin', 'auditor', 'head1', 'juvenile1', 'employment1', 'doctor1', 'ngo1', 'police1', 'coordinator', 'analyst']) {
    const routes = parseCsv(register.run(['routes', '--login', login]).out)
      .filter((r) => r.method === 'GET' && r.example && (!been.has(r.path) || OFTEN.includes(r.path)) && !/\/(faulty|progress|pack|health|openapi\.json|metrics|\{attachment\}|proof|\{head\})$/.test(r.path) && r.path !== '/sign-in');
    const desk = await sit(login);
    await desk.page.setViewportSize({ width: 1024, height: 768 });
    is(await desk.page.evaluate(() => [...document.querySelectorAll('.b-nav__list .b-nav__link')].filter((a) => a.getBoundingClientRect().right > innerWidth || a.closest('ul').scrollWidth > a.closest('ul').clientWidth).map((a) => a.innerText)),
      [], `${login} sees each section on an old screen`);
    await desk.page.setViewportSize(DESK);
    for (const r of routes) {
      await desk.go(r.example);
      if (desk.status !== 200) {
        desk.noise.length = 0;
        continue;
      }
      await look(desk, login, { axe: !been.has(r.path) });
      been.add(r.path);
    }
    await desk.close();
  }
  note(`${been.size} different pages`);
  ok(been.size >= 50, 'at least fifty different pages were looked at', [...been].join(' '));
});

await step('1 a list arrives', async () => {
  penal = await sit('penal1');
  at(penal, /^\/$/, 'after signing in the operator stands at the beginning of the day');
  await look(penal, 'operator');
  await penal.follow('Импорт', { within: 'nav' });
  await look(penal, 'lists');
  await penal.press('Загрузить список');
  await penal.press('Проверить список');
  is(penal.status, 422, 'a form without a file is refused');
  await look(penal, 'form with errors');
  await penal.page.locator('#file').setInputFiles({ name: 'освобождённые.csv', mimeType: 'text/csv', buffer: list });
  await penal.fill({ 'Название списка': 'Освобождённые, июнь', 'Категория': 'Освобождённые', 'Канал обращения': 'Направлен' });
  await penal.press('Проверить список');
  await penal.page.locator('.b-counter--overdue').waitFor();
  is(await penal.page.locator('.b-counter__figure').allInnerTexts().then((f) => [f[0], f.at(-1)]), ['3', '1'], 'the preview counts three new rows and a faulty one');
  await penal.page.locator('.b-counter--overdue').click();
  await has(penal, '31.02.1980', 'the faulty date is shown as it stood in the file');
  await look(penal, 'preview');
  like((await penal.download(/Скачать строки с ошибками/)).toString('utf8'), /31\.02\.1980/, 'the faulty rows come back as a file');
  await penal.press('Записать');
  await penal.page.getByRole('heading', { level: 1, name: 'Список записан' }).waitFor();
  await look(penal, 'applied list');
});

await step('2 a referral goes out', async () => {
  await penal.follow('Люди', { within: 'nav' });
  await look(penal, 'list of people');
  await penal.page.locator('main').getByLabel('Фамилия, имя, номер, дата рождения').fill('берегов');
  await penal.press('Показать');
  const rows = penal.page.locator('tbody tr');
  is(await rows.count(), 2, 'the filter finds both by the beginning of the surname');
  await look(penal, 'filtered list');
  for (const box of await penal.page.locator('tbody input[name=person]').all()) await box.check();
  is(await penal.page.locator('[data-checked=person]').innerText(), '2', 'the button says how many are chosen');
  await penal.press(/Направить выбранных/, { exact: false });
  await has(penal, ANNA, 'the chosen stand on the form');
  await penal.fill({ 'Вид помощи': 'Социальное сопровождение', 'Что требуется': 'Освобождается 28.06.2024' });
  await penal.press('Отправить направления');
  is(penal.status, 422, 'a referral without a ground in law is refused');
  is(await penal.page.getByLabel('Что требуется').inputValue(), 'Освобождается 28.06.2024', 'what was typed is kept');
  ok(await penal.page.evaluate(() => document.activeElement.classList.contains('govuk-error-summary')), 'the keyboard stands at the summary of errors');
  await look(penal, 'referral with errors');
  await penal.page.locator('.govuk-error-summary a').first().click();
  ok(await penal.page.evaluate(() => document.activeElement.id === 'ground'), 'its link leads into the field');
  await penal.fill({ 'Основание': 'социальном' });
  await penal.press('Отправить направления');
  at(penal, /^\/referrals/, 'the referrals are sent');
  await has(penal, ANNA, 'and stand in the list');
  await look(penal, 'referrals sent');
  await penal.follow(ANNA);
  await look(penal, 'referral of the sender');
  await penal.page.goBack();
  is(penal.status, 200, 'back to the list');
  await penal.page.goBack();
  ok(!/ERR_CACHE_MISS/.test(await penal.page.content()), 'the back button after sending asks nothing to be sent again');
});

await step('3 the social centre accepts and plans', async () => {
  social = await sit('social1');
  await look(social, 'social worker');
  await social.follow('Входящие', { within: 'nav' });
  await look(social, 'inbox');
  await social.follow(ANNA);
  await look(social, 'referral received');
  await social.press('Отклонить');
  is(social.status, 422, 'declining needs a reason');
  await look(social, 'declining with errors');
  await social.press('Принять');
  at(social, /^\/cases\/\d+/, 'accepting opens a case');
  caseAt = social.path.replace(/[?#].*/, '');
  await look(social, 'new case');
  await social.page.goBack();
  await social.page.waitForLoadState('load');
  ok(!(await social.text()).includes('Подтвердите повторную отправку'), 'the back button after accepting shows a page');
  await social.go(caseAt);

  await social.press('Оценить нуждаемость');
  await social.press('Записать оценку');
  is(social.status, 422, 'an empty assessment is refused');
  await look(social, 'assessment with errors');
  for (const [domain, level, words] of [['employment', 'urgent', 'Без работы с 2021 года'], ['health', 'some', '']]) {
    await social.page.locator(`select[name=level_${domain}]`).selectOption(level);
    await social.page.locator(`input[name=note_${domain}]`).fill(words);
  }
  await social.fill({ 'Заключение': 'Живёт у сестры, паспорт есть' });
  await social.press('Записать оценку');
  await has(social, 'Без работы с 2021 года', 'the assessment stands on the case');

  await social.press('Составить программу');
  await look(social, 'new programme');
  await social.fill({ 'Окончание': '13.12.2024' });
  await social.press('Составить программу');
  at(social, /^\/programmes\/\d+/, 'the programme is drafted');
  programmeAt = social.path.replace(/[?#].*/, '');
  await look(social, 'empty programme');
  for (const [domain, words] of [['Работа', 'Работает три месяца'], ['Медицинская помощь', 'Прошла осмотр']]) {
    await social.press('Добавить цель');
    await social.fill({ 'Сфера': domain, 'Цель': words });
    await social.press('Добавить цель');
  }
  const measure = async (fields) => {
    await social.go(programmeAt);
    await social.press('Добавить меру');
    await social.fill(fields);
    await social.press('Добавить меру');
  };
  await measure({ 'Цель': 'Работает', 'Мера': 'Подобрать работу', 'Орган-исполнитель': 'Центр занятости населения, отдел по Прибрежному', 'Вид помощи': 'Содействие в трудоустройстве', 'Срок': '31.02.2024' });
  is(social.status, 422, 'a measure needs a date that exists and a ground');
  await look(social, 'measure with errors');
  await social.fill({ 'Срок': '28.06.2024', 'Основание': 'Содействие занятости' });
  await social.press('Добавить меру');
  await has(social, 'Подобрать работу', 'a measure goes to the employment centre');
  await measure({ 'Цель': 'Прошла осмотр', 'Мера': 'Пройти осмотр', 'Орган-исполнитель': 'Прибрежная городская больница', 'Вид помощи': 'Медицинский осмотр', 'Основание': 'согласие', 'Срок': '28.06.2024' });
  await has(social, 'Пройти осмотр', 'a measure goes to the clinic');
  await measure({ 'Цель': 'Работает', 'Мера': 'Помочь с анкетой', 'Орган-исполнитель': 'Комплексный центр социального обслуживания населения Прибрежного', 'Вид помощи': 'Социальное сопровождение', 'Срок': '21.06.2024' });
  await has(social, 'Помочь с анкетой', 'a measure stays with the centre');
  await look(social, 'programme');
  await social.press('Человек согласен');
  await has(social, 'Согласована', 'the person has agreed');
  await social.go(caseAt);
  await look(social, 'case with a programme');
});

await step('4 the employment centre and the clinic do their part', async () => {
  await penal.go(`/persons?q=${encodeURIComponent('берегова')}`);
  await penal.follow(ANNA);
  await look(penal, 'card of the person, operator');

  employment = await sit('employment1');
  await look(employment, 'employment specialist');
  await employment.follow('Входящие', { within: 'nav' });
  await employment.follow(ANNA);
  await employment.press('Принять');
  const work = employment.path.replace(/[?#].*/, '');
  await look(employment, 'accepted referral');
  await employment.press('Записать услугу');
  await employment.fill({ 'Дата оказания': '14.13.2024' });
  await employment.press('Записать услугу');
  is(employment.status, 422, 'a service needs its kind and a date that exists');
  await look(employment, 'service with errors');
  await employment.page.getByLabel('Услуга').selectOption({ index: 1 });
  await employment.fill({ 'Дата оказания': '14.06.2024' });
  await employment.press('Записать услугу');
  await employment.follow(ANNA, { within: 'main' }).catch(() => {});
  await hasNot(employment, 'осмотр', 'the employment centre learns nothing of the examination');
  await look(employment, 'card, employment specialist');

  doctor = await sit('doctor1');
  await doctor.follow('Входящие', { within: 'nav' });
  await doctor.follow(ANNA);
  await doctor.press('Принять');
  const health = doctor.path.replace(/[?#].*/, '');
  await doctor.follow(ANNA);
  await doctor.press('Сделать запись');
  await doctor.page.getByLabel('Тема').selectOption('hiv');
  await doctor.page.locator('main textarea').fill(DIAGNOSIS);
  await doctor.press(/^Сохранить/, { exact: false });
  await has(doctor, DIAGNOSIS, 'the doctor reads the note');
  await look(doctor, 'card, doctor');
  await social.go(caseAt);
  await hasNot(social, DIAGNOSIS, 'the social worker does not');

  for (const [who, place] of [[employment, work], [doctor, health]]) {
    await who.go(place);
    await who.fill({ 'Дата': '14.06.2024' });
    await who.page.locator('main').getByLabel('Результат', { exact: true }).selectOption('full');
    await who.press('Отправить результат');
    ok(who.status < 400, `${place.replace(/\d+/, '…')}: the result is sent`, await who.text());
    await look(who, 'after the result');
  }
  await social.go(programmeAt);
  is(await social.page.locator('.b-tag--done').count(), 2, 'the lead sees both measures done');
  await look(social, 'programme with results');
});

await step('5 the case closes', async () => {
  await social.go(programmeAt);
  await social.follow('Помочь с анкетой');
  await look(social, 'measure');
  await social.fill({ 'Дата': '14.06.2024' });
  await social.page.locator('main').getByLabel('Результат', { exact: true }).selectOption('full');
  await social.press('Записать результат');
  await social.go(caseAt);
  await social.press('Записать услугу');
  await social.page.getByLabel('Услуга').selectOption({ index: 1 });
  await social.fill({ 'Дата оказания': '14.06.2024' });
  await social.press('Записать услугу');
  await social.go(caseAt);
  await social.page.locator('main .b-menu summary').click();
  await social.press(/Завершить дело|Закрыть дело/, { exact: false });
  await social.press('Закрыть дело');
  is(social.status, 422, 'closing needs an outcome');
  await look(social, 'closing with errors');
  await social.fill({ 'Дата закрытия': '14.06.2024' });
  await social.page.getByLabel('Исход', { exact: true }).selectOption('goals_reached');
  await social.press('Закрыть дело');
  await has(social, 'Закрыт', 'the case is closed');
  await look(social, 'closed case');
  await employment.go(caseAt);
  is(employment.status, 404, 'for the employment centre it is not there');
  await look(employment, 'page that is not there');
});

await step('6 the half-year table', async () => {
  const analyst = await sit('analyst');
  await look(analyst, 'analyst');
  await analyst.go('/persons');
  is(analyst.status, 403, 'the analyst sees no persons');
  await look(analyst, 'page that is not allowed');
  await analyst.follow('Отчёты', { within: 'nav' });
  await analyst.follow('Получатели по категориям');
  await has(analyst, 'Освобождённые из мест лишения свободы', 'the table has its rows');
  await look(analyst, 'report');
  like((await analyst.download('CSV')).toString('utf8'), /Освобождённые/, 'it saves CSV');
  is((await analyst.download('XLSX')).subarray(0, 2).toString(), 'PK', 'and XLSX');
  await analyst.page.locator('table.b-report tbody a').first().click();
  await analyst.page.waitForLoadState('load');
  at(analyst, /\/reports\/clients-by-category\/persons\?/, 'a click on a figure shows the list behind it');
  await hasNot(analyst, 'Берегова', 'without names');
  await look(analyst, 'list without names');
  const head = await sit('head1');
  await look(head, 'head of a centre');
  await head.go('/reports/clients-by-category?period=2024-H1');
  await head.page.locator('table.b-report tbody a').first().click();
  await head.page.waitForLoadState('load');
  at(head, /\/reports\/clients-by-category\/persons\?/, 'a click on a figure shows the list behind it');
  await look(head, 'list behind a figure');
});

await step('7 the timeline and who looked', async () => {
  await social.go(caseAt);
  await social.follow('Вся хронология');
  for (const words of ['Дело открыто', 'Проведена оценка нуждаемости', 'Мера', 'Дело закрыто']) await has(social, words, `timeline: ${words}`);
  await look(social, 'timeline of the case');
  await social.follow(ANNA);
  await look(social, 'card of the person');
  await social.follow('Кто смотрел', { within: 'main' });
  await has(social, 'Центр занятости', 'who looked: the employment centre');
  await look(social, 'who looked');
  const auditor = await sit('auditor');
  await look(auditor, 'first page of the auditor');
  await auditor.follow('Журнал', { within: 'nav' });
  await hasNot(auditor, 'Берегов', 'the log names nobody');
  await look(auditor, 'auditor');
  const admin = await sit('admin');
  await look(admin, 'administrator');
  await admin.go('/persons');
  is(admin.status, 403, 'the administrator sees no persons');
});

await part('two at one card', async () => {
  const other = await sit('social1b');
  await social.go('/persons');
  await social.page.locator('tbody .b-table__name a').first().click();
  await social.page.waitForLoadState('load');
  const card = social.path;
  for (const who of [social, other]) await who.go(`${card}/edit`);
  await social.fill({ 'Адрес': 'ул. Первая, д. 1' });
  await other.fill({ 'Адрес': 'ул. Вторая, д. 2' });
  await social.press('Сохранить');
  await has(social, 'ул. Первая, д. 1', 'the first is saved');
  await other.press('Сохранить');
  is(other.status, 409, 'the second is told that the card has changed');
  const text = await other.text();
  ok(text.includes('ул. Первая, д. 1') && text.includes('ул. Вторая, д. 2'), 'both versions are shown', text);
  await look(other, 'two versions');
  await other.page.locator('label.b-choice', { hasText: 'ул. Вторая, д. 2' }).click();
  await other.press('Сохранить выбранное');
  await has(other, 'ул. Вторая, д. 2', 'the chosen one is saved');
});

await part('without scripts', async () => {
  const plain = await sit('penal1', { js: false });
  at(plain, /^\/$/, 'without scripts one signs in');
  await plain.go('/persons');
  await plain.page.locator('main').getByLabel('Фамилия, имя, номер, дата рождения').fill('пристанин');
  await plain.press('Показать');
  is(await plain.page.locator('tbody tr').count(), 1, 'the list is filtered');
  await look(plain, 'without scripts', { phone: false });
  await plain.page.locator('tbody input[name=person]').check();
  await plain.press(/Направить выбранных/, { exact: false });
  await plain.fill({ 'Вид помощи': 'Социальное сопровождение', 'Что требуется': 'Без сценариев' });
  await plain.press(/Отправить направлени/, { exact: false });
  is(plain.status, 422, 'a form with errors comes back');
  is(await plain.page.getByLabel('Что требуется').inputValue(), 'Без сценариев', 'with what was typed');
  await plain.fill({ 'Основание': 'социальном' });
  await plain.press(/Отправить направлени/, { exact: false });
  await has(plain, 'Пристанин', 'and is sent');
  await plain.go('/imports/new');
  await plain.page.locator('#file').setInputFiles({ name: 'освобождённые.csv', mimeType: 'text/csv', buffer: list });
  await plain.fill({ 'Название списка': 'Освобождённые, июнь' });
  await plain.press('Проверить список');
  for (let i = 0; i < 40 && await plain.page.locator('[data-poll]').count(); i += 1) {
    await new Promise((r) => setTimeout(r, 250));
    await plain.follow('Обновить', { within: 'main' }).catch(() => plain.page.reload());
  }
  is(await plain.page.locator('.b-counter__figure').first().innerText(), '0', 'the same list again brings nobody new');
  await look(plain, 'preview without scripts', { phone: false });
  const worker = await sit('social1', { js: false });
  await worker.follow('Входящие', { within: 'nav' });
  await worker.follow('Берегов Пётр');
  await worker.press('Принять');
  at(worker, /^\/cases\/\d+/, 'a referral is accepted');
});

await part('search while typing', async () => {
  const [p] = register.rows(`select p.id, p.family_name as f, p.birth_date as b from person p join access a on a.person_id = p.id
    where a.body_id = (select body_id from account where login = 'social1') and p.birth_date is not null and length(p.family_name) > 6 order by p.id limit 1`);
  const wrong = p.f.slice(0, 2) + p.f[3] + p.f[2] + p.f.slice(4);
  const desk = await sit('social1');
  await desk.go('/persons/search');
  await desk.page.locator('main #q').pressSequentially(`${wrong} ${String(p.b).slice(0, 4)}`, { delay: 20 });
  await desk.page.locator('#found table').waitFor();
  await has(desk, 'похожее написание', 'the answer comes while typing and says why');
  like(await desk.page.locator('form [role=status]').textContent(), /: \d/, 'screen readers are told how many');
  like(desk.page.url(), /\/persons\/search\?sealed=[\w-]+$/, 'the address does not say whom one looks for');
  await desk.page.reload();
  is(await desk.page.locator('main #q').inputValue(), `${wrong} ${String(p.b).slice(0, 4)}`, 'and opens the same search again');
  await desk.page.locator('main #q').focus();
  await desk.page.keyboard.press('ArrowDown');
  is(await desk.page.evaluate(() => document.activeElement.getAttribute('href')), `/persons/${p.id}`, 'the arrow down goes to the first found');
  await desk.page.keyboard.press('Escape');
  is(await desk.page.evaluate(() => document.activeElement.id), 'q', 'Escape back into the box');
  await look(desk, 'the search');
  await desk.go('/persons');
  await desk.page.locator('main #q').pressSequentially(wrong, { delay: 20 });
  await desk.page.getByText('Подходят к тому, что вы ввели').waitFor();
  await desk.page.locator('main #q').fill(p.f.slice(0, 3));
  await desk.page.locator('.moj-filter-layout__content [data-check-all]:visible').waitFor();
  ok(true, 'boxes of a list that came while typing work');
  for (const js of [true, false]) {
    const one = await sit('social1', { js });
    await one.go('/');
    await one.page.locator('#search-query').fill(p.f);
    await one.page.locator('#search-query').press('Enter');
    await one.page.waitForURL(/\/persons\?sealed=[\w-]+$/);
    await has(one, p.f, `from the head of any page, ${js ? 'with' : 'without'} scripts`);
    await one.page.locator('main a[href^="/persons/"]', { hasText: p.f }).first().click();
    await one.page.goBack();
    is(await one.page.locator('main #q').inputValue(), p.f, 'and back again');
  }
  await look(desk, 'the list');
});

await part('by keyboard alone', async () => {
  const desk = await sit(null);
  const focused = () => desk.page.evaluate(() => {
    const e = document.activeElement;
    return { id: e.id, name: (e.innerText || e.value || '').trim(), href: e.getAttribute('href') ?? '', outline: getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow };
  });
  const tabTo = async (fits, what) => {
    for (let i = 0; i < 120; i += 1) {
      await desk.page.keyboard.press('Tab');
      const now = await focused();
      if (fits(now)) return now;
    }
    throw new Error(`Tab does not reach ${what} on ${desk.path}`);
  };
  const enter = async () => {
    await Promise.all([desk.page.waitForNavigation(), desk.page.keyboard.press('Enter')]);
  };
  await desk.go('/sign-in');
  await tabTo((e) => e.id === 'login', 'the login');
  await desk.page.keyboard.type('social1');
  await tabTo((e) => e.id === 'password', 'the password');
  await desk.page.keyboard.type('bereg-demo');
  await enter();
  await tabTo((e) => e.href === '/inbox', 'the inbox');
  await enter();
  const skip = await tabTo((e) => e.href === '#main', 'the skip link');
  ok(skip, 'the first stop skips to the content');
  await desk.page.keyboard.press('Enter');
  const link = await tabTo((e) => e.name.includes('Пристанин'), 'the referral');
  unlike(link.outline, /^nonenone$/, 'what has the keyboard is seen');
  await enter();
  at(desk, /^\/referrals\/\d+/, 'the referral opens');
  await tabTo((e) => e.name === 'Принять', 'the button');
  await enter();
  at(desk, /^\/cases\/\d+/, 'and is accepted');
  await look(desk, 'by keyboard', { phone: false });
});

await pages;
ok(seen.phones >= 15, 'at least fifteen pages were looked at on a small screen');
note(`${seen.pages} pages seen, ${seen.phones} also at 390 px, the greatest has ${seen.greatest} bytes; ${Math.round((Date.now() - began) / 1000)} s`);
for (const desk of desks) await desk.close().catch(() => {});
await browser.close();
await register.drop();
finish();
