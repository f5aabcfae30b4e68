/* Routes: starting, what the lead does by hand, and the log from which the state is replayed. How
 * answers lead a route on: routing_forward.c. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/packs_due.h"
#include "rooms/referrals/referrals.h"
#include "rooms/routing/routing_own.h"

/* ---- the log ---- */

static const char *const kinds[] = {"start", "outcome", "again", "conclude", "stop"};

void input_log(struct change *ch, const struct on_route *r, const char *kind, struct text step,
               int64_t round, struct text outcome)
{
    struct request *rq = ch->rq;
    union route_input_record i = {.route_id = v_int(r->id),
                                  .kind = v_z(kind),
                                  .scheme_id = v_int(r->scheme.id),
                                  .step = v_text(step),
                                  .round = v_int(round),
                                  .outcome = v_text(outcome),
                                  .at = v_instant(rq->now)};
    if (rq->viewer.account)
        i.account_id = v_int(rq->viewer.account);
    change_write(ch, &route_input_table, i.v);
}

/* "old=new old=-": steps whose code is the same in both need no pair. */
static void map_of(const struct scheme *from, const struct scheme *to, struct text pairs, int *map)
{
    struct text pair, old;
    for (int i = 0; i < from->n_steps; i++)
        map[i] = scheme_step_of(to, from->steps[i].code);
    while (text_split(&pairs, ' ', &pair))
        if (text_split(&pair, '=', &old)) {
            int i = scheme_step_of(from, old);
            if (i >= 0)
                map[i] = text_is(pair, "-") ? ROUTING_OUT : scheme_step_of(to, pair);
        }
}

static bool replay_move(struct request *rq, struct on_route *r, const union route_inputs_row *in)
{
    struct scheme *to = NEW(rq->arena, struct scheme);
    struct routing_graph g;
    struct routing_actions out;
    int map[ROUTING_STEPS];
    if (!scheme_load(rq, v_as_int(in->scheme_id), to))
        return false;
    scheme_graph(to, &g);
    map_of(&r->scheme, to, v_as_text(in->step), map);
    routing_move(&r->graph, &g, map, &r->now, &out);
    r->scheme = *to;
    r->graph = g;
    return true;
}

