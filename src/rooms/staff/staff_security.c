/* "Sign-in security": what everybody sees and changes of the own ways of signing in. These pages need a session, never a token; before
 * what opens the account to whoever gets hold of it, and before sessions are ended, secrets are asked for again after some minutes
 * (staff_confirm.c). */
#include "formats/qr.h"
#include "guard/second.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/sign_in.h"
#include "web/tr.h"
#include "web/web.h"

static bool confirmed(struct request *rq)
{
    return confirmed_for(rq, T("/security"));
}

struct value sessions_from(const struct request *rq)
{
    return v_instant(rq->now - sign_in_rules()->longest);
}

static void providers(struct request *rq, struct security_page_page *page)
{
    struct link_list_rows *links = &page->links;
    size_t n = 0;
    while (provider_at(n))
        n++;
    q_link_list(rq, &(struct link_list_args){0}, links);
    page->providers = (struct provider_line_rows){.row = arena_array(rq->arena, n + 1, sizeof *page->providers.row),
                                                  .query = &provider_line_query,
                                                  .next = T("")};
    for (size_t i = 0; i < n; i++) {
        const struct provider *p = provider_at(i);
        bool linked = false;
        for (size_t k = 0; k < links->n; k++)
            if (text_is(v_as_text(links->row[k].provider), p->name)) {
                linked = true;
                links->row[k].label = v_z(rq->lang == LANG_RU ? p->label_ru : p->label_en);
            }
        if (!linked)
            page->providers.row[page->providers.n++] = (union provider_line_row){
                .name = v_z(p->name), .label = v_z(rq->lang == LANG_RU ? p->label_ru : p->label_en)};
    }
    for (size_t k = 0; k < links->n; k++)
        if (!v_is(links->row[k].label)) /* the packs name it no more */
            links->row[k].label = links->row[k].provider;
}

static enum err show(struct request *rq, struct security_page_page *page)
{
    struct factors f = factors_of(rq, rq->viewer.account);
    if (!rq->session)
        return rq_fail(rq, ERR_FORBIDDEN);
    page->codes_left = f.codes;
    page->factor = f.any;
    page->required = rq->viewer.role->second_factor;
    page->most = sign_in_rules()->sessions;
    q_session_before(rq, &(struct session_before_args){.id = v_int(rq->session)}, &page->before);
    q_totp_own(rq, &(struct totp_own_args){0}, &page->totp);
    q_passkey_list(rq, &(struct passkey_list_args){0}, &page->passkeys);
    q_session_list(rq,
                   &(struct session_list_args){.own = v_int(rq->session),
                                               .account = v_int(rq->viewer.account),
                                               .longest = sessions_from(rq)},
                   &page->sessions);
    q_token_list(rq, &(struct token_list_args){.account = v_int(rq->viewer.account)}, &page->tokens);
    providers(rq, page);
    return rq_end(rq);
}

ROUTE(GET, "/security", staff_security, security_page, SIGNED_IN)
static enum err staff_security(struct request *rq, struct security_page_page *page)
{
    return show(rq, page);
}

/* Of a role that needs a second factor and has none: the only page that opens. */
ROUTE(GET, "/security/enrol", staff_enrol, security_enrol, SIGNED_IN)
static enum err staff_enrol(struct request *rq, struct security_enrol_page *page)
{
    (void)page;
    if (!rq->must_enrol)
        rq_redirect(rq, "/security");
    return rq_end(rq);
}

/* ---- the password ---- */

/* The old one is asked for in any case; where there is a second factor it is asked for too. Whoever must change it has given all he
 * has at this very sign-in. */
static bool may_change_password(struct request *rq)
{
    return rq->viewer.must_change || !factors_of(rq, rq->viewer.account).any || confirmed_for(rq, T("/security/password"));
}

ROUTE(GET, "/security/password", staff_password_own_ask, security_password, SIGNED_IN)
static enum err staff_password_own_ask(struct request *rq, struct security_password_page *page)
{
    form_begin(&password_form, page->form.v);
    if (!may_change_password(rq))
        return rq_end(rq);
    page->least = sign_in_rules()->password_min;
    page->first = rq->viewer.must_change;
    return rq_end(rq);
}

/* Both times the same, and not what it was. */
static bool typed_twice(struct request *rq, struct text password)
{
    if (!text_eq(password, rq_field(rq, "again")))
        rq_mistake(rq, "again", N_("The two passwords differ"));
    else if (text_eq(password, rq_field(rq, "old")))
        rq_mistake(rq, "password", N_("This is the password until now: choose another one"));
    return !rq->mistakes;
}

