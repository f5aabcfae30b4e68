/* One exchange: what was asked over HTTP and what is answered. Private to the web floor; pages use
 * web/web.h.
 *
 * Threads: the event thread fills `asked` and the body, then a worker owns the exchange alone
 * (exchange_serve), then the event thread sends the answer. Hand-overs go through the queue and
 * MHD's resume. */
#ifndef WEB_EXCHANGE_H
#define WEB_EXCHANGE_H
#include "base/json.h"
#include "web/parse.h"
#include "web/tpl_link.h"
#include "web/web.h"

#ifndef BEREG_VERSION /* given by the build */
#define BEREG_VERSION "0"
#endif

struct server;

/* What a request was refused for that no page of ours leads to: counted, told in the log of the process, and when one account goes on with it,
 * to the auditor (rooms/trust). */
enum refusal {
    REFUSED_NOT,
    REFUSED_CSRF,      /* a form without the session's token */
    REFUSED_ORIGIN,    /* sent from another site */
    REFUSED_RATE,      /* asked too often */
    REFUSED_SIZE,      /* more than the limits allow */
    REFUSED_MALFORMED, /* head, query or body that cannot be read */
    REFUSED_KEY,       /* an idempotency key of another form */
    REFUSALS
};
extern const char *const refusal_names[REFUSALS]; /* codes of list refusal; null: none */

enum format { FORMAT_HTML, FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX };

enum {
    PARTS_MAX = 4,
    HEADERS_MAX = 12,
    ANSWER_MAX = 64 << 20,
    EXPORT_STEP = 1000,
    EXPORT_MAX = 50000
};

/* A part of the path that a route names: {person}. */
struct part {
    struct text name, value;
};

/* What the event thread copied from the head of the request; empty when absent. */
struct asked {
    const char *method; /* "GET" or "POST"; HEAD is GET without a body, and the adapter's matter */
    struct text target; /* as sent: "/api/v1/persons?q=a" */
    struct text path;   /* without query and without /api/v1 */
    struct text query;  /* raw */
    struct text cookie, authorization, content_type, idempotency_key, if_match, origin, host,
        fetch_site, csrf, forwarded_for, referer, user_agent, words;
    bool api, secure;
    bool trusted;  /* by a proxy that is believed about addresses and TLS */
    char peer[48]; /* address of the other end of the connection */
};

struct header {
    const char *name;
    struct text value;
};

/* One form that was read, to find the name of an input again. */
struct form_read {
    const struct form *form;
    struct input *inputs;
    struct form_read *next;
};

struct exchange {
    struct request rq; /* rq.web points back here */
    struct server *server;
    void *call; /* http.c's own */
    bool demo;
    struct asked asked;
    struct text body; /* whole, in memory or mapped */

    const struct route *route;
    bool path_known; /* there is a route of this path with another method */
    const char *allow;
    struct part parts[PARTS_MAX];
    size_t n_parts;

    struct pairs query, fields;
    struct text words, words_sealed; /* one of them, as words.c has sealed it: links of a page say the same */
    struct form_read *forms;
    enum format format;
    bool by_token;
    struct text session; /* the cookie's secret, empty when it is not valid */
    char csrf[SECRET_LEN + 1];
    struct text key, key_route, key_body; /* idempotency */

    /* An export asks the page again and again for the next rows of this list. */
    const struct query *export_query;
    struct text export_after;
    bool export_taken; /* the page has asked from where on */

    struct text location;  /* of rq_redirect, inside the site */
    int keep_seconds;      /* of rq_cacheable */
    struct text file_name; /* of rq_send_file */
    int64_t wait;          /* microseconds: serve this exchange again after that time */
    int64_t waited;
    bool if_match_used;

    enum refusal refused;
    int status;
    const char *type;
    struct text out;
    struct buf buf; /* the bytes of out, when they are made here */
    struct header headers[HEADERS_MAX];
    size_t n_headers;
};

static inline struct exchange *exchange_of(const struct request *rq)
{
    return rq->web;
}

