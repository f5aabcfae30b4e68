/* The room's own rules, called by its pages. */
#ifndef CATALOGUE_CATALOGUE_RULES_H
#define CATALOGUE_CATALOGUE_RULES_H
#include "guard/room.h"
#include "rooms/catalogue/catalogue.h"

/* What [catalogue rules] says. */
int64_t catalogue_checked_days(void); /* after so many days a service is to be looked at again */
bool catalogue_kind_hides(struct text kind);
bool catalogue_need_hides(struct text need);

/* The lists of the form of a service, as they were ticked. */
struct catalogue_ticked {
    struct text *needs, *categories;
    size_t n_needs, n_categories, n_areas, n_places;
    int64_t *areas, *places;
};
int64_t catalogue_service_create(struct request *rq, int64_t body, struct catalogue_service_form *form,
                                 const struct catalogue_ticked *t);
void catalogue_service_change(struct request *rq, int64_t id, int64_t version,
                              struct catalogue_service_form *form, const struct catalogue_ticked *t);
/* What is free and how long the wait is today; all else has been looked at and stands. */
void catalogue_service_today(struct request *rq, int64_t id, int64_t version,
                             struct catalogue_today_form *form);
int64_t catalogue_place_create(struct request *rq, int64_t body, struct catalogue_place_form *form);
void catalogue_place_change(struct request *rq, int64_t id, int64_t version,
                            struct catalogue_place_form *form);

/* Identifiers of HSDS: a new one; one that follows from another and a word. In the arena. */
struct text catalogue_uuid_new(struct arena *arena);
struct text catalogue_uuid_of(struct arena *arena, struct text parent, const char *what, int64_t k);
/* The one of a body; it is given when the body has none yet. */
struct text catalogue_body_uuid(struct change *ch, int64_t body);

/* "en" -> "английский"; the code itself when the list lacks it. */
struct text catalogue_languages(struct request *rq, struct text codes);

#endif
