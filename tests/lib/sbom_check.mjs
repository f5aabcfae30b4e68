// Is an inventory (tools/sbom.mjs) one of CycloneDX 1.5, of this program, and whole? It is compared with what the loader itself says, and with the
// list of npm, not with the tool that made it.
//   node tests/lib/sbom_check.mjs FILE.cdx.json PROGRAM
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [file, program] = process.argv.slice(2);
const tree = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const bom = JSON.parse(fs.readFileSync(file, 'utf8'));
assert.deepEqual([bom.bomFormat, bom.specVersion, bom.version], ['CycloneDX', '1.5', 1]);
assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
assert.match(bom.metadata.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const own = bom.metadata.component;
assert.deepEqual([own.type, own.name, own.hashes[0].alg], ['application', 'bereg', 'SHA-256']);
assert.equal(own.hashes[0].content, createHash('sha256').update(fs.readFileSync(program)).digest('hex'), 'it is of another program');

const refs = new Set();
for (const c of bom.components) {
  assert.equal(c.type, 'library');
  for (const f of ['bom-ref', 'name', 'version', 'purl']) assert.ok(typeof c[f] === 'string' && c[f], `${c.name} has no ${f}`);
  assert.match(c.purl, /^pkg:(deb|npm)\/[^@]+@[^@]+$/);
  assert.ok(!refs.has(c['bom-ref']), `${c['bom-ref']} twice`);
  refs.add(c['bom-ref']);
}
assert.deepEqual(new Set(bom.dependencies.find((d) => d.ref === own['bom-ref']).dependsOn), refs);
for (const d of bom.dependencies) assert.ok(d.ref === own['bom-ref'] || refs.has(d.ref));

// The loader's word, by its own variable; every file stands in the inventory, under a package of that version that is installed.
const loaded = spawnSync(program, [], { encoding: 'utf8', env: { ...process.env, LD_TRACE_LOADED_OBJECTS: '1' } }).stdout
  .split('\n').map((l) => /(\/\S+) \(0x/.exec(l)?.[1]).filter(Boolean).map((p) => fs.realpathSync(p));
assert.ok(loaded.length > 20, `the loader names ${loaded.length} libraries`);
const named = new Map(bom.components.flatMap((c) => (c.properties ?? []).filter((p) => p.name === 'file').map((p) => [p.value, c])));
for (const l of loaded) {
  const c = named.get(l);
  assert.ok(c, `${l} is linked and not in the inventory`);
  const status = spawnSync('dpkg-query', ['-W', '-f', '${Version}\\n', c.name], { encoding: 'utf8' }).stdout.split('\n');
  assert.ok(status.includes(c.version), `${c.name} ${c.version} is not what is installed`);
}
for (const wanted of ['libmicrohttpd', 'libsqlite3', 'libpq', 'libsodium', 'libssl', 'libcurl', 'libfido2', 'libexpat']) assert.ok(bom.components.some((c) => c.name.startsWith(wanted)), wanted);
const lock = JSON.parse(fs.readFileSync(path.join(tree, 'package-lock.json'), 'utf8')).packages;
for (const [name, version] of Object.entries(JSON.parse(fs.readFileSync(path.join(tree, 'package.json'), 'utf8')).dependencies)) {
  const c = bom.components.find((x) => x.purl.startsWith('pkg:npm/') && x.name === name);
  assert.ok(c && c.version === lock[`node_modules/${name}`].version, `${name} ${version} of npm is not in the inventory`);
  assert.match(c.hashes?.[0]?.content ?? '', /^[0-9a-f]{40,128}$/, `${name} has no sum`);
}
for (const name of Object.keys(JSON.parse(fs.readFileSync(path.join(tree, 'package.json'), 'utf8')).devDependencies ?? {})) {
  assert.ok(!bom.components.some((c) => c.purl.startsWith('pkg:npm/') && c.name === name), `${name} is of the tests only`);
}
console.log(`${loaded.length} libraries, ${bom.components.length} packages`);
