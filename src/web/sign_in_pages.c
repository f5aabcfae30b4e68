/* Signing in and out. */
#include "web_tpl.h"
#include "web/exchange.h"

/* Where to go on after signing in: a place inside this site, or the first page. */
static struct text next_of(struct text asked)
{
    return parse_local_path(asked) ? asked : T("/");
}

static void fill(struct request *rq, struct sign_in_page *page)
{
    if (web_demo(rq))
        q_demo_accounts(rq, &(struct demo_accounts_args){0}, &page->demo);
}

ROUTE(GET, "/sign-in", sign_in_ask, sign_in, PUBLIC)
static enum err sign_in_ask(struct request *rq, struct sign_in_page *page)
{
    page->next = next_of(rq_param(rq, "next"));
    if (rq->viewer.account)
        rq_redirect(rq, "/");
    fill(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/sign-in", sign_in, sign_in, PUBLIC)
static enum err sign_in(struct request *rq, struct sign_in_page *page)
{
    char secret[SECRET_LEN + 1];
    struct exchange *x = exchange_of(rq);
    struct text login = text_trim(rq_field(rq, "login"));
    struct text password = rq_field(rq, "password");
    struct text address = rq_address(rq);

    page->next = next_of(rq_field(rq, "next"));
    page->login = login;
    fill(rq, page);
    /* The demo's buttons carry no password: it is known to everybody. */
    if (web_demo(rq) && rq_field(rq, "demo").n)
        password = T("bereg-demo");

    int64_t wait = sign_in_wait(rq, login, address);
    if (!rq->err && wait > 0) {
        if (web_wait(rq, wait)) {
            page->wrong = N_("Too many tries. Wait a minute, then try again");
            rq_mistake(rq, "login", page->wrong);
        }
        return rq_end(rq);
    }
    if (login.n > 0 && login.n <= 200 && password.n <= PASSWORD_MAX)
        session_open(rq, login, password, address, secret);
    else
        rq_fail(rq, ERR_FORBIDDEN);
    if (rq->err == ERR_FORBIDDEN || rq->err == ERR_NOT_FOUND) {
        rq->err = OK;
        page->wrong = N_("The login or the password is wrong");
        rq_mistake(rq, "login", page->wrong);
    }
    enum err err = rq_end(rq);
    if (!err) {
        rq_set_session(rq, secret);
        x->location = page->next;
    }
    return err;
}

ROUTE(POST, "/sign-out", sign_out, sign_in, SIGNED_IN)
static enum err sign_out(struct request *rq, struct sign_in_page *page)
{
    (void)page;
    rq_redirect(rq, "/sign-in");
    session_close(rq, exchange_of(rq)->session);
    rq_set_session(rq, NULL);
    return rq_end(rq);
}
