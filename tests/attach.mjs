// Scanned papers of consents: attached, read by whom the consent is read, sealed in the tables, taken back; on both engines.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/attach.mjs
import crypto from 'node:crypto';
import net from 'node:net';
import { Register } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 300, seed: 5, name: 'attach' });
let server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const bodyOf = (login) => register.rows(`select body_id as id from account where login = '${login}'`)[0].id;
const [centre, jobs] = ['social1', 'employment1'].map(bodyOf);
let keys = 0;
const key = (name = `attach-${process.pid}-${keys += 1}`) => ({ headers: { 'idempotency-key': name } });
const people = register.rows(`select p.id, p.family_name as family from person p join access a on a.person_id = p.id and a.body_id = ${centre}
  where p.birth_date < '2000-01-01' and not exists (select 1 from access b where b.body_id = ${jobs} and b.person_id = p.id) order by p.id limit 10`);

// A file of a type, with a secret of its own and bytes of every kind.
const MAGIC = { pdf: '%PDF-1.7\n', png: '\x89PNG\r\n\x1a\n', jpg: '\xff\xd8\xff\xe0', tif: 'II*\0' };
const SECRET = 'MARKER-OF-THE-SCAN-7315';
function file(type, size = 5000) {
  const head = Buffer.concat([Buffer.from(MAGIC[type], 'latin1'), Buffer.from(`\n${SECRET}\n`), Buffer.from([0, 1, 2, 3, 255, 13, 10, 45, 45])]);
  return size <= head.length ? head : Buffer.concat([head, crypto.randomBytes(size - head.length)]);
}
const attach = (api, consent, name, bytes, { kind = 'consent', name: k } = {}) => api.postFile(
  `/api/v1/consents/${consent}/attachments`, { kind }, ['file', name, bytes], key(k));
const get = (api, consent, id) => api.get(`/api/v1/consents/${consent}/attachments/${id}`);
const listOf = async (api, consent) => (await api.get(`/api/v1/consents/${consent}`)).json.attachments ?? [];
const take = async (person, more = {}) => {
  const a = await client('social1').postJson(`/api/v1/persons/${person.id}/consents`, { to_body_id: String(jobs), purpose: 'employment_help',
    form: 'paper', signed_on: '14.06.2024', until: '14.06.2025', ...more }, key());
  if (a.status !== 201) throw new Error(a.text);
  return a.json;
};
const withdraw = (c) => client('social1').postJson(`/api/v1/consents/${c.id}/withdraw`, { withdrawn_on: '14.06.2024', version: c.version }, key());
const count = (sql) => register.rows(`select count(*) as n from ${sql}`)[0].n;
const errorAt = (a, field) => a.json.errors?.find((e) => e.field === field)?.message ?? '';

const consent = await take(people[0]);
const other = await take(people[1]);
const scan = file('pdf', 100000);
let paper;

