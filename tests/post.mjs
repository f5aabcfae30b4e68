// What goes with a referral: messages, documents, and the letter to a body without an account with its one-time page; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/post.mjs
import crypto from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Desk, DESK, PHONE, launch } from './lib/chrome.mjs';
import { ENGINE, Register, TREE } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const jsQR = createRequire(path.join(TREE, 'package.json'))('jsqr');
const register = Register.demo({ persons: 300, seed: 5, name: 'post' });
const server = await register.serve();
const one = (sql) => register.rows(sql)[0];
const count = (sql) => one(`select count(*) as n from ${sql}`).n;
const bodyOf = (login) => one(`select body_id as id from account where login = '${login}'`).id;
const tokens = {};
const api = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
let keys = 0;
const key = () => ({ headers: { 'idempotency-key': `post-${process.pid}-${keys += 1}` } });
const post = (login, p, body = {}) => api(login).postJson(`/api/v1${p}`, body, key());
const card = async (login, id) => (await api(login).get(`/api/v1/referrals/${id}`)).json;
const versionOf = (id) => String(one(`select version from referral where id = ${id}`).version);
const errorAt = (a, field) => a.json.errors?.find((e) => e.field === field)?.message ?? '';
const [centre, homeless] = ['social1', 'homeless1'].map(bodyOf);
const people = register.rows(`select p.id, p.family_name as family, p.given_name as given, p.patronymic as patronymic, p.birth_date as born from person p
  join access a on a.person_id = p.id and a.body_id = ${centre} and (a.bits & 2) = 2 where p.birth_date < '2000-01-01' and p.patronymic is not null
  and not exists (select 1 from access b where b.body_id = ${homeless} and b.person_id = p.id) order by p.id limit 12`);
const send = async (to, person = people[0], more = {}, login = 'social1') => {
  const a = await post(login, '/referrals', { person: String(person.id), to_body_id: String(to), need: 'urgent_help', ground: 'social_442', term: '5', note: 'Нужна помощь', ...more });
  if (a.status !== 201) throw new Error(`${a.status} ${a.text}`);
  return one(`select max(id) as id from referral where to_body_id = ${to}`).id;
};
const event = (kind, object) => register.rows(`select account_id as account, body_id as body, other_body_id as other, day from event where kind = '${kind}'
  ${object ? `and object_id = ${object}` : ''} order by id`);

/* ---- messages ---- */

const MARK = 'ZQPOSTZQ сообщение';

