// Two registers learn whom both know, and nothing of the others: pages, command line, rights, damaged files.
//   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/crosscheck.mjs
import { Client } from './lib/client.mjs';
import { ENGINE, Register, parseCsv, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, part, unlike } from './lib/tap.mjs';
import fs from 'node:fs';
import path from 'node:path';

const here = Register.demo({ persons: 200, seed: 31, name: 'cc_here' });
const there = Register.demo({ persons: 200, seed: 32, name: 'cc_there' });
const servers = [await here.serve(), await there.serve()];
const api = (r, login) => new Client(servers[r === here ? 0 : 1].base, { token: r.token(login) });
const page = (r, login) => new Client(servers[r === here ? 0 : 1].base).signIn(login);
const bodyOf = (r, login) => r.rows(`select body_id from account where login = '${login}'`)[0].body_id;
// A right check number, as each register computes it.
const snils = (n) => {
  const d = String(n).padStart(9, '0');
  const sum = [...d].reduce((s, c, i) => s + Number(c) * (9 - i), 0) % 101;
  return d + String(sum === 100 ? 0 : sum).padStart(2, '0');
};
const enter = async (r, login, p) => {
  const a = await api(r, login).postJson('/api/v1/persons', { sex: 'male', twin: 'another', ...p });
  if (a.status !== 201) throw new Error(`${login}: ${a.status} ${a.text.slice(0, 300)}`);
  return a.json.id;
};

// Known to both: by number, by name and date, by both. Known here only, there only; not known to the body that asks.
const both = [
  { family_name: 'Сверкин', given_name: 'Пётр', patronymic: 'Ильич', birth_date: '03.04.1981', snils: snils(511000001) },
  { family_name: 'Двойной', given_name: 'Иван', patronymic: 'Ильич', birth_date: '05.04.1982', snils: snils(511000002) },
];
const mine = { a: await enter(here, 'penal1', both[0]) };
const theirs = { a: await enter(there, 'penal1', { ...both[0], family_name: 'Свёркин', given_name: 'Петр' }) };
mine.b = await enter(here, 'penal1', { ...both[1], snils: undefined });
theirs.b = await enter(there, 'penal1', { ...both[1], snils: undefined });
// the number alone: another surname there
mine.c = await enter(here, 'penal1', { family_name: 'Девичья', given_name: 'Анна', birth_date: '01.02.1990', snils: snils(511000003), sex: 'female' });
theirs.c = await enter(there, 'penal1', { family_name: 'Замужняя', given_name: 'Анна', birth_date: '01.02.1990', snils: snils(511000003), sex: 'female' });
// one day apart: nobody
await enter(here, 'penal1', { family_name: 'Рядов', given_name: 'Иван', birth_date: '01.02.1991' });
await enter(there, 'penal1', { family_name: 'Рядов', given_name: 'Иван', birth_date: '02.02.1991' });
// two cards of one person on one side
mine.d = await enter(here, 'penal1', { family_name: 'Повторов', given_name: 'Олег', birth_date: '07.07.1977' });
mine.e = await enter(here, 'penal1', { family_name: 'Повторов', given_name: 'Олег', birth_date: '07.07.1977', birth_place: 'Другое' });
theirs.d = await enter(there, 'penal1', { family_name: 'Повторов', given_name: 'Олег', birth_date: '07.07.1977' });
// known to another body of the register only
await enter(here, 'head1', { family_name: 'Чужаков', given_name: 'Ян', birth_date: '08.08.1978' });
await enter(there, 'penal1', { family_name: 'Чужаков', given_name: 'Ян', birth_date: '08.08.1978' });
// restricted: the body has it hidden from all but itself
mine.hidden = await enter(here, 'head1', { family_name: 'Тайнова', given_name: 'Ия', birth_date: '09.09.1979', sex: 'female' });
theirs.hidden = await enter(there, 'head1', { family_name: 'Тайнова', given_name: 'Ия', birth_date: '09.09.1979', sex: 'female' });
const restricted = await api(here, 'head1').postJson(`/api/v1/persons/${mine.hidden}/restrictions`, { reason: 'witness', words: 'Постановление № 1' });
ok(restricted.status === 201, 'a person of the centre is restricted', restricted.text.slice(0, 300));

