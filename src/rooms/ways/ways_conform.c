/* How a case kept to the scheme that its route runs on.
 *   repeated    rounds of a step beyond its first
 *   disordered  steps that were opened before a step which stands before them in the scheme: one that every way from the beginning
 *               to them leads through. The engine opens in order; a route that was moved to another version in the middle may not be
 *   late        rounds that were finished behind their term. Those that are open are kept with the day by which they are due
 *               (`dues`): whether it is past is asked when the figure is read
 *   skipped     steps and branches that the lead ended without their being done (counted with the events, ways_make.c) */
#include "base/buf.h"
#include "rooms/routing/routing_rules.h"
#include "rooms/ways/ways_rules.h"
#include <stdlib.h>

struct rounds {
    size_t n;
    const struct way_round *v;
};

static int64_t first_opened(const struct rounds *r, int64_t route, struct text step)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].route == route && text_eq(r->v[i].step, step))
            return r->v[i].opened;
    return INT64_MIN;
}

/* Steps that are reached from the beginning without going through `without`. */
static uint64_t reached(const struct routing_graph *g, int without)
{
    uint64_t seen = 0, old = 0;
    for (int i = 0; i < g->n_steps; i++)
        if (i != without && g->before[i] >> 63)
            seen |= UINT64_C(1) << i;
    while (seen != old) {
        old = seen;
        for (int i = 0; i < g->n_steps; i++)
            if (old >> i & 1)
                seen |= g->next[i] & ~(UINT64_C(1) << without);
    }
    return seen;
}

static int order_in(const struct rounds *r, int64_t route, const struct scheme *s, const struct routing_graph *g)
{
    uint64_t early = 0;
    for (int a = 0; a < s->n_steps; a++) {
        int64_t before = first_opened(r, route, s->steps[a].code);
        uint64_t free = before == INT64_MIN ? ~UINT64_C(0) : reached(g, a);
        for (int b = 0; b < s->n_steps; b++) {
            int64_t opened = first_opened(r, route, s->steps[b].code);
            if (a != b && !(free >> b & 1) && opened != INT64_MIN && opened < before)
                early |= UINT64_C(1) << b;
        }
    }
    return __builtin_popcountll(early);
}

/* Approved schemes never change: each is read once. */
enum { SCHEMES = 64 };
struct way_schemes {
    struct arena *arena;
    int n;
    struct known {
        int64_t id;
        struct scheme *scheme; /* null: there is none */
        struct routing_graph graph;
    } of[SCHEMES];
};

struct way_schemes *way_schemes_new(struct arena *arena)
{
    struct way_schemes *k = NEW(arena, struct way_schemes);
    k->arena = arena;
    return k;
}

static const struct known *scheme_of(struct request *rq, struct way_schemes *k, int64_t id)
{
    for (int i = 0; i < k->n; i++)
        if (k->of[i].id == id)
            return &k->of[i];
    struct known *x = &k->of[k->n < SCHEMES ? k->n++ : SCHEMES - 1];
    x->id = id;
    x->scheme = NEW(k->arena, struct scheme);
    if (scheme_load(rq, id, x->scheme))
        scheme_graph(x->scheme, &x->graph);
    else
        x->scheme = NULL;
    return x;
}

static int by_day(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static void write_dues(struct request *rq, int64_t *due, size_t n, struct way *w)
{
    enum { MOST = 200 };
    struct buf b = BUF(MOST * 12);
    if (!n)
        return;
    qsort(due, n, sizeof *due, by_day);
    for (size_t i = 0; i < n && i < MOST; i++) {
        buf_z(&b, i ? " " : "");
        buf_int(&b, due[i]);
    }
    w->dues = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
}

void way_conform(struct request *rq, struct way_schemes *known, struct way *w, const struct way_round *round, size_t n)
{
    const struct rounds all = {n, round};
    bool part = text_is(w->scheme, WAY_PART);
    int64_t *due = arena_array(rq->arena, n, sizeof *due);
    size_t n_due = 0;
    for (size_t i = 0; i < n && !rq->err; i++) {
        const struct way_round *r = &round[i];
        if (part && r->body != w->body)
            continue;
        w->repeated += r->round > 1;
        w->late += r->closed != INT64_MIN && r->due != INT64_MIN && r->closed > r->due;
        if (r->closed == INT64_MIN && r->due != INT64_MIN)
            due[n_due++] = r->due;
        if (part) {
            w->scheme_id = r->scheme;
            w->tells |= r->classes;
            continue;
        }
        bool done = false; /* rounds of two routes may stand mixed */
        for (size_t k = 0; k < i && !done; k++)
            done = round[k].route == r->route;
        const struct known *x = done ? NULL : scheme_of(rq, known, r->scheme);
        if (x && x->scheme)
            w->disordered += order_in(&all, r->route, x->scheme, &x->graph);
    }
    write_dues(rq, due, n_due, w);
}
