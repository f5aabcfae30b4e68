/* The room's own rules, called by its pages. */
#ifndef ROOMS_DUPLICATES_DUPLICATES_RULES_H
#define ROOMS_DUPLICATES_DUPLICATES_RULES_H
#include "duplicates_gen.h"
#include "people_gen.h"
#include "rooms/duplicates/duplicates.h"

/* ---- declared references (duplicates_walk.c) ---- */

/* A field whose number of a person follows when cards are joined. */
struct person_ref {
    const struct table *table;
    size_t field;
};
enum { PERSON_REFS = 256 };
size_t person_refs(struct person_ref out[PERSON_REFS]);

void merge_note(struct change *ch, const char *what, const struct table *t, const char *field,
                int64_t id, int64_t person, struct text before, struct text after);
/* One cell as text and back; "" is none. */
struct text cell_text(struct arena *arena, struct value v);
struct value cell_value(struct text t);
/* The value of a card as a person would write it, and back. */
struct text card_text(struct arena *arena, struct value v);
struct value card_value(const struct field *f, struct text t);
struct text cells_text(struct arena *arena, const struct value *cells, size_t n);
bool cells_value(struct text t, struct value *cells, size_t n);
/* Sets one field of a row as it stands in the table. */
void row_set(struct change *ch, const struct table *t, int64_t id, size_t field, struct value v);
/* Rows that name the number in the field, all cells as stored. */
struct cells rows_of(struct request *rq, const struct table *t, size_t field, int64_t id);
bool row_get(struct request *rq, const struct table *t, int64_t id, struct value *cells);
/* A card with all that is sealed open. */
bool card_get(struct request *rq, int64_t id, union person_record *out);
size_t field_at(const struct table *t, const char *name);
void walk_merge(struct change *ch, int64_t kept, int64_t gone);
void restrictions_join(struct change *ch, int64_t kept, int64_t gone); /* before the walk */

/* ---- joining ---- */

/* What stands by default: established by a document over stated, filled over empty, the card worked on last over the other. */
void merge_defaults(struct request *rq, const union person_record *kept,
                    const union person_record *gone, bool take[MERGE_FIELDS]);

/* Writes values that the rule has found into a card, whatever classes the viewer's role writes. */
void card_put(struct change *ch, int64_t id, int64_t version, const union person_record *p);

/* ---- parting (duplicates_undo.c) ---- */

enum side { SIDE_OPEN, SIDE_KEPT, SIDE_AGAIN, SIDE_BOTH };

/* A row that came after the joining. */
struct loose {
    const struct table *table;
    size_t field;
    int64_t id;
    const struct value *cells;
    enum side side;
    bool asks; /* the viewer has to say where it belongs */
};
/* A field of the card that was changed after the joining. */
struct changed {
    size_t at; /* in person_form */
    struct value now, before, other;
};
struct parting {
    int64_t merge, version, root, kept, gone;
    struct merge_notes_rows notes;
    struct loose *loose;
    size_t n_loose, cap_loose;
    struct changed changed[MERGE_FIELDS];
    size_t n_changed;
};

/* What undoing this joining means now; ERR_NOT_FOUND for who may not, ERR_REFUSED with a plain reason when it cannot be. */
void parting_plan(struct request *rq, int64_t merge, struct parting *out);
/* What is said of a loose row and of a changed field: by the table's name and the row's number; by the field's name. */
typedef enum side answer_fn(void *ctx, const char *what, int64_t id);
/* Undoes it inside an open change. version < 0: whatever it is. Without an answer to what asks the request has mistakes. */
void person_unmerge(struct change *ch, int64_t merge, int64_t version, struct text words,
                    answer_fn *answer, void *ctx);

void merge_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);

#endif
