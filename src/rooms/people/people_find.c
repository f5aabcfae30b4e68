/* Puts exact questions to the indexes, compares what comes back with what was typed, ranks and explains it.
 *
 * Nothing is found by a value that the viewer may not see: telephone, address and district count where his role and his
 * body's access open them, a document where its classes are open. Of other bodies' persons whole names and numbers count,
 * never the beginning of a name. */
#include "rooms/people/people_find.h"
#include "base/id.h"
#include "base/utf8.h"
#include "guard/guard.h"
#include "linkage/names.h"
#include "rooms/people/people_rules.h"
#include "web/tr.h"
#include <stdlib.h>

enum { LIKE = 13, MOST = 400, SEEN = 4096, PER_PERSON = 12, BY_PHONE = 1, BY_DOCUMENT = 2, BY_NUMBER = 4, BY_OTHER = 8, BY_PLACE = 16,
       BY_SWAPPED = 32, BY_DIGIT = 64, BY_ABOUT = 128, BY_NUMBER_DIGIT = 256 };

/* Limits of find_keys… and of find_name…, find_other_name in people_find.sql. */
enum { FULL_KEYS = 200, FULL_NAMES = 40 };

/* The columns of all find_… queries. */
union row {
    struct value v[18];
    struct {
        struct value id, family_name, given_name, patronymic, birth_date, birth_year_from, birth_year_to, birth_place, snils, iin,
            phone, address, district_id, lead_body_id, own, other, other_kind, classes;
    };
};
_Static_assert(sizeof(union row) == sizeof(union find_name_row) && sizeof(union row) == sizeof(union find_keys_any_row) &&
                   sizeof(union row) == sizeof(union find_other_name_row) && sizeof(union row) == sizeof(union find_document_row),
               "the questions have the same columns");

struct hit {
    union row row;
    int cost;
    unsigned by;         /* BY_… */
    enum how how;        /* the least trusted of the words' */
    struct text form_is; /* HOW_FORM: name in the register */
    struct text form_typed;
};

struct search {
    struct request *rq;
    const struct typed *t;
    bool wide;
    size_t n;
    struct hit hit[MOST];
    int64_t seen[SEEN]; /* persons compared already, by their names alone; open addressing */
    size_t n_seen;
    struct text like[TYPED_WORDS][LIKE];
    size_t n_like[TYPED_WORDS];
    bool misspelt; /* the second round: words with other letters too */
    bool exact;    /* somebody fits whose names stand as typed */
    bool full;     /* a question came back full: there may be more */
    struct import_districts_rows districts;
    uint32_t reads; /* classes of the role */
};

/* ---- comparing ---- */

static bool one_digit_off(struct text a, struct text b)
{
    size_t differ = 0, first = 0;

    if (a.n != b.n || !a.n)
        return false;
    for (size_t i = a.n; i-- > 0;)
        if (a.s[i] != b.s[i]) {
            differ++;
            first = i;
        }
    return differ == 1 || (differ == 2 && a.s[first] == b.s[first + 1] && a.s[first + 1] == b.s[first]);
}

/* May the viewer be told by this class about a person of the own body? */
static bool open_to(struct search *s, const union row *r, uint32_t classes)
{
    return (s->reads & classes) == classes && v_is(r->own) &&
           (access_bits(s->rq, s->rq->viewer.body, v_as_int(r->id)) & classes) == classes;
}

static bool place_fits(struct search *s, const union row *r, const struct typed_word *w)
{
    struct text word[8];
    size_t n;

    if (w->length < 3)
        return false;
    if ((s->reads & CLASS_BIT(CLASS_IDENTITY)) && v_is(r->own)) {
        n = place_words(s->rq->arena, v_as_text(r->birth_place), word, 4);
        for (size_t i = 0; i < n; i++)
            if (text_starts(word[i], arena_z(s->rq->arena, w->cyrillic)))
                return true;
    }
    if (!open_to(s, r, CLASS_BIT(CLASS_CONTACT)))
        return false;
    n = place_words(s->rq->arena, v_as_text(r->address), word, 4);
    if (v_is(r->district_id) && !s->districts.query)
        q_import_districts(s->rq, &(struct import_districts_args){0}, &s->districts);
    for (size_t i = 0; i < s->districts.n; i++)
        if (v_eq(s->districts.row[i].id, r->district_id))
            n += place_words(s->rq->arena, v_as_text(s->districts.row[i].name), word + n, 8 - n);
    for (size_t i = 0; i < n; i++)
        if (text_starts(word[i], arena_z(s->rq->arena, w->cyrillic)))
            return true;
    return false;
}

