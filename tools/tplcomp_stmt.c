/* Values and the statements of the language: branches, loops, words. */
#include "tplcomp.h"
#include <stdarg.h>
#include <stdio.h>

_Noreturn void mistake(const struct compiler *c, const struct word *w, const char *fmt, ...)
{
    char text[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    die_at(c->file->path, w->line, "%s", text);
}

bool word_is(const struct word *w, const char *z)
{
    return (w->kind == WORD_NAME || w->kind == WORD_MARK) && text_is(w->t, z);
}

void no_more(const struct compiler *c, const struct word *w)
{
    if (w->kind != WORD_END)
        mistake(c, w, "\"%.*s\" is too much here", TEXT_ARG(w->t));
}

const char *literal(struct compiler *c, struct text t)
{
    struct buf b = BUF(1 << 16);

    emit_literal(&b, t);
    const char *z = arena_z(c->arena, buf_get(&b));
    buf_free(&b);
    return z;
}

const char *translated(struct compiler *c, const struct word **w)
{
    const struct word *at = *w;

    if (!word_is(at, "_") || !word_is(at + 1, "(") || at[2].kind != WORD_STRING ||
        !word_is(at + 3, ")"))
        mistake(c, at, "words are written _(\"…\")");
    *w = at + 4;
    return arena_printf(c->arena, "tr(t->lang, %s)", literal(c, at[2].t)).s;
}

static bool number(struct text t)
{
    int64_t i;

    return text_int(t, INT32_MIN, INT32_MAX, &i) == OK;
}

const char *argument(struct compiler *c, const struct word **w)
{
    const struct word *at = *w;
    struct text first, rest = at->t;

    if (word_is(at, "_"))
        return translated(c, w);
    *w = at + 1;
    if (at->kind == WORD_STRING)
        return literal(c, at->t);
    if (at->kind != WORD_NAME)
        mistake(c, at, "a value is missing");
    if (number(at->t))
        return arena_z(c->arena, at->t);
    text_split(&rest, '.', &first);
    if (!known_name(c, first)) {
        if (rest.n)
            mistake(c, at, "the template has no \"%.*s\"", TEXT_ARG(first));
        return literal(c, at->t);
    }
    struct path p = path_of(c, at);
    return p.shape == SHAPE_ROW || p.shape == SHAPE_ROWS || p.shape == SHAPE_FORM ? p.address : p.c;
}

/* ---- values -------------------------------------------------------------------------------- */

static void printable(const struct compiler *c, const struct word *w, const struct path *p)
{
    if (p->shape == SHAPE_ROW)
        mistake(c, w, "\"%.*s\" is a row: name a column of it", TEXT_ARG(w->t));
    if (p->shape == SHAPE_ROWS)
        mistake(c, w, "\"%.*s\" is a list: use {%% each %%}", TEXT_ARG(w->t));
    if (p->shape == SHAPE_FORM)
        mistake(c, w, "\"%.*s\" is a form: use {%% field %%}", TEXT_ARG(w->t));
    if (p->shape == SHAPE_SVG)
        mistake(c, w, "\"%.*s\" is a drawing: use {%% svg %%}", TEXT_ARG(w->t));
}

void value(struct compiler *c, const struct token *token)
{
    struct word words[WORDS_MAX];

    words_split(c->arena, c->file->path, token, words);
    const struct word *w = words;
    begin_content(c);
    enum place place = html_place(&c->html, token->line);
    struct path p = path_of(c, w);
    no_more(c, w + 1);
    printable(c, w, &p);
    const char *z = p.c;
    if (place == PLACE_URL_START && p.shape != SHAPE_URL)
        mistake(c, w, "the address in %s must begin with /, ? or #, or be one {{ url }}",
                c->html.attr);
    if (place == PLACE_URL && p.shape == SHAPE_URL)
        mistake(c, w, "\"%.*s\" is a whole address and must begin its attribute", TEXT_ARG(w->t));
    if (p.shape == SHAPE_URL && place != PLACE_URL_START)
        z = arena_printf(c->arena, "%s.t", z).s;
    static const char *const functions[] = {[PLACE_TEXT] = "tpl_text",
                                            [PLACE_PLAIN] = "tpl_plain",
                                            [PLACE_ATTR] = "tpl_attr",
                                            [PLACE_URL_START] = "tpl_url_url",
                                            [PLACE_URL] = "tpl_url"};
    emit_c(&c->e, w->line, "%s(t, %s);", functions[place], z);
    html_wrote(&c->html);
}

/* ---- branches ------------------------------------------------------------------------------ */

static const char *condition(struct compiler *c, const struct word *w)
{
    bool not = word_is(w, "not");

    w += not ;
    struct path p = path_of(c, w);
    const char *z;
    if (word_is(w + 1, "==")) {
        if (w[2].kind != WORD_NAME && w[2].kind != WORD_STRING)
            mistake(c, w, "a word must follow \"==\"");
        printable(c, w, &p);
        z = arena_printf(c->arena, "tpl_is(%s, %s)", p.c, literal(c, w[2].t)).s;
        no_more(c, w + 3);
    } else {
        no_more(c, w + 1);
        if (p.shape == SHAPE_FORM)
            mistake(c, w, "a form is neither true nor false");
        z = arena_printf(c->arena,
                         p.shape == SHAPE_ROW                           ? "tpl_true(%s.v[0])"
                         : p.shape == SHAPE_ROWS                        ? "(%s.n != 0)"
                         : p.shape == SHAPE_URL || p.shape == SHAPE_SVG ? "tpl_true(%s.t)"
                                                                        : "tpl_true(%s)",
                         p.c)
                .s;
    }
    return not ? arena_printf(c->arena, "!%s", z).s : z;
}

static struct frame *open_frame(struct compiler *c, const struct word *w, enum frame_kind kind)
{
    begin_content(c);
    html_pause(&c->html, &c->e, w->line);
    if (c->n_frames == FRAMES_MAX)
        mistake(c, w, "statements are nested more than %d deep", FRAMES_MAX);
    struct frame *f = &c->frames[c->n_frames++];
    *f = (struct frame){.kind = kind, .line = w->line, .start = c->html};
    return f;
}

static struct frame *top_frame(struct compiler *c, const struct word *w)
{
    if (!c->n_frames)
        mistake(c, w, "{%% %.*s %%} belongs to no statement", TEXT_ARG(w->t));
    return &c->frames[c->n_frames - 1];
}

/* A branch ends here: all must leave the page at the same place. */
static void close_branch(struct compiler *c, const struct word *w, struct frame *f)
{
    html_pause(&c->html, &c->e, w->line);
    emit_flush(&c->e);
    const char *differs = html_differs(f->closed ? &f->after : &c->html, &c->html);
    if (differs)
        mistake(c, w, "the branches of the statement of line %d end %s", f->line, differs);
    if (f->closed)
        html_join(&f->after, &c->html);
    else
        f->after = c->html;
    f->closed = true;
}

static void next_branch(struct compiler *c, const struct word *w, struct frame *f)
{
    close_branch(c, w, f);
    c->html = f->start;
    f->last = true;
}

static void start_if(struct compiler *c, const struct word *w)
{
    const char *z = condition(c, w + 1);

    open_frame(c, w, FRAME_IF);
    emit_c(&c->e, w->line, "if (%s) {", z);
}

static void start_may(struct compiler *c, const struct word *w)
{
    if (w[1].kind != WORD_NAME || !name_good(w[1].t))
        mistake(c, w, "{%% may %%} needs the name of a right");
    no_more(c, w + 2);
    open_frame(c, w, FRAME_MAY);
    emit_c(&c->e, w->line, "if (tpl_may(t, CAP_%s)) {", upper(c->arena, arena_z(c->arena, w[1].t)));
}

static void start_each(struct compiler *c, const struct word *w)
{
    if (w[1].kind != WORD_NAME || !name_good(w[1].t) || !word_is(w + 2, "in"))
        mistake(c, w, "written as {%% each NAME in LIST %%}");
    no_more(c, w + 4);
    struct path p = path_of(c, w + 3);
    if (p.shape != SHAPE_ROWS)
        mistake(c, w, "\"%.*s\" is not a list", TEXT_ARG(w[3].t));
    if (known_name(c, w[1].t))
        mistake(c, w, "the name \"%.*s\" is taken", TEXT_ARG(w[1].t));
    if (c->html.state == H_TAG || c->html.state == H_TAG_NAME || c->html.state == H_ATTR_NAME)
        mistake(c, w, "{%% each %%} may not stand in a tag");
    if (c->n_each == EACH_MAX)
        mistake(c, w, "loops are nested more than %d deep", EACH_MAX);
    const char *name = arena_z(c->arena, w[1].t);
    struct frame *f = open_frame(c, w, FRAME_EACH);
    f->list = arena_printf(c->arena, "%s.n", p.c).s;
    c->html.blank =
        false; /* the second row stands behind the first, not behind what is before the list */
    emit_c(&c->e, w->line, "for (size_t i_%s = 0; i_%s < %s; i_%s++) {", name, name, f->list, name);
    emit_c(&c->e, w->line, "const union %s_row *each_%s = &%s.row[i_%s]; (void)each_%s;", p.type,
           name, p.c, name, name);
    c->each[c->n_each++] = (struct each){name, p.type};
}

static void other_branch(struct compiler *c, const struct word *w)
{
    struct frame *f = top_frame(c, w);
    bool empty = word_is(w, "empty"), other = word_is(w, "else");

    if (f->last)
        mistake(c, w, "{%% %.*s %%} stands behind the last branch", TEXT_ARG(w->t));
    if (empty != (f->kind == FRAME_EACH))
        mistake(c, w, "{%% %.*s %%} does not belong to the statement of line %d", TEXT_ARG(w->t),
                f->line);
    if (!empty && !other) {
        if (f->kind != FRAME_IF)
            mistake(c, w, "{%% elif %%} belongs to {%% if %%}");
        const char *z = condition(c, w + 1);
        next_branch(c, w, f);
        f->last = false;
        emit_c(&c->e, w->line, "} else if (%s) {", z);
        return;
    }
    no_more(c, w + 1);
    if (empty) {
        c->n_each--;
        const char *differs = html_differs(&f->start, &c->html);
        if (differs)
            mistake(c, w, "the rows of the list of line %d end %s", f->line, differs);
    }
    next_branch(c, w, f);
    emit_c(&c->e, w->line, empty ? "} if (!%s) {" : "} else {", f->list);
}

static void end_frame(struct compiler *c, const struct word *w)
{
    struct frame *f = top_frame(c, w);

    no_more(c, w + 1);
    close_branch(c, w, f);
    if (!f->last) { /* nothing at all is a branch too */
        const char *differs = html_differs(&f->start, &f->after);
        if (differs)
            mistake(c, w, "what the statement of line %d holds ends %s", f->line, differs);
        html_join(&f->after, &f->start);
        if (f->kind == FRAME_EACH)
            c->n_each--;
    }
    c->html = f->after;
    c->n_frames--;
    emit_c(&c->e, w->line, "}");
}

/* ---- words --------------------------------------------------------------------------------- */

enum { ARGS_MAX = 12 };
struct message_args {
    size_t n;
    struct text names[ARGS_MAX];
    const char *values[ARGS_MAX];
};

static bool args_have(const struct message_args *args, struct text name)
{
    for (size_t i = 0; i < args->n; i++)
        if (text_eq(args->names[i], name))
            return true;
    return false;
}

/* Each {name} of the words is given. */
static void check_names(const struct compiler *c, const struct word *words,
                        const struct message_args *args)
{
    const char *s = words->t.s, *end = s + words->t.n;

    while ((s = memchr(s, '{', (size_t)(end - s)))) {
        const char *close = memchr(s, '}', (size_t)(end - s));
        if (!close)
            mistake(c, words, "\"{\" is not closed in the words");
        struct text name = {s + 1, (size_t)(close - s - 1)};
        if (!args_have(args, name))
            mistake(c, words, "nothing is given for {%.*s}", TEXT_ARG(name));
        s = close;
    }
}

static bool words_use(const struct word *words, struct text name)
{
    for (size_t i = 0; i + name.n + 2 <= words->t.n; i++)
        if (words->t.s[i] == '{' && memcmp(words->t.s + i + 1, name.s, name.n) == 0 &&
            words->t.s[i + 1 + name.n] == '}')
            return true;
    return false;
}

static void message_args(struct compiler *c, const struct word *w, struct message_args *args)
{
    while (w->kind != WORD_END) {
        if (args->n == ARGS_MAX || w->kind != WORD_NAME || !name_good(w->t) || !word_is(w + 1, "="))
            mistake(c, w, "values of words are written NAME=VALUE");
        if (args_have(args, w->t))
            mistake(c, w, "%.*s is given twice", TEXT_ARG(w->t));
        args->names[args->n] = w->t;
        w += 2;
        if (w->kind == WORD_NAME && !word_is(w, "_") && !number(w->t)) {
            struct path p = path_of(c, w);
            printable(c, w, &p);
            args->values[args->n++] =
                p.shape == SHAPE_URL ? arena_printf(c->arena, "%s.t", p.c).s : p.c;
            w++;
        } else {
            args->values[args->n++] = argument(c, &w);
        }
    }
}

static const char *args_in_c(struct compiler *c, const struct message_args *args)
{
    const char *z = "(const struct tpl_arg[]){";

    for (size_t i = 0; i < args->n; i++)
        z = arena_printf(c->arena, "%s%s{\"%.*s\", tpl_v(%s)}", z, i ? ", " : "",
                         TEXT_ARG(args->names[i]), args->values[i])
                .s;
    return arena_printf(c->arena, "%s}", z).s;
}

static void words_statement(struct compiler *c, const struct word *w, bool plural)
{
    struct message_args args = {0};
    int n = plural ? 2 : 1;

    begin_content(c);
    enum place place = html_place(&c->html, w->line);
    if (place == PLACE_URL || place == PLACE_URL_START)
        mistake(c, w, "words may not stand in an address");
    for (int i = 1; i <= n; i++)
        if (w[i].kind != WORD_STRING || !w[i].t.n)
            mistake(c, w,
                    plural ? "written as {%% n_ \"one\" \"many\" n=COUNT %%}"
                           : "written as {%% _ \"words\" %%}");
    message_args(c, w + n + 1, &args);
    const char *count = NULL;
    for (int i = 1; i <= n; i++)
        check_names(c, w + i, &args);
    for (size_t i = 0; i < args.n; i++) {
        if (plural && text_is(args.names[i], "n"))
            count = args.values[i];
        else if (!words_use(w + n, args.names[i]) && !words_use(w + 1, args.names[i]))
            mistake(c, w, "the words do not use {%.*s}", TEXT_ARG(args.names[i]));
    }
    if (plural && !count)
        mistake(c, w, "the number is missing: n=COUNT");
    const char *z = plural ? arena_printf(c->arena, "tr_n(t->lang, %s, %s, tpl_as_int(%s))",
                                          literal(c, w[1].t), literal(c, w[2].t), count)
                                 .s
                           : arena_printf(c->arena, "tr(t->lang, %s)", literal(c, w[1].t)).s;
    bool attr = place != PLACE_TEXT;
    if (args.n)
        emit_c(&c->e, w->line, "tpl_message(t, %s, %s, %s, %zu);", attr ? "true" : "false", z,
               args_in_c(c, &args), args.n);
    else
        emit_c(&c->e, w->line, "%s(t, %s);", attr ? "tpl_attr_z" : "tpl_text_z", z);
    html_wrote(&c->html);
}

static void body_statement(struct compiler *c, const struct word *w)
{
    if (c->file->kind != FILE_LAYOUT)
        mistake(c, w, "{%% body %%} stands in a layout only");
    if (c->body)
        mistake(c, w, "{%% body %%} stands twice");
    if (c->n_frames)
        mistake(c, w, "{%% body %%} may not stand in another statement");
    begin_content(c);
    html_block(&c->html, w->line, "{% body %}");
    no_more(c, w + 1);
    c->body = true;
    emit_own(&c->e, "}");
    emit_own(&c->e, "%s", "");
    emit_own(&c->e, "void %s_end(struct tpl *t, const struct %s_layout *page)", c->file->name,
             c->file->name);
    emit_own(&c->e, "{");
    emit_own(&c->e, "(void)page;");
}

void statement(struct compiler *c, const struct token *token)
{
    struct word words[WORDS_MAX];

    words_split(c->arena, c->file->path, token, words);
    const struct word *w = words;
    if (w->kind != WORD_NAME)
        mistake(c, w, "a statement begins with a word");
    if (head_statement(c, w))
        return;
    if (c->file->kind == FILE_NONE)
        mistake(c, w,
                "the file must begin with {%% page NAME %%}, {%% partial NAME %%} or "
                "{%% layout NAME %%}");
    if (word_is(w, "if"))
        start_if(c, w);
    else if (word_is(w, "may"))
        start_may(c, w);
    else if (word_is(w, "each"))
        start_each(c, w);
    else if (word_is(w, "elif") || word_is(w, "else") || word_is(w, "empty"))
        other_branch(c, w);
    else if (word_is(w, "end"))
        end_frame(c, w);
    else if (word_is(w, "_") || word_is(w, "n_"))
        words_statement(c, w, word_is(w, "n_"));
    else if (word_is(w, "body"))
        body_statement(c, w);
    else if (!element_statement(c, w))
        mistake(c, w, "there is no statement \"%.*s\"", TEXT_ARG(w->t));
}

void statements_end(struct compiler *c)
{
    if (c->n_frames)
        die_at(c->file->path, c->frames[c->n_frames - 1].line, "the statement has no {%% end %%}");
    if (c->file->kind == FILE_LAYOUT && !c->body)
        die_at(c->file->path, 1, "a layout needs {%% body %%}");
}
