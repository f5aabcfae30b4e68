/* What was typed into the search box: words, a date or a year, a number. */
#include "base/id.h"
#include "base/utf8.h"
#include "linkage/names.h"
#include "rooms/people/people_find.h"
#include "rooms/people/people_papers.h"

enum { YEAR_MIN = 1880, YEAR_MAX = 2100, TOKENS = 24 };

static bool has_letter(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC3)
            return true;
    }
    return false;
}

static bool has_digit(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] >= '0' && t.s[i] <= '9')
            return true;
    return false;
}

void typed_word(struct arena *arena, struct text word, struct typed_word *out)
{
    struct text forms[4];

    *out = (struct typed_word){.word = word, .sound = name_sound(arena, word), .stem = name_surname_stem(arena, word)};
    out->stem_sound = name_sound(arena, out->stem);
    out->latin = name_is_latin(word);
    out->cyrillic = out->latin ? name_from_latin(arena, word) : word;
    out->digits = has_digit(word);
    if (name_is_given(arena, word)) {
        out->n_forms = (uint8_t)name_given_forms(arena, word, forms, 4);
        for (size_t i = 0; i < out->n_forms; i++)
            out->form[i] = forms[i];
    }
    for (size_t i = 0; i < out->cyrillic.n;) {
        uint32_t cp = 0;
        size_t len = utf8_next(out->cyrillic.s + i, out->cyrillic.n - i, &cp);
        i += len ? len : 1;
        out->letters |= 1ull << (cp & 63);
        out->length = out->length < 255 ? out->length + 1 : 255;
    }
}

/* Words that stand beside years and names and are none. */
static bool is_noise(struct text word)
{
    static const char *const noise[] = {"г", "р", "гр", "года", "год", "рождения", "рожд", "род", "снилс", "иин", "паспорт", "тел",
                                        "телефон", "фио", NULL};
    for (size_t i = 0; noise[i]; i++)
        if (text_is(word, noise[i]))
            return true;
    return false;
}

static void read_words(struct arena *arena, struct text text, bool numbers, enum layout layout, struct typed *out)
{
    bool latin = name_is_latin(name_clean(arena, text));
    struct text other = {0}, rest, word;

    if (latin && layout == LAYOUT_OTHER)
        other = name_switched_anyway(arena, text);
    else if (layout == LAYOUT_OTHER || (latin && layout == LAYOUT_LIKELY))
        other = name_switched(arena, text);
    out->switched = other.n > 0;
    rest = out->switched ? other : name_clean(arena, text);
    while (text_split(&rest, ' ', &word))
        if (out->n < TYPED_WORDS && !(numbers && is_noise(word)))
            typed_word(arena, word, &out->w[out->n++]);
}

static bool date_of_digits(struct text d, int64_t *day)
{
    int64_t y, m, n;

    if (d.n != 8)
        return false;
    if (text_int((struct text){d.s, 2}, 1, 31, &n) == OK && text_int((struct text){d.s + 2, 2}, 1, 12, &m) == OK &&
        text_int((struct text){d.s + 4, 4}, YEAR_MIN, YEAR_MAX, &y) == OK && date_exists((int)y, (int)m, (int)n)) {
        *day = date_from((struct ymd){(int)y, (int)m, (int)n});
        return true;
    }
    return false;
}

/* 04.25.1980: month and day, as others write it. */
static bool date_turned(struct text t, int64_t *day)
{
    struct text part[3], rest = t;
    int64_t y, m, d;
    size_t n = 0;

    while (n < 3 && text_split(&rest, '.', &part[n]))
        n++;
    if (n < 3 || rest.n || text_int(part[0], 1, 12, &m) || text_int(part[1], 13, 31, &d) || text_int(part[2], YEAR_MIN, YEAR_MAX, &y) ||
        !date_exists((int)y, (int)m, (int)d))
        return false;
    *day = date_from((struct ymd){(int)y, (int)m, (int)d});
    return true;
}

/* One token without letters: a date, a year, or a part of a number. */
static bool read_date(struct arena *arena, struct text token, struct typed *out)
{
    int64_t day, year;

    while (token.n && strchr(".,;:", token.s[token.n - 1]))
        token.n--;
    bool turned = false;
    if (date_parse(token, &day) == OK || date_of_digits(token, &day) || (turned = date_turned(token, &day))) {
        out->dated = true;
        out->turned = turned;
        out->date = day;
        out->year = date_ymd(day).year;
        return true;
    }
    if (text_digits(arena, token).n == 4 && token.n == 4 && text_int(token, YEAR_MIN, YEAR_MAX, &year) == OK) {
        out->year = (int)year;
        return true;
    }
    return false;
}

static void read_number(struct text digits, bool plus, struct typed *out)
{
    size_t n = digits.n;

    out->digits = digits;
    if (n == 11 && !plus)
        out->numbers |= NUMBER_SNILS;
    if (n == 12 && !plus)
        out->numbers |= NUMBER_IIN;
    if ((n == 11 && (digits.s[0] == '7' || digits.s[0] == '8')) || (n == 10 && digits.s[0] == '9') || (plus && n >= 10))
        out->numbers |= NUMBER_PHONE;
    if (n >= 5 && n <= 20 && !plus)
        out->numbers |= NUMBER_DOCUMENT;
    out->near = !plus && ((n == 11 && !snils_valid(digits)) || (n == 12 && !iin_valid(digits)));
    out->wrong_check = (n == 11 && out->numbers == (NUMBER_SNILS | NUMBER_DOCUMENT) && !snils_valid(digits)) ||
                       (n == 12 && !plus && !iin_valid(digits));
}

void typed_read(struct arena *arena, struct text text, int64_t year, enum layout layout, struct typed *out)
{
    struct text rest = text_trim(text), token, words = T(""), run = T("");
    struct text part[TOKENS];
    size_t n = 0, n_numbers = 0;

    *out = (struct typed){0};
    while (n < TOKENS && text_split(&rest, ' ', &token))
        if (token.n)
            part[n++] = token;
    for (size_t i = 0; i < n; i++) {
        if (has_letter(part[i]) || !has_digit(part[i])) {
            words = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(words), words.n ? " " : "", TEXT_ARG(part[i]));
            continue;
        }
        /* the tokens up to the next word, as one number unless they are dates and years */
        size_t end = i;
        bool dates = false;
        struct text joined = T("");
        for (; end < n && !has_letter(part[end]) && has_digit(part[end]); end++) {
            struct typed now = {0};
            dates = read_date(arena, part[end], &now) || dates;
            joined = arena_printf(arena, "%.*s%.*s", TEXT_ARG(joined), TEXT_ARG(part[end]));
        }
        bool whole = end > i + 1 && text_digits(arena, joined).n >= 9;
        for (size_t k = i; k < end; k++)
            if (whole || !read_date(arena, part[k], out))
                run = arena_printf(arena, "%.*s%.*s", TEXT_ARG(run), TEXT_ARG(part[k]));
        n_numbers++;
        i = end - 1;
    }
    if (year >= YEAR_MIN && year <= YEAR_MAX && !out->year)
        out->year = (int)year;
    struct text digits = text_digits(arena, run);
    if (digits.n >= 5)
        read_number(digits, run.n && memchr(run.s, '+', run.n), out);
    read_words(arena, words, n_numbers > 0, layout, out);
    /* a document is written with letters too */
    if (has_digit(text) && !out->dated && text_digits(arena, text).n >= 5) {
        out->document = document_key(arena, T(""), text);
        out->numbers |= NUMBER_DOCUMENT;
    }
}
