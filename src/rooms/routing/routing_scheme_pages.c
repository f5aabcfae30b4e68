/* Pages of schemes: list, card, draft, steps and arrows, dry run. Nothing here is about a person. */
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_rehearse.h"
#include "rooms/routing/routing_show.h"
#include "routing_tpl.h"

enum { RULES_MOST = 1000 };

ROUTE(GET, "/schemes", scheme_page_list, scheme_list_page, ROUTE_SCHEMES)
static enum err scheme_page_list(struct request *rq, struct scheme_list_page_page *page)
{
    page->state = rq_param(rq, "state");
    q_scheme_list(rq,
                  &(struct scheme_list_args){.paging = rq_paging(rq, &scheme_list_query),
                                             .state = rq_filter(rq, "state")},
                  &page->items);
    for (size_t i = 0; i < page->items.n; i++)
        page->items.row[i].situation_label =
            v_z(code_words("category", v_as_text(page->items.row[i].situation), rq->lang));
    choices_of_list(rq, "scheme_state", page->state, &page->states);
    return rq_end(rq);
}

ROUTE(GET, "/schemes/new", scheme_page_new, scheme_new_page, ROUTE_SCHEMES)
static enum err scheme_page_new(struct request *rq, struct scheme_new_page_page *page)
{
    form_begin(&scheme_form, page->form.v);
    page->action = url_of(rq, "/schemes");
    page->back = page->action;
    return rq_end(rq);
}

ROUTE(POST, "/schemes", scheme_page_create, scheme_new_page, ROUTE_SCHEMES)
static enum err scheme_page_create(struct request *rq, struct scheme_new_page_page *page)
{
    page->action = url_of(rq, "/schemes");
    page->back = page->action;
    if (rq_read_form(rq, &scheme_form, page->form.v)) {
        rq_redirect(rq, "/schemes");
        int64_t id = scheme_new(rq, &page->form);
        if (id)
            rq_redirect(rq, "/schemes/%lld", (long long)id);
        rq_flash(rq, N_("The draft has been made: add its steps"));
    }
    rq_show_again(rq);
    return rq_end(rq);
}

/* ---- a scheme ---- */

static struct scheme *load(struct request *rq)
{
    struct scheme *s = NEW(rq->arena, struct scheme);
    if (!scheme_load(rq, rq_id_int(rq, "scheme"), s))
        rq_fail(rq, ERR_NOT_FOUND);
    return s;
}

static enum err show_card(struct request *rq, struct scheme_card_page_page *page)
{
    struct scheme *s = load(rq);
    struct scheme_faults *faults = NEW(rq->arena, struct scheme_faults);
    if (rq->err)
        return rq_end(rq);
    q_scheme_card(rq, &(struct scheme_card_args){.id = v_int(s->id)}, &page->scheme);
    page->scheme.situation_label = v_z(code_words("category", s->situation, rq->lang));
    page->draft = text_is(s->state, "draft");
    page->retired = text_is(s->state, "retired");
    if (page->draft)
        scheme_check(rq, s, faults);
    fault_lines(rq, faults, &page->faults);
    scheme_table_rows(rq, s, page->draft ? faults : NULL, &page->steps);
    page->drawing = scheme_drawing(rq, s, NULL, faults);
    page->drawn = page->drawing.t.n > 0;
    page->begins = scheme_begins(rq, s);
    choices_begin(rq, &page->starts, ROUTING_ARROWS);
    choices_begin(rq, &page->targets, ROUTING_STEPS);
    for (int i = 0; i < s->n_arrows; i++)
        if (!s->arrows[i].from.n) {
            int t = scheme_step_of(s, s->arrows[i].to);
            choice_add(&page->starts, arena_printf(rq->arena, "%d", i + 1),
                       t < 0 ? s->arrows[i].to : s->steps[t].label, false);
        }
    for (int i = 0; i < s->n_steps; i++)
        choice_add(&page->targets, s->steps[i].code, s->steps[i].label, false);
    return rq_end(rq);
}

