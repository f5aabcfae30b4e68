/* Finds messages in C, templates and queries. */
#include "pocomp.h"

static void found(struct entries *out, const char *path, int line, struct text id,
                  struct text plural)
{
    if (!id.n)
        return; /* tr(lang, x ? x : "") */
    const char *z = arena_z(out->arena, id), *many = plural.n ? arena_z(out->arena, plural) : NULL;
    struct entry *e = entries_find(out, z);
    if (!e) {
        entries_add(out, (struct entry){.id = z, .plural = many, .path = path, .line = line});
        return;
    }
    if (e->plural && many && strcmp(e->plural, many) != 0)
        die_at(path, line, "\"%s\" has another plural at %s:%d", z, e->path, e->line);
    if (!e->plural)
        e->plural = many;
}

/* ---- C -------------------------------------------------------------------------------------- */

enum c_kind { C_END, C_NAME, C_STRING, C_MARK };
struct c_token {
    enum c_kind kind;
    struct text t; /* of a string: joined with its neighbours, without escapes */
    int line;
};

struct c_source {
    struct arena *arena;
    const char *path, *s;
    size_t n, i;
    int line;
};

static bool name_part(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_to(struct c_source *c, const char *end)
{
    size_t n = strlen(end);

    while (c->i < c->n && (c->i + n > c->n || memcmp(c->s + c->i, end, n) != 0))
        c->line += c->s[c->i++] == '\n';
    c->i = c->i + n < c->n ? c->i + n : c->n;
}

/* Blanks, comments, joined lines. */
static void skip_blank(struct c_source *c)
{
    while (c->i < c->n) {
        const char *s = c->s + c->i;
        size_t left = c->n - c->i;
        if (left > 1 && s[0] == '/' && s[1] == '*') {
            c->i += 2;
            skip_to(c, "*/");
        } else if (left > 1 && s[0] == '/' && s[1] == '/') {
            skip_to(c, "\n");
            c->line++;
        } else if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r' || *s == '\\') {
            c->line += *s == '\n';
            c->i++;
        } else {
            return;
        }
    }
}

/* A literal in quotes at the place; its inside. */
static struct text quoted(struct c_source *c)
{
    char quote = c->s[c->i];
    size_t from = ++c->i;

    while (c->i < c->n && c->s[c->i] != quote && c->s[c->i] != '\n')
        c->i += c->s[c->i] == '\\' ? 2 : 1;
    if (c->i >= c->n || c->s[c->i] != quote)
        die_at(c->path, c->line, "a literal is not closed");
    return (struct text){c->s + from, c->i++ - from};
}

static struct c_token c_next(struct c_source *c)
{
    skip_blank(c);
    struct c_token t = {.kind = C_END, .line = c->line};
    if (c->i >= c->n)
        return t;
    char ch = c->s[c->i];
    if (ch == '"') {
        t.kind = C_STRING;
        t.t = (struct text){"", 0};
        while (c->i < c->n && c->s[c->i] == '"') {
            struct text piece = string_unescape(c->arena, quoted(c));
            t.t = arena_printf(c->arena, "%.*s%.*s", TEXT_ARG(t.t), TEXT_ARG(piece));
            skip_blank(c);
        }
        return t;
    }
    t.kind = C_MARK;
    if (ch == '\'') {
        t.t = quoted(c);
        t.t.n = 0;
        return t;
    }
    size_t from = c->i;
    if (name_part(ch)) {
        t.kind = C_NAME;
        while (c->i < c->n && name_part(c->s[c->i]))
            c->i++;
    } else {
        c->i++;
    }
    t.t = (struct text){c->s + from, c->i - from};
    return t;
}

/* Behind the "(" of a call: the strings of its arguments from the first-th on; stops behind its
 * ")". A string inside of another call is not ours. */
