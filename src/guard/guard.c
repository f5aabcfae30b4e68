#include "guard/guard.h"
#include "base/log.h"
#include "guard/account.h"
#include "guard/doctor.h"
#include "guard/keys.h"
#include "guard/seal.h"
#include "guard/log.h"
#include "guard_gen.h"
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TABLES_MAX = 200 };

static unsigned char key[32];

const struct table *const *register_tables(size_t *n)
{
    static const struct table *all[TABLES_MAX];
    size_t k = 0;
    for (const struct table *const *t = guard_tables; *t && k < TABLES_MAX; t++)
        all[k++] = *t;
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct table *const *t = (*r)->tables; t && *t && k < TABLES_MAX; t++)
            all[k++] = *t;
    *n = k;
    return all;
}

const struct table *register_table(struct text name)
{
    size_t n;
    const struct table *const *all = register_tables(&n);
    for (size_t i = 0; i < n; i++)
        if (text_is(name, all[i]->name))
            return all[i];
    return NULL;
}

const unsigned char *guard_key(void)
{
    return key;
}

void hash_hex(bool keyed, struct text a, struct text b, char out[65])
{
    unsigned char h[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, keyed ? key : NULL, keyed ? sizeof key : 0, sizeof h);
    unsigned char n[8];
    for (int i = 0; i < 8; i++)
        n[i] = (unsigned char)((uint64_t)a.n >> 8 * i);
    crypto_generichash_update(&state, n, sizeof n);
    crypto_generichash_update(&state, (const unsigned char *)a.s, a.n);
    crypto_generichash_update(&state, (const unsigned char *)b.s, b.n);
    crypto_generichash_final(&state, h, sizeof h);
    sodium_bin2hex(out, 65, h, sizeof h);
}

void random_hex(char *out, size_t hex_digits)
{
    unsigned char bytes[64];
    randombytes_buf(bytes, hex_digits / 2);
    sodium_bin2hex(out, hex_digits + 1, bytes, hex_digits / 2);
}

void random_letters(char *out, size_t n)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    for (size_t i = 0; i < n; i++)
        out[i] = letters[randombytes_uniform(sizeof letters - 1)];
}

/* Bodies whose name tells: a handful in a region, so a sorted array replaced whole. Old arrays are
 * not freed: readers hold no lock, and a region changes them some times a year. */
struct telling {
    struct telling *before; /* still readable */
    size_t n;
    struct {
        int64_t body;
        uint32_t classes;
    } of[];
};
static _Atomic(struct telling *) telling;

static bool tells_the_same(const struct telling *a, const struct telling *b)
{
    bool same = a && a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->of[i].body == b->of[i].body && a->of[i].classes == b->of[i].classes;
    return same;
}

void guard_bodies_changed(struct request *rq)
{
    struct bodies_disclosing_rows rows;
    q_bodies_disclosing(rq, &(struct bodies_disclosing_args){0}, &rows);
    if (rq->err)
        return;
    struct telling *t = malloc(sizeof *t + rows.n * sizeof t->of[0]);
    if (!t)
        abort();
    t->n = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        t->of[i].body = v_as_int(rows.row[i].id);
        t->of[i].classes = (uint32_t)v_as_int(rows.row[i].discloses);
    }
    if (tells_the_same(telling, t)) {
        free(t); /* as a rule: this is asked every few seconds */
    } else {
        t->before = telling;
        telling = t;
    }
}

uint32_t body_tells(int64_t body)
{
    struct telling *t = telling;
    for (size_t i = 0; t && i < t->n; i++)
        if (t->of[i].body == body)
            return t->of[i].classes;
    return 0;
}

static _Atomic int64_t packs_version;

void packs_are(int64_t version)
{
    packs_version = version;
}

int64_t packs_used(void)
{
    return packs_version;
}

void packs_check_is(struct request *rq, int64_t version)
{
    if (version > packs_version)
        HOOK(rq, packs_stale, rq);
}

void packs_check(struct request *rq)
{
    union packs_now_row now = {0};
    q_packs_now(rq, &(struct packs_now_args){0}, &now);
    packs_check_is(rq, v_as_int(now.version));
}

enum err guard_init(struct change *ch, struct fault *fault)
{
    char hex[65];
    random_hex(hex, 64);
    w_setting_first(ch, &(struct setting_first_args){.name = v_z("key"),
                                                     .value = v_text((struct text){hex, 64})});
    w_setting_first(ch, &(struct setting_first_args){.name = v_z("sealing"), .value = v_z("1")});
    return keys_make(ch, fault);
}

enum err guard_start(struct store *store, struct fault *fault)
{
    struct request rq;
    enum err err;
    if (sodium_init() < 0)
        return fault_set(fault, ERR_INTERNAL, "libsodium does not start");
    err = request_open(store, NULL, &rq, fault);
    if (err)
        return err;
    union setting_get_row row;
    if (q_setting_get(&rq, &(struct setting_get_args){.name = v_z("key")}, &row)) {
        struct text t = v_as_text(row.value);
        size_t n;
        if (sodium_hex2bin(key, sizeof key, t.s, t.n, NULL, &n, NULL) || n != sizeof key)
            err = fault_set(fault, ERR_STORE, "the register's key is damaged (table setting)");
    } else {
        err =
            fault_set(fault, ERR_STORE, "the register has no key: it was not made by `bereg init`");
    }
    if (!err)
        err = keys_load(&rq, fault);
    guard_bodies_changed(&rq);
    if (!err && rq.err)
        err = fault_set(fault, rq.err, "the register cannot be read");
    request_close(&rq);
    return err;
}

/* Every node forgets what ended; harmless when two do it. */
static void sweep(struct request *rq)
{
    struct change ch;
    enum { DAY = 86400 };
    int64_t day = (int64_t)DAY * 1000000;
    change_begin(rq, &ch, NO_SUBJECT);
    w_session_sweep(&ch, &(struct session_sweep_args){0});
    w_sign_in_try_sweep(&ch, &(struct sign_in_try_sweep_args){0});
    w_sign_in_delay_sweep(&ch,
                          &(struct sign_in_delay_sweep_args){.before = v_instant(rq->now - day)});
    w_idempotency_sweep(&ch,
                        &(struct idempotency_sweep_args){.before = v_instant(rq->now - 30 * day)});
    ch.events++; /* nothing happened to anybody */
    change_commit(&ch);
}

const struct job guard_jobs[] = {
    {"guard.sweep", 3600, sweep},      {"guard.access", 60, access_sweep},
    {"guard.rules", 1, rule_work_off}, {"guard.bodies", 5, guard_bodies_changed},
    {"guard.keys", 5, keys_reload},    {"guard.seal", 60, seal_again},
    {"guard.fold", 3600, read_log_fold},
    {"guard.node", 300, doctor_node},  {0}};
