#include "formats/xlsx.h"
#include "base/date.h"
#include "base/i18n.h"
#include "formats/xlsx_parts.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROW_NUMBER_MAX = 1048576, NUMBER_MAX = 64 };

static const char too_many_rows[] =
    N_("The table has more than 1,000,000 rows: the rest is not read");
static const char too_many_columns[] = N_("The row has more than 256 columns");
static const char too_long[] = N_("A cell is longer than 100,000 bytes");
static const char control[] = N_("The row holds a control character");
static const char error_cell[] = N_("A cell holds the error of a formula");
static const char no_value[] =
    N_("A cell holds a formula without its value: save the file in Excel");
static const char bad_number[] = N_("A cell holds a number that cannot be read");
static const char bad_cell[] = N_("The workbook is damaged: a cell refers to what is not there");
static const char bad_order[] = N_("The workbook is damaged: its rows are not in order");

struct xlsx_reader {
    struct arena *arena; /* what the small parts gave; the sheet itself is not kept */
    struct pack pack;
    struct workbook book;
    struct part sheet;
    struct part_handlers handlers;
    locale_t c_locale; /* numbers in the file have a decimal point whatever the process speaks */
    bool ended;
    int64_t rows;

    struct sheet_row row;
    bool in_row, row_ready;
    struct text cells[SHEET_COLUMNS_MAX];
    size_t in_made[SHEET_COLUMNS_MAX]; /* offset in `made`, SIZE_MAX: a shared string */
    struct buf made;                   /* cells of the row that are not shared strings */

    /* the cell that is being read */
    bool in_cell, in_text, formula, has_value;
    int phonetic;
    size_t column; /* from 0 */
    char type;     /* n b e s i(nline) f(ormula's text) d(ate in ISO) */
    int64_t style;
    struct buf text;
};

/* --- one cell --- */

static void fault_here(struct xlsx_reader *r, const char *fault)
{
    if (r->row.fault)
        return;
    r->row.fault = fault;
    r->row.column = r->column + 1;
}

/* Puts a text into the row: a shared string stays where it is, another is copied. */
static void set_cell(struct xlsx_reader *r, struct text t, bool shared)
{
    size_t at = SIZE_MAX;

    if (t.n == 0)
        return;
    if (r->column >= SHEET_COLUMNS_MAX) {
        fault_here(r, too_many_columns);
        return;
    }
    if (t.n > SHEET_CELL_MAX) {
        fault_here(r, too_long);
        return;
    }
    if (!text_valid(t)) {
        fault_here(r, control);
        return;
    }
    if (!shared) {
        at = r->made.n;
        buf_text(&r->made, t);
    }
    for (; r->row.n <= r->column; r->row.n++) {
        r->cells[r->row.n] = T("");
        r->in_made[r->row.n] = SIZE_MAX;
    }
    r->cells[r->column] = t;
    r->in_made[r->column] = at;
}

/* Serial number of a day to our days. In the system of 1900 the day 60 is 29 February 1900, which
 * there never was; false for it and for what is outside of the calendar. */
static bool serial_day(const struct xlsx_reader *r, int64_t serial, int64_t *day)
{
    enum { LAST_DAY = 2932896 }; /* 9999-12-31 */
    int64_t at;

    if (r->book.from_1904)
        at = serial - 24107;
    else if (serial == 60 || serial < 1)
        return false;
    else
        at = serial - (serial > 60 ? 25569 : 25568);
    if (serial < 0 || at > LAST_DAY)
        return false;
    *day = at;
    return true;
}

/* 2024-06-15, 2024-06-15T10:30:00 or 10:30:00; 0 when the number is no such thing. */
static size_t write_date(const struct xlsx_reader *r, double number, enum shown shown, char *out,
                         size_t room)
{
    char date[11];
    int64_t day;

    if (number < 0 || number > 3000000)
        return 0;
    int64_t whole = (int64_t)floor(number);
    int64_t second = (int64_t)llround((number - (double)whole) * 86400);
    if (second == 86400) {
        whole++;
        second = 0;
    }
    int h = (int)(second / 3600), m = (int)(second / 60 % 60), s = (int)(second % 60);
    if (shown == SHOWN_TIME) /* hours go on after a day: 26:30:00 */
        return (size_t)snprintf(out, room, "%02d:%02d:%02d", (int)whole * 24 + h, m, s);
    if (!serial_day(r, whole, &day))
        return 0;
    date_iso(day, date);
    if (shown == SHOWN_DATE || second == 0)
        return (size_t)snprintf(out, room, "%s", date);
    return (size_t)snprintf(out, room, "%sT%02d:%02d:%02d", date, h, m, s);
}

