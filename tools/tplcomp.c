/* The template compiler: HTML files with {{ values }} and {% statements %} become C.
 * The language is described in docs/languages.md. */
#include "tplcomp.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: tplcomp --room ROOM --header FILE_tpl.h --source FILE_tpl.c [--layout LAYOUT.html]\n"
    "               TEMPLATE.html...\n";

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void one_file(struct compiler *c, const char *path)
{
    struct source src = {.path = path, .t = read_whole(c->arena, path), .line = 1};
    struct token token;

    c->file = NEW(c->arena, struct file);
    c->file->path = path;
    c->file->base = base_name(path);
    c->html = (struct html){.path = path, .blank = true};
    c->n_each = 0;
    c->content = c->body = false;
    c->e.path = path;
    for (token_next(&src, &token); token.kind != TOKEN_END; token_next(&src, &token)) {
        if (token.kind == TOKEN_HTML) {
            bool blank = text_trim(token.t).n == 0;
            if (!blank && c->file->kind == FILE_NONE)
                die_at(path, token.line,
                       "the file must begin with {%% page NAME %%}, "
                       "{%% partial NAME %%} or {%% layout NAME %%}");
            if (!blank)
                begin_content(c);
            if (c->content)
                html_feed(&c->html, &c->e, &token);
        } else if (token.kind == TOKEN_VALUE) {
            value(c, &token);
        } else {
            statement(c, &token);
        }
    }
    if (c->file->kind == FILE_NONE)
        die_at(path, 1,
               "the file must begin with {%% page NAME %%}, {%% partial NAME %%} or "
               "{%% layout NAME %%}");
    begin_content(c);
    statements_end(c);
    html_end(&c->html);
    define_view(c);
}

/* Only the head of the layout: what {% in %} may give it. */
static void read_layout(struct compiler *c, const char *path)
{
    struct source src = {.path = path, .t = read_whole(c->arena, path), .line = 1};
    struct token token;
    struct word words[WORDS_MAX];
    struct file *file = NEW(c->arena, struct file);

    file->path = path;
    c->file = file;
    c->content = false;
    for (token_next(&src, &token); token.kind != TOKEN_END; token_next(&src, &token)) {
        if (token.kind == TOKEN_HTML && text_trim(token.t).n)
            break;
        if (token.kind != TOKEN_STATEMENT)
            continue;
        words_split(c->arena, path, &token, words);
        if (!head_statement(c, words))
            break;
    }
    c->layout = file;
}

/* "#line @" leads back to the generated file: only now is it known which line that is. */
static void finish_lines(struct buf *out, struct text source, const char *path)
{
    struct text line;
    int n = 1;

    while (text_split(&source, '\n', &line)) {
        if (text_is(line, "#line @")) {
            buf_printf(out, "#line %d ", n + 1);
            emit_literal(out, text_of(base_name(path)));
        } else {
            buf_text(out, line);
        }
        buf_char(out, '\n');
        n++;
    }
}

static void write_whole(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "wb");

    if (buf_end(b) != OK)
        die_at(path, 0, "would be too large");
    if (!f || fwrite(b->s, 1, b->n, f) != b->n || fclose(f))
        die_at(path, 0, "cannot be written");
}

static bool include_once(struct compiler *c, const char *name, const char **seen, size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(seen[i], name) == 0)
            return false;
    if (*n == 64)
        die_at(c->room, 0, "uses too many rooms");
    seen[(*n)++] = name;
    return true;
}

static void include_gen(struct compiler *c, struct buf *header, const char *room, const char **seen,
                        size_t *n)
{
    if (include_once(c, room, seen, n))
        buf_printf(header, "#include \"%s_gen.h\"\n", room);
}

static bool defined_here(struct file *const *files, size_t n, enum file_kind kind, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (files[i]->kind == kind && strcmp(files[i]->name, name) == 0)
            return true;
    return false;
}

/* Does a file call a part of another room? */
static bool calls_foreign(const struct file *f, struct file *const *files, size_t n)
{
    for (int i = 0; i < f->n_calls; i++)
        if (!defined_here(files, n, FILE_PART, f->calls[i]))
            return true;
    return false;
}

