// Plants a marker into every classed text of a register, behind the program's back, and knows of each marker whose it is
// and what it takes to see it. This is a second account of the rules, made from the packs' files and the bare tables:
// it shares no line with the program.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { NOW, TREE, tmpDir } from './server.mjs';

export const CLASSES = ['open', 'identity', 'contact', 'social', 'family', 'criminal', 'spent', 'health', 'hiv', 'addiction',
  'mental', 'violence', 'employment', 'finance'];
export const bit = (name) => (name === 'open' ? 0 : 1 << CLASSES.indexOf(name));
export const bitsOf = (words) => words.split(/\s+/).filter(Boolean)
  .reduce((b, w) => b | (w === 'all' ? (1 << CLASSES.length) - 2 : w === 'none' ? 0 : bit(w)), 0);
export const namesOf = (bits) => CLASSES.filter((c) => bits & bit(c)).join(' ');
const SECRET = ['family', 'criminal', 'health', 'hiv', 'addiction', 'mental', 'violence', 'employment', 'finance'];

// What fields that are no plain text are; all others get a marker as their text.
const KIND = {
  snils: 'snils', iin: 'iin', phone: 'phone', name_key: 'key', number_key: 'key',
  birth_year_from: 'number', birth_year_to: 'number', before_from: 'number', before_to: 'number', before_status: 'code', step: 'code',
  sex: 'code', identity_status: 'code', category: 'code', channel: 'code', kind: 'code', state: 'code', outcome: 'code',
  domain: 'code', level: 'code', topic: 'code', need: 'code', result: 'code', decline_reason: 'code', punishment: 'code', gravity: 'code', crime_age: 'code', reason: 'code', purpose: 'code',
  birth_date: 'date', death_date: 'date', since: 'date', until: 'date', opened_on: 'date', closed_on: 'date',
  follow_up_until: 'date', day: 'date', decided_on: 'date', ends_on: 'date', struck_on: 'date', starts_on: 'date', agreed_on: 'date',
  issued_on: 'date', valid_until: 'date', state_on: 'date',
  district_id: 'ref',
};
// Dates that tell whose they are: years in which nothing else of the region happens.
const YEARS = {
  'person.birth_date': 1931, 'sentence.decided_on': 1911, 'case_file.opened_on': 1902, 'person_category.since': 1942, 'person_document.issued_on': 1921,
  'programme.starts_on': 1952, 'assessment.day': 1962,
};

// Where a text can stand at all; elsewhere no page shows it, because nothing of the kind has happened yet.
const WHERE = {
  'case_file.outcome_note': 'closed_on is not null', 'referral.result_note': 'finished_on is not null',
  'measure.result_note': 'done_on is not null', 'decision.result_note': 'done_on is not null and person_id is not null',
  'agenda_item.words': 'person_id is not null', 'agenda_item.heard': 'heard is not null', 'decision.words': 'person_id is not null', 'person_merge.undone_words': 'undone_at is not null',
};

