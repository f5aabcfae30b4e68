/* How often somebody may ask: a bucket of requests for each account and each address, in a table of fixed size. Who has
 * not asked for longest gives way to who comes new; his bucket was full again, or nearly. */
#include "base/address.h"
#include "web/server.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SETS = 2048, WAYS = 8 };

struct bucket {
    uint64_t who;  /* 0: free */
    int64_t at;    /* when it was filled last */
    int64_t spent; /* microseconds until it is full */
};

struct rates {
    pthread_mutex_t lock;
    uint64_t seed; /* so that nobody can choose whom he drives out */
    struct bucket set[SETS][WAYS];
};

struct rates *rates_new(void)
{
    struct rates *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    if (getrandom(&r->seed, sizeof r->seed, 0) != sizeof r->seed) {
        free(r);
        return NULL;
    }
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void rates_free(struct rates *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static uint64_t hash_of(uint64_t seed, const char *who)
{
    uint64_t h = seed ^ UINT64_C(14695981039346656037);
    for (; *who; who++)
        h = (h ^ (unsigned char)*who) * UINT64_C(1099511628211);
    h = (h ^ (h >> 32) ^ seed) * UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
    return h ? h : 1;
}

static struct bucket *bucket_of(struct rates *r, uint64_t who)
{
    struct bucket *set = r->set[who % SETS], *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].who == who)
            return &set[i];
        if (set[i].at < oldest->at)
            oldest = &set[i];
    }
    *oldest = (struct bucket){.who = who};
    return oldest;
}

bool rates_take(struct rates *r, const char *who, int per_minute, int64_t now)
{
    if (per_minute <= 0)
        return true;
    int64_t one = INT64_C(60000000) / per_minute, full = one * RATE_BURST;
    pthread_mutex_lock(&r->lock);
    struct bucket *b = bucket_of(r, hash_of(r->seed, who));
    int64_t past = now - b->at;
    b->spent = b->at && past < b->spent ? b->spent - past : 0;
    b->at = now;
    bool may = b->spent + one <= full;
    if (may)
        b->spent += one;
    pthread_mutex_unlock(&r->lock);
    return may;
}

bool rate_allows(struct exchange *x)
{
    struct server *s = x->server;
    struct request *rq = &x->rq;
    char who[64];

    if (!s || x->waited) /* who waited was counted when he came */
        return true;
    if (rq->viewer.account) {
        (void)snprintf(who, sizeof who, "account %lld", (long long)rq->viewer.account);
        return rates_take(s->rates, who, s->account_rate, clock_monotonic());
    }
    address_network(rq_address(rq), who);
    return rates_take(s->rates, who, s->address_rate, clock_monotonic());
}
