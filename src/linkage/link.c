#include "linkage/link.h"
#include <math.h>
#include <stdlib.h>

enum { RANDOM_PAIRS = 400000, KIN_PAIRS = 4000, COPIES = 3, PATTERNS = 1 << 16 };

/* A fixed sequence: the same rows give the same model everywhere. */
static uint64_t next_random(uint64_t *state)
{
    return link_mix(++*state, 0x6265726567);
}

struct run {
    const struct link_set *set;  /* as given */
    struct link_set own;         /* each different row once */
    uint32_t *kind_of;           /* row of `own` of each row */
    uint32_t *copies;            /* rows of each row of `own` */
    uint8_t *tables;             /* of each row of `own`: 1 the first table, 2 the second */
    struct link_candidate *pair;
    size_t n_pairs;
    uint8_t *levels; /* n_fields of each pair */
    struct link_pattern *pattern;
    size_t n_patterns, pattern_cap;
    uint32_t *pattern_slot; /* index + 1 */
    size_t slots;
    struct link_kin *kin;
    size_t n_kin;
    struct link_edge *edge;
    uint32_t *cluster;
    struct link_model model;
    double all_pairs;
};

static const struct feature *const *record(const struct link_set *set, size_t row)
{
    return (const struct feature *const *)set->row + row * (size_t)set->n_fields;
}

/* --- rows that are the same --- */

static uint64_t row_hash(const struct link_set *set, size_t row)
{
    uint64_t h = 1;

    for (int f = 0; f < set->n_fields; f++) {
        const struct feature *x = record(set, row)[f];
        h = link_mix(h, x ? x->exact : 0);
    }
    return h;
}

static bool rows_same(const struct link_set *set, size_t a, size_t b)
{
    for (int f = 0; f < set->n_fields; f++) {
        const struct feature *x = record(set, a)[f], *y = record(set, b)[f];
        if (x != y && (!x || !y || x->exact != y->exact))
            return false;
    }
    return true;
}

static bool find_distinct(struct run *r)
{
    size_t n = r->set->n_rows, width = (size_t)r->set->n_fields, cap = 16;

    while (cap < n * 2)
        cap *= 2;
    uint32_t *slot = calloc(cap, sizeof *slot);
    r->kind_of = malloc((n + 1) * sizeof *r->kind_of);
    r->copies = calloc(n + 1, sizeof *r->copies);
    r->tables = calloc(n + 1, 1);
    r->own = *r->set;
    r->own.row = malloc((n + 1) * width * sizeof *r->own.row);
    if (!slot || !r->kind_of || !r->copies || !r->tables || !r->own.row) {
        free(slot);
        return false;
    }
    r->own.n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(r->own.row + r->own.n_rows * width, r->set->row + i * width, width * sizeof *r->own.row);
        size_t at = row_hash(r->set, i) & (cap - 1);
        while (slot[at] && !rows_same(&r->own, slot[at] - 1, r->own.n_rows))
            at = (at + 1) & (cap - 1);
        if (!slot[at])
            slot[at] = (uint32_t)++r->own.n_rows;
        uint32_t k = r->kind_of[i] = slot[at] - 1;
        r->copies[k]++;
        r->tables[k] |= i < r->set->n_first ? 1 : 2;
    }
    r->own.n_first = r->own.n_rows;
    free(slot);
    return true;
}

static bool two_tables(const struct run *r)
{
    return r->set->n_first < r->set->n_rows;
}

/* Pairs that tell how the records of one person differ: of two tables those across. */
static bool tells(const struct run *r, uint32_t a, uint32_t b)
{
    return !two_tables(r) || ((r->tables[a] & 1) && (r->tables[b] & 2)) || ((r->tables[a] & 2) && (r->tables[b] & 1));
}

/* --- patterns --- */

static struct link_pattern *pattern(struct run *r, const uint8_t *levels)
{
    uint64_t h = 3;
    int n = r->own.n_fields;

