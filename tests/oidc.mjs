// OpenID Connect against a provider of the test's own: linking, signing in, and what an attacker or a broken provider may say.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/oidc.mjs
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { PACKS, PASSWORD, Register, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const b64 = (x) => Buffer.from(x).toString('base64url');
const pair = (type, options) => crypto.generateKeyPairSync(type, options);
const keys = { rsa: pair('rsa', { modulusLength: 2048 }), ec: pair('ec', { namedCurve: 'P-256' }), foreign: pair('rsa', { modulusLength: 2048 }), short: pair('rsa', { modulusLength: 1024 }), nearly: pair('rsa', { modulusLength: 2040 }), long: pair('rsa', { modulusLength: 3072 }) };
const jwk = (k, kid, alg) => ({ ...keys[k].publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' });
const jwks = { keys: [jwk('rsa', 'r1', 'RS256'), jwk('ec', 'e1', 'ES256')] };
const SECRET = 'client secret ZQOIDCZQ';

// ---- the provider ----

let wish = {};          // what the next token says otherwise
const asked = [];       // requests of the token endpoint
const discovered = {};  // how often each discovery document was asked for
let hangs = false;      // the slow provider answers nothing
const codes = new Map();
let issuer = '';
let now = () => Date.now() / 1000;
const sign = (head, claims, { key = 'rsa', hmac } = {}) => {
  const text = `${b64(JSON.stringify(head))}.${b64(JSON.stringify(claims))}`;
  if (head.alg === 'none') return `${text}.`;
  if (hmac) return `${text}.${crypto.createHmac('sha256', hmac).update(text).digest('base64url')}`;
  const k = head.alg === 'ES256' ? { key: keys.ec.privateKey, dsaEncoding: 'ieee-p1363' } : keys[key].privateKey;
  return `${text}.${crypto.sign('sha256', Buffer.from(text), k).toString('base64url')}`;
};
const provider = http.createServer((req, res) => {
  const url = new URL(req.url, issuer);
  const json = (o, status = 200) => { res.writeHead(status, { 'content-type': 'application/json' }); res.end(JSON.stringify(o)); };
  // Providers that are no good, each under a path of its own.
  const at = /^(?:\/([a-z]+))?\/\.well-known\/openid-configuration$/.exec(url.pathname);
  if (at) {
    const [, name = 'trial'] = at;
    discovered[name] = (discovered[name] ?? 0) + 1;
    if (name === 'slow' && hangs) return undefined;
    return json({ issuer: name === 'other' ? 'https://evil.example' : name === 'trial' ? issuer : `${issuer}/${name}`, authorization_endpoint: `${issuer}/auth`, token_endpoint: name === 'elsewhere' ? `${issuer}/elsewhere` : `${issuer}/token`,
      jwks_uri: name === 'odd' ? 'file:///etc/passwd' : `${issuer}/keys` });
  }
  if (url.pathname === '/keys') return json(wish.jwks ?? jwks);
  if (url.pathname === '/elsewhere') { res.writeHead(302, { location: `${issuer}/token` }); return res.end(); }
  if (url.pathname !== '/token') return json({}, 404);
  let body = '';
  req.on('data', (d) => { body += d; });
  return req.on('end', () => {
    const form = Object.fromEntries(new URLSearchParams(body));
    asked.push({ form, authorization: req.headers.authorization });
    const given = codes.get(form.code);
    codes.delete(form.code);
    if (!given || crypto.createHash('sha256').update(form.code_verifier ?? '').digest('base64url') !== given.challenge || form.redirect_uri !== given.back) return json({ error: 'invalid_grant' }, 400);
    const t = Math.floor(now());
    const claims = { iss: issuer, sub: given.sub, aud: 'bereg-test', nonce: given.nonce, iat: t, exp: t + 300, ...wish.claims };
    for (const name of wish.without ?? []) delete claims[name];
    const head = { alg: 'RS256', kid: 'r1', ...wish.head };
    return json({ access_token: 'x', token_type: 'Bearer', id_token: wish.raw ?? sign(head, claims, wish) });
  });
});
await new Promise((resolve) => { provider.listen(0, '127.0.0.1', resolve); });
issuer = `http://127.0.0.1:${provider.address().port}`;

const packs = path.join(tmpDir(), `packs_oidc_${process.pid}`);
fs.cpSync(path.dirname(PACKS), packs, { recursive: true });
const region = path.join(packs, path.basename(PACKS));
fs.writeFileSync(path.join(region, 'zz_oidc.pack'), `[oidc trial]\nlabel.ru = Пробный поставщик\nlabel.en = Trial provider\nissuer = ${issuer}\nclient_id = bereg-test\nalgorithms = RS256 ES256\n${['other', 'odd', 'elsewhere', 'slow', 'gone'].map((name) => `\n[oidc ${name}]\nlabel.ru = ${name}\nlabel.en = ${name}\nissuer = ${issuer}/${name}\nclient_id = bereg-test\nalgorithms = RS256\n`).join('')}`);
const register = Register.demo({ persons: 40, seed: 4, name: 'oidc', packs: region });
const server = await register.serve({ env: { BEREG_PACKS: region, BEREG_OIDC_SECRET_TRIAL: SECRET } });
const fresh = () => new Client(server.base);
const events = (kind) => register.rows(`select count(*) as n from event where kind = '${kind}'`)[0].n;
await fresh().signIn('admin');
const offset = register.rows('select max(created_at) as instant from session')[0].instant / 1e6 - Date.now() / 1000;
now = () => Date.now() / 1000 + offset;

// The person at the provider says yes: its answer to the browser.
const consent = (location, sub) => {
  const q = Object.fromEntries(new URL(location).searchParams);
  const code = crypto.randomBytes(12).toString('hex');
  codes.set(code, { sub, nonce: q.nonce, challenge: q.code_challenge, back: q.redirect_uri });
  return { q, code, back: `/sign-in/oidc/back?code=${code}&state=${q.state}` };
};
const CLICK = { headers: { 'sec-fetch-site': 'same-origin' } }; // on a page of ours
const begin = async (c, sub = 'subject-1', name = 'trial') => consent((await c.get(`/sign-in/oidc?provider=${name}&next=%2Fbodies`, CLICK)).location, sub);
const attempt = async (w = {}, sub = 'subject-1', name = 'trial') => {
  const c = fresh();
  const { back } = await begin(c, sub, name);
  wish = w;
  const a = await c.get(back);
  wish = {};
  return [a.location, c.cookies.has('bereg')];
};
const refused = ['/sign-in?failed=provider', false];

await part('linking by its owner', async () => {
  is(await attempt(), ['/sign-in?failed=unlinked', false], 'an account that nobody has linked opens nothing');
  const c = await fresh().signIn('police1');
  like((await c.get('/security')).text, /Пробный поставщик/, 'the page offers to link one');
  is((await c.get('/security/links?provider=trial', { headers: { 'sec-fetch-site': 'cross-site' } })).location, '/security', 'another site cannot begin it');
  const id = register.rows("select id from account where login = 'police1'")[0].id;
  register.exec(`update session set confirmed_at = 0 where account_id = ${id}`);
  is((await c.get('/security/links?provider=trial', CLICK)).location, '/security/confirm?next=%2Fsecurity', 'a secret is asked for first');
  for (const next of ['/security/links?provider=trial', '/bodies/../security/links?provider=trial', '/./security/links?provider=trial', '/bodies/%2e%2e/security/links?provider=trial', '/sign-in/oidc?provider=trial'])
    is((await fresh().post('/sign-in', { login: 'social3', password: PASSWORD, next })).location, '/', `nor does a link elsewhere begin it behind the sign-in: ${next}`);
  await c.submit('/security/confirm', '/security/confirm', { password: PASSWORD });
  const away = (await c.get('/security/links?provider=trial', CLICK)).location;
  const { q, back } = consent(away, 'subject-1');
  ok(away.startsWith(`${issuer}/auth?`), 'it leads to the provider', away);
  is([q.response_type, q.client_id, q.scope, q.code_challenge_method, q.redirect_uri], ['code', 'bereg-test', 'openid', 'S256', `${server.base}/sign-in/oidc/back`], 'with what it is to be asked');
  ok([q.state, q.nonce].every((x) => /^[0-9a-f]{64}$/.test(x)) && /^[\w-]{43}$/.test(q.code_challenge), 'state, nonce and challenge are of chance');
  const thief = await fresh().signIn('ngo2').catch(() => fresh().signIn('penal1'));
  thief.cookies.set('bereg-step', c.cookies.get('bereg-step'));
  is((await thief.get(back)).location, '/sign-in?failed=provider', 'another session does not end it');
  is((await c.get(back)).location, '/security', 'linked');
  is(asked.at(-1).authorization, `Basic ${Buffer.from(`bereg-test:${encodeURIComponent(SECRET)}`).toString('base64')}`, 'the site proves itself by its secret');
  like((await c.get('/security')).text, /Отвязать/, 'and stands on the page');
  is(events('sign_in.linked'), 1, 'in the log');
  unlike(register.dump(), /ZQOIDCZQ|subject-1/, 'neither the secret nor the subject is in the register');
  const other = await fresh().signIn('penal1');
  is((await other.get(consent((await other.get('/security/links?provider=trial', CLICK)).location, 'subject-1').back)).status, 409, 'an account of a provider belongs to one only');
});

await part('signing in', async () => {
  const c = fresh();
  const page = await c.get('/sign-in?next=%2Fbodies');
  like(page.text, /Войти через: Пробный поставщик/, 'the page offers it');
  const { back, code } = await begin(c);
  is([(await c.get(back)).location, (await c.get('/bodies')).status], ['/bodies', 200], 'in, and where it was to go');
  like((await c.get('/security')).text, /Внешняя учётная запись/, 'the session says how');
  is((await c.get(back)).location, '/sign-in?failed=provider', 'the same answer again leads nowhere');
  const d = fresh();
  const again = await begin(d);
  is([(await d.get(`/sign-in/oidc/back?code=${code}&state=${again.q.state}`)).location, d.cookies.has('bereg')], refused, 'a code that was used is refused');
  is(await attempt({ head: { alg: 'ES256', kid: 'e1' } }), ['/bodies', true], 'ES256 is taken');
  is(await attempt({ claims: { aud: ['bereg-test', 'other'], azp: 'bereg-test' } }), ['/bodies', true], 'two audiences, of which we are the party');
});

await part('begun elsewhere', async () => {
  const at = '/sign-in/oidc?provider=trial&next=%2Fbodies';
  const from = async (headers, path = at) => (await fresh().get(path, { headers })).location;
  const asked = '/sign-in?next=%2Fbodies';
  for (const [what, headers] of [['another site', { 'sec-fetch-site': 'cross-site' }], ['another host of the domain', { 'sec-fetch-site': 'same-site' }], ['a letter or a bookmark', { 'sec-fetch-site': 'none' }], ['a browser that says nothing', {}],
    ['another site, by the Referer', { referer: 'https://evil.example/sign-in' }], ['two words that differ', { 'sec-fetch-site': 'cross-site', referer: `${server.base}/sign-in` }]])
    is(await from(headers), asked, `led by ${what}, it asks first`);
  is([new URL(await from(CLICK.headers)).origin, new URL(await from({ referer: `${server.base}/sign-in` })).origin], [issuer, issuer], 'a click on the page of ours goes on');
  like((await fresh().get(asked)).text, /href="\/sign-in\/oidc\?provider=trial&amp;next=%2Fbodies"/, 'where the way goes on');
});

await part('what is refused', async () => {
  const t = Math.floor(now());
  const hs = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' });
  for (const [what, w] of [
    ['another nonce', { claims: { nonce: 'f'.repeat(64) } }], ['no nonce', { without: ['nonce'] }],
    ['another audience', { claims: { aud: 'other' } }], ['no audience', { without: ['aud'] }], ['two audiences without a party', { claims: { aud: ['bereg-test', 'other'] } }],
    ['another party', { claims: { azp: 'other' } }], ['another issuer', { claims: { iss: 'https://evil.example' } }], ['no issuer', { without: ['iss'] }],
    ['alg none', { head: { alg: 'none' } }], ['alg None', { head: { alg: 'None' }, hmac: 'x' }], ['HS256 with the public key', { head: { alg: 'HS256' }, hmac: hs }],
    ['HS256 with its numbers', { head: { alg: 'HS256' }, hmac: JSON.stringify(jwks.keys[0]) }], ['RS384, which is not on the list', { head: { alg: 'RS384' } }],
    ['an expired token', { claims: { exp: t - 120 } }], ['a token without an end', { without: ['exp'] }], ['an old one', { claims: { iat: t - 3600 } }], ['one of the future', { claims: { iat: t + 3600 } }],
    ['one that is not valid yet', { claims: { nbf: t + 3600 } }], ['one about nobody', { without: ['sub'] }], ['an empty subject', { claims: { sub: '' } }],
    ['a foreign key under the known name', { key: 'foreign' }], ['a name that the provider does not have', { head: { kid: 'zz' }, key: 'foreign' }],
    ['a key that the token brings itself', { head: { kid: undefined, jwk: keys.foreign.publicKey.export({ format: 'jwk' }) }, key: 'foreign' }],
    ['ES256 said of an RSA key', { head: { alg: 'ES256', kid: 'r1' } }], ['extensions that must be known', { head: { crit: ['zz'], zz: 1 } }],
    ['no token', { raw: '' }], ['half a token', { raw: 'a.b' }], ['bytes', { raw: '\u0000\u0001..' }], ['claims that are no object', { raw: sign({ alg: 'RS256', kid: 'r1' }, []) }],
    ['an RSA key of 1024 bits', { jwks: { keys: [jwk('short', 'r1', 'RS256')] }, key: 'short' }], ['of 2040 bits', { jwks: { keys: [jwk('nearly', 'r1', 'RS256')] }, key: 'nearly' }],
    ['a short one with zeros in front', { jwks: { keys: [{ ...jwk('short', 'r1', 'RS256'), n: b64(Buffer.concat([Buffer.alloc(128), Buffer.from(jwk('short').n, 'base64url')])) }] }, key: 'short' }],
    ['no keys', { jwks: {} }], ['a secret key among the keys', { jwks: { keys: [{ kty: 'oct', k: b64('x'), kid: 'r1' }] }, head: { alg: 'HS256' }, hmac: 'x' }]])
    is(await attempt(w), refused, what);
  for (const [what, name] of [['a discovery document of another issuer', 'other'], ['places that are no addresses', 'odd']])
    is((await fresh().get(`/sign-in/oidc?provider=${name}`, CLICK)).location, '/sign-in?failed=provider', what);
  is(await attempt({}, 'subject-1', 'elsewhere'), refused, 'a token endpoint that leads elsewhere');
  is(discovered.trial, 1, 'what discovery has said is kept');
  is(await attempt({ jwks: { keys: [jwk('long', 'r1', 'RS256')] }, key: 'long' }), ['/bodies', true], 'a longer key is taken');
  is(await attempt(), ['/bodies', true], 'after all that a good one still opens');
  const c = fresh();
  const { back, q } = await begin(c);
  is((await c.get(back.replace(q.state, 'f'.repeat(64)))).location, '/sign-in?failed=provider', 'another state');
  is((await fresh().get(back)).location, '/sign-in?failed=provider', 'the right state in another browser');
  const iss = await begin(fresh());
  is((await c.get(`${iss.back}`)).location, '/sign-in?failed=provider', 'the answer to another browser');
  const d = fresh();
  const mixed = await begin(d);
  is((await d.get(`${mixed.back}&iss=https://evil.example`)).location, '/sign-in?failed=provider', 'an answer that says it is of another issuer');
  const e = fresh();
  const denied = await begin(e);
  is((await e.get(`/sign-in/oidc/back?error=access_denied&state=${denied.q.state}`)).location, '/sign-in?failed=provider', 'who says no');
  is((await fresh().get('/sign-in/oidc?provider=nobody', CLICK)).status, 404, 'a provider that the packs do not name');
  const f = fresh();
  is(new URL((await f.get('/sign-in/oidc?provider=trial&next=https%3A%2F%2Fevil.example', CLICK)).location).origin, issuer, 'next= of another site leads there as any');
  const away = await begin(f);
  ok(!(await f.get(away.back)).location.includes('evil'), 'and not on to it');
});

await part('with a second factor of its own', async () => {
  const id = register.rows("select id from account where login = 'police1'")[0].id;
  register.exec(`insert into factor_totp (account_id, step, made_at) values (${id}, 0, 1)`);
  is(await attempt(), ['/sign-in/second', false], 'it is asked for here too');
  register.exec(`delete from factor_totp where account_id = ${id}`);
});

await part('a provider that keeps everybody waiting', async () => {
  const worker = await fresh().signIn('social1');
  const since = Date.now(), took = [];
  hangs = true;
  const strangers = Array.from({ length: 8 }, () => fresh().get('/sign-in/oidc?provider=slow', CLICK));
  await new Promise((r) => { setTimeout(r, 300); });
  for (const p of ['/persons', '/persons?format=csv']) { const t = Date.now(); is((await worker.get(p)).status, 200, `${p} meanwhile`); took.push(Date.now() - t); }
  ok(took.every((ms) => ms < 4000), 'holds up no page and no file of others', took.join(' '));
  is(new Set((await Promise.all(strangers)).map((a) => a.location)), new Set(['/sign-in?failed=provider']), 'they are told to try again');
  ok(Date.now() - since < 14000 && discovered.slow === 1, 'and wait for it once, not each in turn', `${Date.now() - since} ms, asked ${discovered.slow}`);
  hangs = false;
  await new Promise((r) => { setTimeout(r, 5500); });
  ok((await fresh().get('/sign-in/oidc?provider=slow', CLICK)).location.startsWith(`${issuer}/auth?`), 'soon it is asked again');
});

await part('unlinking and dismissal', async () => {
  register.exec("update account set active = 0 where login = 'police1'");
  is(await attempt(), ['/sign-in?failed=unlinked', false], 'an account that has ended does not open by its provider');
  register.exec("update account set active = 1 where login = 'police1'");
  const c = await fresh().signIn('police1');
  is((await c.post('/security/links/end', { provider: 'trial' })).status, 303, 'unlinked');
  is(await attempt(), ['/sign-in?failed=unlinked', false], 'and opens nothing');
  is(events('sign_in.unlinked'), 1, 'in the log');
  provider.close(); provider.closeAllConnections();
  is((await fresh().get('/sign-in/oidc?provider=gone', CLICK)).location, '/sign-in?failed=provider', 'a provider that does not answer');
  unlike(server.err, /subject-1|ZQOIDCZQ/, "the program's own log names nobody");
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
fs.rmSync(packs, { recursive: true, force: true });
finish();
