// The picture of interaction: after random histories its figures are those of plain statements over the log and the referrals; who sees
// whose; what stands behind a figure; on both engines.   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/interaction.mjs
import { parseCsv, Register } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 400, seed: 11, name: 'interaction' });
const rows = (sql) => register.rows(sql);
const one = (sql) => rows(sql)[0];
let server, keys = 0;
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const post = (login, path, body) => client(login).postJson(`/api/v1${path}`, body, { headers: { 'idempotency-key': `interaction-${process.pid}-${keys += 1}` } });
const get = (login, path) => client(login).get(`/api/v1${path}`);
let seed = Number(process.env.BEREG_SEED ?? 20240614);
const dice = (n) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 65536) % n; };
const pick = (list) => list[dice(list.length)];
const account = (login) => one(`select id, body_id from account where login = '${login}'`);
const logins = ['social1', 'social2', 'penal1', 'police1', 'employment1', 'doctor1', 'juvenile1', 'ngo1'];
const bodies = Object.fromEntries(logins.map((l) => [l, account(l).body_id]));
const loginOf = Object.fromEntries(logins.map((l) => [bodies[l], l]));
const sends = [['social1', 'police1', 'supervision', 'prevention_182'], ['social1', 'employment1', 'employment', 'employment_565'], ['social1', 'ngo1', 'urgent_help', 'social_442'],
  ['social1', 'ngo1', 'psychological_help', 'social_442'], ['social1', 'social2', 'documents', 'social_442'], ['social2', 'social1', 'social_support', 'social_442'], ['penal1', 'social1', 'social_support', 'social_442'],
  ['penal1', 'social1', 'documents', 'social_442'], ['penal1', 'employment1', 'employment', 'employment_565'], ['juvenile1', 'social1', 'family_work', 'prevention_120'], ['police1', 'social1', 'urgent_help', 'social_442']];
const late = {}; // of each referral answered here: was an answer behind the date that stood then?
const seen = {};
const did = (what, r) => { seen[`${what} ${r.status < 300 ? 'done' : r.status}`] = (seen[`${what} ${r.status < 300 ? 'done' : r.status}`] ?? 0) + 1; return r.status < 300; };
const knownTo = {};
const known = (body) => (knownTo[body] ??= rows(`select a.person_id as id from access a join person p on p.id = a.person_id where a.body_id = ${body} and (a.bits & 2) <> 0
  and p.merged_into is null order by a.person_id limit 60`).map((r) => r.id));
const grounds = rows("select key from pack_entry where kind = 'code' and key like 'legal_basis %'").map((r) => r.key.split(' ')[1]);
const termGrounds = rows("select key from pack_entry where kind = 'code' and key like 'term_ground %'").map((x) => x.key.split(' ')[1]);
const iso = (d) => d.toISOString().slice(0, 10);
const dmy = (day) => day.split('-').reverse().join('.');

