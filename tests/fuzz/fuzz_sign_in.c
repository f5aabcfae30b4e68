/* Any bytes as what a browser says of a passkey, or a provider of OpenID Connect: nothing may crash, and nothing is good that was
 * not signed. The first byte chooses where the bytes stand. Built by tests/fuzz.sh. */
#include "base/buf.h"
#include "formats/oidc.h"
#include "formats/passkey.h"
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char client[] = "{\"type\":\"webauthn.%s\",\"challenge\":\"AAAA\",\"origin\":\"https://a.example\"}";
static const char keys[] = "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"e\":\"AQAB\",\"n\":\"AQAB\"}]}";

static struct text coded(struct arena *arena, struct text t)
{
    return base64url(arena, (const unsigned char *)t.s, t.n);
}

/* Authenticator data of this site; the rest is the fuzzer's. */
static struct text of_site(struct arena *arena, struct text rest)
{
    unsigned char *out = arena_alloc(arena, 32 + rest.n);
    unsigned int n;
    if (EVP_Digest("a.example", 9, out, &n, EVP_sha256(), NULL) != 1)
        abort();
    memcpy(out + 32, rest.s, rest.n);
    return (struct text){(char *)out, 32 + rest.n};
}

static struct text made(struct arena *arena, struct text object)
{
    return arena_printf(arena, "made\nAAAA\nhttps://a.example\na.example\n0\n%.*s\n%.*s\n",
                        TEXT_ARG(coded(arena, arena_printf(arena, client, "create"))), TEXT_ARG(coded(arena, object)));
}

static struct text attested(struct arena *arena, struct text data)
{
    static const char head[] = "\xa3\x63" "fmt\x64none\x67" "attStmt\xa0\x68" "authData\x59";
    unsigned char *out = arena_alloc(arena, sizeof head + 2 + data.n);
    memcpy(out, head, sizeof head - 1);
    out[sizeof head - 1] = (unsigned char)(data.n >> 8);
    out[sizeof head] = (unsigned char)data.n;
    memcpy(out + sizeof head + 1, data.s, data.n);
    return (struct text){(char *)out, sizeof head + 1 + data.n};
}

static struct text answer(struct arena *arena, struct text said, struct text data)
{
    static const char zeros[64];
    return arena_printf(arena, "answer\nAAAA\nhttps://a.example\na.example\n0\n%.*s\n%.*s\nAAAA\n%.*s\n-7\n",
                        TEXT_ARG(coded(arena, said)), TEXT_ARG(coded(arena, data)),
                        TEXT_ARG(coded(arena, (struct text){zeros, sizeof zeros})));
}

static struct text subject(struct arena *arena, struct text jwks, struct text said)
{
    return arena_printf(arena, "subject\nhttps://a.example\nclient\nnonce\nRS256 ES256\n1700000000\n%zu\n%.*s%.*s", jwks.n,
                        TEXT_ARG(jwks), TEXT_ARG(said));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "\5\0\0\0\1";
    if (size < 1 || size > 8000)
        return 0;
    struct arena *arena = arena_new();
    struct text rest = {(const char *)data + 1, size - 1};
    struct buf out = BUF(65536);
    bool key = data[0] == 1 || data[0] == 2, passkey = key || data[0] == 3 || data[0] == 4;
    struct text question = data[0] == 1   ? made(arena, attested(arena, of_site(arena, rest)))
                           : data[0] == 2 ? made(arena, rest)
                           : data[0] == 3 ? answer(arena, arena_printf(arena, client, "get"), of_site(arena, rest))
                           : data[0] == 4 ? answer(arena, rest, of_site(arena, (struct text){head, 5}))
                           : data[0] == 5 ? arena_printf(arena, "places\nhttps://a.example\n%.*s", TEXT_ARG(rest))
                           : data[0] == 6 ? subject(arena, T(keys), rest)
                                          : subject(arena, rest, T("{\"id_token\":\"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA\"}"));
    const char *wrong = passkey ? passkey_judge(arena, question, &out) : oidc_judge(question, &out);
    /* Only a new passkey and a list of places need no signature. */
    if (!wrong && !key && data[0] != 5)
        abort();
    buf_free(&out);
    arena_free(arena);
    return 0;
}
