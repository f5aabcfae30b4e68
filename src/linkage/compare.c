/* Levels of likeness of two values. */
#include "linkage/compare.h"
#include "base/date.h"
#include "base/i18n.h"
#include "linkage/names.h"
#include <stdlib.h>

#define SAME_NUMBER                                                                                                              \
    {N_("the same"), N_("one digit off"), N_("two digits off"), N_("differs")}, 4, 0, {.85, .07, .03, .05}, {1e-5, 1e-4, 1e-3, .999}

const struct link_kind_info link_kinds[LINK_KINDS] = {
    [LINK_FAMILY] = {"surname",
                     {N_("the same"), N_("the same but for the ending"), N_("sounds the same"), N_("one letter off"),
                      N_("one part of a double surname"), N_("alike"), N_("in another field"), N_("differs")},
                     8, 2,
                     {.75, .04, .04, .05, .01, .04, .02, .05},
                     {.003, .001, .001, .002, .0003, .01, .0002, .9825}},
    [LINK_GIVEN] = {"given name",
                    {N_("the same"), N_("a form of the same name"), N_("sounds the same"), N_("one letter off"),
                     N_("initial only"), N_("alike"), N_("in another field"), N_("differs")},
                    8, 2,
                    {.77, .04, .03, .05, .01, .03, .02, .05},
                    {.015, .004, .002, .005, .001, .02, .0002, .9528}},
    [LINK_PATRONYMIC] = {"patronymic",
                         {N_("the same"), N_("the same father's name"), N_("sounds the same"), N_("one letter off"),
                          N_("initial only"), N_("alike"), N_("differs")},
                         7, 2,
                         {.8, .04, .03, .05, .01, .02, .05},
                         {.015, .015, .002, .004, .001, .02, .943}},
    [LINK_DATE] = {"date",
                   {N_("the same"), N_("day and month change places"), N_("one digit off"), N_("the same year, no more is known"),
                    N_("the same day and month of another year"), N_("two digits off"), N_("near years"), N_("differs")},
                   8, 0,
                   {.84, .02, .05, .02, .01, .02, .01, .03},
                   {.0001, .00005, .0015, .01, .003, .015, .03, .94}},
    [LINK_SNILS] = {"SNILS", SAME_NUMBER},
    [LINK_IIN] = {"IIN", SAME_NUMBER},
    [LINK_IDENTIFIER] = {"number of a person", SAME_NUMBER},
    [LINK_PHONE] = {"telephone", {N_("the same"), N_("one digit off"), N_("differs")}, 3, 0, {.7, .05, .25}, {.0003, .0003, .9994}},
    [LINK_ADDRESS] = {"address",
                      {N_("the same"), N_("the same house"), N_("the same words, other numbers"), N_("alike"),
                       N_("some words alike"), N_("in another field"), N_("differs")},
                      7, 1,
                      {.5, .15, .06, .06, .04, .01, .18},
                      {.0005, .0005, .004, .003, .03, .001, .961}},
    [LINK_PLACE] = {"place",
                    {N_("the same"), N_("one letter off"), N_("one names more"), N_("alike"), N_("in another field"), N_("differs")},
                    6, 1,
                    {.7, .06, .05, .04, .01, .14},
                    {.05, .005, .01, .02, .005, .91}},
    [LINK_SEX] = {"sex", {N_("the same"), N_("differs")}, 2, 0, {.98, .02}, {.5, .5}},
    [LINK_CODE] = {"code", {N_("the same"), N_("one letter off"), N_("differs")}, 3, 0, {.88, .04, .08}, {.2, .02, .78}},
    [LINK_EMAIL] = {"e-mail",
                    {N_("the same"), N_("one or two letters off"), N_("the same name at another provider"), N_("alike"), N_("differs")},
                    5, 0,
                    {.7, .12, .05, .05, .08},
                    {.0002, .0003, .001, .004, .9945}},
    [LINK_NUMBER] = {"number", {N_("the same"), N_("one digit off"), N_("differs")}, 3, 0, {.85, .06, .09}, {.01, .04, .95}},
    [LINK_TEXT] = {"text",
                   {N_("the same"), N_("the same but for order or sound"), N_("one letter off"), N_("alike"), N_("somewhat alike"),
                    N_("in another field"), N_("differs")},
                   7, 2,
                   {.74, .05, .06, .04, .02, .01, .08},
                   {.005, .001, .002, .01, .03, .001, .951}},
};

