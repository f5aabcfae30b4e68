/* OpenID Connect, authorisation code with PKCE: what is fetched from a provider, and the judgement of what it says. Answers of the
 * provider are strange bytes: they are judged in a locked child (`bereg job oidc`), signatures by cjose. */
#ifndef FORMATS_OIDC_H
#define FORMATS_OIDC_H
#include "base/arena.h"

enum { OIDC_ANSWER_MAX = 256 << 10 };

/* GET, or POST of a form when `form` is not empty; `basic`: "client:secret" of HTTP authentication, percent-encoded, or null. Only 200, only
 * https (http of this machine for trials), no redirects, some seconds. */
enum err oidc_fetch(const char *url, struct text form, const char *basic, struct arena *arena, struct text *out,
                    struct fault *fault) MUST;

/* Where things are at a provider, by its discovery document, which must be of this very issuer. */
struct oidc_places {
    struct text authorize, token, keys;
};
enum err oidc_discovered(const char *self_exe, const char *issuer, struct text document, struct arena *arena,
                         struct oidc_places *out, struct fault *fault) MUST;

struct oidc_wanted {
    const char *issuer, *client_id;
    struct text nonce, algorithms; /* "RS256 ES256" */
    int64_t now;                   /* microseconds */
};
/* The subject of the ID token in the answer of the token endpoint, when it is good: signed by one of the keys, by an allowed
 * algorithm, of this issuer, for this client, of this sign-in, now. ERR_SYNTAX: it is not; the fault says why. */
enum err oidc_subject(const char *self_exe, const struct oidc_wanted *wanted, struct text keys, struct text answer,
                      struct arena *arena, struct text *out, struct fault *fault) MUST;

int oidc_job_main(void);
/* What the child does with a question: null, and the answer in `out`; or what is wrong. */
struct buf;
const char *oidc_judge(struct text question, struct buf *out);

#endif
