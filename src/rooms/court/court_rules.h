#ifndef ROOMS_COURT_COURT_RULES_H
#define ROOMS_COURT_COURT_RULES_H
#include "court_gen.h"
#include "rooms/court/court.h"

/* A decision about a person of whom the viewer's body may read, and his role write, the criminal
 * class. */
void sentence_record(struct request *rq, int64_t person, struct sentence_form *form);

#endif
