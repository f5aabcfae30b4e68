#include "formats/sheet.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/utf8.h"
#include "formats/csv.h"
#include "formats/lock.h"
#include "formats/sheet_child.h"
#include "formats/xlsx.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { JOB_SECONDS = 60, FLUSH = 256 * 1024 };

struct sheet {
    /* One of them; the others are null. */
    struct csv_reader *csv;
    struct xlsx_reader *xlsx;
    struct child *child;
};

enum err sheet_open(struct text bytes, struct arena *arena, struct sheet **out, struct fault *fault)
{
    struct sheet sheet = {0};
    enum err err = text_starts(bytes, "PK\3\4") ? xlsx_open(bytes, &sheet.xlsx, fault)
                                                : csv_open(bytes, arena, &sheet.csv, fault);

    if (err)
        return err;
    *out = NEW(arena, struct sheet);
    **out = sheet;
    return OK;
}

enum err sheet_read_in_child(const char *self_exe, struct text bytes, int seconds,
                             struct arena *arena, struct sheet **out, struct fault *fault)
{
    struct sheet sheet = {0};
    enum err err = child_open(self_exe, bytes, seconds, arena, &sheet.child, fault);

    if (err)
        return err;
    *out = NEW(arena, struct sheet);
    **out = sheet;
    return OK;
}

bool sheet_next(struct sheet *sheet, struct sheet_row *row)
{
    if (sheet->csv)
        return csv_next(sheet->csv, row);
    if (sheet->xlsx)
        return xlsx_next(sheet->xlsx, row);
    return sheet->child && child_next(sheet->child, row);
}

void sheet_close(struct sheet *sheet)
{
    if (!sheet)
        return;
    xlsx_close(sheet->xlsx);
    child_close(sheet->child);
    *sheet = (struct sheet){0};
}

/* --- the child's side --- */

static void put32(struct buf *out, size_t n)
{
    uint32_t u = (uint32_t)n;

    buf_add(out, &u, sizeof u);
}

void frame_fault(struct buf *out, const struct fault *fault)
{
    size_t n = strlen(fault->text);

    buf_char(out, FRAME_FAULT);
    put32(out, n + 1);
    buf_char(out, (char)fault->err);
    buf_add(out, fault->text, n);
}

void frame_empty(struct buf *out, enum frame frame)
{
    buf_char(out, (char)frame);
    put32(out, 0);
}

/* The length of what was written behind `at`, where four bytes were left for it. */
static void set32(struct buf *out, size_t at)
{
    uint32_t n = (uint32_t)(out->n - at - sizeof n);

    if (!out->failed)
        memcpy(out->s + at, &n, sizeof n);
}

/* A cell of a row that is wrong may be anything: a mark stands for each byte that is no text, so
 * that people find the place. */
static void tidy_cell(struct buf *out, struct text t)
{
    size_t begin = out->n, n;

    for (size_t i = 0; i < t.n && out->n - begin < SHEET_CELL_MAX - 4; i += n) {
        uint32_t cp;
        n = utf8_next(t.s + i, t.n - i, &cp);
        struct text letter = {t.s + i, n};
        if (n && text_valid(letter))
            buf_text(out, letter);
        else
            buf_z(out, "\uFFFD");
        n += n == 0;
    }
}

/* Rows and whole tables have their measure in the child: what is too long does not even travel. */
static const char row_too_long[] = N_("The row is longer than 200,000 bytes");
static const char too_much_text[] = N_("The table holds more text than can be read: the rest is not read");

static void measure(struct sheet_row *row, size_t *text)
{
    /* A mark for a wrong byte has three. */
    size_t n = 0, whole = 0, most = row->fault ? SHEET_ROW_MAX / 3 : SHEET_ROW_MAX;

    for (; n < row->n && whole + row->cells[n].n <= most; n++)
        whole += row->cells[n].n;
    if (n < row->n) {
        row->fault = row->fault ? row->fault : row_too_long;
        row->n = n;
    }
    *text += whole;
    if (*text > SHEET_TEXT_MAX)
        *row = (struct sheet_row){
            .line = row->line, .cells = row->cells, .fault = too_much_text, .last = true};
}

void frame_row(struct buf *out, const struct sheet_row *row)
{
    uint64_t line = (uint64_t)row->line;
    size_t n_fault = row->fault ? strlen(row->fault) : 0, frame = out->n + 1, cell;

    buf_char(out, FRAME_ROW);
    put32(out, 0);
    buf_add(out, &line, sizeof line);
    put32(out, row->column);
    buf_char(out, row->last);
    put32(out, row->n);
    put32(out, n_fault);
    buf_add(out, row->fault, n_fault);
    for (size_t i = 0; i < row->n; i++) {
        cell = out->n;
        put32(out, 0);
        if (row->fault)
            tidy_cell(out, row->cells[i]);
        else
            buf_text(out, row->cells[i]);
        set32(out, cell);
    }
    set32(out, frame);
}

static enum err read_all(int fd, struct buf *in)
{
    static char chunk[64 * 1024];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            return buf_end(in);
        buf_add(in, chunk, (size_t)n);
        if (in->failed)
            return ERR_LIMIT;
    }
}

static enum err flush(int fd, struct buf *out)
{
    size_t done = 0;

    if (buf_end(out) != OK)
        return ERR_LIMIT;
    while (done < out->n) {
        ssize_t n = write(fd, out->s + done, out->n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        done += (size_t)n;
    }
    buf_clear(out);
    return OK;
}

enum err sheet_convert(int in_fd, int out_fd)
{
    struct buf in = BUF(SHEET_BYTES_MAX), out = BUF(FRAME_MAX + FLUSH);
    struct arena *arena = arena_new();
    struct sheet *sheet = NULL;
    struct sheet_row row = {0};
    struct fault fault = {0};
    size_t text = 0;
    enum err err = read_all(in_fd, &in);

    if (err == ERR_IO)
        goto out;
    if (err)
        fault_set(&fault, err, "the file is larger than %d MB", SHEET_BYTES_MAX >> 20);
    if (err || sheet_open(buf_get(&in), arena, &sheet, &fault)) {
        frame_fault(&out, &fault);
    } else {
        frame_empty(&out, FRAME_OPENED);
        /* At once, so that the parent knows before the first row is ready. */
        err = flush(out_fd, &out);
        while (!err && !row.last && sheet_next(sheet, &row)) {
            measure(&row, &text);
            frame_row(&out, &row);
            if (out.n >= FLUSH)
                err = flush(out_fd, &out);
        }
        if (err)
            goto out;
        frame_empty(&out, FRAME_END);
    }
    err = flush(out_fd, &out);
out:
    sheet_close(sheet);
    arena_free(arena);
    buf_free(&in);
    buf_free(&out);
    return err;
}

int sheet_job_main(void)
{
    const char *given = getenv("BEREG_JOB_SECONDS");
    int64_t seconds = JOB_SECONDS;

    if (given && text_int(text_of(given), 1, 3600, &seconds) != OK)
        seconds = JOB_SECONDS;
    lock_in((int)seconds, (size_t)1 << 30);
    enum err err = sheet_convert(STDIN_FILENO, STDOUT_FILENO);
    if (err)
        log_error("job sheet: %s", err_name(err));
    /* Handlers of exit() may want what the lock forbids. */
    _exit(err ? 1 : 0);
}