static bool replay(struct request *rq, struct on_route *r)
{
    struct route_inputs_rows rows = {0};
    struct routing_actions out;
    q_route_inputs(rq, &(struct route_inputs_args){.route = v_int(r->id)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union route_inputs_row *in = &rows.row[i];
        struct text kind = v_as_text(in->kind);
        struct routing_input input = {.step = scheme_step_of(&r->scheme, v_as_text(in->step)),
                                      .round = (int)v_as_int(in->round),
                                      .outcome = scheme_outcome(&r->scheme, v_as_text(in->outcome))};
        int k = 0;
        if (i == 0) {
            if (!scheme_load(rq, v_as_int(in->scheme_id), &r->scheme))
                return false;
            scheme_graph(&r->scheme, &r->graph);
        }
        if (text_is(kind, "move")) {
            if (!replay_move(rq, r, in))
                return false;
            continue;
        }
        while (k < 5 && !text_is(kind, kinds[k]))
            k++;
        input.kind = (enum routing_input_kind)k;
        if (k == 5 || !routing_feed(&r->graph, &r->now, &input, &out))
            return false;
    }
    return !rq->err;
}

bool route_load(struct request *rq, int64_t id, struct on_route *r, const char **why)
{
    union route_facts_row_row f;
    memset(r, 0, sizeof *r);
    *why = NULL;
    if (!q_route_facts_row(rq, &(struct route_facts_row_args){.id = v_int(id)}, &f))
        return false;
    r->id = id;
    r->version = v_as_int(f.version);
    r->scheme_id = v_as_int(f.scheme_id);
    r->person = v_as_int(f.person_id);
    r->case_id = v_as_int(f.case_id);
    r->body = v_as_int(f.body_id);
    r->account = v_as_int(f.account_id);
    r->state = v_as_text(f.state);
    r->classes = (uint32_t)v_as_int(f.classes);
    r->running = text_is(r->state, "running");
    if (!replay(rq, r)) {
        *why = "its log cannot be replayed";
        return false;
    }
    return !rq->err;
}

/* ---- actions as rows ---- */

struct value due_by(struct request *rq, struct text rule)
{
    struct due due;
    struct term t = {.rule = arena_z(rq->arena, rule), .from = rq->now};
    return rule.n && term_due(&t, &due) ? v_date(due.day) : v_null();
}

struct value answer_due(struct request *rq, const struct scheme_step *t)
{
    struct value due = due_by(rq, t->answer_rule);
    if (!v_is(due))
        due = due_by(rq, T("referral.answer"));
    return v_is(due) ? due : due_by(rq, t->result_rule);
}

static void open_row(struct change *ch, const struct on_route *r, const struct routing_action *a)
{
    struct request *rq = ch->rq;
    const struct scheme_step *t = &r->scheme.steps[a->step];
    bool own = text_is(t->place, "lead");
    union route_step_record n = {.route_id = v_int(r->id),
                                 .step = v_text(t->code),
                                 .round = v_int(a->round),
                                 .state = v_z(own ? "own" : "to_send"),
                                 .body_id = own ? v_int(r->body) : v_null(),
                                 .opened_on = v_date(rq->today),
                                 .answer_due = own ? v_null() : answer_due(rq, t),
                                 .due_on = due_by(rq, t->result_rule)};
    change_insert(ch, &route_step_table, n.v);
}

int64_t row_of(struct request *rq, const struct on_route *r, int step, int round)
{
    union route_step_by_row row;
    return q_route_step_by(rq,
                           &(struct route_step_by_args){.route = v_int(r->id),
                                                        .step = v_text(r->scheme.steps[step].code),
                                                        .round = v_int(round)},
                           &row)
               ? v_as_int(row.id)
               : 0;
}

void project(struct change *ch, const struct on_route *r, const struct routing_actions *out,
             struct text said)
{
    struct request *rq = ch->rq;
    for (int i = 0; i < out->n && !rq->err; i++) {
        const struct routing_action *a = &out->v[i];
        if (a->kind == ACTION_OPEN)
            open_row(ch, r, a);
        if (a->kind == ACTION_CLOSE || a->kind == ACTION_DECIDE) {
            bool closed = a->kind == ACTION_CLOSE;
            union route_step_record u = {
                .state = v_z(closed ? "closed" : "decide"),
                .wait = v_null(),
                .outcome = said.n ? v_text(said) : v_null(),
                .closed_on = closed ? v_date(rq->today) : v_null()};
            int64_t row = row_of(rq, r, a->step, a->round);
            change_update(ch, &route_step_table, row, -1, u.v);
            w_offers_take_back(ch, &(struct offers_take_back_args){.step = v_int(row)});
        }
        if (a->kind == ACTION_END) {
            union route_record u = {.state = v_z(r->now.stopped ? "stopped" : "ended"),
                                    .ended_on = v_date(rq->today)};
            change_update(ch, &route_table, r->id, -1, u.v);
        }
    }
}

void route_event(struct change *ch, const struct on_route *r, const char *kind)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = r->person,
                                     .case_id = r->case_id,
                                     .classes = r->classes,
                                     .table = &route_table,
                                     .object = r->id});
}

bool feed(struct change *ch, struct on_route *r, enum routing_input_kind kind, struct text step,
          int round, struct text outcome)
{
    struct request *rq = ch->rq;
    struct routing_actions out;
    int said = scheme_outcome(&r->scheme, outcome);
    struct text logged = outcome;
    if (said < 0) { /* a result that no arrow names goes as what it counts for */
        said = result_counts_as_done(outcome) ? OUTCOME_DONE : OUTCOME_NOT_DONE;
        logged = scheme_outcome_code(&r->scheme, said);
    }
    struct routing_input in = {kind, scheme_step_of(&r->scheme, step), round, said};
    if (rq->err || !routing_feed(&r->graph, &r->now, &in, &out))
        return false;
    input_log(ch, r, kinds[kind], step, round, kind == INPUT_OUTCOME ? logged : T(""));
    project(ch, r, &out, kind == INPUT_OUTCOME || kind == INPUT_CONCLUDE ? outcome : T(""));
    return !rq->err;
}

/* ---- starting ---- */

