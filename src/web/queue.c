/* Worker threads behind a bounded queue. One event thread puts in, N workers take out. */
#include "base/log.h"
#include "web/exchange.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct exchange **ring;
    size_t room, first, n;
    bool closed;
    work_fn *work;
    void *ctx;
    size_t n_threads;
    pthread_t threads[];
};

static void *worker(void *arg)
{
    struct queue *q = arg;

    for (;;) {
        pthread_mutex_lock(&q->lock);
        while (q->n == 0 && !q->closed)
            pthread_cond_wait(&q->filled, &q->lock);
        if (q->n == 0) {
            pthread_mutex_unlock(&q->lock);
            return NULL;
        }
        struct exchange *x = q->ring[q->first];
        q->first = (q->first + 1) % q->room;
        q->n--;
        pthread_mutex_unlock(&q->lock);
        q->work(q->ctx, x); /* afterwards x belongs to the event thread */
    }
}

struct queue *queue_new(size_t threads, size_t room, work_fn *work, void *ctx)
{
    struct queue *q = calloc(1, sizeof(*q) + threads * sizeof(q->threads[0]));
    if (!q)
        return NULL;
    q->ring = calloc(room, sizeof(struct exchange *));
    if (!q->ring) {
        free(q);
        return NULL;
    }
    q->room = room;
    q->work = work;
    q->ctx = ctx;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->filled, NULL);

    /* Signals are the main thread's matter. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (q->n_threads < threads &&
           pthread_create(&q->threads[q->n_threads], NULL, worker, q) == 0)
        q->n_threads++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (q->n_threads < threads) {
        log_error("only %zu of %zu worker threads could be started", q->n_threads, threads);
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
        pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->lock);
    return room;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->filled);
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; i < q->n_threads; i++)
        pthread_join(q->threads[i], NULL);
    q->n_threads = 0;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    queue_close(q);
    pthread_cond_destroy(&q->filled);
    pthread_mutex_destroy(&q->lock);
    free(q->ring);
    free(q);
}
