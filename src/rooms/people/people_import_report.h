/* The file of rows that were not taken. */
#ifndef ROOMS_PEOPLE_PEOPLE_IMPORT_REPORT_H
#define ROOMS_PEOPLE_PEOPLE_IMPORT_REPORT_H
#include "formats/csv.h"
#include "rooms/people/people_import.h"

void report_begin(struct csv_writer *w, struct buf *out, enum lang lang,
                  const struct text *headings, size_t n);
/* column: heading of the faulty cell; reason: msgid. */
void report_line(struct csv_writer *w, enum lang lang, int64_t number, const struct text *cells,
                 size_t n, size_t n_headings, struct text column, const char *reason);

#endif
