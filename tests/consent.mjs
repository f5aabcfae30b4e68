// Consents: recorded, printed, opening and closing access, on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/consent.mjs
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'consent' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const [social, employment, penal, ngo, analyst] = ['social1', 'employment1', 'penal1', 'ngo1', 'analyst'].map(client);
const bodyOf = (login) => register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
const [centre, jobs, charity] = ['social1', 'employment1', 'ngo1'].map(bodyOf);
let keys = 0;
const key = (name = `consent-${process.pid}-${keys += 1}`) => ({ headers: { 'idempotency-key': name } });
// Adults whom the centre knows and the other body does not.
const strangersTo = (body) => register.rows(`select p.id, p.family_name as family from person p join access a on a.person_id = p.id and a.body_id = ${centre}
  where p.birth_date < '2000-01-01' and not exists (select 1 from access b where b.body_id = ${body} and b.person_id = p.id) order by p.id limit 20`);
const form = (more) => ({ to_body_id: String(jobs), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.06.2025', ...more });
const take = (api, person, more, name) => api.postJson(`/api/v1/persons/${person}/consents`, form(more), key(name));
const errorAt = (a, field) => a.json.errors?.find((e) => e.field === field)?.message ?? '';

const people = strangersTo(jobs);
const [anna, boris, vera] = people;
let consent;

await part('what is signed opens', async () => {
  is((await employment.get(`/api/v1/persons/${anna.id}`)).status, 404, 'before, the employment centre does not know the person');
  const a = await take(social, anna.id, {}, 'first');
  is(a.status, 201, 'the consent is recorded', a.text.slice(0, 500));
  consent = a.json.consent ?? a.json;
  like(consent.number, /^S-2024-\d{6}$/, 'with a number');
  const seen = await employment.get(`/api/v1/persons/${anna.id}`);
  is([seen.status, seen.json.family_name], [200, anna.family], 'the recipient sees who it is at once');
  is(seen.json.categories, [], 'and nothing that the purpose does not name');
  is((await take(social, anna.id, {}, 'first')).json.number, consent.number, 'the same form again is the same consent');
  is(register.rows(`select count(*) as n from consent where person_id = ${anna.id} and to_body_id = ${jobs}`)[0].n, 1, 'and stands once');
  is((await employment.get(`/api/v1/consents/${consent.id}`)).status, 200, 'the recipient reads the consent');
  for (const [who, api] of [['the inspectorate', penal], ['an NGO', ngo]])
    is((await api.get(`/api/v1/consents/${consent.id}`)).status, 404, `${who} does not`);
  is((await analyst.get(`/api/v1/consents/${consent.id}`)).status, 403, 'nor the analyst');
  const print = await (await server.client().signIn('social1')).get(`/consents/${consent.id}/print`);
  for (const words of [anna.family, consent.number, 'Содействие в трудоустройстве', 'фамилия, имя, отчество', 'отозвать', '14.06.2025'])
    ok(print.text.includes(words), `the document names ${words}`);
  const events = register.rows(`select kind, other_body_id as body, ground from event where object = 'consent' and object_id = ${consent.id}`);
  is(events, [{ kind: 'consent.given', body: jobs, ground: 'consent' }], 'the log says who may read it now, and on what ground');
});

await part('what is withdrawn closes', async () => {
  is((await penal.postJson(`/api/v1/consents/${consent.id}/withdraw`, { withdrawn_on: '14.06.2024', version: consent.version }, key())).status, 404, 'a stranger withdraws nothing');
  const early = await social.postJson(`/api/v1/consents/${consent.id}/withdraw`, { withdrawn_on: '13.06.2024', version: consent.version }, key());
  is([early.status, errorAt(early, 'withdrawn_on').length > 5], [422, true], 'not before it was signed');
  is((await employment.get(`/api/v1/persons/${anna.id}`)).status, 200, 'until then the door is open');
  const w = await social.postJson(`/api/v1/consents/${consent.id}/withdraw`, { withdrawn_on: '14.06.2024', version: consent.version }, key());
  ok(w.status < 300, 'the consent is withdrawn', `${w.status} ${w.text.slice(0, 400)}`);
  is((await employment.get(`/api/v1/persons/${anna.id}`)).status, 404, 'at the next request it is shut');
  is((await employment.get(`/api/v1/consents/${consent.id}`)).status, 404, 'and the consent with it');
  const list = await (await server.client().signIn('employment1')).get('/consents?side=received');
  ok(list.text.includes(consent.number) && list.text.includes('14.07.2024'), 'the recipient is told by number what to destroy until when');
  unlike(list.text, new RegExp(anna.family), 'and not whose it was');
  is((await social.postJson(`/api/v1/consents/${consent.id}/withdraw`, { withdrawn_on: '14.06.2024', version: consent.version + 1 }, key())).status, 409, 'a second time there is nothing to withdraw');
  is(register.run(['check']).status, 0, 'bereg check is clean');
});

await part('a referral on a consent ends with it', async () => {
  const p = people[5];
  const c = (await take(social, p.id, {})).json;
  const send = (need) => social.postJson('/api/v1/referrals', { person: p.id, to_body_id: String(jobs), need, ground: 'consent', term: '5' }, key());
  const [a, b] = [await send('employment'), await send('retraining')];
  is([a.status, b.status], [201, 201], 'two referrals are sent on it', a.text.slice(0, 300) + b.text.slice(0, 300));
  const rows = () => register.rows(`select id, state, version from referral where person_id = ${p.id} and to_body_id = ${jobs} and ground = 'consent' order by id`);
  const [first, second] = rows();
  ok((await employment.postJson(`/api/v1/referrals/${first.id}/accept`, { version: first.version }, key())).status < 300, 'one is accepted');
  is((await employment.get(`/api/v1/persons/${p.id}`)).status, 200, 'the recipient is at work');
  const now = (await social.get(`/api/v1/consents/${c.id}`)).json;
  ok((await social.postJson(`/api/v1/consents/${c.id}/withdraw`, { withdrawn_on: '14.06.2024', version: (now.consent ?? now).version }, key())).status < 300, 'the consent is withdrawn');
  is(rows().map((r) => r.state), ['withdrawn', 'withdrawn'], 'both referrals are taken back');
  is((await employment.get(`/api/v1/persons/${p.id}`)).status, 404, 'and the recipient is out at the next request');
  is(register.rows(`select distinct other_body_id as body from event where kind = 'referral.withdrawn' and object_id in (${first.id}, ${second.id})`), [{ body: jobs }], 'told of it by number');
  is(register.run(['check']).status, 0, 'bereg check stays clean');
});

await part('withdrawal by number', async () => {
  const c = (await take(social, anna.id, {})).json;
  is((await employment.get(`/api/v1/persons/${anna.id}`)).status, 200, 'a consent stands');
  const by = (api, number, day = '14.06.2024') => api.postJson('/api/v1/consents/withdraw', { number, withdrawn_on: day }, key());
  is((await by(penal, c.number)).status, 422, 'a body that has nothing to do with it does not find it');
  is((await by(employment, 'S-2024-999999')).status, 422, 'nor does a number that is not given');
  is((await by(employment, c.number, '01.01.2024')).status, 422, 'not backdated');
  ok((await by(employment, c.number)).status < 300, 'the recipient, who may record none, takes the paper');
  is((await employment.get(`/api/v1/persons/${anna.id}`)).status, 404, 'and is shut out');
});

await part('what is not allowed', async () => {
  const refused = async (more, field, name, who = boris) => {
    const a = await take(social, who.id, more);
    ok(a.status === 422 && errorAt(a, field).length > 5, name, `${a.status} ${a.text.slice(0, 500)}`);
  };
  await refused({ purpose: 'health_for_programme', to_body_id: String(charity) }, 'purpose', 'an NGO gets no health data, not even with a consent');
  await refused({ until: '13.06.2024', signed_on: '01.06.2024' }, 'until', 'one that has ended');
  await refused({ signed_on: '15.06.2024' }, 'signed_on', 'one from the future');
  await refused({ until: '' }, 'until', 'one without a term');
  await refused({ to_body_id: '999999' }, 'to_body_id', 'one for nobody');
  await refused({ to_body_id: String(centre), purpose: 'social_support' }, 'to_body_id', 'one for the taker itself');
  await refused({ until: '15.06.2027' }, 'until', 'one that lasts for ever');
  await refused({ purpose: 'everything' }, 'purpose', 'one for everything');
  await refused({ representative: 'Иванов Иван' }, 'authority', 'a representative without a document');
  const child = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${centre} where p.birth_date > '2008-01-01' limit 1`)[0];
  if (child) {
    await refused({}, 'representative', 'a child does not sign alone', child);
    is((await take(social, child.id, { representative: 'Иванова Мария', authority: 'свидетельство о рождении' })).status, 201, 'the representative does');
  }
  is((await take(penal, 999999, {})).status, 404, 'of nobody');
  const foreign = register.rows(`select p.id from person p where not exists (select 1 from access a where a.body_id = ${bodyOf('penal1')} and a.person_id = p.id) limit 1`)[0];
  is((await take(penal, foreign.id, {})).status, 404, 'of a person whom the body does not know, exactly the same');
  is((await take(analyst, boris.id, {})).status, 403, 'by a role that records nothing');
  is((await take(penal, anna.id, {}, 'first')).status, 404, 'the key of another opens nothing');
});

await part('consent as a ground', async () => {
  const narcology = register.rows(`select id from body where kind = 'narcology' and active = 1 order by id limit 1`)[0].id;
  const refer = (ground, need = 'addiction_help', to = narcology) => client('head1').postJson('/api/v1/referrals', { person: String(who.id), to_body_id: String(to), need, ground, term: '5' }, key());
  const head = bodyOf('head1');
  const who = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${head} where p.birth_date < '2000-01-01' order by p.id desc limit 1`)[0];
  const roles = (await refer('consent')).status;
  if (roles === 422) ok(true, 'the role of the head does not ask for such help at all');
  else is(roles, 409, 'without a consent on record its word is not enough');
  const police = register.rows(`select id from body where kind = 'police' and active = 1 order by id limit 1`)[0].id;
  is((await refer('consent', 'supervision', police)).status, 409, 'prevention of offences does not run by consent');
  is((await refer('prevention_182', 'supervision', police)).status, 201, 'but by its law');
});

await part('the last day', async () => {
  is((await take(social, vera.id, { until: '14.06.2024' })).status, 201, 'a consent for today');
  is((await employment.get(`/api/v1/persons/${vera.id}`)).status, 200, 'stands today');
  await server.stop();
  const next = await register.serve({ env: { BEREG_NOW: '2024-06-15T00:01' } });
  is((await next.client({ token: register.token('employment1') }).get(`/api/v1/persons/${vera.id}`)).status, 404, 'and after midnight no more');
  await next.stop();
  ok(!/Sanitizer|runtime error/.test(server.err + next.err), 'the sanitizers have nothing to say', (server.err + next.err).slice(-1500));
});

await register.drop();
finish();
