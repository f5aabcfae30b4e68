// The life of a referral: drafts, receipt, return, offers to several, the next body, terms and their changes, escalation,
// a late decree, a clock set back.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/life.mjs
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ENGINE, PACKS, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 11, name: 'life' });
let server = await register.serve();
const one = (sql) => register.rows(sql)[0];
const tokens = new Map();
const api = (login) => {
  if (!tokens.has(login)) tokens.set(login, register.token(login));
  return server.client({ token: tokens.get(login) });
};
// Another day: one server at a time, as a file of SQLite wants it.
async function on(now) {
  await server.stop();
  server = await register.serve(now ? { env: { BEREG_NOW: now } } : {});
}
const bodyOf = (login) => one(`select body_id as id from account where login = '${login}'`).id;
const [sender, ngo1, ngo2, ngo3] = ['social1', 'ngo1', 'ngo2', 'ngo3'];
for (const login of [sender, ngo1, ngo2, ngo3]) api(login);
const home = bodyOf(sender);
const persons = register.rows(`select a.person_id as id, p.family_name as family from access a join person p on p.id = a.person_id where a.body_id = ${home} and a.bits & 14 = 14
  and not exists (select 1 from access b where b.person_id = a.person_id and b.body_id in (${[ngo1, ngo2, ngo3].map(bodyOf)})) order by a.person_id`);
let nextPerson = 0;
const somebody = () => persons[nextPerson++ % persons.length];
const row = (id) => one(`select r.*, (select count(*) from access_grant g where g.ref = 'referral' and g.ref_id = r.id and g.ended_at is null and g.body_id = r.to_body_id) as grants
  from referral r where r.id = ${id}`);
const kinds = (id) => register.rows(`select kind from event where object = 'referral' and object_id = ${id} order by id`).map((e) => e.kind);
const day = (v) => String(v).slice(0, 10);

async function send(to, more = {}) {
  const p = somebody();
  const before = one('select coalesce(max(id), 0) as id from referral').id;
  const pairs = Object.entries({ person: p.id, to_body_id: bodyOf(to[0]), need: 'legal_aid', ground: 'ru.442.28', term: 10, note: 'Помочь с жилищным спором', ...more })
    .concat(to.slice(1).map((t) => ['also', bodyOf(t)])).filter(([, v]) => v !== '');
  const ground = one("select key from pack_entry where kind = 'code' and key like 'legal_basis %' and key not like '%consent%' order by ord limit 1").key.split(' ')[1];
  const a = await api(sender).request('POST', '/api/v1/referrals', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: pairs.map(([k, v]) => `${k}=${encodeURIComponent(k === 'ground' ? ground : v)}`).join('&'),
  });
  return { answer: a, person: p, ids: register.rows(`select id from referral where id > ${before} order by id`).map((r) => r.id) };
}
const act = (login, id, what, data = {}) => api(login).postJson(`/api/v1/referrals/${id}/${what}`, { version: row(id).version, ...data });

await part('a draft is nobody else’s', async () => {
  const { answer, ids: [id] } = await send([ngo1], { draft: 1 });
  is(answer.status, 201, 'a draft is kept', answer.text.slice(0, 300));
  is([row(id).state, row(id).owing_body_id, row(id).grants], ['draft', null, 0], 'nobody’s turn, nothing opened');
  is((await api(ngo1).get(`/api/v1/referrals/${id}`)).status, 404, 'the receiver does not find it');
  ok(!(await api(ngo1).get('/api/v1/referrals?way=received')).json.items.some((r) => r.id === id), 'nor in its list');
  is((await act(ngo1, id, 'accept')).status, 404, 'nor accepts it');
  is((await act(ngo1, id, 'send', { note: 'x' })).status >= 403, true, 'nor sends it');
  ok((await api(sender).get('/api/v1/referrals?way=sent&state=draft')).json.items.some((r) => r.id === id), 'the sender finds it among drafts');
  is((await act(sender, id, 'send', { note: 'Дополненный текст' })).status, 201, 'it is sent');
  is([row(id).state, row(id).owing_body_id, row(id).waiting_body_id, row(id).grants], ['sent', bodyOf(ngo1), home, 1], 'now it is the receiver’s turn');
  is((await api(ngo1).get(`/api/v1/referrals/${id}`)).json.note, 'Дополненный текст', 'who reads what was written last');
  is(kinds(id), ['referral.drafted', 'referral.sent'], 'both steps stand in the log');
  const other = (await send([ngo1], { draft: 1 })).ids[0];
  is((await act(sender, other, 'drop')).status, 201, 'a draft is deleted');
  is([(await api(ngo1).get(`/api/v1/referrals/${other}`)).status, row(other).state], [404, 'dropped'], 'and never was anybody’s');
});

