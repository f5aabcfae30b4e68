/* Secrets asked again of somebody who is signed in: the password, and of accounts with a second factor that one too; or a passkey
 * alone, whose authenticator has verified the person, as at a sign-in. */
#include "guard/second.h"
#include "guard_gen.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/sign_in.h"
#include "web/web.h"

bool confirmed_for(struct request *rq, struct text place)
{
    if (!rq->session)
        rq_fail(rq, ERR_FORBIDDEN);
    else if (!rq->confirmed)
        rq_redirect(rq, "/security/confirm?next=%.*s", TEXT_ARG(place));
    return rq->session && rq->confirmed;
}

/* After wrong ones the next try waits. */
static bool too_early(struct request *rq, int64_t wait, const char *field)
{
    if (wait && web_wait(rq, wait))
        rq_mistake(rq, field, N_("Too many tries. Wait a minute, then try again"));
    return wait != 0;
}

bool own_password(struct request *rq, struct text password, const char *field)
{
    struct text login = text_of(rq->viewer.login), address = rq_address(rq);
    if (!rq->session)
        rq_fail(rq, ERR_FORBIDDEN);
    else if (too_early(rq, sign_in_try(rq, login, address), field))
        return false;
    else if (!rq->err && !password_is(rq, password))
        rq_mistake(rq, field, N_("The password is wrong"));
    if (rq->err || rq->mistakes)
        return false;
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    sign_in_good(&ch, login, address);
    ch.events++; /* the same person at the same place: nothing happened */
    return change_commit(&ch) == OK;
}

static bool own_code(struct request *rq, struct text code)
{
    if (too_early(rq, sign_in_second_try(rq, rq->viewer.account, rq_address(rq)), "code"))
        return false;
    if (!rq->err && !factor_code_use(rq, rq->viewer.account, code, rq_address(rq))) {
        factor_failed(rq);
        rq_mistake(rq, "code", N_("This code does not fit, or was used already. Wait for the next one"));
    }
    return !rq->err && !rq->mistakes;
}

static enum err show(struct request *rq, struct security_confirm_page *page)
{
    char secret[SECRET_LEN + 1];
    struct sign_in_step step;
    struct factors f = factors_of(rq, rq->viewer.account);
    if (!rq->session)
        return rq_fail(rq, ERR_FORBIDDEN);
    page->factor = f.any;
    page->totp = f.totp;
    page->passkey = f.passkey;
    if (!f.passkey)
        return rq_end(rq);
    sign_in_step_begin(
        rq, &(struct sign_in_step_new){.what = "confirm", .account = rq->viewer.account, .session = rq->session, .next = page->next}, secret);
    if (!rq->err && sign_in_step_find(rq, "confirm", arena_text(rq->arena, text_of(secret)), &step)) {
        rq_set_step(rq, secret);
        passkey_ask(rq, &step, rq->viewer.account, &page->challenge, &page->site, &page->known);
    }
    return rq_end(rq);
}

ROUTE(GET, "/security/confirm", staff_confirm_ask, security_confirm, SIGNED_IN)
static enum err staff_confirm_ask(struct request *rq, struct security_confirm_page *page)
{
    page->next = rq_param(rq, "next").n ? web_next(rq_param(rq, "next")) : T("/security");
    if (text_is(rq_param(rq, "failed"), "passkey"))
        page->wrong = N_("The passkey was not accepted. Try again, or use another way");
    return show(rq, page);
}

static void done(struct request *rq, struct text next)
{
    char secret[SECRET_LEN + 1];
    session_confirm(rq, secret);
    if (rq->err)
        return;
    rq_redirect(rq, "%s", arena_z(rq->arena, next));
    rq_flash(rq, N_("Thank you. For some minutes nothing more is asked"));
    rq_set_session(rq, secret);
}

ROUTE(POST, "/security/confirm", staff_confirm, security_confirm, SIGNED_IN)
static enum err staff_confirm(struct request *rq, struct security_confirm_page *page)
{
    page->next = rq_field(rq, "next").n ? web_next(rq_field(rq, "next")) : T("/security");
    bool good = own_password(rq, rq_field(rq, "password"), "password");
    if (good && factors_of(rq, rq->viewer.account).any)
        good = own_code(rq, rq_field(rq, "code"));
    if (good)
        done(rq, page->next);
    else if (rq->mistakes && !rq->err)
        show(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/security/confirm/passkey", staff_confirm_passkey, security_confirm, SIGNED_IN)
static enum err staff_confirm_passkey(struct request *rq, struct security_confirm_page *page)
{
    struct sign_in_step step;
    struct viewer owner;
    (void)page;
    if (!rq->session)
        return rq_fail(rq, ERR_FORBIDDEN);
    if (!sign_in_step_find(rq, "confirm", rq_step(rq), &step)) {
        if (!rq->err)
            rq_redirect(rq, "/security/confirm");
    } else if (passkey_answered(rq, &step, rq->viewer.account, true, &owner)) {
        rq_set_step(rq, NULL);
        done(rq, web_next(step.next));
    } else if (!rq->err) {
        factor_failed(rq);
        rq_redirect(rq, "/security/confirm?failed=passkey&next=%.*s", TEXT_ARG(step.next));
    }
    return rq_end(rq);
}
