/* The adapter to libmicrohttpd: one event thread turns bytes into exchanges, hands them to workers,
 * sends answers. */
#include "web/server.h"
#include "base/log.h"
#include "web/embed.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- answers ---- */

static void headers_of_all(struct MHD_Response *r)
{
    static const char *const all[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
         "'self'; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        MHD_add_response_header(r, all[i][0], all[i][1]);
}

static enum MHD_Result send_response(struct call *call, int status, struct MHD_Response *r,
                                     size_t n)
{
    enum { SLOWEST = 10000 /* bytes a second that a reader must take */ };

    headers_of_all(r);
    if (atomic_load(&call->server->draining) || status == 400 || status == 413)
        MHD_add_response_header(r, "Connection", "close");
    peer_phase(call->peer, PHASE_WRITE, call->server->body_us + (int64_t)(n / SLOWEST) * 1000000);
    log_line(LOG_DEBUG, "%s %s %d %zu bytes %lld us",
             call->x->asked.method ? call->x->asked.method : "-",
             call->x->route ? call->x->route->path : "-", status, n,
             (long long)(clock_monotonic() - call->begun));
    enum MHD_Result result = MHD_queue_response(call->connection, (unsigned)status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_answer(struct call *call)
{
    struct exchange *x = call->x;
    /* The bytes live until on_completed. */
    struct MHD_Response *r = MHD_create_response_from_buffer(x->out.n, (void *)(uintptr_t)x->out.s,
                                                             MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    if (x->type && x->out.n)
        MHD_add_response_header(r, "Content-Type", x->type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    for (size_t i = 0; i < x->n_headers; i++)
        MHD_add_response_header(r, x->headers[i].name, x->headers[i].value.s);
    return send_response(call, x->status, r, x->out.n);
}

void call_quick(struct call *call, int status)
{
    static const struct {
        int status;
        const char *words;
    } all[] = {
        {400, "400: the request is not well-formed HTTP\n"},
        {404, "404: there is no such file\n"},
        {405, "405: only GET, HEAD and POST are understood\n"},
        {413, "413: too much was sent\n"},
        {503, "503: the program is busy, try again in a moment\n"},
    };
    struct exchange *x = call->x;

    x->n_headers = 0;
    x->out = T("500\n");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].status == status)
            x->out = text_of(all[i].words);
    x->status = status;
    x->type = "text/plain; charset=utf-8";
    if (status == 503)
        exchange_header(x, "Retry-After", T("2"));
    if (status == 405)
        exchange_header(x, "Allow", T("GET, HEAD, POST"));
}

static enum MHD_Result refuse(struct call *call, int status)
{
    call_quick(call, status);
    call->state = CALL_DONE;
    return send_answer(call);
}

/* Files of assets/ stand in the program: nothing to wait for. */
static enum MHD_Result send_asset(struct call *call)
{
    struct asked *a = &call->x->asked;
    struct text name = {a->path.s + 8, a->path.n - 8};
    const struct asset *asset = asset_find(name);
    if (!asset)
        return refuse(call, 404);
    const char *encoding =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Accept-Encoding");
    const char *have =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "If-None-Match");
    bool gzip = asset->gz && encoding && parse_accepts(text_of(encoding), "gzip");
    bool same = have && strstr(have, asset->etag);
    size_t n = same ? 0 : gzip ? asset->n_gz : asset->n;
    const unsigned char *s = gzip ? asset->gz : asset->s;
    struct MHD_Response *r =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)s, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    const char *version = strstr(asset->url, "?v=");
    bool versioned = version && text_is(a->query, version + 1);
    call->state = CALL_DONE;
    MHD_add_response_header(r, "Content-Type", asset->mime);
    MHD_add_response_header(r, "ETag", asset->etag);
    MHD_add_response_header(r, "Vary", "Accept-Encoding");
    MHD_add_response_header(r, "Cache-Control",
                            versioned ? "public, max-age=31536000, immutable" : "no-cache");
    if (gzip && !same)
        MHD_add_response_header(r, "Content-Encoding", "gzip");
    return send_response(call, same ? 304 : 200, r, n);
}

/* ---- bodies ---- */

static int temporary_file(void)
{
    const char *dir = getenv("TMPDIR");
    return open(dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static bool write_all(int fd, const char *s, size_t n)
{
    while (n) {
        ssize_t done = write(fd, s, n);
        if (done <= 0)
            return false;
        s += done;
        n -= (size_t)done;
    }
    return true;
}

/* False: the connection is closed at once. */
static bool take_body(struct call *call, const char *s, size_t n)
{
    enum { PATIENCE = 16 << 20, SLOWEST = 20000 /* bytes a second that a sender must bring */ };

    call->received += n;
    if (call->received > call->limit) {
        call->too_large = true; /* the answer can be sent only behind the body: read on a little */
        return call->received < call->limit + PATIENCE;
    }
    atomic_fetch_add(&call->peer->deadline, (int64_t)n * 1000000 / SLOWEST);
    if (call->fd < 0 && call->body.n + n > BODY_IN_MEMORY) {
        call->fd = temporary_file();
        if (call->fd < 0 || !write_all(call->fd, call->body.s, call->body.n))
            call->failed = true;
        buf_free(&call->body);
    }
    if (call->fd >= 0) {
        if (!call->failed && !write_all(call->fd, s, n))
            call->failed = true;
    } else if (!call->failed) {
        buf_add(&call->body, s, n);
    }
    return true;
}

static bool body_whole(struct call *call)
{
    struct exchange *x = call->x;

    if (call->failed)
        return false;
    if (call->fd < 0) {
        x->body = buf_get(&call->body);
        return !call->body.failed;
    }
    call->map = mmap(NULL, call->received, PROT_READ, MAP_PRIVATE, call->fd, 0);
    if (call->map == MAP_FAILED) {
        call->map = NULL;
        return false;
    }
    x->body = (struct text){call->map, call->received};
    return true;
}

/* ---- hand-over ---- */

struct queue *call_queue(struct server *s, const struct exchange *x)
{
    struct text q = x->asked.query;
    bool file = q.s && (memmem(q.s, q.n, "format=csv", 10) || memmem(q.s, q.n, "format=xlsx", 11));
    return file || (x->route && x->route->slow) ? s->slow : s->fast;
}

void call_done(struct call *call)
{
    struct MHD_Connection *connection = call->connection;

    call->state = CALL_DONE;
    MHD_resume_connection(connection); /* from here on the call is the event thread's */
}

void call_work(void *server, struct exchange *x)
{
    struct server *s = server;

    exchange_serve(x, s->store);
    if (x->wait > 0)
        peers_later(s, x, clock_monotonic() + x->wait);
    else
        call_done(x->call);
}

static enum MHD_Result hand_over(struct call *call)
{
    struct exchange *x = call->x;

    if (call->too_large)
        return refuse(call, 413);
    if (!body_whole(call)) {
        log_error("a body could not be kept: no space for temporary files?");
        return refuse(call, 503);
    }
    call->state = CALL_WORK;
    peer_phase(call->peer, PHASE_WORK, 0);
    MHD_suspend_connection(call->connection);
    if (!queue_push(call_queue(call->server, x), x)) {
        call_quick(call, 503);
        call_done(call);
    }
    return MHD_YES;
}

static enum MHD_Result head_done(struct call *call, const char *method, const char *version)
{
    struct exchange *x = call->x;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    call->peer = info ? info->socket_context : NULL;
    if (!call->peer)
        return MHD_NO;
    peer_phase(call->peer, PHASE_BODY, call->server->body_us);
    int status = head_check(call, method, version);
    if (status)
        return refuse(call, status);
    if (atomic_load(&call->server->draining))
        return refuse(call, 503);
    head_take(call, method);
    if (call->too_large)
        return refuse(call, 413);
    if (text_starts(x->asked.path, "/assets/") && !x->asked.api)
        return strcmp(x->asked.method, "GET") == 0 ? send_asset(call) : refuse(call, 405);
    route_find(x);
    call->state = CALL_BODY;
    return MHD_YES;
}

/* ---- callbacks ---- */

static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct server *s = cls;
    struct call *call = calloc(1, sizeof(*call));
    struct exchange *x = call ? exchange_new(s) : NULL;

    if (!x) {
        free(call);
        return NULL;
    }
    atomic_fetch_add(&s->live, 1);
    *call = (struct call){.x = x,
                          .server = s,
                          .connection = connection,
                          .raw_target = target,
                          .begun = clock_monotonic(),
                          .fd = -1,
                          .body = BUF(BODY_IN_MEMORY)};
    x->call = call;
    x->demo = s->demo;
    x->asked.target = arena_text(x->rq.arena, text_of(target));
    return call;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **context)
{
    struct call *call = *context;

    (void)cls, (void)connection, (void)url;
    if (!call)
        return MHD_NO;
    switch (call->state) {
    case CALL_HEAD:
        return head_done(call, method, version);
    case CALL_BODY:
        if (*n == 0)
            return hand_over(call);
        if (!take_body(call, data, *n))
            return MHD_NO;
        *n = 0;
        return MHD_YES;
    case CALL_WORK:
        return MHD_YES;
    case CALL_DONE:
        break;
    }
    return send_answer(call);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct server *s = cls;
    struct call *call = *context;

    (void)connection, (void)why;
    if (!call)
        return;
    *context = NULL;
    peer_phase(call->peer, PHASE_HEAD, s->head_us);
    if (call->map)
        munmap(call->map, call->received);
    if (call->fd >= 0)
        close(call->fd);
    buf_free(&call->body);
    exchange_free(call->x);
    free(call);
    atomic_fetch_sub(&s->live, 1);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        int socket = fd ? fd->connect_fd : -1;
        const union MHD_ConnectionInfo *address =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        *context = socket >= 0 ? peer_open(s, socket, address ? address->client_addr : NULL) : NULL;
    } else {
        peer_close(s, *context);
        *context = NULL;
    }
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *address, socklen_t n)
{
    (void)n;
    return peer_welcome(cls, address) ? MHD_YES : MHD_NO;
}

/* Paths and parameters are decoded by our own parsers, from the target as it was sent. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *s)
{
    (void)cls, (void)connection;
    return strlen(s);
}

static void __attribute__((format(printf, 2, 0))) on_log(void *cls, const char *fmt, va_list ap)
{
    char line[300];

    (void)cls;
    vsnprintf(line, sizeof(line), fmt, ap);
    line[strcspn(line, "\r\n")] = '\0';
    log_line(LOG_DEBUG, "http: %s", line);
}

/* ---- start and stop ---- */

static enum err listen_on(const char *where, int *fd, int *port, struct fault *fault)
{
    const char *colon = strrchr(where, ':');
    char host[256] = "";
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    struct sockaddr_storage bound;
    socklen_t bound_n = sizeof(bound);
    int one = 1;

    if (!colon || (size_t)(colon - where) >= sizeof(host))
        return fault_set(fault, ERR_SYNTAX,
                         "--listen is HOST:PORT, such as 127.0.0.1:8080, not \"%s\"", where);
    size_t n = (size_t)(colon - where);
    if (n >= 2 && where[0] == '[' && where[n - 1] == ']')
        memcpy(host, where + 1, n - 2);
    else
        memcpy(host, where, n);
    int no = getaddrinfo(host[0] ? host : NULL, colon + 1, &want, &found);
    if (no)
        return fault_set(fault, ERR_SYNTAX, "--listen %s: %s", where, gai_strerror(no));
    enum err err = OK;
    *fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        bind(*fd, found->ai_addr, found->ai_addrlen) || listen(*fd, 511) ||
        getsockname(*fd, (struct sockaddr *)&bound, &bound_n)) {
        err = fault_set(fault, ERR_IO,
                        "cannot listen on %s: %s; choose another port by --listen HOST:PORT", where,
                        strerror(errno));
        if (*fd >= 0)
            close(*fd);
    } else {
        *port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    }
    freeaddrinfo(found);
    return err;
}

