// Files as institutions send them, good and bad: CSV in their encodings, XLSX by a small ZIP writer, and persons to put in.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { TREE } from './server.mjs';

// ---- persons ----

// Right check digits; n from 1 on, far from the numbers of the demo.
export function snils(n, dashes = true) {
  const digits = String(200000000 + n);
  const sum = [...digits].reduce((s, c, i) => s + Number(c) * (9 - i), 0) % 101 % 100;
  const check = String(sum).padStart(2, '0');
  return dashes ? `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)} ${check}` : digits + check;
}

const SYLLABLES = ['ба', 'ве', 'ги', 'до', 'жу', 'зе', 'ка', 'ли', 'мо', 'ну', 'па', 'ре', 'си', 'то', 'фу', 'ха', 'чи', 'ша', 'щё', 'эр'];
// A word of letters that stands for this number and no other.
export function word(n) {
  let s = '';
  for (let k = n; s.length < 8 || k > 0; k = Math.floor(k / 20)) s += SYLLABLES[k % 20];
  return s[0].toUpperCase() + s.slice(1);
}

const pad = (n, width = 2) => String(n).padStart(width, '0');
export const dmy = (iso) => iso.split('-').reverse().join('.');
export const isoDay = (year, month, day) => `${year}-${pad(month)}-${pad(day)}`;

// The n-th person of the tests: nobody of the demo.
export function person(n) {
  const female = n % 3 === 0;
  return {
    n,
    family: `Проба${word(n).toLowerCase()}`,
    given: female ? 'Алевтина' : 'Аристарх',
    patronymic: female ? 'Ипполитовна' : 'Ипполитович',
    birth: isoDay(1950 + (n % 50), 1 + (n % 12), 1 + (n % 28)),
    sex: female ? 'ж' : 'м',
    snils: snils(n),
  };
}

export const PERSON_HEAD = ['Фамилия', 'Имя', 'Отчество', 'Дата рождения', 'Пол', 'СНИЛС'];
export const personRow = (p) => [p.family, p.given, p.patronymic, dmy(p.birth), p.sex, p.snils];

let used = 0;
// The next k persons that no test has used yet.
export const persons = (k) => Array.from({ length: k }, () => person(used += 1));

// ---- CSV ----

// Windows-1251, as far as Russian lists need it.
export function cp1251(text) {
  const out = [];
  for (const c of text) {
    const u = c.codePointAt(0);
    if (u < 0x80) out.push(u);
    else if (u >= 0x410 && u <= 0x44f) out.push(u - 0x410 + 0xc0);
    else if (u === 0x401) out.push(0xa8);
    else if (u === 0x451) out.push(0xb8);
    else if (u === 0x2116) out.push(0xb9);
    else if (u === 0xab || u === 0xbb || u === 0xa0) out.push(u);
    else if (u === 0x2014) out.push(0x97);
    else throw new Error(`not in Windows-1251: ${c}`);
  }
  return Buffer.from(out);
}

export function csvText(rows, { sep = ',', eol = '\n' } = {}) {
  const cell = (v) => {
    const s = String(v ?? '');
    return s.includes(sep) || /["\r\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
  };
  return rows.map((r) => r.map(cell).join(sep) + eol).join('');
}

export function csv(rows, { sep, eol, bom = false, encoding = 'utf8' } = {}) {
  const text = csvText(rows, { sep, eol });
  if (encoding === 'cp1251') return cp1251(text);
  if (encoding === 'utf16le') return Buffer.from(`\uFEFF${text}`, 'utf16le');
  return Buffer.from((bom ? '\uFEFF' : '') + text, 'utf8');
}

// ---- ZIP and XLSX ----

let table;
function crc32(bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  let crc = 0xffffffff;
  for (const b of bytes) crc = table[(crc ^ b) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// {name: text or bytes}; entries are stored unless `deflate`.
export function zip(files, { deflate = false } = {}) {
  const locals = [];
  const central = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const raw = Buffer.from(content);
    const data = deflate ? zlib.deflateRawSync(raw) : raw;
    const n = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0); // version, flags, method, time, date, crc, sizes, length of the name
    head.writeUInt16LE(0x800, 2);
    head.writeUInt16LE(deflate ? 8 : 0, 4);
    head.writeUInt16LE(0x5821, 8);
    head.writeUInt32LE(crc32(raw), 10);
    head.writeUInt32LE(data.length, 14);
    head.writeUInt32LE(raw.length, 18);
    head.writeUInt16LE(n.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, n, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, tail, n]));
    locals.push(local);
    at += local.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, list, end]);
}

const xml = (s) => String(s).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

function columnName(i) {
  return (i >= 26 ? String.fromCharCode(64 + Math.floor(i / 26)) : '') + String.fromCharCode(65 + (i % 26));
}