// How a row of a classed table is reached: its person, the bodies that read it (scope; null: every body that knows the
// person), the body that wrote it (owner), its classes. `inside`: read by rules only, no page may show it.
const TABLES = {
  person: { sql: 'select id, id as person, null as classes from person' },
  person_category: { sql: 'select id, person_id as person, classes, body_id as owner from person_category' },
  person_name: { sql: 'select id, person_id as person, body_id as owner from person_name' },
  person_document: { sql: 'select id, person_id as person, classes, body_id as owner from person_document' },
  identification: { sql: 'select id, person_id as person, body_id as owner from identification' },
  listing: { sql: 'select id, person_id as person, body_id as s1, body_id as owner from listing', inside: true },
  import_row: {
    sql: `select r.id, r.person_id as person, i.body_id as s1, i.body_id as owner from import_row r
          join list_import i on i.id = r.import_id`,
    list: true,
  },
  case_file: { sql: 'select id, person_id as person, body_id as s1, body_id as owner from case_file' },
  assessment: { sql: 'select id, person_id as person, body_id as s1, body_id as owner, case_id as place from assessment', page: 'cases' },
  need: {
    sql: `select n.id, n.person_id as person, n.classes, a.body_id as s1, a.body_id as owner, a.case_id as place from need n
          join assessment a on a.id = n.assessment_id`,
    page: 'cases',
  },
  note: { sql: 'select id, person_id as person, classes, body_id as s1, body_id as owner from note' },
  sentence: { sql: 'select id, person_id as person, classes, body_id as owner from sentence' },
  retention_hold: { sql: 'select id, person_id as person, body_id as s1, body_id as owner, case_number as place from retention_hold', page: 'cases' },
  referral: {
    sql: `select r.id, r.person_id as person, r.classes, r.from_body_id as s1, r.to_body_id as s2, c.body_id as s3,
          r.from_body_id as owner from referral r left join case_file c on c.id = r.case_id`,
  },
  route: { sql: 'select id, person_id as person, classes, body_id as s1, body_id as owner from route' },
  route_step: {
    sql: `select t.id, r.person_id as person, r.classes, r.body_id as s1, r.body_id as owner, r.id as place from route_step t
          join route r on r.id = t.route_id`,
    page: 'routes',
  },
  term_change: { sql: 'select id, person_id as person, classes, body_id as s1, other_body_id as s2, body_id as owner from term_change' },
  referral_message: { sql: 'select id, person_id as person, classes, body_id as s1, other_body_id as s2, body_id as owner from referral_message' },
  referral_answer: { sql: 'select id, person_id as person, classes, from_body_id as s1, to_body_id as s2, from_body_id as owner from referral_answer' },
  service: {
    sql: `select s.id, s.person_id as person, s.classes, s.body_id as s1, c.body_id as s2, s.body_id as owner
          from service s left join case_file c on c.id = s.case_id`,
  },
  programme: { sql: 'select id, person_id as person, body_id as s1, body_id as owner from programme' },
  goal: {
    sql: `select o.id, o.person_id as person, o.classes, g.body_id as s1, g.body_id as owner, g.id as place from goal o
          join programme g on g.id = o.programme_id`,
    page: 'programmes',
  },
  measure: {
    sql: `select m.id, m.person_id as person, m.classes, m.body_id as s1, g.body_id as s2, g.body_id as owner
          from measure m join programme g on g.id = m.programme_id`,
  },
  case_member: {
    sql: `select m.id, m.person_id as person, c.body_id as s1, c.body_id as owner from case_member m join case_file c on c.id = m.case_id`,
  },
  consent: { sql: 'select id, person_id as person, classes, body_id as s1, to_body_id as s2, body_id as owner from consent' },
  attachment: {
    sql: `select x.id, x.person_id as person, x.classes, c.body_id as s1, c.to_body_id as s2, x.body_id as owner from attachment x
          join consent c on c.id = x.object_id`,
  },
  attachment_part: { inside: true, none: true },
  access_ask: { sql: 'select id, person_id as person, from_body_id as s1, to_body_id as s2, from_body_id as owner from access_ask' },
  restriction: { sql: 'select id, person_id as person, body_id as s1, body_id as owner from restriction' },
  person_merge: { sql: 'select id, root_id as person, body_id as s1, body_id as owner, id as place from person_merge', page: 'merges' },
  merge_value: { sql: 'select id, person_id as person, classes, merge_id as place from merge_value', page: 'merges' },
  merge_move: { inside: true, none: true },
  history: { sql: 'select event_id as id, 0 as person from history', id: 'event_id', inside: true },
  likely_pair: { inside: true, none: true }, // there is none before the job has walked: tests/pairs.mjs
  agenda_item: {
    sql: `select i.id, i.person_id as person, i.classes, m.body_id as s1, i.body_id as owner from agenda_item i join meeting m on m.id = i.meeting_id
          where i.person_id is not null`,
    readers: 'select i.id, v.body_id as body from agenda_item i join invitation v on v.meeting_id = i.meeting_id',
  },
  decision: {
    sql: `select d.id, d.person_id as person, d.classes, m.body_id as s1, d.body_id as s2, m.body_id as owner from decision d join meeting m on m.id = d.meeting_id
          where d.person_id is not null`,
    readers: 'select d.id, v.body_id as body from decision d join invitation v on v.meeting_id = d.meeting_id',
  },
  minutes_addendum: { inside: true, none: true }, // tests/plans.mjs
  crosscheck_part: { inside: true, none: true },
  crosscheck_match: { inside: true, none: true }, // there is none before two registers have met: tests/crosscheck.mjs
  served: { inside: true, none: true },
  access: { inside: true, none: true },
};

