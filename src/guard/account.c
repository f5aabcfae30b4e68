#include "guard/account.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <pthread.h>

/* A hash takes 19 MiB and 40 ms: two at once are enough for a region, and a flood of sign-ins
 * cannot eat the memory. */
enum { HASH_MEMORY = 19 << 20, HASH_PASSES = 2, HASHES_AT_ONCE = 2 };
static const int64_t SECOND = 1000000, IDLE = 60 * 60 * 1000000ll, LONGEST = 12 * IDLE,
                     SEEN_EVERY = 60 * 1000000ll;

static sem_t hashing;
static pthread_once_t hashing_once = PTHREAD_ONCE_INIT;

static void hashing_init(void)
{
    sem_init(&hashing, 0, HASHES_AT_ONCE);
}

static void hashing_enter(void)
{
    pthread_once(&hashing_once, hashing_init);
    while (sem_wait(&hashing))
        ;
}

enum err password_hash(struct text password, char out[PASSWORD_HASH_LEN])
{
    _Static_assert(PASSWORD_HASH_LEN >= crypto_pwhash_STRBYTES, "room for the hash");
    if (password.n > PASSWORD_MAX * 4)
        return ERR_LIMIT;
    hashing_enter();
    int r = crypto_pwhash_str_alg(out, password.s, password.n, HASH_PASSES, HASH_MEMORY,
                                  crypto_pwhash_ALG_ARGON2ID13);
    sem_post(&hashing);
    return r ? ERR_LIMIT : OK;
}

static bool password_fits(const char *hash, struct text password)
{
    if (password.n > PASSWORD_MAX * 4)
        return false;
    hashing_enter();
    bool fits = crypto_pwhash_str_verify(hash, password.s, password.n) == 0;
    sem_post(&hashing);
    return fits;
}

static void fill_viewer(struct request *rq, struct value id, struct value login, struct value name,
                        struct value role, struct value body, struct value body_name,
                        struct value body_kind, struct viewer *out)
{
    *out = (struct viewer){.account = v_as_int(id),
                           .body = v_as_int(body),
                           .login = arena_z(rq->arena, v_as_text(login)),
                           .name = arena_z(rq->arena, v_as_text(name)),
                           .body_name = arena_z(rq->arena, v_as_text(body_name)),
                           .body_kind = arena_z(rq->arena, v_as_text(body_kind)),
                           .role = role_find(arena_z(rq->arena, v_as_text(role)))};
}

bool viewer_of_login(struct request *rq, struct text login, struct viewer *out)
{
    union account_by_login_row a;
    if (!q_account_by_login(rq, &(struct account_by_login_args){.login = v_text(login)}, &a) ||
        !v_as_int(a.active))
        return false;
    fill_viewer(rq, a.id, a.login, a.name, a.role, a.body_id, a.body_name, a.body_kind, out);
    return out->role != NULL;
}

static bool viewer_of_account(struct request *rq, struct value id, struct viewer *out)
{
    union account_by_id_row a;
    if (!q_account_by_id(rq, &(struct account_by_id_args){.id = id}, &a) || !v_as_int(a.active))
        return false;
    fill_viewer(rq, a.id, a.login, a.name, a.role, a.body_id, a.body_name, a.body_kind, out);
    return out->role != NULL;
}

/* Account and address together: somebody else's failures do not keep the owner out. */
static struct value delay_key(struct request *rq, struct text login, struct text address)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(true, text_fold(rq->arena, login), address, hex);
    return v_text((struct text){hex, 64});
}

int64_t sign_in_wait(struct request *rq, struct text login, struct text address)
{
    union sign_in_delay_get_row d;
    if (!q_sign_in_delay_get(
            rq, &(struct sign_in_delay_get_args){.key = delay_key(rq, login, address)}, &d))
        return 0;
    int64_t wait = v_as_int(d.until) - rq->now;
    return wait > 0 ? wait : 0;
}

/* 3 tries are free; then 1, 2, 4 … 60 seconds. */
static void note_failure(struct request *rq, struct text login, struct text address)
{
    struct value key = delay_key(rq, login, address);
    union sign_in_delay_get_row d;
    int64_t failures = 1;
    if (q_sign_in_delay_get(rq, &(struct sign_in_delay_get_args){.key = key}, &d))
        failures = v_as_int(d.failures) + 1;
    int64_t wait = 0;
    if (failures > 3)
        wait = failures > 9 ? 60 : 1ll << (failures - 4);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_sign_in_delay_put(
        &ch, &(struct sign_in_delay_put_args){.key = key,
                                              .failures = v_int(failures),
                                              .until = v_instant(rq->now + wait * SECOND)});
    change_event(&ch, &(struct event){.kind = "sign_in.failed"});
    change_commit(&ch);
    rq_fail(rq, ERR_FORBIDDEN);
}

