// Passkeys: with Chromium's virtual authenticator, and messages made here for everything that a browser would never send.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/passkey.mjs
import crypto from 'node:crypto';
import { Client } from './lib/client.mjs';
import { Desk, launch } from './lib/chrome.mjs';
import { PASSWORD, Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 40, seed: 6, name: 'passkey' });
const server = await register.serve();
const base = server.base.replace('127.0.0.1', 'localhost'); // a passkey belongs to a name, not to a number
const SITE = 'localhost';
const fresh = () => new Client(base);
const idOf = (login) => register.rows(`select id from account where login = '${login}'`)[0].id;
const events = (kind) => register.rows(`select count(*) as n from event where kind = '${kind}'`)[0].n;
const sha = (x) => crypto.createHash('sha256').update(x).digest();
const b64 = (x) => Buffer.from(x).toString('base64url');
const data = (page, name) => new RegExp(`data-${name}="([^"]*)"`).exec(page.text)?.[1] ?? '';

// ---- an authenticator of our own ----

class Key {
  constructor() { Object.assign(this, crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }), { id: crypto.randomBytes(32), counter: 0 }); }
  head({ flags = 5, site = SITE, counter = (this.counter += 1) } = {}) {
    const n = Buffer.alloc(4);
    n.writeUInt32BE(counter);
    return Buffer.concat([sha(site), Buffer.from([flags]), n]);
  }
  made({ flags = 0x45, fmt = 'none', key, ...more } = {}) {
    const { x, y } = this.publicKey.export({ format: 'jwk' });
    const cose = key ?? Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const auth = Buffer.concat([this.head({ flags, ...more }), Buffer.alloc(16), length, this.id, cose]);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(auth.length);
    return Buffer.concat([Buffer.from('a363666d74', 'hex'), Buffer.from([0x60 + fmt.length]), Buffer.from(fmt), Buffer.from('6761747453746d74a0', 'hex'), Buffer.from('686175746844617461', 'hex'), Buffer.from([0x59]), size, auth]);
  }
}
const client = (type, challenge, { origin = base, ...more } = {}) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...more }));
const answer = (key, challenge, { said = {}, by = key, type = 'webauthn.get', owner = '', ...more } = {}) => {
  const cd = client(type, challenge, said);
  const auth = key.head(more);
  const signature = crypto.sign('sha256', Buffer.concat([auth, sha(cd)]), by.privateKey);
  return { credential: b64(key.id), client_data: b64(cd), authenticator: b64(auth), signature: b64(signature), owner: b64(owner) };
};

const enrol = async (c, key, { said = {}, type = 'webauthn.create', challenge, name = 'Ключ <b>на столе</b>', bytes, ...more } = {}) => {
  const page = await c.get('/security/passkeys/new');
  const cd = client(type, challenge ?? data(page, 'challenge'), said);
  return c.post('/security/passkeys', { name, client_data: b64(cd), attestation: b64(bytes ?? key.made(more)) });
};
const enter = async (key, options = {}, c = fresh()) => {
  const page = await c.get('/sign-in/passkey?next=%2Fbodies');
  const a = await c.post('/sign-in/passkey', answer(key, options.challenge ?? data(page, 'challenge'), options));
  return [a.location, c.cookies.has('bereg')];
};
const refused = ['/sign-in?failed=passkey', false];
const key = new Key();
const owners = {};

