// Malformed and slow requests against a running server: each is refused in time, none hangs, none is answered twice.
//   BEREG_URL=http://127.0.0.1:8080 BEREG_DEADLINE_MS=2000 node --test tests/http_malformed.mjs
// BEREG_DEADLINE_MS is the same value the server was started with; without it the slow ones are skipped.
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { exchangeWith, form, head, refusedRequests } from './lib/malformed.mjs';

const base = new URL(process.env.BEREG_URL ?? 'http://127.0.0.1:8080');
const host = base.host;
const port = Number(base.port || 80);
const deadline = Number(process.env.BEREG_DEADLINE_MS ?? 0);

const exchange = exchangeWith(port, base.hostname);
const H = `Host: ${host}`;
const get = (...lines) => head('GET /health HTTP/1.1', ...lines);
const refused = refusedRequests(host);

for (const [name, bytes, statuses] of refused)
  test(name, async () => {
    const a = await exchange(bytes);
    assert.equal(a.statuses.length, 1, `${a.statuses.length} answers (${a.statuses}), ${a.how} after ${a.ms} ms`);
    assert.ok(statuses.includes(a.statuses[0]), `answered ${a.statuses[0]}, expected ${statuses}`);
    assert.equal(a.how, 'closed', 'the connection stayed open');
    assert.ok(!a.answer.includes('"status":"ok"'), 'a request inside the body was answered');
  });

// What is not HTTP at all: an answer or none, but the connection ends.
for (const [name, bytes] of [
  ['TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + '\x00'.repeat(200)],
  ['random bytes', Array.from({ length: 3000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join('')],
  ['blank in the target', head('GET /health x HTTP/1.1', H)],
  ['empty method', head(' /health HTTP/1.1', H)],
  ['tab in the first line', head('GET\t/health\tHTTP/1.1', H)],
  ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
])
  test(name, async () => {
    const a = await exchange(bytes, { end: true, wait: 5000 });
    assert.equal(a.how, 'closed');
    assert.ok(!(a.statuses[0] < 400), String(a.statuses));
  });

test('three requests in one packet get three answers in order', async () => {
  const one = get(H);
  const a = await exchange(one + one + get(H, 'Connection: close'));
  assert.deepEqual(a.statuses, [200, 200, 200]);
});

test('a page behind a page in one packet', async () => {
  const a = await exchange(head('GET /sign-in HTTP/1.1', H) + head('GET /nothing-here HTTP/1.1', H, 'Connection: close'));
  assert.deepEqual(a.statuses, [200, 404]);
});

test('HEAD has no body', async () => {
  const a = await exchange(head('HEAD /sign-in HTTP/1.1', H, 'Connection: close'));
  assert.equal(a.statuses[0], 200);
  assert.equal(a.answer.split('\r\n\r\n')[1], '');
});

test('a well-formed chunked form is read', async () => {
  const a = await exchange(head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked', 'Connection: close') +
    '6\r\nlogin=\r\n4\r\nno-o\r\n0\r\n\r\n');
  assert.deepEqual(a.statuses, [422]);
});

test('no answer tells the version of the server', async () => {
  const a = await exchange(get(H, 'Connection: close'));
  assert.ok(!/^server:/im.test(a.answer));
  assert.match(a.answer, /content-security-policy: default-src 'none'/i);
});

const slow = { skip: deadline ? false : 'BEREG_DEADLINE_MS is not set' };
const late = deadline * 2 + 3000;

test('a head that drips is cut', slow, async () => {
  const a = await exchange(`GET /health HTTP/1.1\r\n${H}\r\nX-A: `, { drip: 'a', wait: late });
  assert.equal(a.how, 'closed');
  assert.ok(a.ms >= deadline * 0.8, `cut after ${a.ms} ms already`);
});

test('a first line that drips is cut', slow, async () => {
  const a = await exchange('GET /', { drip: 'a', wait: late });
  assert.equal(a.how, 'closed');
});

test('a body that drips is cut', slow, async () => {
  const a = await exchange(head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 60000'), { drip: 'a', wait: late });
  assert.equal(a.how, 'closed');
});

test('a connection that says nothing is cut', slow, async () => {
  const a = await exchange('', { wait: late });
  assert.equal(a.how, 'closed');
});

test('300 half-open requests do not stop a whole one', async () => {
  const sockets = Array.from({ length: 300 }, () => {
    const s = net.connect(port, base.hostname);
    s.on('error', () => {});
    s.write(`GET /health HTTP/1.1\r\n${H}\r\n`);
    return s;
  });
  await new Promise((r) => setTimeout(r, 200));
  const a = await exchange(get(H, 'Connection: close'));
  sockets.forEach((s) => s.destroy());
  assert.deepEqual(a.statuses, [200]);
});

test('the server is well after all this', async () => {
  const a = await exchange(get(H, 'Connection: close'));
  assert.deepEqual(a.statuses, [200]);
});
