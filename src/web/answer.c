/* From a routed request to the bytes of its answer. */
#include "base/log.h"
#include "guard/log.h"
#include "web/exchange.h"
#include <inttypes.h>

/* A card is about the person that its address names. */
static int64_t card_of(const struct exchange *x)
{
    int64_t id;
    for (size_t i = 0; i < x->n_parts; i++)
        if (text_is(x->parts[i].name, "person") &&
            text_int(x->parts[i].value, 1, INT64_MAX, &id) == OK)
            return id;
    return 0;
}

/* Nothing that shows persons leaves before it is noted who was shown to whom. */
static enum err note_reading(struct exchange *x)
{
    enum err before = x->rq.err;

    /* The page is read: a view that is kept while waiting would keep the store from tidying up. */
    conn_rollback(x->rq.conn);
    x->rq.err = OK;
    enum err err = read_log(&x->rq, x->route->path, card_of(x));
    x->rq.err = before;
    return err;
}

static void give_up(struct exchange *x, enum err err)
{
    x->rq.err = err;
    problem(x, problem_status(x, err), NULL);
}

/* The version of the page's main row, or -1. */
static int64_t main_version(const struct view *view, const void *page)
{
    for (size_t i = 0; i < view->n_has; i++) {
        const struct has *h = &view->has[i];
        if (h->kind != HAS_ROW || !h->main)
            continue;
        const struct value *row = (const struct value *)((const char *)page + h->offset);
        for (size_t c = 0; c < h->query->n_columns; c++)
            if (strcmp(h->query->columns[c].name, "version") == 0 && row[c].kind == V_INT)
                return row[c].i;
    }
    return -1;
}

static void page_bytes(struct exchange *x, const struct view *view, const void *page)
{
    struct request *rq = &x->rq;
    struct tpl t = {.out = &x->buf,
                    .rq = rq,
                    .lang = rq->lang,
                    .csrf = x->session.n ? x->csrf : NULL,
                    .role = rq->viewer.role};

    buf_clear(&x->buf);
    if (x->format == FORMAT_JSON) {
        struct json j = {.out = &x->buf};
        view->json(&j, &t, page);
        int64_t version = main_version(view, page);
        if (version >= 0)
            exchange_header(x, "ETag", arena_printf(rq->arena, "\"v%" PRId64 "\"", version));
    } else {
        flash_take(x);
        view->html(&t, page);
        if (x->asked.words.n) /* the address that a script shows instead */
            exchange_header(x, "X-Address", web_link(rq, "after", T("")));
    }
}

void answer_page(struct exchange *x, int status, const struct view *view, const void *page)
{
    page_bytes(x, view, page);
    enum err err = note_reading(x);
    if (err)
        give_up(x, err);
    else
        exchange_answer(x, status,
                        x->format == FORMAT_JSON ? "application/json" : "text/html; charset=utf-8");
}

/* Runs the GET page at a place inside the site as this viewer, for the API's answer to a POST. What
 * was asked for is done by now: when the object cannot be shown, its place has to be enough. */
static bool object_at(struct exchange *x, struct text location)
{
    struct request *rq = &x->rq;
    size_t n = 0;
    while (n < location.n && location.s[n] != '?' && location.s[n] != '#')
        n++;
    struct text path = {location.s, n};
    struct text query = {location.s + n, location.n - n};
    const char *hash = memchr(query.s, '#', query.n);
    if (hash)
        query.n = (size_t)(hash - query.s);
    if (query.n && query.s[0] == '?')
        query = (struct text){query.s + 1, query.n - 1};

    struct parse_fault fault;
    const struct route *route = route_match(rq->arena, "GET", path, x->parts, &x->n_parts);
    x->query = x->fields = (struct pairs){0};
    if (!route || route->cap == CAP_PUBLIC || !rq_may(rq, route->cap) ||
        parse_query(rq->arena, query, &x->query, &fault))
        return false;
    x->route = route;
    x->asked.method = "GET";
    x->asked.path = path;
    rq->mistakes = NULL;
    void *page = arena_alloc(rq->arena, route->view->size);
    bool good = route->run(rq, page) == OK && rq_end(rq) == OK && !x->location.n;
    if (!good)
        return false;
    page_bytes(x, route->view, page);
    return note_reading(x) == OK;
}

