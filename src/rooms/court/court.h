/* Court decisions about a person as structured items: article, punishment, term, obligations. The
 * room owns sentence; its class is criminal throughout, so NGOs and health care never see a row's
 * content. From the computed day on, or when a court has struck it, a conviction is of the class of
 * spent ones, which hardly any role reads. */
#ifndef ROOMS_COURT_COURT_H
#define ROOMS_COURT_COURT_H
#include "guard/room.h"

extern const struct room court_room;

/* Convictions of the person are on record, and all of them are spent or struck today. */
bool sentences_spent(struct request *rq, int64_t person);

#endif
