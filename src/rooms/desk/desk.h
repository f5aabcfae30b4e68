/* What shows several rooms together: the first page, the inbox, the card of a person, the page of a
 * case, timelines, the auditor's log. The room owns no table and changes nothing; it stands below
 * all others and nobody calls it. */
#ifndef ROOMS_DESK_DESK_H
#define ROOMS_DESK_DESK_H
#include "desk_gen.h"
#include "guard/room.h"

extern const struct room desk_room;

/* The safe signal: is a body at work for the person, by a case or an accepted referral, of which
 * the viewer is told nowhere else? Never which one. */
bool desk_others_at_work(struct request *rq, int64_t person);

/* Working days that have gone since the date due; at least 1 when it has passed, 0 when it has not.
 */
int64_t desk_days_late(int64_t due, int64_t today);

#endif
