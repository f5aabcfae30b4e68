/* The room's own rules, called by its pages. */
#ifndef ROOMS_PEOPLE_PEOPLE_RULES_H
#define ROOMS_PEOPLE_PEOPLE_RULES_H
#include "rooms/people/people.h"

/* What is to be done when such a person may stand in the register already. */
enum twin { TWIN_ASK, TWIN_ANOTHER, TWIN_SAME };
/* Persons of the register that may be this one: the same SNILS, or the same name and date of birth.
 */
struct twins {
    size_t n;
    int64_t id[20];
};
void person_twins(struct request *rq, const union person_record *p, struct twins *out);
/* Registers a person by hand. entry may be null: without a category. `done` is called inside the
 * change; twins tell whom it may be when TWIN_ASK stopped it. */
int64_t person_register(struct request *rq, struct person_form *form, struct category_form *entry,
                        enum twin twin, int64_t same, void (*done)(struct request *rq, int64_t id),
                        struct twins *twins);
/* ERR_STALE when the card has another version. */
void person_change(struct request *rq, int64_t id, int64_t version, struct person_form *form);
void person_category_add(struct request *rq, int64_t person, struct category_form *form);
void person_category_end(struct request *rq, int64_t person, int64_t category, int64_t version,
                         struct category_end_form *form);

/* Minimal cards of persons the viewer's body does not know are appended to those it knows. */
struct person_search {
    struct value q, q_end, born_from, born_to, snils;
};
/* False with a message when that is too little to look for in other bodies. */
bool person_search_parse(struct arena *arena, struct text typed, int64_t year,
                         struct person_search *out, const char **message);
void person_search(struct request *rq, const struct person_search *s,
                   struct person_found_rows *out);
/* The same rows for given persons. */
void person_minimal(struct request *rq, const int64_t *ids, size_t n,
                    struct person_found_rows *out);

#endif
