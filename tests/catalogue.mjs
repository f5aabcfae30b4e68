// The catalogue of services: who keeps it, the public page and what must not be on it, the choice in a referral, files of HSDS 3.1 out and in,
// also those made to do harm; on both engines.   BEREG=… BEREG_TEST_DB=sqlite|postgres node tests/catalogue.mjs
import fs from 'node:fs';
import path from 'node:path';
import { faultsOfPackage, faultsOfPage } from './lib/hsds_schema.mjs';
import { attributes, unescapeHtml } from './lib/client.mjs';
import { multipart } from './lib/import-files.mjs';
import { Register, parseCsv, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, unlike } from './lib/tap.mjs';

const register = Register.demo({ persons: 80, seed: 11, name: 'catalogue' });
const server = await register.serve();
const tokens = {};
const client = (login) => server.client({ token: (tokens[login] ??= register.token(login)) });
const one = (sql) => register.rows(sql)[0];
let keys = 0;
const key = () => `cat-${process.pid}-${keys += 1}`;
const post = (login, where, body) => client(login).postJson(`/api/v1${where}`, body, { headers: { 'idempotency-key': key() } });
const get = (login, where) => client(login).get(`/api/v1${where}`);
const stranger = () => server.client();
const bodyOf = (login) => one(`select body_id from account where login = '${login}'`).body_id;
const version = (id) => String(one(`select version from catalogue_service where id = ${id}`).version);
const last = (table) => one(`select max(id) as id from ${table}`).id;
const count = (sql) => one(`select count(*) as n from ${sql}`).n;
const dir = fs.mkdtempSync(path.join(tmpDir(), 'catalogue-'));
const file = (name) => path.join(dir, name);
const cli = (...args) => register.run(['catalogue', ...args]);
const centre = bodyOf('head1');
const district = one(`select district_id from body where id = ${centre}`).district_id;
const good = { name: 'Прокат инвалидных колясок', description: 'Выдача колясок на время', need: ['social_support'], state: 'active', public: '1', hours: 'пн–пт 9:00–18:00 обед 13:00–14:00', languages: 'ru, kk',
  capacity: '10', free: '3', wait_days: '2', documents: 'Паспорт\nСправка', phone: '+7 301 200-00-01', area: [String(district)] };

