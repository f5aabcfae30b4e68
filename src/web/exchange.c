/* Life of an exchange, and what pages set for their answer. */
#include "web/server.h"
#include "base/address.h"
#include "base/log.h"
#include "guard/log.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

const char *const refusal_names[REFUSALS] = {NULL, "csrf", "origin", "rate", "size", "malformed", "key"};

struct exchange *exchange_new(struct server *server)
{
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->server = server;
    x->rq.arena = arena_new();
    x->rq.web = x;
    x->buf = BUF(ANSWER_MAX);
    return x;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    buf_free(&x->buf);
    arena_free(x->rq.arena);
    free(x);
}

void exchange_header(struct exchange *x, const char *name, struct text value)
{
    if (x->n_headers == HEADERS_MAX) {
        log_error("an answer has more than %d headers", HEADERS_MAX);
        return;
    }
    /* Header values are made of checked parts; a line end in one would be a defect, and worse sent
     * than lost. */
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.s[i] < 0x20 || value.s[i] == 0x7F)
            return;
    x->headers[x->n_headers++] = (struct header){name, arena_text(x->rq.arena, value)};
}

const char *cookie_name(const struct exchange *x, const char *name)
{
    return x->asked.secure ? arena_z(x->rq.arena, arena_printf(x->rq.arena, "__Host-%s", name)) : name;
}

void exchange_cookie(struct exchange *x, const char *name, struct text value, int64_t max_age,
                     bool http_only)
{
    struct text age =
        max_age < 0 ? T("") : arena_printf(x->rq.arena, "; Max-Age=%" PRId64, max_age);
    exchange_header(x, "Set-Cookie",
                    arena_printf(x->rq.arena, "%s=%.*s; Path=/%.*s%s; SameSite=Lax%s", name,
                                 TEXT_ARG(value), TEXT_ARG(age), http_only ? "; HttpOnly" : "",
                                 x->asked.secure ? "; Secure" : ""));
}

void exchange_answer(struct exchange *x, int status, const char *type)
{
    if (buf_end(&x->buf)) {
        log_error("%s: the answer is larger than its limit", x->route ? x->route->path : "?");
        buf_clear(&x->buf);
        x->buf.failed = false;
        status = 500;
    }
    x->status = status;
    x->type = type;
    x->out = buf_get(&x->buf);
}

/* As new, but what was asked: an exchange may be served again after a wait. */
static void exchange_begin(struct exchange *x, struct store *store)
{
    struct arena *arena = x->rq.arena;

    x->rq = (struct request){.arena = arena,
                             .store = store,
                             .web = x,
                             .now = clock_now(),
                             .today = clock_today(),
                             .lang = LANG_RU};
    x->rq.viewer = (struct viewer){.login = "", .name = "", .body_name = "", .body_kind = ""};
    x->query = x->fields = (struct pairs){0};
    x->forms = NULL;
    x->format = x->asked.api ? FORMAT_JSON : FORMAT_HTML;
    x->by_token = false;
    x->session = x->key = x->location = x->file_name = T("");
    x->csrf[0] = '\0';
    x->wait = 0;
    x->refused = REFUSED_NOT;
    x->status = 0;
    x->n_headers = 0;
    buf_clear(&x->buf);
}

static void health(struct exchange *x)
{
    /* A look for a token that cannot exist: the store has to answer a real query. */
    static const char nobody[] = "0000000000000000000000000000000000000000000000000000000000000000";
    token_use(&x->rq, text_of(nobody));
    bool good = x->rq.err != ERR_STORE && x->rq.err != ERR_IO && x->rq.err != ERR_INTERNAL;
    struct json j = {.out = &x->buf};
    json_open(&j, '{');
    json_key(&j, "status");
    json_z(&j, good ? "ok" : "unavailable");
    json_key(&j, "version");
    json_z(&j, BEREG_VERSION);
    json_close(&j, '}');
    exchange_answer(x, good ? 200 : 503, "application/json");
}

static void openapi(struct exchange *x)
{
    x->format = FORMAT_JSON;
    if (web_openapi(&x->rq, &x->buf))
        problem(x, 500, NULL);
    else
        exchange_answer(x, 200, "application/json");
}

enum err exchange_who(struct exchange *x, struct store *store)
{
    struct fault fault = {0};

    exchange_begin(x, store);
    enum err err = store_reader(store, &x->rq.conn, &fault);
    if (err)
        return err;
    bool known = who_asks(x) && x->rq.viewer.account;
    err = x->rq.err;
    store_release(store, x->rq.conn);
    x->rq.conn = NULL;
    return err || known ? err : ERR_FORBIDDEN;
}