ROUTE(POST, "/security/password", staff_password_own, security_password, SIGNED_IN)
static enum err staff_password_own(struct request *rq, struct security_password_page *page)
{
    char secret[SECRET_LEN + 1];
    page->least = sign_in_rules()->password_min;
    page->first = rq->viewer.must_change;
    if (!may_change_password(rq))
        return rq_end(rq);
    if (rq_read_form(rq, &password_form, page->form.v) && typed_twice(rq, page->form.password.raw) &&
        own_password(rq, rq_field(rq, "old"), "old")) {
        rq_redirect(rq, rq->viewer.must_change ? "/" : "/security");
        password_change(rq, &page->form, secret);
        rq_flash(rq, N_("The password has been changed; your other sessions have ended"));
        if (!rq->err && !rq->mistakes)
            rq_set_session(rq, secret);
    }
    return rq_end(rq);
}

/* ---- codes of a program ---- */

static void show_codes(struct request *rq, struct code_line_rows *out, const struct text *codes, size_t n)
{
    *out = (struct code_line_rows){
        .row = arena_array(rq->arena, n + 1, sizeof *out->row), .query = &code_line_query, .next = T("")};
    for (size_t i = 0; i < n; i++)
        out->row[out->n++] = (union code_line_row){.code = v_text(codes[i])};
}

/* The address that authenticator programs read; the name of the site comes twice, as they want it. */
static void show_secret(struct request *rq, struct security_totp_page *page)
{
    struct qr qr;
    struct totp_key key = totp_begin(rq);
    struct text secret = totp_base32(rq->arena, &key), grouped = T("");
    if (rq->err)
        return;
    for (size_t i = 0; i < secret.n; i += 4)
        grouped = arena_printf(rq->arena, "%.*s%s%.*s", TEXT_ARG(grouped), i ? " " : "",
                               (int)(secret.n - i < 4 ? secret.n - i : 4), secret.s + i);
    page->secret = grouped;
    page->sha256 = key.n == TOTP_SHA256;
    struct text address = arena_printf(rq->arena, "otpauth://totp/Bereg:%s?secret=%.*s&issuer=Bereg%s", rq->viewer.login, TEXT_ARG(secret),
                                       page->sha256 ? "&algorithm=SHA256" : "");
    if (qr_make(rq->arena, address, &qr))
        rq_fail(rq, ERR_INTERNAL);
    else
        page->qr.t = qr_svg(rq->arena, &qr);
}

ROUTE(GET, "/security/totp", staff_totp_ask, security_totp, SIGNED_IN)
static enum err staff_totp_ask(struct request *rq, struct security_totp_page *page)
{
    if (confirmed_for(rq, T("/security/totp")))
        show_secret(rq, page);
    return rq_end(rq);
}

/* No redirect: recovery codes are shown in this answer and never again. */
ROUTE(POST, "/security/totp", staff_totp, security_totp, SIGNED_IN)
static enum err staff_totp(struct request *rq, struct security_totp_page *page)
{
    char secret[SECRET_LEN + 1];
    struct text *codes;
    size_t n;
    if (!confirmed(rq))
        return rq_end(rq);
    page->first = !factors_of(rq, rq->viewer.account).any;
    if (totp_prove(rq, text_trim(rq_field(rq, "code")), secret, &codes, &n)) {
        rq_set_session(rq, secret);
        page->done = true;
        show_codes(rq, &page->codes, codes, n);
    } else if (!rq->err || rq->err == ERR_INPUT) {
        rq->err = OK;
        show_secret(rq, page);
    }
    return rq_end(rq);
}

