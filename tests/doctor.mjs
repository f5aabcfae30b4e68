// What `bereg doctor` names and `serve` refuses: guards of the logs that were taken off behind the program, registers that cannot be written; mail servers.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/doctor.mjs
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { as, BEREG, bereg, ENGINE, makeServeRole, NOW, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
const dir = fs.mkdtempSync(path.join(tmpDir(), 'doctor-'));
const at = (name) => path.join(dir, name);
const register = Register.demo({ persons: 60, name: 'doctor' });
const doctor = (r, args = [], options = {}) => r.run(['doctor', '--lang', 'en', ...args], options);

await part('the guards of the logs', async () => {
  const attacks = ENGINE === 'postgres' ? [
    ['switched off', 'alter table event disable trigger user', /trigger event_insert_only is not as declared/],
    ['left to replicas', 'alter table read enable replica trigger read_no_truncate', /trigger read_no_truncate is not as declared/],
    ['on a condition', `drop trigger leaf_insert_only on leaf; create trigger leaf_insert_only before update or delete on leaf for each row when (old.n > 100000) execute function insert_only_refuse();
      comment on trigger leaf_insert_only on leaf is 'CREATE TRIGGER "leaf_insert_only" before update or delete on "leaf" for each row execute function insert_only_refuse()'`, /trigger leaf_insert_only is not as declared/],
    ['with another function', 'create or replace function insert_only_refuse() returns trigger language plpgsql as $$ begin return new; end $$', /function insert_only_refuse is not as declared/],
    ['with a function that looks elsewhere', 'alter function insert_only_refuse() set search_path = pg_temp, public', /function insert_only_refuse is not as declared/],
  ] : [
    ['taken off', 'drop trigger event_no_update', /trigger event_no_update is missing/],
    ['on a condition', 'drop trigger leaf_no_delete; create trigger leaf_no_delete before delete on leaf when old.n > 100000 begin select raise(abort, \'leaf is insert-only\'); end', /trigger leaf_no_delete is not as declared/],
  ];
  for (const [how, sql, words] of attacks) {
    const r = register.copy();
    r.exec(sql);
    const d = doctor(r);
    ok(d.status === 1 && words.test(d.out), `${how}: the doctor names it`, d.out);
    like(r.run(['audit', 'verify']).out, words, 'so does the audit');
    is(r.run(['check']).status, 1, 'bereg check does not call it whole');
    const up = r.run(['upgrade']);
    is(up.status, 0, 'an upgrade makes it anew', up.err);
    unlike(doctor(r).out, /as declared|is missing/, 'then it is as declared');
    is(r.run(['audit', 'verify']).status, 0, 'and the logs are whole');
    for (const t of ['event', 'leaf']) {
      let refused = false;
      try { r.exec(`delete from ${t}`); } catch (e) { refused = /insert-only/.test(e.message); }
      ok(refused, `nobody deletes from ${t}`);
    }
    await r.drop();
  }
});

await part('the seals of the logs', async () => {
  unlike(doctor(register, [], { env: { BEREG_NOW: '2025-01-01T10:00' } }).out, /waiting for their seal|no signed head/, 'sealed logs wait for nothing');
  const late = register.copy(), last = late.rows('select max(id) as n from event')[0].n;
  const columns = late.rows(ENGINE === 'postgres' ? "select column_name as name from information_schema.columns where table_name = 'event' and table_schema = 'public'" : "select name from pragma_table_info('event')").map((c) => c.name);
  const behind = (minutes) => {
    const own = { id: last + 1, at: (Date.parse(`${NOW}+03:00`) - minutes * 60000) * 1000 };
    late.exec(`insert into event (${columns}) select ${columns.map((c) => own[c] ?? c)} from event where id = ${last}`);
  };
  behind(5);
  unlike(doctor(late).out, /waiting for their seal/, 'entries of some minutes may wait');
  like(doctor(late, [], { env: { BEREG_NOW: '2024-06-14T10:20' } }).out, /^\[!\] Entries of the logs have long been waiting for their seal: 25 min$/m, 'those of longer are named');
  late.exec(ENGINE === 'postgres' ? ['alter table log_head disable trigger user', 'delete from log_head', 'alter table log_head enable trigger user'] : ['drop trigger log_head_no_delete', 'delete from log_head']);
  if (ENGINE === 'sqlite') is(late.run(['upgrade'], { env: { BEREG_PACKS: at('no packs') } }).status, 1, 'the trigger is made anew'); // and nothing is sealed by it
  like(doctor(late).out, /^\[!\] The logs are sealed, and no signed head/m, 'so is a log without heads');
  await late.drop();
});

await part('no register, or half of one', async () => {
  const r = new Register('nothing');
  if (ENGINE === 'sqlite') fs.writeFileSync(r.file, '');
  const none = doctor(r);
  ok(none.status === 1 && /^\[!\] There is no register here yet$[^]*What to do: .*bereg init.*bereg restore/m.test(none.out) && !/bereg upgrade/.test(none.out), 'an empty place is told what makes it a register', none.out);
  if (ENGINE === 'sqlite') unlike(none.out, /\n\[!\]/, 'and nothing else');
  r.exec('create table restoring (mark integer)');
  const half = doctor(r);
  ok(half.status === 1 && /cannot use the register: it was not restored to the end[^]*What to do: Take away[^]*bereg restore/.test(half.out) && !/bereg upgrade/.test(half.out), 'what a killed restore has left is to be taken away', half.out);
  await r.drop();
  const newer = register.copy();
  newer.exec("insert into schema_step (name, at) values ('9999_of_tomorrow', 1)");
  const d = doctor(newer);
  ok(d.status === 1 && /cannot use the register: the register was upgraded by a newer bereg/.test(d.out) && !/bereg upgrade/.test(d.out), 'one that a newer version has upgraded is left to that version', d.out);
  await newer.drop();
});

await part('an upgrade beside a server', async () => {
  const r = register.copy(), server = await r.serve();
  is(r.run(['upgrade']).status, 0, 'packs may change beside it');
  if (ENGINE === 'sqlite') {
    r.exec('drop index person_iin');
    const beside = r.run(['upgrade']);
    ok(beside.status === 1 && /a bereg serve is using this file .*stop it first/.test(beside.err), 'the schema may not', beside.err);
    is(r.rows("select name from sqlite_schema where name = 'person_iin'").length, 0, 'and nothing was done');
    const key = at('key');
    bereg(['backup-key', '--out', key]);
    const kept = register.run(['backup', '--to', at('kept'), '--backup-key', `${key}.make`]);
    is(kept.status, 0, 'a backup', kept.err);
    fs.renameSync(r.file, at('away.db'));
    const over = r.run(['restore', '--from', at('kept'), '--backup-key', key]);
    ok(over.status === 1 && /stop it first/.test(over.err), 'nor is a register restored where one is served still', over.err);
    fs.renameSync(at('away.db'), r.file);
  }
  await server.stop();
  const after = r.run(['upgrade']);
  is(after.status, 0, 'when it has ended, all is done', after.err);
  is(r.run(['check']).status, 0, 'and the register is whole');
  await r.drop();
});

await part('a register that cannot be written', async () => {
  const r = register.copy(), SERVE = ['serve', '--listen', '127.0.0.1:0'];
  const refused = (how, run, words) => {
    for (const command of [SERVE, ['jobs', '--once']]) {
      const a = run(command);
      ok(a.status === 1 && /cannot be written/.test(a.err) && words.test(a.err) && !/ready/.test(a.out), `${how}: ${command[0]} refuses it`, `${a.status} ${a.out} ${a.err}`);
    }
    const d = run(['doctor', '--lang', 'en']);
    ok(d.status === 1 && /^\[!\] The register can be read and not written: /m.test(d.out) && words.test(d.out), 'the doctor names it', d.out);
  };
  if (ENGINE === 'sqlite') {
    const limited = process.getuid() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []; // root without his right to everything
    const run = (args) => {
      const [command, ...rest] = [...limited, BEREG, ...args, '--db', r.url];
      const a = spawnSync(command, rest, { encoding: 'utf8', timeout: 20000, env: { ...process.env, BEREG_NOW: NOW } });
      return { status: a.status, out: a.stdout, err: a.stderr };
    };
    fs.chmodSync(r.file, 0o400);
    refused('a file of mode 0400', run, /readonly/);
    fs.chmodSync(r.file, 0o600);
    for (const end of ['-wal', '-shm']) fs.rmSync(r.file + end, { force: true }); // made with the mode of the file
    unlike(run(['doctor', '--lang', 'en']).out, /not written/, 'and is content with one of mode 0600');
  } else {
    const ROLE = 'bereg_reads';
    makeServeRole(ROLE);
    is(r.run(['upgrade', '--serve-role', ROLE]).status, 0, 'a role that serves');
    const run = (args) => bereg([...args, '--db', as(ROLE, r.url)], { timeout: 20000 });
    unlike(run(['doctor', '--lang', 'en']).out, /not written/, 'may write all that it must');
    r.exec(`revoke insert on read from ${ROLE}`);
    refused('without one of its rights', run, /no right to write read$/m);
    r.exec(`revoke insert, update, delete on all tables in schema public from ${ROLE}`);
    refused('a role that may only read', run, /no right to write/);
    is(r.run(['upgrade', '--serve-role', ROLE]).status, 0, 'an upgrade gives the rights again');
    unlike(run(['doctor', '--lang', 'en']).out, /not written/, 'and it may write');
    r.exec(`alter role ${ROLE} set default_transaction_read_only = on`);
    refused('a server that only reads', run, /its server only reads/);
    r.exec(`alter role ${ROLE} reset default_transaction_read_only`);
  }
  await r.drop();
});

await part('mail servers', async () => {
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', at('tls.key'), '-out', at('tls.pem')], { encoding: 'utf8' });
  is(made.status, 0, 'a certificate', made.stderr);
  const pair = { key: fs.readFileSync(at('tls.key')), cert: fs.readFileSync(at('tls.pem')) };
  const talk = (greeting) => (socket) => {
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', (d) => socket.write(/^QUIT/.test(d) ? '221 bye\r\n' : '250 here\r\n'));
  };
  const listen = (server, host = '127.0.0.1') => new Promise((r) => { server.on('error', () => r(null)); server.listen(0, host, () => r(server.address().port)); });
  const servers = [tls.createServer(pair, talk('220 here\r\n')), net.createServer(talk('220 here\r\n')), net.createServer(talk('554 not today\r\n')), net.createServer(talk('220 here\r\n'))];
  const [sure, plain, closed] = await Promise.all(servers.slice(0, 3).map((s) => listen(s)));
  const six = await listen(servers[3], '::1');
  // beside the servers of this process; `before`: what runs it
  const ask = (smtp, before = []) => new Promise((r) => {
    const [command, ...args] = [...before, BEREG, 'doctor', '--db', register.url, '--lang', 'en', '--smtp', smtp];
    const child = spawn(command, args, { env: { ...process.env, BEREG_NOW: NOW } });
    let out = '';
    child.stdout.on('data', (d) => { out += d; });
    child.on('close', () => r(/^\[!\] (The mail server.*)$/m.exec(out)?.[1] ?? (/backup/.test(out) ? 'answers' : out)));
  });
  for (const scheme of ['smtp', 'smtps']) like(await ask(`${scheme}://127.0.0.1:1`), /does not answer: Could(n't| not) connect/, `${scheme}: nobody listens`);
  is(await ask(`smtp://127.0.0.1:${plain}`), 'answers', 'one that greets');
  if (six) is(await ask(`smtp://[::1]:${six}`), 'answers', 'one of the newer protocol');
  like(await ask(`smtp://127.0.0.1:${closed}`), /does not answer/, 'one that sends us away');
  like(await ask(`smtps://127.0.0.1:${plain}`), /does not answer: SSL/, 'one that has no TLS');
  like(await ask(`smtps://localhost:${sure}`), /does not answer: SSL peer certificate/, 'one whose certificate nobody has signed, to which no mail would go');
  const trusting = ['unshare', process.getuid() === 0 ? '-m' : '-rm', 'sh', '-c', 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"', at('tls.pem')];
  if (spawnSync(trusting[0], [...trusting.slice(1), 'true']).status === 0) is(await ask(`smtps://localhost:${sure}`, trusting), 'answers', 'one with TLS from the beginning');
  else note('no name space of its own here: a trusted certificate was not tried');
  for (const s of servers) s.close();
});

await register.drop();
fs.rmSync(dir, { recursive: true, force: true });
note(`${ENGINE}: ${Date.now() - began} ms`);
finish();