const terms = { partner: 'Другой реестр', basis: 'probation_10', words: 'Соглашение № 7 от 01.06.2024' };
const take = async (c, id, bytes) => c.postFile(`/crosschecks/${id}/file`, {}, ['file', 'f.txt', bytes]);
// Whom both bodies know by the keys, as SQL on both registers says it.
function known(own, other, login, keys) {
  const list = (r) => r.rows(`select p.id, p.snils, p.iin, p.name_key, p.given_name, p.birth_date from access a join person p on p.id = a.person_id
    where a.body_id = ${bodyOf(r, login)} and (a.bits & 2) = 2
      and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null)`);
  const of = (p) => keys.map((k) => (k === 'name' ? p.given_name && p.birth_date && `${p.name_key}|${p.birth_date}` : p[k] && `${k}${p[k]}`)).filter(Boolean);
  const theirKeys = new Set(list(other).flatMap(of));
  return list(own).filter((p) => of(p).some((k) => theirKeys.has(k))).map((p) => p.id).sort((x, y) => x - y);
}
const idOf = (a) => Number(/\/crosschecks\/(\d+)/.exec(a.location ?? '')?.[1]);
const found = async (r, login, id) => (await api(r, login).get(`/api/v1/crosschecks/${id}?limit=200`)).json.items;

const files = {};
const ids = {};
await part('three files by pages', async () => {
  const a = await page(here, 'penal1');
  const b = await page(there, 'penal1');
  let r = await a.submit('/crosschecks/new', '/crosschecks', { ...terms, by_snils: '1', by_name: '1' });
  ids.offer = idOf(r);
  ok(ids.offer, 'an offer is made', `${r.status} ${r.text.slice(0, 500)}`);
  files.offer = (await a.get(`/crosschecks/${ids.offer}/file`)).text;
  like(files.offer, /^bereg-crosscheck 1\nstep: offer\n/, 'its file');
  unlike(files.offer, /[а-яё]|511000/i, 'has no name and no number in it');
  const card = await a.get(`/crosschecks/${ids.offer}`);
  like(card.text, /Передайте файл другой стороне/, 'the page says what to do next');

  await b.get('/crosschecks/answer');
  r = await b.postFile('/crosschecks/answer', terms, ['file', 'offer.txt', files.offer]);
  ids.answer = idOf(r);
  ok(ids.answer, 'the other side answers', `${r.status} ${r.text.slice(0, 800)}`);
  files.answer = (await b.get(`/crosschecks/${ids.answer}/file`)).text;
  unlike(files.answer, /[а-яё]|511000/i, 'no name, no number');
  const lines = (f) => new Set(f.split('\n\n')[1].split('\n'));
  ok(![...lines(files.offer)].some((l) => l && lines(files.answer).has(l)), 'nor a point of the offer');

  r = await take(a, ids.offer, files.answer);
  is(r.status, 303, 'the answer is taken');
  const mineFound = await found(here, 'penal1', ids.offer);
  const expected = known(here, there, 'penal1', ['snils', 'name']);
  is(mineFound.map((p) => p.person_id).sort((x, y) => x - y), expected, `who offered learns exactly the ${expected.length} whom both know`);
  ok([mine.a, mine.b, mine.c, mine.d, mine.e].every((p) => expected.includes(p)), 'those of this test among them');
  is(mineFound.find((p) => p.person_id === mine.c).key, 'snils', 'and by what');
  files.result = (await a.get(`/crosschecks/${ids.offer}/file`)).text;
  r = await take(b, ids.answer, files.result);
  is(r.status, 303, 'the result goes back');
  is((await found(there, 'penal1', ids.answer)).map((p) => p.person_id).sort((x, y) => x - y), known(there, here, 'penal1', ['snils', 'name']), 'who answered learns the same of its own');
  for (const [reg, id] of [[here, ids.offer], [there, ids.answer]]) {
    is(reg.rows(`select count(*) as n from crosscheck where secret is not null and id = ${id}`)[0].n, 0, 'the secret is gone');
    is(reg.rows(`select count(*) as n from crosscheck_part where holds <> 'result' and crosscheck_id = ${id}`)[0].n, 0, 'so are the points');
  }
  is(here.rows(`select count(*) as n from event where kind = 'crosscheck.matched' and person_id = ${mine.a}`)[0].n, 1, 'each match stands in the log with its person');
  like((await a.get(`/persons/${mine.a}/timeline`)).text, /Сверка с другим реестром/, 'and in the timeline');
});