async function step(today) {
  if (dice(3) === 0) {
    const [from, to, need, wanted] = pick(sends);
    const person = pick(known(bodies[from]));
    if (!person) return;
    const ground = grounds.includes(wanted) ? wanted : grounds.find((g) => g !== 'consent');
    const r = await post(from, '/referrals', { person: String(person), to_body_id: String(bodies[to]), need, ground, term: String(3 + dice(20)), note: 'прошу принять', ...(dice(9) ? {} : { draft: '1' }) });
    did('send', r);
    if (r.status >= 400 && !seen[`why ${need}`]) { seen[`why ${need}`] = 1; note(`${from} → ${to} ${need}: ${r.text.slice(0, 200)}`); }
    return;
  }
  const r = pick(rows(`select id, version, state, answer_by, sent_on, from_body_id, to_body_id from referral where (state in ('sent', 'received', 'returned', 'accepted', 'in_progress', 'draft'))
    and from_body_id in (${Object.values(bodies)}) and to_body_id in (${Object.values(bodies)}) order by id desc limit 60`));
  if (!r) return;
  const to = loginOf[r.to_body_id], from = loginOf[r.from_body_id], version = String(r.version);
  const answers = (ok_) => { if (ok_) late[r.id] = late[r.id] || today > r.answer_by; };
  const go = (login, verb, more = {}) => post(login, `/referrals/${r.id}/${verb}`, { version, ...more });
  if (r.state === 'draft') did('send draft', await go(from, 'send', { note: 'из черновика' }));
  else if (r.state === 'returned') did('resend', await go(from, 'send', { note: 'дополнено' }));
  else if (r.state === 'accepted' || r.state === 'in_progress') {
    const way = dice(5);
    if (way === 0) did('begin', await go(to, 'begin'));
    else if (way === 1) did('extend', await go(to, 'term', { kind: 'extension', ground: pick(termGrounds), more: '5', note: '' }));
    else {
      const back = iso(new Date(Date.parse(today) - 86400000 * dice(4)));
      did('result', await go(to, 'result', { finished_on: dmy(back), result: pick(['full', 'partial', 'not_reached', 'refused', 'lost_contact']), result_note: '' }));
    }
  } else {
    const way = dice(7);
    if (way === 0) did('receive', await go(to, 'receive'));
    else if (way === 1) answers(did('decline', await go(to, 'decline', { decline_reason: pick(['not_competent', 'no_capacity', 'person_refused']), result_note: '' })));
    else if (way === 2) answers(did('return', await go(to, 'return', { result_note: 'нет паспорта' })));
    else if (way === 3) did('withdraw', await go(from, 'withdraw'));
    else answers(did('accept', await go(to, 'accept')));
  }
}

const day = (text) => Date.parse(text) / 86400000;
const p = (list, part_, of) => { const s = [...list].sort((a, b) => a - b); return s.length ? s[Math.ceil(s.length * part_ / of - 1e-9) - 1] : null; };

// ---- the same by hand: the log, row by row ----
function byHand(today) {
  const successor = Object.fromEntries(rows('select id, successor_id from body').map((b) => [b.id, b.successor_id]));
  const stands = (b) => { let x = b; for (let i = 0; successor[x] && i < 100; i += 1) x = successor[x]; return x; };
  const log = new Map();
  for (const e of rows("select id, object_id, kind, day, body_id, other_body_id from event where object = 'referral' order by id")) {
    const x = log.get(e.object_id) ?? { returns: 0 };
    log.set(e.object_id, x);
    if (e.kind === 'referral.sent') Object.assign(x, { sent: e.day, from: e.body_id, to: e.other_body_id });
    if (e.kind === 'referral.accepted') x.accepted = e.day;
    if (e.kind === 'referral.returned') x.returns += 1;
    if (['referral.accepted', 'referral.declined', 'referral.returned'].includes(e.kind)) x.answered ??= e.day;
  }
  const all = [];
  for (const r of rows('select id, state, need, answer_by, answered_on, due_on, finished_on, next_on, decline_reason, person_id from referral')) {
    const x = log.get(r.id);
    if (!x?.sent) continue;
    const over = ['withdrawn', 'taken'].includes(r.state), waits = ['sent', 'received'].includes(r.state);
    const wasLate = r.id in late ? late[r.id] : x.answered ? x.answered > r.answer_by : null;
    const finished = ['done', 'not_done'].includes(r.state);
    all.push({ id: r.id, month: Number(x.sent.slice(0, 4)) * 100 + Number(x.sent.slice(5, 7)), need: r.need, from: stands(x.from), to: stands(x.to), state: r.state, reason: r.state === 'declined' ? r.decline_reason : null,
      sent: 1, accepted: x.accepted ? 1 : 0, declined: r.state === 'declined' ? 1 : 0, returned: x.returns ? 1 : 0,
      silent: wasLate || (waits && r.answer_by < today) || (wasLate === null && over && r.finished_on > r.answer_by) ? 1 : 0,
      withdrawn: r.state === 'withdrawn' ? 1 : 0, taken: r.state === 'taken' ? 1 : 0, done: r.state === 'done' ? 1 : 0, not_done: r.state === 'not_done' ? 1 : 0,
      answered_in_time: wasLate === false && !waits ? 1 : 0, finished_in_time: finished && r.finished_on <= r.due_on ? 1 : 0,
      waiting: waits ? 1 : 0, at_work: ['accepted', 'in_progress'].includes(r.state) ? 1 : 0, to_complete: r.state === 'returned' ? 1 : 0,
      late: (waits || ['accepted', 'in_progress', 'returned'].includes(r.state)) && r.next_on < today ? 1 : 0,
      days: x.accepted ? Math.max(0, day(x.accepted) - day(x.sent)) : null, results: finished ? Math.max(0, day(r.finished_on) - day(x.sent)) : null });
  }
  return all;
}
const COUNTS = ['sent', 'accepted', 'declined', 'returned', 'silent', 'withdrawn', 'taken', 'done', 'not_done', 'waiting', 'at_work', 'to_complete', 'late'];
const percent = (a, b) => (b ? Math.min(100, Math.floor((a * 200 + b) / (2 * b))) : null);
function figures(list) {
  const n = (k) => list.reduce((s, x) => s + x[k], 0);
  const out = Object.fromEntries(COUNTS.map((k) => [k, n(k)]));
  const days = list.map((x) => x.days).filter((d) => d !== null), results = list.map((x) => x.results).filter((d) => d !== null);
  return { ...out, answer_share: percent(n('answered_in_time'), n('answered_in_time') + n('silent')), finish_share: percent(n('finished_in_time'), n('done') + n('not_done')),
    accept_median: p(days, 1, 2), accept_p90: p(days, 9, 10), finish_median: p(results, 1, 2), finish_p90: p(results, 9, 10) };
}
const group = (list, key) => { const out = new Map(); for (const x of list) out.set(key(x), [...(out.get(key(x)) ?? []), x]); return out; };
const names = () => Object.fromEntries(rows('select id, name from body').map((b) => [b.id, b.name]));
// All pages of the table; rows by the two names.
async function table(login, query = '') {
  const items = [];
  let first, after = '';
  for (let i = 0; i < 40; i += 1) {
    const r = await get(login, `/interaction?${query}${after}`);
    if (r.status !== 200) return { status: r.status, text: r.text };
    first ??= r.json;
    items.push(...r.json.items);
    if (!r.json.next) break;
    after = `&after=${r.json.next}`;
  }
  return { ...first, status: 200, items };
}
const ALL = 'since=2021-01&until=2024-12';
const jobs = () => register.run(['jobs', '--once']);

