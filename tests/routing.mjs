// Routing schemes and routes: over HTTP, on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/routing.mjs
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ENGINE, Register, PACKS, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'routing' });
let server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `routing-${process.pid}-${keys += 1}` } });
const post = (login, at, body = {}) => client(login).postJson(`/api/v1${at}`, body, key());
const get = async (login, at) => (await client(login).get(`/api/v1${at}`)).json;
const one = (sql) => register.rows(sql)[0];
const bodyOf = (login) => one(`select body_id as id from account where login = '${login}'`).id;
const idOf = (a) => Number(/\/(\d+)$/.exec(a.location)?.[1]);
async function until(what, look, ms = 15000) {
  for (const end = Date.now() + ms; ;) {
    const got = await look();
    if (got) return got;
    if (Date.now() > end) throw new Error(`${what}: not after ${ms} ms`);
    await new Promise((r) => setTimeout(r, 150));
  }
}
const lead = 'social1';
const centre = bodyOf(lead);
const loginOf = {};
const worker = (body) => (loginOf[body] ??= one(`select login from account where body_id = ${body} and active = 1
  and role in ('police_officer', 'employment_specialist', 'doctor', 'social_worker', 'juvenile_secretary', 'ngo_worker', 'centre_head') order by id limit 1`)?.login);
const scheme = (code) => one(`select id from scheme where code = '${code}' and state = 'approved'`).id;
const steps = async (route) => (await get(lead, `/routes/${route}`)).steps;
const step = async (route, code, round = 1) => (await steps(route)).find((s) => s.step === code && s.round === round);
const offers = (id) => register.rows(`select o.referral_id as id, o.body_id as body, r.state, r.version from route_offer o join referral r on r.id = o.referral_id
  where o.route_step_id = ${id} order by o.id`);
const own = async (route, code, outcome, round = 1) => {
  const s = await step(route, code, round);
  return post(lead, `/routes/steps/${s.id}/outcome`, { version: String(s.version), outcome, note: 'записано' });
};
const referral = (id) => one(`select state, version, to_body_id as body from referral where id = ${id}`);
const accept = (id) => { const r = referral(id); return post(worker(r.body), `/referrals/${id}/accept`, { version: String(r.version) }); };
const decline = (id) => { const r = referral(id); return post(worker(r.body), `/referrals/${id}/decline`, { version: String(r.version), decline_reason: 'no_capacity', result_note: '' }); };
const result = (id, what) => { const r = referral(id); return post(worker(r.body), `/referrals/${id}/result`, { version: String(r.version), finished_on: '14.06.2024', result: what, result_note: '' }); };
const perform = async (id, what = 'full') => { await accept(id); return result(id, what); };
const clean = (name) => { const c = register.run(['check']); ok(c.status === 0, name, c.out + c.err); };

// Open cases of the lead whose person may be told everything that the scheme tells.
const all = 16382;
const cases = register.rows(`select c.id, c.person_id as person from case_file c join access a on a.body_id = c.body_id and a.person_id = c.person_id
  join person p on p.id = c.person_id where c.body_id = ${centre} and c.state not in ('closed', 'follow_up') and a.bits & 46 = 46 and p.district_id is not null order by c.id`);
// More of them, for persons who have none.
for (const p of register.rows(`select a.person_id as id from access a join person p on p.id = a.person_id where a.body_id = ${centre} and a.bits & 46 = 46
  and p.district_id is not null and not exists (select 1 from case_file c where c.person_id = p.id and c.body_id = ${centre} and c.state not in ('closed', 'follow_up'))
  order by p.id limit 30`)) {
  const made = await post(lead, `/cases`, { person: String(p.id), channel: 'self' });
  if (made.status === 201) cases.push({ id: idOf(made), person: p.id });
}
ok(cases.length >= 20, 'there are cases to begin with', cases.length);
const begin = (c, s) => post(lead, `/cases/${c.id}/routes`, { scheme: String(s) });

await part('a route from its beginning to its end', async () => {
  const started = await begin(cases[0], scheme('release'));
  is(started.status, 201, 'the lead begins a route', started.text.slice(0, 300));
  const route = idOf(started);
  is((await begin(cases[0], scheme('release'))).status, 409, 'a second one on the same scheme is refused');
  is((await steps(route)).map((s) => [s.step, s.state]), [['intake', 'own']], 'it begins with the lead itself');
  is((await own(route, 'intake', 'full')).status < 400, true, 'the lead records the outcome');
  is((await steps(route)).map((s) => [s.step, s.state]), [['intake', 'closed'], ['papers', 'offered'], ['work', 'offered'], ['clinic', 'offered']], 'three steps go on in parallel, sent at once');
  const [papers, work, clinic] = await Promise.all(['papers', 'work', 'clinic'].map((c) => step(route, c)));
  const first = offers(papers.id)[0];
  register.exec([`update route_step set answer_due = '2024-06-03', due_on = '2024-06-04', silent_on = '2024-06-04' where id = ${papers.id}`]);
  is((await decline(first.id)).status, 201, 'the first body declines');
  const second = await until('the next body', () => offers(papers.id)[1]);
  ok(second.body !== first.body, 'the step goes to the next body');
  is([(await step(route, 'papers')).answer_due, (await step(route, 'papers')).due_on, (await step(route, 'papers')).silent_on ?? null], [papers.answer_due, papers.due_on, null], 'which has the whole term');
  await perform(second.id);
  await perform(offers(work.id)[0].id, 'none');
  await until('both answers', async () => (await steps(route)).filter((s) => s.state === 'closed').length === 3);
  is(await step(route, 'support'), undefined, 'the join waits for the third');
  await perform(offers(clinic.id)[0].id);
  const support = await until('the join', () => step(route, 'support'));
  is(support.state, 'own', 'the join opens when all have come');
  is((await own(route, 'support', 'not_done')).status < 400, true, 'the circle goes round');
  is((await step(route, 'intake', 2)).state, 'own', 'the first step stands in its second round');
  await own(route, 'intake', 'not_done', 2);
  is((await get(lead, `/routes/${route}`)).state.code ?? (await get(lead, `/routes/${route}`)).state, 'ended', 'by the exit it ends');
  clean('the register is whole, the route replays');
});

