/* What pages of meetings share. */
#ifndef ROOMS_PLANS_PLANS_SHOW_H
#define ROOMS_PLANS_PLANS_SHOW_H
#include "rooms/plans/plans_rules.h"

/* Agenda or minutes as the viewer may read them, numbered as he sees them. A question on a case that he may not read is a row with
 * `hidden`; of a restricted person, of whom he may not know, it is no row at all. */
void minutes_rows(struct request *rq, struct value meeting, struct minutes_cases_rows *out);
void addenda_rows(struct request *rq, struct value meeting, struct addenda_cases_rows *out);

#endif
