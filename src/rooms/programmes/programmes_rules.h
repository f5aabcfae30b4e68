#ifndef ROOMS_PROGRAMMES_PROGRAMMES_RULES_H
#define ROOMS_PROGRAMMES_PROGRAMMES_RULES_H
#include "programmes_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/programmes/programmes.h"

/* All for programmes of cases that the viewer's body leads. */
void programme_create(struct request *rq, int64_t case_id, struct programme_form *form);
void programme_change(struct request *rq, int64_t id, int64_t version, struct programme_form *form);
void goal_add(struct request *rq, int64_t programme, struct goal_form *form);
/* A measure of another body is sent as a referral, on the form's ground in law, in the same change; later: only planned, so that all
 * such measures are sent together. */
void measure_add(struct request *rq, int64_t programme, bool later, struct measure_form *form);
/* Sends what is planned for other bodies, all in one change. Returns how many referrals. */
size_t programme_send(struct request *rq, int64_t id, int64_t version);
/* Who may carry out measures: the viewer's own body first, then all that take some need. */
void performer_options(struct request *rq, struct body_all_options_rows *out);
/* The person has agreed: from now on the programme is worked on. */
void programme_agree(struct request *rq, int64_t id, int64_t version, int64_t day);
/* Result of a measure that the lead carries out itself. */
void measure_finish(struct request *rq, int64_t id, int64_t version,
                    struct measure_result_form *form);
void measure_cancel(struct request *rq, int64_t id, int64_t version);

/* How the court's decision is reflected is asked only where the viewer may read and write it about this person. */
bool programme_asks_court(struct request *rq, int64_t person);

struct programme_facts {
    int64_t id, version, person, body, case_id;
    struct text state;
};
struct programme_facts programme_own(struct request *rq, int64_t id);

/* Hooks (guard/room.h), in programmes_staff.c. */
struct moved;
void programmes_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m);
void programmes_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

#endif
