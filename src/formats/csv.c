#include "formats/csv.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include <strings.h>

static const char too_many_rows[] =
    N_("The table has more than 1,000,000 rows: the rest is not read");
static const char too_many_columns[] = N_("The row has more than 256 columns");
static const char too_long[] = N_("A cell is longer than 100,000 bytes");
static const char unclosed[] = N_("A quote that is opened here is not closed");
static const char after_quote[] = N_("There is text after a closing quote");
static const char nul_byte[] = N_("The row holds a zero byte");
static const char broken[] = N_("The row holds bytes that are no letters: the encoding is damaged");
static const char control[] = N_("The row holds a control character");

enum encoding { UTF8, UTF16, CP1251 };

struct csv_reader {
    struct arena *arena;
    struct text in; /* without the byte order mark, never UTF-16 */
    size_t at;
    int64_t line; /* of `at` */
    int64_t rows, rows_max;
    enum encoding encoding;
    char delimiter;
    bool ended;
    /* Cells that are not the bytes of the file as they stand are built in `room`; it may move while
     * it grows, so until the row ends they are kept as offsets. */
    char *room;
    size_t room_n, room_cap;
    struct text cells[SHEET_COLUMNS_MAX];
    size_t in_room[SHEET_COLUMNS_MAX]; /* SIZE_MAX: not there */
};

/* Windows-1251 from 0x80 on. A table of its own, because iconv would load its from disk, and the
 * reader works where no file can be opened. */
static const uint16_t cp1251[128] = {
    /* clang-format off */
    0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021,
    0x20AC, 0x2030, 0x0409, 0x2039, 0x040A, 0x040C, 0x040B, 0x040F,
    0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0xFFFD, 0x2122, 0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F,
    0x00A0, 0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6, 0x00A7,
    0x0401, 0x00A9, 0x0404, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407,
    0x00B0, 0x00B1, 0x0406, 0x0456, 0x0491, 0x00B5, 0x00B6, 0x00B7,
    0x0451, 0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457,
    0x0410, 0x0411, 0x0412, 0x0413, 0x0414, 0x0415, 0x0416, 0x0417,
    0x0418, 0x0419, 0x041A, 0x041B, 0x041C, 0x041D, 0x041E, 0x041F,
    0x0420, 0x0421, 0x0422, 0x0423, 0x0424, 0x0425, 0x0426, 0x0427,
    0x0428, 0x0429, 0x042A, 0x042B, 0x042C, 0x042D, 0x042E, 0x042F,
    0x0430, 0x0431, 0x0432, 0x0433, 0x0434, 0x0435, 0x0436, 0x0437,
    0x0438, 0x0439, 0x043A, 0x043B, 0x043C, 0x043D, 0x043E, 0x043F,
    0x0440, 0x0441, 0x0442, 0x0443, 0x0444, 0x0445, 0x0446, 0x0447,
    0x0448, 0x0449, 0x044A, 0x044B, 0x044C, 0x044D, 0x044E, 0x044F,
    /* clang-format on */
};

/* --- what are these bytes? --- */

