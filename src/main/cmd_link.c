/* bereg link: the tables come in, and the pairs that are one person go out. */
#include "main/main.h"
#include "main/files.h"
#include "base/date.h"
#include "base/utf8.h"
#include "formats/csv.h"
#include "linkage/link.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { READ_SECONDS = 120 };

/* What one --field asks: a column whose values go into one field, or a full name that goes into three. */
struct asked {
    char name[48];
    const char *column;
    size_t column_n;
    int field;
    bool full_name, text;
    size_t given, bad;
    struct text bad_value;
    int64_t bad_line;
};

/* Values seen of a field, each with its feature: most values are met often. */
struct values {
    struct text *key;
    struct feature **feature; /* null: nothing to compare */
    size_t *times;
    size_t n, cap;
};

struct source {
    const char *path;
    struct text *id;
    struct text *cell; /* n_asked of each row */
    int64_t *line;
    size_t n, cap;
};

struct linking {
    const struct options *o;
    struct arena *arena;
    struct asked asked[LINK_FIELDS_MAX];
    int n_asked;
    struct link_field field[LINK_FIELDS_MAX];
    int n_fields;
    struct values values[LINK_FIELDS_MAX];
    struct source table[2];
    int n_tables;
    struct link_set set;
    struct fault fault;
    struct out_file out;
    struct csv_writer csv;
};

/* --- what is asked --- */

static int wrong_usage(const char *format, const char *word)
{
    fputs("bereg: ", stderr);
    fprintf(stderr, format, word);
    fputs("\nusage: bereg link A.csv [B.csv] --id COLUMN --field family_name=COLUMN --field birth_date=COLUMN:%Y%m%d "
          "--field text:NAME=COLUMN … [--out pairs.csv]\n       bereg link --help\n",
          stderr);
    return EXIT_USAGE;
}

static bool format_good(const char *f)
{
    bool year = false, month = false, day = false;

    for (; *f; f++)
        if (*f == '%') {
            f++;
            if (!*f || !strchr("Yymd", *f))
                return false;
            year = year || *f == 'Y' || *f == 'y';
            month = month || *f == 'm';
            day = day || *f == 'd';
        }
    return year && month && day;
}

static struct link_field *add_field(struct linking *l, const char *name, enum link_kind kind)
{
    struct link_field *f = &l->field[l->n_fields++];

    *f = (struct link_field){.kind = kind};
    snprintf(f->name, sizeof f->name, "%s", name);
    return f;
}

static bool blank_in(const char *z)
{
    return strpbrk(z, " \t") != NULL;
}

/* "birth_date=date_of_birth:%Y%m%d"; EXIT_OK, or the status after a message. */
static int take_field(struct linking *l, const char *spec)
{
    const char *eq = strchr(spec, '='), *format = NULL;
    struct asked *a = &l->asked[l->n_asked];

    if (!eq || eq == spec || !eq[1])
        return wrong_usage("--field is written NAME=COLUMN, not \"%s\"", spec);
    if (l->n_fields + 3 > LINK_FIELDS_MAX)
        return wrong_usage("%s: there are too many fields", spec);
    *a = (struct asked){.column = eq + 1, .column_n = strlen(eq + 1), .field = l->n_fields};
    snprintf(a->name, sizeof a->name, "%.*s", (int)(eq - spec), spec);
    a->text = strncmp(a->name, "text:", 5) == 0 || strcmp(a->name, "text") == 0;
    a->full_name = strcmp(a->name, "name") == 0 || strcmp(a->name, "full_name") == 0;
    enum link_kind kind = a->text ? LINK_TEXT : a->full_name ? LINK_FAMILY : link_kind_of_field(a->name);
    if (kind == LINK_KINDS)
        return wrong_usage("there is no field \"%s\"; a field of your own is written text:NAME=COLUMN", a->name);
    if (blank_in(a->name) || strcmp(a->name, "text:") == 0)
        return wrong_usage("\"%s\" is no name of a field", a->name);
    if (kind == LINK_DATE && (format = strstr(eq + 1, ":%"))) {
        a->column_n = (size_t)(format - eq - 1);
        if (!format_good(++format) || strlen(format) >= sizeof l->field->format)
            return wrong_usage("a format of dates is made of %%Y, %%m and %%d, not \"%s\"", format);
    }
    if (a->full_name) {
        add_field(l, "family_name", LINK_FAMILY);
        add_field(l, "given_name", LINK_GIVEN);
        add_field(l, "patronymic", LINK_PATRONYMIC);
    } else {
        struct link_field *f = add_field(l, a->text ? a->name + 5 * (a->name[4] == ':') : a->name, kind);
        if (format)
            snprintf(f->format, sizeof f->format, "%s", format);
    }
    l->n_asked++;
    return EXIT_OK;
}

