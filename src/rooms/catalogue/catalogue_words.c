/* Words of the catalogue: what searches look through, and opening hours as people write them. */
#include "base/buf.h"
#include "base/date.h"
#include "base/utf8.h"
#include "rooms/catalogue/catalogue.h"

/* ---- stems ---- */

/* Endings of Russian nouns, adjectives and participles, folded, longest first. */
static const char *const endings[] = {
    "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "иях", "ией", "ием", "ями", "ать", "ить", "ии", "ие", "ий",
    "ия",   "ию",  "ью",  "ые",  "ый",  "ая",  "яя",  "ое",  "ее",  "ой",  "ей",  "ом",  "ем",  "ам",  "ям",  "ах", "ях", "ов",
    "ев",   "их",  "ых",  "ую",  "юю",  "а",   "я",   "о",   "е",   "у",   "ю",   "ы",   "и",   "й",   "ь"};

struct text catalogue_stem(struct text word)
{
    enum { KEEP = 4 };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        struct text rest = {word.s, word.n - strlen(endings[i])};
        if (strlen(endings[i]) < word.n && text_ends(word, endings[i]) && text_chars(rest) >= KEEP)
            return rest;
    }
    return word;
}

static bool part_of_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c >= 0xC0;
}

/* The next word of folded text; false at the end. */
static bool next_word(struct text *rest, struct text *word)
{
    uint32_t c;
    size_t n, i = 0;
    while (i < rest->n && (n = utf8_next(rest->s + i, rest->n - i, &c)) && !part_of_word(c))
        i += n;
    size_t from = i;
    while (i < rest->n && (n = utf8_next(rest->s + i, rest->n - i, &c)) && part_of_word(c))
        i += n;
    *word = (struct text){rest->s + from, i - from};
    *rest = (struct text){rest->s + i, rest->n - i};
    return word->n > 0;
}

void catalogue_typed(struct arena *arena, struct text typed, struct value out[CATALOGUE_WORDS])
{
    struct text rest = text_fold(arena, typed), word;
    for (int k = 0; k < CATALOGUE_WORDS; k++)
        out[k] = (struct value){0};
    for (int k = 0; k < CATALOGUE_WORDS && next_word(&rest, &word);)
        if (text_chars(word) > 1)
            out[k++] = v_text(arena_printf(arena, "%% %.*s%%", TEXT_ARG(catalogue_stem(word))));
}

/* ---- opening hours ---- */

static const struct {
    const char *code, *ru, *en;
} days[] = {{"MO", "пн", "mon"}, {"TU", "вт", "tue"}, {"WE", "ср", "wed"}, {"TH", "чт", "thu"},
            {"FR", "пт", "fri"}, {"SA", "сб", "sat"}, {"SU", "вс", "sun"}};

static int day_of(struct text word)
{
    for (int d = 0; d < 7; d++)
        if (text_is(word, days[d].ru) || text_is(word, days[d].en))
            return d;
    return -1;
}

/* A character that stands between days or times: hyphens of all lengths. */
static size_t dash(struct text t)
{
    uint32_t c;
    size_t n = t.n ? utf8_next(t.s, t.n, &c) : 0;
    return n && (c == '-' || (c >= 0x2010 && c <= 0x2015)) ? n : 0;
}

static struct text skip(struct text t, const char *these)
{
    while (t.n && strchr(these, t.s[0]))
        t = (struct text){t.s + 1, t.n - 1};
    return t;
}

static struct text cut(struct text t, size_t n)
{
    return (struct text){t.s + n, t.n - n};
}

/* "9:00" at the head of the text; minutes, or -1. */
static int clock_at(struct text *t)
{
    size_t n = 0;
    int minutes;
    while (n < t->n && n < 5 && ((t->s[n] >= '0' && t->s[n] <= '9') || t->s[n] == ':'))
        n++;
    struct text word = {t->s, n};
    char full[8] = "0";
    if (n == 4 && word.s[1] == ':') {
        memcpy(full + 1, word.s, 4);
        word = (struct text){full, 5};
    }
    if (n == 5 && !memcmp(word.s, "24:00", 5))
        minutes = 24 * 60;
    else if (n < 4 || time_parse(word, &minutes))
        return -1;
    *t = cut(*t, n);
    return minutes;
}

