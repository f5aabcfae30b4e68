// What integration tests share: a server of their own, a browser without scripts, TAP.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/* ---- TAP ---- */

export class Tap {
  n = 0;
  failed = 0;

  ok(good, name, ...details) {
    this.n++;
    if (!good) this.failed++;
    console.log(`${good ? 'ok' : 'not ok'} ${this.n} - ${name.replace(/[\n#]/g, ' ')}`);
    if (!good) for (const d of details) for (const line of String(d).split('\n')) console.log(`# ${line}`);
    return good;
  }

  is(got, wanted, name) {
    return this.ok(Object.is(got, wanted), name, `got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
  }

  has(page, words, name) {
    return this.ok(page.text.includes(words), name, `${page.url} (${page.status}) lacks ${JSON.stringify(words)}`, excerpt(page));
  }

  hasNot(page, words, name) {
    const at = page.text.indexOf(words);
    return this.ok(at < 0, name, `${page.url} holds ${JSON.stringify(words)}`,
                   page.text.slice(Math.max(0, at - 120), at + 120));
  }

  note(words) {
    console.log(`# ${words}`);
  }

  end() {
    console.log(`1..${this.n}`);
    process.exitCode = this.failed ? 1 : 0;
  }
}

const excerpt = (page) => (/<main[^]*?<\/main>/.exec(page.text)?.[0] ?? page.text).replace(/<[^>]*>/g, ' ')
  .replace(/\s+/g, ' ').slice(0, 600);

/* ---- HTML, as much of it as our own pages have ---- */

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0' };
export const plain = (s) => s.replace(/&(#?\w+);/g, (all, name) =>
  entities[name] ?? (name[0] === '#' ? String.fromCodePoint(Number(name[1] === 'x' ? `0${name.slice(1)}` : name.slice(1))) : all));

const attributes = (tag) => {
  const found = {};
  for (const m of tag.matchAll(/([a-z][a-z-]*)(?:="([^"]*)")?/g)) found[m[1]] ??= plain(m[2] ?? '');
  return found;
};

// What a browser would send of a form as it stands; buttons apart.
function fieldsOf(html) {
  const fields = [];
  for (const m of html.matchAll(/<input([^>]*)>|<select([^>]*)>([^]*?)<\/select>|<textarea([^>]*)>\n?([^]*?)<\/textarea>/g)) {
    const a = attributes(m[1] ?? m[2] ?? m[4] ?? '');
    if (!a.name) continue;
    if (m[2] !== undefined) {
      const options = [...m[3].matchAll(/<option([^>]*)>([^<]*)/g)].map((o) => ({ ...attributes(o[1]), words: plain(o[2]) }));
      const chosen = options.find((o) => 'selected' in o) ?? options[0];
      fields.push({ name: a.name, value: chosen?.value ?? '', options });
    } else if (m[4] !== undefined) {
      fields.push({ name: a.name, value: plain(m[5]) });
    } else if (a.type === 'radio' || a.type === 'checkbox') {
      fields.push({ name: a.name, value: a.value ?? 'on', off: !('checked' in a), type: a.type });
    } else if (a.type !== 'file') {
      fields.push({ name: a.name, value: a.value ?? '', hidden: a.type === 'hidden' });
    }
  }
  return fields;
}

export class Page {
  constructor(browser, url, status, headers, bytes) {
    Object.assign(this, { browser, url, status, headers, bytes });
    this.html = bytes.toString('utf8');
    this.text = plain(this.html);
  }

  // The form whose action fits (a text, or a regular expression); one that changes something before one that asks.
  form(action) {
    const fits = [...this.html.matchAll(/<form([^>]*)>([^]*?)<\/form>/g)]
      .map((m) => ({ ...attributes(m[1]), html: m[2] }))
      .filter((a) => (typeof action === 'string' ? a.action === action : action.test(a.action ?? '')));
    const a = fits.find((f) => f.method === 'post') ?? fits[0];
    if (a) return { action: a.action, method: (a.method ?? 'get').toUpperCase(), enctype: a.enctype, fields: fieldsOf(a.html) };
    throw new Error(`${this.url} (${this.status}) has no form ${action}: ${excerpt(this)}`);
  }

  hasForm(action) {
    try {
      return !!this.form(action);
    } catch {
      return false;
    }
  }

  // The value behind the words of a select's option; words: text it holds.
  option(action, field, words) {
    const select = this.form(action).fields.find((f) => f.name === field && f.options);
    const option = select?.options.find((o) => o.value && o.words.includes(words));
    if (!option) throw new Error(`${this.url}: ${field} offers no "${words}"`);
    return option.value;
  }

  // The address of the first link whose address fits (and whose row or element around it holds the words).
  link(pattern, words) {
    for (const m of this.html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^]*?)<\/a>/g))
      if (pattern.test(plain(m[1])) && (!words || plain(m[2]).includes(words))) return plain(m[1]);
    return null;
  }

