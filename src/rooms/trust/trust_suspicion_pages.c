/* Pages of suspicion: the auditor's list and items, the head's explanations, watched surnames. To everybody else none of them is
 * there. */
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_suspicion.h"
#include "trust_tpl.h"
#include "web/tr.h"
#include "web/web.h"

static struct value day_or(struct request *rq, const char *name, int64_t otherwise, struct text *shown)
{
    struct value day = rq_filter_date(rq, name);
    char dmy[11];
    if (day.kind != V_DATE)
        day = v_date(otherwise);
    date_dmy(v_as_int(day), dmy);
    *shown = arena_text(rq->arena, text_of(dmy));
    return day;
}

static int64_t lately(struct request *rq)
{
    return rq->today - terms_number("home", "control");
}

int64_t suspicions_open(struct request *rq)
{
    struct suspicion_list_rows rows = {0};
    q_suspicion_list(rq, &(struct suspicion_list_args){.paging = COUNTED, .from_day = v_date(lately(rq)), .to_day = v_date(rq->today), .open = v_int(1)},
                     &rows);
    return (int64_t)rows.n;
}

int64_t explanations_waiting(struct request *rq)
{
    struct explanation_list_rows rows = {0};
    struct value told = suspicion_told(rq);
    if (v_is(told))
        q_explanation_list(rq, &(struct explanation_list_args){.paging = COUNTED, .before = told, .open = v_int(1)}, &rows);
    return (int64_t)rows.n;
}

/* ---- the auditor ---- */

ROUTE_HIDDEN(GET, "/suspicions", suspicion_items, suspicion_list_page, AUDIT)
static enum err suspicion_items(struct request *rq, struct suspicion_list_page_page *page)
{
    struct suspicion_list_args args = {.paging = rq_paging(rq, &suspicion_list_query),
                                       .rule = rq_filter(rq, "rule"),
                                       .body = rq_filter_int(rq, "body"),
                                       .login = rq_filter(rq, "login")};
    args.from_day = day_or(rq, "from", lately(rq), &page->from);
    args.to_day = day_or(rq, "to", rq->today, &page->to);
    page->open = text_is(rq_param(rq, "show"), "open");
    if (page->open)
        args.open = v_int(1);
    page->login = rq_param(rq, "login");
    q_suspicion_list(rq, &args, &page->items);
    q_suspicion_rules(rq, &(struct suspicion_rules_args){0}, &page->rules);
    for (size_t i = 0; i < page->rules.n; i++)
        page->rules.row[i].chosen = v_int(text_eq(v_as_text(page->rules.row[i].rule), v_as_text(args.rule)));
    q_suspicion_bodies(rq, &(struct suspicion_bodies_args){0}, &page->bodies);
    for (size_t i = 0; i < page->bodies.n; i++)
        page->bodies.row[i].chosen = v_int(v_is(args.body) && v_as_int(page->bodies.row[i].id) == v_as_int(args.body));
    return rq_end(rq);
}

ROUTE_HIDDEN(GET, "/suspicions/figures", suspicion_counts, suspicion_figures_page, AUDIT)
static enum err suspicion_counts(struct request *rq, struct suspicion_figures_page_page *page)
{
    struct value from = day_or(rq, "from", lately(rq), &page->from), to = day_or(rq, "to", rq->today, &page->to);
    q_suspicion_figures(rq, &(struct suspicion_figures_args){.from_day = from, .to_day = to}, &page->items);
    return rq_end(rq);
}

/* Only pages with the person, where the item is about one. */
static void pages_behind(struct request *rq, struct suspicion_card_page_page *page)
{
    struct suspicion_read_args args = {.paging = rq_paging(rq, &suspicion_read_query),
                                       .first = page->suspicion.first_read,
                                       .last = page->suspicion.last_read,
                                       .account = page->suspicion.account_id};
    if (rq->err || !v_is(args.first))
        return;
    if (v_is(page->suspicion.person_id))
        args.mark = v_text(arena_printf(rq->arena, "%% %lld %%", (long long)v_as_int(page->suspicion.person_id)));
    q_suspicion_read(rq, &args, &page->items);
    for (size_t i = 0; i < page->items.n; i++)
        page->items.row[i].shows = v_z(tr(rq->lang, page_words(v_as_text(page->items.row[i].page))));
}