await part('offered to several: the first acceptance wins', async () => {
  const route = idOf(await begin(cases[1], scheme('homeless')));
  const shelter = await step(route, 'shelter');
  const list = offers(shelter.id).filter((o) => worker(o.body));
  ok(list.length >= 2, 'several got it', list);
  // on PostgreSQL the offer is held until all of them wait for it: each has begun before another commits
  const held = ENGINE === 'postgres' && spawn('psql', ['-X', '-q', '-d', register.url, '-c',
    `begin; select id from referral where id = ${Math.min(...list.map((o) => o.id))} for update; select pg_sleep(1.5); commit`], { stdio: 'ignore' });
  if (held) await new Promise((r) => setTimeout(r, 500));
  const answers = await Promise.all(list.slice(0, 4).map((o) => accept(o.id)));
  is(answers.filter((a) => a.status === 201).length, 1, 'of several that accept at once one wins', answers.map((a) => a.status));
  for (const a of answers.filter((x) => x.status !== 201)) like(a.text, /принял другой орган|отвечен|taken this on|meanwhile/i, 'the others get a clear word');
  is(offers(shelter.id).filter((o) => o.state === 'taken').length, offers(shelter.id).length - 1, 'the others have ended with it');
  const winner = offers(shelter.id).find((o) => o.state === 'accepted');
  await until('the step is at work', async () => (await step(route, 'shelter')).state === 'at_work');
  await result(winner.id, 'full');
  await until('its result', async () => (await step(route, 'shelter')).state === 'closed');
  clean('the register is whole');
});

await part('by hand: no body, skipping, stopping', async () => {
  const route = idOf(await begin(cases[2], scheme('homeless')));
  const papers = await step(route, 'papers');
  // the lead takes the referral back by hand: the step waits for another body
  const r = referral(offers(papers.id)[0].id);
  await post(lead, `/referrals/${offers(papers.id)[0].id}/withdraw`, { version: String(r.version) });
  const waits = await until('by hand', async () => { const s = await step(route, 'papers'); return s.state === 'by_hand' && s; });
  is(waits.wait, 'withdrawn', 'and says why');
  const other = one(`select b.id from body b where b.kind = 'police' and b.active = 1 and b.id <> ${r.body} order by b.id limit 1`).id;
  is((await post(lead, `/routes/steps/${papers.id}/choose`, { version: String(waits.version), body_id: String(centre) })).status, 422, 'not to itself');
  is((await post(lead, `/routes/steps/${papers.id}/choose`, { version: String(waits.version), body_id: String(other) })).status < 400, true, 'a body is chosen by hand');
  is(offers(papers.id).at(-1).body, other, 'and gets the referral');
  const shelter = await step(route, 'shelter');
  is((await post(lead, `/routes/steps/${shelter.id}/skip`, { version: String(shelter.version), outcome: 'done', note: '' })).status, 422, 'skipping needs a reason');
  is((await post(lead, `/routes/steps/${shelter.id}/skip`, { version: String(shelter.version), outcome: 'done', note: 'живёт у сестры' })).status < 400, true, 'a step is skipped');
  is(offers(shelter.id).every((o) => o.state === 'withdrawn'), true, 'its offers are taken back at once');
  const late = offers(shelter.id)[0];
  const after = await accept(late.id);
  is(after.status, 409, 'an answer comes after the withdrawal');
  like(after.text, /отозвал/, 'and is told so');
  const now = await get(lead, `/routes/${route}`);
  is((await post(lead, `/routes/${route}/stop`, { version: String(now.version), reason: '' })).status, 422, 'stopping needs a reason');
  is((await post(lead, `/routes/${route}/stop`, { version: String(now.version), reason: 'переехал' })).status < 400, true, 'the route is stopped');
  is(offers(papers.id).at(-1).state, 'withdrawn', 'what nobody had answered is taken back');
  clean('the register is whole');
});