struct part {
    struct typed_word word;
    char kind; /* s surname, g given, p patronymic, o other name */
};

static size_t parts_of(struct search *s, const union row *r, struct part out[PER_PERSON])
{
    const struct value *v[] = {&r->family_name, &r->given_name, &r->patronymic, &r->other};
    static const char kinds[] = "sgpo";
    size_t n = 0;

    for (size_t i = 0; i < 4; i++) {
        struct text rest = name_clean(s->rq->arena, v_as_text(*v[i])), word;
        while (n < PER_PERSON && text_split(&rest, ' ', &word)) {
            words_get(s->rq, word, &out[n].word);
            out[n++].kind = kinds[i];
        }
    }
    return n;
}

/* What was typed of names against the words of the person; false: something does not fit. */
static bool names_fit(struct search *s, struct hit *h)
{
    const struct typed *t = s->t;
    struct part part[PER_PERSON];
    bool used[PER_PERSON] = {0}, surname = false, given = false, patronymic = false;
    size_t n = parts_of(s, &h->row, part);

    for (size_t i = 0; i < t->n; i++) {
        size_t best = n;
        int least = 100;
        enum how best_how = HOW_NONE;
        for (size_t k = 0; k < n; k++) {
            enum how how;
            int cost = used[k] ? 0 : word_match(&t->w[i], &part[k].word, &how);
            if (used[k] || how == HOW_NONE || (how == HOW_INITIAL && (part[k].kind == 's' || part[k].kind == 'o')) ||
                (how == HOW_FORM && part[k].kind != 'g' && part[k].kind != 'o'))
                continue;
            cost += part[k].kind == 'o';
            if (cost < least) {
                least = cost;
                best = k;
                best_how = how;
            }
        }
        if (best == n) {
            if (!place_fits(s, &h->row, &t->w[i]))
                return false;
            h->by |= BY_PLACE;
            h->cost += 1;
            continue;
        }
        used[best] = true;
        h->cost += least + (t->n == 1 && part[best].kind != 's' && part[best].kind != 'o' ? 2 : 0);
        if (part[best].kind == 'o')
            h->by |= BY_OTHER;
        if (best_how == HOW_FORM) {
            h->form_is = part[best].word.word;
            h->form_typed = t->w[i].word;
        }
        if (best_how > h->how)
            h->how = best_how;
        bool whole = best_how != HOW_INITIAL && best_how != HOW_BEGINS && best_how != HOW_INSIDE;
        if (!v_is(h->row.own) && !whole && best_how != HOW_INITIAL)
            return false;
        surname = surname || (whole && (part[best].kind == 's' || part[best].kind == 'o'));
        given = given || (whole && part[best].kind == 'g');
        patronymic = patronymic || (whole && part[best].kind == 'p');
    }
    return v_is(h->row.own) || !t->n || surname || (given && patronymic && t->dated);
}

static bool dates_fit(struct search *s, struct hit *h)
{
    const struct typed *t = s->t;
    const union row *r = &h->row;
    char typed[DATE_ISO_LEN + 1], is[DATE_ISO_LEN + 1];
    int64_t other;

    if (!t->year)
        return true;
    if (r->birth_date.kind != V_DATE) {
        int64_t from = v_as_int(r->birth_year_from), to = v_is(r->birth_year_to) ? v_as_int(r->birth_year_to) : from;
        if (t->year < from || t->year > to)
            return false;
        h->by |= BY_ABOUT;
        h->cost += 2;
        return true;
    }
    if (!t->dated)
        return date_ymd(r->birth_date.i).year == t->year;
    if (r->birth_date.i == t->date) {
        h->by |= t->turned ? BY_SWAPPED : 0;
        return true;
    }
    if (date_swapped(t->date, &other) && r->birth_date.i == other) {
        h->by |= BY_SWAPPED;
        h->cost += 2;
        return true;
    }
    date_iso(t->date, typed);
    date_iso(r->birth_date.i, is);
    if (!t->n || !one_digit_off((struct text){typed, DATE_ISO_LEN}, (struct text){is, DATE_ISO_LEN}))
        return false;
    h->by |= BY_DIGIT;
    h->cost += 3;
    return true;
}

