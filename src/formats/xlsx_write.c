#include "base/date.h"
#include "base/log.h"
#include "base/utf8.h"
#include "formats/xlsx.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

enum {
    ROWS_MAX = 1048576,
    COLUMNS_MAX = SHEET_COLUMNS_MAX,
    TEXT_MAX = 32767, /* letters of UTF-16 in a cell */
    NAME_MAX_LETTERS = 31,
    WIDTH_MIN = 8,
    WIDTH_MAX = 60,
};

struct xlsx_writer {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *head, *date, *instant;
    struct arena *arena; /* of the row */
    struct text hidden;  /* malloc'd copy */
    char path[64];
    lxw_row_t row;
    lxw_col_t column;
    bool row_written; /* a cell of this row is in the file */
    int64_t rows_written;
    size_t widths[COLUMNS_MAX], n_widths;
    enum err err;
};

/* "_x0041_" in a text would be read as "A": its underscore is written as an escape itself. */
static bool looks_escaped(struct text t, size_t i)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    if (t.n - i < 7 || t.s[i] != '_' || t.s[i + 1] != 'x' || t.s[i + 6] != '_')
        return false;
    for (size_t k = i + 2; k < i + 6; k++)
        if (!t.s[k] || !strchr(hex, t.s[k]))
            return false;
    return true;
}

/* What XML can hold and a cell has room for, NUL-terminated. Controls are dropped but for tabs and
 * line ends. *letters: how wide it is. */
static char *clean(struct arena *arena, struct text t, size_t max, size_t *letters)
{
    char *out = arena_alloc(arena, t.n * 3 + 8);
    size_t n = 0, i = 0, units = 0;

    while (i < t.n) {
        uint32_t cp = 0xFFFD;
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        if (cp >= 0xFFFE && cp <= 0xFFFF)
            cp = 0xFFFD;
        bool escape = looks_escaped(t, i);
        size_t need = escape ? 7 : cp >= 0x10000 ? 2 : 1;
        i += len ? len : 1;
        if ((cp < 0x20 && cp != '\t' && cp != '\n') || cp == 0x7F)
            continue;
        if (units + need > max)
            break;
        units += need;
        if (escape) {
            memcpy(out + n, "_x005F_", 7);
            n += 7;
        } else {
            n += utf8_put(out + n, cp);
        }
    }
    *letters = units;
    return out;
}

/* Names of sheets may not hold []:*?/\ nor begin or end with an apostrophe. */
static const char *sheet_name(struct arena *arena, struct text title)
{
    size_t letters;
    struct text all = text_trim(text_of(clean(arena, title, TEXT_MAX, &letters)));
    char *copy = arena_alloc(arena, all.n + 1);

    for (size_t i = 0; i < all.n; i++)
        copy[i] = strchr("[]:*?/\\'\t\n", all.s[i]) ? ' ' : all.s[i];
    const char *cut = clean(arena, text_trim(text_of(copy)), NAME_MAX_LETTERS, &letters);
    const char *name = arena_z(arena, text_trim(text_of(cut)));
    /* Excel keeps "History" for itself. */
    return *name && strcasecmp(name, "History") != 0 ? name : "Sheet1";
}

static enum err temporary(char *path, size_t room)
{
    const char *dir = getenv("TMPDIR");
    int n = snprintf(path, room, "%s/bereg-XXXXXX", dir && *dir ? dir : "/tmp");

    if (n < 0 || (size_t)n >= room)
        (void)snprintf(path, room, "/tmp/bereg-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0) {
        path[0] = '\0';
        return errno == ENOSPC ? ERR_FULL : ERR_IO;
    }
    close(fd);
    return OK;
}

static void writer_free(struct xlsx_writer *w)
{
    if (!w)
        return;
    if (w->path[0])
        unlink(w->path);
    arena_free(w->arena);
    free((char *)w->hidden.s);
    free(w);
}

enum err xlsx_begin(struct text title, struct text hidden, struct xlsx_writer **out,
                    struct fault *fault)
{
    struct xlsx_writer *w = calloc(1, sizeof *w);
    char *copy = malloc(hidden.n + 1);
    enum err err;

