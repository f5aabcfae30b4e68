/* The room's own rules, called by its pages. */
#ifndef TERRITORY_TERRITORY_RULES_H
#define TERRITORY_TERRITORY_RULES_H
#include "rooms/territory/territory.h"

int64_t district_create(struct request *rq, struct district_form *form);
void district_change(struct request *rq, int64_t id, int64_t version, struct district_form *form);

#endif
