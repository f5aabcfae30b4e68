/* What people write about somebody without papers, in names and in numbers of documents. */
#include "base/utf8.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_papers.h"

/* ---- years ---- */

enum { AGE_MAX = 120, YEAR_MIN = 1880, NUMBERS = 2 };

/* The whole numbers of a text, at most two; anything but words, blanks and dashes beside them makes
 * it unreadable. */
static size_t numbers_of(struct text t, int64_t out[NUMBERS])
{
    size_t n = 0;
    for (size_t i = 0; i < t.n;) {
        size_t k = i;
        while (k < t.n && t.s[k] >= '0' && t.s[k] <= '9')
            k++;
        if (k == i) {
            if ((unsigned char)t.s[i] < 0x80 && strchr("/+:;_=<>*#", t.s[i]))
                return 0;
            i++;
            continue;
        }
        if (n == NUMBERS || text_int((struct text){t.s + i, k - i}, 0, 9999, &out[n]))
            return 0;
        n++;
        i = k;
    }
    return n;
}

bool years_read(struct text typed, int64_t day, struct years *out)
{
    int64_t a[NUMBERS] = {0};
    int64_t now = date_ymd(day).year;
    size_t n = numbers_of(typed, a);
    *out = (struct years){0};
    if (!n)
        return false;
    if (n == 1)
        a[1] = a[0];
    if (a[0] > a[1] || (a[0] <= AGE_MAX) != (a[1] <= AGE_MAX))
        return false;
    if (a[0] <= AGE_MAX) /* who is 45 today was born this year or in the one before */
        *out = (struct years){now - a[1] - 1, now - a[0]};
    else
        *out = (struct years){a[0], a[1]};
    bool good = out->from >= YEAR_MIN && out->to <= now;
    if (!good)
        *out = (struct years){0};
    return good;
}

struct text years_text(struct arena *arena, struct value from, struct value to)
{
    if (from.kind != V_INT && to.kind != V_INT)
        return T("");
    int64_t a = from.kind == V_INT ? from.i : to.i, b = to.kind == V_INT ? to.i : from.i;
    return a == b ? arena_printf(arena, "%lld", (long long)a)
                  : arena_printf(arena, "%lld–%lld", (long long)a, (long long)b);
}

/* ---- two alphabets ---- */

/* Letters that look alike in print. */
static const struct {
    uint16_t latin, cyrillic;
} alike[] = {
    {'A', 0x410}, {'B', 0x412}, {'C', 0x421}, {'E', 0x415}, {'H', 0x41D}, {'I', 0x406},
    {'K', 0x41A}, {'M', 0x41C}, {'O', 0x41E}, {'P', 0x420}, {'T', 0x422}, {'X', 0x425},
    {'Y', 0x423}, {'a', 0x430}, {'c', 0x441}, {'e', 0x435}, {'h', 0x4BB}, {'i', 0x456},
    {'k', 0x43A}, {'o', 0x43E}, {'p', 0x440}, {'x', 0x445}, {'y', 0x443},
};
enum { ALIKE = sizeof alike / sizeof *alike };

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_CYRILLIC };

static enum script script_of(uint32_t cp)
{
    if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
        (cp >= 0xC0 && cp < 0x250 && cp != 0xD7 && cp != 0xF7))
        return SCRIPT_LATIN;
    return cp >= 0x400 && cp < 0x530 ? SCRIPT_CYRILLIC : SCRIPT_NONE;
}

/* The letter of that script that looks like it; 0: none. */
static uint32_t turned(uint32_t cp, enum script to)
{
    if (script_of(cp) == to || script_of(cp) == SCRIPT_NONE)
        return cp;
    for (size_t i = 0; i < ALIKE; i++) {
        if (to == SCRIPT_CYRILLIC && alike[i].latin == cp)
            return alike[i].cyrillic;
        if (to == SCRIPT_LATIN && alike[i].cyrillic == cp)
            return alike[i].latin;
    }
    return 0;
}