await part('from receipt to result', async () => {
  const { ids: [id] } = await send([ngo1]);
  is([day(row(id).answer_by), day(row(id).due_on), day(row(id).next_on)], ['2024-06-21', '2024-06-28', '2024-06-21'],
    'the answer within five working days by the packs, the result within ten');
  is((await act(ngo1, id, 'receive')).status, 201, 'the receipt is marked');
  is((await act(ngo1, id, 'receive')).status, 409, 'once');
  is((await act(ngo1, id, 'begin')).status, 409, 'no work begins before it is accepted');
  is((await act(ngo1, id, 'result', { finished_on: '2024-06-14', result: 'full' })).status, 409, 'and no result comes');
  is((await act(ngo1, id, 'accept')).status, 201, 'accepted');
  is([row(id).state, day(row(id).next_on)], ['accepted', '2024-06-28'], 'now the result is owed');
  is((await act(ngo1, id, 'begin')).status, 201, 'the work begins');
  is((await act(sender, id, 'withdraw')).status, 409, 'what is in work is not withdrawn');
  for (const [on, what] of [['2024-06-15', 'of tomorrow'], ['2024-06-13', 'of before it was sent']]) is((await act(ngo1, id, 'result', { finished_on: on, result: 'full' })).status, 422, `a result ${what} is refused`);
  is((await act(ngo1, id, 'result', { finished_on: '2024-06-14', result: 'full', result_note: 'Готово' })).status, 201, 'the result is reported');
  is([row(id).state, row(id).owing_body_id, row(id).waiting_body_id, row(id).grants], ['done', null, null, 0], 'nobody’s turn any more, the access has ended');
  is(kinds(id), ['referral.sent', 'referral.received', 'referral.accepted', 'referral.progress', 'referral.done'], 'the log has each step');
});

await part('returned for completion', async () => {
  const { ids: [id] } = await send([ngo2]);
  is((await act(ngo2, id, 'return')).status, 422, 'not without saying what is missing');
  is((await act(ngo2, id, 'return', { result_note: 'Нет копии решения суда' })).status, 201, 'returned');
  is([row(id).state, row(id).owing_body_id, row(id).waiting_body_id], ['returned', home, bodyOf(ngo2)], 'it is the sender’s turn');
  is((await api(sender).get(`/api/v1/referrals/${id}`)).json.result_note, 'Нет копии решения суда', 'who reads what is missing');
  const late = await act(ngo2, id, 'accept');
  is(late.status, 409, 'what was returned is not accepted');
  like(late.text, /ждёт доработки/, 'and the word says why');
  is((await act(ngo2, id, 'send', { note: 'x' })).status >= 403, true, 'the receiver does not complete it');
  is((await act(sender, id, 'send', { note: 'Решение приложено' })).status, 201, 'completed and sent again');
  is([row(id).state, row(id).owing_body_id], ['sent', bodyOf(ngo2)], 'the receiver’s turn again');
  is((await act(ngo2, id, 'accept')).status, 201, 'now it is accepted');
});

await part('an answer after withdrawal', async () => {
  const { ids: [id], person } = await send([ngo1]);
  is((await act(sender, id, 'withdraw')).status, 201, 'withdrawn');
  for (const [what, data] of [['accept', {}], ['decline', { decline_reason: 'no_capacity' }], ['return', { result_note: 'x' }], ['receive', {}]]) {
    const a = await act(ngo1, id, what, data);
    is(a.status, 409, `${what} comes too late`);
    like(a.text, /отозвал/, 'and is told why');
  }
  const browser = await server.client().signIn(ngo1);
  const page = await browser.get(`/referrals/${id}`);
  is(page.status, 200, 'the receiver who opens it');
  like(page.text, /отозвал/, 'is told that nobody waits for him');
  unlike(page.text, new RegExp(person.family), 'and nothing of the person');
  is((await (await server.client().signIn(ngo2)).get(`/referrals/${id}`)).status, 404, 'a stranger finds nothing');
});

