/* Between door.c and row.c: a row on its way from the store to the page. */
#ifndef GUARD_ROW_H
#define GUARD_ROW_H
#include "guard/door.h"

enum { COLUMNS_MAX = 64 };

/* Arguments that ask for a covered code ask the table for its cover. */
void row_cover_args(const struct query *q, struct value *args);
/* Then, in this order. False: the row is none of those asked for. */
bool row_open_codes(struct request *rq, const struct query *q, const struct value *asked,
                    struct value *row);
/* False: the row is none for this viewer. seen: the persons it is about. */
bool row_mask(struct request *rq, const struct query *q, struct value *row, int64_t seen[2]);
void row_open_texts(struct request *rq, const struct query *q, struct value *row);

#endif
