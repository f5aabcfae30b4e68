/* What `bereg check` proves: each way against the log once more, each sum against the ways, each year against its months. What differs
 * is named, the first ones. */
#include "rooms/ways/ways_rules.h"

enum { CASES = 500, NAMED = 20 };

struct checking {
    struct request *rq;
    void (*found)(void *ctx, const char *text);
    void *ctx;
    int64_t differ;
};

static void say(struct checking *c, struct text words)
{
    if (c->differ++ < NAMED)
        c->found(c->ctx, arena_z(c->rq->arena, words));
}

static void rest(struct checking *c, const char *what)
{
    if (c->differ > NAMED)
        c->found(c->ctx, arena_printf(c->rq->arena, "ways: and %lld more %s", (long long)(c->differ - NAMED), what).s);
    c->differ = 0;
}

/* --- each way --- */

struct kept {
    struct arena *arena;
    struct way_list list;
};

static enum err take_kept(void *ctx, const struct value *cells)
{
    struct kept *k = ctx;
    const union way_case_kept_row *r = (const union way_case_kept_row *)cells;
    if (k->list.n == k->list.cap) {
        size_t cap = k->list.cap ? k->list.cap * 2 : 256;
        k->list.way = arena_grow(k->arena, k->list.way, k->list.cap * sizeof *k->list.way, cap * sizeof *k->list.way);
        k->list.cap = cap;
    }
    k->list.way[k->list.n++] = (struct way){.case_id = v_as_int(r->case_id),
                                            .district = v_as_int(r->district_id),
                                            .body = v_as_int(r->body_id),
                                            .scheme_id = v_as_int(r->scheme_id),
                                            .month = (int)v_as_int(r->month),
                                            .scheme = arena_text(k->arena, v_as_text(r->scheme)),
                                            .steps = arena_text(k->arena, v_as_text(r->steps)),
                                            .days = arena_text(k->arena, v_as_text(r->days)),
                                            .skipped = v_as_int(r->skipped),
                                            .repeated = v_as_int(r->repeated),
                                            .disordered = v_as_int(r->disordered),
                                            .late = v_as_int(r->late),
                                            .dues = arena_text(k->arena, v_as_text(r->dues)),
                                            .tells = v_as_int(r->tells)};
    return OK;
}

static const char *which(const struct way *a, const struct way *b)
{
    if (!text_eq(a->steps, b->steps))
        return "its steps";
    if (!text_eq(a->days, b->days))
        return "the days of its steps";
    if (a->month != b->month || a->district != b->district || a->scheme_id != b->scheme_id || !text_eq(a->scheme, b->scheme))
        return "its month, district or scheme";
    return "how it kept to its scheme";
}

/* The ways of the next cases, made from the log in a change that is undone: nothing of it is kept. *suspect: the first that differs. */
static bool check_slice(struct checking *c, int64_t *after, bool tell, bool *differ)
{
    struct request *rq = c->rq;
    struct way_case_after_rows next = {0};
    struct way_list made = {0};
    struct kept kept = {.arena = rq->arena};
    struct change ch;
    q_way_case_after(rq, &(struct way_case_after_args){.after = v_int(*after), .rows = v_int(CASES)}, &next);
    if (!next.n || rq->err)
        return false;
    struct value last = next.row[next.n - 1].id;
    change_begin(rq, &ch, NO_SUBJECT);
    w_way_due_some(&ch, &(struct way_due_some_args){.first = next.row[0].id, .last = last});
    each_way_case_kept(rq, &(struct way_case_kept_args){.last = last}, take_kept, &kept);
    ways_make(rq, v_as_int(last), &made);
    bool read = !rq->err;
    rq_fail(rq, ERR_CONFLICT);
    change_commit(&ch);
    rq->err = read && rq->err == ERR_CONFLICT ? OK : rq->err;
    for (size_t i = 0, k = 0; i < made.n || k < kept.list.n;) {
        const struct way *a = i < made.n ? &made.way[i] : NULL, *b = k < kept.list.n ? &kept.list.way[k] : NULL;
        bool part_a = a && text_is(a->scheme, WAY_PART), part_b = b && text_is(b->scheme, WAY_PART);
        int order = !b ? -1 : !a ? 1 : a->case_id != b->case_id ? (a->case_id < b->case_id ? -1 : 1)
                                     : part_a != part_b         ? part_a - part_b
                                     : part_a && a->body != b->body ? (a->body < b->body ? -1 : 1) : 0;
        const struct way *w = order <= 0 ? a : b;
        const char *what = order < 0 ? "it is not kept" : order > 0 ? "the log has none" : way_same(a, b) ? NULL : which(a, b);
        *differ = *differ || what;
        if (what && tell)
            say(c, arena_printf(rq->arena, "ways: case %lld, body %lld: its way differs from the log: %s", (long long)w->case_id, (long long)w->body, what));
        i += order <= 0;
        k += order >= 0;
    }
    *after = v_as_int(last);
    return next.n == CASES;
}