static unsigned connection_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        return 500;
    if (files.rlim_cur < 2 * CONNECTIONS_MAX && files.rlim_cur < files.rlim_max) {
        files.rlim_cur =
            files.rlim_max < 2 * CONNECTIONS_MAX ? files.rlim_max : 2 * CONNECTIONS_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return files.rlim_cur < CONNECTIONS_MAX + 200 ? (unsigned)(files.rlim_cur / 2)
                                                  : CONNECTIONS_MAX;
}

enum err server_start(struct store *store, const struct server_options *options,
                      struct server **out, struct fault *fault)
{
    struct server *s = calloc(1, sizeof(*s));
    int fd = -1;
    int64_t ms;
    const char *deadline = getenv("BEREG_DEADLINE_MS"); /* for tests of slow senders */

    if (!s)
        return fault_set(fault, ERR_INTERNAL, "no memory for the server");
    s->store = store;
    s->demo = options->demo;
    s->head_us = 15 * 1000000;
    s->body_us = 60 * 1000000;
    if (deadline && text_int(text_of(deadline), 50, 3600000, &ms) == OK)
        s->head_us = s->body_us = ms * 1000;
    size_t workers = options->workers > 0 ? (size_t)options->workers : 8, n;
    routes_all(&n); /* sorted before the first request */