// Tables of bodies and their people: open by themselves, telling beside a person's name (`discloses`).
const BODY_TEXTS = [['body', 'name'], ['body', 'address'], ['body', 'contact'], ['account', 'name'], ['account', 'post']];

// ---- packs ----

export function readPacks(dirs) {
  const sections = [];
  for (const dir of dirs) {
    for (const file of fs.readdirSync(dir).filter((f) => f.endsWith('.pack')).sort()) {
      let at = null;
      let key = '';
      for (const line of fs.readFileSync(path.join(dir, file), 'utf8').split('\n')) {
        const head = /^\[(\S+)\s*([^\]]*)\]/.exec(line);
        const prop = /^([A-Za-z_.]+)\s*=\s*(.*)$/.exec(line);
        if (head) sections.push(at = { kind: head[1], key: head[2].trim(), props: {} });
        else if (prop && at) at.props[key = prop[1]] = prop[2].trim();
        else if (/^\s+\S/.test(line) && at && key) at.props[key] += ` ${line.trim()}`;
      }
    }
  }
  return sections;
}

// The packs of the demo with codes of our own beside them: each stands in one row only.
const SEALED = ['hiv', 'addiction', 'mental'];

function packsWith(codes) {
  const dir = path.join(tmpDir(), `leak-packs-${process.pid}`);
  fs.mkdirSync(path.join(dir, 'leak'), { recursive: true });
  for (const name of ['ru', 'demo']) {
    if (!fs.existsSync(path.join(dir, name))) fs.symlinkSync(path.join(TREE, 'packs', name), path.join(dir, name));
  }
  const text = ['[pack leak]', 'needs = demo', 'label.ru = Метки', 'label.en = Markers'];
  const covers = { category: 'other', service: 'consultation', note_topic: 'general', need_domain: 'housing', need: 'medical_examination',
    document_kind: 'other' };
  let covered = 100;
  for (const c of codes) {
    text.push('', `[code ${c.list} ${c.code}]`, `label.ru = ${c.label}`, `label.en = ${c.label}`, `tells = ${c.cls}`);
    if (SEALED.includes(c.cls) && covers[c.list]) text.push(`cover = ${covers[c.list]} ${covered += 1}`);
  }
  fs.writeFileSync(path.join(dir, 'leak', 'leak.pack'), `${text.join('\n')}\n`);
  return path.join(dir, 'leak');
}

function snils(nine) {
  const sum = [...nine].reduce((s, d, i) => s + Number(d) * (9 - i), 0) % 101;
  return nine + String(sum === 100 ? 0 : sum).padStart(2, '0');
}

function iin(eleven) {
  const weigh = (shift) => [...eleven].reduce((s, d, i) => s + Number(d) * (((i + shift) % 11) + 1), 0) % 11;
  let check = weigh(0);
  if (check === 10) check = weigh(2);
  return check === 10 ? null : eleven + String(check);
}

const day = (year, n) => new Date(Date.UTC(year, 0, 1 + n)).toISOString().slice(0, 10);

// ---- the marks ----

