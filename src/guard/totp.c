/* One-time codes of RFC 6238 over RFC 4226. SHA-1 is what every authenticator program knows; as a keyed hash it holds. SHA-256 where
 * the packs want it. */
#include "guard/second.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>

enum { DIGITS = 1000000 };

bool totp_code(const struct totp_key *key, int64_t step, char out[7])
{
    unsigned char counter[8], h[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    if (!key->n || !HMAC(key->n == TOTP_SHA1 ? EVP_sha1() : EVP_sha256(), key->bytes, (int)key->n, counter, sizeof counter, h, &n) ||
        n != key->n) /* digests are as long as their keys */
        return false;
    const unsigned char *at = h + (h[n - 1] & 15);
    uint32_t number = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    snprintf(out, 7, "%06u", number % DIGITS);
    return true;
}

int64_t totp_match(const struct totp_key *key, struct text code, int64_t now, int64_t around, int64_t last)
{
    int64_t at = now / 1000000 / TOTP_STEP, found = 0;
    char wanted[7];
    if (code.n != 6)
        return 0;
    for (int64_t step = at - around; step <= at + around; step++) {
        if (!totp_code(key, step, wanted))
            return 0;
        if (sodium_memcmp(wanted, code.s, 6) == 0 && step > last && !found)
            found = step;
    }
    return found;
}

struct text totp_base32(struct arena *arena, const struct totp_key *key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = arena_alloc(arena, key->n * 8 / 5 + 2);
    size_t k = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < key->n; i++) {
        bits = bits << 8 | key->bytes[i];
        for (have += 8; have >= 5; have -= 5)
            out[k++] = letters[bits >> (have - 5) & 31];
    }
    if (have)
        out[k++] = letters[bits << (5 - have) & 31];
    return (struct text){out, k};
}
