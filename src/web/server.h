/* The HTTP adapter's own header: connections, their deadlines, the hand-over between threads.
 * http.c: libmicrohttpd's callbacks. peers.c: connections and the thread that sweeps them. head.c:
 * the check of a request's head. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H
#include "web/exchange.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum {
    CONNECTIONS_MAX = 1000,
    CONNECTIONS_PER_ADDRESS = 200, /* not for this host: its proxy brings everybody */
    CONNECTION_MEMORY = 32 << 10,  /* head of a request */
    STRANGER_BODY_MAX = 64 << 10,  /* without cookie and token */
    BODY_IN_MEMORY = 256 << 10,    /* what is larger goes to a file */
    SLOW_WORKERS = 2,
    QUEUE_PER_WORKER = 32,
    DRAIN_SECONDS = 30
};

/* What a connection is doing. Each phase has an absolute end, however busily the other side drips.
 */
enum phase { PHASE_HEAD, PHASE_BODY, PHASE_WORK, PHASE_WRITE };

struct peer {
    struct peer *next, *prev;
    int fd;
    char address[48];
    bool local;
    _Atomic int phase;
    _Atomic int64_t deadline; /* clock_monotonic() */
};

struct server {
    struct store *store;
    struct MHD_Daemon *daemon;
    bool demo;
    int port;
    struct queue *fast, *slow;
    int64_t head_us, body_us; /* terms of the phases */
    atomic_bool draining;
    atomic_int live; /* requests begun and not ended */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct peer *peers;
    struct later *later; /* exchanges that wait for their time */
    bool stop;
    pthread_t sweeper;
    bool swept; /* the sweeper runs */
};

/* One request between its first line and its end. */
enum call_state { CALL_HEAD, CALL_BODY, CALL_WORK, CALL_DONE };
struct call {
    struct exchange *x;
    struct server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    enum call_state state;
    const char *raw_target; /* in the library's memory */
    int64_t begun;
    uint64_t received, limit;
    bool too_large, failed;
    struct buf body;
    int fd; /* of the temporary file, -1 */
    void *map;
};

/* ---- http.c ---- */
/* Hands an answered exchange back to the event thread; x is not touched afterwards. */
void call_done(struct call *call);
/* A few words instead of a page, when there is no worker for one. */
void call_quick(struct call *call, int status);
/* A worker's turn: serves, then hands back or lets wait. */
void call_work(void *server, struct exchange *x);
struct queue *call_queue(struct server *s, const struct exchange *x);

/* ---- head.c ---- */
/* 0, or the status to refuse with: framing, Host, names and bytes of headers, target. */
int head_check(const struct call *call, const char *method, const char *version);
/* Splits the target and copies the headers that pages need. */
void head_take(struct call *call, const char *method);

/* ---- peers.c ---- */
enum err peers_start(struct server *s) MUST;
void peers_stop(struct server *s); /* all that wait are answered */
struct peer *peer_open(struct server *s, int fd, const struct sockaddr *address);
void peer_close(struct server *s, struct peer *peer);
void peer_phase(struct peer *peer, enum phase phase, int64_t us_from_now);
bool peer_welcome(struct server *s, const struct sockaddr *address);
/* Serves x again at that time. */
void peers_later(struct server *s, struct exchange *x, int64_t at);

#endif
