/* The text form of packs: sections `[kind key…]` followed by `name = value` lines. packs/README.md
 * describes it. Knows neither the register nor what sections mean. */
#ifndef PACKS_PACK_FILE_H
#define PACKS_PACK_FILE_H
#include "base/arena.h"
#include "base/buf.h"
#include "guard/room.h"

enum {
    PACK_FILE_MAX = 4 << 20,   /* bytes of one file */
    PACK_PROPS_MAX = 20000,    /* bytes of one entry's properties as stored */
    PACK_PROP_COUNT_MAX = 100, /* properties of one entry */
    PACK_ENTRIES_MAX = 20000   /* entries of one file */
};

/* Entries of a file in its order. Everything they point to lives in the arena. `file` names it in
 * messages and in `place`, `pack` is the name of the pack. A fault says "file:line: what". */
enum err pack_file_read(struct text bytes, struct text file, struct text pack, struct arena *arena,
                        struct pack_entry **entries, size_t *n, struct fault *fault) MUST;

/* Properties alone, as the register keeps them: lines "name = value". Adds them to e. */
enum err pack_props_read(struct text lines, struct arena *arena, struct pack_entry *e,
                         struct fault *fault) MUST;
void pack_props_write(const struct pack_entry *e, struct buf *out);

#endif
