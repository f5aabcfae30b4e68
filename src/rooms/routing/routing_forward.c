/* Leading routes on: answers come in by the hook and are only marked; here the engine is given what
 * they say, what has opened is sent, what is not needed any more is taken back. Each in a change of
 * its own, as the lead, so that a refusal leaves one step with the lead and nothing is lost when the
 * process dies in between. */
#include "base/log.h"
#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals.h"
#include "rooms/routing/routing_own.h"
#include "rooms/trust/trust.h"

enum { TURNS = 400, BATCH = 200, BODIES = 200, RUN_TIME = 5000000 /* us */ };

/* ---- the hook: in the change of whoever answers ---- */

static bool is_taken(struct text state)
{
    return text_is(state, "accepted") || text_is(state, "in_progress");
}

static bool is_over(struct text state)
{
    return text_is(state, "done") || text_is(state, "not_done") || text_is(state, "declined") ||
           text_is(state, "withdrawn") || text_is(state, "taken");
}

/* A body asked by hand in place of one that a step had asked: it is asked for the step, as long as the
 * step waits. Its referral names the one that it follows as its offer. */
static void adopt(struct change *ch, int64_t referral)
{
    struct request *rq = ch->rq;
    struct referral_facts f = referral_facts(rq, referral);
    union offer_of_referral_row o;
    union route_step_facts_row t;
    union route_facts_row_row r;
    if (!f.offer || f.offer == referral ||
        !q_offer_of_referral(rq, &(struct offer_of_referral_args){.referral = v_int(f.offer)}, &o))
        return;
    change_lock(ch, SUBJECT(&route_step_table, v_as_int(o.route_step_id)));
    if (!q_route_step_facts(rq, &(struct route_step_facts_args){.id = o.route_step_id}, &t) ||
        !q_route_facts_row(rq, &(struct route_facts_row_args){.id = o.route_id}, &r))
        return;
    struct text state = v_as_text(t.state);
    bool offered = text_is(state, "offered");
    if (text_is(state, "at_work"))
        rq_refuse(rq, N_("Another body has taken this step of the route on already"));
    if (rq->err || !text_is(v_as_text(r.state), "running") ||
        (!offered && !text_is(state, "by_hand") && !text_is(state, "to_send")))
        return; /* the step is over: a referral of the case like any other */
    union route_offer_record n = {.route_id = o.route_id,
                                  .route_step_id = o.route_step_id,
                                  .referral_id = v_int(referral),
                                  .body_id = v_int(f.to_body)};
    union route_step_record u = {.state = v_z("offered"),
                                 .wait = v_null(),
                                 .answer_due = f.answer_by ? v_date(f.answer_by) : t.answer_due,
                                 .silent_on = v_null()};
    if (!offered || v_is(t.body_id))
        u.body_id = v_int(f.to_body);
    change_insert(ch, &route_offer_table, n.v);
    change_update(ch, &route_step_table, v_as_int(t.id), -1, u.v);
    change_event(ch, &(struct event){.kind = "route.body_chosen",
                                     .person = v_as_int(r.person_id),
                                     .case_id = v_as_int(r.case_id),
                                     .classes = (uint32_t)v_as_int(r.classes),
                                     .table = &route_table,
                                     .object = v_as_int(o.route_id)});
}

/* Of an offer the referrals let one body accept; here it is only marked that there is an answer. */
void routing_referral_changed(struct change *ch, int64_t referral)
{
    union offer_of_referral_row o;
    if (q_offer_of_referral(ch->rq, &(struct offer_of_referral_args){.referral = v_int(referral)}, &o))
        w_offer_mark(ch, &(struct offer_mark_args){.id = o.id, .todo = v_int(1)});
    else
        adopt(ch, referral);
}

/* ---- who can take a step ---- */

static int64_t district_of(struct request *rq, int64_t person)
{
    union route_district_row row;
    return q_route_district(rq, &(struct route_district_args){.person = v_int(person)}, &row)
               ? v_as_int(row.district_id)
               : 0;
}

static bool among(struct text words, struct text word)
{
    struct text w;
    while (text_split(&words, ' ', &w))
        if (w.n && text_eq(w, word))
            return true;
    return false;
}

