// The first steps of a real installation: an empty register, its first administrator made at the machine, and from there all by pages up to
// the first worker; and the last resort, when no administrator gets in any more. On PostgreSQL the commands run by a role that only serves.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/first.mjs
import crypto from 'node:crypto';
import { as, ENGINE, makeServeRole, Register, SERVE_ROLE } from './lib/server.mjs';
import { Client } from './lib/client.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = new Register('first');
const one = (sql) => register.rows(sql)[0];
const n = (table) => Number(one(`select count(*) as n from ${table}`).n);
const account = (args, env = {}) => register.run(['account', ...args], { env });
const doctor = (env = {}) => register.run(['doctor', '--lang', 'ru'], { env }).out;
const CLOSED = /\[!\] Ни один администратор не может войти в регистр/;
const KEEPER = 'Центр цифрового развития';
const passwordOf = (out) => /^First password: ([a-z0-9]{4}(?:-[a-z0-9]{4}){3})$/m.exec(out)?.[1] ?? '';
const shown = (page) => /b-raw">([a-z0-9-]+)</.exec(page.text)?.[1] ?? '';
const written = () => ['account', 'body', 'event', 'history'].map(n);

await part('a register that nobody can enter', async () => {
  const made = register.run(['init']);
  is(made.status, 0, 'bereg init', made.err);
  like(made.out, /bereg account/, 'says what is next');
  register.made = true;
  if (ENGINE === 'postgres') {
    makeServeRole();
    is(register.run(['upgrade', '--serve-role', SERVE_ROLE]).status, 0, 'a role that only serves');
    register.served = as(SERVE_ROLE, register.url);
  }
  is([n('account'), n('body')], [0, 0], 'it has no account and no body');
  like(doctor(), CLOSED, 'the doctor names it');
  const before = written();
  is([account([]).status, account(['--login', 'first']).status, account(['--login', 'first', '--reset', '--name', 'Кто-то']).status], [2, 2, 2], 'login and name are missing, or are too many');
  const who = ['--login', 'first', '--name', 'Первый Администратор'];
  const refused = async (args, words, what) => { const r = account(args); ok(r.status === 1 && words.test(r.err) && !r.out, what, `${r.status} ${r.out}${r.err}`); };
  await refused(who, /no body yet that keeps the register: name it by --body, its kind by --kind \(operator\)/, 'without a body it says what is missing');
  await refused([...who, '--body', KEEPER, '--kind', 'ngo'], /no kind of bodies .* system_admin works; such are: operator/, 'no other kind of body');
  await refused([...who, '--body', KEEPER, '--role', 'social_worker'], /no role that administers accounts; such are: system_admin/, 'no other role');
  await refused([...who, '--body', 'x'.repeat(251)], /--body takes up to 250/, 'no endless name of a body');
  await refused(['--login', 'First!', '--name', 'Первый', '--body', KEEPER], /a login has 3 to 60/, 'no odd login');
  await refused(['--login', 'first', '--name', 'я'.repeat(121), '--body', KEEPER], /--name takes up to 120/, 'no endless name of the owner');
  await refused(['--login', 'first', '--name', ' ', '--body', KEEPER], /--name takes/, 'no empty name');
  await refused(['--login', 'first', '--reset'], /no account with the login "first"/, 'nobody to be reset');
  is(written(), before, 'and nothing was written by any of it');
});

let first = '';
await part('the first administrator', async () => {
  const made = account(['--login', 'first', '--name', 'Первый Администратор', '--body', KEEPER]);
  first = passwordOf(made.out);
  is([made.status, first.length], [0, 19], 'is made with a password by chance', made.out + made.err);
  like(made.out, /opens until 17\.06\.2024 10:00; the owner must choose another at the first sign-in/, 'its term is told, and that it must be changed');
  is(one('select c.login, c.name, c.role, b.name as body, b.kind from account c join body b on b.id = c.body_id'),
    { login: 'first', name: 'Первый Администратор', role: 'system_admin', body: KEEPER, kind: 'operator' }, 'in the body that keeps the register, made with it');
  unlike(register.dump(), new RegExp(first), 'of the password only a hash is kept');
  is(register.rows("select kind, account_id as who, body_id as place, object from event where kind in ('body.created', 'account.created') order by id"),
    [{ kind: 'body.created', who: null, place: null, object: 'body' }, { kind: 'account.created', who: null, place: null, object: 'account' }], 'both stand in the log, done by nobody who signs in');
  ok(n("history where event_id in (select id from event where kind = 'account.created')") > 0, 'with their values');
  unlike(doctor(), CLOSED, 'the doctor is content');
  like(doctor({ BEREG_NOW: '2024-06-17T11:00' }), CLOSED, 'until the term is over and nobody has come');
  const again = account(['--login', 'first', '--name', 'Другой']);
  ok(again.status === 1 && /there is an account with the login "first"; --reset/.test(again.err), 'a login is given once', again.err);
});

const server = await register.serve();
const fresh = () => new Client(server.base);
const api = (token) => new Client(server.base, { token });
const change = (c, old, password) => c.submit('/security/password', '/security/password', { old, password, again: password });
const OWN = 'первый собственный пароль';
const admin = await fresh().signIn('first', first);

