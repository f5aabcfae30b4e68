/* Any bytes as a file of a pack: nothing may crash; what is read comes back the same from the form
 * in which the register keeps it.
 *
 *     clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc \
 *         tests/fuzz/fuzz_pack.c src/rooms/packs/pack_file.c
 * src/base/{arena,buf,date,err,json,log,text,value}.c \ -lutf8proc -o fuzz_pack */
#include "rooms/packs/pack_file.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(struct arena *arena, const struct pack_entry *e)
{
    struct buf b = BUF(PACK_PROPS_MAX + 1);
    struct pack_entry other = {.kind = e->kind, .key = e->key};

    pack_props_write(e, &b);
    if (buf_end(&b) || pack_props_read(buf_get(&b), arena, &other, NULL) || other.n != e->n)
        abort();
    for (size_t i = 0; i < e->n; i++)
        if (!text_eq(e->props[i].name, other.props[i].name) ||
            !text_eq(e->props[i].value, other.props[i].value))
            abort();
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct pack_entry *entries;
    struct fault fault = {0};
    size_t n;

    if (!pack_file_read((struct text){(const char *)data, size}, T("fuzz/a.pack"), T("fuzz"), arena,
                        &entries, &n, &fault)) {
        for (size_t i = 0; i < n; i++) {
            if (!entries[i].kind.n || !text_valid(entries[i].key))
                abort();
            again(arena, &entries[i]);
        }
    } else if (!fault.text[0]) {
        abort();
    }
    arena_free(arena);
    return 0;
}
