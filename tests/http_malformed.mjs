// Malformed and slow requests against a running server: each is refused in time, none hangs, none is answered twice.
//   BEREG_URL=http://127.0.0.1:8080 BEREG_DEADLINE_MS=2000 node --test tests/http_malformed.mjs
// BEREG_DEADLINE_MS is the same value the server was started with; without it the slow ones are skipped.
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';

const base = new URL(process.env.BEREG_URL ?? 'http://127.0.0.1:8080');
const host = base.host;
const port = Number(base.port || 80);
const deadline = Number(process.env.BEREG_DEADLINE_MS ?? 0);

// The answers as a client reads them: head, Content-Length bytes, the next; nothing behind one that closes.
function statusesOf(answer) {
  const statuses = [];
  let rest = answer;
  for (;;) {
    const m = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(rest);
    if (!m) return rest ? [...statuses, NaN] : statuses;
    rest = rest.slice(m[0].length);
    if (m[1] === '100') continue;
    statuses.push(Number(m[1]));
    if (/^connection: close/im.test(m[0])) return statuses;
    rest = rest.slice(Number(/^content-length: (\d+)/im.exec(m[0])?.[1] ?? 0));
  }
}

// Sends bytes, gives everything that comes back until the server closes or `wait` ms pass.
function exchange(bytes, { wait = 3000, end = false, drip } = {}) {
  return new Promise((resolve) => {
    const began = Date.now();
    const socket = net.connect(port, base.hostname);
    let answer = '';
    let timer;
    let dripper;
    const done = (how) => {
      clearTimeout(timer);
      clearInterval(dripper);
      socket.destroy();
      resolve({ how, answer, statuses: statusesOf(answer), ms: Date.now() - began });
    };
    timer = setTimeout(() => done('timeout'), wait);
    socket.on('data', (d) => { answer += d.toString('latin1'); });
    socket.on('end', () => done('closed'));
    socket.on('error', () => done('closed'));
    socket.on('close', () => done('closed'));
    socket.on('connect', () => {
      socket.write(Buffer.from(bytes, 'latin1'));
      if (end) socket.end();
      if (drip) dripper = setInterval(() => { if (!socket.destroyed) socket.write(drip); }, 100);
    });
  });
}

const head = (first, ...lines) => [first, ...lines, '', ''].join('\r\n');
const get = (...lines) => head('GET /health HTTP/1.1', ...lines);
const H = `Host: ${host}`;
const form = 'Content-Type: application/x-www-form-urlencoded';
const hidden = head('GET /health HTTP/1.1', H); // a second request inside a body

