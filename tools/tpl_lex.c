#include "tpl_lex.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void die_at(const char *path, int line, const char *fmt, ...)
{
    va_list args;

    if (line > 0)
        fprintf(stderr, "%s:%d: ", path, line);
    else
        fprintf(stderr, "%s: ", path);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

struct text read_whole(struct arena *arena, const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
        die_at(path, 0, "cannot be read");
    char *s = arena_alloc(arena, (size_t)size + 1);
    if (fread(s, 1, (size_t)size, f) != (size_t)size)
        die_at(path, 0, "cannot be read");
    fclose(f);
    struct text t = {s, (size_t)size};
    if (!text_valid(t))
        die_at(path, 0, "is not clean UTF-8");
    return t;
}

static bool at(const struct source *src, size_t pos, const char *two)
{
    return pos + 1 < src->t.n && src->t.s[pos] == two[0] && src->t.s[pos + 1] == two[1];
}

static int count_lines(struct text t)
{
    int lines = 0;

    for (size_t i = 0; i < t.n; i++)
        lines += t.s[i] == '\n';
    return lines;
}

/* Position of the closing braces; strings of a statement may hold them. */
static size_t find_close(const struct source *src, size_t from, const char *close, bool strings)
{
    bool quoted = false;

    for (size_t i = from; i + 1 < src->t.n; i++) {
        char c = src->t.s[i];
        if (strings && c == '\\' && quoted)
            i++;
        else if (strings && c == '"')
            quoted = !quoted;
        else if (!quoted && at(src, i, close))
            return i;
    }
    die_at(src->path, src->line, "no \"%s\" closes what begins here", close);
}

void token_next(struct source *src, struct token *token)
{
    const struct text *t = &src->t;

    for (;;) {
        token->line = src->line;
        token->t = (struct text){t->s + src->pos, 0};
        if (src->pos >= t->n) {
            token->kind = TOKEN_END;
            return;
        }
        if (at(src, src->pos, "{#")) {
            size_t end = find_close(src, src->pos + 2, "#}", false) + 2;
            src->line += count_lines((struct text){t->s + src->pos, end - src->pos});
            src->pos = end;
            continue;
        }
        if (at(src, src->pos, "{{") || at(src, src->pos, "{%")) {
            bool value = at(src, src->pos, "{{");
            size_t from = src->pos + 2;
            size_t end = find_close(src, from, value ? "}}" : "%}", !value);
            token->kind = value ? TOKEN_VALUE : TOKEN_STATEMENT;
            token->t = (struct text){t->s + from, end - from};
            src->pos = end + 2;
        } else {
            size_t end = src->pos;
            while (end < t->n && !at(src, end, "{{") && !at(src, end, "{%") && !at(src, end, "{#"))
                end++;
            token->kind = TOKEN_HTML;
            token->t = (struct text){t->s + src->pos, end - src->pos};
            src->pos = end;
        }
        src->line += count_lines(token->t);
        return;
    }
}

struct text string_unescape(struct arena *arena, struct text t)
{
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        if (c == '\\' && i + 1 < t.n) {
            c = t.s[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        s[n++] = c;
    }
    return (struct text){s, n};
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '/';
}

/* Length of the word at s; 0 when there is none. */
static size_t word_at(const char *path, int line, const char *s, size_t n, struct word *w)
{
    size_t end = 1;

    w->line = line;
    if (*s == '"') {
        while (end < n && s[end] != '"')
            end += s[end] == '\\' ? 2 : 1;
        if (end >= n)
            die_at(path, line, "a string is not closed");
        w->kind = WORD_STRING;
        w->t = (struct text){s + 1, end - 1};
        return end + 1;
    }
    if (name_char(*s)) {
        while (end < n && name_char(s[end]))
            end++;
        w->kind = WORD_NAME;
        w->t = (struct text){s, end};
        return end;
    }
    w->kind = WORD_MARK;
    if (n > 1 && ((s[0] == '=' && s[1] == '=') || (s[0] == '[' && s[1] == ']')))
        end = 2;
    else if (!strchr("=:(),", *s))
        die_at(path, line, "\"%.*s\" is not of this language", *s & 0x80 ? 2 : 1, s);
    w->t = (struct text){s, end};
    return end;
}

void words_split(struct arena *arena, const char *path, const struct token *token,
                 struct word words[WORDS_MAX])
{
    const char *s = token->t.s;
    size_t n = token->t.n, i = 0, k = 0;
    int line = token->line;

    while (i < n) {
        if (s[i] == '\n')
            line++;
        if (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
            i++;
            continue;
        }
        if (k == WORDS_MAX - 1)
            die_at(path, line, "the statement has more than %d words", WORDS_MAX - 1);
        size_t length = word_at(path, line, s + i, n - i, &words[k]);
        line += count_lines((struct text){s + i, length});
        i += length;
        if (words[k].kind == WORD_STRING)
            words[k].t = string_unescape(arena, words[k].t);
        k++;
    }
    words[k] = (struct word){.kind = WORD_END, .line = line};
}
