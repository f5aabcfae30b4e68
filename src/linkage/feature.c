/* What is kept of a value to compare it quickly with many others. */
#include "base/date.h"
#include "base/id.h"
#include "base/utf8.h"
#include "linkage/compare.h"
#include "linkage/names.h"

enum { TOKENS_MAX = 16, CHARS_MAX = 120 };

uint64_t link_hash(struct text t)
{
    return link_mix(text_hash(t), t.n);
}

uint64_t link_mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9E3779B97F4A7C15) + b + UINT64_C(0x7F4A7C159E3779B9);

    h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
    return h ^ h >> 31;
}

static void letters(struct arena *arena, struct text t, struct feature *f)
{
    uint16_t *cp = arena_array(arena, CHARS_MAX, sizeof *cp);
    size_t n = 0, i = 0;
    uint32_t u;

    while (i < t.n && n < CHARS_MAX) {
        size_t len = utf8_next(t.s + i, t.n - i, &u);
        if (!len)
            break;
        cp[n++] = u > 0xFFFF ? 0xFFFD : (uint16_t)u;
        f->letters |= UINT64_C(1) << (u & 63);
        i += len;
    }
    f->cp = cp;
    f->n = (uint16_t)n;
}

static bool digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool separator(uint32_t c)
{
    return c < 0x80 ? !((c >= 'a' && c <= 'z') || digit(c)) : c == 0xA0 || c == 0xAB || c == 0xBB || (c >= 0x2010 && c <= 0x203A) || c == 0x2116;
}

/* A value without signs between its words, one blank instead: folding leaves dots, commas and strokes. */
static struct text words_only(struct arena *arena, struct text value)
{
    struct text t = text_fold(arena, value);
    char *out = arena_alloc(arena, t.n + 1);
    size_t n = 0, i = 0;
    uint32_t u;
    bool gap = false;

    while (i < t.n) {
        size_t len = utf8_next(t.s + i, t.n - i, &u);
        if (!len)
            len = 1, u = ' ';
        if (u == '\'' || u == 0x2019 || u == 0x2BC) {
            i += len; /* o'brien */
            continue;
        }
        if (separator(u)) {
            gap = n > 0;
        } else {
            if (gap)
                out[n++] = ' ';
            gap = false;
            memcpy(out + n, t.s + i, len);
            n += len;
        }
        i += len;
    }
    return (struct text){out, n};
}

/* Words that say of what kind a place is, not which. */
static bool kind_of_place(struct text w)
{
    static const char *const words[] = {
        "ул",    "улица", "пр",     "просп",  "проспект", "пер",  "переулок", "г",      "гор",     "город",  "д",    "дом",
        "кв",    "квартира", "корп", "корпус", "стр",   "строение", "с",     "село",    "пос",     "поселок", "п",   "дер",
        "деревня", "рп",  "пгт",    "мкр",    "микрорайон", "ш",  "шоссе",    "наб",    "бул",     "бульвар", "пл",  "площадь",
        "обл",   "область", "район", "р",     "н",        "уй",   "коше",     "кошеси", "ауыл",    "аул",    "кала", "street",
        "st",    "road",  "rd",     "avenue", "ave",      "no"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is(w, words[i]))
            return true;
    return false;
}

/* Tokens, and hashes of them in their order of hashes, so that the order of words does not count. `plain` are the words as they
 * stand in f->cp. */
static void tokens(struct arena *arena, struct text plain, bool place, struct feature *f)
{
    struct token *token = arena_array(arena, TOKENS_MAX, sizeof *token);
    struct text rest = plain, w;
    uint64_t stem = 0, sound = 0;
    size_t n = 0, at = 0;

    while (n < TOKENS_MAX && text_split(&rest, ' ', &w)) {
        size_t chars = text_chars(w);
        bool number = digit((unsigned char)w.s[0]);
        if (at + chars > f->n)
            break;
        if (w.n && !(place && !number && kind_of_place(w))) {
            token[n].hash = link_hash(w);
            token[n].sound = number ? token[n].hash : link_hash(name_sound(arena, w));
            token[n].at = (uint16_t)at;
            token[n].n = (uint16_t)chars;
            token[n].number = number;
            stem += token[n].hash; /* a sum: any order */
            sound += token[n].sound;
            n++;
        }
        at += chars + 1;
    }
    f->token = token;
    f->n_tokens = (uint16_t)n;
    f->stem = link_mix(stem, n);
    f->sound = link_mix(sound, n);
}

