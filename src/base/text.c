#include "base/text.h"
#include "base/arena.h"
#include "base/utf8.h"
#include <limits.h>
#include <stdlib.h>
#include <utf8proc.h>

bool text_eq(struct text a, struct text b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

bool text_is(struct text a, const char *z)
{
    return text_eq(a, text_of(z));
}

int text_cmp(struct text a, struct text b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.s, b.s, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool text_starts(struct text t, const char *prefix)
{
    size_t n = strlen(prefix);

    return n == 0 || (t.n >= n && memcmp(t.s, prefix, n) == 0);
}

bool text_ends(struct text t, const char *suffix)
{
    size_t n = strlen(suffix);

    return n == 0 || (t.n >= n && memcmp(t.s + t.n - n, suffix, n) == 0);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct text text_trim(struct text t)
{
    for (;;) {
        size_t cut = 0;
        if (t.n && blank(t.s[0]))
            cut = 1;
        else if (text_starts(t, "\xC2\xA0"))
            cut = 2;
        if (!cut)
            break;
        t.s += cut;
        t.n -= cut;
    }
    for (;;) {
        if (t.n && blank(t.s[t.n - 1]))
            t.n -= 1;
        else if (text_ends(t, "\xC2\xA0"))
            t.n -= 2;
        else
            return t;
    }
}

bool text_take_digits(struct text *t, size_t least, size_t most, int *number)
{
    size_t n = 0;
    int i = 0;

    while (n < most && n < t->n && t->s[n] >= '0' && t->s[n] <= '9')
        i = i * 10 + (t->s[n++] - '0');
    if (n < least)
        return false;
    *t = (struct text){t->s + n, t->n - n};
    *number = i;
    return true;
}

bool text_take(struct text *t, char c)
{
    if (t->n == 0 || t->s[0] != c)
        return false;
    *t = (struct text){t->s + 1, t->n - 1};
    return true;
}

bool text_split(struct text *rest, char sep, struct text *part)
{
    if (rest->n == 0)
        return false;
    const char *at = memchr(rest->s, sep, rest->n);
    size_t n = at ? (size_t)(at - rest->s) : rest->n;
    size_t gone = at ? n + 1 : n;
    *part = (struct text){rest->s, n};
    *rest = (struct text){rest->s + gone, rest->n - gone};
    return true;
}

bool text_valid(struct text t)
{
    size_t i = 0;

    while (i < t.n) {
        unsigned char c = (unsigned char)t.s[i];
        if (c < 0x80) {
            if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
                return false;
            i++;
            continue;
        }
        uint32_t cp;
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        if (len == 0 || cp < 0xA0 || cp == 0xFEFF)
            return false;
        i += len;
    }
    return true;
}

size_t text_chars(struct text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.n; i++)
        count += ((unsigned char)t.s[i] & 0xC0) != 0x80;
    return count;
}

enum err text_int(struct text t, int64_t min, int64_t max, int64_t *out)
{
    bool minus = t.n > 0 && t.s[0] == '-';
    bool large = false;
    int64_t i = 0;

    if (t.n == (size_t)minus)
        return ERR_SYNTAX;
    for (size_t k = minus; k < t.n; k++) {
        int digit = t.s[k] - '0';
        if (digit < 0 || digit > 9)
            return ERR_SYNTAX;
        /* Downwards, because INT64_MIN has no positive twin. */
        large = large || __builtin_mul_overflow(i, 10, &i) || __builtin_sub_overflow(i, digit, &i);
    }
    if (!minus)
        large = large || __builtin_sub_overflow(0, i, &i);
    if (large || i < min || i > max)
        return ERR_LIMIT;
    *out = i;
    return OK;
}

struct text text_digits(struct arena *arena, struct text t)
{
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] >= '0' && t.s[i] <= '9')
            s[n++] = t.s[i];
    return (struct text){s, n};
}

/* --- folding ---
 *
 * The names of the register are ASCII and Cyrillic: for them one pass and one table do. Anything
 * that may combine with its neighbour goes the slow way through utf8proc, and both ways end in the
 * same result, because letters of the quick way are their own NFC. */

