// Why somebody is seen, asking the lead for more, and the answer, on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/why.mjs
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'why' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const [social, head, employment, penal, analyst] = ['social1', 'head1', 'employment1', 'penal1', 'analyst'].map(client);
const bodyOf = (login) => register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
const [centre, jobs] = ['social1', 'employment1'].map(bodyOf);
const accounts = register.users();
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `why-${process.pid}-${keys += 1}` } });
// Persons whom the centre leads and refers to the employment centre.
const led = register.rows(`select p.id, p.family_name as family from person p join access c on c.person_id = p.id and c.body_id = ${centre}
  where p.lead_body_id = ${centre} and not exists (select 1 from access a where a.body_id = ${jobs} and a.person_id = p.id) order by p.id limit 5`);
const [anna, boris, vera] = led;
for (const p of [anna, boris, vera]) {
  const r = await social.postJson('/api/v1/referrals', { person: String(p.id), to_body_id: String(jobs), need: 'employment', ground: 'employment_565', term: '5', note: '' }, key());
  is(r.status, 201, 'a person led by the centre is referred to the employment centre', r.text.slice(0, 300));
}
const stateOf = (why, name) => why.classes.find((c) => c.name === name)?.state;
let ask;

await part('why', async () => {
  const a = await employment.get(`/api/v1/persons/${anna.id}/why`);
  is(a.status, 200, 'the employment centre asks why it sees somebody');
  ok(a.json.grants.length > 0 && a.json.grants.every((g) => g.words.length > 10 && g.opens.length > 3), 'each grant has its fact and its data in words', JSON.stringify(a.json.grants));
  is(a.json.classes.length, 13, 'each class has a word');
  is(stateOf(a.json, 'identity'), 'open', 'who it is, is open');
  is(stateOf(a.json, 'hiv'), 'never', 'HIV never is');
  ok(['never', 'role'].includes(stateOf(a.json, 'health')), 'nor health');
  is((await penal.get(`/api/v1/persons/999999/why`)).status, 404, 'nobody is not there');
  const foreign = register.rows(`select p.id from person p where not exists (select 1 from access a where a.body_id = ${jobs} and a.person_id = p.id) limit 1`)[0];
  is((await employment.get(`/api/v1/persons/${foreign.id}/why`)).status, 404, 'as little as one whom the body does not know');
  is((await analyst.get(`/api/v1/persons/${anna.id}/why`)).status, 403, 'the analyst has nothing to ask');
});

const post = (api, path, body) => api.postJson(`/api/v1${path}`, body, key());

await part('the rules', async () => {
  const matrix = register.csv(['access']);
  const rules = (await employment.get('/api/v1/access')).json;
  const roles = new Set(matrix.map((r) => Object.values(r)[0]).filter((name) => !name.includes(' ')));
  is(rules.roles.length, roles.size, 'each role of `bereg access` stands on the page');
  is(rules.needs.length, register.rows(`select count(*) as n from pack_entry where kind = 'need'`)[0].n, 'and each need');
  is(rules.grants.length, register.rows(`select count(*) as n from pack_entry where kind = 'grant'`)[0].n, 'and each rule of a fact');
  is(rules.grants.filter((g) => g.minutes).every((g) => g.minutes === 60), true, 'an emergency ends after its minutes');
  const admin = await (await server.client().signIn('admin')).get('/access');
  is([admin.status, admin.text.length < 61440], [200, true], 'the administrator reads it as a page');
});

