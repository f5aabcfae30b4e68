/* Rows that were not taken, given back as CSV: as they came, with their line, column and reason. A
 * report that comes back mended has these columns of ours too: they are left out, and made anew. */
#ifndef ROOMS_PEOPLE_PEOPLE_IMPORT_REPORT_H
#define ROOMS_PEOPLE_PEOPLE_IMPORT_REPORT_H
#include "formats/csv.h"
#include "rooms/people/people_import.h"

struct report {
    struct csv_writer csv;
    enum lang lang;
    size_t n;                      /* columns of the file */
    bool ours[IMPORT_COLUMNS_MAX]; /* those that a report has put in */
};

void report_begin(struct report *r, struct buf *out, enum lang lang, const struct text *headings,
                  size_t n);
/* column: its heading. reason: a msgid or null. */
void report_line(struct report *r, int64_t number, const struct text *cells, size_t n,
                 struct text column, const char *reason);

#endif
