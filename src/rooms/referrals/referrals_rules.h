/* The room's own rules, called by its pages. `version` is the one the page was made from. */
#ifndef ROOMS_REFERRALS_REFERRALS_RULES_H
#define ROOMS_REFERRALS_REFERRALS_RULES_H
#include "referrals_gen.h"
#include "rooms/packs/packs_due.h"
#include "rooms/referrals/referrals.h"

/* ---- sending (referrals.c) ---- */

/* For each person one referral to each of the bodies, all in one change; several bodies are an offer: the first that accepts has it.
 * No bodies: the social centre of each person's district; persons without one are told as mistakes. Returns how many were sent. */
struct referral_batch {
    const int64_t *persons, *bodies;
    size_t n_persons, n_bodies;
    bool draft;
};
size_t referrals_send(struct request *rq, const struct referral_batch *batch,
                      struct referral_form *form);
/* A draft becomes a referral, or is dropped; one that was returned is sent again with what it lacked. */
void referral_send_draft(struct request *rq, int64_t id, int64_t version, struct resend_form *form);
void referral_drop(struct request *rq, int64_t id, int64_t version);
void referral_resend(struct request *rq, int64_t id, int64_t version, struct resend_form *form);
/* After a refusal the same is asked of another body. Returns the new referral. */
int64_t referral_offer_next(struct request *rq, int64_t id, int64_t to_body);
/* Bodies that take the need and have not been asked in this offer, those of the person's district first. */
struct body_all_options_rows;
void next_bodies(struct request *rq, const struct referral_facts *r, struct body_all_options_rows *out);

/* ---- the receiver's answers (referrals_life.c) ---- */

void referral_receive(struct request *rq, int64_t id, int64_t version);
void referral_accept(struct request *rq, int64_t id, int64_t version, int64_t *case_id);
void referral_begin(struct request *rq, int64_t id, int64_t version);
void referral_decline(struct request *rq, int64_t id, int64_t version, struct decline_form *form);
void referral_return(struct request *rq, int64_t id, int64_t version, struct return_form *form);
void referral_finish(struct request *rq, int64_t id, int64_t version, struct result_form *form);
void referral_withdraw(struct request *rq, int64_t id, int64_t version);

/* Begins a change about a referral, its offer's first locked before it, so that of an offer one body has it. */
struct referral_facts referral_locked(struct request *rq, struct change *ch, int64_t id);
/* Has a body of the same offer accepted it, or finished it? */
bool offer_taken(struct request *rq, const struct referral_facts *r);
/* For what the room does by itself: case closed, consent withdrawn, offer taken. */
void referral_end(struct change *ch, const struct referral_facts *r, int64_t version,
                  const char *state);
void referral_event(struct change *ch, const char *kind, const struct referral_facts *r,
                    int64_t other, const char *ground);

/* ---- terms (referrals_terms.c) ---- */

/* Sets the dates that follow from the facts: answer_by, due_on, and whose turn it is until when. `u` holds the new state and whatever
 * else the change brings; facts: what stood before. */
void referral_dates(struct request *rq, const struct referral_facts *r, union referral_record *u);
/* The same as a page shows it: by which rules, and how sure. */
struct referral_terms {
    const char *answer_rule, *result_rule; /* null: none */
    struct due answer, result;
};
struct referral_terms referral_terms(struct request *rq, const struct referral_facts *r);
/* Breaks, extensions, another date. What its ground lets one party decide counts at once, the rest when the other has agreed. */
void term_propose(struct request *rq, int64_t referral, struct term_form *form);
void term_answer(struct request *rq, int64_t referral, int64_t change, int64_t version, bool agrees);
/* The job: all dates anew by the calendars and rules in force. Returns how many referrals have other dates now. */
size_t referrals_recompute(struct request *rq);

/* ---- escalation (referrals_escalation.c) ---- */

/* [escalation NAME] of the packs. */
enum err escalation_take(const struct pack_entry *e, struct fault *fault);
/* The job: tells upwards what waits too long. */
void referrals_escalate(struct request *rq);
/* The level at which the coordinating body is told. */
int64_t escalation_of_coordinator(void);

/* Hooks (guard/room.h), in referrals_staff.c. */
struct moved;
void referrals_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m);
void referrals_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

/* ---- messages and papers (referrals_messages.c) ---- */

/* Both parties, while the referral is open; a body without an account gets none. Writing marks as read what the other has written. */
void referral_write(struct request *rq, int64_t id, struct message_form *form);
void referral_messages_read(struct request *rq, int64_t id);
/* What is attached to a referral: `back` is a wrong paper of the own body (0: none), `paper` a new one (null: none). */
struct paper;
void referral_papers(struct request *rq, int64_t id, int64_t back, const struct paper *paper);

/* ---- bodies without an account (referrals_outside.c) ---- */

/* Has nobody in this body an account? */
bool outside_body(struct request *rq, int64_t body);
/* The name with the words that say so, where it is so. */
struct text outside_name(struct request *rq, const struct bodies_signing_in_rows *known, int64_t body,
                         struct text name);
/* Is this an open referral of the viewer's to a body without an account, of which the letter may be printed (goes_out) or a paper
 * recorded? Otherwise the request fails. */
void outside_letter(struct request *rq, int64_t id, bool goes_out);

/* Address and code of a one-time page: nobody has them but who issues it. ADDRESS_LEN hex digits are 160 bits. */
enum { ADDRESS_LEN = 40, CODE_LEN = 6 };
struct outside_issued {
    char address[ADDRESS_LEN + 1], code[CODE_LEN + 1];
    int64_t until; /* last day */
};
/* The page issued before is dead from then on. */
void outside_issue(struct request *rq, int64_t id, struct outside_issued *out);
void outside_revoke(struct request *rq, int64_t id);

/* `client`: the address that the browser has in the net, for delays. The code is entered: true, and the request goes on as the receiving body's; secret (SECRET_LEN hex digits) is the cookie's. An
 * unknown address, one that is over and a wrong code are the same and take the same time. */
bool outside_enter(struct request *rq, struct text address, struct text code, struct text client,
                   char *secret, int64_t *referral);
/* The same by the cookie. Changes nothing. */
bool outside_session(struct request *rq, struct text address, struct text secret, int64_t *referral);
/* How long the next try of a code has to wait, in microseconds. */
int64_t outside_wait(struct request *rq, struct text address, struct text client);

/* Answers of such a body. Record them under the referral: `cells` of referral_answer. */
void outside_answers(struct request *rq, int64_t body, const struct value *cells);
/* The sender has the answer on paper. */
void referral_on_paper(struct request *rq, int64_t id, int64_t version, struct paper_answer_form *form);
/* Called for each new state of a referral: notes an answer from outside, ends the one-time page with the referral. */
void outside_moved(struct change *ch, const struct referral_facts *r, struct text state);

#endif
