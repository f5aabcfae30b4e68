#include "formats/xlsx_parts.h"
#include "base/i18n.h"
#include "base/utf8.h"

enum {
    STYLES_MAX = 65536,
    FORMATS_MAX = 1000,
    STRINGS_MAX = 4000000,
    STRINGS_BYTES_MAX = 128 * 1024 * 1024,
    NAME_MAX_BYTES = 500,
    NUMBER_DIGITS_MAX = 20,
};

/* --- relationships and the workbook --- */

struct names {
    struct arena *arena;
    const char *dir;      /* of the part the relationships belong to, "" or "xl/" */
    const char *workbook; /* found in _rels/.rels */
    const char *sheet_id; /* of the sheet that is looked for */
    const char *sheet, *strings, *styles;
    bool sheet_shown;
    bool from_1904;
};

/* The name of a part from the target of a relationship: "/xl/a.xml", "a.xml", "../a.xml". */
static const char *resolve(struct arena *arena, const char *dir, const char *target)
{
    if (strlen(target) > NAME_MAX_BYTES)
        return "";
    struct text rest =
        *target == '/' ? text_of(target + 1) : arena_printf(arena, "%s%s", dir, target);
    char *out = arena_alloc(arena, rest.n + 2);
    size_t n = 0;
    struct text piece;

    while (text_split(&rest, '/', &piece)) {
        if (piece.n == 0 || text_is(piece, "."))
            continue;
        if (text_is(piece, "..")) {
            while (n > 0 && out[--n] != '/')
                continue;
            continue;
        }
        if (n)
            out[n++] = '/';
        memcpy(out + n, piece.s, piece.n);
        n += piece.n;
    }
    out[n] = '\0';
    return out;
}

static void rels_start(void *user, const char *name, const char **attributes)
{
    struct names *names = user;
    const char *type = part_attribute(attributes, "Type");
    const char *id = part_attribute(attributes, "Id");
    const char *target = part_attribute(attributes, "Target");

    if (strcmp(name, "Relationship") != 0 || !type || !id || !target)
        return;
    const char **place = NULL;
    if (text_ends(text_of(type), "/officeDocument"))
        place = &names->workbook;
    else if (text_ends(text_of(type), "/sharedStrings"))
        place = &names->strings;
    else if (text_ends(text_of(type), "/styles"))
        place = &names->styles;
    else if (names->sheet_id && strcmp(id, names->sheet_id) == 0 &&
             text_ends(text_of(type), "/worksheet"))
        place = &names->sheet;
    if (place && !*place)
        *place = resolve(names->arena, names->dir, target);
}

static bool is_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* r:id, not the sheetId that stands beside it. */
static const char *rid(const char **attributes)
{
    for (; attributes[0]; attributes += 2)
        if (text_ends(text_of(attributes[0]), ":id"))
            return attributes[1];
    return NULL;
}

static void workbook_start(void *user, const char *name, const char **attributes)
{
    struct names *names = user;

    if (strcmp(name, "workbookPr") == 0)
        names->from_1904 = is_true(part_attribute(attributes, "date1904"));
    if (strcmp(name, "sheet") != 0)
        return;
    const char *state = part_attribute(attributes, "state"), *id = rid(attributes);
    bool shown = !state || strcmp(state, "visible") == 0;
    if (!id || names->sheet_shown || (names->sheet_id && !shown))
        return;
    names->sheet_id = arena_z(names->arena, text_of(id));
    names->sheet_shown = shown;
}

/* "xl/workbook.xml" has its relationships in "xl/_rels/workbook.xml.rels". */
static const char *rels_of(struct arena *arena, const char *name, const char **dir)
{
    const char *slash = strrchr(name, '/');
    size_t n = slash ? (size_t)(slash - name) + 1 : 0;

    *dir = arena_z(arena, (struct text){name, n});
    return arena_printf(arena, "%s_rels/%s.rels", *dir, name + n).s;
}

static enum err not_a_workbook(struct pack *pack, struct fault *fault)
{
    const char *what = "a ZIP archive without a workbook";

    if (pack_has(pack, "word/document.xml"))
        what = "a Word document (.docx)";
    else if (pack_has(pack, "ppt/presentation.xml"))
        what = "a presentation (.pptx)";
    else if (pack_has(pack, "xl/workbook.bin"))
        what = "a binary workbook (.xlsb)";
    else if (pack_has(pack, "content.xml"))
        what = "an OpenDocument file (.ods, .odt)";
    return fault_set(fault, ERR_SYNTAX, "this is %s, not a table; save it as XLSX or CSV", what);
}

