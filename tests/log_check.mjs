// The auditor's page of the sealed logs: how they stand, signatures and proofs to take away, checks at night and when he asks, and what they find; on both
// engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/log_check.mjs
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { bereg, ENGINE, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 120, seed: 17, name: 'logcheck' });
const one = (sql) => register.rows(sql)[0];
const file = (name, text) => {
  const at = path.join(tmpDir(), `logcheck_${process.pid}_${name}`);
  fs.writeFileSync(at, text);
  return at;
};
const socket = path.join(tmpDir(), `logcheck_${process.pid}_metrics`);
const metrics = () => new Promise((resolve, reject) => {
  http.get({ socketPath: socket, path: '/metrics', agent: false }, (res) => {
    let text = '';
    res.on('data', (d) => { text += d; });
    res.on('end', () => resolve(text));
  }).on('error', reject);
});
let server = await register.serve({ args: ['--metrics', `unix:${socket}`] });
const token = register.token('auditor');
const auditor = () => server.client({ token });
let keys = 0;
const ask = () => auditor().postJson('/api/v1/log/seal', {}, { headers: { 'idempotency-key': `logcheck-${process.pid}-${keys += 1}` } });
const checks = () => register.rows('select id, whole, faults, head_id as head, asked_by as asked from log_check order by id');
const until = async (what) => { for (let i = 0; i < 300 && !what(); i += 1) await new Promise((r) => { setTimeout(r, 100); }); return what(); };
const worker = () => server.client({ token: register.token('social1') });

await part('how the logs stand', async () => {
  const list = (await worker().get('/api/v1/persons')).json.items;
  for (const p of list.slice(0, 3)) await worker().get(`/api/v1/persons/${p.id}`);
  const leaves = (log) => one(`select count(*) as n from leaf where log = ${log}`).n;
  await until(() => leaves(2) === one('select count(*) as n from "read"').n);
  // the page looked at is sealed too, and signed at its time
  const signed = () => one('select id, event_n, event_root, read_n, read_root from log_head order by id desc limit 1');
  let head = signed(), a = (await auditor().get('/api/v1/log/seal')).json;
  for (let i = 0; i < 20 && signed().id !== head.id; i += 1) [head, a] = [signed(), (await auditor().get('/api/v1/log/seal')).json];
  is(a.logs.map((l) => [l.log, l.entries, l.sealed]), [['event', leaves(1), leaves(1)], ['read', leaves(2), leaves(2)]], 'entries and what is sealed of them');
  is(a.logs.map((l) => [l.size, l.root]), [[head.event_n, head.event_root], [head.read_n, head.read_root]], 'size and root of the last signature');
  is(a.items.map((h) => h.id), register.rows('select id from log_head order by id desc limit 25').map((h) => h.id), 'all signatures');
  ok(/^(Подписано|[^,]*)/.test((await auditor().get('/log/seal?format=csv')).text), 'as a file too');
  const got = await auditor().get(`/log/heads/${head.id}`);
  like(got.headers['content-disposition'], /attachment; filename="log-head-\d+\.json"/, 'a signature is a file');
  is(register.run(['audit', 'verify', '--against', file('head.json', got.text)]).status, 0, 'against which the log is compared');
  is((await auditor().get('/log/heads/99999')).status, 404, 'one that is not there');
  const kept = file('kept.json', '');
  is(register.run(['audit', 'head', '--hook', (() => { const h = file('hook', `#!/bin/sh\ncat > '${kept}'\n`); fs.chmodSync(h, 0o755); return h; })()]).status, 0, 'one is given away');
  const sent = (await auditor().get('/api/v1/log/seal?show=sent')).json.items;
  is([sent.length, Boolean(sent[0].sent_at)], [1, true], 'and that is seen');
  is((await auditor().get(`/log/heads/${sent[0].id}`)).text, fs.readFileSync(kept, 'utf8').trimEnd() + '\n', 'the file is what was given away');
  const browser = await server.client().signIn('auditor');
  like((await browser.get('/log/seal')).text, /Целостность журналов[^]*Проверить всё сейчас/, 'as a page');
  like((await browser.get('/log')).text, /href="\/log\/events\/\d+\/proof"/, 'the log leads to proofs');
  for (const login of ['social1', 'head1', 'admin', 'analyst', 'coordinator']) {
    const c = server.client({ token: register.token(login) });
    is(await Promise.all(['/log/seal', '/log/faults', `/log/heads/${head.id}`, '/log/events/1/proof', '/log/reads/1/proof'].map(async (p) => [403, 404].includes((await c.get(`/api/v1${p}`)).status))), [true, true, true, true, true], `${login} sees none of it`);
  }
});