await part('adding one', async () => {
  const c = await fresh().signIn('police1');
  const page = await c.get('/security/passkeys/new');
  is([data(page, 'site'), data(page, 'verify'), data(page, 'challenge').length], [SITE, '', 86], 'the page asks for one of this site, with a challenge');
  unlike(data(page, 'owner'), /police|[^0-9a-f]/, 'what the authenticator keeps of the owner tells nobody who it is');
  owners.police1 = data(page, 'owner');
  ok(data(await c.get('/security/passkeys/new'), 'challenge') !== data(page, 'challenge'), 'each time another');
  for (const [what, options] of [['another challenge', { challenge: 'A'.repeat(86) }], ['another origin', { said: { origin: 'https://evil.example' } }], ['another port', { said: { origin: 'http://localhost:1' } }],
    ['a message of another type', { type: 'webauthn.get' }], ['a frame of another site', { said: { crossOrigin: true } }], ['another rp id', { site: 'evil.example' }], ['nobody present', { flags: 0x44 }],
    ['nobody verified', { flags: 0x41 }], ['no key in it', { flags: 0x05 }], ['a key of a kind that is not taken', { key: Buffer.from('a301010326200f', 'hex') }],
    ['bytes that are no CBOR', { bytes: crypto.randomBytes(200) }], ['CBOR of endless depth', { bytes: Buffer.alloc(5000, 0x81) }], ['a map of 2^32', { bytes: Buffer.from('ba7fffffff', 'hex') }], ['half of it', { bytes: new Key().made().subarray(0, 100) }], ['nothing', { bytes: Buffer.alloc(0) }]])
    is((await enrol(c, new Key(), options)).status, 422, `refused: ${what}`);
  const old = c.cookies.get('bereg');
  is((await enrol(c, key)).status, 303, 'a good one is taken');
  ok(c.cookies.get('bereg') !== old, 'and the session has another secret');
  like((await c.get('/security')).text, /Ключ &lt;b&gt;на столе/, 'its name is text');
  is((await enrol(c, key)).status, 409, 'the same twice is not');
  const q = await fresh().signIn('penal1');
  is((await enrol(q, key)).status, 409, "nor somebody else's");
  const made = client('webauthn.create', data(await c.get('/security/passkeys/new'), 'challenge'));
  const stranger = await fresh().signIn('penal1');
  stranger.cookies.set('bereg-step', c.cookies.get('bereg-step'));
  is((await stranger.post('/security/passkeys', { name: 'x', client_data: b64(made), attestation: b64(new Key().made()) })).status, 422, 'a challenge belongs to one session');
  is(events('passkey.added'), 1, 'in the log');
});

await part('as the only step', async () => {
  is(await enter(key), ['/bodies', true], 'opens, without a login or a password');
  is(await enter(key, { owner: owners.police1 }), ['/bodies', true], 'also when it says whose it is');
  for (const [what, options] of [['another origin', { said: { origin: 'https://evil.example' } }], ['the origin with more behind', { said: { origin: `${base}.evil.example` } }], ['another challenge', { challenge: 'B'.repeat(86) }],
    ['another type', { type: 'webauthn.create' }], ['a frame', { said: { crossOrigin: true } }], ['another rp id', { site: 'evil.example' }], ['another key behind the same number', { by: new Key() }],
    ['nobody present', { flags: 4 }], ['nobody verified', { flags: 1 }], ['the owner of another', { owner: 'f'.repeat(32) }]])
    is(await enter(key, options), refused, `refused: ${what}`);
  is(await enter(new Key()), refused, 'a passkey that nobody has added');
  const before = events('passkey.suspect');
  is(await enter(key, { counter: 1 }), refused, 'a counter set back');
  is(await enter(key, { counter: register.rows(`select uses from passkey where account_id = ${idOf('police1')}`)[0].uses }), refused, 'or that stands still');
  is(events('passkey.suspect') - before, 2, 'is in the log');
  is(await enter(key, { counter: (key.counter += 5) }), ['/bodies', true], 'one that has risen is taken');
  const zero = await fresh().signIn('employment1');
  const calm = new Key();
  await enrol(zero, calm, { counter: 0 });
  is([await enter(calm, { counter: 0 }), await enter(calm, { counter: 0 })], [['/bodies', true], ['/bodies', true]], 'one that does not count');
  // replay
  const c = fresh();
  const page = await c.get('/sign-in/passkey');
  const message = answer(key, data(page, 'challenge'));
  const step = c.cookies.get('bereg-step');
  is((await c.post('/sign-in/passkey', message)).status, 303, 'a message');
  const again = fresh();
  again.cookies.set('bereg-step', step);
  is([(await again.post('/sign-in/passkey', message)).location, again.cookies.has('bereg')], refused, 'sent again opens nothing');
  const [a, b] = [fresh(), fresh()];
  await a.get('/sign-in/passkey');
  const asked = data(await b.get('/sign-in/passkey'), 'challenge');
  is([(await a.post('/sign-in/passkey', answer(key, asked))).location, a.cookies.has('bereg')], refused, 'nor does an answer to the challenge of another browser');
  const late = fresh();
  const p = await late.get('/sign-in/passkey');
  register.exec('update sign_in_try set ends_at = 1');
  is((await late.post('/sign-in/passkey', answer(key, data(p, 'challenge')))).location, '/sign-in?failed=passkey', 'nor one that comes too late');
  const far = await fresh().get('/sign-in/passkey');
  is((await fresh().post('/sign-in/passkey', answer(key, data(far, 'challenge')), { headers: { origin: 'https://evil.example' } })).status, 403, 'a form of another site is refused');
  for (const bad of [{ authenticator: '' }, { authenticator: b64('short') }, { signature: '!!!' }, { client_data: b64('{') }, { client_data: b64('[]') }, { client_data: b64(`{"type":"webauthn.get","type":"x"}`) }, { credential: 'A'.repeat(5000) }, { client_data: 'A'.repeat(20000) }, { authenticator: b64(Buffer.concat([key.head(), Buffer.alloc(3000, 0xff)])) }]) {
    const d = fresh();
    const q = await d.get('/sign-in/passkey');
    const r = await d.post('/sign-in/passkey', { ...answer(key, data(q, 'challenge')), ...bad });
    is([r.location, d.cookies.has('bereg')], refused, `strange bytes: ${Object.keys(bad)[0]}`);
  }
});

