#ifndef ROOMS_COURT_COURT_RULES_H
#define ROOMS_COURT_COURT_RULES_H
#include "court_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/court/court.h"

/* A decision about a person of whom the viewer's body may read, and his role write, the criminal
 * class. */
void sentence_record(struct request *rq, int64_t person, struct sentence_form *form);
/* By the body that recorded it: another end, what the day of closing is computed from, striking, another body that executes it.
 * Day and grant follow. */
void sentence_change(struct request *rq, int64_t id, int64_t version,
                     struct sentence_change_form *form);
/* Bodies that may execute a decision with this punishment; empty: with any. */
void executor_options(struct request *rq, struct text punishment,
                      struct body_all_options_rows *out);

/* The first day on which the conviction is spent by the pack's rules; null: it cannot be computed.
 */
struct value spent_from(struct text punishment, struct text gravity, struct text crime_age,
                        struct value ends_on, struct value struck_on);
/* [spending ID]: refuses a rule without a number. */
enum err spending_take(const struct pack_entry *e, struct fault *fault);
/* The job: notes what has become spent. The pages do not wait for it. */
void sentences_close(struct request *rq);

/* Hook (guard/room.h), in court_succeed.c. */
struct moved;
void court_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

#endif
