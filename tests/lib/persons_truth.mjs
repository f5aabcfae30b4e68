// Persons of Russia and Kazakhstan written down several times, with the truth: who is who. The same seed gives the same rows.
// All names are put together by chance from lists of common ones.
const pick = (r, list) => list[Math.floor(r() * list.length)];

// Mulberry32: 32 bits of state are enough here, and it is the same in every engine.
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// The first are met most, as in life.
const surnames = `Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев
Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев
Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов
Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев
Титов Марков Миронов Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев
Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев
Воронин Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков
Колесников Гончаров Емельянов Никифоров Грачёв Котов Гришин Ефремов Архипов Громов Кириллов Малышев Панов Моисеев Румянцев Акимов
Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров Галкин Лукьянов Михеев Скворцов Юдин Белоусов Нестеров Симонов Прокофьев
Харитонов Князев Цветков Левин Митрофанов Воронов Аксёнов Софронов Мальцев Логинов Горшков Савин Краснов Майоров Демидов Елисеев
Рыбаков Сафонов Плотников Демин Хохлов Фадеев Молчанов Игнатов Литвинов Ершов Ушаков Дементьев Рябов Мухин Калашников Леонтьев
Лобанов Кузин Корнеев Евдокимов Бородин Платонов Некрасов Балашов Бобров Жданов Блинов Игнатьев Коротков Муравьёв Крюков Беляков
Дружинин Чайковский Вишневский Зелинский Бжезовский Шевченко Бондаренко Цой Ким Шульц Мюллер Щукин Шишкин Хабибуллин Гарипов
Зиннатуллин Мамедов Алиев Петросян Дзюба Черных Седых Живаго`.split(/\s+/);
const kazakhSurnames = `Ахметов Омаров Ибраев Оспанов Сулейменов Абдрахманов Алиев Искаков Касымов Жумабаев Нурпеисов Есенов Бекмухамбетов
Тлеубаев Сагындыков Мукашев Кенжебаев Байжанов Қасенов Әбілов Ермеков Төлегенов Мұқанов Жүнісов Сейітов Серіков Нұрғалиев Исабеков
Шарипов Абенов Дүйсенов Жақыпов Рахимов Темірбеков Үмбетов Хамитов Бейсенов Досжанов Айтқалиев Көшербаев Сатпаев Қожахметов
Алдабергенов Есімов Мырзабеков Сәрсенбаев Ыбраев Тұрсынов Қалиев Байтұрсынов`.split(/\s+/);
const men = `Александр Сергей Дмитрий Андрей Алексей Максим Евгений Иван Михаил Николай Владимир Артём Денис Павел Роман Илья Виктор
Олег Игорь Юрий Константин Антон Никита Вадим Василий Кирилл Анатолий Вячеслав Станислав Пётр Григорий Валерий Егор Борис Фёдор
Руслан Тимур Леонид Геннадий Степан Семён Георгий Матвей Глеб Эдуард Тимофей Лев Аркадий Захар`.split(/\s+/);
const women = `Елена Ольга Наталья Анна Татьяна Ирина Екатерина Мария Светлана Юлия Анастасия Марина Людмила Галина Валентина Надежда
Оксана Дарья Алёна Виктория Любовь Вера Евгения Ксения Александра Полина Алина Нина Тамара Лариса Кристина Яна Диана Софья Лидия
Зинаида Маргарита Инна Раиса Алла Жанна Варвара Елизавета Кира Василиса Антонина Клавдия Зоя Эльвира Регина`.split(/\s+/);
const kazakhMen = `Ержан Нұрлан Серік Бауыржан Асқар Дәурен Қайрат Марат Болат Айдос Ерлан Талғат Мұрат Азамат Арман Данияр Жандос Тимур
Руслан Әлихан Самат Рүстем Бекзат Олжас Санжар Қанат Ғалым Жасұлан Ерболат Мейрам`.split(/\s+/);
const kazakhWomen = `Айгүл Гүлнар Айнұр Динара Жанар Сәуле Әсел Бота Мәдина Айжан Алтынай Ләззат Қарлығаш Роза Гүлмира Салтанат Жұлдыз
Ақмарал Әйгерім Меруерт Назерке Шолпан Гаухар Ұлжан Індира`.split(/\s+/);
const short = {
  Александр: 'Саша Шура', Алексей: 'Лёша Алёша', Сергей: 'Серёжа', Дмитрий: 'Дима Митя', Андрей: 'Андрюша', Евгений: 'Женя',
  Иван: 'Ваня', Михаил: 'Миша', Николай: 'Коля', Владимир: 'Вова Володя', Павел: 'Паша', Роман: 'Рома', Константин: 'Костя',
  Василий: 'Вася', Пётр: 'Петя', Григорий: 'Гриша', Виктор: 'Витя', Юрий: 'Юра', Анатолий: 'Толя', Борис: 'Боря', Семён: 'Сёма',
  Елена: 'Лена', Ольга: 'Оля', Наталья: 'Наташа Наталия', Анна: 'Аня', Татьяна: 'Таня', Ирина: 'Ира', Екатерина: 'Катя',
  Мария: 'Маша', Светлана: 'Света', Юлия: 'Юля', Анастасия: 'Настя', Людмила: 'Люда Мила', Галина: 'Галя', Валентина: 'Валя',
  Надежда: 'Надя', Дарья: 'Даша', Любовь: 'Люба', Ксения: 'Ксюша', Александра: 'Саша Шура', Тамара: 'Тома', Софья: 'Соня София',
  Елизавета: 'Лиза', Евгения: 'Женя', Виктория: 'Вика',
};
const streets = `Ленина Мира Советская Молодёжная Садовая Лесная Новая Набережная Заводская Школьная Гагарина Пушкина Кирова Зелёная
Октябрьская Комсомольская Полевая Луговая Чапаева Железнодорожная Абая Победы Первомайская Северная Энергетиков`.split(/\s+/);
const towns = ['Омск', 'Тара', 'Исилькуль', 'Калачинск', 'Называевск', 'Тюкалинск', 'Павлодар', 'Петропавловск', 'Кокшетау', 'Экибастуз'];