    enum err err = listen_on(options->listen, &fd, &s->port, fault);
    if (err) {
        free(s);
        return err;
    }
    err = ERR_INTERNAL;
    s->fast = queue_new("pages", workers, workers * QUEUE_PER_WORKER, call_work, s);
    s->slow = queue_new("slow pages", SLOW_WORKERS, SLOW_WORKERS * QUEUE_PER_WORKER, call_work, s);
    if (!s->fast || !s->slow || peers_start(s))
        goto out;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, on_accept,
        s, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT, 75u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, s,
        MHD_OPTION_END);
    if (s->daemon)
        err = OK;
out:
    if (err) {
        fault_set(fault, err, "the HTTP server could not start its threads");
        close(fd);
        peers_stop(s);
        queue_free(s->fast);
        queue_free(s->slow);
        free(s);
        return err;
    }
    *out = s;
    return OK;
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    /* No new connections; those between two requests are cut by the sweeper; what is asked is
     * answered. */
    atomic_store(&s->draining, true);
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    int64_t until = clock_monotonic() + DRAIN_SECONDS * INT64_C(1000000);
    while (atomic_load(&s->live) > 0 && clock_monotonic() < until)
        usleep(20000);
    queue_close(s->fast);
    queue_close(s->slow);
    peers_stop(s); /* what waited is answered, nothing is suspended any more */
    MHD_stop_daemon(s->daemon);
    queue_free(s->fast);
    queue_free(s->slow);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
