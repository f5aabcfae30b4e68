/* Between routing.c, routing_forward.c and routing_staff.c. */
#ifndef ROUTING_ROUTING_OWN_H
#define ROUTING_ROUTING_OWN_H
#include "rooms/routing/routing_rules.h"

/* Appends an input to the log; feed() does it by itself. */
void input_log(struct change *ch, const struct on_route *r, const char *kind, struct text step,
               int64_t round, struct text outcome);
/* Gives the engine an input, writes it into the log and what follows from it into the rows. False:
 * it does not fit the state, nothing is written. The caller appends the event. */
bool feed(struct change *ch, struct on_route *r, enum routing_input_kind kind, struct text step,
          int round, struct text outcome);
/* said: the outcome's code as the rows keep it. */
void project(struct change *ch, const struct on_route *r, const struct routing_actions *out,
             struct text said);
int64_t row_of(struct request *rq, const struct on_route *r, int step, int round);
void route_event(struct change *ch, const struct on_route *r, const char *kind);
/* A running route of the viewer's body, inside a change; otherwise the request fails. */
bool route_own(struct request *rq, int64_t id, struct on_route *r);
/* Is everything that the scheme tells open to the viewer for the person? */
bool scheme_open_to(struct request *rq, const struct scheme *s, int64_t person);

/* The date due by a rule of the packs, counted from now; V_NULL when the packs have none. */
struct value due_by(struct request *rq, struct text rule);
/* A step without a term of its own for the answer has that of all referrals. */
struct value answer_due(struct request *rq, const struct scheme_step *t);

/* Hooks (guard/room.h). */
struct moved;
void routing_referral_changed(struct change *ch, int64_t referral);
void routing_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m);
void routing_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

#endif