await part('asking', async () => {
  const before = (await employment.get(`/api/v1/persons/${anna.id}/why`)).json;
  const wanted = before.classes.find((c) => c.state === 'ask')?.name;
  ok(wanted, 'something can be asked for', JSON.stringify(before.classes));
  is((await post(employment, `/persons/${anna.id}/asks`, { words: 'Подбор работы', class: '' })).status, 422, 'nothing ticked');
  is((await post(employment, `/persons/${anna.id}/asks`, { words: '', class: wanted })).status, 422, 'no reason given');
  is((await post(employment, `/persons/${anna.id}/asks`, { words: 'Любопытно', class: 'hiv' })).status, 422, 'what the body never gets cannot be asked for');
  const a = await post(employment, `/persons/${anna.id}/asks`, { words: 'Подбор работы рядом с домом', class: wanted });
  is(a.status, 201, 'the lead is asked', a.text.slice(0, 500));
  ask = { id: a.json.id, wanted };
  is((await post(employment, `/persons/${anna.id}/asks`, { words: 'Ещё раз', class: wanted })).status, 409, 'once at a time');
  is((await post(social, `/persons/${anna.id}/asks`, { words: 'Себя', class: 'contact' })).status >= 400, true, 'the lead does not ask itself');
  const page = await (await server.client().signIn('social1')).get('/inbox');
  like(page.text, /запрос доступа ждёт/, 'the inbox of the lead says so');
  ok((await social.get('/api/v1/asks')).json.items.some((x) => x.id === ask.id), 'it stands among the requests');
  is((await penal.get(`/api/v1/asks/${ask.id}`)).status, 404, 'nobody else reads it');
  ok(!(await penal.get('/api/v1/asks')).json.items.some((x) => x.id === ask.id), 'nor finds it');
});

