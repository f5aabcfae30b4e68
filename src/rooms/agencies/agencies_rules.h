/* The room's own rules, called by its pages. */
#ifndef AGENCIES_AGENCIES_RULES_H
#define AGENCIES_AGENCIES_RULES_H
#include "rooms/agencies/agencies.h"

int64_t body_create(struct request *rq, struct body_form *form);
void body_change(struct request *rq, int64_t id, int64_t version, struct body_form *form);
/* "%words%" for LIKE of folded names; V_NONE when there are none. */
struct value body_words(struct arena *arena, struct text typed);

#endif