    if (!w || !copy) {
        free(copy);
        free(w);
        return fault_set(fault, ERR_LIMIT, "no memory for a workbook");
    }
    if (hidden.n)
        memcpy(copy, hidden.s, hidden.n);
    w->hidden = (struct text){copy, hidden.n};
    w->arena = arena_new();
    if ((err = temporary(w->path, sizeof w->path))) {
        (void)fault_set(fault, err, "cannot make a temporary file for a workbook: %m");
        goto out;
    }
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = getenv("TMPDIR")};
    w->book = workbook_new_opt(w->path, &options);
    if (!w->book) {
        err = fault_set(fault, ERR_LIMIT, "no memory for a workbook");
        goto out;
    }
    const char *name = sheet_name(w->arena, title);
    w->sheet = workbook_add_worksheet(w->book, name);
    w->head = workbook_add_format(w->book);
    w->date = workbook_add_format(w->book);
    w->instant = workbook_add_format(w->book);
    if (!w->sheet || !w->head || !w->date || !w->instant) {
        lxw_workbook_free(w->book);
        err = fault_set(fault, ERR_IO,
                        "cannot begin a workbook in the directory for temporary files");
        goto out;
    }
    format_set_bold(w->head);
    format_set_text_wrap(w->head);
    format_set_align(w->head, LXW_ALIGN_VERTICAL_TOP);
    format_set_num_format(w->date, "dd.mm.yyyy");
    format_set_num_format(w->instant, "dd.mm.yyyy hh:mm");
    size_t letters;
    lxw_doc_properties properties = {
        .title = clean(w->arena, title, 255, &letters),
        .created = (time_t)(clock_now() / 1000000),
    };
    workbook_set_properties(w->book, &properties);
    *out = w;
    w = NULL;
out:
    writer_free(w);
    return err;
}

/* Whether the cell has a place; too many rows are an error of the whole. */
static bool place(struct xlsx_writer *w)
{
    if (w->row >= ROWS_MAX || w->column >= COLUMNS_MAX)
        w->err = w->err ? w->err : ERR_LIMIT;
    return !w->err;
}

static void widen(struct xlsx_writer *w, size_t letters)
{
    if (w->widths[w->column] < letters)
        w->widths[w->column] = letters;
    if (w->n_widths <= w->column)
        w->n_widths = (size_t)w->column + 1;
}

static void check(struct xlsx_writer *w, lxw_error error)
{
    w->row_written = true;
    if (error == LXW_NO_ERROR || w->err)
        return;
    log_warn("xlsx: %s", lxw_strerror(error));
    w->err = error == LXW_ERROR_MEMORY_MALLOC_FAILED ? ERR_LIMIT : ERR_IO;
}

static void put_text(struct xlsx_writer *w, struct text t, lxw_format *format)
{
    size_t letters;
    const char *z = clean(w->arena, t, TEXT_MAX, &letters);

    if (!*z && !format) /* the library writes no empty cells */
        return;
    widen(w, letters);
    check(w, worksheet_write_string(w->sheet, w->row, w->column, z, format));
}

void xlsx_head(struct xlsx_writer *w, struct text label)
{
    if (!place(w))
        return;
    put_text(w, label, w->head);
    if (w->row == 0 && w->column == 0)
        worksheet_freeze_panes(w->sheet, 1, 0);
    w->column++;
}

/* A day as spreadsheets count it; from 1900-03-01 on, where they agree with the calendar. */
static bool serial(int64_t day, double *out)
{
    *out = (double)(day + 25569);
    return day >= -25508;
}

static void put_date(struct xlsx_writer *w, struct value v)
{
    char text[17];
    int64_t day = v.kind == V_DATE ? v.i : instant_day(v.i);
    double number;

    if (!serial(day, &number)) { /* earlier ones stay text */
        if (v.kind == V_DATE)
            date_dmy(day, text);
        else
            instant_local(v.i, text);
        put_text(w, text_of(text), NULL);
        return;
    }
    if (v.kind == V_INSTANT)
        number += (double)((v.i - instant_of_day(day)) / 1000000) / 86400;
    widen(w, v.kind == V_DATE ? 10 : 16);
    check(w, worksheet_write_number(w->sheet, w->row, w->column, number,
                                    v.kind == V_DATE ? w->date : w->instant));
}

