/* People of bodies: accounts, absences and who stands in, caseloads that pass on. The table account is the guard's; the
 * room owns absence. */
#ifndef STAFF_STAFF_H
#define STAFF_STAFF_H
#include "guard/account.h"
#include "guard/change.h"
#include "staff_gen.h"

/* Makes an account inside a change, with its event. hash: of the password, made before the change
 * began (password_hash); null: nobody can sign in with it yet. password_until: its end, when the owner is to choose another
 * (first_password_make); 0: it stays. */
struct account_new {
    struct text login, name, role, post, email;
    struct text settlement, street; /* where the owner lives; may be empty */
    int64_t body, password_until;
    const char *hash;
};
int64_t account_add(struct change *ch, const struct account_new *a);

/* By the operator at the machine (a request of the system), where nobody can make it on the page: an account of a role that administers
 * accounts, with its body when that is not there yet. role, body, kind: empty when the packs and the register leave one choice; role and
 * body are filled in. ERR_REFUSED, ERR_CONFLICT: nothing was made, the fault says what is missing. */
struct admin_new {
    struct text login, name, role, body, kind;
};
enum err admin_make(struct request *rq, struct admin_new *a, struct first_password *first, struct fault *fault) MUST;
/* An administrator's account is opened again: a new first password; factors, sessions, tokens and the address of the calendar end. */
enum err admin_reset(struct request *rq, struct text login, struct first_password *first, struct fault *fault) MUST;

/* May somebody of this role work in a body of this kind? ([role …] kinds) */
bool role_fits(struct text role, struct text body_kind);
/* 3 to 60 of a-z, 0-9, dot, dash, underscore; begins with a letter. */
bool login_valid(struct text login);
/* How many accounts the list /accounts?show=WHICH has, no further than to 100: "unused", nobody has ever signed in; "uncovered",
 * absent today and nobody stands in. */
int64_t accounts_count(struct request *rq, const char *which);
/* 0: there is none. */
int64_t account_id_of(struct request *rq, struct text login);

/* Who does the account's work on that day: the account itself; while it is absent its substitute, followed along the chain
 * when that one is absent too (nobody named, or nobody there: the account itself). 0: dismissed, and nobody stands in. */
int64_t account_in_place_of(struct request *rq, int64_t account, int64_t day);

#endif