const keys = { ru: 'ёйцукенгшщзхъфывапролджэячсмитьбю', en: '`qwertyuiop[]asdfghjkl;\'zxcvbnm,.' };
const latin = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o',
  п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ы: 'y', ь: '', э: 'e',
  ю: 'yu', я: 'ya', ә: 'a', ғ: 'g', қ: 'k', ң: 'n', ө: 'o', ұ: 'u', ү: 'u', һ: 'h', і: 'i',
};
const passport = { ...latin, й: 'i', ц: 'ts', ю: 'iu', я: 'ia', ъ: 'ie' };
const plain = { ә: 'а', ғ: 'г', қ: 'к', ң: 'н', ө: 'о', ұ: 'у', ү: 'у', һ: 'х', і: 'и' };

const each = (text, map) => [...text].map((c) => {
  const low = c.toLowerCase();
  const to = map[low] ?? low;
  return c === low ? to : to.slice(0, 1).toUpperCase() + to.slice(1);
}).join('');
const wrongLayout = (text) => [...text].map((c) => {
  const at = keys.ru.indexOf(c.toLowerCase());
  if (at < 0) return c;
  return c === c.toLowerCase() ? keys.en[at] : keys.en[at].toUpperCase();
}).join('');
const female = (surname) => {
  if (/(ов|ев|ёв|ин|ын)$/.test(surname)) return `${surname}а`;
  return /ский$/.test(surname) ? surname.replace(/ский$/, 'ская') : surname;
};
const special = { Павел: 'Павлов', Лев: 'Львов', Пётр: 'Петров', Илья: 'Иль', Никита: 'Никит', Михаил: 'Михайлов' };
function patronymic(father, sex) {
  if (father === 'Илья' || father === 'Никита') return special[father] + (sex === 'м' ? 'ич' : father === 'Илья' ? 'инична' : 'ична');
  let stem = special[father];
  if (!stem) {
    if (/й$/.test(father)) stem = father.replace(/ий$/, 'ь').replace(/й$/, '') + 'ев';
    else if (/ь$/.test(father)) stem = `${father.slice(0, -1)}ев`;
    else stem = `${father}ов`;
  }
  return stem + (sex === 'м' ? 'ич' : 'на');
}
const kazakhPatronymic = (father, sex) => father + (sex === 'м' ? 'ұлы' : 'қызы');