enum link_kind link_kind_of_field(const char *name)
{
    static const struct {
        const char *name;
        enum link_kind kind;
    } fields[] = {{"family_name", LINK_FAMILY},   {"given_name", LINK_GIVEN},   {"patronymic", LINK_PATRONYMIC},
                  {"birth_date", LINK_DATE},      {"death_date", LINK_DATE},    {"sex", LINK_SEX},
                  {"birth_place", LINK_PLACE},    {"snils", LINK_SNILS},        {"iin", LINK_IIN},
                  {"phone", LINK_PHONE},          {"address", LINK_ADDRESS},    {"document", LINK_IDENTIFIER},
                  {"email", LINK_EMAIL},          {"settlement", LINK_PLACE}};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(name, fields[i].name) == 0)
            return fields[i].kind;
    return LINK_KINDS;
}

/* --- arithmetic of likeness --- */

/* Places of b's letters as bits, by the last six bits of the letter: a letter's like is found without walking b. */
static size_t common_letters(const uint16_t *a, size_t n, const uint16_t *b, size_t m, uint64_t *in_a, uint64_t *in_b)
{
    uint64_t places[64] = {0};
    size_t common = 0, longer = n > m ? n : m, window = longer / 2 > 1 ? longer / 2 - 1 : 0;

    for (size_t j = 0; j < m; j++)
        places[b[j] & 63] |= UINT64_C(1) << j;
    for (size_t i = 0; i < n; i++) {
        size_t from = i > window ? i - window : 0, to = i + window + 1;
        uint64_t near = places[a[i] & 63] & ~*in_b & ~((UINT64_C(1) << from) - 1);
        near = to < 64 ? near & ((UINT64_C(1) << to) - 1) : near;
        for (; near; near &= near - 1) {
            size_t j = (size_t)__builtin_ctzll(near);
            if (a[i] != b[j])
                continue;
            *in_a |= UINT64_C(1) << i;
            *in_b |= UINT64_C(1) << j;
            common++;
            break;
        }
    }
    return common;
}

double link_jaro(const uint16_t *a, size_t n, const uint16_t *b, size_t m)
{
    enum { LONGEST = 63 }; /* what is longer is compared by its beginning */
    uint64_t in_a = 0, in_b = 0;
    size_t moved = 0, prefix = 0;

    n = n > LONGEST ? LONGEST : n;
    m = m > LONGEST ? LONGEST : m;
    if (!n || !m)
        return 0;
    size_t common = common_letters(a, n, b, m, &in_a, &in_b);
    if (!common)
        return 0;
    for (; in_a; in_a &= in_a - 1, in_b &= in_b - 1)
        moved += a[__builtin_ctzll(in_a)] != b[__builtin_ctzll(in_b)];
    double c = (double)common, jaro = (c / (double)n + c / (double)m + (c - (double)(moved / 2)) / c) / 3;
    while (prefix < 4 && prefix < n && prefix < m && a[prefix] == b[prefix])
        prefix++;
    return jaro + (double)prefix * .1 * (1 - jaro);
}

/* An edit brings at most one letter that the other has not, on each side. */
static int edits(const struct feature *a, const struct feature *b, int max)
{
    if (__builtin_popcountll(a->letters & ~b->letters) > max || __builtin_popcountll(b->letters & ~a->letters) > max)
        return max + 1;
    return name_edits(a->cp, a->n, b->cp, b->n, max);
}

/* 0 when it cannot reach `least`. */
static double jaro(const struct feature *a, const struct feature *b, double least)
{
    int n = a->n, m = b->n, in_a = n - __builtin_popcountll(a->letters & ~b->letters),
        in_b = m - __builtin_popcountll(b->letters & ~a->letters), common = in_a < in_b ? in_a : in_b, prefix = 0;

    if (common <= 0 || !n || !m)
        return 0;
    while (prefix < 4 && prefix < n && prefix < m && a->cp[prefix] == b->cp[prefix])
        prefix++;
    double most = ((double)common / n + (double)common / m + 1) / 3;
    if (most + prefix * .1 * (1 - most) < least)
        return 0;
    return link_jaro(a->cp, a->n, b->cp, b->n);
}

