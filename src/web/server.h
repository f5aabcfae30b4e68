/* The HTTP adapter's own header: connections, their deadlines, the hand-over between threads.
 * http.c: libmicrohttpd's callbacks. peers.c: connections and the thread that sweeps them. head.c:
 * the check of a request's head. listen.c: where it listens, and how many files may be open. rate.c:
 * how often somebody may ask. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H
#include "web/exchange.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* The technical limits of the server, all in one place; bytes, unless a name says otherwise. What a role or the law limits
 * stands in the packs. Bodies by kind of route: nothing for what is only read, STRANGER_BODY_MAX without a session or token that the
 * register knows, UPLOAD_MAX (web.h) where a file may come (slow routes), else FORM_MAX. */
enum {
    CONNECTIONS_MAX = 12000,       /* fewer where the system gives fewer files: connection_limit() */
    CONNECTIONS_CROWDED = 90,      /* percent of them; from there on who asks for nothing goes first */
    CONNECTIONS_PER_ADDRESS = 200, /* of IPv6 per network /64; not for proxies, which bring everybody */
    FILES_BESIDE = 2000,           /* open files that are no connections: bodies, the store */
    BACKLOG = 4096,                /* connections that the system accepts before us */
    CONNECTION_MEMORY = 32 << 10,  /* head of a request, whole */
    TARGET_MAX = 8 << 10,          /* its first line */
    HEADER_MAX = 8 << 10,          /* one of its headers */
    HEADERS_SENT_MAX = 100,        /* how many */
    STRANGER_BODY_MAX = 64 << 10,
    BODY_IN_MEMORY = 256 << 10,       /* what is larger goes to a file */
    BODIES_IN_MEMORY = 128 << 20,     /* of all together; then to files at once */
    BODIES_MAX = 1 << 30,             /* of all together, in memory and files; then 503 */
    ACCOUNT_RATE = 1200,              /* requests a minute of one account */
    ADDRESS_RATE = 600,               /* of one address without a session; IPv6 per /64 */
    RATE_BURST = 300,                 /* at once */
    SLOW_WORKERS = 2,
    OUTWARD_WORKERS = 1, /* wait for other servers: whom a stranger can keep waiting holds up nobody else */
    QUEUE_PER_WORKER = 32,
    PROXIES_MAX = 8,
    DRAIN_SECONDS = 30
};

/* What a connection is doing. Each phase has an absolute end, however busily the other side drips.
 */
enum phase { PHASE_HEAD, PHASE_BODY, PHASE_WORK, PHASE_WRITE };

struct peer {
    struct peer *next, *prev;   /* newest first */
    struct peer *same, **same_at; /* of those whose network has the same hash; none for proxies */
    int fd;
    char address[48];
    char network[48]; /* what is counted together */
    bool trusted;     /* the proxy, or another program of this host where no proxies are named */
    bool cut;
    _Atomic int phase;
    _Atomic int64_t since, deadline; /* clock_monotonic() */
};

/* Whose X-Forwarded-* is believed: n < 0: whoever asks from this host. A Unix socket is always a proxy's. */
struct proxies {
    int n;
    char address[PROXIES_MAX][48];
};

struct server {
    struct store *store;
    struct MHD_Daemon *daemon;
    bool demo;
    const char *site; /* https://host as the operator has named it; null: as each request says */
    int port;
    struct metrics *metrics; /* null: nobody asks for them */
    struct queue *fast, *slow, *outward;
    int64_t head_us, body_us; /* terms of the phases */
    char start[9]; /* of this start of the program: beginning of all requests' ids */
    atomic_ullong requests;
    struct proxies proxies;
    unsigned connections_max;
    int account_rate, address_rate; /* 0: no limit */
    struct rates *rates;
    atomic_bool draining;
    atomic_int live; /* requests begun and not ended */
    atomic_size_t held_in_memory, held; /* bytes of bodies */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct peer *peers, *oldest;
    size_t n_peers; /* without those that are cut */
    struct peer *by_network[1024];
    struct later *later; /* exchanges that wait for their time */
    bool stop;
    pthread_t sweeper;
    bool swept; /* the sweeper runs */
};

/* One request between its first line and its end. */
enum call_state { CALL_HEAD, CALL_BODY, CALL_WHO, CALL_WORK, CALL_DONE };
struct call {
    struct exchange *x;
    struct server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    enum call_state state;
    const char *raw_target; /* in the library's memory */
    int64_t begun;
    char id[24]; /* of the request, in the log and in X-Request-Id */
    uint64_t received, limit;
    bool known; /* who sends more than a stranger may has been looked up */
    bool too_large, failed, closing;
    bool patient; /* reads what is too large to its end, so that a proxy in the middle of sending hears the answer */
    size_t held, held_in_memory; /* of the server's bytes of bodies */
    struct buf body;
    int fd; /* of the temporary file, -1 */
    void *map;
};

/* ---- http.c ---- */
/* A listening socket of HOST:PORT. */
/* Hands an answered exchange back to the event thread; x is not touched afterwards. */
void call_done(struct call *call);
/* A few words instead of a page, when there is no worker for one. */
void call_quick(struct call *call, int status);
/* A worker's turn: serves, then hands back or lets wait. */
void call_work(void *server, struct exchange *x);
struct queue *call_queue(struct server *s, const struct exchange *x);

/* ---- metrics.c ---- */
/* Counts an answer; route null: a file, or what no route was found for. Cheap: two atomic additions and a search in a few bounds. */
void metrics_count(const struct route *route, int status, int64_t us);
void metrics_refused(enum refusal what);
/* Answers GET /metrics at the listening socket, in the text format of Prometheus. */
enum err metrics_start(struct server *s, int fd, struct fault *fault) MUST;
void metrics_stop(struct server *s);

/* ---- head.c ---- */
/* 0, or the status to refuse with: framing, Host, names and bytes of headers, target. */
int head_check(const struct call *call, const char *method, const char *version);
/* Splits the target and copies the headers that pages need. */
void head_take(struct call *call, const char *method);
/* How long a body may be, by the route; sets too_large where the head says more already. */
void head_limit(struct call *call);

/* ---- peers.c ---- */
enum err peers_start(struct server *s) MUST;
void peers_stop(struct server *s); /* all that wait are answered */
struct peer *peer_open(struct server *s, int fd, const struct sockaddr *address);
void peer_close(struct server *s, struct peer *peer);
void peer_phase(struct peer *peer, enum phase phase, int64_t us_from_now);
bool peer_welcome(struct server *s, const struct sockaddr *address);
/* Serves x again at that time. */
void peers_later(struct server *s, struct exchange *x, int64_t at);

/* ---- listen.c ---- */
/* HOST:PORT (port 0 picks one) or unix:PATH; *port is 0 for the latter. */
enum err listen_on(const char *where, int *fd, int *port, struct fault *fault) MUST;
bool listens_here(const char *where); /* at a place that only this machine reaches */
/* "none" or addresses parted by commas; null: this host. */
enum err proxies_take(struct proxies *out, const char *list, struct fault *fault) MUST;
bool proxies_trust(const struct proxies *p, const char *address, bool local);
/* Raises the number of files that may be open, and tells how many connections fit. */
unsigned connection_limit(void);

/* ---- rate.c ---- */
struct rates *rates_new(void);
void rates_free(struct rates *r);
/* Takes one of what `who` may ask; per_minute come back, at most RATE_BURST are there at once. Threads: any. */
bool rates_take(struct rates *r, const char *who, int per_minute, int64_t now);

#endif
