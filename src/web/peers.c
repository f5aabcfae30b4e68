/* Connections and their deadlines. libmicrohttpd knows only an idle timeout, which a sender of one
 * byte now and then never meets; here each phase of a request ends in time, or the connection is
 * cut. */
#include "base/address.h"
#include "base/log.h"
#include "web/server.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct later {
    struct exchange *x;
    int64_t at;
    struct later *next;
};

static void address_words(const struct sockaddr *a, char out[48], bool *local)
{
    out[0] = '\0';
    *local = false;
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)a;
        inet_ntop(AF_INET, &in->sin_addr, out, 48);
        *local = (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    } else if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
        inet_ntop(AF_INET6, &in6->sin6_addr, out, 48);
        *local = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) || strncmp(out, "::ffff:127.", 11) == 0;
    }
}

static void whom(const struct server *s, const struct sockaddr *a, struct peer *p)
{
    bool local = false;
    if (a->sa_family == AF_UNIX) {
        p->trusted = true;
        return;
    }
    address_words(a, p->address, &local);
    address_network(text_of(p->address), p->network);
    p->trusted = proxies_trust(&s->proxies, p->address, local);
}

static struct peer **chain_of(struct server *s, const char *network)
{
    uint32_t h = 2166136261u;
    for (; *network; network++)
        h = (h ^ (unsigned char)*network) * 16777619u;
    return &s->by_network[h % (sizeof s->by_network / sizeof *s->by_network)];
}

struct peer *peer_open(struct server *s, int fd, const struct sockaddr *address)
{
    struct peer *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->fd = fd;
    if (address)
        whom(s, address, p);
    peer_phase(p, PHASE_HEAD, s->head_us);
    pthread_mutex_lock(&s->lock);
    p->next = s->peers;
    if (s->peers)
        s->peers->prev = p;
    else
        s->oldest = p;
    s->peers = p;
    s->n_peers++;
    if (!p->trusted) {
        struct peer **at = chain_of(s, p->network);
        p->same = *at;
        if (p->same)
            p->same->same_at = &p->same;
        p->same_at = at;
        *at = p;
    }
    pthread_mutex_unlock(&s->lock);
    return p;
}

void peer_close(struct server *s, struct peer *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&s->lock);
    if (p->prev)
        p->prev->next = p->next;
    else
        s->peers = p->next;
    if (p->next)
        p->next->prev = p->prev;
    else
        s->oldest = p->prev;
    if (p->same_at)
        *p->same_at = p->same;
    if (p->same)
        p->same->same_at = p->same_at;
    s->n_peers -= !p->cut;
    pthread_mutex_unlock(&s->lock);
    free(p);
}

void peer_phase(struct peer *p, enum phase phase, int64_t us_from_now)
{
    if (!p)
        return;
    int64_t now = clock_monotonic();
    atomic_store(&p->since, now);
    atomic_store(&p->deadline, now + us_from_now);
    atomic_store(&p->phase, phase);
}

bool peer_welcome(struct server *s, const struct sockaddr *address)
{
    struct peer who = {0};
    size_t n = 0;

    if (atomic_load(&s->draining))
        return false;
    whom(s, address, &who);
    if (who.trusted)
        return true;
    pthread_mutex_lock(&s->lock);
    for (const struct peer *p = *chain_of(s, who.network); p; p = p->same)
        n += strcmp(p->network, who.network) == 0;
    pthread_mutex_unlock(&s->lock);
    return n < CONNECTIONS_PER_ADDRESS;
}

void peers_later(struct server *s, struct exchange *x, int64_t at)
{
    struct later *later = arena_alloc(x->rq.arena, sizeof(*later));
    *later = (struct later){.x = x, .at = at};
    pthread_mutex_lock(&s->lock);
    later->next = s->later;
    s->later = later;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* The lock is held: a descriptor of the list cannot be closed meanwhile, because that begins with
 * peer_close. */
static void cut(struct server *s, struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR); /* the event thread finds it closed */
    p->cut = true;
    s->n_peers--;
}

/* Where nearly all places are taken, who holds one without asking gives his up, the oldest first: so there is always room
 * for somebody who asks. */
static bool crowded_out(const struct server *s, const struct peer *p, int phase, int64_t now)
{
    int64_t held = now - atomic_load(&p->since);
    return s->n_peers > (size_t)s->connections_max * CONNECTIONS_CROWDED / 100 &&
           ((phase == PHASE_HEAD && held > 1000000) || (phase == PHASE_BODY && held > 10000000));
}

static void cut_overdue(struct server *s, int64_t now)
{
    bool draining = atomic_load(&s->draining);
    for (struct peer *p = s->oldest; p; p = p->prev) {
        int phase = atomic_load(&p->phase);
        if (p->cut || phase == PHASE_WORK)
            continue;
        if (now > atomic_load(&p->deadline) || (draining && phase == PHASE_HEAD) ||
            crowded_out(s, p, phase, now))
            cut(s, p);
    }
}

/* Takes the exchanges whose time has come; the lock is held. *next becomes the time of the earliest
 * left. */
static struct later *take_due(struct server *s, int64_t now, int64_t *next)
{
    struct later *due = NULL, **at = &s->later;
    while (*at) {
        struct later *l = *at;
        if (s->stop || l->at <= now) {
            *at = l->next;
            l->next = due;
            due = l;
        } else {
            if (l->at < *next)
                *next = l->at;
            at = &l->next;
        }
    }
    return due;
}

static void serve_due(struct server *s, struct later *due, bool stopping)
{
    while (due) {
        struct exchange *x = due->x;
        due = due->next; /* it lives in the arena of x */
        if (stopping || !queue_push(call_queue(s, x), x)) {
            call_quick(x->call, 503);
            call_done(x->call);
        }
    }
}

static void *sweep(void *arg)
{
    struct server *s = arg;
    int64_t tick = s->head_us / 4 < 500000 ? s->head_us / 4 : 500000;

    pthread_setname_np(pthread_self(), "peers");
    pthread_mutex_lock(&s->lock);
    for (;;) {
        int64_t now = clock_monotonic(), next = now + tick;
        cut_overdue(s, now);
        struct later *due = take_due(s, now, &next);
        bool stop = s->stop;
        if (due) {
            pthread_mutex_unlock(&s->lock);
            serve_due(s, due, stop);
            pthread_mutex_lock(&s->lock);
            continue;
        }
        if (stop)
            break;
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t ns = until.tv_nsec + (next - now) % 1000000 * 1000;
        until.tv_sec += (next - now) / 1000000 + ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        pthread_cond_timedwait(&s->changed, &s->lock, &until);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

enum err peers_start(struct server *s)
{
    pthread_condattr_t attr;
    sigset_t all, old;

    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    s->swept = pthread_create(&s->sweeper, NULL, sweep, s) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return s->swept ? OK : ERR_INTERNAL;
}

void peers_stop(struct server *s)
{
    if (!s->swept)
        return;
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->sweeper, NULL);
    s->swept = false;
}