await part('a body asked by hand in place of one that has declined', async () => {
  const route = idOf(await begin(cases[21], scheme('release')));
  await own(route, 'intake', 'done');
  const papers = await step(route, 'papers');
  const first = offers(papers.id)[0];
  await decline(first.id);
  const second = await until('the next body', () => offers(papers.id)[1]);
  const third = register.rows(`select b.id from body b where b.kind in ('police', 'ngo') and b.active = 1 and b.id not in (${first.body}, ${second.body}) order by b.id`)
    .map((b) => b.id).filter(worker);
  let asked;
  for (const b of third) {
    asked = await post(lead, `/referrals/${first.id}/next`, { to_body_id: String(b) });
    if (asked.status === 201) break;
  }
  is(asked.status, 201, 'the lead asks a third body by hand', asked.text.slice(0, 300));
  const id = idOf(asked);
  is(offers(papers.id).map((o) => o.id), [first.id, second.id, id], 'it is asked for the step');
  is((await accept(id)).status, 201, 'it accepts');
  await until('the other is taken back', () => referral(second.id).state === 'taken');
  await until('and the step is at work', async () => (await step(route, 'papers')).state === 'at_work');
  is((await post(lead, `/referrals/${first.id}/next`, { to_body_id: String(third.at(-1)) })).status >= 400, true, 'then nobody else is asked');
  await result(id, 'full');
  await until('its result', async () => (await step(route, 'papers')).state === 'closed');
  clean('the register is whole');
});

await part('what cannot move holds up nothing behind it', async () => {
  const route = idOf(await begin(cases[22], scheme('release')));
  // a route of a body where nobody leads, with more waiting steps than one page of the job
  const dead = route + 100000, police = bodyOf('police1');
  register.exec([`insert into route (id, version, scheme_id, person_id, case_id, body_id, account_id, state, started_on, classes, created_at)
    select ${dead}, 1, scheme_id, person_id, case_id, ${police}, account_id, 'running', started_on, classes, created_at from route where id = ${route}`,
  ...Array.from({ length: 450 }, (_, i) => `insert into route_step (id, version, route_id, step, round, state, opened_on, answer_due) values (${-1000 + i}, 1, ${dead}, 'papers', ${i + 1}, '${i % 2 ? 'to_send' : 'offered'}', '2024-01-09', '2024-01-10')`)]);
  await own(route, 'intake', 'done');
  const papers = await step(route, 'papers');
  register.exec([`update route_step set answer_due = '2024-06-10' where id = ${papers.id}`,
    `update referral set term_from = term_from - 30 * 86400000000, next_on = '2024-06-10' where id = ${offers(papers.id)[0].id}`]);
  register.run(['jobs', '--once']);
  is((await step(route, 'papers')).silent_on, '2024-06-14', 'a silence is seen behind them');
  const work = await step(route, 'work');
  const o = offers(work.id)[0];
  register.exec([`update route_step set state = 'to_send', body_id = null where id = ${work.id}`]);
  await until('and a step is sent', async () => (await step(route, 'work')).state !== 'to_send');
  register.execWays(`select case_id from route where id = ${route}`, [`delete from route_step where route_id = ${dead}`, `delete from route where id = ${dead}`]);
  ok(o, 'it was sent before');
});

await part('rights', async () => {
  const route = idOf(await begin(cases[3], scheme('release')));
  const [s] = await steps(route);
  for (const login of ['penal2', 'employment1', 'doctor1', 'police1', 'ngo1', 'analyst', 'admin', 'coordinator', 'auditor', 'social2', 'family']) {
    if (!one(`select id from account where login = '${login}'`)) continue;
    const page = await client(login).get(`/api/v1/routes/${route}`);
    ok([403, 404].includes(page.status), `${login} does not see the route`, page.status);
    const done = await post(login, `/routes/steps/${s.id}/outcome`, { version: String(s.version), outcome: 'done', note: '' });
    ok([403, 404].includes(done.status), `${login} does not move it`, done.status);
    const list = await client(login).get('/api/v1/schemes');
    is(list.status, login === 'coordinator' ? 200 : 403, `${login} and the schemes`);
  }
  is((await client(lead).get('/api/v1/routes/999999')).status, 404, 'a number that is not given');
  is((await client(lead).get('/api/v1/routes/steps/999999')).status, 404, 'a step that is not given');
  is((await begin({ id: 999999 }, scheme('release'))).status, 404, 'a case that is not given');
  const foreign = one(`select id from case_file where body_id <> ${centre} and state = 'in_work' limit 1`).id;
  is((await begin({ id: foreign }, scheme('release'))).status, 404, 'a case of another body');
  is((await begin(cases[4], 999999)).status, 404, 'a scheme that is not given');
  is((await begin(cases[4], one(`select id from scheme where state = 'draft'`).id)).status, 409, 'a draft takes no cases');
  const version = (await get(lead, `/cases/${cases[3].id}`)).version;
  is((await post(lead, `/cases/${cases[3].id}/close`, { version: String(version), closed_on: '14.06.2024', outcome: 'goals_reached' })).status >= 400, true, 'a case is not closed over a running route');
  // performers: their referral names neither the scheme nor what comes next
  await own(route, 'intake', 'done');
  const work = await step(route, 'work');
  const o = offers(work.id)[0];
  const seen = await client(worker(o.body)).get(`/api/v1/referrals/${o.id}`);
  is(seen.status, 200, 'the performer sees its referral');
  unlike(seen.text, /Освобождение из исправительного|scheme|route|Сопровождение по/, 'and nothing of the scheme');
  await perform(o.id);
  await until('answered', async () => (await step(route, 'work')).state === 'closed');
  is(register.rows("select e.id from event e join account c on c.id = e.account_id join route r on e.object = 'route' and r.id = e.object_id where e.kind like 'route.%' and c.body_id <> r.body_id"), [], 'no event of a route is the performer’s');
});

