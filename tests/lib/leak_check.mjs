// The judge of the leak test: what of a page a viewer may see, by the packs' files and the bare tables alone.
import fs from 'node:fs';
import path from 'node:path';
import { TREE } from './server.mjs';
import { CLASSES, bit, namesOf } from './leak_plant.mjs';

// Words of a withheld value, by class: "скрыто: здоровье".
function hiddenWords() {
  const po = fs.readFileSync(path.join(TREE, 'po/ru/store.po'), 'utf8') + fs.readFileSync(path.join(TREE, 'po/ru/web.po'), 'utf8');
  const word = (id) => new RegExp(`msgid "${id}"\\s*msgstr "([^"]+)"`).exec(po)?.[1] ?? id;
  const labels = [...fs.readFileSync(path.join(TREE, 'src/store/field.c'), 'utf8').matchAll(/\[CLASS_(\w+)\] = N_\("([^"]+)"\)/g)];
  const classes = Object.fromEntries(labels.flatMap(([, cls, id]) => [[id, cls.toLowerCase()], [word(id), cls.toLowerCase()]]));
  return { pattern: new RegExp(`(?:${word('hidden')}|hidden): ([^<>"\\n\\r;,{}\\]]+)`, 'g'), classes };
}
const hidden = hiddenWords();
// Classes that stand at a column, whoever the person is: that they are withheld tells nothing. All others come from the row,
// the code or the body, so that the very mark would tell.
const PLAIN = new Set(['identity', 'contact', 'social']);

// Pages that define codes or ask for them: their labels are no fact about anybody there.
const DEFINING = /^\/packs|\/(new|edit|assessment|close|end|columns)$|\/(decline|result)$/;

const FIELD_LISTS = { category: ['category'], need: ['need'], domain: ['need_domain'], topic: ['note_topic'], outcome: ['case_outcome'],
  decline_reason: ['decline_reason'], kind: ['service'], channel: ['channel'] };

export class Judge {
  constructor(world, access) {
    this.world = world;
    this.read = {}; // role → bits, from `bereg access`
    this.write = {};
    for (const a of access) {
      const role = a['role or need'];
      if (a.read === 'yes') this.read[role] = (this.read[role] ?? 0) | bit(a.class);
      if (a.write === 'yes') this.write[role] = (this.write[role] ?? 0) | bit(a.class);
    }
  }

  bits(viewer, person) {
    return (this.read[viewer.role] ?? 0) & (this.world.grants.get(`${viewer.body}:${person}`) ?? 0);
  }

  // Why the viewer may not see this mark; '' when he may.
  refusal(viewer, mark) {
    const lacking = mark.need & ~this.bits(viewer, mark.person);
    if (mark.inside) return 'is for rules only';
    if (lacking) return `needs ${namesOf(mark.need)}, has not ${namesOf(lacking)}`;
    if (mark.need & bit('hiv') && mark.owner !== viewer.body) return 'of the class hiv, written by another body';
    if (mark.scope && !mark.scope.includes(viewer.body)) return `belongs to the bodies ${mark.scope}`;
    return '';
  }

  // The person that an address is about.
  subject(where) {
    const m = /^(?:\/api\/v1)?\/(persons|cases|referrals|services|measures|programmes)\/(\d+)/.exec(where);
    if (!m) return null;
    const table = { persons: 'person', cases: 'case_file', referrals: 'referral', services: 'service', measures: 'measure',
      programmes: 'programme' }[m[1]];
    return this.world.rowsOf[table].get(Number(m[2]))?.person ?? null;
  }

  // Pieces of an answer that are about one person each, as texts; the whole comes last.
  pieces(answer, where) {
    const text = answer.plain;
    if (this.subject(where)) return [text];
    if (answer.kind === 'html') return text.split(/(?=<tr\b)/).slice(1);
    if (answer.kind === 'table') return text.split('\n').slice(1);
    return [];
  }

  // What stands in an answer against the rules: [{mark, why}]; allowed marks go into `seen`.
  judge(viewer, where, answer, seen) {
    const wrong = [];
    const plain = answer.plain;
    const address = where.replace(/^\/api\/v1/, '').replace(/\?.*/, '');
    const here = this.subject(where);
    for (const mark of this.world.marks.find(plain)) {
      if (mark.body !== undefined) continue;
      if (mark.code && (DEFINING.test(address) || where.includes(mark.code))) continue;
      const why = this.refusal(viewer, mark);
      if (!why) seen?.add(mark);
      else if (!this.minimal(viewer, address, mark)) wrong.push({ mark, why });
    }
    if (answer.kind === 'json') this.walk(viewer, answer.object, here, wrong, DEFINING.test(address));
    else for (const piece of this.pieces(answer, where)) this.bodies(viewer, piece, here, wrong);
    return wrong;
  }

  // The minimal card of a search across bodies, of a warning and of a pair: name, year, lead.
  minimal(viewer, address, mark) {
    return /^\/persons(\/search|\/alike)?$|^\/pairs(\/\d+)?$|^\/imports\//.test(address) && viewer.caps.has('search_person') && mark.table === 'person' &&
      (address !== '/persons' || viewer.asksTwins) && /^(family_name|given_name|patronymic)$/.test(mark.field);
  }

  // Names, telephones, people of bodies that tell, and marks of what is withheld, beside a person.
  bodies(viewer, text, here, wrong) {
    const marks = [...this.world.marks.find(text)];
    const persons = new Set(marks.filter((m) => m.body === undefined && m.person).map((m) => m.person));
    if (here) persons.add(here);
    if (!persons.size) return;
    for (const m of text.matchAll(hidden.pattern)) {
      const cls = hidden.classes[m[1].trim()];
      if (cls && !PLAIN.has(cls)) wrong.push({ mark: { table: '-', field: 'hidden', text: m[0], id: '' },
        why: `that "${cls}" is withheld tells it` });
    }
    for (const m of marks) {
      if (m.body === undefined || m.body === viewer.body) continue;
      for (const p of persons) {
        const lacking = m.need & ~this.bits(viewer, p);
        if (lacking) wrong.push({ mark: m, why: `beside person ${p}: tells ${namesOf(lacking)}` });
      }
    }
  }

  // JSON: each object with the person it is about, by the marks of names in it or by the address.
  walk(viewer, object, here, wrong, asks) {
    if (Array.isArray(object)) { for (const x of object) this.walk(viewer, x, here, wrong, asks); return; }
    if (!object || typeof object !== 'object') return;
    const own = Object.entries(object).filter(([, v]) => typeof v === 'string' || typeof v === 'number');
    const text = own.map(([k, v]) => `${k}=${v}`).join('\n');
    const names = [...this.world.marks.find(text)].filter((m) => m.table === 'person').map((m) => m.person);
    const person = new Set(names).size === 1 ? names[0] : here;
    if (person) {
      this.bodies(viewer, text, person, wrong);
      for (const [k, v] of asks ? [] : own) {
        for (const list of FIELD_LISTS[k] ?? []) {
          const lacking = (this.world.tells[list]?.[v] ?? 0) & ~this.bits(viewer, person);
          if (lacking) wrong.push({ mark: { table: list, field: k, text: v, id: '' }, why: `about person ${person}: tells ${namesOf(lacking)}` });
        }
      }
    }
    for (const [k, v] of Object.entries(object)) {
      if (k === 'masked' && Array.isArray(v)) continue;
      this.walk(viewer, v, person, wrong, asks);
    }
  }
}

// An answer as the judge reads it: without what only asks (choices of selects and groups of buttons) and addresses of files.
export function readable(kind, text) {
  if (kind === 'json') {
    let object = null;
    try { object = JSON.parse(text); } catch { /* judged as text */ }
    return { kind: object ? 'json' : 'html', plain: text, object };
  }
  if (kind === 'html') {
    return { kind, plain: text.replace(/<select\b[^]*?<\/select>/g, '').replace(/<fieldset\b[^]*?<\/fieldset>/g, '')
      .replace(/<header\b[^]*?<\/header>/g, '').replace(/\?v=[0-9a-f]+/g, '') };
  }
  return { kind, plain: text };
}

export const CLASS_NAMES = CLASSES;
