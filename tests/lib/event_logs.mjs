// Event logs for tests and measurements of `bereg process`, and the figures of one by the definitions, in the plainest way.
import { random } from './persons_truth.mjs';

export const csvCell = (t) => (/[",;\r\n\t|]|^\s|\s$/.test(t) ? `"${t.replaceAll('"', '""')}"` : t);
export const logToCsv = (events, head = ['case', 'activity', 'time']) =>
  `${head.join(',')}\n${events.map((e) => e.map((c) => csvCell(String(c))).join(',')).join('\n')}\n`;

// A log of the size and shape of BPI Challenge 2012 (13,087 cases, 262,200 events, 36 activities with their lifecycle, some 4,400 variants): a
// third of the cases end at once, the others go round loops of calls. Made by chance, from no person's data.
export function loanLog(seed = 1, cases = 13087, events = 262200) {
  const r = random(seed);
  const pick = (n) => Math.floor(r() * n);
  const work = ['Completing application', 'Calling after offer', 'Assessing application', 'Calling for missing papers', 'Handling leads', 'Judging fraud', 'Changing contract'];
  const states = ['accepted', 'finalised', 'approved', 'registered', 'activated', 'cancelled', 'declined', 'offer selected', 'offer made', 'offer sent', 'offer back', 'offer cancelled', 'offer declined'];
  const traces = [];
  for (let c = 0; c < cases; c += 1) {
    const t = ['submitted', 'partly submitted'];
    if (r() < 0.28) t.push(states[6]);
    else {
      if (r() < 0.5) t.push(`${work[4]} (start)`, `${work[4]} (complete)`);
      t.push('preaccepted', `${work[0]} (schedule)`);
      for (let n = 1 + pick(4); n > 0; n -= 1) t.push(`${work[0]} (start)`, `${work[0]} (complete)`);
      if (r() < 0.3) t.push(states[r() < 0.5 ? 5 : 6]);
      else {
        t.push(states[0], states[7], states[1], states[8], states[9], `${work[1]} (schedule)`);
        for (let n = pick(7); n > 0; n -= 1) t.push(`${work[1]} (start)`, `${work[1]} (complete)`);
        t.push(states[10], `${work[2]} (schedule)`);
        for (let n = pick(4); n > 0; n -= 1) {
          t.push(`${work[2]} (start)`, `${work[2]} (complete)`);
          if (r() < 0.4) t.push(`${work[3]} (schedule)`, `${work[3]} (start)`, `${work[3]} (complete)`);
        }
        if (r() < 0.02) t.push(`${work[5]} (start)`, `${work[5]} (complete)`);
        t.push(...(r() < 0.6 ? [states[2], states[3], states[4]] : [states[11 + pick(2)], states[6]]));
        if (r() < 0.01) t.push(`${work[6]} (schedule)`);
      }
    }
    traces.push(t);
  }
  let n = traces.reduce((s, t) => s + t.length, 0);
  while (n < events) { // calls again and again, as in the real one
    const t = traces[pick(cases)];
    if (t.length < 10 || t.length > 170) continue;
    const at = 4 + pick(t.length - 5);
    const call = work[pick(4)];
    t.splice(at, 0, `${call} (start)`, `${call} (complete)`);
    n += 2;
  }
  while (n > events) {
    const t = traces[pick(cases)];
    if (t.length > 5) { t.splice(4, 1); n -= 1; }
  }
  const rows = [];
  traces.forEach((t, c) => {
    let at = Date.UTC(2011, 9, 1) + pick(150 * 86400) * 1000 + pick(1000);
    for (const a of t) {
      rows.push([173688 + c * 3, a, new Date(at).toISOString().replace('Z', '+00:00'), 100000 + pick(80), 5000 + 500 * pick(90)]);
      at += r() < 0.5 ? pick(90000) : pick(3 * 86400 * 1000);
    }
  });
  return { head: ['case:concept:name', 'concept:name', 'time:timestamp', 'org:resource', 'case:AMOUNT_REQ'], rows };
}

// Cases of few activities with loops, events out of order and at equal times: [case, activity, time in ms, end in ms].
export function randomLog(seed, { cases = 40, activities = 6, longest = 12, ends = false } = {}) {
  const r = random(seed);
  const pick = (n) => Math.floor(r() * n);
  const rows = [];
  const base = Date.UTC(1969, 11, 20); // some lie before 1970
  for (let c = 0; c < cases; c += 1) {
    const n = 1 + pick(longest);
    for (let i = 0; i < n; i += 1) {
      const at = base + pick(2000000000) - pick(3) * 500;
      const coarse = r() < 0.3 ? at - (at % 86400000) : at;
      rows.push([`c${pick(cases)}`, `a${pick(activities)}${r() < 0.05 ? ', "b"' : ''}`, coarse, coarse + (ends && r() < 0.7 ? pick(90000000) : 0)]);
    }
  }
  for (let i = rows.length - 1; i > 0; i -= 1) {
    const k = pick(i + 1);
    [rows[i], rows[k]] = [rows[k], rows[i]];
  }
  return rows;
}

const sum = (v) => v.reduce((a, b) => a + b, 0);
export function spread(values) { // of milliseconds, in seconds
  const v = [...values].sort((a, b) => a - b);
  const at = (q) => {
    const h = (v.length - 1) * q;
    const k = Math.floor(h);
    return k + 1 < v.length ? v[k] + (v[k + 1] - v[k]) * (h - k) : v[k];
  };
  return { mean: sum(v) / v.length / 1000, median: at(0.5) / 1000, p90: at(0.9) / 1000, min: v[0] / 1000, max: v.at(-1) / 1000 };
}

const group = (map, key, value) => { if (!map.has(key)) map.set(key, []); map.get(key).push(value); };

// The figures of a log by their definitions (src/process/process.h); rows as of randomLog.
export function figuresOf(rows, { from = -Infinity, to = Infinity } = {}) {
  const traces = new Map();
  for (const [c, a, at, end] of rows) group(traces, c, { a, at, end: end ?? at });
  for (const [c, t] of traces) {
    t.sort((x, y) => x.at - y.at); // stable
    if (t[0].at < from || t[0].at >= to) traces.delete(c);
  }
  const variants = new Map();
  const arcs = new Map();
  const activities = new Map();
  const durations = [];
  for (const [c, t] of traces) {
    const duration = Math.max(...t.map((e) => e.end)) - t[0].at;
    durations.push(duration);
    group(variants, JSON.stringify(t.map((e) => e.a)), duration);
    t.forEach((e, i) => {
      group(activities, e.a, { c, length: e.end - e.at, start: i === 0, last: i === t.length - 1, loop: i > 0 && t[i - 1].a === e.a });
      if (i > 0) group(arcs, JSON.stringify([t[i - 1].a, e.a]), { c, ms: Math.max(0, e.at - t[i - 1].end) });
    });
  }
  return {
    cases: traces.size, events: sum([...traces.values()].map((t) => t.length)), duration: spread(durations),
    activities: new Map([...activities].map(([a, v]) => [a, { events: v.length, cases: new Set(v.map((x) => x.c)).size, starts: v.filter((x) => x.start).length,
      ends: v.filter((x) => x.last).length, self_loops: v.filter((x) => x.loop).length, seconds: spread(v.map((x) => x.length)) }])),
    arcs: new Map([...arcs].map(([k, v]) => [k, { count: v.length, cases: new Set(v.map((x) => x.c)).size, seconds: spread(v.map((x) => x.ms)) }])),
    variants: new Map([...variants].map(([k, v]) => [k, { cases: v.length, seconds: spread(v) }])),
  };
}
