#include "tplcomp.h"
#include <stdarg.h>
#include <stdio.h>

/* Standard C promises literals of this length at least. */
enum { LITERAL_MAX = 4000, COLUMN_MAX = 100 };

void emit_literal(struct buf *b, struct text t)
{
    buf_char(b, '"');
    for (size_t i = 0; i < t.n; i++) {
        unsigned char ch = (unsigned char)t.s[i];
        switch (ch) {
        case '\n':
            buf_z(b, "\\n");
            break;
        case '\t':
            buf_z(b, "\\t");
            break;
        case '"':
        case '\\':
        case '?': /* no trigraphs */
            buf_char(b, '\\');
            buf_char(b, (char)ch);
            break;
        default:
            if (ch < 0x20 || ch == 0x7F)
                buf_printf(b, "\\%03o", ch);
            else
                buf_char(b, (char)ch);
        }
    }
    buf_char(b, '"');
}

void emit_raw(struct emit *e, const char *s, size_t n)
{
    buf_add(&e->raw, s, n);
}

static void indent(struct emit *e)
{
    for (int i = 0; i < e->indent; i++)
        buf_z(&e->out, "    ");
}

static void next_line(struct emit *e)
{
    buf_char(&e->out, '\n');
    if (e->line)
        e->line++;
}

/* Bytes of the template, one line of C for about a line of the page. */
void emit_flush(struct emit *e)
{
    struct text left = buf_get(&e->raw);

    while (left.n) {
        size_t n = left.n < LITERAL_MAX ? left.n : LITERAL_MAX;
        while (n < left.n && (left.s[n] & 0xC0) == 0x80)
            n--;
        indent(e);
        buf_z(&e->out, "tpl_raw(t, ");
        for (size_t i = 0; i < n;) {
            const char *end = memchr(left.s + i, '\n', n - i);
            size_t piece = end ? (size_t)(end + 1 - (left.s + i)) : n - i;
            if (i) {
                next_line(e);
                indent(e);
                buf_z(&e->out, "           ");
            }
            emit_literal(&e->out, (struct text){left.s + i, piece});
            i += piece;
        }
        buf_printf(&e->out, ", %zu);", n);
        next_line(e);
        left.s += n;
        left.n -= n;
    }
    buf_clear(&e->raw);
}

void emit_c(struct emit *e, int line, const char *fmt, ...)
{
    char text[4096];
    va_list args;

    emit_flush(e);
    if (e->line != line) {
        buf_printf(&e->out, "#line %d ", line);
        emit_literal(&e->out, text_of(e->path));
        buf_char(&e->out, '\n');
        e->line = line;
    }
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        die_at(e->path, line, "the statement is too long");
    if (text[0] == '}')
        e->indent--;
    indent(e);
    buf_z(&e->out, text);
    next_line(e);
    if (text[n - 1] == '{')
        e->indent++;
}

void emit_own(struct emit *e, const char *fmt, ...)
{
    char text[4096];
    va_list args;

    emit_flush(e);
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        die_at(e->path, 0, "a line is too long");
    if (e->line) {
        /* back to the generated file: its own name and line are put in at the end */
        buf_z(&e->out, "#line @\n");
        e->line = 0;
    }
    if (text[0] == '}')
        e->indent--;
    if (n) {
        indent(e);
        buf_z(&e->out, text);
    }
    next_line(e);
    if (n && text[n - 1] == '{')
        e->indent++;
}
