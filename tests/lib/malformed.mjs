import net from 'node:net';

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
export const exchangeWith = (port, hostname) => (bytes, { wait = 3000, end = false, drip } = {}) =>
  new Promise((resolve) => {
    const began = Date.now();
    const socket = net.connect(port, hostname);
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

// Requests that are refused: [name, bytes, statuses]. For the server itself and for what stands before it.
export const head = (first, ...lines) => [first, ...lines, '', ''].join('\r\n');
export const form = 'Content-Type: application/x-www-form-urlencoded';

export function refusedRequests(host) {
  const get = (...lines) => head('GET /health HTTP/1.1', ...lines);
  const H = `Host: ${host}`;
  const hidden = head('GET /health HTTP/1.1', H); // a second request inside a body

  return [
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
    // framing, as two programs in a row could read it in two ways
    ['Transfer-Encoding behind a tab', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding:\tchunked', 'Content-Length: 4') + '0\r\n\r\n' + hidden, [400]],
    ['Transfer-Encoding with a vertical tab', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: \x0bchunked') + '0\r\n\r\n' + hidden, [400]],
    ['Transfer-Encoding: chunked, chunked', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked, chunked') + '0\r\n\r\n' + hidden, [400]],
    ['Transfer-Encoding: chunked, identity', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked, identity') + '0\r\n\r\n', [400]],
    ['Transfer-Encoding: identity', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: identity', 'Content-Length: 3') + 'a=b', [400]],
    ['Transfer-Encoding in quotes', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: "chunked"') + '0\r\n\r\n', [400]],
    ['Transfer-Encoding with a parameter', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked;q=1') + '0\r\n\r\n', [400]],
    ['empty Transfer-Encoding', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding:', 'Content-Length: 3') + 'a=b', [400]],
    ['blank before the colon of Transfer-Encoding', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding : chunked', 'Content-Length: 3') + '0\r\n\r\n', [400]],
    ['blank before the colon of Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length : 3') + 'a=b', [400]],
    ['Transfer-Encoding behind a folded line', head('POST /sign-in HTTP/1.1', H, form, 'X-A: 1', ' Transfer-Encoding: chunked', 'Content-Length: 3') + 'a=b', [400]],
    ['Transfer-Encoding behind a lone LF', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3\nTransfer-Encoding: chunked') + 'a=b', [400]],
    ['Content-Length behind a lone CR', head('POST /sign-in HTTP/1.1', H, form, 'X-A: 1\rContent-Length: 40', 'Content-Length: 0') + hidden, [400]],
    ['Content-Length behind a NUL', head('POST /sign-in HTTP/1.1', H, form, 'X-A: 1\x00Content-Length: 40', 'Content-Length: 0') + hidden, [400]],
    ['Content-Length with an inner blank', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 1 0') + 'a=b', [400]],
    ['Content-Length 3.0', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3.0') + 'a=b', [400]],
    ['Content-Length 3e0', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3e0') + 'a=b', [400]],
    ['Content-Length in quotes', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: "3"') + 'a=b', [400]],
    ['Content-Length with a comment', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3;x') + 'a=b', [400]],
    ['Content-Length in other digits', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: \xd9\xa3') + 'a=b', [400]],
    ['three Content-Length', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 3', 'Content-Length: 3', 'content-length: 3') + 'a=b', [400]],
    ['content-length and Content-Length differ', head('POST /sign-in HTTP/1.1', H, form, 'content-length: 0', 'CONTENT-LENGTH: 40') + hidden, [400]],
    ['Content-Length of -0', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: -0') + hidden, [400]],
    // pieces of a chunked body
    ['chunk size with a sign', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '+3\r\na=b\r\n0\r\n\r\n', [400]],
    ['chunk size 0x3', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '0x3\r\na=b\r\n0\r\n\r\n', [400]],
    ['negative chunk size', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '-1\r\na=b\r\n0\r\n\r\n', [400]],
    ['empty chunk size', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '\r\na=b\r\n0\r\n\r\n', [400]],
    ['chunk longer than its size', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '3\r\na=bcd\r\n0\r\n\r\n', [400]],
    ['chunk without its end of line', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '3\r\na=b0\r\n\r\n', [400]],
    ['chunk size that wraps 64 bits', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + '10000000000000003\r\na=b\r\n0\r\n\r\n', [400, 413]],
    ['chunk larger than a stranger may send', head('POST /sign-in HTTP/1.1', H, form, 'Transfer-Encoding: chunked') + `40000\r\n${'a'.repeat(0x40000)}\r\n0\r\n\r\n`, [413]],
    // Host
    ['Host with a user', get('Host: a@b'), [400]],
    ['Host with a NUL', get('Host: a\x00b'), [400]],
    ['Host with a lone CR', get('Host: a\rX: b'), [400]],
    ['Host as a list', get('Host: a, b'), [400]],
    ['Host in quotes', get('Host: "a"'), [400]],
    ['Host with a percent escape', get('Host: a%2eb'), [400]],
    ['Host in other letters', get('Host: \xd0\xb0'), [400]],
    ['Host of 300 bytes', get(`Host: ${'a'.repeat(300)}`), [400]],
    ['Host with a question mark', get('Host: a?b'), [400]],
    ['Host with a backslash', get('Host: a\\b'), [400]],
    ['two Hosts, one folded', head('GET /health HTTP/1.1', H, 'X-A: 1', '\tHost: evil'), [400]],
    ['no Host in HTTP/1.0', head('GET /health HTTP/1.0', 'X: 1'), [400]],
    // the first line
    ['lower case method', head('get /health HTTP/1.1', H), [400, 405]],
    ['method with a slash', head('GE/T /health HTTP/1.1', H), [400, 405]],
    ['HTTP/1.1 in lower case', head('GET /health http/1.1', H), [400, 505]],
    ['HTTP/01.1', head('GET /health HTTP/01.1', H), [400, 505]],
    ['HTTP/1.10', head('GET /health HTTP/1.10', H), [400, 505]],
    ['something behind the version', head('GET /health HTTP/1.1 x', H), [400, 505]],
    ['target of 10 KB', head(`GET /health?${'a'.repeat(10000)} HTTP/1.1`, H), [414]],
    ['two blanks behind the method', head('GET  /health HTTP/1.1', H), [400]],
    ['lone LF behind the first line', `GET /health HTTP/1.1\n${H}\r\n\r\n`, [400]],
    ['lone CR in the first line', `GET /health\rX HTTP/1.1\r\n${H}\r\n\r\n`, [400]],
    ['target with a user', head(`GET http://a@${host}/health HTTP/1.1`, H), [400]],
    ['target with another host', head('GET http://evil.example/health HTTP/1.1', H), [400]],
    ['DEL in the target', head('GET /health\x7f HTTP/1.1', H), [400]],
    ['UTF-8 in the target', head('GET /\xd1\x8f HTTP/1.1', H), [400]],
    ['PRI', head('PRI * HTTP/1.1', H), [400, 405]],
    ['DELETE', head('DELETE /health HTTP/1.1', H), [405]],
    ['PATCH with a body', head('PATCH /sign-in HTTP/1.1', H, 'Content-Length: 3') + 'a=b', [405]],
    ['OPTIONS *', head('OPTIONS * HTTP/1.1', H), [400, 405]],
    // headers
    ['101 headers', get(H, ...Array.from({ length: 101 }, (_, i) => `X-${i}: 1`)), [431]],
    ['header of 9 KB', get(H, `X-A: ${'a'.repeat(9000)}`), [431]],
    ['cookie of 9 KB', get(H, `Cookie: a=${'a'.repeat(9000)}`), [431]],
    ['name of 9 KB', get(H, `${'X'.repeat(9000)}: 1`), [431]],
    ['brackets in a header name', get(H, 'X(A): 1'), [400]],
    ['slash in a header name', get(H, 'X/A: 1'), [400]],
    ['header name in other letters', get(H, 'X\xff: 1'), [400]],
    ['tab in a header name', get(H, 'X\tA: 1'), [400]],
    ['tab before the colon', get(H, 'X-A\t: 1'), [400]],
    ['first header folded', head('GET /health HTTP/1.1', ' X-A: 1', H), [400]],
    ['last header folded', get(H, 'X-A: 1', '\t2'), [400]],
    ['escape byte in a value', get(H, 'X-A: \x1b[31m'), [400]],
    ['form feed in a value', get(H, 'X-A: 1\x0c2'), [400]],
    ['backspace in a value', get(H, 'X-A: 1\x082'), [400]],
    ['NUL in a cookie', get(H, 'Cookie: bereg=\x00'), [400]],
    ['lone LF in a cookie', get(H, 'Cookie: a=b\nX-Forwarded-Proto: https'), [400]],
    ['body of a HEAD', head('HEAD /health HTTP/1.1', H, 'Content-Length: 3') + 'a=b', [400, 413]],
    ['chunked body of a GET', head('GET /health HTTP/1.1', H, 'Transfer-Encoding: chunked') + '3\r\na=b\r\n0\r\n\r\n', [400, 413]],
    // forms
    ['broken escape in a name of a field', head('POST /sign-in HTTP/1.1', H, form, 'Content-Length: 5', 'Connection: close') + '%zz=1', [400]],
    ['boundary of 200 bytes', head('POST /sign-in HTTP/1.1', H, `Content-Type: multipart/form-data; boundary=${'x'.repeat(200)}`, 'Content-Length: 3', 'Connection: close') + 'a=b', [400]],
    ['JSON twice one name', head('POST /sign-in HTTP/1.1', H, 'Content-Type: application/json', 'Content-Length: 13', 'Connection: close') + '{"a":1,"a":2}', [400, 415]],
    ['no Content-Type', head('POST /sign-in HTTP/1.1', H, 'Content-Length: 3', 'Connection: close') + 'a=b', [400, 415]],
  ];
}