struct options {
    const char *room, *header, *source, *layout;
};

static void write_files(struct compiler *c, const struct options *o, struct file *const *files,
                        size_t n)
{
    struct buf header = BUF(16 << 20), source = BUF(64 << 20), whole = BUF(64 << 20);
    const char *seen[64], *parts[64];
    size_t n_seen = 0, n_parts = 0;
    bool layout = false;
    const char *guard = upper(c->arena, o->room);

    buf_printf(&header, "/* Written by tplcomp. */\n#ifndef %s_TPL_GEN_H\n#define %s_TPL_GEN_H\n",
               guard, guard);
    buf_z(&header, "#include \"web/tpl.h\"\n");
    include_gen(c, &header, strcmp(o->room, "web") == 0 ? "guard" : o->room, seen, &n_seen);
    buf_printf(&source,
               "/* Written by tplcomp. */\n#include \"%s\"\n#include \"base/json.h\"\n#include "
               "\"web/embed.h\"\n",
               base_name(o->header));
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < files[i]->n_uses; k++) {
            include_gen(c, &header, files[i]->uses[k], seen, &n_seen);
            if (calls_foreign(files[i], files, n) && strcmp(files[i]->uses[k], "guard") != 0 &&
                include_once(c, files[i]->uses[k], parts, &n_parts))
                buf_printf(&source, "#include \"%s_tpl.h\"\n", files[i]->uses[k]);
        }
        layout =
            layout || (files[i]->layout && !defined_here(files, n, FILE_LAYOUT, files[i]->layout));
    }
    if (layout && strcmp(o->room, "web") != 0 && include_once(c, "web", parts, &n_parts))
        buf_z(&source, "#include \"web_tpl.h\"\n");
    buf_text(&header, buf_get(&c->header));
    buf_z(&header, "\n#endif\n");
    buf_text(&source, buf_get(&c->source));
    finish_lines(&whole, buf_get(&source), o->source);
    write_whole(o->header, &header);
    write_whole(o->source, &whole);
    buf_free(&header);
    buf_free(&source);
    buf_free(&whole);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"room", required_argument, NULL, 'r'},
                                          {"header", required_argument, NULL, 'h'},
                                          {"source", required_argument, NULL, 's'},
                                          {"layout", required_argument, NULL, 'l'},
                                          {0}};
    struct options o = {0};
    int opt;

    while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (opt == 'r')
            o.room = optarg;
        else if (opt == 'h')
            o.header = optarg;
        else if (opt == 's')
            o.source = optarg;
        else if (opt == 'l')
            o.layout = optarg;
        else
            return fputs(usage, stderr), 2;
    }
    if (!o.room || !o.header || !o.source || !name_good(text_of(o.room)))
        return fputs(usage, stderr), 2;

    struct compiler c = {.arena = arena_new(),
                         .room = o.room,
                         .header = BUF(16 << 20),
                         .source = BUF(64 << 20),
                         .e = {.out = BUF(16 << 20), .raw = BUF(16 << 20)}};
    c.frames = arena_array(c.arena, FRAMES_MAX, sizeof *c.frames);
    if (o.layout)
        read_layout(&c, o.layout);
    size_t n = (size_t)(argc - optind);
    struct file **files = arena_array(c.arena, n + 1, sizeof *files);
    for (size_t i = 0; i < n; i++) {
        one_file(&c, argv[optind + (int)i]);
        files[i] = c.file;
        for (size_t k = 0; k < i; k++)
            if (strcmp(files[k]->name, c.file->name) == 0 && files[k]->kind == c.file->kind)
                die_at(c.file->path, 1, "the name %s is taken by %s", c.file->name, files[k]->path);
    }
    write_files(&c, &o, files, n);
    buf_free(&c.header);
    buf_free(&c.source);
    buf_free(&c.e.out);
    buf_free(&c.e.raw);
    arena_free(c.arena);
    return 0;
}
