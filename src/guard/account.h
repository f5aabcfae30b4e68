/* Accounts, passwords, sessions, tokens, idempotency keys. Tables: account, session, token,
 * sign_in_delay, idempotency. Second factors and other ways of signing in: guard/second.h. */
#ifndef GUARD_ACCOUNT_H
#define GUARD_ACCOUNT_H
#include "guard/request.h"

/* Argon2id (19 MiB, two passes, some 40 ms): must not run while the writer is held. */
enum { PASSWORD_MAX = 200, PASSWORD_HASH_LEN = 128 };
enum err password_hash(struct text password, char out[PASSWORD_HASH_LEN]) MUST;
bool password_fits(const char *hash, struct text password);
/* What is wrong with a new password: its length ([sign_in rules] of the packs), or that everybody tries it first. No kinds of
 * characters are asked for. Null: nothing; else a msgid, *a what {a} stands for in it. */
const char *password_wrong(struct arena *arena, struct text password, struct text login, struct value *a);

/* A password by chance, in four groups of four letters and digits that are not taken for one another (79 bits), with its end: for an
 * account that another makes or resets. */
enum { FIRST_PASSWORD_LEN = 19 };
struct first_password {
    char words[FIRST_PASSWORD_LEN + 1], hash[PASSWORD_HASH_LEN];
    int64_t until;
};
bool first_password_make(struct request *rq, struct first_password *out);

/* A try at a login from an address: counts it, and returns how long the caller has to wait before it (microseconds; then it is
 * not counted and must not be judged). Never a locked account. */
int64_t sign_in_try(struct request *rq, struct text login, struct text address);
/* It was good, inside a change: what was counted of this account and address is forgotten. */
void sign_in_good(struct change *ch, struct text login, struct text address);
/* The same of codes of an account's second step, which count wherever they come from. */
int64_t sign_in_second_try(struct request *rq, int64_t account, struct text address);
void sign_in_second_good(struct change *ch, int64_t account, struct text address);
/* The same in three parts for secrets that count behind a lock of their own: how long to wait; one wrong try more; forget. */
int64_t sign_in_wait(struct request *rq, struct text login, struct text address);
void sign_in_slower(struct change *ch, struct text login, struct text address);
void sign_in_free(struct change *ch, struct text login, struct text address);

/* Whose login and password these are. False, and ERR_FORBIDDEN: wrong, in the same time for unknown accounts. */
bool sign_in_password(struct request *rq, struct text login, struct text password, struct text address, struct viewer *out);
/* A line of the log of sign-ins, with its event (sign_in.done, sign_in.failed, factor.failed). account: 0, not known; way: code of the
 * list sign_in_way, of a failure the one that was tried. */
void sign_in_note(struct change *ch, const char *kind, int64_t account, const char *way, struct text address);
/* Drops the lines before an instant. One event tells how far. */
void sign_in_log_drop(struct request *rq, int64_t before);
/* The viewer's own. */
bool password_is(struct request *rq, struct text password);

/* How somebody has signed in. */
struct sign_in {
    const char *way; /* code of list sign_in_way */
    struct text address, browser;
    struct text old; /* secret of the session that this browser had until now, or empty: it ends */
    int64_t try_id;  /* the steps that are done with it, or 0 */
    struct text tried; /* the login of a counted try that was good (sign_in_try), or empty */
};
/* Opens a session; rq->viewer is the owner then. False: an error, or what was proven does not stand any more (viewer_stands), which is
 * noted as a wrong try. displaced: with it there were more than the packs allow, and the oldest has ended. secret: the cookie's value
 * (64 hex digits), shown once; the table keeps its hash. */
enum { SECRET_LEN = 64 };
bool session_open(struct request *rq, const struct viewer *viewer, const struct sign_in *by,
                  char secret[SECRET_LEN + 1], bool *displaced);
/* Sets rq->viewer, session, confirmed and must_enrol from a cookie; false when there is none or it has ended. csrf: 64 hex
 * digits of this session. */
bool session_use(struct request *rq, struct text secret, char csrf[SECRET_LEN + 1]);
void session_close(struct request *rq, struct text secret);
/* The viewer's session opens more from here on: it gets another secret, and counts as confirmed. */
void session_renew(struct change *ch, char secret[SECRET_LEN + 1]);
void session_confirm(struct request *rq, char secret[SECRET_LEN + 1]);
/* Sessions of an account are ended, but the viewer's own that asks for it; who may is the caller's to know. */
void session_end_one(struct request *rq, int64_t account, int64_t session);
void sessions_end_all(struct request *rq, int64_t account);
/* With sign-ins and changes of the own account that are under way. The change holds the account's row; the event is the caller's. */
void sessions_end_in(struct change *ch, int64_t account);

/* API tokens: the same rights as the account, until their last instant. They are made by the operator at the machine only. Sets
 * rq->viewer and must_enrol: of a role that needs a second factor a token opens nothing before the owner has set one up. */
bool token_use(struct request *rq, struct text secret);
/* days: 0, or fewer than the packs allow. */
void token_make(struct request *rq, int64_t account, const char *name, int64_t days, char secret[SECRET_LEN + 1]);
/* A token of this account; who may is the caller's to know. */
void token_end(struct request *rq, int64_t account, int64_t token);
/* Those of an older register that have no term yet: they last as long as new ones, from now on. */
void tokens_give_term(struct request *rq);
/* Fills a viewer from the account's row; false: unknown or dismissed. */
bool viewer_of_login(struct request *rq, struct text login, struct viewer *out);
bool viewer_of_account(struct request *rq, struct value id, struct viewer *out);
/* The account is open still, and its sessions were not ended since it was proven who the viewer is. Asked under the lock of its row. */
bool viewer_stands(struct request *rq, const struct viewer *viewer);
/* A change of the viewer's own account; it fails (ERR_FORBIDDEN) when his session was ended while this request was on its way. */
void change_begin_own(struct request *rq, struct change *ch);

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
