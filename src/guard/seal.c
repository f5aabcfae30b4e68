#include "guard/seal.h"
#include "base/buf.h"
#include "base/log.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include <sodium.h>
#include <stdio.h>

/* ---- texts ---- */

/* A box: SEAL_MARK, then base64 of the key's number, nonce, cipher. */
enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    MAC = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BLOCK = 64, /* sizes are rounded up to this */
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

static struct text seal_bytes(struct arena *arena, const struct seal_key *k, const char *field,
                              struct text t)
{
    size_t padded = (t.n / BLOCK + 1) * BLOCK, n = 1 + NONCE + padded + MAC;
    unsigned char *plain = arena_alloc(arena, padded), *box = arena_alloc(arena, n);
    memcpy(plain, t.s, t.n);
    (void)sodium_pad(NULL, plain, t.n, BLOCK, padded);
    box[0] = (unsigned char)k->number;
    randombytes_buf(box + 1, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + 1 + NONCE, NULL, plain, padded,
                                               (const unsigned char *)field, strlen(field), NULL,
                                               box + 1, k->box);
    size_t max = sodium_base64_encoded_len(n, BASE64) + 1;
    char *out = arena_alloc(arena, max);
    out[0] = SEAL_MARK;
    sodium_bin2base64(out + 1, max - 1, box, n, BASE64);
    return (struct text){out, max - 1};
}

bool seal_open_text(struct arena *arena, const char *field, struct text stored, struct text *out)
{
    if (!stored.n || stored.s[0] != SEAL_MARK) { /* from before sealing */
        *out = stored;
        return true;
    }
    unsigned char *box = arena_alloc(arena, stored.n);
    size_t n, plain;
    const struct seal_key *k;
    if (sodium_base642bin(box, stored.n, stored.s + 1, stored.n - 1, NULL, &n, NULL, BASE64) ||
        n < 1 + NONCE + BLOCK + MAC || !(k = key_numbered(box[0])))
        return false;
    unsigned char *at = box + 1 + NONCE; /* in place */
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, at, n - 1 - NONCE,
                                                   (const unsigned char *)field, strlen(field),
                                                   box + 1, k->box) ||
        sodium_unpad(&plain, at, n - 1 - NONCE - MAC, BLOCK))
        return false;
    *out = (struct text){(char *)at, plain};
    return true;
}

static unsigned key_of_text(struct text stored)
{
    unsigned char first[3] = {0};
    size_t n;
    if (stored.n < 5 || stored.s[0] != SEAL_MARK ||
        sodium_base642bin(first, sizeof first, stored.s + 1, 4, NULL, &n, NULL, BASE64))
        return 0;
    return first[0];
}

struct value seal_value(struct request *rq, const char *field, struct value text)
{
    const struct seal_key *k = key_in_use(rq->now);
    if (text.kind != V_TEXT && text.kind != V_CODE)
        return text;
    if (!k) {
        rq_fail(rq, ERR_INTERNAL);
        return v_null();
    }
    return v_text(seal_bytes(rq->arena, k, field, v_as_text(text)));
}

struct text seal_digest(struct request *rq, const char *field, struct text text)
{
    const struct seal_key *k = key_numbered(1);
    unsigned char h[16];
    char *hex = arena_alloc(rq->arena, 2 * sizeof h + 1);
    crypto_generichash_state state;
    if (!k) {
        rq_fail(rq, ERR_INTERNAL);
        return T("");
    }
    crypto_generichash_init(&state, k->box, sizeof k->box, sizeof h);
    crypto_generichash_update(&state, (const unsigned char *)field, strlen(field) + 1);
    crypto_generichash_update(&state, (const unsigned char *)text.s, text.n);
    crypto_generichash_final(&state, h, sizeof h);
    sodium_bin2hex(hex, 2 * sizeof h + 1, h, sizeof h);
    return (struct text){hex, 2 * sizeof h};
}

/* ---- classes ---- */

/* A stored cell, from the low bits on: 14 bits of plain classes, a tag of 44, the key's number
 * of 5. The tag is a block of its own: 14 bits of all classes, 10 of the covered code, 20 of
 * chance, enciphered by a Feistel network of two halves, so that equal rows differ and nothing can
 * be told from them. A number 0 of the key: stored before sealing, the low bits are all. */
enum { CODE_BITS = 10, CHANCE_BITS = 20, HALF = 22, KEY_BITS = 5, ROUNDS = 6 };
_Static_assert(CLASS_COUNT + CODE_BITS + CHANCE_BITS == 2 * HALF, "the tag is two halves");
_Static_assert(CLASS_COUNT + 2 * HALF + KEY_BITS <= 63, "a cell is a positive number");
static const uint32_t half_mask = (1u << HALF) - 1;

static uint32_t mix(const unsigned char key[TAG_KEY_BYTES], uint32_t half, unsigned round)
{
    unsigned char in[8] = {(unsigned char)half, (unsigned char)(half >> 8),
                           (unsigned char)(half >> 16), (unsigned char)round},
                  h[crypto_shorthash_BYTES];
    crypto_shorthash(h, in, sizeof in, key);
    return (h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16) & half_mask;
}

static uint64_t encipher(const unsigned char key[TAG_KEY_BYTES], uint64_t block)
{
    uint32_t left = (uint32_t)(block >> HALF), right = (uint32_t)block & half_mask;
    for (unsigned r = 0; r < ROUNDS; r++) {
        uint32_t next = left ^ mix(key, right, r);
        left = right;
        right = next;
    }
    return (uint64_t)left << HALF | right;
}

