// Safe signals: of a body that is withheld it is said that it takes part, and what it is only on a ground; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/signal.mjs
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'signal' });
let server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const bodyOf = (login) => register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
const [centre, jobs, clinic, aids, police, crisis] = ['social1', 'employment1', 'doctor1', 'aids1', 'police1', 'crisis1'].map(bodyOf);
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `signal-${process.pid}-${keys += 1}` } });
const post = (login, path, body) => client(login).postJson(`/api/v1${path}`, body, key());
const HEALTH = 'Участвует медицинская организация';
const PLAIN = 'Участвует ещё один орган; обратитесь к ведущему';

// Whom the centre leads, and nobody else works with.
const people = register.rows(`select p.id from person p join access c on c.person_id = p.id and c.body_id = ${centre}
  where p.lead_body_id = ${centre} and p.birth_date < '2000-01-01' and not exists (select 1 from access a where a.body_id = ${jobs} and a.person_id = p.id)
  and not exists (select 1 from access_grant g where g.person_id = p.id and g.body_id <> ${centre} and g.fact in ('referral_accepted', 'case_own') and g.ended_at is null)
  order by p.id limit 3`);
const [anna, boris] = people.map((p) => p.id);
for (const p of [anna, boris]) {
  const r = await post('social1', '/referrals', { person: String(p), to_body_id: String(jobs), need: 'employment', ground: 'employment_565', term: '5', note: '' });
  is(r.status, 201, 'a person led by the centre is known to the employment centre', r.text.slice(0, 300));
}
// A body at work behind the viewer's back: what an accepted referral of the lead leaves.
const since = new Date('2024-06-10T10:00:00+03:00').getTime() * 1000;
let grants = 0;
const works = (body, person = anna, bits = 16382) => register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since)
  values (${person}, ${body}, 'referral_accepted', ${bits}, 'referral', ${900000 + (grants += 1)}, ${since})`,
...(register.rows(`select 1 as x from access where body_id = ${body} and person_id = ${person}`).length ? []
  : [`insert into access (body_id, person_id, bits, name_key) values (${body}, ${person}, ${bits}, 'x')`])]);
const goes = (body, person = anna) => register.exec([`update access_grant set ended_at = ${since + 1} where person_id = ${person} and body_id = ${body} and ref_id >= 900000`]);
const card = async (login = 'employment1', person = anna) => {
  const a = await client(login).get(`/api/v1/persons/${person}`);
  return [a.json.others, a.json.signal];
};
const html = async (person = anna, path = '') => (await (await server.client().signIn('employment1')).get(`/persons/${person}${path}`)).main
  .replace(/name="(csrf|key)" value="[^"]*"/g, '').replace(/\?sight=\w+/g, '');
const signalsOf = async (login = 'employment1', person = anna) => (await client(login).get(`/api/v1/persons/${person}/why`)).json.signals;
const take = (purpose, to = jobs, who = 'social1', person = anna) => post(who, `/persons/${person}/consents`, { to_body_id: String(to), purpose, form: 'paper', signed_on: '14.06.2024', until: '14.07.2024' });
const withdraw = (c, who = 'social1') => post(who, `/consents/${c.id}/withdraw`, { withdrawn_on: '14.06.2024', version: c.version });

await part('without a ground', async () => {
  is(await card(), [false, ''], 'nobody else works with the person: no signal');
  const seen = {};
  for (const [name, body] of Object.entries({ clinic, aids, police, crisis })) {
    works(body);
    is(await card(), [true, ''], `${name}: another body takes part`);
    seen[name] = await html();
    like(seen[name], new RegExp(PLAIN), 'and that is all it says');
    goes(body);
  }
  for (const name of ['aids', 'police', 'crisis']) is(seen[name], seen.clinic, `the page with ${name} is that with the clinic, letter by letter`);
  works(clinic);
  works(police);
  is(await html(), seen.clinic, 'and that with two');
  const page = await (await server.client().signIn('employment1')).get(`/persons/${anna}/why`);
  unlike(page.text, /О чём сигнал/, 'nothing is named, so "why" has no word about it');
  is(await signalsOf(), [], 'nor has the API');
});

let consent;
await part('by a consent', async () => {
  const other = await take('employment_help');
  is(other.status, 201, 'a consent to something else');
  is(await card(), [true, ''], 'names nothing');
  await withdraw(other.json);
  const a = await take('health_participation');
  is(a.status, 201, 'a consent to be told of a medical organisation, which passes on nothing else', a.text.slice(0, 400));
  consent = a.json;
  is(await card(), [true, HEALTH], 'the recipient is told');
  const named = await html();
  like(named, new RegExp(`${HEALTH}; обратитесь к ведущему`), 'on the card, and whom to ask');
  unlike(named, /Участвует ещё один орган/, 'and not that there is one more: the police do not count');
  like(await html(anna, '/timeline'), new RegExp(HEALTH), 'on the timeline too');
  for (const words of register.rows(`select name from body where id in (${clinic}, ${aids}, ${police})`).map((b) => b.name))
    ok(!named.includes(words), 'no body is named');
  works(aids);
  is(await html(), named, 'a second medical body changes no letter: not how many');
  register.exec([`update access_grant set since = ${since - 1e12} where person_id = ${anna} and ref_id >= 900000`]);
  is(await html(), named, 'nor since when');
  const penal = bodyOf('penal1');
  works(penal, anna, 14);
  is((await card('penal1'))[1], '', 'nobody else is told: the consent is not his');
  goes(penal);
  const [why, ...more] = await signalsOf();
  is([why?.words, why?.ref, why?.ref_id, more.length], [HEALTH, 'consent', consent.id, 0], '"why" names the ground', JSON.stringify(why));
  like((await (await server.client().signIn('employment1')).get(`/persons/${anna}/why`)).text, new RegExp(`${HEALTH}[^]*Письменное согласие лица[^]*14\\.07\\.2024[^]*/consents/${consent.id}`), 'with its end and a link');
  goes(clinic);
  goes(aids);
  is(await card(), [true, ''], 'when no medical body is there any more, the police are another body again');
  is((await signalsOf()).length, 1, 'while "why" says the same as before: it tells nothing of who is there');
  goes(police);
  works(crisis);
  is(await card(), [true, ''], 'a shelter is no medical organisation');
  goes(crisis);
  is(await card(), [false, ''], 'and nobody is nobody');
  works(clinic);
  is(await card(), [true, HEALTH], 'it comes and goes with the body');
});

await part('the ground ends', async () => {
  ok((await withdraw(consent)).status < 300, 'the consent is withdrawn');
  is(await card(), [true, ''], 'at the next request the signal names nothing');
  is(await signalsOf(), [], 'and "why" neither');
  const c = (await take('health_participation')).json;
  is(await card(), [true, HEALTH], 'a new one');
  await server.stop();
  server = await register.serve({ env: { BEREG_NOW: '2024-07-15T00:01' } });
  is(await card(), [true, ''], 'ends with its last day');
  await server.stop();
  server = await register.serve();
  await withdraw(c);
});

await part('what a consent tells', async () => {
  works(clinic, boris);
  works(police, boris);
  is(await card('employment1', boris), [true, ''], 'of another person nothing is named');
  const a = await take('addiction_help', jobs, 'doctor1', boris);
  is(a.status, 201, 'a consent to help against addiction, taken by the clinic', a.text.slice(0, 400));
  is(await card('employment1', boris), [true, ''], 'names nothing to a post that does not read of addiction');
  is(await signalsOf('employment1', boris), [], 'and is no ground in "why"');
  is(register.rows(`select distinct purpose from consent where id = ${a.json.id}`)[0].purpose, 'health_for_programme', 'though in the table it looks like another');
});

await part('by an answer of the lead', async () => {
  const ask = async (ground) => {
    const why = (await client('employment1').get(`/api/v1/persons/${anna}/why`)).json;
    const wanted = why.classes.find((c) => c.state === 'ask').name;
    const q = await post('employment1', `/persons/${anna}/asks`, { words: 'Подбор работы', class: wanted });
    const y = await post('social1', `/asks/${q.json.id}/answer`, { version: q.json.version, state: 'given', ground, until: '01.07.2024' });
    is([q.status, y.status < 300], [201, true], `the lead answers on the ground ${ground}`, y.text.slice(0, 300));
    return q.json.id;
  };
  const close = async (id) => {
    const at = (await client('social1').get(`/api/v1/asks/${id}`)).json;
    return (await post('social1', `/asks/${id}/close`, { version: at.version })).status;
  };
  let id = await ask('powers');
  is(await card(), [true, ''], 'a ground that is not listed names nothing');
  await close(id);
  id = await ask('medical_13');
  is(await card(), [true, HEALTH], 'a listed one does');
  const [why] = await signalsOf();
  is([why.ref, why.ref_id, why.ground], ['access_ask', id, 'Случаи, предусмотренные законом о врачебной тайне'], '"why" names it');
  ok(await close(id) < 300, 'the lead closes it');
  is(await card(), [true, ''], 'and the signal is shut at once');
  id = await ask('medical_13');
  await server.stop();
  server = await register.serve({ env: { BEREG_NOW: '2024-07-02T00:01' } });
  is((await card())[1], '', 'or with its last day');
  await server.stop();
  server = await register.serve();
  await close(id);
});

await part('who looked', async () => {
  const mine = register.rows(`select name from body where id in (${jobs}, ${centre})`).map((b) => b.name);
  works(clinic, anna);
  is((await client('doctor1').get(`/api/v1/persons/${anna}`)).status, 200, 'the doctor opens the card');
  works(police, anna);
  is((await client('police1').get(`/api/v1/persons/${anna}`)).status, 200, 'the police too');
  works(crisis, anna);
  is((await client('crisis1').get(`/api/v1/persons/${anna}`)).status, 200, 'the shelter too');
  // and the inspectorate, which looked before
  const of = (await client('employment1').get(`/api/v1/persons/${anna}/readers`)).json.items.filter((r) => !mine.includes(r.read_by));
  is([of.length, [...new Set(of.map((r) => [r.read_by, r.post ?? null, r.role ?? null].join()))]], [4, [`${PLAIN},,`]], 'a clinic, the police and a shelter look alike', JSON.stringify(of));
});

await server.stop();
const said = register.servers.map((s) => s.err).join('');
ok(!/Sanitizer|runtime error/.test(said), 'the sanitizers have nothing to say', said.slice(-1500));
await register.drop();
finish();
