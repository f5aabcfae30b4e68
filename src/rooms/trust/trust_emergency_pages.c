/* Pages of emergency access: opening it, the queue of the head, figures of the bodies. */
#include "rooms/packs/packs.h"
#include "rooms/trust/trust.h"
#include "rooms/trust/trust_rules.h"
#include "trust_tpl.h"
#include "web/web.h"

enum { FIGURES_MONTHS = 6 };

/* Who it is is not said before the access is open. The number comes from a search of today, or from
 * a card that the body has; any other is as one that is not there. */
static enum err show_new(struct request *rq, struct emergency_new_page *page)
{
    page->person = rq_id_int(rq, "person");
    page->sight = rq_is_post(rq) ? rq_field(rq, "sight") : rq_param(rq, "sight");
    if (!sight_good(rq, page->person, page->sight) &&
        !(access_bits(rq, rq->viewer.body, page->person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/emergency", emergency_new, emergency_new, EMERGENCY)
static enum err emergency_new(struct request *rq, struct emergency_new_page *page)
{
    form_begin(&emergency_form, page->form.v);
    return show_new(rq, page);
}

ROUTE(POST, "/persons/{person}/emergency", emergency_create, emergency_new, EMERGENCY)
static enum err emergency_create(struct request *rq, struct emergency_new_page *page)
{
    if (show_new(rq, page))
        return rq->err;
    if (rq_read_form(rq, &emergency_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)page->person);
        emergency_open(rq, page->person, &page->form);
        rq_flash(rq, N_("The access is open for an hour; your head will judge it"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

ROUTE(GET, "/emergencies", emergency_queue, emergency_list_page, REVIEW_EMERGENCY)
static enum err emergency_queue(struct request *rq, struct emergency_list_page_page *page)
{
    bool all = text_is(rq_param(rq, "show"), "all");
    page->show = all ? T("all") : T("waiting");
    q_emergency_list(
        rq,
        &(struct emergency_list_args){.paging = rq_paging(rq, &emergency_list_query),
                                      .review = all ? (struct value){0} : v_z("waiting")},
        &page->items);
    return rq_end(rq);
}

int64_t emergencies_waiting(struct request *rq)
{
    struct emergency_list_rows rows = {0};
    q_emergency_list(rq, &(struct emergency_list_args){.paging = COUNTED, .review = v_z("waiting")}, &rows);
    return (int64_t)rows.n;
}

int64_t emergencies_late(struct request *rq)
{
    struct emergency_late_rows rows = {0};
    q_emergency_late(rq, &(struct emergency_late_args){.paging = COUNTED, .before = terms_ago(rq->today, "emergency")}, &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/emergencies/late", emergency_overdue, emergency_late_page, AUDIT)
static enum err emergency_overdue(struct request *rq, struct emergency_late_page_page *page)
{
    q_emergency_late(rq,
                     &(struct emergency_late_args){.paging = rq_paging(rq, &emergency_late_query),
                                                   .before = terms_ago(rq->today, "emergency")},
                     &page->items);
    return rq_end(rq);
}

static enum err show(struct request *rq, struct emergency_card_page_page *page)
{
    q_emergency_card(rq, &(struct emergency_card_args){.id = rq_id(rq, "emergency")},
                     &page->emergency);
    page->waiting = text_is(v_as_text(page->emergency.review), "waiting");
    return rq_end(rq);
}

ROUTE(GET, "/emergencies/{emergency}", emergency_show, emergency_card_page, REVIEW_EMERGENCY)
static enum err emergency_show(struct request *rq, struct emergency_card_page_page *page)
{
    form_begin(&review_form, page->form.v);
    return show(rq, page);
}

ROUTE(POST, "/emergencies/{emergency}/review", emergency_judge, emergency_card_page,
      REVIEW_EMERGENCY)
static enum err emergency_judge(struct request *rq, struct emergency_card_page_page *page)
{
    show(rq, page);
    if (rq_read_form(rq, &review_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/emergencies");
        emergency_review(rq, rq_id_int(rq, "emergency"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The judgement has been recorded"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(GET, "/emergencies/figures", emergency_counts, emergency_figures_page, AUDIT)
static enum err emergency_counts(struct request *rq, struct emergency_figures_page_page *page)
{
    page->since = v_date(date_add_months(rq->today, -FIGURES_MONTHS));
    q_emergency_figures(rq,
                        &(struct emergency_figures_args){
                            .from_instant = v_instant(instant_of_day(v_as_int(page->since)))},
                        &page->items);
    return rq_end(rq);
}
