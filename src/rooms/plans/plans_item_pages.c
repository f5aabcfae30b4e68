/* Pages of a question of the agenda: what was heard, decisions, papers, addenda. */
#include "agencies_gen.h"
#include "papers_gen.h"
#include "plans_tpl.h"
#include "programmes_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/papers/papers.h"
#include "rooms/plans/plans_show.h"
#include "web/web.h"

static void fresh(struct item_card_page_page *page)
{
    form_begin(&item_heard_form, page->heard.v);
    form_begin(&decision_case_form, page->on_case.v);
    form_begin(&decision_open_form, page->open.v);
    form_begin(&addendum_form, page->addendum.v);
}

static void show_decisions(struct request *rq, struct item_card_page_page *page)
{
    struct minutes_cases_rows all = {0};
    size_t n = 0;
    minutes_rows(rq, page->item.meeting_id, &all);
    page->rows = all;
    for (size_t i = 0; i < all.n; i++)
        if (v_is(all.row[i].decision_id) && v_eq(all.row[i].id, page->item.id))
            page->rows.row[n++] = all.row[i];
    page->rows.n = n;
}

static enum err show(struct request *rq, struct item_card_page_page *page)
{
    struct meeting m;
    if (!item_read(rq, rq_id(rq, "item"), &page->item)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    meeting_read(rq, v_as_int(page->item.meeting_id), &m);
    page->on_person = v_is(page->item.person_id);
    page->writes = item_writes(rq, &m, v_as_int(page->item.body_id));
    page->planned = page->writes && meeting_in(&m, "planned");
    page->held = page->writes && meeting_in(&m, "held");
    page->approved = page->writes && meeting_in(&m, "approved");
    show_decisions(rq, page);
    page->place = url_of(rq, "/agenda-items/%lld", (long long)v_as_int(page->item.id));
    page->attaches = papers_shown(rq, &agenda_item_table, v_as_int(page->item.id), &page->attachments);
    if (page->held) {
        body_options(rq, T(""), 0, 0, &page->bodies);
        q_accounts_invited(rq, &(struct accounts_invited_args){.meeting = page->item.meeting_id}, &page->accounts);
        union programme_of_case_open_row g = {0};
        if (page->on_person &&
            q_programme_of_case_open(rq, &(struct programme_of_case_open_args){.case_id = page->item.case_id}, &g))
            q_goal_options(rq, &(struct goal_options_args){.programme = g.id}, &page->goals);
    }
    return rq_end(rq);
}

ROUTE(GET, "/agenda-items/{item}", plans_item, item_card_page, SIGNED_IN)
static enum err plans_item(struct request *rq, struct item_card_page_page *page)
{
    fresh(page);
    show(rq, page);
    struct value row[] = {page->item.heard, page->item.said};
    if (!rq->err)
        rq_fill_form(rq, &item_heard_form, page->heard.v, NULL, row);
    return rq_end(rq);
}

ROUTE(POST, "/agenda-items/{item}/heard", plans_item_heard, item_card_page, KEEP_MINUTES)
static enum err plans_item_heard(struct request *rq, struct item_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "item");
    fresh(page);
    if (rq_read_form(rq, &item_heard_form, page->heard.v)) {
        rq_redirect(rq, "/agenda-items/%lld", (long long)id);
        item_heard(rq, id, rq_field_int(rq, "version"), &page->heard);
        rq_flash(rq, N_("The changes have been saved"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agenda-items/{item}/decisions", plans_item_decide, item_card_page, KEEP_MINUTES)
static enum err plans_item_decide(struct request *rq, struct item_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "item");
    union item_case_row item = {0};
    bool good;
    fresh(page);
    if (!item_read(rq, v_int(id), &item))
        rq_fail(rq, ERR_NOT_FOUND);
    if (v_is(item.person_id))
        good = rq_read_form(rq, &decision_case_form, page->on_case.v);
    else
        good = rq_read_form(rq, &decision_open_form, page->open.v);
    if (good && !rq->err) {
        rq_redirect(rq, "/agenda-items/%lld", (long long)id);
        decision_draft(rq, id, &page->on_case, &page->open);
        rq_flash(rq, N_("The decision is drafted; it is in force when the chair has approved the minutes"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agenda-items/{item}/addenda", plans_item_addendum, item_card_page, KEEP_MINUTES)
static enum err plans_item_addendum(struct request *rq, struct item_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "item");
    fresh(page);
    if (rq_read_form(rq, &addendum_form, page->addendum.v)) {
        rq_redirect(rq, "/agenda-items/%lld", (long long)id);
        minutes_add(rq, id, &page->addendum);
        rq_flash(rq, N_("The addendum stands beside the minutes"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agenda-items/{item}/remove", plans_item_remove, item_card_page, SIGNED_IN)
static enum err plans_item_remove(struct request *rq, struct item_card_page_page *page)
{
    fresh(page);
    show(rq, page);
    rq_redirect(rq, "/meetings/%lld", (long long)v_as_int(page->item.meeting_id));
    item_remove(rq, rq_id_int(rq, "item"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
