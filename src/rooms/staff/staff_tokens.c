/* Tokens of the API: seen and ended by the owner, by whoever signs workers out, and by programs with a token of the same rights.
 * None is made here (`bereg token`). */
#include "guard_gen.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/web.h"

ROUTE(GET, "/tokens", staff_tokens, token_list_page, SIGNED_IN)
static enum err staff_tokens(struct request *rq, struct token_list_page_page *page)
{
    q_token_list(rq, &(struct token_list_args){.account = v_int(rq->viewer.account)}, &page->items);
    return rq_end(rq);
}

ROUTE(POST, "/tokens/{api_token}/end", staff_token_end, token_list_page, SIGNED_IN)
static enum err staff_token_end(struct request *rq, struct token_list_page_page *page)
{
    (void)page;
    rq_redirect(rq, "/tokens");
    token_end(rq, rq->viewer.account, rq_id_int(rq, "api_token"));
    rq_flash(rq, N_("The token has ended"));
    return rq_end(rq);
}

ROUTE(POST, "/workers/{worker}/tokens/{api_token}/end", staff_worker_token_end, worker_sessions, SIGNED_IN)
static enum err staff_worker_token_end(struct request *rq, struct worker_sessions_page *page)
{
    int64_t id = rq_id_int(rq, "worker");
    if (signs_out(rq, v_int(id), &page->account)) {
        rq_redirect(rq, "/workers/%lld/sessions", (long long)id);
        token_end(rq, id, rq_id_int(rq, "api_token"));
        rq_flash(rq, N_("The token has ended"));
    }
    return rq_end(rq);
}