const char *csv_foreign(struct text bytes)
{
    static const struct {
        struct text magic;
        const char *what;
    } kinds[] = {
        {T("PK\3\4"), "a ZIP archive or a document of an office program"},
        {T("PK\5\6"), "an empty ZIP archive"},
        {T("\xD0\xCF\x11\xE0"), "an old Excel file (.xls) or a workbook with a password"},
        {T("%PDF"), "a PDF document"},
        {T("\x89PNG"), "a picture (PNG)"},
        {T("\xFF\xD8\xFF"), "a picture (JPEG)"},
        {T("GIF8"), "a picture (GIF)"},
        {T("MZ\x90"), "a program"},
        {T("\x7F"
           "ELF"),
         "a program"},
        {T("\x1F\x8B"), "a packed file (gzip)"},
        {T("7z\xBC\xAF"), "a packed file (7z)"},
        {T("Rar!"), "a packed file (RAR)"},
        {T("{\\rtf"), "a text document (RTF)"},
        {T("SQLite format 3"), "a database (SQLite)"},
    };
    static const char *const markup[] = {"<html", "<!doctype", "<?xml", "<table"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (bytes.n >= kinds[i].magic.n && memcmp(bytes.s, kinds[i].magic.s, kinds[i].magic.n) == 0)
            return kinds[i].what;
    /* Sites give web pages out under the name of .xls. */
    struct text t = text_trim(
        text_starts(bytes, "\xEF\xBB\xBF") ? (struct text){bytes.s + 3, bytes.n - 3} : bytes);
    for (size_t i = 0; i < sizeof markup / sizeof *markup; i++)
        if (t.n >= strlen(markup[i]) && strncasecmp(t.s, markup[i], strlen(markup[i])) == 0)
            return "a web page or XML, whatever its name says";
    return NULL;
}

/* How many letters outside ASCII are well-formed UTF-8, how many bytes are none. */
static void weigh_utf8(struct text t, size_t *good, size_t *bad)
{
    size_t i = 0;
    uint32_t cp;

    *good = *bad = 0;
    while (i < t.n) {
        uint64_t eight;
        if (t.n - i >= 8) {
            memcpy(&eight, t.s + i, 8);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                i += 8;
                continue;
            }
        }
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        *good += len > 1;
        *bad += len == 0;
        i += len ? len : 1;
    }
}

/* In CP866 the letters lie at 80-AF and E0-EF, in Windows-1251 at C0-FF. A few dashes and quotes
 * say nothing. */
static bool looks_like_dos(struct text t)
{
    enum { ENOUGH = 16 };
    size_t low = 0, high = 0;

    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        low += c >= 0x80 && c <= 0xAF;
        high += c >= 0x80;
    }
    return high >= ENOUGH && low > high / 2;
}

static bool looks_binary(struct text t)
{
    size_t n = t.n < 4096 ? t.n : 4096, controls = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        controls += c < 0x20 && c != '\t' && c != '\r' && c != '\n';
    }
    return controls > 4 && controls > n / 10;
}

/* A broken half becomes a byte that is no UTF-8, so that its line is reported. */
static struct text from_utf16(struct arena *arena, struct text t, bool big)
{
    char *out = arena_alloc(arena, t.n / 2 * 3 + 2);
    size_t n = 0, i = 0;
    const unsigned char *s = (const unsigned char *)t.s;

    while (i + 1 < t.n) {
        uint32_t u = big ? (uint32_t)s[i] << 8 | s[i + 1] : (uint32_t)s[i + 1] << 8 | s[i];
        i += 2;
        if (u >= 0xD800 && u <= 0xDBFF && i + 1 < t.n) {
            uint32_t low = big ? (uint32_t)s[i] << 8 | s[i + 1] : (uint32_t)s[i + 1] << 8 | s[i];
            if (low >= 0xDC00 && low <= 0xDFFF) {
                n += utf8_put(out + n, 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00));
                i += 2;
                continue;
            }
        }
        if (u >= 0xD800 && u <= 0xDFFF)
            out[n++] = (char)0xFF;
        else
            n += utf8_put(out + n, u);
    }
    if (i < t.n)
        out[n++] = (char)0xFF;
    return (struct text){out, n};
}

/* The delimiter that cuts the first lines most evenly. Quotes as in RFC 4180, roughly. */
static char find_delimiter(struct text t)
{
    static const char candidates[] = {';', ',', '\t'};
    enum { N = sizeof candidates, LINES = 20, BYTES = 65536 };
    size_t first[N] = {0}, count[N] = {0}, even[N] = {0};
    int best = 0, lines = 0;
    bool quoted = false;

    for (size_t i = 0; lines < LINES && i <= t.n && i < BYTES; i++) {
        char c = i < t.n ? t.s[i] : '\n';
        if (c == '"')
            quoted = !quoted;
        if (c == '\n' || c == '\r') {
            if (quoted && i < t.n)
                continue;
            bool blank = i == 0 || t.s[i - 1] == '\n' || t.s[i - 1] == '\r';
            for (int k = 0; k < N && !blank; k++) {
                if (lines == 0)
                    first[k] = count[k];
                even[k] += count[k] > 0 && count[k] == first[k];
                count[k] = 0;
            }
            lines += !blank;
            continue;
        }
        for (int k = 0; k < N; k++)
            count[k] += !quoted && c == candidates[k];
    }
    for (int k = 1; k < N; k++)
        if (even[k] > even[best] || (even[k] == even[best] && first[k] > first[best]))
            best = k;
    return candidates[best];
}

