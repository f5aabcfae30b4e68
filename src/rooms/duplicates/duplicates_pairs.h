/* Pairs that may be one person: offered by a job, decided by people. */
#ifndef ROOMS_DUPLICATES_DUPLICATES_PAIRS_H
#define ROOMS_DUPLICATES_DUPLICATES_PAIRS_H
#include "duplicates_gen.h"
#include "rooms/people/people_alike.h"

/* The facts of one side are known to the viewer's body, of both, of none. */
enum knows { KNOWS_NONE = 0, KNOWS_FIRST = 1, KNOWS_SECOND = 2, KNOWS_BOTH = 3 };

/* A pair that the viewer may decide on; false and ERR_NOT_FOUND otherwise, also where either is hidden from him. */
bool pair_open(struct request *rq, int64_t id, union pair_get_row *out, enum knows *knows);
/* How many open pairs wait for the viewer's body, no further than to 100. */
int64_t pairs_waiting(struct request *rq);
/* Not the same: not offered again until there are new facts. */
void pair_part(struct request *rq, int64_t id, int64_t version, struct text reason);
/* The same, says the body that knows one side; when the other side has said so too, the job joins them. Who knows both joins
 * them himself (/persons/…/join). */
void pair_confirm(struct request *rq, int64_t id, int64_t version, struct text reason);

/* The job: new pairs for persons that have come or changed; what both sides confirmed, and what the packs let be joined by
 * rule, is joined. */
void pairs_job(struct request *rq);

/* [joining pairs] of the packs. */
extern const struct pack_section joining_sections[];

/* Two cards were joined; two were parted again: then they are judged two persons, whoever had offered them. */
void pairs_person_merged(struct change *ch, int64_t kept, int64_t gone);
void pairs_parted(struct change *ch, int64_t kept, int64_t gone, struct text why);
void pairs_person_erased(struct change *ch, int64_t person);

#endif