static int take_options(struct linking *l)
{
    const struct options *o = l->o;

    if (o->n_words < 1 || o->n_words > 2)
        return wrong_usage("%s", "one table or two are to be named");
    if (!o->id)
        return wrong_usage("%s", "--id COLUMN is missing: the column that names each row");
    if (!o->n_fields)
        return wrong_usage("%s", "--field is missing: what is to be compared");
    for (int i = 0; i < o->n_fields; i++) {
        int status = take_field(l, o->field[i]);
        if (status)
            return status;
    }
    l->n_tables = o->n_words;
    return EXIT_OK;
}

/* --- reading --- */

static enum err read_bytes(struct linking *l, const char *path, struct text *bytes)
{
    struct buf b = BUF(SHEET_BYTES_MAX + 1);
    char piece[65536];
    size_t n;
    FILE *f = fopen(path, "rb");

    if (!f)
        return fault_set(&l->fault, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&b, piece, n);
    bool bad = ferror(f);
    fclose(f);
    if (bad || b.failed) {
        buf_free(&b);
        return bad ? fault_set(&l->fault, ERR_IO, "%s cannot be read: %s", path, strerror(errno))
                   : fault_set(&l->fault, ERR_LIMIT, "%s is larger than %d MB", path, SHEET_BYTES_MAX >> 20);
    }
    *bytes = arena_text(l->arena, buf_get(&b));
    buf_free(&b);
    return OK;
}

static void *grown(struct arena *arena, void *old, size_t before, size_t now, size_t size)
{
    return arena_grow(arena, old, before * size, now * size);
}

static void add_row(struct linking *l, struct source *t, const struct sheet_row *row, size_t id, const size_t *column)
{
    size_t width = (size_t)l->n_asked;

    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 1024;
        t->id = grown(l->arena, t->id, t->cap, cap, sizeof *t->id);
        t->line = grown(l->arena, t->line, t->cap, cap, sizeof *t->line);
        t->cell = grown(l->arena, t->cell, t->cap * width, cap * width, sizeof *t->cell);
        t->cap = cap;
    }
    t->id[t->n] = id < row->n ? arena_text(l->arena, text_trim(row->cells[id])) : T("");
    t->line[t->n] = row->line;
    for (size_t i = 0; i < width; i++)
        t->cell[t->n * width + i] =
            column[i] < row->n ? arena_text(l->arena, text_trim(row->cells[column[i]])) : T("");
    t->n++;
}

static enum err read_rows(struct linking *l, struct source *t, struct sheet *sheet)
{
    struct sheet_row row;
    size_t id, column[LINK_FIELDS_MAX];

