/* The head of a template (what it is, what it has) and what follows from it: structs, the JSON
 * function, the table of what a page has. */
#include "tplcomp.h"

/* ---- head statements ----------------------------------------------------------------------- */

static void file_statement(struct compiler *c, const struct word *w, enum file_kind kind)
{
    struct file *f = c->file;

    if (f->kind != FILE_NONE)
        mistake(c, w, "one file is one page, part or layout");
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "a name of small letters, digits and _ is missing");
    no_more(c, w + 2);
    f->kind = kind;
    f->name = arena_z(c->arena, w[1].t);
}

static enum has_type plain_type(struct text t)
{
    static const char *const names[] = {
        [TYPE_INT] = "int", [TYPE_TEXT] = "text", [TYPE_BOOL] = "bool", [TYPE_VALUE] = "value",
        [TYPE_URL] = "url", [TYPE_MSG] = "msg",   [TYPE_SVG] = "svg"};

    for (int i = TYPE_INT; i <= TYPE_SVG; i++)
        if (text_is(t, names[i]))
            return (enum has_type)i;
    return text_ends(t, "_form") ? TYPE_FORM : TYPE_ROW;
}

static void has_statement(struct compiler *c, const struct word *w)
{
    struct file *f = c->file;

    if (w[1].kind != WORD_NAME || !name_good(w[1].t) || !word_is(w + 2, ":") ||
        w[3].kind != WORD_NAME || !name_good(w[3].t))
        mistake(c, w, "written as {%% has NAME: TYPE %%}");
    if (known_name(c, w[1].t))
        mistake(c, w, "the name \"%.*s\" is taken", TEXT_ARG(w[1].t));
    if (f->n_has == HAS_MAX)
        mistake(c, w, "more than %d lines of {%% has %%}", HAS_MAX);
    struct has_line *h = &f->has[f->n_has++];
    *h = (struct has_line){.name = arena_z(c->arena, w[1].t),
                           .member = member_name(c->arena, w[1].t),
                           .type = arena_z(c->arena, w[3].t),
                           .kind = plain_type(w[3].t),
                           .line = w->line};
    w += 4;
    if (word_is(w, "[]")) {
        if (h->kind != TYPE_ROW)
            mistake(c, w, "a list is of rows of a query");
        h->kind = TYPE_ROWS;
        w++;
    }
    h->quiet = h->kind == TYPE_FORM || h->kind == TYPE_SVG;
    for (; w->kind != WORD_END; w++) {
        if (f->kind != FILE_PAGE)
            no_more(c, w);
        if (word_is(w, "main") && h->kind == TYPE_ROW)
            h->main = true;
        else if (word_is(w, "quiet"))
            h->quiet = true;
        else if (word_is(w, "json") && h->kind == TYPE_FORM)
            h->quiet = false;
        else
            no_more(c, w);
    }
    for (int i = 0; h->main && i < f->n_has - 1; i++)
        if (f->has[i].main)
            mistake(c, w, "two rows are main");
}

static void use_statement(struct compiler *c, const struct word *w)
{
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "written as {%% use ROOM %%}");
    no_more(c, w + 2);
    if (c->file->n_uses == USE_MAX)
        mistake(c, w, "more than %d rooms are used", USE_MAX);
    c->file->uses[c->file->n_uses++] = arena_z(c->arena, w[1].t);
}

/* The layout is another file, perhaps of another room: what it has is known when --layout named it.
 */
static void check_layout(const struct compiler *c, const struct word *w)
{
    const struct file *layout = c->layout;

    if (!layout || !layout->name || strcmp(layout->name, c->file->layout) != 0)
        return;
    for (int i = 0; i < layout->n_has; i++)
        if (text_is(w->t, layout->has[i].name))
            return;
    mistake(c, w, "the layout has no \"%.*s\"", TEXT_ARG(w->t));
}

