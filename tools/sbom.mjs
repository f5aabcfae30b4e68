// The inventory of libraries (SBOM) as CycloneDX 1.5 JSON: what the program is really linked with, by ldd and dpkg, and the packages of npm whose
// styles, scripts and fonts stand in it, by package-lock.json. Same program, same Debian: the same bytes.
//   node tools/sbom.mjs PROGRAM [--out FILE]      SOURCE_DATE_EPOCH: the time that stands in it (else that of the last commit)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const tree = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [program, ...rest] = process.argv.slice(2);
const out = rest[0] === '--out' ? rest[1] : null;
if (!program || (rest.length && !out)) {
  console.error('usage: node tools/sbom.mjs PROGRAM [--out FILE]');
  process.exit(2);
}

function tool(name, args, may = false) {
  const r = spawnSync(name, args, { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } });
  if (r.error || (r.status !== 0 && !may)) throw new Error(`${name} ${args.join(' ')}: ${r.error?.message ?? r.stderr}`);
  return r.status === 0 ? r.stdout : '';
}
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// The files that the loader brings in, the kernel's own page (vdso) is none.
const libraries = tool('ldd', [program]).split('\n')
  .map((l) => /=> (\/\S+)/.exec(l)?.[1] ?? /^\s*(\/\S+) \(0x/.exec(l)?.[1]).filter(Boolean)
  .map((p) => fs.realpathSync(p)).sort();

// /lib is a link into /usr since Debian merged them, but dpkg knows files by the name that their package had.
function packageOf(file) {
  for (const name of [file, file.replace(/^\/usr\//, '/')]) {
    const line = tool('dpkg', ['-S', name], true).split('\n').find((l) => l.endsWith(`: ${name}`));
    if (line) return line.slice(0, line.indexOf(': ')).split(', ')[0];
  }
  throw new Error(`${file} belongs to no package of Debian: the inventory would not be whole`);
}
const filesOf = new Map();
for (const file of libraries) {
  const name = packageOf(file);
  filesOf.set(name, [...(filesOf.get(name) ?? []), file]);
}
const system = Object.fromEntries(fs.readFileSync('/etc/os-release', 'utf8').split('\n').map((l) => /^(\w+)="?([^"]*)"?$/.exec(l)).filter(Boolean).map((m) => [m[1], m[2]]));
const debian = [...filesOf].map(([full, files]) => {
  const [name, version, arch, source, sourceVersion] = tool('dpkg-query', ['-W', '-f', '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}', full]).split('\t');
  const purl = `pkg:deb/${system.ID}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&distro=${system.ID}-${system.VERSION_ID}`;
  return {
    type: 'library', 'bom-ref': purl, name, version, purl,
    properties: [{ name: 'debian:source', value: `${source} ${sourceVersion}` }, ...files.map((f) => ({ name: 'file', value: f }))],
  };
});

// What the build takes from npm. Packages of the tests only (dev) are not in the program.
const lock = JSON.parse(fs.readFileSync(path.join(tree, 'package-lock.json'), 'utf8'));
const npm = Object.entries(lock.packages).filter(([where, p]) => where && !p.dev && !p.optional && fs.existsSync(path.join(tree, where))).map(([where, p]) => {
  const name = p.name ?? where.slice(where.lastIndexOf('node_modules/') + 13);
  const purl = `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(p.version)}`;
  const [, algorithm, sum] = /^sha(512|256|1)-(.+)$/.exec(p.integrity ?? '') ?? [];
  return {
    type: 'library', 'bom-ref': purl, name, version: p.version, purl,
    ...(sum ? { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(sum, 'base64').toString('hex') }] } : {}),
    ...(p.license ? { licenses: [/ (OR|AND|WITH) /.test(p.license) ? { expression: p.license } : { license: { id: p.license } }] } : {}),
    ...(p.resolved ? { externalReferences: [{ type: 'distribution', url: p.resolved }] } : {}),
  };
});

const components = [...debian, ...npm].sort((a, b) => (a.purl < b.purl ? -1 : 1));
const bytes = fs.readFileSync(program);
const version = /version: '([^']+)'/.exec(fs.readFileSync(path.join(tree, 'meson.build'), 'utf8'))[1];
const epoch = process.env.SOURCE_DATE_EPOCH ?? (tool('git', ['-C', tree, 'log', '-1', '--format=%ct'], true).trim() || Math.floor(Date.now() / 1000));
const own = `pkg:generic/bereg@${version}`;
const number = sha256(JSON.stringify([components, sha256(bytes), String(epoch)]));
const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${number.slice(0, 8)}-${number.slice(8, 12)}-8${number.slice(13, 16)}-9${number.slice(17, 20)}-${number.slice(20, 32)}`,
  version: 1,
  metadata: {
    timestamp: new Date(Number(epoch) * 1000).toISOString().replace('.000', ''),
    tools: { components: [{ type: 'application', name: 'tools/sbom.mjs', version }] },
    component: { type: 'application', 'bom-ref': own, name: 'bereg', version, purl: own, licenses: [{ license: { id: 'MIT' } }], hashes: [{ alg: 'SHA-256', content: sha256(bytes) }] },
  },
  components,
  dependencies: [{ ref: own, dependsOn: components.map((c) => c['bom-ref']) }, ...components.map((c) => ({ ref: c['bom-ref'] }))],
};
const text = `${JSON.stringify(bom, null, 2)}\n`;
if (out) fs.writeFileSync(out, text);
else process.stdout.write(text);
