#include "rooms/crosscheck/crosscheck_text.h"
#include "guard/psi.h"
#include "rooms/crosscheck/crosscheck.h"

static const char first[] = "bereg-crosscheck 1";
static const char *const steps[] = {"offer", "answer", "result"};
static const char *const keys[KEY_COUNT] = {"snils", "iin", "name"};

enum { LINES_MOST = 100 * 1000 * 1000 };

void crosscheck_text_begin(struct buf *out, const struct crosscheck_text *f)
{
    buf_printf(out, "%s\nstep: %s\ncode: %.*s\nkeys:", first, steps[f->step], TEXT_ARG(f->code));
    for (int k = 0; k < KEY_COUNT; k++)
        if (f->keys & 1u << k)
            buf_printf(out, " %s", keys[k]);
    buf_printf(out, "\nlines: %zu\ndoubled: %zu\n\n", f->n, f->n_doubled);
}

static bool number(struct text t, size_t *out)
{
    int64_t n;
    if (text_int(t, 0, LINES_MOST, &n))
        return false;
    *out = (size_t)n;
    return true;
}

static int word_of(struct text t, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (text_is(t, words[i]))
            return i;
    return -1;
}

static bool head_line(struct text line, struct crosscheck_text *out, unsigned *had)
{
    static const char *const names[] = {"step", "code", "keys", "lines", "doubled"};
    struct text name, word;
    if (!text_split(&line, ':', &name))
        return false;
    line = text_trim(line);
    int at = word_of(name, names, 5);
    if (at < 0 || *had & 1u << at)
        return false;
    *had |= 1u << at;
    if (at == 0) {
        int step = word_of(line, steps, 3);
        out->step = (enum crosscheck_step)step;
        return step >= 0;
    }
    if (at == 1) {
        out->code = line;
        for (size_t i = 0; i < line.n; i++)
            if (!memchr("0123456789abcdef", line.s[i], 16))
                return false;
        return line.n == 32;
    }
    if (at == 2) {
        while (text_split(&line, ' ', &word)) {
            int k = word_of(word, keys, KEY_COUNT);
            if (k < 0)
                return false;
            out->keys |= 1u << k;
        }
        return out->keys != 0;
    }
    return number(line, at == 3 ? &out->n : &out->n_doubled);
}

bool crosscheck_text_read(struct text file, struct crosscheck_text *out)
{
    struct text line;
    unsigned had = 0;
    *out = (struct crosscheck_text){0};
    if (!text_split(&file, '\n', &line) || !text_is(line, first))
        return false;
    while (text_split(&file, '\n', &line) && line.n)
        if (!head_line(line, out, &had))
            return false;
    if (had != 31 || out->n_doubled > out->n)
        return false;
    out->lines = file;
    size_t n = 0;
    for (; text_split(&file, '\n', &line); n++)
        if (out->step != STEP_RESULT && line.n != PSI_POINT_LEN)
            return false;
    return n == out->n;
}