// ---- what is compared again and again ----
async function agrees(what, today, viewer = ['social1', 'head1']) {
  const all = byHand(today), name = names(), own = { id: bodies[viewer[0]] };
  const at = await table(viewer[1], ALL);
  const mine = group(all.filter((x) => x.from === own.id || x.to === own.id), (x) => `${x.from} ${x.to}`);
  const told = Object.fromEntries(at.items.map((i) => [`${i.from_name} → ${i.to_name}`, i]));
  const named = (id) => { const gone = rows(`select name from body where successor_id = ${id} order by name_key`).map((b) => b.name); return gone.length ? `${name[id]} (вместе с закрытым: ${gone.join('; ')})` : name[id]; };
  const faults = [];
  let compared = 0;
  for (const [key, list] of mine) {
    const [from, to] = key.split(' ').map(Number);
    const got = told[`${named(from)} → ${named(to)}`];
    if (!got) continue; // a body that is not named to this viewer
    compared += 1;
    const want = figures(list);
    for (const k of Object.keys(want)) if (got[k] !== want[k]) faults.push(`${name[from]} → ${name[to]} ${k}: ${got[k]}, by hand ${want[k]}`);
  }
  ok(compared > 5 && !faults.length, `${what}: ${compared} pairs of the body are as counted by hand`, faults.slice(0, 12).join('\n'));
  is(at.items.reduce((s, i) => s + i.sent, 0), [...mine.values()].reduce((s, l) => s + l.length, 0), `${what}: nothing is counted twice or left out`);
  is(at.sent, at.items.reduce((s, i) => s + i.sent, 0), `${what}: the words above say the same as the table`);
  // the kept sums, of everybody, cell by cell
  const kept = rows('select month, from_body_id, to_body_id, need, sent, accepted, returned, declined, withdrawn, taken, done, not_done, answered_in_time, finished_in_time from interaction_sum');
  const cells = group(all, (x) => `${x.month} ${x.from} ${x.to} ${x.need}`);
  const stands = Object.fromEntries(rows('select body_id, now_id from interaction_body').map((b) => [b.body_id, b.now_id]));
  const sums = new Map();
  for (const k of kept) {
    const key = `${k.month} ${stands[k.from_body_id]} ${stands[k.to_body_id]} ${k.need}`, s = sums.get(key) ?? {};
    for (const m of Object.keys(k)) if (!/month|need|body/.test(m)) s[m] = (s[m] ?? 0) + k[m];
    sums.set(key, s);
  }
  const wrong = [];
  for (const key of new Set([...cells.keys(), ...sums.keys()])) {
    const s = sums.get(key) ?? {}, list = cells.get(key) ?? [];
    for (const m of ['sent', 'accepted', 'returned', 'declined', 'withdrawn', 'taken', 'done', 'not_done', 'answered_in_time', 'finished_in_time']) {
      const n = list.reduce((t, x) => t + x[m], 0);
      if (n !== (s[m] ?? 0)) wrong.push(`${key} ${m}: ${s[m]}, by hand ${n}: ${JSON.stringify(list.map((x) => x.id))}`);
    }
  }
  ok(cells.size > 100 && !wrong.length, `${what}: ${cells.size} sums of all bodies are as counted by hand`, wrong.slice(0, 12).join('\n'));
  const days = rows("select sum(n * days) as s, sum(n) as n from interaction_days where what = 1")[0], results = rows('select sum(n * days) as s, sum(n) as n from interaction_days where what = 2')[0];
  const sum = (k) => [all.reduce((t, x) => t + (x[k] ?? 0), 0), all.filter((x) => x[k] !== null).length];
  is([Number(days.s), Number(days.n)], sum('days'), `${what}: days to acceptance`);
  is([Number(results.s), Number(results.n)], sum('results'), `${what}: days to the result`);
  is(rows('select reason, sum(n) as n from interaction_reason group by reason order by reason').map((r) => [r.reason, Number(r.n)]),
    [...group(all.filter((x) => x.reason), (x) => x.reason)].map(([k, l]) => [k, l.length]).sort(), `${what}: reasons`);
  return { all, at };
}

