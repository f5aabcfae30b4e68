/* Court decisions about a person as structured items: article, punishment, term, obligations. The
 * room owns sentence; its class is criminal throughout, so NGOs and health care never see a row's
 * content. */
#ifndef ROOMS_COURT_COURT_H
#define ROOMS_COURT_COURT_H
#include "guard/room.h"

extern const struct room court_room;

#endif