static bool by_document(const union row *r)
{
    return text_is(v_as_text(r->other_kind), "document");
}

static bool numbers_fit(struct search *s, struct hit *h)
{
    const struct typed *t = s->t;
    const union row *r = &h->row;
    struct text snils = v_as_text(r->snils), iin = v_as_text(r->iin), phone = text_digits(s->rq->arena, v_as_text(r->phone));

    if (!t->numbers || (!t->digits.n && !by_document(r)))
        return true; /* letters and digits together may be a document, or a name */
    if (t->digits.n && (text_eq(snils, t->digits) || text_eq(iin, t->digits))) {
        h->by |= BY_NUMBER;
        return true;
    }
    if (by_document(r)) {
        uint32_t classes = CLASS_BIT(CLASS_IDENTITY) | (uint32_t)v_as_int(r->classes);
        h->by |= BY_DOCUMENT;
        return v_is(r->own) ? open_to(s, r, classes) : classes == CLASS_BIT(CLASS_IDENTITY);
    }
    if ((t->numbers & NUMBER_PHONE) && phone.n >= 10 && t->digits.n >= 10 &&
        memcmp(phone.s + phone.n - 10, t->digits.s + t->digits.n - 10, 10) == 0 && open_to(s, r, CLASS_BIT(CLASS_CONTACT))) {
        h->by |= BY_PHONE;
        h->cost += 1;
        return true;
    }
    if (t->near && (one_digit_off(snils, t->digits) || one_digit_off(iin, t->digits))) {
        h->by |= BY_NUMBER_DIGIT;
        h->cost += 3;
        return true;
    }
    return false;
}

/* Several questions bring the same person. */
static bool seen_before(struct search *s, int64_t id)
{
    size_t at = ((uint64_t)id * 0x9E3779B97F4A7C15u >> 52) % SEEN;

    for (; s->seen[at]; at = (at + 1) % SEEN)
        if (s->seen[at] == id)
            return true;
    if (s->n_seen < SEEN / 2) {
        s->seen[at] = id;
        s->n_seen++;
    }
    return false;
}

static void take(struct search *s, const struct rows *rows, size_t most)
{
    s->full = s->full || (most && rows->n >= most);
    for (size_t i = 0; i < rows->n && s->n < MOST; i++) {
        struct hit h = {.how = HOW_TYPED};
        memcpy(&h.row, rows->v + i * 18, sizeof h.row);
        if (!v_is(h.row.other_kind) && seen_before(s, v_as_int(h.row.id)))
            continue;
        if ((!s->wide && !v_is(h.row.own)) || !numbers_fit(s, &h))
            continue;
        if (!by_document(&h.row) && (!dates_fit(s, &h) || !names_fit(s, &h))) /* all that was typed is the document's number */
            continue;
        s->exact = s->exact || h.how <= HOW_INITIAL;
        size_t at = 0;
        while (at < s->n && !v_eq(s->hit[at].row.id, h.row.id))
            at++;
        if (at < s->n && s->hit[at].cost <= h.cost)
            continue;
        s->hit[at] = h;
        s->n += at == s->n;
    }
}

/* ---- questions ---- */

#define ASK(query, most, ...)                                                                      \
    do {                                                                                           \
        struct query##_rows found_ = {0};                                                          \
        q_##query(s->rq, &(struct query##_args){__VA_ARGS__}, &found_);                            \
        take(s, &found_.rows, most);                                                               \
    } while (0)

/* Names that begin so. */
static void ask_names(struct search *s, struct text key, bool whole)
{
    struct value from, end;

    person_name_range(s->rq->arena, key, &from, &end);
    if (whole && key.n) /* the next character is a blank, or nothing */
        end = v_text(arena_printf(s->rq->arena, "%.*s!", TEXT_ARG(key)));
    if (!v_is(from))
        return;
    if (s->wide)
        ASK(find_name_any, FULL_NAMES, .q = from, .q_end = end);
    ASK(find_name, FULL_NAMES, .q = from, .q_end = end);
}

static void ask_other_names(struct search *s, struct text key)
{
    struct value from, end;

    person_name_range(s->rq->arena, key, &from, &end);
    if (v_is(from))
        ASK(find_other_name, FULL_NAMES, .q = from, .q_end = end);
}

struct keys {
    size_t n;
    int64_t key[80];
};