await part('who keeps', async () => {
  const foreign = one(`select id from catalogue_place where body_id <> ${centre} order by id limit 1`).id;
  for (const [login, status] of [['head1', 201], ['ngo1', 201], ['social1', 403], ['police1', 403], ['analyst', 403], ['auditor', 403]])
    is((await post(login, '/catalogue', { ...good, area: [] })).status, status, `${login}: a service of the own body`);
  const mine = last('catalogue_service');
  is((await post('head1', '/catalogue', { ...good, body: String(bodyOf('ngo1')) })).status, 403, 'not of another body');
  is((await post('admin', '/catalogue', { ...good, body: String(centre), name: 'Внесено администратором' })).status, 201, 'the administrator of any');
  is((await post('head1', `/catalogue/${mine}`, { ...good, version: version(mine) })).status, 404, 'another body changes nothing of it');
  is((await post('head1', `/catalogue/${mine}/today`, { version: version(mine) })).status, 404, 'nor says how it stands today');
  is((await get('head1', `/catalogue/${mine}/edit`)).status, 404, 'nor opens its form');
  ok((await post('ngo1', `/catalogue/${mine}/today`, { version: version(mine), free: '1', wait_days: '9' })).status < 300, 'the body says how it stands today');
  is(one(`select free, wait_days, wait_on from catalogue_service where id = ${mine}`), { free: 1, wait_days: 9, wait_on: '2024-06-14' }, 'with the day');
  is((await post('ngo1', `/catalogue/${mine}/today`, { version: '1', free: '1' })).status, 409, 'a stale version is told');
  for (const [field, value] of [['hours', 'пн 25:00–26:00'], ['free', '11'], ['free', ''], ['need', []], ['need', ['none']], ['url', 'javascript:alert(1)'], ['languages', 'русский'], ['max_age', '-1'], ['state', 'x'], ['place', [String(foreign)]], ['area', ['99999']]])
    is((await post('head1', '/catalogue', { ...good, [field]: value })).status, 422, `${field} ${JSON.stringify(value)} is refused`);
  is((await post('head1', '/catalogue', { ...good, min_age: '20', max_age: '10' })).status, 422, 'ages the other way round too');
  for (const login of ['social1', 'police1', 'auditor', 'admin']) is((await get(login, '/catalogue')).status, 200, `${login} reads the catalogue`);
  is((await stranger().get('/catalogue')).status, 303, 'a stranger is asked to sign in');
  for (const login of ['head1', 'ngo1', 'social1', 'analyst']) {
    is((await get(login, '/catalogue/exchange')).status, 403, `${login} has no page of it`);
    is((await post(login, '/catalogue/export', { as: 'json' })).status, 403, `${login} exports nothing`);
  }
  is((await get('coordinator', '/catalogue/exchange')).status, 200, 'the coordinating body imports and exports');
  register.exec(`update catalogue_service set checked_on = '2023-01-01' where id = ${mine}`);
  like((await get('ngo1', '/catalogue?old=1')).text, new RegExp(`"id":${mine},`), 'what was not looked at for long is found');
  like((await (await server.client().signIn('ngo1')).get('/catalogue')).text, /давно не проверял/, 'and the body is reminded');
  unlike((await (await server.client().signIn('police1')).get('/catalogue')).text, /давно не проверял/, 'nobody else');
  ok(count("event where kind = 'catalogue.service_created'") > 90, 'each service came with an event');
});

const add = async (login, more) => {
  const r = await post(login, '/catalogue', { ...good, area: [], ...more });
  if (r.status !== 201) throw new Error(`no service: ${r.status} ${r.text.slice(0, 300)}`);
  return last('catalogue_service');
};
// Everything that stands on the public page, page by page.
const publicly = async (query = '') => {
  const items = [];
  for (let where = `/help?${query}`; where;) {
    const { text } = await stranger().get(where);
    for (const m of text.matchAll(/href="\/help\/(\d+)">([^<]*)<\/a>(?:(?!<\/td>)[^])*?<span class="b-sub">([^<]*)<\/span>/g))
      items.push({ id: Number(m[1]), name: unescapeHtml(m[2]), needs: m[3] });
    const next = /<a[^>]*rel="next"[^>]*>/.exec(text);
    where = next ? attributes(next[0]).href : '';
    if (where.startsWith('?')) where = `/help${where}`;
    if (items.length > 2000) throw new Error('the list does not end');
  }
  return items;
};