static void check_cases(struct checking *c)
{
    struct arena *outer = c->rq->arena, *mine = arena_new();
    bool more = true;
    c->rq->arena = mine;
    for (int64_t after = 0; more && !c->rq->err; arena_reset(mine)) {
        int64_t from = after;
        bool differ = false;
        more = check_slice(c, &after, false, &differ);
        if (!differ)
            continue;
        (void)ways_catch_up(c->rq, 0); /* it may have been touched meanwhile */
        (void)check_slice(c, &from, true, &differ);
    }
    c->rq->arena = outer;
    rest(c, "ways of cases");
    arena_free(mine);
}

/* --- each sum --- */

static struct text of_whom(struct request *rq, const struct way_key *k)
{
    if (text_is(k->scheme, "*"))
        return T("all");
    return arena_printf(rq->arena, "district %lld, body %lld, scheme \"%.*s\"", (long long)k->district, (long long)k->body, TEXT_ARG(k->scheme));
}

static void check_month(struct checking *c, int month)
{
    struct request *rq = c->rq;
    struct way_deltas *d = deltas_new(rq->arena);
    deltas_of_month(rq, month, d);
    size_t n = deltas_ready(d);
    for (size_t i = 0; i < n; i++) {
        struct way_delta x = deltas_at(d, i);
        struct text whose = of_whom(rq, &x.key), what;
        if (x.variant)
            what = arena_printf(rq->arena, "variant %lld", (long long)x.variant);
        else
            what = arena_printf(rq->arena, "%.*s to %.*s", TEXT_ARG(x.step), TEXT_ARG(x.next));
        say(c, arena_printf(rq->arena, "ways: the sums of %d (%.*s), %.*s in %lld days: %lld too %s", month, TEXT_ARG(whose), TEXT_ARG(what),
                            (long long)x.days, (long long)(x.n < 0 ? -x.n : x.n), x.n < 0 ? "many" : "few"));
    }
}

void ways_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct checking c = {rq, found, ctx, 0};
    struct way_months_rows months = {0};
    struct way_years_differ_rows years = {0};
    if (!ways_catch_up(rq, 0))
        return;
    check_cases(&c);
    q_way_months(rq, &(struct way_months_args){0}, &months);
    struct arena *outer = rq->arena, *mine = arena_new();
    for (size_t i = 0; i < months.n && !rq->err; i++, arena_reset(mine)) {
        rq->arena = mine;
        check_month(&c, (int)v_as_int(months.row[i].month));
        rq->arena = outer;
    }
    arena_free(mine);
    q_way_years_differ(rq, &(struct way_years_differ_args){0}, &years);
    for (size_t i = 0; i < years.n; i++) {
        const union way_years_differ_row *y = &years.row[i];
        say(&c, arena_printf(rq->arena, "ways: the sums of %lld, %.*s to %.*s, variant %lld in %lld days: %lld is kept, its months have %lld",
                             (long long)v_as_int(y->year), TEXT_ARG(v_as_text(y->step)), TEXT_ARG(v_as_text(y->next_step)),
                             (long long)v_as_int(y->variant), (long long)v_as_int(y->days), (long long)v_as_int(y->kept), (long long)v_as_int(y->wanted)));
    }
    rest(&c, "sums");
}