static enum err find_parts(struct pack *pack, struct names *names, struct fault *fault)
{
    struct part_handlers rels = {.start = rels_start, .user = names};
    struct part_handlers book = {.start = workbook_start, .user = names};
    enum err err;

    names->dir = "";
    if (pack_has(pack, "_rels/.rels") && (err = part_read(pack, "_rels/.rels", &rels, fault)))
        return err;
    const char *workbook = names->workbook ? names->workbook : "xl/workbook.xml";
    if (!pack_has(pack, workbook) || text_ends(text_of(workbook), ".bin") ||
        strncmp(workbook, "word/", 5) == 0 || strncmp(workbook, "ppt/", 4) == 0)
        return not_a_workbook(pack, fault);
    if ((err = part_read(pack, workbook, &book, fault)))
        return err;
    const char *name = rels_of(names->arena, workbook, &names->dir);
    if (pack_has(pack, name) && (err = part_read(pack, name, &rels, fault)))
        return err;
    if (!names->sheet)
        names->sheet = "xl/worksheets/sheet1.xml";
    if (!pack_has(pack, names->sheet))
        return fault_set(fault, ERR_SYNTAX, "the workbook has no sheet with cells");
    return OK;
}

/* --- styles: which numbers are dates --- */

/* Skips what is written as it stands: "text", [colour], \x, _x, *x. Past the end it stops. */
static const char *skip_literal(const char *c)
{
    char close = *c == '"' ? '"' : *c == '[' ? ']' : '\0';

    if (close) {
        for (c++; *c && *c != close; c++)
            continue;
        return *c ? c + 1 : c;
    }
    return c[1] ? c + 2 : c + 1;
}

struct style style_by_format(const char *code)
{
    bool date = false, time = false, month_or_minute = false, digits = false, only_zeros = true;
    uint8_t zeros = 0;
    const char *c = code;

    while (*c && *c != ';') { /* the first section is that of positive numbers */
        if (*c == '[' && strchr("hHmMsS", c[1]) && c[1]) { /* [h]: elapsed hours */
            time = true;
            c = skip_literal(c);
        } else if (strchr("\"[\\_*", *c)) {
            c = skip_literal(c);
        } else if (strncmp(c, "AM/PM", 5) == 0 || strncmp(c, "am/pm", 5) == 0) {
            time = true;
            c += 5;
        } else if (strncmp(c, "General", 7) == 0) {
            only_zeros = false;
            c += 7;
        } else {
            date = date || strchr("yYdD", *c);
            time = time || strchr("hHsS", *c);
            month_or_minute = month_or_minute || strchr("mM", *c);
            digits = digits || strchr("0#?", *c);
            zeros += *c == '0' && zeros < NUMBER_DIGITS_MAX;
            only_zeros = only_zeros && strchr("0-+() ", *c);
            c++;
        }
    }
    if (month_or_minute && !time && !digits)
        date = true;
    return (struct style){.shown = (date ? SHOWN_DATE : 0) | (time ? SHOWN_TIME : 0),
                          .digits = only_zeros ? zeros : 0};
}

static struct style builtin_format(int64_t id)
{
    struct style style = {.shown = SHOWN_NUMBER};

    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
        id == 57 || id == 58)
        style.shown = SHOWN_DATE;
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 ||
        id == 56)
        style.shown = SHOWN_TIME;
    if (id == 22)
        style.shown = SHOWN_DATE | SHOWN_TIME;
    return style;
}

struct format {
    int64_t id;
    struct style style;
};

/* styles.xml on its way into the workbook */
struct styles {
    struct arena *arena;
    struct workbook *workbook;
    struct format *formats;
    size_t n_formats, cap_formats, cap_styles;
    bool in_cells;
};

static void *grow(struct arena *arena, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    size_t more = *cap ? *cap * 2 : 64;
    void *p = arena_grow(arena, old, *cap * size, more * size);
    *cap = more;
    return p;
}

static struct style style_of(const struct styles *st, int64_t id)
{
    for (size_t i = 0; i < st->n_formats; i++)
        if (st->formats[i].id == id)
            return st->formats[i].style;
    return builtin_format(id);
}

