/* The child that reads files of HSDS: JSON by jansson, the package by libzip and our own CSV. Everything is checked here by the
 * published schema, so that what the register gets is rows of known fields. */
#include "base/date.h"
#include "base/i18n.h"
#include "formats/csv.h"
#include "formats/hsds.h"
#include "formats/job_child.h"
#include "formats/lock.h"
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

enum { DEEP = 12, FILES_MAX = 64, FINDINGS_MAX = 1000 };

struct seen {
    uint64_t hash;
    int table;
    size_t row; /* in rows */
};
struct one {
    int table;
    struct text file;
    int64_t line;
    struct text value[HSDS_FIELDS_MAX];
};
struct reading {
    struct arena *arena;
    struct buf out;
    int findings;
    struct one *rows;
    size_t n, cap;
    struct seen *slots; /* by id, open addressing, twice HSDS_ROWS_MAX */
    struct text file;
    struct text of; /* id of the object that findings are about */
    bool json;
    /* lines of the objects of a JSON text, in the order in which they begin */
    int64_t *lines;
    size_t n_lines, at_line;
};

enum { SLOTS = 1 << 19 };

static void put(struct reading *r, struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        switch (t.s[i]) {
        case '\t': buf_z(&r->out, "\\t"); break;
        case '\n': buf_z(&r->out, "\\n"); break;
        case '\\': buf_z(&r->out, "\\\\"); break;
        case '\r': break;
        default: buf_char(&r->out, t.s[i]);
        }
}

static void found(struct reading *r, bool wrong, int64_t line, const char *field, const char *words, struct text about)
{
    enum { ABOUT = 120 };
    if (r->findings++ >= FINDINGS_MAX)
        return;
    if (about.n > ABOUT) {
        about.n = ABOUT;
        while (about.n && ((unsigned char)about.s[about.n] & 0xC0) == 0x80)
            about.n--;
    }
    buf_printf(&r->out, "%c\t", wrong ? 'W' : 'N');
    put(r, r->file);
    buf_printf(&r->out, "\t%lld\t", (long long)line);
    put(r, text_of(field));
    buf_char(&r->out, '\t');
    put(r, text_of(words));
    buf_char(&r->out, '\t');
    put(r, text_valid(about) ? about : T("?"));
    buf_char(&r->out, '\t');
    put(r, r->of);
    buf_char(&r->out, '\n');
}

/* ---- one value ---- */

static bool uuid_good(struct text t)
{
    if (t.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? t.s[i] != '-' : !isxdigit((unsigned char)t.s[i]))
            return false;
    return true;
}

static bool number_good(struct arena *arena, struct text t)
{
    char *end;
    const char *z = arena_z(arena, t);
    if (t.n > 40 || !t.n || !strchr("-0123456789.", t.s[0]))
        return false;
    strtod(z, &end);
    return *end == '\0' && !strpbrk(z, "xXpPnNiI");
}

static bool time_good(struct text t)
{
    int minutes;
    return t.n >= 5 && time_parse((struct text){t.s, 5}, &minutes) == OK && (t.n == 5 || strchr(":Z+-", t.s[5]));
}

static const char *value_wrong(struct arena *arena, const struct hsds_field *f, struct text t)
{
    int64_t day;
    struct text head = {t.s, t.n < 10 ? t.n : 10};
    switch (f->type) {
    case HSDS_UUID: return uuid_good(t) ? NULL : N_("this is no UUID");
    case HSDS_NUMBER: return number_good(arena, t) ? NULL : N_("this is no number");
    case HSDS_DATE: return date_parse_iso(t, &day) ? N_("this is no date of the form 2024-06-15") : NULL;
    case HSDS_DATETIME: return date_parse_iso(head, &day) || t.n < 20 || t.s[10] != 'T' ? N_("this is no date and time of the form 2024-06-15T10:00:00Z") : NULL;
    case HSDS_TIME: return time_good(t) ? NULL : N_("this is no time of the form 09:00");
    case HSDS_EMAIL: return memchr(t.s, '@', t.n) && !memchr(t.s, ' ', t.n) ? NULL : N_("this is no address of e-mail");
    case HSDS_URI: return memchr(t.s, ':', t.n) && !memchr(t.s, ' ', t.n) ? NULL : N_("this is no address of the web");
    case HSDS_ENUM: {
        struct text rest = text_of(f->words), word;
        while (text_split(&rest, '|', &word))
            if (text_eq(text_trim(word), t))
                return NULL;
        return N_("the specification has no such value");
    }
    case HSDS_TEXT: break;
    }
    return NULL;
}

