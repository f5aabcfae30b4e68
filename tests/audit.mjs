// The sealed logs: trees and proofs against a reckoning of our own, and what somebody can do who owns the database; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/audit.mjs
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bereg, ENGINE, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

// ---- RFC 6962 once more, as the text defines it ----

const sha = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha(Buffer.from([0]), Buffer.from(entry));
const nodeHash = (a, b) => sha(Buffer.from([1]), a, b);
const split = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
const mth = (d) => (d.length === 0 ? sha(Buffer.alloc(0)) : d.length === 1 ? d[0] : nodeHash(mth(d.slice(0, split(d.length))), mth(d.slice(split(d.length)))));
const inclusion = (m, d) => {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k ? [...inclusion(m, d.slice(0, k)), mth(d.slice(k))] : [...inclusion(m - k, d.slice(k)), mth(d.slice(0, k))];
};
const subproof = (m, d, whole) => {
  if (m === d.length) return whole ? [] : [mth(d)];
  const k = split(d.length);
  return m <= k ? [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))] : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
};
const hex = (b) => b.toString('hex');

const file = (name, data) => {
  const at = path.join(tmpDir(), `audit_${process.pid}_${name}`);
  fs.writeFileSync(at, typeof data === 'string' ? data : JSON.stringify(data));
  return at;
};
const check = (name, proofs) => bereg(['audit', 'check-proof', file(name, proofs)]);