await part('messages between the parties', async () => {
  const id = await send(homeless);
  const read = (login) => card(login, id);
  is([(await post('social1', `/referrals/${id}/messages`, { words: `${MARK} первое` })).status,
    (await read('homeless1')).messages.map((m) => [m.words, m.read_on])], [201, [[`${MARK} первое`, null]]], 'the sender writes, the receiver reads');
  is([(await read('homeless1')).unread, (await read('social1')).unread], [true, false], 'to whom it is addressed has something to read');
  like((await read('homeless1')).messages[0].body_name, /центр/i, 'with the body of the author');
  const before = register.rows('select id, read_on from referral_message');
  const page = await (await server.client().signIn('homeless1')).get(`/referrals/${id}`);
  ok(page.text.includes('Отметить') || page.form(`/referrals/${id}/messages/read`), 'the page offers to mark it as read');
  is(register.rows('select id, read_on from referral_message'), before, 'looking changes nothing');
  is((await post('homeless1', `/referrals/${id}/messages/read`)).status, 201, 'the receiver marks it as read');
  is([(await read('social1')).messages[0].read_on, (await read('homeless1')).unread], ['2024-06-14', false], 'and the sender sees it');
  is([(await post('homeless1', `/referrals/${id}/messages/read`)).status, event('referral.message_read', id).length], [201, 1], 'once more marks nothing more');
  await post('social1', `/referrals/${id}/messages`, { words: 'второе' });
  is((await post('homeless1', `/referrals/${id}/messages`, { words: 'ответ' })).status, 201, 'the receiver answers');
  is((await read('social1')).messages.map((m) => [m.words.replace(`${MARK} `, ''), m.read_on !== null]), [['первое', true], ['второе', true], ['ответ', false]], 'who answers has read; all in order');
  is(event('referral.message', id).map((e) => [e.body, e.other]), [[centre, homeless], [centre, homeless], [homeless, centre]], 'each is in the log, addressed');
  const timeline = (await api('homeless1').get(`/api/v1/persons/${people[0].id}/timeline`)).text;
  ok(timeline.includes('referral.message') && !timeline.includes(MARK), 'the timeline says that there is one, not what');
  for (const login of ['ngo1', 'penal1', 'doctor1', 'police1', 'employment1'])
    is((await post(login, `/referrals/${id}/messages`, { words: 'чужое' })).status, 404, `${login} is no party`);
  is((await post('analyst', `/referrals/${id}/messages`, { words: 'x' })).status >= 403, true, 'nor is the analyst');
  is((await post('ngo1', `/referrals/${id}/messages/read`)).status, 404, 'nor does a stranger mark');
  is((await post('social1', '/referrals/990000001/messages', { words: 'x' })).status, 404, 'nothing is written to what is not there');
  is((await post('social1', `/referrals/${id}/messages`, { words: '  ' })).status, 422, 'nothing is no message');
  is((await post('social1', `/referrals/${id}/messages`, { words: 'ы'.repeat(4001) })).status, 422, 'nor is a book');
  await post('social1', `/referrals/${id}/messages`, { words: '<script>alert(1)</script>' });
  const html = (await (await server.client().signIn('homeless1')).get(`/referrals/${id}`)).text;
  ok(html.includes('&lt;script&gt;alert(1)') && !html.includes('<script>alert(1)'), 'markup in a message is text');
  const both = await Promise.all([1, 2].map((n) => post(n === 1 ? 'social1' : 'homeless1', `/referrals/${id}/messages`, { words: `сразу ${n}` })));
  is(both.map((a) => a.status), [201, 201], 'two may write at once');
  is((await post('homeless1', `/referrals/${id}/decline`, { version: versionOf(id), decline_reason: one("select key as k from pack_entry where kind = 'code' and key like 'decline_reason %' order by key limit 1").k.split(' ')[1] })).status, 201, 'after the refusal');
  ok([404, 409].includes((await post('social1', `/referrals/${id}/messages`, { words: 'поздно' })).status), 'nothing is written any more');
  is((await post('homeless1', `/referrals/${id}/messages`, { words: 'поздно' })).status, 404, 'and whose access has ended finds nothing');
  const draft = await send(homeless, people[1], { draft: '1' });
  is((await post('homeless1', `/referrals/${draft}/messages`, { words: 'x' })).status, 404, 'the receiver knows of no draft');
  is((await post('social1', `/referrals/${draft}/messages`, { words: 'x' })).status, 409, 'and a draft has nobody to write to');
  const dump = register.dump();
  unlike(dump, /ZQPOSTZQ/, 'no words of messages in the dump');
  ok(dump.includes('referral_message'), 'though the dump has their rows');
});

/* ---- documents ---- */

const pdf = (n = 3000) => Buffer.concat([Buffer.from('%PDF-1.7\nZQPOSTZQ-SCAN\n'), crypto.randomBytes(n)]);
const attach = (login, id, bytes = pdf(), kind = 'certificate', name = 'ZQPOSTZQ справка.pdf') => api(login).postFile(`/api/v1/referrals/${id}/attachments`, { kind }, ['file', name, bytes], key());