export class Marks {
  constructor() {
    this.of = new Map(); // number → mark
    this.dates = new Map();
    this.numbers = new Map(); // SNILS, IIN, telephones, codes
    this.bases = [...Array(799).keys()].map((i) => i + 1);
    for (let i = this.bases.length - 1; i > 0; i -= 1) {
      const k = crypto.randomInt(i + 1);
      [this.bases[i], this.bases[k]] = [this.bases[k], this.bases[i]];
    }
  }
  base() { return 100000000 + this.bases.pop() * 1000000; }
  text(n) { return `ZQ${n}X`; }
  add(number, mark) { this.of.set(number, mark); }

  // All marks in a text, however it is written: folded to lower case, with blanks and dashes in numbers, dates in two ways.
  find(text) {
    const found = new Set();
    for (const m of text.matchAll(/zq(\d{9})x/gi)) {
      const mark = this.of.get(Number(m[1]));
      if (mark) found.add(mark);
    }
    for (const m of text.matchAll(/\bzq_[a-z_]+_\d+\b/g)) if (this.numbers.has(m[0])) found.add(this.numbers.get(m[0]));
    const close = text.replace(/(?<=[\d+)])[\s\u00a0().\u2011-]{1,2}(?=[\d(])/g, '');
    for (const m of close.matchAll(/917\d{8}|8506157\d{5}|\+7999\d{7}/g)) if (this.numbers.has(m[0])) found.add(this.numbers.get(m[0]));
    for (const m of text.matchAll(/\b(\d\d)\.(\d\d)\.(19[0-6]\d)\b/g)) {
      const mark = this.dates.get(`${m[3]}-${m[2]}-${m[1]}`);
      if (mark) found.add(mark);
    }
    for (const m of text.matchAll(/\b19[0-6]\d-\d\d-\d\d\b/g)) if (this.dates.has(m[0])) found.add(this.dates.get(m[0]));
    return found;
  }
}

// ---- planting ----

