#include "rooms/territory/territory_rules.h"
#include "territory_tpl.h"
#include "web/web.h"

ROUTE(GET, "/districts", territory_list, district_list_page, ADMIN)
static enum err territory_list(struct request *rq, struct district_list_page_page *page)
{
    q_district_list(rq, &(struct district_list_args){.paging = rq_paging(rq, &district_list_query)},
                    &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/districts/new", territory_new, district_edit, ADMIN)
static enum err territory_new(struct request *rq, struct district_edit_page *page)
{
    form_begin(&district_form, page->form.v);
    page->action = url_of(rq, "/districts");
    return rq_end(rq);
}

ROUTE(POST, "/districts", territory_create, district_edit, ADMIN)
static enum err territory_create(struct request *rq, struct district_edit_page *page)
{
    if (rq_read_form(rq, &district_form, page->form.v)) {
        rq_redirect(rq, "/districts");
        if (district_create(rq, &page->form))
            rq_flash(rq, N_("The district has been added"));
    }
    page->action = url_of(rq, "/districts");
    rq_show_again(rq);
    return rq_end(rq);
}

static void read_district(struct request *rq, struct district_edit_page *page)
{
    q_district_card(rq, &(struct district_card_args){.id = rq_id(rq, "district")}, &page->district);
    page->action = url_of(rq, "/districts/%lld", (long long)rq_id_int(rq, "district"));
}

ROUTE(GET, "/districts/{district}", territory_edit, district_edit, ADMIN)
static enum err territory_edit(struct request *rq, struct district_edit_page *page)
{
    read_district(rq, page);
    if (!rq->err) {
        struct value row[] = {page->district.code, page->district.name};
        rq_fill_form(rq, &district_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/districts/{district}", territory_change, district_edit, ADMIN)
static enum err territory_change(struct request *rq, struct district_edit_page *page)
{
    if (rq_read_form(rq, &district_form, page->form.v)) {
        rq_redirect(rq, "/districts");
        district_change(rq, rq_id_int(rq, "district"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        read_district(rq, page);
    return rq_end(rq);
}
