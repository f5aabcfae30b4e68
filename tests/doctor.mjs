// What `bereg doctor` names and `serve` refuses: guards of the logs that were taken off behind the program.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/doctor.mjs
import { bereg, ENGINE, Register } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';

const began = Date.now();
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

await register.drop();
note(`${ENGINE}: ${Date.now() - began} ms`);
finish();