void session_open(struct request *rq, struct text login, struct text password, struct text address,
                  char secret[SECRET_LEN + 1])
{
    union account_by_login_row a;
    struct viewer viewer;
    /* the hash of no password: unknown accounts take the same time */
    static char nobody[PASSWORD_HASH_LEN];
    if (!nobody[0] && password_hash(T("nobody has this password"), nobody)) {
        rq_fail(rq, ERR_INTERNAL);
        return;
    }
    bool known =
        q_account_by_login(rq, &(struct account_by_login_args){.login = v_text(login)}, &a) &&
        v_as_int(a.active) && v_is(a.password);
    if (rq->err)
        return;
    bool fits = password_fits(known ? arena_z(rq->arena, v_as_text(a.password)) : nobody, password);
    if (!known || !fits || !viewer_of_login(rq, login, &viewer)) {
        note_failure(rq, login, address);
        return;
    }
    char hash[65], csrf[SECRET_LEN + 1];
    random_hex(secret, SECRET_LEN);
    random_hex(csrf, SECRET_LEN);
    hash_hex(false, (struct text){secret, SECRET_LEN}, T("session"), hash);
    rq->viewer = viewer;
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union session_record s = {.secret_hash = v_text((struct text){hash, 64}),
                              .account_id = v_int(viewer.account),
                              .csrf = v_text((struct text){csrf, SECRET_LEN}),
                              .address = v_text(address),
                              .created_at = v_instant(rq->now),
                              .seen_at = v_instant(rq->now),
                              .expires_at = v_instant(rq->now + IDLE)};
    change_write(&ch, &session_table, s.v);
    w_account_signed_in(&ch, &(struct account_signed_in_args){.id = v_int(viewer.account)});
    w_sign_in_delay_clear(&ch,
                          &(struct sign_in_delay_clear_args){.key = delay_key(rq, login, address)});
    change_event(&ch, &(struct event){.kind = "sign_in.done"});
    change_commit(&ch);
}

bool session_use(struct request *rq, struct text secret, char csrf[SECRET_LEN + 1])
{
    char hash[65];
    union session_by_hash_row s;
    if (secret.n != SECRET_LEN)
        return false;
    hash_hex(false, secret, T("session"), hash);
    if (!q_session_by_hash(
            rq, &(struct session_by_hash_args){.hash = v_text((struct text){hash, 64})}, &s) ||
        v_as_int(s.expires_at) <= rq->now || v_as_int(s.created_at) + LONGEST <= rq->now ||
        !viewer_of_account(rq, s.account_id, &rq->viewer))
        return false;
    struct text c = v_as_text(s.csrf);
    memcpy(csrf, c.s, c.n < SECRET_LEN ? c.n : SECRET_LEN);
    csrf[SECRET_LEN] = '\0';
    if (v_as_int(s.seen_at) + SEEN_EVERY <= rq->now) {
        struct change ch;
        change_begin(rq, &ch, NO_SUBJECT);
        w_session_seen(&ch, &(struct session_seen_args){.id = s.id,
                                                        .expires = v_instant(rq->now + IDLE)});
        ch.events++; /* the session lives on: nothing happened */
        change_commit(&ch);
    }
    return !rq->err;
}

void session_close(struct request *rq, struct text secret)
{
    char hash[65];
    hash_hex(false, secret, T("session"), hash);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_session_end(&ch, &(struct session_end_args){.hash = v_text((struct text){hash, 64})});
    change_event(&ch, &(struct event){.kind = "sign_in.ended"});
    change_commit(&ch);
}

bool token_use(struct request *rq, struct text secret)
{
    char hash[65];
    union token_by_hash_row t;
    if (secret.n != SECRET_LEN)
        return false;
    hash_hex(false, secret, T("token"), hash);
    return q_token_by_hash(
               rq, &(struct token_by_hash_args){.hash = v_text((struct text){hash, 64})}, &t) &&
           viewer_of_account(rq, t.account_id, &rq->viewer);
}

void token_make(struct request *rq, int64_t account, const char *name, char secret[SECRET_LEN + 1])
{
    char hash[65];
    random_hex(secret, SECRET_LEN);
    hash_hex(false, (struct text){secret, SECRET_LEN}, T("token"), hash);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union token_record t = {.secret_hash = v_text((struct text){hash, 64}),
                            .account_id = v_int(account),
                            .name = v_z(name),
                            .created_at = v_instant(rq->now)};
    int64_t id = change_write(&ch, &token_table, t.v);
    change_event(&ch, &(struct event){.kind = "token.made", .table = &token_table, .object = id});
    change_commit(&ch);
}

static struct value body_hash(struct request *rq, struct text body)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(false, body, T("body"), hex);
    return v_text((struct text){hex, 64});
}

enum idem idem_look(struct request *rq, struct text route, struct text key, struct text body,
                    struct text *location)
{
    union idempotency_get_row row;
    *location = T("");
    if (!q_idempotency_get(rq,
                           &(struct idempotency_get_args){.account = v_int(rq->viewer.account),
                                                          .route = v_text(route),
                                                          .key = v_text(key)},
                           &row))
        return IDEM_NEW;
    *location = v_as_text(row.location);
    return v_eq(row.body_hash, body_hash(rq, body)) ? IDEM_SAME : IDEM_OTHER;
}

void idem_store(struct change *ch, struct text route, struct text key, struct text body,
                struct text location)
{
    struct request *rq = ch->rq;
    w_idempotency_put(ch, &(struct idempotency_put_args){.account = v_int(rq->viewer.account),
                                                         .route = v_text(route),
                                                         .key = v_text(key),
                                                         .body_hash = body_hash(rq, body),
                                                         .location = v_text(location)});
}
