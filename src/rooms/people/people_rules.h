/* The room's own rules, called by its pages. */
#ifndef ROOMS_PEOPLE_PEOPLE_RULES_H
#define ROOMS_PEOPLE_PEOPLE_RULES_H
#include "rooms/people/people.h"
#include "rooms/people/people_alike.h"

/* What is to be done when such a person may stand in the register already. */
enum twin {
    TWIN_ASK,
    TWIN_ASK_NUMBER, /* only about who has the same number, or name and date: nobody sits there to compare */
    TWIN_ANOTHER,
    TWIN_SAME
};
/* Persons of the register that may be this one, the likeliest first: by the model, and whoever has the same SNILS, or the same
 * name and date of birth, whatever the model says. */
struct twins {
    size_t n;
    struct alike found[2 * ALIKE_MOST];
};
/* Of what a form holds so far, faulty or not: nothing is stored. */
void person_twins_of_form(struct request *rq, const struct person_form *form, struct twins *out);

/* Registers a person by hand. alias: what he is called besides, or where there is no surname, in its
 * place; without either he gets a word of the packs and a number. entry may be null: without a
 * category. `done` is called inside the change; twins tell whom it may be when TWIN_ASK stopped it. */
int64_t person_register(struct request *rq, struct person_form *form, struct text alias,
                        struct category_form *entry, enum twin twin, int64_t same,
                        void (*done)(struct request *rq, int64_t id), struct twins *twins);
/* When the name on the card becomes another: since when, and whether it was only misspelt; then the
 * former one is not kept. */
struct rename {
    bool slip;
    struct value on; /* null: today */
};
/* ERR_STALE when the card has another version. */
void person_change(struct request *rq, int64_t id, int64_t version, struct person_form *form,
                   const struct rename *rename);
void person_category_add(struct request *rq, int64_t person, struct category_form *form);
void person_category_end(struct request *rq, int64_t person, int64_t category, int64_t version,
                         struct category_end_form *form);

/* Persons that fit what was typed, the likest first, each explained. wide: in all bodies, where enough is typed; of persons
 * the viewer's body does not know the minimal card. Those of `but` are left out. *message: a msgid of what is missing or
 * wrong, or null. */
void person_search(struct request *rq, struct text typed, int64_t year, bool wide, const int64_t *but, size_t n_but,
                   struct person_found_rows *out, const char **message);
/* Makes the minimal card of values that a rule has read (id, names, date of birth, leading body, known): year, no name that tells, the mark
 * by which it is opened; notes the person as seen. False: the viewer's role reads no names. */
bool person_minimal_of(struct request *rq, union person_found_row *card);
/* The same rows for given persons. */
void person_minimal(struct request *rq, const int64_t *ids, size_t n,
                    struct person_found_rows *out);

/* Does an article of law open persons of this category? */
bool law_concerns(struct text category);
/* The job: the same for everybody, in slices. */
void law_job(struct request *rq);

/* Hook (guard/room.h): the lists of a closed body pass to its successor, in people_succeed.c. */
struct moved;
void people_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);

#endif
