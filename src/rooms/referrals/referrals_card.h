/* The referral's card, shared by the files that have its routes. */
#ifndef ROOMS_REFERRALS_REFERRALS_CARD_H
#define ROOMS_REFERRALS_REFERRALS_CARD_H
#include "referrals_tpl.h"
#include "rooms/referrals/referrals_rules.h"
#include "web/web.h"

/* Empty forms, as a page function begins. */
void referral_card_forms(struct referral_card_page_page *page);
/* After a change that did not happen for the user's reasons the card comes back with the word. */
enum err referral_card_again(struct request *rq, struct referral_card_page_page *page);

#endif