// ---- random histories on three days ----
for (const today of ['2024-06-14', '2024-06-24', '2024-07-09']) {
  server = await register.serve({ env: { BEREG_NOW: `${today}T10:00` } });
  await part(`histories of ${today}`, async () => {
    for (let i = 0; i < 45; i += 1) await step(today);
    await agrees(today, today);
  });
  if (today !== '2024-07-09') await server.stop();
}
note(JSON.stringify(seen));
const LAST = '2024-07-09';
const run = (args) => register.run(args, { env: { BEREG_NOW: `${LAST}T10:00` } });

await part('what happened', async () => {
  for (const what of ['send', 'accept', 'decline', 'return', 'resend', 'withdraw', 'result', 'extend']) ok(seen[`${what} done`] > 0, `${what} was done`);
  ok(Object.values(late).some(Boolean) && Object.values(late).some((l) => !l), 'in time and late');
});

await part('what was in time stays so', async () => {
  const before = await table('head1', ALL), dates = rows('select id, answer_by from referral where answer_late is not null');
  register.exec(["update referral set answer_by = '2020-01-01' where state in ('accepted', 'in_progress', 'declined', 'done', 'not_done') and answer_late is not null"]);
  run(['rebuild']);
  const after = await table('head1', ALL);
  is(after.items, before.items, 'whatever the dates of answered referrals are computed to be later');
  register.exec(dates.map((d) => `update referral set answer_by = '${d.answer_by}' where id = ${d.id}`));
});

