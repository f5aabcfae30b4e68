/* A report as a file: the same figures, hidden ones as "<5" or as nothing. */
#include "base/json.h"
#include "formats/csv.h"
#include "formats/xlsx.h"
#include "rooms/reports/reports_rules.h"
#include "web/tr.h"

enum { COLUMNS = 2 + 2 + 2 + 2 * GROUPS };

static struct text few_text(const struct report *r, struct arena *arena)
{
    return arena_printf(arena, "<%lld", (long long)r->small);
}

/* What stands in a cell: a number, "<5" or a word for what is hidden. */
static struct value figure_value(const struct report *r, const struct figure *f,
                                 struct arena *arena, const char *off)
{
    if (f->state == FIGURE_SHOWN)
        return v_int(f->n);
    return f->state == FIGURE_FEW ? v_text(few_text(r, arena)) : v_z(off);
}

static bool both(const struct report_line *l)
{
    return l->f[NOW][FIGURE_ALL].state == FIGURE_SHOWN &&
           l->f[BEFORE][FIGURE_ALL].state == FIGURE_SHOWN;
}

static const char *line_label(const struct report_line *l, enum lang lang)
{
    return l->code.n ? l->label : tr(lang, N_("Persons in all, each once"));
}

static void heads(const struct report *r, enum lang lang, struct arena *arena,
                  struct text out[COLUMNS])
{
    static const char *const groups[GROUPS] = {N_("Came themselves"), N_("Referred"),
                                               N_("Found in operations")};
    char half[SIDES][9];
    half_year_name(r->half[NOW], half[NOW]);
    half_year_name(r->half[BEFORE], half[BEFORE]);
    out[0] = text_of(tr(lang, N_("Category")));
    out[1] = text_of(tr(lang, N_("Code")));
    out[2] = arena_text(arena, text_of(half[NOW]));
    out[3] = arena_text(arena, text_of(half[BEFORE]));
    out[4] = text_of(tr(lang, N_("Difference")));
    out[5] = text_of(tr(lang, N_("Times")));
    for (int side = 0; side < SIDES; side++)
        for (int g = 0; g < GROUPS; g++)
            out[6 + side * GROUPS + g] =
                arena_printf(arena, "%s, %s", tr(lang, groups[g]), half[side]);
}

static void line_cells(const struct report *r, const struct report_line *l, enum lang lang,
                       struct arena *arena, struct value out[COLUMNS])
{
    const char *off = tr(lang, "hidden");
    const struct figure *now = &l->f[NOW][FIGURE_ALL], *before = &l->f[BEFORE][FIGURE_ALL];
    out[0] = v_z(line_label(l, lang));
    out[1] = v_text(l->code);
    out[2] = figure_value(r, now, arena, off);
    out[3] = figure_value(r, before, arena, off);
    out[4] = both(l) ? v_int(now->n - before->n) : (struct value){0};
    out[5] = both(l) ? v_text(ratio_text(arena, now->n, before->n)) : (struct value){0};
    for (int side = 0; side < SIDES; side++)
        for (int g = 0; g < GROUPS; g++)
            out[6 + side * GROUPS + g] = figure_value(r, &l->f[side][g], arena, off);
}

void report_csv(const struct report *r, enum lang lang, bool for_people, struct buf *out)
{
    struct arena *arena = arena_new();
    struct csv_writer w = {.guard = for_people, .hidden = text_of(tr(lang, "hidden"))};
    struct text head[COLUMNS];
    struct value cells[COLUMNS];
    csv_begin(&w, out, for_people ? ';' : ',', for_people);
    heads(r, lang, arena, head);
    for (int c = 0; c < COLUMNS; c++)
        csv_write_cell(&w, head[c]);
    csv_write_end(&w);
    for (size_t i = 0; i <= r->n; i++) {
        line_cells(r, &r->lines[i], lang, arena, cells);
        for (int c = 0; c < COLUMNS; c++)
            csv_write_value(&w, cells[c]);
        csv_write_end(&w);
    }
    arena_free(arena);
}

