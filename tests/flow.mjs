// One person's way through four bodies, over HTTP: list, referral, case, programme, measures, closing, report.
//   BEREG=/path/to/bereg [DB=postgresql://…] node tests/flow.mjs
// Without DB it works on an SQLite file of its own. DB must be empty.
import { Bereg, Browser, Tap, parseCsv, snils } from './lib/flow_browser.mjs';

const t = new Tap();
const bereg = new Bereg({ now: '2024-06-14T10:00' });

// What must not be read where it does not belong.
const ARTICLE = '158 ч. 2 Маркёр-статья';
const HIV = 'Маркёр-ВИЧ наблюдение';
const ADDICTION = 'Маркёр-нарколог запрос';
const SIGNAL = 'Участвует ещё один орган';

const DISTRICT = 'Приозёрный район';
const PERSONS = [
  { family: 'Проверкин', given: 'Захар', patronymic: 'Ильич', born: '05.09.1985', snils: snils(998000101) },
  { family: 'Проверкина', given: 'Вера', patronymic: 'Ильинична', born: '17.02.1990', snils: snils(998000102) },
  { family: 'Испытанова', given: 'Дарья', patronymic: 'Олеговна', born: '30.11.1978', snils: '' },
];

const line = (cells) => cells.map((c) => (/[";\n]/.test(c) ? `"${c.replace(/"/g, '""')}"` : c)).join(';');
// As institutions send them: semicolons, dates дд.мм.гггг, columns in an order of their own.
function list() {
  const rows = [['Район', 'Дата рождения', 'Фамилия', 'Имя', 'Отчество', 'Пол', 'СНИЛС']];
  for (const p of PERSONS) rows.push([DISTRICT, p.born, p.family, p.given, p.patronymic, p.patronymic.endsWith('ич') ? 'мужской' : 'женский', p.snils]);
  rows.push([DISTRICT, '31.02.1980', 'Невозможный', 'День', '', 'мужской', '']);
  rows.push([DISTRICT, '01.03.1981', 'Неверный', 'Номер', '', 'мужской', '111-111-111 11']);
  return Buffer.from(`\ufeff${rows.map(line).join('\r\n')}\r\n`, 'utf8');
}

async function waitFor(what, look, done, ms = 20000) {
  const end = Date.now() + ms;
  for (;;) {
    const page = await look();
    if (done(page)) return page;
    if (Date.now() > end) throw new Error(`${what}: still not there after ${ms} ms`);
    await new Promise((r) => setTimeout(r, 200));
  }
}

const figure = (page, kind) => {
  const m = new RegExp(`b-counter--${kind}"[^>]*><span class="b-counter__figure">([^<]*)<`).exec(page.html);
  return m ? Number(m[1].replace(/\D/g, '')) : NaN;
};

const id = (place) => Number(/\/(\d+)(?:[?#]|$)/.exec(place ?? '')?.[1] ?? NaN);

/* ---- before: who may come in ---- */

async function doors(who) {
  const stranger = new Browser(bereg.base);
  const page = await stranger.ask('/persons');
  t.ok(page.status === 303 && page.headers.get('location').startsWith('/sign-in'), 'a stranger is led to the sign-in page');
  const wrong = await (await stranger.get('/sign-in')).send('/sign-in', { login: 'penal2', password: 'wrong' });
  t.ok(wrong.sent === 422 && !stranger.cookies.has('session'), 'a wrong password signs nobody in', wrong.status);
  t.is((await who.admin.get('/persons')).status, 403, 'the system administrator sees no persons');
  t.is((await who.analyst.get('/persons')).status, 403, 'the analyst sees no persons');
  t.is((await who.employment.get('/imports/new')).status, 403, 'an employment specialist imports no lists');
  t.is((await who.doctor.get('/programmes/1')).status, 404, 'a programme of another body is not there');
  t.is((await who.social.get('/persons/999999')).status, 404, 'nobody stands under a number that is not given');
}

/* ---- 1: a list arrives ---- */

async function upload(penal) {
  const form = await penal.get('/imports/new');
  return form.send('/imports', { kind: 'persons', list: 'Освобождённые, июнь', category: 'released', channel: 'referred' },
                   { file: { name: 'список июнь.csv', bytes: list() } });
}

const settled = (penal, place) => waitFor(`import ${place}`, () => penal.get(place),
                                          (p) => p.status !== 200 || !p.html.includes('data-poll='));

async function listArrives(penal) {
  const sent = await upload(penal);
  t.is(sent.sent, 303, 'the list is taken');
  let page = await settled(penal, sent.place);
  t.is(figure(page, 'new'), 3, 'the preview counts three new rows');
  t.is(figure(page, 'overdue'), 2, 'the preview counts two faulty rows');
  t.has(page, '31.02.1980', 'the faulty date is shown as it stood in the file');
  t.has(page, '111-111-111 11', 'the faulty number is shown as it stood in the file');
  t.hasNot(await penal.get('/persons?q=Проверкин'), '>Проверкин Захар', 'nothing is stored before it is applied');
  const faulty = await penal.get(`${sent.place}/faulty`);
  const rows = parseCsv(faulty.html, faulty.html.split('\n')[0].includes(';') ? ';' : ',');
  t.is(rows.length, 2, 'the faulty rows come back as a file');
  t.ok(rows.every((r) => Object.values(r).some((v) => v.length > 15)), 'with a column of reasons', JSON.stringify(rows));
  page = await page.send(`${sent.place}/apply`);
  page = await settled(penal, sent.place);
  const people = [];
  for (const p of PERSONS) {
    const found = await penal.get(`/persons?q=${encodeURIComponent(p.family)}`);
    people.push(id(found.link(/^\/persons\/\d+$/, `${p.family} ${p.given}`)));
  }
  t.ok(people.every(Boolean), 'the three persons stand in the list of people', people);
  t.has(await penal.get(`/persons/${people[0]}`), PERSONS[0].snils.replace(/\D/g, '').slice(0, 3), 'the card has the number');
  t.hasNot(await penal.get('/persons?q=Невозможный'), 'Невозможный День', 'the faulty row was not stored');

  const again = await settled(penal, (await upload(penal)).place);
  t.is(figure(again, 'new'), 0, 'the same file again brings nobody new');
  t.is(figure(again, 'today'), 0, 'and asks nothing');
  return people;
}

/* ---- the court's decision, for those who may read of it ---- */

async function courtDecision(who, person) {
  const form = await who.penal.get(`/persons/${person}/sentences/new`);
  let page = await form.send(`/persons/${person}/sentences`, { article: ARTICLE, punishment: 'suspended', decided_on: '01.03.2024', ends_on: '01.02.2024' });
  t.is(page.sent, 422, 'a term that ends before the decision is refused');
  t.has(page, ARTICLE, 'and what was typed is kept');
  page = await page.send(`/persons/${person}/sentences`, { ends_on: '01.03.2026' });
  t.is(page.sent, 303, 'the court decision is recorded');
  t.has(await who.penal.get(`/persons/${person}`), ARTICLE, 'and stands on the card');
}

/* ---- 2: referrals go out ---- */

async function referralsGoOut(penal, people) {
  const shown = await penal.get('/persons?sort=newest');
  let page = await shown.send('/referrals/new', { person: people });
  t.has(page, 'Проверкин Захар', 'the chosen persons stand on the form');
  const refused = await page.send('/referrals', { need: 'social_support', ground: '', term: '5' });
  t.is(refused.sent, 422, 'a referral without a ground in law is refused');
  page = await refused.send('/referrals', { ground: 'social_442', note: 'Нужна помощь после освобождения' });
  t.is(page.sent, 303, 'the referrals are sent');
  for (const p of PERSONS) t.has(page, `${p.family} ${p.given}`, `${p.family} stands among those sent`);
}

/* ---- 3: the social centre accepts ---- */

async function openReferral(browser, family, group = 'new') {
  const inbox = await browser.get(`/inbox?group=${group}&limit=200`);
  const place = inbox.link(/^\/referrals\/\d+$/, family);
  if (!place) throw new Error(`${browser.name}: no referral of ${family} in the inbox`);
  return browser.get(place);
}

async function accept(browser, family) {
  const page = await openReferral(browser, family);
  return page.send(`${page.url}/accept`);
}

async function socialCentreAccepts(who, people) {
  let page = await openReferral(who.social, 'Проверкин Захар');
  t.has(page, '21.06.2024', 'the date due is five working days on');
  t.is((await who.employment.get(page.url)).status, 404, 'a body that is no party does not find the referral');
  page = await page.send(`${page.url}/accept`);
  t.ok(page.sent === 303 && /^\/cases\/\d+$/.test(page.place), 'accepting opens a case', page.place);
  const caseId = id(page.place);

  let other = await openReferral(who.social, 'Испытанова');
  const declined = await other.send(`${other.url}/decline`, { decline_reason: '' });
  t.is(declined.sent, 422, 'declining needs a reason');
  other = await declined.send(`${other.url}/decline`, { decline_reason: 'person_refused', result_note: 'Сказала по телефону' });
  t.is(other.sent, 303, 'the second referral is declined');
  t.is((await who.social.get(`/persons/${people[2]}`)).status, 404, 'with the answer the centre no longer sees the person');
  t.has(await openReferral(who.penal, 'Испытанова', 'answers'), 'Сказала по телефону', 'the sender reads the answer');

  const assessment = await who.social.get(`/cases/${caseId}/assessment`);
  const empty = await assessment.send(`/cases/${caseId}/assessment`, { summary: 'Черновик' });
  t.is(empty.sent, 422, 'an assessment without an answer is refused');
  t.has(empty, 'Черновик', 'and what was typed is kept');
  page = await empty.send(`/cases/${caseId}/assessment`, {
    summary: 'Живёт у знакомых, паспорт утрачен', level_housing: 'some', level_documents: 'urgent', level_employment: 'urgent', level_health: 'some' });
  t.is(page.sent, 303, 'the assessment is recorded');
  t.has(page, 'Живёт у знакомых', 'and stands on the case');
  return caseId;
}

async function programme(who, caseId) {
  const form = await who.social.get(`/cases/${caseId}/programmes/new`);
  let page = await form.send(`/cases/${caseId}/programmes`, { starts_on: '14.06.2024', ends_on: '01.06.2024' });
  t.is(page.sent, 422, 'a programme does not end before it begins');
  page = await page.send(`/cases/${caseId}/programmes`, { ends_on: '13.12.2024' });
  t.ok(page.sent === 303 && /^\/programmes\/\d+$/.test(page.place), 'the programme is drafted', page.place);
  const place = page.place;

  for (const [domain, words] of [['documents', 'Получен паспорт'], ['employment', 'Работает три месяца'], ['health', 'Прошёл осмотр']]) {
    page = await (await who.social.get(`${place}/goals/new`)).send(`${place}/goals`, { domain, words });
    t.ok(page.sent === 303 && page.text.includes(words), `goal: ${words}`, page.status);
  }

  const measure = async (goal, words, body, need, ground, due = '28.06.2024') => {
    const ask = await who.social.get(`${place}/measures/new`);
    return ask.send(`${place}/measures`, {
      goal_id: ask.option(`${place}/measures`, 'goal_id', goal), words, body_id: ask.option(`${place}/measures`, 'body_id', body), need, ground, due_on: due });
  };
  page = await measure('Получен паспорт', 'Подать заявление о паспорте', who.bodies.social, 'documents', '');
  t.is(page.sent, 303, 'a measure of the own body needs no ground');
  page = await measure('Работает', 'Встать на учёт и подобрать работу', who.bodies.employment, 'employment', '');
  t.is(page.sent, 422, 'a measure of another body needs a ground');
  page = await measure('Работает', 'Встать на учёт и подобрать работу', who.bodies.employment, 'medical_examination', 'social_442');
  t.is(page.sent, 422, 'an employment centre makes no medical examination');
  page = await measure('Работает', 'Встать на учёт', who.bodies.employment, 'employment', 'social_442', '01.06.2024');
  t.is(page.sent, 422, 'a measure is not due in the past');
  page = await measure('Работает', 'Встать на учёт и подобрать работу', who.bodies.employment, 'employment', 'social_442');
  t.is(page.sent, 303, 'a measure goes to the employment centre');
  page = await measure('Прошёл осмотр', 'Медицинский осмотр', who.bodies.doctor, 'medical_examination', 'consent');
  t.is(page.sent, 303, 'a measure goes to the clinic');
  t.has(page, 'Направлена исполнителю', 'the programme shows that they were sent');

  // Two at once: the second is shown both versions and chooses.
  const mine = await who.social.get(`${place}/edit`), theirs = await who.social2.get(`${place}/edit`);
  t.is((await theirs.send(`${place}/edit`, { ends_on: '31.12.2024' })).sent, 303, 'a colleague changes the programme');
  page = await mine.send(`${place}/edit`, { ends_on: '30.11.2024' });
  t.is(page.sent, 409, 'the second change is not stored over it');
  t.ok(page.text.includes('31.12.2024') && page.text.includes('30.11.2024'), 'both versions are shown');
  page = await page.send(`${place}/edit`, { ends_on: '30.11.2024' });
  t.ok(page.sent === 303 && page.text.includes('30.11.2024'), 'the chosen one is stored', page.status);

  page = await page.send(`${place}/agree`, { agreed_on: '15.06.2024' });
  t.is(page.sent, 422, 'nobody agrees tomorrow');
  page = await page.send(`${place}/agree`, { agreed_on: '14.06.2024' });
  t.ok(page.sent === 303 && page.text.includes('Согласована'), 'the person agrees to the programme', page.status);
  t.is((await who.employment.get(place)).status, 404, 'the programme is not for the bodies that carry out its parts');
  return place;
}

/* ---- 4: the employment centre and the clinic do their part ---- */

async function employmentDoesItsPart(who, person) {
  const measures = await who.employment.get('/measures?state=sent');
  t.has(measures, 'Встать на учёт и подобрать работу', 'the measure stands in the list of the employment centre');
  let page = await accept(who.employment, 'Проверкин Захар');
  t.is(page.sent, 303, 'the employment centre accepts');
  const referral = page.place;
  const card = await who.employment.get(`/persons/${person}`);
  t.is(card.status, 200, 'and sees the person');
  for (const [place, what] of [[`/persons/${person}`, 'card'], [`/persons/${person}/timeline`, 'timeline'], [referral, 'referral'], ['/services', 'services']]) {
    page = await who.employment.get(place);
    t.hasNot(page, ARTICLE, `employment, ${what}: no criminal article`);
    t.hasNot(page, 'Условное осуждение', `employment, ${what}: no punishment`);
    t.hasNot(page, 'Медицинский осмотр', `employment, ${what}: nothing of the clinic's part`);
    t.hasNot(page, who.bodies.doctor, `employment, ${what}: not even which clinic`);
    t.hasNot(page, 'Живёт у знакомых', `employment, ${what}: not the assessment`);
    t.hasNot(page, HIV, `employment, ${what}: no HIV note`);
  }
  const form = await who.employment.get(`/services/new?person=${person}&referral=${id(referral)}`);
  t.is((await form.send('/services', { kind: 'medical_examination', day: '14.06.2024' })).sent, 422, 'the role records no medical services');
  t.is((await form.send('/services', { kind: 'work_search', day: '31.02.2024' })).sent, 422, 'there is no 31 February');
  t.is((await form.send('/services', { kind: 'work_search', day: '15.06.2024' })).sent, 422, 'no service is recorded before it is given');
  page = await form.send('/services', { kind: 'work_search', day: '14.06.2024', note: 'Предложены две вакансии' });
  t.is(page.sent, 303, 'the employment centre records its service');
  return referral;
}

async function clinicDoesItsPart(who, person, caseId) {
  let page = await accept(who.doctor, 'Проверкин Захар');
  t.is(page.sent, 303, 'the clinic accepts');
  const referral = page.place;
  t.hasNot(await who.doctor.get(`/persons/${person}`), ARTICLE, 'the doctor reads no criminal article');
  page = await (await who.doctor.get(`/persons/${person}/notes/new`)).send(`/persons/${person}/notes`, { day: '14.06.2024', topic: 'hiv', words: HIV });
  t.is(page.sent, 303, 'the doctor writes a note on HIV');
  t.has(await who.doctor.get(`/persons/${person}`), HIV, 'and reads it');
  page = await (await who.doctor.get(`/services/new?person=${person}&referral=${id(referral)}`)).send('/services', { kind: 'hiv_observation', day: '14.06.2024', note: HIV });
  t.is(page.sent, 303, 'and records the observation as a service');
  page = await (await who.doctor.get(`/services/new?person=${person}&referral=${id(referral)}`)).send('/services', { kind: 'fluorography', day: '14.06.2024' });
  t.is(page.sent, 303, 'and the fluorography');

  // The clinic asks another health body on its own ground: others learn only that one takes part.
  const ask = await who.doctor.get(`/referrals/new?person=${person}`);
  page = await ask.send('/referrals', { to_body_id: ask.option('/referrals', 'to_body_id', who.bodies.narcology), need: 'addiction_help', ground: 'medical_13', term: '5', note: ADDICTION });
  t.is(page.sent, 303, 'the clinic refers the person further');
  t.is((await accept(who.narcology, 'Проверкин Захар')).sent, 303, 'and that body accepts');

  for (const [place, what] of [[`/persons/${person}`, 'card'], [`/cases/${caseId}`, 'case'], [`/cases/${caseId}/timeline`, 'timeline of the case'],
                               [`/persons/${person}/timeline`, 'timeline'], [`/persons/${person}/readers`, 'who looked'], ['/referrals', 'referrals']]) {
    page = await who.social.get(place);
    t.is(page.status, 200, `social worker, ${what}: opens`);
    t.hasNot(page, HIV, `social worker, ${what}: no HIV note`);
    t.hasNot(page, 'ВИЧ', `social worker, ${what}: not a word of HIV`);
    t.hasNot(page, ADDICTION, `social worker, ${what}: not what the clinic asked`);
    t.hasNot(page, who.bodies.narcology, `social worker, ${what}: not whom the clinic asked`);
  }
  t.has(await who.social.get(`/persons/${person}`), SIGNAL, 'social worker, card: another body takes part');
  t.has(await who.social.get(`/cases/${caseId}`), SIGNAL, 'social worker, case: another body takes part');
  page = await who.employment.get(`/persons/${person}`);
  t.has(page, `${SIGNAL}; обратитесь к ведущему`, 'employment, card: another body takes part, contact the lead');
  t.hasNot(page, who.bodies.narcology, 'employment, card: not which');
  t.hasNot(await who.penal.get(`/persons/${person}`), HIV, 'penal inspectorate, card: no HIV note');
  return referral;
}

async function results(who, person, place, employment, clinic, caseId) {
  let page = await who.social.get(`/cases/${caseId}/close`);
  page = await page.send(`/cases/${caseId}/close`, { closed_on: '14.06.2024', outcome: 'goals_reached' });
  t.is(page.sent, 409, 'a case is not closed over the heads of those at work');

  page = await (await who.employment.get(employment)).send(`${employment}/result`, { finished_on: '14.06.2024', result: 'full', result_note: 'Принят на работу' });
  t.is(page.sent, 303, 'the employment centre reports its result');
  t.is((await who.employment.get(`/persons/${person}`)).status, 404, 'with the result its access has ended');
  t.is((await who.employment.get(employment)).status, 404, 'the referral too is gone for it');
  page = await who.social.get(place);
  t.has(page, 'Исполнена', 'the lead sees the measure done');

  page = await (await who.doctor.get(clinic)).send(`${clinic}/result`, { finished_on: '14.06.2024', result: 'part', result_note: 'Нуждается в щадящем режиме труда' });
  t.is(page.sent, 303, 'the clinic reports its result');
  t.has(await who.social.get(clinic), 'Нуждается в щадящем режиме', 'the lead reads what the person needs');
  page = await openReferral(who.narcology, 'Проверкин Захар', 'work');
  page = await page.send(`${page.url}/result`, { finished_on: '14.06.2024', result: 'no_need' });
  t.is(page.sent, 303, 'the other body reports too');
  t.is((await who.doctor.get(`/persons/${person}`)).status, 404, 'the access of the clinic has ended');
  t.is((await who.narcology.get(`/persons/${person}`)).status, 404, 'and that of the body it asked');
  t.hasNot(await who.social.get(`/persons/${person}`), SIGNAL, 'nobody else takes part any more');
}

/* ---- 5: the case closes ---- */

async function caseCloses(who, person, place, caseId) {
  let page = await who.social.get(`/cases/${caseId}/close`);
  page = await page.send(`/cases/${caseId}/close`, { closed_on: '14.06.2024', outcome: 'goals_reached' });
  t.is(page.sent, 409, 'a case is not closed with a measure open');
  const measure = (await who.social.get(place)).link(/^\/measures\/\d+$/, 'Подать заявление о паспорте');
  page = await (await who.social.get(measure)).send(`${measure}/result`, { done_on: '14.06.2024', result: 'full', result_note: 'Паспорт получен' });
  t.is(page.sent, 303, 'the centre records the result of its own measure');
  page = await (await who.social.get(`/services/new?person=${person}&case=${caseId}`)).send('/services', { kind: 'documents', day: '14.06.2024' });
  t.is(page.sent, 303, 'and a service of the case');

  page = await (await who.social.get(`/cases/${caseId}/close`)).send(`/cases/${caseId}/close`, { closed_on: '14.06.2024', outcome: 'goals_reached', outcome_note: 'Работает, паспорт получен' });
  t.is(page.sent, 303, 'the case is closed');
  page = await who.social.get(`/cases/${caseId}`);
  t.has(page, 'Работает, паспорт получен', 'the closed case is still there for the centre');
  for (const name of ['employment', 'doctor', 'narcology'])
    for (const url of [`/persons/${person}`, `/cases/${caseId}`, place])
      t.is((await who[name].get(url)).status, 404, `${name}: ${url.replace(/\d+/, '…')} is gone`);
  t.hasNot(await who.social.get(`/persons/${person}`), ARTICLE, 'after closing the centre reads of the crime no more');
  t.is((await who.penal.get(`/persons/${person}`)).status, 200, 'the inspectorate still has the person on its own list');
  page = await who.penal.get('/inbox?group=answers&limit=200');
  t.has(page, 'Проверкин Захар', 'and its referral has been answered');
}

/* ---- 6: the half-year table ---- */

const REPORT = '/reports/clients-by-category?period=2024-H1';
const RELEASED = 'Освобождённые из мест лишения свободы';

// The report when it has taken in everything: the page of whoever asks.
const report = (browser) => waitFor('the report', () => browser.get(REPORT), (p) => p.status !== 200 || !p.html.includes('govuk-inset-text'));
// How many released there are now; who may see persons behind figures sees small numbers too.
const released = async (browser) => Number((await report(browser)).row(RELEASED)[1].replace(/\D/g, ''));

async function halfYear(who, before) {
  const page = await report(who.analyst);
  t.is(page.status, 200, 'the analyst opens the report');
  t.ok(/^(<5|скрыто|[\d\u00a0]+)$/.test(page.row(RELEASED)?.[1] ?? ''), 'it has a figure of the released', page.row(RELEASED));
  t.hasNot(page, 'Проверкин', 'and no names');
  const behind = await who.analyst.get('/reports/clients-by-category/persons?period=2024-H1&category=released');
  t.ok([200, 409].includes(behind.status), 'he may open what stands behind a figure that is shown', behind.status);
  t.hasNot(behind, 'Проверкин', 'without names');
  const csv = await who.analyst.get(`${REPORT}&format=csv`);
  t.ok(csv.status === 200 && /csv/.test(csv.headers.get('content-type')) && csv.html.includes(RELEASED), 'it saves CSV', csv.status);
  const xlsx = await who.analyst.get(`${REPORT}&format=xlsx`);
  t.ok(xlsx.status === 200 && xlsx.bytes.subarray(0, 2).toString() === 'PK', 'and XLSX', xlsx.status);
  t.is(await released(who.head), before + 1, 'the person counts once, for three bodies and four services');
  const place = (await report(who.head)).link(/persons\?.*category=released&channel=$/);
  const listed = await who.head.get(place);
  t.is(listed.status, 200, 'a head of a centre clicks the figure and sees the list behind it');
  t.hasNot(listed, 'Проверкин', 'without those of whom the centre may no longer know that');
}

/* ---- 7: who did what, who looked ---- */

async function timeline(who, person, caseId) {
  let page = await who.social.get(`/cases/${caseId}/timeline?limit=200`);
  for (const words of ['Дело открыто', 'Проведена оценка нуждаемости', 'Составлен проект программы', 'Мера внесена в программу', 'Направление отправлено',
                       'Программа согласована с лицом', 'Направление принято', 'Оказана услуга', 'Направление исполнено', 'Мера исполнена', 'Дело закрыто'])
    t.has(page, words, `timeline: ${words}`);
  t.has(page, who.bodies.employment, 'timeline: which body');
  t.has(page, 'Межведомственное взаимодействие', 'timeline: on what ground');
  t.hasNot(page, 'ВИЧ', 'timeline: no HIV');
  page = await who.social.get(`/persons/${person}/readers?limit=200`);
  t.is(page.status, 200, 'the card answers who looked');
  t.has(page, who.bodies.employment, 'who looked: the employment centre');
  t.ok(/Дело/.test(page.row(who.bodies.social)?.at(-1) ?? ''), 'who looked: at what', page.row(who.bodies.social));
  page = await who.auditor.get('/log');
  t.is(page.status, 200, 'the auditor opens the log');
  t.hasNot(page, 'Проверкин', 'the log names nobody');
}

try {
  bereg.run('demo', '--persons', process.env.PERSONS ?? '200', '--date', '2024-06-14');
  await bereg.serve('--demo');
  const accounts = bereg.accounts();
  const logins = { penal: 'penal2', social: 'social2', social2: 'social2b', employment: 'employment2', doctor: 'doctor2', narcology: 'narcology1',
                   head: 'head2', analyst: 'analyst', auditor: 'auditor', admin: 'admin' };
  const who = { bodies: {} };
  for (const [name, login] of Object.entries(logins)) {
    const account = accounts.find((a) => a.login === login);
    if (!account) throw new Error(`the demo has no account ${login}`);
    who.bodies[name] = account.body;
    who[name] = await bereg.signIn(login);
  }
  t.ok(true, 'everybody signs in');
  await doors(who);
  const before = await released(who.head);
  const people = await listArrives(who.penal);
  await courtDecision(who, people[0]);
  await referralsGoOut(who.penal, people);
  const caseId = await socialCentreAccepts(who, people);
  const place = await programme(who, caseId);
  const employment = await employmentDoesItsPart(who, people[0]);
  const clinic = await clinicDoesItsPart(who, people[0], caseId);
  await results(who, people[0], place, employment, clinic, caseId);
  await caseCloses(who, people[0], place, caseId);
  await halfYear(who, before);
  await timeline(who, people[0], caseId);
  await bereg.end();
  t.ok(/whole/.test(bereg.run('check')), 'bereg check finds nothing');
} catch (e) {
  t.ok(false, 'the way goes on to its end', e.stack);
} finally {
  await bereg.stop().catch(() => {});
  t.end();
}
