/* What proves beside or instead of a password who somebody is: codes of a program (TOTP), recovery codes, passkeys, accounts of a
 * provider; and the steps of a sign-in or an enrolment that has begun. Tables: factor_totp, factor_recovery, passkey,
 * sign_in_link, sign_in_try. Bytes of browsers and providers are judged in formats/passkey.h and formats/oidc.h. */
#ifndef GUARD_SECOND_H
#define GUARD_SECOND_H
#include "guard/account.h"

struct factors {
    bool totp, passkey, any; /* any: one that counts as second factor */
    int64_t codes;           /* recovery codes that are left */
};
struct factors factors_of(struct request *rq, int64_t account);
/* Before the viewer's factor is written: with his first one the other sessions end, which were opened without. So each session of an
 * account that has a factor has proven one. */
void factor_first(struct change *ch);

/* ---- steps ---- */

/* A try of several steps. `what`: "second", "passkey", "register", "oidc". */
struct sign_in_step {
    int64_t id, account, session, failures, epoch;
    struct text secret; /* of its cookie */
    struct text way, provider, next;
};
struct sign_in_step_new {
    const char *what;
    int64_t account, session; /* 0: none */
    int64_t epoch;            /* of the account, when the first step was proven */
    struct text way, provider, next;
    struct text tried, address; /* a counted try of this login that was good; or empty */
};
void sign_in_step_begin(struct request *rq, const struct sign_in_step_new *new, char secret[SECRET_LEN + 1]);
/* False: there is none of this kind, it is over, or it belongs to another session than the viewer's. */
bool sign_in_step_find(struct request *rq, const char *what, struct text secret, struct sign_in_step *out);
/* A word that follows from the step's secret, which alone does not give it: challenge, state, nonce (64 hex digits). */
struct text sign_in_step_word(struct request *rq, const struct sign_in_step *step, const char *use);
/* SHA-256 of a word, base64url: the challenge of PKCE (RFC 7636 §4.2). */
struct text sign_in_step_digest(struct request *rq, struct text word);
/* Takes it away: true for one caller only, however many come at once. */
bool sign_in_step_take(struct request *rq, const struct sign_in_step *step);
/* It was wrong: counts, and ends it after some; with an event of this kind and a line of the log of sign-ins (sign_in_note). */
void sign_in_step_failed(struct request *rq, const struct sign_in_step *step, const char *kind, const char *way,
                         struct text address);

/* ---- codes of a program (RFC 6238: six digits, 30 seconds) ---- */

enum { TOTP_SHA1 = 20, TOTP_SHA256 = 32, TOTP_STEP = 30 };
/* Its length tells the hash, as RFC 6238 wants them: TOTP_SHA1 or TOTP_SHA256 bytes; 0: there is none. */
struct totp_key {
    unsigned char bytes[TOTP_SHA256];
    size_t n;
};
/* The code of a step, as six digits and NUL. False: there is no key. */
bool totp_code(const struct totp_key *key, int64_t step, char out[7]);
/* The step of this code: that of `now` (microseconds), or `around` steps before or behind, if it comes after `last`; 0: none. */
int64_t totp_match(const struct totp_key *key, struct text code, int64_t now, int64_t around, int64_t last);
struct text totp_base32(struct arena *arena, const struct totp_key *key);

/* A new key of the viewer's, shown for enrolment until it is proven. Gives the same again while it waits. */
struct totp_key totp_begin(struct request *rq);
/* Proves it: sets it up (factor_first), renews the session, issues recovery codes when there are none. False, and a mistake at `code`. */
bool totp_prove(struct request *rq, struct text code, char secret[SECRET_LEN + 1], struct text **codes, size_t *n);
void totp_off(struct request *rq);
/* New codes in place of all that there were. */
void recovery_make(struct request *rq, struct text **codes, size_t *n);
/* A code of the program or a recovery code of an account, used up by this. The way of a sign-in with it; null: wrong. */
const char *factor_code_use(struct request *rq, int64_t account, struct text code, struct text address);

/* ---- passkeys ---- */

struct passkey_new {
    struct text credential, public_key, site, name; /* base64url, base64url, rp id, words */
    int64_t algorithm, uses;
};
/* What is said of a passkey to the browser, and remembered of its owner there: nothing that tells who he is. */
struct text passkey_owner(struct request *rq, int64_t account); /* 32 hex digits */
void passkey_add(struct request *rq, const struct passkey_new *p, char secret[SECRET_LEN + 1]);
void passkey_remove(struct request *rq, int64_t id);
union passkey_find_row;
/* account 0: of anybody. */
bool passkey_known(struct request *rq, struct text credential, int64_t account, union passkey_find_row *out);
/* Its counter as the authenticator says it now. False, and an event: it should have risen and has not. */
bool passkey_used(struct request *rq, const union passkey_find_row *p, int64_t uses);

/* ---- accounts of providers ---- */

void link_add(struct request *rq, struct text provider, struct text subject);
void link_remove(struct request *rq, struct text provider);
/* Whose account this one of the provider is linked to. */
bool link_viewer(struct request *rq, struct text provider, struct text subject, struct viewer *out);
void link_used(struct request *rq, struct text provider, struct text subject);

/* All factors of an account go inside a change, with its sessions and tokens, and its owner is told. The event is the caller's. */
void factors_drop(struct change *ch, int64_t account);
/* The same by an administrator. */
void factors_reset(struct request *rq, int64_t account);
/* Of somebody who is signed in and was asked again: for the log. */
void factor_failed(struct request *rq);
/* The owner has read of it. */
void factors_reset_read(struct request *rq);

#endif
