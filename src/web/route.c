/* The table of routes: collected by the linker, sorted once, searched by the first part of the
 * path. */
#include "web/exchange.h"
#include <pthread.h>
#include <stdlib.h>

/* Weak: a program without pages (a test of parsers) has no such section. */
extern const struct route *const __start_bereg_routes[] __attribute__((weak));
extern const struct route *const __stop_bereg_routes[] __attribute__((weak));

static const struct route **table;
static size_t table_n;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static struct text first_part(struct text path)
{
    const char *slash = path.n > 1 ? memchr(path.s + 1, '/', path.n - 1) : NULL;
    return (struct text){path.s, slash ? (size_t)(slash - path.s) : path.n};
}

/* By the first part, then by the whole path with {names} behind words, so that /persons/new is
 * tried before /persons/{person}; then GET before POST. */
static int route_order(const void *left, const void *right)
{
    const struct route *a = *(const struct route *const *)left;
    const struct route *b = *(const struct route *const *)right;
    int c = text_cmp(first_part(text_of(a->path)), first_part(text_of(b->path)));
    if (c)
        return c;
    c = strcmp(a->path, b->path); /* "{" sorts behind letters and digits */
    return c ? c : strcmp(a->method, b->method);
}

static void table_make(void)
{
    size_t n = __start_bereg_routes ? (size_t)(__stop_bereg_routes - __start_bereg_routes) : 0;

    table = calloc(n + 1, sizeof(*table));
    if (!table)
        abort();
    for (size_t i = 0; i < n; i++)
        if (__start_bereg_routes[i]) /* a linker may pad the section */
            table[table_n++] = __start_bereg_routes[i];
    qsort(table, table_n, sizeof(*table), route_order);
}

const struct route *const *routes_all(size_t *n)
{
    pthread_once(&table_once, table_make);
    *n = table_n;
    return table;
}

static bool next_part(struct text *rest, struct text *part)
{
    if (rest->n == 0 || rest->s[0] != '/')
        return false;
    const char *slash = memchr(rest->s + 1, '/', rest->n - 1);
    size_t n = slash ? (size_t)(slash - rest->s) : rest->n;
    *part = (struct text){rest->s + 1, n - 1};
    *rest = (struct text){rest->s + n, rest->n - n};
    return true;
}

static bool path_matches(struct arena *arena, const char *pattern, struct text path,
                         struct part parts[PARTS_MAX], size_t *n_parts)
{
    struct text want_rest = text_of(pattern), have_rest = path, want, have;
    size_t n = 0;

    for (;;) {
        bool more = next_part(&want_rest, &want);
        if (more != next_part(&have_rest, &have))
            return false;
        if (!more)
            break;
        if (want.n > 2 && want.s[0] == '{') {
            struct part *p = &parts[n];
            if (n == PARTS_MAX || have.n == 0 || have.n > 200 ||
                parse_percent(arena, have, false, &p->value) || !text_valid(p->value))
                return false;
            p->name = (struct text){want.s + 1, want.n - 2};
            n++;
        } else if (!text_eq(want, have)) {
            return false;
        }
    }
    *n_parts = n;
    return have_rest.n == 0;
}

/* The first route of the group that begins like the path. */
static size_t group_start(struct text first)
{
    size_t low = 0, high = table_n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (text_cmp(first_part(text_of(table[mid]->path)), first) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct route *route_match(struct arena *arena, const char *method, struct text path,
                                struct part parts[PARTS_MAX], size_t *n_parts)
{
    size_t n;
    routes_all(&n);
    struct text first = first_part(path);
    for (size_t i = group_start(first); i < n; i++) {
        if (!text_eq(first_part(text_of(table[i]->path)), first))
            break;
        if (strcmp(table[i]->method, method) == 0 &&
            path_matches(arena, table[i]->path, path, parts, n_parts))
            return table[i];
    }
    return NULL;
}

/* Signing in makes a cookie, not a token; /find an address for people; secret addresses are of one reader. What everybody may read programs may read too. */
bool route_in_api(const struct route *r)
{
    return strcmp(r->path, "/sign-out") != 0 && strcmp(r->path, "/find") != 0 && strncmp(r->path, "/security", 9) != 0 && (r->cap != CAP_PUBLIC || strncmp(r->path, "/help", 5) == 0);
}

/* Password, factors, sessions, tokens, mails, and signing out: of whoever asks, and of nobody else. */
static bool of_own_account(const struct route *r)
{
    static const char *const own[] = {"/security/", "/tokens/", "/reminders", "/sign-out", NULL};
    for (size_t i = 0; own[i]; i++)
        if (strncmp(r->path, own[i], strlen(own[i])) == 0)
            return true;
    return false;
}

bool route_may(const struct request *rq, const struct route *r)
{
    bool auditor = !rq->viewer.system && rq_may(rq, CAP_AUDIT);
    bool changes = strcmp(r->method, "POST") == 0 && r->cap != CAP_PUBLIC && r->cap != CAP_AUDIT;
    return rq_may(rq, r->cap) && !(auditor && changes && !of_own_account(r));
}

void route_find(struct exchange *x)
{
    struct part parts[PARTS_MAX];
    size_t n;

    x->route = route_match(x->rq.arena, x->asked.method, x->asked.path, x->parts, &x->n_parts);
    if (x->route && x->asked.api && !route_in_api(x->route))
        x->route = NULL;
    if (x->route)
        return;
    bool get = strcmp(x->asked.method, "GET") == 0;
    x->path_known =
        route_match(x->rq.arena, get ? "POST" : "GET", x->asked.path, parts, &n) != NULL;
    x->allow = get ? "POST" : "GET, HEAD";
}
