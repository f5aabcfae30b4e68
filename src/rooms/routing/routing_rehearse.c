#include "rooms/routing/routing_own.h"
#include "rooms/routing/routing_rehearse.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals.h"
#include <stdlib.h>

enum { SEEN_MAX = 20000, CASES_MAX = 200000, INPUTS_MAX = 300 };

/* What became of referrals of one step's need and kinds, in their order. */
struct history {
    size_t n, next;
    struct {
        int16_t days;
        uint8_t outcome;
    } v[SEEN_MAX];
};

struct days {
    size_t n, cap;
    int32_t *v;
};

struct walk {
    struct routing_state state;
    int64_t ready[ROUTING_STEPS]; /* the day, from the beginning, on which the open step ends */
    uint8_t outcome[ROUTING_STEPS];
};

struct stage {
    struct request *rq;
    const struct scheme *s;
    struct routing_graph graph;
    struct history *history[ROUTING_STEPS];
    struct days waits[ROUTING_STEPS], whole;
    struct body_all_options_rows bodies;
    struct rehearsal *out;
    int16_t term[ROUTING_STEPS];
    struct walk walk;
};

static void note_days(struct stage *g, struct days *d, int64_t days)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 64;
        d->v = arena_grow(g->rq->arena, d->v, d->cap * sizeof *d->v, cap * sizeof *d->v);
        d->cap = cap;
    }
    d->v[d->n++] = (int32_t)days;
}