static uint64_t decipher(const unsigned char key[TAG_KEY_BYTES], uint64_t block)
{
    uint32_t left = (uint32_t)(block >> HALF), right = (uint32_t)block & half_mask;
    for (unsigned r = ROUNDS; r-- > 0;) {
        uint32_t before = right ^ mix(key, left, r);
        right = left;
        left = before;
    }
    return (uint64_t)left << HALF | right;
}

static int64_t seal_classes(const struct seal_key *k, uint32_t classes, unsigned covered)
{
    uint64_t block = (uint64_t)classes << (CODE_BITS + CHANCE_BITS) |
                     (uint64_t)covered << CHANCE_BITS | randombytes_random() >> (32 - CHANCE_BITS);
    return (int64_t)((uint64_t)k->number << (CLASS_COUNT + 2 * HALF) |
                     encipher(k->tag, block) << CLASS_COUNT | (classes & ~classes_sealed()));
}

static unsigned key_of_classes(int64_t stored)
{
    return (unsigned)(stored >> (CLASS_COUNT + 2 * HALF));
}

uint32_t seal_classes_of(int64_t stored, unsigned *covered)
{
    const struct seal_key *k = key_numbered(key_of_classes(stored));
    *covered = 0;
    if (!key_of_classes(stored))
        return (uint32_t)stored;
    if (!k) /* of a key that this node does not know yet: closed to everybody */
        return CLASS_ALL;
    uint64_t block =
        decipher(k->tag, (uint64_t)stored >> CLASS_COUNT & (((uint64_t)1 << 2 * HALF) - 1));
    *covered = (unsigned)(block >> CHANCE_BITS) & COVERED_MOST;
    return (uint32_t)(block >> (CODE_BITS + CHANCE_BITS)) & STORED_CLASSES;
}

/* ---- rows ---- */

static bool is_covered(const struct field *f)
{
    return f->type == FIELD_CODE && f->class_from;
}

/* The code that a cell of classes speaks for; -1: none, its classes only. */
static int code_field(const struct table *t, size_t classes)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].sealed && is_covered(&t->fields[i]) &&
            strcmp(t->fields[i].class_from, t->fields[classes].name) == 0)
            return (int)i;
    return -1;
}

void seal_row(struct request *rq, const struct table *t, struct value *cells)
{
    const struct seal_key *k = key_in_use(rq->now);
    char name[130];
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct field *f = &t->fields[i];
        if (f->sealed && !is_covered(f) && (cells[i].kind == V_TEXT || cells[i].kind == V_CODE)) {
            snprintf(name, sizeof name, "%s.%s", t->name, f->name);
            cells[i] = seal_value(rq, name, cells[i]);
        }
        if (f->type != FIELD_CLASSES || cells[i].kind != V_INT)
            continue;
        int c = code_field(t, i);
        const struct code *code = NULL;
        if (!k) {
            rq_fail(rq, ERR_INTERNAL);
            return;
        }
        if (c >= 0 && cells[c].kind == V_NONE) {
            cells[i] = (struct value){0};
            continue;
        }
        if (c >= 0)
            code = code_find(code_list(t->fields[c].list), v_as_text(cells[c]));
        if (code && code->cover) {
            cells[c] = v_z(code->cover);
        } else if (code && code->classes & classes_sealed()) {
            log_error("the code %s of list %s tells a sealed class and has no cover", code->code,
                      t->fields[c].list);
            rq_fail(rq, ERR_INTERNAL);
        }
        cells[i] = v_int(seal_classes(k, (uint32_t)v_as_int(cells[i]) & STORED_CLASSES,
                                      code ? code->covered : 0));
    }
}

bool seal_table(const struct table *t)
{
    bool any = false;
    for (size_t i = 0; i < t->n_fields; i++)
        any = any || t->fields[i].sealed || t->fields[i].type == FIELD_CLASSES;
    return any;
}

static bool open_cell(struct request *rq, const struct table *t, size_t i, unsigned now,
                      struct value *cell, bool *old)
{
    char name[130];
    struct text plain;
    if (cell->kind != V_TEXT && cell->kind != V_CODE)
        return true;
    snprintf(name, sizeof name, "%s.%s", t->name, t->fields[i].name);
    *old = *old || key_of_text(v_as_text(*cell)) != now;
    bool opened = seal_open_text(rq->arena, name, v_as_text(*cell), &plain);
    *cell = opened ? v_text(plain) : (struct value){0};
    return opened;
}

bool seal_open_row(struct request *rq, const struct table *t, struct value *cells, bool *old)
{
    const struct seal_key *k = key_in_use(rq->now);
    bool opened = true;
    *old = false;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct field *f = &t->fields[i];
        unsigned covered;
        if (f->type == FIELD_CLASSES) {
            int c = code_field(t, i);
            unsigned number = key_of_classes(v_as_int(cells[i]));
            *old = *old || number != k->number;
            cells[i] = v_int(seal_classes_of(v_as_int(cells[i]), &covered));
            const struct code *code =
                c >= 0 && covered ? code_covered(code_list(t->fields[c].list), covered) : NULL;
            if (code)
                cells[c] = v_z(code->code);
            /* a key or a code that this node does not know: the row stays as it is */
            opened = opened && (!number || key_numbered(number)) && (code || c < 0 || !covered);
        } else if (f->sealed && !is_covered(f)) {
            opened = open_cell(rq, t, i, k->number, &cells[i], old) && opened;
        } else if (!f->sealed) {
            cells[i] = (struct value){0};
        }
    }
    return opened;
}