/* What stands for a tag: nothing for those inside a word or a line. */
static char gap_of(struct text tag)
{
    static const char *const lines[] = {"<br", "<p", "</p", "<li", "</li", "<div", "</div", "<tr", "<h", NULL};
    static const char *const words[] = {"<b>", "</b>", "<i>", "</i>", "<em", "</em", "<strong", "</strong", "<a ", "</a", "<span", "</span", "<u>", "</u>", NULL};
    for (int i = 0; lines[i]; i++)
        if (text_starts(tag, lines[i]))
            return '\n';
    for (int i = 0; words[i]; i++)
        if (text_starts(tag, words[i]))
            return 0;
    return ' ';
}

/* Text without its tags; entities that stand for our own marks are opened. */
static struct text without_markup(struct arena *arena, struct text t, bool *some)
{
    static const struct {
        const char *entity, *is;
    } entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}};
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;
    *some = false;
    for (size_t i = 0; i < t.n;) {
        struct text rest = {t.s + i, t.n - i};
        const char *end;
        if (rest.n > 2 && rest.s[0] == '<' && (isalpha((unsigned char)rest.s[1]) || rest.s[1] == '/' || rest.s[1] == '!') &&
            (end = memchr(rest.s, '>', rest.n))) {
            char gap = gap_of(rest), after = end + 1 < t.s + t.n ? end[1] : '\n';
            if (gap && n && s[n - 1] != '\n' && s[n - 1] != ' ' && after != ' ' && after != '\n')
                s[n++] = gap;
            i += (size_t)(end - rest.s) + 1;
            *some = true;
            continue;
        }
        size_t k = 0;
        while (k < sizeof entities / sizeof entities[0] && !text_starts(rest, entities[k].entity))
            k++;
        if (k < sizeof entities / sizeof entities[0]) {
            s[n++] = entities[k].is[0];
            i += strlen(entities[k].entity);
            *some = true;
        } else
            s[n++] = t.s[i++];
    }
    return *some ? text_trim((struct text){s, n}) : t;
}

static struct text lower(struct arena *arena, struct text t)
{
    char *s = arena_alloc(arena, t.n + 1);
    for (size_t i = 0; i < t.n; i++)
        s[i] = (char)tolower((unsigned char)t.s[i]);
    return (struct text){s, t.n};
}

static void take(struct reading *r, struct one *row, int field, struct text t)
{
    const struct hsds_field *f = &hsds_objects[row->table].fields[field];
    t = text_trim(t);
    r->of = row->value[0];
    if (!t.n)
        return;
    if (!text_valid(t)) {
        found(r, true, row->line, f->name, N_("the text holds characters that are none"), T(""));
        return;
    }
    if (t.n > HSDS_TEXT_MAX) {
        found(r, true, row->line, f->name, N_("the text is longer than 20 000 bytes"), (struct text){t.s, 60});
        return;
    }
    const char *wrong = value_wrong(r->arena, f, t);
    if (wrong) {
        found(r, true, row->line, f->name, wrong, t);
        return;
    }
    if (f->type == HSDS_TEXT) {
        bool some;
        t = without_markup(r->arena, t, &some);
        if (some)
            found(r, false, row->line, f->name, N_("markup was taken off the text"), T(""));
    }
    row->value[field] = arena_text(r->arena, f->type == HSDS_UUID ? lower(r->arena, t) : t);
}

/* ---- rows ---- */

static uint64_t hash_of(int table, struct text id)
{
    uint64_t h = text_hash(id) + (uint64_t)table;
    return h ? h : 1;
}

static struct one *row_of(struct reading *r, int table, struct text id)
{
    uint64_t h = hash_of(table, id);
    for (size_t k = h % SLOTS; r->slots[k].hash; k = (k + 1) % SLOTS)
        if (r->slots[k].hash == h && r->slots[k].table == table && text_eq(r->rows[r->slots[k].row].value[0], id))
            return &r->rows[r->slots[k].row];
    return NULL;
}

static bool full(struct reading *r)
{
    if (r->n < HSDS_ROWS_MAX)
        return false;
    if (r->n++ == HSDS_ROWS_MAX)
        found(r, true, 0, "", N_("the file has more than 200 000 objects"), T(""));
    return true;
}