static void add_key(struct keys *k, int64_t key)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->key[i] == key)
            return;
    if (k->n < sizeof k->key / sizeof k->key[0])
        k->key[k->n++] = key;
}

/* False when the answer is full, so that rows of some keys may be missing. */
static bool ask_some_keys(struct search *s, const int64_t key[], size_t n, bool wide)
{
    struct find_keys_args own = {0};
    struct find_keys_any_args any = {0};
    struct find_keys_rows own_rows = {0};
    struct find_keys_any_rows any_rows = {0};

    for (size_t i = 0; i < 16; i++)
        own.v[i] = any.v[i] = v_int(key[i < n ? i : 0]);
    if (wide)
        q_find_keys_any(s->rq, &any, &any_rows);
    else
        q_find_keys(s->rq, &own, &own_rows);
    take(s, wide ? &any_rows.rows : &own_rows.rows, 0);
    return (wide ? any_rows.n : own_rows.n) < FULL_KEYS;
}

static void ask_keys(struct search *s, const struct keys *k)
{
    for (size_t at = 0; at < k->n && !s->rq->err; at += 16) {
        size_t n = k->n - at < 16 ? k->n - at : 16;
        if (ask_some_keys(s, k->key + at, n, s->wide))
            continue;
        /* a common key crowds the others out: each by itself, and the viewer's body before others */
        for (size_t i = at; i < at + n && !s->rq->err; i++)
            if (!ask_some_keys(s, k->key + i, 1, s->wide) && (!s->wide || !ask_some_keys(s, k->key + i, 1, false)))
                s->full = true;
    }
}

static void ask_number(struct search *s, struct text digits, unsigned kind)
{
    if (kind & NUMBER_SNILS)
        ASK(find_snils, 0, .snils = v_text(digits));
    if (kind & NUMBER_IIN)
        ASK(find_iin, 0, .iin = v_text(digits));
}

/* Numbers with right check digits that are one digit, or one swap of neighbours, away. */
static void ask_near_numbers(struct search *s, unsigned kind)
{
    struct text d = s->t->digits;

    for (size_t i = 0; i < d.n && !s->rq->err; i++)
        for (char c = '0'; c <= '9' + 1; c++) {
            char *z = (char *)arena_z(s->rq->arena, d);
            if (c > '9' && (i + 1 == d.n || z[i] == z[i + 1]))
                continue;
            if (c > '9') {
                char swap = z[i];
                z[i] = z[i + 1], z[i + 1] = swap;
            } else if (z[i] == c) {
                continue;
            } else {
                z[i] = c;
            }
            struct text near = {z, d.n};
            if (kind == NUMBER_SNILS ? snils_valid(near) : iin_valid(near))
                ask_number(s, near, kind);
        }
}

static void ask_numbers(struct search *s)
{
    const struct typed *t = s->t;
    struct keys k = {0};

    ask_number(s, t->digits, t->numbers);
    if (t->numbers & NUMBER_PHONE && t->digits.n >= 10)
        add_key(&k, key_phone(t->digits));
    ask_keys(s, &k);
    if (t->document.n >= 5)
        ASK(find_document, 0, .number = v_text(t->document));
    if (!s->n && t->near)
        ask_near_numbers(s, t->digits.n == 12 ? NUMBER_IIN : NUMBER_SNILS);
}

static void ask_dates(struct search *s)
{
    const struct typed *t = s->t;
    struct keys k = {0}, given = {0};
    int64_t other;

    if (t->dated) {
        add_key(&k, key_day(t->date));
        if (date_swapped(t->date, &other))
            add_key(&k, key_day(other));
    }
    for (size_t i = 0; i < t->n; i++)
        for (size_t c = 0; c < s->n_like[i] && c < 7; c++) {
            add_key(&k, key_surname_year(s->rq->arena, s->like[i][c], t->year));
            if (c < 5)
                add_key(&given, key_given_year(s->rq->arena, s->like[i][c], t->year));
        }
    ask_keys(s, &k);
    if (t->n == 1 || !s->exact) /* many have a given name: only where the surname has told nobody, or may not have been typed */
        ask_keys(s, &given);
}