static size_t shorter(const struct feature *a, const struct feature *b)
{
    return a->n < b->n ? a->n : b->n;
}

static bool begins(const struct feature *a, const struct feature *b, size_t least)
{
    size_t n = shorter(a, b);
    return n >= least && memcmp(a->cp, b->cp, n * sizeof *a->cp) == 0;
}

static bool shares_part(const struct feature *a, const struct feature *b)
{
    for (int i = 0; i < a->n_parts; i++)
        for (int j = 0; j < b->n_parts; j++)
            if (a->part[i] == b->part[j])
                return true;
    return false;
}

/* --- names --- */

static int name_level(enum link_kind kind, const struct feature *a, const struct feature *b)
{
    int last = link_kinds[kind].n_levels - 1;
    bool family = kind == LINK_FAMILY;

    if (a->exact == b->exact)
        return 0;
    if (a->n == 1 || b->n == 1) {
        if (family)
            return last;
        return a->cp[0] == b->cp[0] ? 4 : last;
    }
    if (a->stem == b->stem || (kind == LINK_GIVEN && shares_part(a, b)))
        return 1;
    /* Мария and Марина are two names, not one with a slip. */
    bool two_names = a->flags & b->flags & FEATURE_KNOWN && kind == LINK_GIVEN;
    if (a->sound == b->sound && !two_names)
        return 2;
    size_t n = shorter(a, b);
    int d = n >= 3 ? edits(a, b, 2) : 3;
    if (two_names)
        return d == 1 ? 5 : last;
    if (d == 1)
        return 3;
    if (family && (a->n_parts > 1 || b->n_parts > 1) && shares_part(a, b))
        return 4;
    if ((d == 2 && n >= 5) || jaro(a, b, .88) >= .88 || begins(a, b, 3))
        return 5;
    return last;
}

/* --- dates --- */

/* Digits that differ; two neighbours that change places count as one. At most 3. */
static int digits_off(const struct feature *a, const struct feature *b)
{
    uint64_t x = a->part[0] ^ b->part[0];
    int off = 0;

    x |= x >> 4; /* digits differ in the low half of their byte */
    x |= x >> 2;
    x |= x >> 1;
    if (__builtin_popcountll(x & UINT64_C(0x0101010101010101)) > 4)
        return 3;
    for (int i = 0; i < 8 && off < 3; i++) {
        if (a->cp[i] == b->cp[i])
            continue;
        off++;
        if (i < 7 && a->cp[i] == b->cp[i + 1] && a->cp[i + 1] == b->cp[i])
            i++;
    }
    return off;
}

static int date_level(const struct feature *a, const struct feature *b)
{
    enum { SAME = 0, SWAPPED, ONE_OFF, SAME_YEAR, SAME_DAY, TWO_OFF, NEAR, OTHER };

    if (a->exact == b->exact && !(a->flags & FEATURE_YEAR))
        return SAME;
    int gap = a->year_from > b->year_to ? a->year_from - b->year_to : b->year_from > a->year_to ? b->year_from - a->year_to : 0;
    if ((a->flags | b->flags) & FEATURE_YEAR) {
        bool range = a->year_from != a->year_to || b->year_from != b->year_to;
        return gap == 0 && !range ? SAME_YEAR : gap <= 1 ? NEAR : OTHER;
    }
    uint64_t x = a->part[0], y = b->part[0];
    if (x >> 32 == y >> 32 && ((x >> 16 ^ y) & 0xFFFF) == 0 && ((y >> 16 ^ x) & 0xFFFF) == 0)
        return SWAPPED;
    int off = digits_off(a, b);
    if (off == 1)
        return ONE_OFF;
    if ((uint32_t)x == (uint32_t)y)
        return SAME_DAY;
    return off == 2 ? TWO_OFF : gap <= 1 ? NEAR : OTHER;
}

/* --- numbers --- */

static int identifier_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    size_t n = shorter(a, b);
    if (n < 4)
        return 3;
    int d = edits(a, b, 2);
    return d == 1 ? 1 : d == 2 && n >= 6 ? 2 : 3;
}

