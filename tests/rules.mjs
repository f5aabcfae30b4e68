// docs/rules.md quotes the program: each message of it is one of the program's own, each file of it is there.
import fs from 'node:fs';
import path from 'node:path';
import { TREE } from './lib/server.mjs';
import { finish, is, ok } from './lib/tap.mjs';

const read = (at) => fs.readFileSync(path.join(TREE, at), 'utf8');
const words = new Set(fs.readdirSync(path.join(TREE, 'po/ru')).flatMap((f) => [...read(`po/ru/${f}`).matchAll(/^msgid ((?:".*"\n)+)/gm)].map((m) => m[1].split('\n').map((l) => l.slice(1, -1)).join('').replaceAll('\\"', '"'))));
const files = new Set(fs.readdirSync(path.join(TREE, 'src'), { recursive: true }).map((f) => path.basename(f)));
const rows = read('docs/rules.md').split('\n').filter((l) => /^\| (?!fields|---)/.test(l)).map((l) => l.split(' | '));
const quoted = rows.flatMap((r) => [...r[2].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1].replaceAll('\\"', '"')));
ok(rows.length > 150 && quoted.length > 350 && words.size > 3000, 'the rules are read', [rows.length, quoted.length, words.size]);
is(quoted.filter((q) => !words.has(q)), [], 'each message is one of the program');
is(rows.flatMap((r) => [...r[3].matchAll(/[\w.]+\.c\b/g)].map((m) => m[0])).filter((f) => !files.has(f)), [], 'each file is there');
finish();
