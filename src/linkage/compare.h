/* What two values of one field say about whether they are of one person: kinds of fields, what is kept of a value (struct
 * feature, made once), and the level of likeness of two features. Levels run from 0 (the same) to the last (nothing in common);
 * what they weigh is the model's business (model.h). Made for Russian, Kazakh and Latin writing. */
#ifndef LINKAGE_COMPARE_H
#define LINKAGE_COMPARE_H
#include "base/arena.h"

enum link_kind {
    LINK_FAMILY,
    LINK_GIVEN,
    LINK_PATRONYMIC,
    LINK_DATE,
    LINK_SNILS,
    LINK_IIN,
    LINK_IDENTIFIER, /* any other number that one person has */
    LINK_PHONE,
    LINK_ADDRESS,
    LINK_PLACE,
    LINK_SEX,
    LINK_CODE, /* one of few values */
    LINK_EMAIL,
    LINK_NUMBER, /* short: house, postcode, flat */
    LINK_TEXT,
    LINK_KINDS
};

enum { LINK_FIELDS_MAX = 24, LINK_LEVELS_MAX = 8, LINK_PARTS_MAX = 4, LINK_NONE = 15 /* a value is missing: no evidence */ };

/* What is known of a kind before any data is seen. m: how often a level is met between two records of one person, u: between
 * records of two persons. */
struct link_kind_info {
    const char *name;                     /* in models and messages: "surname" */
    const char *levels[LINK_LEVELS_MAX];  /* msgids, best first */
    int n_levels;
    int agree; /* levels up to this one mean the same value, written differently or not */
    double m[LINK_LEVELS_MAX], u[LINK_LEVELS_MAX];
};
extern const struct link_kind_info link_kinds[LINK_KINDS];
/* Of a field of the register by its name ("family_name", "birth_date", …); LINK_KINDS when there is none. */
enum link_kind link_kind_of_field(const char *name);

struct link_field {
    char name[48];
    enum link_kind kind;
    char format[24]; /* of dates: "%Y%m%d"; empty: found out */
    bool cyrillic;   /* names are Cyrillic here: Latin letters are a keyboard's mistake or a transliteration */
};

struct token {
    uint64_t hash, sound;
    uint16_t at, n; /* code points of the feature */
    bool number;
};

enum {
    FEATURE_VALID = 1, /* check digits are right; a date that exists */
    FEATURE_YEAR = 2,  /* a date of which only years are known */
    FEATURE_KNOWN = 4  /* a known given name, or a form of one */
};

/* One value. Hashes are stable between machines and versions of the program (they change with FOLD_VERSION and names). */
struct feature {
    uint64_t exact; /* of what counts as the same value */
    uint64_t stem;  /* surname without its ending, one canonical given name, father's name, words in any order */
    uint64_t sound;
    uint64_t part[LINK_PARTS_MAX]; /* parts of a double surname; canonical given names; telephone numbers;
                                      of a date its eight digits, a byte each */
    const uint16_t *cp;            /* code points, folded */
    uint64_t letters;              /* which code points there are, by their last six bits: what cannot be alike is told at once */
    const struct token *token;
    double share, stem_share; /* how often value and stem are met among persons; 0 unknown */
    uint16_t year_from, year_to;
    uint16_t n, n_tokens;
    uint8_t n_parts, flags;
};

enum { LINK_GIVEN_VALUE, LINK_NO_VALUE, LINK_BAD_VALUE /* a date in another format than asked */ };
/* LINK_NO_VALUE: nothing to compare (blanks, a dash). f lives in the arena. */
int link_feature(struct arena *arena, const struct link_field *field, struct text value, struct feature *f);

/* A record is an array of features, one per field; null: missing. */
int link_compare_field(enum link_kind kind, const struct feature *a, const struct feature *b);
/* Levels of all fields. Given name and surname that change places are told from the pair of fields, other texts that stand
 * in each other's field too: "in another field" is the last level but one. */
void link_compare(const struct link_field *fields, int n, const struct feature *const *a, const struct feature *const *b,
                  uint8_t *levels);

/* Facts against which no weight counts in automatic joining: null, or why (msgid). */
const char *link_forbids(const struct link_field *fields, int n, const struct feature *const *a,
                         const struct feature *const *b);

uint64_t link_hash(struct text t);
uint64_t link_mix(uint64_t a, uint64_t b); /* one hash of two, order matters */

/* Likeness of two texts of code points by Jaro and Winkler, 0..1. */
double link_jaro(const uint16_t *a, size_t n, const uint16_t *b, size_t m);

#endif