/* Inside JSON one object may stand in many places: the first that is met says most of it. */
static void add(struct reading *r, const struct one *row)
{
    const struct hsds_object *o = &hsds_objects[row->table];
    struct text id = row->value[0];
    r->of = id;
    if (!id.n) {
        found(r, true, row->line, "id", N_("the object has no id and is left out"), text_of(o->name));
        return;
    }
    struct one *before = row_of(r, row->table, id);
    if (before && r->json) {
        bool other = false;
        for (size_t i = 0; i < o->n; i++) {
            if (!before->value[i].n)
                before->value[i] = row->value[i];
            else
                other = other || (row->value[i].n && !text_eq(row->value[i], before->value[i]));
        }
        if (other)
            found(r, true, row->line, "id", N_("the id stands for two different objects"), id);
        return;
    }
    if (before) {
        found(r, true, row->line, "id", N_("the id stands twice in the file"), id);
        return;
    }
    if (full(r))
        return;
    if (r->n >= r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 256;
        r->rows = arena_grow(r->arena, r->rows, r->cap * sizeof *r->rows, cap * sizeof *r->rows);
        r->cap = cap;
    }
    r->rows[r->n] = *row;
    size_t k = hash_of(row->table, id) % SLOTS;
    while (r->slots[k].hash)
        k = (k + 1) % SLOTS;
    r->slots[k] = (struct seen){hash_of(row->table, id), row->table, r->n++};
}

/* What must be there, and to what rows point. A row that lacks something is still given on: the rule decides. */
static void check_rows(struct reading *r)
{
    for (size_t i = 0; i < r->n && i < HSDS_ROWS_MAX; i++) {
        struct one *row = &r->rows[i];
        const struct hsds_object *o = &hsds_objects[row->table];
        r->file = row->file;
        r->of = row->value[0];
        for (size_t k = 0; k < o->n; k++) {
            const struct hsds_field *f = &o->fields[k];
            if (!row->value[k].n && (f->required == 1 || (f->required == 2 && !r->json)))
                found(r, true, row->line, f->name, N_("the field is obligatory"), row->value[0]);
            if (row->value[k].n && f->to && !row_of(r, f->to - 1, row->value[k])) {
                found(r, true, row->line, f->name, N_("the file has no object of this id"), row->value[k]);
                row->value[k] = T("");
            }
        }
    }
}

static void write_rows(struct reading *r)
{
    for (size_t i = 0; i < r->n && i < HSDS_ROWS_MAX; i++) {
        const struct one *row = &r->rows[i];
        buf_printf(&r->out, "R\t%d\t", row->table);
        put(r, row->file);
        buf_printf(&r->out, "\t%lld", (long long)row->line);
        for (size_t k = 0; k < hsds_objects[row->table].n; k++) {
            buf_char(&r->out, '\t');
            put(r, row->value[k]);
        }
        buf_char(&r->out, '\n');
    }
}

/* ---- JSON ---- */

/* jansson tells no lines; but it keeps the order, so the objects of the text are those of the tree, one by one. */
static void lines_of(struct reading *r, struct text t)
{
    size_t n = 0;
    int64_t line = 1;
    for (size_t i = 0; i < t.n; i++)
        n += t.s[i] == '{';
    r->lines = arena_array(r->arena, n + 1, sizeof *r->lines);
    r->n_lines = r->at_line = 0;
    bool quoted = false;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        if (c == '\n')
            line++;
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == '{' && !quoted)
            r->lines[r->n_lines++] = line;
    }
}

static int64_t line_here(struct reading *r)
{
    return r->at_line < r->n_lines ? r->lines[r->at_line++] : 0;
}

/* Objects that are passed over are passed in the list of lines too. */
static void pass(struct reading *r, json_t *v, int deep)
{
    const char *key;
    json_t *x;
    size_t i;
    if (deep > 100)
        return;
    if (json_is_object(v)) {
        line_here(r);
        json_object_foreach(v, key, x)
            pass(r, x, deep + 1);
    } else if (json_is_array(v))
        json_array_foreach(v, i, x)
            pass(r, x, deep + 1);
}

static const struct hsds_inside *inside_of(int table, const char *property)
{
    for (size_t i = 0; i < hsds_n_insides; i++)
        if (hsds_insides[i].parent == table && !strcmp(hsds_insides[i].property, property))
            return &hsds_insides[i];
    return NULL;
}

