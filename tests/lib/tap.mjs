// Results as TAP on stdout, one line each; what a failure is about stands below it as "# …".
let failed = 0;
let done = 0;

function lines(detail) {
  if (detail === undefined) return [];
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail, null, 1);
  return text.split('\n').slice(0, 40);
}

const flat = (name) => String(name).replace(/\s+/g, ' ').replace(/#/g, '＃');

export function ok(good, name, detail) {
  done += 1;
  console.log(`${good ? 'ok' : 'not ok'} - ${flat(name)}`);
  if (!good) {
    failed += 1;
    for (const line of lines(typeof detail === 'function' ? detail() : detail)) console.log(`# ${line}`);
  }
  return Boolean(good);
}

export function is(got, wanted, name) {
  const a = JSON.stringify(got);
  const b = JSON.stringify(wanted);
  return ok(a === b, name, `got:    ${a}\nwanted: ${b}`);
}

export const like = (text, pattern, name) =>
  ok(pattern.test(text), name, () => `does not match ${pattern}:\n${String(text).slice(0, 1500)}`);

export const unlike = (text, pattern, name) =>
  ok(!pattern.test(text), name, () => `matches ${pattern}: …${text.slice(Math.max(0, text.search(pattern) - 150)).slice(0, 400)}…`);

export const skip = (name, why) => { done += 1; console.log(`ok - ${flat(name)} # SKIP ${why}`); };

export const note = (text) => { for (const line of String(text).split('\n')) console.log(`# ${line}`); };

// One part of a test; an exception fails the part, not the whole run.
export async function part(name, run) {
  const began = performance.now();
  try {
    await run();
  } catch (e) {
    ok(false, name, String(e.stack ?? e));
  }
  const took = Math.round((performance.now() - began) / 1000);
  if (took >= 5) note(`${took} s: ${name}`);
}

// To be called last: 1 when something failed or nothing was tested.
export function finish() {
  console.log(`1..${done}`);
  process.exitCode = failed || !done ? 1 : 0;
}
