/* A sealed file: what goes out of the house encrypted and comes back whole or not at all. It is written with one key and read
 * with another, so that the machine which writes its backups cannot read them, nor can who breaks into it.
 *
 * Two text files are made together: the opening key (X25519 secret, Ed25519 public) is kept elsewhere; the making key (X25519
 * public, Ed25519 secret) lies at the serving machine. A sealed file is
 *
 *     head       "bereg sealed 1\n" and a zero byte, 8 bytes naming the pair of keys, the stream's key under crypto_box_seal (80),
 *                the head of crypto_secretstream_xchacha20poly1305 (24), the Ed25519 signature of all before it (64)
 *     chunks     length (4 bytes, little-endian) and so many bytes of the stream; the last has the final tag, nothing follows
 *
 * The stream finds what is changed, cut, added or put in another order; the signature finds who had not the making key. */
#ifndef GUARD_SAFE_H
#define GUARD_SAFE_H
#include "base/text.h"

struct safe_out;
struct safe_in;

/* Writes the opening key to `path`, the making key to `path`.make, both mode 0600; never over a file that is there. */
enum err safe_keys_make(const char *path, struct fault *fault) MUST;

/* `path` must not be there yet. It is written beside as `path`.part, under a lock (ERR_BUSY: somebody else writes it), and has its own
 * name when it is whole and on the disk.
 * Errors of writing are kept, and told by safe_finish. */
enum err safe_create(const char *path, const char *making_key, struct safe_out **out, struct fault *fault) MUST;
void safe_put(struct safe_out *s, const void *bytes, size_t n);
bool safe_failed(const struct safe_out *s);
/* Ends the file; `good` false: takes it away. Frees s in any case. *size (may be null): bytes of the file. */
enum err safe_finish(struct safe_out *s, bool good, int64_t *size, struct fault *fault) MUST;

enum err safe_open(const char *path, const char *opening_key, struct safe_in **out, struct fault *fault) MUST;
/* Exactly n bytes; every error says what is wrong with the file. */
enum err safe_get(struct safe_in *s, void *bytes, size_t n, struct fault *fault) MUST;
/* OK when the file ends here. */
enum err safe_end(struct safe_in *s, struct fault *fault) MUST;
void safe_close(struct safe_in *s); /* null is fine */

#endif