// viewers(users) picks the logins under test before anything is planted, since rows of theirs are made.
export function plant(makeRegister, pickViewers) {
  const codes = [];
  const marks = new Marks();
  const CODE_LISTS = { category: 24, document_kind: 24, service: 24, note_topic: 24, need_domain: 3, need: 3, case_outcome: 2, decline_reason: 2 };
  for (const [list, n] of Object.entries(CODE_LISTS)) {
    for (const cls of SECRET) {
      const base = marks.base();
      for (let i = 1; i <= n; i += 1) {
        codes.push({ list, cls, code: `zq_${list}_${cls}_${i}`, label: marks.text(base + i), number: base + i, used: false });
      }
    }
  }
  const packsAt = packsWith(codes);
  const register = makeRegister(packsAt);
  const take = (list, cls) => {
    const c = codes.find((x) => x.list === list && x.cls === cls && !x.used);
    if (c) c.used = true;
    return c;
  };
  const packs = readPacks([path.join(TREE, 'packs/ru'), path.join(TREE, 'packs/demo')]);
  const tells = {};
  for (const s of packs) {
    if (s.kind === 'code' && s.props.tells) (tells[s.key.split(' ')[0]] ??= {})[s.key.split(' ')[1]] = bitsOf(s.props.tells);
    if (s.kind === 'need' && s.props.tells) (tells.need ??= {})[s.key] = bitsOf(s.props.tells);
  }
  const kinds = Object.fromEntries(packs.filter((s) => s.kind === 'body_kind')
    .map((s) => [s.key, { never: bitsOf(s.props.never ?? ''), discloses: bitsOf(s.props.discloses ?? '') }]));

  const bodies = new Map(register.rows('select id, name, kind, discloses from body').map((b) => [b.id, b]));
  const accounts = register.rows('select id, login, role, body_id from account where active = 1');
  const viewers = pickViewers(accounts, bodies);
  // What the demo has sealed becomes plain for the planting; before the server starts everything is sealed anew.
  const sql = ['person_category', 'person_document', 'need', 'note', 'referral', 'service', 'goal', 'measure', 'consent', 'access_ask', 'attachment', 'merge_value', 'agenda_item', 'decision', 'route']
    .map((t) => `update ${t} set classes = classes & 16383`);
  const now = new Date(`${NOW}:00+03:00`).getTime() * 1000;

  // Bodies without persons get some, as a list of theirs would bring them.
  const listed = (kind) => {
    const rule = packs.find((s) => s.kind === 'grant' && s.key === `listed ${kind}`) ?? packs.find((s) => s.kind === 'grant' && s.key === 'listed *');
    return bitsOf(rule.props.classes.replace('need', '')) & ~kinds[kind].never;
  };
  const known = register.rows('select body_id, person_id, bits from access order by person_id desc');
  const persons = register.rows('select id from person order by id').map((p) => p.id);
  const ofBody = new Map();
  for (const a of known) ofBody.set(a.body_id, [...(ofBody.get(a.body_id) ?? []), a.person_id]);
  viewers.forEach((v, i) => {
    if (v.kind === 'operator' || v.kind === 'control' || v.kind === 'ministry') { v.persons = []; return; }
    const have = ofBody.get(v.body) ?? [];
    for (let k = 0; have.length < 4; k += 1) {
      const p = persons[(i * 17 + k * 5) % persons.length];
      if (have.includes(p)) continue;
      const bits = listed(v.kind);
      sql.push(`insert into access_grant (person_id, body_id, fact, classes, ref, ref_id, since)
                values (${p}, ${v.body}, 'listed', ${bits}, 'listing', 0, ${now - 1e9})`,
      `insert into access (body_id, person_id, bits, name_key) values (${v.body}, ${p}, ${bits}, 'x')`);
      have.push(p);
    }
    ofBody.set(v.body, have);
    v.persons = have.slice(0, 4);
  });

  // Notes, services, categories and sentences of each viewer's body and of another one, in every class.
  const identity = bit('identity');
  const social = bit('social');
  const values = (...v) => `(${v.map((x) => (x === null ? 'null' : typeof x === 'number' ? x : `'${x}'`)).join(', ')})`;
  viewers.forEach((v, i) => {
    if (!v.persons.length) return;
    const others = viewers.filter((o) => o.persons?.length && o.body !== v.body);
    for (const [n, cls] of [...SECRET, 'identity', 'contact', 'social', 'spent'].entries()) {
      const p = v.persons[n % v.persons.length];
      const other = others[(i + n) % others.length];
      const note = take('note_topic', cls);
      const service = take('service', cls);
      const category = take('category', cls);
      const document = take('document_kind', cls);
      const b = bit(cls);
      sql.push(`insert into note (person_id, body_id, account_id, day, topic, words, classes, created_at) values
        ${values(p, v.body, v.account, '2024-06-01', note?.code ?? 'general', 'x', identity | b, now - 2e9)}`);
      if (SECRET.includes(cls)) {
        sql.push(`insert into service (version, person_id, body_id, account_id, kind, day, note, classes, created_at) values
          ${values(1, p, v.body, v.account, service?.code ?? 'consultation', '2024-06-02', 'x', identity | b, now - 2e9)}`,
        `insert into person_category (version, person_id, category, since, channel, body_id, classes, created_at) values
          ${values(1, p, category?.code ?? 'other', '2024-06-03', 'self', v.body, social | b, now - 2e9)}`,
        `insert into person_document (version, person_id, kind, series, number, number_key, issued_on, issued_by, state, body_id, classes, created_at) values
          ${values(1, p, document?.code ?? 'other', 'x', 'x', 'x', '2024-06-03', 'x', 'valid', v.body, identity | b, now - 2e9)}`,
        `insert into person_document (version, person_id, kind, number, state, body_id, classes, created_at) values
          ${values(1, p, 'other', 'x', 'lost', other.body, identity | b, now - 2e9)}`,
        // written by another body: hiv of it is nobody's business here
        `insert into person_category (version, person_id, category, since, channel, body_id, classes, created_at) values
          ${values(1, p, 'homeless', '2024-06-04', 'self', other.body, social | b, now - 2e9)}`,
        `insert into note (person_id, body_id, account_id, day, topic, words, classes, created_at) values
          ${values(p, other.body, other.account, '2024-06-05', 'general', 'x', identity | b, now - 2e9)}`);
      }
    }
    const far = others[i % others.length];
    for (const [from, to, account] of [[v.body, far.body, v.account], [far.body, v.body, far.account]])
      sql.push(`insert into access_ask (version, person_id, from_body_id, to_body_id, account_id, classes, words, state, asked_on, answered_on, answer)
        values ${values(1, v.persons[0], from, to, account, bit('contact'), 'x', 'declined', '2024-06-03', '2024-06-04', 'x')}`);
    sql.push(`insert into person_name (version, person_id, kind, name, name_key, body_id, created_at) values
      ${values(1, v.persons[0], 'former', 'x', 'x', far.body, now - 2e9)}`,
    `insert into identification (person_id, day, words, identity_status, before_name, before_status, body_id, account_id, created_at) values
      ${values(v.persons[1], '2024-06-03', 'x', 'document', 'x', 'unknown', far.body, far.account, now - 2e9)}`);
    sql.push(`insert into restriction (version, person_id, body_id, account_id, reason, words, since)
      select 1, ${v.persons[0]}, ${v.body}, ${v.account}, 'victim', 'x', '2024-06-03'
      where not exists (select 1 from restriction x where x.person_id = ${v.persons[0]})`);
    for (const undone of [null, now - 1e9])
      sql.push(`insert into person_merge (version, root_id, kept_number, gone_number, body_id, account_id, words, merged_at, undone_at, undone_body_id, undone_words)
          values ${values(1, v.persons[0], v.persons[0], 900000 + i, v.body, v.account, 'x', now - 2e9, undone, undone ? v.body : null, undone ? 'x' : null)}`,
      ...['identity', 'contact'].map((cls) => `insert into merge_value (merge_id, person_id, field, chosen, before, other, classes)
          select max(id), ${v.persons[0]}, '${cls === 'identity' ? 'birth_place' : 'address'}', 0, 'x', 'y', ${bit(cls)} from person_merge`));
    for (const classes of [0, bit('spent')])
      sql.push(`insert into sentence (version, person_id, article, punishment, classes, body_id, created_at)
        select 1, ${v.persons[0]}, 'x', punishment, ${classes}, ${v.body}, ${now - 2e9} from sentence limit 1`);
  });
  // Whoever sees a restricted person is named: what others do not see, tests/restrict.mjs asks.
  sql.push(`insert into restriction_viewer (restriction_id, person_id, body_id)
    select x.id, x.person_id, a.body_id from restriction x join access a on a.person_id = x.person_id`);
  // Bodies whose names tell, in every place where a body can stand beside a person: leading, sending, receiving, looking.
  const telling = [...bodies.values()].filter((b) => b.discloses);
  const secretStaff = viewers.filter((v) => bodies.get(v.body).discloses);
  viewers.forEach((v, i) => {
    v.persons.forEach((p, k) => {
      const b = telling[(i + k) % telling.length];
      const reader = secretStaff[(i + k) % secretStaff.length];
      if (k && b) sql.push(`update person set lead_body_id = ${b.id} where id = ${p} and lead_body_id is null`);
      if (reader) {
        sql.push(`insert into "read" (at, account_id, body_id, page, persons) values (${now - 3e9}, ${reader.account}, ${reader.body}, '/persons/{person}', ' ${p} ')`,
          `insert into event (at, day, account_id, body_id, person_id, other_body_id, kind, classes)
           values (${now - 3e9}, '2024-06-13', ${reader.account}, ${reader.body}, ${p}, ${v.body}, 'person.changed', 0)`);
      }
    });
    const b = telling.filter((x) => x.id !== v.body)[i % (telling.length - 1)];
    sql.push(`update referral set from_body_id = ${b.id} where id = (select max(id) from referral where to_body_id = ${v.body})`,
      `update referral set to_body_id = ${b.id} where id = (select max(id) from referral where from_body_id = ${v.body})`);
  });
  register.exec(sql);
  sql.length = 0;

  // Rows that stand already get codes and classes in turn: needs, goals, measures, referrals of the viewers' bodies.
  const under = new Set(viewers.map((v) => v.body));
  for (const [table, field, list] of [['need', 'domain', 'need_domain'], ['goal', 'domain', 'need_domain'], ['measure', 'need', 'need'],
    ['referral', 'need', 'need'], ['referral', 'decline_reason', 'decline_reason']]) {
    const rows = register.rows(TABLES[table].sql).filter((r) => under.has(r.s1) || under.has(r.s2));
    rows.forEach((r, i) => {
      const cls = SECRET[i % SECRET.length];
      if (i % 3 === 0) return;
      const c = field === 'decline_reason' || cls === 'hiv' ? null : take(list, cls);
      if (field === 'decline_reason' && i % 7) return;
      sql.push(`update ${table} set classes = classes | ${bit(cls)}${c ? `, ${field} = '${c.code}'` : ''} where id = ${r.id}`);
    });
  }
  for (const [i, r] of register.rows('select id from case_file where outcome is not null').entries()) {
    const c = take('case_outcome', SECRET[i % SECRET.length]);
    if (c && i < 30) sql.push(`update case_file set outcome = '${c.code}' where id = ${r.id}`);
  }

  // The markers themselves.
  const fields = register.csv(['fields']).filter((f) => f.class !== 'open');
  const strange = [...new Set(fields.map((f) => f.table))].filter((t) => !TABLES[t]);
  const planted = [];
  for (const f of fields) {
    const t = TABLES[f.table];
    if (!t || t.none) continue;
    const kind = KIND[f.field] ?? 'text';
    const id = t.id ?? 'id';
    if (kind === 'text') {
      const base = marks.base();
      planted.push({ ...f, base });
      sql.push(`update ${f.table} set ${f.field} = 'ZQ' || (${base} + ${id}) || 'X' where ${WHERE[`${f.table}.${f.field}`] ?? '1 = 1'}`);
    } else if (kind === 'phone') {
      planted.push({ ...f, make: (r) => `+7999${1000000 + r}` });
      sql.push(`update ${f.table} set ${f.field} = '+7999' || (1000000 + ${id})`);
    } else if (kind === 'snils' || kind === 'iin') {
      const make = kind === 'snils' ? (r) => snils(`917${String(r).padStart(6, '0')}`) : (r) => iin(`8506157${String(r % 10000).padStart(4, '0')}`);
      planted.push({ ...f, make });
      for (const r of register.rows(`select ${id} as id from ${f.table}`)) {
        const v = make(r.id);
        sql.push(`update ${f.table} set ${f.field} = ${v ? `'${v}'` : 'null'} where ${id} = ${r.id}`);
      }
    } else if (YEARS[`${f.table}.${f.field}`]) {
      const year = YEARS[`${f.table}.${f.field}`];
      const rows = register.rows(`select ${id} as id from ${f.table} where ${f.field} is not null order by ${id} limit 3000`);
      planted.push({ ...f, date: (r) => day(year, r), rows: new Set(rows.map((r) => r.id)) });
      for (const r of rows) {
        sql.push(`update ${f.table} set ${f.field} = '${day(year, r.id)}' where ${id} = ${r.id}`);
      }
    }
  }
  const name = planted.filter((f) => f.table === 'person' && /^(family_name|given_name|patronymic)$/.test(f.field));
  sql.push("update person set name_key = lower(family_name || ' ' || given_name || ' ' || patronymic)",
    'update access set name_key = (select p.name_key from person p where p.id = access.person_id)');
  const bodyTexts = [];
  for (const [table, field] of BODY_TEXTS) {
    const base = marks.base();
    bodyTexts.push({ table, field, base });
    sql.push(`update ${table} set ${field} = 'ZQ' || (${base} + id) || 'X'`);
  }
  sql.push("update body set name_key = lower(name), phone = '+7999' || (5000000 + id)");
  register.exec(sql);

  // What each row takes, read back from the bare tables.
  const rowsOf = {};
  for (const [table, t] of Object.entries(TABLES)) {
    if (!t.sql) continue;
    const readers = t.readers ? register.rows(t.readers) : [];
    rowsOf[table] = new Map(register.rows(t.sql).map((r) => [r.id, {
      table, id: r.id, person: Number(r.person), page: t.page ? `/${t.page}/${r.place}` : undefined, classes: r.classes ?? 0, owner: r.owner ?? null,
      parties: [r.s1, r.s2],
      scope: 's1' in r ? [r.s1, r.s2, r.s3, ...readers.filter((x) => x.id === r.id).map((x) => x.body)].filter((x) => x !== null && x !== undefined) : null,
    }]));
  }
  for (const f of planted) {
    const where = WHERE[`${f.table}.${f.field}`];
    const there = f.rows ?? (where && new Set(register.rows(`select id from ${f.table} where ${where}`).map((r) => r.id)));
    for (const row of rowsOf[f.table].values()) {
      if (there && !there.has(row.id)) continue;
      const mark = { ...row, field: f.field, need: bit(f.class) | row.classes, inside: TABLES[f.table].inside ?? false,
        list: TABLES[f.table].list ?? false };
      if (f.base) { mark.text = marks.text(f.base + row.id); marks.add(f.base + row.id, mark); }
      else if (f.make) { mark.text = f.make(row.id); if (mark.text) marks.numbers.set(mark.text, mark); }
      else { mark.text = f.date(row.id); marks.dates.set(mark.text, mark); }
    }
  }
  const at = { category: ['person_category', 'category'], document_kind: ['person_document', 'kind'], service: ['service', 'kind'], note_topic: ['note', 'topic'], case_outcome: ['case_file',
    'outcome'],
    decline_reason: ['referral', 'decline_reason'] };
  const places = [...Object.values(at), ['need', 'domain'], ['goal', 'domain'], ['measure', 'need'], ['referral', 'need']];
  const classOf = Object.fromEntries(fields.map((f) => [`${f.table}.${f.field}`, f.class]));
  const codeOf = new Map(codes.map((c) => [c.code, c]));
  for (const [table, field] of places) {
    for (const r of register.rows(`select id, ${field} as code from ${table} where ${field} like 'zq~_%' escape '~'`)) {
      const c = codeOf.get(r.code);
      const row = rowsOf[table].get(r.id);
      const mark = { ...row, field, code: r.code, text: c.label, need: bit(classOf[`${table}.${field}`]) | row.classes | bit(c.cls), inside: false };
      marks.add(c.number, mark);
      marks.numbers.set(r.code, mark);
    }
  }
  for (const t of bodyTexts) {
    for (const r of register.rows(t.table === 'body' ? 'select id, id as body from body' : 'select id, body_id as body from account')) {
      marks.add(t.base + r.id, { table: t.table, id: r.id, field: t.field, body: r.body, text: marks.text(t.base + r.id),
        need: bodies.get(r.body).discloses });
    }
  }
  for (const b of bodies.values()) marks.numbers.set(`+7999${5000000 + b.id}`, { table: 'body', id: b.id, field: 'phone', body: b.id,
    text: `+7999${5000000 + b.id}`, need: b.discloses });

  // Grants as they stand: the oracle of who may see whom.
  const grants = new Map();
  for (const g of register.rows(`select body_id, person_id, classes from access_grant where ended_at is null and (until is null or until > ${now})`)) {
    const key = `${g.body_id}:${g.person_id}`;
    grants.set(key, (grants.get(key) ?? 0) | g.classes);
  }
  register.exec(["delete from setting where name in ('sealing', 'person_keys')"]);
  const filled = register.run(['upgrade', '--packs', packsAt]); // the search looks along what is planted
  if (filled.status) throw new Error(filled.out + filled.err);
  const sealing = register.run(['jobs', '--once']);
  if (sealing.status) throw new Error(sealing.err);
  return { register, marks, viewers, bodies, grants, rowsOf, kinds, tells, strange, fields, now, persons, name };
}
