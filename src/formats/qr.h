/* QR codes (ISO/IEC 18004) of short texts: addresses on printed letters. */
#ifndef FORMATS_QR_H
#define FORMATS_QR_H
#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct qr {
    int width;                 /* modules a side, without the quiet zone */
    const unsigned char *dark; /* width * width, row by row; 1: dark */
};

/* Of bytes as they are, level M: a seventh of the modules may be dirt. In the arena. ERR_LIMIT: too long for a code that a
 * telephone reads from paper (300 bytes). */
enum err qr_make(struct arena *arena, struct text words, struct qr *out) MUST;
/* A drawing with the quiet zone of four modules around; as large as its place. */
struct text qr_svg(struct arena *arena, const struct qr *qr);

#endif