const two = (n) => String(n).padStart(2, '0');
const iso = (d) => `${d.y}-${two(d.m)}-${two(d.d)}`;
const dot = (d) => `${two(d.d)}.${two(d.m)}.${d.y}`;
const birth = (r, from, to) => ({ y: from + Math.floor(r() * (to - from + 1)), m: 1 + Math.floor(r() * 12), d: 1 + Math.floor(r() * 28) });

function snils(r) {
  const n = String(100000000 + Math.floor(r() * 899999999));
  const sum = [...n].reduce((s, c, i) => s + Number(c) * (9 - i), 0);
  return `${n.slice(0, 3)}-${n.slice(3, 6)}-${n.slice(6)} ${two((sum % 101) % 100)}`;
}
function iin(r, d, sex) {
  for (;;) {
    const century = (d.y < 2000 ? 3 : 5) + (sex === 'м' ? 0 : 1);
    const n = `${two(d.y % 100)}${two(d.m)}${two(d.d)}${century}${String(Math.floor(r() * 10000)).padStart(4, '0')}`;
    const sum = (from) => [...n].reduce((s, c, i) => s + Number(c) * (((i + from) % 11) + 1), 0) % 11;
    let check = sum(0);
    if (check === 10) check = sum(2);
    if (check < 10) return n + check;
  }
}

const common = (r, list) => list[Math.floor(list.length * r() ** 2)];

function person(r, given = {}) {
  const kazakh = given.kazakh ?? r() < 0.3;
  const sex = given.sex ?? (r() < 0.6 ? 'м' : 'ж');
  const born = given.born ?? birth(r, 1950, 2008);
  const root = given.root ?? common(r, kazakh ? kazakhSurnames : surnames);
  const father = given.father ?? common(r, kazakh ? kazakhMen : men);
  const name = given.name ?? common(r, kazakh ? (sex === 'м' ? kazakhMen : kazakhWomen) : sex === 'м' ? men : women);
  return {
    kazakh, sex, born, root, father, given: name,
    family: sex === 'м' ? root : female(root),
    patronymic: kazakh && r() < 0.7 ? kazakhPatronymic(father, sex) : patronymic(father, sex),
    snils: kazakh ? '' : snils(r),
    iin: kazakh ? iin(r, born, sex) : '',
    phone: given.phone ?? `+79${String(Math.floor(r() * 1e9)).padStart(9, '0')}`,
    address: given.address ?? `г. ${pick(r, towns)}, ул. ${pick(r, streets)}, д. ${1 + Math.floor(r() * 120)}, кв. ${1 + Math.floor(r() * 90)}`,
  };
}

