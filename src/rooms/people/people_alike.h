/* Who in the register may be the same person: candidates along the keys of the search (people_keys.h), judged by the model in
 * use (linkage/model.h). Restricted persons are there for their viewers only; for the system's own work all are. */
#ifndef ROOMS_PEOPLE_PEOPLE_ALIKE_H
#define ROOMS_PEOPLE_PEOPLE_ALIKE_H
#include "linkage/model.h"
#include "rooms/people/people.h"

/* The fields of the register's model, in its order. */
enum alike_field {
    ALIKE_FAMILY,
    ALIKE_GIVEN,
    ALIKE_PATRONYMIC,
    ALIKE_BORN,
    ALIKE_SEX,
    ALIKE_BIRTH_PLACE,
    ALIKE_SNILS,
    ALIKE_IIN,
    ALIKE_ADDRESS,
    ALIKE_PHONE,
    ALIKE_FIELDS
};
extern const struct link_field alike_fields[ALIKE_FIELDS];
/* Names of the fields for people: msgids, in the same order. */
const char *alike_label(enum alike_field field);

/* What of a person is compared. Texts and features live in the arena they were made in. */
struct alike_record {
    const struct feature *value[ALIKE_FIELDS]; /* null: not known */
};

/* How sure the model is. */
enum alike_verdict { ALIKE_OTHER, ALIKE_DOUBTFUL, ALIKE_SAME };

struct alike {
    int64_t person;
    enum alike_verdict verdict;
    bool exact; /* the same number, or the same name and date of birth: set by person_twins_of_form() */
    bool other_name; /* by a former surname or another name of the person */
    struct link_explain why;
    double bits;
};

enum { ALIKE_MOST = 10 };

/* The model in use: the last one learnt, or what is usual before any was. Never null; lives as long as the process. */
const struct link_model *person_model(struct request *rq);

struct alike_record alike_record_of(struct arena *arena, const struct link_model *model,
                                    const union person_record *p);
/* A row of alike_candidates, alike_person or alike_sample. */
union person_record alike_facts(const struct value *row);
/* How far candidates are looked for. ALIKE_NARROW: the surname as it sounds and the year of birth only, for lists of many
 * thousands of persons. */
enum alike_reach { ALIKE_WIDE, ALIKE_NARROW };

/* Likely same persons, the likeliest first; `but`: the person himself, 0 when he is not registered. The number of them. */
size_t person_alike(struct request *rq, const union person_record *p, int64_t but,
                    enum alike_reach reach, struct alike out[ALIKE_MOST]);
/* What may be said of a field where a person is not known to the viewer's body; level: as link_explain tells it. */
enum alike_nearness { NEAR_SAME, NEAR_ALIKE, NEAR_NOT, NEAR_UNKNOWN };
enum alike_nearness alike_nearness(enum alike_field field, const char *level);
/* Do names with a date, or a number, speak for it? What agrees in a telephone or an address alone is told to nobody who does not
 * know the person: it would make the register a directory to be read backwards. */
bool alike_enough(const struct link_explain *why);
/* One registered person beside these values, at least doubtful; false when there is none. */
bool person_alike_one(struct request *rq, const union person_record *p, int64_t person,
                      struct alike *out);
/* "−0.3", "2,5": bits to one digit behind the point in the viewer's language; plus: what stands before a weight that speaks for it. */
struct text alike_bits(struct request *rq, double bits, const char *plus);
/* As pages show them, in the given order; notes the persons as seen. */
void person_likely_rows(struct request *rq, const struct alike *found, size_t n,
                        struct person_likely_rows *out);
/* Two registered persons; false when there is no such pair to compare. */
bool person_compare(struct request *rq, int64_t a, int64_t b, struct alike *out);
/* What is compared of a person, as one text: it changes when there are new facts. Empty: there is no such person. */
struct text person_compared(struct request *rq, int64_t person);

/* The job: learns a model from the persons of the register when there is none yet, or it has grown old. */
void person_model_job(struct request *rq);
/* For {model} in routes. */
int64_t sample_model(struct request *rq);

#endif