await part('attached and read', async () => {
  const a = await attach(client('social1'), consent.id, 'Согласие Иванова.pdf', scan);
  is(a.status, 201, 'the signed consent is attached', a.text.slice(0, 500));
  [paper] = await listOf(client('social1'), consent.id);
  like(paper?.number, /^F-2024-\d{6}$/, 'with a number', JSON.stringify(paper));
  is([paper.name, paper.volume], ['Согласие Иванова.pdf', '98 КБ'], 'its name and size are on the page');
  ok(!('size' in paper) && !('digest' in paper), 'and nothing of the inside');
  for (const login of ['social1', 'employment1']) {
    const d = await get(client(login), consent.id, paper.id);
    is([d.status, d.bytes.equals(scan)], [200, true], `${login} gets the same bytes`, d.text.slice(0, 300));
    is(d.type, 'application/pdf', 'as what they are');
    is(d.headers['content-disposition'], `attachment; filename="${paper.number}.pdf"; filename*=UTF-8''${paper.number}.pdf`, 'to be kept, under its number');
    is([d.headers['x-content-type-options'], d.headers['cache-control']], ['nosniff', 'no-store'], 'not guessed at, not kept');
    like(d.headers['content-security-policy'], /default-src 'none'/, 'and nothing in it runs');
  }
  for (const login of ['penal1', 'ngo1', 'doctor1', 'police1', 'aids1'])
    is((await get(client(login), consent.id, paper.id)).status, 404, `${login} gets nothing, as if there were none`);
  for (const login of ['analyst', 'admin', 'auditor']) is((await get(client(login), consent.id, paper.id)).status, 403, `${login} may not ask`);
  const penal = bodyOf('penal1');
  const known = register.rows(`select p.id from person p join access a on a.person_id = p.id and a.body_id = ${centre} join access b on b.person_id = p.id and b.body_id = ${penal}
    join access_grant g on g.person_id = p.id and g.body_id = ${centre} and g.ended_at is null and g.fact in ('listed', 'case_own', 'referral_accepted')
    where p.birth_date < '2000-01-01' order by p.id limit 1`)[0];
  const theirs = await take(known);
  is((await attach(client('social1'), theirs.id, 'a.pdf', scan)).status, 201, 'of somebody whom the inspectorate works with too');
  const [between] = await listOf(client('social1'), theirs.id);
  is([(await client('penal1').get(`/api/v1/persons/${known.id}`)).status, (await get(client('penal1'), theirs.id, between.id)).status], [200, 404], 'it does not read what is between others');
  is((await server.client().get(`/consents/${consent.id}/attachments/${paper.id}`)).status, 303, 'nobody signs in first');
  is((await get(client('social1'), other.id, paper.id)).status, 404, 'it is no paper of another consent');
  is((await get(client('social1'), consent.id, 999999)).status, 404, 'nor is one that is not there');
  const log = register.rows(`select r.page, c.login from read r join account c on c.id = r.account_id where r.page like '%/attachments/{attachment}' order by r.id`);
  is(log.map((r) => r.login), ['social1', 'employment1'], 'each download is in the read log, and no refusal');
  const readers = (await client('social1').get(`/api/v1/persons/${people[0].id}/statement`)).text;
  if (!readers.includes('"leads":false')) like(readers, /Скан документа к согласию/, 'the statement says so');
  is(register.rows(`select kind, person_id as person, other_body_id as body from event where object = 'attachment' and object_id = ${paper.id}`),
    [{ kind: 'attachment.added', person: people[0].id, body: jobs }], 'and the log that it was attached');
  const page = (await (await server.client().signIn('social1')).get(`/consents/${consent.id}`)).text;
  ok(page.includes(paper.number) && page.includes('multipart/form-data') && page.length < 61440, 'the page has it, and the form');
  unlike((await (await server.client().signIn('employment1')).get(`/consents/${consent.id}`)).text, /multipart/, 'who records nothing has no form');
});

