/* Pages of working groups and commissions. */
#include "agencies_gen.h"
#include "plans_tpl.h"
#include "rooms/agencies/agencies.h"
#include "rooms/plans/plans_rules.h"
#include "web/web.h"

ROUTE(GET, "/work-groups", plans_groups, work_group_list_page, SIGNED_IN)
static enum err plans_groups(struct request *rq, struct work_group_list_page_page *page)
{
    q_work_group_list(rq, &(struct work_group_list_args){.paging = rq_paging(rq, &work_group_list_query)}, &page->items);
    return rq_end(rq);
}

static enum err show(struct request *rq, struct work_group_card_page_page *page)
{
    struct value id = rq_id(rq, "work_group"), asked = rq_filter_int(rq, "body");
    q_work_group_card(rq, &(struct work_group_card_args){.id = id}, &page->group);
    q_group_members(rq, &(struct group_members_args){.group_id = id}, &page->members);
    q_meeting_list(rq, &(struct meeting_list_args){.paging = {.sort = MEETING_LIST_BY_LATEST, .limit = 10}, .group_id = id},
                   &page->meetings);
    page->leads = v_as_int(page->group.body_id) == rq->viewer.body && rq_may(rq, CAP_CALL_MEETING) &&
                  text_is(v_as_text(page->group.state), "active");
    if (page->leads) {
        body_options(rq, T(""), 0, 0, &page->bodies);
        if (v_is(asked)) {
            page->body = v_as_int(asked);
            q_accounts_of_body(rq, &(struct accounts_of_body_args){.body = asked}, &page->accounts);
        }
    }
    return rq_end(rq);
}

static void fresh(struct work_group_card_page_page *page)
{
    form_begin(&group_member_form, page->form.v);
    page->form.votes.raw = T("1");
}

ROUTE(GET, "/work-groups/{work_group}", plans_group, work_group_card_page, SIGNED_IN)
static enum err plans_group(struct request *rq, struct work_group_card_page_page *page)
{
    fresh(page);
    return show(rq, page);
}

static enum err show_edit(struct request *rq, struct work_group_edit_page *page)
{
    q_own_accounts(rq, &(struct own_accounts_args){0}, &page->accounts);
    return rq_end(rq);
}

ROUTE(GET, "/work-groups/new", plans_group_new, work_group_edit, CALL_MEETING)
static enum err plans_group_new(struct request *rq, struct work_group_edit_page *page)
{
    form_begin(&work_group_form, page->form.v);
    page->form.quorum.raw = T("50");
    page->form.ballot.raw = T("open");
    page->form.majority.raw = T("present");
    page->form.tie.raw = T("chair");
    page->action = url_of(rq, "/work-groups");
    return show_edit(rq, page);
}

ROUTE(POST, "/work-groups", plans_group_found, work_group_edit, CALL_MEETING)
static enum err plans_group_found(struct request *rq, struct work_group_edit_page *page)
{
    if (rq_read_form(rq, &work_group_form, page->form.v)) {
        group_found(rq, &page->form);
        rq_flash(rq, N_("The group is founded: add its members"));
    }
    page->action = url_of(rq, "/work-groups");
    return rq_show_again(rq) ? show_edit(rq, page) : rq_end(rq);
}

static void prepare(struct request *rq, struct value id, struct work_group_edit_page *page)
{
    page->action = url_of(rq, "/work-groups/%lld", (long long)v_as_int(id));
    q_work_group_card(rq, &(struct work_group_card_args){.id = id}, &page->group);
    if (!rq->err && v_as_int(page->group.body_id) != rq->viewer.body)
        rq_fail(rq, ERR_FORBIDDEN);
}

ROUTE(GET, "/work-groups/{own_group}/edit", plans_group_edit, work_group_edit, CALL_MEETING)
static enum err plans_group_edit(struct request *rq, struct work_group_edit_page *page)
{
    prepare(rq, rq_id(rq, "own_group"), page);
    const union work_group_card_row *g = &page->group;
    struct value row[] = {g->name, g->kind, g->basis, g->chair_id, g->secretary_id, g->ballot, g->quorum, g->majority, g->tie};
    if (!rq->err)
        rq_fill_form(rq, &work_group_form, page->form.v, NULL, row);
    return show_edit(rq, page);
}

ROUTE(POST, "/work-groups/{work_group}", plans_group_change, work_group_edit, CALL_MEETING)
static enum err plans_group_change(struct request *rq, struct work_group_edit_page *page)
{
    int64_t id = rq_id_int(rq, "work_group");
    if (rq_read_form(rq, &work_group_form, page->form.v)) {
        rq_redirect(rq, "/work-groups/%lld", (long long)id);
        group_change(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq)) {
        prepare(rq, rq_id(rq, "work_group"), page);
        return show_edit(rq, page);
    }
    return rq_end(rq);
}

ROUTE(POST, "/work-groups/{work_group}/members", plans_group_member, work_group_card_page, CALL_MEETING)
static enum err plans_group_member(struct request *rq, struct work_group_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "work_group"), ends = rq_field_int(rq, "ends");
    fresh(page);
    rq_redirect(rq, "/work-groups/%lld", (long long)id);
    if (ends)
        group_member_end(rq, id, ends);
    else if (rq_read_form(rq, &group_member_form, page->form.v))
        group_member_add(rq, id, &page->form);
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/work-groups/{work_group}/end", plans_group_end, work_group_card_page, CALL_MEETING)
static enum err plans_group_end(struct request *rq, struct work_group_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "work_group");
    fresh(page);
    rq_redirect(rq, "/work-groups/%lld", (long long)id);
    group_end(rq, id, rq_field_int(rq, "version"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