static int by_size(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The day by which so many of ten have come; -1: none. */
static int64_t of_ten(struct days *d, size_t tenths)
{
    if (!d->n)
        return -1;
    qsort(d->v, d->n, sizeof *d->v, by_size);
    return d->v[(d->n - 1) * tenths / 10];
}

static bool among(struct text words, struct text word)
{
    struct text w;
    while (text_split(&words, ' ', &w))
        if (w.n && text_eq(w, word))
            return true;
    return false;
}

static int outcome_of(const struct scheme *s, const union rehearsal_referrals_row *r)
{
    struct text state = v_as_text(r->state), result = v_as_text(r->result);
    if (text_is(state, "declined"))
        return OUTCOME_DECLINED;
    if (text_is(state, "done") || text_is(state, "not_done")) {
        int own = result.n ? scheme_outcome(s, result) : -1;
        return own >= 0 ? own : text_is(state, "done") ? OUTCOME_DONE : OUTCOME_NOT_DONE;
    }
    return OUTCOME_SILENCE;
}

static bool unanswered(struct text state)
{
    return text_is(state, "sent") || text_is(state, "received");
}

static enum err take_referral(void *ctx, const struct value *v)
{
    struct stage *g = ctx;
    const union rehearsal_referrals_row *r = (const void *)v;
    int outcome = outcome_of(g->s, r);
    struct value end = outcome == OUTCOME_SILENCE    ? r->due_on
                       : outcome == OUTCOME_DECLINED ? r->answered_on
                                                     : r->finished_on;
    bool over = outcome != OUTCOME_SILENCE ||
                (unanswered(v_as_text(r->state)) && v_as_int(r->due_on) < g->rq->today);
    int64_t days = v_is(end) ? v_as_int(end) - v_as_int(r->sent_on) : 0;
    for (int i = 0; over && i < g->s->n_steps; i++) {
        const struct scheme_step *t = &g->s->steps[i];
        struct history *h = g->history[i];
        if (!h || h->n == SEEN_MAX || !text_eq(t->need, v_as_text(r->need)) ||
            (t->kinds.n && !among(t->kinds, v_as_text(r->kind))))
            continue;
        h->v[h->n].days = (int16_t)(days < 0 ? 0 : days > 3650 ? 3650 : days);
        h->v[h->n++].outcome = (uint8_t)outcome;
    }
    return OK;
}

/* The body that would be asked first, or 0. */
static const union body_all_options_row *body_for(const struct stage *g, const struct scheme_step *t,
                                                  int64_t district)
{
    const union body_all_options_row *far = NULL;
    bool near = text_is(t->place, "district");
    for (size_t i = 0; i < g->bodies.n; i++) {
        const union body_all_options_row *b = &g->bodies.row[i];
        if (!among(t->kinds, v_as_text(b->kind)))
            continue;
        if (near ? v_as_int(b->district_id) == district && district : !v_as_int(b->district_id))
            return b;
        if (!far && (near ? !v_as_int(b->district_id) : true))
            far = b;
    }
    return far;
}

static void load(struct stage *g, const union body_all_options_row *b)
{
    struct rehearsal *out = g->out;
    size_t i = 0;
    while (i < out->n_bodies && out->bodies[i].id != v_as_int(b->id))
        i++;
    if (i == REHEARSE_BODIES)
        return;
    if (i == out->n_bodies)
        out->bodies[out->n_bodies++] =
            (struct rehearsed_body){.id = v_as_int(b->id), .name = v_as_text(b->name)};
    out->bodies[i].referrals++;
}

/* What will become of a step that opens on this day. */
static void open_step(struct stage *g, struct walk *w, int i, int64_t day, int64_t district)
{
    const struct scheme_step *t = &g->s->steps[i];
    struct rehearsed_step *o = &g->out->steps[i];
    struct history *h = g->history[i];
    w->outcome[i] = OUTCOME_DONE;
    w->ready[i] = day + g->term[i];
    o->cases++;
    if (!h)
        return;
    const union body_all_options_row *b = text_is(t->place, "same") ? NULL : body_for(g, t, district);
    if (!b && !text_is(t->place, "same")) {
        o->no_body++;
        w->outcome[i] = OUTCOME_NO_BODY;
        w->ready[i] = day;
        return;
    }
    if (b)
        load(g, b);
    if (h->n) {
        w->outcome[i] = h->v[h->next % h->n].outcome;
        w->ready[i] = day + h->v[h->next++ % h->n].days;
    }
    note_days(g, &g->waits[i], w->ready[i] - day);
}

static void opened(struct stage *g, struct walk *w, const struct routing_actions *a, int64_t day,
                   int64_t district)
{
    for (int k = 0; k < a->n; k++)
        if (a->v[k].kind == ACTION_OPEN)
            open_step(g, w, a->v[k].step, day, district);
}

static int earliest(const struct stage *g, const struct walk *w)
{
    int at = -1;
    for (int i = 0; i < g->s->n_steps; i++)
        if (w->state.step[i].place != STEP_CLOSED && (at < 0 || w->ready[i] < w->ready[at]))
            at = i;
    return at;
}

static enum err take_case(void *ctx, const struct value *v)
{
    struct stage *g = ctx;
    const union rehearsal_cases_row *c = (const void *)v;
    struct walk *w = &g->walk;
    struct routing_actions a;
    int64_t day = 0, district = v_as_int(c->district_id);
    bool stuck = false;
    int inputs = 0;
    if (g->out->cases >= CASES_MAX)
        return OK;
    memset(w, 0, sizeof *w);
    g->out->cases++;
    routing_feed(&g->graph, &w->state, &(struct routing_input){INPUT_START, 0, 0, 0}, &a);
    opened(g, w, &a, day, district);
    while (!w->state.ended && inputs++ < INPUTS_MAX) {
        int i = earliest(g, w);
        if (i < 0)
            break;
        bool silent = w->outcome[i] == OUTCOME_SILENCE || w->outcome[i] == OUTCOME_NO_BODY;
        bool hand = w->state.step[i].place == STEP_DECIDE ||
                    (silent && (!routing_leads(&g->graph, i, w->outcome[i]) ||
                                (w->outcome[i] == OUTCOME_NO_BODY && w->state.step[i].round > 1)));
        struct routing_input in = {hand ? INPUT_CONCLUDE : INPUT_OUTCOME, i,
                                   w->state.step[i].round, w->outcome[i]};
        day = w->ready[i] > day ? w->ready[i] : day;
        if (hand) { /* somebody would have to decide; the rest goes on without this branch */
            stuck = true;
            g->out->steps[i].stuck++;
        }
        if (!routing_feed(&g->graph, &w->state, &in, &a))
            break;
        opened(g, w, &a, day, district);
    }
    g->out->stuck += stuck || !w->state.ended;
    g->out->ended += w->state.ended && !stuck;
    if (w->state.ended)
        note_days(g, &g->whole, day);
    return OK;
}

static int16_t term_of(struct request *rq, struct text rule)
{
    struct value due = due_by(rq, rule);
    return v_is(due) && v_as_int(due) > rq->today ? (int16_t)(v_as_int(due) - rq->today) : 0;
}

static int by_load(const void *a, const void *b)
{
    const struct rehearsed_body *x = a, *y = b;
    if (x->referrals != y->referrals)
        return x->referrals < y->referrals ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

void scheme_rehearse(struct request *rq, const struct scheme *s, struct rehearsal *out)
{
    struct stage *g = NEW(rq->arena, struct stage);
    g->rq = rq;
    g->s = s;
    g->out = out;
    memset(out, 0, sizeof *out);
    out->until = rq->today;
    out->from = date_add_months(rq->today, -12);
    scheme_graph(s, &g->graph);
    body_options(rq, T(""), 0, 0, &g->bodies);
    for (int i = 0; i < s->n_steps; i++) {
        g->term[i] = term_of(rq, s->steps[i].result_rule);
        if (!text_is(s->steps[i].place, "lead"))
            g->history[i] = NEW(rq->arena, struct history);
    }
    each_rehearsal_referrals(
        rq,
        &(struct rehearsal_referrals_args){.from = v_date(out->from), .until = v_date(out->until)},
        take_referral, g);
    each_rehearsal_cases(rq,
                               &(struct rehearsal_cases_args){.from = v_date(out->from),
                                                              .until = v_date(out->until),
                                                              .situation = v_text(s->situation)},
                               take_case, g);
    out->median = of_ten(&g->whole, 5);
    out->late = of_ten(&g->whole, 9);
    for (int i = 0; i < s->n_steps; i++) {
        out->steps[i].median = of_ten(&g->waits[i], 5);
        out->steps[i].known = g->history[i] ? (int64_t)g->history[i]->n : 0;
    }
    qsort(out->bodies, out->n_bodies, sizeof out->bodies[0], by_load);
}
