/* Wrong tries make the next ones slower: of one account from one address, and of all accounts from one address, so that
 * neither a password can be guessed nor many accounts be tried with one. No account is ever locked: its owner comes from
 * another address. Codes of the second step, to which only who has the password comes, make the next ones slower from wherever
 * they come, up to the longest pause. Counts stand in the register, so several nodes and a restart change nothing; a try is counted before it is
 * judged, so that many at once are not one. */
#include "guard/account.h"
#include "base/address.h"
#include "guard/guard.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"

static const int64_t SECOND = 1000000;

/* Who has one IPv6 address has its whole network: all of it counts as one. */
static struct value delay_key(struct request *rq, struct text login, struct text address)
{
    char *hex = arena_alloc(rq->arena, 65), network[ADDRESS_SIZE];
    address_network(address, network);
    hash_hex(true, text_fold(rq->arena, login), text_of(network), hex);
    return v_text((struct text){hex, 64});
}

/* All that comes from there; no login is like it. */
static struct value address_key(struct request *rq, struct text address)
{
    return delay_key(rq, T("/address"), address);
}

/* Codes of an account, wherever they come from; no login is like it. */
static struct value second_key(struct request *rq, int64_t account)
{
    return delay_key(rq, arena_printf(rq->arena, "/second/%lld", (long long)account), T(""));
}

/* 1, 2, 4 … seconds, beginning behind the free ones. */
static int64_t pause_after(int64_t failures, int64_t free, int64_t slowest)
{
    int64_t over = failures - free;
    if (over <= 0)
        return 0;
    int64_t wait = over > 20 ? slowest : SECOND << (over - 1);
    return wait > slowest ? slowest : wait;
}

/* What is left of the pause: never more than the pause itself, where the clock was set back or another node's is ahead. */
static int64_t left(const struct request *rq, const union sign_in_delay_get_row *d, int64_t free, int64_t slowest)
{
    int64_t wait = v_as_int(d->until) - rq->now, pause = pause_after(v_as_int(d->failures), free, slowest);
    return wait < 0 ? 0 : wait > pause ? pause : wait;
}

int64_t sign_in_wait(struct request *rq, struct text login, struct text address)
{
    const struct sign_in_rules *r = sign_in_rules();
    union sign_in_delay_get_row d;
    if (!q_sign_in_delay_get(rq, &(struct sign_in_delay_get_args){.key = delay_key(rq, login, address)}, &d))
        return 0;
    return left(rq, &d, r->free, r->slowest);
}

/* The row as it stands, held until the commit: who tries at the same moment waits here. */
static bool hold(struct change *ch, struct value key, union sign_in_delay_get_row *d)
{
    w_sign_in_delay_hold(ch, &(struct sign_in_delay_hold_args){.key = key});
    return q_sign_in_delay_get(ch->rq, &(struct sign_in_delay_get_args){.key = key}, d);
}

static void put(struct change *ch, struct value key, int64_t failures, int64_t pause)
{
    w_sign_in_delay_put(ch, &(struct sign_in_delay_put_args){.key = key,
                                                             .failures = v_int(failures),
                                                             .until = v_instant(ch->rq->now + pause)});
}

void sign_in_slower(struct change *ch, struct text login, struct text address)
{
    const struct sign_in_rules *r = sign_in_rules();
    struct value key = delay_key(ch->rq, login, address);
    union sign_in_delay_get_row d = {0};
    int64_t failures = hold(ch, key, &d) ? v_as_int(d.failures) + 1 : 1;
    put(ch, key, failures, pause_after(failures, r->free, r->slowest));
}

static int64_t try_it(struct request *rq, struct value key, struct text address)
{
    const struct sign_in_rules *r = sign_in_rules();
    struct value of_address = address_key(rq, address);
    union sign_in_delay_get_row a = {0}, b = {0};
    struct change ch;

    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    hold(&ch, of_address, &a);
    hold(&ch, key, &b);
    int64_t address_wait = left(rq, &a, r->address_free, r->address_slowest), wait = left(rq, &b, r->free, r->slowest);
    wait = wait > address_wait ? wait : address_wait;
    if (!wait && !rq->err) {
        int64_t old = v_as_int(a.until) + r->address_forget < rq->now ? 0 : v_as_int(a.failures);
        put(&ch, of_address, old + 1, pause_after(old + 1, r->address_free, r->address_slowest));
        int64_t n = v_as_int(b.failures) + 1;
        put(&ch, key, n, pause_after(n, r->free, r->slowest));
    }
    ch.events++; /* whether it was a failure is told by who judges it */
    change_commit(&ch);
    return rq->err ? 0 : wait;
}

int64_t sign_in_try(struct request *rq, struct text login, struct text address)
{
    return try_it(rq, delay_key(rq, login, address), address);
}

int64_t sign_in_second_try(struct request *rq, int64_t account, struct text address)
{
    return try_it(rq, second_key(rq, account), address);
}

static void forget(struct change *ch, struct value key)
{
    w_sign_in_delay_clear(ch, &(struct sign_in_delay_clear_args){.key = key});
}

void sign_in_free(struct change *ch, struct text login, struct text address)
{
    forget(ch, delay_key(ch->rq, login, address));
}

/* The address keeps what others have failed there, without this try. */
static void good(struct change *ch, struct value key, struct text address)
{
    const struct sign_in_rules *r = sign_in_rules();
    struct value of_address = address_key(ch->rq, address);
    union sign_in_delay_get_row a = {0};
    if (hold(ch, of_address, &a)) {
        int64_t n = v_as_int(a.failures) > 0 ? v_as_int(a.failures) - 1 : 0;
        put(ch, of_address, n, pause_after(n, r->address_free, r->address_slowest));
    }
    forget(ch, key);
}

void sign_in_good(struct change *ch, struct text login, struct text address)
{
    good(ch, delay_key(ch->rq, login, address), address);
}

void sign_in_second_good(struct change *ch, int64_t account, struct text address)
{
    good(ch, second_key(ch->rq, account), address);
}