ROUTE(POST, "/security/totp/end", staff_totp_end, security_page, SIGNED_IN)
static enum err staff_totp_end(struct request *rq, struct security_page_page *page)
{
    if (!confirmed(rq))
        return rq_end(rq);
    rq_redirect(rq, "/security");
    totp_off(rq);
    rq_flash(rq, N_("Codes of the program are no longer asked for"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/security/codes", staff_codes, security_totp, SIGNED_IN)
static enum err staff_codes(struct request *rq, struct security_totp_page *page)
{
    struct text *codes;
    size_t n;
    if (!confirmed(rq))
        return rq_end(rq);
    if (!factors_of(rq, rq->viewer.account).any) {
        rq_redirect(rq, "/security");
        return rq_end(rq);
    }
    recovery_make(rq, &codes, &n);
    show_codes(rq, &page->codes, codes, n);
    return rq_end(rq);
}

/* ---- passkeys ---- */

static enum err ask_passkey(struct request *rq, struct security_passkey_page *page)
{
    char secret[SECRET_LEN + 1];
    struct sign_in_step step;
    sign_in_step_begin(rq,
                       &(struct sign_in_step_new){
                           .what = "register", .account = rq->viewer.account, .session = rq->session},
                       secret);
    if (!rq->err && sign_in_step_find(rq, "register", arena_text(rq->arena, text_of(secret)), &step)) {
        rq_set_step(rq, secret);
        passkey_ask(rq, &step, rq->viewer.account, &page->challenge, &page->site, &page->known);
        page->owner = passkey_owner(rq, rq->viewer.account);
    }
    return rq_end(rq);
}

ROUTE(GET, "/security/passkeys/new", staff_passkey_ask, security_passkey, SIGNED_IN)
static enum err staff_passkey_ask(struct request *rq, struct security_passkey_page *page)
{
    form_begin(&passkey_form, page->form.v);
    return confirmed_for(rq, T("/security/passkeys/new")) ? ask_passkey(rq, page) : rq_end(rq);
}

ROUTE(POST, "/security/passkeys", staff_passkey_add, security_passkey, SIGNED_IN)
static enum err staff_passkey_add(struct request *rq, struct security_passkey_page *page)
{
    char secret[SECRET_LEN + 1];
    struct sign_in_step step;
    struct passkey_new p;
    if (!rq_read_form(rq, &passkey_form, page->form.v) || !confirmed(rq)) {
        if (rq->session && rq->confirmed)
            ask_passkey(rq, page); /* another challenge */
        return rq_end(rq);
    }
    if (!sign_in_step_find(rq, "register", rq_step(rq), &step) || !passkey_made(rq, &step, &p)) {
        if (rq->err)
            return rq_end(rq);
        rq_mistake(rq, "name", N_("The passkey was not accepted. Try again"));
        ask_passkey(rq, page);
        return rq_end(rq);
    }
    p.name = v_as_text(page->form.name.value);
    bool first = !factors_of(rq, rq->viewer.account).any;
    rq_redirect(rq, "/security");
    passkey_add(rq, &p, secret);
    if (!rq->err && !rq->mistakes) {
        rq_set_session(rq, secret);
        rq_set_step(rq, NULL);
        rq_flash(rq, first ? N_("The passkey has been added; your other sessions have ended. Write down recovery codes too: they help when it is lost")
                           : N_("The passkey has been added"));
    }
    if (rq_show_again(rq))
        ask_passkey(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/security/passkeys/{passkey}/end", staff_passkey_end, security_page, SIGNED_IN)
static enum err staff_passkey_end(struct request *rq, struct security_page_page *page)
{
    if (!confirmed(rq))
        return rq_end(rq);
    rq_redirect(rq, "/security");
    passkey_remove(rq, rq_id_int(rq, "passkey"));
    rq_flash(rq, N_("The passkey has been removed"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* ---- accounts of providers ---- */

/* A page of another site cannot begin it in the viewer's name. */
ROUTE_OUTWARD(GET, "/security/links", staff_link, security_page, SIGNED_IN)
static enum err staff_link(struct request *rq, struct security_page_page *page)
{
    (void)page;
    if (!rq_own_click(rq) || !rq_param(rq, "provider").n)
        rq_redirect(rq, "/security");
    else if (confirmed(rq))
        provider_begin(rq, rq_param(rq, "provider"), T("/security"), true);
    return rq_end(rq);
}

ROUTE(POST, "/security/links/end", staff_link_end, security_page, SIGNED_IN)
static enum err staff_link_end(struct request *rq, struct security_page_page *page)
{
    if (!confirmed(rq))
        return rq_end(rq);
    rq_redirect(rq, "/security");
    link_remove(rq, rq_field(rq, "provider"));
    rq_flash(rq, N_("The account of the provider has been unlinked"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* ---- sessions ---- */

ROUTE(POST, "/security/sessions/{session}/end", staff_session_end, security_page, SIGNED_IN)
static enum err staff_session_end(struct request *rq, struct security_page_page *page)
{
    int64_t id = rq_id_int(rq, "session");
    (void)page;
    if (!rq->session)
        return rq_fail(rq, ERR_FORBIDDEN);
    if (id != rq->session && !confirmed(rq))
        return rq_end(rq);
    rq_redirect(rq, id == rq->session ? "/sign-in" : "/security");
    session_end_one(rq, rq->viewer.account, id);
    if (id == rq->session)
        rq_set_session(rq, NULL);
    else
        rq_flash(rq, N_("The session has ended"));
    return rq_end(rq);
}

ROUTE(POST, "/security/sessions/end", staff_sessions_end, security_page, SIGNED_IN)
static enum err staff_sessions_end(struct request *rq, struct security_page_page *page)
{
    (void)page;
    if (!confirmed(rq))
        return rq_end(rq);
    rq_redirect(rq, "/security");
    sessions_end_all(rq, rq->viewer.account);
    rq_flash(rq, N_("All your other sessions have ended"));
    return rq_end(rq);
}

ROUTE(POST, "/security/notice", staff_notice, security_page, SIGNED_IN)
static enum err staff_notice(struct request *rq, struct security_page_page *page)
{
    (void)page;
    rq_redirect(rq, "/security");
    factors_reset_read(rq);
    return rq_end(rq);
}

/* ---- by the administrator, and by the head of a body ---- */

bool signs_out(struct request *rq, struct value account, union account_card_row *a)
{
    q_account_card(rq, &(struct account_card_args){.id = account}, a);
    if (!rq->err && !rq_may(rq, CAP_ADMIN) &&
        (!rq_may(rq, CAP_LEAD_BODY) || v_as_int(a->body_id) != rq->viewer.body))
        rq_fail(rq, ERR_NOT_FOUND);
    return !rq->err;
}

ROUTE(GET, "/workers/{worker}/sessions", staff_worker_sessions, worker_sessions, SIGNED_IN)
static enum err staff_worker_sessions(struct request *rq, struct worker_sessions_page *page)
{
    struct value id = rq_id(rq, "worker");
    if (!signs_out(rq, id, &page->account))
        return rq_end(rq);
    struct factors f = factors_of(rq, v_as_int(id));
    page->totp = f.totp;
    page->passkey = f.passkey;
    page->worker = v_as_int(id);
    q_session_list(rq,
                   &(struct session_list_args){
                       .own = v_int(rq->session), .account = id, .longest = sessions_from(rq)},
                   &page->sessions);
    q_token_list(rq, &(struct token_list_args){.account = id}, &page->tokens);
    return rq_end(rq);
}

ROUTE(POST, "/workers/{worker}/sessions/{session}/end", staff_worker_session_end, worker_sessions, SIGNED_IN)
static enum err staff_worker_session_end(struct request *rq, struct worker_sessions_page *page)
{
    int64_t id = rq_id_int(rq, "worker");
    if (signs_out(rq, v_int(id), &page->account)) {
        rq_redirect(rq, "/workers/%lld/sessions", (long long)id);
        session_end_one(rq, id, rq_id_int(rq, "session"));
        rq_flash(rq, N_("The session has ended"));
    }
    return rq_end(rq);
}

ROUTE(POST, "/workers/{worker}/sessions/end", staff_worker_sessions_end, worker_sessions, SIGNED_IN)
static enum err staff_worker_sessions_end(struct request *rq, struct worker_sessions_page *page)
{
    int64_t id = rq_id_int(rq, "worker");
    if (signs_out(rq, v_int(id), &page->account)) {
        rq_redirect(rq, "/workers/%lld/sessions", (long long)id);
        sessions_end_all(rq, id);
        rq_flash(rq, N_("All sessions of the account have ended"));
    }
    return rq_end(rq);
}

ROUTE(POST, "/workers/{worker}/factors/reset", staff_factors_reset, worker_sessions, ADMIN)
static enum err staff_factors_reset(struct request *rq, struct worker_sessions_page *page)
{
    int64_t id = rq_id_int(rq, "worker");
    if (signs_out(rq, v_int(id), &page->account) &&
        confirmed_for(rq, arena_printf(rq->arena, "/workers/%lld/sessions", (long long)id))) {
        if (id == rq->viewer.account)
            rq_refuse(rq, N_("Your own second factor is reset by another administrator"));
        rq_redirect(rq, "/workers/%lld/sessions", (long long)id);
        factors_reset(rq, id);
        rq_flash(rq, N_("The second factor has been reset; its owner is told at the next sign-in"));
    }
    return rq_show_again(rq) ? staff_worker_sessions(rq, page) : rq_end(rq);
}
