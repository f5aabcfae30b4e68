/* Any bytes as a file of proofs, a head or a history of values: nothing may crash, and no proof holds for a root that is not the
 * hash of what it proves. The first byte chooses. Built by tests/fuzz.sh. */
#include "base/arena.h"
#include "formats/changed.h"
#include "formats/proof.h"
#include "guard/merkle.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A root that nobody can have hashed towards. */
static const struct hash nobodys = {"no tree of anybody has this root"};

static void judge(const struct proof *p)
{
    struct hash path[PROOF_PATH], leaf, old;
    for (size_t i = 0; i < p->n_path; i++)
        if (!hash_parse(p->path[i], &path[i]))
            return;
    if (!hash_parse(p->leaf_hash, &leaf))
        leaf = merkle_leaf(p->entry);
    if (!hash_parse(p->old_root, &old))
        old = leaf;
    if (p->consistency ? p->old != p->size && merkle_consistent(p->old, &old, p->size, &nobodys, path, p->n_path)
                       : (p->n_path || !hash_same(&leaf, &nobodys)) && merkle_included(&leaf, p->index, p->size, &nobodys, path, p->n_path))
        abort();
}

static void seen(void *ctx, struct text table, int64_t id, struct text field, struct text value)
{
    volatile size_t *sum = ctx;
    (void)id;
    for (size_t i = 0; i < value.n; i++)
        *sum += (unsigned char)value.s[i];
    *sum += table.n + field.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct text t = {(const char *)data + 1, size ? size - 1 : 0};
    struct fault fault = {0};
    struct proof *proofs;
    struct head_file head;
    size_t n, sum = 0;
    if (size && data[0] % 3 == 0 && proofs_read(t, arena, &proofs, &n, &fault) == OK)
        for (size_t i = 0; i < n; i++)
            judge(&proofs[i]);
    else if (size && data[0] % 3 == 1)
        (void)!head_file_read(t, arena, &head, &fault);
    else if (size && data[0] % 3 == 2)
        (void)!changed_read(t, seen, &sum);
    arena_free(arena);
    return 0;
}
