/* Referrals: one body asks another to do its part for a person, with a need, a ground in law and a date due; the other accepts or
 * declines, and reports what came of it. The room owns referral. A sent referral lets the receiver see who it is about;
 * an accepted one opens the classes its need requires; when it ends, so does the access. */
#ifndef ROOMS_REFERRALS_REFERRALS_H
#define ROOMS_REFERRALS_REFERRALS_H
#include "guard/room.h"

extern const struct room referrals_room;

/* What is sent; codes are checked by the caller's form. */
struct referral_ask {
    int64_t person, case_id, measure, to_body;
    struct text need, ground, note;
    int64_t term;   /* working days from today; 0: until due */
    int64_t due_on; /* when term is 0 */
};
/* Inside a change: checks that the receiver takes such a need, opens grants, writes the event. 0 after a refusal. */
int64_t referral_send(struct change *ch, const struct referral_ask *ask);

/* What rules of other rooms need of a referral. */
struct referral_facts {
    int64_t id, version, person, case_id, measure, from_body, to_body;
    struct text number, state, need, result, result_note;
    int64_t finished_on;
};
struct referral_facts referral_facts(struct request *rq, int64_t id);
/* Does this result (list measure_result) count as done? Stands in the packs. */
bool result_counts_as_done(struct text result);
/* May the viewer's role ask for this need at all? Otherwise a word for the form. */
const char *need_fault(struct request *rq, struct text need);
/* Takes back what was sent for a measure and not yet answered; refuses when the receiver is at work. */
void referral_withdraw_for(struct change *ch, int64_t measure);

#endif