export const serialOf = (iso) => Math.round((Date.parse(`${iso}T00:00:00Z`) - Date.UTC(1899, 11, 30)) / 86400000);

// Cells: text, number, null, {date: ISO}, {formula, value}, {inline: text}, {error}.
export function xlsxParts(rows, { inline = false } = {}) {
  const strings = new Map();
  const text = (ref, s, asInline) => {
    if (asInline) return `<c r="${ref}" t="inlineStr"><is><t xml:space="preserve">${xml(s)}</t></is></c>`;
    if (!strings.has(s)) strings.set(s, strings.size);
    return `<c r="${ref}" t="s"><v>${strings.get(s)}</v></c>`;
  };
  const cell = (v, ref) => {
    if (v === null || v === undefined || v === '') return '';
    if (typeof v === 'number') return `<c r="${ref}"><v>${v}</v></c>`;
    if (typeof v === 'string') return text(ref, v, inline);
    if ('inline' in v) return text(ref, v.inline, true);
    if ('date' in v) return `<c r="${ref}" s="1"><v>${serialOf(v.date)}</v></c>`;
    if ('error' in v) return `<c r="${ref}" t="e"><v>${xml(v.error)}</v></c>`;
    const type = typeof v.value === 'string' ? ' t="str"' : '';
    return `<c r="${ref}"${type}><f>${xml(v.formula)}</f>${v.value === undefined ? '' : `<v>${xml(v.value)}</v>`}</c>`;
  };
  const sheet = rows.map((r, y) => `<row r="${y + 1}">${r.map((v, x) => cell(v, columnName(x) + (y + 1))).join('')}</row>`).join('');
  return {
    '[Content_Types].xml': '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Список" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/styles.xml': `<?xml version="1.0"?><styleSheet xmlns="${MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${MAIN}"><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<?xml version="1.0" encoding="UTF-8"?><sst xmlns="${MAIN}">${[...strings.keys()].map((s) => `<si><t xml:space="preserve">${xml(s)}</t></si>`).join('')}</sst>`,
  };
}

export const xlsx = (rows, options = {}) => zip(xlsxParts(rows, options), options);

// ---- sending ----

// A form with a file, as a browser sends it.
export function multipart(fields, file, name) {
  const boundary = '----beregimport7f3a';
  const parts = Object.entries(fields).map(([k, v]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`));
  if (file) {
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n`
      + 'Content-Type: application/octet-stream\r\n\r\n'), file, Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}

let keys = 0;
export const newKey = () => `import-test-${process.pid}-${keys += 1}`;

// POST /imports of the API with a token's client, or of the pages with a signed-in one.
export async function upload(client, file, { name = 'список.csv', kind = 'persons', list = 'Проба', ...fields } = {}) {
  const page = client.token ? '/api/v1/imports' : '/imports';
  const all = { kind, list, ...fields };
  const headers = { 'idempotency-key': newKey() };
  if (!client.token) all.csrf = client.csrf;
  const { type, body } = multipart(all, file, name);
  const answer = await client.request('POST', page, { headers: { ...headers, 'content-type': type }, body });
  answer.id = Number(/\/imports\/(\d+)/.exec(answer.location)?.[1] ?? 0);
  return answer;
}

// The import when it has come to rest.
export async function rest(client, id, { seconds = 120, busy = ['parsing', 'checking', 'applying', 'cancelling'] } = {}) {
  for (let i = 0; i < seconds * 10; i += 1) {
    const a = await client.get(`/api/v1/imports/${id}`);
    if (a.status !== 200) throw new Error(`import ${id}: ${a.status} ${a.text.slice(0, 300)}`);
    if (!busy.includes(a.json.state)) return a.json;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`import ${id} does not come to rest in ${seconds} s`);
}

// ---- words ----

// Messages of the catalogues: Russian words back to their msgid; other words stay as they are.
let words;
export function msgid(russian) {
  if (!words) {
    words = [];
    const dir = path.join(TREE, 'po/ru');
    const unquote = (s) => [...s.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`)).join('');
    for (const f of fs.readdirSync(dir).filter((n) => n.endsWith('.po'))) {
      const text = fs.readFileSync(path.join(dir, f), 'utf8');
      for (const m of text.matchAll(/^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)/gm)) {
        const from = unquote(m[1]);
        const to = unquote(m[2]);
        const pattern = to.split(/\{\w+\}/).map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.*)');
        if (from && to) words.push([new RegExp(`^${pattern}$`, 's'), from, to.replace(/\{\w+\}/g, '').length]);
      }
    }
    words.sort((a, b) => b[2] - a[2]); // what says most by itself first: some messages are little but their values
  }
  return words.find(([re]) => re.test(russian))?.[1] ?? russian;
}