await part('thrown away and made anew', async () => {
  const tables = ['interaction_item', 'interaction_sum', 'interaction_days', 'interaction_reason'];
  const state = () => tables.map((t) => rows(`select * from ${t}`).map((r) => JSON.stringify(r)).sort());
  const was = state();
  like(run(['rebuild']).out, /made anew in/, 'the sums are rebuilt');
  is(state(), was, 'to the same');
  register.exec(['delete from interaction_sum', "update interaction_item set flags = 0", "delete from log_position where reader like 'interaction%'"]);
  is(run(['check']).status, 0, 'a register without a position reads its log from the beginning');
  is(state(), was, 'with the same sums');
  register.exec(['update interaction_sum set done = done + 1, sent = sent + 1 where month = 202405']);
  const broken = run(['check']);
  ok(broken.status !== 0 && /interaction: the sums of 202405/.test(broken.out), 'check finds wrong sums', broken.out.slice(0, 400));
  run(['rebuild']);
  is(run(['check']).status, 0, 'and a rebuild mends them');
});

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
await part('cut off in the middle', async () => {
  const tables = ['interaction_item', 'interaction_sum', 'interaction_days', 'interaction_reason'];
  const state = () => tables.map((t) => rows(`select * from ${t}`).map((r) => JSON.stringify(r)).sort());
  const was = state(), stage = (n, more = []) => register.exec([`insert into log_position (reader, event_id) values ('interaction.stage', ${n}) on conflict (reader) do update set event_id = ${n}`, ...more]);
  const wrong = 'update interaction_sum set sent = sent + 3, done = done + 1';
  for (const [what, n, more] of [['while what was kept was cleared', 1, [wrong, 'delete from interaction_days', 'update interaction_item set flags = 0 where referral_id % 2 = 0']],
    ['while the log was read', 2, [wrong, "update log_position set event_id = 100 where reader = 'interaction'", 'delete from interaction_reason']],
    ['while the pairs were queued', 3, [wrong, 'delete from interaction_days']]]) {
    stage(n, more);
    is(run(['check']).status, 0, `${what}: the next one goes on from there`);
    ok(same(state(), was), `${what}: and the sums are the same`);
  }
  is(rows("select event_id as n from log_position where reader = 'interaction.stage'")[0].n, 0, 'at the end the log is followed again');
});

await part('two cards of one person', async () => {
  const [a, b] = rows(`select r.person_id as id from referral r join access a on a.person_id = r.person_id and a.body_id = ${bodies.social1} and (a.bits & 2) <> 0
    join person p on p.id = r.person_id where r.from_body_id = ${bodies.social1} and p.merged_into is null group by r.person_id order by count(*) desc, r.person_id limit 2`).map((r) => r.id);
  const r = await post('head1', `/persons/${a}/join`, { other: b, words: 'один и тот же паспорт' });
  ok(r.status < 300, 'are joined', r.text.slice(0, 300));
  await agrees('joined', LAST);
});

await part('behind a figure', async () => {
  const { at, all } = await agrees('now', LAST);
  const html = (await (await server.client().signIn('head1')).get(`/interaction?${ALL}`));
  const links = [...new Set(html.links.filter((h) => h.startsWith('/interaction/referrals?')))];
  ok(links.length > 30, `${links.length} figures have a list`);
  let n = 0, rowsShown = 0;
  const faults = [];
  for (const h of links.filter((_, i) => i % 2 === 0)) {
    const q = new URLSearchParams(h.split('?')[1]);
    const of = all.filter((x) => x.from === Number(q.get('from')) && x.to === Number(q.get('to')));
    const want = of.reduce((s, x) => s + x[q.get('what')], 0);
    const list = (await get('head1', `${h}&limit=500`)).json;
    const csv = await client('head1').get(`/api/v1${h}&format=csv`);
    const ids = new Set(list.items.map((i) => i.id)), expected = new Set(of.filter((x) => x[q.get('what')]).map((x) => x.id));
    if (list.counted !== want || [...ids].some((i) => !expected.has(i)) || (list.hidden && list.hidden !== want - ids.size) || csv.text.trim().split('\n').length - 1 !== ids.size)
      faults.push(`${h}: figure ${want}, counted ${list.counted}, ${ids.size} rows, hidden ${list.hidden}`);
    n += 1;
    rowsShown += ids.size;
  }
  ok(!faults.length && rowsShown > 100, `${n} of these lists hold what their figures count, also as a table (${rowsShown} rows)`, faults.slice(0, 8).join('\n'));
  const x = await client('head1').get(`/api/v1/interaction?${ALL}&format=csv`);
  const lines = x.text.trim().split('\n');
  is(lines.length - 1, at.items.length, 'the table is saved whole, not page by page');
  is((await client('head1').get(`/interaction?${ALL}&format=xlsx`)).bytes.slice(0, 2).toString(), 'PK', 'as XLSX too');
  like((await client('head1').get(`/api/v1/interaction?${ALL}&format=csv&list=months`)).text, /2024/, 'the months by themselves');
});

