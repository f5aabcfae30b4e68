// What somebody tries who has, or had, a right: old pages, ended rights, foreign keys, what is left in the browser; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/attack.mjs
import { Register } from './lib/server.mjs';
import { Desk, launch } from './lib/chrome.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 13, name: 'attack' });
const server = await register.serve({ args: ['--demo'] });
const api = (login) => server.client({ token: register.token(login) });
const signed = (login) => server.client().signIn(login);
const one = (sql) => register.rows(sql)[0];
const bodyOf = (login) => one(`select body_id as id from account where login = '${login}'`).id;
const [centre, jobs] = ['social1', 'employment1'].map(bodyOf);
let keys = 0;
const key = (name = `attack-${process.pid}-${keys += 1}`) => ({ headers: { 'idempotency-key': name } });
const ours = register.rows(`select p.id, p.family_name as family from person p join access a on a.person_id = p.id and a.body_id = ${centre}
  where p.birth_date < '2000-01-01' and not exists (select 1 from access b where b.body_id = ${jobs} and b.person_id = p.id) order by p.id limit 10`);
const consent = (person) => api('social1').postJson(`/api/v1/persons/${person}/consents`,
  { to_body_id: String(jobs), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.06.2025' }, key());
const withdraw = (c) => api('social1').postJson(`/api/v1/consents/${c.id}/withdraw`, { withdrawn_on: '14.06.2024', version: c.version }, key());
// What accounts did: the jobs of the night (no account) write when they come to it.
const events = () => one("select count(*) as n from event where account_id is not null and kind not like 'token.%' and kind not like 'session.%'").n;

await part('a right ends while the page is open', async () => {
  const p = ours[0];
  const c = (await consent(p.id)).json;
  const browser = await signed('employment1');
  const card = await browser.get(`/persons/${p.id}`);
  is([card.status, card.text.includes(p.family)], [200, true], 'by a consent the card is open');
  const form = await browser.get(`/services/new?person=${p.id}`);
  is(form.status, 200, 'and so is the form of a service');
  const before = events();
  ok((await withdraw(c)).status < 300, 'the consent is withdrawn');
  const after = events();
  const sent = await browser.submit(form, '/services', { kind: 'consultation', day: '13.06.2024', note: 'после отзыва', person: String(p.id) });
  ok([403, 404].includes(sent.status), `what was open is not sent any more (${sent.status})`);
  unlike(sent.text, new RegExp(p.family), 'and the answer does not name the person');
  is([after - before, events() - after], [1, 0], 'nothing is written');
  for (const at of [`/persons/${p.id}`, `/persons/${p.id}/timeline`, `/persons/${p.id}/why`, `/api/v1/persons/${p.id}`, `/services/new?person=${p.id}`, `/referrals/new?person=${p.id}`])
    unlike((await browser.get(at)).text, new RegExp(p.family), `${at} is shut at the next request`);
});

await part('the account changes while the page is open', async () => {
  const browser = await signed('social1');
  const token = api('social1');
  const p = ours[1];
  const form = await browser.get(`/persons/${p.id}/edit`);
  is(form.status, 200, 'the form of a card is open');
  register.exec("update account set role = 'ngo_worker' where login = 'social1'");
  const before = events();
  const sent = await browser.submit(form, `/persons/${p.id}/edit`, {});
  ok([403, 404].includes(sent.status), `with another role it is not taken (${sent.status})`);
  const narrow = (await token.get(`/api/v1/persons/${p.id}`));
  ok(narrow.status !== 200 || !('sentences' in narrow.json) || narrow.json.sentences.length === 0, 'a token has the rights of today');
  register.exec("update account set role = 'social_worker', active = 0 where login = 'social1'");
  is([(await browser.get('/inbox')).status, (await token.get('/api/v1/persons')).status], [303, 401], 'an account that is closed is out at once, with page and token');
  is(events() - before, 0, 'nothing is written');
  register.exec("update account set active = 1 where login = 'social1'");
});

await part('somebody else sends what was sent', async () => {
  const p = ours[2];
  const body = { person: p.id, kind: 'consultation', day: '2024-06-13', note: 'ключ' };
  const name = `attack-shared-${process.pid}`;
  const first = await api('social1').postJson('/api/v1/services', body, key(name));
  is(first.status, 201, 'a service is recorded under a key');
  for (const login of ['employment1', 'ngo1', 'penal1', 'doctor1']) {
    const a = await api(login).postJson('/api/v1/services', body, key(name));
    ok(a.status !== 201 || a.text !== first.text, `${login} does not get its answer by the key (${a.status})`);
    unlike(a.text, new RegExp(p.family), 'nor anything of it');
  }
  const other = await api('head1').postJson('/api/v1/services', body, key(name));
  ok(other.status !== 201 || other.text !== first.text, 'a colleague of the same body makes a service of his own');
});

await part('numbers in addresses and forms', async () => {
  const ngo = await signed('ngo1');
  const p = ours[3];
  const before = events();
  for (const at of [`/persons/${p.id}/edit`, `/persons/${p.id}/categories/new`, `/persons/${p.id}/consents/new`, `/persons/${p.id}/notes/new`,
    `/cases/new?person=${p.id}`, `/referrals/new?person=${p.id}`, `/services/new?person=${p.id}`, `/persons/${p.id}/why`]) {
    const known = await ngo.get(at);
    const unknown = await ngo.get(at.replace(String(p.id), '99999999'));
    const bare = (a) => [a.status, a.text.replaceAll(/\b(99999999|csrf[^>]*)\b/g, '').replaceAll(new RegExp(`\\b${p.id}\\b`, 'g'), '').replace(/value="[A-Za-z0-9_-]{20,}"/g, '')];
    is(bare(known), bare(unknown), `${at}: a foreign number is answered as one that is none`);
  }
  for (const [at, fields] of [['/services', { person: String(p.id), kind: 'consultation', day: '13.06.2024' }],
    ['/api/v1/services', null], [`/persons/${p.id}/notes`, { day: '13.06.2024', topic: 'general', words: 'чужая запись' }]]) {
    const a = fields ? await ngo.post(at, fields) : await api('ngo1').postJson(at, { person: p.id, kind: 'consultation', day: '2024-06-13' }, key());
    ok([403, 404, 422].includes(a.status), `${at}: nothing is written about a person of others (${a.status})`);
    unlike(a.text, new RegExp(p.family), 'and the answer names nobody');
  }
  is(events() - before, 0, 'the log is as it was');
});

await part('what files are called', async () => {
  const marks = register.rows('select family_name as f from person').map((r) => r.f);
  let files = 0;
  for (const login of ['social1', 'head1', 'penal1', 'doctor1', 'police1', 'analyst', 'auditor']) {
    const client = api(login);
    for (const at of ['/api/v1/persons', '/api/v1/referrals', '/api/v1/services', '/api/v1/cases', '/api/v1/consents', '/api/v1/persons?category=homeless', '/api/v1/reports/clients-by-category'])
      for (const format of ['csv', 'xlsx']) {
        const a = await client.get(`${at}${at.includes('?') ? '&' : '?'}format=${format}`);
        const name = decodeURIComponent(a.headers['content-disposition'] ?? '');
        if (a.status !== 200 || !name) continue;
        files += 1;
        if (marks.some((f) => name.toLowerCase().includes(f.toLowerCase())) || /[а-яё]{4}/i.test(name.replace(/filename\*?=/g, ''))) ok(false, `${at}: a file name tells: ${name}`);
        if (!/no-store/.test(a.headers['cache-control'] ?? '')) ok(false, `${at}: a file may be kept by the browser`);
      }
  }
  ok(files > 20, `${files} files are called by their kind only and are not kept`);
});

await part('what stays in the browser', async () => {
  const browser = await launch();
  try {
    const p = ours[4];
    const desk = await Desk.open(browser, server.base);
    await desk.signIn('social1');
    await desk.go(`/persons/${p.id}`);
    ok((await desk.text()).includes(p.family), 'a specialist opens a card');
    await desk.go('/persons');
    await desk.page.getByRole('button', { name: 'Выйти' }).first().click();
    await desk.page.waitForLoadState('load');
    const seen = [];
    for (let back = 0; back < 4; back += 1) {
      await desk.page.goBack().catch(() => null);
      await desk.page.waitForLoadState('load').catch(() => null);
      seen.push((await desk.page.content()).includes(p.family));
    }
    is(seen, [false, false, false, false], 'after the sign-out Back shows no card');
    await desk.go(`/persons/${p.id}`);
    like(desk.path, /sign-in/, 'its address asks for a sign-in');
    // inputs of forms about persons offer nothing typed before
    await desk.signIn('social1');
    const offered = [];
    for (const at of ['/persons/new', `/persons/${p.id}/edit`, `/persons/${p.id}/notes/new`, '/persons', '/persons/search', `/referrals/new?person=${p.id}`, `/persons/${p.id}/consents/new`]) {
      await desk.go(at);
      offered.push(...(await desk.page.locator('main input[type=text], main input[type=search], main input[type=tel], main textarea')
        .evaluateAll((all) => all.filter((e) => e.getAttribute('autocomplete') !== 'off').map((e) => `${location.pathname} ${e.name}`))));
    }
    is(offered, [], 'no field of a person offers what was typed before');
    await desk.close();
  } finally {
    await browser.close();
  }
});

await register.drop();
finish();
