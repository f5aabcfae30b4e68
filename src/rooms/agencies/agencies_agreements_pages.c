/* Pages of agreements: of those who record them, and of heads, who read those of their own body. */
#include "agencies_tpl.h"
#include "rooms/agencies/agencies_rules.h"
#include "web/web.h"

/* body none: of all bodies. */
static enum err show_list(struct request *rq, struct agreement_list_page_page *page, struct value body)
{
    struct agreement_list_args args = {.paging = rq_paging(rq, &agreement_list_query),
                                       .kind = rq_filter(rq, "kind"),
                                       .state = rq_filter(rq, "state"),
                                       .ending = text_is(rq_param(rq, "show"), "ending") ? v_int(1) : (struct value){0},
                                       .soon = v_date(agreements_soon(rq))};
    page->action = url_of(rq, "/agreements");
    if (v_is(body)) {
        args.body = body;
        args.body_kind = v_text(body_kind(rq, v_as_int(body)));
        page->action = url_of(rq, "/bodies/%lld/agreements", (long long)v_as_int(body));
    }
    form_begin(&agreement_filter_form, page->filter.v);
    page->filter.kind.raw = rq_param(rq, "kind");
    page->filter.state.raw = rq_param(rq, "state");
    page->filtered = v_is(args.kind) || v_is(args.state) || v_is(args.ending);
    q_agreement_list(rq, &args, &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/agreements", agreements_list, agreement_list_page, AGREEMENTS)
static enum err agreements_list(struct request *rq, struct agreement_list_page_page *page)
{
    return show_list(rq, page, (struct value){0});
}

ROUTE(GET, "/bodies/{led}/agreements", agreements_of_body, agreement_list_page, LEAD_BODY)
static enum err agreements_of_body(struct request *rq, struct agreement_list_page_page *page)
{
    struct value body = rq_id(rq, "led");
    if (v_as_int(body) != rq->viewer.body)
        return rq_fail(rq, ERR_FORBIDDEN);
    return show_list(rq, page, body);
}

static enum err show(struct request *rq, struct agreement_card_page_page *page)
{
    struct value id = rq_id(rq, "agreement");
    q_agreement_card(
        rq, &(struct agreement_card_args){.id = id, .soon = v_date(agreements_soon(rq))},
        &page->agreement);
    if (!rq->err && !agreement_readable(rq, v_as_int(id)))
        return rq_fail(rq, rq_may(rq, CAP_LEAD_BODY) ? ERR_NOT_FOUND : ERR_FORBIDDEN);
    q_agreement_parties(rq, &(struct agreement_parties_args){.agreement = id}, &page->parties);
    q_agreement_carried(rq, &(struct agreement_carried_args){.agreement = id}, &page->carried);
    struct text state = v_as_text(page->agreement.state);
    page->endable = rq_may(rq, CAP_AGREEMENTS) && !text_is(state, "ended");
    page->drafts = page->endable && text_is(state, "draft");
    page->back = rq_may(rq, CAP_AGREEMENTS)
                     ? url_of(rq, "/agreements")
                     : url_of(rq, "/bodies/%lld/agreements", (long long)rq->viewer.body);
    if (page->drafts)
        body_options(rq, T(""), 0, 0, &page->bodies);
    return rq_end(rq);
}

static void begin(struct agreement_card_page_page *page)
{
    form_begin(&agreement_end_form, page->end.v);
    form_begin(&party_form, page->party.v);
    form_begin(&carries_form, page->carries.v);
}

ROUTE(GET, "/agreements/{agreement}", agreements_card, agreement_card_page, SIGNED_IN)
static enum err agreements_card(struct request *rq, struct agreement_card_page_page *page)
{
    begin(page);
    return show(rq, page);
}

ROUTE(GET, "/agreements/new", agreements_new, agreement_edit, AGREEMENTS)
static enum err agreements_new(struct request *rq, struct agreement_edit_page *page)
{
    form_begin(&agreement_form, page->form.v);
    page->action = url_of(rq, "/agreements");
    return rq_end(rq);
}

ROUTE(POST, "/agreements", agreements_create, agreement_edit, AGREEMENTS)
static enum err agreements_create(struct request *rq, struct agreement_edit_page *page)
{
    if (rq_read_form(rq, &agreement_form, page->form.v)) {
        int64_t id;
        rq_redirect(rq, "/agreements");
        id = agreement_create(rq, &page->form);
        if (id) {
            rq_redirect(rq, "/agreements/%lld", (long long)id);
            rq_flash(rq, N_("The agreement is recorded as a draft: add its parties"));
        }
    }
    if (rq_show_again(rq))
        page->action = url_of(rq, "/agreements");
    return rq_end(rq);
}

static void prepare(struct request *rq, struct agreement_edit_page *page)
{
    struct value id = rq_id(rq, "agreement");
    page->action = url_of(rq, "/agreements/%lld", (long long)v_as_int(id));
    q_agreement_card(
        rq, &(struct agreement_card_args){.id = id, .soon = v_date(agreements_soon(rq))},
        &page->agreement);
}

ROUTE(GET, "/agreements/{agreement}/edit", agreements_edit, agreement_edit, AGREEMENTS)
static enum err agreements_edit(struct request *rq, struct agreement_edit_page *page)
{
    prepare(rq, page);
    if (!rq->err) {
        const union agreement_card_row *g = &page->agreement;
        struct value row[] = {g->number, g->kind, g->signed_on, g->subject, g->since, g->until};
        rq_fill_form(rq, &agreement_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}", agreements_change, agreement_edit, AGREEMENTS)
static enum err agreements_change(struct request *rq, struct agreement_edit_page *page)
{
    int64_t id = rq_id_int(rq, "agreement");
    if (rq_read_form(rq, &agreement_form, page->form.v)) {
        rq_redirect(rq, "/agreements/%lld", (long long)id);
        agreement_change(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        prepare(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}/parties", agreements_party, agreement_card_page, AGREEMENTS)
static enum err agreements_party(struct request *rq, struct agreement_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "agreement");
    begin(page);
    if (rq_read_form(rq, &party_form, page->party.v)) {
        rq_redirect(rq, "/agreements/%lld", (long long)id);
        agreement_party_add(rq, id, rq_field_int(rq, "version"), &page->party);
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}/carries", agreements_carries, agreement_card_page, AGREEMENTS)
static enum err agreements_carries(struct request *rq, struct agreement_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "agreement");
    begin(page);
    if (rq_read_form(rq, &carries_form, page->carries.v)) {
        rq_redirect(rq, "/agreements/%lld", (long long)id);
        agreement_carries_add(rq, id, rq_field_int(rq, "version"), &page->carries);
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}/drop", agreements_drop, agreement_card_page, AGREEMENTS)
static enum err agreements_drop(struct request *rq, struct agreement_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "agreement"), carried = rq_field_int(rq, "carried");
    begin(page);
    rq_redirect(rq, "/agreements/%lld", (long long)id);
    agreement_drop(rq, id, rq_field_int(rq, "version"),
                   carried ? carried : rq_field_int(rq, "party"), carried != 0);
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}/sign", agreements_sign, agreement_card_page, AGREEMENTS)
static enum err agreements_sign(struct request *rq, struct agreement_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "agreement");
    begin(page);
    rq_redirect(rq, "/agreements/%lld", (long long)id);
    agreement_sign(rq, id, rq_field_int(rq, "version"));
    rq_flash(rq, N_("The agreement is put in force"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/agreements/{agreement}/end", agreements_end, agreement_card_page, AGREEMENTS)
static enum err agreements_end(struct request *rq, struct agreement_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "agreement");
    begin(page);
    if (rq_read_form(rq, &agreement_end_form, page->end.v)) {
        rq_redirect(rq, "/agreements/%lld", (long long)id);
        agreement_end(rq, id, rq_field_int(rq, "version"), &page->end);
        rq_flash(rq, N_("The agreement has been ended"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