  // The cell values of the table's row that holds the words.
  row(words) {
    for (const m of this.html.matchAll(/<tr[^>]*>([^]*?)<\/tr>/g)) {
      const cells = [...m[1].matchAll(/<t[dh][^>]*>([^]*?)<\/t[dh]>/g)].map((c) => plain(c[1].replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim());
      if (cells.some((c) => c.includes(words))) return cells;
    }
    return null;
  }

  // Fills and sends a form. values: by name, an array for several of a name, null to leave a field out.
  async send(action, values = {}, { file } = {}) {
    const form = this.form(action);
    const body = new FormData();
    for (const f of form.fields) {
      if (f.name in values || f.off) continue;
      body.append(f.name, f.value);
    }
    for (const [name, value] of Object.entries(values)) {
      if (!form.fields.some((f) => f.name === name)) throw new Error(`${this.url}: ${form.action} has no field ${name}`);
      for (const v of Array.isArray(value) ? value : value === null ? [] : [value]) body.append(name, String(v));
    }
    if (file) body.append(file.field ?? 'file', new Blob([file.bytes]), file.name);
    if (form.method === 'GET') return this.browser.get(`${form.action}?${new URLSearchParams([...body])}`);
    return this.browser.post(form.action, form.enctype === 'multipart/form-data' ? body : new URLSearchParams([...body]));
  }
}

/* ---- a browser without scripts ---- */

export class Browser {
  cookies = new Map();

  constructor(base, name = '') {
    this.base = base;
    this.name = name;
  }

  async ask(url, options = {}) {
    const headers = { 'Accept-Language': 'ru', Cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; '), ...options.headers };
    const answer = await fetch(new URL(url, this.base), { ...options, headers, redirect: 'manual' });
    // Debian's Node.js has no getSetCookie()
    for (const line of (answer.headers.get('set-cookie') ?? '').split(/,\s*(?=[\w-]+=)/).filter(Boolean)) {
      const [pair, ...rest] = line.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (rest.some((r) => /^\s*max-age=0$/i.test(r))) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return new Page(this, url, answer.status, answer.headers, Buffer.from(await answer.arrayBuffer()));
  }

  // One page, following redirects.
  async get(url) {
    let page = await this.ask(url);
    for (let i = 0; i < 5 && page.status === 303; i++) page = await this.ask(page.headers.get('location'));
    return page;
  }

  // Sends; `sent` is the status of the answer itself, the page is where it leads.
  async post(url, body) {
    const answer = await this.ask(url, { method: 'POST', body });
    if (answer.status !== 303) return Object.assign(answer, { sent: answer.status });
    const place = answer.headers.get('location');
    return Object.assign(await this.get(place), { sent: 303, place });
  }
}

/* ---- the program ---- */

export class Bereg {
  constructor({ program = process.env.BEREG, db = process.env.DB, now }) {
    if (!program) throw new Error('BEREG: the path of the program is missing');
    this.program = program;
    this.now = now;
    if (!db) this.dir = mkdtempSync(path.join(tmpdir(), 'bereg-'));
    this.db = db ?? `sqlite:${path.join(this.dir, 'register.db')}`;
    this.env = { ...process.env, BEREG_NOW: now, BEREG_PACKS: process.env.BEREG_PACKS ?? path.join(root, 'packs/demo') };
  }

  // Runs a command to its end and gives what it printed.
  run(command, ...words) {
    return execFileSync(this.program, [command, ...words, '--db', this.db], {
      env: this.env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  accounts() {
    return parseCsv(this.run('users'));
  }

  async serve(...words) {
    this.process = spawn(this.program, ['serve', '--db', this.db, '--listen', '127.0.0.1:0', ...words],
                         { env: this.env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.base = await new Promise((resolve, reject) => {
      let out = '';
      const late = setTimeout(() => reject(new Error('the server did not start within 30 seconds')), 30000);
      this.process.stdout.on('data', (d) => {
        out += d;
        const m = /http:\/\/[^\s]+/.exec(out);
        if (m) {
          clearTimeout(late);
          resolve(m[0]);
        }
      });
      this.process.on('exit', (code) => reject(new Error(`the server ended (${code})`)));
    });
  }

  // Signs in through the form, as people do.
  async signIn(login, password = 'bereg-demo') {
    const browser = new Browser(this.base, login);
    const form = await browser.get('/sign-in');
    const page = await form.send('/sign-in', { login, password });
    if (page.sent !== 303) throw new Error(`${login} cannot sign in: ${page.status}`);
    return browser;
  }

  // Ends the server; the register stays.
  async end() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode) return;
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }

  // And takes the register of one's own away.
  async stop() {
    await this.end();
    if (this.dir) rmSync(this.dir, { recursive: true, force: true });
  }
}

export function parseCsv(text, separator = ',') {
  const rows = [[]];
  let cell = '', quoted = false;
  const end = () => {
    rows.at(-1).push(cell);
    cell = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === separator) end();
    else if (!quoted && c === '\n') {
      end();
      rows.push([]);
    } else if (quoted || c !== '\r') cell += c;
  }
  if (cell || rows.at(-1).length) end();
  else rows.pop();
  const head = rows.shift();
  if (head?.[0]) head[0] = head[0].replace(/^\ufeff/, '');
  return rows.map((r) => Object.fromEntries(head.map((name, i) => [name, r[i] ?? ''])));
}

// СНИЛС with right check digits, in the range where nobody has one.
export function snils(n) {
  const digits = String(n).padStart(9, '0');
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += Number(digits[i]) * (9 - i);
  const check = sum < 100 ? sum : sum === 100 || sum === 101 ? 0 : sum % 101 % 100;
  return `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)} ${String(check).padStart(2, '0')}`;
}
