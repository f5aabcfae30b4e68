#include "formats/sheet.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/utf8.h"
#include "formats/csv.h"
#include "formats/job_child.h"
#include "formats/lock.h"
#include "formats/sheet_child.h"
#include "formats/xlsx.h"
#include <sys/mman.h>
#include <sys/stat.h>
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

enum err sheet_log_in_child(const char *self_exe, int fd, char delimiter, int seconds,
                            struct arena *arena, struct sheet **out, struct fault *fault)
{
    struct sheet sheet = {0};
    enum err err = child_open_log(self_exe, fd, delimiter, seconds, arena, &sheet.child, fault);

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

static void measure(struct sheet_row *row, size_t *text, size_t text_max)
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
    if (*text > text_max)
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

static enum err flush(int fd, struct buf *out)
{
    enum err err = buf_end(out) ? ERR_LIMIT : job_write(fd, buf_get(out));

    if (!err)
        buf_clear(out);
    return err;
}

/* All rows of a sheet, or, when it is null, why there are none. */
static enum err send(int out_fd, struct sheet *sheet, size_t text_max, const struct fault *fault)
{
    struct buf out = BUF(FRAME_MAX + FLUSH);
    struct sheet_row row = {0};
    size_t text = 0;
    enum err err = OK;

    if (!sheet) {
        frame_fault(&out, fault);
    } else {
        frame_empty(&out, FRAME_OPENED);
        /* At once, so that the parent knows before the first row is ready. */
        err = flush(out_fd, &out);
        while (!err && !row.last && sheet_next(sheet, &row)) {
            measure(&row, &text, text_max);
            frame_row(&out, &row);
            if (out.n >= FLUSH)
                err = flush(out_fd, &out);
        }
        if (!err)
            frame_empty(&out, FRAME_END);
    }
    if (!err)
        err = flush(out_fd, &out);
    buf_free(&out);
    return err;
}

enum err sheet_convert(int in_fd, int out_fd)
{
    struct buf in = BUF(SHEET_BYTES_MAX);
    struct arena *arena = arena_new();
    struct sheet *sheet = NULL;
    struct fault fault = {0};
    enum err err = job_read(in_fd, &in);

    if (err != ERR_IO) {
        if (err)
            fault_set(&fault, err, "the file is larger than %d MB", SHEET_BYTES_MAX >> 20);
        else if (sheet_open(buf_get(&in), arena, &sheet, &fault))
            sheet = NULL;
        err = send(out_fd, sheet, SHEET_TEXT_MAX, &fault);
    }
    sheet_close(sheet);
    arena_free(arena);
    buf_free(&in);
    return err;
}

/* A file is mapped, so that it takes no memory; false when it is none, or an empty one. Before the lock, which forbids to ask. */
static bool map_file(struct text *bytes)
{
    struct stat st;

    if (fstat(STDIN_FILENO, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return false;
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    *bytes = (struct text){at, (size_t)st.st_size};
    return at != MAP_FAILED;
}

/* Workbooks keep their limits: what they unpack to must be kept. */
static enum err open_log(struct text bytes, char delimiter, struct arena *arena, struct sheet **out, struct fault *fault)
{
    struct sheet sheet = {0};

    if (text_starts(bytes, "PK\3\4"))
        return sheet_open(bytes, arena, out, fault);
    enum err err = csv_open_log(bytes, delimiter, arena, &sheet.csv, fault);
    if (err)
        return err;
    *out = NEW(arena, struct sheet);
    **out = sheet;
    return OK;
}

int sheet_job_main(void)
{
    lock_in(job_seconds(JOB_SECONDS), (size_t)1 << 30);
    enum err err = sheet_convert(STDIN_FILENO, STDOUT_FILENO);
    if (err)
        log_error("job sheet: %s", err_name(err));
    /* Handlers of exit() may want what the lock forbids. */
    _exit(err ? 1 : 0);
}

int sheet_log_job_main(char delimiter)
{
    struct buf in = BUF((size_t)1 << 30);
    struct arena *arena = arena_new();
    struct sheet *sheet = NULL;
    struct fault fault = {0};
    struct text bytes = {0};
    enum err err = OK;
    bool mapped = map_file(&bytes);

    lock_in(job_seconds(JOB_SECONDS), ((size_t)1 << 30) + bytes.n);
    if (!mapped) {
        err = job_read(STDIN_FILENO, &in);
        bytes = buf_get(&in);
    }
    if (err != ERR_IO) {
        if (err)
            fault_set(&fault, err, "what comes through a pipe is larger than 1 GB; name a file");
        else if (open_log(bytes, delimiter, arena, &sheet, &fault))
            sheet = NULL;
        err = send(STDOUT_FILENO, sheet, SIZE_MAX, &fault);
    }
    if (err)
        log_error("job log: %s", err_name(err));
    _exit(err ? 1 : 0);
}