/* "sep=;" is how Excel is told; it is no row. */
static bool take_sep_line(struct csv_reader *r)
{
    struct text rest = r->in, first;

    if (!text_split(&rest, '\n', &first))
        return false;
    first = text_trim(first);
    if (first.n != 5 || strncasecmp(first.s, "sep=", 4) != 0 || !strchr(",;|", first.s[4]))
        return false;
    r->delimiter = first.s[4];
    r->at = r->in.n - rest.n;
    r->line = 2;
    return true;
}

enum err csv_open(struct text bytes, struct arena *arena, struct csv_reader **reader,
                  struct fault *fault)
{
    if (bytes.n > SHEET_BYTES_MAX)
        return fault_set(fault, ERR_LIMIT, "the file is larger than %d MB", SHEET_BYTES_MAX >> 20);
    enum err err = csv_open_log(bytes, 0, arena, reader, fault);
    if (!err)
        (*reader)->rows_max = SHEET_ROWS_MAX;
    return err;
}

enum err csv_open_log(struct text bytes, char delimiter, struct arena *arena, struct csv_reader **reader,
                      struct fault *fault)
{
    struct text t = bytes;
    enum encoding encoding = UTF8;
    size_t good, bad;

    const char *what = csv_foreign(t);
    if (what)
        return fault_set(fault, ERR_SYNTAX, "this is %s, not a table in CSV", what);
    if (text_starts(t, "\xEF\xBB\xBF")) {
        t = (struct text){t.s + 3, t.n - 3};
    } else if (text_starts(t, "\xFF\xFE") || text_starts(t, "\xFE\xFF")) {
        t = from_utf16(arena, (struct text){t.s + 2, t.n - 2}, t.s[0] == '\xFE');
        encoding = UTF16;
    } else {
        weigh_utf8(t, &good, &bad);
        if (bad > 0 && good <= bad)
            encoding = CP1251;
    }
    if (t.n && t.s[t.n - 1] == 0x1A) /* the end mark of old programs */
        t.n--;
    if (text_trim(t).n == 0)
        return fault_set(fault, ERR_SYNTAX, "the file is empty");
    if (looks_binary(t))
        return fault_set(fault, ERR_SYNTAX, "the file is not text; save the table as CSV or XLSX");
    if (encoding == CP1251 && looks_like_dos(t))
        return fault_set(fault, ERR_SYNTAX,
                         "the letters are neither UTF-8 nor Windows-1251 (a DOS "
                         "encoding?); save the table as CSV in UTF-8");

    struct csv_reader *r = NEW(arena, struct csv_reader);
    r->arena = arena;
    r->in = t;
    r->line = 1;
    r->encoding = encoding;
    r->rows_max = INT64_MAX;
    if (!take_sep_line(r))
        r->delimiter = find_delimiter(t);
    if (delimiter)
        r->delimiter = delimiter;
    *reader = r;
    return OK;
}

char csv_delimiter(const struct csv_reader *reader)
{
    return reader->delimiter;
}

const char *csv_encoding(const struct csv_reader *reader)
{
    static const char *const names[] = {"utf-8", "utf-16", "windows-1251"};

    return names[reader->encoding];
}

/* --- cells --- */

static void fault_at(struct sheet_row *row, const char *fault, size_t column)
{
    if (row->fault)
        return;
    row->fault = fault;
    row->column = column;
}

static const char *wrong_letters(struct text t)
{
    size_t good, bad;

    if (text_valid(t))
        return NULL;
    if (memchr(t.s, '\0', t.n))
        return nul_byte;
    weigh_utf8(t, &good, &bad);
    return bad ? broken : control;
}

static bool all_ascii(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] >= 0x80)
            return false;
    return true;
}

