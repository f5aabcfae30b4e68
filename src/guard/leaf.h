/* The sealing of the logs. Each committed row of `event` and `read` becomes a leaf of a Merkle tree of its own (guard/merkle.h), numbered
 * from 0 in the order of sealing; of both trees one statement, the head, is signed with Ed25519. The table leaf holds the hashes,
 * leaf_tile roots of whole subtrees, log_head what was signed. Nothing of them is ever changed.
 *
 * The entry of a row is JSON without blanks: "log", then its fields in their declared order, without those that are null; instants are
 * "2024-06-15T07:00:00.000000Z", dates "2024-06-15". The same bytes on both engines, and for rows older than a field.
 *
 * What this proves, and what not: docs/security.md. */
#ifndef GUARD_LEAF_H
#define GUARD_LEAF_H
#include "guard/merkle.h"
#include "guard/request.h"

enum { LOG_EVENT = 1, LOG_READ, LOG_END };
const struct table *log_table(int log);
/* cells: one per field of the log's table. Appends. */
void log_entry(int log, const struct value *cells, struct buf *out);

struct log_head {
    int64_t at;
    uint64_t n[LOG_END];
    struct hash root[LOG_END];
    char key[65], signature[129]; /* hex: public key, signature of the statement */
};

/* What is signed; `registry` names the register. Appends.
 *     bereg log heads 1
 *     register 9f2c…            16 hex digits that tell registers apart
 *     at 1718348400000000       microseconds UTC
 *     event 1234 HEX            size and root of each tree
 *     read 567 HEX
 */
void head_statement(const struct log_head *h, struct text registry, struct buf *out);
bool head_parse(struct text statement, struct log_head *out, struct text *registry); /* without key and signature */
/* Of this register: sixteen hex digits. */
void head_registry(char out[17]);
/* Does the signature fit the statement and its own key? And is that key one of this register's? */
bool head_signed(const struct log_head *h, struct text statement);
bool head_key_ours(const char *key);
/* Row of log_head -> head; false when it is no head at all. */
bool head_of_row(const struct value *cells, struct log_head *out);
enum { HEAD_COLUMNS = 8 };

/* Seals what is committed and, if there is something new or `sign`, signs a head. For commands that have changed something, beside a
 * running server too. */
enum err log_seal(struct store *store, bool sign) MUST;
/* The same each second, on a thread of its own; once more at the stop. */
enum err sealer_start(struct store *store) MUST;
void sealer_stop(void);

/* Root of leaves `from` to `to`-1 as they stand (merkle_range); ctx: struct leaves *. */
struct leaves {
    struct request *rq;
    int log;
};
bool leaves_range(void *ctx, uint64_t from, uint64_t to, struct hash *out);
/* Number of leaves. */
uint64_t leaves_count(struct request *rq, int log);

#endif
