// node tools/passwords.mjs OUT.c
// Makes the table of common passwords (src/guard/password.c) of the list that @zxcvbn-ts/language-common ships: sorted FNV-1a hashes of those
// with 8 characters and more, and of the same keys pressed while the keyboard stands on Russian.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const list = JSON.parse(fs.readFileSync(require.resolve('@zxcvbn-ts/language-common/package.json').replace('package.json', 'src/passwords.json'), 'utf8'));
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const RUSSIAN = 'йцукенгшщзхъфывапролджэячсмитьбю';
const russian = (t) => [...t].map((c) => (LATIN.includes(c) ? RUSSIAN[LATIN.indexOf(c)] : c)).join('');
const fnv = (t) => Buffer.from(t, 'utf8').reduce((h, b) => BigInt.asUintN(64, (h ^ BigInt(b)) * 1099511628211n), 14695981039346656037n);
// Blanks, hyphens and ё are folded before the look-up: what has them is left out.
const words = list.map((w) => w.toLowerCase()).filter((w) => w.length >= 8 && /^[\x21-\x7e]+$/.test(w) && !/[-`]/.test(w));
if (words.length < 10000) throw new Error('the list of common passwords is too short');
const hashes = [...new Set([...words, ...words.map(russian)].map(fnv))].sort((a, b) => (a < b ? -1 : 1));
fs.writeFileSync(process.argv[2], `/* Made by tools/passwords.mjs. */
#include <stddef.h>
#include <stdint.h>
extern const uint64_t common_passwords[];
extern const size_t n_common_passwords;
const uint64_t common_passwords[] = {
${hashes.map((h) => `0x${h.toString(16)}u,`).join('\n')}
};
const size_t n_common_passwords = sizeof common_passwords / sizeof common_passwords[0];
`);
