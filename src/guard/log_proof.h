/* Heads of the sealed logs, and proofs of their entries, as JSON documents that `bereg audit check-proof` and others judge without the register
 * (RFC 6962; formats/proof.h reads them). */
#ifndef GUARD_LOG_PROOF_H
#define GUARD_LOG_PROOF_H
#include "base/json.h"
#include "guard/leaf.h"

/* {"statement": …, "key": …, "signature": …, "at": …, "event": {"tree_size", "root"}, "read": {…}} */
void put_head(struct json *j, const struct log_head *h);
void put_hash(struct json *j, const char *key, const struct hash *h);
void put_path(struct json *j, const struct hash *path, int n);
/* The head that was signed last; false: none yet. */
bool newest_head(struct request *rq, struct log_head *out);

/* The proof that a row of a log stands under the newest head; with its entry, where retention has left the row and the entry tells of no class but those that
 * `reads` has (of secret ones it never tells). ERR_NOT_FOUND: no such leaf;
 * ERR_CONFLICT: sealed since the newest head, a minute before the next; ERR_STORE: leaves are missing. Nothing is appended then. Not sticky. */
enum err put_inclusion(struct request *rq, struct json *j, int log, int64_t row, uint32_t reads) MUST;

#endif
