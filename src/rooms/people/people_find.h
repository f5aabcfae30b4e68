/* The search: what is typed is understood (people_typed.c), its words are looked up in the vocabulary (people_words.c), a few
 * exact questions are put to the indexes (people_find.c), and what comes back is compared again, ranked and explained. */
#ifndef ROOMS_PEOPLE_PEOPLE_FIND_H
#define ROOMS_PEOPLE_PEOPLE_FIND_H
#include "rooms/people/people_keys.h"

enum {
    TYPED_WORDS = 6,
    NUMBER_SNILS = 1,
    NUMBER_IIN = 2,
    NUMBER_PHONE = 4,
    NUMBER_DOCUMENT = 8,
};

/* ---- what was typed ---- */

struct typed_word {
    struct text word, sound, stem, stem_sound, cyrillic; /* cyrillic: of a Latin word, else the word */
    struct text form[4];                                  /* given names it may stand for; none: no known given name */
    uint64_t letters;
    uint8_t n_forms, length; /* in letters */
    bool latin, digits;
};

struct typed {
    size_t n;
    struct typed_word w[TYPED_WORDS];
    bool switched;      /* in the other keyboard layout */
    bool dated;         /* `date` was typed */
    bool turned;        /* with the month before the day */
    int64_t date;
    int year;           /* typed, or of the date; 0: none */
    struct text digits; /* of a number, with `numbers`: what it may be */
    unsigned numbers;
    struct text document; /* letters and digits as in person_document.number_key */
    bool wrong_check;     /* the check digits of a SNILS or IIN do not fit */
    bool near;            /* so numbers one digit off are looked for; of eleven digits a telephone is possible too */
};

/* In which keyboard layout the words are read. Cyrillic is as it stands at first: many a surname (Черных, Дегтев) would make a
 * likely Latin word too, and what stands in the register must not decide. */
enum layout {
    LAYOUT_LIKELY, /* Latin that makes a likely name is turned */
    LAYOUT_TYPED,  /* as typed */
    LAYOUT_OTHER,  /* Latin is turned whatever it makes, Cyrillic where it makes a likely name */
};
/* year: typed in a field of its own, or 0. */
void typed_read(struct arena *arena, struct text text, int64_t year, enum layout layout, struct typed *out);
void typed_word(struct arena *arena, struct text word, struct typed_word *out);

/* ---- words against words ---- */

/* How a word was found, in the order of trust; several explain a row. */
enum how {
    HOW_TYPED,
    HOW_INITIAL,
    HOW_BEGINS,
    HOW_LATIN,
    HOW_ENDING,
    HOW_FORM,
    HOW_SPELLING,
    HOW_INSIDE,
    HOW_NONE
};
/* Cost 0…6 and how, HOW_NONE when the words are too different. */
int word_match(const struct typed_word *typed, const struct typed_word *is, enum how *how);

/* Takes over what has been added to the vocabulary: before a search, and before a change that brings many persons. Inside a
 * change it does nothing: what is seen there may be rolled back. */
void words_refresh(struct request *rq);
/* The word stands in the register for certain; false: it may stand there too. */
bool words_stand(struct request *rq, struct text word);
/* typed_word() of a word that most likely stands in the vocabulary, where it has been made already. */
void words_get(struct request *rq, struct text word, struct typed_word *out);
/* Words that may be meant by `typed`, the likest first: itself, whether it stands in the vocabulary or not (who alone has it may
 * be hidden), then those of the vocabulary that are like it. misspelt: those with other letters too. */
size_t words_like(struct request *rq, const struct typed_word *typed, bool misspelt, struct text out[], size_t max);

/* ---- persons ---- */

enum { FOUND_ROWS = 30 };

struct found {
    int64_t id;
    int cost;
    bool own;             /* the viewer's body knows the person */
    struct text found_by; /* in words; empty: as typed */
    struct value family_name, given_name, patronymic, birth_date, lead_body_id;
};

/* Persons that fit, the likest first. wide: other bodies' too, where enough is typed (*enough says whether it was). */
size_t person_find(struct request *rq, const struct typed *t, bool wide, bool *enough, struct found out[FOUND_ROWS]);

#endif
