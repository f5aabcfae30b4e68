/* What is stored sealed, so that the tables alone tell neither value nor class:
 *
 * - Texts of fields declared `.sealed`: always, in every row, in boxes of rounded size.
 * - Bits of classes (FIELD_CLASSES). What is stored: in the low bits the classes that are no secret
 * (SQL filters by them); above them a tag, present in every row, that holds all classes and the
 * number of a covered code, enciphered.
 * - Codes of fields declared `.sealed` that tell a sealed class ("living with HIV"): the column
 * holds the code's cover (pack property `cover = CODE NUMBER`), an ordinary code of the same list;
 * which one it covers stands in the tag.
 *
 * So a row that says something secret looks like any other. Sealed classes: property `sealed` of
 * [class …] in the packs. Sealing is the writing door's work, opening the reading door's, after the
 * mask has allowed it; rooms know nothing of it. */
#ifndef GUARD_SEAL_H
#define GUARD_SEAL_H
#include "guard/change.h"

enum {
    SEAL_MARK = 2, /* what a sealed text begins with, and no text of people; the rest may stand in an address as it is */
    STORED_CLASSES = (1 << CLASS_COUNT) - 1, /* the low bits, for SQL: parameter :plain_classes */
    COVERED_MOST = 1023                      /* numbers of covered codes in a list */
};

/* Replaces the cells to be stored by their sealed forms; fails the request when the key is missing.
 * A change of classes without the code that they cover leaves both as they are. */
void seal_row(struct request *rq, const struct table *t, struct value *cells);

/* True classes of a stored cell, and the number of the code that is covered (0: none). */
uint32_t seal_classes_of(int64_t stored, unsigned *covered);
/* The text in the box; false when it cannot be opened (damaged, or of another register). */
bool seal_open_text(struct arena *arena, const char *field, struct text stored, struct text *out);

/* Text sealed for `field` ("import_row.cell"), for statements that the door does not see. */
struct value seal_value(struct request *rq, const char *field, struct value text);

/* A digest under the first data key: tells that two texts are equal, and without the key not which
 * they are. */
struct text seal_digest(struct request *rq, const char *field, struct text text);

/* The job after a new data key: seals older rows anew, a slice at a time; true when nothing is
 * left. Insert-only logs and the history of values keep theirs. */
void seal_again(struct request *rq);
/* Is every row sealed with the key in use? */
bool seal_done(struct request *rq);
/* Findings of `bereg check`: what cannot be opened. */
void seal_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);

/* For these two: the cells that are sealed become plain, the others V_NONE. False: one cannot be
 * opened. *old: one is sealed with another key than that in use, or not at all. */
bool seal_open_row(struct request *rq, const struct table *t, struct value *cells, bool *old);
/* Has the table anything that is sealed? */
bool seal_table(const struct table *t);

#endif