// Who are easily taken for one another.
function household(r, people) {
  const a = person(r, { born: birth(r, 1950, 1985) });
  const home = { kazakh: a.kazakh, address: a.address };
  const kind = r();
  const list = [a];
  if (kind < 0.2) { // twins
    const b = person(r, { ...home, sex: a.sex, born: a.born, root: a.root, father: a.father, phone: r() < 0.5 ? a.phone : undefined });
    if (b.given === a.given) return household(r, people);
    b.patronymic = a.patronymic;
    list.push(b);
    a.apart = b.apart = `twins ${people.length}`;
  } else if (kind < 0.4) { // father and son of one name
    if (a.sex !== 'м') return household(r, people);
    const gap = 18 + Math.floor(r() * 20);
    const b = person(r, { ...home, sex: 'м', root: a.root, father: a.given, name: a.given, phone: a.phone, born: birth(r, a.born.y + gap, a.born.y + gap) });
    if (r() < 0.3) { // of three generations of one name
      a.father = a.given;
      a.patronymic = b.patronymic;
    }
    list.push(b);
    a.apart = b.apart = `father and son ${people.length}`;
  } else if (kind < 0.7) { // brothers and sisters
    const b = person(r, { ...home, root: a.root, father: a.father, born: birth(r, a.born.y + 1, a.born.y + 8) });
    list.push(b);
  } else { // spouses
    list.push(person(r, { ...home, sex: a.sex === 'м' ? 'ж' : 'м', root: a.root, born: birth(r, a.born.y - 4, a.born.y + 4), phone: r() < 0.3 ? a.phone : undefined }));
  }
  people.push(...list);
}

const letters = 'абвгдежзиклмнопрстуфхцчшщыэюя';
function typo(r, text) {
  if (text.length < 4) return text;
  const at = 1 + Math.floor(r() * (text.length - 2));
  switch (Math.floor(r() * 4)) {
    case 0: return text.slice(0, at) + text.slice(at + 1);
    case 1: return text.slice(0, at) + text[at] + text.slice(at);
    case 2: return text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
    default: return text.slice(0, at) + pick(r, letters) + text.slice(at + 1);
  }
}
const digit = (r, text) => {
  const places = [...text].map((c, i) => (/\d/.test(c) ? i : -1)).filter((i) => i >= 0);
  const at = pick(r, places);
  return text.slice(0, at) + (Number(text[at]) + 1 + Math.floor(r() * 8)) % 10 + text.slice(at + 1);
};

function original(p) {
  return {
    family_name: p.family, given_name: p.given, patronymic: p.patronymic, birth_date: iso(p.born), sex: p.sex, snils: p.snils, iin: p.iin,
    phone: p.phone, address: p.address,
  };
}

function namesOf(row, change) {
  for (const f of ['family_name', 'given_name', 'patronymic']) row[f] = change(row[f]);
}

// As another body wrote the person down.
function copy(r, p) {
  const row = original(p);
  const maybe = (share) => r() < share;
  if (maybe(0.25)) namesOf(row, (t) => t.replace(/ё/g, 'е').replace(/Ё/g, 'Е'));
  if (p.kazakh && maybe(0.4)) namesOf(row, (t) => each(t, plain));
  if (maybe(0.15)) row.family_name = typo(r, row.family_name);
  if (maybe(0.07)) row.given_name = typo(r, row.given_name);
  if (maybe(0.08)) row.patronymic = typo(r, row.patronymic);
  if (short[p.given] && maybe(0.15)) row.given_name = pick(r, short[p.given].split(' '));
  if (p.sex === 'ж' && maybe(0.08)) {
    const other = female(common(r, p.kazakh ? kazakhSurnames : surnames));
    row.family_name = maybe(0.3) ? `${row.family_name}-${other}` : other;
  }
  const script = r();
  if (script < 0.05) namesOf(row, (t) => each(t, latin));
  else if (script < 0.08) namesOf(row, (t) => each(t, passport));
  else if (script < 0.1) row.family_name = wrongLayout(row.family_name);
  else if (script < 0.12) namesOf(row, wrongLayout);
  else if (script < 0.15) [row.family_name, row.given_name] = [row.given_name, row.family_name];
  else if (script < 0.2) namesOf(row, (t) => t.toUpperCase());
  const day = r();
  if (day < 0.05) row.birth_date = iso({ ...p.born, m: p.born.d, d: p.born.m });
  else if (day < 0.1) row.birth_date = digit(r, row.birth_date);
  else if (day < 0.14) row.birth_date = String(p.born.y);
  else if (day < 0.18) row.birth_date = '';
  else if (day < 0.4) row.birth_date = dot(p.born);
  if (/^\d{4}-(1[3-9]|[2-9]\d)|-00|-(3[2-9]|[4-9]\d)$/.test(row.birth_date)) row.birth_date = iso(p.born);
  if (maybe(0.12)) row.patronymic = '';
  else if (maybe(0.04)) [row.given_name, row.patronymic] = [`${row.given_name.slice(0, 1)}.`, `${row.patronymic.slice(0, 1)}.`];
  if (maybe(0.5)) row.snils = '';
  else if (row.snils && maybe(0.06)) row.snils = digit(r, row.snils);
  if (maybe(0.4)) row.iin = '';
  if (maybe(0.3)) row.phone = '';
  else if (maybe(0.2)) row.phone = `8 9${String(Math.floor(r() * 1e9)).padStart(9, '0')}`;
  else if (maybe(0.5)) row.phone = row.phone.replace('+7', '8').replace(/(\d)(\d{3})(\d{3})(\d\d)(\d\d)$/, '$1 ($2) $3-$4-$5');
  if (maybe(0.25)) row.address = '';
  else if (maybe(0.25)) row.address = person(r).address;
  else if (maybe(0.4)) row.address = row.address.replace(/г\. |ул\. |д\. |кв\. /g, '').replace(/, /g, ' ');
  else if (maybe(0.3)) row.address = row.address.replace(/, кв.*$/, '');
  if (maybe(0.15)) row.sex = '';
  return row;
}

