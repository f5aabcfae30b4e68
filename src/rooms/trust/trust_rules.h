#ifndef ROOMS_TRUST_TRUST_RULES_H
#define ROOMS_TRUST_TRUST_RULES_H
#include "people_gen.h"
#include "rooms/papers/papers.h"
#include "rooms/trust/trust.h"
#include "trust_gen.h"

/* The day of a term in days or years of the packs, which does not move off days off; false: there is no such rule. */
bool term_day(const char *id, int64_t from, int64_t *day);
/* Who gives a consent alone on that day: by the date of birth, else by the latest year that is likely; of
 * whom neither is known too. */
bool of_age(const union person_facts_row *p, int64_t day);
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
/* Attaches a paper to a consent, or takes a wrong one of the own body back (`back`, 0: none), or both: what is taken back is
 * destroyed. */
void consent_papers(struct request *rq, int64_t id, int64_t back, const struct paper *paper);
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

/* From now on the person is there for the viewer's body only: as a whole, or for these accounts of it
 * and the viewer; and for the lead if it is to go on. The new id, 0 after a failure. */
struct restriction_who {
    const int64_t *account;
    size_t n; /* 0: the whole body */
    bool lead;
};
int64_t restriction_set(struct request *rq, int64_t person, struct restriction_form *form,
                        const struct restriction_who *who,
                        void (*done)(struct request *rq, int64_t id));
/* By the body that has set it. */
void restriction_change(struct request *rq, int64_t id, int64_t version,
                        struct restriction_form *form);
void restriction_name(struct request *rq, int64_t id, int64_t version, struct viewer_form *form);
void restriction_unname(struct request *rq, int64_t id, int64_t version, int64_t body);
void restriction_lift(struct request *rq, int64_t id, int64_t version);
/* By each named body for itself: which of its workers. */
void restriction_workers(struct request *rq, int64_t id, int64_t version,
                         const struct restriction_who *who);
/* Persons registered by others who may be restricted ones of the viewer. */
void twins_found(struct request *rq, struct twin_list_rows *out, bool all);
void twin_judge(struct request *rq, int64_t person, int64_t other, struct twin_form *form);
/* A hook: the last named worker of a body does not leave. */
void restriction_account_leaving(struct change *ch, int64_t account);

/* [signal NAME] of the packs. */
enum err signal_take(const struct pack_entry *e, struct fault *fault);

/* Hook (guard/room.h), in trust_succeed.c. */
struct moved;
void trust_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

#endif
