/* Services delivered to a person: by which body, of which kind, on which date. The room owns service. */
#ifndef ROOMS_SERVICES_SERVICES_H
#define ROOMS_SERVICES_SERVICES_H
#include "guard/room.h"

extern const struct room services_room;

/* Classes of a service row: what its kind tells. */
uint32_t service_classes(struct text kind);

#endif