size_t route_bodies(struct request *rq, const struct on_route *r, const struct scheme_step *s,
                    int64_t district, int64_t *out, size_t max)
{
    struct body_all_options_rows all = {0};
    union route_step_body_row same;
    size_t n = 0;
    if (text_is(s->place, "same")) {
        if (q_route_step_body(rq,
                              &(struct route_step_body_args){.route = v_int(r->id),
                                                             .step = v_text(s->same_as)},
                              &same) &&
            body_takes(rq, v_as_int(same.body_id), s->need))
            out[n++] = v_as_int(same.body_id);
        return n;
    }
    body_options(rq, s->need, 0, r->body, &all);
    bool near = text_is(s->place, "district");
    for (int turn = 0; turn < 2; turn++) /* the district's before the region's, or the other way */
        for (size_t i = 0; i < all.n && n < max; i++) {
            const union body_all_options_row *b = &all.row[i];
            int64_t at = v_as_int(b->district_id);
            bool fits = near ? (turn ? !at : at && at == district) : (turn ? at != 0 : !at);
            if (fits && among(s->kinds, v_as_text(b->kind)))
                out[n++] = v_as_int(b->id);
        }
    return n;
}

/* ---- answers ---- */

static bool offered_to(const struct offers_of_step_rows *offers, int64_t body)
{
    for (size_t i = 0; i < offers->n; i++)
        if (v_as_int(offers->row[i].body_id) == body)
            return true;
    return false;
}

static bool another_body(struct request *rq, const struct on_route *r, const struct scheme_step *s,
                         const struct offers_of_step_rows *offers)
{
    int64_t bodies[BODIES];
    size_t n = route_bodies(rq, r, s, district_of(rq, r->person), bodies, BODIES);
    for (size_t i = 0; i < n; i++)
        if (!offered_to(offers, bodies[i]))
            return true;
    return false;
}

enum { AS_IT_IS = 0, NOBODY = -1 };

static void set_row(struct change *ch, int64_t row, const char *state, const char *wait, int64_t body)
{
    union route_step_record u = {.state = v_z(state), .wait = wait ? v_z(wait) : v_null()};
    if (body != AS_IT_IS)
        u.body_id = body == NOBODY ? v_null() : v_int(body);
    change_update(ch, &route_step_table, row, -1, u.v);
}

/* What the answers of one open step come to. */
static void weigh(struct change *ch, struct on_route *r, const union route_step_facts_row *t)
{
    struct request *rq = ch->rq;
    struct offers_of_step_rows offers = {0};
    int at = scheme_step_of(&r->scheme, v_as_text(t->step)), open = 0, declined = 0;
    const struct scheme_step *s = &r->scheme.steps[at < 0 ? 0 : at];
    q_offers_of_step(rq, &(struct offers_of_step_args){.step = t->id}, &offers);
    for (size_t i = 0; i < offers.n && !rq->err; i++) {
        struct referral_facts f = referral_facts(rq, v_as_int(offers.row[i].referral_id));
        if (text_is(f.state, "done") || text_is(f.state, "not_done")) {
            struct text said = scheme_outcome(&r->scheme, f.result) >= 0 ? f.result : f.state;
            set_row(ch, v_as_int(t->id), "at_work", NULL, f.to_body);
            feed(ch, r, INPUT_OUTCOME, v_as_text(t->step), (int)v_as_int(t->round), said);
            return;
        }
        if (is_taken(f.state)) {
            set_row(ch, v_as_int(t->id), "at_work", NULL, f.to_body);
            w_offers_take_back(ch, &(struct offers_take_back_args){.step = t->id});
            return;
        }
        open += !is_over(f.state);
        declined += text_is(f.state, "declined");
    }
    if (open || rq->err)
        return;
    if (declined && !text_is(s->offer, "one") && another_body(rq, r, s, &offers))
        set_row(ch, v_as_int(t->id), "to_send", NULL, NOBODY);
    else if (declined)
        feed(ch, r, INPUT_OUTCOME, v_as_text(t->step), (int)v_as_int(t->round), T("declined"));
    else
        set_row(ch, v_as_int(t->id), "by_hand", "withdrawn", NOBODY);
}

static bool waits_for_answer(struct text state)
{
    return text_is(state, "offered") || text_is(state, "at_work");
}

