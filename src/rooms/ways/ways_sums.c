/* What ways count for, put together in memory before it is stored: of one slice most rows are met many times. */
#include "rooms/ways/ways_rules.h"
#include <stdlib.h>

struct arc_delta {
    struct way_key key;
    uint32_t step, next;
    int64_t days, variant, n; /* variant: 0 of an arc */
    uint64_t hash;
};
struct way_deltas {
    struct arena *arena;
    struct process_names steps, schemes;
    struct arc_delta *row;
    size_t n, cap, n_slots;
    uint32_t *slot; /* row + 1 */
};

struct way_deltas *deltas_new(struct arena *arena)
{
    struct way_deltas *d = NEW(arena, struct way_deltas);
    d->arena = arena;
    return d;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ h >> 31;
}

static bool same(const struct arc_delta *a, const struct arc_delta *b)
{
    return a->hash == b->hash && a->step == b->step && a->next == b->next && a->days == b->days && a->variant == b->variant &&
           a->key.district == b->key.district && a->key.body == b->key.body && a->key.month == b->key.month &&
           text_eq(a->key.scheme, b->key.scheme);
}

static void add(struct way_deltas *d, struct arc_delta x)
{
    if (d->n * 2 >= d->n_slots) {
        d->n_slots = d->n_slots ? d->n_slots * 2 : 1024;
        d->slot = arena_array(d->arena, d->n_slots, sizeof *d->slot);
        for (size_t i = 0; i < d->n; i++) {
            size_t at = d->row[i].hash & (d->n_slots - 1);
            while (d->slot[at])
                at = (at + 1) & (d->n_slots - 1);
            d->slot[at] = (uint32_t)i + 1;
        }
    }
    uint64_t h = mix(mix(mix(x.step, x.next), (uint64_t)x.days), (uint64_t)x.variant);
    h = mix(mix(mix(h, (uint64_t)x.key.district), (uint64_t)x.key.body), (uint64_t)x.key.month);
    uint32_t scheme = process_name_id(&d->schemes, d->arena, x.key.scheme);
    x.hash = mix(h, scheme);
    x.key.scheme = d->schemes.name[scheme]; /* what was given may be of a row that passes by */
    size_t at = x.hash & (d->n_slots - 1);
    for (; d->slot[at]; at = (at + 1) & (d->n_slots - 1))
        if (same(&d->row[d->slot[at] - 1], &x)) {
            d->row[d->slot[at] - 1].n += x.n;
            return;
        }
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 512;
        d->row = arena_grow(d->arena, d->row, d->cap * sizeof *d->row, cap * sizeof *d->row);
        d->cap = cap;
    }
    d->row[d->n] = x;
    d->slot[at] = (uint32_t)++d->n;
}

/* For the group itself, and for all together: of these parts are no cases of their own. */
static void count(struct way_deltas *d, const struct way_key *key, struct arc_delta x)
{
    x.key = *key;
    add(d, x);
    if (text_is(key->scheme, WAY_PART))
        return;
    x.key = (struct way_key){0, 0, key->month, T("*")};
    add(d, x);
}

void deltas_way(struct way_deltas *d, const struct way_key *key, struct text steps, struct text days, int64_t variant, int64_t n)
{
    struct text word, number;
    int64_t before = 0, day = 0, whole = -1;
    uint32_t from = process_name_id(&d->steps, d->arena, T("^"));
    while (text_split(&steps, ' ', &word)) {
        if (!word.n || text_is(word, "^"))
            continue;
        uint32_t to = process_name_id(&d->steps, d->arena, word);
        bool end = text_is(word, "$");
        if (end)
            whole = day;
        else if (!text_split(&days, ' ', &number) || text_int(number, 0, INT64_MAX, &day))
            return; /* what is stored is what write_way() wrote */
        count(d, key, (struct arc_delta){.step = from, .next = to, .days = end ? whole : day - before, .n = n});
        from = to;
        before = day;
    }
    count(d, key, (struct arc_delta){.variant = variant, .days = whole, .n = n});
}

/* In the order of the tables' keys, so that what lies together is written together. */
static int row_order(const void *x, const void *y)
{
    const struct arc_delta *a = x, *b = y;
    int c = text_cmp(a->key.scheme, b->key.scheme);
    if (c || a->key.month != b->key.month)
        return c ? c : a->key.month - b->key.month;
    if (a->key.district != b->key.district)
        return a->key.district < b->key.district ? -1 : 1;
    if (a->key.body != b->key.body)
        return a->key.body < b->key.body ? -1 : 1;
    if (a->variant != b->variant)
        return a->variant < b->variant ? -1 : 1;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (a->next != b->next)
        return a->next < b->next ? -1 : 1;
    return (a->days > b->days) - (a->days < b->days);
}

