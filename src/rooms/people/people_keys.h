/* The indexes of the search, kept in the change that registers or changes a person.
 *
 * person_key: 64-bit hashes of what no ordered index has: date of birth; surname (as it sounds, without its ending) with the
 * year; given name with the patronymic; given name with the year; telephone; settlement with the surname. They are the same
 * on every machine. name_word: every word of a name. */
#ifndef ROOMS_PEOPLE_PEOPLE_KEYS_H
#define ROOMS_PEOPLE_PEOPLE_KEYS_H
#include "rooms/people/people.h"

/* What keys are made of. */
struct key_facts {
    struct text family, given, patronymic, phone, address, birth_place;
    bool born;
    int64_t birth_date;
};

enum { PERSON_KEYS_MAX = 24 };
struct person_keys {
    size_t n;
    int64_t key[PERSON_KEYS_MAX];
};

struct key_facts key_facts_of_record(const union person_record *p);
struct key_facts key_facts_of_row(const union person_facts_row *now);
void person_keys_of(struct arena *arena, const struct key_facts *f, struct person_keys *out);

/* The single keys, for who looks. */
int64_t key_day(int64_t day);
int64_t key_surname_year(struct arena *arena, struct text surname, int year);
int64_t key_given_year(struct arena *arena, struct text given, int year);
int64_t key_given_patronymic(struct arena *arena, struct text given, struct text patronymic);
/* A part of a double surname with the given name. */
int64_t key_part_given(struct arena *arena, struct text part, struct text given);
int64_t key_phone(struct text digits); /* at least ten; the last ten count */
int64_t key_place(struct arena *arena, struct text place, struct text surname);
/* The word of an address may be a settlement: at most `max` of them. */
size_t place_words(struct arena *arena, struct text address, struct text out[], size_t max);

/* A new person: `now` is what stands in the register from this change on. */
void person_index(struct change *ch, int64_t person, const struct key_facts *now);
/* A person changes: `now` as it stood, `set` as it is stored (V_NONE: stays). */
void person_index_again(struct change *ch, int64_t person, const union person_facts_row *now, const union person_record *set);
/* A person is deleted in this change and still stands. */
void person_unindex(struct change *ch, int64_t person);
/* Words of another name of a person (person_name), as written. */
void person_index_name(struct change *ch, struct text name);

/* `bereg upgrade`: a register whose indexes are of an older kind gets them anew, in slices. */
void people_index_fill(struct request *rq);
/* `bereg check`. */
void people_index_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);

#endif