static bool take_answers(struct request *rq, int64_t id)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    struct offers_todo_of_route_rows todo = {0};
    const char *why;
    size_t n = 0;
    q_offers_todo_of_route(rq, &(struct offers_todo_of_route_args){.route = v_int(id)}, &todo);
    for (size_t i = 0; i < todo.n; i++)
        n += v_as_int(todo.row[i].todo) == 1;
    if (!n || rq->err)
        return false;
    change_begin(rq, &ch, SUBJECT(&route_table, id));
    if (!route_load(rq, id, r, &why))
        rq_fail(rq, ERR_INTERNAL);
    q_offers_todo_of_route(rq, &(struct offers_todo_of_route_args){.route = v_int(id)}, &todo);
    n = 0;
    for (size_t i = 0; i < todo.n && !rq->err; i++) {
        union route_step_facts_row t;
        if (v_as_int(todo.row[i].todo) != 1)
            continue;
        n++;
        change_lock(&ch, SUBJECT(&route_step_table, v_as_int(todo.row[i].route_step_id)));
        struct referral_facts f = referral_facts(rq, v_as_int(todo.row[i].referral_id));
        /* an answer to a step that is over: what is still unanswered of it is taken back */
        bool there = q_route_step_facts(
            rq, &(struct route_step_facts_args){.id = todo.row[i].route_step_id}, &t);
        bool open = there && r->running && waits_for_answer(v_as_text(t.state));
        bool back = !open && !is_over(f.state) && !is_taken(f.state);
        w_offer_mark(&ch, &(struct offer_mark_args){.id = todo.row[i].id,
                                                    .todo = back ? v_int(2) : v_null()});
        if (open)
            weigh(&ch, r, &t);
    }
    if (n)
        route_event(&ch, r, "route.answered");
    else if (!rq->err)
        rq_fail(rq, ERR_CONFLICT); /* another node was faster: nothing to commit */
    change_commit(&ch);
    if (rq->err == ERR_CONFLICT)
        rq->err = OK;
    return !rq->err && n;
}

/* ---- sending ---- */

/* Why a body cannot get the step's referral; null: it can. Code of route_wait. */
static const char *bar(struct request *rq, const struct on_route *r, const struct scheme_step *s,
                       int64_t body)
{
    if (need_fault(rq, s->need))
        return "need";
    if (access_barred(rq, body, r->person))
        return "restricted";
    if (text_is(s->ground, "consent") &&
        !consent_stands(rq, r->person, body, code_classes("need", s->need)))
        return "no_consent";
    return agreement_fault(rq, r->body, body, s->need, r->scheme.code) ? "no_agreement" : NULL;
}

struct sending {
    size_t n;
    int64_t bodies[BODIES];
    const char *wait; /* why nobody gets it; null: no body can take it */
};

/* By the offer: the first, the next that has not been asked, all. A body chosen by hand is the only one. */
static void choose(struct request *rq, const struct on_route *r, const struct scheme_step *s,
                   const union route_step_facts_row *t, struct sending *out)
{
    struct offers_of_step_rows offers = {0};
    int64_t bodies[BODIES];
    int64_t chosen = v_as_int(t->body_id);
    size_t n = 1;
    bool all = text_is(s->offer, "all") && !chosen;
    out->n = 0;
    out->wait = NULL;
    q_offers_of_step(rq, &(struct offers_of_step_args){.step = t->id}, &offers);
    if (chosen)
        bodies[0] = chosen;
    else
        n = route_bodies(rq, r, s, district_of(rq, r->person), bodies, BODIES);
    for (size_t i = 0; i < n && (all || !out->n); i++) {
        const char *why = bar(rq, r, s, bodies[i]);
        if (!chosen && offered_to(&offers, bodies[i]))
            continue;
        if (why)
            out->wait = why;
        else
            out->bodies[out->n++] = bodies[i];
    }
}

/* The term of the result by the scheme's rule; without one, until the answer is due. */
static int64_t send_to(struct change *ch, const struct on_route *r, const struct scheme_step *s,
                       const union route_step_facts_row *t, int64_t body, int64_t offer)
{
    struct request *rq = ch->rq;
    int64_t due = v_is(t->answer_due) ? v_as_int(t->answer_due) : rq->today;
    struct referral_ask ask = {.person = r->person,
                               .case_id = r->case_id,
                               .to_body = body,
                               .need = s->need,
                               .ground = s->ground,
                               .note = s->expected,
                               .offer = offer,
                               .scheme = r->scheme.code};
    if (s->answer_rule.n)
        ask.answer_rule = arena_z(rq->arena, s->answer_rule);
    if (s->result_rule.n)
        ask.rule = arena_z(rq->arena, s->result_rule);
    else
        ask.due_on = due < rq->today ? rq->today : due;
    int64_t referral = referral_send(ch, &ask);
    union route_offer_record o = {.route_id = v_int(r->id),
                                  .route_step_id = t->id,
                                  .referral_id = v_int(referral),
                                  .body_id = v_int(body)};
    if (referral)
        change_insert(ch, &route_offer_table, o.v);
    return referral;
}