await part('proofs are checked as RFC 6962 has them', async () => {
  // The eight entries with which implementations are compared since the first Certificate Transparency log, and the root of their tree.
  const known = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((x) => leafHash(Buffer.from(x, 'hex')));
  is(hex(mth(known)), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328', 'our reckoning gives the known root');
  const d = Array.from({ length: 40 }, (x, i) => leafHash(`entry ${i}`));
  const good = [];
  for (let n = 1; n <= 40; n += 1) {
    const tree = d.slice(0, n);
    for (let i = 0; i < n; i += 1) good.push({ leaf_index: i, tree_size: n, leaf_hash: hex(d[i]), path: inclusion(i, tree).map(hex), root: hex(mth(tree)) });
    for (let m = 1; m <= n; m += 1) {
      good.push({ size1: m, size2: n, root1: hex(mth(d.slice(0, m))), root2: hex(mth(tree)), path: subproof(m, tree, true).map(hex) });
    }
  }
  const all = check('good.json', good);
  is([all.status, all.out.split('\n').filter((l) => l === 'valid').length], [0, good.length], `${good.length} proofs of trees of 1 to 40 leaves hold`);
  const bad = [];
  const flip = (h) => (h[0] === '0' ? '1' : '0') + h.slice(1);
  for (const p of good.filter((x, i) => i % 7 === 0)) {
    const size = p.tree_size ?? p.size2;
    bad.push({ ...p, [p.size1 ? 'root2' : 'root']: flip(p.root ?? p.root2) });
    bad.push({ ...p, path: [...p.path, hex(d[0])] });
    if (p.path.length) bad.push({ ...p, path: p.path.slice(1) }, { ...p, path: p.path.slice(0, -1) }, { ...p, path: p.path.map((h, i) => (i === 0 ? flip(h) : h)) });
    if (p.leaf_hash) bad.push({ ...p, leaf_hash: flip(p.leaf_hash) }, { ...p, leaf_index: size }, { ...p, leaf_index: size + 5 });
    else if (p.size1 !== size) bad.push({ ...p, root1: flip(p.root1) }, { ...p, size1: size + 1 }, { ...p, size1: 0 });
  }
  const none = check('bad.json', bad);
  is([none.status, none.out.split('\n').filter((l) => l.startsWith('not valid')).length], [1, bad.length], `${bad.length} proofs with something changed do not`);
  const one = good.find((p) => p.leaf_index === 5 && p.tree_size === 8);
  const b64 = (h) => Buffer.from(h, 'hex').toString('base64');
  for (const [name, p] of [
    ['names of the test vectors of transparency logs', { leafIdx: 5, treeSize: 8, root: b64(one.root), leafHash: b64(one.leaf_hash), proof: one.path.map(b64), desc: 'happy path', wantErr: false }],
    ['names of RFC 6962', { leaf_index: 5, tree_size: 8, root_hash: b64(one.root), leaf_hash: b64(one.leaf_hash), audit_path: one.path.map(b64) }],
    ['an entry instead of its hash', { leaf_index: '5', tree_size: 8, root: one.root, entry: 'entry 5', path: one.path }],
    ['equal trees need no path', { size1: 0, size2: 0, root1: 'x', root2: 'x', proof: null }]]) is(check('one.json', p).status, 0, name);
  for (const [name, p] of [
    ['an empty tree proves nothing', { size1: 0, size2: 1, root1: 'ZG9u', root2: 'ZG9v', proof: [] }],
    ['a leaf of an empty tree', { leafIdx: 0, treeSize: 0, root: '', leafHash: '', proof: null }],
    ['a path of no hashes', { ...one, path: ['zz', ...one.path.slice(1)] }],
    ['another entry', { leaf_index: 5, tree_size: 8, root: one.root, entry: 'entry 6', path: one.path }],
    ['nothing', {}], ['a number', 5], ['no list', { ...one, path: 'x' }], ['an endless path', { ...one, path: Array(5000).fill(one.root) }],
    ['no JSON', '{"leaf_index": 1,'], ['an empty file', ''], ['deep brackets', '['.repeat(100000)],
    ['a size beyond numbers', `{"leaf_index":0,"tree_size":99999999999999999999,"leaf_hash":"${one.leaf_hash}","root":"${one.root}","path":[]}`]]) {
    const r = check('odd.json', p);
    is([r.status, /Sanitizer|Assert/.test(r.err)], [1, false], `${name}: refused`);
  }
  is(bereg(['audit', 'check-proof', '/nowhere/x.json']).status, 1, 'a file that is not there');
  is([bereg(['audit']).status, bereg(['audit', 'dance']).status, bereg(['audit', 'verify']).status, bereg(['audit', '--help']).status], [2, 2, 2, 0], 'usage');
});

// ---- the log of a register ----

const register = Register.demo({ persons: 120, seed: 17, name: 'audit' });
const verify = (r, ...more) => r.run(['audit', 'verify', ...more]);
const head = (r, name) => {
  const a = r.run(['audit', 'head']);
  if (a.status) throw new Error(a.err);
  return [JSON.parse(a.out), file(name, a.out)];
};
const leaves = (r, log) => r.rows(`select hash from leaf where log = ${log} order by n`).map((l) => Buffer.from(l.hash, 'hex'));

await part('what the program writes is sealed', async () => {
  const server = await register.serve({ args: ['--demo'] });
  const api = server.client({ token: register.token('social1') });
  const [, before] = head(register, 'before.json');
  const list = (await api.get('/api/v1/persons')).json.items;
  for (const p of list.slice(0, 5)) await api.get(`/api/v1/persons/${p.id}`);
  const made = await api.postJson('/api/v1/services', { person: list[0].id, kind: 'consultation', day: '2024-06-13' }, { headers: { 'idempotency-key': `audit-${process.pid}` } });
  is(made.status, 201, 'something is written');
  await new Promise((r) => { setTimeout(r, 2500); });
  const beside = verify(register, '--values');
  is([beside.status, beside.err], [0, ''], 'the log is whole while the server runs');
  is(register.rows('select count(*) as n from event e where not exists (select 1 from leaf l where l.log = 1 and l.row_id = e.id)')[0].n, 0, 'each event has a leaf within two seconds');
  is(register.rows('select count(*) as n from read e where not exists (select 1 from leaf l where l.log = 2 and l.row_id = e.id)')[0].n, 0, 'and each page read');
  await api.get(`/api/v1/persons/${list[1].id}`);
  await server.stop();
  const r = verify(register, '--values', '--against', before);
  is([r.status, r.err], [0, ''], 'and after it has stopped, with values, against an older head');
  const [now] = head(register, 'now.json');
  for (const [log, name] of [[1, 'event'], [2, 'read']]) {
    const l = leaves(register, log);
    is([now[name].tree_size, now[name].root], [l.length, hex(mth(l))], `the head has size and root of the ${name}s`);
    ok(l.length > (name === 'event' ? 1000 : 5), `${l.length} of them`);
  }
  const key = crypto.createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(now.key, 'hex')]), format: 'der', type: 'spki' });
  ok(crypto.verify(null, Buffer.from(now.statement), key, Buffer.from(now.signature, 'hex')), 'its signature is one of Ed25519 over the statement');
  like(now.statement, new RegExp(`^bereg log heads 1\nregister [0-9a-f]{16}\nat \\d+\nevent ${now.event.tree_size} ${now.event.root}\nread ${now.read.tree_size} ${now.read.root}\n$`), 'the statement says what the JSON says');
});

