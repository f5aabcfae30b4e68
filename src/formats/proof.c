#include "formats/proof.h"
#include <jansson.h>
#include <string.h>

static const char *const index_names[] = {"leaf_index", "leafIdx", "leafIndex", "index", "log_index", "logIndex", NULL};
static const char *const size_names[] = {"tree_size", "treeSize", "size2", "second_size", "size", NULL};
static const char *const old_names[] = {"size1", "first_size", "old_size", NULL};
static const char *const root_names[] = {"root", "root_hash", "rootHash", "root2", "second_root", "sha256_root_hash", NULL};
static const char *const old_root_names[] = {"root1", "first_root", "old_root", NULL};
static const char *const leaf_names[] = {"leaf_hash", "leafHash", NULL};
static const char *const path_names[] = {"path", "proof", "audit_path", "hashes", "consistency", "consistency_path", "inclusion_path", NULL};

static json_t *named(json_t *o, const char *const *names)
{
    for (; *names; names++) {
        json_t *v = json_object_get(o, *names);
        if (v)
            return v;
    }
    return NULL;
}

static struct text kept(struct arena *arena, json_t *s)
{
    size_t n = json_string_length(s);
    const char *z = json_string_value(s);
    return z ? arena_text(arena, (struct text){z, n}) : (struct text){0};
}

/* Numbers may stand in quotes: JavaScript's end at 2^53. */
static bool whole(json_t *v, uint64_t *out)
{
    int64_t i = -1;
    if (json_is_integer(v))
        i = json_integer_value(v);
    else if (!json_is_string(v) || text_int((struct text){json_string_value(v), json_string_length(v)}, 0, INT64_MAX, &i))
        return false;
    *out = (uint64_t)i;
    return i >= 0;
}

static struct head_file head_of(json_t *o, struct arena *arena)
{
    return (struct head_file){.statement = kept(arena, json_object_get(o, "statement")),
                              .key = kept(arena, json_object_get(o, "key")),
                              .signature = kept(arena, json_object_get(o, "signature"))};
}

/* Null, or what is wrong. */
static const char *read_one(json_t *o, struct arena *arena, struct proof *p)
{
    json_t *old = named(o, old_names), *path = named(o, path_names), *hash;
    size_t i;
    *p = (struct proof){.consistency = old != NULL, .root = kept(arena, named(o, root_names)), .entry = kept(arena, json_object_get(o, "entry"))};
    if (!json_is_object(o))
        return "a proof is an object";
    if (!whole(named(o, size_names), &p->size))
        return "the size of the tree is missing (tree_size, size2)";
    if (p->consistency) {
        if (!whole(old, &p->old))
            return "size1 is no whole number";
        p->old_root = kept(arena, named(o, old_root_names));
    } else {
        if (!whole(named(o, index_names), &p->index))
            return "the place of the leaf (leaf_index), or the size of the older tree (size1), is missing";
        p->leaf_hash = kept(arena, named(o, leaf_names));
    }
    if (path && !json_is_array(path) && !json_is_null(path))
        return "the path is no list";
    if (json_array_size(path) > PROOF_PATH)
        return "the path is longer than any tree is high";
    json_array_foreach(path, i, hash) {
        if (!json_is_string(hash))
            return "the path holds something else than hashes";
        p->path[p->n_path++] = kept(arena, hash);
    }
    if (json_is_object(json_object_get(o, "head")))
        p->head = head_of(json_object_get(o, "head"), arena);
    return NULL;
}

static json_t *load(struct text json, struct fault *fault)
{
    json_error_t e;
    json_t *root = json.n > PROOF_FILE_MAX ? NULL : json_loadb(json.s, json.n, JSON_REJECT_DUPLICATES, &e);
    if (!root && json.n > PROOF_FILE_MAX)
        fault_set(fault, ERR_LIMIT, "the file is larger than %d bytes", PROOF_FILE_MAX);
    else if (!root)
        fault_set(fault, ERR_SYNTAX, "line %d: %s", e.line, e.text);
    return root;
}

enum err proofs_read(struct text json, struct arena *arena, struct proof **out, size_t *n, struct fault *fault)
{
    json_t *root = load(json, fault);
    enum err err = root ? OK : ERR_SYNTAX;
    *n = json_is_array(root) ? json_array_size(root) : 1;
    if (!err && (!*n || *n > PROOFS_MAX))
        err = fault_set(fault, ERR_LIMIT, "a file holds 1 to %d proofs", PROOFS_MAX);
    if (!err)
        *out = arena_array(arena, *n, sizeof **out);
    for (size_t i = 0; i < *n && !err; i++) {
        const char *wrong = read_one(json_is_array(root) ? json_array_get(root, i) : root, arena, &(*out)[i]);
        if (wrong)
            err = fault_set(fault, ERR_SYNTAX, "proof %zu: %s", i + 1, wrong);
    }
    json_decref(root);
    return err;
}

enum err head_file_read(struct text json, struct arena *arena, struct head_file *out, struct fault *fault)
{
    json_t *root = load(json, fault);
    enum err err = root ? OK : ERR_SYNTAX;
    if (!err)
        *out = head_of(root, arena);
    if (!err && (!out->statement.s || !out->key.s || !out->signature.s))
        err = fault_set(fault, ERR_SYNTAX, "this is no head of a log: statement, key and signature are needed");
    json_decref(root);
    return err;
}