/* Days at the head of a line as bits; 0: it begins with none. */
static unsigned days_at(struct arena *arena, struct text *line)
{
    unsigned bits = 0;
    int last = -1;
    bool range = false;
    struct text t = *line;
    for (;;) {
        struct text rest = skip(t, " ,\t");
        size_t d = dash(rest), n = 0;
        uint32_t c;
        if (d && last >= 0) {
            range = true;
            t = cut(rest, d);
            continue;
        }
        for (size_t k; n < rest.n && (k = utf8_next(rest.s + n, rest.n - n, &c)) && (c >= 0xC0 || (c >= 'A' && c <= 'z')) && !(c >= 0x2010 && c <= 0x2015);)
            n += k;
        struct text word = text_fold(arena, (struct text){rest.s, n});
        if (text_is(word, "ежедневно") || text_is(word, "daily"))
            bits |= 127;
        else {
            int day = day_of(word);
            if (day < 0)
                break;
            for (int k = range ? last : day; k != day; k = (k + 1) % 7)
                bits |= 1u << k;
            bits |= 1u << day;
            last = day;
            range = false;
        }
        t = cut(rest, n);
        if (t.n && t.s[0] == '.')
            t = cut(t, 1);
        *line = t;
    }
    return bits;
}

static struct text days_words(struct arena *arena, unsigned bits)
{
    struct text out = T("");
    for (int d = 0; d < 7; d++)
        if (bits & 1u << d)
            out = arena_printf(arena, "%.*s%s%s", TEXT_ARG(out), out.n ? "," : "", days[d].code);
    return out;
}

static bool line_read(struct arena *arena, struct text line, struct catalogue_hours *h)
{
    unsigned bits = days_at(arena, &line);
    struct text t = skip(line, " ,:\t");
    *h = (struct catalogue_hours){.days = days_words(arena, bits), .opens = T(""), .closes = T("")};
    if (bits) {
        if (text_starts(t, "круглосуточно")) {
            h->opens = T("00:00");
            h->closes = T("23:59");
            t = cut(t, strlen("круглосуточно"));
        } else if (t.n && t.s[0] >= '0' && t.s[0] <= '9') {
            int from = clock_at(&t);
            t = skip(t, " ");
            size_t d = dash(t);
            t = skip(cut(t, d), " ");
            int to = d ? clock_at(&t) : -1;
            if (from < 0 || to <= from)
                return false;
            if (to == 24 * 60)
                to--;
            h->opens = arena_printf(arena, "%02d:%02d", from / 60, from % 60);
            h->closes = arena_printf(arena, "%02d:%02d", to / 60, to % 60);
        }
    }
    h->note = text_trim(skip(t, " ,;"));
    return true;
}

int catalogue_hours_parse(struct arena *arena, struct text lines, struct catalogue_hours *out, size_t max,
                          size_t *n)
{
    struct text rest = lines, line;
    *n = 0;
    for (int k = 1; text_split(&rest, '\n', &line); k++) {
        line = text_trim(line);
        if (!line.n)
            continue;
        if (*n == max || !line_read(arena, line, &out[*n]))
            return k;
        ++*n;
    }
    return 0;
}

/* "пн–пт, вс": three days and more in a row as from and to. */
static struct text days_print(struct arena *arena, unsigned bits)
{
    struct text out = T("");
    if (bits == 127)
        return T("ежедневно");
    for (int d = 0; d < 7; d++) {
        int last = d;
        if (!(bits & 1u << d))
            continue;
        while (last < 6 && bits & 1u << (last + 1))
            last++;
        if (last - d < 2)
            last = d;
        out = arena_printf(arena, "%.*s%s%s%s%s", TEXT_ARG(out), out.n ? ", " : "", days[d].ru, last > d ? "–" : "", last > d ? days[last].ru : "");
        d = last;
    }
    return out;
}

struct text catalogue_hours_print(struct arena *arena, const struct catalogue_hours *h)
{
    struct text rest = h->days, day;
    unsigned bits = 0;
    while (text_split(&rest, ',', &day))
        for (int d = 0; d < 7; d++)
            if (text_is(text_trim(day), days[d].code))
                bits |= 1u << d;
    struct text out = days_print(arena, bits);
    if (out.n && text_is(h->opens, "00:00") && text_is(h->closes, "23:59"))
        out = arena_printf(arena, "%.*s круглосуточно", TEXT_ARG(out));
    else if (out.n && h->opens.n)
        out = arena_printf(arena, "%.*s %.*s–%.*s", TEXT_ARG(out), TEXT_ARG(h->opens), TEXT_ARG(h->closes));
    if (h->note.n)
        out = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(out), out.n ? " " : "", TEXT_ARG(h->note));
    return out;
}