// Commands seal what they write, and with it what the server was about to seal.
await part('two sealers at one log', async () => {
  const server = await register.serve();
  const api = server.client({ token: register.token('social1') });
  const { id } = (await api.get('/api/v1/persons')).json.items[0];
  const unsealed = () => [['event', 1], ['read', 2]].map(([t, log]) => register.rows(`select count(*) as n from ${t} e where not exists (select 1 from leaf l where l.log = ${log} and l.row_id = e.id)`)[0].n);
  for (let i = 0; i < 6; i += 1) {
    await api.get(`/api/v1/persons/${id}`);
    register.token('social1');
    const made = await api.postJson('/api/v1/services', { person: id, kind: 'consultation', day: `2024-06-0${i + 1}` }, { headers: { 'idempotency-key': `two-${process.pid}-${i}` } });
    is(made.status, 201, 'something is read, a command seals it, something is written');
  }
  await new Promise((r) => { setTimeout(r, 2500); });
  is(unsealed(), [0, 0], 'each row has its leaf');
  await server.stop();
});

await part('a head goes to another place', async () => {
  const kept = path.join(tmpDir(), `audit_${process.pid}_kept.json`);
  const hook = path.join(tmpDir(), `audit_${process.pid}_hook`);
  fs.writeFileSync(hook, `#!/bin/sh\ncat > '${kept}'\n`, { mode: 0o755 });
  const r = register.run(['audit', 'head', '--hook', hook]);
  is([r.status, r.out, r.err], [0, '', ''], 'a program takes it');
  is(verify(register, '--against', kept).status, 0, 'and what it took is a head of this log');
  is(register.rows('select count(*) as n from log_head_sent')[0].n, 1, 'the register knows');
  fs.writeFileSync(hook, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  for (const odd of [hook, '/nowhere/hook', tmpDir()]) is(register.run(['audit', 'head', '--hook', odd]).status, 1, `${path.basename(odd)}: what is not taken is told`);
});

await part('proofs of the register', async () => {
  const l = leaves(register, 1);
  const proofs = [];
  for (const id of [1, 2, 255, 256, 257, 300, 1000, l.length]) {
    const a = register.run(['audit', 'proof', '--event', String(id)]);
    const p = JSON.parse(a.out);
    const entry = JSON.parse(p.entry);
    const row = register.rows(`select * from event where id = ${id}`)[0];
    ok(a.status === 0 && entry.log === 'event' && entry.id === id && entry.kind === row.kind, `event ${id}: the entry is the row`);
    is(Object.keys(entry).slice(1).sort(), Object.keys(row).filter((k) => row[k] !== null).sort(), 'with all that it holds');
    is([p.leaf_hash, hex(leafHash(p.entry))], [hex(l[p.leaf_index]), p.leaf_hash], 'its leaf is the hash of the entry');
    is([p.path, p.root], [inclusion(p.leaf_index, l).map(hex), hex(mth(l))], 'path and root as reckoned here');
    proofs.push(p);
  }
  is(check('of-register.json', proofs).status, 0, 'check-proof says so too');
  unlike(JSON.stringify(proofs), new RegExp(register.rows('select family_name as f from person').map((p) => p.f).filter((f) => f.length > 4).join('|')), 'no name of a person stands in a proof');
  const read = register.rows('select max(id) as id from read')[0].id;
  is(check('read.json', register.run(['audit', 'proof', '--read', String(read)]).out).status, 0, 'a page that was read has its proof');
  is(check('turned.json', { ...proofs[0], head: { ...proofs[0].head, signature: proofs[0].head.signature.replace(/^./, (c) => (c === '0' ? '1' : '0')) } }).status, 1, 'a head with another signature is refused');
  is(check('other-head.json', { ...proofs[0], head: JSON.parse(fs.readFileSync(path.join(tmpDir(), `audit_${process.pid}_before.json`), 'utf8')) }).status, 1, 'and one that has signed another tree');
  const grown = register.run(['audit', 'proof', '--from', path.join(tmpDir(), `audit_${process.pid}_before.json`)]);
  is([grown.status, check('grown.json', grown.out).status], [0, 0], 'the log has only grown since the older head');
  is([register.run(['audit', 'proof', '--event', '99999999']).status, register.run(['audit', 'proof']).status, register.run(['audit', 'proof', '--event', 'x']).status], [1, 2, 2], 'what is not there has no proof');
});

// ---- somebody who owns the database ----

const free = ENGINE === 'postgres'
  ? ['event', 'read', 'leaf', 'leaf_tile', 'log_head', 'log_head_sent', 'log_check', 'log_fault'].map((t) => `alter table ${t} disable trigger user`)
  : register.rows("select name from sqlite_master where type = 'trigger'").map((t) => `drop trigger ${t.name}`);

const [kept, keptFile] = head(register, 'kept.json');
const total = kept.event.tree_size;
const swap = (table, column, where, a, b) => [`update ${table} set ${column} = -1 where ${where} and ${column} = ${a}`,
  `update ${table} set ${column} = ${a} where ${where} and ${column} = ${b}`, `update ${table} set ${column} = ${b} where ${where} and ${column} = -1`];
const entryOf = (r, id) => JSON.parse(r.run(['audit', 'proof', '--event', String(id)]).out);
// The leaf of a row as it would be, by somebody who knows how leaves are made but has no key.
const forged = (id, changes) => {
  const p = entryOf(register, id);
  return hex(leafHash(JSON.stringify({ ...JSON.parse(p.entry), ...changes })));
};

const values = (person) => register.rows(`select event_id as id from history where changed like '%"table":"person","id":${person.id},%' order by event_id limit 1`)[0].id;
const people = register.rows("select id, family_name as name from person where family_name like '%ов' and merged_into is null order by id limit 3");
const [changed, rewritten, emptied] = people;

// What is done to one copy of the register, in parts that do not touch each other.
const attacks = {
  'rows of the logs': [
    ['an event is ascribed to another', ['update event set account_id = 1 where id = 700'], /event 700 was changed/],
    ['an event is dated back', ['update event set at = at - 86400000000 where id = 701'], /event 701 was changed/],
    ['an event gets another person', ['update event set person_id = coalesce(person_id, 0) + 1 where id = 702'], /event 702 was changed/],
    ['a digest is changed', ["update event set digest = case when digest like 'f%' then '0' else 'f' end || substr(digest, 2) where id = 703"], /event 703 was changed/],
    ['an event is removed', ['delete from history where event_id = 704', 'delete from event where id = 704'], /event 704 was removed/],
    ['two events change places', swap('event', 'id', '1 = 1', 706, 707), /event 706 was changed[^]*event 707 was changed/],
    ['an event is put in behind the program', [`insert into event (id, at, day, kind, classes) values (${total + 5}, 1718000000000000, '2024-06-10', 'person.registered', 0)`], new RegExp(`event ${total + 5} is not sealed`)],
    ['a page that was read is removed', ['delete from read where id = (select min(id) from read)'], /read \d+ was removed/],
    ['a page that was read gets another reader', ['update read set account_id = 2 where id = (select max(id) from read)'], /read \d+ was changed/],
    ['a head is changed', ['update log_head set at = at - 1000000 where id = (select min(id) from log_head)'], /head of .* is not signed by this register/],
    ['a head is put in', ["insert into log_head (at, event_n, event_root, read_n, read_root, key, signature) select at, event_n, event_root, read_n, read_root, key, replace(signature, substr(signature, 1, 1), 'z') from log_head where id = 1"],
      /head of .* is not signed[^]*head of .* is not signed/]],
  leaves: [
    ['two leaves change places', swap('leaf', 'n', 'log = 1', 300, 301), /event 301 and 302 stand in another order/],
    ['an event and its leaf are changed', () => ['update event set other_body_id = 3 where id = 800', `update leaf set hash = '${forged(800, { other_body_id: 3 })}' where log = 1 and row_id = 800`],
      /among event 769 to 1024 an entry was replaced together with its leaf/],
    ['a tile is removed', ['delete from leaf_tile where log = 1 and n = 0'], /tile 0 of event was removed/]],
  'a leaf': [['an event is removed with its leaf', ['delete from event where id = 705', 'delete from leaf where log = 1 and row_id = 705'], /leaf 704 of event was removed/]],
};
const byValues = [
  ['a value in a table', [`update person set family_name = 'Подменный' where id = ${changed.id}`], new RegExp(`person ${changed.id}: family_name is not what event \\d+ has written`)],
  ['the history of values', [`update history set changed = replace(changed, '${rewritten.name}', 'Подменный') where event_id = ${values(rewritten)}`], new RegExp(`the values of event ${values(rewritten)} were changed`)],
  ['a row of the history is removed', [`delete from history where event_id = ${values(emptied)}`], new RegExp(`the values of event ${values(emptied)} were removed`)],
];

await part('changes behind the program are named', async () => {
  const clean = register.copy();
  is(verify(clean, '--values').status, 0, 'a copy of the register is whole');
  await clean.drop();
  for (const [where, list] of Object.entries(attacks)) {
    const r = register.copy();
    r.exec([...free, ...list.flatMap(([, what]) => (typeof what === 'function' ? what() : what))]);
    const v = verify(r);
    is(v.status, 1, `${where}: found`);
    for (const [name, , pattern] of list) like(v.out, pattern, `${name}: named`);
    if (where === 'a leaf') {
      is(r.run(['upgrade']).status, 0, 'the triggers are made anew');
      like(verify(r).out, list[0][2], 'and it is named still');
      like(r.run(['check']).out, list[0][2], 'by bereg check too');
    }
    await r.drop();
  }
  const r = register.copy();
  r.exec(byValues.flatMap(([, what]) => what));
  is(verify(r).status, 0, 'the log itself does not tell of values');
  const v = verify(r, '--values');
  is(v.status, 1, 'with the values it does');
  for (const [name, , pattern] of byValues) like(v.out, pattern, `${name}: named`);
  await r.drop();
});

// Each on a copy of its own.
const NONSENSE = ENGINE === 'postgres' ? "'infinity'" : "'zz'";
const person = changed.id;
const again = (table) => { const c = Object.keys(register.rows(`select * from ${table} limit 1`)[0]).filter((k) => k !== 'id').join(', '); return `insert into ${table} (${c}) select ${c} from ${table} order by id limit 1`; };
const alone = [
  ['all heads are taken away', ['delete from log_head', 'delete from log_head_sent'], [], /event has \d+ sealed entries and no head/],
  ['a head that was given away is removed', ['delete from log_head where id >= (select max(head_id) from log_head_sent)'], [], /head \d+, which was given to another place on .*, was removed/],
  ['another head in its place', ['update log_head set at = at + 1000000 where id = (select max(head_id) from log_head_sent)'], [], /head \d+, which was given to another place on .*, was removed or replaced/],
  ['a head that a check has compared is removed', ["insert into log_check (whole, begun_at, ended_at, head_id, event_n, read_n, faults) values (1, 1718348400000000, 1718348400000000, 7777, 1, 1, 0)"], [],
    /head 7777, which was compared by a check/],
  ['what cannot be read hides nothing behind it', [`update event set day = ${NONSENSE} where id = 690`, 'update event set account_id = 1 where id = 691', 'update event set account_id = 1 where id = 1500'], [],
    /event 690 was changed[^]*event 691 was changed[^]*event 1500 was changed/],
  ['an event below all numbers', ["insert into event (id, at, day, kind, classes, person_id) values (-5, 1500000000000000, '2017-07-14', 'person.registered', 0, 2)"], [], /event -5 is not sealed/],
  ['a page shown below all numbers', ["insert into read (id, at, account_id, page, persons) values (-5, 1500000000000000, 1, '/persons/{person}', ' 2 ')"], [], /read -5 is not sealed/],
  ['an event of the future', [`insert into event (id, at, day, kind, classes) values (${total + 9}, 2718000000000000, '2056-02-17', 'person.registered', 0)`], [], new RegExp(`event ${total + 9} is not sealed`)],
  ['a leaf that names no row', ['update leaf set row_id = -1 where log = 2 and n = 1'], [], /leaf 1 of read was put out of its place/],
  ['a hole that nobody walks through', [`update leaf set n = 4611686018427387904 where log = 1 and n = ${total - 3}`], [], new RegExp(`leaf ${total - 3} of event was removed`)],
  ['nor to the end of all numbers', [`update leaf set n = 9223372036854775807 where log = 1 and n = ${total - 3}`], [], new RegExp(`leaf ${total - 3} of event was removed`)],
  ['a value where there was none', [`update person set death_date = '2020-01-01' where id = ${person}`], ['--values'], new RegExp(`person ${person}: no event has written its death_date`)],
  ['a row taken away', ['delete from history where 1 = 0', 'delete from consent where id = (select min(id) from consent)'], ['--values'], /consent \d+, which event \d+ has put in, is gone/],
  ['a row put in', [again('sentence')], ['--values'], /sentence \d+ was put in by no event/],
  ['a reference to what is still there', ['update referral set to_account_id = null where id = (select min(id) from referral where to_account_id is not null)'], ['--values'], /referral \d+: to_account_id is not what event \d+ has written/],
  ['a history of blanks', [`update history set changed = ' ', salt = ' ' where event_id = ${values(rewritten)}`, `update person set family_name = 'X' where id = ${rewritten.id}`], ['--values'],
    new RegExp(`the values of event ${values(rewritten)} were emptied, and no later event lets them go`)],
  ['a history of nothing', [`update history set changed = '' where event_id = ${values(rewritten)}`], ['--values'], new RegExp(`the values of event ${values(rewritten)} were changed`)],
  ['a joining that never was', [`insert into person_merge (kept_number, gone_number, words, merged_at) values (${person}, ${rewritten.id}, 'x', 1718348400000000)`], ['--values'], /person_merge \d+ joins two cards, and no event tells of it/],
  ['a row that cannot be read', [`update person set birth_date = ${NONSENSE} where id = ${person}`, `update person set family_name = 'X' where id = ${rewritten.id}`], ['--values'],
    new RegExp(`person ${person} cannot be read[^]*person ${rewritten.id}: family_name`)],
];

await part('each by itself', async () => {
  for (const [name, what, more, pattern] of alone) {
    const r = register.copy();
    r.exec([...free, ...what]);
    const v = verify(r, ...more);
    ok(v.status === 1 && pattern.test(v.out), name, `${v.status} ${v.out.slice(0, 600)}${v.err.slice(0, 300)}`);
    await r.drop();
  }
});

await part('the owner of file and key', async () => {
  const r = register.copy();
  const forget = ['delete from log_head', 'delete from log_head_sent', 'delete from log_fault', 'delete from log_check'];
  r.exec([...free, `delete from history where event_id > ${total - 50}`, `delete from event where id > ${total - 50}`, `delete from leaf where log = 1 and n >= ${total - 50}`,
    `delete from leaf_tile where log = 1 and n >= ${Math.floor((total - 50) / 256)}`, ...forget]);
  if (ENGINE === 'sqlite') like(verify(r).out, /trigger event_no_update is missing/, 'that the logs are not insert-only any more is told');
  is(r.run(['upgrade']).status, 0, 'the triggers are made anew');
  const again = await r.serve();
  await again.stop();
  is(verify(r).status, 0, 'cuts the tail off and signs again: the register alone does not tell');
  const against = verify(r, '--against', keptFile);
  is(against.status, 1, 'a head kept elsewhere does');
  like(against.out, new RegExp(`event was cut off: the head of .* has ${total} entries`), 'and says how much there was');
  is(r.run(['audit', 'proof', '--from', keptFile]).status, 1, 'nor is there a proof that the log has only grown');
  // What grows in place of what was cut off is another tree.
  const server = await r.serve();
  const api = server.client({ token: r.token('social1') });
  const list = (await api.get('/api/v1/persons')).json.items;
  for (let i = 0; i < 55; i += 1) {
    await api.postJson('/api/v1/services', { person: list[i % list.length].id, kind: 'consultation', day: '2024-06-13' }, { headers: { 'idempotency-key': `again-${process.pid}-${i}` } });
  }
  await server.stop();
  const other = verify(r, '--against', keptFile);
  is([verify(r).status, other.status], [0, 1], 'also when the log has grown beyond it again');
  like(other.out, /event does not fit the head kept elsewhere/, 'in words');
  await r.drop();
  for (const [name, change] of [['another statement', (h) => ({ ...h, statement: h.statement.replace(/event \d+/, 'event 1') })],
    ['another key', (h) => ({ ...h, key: h.key.replace(/^./, (c) => (c === '0' ? '1' : '0')) })], ['no signature', (h) => ({ ...h, signature: '' })],
    ['a head signed by somebody else', (h) => {
      const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
      return { ...h, key: hex(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)), signature: hex(crypto.sign(null, Buffer.from(h.statement), privateKey)) };
    }]]) is(verify(register, '--against', file('odd-head.json', change(kept))).status, 1, `${name} is refused`);
});