await part('what is stored', async () => {
  const stored = register.files();
  for (const [what, words] of [['content', SECRET], ['content in base64', Buffer.from(`\n${SECRET}\n`).toString('base64').slice(4, 24)],
    ['content in hex', Buffer.from(SECRET).toString('hex')], ['name', 'Согласие Иванова'], ['digest', crypto.createHash('sha256').update(scan).digest('hex')]])
    ok(!stored.includes(words), `the tables hold no ${what}`);
  ok(stored.includes(paper.number), 'though they are what is searched');
  const sizes = register.rows('select distinct length(content) as n from attachment_part').map((r) => r.n);
  is([sizes.length, count(`attachment_part where attachment_id = ${paper.id}`)], [1, 4], 'every part is of one size');
  const doctor = register.rows(`select a.person_id as id from access a join person p on p.id = a.person_id where a.body_id = ${bodyOf('doctor1')}
    and p.birth_date < '2000-01-01' and exists (select 1 from access_grant g where g.body_id = a.body_id and g.person_id = a.person_id and g.ended_at is null
    and g.fact in ('listed', 'case_own', 'referral_accepted')) and (a.bits & 512) = 512 order by p.id limit 1`)[0];
  if (!doctor) { ok(true, 'the clinic sees no addiction here # SKIP'); return; }
  const narcology = register.rows(`select id from body where kind = 'narcology' and active = 1 order by id limit 1`)[0].id;
  const c = await client('doctor1').postJson(`/api/v1/persons/${doctor.id}/consents`, { to_body_id: String(narcology), purpose: 'addiction_help', form: 'paper',
    signed_on: '14.06.2024', until: '14.06.2025' }, key());
  is(c.status, 201, 'a consent to help against addiction', c.text.slice(0, 300));
  is((await attach(client('doctor1'), c.json.id, 'a.pdf', scan)).status, 201, 'has its paper');
  is(register.rows(`select classes & 16383 as bits from attachment where id >= ${paper.id} order by id`).map((r) => r.bits), [0, 0, 0], 'its class is told from no other');
  is((await listOf(client('doctor1'), c.json.id)).length, 1, 'but to whom it is open');
});

await part('what is not taken', async () => {
  const refused = async (name, bytes, why, more) => {
    const a = await attach(client('social1'), consent.id, name, bytes, more);
    ok(a.status === 422 && errorAt(a, more?.field ?? 'file').length > 5, why, `${a.status} ${a.text.slice(0, 400)}`);
  };
  const html = '<!DOCTYPE html><script>alert(1)</script>';
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>';
  await refused('x.html', html, 'HTML');
  await refused('x.pdf', html, 'HTML that calls itself a PDF');
  await refused('x.svg', svg, 'SVG');
  await refused('x.png', svg, 'SVG that calls itself a PNG');
  await refused('x.html', scan, 'a PDF that calls itself HTML');
  await refused('x.pdf.svg', scan, 'or SVG');
  await refused('x.png', scan, 'or a PNG');
  await refused('pdf', scan, 'or nothing');
  await refused('.pdf', scan, 'or an ending only');
  await refused('x.exe', Buffer.from('MZ\x90\0', 'latin1'), 'a program');
  await refused('x.pdf', ` ${scan.toString('latin1')}`, 'a PDF behind something else');
  await refused('x.pdf', Buffer.alloc(0), 'an empty file');
  await refused('x.pdf', file('pdf', (10 << 20) + 1), 'one byte more than the packs allow');
  await refused('x.pdf', scan, 'a kind that is not in the packs', { kind: 'passport', field: 'kind' });
  is((await client('social1').request('POST', `/api/v1/consents/${consent.id}/attachments`, { headers: { 'content-type': 'application/x-www-form-urlencoded', ...key().headers },
    body: 'kind=consent&file=%25PDF-1.7' })).status, 422, 'text in place of a file');
  for (const [login, status] of [['employment1', 403], ['analyst', 403], ['penal1', 404], ['ngo1', 404]]) {
    const s = (await attach(client(login), consent.id, 'x.pdf', scan)).status;
    ok(s === status || s === 403, `nothing by ${login}`, s);
  }
  is((await attach(client('social1'), 999999, 'x.pdf', scan)).status, 404, 'nothing to what is not there');
  const stranger = await server.client().signIn('social1');
  is((await stranger.postFile(`/consents/${consent.id}/attachments`, { kind: 'consent' }, ['file', 'x.pdf', scan], { csrf: '' })).status, 403, 'nothing from a foreign page');
  is((await listOf(client('social1'), consent.id)).length, 1, 'and nothing of it is attached');
  const at = await attach(client('social1'), other.id, 'x.pdf', file('pdf', 10 << 20));
  is(at.status, 201, 'what is just as large as allowed is taken', at.text.slice(0, 300));
  for (const [type, mime] of [['png', 'image/png'], ['jpg', 'image/jpeg'], ['tif', 'image/tiff']]) {
    const bytes = file(type, 32768);
    is((await attach(client('social1'), other.id, `x.${type.toUpperCase()}`, bytes, { kind: 'authority' })).status, 201, `${type} is taken`);
    const [x] = await listOf(client('social1'), other.id);
    const d = await get(client('social1'), other.id, x.id);
    is([d.type, d.bytes.equals(bytes)], [mime, true], 'and comes back');
  }
});

