/* The two append-only logs. `event` is written by guard/change.c; `read` has one packed row per
 * page shown. The shape is ready for sealing: table leaf(log, n, row_id, hash), canonical text of a
 * row. */
#ifndef GUARD_LOG_H
#define GUARD_LOG_H
#include "guard/request.h"

/* Notes that this request showed rq->seen on `page` (route path or command). Waits until the note
 * is committed; notes of many requests go together in groups of up to 20 ms. Without seen persons
 * it does nothing, but for watched words that were looked for (rq->watched): they go with the page, or alone, and are not waited for. A card (one person as the page's subject) gets its index row at once, lists are
 * folded in by a job. */
enum err read_log(struct request *rq, const char *page, int64_t card_of) MUST;
/* The number of the first event entered at that instant or later; one behind the last when there is none. */
int64_t log_id_at(struct request *rq, int64_t instant);
/* Notes for the auditor that a request of the viewer was refused, and for what (code of list refusal). Not waited for. Without the thread it is its own
 * transaction. */
void refusal_log(struct request *rq, const char *what);
enum err read_log_start(struct store *store)
    MUST; /* the grouping thread; without it each note is its own transaction */
void read_log_stop(void);
/* The job: a list of 50 persons costs 50 rows of the index by person, so lists are folded into it at night. */
void read_log_fold(struct request *rq);
/* Drops the pages shown before an instant, with their index; leaves stay. One event tells how far. */
void read_log_drop(struct request *rq, int64_t before);
/* For logs whose rows have a term: lets rows before an instant go, in this change. */
void log_let_go(struct change *ch, const struct table *log, int64_t before);
/* `some` again and again until it says that nothing is left, each time with an arena of its own. */
void log_drop(struct request *rq, int64_t before, bool (*some)(struct request *rq, int64_t before));

#endif
