/* Referrals: one body asks another to do its part for a person, with a need, a ground in law and a date due; the other accepts,
 * declines or returns for completion, and reports what came of it. The room owns referral, term_change, referral_message,
 * referral_outside (one-time pages of bodies without an account) and referral_answer. A sent referral lets the
 * receiver see who it is about; an accepted one opens the classes its need requires; when it ends, so does the access.
 *
 *     draft → sent → received → accepted → in_progress → done | not_done
 *       ↓      ↓ ↖ returned ↙  ↘ declined, taken (another body of the same offer has accepted)
 *     dropped  withdrawn
 */
#ifndef ROOMS_REFERRALS_REFERRALS_H
#define ROOMS_REFERRALS_REFERRALS_H
#include "guard/room.h"

extern const struct room referrals_room;
extern const struct table referral_table;

/* What is sent; codes are checked by the caller's form. */
struct referral_ask {
    int64_t person, case_id, measure, to_body;
    struct text need, ground, note;
    int64_t term;     /* working days from today; 0: until due */
    int64_t due_on;   /* when term is 0 */
    const char *rule; /* [deadline ID] in place of both; null: none */
    const char *answer_rule; /* [deadline ID] of the answer; null: that of the need, or of all referrals */
    int64_t offer;    /* the first referral of an offer to several bodies; 0: none yet */
    struct text scheme; /* routing scheme that asks; empty: none */
    bool draft;         /* is prepared only: the receiver knows nothing of it */
};
/* Inside a change: checks that the receiver takes such a need, opens grants, writes the event. 0 after a refusal. */
int64_t referral_send(struct change *ch, const struct referral_ask *ask);

/* What rules of other rooms need of a referral. */
struct referral_facts {
    int64_t id, version, person, case_id, measure, offer, from_body, to_body, from_account, to_account;
    struct text number, state, need, ground, note, result, result_note;
    int64_t sent_on, answer_by, due_on, next_on, finished_on;
    bool answer_late; /* has an answer come too late? */
    int64_t owing_body; /* whose turn it is; 0: closed */
    int64_t escalation;
};
struct referral_facts referral_facts(struct request *rq, int64_t id);
/* Is an answer or a result still to come? */
bool referral_open(struct text state);
/* Has it been accepted and not finished? */
bool referral_at_work(struct text state);
/* Does this result (list measure_result) count as done? Stands in the packs. */
bool result_counts_as_done(struct text result);
/* May the viewer's role ask for this need at all? Otherwise a word for the form. */
const char *need_fault(struct request *rq, struct text need);
/* Referrals in which the other side has written what nobody of the viewer's body has marked as read; account: only those of his
 * hands (0: of the body). No further than to 200. The list: q_referrals_unread(). */
int64_t messages_unread(struct request *rq, int64_t account);
/* What waits so long between bodies that the coordinating body is told; body V_NONE: owed by any. And which bodies owe most. */
struct paging;
struct delay_list_rows;
struct delay_figures_rows;
void delays_of_region(struct request *rq, struct paging paging, struct value body, struct delay_list_rows *out);
void delay_worst(struct request *rq, size_t most, struct delay_figures_rows *out);
/* Is a body still asked for the measure, or at work on it? */
bool measure_referred(struct request *rq, int64_t measure);
/* Takes back what was sent for a measure and not yet answered; refuses when the receiver is at work. */
void referral_withdraw_for(struct change *ch, int64_t measure);
/* This one and those sent with it as their `offer` ask several bodies for the same: the first that accepts has it. */
void referral_offer(struct change *ch, int64_t first);
/* Tells at once what waits to `to` (unit_head, body_head, coordinator), whatever the days; nothing when the packs have no such step. */
void referral_tell(struct change *ch, int64_t id, struct text to);
/* Takes back one that nobody has answered; the caller has locked it (SUBJECT(&referral_table, id)). False, and nothing is done: it
 * was answered, or taken back, meanwhile. */
bool referral_take_back(struct change *ch, int64_t id);

#endif
