/* Suspicion: rules over the read log raise items for the auditor (docs/security.md). Numbers, hours and kinds of bodies stand in
 * [suspicion rules] of the packs. Tables: suspicion, reader_day, watched_word. */
#ifndef ROOMS_TRUST_TRUST_SUSPICION_H
#define ROOMS_TRUST_TRUST_SUSPICION_H
#include "rooms/trust/trust_rules.h"

/* [suspicion rules]: refuses what is no number, no time of day, no kind of body. */
enum err suspicion_take(const struct pack_entry *e, struct fault *fault);
/* The job: takes the notes of searches for watched words, then walks new rows of `read` in slices and applies the rules; its place
 * stands in `setting`. Any node, one at a time; killed in the middle it goes on. */
void suspicion_judge(struct request *rq);
/* Drops what was counted of days before this one, as the pages behind it are dropped. */
void reader_days_past(struct request *rq, int64_t day);
/* Destroys items of days before `items`, watched words that ended before `words`, searches noted before `notes` that nobody has judged, and what the
 * history of their events holds: words of heads, labels. DAY_MIN: none of this kind. True: something was destroyed. */
bool suspicion_drop(struct request *rq, int64_t items, int64_t words, int64_t notes);
/* A hook (guard/room.h). */
void suspicion_sought(struct request *rq, const struct text *words, size_t n);

/* The instant before which an item was raised for the head to see it now; V_NONE: the packs let no head see any. */
struct value suspicion_told(struct request *rq);
/* By the head of the body, of another worker's item, once. */
void suspicion_explain(struct request *rq, int64_t id, int64_t version, struct explanation_form *form);

/* By the body that coordinates the others: a surname to be watched until a day. The new id, 0 after a failure. */
int64_t watched_add(struct request *rq, struct watched_form *form);
void watched_end(struct request *rq, int64_t id);

#endif
