/* Statements that write elements by the runtime: fields of forms, parts, lists' controls. */
#include "tplcomp.h"
#include <stdlib.h>

static struct path form_path(struct compiler *c, const struct word *w)
{
    struct path p = path_of(c, w);

    if (p.shape != SHAPE_FORM)
        mistake(c, w, "\"%.*s\" is not a form", TEXT_ARG(w->t));
    return p;
}

static struct path rows_path(struct compiler *c, const struct word *w)
{
    struct path p = path_of(c, w);

    if (p.shape != SHAPE_ROWS)
        mistake(c, w, "\"%.*s\" is not a list", TEXT_ARG(w->t));
    return p;
}

/* One option of {% field %}: NAME or NAME=VALUE. */
static const char *field_option(struct compiler *c, const struct word **at)
{
    const struct word *w = *at;
    bool given = word_is(w + 1, "=");

    *at = w + 1;
    if (!given && (word_is(w, "radios") || word_is(w, "hidden")))
        return arena_printf(c->arena, ", .%.*s = true", TEXT_ARG(w->t)).s;
    if (!given || w->kind != WORD_NAME)
        mistake(c, w, "a field has no option \"%.*s\"", TEXT_ARG(w->t));
    *at = w + 2;
    if (word_is(w, "hint") || word_is(w, "label")) {
        if (!word_is(w + 2, "_") && path_of(c, w + 2).shape != SHAPE_MSG)
            mistake(c, w, "a %.*s is written _(\"…\") or has the type msg", TEXT_ARG(w->t));
        return arena_printf(c->arena, ", .%.*s = %s", TEXT_ARG(w->t), argument(c, at)).s;
    }
    if (word_is(w, "options")) {
        *at = w + 3;
        return arena_printf(c->arena, ", .options = &%s.rows", rows_path(c, w + 2).c).s;
    }
    int64_t i;
    *at = w + 3;
    if (word_is(w, "lines") && text_int(w[2].t, 1, 100, &i) == OK)
        return arena_printf(c->arena, ", .lines = %d", (int)i).s;
    if (word_is(w, "width") && text_int(w[2].t, 1, 100, &i) == OK)
        return arena_printf(c->arena, ", .width = \"%d\"", (int)i).s;
    mistake(c, w, "a field has no option \"%.*s\"", TEXT_ARG(w->t));
}

static void field_statement(struct compiler *c, const struct word *w)
{
    const struct word *at = w + 2;
    const char *options = "";

    html_block(&c->html, w->line, "{% field %}");
    struct path p = path_of(c, w + 1);
    if (!p.field)
        mistake(c, w, "{%% field %%} needs a field of a form, such as form.name");
    while (at->kind != WORD_END)
        options = arena_printf(c->arena, "%s%s", options, field_option(c, &at)).s;
    emit_c(&c->e, w->line,
           "tpl_field(t, &%s, \"%s\", (struct tpl_field){.form = &%s, .inputs = %s.v%s});", p.c,
           p.field, p.type, p.form, options);
}

/* All forms of the page, the named one first: a mistake finds the words of its field. */
static void errors_statement(struct compiler *c, const struct word *w)
{
    const struct file *f = c->file;
    const char *first = NULL, *forms = "";
    int n = 0;

    html_block(&c->html, w->line, "{% errors %}");
    if (w[1].kind != WORD_END) {
        first = form_path(c, w + 1).c;
        no_more(c, w + 2);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < f->n_has; i++) {
            if (f->has[i].kind != TYPE_FORM)
                continue;
            struct word name = {WORD_NAME, text_of(f->has[i].name), w->line};
            struct path p = path_of(c, &name);
            if ((first && strcmp(p.c, first) == 0) != (pass == 0))
                continue;
            forms = arena_printf(c->arena, "%s%s{%s.v, sizeof %s.v / sizeof %s.v[0], &%s}", forms,
                                 n++ ? ", " : "", p.c, p.c, p.c, p.type)
                        .s;
        }
    }
    if (n)
        emit_c(&c->e, w->line, "tpl_errors(t, (const struct tpl_inputs[]){%s}, %d);", forms, n);
    else
        emit_c(&c->e, w->line, "tpl_errors(t, NULL, 0);");
}

static void mistake_statement(struct compiler *c, const struct word *w)
{
    html_block(&c->html, w->line, "{% mistake %}");
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "written as {%% mistake NAME %%}");
    no_more(c, w + 2);
    emit_c(&c->e, w->line, "tpl_mistake(t, \"%.*s\");", TEXT_ARG(w[1].t));
}

static void sort_statement(struct compiler *c, const struct word *w)
{
    struct path p = rows_path(c, w + 1);
    const struct word *at = w + 3;

    html_block(&c->html, w->line, "{% sort %}");
    if (c->html.depth && strcmp(c->html.open[c->html.depth - 1].name, "tr") != 0)
        mistake(c, w, "{%% sort %%} writes a <th> and stands in <tr>");
    if (w[2].kind != WORD_NAME || !name_good(w[2].t))
        mistake(c, w, "written as {%% sort LIST NAME _(\"Heading\") %%}");
    const char *name = arena_z(c->arena, w[2].t);
    const char *words = argument(c, &at);
    bool numeric = word_is(at, "numeric");
    no_more(c, at + numeric);
    emit_c(&c->e, w->line, "(void)%s_BY_%s; /* no such sort */", upper(c->arena, p.type),
           upper(c->arena, name));
    emit_c(&c->e, w->line, "tpl_sort(t, &%s.rows, \"%s\", %s, %s);", p.c, name, words,
           numeric ? "true" : "false");
}

