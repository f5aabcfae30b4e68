/* Measures pages from inside and from outside.
 *
 *     bench inproc URL LOGIN N RATE PATH…
 *                                        the page's own statements and template, without HTTP, sign-in and read log; RATE
 *                                        pages a second with rests between them (0: without a rest), as a server has them
 *     bench guard URL LOGIN N PATH…      what rights, mask and read log cost of a page: the same pages with them and without,
 *                                        in turn. The switch is this program's: its link wraps the guard's functions.
 *     bench load HOST:PORT TOKEN RATE SECONDS USERS PATH…     open load: requests are due at their times whatever the
 *                                        answers do; latency counts from the time due. TOKEN may be several with commas,
 *                                        which are used in turn; the server beside needs BEREG_RATE=0
 *
 * Prints one line "name value unit" per figure. bench/run puts them together. */
#include "base/log.h"
#include "guard/guard.h"
#include "guard/log.h"
#include "guard/row.h"
#include "rooms/packs/packs.h"
#include "web/exchange.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* ---- inproc ---- */

/* bench guard: the page is noted in the read log, and what the guard does may be left out. */
static bool noting, unguarded;

static size_t page_once(struct store *store, const char *login, const char *path)
{
    struct fault fault = {0};
    struct exchange *x = exchange_new(NULL);
    struct request *rq = &x->rq;
    if (!rq->arena)
        rq->arena = arena_new();
    rq->store = store;
    rq->web = x;
    rq->now = clock_now();
    rq->today = clock_today();
    if (store_reader(store, &rq->conn, &fault))
        die(fault.text);
    if (!viewer_of_login(rq, text_of(login), &rq->viewer))
        die("unknown login");
    struct text target = text_of(path), query = T("");
    const char *mark = strchr(path, '?');
    if (mark) {
        query = text_of(mark + 1);
        target.n = (size_t)(mark - path);
    }
    x->asked = (struct asked){.method = "GET", .target = text_of(path), .path = target, .query = query};
    route_find(x);
    if (!x->route || !input_parse(x))
        die("no such route");
    void *page = arena_alloc(rq->arena, x->route->view->size);
    rq->section = "";
    if (conn_begin(rq->conn) || x->route->run(rq, page))
        die("the page failed");
    struct buf out = BUF(16 << 20);
    struct tpl t = {.out = &out, .rq = rq, .lang = LANG_RU, .csrf = "", .role = rq->viewer.role};
    x->route->view->html(&t, page);
    size_t n = out.n;
    buf_free(&out);
    if (noting) {
        conn_rollback(rq->conn);
        if (read_log(rq, x->route->path, 0))
            die("the read log cannot be written");
    }
    store_release(store, rq->conn);
    rq->conn = NULL;
    exchange_free(x);
    return n;
}

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void rest_until(double due)
{
    double rest = due - now_seconds();
    if (rest > 0)
        nanosleep(&(struct timespec){.tv_sec = (time_t)rest, .tv_nsec = (long)((rest - (double)(time_t)rest) * 1e9)}, NULL);
}

static int inproc(int argc, char **argv)
{
    struct fault fault = {0};
    struct store *store;
    if (argc < 5)
        die("usage: bench inproc URL LOGIN N RATE PATH…");
    if (store_open(argv[0], false, &store, &fault) || packs_start(store, &fault) ||
        guard_start(store, &fault))
        die(fault.text);
    int n = (int)strtol(argv[2], NULL, 10);
    double rate = strtod(argv[3], NULL);
    for (int i = 0; i < 20; i++)
        page_once(store, argv[1], argv[4 + i % (argc - 4)]);
    double before = cpu_seconds(), begin = now_seconds();
    size_t bytes = 0;
    for (int i = 0; i < n; i++) {
        if (rate > 0)
            rest_until(begin + i / rate);
        bytes += page_once(store, argv[1], argv[4 + i % (argc - 4)]);
    }
    printf("inproc_cpu %.1f us\n", (cpu_seconds() - before) / n * 1e6);
    printf("page_bytes %zu bytes\n", bytes / (size_t)n);
    store_close(store);
    return 0;
}

/* ---- guard ---- */

