/* People of bodies and their accounts: pages of the administrator, and the rules behind them. The
 * table account is the guard's; the room owns no table yet. */
#ifndef STAFF_STAFF_H
#define STAFF_STAFF_H
#include "guard/account.h"
#include "guard/change.h"
#include "staff_gen.h"

/* Makes an account inside a change, with its event. hash: of the password, made before the change
 * began (password_hash); null: nobody can sign in with it yet. */
struct account_new {
    struct text login, name, role, post;
    int64_t body;
    const char *hash;
};
int64_t account_add(struct change *ch, const struct account_new *a);

/* May somebody of this role work in a body of this kind? ([role …] kinds) */
bool role_fits(struct text role, struct text body_kind);
/* 3 to 60 of a-z, 0-9, dot, dash, underscore; begins with a letter. */
bool login_valid(struct text login);
/* Null, or what is wrong with a new password (msgid). */
const char *password_wrong(struct text password, struct text login);
/* 0: there is none. */
int64_t account_id_of(struct request *rq, struct text login);

#endif