static void in_statement(struct compiler *c, const struct word *w)
{
    struct file *f = c->file;
    const char *args = "";

    if (f->kind != FILE_PAGE)
        mistake(c, w, "only a page is put into a layout");
    if (f->layout)
        mistake(c, w, "the page is in a layout already");
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "written as {%% in LAYOUT NAME=VALUE … %%}");
    f->layout = arena_z(c->arena, w[1].t);
    f->layout_line = w->line;
    w += 2;
    while (w->kind != WORD_END) {
        if (w->kind != WORD_NAME || !name_good(w->t) || !word_is(w + 1, "="))
            mistake(c, w, "arguments are written NAME=VALUE");
        const char *member = member_name(c->arena, w->t), *name = arena_z(c->arena, w->t);
        check_layout(c, w);
        w += 2;
        args = arena_printf(c->arena, "%s.%s = %s_layout_%s(%s), ", args, member, f->layout, name,
                            argument(c, &w))
                   .s;
    }
    f->layout_args = *args ? args : "0";
}

bool head_statement(struct compiler *c, const struct word *w)
{
    static const struct {
        const char *name;
        enum file_kind kind;
    } files[] = {{"page", FILE_PAGE}, {"partial", FILE_PART}, {"layout", FILE_LAYOUT}};
    bool head = word_is(w, "has") || word_is(w, "use") || word_is(w, "in");

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (word_is(w, files[i].name)) {
            file_statement(c, w, files[i].kind);
            return true;
        }
    }
    if (!head)
        return false;
    if (c->file->kind == FILE_NONE)
        mistake(c, w,
                "the file must begin with {%% page NAME %%}, {%% partial NAME %%} or "
                "{%% layout NAME %%}");
    if (c->content)
        mistake(c, w, "{%% %.*s %%} stands before everything that is written", TEXT_ARG(w->t));
    if (word_is(w, "has"))
        has_statement(c, w);
    else if (word_is(w, "use"))
        use_statement(c, w);
    else
        in_statement(c, w);
    return true;
}

/* ---- declarations -------------------------------------------------------------------------- */

static const char *const suffixes[] = {
    [FILE_PAGE] = "page", [FILE_PART] = "part", [FILE_LAYOUT] = "layout"};

static void member_line(struct buf *b, const struct file *f, const struct has_line *h)
{
    const char *star = f->kind == FILE_PAGE ? "" : "*",
               *constant = f->kind == FILE_PAGE ? "" : "const ";

    buf_z(b, "    ");
    switch (h->kind) {
    case TYPE_ROW:
        buf_printf(b, "%sunion %s_row %s%s;\n", constant, h->type, star, h->member);
        break;
    case TYPE_ROWS:
        buf_printf(b, "%sstruct %s_rows %s%s;\n", constant, h->type, star, h->member);
        break;
    case TYPE_FORM:
        buf_printf(b, "%sstruct %s %s%s;\n", constant, h->type, star, h->member);
        break;
    case TYPE_INT:
        buf_printf(b, "int64_t %s;\n", h->member);
        break;
    case TYPE_BOOL:
        buf_printf(b, "bool %s;\n", h->member);
        break;
    case TYPE_MSG:
        buf_printf(b, "const char *%s; /* msgid */\n", h->member);
        break;
    case TYPE_TEXT:
    case TYPE_VALUE:
    case TYPE_URL:
    case TYPE_SVG:
        buf_printf(b, "struct %s %s;\n", h->type, h->member);
        break;
    }
}

/* How an argument of any suitable type becomes the declared one. */
static const char *conversion(const struct has_line *h)
{
    switch (h->kind) {
    case TYPE_INT:
        return "tpl_as_int";
    case TYPE_TEXT:
        return "tpl_as_text";
    case TYPE_BOOL:
        return "tpl_true";
    case TYPE_VALUE:
        return "tpl_v";
    default:
        return "";
    }
}

/* The macro all arguments of a part go through: NAME_part_of_A_B(a, b), names in order of the
 * alphabet. */
