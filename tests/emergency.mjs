// Emergency access: at once, for an hour, on record, judged by the head, counted for the auditor; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/emergency.mjs
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 6, name: 'emergency' });
const server = await register.serve();
const client = (login) => server.client({ token: register.token(login) });
const [social, penal, ngo, analyst, auditor] = ['social1', 'penal1', 'ngo1', 'analyst', 'auditor'].map(client);
const account = (login) => register.rows(`select id, body_id as body from account where login = '${login}'`)[0];
const mine = account('social1').body;
const users = register.rows(`select login, role, body_id as body from account where active = 1`);
const headLogin = users.find((u) => u.role === 'centre_head' && u.body === mine)?.login;
const otherHead = users.find((u) => u.role === 'centre_head' && u.body !== mine)?.login;
const [head, stranger] = [client(headLogin), client(otherHead)];
let keys = 0;
const post = (api, path, body) => api.postJson(`/api/v1${path}`, body, { headers: { 'idempotency-key': `emergency-${process.pid}-${keys += 1}` } });
const unknown = register.rows(`select p.id, p.family_name as family, p.birth_date as born from person p where p.birth_date is not null and not exists
  (select 1 from access a where a.body_id = ${mine} and a.person_id = p.id) order by p.id limit 3`);
const [anna, boris] = unknown;
// The mark of a search: by the name, as somebody would look for the person.
const sightOf = async (api, who) => (await api.get(`/api/v1/persons/search?q=${encodeURIComponent(`${who.family} ${who.born.slice(0, 4)}`)}`)).json.items.find((p) => p.id === who.id)?.sight;
const open = async (api, who, body) => post(api, `/persons/${who.id}/emergency`, { sight: await sightOf(api, who), ...body });
let opened;

await part('opening', async () => {
  is((await social.get(`/api/v1/persons/${anna.id}`)).status, 404, 'the centre does not know the person');
  const page = await (await server.client().signIn('social1')).get(`/persons/${anna.id}/emergency?sight=${await sightOf(social, anna)}`);
  is(page.status, 200, 'the form opens');
  unlike(page.text, new RegExp(anna.family), 'and does not yet say who it is');
  is((await social.get('/api/v1/persons/999999/emergency')).status, 404, 'nobody is not there');
  for (const [body, why] of [[{ words: 'Человек без сознания' }, 'without a reason'], [{ reason: 'life' }, 'without words'], [{ reason: 'curiosity', words: 'x' }, 'for a reason of one\'s own']])
    is((await open(social, anna, body)).status, 422, `refused: ${why}`);
  const body = { reason: 'life', words: 'Без сознания' };
  is((await post(social, `/persons/${anna.id}/emergency`, body)).status, 404, 'a number alone opens nothing');
  is((await post(social, `/persons/${anna.id}/emergency`, { ...body, sight: await sightOf(head, anna) })).status, 404, 'nor the mark of another');
  is((await post(social, `/persons/${boris.id}/emergency`, { ...body, sight: await sightOf(social, anna) })).status, 404, 'nor one for somebody else');
  is((await post(ngo, `/persons/${anna.id}/emergency`, { reason: 'life', words: 'x' })).status, 403, 'not by every role');
  is((await post(penal, `/persons/${anna.id}/emergency`, { reason: 'life', words: 'x' })).status, 403, 'nor by the inspectorate');
  const a = await open(social, anna, { reason: 'life', words: 'Человек без сознания у подъезда' });
  is(a.status, 201, 'it opens at once', a.text.slice(0, 400));
  is(a.json.family_name, anna.family, 'and answers with the card');
  opened = register.rows(`select id, version, review, until, opened_at from emergency where person_id = ${anna.id}`)[0];
  is([opened.review, (opened.until - opened.opened_at) / 6e7], ['waiting', 60], 'for sixty minutes, to be judged');
  is(register.rows(`select kind, ground from event where object = 'emergency' and object_id = ${opened.id}`), [{ kind: 'emergency.opened', ground: 'vital' }], 'it stands in the log of the person');
  is((await open(social, anna, { reason: 'life', words: 'Ещё раз' })).status >= 400, true, 'not a second time while it is open');
  const jobs = account('employment1').body;
  is((await post(social, `/persons/${anna.id}/consents`, { to_body_id: String(jobs), purpose: 'employment_help', form: 'paper', signed_on: '14.06.2024', until: '14.06.2025' })).status, 409, 'nor does it open the person to others by a consent');
  const why = (await social.get(`/api/v1/persons/${anna.id}/why`)).json;
  ok(why.grants.some((g) => g.fact === 'emergency' && g.until), 'the card says why it is seen, and until when', JSON.stringify(why.grants));
});