await part('names', async () => {
  const c = await take(people[2]);
  const named = async (name, shown) => {
    const bytes = file('pdf', 200);
    const a = await attach(client('social1'), c.id, name, bytes, { kind: 'withdrawal' });
    is(a.status, 201, `${JSON.stringify(name)} is taken`, a.text.slice(0, 300));
    const [x] = await listOf(client('social1'), c.id);
    is(x.name, shown, `as ${shown}`);
    const d = await get(client('social1'), c.id, x.id);
    is(d.headers['content-disposition'], `attachment; filename="${x.number}.pdf"; filename*=UTF-8''${x.number}.pdf`, 'the head of the answer has the number only');
  };
  await named('../../../etc/passwd.pdf', 'passwd.pdf');
  await named('C:\\\\Users\\\\a\\\\скан.pdf', 'скан.pdf');
  await named('\u202Efdp.exe\u2066\u200B.pdf', 'fdp.exe.pdf');
  await named('\\"<script>alert(1)</script>\\".pdf', 'script>".pdf');
  await named('a%22%0D%0ASet-Cookie: x=1.pdf', 'a%22%0D%0ASet-Cookie: x=1.pdf');
  await named(`${'я'.repeat(300)}.pdf`, 'я'.repeat(100));
  is((await attach(client('social1'), c.id, 'a\u0001.pdf', file('pdf'))).status, 400, 'control characters are no form');
  is((await attach(client('social1'), c.id, 'a.pdf"\r\nX-Evil: 1\r\nContent-Disposition: form-data; name="kind', file('pdf'))).status, 400, 'nor a second head');
  const page = (await (await server.client().signIn('social1')).get(`/consents/${c.id}`)).text;
  unlike(page, /<script>alert|\u202E/, 'on the page they are text');
});

await part('twice', async () => {
  const c = await take(people[3]);
  const bytes = file('pdf', 300000);
  const same = await Promise.all([1, 2].map(() => attach(client('social1'), c.id, 'a.pdf', bytes, { name: 'one-key' })));
  is([same.map((a) => a.status), (await listOf(client('social1'), c.id)).length], [[201, 201], 1], 'one form sent twice at once is one paper');
  const two = await Promise.all(['a', 'b', 'c', 'd'].map((n) => attach(client('social1'), c.id, `${n}.pdf`, bytes)));
  is([two.map((a) => a.status), (await listOf(client('social1'), c.id)).length], [[201, 201, 201, 201], 5], 'four at once are four papers');
  is(new Set((await listOf(client('social1'), c.id)).map((x) => x.number)).size, 5, 'each with its number');
  const foreign = await attach(client('penal1'), c.id, 'a.pdf', bytes, { name: 'one-key' });
  ok([403, 404].includes(foreign.status) && !foreign.text.includes('F-2024'), 'the key of another tells nothing', foreign.text.slice(0, 300));
  for (let i = 0; i < 5; i += 1) await attach(client('social1'), c.id, 'm.pdf', file('pdf', 100));
  is((await attach(client('social1'), c.id, 'm.pdf', file('pdf', 100))).status, 409, 'one more than the packs allow is refused');
  is(count(`attachment where object_id = ${c.id}`), 10, 'and there are ten');
});

