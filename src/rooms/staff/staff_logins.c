/* The auditor's log of sign-ins: who, in which way, what failed, and from how many places. Addresses stand there as digests. */
#include "rooms/packs/packs.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/web.h"

ROUTE_HIDDEN(GET, "/logins", staff_logins, sign_in_log_page, AUDIT)
static enum err staff_logins(struct request *rq, struct sign_in_log_page_page *page)
{
    struct sign_in_log_list_args args = {.paging = rq_paging(rq, &sign_in_log_list_query),
                                         .login = rq_filter(rq, "login"),
                                         .origin = rq_filter(rq, "origin")};
    page->failed = text_is(rq_param(rq, "show"), "failed");
    if (page->failed)
        args.good = v_int(0);
    page->login = rq_param(rq, "login");
    page->origin = rq_param(rq, "origin");
    page->since = v_date(rq->today - terms_number("home", "control"));
    q_sign_in_log_list(rq, &args, &page->items);
    q_sign_in_origins(rq, &(struct sign_in_origins_args){.since = v_instant(instant_of_day(page->since.i))}, &page->origins);
    return rq_end(rq);
}
