/* The picture of interaction: how bodies answer each other's referrals, by pair (who sends, who receives), by need, by month. The room
 * owns interaction_item (what is known of each sent referral), the sums interaction_sum, interaction_days and interaction_reason,
 * interaction_due (sums to be made anew) and interaction_body (who stands in whose place). All of it follows from the event log and the
 * referrals and can be rebuilt. S0: "analysis of the effectiveness of interaction of state bodies with non-governmental organisations".
 *
 * Every figure is about the referrals that were first sent in a month, whenever they were answered. A body that has been closed counts
 * with its last successor. Days are calendar days from sending; a p-quantile is the smallest number of days with at least p·n of the n
 * durations not above it. */
#ifndef ROOMS_INTERACTION_INTERACTION_H
#define ROOMS_INTERACTION_INTERACTION_H
#include "guard/room.h"

extern const struct room interaction_room;

/* Takes in what the event log has that the sums do not know yet. budget: microseconds after which it stops, 0: none. False when work is
 * left. */
bool interaction_catch_up(struct request *rq, int64_t budget);
/* Throws the sums away; the job, or interaction_catch_up(), makes them anew from the whole log. */
void interaction_rebuild(struct request *rq);

/* The measured median of calendar days from sending to acceptance of referrals that the body (with those whose place it took) got in this
 * month and the five before, of one need or (empty) of all. False, and *days is not set: fewer than `small` of the report of clients were accepted,
 * or the need is kept sealed. Asks no rights: for public pages too. */
bool interaction_wait(struct request *rq, int64_t body, struct text need, int64_t *days);

#endif
