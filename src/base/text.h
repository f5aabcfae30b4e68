/* Text is pointer and length, UTF-8, not NUL-terminated unless said. Who owns it is said where it is made;
 * by default it lives in the arena of the request. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct text {
    const char *s;
    size_t n;
};

#define T(literal)  ((struct text){(literal), sizeof(literal) - 1})
#define TEXT_ARG(t) (int)(t).n, (t).s /* for "%.*s" */

static inline struct text text_of(const char *z)
{
    return (struct text){z, z ? strlen(z) : 0};
}

bool text_eq(struct text a, struct text b);
bool text_is(struct text a, const char *z);
int text_cmp(struct text a, struct text b); /* bytewise, as both engines sort */
bool text_starts(struct text t, const char *prefix);
bool text_ends(struct text t, const char *suffix);
struct text text_trim(struct text t); /* blanks, tabs, line ends and U+00A0 on both sides */
/* Takes `least` to `most` digits, or this character, off the front; false, and nothing is taken, when they do not stand there. */
bool text_take_digits(struct text *t, size_t least, size_t most, int *number);
bool text_take(struct text *t, char c);
/* Cuts the part before `sep` off `*rest`; false when nothing is left. */
bool text_split(struct text *rest, char sep, struct text *part);

/* Well-formed UTF-8 without NUL, without controls other than tab and line ends (U+FEFF is refused too). */
bool text_valid(struct text t);
size_t text_chars(struct text t); /* code points, for limits people see */

/* Whole text as a decimal integer in [min, max]; ERR_SYNTAX, ERR_LIMIT. */
enum err text_int(struct text t, int64_t min, int64_t max, int64_t *out) MUST;

/* The form used for search, sorting and sameness of names: NFC, lower case, ё as е, Kazakh letters as
 * their Russian neighbours (ә а, ғ г, қ к, ң н, ө о, ұ ү у, һ х, і и), runs of blanks and hyphens as one
 * blank, trimmed. Lives in arena. FOLD_VERSION changes when the result does. */
enum { FOLD_VERSION = 1 };
struct text text_fold(struct arena *arena, struct text t);
/* Decimal digits of t only, for numbers written with blanks and dashes. */
struct text text_digits(struct arena *arena, struct text t);

/* FNV-1a over the bytes: for tables in memory, not against somebody who chooses the texts. */
uint64_t text_hash(struct text t);
/* Texts that have been met, each once; all zero at first. The texts themselves are not copied. */
struct text_set {
    struct text *slot;
    size_t n, slots;
};
/* True when it was not there yet. An empty text is never in a set. */
bool text_set_add(struct arena *arena, struct text_set *set, struct text t);

#endif