const refused = [
  ['no Host', get('X: 1'), [400]],
  ['two Hosts', get(H, H), [400]],
  ['two different Hosts', get(H, 'Host: evil'), [400]],
  ['empty Host', get('Host:'), [400]],
  ['Host with a blank', get('Host: a b'), [400]],
  ['Host with a slash', get('Host: a/b'), [400]],
  ['Content-Length and chunked', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 4', 'Transfer-Encoding: chunked') + '0\r\n\r\n' + hidden, [400]],
  ['chunked and Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked', 'Content-Length: 4') + '0\r\n\r\n' + hidden, [400]],
  ['two different Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 0', 'Content-Length: 40') + hidden, [400]],
  ['two equal Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3', 'Content-Length: 3') + 'a=b', [400]],
  ['Content-Length as a list', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3, 3') + 'a=b', [400]],
  ['Content-Length 5x', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 5x') + 'a=bcd', [400]],
  ['Content-Length +3', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: +3') + 'a=b', [400]],
  ['Content-Length -1', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: -1') + 'a=b', [400]],
  ['Content-Length 0x3', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 0x3') + 'a=b', [400]],
  ['empty Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length:') + 'a=b', [400]],
  ['huge Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 99999999999'), [413]],
  ['Content-Length beyond 64 bits', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 99999999999999999999999'), [400, 413]],
  ['body of a GET', head('GET /health HTTP/1.1', H, 'Content-Length: 3') + 'a=b', [400, 413]],
  ['Transfer-Encoding gzip', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: gzip') + 'x', [400]],
  ['Transfer-Encoding gzip, chunked', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: gzip, chunked') + '0\r\n\r\n', [400]],
  ['Transfer-Encoding xchunked', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: xchunked') + '0\r\n\r\n', [400]],
  ['Transfer-Encoding twice', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + '0\r\n\r\n', [400]],
  ['chunked in HTTP/1.0', head('POST /sign-in HTTP/1.0', H, form, 'Transfer-Encoding: chunked') + '0\r\n\r\n', [400]],
  ['bad chunk size', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + 'zz\r\na=b\r\n0\r\n\r\n', [400]],
  ['huge chunk size', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + 'fffffffffffffffff\r\na=b\r\n0\r\n\r\n', [400, 413]],
  ['blank before the colon', get(H, 'X-A : 1'), [400]],
  ['blank in a header name', get(H, 'X A: 1'), [400]],
  ['header without colon', get(H, 'nonsense'), [400]],
  ['empty header name', get(H, ': 1'), [400]],
  ['folded header', get(H, 'X-A: 1', ' 2'), [400]],
  ['quote in a header name', get(H, 'X"A: 1'), [400]],
  ['NUL in a value', get(H, 'X-A: 1\x002'), [400]],
  ['NUL in the last value', get(H, 'X-A: 1', 'X-B: 1\x002'), [400]],
  ['NUL in a name', get(H, 'X-\x00A: 1', 'X-B: 2'), [400]],
  ['lone CR in a value', get(H, 'X-A: 1\r2: 3'), [400]],
  ['lone CR hides a header', get(H, 'X-A: 1\rTransfer-Encoding: chunked'), [400]],
  ['lone LF ends a header', get(H, 'X-A: 1\nX-B: 2'), [400]],
  ['control byte in a value', get(H, 'X-A: 1\x012'), [400]],
  ['DEL in a value', get(H, 'X-A: 1\x7f2'), [400]],
  ['absolute target', head(`GET http://${host}/health HTTP/1.1`, H), [400]],
  ['target *', head('GET * HTTP/1.1', H), [400]],
  ['target without slash', head('GET health HTTP/1.1', H), [400]],
  ['fragment in the target', head('GET /health#x HTTP/1.1', H), [400]],
  ['control byte in the target', head('GET /hea\x01lth HTTP/1.1', H), [400]],
  ['raw bytes in the target', head('GET /health?\xff HTTP/1.1', H), [400]],
  ['NUL in the target', head('GET /hea\x00lth HTTP/1.1', H), [400]],
  ['HTTP/2.0', head('GET /health HTTP/2.0', H), [400, 505]],
  ['HTTP/1.9', head('GET /health HTTP/1.9', H), [400, 505]],
  ['no version', `GET /health\r\n${H}\r\n\r\n`, [400, 505]],
  ['unknown method', head('BREW /health HTTP/1.1', H), [405]],
  ['TRACE', head('TRACE /health HTTP/1.1', H), [405]],
  ['CONNECT', head('CONNECT example.org:443 HTTP/1.1', H), [400, 405]],
  ['PUT with a body', head('PUT /health HTTP/1.1', H, 'Content-Length: 3') + 'a=b', [405]],
  ['header of 200 KB', get(H, 'X-A: ' + 'a'.repeat(200000)), [431, 413]],
  ['10,000 headers', get(H, ...Array.from({ length: 10000 }, (_, i) => `X-${i}: 1`)), [431, 413]],
  ['target of 100 KB', head('GET /' + 'a'.repeat(100000) + ' HTTP/1.1', H), [414, 431, 400]],
  ['broken percent escape', head('GET /sign-in?a=%zz HTTP/1.1', H, 'Connection: close'), [400]],
  ['not UTF-8 in a parameter', head('GET /sign-in?next=%ff HTTP/1.1', H, 'Connection: close'), [400]],
  ['NUL in a parameter', head('GET /sign-in?next=%00 HTTP/1.1', H, 'Connection: close'), [400]],
  ['not UTF-8 in a form', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 9', 'Connection: close') + 'login=%ff', [400]],
  ['multipart without boundary', head('POST /sign-in HTTP/1.1', H, 'Content-Type: multipart/form-data', 'Content-Length: 3', 'Connection: close') + 'a=b', [400]],
  ['multipart cut off', head('POST /sign-in HTTP/1.1', H, 'Content-Type: multipart/form-data; boundary=x', 'Content-Length: 5', 'Connection: close') + '--x\r\n', [400]],
  ['unknown kind of body', head('POST /sign-in HTTP/1.1', H, 'Content-Type: text/xml', 'Content-Length: 4', 'Connection: close') + '<a/>', [415]],
];

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