/* Every word may be the surname, and every other the given name or an initial. */
static void ask_pairs(struct search *s)
{
    const struct typed *t = s->t;
    struct arena *arena = s->rq->arena;
    struct keys k = {0};
    int asked = 0;

    enum { PAIRS = 36, TRIED = 7, ENOUGH = 8 };
    for (int trust = 0; trust < 2 * TRIED && asked < PAIRS && !(trust > 2 && s->n >= ENOUGH); trust++)
        for (size_t i = 0; i < t->n; i++)
            for (size_t j = 0; j < t->n; j++)
                for (int a = 0; a <= trust && a < TRIED; a++) {
                    size_t b = (size_t)(trust - a);
                    if (i == j || t->w[i].length == 1 || (size_t)a >= s->n_like[i] || asked >= PAIRS || b >= TRIED)
                        continue;
                    if (t->w[j].length == 1 && b == 0) {
                        ask_names(s, arena_printf(arena, "%.*s %.*s", TEXT_ARG(s->like[i][a]), TEXT_ARG(t->w[j].cyrillic)), false);
                        asked++;
                    } else if (b < s->n_like[j]) {
                        ask_names(s, arena_printf(arena, "%.*s %.*s", TEXT_ARG(s->like[i][a]), TEXT_ARG(s->like[j][b])), true);
                        asked++;
                    }
                }
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < t->n; j++)
            for (size_t a = 0; i != j && a < s->n_like[i] && a < 5; a++) {
                for (size_t b = 0; b < s->n_like[j] && b < 4 && a < 4; b++) {
                    add_key(&k, key_part_given(arena, s->like[i][a], s->like[j][b]));
                    if (t->n == 2) /* many have the same: only where no surname is typed */
                        add_key(&k, key_given_patronymic(arena, s->like[i][a], s->like[j][b]));
                }
                add_key(&k, key_place(arena, t->w[j].cyrillic, s->like[i][a]));
            }
    ask_keys(s, &k);
}

static void ask_body(struct search *s, struct text word)
{
    ASK(find_in_body, 0, .has = v_text(arena_printf(s->rq->arena, "%%%.*s%%", TEXT_ARG(word))));
}

static void ask_words(struct search *s)
{
    const struct typed *t = s->t;

    for (size_t i = 0; i < t->n; i++)
        if (t->w[i].length > 1)
            ask_other_names(s, t->w[i].word);
    if (t->n == 1) {
        ask_names(s, t->w[0].word, false);
        for (size_t c = 0; c < s->n_like[0] && s->n < FOUND_ROWS; c++)
            ask_names(s, s->like[0][c], true);
    } else if (!t->year || !s->n || s->full) {
        ask_pairs(s);
    }
    for (size_t i = 0; !s->n && i < t->n; i++)
        for (size_t c = 0; c < s->n_like[i] && c < (t->n > 1 ? 3 : 7); c++)
            if (t->w[i].length > 1 && !text_eq(s->like[i][c], t->w[i].word))
                ask_other_names(s, s->like[i][c]);
    if (s->n || t->year || !s->misspelt)
        return;
    /* nobody by whole surnames: whoever has the word somewhere, in a body of no great size */
    for (size_t c = 0; t->n == 1 && c < s->n_like[0] && c < 5 && s->n < FOUND_ROWS; c++)
        ask_body(s, s->like[0][c]);
    size_t longest = 0;
    for (size_t i = 1; i < t->n; i++)
        longest = t->w[i].length > t->w[longest].length ? i : longest;
    if (t->n > 1 && t->w[longest].length > 2)
        ask_body(s, t->w[longest].cyrillic);
}

/* ---- telling ---- */

static void say(struct arena *arena, struct text *out, struct text words)
{
    *out = out->n ? arena_printf(arena, "%.*s; %.*s", TEXT_ARG(*out), TEXT_ARG(words)) : words;
}

static struct text in_capitals(struct arena *arena, struct text word)
{
    uint32_t cp = 0;
    char first[4];
    size_t len = word.n ? utf8_next(word.s, word.n, &cp) : 0;

    if (cp >= 0x430 && cp < 0x450)
        cp -= 0x20;
    else if (cp >= 'a' && cp <= 'z')
        cp -= 32;
    return arena_printf(arena, "%.*s%.*s", (int)utf8_put(first, cp), first, (int)(word.n - len), word.s + len);
}

