/* Names of a template become expressions of C. Types are not known here: what does not exist fails
 * in the C compiler, at the template's line. */
#include "tplcomp.h"

static const char *const c_words[] = {
    "auto",     "break",  "case",   "char",     "const",    "continue", "default",  "do",
    "double",   "else",   "enum",   "extern",   "float",    "for",      "goto",     "if",
    "inline",   "int",    "long",   "register", "restrict", "return",   "short",    "signed",
    "sizeof",   "static", "struct", "switch",   "typedef",  "union",    "unsigned", "void",
    "volatile", "while",  "bool",   "true",     "false",    NULL};

const char *member_name(struct arena *arena, struct text name)
{
    for (size_t i = 0; c_words[i]; i++)
        if (text_is(name, c_words[i]))
            return arena_printf(arena, "%s_", c_words[i]).s;
    return arena_z(arena, name);
}

bool name_good(struct text name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        bool small = c >= 'a' && c <= 'z';
        if (!small && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
            return false;
    }
    return name.n > 0 && name.n < 60;
}

const char *upper(struct arena *arena, const char *name)
{
    size_t n = strlen(name);
    char *s = arena_alloc(arena, n + 1);

    for (size_t i = 0; i < n; i++)
        s[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
    return s;
}

static const struct has_line *find_has(const struct compiler *c, struct text name)
{
    for (int i = 0; i < c->file->n_has; i++)
        if (text_is(name, c->file->has[i].name))
            return &c->file->has[i];
    return NULL;
}

static const struct each *find_each(const struct compiler *c, struct text name)
{
    for (int i = c->n_each; i-- > 0;)
        if (text_is(name, c->each[i].name))
            return &c->each[i];
    return NULL;
}

bool known_name(const struct compiler *c, struct text name)
{
    return find_has(c, name) || find_each(c, name) || text_is(name, "request");
}

/* The rest of a path as members: "a.b" becomes ".a.b". */
static const char *members(struct compiler *c, const struct word *w, struct text rest)
{
    struct text part;
    const char *s = "";

    while (text_split(&rest, '.', &part)) {
        if (!name_good(part))
            die_at(c->file->path, w->line, "\"%.*s\" is not a name", TEXT_ARG(w->t));
        s = arena_printf(c->arena, "%s.%s", s, member_name(c->arena, part)).s;
    }
    return s;
}

static struct path path_of_has(struct compiler *c, const struct has_line *has, const char *rest,
                               struct text field)
{
    bool pointer = c->file->kind != FILE_PAGE &&
                   (has->kind == TYPE_ROW || has->kind == TYPE_ROWS || has->kind == TYPE_FORM);
    struct path p = {.type = has->type};

    if (pointer) {
        p.address = arena_printf(c->arena, "page->%s", has->member).s;
        p.c = arena_printf(c->arena, "(*page->%s)%s", has->member, rest).s;
    } else {
        p.address = arena_printf(c->arena, "&page->%s", has->member).s;
        p.c = arena_printf(c->arena, "page->%s%s", has->member, rest).s;
    }
    if (*rest) {
        p.shape = SHAPE_VALUE;
        if (has->kind == TYPE_FORM && !memchr(field.s, '.', field.n))
            p.field = arena_z(c->arena, field);
        p.form = arena_printf(c->arena, pointer ? "(*page->%s)" : "page->%s", has->member).s;
        return p;
    }
    p.shape = has->kind == TYPE_ROW    ? SHAPE_ROW
              : has->kind == TYPE_ROWS ? SHAPE_ROWS
              : has->kind == TYPE_FORM ? SHAPE_FORM
              : has->kind == TYPE_MSG  ? SHAPE_MSG
              : has->kind == TYPE_URL  ? SHAPE_URL
              : has->kind == TYPE_SVG  ? SHAPE_SVG
                                       : SHAPE_VALUE;
    if (p.shape == SHAPE_MSG)
        p.c = arena_printf(c->arena, "tr(t->lang, %s)", p.c).s;
    return p;
}

struct path path_of(struct compiler *c, const struct word *w)
{
    struct text rest = w->t, first;

    if (w->kind != WORD_NAME || !text_split(&rest, '.', &first))
        die_at(c->file->path, w->line, "a name is missing");
    if (memchr(w->t.s, '/', w->t.n) || memchr(w->t.s, '-', w->t.n))
        die_at(c->file->path, w->line, "\"%.*s\" is not a name", TEXT_ARG(w->t));
    const char *dotted = members(c, w, rest);
    const struct each *each = find_each(c, first);
    if (each) {
        struct path p = {.shape = *dotted ? SHAPE_VALUE : SHAPE_ROW, .type = each->query};
        p.address = arena_printf(c->arena, "each_%s", each->name).s;
        p.c = arena_printf(c->arena, "(*each_%s)%s", each->name, dotted).s;
        return p;
    }
    const struct has_line *has = find_has(c, first);
    if (has)
        return path_of_has(c, has, dotted, rest);
    if (text_is(w->t, "request.viewer.role"))
        return (struct path){.shape = SHAPE_VALUE, .c = "tpl_role(t)"};
    if (text_is(first, "request") && *dotted)
        return (struct path){.shape = SHAPE_VALUE,
                             .c = arena_printf(c->arena, "t->rq->%s", dotted + 1).s};
    die_at(c->file->path, w->line, "the template has no \"%.*s\"", TEXT_ARG(first));
}
