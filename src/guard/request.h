/* A viewer's unit of work: what pages, rules and the command line's imports get. Errors are sticky:
 * after the first failure reads and changes do nothing, and rq_end() tells it once. */
#ifndef GUARD_REQUEST_H
#define GUARD_REQUEST_H
#include "base/arena.h"
#include "base/date.h"
#include "guard/access.h"
#include "store/store.h"

struct viewer {
    int64_t account, body, unit; /* 0: none (nobody signed in; the system itself) */
    const char *login, *name, *body_name, *body_kind;
    const struct role *role; /* null: nobody */
    int64_t epoch;           /* of the account, when it was proven who he is */
    bool must_change;        /* the password is not of the own choice: nothing but its change opens */
    bool system;             /* jobs and the command line of the operator: rules' queries only */
};

/* In whose place something is done: a body without an account answers through its one-time page, or on paper, which the sender
 * records (rooms/referrals/referrals_outside.c). */
struct stead {
    int64_t body;
    const struct value *answer; /* cells of the row that records it, prepared by the room */
};

/* A user's mistake: at a field (null: at the whole form), in words. */
struct mistake {
    const char *field;
    const char *message; /* msgid, may hold {a} */
    struct value a;      /* what {a} stands for */
    struct mistake *next;
};

enum { WATCHED_MOST = 8 };

struct request {
    struct arena *arena;
    struct store *store;
    struct conn *conn; /* the reader; while a change is open, the writer */
    struct viewer viewer;
    enum lang lang;
    enum err err;       /* sticky */
    const char *reason; /* msgid of ERR_REFUSED, ERR_CONFLICT */
    struct mistake *mistakes;
    struct change *change; /* the open one, or null */
    int64_t now, today;    /* one instant for the whole request */
    int64_t session;       /* number of the session by which the viewer is here; 0: by a token, or outside the web */
    bool confirmed;        /* its owner has given a secret a short while ago */
    bool must_enrol;       /* the role wants a second factor, and there is none yet */
    /* Persons whose data this request has shown: for the read log. */
    int64_t *seen;
    size_t n_seen, cap_seen;
    /* Watched words among what was looked for (rooms/trust): noted with the page, whatever it has found. */
    int64_t watched[WATCHED_MOST];
    size_t n_watched;
    bool rules_due;   /* grants of the viewer's body are of older rules: the door computes each row */
    bool rest_hidden; /* a row or value was withheld */
    bool evenly;      /* what was found must not be told by the time of the answer */
    bool stands_against; /* the page is shown again because of what stands now: a newer version, another state */
    struct stead *stead; /* null: the viewer acts for the own body */
    const volatile int *stop; /* of a job: not 0 when the program is to end; may be null */
    void *web;        /* the exchange of the web floor, null at the command line */
    void (*on_commit)(
        struct change *ch); /* the web floor's: keeps the answer under its idempotency key */
    /* For the layout; set by the web floor. */
    const char *flash;   /* said once, translated; null */
    const char *section; /* first part of the path, "persons"; "home" of the first page; null */
};

bool rq_may(const struct request *rq, enum cap cap);
/* Nothing has failed, and the program is not to end: long work asks between two slices. */
bool rq_goes_on(const struct request *rq);
/* Sets the sticky error if none is set yet; returns the one that stands. */
enum err rq_fail(struct request *rq, enum err err);
enum err rq_refuse(struct request *rq, const char *msgid); /* ERR_REFUSED with a reason */
void rq_mistake(struct request *rq, const char *field, const char *msgid);
void rq_mistake_of(struct request *rq, const char *field, const char *msgid, struct value a);
/* OK, ERR_INPUT when there are mistakes, or the sticky error. */
enum err rq_end(struct request *rq);
/* After a change that did not happen for the user's reasons (mistakes, a refusal, a stale version): turns the reason into a
 * mistake of the form and lets the page read again what it shows; rq_end() then says ERR_INPUT. False, and nothing is
 * done, when all went well or the failure is of another kind. */
bool rq_show_again(struct request *rq);
void rq_saw(struct request *rq, int64_t person);

/* A request outside the web: the viewer of `login` (null: the system). Closed by request_close. */
enum err request_open(struct store *store, const char *login, struct request *rq,
                      struct fault *fault) MUST;
void request_close(struct request *rq);

#endif