static bool known_elsewhere(const char *key)
{
    static const char *const keys[] = {"metadata", "funding", "fundings", "program", "programs", "contacts", "contact", "organization_identifiers", "additional_urls",
                                       "additional_websites", "attributes", "languages", "schedules", "phones", "service_areas", "cost_options", "service"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!strcmp(keys[i], key))
            return true;
    return false;
}

static bool scalar(struct reading *r, json_t *v, struct text *out)
{
    if (json_is_string(v))
        *out = (struct text){json_string_value(v), json_string_length(v)};
    else if (json_is_integer(v))
        *out = arena_printf(r->arena, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        *out = arena_printf(r->arena, "%.12g", json_real_value(v));
    else if (json_is_boolean(v))
        *out = json_is_true(v) ? T("true") : T("false");
    else
        return false;
    return true;
}

static struct text object(struct reading *r, json_t *v, int table, const struct hsds_inside *in, struct text parent, int deep);

static void insides(struct reading *r, json_t *v, const struct hsds_inside *in, struct one *row, int deep)
{
    size_t i;
    json_t *x;
    struct text none = T("");
    if (in->single) {
        if (json_is_object(v)) {
            struct text id = object(r, v, in->child, NULL, none, deep + 1);
            r->of = row->value[0];
            int at = hsds_field_at(row->table, in->column);
            if (row->value[at].n && id.n && !text_eq(row->value[at], id))
                found(r, true, row->line, in->column, N_("the object inside has another id"), id);
            row->value[at] = id;
        } else if (!json_is_null(v)) {
            found(r, true, row->line, in->property, N_("an object is expected here"), none);
            pass(r, v, deep);
        }
        return;
    }
    if (!json_is_array(v)) {
        if (!json_is_null(v))
            found(r, true, row->line, in->property, N_("a list is expected here"), none);
        pass(r, v, deep);
        return;
    }
    json_array_foreach(v, i, x) {
        if (json_is_object(x))
            object(r, x, in->child, in, row->value[0], deep + 1);
        else {
            found(r, true, row->line, in->property, N_("an object is expected here"), none);
            pass(r, x, deep);
        }
    }
}

/* Reads an object with all in it; its id. in: where it stands, when it names the parent. */
static struct text object(struct reading *r, json_t *v, int table, const struct hsds_inside *in_parent, struct text parent, int deep)
{
    struct one row = {.table = table, .file = r->file, .line = line_here(r)};
    const struct hsds_object *o = &hsds_objects[table];
    const char *key;
    json_t *x;
    struct text t;
    if (deep > DEEP) {
        found(r, true, row.line, "", N_("objects lie too deep inside one another"), T(""));
        json_object_foreach(v, key, x)
            pass(r, x, deep);
        return T("");
    }
    /* the id first: what lies inside hangs on it */
    if ((x = json_object_get(v, "id")) && scalar(r, x, &t))
        take(r, &row, 0, t);
    else if (x && !json_is_null(x))
        found(r, true, row.line, "id", N_("a text is expected here"), T(""));
    json_object_foreach(v, key, x) {
        const struct hsds_inside *in = inside_of(table, key);
        int at = hsds_field_at(table, key);
        r->of = row.value[0];
        if (in)
            insides(r, x, in, &row, deep);
        else if (at == 0)
            pass(r, x, deep);
        else if (at > 0 && json_is_null(x))
            continue;
        else if (at > 0 && scalar(r, x, &t)) {
            bool number = o->fields[at].type == HSDS_NUMBER;
            if (number != json_is_number(x))
                found(r, true, row.line, key, number ? N_("a number is expected here") : N_("a text is expected here"), t);
            else
                take(r, &row, at, t);
        } else {
            const char *words = at > 0 ? N_("a text is expected here") : known_elsewhere(key) ? N_("the register does not take this over") : N_("the specification has no such field");
            if (at > 0 || !((json_is_array(x) && !json_array_size(x)) || json_is_null(x)))
                found(r, at > 0, row.line, key, words, T(""));
            pass(r, x, deep);
        }
    }
    if (in_parent && parent.n) {
        row.value[hsds_field_at(table, in_parent->column)] = parent;
        if (table == HSDS_ATTRIBUTE)
            row.value[hsds_field_at(table, "link_entity")] = text_of(hsds_objects[in_parent->parent].name);
    }
    add(r, &row);
    return row.value[0];
}

/* A page of the API, a list, or one object; of services or of organizations. */
static void read_json(struct reading *r, struct text t)
{
    json_error_t e;
    json_t *root = json_loadb(t.s, t.n, JSON_REJECT_DUPLICATES, &e), *list, *x;
    size_t i;
    r->json = true;
    if (!root) {
        found(r, true, e.line, "", N_("this is no well-formed JSON"), text_of(e.text));
        return;
    }
    lines_of(r, t);
    list = root;
    if (json_is_object(root) && (list = json_object_get(root, "contents"))) {
        const char *key;
        json_t *v;
        line_here(r);
        json_object_foreach(root, key, v) {
            if (v == list)
                break;
            pass(r, v, 0);
        }
    } else
        list = root;
    json_t *one = json_is_object(list) ? list : NULL;
    if (!one && !json_is_array(list)) {
        found(r, true, 1, "contents", N_("a list is expected here"), T(""));
        return;
    }
    for (i = 0; one ? i < 1 : i < json_array_size(list); i++) {
        x = one ? one : json_array_get(list, i);
        if (!json_is_object(x)) {
            found(r, true, 0, "contents", N_("an object is expected here"), T(""));
            pass(r, x, 0);
            continue;
        }
        bool body = !json_object_get(x, "status") && (json_object_get(x, "services") || json_object_get(x, "locations") || json_object_get(x, "website"));
        object(r, x, body ? HSDS_ORGANIZATION : HSDS_SERVICE, NULL, T(""), 0);
    }
}

/* ---- the package ---- */

struct member {
    struct text name, bytes;
};

static int table_of_file(struct reading *r, json_t *descriptor, struct text name)
{
    size_t i;
    json_t *x, *list = json_object_get(descriptor, "resources");
    json_array_foreach(list, i, x) {
        const char *path = json_string_value(json_object_get(x, "path")), *what = json_string_value(json_object_get(x, "name"));
        for (int t = 0; path && what && text_is(name, path) && t < HSDS_TABLES; t++)
            if (!strcmp(hsds_objects[t].name, what))
                return t;
    }
    (void)r;
    for (int t = 0; t < HSDS_TABLES; t++)
        if (text_is(name, hsds_objects[t].file))
            return t;
    return -1;
}

static void read_csv(struct reading *r, int table, struct text bytes)
{
    struct csv_reader *csv;
    struct sheet_row cells;
    struct fault fault = {0};
    int columns[SHEET_COLUMNS_MAX];
    size_t n = 0;
    if (!bytes.n)
        return;
    if (csv_open(bytes, r->arena, &csv, &fault)) {
        found(r, true, 1, "", N_("the table cannot be read"), text_of(fault.text));
        return;
    }
    for (bool head = true; csv_next(csv, &cells); head = false) {
        if (cells.fault) {
            found(r, true, cells.line, "", cells.fault, T(""));
            if (cells.last)
                break;
            continue;
        }
        if (head) {
            for (n = 0; n < cells.n && n < SHEET_COLUMNS_MAX; n++) {
                columns[n] = hsds_field_at(table, arena_z(r->arena, text_trim(cells.cells[n])));
                if (columns[n] < 0)
                    found(r, false, cells.line, arena_z(r->arena, cells.cells[n]), N_("the specification has no such field"), T(""));
            }
            continue;
        }
        struct one row = {.table = table, .file = r->file, .line = cells.line};
        r->of = T("");
        for (size_t i = 0; i < cells.n && i < n && !row.value[0].n; i++) /* the id first */
            if (columns[i] == 0)
                take(r, &row, 0, cells.cells[i]);
        for (size_t i = 0; i < cells.n; i++) {
            if (i < n && columns[i] > 0)
                take(r, &row, columns[i], cells.cells[i]);
            else if (i >= n && cells.cells[i].n)
                found(r, true, cells.line, "", N_("the row has more cells than the heading"), cells.cells[i]);
        }
        add(r, &row);
    }
}

static void read_members(struct reading *r, const struct member *m, size_t n)
{
    json_t *descriptor = NULL;
    bool some = false;
    for (size_t i = 0; i < n; i++)
        if (text_is(m[i].name, "datapackage.json")) {
            json_error_t e;
            r->file = m[i].name;
            descriptor = json_loadb(m[i].bytes.s, m[i].bytes.n, 0, &e);
            if (!descriptor)
                found(r, true, e.line, "", N_("this is no well-formed JSON"), text_of(e.text));
        }
    for (size_t i = 0; i < n; i++) {
        int table = table_of_file(r, descriptor, m[i].name);
        r->file = m[i].name;
        r->of = T("");
        if (table >= 0) {
            some = true;
            read_csv(r, table, m[i].bytes);
        } else if (!text_is(m[i].name, "datapackage.json"))
            found(r, false, 0, "", N_("nothing of this file is taken over"), m[i].name);
    }
    if (!some)
        found(r, true, 0, "", N_("the package holds no table of HSDS"), T(""));
}

static void read_zip(struct reading *r, struct text t)
{
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(t.s, t.n, 0, &e);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &e) : NULL;
    struct member m[FILES_MAX];
    size_t n = 0, all = 0;
    if (!zip) {
        found(r, true, 0, "", N_("this is no whole zip file"), T(""));
        return;
    }
    for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0) && n < FILES_MAX; i++) {
        zip_stat_t s;
        if (zip_stat_index(zip, (zip_uint64_t)i, 0, &s) || !s.name || !s.size || s.name[strlen(s.name) - 1] == '/')
            continue;
        all += s.size;
        if (s.size > HSDS_FILE_MAX || all > HSDS_FILE_MAX) {
            found(r, true, 0, "", N_("what is packed is larger than 64 MB"), T(""));
            break;
        }
        const char *slash = strrchr(s.name, '/');
        char *bytes = arena_alloc(r->arena, s.size);
        zip_file_t *f = zip_fopen_index(zip, (zip_uint64_t)i, 0);
        zip_int64_t got = f ? zip_fread(f, bytes, s.size) : -1;
        if (f)
            zip_fclose(f);
        struct text name = arena_text(r->arena, text_of(slash ? slash + 1 : s.name));
        if (got != (zip_int64_t)s.size || !text_valid(name)) {
            found(r, true, 0, "", N_("this is no whole zip file"), T(""));
            continue;
        }
        m[n++] = (struct member){name, {bytes, s.size}};
    }
    read_members(r, m, n);
    zip_discard(zip);
}