ROUTE_HIDDEN(GET, "/suspicions/{suspicion}", suspicion_show, suspicion_card_page, AUDIT)
static enum err suspicion_show(struct request *rq, struct suspicion_card_page_page *page)
{
    q_suspicion_card(rq, &(struct suspicion_card_args){.id = rq_id(rq, "suspicion")}, &page->suspicion);
    pages_behind(rq, page);
    if (!rq->err && text_is(v_as_text(page->suspicion.rule), "refused"))
        q_refusal_day_list(rq, &(struct refusal_day_list_args){.account = page->suspicion.account_id, .day = page->suspicion.day}, &page->refusals);
    return rq_end(rq);
}

/* ---- the head ---- */

ROUTE_HIDDEN(GET, "/explanations", explanation_items, explanation_list_page, LEAD_BODY)
static enum err explanation_items(struct request *rq, struct explanation_list_page_page *page)
{
    struct value told = suspicion_told(rq);
    page->all = text_is(rq_param(rq, "show"), "all");
    if (!v_is(told))
        rq_fail(rq, ERR_NOT_FOUND);
    q_explanation_list(rq,
                       &(struct explanation_list_args){.paging = rq_paging(rq, &explanation_list_query),
                                                       .before = told,
                                                       .open = page->all ? (struct value){0} : v_int(1)},
                       &page->items);
    return rq_end(rq);
}

static enum err show_explanation(struct request *rq, struct explanation_card_page_page *page)
{
    struct value told = suspicion_told(rq);
    if (!v_is(told))
        rq_fail(rq, ERR_NOT_FOUND);
    q_explanation_card(rq, &(struct explanation_card_args){.id = rq_id(rq, "explanation"), .before = told}, &page->item);
    page->waits = !v_is(page->item.explained_at);
    return rq_end(rq);
}

ROUTE_HIDDEN(GET, "/explanations/{explanation}", explanation_show, explanation_card_page, LEAD_BODY)
static enum err explanation_show(struct request *rq, struct explanation_card_page_page *page)
{
    form_begin(&explanation_form, page->form.v);
    return show_explanation(rq, page);
}

ROUTE_HIDDEN(POST, "/explanations/{explanation}", explanation_write, explanation_card_page, LEAD_BODY)
static enum err explanation_write(struct request *rq, struct explanation_card_page_page *page)
{
    if (rq_read_form(rq, &explanation_form, page->form.v)) {
        rq_redirect(rq, "/explanations/%lld", (long long)rq_id_int(rq, "explanation"));
        suspicion_explain(rq, rq_id_int(rq, "explanation"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The explanation has been recorded; the auditor reads it"));
    }
    return rq_show_again(rq) ? show_explanation(rq, page) : rq_end(rq);
}

/* ---- watched surnames ---- */

static enum err show_watched(struct request *rq, struct watched_list_page_page *page)
{
    q_watched_list(rq, &(struct watched_list_args){.paging = rq_paging(rq, &watched_list_query)}, &page->items);
    return rq_end(rq);
}

ROUTE_HIDDEN(GET, "/watched", watched_items, watched_list_page, COORDINATE)
static enum err watched_items(struct request *rq, struct watched_list_page_page *page)
{
    form_begin(&watched_form, page->form.v);
    return show_watched(rq, page);
}

ROUTE_HIDDEN(POST, "/watched", watched_create, watched_list_page, COORDINATE)
static enum err watched_create(struct request *rq, struct watched_list_page_page *page)
{
    if (rq_read_form(rq, &watched_form, page->form.v)) {
        rq_redirect(rq, "/watched");
        watched_add(rq, &page->form);
        rq_flash(rq, N_("The surname is watched from now on; it is not shown again"));
    }
    return rq_show_again(rq) ? show_watched(rq, page) : rq_end(rq);
}

ROUTE_HIDDEN(POST, "/watched/{watched}/end", watched_stop, watched_list_page, COORDINATE)
static enum err watched_stop(struct request *rq, struct watched_list_page_page *page)
{
    form_begin(&watched_form, page->form.v);
    rq_redirect(rq, "/watched");
    watched_end(rq, rq_id_int(rq, "watched"));
    rq_flash(rq, N_("The surname is not watched any more"));
    return rq_show_again(rq) ? show_watched(rq, page) : rq_end(rq);
}
