/* Any bytes as a query string, a form, a JSON body, a header: nothing may crash, and what comes out
 * is valid text. The first byte chooses the parser.
 *
 *     clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc \
 *         tests/fuzz/fuzz_input.c src/web/parse.c
 * src/base/{arena,buf,date,err,json,log,text,value}.c \ -ljansson -lutf8proc -o fuzz_input */
#include "web/parse.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        const struct pair *p = &pairs->v[i];
        if (p->name.n == 0 || p->name.n > PAIR_NAME_MAX || !text_valid(p->name))
            abort();
        if (!text_valid(p->is_file ? p->file : p->value))
            abort();
        if (!p->is_file && p->value.n && memchr(p->value.s, '\r', p->value.n))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena *arena = arena_new();
    struct pairs pairs = {0};
    struct parse_fault fault = {0};
    struct text t = {(const char *)data + 1, size - 1}, out;
    enum err err = OK;

    switch (data[0] % 6) {
    case 0:
        err = parse_query(arena, t, &pairs, &fault);
        break;
    case 1:
        err = parse_json(arena, t, &pairs, &fault);
        break;
    case 2:
        err = parse_multipart(arena, T("multipart/form-data; boundary=x"), t, &pairs, &fault);
        break;
    case 3:
        if (parse_parameter(arena, t, "boundary", &out))
            err = parse_multipart(arena, t, t, &pairs, &fault);
        break;
    case 4:
        out = parse_cookie(t, "bereg");
        if (out.n > t.n)
            abort();
        (void)parse_accepts(t, "gzip");
        break;
    default:
        if (parse_local_path(t) && (t.s[0] != '/' || memchr(t.s, '\n', t.n)))
            abort();
    }
    if (err && !fault.message)
        abort();
    if (!err)
        check(&pairs);
    arena_free(arena);
    return 0;
}