/* That a watched surname was typed is noted whatever came of it: a mistake, a change, a file. */
static void note_sought(struct exchange *x)
{
    x->rq.n_seen = 0;
    if (!x->wait && x->rq.n_watched && read_log(&x->rq, x->route->path, 0))
        log_error("a search could not be noted");
}

void exchange_serve(struct exchange *x, struct store *store)
{
    struct fault fault = {0};

    exchange_begin(x, store);
    if (store_reader(store, &x->rq.conn, &fault)) {
        log_error("no connection to the store: %s", fault.text);
        x->rq.conn = NULL;
        problem(x, 503, NULL);
        return;
    }
    if (text_is(x->asked.target, "/health"))
        health(x);
    else if (text_is(x->asked.target, "/api/openapi.json"))
        openapi(x);
    else
        answer_run(x);
    if (x->rq.change) {
        log_error("%s left a change open", x->route ? x->route->path : "?");
        rq_fail(&x->rq, ERR_INTERNAL);
        if (change_commit(x->rq.change) == OK)
            log_error("and it was stored");
    }
    note_sought(x);
    store_release(store, x->rq.conn);
    x->rq.conn = NULL;
}

/* ---- addresses ---- */

void exchange_encode(struct buf *b, struct text t)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buf_char(b, (char)c);
        } else {
            buf_char(b, '%');
            buf_char(b, digits[c >> 4]);
            buf_char(b, digits[c & 15]);
        }
    }
}

/* One conversion of url_format behind the percent sign; how many characters of fmt it took. */
static size_t url_part(struct buf *b, const char *fmt, va_list *ap)
{
    if (fmt[0] == 's') {
        exchange_encode(b, text_of(va_arg(*ap, const char *)));
        return 1;
    }
    if (strncmp(fmt, ".*s", 3) == 0) {
        int n = va_arg(*ap, int);
        exchange_encode(b, (struct text){va_arg(*ap, const char *), n < 0 ? 0 : (size_t)n});
        return 3;
    }
    if (fmt[0] == 'd') {
        buf_int(b, va_arg(*ap, int));
        return 1;
    }
    if (strncmp(fmt, "lld", 3) == 0) {
        buf_int(b, va_arg(*ap, long long));
        return 3;
    }
    if (strncmp(fmt, "ld", 2) == 0) {
        buf_int(b, va_arg(*ap, long));
        return 2;
    }
    if (strncmp(fmt, "zu", 2) == 0) {
        buf_int(b, (int64_t)va_arg(*ap, size_t));
        return 2;
    }
    log_error("an address has a conversion that url_of() does not know: %s", fmt);
    b->failed = true;
    return strlen(fmt);
}

/* Empty when the result is no place inside the site. */
static struct text url_format(struct arena *arena, const char *fmt, va_list *ap)
{
    struct buf b = BUF(4000);
    struct text out = T("");

    if (strcmp(fmt, "%s") == 0) {
        buf_z(&b, va_arg(*ap, const char *));
    } else {
        while (*fmt) {
            if (fmt[0] == '%' && fmt[1] != '%') {
                fmt += 1 + url_part(&b, fmt + 1, ap);
                continue;
            }
            fmt += fmt[0] == '%';
            buf_char(&b, *fmt++);
        }
    }
    if (buf_end(&b) == OK && parse_local_path(buf_get(&b)))
        out = arena_text(arena, buf_get(&b));
    else
        log_error("an address was refused: it must begin with one \"/\"");
    buf_free(&b);
    return out;
}

struct url url_of(struct request *rq, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct text t = url_format(rq->arena, fmt, &ap);
    va_end(ap);
    return (struct url){t.n ? t : T("/")};
}

void rq_redirect(struct request *rq, const char *fmt, ...)
{
    struct exchange *x = exchange_of(rq);
    if (!x)
        return;
    va_list ap;
    va_start(ap, fmt);
    x->location = url_format(rq->arena, fmt, &ap);
    va_end(ap);
    if (!x->location.n)
        x->location = T("/");
}

struct text web_param(struct request *rq, const char *name)
{
    return rq_param(rq, name);
}

/* The address of this page with one parameter set, or without it when the value is empty. Another
 * order, filter or format begins at the first page. */
struct text web_link(struct request *rq, const char *name, struct text value)
{
    struct exchange *x = exchange_of(rq);
    struct buf b = BUF(8000);
    char sep = '?';

