/* The child that judges a message of a passkey: JSON by jansson, CBOR by libcbor and libfido2, keys and signatures by libfido2. */
#include "base/buf.h"
#include "formats/job_child.h"
#include "formats/lock.h"
#include "formats/passkey.h"
#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <stdio.h>

enum { UP = 1, UV = 4, AT = 64, HASH = 32, HEAD = HASH + 1 + 4, NAMED = HEAD + 16 + 2 };

struct message {
    struct arena *arena;
    struct text challenge, origin, site;
    bool verified;
    struct text client_data; /* bytes */
    unsigned char client_hash[HASH], site_hash[HASH];
};

static bool sha256(struct text t, unsigned char out[HASH])
{
    unsigned int n = 0;
    return EVP_Digest(t.s, t.n, out, &n, EVP_sha256(), NULL) == 1 && n == HASH;
}

static bool is(const json_t *object, const char *name, struct text wanted)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) && json_string_length(v) == wanted.n &&
           memcmp(json_string_value(v), wanted.s, wanted.n) == 0;
}

/* What the browser says it was asked for (§5.8.1), or what is wrong with it. */
static const char *client_wrong(const struct message *m, const char *type)
{
    json_error_t error;
    json_t *o = json_loadb(m->client_data.s, m->client_data.n, JSON_REJECT_DUPLICATES, &error);
    const char *wrong = NULL;
    const json_t *cross = o ? json_object_get(o, "crossOrigin") : NULL;
    if (!json_is_object(o))
        wrong = "the client data is no object";
    else if (!is(o, "type", text_of(type)))
        wrong = "the message is of another type";
    else if (!is(o, "challenge", m->challenge))
        wrong = "the message answers another challenge";
    else if (!is(o, "origin", m->origin))
        wrong = "the message comes from another origin";
    else if (cross && !json_is_false(cross))
        wrong = "the message comes from a frame";
    json_decref(o);
    return wrong;
}

/* The fixed head of authenticator data (§6.1): hash of the rp id, flags, counter. */
static const char *head_wrong(const struct message *m, const unsigned char *data, size_t n)
{
    if (n < HEAD)
        return "the authenticator data is too short";
    if (memcmp(data, m->site_hash, HASH) != 0)
        return "the passkey is of another site";
    if (!(data[HASH] & UP))
        return "nobody was present";
    if (m->verified && !(data[HASH] & UV))
        return "the person was not verified";
    return NULL;
}

static int64_t counter(const unsigned char *data)
{
    const unsigned char *c = data + HASH + 1;
    return (int64_t)c[0] << 24 | (int64_t)c[1] << 16 | (int64_t)c[2] << 8 | c[3];
}

/* ---- a new passkey ---- */

/* One item of CBOR of definite length that lies within the bytes, none deeper than a passkey needs: the libraries make room for
 * as many items as a head says before they look whether they are there. */
static bool cbor_whole(const unsigned char **at, size_t *left, int depth)
{
    if (!*left || depth > 6)
        return false;
    unsigned major = **at >> 5, info = **at & 31, size = info < 24 ? 0 : info < 28 ? 1u << (info - 24) : 99;
    uint64_t n = info;
    if (*left < 1 + (size_t)size)
        return false;
    if (size)
        n = 0;
    for (unsigned i = 1; i <= size; i++)
        n = n << 8 | (*at)[i];
    *at += 1 + size;
    *left -= 1 + size;
    if (major == 2 || major == 3) {
        if (n > *left)
            return false;
        *at += n;
        *left -= n;
    } else if (major == 4 || major == 5) {
        if (n > *left)
            return false;
        for (uint64_t i = major == 5 ? 2 * n : n; i; i--)
            if (!cbor_whole(at, left, depth + 1))
                return false;
    }
    return major != 6; /* no tags */
}

/* Items to the end, at most so many. */
static bool cbor_items(const unsigned char *at, size_t left, int most)
{
    while (left && most-- > 0)
        if (!cbor_whole(&at, &left, 0))
            return false;
    return left == 0;
}