await part('proofs', async () => {
  const by = (id) => auditor().get(`/log/events/${id}/proof`);
  const plain = one('select id from event where person_id is null order by id limit 1').id;
  const a = await by(plain);
  is(bereg(['audit', 'check-proof', file('event.json', a.text)]).status, 0, 'that of an event holds');
  const cli = JSON.parse(register.run(['audit', 'proof', '--event', String(plain)]).out);
  is([JSON.parse(a.text).entry, JSON.parse(a.text).leaf_hash], [cli.entry, cli.leaf_hash], 'and is the one of the command line');
  const read = one('select id, body_id as body, persons from "read" order by id limit 1');
  is(bereg(['audit', 'check-proof', file('read.json', (await auditor().get(`/log/reads/${read.id}/proof`)).text)]).status, 0, 'that of a page shown too');
  is((await by(99999999)).status, 404, 'what is not there has none');
  // what the log hides, no proof tells
  const hidden = one(`select e.id, e.person_id as person from event e join body b on b.id = e.body_id where e.person_id is not null and b.discloses = 0 and e.other_body_id is null
    and e.person_id not in (select person_id from restriction where ended_at is null) order by e.id desc limit 1`);
  is((await by(hidden.id)).status, 200, 'an event about somebody has one');
  const [shown] = read.persons.trim().split(' ').map(Number);
  const account = one("select id, body_id as body from account where login = 'head1'");
  for (const [i, p] of [...new Set([hidden.person, shown])].entries())
    register.exec([`insert into restriction (id, version, person_id, body_id, account_id, reason, words, since) values (${900 + i}, 1, ${p}, ${account.body}, ${account.id}, 'violence', 'x', '2024-06-01')`]);
  is([(await by(hidden.id)).status, (await auditor().get(`/log/reads/${read.id}/proof`)).status], [404, 404], 'of a restricted person there is none');
  register.exec(['delete from restriction where id >= 900']);
  const telling = one('select id from body where discloses <> 0 order by id limit 1').id;
  const theirs = one(`select id from event where person_id is not null and body_id = ${telling} order by id limit 1`);
  ok(theirs, 'a body whose name tells has written something');
  is((await by(theirs.id)).status, 404, 'nor of a person with a body whose name tells');
  const classed = register.rows('select id, classes from event where person_id is not null order by id desc limit 400');
  const seen = [];
  for (const e of classed.slice(0, 60)) {
    const p = await by(e.id);
    if (p.status === 200) seen.push(JSON.parse(p.text).entry);
  }
  ok(seen.length > 10, 'most events have one', seen.length);
  is(seen.filter((e) => e && BigInt(/"classes":(-?\d+)/.exec(e)[1]) & 0x3ffen), [], 'an entry that tells a class stands in none');
  ok(seen.some((e) => e), 'others have their entry with them');
});

await part('the auditor asks for a check', async () => {
  is(checks(), [], 'on the first day there is none');
  const a = await ask();
  ok(a.status < 300, 'he asks', `${a.status} ${a.text.slice(0, 200)}`);
  await until(() => checks().length);
  is(checks().map((c) => [c.whole, c.faults, c.asked]), [[1, 0, one("select id from account where login = 'auditor'").id]], 'everything is checked, and whole');
  is(register.rows("select kind, account_id is null as system from event where kind like 'log.%' order by id").map((e) => e.kind), ['log.check_asked', 'log.checked'], 'both stand in the log');
  const page = (await auditor().get('/api/v1/log/seal')).json;
  is([page.checks.length, page.found, page.asked], [1, 0, false], 'the page has the result');
  is((await server.client({ token: register.token('admin') }).postJson('/api/v1/log/seal', {}, { headers: { 'idempotency-key': 'admin-asks' } })).status, 403, 'nobody else asks');
  register.exec([ENGINE === 'postgres' ? "insert into setting (name, value) values ('log_check_claimed', '9999999999999999') on conflict (name) do update set value = excluded.value" : "update setting set value = '9999999999999999' where name = 'log_check_claimed'"]);
  ok((await ask()).status < 300, 'once more');
  is((await ask()).status, 409, 'but not twice before the answer');
  is(checks().length, 1, 'what another node has claimed is left to it');
  register.exec(["update setting set value = '0' where name = 'log_check_claimed'"]);
  await until(() => checks().length === 2);
  is(checks().length, 2, 'until it is given up');
});

// ---- nights ----

