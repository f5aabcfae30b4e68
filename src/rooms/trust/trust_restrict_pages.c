/* Pages of restrictions: setting one, the list of the body, one with its viewers, possible twins.
 */
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_rules.h"
#include "trust_tpl.h"
#include "web/web.h"

enum { WORKERS_MAX = 200 };

/* The chosen colleagues. */
static struct restriction_who who_of(struct request *rq)
{
    struct text *raw;
    size_t n = rq_field_all(rq, "account", &raw), k = 0;
    int64_t *account = arena_array(rq->arena, n ? n : 1, sizeof *account);
    for (size_t i = 0; i < n && k < WORKERS_MAX; i++)
        if (raw[i].n && text_int(raw[i], 1, INT64_MAX, &account[k++]))
            rq_mistake(rq, "account", N_("Choose among the workers of your body"));
    return (struct restriction_who){account, k, rq_field(rq, "lead").n > 0};
}

static void workers(struct request *rq, struct value restriction,
                    struct restriction_workers_rows *out)
{
    q_restriction_workers(rq, &(struct restriction_workers_args){.restriction = restriction}, out);
}

/* ---- a new one ---- */

static enum err show_new(struct request *rq, struct restriction_new_page *page)
{
    q_why_person(rq, &(struct why_person_args){.person = rq_id(rq, "person")}, &page->person);
    workers(rq, v_int(0), &page->workers);
    int64_t lead = v_as_int(page->person.lead_body_id);
    page->other_lead = lead && lead != rq->viewer.body;
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/restrict", restriction_ask, restriction_new, RESTRICT)
static enum err restriction_ask(struct request *rq, struct restriction_new_page *page)
{
    union restriction_of_person_row live;
    form_begin(&restriction_form, page->form.v);
    if (q_restriction_of_person(
            rq, &(struct restriction_of_person_args){.person = rq_id(rq, "person")}, &live) &&
        !rq_is_api(rq))
        rq_redirect(rq, "/restrictions/%lld", (long long)v_as_int(live.id));
    return show_new(rq, page);
}

static void was_set(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/restrictions/%lld", (long long)id);
}

ROUTE(POST, "/persons/{person}/restrictions", restriction_create, restriction_new, RESTRICT)
static enum err restriction_create(struct request *rq, struct restriction_new_page *page)
{
    show_new(rq, page);
    struct restriction_who who = who_of(rq);
    if (rq_read_form(rq, &restriction_form, page->form.v) && !rq->err) {
        restriction_set(rq, rq_id_int(rq, "person"), &page->form, &who, was_set);
        rq_flash(rq, N_("From now on only those named see the person"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

/* ---- of all bodies, for the auditor ---- */

void restrictions_of_all(struct request *rq, struct paging paging, bool ended, struct restriction_control_rows *out)
{
    int64_t from = rq->today - terms_number("home", "control");
    q_restriction_control(rq,
                          &(struct restriction_control_args){.paging = paging,
                                                             .set_from = ended ? (struct value){0} : v_date(from),
                                                             .ended_from = ended ? v_instant(instant_of_day(from)) : (struct value){0}},
                          out);
}

ROUTE(GET, "/restrictions/control", restrictions_control, restriction_control_page, AUDIT)
static enum err restrictions_control(struct request *rq, struct restriction_control_page_page *page)
{
    bool ended = text_is(rq_param(rq, "show"), "ended");
    page->show = ended ? T("ended") : T("set");
    page->since = v_date(rq->today - terms_number("home", "control"));
    restrictions_of_all(rq, rq_paging(rq, &restriction_control_query), ended, &page->items);
    return rq_end(rq);
}

/* ---- the list ---- */

ROUTE(GET, "/restrictions", restrictions_list, restriction_list_page, SEE_PERSON)
static enum err restrictions_list(struct request *rq, struct restriction_list_page_page *page)
{
    q_restriction_list(
        rq, &(struct restriction_list_args){.paging = rq_paging(rq, &restriction_list_query)},
        &page->items);
    page->twins = rq_may(rq, CAP_RESTRICT) ? twins_waiting(rq) : 0;
    return rq_end(rq);
}

/* ---- one ---- */

static enum err show(struct request *rq, struct restriction_card_page_page *page)
{
    struct value id = rq_id(rq, "restriction");
    union restriction_ground_row ground;
    q_restriction_card(rq, &(struct restriction_card_args){.id = id}, &page->restriction);
    if (q_restriction_ground(rq, &(struct restriction_ground_args){.id = id}, &ground))
        page->restriction.words = ground.words;
    if (rq->err)
        return rq_end(rq);
    page->may = rq_may(rq, CAP_RESTRICT);
    page->own = page->may && v_as_int(page->restriction.body_id) == rq->viewer.body;
    if (page->own)
        q_restriction_bodies(rq, &(struct restriction_bodies_args){.restriction = id},
                             &page->bodies);
    for (size_t i = 0; i < page->bodies.n; i++)
        if (v_as_int(page->bodies.row[i].body_id) == rq->viewer.body)
            page->bodies.row[i].body_id = v_null(); /* it stays named */
    if (page->own)
        body_options(rq, T(""), 0, rq->viewer.body, &page->options);
    if (page->may)
        workers(rq, id, &page->workers);
    return rq_end(rq);
}

static enum err show_again(struct request *rq, struct restriction_card_page_page *page)
{
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

static void begin_forms(struct request *rq, struct restriction_card_page_page *page)
{
    form_begin(&restriction_form, page->form.v);
    form_begin(&viewer_form, page->viewer.v);
    if (show(rq, page))
        return;
    const struct value row[] = {page->restriction.reason, page->restriction.words,
                                page->restriction.until};
    rq_fill_form(rq, &restriction_form, page->form.v, NULL, row);
}

ROUTE(GET, "/restrictions/{restriction}", restriction_show, restriction_card_page, SEE_PERSON)
static enum err restriction_show(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/restrictions/{restriction}", restriction_update, restriction_card_page, RESTRICT)
static enum err restriction_update(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    if (rq_read_form(rq, &restriction_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/restrictions/%lld", (long long)rq_id_int(rq, "restriction"));
        restriction_change(rq, rq_id_int(rq, "restriction"), rq_field_int(rq, "version"),
                           &page->form);
    }
    return show_again(rq, page);
}

ROUTE(POST, "/restrictions/{restriction}/bodies", restriction_add_body, restriction_card_page,
      RESTRICT)
static enum err restriction_add_body(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    if (rq_read_form(rq, &viewer_form, page->viewer.v) && !rq->err) {
        rq_redirect(rq, "/restrictions/%lld", (long long)rq_id_int(rq, "restriction"));
        restriction_name(rq, rq_id_int(rq, "restriction"), rq_field_int(rq, "version"),
                         &page->viewer);
    }
    return show_again(rq, page);
}

ROUTE(POST, "/restrictions/{restriction}/bodies/end", restriction_end_body, restriction_card_page,
      RESTRICT)
static enum err restriction_end_body(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    rq_redirect(rq, "/restrictions/%lld", (long long)rq_id_int(rq, "restriction"));
    restriction_unname(rq, rq_id_int(rq, "restriction"), rq_field_int(rq, "version"),
                       rq_field_int(rq, "body_id"));
    return show_again(rq, page);
}

ROUTE(POST, "/restrictions/{restriction}/workers", restriction_own_workers, restriction_card_page,
      RESTRICT)
static enum err restriction_own_workers(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    struct restriction_who who = who_of(rq);
    rq_redirect(rq, "/restrictions/%lld", (long long)rq_id_int(rq, "restriction"));
    if (!rq->mistakes)
        restriction_workers(rq, rq_id_int(rq, "restriction"), rq_field_int(rq, "version"), &who);
    return show_again(rq, page);
}

ROUTE(POST, "/restrictions/{restriction}/lift", restriction_off, restriction_card_page, RESTRICT)
static enum err restriction_off(struct request *rq, struct restriction_card_page_page *page)
{
    begin_forms(rq, page);
    rq_redirect(rq, "/persons/%lld", (long long)v_as_int(page->restriction.person_id));
    restriction_lift(rq, rq_id_int(rq, "restriction"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The restriction is lifted: who had access has it again"));
    return show_again(rq, page);
}

/* ---- who may be the same ---- */

/* Persons of other bodies by their names: noted in the read log like those of a search. */
static enum err show_twins(struct request *rq, struct twin_list_page_page *page)
{
    twins_found(rq, &page->items, text_is(rq_param(rq, "show"), "all"));
    for (size_t i = 0; i < page->items.n; i++) {
        rq_saw(rq, v_as_int(page->items.row[i].person_id));
        rq_saw(rq, v_as_int(page->items.row[i].other_id));
    }
    return rq_end(rq);
}

ROUTE(GET, "/restrictions/twins", twins_list, twin_list_page, RESTRICT)
static enum err twins_list(struct request *rq, struct twin_list_page_page *page)
{
    return show_twins(rq, page);
}

ROUTE(POST, "/restrictions/twins", twins_judge, twin_list_page, RESTRICT)
static enum err twins_judge(struct request *rq, struct twin_list_page_page *page)
{
    struct twin_form form;
    if (rq_read_form(rq, &twin_form, form.v) && !rq->err) {
        rq_redirect(rq, "/restrictions/twins");
        twin_judge(rq, rq_field_int(rq, "person"), rq_field_int(rq, "other"), &form);
    }
    return rq_show_again(rq) ? show_twins(rq, page) : rq_end(rq);
}