void answer_location(struct exchange *x, struct text location)
{
    struct text place =
        x->asked.api ? arena_printf(x->rq.arena, "/api/v1%.*s", TEXT_ARG(location)) : location;

    x->location = T("");
    if (!x->asked.api) {
        exchange_header(x, "Location", place);
        buf_clear(&x->buf);
        exchange_answer(x, 303, NULL);
        return;
    }
    if (!object_at(x, location)) {
        x->rq.err = OK;
        buf_clear(&x->buf);
        x->buf.failed = false;
        buf_z(&x->buf, "{}");
    }
    exchange_header(x, "Location", place);
    exchange_answer(x, 201, "application/json");
}

/* A page that its function filled at least in part can be shown again. */
static bool page_filled(const struct view *view, const void *page)
{
    const unsigned char *bytes = page;
    for (size_t i = 0; i < view->size; i++)
        if (bytes[i])
            return true;
    return false;
}

static bool has_form(const struct view *view)
{
    for (size_t i = 0; i < view->n_has; i++)
        if (view->has[i].kind == HAS_FORM)
            return true;
    return false;
}

/* ---- a card that was joined with another one ---- */

static struct text *person_named(struct exchange *x)
{
    for (size_t i = 0; i < x->n_parts; i++)
        if (text_is(x->parts[i].name, "person"))
            return &x->parts[i].value;
    struct pairs *const sent[] = {&x->query, &x->fields};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < sent[k]->n; i++)
            if (text_is(sent[k]->v[i].name, "person"))
                return &sent[k]->v[i].value;
    return NULL;
}

/* The address that was asked for, with the parts of its path and its query as they stand now. */
static struct text address_now(struct exchange *x)
{
    struct arena *arena = x->rq.arena;
    struct text out = T(""), rest = text_of(x->route->path), want;
    size_t n = 0;
    while (text_split(&rest, '/', &want)) {
        if (want.n && want.s[0] == '{' && n < x->n_parts)
            want = x->parts[n++].value;
        struct text one = url_of(&x->rq, "/%.*s", TEXT_ARG(want)).t; /* encodes, and wants a stroke in front */
        if (want.n)
            out = arena_printf(arena, "%.*s%.*s", TEXT_ARG(out), TEXT_ARG(one));
    }
    for (size_t i = 0; i < x->query.n; i++) {
        struct pair p = words_pair(x, x->query.v[i]);
        struct text pair = url_of(&x->rq, "/%.*s=%.*s", TEXT_ARG(p.name), TEXT_ARG(p.value)).t;
        out = arena_printf(arena, "%.*s%c%.*s", TEXT_ARG(out), i ? '&' : '?', (int)pair.n - 1,
                           pair.s + 1);
    }
    return out;
}

enum led { LED_NOWHERE, LED_ON, LED_ASK_AGAIN };

/* Who asks for a card that was joined with another one he may open is led on to that; the API, and exports, answer with it.
 * What is sent about it is not stored: it was written for a card that is there no more. */
static enum led led_on(struct exchange *x, enum err err)
{
    struct request *rq = &x->rq;
    bool lacking = err == ERR_NOT_FOUND || err == ERR_FORBIDDEN || (err == ERR_INPUT && rq_is_post(rq));
    struct text *person = lacking ? person_named(x) : NULL;
    int64_t id;
    if (!person || text_int(*person, 1, INT64_MAX, &id))
        return LED_NOWHERE;
    rq->err = OK;
    int64_t kept = person_joined_to(rq, id);
    rq->err = err;
    if (!kept)
        return LED_NOWHERE;
    *person = arena_printf(rq->arena, "%" PRId64, kept);
    if (rq_is_post(rq)) {
        rq->err = ERR_CONFLICT;
        rq->mistakes = NULL;
        rq_mistake_of(rq, "person", N_("The person now has the card number {a}"), v_int(kept));
        problem(x, 409, N_("Two cards of one person were joined, and this one was given up"));
        return LED_ON;
    }
    if (x->format != FORMAT_HTML) {
        rq->err = OK;
        rq->mistakes = NULL;
        return LED_ASK_AGAIN;
    }
    exchange_header(x, "Location", address_now(x));
    buf_clear(&x->buf);
    exchange_answer(x, 303, NULL);
    return LED_ON;
}