await part('the public page', async () => {
  const r = await stranger().get('/help');
  is(r.status, 200, 'needs no signing in');
  is(r.headers['set-cookie'], undefined, 'and no cookie');
  like(r.headers['cache-control'], /public, max-age=\d+/, 'it may be kept');
  ok(r.bytes.length < 61440, `it is small: ${r.bytes.length}`);
  unlike(r.text, /name="csrf"/, 'nothing in it is of one reader');
  const signed = await (await server.client().signIn('head1')).get('/help');
  is((await stranger().get('/api/v1/help')).json.items.length, 20, 'programs read it too');
  like(signed.headers['cache-control'], /no-store/, 'with an account it is not kept');
  const all = await publicly();
  is(all.length, count("catalogue_service s join body b on b.id = s.body_id where s.public = 1 and s.state <> 'closed' and b.active = 1"), 'it holds exactly what is marked');
  like(r.text, new RegExp(`Найден[ао] ${all.length} услуг`), 'and counts it');
  const names = all.map((x) => x.name.toLowerCase());
  is(names, [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), 'sorted by name');
  const secret = { hidden: await add('head1', { name: 'Клотримазольная скрытая', public: '0' }), closed: await add('head1', { name: 'Клотримазольная закрытая', state: 'closed' }),
    over: await add('head1', { name: 'Клотримазольная прошлая', valid_to: '13.06.2024' }), ahead: await add('head1', { name: 'Клотримазольная будущая', valid_from: '15.06.2024' }) };
  const shown = await add('head1', { name: 'Клотримазольная открытая', valid_from: '14.06.2024', valid_to: '14.06.2024', description: '<script>alert(1)</script>' });
  is((await publicly(`q=${encodeURIComponent('клотримазольную')}`)).map((x) => x.id), [shown], 'a hidden, closed, past or future service is not found by words');
  for (const [why, id] of Object.entries(secret)) is((await stranger().get(`/help/${id}`)).status, 404, `${why}: nor by its number`);
  const card = await stranger().get(`/help/${shown}`);
  is(card.status, 200, 'the leaflet opens');
  like(card.text, /&lt;script>|&lt;script&gt;/, 'what a body writes is text');
  for (const words of ['Паспорт', 'пн–пт 9:00–18:00', '3 из 10', '14.06.2024']) ok(card.text.includes(words), `it says: ${words}`);
  is((await publicly('q=%25')).length >= 0 && (await publicly(`q=${encodeURIComponent("'; drop table body; --")}`)).length, 0, 'signs of SQL find nothing');
  ok((await publicly(`q=${encodeURIComponent('ВОССТАНОВЛЕНИЮ документов')}`)).length >= 12, 'words are found in any form and case');
  is((await publicly(`need=shelter&district=${district}`)).every((x) => x.needs.includes('Временное проживание')), true, 'by need');
  const city = one(`select p.city_key, p.id from catalogue_place p where p.city_key is not null and p.confidential = 0 order by p.id limit 1`);
  const there = new Set(register.rows(`select t.service_id as id from catalogue_at t join catalogue_place p on p.id = t.place_id where p.city_key = '${city.city_key}'`).map((x) => x.id));
  const found = await publicly(`city=${encodeURIComponent(city.city_key.toUpperCase())}`);
  ok(found.length > 0 && found.every((x) => there.has(x.id)), 'by settlement');
  ok((await publicly('who=homeless')).length < all.length, 'for whom');
  is((await publicly('need=nonsense')).length > 0 && (await stranger().get('/help?district=-1&after=zzz')).status < 500, true, 'nonsense in the address narrows nothing and breaks nothing');
  like((await stranger().get('/help/1%27')).text, /404/, 'no such number');
});

