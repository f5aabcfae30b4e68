/* Files of proofs of Merkle trees, and of signed heads, as JSON. Several ways of naming the same things are in use (RFC 6962, RFC 9162,
 * test vectors of transparency logs); all are read. Hashes stay as they are written, hex or base64. */
#ifndef FORMATS_PROOF_H
#define FORMATS_PROOF_H
#include "base/arena.h"
#include "base/text.h"

enum { PROOF_PATH = 65, PROOFS_MAX = 10000, PROOF_FILE_MAX = 16 << 20 };

struct head_file {
    struct text statement, key, signature; /* hex; statement.s null: there is none */
};

struct proof {
    bool consistency;         /* else inclusion */
    uint64_t size, index, old; /* of the tree; of the leaf; of the tree that is its beginning */
    struct text root, old_root, leaf_hash;
    struct text entry;        /* what the leaf is made of, if it stands there; s null: no */
    struct text path[PROOF_PATH];
    size_t n_path;
    struct head_file head;
};

/* One proof, or a list of them. All in the arena. ERR_SYNTAX says what is wrong and in which proof. */
enum err proofs_read(struct text json, struct arena *arena, struct proof **out, size_t *n, struct fault *fault) MUST;
/* A head alone. */
enum err head_file_read(struct text json, struct arena *arena, struct head_file *out, struct fault *fault) MUST;

#endif