/* The offer of a step, by its first referral; 0: nobody has been asked yet. */
static int64_t offer_of(struct request *rq, struct value step)
{
    struct offers_of_step_rows offers = {0};
    q_offers_of_step(rq, &(struct offers_of_step_args){.step = step}, &offers);
    return offers.n ? v_as_int(offers.row[0].referral_id) : 0;
}

/* One step in one change; `refused` tells that sending was refused and the step goes to the lead. */
static bool send_step(struct request *rq, int64_t route, int64_t step, bool refused)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    union route_step_facts_row t = {0};
    struct sending to;
    const char *why;
    change_begin(rq, &ch, SUBJECT(&route_table, route));
    bool there = route_load(rq, route, r, &why) &&
                 q_route_step_facts(rq, &(struct route_step_facts_args){.id = v_int(step)}, &t);
    int at = there ? scheme_step_of(&r->scheme, v_as_text(t.step)) : -1;
    if (at < 0 || !r->running || !text_is(v_as_text(t.state), "to_send")) {
        rq_fail(rq, ERR_CONFLICT); /* somebody was faster */
        change_commit(&ch);
        rq->err = rq->err == ERR_CONFLICT ? OK : rq->err;
        return false;
    }
    const struct scheme_step *s = &r->scheme.steps[at];
    choose(rq, r, s, &t, &to);
    if (refused || !to.n) {
        const char *wait = refused ? "refused" : to.wait ? to.wait : "no_body";
        bool by_arrow = !refused && !to.wait && v_as_int(t.round) == 1 &&
                        routing_leads(&r->graph, at, OUTCOME_NO_BODY);
        if (by_arrow) /* in the first round only, so that no chain goes on by itself for ever */
            feed(&ch, r, INPUT_OUTCOME, v_as_text(t.step), 1, T("no_body"));
        else
            set_row(&ch, step, "by_hand", wait, NOBODY);
        route_event(&ch, r, "route.no_body");
    } else {
        int64_t first = offer_of(rq, t.id);
        /* whoever is asked next has the whole term, not what the one before left of it */
        union route_step_record terms = {.answer_due = answer_due(rq, s),
                                         .due_on = due_by(rq, s->result_rule),
                                         .silent_on = v_null()};
        t.answer_due = terms.answer_due;
        for (size_t i = 0; i < to.n && !rq->err; i++) {
            int64_t referral = send_to(&ch, r, s, &t, to.bodies[i], first);
            if (!first)
                referral_offer(&ch, first = referral);
        }
        set_row(&ch, step, "offered", NULL, to.n == 1 ? to.bodies[0] : NOBODY);
        change_update(&ch, &route_step_table, step, -1, terms.v);
        route_event(&ch, r, "route.step_sent");
    }
    change_commit(&ch);
    return !rq->err;
}