await part('confidential places', async () => {
  const crisis = one("select id from body where kind = 'crisis_centre'").id;
  const place = one(`select id, city_key, district_id, confidential from catalogue_place where body_id = ${crisis}`);
  is([place.confidential, place.city_key, place.district_id], [1, null, null], 'a shelter is confidential, and nothing to look it up by is stored');
  const r = await post('admin', '/catalogue/places', { body: String(crisis), name: 'Тайный дом', address: 'Скрытый проезд, 7', city: 'Укромино', district_id: String(district), phone: '+7 301 666-66-66', confidential: '0', active: '1' });
  is(r.status, 201, 'a new place of such a body');
  is(one(`select confidential from catalogue_place where id = ${last('catalogue_place')}`).confidential, 1, 'is confidential whatever was ticked');
  const service = await add('admin', { body: String(crisis), name: 'Убежище новое', need: ['violence_help'], place: [String(last('catalogue_place'))] });
  const open = await post('head1', '/catalogue/places', { name: 'Открытое место', address: 'ул. Явная, 1', city: 'Явное', active: '1' });
  is(open.status, 201, 'a centre has an open place');
  is((await post('head1', '/catalogue', { ...good, need: ['violence_help'], place: [String(last('catalogue_place'))] })).status, 422, 'where help to victims of violence cannot be given');
  for (const where of [`/help/${service}`, `/api/v1/help/${service}`]) {
    const page = (await stranger().get(where)).text;
    ok(page.includes('Убежище новое'), `${where} shows the service`);
    unlike(page, /Скрытый проезд|Укромино|Тайный дом|666-66-66/, 'and nothing of its place');
  }
  for (const login of ['head1', 'police1', 'social1', 'auditor'])
    unlike((await get(login, `/catalogue/${service}`)).text, /Скрытый проезд|Укромино|Тайный дом|666-66-66/, `${login} reads nothing of it`);
  for (const q of [`q=${encodeURIComponent('скрытый проезд')}`, `q=${encodeURIComponent('Укромино')}`, `city=${encodeURIComponent('Укромино')}`, `city=${encodeURIComponent('укромино')}`])
    is((await publicly(q)).length, 0, `nothing is found by ${decodeURIComponent(q)}`);
  is((await get('head1', `/catalogue/places?body=${crisis}`)).status, 403, 'another body does not read its places');
  is(register.rows("select id from catalogue_place where address like '%Скрытый%' or name like '%Тайный%'").length, 0, 'in the table the address is sealed');
  for (const format of ['json', 'csv']) {
    const out = file(`secret-${format}`);
    is(cli('export', '--login', 'admin', '--format', format, '--out', out).status, 0, `exported as ${format}`);
    const text = format === 'json' ? fs.readFileSync(out, 'utf8') : fs.readdirSync(out).map((f) => fs.readFileSync(path.join(out, f), 'utf8')).join('\n');
    ok(text.includes('Убежище новое'), 'the service is in it');
    unlike(text, /Скрытый проезд|Укромино|Тайный дом|666-66-66|Клотримазольная скрытая/, 'not its place, nor what is not public');
  }
});

await part('from a referral', async () => {
  const social = await server.client().signIn('social1');
  const { person_id: person } = one(`select a.person_id from access a join person p on p.id = a.person_id where a.body_id = ${bodyOf('social1')} and p.district_id = ${district} and p.merged_into is null and (a.bits & 4) = 4 order by a.person_id limit 1`);
  const form = (await social.get(`/referrals/new?person=${person}`)).form('/referrals');
  const fields = new Map(form.fields);
  const send = (where, more) => social.post(where, [...Object.entries({ ...Object.fromEntries(fields), person: String(person), ...more })]);
  like((await send('/referrals/pick', { need: '' })).text, /Сначала выберите потребность/, 'without a need there is nothing to choose');
  const picked = await send('/referrals/pick', { need: 'employment', note: 'Просим помочь', term: '7' });
  is(picked.status, 200, 'who offers it', picked.text.slice(0, 300));
  const first = /name="pick" value="(\d+)"/.exec(picked.text)?.[1];
  is(one(`select kind from body where id = ${first}`).kind, 'employment_centre', 'is a list of bodies that can take it');
  is(one(`select district_id from body where id = ${first}`).district_id, district, 'that of the district first');
  const back = picked.form('/referrals/new');
  const again = await social.post('/referrals/new', [...back.fields, ['pick', first]]);
  is(again.status, 200, 'the button goes back');
  const filled = Object.fromEntries(again.form('/referrals').fields);
  is([filled.to_body_id, filled.need, filled.note, filled.term, filled.person], [first, 'employment', 'Просим помочь', '7', String(person)], 'with body and need filled, and all else kept');
  is((await (await server.client().signIn('analyst')).post('/referrals/pick', {})).status, 403, 'who sends no referrals does not ask');
});

const exported = (name) => {
  is(cli('export', '--login', 'admin', '--format', 'json', '--out', file(name)).status, 0, `export ${name}`);
  return fs.readFileSync(file(name), 'utf8');
};
const before = exported('all.json');
const page = JSON.parse(before);
// A page of services as a file.
const write = (contents, name = 'try.json') => {
  fs.writeFileSync(file(name), typeof contents === 'string' || Buffer.isBuffer(contents) ? contents : JSON.stringify({ contents }, null, 1));
  return file(name);
};
const take = (contents, ...more) => cli('import', write(contents), '--login', 'admin', ...more);
const copy = (x) => JSON.parse(JSON.stringify(x));
const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