static int text_feature(struct arena *arena, enum link_kind kind, struct text value, struct feature *f)
{
    bool place = kind == LINK_ADDRESS || kind == LINK_PLACE;
    struct text t = words_only(arena, value);

    if (!t.n)
        return LINK_NO_VALUE;
    letters(arena, t, f);
    tokens(arena, t, place, f);
    if (place && !f->n_tokens)
        tokens(arena, t, false, f);
    f->exact = place ? f->stem : link_hash(t);
    return LINK_GIVEN_VALUE;
}

/* --- names --- */

/* Latin letters among Cyrillic names may be a keyboard's mistake. A Cyrillic word is never taken for a Latin one that it would
 * make: «Черных» and «Дегтев» are names. */
static struct text as_typed(struct arena *arena, const struct link_field *field, struct text value)
{
    struct text t = name_clean(arena, value), other;

    if (!field->cyrillic || !name_is_latin(t))
        return t;
    other = name_switched(arena, value);
    if (other.n)
        t = name_clean(arena, other);
    return t;
}

static struct text stem_of(struct arena *arena, enum link_kind kind, struct text w)
{
    if (kind == LINK_PATRONYMIC)
        return name_patronymic_stem(arena, w);
    return kind == LINK_FAMILY ? name_surname_stem(arena, w) : w;
}

static int name_feature(struct arena *arena, const struct link_field *field, struct text value, struct feature *f)
{
    struct text t = as_typed(arena, field, value), rest = t, w;
    uint64_t stem = 0, sound = 0;

    if (!t.n)
        return LINK_NO_VALUE;
    letters(arena, t, f);
    f->exact = link_hash(t);
    while (text_split(&rest, ' ', &w)) {
        struct text own = stem_of(arena, field->kind, w);
        uint64_t s = link_hash(name_sound(arena, own.n ? own : w));
        stem = link_mix(stem, link_hash(own.n ? own : w));
        sound = sound ? link_mix(sound, s) : s;
        if (field->kind == LINK_FAMILY && f->n_parts < LINK_PARTS_MAX)
            f->part[f->n_parts++] = s;
    }
    if (field->kind == LINK_GIVEN) {
        struct text forms[LINK_PARTS_MAX];
        size_t n = name_given_forms(arena, t, forms, LINK_PARTS_MAX);
        if (!n)
            forms[n++] = t;
        for (size_t i = 0; i < n; i++)
            f->part[i] = link_hash(forms[i]);
        f->n_parts = (uint8_t)n;
        stem = f->part[0];
        if (name_is_given(arena, t))
            f->flags |= FEATURE_KNOWN;
    }
    f->stem = stem;
    f->sound = sound;
    return LINK_GIVEN_VALUE;
}

/* --- numbers --- */

static void digits_feature(struct arena *arena, struct text digits, struct feature *f)
{
    letters(arena, digits, f);
    f->exact = f->stem = f->sound = link_hash(digits);
}

/* Digits and letters without what stands between them; leading zeros do not count. */
static int number_feature(struct arena *arena, struct text value, bool zeros, struct feature *f)
{
    struct text t = words_only(arena, value);
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] != ' ' && (zeros || n || t.s[i] != '0'))
            s[n++] = t.s[i];
    if (!n && t.n)
        s[n++] = '0'; /* a house or a ward may have this number */
    if (!n)
        return LINK_NO_VALUE;
    digits_feature(arena, (struct text){s, n}, f);
    return LINK_GIVEN_VALUE;
}

