/* Passkeys over the web: what a page asks a browser for, and what comes back in its form. */
#include "base/log.h"
#include "formats/passkey.h"
#include "guard_gen.h"
#include "web/exchange.h"
#include "web/sign_in.h"
#include "web_tpl.h"

static const char self_exe[] = "/proc/self/exe";

/* The host of this site's address: what passkeys are bound to. */
static struct text site_of(struct request *rq)
{
    struct text site = rq_site(rq);
    const char *slashes = memmem(site.s, site.n, "://", 3);
    if (!slashes)
        return T("");
    struct text host = {slashes + 3, site.n - (size_t)(slashes + 3 - site.s)};
    for (size_t i = 0; i < host.n; i++)
        if (host.s[i] == ':' || host.s[i] == '/')
            host.n = i;
    return host;
}

static struct text challenge_of(struct request *rq, const struct sign_in_step *step)
{
    struct text hex = sign_in_step_word(rq, step, "challenge");
    return base64url(rq->arena, (const unsigned char *)hex.s, hex.n);
}

void passkey_ask(struct request *rq, const struct sign_in_step *step, int64_t account, struct text *challenge,
                 struct text *site, struct text *known)
{
    struct passkeys_of_rows rows = {0};
    *challenge = challenge_of(rq, step);
    *site = site_of(rq);
    *known = T("");
    if (account)
        q_passkeys_of(rq, &(struct passkeys_of_args){.account = v_int(account)}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        *known = arena_printf(rq->arena, "%.*s%s%.*s", TEXT_ARG(*known), i ? " " : "",
                              TEXT_ARG(v_as_text(rows.row[i].credential)));
}

static struct passkey_wanted wanted(struct request *rq, const struct sign_in_step *step, bool verified)
{
    return (struct passkey_wanted){.challenge = challenge_of(rq, step),
                                   .origin = rq_site(rq),
                                   .site = site_of(rq),
                                   .verified = verified};
}

/* Why is said to the operator, without whom it is about. */
static bool judged(enum err err, const struct fault *fault)
{
    if (err == ERR_SYNTAX)
        log_info("a message of a passkey was refused: %s", fault->text);
    else if (err)
        log_warn("a message of a passkey could not be judged: %s", fault->text);
    return err == OK;
}

bool passkey_answered(struct request *rq, const struct sign_in_step *step, int64_t account, bool verified, struct viewer *owner)
{
    union passkey_find_row p = {0};
    struct fault fault = {0};
    struct text credential = rq_field(rq, "credential"), handle = rq_field(rq, "owner"), handle_bytes;
    int64_t uses = 0;
    /* Used up first: whatever comes of it, no second message answers this challenge. */
    if (!sign_in_step_take(rq, step) || !credential.n || credential.n > PASSKEY_ID_MAX ||
        !passkey_known(rq, credential, account, &p))
        return false;
    struct passkey_wanted w = wanted(rq, step, verified);
    if (!text_eq(v_as_text(p.site), w.site) ||
        (handle.n && (!base64url_bytes(rq->arena, handle, &handle_bytes) ||
                      !text_eq(handle_bytes, passkey_owner(rq, v_as_int(p.account_id))))) ||
        !judged(passkey_read_answer(self_exe, &w, rq_field(rq, "client_data"), rq_field(rq, "authenticator"),
                                    rq_field(rq, "signature"), v_as_text(p.public_key), v_as_int(p.algorithm),
                                    rq->arena, &uses, &fault),
                &fault))
        return false;
    if (!passkey_used(rq, &p, uses) || !viewer_of_account(rq, p.account_id, owner))
        return false;
    owner->epoch = v_as_int(p.epoch); /* as it was with this passkey */
    return true;
}

bool passkey_made(struct request *rq, const struct sign_in_step *step, struct passkey_new *out)
{
    struct passkey_made m = {0};
    struct fault fault = {0};
    struct passkey_wanted w = wanted(rq, step, true);
    if (!sign_in_step_take(rq, step) ||
        !judged(passkey_read_made(self_exe, &w, rq_field(rq, "client_data"), rq_field(rq, "attestation"), rq->arena,
                                  &m, &fault),
                &fault))
        return false;
    *out = (struct passkey_new){.credential = m.credential,
                                .public_key = m.public_key,
                                .site = w.site,
                                .algorithm = m.algorithm,
                                .uses = m.uses};
    return true;
}

/* ---- a passkey as the only step ---- */

ROUTE(GET, "/sign-in/passkey", sign_in_passkey_ask, sign_in_passkey, PUBLIC)
static enum err sign_in_passkey_ask(struct request *rq, struct sign_in_passkey_page *page)
{
    char secret[SECRET_LEN + 1];
    struct sign_in_step step;
    struct text none;
    if (rq->viewer.account) {
        rq_redirect(rq, "/");
        return rq_end(rq);
    }
    page->next = web_next(rq_param(rq, "next"));
    sign_in_step_begin(rq, &(struct sign_in_step_new){.what = "passkey", .next = page->next}, secret);
    if (!rq->err && sign_in_step_find(rq, "passkey", arena_text(rq->arena, text_of(secret)), &step)) {
        rq_set_step(rq, secret);
        passkey_ask(rq, &step, 0, &page->challenge, &page->site, &none);
    }
    return rq_end(rq);
}

ROUTE(POST, "/sign-in/passkey", sign_in_passkey, sign_in_passkey, PUBLIC)
static enum err sign_in_passkey(struct request *rq, struct sign_in_passkey_page *page)
{
    struct sign_in_step step;
    struct viewer viewer;
    (void)page;
    if (!sign_in_step_find(rq, "passkey", rq_step(rq), &step)) {
        if (!rq->err)
            rq_redirect(rq, "/sign-in?failed=passkey");
        return rq_end(rq);
    }
    bool good = passkey_answered(rq, &step, 0, true, &viewer);
    if (good && web_signed_in(rq, &viewer, &(struct sign_in){.way = "passkey"}, step.next))
        return rq_end(rq);
    if (!rq->err) {
        if (!good)
            sign_in_step_failed(rq, &step, "sign_in.failed", "passkey", rq_address(rq));
        rq_set_step(rq, NULL);
        rq_redirect(rq, "/sign-in?failed=passkey");
    }
    return rq_end(rq);
}
