/* Pages of units, for the head of the body and the administrator. */
#include "agencies_tpl.h"
#include "rooms/agencies/agencies_rules.h"
#include "web/web.h"

static enum err show_list(struct request *rq, struct unit_list_page_page *page)
{
    struct value body = rq_id(rq, "led");
    if (!body_led_by(rq, v_as_int(body)))
        return rq_fail(rq, ERR_FORBIDDEN);
    q_body_card(rq, &(struct body_card_args){.id = body}, &page->body);
    q_unit_list(rq,
                &(struct unit_list_args){.paging = rq_paging(rq, &unit_list_query), .body = body},
                &page->items);
    q_unit_options(rq, &(struct unit_options_args){.body = body, .but = v_int(0)}, &page->parents);
    q_worker_options(rq, &(struct worker_options_args){.body = body}, &page->workers);
    return rq_end(rq);
}

ROUTE(GET, "/bodies/{led}/units", units_list, unit_list_page, SIGNED_IN)
static enum err units_list(struct request *rq, struct unit_list_page_page *page)
{
    form_begin(&unit_form, page->form.v);
    return show_list(rq, page);
}

ROUTE(POST, "/bodies/{led}/units", units_create, unit_list_page, SIGNED_IN)
static enum err units_create(struct request *rq, struct unit_list_page_page *page)
{
    int64_t body = rq_id_int(rq, "led");
    if (rq_read_form(rq, &unit_form, page->form.v)) {
        rq_redirect(rq, "/bodies/%lld/units", (long long)body);
        unit_create(rq, body, &page->form);
        rq_flash(rq, N_("The unit has been added"));
    }
    return rq_show_again(rq) ? show_list(rq, page) : rq_end(rq);
}

static enum err show(struct request *rq, struct unit_edit_page *page)
{
    struct value id = rq_id(rq, "unit");
    q_unit_card(rq, &(struct unit_card_args){.id = id}, &page->unit);
    if (!rq->err && !body_led_by(rq, v_as_int(page->unit.body_id)))
        return rq_fail(rq, ERR_FORBIDDEN);
    q_unit_options(rq, &(struct unit_options_args){.body = page->unit.body_id, .but = id},
                   &page->parents);
    q_worker_options(rq, &(struct worker_options_args){.body = page->unit.body_id}, &page->options);
    q_unit_workers(rq, &(struct unit_workers_args){.unit = id, .body = page->unit.body_id},
                   &page->workers);
    return rq_end(rq);
}

static void fill(struct request *rq, struct unit_edit_page *page)
{
    const union unit_card_row *u = &page->unit;
    struct value row[] = {u->name, u->parent_id, u->head_account_id, u->active};
    rq_fill_form(rq, &unit_form, page->form.v, NULL, row);
}

ROUTE(GET, "/units/{unit}", units_card, unit_edit, SIGNED_IN)
static enum err units_card(struct request *rq, struct unit_edit_page *page)
{
    if (!show(rq, page))
        fill(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/units/{unit}", units_change, unit_edit, SIGNED_IN)
static enum err units_change(struct request *rq, struct unit_edit_page *page)
{
    int64_t id = rq_id_int(rq, "unit");
    if (rq_read_form(rq, &unit_form, page->form.v)) {
        rq_redirect(rq, "/units/%lld", (long long)id);
        unit_change(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/units/{unit}/members", units_members, unit_edit, SIGNED_IN)
static enum err units_members(struct request *rq, struct unit_edit_page *page)
{
    int64_t id = rq_id_int(rq, "unit");
    struct text *raw;
    size_t n = rq_field_all(rq, "account", &raw);
    int64_t *accounts = arena_array(rq->arena, n + 1, sizeof *accounts);
    for (size_t i = 0; i < n; i++)
        if (text_int(raw[i], 1, INT64_MAX, &accounts[i]))
            accounts[i] = 0; /* no worker has it: the rule says so */
    rq_redirect(rq, "/units/%lld", (long long)id);
    unit_members(rq, id, rq_field_int(rq, "version"), accounts, n);
    rq_flash(rq, N_("The changes have been saved"));
    if (!rq_show_again(rq))
        return rq_end(rq);
    if (!show(rq, page))
        fill(rq, page);
    return rq_end(rq);
}
