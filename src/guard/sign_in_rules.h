/* Numbers of signing in: [sign_in rules] of the packs; and the providers of OpenID Connect, [oidc NAME]. */
#ifndef GUARD_SIGN_IN_RULES_H
#define GUARD_SIGN_IN_RULES_H
#include "guard/room.h"

struct sign_in_rules {
    int64_t password_min;                     /* characters */
    int64_t idle, longest, confirm, steps;    /* microseconds: of a session unused, of any, after which a secret is asked again for
                                               * what is delicate, for the steps of one sign-in */
    int64_t free, slowest;                    /* tries of an account from an address without a pause; microseconds of the longest pause */
    int64_t address_free, address_slowest, address_forget; /* the same of all accounts from one address; when it is forgotten */
    int64_t recovery;                         /* codes */
    int64_t sessions;                         /* of one account at the same time */
    int64_t first_password;                   /* microseconds: how long one that the program has made opens */
    int64_t token;                            /* microseconds: the longest life of a token of the API */
    int64_t code_steps;                       /* of a program's code: how many of 30 seconds before and behind are taken too */
    bool code_sha256;                         /* keys made from now on are for HMAC-SHA-256; else HMAC-SHA-1 */
    struct text words;                        /* folded: no password by themselves or with digits only */
};
/* Never null: before the packs are read the strict ones of ASVS. */
const struct sign_in_rules *sign_in_rules(void);

/* A provider by which accounts may sign in that their owners have linked. */
struct provider {
    const char *name, *label_ru, *label_en, *issuer, *client_id, *scope;
    struct text algorithms; /* "RS256 ES256" */
};
const struct provider *provider_find(struct text name); /* null: none */
const struct provider *provider_at(size_t i);           /* null behind the last */

void sign_in_rules_begin(void);
enum err sign_in_rules_take(const struct pack_entry *e, struct fault *fault) MUST;
enum err sign_in_provider_take(const struct pack_entry *e, struct fault *fault) MUST;
void sign_in_rules_done(void);

#endif