await part('from there by pages', async () => {
  is((await admin.get('/bodies/new')).location, '/security/password', 'nothing opens before the password is changed');
  is([(await change(admin, first, OWN)).location, (await admin.get('/')).status], ['/', 200], 'then the day begins');
  for (const at of ['/bodies', '/accounts', '/districts', '/packs', '/system', '/system?show=installation', '/logins', '/security']) {
    const a = await admin.get(at);
    ok(a.status === 200 || (at === '/logins' && a.status === 404), `${at} in a register with nothing in it`, `${a.status}`);
  }
  is((await admin.submit('/districts/new', '/districts', { code: '01', name: 'Северный район' })).status, 303, 'a district');
  const body = await admin.submit('/bodies/new', '/bodies', { name: 'Центр социального обслуживания', kind: 'social_centre', district_id: String(one('select id from district').id) });
  is(body.status, 303, 'a body', body.text.slice(0, 200));
  const made = await admin.submit('/accounts/new', '/accounts', { login: 'worker', name: 'Первая Работница', role: 'social_worker', body_id: String(one("select id from body where kind = 'social_centre'").id) });
  is([made.status, shown(made).length], [200, 19], 'an account with its first password');
  const worker = await fresh().signIn('worker', shown(made));
  is((await change(worker, shown(made), 'пароль первой работницы')).location, '/', 'the worker signs in and changes it');
  is([(await worker.get('/')).status, (await worker.get('/inbox')).status, (await worker.get('/persons')).status], [200, 200, 200], 'and has her day, her inbox and the search');
  const second = account(['--login', 'second', '--name', 'Второй Администратор']);
  is([second.status, one("select b.name from account c join body b on b.id = c.body_id where c.login = 'second'").name], [0, KEEPER], 'a second administrator at the machine comes into the body that is there', second.err);
  const taken = account(['--login', 'third', '--name', 'Третий', '--body', 'центр Социального обслуживания']);
  ok(taken.status === 1 && /is there already and of the kind social_centre/.test(taken.err), 'but into none of another kind', taken.err);
});

await part('the last resort', async () => {
  const secret = (() => { const key = /b-raw">([A-Z2-7 ]+)</; return async () => key.exec((await admin.get('/security/totp')).text)[1]; })();
  const bits = [...(await secret()).replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  await fresh().signIn('worker', 'пароль первой работницы');
  counter.writeBigUInt64BE(BigInt(Math.floor(one('select created_at as at from session order by id desc limit 1').at / 30e6)));
  const digest = crypto.createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
  const code = String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
  is((await admin.post('/security/totp', { code })).status, 200, 'the administrator has a second factor');
  const token = register.token('first');
  is([(await admin.get('/')).status, (await api(token).get('/api/v1/bodies')).status], [200, 200], 'a session and a token');
  is((await fresh().post('/sign-in', { login: 'first', password: OWN })).location, '/sign-in/second', 'the password alone is not enough');

  const before = written();
  const other = account(['--login', 'worker', '--reset']);
  ok(other.status === 1 && /is no administrator/.test(other.err), 'accounts of others are not reset at the machine', other.err);
  is(written(), before, 'nothing is written by that');
  const reset = account(['--login', 'first', '--reset']);
  const next = passwordOf(reset.out);
  is([reset.status, next.length, next !== first], [0, 19, true], 'a new first password', reset.out + reset.err);
  is([(await admin.get('/')).location, (await api(token).get('/api/v1/bodies')).status], ['/sign-in', 401], 'session and token have ended');
  is([n('factor_totp'), n('factor_recovery')], [0, 0], 'and the second factor is off');
  is((await fresh().post('/sign-in', { login: 'first', password: OWN })).status, 422, 'the old password opens nothing');
  const c = await fresh().signIn('first', next);
  is([(await c.get('/accounts')).location, (await change(c, next, 'второй собственный пароль')).location, (await c.get('/accounts')).status], ['/security/password', '/', 200], 'the new one does, and is changed first');
  like((await c.get('/security')).text, /сбро/, 'its owner is told of it');
  is(register.rows("select account_id as who, object, object_id as id from event where kind = 'account.rescued'"), [{ who: null, object: 'account', id: one("select id from account where login = 'first'").id }], 'it stands in the log, done by nobody who signs in');
  await c.submit('/bodies/new', '/bodies', { name: 'Контрольное управление', kind: 'control' });
  const made = await c.submit('/accounts/new', '/accounts', { login: 'auditor', name: 'Аудитор', role: 'auditor', body_id: String(one("select id from body where kind = 'control'").id) });
  const auditor = await fresh().signIn('auditor', shown(made));
  await change(auditor, shown(made), 'пароль первого аудитора');
  const log = (await auditor.get('/log?kind=account.rescued')).main;
  ok(/<span>Доступ администратора восстановлен на сервере<\/span>/.test(log) && /<span>Система /.test(log), 'the auditor reads it, done by the system', log.slice(-1500));
  const second = one("select id from account where login = 'second'").id;
  is((await c.submit(`/accounts/${second}`, `/accounts/${second}`, { active: '0' })).status, 303, 'another administrator is dismissed');
  const ended = account(['--login', 'second', '--reset']);
  ok(ended.status === 1 && /has been ended, and stays so/.test(ended.err), 'who stays dismissed', ended.err);
});

await server.stop();
is(register.run(['check']).status, 0, 'bereg check finds nothing');
const verified = register.run(['audit', 'verify', '--values']);
is(verified.status, 0, 'and the log is whole, with its values', verified.out + verified.err);
await register.drop();
finish();