await part('nothing of the others', async () => {
  for (const reg of [here, there]) {
    const dump = reg.dump().split('\n').filter((l) => /crosscheck/.test(l)).join('\n');
    unlike(dump, /Рядов|Чужаков/, 'no name stands in what is kept');
  }
  const a = await page(here, 'head1');
  const made = idOf(await a.submit('/crosschecks/new', '/crosschecks', { ...terms, by_name: '1' }));
  const file = (await a.get(`/crosschecks/${made}/file`)).text;
  const b = await page(there, 'head1');
  await b.get('/crosschecks/answer');
  const answered = idOf(await b.postFile('/crosschecks/answer', terms, ['file', 'o.txt', file]));
  await take(a, made, (await b.get(`/crosschecks/${answered}/file`)).text);
  is((await found(here, 'head1', made)).some((p) => p.person_id === mine.hidden), false, 'a restricted person is compared with nobody, not even by the body that sees her');
  like((await a.get(`/crosschecks/${made}`)).text, /Скачать результат/, 'the result can be fetched');
});

await part('what has changed between the files', async () => {
  const a = await page(here, 'penal1');
  const b = await page(there, 'penal1');
  const made = idOf(await a.submit('/crosschecks/new', '/crosschecks', { ...terms, by_name: '1', by_snils: '1' }));
  await b.get('/crosschecks/answer');
  const answered = idOf(await b.postFile('/crosschecks/answer', terms, ['file', 'o.txt', (await a.get(`/crosschecks/${made}/file`)).text]));
  // one is hidden meanwhile, two cards of one person are joined
  here.exec([`insert into restriction (version, person_id, body_id, account_id, reason, words, since) select 1, ${mine.a}, body_id, id, 'witness', 'x', '2024-06-14' from account where login = 'penal1'`]);
  const joined = await api(here, 'penal1').postJson(`/api/v1/persons/${mine.d}/join`, { other: mine.e, words: 'Один человек' });
  ok(joined.status < 300, 'two cards are joined', joined.text.slice(0, 300));
  const [kept] = here.rows(`select coalesce(merged_into, id) as id from person where id = ${mine.d}`);
  await take(a, made, (await b.get(`/crosschecks/${answered}/file`)).text);
  const people = (await found(here, 'penal1', made)).map((x) => x.person_id);
  is(people.includes(mine.a), false, 'who was restricted meanwhile is not found');
  is(people.includes(kept.id), true, 'who was joined is found by the card that stands');
  await take(b, answered, (await a.get(`/crosschecks/${made}/file`)).text);
  const theirsFound = (await found(there, 'penal1', answered)).map((x) => x.person_id);
  is([theirsFound.includes(theirs.a), theirsFound.includes(theirs.d)], [false, true], 'and the other side learns no more');
  here.exec([`delete from restriction where person_id = ${mine.a}`]);
});