/* Writes t into room with doubled quotes made single and 1251 made UTF-8; the length. */
static size_t rewrite(struct csv_reader *r, struct text t, bool doubled)
{
    size_t need = r->room_n + t.n * 3;

    if (need > r->room_cap) {
        size_t cap = r->room_cap * 2 > need ? r->room_cap * 2 : need + 4096;
        r->room = arena_grow(r->arena, r->room, r->room_cap, cap);
        r->room_cap = cap;
    }
    char *out = r->room + r->room_n;
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (doubled && c == '"')
            i++;
        if (c < 0x80 || r->encoding != CP1251)
            out[n++] = (char)c;
        else if (cp1251[c - 0x80] == 0xFFFD)
            out[n++] = (char)c; /* the one letter 1251 has not: stays broken, and is reported */
        else
            n += utf8_put(out + n, cp1251[c - 0x80]);
    }
    r->room_n += n;
    return n;
}

/* = + - @ tab CR, and the wide forms of the first four, which some spreadsheets take too. */
static bool runs_as_formula(struct text t)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (text_starts(t, wide[i]))
            return true;
    return t.n && strchr("=+-@\t\r", t.s[0]);
}

/* Whether after apostrophes (none is enough) comes what would run as a formula. */
static bool guarded(struct text t)
{
    size_t i = 0;

    while (i < t.n && t.s[i] == '\'')
        i++;
    return runs_as_formula((struct text){t.s + i, t.n - i});
}

static void add_cell(struct csv_reader *r, struct sheet_row *row, struct text t, bool doubled)
{
    size_t at = SIZE_MAX;

    if (row->n == SHEET_COLUMNS_MAX) {
        if (t.n) /* empty ones beyond the end are what spreadsheets leave behind */
            fault_at(row, too_many_columns, row->n + 1);
        return;
    }
    if (t.n > SHEET_CELL_MAX) {
        fault_at(row, too_long, row->n + 1);
        t.n = 0;
    }
    if (doubled || (r->encoding == CP1251 && !all_ascii(t))) {
        at = r->room_n;
        size_t n = rewrite(r, t, doubled);
        t = (struct text){r->room + at, n};
    }
    if (t.n && t.s[0] == '\'' && guarded(t)) {
        t = (struct text){t.s + 1, t.n - 1};
        at += at != SIZE_MAX;
    }
    const char *fault = t.n > SHEET_CELL_MAX ? too_long : wrong_letters(t);
    if (fault)
        fault_at(row, fault, row->n + 1);
    r->cells[row->n] = t;
    r->in_room[row->n] = at;
    row->n++;
}

/* Past the line end at `at`, 0 when there is none. */
static size_t line_end(struct text t, size_t at)
{
    if (t.s[at] == '\n')
        return 1;
    if (t.s[at] == '\r')
        return at + 1 < t.n && t.s[at + 1] == '\n' ? 2 : 1;
    return 0;
}

static void skip_line(struct csv_reader *r)
{
    while (r->at < r->in.n) {
        size_t end = line_end(r->in, r->at);
        r->at += end ? end : 1;
        if (end) {
            r->line++;
            return;
        }
    }
}

/* A cell in quotes; false when the quotes are wrong: then the reader stands at the line after the
 * one where this quote opened, so that one forgotten quote does not swallow the file, and no bytes
 * are looked at over and over. */
static bool quoted_cell(struct csv_reader *r, struct sheet_row *row)
{
    struct text in = r->in;
    size_t open = r->at, i = open + 1;
    int64_t line = r->line;
    bool doubled = false;

    /* What is too long is known for a long cell when it ends in its line, which is walked to its end in any case. */
    while (i < in.n && (i - open <= SHEET_CELL_MAX + 1 || line == r->line)) {
        if (in.s[i] == '"') {
            if (i + 1 >= in.n || in.s[i + 1] != '"')
                break;
            doubled = true;
            i += 2;
            continue;
        }
        size_t end = line_end(in, i);
        line += end > 0;
        i += end ? end : 1;
    }
    bool closed = i < in.n && in.s[i] == '"';
    bool clean = closed && (i + 1 == in.n || in.s[i + 1] == r->delimiter || line_end(in, i + 1));
    if (!clean) {
        fault_at(row, closed && line == r->line ? after_quote : unclosed, row->n + 1);
        skip_line(r);
        size_t n = r->at - open;
        while (n && line_end(in, open + n - 1))
            n--;
        add_cell(r, row, (struct text){in.s + open, n}, false); /* to be seen in the report */
        return false;
    }
    add_cell(r, row, (struct text){in.s + open + 1, i - open - 1}, doubled);
    r->at = i + 1;
    r->line = line;
    return true;
}

