// The role of PostgreSQL that serves: what it may do follows from the declarations of the tables, and it cannot touch the logs. That everything works
// by it, other tests show: BEREG_TEST_ROLE=serve (./test gives it to some of them).
//   BEREG=… BEREG_TEST_DB=postgres BEREG_TEST_PG=… node tests/roles.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { PASSWORD, Register, SERVE_ROLE, as, bereg, makeServeRole, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 60, name: 'roles' });
const STRANGE = 'we"ird role';
makeServeRole();
makeServeRole(STRANGE);
const mine = as(SERVE_ROLE, register.url);
const psql = fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin/psql`).at(-1);
const ask = (url, sql) => { const r = spawnSync(psql, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql], { encoding: 'utf8' }); return { status: r.status, out: r.stdout.trim(), err: r.stderr.trim() }; };
const may = (role) => Object.fromEntries(register.rows(`select c.relname as name, string_agg(p.p, ' ' order by p.p) as may from pg_class c
  cross join (values ('DELETE'), ('INSERT'), ('REFERENCES'), ('SELECT'), ('TRIGGER'), ('TRUNCATE'), ('UPDATE')) p(p)
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege('${role}', c.oid, p.p) group by c.relname`).map((r) => [r.name, r.may]));
const LOGS = ['event', 'read', 'leaf', 'leaf_tile', 'log_head'];

await part('giving', async () => {
  const before = bereg(['users', '--db', mine]);
  ok(before.status === 1, 'before, the role may do nothing', before.out);
  const none = register.run(['upgrade', '--serve-role', 'nobody_of_this_name']);
  ok(none.status === 1 && /no role nobody_of_this_name in PostgreSQL/.test(none.err), 'a role that is not there is refused', none.err);
  const owner = register.run(['upgrade', '--serve-role', 'bereg']);
  ok(owner.status === 1 && /owns tables of the register/.test(owner.err), 'the owner too', owner.err);
  const r = register.run(['upgrade', '--serve-role', SERVE_ROLE]);
  ok(r.status === 0 && /has what it needs to serve/.test(r.out), 'bereg upgrade --serve-role', r.err);
  is(register.run(['upgrade', '--serve-role', STRANGE]).status, 0, 'a role of a strange name');
  is(may(STRANGE.replaceAll("'", "''")), may(SERVE_ROLE), 'gets the same');
  const file = `sqlite:${tmpDir()}/roles-${process.pid}.db`;
  bereg(['init', '--db', file]);
  const lite = bereg(['upgrade', '--db', file, '--serve-role', 'x']);
  ok(lite.status === 1 && /SQLite has no roles/.test(lite.err), 'SQLite says that it has none', lite.err);
  fs.rmSync(file.slice(7), { force: true });
});

await part('what it may', async () => {
  const rights = may(SERVE_ROLE);
  const declared = register.csv(['fields']).map((f) => f.table);
  is(Object.keys(rights).sort(), [...new Set([...declared, 'schema_step'])].sort(), 'it reads every table');
  is(LOGS.map((t) => rights[t]), ['INSERT SELECT', 'DELETE INSERT SELECT', 'INSERT SELECT', 'INSERT SELECT', 'INSERT SELECT'], 'logs are only added to; of pages that were read those past their term go, by the trigger');
  is([rights.schema_step, rights.account, rights.history, rights.body, rights.session], ['SELECT', 'INSERT SELECT UPDATE', 'INSERT SELECT UPDATE', 'INSERT SELECT UPDATE', 'DELETE INSERT SELECT UPDATE'],
    'accounts, bodies and the history are never deleted; sessions are');
  ok(Object.values(rights).every((r) => !/TRUNCATE|TRIGGER|REFERENCES/.test(r)), 'nothing is emptied, no trigger is made');
});

await part('what it may not', async () => {
  const event = register.rows('select max(id) as n from event')[0].n;
  const tries = ["update event set kind = 'person.changed' where id = N", 'delete from event where id = N', 'truncate event cascade', 'drop trigger event_insert_only on event', 'alter table event disable trigger all',
    'alter table event disable trigger event_insert_only', 'drop table event cascade', 'alter table event add column x int', 'alter table event owner to bereg_serve', 'update read set page = page', 'truncate read', 'delete from leaf',
    'update leaf set hash = hash', 'truncate leaf', 'delete from log_head', 'update log_head set at = at', 'update leaf_tile set hash = hash', 'delete from account', 'truncate person cascade', 'create table mine (x int)',
    'create or replace function insert_only_refuse() returns trigger language plpgsql as $$ begin return old; end $$', 'drop function insert_only_refuse() cascade', 'set session_replication_role = replica', "select setval('event_id_seq', 1)",
    'insert into schema_step (name, at) values (\'x\', 1)', 'set role bereg', 'create trigger t before insert on person for each row execute function insert_only_refuse()', 'grant select on event to public'];
  for (const t of tries) {
    const r = ask(mine, t.replace('N', event));
    ok(/permission denied|must be owner|WARNING: {2}no privileges/.test(r.err), t, `${r.status} ${r.out} ${r.err}`);
  }
  is(ask(register.url, 'delete from event where id = 1').err.includes('insert-only'), true, 'the owner is stopped by the trigger alone');
});

await part('serving by it', async () => {
  const find = (url) => bereg(['doctor', '--lang', 'en', '--db', url]).out;
  const wait = async (test) => { let out = ''; for (let i = 0; i < 40 && !test(out = find(mine)); i += 1) await new Promise((r) => { setTimeout(r, 250); }); return out; };
  const owner = await register.serve();
  like(await wait((o) => /owner of PostgreSQL/.test(o)), /\[\?\] The server works as the owner of PostgreSQL's tables: /, 'the doctor names a server that works as the owner');
  await owner.stop();
  register.served = mine;
  const server = await register.serve();
  unlike(await wait((o) => !/owner of PostgreSQL/.test(o)), /owner of PostgreSQL/, 'and not one that does not');
  const worker = register.users().find((u) => u.role === 'social_worker').login;
  const web = await server.client().signIn(worker, PASSWORD);
  for (const p of ['/', '/inbox', '/persons', '/cases', '/referrals']) is((await web.get(p)).status, 200, `${p} opens`);
  like(ask(mine, 'delete from read').err, /read is insert-only/, 'pages that were read within their term stay: the trigger says so');
  is(register.run(['check']).status, 0, 'bereg check works by it');
  is(register.run(['audit', 'verify', '--values']).status, 0, 'so does the audit');
  const key = `${tmpDir()}/roles-${process.pid}.key`;
  bereg(['backup-key', '--out', key]);
  const backup = register.run(['backup', '--to', `${tmpDir()}/roles-${process.pid}.backup`, '--backup-key', `${key}.make`]);
  is(backup.status, 0, 'and a backup', backup.err);
  is(register.run(['jobs', '--once']).status, 0, 'and every job');
  ok(!/permission denied/.test(server.err), 'nothing was denied to the server', server.err.slice(-800));
  await server.stop();
});

await part('a later upgrade', async () => {
  ask(register.url, `revoke all on person from ${SERVE_ROLE}; grant truncate on event to ${SERVE_ROLE}`);
  const r = register.run(['upgrade']);
  like(r.out, /given its rights again/, 'gives the same again', r.err);
  is([may(SERVE_ROLE).person, may(SERVE_ROLE).event], ['DELETE INSERT SELECT UPDATE', 'INSERT SELECT'], 'and takes back what is more');
});

await register.drop();
finish();