/* `-Wl,--wrap` of the build puts this before the guard's own. */

bool __real_row_mask(struct request *rq, const struct query *q, struct value *row, int64_t seen[2]);
bool __wrap_row_mask(struct request *rq, const struct query *q, struct value *row, int64_t seen[2]);
bool __wrap_row_mask(struct request *rq, const struct query *q, struct value *row, int64_t seen[2])
{
    if (!unguarded)
        return __real_row_mask(rq, q, row, seen);
    for (size_t a = 0; a < q->n_about; a++) /* what is read is noted also without a mask */
        seen[a] = v_as_int(row[q->about[a].id]);
    return true;
}

/* Four users at a server's pace, so that the read log gathers its notes as it does there. */
enum { READERS = 4, PACE = 100 };

struct reader {
    struct store *store;
    const char *login;
    char **paths;
    int n_paths, n, number;
};

static void *read_pages(void *arg)
{
    struct reader *r = arg;
    double begin = now_seconds();
    for (int i = 0; i < r->n; i++) {
        rest_until(begin + (i + (double)r->number / READERS) * READERS / PACE);
        page_once(r->store, r->login, r->paths[(i * READERS + r->number) % r->n_paths]);
    }
    return NULL;
}

static double round_of(const struct reader *all, bool masked, bool noted)
{
    pthread_t threads[READERS];
    struct reader readers[READERS];
    unguarded = !masked;
    noting = noted;
    double before = cpu_seconds();
    for (int i = 0; i < READERS; i++) {
        readers[i] = *all;
        readers[i].number = i;
        readers[i].n = all->n / READERS;
        if (pthread_create(&threads[i], NULL, read_pages, &readers[i]))
            die("no thread");
    }
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    return (cpu_seconds() - before) / (all->n / READERS * READERS) * 1e6;
}

static int guard(int argc, char **argv)
{
    enum { ROUNDS = 6 };
    struct fault fault = {0};
    struct store *store;
    if (argc < 4)
        die("usage: bench guard URL LOGIN N PATH…");
    if (store_open(argv[0], false, &store, &fault) || packs_start(store, &fault) ||
        guard_start(store, &fault) || read_log_start(store))
        die(fault.text);
    struct reader all = {.store = store, .login = argv[1], .paths = argv + 3, .n_paths = argc - 3,
                         .n = (int)strtol(argv[2], NULL, 10)};
    double with = 0, masked = 0, without = 0;
    round_of(&all, true, true);
    for (int i = 0; i < ROUNDS; i++) {
        with += round_of(&all, true, true) / ROUNDS;
        masked += round_of(&all, true, false) / ROUNDS;
        without += round_of(&all, false, false) / ROUNDS;
    }
    printf("guarded %.1f us\nmasked %.1f us\nunguarded %.1f us\nshare %.1f %%\n", with, masked, without,
           (with - without) / with * 100);
    read_log_stop();
    store_close(store);
    return 0;
}

/* ---- load ---- */

struct user {
    int fd;
    double due;        /* of the request under way; 0: idle */
    char head[65536];
    size_t got, want; /* want: whole length of the answer, 0 while the head is not complete */
};

static int connect_to(const char *host_port)
{
    char host[100];
    const char *colon = strrchr(host_port, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *a;
    if (!colon)
        die("HOST:PORT");
    snprintf(host, sizeof host, "%.*s", (int)(colon - host_port), host_port);
    if (getaddrinfo(host, colon + 1, &hints, &a))
        die("unknown host");
    int fd = socket(a->ai_family, a->ai_socktype, 0);
    if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen))
        die("cannot connect");
    freeaddrinfo(a);
    return fd;
}

static void send_request(struct user *u, const char *host, const char *token, const char *path)
{
    char text[2000], byte;
    if (recv(u->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) { /* it had nothing to do, and the server closed it */
        close(u->fd);
        u->fd = connect_to(host);
    }
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, host, token);
    if (write(u->fd, text, (size_t)n) != n)
        die("cannot send");
    u->got = u->want = 0;
}

