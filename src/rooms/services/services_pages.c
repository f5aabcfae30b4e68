#include "rooms/services/services_rules.h"
#include "services_tpl.h"
#include "web/web.h"

ROUTE(GET, "/services", service_page_list, service_list_page, SEE_PERSON)
static enum err service_page_list(struct request *rq, struct service_list_page_page *page)
{
    page->from = rq_param(rq, "from");
    page->to = rq_param(rq, "to");
    q_service_list(rq, &(struct service_list_args){.paging = rq_paging(rq, &service_list_query),
                                                   .kind = rq_filter(rq, "kind"),
                                                   .from = rq_filter_date(rq, "from"),
                                                   .to = rq_filter_date(rq, "to")},
                   &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/services/new", service_page_new, service_new, RECORD_SERVICE)
static enum err service_page_new(struct request *rq, struct service_new_page *page)
{
    char today[11];
    if (!v_is(rq_filter_int(rq, "person"))) { /* a service begins with a person */
        rq_redirect(rq, "/persons");
        return rq_end(rq);
    }
    q_service_person(rq, &(struct service_person_args){.person = rq_filter_int(rq, "person")},
                     &page->person);
    page->case_id = v_as_int(rq_filter_int(rq, "case"));
    page->referral = v_as_int(rq_filter_int(rq, "referral"));
    form_begin(&service_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.day.raw = arena_text(rq->arena, text_of(today));
    return rq_end(rq);
}

ROUTE(POST, "/services", service_page_record, service_new, RECORD_SERVICE)
static enum err service_page_record(struct request *rq, struct service_new_page *page)
{
    int64_t person = rq_field_int(rq, "person");
    page->case_id = rq_field_int(rq, "case");
    page->referral = rq_field_int(rq, "referral");
    if (rq_read_form(rq, &service_form, page->form.v)) {
        if (page->referral)
            rq_redirect(rq, "/referrals/%lld", (long long)page->referral);
        else if (page->case_id)
            rq_redirect(rq, "/cases/%lld", (long long)page->case_id);
        else
            rq_redirect(rq, "/persons/%lld", (long long)person);
        service_record(rq, person, page->case_id, page->referral, &page->form);
        rq_flash(rq, N_("The service has been recorded"));
    }
    if (!rq_show_again(rq))
        return rq_end(rq);
    q_service_person(rq, &(struct service_person_args){.person = v_int(person)}, &page->person);
    return rq_end(rq);
}

ROUTE(GET, "/services/{service}", service_page_card, service_card_page, SEE_PERSON)
static enum err service_page_card(struct request *rq, struct service_card_page_page *page)
{
    q_service_card(rq, &(struct service_card_args){.id = rq_id(rq, "service")}, &page->service);
    return rq_end(rq);
}