await part('another body leads', async () => {
  const p = vera;
  const wanted = (await employment.get(`/api/v1/persons/${p.id}/why`)).json.classes.find((c) => c.state === 'ask').name;
  const a = (await post(employment, `/persons/${p.id}/asks`, { words: 'До смены ведущего', class: wanted })).json;
  const commission = bodyOf('juvenile1');
  register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) values (${p.id}, ${commission}, 'listed', 14, 'listing', 1, 1)`,
    `insert into access (body_id, person_id, bits, name_key) select ${commission}, id, 14, name_key from person where id = ${p.id}`]);
  const juvenile = client('juvenile1');
  const opened = await post(juvenile, '/cases', { person: String(p.id), channel: 'self' });
  is([opened.status, register.rows(`select lead_body_id as lead from person where id = ${p.id}`)[0].lead], [201, commission], 'the commission opens a case and leads');
  is((await juvenile.get(`/api/v1/asks/${a.id}`)).status, 200, 'what waits for an answer waits for it now');
  const gone = await post(social, `/asks/${a.id}/answer`, { version: a.version, state: 'declined', answer: 'Поздно' });
  is([403, 404, 409].includes(gone.status), true, 'the former lead answers no more');
  const now = (await juvenile.get(`/api/v1/asks/${a.id}`)).json;
  ok((await post(juvenile, `/asks/${a.id}/answer`, { version: now.version, state: 'declined', answer: 'Не нужно для работы' })).status < 300, 'the new one does');
});

await part('the answer', async () => {
  const show = (await social.get(`/api/v1/asks/${ask.id}`)).json;
  const answer = (api, body) => post(api, `/asks/${ask.id}/answer`, { version: show.version, ...body });
  is((await answer(employment, { state: 'given', ground: 'powers', until: '01.09.2024' })).status >= 403, true, 'the asker does not answer itself');
  is((await answer(penal, { state: 'given', ground: 'powers', until: '01.09.2024' })).status >= 403, true, 'nor a stranger');
  for (const [body, why] of [[{ state: 'given', until: '01.09.2024' }, 'without a ground'], [{ state: 'given', ground: 'powers' }, 'without a term'],
    [{ state: 'given', ground: 'powers', until: '01.06.2024' }, 'in the past'],
    [{ state: 'given', ground: 'powers', until: '31.12.2099' }, 'for ever'], [{ state: 'given', ground: 'consent', until: '01.09.2024' }, 'by a consent that is not there'], [{ state: 'declined' }, 'a no without words'], [{ state: 'perhaps' }, 'neither yes nor no'], [{}, 'nothing']])
    is((await answer(social, body)).status, 422, `refused: ${why}`);
  const yes = await answer(social, { state: 'given', ground: 'employment_565', until: '01.09.2024' });
  ok(yes.status < 300, 'the lead opens the access', `${yes.status} ${yes.text.slice(0, 400)}`);
  const why = (await employment.get(`/api/v1/persons/${anna.id}/why`)).json;
  is(stateOf(why, ask.wanted), 'open', 'at the next request it is open');
  ok(why.grants.some((g) => g.ref === 'access_ask' && g.until), 'with its ground and its end', JSON.stringify(why.grants));
  is((await answer(social, { state: 'declined', answer: 'Нет' })).status, 409, 'an answer is given once');
  is(register.rows(`select kind from event where object = 'access_ask' and object_id = ${ask.id} order by id`).map((r) => r.kind), ['access.asked', 'access.given'], 'the log keeps both');
  const wanted = (await employment.get(`/api/v1/persons/${boris.id}/why`)).json.classes.find((c) => c.state === 'ask').name;
  const no = (await post(employment, `/persons/${boris.id}/asks`, { words: 'Нужно', class: wanted })).json;
  const said = await post(social, `/asks/${no.id}/answer`, { version: no.version, state: 'declined', answer: 'Спросите у самого человека' });
  ok(said.status < 300, 'the lead says no', `${said.status} ${said.text.slice(0, 300)}`);
  is((await employment.get(`/api/v1/asks/${no.id}`)).json.answer, 'Спросите у самого человека', 'the words come back');
  is(stateOf((await employment.get(`/api/v1/persons/${boris.id}/why`)).json, wanted), 'ask', 'and nothing is open');
  // the lead closes what it has opened
  const at = (await social.get(`/api/v1/asks/${ask.id}`)).json;
  is((await post(employment, `/asks/${ask.id}/close`, { version: at.version })).status >= 403, true, 'the asker does not close it');
  is((await post(penal, `/asks/${ask.id}/close`, { version: at.version })).status >= 403, true, 'nor a stranger');
  ok((await post(social, `/asks/${ask.id}/close`, { version: at.version })).status < 300, 'the lead closes the access');
  is(stateOf((await employment.get(`/api/v1/persons/${anna.id}/why`)).json, ask.wanted), 'ask', 'and it is closed');
  is((await post(social, `/asks/${ask.id}/close`, { version: at.version + 1 })).status, 409, 'once');
  is(register.run(['check']).status, 0, 'bereg check is clean');
});

await part('the statement for the person', async () => {
  const s = await social.get(`/api/v1/persons/${anna.id}/statement`);
  is(s.status, 200, 'the lead prints it');
  const kinds = s.json.passed.map((e) => e.kind?.code ?? e.kind);
  ok(kinds.includes('referral.sent') && kinds.includes('access.given'), 'it names what was passed on', JSON.stringify(s.json.passed).slice(0, 600));
  ok(s.json.passed.every((e) => e.body_name && e.other_name), 'by whom and to whom');
  ok(s.json.passed.some((e) => (e.ground?.code ?? e.ground) === 'employment_565'), 'and on what ground');
  ok(s.json.reads.length > 0 && s.json.reads.every((r) => r.read_by && r.page), 'it names who looked at what', JSON.stringify(s.json.reads).slice(0, 400));
  const staff = register.rows('select name from account').map((r) => r.name);
  ok(!staff.some((name) => JSON.stringify(s.json.reads).includes(name)), 'by body and post: it holds nobody else\'s name');
  const old = (await social.get(`/api/v1/persons/${anna.id}/statement?from=01.01.2001&to=02.01.2001`)).json;
  is([old.passed, old.reads], [[], []], 'of the period that was asked for');
  is((await employment.get(`/api/v1/persons/${anna.id}/statement`)).status, 403, 'a role that leads nobody does not print it');
  const juvenile = client('juvenile1');
  const other = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${bodyOf('juvenile1')}
    where p.lead_body_id is null or p.lead_body_id <> ${bodyOf('juvenile1')} limit 1`)[0];
  const not = (await juvenile.get(`/api/v1/persons/${other.id}/statement`)).json;
  is([not.leads, not.passed, not.reads], [false, [], []], 'nor a body that does not lead the person');
  is((await juvenile.get('/api/v1/persons/999999/statement')).status, 404, 'nobody has none');
});

await part('the term', async () => {
  await server.stop();
  const later = await register.serve({ env: { BEREG_NOW: '2024-09-02T00:01' } });
  const why = (await later.client({ token: register.token('employment1') }).get(`/api/v1/persons/${anna.id}/why`));
  ok(why.status === 404 || stateOf(why.json, ask.wanted) !== 'open', 'after its last day the access is closed', why.text.slice(0, 300));
  await later.stop();
  unlike(server.err + later.err, /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
});

await register.drop();
finish();
