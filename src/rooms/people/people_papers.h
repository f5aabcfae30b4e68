/* People without papers, other names and documents: what is read from what people write (no store),
 * and the rules of the tables person_name, person_document and identification. */
#ifndef ROOMS_PEOPLE_PEOPLE_PAPERS_H
#define ROOMS_PEOPLE_PEOPLE_PAPERS_H
#include "rooms/people/people.h"

/* ---- as written; people_written.c ---- */

/* Years somebody may have been born in; 0: not known. */
struct years {
    int64_t from, to;
};
/* "на вид 45–50 лет", "около 45", "1975–1980", "1978": an age is counted from that day. False when
 * it cannot be read. */
bool years_read(struct text typed, int64_t day, struct years *out);
/* "1973–1979", "1978"; empty when nothing is known. */
struct text years_text(struct arena *arena, struct value from, struct value to);

/* Words with letters of two alphabets (a Latin "a" in a Russian name). MIXED_ALIKE: they only look
 * like letters of the other, and *mended has the name in one alphabet. */
enum mixed { MIXED_NOT, MIXED_ALIKE, MIXED_REALLY };
enum mixed name_mixed(struct arena *arena, struct text name, struct text *mended);

/* "Неизвестный № 12/2024": made by person_nameless(), not a name. */
bool name_is_made(struct text name);

/* Capital letters and digits only, letters that look alike as Latin ones: "ХII-АГ 123456" ->
 * "XIIAГ123456". Empty when there is none. */
struct text document_key(struct arena *arena, struct text series, struct text number);
/* Series and number written as one ("4512 123456") become two where the packs know both as digits. */
void document_divide(struct arena *arena, struct text kind, struct text *series,
                     struct text *number);
/* As the packs say that documents of the kind are numbered (properties series, number, exact of
 * [code document_kind …]). `field` is PERSON_DOCUMENT_SERIES or _NUMBER. */
enum written { WRITTEN_WELL, WRITTEN_ODDLY, WRITTEN_WRONG };
enum written document_written(struct text kind, struct text series, struct text number, int *field);
/* Does a pattern of the packs fit? For document_written() and its test. */
bool pattern_fits(struct text pattern, struct text written);

/* ---- rules; people_papers.c ---- */

/* What a name says of its time and place. */
struct name_entry {
    const char *kind; /* code of list name_kind */
    struct text name; /* as written */
    struct value since, until;
    int64_t body, import;
};
/* Nothing when the person has this name already, by the card or as another one. */
void name_enter(struct change *ch, int64_t person, const struct name_entry *e);

struct document_entry {
    union person_document_record record; /* kind, series, number, issued…; the rest is filled in */
    int64_t body, import;
};
/* What a document of the kind tells. */
uint32_t document_bits(struct text kind);
/* Nothing when the person has a document of this kind and number already. */
void document_enter(struct change *ch, int64_t person, const struct document_entry *e);

/* Is the person called so by another name of his? Has he this document? */
bool person_called(struct request *rq, int64_t person, struct text name);
bool person_has_document(struct request *rq, int64_t person,
                         const union person_document_record *document);

/* The name of somebody who has none: a word by sex and a number of its own, in the change. */
struct text person_nameless(struct change *ch, struct value sex);
/* What the status of identity asks for and the person lacks: msgid and the field (PERSON_…), or
 * null. `document`: he has one that says who he is. */
const char *person_lacks(const union person_record *p, bool document, int *field);
bool person_documented(struct request *rq, int64_t person);
/* The mixed alphabets of the names of a form, and what else no table can refuse; false with
 * messages. */
bool names_good(struct request *rq, struct input *const *names, size_t n);

/* A surname or name of the card becomes another: the former one is kept. until: the day of the
 * change, or null: today. */
void name_keep_former(struct change *ch, int64_t person, const union person_facts_row *before,
                      const union person_record *after, struct value until);

void person_name_add(struct request *rq, int64_t person, struct name_form *form);
void person_name_change(struct request *rq, int64_t person, int64_t name, int64_t version,
                        struct name_form *form);
/* A number that is written otherwise than usual: it has been compared and stands; or the form comes
 * back to ask whether it does. */
struct odd {
    bool stands, asked;
};
void person_document_add(struct request *rq, int64_t person, struct document_form *form,
                         struct odd *odd);
void person_document_change(struct request *rq, int64_t person, int64_t document, int64_t version,
                            struct document_form *form, struct odd *odd);
/* Who it is has been found out: the card gets the names, the former ones and the years stay in the
 * identification; with a document when its kind is given. */
void person_establish(struct request *rq, int64_t person, int64_t version,
                      struct identify_form *form, struct identification_form *how,
                      struct identify_document_form *document, struct odd *odd);

/* Takes back names and documents of an import; 0 when none is left. */
size_t person_papers_undo(struct change *ch, int64_t import, size_t limit);

#endif