await part('valid by the schema', async () => {
  is(faultsOfPage(page), [], 'the JSON');
  const bad = copy(page);
  bad.contents[0].status = 'open';
  delete bad.contents[1].name;
  ok(faultsOfPage(bad).length >= 2, 'the check can fail');
  is(cli('export', '--login', 'admin', '--format', 'csv', '--out', file('package')).status, 0, 'the package');
  const tables = Object.fromEntries(fs.readdirSync(file('package')).filter((f) => f.endsWith('.csv')).map((f) => [f, parseCsv(fs.readFileSync(file(`package/${f}`), 'utf8'))]));
  is(faultsOfPackage(JSON.parse(fs.readFileSync(file('package/datapackage.json'), 'utf8')), tables), [], 'is valid, and nothing in it points nowhere');
  is(tables['services.csv'].length, page.total_items, 'with the same services');
  const web = await server.client().signIn('coordinator');
  await web.get('/catalogue/exchange');
  is((await web.post('/catalogue/export', { as: 'json' })).text, before, 'the page gives the same file');
  is((await web.post('/catalogue/export', { as: 'csv' })).bytes.subarray(0, 2).toString(), 'PK', 'and a zip');
});

await part('out and in again', async () => {
  like(cli('import', file('all.json'), '--login', 'admin', '--dry-run').out, new RegExp(`0 new, 0 changed, ${page.total_items} the same, 0 left out, 0 mistakes`), 'into itself: nothing changes');
  const other = Register.demo({ persons: 20, seed: 11, name: 'catalogue2' });
  const empty = () => { for (const t of ['at', 'need', 'audience', 'area', 'place', 'service', 'body']) other.exec(`delete from catalogue_${t}`); };
  empty();
  const dry = other.run(['catalogue', 'import', file('all.json'), '--login', 'admin', '--dry-run']);
  like(dry.out, new RegExp(`would be: ${page.total_items} new`), 'a dry run tells what is new');
  is(other.rows('select count(*) as n from catalogue_service')[0].n, 0, 'and writes nothing');
  like(other.run(['catalogue', 'import', file('all.json'), '--login', 'admin']).out, new RegExp(`imported: ${page.total_items} new, 0 changed, 0 the same, 0 left out, 0 mistakes`), 'all is taken');
  other.run(['catalogue', 'export', '--login', 'admin', '--format', 'json', '--out', file('again.json')]);
  ok(fs.readFileSync(file('again.json'), 'utf8') === before, 'and goes out as it came: JSON');
  empty();
  other.run(['catalogue', 'import', file('package'), '--login', 'admin']);
  other.run(['catalogue', 'export', '--login', 'admin', '--format', 'csv', '--out', file('package2')]);
  for (const f of fs.readdirSync(file('package'))) ok(fs.readFileSync(file(`package/${f}`), 'utf8') === fs.readFileSync(file(`package2/${f}`), 'utf8'), `and the package: ${f}`);
  await other.drop();
  const changed = copy(page.contents[0]);
  changed.name = 'Переименовано';
  changed.phones = [{ id: uuid(1), number: '112' }];
  let r = take([changed], '--dry-run');
  like(r.out, /^changed\t.*Название услуги|^changed\t.*Name of the service, Telephone/m, 'a later file updates, and the fields are told');
  r = take([changed]);
  like(r.out, /0 new, 1 changed/, 'by the identifier');
  is(one(`select name, phone from catalogue_service where uuid = '${changed.id}'`), { name: 'Переименовано', phone: '112' }, 'as the file says');
});

