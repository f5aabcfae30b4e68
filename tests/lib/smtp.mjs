// An SMTP server for tests: takes mails, or misbehaves as it is told.
import net from 'node:net';

// behave(): { refuse: '550 …' | '450 …' at RCPT, data: '451 …' after the text, drop: 'text' (falls silent and hangs up behind the text),
// slow: ms before each answer, before: called with the mail when its text is whole and nothing is answered yet }
export async function smtpServer(behave = () => ({})) {
  const mails = [], sockets = new Set();
  let sessions = 0;
  const server = net.createServer((socket) => {
    let buffer = '', text = null, mail = {};
    sockets.add(socket);
    sessions += 1;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const say = async (line) => {
      const { slow } = behave();
      if (slow) await new Promise((r) => setTimeout(r, slow));
      if (!socket.destroyed) socket.write(`${line}\r\n`);
    };
    const whole = async () => {
      const how = behave();
      mail.raw = text;
      how.before?.(mail);
      if (how.drop === 'text') { mail.dropped = true; mails.push(mail); socket.destroy(); return; }
      if (how.data) { await say(how.data); return; }
      mails.push(mail);
      await say('250 taken');
    };
    const line = (l) => {
      if (text !== null) {
        if (l === '.') { const done = whole(); text = null; return done; }
        text += `${l.startsWith('.') ? l.slice(1) : l}\r\n`;
        if (l.startsWith('.')) mail.stuffed = true;
        return null;
      }
      const verb = l.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') return say('250-test\r\n250 8BITMIME');
      if (verb === 'MAIL') { mail = { from: /<([^>]*)>/.exec(l)[1], to: [] }; return say('250 ok'); }
      if (verb === 'RCPT') {
        if (behave().refuse) return say(behave().refuse);
        mail.to.push(/<([^>]*)>/.exec(l)[1]);
        return say('250 ok');
      }
      if (verb === 'DATA') { text = ''; return say('354 go on'); }
      if (verb === 'QUIT') { socket.end('221 bye\r\n'); return null; }
      return say('250 ok');
    };
    let queue = say('220 test');
    socket.on('data', (d) => {
      buffer += d;
      for (let at; (at = buffer.indexOf('\r\n')) >= 0;) {
        const l = buffer.slice(0, at);
        buffer = buffer.slice(at + 2);
        queue = queue.then(() => line(l));
      }
    });
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  return {
    mails,
    get sessions() { return sessions; },
    url: `smtp://127.0.0.1:${server.address().port}`,
    stop: () => { for (const s of sockets) s.destroy(); return new Promise((r) => server.close(r)); },
  };
}

const words = (s) => s.replace(/\?=\s+=\?UTF-8\?B\?/g, '?= =?UTF-8?B?').replace(/=\?UTF-8\?B\?([^?]*)\?=( (?==\?))?/g, (_, b) => Buffer.from(b, 'base64').toString('utf8'));

// Headers by lower-case name, and the text, decoded.
export function readMail(raw) {
  const at = raw.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(raw.slice(0, at).replace(/\r\n[ \t]+/g, ' ').split('\r\n')
    .map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), words(l.slice(l.indexOf(':') + 1).trim())]));
  const body = raw.slice(at + 4);
  return { headers, text: headers['content-transfer-encoding'] === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body };
}
