// Conferences and working groups: called, invited, answered, held, voted, approved, carried out; and who may not.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/plans.mjs
import { Client } from './lib/client.mjs';
import { PACKS, Register, parseCsv, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';
import fs from 'node:fs';
import path from 'node:path';

const register = Register.demo({ persons: 250, seed: 17, name: 'plans' });
let server = await register.serve();
const tokens = {};
const api = (login) => new Client(server.base, { token: (tokens[login] ??= register.token(login)) });
const one = (sql) => register.rows(sql)[0];
const B = Object.fromEntries(register.rows('select id, login, body_id from account').map((a) => [a.login, a]));
const post = async (login, url, data = {}) => api(login).postJson(`/api/v1${url}`, data);
const get = async (login, url) => api(login).get(`/api/v1${url}`);
const later = async (now) => { await server.stop(); server = await register.serve({ env: { BEREG_NOW: now } }); for (const login in tokens) delete tokens[login]; };
const id = (a, words) => { if (!ok(a.status === 201, words, `${a.status} ${a.text.slice(0, 400)}`)) throw new Error(words); return Number(/(\d+)(?!.*\d)/.exec(a.location)?.[1] ?? a.json.id); };
const done = (a, words) => ok(a.status < 300, words, `${a.status} ${a.text.slice(0, 500)}`);
// 403: also 404, what is not there and what is not yours are answered alike; 422: also a reason that stands against it (409).
const ALIKE = { 403: [403, 404], 422: [422, 409] };
const refused = (a, status, words) => is((ALIKE[status] ?? [status]).includes(a.status) ? status : a.status, status, `${words}${a.status === status ? '' : `: ${a.text.slice(0, 300)}`}`);
const clean = (words) => { const r = register.run(['check']); is([r.status, r.status ? r.out.slice(0, 300) : ''], [0, ''], `bereg check: ${words}`); };
const rows = (card) => (card.json.items ?? []);
const version = (table, n) => one(`select version from ${table} where id = ${n}`).version;

// A case of the centre with a programme and a goal; who else knows the person and who does not.
let k = one(`select f.id, f.person_id, g.id as programme, o.id as goal from case_file f join programme g on g.case_id = f.id join goal o on o.programme_id = g.id
  where f.state = 'in_work' and g.state <> 'closed' and f.body_id = ${B.head1.body_id} order by f.id, o.id limit 1`);
if (!k) {
  k = one(`select f.id, f.person_id from case_file f where f.state not in ('closed', 'follow_up') and f.body_id = ${B.head1.body_id} order by f.id limit 1`);
  const p = await post('head1', `/cases/${k.id}/programmes`, { starts_on: '01.06.2024' });
  k.programme = id(p, 'a programme is written');
  done(await post('head1', `/programmes/${k.programme}/goals`, { domain: 'housing', words: 'Жильё' }), 'with a goal');
  k.goal = one(`select max(id) as id from goal where programme_id = ${k.programme}`).id;
}
const family = one(`select family_name as f from person where id = ${k.person_id}`).f;
// the commission knows the person by its own list, the doctor's clinic does not
const ngo = B.ngo1, juvenile = B.juvenile1, doctor = B.doctor1;
const knows = (body) => register.rows(`select 1 as n from access where person_id = ${k.person_id} and body_id = ${body}`).length > 0;
if (!knows(juvenile.body_id)) {
  register.exec([`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since) select ${k.person_id}, ${juvenile.body_id}, 'listed', ${2 | 4 | 8 | 16}, 'listing', 0, 1`,
    `insert into access (body_id, person_id, bits, name_key) select ${juvenile.body_id}, ${k.person_id}, ${2 | 4 | 8 | 16}, name_key from person where id = ${k.person_id}`]);
}
for (const b of [ngo.body_id, doctor.body_id]) register.exec([`update access_grant set ended_at = since + 1 where person_id = ${k.person_id} and body_id = ${b} and ended_at is null`, `delete from access where person_id = ${k.person_id} and body_id = ${b}`]);

const order = { kind: 'working_group', chair_id: B.coordinator.id, secretary_id: B.coordinator.id, ballot: 'open', quorum: 50, majority: 'present', tie: 'chair' };
const m = {};

await part('a working group', async () => {
  refused(await post('ngo1', '/work-groups', { ...order, name: 'Чужая', basis: '1' }), 403, 'who may not call meetings founds no group');
  const bad = await post('coordinator', '/work-groups', { ...order, name: 'Группа', basis: 'Приказ № 5', chair_id: B.head1.id });
  refused(bad, 422, 'the chair is of the own body');
  m.group = id(await post('coordinator', '/work-groups', { ...order, name: 'Группа по занятости', basis: 'Приказ № 5 от 01.06.2024' }), 'a group is founded by an order');
  for (const [login, votes] of [['head1', 1], ['employment1', 1], ['penal1', 1]])
    done(await post('coordinator', `/work-groups/${m.group}/members`, { body_id: B[login].body_id, account_id: B[login].id, votes }), `${login} is a member`);
  done(await post('coordinator', `/work-groups/${m.group}/members`, { body_id: ngo.body_id, votes: 1 }), 'an organisation names somebody itself');
  refused(await post('coordinator', `/work-groups/${m.group}/members`, { body_id: B.head1.body_id, account_id: ngo.id, votes: 1 }), 422, 'a worker of another body does not fit');
  is((await get('ngo1', `/work-groups/${m.group}`)).status, 200, 'members read it');
  is((await get('police1', `/work-groups/${m.group}`)).status, 404, 'others do not');
  refused(await post('head1', `/work-groups/${m.group}/members`, { body_id: B.police1.body_id }), 404, 'nor does a member add members');
});

await part('meetings are called and answered', async () => {
  refused(await post('coordinator', '/meetings', { group: m.group, ...order, meets_on: '13.06.2024', meets_time: '10:00', place: 'Зал' }), 422, 'not in the past');
  m.sitting = id(await post('coordinator', '/meetings', { group: m.group, ...order, ballot: 'none', quorum: 1, meets_on: '17.06.2024', meets_time: '10:00', place: 'Зал заседаний' }), 'a meeting of the group');
  is(one(`select ballot, quorum from meeting where id = ${m.sitting}`), { ballot: 'open', quorum: 50 }, 'votes as the order says, whatever was sent');
  is(one(`select count(*) as n from invitation where meeting_id = ${m.sitting}`).n, 5, 'all members and the chair are invited');
  const mine = one(`select id, version from invitation where meeting_id = ${m.sitting} and body_id = ${ngo.body_id}`);
  refused(await post('police1', `/invitations/${mine.id}`, { version: mine.version, answer: 'comes' }), 404, 'nobody answers for another body');
  done(await post('ngo1', `/invitations/${mine.id}`, { version: mine.version, answer: 'comes' }), 'the organisation comes');
  is(one(`select account_id as a from invitation where id = ${mine.id}`).a, ngo.id, 'and has named who');
  const sub = one(`select id, version from invitation where meeting_id = ${m.sitting} and account_id = ${B.penal1.id}`);
  refused(await post('penal1', `/invitations/${sub.id}`, { version: sub.version, answer: 'substitute', substitute_id: B.head1.id }), 422, 'a substitute is of the own body');
  done(await post('penal1', `/invitations/${sub.id}`, { version: sub.version, answer: 'substitute', substitute_id: B.penal1b.id }), 'the inspectorate sends a substitute');
  refused(await post('penal1', `/invitations/${sub.id}`, { version: sub.version, answer: 'declines' }), 409, 'the page of before is stale');
  const list = await get('penal1b', '/meetings');
  ok(rows(list).some((x) => x.id === m.sitting), 'who substitutes has it among his meetings', list.text.slice(0, 400));
  ok(!rows(await get('police1', '/meetings?whose=body')).some((x) => x.id === m.sitting), 'a body that is not invited has not');
  done(await post('coordinator', `/meetings/${m.sitting}/items`, { subject: 'О трудоустройстве' }), 'a question on a problem');
});

await part('a conference on a case', async () => {
  refused(await post('police1', '/meetings', { case: k.id, ...order, kind: 'conference', meets_on: '17.06.2024', meets_time: '09:00', place: 'x', topic: 'general', words: 'x' }), 403, 'not by whoever may not call');
  const conference = { ...order, case: k.id, kind: 'conference', chair_id: B.head1.id, secretary_id: B.social1.id, ballot: 'none', meets_on: '17.06.2024', meets_time: '11:00', place: 'Кабинет 5', topic: 'family', words: 'ТАЙНАЯ семья распадается' };
  refused(await post('juvenile1', '/meetings', { ...conference, chair_id: juvenile.id, secretary_id: juvenile.id }), 404, 'not by who does not lead the case');
  m.conference = id(await post('social1', '/meetings', conference), 'the lead calls a conference with its question');
  m.item = one(`select id from agenda_item where meeting_id = ${m.conference}`).id;
  for (const login of ['juvenile1', 'doctor1', 'employment1'])
    done(await post('social1', `/meetings/${m.conference}/invite`, { body_id: B[login].body_id, account_id: B[login].id, votes: 1 }), `${login} is invited`);
  refused(await post('social1', `/meetings/${m.conference}/invite`, { body_id: B.narcology1.body_id }), 422, 'a body whose name tells what the role does not write is not invited');
  is(register.rows(`select 1 as n from access_grant where fact = 'conference'`).length, 0, 'an invitation opens nothing by itself');
  is((await get('police1', `/meetings/${m.conference}`)).status, 404, 'a foreign body does not read it');
  like((await get('juvenile1', `/meetings/${m.conference}`)).text, /ТАЙНАЯ/, 'who has the person and the class family reads the question');
  for (const login of ['doctor1', 'employment1']) {
    const a = await get(login, `/meetings/${m.conference}`);
    unlike(a.text, new RegExp(`ТАЙНАЯ|${family}`), `${login}, who does not, reads neither it nor the name`);
    is(rows(a).length, 1, 'but that there is a question');
    is((await get(login, `/agenda-items/${m.item}`)).status, 404, 'and does not open it');
  }
  const page = await (await new Client(server.base).signIn('doctor1')).get(`/meetings/${m.conference}`);
  like(page.text, /Вопрос по делу другого органа/, 'the page says whom to ask');
  is((await get('police1', `/agenda-items/${m.item}`)).status, 404, 'a foreign body does not open the question');
  refused(await post('juvenile1', `/meetings/${m.conference}/items`, { subject: 'x' }), 403, 'an invited body adds no question');
});

await part('inbox and calendar', async () => {
  const n = (await get('employment1', '/inbox')).json.n_invitations;
  ok(n >= 2, 'invitations without an answer stand in the inbox', n);
  const made = (await post('ngo1b', '/reminders/calendar')).json;
  ok(made.address, 'a calendar feed');
  const feed = async (login) => (await api(login).get(new URL((await post(login, '/reminders/calendar')).json.address, server.base).pathname)).text.replace(/\r\n /g, '');
  const mine = await feed('ngo1');
  like(mine, /DTSTART:20240617T070000Z[^]*SUMMARY:Берег: заседание/, 'holds the hour of the meeting');
  unlike(mine, new RegExp(`ТАЙНАЯ|${family}|занятости|Зал|Кабинет`), 'and nothing of what it is about');
  like(await feed('coordinator'), /DTSTART:20240617T070000Z/, 'of a member who sees no persons, too');
  unlike(await feed('police1'), /20240617T070000Z/, 'of nobody else');
});

await part('a restricted person', async () => {
  m.bring = id(await post('head1', `/cases/${k.id}/agenda`, { meeting: m.sitting, topic: 'employment', words: 'СКРЫТОЕ трудоустройство' }), 'the lead, a member, brings the case to the group') && one(`select max(id) as id from agenda_item where meeting_id = ${m.sitting}`).id;
  is(rows(await get('ngo1', `/meetings/${m.sitting}`)).length, 2, 'the organisation counts two questions');
  done(await post('head1', `/persons/${k.person_id}/restrictions`, { reason: 'witness', words: 'Постановление № 1' }), 'the lead restricts him');
  const a = await get('ngo1', `/meetings/${m.sitting}`);
  is(rows(a).length, 1, 'once he is restricted, one: not even the number tells');
  unlike(a.text, /"hidden":1/, 'and nothing stands in its place');
  is(rows(await get('juvenile1', `/meetings/${m.conference}`)).length, 0, 'nor of the conference');
  is(rows(await get('head1', `/meetings/${m.sitting}`)).length, 2, 'the lead sees both');
  refused(await post('social1', `/meetings/${m.conference}/invite`, { body_id: B.police1.body_id, votes: 1 }), 422, 'who is not named is not invited to a conference on him');
  const r = one(`select id, version from restriction where person_id = ${k.person_id} and ended_at is null`);
  done(await post('head1', `/restrictions/${r.id}/lift`, { version: r.version }), 'it is lifted');
  like((await get('juvenile1', `/meetings/${m.conference}`)).text, /ТАЙНАЯ/, 'and all is as before');
});

await part('minutes', async () => {
  refused(await post('social1', `/meetings/${m.conference}/held`, { version: version('meeting', m.conference), there: one(`select min(id) as id from invitation where meeting_id = ${m.conference}`).id }), 422, 'not before the meeting');
  await later('2024-06-17T12:00');
  refused(await post('juvenile1', `/meetings/${m.conference}/held`, { version: version('meeting', m.conference) }), 403, 'not by a guest');
  const there = register.rows(`select id from invitation where meeting_id = ${m.conference} order by id`).map((x) => x.id);
  const v = version('meeting', m.conference);
  done(await post('social1', `/meetings/${m.conference}/held`, { version: v, there }), 'who was there is marked');
  refused(await post('social1b', `/meetings/${m.conference}/held`, { version: v, there }), 409, 'two secretaries at once: the second is told');
  ok(/^M-/.test(one(`select number from meeting where id = ${m.conference}`).number), 'the minutes have a number');
  const iv = version('agenda_item', m.item);
  done(await post('social1', `/agenda-items/${m.item}/heard`, { version: iv, heard: 'СЛУШАЛИ тайное' }), 'what was heard');
  refused(await post('social1', `/agenda-items/${m.item}/heard`, { version: iv, heard: 'иначе' }), 409, 'the same version again is stale');
  refused(await post('juvenile1', `/agenda-items/${m.item}/heard`, { version: iv + 1, heard: 'иначе' }), 403, 'a guest does not write the minutes');
  like((await get('juvenile1', `/agenda-items/${m.item}`)).text, /СЛУШАЛИ/, 'but reads them');
  const decide = (data) => post('social1', `/agenda-items/${m.item}/decisions`, { words: 'РЕШЕНО помочь', body_id: juvenile.body_id, term: 'ten_days', ...data });
  register.exec([`update account set active = 0 where login = 'doctor1b'`]);
  refused(await decide({ body_id: doctor.body_id, account_id: B.doctor1b.id }), 422, 'a decision addressed to somebody who has left is refused at once');
  refused(await decide({ term: '', due_on: '' }), 422, 'and one without a date');
  refused(await decide({ term: '', due_on: '10.06.2024' }), 422, 'or with a date that has passed');
  done(await decide({}), 'a decision for the commission');
  done(await decide({ words: 'РЕШЕНО для программы', body_id: B.head1.body_id, goal_id: k.goal, need: 'social_support', due_on: '30.08.2024' }), 'a decision for the programme');
  is(one(`select due_on as d from decision where term = 'ten_days'`).d, '2024-07-01', 'ten working days from the meeting, by the calendar');
  m.task = one(`select min(id) as id from decision where meeting_id = ${m.conference}`).id;
  m.measured = one(`select max(id) as id from decision where meeting_id = ${m.conference}`).id;
  is((await get('doctor1', `/decisions/${m.task}`)).status, 404, 'a member without the grants does not open the decision');
  refused(await post('juvenile1', `/decisions/${m.task}/report`, { version: version('decision', m.task), done_on: '17.06.2024', state: 'done' }), 422, 'a draft is not reported on');
  refused(await post('social1', `/meetings/${m.conference}/approve`, { version: version('meeting', m.conference) }), 403, 'the secretary does not approve');
  const mv = version('meeting', m.conference);
  done(await post('head1', `/meetings/${m.conference}/approve`, { version: mv }), 'the chair approves');
  refused(await post('head1', `/meetings/${m.conference}/approve`, { version: mv }), 409, 'the back button does not approve twice');
  const x = one(`select measure_id, state from decision where id = ${m.measured}`);
  ok(x.measure_id, 'the decision has become a measure');
  is(one(`select body_id, goal_id, programme_id, due_on, state from measure where id = ${x.measure_id}`), { body_id: B.head1.body_id, goal_id: k.goal, programme_id: k.programme, due_on: '2024-08-30', state: 'in_progress' }, 'of the programme, with its date');
});

await part('approved minutes', async () => {
  refused(await post('social1', `/agenda-items/${m.item}/heard`, { version: version('agenda_item', m.item), heard: 'иначе' }), 422, 'what was heard is not changed');
  refused(await post('social1', `/agenda-items/${m.item}/decisions`, { words: 'ещё', body_id: juvenile.body_id, term: 'month' }), 422, 'no decision is added');
  refused(await post('social1', `/decisions/${m.task}/remove`, { version: version('decision', m.task) }), 422, 'none is taken away');
  refused(await post('social1', `/meetings/${m.conference}/held`, { version: version('meeting', m.conference), there: [] }), 422, 'nor who was there');
  refused(await post('social1', `/agenda-items/${m.item}/remove`), 422, 'the question stays');
  done(await post('social1', `/agenda-items/${m.item}/addenda`, { words: 'ДОПОЛНЕНИЕ к делу' }), 'an addendum stands beside them');
  like((await get('juvenile1', `/meetings/${m.conference}/minutes`)).text, /СЛУШАЛИ[^]*РЕШЕНО[^]*ДОПОЛНЕНИЕ/, 'all of it is in the printed minutes');
  for (const url of [`/meetings/${m.conference}/minutes`, `/meetings/${m.conference}`]) {
    const a = await get('doctor1', url);
    unlike(a.text, new RegExp(`СЛУШАЛИ|РЕШЕНО|ДОПОЛНЕНИЕ|ТАЙНАЯ|${family}`), `${url}: a member without the grants reads nothing of it`);
    is((await get('police1', url)).status, 404, 'a foreign body gets no page');
  }
  const dump = register.dump();
  unlike(dump, /СЛУШАЛИ|РЕШЕНО|ДОПОЛНЕНИЕ|ТАЙНАЯ/, 'nothing of the case lies open in the tables');
});

await part('votes', async () => {
  refused(await post('penal1', `/meetings/${m.sitting}/held`, { version: version('meeting', m.sitting) }), 403, 'a member does not keep the minutes');
  const inv = Object.fromEntries(register.rows(`select v.id, c.login from invitation v left join account c on c.id = coalesce(v.substitute_id, v.account_id) where v.meeting_id = ${m.sitting}`).map((v) => [v.login, v.id]));
  const held = (...who) => post('coordinator', `/meetings/${m.sitting}/held`, { version: version('meeting', m.sitting), there: who.map((w) => inv[w]) });
  done(await held('coordinator', 'head1'), 'two of five were there');
  const item = one(`select min(id) as id from agenda_item where meeting_id = ${m.sitting}`).id;
  const draft = async (task) => { done(await post('coordinator', `/agenda-items/${item}/decisions`, { task, body_id: ngo.body_id, due_on: '01.07.2024' }), `draft: ${task}`); return one(`select max(id) as id from decision`).id; };
  const d = await draft('Подготовить ярмарку');
  refused(await post('coordinator', `/decisions/${d}/vote/open`, { version: version('decision', d) }), 422, 'without a quorum there is no vote');
  refused(await post('coordinator', `/meetings/${m.sitting}/approve`, { version: version('meeting', m.sitting) }), 422, 'nor an approval');
  done(await held('coordinator', 'head1', 'penal1b', 'ngo1'), 'four were there after all');
  refused(await post('head1', `/decisions/${d}/vote`, { choice: 'for' }), 422, 'no vote before it is opened');
  done(await post('coordinator', `/decisions/${d}/vote/open`, { version: version('decision', d) }), 'the vote is opened');
  done(await post('head1', `/decisions/${d}/vote`, { choice: 'for' }), 'a member votes');
  refused(await post('head1', `/decisions/${d}/vote`, { choice: 'against' }), 422, 'and not twice');
  refused(await post('penal1', `/decisions/${d}/vote`, { choice: 'for' }), 403, 'who sent a substitute does not vote');
  refused(await post('employment1', `/decisions/${d}/vote`, { choice: 'for' }), 403, 'who was not there does not');
  refused(await post('police1', `/decisions/${d}/vote`, { choice: 'for' }), 404, 'a foreign body finds nothing');
  done(await post('penal1b', `/decisions/${d}/vote`, { choice: 'against' }), 'the substitute votes');
  refused(await post('head1', `/decisions/${d}/vote`, { choice: 'for', invitation: inv.ngo1 }), 403, 'nobody votes for another');
  done(await post('coordinator', `/decisions/${d}/vote`, { choice: 'against', invitation: inv.ngo1 }), 'the secretary records an open vote');
  refused(await post('ngo1', `/decisions/${d}/vote`, { choice: 'for' }), 422, 'which then is cast');
  done(await post('coordinator', `/decisions/${d}/vote`, { choice: 'for' }), 'the chair is for it');
  refused(await post('coordinator', `/meetings/${m.sitting}/approve`, { version: version('meeting', m.sitting) }), 422, 'not approved while the vote goes on');
  done(await post('coordinator', `/decisions/${d}/vote/close`, { version: version('decision', d) }), 'the vote is closed');
  refused(await post('employment1', `/decisions/${d}/vote`, { choice: 'for' }), 422, 'nobody votes after the end');
  is(one(`select vote, n_for, n_against, n_abstained from decision where id = ${d}`), { vote: 'adopted', n_for: 2, n_against: 2, n_abstained: 0 }, 'two to two: the chair decides, as the order says');
  const lost = await draft('Отклонить');
  done(await post('coordinator', `/decisions/${lost}/vote/open`, { version: version('decision', lost) }), 'another vote');
  for (const [who, choice] of [['head1', 'against'], ['penal1b', 'against'], ['ngo1', 'abstained'], ['coordinator', 'for']]) done(await post(who, `/decisions/${lost}/vote`, { choice }), `${who}: ${choice}`);
  done(await post('coordinator', `/decisions/${lost}/vote/close`, { version: version('decision', lost) }), 'closed');
  const again = await draft('Без голосования');
  refused(await post('coordinator', `/meetings/${m.sitting}/approve`, { version: version('meeting', m.sitting) }), 422, 'one that was not voted on stops the approval');
  done(await post('coordinator', `/decisions/${again}/remove`, { version: version('decision', again) }), 'it is taken away');
  done(await post('coordinator', `/meetings/${m.sitting}/approve`, { version: version('meeting', m.sitting) }), 'the minutes are approved');
  is(register.rows(`select state from decision where id in (${d}, ${lost}) order by id`).map((x) => x.state), ['open', 'rejected'], 'one is in force, one was not taken');
  m.group_task = d;
  clean('after the votes');
});

await part('a secret vote', async () => {
  m.secret = id(await post('coordinator', '/meetings', { ...order, ballot: 'secret', meets_on: '18.06.2024', meets_time: '10:00', place: 'Зал' }), 'a meeting with a secret vote');
  for (const login of ['head1', 'ngo1']) done(await post('coordinator', `/meetings/${m.secret}/invite`, { body_id: B[login].body_id, account_id: B[login].id, votes: 1 }), `${login} is invited`);
  done(await post('coordinator', `/meetings/${m.secret}/items`, { subject: 'Выборы' }), 'a question');
  await later('2024-06-18T12:00');
  const there = register.rows(`select id from invitation where meeting_id = ${m.secret}`).map((x) => x.id);
  done(await post('coordinator', `/meetings/${m.secret}/held`, { version: version('meeting', m.secret), there }), 'held');
  const item = one(`select id from agenda_item where meeting_id = ${m.secret}`).id;
  done(await post('coordinator', `/agenda-items/${item}/decisions`, { task: 'Избрать', body_id: ngo.body_id, term: 'month' }), 'a decision');
  const d = one('select max(id) as id from decision').id;
  done(await post('coordinator', `/decisions/${d}/vote/open`, { version: version('decision', d) }), 'opened');
  done(await post('head1', `/decisions/${d}/vote`, { choice: 'against' }), 'one against');
  done(await post('ngo1', `/decisions/${d}/vote`, { choice: 'for' }), 'one for');
  refused(await post('coordinator', `/decisions/${d}/vote`, { choice: 'for', invitation: there[0] }), 403, 'nobody records votes for others');
  refused(await post('ngo1', `/decisions/${d}/vote`, { choice: 'for' }), 422, 'not twice');
  is(register.rows(`select 1 as n from vote_cast where decision_id = ${d} and choice is not null`).length, 0, 'no choice stands beside a name');
  is(register.rows(`select 1 as n from history h join event e on e.id = h.event_id where e.kind = 'decision.voted' and e.object_id = ${d} and (h.changed like '%n_for%' or h.changed like '%"choice":"%')`).length, 0, 'nor in the history');
  const open = (await get('head1', `/decisions/${d}`)).json;
  is([open.n_for, open.n_against, (open.votes ?? []).length], [null, null, 0], 'no sum is told while the vote goes on');
  done(await post('coordinator', `/decisions/${d}/vote/close`, { version: version('decision', d) }), 'closed');
  is(one(`select vote, n_for, n_against from decision where id = ${d}`), { vote: 'rejected', n_for: 1, n_against: 1 }, 'the sums are right; a secret tie is lost');
});

await part('control', async () => {
  const list = (login, q = '') => get(login, `/decisions?${q}`);
  ok(rows(await list('ngo1')).some((x) => x.id === m.group_task), 'the owner has it in its list');
  ok(rows(await list('coordinator')).some((x) => x.id === m.group_task), 'so has who controls it');
  is(rows(await list('police1', 'group=all')).length, 0, 'nobody else');
  ok(rows(await list('juvenile1', 'on=cases')).some((x) => x.id === m.task), 'a decision on a case stands in the list of cases');
  // the commission loses the person: the decision is neither in the list nor in its export nor among the counted
  const had = one(`select bits from access where body_id = ${juvenile.body_id} and person_id = ${k.person_id}`).bits;
  register.exec([`delete from access where body_id = ${juvenile.body_id} and person_id = ${k.person_id}`]);
  is(rows(await list('juvenile1', 'on=cases&group=all')).length, 0, 'without the grants it is not there');
  is(parseCsv((await (await new Client(server.base).signIn('juvenile1')).get('/decisions?on=cases&group=all&format=csv')).text, ';').length, 0, 'nor in the export');
  for (const sort of ['due', 'due_desc']) is(rows(await list('juvenile1', `on=cases&group=all&sort=${sort}`)).length, 0, `nor by sorting (${sort})`);
  register.exec([`insert into access (body_id, person_id, bits, name_key) select ${juvenile.body_id}, ${k.person_id}, ${had}, name_key from person where id = ${k.person_id}`]);
  refused(await post('coordinator', `/decisions/${m.group_task}/off`, { version: version('decision', m.group_task) }), 422, 'not off control before a report');
  refused(await post('employment1', `/decisions/${m.group_task}/report`, { version: version('decision', m.group_task), done_on: '18.06.2024', state: 'done', report: 'x' }), 403, 'only its owner reports');
  refused(await post('ngo1', `/decisions/${m.group_task}/report`, { version: version('decision', m.group_task), done_on: '18.06.2024', state: 'not_done' }), 422, 'not done asks why');
  const v = version('decision', m.group_task);
  done(await post('ngo1', `/decisions/${m.group_task}/report`, { version: v, done_on: '18.06.2024', state: 'done', report: 'Проведена' }), 'the owner reports');
  refused(await post('ngo1', `/decisions/${m.group_task}/report`, { version: v, done_on: '18.06.2024', state: 'not_done', report: 'x' }), 422, 'once');
  refused(await post('ngo1', `/decisions/${m.group_task}/off`, { version: v + 1 }), 403, 'the owner does not take it off');
  done(await post('coordinator', `/decisions/${m.group_task}/off`, { version: v + 1 }), 'the secretary does');
  done(await post('juvenile1', `/decisions/${m.task}/report`, { version: version('decision', m.task), done_on: '18.06.2024', state: 'not_done', result_note: 'ОТЧЁТ почему' }), 'a report on a case');
  like((await get('social1', `/decisions/${m.task}`)).text, /ОТЧЁТ/, 'is read by who controls it');
  refused(await post('social1', `/decisions/${m.measured}/report`, { version: version('decision', m.measured), done_on: '18.06.2024', state: 'done' }), 422, 'a measure has its result in the programme');
  const measure = one(`select measure_id as id from decision where id = ${m.measured}`).id;
  refused(await post('social1', `/decisions/${m.measured}/off`, { version: version('decision', m.measured) }), 422, 'and is not taken off before it');
  done(await post('social1', `/measures/${measure}/result`, { version: version('measure', measure), done_on: '18.06.2024', result: 'full' }), 'the measure is done');
  done(await post('social1', `/decisions/${m.measured}/off`, { version: version('decision', m.measured) }), 'then it is');
});

await part('papers', async () => {
  const scan = (words) => Buffer.from(`%PDF-1.4\n${words} ${'x'.repeat(5000)}`);
  const put = (login, url, kind, words = 'скан') => api(login).postFile(`/api/v1${url}/attachments`, { kind }, ['file', 'скан.pdf', scan(words)]);
  const papers = async (login, url) => (await get(login, url)).json.attachments ?? [];
  const numbers = async (login, url) => (await papers(login, url)).map((x) => x.kind.code ?? x.kind);
  const meeting = `/meetings/${m.secret}`, conference = `/meetings/${m.conference}`, item = `/agenda-items/${one(`select id from agenda_item where meeting_id = ${m.secret}`).id}`;
  // a question on a problem, and its meeting: whoever takes part reads
  refused(await put('ngo1', item, 'meeting_paper'), 403, 'a guest attaches nothing to a question');
  done(await put('coordinator', item, 'meeting_paper', 'МАТЕРИАЛ'), 'the secretary does, also to a question on a problem');
  is(await numbers('ngo1', item), ['meeting_paper'], 'the members read it');
  const a = (await papers('ngo1', item))[0];
  const file = await get('ngo1', `${item}/attachments/${a.id}`);
  ok(file.status === 200 && file.bytes.equals(scan('МАТЕРИАЛ')), 'byte for byte');
  for (const login of ['police1', 'social1b']) if (B[login].body_id !== B.head1.body_id) is((await get(login, `${item}/attachments/${a.id}`)).status, 404, `${login}, who does not take part, does not`);
  is((await get('ngo1', `${meeting}/attachments/${a.id}`)).status, 404, 'its number under another row is none');
  refused(await put('coordinator', meeting, 'fulfilment'), 422, 'a kind that belongs elsewhere');
  done(await put('coordinator', meeting, 'meeting_order', 'ПРИКАЗ'), 'an order is attached to the meeting');
  is(await numbers('ngo1', meeting), ['meeting_order'], 'and read by its members');
  refused(await put('ngo1', meeting, 'meeting_order'), 403, 'a guest attaches none');
  refused(await put('coordinator', meeting, 'signed_minutes'), 422, 'signed minutes not before they are approved');
  // signed minutes with a question on a case
  refused(await put('juvenile1', conference, 'signed_minutes'), 422, 'a guest attaches no minutes');
  done(await put('social1', conference, 'signed_minutes', 'ПРОТОКОЛ'), 'the secretary attaches the signed minutes');
  done(await put('social1', conference, 'meeting_order', 'ПРИКАЗ'), 'and the order');
  const signed = (await papers('social1', conference)).find((x) => (x.kind.code ?? x.kind) === 'signed_minutes').id;
  is(await numbers('juvenile1', conference), ['meeting_order', 'signed_minutes'], 'who reads each question reads the minutes');
  is((await get('juvenile1', `${conference}/attachments/${signed}`)).status, 200, 'and has the file');
  is(await numbers('doctor1', conference), ['meeting_order'], 'who does not is shown the order only');
  is((await get('doctor1', `${conference}/attachments/${signed}`)).status, 404, 'and gets no file by its number');
  done(await post('head1', `/persons/${k.person_id}/restrictions`, { reason: 'witness', words: 'Постановление № 2' }), 'the person is restricted');
  is(await numbers('juvenile1', conference), ['meeting_order'], 'then the minutes are closed to who is not named');
  is((await get('juvenile1', `${conference}/attachments/${signed}`)).status, 404, 'the file too');
  const r = one(`select id, version from restriction where person_id = ${k.person_id} and ended_at is null`);
  done(await post('head1', `/restrictions/${r.id}/lift`, { version: r.version }), 'it is lifted');
  // proof of fulfilment
  const task = `/decisions/${one(`select id from decision where meeting_id = ${m.secret}`).id}`;
  refused(await put('ngo1', task, 'fulfilment'), 422, 'nothing is proved of a draft');
  done(await put('juvenile1', `/decisions/${m.task}`, 'fulfilment', 'ОТЧЁТ'), 'the owner proves what it has done');
  is(await numbers('social1', `/decisions/${m.task}`), ['fulfilment'], 'and who controls it reads the paper');
  is(one("select count(*) as n from attachment where object = 'decision'").n, 1, 'a paper of a person, under his classes');
  is((await get('doctor1', `/decisions/${m.task}/attachments/1`)).status, 404, 'who does not read the decision has no papers of it');
  refused(await put('coordinator', `/decisions/${m.group_task}`, 'fulfilment'), 422, 'off control nothing is added');
  // a wrong one
  const web = await new Client(server.base).signIn('coordinator');
  const page = await web.get(`${item}/attachments/${a.id}/back`);
  like(page.text, /Ошибочн|уничтож/i, 'a wrong paper has its page');
  is((await get('ngo1', `${item}/attachments/${a.id}/back`)).status, 403, 'for who attached it');
  done(await post('coordinator', `${item}/attachments/${a.id}/back`), 'and is destroyed');
  is([await numbers('ngo1', item), one(`select count(*) as n from open_paper_part where paper_id = ${a.id}`).n], [[], 0], 'with its bytes');
  is(register.rows(`select kind from event where object = 'open_paper' and object_id = ${a.id} order by id`).map((e) => e.kind), ['attachment.added', 'attachment.destroyed'], 'the log keeps that it was');
  unlike(register.dump(), /ПРОТОКОЛ|МАТЕРИАЛ|скан\.pdf/, 'nothing of them lies open in the tables');
});

await part('who leaves, which body closes', async () => {
  m.next = id(await post('social1', '/meetings', { ...order, kind: 'conference', chair_id: B.head1.id, secretary_id: B.social1.id, ballot: 'none', meets_on: '20.06.2024', meets_time: '11:00', place: 'Кабинет', subject: 'Вопросы района' }), 'a meeting to come');
  done(await post('social1', `/meetings/${m.next}/invite`, { body_id: B.penal1.body_id, account_id: B.penal1b.id, votes: 1 }), 'somebody is invited by name');
  register.exec([`update decision set state = 'open', account_id = ${B.penal1b.id}, body_id = ${B.penal1.body_id} where id = ${m.group_task}`]);
  const at = `/accounts/${B.penal1b.id}`;
  is((await (await new Client(server.base).signIn('admin')).submit(at, at, { active: '0', substitute_id: B.penal1.id })).status, 303, 'the worker leaves');
  const after = one(`select account_id as a, body_id as b from decision where id = ${m.group_task}`);
  is([after.b, after.a === B.penal1b.id], [B.penal1.body_id, false], 'the decision stays with the body, not with him');
  is(one(`select account_id as a, answer from invitation where meeting_id = ${m.next} and body_id = ${B.penal1.body_id}`), { a: null, answer: 'waiting' }, 'the body is asked to name another');
  // the inspectorate closes: what it owes and where it sits passes to another of its kind
  const closing = one(`select id, version, name, kind, district_id, phone from body where id = ${B.penal1.body_id}`);
  const heir = one(`select id from body where kind = 'penal_inspectorate' and id <> ${closing.id} and active = 1 and exists (select 1 from account c where c.body_id = body.id and c.active = 1) order by id limit 1`).id;
  const form = { version: closing.version, name: closing.name, kind: closing.kind, district_id: closing.district_id, active: 0 };
  const no = await post('admin', `/bodies/${closing.id}`, form);
  refused(no, 422, 'a body with a decision to carry out is not closed without a successor');
  like(no.text, /решения заседаний: \d/, 'and the administrator is told why');
  done(await post('admin', `/bodies/${closing.id}`, { ...form, successor_id: heir }), 'with one it is');
  is(one(`select body_id as b, account_id as a from decision where id = ${m.group_task}`), { b: heir, a: null }, 'which carries the decision out');
  is(one(`select count(*) as n from invitation where body_id = ${heir} and meeting_id = ${m.next}`).n, 1, 'and sits in its place');
  is(one(`select count(*) as n from group_member where body_id = ${heir} and until is null and group_id = ${m.group}`).n, 1, 'in the group too');
  register.exec([`update decision set state = 'off' where id = ${m.group_task}`]);
  clean('at the end');
});

await part('an invitation opens by law, where the packs say so', async () => {
  const dir = path.join(tmpDir(), `packs-plans-${process.pid}`);
  fs.cpSync(path.dirname(PACKS), dir, { recursive: true });
  fs.appendFileSync(path.join(dir, path.basename(PACKS), 'grants.pack'), '\n[grant conference clinic]\nclasses = identity social family\ndays = 5\n');
  await server.stop();
  is(register.run(['upgrade'], { env: { BEREG_PACKS: path.join(dir, path.basename(PACKS)) } }).status, 0, 'a rule for the fact');
  server = await register.serve({ env: { BEREG_NOW: '2024-06-18T12:00' } });
  const call = async (ground) => {
    const n = id(await post('social1', '/meetings', { ...order, case: k.id, kind: 'conference', chair_id: B.head1.id, secretary_id: B.social1.id, ballot: 'none', meets_on: '21.06.2024', meets_time: '11:00', place: 'Кабинет', topic: 'family', words: 'По закону', ground }), `a conference (${ground || 'no ground'})`);
    done(await post('social1', `/meetings/${n}/invite`, { body_id: doctor.body_id, account_id: doctor.id, votes: 1 }), 'with the clinic');
    return n;
  };
  const bits = () => register.rows(`select bits from access where body_id = ${doctor.body_id} and person_id = ${k.person_id}`)[0]?.bits ?? 0;
  await call('');
  await call('consent');
  is(bits(), 0, 'without a ground, or by the word consent, it opens nothing');
  const n = await call('minors_120');
  ok(bits() & 2, 'by an article it opens what the rule names');
  is(bits() & (1 << 5), 0, 'and no more');
  is(new Date(one(`select until as u from access_grant where fact = 'conference' and ended_at is null`).u / 1000).toISOString().slice(0, 10), '2024-06-26', 'until five days after the meeting');
  done(await post('social1', `/meetings/${n}/cancel`, { version: version('meeting', n), reason: 'Отпала необходимость' }), 'the meeting is cancelled');
  is(bits(), 0, 'and the access ends with it');
  clean('after the grants');
});

await part('past their term the questions are destroyed, and the signed minutes with the last one', async () => {
  const signed = () => register.rows(`select id from open_paper where object = 'meeting' and kind = 'signed_minutes' and destroyed_at is null and object_id = ${m.conference}`).map((x) => x.id);
  const parts = (n) => one(`select count(*) as n from open_paper_part where paper_id = ${n}`).n;
  const [paper] = signed();
  const questions = register.rows(`select id from agenda_item where meeting_id = ${m.conference} and person_id is not null`).map((x) => x.id);
  ok(paper && parts(paper) > 0 && questions.length > 0, 'the conference has signed minutes and questions on persons');
  register.exec(`update case_file set state = 'closed', closed_on = '2024-07-01' where id = ${k.id} and state <> 'closed'`);
  const due = async () => ((await get('head1', '/retention/due?kind=agenda_item')).json.items ?? []).filter((r) => questions.includes(Number(r.number)));
  await later('2029-12-31T10:00');
  is(await due(), [], 'not before the fifth year is over');
  await later('2030-01-09T10:00');
  ok((await due()).length > 0, 'then they are due');
  const act = await post('social1', '/retention/acts', { kind: ['agenda_item', 'decision', 'minutes_addendum'], commission: 'Директор\nСпециалист', method: 'erasure', ground: 'Истекли сроки' });
  id(act, 'an act is prepared');
  done(await post('head1', `/retention/acts/${act.json.id}/confirm`, { version: act.json.version }), 'and confirmed by another');
  await server.stop();
  register.run(['jobs', '--once', '--now', '2030-01-09T11:00'], { timeout: 300000 });
  is(one(`select state from retention_act where id = ${act.json.id}`).state, 'done', 'the job destroys');
  is(one(`select count(*) as n from agenda_item where meeting_id = ${m.conference} and person_id is not null`).n, 0, 'the questions on persons');
  is([signed(), parts(paper)], [[], 0], 'the signed minutes that told of them');
  ok(one(`select count(*) as n from open_paper where object = 'meeting' and destroyed_at is null and object_id = ${m.conference}`).n > 0, 'the order of the meeting stays');
  is(register.run(['check', '--now', '2030-01-09T12:00']).status, 0, 'bereg check: after the destruction');
});

await server.stop();
finish();