    if (!x)
        return T("");
    buf_text(&b, x->asked.path);
    for (size_t i = 0; i <= x->query.n; i++) {
        struct pair p =
            i < x->query.n ? x->query.v[i] : (struct pair){.name = text_of(name), .value = value};
        bool other = text_is(p.name, name) || text_is(p.name, "after") ||
                     text_is(p.name, "format") || text_is(p.name, "lang");
        if (p.value.n == 0 || (i < x->query.n && other))
            continue;
        p = words_pair(x, p);
        buf_char(&b, sep);
        exchange_encode(&b, p.name);
        buf_char(&b, '=');
        exchange_encode(&b, p.value);
        sep = '&';
    }
    struct text out = buf_end(&b) == OK ? arena_text(rq->arena, buf_get(&b)) : x->asked.path;
    buf_free(&b);
    return out;
}

/* ---- what pages set ---- */

void rq_send_file(struct request *rq, const char *mime, struct text name, struct text bytes)
{
    struct exchange *x = exchange_of(rq);
    if (!x)
        return;
    x->type = arena_z(rq->arena, text_of(mime));
    x->file_name = arena_text(rq->arena, name.n ? name : T("file"));
    x->out = bytes;
}

void rq_answer_done(struct request *rq)
{
    if (exchange_of(rq))
        exchange_header(exchange_of(rq), "X-Done", T("1"));
}

bool rq_is_api(const struct request *rq)
{
    return rq->web && exchange_of(rq)->asked.api;
}

bool rq_is_post(const struct request *rq)
{
    return rq->web && strcmp(exchange_of(rq)->asked.method, "POST") == 0;
}

struct text rq_address(struct request *rq)
{
    struct exchange *x = exchange_of(rq);
    if (!x)
        return T("");
    /* Behind the proxy the last address is the one that it saw itself. */
    if (x->asked.forwarded_for.n && x->asked.trusted) {
        struct text rest = x->asked.forwarded_for, part, last = T("");
        char plain[ADDRESS_SIZE];
        while (text_split(&rest, ',', &part))
            last = text_trim(part);
        if (address_plain(last, plain))
            return arena_text(rq->arena, text_of(plain));
    }
    return text_of(x->asked.peer);
}

/* Behind TLS it is bound to this host, so it has no path of its own; the pages are told apart by the name. */
static const char *path_cookie(struct exchange *x, const char *name, struct url path)
{
    return x->asked.secure ? cookie_name(x, arena_printf(x->rq.arena, "%s-%016" PRIx64, name, text_hash(path.t)).s) : name;
}

struct text rq_cookie(struct request *rq, const char *name, struct url path)
{
    struct exchange *x = exchange_of(rq);
    return x ? parse_cookie_alone(x->asked.cookie, path_cookie(x, name, path)) : T("");
}

void rq_cacheable(struct request *rq, int seconds)
{
    struct exchange *x = exchange_of(rq);
    if (x && !rq->viewer.account && !x->asked.words.n) /* a proxy knows pages by their address alone */
        x->keep_seconds = seconds;
}

void rq_set_cookie(struct request *rq, const char *name, struct text value, struct url path)
{
    struct exchange *x = exchange_of(rq);
    if (x)
        exchange_header(x, "Set-Cookie",
                        arena_printf(rq->arena, "%s=%.*s; Path=%.*s; HttpOnly%s; SameSite=Strict",
                                     path_cookie(x, name, path), TEXT_ARG(value), TEXT_ARG(x->asked.secure ? T("/") : path.t),
                                     x->asked.secure ? "; Secure" : ""));
}

/* The origin alone may stand in a referrer: without it browsers would not say where a form comes from. */
void rq_secret_address(struct request *rq)
{
    struct exchange *x = exchange_of(rq);
    if (!x)
        return;
    exchange_header(x, "Referrer-Policy", T("strict-origin"));
    exchange_header(x, "X-Robots-Tag", T("noindex, nofollow, noarchive"));
}

struct text rq_site(struct request *rq)
{
    struct exchange *x = exchange_of(rq);
    if (x && x->server && x->server->site) {
        struct text site = text_of(x->server->site);
        while (site.n && site.s[site.n - 1] == '/')
            site.n--;
        return site;
    }
    return x ? arena_printf(rq->arena, "%s://%.*s", x->asked.secure ? "https" : "http",
                            TEXT_ARG(x->asked.host))
             : T("");
}

enum err web_wait(struct request *rq, int64_t us)
{
    enum { WAIT_MAX_US = 30 * 1000 * 1000 };
    struct exchange *x = exchange_of(rq);
    if (!x || x->waited + us > WAIT_MAX_US)
        return ERR_LIMIT;
    x->wait = us;
    x->waited += us;
    return OK;
}

bool web_demo(const struct request *rq)
{
    return rq->web && exchange_of(rq)->demo;
}
