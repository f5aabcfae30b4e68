/* What is past its term: rules, holds, acts of destruction. */
#ifndef ROOMS_TRUST_TRUST_RETENTION_H
#define ROOMS_TRUST_TRUST_RETENTION_H
#include "guard/retention.h"
#include "rooms/trust/trust_rules.h"

/* ---- rules: [retention NAME] ---- */

struct term {
    int months, days;
};
/* Refuses a rule without a term. */
enum err retention_take(const struct pack_entry *e, struct fault *fault);
/* The term of a kind, of rows that tell these classes the longest; false: the packs have no rule,
 * it is kept for ever. */
bool retention_term(const struct retained *k, uint32_t classes, struct term *out);
/* The first day on which what began to be kept on `since` may be destroyed. */
int64_t retention_day(const struct retained *k, struct term term, int64_t since);
/* Whether somebody else has to confirm the act. */
bool retention_second(const struct retained *k);

/* ---- what is due ---- */

enum retention_state { RETENTION_DUE, RETENTION_HELD, RETENTION_REFERRED };
/* Rows of the body past their term on this day, with numbers behind *after, which goes on; fewer
 * than `max` only at the end. */
size_t retention_due(struct request *rq, const struct retained *k, int64_t body, int64_t day,
                     int64_t *after, size_t max, struct retained_row *out);
/* The same of one row, read again inside the change that destroys it. */
bool retention_still_due(struct request *rq, const struct retained *k, int64_t body, int64_t day,
                         int64_t id);
bool retention_held(struct request *rq, int64_t body, const struct retained_row *row);

/* By the body that placed it. */
void hold_lift(struct request *rq, int64_t id, int64_t version);

/* The job: pages of the read log past their term go without an act, since they hold numbers only, and
 * with them what was found in them. */
void reads_drop(struct request *rq);

/* ---- acts ---- */

/* Prepares an act of the viewer's body for these kinds as of today. The new id, 0 after a failure.
 */
int64_t act_prepare(struct request *rq, const struct retained *const *kinds, size_t n,
                    struct act_form *form, void (*done)(struct request *rq, int64_t id));
/* By somebody who may, and where the packs want it by another than who prepared it: from now on it
 * is carried out. */
void act_confirm(struct request *rq, int64_t id, int64_t version);
void act_cancel(struct request *rq, int64_t id, int64_t version);
/* The job: carries out confirmed acts in slices; killed in the middle it goes on. */
void acts_carry_out(struct request *rq);

/* After something was destroyed: what the store keeps of it beside its tables is emptied (conn_forget). */
void forget_destroyed(struct request *rq);

#endif