await part('sealing goes on where it was cut off', async () => {
  const r = register.copy();
  const server = await r.serve();
  const api = server.client({ token: r.token('social1') });
  const list = (await api.get('/api/v1/persons')).json.items;
  let written = 0;
  for (let k = 0; k < 3; k += 1) {
    for (let i = 0; i < 20; i += 1) {
      const a = await api.postJson('/api/v1/services', { person: list[i].id, kind: 'consultation', day: '2024-06-13' }, { headers: { 'idempotency-key': `kill-${process.pid}-${k}-${i}` } });
      written += a.status === 201;
    }
  }
  await server.stop('SIGKILL');
  is(verify(r).status, 0, 'after a kill the rows of the last second are not sealed yet: no finding');
  const again = await r.serve();
  await again.stop();
  is(r.rows('select count(*) as n from event e where not exists (select 1 from leaf l where l.log = 1 and l.row_id = e.id)')[0].n, 0, 'the next start seals them');
  is(verify(r, '--values', '--against', keptFile).status, 0, `${written} acknowledged services are in a whole log`);
  await r.drop();
});

// BEREG_SEAL_KILLS: how often (100 once in a while).
await part('sealing is cut off again and again', async () => {
  const kills = Number(process.env.BEREG_SEAL_KILLS ?? 6);
  const r = register.copy();
  const more = "insert into event (id, at, day, kind, classes) select {id}, 1718348400000000, '2024-06-14', 'token.made', 0 from ";
  const bound = ENGINE === 'postgres' ? free.map((t) => t.replace('disable', 'enable')) : r.rows("select sql from sqlite_master where type = 'trigger'").map((t) => t.sql);
  const unseal = (...then) => { r.exec([...free, 'delete from leaf', 'delete from leaf_tile', 'delete from log_head', 'delete from log_head_sent', ...then]); r.exec(bound); };
  unseal(ENGINE === 'postgres' ? `${more.replace('{id}', `${total} + n`)} generate_series(1, 15000) n`
    : `with recursive c(n) as (select 1 union all select n + 1 from c where n < 15000) ${more.replace('{id}', `${total} + n`)} c`);
  const count = (table) => r.rows(`select count(*) as n from ${table}`)[0].n, leaves = () => count('leaf');
  const rows = count('event') + count('read');
  const counts = [];
  for (let k = 0; k < kills; k += 1) {
    if (counts.at(-1) >= rows) unseal(); // it was done: from the beginning
    const sealed = leaves();
    const server = await r.serve();
    // every second one as soon as sealing has gone on, however slow the machine is
    for (const end = Date.now() + 5000; k % 2 && leaves() === sealed && Date.now() < end;) await new Promise((done) => { setTimeout(done, 1); });
    await new Promise((done) => { setTimeout(done, Math.random() * (k % 2 ? 20 : 200)); });
    await server.stop('SIGKILL');
    counts.push(leaves());
  }
  const fell = counts.filter((n) => n < rows).length;
  ok(fell > 0, `${fell} of ${kills} kills fell into the sealing`, `leaves after each: ${counts.join(' ')}, of ${rows}`);
  const last = await r.serve();
  await last.stop();
  const v = verify(r, '--values');
  is([v.status, v.err], [0, ''], `after ${kills} kills every row has its leaf and the log is whole`);
  is(r.rows('select count(*) as n from leaf where log = 1')[0].n, r.rows('select count(*) as n from event')[0].n, 'each once');
  await r.drop();
});

