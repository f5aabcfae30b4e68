/* Destroying what is past its term: rows that rooms have declared (struct retained in
 * guard/room.h), and what their history keeps of them. Who may, when and with which act:
 * rooms/trust. */
#ifndef GUARD_RETENTION_H
#define GUARD_RETENTION_H
#include "guard/room.h"

struct retained_row {
    int64_t id, person, case_id; /* 0: none */
    struct value since;          /* the day from which the term runs */
    uint32_t classes;            /* of the row */
};

/* Kinds of all rooms, in the order of destruction: the lowest room first, since it may refer to
 * those above. Null behind the last. */
const struct retained *retained_at(size_t i);
const struct retained *retained_find(struct text name);

/* Rows of a body with numbers behind `after` and days before `before`, in the order of their
 * numbers. */
size_t retained_rows(struct request *rq, const struct retained *k, int64_t body, int64_t after,
                     int64_t before, size_t limit, struct retained_row **out);
/* Does it have to stay: does a row name it that cannot be without it? */
bool retained_referred(struct request *rq, const struct retained *k, int64_t id);
/* The row goes, with its grants and what the history holds of it. False: it has to stay. */
bool retained_destroy(struct change *ch, const struct retained *k, const struct retained_row *row);

/* Takes salt and values from the history of a person's events, so that their digests tell nothing:
 * of those that hold values of this row, with a null table of all. These two are the one place that
 * empties history. */
void history_empty(struct change *ch, int64_t person, const struct table *table, int64_t id);

/* The same of events about rows of a table that name no person, written at `since` or later. */
void history_empty_of(struct change *ch, const struct table *table, const int64_t *ids, size_t n, int64_t since);

#endif