    if (!sheet_next(sheet, &row) || row.fault)
        return fault_set(&l->fault, ERR_SYNTAX, "%s has no row of headings", t->path);
    id = column_find(l->arena, &row, text_of(l->o->id));
    if (id == SIZE_MAX)
        return column_missing(t->path, &row, text_of(l->o->id), &l->fault);
    for (int i = 0; i < l->n_asked; i++) {
        struct text wanted = {l->asked[i].column, l->asked[i].column_n};
        column[i] = column_find(l->arena, &row, wanted);
        if (column[i] == SIZE_MAX)
            return column_missing(t->path, &row, wanted, &l->fault);
    }
    while (sheet_next(sheet, &row)) {
        if (row.fault)
            return fault_set(&l->fault, ERR_SYNTAX, "%s, line %lld: %s", t->path, (long long)row.line, row.fault);
        add_row(l, t, &row, id, column);
    }
    if (!t->n)
        return fault_set(&l->fault, ERR_SYNTAX, "%s has headings but no rows", t->path);
    return OK;
}

struct id_at {
    struct text id;
    int64_t line;
};

static int by_id(const void *x, const void *y)
{
    const struct id_at *a = x, *b = y;
    int c = text_cmp(a->id, b->id);

    return c ? c : a->line < b->line ? -1 : a->line > b->line;
}

static enum err check_ids(struct linking *l, const struct source *t)
{
    struct id_at *all = arena_array(l->arena, t->n + 1, sizeof *all);

    for (size_t i = 0; i < t->n; i++) {
        all[i] = (struct id_at){t->id[i], t->line[i]};
        if (!t->id[i].n)
            return fault_set(&l->fault, ERR_SYNTAX, "%s, line %lld: the row has no %s", t->path, (long long)t->line[i], l->o->id);
    }
    qsort(all, t->n, sizeof *all, by_id);
    for (size_t i = 1; i < t->n; i++)
        if (text_eq(all[i].id, all[i - 1].id))
            return fault_set(&l->fault, ERR_CONFLICT, "%s: \"%.*s\" names two rows, in lines %lld and %lld; --id must name each row once",
                             t->path, TEXT_ARG(all[i].id), (long long)all[i - 1].line, (long long)all[i].line);
    return OK;
}

static enum err read_table(struct linking *l, struct source *t, const char *path)
{
    struct text bytes;
    struct sheet *sheet = NULL;
    struct fault inner = {0};

    t->path = path;
    enum err err = read_bytes(l, path, &bytes);
    if (err)
        return err;
    err = sheet_read_in_child(l->o->self, bytes, READ_SECONDS, l->arena, &sheet, &inner);
    if (err)
        return fault_set(&l->fault, err, "%s: %s", path, inner.text);
    err = read_rows(l, t, sheet);
    sheet_close(sheet);
    return err ? err : check_ids(l, t);
}

/* --- what a column holds --- */

static size_t find_value(const struct values *v, struct text t)
{
    size_t at = link_hash(t) & (v->cap - 1);

    while (v->key[at].s && !text_eq(v->key[at], t))
        at = (at + 1) & (v->cap - 1);
    return at;
}

static size_t note_value(struct values *v, struct arena *arena, struct text t)
{
    if (v->n * 2 >= v->cap) {
        struct values more = {.cap = v->cap ? v->cap * 2 : 256, .n = v->n};
        more.key = arena_array(arena, more.cap, sizeof *more.key);
        more.feature = arena_array(arena, more.cap, sizeof *more.feature);
        more.times = arena_array(arena, more.cap, sizeof *more.times);
        for (size_t i = 0; i < v->cap; i++)
            if (v->key[i].s) {
                size_t at = find_value(&more, v->key[i]);
                more.key[at] = v->key[i];
                more.feature[at] = v->feature[i];
                more.times[at] = v->times[i];
            }
        *v = more;
    }
    size_t at = find_value(v, t);
    if (!v->key[at].s) {
        v->key[at] = t;
        v->n++;
    }
    v->times[at]++;
    return at;
}

struct nature {
    size_t n, distinct, email, date, number, digits, numbered_words, letters, cyrillic, common;
};

