/* One-time codes of RFC 6238 over RFC 4226. SHA-1, because authenticator programs know nothing else for sure; as a keyed hash
 * it holds. */
#include "guard/second.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>

enum { DIGITS = 1000000 };

void totp_code(const unsigned char secret[TOTP_BYTES], int64_t step, char out[7])
{
    unsigned char counter[8], h[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    if (!HMAC(EVP_sha1(), secret, TOTP_BYTES, counter, sizeof counter, h, &n) || n != 20) {
        snprintf(out, 7, "------"); /* matches nothing */
        return;
    }
    const unsigned char *at = h + (h[19] & 15);
    uint32_t number = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    snprintf(out, 7, "%06u", number % DIGITS);
}

int64_t totp_match(const unsigned char secret[TOTP_BYTES], struct text code, int64_t now, int64_t last)
{
    int64_t at = now / 1000000 / TOTP_STEP, found = 0;
    char wanted[7];
    if (code.n != 6)
        return 0;
    for (int64_t step = at - 1; step <= at + 1; step++) {
        totp_code(secret, step, wanted);
        if (sodium_memcmp(wanted, code.s, 6) == 0 && step > last && !found)
            found = step;
    }
    return found;
}

struct text totp_base32(struct arena *arena, const unsigned char *bytes, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = arena_alloc(arena, n * 8 / 5 + 2);
    size_t k = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 5; have -= 5)
            out[k++] = letters[bits >> (have - 5) & 31];
    }
    if (have)
        out[k++] = letters[bits << (5 - have) & 31];
    return (struct text){out, k};
}
