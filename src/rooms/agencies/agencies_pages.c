#include "agencies_tpl.h"
#include "rooms/agencies/agencies_rules.h"
#include "rooms/territory/territory.h"
#include "web/web.h"

/* Addresses and telephones of bodies are for everybody who works here. */
ROUTE(GET, "/bodies", agencies_list, body_list_page, SIGNED_IN)
static enum err agencies_list(struct request *rq, struct body_list_page_page *page)
{
    struct body_list_args args = {.paging = rq_paging(rq, &body_list_query),
                                  .kind = rq_filter(rq, "kind"),
                                  .district = rq_filter_int(rq, "district_id"),
                                  .words = body_words(rq->arena, rq_param(rq, "name")),
                                  .old_words = body_words(rq->arena, rq_param(rq, "name"))};

    form_begin(&body_filter_form, page->filter.v);
    page->filter.name.raw = rq_param(rq, "name");
    page->filter.kind.raw = rq_param(rq, "kind");
    page->filter.district_id.raw = rq_param(rq, "district_id");
    page->filtered = page->filter.name.raw.n || v_is(args.kind) || v_is(args.district) || rq_param(rq, "show").n;
    if (text_is(rq_param(rq, "show"), "headless"))
        args.headless = v_int(1);
    if (!rq_may(rq, CAP_ADMIN))
        args.active = v_int(1);
    territory_options(rq, &page->districts);
    q_body_list(rq, &args, &page->items);
    return rq_end(rq);
}

static enum err show_card(struct request *rq, struct body_card_page_page *page, struct value id)
{
    q_body_card(rq, &(struct body_card_args){.id = id}, &page->body);
    q_body_former_names(rq, &(struct body_former_names_args){.body = id}, &page->former);
    page->leads = body_led_by(rq, v_as_int(id));
    return rq_end(rq);
}

ROUTE(GET, "/bodies/{body}", agencies_card, body_card_page, SIGNED_IN)
static enum err agencies_card(struct request *rq, struct body_card_page_page *page)
{
    if (!show_card(rq, page, rq_id(rq, "body"))) {
        struct value row[] = {page->body.paused_until, page->body.pause_reason};
        rq_fill_form(rq, &pause_form, page->pause.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/bodies/{led}/pause", agencies_pause, body_card_page, SIGNED_IN)
static enum err agencies_pause(struct request *rq, struct body_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "led");

    if (rq_read_form(rq, &pause_form, page->pause.v)) {
        rq_redirect(rq, "/bodies/%lld", (long long)id);
        body_pause(rq, id, rq_field_int(rq, "version"), &page->pause);
        rq_flash(rq, N_("The changes have been saved"));
    }
    return rq_show_again(rq) ? show_card(rq, page, v_int(id)) : rq_end(rq);
}

static void prepare(struct request *rq, struct body_edit_page *page, int64_t body)
{
    territory_options(rq, &page->districts);
    page->action = body ? url_of(rq, "/bodies/%lld", (long long)body) : url_of(rq, "/bodies");
    page->back = page->action;
    body_options(rq, T(""), 0, body, &page->bodies);
    if (body) {
        q_body_card(rq, &(struct body_card_args){.id = v_int(body)}, &page->body);
        q_worker_options(rq, &(struct worker_options_args){.body = v_int(body)}, &page->workers);
        q_body_successors(
            rq, &(struct body_successors_args){.kind = page->body.kind, .but = v_int(body)},
            &page->successors);
    }
}

ROUTE(GET, "/bodies/new", agencies_new, body_edit, ADMIN)
static enum err agencies_new(struct request *rq, struct body_edit_page *page)
{
    form_begin(&body_form, page->form.v);
    page->form.active.raw = T("1");
    prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(POST, "/bodies", agencies_create, body_edit, ADMIN)
static enum err agencies_create(struct request *rq, struct body_edit_page *page)
{
    if (rq_read_form(rq, &body_form, page->form.v)) {
        int64_t id;
        rq_redirect(rq, "/bodies");
        id = body_create(rq, &page->form);
        if (id) {
            rq_redirect(rq, "/bodies/%lld", (long long)id);
            rq_flash(rq, N_("The body has been added"));
        }
    }
    if (rq_show_again(rq))
        prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(GET, "/bodies/{body}/edit", agencies_edit, body_edit, ADMIN)
static enum err agencies_edit(struct request *rq, struct body_edit_page *page)
{
    prepare(rq, page, rq_id_int(rq, "body"));
    if (!rq->err) {
        const union body_card_row *b = &page->body;
        struct value row[] = {b->name,    b->kind,    b->district_id,     b->phone,
                              b->address, b->contact, b->head_account_id, b->coordinator_id,
                              b->active,  b->successor_id};
        rq_fill_form(rq, &body_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/bodies/{body}", agencies_change, body_edit, ADMIN)
static enum err agencies_change(struct request *rq, struct body_edit_page *page)
{
    int64_t id = rq_id_int(rq, "body");

    if (rq_read_form(rq, &body_form, page->form.v)) {
        rq_redirect(rq, "/bodies/%lld", (long long)id);
        body_change(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        prepare(rq, page, id);
    return rq_end(rq);
}
