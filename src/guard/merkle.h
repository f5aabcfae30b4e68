/* Merkle trees of RFC 6962 (section 2.1): a leaf's hash is SHA-256(0 ‖ entry), a node's SHA-256(1 ‖ left ‖ right). Pure functions; hashes
 * are HASH_BYTES bytes. */
#ifndef GUARD_MERKLE_H
#define GUARD_MERKLE_H
#include "base/text.h"

enum {
    HASH_BYTES = 32,
    TILE_LEVEL = 8, /* the roots of whole subtrees of this many levels are kept, so that a proof reads little */
    TILE = 1 << TILE_LEVEL,
    PATH_MOST = 64 + 1
};

struct hash {
    unsigned char b[HASH_BYTES];
};

/* The right edge of a tree of n leaves: one whole subtree for each bit of n. {0} is the empty tree. */
struct merkle {
    uint64_t n;
    struct hash edge[64];
};

struct hash merkle_leaf(struct text entry);
/* Adds a leaf. True when it completes a tile, whose root is then in *tile (may be null). */
bool merkle_add(struct merkle *m, const struct hash *leaf, struct hash *tile);
/* Adds a whole tile; n is a multiple of TILE. */
void merkle_add_tile(struct merkle *m, const struct hash *tile);
struct hash merkle_root(const struct merkle *m); /* of no leaves: SHA-256 of nothing */

/* The root of the leaves from … to-1, of which `from` is a multiple of the subtree's size. False ends the making of a proof. */
typedef bool merkle_range(void *ctx, uint64_t from, uint64_t to, struct hash *out);
/* The path that shows leaf `index` in the tree of `size` leaves, and the one that shows the tree of `old` leaves as its beginning
 * (0 < old <= size). Number of hashes, -1 when `range` has failed. */
int merkle_inclusion(uint64_t index, uint64_t size, merkle_range *range, void *ctx, struct hash path[PATH_MOST]);
int merkle_consistency(uint64_t old, uint64_t size, merkle_range *range, void *ctx, struct hash path[PATH_MOST]);

/* Does the path prove it? (RFC 9162, 2.1.3.2 and 2.1.4.2, whose algorithms fit the trees of RFC 6962.) That a tree of no leaves is the beginning of another needs no
 * proof, and none is taken for it. */
bool merkle_included(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *root, const struct hash *path, size_t n);
bool merkle_consistent(uint64_t old, const struct hash *old_root, uint64_t size, const struct hash *root, const struct hash *path, size_t n);

bool hash_same(const struct hash *a, const struct hash *b);
void hash_print(const struct hash *h, char out[2 * HASH_BYTES + 1]); /* hex */
bool hash_parse(struct text hex_or_base64, struct hash *out);

#endif
