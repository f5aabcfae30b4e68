/* Reports made from the work itself. The room owns `served` (who received a service in a half-year
 * while a category stood), kept up by a reader of the event log, and the positions of such readers.
 * Reports are described in the packs. */
#ifndef ROOMS_REPORTS_REPORTS_H
#define ROOMS_REPORTS_REPORTS_H
#include "guard/room.h"
#include <stdio.h>

extern const struct room reports_room;

/* `bereg report NAME`: prints the report of a period ("2014-H1") against another (null: the same
 * half-year before) as table, csv, json or xlsx, as the viewer may see it. */
enum err report_command(struct request *rq, const char *name, const char *period,
                        const char *against, const char *format, FILE *out,
                        struct fault *fault) MUST;

/* Takes in what the event log has that `served` does not know yet. budget: microseconds after which
 * it stops, 0: none. False when work is left. */
bool reports_catch_up(struct request *rq, int64_t budget);
/* Makes it whole, for a register that nobody else uses yet. */
void reports_rebuild(struct request *rq);

/* The number of the first event entered at that instant or later; one behind the last when there is
 * none. */
int64_t log_id_at(struct request *rq, int64_t instant);

#endif
