/* The two append-only logs. `event` is written by guard/change.c; `read` has one packed row per
 * page shown. The shape is ready for sealing: table leaf(log, n, row_id, hash), canonical text of a
 * row. */
#ifndef GUARD_LOG_H
#define GUARD_LOG_H
#include "guard/request.h"

/* Notes that this request showed rq->seen on `page` (route path or command). Waits until the note
 * is committed; notes of many requests go together in groups of up to 20 ms. Without seen persons
 * it does nothing. A card (one person as the page's subject) gets its index row at once, lists are
 * folded in by a job. */
enum err read_log(struct request *rq, const char *page, int64_t card_of) MUST;
enum err read_log_start(struct store *store)
    MUST; /* the grouping thread; without it each note is its own transaction */
void read_log_stop(void);
/* The job: a list of 50 persons costs 50 rows of the index by person, so lists are folded into it at night. */
void read_log_fold(struct request *rq);

#endif