await part('taken back', async () => {
  const c = await take(people[4]);
  await attach(client('social1'), c.id, 'чужое.pdf', scan);
  const [wrong] = await listOf(client('social1'), c.id);
  const back = (api, file_) => (file_ ? api.postFile(`/api/v1/consents/${c.id}/attachments/${wrong.id}/back`, { kind: 'consent' }, ['file', 'right.png', file_], key())
    : api.postJson(`/api/v1/consents/${c.id}/attachments/${wrong.id}/back`, {}, key()));
  is((await back(client('employment1'))).status, 403, 'not by the recipient');
  is((await back(client('penal1'))).status, 404, 'nor by a stranger');
  is((await back(client('social1'), 'no picture')).status, 422, 'not for a file that is not taken');
  is((await get(client('social1'), c.id, wrong.id)).status, 200, 'till then it is there');
  const right = file('png', 40000);
  const r = await back(client('social1'), right);
  is(r.status, 201, 'the right one comes in its place', r.text.slice(0, 300));
  const now = await listOf(client('social1'), c.id);
  is(now.map((x) => x.name), ['right.png'], 'and stands alone');
  ok((await get(client('social1'), c.id, now[0].id)).bytes.equals(right), 'as it came');
  is((await get(client('social1'), c.id, wrong.id)).status, 404, 'the wrong one is gone');
  is([register.rows(`select name, size, digest, parts from attachment where id = ${wrong.id}`)[0], count(`attachment_part where attachment_id = ${wrong.id}`)],
    [{ name: null, size: null, digest: null, parts: 0 }, 0], 'from the tables too');
  is((await back(client('social1'))).status, 404, 'once');
  is(register.rows(`select kind from event where object = 'attachment' and object_id = ${wrong.id} order by id`).map((e) => e.kind),
    ['attachment.added', 'attachment.destroyed'], 'the log keeps that it was');
  is(count(`history where changed like '%"table":"attachment%'`), 0, 'and the history nothing of it');
  const web = await server.client().signIn('social1');
  const page = await web.get(`/consents/${c.id}/attachments/${now[0].id}/back`);
  is(page.status, 200, 'there is a page for it');
  is((await web.submit(page, /back$/, {})).status, 303, 'without a new file it is only destroyed');
  is(await listOf(client('social1'), c.id), [], 'and nothing stands');
});

// A reader who stops in the middle: what is on its way, on a socket of its own.
function slowly(path, token) {
  const url = new URL(server.base);
  const socket = net.connect(Number(url.port), url.hostname);
  const got = [];
  let n = 0;
  let stopped = false;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
  const first = new Promise((resolve) => socket.on('data', (d) => {
    got.push(d);
    n += d.length;
    if (n > 100000 && !stopped) { stopped = true; socket.pause(); resolve(); }
  }));
  const end = new Promise((resolve) => { socket.on('close', resolve); socket.on('error', resolve); });
  return { first, rest: async () => { socket.resume(); await end; return Buffer.concat(got); } };
}

await part('withdrawn in the middle', async () => {
  const c = await take(people[5]);
  const large = file('pdf', 9 << 20);
  await attach(client('social1'), c.id, 'a.pdf', large);
  const [x] = await listOf(client('social1'), c.id);
  client('employment1');
  const reader = slowly(`/api/v1/consents/${c.id}/attachments/${x.id}`, tokens.employment1);
  await reader.first;
  ok((await withdraw(c)).status < 300, 'while the recipient reads, the consent is withdrawn');
  is((await get(client('employment1'), c.id, x.id)).status, 404, 'the next request is shut out');
  is((await client('employment1').request('GET', `/api/v1/consents/${c.id}/attachments/${x.id}`, { headers: { range: 'bytes=100000-' } })).status, 404, 'also one that would go on where it stopped');
  const whole = await reader.rest();
  ok(whole.subarray(-large.length).equals(large), 'what was read under the consent arrives whole: one check, one view, one line of the log', whole.length);
  is((await get(client('social1'), c.id, x.id)).status, 200, 'who took it keeps the proof');
  const w = await attach(client('social1'), c.id, 'w.pdf', file('pdf'), { kind: 'withdrawal' });
  is(w.status, 201, 'and attaches the withdrawal');
});

