#include "base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST = 256 };

void buf_free(struct buf *b)
{
    free(b->s);
    *b = BUF(b->max);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* Room for n more bytes and one NUL of vsnprintf that is not counted in max. */
static bool room(struct buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n > b->max || b->n > b->max - n || b->n >= SIZE_MAX - 1 - n) {
        b->failed = true;
        return false;
    }
    if (b->n + n + 1 <= b->cap)
        return true;
    size_t cap = b->cap > b->max / 2 ? b->max + 1 : b->cap * 2;
    if (cap < FIRST)
        cap = FIRST;
    if (cap < b->n + n + 1)
        cap = b->n + n + 1;
    char *s = realloc(b->s, cap);
    if (!s) {
        b->failed = true;
        return false;
    }
    b->s = s;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0 || !room(b, n))
        return;
    memcpy(b->s + b->n, bytes, n);
    b->n += n;
}

void buf_text(struct buf *b, struct text t)
{
    buf_add(b, t.s, t.n);
}

void buf_z(struct buf *b, const char *z)
{
    buf_add(b, z, strlen(z));
}

void buf_char(struct buf *b, char c)
{
    if (!b->failed && b->n + 1 < b->cap && b->n < b->max)
        b->s[b->n++] = c;
    else
        buf_add(b, &c, 1);
}

void buf_int(struct buf *b, int64_t i)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

    do {
        digits[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (i < 0)
        digits[--at] = '-';
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if (n == 0 || !room(b, (size_t)n))
        return;
    va_start(args, fmt);
    vsnprintf(b->s + b->n, (size_t)n + 1, fmt, args);
    va_end(args);
    b->n += (size_t)n;
}

enum err buf_end(const struct buf *b)
{
    return b->failed ? ERR_LIMIT : OK;
}