static void look_at(struct arena *arena, struct text t, size_t times, struct nature *x)
{
    struct link_field date = {.kind = LINK_DATE};
    struct feature f;
    size_t digits = 0, letters = 0, cyrillic = 0, words = 1;

    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        digits += c >= '0' && c <= '9';
        letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC0;
        cyrillic += c >= 0xD0 && c <= 0xD4;
        words += c == ' ';
    }
    x->n += times;
    x->distinct++;
    x->email += memchr(t.s, '@', t.n) ? times : 0;
    x->digits += digits * times;
    x->letters += letters;
    x->cyrillic += cyrillic;
    x->number += digits > 0 && letters * 2 <= digits ? times : 0;
    x->numbered_words += digits > 0 && letters > digits && words > 1 ? times : 0;
    if (digits >= 6 && letters == 0 && link_feature(arena, &date, t, &f) == LINK_GIVEN_VALUE && (f.flags & FEATURE_VALID) &&
        f.year_from >= 1850 && f.year_from <= 2100)
        x->date += times;
}

static int descending(const void *x, const void *y)
{
    size_t a = *(const size_t *)x, b = *(const size_t *)y;

    return a < b ? 1 : a > b ? -1 : 0;
}

static struct nature nature_of(struct linking *l, const struct values *v)
{
    enum { COMMON = 20 };
    struct nature x = {0};
    size_t *times = arena_array(l->arena, v->n + 1, sizeof *times), n = 0;
    struct arena *scratch = arena_new();

    for (size_t i = 0; i < v->cap; i++)
        if (v->key[i].s && v->key[i].n) {
            look_at(scratch, v->key[i], v->times[i], &x);
            times[n++] = v->times[i];
            arena_reset(scratch);
        }
    arena_free(scratch);
    qsort(times, n, sizeof *times, descending);
    for (size_t i = 0; i < n && i < COMMON; i++)
        x.common += times[i];
    return x;
}

/* A column that no name of a field describes. */
static enum link_kind kind_of_text(const struct nature *x)
{
    enum { LONG_NUMBER = 6, FEW_NEED = 60 };

    if (!x->n)
        return LINK_TEXT;
    if (x->email * 10 >= x->n * 7)
        return LINK_EMAIL;
    if (x->date * 10 >= x->n * 9)
        return LINK_DATE;
    if (x->n >= FEW_NEED && x->common * 100 >= x->n * 95)
        return LINK_CODE;
    if (x->number * 100 >= x->n * 85)
        return x->digits >= x->n * (LONG_NUMBER - 1) + x->n / 2 && x->distinct * 3 >= x->n ? LINK_IDENTIFIER : LINK_NUMBER;
    return x->numbered_words * 2 >= x->n ? LINK_ADDRESS : LINK_TEXT;
}

/* --- features --- */