await part('documents of a referral', async () => {
  const id = await send(homeless, people[2]);
  const bytes = pdf();
  is([(await attach('social1', id, bytes)).status, (await attach('homeless1', id, pdf(), 'decision')).status], [201, 201], 'either party attaches');
  const papers = (await card('homeless1', id)).attachments;
  is(papers.map((p) => p.kind), ['decision', 'certificate'], 'both see both');
  for (const login of ['social1', 'homeless1']) {
    const got = await api(login).get(`/api/v1/referrals/${id}/attachments/${papers[1].id}`);
    is([got.status, got.bytes.equals(bytes), /^attachment; /.test(got.headers['content-disposition'])], [200, true, true], `${login} gets the bytes, to be kept`);
  }
  const back = (login, paper) => api(login).postFile(`/api/v1/referrals/${id}/attachments/${paper}/back`, {}, ['nothing', '', Buffer.alloc(0)], key());
  is((await back('homeless1', papers[1].id)).status, 404, "the other side's paper stays");
  is((await back('social1', papers[1].id)).status, 201, 'the own one is taken back');
  is([(await card('social1', id)).attachments.length, (await api('homeless1').get(`/api/v1/referrals/${id}/attachments/${papers[1].id}`)).status], [1, 404], 'and is gone for both');
  is(count(`event where kind in ('attachment.added', 'attachment.destroyed') and object_id in (${papers.map((p) => p.id)})`), 3, 'all of it is in the log');
  ok(count("read where page like '/referrals/{referral}/attachments/{document}'") >= 2, 'and who has looked');
  for (const login of ['ngo1', 'penal1', 'doctor1'])
    is([(await attach(login, id)).status, (await api(login).get(`/api/v1/referrals/${id}/attachments/${papers[0].id}`)).status], [404, 404], `${login} neither adds nor reads`);
  const wrong = await attach('social1', id, pdf(), 'consent');
  ok(wrong.status === 422 && errorAt(wrong, 'kind'), 'a consent is no paper of a referral', wrong.text.slice(0, 300));
  const other = await send(homeless, people[3]);
  is((await api('social1').get(`/api/v1/referrals/${other}/attachments/${papers[0].id}`)).status, 404, 'a paper belongs to its referral');
  is((await attach('social1', id, Buffer.from('<html>'), 'certificate', 'x.pdf')).status, 422, 'strange bytes are not taken');
  await post('social1', `/referrals/${id}/withdraw`, { version: versionOf(id) });
  ok([404, 409].includes((await attach('social1', id)).status), 'nothing is attached to a closed one');
  is((await attach('homeless1', id)).status, 404, 'and the receiver has no access any more');
  unlike(register.files(), /ZQPOSTZQ-SCAN|ZQPOSTZQ справка/, 'nothing of the papers stands open in the files');
});

/* ---- a body without an account ---- */

is((await post('admin', '/bodies', { name: 'Администрация Камышовского сельского поселения', kind: 'settlement', phone: '+7 (999) 000-00-01', address: 'с. Камышово, ул. Прямая, д. 1' })).status, 201, 'the administrator adds a council');
const council = one('select max(id) as id from body').id;
// The page of the letter: {address, code}.
const issue = async (id, login = 'social1') => (await post(login, `/referrals/${id}/letter`)).json;
const visitor = (address) => {
  const c = server.client();
  c.place = new URL(address).pathname;
  c.enter = (code) => c.post(c.place, { code });
  c.look = () => c.get(c.place);
  c.answer = (answer, data = {}) => c.post(`${c.place}/answer`, { answer, ...data });
  return c;
};
const CODE_FORM = /name="code"/;