static bool send_due(struct request *rq, int64_t route)
{
    struct route_steps_all_rows rows = {0};
    bool sent = false;
    q_route_steps_all(rq, &(struct route_steps_all_args){.route = v_int(route)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t step = v_as_int(rows.row[i].id);
        if (!text_is(v_as_text(rows.row[i].state), "to_send"))
            continue;
        bool done = send_step(rq, route, step, false);
        /* not found: the person is not open to the body any more */
        if (rq->err == ERR_REFUSED || rq->err == ERR_FORBIDDEN || rq->err == ERR_NOT_FOUND) {
            rq->err = OK;
            rq->reason = NULL;
            done = send_step(rq, route, step, true);
        }
        sent = sent || done;
    }
    return sent;
}

/* ---- taking back ---- */

static bool take_back(struct request *rq, int64_t route)
{
    struct offers_todo_of_route_rows todo = {0};
    bool any = false;
    q_offers_todo_of_route(rq, &(struct offers_todo_of_route_args){.route = v_int(route)}, &todo);
    for (size_t i = 0; i < todo.n && !rq->err; i++) {
        struct change ch;
        union offer_of_referral_row o;
        if (v_as_int(todo.row[i].todo) != 2)
            continue;
        int64_t referral = v_as_int(todo.row[i].referral_id);
        change_begin(rq, &ch, SUBJECT(&referral_table, referral));
        bool there = q_offer_of_referral(
            rq, &(struct offer_of_referral_args){.referral = v_int(referral)}, &o);
        if (there) {
            bool was = referral_take_back(&ch, referral);
            w_offer_mark(&ch, &(struct offer_mark_args){.id = o.id, .todo = v_null()});
            if (!was) { /* answered meanwhile: the answer is noted, the step is over */
                struct referral_facts f = referral_facts(rq, referral);
                change_event(&ch, &(struct event){.kind = "route.answered",
                                                  .person = f.person,
                                                  .case_id = f.case_id,
                                                  .classes = CLASS_BIT(CLASS_SOCIAL),
                                                  .table = &route_table,
                                                  .object = route});
            }
        } else {
            rq_fail(rq, ERR_CONFLICT);
        }
        change_commit(&ch);
        any = any || !rq->err;
        if (rq->err == ERR_CONFLICT)
            rq->err = OK;
    }
    return any;
}

void route_forward(struct request *rq, int64_t route)
{
    void (*keep_answer)(struct change *) = rq->on_commit;
    rq->on_commit = NULL; /* the answer was kept by the change that brought it about */
    for (int turn = 0; turn < TURNS && !rq->err; turn++) {
        bool more = take_answers(rq, route);
        more = send_due(rq, route) || more;
        more = take_back(rq, route) || more;
        if (!more)
            break;
    }
    rq->on_commit = keep_answer;
}

/* ---- jobs ---- */

/* A request of the account that leads the route. */
static bool as_lead(struct request *system, int64_t route, struct request *rq)
{
    struct route_accounts_rows rows = {0};
    struct fault fault = {0};
    q_route_accounts(system, &(struct route_accounts_args){.route = v_int(route)}, &rows);
    for (size_t i = 0; i < rows.n && !system->err; i++) {
        if (request_open(system->store, arena_z(system->arena, v_as_text(rows.row[i].login)), rq, &fault))
            continue;
        if (rq_may(rq, CAP_LEAD_CASE) && rq_may(rq, CAP_SEND_REFERRAL))
            return true;
        request_close(rq);
    }
    return false;
}

static void forward(struct request *system, int64_t route)
{
    struct request rq;
    if (!as_lead(system, route, &rq))
        return; /* nobody of the body could; it goes on when somebody can */
    route_forward(&rq, route);
    if (rq.err && rq.err != ERR_BUSY)
        log_error("route %lld: %s", (long long)route, err_name(rq.err));
    request_close(&rq);
}

/* The three lists of what waits, each walked to its end by key: what cannot move (nobody of the body
 * works, a restricted person) holds up nothing behind it. A run ends after RUN_TIME, the next one goes
 * on there; each process has a place of its own. */
enum { ANSWERED, TO_TAKE_BACK, TO_SEND, LISTS };

struct place {
    int list;
    int64_t after;
};

/* The routes of the next rows; `at` goes behind them. */
static size_t next_routes(struct request *rq, struct place *at, int64_t *routes)
{
    struct routes_answered_rows answered = {0};
    struct routes_to_send_rows waiting = {0};
    size_t n = 0;
    if (at->list == TO_SEND) {
        q_routes_to_send(
            rq, &(struct routes_to_send_args){.after = v_int(at->after), .rows = v_int(BATCH)}, &waiting);
        for (; n < waiting.n; n++)
            routes[n] = v_as_int(waiting.row[n].route_id);
        at->after = n ? v_as_int(waiting.row[n - 1].id) : at->after;
    } else {
        q_routes_answered(rq,
                          &(struct routes_answered_args){.todo = v_int(at->list == ANSWERED ? 1 : 2),
                                                         .after = v_int(at->after),
                                                         .rows = v_int(BATCH)},
                          &answered);
        for (; n < answered.n; n++)
            routes[n] = v_as_int(answered.row[n].route_id);
        at->after = n ? v_as_int(answered.row[n - 1].id) : at->after;
    }
    return n;
}

void routes_forward(struct request *system)
{
    static struct place at;
    struct arena *outer = system->arena, *mine = arena_new();
    int64_t routes[BATCH], until = clock_monotonic() + RUN_TIME;
    bool first = true;
    system->arena = mine;
    while (at.list < LISTS && (first || clock_monotonic() < until) && !system->err) {
        struct place next = at;
        size_t n = next_routes(system, &next, routes), i = 0;
        for (; i < n && !system->err; i++)
            if (!i || routes[i] != routes[i - 1])
                forward(system, routes[i]);
        at = n == BATCH ? next : (struct place){at.list + 1, 0};
        first = n == 0 && first;
        arena_reset(mine);
    }
    if (at.list == LISTS)
        at = (struct place){0};
    system->arena = outer;
    arena_free(mine);
}

/* Does somebody still have time to answer, or wait for the lead himself? */
static bool in_time(struct request *rq, struct value step)
{
    struct offers_of_step_rows offers = {0};
    q_offers_of_step(rq, &(struct offers_of_step_args){.step = step}, &offers);
    for (size_t i = 0; i < offers.n; i++) {
        struct referral_facts f = referral_facts(rq, v_as_int(offers.row[i].referral_id));
        if (text_is(f.state, "returned") || (!is_over(f.state) && f.next_on >= rq->today))
            return true;
    }
    return false;
}

static void tell_silence(struct change *ch, struct value step, struct text to)
{
    struct offers_of_step_rows offers = {0};
    q_offers_of_step(ch->rq, &(struct offers_of_step_args){.step = step}, &offers);
    for (size_t i = 0; to.n && i < offers.n; i++)
        referral_tell(ch, v_as_int(offers.row[i].referral_id), to);
}

/* An answer that has not come by its day: along the arrow for it, else to whom the scheme says. */
static void silence(struct request *rq, int64_t route, int64_t step)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    union route_step_facts_row t = {0};
    const char *why;
    change_begin(rq, &ch, SUBJECT(&route_table, route));
    bool there = route_load(rq, route, r, &why) && r->running &&
                 q_route_step_facts(rq, &(struct route_step_facts_args){.id = v_int(step)}, &t) &&
                 text_is(v_as_text(t.state), "offered") && !v_is(t.silent_on) && !in_time(rq, t.id);
    int at = there ? scheme_step_of(&r->scheme, v_as_text(t.step)) : -1;
    if (at < 0) {
        rq_fail(rq, ERR_CONFLICT);
    } else {
        union route_step_record u = {.silent_on = v_date(rq->today)};
        tell_silence(&ch, t.id, r->scheme.steps[at].escalate); /* referrals are locked before steps */
        change_update(&ch, &route_step_table, step, -1, u.v);
        if (routing_leads(&r->graph, at, OUTCOME_SILENCE))
            feed(&ch, r, INPUT_OUTCOME, v_as_text(t.step), (int)v_as_int(t.round), T("silence"));
        route_event(&ch, r, "route.silence");
    }
    change_commit(&ch);
}

