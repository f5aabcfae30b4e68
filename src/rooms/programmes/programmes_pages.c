#include "programmes_tpl.h"
#include "rooms/packs/packs.h"
#include "rooms/court/court.h"
#include "rooms/programmes/programmes_rules.h"
#include "web/web.h"

static void put_today(struct request *rq, struct input *in)
{
    char today[DATE_ISO_LEN + 1];
    date_dmy(rq->today, today);
    in->raw = arena_text(rq->arena, text_of(today));
}

/* ---- lists ---- */

ROUTE(GET, "/programmes", programme_page_list, programme_list_page, SEE_PERSON)
static enum err programme_page_list(struct request *rq, struct programme_list_page_page *page)
{
    page->whose = rq_param(rq, "whose");
    page->state = rq_param(rq, "state");
    bool ending = text_is(page->state, "ending");
    q_programme_list(rq,
                     &(struct programme_list_args){.paging = rq_paging(rq, &programme_list_query),
                                                   .state = ending ? (struct value){0} : rq_filter(rq, "state"),
                                                   .ends_by = ending ? v_date(terms_week(rq->today)) : (struct value){0},
                                                   .account = text_is(page->whose, "mine")
                                                                  ? v_int(rq->viewer.account)
                                                                  : (struct value){0}},
                     &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/measures", measure_page_list, measure_list_page, SEE_PERSON)
static enum err measure_page_list(struct request *rq, struct measure_list_page_page *page)
{
    page->state = rq_param(rq, "state");
    q_measure_list(rq,
                   &(struct measure_list_args){.paging = rq_paging(rq, &measure_list_query),
                                               .state = rq_filter(rq, "state")},
                   &page->items);
    return rq_end(rq);
}

/* ---- programme ---- */

static enum err show_new(struct request *rq, struct programme_new_page *page)
{
    q_programme_case(rq, &(struct programme_case_args){.id = rq_id(rq, "case")}, &page->c);
    page->court = programme_asks_court(rq, v_as_int(page->c.person_id));
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/programmes/new", programme_page_new, programme_new, LEAD_CASE)
static enum err programme_page_new(struct request *rq, struct programme_new_page *page)
{
    form_begin(&programme_form, page->form.v);
    put_today(rq, &page->form.starts_on);
    return show_new(rq, page);
}

ROUTE(POST, "/cases/{case}/programmes", programme_page_create, programme_new, LEAD_CASE)
static enum err programme_page_create(struct request *rq, struct programme_new_page *page)
{
    show_new(rq, page);
    if (rq_read_form(rq, &programme_form, page->form.v) && !rq->err) {
        programme_create(rq, rq_id_int(rq, "case"), &page->form);
        rq_flash(rq, N_("The programme has been drafted: now set its goals and measures"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

static void load(struct request *rq, union programme_card_row *out)
{
    q_programme_card(rq, &(struct programme_card_args){.id = rq_id(rq, "programme")}, out);
    /* that there could be one tells nobody here anything useful; with the conviction its note is closed */
    if (out->court_note.kind == V_HIDDEN ||
        (v_is(out->court_note) && sentences_spent(rq, v_as_int(out->person_id))))
        out->court_note = (struct value){0};
}

static enum err show_card(struct request *rq, struct programme_card_page_page *page)
{
    load(rq, &page->programme);
    programme_plan(rq, rq_id(rq, "programme"), &page->plan);
    page->planned = 0;
    for (size_t i = 0; i < page->plan.n; i++)
        page->planned += text_is(v_as_text(page->plan.row[i].state), "planned");
    return rq_end(rq);
}

ROUTE(GET, "/programmes/{programme}", programme_page_card, programme_card_page, SEE_PERSON)
static enum err programme_page_card(struct request *rq, struct programme_card_page_page *page)
{
    form_begin(&agree_form, page->agree.v);
    put_today(rq, &page->agree.agreed_on);
    return show_card(rq, page);
}

ROUTE(POST, "/programmes/{programme}/agree", programme_page_agree, programme_card_page, LEAD_CASE)
static enum err programme_page_agree(struct request *rq, struct programme_card_page_page *page)
{
    show_card(rq, page);
    if (rq_read_form(rq, &agree_form, page->agree.v) && !rq->err) {
        rq_redirect(rq, "/programmes/%lld", (long long)rq_id_int(rq, "programme"));
        programme_agree(rq, rq_id_int(rq, "programme"), rq_field_int(rq, "version"),
                        v_as_int(page->agree.agreed_on.value));
        rq_flash(rq, N_("The programme has been agreed with the person"));
    }
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

ROUTE(POST, "/programmes/{programme}/send", programme_page_send, programme_card_page, LEAD_CASE)
static enum err programme_page_send(struct request *rq, struct programme_card_page_page *page)
{
    form_begin(&agree_form, page->agree.v);
    rq_redirect(rq, "/programmes/%lld", (long long)rq_id_int(rq, "programme"));
    if (programme_send(rq, rq_id_int(rq, "programme"), rq_field_int(rq, "version")))
        rq_flash(rq, N_("The referrals of the planned measures have been sent"));
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

/* The values that stand in the register now. */
static void fill_edit(struct request *rq, const union programme_card_row *row,
                      struct programme_form *form)
{
    struct value v[] = {row->starts_on, row->ends_on, row->court_note};
    rq_fill_form(rq, &programme_form, form->v, NULL, v);
}

ROUTE(GET, "/programmes/{programme}/edit", programme_page_edit, programme_edit, LEAD_CASE)
static enum err programme_page_edit(struct request *rq, struct programme_edit_page *page)
{
    load(rq, &page->programme);
    fill_edit(rq, &page->programme, &page->form);
    form_begin(&programme_form, page->theirs.v);
    page->court = programme_asks_court(rq, v_as_int(page->programme.person_id));
    return rq_end(rq);
}

/* Somebody else saved a version meanwhile: both, field by field, to choose from. */
static enum err show_both(struct request *rq, struct programme_edit_page *page)
{
    rq->err = OK; /* to read what stands there now; told again below */
    load(rq, &page->programme);
    fill_edit(rq, &page->programme, &page->theirs);
    for (size_t i = 0; i < programme_form.n && !rq->err; i++) {
        struct value mine = page->form.v[i].value, stored = page->theirs.v[i].value;
        bool asked = mine.kind != V_NONE && stored.kind != V_HIDDEN;
        if (asked && (v_is(mine) || v_is(stored)) && !v_eq(mine, stored))
            page->theirs.v[i].error = N_("Changed in the meantime");
    }
    q_programme_last_change(
        rq,
        &(struct programme_last_change_args){.programme = rq_id(rq, "programme"),
                                             .person = page->programme.person_id},
        &page->last);
    page->stale = !rq->err;
    return rq_fail(rq, ERR_STALE);
}

ROUTE(POST, "/programmes/{programme}/edit", programme_page_change, programme_edit, LEAD_CASE)
static enum err programme_page_change(struct request *rq, struct programme_edit_page *page)
{
    load(rq, &page->programme);
    form_begin(&programme_form, page->theirs.v);
    page->court = programme_asks_court(rq, v_as_int(page->programme.person_id));
    if (rq_read_form(rq, &programme_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/programmes/%lld", (long long)rq_id_int(rq, "programme"));
        programme_change(rq, rq_id_int(rq, "programme"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The programme has been changed"));
    }
    if (rq->err == ERR_STALE)
        return show_both(rq, page);
    if (rq_show_again(rq))
        load(rq, &page->programme);
    return rq_end(rq);
}

/* ---- goals ---- */

ROUTE(GET, "/programmes/{programme}/goals/new", goal_page_new, goal_new, LEAD_CASE)
static enum err goal_page_new(struct request *rq, struct goal_new_page *page)
{
    form_begin(&goal_form, page->form.v);
    load(rq, &page->programme);
    return rq_end(rq);
}

ROUTE(POST, "/programmes/{programme}/goals", goal_page_add, goal_new, LEAD_CASE)
static enum err goal_page_add(struct request *rq, struct goal_new_page *page)
{
    load(rq, &page->programme);
    if (rq_read_form(rq, &goal_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/programmes/%lld", (long long)rq_id_int(rq, "programme"));
        goal_add(rq, rq_id_int(rq, "programme"), &page->form);
        rq_flash(rq, N_("The goal has been added"));
    }
    if (rq_show_again(rq))
        load(rq, &page->programme);
    return rq_end(rq);
}

/* ---- measures ---- */

static enum err show_measure_new(struct request *rq, struct measure_new_page *page)
{
    load(rq, &page->programme);
    q_goal_options(rq, &(struct goal_options_args){.programme = rq_id(rq, "programme")},
                   &page->goals);
    performer_options(rq, &page->bodies);
    return rq_end(rq);
}

ROUTE(GET, "/programmes/{programme}/measures/new", measure_page_new, measure_new, LEAD_CASE)
static enum err measure_page_new(struct request *rq, struct measure_new_page *page)
{
    form_begin(&measure_form, page->form.v);
    page->form.goal_id.raw = rq_param(rq, "goal");
    return show_measure_new(rq, page);
}

ROUTE(POST, "/programmes/{programme}/measures", measure_page_add, measure_new, LEAD_CASE)
static enum err measure_page_add(struct request *rq, struct measure_new_page *page)
{
    show_measure_new(rq, page);
    if (rq_read_form(rq, &measure_form, page->form.v) && !rq->err) {
        bool own = v_as_int(page->form.body_id.value) == rq->viewer.body;
        rq_redirect(rq, "/programmes/%lld", (long long)rq_id_int(rq, "programme"));
        bool later = rq_field(rq, "later").n > 0;
        measure_add(rq, rq_id_int(rq, "programme"), later, &page->form);
        rq_flash(rq, own || later ? N_("The measure has been added")
                                  : N_("The measure has been added and sent to the responsible body"));
    }
    return rq_show_again(rq) ? show_measure_new(rq, page) : rq_end(rq);
}

static enum err show_measure(struct request *rq, struct measure_card_page_page *page)
{
    q_measure_card(rq, &(struct measure_card_args){.id = rq_id(rq, "measure")}, &page->measure);
    page->leads = v_as_int(page->measure.lead_id) == rq->viewer.body;
    page->own = v_as_int(page->measure.body_id) == rq->viewer.body;
    page->open = text_is(v_as_text(page->measure.state), "sent") ||
                 text_is(v_as_text(page->measure.state), "planned") ||
                 text_is(v_as_text(page->measure.state), "in_progress");
    return rq_end(rq);
}

ROUTE(GET, "/measures/{measure}", measure_page_card, measure_card_page, SEE_PERSON)
static enum err measure_page_card(struct request *rq, struct measure_card_page_page *page)
{
    form_begin(&measure_result_form, page->form.v);
    put_today(rq, &page->form.done_on);
    return show_measure(rq, page);
}

ROUTE(POST, "/measures/{measure}/result", measure_page_result, measure_card_page, RECORD_SERVICE)
static enum err measure_page_result(struct request *rq, struct measure_card_page_page *page)
{
    show_measure(rq, page);
    if (rq_read_form(rq, &measure_result_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/programmes/%lld", (long long)v_as_int(page->measure.programme_id));
        measure_finish(rq, rq_id_int(rq, "measure"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The result of the measure has been recorded"));
    }
    return rq_show_again(rq) ? show_measure(rq, page) : rq_end(rq);
}

ROUTE(POST, "/measures/{measure}/cancel", measure_page_cancel, measure_card_page, LEAD_CASE)
static enum err measure_page_cancel(struct request *rq, struct measure_card_page_page *page)
{
    form_begin(&measure_result_form, page->form.v);
    show_measure(rq, page);
    rq_redirect(rq, "/programmes/%lld", (long long)v_as_int(page->measure.programme_id));
    measure_cancel(rq, rq_id_int(rq, "measure"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The measure has been cancelled"));
    return rq_show_again(rq) ? show_measure(rq, page) : rq_end(rq);
}
