// Signing in: passwords and their delay, sessions and who ends them, one-time codes (RFC 6238), recovery codes, factors that a role must have.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/sign_in.mjs
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { PACKS, PASSWORD, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

// The demo region with one more rule: who administers needs a second factor.
const packs = path.join(tmpDir(), `packs_${process.pid}`);
fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
const region = path.join(packs, path.basename(PACKS));
const roles = path.join(region, 'roles.pack');
fs.writeFileSync(roles, fs.readFileSync(roles, 'utf8').replace('caps = see_report see_interaction region_interaction', '$&').replace(/(\[role ngo_worker\]\n)/, '$1second_factor = yes\n'));
const numbers = path.join(packs, 'ru', 'sign_in.pack');
fs.writeFileSync(numbers, fs.readFileSync(numbers, 'utf8').replace(/^sessions = .*$/m, 'sessions = 100')); // their limit: tests/accounts.mjs
const register = Register.demo({ persons: 60, seed: 9, name: 'sign_in', packs: region });
const env = { BEREG_PACKS: region };
const servers = [await register.serve({ env })];
// A second node on PostgreSQL; on SQLite the same server again, for there is one only.
if (process.env.BEREG_TEST_DB === 'postgres') servers.push(await register.serve({ env }));
const [server] = servers;
const other = servers.at(-1);
const one = (sql) => register.rows(sql)[0];
const idOf = (login) => one(`select id from account where login = '${login}'`).id;
const fresh = (s = server) => new Client(s.base);
const enter = (login, s = server, password = PASSWORD, c = fresh(s)) => c.post('/sign-in', { login, password });
const events = (kind) => one(`select count(*) as n from event where kind = '${kind}'`).n;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const timed = async (f) => { const t = Date.now(); const a = await f(); return [a, Date.now() - t]; };

// RFC 6238, with the vectors of its appendix B to begin with.
const totp = (secret, seconds, digits = 6, hash = 'sha1') => {
  const c = Buffer.alloc(8); c.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const h = crypto.createHmac(hash, secret).update(c).digest();
  return String((h.readUInt32BE(h[h.length - 1] & 15) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
};
const base32 = (t) => {
  const bits = [...t.replace(/[\s=]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
};
// The clock of the register: it begins at a fixed moment with each start.
let offset = 0;
const sync = async () => {
  await fresh().signIn('admin');
  offset = one('select created_at as instant from session order by id desc limit 1').instant / 1e6 - Date.now() / 1000;
};
const clock = () => Date.now() / 1000 + offset;
// A code must not change while it is on its way.
const calm = async () => { await sync(); const left = 30 - clock() % 30; if (left < 4) await new Promise((r) => { setTimeout(r, left * 1000 + 300); }); };

await part('passwords', async () => {
  const owner = await fresh().signIn('police1');
  let old = PASSWORD;
  const set = async (password) => {
    const a = await owner.submit('/security/password', '/security/password', { old, password, again: password });
    if (a.status === 303) old = password;
    return a;
  };
  for (const [password, why] of [['коротк', 'a short one'], ['qwertyuiop', 'a common one'], ['QwertyUiop', 'in other letters too'], ['йцукенгшщз', 'and on the other keyboard'],
    ['police1', 'the login'], ['Police1-2024', 'the login and digits'], ['Пробация2024', 'a word of the house and digits'], ['aaaaaaaaaaaa', 'one letter'], ['x'.repeat(201), 'a book']])
    is((await set(password)).status, 422, `${why} is refused`);
  like((await set('коротк')).text, /Не меньше 10/, 'the least length is told as the packs have it');
  for (const password of ['мой кот любит дождь', 'lowercaseonlywords', '    four leading blanks', 'P4ß🙂 и ещё'])
    is((await set(password)).status, 303, `taken without any rule of composition: ${password}`);
  is((await enter('police1', server, 'P4ß🙂 и ещё')).status, 303, 'and it opens');
});

await part('a change by the owner ends the other sessions', async () => {
  const [a, b] = [await fresh().signIn('employment1'), await fresh().signIn('employment1')];
  await a.get('/reminders'); await a.post('/reminders/calendar');
  const before = new Map(a.cookies);
  const changed = events('password.changed');
  is((await a.submit('/security/password', '/security/password', { old: 'wrong', password: 'совсем новый пароль', again: 'совсем новый пароль' })).status, 422, 'not without the old one');
  is((await a.submit('/security/password', '/security/password', { old: PASSWORD, password: '1234567890', again: '1234567890' })).status, 422, 'nor to a common one');
  is((await a.submit('/security/password', '/security/password', { old: PASSWORD, password: 'совсем новый пароль', again: 'совсем новый пароль' })).status, 303, 'changed');
  is([(await a.get('/security')).status, (await b.get('/security')).status], [200, 303], 'this session goes on, the other has ended');
  is((await new Client(server.base, { cookies: before }).get('/security')).status, 303, 'under another secret');
  is(one(`select count(*) as n from feed where account_id = ${idOf('employment1')}`).n, 0, 'the address of the calendar is gone');
  is([(await enter('employment1')).status, (await enter('employment1', server, 'совсем новый пароль')).status], [422, 303], 'the old password opens nothing');
  is(events('password.changed'), changed + 1, 'it is in the log');
});

await part('a sign-in that is under way when the password changes', async () => {
  const login = 'social2';
  const owner = await fresh().signIn(login);
  const next = 'ещё один новый пароль';
  const entered = [];
  let over = false;
  const tries = [1, 2, 3, 4, 5].map(async (k) => {
    while (!over) {
      const c = fresh();
      const a = await c.request('POST', '/sign-in', { headers: { ...form, 'x-forwarded-for': `198.51.100.${20 + k}` }, body: `login=${login}&password=${PASSWORD}` });
      if (a.status === 303) entered.push(c);
    }
  });
  await new Promise((r) => { setTimeout(r, 200); });
  is((await owner.submit('/security/password', '/security/password', { old: PASSWORD, password: next, again: next })).status, 303, 'changed among many sign-ins');
  over = true;
  await Promise.all(tries);
  const alive = [];
  for (const c of entered) alive.push((await c.get('/')).status);
  ok(entered.length > 0 && alive.every((s) => s === 303), 'no session that the old password has opened goes on', alive.join(' '));
  is([(await owner.get('/')).status, (await enter(login, server, next)).status], [200, 303], 'the owner is here, and comes in by the new one');
});

await part('delay', async () => {
  const login = 'narcology1';
  for (let i = 0; i < 3; i += 1) await enter(login, server, 'wrong');
  await enter(login, server, 'wrong');
  const [a, ms] = await timed(() => enter(login, other, 'wrong'));
  ok(a.status === 422 && ms > 700, 'the next wait grows, also at another node', `${ms} ms`);
  const [, longer] = await timed(() => enter(login, other, 'wrong')); // clocks of test nodes begin one after another
  ok(longer > ms, 'and grows', `${longer} ms`);
  await other.stop(); await server.stop();
  for (let i = 0; i < servers.length; i += 1) Object.assign(servers[i], await register.serve({ env: { ...env, BEREG_NOW: '2024-06-14T10:00:00' } }));
  ok(one('select count(*) as n from sign_in_delay where failures >= 5').n >= 1, 'a restart forgets nothing');
  const keys = register.rows('select key from sign_in_delay');
  ok(keys.every((k) => /^[0-9a-f]{64}$/.test(k.key)), 'the table names nobody');
});

await part('many guesses at once are counted one by one', async () => {
  const login = 'homeless1';
  const all = await Promise.all(Array.from({ length: 6 }, (_, i) => timed(() => enter(login, servers[i % servers.length], 'wrong'))));
  is(all.map(([a]) => a.status).every((s) => s === 422), true, 'all wrong');
  ok(Math.max(...all.map(([, ms]) => ms)) > 900, 'those behind the free ones have waited', all.map(([, ms]) => ms).join(' '));
  const [good] = await timed(() => enter(login, server));
  is(good.status, 303, 'the owner gets in: no account is locked');
});

await part('spraying: one password at many accounts from one address', async () => {
  const logins = register.csv(['users']).map((u) => u.login);
  const from = (n) => ({ ...form, 'x-forwarded-for': n });
  const spray = (login, address) => fresh().request('POST', '/sign-in', { headers: from(address), body: `login=${login}&password=Password2024!` });
  for (let i = 0; i < 31; i += 1) await spray(logins[i % logins.length] + (i >= logins.length ? i : ''), '198.51.100.7');
  const [, ms] = await timed(() => spray('another.login', '198.51.100.7'));
  ok(ms > 700, 'after thirty the address waits, whichever account it names', `${ms} ms`);
  const [, quick] = await timed(() => spray('another.login', '198.51.100.8'));
  ok(quick < 700, 'another address does not', `${quick} ms`);
});

await part('which address counts', async () => {
  let n = 0;
  // five wrong tries at one login, each as if from another address: the fifth waits only when they count as one
  const slowed = async (what, address) => {
    n += 1;
    const times = [];
    for (let i = 0; i < 5; i += 1) {
      const headers = { ...form, 'x-forwarded-for': address(i) };
      times.push((await timed(() => fresh().request('POST', '/sign-in', { headers, body: `login=nobody.${n}&password=wrong` })))[1]);
    }
    ok(times[4] > 700, what, times.join(' '));
  };
  await slowed('addresses of one IPv6 network count as one', (i) => `2001:db8:7:1:${i}::${i + 1}`);
  await slowed('writings of one address count as one', (i) => ['2001:db8:7:2::a', '2001:DB8:7:2::A', '2001:0db8:7:2::a', '2001:db8:7:2:0::a', '[2001:db8:7:2::a]:443'][i]);
  await slowed('so does an address with its port', (i) => `203.0.113.97:${5000 + i}`);
  await slowed('of two lines the last counts, which the proxy has put there', (i) => [`198.51.100.${i + 40}`, '203.0.113.99']);
  await slowed('what is no address is that of the proxy', (i) => `unknown${i}`);
});

await part('sessions of one', async () => {
  const agents = ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36'];
  const make = async (agent, address) => {
    const c = fresh();
    await c.request('POST', '/sign-in', { headers: { ...form, 'user-agent': agent, 'x-forwarded-for': address }, body: `login=doctor1&password=${PASSWORD}` });
    return c;
  };
  const [a, b, c] = [await make(agents[0], '203.0.113.5'), await make(agents[1], '203.0.113.6'), await make('<script>alert(1)</script>', '203.0.113.7')];
  const page = await a.get('/security');
  for (const words of ['Firefox, Linux', 'Chrome, Windows', '203.0.113.5', '203.0.113.6', 'Пароль', 'не сообщает']) ok(page.text.includes(words), `he sees ${words}`);
  unlike(page.text, /<script>alert/, 'what a browser says of itself is no markup');
  const ends = page.forms.map((f) => /\/security\/sessions\/(\d+)\/end/.exec(f.action)?.[1]).filter(Boolean);
  is(ends.length, 2, 'and may end the two others');
  is((await a.post(`/security/sessions/${ends.at(-1)}/end`)).status, 303, 'ends one');
  is([(await a.get('/')).status, (await b.get('/')).status, (await c.get('/')).status], [200, 303, 200], 'that one, at once');
  const stranger = await fresh().signIn('ngo2').catch(() => fresh().signIn('penal1'));
  is((await stranger.post(`/security/sessions/${ends[0]}/end`)).status, 404, 'nobody ends those of others');
  is((await a.post('/security/sessions/end')).status, 303, 'ends all others');
  is([(await a.get('/')).status, (await c.get('/')).status], [200, 303], 'but not this one');
  is(events('session.ended'), 2, 'both in the log');
  const token = new Client(server.base, { token: register.token('doctor1') });
  is([(await token.get('/security')).status, (await token.postJson('/api/v1/security/codes', {})).status], [403, 404], 'a token shows and changes nothing of it');
  await enter('doctor1', server, 'wrong');
  const home = (await (await fresh().signIn('doctor1')).get('/')).text;
  like(home, /Последний вход: \d\d\.06\.2024 \d\d:\d\d, адрес 203\.0\.113\.7/, 'the home page says when and from where he was here last');
  like(home, /1 неверный пароль/, 'and how many passwords were wrong since');
});

await part('time ends a session', async () => {
  const c = await fresh().signIn('penal1');
  const id = idOf('penal1');
  const hour = 3600e6;
  register.exec(`update session set created_at = created_at - ${13 * hour} where account_id = ${id}`);
  is((await c.get('/')).status, 303, 'after twelve hours, however busy');
  const d = await fresh().signIn('penal1');
  register.exec(`update session set expires_at = seen_at where account_id = ${id}`);
  is((await d.get('/')).status, 303, 'and unused');
});

await part('fixation and tossed cookies', async () => {
  const planted = 'a'.repeat(64);
  const c = new Client(server.base, { cookies: [['bereg', planted]] });
  await enter('aids1', server, PASSWORD, c);
  ok(c.cookies.get('bereg') !== planted && /^[0-9a-f]{64}$/.test(c.cookies.get('bereg')), 'a planted secret is not taken over');
  const first = c.cookies.get('bereg');
  await c.get('/'); await c.post('/sign-in', { login: 'aids1', password: PASSWORD });
  ok(c.cookies.get('bereg') !== first, 'each sign-in has its own');
  is((await new Client(server.base, { cookies: [['bereg', first]] }).get('/')).status, 303, 'and ends the one before');
  const good = c.cookies.get('bereg');
  const ask = (cookie, more = {}) => fresh().request('GET', '/', { headers: { cookie, ...more }, cookies: false });
  is([(await ask(`bereg=${good}`)).status, (await ask(`bereg=${planted}; bereg=${good}`)).status, (await ask(`bereg=${good}; bereg=${planted}`)).status], [200, 303, 303], 'of two of one name none counts');
  is((await ask(`bereg=${good}`, { 'x-forwarded-proto': 'https' })).status, 303, 'behind TLS a cookie without the prefix counts for nothing');
  const tls = await fresh().request('POST', '/sign-in', { headers: { ...form, 'x-forwarded-proto': 'https' }, body: `login=aids1&password=${PASSWORD}` });
  const set = [].concat(tls.headers['set-cookie']).find((x) => x.includes('bereg='));
  like(set, /^__Host-bereg=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure$/, 'and it is set for this host only');
  unlike(set, /Domain/i, 'without a domain');
});

await part('codes of a program', async () => {
  is(totp(Buffer.from('12345678901234567890'), 59, 8), '94287082', 'the test itself computes as RFC 6238 does');
  const login = 'social1';
  const c = await fresh().signIn(login);
  const id = idOf(login);
  await calm();
  register.exec(`update session set confirmed_at = 0 where account_id = ${id}`);
  is((await c.get('/security/totp')).location, '/security/confirm?next=%2Fsecurity%2Ftotp', 'a while after signing in a secret is asked for first');
  is((await c.submit('/security/confirm', '/security/confirm', { password: 'wrong' })).status, 422, 'not a wrong one');
  const old = c.cookies.get('bereg');
  is((await c.submit('/security/confirm', '/security/confirm', { password: PASSWORD })).status, 303, 'the right one');
  ok(c.cookies.get('bereg') !== old && (await new Client(server.base, { cookies: [['bereg', old]] }).get('/')).status === 303, 'the session that opens more has another secret');
  const page = await c.get('/security/totp');
  const secret = base32(/b-raw">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '');
  is(secret.length, 20, 'a key of 160 bits');
  like(page.text, /<svg/, 'as a QR code');
  is((await c.get('/security/totp')).text.includes(/b-raw">([A-Z2-7 ]+)</.exec(page.text)[1]), true, 'looked at again it is the same');
  const elsewhere = await fresh().signIn(login);
  is((await c.post('/security/totp', { code: '000000' })).status, 422, 'not set up by a wrong code');
  is((await elsewhere.get('/')).status, 200, 'another session goes on');
  is((await enter(login)).location, '/', 'and not asked for yet');
  const before = c.cookies.get('bereg');
  const used = totp(secret, clock());
  const done = await c.post('/security/totp', { code: used });
  is(done.status, 200, 'set up');
  is((await elsewhere.get('/')).location, '/sign-in', 'the first factor ends the other sessions, which were opened without one');
  like(done.text, /Другие ваши сеансы завершены/, 'and the page says so');
  ok(c.cookies.get('bereg') !== before, 'under another secret of the session');
  const codes = [...done.text.matchAll(/<li>([a-z0-9]{3}-[a-z0-9]{5}-[a-z0-9]{5})<\/li>/g)].map((m) => m[1]);
  is(new Set(codes).size, 10, 'with ten recovery codes');
  unlike(register.files(), new RegExp(secret.toString('hex')), 'the key is not in the files');
  unlike(register.dump(), new RegExp([...codes.map((x) => x.replaceAll('-', '').slice(3)), secret.toString('hex')].join('|')), 'nor are the codes in a dump');

  const second = async (code, s = server) => {
    const d = fresh(s);
    const a = await enter(login, s, PASSWORD, d);
    is(a.location, '/sign-in/second', 'the password leads to the second step');
    is([(await d.get('/')).status, d.cookies.has('bereg')], [303, false], 'and opens nothing by itself');
    return [d, await d.submit('/sign-in/second', '/sign-in/second', { code })];
  };
  await calm();
  is((await second(used))[1].status, 422, 'the code of the enrolment is not taken again');
  const next = totp(secret, clock() + 30);
  const [d, a] = await second(next);
  is([a.status, a.location, (await d.get('/')).status], [303, '/', 200], 'the next one opens');
  is((await second(next))[1].status, 422, 'and is not taken twice');
  is((await second(used))[1].status, 422, 'nor is an older one after it');
  register.exec(`update factor_totp set step = 0 where account_id = ${id}`);
  is((await second(totp(secret, clock() - 90)))[1].status, 422, 'nor one of three steps ago');
  await calm();
  register.exec(`update factor_totp set step = 0 where account_id = ${id}; delete from sign_in_delay`);
  const race = totp(secret, clock());
  const both = [fresh(), fresh(other)];
  await Promise.all(both.map((x, i) => enter(login, i ? other : server, PASSWORD, x)));
  const got = await Promise.all(both.map((x) => x.post('/sign-in/second', { code: race })));
  is(got.map((x) => x.status).sort(), [303, 422], 'of two at once one gets in');
  register.exec('delete from sign_in_delay');
  is((await second(codes[0].toUpperCase()))[1].status, 303, 'a recovery code opens');
  is((await second(codes[0]))[1].status, 422, 'once');
  is(events('factor.recovered'), 1, 'which is in the log');
  // the delay of the second step
  register.exec('delete from sign_in_delay');
  const e = fresh();
  await enter(login, server, PASSWORD, e);
  const wrongFrom = (address, code) => e.post('/sign-in/second', { code }, { headers: { 'x-forwarded-for': address } });
  for (let i = 0; i < 4; i += 1) await wrongFrom(`198.51.100.${60 + i}`, String(100000 + i));
  const [, ms] = await timed(() => wrongFrom('198.51.100.70', '123456'));
  ok(ms > 700, 'wrong codes make it slower, wherever they come from', `${ms} ms`);
  // between the two steps the account's sessions were ended, and the row of the step was written behind that
  register.exec('delete from sign_in_delay');
  const late = fresh();
  await enter(login, server, PASSWORD, late);
  register.exec(`update account set epoch = epoch + 1 where id = ${id}`);
  is([(await late.post('/sign-in/second', { code: codes[3] })).location, (await late.get('/')).status], ['/sign-in', 303], 'what was proven before sessions were ended opens nothing afterwards');
  await enter(login, server, PASSWORD, e);
  const step = one('select max(id) as id from sign_in_try').id;
  register.exec(`update sign_in_try set failures = 9 where id = ${step}; delete from sign_in_delay`);
  await e.post('/sign-in/second', { code: '123456' });
  is((await e.post('/sign-in/second', { code: totp(secret, clock()) })).location, '/sign-in', 'after ten it begins with the password again');
  is((await fresh().post('/sign-in/second', { code: totp(secret, clock()) })).location, '/sign-in', 'and without a password there is no second step');
  ok(events('factor.failed') >= 5, 'wrong ones are in the log');
  // new codes, and off
  const renewed = await c.post('/security/codes');
  const fewer = [...renewed.text.matchAll(/<li>([a-z0-9]{3}-[a-z0-9]{5}-[a-z0-9]{5})<\/li>/g)].map((m) => m[1]);
  register.exec('delete from sign_in_delay');
  is([fewer.length, (await second(codes[1]))[1].status, (await second(fewer[1]))[1].status], [10, 422, 303], 'new codes end the old ones');
  is((await c.post('/security/totp/end')).status, 303, 'taken off');
  is([(await enter(login)).location, one(`select count(*) as n from factor_recovery where account_id = ${id}`).n], ['/', 0], 'the password is enough again, and the codes are gone');
});

await part('a role that needs a second factor', async () => {
  const login = register.csv(['users']).find((u) => u.role === 'ngo_worker').login;
  const c = await fresh().signIn(login);
  is([(await c.get('/')).location, (await c.get('/persons')).location], ['/security/enrol', '/security/enrol'], 'is led to set one up');
  is((await c.post('/persons', {})).status, 403, 'and changes nothing before');
  is((await c.get('/security/enrol')).status, 200, 'the page opens');
  await calm();
  const thief = await fresh().signIn(login); // has the password alone
  const page = await c.get('/security/totp');
  const secret = base32(/b-raw">([A-Z2-7 ]+)</.exec(page.text)[1]);
  is((await c.post('/security/totp', { code: totp(secret, clock()) })).status, 200, 'set up');
  is((await c.get('/')).status, 200, 'then everything opens');
  is([(await thief.get('/persons')).location, (await thief.post('/security/codes')).status], ['/sign-in?next=%2Fpersons', 303], 'to this session, not to one that was opened by the password alone');
  is((await c.post('/security/totp/end')).status, 409, 'and it cannot be taken off');
  // reset
  const id = idOf(login);
  const admin = await fresh().signIn('admin');
  const sessions = await admin.get(`/workers/${id}/sessions`);
  like(sessions.text, /Настроены коды приложения/, 'the administrator sees that there is one');
  unlike(sessions.text, new RegExp(secret.toString('hex')), 'not which');
  const head = await (await fresh().signIn(register.csv(['users']).find((u) => u.role === 'centre_head').login));
  is([(await head.get(`/workers/${id}/sessions`)).status, (await head.post(`/workers/${id}/factors/reset`)).status], [404, 403], "a head of another body sees nothing of it");
  is((await admin.post(`/workers/${id}/factors/reset`)).status, 303, 'the administrator resets it');
  is((await c.get('/')).location.startsWith('/sign-in'), true, 'its sessions end');
  const again = await fresh().signIn(login);
  is((await again.get('/')).location, '/security/enrol', 'the owner sets up another');
  like((await again.get('/security')).text, /сбросил ваш второй фактор/, 'and is told');
  await again.submit('/security', '/security/notice');
  unlike((await again.get('/security')).text, /сбросил ваш второй фактор/, 'until it is read');
  is([events('factor.reset'), events('factor.totp_on')], [1, 2], 'all in the log');
});

await part('who administers ends sessions', async () => {
  const users = register.csv(['users']);
  const headLogin = users.find((u) => u.role === 'centre_head').login;
  const body = one(`select body_id as b from account where login = '${headLogin}'`).b;
  const mine = one(`select id, login from account where body_id = ${body} and login <> '${headLogin}' and active = 1 order by id limit 1`);
  const theirs = one(`select id, login from account where body_id <> ${body} and active = 1 and role = 'doctor' order by id limit 1`);
  const head = await fresh().signIn(headLogin);
  const [a, b] = [await fresh().signIn(mine.login), await fresh().signIn(theirs.login)];
  is([(await head.get(`/workers/${mine.id}/sessions`)).status, (await head.get(`/workers/${theirs.id}/sessions`)).status], [200, 404], 'the head sees those of the own body only');
  is((await head.post(`/workers/${theirs.id}/sessions/end`)).status, 404, 'and ends no others');
  is((await head.post(`/workers/${mine.id}/sessions/end`)).status, 303, 'ends those of the own');
  is([(await a.get('/')).status, (await b.get('/')).status], [303, 200], 'at once');
  const admin = await fresh().signIn('admin');
  const page = await admin.get(`/workers/${theirs.id}/sessions`);
  const end = page.forms.map((f) => f.action).find((x) => /sessions\/\d+\/end/.test(x));
  is((await admin.post(end)).status, 303, 'the administrator ends one of any body');
  is((await b.get('/')).status, 303, 'at once');
  is((await (await fresh().signIn('penal1')).get(`/workers/${mine.id}/sessions`)).status, 404, 'to others there is no such page');
});

await part('a dismissed worker', async () => {
  const login = 'aids1';
  const id = idOf(login);
  const c = await fresh().signIn(login);
  const token = new Client(server.base, { token: register.token(login) });
  const made = await c.post('/reminders/calendar');
  const feed = /\/calendar\/[0-9a-f]{64}\.ics/.exec(made.text)[0];
  is([(await c.get('/')).status, (await token.get('/api/v1/bodies')).status, (await fresh().get(feed)).status], [200, 200, 200], 'session, token and calendar open');
  const admin = await fresh().signIn('admin');
  const colleague = one(`select id from account where body_id = (select body_id from account where id = ${id}) and id <> ${id} and active = 1 order by id limit 1`)?.id ?? '';
  const done = await admin.submit(`/accounts/${id}`, `/accounts/${id}`, { active: '0', substitute_id: String(colleague) });
  is(done.status, 303, 'dismissed');
  is([(await c.get('/')).status, (await token.get('/api/v1/bodies')).status, (await fresh().get(feed)).status], [303, 401, 404], 'nothing opens any more, at the next request');
  is([one(`select count(*) as n from session where account_id = ${id}`).n, one(`select count(*) as n from token where account_id = ${id} and ended_at is null`).n, one(`select count(*) as n from feed where account_id = ${id}`).n], [0, 0, 0], 'and nothing is left');
  is((await enter(login)).status, 422, 'nor does the password');
});

await part('the clock is set back', async () => {
  for (const s of servers) await s.stop();
  const signs = async (now) => {
    const there = await register.serve({ env: { ...env, BEREG_NOW: now } });
    const began = Date.now();
    await there.client().signIn('social1');
    await there.stop();
    return Date.now() - began;
  };
  await signs('2024-06-14T11:00:30');
  const ms = await signs('2024-06-14T11:00:00');
  ok(ms < 10000, 'who has failed at nothing does not wait until it has come round again', `${ms} ms`);
});

await part('stricter packs: codes of SHA-256 that live half a minute', async () => {
  const before = fs.readFileSync(numbers, 'utf8');
  const write = (hash, steps) => fs.writeFileSync(numbers, before.replace(/^code_hash = .*$/m, `code_hash = ${hash}`).replace(/^code_steps = .*$/m, `code_steps = ${steps}`));
  write('MD5', 0);
  like(register.run(['upgrade'], { env }).err, /code_hash is SHA1 or SHA256/, 'no other hash');
  write('SHA256', 2);
  like(register.run(['upgrade'], { env }).err, /code_steps is a number from 0 to 1/, 'nor a longer life');
  write('SHA256', 0);
  is(register.run(['upgrade'], { env }).status, 0, 'taken over');
  const strict = await register.serve({ env });
  const at = async () => { // the clock of this server, at the beginning of a step
    await fresh(strict).signIn('admin');
    offset = one('select created_at as instant from session order by id desc limit 1').instant / 1e6 - Date.now() / 1000;
    const past = clock() % 30;
    if (past > 20) await new Promise((r) => { setTimeout(r, (30 - past) * 1000 + 300); });
    return clock();
  };
  const c = await fresh(strict).signIn('penal2');
  const page = await c.get('/security/totp');
  const secret = base32(/b-raw">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '');
  is(secret.length, 32, 'a key as long as the digest');
  like(page.text, /алгоритм SHA-256/, 'the page tells what to choose');
  is((await c.post('/security/totp', { code: totp(secret, await at()) })).status, 422, 'a code of SHA-1 does not prove it');
  is((await c.post('/security/totp', { code: totp(secret, await at() - 30, 6, 'sha256') })).status, 422, 'nor one of half a minute ago');
  is((await c.post('/security/totp', { code: totp(secret, await at(), 6, 'sha256') })).status, 200, 'the right one does');
  const opens = async (seconds) => {
    register.exec(`update factor_totp set step = 0 where account_id = ${idOf('penal2')}; delete from sign_in_delay`);
    const d = fresh(strict);
    await enter('penal2', strict, PASSWORD, d);
    return (await d.post('/sign-in/second', { code: totp(secret, await at() + seconds, 6, 'sha256') })).status;
  };
  is([await opens(-30), await opens(30), await opens(0)], [422, 422, 303], 'and signs in with the code of now only');
  await strict.stop();
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
fs.rmSync(packs, { recursive: true, force: true });
finish();
