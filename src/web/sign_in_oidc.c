/* Signing in by an account of a provider (OpenID Connect), and linking one. Nobody is matched by name or mail: only who has
 * linked the account himself, signed in here, gets in by it. */
#include "formats/oidc.h"
#include "base/log.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include "web/exchange.h"
#include "web/sign_in.h"
#include "web_tpl.h"
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const char self_exe[] = "/proc/self/exe";

/* The secret that the provider has given to this site: of the environment, or a systemd credential; never of the register.
 * Empty: the site is a public client, and PKCE alone binds the code. */
static struct text client_secret(struct arena *arena, const struct provider *p)
{
    char name[80], path[4096], line[400];
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *z;
    size_t n = 0;
    snprintf(name, sizeof name, "BEREG_OIDC_SECRET_%s", p->name);
    for (char *c = name; *c; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    z = getenv(name);
    if (z)
        return text_of(z);
    if (!folder)
        return T("");
    snprintf(path, sizeof path, "%s/bereg.oidc.%s", folder, p->name);
    FILE *f = fopen(path, "re");
    if (f) {
        n = fread(line, 1, sizeof line, f);
        fclose(f);
    }
    return text_trim(arena_text(arena, (struct text){line, n}));
}

static bool told(enum err err, const struct provider *p, const struct fault *fault)
{
    if (err)
        log_warn("sign-in by the provider %s: %s", p->name, fault->text);
    return err == OK;
}

/* ---- where things are at a provider ---- */

/* What discovery has said is kept for minutes, and that it said nothing for seconds: anybody may ask for a sign-in, and none of them makes
 * the others wait for a provider that does not answer. */
enum { PLACES = 3, PROVIDERS_KEPT = 8 };
static const int64_t places_us = INT64_C(10) * 60 * 1000000, failed_us = INT64_C(5) * 1000000;

struct kept {
    char *issuer, *place[PLACES]; /* no places: it could not be asked */
    int64_t until;                /* clock_monotonic() */
};
static struct kept kept[PROVIDERS_KEPT];
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static bool kept_take(struct arena *arena, const char *issuer, struct oidc_places *out, bool *failed)
{
    bool found = false;
    pthread_mutex_lock(&kept_lock);
    for (const struct kept *k = kept; k < kept + PROVIDERS_KEPT && !found; k++) {
        found = k->issuer && strcmp(k->issuer, issuer) == 0 && clock_monotonic() < k->until;
        *failed = found && !k->place[0];
        if (found && k->place[0])
            *out = (struct oidc_places){arena_text(arena, text_of(k->place[0])), arena_text(arena, text_of(k->place[1])),
                                        arena_text(arena, text_of(k->place[2]))};
    }
    pthread_mutex_unlock(&kept_lock);
    return found;
}

static struct kept *kept_place(const char *issuer)
{
    struct kept *oldest = kept;
    for (struct kept *k = kept; k < kept + PROVIDERS_KEPT; k++) {
        if (k->issuer && strcmp(k->issuer, issuer) == 0)
            return k;
        if (k->until < oldest->until)
            oldest = k;
    }
    return oldest;
}

/* places null: it could not be asked. */
static void keep(const char *issuer, const struct oidc_places *places)
{
    pthread_mutex_lock(&kept_lock);
    struct kept *k = kept_place(issuer);
    free(k->issuer);
    for (size_t i = 0; i < PLACES; i++)
        free(k->place[i]);
    *k = (struct kept){.issuer = strdup(issuer), .until = clock_monotonic() + (places ? places_us : failed_us)};
    if (places) {
        k->place[0] = strndup(places->authorize.s, places->authorize.n);
        k->place[1] = strndup(places->token.s, places->token.n);
        k->place[2] = strndup(places->keys.s, places->keys.n);
    }
    pthread_mutex_unlock(&kept_lock);
}

static bool discover(struct request *rq, const struct provider *p, struct oidc_places *out)
{
    struct fault fault = {0};
    struct text document, issuer = text_of(p->issuer);
    while (issuer.n && issuer.s[issuer.n - 1] == '/')
        issuer.n--;
    struct text url = arena_printf(rq->arena, "%.*s/.well-known/openid-configuration", TEXT_ARG(issuer));
    return told(oidc_fetch(arena_z(rq->arena, url), T(""), NULL, rq->arena, &document, &fault), p, &fault) &&
           told(oidc_discovered(self_exe, p->issuer, document, rq->arena, out, &fault), p, &fault);
}

static bool places_of(struct request *rq, const struct provider *p, struct oidc_places *out)
{
    bool failed = false;
    if (kept_take(rq->arena, p->issuer, out, &failed))
        return !failed;
    bool good = discover(rq, p, out);
    keep(p->issuer, good ? out : NULL);
    return good;
}

/* ---- the way to it and back ---- */

static struct text back_address(struct request *rq)
{
    return arena_printf(rq->arena, "%.*s/sign-in/oidc/back", TEXT_ARG(rq_site(rq)));
}

static void pair(struct buf *b, const char *name, struct text value)
{
    if (b->n && b->s[b->n - 1] != '?')
        buf_char(b, '&');
    buf_z(b, name);
    buf_char(b, '=');
    exchange_encode(b, value);
}

static struct text finished(struct request *rq, struct buf *b)
{
    struct text t = buf_end(b) == OK ? arena_text(rq->arena, buf_get(b)) : T("");
    buf_free(b);
    return t;
}

void provider_begin(struct request *rq, struct text name, struct text next, bool link)
{
    char secret[SECRET_LEN + 1];
    struct sign_in_step step;
    struct oidc_places places;
    const struct provider *p = provider_find(name);
    if (!p) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    if (!places_of(rq, p, &places)) {
        rq_redirect(rq, "/sign-in?failed=provider");
        return;
    }
    sign_in_step_begin(rq,
                       &(struct sign_in_step_new){.what = "oidc",
                                                  .account = link ? rq->viewer.account : 0,
                                                  .session = link ? rq->session : 0,
                                                  .provider = name,
                                                  .next = next},
                       secret);
    if (rq->err || !sign_in_step_find(rq, "oidc", arena_text(rq->arena, text_of(secret)), &step))
        return;
    rq_set_step(rq, secret);
    struct buf b = BUF(8000);
    buf_text(&b, places.authorize);
    if (!memchr(places.authorize.s, '?', places.authorize.n))
        buf_char(&b, '?');
    pair(&b, "response_type", T("code"));
    pair(&b, "client_id", text_of(p->client_id));
    pair(&b, "redirect_uri", back_address(rq));
    pair(&b, "scope", text_of(p->scope));
    pair(&b, "state", sign_in_step_word(rq, &step, "state"));
    pair(&b, "nonce", sign_in_step_word(rq, &step, "nonce"));
    pair(&b, "code_challenge", sign_in_step_digest(rq, sign_in_step_word(rq, &step, "verifier")));
    pair(&b, "code_challenge_method", T("S256"));
    exchange_of(rq)->location = finished(rq, &b); /* the one place that leads out of this site: named by the packs */
}

ROUTE_OUTWARD(GET, "/sign-in/oidc", sign_in_oidc, sign_in, PUBLIC)
static enum err sign_in_oidc(struct request *rq, struct sign_in_page *page)
{
    (void)page;
    if (rq->viewer.account)
        rq_redirect(rq, "/");
    else if (!rq_param(rq, "provider").n || !rq_own_click(rq)) /* else a link anywhere could sign somebody in: there stands a link of ours to press */
        rq_redirect(rq, "/sign-in?next=%.*s", TEXT_ARG(web_next(rq_param(rq, "next"))));
    else
        provider_begin(rq, rq_param(rq, "provider"), web_next(rq_param(rq, "next")), false);
    return rq_end(rq);
}

/* Exchanges the code; the subject that the provider vouches for, or empty. */
static struct text subject_of(struct request *rq, const struct provider *p, const struct sign_in_step *step, struct text code)
{
    struct fault fault = {0};
    struct oidc_places places;
    struct text answer, keys, subject = T(""), secret = client_secret(rq->arena, p);
    const char *basic = NULL;
    if (!places_of(rq, p, &places))
        return subject;
    struct buf b = BUF(8000), login = BUF(2000);
    pair(&b, "grant_type", T("authorization_code"));
    pair(&b, "code", code);
    pair(&b, "redirect_uri", back_address(rq));
    pair(&b, "client_id", text_of(p->client_id));
    pair(&b, "code_verifier", sign_in_step_word(rq, step, "verifier"));
    if (secret.n) { /* RFC 6749 §2.3.1 */
        exchange_encode(&login, text_of(p->client_id));
        buf_char(&login, ':');
        exchange_encode(&login, secret);
        basic = arena_z(rq->arena, finished(rq, &login));
    }
    struct text form = finished(rq, &b);
    struct oidc_wanted wanted = {.issuer = p->issuer,
                                 .client_id = p->client_id,
                                 .nonce = sign_in_step_word(rq, step, "nonce"),
                                 .algorithms = p->algorithms,
                                 .now = rq->now};
    if (told(oidc_fetch(arena_z(rq->arena, places.token), form, basic, rq->arena, &answer, &fault), p, &fault) &&
        told(oidc_fetch(arena_z(rq->arena, places.keys), T(""), NULL, rq->arena, &keys, &fault), p, &fault) &&
        told(oidc_subject(self_exe, &wanted, keys, answer, rq->arena, &subject, &fault), p, &fault))
        return subject;
    return T("");
}

static void linked(struct request *rq, const struct sign_in_step *step, struct text subject)
{
    rq_redirect(rq, "/security");
    link_add(rq, step->provider, subject);
    rq_flash(rq, N_("The account of the provider has been linked"));
}

/* In; with a second factor of its own the account asks for it here too, for what the provider has asked for is not known. */
static void entered(struct request *rq, const struct sign_in_step *step, struct text subject)
{
    char secret[SECRET_LEN + 1];
    struct viewer viewer;
    if (!link_viewer(rq, step->provider, subject, &viewer)) {
        if (!rq->err)
            sign_in_step_failed(rq, step, "sign_in.failed", "oidc", rq_address(rq));
        rq_redirect(rq, "/sign-in?failed=unlinked");
        return;
    }
    link_used(rq, step->provider, subject);
    if (!factors_of(rq, viewer.account).any) {
        if (!web_signed_in(rq, &viewer, &(struct sign_in){.way = "oidc"}, step->next) && !rq->err)
            rq_redirect(rq, "/sign-in?failed=provider");
        return;
    }
    sign_in_step_begin(
        rq, &(struct sign_in_step_new){.what = "second", .account = viewer.account, .epoch = viewer.epoch, .way = T("oidc"), .next = step->next}, secret);
    rq_set_step(rq, secret);
    rq_redirect(rq, "/sign-in/second");
}

ROUTE_OUTWARD(GET, "/sign-in/oidc/back", sign_in_oidc_back, sign_in, PUBLIC)
static enum err sign_in_oidc_back(struct request *rq, struct sign_in_page *page)
{
    struct sign_in_step step;
    struct text subject = T(""), code = rq_param(rq, "code"), issuer = rq_param(rq, "iss");
    (void)page;
    if (!sign_in_step_find(rq, "oidc", rq_step(rq), &step)) {
        if (!rq->err)
            rq_redirect(rq, "/sign-in?failed=provider");
        return rq_end(rq);
    }
    const struct provider *p = provider_find(step.provider);
    /* An answer to another sign-in takes nothing away; one to this is the only one. */
    bool ours = text_eq(rq_param(rq, "state"), sign_in_step_word(rq, &step, "state"));
    if (p && ours && sign_in_step_take(rq, &step) && code.n && code.n <= 2000 && (!issuer.n || text_is(issuer, p->issuer)))
        subject = subject_of(rq, p, &step, code);
    if (rq->err)
        return rq_end(rq);
    if (ours)
        rq_set_step(rq, NULL);
    if (!subject.n) {
        sign_in_step_failed(rq, &step, "sign_in.failed", "oidc", rq_address(rq));
        rq_redirect(rq, "/sign-in?failed=provider");
    } else if (step.session) {
        linked(rq, &step, subject);
    } else {
        entered(rq, &step, subject);
    }
    return rq_end(rq);
}