static void call(struct c_source *c, struct entries *out, int first, bool plural)
{
    struct c_token one = {0};
    int depth = 1, argument = 0;

    while (depth) {
        struct c_token t = c_next(c);
        if (t.kind == C_END)
            return;
        if (text_is(t.t, "(") && t.kind == C_MARK)
            depth++;
        else if (text_is(t.t, ")") && t.kind == C_MARK)
            depth--;
        else if (text_is(t.t, ",") && t.kind == C_MARK && depth == 1)
            argument++;
        else if (t.kind == C_STRING && depth == 1 && !plural && argument == first)
            found(out, c->path, t.line, t.t, (struct text){0});
        else if (t.kind == C_STRING && depth == 1 && plural && argument == first)
            one = t;
        else if (t.kind == C_STRING && depth == 1 && plural && argument == first + 1 && one.t.n)
            found(out, c->path, one.line, one.t, t.t);
    }
}

static void scan_c(struct entries *out, const char *path, struct text text)
{
    static const struct {
        const char *name;
        int first;
        bool plural;
    } marks[] = {{"_", 0, false}, {"N_", 0, false}, {"NN_", 0, true}, {"tr", 1, false}, {"tr_n", 1, true}};
    struct c_source c = {out->arena, path, text.s, text.n, 0, 1};

    for (struct c_token t = c_next(&c); t.kind != C_END; t = c_next(&c)) {
        if (t.kind != C_NAME)
            continue;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            if (!text_is(t.t, marks[i].name))
                continue;
            skip_blank(&c);
            if (c.i >= c.n || c.s[c.i] != '(')
                break;
            /* What stands inside is read again: marks may stand in marks. */
            struct c_source inside = c;
            inside.i++;
            call(&inside, out, marks[i].first, marks[i].plural);
        }
    }
}

/* ---- templates and queries ------------------------------------------------------------------ */

static void scan_statement(struct entries *out, const char *path, const struct word *w)
{
    bool words = w->kind == WORD_NAME && text_is(w->t, "_"),
         plural = w->kind == WORD_NAME && text_is(w->t, "n_");

    if (words && w[1].kind == WORD_STRING)
        found(out, path, w[1].line, w[1].t, (struct text){0});
    if (plural && w[1].kind == WORD_STRING && w[2].kind == WORD_STRING)
        found(out, path, w[1].line, w[1].t, w[2].t);
    for (; w->kind != WORD_END; w++)
        if (w->kind == WORD_NAME && text_is(w->t, "_") && w[1].kind == WORD_MARK &&
            text_is(w[1].t, "(") && w[2].kind == WORD_STRING)
            found(out, path, w[2].line, w[2].t, (struct text){0});
}

static void scan_template(struct entries *out, const char *path, struct text text)
{
    struct source src = {.path = path, .t = text, .line = 1};
    struct token token;
    struct word words[WORDS_MAX];

    for (token_next(&src, &token); token.kind != TOKEN_END; token_next(&src, &token)) {
        if (token.kind != TOKEN_STATEMENT)
            continue;
        words_split(out->arena, path, &token, words);
        scan_statement(out, path, words);
    }
}

/* "-- column: NAME KIND CLASS "Label"": the heading of a computed column. */
static void scan_query(struct entries *out, const char *path, struct text text)
{
    struct text line;

    for (int number = 1; text_split(&text, '\n', &line); number++) {
        line = text_trim(line);
        if (!text_starts(line, "-- column:"))
            continue;
        const char *open = memchr(line.s, '"', line.n);
        const char *close =
            open ? memchr(open + 1, '"', (size_t)(line.s + line.n - open - 1)) : NULL;
        if (close)
            found(out, path, number, (struct text){open + 1, (size_t)(close - open - 1)},
                  (struct text){0});
    }
}

void scan_source(struct entries *out, const char *path)
{
    struct text text = read_whole(out->arena, path), name = text_of(path);

    if (text_ends(name, ".c") || text_ends(name, ".h"))
        scan_c(out, path, text);
    else if (text_ends(name, ".html"))
        scan_template(out, path, text);
    else if (text_ends(name, ".sql"))
        scan_query(out, path, text);
    else
        die_at(path, 0, "is no source of messages: .c, .h, .html, .sql");
}