// {rows: [{id, truth, …}], apart: Map of truth to the name of its pair of twins, or father and son}
export function personsWithTruth(seed, persons) {
  const r = random(seed);
  const people = [];
  while (people.length < persons) {
    if (r() < 0.15) household(r, people);
    else people.push(person(r));
  }
  const rows = [];
  const apart = new Map();
  people.forEach((p, truth) => {
    if (p.apart) apart.set(truth, p.apart);
    rows.push({ truth, ...original(p) });
    const copies = r() < 0.45 ? 1 + Math.floor(r() * 3) : 0;
    for (let i = 0; i < copies; i += 1) rows.push({ truth, ...copy(r, p) });
  });
  for (let i = rows.length - 1; i > 0; i -= 1) {
    const j = Math.floor(r() * (i + 1));
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  rows.forEach((row, i) => { row.id = `r${i + 1}`; });
  return { rows, apart };
}

// Men of few names: strangers of one full name are more than persons written twice, of whom one in three is. `spoilt`: share of
// the copies with a slip in each field.
export function namesakesWithTruth(seed, persons, { families, names, fathers, spoilt }) {
  const r = random(seed);
  const rows = [];
  for (let truth = 0; truth < persons; truth += 1) {
    const p = {
      ...person(r, { kazakh: false, sex: 'м', root: pick(r, surnames.slice(0, families)), name: pick(r, men.slice(0, names)), born: birth(r, 1950, 2005) }),
      patronymic: patronymic(pick(r, men.slice(0, fathers)), 'м'),
    };
    const row = original(p);
    rows.push({ truth, ...row });
    if (r() >= 0.3) continue;
    const twice = { truth, ...row };
    if (r() < spoilt) twice.family_name = typo(r, row.family_name);
    if (r() < spoilt) twice.given_name = typo(r, row.given_name);
    if (r() < spoilt) twice.patronymic = '';
    if (r() < spoilt) twice.birth_date = iso({ ...p.born, d: 1 + Math.floor(r() * 28) });
    rows.push(twice);
  }
  rows.forEach((row, i) => { row.id = `r${i + 1}`; });
  return rows;
}

export const columns = ['id', 'truth', 'family_name', 'given_name', 'patronymic', 'birth_date', 'sex', 'snils', 'iin', 'phone', 'address'];
const cell = (v) => (/[",;\n]/.test(v) ? `"${String(v).replace(/"/g, '""')}"` : String(v));
export const toCsv = (rows, wanted = columns) => `${[wanted, ...rows.map((row) => wanted.map((c) => row[c]))].map((l) => l.map(cell).join(',')).join('\n')}\n`;