static uint32_t classes_of(const struct scheme *s)
{
    uint32_t bits = CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_SOCIAL) |
                    code_classes("category", s->situation);
    for (int i = 0; i < s->n_steps; i++)
        bits |= s->steps[i].need.n ? code_classes("need", s->steps[i].need) : 0;
    return bits;
}

bool scheme_open_to(struct request *rq, const struct scheme *s, int64_t person)
{
    uint32_t open = access_bits(rq, rq->viewer.body, person);
    uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
    return !(classes_of(s) & ~(open & read));
}

int64_t route_start(struct request *rq, int64_t case_id, int64_t scheme)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    union route_running_row running;
    if (!rq_may(rq, CAP_LEAD_CASE))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&case_file_table, case_id));
    struct case_facts c = case_own(rq, case_id);
    if (!rq->err && !c.open)
        rq_refuse(rq, N_("The case is closed"));
    if (!rq->err && !scheme_load(rq, scheme, &r->scheme))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !text_is(r->scheme.state, "approved"))
        rq_refuse(rq, N_("Only an approved scheme takes new cases"));
    if (!rq->err && !scheme_open_to(rq, &r->scheme, c.person))
        rq_refuse(rq, N_("The scheme needs data of the person that are not open to you"));
    if (!rq->err &&
        q_route_running(rq,
                        &(struct route_running_args){.case_id = v_int(case_id),
                                                     .code = v_text(r->scheme.code)},
                        &running))
        rq_refuse(rq, N_("The case goes along this scheme already"));
    scheme_graph(&r->scheme, &r->graph);
    r->classes = classes_of(&r->scheme);
    r->person = c.person;
    r->case_id = case_id;
    r->body = rq->viewer.body;
    union route_record n = {.scheme_id = v_int(scheme),
                            .person_id = v_int(c.person),
                            .case_id = v_int(case_id),
                            .body_id = v_int(rq->viewer.body),
                            .account_id = v_int(rq->viewer.account),
                            .state = v_z("running"),
                            .started_on = v_date(rq->today),
                            .classes = v_int(r->classes),
                            .created_at = v_instant(rq->now)};
    r->id = change_insert(&ch, &route_table, n.v);
    feed(&ch, r, INPUT_START, T(""), 0, T("done"));
    route_event(&ch, r, "route.started");
    return change_commit(&ch) ? 0 : r->id;
}

/* ---- what the lead does by hand ---- */

bool route_own(struct request *rq, int64_t id, struct on_route *r)
{
    const char *why;
    if (!rq_may(rq, CAP_LEAD_CASE))
        rq_fail(rq, ERR_FORBIDDEN);
    if (rq->err)
        return false;
    if (!route_load(rq, id, r, &why) || r->body != rq->viewer.body ||
        access_hidden(rq, r->person) || !scheme_open_to(rq, &r->scheme, r->person)) {
        rq_fail(rq, why ? ERR_INTERNAL : ERR_NOT_FOUND);
        return false;
    }
    if (!r->running)
        rq_refuse(rq, N_("The route has ended"));
    return !rq->err;
}

/* A step of a route of the viewer's body, locked, as the page has shown it. */
static bool step_begin(struct request *rq, struct change *ch, int64_t id, int64_t version,
                       struct on_route *r, union route_step_facts_row *t)
{
    bool there = q_route_step_facts(rq, &(struct route_step_facts_args){.id = v_int(id)}, t);
    if (!rq->err && !there)
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, ch, SUBJECT(&route_table, there ? v_as_int(t->route_id) : 0));
    if (!rq->err && route_own(rq, v_as_int(t->route_id), r) &&
        q_route_step_facts(rq, &(struct route_step_facts_args){.id = v_int(id)}, t)) {
        if (v_as_int(t->version) != version)
            rq_fail(rq, ERR_STALE);
        else if (text_is(v_as_text(t->state), "closed"))
            rq_refuse(rq, N_("The step has been finished meanwhile"));
    }
    return !rq->err;
}