static void part_macro(struct compiler *c, struct buf *b)
{
    const struct file *f = c->file;
    const struct has_line *sorted[HAS_MAX];

    for (int i = 0; i < f->n_has; i++) {
        int k = i;
        for (; k > 0 && strcmp(sorted[k - 1]->name, f->has[i].name) > 0; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = &f->has[i];
    }
    buf_printf(b, "#define %s_part_of", f->name);
    for (int i = 0; i < f->n_has; i++)
        buf_printf(b, "_%s", sorted[i]->name);
    buf_char(b, '(');
    for (int i = 0; i < f->n_has; i++)
        buf_printf(b, "%sa%d", i ? ", " : "", i);
    buf_printf(b, ") \\\n    ((const struct %s_part){", f->name);
    for (int i = 0; i < f->n_has; i++)
        buf_printf(b, "%s.%s = %s(a%d)", i ? ", " : "", sorted[i]->member, conversion(sorted[i]),
                   i);
    buf_printf(b, "%s})\n", f->n_has ? "" : "0");
}

static void layout_macros(struct compiler *c, struct buf *b)
{
    const struct file *f = c->file;

    for (int i = 0; i < f->n_has; i++)
        buf_printf(b, "#define %s_layout_%s(a) %s(a)\n", f->name, f->has[i].name,
                   conversion(&f->has[i]));
}

void declare_file(struct compiler *c)
{
    struct buf *b = &c->header;
    const struct file *f = c->file;
    const char *suffix = suffixes[f->kind];

    buf_printf(b, "\n/* %s */\nstruct %s_%s {\n", f->base, f->name, suffix);
    for (int i = 0; i < f->n_has; i++)
        member_line(b, f, &f->has[i]);
    if (!f->n_has)
        buf_z(b, "    char nothing;\n");
    buf_z(b, "};\n");
    emit_own(&c->e, "%s", "");
    if (f->kind == FILE_PAGE) {
        buf_printf(b, "extern const struct view %s_view;\n", f->name);
        emit_own(&c->e, "/* %s */", f->base);
        emit_own(&c->e, "static void %s_html(struct tpl *t, const void *data)", f->name);
        emit_own(&c->e, "{");
        emit_own(&c->e, "const struct %s_page *page = data;", f->name);
    } else if (f->kind == FILE_PART) {
        buf_printf(b, "void %s_part(struct tpl *t, const struct %s_part *page);\n", f->name,
                   f->name);
        part_macro(c, b);
        emit_own(&c->e, "/* %s */", f->base);
        emit_own(&c->e, "void %s_part(struct tpl *t, const struct %s_part *page)", f->name,
                 f->name);
        emit_own(&c->e, "{");
    } else {
        buf_printf(b, "void %s_begin(struct tpl *t, const struct %s_layout *page);\n", f->name,
                   f->name);
        buf_printf(b, "void %s_end(struct tpl *t, const struct %s_layout *page);\n", f->name,
                   f->name);
        layout_macros(c, b);
        emit_own(&c->e, "/* %s */", f->base);
        emit_own(&c->e, "void %s_begin(struct tpl *t, const struct %s_layout *page)", f->name,
                 f->name);
        emit_own(&c->e, "{");
    }
    emit_own(&c->e, "(void)page;");
}

void begin_content(struct compiler *c)
{
    const struct file *f = c->file;

    if (c->content)
        return;
    if (f->kind == FILE_NONE)
        die_at(f->path, 1,
               "the file must begin with {%% page NAME %%}, {%% partial NAME %%} or "
               "{%% layout NAME %%}");
    c->content = true;
    declare_file(c);
    if (f->layout) {
        emit_c(&c->e, f->layout_line, "const struct %s_layout layout = {%s};", f->layout,
               f->layout_args);
        emit_c(&c->e, f->layout_line, "%s_begin(t, &layout);", f->layout);
    }
}

/* ---- what a page has ----------------------------------------------------------------------- */

static void json_line(struct compiler *c, const struct has_line *h)
{
    struct emit *e = &c->e;
    const char *m = h->member;

    if (h->main) {
        emit_c(e, h->line, "tpl_json_row_open(j, &%s_query, page->%s.v);", h->type, m);
        return;
    }
    emit_c(e, h->line, "json_key(j, \"%s\");", h->name);
    switch (h->kind) {
    case TYPE_ROW:
        emit_c(e, h->line, "tpl_json_row(j, &%s_query, page->%s.v);", h->type, m);
        break;
    case TYPE_ROWS:
        emit_c(e, h->line, "tpl_json_rows(j, &%s_query, &page->%s.rows);", h->type, m);
        if (strcmp(h->name, "items") == 0)
            emit_c(e, h->line, "json_key(j, \"next\"); tpl_json_next(j, page->%s.next);", m);
        break;
    case TYPE_FORM:
        emit_c(e, h->line,
               "tpl_json_form(j, page->%s.v, sizeof page->%s.v / sizeof page->%s.v[0], &%s);", m, m,
               m, h->type);
        break;
    case TYPE_INT:
        emit_c(e, h->line, "json_int(j, page->%s);", m);
        break;
    case TYPE_TEXT:
        emit_c(e, h->line, "json_text(j, page->%s);", m);
        break;
    case TYPE_BOOL:
        emit_c(e, h->line, "json_bool(j, page->%s);", m);
        break;
    case TYPE_VALUE:
        emit_c(e, h->line, "json_value(j, page->%s);", m);
        break;
    case TYPE_URL:
        emit_c(e, h->line, "json_text(j, page->%s.t);", m);
        break;
    case TYPE_MSG:
        emit_c(e, h->line, "json_z(j, page->%s ? tr(t->lang, page->%s) : NULL);", m, m);
        break;
    case TYPE_SVG:
        break;
    }
}

static void has_table(struct compiler *c)
{
    static const char *const kinds[] = {"HAS_ROW",  "HAS_ROWS",  "HAS_FORM", "HAS_INT", "HAS_TEXT",
                                        "HAS_BOOL", "HAS_VALUE", "HAS_URL",  "HAS_MSG", "HAS_SVG"};
    const struct file *f = c->file;
    struct emit *e = &c->e;

    emit_own(e, "static const struct has %s_has[] = {", f->name);
    for (int i = 0; i < f->n_has; i++) {
        const struct has_line *h = &f->has[i];
        const char *more = h->main ? ", .main = true" : "";
        if (!h->quiet)
            more = arena_printf(c->arena, "%s, .shown = true", more).s;
        if (h->kind == TYPE_ROW || h->kind == TYPE_ROWS)
            more = arena_printf(c->arena, "%s, .query = &%s_query", more, h->type).s;
        else if (h->kind == TYPE_FORM)
            more = arena_printf(c->arena, "%s, .form = &%s", more, h->type).s;
        emit_c(e, h->line,
               "{.name = \"%s\", .kind = %s, .offset = offsetof(struct %s_page, %s)%s},", h->name,
               kinds[h->kind], f->name, h->member, more);
    }
    emit_own(e, "};");
}

static void define_page(struct compiler *c)
{
    const struct file *f = c->file;
    struct emit *e = &c->e;

    emit_own(e, "%s", "");
    emit_own(e, "static void %s_json(struct json *j, struct tpl *t, const void *data)", f->name);
    emit_own(e, "{");
    emit_own(e, "const struct %s_page *page = data;", f->name);
    emit_own(e, "(void)page;");
    emit_own(e, "(void)t;");
    emit_own(e, "json_open(j, '{');");
    for (int i = 0; i < f->n_has; i++)
        if (!f->has[i].quiet)
            json_line(c, &f->has[i]);
    emit_own(e, "json_close(j, '}');");
    emit_own(e, "}");
    emit_own(e, "%s", "");
    if (f->n_has)
        has_table(c);
    emit_own(
        e,
        "const struct view %s_view = {\"%s\", sizeof(struct %s_page), %s_html, %s_json, %s%s, %d};",
        f->name, f->name, f->name, f->name, f->name, f->n_has ? f->name : "NULL",
        f->n_has ? "_has" : "", f->n_has);
}

/* A query of rules or of writing has no NAME_showable: such a row comes into no template. */
static void showable(struct compiler *c)
{
    const struct file *f = c->file;

    for (int i = 0; i < f->n_has; i++)
        if (f->has[i].kind == TYPE_ROW || f->has[i].kind == TYPE_ROWS)
            emit_c(&c->e, f->has[i].line,
                   "_Static_assert(%s_showable, \"rows of %s may be shown\");", f->has[i].type,
                   f->has[i].type);
}

void define_view(struct compiler *c)
{
    const struct file *f = c->file;
    struct emit *e = &c->e;

    /* The line end of the file is not part of what a part writes. */
    while (f->kind == FILE_PART && e->raw.n &&
           (e->raw.s[e->raw.n - 1] == '\n' || e->raw.s[e->raw.n - 1] == ' '))
        e->raw.n--;
    if (f->layout)
        emit_own(e, "%s_end(t, &layout);", f->layout);
    emit_own(e, "}");
    showable(c);
    if (f->kind == FILE_PAGE)
        define_page(c);
    emit_flush(e);
    if (e->line)
        emit_own(e, "%s", "");
    if (buf_end(&e->out) != OK || buf_end(&e->raw) != OK)
        die_at(f->path, 0, "the template is too large");
    buf_text(&c->source, buf_get(&e->out));
    buf_clear(&e->out);
}
