/* The one register of persons: who they are, where they live, why bodies work with them
 * (categories), and the lists that brought them in. The room owns person, person_category, listing
 * and the staging of imports (people_import.h).
 *
 * A person stands in a list of a body (list "": by hand); this is the fact that opens him to the
 * body. Within a body and list a person is the same by SNILS, else by folded name, date and place
 * of birth (person_row_key). */
#ifndef ROOMS_PEOPLE_PEOPLE_H
#define ROOMS_PEOPLE_PEOPLE_H
#include "guard/room.h"
#include "people_gen.h"

extern const struct room people_room;

/* One person as a body brings him in. The caller has checked the values (person_fault). */
struct person_entry {
    union person_record record; /* name_key, created_at and import_id are filled in */
    int64_t body;               /* whose list it is */
    uint32_t grant; /* what the list opens to it: access_rule(FACT_LISTED, kind of the body, "") */
    struct text list;     /* "": by hand */
    struct text row_key;  /* empty: person_row_key() */
    bool key_taken;       /* by a person whom the viewer may not know of: that entry gives way */
    int64_t import;       /* 0: none */
    struct text category; /* code; empty: none */
    struct text channel;  /* code; goes with the category */
    struct value since;   /* date, or none: it has always stood */
};

/* A new person with listing, grant, category and the event person.registered. Reads nothing: for
 * one person or for a million in open changes. Returns the id, 0 after a failure. */
int64_t person_enter(struct change *ch, struct person_entry *e);
/* A person of the register into a list of the body: listing, grant, category unless it stands,
 * event person.listed. */
void person_enter_list(struct change *ch, int64_t person, const struct person_entry *e);
/* Category with its event; nothing when it stands already. */
void person_category_set(struct change *ch, int64_t person, const struct person_entry *e);
/* Opens and ends the person's grants by law as categories, district, bodies and laws stand. */
void law_refresh(struct change *ch, int64_t person);
/* The body that leads the person's case; 0: none. The caller's event tells it. */
void person_lead_set(struct change *ch, int64_t person, int64_t body);
/* The successor of a closed body leads whom that one led. */
void person_lead_pass(struct change *ch, int64_t person, int64_t from, int64_t to);

/* "Иванов", "Пётр", "" -> "иванов петр" */
struct text person_name_key(struct arena *arena, struct text family, struct text given,
                            struct text patronymic);
struct text person_record_key(struct arena *arena, const union person_record *p);
/* "Иванова Анна" as the card writes it. */
struct text person_whole_name(struct arena *arena, struct value family, struct value given,
                              struct value patronymic);
/* What makes rows of a list the same. */
struct text person_row_key(struct arena *arena, const union person_record *p);
/* Letters, blanks, hyphens, apostrophes and full stops, with at least one letter. */
bool person_name_good(struct text name);
/* What is wrong with a person's values as a whole: msgid and the field (PERSON_…), or null. */
const char *person_fault(const union person_record *p, int64_t today, int *field);
/* The one person that a row of a list means: by the SNILS, else by name (name_key) and date of
 * birth. 0: none, and *reason says why. Among several the one that stands in a list of the body is
 * meant. */
int64_t person_identify(struct request *rq, const union person_record *p, int64_t body,
                        const char **reason);
/* Takes back at most `limit` entries of lists that an import made; 0 when none is left. */
size_t person_listings_undo(struct change *ch, int64_t import, size_t limit);
/* The range of name keys that begin like what was typed. */
void person_name_range(struct arena *arena, struct text typed, struct value *from,
                       struct value *end);
/* Wherever somebody's name is typed: tells the rooms below what is being looked for (hook person_sought), the folded words without their
 * endings, in both keyboard layouts. */
void person_sought(struct request *rq, struct text typed);

#endif
