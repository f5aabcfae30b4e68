/* Tables from outside, row by row: CSV in the encodings that offices have, or the first sheet of an
 * XLSX workbook. Who reads the rows need not know which it was.
 *
 * Strange bytes are read in a child process without rights (sheet_read_in_child); sheet_open reads
 * them here and is for that child, for tests and for files the program wrote itself. */
#ifndef FORMATS_SHEET_H
#define FORMATS_SHEET_H
#include "base/arena.h"

enum {
    SHEET_BYTES_MAX = 200 * 1024 * 1024, /* of the file, and of what is unpacked from it */
    SHEET_ROWS_MAX = 1000000,
    SHEET_COLUMNS_MAX = 256,
    SHEET_CELL_MAX = 100000,                /* bytes */
    SHEET_ROW_MAX = 200000,                 /* of all cells of a row */
    SHEET_TEXT_MAX = 2 * SHEET_BYTES_MAX    /* of all rows: shared texts cost the sender nothing */
};

/* Rows without content are not given. Cells are well-formed UTF-8 without controls (text_valid)
 * unless the row has a fault; they live until the next row is asked for. */
struct sheet_row {
    int64_t line; /* from 1: the line of the file where the row begins, or the row of the sheet */
    const struct text *cells;
    size_t n;
    const char *fault; /* msgid, null when the row is whole; else the cells are what could be read,
                          to be shown, not to be used; from a child they are well-formed too */
    size_t column;     /* where the fault is, from 1; 0 unknown */
    bool last;         /* the fault ends the table: what follows was not read */
};

struct sheet;

/* Tells the kind by content, not by the name of the file. bytes must outlive the sheet.
 * ERR_SYNTAX: not a table, in the fault what it is instead; ERR_LIMIT. */
enum err sheet_open(struct text bytes, struct arena *arena, struct sheet **sheet,
                    struct fault *fault) MUST;
/* The same, read by `self_exe job sheet`. It may take 1 GB of memory, and `seconds` of processor
 * and of our waiting; rows come as they are read. ERR_IO when no child can be started. */
enum err sheet_read_in_child(const char *self_exe, struct text bytes, int seconds,
                             struct arena *arena, struct sheet **sheet, struct fault *fault) MUST;
/* The same for a log of events of any size, read from the file that fd is (it stays the caller's); the delimiter of CSV is
 * found out when it is 0. Memory does not grow with the file. */
enum err sheet_log_in_child(const char *self_exe, int fd, char delimiter, int seconds,
                            struct arena *arena, struct sheet **sheet, struct fault *fault) MUST;
bool sheet_next(struct sheet *sheet, struct sheet_row *row); /* false after the last row */
void sheet_close(struct sheet *sheet); /* before the arena goes; null is fine; ends the child */

/* The child's side of it. Locks itself in, reads a table from stdin, writes rows to stdout; the
 * exit status of the process. */
int sheet_job_main(void);
int sheet_log_job_main(char delimiter);
/* Reads in_fd to its end and writes the rows in the form that sheet_read_in_child reads. A table
 * that is wrong is written as such and is OK here. */
enum err sheet_convert(int in_fd, int out_fd) MUST;

#endif