static cbor_item_t *member(const cbor_item_t *map, const char *name)
{
    struct cbor_pair *pairs = cbor_map_handle(map);
    for (size_t i = 0; i < cbor_map_size(map); i++)
        if (cbor_isa_string(pairs[i].key) && cbor_string_is_definite(pairs[i].key) &&
            cbor_string_length(pairs[i].key) == strlen(name) &&
            memcmp(cbor_string_handle(pairs[i].key), name, strlen(name)) == 0)
            return pairs[i].value;
    return NULL;
}

/* "authData" of an attestation object. Who has made the authenticator is not asked, so a statement about it is not read. */
static bool authenticator_data(struct text object, struct text *out, cbor_item_t **root)
{
    struct cbor_load_result loaded;
    if (!cbor_items((const unsigned char *)object.s, object.n, 1))
        return false;
    *root = cbor_load((const unsigned char *)object.s, object.n, &loaded);
    if (!*root || loaded.read != object.n || !cbor_isa_map(*root) || !cbor_map_is_definite(*root))
        return false;
    const cbor_item_t *data = member(*root, "authData");
    if (!data || !cbor_isa_bytestring(data) || !cbor_bytestring_is_definite(data))
        return false;
    *out = (struct text){(const char *)cbor_bytestring_handle(data), cbor_bytestring_length(data)};
    return true;
}

static const char *take_made(const struct message *m, struct text data, struct buf *out)
{
    const unsigned char *bytes = (const unsigned char *)data.s;
    const char *wrong = head_wrong(m, bytes, data.n);
    if (wrong)
        return wrong;
    if (!(bytes[HASH] & AT) || data.n < NAMED)
        return "the message has no passkey";
    size_t id = (size_t)bytes[NAMED - 2] << 8 | bytes[NAMED - 1];
    if (data.n < NAMED + id || !cbor_items(bytes + NAMED + id, data.n - NAMED - id, 2)) /* key and extensions */
        return "the passkey cannot be read";
    /* The type of key stands behind what only the library reads; it says which fits. */
    static const int types[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
    fido_cred_t *cred = NULL;
    int type = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0] && !type; i++) {
        cred = fido_cred_new();
        if (cred && fido_cred_set_type(cred, types[i]) == FIDO_OK &&
            fido_cred_set_authdata_raw(cred, bytes, data.n) == FIDO_OK)
            type = types[i];
        else
            fido_cred_free(&cred);
    }
    bool good = type && fido_cred_id_ptr(cred) && fido_cred_id_len(cred) && fido_cred_id_len(cred) <= 1023 && fido_cred_pubkey_ptr(cred);
    if (good) {
        buf_z(out, "good\n");
        buf_text(out, base64url(m->arena, fido_cred_id_ptr(cred), fido_cred_id_len(cred)));
        buf_char(out, '\n');
        buf_text(out, base64url(m->arena, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred)));
        buf_printf(out, "\n%d\n%lld\n", type, (long long)counter(bytes));
    }
    fido_cred_free(&cred);
    return good ? NULL : "the passkey cannot be read, or its key is of a kind that is not taken";
}

static const char *made(struct message *m, struct text attestation, struct buf *out)
{
    struct text object, data;
    cbor_item_t *root = NULL;
    const char *wrong = client_wrong(m, "webauthn.create");
    if (wrong)
        return wrong;
    if (!base64url_bytes(m->arena, attestation, &object) || !authenticator_data(object, &data, &root))
        wrong = "the attestation cannot be read";
    else
        wrong = take_made(m, data, out);
    if (root)
        cbor_decref(&root);
    return wrong;
}

/* ---- an answer of a known one ---- */

static bool signed_by(fido_assert_t *assert, int64_t type, struct text key)
{
    int r = FIDO_ERR_INTERNAL;
    if (type == COSE_ES256) {
        es256_pk_t *pk = es256_pk_new();
        if (pk && es256_pk_from_ptr(pk, key.s, key.n) == FIDO_OK)
            r = fido_assert_verify(assert, 0, COSE_ES256, pk);
        es256_pk_free(&pk);
    } else if (type == COSE_EDDSA) {
        eddsa_pk_t *pk = eddsa_pk_new();
        if (pk && eddsa_pk_from_ptr(pk, key.s, key.n) == FIDO_OK)
            r = fido_assert_verify(assert, 0, COSE_EDDSA, pk);
        eddsa_pk_free(&pk);
    } else if (type == COSE_RS256) {
        rs256_pk_t *pk = rs256_pk_new();
        if (pk && rs256_pk_from_ptr(pk, key.s, key.n) == FIDO_OK)
            r = fido_assert_verify(assert, 0, COSE_RS256, pk);
        rs256_pk_free(&pk);
    }
    return r == FIDO_OK;
}