await part('the letter', async () => {
  const id = await send(council, people[4], { note: 'Обследовать жильё' });
  const html = (await (await server.client().signIn('social1')).get(`/referrals/new?person=${people[0].id}`)).text;
  like(html, /Камышовского сельского поселения \(без учётной записи: письмом\)/, 'the list of bodies says who has no account');
  unlike(html, /Причал» \(без/, 'and only of those');
  const sender = await server.client().signIn('social1');
  const shown = await sender.get(`/referrals/${id}`);
  ok(shown.text.includes('У получателя нет учётной записи') && shown.form(`/referrals/${id}/letter`), 'the card says what to do next');
  ok(!shown.form(`/referrals/${id}/messages`), 'and offers no messages');
  is((await post('social1', `/referrals/${id}/messages`, { words: 'x' })).status, 409, 'nor takes any');
  const plain = (await sender.get(`/referrals/${id}/letter`)).text;
  like(plain, new RegExp(`${people[4].family} ${people[4].given} ${people[4].patronymic}`), 'the plain letter has the name');
  like(plain, /Обследовать жильё[^]*21\.06\.2024/, 'what is asked and until when');
  unlike(plain, /outside\/|b-qr|b-code/, 'and no address of a page');
  const answer = await sender.post(`/referrals/${id}/letter`);
  const address = /http:\/\/[^<\s]+\/outside\/[0-9a-f]{40}/.exec(answer.text)?.[0] ?? '';
  const code = /class="b-code">(\d{6})</.exec(answer.text)?.[1];
  ok(answer.status === 200 && address && code, 'the letter with a page has an address, and a code beside it', answer.text.slice(0, 300));
  ok(/<article[^]*<\/article>/.exec(answer.text)[0].indexOf(code) < 0, 'the code is not in the printed part');
  // as a telephone would see it
  const svg = /<svg[^>]*viewBox="0 0 (\d+)[^]*?fill="#000" d="([^"]+)"/.exec(/b-qr__code[^]*/.exec(answer.text)[0]);
  const [side, scale] = [Number(svg[1]), 4];
  const pixels = new Uint8ClampedArray(side * side * scale * scale * 4).fill(255);
  for (const [, x, y, n] of svg[2].matchAll(/M(\d+) (\d+)h(\d+)v1/g))
    for (let dy = 0; dy < scale; dy += 1)
      for (let dx = 0; dx < n * scale; dx += 1) pixels.fill(0, 4 * ((y * scale + dy) * side * scale + x * scale + dx), 4 * ((y * scale + dy) * side * scale + x * scale + dx) + 3);
  is(jsQR(pixels, side * scale, side * scale)?.data, address, 'the QR code is read as the address');
  const row = one(`select * from referral_outside where referral_id = ${id}`);
  const stored = JSON.stringify(row);
  ok(!stored.includes(address.slice(-40)) && !stored.includes(`"${code}"`) && row.state === 'live' && row.until_on === '2024-07-15', 'the tables hold hashes, and the last day', stored);
  unlike(register.files(), new RegExp(address.slice(-40)), 'the address is nowhere in the files');
  for (const login of ['ngo1', 'homeless1', 'penal1']) is([(await api(login).get(`/api/v1/referrals/${id}/letter`)).status, (await post(login, `/referrals/${id}/letter`)).status].every((s) => s === 404 || s === 403), true, `${login} prints no letter`);
  const inside = await send(homeless, people[4]);
  is([(await api('social1').get(`/api/v1/referrals/${inside}/letter`)).status, (await post('social1', `/referrals/${inside}/letter`)).status], [409, 409], 'who has an account gets none');
  is((await post('social1', '/referrals/990000001/letter')).status, 404, 'nor a referral that is not there');
});

await part('the one-time page', async () => {
  const id = await send(council, people[5], { note: 'Довезти <b>дрова</b>' });
  const { address, code } = await issue(id);
  const v = visitor(address);
  const front = await v.look();
  is([front.status, CODE_FORM.test(front.text)], [200, true], 'it asks for the code');
  unlike(front.text, new RegExp(`${people[5].family}|N-2024|дрова|Камышов|Комплексный`), 'and tells nothing');
  is([front.headers['cache-control'], front.headers['referrer-policy'], /noindex/.test(front.headers['x-robots-tag'])], ['no-store', 'strict-origin', true], 'not kept, not passed on, not found');
  is(front.headers['set-cookie'], undefined, 'without a cookie');
  const entered = await v.enter(code);
  is([entered.status, entered.location], [303, v.place], 'the code opens it');
  like(entered.headers['set-cookie'].join(), new RegExp(`^outside=[0-9a-f]{64}; Path=${v.place}; HttpOnly; SameSite=Strict$`), 'with a cookie of its own');
  const tls = { 'x-forwarded-proto': 'https', 'content-type': 'application/x-www-form-urlencoded' };
  const safe = (await server.client().request('POST', v.place, { headers: tls, body: `code=${code}` })).headers['set-cookie'].join();
  like(safe, /^__Host-outside-[0-9a-f]{16}=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=Strict$/, 'behind TLS bound to this host, and named by the page');
  const asked = async (cookie) => CODE_FORM.test((await server.client().request('GET', v.place, { headers: { ...tls, cookie } })).text);
  const [name, word] = safe.split(';')[0].split('=');
  is([await asked(`${name}=${word}`), await asked(`outside=${word}`), await asked(`__Host-outside-${'0'.repeat(16)}=${word}`)], [false, true, true], 'where no other name counts');
  await v.enter(code);
  const page = await v.look();
  const initials = [people[5].family, people[5].given, people[5].patronymic].map((w) => `${w[0]}.`).join(' ');
  ok(page.text.includes(initials) && page.text.includes('Срочная социальная помощь') && page.text.includes('Довезти &lt;b&gt;дрова'), 'it shows the need and what is asked', page.main.slice(0, 1500));
  unlike(page.text, new RegExp(`${people[5].family}|${people[5].given}|${people[5].born.slice(0, 4)}`), 'and of the person the initials');
  is([one(`select state from referral where id = ${id}`).state, event('outside.opened').at(-1)?.body], ['received', council], 'the receipt is marked, as of the council');
  const again = await v.enter(code);
  is(again.status, 303, 'the code opens it again');
  const stale = versionOf(id) - 1;
  is((await v.answer('accepted', { version: stale })).status, 409, 'an answer to an older version comes back');
  is((await v.answer('nonsense', { version: versionOf(id) })).status, 422, 'only answers that there are');
  is((await v.answer('finished', { version: versionOf(id), finished_on: '14.06.2024', result: 'full' })).status, 409, 'no result before it is accepted');
  is((await v.answer('declined', { version: versionOf(id) })).status, 422, 'no refusal without a reason');
  is((await v.answer('returned', { version: versionOf(id), result_note: 'ы'.repeat(2001) })).status, 422, 'no book');
  const huge = await v.answer('returned', { version: versionOf(id), result_note: 'x'.repeat(2 << 20) }).catch((e) => ({ status: e.code }));
  ok([413, 'EPIPE', 'ECONNRESET'].includes(huge.status), 'nor a library; the door may shut before all is said', huge.status);
  is([count(`referral_answer where referral_id = ${id}`), one(`select state from referral where id = ${id}`).state], [0, 'received'], 'nothing of it counts');
  const returned = await v.answer('returned', { version: versionOf(id), result_note: '<script>alert(2)</script> нет адреса' });
  like(returned.text, /возвращено/i, 'it is returned for completion');
  is((await post('social1', `/referrals/${id}/send`, { version: versionOf(id), note: 'ул. Прямая, д. 2' })).status, 201, 'and completed');
  unlike((await (await server.client().signIn('social1')).get(`/referrals/${id}`)).text, /<script>alert\(2/, 'what the council writes is text');
  like((await v.look()).text, /ул\. Прямая, д\. 2/, 'the same page shows it');
  const two = visitor(address);
  two.cookies = v.cookies;
  const version = versionOf(id);
  const tabs = await Promise.all([v.answer('accepted', { version }), two.answer('accepted', { version })]);
  is(tabs.map((a) => a.status).sort(), [200, 409], 'of two windows at once one accepts', tabs.map((a) => a.main.slice(0, 300)));
  is([one(`select state from referral where id = ${id}`).state, count(`event where kind = 'referral.accepted' and object_id = ${id}`)], ['accepted', 1], 'once');
  is(event('referral.accepted', id)[0], { account: null, body: council, other: centre, day: '2024-06-14' }, 'the event is the council’s, of no account');
  is(one(`select r.to_account_id as account, r.case_id as c from referral r where r.id = ${id}`), { account: null, c: null }, 'nobody’s hands, no case');
  const done = await v.answer('finished', { version: versionOf(id), finished_on: '14.06.2024', result: 'full', result_note: 'Привезли' });
  ok(done.status === 200 && /больше не действует/.test(done.text) && !done.text.includes(initials), 'the result ends the page');
  is(one(`select state from referral where id = ${id}`).state, 'done', 'and the referral');
  is(register.rows(`select way, answer, account_id as account from referral_answer where referral_id = ${id} order by id`),
    ['returned', 'accepted', 'finished'].map((answer) => ({ way: 'page', answer, account: null })), 'all three answers are on record');
  const timeline = (await api('social1').get(`/api/v1/persons/${people[5].id}/timeline?limit=200`)).json.items;
  is(timeline.filter((e) => e.kind === 'referral.by_page').map((e) => [e.author, e.body_name]), Array(3).fill([null, 'Администрация Камышовского сельского поселения']), 'the timeline says by whom and how');
  const dead = await v.look();
  ok(dead.status === 200 && CODE_FORM.test(dead.text) && dead.text.length === front.text.length, 'what is over asks for a code like any other');
  is([(await v.answer('finished', { version: '1' })).status, (await v.enter(code)).status], [422, 422], 'and opens no more: nothing is sent twice');
  ok(count(`read r where r.account_id is null and r.body_id = ${council} and r.persons like '% ${people[5].id} %'`) > 0, 'each look is in the read log');
  const readers = await api('social1').get(`/api/v1/persons/${people[5].id}/readers?limit=200`);
  like(readers.text, /One-time page|Одноразовая страница/, 'named as such');
  like(readers.text, /Камышовского сельского поселения/, 'and on the page of who looked');
});

await part('who tries what he does not have', async () => {
  const id = await send(council, people[6]);
  const first = await issue(id);
  const other = await send(council, people[7]);
  const theirs = await issue(other);
  const wrongOf = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');
  is((await visitor(theirs.address).enter(first.code)).status, first.code === theirs.code ? 303 : 422, 'the code of another page opens nothing');
  const v = visitor(first.address);
  await v.enter(first.code);
  const thief = visitor(first.address);
  thief.cookies = new Map([['outside', crypto.randomBytes(32).toString('hex')]]);
  ok(!CODE_FORM.test((await v.look()).text) && CODE_FORM.test((await thief.look()).text), 'an invented cookie opens nothing');
  const foreign = visitor(theirs.address);
  foreign.cookies = v.cookies;
  ok(CODE_FORM.test((await foreign.look()).text), 'the cookie of another page opens nothing');
  is((await foreign.answer('accepted', { version: versionOf(other) })).status, 422, 'and answers nothing');
  const cross = await v.request('POST', `${v.place}/answer`, { headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, body: `answer=accepted&version=${versionOf(id)}` });
  is([cross.status, one(`select state from referral where id = ${id}`).state], [403, 'received'], 'a form of another site changes nothing');
  ok((await server.client().get(`/api/v1${v.place}`)).status === 405, 'there is no API to it');
  const none = { address: first.address.slice(0, -40) + crypto.randomBytes(20).toString('hex'), code: '123456' };
  const second = await issue(id);
  ok(second.address !== first.address && CODE_FORM.test((await v.look()).text), 'a page issued anew ends the former one');
  const revoked = await issue(other);
  is((await post('social1', `/referrals/${other}/letter/revoke`)).status, 201, 'the sender revokes');
  const expired = await issue(await send(council, people[8]));
  register.exec(`update referral_outside set until_on = ${register.file ? "'2024-06-13'" : "date '2024-06-13'"} where id = (select max(id) from referral_outside)`);
  // Status, length and headers of the answers to GET, to a code, to an answer.
  const shape = async ({ address, code }) => {
    const c = visitor(address);
    const all = [await c.look(), await c.enter(code), await c.answer('accepted', { version: '1' })];
    return all.map((a) => [a.status, a.text.length, Object.keys(a.headers).sort().join()]);
  };
  const plain = await shape(none);
  is(plain.map((s) => s[0]), [200, 422, 422], 'an unknown address asks for the code, and takes none');
  for (const [name, page] of Object.entries({ 'a former page': first, 'a revoked page': revoked, 'an expired page': expired, 'a wrong code': { ...second, code: wrongOf(second.code) } }))
    is(await shape(page), plain, `${name} answers the same`);
  const odd = await Promise.all(['/outside/x', `/outside/${'0'.repeat(150)}`, "/outside/'%20or%201=1", '/outside/%F0%9F%98%80'].map((p) => server.client().get(p)));
  is(odd.map((a) => a.status), [200, 200, 200, 200], 'strange addresses are unknown ones');
  const locked = visitor(second.address);
  for (let i = 0; i < 4; i += 1) await locked.enter(wrongOf(second.code));
  is(one(`select state, tries from referral_outside where referral_id = ${id} order by id desc`), { state: 'locked', tries: 5 }, 'five wrong codes lock the page');
  is((await locked.enter(second.code)).status, 422, 'then the right one opens nothing');
  is(event('outside.locked').map((e) => e.other), [centre], 'the sender is told');
  like((await (await server.client().signIn('social1')).get(`/referrals/${id}`)).text, /Закрыта после неверных кодов/, 'on the card');
  const third = await issue(id);
  is((await visitor(third.address).enter(third.code)).status, 303, 'a page issued anew opens');
  const storm = await issue(await send(council, people[9]));
  const guesses = await Promise.all(Array.from({ length: 8 }, (_, i) => visitor(storm.address).enter(String((Number(storm.code) + 1 + i) % 1000000).padStart(6, '0'))));
  ok(guesses.every((a) => a.status === 422), 'guesses at once are refused');
  is(one('select state, tries from referral_outside order by id desc limit 1'), { state: 'locked', tries: 5 }, 'and are counted each');
});

await part('answers take the same time', async () => {
  const id = await send(council, people[9]);
  const once = async (address, code) => { const t = process.hrtime.bigint(); await visitor(address).enter(code); return Number(process.hrtime.bigint() - t) / 1e6; };
  const times = { live: [], unknown: [] };
  for (let i = 0; i < 8; i += 1) {
    const { address, code } = await issue(id);
    const wrong = String((Number(code) + 7) % 1000000).padStart(6, '0');
    const none = address.slice(0, -40) + crypto.randomBytes(20).toString('hex');
    for (let k = 0; k < 2; k += 1) { times.live.push(await once(address, wrong)); times.unknown.push(await once(none, wrong)); }
  }
  const median = (a) => a.sort((x, y) => x - y)[a.length >> 1];
  const [live, unknown] = [median(times.live), median(times.unknown)];
  ok(Math.abs(live - unknown) < 6, `a wrong code: ${live.toFixed(1)} ms, an unknown address: ${unknown.toFixed(1)} ms`);
});

await part('answers on paper', async () => {
  const record = (id, data, login = 'social1') => post(login, `/referrals/${id}/paper`, { version: versionOf(id), number: '17-в', day: '13.06.2024', ...data });
  const id = await send(council, people[10]);
  const { address, code } = await issue(id);
  const v = visitor(address);
  await v.enter(code);
  ok(errorAt(await record(id, { answer: 'accepted' }), 'day'), 'an answer of before it was sent is refused');
  const sentEarlier = (x) => register.exec(`update referral set sent_on = ${register.file ? "'2024-06-12'" : "date '2024-06-12'"} where id = ${x}`);
  sentEarlier(id);
  for (const [field, data] of [['decline_reason', { answer: 'declined' }], ['result', { answer: 'finished' }], ['note', { answer: 'returned' }], ['number', { answer: 'accepted', number: '' }],
    ['day', { answer: 'accepted', day: '15.06.2024' }], ['answer', { answer: 'nonsense' }]]) {
    const a = await record(id, data);
    ok(a.status === 422 && errorAt(a, field), `${JSON.stringify(data)} is refused at ${field}`, `${a.status} ${a.text.slice(0, 300)}`);
  }
  is([(await record(id, { answer: 'accepted' }, 'ngo1')).status, (await record(id, { answer: 'accepted' }, 'homeless1')).status].every((s) => s === 404 || s === 403), true, 'only the sender records');
  is((await record(id, { answer: 'accepted', version: '0' })).status, 409, 'what has changed meanwhile is not overwritten');
  const a = await record(id, { answer: 'finished', result: 'full', note: 'Сделано' });
  is([a.status, one(`select state from referral where id = ${id}`).state], [201, 'done'], 'one letter may tell the result at once', a.text.slice(0, 300));
  const social = one("select id from account where login = 'social1'").id;
  is(register.rows(`select way, answer, number, cast(day as text) as day, account_id as account from referral_answer where referral_id = ${id}`),
    [{ way: 'paper', answer: 'finished', number: '17-в', day: '2024-06-13', account: social }], 'it is on record, with number, day and who recorded it');
  is(event('referral.on_paper').at(-1), { account: social, body: centre, other: council, day: '2024-06-13' }, 'and in the log as recorded by the sender');
  is(one(`select case_id as c, to_account_id as account from referral where id = ${id}`), { c: null, account: null }, 'no case of the sender’s comes of it');
  ok(CODE_FORM.test((await v.look()).text), 'the one-time page ends with it');
  like((await (await server.client().signIn('social1')).get(`/persons/${people[10].id}/timeline`)).text, /Ответ получен на бумаге и внесён отправителем/, 'the timeline says so');
  const refused = await send(council, people[10]);
  sentEarlier(refused);
  is((await record(refused, { answer: 'declined', decline_reason: 'nonsense' })).status, 422, 'reasons are those of the list');
  const inside = await send(homeless, people[10]);
  is((await record(inside, { answer: 'accepted' })).status, 409, 'for a body with an account nobody else answers');
  const both = await Promise.all([0, 1].map(() => record(refused, { answer: 'accepted' })));
  is(both.map((x) => x.status).sort(), [201, 409], 'of two records at once one counts');
});

await part('a restricted person', async () => {
  const who = one(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${centre} and (a.bits & 2) = 2
    where p.lead_body_id = ${centre} and p.birth_date < '2000-01-01' order by p.id desc limit 1`);
  const id = await send(council, who);
  const { address, code } = await issue(id);
  const v = visitor(address);
  await v.enter(code);
  ok(!CODE_FORM.test((await v.look()).text), 'before it the page is open');
  const reason = one("select key as k from pack_entry where kind = 'code' and key like 'restriction_reason %' order by key limit 1")?.k.split(' ')[1];
  const r = await post('head1', `/persons/${who.id}/restrictions`, { reason, words: 'Защита' });
  is(r.status, 201, 'the head restricts', r.text.slice(0, 300));
  ok(CODE_FORM.test((await v.look()).text), 'at the next request the page tells nothing');
  is([(await v.enter(code)).status, (await v.answer('accepted', { version: versionOf(id) })).status], [422, 422], 'and takes no code and no answer');
  const refusal = await post('social1', `/referrals/${id}/letter`);
  like([refusal.status, refusal.text].join(' '), /409.*ничего не направляется/s, 'no letter goes out');
  is((await api('social1').get(`/api/v1/referrals/${id}/letter`)).status, 409, 'nor one without a page');
  is((await api('social1').get(`/api/v1/referrals/${id}/paper`)).status, 200, 'what comes back on paper is still recorded');
  const more = await post('head1', `/restrictions/${r.json.id}/bodies`, { body_id: String(council), version: String(r.json.version) });
  is(more.status < 300, true, 'when the council is named', more.text.slice(0, 300));
  is((await visitor((await issue(id)).address).look()).status, 200, 'it does');
});

// POST_PICTURES: a folder for pictures of what was looked at.
if (ENGINE === 'sqlite') await part('in a browser', async () => {
  const id = await send(council, people[11], { note: 'Обследовать жилищные условия, помочь с дровами до холодов.' });
  const inside = await send(homeless, people[11], { note: 'Место на ночь' });
  await post('social1', `/referrals/${inside}/messages`, { words: 'Человек приедет вечером автобусом.\nЕго телефон выключен.' });
  await post('homeless1', `/referrals/${inside}/messages`, { words: 'Ждём до 22 часов. Возьмите справку о флюорографии, если есть.' });
  await post('social1', `/referrals/${inside}/messages`, { words: 'Справка приложена.' });
  await attach('social1', inside, pdf(), 'certificate', 'справка.pdf');
  const browser = await launch();
  const look = async (desk, name) => {
    is(await desk.faults({ phone: true }), [], `${name}: valid, accessible, fits a telephone`);
    if (!process.env.POST_PICTURES) return;
    for (const size of [DESK, PHONE]) {
      await desk.page.setViewportSize(size);
      await desk.page.screenshot({ path: path.join(process.env.POST_PICTURES, `${name}-${size.width}.png`), fullPage: true });
    }
    await desk.page.setViewportSize(DESK);
  };
  try {
    const social = await (await Desk.open(browser, server.base)).signIn('social1');
    await look(await social.go(`/referrals/${id}`), 'card-outside');
    await social.press('Письмо с одноразовой страницей');
    await look(social, 'letter');
    const code = await social.page.locator('.b-code').innerText();
    const address = await social.page.locator('.b-qr__address').innerText();
    await social.page.emulateMedia({ media: 'print' });
    ok(!await social.page.locator('.b-code').isVisible() && await social.page.locator('.b-qr svg').isVisible(), 'on paper stands the QR code and not the code');
    if (process.env.POST_PICTURES) {
      await social.page.setViewportSize({ width: 794, height: 1123 });
      await social.page.screenshot({ path: path.join(process.env.POST_PICTURES, 'letter-paper.png') });
    }
    const guest = await Desk.open(browser, server.base);
    await look(await guest.go(new URL(address).pathname), 'outside-code');
    await guest.fill({ 'Код из шести цифр': '000000' });
    await guest.press('Открыть');
    await look(guest, 'outside-wrong');
    await guest.fill({ 'Код из шести цифр': code });
    await guest.press('Открыть');
    await look(guest, 'outside-open');
    await guest.press('Принять');
    await look(guest, 'outside-accepted');
    await guest.page.locator('#finished_on').fill('14.06.2024');
    await guest.page.locator('main select').selectOption('full');
    await guest.press('Отправить результат');
    await look(guest, 'outside-done');
    await look(await social.go(`/referrals/${id}`), 'card-answered');
    const shelter = await (await Desk.open(browser, server.base)).signIn('homeless1');
    await post('homeless1', `/referrals/${inside}/accept`, { version: versionOf(inside) });
    await look(await shelter.go(`/referrals/${inside}`), 'card-messages');
    ok(await shelter.page.getByText('Ошибочный документ').count() === 0, "the other side's paper is not offered to be taken back");
    await shelter.follow('Приложить документ');
    await look(shelter, 'attach');
    const another = await send(council, people[11]);
    await look(await social.go(`/referrals/${another}/paper`), 'paper');
    const without = await Desk.open(browser, server.base, { js: false });
    await without.go(new URL(address).pathname);
    ok(await without.page.locator('#code').isVisible(), 'without scripts it is the same');
  } finally {
    await browser.close();
  }
});

is(register.run(['check']).status, 0, 'bereg check finds nothing');
await register.drop();
finish();