/* U+0400..U+04FF: low byte of the folded letter; 0 for combining marks. Checked in the tests. */
static const uint8_t cyrillic[256] = {
    /* clang-format off */
    0x50, 0x35, 0x52, 0x53, 0x54, 0x55, 0x38, 0x57, 0x58, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F,
    0x50, 0x35, 0x52, 0x53, 0x54, 0x55, 0x38, 0x57, 0x58, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F,
    0x61, 0x61, 0x63, 0x63, 0x65, 0x65, 0x67, 0x67, 0x69, 0x69, 0x6B, 0x6B, 0x6D, 0x6D, 0x6F, 0x6F,
    0x71, 0x71, 0x73, 0x73, 0x75, 0x75, 0x77, 0x77, 0x79, 0x79, 0x7B, 0x7B, 0x7D, 0x7D, 0x7F, 0x7F,
    0x81, 0x81, 0x82, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x8B, 0x8B, 0x8D, 0x8D, 0x8F, 0x8F,
    0x91, 0x91, 0x33, 0x33, 0x95, 0x95, 0x97, 0x97, 0x99, 0x99, 0x3A, 0x3A, 0x9D, 0x9D, 0x9F, 0x9F,
    0xA1, 0xA1, 0x3D, 0x3D, 0xA5, 0xA5, 0xA7, 0xA7, 0xA9, 0xA9, 0xAB, 0xAB, 0xAD, 0xAD, 0x43, 0x43,
    0x43, 0x43, 0xB3, 0xB3, 0xB5, 0xB5, 0xB7, 0xB7, 0xB9, 0xB9, 0x45, 0x45, 0xBD, 0xBD, 0xBF, 0xBF,
    0xCF, 0xC2, 0xC2, 0xC4, 0xC4, 0xC6, 0xC6, 0xC8, 0xC8, 0xCA, 0xCA, 0xCC, 0xCC, 0xCE, 0xCE, 0xCF,
    0xD1, 0xD1, 0xD3, 0xD3, 0xD5, 0xD5, 0xD7, 0xD7, 0x30, 0x30, 0xDB, 0xDB, 0xDD, 0xDD, 0xDF, 0xDF,
    0xE1, 0xE1, 0xE3, 0xE3, 0xE5, 0xE5, 0xE7, 0xE7, 0x3E, 0x3E, 0xEB, 0xEB, 0xED, 0xED, 0xEF, 0xEF,
    0xF1, 0xF1, 0xF3, 0xF3, 0xF5, 0xF5, 0xF7, 0xF7, 0xF9, 0xF9, 0xFB, 0xFB, 0xFD, 0xFD, 0xFF, 0xFF,
    /* clang-format on */
};

enum { TO_BLANK = ' ', TO_NOTHING = 0 };