await part('a referral to oneself, to nobody, twice', async () => {
  is((await send([sender])).answer.status, 409, 'to one’s own body: refused');
  const both = await send([ngo1, ngo1]);
  is(both.ids.length, 1, 'the same body named twice is asked once');
  const bad = await api(sender).request('POST', '/api/v1/referrals', { headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `person=${somebody().id}&to_body_id=${bodyOf(ngo1)}&also=999999&need=legal_aid&ground=x&term=5` });
  is(bad.status, 422, 'a body that is not there: refused');
});

// A hand on the rows: holds all who want to accept until it lets go.
function hold(id) {
  const sql = ENGINE === 'postgres' ? ['psql', ['-X', '-q', '-d', register.url]] : ['sqlite3', [register.file]];
  const bin = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`) : [];
  const child = spawn(sql[0], sql[1], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, PATH: [...bin, process.env.PATH].join(':') } });
  const say = (text) => child.stdin.write(text);
  say(ENGINE === 'postgres' ? `begin;\nselect id from referral where id = ${id} for update;\n\\echo held\n` : 'begin immediate;\n.print held\n');
  const held = new Promise((resolve) => child.stdout.on('data', (d) => { if (String(d).includes('held')) resolve(); }));
  return { held, letGo: () => { say('rollback;\n'); child.stdin.end(); } };
}

await part('offered to several, the first has it', async () => {
  const logins = [ngo1, ngo2, ngo3];
  const bad = [];
  for (let round = 0; round < 6; round += 1) {
    const { answer, ids } = await send(logins);
    if (answer.status !== 201 || ids.length !== 3) throw new Error(`not sent: ${answer.status} ${ids}`);
    const hand = hold(ids[0]);
    await hand.held;
    const racing = [0, 1, 2].map((i) => act(logins[(i + round) % 3], ids[(i + round) % 3], 'accept'));
    await new Promise((r) => setTimeout(r, 150)); // all stand before the same row
    hand.letGo();
    const status = (await Promise.all(racing)).map((a) => a.status).sort();
    const states = ids.map((id) => row(id).state).sort();
    const open = ids.filter((id) => row(id).grants > 0);
    if (`${status}` !== '201,409,409' || `${states}` !== 'accepted,taken,taken' || open.length !== 1 || row(open[0]).state !== 'accepted')
      bad.push(`${status} / ${states} / ${open}`);
  }
  ok(bad.length === 0, 'exactly one accepts, the others are told and their access ends', bad.join('\n'));
  const { ids, person } = await send(logins);
  is((await act(ngo2, ids[1], 'accept')).status, 201, 'the second of three accepts');
  const late = await act(ngo1, ids[0], 'accept');
  is(late.status, 409, 'the first comes too late');
  like(late.text, /первым принял другой орган/, 'with a clear word');
  unlike(late.text, new RegExp(person.family), 'and nothing of the person');
  ok(kinds(ids[0]).includes('referral.taken'), 'the log says so');
});

await part('declined: the next body', async () => {
  const { ids: [id] } = await send([ngo1]);
  is((await act(sender, id, 'next', { to_body_id: String(bodyOf(ngo2)) })).status, 409, 'not before it is declined');
  is((await act(ngo1, id, 'decline', { decline_reason: 'no_capacity', result_note: 'Нет юриста' })).status, 201, 'declined with a reason');
  is((await act(sender, id, 'next', { to_body_id: String(bodyOf(ngo1)) })).status, 422, 'not to the one that declined');
  is((await act(sender, id, 'next', { to_body_id: String(bodyOf('police1')) })).status, 422, 'nor to one that does not take the need');
  const page = await (await server.client().signIn(sender)).get(`/referrals/${id}`);
  ok(page.form(`/referrals/${id}/next`)?.choices.to_body_id.includes(String(bodyOf(ngo2))), 'the card offers the others');
  const next = await act(sender, id, 'next', { to_body_id: String(bodyOf(ngo2)) });
  is(next.status, 201, 'it goes to the next', next.text.slice(0, 300));
  const made = one(`select id, note is not null as noted, to_body_id from referral where offer_id = ${id} and id <> ${id}`);
  is(made.to_body_id, bodyOf(ngo2), 'with the same words');
  is((await act(ngo2, made.id, 'decline', { decline_reason: 'other_territory' })).status, 201, 'declined again');
  const again = await (await server.client().signIn(sender)).get(`/referrals/${made.id}`);
  const left = again.form(`/referrals/${made.id}/next`)?.choices.to_body_id ?? [];
  ok(!left.includes(String(bodyOf(ngo1))) && !left.includes(String(bodyOf(ngo2))) && left.includes(String(bodyOf(ngo3))), 'who has declined is not offered again');
});

await part('an offer has one body', async () => {
  const drafts = (await send([ngo1, ngo2], { draft: 1 })).ids;
  const hint = await api(ngo1).postJson(`/api/v1/referrals/${drafts[0]}/term`, { kind: 'another_date', ground: 'by_agreement', date_on: '2024-07-05' });
  const none = await api(ngo1).postJson('/api/v1/referrals/999999/term', { kind: 'another_date', ground: 'by_agreement', date_on: '2024-07-05' });
  is([hint.status, hint.text.replace(/\d+/g, '')], [none.status, none.text.replace(/\d+/g, '')], 'a draft answers its receiver as one that is not there');
  is((await act(sender, drafts[0], 'send', { note: 'x' })).status, 201, 'one of two drafts is sent');
  is((await act(ngo1, drafts[0], 'accept')).status, 201, 'and accepted');
  is((await act(sender, drafts[1], 'send', { note: 'x' })).status, 409, 'the other is not sent any more');
  is(row(drafts[1]).grants, 0, 'and opens nothing');
  const [a, b] = (await send([ngo1, ngo2])).ids;
  is((await act(ngo1, a, 'decline', { decline_reason: 'no_capacity' })).status, 201, 'one of two declines');
  is((await act(ngo2, b, 'accept')).status, 201, 'the other accepts');
  is((await act(sender, a, 'next', { to_body_id: String(bodyOf(ngo3)) })).status, 409, 'a third is not asked any more');
});

await part('what the body has lost is not opened again', async () => {
  const { ids: [id], person } = await send([ngo1]);
  const draft = (await send([ngo2], { draft: 1 })).ids[0];
  is((await act(ngo1, id, 'decline', { decline_reason: 'no_capacity' })).status, 201, 'declined');
  const of = one(`select person_id as p from referral where id = ${draft}`).p;
  register.exec([person.id, of].flatMap((p) => [`update access_grant set ended_at = 1 where body_id = ${home} and person_id = ${p} and ended_at is null`,
    `delete from access where body_id = ${home} and person_id = ${p}`]));
  is((await act(sender, id, 'next', { to_body_id: String(bodyOf(ngo2)) })).status, 404, 'a body that has lost the person asks nobody else');
  is((await act(sender, draft, 'send', { note: 'x' })).status, 404, 'and sends no draft about it');
  is((await api(sender).get(`/api/v1/persons/${person.id}`)).status, 404, 'nothing has opened');
});

await part('a rule that the packs no longer have', async () => {
  const { ids: [id] } = await send([ngo2], { need: 'urgent_help', term: '' });
  register.exec([`update referral set due_rule = 'ru.gone', term = 3 where id = ${id}`, "delete from setting where name = 'referrals.terms'"]);
  register.run(['jobs', '--once']);
  is(day(row(id).due_on), '2024-06-19', 'the days that were counted stand');
  register.exec([`update referral set term_from = term_from - 20 * 86400000000, escalation = 3 where id = ${id}`, "delete from setting where name = 'referrals.terms'"]);
  register.run(['jobs', '--once']);
  is(row(id).escalation, 3, 'late');
  register.exec([`update referral set term_from = term_from + 20 * 86400000000 where id = ${id}`, "delete from setting where name = 'referrals.terms'"]);
  register.run(['jobs', '--once']);
  is([day(row(id).next_on), row(id).escalation], ['2024-06-19', 0], 'a date that moves into the future is not late any more');
});

await part('several at once from a programme', async () => {
  const g = one(`select g.id, g.version, g.person_id, o.id as goal from programme g join goal o on o.programme_id = g.id join case_file c on c.id = g.case_id
    where g.body_id = ${home} and g.state <> 'closed' and c.state <> 'closed' order by g.id, o.id limit 1`);
  const ground = one("select key from pack_entry where kind = 'code' and key like 'legal_basis %' and key not like '%consent%' order by ord limit 1").key.split(' ')[1];
  const add = (to, words) => api(sender).postJson(`/api/v1/programmes/${g.id}/measures`, { goal_id: String(g.goal), words, body_id: String(bodyOf(to)), need: 'legal_aid',
    ground, due_on: '2024-07-12', later: '1' });
  const sent = () => api(sender).postJson(`/api/v1/programmes/${g.id}/send`, { version: one(`select version from programme where id = ${g.id}`).version });
  is((await sent()).status, 409, 'nothing is planned: nothing is sent');
  const a = [await add(ngo1, 'Составить иск'), await add(ngo2, 'Помочь с жалобой')];
  is(a.map((x) => x.status), [201, 201], 'two measures are planned', a.map((x) => x.text.slice(0, 200)).join());
  const planned = register.rows(`select id, state, referral_id from measure where programme_id = ${g.id} and words is not null order by id desc limit 2`);
  is(planned.map((m) => [m.state, m.referral_id]), [['planned', null], ['planned', null]], 'and not sent');
  is((await api(ngo1).get(`/api/v1/measures/${planned[1].id}`)).status, 404, 'their performers do not know of them');
  is((await api(ngo1).postJson(`/api/v1/programmes/${g.id}/send`, { version: 1 })).status >= 403, true, 'nor send them');
  const before = one('select max(id) as id from referral').id;
  is((await sent()).status, 201, 'all are sent at once');
  const made = register.rows(`select r.id, r.to_body_id, m.state, r.due_on from referral r join measure m on m.referral_id = r.id where r.id > ${before} order by r.id`);
  is(made.map((r) => [r.to_body_id, r.state, day(r.due_on)]), [[bodyOf(ngo1), 'sent', '2024-07-12'], [bodyOf(ngo2), 'sent', '2024-07-12']], 'a referral to each, by the measure’s date');
  is((await act(ngo1, made[0].id, 'decline', { decline_reason: 'no_capacity' })).status, 201, 'one declines');
  is((await act(sender, made[0].id, 'next', { to_body_id: String(bodyOf(ngo3)) })).status, 201, 'the next is asked');
  await add(ngo2, 'Не понадобилось');
  const idle = one('select id, version from measure order by id desc limit 1');
  is((await api(sender).postJson(`/api/v1/measures/${idle.id}/cancel`, { version: idle.version })).status, 201, 'a planned measure is cancelled');
  is((await api(ngo2).get(`/api/v1/measures/${idle.id}`)).status, 404, 'whom it was planned for never knew');
  const measure = one(`select state, body_id from measure where id = ${planned[1].id}`);
  is([measure.state, measure.body_id], ['sent', bodyOf(ngo3)], 'and the measure goes with it');
});

await part('terms are changed by both', async () => {
  const { ids: [id] } = await send([ngo1]);
  is((await act(ngo1, id, 'accept')).status, 201, 'accepted');
  const propose = (login, data) => api(login).postJson(`/api/v1/referrals/${id}/term`, data);
  const asked = () => one(`select * from term_change where referral_id = ${id} order by id desc limit 1`);
  const reply = (login, answer, t = asked()) => api(login).postJson(`/api/v1/referrals/${id}/term/${t.id}`, { version: t.version, answer });
  for (const [data, what] of [[{ kind: 'another_date', ground: 'by_agreement' }, 'no date'], [{ kind: 'another_date', ground: 'by_agreement', date_on: '2024-06-13' }, 'a date in the past'],
    [{ kind: 'extension', ground: 'by_agreement', more: 0 }, 'an extension by nothing'], [{ kind: 'suspension', ground: 'hospital', from_on: '2024-07-02', until_on: '2024-07-01' }, 'a break from behind'],
    [{ kind: 'suspension', ground: 'by_agreement', from_on: '2010-07-02', until_on: '2013-07-01' }, 'a break of before it was sent'],
    [{ kind: 'suspension', ground: 'hospital', from_on: '2024-06-17', until_on: '2024-06-21' }, 'a ground that tells more than the role writes'], [{ kind: 'nonsense', ground: 'by_agreement' }, 'an unknown kind']])
    is((await propose(ngo1, data)).status, 422, `${what}: refused`);
  is((await propose(ngo1, { kind: 'another_date', ground: 'by_agreement', date_on: '2024-07-05' })).status, 201, 'another date is proposed');
  is([asked().state, day(row(id).due_on)], ['asked', '2024-06-28'], 'it does not count yet');
  is((await propose(ngo1, { kind: 'extension', ground: 'workload', more: 3 })).status, 409, 'one proposal at a time');
  is((await reply(ngo1, 'agree')).status, 404, 'nobody agrees with himself');
  is((await reply(ngo2, 'agree')).status, 404, 'nor does a stranger');
  is((await propose(ngo2, { kind: 'extension', ground: 'workload', more: 3 })).status, 404, 'who proposes nothing either');
  is((await reply(sender, 'refuse')).status, 201, 'the other side refuses');
  is(day(row(id).due_on), '2024-06-28', 'the date stays');
  is((await reply(sender, 'agree')).status, 409, 'and is not agreed afterwards');
  is((await propose(ngo1, { kind: 'another_date', ground: 'by_agreement', date_on: '2024-07-05' })).status, 201, 'proposed again');
  is((await reply(sender, 'agree')).status, 201, 'and agreed');
  is([day(row(id).due_on), day(row(id).next_on)], ['2024-07-05', '2024-07-05'], 'now it counts');
  is((await propose(ngo1, { kind: 'suspension', ground: 'contact_lost', from_on: '2024-06-17', until_on: '2024-06-21' })).status, 201, 'a break on a ground that needs no consent');
  is(day(row(id).due_on), '2024-07-12', 'five working days on, at once');
  is((await propose(sender, { kind: 'extension', ground: 'documents', more: 2 })).status, 201, 'the sender proposes an extension');
  is((await reply(ngo1, 'agree')).status, 201, 'agreed');
  is(day(row(id).due_on), '2024-07-16', 'two working days on');
  ok(kinds(id).filter((k) => k === 'referral.term_changed').length === 3 && kinds(id).includes('referral.term_refused'), 'the timeline has it all');
  const card = (await api(ngo1).get(`/api/v1/referrals/${id}`)).json;
  is(card.terms.map((t) => t.state), ['refused', 'agreed', 'agreed', 'agreed'], 'the card shows what was agreed');
  is((await act(ngo1, id, 'result', { finished_on: '2024-06-14', result: 'full' })).status, 201, 'done');
  is((await propose(sender, { kind: 'extension', ground: 'documents', more: 2 })).status, 409, 'a closed one has no term to change');
});

await part('a rule of the need', async () => {
  const { answer, ids: [id] } = await send([ngo1], { need: 'urgent_help', term: '' });
  is(answer.status, 201, 'without a number the rule of the need counts', answer.text.slice(0, 300));
  is([row(id).due_rule, day(row(id).due_on), day(row(id).next_on)], ['ru.442.urgent', '2024-06-14', '2024-06-14'], 'at once is today');
  is((await send([ngo1], { term: '' })).answer.status, 422, 'where the need has none, a number is asked');
});

await part('what waits too long is told upwards', async () => {
  const { ids: [id], person } = await send([ngo1]);
  const jobs = (now) => register.run(['jobs', '--once', '--now', now]);
  jobs('2024-06-21T12:00');
  is(row(id).escalation, 0, 'on the last day nobody is told');
  jobs('2024-06-24T12:00');
  is(row(id).escalation, 1, 'a working day later the head of the unit is');
  jobs('2024-06-26T12:00');
  is(row(id).escalation, 2, 'three later the head of the body');
  jobs('2024-06-26T18:00');
  jobs('2024-07-05T12:00');
  jobs('2024-07-05T13:00');
  is(row(id).escalation, 3, 'ten later the coordinating body');
  is(kinds(id), ['referral.sent', 'referral.told_unit_head', 'referral.told_body_head', 'referral.told_coordinator'], 'each once, in the timeline');
  await on('2024-07-08T10:00');
  const coordinator = await server.client().signIn('coordinator');
  const page = await coordinator.get('/delays?body=' + bodyOf(ngo1));
  like(page.text, new RegExp(row(id).number), 'the coordinator sees the referral by its number');
  unlike(page.text, new RegExp(`${person.family}|Юридическая|legal_aid`), 'neither the person nor the need');
  is((await coordinator.get(`/referrals/${id}`)).status, 403, 'and does not open it');
  for (const login of [sender, ngo1, 'admin', 'auditor', 'analyst']) is((await (await server.client().signIn(login)).get('/delays')).status, 403, `${login} has no such page`);
  const receiver = await server.client().signIn(ngo1);
  await receiver.submit(`/referrals/${id}`, `/referrals/${id}/accept`);
  is([row(id).state, row(id).escalation], ['accepted', 3], 'an answer that comes behind the last day: what is late stays told');
  await receiver.submit(`/referrals/${id}`, `/referrals/${id}/result`, { finished_on: '08.07.2024', result: 'full' });
  is([row(id).state, row(id).escalation], ['done', 0], 'with the result it is over');
  await on();
});

await part('a decree that comes late', async () => {
  const { ids: [id] } = await send([ngo3]);
  is(day(row(id).due_on), '2024-06-28', 'ten working days');
  const packs = path.join(tmpDir(), `packs-life-${process.pid}`);
  fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
  const file = path.join(packs, 'ru/calendar.pack');
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(/(\[calendar ru 2024\]\noff = [^\n]*)/, '$1 06-26 06-27');
  ok(changed !== text, 'two days of June become days off');
  fs.writeFileSync(file, changed);
  const done = register.run(['upgrade', '--packs', path.join(packs, 'demo')]);
  is(done.status, 0, 'the packs are stored', done.err.slice(-500));
  const before = one("select count(*) as n from referral where state in ('sent', 'received', 'accepted', 'in_progress')").n;
  const jobs = register.run(['jobs', '--once', '--packs', path.join(packs, 'demo')]);
  is(day(row(id).due_on), '2024-07-02', 'the date moves by the two days');
  like(jobs.err + jobs.out, /\d+ referrals have other dates/, 'and the log says how many did');
  ok(kinds(id).includes('referral.recomputed') && before > 0, 'the timeline of each says so');
  const moved = one("select count(*) as n from event where kind = 'referral.recomputed'").n;
  register.run(['jobs', '--once', '--packs', path.join(packs, 'demo')]);
  is(one("select count(*) as n from event where kind = 'referral.recomputed'").n, moved, 'once');
  fs.rmSync(packs, { recursive: true, force: true });
});

await part('packs with what nobody reads', () => {
  const packs = path.join(tmpDir(), `packs-wrong-${process.pid}`);
  fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
  const entries = () => one('select count(*) as n from pack_entry').n;
  const before = entries();
  const names = 'label.ru = а\nlabel.en = a\n';
  for (const [text, line] of [[`[need zz]\n${names}classes = identity\nkinds = ngo\nterm = 5`, 'term'], [`[role zz]\n${names}kinds = ngo\nread = identity\nwrite = none\ncap = see_person`, 'cap'],
    ['[grant law ngo]\nclass = identity', 'class'], [`[body_kind zz]\n${names}hides = health`, 'hides'], [`[retention note]\n${names}years.helth = 3`, 'years.helth'],
    ['[escalation zz]\nafter = soon\nto = unit_head', 'after'], ['[escalation zz]\nafter = 1\nto = nobody', 'to'], ['[escalation zz]\nafter = 1\nto = unit_head\nwhen = late', 'when'],
    [`[need shelter]\n${names}classes = identity\nkinds = ngo`, 'need shelter']]) {
    fs.writeFileSync(path.join(packs, 'demo/zz.pack'), `# wrong\n${text}\n`);
    const r = register.run(['upgrade', '--packs', path.join(packs, 'demo')]);
    is([r.status, entries()], [1, before], `${line}: refused, nothing applied`);
    ok(/demo\/zz\.pack:\d+/.test(r.err) && r.err.includes(line), 'with file and line', r.err.slice(-400));
  }
  fs.rmSync(packs, { recursive: true, force: true });
});

await part('a clock set back', async () => {
  const { ids: [id] } = await send([ngo1]);
  await on('2024-06-10T10:00');
  const receiver = await server.client().signIn(ngo1);
  for (const at of ['/inbox', '/referrals', `/referrals/${id}`]) is((await receiver.get(at)).status, 200, `${at} is read on a day before it was sent`);
  const a = await receiver.submit(`/referrals/${id}`, `/referrals/${id}/accept`);
  is([a.status, row(id).state], [303, 'accepted'], 'and it is accepted');
});

is(register.run(['check']).status, 0, 'bereg check is clean');
note(`${ENGINE}: ${one('select count(*) as n from referral').n} referrals`);
await server.stop();
await register.drop();
finish();