    if (r->n_patterns * 2 >= r->slots) {
        size_t slots = r->slots ? r->slots * 2 : PATTERNS;
        uint32_t *slot = calloc(slots, sizeof *slot);
        struct link_pattern *more = realloc(r->pattern, slots / 2 * sizeof *more);
        if (more)
            r->pattern = more;
        if (!slot || !more) {
            free(slot);
            return NULL;
        }
        free(r->pattern_slot);
        r->pattern_slot = slot;
        r->slots = slots;
        for (size_t i = 0; i < r->n_patterns; i++) {
            uint64_t g = 3;
            for (int f = 0; f < n; f++)
                g = g * 31 + r->pattern[i].levels[f];
            size_t at = link_mix(g, 1) & (slots - 1);
            while (slot[at])
                at = (at + 1) & (slots - 1);
            slot[at] = (uint32_t)i + 1;
        }
    }
    for (int f = 0; f < n; f++)
        h = h * 31 + levels[f];
    size_t at = link_mix(h, 1) & (r->slots - 1);
    while (r->pattern_slot[at] && memcmp(r->pattern[r->pattern_slot[at] - 1].levels, levels, (size_t)n) != 0)
        at = (at + 1) & (r->slots - 1);
    if (!r->pattern_slot[at]) {
        r->pattern_slot[at] = (uint32_t)++r->n_patterns;
        struct link_pattern *p = &r->pattern[r->n_patterns - 1];
        memset(p, 0, sizeof *p);
        memcpy(p->levels, levels, (size_t)n);
    }
    return &r->pattern[r->pattern_slot[at] - 1];
}

static uint32_t few(uint32_t copies)
{
    return copies < COPIES ? copies : COPIES; /* one person written a thousand times is one example, not a million */
}

static bool note_candidate(struct run *r, const uint8_t *levels, uint32_t blind, float pairs)
{
    struct link_pattern *p = pattern(r, levels);

    if (!p)
        return false;
    p->pairs += pairs;
    for (int f = 0; f < r->own.n_fields; f++)
        if (blind >> f & 1)
            p->blind[f] += pairs;
    return true;
}

static bool compare_candidates(struct run *r)
{
    size_t width = (size_t)r->own.n_fields;
    uint8_t levels[LINK_FIELDS_MAX];

    r->levels = malloc((r->n_pairs + 1) * width);
    if (!r->levels)
        return false;
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct link_candidate *c = &r->pair[i];
        uint8_t *to = r->levels + i * width;
        link_compare(r->own.fields, r->own.n_fields, record(&r->own, c->a), record(&r->own, c->b), to);
        if (tells(r, c->a, c->b) && !note_candidate(r, to, c->blind, (float)(few(r->copies[c->a]) * few(r->copies[c->b]))))
            return false;
    }
    for (uint32_t i = 0; i < r->own.n_rows; i++) {
        uint32_t k = few(r->copies[i]);
        if (k < 2 || !tells(r, i, i))
            continue;
        link_compare(r->own.fields, r->own.n_fields, record(&r->own, i), record(&r->own, i), levels);
        if (!note_candidate(r, levels, ~UINT32_C(0), (float)(k * (k - 1) / 2)))
            return false;
        r->all_pairs += k * (k - 1) / 2.0;
    }
    return true;
}

static bool note_random(struct run *r, uint32_t a, uint32_t b)
{
    uint8_t levels[LINK_FIELDS_MAX];

    if (a == b || !tells(r, a, b))
        return true;
    link_compare(r->own.fields, r->own.n_fields, record(&r->own, a), record(&r->own, b), levels);
    struct link_pattern *p = pattern(r, levels);
    if (!p)
        return false;
    p->random++;
    return true;
}

/* Strangers: pairs taken at random, or of few rows all. */
static bool compare_random(struct run *r)
{
    uint64_t n = r->own.n_rows, state = 0;
    double pairs = (double)n * (double)(n - 1) / 2;

    r->all_pairs += two_tables(r) ? (double)r->set->n_first * (double)(r->set->n_rows - r->set->n_first) : n ? pairs : 0;
    if (n < 2)
        return true;
    if (pairs <= RANDOM_PAIRS) {
        for (uint32_t a = 0; a < n; a++)
            for (uint32_t b = a + 1; b < n; b++)
                if (!note_random(r, a, b))
                    return false;
        return true;
    }
    for (size_t k = 0; k < RANDOM_PAIRS; k++)
        if (!note_random(r, (uint32_t)(next_random(&state) % n), (uint32_t)(next_random(&state) % n)))
            return false;
    return true;
}

/* --- those who agree in one field --- */

struct value {
    uint64_t value;
    uint32_t row;
};

static int by_value(const void *x, const void *y)
{
    const struct value *a = x, *b = y;

    return a->value != b->value ? (a->value < b->value ? -1 : 1) : a->row < b->row ? -1 : a->row > b->row;
}

static size_t values_of(const struct run *r, int f, bool stem, struct value *out)
{
    size_t n = 0;

    for (uint32_t i = 0; i < r->own.n_rows; i++) {
        const struct feature *x = record(&r->own, i)[f];
        if (x)
            out[n++] = (struct value){stem ? x->stem : x->exact, i};
    }
    qsort(out, n, sizeof *out, by_value);
    return n;
}

