/* Which pairs are worth comparing. Coarse keys of fields and of pairs of fields sort the rows into blocks; keys that bring the
 * fewest pairs are taken first, until there are enough. A block that is too large is not compared whole: its rows are brought
 * in order by other fields, and neighbours are compared. So work grows with the rows, whatever they hold. */
#include "linkage/link.h"
#include <stdlib.h>

enum { COARSE = 3, /* keys of one value */
       BLOCK_MAX = 40, WINDOW = 8, PAIRS_ALWAYS = 200000, PAIRS_PER_ROW = 10, PAIRS_OF_PASS = 4, WHOLE_MAX = 1500, HEAPS = 1 << 14, KEYS_MAX = LINK_FIELDS_MAX * COARSE };

static uint64_t prefix_key(const struct feature *f, size_t from, size_t n)
{
    uint64_t h = 7;

    if (f->n < from + n)
        return 0;
    for (size_t i = from; i < from + n; i++)
        h = link_mix(h, f->cp[i]);
    return h;
}

static uint64_t date_key(const struct feature *f, int variant)
{
    if (f->flags & FEATURE_YEAR)
        return variant == 1 ? link_mix(1, f->year_from) : 0;
    if (variant == 0)
        return f->exact;
    if (variant == 1)
        return link_mix(1, f->year_from);
    uint64_t month = prefix_key(f, 4, 2), day = prefix_key(f, 6, 2); /* day and month in any order */
    return link_mix(3, month + day);
}

static uint64_t address_key(const struct feature *f, int variant)
{
    const struct token *word = NULL, *number = NULL;

    if (variant == 0)
        return f->stem;
    for (size_t i = 0; i < f->n_tokens; i++) {
        const struct token *t = &f->token[i];
        if (t->number && !number)
            number = t;
        if (!t->number && (!word || t->n > word->n))
            word = t;
    }
    if (!word)
        return 0;
    return variant == 1 ? link_mix(word->sound, 5) : number ? link_mix(word->sound, number->hash) : 0;
}

/* Variant 0…2; 0 when it has none. */
static uint64_t coarse_key(enum link_kind kind, const struct feature *f, int variant)
{
    size_t half;

    if (!f)
        return 0;
    switch (kind) {
    case LINK_FAMILY:
    case LINK_GIVEN:
    case LINK_PATRONYMIC:
        if (f->n == 1)
            return 0;
        return variant == 0 ? f->sound : variant == 1 ? prefix_key(f, 0, 3) : kind == LINK_FAMILY ? 0 : f->stem;
    case LINK_DATE:
        return date_key(f, variant);
    case LINK_ADDRESS:
        return address_key(f, variant);
    case LINK_SNILS:
    case LINK_IIN:
    case LINK_IDENTIFIER:
    case LINK_PHONE:
        half = f->n / 2;
        return variant == 0 ? f->exact : half < 3 ? 0 : variant == 1 ? prefix_key(f, 0, half) : link_mix(2, prefix_key(f, f->n - half, half));
    case LINK_EMAIL:
        return variant == 0 ? f->exact : variant == 1 ? f->stem : 0;
    case LINK_SEX:
    case LINK_CODE:
    case LINK_NUMBER:
        return variant == 0 ? f->exact : 0;
    default:
        return variant == 0 ? f->sound : variant == 1 ? prefix_key(f, 0, 4) : 0;
    }
}

/* --- the set of pairs --- */

struct pairs {
    struct link_candidate *slot; /* a == b: empty */
    size_t n, cap;               /* cap: a power of two */
    bool failed;
};

static bool room_for(struct pairs *p)
{
    if (p->n * 2 < p->cap)
        return true;
    struct pairs bigger = {.cap = p->cap ? p->cap * 2 : 1 << 16};
    bigger.slot = calloc(bigger.cap, sizeof *bigger.slot);
    if (!bigger.slot)
        return !(p->failed = true);
    for (size_t i = 0; i < p->cap; i++) {
        struct link_candidate *c = &p->slot[i];
        if (c->a == c->b)
            continue;
        size_t at = link_mix(c->a, c->b) & (bigger.cap - 1);
        while (bigger.slot[at].a != bigger.slot[at].b)
            at = (at + 1) & (bigger.cap - 1);
        bigger.slot[at] = *c;
    }
    bigger.n = p->n;
    free(p->slot);
    *p = bigger;
    return true;
}