await part('files of others, and files made to do harm', async () => {
  const org = { id: uuid(100), name: 'Helping Hands Inc.', description: 'A charity', website: 'https://example.org' };
  // the file's order is that of random identifiers: a need by its code, and none whose places are confidential
  const term = page.contents.flatMap((s) => s.attributes).find((a) => a.link_type === 'need' && a.taxonomy_term.code === 'urgent_help').taxonomy_term;
  const service = (n, more = {}) => ({ id: uuid(n), name: `Food bank ${n}`, status: 'active', organization: org, attributes: [{ id: uuid(n + 1000), taxonomy_term: term }], ...more });
  const us = service(1, { service_at_locations: [{ id: uuid(2), location: { id: uuid(3), location_type: 'physical', name: 'Main', addresses: [{ id: uuid(4), address_1: '1 Main St', city: 'Austin', state_province: 'TX', postal_code: '78701', country: 'US', address_type: 'physical' }] } }],
    description: 'Free <b>food</b> &amp; clothes<script>alert(1)</script>', funding: [{ id: uuid(5), source: 'x' }], eligibility: 'anybody' });
  let r = take([us]);
  like(r.out, /left_out.*is not known here: say of what kind/, 'a body that nobody knows needs a kind');
  is(r.status, 1, 'and the command says so by its status');
  is(cli('import', file('try.json'), '--login', 'admin', '--kind', 'nonsense').status, 1, 'not any kind');
  is(cli('import', file('try.json'), '--login', 'coordinator', '--kind', 'ngo').out.includes('only the administrator adds bodies'), true, 'and the administrator');
  is(cli('import', file('try.json'), '--login', 'head1', '--kind', 'ngo').status, 1, 'a head imports nothing');
  r = take([us], '--kind', 'ngo');
  like(r.out, /1 new, 0 changed, 0 the same, 0 left out, 0 mistakes/, 'with a kind it is taken');
  like(r.out, /told\ttry\.json, line \d+\t\tcountry\tthe address is of another country.*US/, 'the foreign address is told, with its line');
  like(r.out, /told\t[^\n]*\tdescription\tmarkup was taken off/, 'markup is taken off');
  like(r.out, /told\t[^\n]*\tfunding\tthe register does not take this over/, 'what is not taken over is told');
  like(r.out, /told\t[^\n]*\teligibility\tthe specification has no such field/, 'an unknown field too');
  is(one(`select description from catalogue_service where uuid = '${uuid(1)}'`).description, 'Free food & clothes alert(1)', 'the text is plain');
  is(count(`body where name = 'Helping Hands Inc.' and kind = 'ngo'`), 1, 'the body is there');
  like(take([us]).out, /0 new, 0 changed, 1 the same/, 'a second time it is the same');
  const out = JSON.parse(exported('foreign.json')).contents.find((s) => s.id === uuid(1));
  is([out.organization.id, out.service_at_locations[0].id, out.service_at_locations[0].location.id], [uuid(100), uuid(2), uuid(3)], 'identifiers of others are kept');

  const services = () => count('catalogue_service');
  const n = services();
  const refused = (what, contents, words, name) => {
    const a = name ? cli('import', write(contents, name), '--login', 'admin', '--kind', 'ngo') : take(contents, '--kind', 'ngo');
    is(a.status, 1, `${what}: refused`);
    like(a.out + a.err, words, `${what}: in words`);
    unlike(a.err, /Sanitizer|runtime error|did not end well/, `${what}: without harm`);
  };
  refused('a broken reference', [service(10, { organization: undefined, organization_id: uuid(999) })], /organization_id\tthe file has no object of this id: 0+-0000-4000-8000-000000000999/);
  refused('no organization', [service(11, { organization: undefined })], /no organization/);
  refused('a wrong type', [service(12, { name: 17 })], /name\ta text is expected here: 17/);
  refused('a text for a number', [service(13, { minimum_age: 'eighteen' })], /minimum_age\ta number is expected here/);
  refused('a wrong date', [service(14, { assured_date: '14.06.2024' })], /assured_date\tthis is no date/);
  refused('a date that is none', [service(15, { schedules: [{ id: uuid(515), valid_from: '2024-02-30' }] })], /valid_from\tthis is no date/);
  refused('a wrong status', [service(16, { status: 'open' })], /status\tthe specification has no such value: open/);
  refused('a wrong id', [service(17, { id: 'abc' })], /id\tthis is no UUID: abc/);
  refused('a huge text', [service(18, { description: 'я'.repeat(50000) })], /description\tthe text is longer than 20 000 bytes/);
  refused('two objects of one id', [service(19, { name: 'Первая' }), service(19, { name: 'Вторая' })], /the id stands for two different objects/);
  refused('an unknown need', [service(20, { attributes: [{ id: uuid(520), taxonomy_term: { id: uuid(521), name: 'Skydiving', description: 'x' } }] })], /Skydiving[^]*none of its needs|none of its needs[^]*Skydiving/);
  refused('no list where one belongs', [service(21, { phones: 'x' })], /phones\ta list is expected here/);
  refused('no object in a list', [service(22, { phones: [17, null, [[]]] })], /phones\tan object is expected here/);
  refused('bytes that are none', Buffer.from([0x7b, 0xff, 0xfe, 0x00]), /no well-formed JSON/);
  refused('a text cut off', before.slice(0, 5000), /no well-formed JSON/);
  refused('nested without end', `${'['.repeat(100000)}${']'.repeat(100000)}`, /no well-formed JSON|an object is expected/);
  refused('deep objects', `${'{"organization":'.repeat(1500)}{}${'}'.repeat(1500)}`, /./);
  refused('a key twice', '{"contents":[],"contents":[]}', /no well-formed JSON/);
  refused('a zip cut off', Buffer.from('PK\u0003\u0004nothing'), /no whole zip file/, 'try.zip');
  refused('a number', '17', /list is expected|no well-formed/);
  is(services(), n, 'and nothing of it was stored');
  r = take([service(30), service(31, { name: 5 }), service(32)], '--kind', 'ngo');
  like(r.out, /2 new, 0 changed, 0 the same, 1 left out, 1 mistakes|2 new, 0 changed, 0 the same, 1 left out, 2 mistakes/, 'one bad service holds up no other');
  like(r.out, /left_out\ttry\.json, line (\d+)\t/, 'it is named by its line');
  const at = Number(/left_out\ttry\.json, line (\d+)\t/.exec(r.out)[1]);
  like(fs.readFileSync(file('try.json'), 'utf8').split('\n').slice(at - 1, at + 3).join('\n'), new RegExp(uuid(31)), 'and the line is right');

  const pack = file('bad-package');
  fs.cpSync(file('package'), pack, { recursive: true });
  fs.appendFileSync(path.join(pack, 'services.csv'), `${uuid(40)},${uuid(999)},,Без органа,,,,,active\r\n`);
  fs.appendFileSync(path.join(pack, 'phones.csv'), `"${uuid(41)},broken\r\n`);
  fs.writeFileSync(path.join(pack, 'contacts.csv'), 'id,name\r\n');
  r = cli('import', pack, '--login', 'admin', '--dry-run');
  like(r.out, new RegExp(`wrong\tservices\\.csv, line ${page.total_items + 2}\t\torganization_id\t`), 'of a table the file, the line and the field are named');
  like(r.out, /wrong\tphones\.csv/, 'a row that does not end is told');
  like(r.out, /told\tcontacts\.csv\t[^\n]*nothing of this file is taken over/, 'a table that is not taken over too');
  is(cli('import', file('nothing-here'), '--login', 'admin').status, 1, 'a file that is not there');
  is(cli('import').status, 2, 'and how the command is called');

  const stolen = copy(page.contents.find((s) => s.organization.name !== 'Helping Hands Inc.'));
  Object.assign(stolen, { organization: { ...org }, organization_id: org.id, service_at_locations: [] });
  like(take([stolen], '--kind', 'ngo').out, /left_out.*the service is of another body here/, 'a file does not move a service to another body');
  const shelter = one("select s.uuid from catalogue_service s where s.name = 'Убежище новое'").uuid;
  const moved = copy(page.contents.find((s) => s.id === shelter));
  moved.service_at_locations = us.service_at_locations.map((a) => ({ ...a, id: uuid(60), location: { ...a.location, id: uuid(61) } }));
  take([moved]);
  is(one(`select confidential from catalogue_place where uuid = '${uuid(61)}'`).confidential, 1, 'a place that comes for a shelter is confidential');
  is(count(`catalogue_at t join catalogue_service s on s.id = t.service_id where s.uuid = '${shelter}'`), 2, 'and the one that stood there stays');
  r = take([service(14, { minimum_age: 60, maximum_age: 18, schedules: [{ id: uuid(15), valid_from: '2024-05-01', valid_to: '2024-04-01', byday: 'MO', opens_at: '09:00', closes_at: '10:00' }] })], '--kind', 'ngo');
  like(r.out, /maximum_age\tthe upper age is below the lower one/, 'ages that do not fit are named');
  like(r.out, /the last day is before the first/, 'and days');
  is(one(`select min_age, max_age, valid_from, valid_to from catalogue_service where uuid = '${uuid(14)}'`), { min_age: null, max_age: null, valid_from: null, valid_to: null }, 'and are left out');
});