static const char *answer(struct message *m, struct text data64, struct text signature64, struct text key64,
                          int64_t type, struct buf *out)
{
    struct text data, signature, key;
    const char *wrong = client_wrong(m, "webauthn.get");
    if (wrong)
        return wrong;
    if (!base64url_bytes(m->arena, data64, &data) || !base64url_bytes(m->arena, signature64, &signature) ||
        !base64url_bytes(m->arena, key64, &key))
        return "the message is no base64url";
    wrong = head_wrong(m, (const unsigned char *)data.s, data.n);
    if (wrong)
        return wrong;
    if (!cbor_items((const unsigned char *)data.s + HEAD, data.n - HEAD, 1)) /* extensions, as a rule none */
        return "the authenticator data cannot be read";
    fido_assert_t *a = fido_assert_new();
    bool good = a && fido_assert_set_clientdata_hash(a, m->client_hash, HASH) == FIDO_OK &&
                fido_assert_set_rp(a, arena_z(m->arena, m->site)) == FIDO_OK &&
                fido_assert_set_count(a, 1) == FIDO_OK &&
                fido_assert_set_authdata_raw(a, 0, (const unsigned char *)data.s, data.n) == FIDO_OK &&
                fido_assert_set_sig(a, 0, (const unsigned char *)signature.s, signature.n) == FIDO_OK &&
                fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_uv(a, m->verified ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK &&
                signed_by(a, type, key);
    if (good)
        buf_printf(out, "good\n%u\n", (unsigned)fido_assert_sigcount(a, 0));
    fido_assert_free(&a);
    return good ? NULL : "the signature does not fit";
}

/* ---- the job ---- */

const char *passkey_judge(struct arena *arena, struct text in, struct buf *out)
{
    struct message message = {.arena = arena}, *m = &message;
    struct text what, verified, client, a, b = T(""), c = T(""), type = T("");
    int64_t algorithm = 0;
    if (!text_split(&in, '\n', &what) || !text_split(&in, '\n', &m->challenge) || !text_split(&in, '\n', &m->origin) ||
        !text_split(&in, '\n', &m->site) || !text_split(&in, '\n', &verified) || !text_split(&in, '\n', &client) ||
        !text_split(&in, '\n', &a))
        return "the question is not whole";
    m->verified = text_is(verified, "1");
    if (!base64url_bytes(m->arena, client, &m->client_data) || !sha256(m->client_data, m->client_hash) ||
        !sha256(m->site, m->site_hash))
        return "the message is no base64url";
    if (text_is(what, "made"))
        return made(m, a, out);
    if (!text_is(what, "answer") || !text_split(&in, '\n', &b) || !text_split(&in, '\n', &c) ||
        !text_split(&in, '\n', &type) || text_int(type, -300, -1, &algorithm))
        return "the question is not whole";
    return answer(m, a, b, c, algorithm, out);
}

int passkey_job_main(void)
{
    struct buf in = BUF(16 * PASSKEY_FIELD_MAX), out = BUF(PASSKEY_FIELD_MAX);
    struct arena *arena = arena_new();
    unsigned char warm[HASH];
    json_object_seed(0);        /* it looks for a random number outside */
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
    if (!sha256(T("warm"), warm)) /* OpenSSL reads its settings before the lock */
        return 1;
    lock_in(job_seconds(5), (size_t)512 << 20);
    if (job_read(0, &in))
        return 1;
    const char *wrong = passkey_judge(arena, buf_get(&in), &out);
    if (wrong) {
        buf_clear(&out);
        buf_printf(&out, "%s\n", wrong);
    }
    _exit(buf_end(&out) || job_write(1, buf_get(&out)) ? 1 : 0); /* handlers of exit() may want what the lock forbids */
}