await part('silence', async () => {
  const route = idOf(await begin(cases[5], scheme('homeless')));
  const papers = await step(route, 'papers');
  const late = offers(papers.id).map((o) => o.id);
  register.exec([`update route_step set answer_due = '2024-06-10' where id = ${papers.id}`,
    `update referral set term_from = term_from - 30 * 86400000000, next_on = '2024-06-10' where id in (${late})`]);
  register.run(['jobs', '--once']);
  is((await step(route, 'papers')).silent_on, '2024-06-14', 'without an arrow for it the silence is marked');
  is((await step(route, 'papers')).state, 'offered', 'and the answer may still come');
});

const co = 'coordinator';
const card = (id) => get(co, `/schemes/${id}`);
const edit = async (id, at, body) => post(co, `/schemes/${id}${at}`, { version: String((await card(id)).version), ...body });
const exported = async (id) => (await client(co).get(`/api/v1/schemes/${id}/pack`)).text;
const packs = path.join(tmpDir(), `packs-${process.pid}`);
fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
const file = path.join(packs, 'demo/schemes.pack');
const shipped = fs.readFileSync(file, 'utf8');
const upgrade = (text) => { fs.writeFileSync(file, text); const r = register.run(['upgrade', '--packs', path.join(packs, 'demo')]); return [r.status, r.err + r.out]; };

await part('packs: refused with file and line, nothing applied', () => {
  const before = register.rows('select count(*) as n from scheme');
  for (const [from, to, word] of [
    [/^offer = next/m, 'offr = next', 'there is no such property here: offr'],
    [/papers work clinic/, 'papers wrk clinic', 'the scheme has no such step: wrk'],
    [/^answer = ru.442.urgent/m, 'answer = ru.442.urgnt', 'answer names no deadline rule: ru.442.urgnt'],
    [/\[step homeless close\]/, '[step homeless papers]', 'this section stands above already'],
    [/on.refused = close/, 'on.refusd = close', 'there is no such outcome: refusd'],
    [/^who = police$/m, 'who = polce', 'there is no such kind of body: polce'],
    [/^who = employment_centre$/m, 'who = clinic', 'bodies of this kind do not take the need: clinic'],
    [/order_date = 2024-02-12/, 'order_date = 12.02.2024', 'order_date is a day as 2024-03-01: 12.02.2024'],
    [/situation = homeless/, 'situation = addiction', 'the situation tells a sealed class: addiction'],
    [/\[scheme homeless\]/, '[scheme homless]', 'the scheme has no such step: shelter'],
    [/^same = commission/m, 'same = comission', 'same names no other step: comission'],
    [/need = medical_examination/, 'need = mental_help', 'the need tells a sealed class: mental_help'],
  ]) {
    const [status, words] = upgrade(shipped.replace(from, to));
    ok(status !== 0 && words.includes(word) && /schemes\.pack:\d+: /.test(words), `refused with its line: ${word}`, words);
  }
  is(register.rows('select count(*) as n from scheme'), before, 'nothing was applied');
});