static void silence_as_lead(struct request *system, int64_t route, int64_t step)
{
    struct request rq;
    if (!as_lead(system, route, &rq))
        return;
    silence(&rq, route, step);
    rq.err = rq.err == ERR_CONFLICT ? OK : rq.err;
    route_forward(&rq, route);
    if (rq.err && rq.err != ERR_BUSY)
        log_error("route %lld: %s", (long long)route, err_name(rq.err));
    request_close(&rq);
}

void routes_silence(struct request *system)
{
    static int64_t due, after; /* where the former run of this process has come to */
    struct arena *outer = system->arena, *mine = arena_new();
    int64_t until = clock_monotonic() + RUN_TIME;
    bool more = true;
    system->arena = mine;
    for (bool first = true; more && (first || clock_monotonic() < until) && !system->err; first = false) {
        struct steps_silent_rows rows = {0};
        q_steps_silent(system,
                       &(struct steps_silent_args){.before = v_date(system->today),
                                                   .due = v_date(due),
                                                   .after = v_int(after),
                                                   .rows = v_int(BATCH)},
                       &rows);
        more = rows.n == BATCH;
        for (size_t i = 0; i < rows.n && !system->err; i++)
            silence_as_lead(system, v_as_int(rows.row[i].route_id), v_as_int(rows.row[i].id));
        due = more ? v_as_int(rows.row[rows.n - 1].answer_due) : 0;
        after = more ? v_as_int(rows.row[rows.n - 1].id) : 0;
        arena_reset(mine);
    }
    system->arena = outer;
    arena_free(mine);
}