const night = (day) => { const r = register.run(['jobs', '--once'], { env: { BEREG_NOW: `2024-06-${day}` } }); if (r.status) throw new Error(r.err); return checks().at(-1); };
const triggers = ENGINE === 'postgres' ? [] : register.rows("select name, sql from sqlite_master where type = 'trigger'");
const logs = ['event', 'read', 'leaf'];
const behind = (what) => [ENGINE === 'postgres' ? logs.map((t) => `alter table "${t}" disable trigger user`) : triggers.map((t) => `drop trigger ${t.name}`), what,
  ENGINE === 'postgres' ? logs.map((t) => `alter table "${t}" enable trigger user`) : triggers.map((t) => t.sql)].forEach((list) => register.exec(list));
const codes = (check) => register.rows(`select kind, log, from_row as n from log_fault where check_id = ${check} order by id`);

await part('at night', async () => {
  await server.stop();
  const before = checks().length;
  night('14T23:00');
  is(checks().length, before, 'not on the same day');
  night('15T00:30');
  is(checks().length, before, 'nor before the hours of the packs');
  if (ENGINE === 'postgres') { // a number that is taken: what could not be written
    register.exec(["select setval(pg_get_serial_sequence('log_check', 'id'), 1, false)"]);
    night('15T02:00');
    is(checks().length, before, 'a check that came to nothing');
    register.exec(["select setval(pg_get_serial_sequence('log_check', 'id'), (select max(id) from log_check))"]);
  }
  const first = night('15T02:00');
  is([checks().length, first.whole, first.faults], [before + 1, 0, 0], 'what came since is checked at night, and what came to nothing at once again');
  night('15T03:00');
  is(checks().length, before + 1, 'once');
  const old = one('select min(id) as id from event where person_id is not null').id;
  register.token('social1');
  const fresh = one('select max(id) as id from event').id;
  behind([old, fresh].map((id) => `update event set day = '2020-01-01' where id = ${id}`));
  const second = night('16T02:00');
  is([second.whole, codes(second.id)], [0, [{ kind: 'row_changed', log: 'event', n: fresh }]], 'a new entry that was changed is named');
  is(one("select count(*) as n from event where kind = 'log.fault_found'").n, 1, 'and stands in the log');
  is(night('17T02:00').faults, 0, 'the next night looks at what came since only');
  const later = night('19T12:00');
  is([later.whole, later.faults], [0, 0], 'a night without the program is made up for by day');
});

await part('who is told', async () => {
  const doctor = register.run(['doctor', '--lang', 'en'], { env: { BEREG_NOW: '2024-06-19T12:30' } }).out;
  like(doctor, /\[!\] The check of the logs has found what does not fit: 1/, 'the doctor names it');
  server = await register.serve({ args: ['--metrics', `unix:${socket}`], env: { BEREG_NOW: '2024-06-19T12:30' } });
  like(await metrics(), /\nbereg_log_faults 1\n/, 'the metrics too');
  const browser = await server.client().signIn('auditor');
  const home = await browser.get('/');
  like(home.text, /href="\/log\/faults"/, 'the auditor reads it on his first page');
  const lines = (await server.client({ token: register.token('auditor') }).get('/api/v1/')).json.control;
  is([lines[0].name, lines[0].n], ['log_faults', 1], 'before all else');
  like((await browser.get('/log/faults')).text, /Запись изменена после запечатывания/, 'and which entry it is');
  like((await browser.get('/log/seal')).text, /Не сходится 1 запись или подпись/, 'the page of the logs says so');
  unlike((await (await server.client().signIn('social1')).get('/')).text, /log\/faults/, 'nobody else does');
  await server.stop();
});

await part('everything again', async () => {
  const row = one('select min(id) as id from "read"').id;
  const kept = one(`select * from event where id = ${one('select max(id) as id from event').id}`);
  const leaf = one('select hash from leaf where log = 1 and n = 40').hash;
  behind([`delete from "read" where id = ${row}`, `update leaf set hash = '${'0'.repeat(64)}' where log = 1 and n = 40`,
    `insert into event (id, at, day, kind, classes) values (${kept.id + 50}, 1718000000000000, '2024-06-10', 'token.made', 0)`]);
  const r = night('23T02:00');
  is(r.whole, 1, 'after the days of the packs everything is checked');
  const found = codes(r.id).map((f) => f.kind);
  ok(['row_changed', 'row_removed', 'root_differs', 'row_unsealed'].every((k) => found.includes(k)), 'what was changed long ago, removed, replaced, put in', JSON.stringify(codes(r.id)));
  is(codes(r.id).find((f) => f.kind === 'row_removed'), { kind: 'row_removed', log: 'read', n: row }, 'each is named');
  behind([`update leaf set hash = '${leaf}' where log = 1 and n = 40`]);
  const again = night('30T02:00');
  ok(again.whole === 1 && again.faults < r.faults, 'what was put right is found no more', JSON.stringify([again, r]));
});

await register.drop({ damaged: true });
finish();
