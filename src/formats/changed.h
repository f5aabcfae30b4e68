/* What an event's history holds: the rows that were written and their values, as guard/change.c keeps them (JSON objects parted by
 * commas: "table", "id", then fields; of a row that was put in then, CHANGED_NEW stands before them as a field of 1). */
#ifndef FORMATS_CHANGED_H
#define FORMATS_CHANGED_H
#include "base/text.h"

#define CHANGED_NEW "+" /* no field is called so */

/* One value: a number as its digits, dates and instants in ISO; text.s null: it was emptied. Valid inside the call only. */
typedef void changed_fn(void *ctx, struct text table, int64_t id, struct text field, struct text value);
enum err changed_read(struct text history, changed_fn *fn, void *ctx) MUST; /* ERR_SYNTAX */

#endif
