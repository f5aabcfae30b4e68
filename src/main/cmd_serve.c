/* Commands that serve and work: serve, jobs, job, routes. */
#include "base/log.h"
#include "formats/csv.h"
#include "formats/sheet.h"
#include "guard/guard.h"
#include "guard/log.h"
#include "main/main.h"
#include "web/web.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* When each job ran last in this process: a node's own memory is enough, since jobs are idempotent and claim their work. */
enum { JOBS_MAX = 100 };
static int64_t ran_at[JOBS_MAX];

static bool run_job(struct store *store, const struct job *job, size_t slot, bool all)
{
    int64_t now = clock_monotonic();
    if (slot >= JOBS_MAX || (!all && (!job->every || (ran_at[slot] && now - ran_at[slot] < job->every * 1000000ll))))
        return false;
    struct request rq;
    struct fault fault = {0};
    ran_at[slot] = now;
    if (request_open(store, NULL, &rq, &fault)) {
        log_error("job %s: %s", job->name, fault.text);
        return false;
    }
    job->run(&rq);
    if (rq.err)
        log_error("job %s: %s", job->name, err_name(rq.err));
    request_close(&rq);
    return true;
}

int jobs_run(struct store *store, bool all)
{
    size_t slot = 0;
    int n = 0;
    for (const struct job *j = guard_jobs; j->name; j++)
        n += run_job(store, j, slot++, all);
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct job *j = (*r)->jobs; j && j->name; j++)
            n += run_job(store, j, slot++, all);
    return n;
}

static volatile sig_atomic_t stopping;

static void on_stop(int sig)
{
    (void)sig;
    stopping = 1;
}

static void *jobs_thread(void *store)
{
    pthread_setname_np(pthread_self(), "jobs");
    while (!stopping) {
        jobs_run(store, false);
        for (int i = 0; i < 10 && !stopping; i++)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return NULL;
}

int cmd_serve(const struct options *o)
{
    struct store *store;
    struct server *server;
    struct fault fault = {0};
    pthread_t jobs;
    struct server_options so = {.listen = o->listen ? o->listen : "127.0.0.1:8080",
                                .workers = (int)o->workers,
                                .demo = o->demo};
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (store_serve_lock(store, &fault) || read_log_start(store) ||
        server_start(store, &so, &server, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    struct sigaction sa = {.sa_handler = on_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    bool has_jobs = pthread_create(&jobs, NULL, jobs_thread, store) == 0;
    const char *colon = strrchr(so.listen, ':');
    printf("Bereg is ready: http://%.*s:%d\n", colon ? (int)(colon - so.listen) : 0, so.listen,
           server_port(server));
    fflush(stdout);
    while (!stopping)
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    server_stop(server);
    if (has_jobs)
        pthread_join(jobs, NULL);
    read_log_stop();
    store_close(store);
    return EXIT_OK;
}

int cmd_jobs(const struct options *o)
{
    struct store *store;
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    int n = jobs_run(store, true);
    store_close(store);
    printf("%d jobs were run\n", n);
    return EXIT_OK;
}

int cmd_job(const struct options *o)
{
    if (o->n_words == 1 && strcmp(o->word[0], "sheet") == 0)
        return sheet_job_main();
    fprintf(stderr, "bereg: there is no such job of a child process\n");
    return EXIT_USAGE;
}

/* An existing address: each {name} is answered by the sample of that name, for this viewer. */
static bool example_of(struct request *rq, const char *path, struct buf *out)
{
    for (const char *p = path; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            buf_char(out, *p++);
            continue;
        }
        int64_t id = 0;
        for (const struct room *const *r = rooms; *r && !id; r++)
            for (const struct sample *s = (*r)->samples; s && s->name && !id; s++)
                if (strlen(s->name) == (size_t)(end - p - 1) && strncmp(s->name, p + 1, strlen(s->name)) == 0)
                    id = s->find(rq);
        rq->err = OK; /* a role that may not list them simply has none */
        if (!id)
            return false;
        buf_int(out, id);
        p = end + 1;
    }
    return true;
}

int cmd_routes(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    size_t n;
    if (!o->login) {
        fprintf(stderr, "bereg: --login NAME is missing\n");
        return EXIT_USAGE;
    }
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, o->login, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    const struct route *const *routes = routes_all(&n);
    puts("method,path,example");
    for (size_t i = 0; i < n; i++) {
        struct buf b = BUF(4096);
        bool there = rq_may(&rq, routes[i]->cap) && example_of(&rq, routes[i]->path, &b);
        printf("%s,%s,%.*s\n", routes[i]->method, routes[i]->path, there ? (int)b.n : 0, b.s ? b.s : "");
        buf_free(&b);
    }
    request_close(&rq);
    store_close(store);
    return EXIT_OK;
}
