/* Pages of routes: for the lead only. */
#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_show.h"
#include "routing_tpl.h"

/* ---- starting ---- */

static bool has_situation(const struct route_categories_rows *c, struct text situation)
{
    for (size_t i = 0; i < c->n; i++)
        if (text_eq(v_as_text(c->row[i].category), situation) && !v_is(c->row[i].until))
            return true;
    return false;
}

static enum err show_new(struct request *rq, struct route_new_page_page *page)
{
    struct value id = rq_id(rq, "case");
    struct route_categories_rows categories = {0};
    q_route_case(rq, &(struct route_case_args){.case_id = id}, &page->c);
    q_scheme_options(rq, &(struct scheme_options_args){0}, &page->schemes);
    q_route_categories(rq, &(struct route_categories_args){.person = page->c.person_id}, &categories);
    size_t n = 0;
    struct scheme *s = NEW(rq->arena, struct scheme);
    for (size_t i = 0; i < page->schemes.n && !rq->err; i++) {
        union scheme_options_row *r = &page->schemes.row[i];
        struct text situation = v_as_text(r->situation);
        if (!scheme_load(rq, v_as_int(r->id), s) ||
            !scheme_open_to(rq, s, v_as_int(page->c.person_id)))
            continue; /* what the viewer may not know of the person is not offered */
        r->situation_label = v_z(code_words("category", situation, rq->lang));
        r->fits = v_int(has_situation(&categories, situation));
        page->schemes.row[n++] = *r;
    }
    page->schemes.n = n;
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/routes/new", route_page_new, route_new_page, LEAD_CASE)
static enum err route_page_new(struct request *rq, struct route_new_page_page *page)
{
    return show_new(rq, page);
}

ROUTE(POST, "/cases/{case}/routes", route_page_start, route_new_page, LEAD_CASE)
static enum err route_page_start(struct request *rq, struct route_new_page_page *page)
{
    int64_t scheme = rq_field_int(rq, "scheme");
    rq_redirect(rq, "/cases/%lld", (long long)rq_id_int(rq, "case"));
    if (!scheme)
        rq_mistake(rq, "scheme", N_("Choose a scheme"));
    int64_t id = scheme ? route_start(rq, rq_id_int(rq, "case"), scheme) : 0;
    if (id) {
        route_forward(rq, id);
        rq_redirect(rq, "/routes/%lld", (long long)id);
        rq_flash(rq, N_("The route has been begun"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

/* ---- a route ---- */

static bool waits_for_lead(struct text state)
{
    return text_is(state, "own") || text_is(state, "by_hand") || text_is(state, "decide");
}

static void show_steps(struct request *rq, const struct on_route *r, struct route_step_list_rows *out)
{
    q_route_step_list(rq, &(struct route_step_list_args){.route = v_int(r->id)}, out);
    for (size_t i = 0; i < out->n; i++) {
        union route_step_list_row *t = &out->row[i];
        int at = scheme_step_of(&r->scheme, v_as_text(t->step));
        t->label = at < 0 ? t->step : v_text(r->scheme.steps[at].label);
        t->outcome_label = v_z(outcome_words(v_as_text(t->outcome), rq->lang));
        t->manual = v_int(waits_for_lead(v_as_text(t->state)));
    }
}

static struct on_route *load(struct request *rq, int64_t id)
{
    struct on_route *r = NEW(rq->arena, struct on_route);
    const char *why = NULL;
    if (!rq->err && !route_load(rq, id, r, &why))
        rq_fail(rq, why ? ERR_INTERNAL : ERR_NOT_FOUND);
    return r;
}

static enum err show_route(struct request *rq, struct route_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "route");
    union scheme_in_force_row newest;
    q_route_card(rq, &(struct route_card_args){.id = v_int(id)}, &page->route);
    struct on_route *r = load(rq, id);
    if (rq->err)
        return rq_end(rq);
    show_steps(rq, r, &page->steps);
    page->drawing = scheme_drawing(rq, &r->scheme, &r->now, NULL);
    page->drawn = page->drawing.t.n > 0;
    page->running = r->running;
    for (size_t i = 0; i < page->steps.n; i++)
        page->waiting += page->running && v_as_int(page->steps.row[i].manual);
    if (r->running &&
        q_scheme_in_force(rq, &(struct scheme_in_force_args){.code = v_text(r->scheme.code)}, &newest) &&
        v_as_int(newest.id) != r->scheme_id)
        page->newer = v_as_int(newest.id);
    return rq_end(rq);
}

ROUTE(GET, "/routes/waiting", route_page_waiting, route_waiting_page, LEAD_CASE)
static enum err route_page_waiting(struct request *rq, struct route_waiting_page_page *page)
{
    q_route_steps_waiting(
        rq, &(struct route_steps_waiting_args){.paging = rq_paging(rq, &route_steps_waiting_query)}, &page->items);
    return rq_end(rq);
}

void route_steps_stuck(struct request *rq, struct paging paging, struct route_steps_stuck_rows *out)
{
    q_route_steps_stuck(
        rq, &(struct route_steps_stuck_args){.paging = paging, .before = v_date(rq->today - terms_number("home", "stuck"))}, out);
}

ROUTE(GET, "/routes/stuck", route_page_stuck, route_stuck_page, COORDINATE)
static enum err route_page_stuck(struct request *rq, struct route_stuck_page_page *page)
{
    page->days = terms_number("home", "stuck");
    route_steps_stuck(rq, rq_paging(rq, &route_steps_stuck_query), &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/routes/{route}", route_page_card, route_card_page, LEAD_CASE)
static enum err route_page_card(struct request *rq, struct route_card_page_page *page)
{
    form_begin(&stop_form, page->form.v);
    return show_route(rq, page);
}

ROUTE(POST, "/routes/{route}/stop", route_page_stop, route_card_page, LEAD_CASE)
static enum err route_page_stop(struct request *rq, struct route_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "route");
    if (rq_read_form(rq, &stop_form, page->form.v)) {
        rq_redirect(rq, "/routes/%lld", (long long)id);
        route_stop(rq, id, rq_field_int(rq, "version"), &page->form);
        if (!rq_end(rq))
            route_forward(rq, id);
        rq_flash(rq, N_("The route has been stopped; what nobody had answered is taken back"));
    }
    return rq_show_again(rq) ? show_route(rq, page) : rq_end(rq);
}

/* ---- a step ---- */

static enum err show_step(struct request *rq, struct route_step_page_page *page)
{
    union route_step_facts_row t;
    struct scheme_step *s = NULL;
    int64_t id = rq_id_int(rq, "route_step");
    if (!rq->err && !q_route_step_facts(rq, &(struct route_step_facts_args){.id = v_int(id)}, &t))
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return rq_end(rq);
    q_route_card(rq, &(struct route_card_args){.id = t.route_id}, &page->route);
    struct on_route *r = load(rq, v_as_int(t.route_id));
    if (rq->err)
        return rq_end(rq);
    struct route_step_list_rows all = {0};
    show_steps(rq, r, &all);
    for (size_t i = 0; i < all.n; i++)
        if (v_as_int(all.row[i].id) == id)
            page->step = all.row[i];
    int at = scheme_step_of(&r->scheme, v_as_text(t.step));
    if (rq->err || at < 0 || !v_is(page->step.id)) {
        rq_fail(rq, ERR_NOT_FOUND); /* a round of a step that the scheme has no more */
        return rq_end(rq);
    }
    s = &r->scheme.steps[at];
    page->expected = s->expected;
    struct text state = r->running ? v_as_text(t.state) : T("closed");
    page->own = text_is(state, "own");
    page->by_hand = text_is(state, "by_hand");
    page->decide = text_is(state, "decide");
    page->open = !text_is(state, "closed");
    choices_of_outcomes(rq, &r->scheme, at, page->own ? page->done.outcome.raw : page->skip.outcome.raw,
                        &page->outcomes);
    if (page->by_hand)
        body_options(rq, s->need, 0, rq->viewer.body, &page->bodies);
    return rq_end(rq);
}

static void begin(struct route_step_page_page *page)
{
    form_begin(&outcome_form, page->done.v);
    form_begin(&skip_form, page->skip.v);
    form_begin(&choose_form, page->choose.v);
}

ROUTE(GET, "/routes/steps/{route_step}", route_page_step, route_step_page, LEAD_CASE)
static enum err route_page_step(struct request *rq, struct route_step_page_page *page)
{
    begin(page);
    return show_step(rq, page);
}

/* Behind a change by hand: back to the route, which goes on at once. */
static int64_t route_of_step(struct request *rq)
{
    union route_step_facts_row t;
    struct value id = rq_id(rq, "route_step");
    if (rq->err || !q_route_step_facts(rq, &(struct route_step_facts_args){.id = id}, &t)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return 0;
    }
    rq_redirect(rq, "/routes/%lld", (long long)v_as_int(t.route_id));
    return v_as_int(t.route_id);
}

static enum err said(struct request *rq, struct route_step_page_page *page, int64_t route)
{
    if (!rq_end(rq)) {
        route_forward(rq, route);
        rq_flash(rq, N_("The route goes on"));
    }
    return rq_show_again(rq) ? show_step(rq, page) : rq_end(rq);
}

ROUTE(POST, "/routes/steps/{route_step}/outcome", route_page_outcome, route_step_page, LEAD_CASE)
static enum err route_page_outcome(struct request *rq, struct route_step_page_page *page)
{
    int64_t route = route_of_step(rq);
    begin(page);
    if (!rq->err && rq_read_form(rq, &outcome_form, page->done.v))
        route_outcome(rq, rq_id_int(rq, "route_step"), rq_field_int(rq, "version"), &page->done);
    return said(rq, page, route);
}

ROUTE(POST, "/routes/steps/{route_step}/skip", route_page_skip, route_step_page, LEAD_CASE)
static enum err route_page_skip(struct request *rq, struct route_step_page_page *page)
{
    int64_t route = route_of_step(rq);
    begin(page);
    if (!rq->err && rq_read_form(rq, &skip_form, page->skip.v))
        route_skip(rq, rq_id_int(rq, "route_step"), rq_field_int(rq, "version"), &page->skip);
    return said(rq, page, route);
}

ROUTE(POST, "/routes/steps/{route_step}/choose", route_page_choose, route_step_page, LEAD_CASE)
static enum err route_page_choose(struct request *rq, struct route_step_page_page *page)
{
    int64_t route = route_of_step(rq);
    begin(page);
    if (!rq->err && rq_read_form(rq, &choose_form, page->choose.v))
        route_choose(rq, rq_id_int(rq, "route_step"), rq_field_int(rq, "version"), &page->choose);
    return said(rq, page, route);
}

ROUTE(POST, "/routes/steps/{route_step}/again", route_page_again, route_step_page, LEAD_CASE)
static enum err route_page_again(struct request *rq, struct route_step_page_page *page)
{
    int64_t route = route_of_step(rq);
    begin(page);
    route_again(rq, rq_id_int(rq, "route_step"), rq_field_int(rq, "version"));
    return said(rq, page, route);
}

ROUTE(POST, "/routes/steps/{route_step}/conclude", route_page_conclude, route_step_page, LEAD_CASE)
static enum err route_page_conclude(struct request *rq, struct route_step_page_page *page)
{
    int64_t route = route_of_step(rq);
    begin(page);
    route_conclude(rq, rq_id_int(rq, "route_step"), rq_field_int(rq, "version"));
    return said(rq, page, route);
}

/* ---- another version ---- */

static enum err show_move(struct request *rq, struct route_move_page_page *page)
{
    int64_t id = rq_id_int(rq, "route");
    struct scheme *to = NEW(rq->arena, struct scheme);
    union scheme_in_force_row newest;
    q_route_card(rq, &(struct route_card_args){.id = v_int(id)}, &page->route);
    struct on_route *r = load(rq, id);
    if (rq->err)
        return rq_end(rq);
    if (!q_scheme_in_force(rq, &(struct scheme_in_force_args){.code = v_text(r->scheme.code)}, &newest) ||
        v_as_int(newest.id) == r->scheme_id || !scheme_load(rq, v_as_int(newest.id), to)) {
        page->none = true;
        return rq_end(rq);
    }
    page->scheme = to->id;
    page->number = to->number;
    lines_begin(rq, &page->asked, ROUTING_STEPS);
    for (int i = 0; i < r->scheme.n_steps; i++)
        if (r->now.step[i].place != STEP_CLOSED && scheme_step_of(to, r->scheme.steps[i].code) < 0)
            page->asked.row[page->asked.n++] = (union scheme_line_row){
                .step = v_text(r->scheme.steps[i].code), .words = v_text(r->scheme.steps[i].label)};
    choices_begin(rq, &page->targets, ROUTING_STEPS);
    for (int i = 0; i < to->n_steps; i++)
        if (scheme_step_of(&r->scheme, to->steps[i].code) < 0)
            choice_add(&page->targets, to->steps[i].code, to->steps[i].label, false);
    return rq_end(rq);
}

ROUTE(GET, "/routes/{route}/move", route_page_move_form, route_move_page, LEAD_CASE)
static enum err route_page_move_form(struct request *rq, struct route_move_page_page *page)
{
    return show_move(rq, page);
}

ROUTE(POST, "/routes/{route}/move", route_page_move, route_move_page, LEAD_CASE)
static enum err route_page_move(struct request *rq, struct route_move_page_page *page)
{
    int64_t id = rq_id_int(rq, "route"), scheme = rq_field_int(rq, "scheme");
    struct scheme *to = NEW(rq->arena, struct scheme);
    int map[ROUTING_STEPS];
    struct on_route *r = load(rq, id);
    if (!rq->err && (r->body != rq->viewer.body || !scheme_load(rq, scheme, to)))
        rq_fail(rq, ERR_NOT_FOUND);
    for (int i = 0; !rq->err && i < r->scheme.n_steps; i++) {
        struct text code = r->scheme.steps[i].code;
        struct text field = arena_printf(rq->arena, "step_%.*s", TEXT_ARG(code));
        struct text want = rq_field(rq, field.s);
        map[i] = scheme_step_of(to, code);
        if (map[i] >= 0 || r->now.step[i].place == STEP_CLOSED)
            continue;
        map[i] = scheme_step_of(to, want);
        if (map[i] < 0 && !text_is(want, "-"))
            rq_mistake(rq, NULL, N_("Say for each open step where it goes"));
    }
    if (!rq_end(rq)) {
        rq_redirect(rq, "/routes/%lld", (long long)id);
        route_move(rq, id, rq_field_int(rq, "version"), scheme, map);
        if (!rq_end(rq))
            route_forward(rq, id);
        rq_flash(rq, N_("The route goes on by the newer version"));
    }
    return rq_show_again(rq) ? show_move(rq, page) : rq_end(rq);
}
