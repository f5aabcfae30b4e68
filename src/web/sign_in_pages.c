/* Signing in and out: the password, and the second step of accounts that have one. */
#include "base/log.h"
#include "guard/doctor.h"
#include "guard/second.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include "web/exchange.h"
#include "web/sign_in.h"
#include "web_tpl.h"

/* Who opens it begins something: no place to which a link of strangers may lead on. Browsers take dots and percent signs out of a
 * path before they ask. */
static bool begins_something(struct text place)
{
    for (size_t i = 0; i < place.n; i++)
        if (place.s[i] == '?' || place.s[i] == '#')
            place.n = i;
    return text_starts(place, "/sign-in") || text_starts(place, "/security/links") || memchr(place.s, '%', place.n) ||
           memmem(place.s, place.n, "/.", 2);
}

struct text web_next(struct text asked)
{
    return asked.n <= 1000 && parse_local_path(asked) && !begins_something(asked) ? asked : T("/");
}

bool web_signed_in(struct request *rq, const struct viewer *viewer, const struct sign_in *by, struct text next)
{
    char secret[SECRET_LEN + 1];
    struct exchange *x = exchange_of(rq);
    struct sign_in how = *by;
    how.address = rq_address(rq);
    how.browser = rq_browser(rq);
    how.old = x->session;
    bool displaced;
    if (!session_open(rq, viewer, &how, secret, &displaced))
        return false;
    rq_set_session(rq, secret);
    if (!x->asked.secure && !text_starts(how.address, "127.") && !text_is(how.address, "::1") && how.address.n)
        doctor_plain_sign_in(rq);
    if (rq_step(rq).n)
        rq_set_step(rq, NULL);
    x->location = web_next(next);
    if (displaced)
        rq_flash(rq, N_("Your oldest session has ended: no more are allowed at the same time"));
    return true;
}

static void fill(struct request *rq, struct sign_in_page *page)
{
    size_t n = 0;
    if (web_demo(rq))
        q_demo_accounts(rq, &(struct demo_accounts_args){0}, &page->demo);
    while (provider_at(n))
        n++;
    page->providers = (struct provider_line_rows){.row = arena_array(rq->arena, n + 1, sizeof *page->providers.row),
                                                  .query = &provider_line_query,
                                                  .next = T("")};
    for (; page->providers.n < n; page->providers.n++) {
        const struct provider *p = provider_at(page->providers.n);
        page->providers.row[page->providers.n] = (union provider_line_row){
            .name = v_z(p->name), .label = v_z(rq->lang == LANG_RU ? p->label_ru : p->label_en)};
    }
}

ROUTE(GET, "/sign-in", sign_in_ask, sign_in, PUBLIC)
static enum err sign_in_ask(struct request *rq, struct sign_in_page *page)
{
    page->next = web_next(rq_param(rq, "next"));
    if (text_is(rq_param(rq, "failed"), "passkey"))
        page->wrong = N_("The passkey was not accepted. Try again, or use another way");
    if (text_is(rq_param(rq, "failed"), "provider"))
        page->wrong = N_("The provider did not confirm the sign-in. Try again, or use another way");
    if (text_is(rq_param(rq, "failed"), "unlinked"))
        page->wrong = N_("This account of the provider is linked to nobody here. Sign in another way, and link it at “Sign-in security”");
    if (rq->viewer.account)
        rq_redirect(rq, "/");
    fill(rq, page);
    return rq_end(rq);
}

/* Too early after wrong tries: the answer is put off, or when that would be too long it says so. True: the page ends. */
static bool made_to_wait(struct request *rq, int64_t wait, const char *field, const char **wrong)
{
    if (!wait)
        return false;
    if (web_wait(rq, wait)) {
        *wrong = N_("Too many tries. Wait a minute, then try again");
        rq_mistake(rq, field, *wrong);
    }
    return true;
}