static void say(struct request *rq, int64_t id, int64_t version, enum routing_input_kind kind,
                struct text outcome, struct value note, const char *only, const char *event)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    union route_step_facts_row t = {0};
    if (step_begin(rq, &ch, id, version, r, &t)) {
        if (only && !text_is(v_as_text(t.state), only))
            rq_refuse(rq, N_("The step is not in a state for this; open the route again"));
        if (v_is(note)) {
            union route_step_record u = {.note = note};
            change_update(&ch, &route_step_table, id, -1, u.v);
        }
        if (!rq->err && !feed(&ch, r, kind, v_as_text(t.step), (int)v_as_int(t.round), outcome))
            rq_refuse(rq, N_("The step is not in a state for this; open the route again"));
        route_event(&ch, r, event);
    }
    change_commit(&ch);
}

static bool outcome_fits(struct request *rq, struct input *in)
{
    if (!outcome_known(v_as_text(in->value)) || text_is(v_as_text(in->value), "silence") ||
        text_is(v_as_text(in->value), "no_body"))
        input_reject(rq, in, N_("Choose an outcome from the list"));
    return !rq->mistakes && !rq->err;
}

void route_outcome(struct request *rq, int64_t step, int64_t version, struct outcome_form *form)
{
    if (outcome_fits(rq, &form->outcome))
        say(rq, step, version, INPUT_OUTCOME, v_as_text(form->outcome.value), form->note.value, "own",
            "route.step_done");
}

void route_skip(struct request *rq, int64_t step, int64_t version, struct skip_form *form)
{
    if (outcome_fits(rq, &form->outcome))
        say(rq, step, version, INPUT_OUTCOME, v_as_text(form->outcome.value), form->note.value, NULL,
            "route.step_skipped");
}

void route_again(struct request *rq, int64_t step, int64_t version)
{
    say(rq, step, version, INPUT_AGAIN, T("done"), (struct value){0}, "decide", "route.step_again");
}

void route_conclude(struct request *rq, int64_t step, int64_t version)
{
    say(rq, step, version, INPUT_CONCLUDE, T("not_done"), (struct value){0}, NULL,
        "route.branch_ended");
}

/* The body is noted and the step goes back to be sent: sending has its own checks. */
void route_choose(struct request *rq, int64_t step, int64_t version, struct choose_form *form)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    union route_step_facts_row t = {0};
    int64_t body = v_as_int(form->body_id.value);
    if (step_begin(rq, &ch, step, version, r, &t)) {
        int i = scheme_step_of(&r->scheme, v_as_text(t.step));
        if (!text_is(v_as_text(t.state), "by_hand"))
            rq_refuse(rq, N_("The step is not in a state for this; open the route again"));
        else if (body == rq->viewer.body)
            input_reject(rq, &form->body_id, N_("A referral goes to another body"));
        else if (i < 0 || !body_takes(rq, body, r->scheme.steps[i].need))
            input_reject(rq, &form->body_id,
                         N_("This body does not take referrals with such a need"));
        union route_step_record u = {
            .state = v_z("to_send"), .body_id = v_int(body), .wait = v_null()};
        change_update(&ch, &route_step_table, step, -1, u.v);
        route_event(&ch, r, "route.body_chosen");
    }
    change_commit(&ch);
}

void route_stop(struct request *rq, int64_t id, int64_t version, struct stop_form *form)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route);
    change_begin(rq, &ch, SUBJECT(&route_table, id));
    if (route_own(rq, id, r)) {
        union route_record u = {.reason = form->reason.value};
        change_update(&ch, &route_table, id, version, u.v);
        if (!feed(&ch, r, INPUT_STOP, T(""), 0, T("done")))
            rq_refuse(rq, N_("The route has ended"));
        route_event(&ch, r, "route.stopped");
    }
    change_commit(&ch);
}

/* ---- another version ---- */

