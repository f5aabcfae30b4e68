#include "guard/psi.h"
#include <sodium.h>

enum { BYTES = crypto_core_ristretto255_BYTES };
_Static_assert(BYTES == crypto_core_ristretto255_SCALARBYTES, "points and secrets have one length");

static const char use[] = "bereg exchange 1";

static void write_out(const unsigned char bytes[BYTES], char out[PSI_POINT_LEN + 1])
{
    sodium_bin2base64(out, PSI_POINT_LEN + 1, bytes, BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool read_in(struct text t, unsigned char bytes[BYTES])
{
    size_t n;
    return t.n == PSI_POINT_LEN &&
           sodium_base642bin(bytes, BYTES, t.s, t.n, NULL, &n, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           n == BYTES;
}

static enum err multiply(struct text secret, const unsigned char point[BYTES],
                         char out[PSI_POINT_LEN + 1])
{
    unsigned char s[BYTES], product[BYTES];
    /* refuses what is no point, and the point at infinity, which would be the same for all keys */
    bool good = read_in(secret, s) && crypto_scalarmult_ristretto255(product, s, point) == 0;
    sodium_memzero(s, sizeof s);
    if (!good)
        return ERR_SYNTAX;
    write_out(product, out);
    return OK;
}

void psi_secret(char out[PSI_SECRET_LEN + 1])
{
    unsigned char s[BYTES];
    crypto_core_ristretto255_scalar_random(s);
    write_out(s, out);
    sodium_memzero(s, sizeof s);
}

enum err psi_point(struct text secret, struct text key, char out[PSI_POINT_LEN + 1])
{
    unsigned char hash[crypto_core_ristretto255_HASHBYTES], point[BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)use, sizeof use);
    crypto_generichash_update(&state, (const unsigned char *)key.s, key.n);
    crypto_generichash_final(&state, hash, sizeof hash);
    crypto_core_ristretto255_from_hash(point, hash);
    return multiply(secret, point, out);
}

enum err psi_again(struct text secret, struct text point, char out[PSI_POINT_LEN + 1])
{
    unsigned char bytes[BYTES];
    return read_in(point, bytes) ? multiply(secret, bytes, out) : ERR_SYNTAX;
}