static void add_pair(struct pairs *p, uint32_t a, uint32_t b, uint32_t blind)
{
    if (a > b) {
        uint32_t swap = a;
        a = b, b = swap;
    }
    if (a == b || !room_for(p))
        return;
    size_t at = link_mix(a, b) & (p->cap - 1);
    while (p->slot[at].a != p->slot[at].b && (p->slot[at].a != a || p->slot[at].b != b))
        at = (at + 1) & (p->cap - 1);
    p->n += p->slot[at].a == p->slot[at].b;
    p->slot[at].a = a;
    p->slot[at].b = b;
    p->slot[at].blind |= blind;
}

/* --- passes --- */

struct pass {
    int key[2]; /* field * COARSE + variant; the second -1: none */
    double cost;
    uint32_t fields;
};

struct entry {
    uint64_t key;
    uint32_t row, rank;
};

struct blocking {
    const struct link_set *set;
    uint64_t *coarse[KEYS_MAX]; /* null: this key tells nothing */
    uint32_t *rank[2];          /* place of a row in an order of whole rows */
    struct entry *entry, *spare;
    uint32_t start[HEAPS + 1];
};

static uint64_t pass_key(const struct blocking *b, const struct pass *p, size_t row)
{
    uint64_t x = b->coarse[p->key[0]][row];

    if (!x || p->key[1] < 0)
        return x;
    uint64_t y = b->coarse[p->key[1]][row];
    return y ? link_mix(x, y) : 0;
}

static double pass_cost(const struct blocking *b, const struct pass *p)
{
    enum { BITS = 17 };
    uint32_t *counts = calloc((size_t)1 << BITS, sizeof *counts);
    double sum = 0;

    if (!counts)
        return 1e18;
    for (size_t i = 0; i < b->set->n_rows; i++) {
        uint64_t k = pass_key(b, p, i);
        if (k)
            counts[(k ^ k >> 29) & (((uint64_t)1 << BITS) - 1)]++;
    }
    for (size_t i = 0; i < (size_t)1 << BITS; i++) {
        double c = counts[i];
        sum += c <= BLOCK_MAX ? c * (c - 1) / 2 : c * 2 * WINDOW;
    }
    free(counts);
    return sum;
}

static int by_key(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;

    return a->key != b->key ? (a->key < b->key ? -1 : 1) : a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : 0;
}

static int by_rank(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;

    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* By 14 bits of the key, then each small heap by itself. */
static void sort_entries(struct blocking *b, size_t n)
{
    uint32_t *start = b->start;

    memset(start, 0, sizeof b->start);
    for (size_t i = 0; i < n; i++)
        start[(b->entry[i].key >> 50) + 1]++;
    for (size_t i = 0; i < HEAPS; i++)
        start[i + 1] += start[i];
    for (size_t i = 0; i < n; i++)
        b->spare[start[b->entry[i].key >> 50]++] = b->entry[i];
    for (size_t i = 0, from = 0; i < HEAPS; from = start[i++])
        if (start[i] - from > 1)
            qsort(b->spare + from, start[i] - from, sizeof *b->spare, by_key);
}

static void large_block(struct blocking *b, struct entry *e, size_t n, uint32_t blind, struct pairs *pairs)
{
    for (int order = 0; order < 2; order++) {
        for (size_t i = 0; i < n; i++)
            e[i].rank = b->rank[order][e[i].row];
        qsort(e, n, sizeof *e, by_rank);
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n && j <= i + WINDOW; j++)
                add_pair(pairs, e[i].row, e[j].row, blind);
    }
}

