/* A growing buffer with a maximum. After the maximum (or a null arena-less failure) it is `failed`:
 * further writes do nothing, and one check at the end is enough. Memory comes from malloc. */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include "base/text.h"

struct buf {
    char *s;
    size_t n, cap, max;
    bool failed;
};

#define BUF(maximum) ((struct buf){.max = (maximum)})

void buf_free(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_text(struct buf *b, struct text t);
void buf_z(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t i);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
enum err buf_end(const struct buf *b) MUST; /* ERR_LIMIT when failed */

static inline struct text buf_get(const struct buf *b)
{
    return (struct text){b->s, b->n};
}

#endif
