/* The room's own rules, called by its pages. `version` is the one the page was made from. */
#ifndef ROOMS_REFERRALS_REFERRALS_RULES_H
#define ROOMS_REFERRALS_REFERRALS_RULES_H
#include "referrals_gen.h"
#include "rooms/referrals/referrals.h"

/* One referral for each person, all in one change. to_body 0: the social centre of each person's district; persons without one
 * are told as mistakes. Returns how many were sent. */
size_t referrals_send(struct request *rq, const int64_t *persons, size_t n, struct referral_form *form);
void referral_accept(struct request *rq, int64_t id, int64_t version, int64_t *case_id);
void referral_decline(struct request *rq, int64_t id, int64_t version, struct decline_form *form);
void referral_finish(struct request *rq, int64_t id, int64_t version, struct result_form *form);
void referral_withdraw(struct request *rq, int64_t id, int64_t version);

#endif