await part('filters', async () => {
  const all = byHand(LAST), name = names();
  const months = await table('head1', 'since=2024-06&until=2024-06');
  is(months.sent, all.filter((x) => (x.from === bodies.social1 || x.to === bodies.social1) && x.month === 202406).length, 'one month');
  is(months.months.map((x) => [x.sent, x.accept_median, x.finish_p90]), [figures(all.filter((x) => (x.from === bodies.social1 || x.to === bodies.social1) && x.month === 202406))].map((f) => [f.sent, f.accept_median, f.finish_p90]), 'its line in the trend');
  const pair = await table('head1', `${ALL}&from=${bodies.social1}&to=${bodies.ngo1}&need=urgent_help`);
  is(pair.sent, all.filter((x) => x.from === bodies.social1 && x.to === bodies.ngo1 && x.need === 'urgent_help').length, 'a pair and a need');
  const ngos = new Set(rows("select id from body where kind = 'ngo'").map((b) => b.id));
  is((await table('head1', `${ALL}&to_sector=ngo`)).sent, all.filter((x) => x.from === bodies.social1 && ngos.has(x.to)).length, 'a kind of receivers');
  const district = one(`select district_id as d from body where id = ${bodies.police1}`).d, at = Object.fromEntries(rows('select id, district_id from body').map((b) => [b.id, b.district_id]));
  is((await table('head1', `${ALL}&district=${district}`)).sent, all.filter((x) => (x.from === bodies.social1 || x.to === bodies.social1) && (at[x.to] ?? at[x.from]) === district).length, 'a district');
  const order = (await table('head1', `${ALL}&order=sent`)).items.map((i) => i.sent);
  is(order, [...order].sort((a, b) => b - a), 'ordered by what was sent');
  for (const bad of ['since=2024-13', 'since=2024-06&until=2024-05', 'period=2024-H3&since=x', 'need=nothing', 'need=addiction_help', 'from=999999'])
    is((await get('head1', `/interaction?${bad}`)).status, 404, `nothing at ${bad}`);
});

await part('who may', async () => {
  for (const [login, status] of [['head1', 200], ['ngo1', 200], ['penal1', 200], ['analyst', 200], ['coordinator', 200], ['social1', 403], ['admin', 403], ['auditor', 403]])
    is((await get(login, '/interaction')).status, status, `${login}: ${status}`);
  const [a, b] = [bodies.penal1, bodies.employment1];
  for (const path of [`/interaction?from=${a}&to=${b}`, `/interaction?from=${a}&to=${b}&format=csv`, `/interaction/referrals?from=${a}&to=${b}&what=sent`, `/interaction/referrals?from=${a}&to=${b}&what=sent&format=csv`, `/interaction?from=${a}&to=${b}&order=silent&need=employment`])
    is((await get('head1', path)).status, 404, `a foreign pair is not there for a head: ${path.slice(0, 40)}`);
  const foreign = (await table('head1', `${ALL}&from=${a}`)).items.filter((i) => i.to_name !== names()[bodies.social1]);
  is(foreign.length, 0, 'who names one foreign body gets what it sends to his own');
  for (const q of ['', 'order=name', 'order=accept', 'order=late', 'to_sector=state', `district=${one(`select district_id as d from body where id = ${b}`).d}`]) {
    const own = names()[bodies.social1];
    ok((await table('head1', `${ALL}&${q}`)).items.every((i) => i.from_name === own || i.to_name === own), `each row has the own body: ${q}`);
  }
  is((await get('analyst', `/interaction/referrals?from=${a}&to=${b}&what=sent`)).status >= 400, true, 'who reads figures gets no list');
  const page = (await (await server.client().signIn('analyst')).get('/interaction')).main;
  unlike(page, /\/interaction\/referrals/, 'nor a link to one');
  const ngo = (await table('ngo1', ALL)).items;
  ok(ngo.length && !ngo.some((i) => /инспекц|колония/i.test(i.from_name)), 'an NGO is not told which senders have to do with punishment', JSON.stringify(ngo.map((i) => i.from_name)));
});