static int checked_feature(struct arena *arena, enum link_kind kind, struct text value, struct feature *f)
{
    struct text d = text_digits(arena, value);

    if (!d.n)
        return LINK_NO_VALUE;
    digits_feature(arena, d, f);
    if (kind == LINK_SNILS ? snils_valid(d) : iin_valid(d))
        f->flags |= FEATURE_VALID;
    return LINK_GIVEN_VALUE;
}

/* Numbers by their last ten digits: +7 and 8 do not matter. Several stand with commas or semicolons between. */
static int phone_feature(struct arena *arena, struct text value, struct feature *f)
{
    size_t i = 0;

    while (i < value.n && f->n_parts < LINK_PARTS_MAX) {
        size_t from = i;
        while (i < value.n && value.s[i] != ',' && value.s[i] != ';' && value.s[i] != '/')
            i++;
        struct text d = text_digits(arena, (struct text){value.s + from, i - from});
        i++;
        if (d.n < 5)
            continue;
        if (d.n > 10)
            d = (struct text){d.s + d.n - 10, 10};
        if (!f->n_parts)
            digits_feature(arena, d, f);
        f->part[f->n_parts++] = link_hash(d);
    }
    return f->n_parts ? LINK_GIVEN_VALUE : LINK_NO_VALUE;
}

static int email_feature(struct arena *arena, struct text value, struct feature *f)
{
    struct text t = text_fold(arena, value);

    if (!t.n)
        return LINK_NO_VALUE;
    const char *at = memchr(t.s, '@', t.n);
    struct text local = {t.s, at ? (size_t)(at - t.s) : t.n};
    letters(arena, t, f);
    f->exact = link_hash(t);
    f->stem = f->sound = link_hash(local);
    f->n_tokens = (uint16_t)text_chars(local); /* where the part before @ ends */
    return LINK_GIVEN_VALUE;
}

/* Only words that name a sex: «не указан» names none. */
static int sex_feature(struct arena *arena, struct text value, struct feature *f)
{
    static const struct {
        const char *word;
        bool female;
    } words[] = {{"м", false},       {"муж", false},     {"мужской", false}, {"мужчина", false}, {"мальчик", false}, {"m", false},
                 {"male", false},    {"man", false},     {"ер", false},      {"еркек", false},   {"1", false},       {"ж", true},
                 {"жен", true},      {"женский", true},  {"женщина", true},  {"девочка", true},  {"f", true},        {"female", true},
                 {"w", true},        {"woman", true},    {"айел", true},     {"2", true}};
    struct text rest = words_only(arena, value), first = {0};

    text_split(&rest, ' ', &first);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is(first, words[i].word)) {
            digits_feature(arena, words[i].female ? T("f") : T("m"), f);
            return LINK_GIVEN_VALUE;
        }
    return LINK_NO_VALUE;
}

/* --- dates --- */

static bool take_int(struct text *t, size_t least, size_t most, int *out)
{
    size_t n = 0;
    *out = 0;
    while (n < t->n && n < most && digit((unsigned char)t->s[n]))
        *out = *out * 10 + (t->s[n++] - '0');
    *t = (struct text){t->s + n, t->n - n};
    return n >= least;
}

/* By a format of %Y %y %m %d and other signs as they stand. */
static bool by_format(struct text t, const char *format, int ymd[3])
{
    for (; *format; format++) {
        if (*format != '%') {
            if (!t.n || t.s[0] != *format)
                return false;
            t = (struct text){t.s + 1, t.n - 1};
            continue;
        }
        bool good = false;
        switch (*++format) {
        case 'Y':
            good = take_int(&t, 4, 4, &ymd[0]);
            break;
        case 'y': /* nobody in these files will be born */
            good = take_int(&t, 2, 2, &ymd[0]);
            ymd[0] += ymd[0] > 26 ? 1900 : 2000;
            break;
        case 'm':
            good = take_int(&t, 1, 2, &ymd[1]);
            break;
        case 'd':
            good = take_int(&t, 1, 2, &ymd[2]);
            break;
        }
        if (!good)
            return false;
    }
    return t.n == 0 || t.s[0] == 'T' || t.s[0] == ' '; /* a time of day does not matter */
}

