// A browser without eyes: cookies, forms with their hidden fields, and the API with a token.
import http from 'node:http';
import zlib from 'node:zlib';

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', '#39': "'", '#34': '"' };
export const unescapeHtml = (s) => s.replace(/&(#x?[0-9a-f]+|[a-z0-9]+);/gi, (all, name) => {
  if (ENTITIES[name]) return ENTITIES[name];
  if (name[0] === '#') return String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
  return all;
});

// Attributes of one tag, as a browser reads them.
export function attributes(tag) {
  const out = {};
  for (const m of tag.matchAll(/\s([a-zA-Z][\w:-]*)(?:="([^"]*)")?/g)) out[m[1].toLowerCase()] = unescapeHtml(m[2] ?? '');
  return out;
}

// Links of a page, inside the site.
export const linksOf = (html) => [...html.matchAll(/<a\s[^>]*>/g)].map((m) => attributes(m[0]).href)
  .filter((h) => h && !h.startsWith('#'));

// Forms: {method, action, fields, choices}; fields as a browser would send them untouched, choices what else can stand there.
export function formsOf(html) {
  return [...html.matchAll(/<form\b[^>]*>([^]*?)<\/form>/g)].map((m) => {
    const head = attributes(m[0].slice(0, m[0].indexOf('>')));
    const form = { method: (head.method ?? 'get').toLowerCase(), action: head.action ?? '', fields: [], choices: {}, buttons: [] };
    for (const tag of m[1].matchAll(/<input\b[^>]*>|<button\b[^>]*>|<textarea\b[^>]*>([^]*?)<\/textarea>|<select\b[^>]*>([^]*?)<\/select>/g)) {
      const a = attributes(tag[0].slice(0, tag[0].indexOf('>') + 1));
      if (!a.name) continue;
      if (tag[0].startsWith('<button')) form.buttons.push([a.name, a.value ?? '']);
      else if (tag[0].startsWith('<textarea')) form.fields.push([a.name, unescapeHtml(tag[1].replace(/^\n/, ''))]);
      else if (tag[0].startsWith('<select')) {
        const options = [...tag[2].matchAll(/<option\b[^>]*>/g)].map((o) => attributes(o[0]));
        form.choices[a.name] = options.map((o) => o.value ?? '');
        form.fields.push([a.name, (options.find((o) => 'selected' in o) ?? options[0])?.value ?? '']);
      } else if (a.type === 'radio' || a.type === 'checkbox') {
        (form.choices[a.name] ??= []).push(a.value ?? 'on');
        if ('checked' in a) form.fields.push([a.name, a.value ?? 'on']);
      } else if (a.type !== 'file' && a.type !== 'submit') form.fields.push([a.name, a.value ?? '']);
    }
    return form;
  });
}

// name=value&… of pairs, objects, or a text as it is.
export function encodeForm(data) {
  if (typeof data === 'string' || Buffer.isBuffer(data)) return data;
  const pairs = Array.isArray(data) ? data
    : Object.entries(data).flatMap(([k, v]) => [].concat(v).map((x) => [k, x]));
  return pairs.map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(String(v))}`).join('&');
}

export class Answer {
  constructor(res, bytes, path) {
    this.status = res.statusCode;
    this.headers = res.headers;
    this.path = path;
    this.bytes = bytes;
    this.location = res.headers.location ?? '';
    this.type = res.headers['content-type'] ?? '';
  }
  get text() { return (this.decoded ??= this.bytes.toString('utf8')); }
  get json() { return JSON.parse(this.text); }
  get forms() { return formsOf(this.text); }
  get links() { return linksOf(this.text); }
  // The form that goes there; one that changes something first.
  form(action) {
    const there = this.forms.filter((f) => (action instanceof RegExp ? action.test(f.action) : f.action === action));
    return there.find((f) => f.method === 'post') ?? there[0];
  }
  get main() { return /<main\b[^>]*>([^]*)<\/main>/.exec(this.text)?.[1] ?? this.text; }
}

export class Client {
  constructor(base, { token, cookies } = {}) {
    this.base = new URL(base);
    this.token = token;
    this.cookies = new Map(cookies);
    this.csrf = '';
  }

  // One request as it is: no redirect is followed.
  request(method, path, { headers = {}, body, cookies = true } = {}) {
    const h = { ...headers };
    if (this.token && !h.authorization) h.authorization = `Bearer ${this.token}`;
    if (cookies && !this.token && this.cookies.size && !('cookie' in h)) {
      h.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    }
    if (body !== undefined && !Object.keys(h).some((k) => k.toLowerCase() === 'content-length')) {
      h['content-length'] = Buffer.byteLength(body);
    }
    // The server shuts a connection kept idle for 15 s, maybe in the moment of asking: a reader asks again, what changes
    // something goes on a connection of its own.
    const reader = method === 'GET';
    return new Promise((resolve, reject) => {
      const send = () => {
        const req = http.request({
          host: this.base.hostname, port: this.base.port, method, path, headers: h, agent: reader ? agent : false, timeout: 60000,
        }, read);
        req.on('timeout', () => req.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
        req.on('error', (e) => (reader && req.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(e.code) ? send() : reject(e)));
        req.end(body);
      };
      const read = (res) => {
        const chunks = [];
        res.on('data', (c) => chunks.push(c));
        res.on('error', reject);
        res.on('end', () => {
          let bytes = Buffer.concat(chunks);
          if (res.headers['content-encoding'] === 'gzip') bytes = zlib.gunzipSync(bytes);
          if (cookies && !this.token) for (const line of res.headers['set-cookie'] ?? []) this.keep(line);
          const answer = new Answer(res, bytes, path);
          const csrf = !this.token && answer.type.startsWith('text/html') && /name="csrf" value="([^"]+)"/.exec(answer.text);
          if (csrf) this.csrf = csrf[1];
          resolve(answer);
        });
      };
      send();
    });
  }

  keep(line) {
    const [pair, ...rest] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (rest.some((r) => /^\s*max-age=0$/i.test(r))) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(at + 1));
  }

  get(path, options) { return this.request('GET', path, options); }

  // A form as a page of ours would send it: with this session's csrf unless the caller gives another.
  post(path, data = {}, { headers = {}, csrf = this.csrf } = {}) {
    let body = encodeForm(data);
    if (csrf && typeof body === 'string' && !/(^|&)csrf=/.test(body)) body += `${body ? '&' : ''}csrf=${encodeURIComponent(csrf)}`;
    return this.request('POST', path, { headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body });
  }

  postJson(path, object, { headers = {} } = {}) {
    return this.request('POST', path, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(object) });
  }

  // A form with a file: [name of the field, name of the file, bytes].
  postFile(path, data, [field, file, bytes], { csrf = this.csrf, headers = {} } = {}) {
    const boundary = `----bereg${process.hrtime.bigint()}`;
    const parts = Object.entries(csrf && !this.token ? { csrf, ...data } : data)
      .map(([k, v]) => Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`));
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${file}"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      Buffer.from(bytes), Buffer.from(`\r\n--${boundary}--\r\n`));
    return this.request('POST', path, { headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
      body: Buffer.concat(parts) });
  }

  // Opens a page, fills the form with that action, and sends it with all its hidden fields.
  async submit(page, action, data = {}, options) {
    const answer = typeof page === 'string' ? await this.get(page) : page;
    const form = answer.form(action);
    if (!form) throw new Error(`${answer.path} (${answer.status}) has no form ${action}`);
    const given = Array.isArray(data) ? data : Object.entries(data);
    const names = new Set(given.map(([k]) => k));
    return this.post(form.action, [...form.fields.filter(([k]) => !names.has(k)), ...given], options);
  }

  async follow(answer) {
    let a = answer;
    for (let i = 0; i < 5 && a.status === 303; i += 1) a = await this.get(a.location);
    return a;
  }

  // Signs in with a password; throws when refused.
  async signIn(login, password = 'bereg-demo') {
    await this.get('/sign-in');
    const a = await this.post('/sign-in', { login, password });
    if (a.status !== 303) throw new Error(`${login} cannot sign in: ${a.status}`);
    await this.follow(a);
    return this;
  }
}