static bool ends_like_patronymic(struct text w)
{
    static const char *const endings[] = {"ович", "евич", "ич",   "овна", "евна",  "ична",  "инична", "улы",   "ұлы",  "кызы", "қызы",
                                          "оглы", "ovich", "evich", "ovna", "evna", "uly", "kyzy", "ogly"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (w.n > strlen(endings[i]) + 3 && text_ends(w, endings[i]))
            return true;
    return false;
}

/* "Иванов Пётр Ильич", "Пётр Ильич Иванов", "Иванов П. И.": surname, given name, patronymic. */
static void split_name(struct arena *arena, struct text t, struct text out[3])
{
    enum { WORDS = 6 };
    struct text w[WORDS], folded[WORDS], rest = t, part;
    int n = 0, patronymic = -1;

    out[0] = out[1] = out[2] = T("");
    char *s = (char *)arena_text(arena, t).s;
    for (size_t i = 0; i < t.n; i++)
        s[i] = s[i] == ',' || s[i] == '.' || s[i] == '\t' ? ' ' : s[i];
    rest = (struct text){s, t.n};
    while (n < WORDS && text_split(&rest, ' ', &part))
        if (part.n) {
            w[n] = part;
            folded[n] = text_fold(arena, part);
            if (n && patronymic < 0 && ends_like_patronymic(folded[n]))
                patronymic = n;
            n++;
        }
    if (n == 1) {
        out[0] = w[0];
    } else if (patronymic == 1 && n >= 3) {
        out[0] = w[2];
        out[1] = w[0];
        out[2] = w[1];
    } else if (n >= 2) {
        out[0] = w[0];
        out[1] = w[1];
        out[2] = n > 2 ? w[2] : T("");
    }
}

static struct feature *feature_of(struct linking *l, struct asked *a, int field, struct text value, int64_t line)
{
    struct values *v = &l->values[field];
    struct feature f;

    if (!value.n)
        return NULL;
    size_t at = note_value(v, l->arena, value);
    if (v->times[at] > 1) /* made before */
        return v->feature[at];
    int state = link_feature(l->arena, &l->field[field], value, &f);
    if (state == LINK_BAD_VALUE && !a->bad++) {
        a->bad_value = value;
        a->bad_line = line;
    }
    if (state != LINK_GIVEN_VALUE)
        return NULL;
    v->feature[at] = NEW(l->arena, struct feature);
    *v->feature[at] = f;
    return v->feature[at];
}

static void find_natures(struct linking *l)
{
    size_t letters = 0, cyrillic = 0;

    for (int i = 0; i < l->n_asked; i++) {
        struct asked *a = &l->asked[i];
        enum link_kind kind = l->field[a->field].kind;
        bool name = kind <= LINK_PATRONYMIC;
        struct values v = {0};
        if (!a->text && !name)
            continue;
        for (int t = 0; t < l->n_tables; t++)
            for (size_t r = 0; r < l->table[t].n; r++) {
                struct text cell = l->table[t].cell[r * (size_t)l->n_asked + (size_t)i];
                if (cell.n)
                    note_value(&v, l->arena, cell);
            }
        struct nature x = nature_of(l, &v);
        if (a->text)
            l->field[a->field].kind = kind_of_text(&x);
        letters += name ? x.letters : 0;
        cyrillic += name ? x.cyrillic : 0;
    }
    for (int f = 0; f < l->n_fields; f++)
        l->field[f].cyrillic = cyrillic * 2 > letters;
}

static enum err make_set(struct linking *l)
{
    size_t rows = l->table[0].n + l->table[1].n, width = (size_t)l->n_fields, at = 0;

    l->set = (struct link_set){.fields = l->field, .n_fields = l->n_fields, .n_rows = rows, .n_first = l->table[0].n};
    l->set.row = arena_array(l->arena, rows * width, sizeof *l->set.row);
    for (int t = 0; t < l->n_tables; t++)
        for (size_t r = 0; r < l->table[t].n; r++, at++)
            for (int i = 0; i < l->n_asked; i++) {
                struct asked *a = &l->asked[i];
                struct text cell = l->table[t].cell[r * (size_t)l->n_asked + (size_t)i], part[3];
                const struct feature **to = l->set.row + at * width + a->field;
                a->given += cell.n > 0;
                if (!a->full_name) {
                    to[0] = feature_of(l, a, a->field, cell, l->table[t].line[r]);
                    continue;
                }
                split_name(l->arena, cell, part);
                for (int k = 0; k < 3; k++)
                    to[k] = feature_of(l, a, a->field + k, part[k], l->table[t].line[r]);
            }
    for (int i = 0; i < l->n_asked; i++) {
        const struct asked *a = &l->asked[i];
        size_t known = l->values[a->field].n;
        if (a->bad * 2 > known)
            return fault_set(&l->fault, ERR_SYNTAX,
                             "%.*s holds no dates%s%s: \"%.*s\" (line %lld) and %zu more values cannot be read; the format is "
                             "written %s=%.*s:%%Y%%m%%d",
                             (int)a->column_n, a->column, *l->field[a->field].format ? " like " : "", l->field[a->field].format,
                             TEXT_ARG(a->bad_value), (long long)a->bad_line, a->bad - 1, a->name, (int)a->column_n, a->column);
    }
    return OK;
}

/* --- results --- */

static struct text id_of(const struct linking *l, uint32_t row)
{
    return row < l->table[0].n ? l->table[0].id[row] : l->table[1].id[row - l->table[0].n];
}

static bool write_pair(void *mine, const struct link_pair *pair)
{
    struct linking *l = mine;

    l->csv.in_row = false;
    csv_write_cell(&l->csv, id_of(l, pair->a));
    csv_write_cell(&l->csv, id_of(l, pair->b));
    long hundredths = lround((double)pair->bits * 100), whole = labs(hundredths) / 100, rest = labs(hundredths) % 100;
    buf_z(&l->out.buf, hundredths < 0 ? ",-" : ",");
    buf_int(&l->out.buf, whole);
    buf_add(&l->out.buf, (char[]){'.', (char)('0' + rest / 10), (char)('0' + rest % 10), '\n'}, 4);
    return l->out.buf.n < 60000 || out_flush(&l->out);
}

static void tell(const struct linking *l, const struct link_result *r, int64_t us)
{
    const struct link_model *m = &r->model;

    fprintf(stderr, "bereg: %zu rows, %zu of them different, %zu pairs compared in %.1f s\n", l->set.n_rows, r->distinct, r->compared,
            (double)us / 1e6);
    fprintf(stderr, "bereg: two rows are of one person with odds of 1 to %.0f; the same from %.1f bits on\n", exp2(-m->prior),
            m->same);
    for (int f = 0; f < m->n; f++) {
        const struct link_kind_info *k = &link_kinds[m->field[f].kind];
        fprintf(stderr, "bereg:   %s (%s):", m->field[f].name, k->name);
        for (int i = 0; i < k->n_levels; i++)
            fprintf(stderr, "%s %s %+.1f", i ? "," : "", k->levels[i], m->weight[f][i]);
        if (m->parent[f] >= 0)
            fprintf(stderr, "; follows from %s: the same %+.1f", m->field[m->parent[f]].name, m->weight_with[f][0]);
        fputc('\n', stderr);
    }
    for (int i = 0; i < l->n_asked; i++)
        if (l->asked[i].bad)
            fprintf(stderr, "bereg:   %.*s: %zu values are no dates and count as missing, the first \"%.*s\" in line %lld\n",
                    (int)l->asked[i].column_n, l->asked[i].column, l->asked[i].bad, TEXT_ARG(l->asked[i].bad_value),
                    (long long)l->asked[i].bad_line);
    fprintf(stderr, "bereg: %zu persons, %zu pairs judged the same\n", r->persons, r->n_pairs);
}

static enum err link_tables(struct linking *l)
{
    struct link_result result;
    int64_t begun = clock_monotonic();
    enum err err = out_check(&l->out, l->o->out, l->o->word, l->arena, &l->fault);

    for (int t = 0; !err && t < l->n_tables; t++)
        err = read_table(l, &l->table[t], l->o->word[t]);
    if (err)
        return err;
    find_natures(l);
    err = make_set(l);
    if (err)
        return err;
    err = out_open(&l->out, &l->fault);
    if (err)
        return err;
    csv_begin(&l->csv, &l->out.buf, ',', false);
    buf_z(&l->out.buf, "id_a,id_b,weight\n");
    enum err linked = link_run(&l->set, &result, write_pair, l);
    err = out_close(&l->out, linked == OK, &l->fault);
    if (linked && linked != ERR_IO)
        return fault_set(&l->fault, linked, "there is not enough memory for tables of this size");
    if (err)
        return err;
    tell(l, &result, clock_monotonic() - begun);
    return OK;
}

int cmd_link(const struct options *o)
{
    struct linking *l = calloc(1, sizeof *l);

    if (!l)
        return EXIT_REFUSED;
    l->o = o;
    l->arena = arena_new();
    int status = take_options(l);
    if (status == EXIT_OK && link_tables(l))
        status = refuse(&l->fault);
    arena_free(l->arena);
    free(l);
    return status;
}
