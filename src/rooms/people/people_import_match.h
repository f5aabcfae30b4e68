/* Who a row of a list is, told from what the register holds. Knows no store. */
#ifndef ROOMS_PEOPLE_PEOPLE_IMPORT_MATCH_H
#define ROOMS_PEOPLE_PEOPLE_IMPORT_MATCH_H
#include "rooms/people/people.h"

/* A person that may be meant: the same SNILS, or the same name and date of birth. */
struct candidate {
    int64_t id;
    struct text name_key, snils, birth_place; /* empty: not known */
    int64_t birth_date;
    bool born;
    bool own; /* stands in a list of the row's body already */
};

enum match { MATCH_NONE, MATCH_SURE, MATCH_DOUBT };

/* SNILS, name and date alike: sure. SNILS alike, the rest not: doubt. Name and date alike and no
 * SNILS to compare: sure for persons of the body itself whose places of birth do not differ, else
 * doubt. Different SNILS: another person. *which is the candidate, *reason the msgid of a doubt,
 * *by_snils what the doubt is about. */
enum match match_person(struct arena *arena, const union person_record *row,
                        const struct candidate *candidates, size_t n, size_t *which,
                        const char **reason, bool *by_snils);

/* Surname, given name and the rest of a name in one cell. */
void split_full_name(struct text full, struct text *family, struct text *given,
                     struct text *patronymic);
/* "Приозёрный муниципальный район" and "Приозерный р-н" -> "приозерный" */
struct text district_key(struct arena *arena, struct text name);
/* "село Ивановка" and "ул. Мира, 3" -> "село Ивановка, ул. Мира, 3" */
struct text join_address(struct arena *arena, struct text settlement, struct text address);

#endif