static void run_pass(struct blocking *b, const struct pass *p, struct pairs *pairs)
{
    size_t n = 0;

    for (size_t i = 0; i < b->set->n_rows; i++) {
        uint64_t k = pass_key(b, p, i);
        if (k)
            b->entry[n++] = (struct entry){k, (uint32_t)i, (uint32_t)i};
    }
    sort_entries(b, n);
    for (size_t from = 0, to; from < n; from = to) {
        to = from + 1;
        while (to < n && b->spare[to].key == b->spare[from].key)
            to++;
        if (to - from > BLOCK_MAX) {
            large_block(b, b->spare + from, to - from, ~p->fields, pairs);
            continue;
        }
        for (size_t i = from; i < to; i++)
            for (size_t j = i + 1; j < to; j++)
                add_pair(pairs, b->spare[i].row, b->spare[j].row, ~p->fields);
    }
}

static int by_cost(const void *x, const void *y)
{
    const struct pass *a = x, *b = y;

    return a->cost < b->cost ? -1 : a->cost > b->cost;
}

/* --- orders of whole rows --- */

struct ordering {
    const struct link_set *set;
    int field[LINK_FIELDS_MAX];
};

static int by_rows(const void *x, const void *y, void *mine)
{
    const struct ordering *o = mine;
    const struct feature **a = o->set->row + (size_t) * (const uint32_t *)x * (size_t)o->set->n_fields;
    const struct feature **b = o->set->row + (size_t) * (const uint32_t *)y * (size_t)o->set->n_fields;

    for (int i = 0; i < o->set->n_fields; i++) {
        const struct feature *f = a[o->field[i]], *g = b[o->field[i]];
        if (f == g)
            continue;
        if (!f || !g)
            return f ? -1 : 1;
        size_t n = f->n < g->n ? f->n : g->n;
        for (size_t k = 0; k < n; k++)
            if (f->cp[k] != g->cp[k])
                return f->cp[k] < g->cp[k] ? -1 : 1;
        if (f->n != g->n)
            return f->n < g->n ? -1 : 1;
    }
    return *(const uint32_t *)x < *(const uint32_t *)y ? -1 : 1;
}

static bool rank_rows(const struct link_set *set, const double *cost, int order, uint32_t *rank)
{
    struct ordering o = {.set = set};
    uint32_t *rows = malloc(set->n_rows * sizeof *rows);

    if (!rows)
        return false;
    for (int i = 0; i < set->n_fields; i++)
        o.field[i] = i;
    for (int i = 1; i < set->n_fields; i++) /* those that tell most apart first; the second order begins with the second */
        for (int j = i; j > 0 && cost[o.field[j]] < cost[o.field[j - 1]]; j--) {
            int swap = o.field[j];
            o.field[j] = o.field[j - 1];
            o.field[j - 1] = swap;
        }
    if (order && set->n_fields > 1) {
        int first = o.field[0];
        memmove(o.field, o.field + 1, ((size_t)set->n_fields - 1) * sizeof *o.field);
        o.field[set->n_fields - 1] = first;
    }
    for (size_t i = 0; i < set->n_rows; i++)
        rows[i] = (uint32_t)i;
    qsort_r(rows, set->n_rows, sizeof *rows, by_rows, &o);
    for (size_t i = 0; i < set->n_rows; i++)
        rank[rows[i]] = (uint32_t)i;
    free(rows);
    return true;
}

/* --- all --- */

static void run_passes(struct blocking *b, struct pass *pass, int n, struct pairs *pairs)
{
    size_t enough = PAIRS_ALWAYS + (size_t)PAIRS_PER_ROW * b->set->n_rows;

    qsort(pass, (size_t)n, sizeof *pass, by_cost);
    for (int i = 0; i < n && pairs->n < enough && !pairs->failed; i++)
        run_pass(b, &pass[i], pairs);
}

static bool make_coarse(struct blocking *b, double *field_cost)
{
    size_t n = b->set->n_rows, n_fields = (size_t)b->set->n_fields;

    for (size_t f = 0; f < n_fields; f++) {
        field_cost[f] = 1e18;
        for (int v = 0; v < COARSE; v++) {
            uint64_t *key = malloc(n * sizeof *key);
            size_t given = 0;
            if (!key)
                return false;
            for (size_t i = 0; i < n; i++)
                given += (key[i] = coarse_key(b->set->fields[f].kind, b->set->row[i * n_fields + f], v)) != 0;
            if (!given) {
                free(key);
                continue;
            }
            int at = (int)f * COARSE + v;
            b->coarse[at] = key;
            if (v == 0)
                field_cost[f] = pass_cost(b, &(struct pass){.key = {at, -1}}) + (double)(n - given) * 5;
        }
    }
    return true;
}