await part('judging', async () => {
  const inbox = await (await server.client().signIn(headLogin)).get('/inbox');
  like(inbox.text, /срочный доступ ждёт вашей проверки/, 'the head is told');
  is((await head.get('/api/v1/emergencies')).json.items.map((e) => e.id), [opened.id], 'it is the head\'s to judge');
  const card = await (await server.client().signIn(headLogin)).get(`/emergencies/${opened.id}`);
  unlike(card.text, new RegExp(anna.family), 'by number: the head learns no name from it');
  is((await social.get('/api/v1/emergencies')).status, 403, 'the worker does not judge');
  is((await stranger.get(`/api/v1/emergencies/${opened.id}`)).status, 404, 'nor the head of another body');
  is((await stranger.get('/api/v1/emergencies')).json.items, [], 'who does not find it');
  const judge = (api, body, id = opened.id) => post(api, `/emergencies/${id}/review`, { version: opened.version, ...body });
  is((await judge(stranger, { review: 'justified' })).status, 404, 'and cannot judge it');
  is((await judge(head, {})).status, 422, 'a judgement is needed');
  is((await judge(head, { review: 'waiting' })).status, 422, 'waiting is none');
  is((await judge(head, { review: 'not_justified' })).status, 422, 'a reproach needs words');
  const done = await judge(head, { review: 'not_justified', remark: 'Можно было позвонить в приёмное отделение' });
  ok(done.status < 300, 'it is judged', `${done.status} ${done.text.slice(0, 300)}`);
  is((await judge(head, { review: 'justified' })).status, 409, 'once');
  const own = await open(head, boris, { reason: 'child', words: 'Ребёнок один дома' });
  is(own.status, 201, 'the head, too, may have to look');
  const ownId = register.rows(`select id, version from emergency where person_id = ${boris.id}`)[0];
  is((await post(head, `/emergencies/${ownId.id}/review`, { version: ownId.version, review: 'justified' })).status, 409, 'but does not judge himself');
  const figures = await auditor.get('/api/v1/emergencies/figures');
  is(figures.json.items.map((f) => [f.review?.code ?? f.review, f.n]).sort(), [['not_justified', 1], ['waiting', 1]], 'the auditor has the figures of the bodies', figures.text.slice(0, 400));
  is((await analyst.get('/api/v1/emergencies/figures')).status, 403, 'the analyst has not');
});

await part('the hour', async () => {
  await server.stop();
  const later = await register.serve({ env: { BEREG_NOW: '2024-06-14T11:30' } });
  is((await later.client({ token: register.token('social1') }).get(`/api/v1/persons/${anna.id}`)).status, 404, 'after it the card is closed');
  is((await later.client({ token: register.token(headLogin) }).get('/api/v1/emergencies?show=all')).json.items.length, 2, 'the record stays');
  await later.stop();
  is(register.run(['check', '--now', '2024-06-14T11:40']).status, 0, 'bereg check is clean');
  unlike(server.err + later.err, /Sanitizer|runtime error/, 'the sanitizers have nothing to say');
});

await register.drop();
finish();