/* The password was right: in, or on to the second step. */
static void password_good(struct request *rq, const struct viewer *viewer, struct text login, struct text next)
{
    char secret[SECRET_LEN + 1];
    if (!factors_of(rq, viewer->account).any) {
        if (!web_signed_in(rq, viewer, &(struct sign_in){.way = "password", .tried = login}, next))
            rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    sign_in_step_begin(rq,
                       &(struct sign_in_step_new){.what = "second",
                                                  .account = viewer->account,
                                                  .epoch = viewer->epoch,
                                                  .way = T("password"),
                                                  .next = next,
                                                  .tried = login,
                                                  .address = rq_address(rq)},
                       secret);
    if (rq->err)
        return;
    rq_set_step(rq, secret);
    rq_redirect(rq, "/sign-in/second");
}

ROUTE(POST, "/sign-in", sign_in, sign_in, PUBLIC)
static enum err sign_in(struct request *rq, struct sign_in_page *page)
{
    struct viewer viewer;
    struct text login = text_trim(rq_field(rq, "login"));
    struct text password = rq_field(rq, "password");

    page->next = web_next(rq_field(rq, "next"));
    page->login = login;
    fill(rq, page);
    /* The demo's buttons carry no password: it is known to everybody. */
    if (web_demo(rq) && rq_field(rq, "demo").n)
        password = T("bereg-demo");

    bool sane = login.n > 0 && login.n <= 200 && password.n <= PASSWORD_MAX * 4;
    if (sane && made_to_wait(rq, sign_in_try(rq, login, rq_address(rq)), "login", &page->wrong))
        return rq_end(rq);
    if (!sane)
        rq_fail(rq, ERR_FORBIDDEN);
    else if (!rq->err && sign_in_password(rq, login, password, rq_address(rq), &viewer))
        password_good(rq, &viewer, login, page->next);
    if (rq->err == ERR_FORBIDDEN || rq->err == ERR_NOT_FOUND) {
        rq->err = OK;
        page->wrong = N_("The login or the password is wrong");
        rq_mistake(rq, "login", page->wrong);
    }
    return rq_end(rq);
}

/* ---- the second step ---- */

/* The step that this browser is at; without one it begins with the password again. */
static bool at_second(struct request *rq, struct sign_in_step *step)
{
    if (sign_in_step_find(rq, "second", rq_step(rq), step))
        return true;
    if (!rq->err)
        rq_redirect(rq, "/sign-in");
    return false;
}

/* Both steps in one code of the list sign_in_way. */
static const char *second_way(const struct sign_in_step *step, const char *way)
{
    if (!text_is(step->way, "oidc"))
        return way;
    return strcmp(way, "totp") == 0 ? "oidc_totp" : strcmp(way, "recovery") == 0 ? "oidc_recovery" : "oidc_passkey";
}

/* In, if what the first step has proven stands still; else it begins with the password again. */
static void second_good(struct request *rq, const struct sign_in_step *step, struct viewer *viewer, const struct sign_in *by)
{
    viewer->epoch = step->epoch;
    if (web_signed_in(rq, viewer, by, step->next) || rq->err)
        return;
    rq_set_step(rq, NULL);
    rq_redirect(rq, "/sign-in");
}

static enum err show_second(struct request *rq, struct sign_in_second_page *page, const struct sign_in_step *step)
{
    struct factors f = factors_of(rq, step->account);
    page->totp = f.totp;
    page->codes = f.codes > 0;
    page->passkey = f.passkey;
    if (f.passkey)
        passkey_ask(rq, step, step->account, &page->challenge, &page->site, &page->known);
    return rq_end(rq);
}

ROUTE(GET, "/sign-in/second", sign_in_second_ask, sign_in_second, PUBLIC)
static enum err sign_in_second_ask(struct request *rq, struct sign_in_second_page *page)
{
    struct sign_in_step step;
    return at_second(rq, &step) ? show_second(rq, page, &step) : rq_end(rq);
}

ROUTE(POST, "/sign-in/second", sign_in_second, sign_in_second, PUBLIC)
static enum err sign_in_second(struct request *rq, struct sign_in_second_page *page)
{
    struct sign_in_step step;
    struct viewer viewer;
    if (!at_second(rq, &step))
        return rq_end(rq);
    if (made_to_wait(rq, sign_in_second_try(rq, step.account, rq_address(rq)), "code", &page->wrong))
        return show_second(rq, page, &step);
    const char *way = factor_code_use(rq, step.account, rq_field(rq, "code"), rq_address(rq));
    if (!way || !viewer_of_account(rq, v_int(step.account), &viewer)) {
        sign_in_step_failed(rq, &step, "factor.failed", second_way(&step, "totp"), rq_address(rq));
        page->wrong = N_("This code does not fit, or was used already. Wait for the next one");
        rq_mistake(rq, "code", page->wrong);
        return show_second(rq, page, &step);
    }
    second_good(rq, &step, &viewer, &(struct sign_in){.way = second_way(&step, way), .try_id = step.id});
    return rq_end(rq);
}

ROUTE(POST, "/sign-in/second/passkey", sign_in_second_passkey, sign_in_second, PUBLIC)
static enum err sign_in_second_passkey(struct request *rq, struct sign_in_second_page *page)
{
    struct sign_in_step step;
    struct viewer viewer;
    (void)page;
    if (!at_second(rq, &step))
        return rq_end(rq);
    if (passkey_answered(rq, &step, step.account, false, &viewer)) {
        second_good(rq, &step, &viewer, &(struct sign_in){.way = second_way(&step, "second_passkey")});
    } else if (!rq->err) { /* what was asked has been answered, once: it begins with the password again */
        sign_in_step_failed(rq, &step, "factor.failed", second_way(&step, "second_passkey"), rq_address(rq));
        rq_set_step(rq, NULL);
        rq_redirect(rq, "/sign-in?failed=passkey");
    }
    return rq_end(rq);
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
