/* The real way of cases. The room owns way_case (the way of each case), way_variant, and the sums way_sum and way_variant_sum; all
 * follow from the event log, the routes and the schemes, are kept by a reader of the log, and can be rebuilt.
 *
 *   step      an event of the log that `[code way_step …] events` of the packs names, or, of a case on a route, a round of a step
 *             of its scheme, on the day it was opened; referrals that the route sent are told by its steps, not once more
 *   part      the way of a case as a body that works in it, and does not lead it, may know it (ways_make.c); in no sum of all cases
 *   order     by the day of the event (an entry dated back stands where its day is), then as entered
 *   arc, variant, start, end: as in process/process.h; times are whole days. A case that is not closed has no end
 *   p-quantile of days: the smallest number of days with at least p·n not above it, exact for every union of groups */
#ifndef ROOMS_WAYS_WAYS_H
#define ROOMS_WAYS_WAYS_H
#include "guard/room.h"

extern const struct room ways_room;

/* Takes in what the log has that the sums do not know yet. budget: microseconds, 0: none. False when work is left. */
bool ways_catch_up(struct request *rq, int64_t budget);

/* How many bodies owe an answer beyond its term now: the rows of /ways/waiting?what=answer for the viewer, no further than to 100. */
int64_t ways_silent(struct request *rq);

#endif
