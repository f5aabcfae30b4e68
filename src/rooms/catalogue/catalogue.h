/* What bodies offer: services with whom they are for, where, capacity and waiting time; the public page; files of HSDS 3.1.
 * The room owns the tables catalogue_service, _need, _audience, _area, _place, _at, _body, _import. Nothing in them is about a
 * person. What must not be told is where a confidential place lies: only the body itself and the administrator read it. */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H
#include "catalogue_gen.h"
#include "guard/change.h"

/* May the viewer keep the services of this body (its own, or of all)? Of all: the administrator and the coordinating body. */
bool catalogue_keeps(const struct request *rq, int64_t body);
bool catalogue_keeps_all(const struct request *rq);

/* A service as it is to be written: V_NONE leaves a field, lists stand for all that the service has. */
struct catalogue_draft {
    int64_t body;
    union catalogue_service_record r;
    const struct text *needs, *categories; /* codes of the packs */
    size_t n_needs, n_categories;
    const int64_t *areas, *places; /* districts (none: the whole region), places of the same body */
    size_t n_areas, n_places;
    const struct text *at_uuids; /* of the places, as a file names them; null: new ones are given */
};
/* Inside a change, with its event. uuid and checked_on are given when they are V_NONE. id 0: a new one. Returns the id. */
int64_t catalogue_service_write(struct change *ch, int64_t id, int64_t version, struct catalogue_draft *d);
/* A place; of a body of a kind that hides its places always a confidential one. id 0: a new one. */
int64_t catalogue_place_write(struct change *ch, int64_t id, int64_t version, int64_t body,
                              union catalogue_place_record *r);

/* The waiting time as the register has seen it (median days from sending to acceptance), shown beside the declared one. days < 0: there
 * are too few to say. For rooms that follow the log; nothing is written when it stands so already. */
void catalogue_measured_wait_set(struct change *ch, int64_t service, int64_t days);

/* Services for a need that are given in a district (0: anywhere), those named for it first, then those with free places, then
 * by waiting time. In the request's arena. */
void catalogue_offers(struct request *rq, struct text need, int64_t district, struct catalogue_offers_rows *out);

/* One line of opening hours. days: "MO,TU" (empty: none named), opens and closes "09:00" (empty: none), note: the rest. */
struct catalogue_hours {
    struct text days, opens, closes, note;
};
/* Lines like "пн–пт 09:00–18:00 обед 13:00–14:00". 0, or the number of the first line that cannot be. At most `max` lines. */
int catalogue_hours_parse(struct arena *arena, struct text lines, struct catalogue_hours *out, size_t max,
                          size_t *n);
/* The line that reads as these hours. */
struct text catalogue_hours_print(struct arena *arena, const struct catalogue_hours *h);

/* Patterns for LIKE of `words`: the stems of the first words of what was typed. Those that are not there stay V_NONE. */
enum { CATALOGUE_WORDS = 4 };
void catalogue_typed(struct arena *arena, struct text typed, struct value out[CATALOGUE_WORDS]);
/* A word without its ending, folded; for tests. */
struct text catalogue_stem(struct text word);

#endif