/* "45458" is left as it is written: numbers of documents are such. */
static bool plain_digits(struct text t)
{
    if (t.n == 0 || t.n > 15 || (t.n > 1 && t.s[0] == '0'))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
    return true;
}

/* How many digits the style shows at least: zeros are put in front. */
static size_t put_number(double number, size_t digits, char *out, size_t room)
{
    bool whole = number == floor(number) && fabs(number) < 1e15;

    if (!whole)
        return (size_t)snprintf(out, room, "%.15g", number);
    return (size_t)snprintf(out, room, "%0*.0f", (int)digits, number == 0 ? 0.0 : number);
}

static void number_cell(struct xlsx_reader *r, struct text t)
{
    char copy[NUMBER_MAX], out[NUMBER_MAX], *end;
    struct style style = {.shown = SHOWN_NUMBER};

    if (r->style >= 0 && r->style < (int64_t)r->book.n_styles)
        style = r->book.styles[r->style];
    if (style.shown == SHOWN_NUMBER && style.digits <= t.n && plain_digits(t)) {
        set_cell(r, t, false);
        return;
    }
    if (t.n >= sizeof copy) {
        fault_here(r, bad_number);
        return;
    }
    memcpy(copy, t.s, t.n);
    copy[t.n] = '\0';
    double number = strtod(copy, &end);
    /* strtod reads "nan", "inf" and hexadecimals as well. */
    if (end == copy || *end || !isfinite(number) || strspn(copy, "+-.eE0123456789") != t.n) {
        fault_here(r, bad_number);
        return;
    }
    size_t n = style.shown == SHOWN_NUMBER
                   ? 0
                   : write_date(r, number, (enum shown)style.shown, out, sizeof out);
    if (n == 0)
        n = put_number(number, style.digits, out, sizeof out);
    set_cell(r, (struct text){out, n}, false);
}

static void iso_cell(struct xlsx_reader *r, struct text t)
{
    if (t.n > DATE_ISO_LEN &&
        text_starts((struct text){t.s + DATE_ISO_LEN, t.n - DATE_ISO_LEN}, "T00:00:00"))
        t.n = DATE_ISO_LEN;
    set_cell(r, t, false);
}

static void finish_cell(struct xlsx_reader *r)
{
    int64_t i;

    r->in_cell = false;
    if (buf_end(&r->text) != OK) {
        fault_here(r, too_long);
        return;
    }
    struct text t = buf_get(&r->text);
    if (r->type == 'e') {
        fault_here(r, error_cell);
        set_cell(r, t, false);
        return;
    }
    /* Only a formula of text comes to nothing; other programs write an empty value for "unknown".
     */
    if (r->formula && (!r->has_value || (t.n == 0 && r->type != 'f'))) {
        fault_here(r, no_value);
        return;
    }
    if (t.n == 0)
        return;
    if (r->type != 'i' && r->type != 'f')
        t = text_trim(t);
    switch (r->type) {
    case 's':
        if (text_int(t, 0, (int64_t)r->book.n_strings - 1, &i) != OK)
            fault_here(r, bad_cell);
        else
            set_cell(r, workbook_string(&r->book, (size_t)i), true);
        break;
    case 'i':
    case 'f':
        t.n = unescape_x(r->text.s, t.n);
        set_cell(r, t, false);
        break;
    case 'b':
        set_cell(r, text_is(t, "1") || text_is(t, "true") ? T("true") : T("false"), false);
        break;
    case 'd':
        iso_cell(r, t);
        break;
    default:
        number_cell(r, t);
    }
}

/* --- the sheet --- */

/* "AB12" is column 27; false when it is no reference. */
static bool reference(const char *ref, size_t *column)
{
    size_t n = 0;
    const char *c = ref;

    for (; *c >= 'A' && *c <= 'Z' && c - ref < 4; c++)
        n = n * 26 + (size_t)(*c - 'A') + 1;
    if (c == ref || c - ref > 3)
        return false;
    *column = n - 1;
    return true;
}

static void begin_row(struct xlsx_reader *r, const char **attributes)
{
    const char *number = part_attribute(attributes, "r");
    int64_t before = r->row.line, line = before + 1;

    if (number && (text_int(text_of(number), 1, ROW_NUMBER_MAX, &line) != OK || line <= before)) {
        part_fail(&r->sheet, ERR_SYNTAX, bad_order);
        return;
    }
    r->row = (struct sheet_row){.line = line, .cells = r->cells};
    r->in_row = true;
    r->column = SIZE_MAX; /* one before the first */
    buf_clear(&r->made);
}

static char cell_type(const char *type)
{
    if (!type)
        return 'n';
    if (strcmp(type, "inlineStr") == 0)
        return 'i';
    if (strcmp(type, "str") == 0)
        return 'f';
    return type[0] && strchr("nbesd", type[0]) && !type[1] ? type[0] : 'n';
}