/* A number in a sheet is a double: what it does not hold exactly, or shows as 1E+15, stays text. */
static void put_int(struct xlsx_writer *w, int64_t i)
{
    const int64_t shown_whole = INT64_C(99999999999);

    if (i > shown_whole || i < -shown_whole) {
        put_text(w, arena_printf(w->arena, "%lld", (long long)i), NULL);
        return;
    }
    widen(w, 12);
    check(w, worksheet_write_number(w->sheet, w->row, w->column, (double)i, NULL));
}

void xlsx_cell(struct xlsx_writer *w, struct value v)
{
    if (!place(w))
        return;
    switch (v.kind) {
    case V_INT:
        put_int(w, v.i);
        break;
    case V_TEXT:
    case V_CODE:
        put_text(w, v_as_text(v), NULL);
        break;
    case V_DATE:
    case V_INSTANT:
        put_date(w, v);
        break;
    case V_HIDDEN:
        put_text(w, w->hidden, NULL);
        break;
    default:
        break;
    }
    w->column++;
}

void xlsx_row(struct xlsx_writer *w)
{
    w->rows_written += w->row_written;
    w->row_written = false;
    w->row++;
    w->column = 0;
    arena_reset(w->arena);
}

static enum err take_file(const char *path, struct arena *arena, struct text *bytes)
{
    enum err err = ERR_IO;
    FILE *file = fopen(path, "rb");
    long size;

    if (!file)
        return ERR_IO;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto out;
    if (size > SHEET_BYTES_MAX) {
        err = ERR_LIMIT;
        goto out;
    }
    char *s = arena_alloc(arena, (size_t)size + 1);
    if (fread(s, 1, (size_t)size, file) != (size_t)size)
        goto out;
    *bytes = (struct text){s, (size_t)size};
    err = OK;
out:
    fclose(file);
    return err;
}

/* The library writes its temporary files without looking whether they take it: with a full disk it
 * would make a table that lacks rows. All rows and the end of the sheet must be there. */
static bool complete(const char *path, int64_t rows)
{
    static const char row[] = "<row ", end[] = "</worksheet>";
    static const size_t n_row = sizeof row - 1, n_end = sizeof end - 1;
    char chunk[32 * 1024];
    size_t in_row = 0, in_end = 0;
    zip_int64_t n = -1;
    int64_t found = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, NULL);
    zip_file_t *file = zip ? zip_fopen(zip, "xl/worksheets/sheet1.xml", 0) : NULL;

    while (file && (n = zip_fread(file, chunk, sizeof chunk)) > 0) {
        for (zip_int64_t i = 0; i < n; i++) {
            in_row = chunk[i] == row[in_row] ? in_row + 1 : chunk[i] == '<';
            if (in_row == n_row) {
                found++;
                in_row = 0;
            }
            if (in_end < n_end)
                in_end = chunk[i] == end[in_end] ? in_end + 1 : chunk[i] == '<';
        }
    }
    if (file)
        zip_fclose(file);
    if (zip)
        zip_discard(zip);
    return n == 0 && found == rows && in_end == n_end;
}

enum err xlsx_end(struct xlsx_writer *w, struct arena *arena, struct text *bytes,
                  struct fault *fault)
{
    enum err err;

    w->rows_written += w->row_written;
    for (size_t i = 0; i < w->n_widths; i++) {
        size_t n = w->widths[i] + 1;
        n = n < WIDTH_MIN ? WIDTH_MIN : n > WIDTH_MAX ? WIDTH_MAX : n;
        check(w, worksheet_set_column(w->sheet, (lxw_col_t)i, (lxw_col_t)i, (double)n, NULL));
    }
    lxw_error error = workbook_close(w->book); /* frees the book in any case */
    if (error == LXW_ERROR_CREATING_TMPFILE || error == LXW_ERROR_ZIP_FILE_OPERATION ||
        error == LXW_ERROR_ZIP_FILE_ADD)
        w->err = w->err ? w->err : errno == ENOSPC ? ERR_FULL : ERR_IO;
    check(w, error);
    if (!w->err && !complete(w->path, w->rows_written))
        w->err = ERR_FULL;
    err = w->err ? w->err : take_file(w->path, arena, bytes);
    if (err == ERR_LIMIT)
        (void)fault_set(fault, err, "the table is larger than a workbook may be: use CSV");
    else if (err)
        (void)fault_set(
            fault, err,
            "cannot write a workbook: the directory for temporary files is full or closed");
    writer_free(w);
    return err;
}
