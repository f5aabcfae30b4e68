#ifndef ROOMS_TRUST_TRUST_RULES_H
#define ROOMS_TRUST_TRUST_RULES_H
#include "rooms/trust/trust.h"
#include "trust_gen.h"

enum {
    ADULT_YEARS = 18, /* ГК РФ, ст. 21: who gives a consent alone */
};

/* Records a signed consent of a person whose identity the viewer's body sees; opens the recipient's
 * grant to its last day. The new id, 0 after a failure; `done` is called inside the change. */
int64_t consent_record(struct request *rq, int64_t person, struct consent_form *form,
                       void (*done)(struct request *rq, int64_t id));
/* By the body that took it or by the recipient. Ends the grant in the same change. */
void consent_withdraw(struct request *rq, int64_t id, int64_t version,
                      struct withdrawal_form *form);
/* The same by the number on the paper, for who sees neither the person nor the purpose. */
void consent_withdraw_by_number(struct request *rq, struct text number,
                                struct withdrawal_form *form);
/* A property of a purpose in the packs; empty when absent. */
struct text purpose_prop(struct text purpose, const char *name);

/* A fact of the grant rules, and a set of classes, in the viewer's language. */
struct text fact_words(struct request *rq, struct text fact);
struct text class_words(struct request *rq, uint32_t bits);

/* What the viewer's body may ask the lead for: classes that its role reads and no fact opens yet.
 */
uint32_t ask_askable(struct request *rq, uint32_t bits);
/* Asks the lead of a person whom the viewer's body knows. The new id, 0 after a failure. */
int64_t ask_lead_for(struct request *rq, int64_t person, uint32_t classes, struct ask_form *form,
                     void (*done)(struct request *rq, int64_t id));
/* The lead's answer: yes, of what it sees itself, on a ground and until a day; or no, with words.
 */
void ask_answer(struct request *rq, int64_t id, int64_t version, struct ask_answer_form *form);
/* The lead of today takes back what was given. */
void ask_close(struct request *rq, int64_t id, int64_t version);

/* Opens what the packs give a kind of body in an emergency, for their minutes. The new id. */
int64_t emergency_open(struct request *rq, int64_t person, struct emergency_form *form);
/* The head's judgement of an opening of his body, not of his own. */
void emergency_review(struct request *rq, int64_t id, int64_t version, struct review_form *form);

#endif