static bool between_words(uint32_t cp)
{
    return cp == ' ' || cp == '-' || cp == 0x2010 || cp == 0x2011 || cp == 0xA0;
}

/* Length of the word at the beginning of t, and its letters by script. */
static size_t word_of(struct text t, size_t count[3])
{
    size_t i = 0;
    count[0] = count[SCRIPT_LATIN] = count[SCRIPT_CYRILLIC] = 0;
    while (i < t.n) {
        uint32_t cp;
        size_t n = utf8_next(t.s + i, t.n - i, &cp);
        if (!n || (between_words(cp) && i))
            break;
        i += n;
        if (between_words(cp))
            break;
        count[script_of(cp)]++;
    }
    return i ? i : 1;
}

static bool write_in(struct text word, enum script to, char *out, size_t *n)
{
    size_t begin = *n;
    for (size_t i = 0; i < word.n;) {
        uint32_t cp;
        size_t len = utf8_next(word.s + i, word.n - i, &cp);
        uint32_t now = len ? turned(cp, to) : 0;
        if (!now) {
            *n = begin;
            return false;
        }
        *n += utf8_put(out + *n, now);
        i += len;
    }
    return true;
}

enum mixed name_mixed(struct arena *arena, struct text name, struct text *mended)
{
    char *out = arena_alloc(arena, 2 * name.n + 4);
    enum mixed mixed = MIXED_NOT;
    size_t n = 0;
    for (size_t i = 0; i < name.n;) {
        size_t count[3], len = word_of((struct text){name.s + i, name.n - i}, count);
        struct text word = {name.s + i, len};
        i += len;
        if (!count[SCRIPT_LATIN] || !count[SCRIPT_CYRILLIC]) {
            memcpy(out + n, word.s, word.n);
            n += word.n;
            continue;
        }
        enum script most =
            count[SCRIPT_LATIN] > count[SCRIPT_CYRILLIC] ? SCRIPT_LATIN : SCRIPT_CYRILLIC;
        enum script least = most == SCRIPT_LATIN ? SCRIPT_CYRILLIC : SCRIPT_LATIN;
        if (!write_in(word, most, out, &n) && !write_in(word, least, out, &n))
            return MIXED_REALLY;
        mixed = MIXED_ALIKE;
    }
    *mended = mixed == MIXED_ALIKE ? (struct text){out, n} : name;
    return mixed;
}

bool name_is_made(struct text name)
{
    const struct code_list *words = code_list("nameless");
    for (size_t i = 0; words && i < words->n; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const char *word = words->codes[i].label[lang];
            if (!text_starts(name, word))
                continue;
            struct text rest = {name.s + strlen(word), name.n - strlen(word)}, part;
            int64_t number, year;
            if (!text_starts(rest, " № "))
                continue;
            rest = (struct text){rest.s + strlen(" № "), rest.n - strlen(" № ")};
            if (text_split(&rest, '/', &part) && !text_int(part, 1, INT64_MAX, &number) &&
                !text_int(rest, 1900, 9999, &year))
                return true;
        }
    return false;
}

/* ---- numbers of documents ---- */

static uint32_t upper(uint32_t cp)
{
    if ((cp >= 'a' && cp <= 'z') || (cp >= 0x430 && cp <= 0x44F))
        return cp - 0x20;
    return cp >= 0x450 && cp <= 0x45F ? cp - 0x50 : cp;
}

static bool is_sign(uint32_t cp)
{
    return !(cp >= '0' && cp <= '9') && script_of(cp) == SCRIPT_NONE;
}

/* Letters and digits of a text as capitals that look alike; at most `max`. */
static size_t letters_of(struct text t, uint32_t *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n && n < max;) {
        uint32_t cp;
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        if (!len)
            break;
        i += len;
        if (is_sign(cp))
            continue;
        uint32_t latin = turned(upper(cp), SCRIPT_LATIN);
        out[n++] = latin ? latin : upper(cp);
    }
    return n;
}

enum { LETTERS_MAX = 60 };

