/* The check of a request's head, stricter than the library's own: what two programs in a row could
 * read differently is refused. RFC 9112 §3.2, §5, §6. */
#include "web/server.h"
#include <strings.h>

struct head {
    int hosts, lengths, encodings, headers;
    struct text length, encoding, host;
    bool bad, large;
    bool raw; /* this version of the library leaves the head as it came, in one piece of memory */
    const char *end; /* of what was seen so far */
};

/* RFC 9110 §5.6.2 */
static bool token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Up to 0.9.75 the library ends lines at a lone CR or LF as well, and values at a NUL, by putting a
 * zero there. Between the end of one value and the next name only the two zeros of one CRLF may
 * stand. Newer ones refuse it themselves. */
enum { RAW_HEAD = MHD_VERSION < 0x00097600 };

static bool gap_good(const char *end, const char *next)
{
    while (end < next && (*end == ' ' || *end == '\t'))
        end++;
    return next - end == 2 && end[0] == '\0' && end[1] == '\0';
}

static enum MHD_Result one_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
                                  const char *value, size_t value_n)
{
    struct head *h = cls;

    (void)kind;
    if (++h->headers > HEADERS_SENT_MAX || key_n + value_n > HEADER_MAX)
        h->large = true;
    if (key_n == 0 || (h->raw && !gap_good(h->end, key)))
        h->bad = true;
    for (size_t i = 0; i < key_n; i++)
        if (!token_char((unsigned char)key[i]))
            h->bad = true;
    for (size_t i = 0; i < value_n; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            h->bad = true;
    }
    h->end = value ? value + value_n : key + key_n;
    struct text name = {key, key_n}, t = {value, value_n};
    if (name.n == 4 && strncasecmp(name.s, "Host", 4) == 0) {
        h->hosts++;
        h->host = t;
    } else if (name.n == 14 && strncasecmp(name.s, "Content-Length", 14) == 0) {
        h->lengths++;
        h->length = t;
    } else if (name.n == 17 && strncasecmp(name.s, "Transfer-Encoding", 17) == 0) {
        h->encodings++;
        h->encoding = t;
    }
    return MHD_YES;
}

static bool host_good(struct text host)
{
    if (host.n == 0 || host.n > 255)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.s[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              strchr(".-_:[]", c)))
            return false;
    }
    return true;
}

/* One blank, now a zero, stands between the words of the first line; else a NUL cut one short. */
static bool first_line_good(const struct call *call, const char *method, const char *version)
{
    return call->raw_target - method == (ptrdiff_t)strlen(method) + 1 &&
           version - call->raw_target == (ptrdiff_t)call->x->asked.target.n + 1;
}

/* Behind the last header stand two CRLF, and so ends what the library counted as the head: nothing
 * was passed over. */
static bool end_good(const struct call *call, const char *method, const char *end)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    while (*end == ' ' || *end == '\t')
        end++;
    return info && method + info->header_size - end == 4 && gap_good(end, end + 2);
}

int head_check(const struct call *call, const char *method, const char *version)
{
    const char *target = call->x->asked.target.s;
    struct head h = {.raw = RAW_HEAD, .end = version + strlen(version)};

    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return 400;
    if (target[0] != '/')
        return 400;
    for (const char *c = target; *c; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7F || *c == '#')
            return 400;
    if (h.raw && !first_line_good(call, method, version))
        return 400;
    if (MHD_get_connection_values_n(call->connection, MHD_HEADER_KIND, one_header, &h) < 0 || h.bad)
        return 400;
    if (h.raw && !end_good(call, method, h.end))
        return 400;
    if (h.large)
        return 431;
    if (call->x->asked.target.n > TARGET_MAX)
        return 414;
    if (h.hosts != 1 || !host_good(text_trim(h.host)))
        return 400;
    if (h.lengths + h.encodings > 1)
        return 400;
    for (size_t i = 0; i < h.length.n; i++)
        if (h.length.s[i] < '0' || h.length.s[i] > '9')
            return 400;
    if (h.lengths && h.length.n == 0)
        return 400;
    if (h.encodings && (h.encoding.n != 7 || strncasecmp(h.encoding.s, "chunked", 7) != 0 ||
                        strcmp(version, "HTTP/1.1") != 0))
        return 400;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 && strcmp(method, "POST") != 0)
        return 405;
    return 0;
}