/* "около 1980", "1980-1985", "1980 г.": the years that are named. */
static bool by_years(struct text t, struct feature *f)
{
    int year[2] = {0, 0}, n = 0;
    bool about = false;

    for (size_t i = 0; i < t.n;) {
        struct text rest = {t.s + i, t.n - i};
        int value;
        if (!digit((unsigned char)t.s[i])) {
            about = about || (unsigned char)t.s[i] >= 0x80 || t.s[i] == '~' || t.s[i] == '?' || t.s[i] == 'c';
            i++;
            continue;
        }
        bool whole = take_int(&rest, 4, 9, &value);
        i = (size_t)(rest.s - t.s);
        if (!whole || value < 1800 || value > 2100 || n == 2)
            return false;
        year[n++] = value;
    }
    if (!n || (n == 2 && year[1] < year[0]))
        return false;
    about = about && !text_ends(t, "г.") && !text_ends(t, "г");
    f->year_from = (uint16_t)(n == 2 ? year[0] : year[0] - 2 * about);
    f->year_to = (uint16_t)(n == 2 ? year[1] : year[0] + 2 * about);
    f->flags |= FEATURE_YEAR;
    f->exact = f->stem = f->sound = link_mix(f->year_from, f->year_to);
    return true;
}

static int date_feature(struct arena *arena, const char *format, struct text value, struct feature *f)
{
    static const char *const usual[] = {"%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%d/%m/%Y", "%d-%m-%Y", "%Y.%m.%d", "%Y/%m/%d"};
    int ymd[3] = {0, 0, 0};
    struct text t = text_trim(value);
    bool good = false;

    if (!t.n || text_is(t, "-"))
        return LINK_NO_VALUE;
    if (*format)
        good = by_format(t, format, ymd);
    for (size_t i = 0; !*format && !good && i < sizeof usual / sizeof *usual; i++)
        good = by_format(t, usual[i], ymd);
    if (!good)
        return by_years(t, f) ? LINK_GIVEN_VALUE : LINK_BAD_VALUE;
    f->year_from = f->year_to = (uint16_t)ymd[0];
    if (!ymd[1] || !ymd[2]) { /* 1980-00-00 */
        f->flags |= FEATURE_YEAR;
        f->exact = f->stem = f->sound = link_mix(f->year_from, f->year_to);
        return LINK_GIVEN_VALUE;
    }
    /* A day that does not exist is a slip of the hand, and its digits tell what was meant. */
    digits_feature(arena, arena_printf(arena, "%04d%02d%02d", ymd[0], ymd[1], ymd[2]), f);
    for (size_t i = 0; i < 8; i++)
        f->part[0] = f->part[0] << 8 | (f->cp[i] & 0xFF);
    if (date_exists(ymd[0], ymd[1], ymd[2]))
        f->flags |= FEATURE_VALID;
    return LINK_GIVEN_VALUE;
}

int link_feature(struct arena *arena, const struct link_field *field, struct text value, struct feature *f)
{
    *f = (struct feature){0};
    value = text_trim(value);
    if (!value.n)
        return LINK_NO_VALUE;
    switch (field->kind) {
    case LINK_FAMILY:
    case LINK_GIVEN:
    case LINK_PATRONYMIC:
        return name_feature(arena, field, value, f);
    case LINK_DATE:
        return date_feature(arena, field->format, value, f);
    case LINK_SNILS:
    case LINK_IIN:
        return checked_feature(arena, field->kind, value, f);
    case LINK_PHONE:
        return phone_feature(arena, value, f);
    case LINK_IDENTIFIER:
        return number_feature(arena, value, true, f);
    case LINK_NUMBER:
        return number_feature(arena, value, false, f);
    case LINK_EMAIL:
        return email_feature(arena, value, f);
    case LINK_SEX:
        return sex_feature(arena, value, f);
    default:
        return text_feature(arena, field->kind, value, f);
    }
}
