/* Keys of sealed data. The key file, outside the database and its backups, holds master keys; the
 * table data_key holds data keys, each wrapped by a master. What is stored sealed names the number
 * of its data key, so several may be in use at once: a new one is known to every node before it is
 * written with.
 *
 * The key file is text: a line per master, its name (the beginning of its hash) and its 32 bytes as
 * base64. One file may serve several registers: each has a master of its own in it. */
#ifndef GUARD_KEYS_H
#define GUARD_KEYS_H
#include "guard/change.h"

enum { KEY_BYTES = 32, TAG_KEY_BYTES = 16, KEYS_MOST = 31 };

struct seal_key {
    unsigned number; /* 1 … KEYS_MOST */
    int64_t use_from;
    unsigned char box[KEY_BYTES], tag[TAG_KEY_BYTES];
};

/* Where the key file is (--keys); without it BEREG_KEYS, then the systemd credential "bereg.keys",
 * then a file of the register's own in the user's state directory. */
void keys_file(const char *path);

/* First data key of a register; makes the key file when there is none. */
enum err keys_make(struct change *ch, struct fault *fault) MUST;
/* The same for a register from before sealing; keys_load() when it has keys. */
enum err keys_first(struct request *rq, struct fault *fault) MUST;
/* Reads the data keys and unwraps them; says what is wrong with the file when they cannot be. */
enum err keys_load(struct request *rq, struct fault *fault) MUST;
/* The job of each node: new data keys of others. */
void keys_reload(struct request *rq);

/* The one to write with, and the one of a number (null: unknown here). */
const struct seal_key *key_in_use(int64_t now);
const struct seal_key *key_numbered(unsigned number);

/* A new data key, written with from a minute later on; older rows are sealed anew by seal_again().
 */
enum err keys_add(struct request *rq, struct fault *fault) MUST;
/* A new master in the file; every data key is wrapped by it, and what wrapped them before leaves
 * the file. */
enum err keys_rewrap(struct request *rq, struct fault *fault) MUST;
size_t keys_count(void);
/* Path of the file in use, for messages. */
const char *keys_path(void);

#endif