static void kin_of_field(struct run *r, int f, struct value *v, double *upto, uint64_t *state)
{
    size_t n = values_of(r, f, false, v);
    double sum = 0;

    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && v[to].value == v[from].value;)
            to++;
        for (size_t i = from; i < to; i++) /* how many later rows have the same */
            upto[i] = sum += (double)(to - 1 - i);
    }
    for (int k = 0; k < KIN_PAIRS && sum >= 1; k++) {
        double wanted = (double)(next_random(state) >> 11) / 9007199254740992.0 * sum;
        size_t low = 0, high = n - 1;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (upto[mid] <= wanted)
                low = mid + 1;
            else
                high = mid;
        }
        size_t other = low + 1 + (size_t)(wanted - (low ? upto[low - 1] : 0));
        if (other >= n || v[other].value != v[low].value || !tells(r, v[low].row, v[other].row))
            continue;
        struct link_kin *kin = &r->kin[r->n_kin++];
        kin->field = f;
        link_compare(r->own.fields, r->own.n_fields, record(&r->own, v[low].row), record(&r->own, v[other].row), kin->levels);
    }
}

static bool compare_kin(struct run *r)
{
    struct value *v = malloc((r->own.n_rows + 1) * sizeof *v);
    double *upto = malloc((r->own.n_rows + 1) * sizeof *upto);
    uint64_t state = 1 << 30;

    r->kin = malloc((size_t)r->own.n_fields * KIN_PAIRS * sizeof *r->kin);
    for (int f = 0; v && upto && r->kin && f < r->own.n_fields; f++)
        kin_of_field(r, f, v, upto, &state);
    bool good = v && upto && r->kin;
    free(v);
    free(upto);
    return good;
}

/* --- persons --- */

static bool find_clusters(struct run *r, bool frequencies, size_t *persons)
{
    size_t n = 0, width = (size_t)r->own.n_fields;

    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct link_candidate *c = &r->pair[i];
        const uint8_t *levels = r->levels + i * width;
        double bits = frequencies ? link_score_of(&r->model, levels, record(&r->own, c->a), record(&r->own, c->b))
                                  : link_score_levels(&r->model, levels);
        if (bits >= r->model.same)
            r->edge[n++] = (struct link_edge){c->a, c->b, (float)bits};
    }
    *persons = link_clusters(&r->own, &r->model, r->edge, n, r->cluster);
    return r->own.n_rows == 0 || *persons > 0;
}

/* A number that one other person has too is no longer unique; one that nobody else has is as rare as numbers are. */
static bool unique_by_nature(enum link_kind kind)
{
    return kind == LINK_SNILS || kind == LINK_IIN || kind == LINK_IDENTIFIER || kind == LINK_PHONE || kind == LINK_EMAIL;
}

/* How many persons, not rows, have each value. */
static void shares_of_field(struct run *r, int f, bool stem, struct value *v, uint32_t *seen)
{
    size_t n = values_of(r, f, stem, v);
    double persons = 0, twice = 0;

    for (int round = 0; round < 2; round++) {
        for (size_t from = 0, to; from < n; from = to) {
            double count = 0;
            for (to = from; to < n && v[to].value == v[from].value; to++)
                if (seen[r->cluster[v[to].row]] != (uint32_t)from + 1) {
                    seen[r->cluster[v[to].row]] = (uint32_t)from + 1;
                    count++;
                }
            if (round == 0) {
                persons += count;
                twice += count * (count - 1);
                continue;
            }
            double share = count < 2 && unique_by_nature(r->own.fields[f].kind) ? 0 : count / persons;
            for (size_t i = from; i < to; i++) {
                struct feature *x = (struct feature *)record(&r->own, v[i].row)[f];
                *(stem ? &x->stem_share : &x->share) = share;
            }
        }
        memset(seen, 0, r->own.n_rows * sizeof *seen);
    }
    if (stem)
        r->model.stem_twice[f] = persons > 1 ? (twice + 1) / (persons * (persons - 1) + 1) : 0;
    else
        r->model.twice[f] = r->model.u[f][0];
}

static bool find_shares(struct run *r)
{
    struct value *v = malloc((r->own.n_rows + 1) * sizeof *v);
    uint32_t *seen = calloc(r->own.n_rows + 1, sizeof *seen);

    for (int f = 0; v && seen && f < r->own.n_fields; f++) {
        shares_of_field(r, f, false, v, seen);
        shares_of_field(r, f, true, v, seen);
    }
    bool good = v && seen;
    free(v);
    free(seen);
    return good;
}

