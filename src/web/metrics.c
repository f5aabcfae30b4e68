/* Counts of this process for who watches it: by pattern of the route and status, never by address, person or account. Asked for on a
 * listener of its own, which is not for the public. Format: Prometheus text exposition 0.0.4. */
#include "base/log.h"
#include "guard/guard.h"
#include "guard/jobs.h"
#include "guard_gen.h"
#include "web/server.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SLOTS = 2048, OTHER = 0, ASKERS = 8, METRICS_MAX = 4 << 20 };
static const int statuses[] = {0, 200, 201, 303, 304, 400, 401, 403, 404, 405, 409, 412, 413, 422, 429, 500, 503};
enum { N_STATUSES = sizeof statuses / sizeof *statuses };
/* Seconds; the last bucket is without end. */
static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
enum { N_BOUNDS = sizeof bounds / sizeof *bounds };

static struct slot {
    _Atomic(const struct route *) route;
    atomic_ullong n[N_STATUSES], us;
} slots[SLOTS];
static struct {
    atomic_ullong n[N_BOUNDS + 1], us;
} durations[2]; /* of quick routes and of slow ones */
static const struct route nowhere = {.method = "-", .path = "-"};

static struct slot *slot_of(const struct route *r)
{
    for (size_t i = (uintptr_t)r / 16 * UINT64_C(0x9E3779B97F4A7C15) >> 53, tries = 0; tries < SLOTS; i = (i + 1) % SLOTS, tries++) {
        const struct route *there = atomic_load(&slots[i].route), *none = NULL;
        if (there == r || (!there && (atomic_compare_exchange_strong(&slots[i].route, &none, r) || none == r)))
            return &slots[i];
    }
    return &slots[0];
}

void metrics_count(const struct route *route, int status, int64_t us)
{
    struct slot *s = slot_of(route ? route : &nowhere);
    size_t k = N_STATUSES, b = 0, slow = route && route->slow;
    while (--k && statuses[k] != status)
        ;
    while (b < N_BOUNDS && (double)us > bounds[b] * 1e6)
        b++;
    atomic_fetch_add(&s->n[k], 1);
    atomic_fetch_add(&s->us, (unsigned long long)us);
    atomic_fetch_add(&durations[slow].n[b], 1);
    atomic_fetch_add(&durations[slow].us, (unsigned long long)us);
}

static atomic_ullong refused[REFUSALS];

void metrics_refused(enum refusal what)
{
    atomic_fetch_add(&refused[what], 1);
}

/* ---- the text ---- */

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buf *b, const char *name, const char *help, double value)
{
    head(b, name, "gauge", help);
    buf_printf(b, "%s %.17g\n", name, value);
}

static void put_answers(struct buf *b)
{
    head(b, "bereg_http_answers_total", "counter", "Answers by method, pattern of the route and status.");
    for (size_t i = 0; i < SLOTS; i++) {
        const struct route *r = atomic_load(&slots[i].route);
        for (size_t k = 0; r && k < N_STATUSES; k++) {
            unsigned long long n = atomic_load(&slots[i].n[k]);
            char status[16];
            snprintf(status, sizeof status, "%d", statuses[k]);
            if (n)
                buf_printf(b, "bereg_http_answers_total{method=\"%s\",route=\"%s\",status=\"%s\"} %llu\n", r->method, r->path, k == OTHER ? "other" : status, n);
        }
    }
    head(b, "bereg_http_work_seconds_total", "counter", "Time between a request and its answer, added up by route.");
    for (size_t i = 0; i < SLOTS; i++) {
        const struct route *r = atomic_load(&slots[i].route);
        if (r)
            buf_printf(b, "bereg_http_work_seconds_total{method=\"%s\",route=\"%s\"} %.6f\n", r->method, r->path, (double)atomic_load(&slots[i].us) / 1e6);
    }
}

static void put_refusals(struct buf *b)
{
    head(b, "bereg_http_refusals_total", "counter", "Requests that no page of ours leads to, by what they were refused for.");
    for (int i = REFUSED_NOT + 1; i < REFUSALS; i++)
        buf_printf(b, "bereg_http_refusals_total{what=\"%s\"} %llu\n", refusal_names[i], atomic_load(&refused[i]));
}

static void put_durations(struct buf *b)
{
    static const char *const queues[] = {"pages", "slow"};
    head(b, "bereg_http_seconds", "histogram", "Time between a request and its answer, by queue.");
    for (size_t q = 0; q < 2; q++) {
        unsigned long long n = 0;
        for (size_t k = 0; k <= N_BOUNDS; k++) {
            n += atomic_load(&durations[q].n[k]);
            char le[16] = "+Inf";
            if (k < N_BOUNDS)
                snprintf(le, sizeof le, "%g", bounds[k]);
            buf_printf(b, "bereg_http_seconds_bucket{queue=\"%s\",le=\"%s\"} %llu\n", queues[q], le, n);
        }
        buf_printf(b, "bereg_http_seconds_sum{queue=\"%s\"} %.6f\nbereg_http_seconds_count{queue=\"%s\"} %llu\n", queues[q],
                   (double)atomic_load(&durations[q].us) / 1e6, queues[q], n);
    }
}

