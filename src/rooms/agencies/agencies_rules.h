/* The room's own rules, called by its pages. */
#ifndef AGENCIES_AGENCIES_RULES_H
#define AGENCIES_AGENCIES_RULES_H
#include "guard/room.h"
#include "rooms/agencies/agencies.h"

int64_t body_create(struct request *rq, struct body_form *form);
void body_change(struct request *rq, int64_t id, int64_t version, struct body_form *form);
/* Until a day with a reason; without a day the intake goes on. By the head or the administrator. */
void body_pause(struct request *rq, int64_t id, int64_t version, struct pause_form *form);
/* The body is being closed: what is open passes to the successor of the form, or the closing is refused with numbers.
 * Returns the successor for the row. */
struct value body_succeed(struct change *ch, const union body_facts_row *now,
                          struct body_form *form);

/* Units of a body, by its head or the administrator. */
int64_t unit_create(struct request *rq, int64_t body, struct unit_form *form);
void unit_change(struct request *rq, int64_t id, int64_t version, struct unit_form *form);
/* Exactly these accounts of the body belong to it. */
void unit_members(struct request *rq, int64_t id, int64_t version, const int64_t *accounts,
                  size_t n);

/* The last day of an agreement of which is reminded today ([agreement] remind). */
int64_t agreements_soon(struct request *rq);
enum err agreement_section(const struct pack_entry *e, struct fault *fault) MUST;
/* Those who record agreements read all; heads those of their own body. */
bool agreement_readable(struct request *rq, int64_t id);
/* Agreements: a draft gets parties and what it carries, and is signed; then it can only be ended. */
int64_t agreement_create(struct request *rq, struct agreement_form *form);
void agreement_change(struct request *rq, int64_t id, int64_t version, struct agreement_form *form);
void agreement_party_add(struct request *rq, int64_t id, int64_t version, struct party_form *form);
void agreement_carries_add(struct request *rq, int64_t id, int64_t version,
                           struct carries_form *form);
/* Takes a party (carried: what is carried) off a draft. */
void agreement_drop(struct request *rq, int64_t id, int64_t version, int64_t row, bool carried);
void agreement_sign(struct request *rq, int64_t id, int64_t version);
void agreement_end(struct request *rq, int64_t id, int64_t version,
                   struct agreement_end_form *form);

/* "%words%" for LIKE of folded names; V_NONE when there are none. */
struct value body_words(struct arena *arena, struct text typed);

#endif