await part('through the page', async () => {
  const admin = await server.client().signIn('admin');
  const { csrf } = (await admin.get('/catalogue/exchange'), admin);
  const upload = (bytes, name = 'каталог.json') => {
    const { type, body } = multipart({ csrf: admin.csrf, kind: '' }, bytes, name);
    return admin.request('POST', '/catalogue/imports', { headers: { 'content-type': type, 'idempotency-key': key() }, body });
  };
  ok(csrf, 'the form');
  const changed = copy(page.contents[1]);
  changed.name = 'Через страницу <i>';
  const r = await upload(Buffer.from(JSON.stringify({ contents: [changed, { id: 'x' }] })));
  is(r.status, 303, 'a file is read', r.text.slice(0, 300));
  const preview = await admin.get(r.location);
  for (const words of ['Пока ничего не сохранено', 'каталог.json', 'Название услуги', 'это не UUID']) ok(preview.text.includes(words), `the preview says: ${words}`);
  unlike(one(`select name from catalogue_service where uuid = '${changed.id}'`).name, /Через/, 'nothing is stored yet');
  const go = preview.form(r.location);
  is((await admin.post(r.location, go.fields)).status, 303, 'then it is');
  is(one(`select name from catalogue_service where uuid = '${changed.id}'`).name, 'Через страницу', 'as agreed');
  is((await admin.post(r.location, (await admin.get('/catalogue/exchange'), { csrf: admin.csrf, version: '2' }))).status, 409, 'not twice');
  is((await upload(Buffer.from('no json'))).status, 303, 'what is no file of HSDS is shown as such');
  is((await (await server.client().signIn('head1')).get(r.location)).status, 404, 'who does not import sees no preview');
});

await part('a body that closes', async () => {
  const gone = bodyOf('ngo1'), to = one(`select id from body where kind = 'ngo' and active = 1 and id <> ${gone} and name <> 'Helping Hands Inc.' order by id limit 1`).id;
  const n = count(`catalogue_service where body_id = ${gone}`);
  const b = (await get('admin', `/bodies/${gone}/edit`)).json;
  const r = await post('admin', `/bodies/${gone}`, { name: b.name, kind: 'ngo', active: '0', successor_id: String(to), version: String(b.version) });
  ok(r.status < 300, 'is closed with a successor', r.text.slice(0, 300));
  is([count(`catalogue_service where body_id = ${gone}`), count(`catalogue_service where body_id = ${to}`) >= n], [0, true], 'who gives its services from then on');
});

await part('what is left', async () => {
  const check = register.run(['check']);
  is(check.status, 0, 'bereg check finds nothing', check.out.slice(-800));
});

const said = register.servers.map((s) => s.err).join('');
ok(!/Sanitizer|runtime error/.test(said), 'the sanitizers have nothing to say', said.slice(-1500));
await register.drop();
finish();