static void put_jobs(struct buf *b)
{
    static const struct {
        const char *name, *type, *help;
    } of[] = {{"bereg_job_runs_total", "counter", "Runs of a job that ended, in this process."},
              {"bereg_job_failures_total", "counter", "Those of them that failed."},
              {"bereg_job_begun_seconds", "gauge", "When the last run began, by the clock of the register."},
              {"bereg_job_last_seconds", "gauge", "How long the last run took."},
              {"bereg_job_late", "gauge", "1: it should have begun again long ago."}};
    struct job_run runs[JOBS_MAX];
    size_t n = jobs_runs(runs);
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        head(b, of[k].name, of[k].type, of[k].help);
        for (size_t i = 0; i < n; i++) {
            const struct job_run *r = &runs[i];
            double v[] = {(double)r->runs, (double)r->failures, (double)r->at / 1e6, (double)r->us / 1e6, r->late};
            buf_printf(b, "%s{job=\"%s\"} %.17g\n", of[k].name, r->name, v[k]);
        }
    }
}

static void put_age(struct buf *b, struct request *rq, const char *setting, const char *name, const char *help)
{
    union setting_get_row row = {0};
    int64_t at;
    if (q_setting_get(rq, &(struct setting_get_args){.name = v_z(setting)}, &row) &&
        text_int(v_as_text(row.value), 0, INT64_MAX, &at) == OK)
        gauge(b, name, help, (double)(rq->now - at) / 1e6);
}

/* What the register itself says. What it does not know (no backup yet) is left out. */
static void put_register(struct buf *b, struct store *store)
{
    struct request rq;
    struct fault fault = {0};
    union log_heads_row heads = {0};
    int64_t bytes = 0, log = 0;
    if (request_open(store, NULL, &rq, &fault)) {
        gauge(b, "bereg_store_answers", "1: the store answers.", 0);
        return;
    }
    q_log_heads(&rq, &(struct log_heads_args){0}, &heads);
    bool good = !rq.err && store_size(rq.conn, &bytes, &log) == OK;
    gauge(b, "bereg_store_answers", "1: the store answers.", good);
    if (good) {
        gauge(b, "bereg_store_bytes", "Size of the register on the disk.", (double)bytes);
        if (store_engine(store) == ENGINE_SQLITE)
            gauge(b, "bereg_store_log_bytes", "Size of the write-ahead log of SQLite.", (double)log);
        head(b, "bereg_log_unsealed", "gauge", "Numbers of a log behind the last sealed one.");
        buf_printf(b, "bereg_log_unsealed{log=\"event\"} %lld\nbereg_log_unsealed{log=\"read\"} %lld\n",
                   (long long)(v_as_int(heads.events) - v_as_int(heads.events_sealed)), (long long)(v_as_int(heads.reads) - v_as_int(heads.reads_sealed)));
        union log_state_row state = {0};
        q_log_state(&rq, &(struct log_state_args){0}, &state);
        gauge(b, "bereg_log_faults", "What the checks of the logs have found since the last whole one.", (double)v_as_int(state.faults));
        if (v_is(state.checked_at))
            gauge(b, "bereg_log_check_age_seconds", "Since the logs were checked last.", (double)(rq.now - v_as_int(state.checked_at)) / 1e6);
        put_age(b, &rq, "backup_at", "bereg_backup_age_seconds", "Since the last backup was begun.");
        put_age(b, &rq, "backup_drilled_at", "bereg_backup_drill_age_seconds", "Since a restore was last tried out.");
    }
    request_close(&rq);
}

static void put_all(struct buf *b, struct server *s)
{
    head(b, "bereg_info", "gauge", "Version of the program.");
    buf_printf(b, "bereg_info{version=\"%s\"} 1\n", BEREG_VERSION);
    put_answers(b);
    put_refusals(b);
    put_durations(b);
    head(b, "bereg_queue_length", "gauge", "Requests that wait for a worker.");
    buf_printf(b, "bereg_queue_length{queue=\"pages\"} %zu\nbereg_queue_length{queue=\"slow\"} %zu\nbereg_queue_length{queue=\"outward\"} %zu\n",
               queue_waiting(s->fast), queue_waiting(s->slow), queue_waiting(s->outward));
    gauge(b, "bereg_http_live", "Requests begun and not ended.", atomic_load(&s->live));
    put_jobs(b);
    put_register(b, s->store);
}

/* ---- the listener ---- */

struct metrics {
    struct MHD_Daemon *daemon;
};

static enum MHD_Result on_ask(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                              const char *data, size_t *n, void **context)
{
    static char seen;
    struct buf b = BUF(METRICS_MAX);
    int status = 200;
    (void)version, (void)data;
    if (!*context) { /* the head; the body, if any, comes next */
        *context = &seen;
        return MHD_YES;
    }
    if (*n) {
        *n = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0)
        status = 405;
    else if (strcmp(url, "/metrics") != 0)
        status = 404;
    else
        put_all(&b, cls);
    if (buf_end(&b))
        status = 500;
    struct MHD_Response *r = MHD_create_response_from_buffer(status == 200 ? b.n : 0, b.s, status == 200 ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!r || status != 200)
        buf_free(&b);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, r);
    MHD_destroy_response(r);
    return result;
}

enum err metrics_start(struct server *s, int fd, struct fault *fault)
{
    struct metrics *m = calloc(1, sizeof *m);
    if (!m)
        return fault_set(fault, ERR_INTERNAL, "no memory for the metrics");
    m->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_ask, s, MHD_OPTION_LISTEN_SOCKET, fd,
                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)ASKERS, MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
    if (!m->daemon) {
        free(m);
        close(fd);
        return fault_set(fault, ERR_INTERNAL, "the listener of --metrics does not start");
    }
    s->metrics = m;
    return OK;
}

void metrics_stop(struct server *s)
{
    if (!s->metrics)
        return;
    MHD_stop_daemon(s->metrics->daemon);
    free(s->metrics);
    s->metrics = NULL;
}