static void begin_cell(struct xlsx_reader *r, const char **attributes)
{
    const char *ref = part_attribute(attributes, "r"), *style = part_attribute(attributes, "s");

    r->column++;
    if (ref && !reference(ref, &r->column)) {
        part_fail(&r->sheet, ERR_SYNTAX, bad_cell);
        return;
    }
    if (!style || text_int(text_of(style), 0, INT32_MAX, &r->style) != OK)
        r->style = -1;
    r->type = cell_type(part_attribute(attributes, "t"));
    r->in_cell = true;
    r->in_text = r->formula = r->has_value = false;
    r->phonetic = 0;
    buf_clear(&r->text);
}

static void sheet_start(void *user, const char *name, const char **attributes)
{
    struct xlsx_reader *r = user;

    if (strcmp(name, "row") == 0) {
        begin_row(r, attributes);
    } else if (r->in_row && strcmp(name, "c") == 0) {
        begin_cell(r, attributes);
    } else if (r->in_cell) {
        bool value = strcmp(name, "v") == 0;
        r->formula = r->formula || strcmp(name, "f") == 0;
        r->has_value = r->has_value || value;
        r->phonetic += strcmp(name, "rPh") == 0;
        r->in_text = value || (strcmp(name, "t") == 0 && r->type == 'i' && r->phonetic == 0);
    }
}

static void sheet_text(void *user, const char *s, size_t n)
{
    struct xlsx_reader *r = user;

    if (r->in_cell && r->in_text)
        buf_add(&r->text, s, n);
}

static void sheet_end(void *user, const char *name)
{
    struct xlsx_reader *r = user;

    r->in_text = false;
    if (r->in_cell && strcmp(name, "rPh") == 0)
        r->phonetic--;
    if (r->in_cell && strcmp(name, "c") == 0)
        finish_cell(r);
    if (!r->in_row || strcmp(name, "row") != 0)
        return;
    r->in_row = r->in_cell = false;
    if (r->row.n || r->row.fault) {
        r->row_ready = true;
        part_pause(&r->sheet);
    }
}

enum err xlsx_open(struct text bytes, struct xlsx_reader **reader, struct fault *fault)
{
    struct xlsx_reader *r = calloc(1, sizeof *r);
    enum err err;

    if (!r)
        return fault_set(fault, ERR_LIMIT, "no memory for a workbook");
    r->arena = arena_new();
    r->made = BUF((size_t)SHEET_COLUMNS_MAX * SHEET_CELL_MAX);
    r->text = BUF(SHEET_CELL_MAX);
    r->handlers = (struct part_handlers){sheet_start, sheet_end, sheet_text, r};
    r->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!r->c_locale) {
        err = fault_set(fault, ERR_LIMIT, "no memory for a workbook");
        goto out;
    }
    if ((err = pack_open(bytes, &r->pack, fault)) ||
        (err = workbook_read(&r->pack, r->arena, &r->book, fault)))
        goto out;
    if ((err = part_open(&r->pack, r->book.sheet, &r->handlers, &r->sheet))) {
        (void)fault_set(fault, err, "%s (%.80s)", r->sheet.why, r->book.sheet);
        goto out;
    }
    *reader = r;
    r = NULL;
out:
    xlsx_close(r);
    return err;
}

void xlsx_close(struct xlsx_reader *r)
{
    if (!r)
        return;
    part_close(&r->sheet);
    pack_close(&r->pack);
    buf_free(&r->book.strings);
    buf_free(&r->made);
    buf_free(&r->text);
    if (r->c_locale)
        freelocale(r->c_locale);
    arena_free(r->arena);
    free(r);
}

/* Overwriting a cell by a second one of the same place may fill `made`. */
static void finish_row(struct xlsx_reader *r)
{
    if (buf_end(&r->made) != OK) {
        r->column = 0;
        fault_here(r, too_long);
        r->row.n = 0;
    }
    for (size_t i = 0; i < r->row.n; i++)
        if (r->in_made[i] != SIZE_MAX)
            r->cells[i].s = r->made.s + r->in_made[i];
}

bool xlsx_next(struct xlsx_reader *r, struct sheet_row *row)
{
    if (r->ended)
        return false;
    r->row_ready = false;
    locale_t before = uselocale(r->c_locale);
    (void)part_step(&r->sheet);
    uselocale(before);
    if (r->row_ready && !r->sheet.err && r->rows++ < SHEET_ROWS_MAX) {
        finish_row(r);
        *row = r->row;
        return true;
    }
    r->ended = true;
    const char *why = r->sheet.err ? r->sheet.why : r->row_ready ? too_many_rows : NULL;
    *row = (struct sheet_row){.line = r->row.line, .cells = r->cells, .fault = why, .last = true};
    return why != NULL;
}