static bool line_of(struct text *rest, struct text *line)
{
    const char *end = memchr(rest->s, '\n', rest->n);
    if (!end)
        return false;
    *line = (struct text){rest->s, (size_t)(end - rest->s)};
    *rest = (struct text){end + 1, rest->n - line->n - 1};
    return true;
}

static void read_folder(struct reading *r, struct text t)
{
    struct member m[FILES_MAX];
    size_t n = 0;
    struct text name, size;
    int64_t bytes;
    while (n < FILES_MAX && line_of(&t, &name) && line_of(&t, &size) && !text_int(size, 0, (int64_t)t.n, &bytes)) {
        m[n++] = (struct member){name, {t.s, (size_t)bytes}};
        t = (struct text){t.s + bytes, t.n - (size_t)bytes};
    }
    read_members(r, m, n);
}

int hsds_job_main(void)
{
    struct buf in = BUF((size_t)HSDS_FILE_MAX + 8192);
    struct reading r = {.arena = arena_new(), .of = T(""), .out = BUF((size_t)200 << 20)};
    struct text t;
    json_object_seed(0); /* it looks for a random number outside */
    lock_in(job_seconds(30), (size_t)2 << 30);
    r.slots = calloc(SLOTS, sizeof *r.slots);
    if (!r.slots || job_read(0, &in))
        return 1;
    t = buf_get(&in);
    if (!line_of(&t, &r.file) || !text_valid(r.file))
        return 1;
    if (text_starts(t, "HSDSDIR1\n"))
        read_folder(&r, (struct text){t.s + 9, t.n - 9});
    else if (text_starts(t, "PK"))
        read_zip(&r, t);
    else {
        if (text_starts(t, "\xEF\xBB\xBF"))
            t = (struct text){t.s + 3, t.n - 3};
        read_json(&r, t);
    }
    check_rows(&r);
    write_rows(&r);
    if (r.findings > FINDINGS_MAX)
        buf_printf(&r.out, "N\t\t0\t\t%s\t\t\n", N_("there are more findings than are shown"));
    _exit(buf_end(&r.out) || job_write(1, buf_get(&r.out)) ? 1 : 0); /* handlers of exit() may want what the lock forbids */
}
