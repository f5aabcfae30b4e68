/* The child that judges what a provider says: JSON by jansson, JWS and JWK by cjose. OpenID Connect Core 1.0 §3.1.3.7, Discovery 1.0 §4.3. */
#include "base/buf.h"
#include "formats/job_child.h"
#include "formats/lock.h"
#include "formats/oidc.h"
#include <cjose/cjose.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <stdlib.h>

enum { SUBJECT_MAX = 255, SKEW = 60, AGE_MAX = 10 * 60 };

static const char *string_of(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v) ? json_string_value(v) : NULL;
}

static json_t *object_of(struct text t)
{
    json_error_t error;
    json_t *o = json_loadb(t.s, t.n, JSON_REJECT_DUPLICATES, &error);
    if (o && !json_is_object(o)) {
        json_decref(o);
        o = NULL;
    }
    return o;
}

/* An address that may be asked: https, or this machine when the issuer is there too; one line of printable ASCII. */
static bool place_good(const char *z, const char *issuer)
{
    if (!z || strlen(z) > 2000)
        return false;
    for (const char *p = z; *p; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return strncmp(z, "https://", 8) == 0 ||
           (strncmp(issuer, "http://127.0.0.1:", 17) == 0 && strncmp(z, "http://127.0.0.1:", 17) == 0);
}

static const char *places(struct text in, struct buf *out)
{
    struct text issuer;
    if (!text_split(&in, '\n', &issuer))
        return "the question is not whole";
    json_t *o = object_of(in);
    const char *wrong = NULL, *said = string_of(o, "issuer"), *a = string_of(o, "authorization_endpoint"),
               *t = string_of(o, "token_endpoint"), *k = string_of(o, "jwks_uri");
    if (!said || !text_is(issuer, said))
        wrong = "the discovery document is of another issuer";
    else if (!place_good(a, said) || !place_good(t, said) || !place_good(k, said))
        wrong = "the discovery document names no address that may be asked";
    else
        buf_printf(out, "good\n%s\n%s\n%s\n", a, t, k);
    json_decref(o);
    return wrong;
}

/* ---- the ID token ---- */

struct token {
    struct text issuer, client, nonce, algorithms;
    int64_t now;
};

static bool listed(struct text words, const char *word)
{
    struct text one;
    while (text_split(&words, ' ', &one))
        if (one.n && text_is(one, word))
            return true;
    return false;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* So many pieces of base64url with dots between them. The library that reads them ends the process at any other. */
static bool base64url_pieces(const char *s, size_t pieces)
{
    while (s && pieces--) {
        size_t n = strspn(s, digits);
        if (n % 4 == 1 || s[n] != (pieces ? '.' : '\0'))
            return false;
        s += n + 1;
    }
    return s;
}

/* Bits of a number in base64url, without zeros in front. */
static size_t bits_of(const char *number)
{
    size_t n = number ? strlen(number) : 0, bits = n * 6 / 8 * 8, zeros = 0;
    while (n && zeros / 6 < n && number[zeros / 6] == 'A')
        zeros += 6;
    const char *first = zeros / 6 < n ? strchr(digits, number[zeros / 6]) : NULL;
    for (int bit = 32; first && bit && !((first - digits) & bit); bit /= 2)
        zeros++;
    return first && bits > zeros ? bits - zeros : 0;
}

/* The key that the head names; without a name the only one of the kind. Keys for other uses and of other kinds do not count. */
static cjose_jwk_t *key_for(const json_t *keys, const char *kid, const char *alg, const char **wrong)
{
    enum { RSA_LEAST = 2048 };
    const char *kind = strcmp(alg, "ES256") == 0 ? "EC" : "RSA";
    const json_t *found = NULL, *k;
    size_t i, n = 0;
    cjose_err err;
    json_array_foreach(json_object_get(keys, "keys"), i, k) {
        const char *kty = string_of(k, "kty"), *use = string_of(k, "use"), *of = string_of(k, "alg"), *id = string_of(k, "kid");
        if (!kty || strcmp(kty, kind) != 0 || (use && strcmp(use, "sig") != 0) || (of && strcmp(of, alg) != 0) ||
            (kid && (!id || strcmp(id, kid) != 0)))
            continue;
        found = k;
        n++;
    }
    *wrong = n != 1 ? "the token is signed by a key that the provider does not have"
             : strcmp(kind, "RSA") == 0 && bits_of(string_of(found, "n")) < RSA_LEAST
                 ? "the provider's key is shorter than 2048 bits"
                 : NULL;
    if (*wrong)
        return NULL;
    json_t *public = json_object();
    static const char *const members[] = {"kty", "crv", "n", "e", "x", "y"};
    for (i = 0; i < sizeof members / sizeof *members; i++)
        if (i < 2 || base64url_pieces(string_of(found, members[i]), 1))
            json_object_set(public, members[i], json_object_get(found, members[i]));
    char *text = json_dumps(public, JSON_COMPACT);
    cjose_jwk_t *key = text ? cjose_jwk_import(text, strlen(text), &err) : NULL;
    free(text);
    json_decref(public);
    if (!key)
        *wrong = "the provider's key cannot be read";
    return key;
}

static bool for_us(const json_t *claims, struct text client)
{
    const json_t *aud = json_object_get(claims, "aud");
    const char *azp = string_of(claims, "azp");
    bool found = json_is_string(aud) && text_is(client, json_string_value(aud));
    for (size_t i = 0; i < json_array_size(aud); i++) {
        const json_t *one = json_array_get(aud, i);
        found = found || (json_is_string(one) && text_is(client, json_string_value(one)));
    }
    if (json_array_size(aud) > 1 && !azp)
        return false;
    return found && (json_object_get(claims, "azp") ? azp && text_is(client, azp) : true);
}

static const char *claims_wrong(const struct token *t, const json_t *claims)
{
    const char *iss = string_of(claims, "iss"), *nonce = string_of(claims, "nonce"), *sub = string_of(claims, "sub");
    const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat"),
                 *nbf = json_object_get(claims, "nbf");
    if (!iss || !text_is(t->issuer, iss))
        return "the token is of another issuer";
    if (!for_us(claims, t->client))
        return "the token is for another client";
    if (!nonce || !text_is(t->nonce, nonce))
        return "the token is of another sign-in";
    if (!json_is_integer(exp) || json_integer_value(exp) + SKEW <= t->now)
        return "the token has expired";
    if (!json_is_integer(iat) || json_integer_value(iat) > t->now + SKEW || json_integer_value(iat) + AGE_MAX < t->now)
        return "the token was not made now";
    if (nbf && (!json_is_integer(nbf) || json_integer_value(nbf) > t->now + SKEW))
        return "the token is not valid yet";
    if (!sub || !sub[0] || strlen(sub) > SUBJECT_MAX || strchr(sub, '\n'))
        return "the token names nobody";
    return NULL;
}

static const char *judge_token(const struct token *t, const json_t *keys, const char *compact, struct buf *out)
{
    cjose_err err;
    cjose_jws_t *jws = base64url_pieces(compact, 3) ? cjose_jws_import(compact, strlen(compact), &err) : NULL;
    cjose_header_t *head = jws ? cjose_jws_get_protected(jws) : NULL;
    const char *alg = head ? cjose_header_get(head, CJOSE_HDR_ALG, &err) : NULL,
               *kid = head ? cjose_header_get(head, CJOSE_HDR_KID, &err) : NULL, *wrong = NULL;
    cjose_jwk_t *key = NULL;
    uint8_t *plain = NULL;
    size_t n = 0;
    /* The head is the sender's word: it chooses among what is allowed, and brings no keys of its own. */
    if (!alg || !listed(t->algorithms, alg))
        wrong = "the token is signed by an algorithm that is not allowed";
    else if (cjose_header_get_raw(head, "crit", &err))
        wrong = "the token has extensions that nobody knows";
    else if ((key = key_for(keys, kid, alg, &wrong)) == NULL)
        ; /* said there */
    else if (!cjose_jws_verify(jws, key, &err) || !cjose_jws_get_plaintext(jws, &plain, &n, &err))
        wrong = "the signature of the token does not fit";
    if (!wrong) {
        json_t *claims = object_of((struct text){(const char *)plain, n});
        wrong = claims ? claims_wrong(t, claims) : "the token holds no object";
        if (!wrong)
            buf_printf(out, "good\n%s\n", string_of(claims, "sub"));
        json_decref(claims);
    }
    cjose_jwk_release(key);
    cjose_jws_release(jws);
    return wrong;
}

static const char *subject(struct text in, struct buf *out)
{
    struct token t;
    struct text now, length;
    int64_t n;
    if (!text_split(&in, '\n', &t.issuer) || !text_split(&in, '\n', &t.client) || !text_split(&in, '\n', &t.nonce) ||
        !text_split(&in, '\n', &t.algorithms) || !text_split(&in, '\n', &now) || !text_split(&in, '\n', &length) ||
        text_int(now, 0, INT64_MAX, &t.now) || text_int(length, 0, (int64_t)in.n, &n))
        return "the question is not whole";
    json_t *keys = object_of((struct text){in.s, (size_t)n}),
           *answer = object_of((struct text){in.s + n, in.n - (size_t)n});
    const char *id = string_of(answer, "id_token");
    const char *wrong = keys && id ? judge_token(&t, keys, id, out) : "the provider gave no token or no keys";
    json_decref(keys);
    json_decref(answer);
    return wrong;
}

const char *oidc_judge(struct text question, struct buf *out)
{
    struct text what;
    if (!text_split(&question, '\n', &what))
        return "the question is not whole";
    if (text_is(what, "places"))
        return places(question, out);
    return text_is(what, "subject") ? subject(question, out) : "the question is not whole";
}

int oidc_job_main(void)
{
    struct buf in = BUF((size_t)4 * OIDC_ANSWER_MAX), out = BUF(16384);
    unsigned char warm[64];
    unsigned int n;
    json_object_seed(0);                                                      /* it looks for a random number outside */
    if (EVP_Digest("warm", 4, warm, &n, EVP_sha256(), NULL) != 1) /* OpenSSL reads its settings before the lock */
        return 1;
    lock_in(job_seconds(5), (size_t)512 << 20);
    if (job_read(0, &in))
        return 1;
    const char *wrong = oidc_judge(buf_get(&in), &out);
    if (wrong) {
        buf_clear(&out);
        buf_printf(&out, "%s\n", wrong);
    }
    _exit(buf_end(&out) || job_write(1, buf_get(&out)) ? 1 : 0); /* handlers of exit() may want what the lock forbids */
}