if (ENGINE === 'postgres') {
  await part('two nodes seal one log', async () => {
    const r = register.copy();
    const nodes = [await r.serve(), await r.serve()];
    const apis = nodes.map((n, i) => n.client({ token: r.token(['social1', 'head1'][i]) }));
    const list = (await apis[0].get('/api/v1/persons')).json.items;
    const answers = await Promise.all(Array.from({ length: 60 }, (x, i) => apis[i % 2].postJson('/api/v1/services', { person: list[i % 15].id, kind: 'consultation', day: '2024-06-13' },
      { headers: { 'idempotency-key': `nodes-${process.pid}-${i}` } })));
    await Promise.all(list.slice(0, 15).map((p, i) => apis[i % 2].get(`/api/v1/persons/${p.id}`)));
    await Promise.all(nodes.map((n) => n.stop()));
    const written = answers.filter((a) => a.status === 201).length;
    ok(written > 40, `${written} services are written through both`);
    const v = verify(r, '--values', '--against', keptFile);
    is([v.status, v.err], [0, ''], 'the log is whole');
    is(r.rows('select count(*) as n from leaf where log = 1')[0].n, r.rows('select count(*) as n from event')[0].n, 'each row is sealed once');
    await r.drop();
  });
}

await register.drop();
finish();
