/* The way of a case from the log, its routes and their schemes: of its lead, and of each body that works in it.
 *
 * A body works in a case of another body when it has a referral of it. It is told of its own referrals and measures, and, once it has
 * taken one on, of what the lead does with the case as such (opened, assessed, programme, closed): these have the class *social*,
 * which every role of interaction reads. What third bodies do, and the route, tell needs and stay with the lead. Of a person
 * under a restriction only the lead's way is kept. */
#include "base/buf.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/ways/ways_rules.h"
#include <stdlib.h>

enum { OF_THE_CASE = 0, OF_NOBODY = -1 };

struct item {
    int64_t day, id, party; /* the body that is asked; OF_… */
    int source;             /* 0: event, 1: step of a route; of one day in this order */
    bool by_route;          /* the lead sees it as a step of the route */
    struct text step;
};
struct party {
    int64_t body;
    bool takes;
};
struct asked { /* a referral or measure */
    int64_t id, body;
    bool by_route;
};
struct made {
    struct way w;
    bool closed, restricted;
    size_t n_items, cap_items, n_rounds, cap_rounds, n_parties, cap_parties, n_referrals, cap_referrals, n_measures, cap_measures;
    struct item *item;
    struct way_round *round;
    struct party *party;
    struct asked *referral, *measure;
};
struct making {
    struct request *rq;
    size_t n, cap, at; /* at: the one that rows are of: rows come by case */
    struct made *v;
    struct process_names kinds;
    struct text *step_of; /* of each kind; empty: no step */
};

static struct made *made_of(struct making *m, struct value case_id)
{
    int64_t id = v_as_int(case_id);
    while (m->at < m->n && m->v[m->at].w.case_id < id)
        m->at++;
    return m->at < m->n && m->v[m->at].w.case_id == id ? &m->v[m->at] : NULL;
}

static void *grow(struct arena *arena, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    size_t more = *cap ? *cap * 2 : 8;
    old = arena_grow(arena, old, *cap * size, more * size);
    *cap = more;
    return old;
}

static enum err take_facts(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_case_facts_row *r = (const union way_case_facts_row *)cells;
    struct ymd d = date_ymd(v_as_int(r->opened_on));
    m->v = grow(m->rq->arena, m->v, m->n, &m->cap, sizeof *m->v);
    m->v[m->n++] = (struct made){.w = {.case_id = v_as_int(r->id),
                                       .month = d.year * 100 + d.month,
                                       .scheme = T(""),
                                       .dues = T(""),
                                       .district = v_as_int(r->district_id),
                                       .body = v_as_int(r->body_id)},
                                 .closed = text_is(v_as_text(r->state), "closed"),
                                 .restricted = v_as_int(r->restricted) != 0};
    return OK;
}

/* The newest route names the scheme. */
static enum err take_route(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_routes_row *r = (const union way_routes_row *)cells;
    struct made *c = made_of(m, r->case_id);
    if (c) {
        c->w.scheme = arena_text(m->rq->arena, v_as_text(r->code));
        c->w.scheme_id = v_as_int(r->scheme_id);
    }
    return OK;
}

static int64_t day_or_none(struct value v)
{
    return v_is(v) ? v_as_int(v) : INT64_MIN;
}

static void add_item(struct making *m, struct made *c, struct item x)
{
    if (c->n_items >= WAY_STEPS_MAX)
        return;
    c->item = grow(m->rq->arena, c->item, c->n_items, &c->cap_items, sizeof *c->item);
    c->item[c->n_items++] = x;
}

static enum err take_round(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_route_steps_row *r = (const union way_route_steps_row *)cells;
    struct made *c = made_of(m, r->case_id);
    if (!c)
        return OK;
    struct text scheme = v_as_text(r->code), step = v_as_text(r->step);
    step = arena_printf(m->rq->arena, "%.*s/%.*s", TEXT_ARG(scheme), TEXT_ARG(step));
    c->round = grow(m->rq->arena, c->round, c->n_rounds, &c->cap_rounds, sizeof *c->round);
    c->round[c->n_rounds++] = (struct way_round){.step = {step.s + scheme.n + 1, step.n - scheme.n - 1},
                                                 .route = v_as_int(r->route_id),
                                                 .scheme = v_as_int(r->scheme_id),
                                                 .round = v_as_int(r->round),
                                                 .body = v_as_int(r->body_id),
                                                 .opened = v_as_int(r->opened_on),
                                                 .due = day_or_none(r->due_on),
                                                 .closed = day_or_none(r->closed_on),
                                                 .classes = v_as_int(r->classes)};
    add_item(m, c, (struct item){.day = v_as_int(r->opened_on), .id = v_as_int(r->id), .party = OF_NOBODY, .source = 1, .step = step});
    return OK;
}

