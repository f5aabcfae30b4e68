/* The files of a cross-check: text, a head of lines "word: value", an empty line, then one point or number a line. */
#ifndef ROOMS_CROSSCHECK_CROSSCHECK_TEXT_H
#define ROOMS_CROSSCHECK_CROSSCHECK_TEXT_H
#include "base/buf.h"

enum crosscheck_step { STEP_OFFER, STEP_ANSWER, STEP_RESULT };

struct crosscheck_text {
    enum crosscheck_step step;
    struct text code;
    unsigned keys;    /* 1 << enum crosscheck_key */
    size_t n;         /* lines */
    size_t n_doubled; /* the first of them are the offer's points, multiplied (STEP_ANSWER) */
    struct text lines;
};

/* The head; the lines follow. */
void crosscheck_text_begin(struct buf *out, const struct crosscheck_text *f);
/* False: this is no such file, or not whole. Lines of points have their length; what they say is not looked at. */
bool crosscheck_text_read(struct text file, struct crosscheck_text *out);

#endif