static void answer_error(struct exchange *x, enum err err, const void *page)
{
    struct request *rq = &x->rq;
    int status = problem_status(x, err);

    /* The same form sent twice at once: what stopped the second is what the first has done. */
    if (idem_again(x))
        return;
    bool again =
        x->format == FORMAT_HTML && page_filled(x->route->view, page) &&
        (err == ERR_INPUT || ((err == ERR_REFUSED || err == ERR_CONFLICT || err == ERR_STALE) &&
                              has_form(x->route->view)));
    if (!again) {
        problem(x, status, rq->reason);
        return;
    }
    if (err != ERR_INPUT)
        rq_mistake(
            rq, NULL,
            rq->reason ? rq->reason
            : err == ERR_STALE
                ? N_("While the page was open, the record was changed. Compare, then send again.")
                : N_("Such a record exists already."));
    answer_page(x, status, x->route->view, page);
}

void answer_file(struct exchange *x)
{
    struct arena *arena = x->rq.arena;
    struct buf plain = BUF(400), coded = BUF(4000);

    for (size_t i = 0; i < x->file_name.n; i++) {
        unsigned char c = (unsigned char)x->file_name.s[i];
        bool safe = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '.' || c == '-' || c == '_';
        if (safe || c < 0x80 || c >= 0xC0) /* one mark for a letter of several bytes */
            buf_char(&plain, safe ? (char)c : '_');
        if (safe)
            buf_char(&coded, (char)c);
        else
            buf_printf(&coded, "%%%02X", c);
    }
    exchange_header(x, "Content-Disposition",
                    arena_printf(arena, "attachment; filename=\"%.*s\"; filename*=UTF-8''%.*s",
                                 TEXT_ARG(buf_get(&plain)), TEXT_ARG(buf_get(&coded))));
    /* Whoever gets a browser to show it all the same shows it without scripts and without our origin. */
    exchange_header(x, "Content-Security-Policy",
                    T("default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"));
    buf_free(&plain);
    buf_free(&coded);
    enum err err = note_reading(x);
    if (err)
        give_up(x, err);
    else
        x->status = 200;
}

/* Nobody signed in: a person is led to the sign-in page and back, a program is told. */
static void answer_stranger(struct exchange *x)
{
    if (x->asked.api) {
        problem(x, 401, N_("Send a token: Authorization: Bearer TOKEN."));
        return;
    }
    if (strcmp(x->asked.method, "GET") == 0 && !text_is(x->asked.target, "/"))
        exchange_header(x, "Location",
                        url_of(&x->rq, "/sign-in?next=%.*s", TEXT_ARG(x->asked.target)).t);
    else
        exchange_header(x, "Location", T("/sign-in"));
    exchange_answer(x, 303, NULL);
}

/* "v12" of If-Match becomes the field `version`. */
static bool take_if_match(struct exchange *x)
{
    struct text t = text_trim(x->asked.if_match);
    int64_t version;

    if (!t.n || text_is(t, "*"))
        return true;
    if (text_starts(t, "W/"))
        t = (struct text){t.s + 2, t.n - 2};
    if (t.n < 4 || t.s[0] != '"' || t.s[1] != 'v' || t.s[t.n - 1] != '"' ||
        text_int((struct text){t.s + 2, t.n - 3}, 0, INT64_MAX, &version)) {
        problem(x, 412, NULL);
        return false;
    }
    x->if_match_used = true;
    if (pairs_find(&x->fields, "version"))
        return true;
    struct pair pair = {.name = T("version"), .value = {t.s + 2, t.n - 3}};
    return pairs_add(x->rq.arena, &x->fields, pair) == OK;
}