await part('as the second step', async () => {
  const step = async (other = {}, by = key) => {
    const c = fresh();
    const first = await c.post('/sign-in', { login: 'police1', password: PASSWORD });
    is(first.location, '/sign-in/second', 'the password leads to the second step');
    const page = await c.get('/sign-in/second');
    is(data(page, 'known'), b64(key.id), 'which names the passkeys of the account');
    const a = await c.post('/sign-in/second/passkey', answer(by, data(page, 'challenge'), other));
    return [a.location, c.cookies.has('bereg')];
  };
  is(await step({ flags: 1 }), ['/', true], 'being present is enough here');
  const other = new Key();
  await enrol(await fresh().signIn('penal1'), other);
  is(await step({}, other), refused, "somebody else's passkey does not do");
  is(await step({ said: { origin: 'https://evil.example' } }), refused, 'nor another origin');
  const c = await fresh();
  await c.post('/sign-in', { login: 'police1', password: PASSWORD });
  const asked = data(await c.get('/sign-in/second'), 'challenge');
  is([(await c.post('/sign-in/passkey', answer(key, asked))).location, c.cookies.has('bereg')], refused, 'a challenge of one kind of step fits no other');
});

await part('the list', async () => {
  const c = fresh();
  await enter(key, {}, c);
  const id = register.rows(`select id from passkey where account_id = ${idOf('police1')}`)[0].id;
  await c.get('/security');
  const theirs = register.rows(`select id from passkey where account_id = ${idOf('penal1')}`)[0].id;
  is((await c.post(`/security/passkeys/${theirs}/end`)).status, 404, 'nobody removes those of others');
  const codes = await c.post('/security/codes');
  const code = /<li>([a-z0-9]{3}-[a-z0-9]{5}-[a-z0-9]{5})<\/li>/.exec(codes.text)[1];
  const lost = fresh();
  await lost.post('/sign-in', { login: 'police1', password: PASSWORD });
  is((await lost.post('/sign-in/second', { code })).location, '/', 'who has lost it gets in by a recovery code');
  is((await c.post(`/security/passkeys/${id}/end`)).status, 303, 'the owner removes it');
  is([await enter(key), (await fresh().post('/sign-in', { login: 'police1', password: PASSWORD })).location], [refused, '/'], 'and it opens nothing any more');
  is(events('passkey.removed'), 1, 'in the log');
});