static void styles_start(void *user, const char *name, const char **attributes)
{
    struct styles *st = user;
    struct workbook *wb = st->workbook;
    const char *id_text = part_attribute(attributes, "numFmtId");
    int64_t id = 0;

    if (strcmp(name, "cellXfs") == 0)
        st->in_cells = true;
    if (id_text && text_int(text_of(id_text), 0, INT32_MAX, &id) != OK)
        id = 0;
    if (strcmp(name, "numFmt") == 0 && st->n_formats < FORMATS_MAX) {
        const char *code = part_attribute(attributes, "formatCode");
        st->formats =
            grow(st->arena, st->formats, st->n_formats, &st->cap_formats, sizeof *st->formats);
        st->formats[st->n_formats++] = (struct format){id, style_by_format(code ? code : "")};
    }
    if (strcmp(name, "xf") == 0 && st->in_cells && wb->n_styles < STYLES_MAX) {
        wb->styles = grow(st->arena, wb->styles, wb->n_styles, &st->cap_styles, sizeof *wb->styles);
        wb->styles[wb->n_styles++] = style_of(st, id);
    }
}

static void styles_end(void *user, const char *name)
{
    struct styles *st = user;

    if (strcmp(name, "cellXfs") == 0)
        st->in_cells = false;
}

/* --- shared strings --- */

struct strings {
    struct arena *arena;
    struct workbook *workbook;
    size_t cap, start;
    bool in_text, too_many;
    int phonetic; /* depth of readings of Japanese words, which are no part of the text */
};

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

size_t unescape_x(char *s, size_t n)
{
    size_t from = 0, to = 0;

    while (from < n) {
        if (n - from >= 7 && s[from] == '_' && s[from + 1] == 'x' && s[from + 6] == '_') {
            uint32_t u = 0;
            bool all = true;
            for (size_t i = 2; i < 6; i++) {
                all = all && hex(s[from + i]) >= 0;
                u = u << 4 | (uint32_t)(hex(s[from + i]) & 15);
            }
            if (all && (u < 0xD800 || u > 0xDFFF)) {
                to += utf8_put(s + to, u);
                from += 7;
                continue;
            }
        }
        s[to++] = s[from++];
    }
    return to;
}

static void strings_start(void *user, const char *name, const char **attributes)
{
    struct strings *st = user;

    (void)attributes;
    if (strcmp(name, "si") == 0)
        st->start = st->workbook->strings.n;
    st->phonetic += strcmp(name, "rPh") == 0;
    st->in_text = strcmp(name, "t") == 0 && st->phonetic == 0;
}

static void strings_text(void *user, const char *s, size_t n)
{
    struct strings *st = user;

    if (st->in_text)
        buf_add(&st->workbook->strings, s, n);
}

static void strings_end(void *user, const char *name)
{
    struct strings *st = user;
    struct workbook *wb = st->workbook;

    st->in_text = false;
    st->phonetic -= strcmp(name, "rPh") == 0;
    if (strcmp(name, "si") != 0 || wb->strings.failed)
        return;
    if (wb->n_strings == STRINGS_MAX) {
        st->too_many = true;
        return;
    }
    if (wb->strings.n > st->start)
        wb->strings.n =
            st->start + unescape_x(wb->strings.s + st->start, wb->strings.n - st->start);
    wb->ends = grow(st->arena, wb->ends, wb->n_strings, &st->cap, sizeof *wb->ends);
    wb->ends[wb->n_strings++] = wb->strings.n;
}

struct text workbook_string(const struct workbook *wb, size_t i)
{
    size_t start = i ? wb->ends[i - 1] : 0;

    if (wb->ends[i] == start)
        return T(""); /* perhaps none of them has a byte */
    return (struct text){wb->strings.s + start, wb->ends[i] - start};
}

enum err workbook_read(struct pack *pack, struct arena *arena, struct workbook *wb,
                       struct fault *fault)
{
    struct names names = {.arena = arena};
    struct styles styles = {.arena = arena, .workbook = wb};
    struct strings strings = {.arena = arena, .workbook = wb};
    struct part_handlers read_styles = {.start = styles_start, .end = styles_end, .user = &styles};
    struct part_handlers read_strings = {strings_start, strings_end, strings_text, &strings};

    *wb = (struct workbook){.strings = BUF(STRINGS_BYTES_MAX)};
    enum err err = find_parts(pack, &names, fault);
    if (err)
        return err;
    wb->sheet = names.sheet;
    wb->from_1904 = names.from_1904;
    if (names.styles && pack_has(pack, names.styles) &&
        (err = part_read(pack, names.styles, &read_styles, fault)))
        return err;
    if (names.strings && pack_has(pack, names.strings) &&
        (err = part_read(pack, names.strings, &read_strings, fault)))
        return err;
    if (strings.too_many || buf_end(&wb->strings) != OK)
        return fault_set(fault, ERR_LIMIT, "the workbook holds more text than can be read");
    return OK;
}