await part('a draft in the form, the check, approval, export and back', async () => {
  const made = await post(co, '/schemes', { name: 'Проба <b>&', code: 'probe', situation: 'no_income' });
  const id = idOf(made);
  is((await post(co, '/schemes', { name: 'Ещё', code: 'probe', situation: 'no_income' })).status, 422, 'a code stands once');
  const put = (body, at = '/steps') => edit(id, at, { same_as: '', need: '', ground: '', expected: '', answer_rule: '', result_rule: 'ru.442.programme', offer: 'one', joining: 'all', escalate: '', kinds: '', ...body });
  is((await put({ label: 'Первый', code: 'first', place: 'lead' })).status, 201, 'a step is added');
  is((await put({ label: 'Приют', code: 'shelter', place: 'region', kinds: 'crisis_centre', need: 'violence_help', ground: 'social_442', answer_rule: 'ru.442.urgent', result_rule: '' })).status, 201, 'another');
  is((await put({ label: 'Круг', code: 'circle', place: 'lead' })).status, 201, 'a third');
  is((await put({ label: 'Дважды', code: 'first', place: 'lead' })).status, 422, 'codes stand once');
  const arrow = (from, outcome, to) => edit(id, '/arrows', { from, outcome, to });
  await arrow('first', 'done', 'circle');
  await arrow('circle', 'done', 'first');
  is((await arrow('circle', 'done', 'nowhere')).status, 422, 'an arrow goes to a step');
  const said = (await card(id)).faults.map((f) => `${f.step ?? ''}: ${f.words}`).join('\n');
  for (const words of ['Приют: К этому шагу нет пути', 'Приют: Тупик', 'Приют: У шага нет срока исполнения', 'Первый: Круг без выхода', 'Круг: Круг без выхода']) ok(said.includes(words), `the check says: ${words}`, said);
  is((await edit(id, '/approve', { order_number: '1-П', order_date: '01.06.2024' })).status, 409, 'it is not approved so');
  is((await edit(id, '/steps/2', { label: 'Приют', code: 'home', place: 'region', same_as: '', kinds: 'crisis_centre', need: 'violence_help', ground: 'social_442', expected: 'две\nстроки', answer_rule: 'ru.442.urgent', result_rule: 'ru.442.programme', offer: 'all', joining: 'any', escalate: 'coordinator' })).status < 400, true, 'a step is changed, its code too');
  await arrow('circle', 'not_done', 'home');
  await arrow('home', 'done', 'end');
  await arrow('home', 'full', 'end');
  is((await edit(id, '/approve', { order_number: '', order_date: '01.06.2024' })).status, 422, 'approval needs the number of the order');
  is((await edit(id, '/approve', { order_number: '1-П', order_date: '01.06.2024' })).status < 400, true, 'it is approved', (await card(id)).faults);
  is((await edit(id, '/arrows', { from: 'first', outcome: 'not_done', to: 'end' })).status, 409, 'what is approved is not changed');
  const text = await exported(id);
  const [status, words] = upgrade(`${shipped}\n${text}`);
  is(status, 0, 'the export loads again', words);
  const again = register.rows(`select id, state from scheme where code = 'probe' order by number`);
  is(again.map((x) => x.state), ['retired', 'approved'], 'as a new version, which retires the former');
  is(await exported(again[1].id), text, 'and is the same scheme');
  is(upgrade(`${shipped}\n${text}`)[0] === 0 && register.rows(`select id from scheme where code = 'probe'`).length, 2, 'loaded once more it is no new version');
  for (const s of register.rows(`select id, code from scheme where source = 'pack' and state <> 'retired'`)) {
    const t = await exported(s.id);
    ok(t.startsWith(`[scheme ${s.code}]`) && upgrade(shipped.replace(/^\[scheme/m, '# \n[scheme'))[0] === 0, `${s.code} is exported`);
  }
  const html = (await (await server.client().signIn(co)).get(`/schemes/${id}`)).text;
  ok(html.includes('<svg class="b-graph"') && html.includes('Проба &lt;b&gt;&amp;') && !html.includes('Проба <b>'), 'it is drawn, with its text escaped');
});

await part('dry run and rehearsal', async () => {
  const id = scheme('release');
  const count = () => register.rows('select (select count(*) from route_input) + (select count(*) from route) as n');
  const before = count();
  const open = async (said) => (await get(co, `/schemes/${id}/try?said=${said}`)).open.map((o) => o.step).filter(Boolean);
  is(await open(''), ['Оценка нуждаемости и срочная помощь'], 'it begins where the scheme begins');
  is(await open('intake.done'), ['Восстановление документов', 'Содействие в трудоустройстве', 'Медицинский осмотр'], 'what opens next is shown');
  is(await open('intake.done-papers.done-work.not_done-clinic.no_body'), ['Сопровождение по индивидуальной программе'], 'the join');
  is((await get(co, `/schemes/${id}/try?said=intake.done-papers.done-work.not_done-clinic.no_body-support.done`)).ended, true, 'the end');
  is(await open('nonsense.done'), ['Оценка нуждаемости и срочная помощь'], 'what does not fit is left out');
  const a = await client(co).get(`/api/v1/schemes/${id}/rehearsal`);
  is(a.status, 200, 'the rehearsal runs');
  is((await client(co).get(`/api/v1/schemes/${id}/rehearsal`)).text, a.text, 'the same figures each time');
  const small = [...Object.values(a.json), ...a.json.steps.flatMap(Object.values), ...a.json.bodies.flatMap((b) => [b.a])];
  ok(a.json.few || a.json.cases, 'it counts the cases', a.json);
  ok([a.json.cases, a.json.ended, a.json.stuck, ...a.json.steps.flatMap((s) => [s.a, s.c, s.d, s.e ?? 0]), ...a.json.bodies.map((b) => b.a)].every((n) => n % 5 === 0), 'rounded, so that no small number comes back by subtraction', small);
  const draft = idOf(await post(co, '/schemes', { name: 'Черновик', code: 'sealed', situation: 'no_income' }));
  for (const [at, body] of [['/schemes', { name: 'Закрытая', code: 'sealed2', situation: 'living_with_hiv' }],
    [`/schemes/${draft}/edit`, { name: 'Черновик', code: 'sealed', situation: 'addiction', version: String((await card(draft)).version) }],
    [`/schemes/${draft}/steps`, { label: 'Раз', code: 'one', place: 'region', kinds: 'clinic', need: 'mental_help', ground: 'social_442', expected: '', answer_rule: '', result_rule: '', offer: 'one', joining: 'all', escalate: '', same_as: '', version: String((await card(draft)).version) }]]) {
    const r = await post(co, at, body);
    is([r.status, /закрытые сведения/.test(r.text)], [422, true], `no draft tells a sealed fact: ${at.replace(/\d+/, 'N')}`);
  }
  register.exec([`update scheme set situation = 'living_with_hiv' where id = ${draft}`]);
  is((await client(co).get(`/api/v1/schemes/${draft}/rehearsal`)).status, 409, 'and none that does is rehearsed');
  is((await post(co, `/schemes/${draft}/copy`)).status, 409, 'or copied');
  register.exec([`delete from scheme where id = ${draft}`]);
  is(count(), before, 'nothing is stored');
});

await part('a newer version, a body that is not there', async () => {
  const text = (v) => `[scheme moving]\nlabel.ru = Переход\nsituation = no_income\norder = ${v}\norder_date = 2024-06-0${v}\nstart = one\n
[step moving one]\nlabel.ru = Раз\nwhere = lead\nresult = ru.442.programme\non.done = ${v === 1 ? 'old' : 'fresh'} none\n
[step moving ${v === 1 ? 'old' : 'fresh'}]\nlabel.ru = Два\nwhere = lead\nresult = ru.442.programme\non.done = last\n
[step moving none]\nlabel.ru = Никого\nwhere = district\nwho = crisis_centre education\nneed = ${'violence_help'}\nground = social_442\nanswer = ru.442.urgent\nresult = ru.442.programme\non.done = last\n
[step moving last]\nlabel.ru = Последний\nwhere = lead\nresult = ru.442.programme\non.done = end\non.not_done = one\n`.replace('crisis_centre education', 'social_centre');
  is(upgrade(`${shipped}\n${text(1)}`)[0], 0, 'version 1');
  const route = idOf(await begin(cases[6], scheme('moving')));
  await own(route, 'one', 'done');
  const none = await step(route, 'none');
  is([none.state, none.wait], ['by_hand', 'no_body'], 'a step without a body in the district waits for the lead, and says so');
  is(upgrade(`${shipped}\n${text(2)}`)[0], 0, 'version 2');
  is((await step(route, 'old')).state, 'own', 'the running case stays on its version');
  const next = scheme('moving');
  const move = async (body) => post(lead, `/routes/${route}/move`, { version: String((await get(lead, `/routes/${route}`)).version), scheme: String(next), ...body });
  is((await move({})).status, 422, 'what cannot be matched is asked');
  is((await move({ step_old: 'last' })).status, 422, 'and goes to a step of the new version only');
  is((await move({ step_old: 'fresh' })).status < 400, true, 'the case moves');
  is((await step(route, 'fresh')).state, 'own', 'its open step goes on under the new code');
  await own(route, 'fresh', 'done');
  is(await step(route, 'last'), undefined, 'the join waits for the other one');
  const end = await step(route, 'none');
  is((await post(lead, `/routes/steps/${end.id}/conclude`, { version: String(end.version) })).status < 400, true, 'a branch is ended by hand');
  is((await step(route, 'last')).state, 'own', 'and holds nobody up');
  clean('the moved route replays');
});

await part('what an outcome counts for stays as it was approved', async () => {
  const text = `[scheme counted]\nlabel.ru = Зачёт\nsituation = no_income\norder = 1\norder_date = 2024-06-01\nstart = one\n
[step counted one]\nlabel.ru = Раз\nwhere = lead\nresult = ru.442.programme\non.done = two\non.not_done = end\n
[step counted two]\nlabel.ru = Два\nwhere = lead\nresult = ru.442.programme\non.done = end\non.not_done = one\non.part = end\n`;
  const law = path.join(packs, 'ru/work.pack'), said = fs.readFileSync(law, 'utf8');
  is(upgrade(`${shipped}\n${text}`)[0], 0, 'a scheme that names a result');
  const route = idOf(await begin(cases[23], scheme('counted')));
  is((await own(route, 'one', 'part')).status < 400, true, 'the result counts as done');
  is((await step(route, 'two')).state, 'own', 'and goes on so');
  fs.writeFileSync(law, said.replace('[code measure_result part]\ndone = yes', '[code measure_result part]\ndone = no'));
  is(upgrade(`${shipped}\n${text}`)[0], 0, 'then the packs count it otherwise');
  clean('the route replays as it went');
  fs.writeFileSync(law, said);
  is(upgrade(`${shipped}\n${text}`)[0], 0, 'and as before');
});

await part('a restricted person', async () => {
  const c = cases[7];
  const route = idOf(await begin(c, scheme('release')));
  const head = one(`select login from account where body_id = ${centre} and role = 'centre_head' and active = 1 limit 1`)?.login;
  const r = await post(head, `/persons/${c.person}/restrictions`, { reason: 'victim', words: 'Заявление от 14.06.2024' });
  is(r.status, 201, 'the head restricts who may see the person', r.text.slice(0, 300));
  const { id, version } = one(`select id, version from restriction where person_id = ${c.person}`);
  const me = one(`select id from account where login = '${head}'`).id;
  ok((await post(head, `/restrictions/${id}/workers`, { version: String(version), account: [String(me)] })).status < 300, 'and names herself only');
  const [s] = register.rows(`select id, version from route_step where route_id = ${route}`);
  for (const at of [`/routes/${route}`, `/routes/steps/${s.id}`, `/cases/${c.id}/routes/new`, `/routes/${route}/move`])
    is((await client(lead).get(`/api/v1${at}`)).status, 404, `who is not named does not see ${at.replace(/\d+/g, 'N')}`);
  is((await post(lead, `/routes/steps/${s.id}/outcome`, { version: String(s.version), outcome: 'done', note: '' })).status, 404, 'and moves nothing');
});

await part('a walk of random answers over random schemes', async () => {
  let dice = Number(process.env.BEREG_ROUTING_SEED ?? 20240614);
  note(`BEREG_ROUTING_SEED=${dice}`);
  const below = (n) => { dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0; return Math.floor(dice / 4294967296 * n); };
  let text = '';
  const WORK = [['employment_centre', 'employment', 'employment_565', 'district'], ['police', 'documents', 'powers', 'region'],
    ['clinic', 'medical_examination', 'social_442', 'district'], ['homeless_centre ngo', 'shelter', 'social_442', 'region']];
  for (let k = 0; k < 4; k += 1) {
    const n = 5 + below(4);
    text += `\n[scheme walk${k}]\nlabel.ru = Прогулка ${k}\nsituation = no_income\norder = ${k}\norder_date = 2024-06-01\nstart = s0${below(2) ? ' s1' : ''}\n`;
    for (let i = 0; i < n; i += 1) {
      const own_ = below(3) === 0;
      const [who, need, ground, where] = WORK[below(WORK.length)];
      const to = i + 1 < n ? `s${i + 1}` : 'end';
      const far = i + 2 < n ? `s${i + 2 + below(n - i - 2)}` : 'end';
      text += `\n[step walk${k} s${i}]\nlabel.ru = Шаг ${i}\nresult = ru.442.programme\njoin = ${below(4) ? 'all' : 'any'}\n${own_ ? 'where = lead\n'
        : `where = ${where}\nwho = ${who}\nneed = ${need}\nground = ${ground}\nanswer = ru.210.request_answer\noffer = ${['one', 'next', 'all'][below(3)]}\n`}`
        + `on.done = ${to}${below(2) && far !== to ? ` ${far}` : ''}\non.not_done = ${below(4) ? to : `s${below(n)}`}\n${below(2) ? `on.declined = ${far}\n` : ''}${below(2) ? `on.no_body = ${to}\n` : ''}`;
    }
  }
  is(upgrade(`${shipped}\n${text}`)[0], 0, 'random schemes are loaded', upgrade(`${shipped}\n${text}`)[1]);
  await new Promise((r) => setTimeout(r, 200)); // connections that ended while the program was loading are noticed
  const routes = [];
  for (let i = 0; i < 12; i += 1) {
    const b = await begin(cases[8 + i], scheme(`walk${i % 4}`));
    if (b.status === 201) routes.push(idOf(b));
  }
  is(routes.length, 12, 'twelve routes begin');
  let said = 0;
  const tries = [];
  for (let round = 0; round < 10 && said < 120; round += 1) {
    const jobs = [];
    for (const s of register.rows(`select t.id, t.version, t.state from route_step t join route r on r.id = t.route_id
      where t.route_id in (${routes}) and r.state = 'running' and t.state in ('own', 'by_hand', 'decide') order by t.id`)) {
      const version = String(s.version);
      if (s.state === 'own') jobs.push(post(lead, `/routes/steps/${s.id}/outcome`, { version, outcome: below(3) ? 'done' : 'not_done', note: '' }));
      else if (s.state === 'decide' && below(2)) jobs.push(post(lead, `/routes/steps/${s.id}/again`, { version }));
      else jobs.push(post(lead, `/routes/steps/${s.id}/skip`, { version, outcome: 'done', note: 'прогулка' }));
    }
    for (const o of register.rows(`select o.referral_id as id, r.state from route_offer o join referral r on r.id = o.referral_id
      where o.route_id in (${routes}) and r.state in ('sent', 'accepted') order by o.id`)) {
      if (!worker(referral(o.id).body)) continue;
      if (o.state === 'accepted') jobs.push(result(o.id, ['full', 'part', 'none', 'refused'][below(4)]));
      else jobs.push(below(4) ? accept(o.id) : decline(o.id));
    }
    const done = await Promise.all(jobs);
    tries.push(...done.map((d) => d.status));
    said += done.filter((d) => d.status < 400).length;
    const busy = () => register.rows(`select (select count(*) from route_offer where todo is not null) + (select count(*) from route_step where state = 'to_send') as n`)[0].n === 0;
    await until('all answers taken in', busy);
    if (!jobs.length) break;
  }
  note(`${said} answers of ${tries.length} tries; routes: ${JSON.stringify(register.rows(`select state, count(*) as n from route where id in (${routes}) group by state`))}`);
  ok(said >= 100, 'some hundred answers', said);
  ok(tries.every((s) => s < 400 || s === 409 || s === 404), 'none failed but those that came too late', tries.filter((s) => s >= 400 && s !== 409 && s !== 404));
  is(register.rows(`select o.referral_id from route_offer o join referral r on r.id = o.referral_id join route_step t on t.id = o.route_step_id
    where o.route_id in (${routes}) and t.state = 'closed' and r.state = 'sent'`), [], 'no unanswered referral is left of a closed step');
  is(register.rows(`select t.id from route_step t join route r on r.id = t.route_id where r.id in (${routes}) and r.state = 'running' and t.state in ('offered', 'at_work')
    and not exists (select 1 from route_offer o join referral f on f.id = o.referral_id where o.route_step_id = t.id and f.state in ('sent', 'accepted'))`), [], 'no step waits for a referral that is lost');
  is(register.rows(`select r.id from route r where r.id in (${routes}) and r.state = 'running' and not exists (select 1 from route_step t where t.route_id = r.id and t.state <> 'closed')`), [], 'no route is stuck');
  clean('all routes replay');
});

await part('a route is destroyed when its term is over', async () => {
  const route = one(`select id from route where case_id = ${cases[0].id} and state = 'ended'`).id;
  const was = one(`select state, closed_on from case_file where id = ${cases[0].id}`);
  register.exec([`update case_file set state = 'closed', closed_on = '2004-01-09' where id = ${cases[0].id}`]);
  const head = one(`select login from account where body_id = ${centre} and role = 'centre_head' and active = 1 limit 1`).login;
  const act = await post(lead, '/retention/acts', { commission: 'Директор\nСпециалист', method: 'erasure', ground: 'Истекли сроки хранения', kind: ['route'] });
  is(act.status, 201, 'an act is prepared', act.text.slice(0, 300));
  const { id, version } = one('select id, version from retention_act order by id desc limit 1');
  ok((await post(head, `/retention/acts/${id}/confirm`, { version: String(version) })).status < 300, 'and confirmed');
  register.run(['jobs', '--once']);
  await until('it is gone', () => !one(`select id from route where id = ${route}`));
  is(['route_step', 'route_offer', 'route_input'].map((t) => one(`select count(*) as n from ${t} where route_id = ${route}`).n), [0, 0, 0], 'with its steps, offers and inputs');
  register.execWays(`select ${cases[0].id}`, `update case_file set state = '${was.state}', closed_on = ${was.closed_on ? `'${was.closed_on}'` : 'null'} where id = ${cases[0].id}`);
});

await part('the lead’s specialist leaves, then the lead body is closed', async () => {
  const route = idOf(await begin(cases[20], scheme('homeless')));
  const me = one(`select id from account where login = '${lead}'`).id;
  const head = one(`select login from account where body_id = ${centre} and role = 'centre_head' and active = 1 limit 1`).login;
  const restriction = one(`select id, version from restriction where person_id = ${cases[7].person}`);
  await post(head, `/restrictions/${restriction.id}/lift`, { version: String(restriction.version) });
  const to = bodyOf('social2');
  const form = () => {
    const b = one(`select * from body where id = ${centre}`);
    return { name: b.name, kind: b.kind, district_id: b.district_id ? String(b.district_id) : '', phone: '', address: '', contact: b.contact ?? '', head_account_id: b.head_account_id ? String(b.head_account_id) : '',
      coordinator_id: b.coordinator_id ? String(b.coordinator_id) : '', active: '0', version: String(b.version), successor_id: String(to) };
  };
  const mates = register.rows(`select id from account where body_id = ${centre} and active = 1 and role = 'social_worker' and id <> ${me} order by id`).map((x) => x.id);
  const taken = await post(head, '/caseload', { from: String(me), to: mates.slice(0, 1).map(String) });
  ok(taken.status < 300, 'the caseload is passed on', taken.text.slice(0, 400));
  is(one(`select r.account_id as id from route r where r.id = ${route}`).id, one(`select account_id as id from case_file where id = ${cases[20].id}`).id, 'the route goes with its case');
  is(register.rows(`select id from route where account_id = ${me} and state = 'running'`), [], 'none is left with who has gone');
  const done = await post('admin', `/bodies/${centre}`, form());
  ok(done.status < 300, 'the lead body is closed, with a successor', done.text.slice(0, 600));
  is(register.rows(`select id from route where body_id = ${centre}`), [], 'no route stays with the closed body');
  const head2 = one(`select login from account where body_id = ${to} and role = 'centre_head' and active = 1 limit 1`)?.login ?? 'social2';
  is((await client(head2).get(`/api/v1/routes/${route}`)).status, 200, 'the successor opens the route');
  is((await client(lead).get(`/api/v1/routes/${route}`)).status >= 400, true, 'the closed body does not');
  is(one(`select a.body_id as id from route r join account a on a.id = r.account_id where r.id = ${route}`).id, to, 'it is led by one of its workers');
  ok(register.rows(`select id from event where kind = 'route.successor' and object_id = ${route} and other_body_id = ${to}`).length === 1, 'with its event');
  const papers = one(`select id from route_step where route_id = ${route} and step = 'papers'`).id;
  is((await decline(offers(papers).at(-1).id)).status, 201, 'a body declines');
  await until('the route goes on', () => one(`select id from route_offer where route_id = ${route} and todo is not null`) === undefined);
  is(register.rows(`select f.id from referral f join route_offer o on o.referral_id = f.id where o.route_id = ${route} and f.from_body_id <> ${to}`), [], 'and asks as the successor');
  const now = await client(head2).get(`/api/v1/routes/${route}`);
  ok((await post(head2, `/routes/${route}/stop`, { version: String(now.json.version), reason: 'проверка' })).status < 400, 'the successor can stop it');
  clean('the register is whole');
});

fs.rmSync(packs, { recursive: true, force: true });
note(`server: ${server.status} ${server.err.slice(-600)}`);
finish();
await register.drop();
