/* CSV in and out. In: UTF-8, UTF-16 with its mark, or Windows-1251; comma, semicolon or tab; RFC
 * 4180 quotes; any line ends: all found out from the bytes. */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H
#include "base/buf.h"
#include "base/value.h"
#include "formats/sheet.h"

struct csv_reader;

/* bytes must outlive the reader. ERR_SYNTAX when this is no table (empty, or a file of another
 * kind), ERR_LIMIT when it is too large. */
enum err csv_open(struct text bytes, struct arena *arena, struct csv_reader **reader,
                  struct fault *fault) MUST;
/* The same for a log of events: of any size and any number of rows. delimiter: 0 to find it out. */
enum err csv_open_log(struct text bytes, char delimiter, struct arena *arena, struct csv_reader **reader,
                      struct fault *fault) MUST;
/* After a row with a fault the next one is read where lines are whole again. */
bool csv_next(struct csv_reader *reader, struct sheet_row *row);
char csv_delimiter(const struct csv_reader *reader);
const char *csv_encoding(const struct csv_reader *reader); /* "utf-8", "utf-16", "windows-1251" */
/* What other kind of file these bytes begin like ("a PDF document"); null when none is known. */
const char *csv_foreign(struct text bytes);

struct csv_writer {
    struct buf *out;
    char delimiter;
    bool guard;         /* for spreadsheets: a text that would run as a formula gets an apostrophe
                           before it, which csv_next takes away again */
    struct text hidden; /* what stands for a value the reader may not see */
    bool in_row;
};

/* Leaves guard and hidden as the caller has set them. A semicolon is what Excel expects where the
 * decimal sign is a comma; bom is what it knows UTF-8 by. */
void csv_begin(struct csv_writer *w, struct buf *out, char delimiter, bool bom);
void csv_write_cell(struct csv_writer *w, struct text t);
void csv_write_value(struct csv_writer *w,
                     struct value v);     /* dates ISO, instants local, none empty */
void csv_write_end(struct csv_writer *w); /* of the row: CRLF */

#endif