await part('after signing out', async () => {
  const web = await server.client().signIn('social1');
  const d = await web.get(`/consents/${consent.id}/attachments/${paper.id}`);
  is([d.status, d.headers['cache-control'], d.headers.etag, d.headers['last-modified']], [200, 'no-store', undefined, undefined], 'the browser keeps nothing to go back to');
  await web.post('/sign-out');
  like((await web.get(`/consents/${consent.id}/attachments/${paper.id}`)).location, /^\/sign-in/, 'and is asked who it is');
});

await part('strange hands', async () => {
  const [a] = await listOf(client('social1'), consent.id);
  const [b] = await listOf(client('social1'), other.id);
  const [one] = register.rows(`select id, content from attachment_part where attachment_id = ${a.id} and part = 0`);
  const [two] = register.rows(`select id, content from attachment_part where attachment_id = ${b.id} and part = 0`);
  register.exec([`update attachment_part set content = '${two.content}' where id = ${one.id}`]);
  const d = await get(client('social1'), consent.id, a.id);
  is([d.status, d.text.includes(SECRET)], [500, false], 'parts of another paper are not sent for this one');
  register.exec([`update attachment_part set content = '${one.content}' where id = ${one.id}`]);
  ok((await get(client('social1'), consent.id, a.id)).bytes.equals(scan), 'put back, it is whole');
  is(register.run(['check']).status, 0, 'bereg check is clean');
  register.exec([`delete from attachment_part where id = ${one.id}`]);
  const check = register.run(['check']);
  ok(check.status !== 0 && /attachment/.test(check.out + check.err), 'and finds a part that is lost', check.out + check.err);
  is((await get(client('social1'), consent.id, a.id)).status, 500, 'what is not whole is not sent');
  register.exec([`insert into attachment_part (id, attachment_id, part, content) values (${one.id}, ${a.id}, 0, '${one.content}')`]);
});

await part('a crash', async () => {
  const c = await take(people[6]);
  const before = count('attachment');
  const url = new URL(server.base);
  const socket = net.connect(Number(url.port), url.hostname);
  socket.on('error', () => {});
  socket.write(`POST /api/v1/consents/${c.id}/attachments HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${tokens.social1}\r\nIdempotency-Key: half\r\n`
    + 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3000000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7');
  socket.write(Buffer.alloc(1000000));
  await new Promise((r) => { setTimeout(r, 200); });
  await server.stop('SIGKILL');
  server = await register.serve();
  is([count('attachment'), count(`attachment_part p where not exists (select 1 from attachment x where x.id = p.attachment_id)`)], [before, 0], 'half a file leaves nothing');
  const large = file('pdf', 9 << 20);
  let whole = 0;
  for (const ms of [40, 90, 150]) {
    const sent = attach(client('social1'), c.id, 'k.pdf', large, { name: 'killed' }).then((a) => a.status, () => 0);
    await new Promise((r) => { setTimeout(r, ms); });
    await server.stop('SIGKILL');
    await sent;
    server = await register.serve();
    whole = count(`attachment where object_id = ${c.id}`);
    is(register.run(['check']).status, 0, `killed after ${ms} ms: all of it or nothing (${whole})`);
  }
  is((await attach(client('social1'), c.id, 'k.pdf', large, { name: 'killed' })).status, 201, 'the same form again');
  is(count(`attachment where object_id = ${c.id}`), 1, 'makes it one');
  const [x] = await listOf(client('social1'), c.id);
  ok((await get(client('social1'), c.id, x.id)).bytes.length === large.length, 'and whole');
});

await server.stop();
const said = register.servers.map((s) => s.err).join('');
ok(!/Sanitizer|runtime error/.test(said), 'the sanitizers have nothing to say', said.slice(-1500));
await register.drop();
finish();
