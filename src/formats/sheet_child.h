/* Private to sheet.c: rows that come from a child process, and the form they come in. */
#ifndef FORMATS_SHEET_CHILD_H
#define FORMATS_SHEET_CHILD_H
#include "base/buf.h"
#include "formats/sheet.h"

struct child;

enum err child_open(const char *self_exe, struct text bytes, int seconds, struct arena *arena,
                    struct child **child, struct fault *fault) MUST;
enum err child_open_log(const char *self_exe, int fd, char delimiter, int seconds, struct arena *arena,
                        struct child **child, struct fault *fault) MUST;
bool child_next(struct child *child, struct sheet_row *row);
void child_close(struct child *child);

/* A frame is a letter, the length of the rest (4 bytes), the rest. Numbers as this machine has
 * them. */
enum frame {
    FRAME_FAULT = 'F',  /* not a table: err (1 byte), text */
    FRAME_OPENED = 'O', /* it is one */
    FRAME_ROW = 'R',    /* line (8), column (4), last (1), cells (4), length of the fault (4), the
                           fault, then each cell with its length (4) before it */
    FRAME_END = 'E',
};
enum {
    FRAME_HEAD = 5,
    FRAME_ROW_HEAD = 21,
    FAULT_MAX = 400,
    FRAME_MAX = FRAME_ROW_HEAD + FAULT_MAX + SHEET_COLUMNS_MAX * (SHEET_CELL_MAX + 4),
};

void frame_fault(struct buf *out, const struct fault *fault);
void frame_row(struct buf *out, const struct sheet_row *row);
void frame_empty(struct buf *out, enum frame frame);

#endif
