/* Pages of the members of a family case. */
#include "cases_tpl.h"
#include "rooms/cases/cases.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/people/people.h"
#include "web/web.h"

/* Persons of the own lists, by the beginning of the surname; who is chosen stands first. */
static enum err show(struct request *rq, struct member_new_page *page)
{
    q_case_card(rq, &(struct case_card_args){.id = rq_id(rq, "case")}, &page->c);
    page->q = rq_is_post(rq) ? rq_field(rq, "q") : rq_param(rq, "q");
    if (!rq->err && page->q.n) {
        struct member_found_args args = {.but = page->c.person_id};
        person_sought(rq, page->q);
        person_name_range(rq->arena, page->q, &args.from, &args.end);
        if (v_is(args.from))
            q_member_found(rq, &args, &page->found);
    }
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/members/new", member_page_new, member_new, LEAD_CASE)
static enum err member_page_new(struct request *rq, struct member_new_page *page)
{
    form_begin(&member_form, page->form.v);
    return show(rq, page);
}

ROUTE(POST, "/cases/{case}/members", member_page_add, member_new, LEAD_CASE)
static enum err member_page_add(struct request *rq, struct member_new_page *page)
{
    if (rq_read_form(rq, &member_form, page->form.v)) {
        rq_redirect(rq, "/cases/%lld", (long long)rq_id_int(rq, "case"));
        member_add(rq, rq_id_int(rq, "case"), rq_field_int(rq, "person"), &page->form);
        rq_flash(rq, N_("The member of the family has been added"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

static enum err show_member(struct request *rq, struct member_end_page *page)
{
    q_member_card(rq, &(struct member_card_args){.id = rq_id(rq, "member")}, &page->member);
    return rq_end(rq);
}

ROUTE(GET, "/members/{member}", member_page_ending, member_end, LEAD_CASE)
static enum err member_page_ending(struct request *rq, struct member_end_page *page)
{
    char today[11];
    form_begin(&member_end_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.until.raw = arena_text(rq->arena, text_of(today));
    return show_member(rq, page);
}

ROUTE(POST, "/members/{member}/end", member_page_end, member_end, LEAD_CASE)
static enum err member_page_end(struct request *rq, struct member_end_page *page)
{
    show_member(rq, page);
    if (rq_read_form(rq, &member_end_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/cases/%lld", (long long)v_as_int(page->member.case_id));
        member_end(rq, rq_id_int(rq, "member"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The membership has ended"));
    }
    return rq_show_again(rq) ? show_member(rq, page) : rq_end(rq);
}