ROUTE(GET, "/schemes/{scheme}", scheme_page_card, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_card(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    return show_card(rq, page);
}

static enum err card_or_done(struct request *rq, struct scheme_card_page_page *page)
{
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

ROUTE(POST, "/schemes/{scheme}/approve", scheme_page_approve, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_approve(struct request *rq, struct scheme_card_page_page *page)
{
    if (rq_read_form(rq, &approve_form, page->form.v)) {
        rq_redirect(rq, "/schemes/%lld", (long long)rq_id_int(rq, "scheme"));
        scheme_approve(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The scheme has been approved; the former version takes no new cases"));
    }
    return card_or_done(rq, page);
}

ROUTE(POST, "/schemes/{scheme}/retire", scheme_page_retire, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_retire(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    rq_redirect(rq, "/schemes/%lld", (long long)rq_id_int(rq, "scheme"));
    scheme_retire(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The version takes no new cases; those under way stay on it"));
    return card_or_done(rq, page);
}

ROUTE(POST, "/schemes/{scheme}/copy", scheme_page_copy, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_copy(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    rq_redirect(rq, "/schemes");
    int64_t id = scheme_copy(rq, rq_id_int(rq, "scheme"));
    if (id)
        rq_redirect(rq, "/schemes/%lld", (long long)id);
    rq_flash(rq, N_("A draft of the next version has been made"));
    return card_or_done(rq, page);
}

ROUTE(GET, "/schemes/{scheme}/pack", scheme_page_pack, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_pack(struct request *rq, struct scheme_card_page_page *page)
{
    struct scheme *s = load(rq);
    struct buf out = BUF(1 << 20);
    (void)page;
    if (!rq->err) {
        scheme_print(s, &out);
        if (buf_end(&out))
            rq_fail(rq, ERR_LIMIT);
        else
            rq_send_file(rq, "text/plain; charset=utf-8",
                         arena_printf(rq->arena, "%.*s-%lld.pack", TEXT_ARG(s->code),
                                      (long long)s->number),
                         arena_text(rq->arena, buf_get(&out)));
    }
    buf_free(&out);
    return rq_end(rq);
}

static void prepare_edit(struct request *rq, struct scheme_new_page_page *page)
{
    long long id = (long long)rq_id_int(rq, "scheme");
    page->action = url_of(rq, "/schemes/%lld/edit", id);
    page->back = url_of(rq, "/schemes/%lld", id);
    q_scheme_card(rq, &(struct scheme_card_args){.id = v_int(id)}, &page->scheme);
}

ROUTE(GET, "/schemes/{scheme}/edit", scheme_page_edit, scheme_new_page, ROUTE_SCHEMES)
static enum err scheme_page_edit(struct request *rq, struct scheme_new_page_page *page)
{
    prepare_edit(rq, page);
    if (!rq->err) {
        struct value row[] = {page->scheme.name, page->scheme.code, page->scheme.situation};
        rq_fill_form(rq, &scheme_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/schemes/{scheme}/edit", scheme_page_rename, scheme_new_page, ROUTE_SCHEMES)
static enum err scheme_page_rename(struct request *rq, struct scheme_new_page_page *page)
{
    if (rq_read_form(rq, &scheme_form, page->form.v)) {
        rq_redirect(rq, "/schemes/%lld", (long long)rq_id_int(rq, "scheme"));
        scheme_rename(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        prepare_edit(rq, page);
    return rq_end(rq);
}

/* ---- steps and arrows ---- */

static void rule_choices(struct request *rq, struct text chosen, struct scheme_choice_rows *out)
{
    const struct pack_entry *e = NULL;
    choices_begin(rq, out, RULES_MOST);
    while ((e = pack_next("deadline", e)) && out->n < RULES_MOST) {
        const struct deadline_rule *r = deadline_find(arena_z(rq->arena, e->key));
        if (r && r->counted)
            choice_add(out, e->key,
                       arena_printf(rq->arena, "%s (%s)", pack_label(e, rq->lang), r->id),
                       text_eq(chosen, e->key));
    }
}

/* place: number of the step from 1, 0 for a new one. */
static void prepare_step(struct request *rq, struct scheme_step_page_page *page,
                         const struct scheme *s, int place, struct text kinds)
{
    struct text self = place ? s->steps[place - 1].code : T("");
    page->scheme_id = s->id;
    page->version = s->version;
    page->scheme_name = s->name;
    page->place = place;
    page->draft = text_is(s->state, "draft");
    page->action = place ? url_of(rq, "/schemes/%lld/steps/%d", (long long)s->id, place)
                         : url_of(rq, "/schemes/%lld/steps", (long long)s->id);
    choices_of_list(rq, "body_kind", kinds, &page->kinds);
    rule_choices(rq, page->form.answer_rule.raw, &page->answers);
    rule_choices(rq, page->form.result_rule.raw, &page->results);
    choices_begin(rq, &page->same, ROUTING_STEPS);
    choices_begin(rq, &page->targets, ROUTING_STEPS + 1);
    for (int i = 0; i < s->n_steps; i++) {
        if (i != place - 1)
            choice_add(&page->same, s->steps[i].code, s->steps[i].label,
                       text_eq(page->form.same_as.raw, s->steps[i].code));
        choice_add(&page->targets, s->steps[i].code, s->steps[i].label, false);
    }
    choice_add(&page->targets, T("end"), text_of(tr(rq->lang, N_("Route ends"))), false);
    page->from = self;
    lines_begin(rq, &page->arrows, (size_t)s->n_arrows);
    for (int i = 0; i < s->n_arrows && place; i++)
        if (text_eq(s->arrows[i].from, self)) {
            int t = scheme_step_of(s, s->arrows[i].to);
            page->arrows.row[page->arrows.n++] = (union scheme_line_row){
                .step = v_z(outcome_words(s->arrows[i].outcome, rq->lang)),
                .words = t < 0 ? v_z(tr(rq->lang, N_("Route ends"))) : v_text(s->steps[t].label),
                .grave = v_int(i + 1)};
        }
    struct scheme_choice_rows more;
    choices_of_list(rq, "route_outcome", T(""), &page->outcomes);
    choices_of_list(rq, "measure_result", T(""), &more);
    struct scheme_choice_rows all;
    choices_begin(rq, &all, page->outcomes.n + more.n);
    for (size_t i = 0; i < page->outcomes.n; i++)
        all.row[all.n++] = page->outcomes.row[i];
    for (size_t i = 0; i < more.n; i++)
        all.row[all.n++] = more.row[i];
    page->outcomes = all;
}

static int place_of(struct request *rq, const struct scheme *s)
{
    int64_t place = rq_id_int(rq, "place");
    if (!rq->err && (place < 1 || place > s->n_steps))
        rq_fail(rq, ERR_NOT_FOUND);
    return rq->err ? 0 : (int)place;
}

ROUTE(GET, "/schemes/{scheme}/steps/new", scheme_page_step_new, scheme_step_page, ROUTE_SCHEMES)
static enum err scheme_page_step_new(struct request *rq, struct scheme_step_page_page *page)
{
    struct scheme *s = load(rq);
    form_begin(&step_form, page->form.v);
    page->form.offer.raw = T("one");
    page->form.joining.raw = T("all");
    if (!rq->err)
        prepare_step(rq, page, s, 0, T(""));
    return rq_end(rq);
}

ROUTE(GET, "/schemes/{scheme}/steps/{place}", scheme_page_step, scheme_step_page, ROUTE_SCHEMES)
static enum err scheme_page_step(struct request *rq, struct scheme_step_page_page *page)
{
    struct scheme *s = load(rq);
    int place = place_of(rq, s);
    if (rq->err)
        return rq_end(rq);
    const struct scheme_step *t = &s->steps[place - 1];
    struct value row[] = {v_text(t->label),       v_text(t->code),        v_text(t->place),
                          v_text(t->same_as),     v_text(t->need),        v_text(t->ground),
                          v_text(t->expected),    v_text(t->answer_rule), v_text(t->result_rule),
                          v_text(t->offer),       v_text(t->joining),     v_text(t->escalate)};
    rq_fill_form(rq, &step_form, page->form.v, NULL, row);
    page->title = t->label;
    prepare_step(rq, page, s, place, t->kinds);
    return rq_end(rq);
}

static enum err put_step(struct request *rq, struct scheme_step_page_page *page, int place,
                         const struct scheme *s)
{
    struct text *raw;
    struct buf kinds = BUF(400);
    size_t n = rq_field_all(rq, "kinds", &raw);
    for (size_t i = 0; i < n; i++)
        if (pack_find("body_kind", raw[i]))
            buf_printf(&kinds, "%s%.*s", kinds.n ? " " : "", TEXT_ARG(raw[i]));
    struct text words = arena_text(rq->arena, buf_get(&kinds));
    if (kinds.failed)
        rq_fail(rq, ERR_LIMIT);
    buf_free(&kinds);
    if (!rq->err && rq_read_form(rq, &step_form, page->form.v)) {
        rq_redirect(rq, "/schemes/%lld", (long long)s->id);
        scheme_step_put(rq, s->id, rq_field_int(rq, "version"), place - 1, &page->form, words);
        rq_flash(rq, N_("The step has been saved"));
    }
    if (rq_show_again(rq))
        prepare_step(rq, page, s, place, words);
    return rq_end(rq);
}

ROUTE(POST, "/schemes/{scheme}/steps", scheme_page_step_add, scheme_step_page, ROUTE_SCHEMES)
static enum err scheme_page_step_add(struct request *rq, struct scheme_step_page_page *page)
{
    struct scheme *s = load(rq);
    return rq->err ? rq_end(rq) : put_step(rq, page, 0, s);
}

ROUTE(POST, "/schemes/{scheme}/steps/{place}", scheme_page_step_put, scheme_step_page, ROUTE_SCHEMES)
static enum err scheme_page_step_put(struct request *rq, struct scheme_step_page_page *page)
{
    struct scheme *s = load(rq);
    int place = place_of(rq, s);
    return rq->err ? rq_end(rq) : put_step(rq, page, place, s);
}

ROUTE(POST, "/schemes/{scheme}/steps/{place}/drop", scheme_page_step_drop, scheme_card_page,
      ROUTE_SCHEMES)
static enum err scheme_page_step_drop(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    rq_redirect(rq, "/schemes/%lld", (long long)rq_id_int(rq, "scheme"));
    scheme_step_drop(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"),
                     (int)rq_id_int(rq, "place") - 1);
    rq_flash(rq, N_("The step has been removed with its arrows"));
    return card_or_done(rq, page);
}

/* from: the page one comes from, a step or the card. */
static void back_to(struct request *rq, struct text from)
{
    struct scheme *s = load(rq);
    int i = rq->err ? -1 : scheme_step_of(s, from);
    if (i >= 0)
        rq_redirect(rq, "/schemes/%lld/steps/%d", (long long)s->id, i + 1);
    else
        rq_redirect(rq, "/schemes/%lld", (long long)rq_id_int(rq, "scheme"));
}

ROUTE(POST, "/schemes/{scheme}/arrows", scheme_page_arrow_add, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_arrow_add(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    back_to(rq, rq_field(rq, "from"));
    scheme_arrow_add(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"), rq_field(rq, "from"),
                     rq_field(rq, "outcome"), rq_field(rq, "to"));
    rq_flash(rq, N_("The arrow has been added"));
    return card_or_done(rq, page);
}

ROUTE(POST, "/schemes/{scheme}/arrows/drop", scheme_page_arrow_drop, scheme_card_page, ROUTE_SCHEMES)
static enum err scheme_page_arrow_drop(struct request *rq, struct scheme_card_page_page *page)
{
    form_begin(&approve_form, page->form.v);
    back_to(rq, rq_field(rq, "from"));
    scheme_arrow_drop(rq, rq_id_int(rq, "scheme"), rq_field_int(rq, "version"),
                      (int)rq_field_int(rq, "arrow") - 1);
    rq_flash(rq, N_("The arrow has been removed"));
    return card_or_done(rq, page);
}

/* ---- dry run: what has been said stands in the address, nothing is stored ---- */

/* "intake.done-papers.declined": step and outcome of each input, in order. */
static void walk(const struct scheme *s, const struct routing_graph *g, struct text said,
                 struct routing_state *state, struct buf *kept, bool *unknown)
{
    struct routing_actions out;
    struct text one, step;
    struct routing_input in = {INPUT_START, 0, 0, 0};
    routing_feed(g, state, &in, &out);
    while (text_split(&said, '-', &one)) {
        bool parted = text_split(&one, '.', &step);
        int at = parted ? scheme_step_of(s, step) : -1;
        in = (struct routing_input){INPUT_OUTCOME, at, at < 0 ? 0 : state->step[at].round,
                                    scheme_outcome(s, one)};
        if (text_is(one, "conclude"))
            in.kind = INPUT_CONCLUDE, in.outcome = 0;
        if (at < 0 || in.outcome < 0 || !routing_feed(g, state, &in, &out)) {
            *unknown = true;
            return;
        }
        buf_printf(kept, "%s%.*s.%.*s", kept->n ? "-" : "", TEXT_ARG(step), TEXT_ARG(one));
    }
}

ROUTE(GET, "/schemes/{scheme}/try", scheme_page_try, scheme_try_page, ROUTE_SCHEMES)
static enum err scheme_page_try(struct request *rq, struct scheme_try_page_page *page)
{
    enum { SAID_MAX = 6000 };
    struct scheme *s = load(rq);
    struct routing_graph *g = NEW(rq->arena, struct routing_graph);
    struct routing_state *state = NEW(rq->arena, struct routing_state);
    struct buf kept = BUF(SAID_MAX);
    if (rq->err)
        return rq_end(rq);
    scheme_graph(s, g);
    walk(s, g, rq_param(rq, "said"), state, &kept, &page->broken);
    struct text said = arena_text(rq->arena, buf_get(&kept));
    page->full = kept.n > SAID_MAX - 200;
    buf_free(&kept);
    page->scheme_id = s->id;
    page->name = s->name;
    page->said = said;
    page->ended = state->ended;
    lines_begin(rq, &page->open, (size_t)ROUTING_STEPS * ROUTING_OUTCOMES);
    for (int i = 0; i < s->n_steps && !page->full; i++) {
        bool first = true, decide = state->step[i].place == STEP_DECIDE;
        if (state->step[i].place == STEP_CLOSED)
            continue;
        for (int k = 0; k < ROUTING_OUTCOMES; k++) {
            struct text code = scheme_outcome_code(s, k);
            if (!code.n)
                break;
            if (k > OUTCOME_DECLINED && !routing_leads(g, i, k))
                continue;
            page->open.row[page->open.n++] = (union scheme_line_row){
                .step = first ? v_text(s->steps[i].label) : (struct value){0},
                .words = v_z(outcome_words(code, rq->lang)),
                .grave = v_int(decide && first),
                .c = first ? v_text(who_words(rq, s, &s->steps[i])) : (struct value){0},
                .a = v_text(arena_printf(rq->arena, "%.*s%s%.*s.%.*s", TEXT_ARG(said),
                                         said.n ? "-" : "", TEXT_ARG(s->steps[i].code),
                                         TEXT_ARG(code)))};
            first = false;
        }
        if (decide)
            page->open.row[page->open.n++] = (union scheme_line_row){
                .words = v_z(tr(rq->lang, N_("End this branch"))),
                .a = v_text(arena_printf(rq->arena, "%.*s%s%.*s.conclude", TEXT_ARG(said),
                                         said.n ? "-" : "", TEXT_ARG(s->steps[i].code)))};
    }
    page->drawing = scheme_drawing(rq, s, state, NULL);
    page->drawn = page->drawing.t.n > 0;
    return rq_end(rq);
}

/* ---- rehearsal ---- */

static int64_t small_number(void)
{
    int64_t small;
    return text_int(pack_value("report", "clients-by-category", "small"), 1, 1000, &small) ? INT64_MAX : small; /* without a rule nothing is shown */
}

/* To what figures are rounded: as those of sealed categories, and never finer than what is small, so
 * that a small one does not come back by subtracting from the others. */
static int64_t rounding(int64_t small)
{
    int64_t to;
    return text_int(pack_value("report", "sealed-categories", "round"), 2, 1000, &to) || to < small
               ? small
               : to;
}

static struct value counted(int64_t n, int64_t to)
{
    return v_int((n + to / 2) / to * to);
}

static struct value days_of(int64_t days)
{
    return days < 0 ? (struct value){0} : v_int(days);
}

ROUTE_SLOW(GET, "/schemes/{scheme}/rehearsal", scheme_page_rehearsal, scheme_rehearsal_page,
           ROUTE_SCHEMES)
static enum err scheme_page_rehearsal(struct request *rq, struct scheme_rehearsal_page_page *page)
{
    struct scheme *s = load(rq);
    struct rehearsal *r = NEW(rq->arena, struct rehearsal);
    int64_t small = small_number(), to = rounding(small);
    if (!rq->err && scheme_sealed(s)) /* a draft of before the packs sealed it */
        rq_refuse(rq, scheme_sealed(s));
    if (rq->err)
        return rq_end(rq);
    scheme_rehearse(rq, s, r);
    page->scheme_id = s->id;
    page->name = s->name;
    page->from = v_date(r->from);
    page->until = v_date(r->until - 1);
    page->few = r->cases < small;
    lines_begin(rq, &page->steps, (size_t)s->n_steps);
    lines_begin(rq, &page->bodies, r->n_bodies);
    if (page->few)
        return rq_end(rq);
    page->to = to;
    page->cases = counted(r->cases, to);
    page->ended = counted(r->ended, to);
    page->stuck = counted(r->stuck, to);
    page->median = days_of(r->median);
    page->late = days_of(r->late);
    for (int i = 0; i < s->n_steps; i++) {
        const struct rehearsed_step *t = &r->steps[i];
        bool shown = t->cases >= small;
        page->steps.row[page->steps.n++] = (union scheme_line_row){
            .step = v_text(s->steps[i].label),
            .a = counted(t->cases, to),
            .b = shown ? days_of(t->median) : (struct value){0},
            .c = counted(t->stuck, to),
            .d = counted(t->no_body, to),
            .e = text_is(s->steps[i].place, "lead") ? (struct value){0} : counted(t->known, to)};
    }
    for (size_t i = 0; i < r->n_bodies && r->bodies[i].referrals >= small; i++)
        page->bodies.row[page->bodies.n++] = (union scheme_line_row){
            .step = v_text(r->bodies[i].name), .a = counted(r->bodies[i].referrals, to)};
    return rq_end(rq);
}
