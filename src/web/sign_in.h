/* What pages that ask for passkeys share: of signing in (web) and of their owners (rooms/staff). */
#ifndef WEB_SIGN_IN_H
#define WEB_SIGN_IN_H
#include "guard/second.h"
#include "web/web.h"

/* What the page gives to the browser: the challenge (base64url), the rp id, and the passkeys of the account, parted by blanks
 * (account 0: whichever the browser has for this site). */
void passkey_ask(struct request *rq, const struct sign_in_step *step, int64_t account, struct text *challenge,
                 struct text *site, struct text *known);
/* Judges what the form brought, against a step that is used up by it. account 0: whoever owns the passkey; verified: the
 * authenticator must have checked the person too. owner: whose it is. False: refused. */
bool passkey_answered(struct request *rq, const struct sign_in_step *step, int64_t account, bool verified, struct viewer *owner);
/* The same for a new one: what the browser made. False: refused. */
bool passkey_made(struct request *rq, const struct sign_in_step *step, struct passkey_new *out);

/* Where to go on: a place inside this site, or the first page. Never one that begins something by being opened. */
struct text web_next(struct text asked);

/* Leads the browser to a provider of [oidc …], to sign in or (link) to link its account to the viewer's. */
void provider_begin(struct request *rq, struct text name, struct text next, bool link);

#endif
