/* Conferences on cases, commissions and working groups: who is invited, agenda, minutes, votes, decisions under control. A question is
 * either on a case, with texts of the classes of its topic, or on a problem, with open texts that name nobody. A meeting is read by the
 * bodies that are invited; a question on a case by those of them whose grants open it. Tables: work_group, group_member, meeting,
 * invitation, agenda_item, decision, vote_cast, minutes_addendum. */
#ifndef ROOMS_PLANS_PLANS_H
#define ROOMS_PLANS_PLANS_H
#include "guard/room.h"

extern const struct room plans_room;
extern const struct table agenda_item_table, decision_table, meeting_table;

/* Numbers for the inbox of the viewer: invitations without an answer, decisions to be carried out by the account or by nobody of its
 * body in particular, and how many of these are late. Of decisions on cases those that the viewer may read. */
struct plans_duties {
    int64_t invitations, decisions, late;
};
void plans_duties(struct request *rq, struct plans_duties *out);

/* Instants of the meetings that the viewer goes to, from today on, in order: for the calendar. In the arena. */
struct plans_date {
    int64_t id, at;
};
size_t plans_dates(struct request *rq, struct plans_date **out);

#endif