await part('asked again', async () => {
  const mine = new Key();
  const c = await fresh().signIn('doctor1');
  await enrol(c, mine, { name: 'Ключ' });
  const stale = () => register.exec(`update session set confirmed_at = 0 where account_id = ${idOf('doctor1')}`);
  const confirm = async (options = {}) => {
    const page = await c.get('/security/confirm?next=%2Fsecurity%2Ftotp');
    return (await c.post('/security/confirm/passkey', answer(mine, options.challenge ?? data(page, 'challenge'), options))).location;
  };
  const again = '/security/confirm?failed=passkey&next=%2Fsecurity%2Ftotp';
  stale();
  is(data(await c.get('/security/confirm'), 'verify'), 'required', 'the person is to be verified');
  for (const [what, options] of [['nobody verified', { flags: 1 }], ['another challenge', { challenge: 'B'.repeat(86) }], ['another origin', { said: { origin: 'https://evil.example' } }], ['another key', { by: new Key() }]])
    is(await confirm(options), again, `refused: ${what}`);
  like((await c.get(again)).text, /Ключ доступа не принят/, 'and told');
  is((await c.get('/security/totp')).status, 303, 'still asked');
  is([await confirm(), (await c.get('/security/totp')).status], ['/security/totp', 200], 'a good answer is enough');
});

await part('in a browser', async () => {
  const browser = await launch();
  const desk = await Desk.open(browser, base);
  const cdp = await desk.context.newCDPSession(desk.page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await desk.signIn('social1');
  await desk.follow('Безопасность входа');
  is(await desk.faults({ phone: true }), [], 'the page of security is sound');
  await desk.follow('Добавить ключ доступа');
  is(await desk.faults({ phone: true }), [], 'the page of a new passkey is sound');
  await desk.fill({ 'Название ключа доступа': 'Этот компьютер' });
  await Promise.all([desk.page.waitForURL(`${base}/security`), desk.page.getByRole('button', { name: 'Добавить ключ' }).click()]);
  like(await desk.text(), /Этот компьютер/, 'the browser has made one, and it is on the list');
  is((await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length, 1, 'the authenticator keeps it');
  await desk.page.getByRole('button', { name: 'Выйти' }).click();
  await desk.page.waitForURL(`${base}/sign-in`);
  is(await desk.faults({ phone: true }), [], 'the sign-in page is sound');
  await desk.follow('Войти с ключом доступа');
  is(await desk.faults({ phone: true }), [], 'the page that asks for a passkey is sound');
  await Promise.all([desk.page.waitForURL(`${base}/`), desk.page.getByRole('button', { name: 'Использовать ключ доступа' }).click()]);
  like(await desk.page.locator('body').innerText(), /Начало дня/, 'signed in by it alone');
  await desk.page.getByRole('button', { name: 'Выйти' }).click();
  await desk.signIn('social1');
  is(desk.path, '/sign-in/second', 'after the password it is the second step');
  is(await desk.faults({ phone: true }), [], 'the page of the second step is sound');
  await Promise.all([desk.page.waitForURL(`${base}/`), desk.page.getByRole('button', { name: 'Подтвердить ключом доступа' }).click()]);
  like(await desk.page.locator('body').innerText(), /Начало дня/, 'signed in');
  register.exec(`update session set confirmed_at = 0 where account_id = ${idOf('social1')}`);
  await desk.go('/security/totp');
  is(desk.path.split('?')[0], '/security/confirm', 'a while later it is asked again');
  is(await desk.faults({ phone: true }), [], 'the page that asks again is sound');
  await Promise.all([desk.page.waitForURL(`${base}/security/totp`), desk.page.getByRole('button', { name: 'Подтвердить ключом доступа' }).click()]);
  await desk.go('/security/totp');
  is(await desk.faults({ phone: true }), [], 'the page of the QR code is sound');
  await desk.go('/security/password');
  is(await desk.faults({ phone: true }), [], 'the page of the password is sound');
  // refused by the authenticator
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await desk.page.getByRole('button', { name: 'Выйти' }).click();
  await desk.go('/sign-in/passkey');
  await desk.page.getByRole('button', { name: 'Использовать ключ доступа' }).click();
  await desk.page.locator('[data-wrong]:not([hidden])').waitFor();
  ok(true, 'who is not recognised reads that there was no answer');
  await desk.close();
  const plain = await Desk.open(browser, base, { js: false });
  await plain.go('/sign-in/passkey');
  like(await plain.text(), /нужен JavaScript/, 'without scripts the page says so');
  is(await plain.page.locator('main button:visible').count(), 0, 'and offers no button that does nothing');
  await plain.close();
  await browser.close();
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
finish();
