/* Steps of a sign-in or an enrolment. A row lasts some minutes and is bound to a cookie; what is sent to browser or provider
 * (challenge, state, nonce) follows from the cookie's secret by the register's key, so that an answer to another step fits
 * nowhere and nothing has to be kept. */
#include "guard/guard.h"
#include "guard/second.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include <sodium.h>

enum { FAILURES_MAX = 10 };

static struct value step_hash(struct request *rq, struct text secret)
{
    char *hash = arena_alloc(rq->arena, 65);
    hash_hex(false, secret, T("step"), hash);
    return v_text((struct text){hash, 64});
}

void sign_in_step_begin(struct request *rq, const struct sign_in_step_new *new, char secret[SECRET_LEN + 1])
{
    struct change ch;
    random_hex(secret, SECRET_LEN);
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    union sign_in_try_record t = {.secret_hash = step_hash(rq, (struct text){secret, SECRET_LEN}),
                                  .what = v_z(new->what),
                                  .account_id = new->account ? v_int(new->account) : v_null(),
                                  .session_id = new->session ? v_int(new->session) : v_null(),
                                  .way = v_text_or_null(new->way),
                                  .provider = v_text_or_null(new->provider),
                                  .next = v_text_or_null(new->next),
                                  .failures = v_int(0),
                                  .epoch = v_int(new->epoch),
                                  .ends_at = v_instant(rq->now + sign_in_rules()->steps)};
    change_write(&ch, &sign_in_try_table, t.v);
    if (new->tried.n)
        sign_in_good(&ch, new->tried, new->address);
    ch.events++; /* it is told when it is done, or has failed */
    change_commit(&ch);
}

bool sign_in_step_find(struct request *rq, const char *what, struct text secret, struct sign_in_step *out)
{
    union sign_in_try_get_row t;
    if (secret.n != SECRET_LEN ||
        !q_sign_in_try_get(rq, &(struct sign_in_try_get_args){.hash = step_hash(rq, secret)}, &t) ||
        !text_is(v_as_text(t.what), what) || v_as_int(t.ends_at) <= rq->now ||
        (v_is(t.session_id) &&
         (v_as_int(t.session_id) != rq->session || v_as_int(t.account_id) != rq->viewer.account)))
        return false;
    *out = (struct sign_in_step){.id = v_as_int(t.id),
                                 .account = v_as_int(t.account_id),
                                 .session = v_as_int(t.session_id),
                                 .failures = v_as_int(t.failures),
                                 .epoch = v_as_int(t.epoch),
                                 .secret = secret,
                                 .way = v_as_text(t.way),
                                 .provider = v_as_text(t.provider),
                                 .next = v_as_text(t.next)};
    return !rq->err;
}

struct text sign_in_step_word(struct request *rq, const struct sign_in_step *step, const char *use)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(true, step->secret, text_of(use), hex);
    return (struct text){hex, 64};
}

struct text sign_in_step_digest(struct request *rq, struct text word)
{
    unsigned char h[crypto_hash_sha256_BYTES];
    char *out = arena_alloc(rq->arena, 64);
    crypto_hash_sha256(h, (const unsigned char *)word.s, word.n);
    sodium_bin2base64(out, 64, h, sizeof h, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(out);
}

/* Holds the row to the end of the change: of many at once one goes first. */
static bool hold(struct change *ch, const struct sign_in_step *step)
{
    union sign_in_try_get_row t;
    w_sign_in_try_hold(ch, &(struct sign_in_try_hold_args){.id = v_int(step->id)});
    return q_sign_in_try_get(
        ch->rq, &(struct sign_in_try_get_args){.hash = step_hash(ch->rq, step->secret)}, &t);
}

bool sign_in_step_take(struct request *rq, const struct sign_in_step *step)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    bool mine = hold(&ch, step);
    w_sign_in_try_drop(&ch, &(struct sign_in_try_drop_args){.id = v_int(step->id)});
    ch.events++; /* what comes of it is told by who takes it */
    return change_commit(&ch) == OK && mine;
}

void sign_in_step_failed(struct request *rq, const struct sign_in_step *step, const char *kind, const char *way,
                         struct text address)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    w_sign_in_try_failed(&ch, &(struct sign_in_try_failed_args){.id = v_int(step->id)});
    if (step->failures + 1 >= FAILURES_MAX)
        w_sign_in_try_drop(&ch, &(struct sign_in_try_drop_args){.id = v_int(step->id)});
    sign_in_note(&ch, kind, step->account, way, address);
    change_commit(&ch);
}
