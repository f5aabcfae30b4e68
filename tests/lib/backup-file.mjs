// Backups read and written by somebody else than the program, as src/guard/safe.h and backup.h tell their form.
import fs from 'node:fs';
import sodium from 'libsodium-wrappers';

await sodium.ready;
const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE } = sodium;
const stream = (name) => sodium[`crypto_secretstream_xchacha20poly1305_${name}`];
const MAGIC = 16, NAME = 8, SEALED = 80, STREAM_HEAD = 24, SIGNED = MAGIC + NAME + SEALED + STREAM_HEAD, SIGNATURE = 64, CHUNK = 64 << 10;
const halves = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').slice(1).map((s) => Buffer.from(s, 'base64'));

// The plain bytes of a sealed file.
export function open(file, key) {
  const [secret, signer] = halves(key), all = fs.readFileSync(file);
  if (!sodium.crypto_sign_verify_detached(all.subarray(SIGNED, SIGNED + SIGNATURE), all.subarray(0, SIGNED), signer)) throw new Error('not signed with this key');
  const box = all.subarray(MAGIC + NAME, MAGIC + NAME + SEALED);
  const state = stream('init_pull')(all.subarray(SIGNED - STREAM_HEAD, SIGNED), sodium.crypto_box_seal_open(box, sodium.crypto_scalarmult_base(secret), secret));
  const parts = [];
  for (let at = SIGNED + SIGNATURE; at < all.length;) {
    const n = all.readUInt32LE(at);
    parts.push(Buffer.from(stream('pull')(state, all.subarray(at + 4, at + 4 + n)).message));
    at += 4 + n;
  }
  return Buffer.concat(parts);
}

export function seal(file, plain, key) {
  const [box, signer] = halves(`${key}.make`), inner = stream('keygen')();
  const { state, header } = stream('init_push')(inner);
  const name = sodium.crypto_generichash(16, Buffer.concat([box, signer.subarray(32)])).subarray(0, NAME);
  const head = Buffer.concat([Buffer.from('bereg sealed 1\n\0'), name, sodium.crypto_box_seal(inner, box), header]);
  const parts = [head, sodium.crypto_sign_detached(head, signer)];
  for (let at = 0; at <= plain.length; at += CHUNK) {
    const last = at + CHUNK > plain.length;
    const chunk = stream('push')(state, plain.subarray(at, at + CHUNK), null, last ? FINAL : MESSAGE);
    const n = Buffer.alloc(4);
    n.writeUInt32LE(chunk.length);
    parts.push(n, chunk);
  }
  fs.writeFileSync(file, Buffer.concat(parts));
}

// What is in it: { form, version, register, at, engine, steps: [name], tables: [{ name, fields: [{ name, kind, required }], rows: [[cell]], next }] };
// a cell is null, a BigInt or a string.
export function read(plain) {
  let at = 0;
  const byte = () => plain[at++];
  const number = () => { let u = 0n, shift = 0n, c; do { c = byte(); u |= BigInt(c & 0x7f) << shift; shift += 7n; } while (c & 0x80); return u & 1n ? ~(u >> 1n) : u >> 1n; };
  const count = () => Number(number());
  const text = () => { const n = count(); at += n; return plain.toString('utf8', at - n, at); };
  const many = (f) => Array.from({ length: count() }, f);
  const cell = () => [() => null, number, text][byte()]();
  const b = { form: text(), version: text(), register: text(), at: number(), engine: text() };
  b.steps = many(text);
  b.tables = many(() => ({ name: text(), fields: many(() => ({ name: text(), kind: String.fromCharCode(byte()), required: byte() })) }));
  for (const t of b.tables) {
    for (t.rows = []; byte();) t.rows.push(t.fields.map(cell));
    if (count() !== t.rows.length) throw new Error(`${t.name}: another number of rows`);
    t.next = number();
    at += 32;
  }
  if (at + 32 !== plain.length) throw new Error('bytes behind the end');
  return b;
}

export function write(b) {
  const byte = (x) => Buffer.from([x]);
  const number = (v) => { let u = BigInt(v); u = u < 0n ? ~u << 1n | 1n : u << 1n; const out = []; for (; u >= 0x80n; u >>= 7n) out.push(Number(u & 0x7fn) | 0x80); return Buffer.from([...out, Number(u)]); };
  const text = (s) => Buffer.concat([number(Buffer.byteLength(s)), Buffer.from(s)]);
  const many = (list, f) => Buffer.concat([number(list.length), ...list.map(f)]);
  const cell = (v) => (v === null ? byte(0) : typeof v === 'string' ? Buffer.concat([byte(2), text(v)]) : Buffer.concat([byte(1), number(v)]));
  const digest = (bytes) => Buffer.from(sodium.crypto_generichash(32, bytes));
  const shape = Buffer.concat([many(b.steps, text), many(b.tables, (t) => Buffer.concat([text(t.name), many(t.fields, (f) => Buffer.concat([text(f.name), Buffer.from(f.kind), byte(f.required)]))]))]);
  const bodies = b.tables.map((t) => {
    const rows = Buffer.concat(t.rows.map((r) => Buffer.concat([byte(1), ...r.map(cell)])));
    return { digest: digest(rows), bytes: Buffer.concat([rows, byte(0), number(t.rows.length), number(t.next), digest(rows)]) };
  });
  return Buffer.concat([text(b.form), text(b.version), text(b.register), number(b.at), text(b.engine), shape, ...bodies.map((x) => x.bytes), digest(Buffer.concat([shape, ...bodies.map((x) => x.digest)]))]);
}