static struct text header(struct call *call, const char *name)
{
    const char *z = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
    return z ? arena_text(call->x->rq.arena, text_trim(text_of(z))) : T("");
}

struct last_of {
    const char *name;
    struct text value;
};

static enum MHD_Result keep_last(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n, const char *value,
                                 size_t value_n)
{
    struct last_of *last = cls;
    (void)kind;
    if (key_n == strlen(last->name) && strncasecmp(key, last->name, key_n) == 0)
        last->value = (struct text){value, value_n};
    return MHD_YES;
}

/* Of several lines the last: a proxy may put its own behind what the client has sent. */
static struct text last_header(struct call *call, const char *name)
{
    struct last_of last = {.name = name, .value = T("")};
    MHD_get_connection_values_n(call->connection, MHD_HEADER_KIND, keep_last, &last);
    return arena_text(call->x->rq.arena, text_trim(last.value));
}

static bool length_too_large(struct call *call)
{
    struct text length = header(call, "Content-Length");
    int64_t n;
    if (!length.n)
        return false;
    return text_int(length, 0, INT64_MAX, &n) != OK || (uint64_t)n > call->limit;
}

void head_take(struct call *call, const char *method)
{
    struct exchange *x = call->x;
    struct asked *a = &x->asked;

    a->method = strcmp(method, "POST") == 0 ? "POST" : "GET";
    const char *question = memchr(a->target.s, '?', a->target.n);
    a->path = (struct text){a->target.s, question ? (size_t)(question - a->target.s) : a->target.n};
    a->query = question ? (struct text){question + 1, a->target.n - a->path.n - 1} : T("");
    if (text_starts(a->path, "/api/v1/")) {
        a->api = true;
        a->path = (struct text){a->path.s + 7, a->path.n - 7};
    }
    a->cookie = header(call, "Cookie");
    a->authorization = header(call, "Authorization");
    a->content_type = header(call, "Content-Type");
    a->idempotency_key = header(call, "Idempotency-Key");
    a->if_match = header(call, "If-Match");
    a->origin = header(call, "Origin");
    a->host = header(call, "Host");
    a->fetch_site = header(call, "Sec-Fetch-Site");
    a->csrf = header(call, "X-CSRF-Token");
    a->referer = header(call, "Referer");
    a->user_agent = header(call, "User-Agent");
    a->words = header(call, "X-Words");
    a->trusted = call->peer && call->peer->trusted;
    if (a->trusted) {
        a->forwarded_for = last_header(call, "X-Forwarded-For");
        a->secure = text_is(last_header(call, "X-Forwarded-Proto"), "https");
    }
    if (call->peer)
        memcpy(a->peer, call->peer->address, sizeof(a->peer));
}

void head_limit(struct call *call)
{
    const struct asked *a = &call->x->asked;
    const struct route *route = call->x->route;

    if (strcmp(a->method, "POST") != 0)
        call->limit = 0;
    else if (!route || (!a->cookie.n && !a->authorization.n))
        call->limit = STRANGER_BODY_MAX;
    else if (route->slow && text_starts(a->content_type, "multipart/"))
        call->limit = UPLOAD_MAX + FORM_MAX;
    else
        call->limit = FORM_MAX;
    call->too_large = length_too_large(call);
    int64_t n;
    call->patient = call->peer && call->peer->trusted && !header(call, "Expect").n &&
                    text_int(header(call, "Content-Length"), 0, UPLOAD_MAX, &n) == OK;
}
