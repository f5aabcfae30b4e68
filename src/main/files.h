/* What the commands that work on tables of their own share: columns by their headings, and a result that appears when it is whole. */
#ifndef MAIN_FILES_H
#define MAIN_FILES_H
#include "base/buf.h"
#include "formats/sheet.h"
#include <stdio.h>

/* The column with this heading, also when it is folded otherwise; SIZE_MAX: there is none. */
size_t column_find(struct arena *arena, const struct sheet_row *head, struct text wanted);
/* ERR_NOT_FOUND, with the columns that there are. */
enum err column_missing(const char *path, const struct sheet_row *head, struct text wanted, struct fault *fault) MUST;

/* The result: a file beside, so that nothing is lost when the work stops; a device or a pipe is written as it is. */
struct out_file {
    const char *wanted, *path; /* null: the standard output */
    FILE *f;
    struct buf buf; /* what is written comes here first */
};
/* wanted: null for the standard output. ERR_CONFLICT: it would overwrite one of the files that are read (a null ends them). */
enum err out_check(struct out_file *out, const char *wanted, const char *const *read, struct arena *arena, struct fault *fault) MUST;
enum err out_open(struct out_file *out, struct fault *fault) MUST;
bool out_flush(struct out_file *out); /* empties the buffer into the file */
/* Gives the file its own name when all went well. */
enum err out_close(struct out_file *out, bool good, struct fault *fault) MUST;

/* All of a file, behind what stands in b already; false after a message, also when it is larger than b may grow. */
bool file_read(const char *path, struct buf *b);

#endif