static bool move_fits(struct request *rq, const struct on_route *r, const struct scheme *to,
                      const int *map)
{
    uint64_t used = 0;
    if (!text_is(to->state, "approved") || !text_eq(to->code, r->scheme.code) ||
        to->number <= r->scheme.number) {
        rq_refuse(rq, N_("A route moves to an approved, newer version of its scheme"));
        return false;
    }
    if (!scheme_open_to(rq, to, r->person)) {
        rq_refuse(rq, N_("The scheme needs data of the person that are not open to you"));
        return false;
    }
    for (int i = 0; i < r->scheme.n_steps; i++) {
        bool same = map[i] >= 0 && text_eq(to->steps[map[i]].code, r->scheme.steps[i].code);
        if (map[i] < 0)
            continue;
        if (map[i] >= to->n_steps || (used >> map[i] & 1) ||
            (!same && scheme_step_of(&r->scheme, to->steps[map[i]].code) >= 0)) {
            rq_mistake(rq, NULL, N_("Each open step goes to a step of the new version that is free"));
            return false;
        }
        used |= UINT64_C(1) << map[i];
    }
    return true;
}

static void move_rows(struct change *ch, const struct on_route *r, const struct scheme *to,
                      const int *map)
{
    struct request *rq = ch->rq;
    struct route_steps_all_rows rows = {0};
    q_route_steps_all(rq, &(struct route_steps_all_args){.route = v_int(r->id)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int old = scheme_step_of(&r->scheme, v_as_text(rows.row[i].step));
        if (old >= 0 && map[old] >= 0 && !text_eq(to->steps[map[old]].code, r->scheme.steps[old].code))
            w_route_step_rename(ch, &(struct route_step_rename_args){
                                        .id = rows.row[i].id,
                                        .new = v_text(to->steps[map[old]].code)});
    }
}

void route_move(struct request *rq, int64_t id, int64_t version, int64_t scheme, const int *map)
{
    struct change ch;
    struct on_route *r = NEW(rq->arena, struct on_route), *old = NEW(rq->arena, struct on_route);
    struct scheme *to = NEW(rq->arena, struct scheme);
    struct routing_actions out;
    struct buf pairs = BUF(6000);
    change_begin(rq, &ch, SUBJECT(&route_table, id));
    bool own = route_own(rq, id, r);
    if (own && !scheme_load(rq, scheme, to))
        rq_fail(rq, ERR_NOT_FOUND);
    if (own && !rq->err && move_fits(rq, r, to, map)) {
        *old = *r;
        for (int i = 0; i < r->scheme.n_steps; i++) {
            struct text code = r->scheme.steps[i].code;
            int by_code = scheme_step_of(to, code);
            if (map[i] != by_code)
                buf_printf(&pairs, "%s%.*s=%.*s", pairs.n ? " " : "", TEXT_ARG(code),
                           TEXT_ARG(map[i] < 0 ? T("-") : to->steps[map[i]].code));
        }
        scheme_graph(to, &r->graph);
        routing_move(&old->graph, &r->graph, map, &r->now, &out);
        struct routing_actions closed = {0}, rest = {0}; /* closing ones are steps of the old version */
        for (int i = 0; i < out.n; i++) {
            struct routing_actions *where = out.v[i].kind == ACTION_CLOSE ? &closed : &rest;
            where->v[where->n++] = out.v[i];
        }
        project(&ch, old, &closed, T(""));
        move_rows(&ch, old, to, map);
        r->scheme = *to;
        project(&ch, r, &rest, T(""));
        union route_record u = {.scheme_id = v_int(scheme),
                                .classes = v_int(r->classes | classes_of(to))};
        change_update(&ch, &route_table, id, version, u.v);
        input_log(&ch, r, "move", buf_get(&pairs).n ? buf_get(&pairs) : T(""), 0, T(""));
        route_event(&ch, r, "route.version_moved");
    }
    change_commit(&ch);
    buf_free(&pairs);
}

/* ---- the room ---- */

static void check_route(struct request *rq, int64_t id, bool running,
                        void (*found)(void *ctx, const char *text), void *ctx)
{
    struct on_route *r = NEW(rq->arena, struct on_route);
    struct route_steps_all_rows rows = {0};
    char words[200];
    const char *why;
    int open = 0, stored = 0;
    bool agree = true;
    if (!route_load(rq, id, r, &why)) {
        (void)snprintf(words, sizeof words, "route %lld: %s", (long long)id,
                       why ? why : "it is gone");
        found(ctx, words);
        return;
    }
    q_route_steps_all(rq, &(struct route_steps_all_args){.route = v_int(id)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        if (text_is(v_as_text(rows.row[i].state), "closed"))
            continue;
        int s = scheme_step_of(&r->scheme, v_as_text(rows.row[i].step));
        bool decide = text_is(v_as_text(rows.row[i].state), "decide");
        stored++;
        agree = agree && s >= 0 && r->now.step[s].round == v_as_int(rows.row[i].round) &&
                r->now.step[s].place == (decide ? STEP_DECIDE : STEP_OPEN);
    }
    for (int i = 0; i < r->graph.n_steps; i++)
        open += r->now.step[i].place != STEP_CLOSED;
    if (!agree || open != stored || running == r->now.ended || !routing_alive(&r->graph, &r->now)) {
        (void)snprintf(words, sizeof words,
                       "route %lld: replayed from its log %d steps are open, %d are stored",
                       (long long)id, open, stored);
        found(ctx, words);
    }
}

static void check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    enum { SLICE = 200 };
    struct route_ids_rows rows;
    int64_t after = 0;
    do {
        rows = (struct route_ids_rows){0};
        q_route_ids(rq, &(struct route_ids_args){.after = v_int(after), .rows = v_int(SLICE)}, &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++) {
            after = v_as_int(rows.row[i].id);
            check_route(rq, after, text_is(v_as_text(rows.row[i].state), "running"), found, ctx);
        }
    } while (rows.n == SLICE && !rq->err);
}

/* A case is not closed while a route of it runs: what it has asked of others would be left. */
static void on_case_closing(struct change *ch, int64_t case_id)
{
    struct route_of_case_open_rows rows = {0};
    q_route_of_case_open(ch->rq, &(struct route_of_case_open_args){.case_id = v_int(case_id)}, &rows);
    if (rows.n)
        rq_refuse(ch->rq, N_("A route of this case is still running: let it end or stop it first"));
}

static bool stays(struct request *rq, int64_t id)
{
    (void)rq, (void)id; /* steps and offers go with it */
    return false;
}

static void destroy(struct change *ch, int64_t id)
{
    struct value route = v_int(id);
    w_route_inputs_drop(ch, &(struct route_inputs_drop_args){.route = route});
    w_route_offers_drop(ch, &(struct route_offers_drop_args){.route = route});
    w_route_steps_drop(ch, &(struct route_steps_drop_args){.route = route});
    w_route_drop(ch, &(struct route_drop_args){.route = route});
}

static const struct retained retains[] = {
    {"route", "case_closed", &route_table, &route_retained_query, stays, destroy}, {0}};

static int64_t sample_scheme(struct request *rq)
{
    struct scheme_list_rows rows = {0};
    if (!rq_may(rq, CAP_ROUTE_SCHEMES))
        return 0;
    q_scheme_list(rq, &(struct scheme_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_route(struct request *rq)
{
    struct route_newest_rows rows = {0};
    if (rq_may(rq, CAP_LEAD_CASE))
        q_route_newest(rq, &(struct route_newest_args){0}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_step(struct request *rq)
{
    struct route_steps_all_rows rows = {0};
    int64_t route = sample_route(rq);
    if (route)
        q_route_steps_all(rq, &(struct route_steps_all_args){.route = v_int(route)}, &rows);
    return rows.n ? v_as_int(rows.row[rows.n - 1].id) : 0;
}

static int64_t sample_place(struct request *rq)
{
    return sample_scheme(rq) ? 1 : 0; /* the first step of a scheme */
}

static const struct sample samples[] = {{"scheme", sample_scheme},
                                        {"route", sample_route},
                                        {"route_step", sample_step},
                                        {"place", sample_place},
                                        {0}};

static const struct job jobs[] = {
    {"routing.forward", 1, routes_forward}, {"routing.silence", 600, routes_silence}, {0}};

const struct room routing_room = {.name = "routing",
                                  .tables = routing_tables,
                                  .forms = routing_forms,
                                  .packs = routing_packs,
                                  .jobs = jobs,
                                  .samples = samples,
                                  .retains = retains,
                                  .hooks = {.case_closing = on_case_closing,
                                            .referral_changed = routing_referral_changed,
                                            .caseload_moving = routing_caseload_moving,
                                            .body_succeeding = routing_body_succeeding,
                                            .packs_stored = routing_packs_stored},
                                  .check = check};