// All files of a zip (XLSX) as {name: text}.
export function unzip(bytes) {
  const out = {};
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error('not a zip');
  let at = bytes.readUInt32LE(end + 16);
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n -= 1) {
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(begin, begin + size);
    out[name] = (method === 8 ? zlib.inflateRawSync(packed) : packed).toString('utf8');
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return out;
}

// Rows of the first sheet of an XLSX, as texts.
export function sheetRows(bytes) {
  const files = unzip(bytes);
  const shared = [...(files['xl/sharedStrings.xml'] ?? '').matchAll(/<si>([^]*?)<\/si>/g)]
    .map((m) => [...m[1].matchAll(/<t\b[^>]*>([^]*?)<\/t>/g)].map((t) => unescapeHtml(t[1])).join(''));
  const sheet = files['xl/worksheets/sheet1.xml'] ?? '';
  return [...sheet.matchAll(/<row\b[^>]*?(?:\/>|>([^]*?)<\/row>)/g)].map((row) => {
    const cells = [];
    for (const c of (row[1] ?? '').matchAll(/<c\b([^>]*?)(?:\/>|>([^]*?)<\/c>)/g)) {
      const a = attributes(c[1]);
      const column = [...a.r.replace(/\d+$/, '')].reduce((n, l) => n * 26 + l.charCodeAt(0) - 64, 0) - 1;
      const v = /<v>([^]*?)<\/v>/.exec(c[2] ?? '')?.[1] ?? /<t\b[^>]*>([^]*?)<\/t>/.exec(c[2] ?? '')?.[1] ?? '';
      cells[column] = { text: a.t === 's' ? shared[Number(v)] : unescapeHtml(v), formula: /<f[ >]/.test(c[2] ?? ''), type: a.t ?? 'n' };
    }
    return cells;
  });
}
