/* Is the log as it was sealed? Walks leaves with their rows, roots and signed heads in constant memory, and names what does not fit. What
 * it can prove and what not: docs/security.md. */
#ifndef GUARD_AUDIT_H
#define GUARD_AUDIT_H
#include "guard/leaf.h"

struct audit_fault {
    const char *code; /* of list log_fault; "more": findings that are only counted */
    int log;          /* LOG_EVENT, LOG_READ; 0: of neither */
    int64_t from, to; /* numbers of rows; 0: none */
    int64_t at;       /* of the head that does not fit, or after which the row came; 0: none */
    const char *text; /* in English */
};

struct audit {
    bool origin; /* also rows that no sealer has seen for a minute, and those dated back: who wrote them, and when? */
    const struct log_head *against; /* a head kept elsewhere, its signature already judged; null: none */
    void (*found)(void *ctx, const char *text); /* each finding, in English */
    void (*fault)(void *ctx, const struct audit_fault *f); /* or so, in parts; null: found() */
    void *ctx;
};

struct audit_result {
    uint64_t n[LOG_END], heads, found;
    struct hash root[LOG_END];
    uint64_t young; /* rows of the last minute that are not sealed yet: no finding */
    int64_t head, head_at; /* the newest that was compared, its number in log_head, and when it was signed; 0: none */
    bool whole;     /* from the first leaf on */
};

/* Entries against leaves, leaves against roots, roots against signed heads, in one view of the register. Findings beyond a thousand are only
 * counted, in a last line. Errors are sticky in the request. May wait some seconds for a sealer that is at work. */
void audit_verify(struct request *rq, const struct audit *a, struct audit_result *out);

/* The same in steps of some milliseconds, between which the register may grow: what came later is not looked at. behind: the number of a head
 * (log_head) up to which everything was looked at before; the tree must still have the root that it signed. 0: from the first leaf on. */
struct audit_walk;
struct audit_walk *audit_begin(struct request *rq, const struct audit *a, int64_t behind);
bool audit_step(struct audit_walk *w); /* false: at the end, or after an error */
bool audit_end(struct audit_walk *w, struct audit_result *out); /* frees it; false: it was not walked to the end */

/* Rows as conn_walk() gives them, where one cannot be read as well: whose bytes are not of the declared kinds, by another hand. Then fewer, down
 * to *limit rows, are read, and at last none: *odd is the number of such a row (0: none). A transaction that is open begins anew. */
enum err audit_rows(struct request *rq, const struct table *t, int64_t after, int64_t *limit, struct arena *arena, struct cells *out, int64_t *odd) MUST;

struct audit_values {
    uint64_t events, compared; /* events with values; values in the tables */
    uint64_t passed;           /* not compared: of persons of whom something was destroyed, or whose cards were joined */
};
/* Is the history of values as the events say, and stands in the tables what was written last? A field that some statement writes past the
 * history is not compared (guard/change.h: history_whole). Some 40 bytes of memory for each value. */
void audit_values(struct request *rq, const struct audit *a, struct audit_values *out);

#endif