/* false after the last cell of the row */
static bool read_cell(struct csv_reader *r, struct sheet_row *row)
{
    struct text in = r->in;

    if (r->at < in.n && in.s[r->at] == '"') {
        if (!quoted_cell(r, row))
            return false;
    } else {
        size_t i = r->at;
        while (i < in.n && in.s[i] != r->delimiter && in.s[i] != '\n' && in.s[i] != '\r')
            i++;
        add_cell(r, row, (struct text){in.s + r->at, i - r->at}, false);
        r->at = i;
    }
    if (r->at >= in.n)
        return false;
    size_t end = line_end(in, r->at);
    r->at += end ? end : 1;
    r->line += end > 0;
    return end == 0;
}

static bool has_content(const struct sheet_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->cells[i].n)
            return true;
    return row->fault != NULL;
}

bool csv_next(struct csv_reader *r, struct sheet_row *row)
{
    while (!r->ended && r->at < r->in.n) {
        *row = (struct sheet_row){.line = r->line, .cells = r->cells};
        r->room_n = 0;
        while (read_cell(r, row))
            continue;
        for (size_t i = 0; i < row->n; i++)
            if (r->in_room[i] != SIZE_MAX)
                r->cells[i].s = r->room + r->in_room[i];
        if (!has_content(row))
            continue;
        if (r->rows++ == r->rows_max) {
            r->ended = true;
            *row = (struct sheet_row){.line = row->line, .fault = too_many_rows, .last = true};
        }
        return true;
    }
    return false;
}

/* --- out --- */

void csv_begin(struct csv_writer *w, struct buf *out, char delimiter, bool bom)
{
    w->out = out;
    w->delimiter = delimiter;
    w->in_row = false;
    if (bom)
        buf_z(out, "\xEF\xBB\xBF");
}

static bool needs_quotes(struct text t, char delimiter)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] == delimiter || t.s[i] == '"' || t.s[i] == '\n' || t.s[i] == '\r')
            return true;
    /* Blanks at the edges are lost in some readers. */
    return t.n && (t.s[0] == ' ' || t.s[t.n - 1] == ' ');
}

static void next_cell(struct csv_writer *w)
{
    if (w->in_row)
        buf_char(w->out, w->delimiter);
    w->in_row = true;
}

void csv_write_cell(struct csv_writer *w, struct text t)
{
    bool quotes = needs_quotes(t, w->delimiter);

    next_cell(w);
    if (quotes)
        buf_char(w->out, '"');
    if (w->guard && guarded(t))
        buf_char(w->out, '\'');
    for (size_t i = 0; quotes && i < t.n; i++) {
        if (t.s[i] == '"')
            buf_char(w->out, '"');
        buf_char(w->out, t.s[i]);
    }
    if (quotes)
        buf_char(w->out, '"');
    else
        buf_text(w->out, t);
}

void csv_write_value(struct csv_writer *w, struct value v)
{
    char text[32];

    switch (v.kind) {
    case V_INT: /* a negative number is no formula */
        next_cell(w);
        buf_int(w->out, v.i);
        break;
    case V_TEXT:
    case V_CODE:
        csv_write_cell(w, v_as_text(v));
        break;
    case V_DATE:
        date_iso(v.i, text);
        csv_write_cell(w, text_of(text));
        break;
    case V_INSTANT:
        instant_local(v.i, text);
        csv_write_cell(w, text_of(text));
        break;
    case V_HIDDEN:
        csv_write_cell(w, w->hidden);
        break;
    default:
        next_cell(w);
    }
}

void csv_write_end(struct csv_writer *w)
{
    buf_add(w->out, "\r\n", 2);
    w->in_row = false;
}