static void list_statement(struct compiler *c, const struct word *w)
{
    html_block(&c->html, w->line, word_is(w, "pager") ? "{% pager %}" : "{% export %}");
    struct path p = rows_path(c, w + 1);
    no_more(c, w + 2);
    emit_c(&c->e, w->line, "tpl_%.*s(t, &%s.rows);", TEXT_ARG(w->t), p.c);
}

static void lines_statement(struct compiler *c, const struct word *w)
{
    if (html_place(&c->html, w->line) != PLACE_TEXT)
        mistake(c, w, "{%% lines %%} stands only between elements");
    struct path p = path_of(c, w + 1);
    no_more(c, w + 2);
    if (p.shape != SHAPE_VALUE)
        mistake(c, w, "\"%.*s\" is not a text", TEXT_ARG(w[1].t));
    emit_c(&c->e, w->line, "tpl_lines(t, tpl_v(%s));", p.c);
    html_wrote(&c->html);
}

static void svg_statement(struct compiler *c, const struct word *w)
{
    if (html_place(&c->html, w->line) != PLACE_TEXT)
        mistake(c, w, "{%% svg %%} stands only between elements");
    struct path p = path_of(c, w + 1);
    no_more(c, w + 2);
    if (p.shape != SHAPE_SVG)
        mistake(c, w, "\"%.*s\" is not a drawing", TEXT_ARG(w[1].t));
    emit_c(&c->e, w->line, "tpl_svg(t, %s);", p.c);
    html_wrote(&c->html);
}

static void asset_statement(struct compiler *c, const struct word *w)
{
    if (html_place(&c->html, w->line) != PLACE_URL_START)
        mistake(c, w, "{%% asset %%} begins an address attribute");
    if (w[1].kind != WORD_NAME)
        mistake(c, w, "{%% asset %%} needs the name of a file");
    no_more(c, w + 2);
    emit_c(&c->e, w->line, "tpl_attr_z(t, asset_url(%s));", literal(c, w[1].t));
    html_wrote(&c->html);
}

/* ---- parts --------------------------------------------------------------------------------- */

struct named {
    const char *name, *value;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static void part_statement(struct compiler *c, const struct word *w)
{
    struct named args[HAS_MAX];
    size_t n = 0;
    const char *names = "", *values = "";

    if (html_place(&c->html, w->line) != PLACE_TEXT)
        mistake(c, w, "{%% part %%} stands only between elements");
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "{%% part %%} needs the name of a part");
    const struct word *at = w + 2;
    while (at->kind != WORD_END) {
        if (n == HAS_MAX || at->kind != WORD_NAME || !name_good(at->t) || !word_is(at + 1, "="))
            mistake(c, at, "arguments are written NAME=VALUE");
        args[n].name = arena_z(c->arena, at->t);
        at += 2;
        args[n++].value = argument(c, &at);
    }
    /* All arguments stand in the name of the macro, so that one forgotten or unknown fails in the C
     * compiler. */
    qsort(args, n, sizeof *args, by_name);
    for (size_t i = 0; i < n; i++) {
        names = arena_printf(c->arena, "%s_%s", names, args[i].name).s;
        values = arena_printf(c->arena, "%s%s%s", values, i ? ", " : "", args[i].value).s;
    }
    emit_c(&c->e, w->line, "%.*s_part(t, &%.*s_part_of%s(%s));", TEXT_ARG(w[1].t), TEXT_ARG(w[1].t),
           names, values);
    if (c->file->n_calls == CALLS_MAX)
        mistake(c, w, "more than %d parts", CALLS_MAX);
    c->file->calls[c->file->n_calls++] = arena_z(c->arena, w[1].t);
    html_wrote(&c->html);
}

bool element_statement(struct compiler *c, const struct word *w)
{
    static const struct {
        const char *name;
        void (*run)(struct compiler *c, const struct word *w);
    } statements[] = {
        {"field", field_statement}, {"errors", errors_statement}, {"sort", sort_statement},
        {"pager", list_statement},  {"export", list_statement},   {"lines", lines_statement},
        {"svg", svg_statement},     {"asset", asset_statement},   {"part", part_statement},
        {"mistake", mistake_statement},
    };

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (word_is(w, statements[i].name)) {
            begin_content(c);
            statements[i].run(c, w);
            return true;
        }
    }
    if (word_is(w, "csrf")) {
        begin_content(c);
        no_more(c, w + 1);
        if (c->html.state != H_TEXT)
            mistake(c, w, "{%% csrf %%} stands only between elements");
        c->html.csrf = true;
        emit_c(&c->e, w->line, "tpl_csrf(t);");
        return true;
    }
    return false;
}