/* Of the keys of one field or of two fields the one that brings most pairs, as long as they are not too many. */
static bool better(const struct pass *p, const struct pass *than, double most)
{
    if (p->cost < 1)
        return false;
    if (than->cost > most)
        return p->cost < than->cost;
    return p->cost <= most && p->cost > than->cost;
}

static int make_passes(struct blocking *b, struct pass *pass)
{
    double most = (double)PAIRS_OF_PASS * (double)b->set->n_rows;
    int n = 0, n_fields = b->set->n_fields;

    for (int f = 0; f < n_fields; f++)
        for (int g = f; g < n_fields; g++) {
            struct pass best = {.cost = 1e300};
            for (int i = f * COARSE; i < (f + 1) * COARSE; i++)
                for (int j = g * COARSE; j < (g + 1) * COARSE; j++) {
                    if (!b->coarse[i] || !b->coarse[j] || (f == g && i != j))
                        continue;
                    struct pass p = {{i, f == g ? -1 : j}, 0, UINT32_C(1) << f | UINT32_C(1) << g};
                    p.cost = pass_cost(b, &p);
                    if (better(&p, &best, most))
                        best = p;
                }
            if (best.cost < 1e300)
                pass[n++] = best;
        }
    return n;
}

static void all_pairs(size_t n, struct pairs *pairs)
{
    pairs->slot = calloc(n * n / 2 + 1, sizeof *pairs->slot);
    pairs->cap = n * n / 2 + 1;
    if (!pairs->slot) {
        pairs->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            pairs->slot[pairs->n++] = (struct link_candidate){(uint32_t)i, (uint32_t)j, ~UINT32_C(0)};
}

static int by_rows_of_pair(const void *x, const void *y)
{
    const struct link_candidate *a = x, *b = y;

    return a->a != b->a ? (a->a < b->a ? -1 : 1) : a->b < b->b ? -1 : a->b > b->b;
}

enum err link_candidates(const struct link_set *set, struct link_candidate **out, size_t *n)
{
    struct blocking *b = calloc(1, sizeof *b);
    struct pairs pairs = {0};
    struct pass *pass = NULL;
    double field_cost[LINK_FIELDS_MAX];
    bool good = true;

    if (!b)
        return ERR_LIMIT;
    b->set = set;
    if (set->n_rows <= WHOLE_MAX) {
        all_pairs(set->n_rows, &pairs);
    } else {
        b->entry = malloc(set->n_rows * sizeof *b->entry);
        b->spare = malloc(set->n_rows * sizeof *b->spare);
        pass = malloc((size_t)KEYS_MAX * (KEYS_MAX + 1) / 2 * sizeof *pass);
        good = b->entry && b->spare && pass && make_coarse(b, field_cost);
        for (int o = 0; good && o < 2; o++) {
            b->rank[o] = malloc(set->n_rows * sizeof **b->rank);
            good = b->rank[o] && rank_rows(set, field_cost, o, b->rank[o]);
        }
        if (good)
            run_passes(b, pass, make_passes(b, pass), &pairs);
        free(b->entry);
        free(b->spare);
        free(pass);
        for (int i = 0; i < KEYS_MAX; i++)
            free(b->coarse[i]);
        free(b->rank[0]);
        free(b->rank[1]);
    }
    free(b);
    if (!good || pairs.failed) {
        free(pairs.slot);
        return ERR_LIMIT;
    }
    size_t k = 0;
    for (size_t i = 0; i < pairs.cap && pairs.slot; i++)
        if (pairs.slot[i].a != pairs.slot[i].b)
            pairs.slot[k++] = pairs.slot[i];
    if (set->n_rows > WHOLE_MAX) /* neighbours in memory, and the same order on every machine */
        qsort(pairs.slot, k, sizeof *pairs.slot, by_rows_of_pair);
    *out = pairs.slot;
    *n = k;
    return OK;
}
