/* The adapter to libmicrohttpd: one event thread turns bytes into exchanges, hands them to workers,
 * sends answers. */
#include "web/server.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard/log.h"
#include "web/embed.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- answers ---- */

/* No page has a script or a style inside, so no nonce is needed: what stands in a page by mistake does not run. */
static void headers_of_all(struct MHD_Response *r, bool secure)
{
    static const char *const all[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
         "'self'; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src "
         "'none'; object-src 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Permissions-Policy",
         "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
         "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), "
         "microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), "
         "xr-spatial-tracking=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Origin-Agent-Cluster", "?1"},
        {"X-Permitted-Cross-Domain-Policies", "none"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!MHD_get_response_header(r, all[i][0])) /* a page may have a stricter one */
            MHD_add_response_header(r, all[i][0], all[i][1]);
    if (secure) /* two years */
        MHD_add_response_header(r, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
}

/* Files and looks at the health would bury the rest. */
static void note_answer(const struct call *call, int status)
{
    const struct exchange *x = call->x;
    const char *route = x->route ? x->route->path : "-";
    bool quiet = status < 400 && !x->route;
    int64_t us = clock_monotonic() - call->begun;

    metrics_count(x->route, status, us);
    if (x->refused)
        metrics_refused(x->refused);
    log_answer(quiet ? LOG_DEBUG : status >= 500 || x->refused ? LOG_WARN : LOG_INFO,
               &(struct log_answered){.id = call->id,
                                      .method = x->asked.method ? x->asked.method : "-",
                                      .route = route,
                                      .refused = refusal_names[x->refused],
                                      .status = status,
                                      .account = x->rq.viewer.account,
                                      .us = us});
}

static enum MHD_Result send_response(struct call *call, int status, struct MHD_Response *r,
                                     size_t n)
{
    enum { SLOWEST = 10000 /* bytes a second that a reader must take */ };

    headers_of_all(r, call->x->asked.secure);
    if (atomic_load(&call->server->draining) || call->closing || status == 400 || status == 413)
        MHD_add_response_header(r, "Connection", "close");
    peer_phase(call->peer, PHASE_WRITE, call->server->body_us + (int64_t)(n / SLOWEST) * 1000000);
    MHD_add_response_header(r, "X-Request-Id", call->id);
    note_answer(call, status);
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
    bool kept = x->keep_seconds > 0 && x->status == 200;
    for (size_t i = 0; i < x->n_headers; i++)
        kept = kept && strcmp(x->headers[i].name, "Set-Cookie") != 0;
    char cache[40] = "no-store";
    if (kept) {
        (void)snprintf(cache, sizeof cache, "public, max-age=%d", x->keep_seconds);
        MHD_add_response_header(r, "Vary", "Cookie, Accept-Language, Authorization");
    }
    MHD_add_response_header(r, "Cache-Control", cache);
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
        {414, "414: the address is too long\n"},
        {431, "431: the head of the request is too large\n"},
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

/* What comes behind a refused request is not looked at. */
static enum MHD_Result refuse(struct call *call, int status)
{
    call_quick(call, status);
    call->closing = status != 404;
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

/* From memory to a file of its own. */
static void body_to_file(struct call *call)
{
    call->fd = temporary_file();
    if (call->fd < 0 || !write_all(call->fd, call->body.s, call->body.n))
        call->failed = true;
    atomic_fetch_sub(&call->server->held_in_memory, call->held_in_memory);
    call->held_in_memory = 0;
    buf_free(&call->body);
}

/* A sender must bring so many bytes a second. What came fast is credited for one term at most: who falls silent behind it is cut as
 * soon as anybody. */
static void credit(const struct call *call, size_t n)
{
    enum { SLOWEST = 20000 };
    int64_t until = atomic_load(&call->peer->deadline) + (int64_t)n * 1000000 / SLOWEST, most = clock_monotonic() + call->server->body_us;
    atomic_store(&call->peer->deadline, until < most ? until : most);
}

/* False: the connection is closed at once. */
static bool take_body(struct call *call, const char *s, size_t n)
{
    enum { PATIENCE = 16 << 20 };

    call->received += n;
    if (call->received > call->limit) {
        call->too_large = true; /* the answer can be sent only behind the body: read on a little */
        return call->received < (call->patient ? UPLOAD_MAX : call->limit) + PATIENCE;
    }
    credit(call, n);
    if (call->failed)
        return true;
    struct server *server = call->server;
    call->held += n;
    if (atomic_fetch_add(&server->held, n) + n > BODIES_MAX)
        call->failed = true;
    if (call->fd < 0 && !call->failed &&
        (call->body.n + n > BODY_IN_MEMORY || atomic_load(&server->held_in_memory) + n > BODIES_IN_MEMORY))
        body_to_file(call);
    if (call->failed)
        return true;
    if (call->fd >= 0) {
        call->failed = !write_all(call->fd, s, n);
    } else {
        call->held_in_memory += n;
        atomic_fetch_add(&server->held_in_memory, n);
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

/* ---- who sends so much ---- */

static void read_on(struct call *call)
{
    call->known = true;
    call->state = CALL_BODY;
    peer_phase(call->peer, PHASE_BODY, call->server->body_us);
    MHD_resume_connection(call->connection);
}

static void look_who(struct call *call)
{
    enum err err = exchange_who(call->x, call->server->store);
    if (err == ERR_FORBIDDEN)
        call->limit = STRANGER_BODY_MAX;
    else if (err)
        call->failed = true;
    read_on(call);
}

/* Anybody can send a cookie. Beyond what a stranger may send, a worker finds out whose it is, and the bytes wait meanwhile. */
static void ask_who(struct call *call)
{
    call->state = CALL_WHO;
    peer_phase(call->peer, PHASE_WORK, 0);
    MHD_suspend_connection(call->connection);
    if (!queue_push(call->server->fast, call->x)) {
        call->failed = true;
        read_on(call);
    }
}

/* ---- hand-over ---- */

struct queue *call_queue(struct server *s, const struct exchange *x)
{
    struct text q = x->asked.query;
    if (x->route && x->route->outward)
        return s->outward;
    bool file = q.s && (memmem(q.s, q.n, "format=csv", 10) || memmem(q.s, q.n, "format=xlsx", 11));
    return file || (x->route && x->route->slow) ? s->slow : s->fast;
}

void call_done(struct call *call)
{
    struct MHD_Connection *connection = call->connection;

    call->state = CALL_DONE;
    MHD_resume_connection(connection); /* from here on the call is the event thread's */
}

/* A person who is hidden from the viewer takes a little longer to be not there than one who is not: such answers, and those
 * of searches, leave at the next tick. */
static void leave_evenly(int64_t begun)
{
    enum { TICK_US = 5000 };
    int64_t rest = TICK_US - (clock_monotonic() - begun) % TICK_US;
    nanosleep(&(struct timespec){.tv_nsec = (long)rest * 1000}, NULL);
}

/* Who sends thousands is noted once a second: what he costs is no more than what he is worth. */
static void note_refusal(struct server *s, struct exchange *x)
{
    enum { NOTES_A_MINUTE = 60 };
    char who[64];
    if (!x->refused || !x->rq.viewer.account || x->wait > 0)
        return;
    (void)snprintf(who, sizeof who, "refused %lld", (long long)x->rq.viewer.account);
    if (rates_take(s->rates, who, NOTES_A_MINUTE, clock_monotonic()))
        refusal_log(&x->rq, refusal_names[x->refused]);
}

void call_work(void *server, struct exchange *x)
{
    struct server *s = server;
    int64_t begun = clock_monotonic();

    log_in_request(((struct call *)x->call)->id);
    if (((struct call *)x->call)->state == CALL_WHO) {
        look_who(x->call);
        log_in_request(NULL);
        return;
    }
    exchange_serve(x, s->store);
    note_refusal(s, x);
    log_in_request(NULL);
    if (x->wait > 0) {
        peers_later(s, x, clock_monotonic() + x->wait);
        return;
    }
    if (x->status == 404 || x->rq.evenly)
        leave_evenly(begun);
    call_done(x->call);
}

static enum MHD_Result hand_over(struct call *call)
{
    struct exchange *x = call->x;

    if (call->too_large) {
        x->refused = REFUSED_SIZE;
        return refuse(call, 413);
    }
    if (!body_whole(call)) {
        log_error("a body could not be kept: no space for temporary files, or too many bodies at once");
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
    if (status) {
        x->refused = status == 414 || status == 431 ? REFUSED_SIZE : REFUSED_MALFORMED;
        return refuse(call, status);
    }
    if (atomic_load(&call->server->draining))
        return refuse(call, 503);
    head_take(call, method);
    bool asset = text_starts(x->asked.path, "/assets/") && !x->asked.api;
    if (!asset)
        route_find(x);
    head_limit(call);
    if (call->too_large && (asset || !call->patient)) {
        x->refused = REFUSED_SIZE;
        return refuse(call, 413);
    }
    if (asset)
        return strcmp(x->asked.method, "GET") == 0 ? send_asset(call) : refuse(call, 405);
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
    /* tells nothing but which start of the program, and the how manieth */
    snprintf(call->id, sizeof call->id, "%s-%llx", s->start, (unsigned long long)atomic_fetch_add(&s->requests, 1));
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
        if (!call->known && call->received + *n > STRANGER_BODY_MAX && call->limit > STRANGER_BODY_MAX) {
            ask_who(call);
            return MHD_YES;
        }
        if (!take_body(call, data, *n))
            return MHD_NO;
        *n = 0;
        return MHD_YES;
    case CALL_WHO:
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
    atomic_fetch_sub(&s->held_in_memory, call->held_in_memory);
    atomic_fetch_sub(&s->held, call->held);
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

enum err server_listen(struct server_options *options, struct fault *fault)
{
    int port;
    enum err err = listen_on(options->listen, &options->fd, &options->port, fault);
    if (err || !options->metrics)
        return err;
    if (!listens_here(options->metrics)) /* it has neither TLS nor a sign-in */
        err = fault_set(fault, ERR_REFUSED, "--metrics is for this machine only: 127.0.0.1:PORT or unix:PATH, not \"%s\"; let a proxy with TLS lead it further",
                        options->metrics);
    else
        err = listen_on(options->metrics, &options->metrics_fd, &port, fault);
    if (err)
        close(options->fd);
    else if (port)
        log_info("metrics are at port %d", port);
    return err;
}

enum err server_start(struct store *store, const struct server_options *options,
                      struct server **out, struct fault *fault)
{
    struct server *s = calloc(1, sizeof(*s));
    int fd = options->fd;
    int64_t ms, rate;
    const char *deadline = getenv("BEREG_DEADLINE_MS"); /* for tests of slow senders */
    const char *rates = getenv("BEREG_RATE");           /* and of many */

    if (!s)
        return fault_set(fault, ERR_INTERNAL, "no memory for the server");
    s->store = store;
    s->demo = options->demo;
    random_hex(s->start, 8);
    s->port = options->port;
    s->site = options->site;
    s->head_us = 15 * 1000000;
    s->body_us = 60 * 1000000;
    if (deadline && text_int(text_of(deadline), 50, 3600000, &ms) == OK)
        s->head_us = s->body_us = ms * 1000;
    s->account_rate = ACCOUNT_RATE;
    s->address_rate = ADDRESS_RATE;
    if (rates && text_int(text_of(rates), 0, 1000000, &rate) == OK)
        s->account_rate = s->address_rate = (int)rate;
    s->connections_max = connection_limit();
    s->rates = rates_new();
    if (!s->rates) {
        free(s);
        return fault_set(fault, ERR_INTERNAL, "no memory for the server");
    }
    size_t workers = options->workers > 0 ? (size_t)options->workers : 8, n;
    routes_all(&n); /* sorted before the first request */

    enum err err = proxies_take(&s->proxies, options->proxies, fault);
    if (err) {
        rates_free(s->rates);
        free(s);
        return err;
    }
    err = ERR_INTERNAL;
    s->fast = queue_new("pages", workers, workers * QUEUE_PER_WORKER, call_work, s);
    s->slow = queue_new("slow pages", SLOW_WORKERS, SLOW_WORKERS * QUEUE_PER_WORKER, call_work, s);
    s->outward = queue_new("outward pages", OUTWARD_WORKERS, OUTWARD_WORKERS * QUEUE_PER_WORKER, call_work, s);
    if (!s->fast || !s->slow || !s->outward || peers_start(s))
        goto out;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, on_accept,
        s, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        s->connections_max, MHD_OPTION_CONNECTION_TIMEOUT, 75u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, s,
        MHD_OPTION_END);
    if (s->daemon)
        err = OK;
    if (!err && options->metrics && metrics_start(s, options->metrics_fd, fault)) {
        server_stop(s);
        return ERR_IO;
    }
out:
    if (err) {
        fault_set(fault, err, "the HTTP server could not start its threads");
        close(fd);
        peers_stop(s);
        queue_free(s->fast);
        queue_free(s->slow);
        queue_free(s->outward);
        rates_free(s->rates);
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
    metrics_stop(s);
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    int64_t until = clock_monotonic() + DRAIN_SECONDS * INT64_C(1000000);
    while (atomic_load(&s->live) > 0 && clock_monotonic() < until)
        usleep(20000);
    queue_close(s->fast);
    queue_close(s->slow);
    queue_close(s->outward);
    peers_stop(s); /* what waited is answered, nothing is suspended any more */
    MHD_stop_daemon(s->daemon);
    queue_free(s->fast);
    queue_free(s->slow);
    queue_free(s->outward);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    rates_free(s->rates);
    free(s);
}
