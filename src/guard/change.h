/* The writing door. Every change runs inside change_begin … change_commit, names the rows it is
 * about, and appends at least one event in the same transaction. Errors are sticky in the request:
 * a failed change commits nothing.
 *
 *     struct change ch;
 *     change_begin(rq, &ch, SUBJECT(&case_table, id));
 *     change_update(&ch, &case_table, id, version, c.v);
 *     change_event(&ch, &(struct event){.kind = "case.closed", .person = p, .case_id = id, ...});
 *     change_commit(&ch);
 */
#ifndef GUARD_CHANGE_H
#define GUARD_CHANGE_H
#include "base/buf.h"
#include "guard/request.h"

struct subject {
    const struct table *table;
    int64_t id;
};
#define SUBJECT(t, i) ((struct subject){(t), (i)})
#define NO_SUBJECT    SUBJECT(NULL, 0)

struct event {
    const char *kind;          /* code of list event_kind: "referral.accepted" */
    int64_t person, case_id;   /* 0: none */
    int64_t other_body;        /* whom it is addressed to, besides the author's body */
    uint32_t classes;          /* what the event itself tells */
    const struct table *table; /* the object */
    int64_t object;
    int64_t day;        /* date of the event when it differs from the date of entry; 0: today */
    const char *ground; /* code of list legal_basis, or null */
};

struct change {
    struct request *rq;
    struct conn *reader; /* put back at the end */
    bool open;
    int events;
    bool aside; /* a count or a step beside what the form asks for: no answer is kept under its idempotency key */
    int64_t merge;  /* set while two cards are joined: what rooms lay aside is noted under it */
    int64_t import; /* set by who applies a list: its events are told from work by hand */
    struct buf values; /* written since the last event */
    /* The last event waits until the next one or the end: what follows it, a hook's work as a rule, belongs to it too. */
    struct event event;
    int64_t event_account, event_body;
    struct buf vouched; /* its values, for its digest and the history */
    /* Persons whom inserted rows name, but those registered in this change: at its end none may have been joined to another
     * meanwhile, on another node. */
    struct { int64_t *id; size_t n, cap; int64_t first_new; } named;
};

enum lock {
    LOCK_PERSON_ENTRY = 1, /* who may turn out to be somebody already registered */
    LOCK_KEYS = 2,         /* the table of data keys */
    LOCK_PAIRS,            /* pairs that may be one person: one node at a time */
    LOCK_RETENTION,        /* what is past its term: one node at a time */
    LOCK_RULES,            /* shared by all changes: the packs' rules stay the same while they run */
    LOCK_LEAVES,           /* who numbers the rows of the logs: one node at a time */
    LOCK_SUSPICION,        /* who judges the rows of the read log: one node at a time */
    LOCK_LOG_CHECK         /* who checks the sealed logs: one node at a time */
};

/* Called before main for each column that a statement of some .sql updates (column "": whose rows it deletes): its values do not all
 * stand in the history, so the audit does not compare them. */
void history_passed(const char *table, const char *column);
bool history_whole(const struct table *t, const struct field *f);

/* Subjects beyond the first are given to change_lock before anything is read for the change. */
void change_begin(struct request *rq, struct change *ch, struct subject subject);
/* Of what follows from other rows and is made again from them (sums, indexes of the log): its commit does not wait for the disk. */
void change_begin_index(struct request *rq, struct change *ch);
/* Beside no other change, on any node: for the rules of access, by which the others are made. */
void change_begin_alone(struct request *rq, struct change *ch);
void change_lock(struct change *ch, struct subject subject);
/* The same, and no row comes to refer to the subject until the commit: for joining two persons. */
void change_lock_alone(struct change *ch, struct subject subject);
/* Until the commit nobody else is in a change that holds the same lock: for checks of what is not there yet, which no
 * row can stand for. One at a time; behind the locks of rows. */
void change_lock_for(struct change *ch, enum lock lock);
/* values: one cell per field of the table. Returns the new id, 0 after a failure. */
int64_t change_insert(struct change *ch, const struct table *t, const struct value *values);
/* version < 0: whatever it is. A stale version fails the request with ERR_STALE. */
void change_update(struct change *ch, const struct table *t, int64_t id, int64_t version,
                   const struct value *values);
/* Named statement of a room's .sql (kind `write`), for changes of many rows. */
void change_run(struct change *ch, struct sql *sql, const struct value *args);
void change_event(struct change *ch, const struct event *e);
enum err
change_commit(struct change *ch); /* OK or the sticky error; then everything is rolled back */

/* The guard's own rows (grants, access, sessions, logs): no classes to check, nothing for the
 * digest. */
int64_t change_write(struct change *ch, const struct table *t, const struct value *values);

/* Next public number of a series: "D-2024-000123". In the change's transaction, without gaps. */
struct text change_number(struct change *ch, const char *series);

#endif