static int phone_level(const struct feature *a, const struct feature *b)
{
    if (shares_part(a, b))
        return 0;
    if (a->n != b->n && shorter(a, b) >= 5) { /* a local number against a whole one */
        size_t n = shorter(a, b);
        if (memcmp(a->cp + a->n - n, b->cp + b->n - n, n * sizeof *a->cp) == 0)
            return 1;
    }
    return edits(a, b, 1) <= 1 ? 1 : 2;
}

static int short_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    return shorter(a, b) + (a->n != b->n) >= 2 && edits(a, b, 1) <= 1 ? 1 : 2;
}

static int email_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    if (edits(a, b, 2) <= 2)
        return 1;
    if (a->stem == b->stem)
        return 2;
    return jaro(a, b, .8) && link_jaro(a->cp, a->n_tokens, b->cp, b->n_tokens) >= .9 ? 3 : 4;
}

/* --- texts --- */

static bool token_alike(const struct feature *a, const struct token *x, const struct feature *b, const struct token *y)
{
    if (x->hash == y->hash)
        return true;
    if (x->number || y->number)
        return false;
    size_t n = x->n < y->n ? x->n : y->n;
    if (n >= 3 && x->sound == y->sound)
        return true;
    return n >= 4 && name_edits(a->cp + x->at, x->n, b->cp + y->at, y->n, n >= 7 ? 2 : 1) <= (n >= 7 ? 2 : 1);
}

struct overlap {
    int words_a, words_b, words, numbers_a, numbers_b, numbers;
    bool house; /* the first numbers are the same */
};

static struct overlap overlap(const struct feature *a, const struct feature *b)
{
    struct overlap o = {0};
    const struct token *first_a = NULL, *first_b = NULL;
    uint32_t taken = 0;

    for (int j = 0; j < b->n_tokens; j++) {
        const struct token *y = &b->token[j];
        *(y->number ? &o.numbers_b : &o.words_b) += 1;
        first_b = first_b || !y->number ? first_b : y;
    }
    for (int i = 0; i < a->n_tokens; i++) {
        const struct token *x = &a->token[i];
        *(x->number ? &o.numbers_a : &o.words_a) += 1;
        first_a = first_a || !x->number ? first_a : x;
        for (int j = 0; j < b->n_tokens; j++)
            if (!(taken >> j & 1) && token_alike(a, x, b, &b->token[j])) {
                taken |= UINT32_C(1) << j;
                *(x->number ? &o.numbers : &o.words) += 1;
                break;
            }
    }
    o.house = first_a && first_b && first_a->hash == first_b->hash;
    return o;
}

static int address_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    struct overlap o = overlap(a, b);
    int least = o.words_a < o.words_b ? o.words_a : o.words_b, most = o.words_a > o.words_b ? o.words_a : o.words_b;
    bool words = (least > 0 && o.words == least && o.words * 2 >= most) || (least > 2 && o.words * 4 >= least * 3);
    bool run_together = a->n_tokens < 3 || b->n_tokens < 3;
    if (!words && run_together && jaro(a, b, .93) >= .93)
        words = true;
    if (words && (o.house || (!o.numbers_a && !o.numbers_b)))
        return 1;
    if (words)
        return o.numbers_a && o.numbers_b ? 2 : 3;
    if (o.house && o.words)
        return 3;
    return (o.words * 2 >= most && o.words) || (run_together && jaro(a, b, .85) >= .85) ? 4 : 6;
}

static int place_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    int d = shorter(a, b) >= 4 ? edits(a, b, 1) : 2;
    if (d == 1 || a->sound == b->sound)
        return 1;
    struct overlap o = overlap(a, b);
    if (o.words && (o.words == o.words_a || o.words == o.words_b))
        return 2;
    return jaro(a, b, .9) >= .9 ? 3 : 5;
}

