#include "guard/guard.h"
#include "base/log.h"
#include "guard/account.h"
#include "guard/log.h"
#include "guard_gen.h"
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

static unsigned char key[32];

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

void guard_init(struct change *ch)
{
    char hex[65];
    random_hex(hex, 64);
    w_setting_first(ch, &(struct setting_first_args){.name = v_z("key"),
                                                     .value = v_text((struct text){hex, 64})});
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
    w_sign_in_delay_sweep(&ch,
                          &(struct sign_in_delay_sweep_args){.before = v_instant(rq->now - day)});
    w_idempotency_sweep(&ch,
                        &(struct idempotency_sweep_args){.before = v_instant(rq->now - 30 * day)});
    ch.events++; /* nothing happened to anybody */
    change_commit(&ch);
}

const struct job guard_jobs[] = {{"guard.sweep", 3600, sweep},
                                 {"guard.access", 60, access_sweep},
                                 {"guard.bodies", 5, guard_bodies_changed},
                                 {"guard.fold", 3600, read_log_fold},
                                 {0}};
