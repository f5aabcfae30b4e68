// Accounts and what opens them: tokens of the API and their term, first passwords, secrets asked again, the log of sign-ins, how many
// sessions at once.   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/accounts.mjs
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { PACKS, PASSWORD, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

// The demo region, in which workers of NGOs need a second factor.
const packs = path.join(tmpDir(), `packs_accounts_${process.pid}`);
fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
const region = path.join(packs, path.basename(PACKS));
const roles = path.join(region, 'roles.pack');
fs.writeFileSync(roles, fs.readFileSync(roles, 'utf8').replace(/(\[role ngo_worker\]\n)/, '$1second_factor = yes\n'));
const register = Register.demo({ persons: 40, seed: 5, name: 'accounts', packs: region });
const serve = (now, args = []) => register.serve({ args, env: { BEREG_PACKS: region, ...(now ? { BEREG_NOW: now } : {}) } });
let server = await serve();
const users = register.csv(['users']);
const loginOf = (role) => users.find((u) => u.role === role).login;
const one = (sql) => register.rows(sql)[0];
const idOf = (login) => one(`select id from account where login = '${login}'`).id;
const fresh = () => new Client(server.base);
const api = (token) => new Client(server.base, { token });
const events = (kind) => one(`select count(*) as n from event where kind = '${kind}'`).n;
const later = async (now) => { await server.stop(); server = await serve(now); };

// RFC 6238 by the clock of the register, which begins at a fixed moment with each start.
const totp = (secret, seconds) => {
  const c = Buffer.alloc(8); c.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const h = crypto.createHmac('sha1', secret).update(c).digest();
  return String((h.readUInt32BE(h[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
};
const base32 = (t) => {
  const bits = [...t.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
};
const clock = async () => {
  await fresh().signIn('admin');
  return one('select created_at as instant from session order by id desc limit 1').instant / 1e6;
};
// Sets codes of a program up; {secret, codes}.
const enrol = async (c) => {
  const secret = base32(/b-raw">([A-Z2-7 ]+)</.exec((await c.get('/security/totp')).text)[1]);
  const done = await c.post('/security/totp', { code: totp(secret, await clock()) });
  is(done.status, 200, 'codes of a program are set up');
  return { secret, codes: [...done.text.matchAll(/<li>([a-z0-9-]+)<\/li>/g)].map((m) => m[1]) };
};

await part('tokens of the API', async () => {
  const made = register.run(['token', '--login', 'police1', '--days', '5', '--name', 'Выгрузка <b>']);
  is(made.status, 0, 'made at the machine');
  const [short, long] = [made.out.trim(), register.token('police1')];
  is([(await api(short).get('/api/v1/bodies')).status, (await api(long).get('/api/v1/bodies')).status], [200, 200], 'they open');
  is([register.run(['token', '--login', 'police1', '--days', '91']).status, register.run(['token', '--login', 'police1', '--days', '0']).status], [1, 2], 'no longer than the packs say');
  const days = register.rows(`select (until_at - created_at) / 86400000000 as d from token where account_id = ${idOf('police1')} order by id`).map((r) => Number(r.d));
  is(days, [5, 90], 'five days as asked, and ninety of the packs');

  const owner = await fresh().signIn('police1');
  like((await owner.get('/security')).text, /Выгрузка &lt;b&gt;/, 'the owner sees them');
  const listed = (await api(long).get('/api/v1/tokens')).json;
  is(listed.items.map((t) => t.name), ['bereg token', 'Выгрузка <b>'], 'a program too');
  unlike(JSON.stringify(listed), /[0-9a-f]{64}/, 'never the secret or its digest');
  const id = listed.items[1].id;
  const stranger = await fresh().signIn('employment1');
  is([(await stranger.post(`/tokens/${id}/end`)).status, (await stranger.post(`/workers/${idOf('police1')}/tokens/${id}/end`)).status], [404, 404], 'nobody ends those of others');
  is((await owner.submit('/security', `/tokens/${id}/end`)).status, 303, 'the owner ends one');
  is([(await api(short).get('/api/v1/bodies')).status, (await api(long).get('/api/v1/bodies')).status], [401, 200], 'that one, at once');
  is((await owner.post(`/tokens/${id}/end`)).status, 404, 'once');
  const again = register.token('police1');
  const own = (await api(again).get('/api/v1/tokens')).json.items[0].id;
  is([(await api(again).postJson(`/api/v1/tokens/${own}/end`, {})).status < 300, (await api(again).get('/api/v1/bodies')).status], [true, 401], 'a program gives its own back');

  const admin = await fresh().signIn('admin');
  const page = await admin.get(`/workers/${idOf('police1')}/sessions`);
  const end = page.forms.map((f) => f.action).find((a) => /\/tokens\/\d+\/end$/.test(a));
  is([(await admin.post(end)).status, (await api(long).get('/api/v1/bodies')).status], [303, 401], 'the administrator ends one');
  const third = register.token('police1');
  const number = (await api(third).get('/api/v1/tokens')).json.items[0].id;
  is([(await api(register.token('admin')).postJson(`/api/v1/workers/${idOf('police1')}/tokens/${number}/end`, {})).status < 300, (await api(third).get('/api/v1/bodies')).status], [true, 401], 'also by the API');
  is(events('token.ended'), 4, 'all in the log');
});

await part('a token ends by itself', async () => {
  const token = register.run(['token', '--login', 'police1', '--days', '2']).out.trim();
  await later('2024-06-16T09:00');
  is((await api(token).get('/api/v1/bodies')).status, 200, 'on the second day it opens');
  await later('2024-06-16T11:00');
  is((await api(token).get('/api/v1/bodies')).status, 401, 'after its term it does not');
  await later();
  const old = register.token('police1');
  register.exec(`update token set until_at = null where id = (select max(id) from token)`);
  is((await api(old).get('/api/v1/bodies')).status, 401, 'one without a term, of an older register, opens nothing');
  is(register.run(['upgrade'], { env: { BEREG_PACKS: region } }).status, 0, 'upgrade');
  is((await api(old).get('/api/v1/bodies')).status, 200, 'which gives it the term of the packs');
  is(Number(one('select (until_at - created_at) / 86400000000 as d from token order by id desc limit 1').d), 90, 'from now on');
});

await part('a token of a role that needs a second factor', async () => {
  const login = loginOf('ngo_worker');
  const token = register.token(login);
  is([(await api(token).get('/api/v1/bodies')).status, (await api(token).get('/bodies')).status, (await api(token).get('/bodies?format=csv')).status, (await api(token).postJson('/api/v1/persons', {})).status], [403, 403, 403, 403], 'opens nothing while the owner has none');
  await enrol(await fresh().signIn(login));
  is((await api(token).get('/api/v1/bodies')).status, 200, 'with one it opens');
  is((await (await fresh().signIn('admin')).post(`/workers/${idOf(login)}/factors/reset`)).status, 303, 'the factor is reset');
  is((await api(token).get('/api/v1/bodies')).status, 401, 'which ends the token');
});

await part('secrets asked again', async () => {
  const login = 'employment1';
  const c = await fresh().signIn(login);
  const stale = (who = login) => register.exec(`update session set confirmed_at = 0 where account_id = ${idOf(who)}`);
  const other = await fresh().signIn(login);
  stale();
  is((await c.post('/security/sessions/end')).location, '/security/confirm?next=%2Fsecurity', 'other sessions are not ended without it');
  is((await other.get('/')).status, 200, 'they go on');
  is((await c.get('/security/password')).status, 200, 'the password asks for itself, where there is no other factor');
  const asked = await c.get('/security/confirm?next=%2Fsecurity%2Ftotp');
  unlike(asked.text, /name="code"/, 'nor is a code asked for');
  is((await c.submit(asked, '/security/confirm', { password: PASSWORD })).location, '/security/totp', 'it leads on to where one was');
  const { secret, codes } = await enrol(c);
  is((await other.get('/')).status, 303, 'the other session, which was opened without the factor, has ended');
  const again = fresh();
  await again.post('/sign-in', { login, password: PASSWORD });
  is((await again.post('/sign-in/second', { code: codes[1] })).location, '/', 'another one is opened with it');
  const step = () => register.exec(`update factor_totp set step = 0 where account_id = ${idOf(login)}; delete from sign_in_delay`);
  stale();
  for (const [method, at] of [['get', '/security/password'], ['get', '/security/totp'], ['get', '/security/passkeys/new'], ['post', '/security/totp/end'], ['post', '/security/codes'], ['post', '/security/sessions/end'], ['post', '/security/password']])
    like((await c[method](at)).location, /^\/security\/confirm\?next=/, `${method} ${at} asks again`);
  const code = async () => totp(secret, await clock());
  const confirm = (data) => c.submit('/security/confirm?next=https%3A%2F%2Fevil.example%2F', '/security/confirm', data);
  step();
  is((await confirm({ password: PASSWORD })).status, 422, 'the password alone is not enough where there is a second factor');
  is((await confirm({ password: PASSWORD, code: '000000' })).status, 422, 'nor with a wrong code');
  is((await confirm({ password: 'wrong', code: await code() })).status, 422, 'nor the code with a wrong password');
  is((await c.get('/security/totp')).status, 303, 'still asked');
  ok(events('factor.failed') > 0, 'a wrong code is in the log');
  step();
  const good = await confirm({ password: PASSWORD, code: await code() });
  is([good.status, good.location], [303, '/'], 'both together are, and lead nowhere else');
  is([(await c.get('/security/password')).status, (await c.get('/security/totp')).status], [200, 200], 'then it opens');
  stale(); step();
  is((await confirm({ password: PASSWORD, code: codes[0] })).status, 303, 'a recovery code does it too');
  is((await c.post('/security/sessions/end')).location, '/security', 'and the sessions end');
  is((await again.get('/')).status, 303, 'at once');

  const admin = await fresh().signIn('admin');
  stale('admin');
  const id = idOf('penal1');
  is([(await admin.post(`/accounts/${id}/password`)).location, (await admin.post(`/workers/${id}/factors/reset`)).location],
    [`/security/confirm?next=%2Faccounts%2F${id}`, `/security/confirm?next=%2Fworkers%2F${id}%2Fsessions`], 'the administrator is asked before passwords and factors of others are reset');
  const token = api(register.token('admin'));
  is([(await token.postJson(`/api/v1/accounts/${id}/password`, {})).status, (await token.postJson(`/api/v1/workers/${id}/factors/reset`, {})).status], [404, 404], 'a token cannot');
  is((await fresh().post('/sign-in', { login: 'penal1', password: PASSWORD })).location, '/', 'nothing has happened to it');
});

await part('accounts are made and changed by a person who has confirmed', async () => {
  const id = idOf('social3');
  const now = () => one(`select login, role, body_id as body, active, post from account where id = ${id}`);
  const before = now();
  const admin = await fresh().signIn('admin');
  const confirmed = (at) => register.exec(`update session set confirmed_at = ${at} where account_id = ${idOf('admin')}`);
  const page = await admin.get(`/accounts/${id}`), empty = await admin.get(`/accounts/new?body_id=${before.body}`);
  const made = { login: 'made.late', name: 'Поздняя Запись', role: before.role, body_id: String(before.body) };
  unlike(page.text, /подтвердить в новом окне/, 'right after the sign-in nothing more is asked');
  confirmed(0);
  is((await admin.get(`/accounts/new?body_id=${before.body}`)).location, `/security/confirm?next=%2Faccounts%2Fnew%3Fbody_id%3D${before.body}`, 'later the form of a new one is opened behind the confirmation');
  like((await admin.get(`/accounts/${id}`)).text, /href="\/security\/confirm\?next=\/security" target="_blank"/, 'and that of an old one says where to confirm');
  const kept = await admin.submit(empty, '/accounts', made);
  is([kept.status, /value="Поздняя Запись"/.test(kept.text), /target="_blank"/.test(kept.text), register.rows("select id from account where login = 'made.late'").length], [422, true, true, 0],
    'a form that was filled meanwhile comes back as it was filled, and makes nothing');
  unlike(kept.text, /[a-z0-9]{4}(-[a-z0-9]{4}){3}/, 'and tells no password');
  for (const [what, change] of [['role', { role: 'centre_head' }], ['login', { login: 'social.other' }], ['access', { active: '0' }]])
    is((await admin.submit(page, `/accounts/${id}`, change)).status, 422, `${what}: not without it`);
  is(now(), before, 'nothing was changed');
  is((await admin.submit(page, `/accounts/${id}`, { post: 'Инспектор' })).status, 303, 'what decides nothing is changed without it');
  is(now().post, 'Инспектор', 'at once');
  is((await admin.submit('/security/confirm?next=%2Faccounts', '/security/confirm', { password: PASSWORD })).location, '/accounts', 'confirmed in another window');
  const sent = await admin.submit(kept, '/accounts', {});
  is([sent.status, register.rows("select id from account where login = 'made.late'").length], [200, 1], 'the same form sent again makes it', sent.text.slice(0, 300));
  is((await admin.submit(`/accounts/${id}`, `/accounts/${id}`, { login: 'social.other' })).status, 303, 'and changes it');
  is((await admin.submit(`/accounts/${id}`, `/accounts/${id}`, { login: before.login })).status, 303, 'and back');

  const token = api(register.token('admin'));
  is((await token.postJson('/api/v1/accounts', { ...made, login: 'made.by.token', body_id: before.body })).status, 403, 'a program makes none');
  const card = (await token.get(`/api/v1/accounts/${id}`));
  const same = { name: 'Имя По Ключу', login: before.login, role: before.role, body_id: before.body, active: true, version: Number(/\d+/.exec(card.headers.etag)[0]) };
  for (const [what, change] of [['role', { role: 'centre_head' }], ['login', { login: 'social.other' }], ['access', { active: false }], ['body', { body_id: one("select body_id as b from account where login = 'doctor1'").b, role: 'doctor' }]])
    is((await token.postJson(`/api/v1/accounts/${id}`, { ...same, ...change })).status, 404, `${what}: nor changes it`);
  is([now().role, now().login, now().active, now().body], [before.role, before.login, before.active, before.body], 'nothing was changed');
  const named = await token.postJson(`/api/v1/accounts/${id}`, same);
  ok(named.status < 300 && one(`select name from account where id = ${id}`).name === 'Имя По Ключу', 'the rest it may', named.text.slice(0, 300));
});

await part('first passwords', async () => {
  const admin = await fresh().signIn('admin');
  const body = one(`select body_id as b from account where login = 'police1'`).b;
  const { role } = users.find((u) => u.login === 'police1');
  const make = (login) => admin.submit('/accounts/new', '/accounts', { login, name: 'Новый Работник', role, body_id: String(body), password: 'chosen by the administrator' });
  const firstOf = (a) => /b-raw">([a-z0-9-]+)</.exec(a.text)?.[1] ?? '';
  const made = await make('new.one');
  const first = firstOf(made);
  is([made.status, /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/.test(first)], [200, true], 'the program makes it and shows it', made.text.slice(0, 300));
  like(made.text, /17\.06\.2024 10:/, 'with its end, three days on');
  unlike((await admin.get(`/accounts/${idOf('new.one')}`)).text, new RegExp(first), 'once');
  unlike(register.dump(), new RegExp(first), 'and keeps a hash of it');
  is((await fresh().post('/sign-in', { login: 'new.one', password: 'chosen by the administrator' })).status, 422, 'what the administrator types opens nothing');
  const [other, second] = [firstOf(await make('new.two')), firstOf(await make('new.three'))];
  ok(new Set([first, other, second]).size === 3 && other.length === 19, 'each has its own');

  const c = await fresh().signIn('new.one', first);
  is([(await c.get('/')).location, (await c.get('/persons')).location, (await c.get('/security')).location, (await c.get('/accounts/1')).status], ['/security/password', '/security/password', '/security/password', 403], 'nothing opens but the page on which it is changed');
  is((await c.post('/reminders', {})).status, 403, 'and nothing is changed');
  const token = register.token('new.one');
  is([(await api(token).get('/api/v1/bodies')).status, (await api(token).get('/bodies')).status], [403, 403], 'nor does a token open anything');
  const page = await c.get('/security/password');
  is((page.text.match(/type="password"[^>]*autocomplete="new-password"|autocomplete="new-password"[^>]*type="password"/g) ?? []).length, 2, 'a new password is typed twice, unseen, and offered to managers of passwords');
  const change = (old, password, again = password) => c.submit('/security/password', '/security/password', { old, password, again });
  const differ = await change(first, 'совсем новый пароль', 'совсем другой пароль');
  is(differ.status, 422, 'not when the two differ');
  unlike(differ.text, /совсем/, 'and it does not come back with the page');
  is([(await change(first, first)).status, (await change('wrong', 'совсем новый пароль')).status], [422, 422], 'nor to itself, nor without the first one');
  is((await c.get('/')).location, '/security/password', 'still nothing opens');
  const done = await change(first, 'совсем новый пароль');
  is([done.status, done.location, (await c.get('/')).status, (await api(token).get('/api/v1/bodies')).status], [303, '/', 200, 200], 'changed, everything opens');
  is([(await fresh().post('/sign-in', { login: 'new.one', password: first })).status, (await fresh().post('/sign-in', { login: 'new.one', password: 'совсем новый пароль' })).location], [422, '/'], 'by the own one from then on');

  const reset = await admin.post(`/accounts/${idOf('new.one')}/password`);
  const third = firstOf(reset);
  is([reset.status, third.length, (await c.get('/')).location], [200, 19, '/sign-in'], 'a reset makes another, and ends the sessions');
  is((await fresh().post('/sign-in', { login: 'new.one', password: 'совсем новый пароль' })).status, 422, 'the old one opens nothing');
  is((await admin.post(`/accounts/${idOf('admin')}/password`)).status, 409, 'one does not reset the own one');
  is((await (await fresh().signIn('police1')).post(`/accounts/${idOf('new.one')}/password`)).status, 403, 'nor do others');

  await later('2024-06-17T09:00');
  is((await fresh().post('/sign-in', { login: 'new.two', password: other })).location, '/', 'within its term it opens');
  await later('2024-06-17T11:00');
  const [late, wrong] = [await fresh().post('/sign-in', { login: 'new.three', password: second }), await fresh().post('/sign-in', { login: 'new.three', password: 'wrong' })];
  is([late.status, late.text.replace(/value="[^"]*"/g, '') === wrong.text.replace(/value="[^"]*"/g, '')], [422, true], 'after it the answer is that of a wrong one, letter by letter');
  is((await fresh().post('/sign-in', { login: 'admin', password: PASSWORD })).location, '/', 'those of the demonstration stay');
  await later();
});

await part('the log of events', async () => {
  const page = await (await fresh().signIn('auditor')).get('/log?from=01.01.2020&limit=200');
  const kinds = /<select[^>]*id="kind"[^]*?<\/select>/.exec(page.text)[0];
  ok(kinds.match(/<option/g).length > 200 && !/selected|скрыто/.test(kinds), 'each kind that the auditor may know of can be chosen, and none is until he does', kinds.slice(0, 300));
  const objects = [...page.main.matchAll(/data-label="Объект"><span>([^]*?)<\/span>/g)].map((m) => m[1].replace(/<[^>]*>/g, '').trim());
  ok(objects.length > 20 && new Set(objects.map((o) => o.replace(/ \d+$/, ''))).size > 3, 'events have objects of several kinds', objects.slice(0, 20));
  is(objects.filter((o) => /[a-z]{3}/.test(o)), [], 'which are told in words');
});

await part('the log of sign-ins', async () => {
  const from = (address, login, password) => fresh().request('POST', '/sign-in', { headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': address }, body: `login=${login}&password=${password}` });
  const before = one('select max(id) as last from sign_in_log').last;
  const auditor = api(register.token('auditor'));
  const log = async (query = '') => (await auditor.get(`/api/v1/logins?limit=200${query}`)).json.items.filter((i) => i.id > before);
  const spray = ['police1', 'doctor1', 'penal1', 'nobody.here', 'nobody.there'];
  const answers = [];
  for (const login of spray) answers.push(await from('198.51.100.9', login, 'Password2024!'));
  is(new Set(answers.map((a) => a.text.replace(/value="[^"]*"/g, '') + a.status + Object.keys(a.headers).join())).size, 1, 'outside a login of nobody is answered as one of somebody, letter by letter');
  await from('198.51.100.10', 'police1', 'wrong');
  await from('198.51.100.10', 'police1', PASSWORD);
  const lines = (await log()).reverse();
  is(lines.map((l) => [l.login, l.way, l.good]), [['police1', 'password', 0], ['doctor1', 'password', 0], ['penal1', 'password', 0], [null, 'password', 0], [null, 'password', 0], ['police1', 'password', 0], ['police1', 'password', 1]], 'each try with its account, where there is one, its way and its outcome');
  is([new Set(lines.slice(0, 5).map((l) => l.origin)).size, new Set(lines.map((l) => l.origin)).size, /^[0-9a-f]{16}$/.test(lines[0].origin)], [1, 2, true], 'tries of one address have one digest');
  unlike(register.rows('select origin from sign_in_log').map((r) => r.origin).join(' '), /198\.51/, 'which names no address');
  unlike(register.dump().split('\n').filter((l) => /sign_in_log|history|INTO event/i.test(l)).join('\n'), /198\.51|nobody\.here/, 'nor do events and their values, nor what was typed as a login');
  const spot = (await auditor.get('/api/v1/logins')).json.origins[0];
  is([spot.origin, spot.accounts, spot.tries, spot.strangers], [lines[0].origin, 3, 5, 2], 'the address that has tried the most accounts stands first');
  is([(await log('&show=failed')).length, (await log('&login=police1')).length, (await log(`&origin=${lines[6].origin}`)).length], [6, 3, 2], 'filtered by outcome, account and address');
  const last = register.rows("select kind, object, object_id as number from event where kind like 'sign_in.%' order by id desc limit 7").reverse();
  is(last.map((e) => [e.kind, e.object, e.number]), [...['police1', 'doctor1', 'penal1'].map((l) => ['sign_in.failed', 'account', idOf(l)]), ['sign_in.failed', null, null], ['sign_in.failed', null, null], ['sign_in.failed', 'account', idOf('police1')], ['sign_in.done', 'account', idOf('police1')]], 'in the event log too');

  const c = await fresh().signIn('doctor1');
  const { secret, codes } = await enrol(c);
  const second = async (code) => { const d = fresh(); await d.post('/sign-in', { login: 'doctor1', password: PASSWORD }); return d.post('/sign-in/second', { code }); };
  await second('000000');
  await second(codes[0]);
  register.exec(`update factor_totp set step = 0 where account_id = ${idOf('doctor1')}; delete from sign_in_delay`);
  await second(totp(secret, await clock()));
  is((await log('&login=doctor1')).slice(0, 3).map((l) => [l.way, l.good]), [['totp', 1], ['recovery', 1], ['totp', 0]], 'with a second step it is told which');

  for (const login of ['admin', 'social1', 'police1']) {
    const who = await fresh().signIn(login);
    is([(await who.get('/logins')).status, (await api(register.token(login)).get('/api/v1/logins')).status], [404, 404], `to ${login} there is no such page`);
  }
  const page = await (await fresh().signIn('auditor')).get('/logins?show=failed');
  is([page.status, /неизвестна/.test(page.text)], [200, true], 'the auditor reads it');
  ok((() => { try { register.exec('update sign_in_log set good = 1'); return false; } catch { return true; } })(), 'and nobody changes it');
});

await part('recovery codes', async () => {
  const login = 'homeless1';
  const { codes } = await enrol(await fresh().signIn(login));
  is([codes.length, codes.every((x) => /^[a-z0-9]{3}-[a-z0-9]{5}-[a-z0-9]{5}$/.test(x))], [10, true], 'ten');
  const kept = register.rows(`select selector, code_hash as hash from factor_recovery where account_id = ${idOf(login)} order by id`);
  is(kept.map((k) => k.selector), codes.map((x) => x.slice(0, 3)), 'found by their first letters');
  is([kept.every((k) => /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/.test(k.hash)), new Set(kept.map((k) => k.hash.split('$')[4])).size], [true, 10], 'of the rest a slow hash, each with salt of its own');
  unlike(register.dump(), new RegExp(codes.map((x) => x.slice(4).replace('-', '')).join('|')), 'and nothing else');
  const first = async () => { const d = fresh(); await d.post('/sign-in', { login, password: PASSWORD }); return d; };
  const changed = codes[0].slice(0, -1) + (codes[0].endsWith('a') ? 'b' : 'a');
  is((await (await first()).post('/sign-in/second', { code: changed })).status, 422, 'one letter wrong');
  is((await (await first()).post('/sign-in/second', { code: codes[0].slice(0, 4) + codes[1].slice(4) })).status, 422, 'the letters of one, the rest of another');
  const two = [await first(), await first()];
  const got = await Promise.all(two.map((d) => d.post('/sign-in/second', { code: codes[0].replaceAll('-', ' ').toUpperCase() })));
  is(got.map((a) => a.status).sort(), [303, 422], 'of two at once with one code one gets in');
});

await part('how many sessions at once', async () => {
  const login = 'penal1';
  const count = () => one(`select count(*) as n from session where account_id = ${idOf(login)}`).n;
  register.exec(`delete from session where account_id = ${idOf(login)}`);
  const all = [];
  for (let i = 0; i < 10; i += 1) all.push(await fresh().signIn(login));
  is([(await all[0].get('/')).status, events('session.displaced')], [200, 0], 'ten, as the packs say, stand side by side');
  const eleventh = fresh();
  await eleventh.post('/sign-in', { login, password: PASSWORD });
  like((await eleventh.get('/')).text, /Самый давний ваш сеанс завершён/, 'who opens one more is told');
  is([(await all[0].get('/')).location, (await all[1].get('/')).status, count(), events('session.displaced')], ['/sign-in', 200, 10, 1], 'the oldest has ended, no other, and it is in the log');
  is((await fresh().signIn('social1').then((c) => c.get('/'))).status, 200, 'other accounts have their own number');
  like((await eleventh.get('/security')).text, /не больше 10 сеансов/, 'the page names the number');
  await Promise.all(Array.from({ length: 6 }, () => fresh().post('/sign-in', { login, password: PASSWORD })));
  is(count(), 10, 'nor are there more when many sign in at once');
  is((await eleventh.get('/')).status, 200, 'the newest stay');
});

await part('passwords known from thefts', async () => {
  const known = 'лошадь скрепка батарея 17', digest = (t) => crypto.createHash('sha1').update(t).digest('hex').toUpperCase();
  const file = path.join(tmpDir(), `breached_${process.pid}.txt`);
  fs.writeFileSync(file, `${[known, ...Array.from({ length: 5000 }, (_, i) => `чужой пароль ${i}`)].map((t, i) => `${digest(t)}:${i + 1}`).sort().join('\r\n')}\r\n`);
  await server.stop();
  server = await serve(null, ['--breached', file]);
  const c = await fresh().signIn('social2');
  const change = (password) => c.submit('/security/password', '/security/password', { old: PASSWORD, password, again: password });
  const refused = await change(known);
  is(refused.status, 422, 'one of them is not taken');
  like(refused.main, /известен из утечек/, 'and the owner is told why');
  is((await change('чужой пароль 4999')).status, 422, 'nor another one');
  is((await change(`${known}!`)).status, 303, 'one that is not among them is');
  await server.stop();
  for (const [what, bytes] of [['no digests', 'password\n'], ['nothing', '']]) {
    fs.writeFileSync(file, bytes);
    await serve(null, ['--breached', file]).then((s) => { ok(false, `a file with ${what}`); return s.stop(); }, (e) => like(String(e.message), /--breached is a sorted file/, `a file with ${what} is refused at the start`));
  }
  await serve(null, ['--breached', '/no/such/file']).then((s) => { ok(false, 'a file that is not there'); return s.stop(); }, (e) => like(String(e.message), /cannot be read/, 'as is one that is not there'));
  fs.rmSync(file);
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
fs.rmSync(packs, { recursive: true, force: true });
finish();