await part('files that are wrong', async () => {
  const a = await page(here, 'penal1');
  const id = idOf(await a.submit('/crosschecks/new', '/crosschecks', { ...terms, by_snils: '1' }));
  const offer = (await a.get(`/crosschecks/${id}/file`)).text;
  const b = await page(there, 'penal1');
  await b.get('/crosschecks/answer');
  const refused = async (name, bytes) => {
    const r = await b.postFile('/crosschecks/answer', terms, ['file', 'o.txt', bytes]);
    ok(r.status === 422 && /повреждён|уже дан ответ/.test(r.text), name, `${r.status} ${r.text.slice(0, 200)}`);
  };
  await refused('an empty file', '');
  await refused('another file', 'Фамилия;Имя\nИванов;Иван\n');
  await refused('one that was cut off', offer.slice(0, -60));
  await refused('one with a line more', `${offer}${offer.split('\n').at(-2)}\n`);
  await refused('one with a damaged point', offer.replace(/\n\n[\w-]{5}/, '\n\n_____'));
  await refused('one with the point that is the same for all keys', offer.replace(/\n\n[\w-]{43}/, `\n\n${'A'.repeat(43)}`));
  await refused('a number of lines out of all bounds', offer.replace(/lines: \d+/, 'lines: 99999999999999999999'));
  await refused('the answer in place of the offer', files.answer);
  await refused('an offer that has been answered', files.offer);
  let r = await a.postFile('/crosschecks/answer', terms, ['file', 'o.txt', offer]);
  like(r.text, /вашего же органа/, 'nor does a body answer itself');
  r = await take(a, id, files.answer);
  like(r.text, /другой сверке/, 'the answer to another offer');
  r = await take(a, ids.offer, files.answer);
  like(r.text, /уже завершена/, 'an answer twice');
  is(r.status >= 400, true, 'is refused');
  r = await a.submit(`/crosschecks/${id}`, `/crosschecks/${id}/cancel`);
  is(r.status, 303, 'the exchange is cancelled');
  is((await a.get(`/crosschecks/${id}/file`)).status, 404, 'and its file is no more');
  is(here.rows(`select count(*) as n from crosscheck_part where crosscheck_id = ${id}`)[0].n, 0, 'nothing of it stays');
});

await part('who may', async () => {
  is((await api(here, 'ngo1').get('/api/v1/crosschecks')).status, 403, 'not every role');
  is((await api(here, 'head1').get(`/api/v1/crosschecks/${ids.offer}`)).status, 404, 'another body has no such cross-check');
  is((await api(here, 'head1').get(`/api/v1/crosschecks/${ids.offer}/file`)).status, 404, 'nor its file');
  const r = await api(here, 'penal1').postJson('/api/v1/crosschecks', { partner: '', basis: 'nonsense', words: '' });
  ok(r.status === 422 && r.json.errors.length >= 3, 'an offer names partner, ground and agreement', r.text.slice(0, 300));
  like((await api(here, 'penal1').postJson('/api/v1/crosschecks', terms)).text, /by_snils/, 'and at least one key');
  ok(bodyOf(here, 'penal1') > 0, 'a body');
});

await part('command line', async () => {
  const file = (n) => path.join(tmpDir(), `cc-${ENGINE}-${n}.txt`);
  const how = ['--partner', 'Другой', '--basis', 'probation_10', '--ground', '№ 8'];
  let r = here.run(['crosscheck', 'offer', file(1), '--login', 'penal1', ...how, '--by', 'name']);
  is(r.status, 0, 'the offer');
  r = there.run(['crosscheck', 'answer', file(1), file(2), '--login', 'penal1', ...how]);
  is(r.status, 0, 'the answer');
  r = here.run(['crosscheck', 'take', file(2), file(3), '--login', 'penal1']);
  const list = (out) => parseCsv(out).map((x) => Number(x.person)).sort((x, y) => x - y);
  is(list(r.out), known(here, there, 'penal1', ['name']), 'by names only');
  r = there.run(['crosscheck', 'take', file(3), '--login', 'penal1']);
  is(list(r.out), known(there, here, 'penal1', ['name']), 'the other side too');
  r = there.run(['crosscheck', 'take', file(3), '--login', 'penal1']);
  is(r.status, 1, 'once');
  like(r.err, /ended already/, 'with a plain word');
  is(here.run(['crosscheck', 'offer', file(4), '--login', 'penal1', ...how, '--by', 'shoe']).status, 2, 'wrong usage');
  is(here.run(['crosscheck', 'take', '/nonexistent', '--login', 'penal1']).status, 1, 'no such file');
  is(here.run(['crosscheck', 'offer', file(5), '--login', 'ngo1', ...how]).status, 1, 'rights hold here too');
  ok(!fs.existsSync(file(5)), 'and no file is made');
  is(here.run(['check']).status, 0, 'the register is sound');
});

for (const s of servers) ok(await s.stop() === 0, 'the server ends cleanly', s.err.slice(-2000));
note(ENGINE);
for (const r of [here, there]) await r.drop();
finish();
