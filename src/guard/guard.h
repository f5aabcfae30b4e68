/* Start of the guard and what it keeps in memory: keys of the register, the bodies that disclose,
 * roles and rules. */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H
#include "guard/room.h"

/* Pack sections the guard takes: class, role, body_kind, need, grant. Ends with a null kind. */
extern const struct pack_section guard_packs[];

/* Tables of the guard, then those of the rooms in the order of the house. */
const struct table *const *register_tables(size_t *n);
const struct table *register_table(struct text name); /* null: none */
/* First start of a register: makes its keys, and those of sealed data. */
enum err guard_init(struct change *ch, struct fault *fault) MUST;
/* Loads keys and bodies; call after schema and packs. */
enum err guard_start(struct store *store, struct fault *fault) MUST;
/* The version of the packs in use in this process; when the register holds a newer one, the hook packs_stale reads it. */
void packs_are(int64_t version);
int64_t packs_used(void);
void packs_check_is(struct request *rq, int64_t version);
void packs_check(struct request *rq);
/* Bodies were changed: read again which disclose. */
void guard_bodies_changed(struct request *rq);
/* Bits of classes that the very name of the body tells. */
uint32_t body_tells(int64_t body);

const struct role *role_find(const char *code); /* null: unknown */
const struct role *role_at(size_t i);           /* null behind the last */
/* Classes that only the body which owns the row may see (HIV). */
uint32_t classes_of_owner(void);
/* Classes whose facts are stored sealed (guard/seal.h). */
uint32_t classes_sealed(void);
/* Classes a need requires; 0 for an unknown one. */
uint32_t need_classes(struct text need);
size_t need_count(void);
const char *need_at(size_t i, uint32_t *classes);
const char *fact_at(size_t i);      /* names of facts; null behind the last */
const char *body_kind_at(size_t i); /* null behind the last */
/* Do the classes of the need come on top for this fact and kind? */
bool access_by_need(enum fact fact, const char *body_kind);

/* Key of 32 bytes for sealed page tokens and hashes of sign-in delays. */
const unsigned char *guard_key(void);
/* 64 hex digits of BLAKE2b-256 under the register's key (or none). */
void hash_hex(bool keyed, struct text a, struct text b, char out[65]);
/* Random bytes as hex. */
/* Small letters and digits that are not taken for one another, 31 of them; no NUL. */
void random_letters(char *out, size_t n);
void random_hex(char *out, size_t hex_digits);

/* Findings of `bereg check` in grants and access. */
void access_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);
/* Jobs of the guard: sweeps of sessions, keys, rows past their recheck, folding of reads. Ends with
 * a null name. */
extern const struct job guard_jobs[];

#endif