/* --- all pairs of a person --- */

/* Rows that are written alike come again and again: what was judged last is kept. */
struct judged {
    uint32_t a, b;
    float bits;
    bool known, given;
};

enum { JUDGED = 1 << 16 };

static const struct judged *judge(const struct run *r, struct judged *memory, uint32_t a, uint32_t b)
{
    struct judged *j = &memory[link_mix(a, b) & (JUDGED - 1)];

    if (j->known && j->a == a && j->b == b)
        return j;
    const struct feature *const *x = record(&r->own, a), *const *y = record(&r->own, b);
    *j = (struct judged){a, b, (float)link_score(&r->model, x, y, NULL), true, true};
    j->given = a == b ? j->bits >= r->model.same : !link_forbids(r->own.fields, r->own.n_fields, x, y);
    return j;
}

static enum err give_pairs(struct run *r, struct link_result *result, bool (*each)(void *, const struct link_pair *), void *mine)
{
    size_t n = r->set->n_rows;
    uint32_t *first = calloc(n + 2, sizeof *first), *member = malloc((n + 1) * sizeof *member);
    struct judged *memory = calloc(JUDGED, sizeof *memory);
    enum err err = first && member && memory ? OK : ERR_LIMIT;
    bool more = true;

    for (size_t i = 0; !err && i < n; i++)
        first[r->cluster[r->kind_of[i]] + 2]++;
    for (size_t i = 2; !err && i < n + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; !err && i < n; i++)
        member[first[r->cluster[r->kind_of[i]] + 1]++] = (uint32_t)i;
    for (size_t i = 0; !err && more && i < n; i++) {
        uint32_t c = r->cluster[r->kind_of[i]], k = r->kind_of[i];
        /* Rows that are all alike and yet say too little to be one person, such as blank ones. */
        if (first[c + 1] - first[c] == r->copies[k] && !judge(r, memory, k, k)->given)
            continue;
        for (uint32_t at = first[c]; more && at < first[c + 1]; at++) {
            uint32_t j = member[at];
            if (j <= i || (two_tables(r) && (i >= r->set->n_first || j < r->set->n_first)))
                continue;
            const struct judged *judged = judge(r, memory, k, r->kind_of[j]);
            if (!judged->given)
                continue;
            struct link_pair pair = {(uint32_t)i, j, judged->bits};
            result->n_pairs++;
            more = each(mine, &pair);
        }
    }
    free(first);
    free(member);
    free(memory);
    return err ? err : more ? OK : ERR_IO;
}

static enum err learn(struct run *r, struct link_result *result)
{
    size_t persons;

    link_model_begin(&r->model, r->own.fields, r->own.n_fields);
    link_model_learn(&r->model, &(struct link_sample){r->pattern, r->n_patterns, r->all_pairs, r->kin, r->n_kin});
    if (!find_clusters(r, false, &persons) || !find_shares(r) || !find_clusters(r, true, &persons))
        return ERR_LIMIT;
    result->model = r->model;
    result->persons = persons;
    return OK;
}

static void release(struct run *r)
{
    free(r->own.row);
    free(r->kind_of);
    free(r->copies);
    free(r->tables);
    free(r->pair);
    free(r->levels);
    free(r->pattern);
    free(r->pattern_slot);
    free(r->kin);
    free(r->edge);
    free(r->cluster);
}

enum err link_run(const struct link_set *set, struct link_result *result, bool (*each)(void *, const struct link_pair *),
                  void *mine)
{
    struct run r = {.set = set};
    enum err err = ERR_LIMIT;

    *result = (struct link_result){0};
    if (!find_distinct(&r))
        goto out;
    err = link_candidates(&r.own, &r.pair, &r.n_pairs);
    if (err)
        goto out;
    err = ERR_LIMIT;
    r.edge = malloc((r.n_pairs + 1) * sizeof *r.edge);
    r.cluster = malloc((r.own.n_rows + 1) * sizeof *r.cluster);
    if (!r.edge || !r.cluster || !compare_candidates(&r) || !compare_random(&r) || !compare_kin(&r))
        goto out;
    result->compared = r.n_pairs;
    result->distinct = r.own.n_rows;
    err = learn(&r, result);
    if (!err)
        err = give_pairs(&r, result, each, mine);
out:
    release(&r);
    return err;
}
