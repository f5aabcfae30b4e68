/* Accounts, passwords, sessions, tokens, idempotency keys. Tables: account, session, token,
 * sign_in_delay, idempotency. */
#ifndef GUARD_ACCOUNT_H
#define GUARD_ACCOUNT_H
#include "guard/request.h"

/* Makes or changes an account inside a change. The password (null: cannot sign in) is hashed by
 * argon2id before: password_hash() takes 30 ms and must not run while the writer is held. */
enum { PASSWORD_MIN = 8, PASSWORD_MAX = 200, PASSWORD_HASH_LEN = 128 };
enum err password_hash(struct text password, char out[PASSWORD_HASH_LEN]) MUST;

/* Checks a login and password and opens a session. Delay: after failures of this account and
 * address together the answer comes late, never a locked account. ERR_FORBIDDEN: wrong, in the same
 * time for unknown accounts. secret: the cookie's value (64 hex digits), shown once; the table
 * keeps its hash. */
enum { SECRET_LEN = 64 };
void session_open(struct request *rq, struct text login, struct text password, struct text address,
                  char secret[SECRET_LEN + 1]);
/* How long the caller has to wait before the next try, in microseconds; 0: none. */
int64_t sign_in_wait(struct request *rq, struct text login, struct text address);
/* Sets rq->viewer from a cookie; false when there is none or it has ended. csrf: 64 hex digits of
 * this session. */
bool session_use(struct request *rq, struct text secret, char csrf[SECRET_LEN + 1]);
void session_close(struct request *rq, struct text secret);
/* API tokens: the same rights as the account. */
bool token_use(struct request *rq, struct text secret);
void token_make(struct request *rq, int64_t account, const char *name, char secret[SECRET_LEN + 1]);
/* Fills a viewer from the account's row; false: unknown or dismissed. */
bool viewer_of_login(struct request *rq, struct text login, struct viewer *out);

/* Idempotency: look before the change, store inside it. */
enum idem {
    IDEM_NEW,
    IDEM_SAME /* done: *location holds the answer */,
    IDEM_OTHER /* same key, other body */
};
enum idem idem_look(struct request *rq, struct text route, struct text key, struct text body,
                    struct text *location);
void idem_store(struct change *ch, struct text route, struct text key, struct text body,
                struct text location);

#endif
