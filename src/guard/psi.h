/* Set intersection over ristretto255: two registers learn which keys both hold, and nothing of the others.
 *
 * Each side has a secret number s and shows only points s·H(key), from which neither the key nor s can be found. Who multiplies
 * the other side's points by the own secret gets s·t·H(key), the same on both sides for the same key and for no other.
 * H: BLAKE2b-512 under the name of this use, mapped to the group. Safe against a partner who keeps to the steps; one who
 * invents keys learns which of those the other holds, as with any exchange, so the number of keys is shown to both. */
#ifndef GUARD_PSI_H
#define GUARD_PSI_H
#include "base/arena.h"
#include "base/text.h"

enum { PSI_POINT_LEN = 43, PSI_SECRET_LEN = 43 }; /* base64url of 32 bytes */

void psi_secret(char out[PSI_SECRET_LEN + 1]);
/* s·H(key). ERR_SYNTAX: no secret. */
enum err psi_point(struct text secret, struct text key, char out[PSI_POINT_LEN + 1]) MUST;
/* s·point of the other side. ERR_SYNTAX: no secret, or no point of the group. */
enum err psi_again(struct text secret, struct text point, char out[PSI_POINT_LEN + 1]) MUST;

#endif
