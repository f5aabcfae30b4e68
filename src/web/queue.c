/* Worker threads behind a bounded queue. One event thread puts in, N workers take out. */
#include "base/log.h"
#include "web/exchange.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Who came to rest last is woken first: at a quiet hour one or two threads do the work, with warm
 * caches, and the others sleep on. */
struct hand {
    struct queue *queue;
    pthread_t thread;
    pthread_cond_t wake;
    bool resting;
    struct hand *below; /* came to rest before */
};

struct queue {
    pthread_mutex_t lock;
    struct hand *rested;
    struct exchange **ring;
    size_t room, first, n;
    bool closed;
    const char *name;
    work_fn *work;
    void *ctx;
    size_t n_hands;
    struct hand hands[];
};

/* With the lock held. False: the queue is closed and empty. */
static bool wait_for_work(struct queue *q, struct hand *me)
{
    while (q->n == 0 && !q->closed) {
        me->below = q->rested;
        q->rested = me;
        me->resting = true;
        while (me->resting && !q->closed)
            pthread_cond_wait(&me->wake, &q->lock);
    }
    return q->n > 0;
}

static void *worker(void *arg)
{
    struct hand *me = arg;
    struct queue *q = me->queue;

    pthread_setname_np(pthread_self(), q->name);
    pthread_mutex_lock(&q->lock);
    while (wait_for_work(q, me)) {
        struct exchange *x = q->ring[q->first];
        q->first = (q->first + 1) % q->room;
        q->n--;
        pthread_mutex_unlock(&q->lock);
        q->work(q->ctx, x); /* afterwards x belongs to the event thread */
        pthread_mutex_lock(&q->lock);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

static bool start(struct queue *q, struct hand *h)
{
    h->queue = q;
    pthread_cond_init(&h->wake, NULL);
    if (pthread_create(&h->thread, NULL, worker, h) == 0)
        return true;
    pthread_cond_destroy(&h->wake);
    return false;
}

struct queue *queue_new(const char *name, size_t threads, size_t room, work_fn *work, void *ctx)
{
    struct queue *q = calloc(1, sizeof(*q) + threads * sizeof(q->hands[0]));
    if (!q)
        return NULL;
    q->ring = calloc(room, sizeof(struct exchange *));
    if (!q->ring) {
        free(q);
        return NULL;
    }
    q->name = name;
    q->room = room;
    q->work = work;
    q->ctx = ctx;
    pthread_mutex_init(&q->lock, NULL);

    /* Signals are the main thread's matter. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (q->n_hands < threads && start(q, &q->hands[q->n_hands]))
        q->n_hands++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (q->n_hands < threads) {
        log_error("only %zu of %zu worker threads could be started", q->n_hands, threads);
        queue_free(q);
        return NULL;
    }
    return q;
}

bool queue_push(struct queue *q, struct exchange *x)
{
    pthread_mutex_lock(&q->lock);
    bool room = !q->closed && q->n < q->room;
    if (room) {
        q->ring[(q->first + q->n) % q->room] = x;
        q->n++;
        struct hand *h = q->rested;
        if (h) {
            q->rested = h->below;
            h->resting = false;
            pthread_cond_signal(&h->wake);
        }
    }
    pthread_mutex_unlock(&q->lock);
    return room;
}

size_t queue_waiting(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->n;
    pthread_mutex_unlock(&q->lock);
    return n;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    for (size_t i = 0; i < q->n_hands; i++)
        pthread_cond_signal(&q->hands[i].wake);
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; i < q->n_hands; i++) {
        pthread_join(q->hands[i].thread, NULL);
        pthread_cond_destroy(&q->hands[i].wake);
    }
    q->n_hands = 0;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    queue_close(q);
    pthread_mutex_destroy(&q->lock);
    free(q->ring);
    free(q);
}