static int text_level(const struct feature *a, const struct feature *b)
{
    if (a->exact == b->exact)
        return 0;
    size_t n = shorter(a, b);
    if (a->stem == b->stem || (a->sound == b->sound && n >= 3))
        return 1;
    int d = n >= 3 ? edits(a, b, 2) : 3;
    if (d == 1)
        return 2;
    double j = jaro(a, b, .84);
    if ((d == 2 && n >= 5) || j >= .92 || begins(a, b, 4))
        return 3;
    if (j >= .84)
        return 4;
    if (a->n_tokens > 1 && b->n_tokens > 1) {
        struct overlap o = overlap(a, b);
        int least = o.words_a < o.words_b ? o.words_a : o.words_b;
        if (o.words == least && o.words > 1)
            return 3;
        if (o.words && o.words * 2 >= least)
            return 4;
    }
    return 6;
}

int link_compare_field(enum link_kind kind, const struct feature *a, const struct feature *b)
{
    if (!a || !b)
        return LINK_NONE;
    switch (kind) {
    case LINK_FAMILY:
    case LINK_GIVEN:
    case LINK_PATRONYMIC:
        return name_level(kind, a, b);
    case LINK_DATE:
        return date_level(a, b);
    case LINK_SNILS:
    case LINK_IIN:
    case LINK_IDENTIFIER:
        return identifier_level(a, b);
    case LINK_PHONE:
        return phone_level(a, b);
    case LINK_ADDRESS:
        return address_level(a, b);
    case LINK_PLACE:
        return place_level(a, b);
    case LINK_SEX:
        return a->exact != b->exact;
    case LINK_CODE:
    case LINK_NUMBER:
        return short_level(a, b);
    case LINK_EMAIL:
        return email_level(a, b);
    default:
        return text_level(a, b);
    }
}

/* --- whole records --- */

/* Fields whose values a hand may put one into another: names among themselves, texts and places among themselves. */
static int family_of(enum link_kind kind)
{
    return kind == LINK_FAMILY || kind == LINK_GIVEN                           ? 1
           : kind == LINK_TEXT || kind == LINK_PLACE || kind == LINK_ADDRESS ? 2
                                                                              : 0;
}

static bool same_elsewhere(const struct feature *a, const struct feature *b)
{
    return a && b && a->n > 1 && b->n > 1 && (a->exact == b->exact || a->sound == b->sound);
}

enum { COUNTED = LINK_NONE - 1 }; /* the other of two fields that have changed places: the fact counts once */

static void find_moved(const struct link_field *fields, int n, const struct feature *const *a,
                       const struct feature *const *b, uint8_t *levels)
{
    for (int i = 0; i < n; i++) {
        int family = family_of(fields[i].kind), last = link_kinds[fields[i].kind].n_levels - 1;
        if (!family || levels[i] <= link_kinds[fields[i].kind].agree || levels[i] == COUNTED || (!a[i] && !b[i]))
            continue;
        for (int j = 0; j < n; j++) {
            if (j == i || family_of(fields[j].kind) != family || levels[j] <= link_kinds[fields[j].kind].agree ||
                levels[j] == COUNTED)
                continue;
            /* Both have changed places, or what is missing here stands there. */
            bool there = same_elsewhere(a[i], b[j]), back = same_elsewhere(b[i], a[j]);
            bool apart = levels[i] >= last; /* what is alike where it stands has moved only when both have */
            if (!(there && back) && !(apart && there && (!b[i] || !a[j])) && !(apart && back && (!a[i] || !b[j])))
                continue;
            levels[i] = (uint8_t)(last - 1);
            levels[j] = COUNTED;
            break;
        }
    }
    for (int i = 0; i < n; i++)
        if (levels[i] == COUNTED)
            levels[i] = LINK_NONE;
}

void link_compare(const struct link_field *fields, int n, const struct feature *const *a, const struct feature *const *b,
                  uint8_t *levels)
{
    bool apart = false;

    for (int i = 0; i < n; i++) {
        levels[i] = (uint8_t)link_compare_field(fields[i].kind, a[i], b[i]);
        apart = apart || (family_of(fields[i].kind) && levels[i] > link_kinds[fields[i].kind].agree);
    }
    if (apart)
        find_moved(fields, n, a, b, levels);
}

/* --- what forbids --- */

static int find_kind(const struct link_field *fields, int n, enum link_kind kind)
{
    for (int i = 0; i < n; i++)
        if (fields[i].kind == kind)
            return i;
    return -1;
}

