/* Routing: schemes of who does what for a person in a situation, approved by a joint order, in
 * versions; and routes, cases that go along them. The room owns scheme, scheme_step, scheme_arrow,
 * route, route_step, route_offer and route_input. Schemes come from packs ([scheme …], [step …]) or
 * from the pages at /schemes; what is approved is never changed, a route stays on its version unless
 * it is moved.
 *
 * A step of another body is a referral (rooms/referrals); its answers come back by the hook
 * referral_changed, which only notes that there is something to do: the route is led on as the
 * lead's account, behind the answer's commit, by the job routing.forward. So nobody but the lead
 * learns what comes next. The state of a route follows from route_input alone. */
#ifndef ROUTING_ROUTING_H
#define ROUTING_ROUTING_H
#include "guard/door.h"
#include "guard/room.h"

extern const struct room routing_room;
extern const struct table route_table;

/* Steps of routes that do not go on, as /routes/stuck lists them to the coordinating body. */
struct route_steps_stuck_rows;
void route_steps_stuck(struct request *rq, struct paging paging, struct route_steps_stuck_rows *out);

#endif