/* True when the whole answer is there. */
static bool receive(struct user *u)
{
    char rest[65536];
    bool head = !u->want;
    ssize_t n = head ? read(u->fd, u->head + u->got, sizeof u->head - 1 - u->got)
                     : read(u->fd, rest, sizeof rest);
    if (n <= 0)
        die("the server closed the connection");
    u->got += (size_t)n;
    if (head) {
        u->head[u->got] = '\0';
        char *end = strstr(u->head, "\r\n\r\n"), *length = strcasestr(u->head, "\r\nContent-Length:");
        if (!end)
            return false;
        if (strncmp(u->head, "HTTP/1.1 200", 12) != 0)
            die("an answer other than 200");
        if (!length)
            die("an answer without Content-Length");
        u->want = (size_t)(end + 4 - u->head) + strtoul(length + 17, NULL, 10);
    }
    return u->got >= u->want;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Cuts "a,b,c" in place. */
static int tokens_of(char *list, const char **out, int max)
{
    int n = 0;
    for (char *token; n < max && (token = strsep(&list, ","));)
        out[n++] = token;
    return n;
}

static int load(int argc, char **argv)
{
    enum { USERS_MAX = 500, TOKENS_MAX = 1000 };
    static const char *tokens[TOKENS_MAX];
    static struct user users[USERS_MAX];
    static struct pollfd polls[USERS_MAX];
    if (argc < 6)
        die("usage: bench load HOST:PORT TOKEN RATE SECONDS USERS PATH…");
    double rate = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
    int n_users = (int)strtol(argv[4], NULL, 10), n_paths = argc - 5;
    if (n_users < 1 || n_users > USERS_MAX)
        die("USERS is at most 500");
    int n_tokens = tokens_of(argv[1], tokens, TOKENS_MAX);
    for (int i = 0; i < n_users; i++)
        users[i].fd = connect_to(argv[0]);
    size_t total = (size_t)(rate * seconds), sent = 0, done = 0;
    double *latency = calloc(total + 1, sizeof *latency), start = now_seconds(), cpu = cpu_seconds();
    while (done < total) {
        double now = now_seconds();
        for (int i = 0; i < n_users && sent < total && start + (double)sent / rate <= now; i++)
            if (users[i].due == 0) {
                users[i].due = start + (double)sent / rate;
                send_request(&users[i], argv[0], tokens[sent % (size_t)n_tokens],
                             argv[5 + sent / (size_t)n_tokens % (size_t)n_paths]);
                sent++;
            }
        for (int i = 0; i < n_users; i++)
            polls[i] = (struct pollfd){.fd = users[i].due != 0 ? users[i].fd : -1, .events = POLLIN};
        double next = start + (double)sent / rate - now_seconds();
        if (poll(polls, (nfds_t)n_users, sent < total && next > 0 ? (int)(next * 1000) : sent < total ? 0 : 1000) < 0 &&
            errno != EINTR)
            die("poll");
        for (int i = 0; i < n_users; i++)
            if (polls[i].revents && receive(&users[i])) {
                latency[done++] = now_seconds() - users[i].due;
                users[i].due = 0;
            }
    }
    double took = now_seconds() - start;
    qsort(latency, done, sizeof *latency, by_value);
    printf("requests %zu requests\nrate %.1f per_second\n", done, (double)done / took);
    printf("p50 %.2f ms\np95 %.2f ms\np99 %.2f ms\n", latency[done / 2] * 1e3, latency[done * 95 / 100] * 1e3,
           latency[done * 99 / 100] * 1e3);
    printf("generator_cpu %.1f us\n", (cpu_seconds() - cpu) / (double)done * 1e6);
    free(latency);
    return 0;
}

int main(int argc, char **argv)
{
    const char *now = getenv("BEREG_NOW"); /* that of the server beside */
    if (now && clock_set(text_of(now)))
        die("BEREG_NOW is not a time");
    if (argc > 2 && strcmp(argv[1], "inproc") == 0)
        return inproc(argc - 2, argv + 2);
    if (argc > 2 && strcmp(argv[1], "guard") == 0)
        return guard(argc - 2, argv + 2);
    if (argc > 2 && strcmp(argv[1], "load") == 0)
        return load(argc - 2, argv + 2);
    die("usage: bench inproc|guard|load …");
    return 2;
}