static const struct feature *of_kind(const struct link_field *fields, int n, const struct feature *const *r, enum link_kind kind)
{
    int i = find_kind(fields, n, kind);
    return i < 0 ? NULL : r[i];
}

static bool both_valid(const struct feature *a, const struct feature *b)
{
    return a && b && (a->flags & b->flags & FEATURE_VALID);
}

static int years_apart(const struct feature *a, const struct feature *b)
{
    return !a || !b ? 0 : a->year_from > b->year_to ? a->year_from - b->year_to : b->year_from - a->year_to;
}

/* Years apart as generations are, and no slip of the hand makes one date of the other; with two fathers even then. */
static bool generation_apart(const struct feature *a, const struct feature *b, bool two_fathers)
{
    enum { GENERATION = 14 };

    return years_apart(a, b) >= GENERATION && (two_fathers || date_level(a, b) >= 5);
}

/* The dates that guards look at: of death, or of a text field, says nothing about a generation. */
static const struct feature *birth_of(const struct link_field *fields, int n, const struct feature *const *r)
{
    for (int i = 0; i < n; i++)
        if (fields[i].kind == LINK_DATE && strcmp(fields[i].name, "birth_date") == 0)
            return r[i];
    return NULL;
}

/* A number that both have, digit by digit: of those that a person has one of. One digit off is another's: papers of a family
 * are given out one after the other. */
static bool same_number(const struct link_field *fields, int n, const struct feature *const *a, const struct feature *const *b)
{
    for (int i = 0; i < n; i++) {
        bool checked = fields[i].kind == LINK_SNILS || fields[i].kind == LINK_IIN;
        if ((checked || fields[i].kind == LINK_IDENTIFIER) && a[i] && b[i] && a[i]->exact == b[i]->exact &&
            (!checked || both_valid(a[i], b[i])))
            return true;
    }
    return false;
}

static bool two_given_names(const struct feature *a, const struct feature *b)
{
    if (a->n == 1 || b->n == 1)
        return false;
    return name_level(LINK_GIVEN, a, b) == link_kinds[LINK_GIVEN].n_levels - 1 ||
           (a->flags & b->flags & FEATURE_KNOWN && !shares_part(a, b));
}

const char *link_forbids(const struct link_field *fields, int n, const struct feature *const *a,
                         const struct feature *const *b)
{
    static const enum link_kind numbers[] = {LINK_SNILS, LINK_IIN};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct feature *x = of_kind(fields, n, a, numbers[i]), *y = of_kind(fields, n, b, numbers[i]);
        if (both_valid(x, y) && x->exact != y->exact)
            return numbers[i] == LINK_SNILS ? N_("Two valid SNILS that differ") : N_("Two valid IIN that differ");
    }
    const struct feature *born_a = birth_of(fields, n, a), *born_b = birth_of(fields, n, b);
    const struct feature *given_a = of_kind(fields, n, a, LINK_GIVEN), *given_b = of_kind(fields, n, b, LINK_GIVEN);
    const struct feature *family_a = of_kind(fields, n, a, LINK_FAMILY), *family_b = of_kind(fields, n, b, LINK_FAMILY);
    const struct feature *father_a = of_kind(fields, n, a, LINK_PATRONYMIC), *father_b = of_kind(fields, n, b, LINK_PATRONYMIC);
    int fathers = link_compare_field(LINK_PATRONYMIC, father_a, father_b);
    /* No number lifts this: of twins one paper may have been written to both. */
    if (family_a && family_b && given_a && given_b && born_a && born_b && born_a->exact == born_b->exact && fathers <= 3 &&
        name_level(LINK_FAMILY, family_a, family_b) <= 3 && two_given_names(given_a, given_b))
        return N_("Twins: one surname, father and date of birth, two given names");
    if (same_number(fields, n, a, b))
        return NULL;
    /* Where fathers are named: son and father, who may share all of a name. */
    bool two_fathers = fathers == link_kinds[LINK_PATRONYMIC].n_levels - 1;
    if (find_kind(fields, n, LINK_PATRONYMIC) >= 0 && generation_apart(born_a, born_b, two_fathers))
        return N_("Dates of birth a generation apart");
    return NULL;
}
