#include "guard/merkle.h"
#include <sodium.h>
#include <string.h>

struct hash merkle_leaf(struct text entry)
{
    struct hash h;
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, (const unsigned char *)"\0", 1);
    crypto_hash_sha256_update(&s, (const unsigned char *)entry.s, entry.n);
    crypto_hash_sha256_final(&s, h.b);
    return h;
}

static struct hash node(const struct hash *left, const struct hash *right)
{
    unsigned char bytes[1 + 2 * HASH_BYTES] = {1};
    struct hash h;
    memcpy(bytes + 1, left->b, HASH_BYTES);
    memcpy(bytes + 1 + HASH_BYTES, right->b, HASH_BYTES);
    crypto_hash_sha256(h.b, bytes, sizeof bytes);
    return h;
}

/* A whole subtree of 2^level leaves at the right; like adding one in binary, with hashes for carries. */
static bool add(struct merkle *m, int level, struct hash h, struct hash *tile)
{
    bool whole = false;
    for (uint64_t ones = m->n >> level;; ones >>= 1, level++) {
        if (level == TILE_LEVEL) {
            whole = true;
            if (tile)
                *tile = h;
        }
        if (!(ones & 1))
            break;
        h = node(&m->edge[level], &h);
    }
    m->edge[level] = h;
    return whole;
}

bool merkle_add(struct merkle *m, const struct hash *leaf, struct hash *tile)
{
    bool whole = add(m, 0, *leaf, tile);
    m->n++;
    return whole;
}

void merkle_add_tile(struct merkle *m, const struct hash *tile)
{
    add(m, TILE_LEVEL, *tile, NULL);
    m->n += TILE;
}

struct hash merkle_root(const struct merkle *m)
{
    struct hash h;
    bool any = false;
    for (int level = 0; level < 64; level++)
        if (m->n >> level & 1) {
            h = any ? node(&m->edge[level], &h) : m->edge[level];
            any = true;
        }
    if (!any)
        crypto_hash_sha256(h.b, (const unsigned char *)"", 0);
    return h;
}

/* The largest power of two below n; n > 1. */
static uint64_t split_of(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Hashes are gathered from the root down and stand in the path from the leaf up. */
static int turned(struct hash path[PATH_MOST], int n)
{
    for (int i = 0; i < n / 2; i++) {
        struct hash h = path[i];
        path[i] = path[n - 1 - i];
        path[n - 1 - i] = h;
    }
    return n;
}

int merkle_inclusion(uint64_t index, uint64_t size, merkle_range *range, void *ctx, struct hash path[PATH_MOST])
{
    uint64_t from = 0, to = size;
    int n = 0;
    while (to - from > 1) {
        uint64_t mid = from + split_of(to - from);
        bool left = index < mid;
        if (!range(ctx, left ? mid : from, left ? to : mid, &path[n++]))
            return -1;
        *(left ? &to : &from) = mid;
    }
    return turned(path, n);
}

int merkle_consistency(uint64_t old, uint64_t size, merkle_range *range, void *ctx, struct hash path[PATH_MOST])
{
    uint64_t from = 0, to = size;
    int n = 0;
    while (to != old) {
        uint64_t mid = from + split_of(to - from);
        bool left = old <= mid;
        if (!range(ctx, left ? mid : from, left ? to : mid, &path[n++]))
            return -1;
        *(left ? &to : &from) = mid;
    }
    if (from && !range(ctx, from, to, &path[n++])) /* the old tree is no whole subtree of the new one */
        return -1;
    return turned(path, n);
}

bool merkle_included(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *root, const struct hash *path, size_t n)
{
    if (index >= size)
        return false;
    uint64_t at = index, last = size - 1;
    struct hash h = *leaf;
    for (size_t i = 0; i < n; i++) {
        if (!last)
            return false;
        if (at & 1 || at == last) {
            h = node(&path[i], &h);
            while (!(at & 1) && at) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            h = node(&h, &path[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return !last && hash_same(&h, root);
}

bool merkle_consistent(uint64_t old, const struct hash *old_root, uint64_t size, const struct hash *root, const struct hash *path, size_t n)
{
    if (old > size || (!old && size))
        return false;
    if (old == size)
        return n == 0 && hash_same(old_root, root);
    uint64_t at = old - 1, last = size - 1;
    while (at & 1) {
        at >>= 1;
        last >>= 1;
    }
    size_t i = 0;
    if (at && !n) /* the old tree is a whole subtree where at has become 0: its root begins the path */
        return false;
    struct hash older = at ? path[i++] : *old_root, newer = older;
    for (; i < n; i++) {
        if (!last)
            return false;
        if (at & 1 || at == last) {
            older = node(&path[i], &older);
            newer = node(&path[i], &newer);
            while (!(at & 1) && at) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            newer = node(&newer, &path[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return !last && hash_same(&older, old_root) && hash_same(&newer, root);
}

bool hash_same(const struct hash *a, const struct hash *b)
{
    return sodium_memcmp(a->b, b->b, HASH_BYTES) == 0;
}

void hash_print(const struct hash *h, char out[2 * HASH_BYTES + 1])
{
    sodium_bin2hex(out, 2 * HASH_BYTES + 1, h->b, HASH_BYTES);
}

bool hash_parse(struct text t, struct hash *out)
{
    static const int variants[] = {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                                   sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    size_t n;
    if (t.n == 2 * HASH_BYTES)
        return sodium_hex2bin(out->b, HASH_BYTES, t.s, t.n, NULL, &n, NULL) == 0 && n == HASH_BYTES;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (t.n && sodium_base642bin(out->b, HASH_BYTES, t.s, t.n, NULL, &n, NULL, variants[i]) == 0 && n == HASH_BYTES)
            return true;
    return false;
}