await part('small numbers', async () => {
  const all = byHand(LAST).filter((x) => x.month >= 202401 && x.month <= 202406), name = names();
  const { items, ...at } = await table('analyst', 'period=2024-H1');
  const truth = group(all, (x) => `${name[x.from]} → ${name[x.to]}`);
  const PARTS = ['sent', 'accepted', 'declined', 'withdrawn', 'taken', 'done', 'not_done', 'waiting', 'at_work', 'to_complete'];
  let hiddenCells = 0, shownCells = 0;
  const faults = [];
  for (const i of items) {
    const list = truth.get(`${i.from_name} → ${i.to_name}`);
    if (!list) continue;
    const want = figures(list);
    for (const k of COUNTS) {
      if (i[k] === null) hiddenCells += 1;
      else { shownCells += 1; if (i[k] !== want[k]) faults.push(`${k} ${i[k]} is not ${want[k]}`); if (i[k] > 0 && i[k] < 5) faults.push(`${i.from_name} → ${i.to_name} shows ${k} ${i[k]}`); }
    }
    if (want.sent >= 5) { // no hidden part follows from the shown ones: none is the only unknown of its sum
      for (const [total, parts] of [['sent', ['accepted', 'declined', 'withdrawn', 'taken', 'waiting', 'to_complete']], ['accepted', ['at_work', 'done', 'not_done']]]) {
        const unknown = [total, ...parts].filter((k) => i[k] === null).length;
        if (unknown === 1) faults.push(`${i.from_name} → ${i.to_name}: ${total} gives away a part`);
      }
      if (i.silent === null && i.answer_share !== null) faults.push('a share tells a hidden number');
    }
  }
  ok(hiddenCells > 50 && shownCells > 50 && !faults.length, `${shownCells} numbers shown as they are, ${hiddenCells} hidden`, faults.slice(0, 10).join('\n'));
  const rounded = [...at.groups, ...at.needs, ...at.months];
  ok(rounded.length > 8 && rounded.every((g) => ['sent', 'accepted', 'declined', 'silent', 'done', 'not_done', 'open'].every((k) => g[k] % 5 === 0)), 'sums over several pairs are rounded');
  // two periods: months are not taken
  const july = await table('analyst', 'since=2024-06&until=2024-06&period=2024-H1');
  is([july.sent, july.items], [at.sent, items], 'a month cannot be cut out of a half-year');
  is((await get('analyst', '/interaction?period=2024-Q1')).status, 404, 'nor a quarter');
  // two filters: the same row is the same under each, and what stands above does not follow the filter
  for (const q of ['order=silent', `to=${bodies.police1}`, 'to_sector=ngo', 'from_sector=state', `district=${one(`select district_id as d from body where id = ${bodies.police1}`).d}`]) {
    const f = await table('analyst', `period=2024-H1&${q}`);
    const by = new Map(items.map((i) => [`${i.from_name}${i.to_name}`, JSON.stringify(i)]));
    ok(f.items.length && f.items.every((i) => by.get(`${i.from_name}${i.to_name}`) === JSON.stringify(i)) && f.sent === at.sent && JSON.stringify(f.groups) === JSON.stringify(at.groups) && JSON.stringify(f.needs) === JSON.stringify(at.needs),
      `the filter ${q} changes no number`);
  }
  is((await get('analyst', '/interaction?period=2024-H1&need=employment')).status, 409, 'a need of one pair is not told to a third');
  const words = JSON.stringify(at);
  for (const kind of ['aids_centre', 'narcology', 'mental_hospital', 'crisis_centre'])
    for (const b of rows(`select name from body where kind = '${kind}'`)) ok(!words.includes(b.name) && !JSON.stringify(items).includes(b.name), `${kind} stands under no name`);
  ok(at.needs.every((n) => !/Наркологич|Психиатрич|насили/i.test(n.label)), 'nor do sealed needs', JSON.stringify(at.needs.map((n) => n.label)));
  const saved = parseCsv((await client('analyst').get('/api/v1/interaction?period=2024-H1&format=csv')).text);
  is(saved.map((l) => COUNTS.map((k) => l[k])), items.map((i) => COUNTS.map((k) => (i[k] === null ? '' : String(i[k])))), 'the table that is saved shows no more');
});