/* ---- exchange.c: life, answers that are set by pages ---- */
struct exchange *exchange_new(struct server *server);
void exchange_free(struct exchange *x);
/* Runs the whole request on a worker and leaves an answer, or sets x->wait. */
void exchange_serve(struct exchange *x, struct store *store);
/* Only finds out who asks, before all of it has come. ERR_FORBIDDEN: nobody whom the register knows. */
enum err exchange_who(struct exchange *x, struct store *store) MUST;
void exchange_header(struct exchange *x, const char *name, struct text value);
void exchange_cookie(struct exchange *x, const char *name, struct text value, int64_t max_age,
                     bool http_only);
/* Behind TLS browsers take a cookie of this prefix from this very host only, for all of it, and never from plain HTTP. */
const char *cookie_name(const struct exchange *x, const char *name);
/* Percent-encodes all but letters, digits and - . _ ~ */
void exchange_encode(struct buf *b, struct text t);
/* Finishes with x->buf as body. */
void exchange_answer(struct exchange *x, int status, const char *type);

/* ---- route.c ---- */
/* Finds the route of asked.path and asked.method; sets route, parts, path_known and allow. */
void route_find(struct exchange *x);
/* The same for a place inside the site, as GET; null when there is none. */
const struct route *route_match(struct arena *arena, const char *method, struct text path,
                                struct part parts[PARTS_MAX], size_t *n_parts);

/* ---- input.c ---- */
/* Query string and body; false after answering 400 or 413 itself. */
bool input_parse(struct exchange *x);

/* ---- words.c: what somebody searched by ---- */
/* A parameter as it may stand in an address: q becomes `sealed`. */
struct pair words_pair(struct exchange *x, struct pair p);
/* q from the header and from `sealed`. */
enum err words_take(struct exchange *x) MUST;

/* ---- who.c: sessions, tokens, CSRF, idempotency ---- */
bool who_asks(struct exchange *x); /* false after answering 401 */
bool who_csrf_good(const struct exchange *x);
bool who_from_elsewhere(const struct exchange *x); /* a form of another site: the browser says so in one of two headers */
/* The page of ours that this form stood on; empty when it is not known. */
struct text who_back(const struct exchange *x);
/* Looks the key up; true when the exchange was answered from it. */
bool idem_before(struct exchange *x);
bool idem_again(struct exchange *x); /* after a conflict: was it this very key? */
void flash_take(struct exchange *x);

/* ---- rate.c ---- */
/* Whether this account, or without one this address, may ask now. */
bool rate_allows(struct exchange *x);

/* ---- answer.c ---- */
void answer_run(struct exchange *x);
/* Answers a finished POST: 303, or 201 with the object at that place. */
void answer_location(struct exchange *x, struct text location);
/* Renders the page in the form asked for; `status` as it is. */
void answer_page(struct exchange *x, int status, const struct view *view, const void *page);
/* Answers x->out as the file x->file_name of the type x->type. */
void answer_file(struct exchange *x);

/* ---- problem.c: errors ---- */
int problem_status(const struct exchange *x, enum err err);
/* An error page or application/problem+json; detail may be null. */
void problem(struct exchange *x, int status, const char *detail_msgid);
/* {a} of a mistake's message put in, as plain text. */
struct text message_plain(struct arena *arena, enum lang lang, const char *msgid, struct value a);
/* What people read for a value: labels of codes, dates дд.мм.гггг, the words of a hidden one. */
struct text value_words(struct arena *arena, enum lang lang, struct value v);

/* ---- export.c ---- */
/* False when the page has no list. */
bool export_list(struct exchange *x);

/* ---- sign_in_pages.c ---- */
bool web_demo(const struct request *rq);
/* A good end of a sign-in: opens the session, and leads on to `next` inside the site. False: none was opened (session_open), and the
 * caller answers as to a wrong try. */
bool web_signed_in(struct request *rq, const struct viewer *viewer, const struct sign_in *by, struct text next);

/* ---- queue.c ---- */
struct queue;
typedef void work_fn(void *ctx, struct exchange *x);
/* `room` waiting exchanges at most; each thread calls work for one after another. */
/* `name`: of the threads, up to 15 letters */
struct queue *queue_new(const char *name, size_t threads, size_t room, work_fn *work, void *ctx);
/* False when the queue is full or closed; then the exchange is still the caller's. */
bool queue_push(struct queue *q, struct exchange *x);
size_t queue_waiting(struct queue *q);
void queue_close(struct queue *q); /* takes no more, serves what is queued, ends the threads */
void queue_free(struct queue *q);

#endif