size_t deltas_ready(struct way_deltas *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->row[i].n)
            d->row[n++] = d->row[i];
    d->n = n;
    if (n)
        qsort(d->row, n, sizeof *d->row, row_order);
    return n;
}

struct way_delta deltas_at(const struct way_deltas *d, size_t i)
{
    const struct arc_delta *x = &d->row[i];
    return (struct way_delta){x->key, d->steps.name[x->step], d->steps.name[x->next], x->days, x->variant, x->n};
}

static void store(struct change *ch, const struct way_delta *x)
{
    struct value scheme = v_text(x->key.scheme), district = v_int(x->key.district), body = v_int(x->key.body), month = v_int(x->key.month);
    struct value days = v_int(x->days), n = v_int(x->n);
    if (x->variant) {
        struct value variant = v_int(x->variant);
        w_way_variant_sum_add(ch, &(struct way_variant_sum_add_args){.scheme = scheme, .district = district, .body = body, .month = month,
                                                                     .variant = variant, .days = days, .n = n});
        if (x->n < 0)
            w_way_variant_sum_empty(ch, &(struct way_variant_sum_empty_args){.scheme = scheme, .district = district, .body = body, .month = month,
                                                                             .variant = variant, .days = days});
        return;
    }
    struct value step = v_text(x->step), next = v_text(x->next);
    w_way_sum_add(ch, &(struct way_sum_add_args){.scheme = scheme, .district = district, .body = body, .month = month, .step = step, .next = next,
                                                 .days = days, .n = n});
    if (x->n < 0)
        w_way_sum_empty(ch, &(struct way_sum_empty_args){.scheme = scheme, .district = district, .body = body, .month = month, .step = step,
                                                         .next = next, .days = days});
}

void deltas_store(struct change *ch, const struct way_deltas *d, size_t first, size_t n)
{
    for (size_t i = first; i < first + n && !ch->rq->err; i++) {
        struct way_delta x = deltas_at(d, i);
        store(ch, &x);
        if (!text_is(x.key.scheme, "*"))
            continue;
        x.key.scheme = T("**");
        x.key.month /= 100;
        store(ch, &x);
    }
}

/* ---- what the ways of a month give, against what is kept ---- */

static enum err add_way(void *ctx, const struct value *cells)
{
    const union way_month_cases_row *r = (const union way_month_cases_row *)cells;
    struct way_key key = {v_as_int(r->district_id), v_as_int(r->body_id), (int)v_as_int(r->month), v_as_text(r->scheme)};
    deltas_way(ctx, &key, v_as_text(r->steps), v_as_text(r->days), v_as_int(r->variant_id), 1);
    return OK;
}

static enum err take_arc(void *ctx, const struct value *cells)
{
    struct way_deltas *d = ctx;
    const union way_month_sums_row *r = (const union way_month_sums_row *)cells;
    add(d, (struct arc_delta){.key = {v_as_int(r->district_id), v_as_int(r->body_id), (int)v_as_int(r->month), v_as_text(r->scheme)},
                              .step = process_name_id(&d->steps, d->arena, v_as_text(r->step)),
                              .next = process_name_id(&d->steps, d->arena, v_as_text(r->next_step)),
                              .days = v_as_int(r->days),
                              .n = -v_as_int(r->n)});
    return OK;
}

static enum err take_variant(void *ctx, const struct value *cells)
{
    struct way_deltas *d = ctx;
    const union way_month_variants_row *r = (const union way_month_variants_row *)cells;
    add(d, (struct arc_delta){.key = {v_as_int(r->district_id), v_as_int(r->body_id), (int)v_as_int(r->month), v_as_text(r->scheme)},
                              .days = v_as_int(r->days),
                              .variant = v_as_int(r->variant_id),
                              .n = -v_as_int(r->n)});
    return OK;
}

void deltas_of_month(struct request *rq, int month, struct way_deltas *d)
{
    struct value m = v_int(month);
    (void)process_name_id(&d->steps, d->arena, T("^")); /* a variant has none; it stands for it in the order */
    each_way_month_cases(rq, &(struct way_month_cases_args){.month = m}, add_way, d);
    each_way_month_sums(rq, &(struct way_month_sums_args){.month = m}, take_arc, d);
    each_way_month_variants(rq, &(struct way_month_variants_args){.month = m}, take_variant, d);
}