/* Whether the request may go on to its page function; otherwise it is answered. */
static bool admitted(struct exchange *x)
{
    const struct route *route = x->route;
    bool post = strcmp(x->asked.method, "POST") == 0;

    if (!route) {
        problem(x, x->path_known ? 405 : 404, NULL);
        return false;
    }
    if (route->cap != CAP_PUBLIC && !x->rq.viewer.account) {
        answer_stranger(x);
        return false;
    }
    if (!route_may(&x->rq, route)) {
        problem(x, route->hidden ? 404 : 403, NULL);
        return false;
    }
    if (x->rq.viewer.must_change && strcmp(route->path, "/security/password") != 0 && strcmp(route->path, "/sign-out") != 0) {
        if (post || x->asked.api || x->by_token)
            problem(x, 403, N_("The password was made for you: choose one of your own first."));
        else
            answer_location(x, T("/security/password"));
        return false;
    }
    if (x->rq.must_enrol && strncmp(route->path, "/security", 9) != 0 && strcmp(route->path, "/sign-out") != 0) {
        if (post || x->asked.api || x->by_token)
            problem(x, 403, N_("Your role needs a second factor: set it up first."));
        else
            answer_location(x, T("/security/enrol"));
        return false;
    }
    if (!input_parse(x))
        return false;
    if (!post)
        return true;
    if (x->by_token && !x->asked.api) {
        problem(x, 403, N_("A token opens pages for reading. Changes go through /api/v1."));
        return false;
    }
    if (!who_csrf_good(x)) {
        x->refused = who_from_elsewhere(x) ? REFUSED_ORIGIN : REFUSED_CSRF;
        problem(x, 403,
                N_("The form is too old, or was not made by this site. Open the page again."));
        return false;
    }
    return take_if_match(x) && !idem_before(x);
}

void answer_run(struct exchange *x)
{
    struct request *rq = &x->rq;

    bool known = who_asks(x);
    if (!rate_allows(x)) {
        x->n_headers = 0;
        x->refused = REFUSED_RATE;
        rq->err = OK;
        problem(x, 429, NULL);
        return;
    }
    if (!known)
        return;
    /* A page that is only looked at is read in one view: its counts and its rows are of one moment,
     * and the store locks once instead of at each statement. */
    enum err err = rq_is_post(rq) ? OK : conn_begin(rq->conn);
    if (err) {
        give_up(x, err);
        return;
    }
    if (!admitted(x))
        return;
    struct text format = rq_param(rq, "format");
    if (!rq_is_post(rq) && (text_is(format, "csv") || text_is(format, "xlsx"))) {
        x->format = text_is(format, "csv") ? FORMAT_CSV : FORMAT_XLSX;
        if (export_list(x))
            return;
        x->format = x->asked.api ? FORMAT_JSON : FORMAT_HTML;
    }
    struct text rest = {x->asked.path.s + 1, x->asked.path.n - 1}, first;
    rq->section = text_split(&rest, '/', &first) && first.n ? arena_z(rq->arena, first) : "home";

    void *page = arena_alloc(rq->arena, x->route->view->size);
    err = x->route->run(rq, page);
    rq->on_commit = NULL;
    if (!err)
        err = rq_end(rq);
    if (x->wait)
        return;
    enum led led = err ? led_on(x, err) : LED_NOWHERE;
    if (led == LED_ON)
        return;
    if (led == LED_ASK_AGAIN) {
        page = arena_alloc(rq->arena, x->route->view->size);
        err = x->route->run(rq, page);
        if (!err)
            err = rq_end(rq);
    }
    if (err)
        answer_error(x, err, page);
    else if (x->file_name.n)
        answer_file(x);
    else if (x->location.n)
        answer_location(x, x->location);
    else
        answer_page(x, 200, x->route->view, page);
}
