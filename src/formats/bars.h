/* Bars to both sides of a line: what speaks for something and what against it. */
#ifndef FORMATS_BARS_H
#define FORMATS_BARS_H
#include "base/arena.h"
#include "base/text.h"

struct bar {
    struct text label, value; /* value: as written at the end of the bar */
    double length;            /* above 0 to the right, below to the left */
};

/* An <svg> element with classes b-bars…; title names it for those who do not see it. */
struct text bars_svg(struct arena *arena, struct text title, const struct bar *bars, size_t n);

#endif