static struct text found_by(struct search *s, const struct hit *h)
{
    static const struct {
        unsigned by;
        const char *words;
    } told[] = {
        {BY_NUMBER, N_("by the number")},
        {BY_NUMBER_DIGIT, N_("number with one digit different")},
        {BY_DOCUMENT, N_("by the number of a document")},
        {BY_PHONE, N_("by telephone")},
        {BY_SWAPPED, N_("day and month swapped")},
        {BY_DIGIT, N_("date with one digit different")},
        {BY_ABOUT, N_("by the approximate year of birth")},
        {BY_PLACE, N_("by the place")},
    };
    static const char *const hows[] = {
        [HOW_LATIN] = N_("in another alphabet"),
        [HOW_ENDING] = N_("with another ending"),
        [HOW_SPELLING] = N_("similar spelling"),
        [HOW_INSIDE] = N_("by a part of the name"),
    };
    enum lang lang = s->rq->lang;
    struct arena *arena = s->rq->arena;
    struct text out = T(""), kind = v_as_text(h->row.other_kind), name = v_as_text(h->row.other);

    if (h->by & BY_OTHER) {
        const char *words = text_is(kind, "former")  ? N_("by former surname")
                            : text_is(kind, "alias") && v_is(h->row.own) ? N_("by alias")
                                                                         : N_("by another name");
        /* of another body's person the minimal card is told, and no other name is on it */
        struct text told_by = text_of(tr(lang, words));
        say(arena, &out, v_is(h->row.own) ? arena_printf(arena, "%.*s %.*s", TEXT_ARG(told_by), TEXT_ARG(name)) : told_by);
    }
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (h->by & told[i].by)
            say(arena, &out, text_of(tr(lang, told[i].words)));
    if (s->t->switched)
        say(arena, &out, text_of(tr(lang, N_("typed in another layout"))));
    if (h->form_is.n)
        say(arena, &out, arena_printf(arena, "%s %.*s (%.*s)", tr(lang, N_("by given name")), TEXT_ARG(in_capitals(arena, h->form_is)),
                                      TEXT_ARG(in_capitals(arena, h->form_typed))));
    if (h->how < HOW_NONE && hows[h->how])
        say(arena, &out, text_of(tr(lang, hows[h->how])));
    return out;
}

static int by_rank(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    int order = (x->cost > y->cost) - (x->cost < y->cost);

    if (!order)
        order = v_is(y->row.own) - v_is(x->row.own);
    if (!order)
        order = text_cmp(v_as_text(x->row.family_name), v_as_text(y->row.family_name));
    if (!order)
        order = text_cmp(v_as_text(x->row.given_name), v_as_text(y->row.given_name));
    return order ? order : (v_as_int(x->row.id) > v_as_int(y->row.id)) - (v_as_int(x->row.id) < v_as_int(y->row.id));
}

size_t person_find(struct request *rq, const struct typed *t, bool wide, bool *enough, struct found out[FOUND_ROWS])
{
    struct search *s = NEW(rq->arena, struct search);
    size_t n = 0;

    *enough = (t->n && t->year) || (t->numbers & (NUMBER_SNILS | NUMBER_IIN)) || (t->numbers && t->document.n >= 6);
    *s = (struct search){.rq = rq, .t = t, .wide = wide && *enough};
    s->reads = rq->viewer.role ? rq->viewer.role->read : 0;
    words_refresh(rq);
    if (t->numbers)
        ask_numbers(s);
    /* What is typed is taken for well spelt when somebody is called so whom the viewer may be told. That the words stand in the
     * vocabulary must not count: they may be those of somebody hidden. */
    bool look = t->n + (size_t)t->dated && !t->digits.n && !s->n;
    for (int round = 0; look && round < (t->n ? 2 : 1) && !(round && s->exact) && !rq->err; round++) {
        s->misspelt = round;
        for (size_t i = 0; i < t->n; i++)
            s->n_like[i] = t->w[i].length > 1 ? words_like(rq, &t->w[i], s->misspelt, s->like[i], LIKE) : 0;
        if (t->year)
            ask_dates(s);
        if (t->n)
            ask_words(s);
    }
    qsort(s->hit, s->n, sizeof s->hit[0], by_rank);
    for (size_t i = 0; i < s->n && n < FOUND_ROWS; i++) {
        const union row *r = &s->hit[i].row;
        out[n++] = (struct found){.id = v_as_int(r->id),
                                  .cost = s->hit[i].cost,
                                  .own = v_is(r->own),
                                  .found_by = found_by(s, &s->hit[i]),
                                  .family_name = r->family_name,
                                  .given_name = r->given_name,
                                  .patronymic = r->patronymic,
                                  .birth_date = r->birth_date,
                                  .lead_body_id = r->lead_body_id};
    }
    return n;
}