await part('a body is closed in the middle of the period', async () => {
  const b = one(`select id, version, name, kind, district_id, contact, head_account_id, coordinator_id from body where id = ${bodies.social2}`);
  const r = await post('admin', `/bodies/${b.id}`, { name: b.name, kind: b.kind, district_id: String(b.district_id ?? ''), phone: '', address: '', contact: b.contact ?? '', head_account_id: b.head_account_id ? String(b.head_account_id) : '',
    coordinator_id: b.coordinator_id ? String(b.coordinator_id) : '', active: '0', successor_id: String(bodies.social1), version: String(b.version) });
  ok(r.status < 300, 'with its successor', r.text.slice(0, 400));
  const { at } = await agrees('closed', LAST);
  const row = at.items.find((i) => i.from_name.includes(b.name));
  ok(row && row.from_name.includes('вместе с закрытым'), 'the row tells both', row?.from_name);
  is((await get('head1', `/interaction?from=${b.id}`)).status, 404, 'the closed one is no body of its own any more');
  is(run(['rebuild']).status, 0, 'rebuilt');
  await agrees('rebuilt after it', LAST);
  is(run(['check']).status, 0, 'the register is whole');
});

await part('what acts of retention take away', async () => {
  const state = () => ['interaction_item', 'interaction_sum', 'interaction_days', 'interaction_reason'].map((t) => rows(`select * from ${t}`).map((r) => JSON.stringify(r)).sort());
  const FAR = '2036-01-10', later = (args) => register.run(args, { env: { BEREG_NOW: `${FAR}T11:00` }, timeout: 300000 });
  const before = state();
  await server.stop();
  server = await register.serve({ env: { BEREG_NOW: `${FAR}T10:00` } });
  for (const login of Object.keys(tokens)) delete tokens[login]; // they have a term
  const closed = await post('social1', '/retention/acts', { commission: 'И. Иванов\nП. Петров', method: 'erasure', ground: 'Истекли сроки', kind: ['referral_message', 'term_change', 'route', 'referral'] });
  ok(closed.status < 300, 'an act is prepared', closed.text.slice(0, 300));
  const r = await post('head1', `/retention/acts/${closed.json.id}/confirm`, { version: String(closed.json.version) });
  ok(r.status < 300, 'and confirmed', r.text.slice(0, 300));
  await server.stop();
  for (let i = 0; i < 5 && rows(`select state from retention_act where id = ${closed.json.id}`)[0].state === 'destroying'; i += 1) later(['jobs', '--once']);
  const gone = rows("select row_number as id from retention_row where kind = 'referral'").map((x) => x.id);
  ok(gone.length > 20, `${gone.length} referrals are destroyed`);
  later(['jobs', '--once']);
  is(rows(`select count(*) as n from interaction_item where referral_id in (${gone})`)[0].n, 0, 'they count no more');
  const followed = state();
  ok(followed[1].length && followed[1].length < before[1].length, 'their sums are less');
  is(later(['check']).status, 0, 'the register is whole');
  later(['rebuild']);
  ok(same(state(), followed), 'all that is kept is as a rebuild makes it');
  // of one who was far behind: the sums of pairs that have nothing left are gone too
  register.exec([`insert into interaction_sum (month, from_body_id, to_body_id, need, sent, accepted, returned, declined, silent, withdrawn, taken, done, not_done, answered_in_time, finished_in_time)
      values (202401, ${bodies.social1}, ${bodies.social1}, 'documents', 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0)`,
    `insert into interaction_item (referral_id, month, sent_on, from_body_id, to_body_id, need, flags) values (${gone[0]}, 202401, '2024-01-10', ${bodies.social1}, ${bodies.social1}, 'documents', 64)`,
    "insert into log_position (reader, event_id) values ('interaction.stage', 2) on conflict (reader) do update set event_id = 2", "update log_position set event_id = 0 where reader = 'interaction'"]);
  later(['jobs', '--once']);
  ok(same(state(), followed), 'also when the log is read from far');
});

await register.drop();
finish();
