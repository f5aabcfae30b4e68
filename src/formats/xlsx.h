/* XLSX in (the first sheet that is shown, on libzip and expat) and out (on libxlsxwriter). */
#ifndef FORMATS_XLSX_H
#define FORMATS_XLSX_H
#include "base/value.h"
#include "formats/sheet.h"

struct xlsx_reader;

/* Dates come as ISO text, by the cell's number format; formulas as the value kept with them.
 * bytes must outlive the reader. ERR_SYNTAX, ERR_LIMIT (packed too tightly, too many parts). */
enum err xlsx_open(struct text bytes, struct xlsx_reader **reader, struct fault *fault) MUST;
bool xlsx_next(struct xlsx_reader *reader, struct sheet_row *row);
void xlsx_close(struct xlsx_reader *reader); /* null is fine */

struct xlsx_writer;

/* title: name of the sheet and of the document. hidden: what stands for a value the reader may not
 * see. Rows go to a temporary file as they come. */
enum err xlsx_begin(struct text title, struct text hidden, struct xlsx_writer **w,
                    struct fault *fault) MUST;
void xlsx_head(struct xlsx_writer *w,
               struct text label);                     /* a cell of the first row: bold, frozen */
void xlsx_cell(struct xlsx_writer *w, struct value v); /* text is never a formula */
void xlsx_row(struct xlsx_writer *w);                  /* ends the row */
/* Frees w in any case. ERR_LIMIT: more rows than a sheet holds, or more bytes than SHEET_BYTES_MAX.
 */
enum err xlsx_end(struct xlsx_writer *w, struct arena *arena, struct text *bytes,
                  struct fault *fault) MUST;

#endif