static bool taken_on(struct text state)
{
    return text_is(state, "accepted") || text_is(state, "in_progress") || text_is(state, "done") || text_is(state, "not_done");
}

static enum err take_referral(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_referrals_row *r = (const union way_referrals_row *)cells;
    struct made *c = made_of(m, r->case_id);
    if (!c)
        return OK;
    int64_t body = v_as_int(r->to_body_id);
    c->referral = grow(m->rq->arena, c->referral, c->n_referrals, &c->cap_referrals, sizeof *c->referral);
    c->referral[c->n_referrals++] = (struct asked){v_as_int(r->id), body, v_as_int(r->by_route) != 0};
    if (c->restricted || body == c->w.body || text_is(v_as_text(r->state), "draft"))
        return OK;
    size_t i = 0;
    while (i < c->n_parties && c->party[i].body != body)
        i++;
    if (i == c->n_parties) {
        c->party = grow(m->rq->arena, c->party, c->n_parties, &c->cap_parties, sizeof *c->party);
        c->party[c->n_parties++] = (struct party){.body = body};
    }
    c->party[i].takes = c->party[i].takes || taken_on(v_as_text(r->state));
    return OK;
}

static enum err take_measure(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_measures_row *r = (const union way_measures_row *)cells;
    struct made *c = made_of(m, r->case_id);
    if (c) {
        c->measure = grow(m->rq->arena, c->measure, c->n_measures, &c->cap_measures, sizeof *c->measure);
        c->measure[c->n_measures++] = (struct asked){v_as_int(r->id), v_as_int(r->body_id), false};
    }
    return OK;
}

/* What the packs make of a kind of event; looked up once. */
static struct text step_of(struct making *m, struct text kind)
{
    uint32_t before = m->kinds.n, id = process_name_id(&m->kinds, m->rq->arena, kind);
    if (m->kinds.n == before)
        return m->step_of[id];
    m->step_of = arena_grow(m->rq->arena, m->step_of, before * sizeof *m->step_of, m->kinds.n * sizeof *m->step_of);
    m->step_of[id] = T("");
    const struct code_list *list = code_list("way_step");
    for (size_t i = 0; list && i < list->n; i++) {
        struct text key = arena_printf(m->rq->arena, "way_step %s", list->codes[i].code);
        const struct pack_entry *e = pack_find("code", key);
        if (e && pack_prop_has(e, "events", kind))
            return m->step_of[id] = text_of(list->codes[i].code);
    }
    return m->step_of[id];
}