struct text document_key(struct arena *arena, struct text series, struct text number)
{
    uint32_t letters[LETTERS_MAX];
    size_t m = letters_of(series, letters, LETTERS_MAX), n = 0;
    m += letters_of(number, letters + m, LETTERS_MAX - m);
    char *out = arena_alloc(arena, 4 * m + 1);
    for (size_t i = 0; i < m; i++)
        n += utf8_put(out + n, letters[i]);
    return (struct text){out, n};
}

static bool is_roman(uint32_t cp) /* "1" and "У" are typed for I and V */
{
    return cp == 'I' || cp == 'V' || cp == 'X' || cp == 'L' || cp == 'C' || cp == 'Y' || cp == '1';
}

static bool is_russian(uint32_t cp) /* a capital, or what was turned into the Latin one */
{
    return script_of(cp) == SCRIPT_CYRILLIC || turned(cp, SCRIPT_CYRILLIC);
}

static bool fits(const uint32_t *p, size_t np, const uint32_t *w, size_t nw)
{
    if (!np)
        return nw == 0;
    if (p[0] == '*')
        return true;
    if (!nw)
        return false;
    if (p[0] == 'R') /* one letter or more */
        return is_roman(w[0]) && (fits(p + 1, np - 1, w + 1, nw - 1) || fits(p, np, w + 1, nw - 1));
    bool one = p[0] == '9'     ? w[0] >= '0' && w[0] <= '9'
               : p[0] == 0x42F ? is_russian(w[0]) && !(w[0] >= '0' && w[0] <= '9') /* Я */
               : p[0] == 'X'   ? true
                               : p[0] == w[0];
    return one && fits(p + 1, np - 1, w + 1, nw - 1);
}

bool pattern_fits(struct text pattern, struct text written)
{
    uint32_t w[LETTERS_MAX], p[LETTERS_MAX];
    size_t nw = letters_of(written, w, LETTERS_MAX), np = 0;
    for (size_t i = 0; i < pattern.n && np < LETTERS_MAX;) {
        size_t len = utf8_next(pattern.s + i, pattern.n - i, &p[np]);
        if (!len)
            return false;
        i += len;
        np += p[np] == '*' || !is_sign(p[np]);
    }
    return fits(p, np, w, nw);
}

/* How many digits a pattern is; 0: it is something else. */
static size_t only_digits(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] != '9')
            return 0;
    return t.n;
}

void document_divide(struct arena *arena, struct text kind, struct text *series,
                     struct text *number)
{
    char key[100];
    int n = snprintf(key, sizeof key, "document_kind %.*s", TEXT_ARG(kind));
    if (n < 0 || (size_t)n >= sizeof key || series->n)
        return;
    size_t first = only_digits(pack_value("code", key, "series"));
    size_t rest = only_digits(pack_value("code", key, "number"));
    struct text all = document_key(arena, T(""), *number);
    if (!first || !rest || all.n != first + rest || text_digits(arena, all).n != all.n)
        return;
    *series = (struct text){all.s, first};
    *number = (struct text){all.s + first, rest};
}

static bool any_fits(struct text patterns, struct text written)
{
    struct text one;
    if (!patterns.n)
        return true;
    while (text_split(&patterns, ';', &one))
        if (pattern_fits(text_trim(one), written))
            return true;
    return false;
}

enum written document_written(struct text kind, struct text series, struct text number, int *field)
{
    char key[100];
    int n = snprintf(key, sizeof key, "document_kind %.*s", TEXT_ARG(kind));
    if (n < 0 || (size_t)n >= sizeof key || !number.n)
        return WRITTEN_WELL;
    bool exact = text_is(pack_value("code", key, "exact"), "yes");
    *field = PERSON_DOCUMENT_SERIES;
    if (any_fits(pack_value("code", key, "series"), series)) {
        *field = PERSON_DOCUMENT_NUMBER;
        if (any_fits(pack_value("code", key, "number"), number))
            return WRITTEN_WELL;
    }
    return exact ? WRITTEN_WRONG : WRITTEN_ODDLY;
}