static uint32_t fold_other(uint32_t cp)
{
    if ((cp >= 0x2000 && cp <= 0x200A) || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x202F ||
        cp == 0x205F || cp == 0x2028 || cp == 0x2029 || cp == 0x2212 || cp == 0x3000 ||
        cp == 0x1680 || (cp >= 0x80 && cp <= 0xA0))
        return TO_BLANK;
    /* Marks nobody sees, brought in by copying from office programs. */
    if (cp == 0xAD || (cp >= 0x200B && cp <= 0x200F) || cp == 0x2060 || cp == 0xFEFF)
        return TO_NOTHING;
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

/* What one letter of NFC text becomes, but for marks that stand after it. */
static uint32_t fold_letter(uint32_t cp)
{
    if (cp < 0x80) {
        if (cp >= 'A' && cp <= 'Z')
            return cp + 32;
        return cp <= ' ' || cp == '-' || cp == 0x7F ? TO_BLANK : cp;
    }
    return fold_other(cp);
}

/* Below U+0300 nothing combines with what stands before it; marks and scripts from there on may.
 * (U+023A and U+023E grow by a byte in lower case, for which the quick way has no room.) */
static bool quick(uint32_t cp)
{
    return cp < 0x230 || (cp >= 0x400 && cp <= 0x4FF && cyrillic[cp - 0x400]) ||
           (cp >= 0x2010 && cp <= 0x2027);
}

/* One pass over t into out (room for 3 bytes per byte of t). SIZE_MAX when `only_quick` is asked
 * and a letter is not. */
static size_t fold_pass(struct text t, bool only_quick, char *out)
{
    size_t i = 0, n = 0;
    bool gap = false;

    while (i < t.n) {
        unsigned char c = (unsigned char)t.s[i];
        uint32_t cp = 0xFFFD, to;
        if ((c & 0xFC) == 0xD0 && i + 1 < t.n && (t.s[i + 1] & 0xC0) == 0x80) {
            uint8_t low = cyrillic[(c & 3) << 6 | (t.s[i + 1] & 0x3F)];
            if (low) {
                if (gap)
                    out[n++] = ' ';
                gap = false;
                out[n++] = (char)(0xD0 | low >> 6);
                out[n++] = (char)(0x80 | (low & 0x3F));
                i += 2;
                continue;
            }
        }
        if (c < 0x80) {
            cp = c;
            i++;
        } else {
            size_t len = utf8_next(t.s + i, t.n - i, &cp);
            i += len ? len : 1;
            if (only_quick && (!len || !quick(cp)))
                return SIZE_MAX;
        }
        to = fold_letter(cp);
        if (to == TO_BLANK) {
            gap = n > 0;
            continue;
        }
        if (to == TO_NOTHING)
            continue;
        if (gap)
            out[n++] = ' ';
        gap = false;
        n += utf8_put(out + n, to);
    }
    return n;
}

static struct text normal(struct arena *arena, struct text t)
{
    utf8proc_uint8_t *composed = NULL;

    if (t.n > SSIZE_MAX / 16)
        return t;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)t.s, (utf8proc_ssize_t)t.n,
                                      &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    struct text out = n >= 0 ? arena_text(arena, (struct text){(char *)composed, (size_t)n}) : t;
    free(composed);
    return out;
}

/* A fold may bring a letter and a mark together that combine again (e with two different marks), so
 * it is repeated until it is still: text_fold(text_fold(x)) is text_fold(x). */
static struct text fold_slowly(struct arena *arena, struct text t)
{
    enum { ENOUGH = 8 };
    struct text now = t;

    for (int round = 0; round < ENOUGH; round++) {
        struct text before = now;
        struct text composed = normal(arena, now);
        char *out = arena_alloc(arena, composed.n * 3 + 1);
        now = (struct text){out, fold_pass(composed, false, out)};
        if (text_eq(before, now))
            break;
    }
    return now;
}

struct text text_fold(struct arena *arena, struct text t)
{
    char *out = arena_alloc(arena, t.n + 1);
    size_t n = fold_pass(t, true, out);

    if (n == SIZE_MAX)
        return fold_slowly(arena, t);
    out[n] = '\0';
    return (struct text){out, n};
}

uint64_t text_hash(struct text t)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.s[i]) * UINT64_C(1099511628211);
    return h;
}

static struct text *slot_of(const struct text_set *set, struct text t)
{
    size_t mask = set->slots - 1, k = (size_t)text_hash(t) & mask;
    while (set->slot[k].n && !text_eq(set->slot[k], t))
        k = (k + 1) & mask;
    return &set->slot[k];
}

bool text_set_add(struct arena *arena, struct text_set *set, struct text t)
{
    if (set->n * 2 >= set->slots) { /* first, or grown too full: all anew */
        struct text_set old = *set;
        set->slots = old.slots ? old.slots * 4 : 64;
        set->slot = arena_array(arena, set->slots, sizeof *set->slot);
        for (size_t i = 0; i < old.slots; i++)
            if (old.slot[i].n)
                *slot_of(set, old.slot[i]) = old.slot[i];
    }
    struct text *slot = slot_of(set, t);
    if (slot->n || !t.n)
        return false;
    *slot = t;
    set->n++;
    return true;
}