enum err report_xlsx(const struct report *r, enum lang lang, struct arena *arena,
                     struct text *bytes, struct fault *fault)
{
    struct xlsx_writer *w;
    struct text head[COLUMNS];
    struct value cells[COLUMNS];
    enum err err = xlsx_begin(text_of(r->title), text_of(tr(lang, "hidden")), &w, fault);
    if (err)
        return err;
    heads(r, lang, arena, head);
    for (int c = 0; c < COLUMNS; c++)
        xlsx_head(w, head[c]);
    xlsx_row(w);
    for (size_t i = 0; i <= r->n; i++) {
        line_cells(r, &r->lines[i], lang, arena, cells);
        for (int c = 0; c < COLUMNS; c++)
            xlsx_cell(w, cells[c]);
        xlsx_row(w);
    }
    return xlsx_end(w, arena, bytes, fault);
}

static void json_line(const struct report *r, const struct report_line *l, struct arena *arena,
                      struct json *j)
{
    static const char *const keys[SIDES][GROUPS] = {
        {"self", "referred", "found"}, {"self_before", "referred_before", "found_before"}};
    const struct figure *now = &l->f[NOW][FIGURE_ALL], *before = &l->f[BEFORE][FIGURE_ALL];
    json_open(j, '{');
    if (l->code.n) {
        json_key(j, "category");
        json_text(j, l->code);
        json_key(j, "label");
        json_z(j, l->label);
    }
    json_key(j, "now");
    json_value(j, figure_value(r, now, arena, NULL));
    json_key(j, "before");
    json_value(j, figure_value(r, before, arena, NULL));
    json_key(j, "difference");
    json_value(j, both(l) ? v_int(now->n - before->n) : (struct value){0});
    json_key(j, "ratio");
    if (both(l) && before->n)
        json_text(j, ratio_text(arena, now->n, before->n));
    else
        json_null(j);
    for (int side = 0; side < SIDES; side++)
        for (int g = 0; g < GROUPS; g++) {
            json_key(j, keys[side][g]);
            json_value(j, figure_value(r, &l->f[side][g], arena, NULL));
        }
    json_close(j, '}');
}

void report_json(const struct report *r, struct arena *arena, struct buf *out)
{
    struct json j = {.out = out};
    char half[9];
    json_open(&j, '{');
    json_key(&j, "report");
    json_z(&j, r->name);
    json_key(&j, "title");
    json_z(&j, r->title);
    half_year_name(r->half[NOW], half);
    json_key(&j, "period");
    json_z(&j, half);
    half_year_name(r->half[BEFORE], half);
    json_key(&j, "against");
    json_z(&j, half);
    json_key(&j, "rows");
    json_open(&j, '[');
    for (size_t i = 0; i < r->n; i++)
        json_line(r, &r->lines[i], arena, &j);
    json_close(&j, ']');
    json_key(&j, "total");
    json_line(r, &r->lines[r->n], arena, &j);
    json_close(&j, '}');
    buf_char(out, '\n');
}

/* Columns side by side, as wide as their widest cell. */
static void pad(struct buf *out, struct text t, size_t width, bool number)
{
    size_t n = text_chars(t);
    for (size_t i = n; number && i < width; i++)
        buf_char(out, ' ');
    buf_text(out, t);
    for (size_t i = n; !number && i < width; i++)
        buf_char(out, ' ');
}

void report_table(const struct report *r, enum lang lang, struct arena *arena, struct buf *out)
{
    struct text head[COLUMNS], *cells = arena_array(arena, (r->n + 2) * COLUMNS, sizeof *cells);
    size_t width[COLUMNS] = {0};
    heads(r, lang, arena, head);
    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i <= r->n; i++) {
        struct value v[COLUMNS];
        line_cells(r, &r->lines[i], lang, arena, v);
        for (int c = 0; c < COLUMNS; c++)
            cells[(i + 1) * COLUMNS + (size_t)c] =
                v[c].kind == V_INT ? arena_printf(arena, "%lld", (long long)v[c].i)
                                   : v_as_text(v[c]);
    }
    for (size_t i = 0; i < (r->n + 2) * COLUMNS; i++)
        if (text_chars(cells[i]) > width[i % COLUMNS])
            width[i % COLUMNS] = text_chars(cells[i]);
    buf_z(out, r->title);
    buf_char(out, '\n');
    for (size_t i = 0; i < (r->n + 2) * COLUMNS; i++) {
        pad(out, cells[i], i % COLUMNS + 1 == COLUMNS && i % COLUMNS < 2 ? 0 : width[i % COLUMNS],
            i % COLUMNS > 1);
        buf_z(out, i % COLUMNS + 1 == COLUMNS ? "\n" : "  ");
    }
}