/* Rows of a case come by their numbers. */
static const struct asked *asked_find(const struct asked *v, size_t n, int64_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (v[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && v[low].id == id ? &v[low] : NULL;
}

static enum err take_event(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union way_events_row *r = (const union way_events_row *)cells;
    struct made *c = made_of(m, r->case_id);
    if (!c)
        return OK;
    struct text kind = v_as_text(r->kind), object = v_as_text(r->object), step = step_of(m, kind);
    c->w.skipped += text_is(kind, "route.step_skipped") || text_is(kind, "route.branch_ended");
    if (!step.n)
        return OK;
    struct item x = {.day = v_as_int(r->day), .id = v_as_int(r->id), .party = OF_THE_CASE, .step = step};
    bool referral = text_starts(kind, "referral."), measure = text_starts(kind, "measure.");
    if (referral || measure) {
        const struct asked *a = NULL;
        if (text_is(object, "referral"))
            a = asked_find(c->referral, c->n_referrals, v_as_int(r->object_id));
        else if (text_is(object, "measure"))
            a = asked_find(c->measure, c->n_measures, v_as_int(r->object_id));
        x.party = a ? a->body : OF_NOBODY;
        x.by_route = a && a->by_route;
    }
    add_item(m, c, x);
    return OK;
}

static int item_order(const void *x, const void *y)
{
    const struct item *a = x, *b = y;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* Whether the item stands on the way of the party; null: of the lead. */
static bool stands(const struct item *x, const struct party *p)
{
    if (!p)
        return !x->by_route;
    return x->source == 0 && (x->party == p->body || (x->party == OF_THE_CASE && p->takes));
}

static void write_way(struct request *rq, const struct made *c, const struct party *p, struct way *w)
{
    struct buf steps = BUF(4 << 20), days = BUF(4 << 20);
    int64_t first = 0;
    buf_z(&steps, " ^ ");
    for (size_t i = 0; i < c->n_items; i++) {
        if (!stands(&c->item[i], p))
            continue;
        buf_text(&steps, c->item[i].step);
        buf_char(&steps, ' ');
        if (w->length++ == 0)
            first = c->item[i].day;
        else
            buf_char(&days, ' ');
        buf_int(&days, c->item[i].day - first);
    }
    if (c->closed && (!p || p->takes))
        buf_z(&steps, "$ ");
    w->steps = arena_text(rq->arena, buf_get(&steps));
    w->days = arena_text(rq->arena, buf_get(&days));
    if (buf_end(&steps) || buf_end(&days))
        rq_fail(rq, ERR_LIMIT);
    buf_free(&steps);
    buf_free(&days);
}

static int party_order(const void *x, const void *y)
{
    const struct party *a = x, *b = y;
    return (a->body > b->body) - (a->body < b->body);
}

static void add_way(struct making *m, struct way_schemes *schemes, struct made *c, const struct party *p, struct way_list *out)
{
    struct request *rq = m->rq;
    struct way w = c->w;
    if (p) {
        w.body = p->body;
        w.scheme = T(WAY_PART);
        w.scheme_id = w.skipped = 0;
    }
    write_way(rq, c, p, &w);
    if (!w.length)
        return;
    if (c->n_rounds)
        way_conform(rq, schemes, &w, c->round, c->n_rounds);
    out->way = grow(rq->arena, out->way, out->n, &out->cap, sizeof *out->way);
    out->way[out->n++] = w;
}

void ways_make(struct request *rq, int64_t last, struct way_list *out)
{
    struct making m = {.rq = rq};
    struct value to = v_int(last);
    *out = (struct way_list){0};
    each_way_case_facts(rq, &(struct way_case_facts_args){.last = to}, take_facts, &m);
    each_way_routes(rq, &(struct way_routes_args){.last = to}, take_route, &m);
    m.at = 0;
    each_way_route_steps(rq, &(struct way_route_steps_args){.last = to}, take_round, &m);
    m.at = 0;
    each_way_referrals(rq, &(struct way_referrals_args){.last = to}, take_referral, &m);
    m.at = 0;
    each_way_measures(rq, &(struct way_measures_args){.last = to}, take_measure, &m);
    m.at = 0;
    each_way_events(rq, &(struct way_events_args){.last = to}, take_event, &m);
    struct way_schemes *schemes = way_schemes_new(rq->arena);
    for (size_t i = 0; i < m.n && !rq->err; i++) {
        struct made *c = &m.v[i];
        if (c->n_items)
            qsort(c->item, c->n_items, sizeof *c->item, item_order);
        if (c->n_parties)
            qsort(c->party, c->n_parties, sizeof *c->party, party_order);
        add_way(&m, schemes, c, NULL, out);
        for (size_t k = 0; k < c->n_parties; k++)
            add_way(&m, schemes, c, &c->party[k], out);
    }
}

bool way_same(const struct way *a, const struct way *b)
{
    return a->case_id == b->case_id && a->district == b->district && a->body == b->body && a->scheme_id == b->scheme_id && a->month == b->month &&
           a->skipped == b->skipped && a->repeated == b->repeated && a->disordered == b->disordered && a->late == b->late && a->tells == b->tells &&
           text_eq(a->scheme, b->scheme) && text_eq(a->steps, b->steps) && text_eq(a->days, b->days) && text_eq(a->dues, b->dues);
}
