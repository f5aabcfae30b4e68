/* The HTTP adapter: turns bytes into a request with a known viewer and checked input, and a page into bytes.
 * Everything under a route answers as HTML, as JSON below /api/v1, and its list as CSV and XLSX (?format=). */
#ifndef WEB_WEB_H
#define WEB_WEB_H
#include "guard/account.h"
#include "guard/room.h"
#include "web/tpl.h"

/* A page function reads input, calls rules, fills the page, and asks once at the end:
 *
 *     ROUTE(GET, "/persons/{person}", person_card, person_card, SEE_PERSON)
 *     static enum err person_card(struct request *rq, struct person_card_page *page)
 *     {
 *         q_person_card(rq, &(struct person_card_args){.id = rq_id(rq, "person")}, &page->person);
 *         return rq_end(rq);
 *     }
 *
 * ROUTE(METHOD, PATH, FUNCTION, PAGE, CAP): PAGE is the template. A POST that succeeds sets rq_redirect(); one that
 * fails with ERR_INPUT shows its page again (422) with what was typed and what is wrong. A POST has been checked for
 * CSRF and its idempotency key before the function runs. SLOW routes go to the second queue, OUTWARD
 * ones, which wait for another server, to a third; to who lacks the cap a HIDDEN one is not there (404 instead of 403). */
struct route {
    const char *method, *path;
    enum err (*run)(struct request *rq, void *page);
    const struct view *view;
    enum cap cap;
    bool slow;
    bool hidden; /* who may not is told that there is no such page, not that it is not for him */
    bool outward;
};

#define ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, SLOW, HIDDEN, OUTWARD)                             \
    static enum err FUNC(struct request *rq, struct PAGE##_page *page);                            \
    static enum err FUNC##_run(struct request *rq, void *page)                                     \
    {                                                                                              \
        return FUNC(rq, (struct PAGE##_page *)page);                                               \
    }                                                                                              \
    static const struct route FUNC##_route = {#METHOD, PATH, FUNC##_run, &PAGE##_view, CAP_##CAP,  \
                                              SLOW, HIDDEN, OUTWARD};                                       \
    static const struct route *const FUNC##_entry                                                  \
        __attribute__((used, section("bereg_routes"))) = &FUNC##_route;
#define ROUTE(METHOD, PATH, FUNC, PAGE, CAP)         ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, false, false, false)
#define ROUTE_SLOW(METHOD, PATH, FUNC, PAGE, CAP)    ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, true, false, false)
#define ROUTE_HIDDEN(METHOD, PATH, FUNC, PAGE, CAP)  ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, false, true, false)
#define ROUTE_OUTWARD(METHOD, PATH, FUNC, PAGE, CAP) ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, true, false, true)

/* All routes, collected by the linker. */
const struct route *const *routes_all(size_t *n);
/* What the viewer's rights open. Who audits the others changes nothing but his own account, whatever route is added. */
bool route_may(const struct request *rq, const struct route *r);
/* Programs may ask for it too. */
bool route_in_api(const struct route *r);

/* Input. Parts of the path by name; parameters of the query string; fields of the form or of the JSON body. */
struct value rq_id(struct request *rq, const char *name); /* {person}: a positive number, else ERR_NOT_FOUND */
int64_t rq_id_int(struct request *rq, const char *name);
struct text rq_part(struct request *rq, const char *name); /* {token}: as it stands in the path; valid UTF-8 */
struct text rq_param(struct request *rq, const char *name); /* empty when absent; valid UTF-8 */
size_t rq_param_all(struct request *rq, const char *name, struct text **out);
struct value rq_filter(struct request *rq, const char *name);      /* text, V_NONE when empty */
struct value rq_filter_int(struct request *rq, const char *name);  /* number, V_NONE when absent or wrong */
struct value rq_filter_date(struct request *rq, const char *name); /* дд.мм.гггг or ISO */
/* sort=, after=, limit= of the address, for a list. sorts by name of the query's sorts. */
struct text rq_words(struct request *rq); /* the parameter q for a link of the page: ?sealed=… (words.c) */
struct paging rq_paging(struct request *rq, const struct query *q);
struct text rq_field(struct request *rq, const char *name); /* one raw field of the form */
size_t rq_field_all(struct request *rq, const char *name, struct text **out); /* checkboxes: all values */
int64_t rq_field_int(struct request *rq, const char *name); /* 0 when absent or wrong */
/* Reads all inputs of a form from what was sent; false when some are wrong (then rq_end() says ERR_INPUT). */
bool rq_read_form(struct request *rq, const struct form *form, struct input *inputs);
/* Fills inputs for showing, from a row of table t (all its fields); without t: values in the order of the form's fields. */
void rq_fill_form(struct request *rq, const struct form *form, struct input *inputs,
                  const struct table *t, const struct value *row);

/* One uploaded file of a multipart form; bytes live as long as the request. At most UPLOAD_MAX. False, and a mistake at the field: nobody has
 * chosen a file, or the virus scanner does not let it pass (formats/scanner.h), which is asked here, so that nothing reads a file before it. Not
 * inside a change: the scanner may take its time. */
enum { UPLOAD_MAX = 64 << 20, FORM_MAX = 1 << 20 };
bool rq_upload(struct request *rq, const char *name, struct text *file_name, struct text *bytes);
bool rq_uploads(struct request *rq, const char *name); /* was a file chosen at all? */

/* Answers other than the page itself. */
/* 303; API: 201 with that object. Call it before change_commit: the place is kept under the idempotency key. Texts put in
 * by %s are percent-encoded, unless the whole format is "%s". */
void rq_redirect(struct request *rq, const char *fmt, ...) PRINTF(2, 3);
void rq_flash(struct request *rq, const char *msgid);  /* shown once on the next page; nothing after a failure */
/* Sends bytes as a file instead of the page; name in ASCII or UTF-8. */
void rq_send_file(struct request *rq, const char *mime, struct text name, struct text bytes);
void rq_answer_done(struct request *rq); /* of a fragment that a page polls: what it followed has ended */
bool rq_is_api(const struct request *rq);
bool rq_is_post(const struct request *rq);
/* In the arena. Texts put in by %s or %.*s are percent-encoded as parts; numbers by %d %ld %lld %zu. */
struct url url_of(struct request *rq, const char *fmt, ...) PRINTF(2, 3);
struct text rq_address(struct request *rq); /* of the client */
void rq_set_session(struct request *rq, const char *secret); /* cookie; null: forget it */
/* The cookie of a sign-in or an enrolment of several steps (guard/second.h). */
struct text rq_step(struct request *rq);
void rq_set_step(struct request *rq, const char *secret);
struct text rq_browser(struct request *rq); /* "Firefox, Linux"; empty: it does not say */
bool rq_own_click(const struct request *rq); /* a page of ours has led here, by what the browser says; not an address typed or sent */
/* A page for one reader behind an address that is a secret: a cookie of its own below that path (Strict, HttpOnly, until the
 * browser is closed; behind TLS bound to this host instead, and told from others by its name), and headers by which the address is not passed on or found. The place of this site: "https://host". */
struct text rq_cookie(struct request *rq, const char *name, struct url path);
void rq_set_cookie(struct request *rq, const char *name, struct text value, struct url path);
void rq_secret_address(struct request *rq);
struct text rq_site(struct request *rq);
/* A page without anything of a viewer: who asks without signing in, and gets no cookie, may keep it so long, and so may a proxy. */
void rq_cacheable(struct request *rq, int seconds);
/* Waits of sign-ins: serves this request again after so long, whatever the page function returns. ERR_LIMIT: that would be
 * too long; then it is the page's to say so. */
enum err web_wait(struct request *rq, int64_t us) MUST;

/* The server. Threads: one for events, `workers` for requests, 2 for slow ones, 1 for those that wait for another server. */
struct server;
struct server_options {
    const char *listen; /* HOST:PORT, port 0 picks one; unix:PATH */
    const char *metrics; /* the same for those who watch; null: none */
    int fd, port, metrics_fd; /* of server_listen() */
    const char *proxies; /* whose X-Forwarded-* is believed: addresses, "none"; null: this host */
    int workers;        /* 0: 8 */
    bool demo;          /* the sign-in page offers the demo's accounts */
    const char *site;   /* "https://bereg.example", lives as long as the server; null: what the request says */
};
/* Takes the place to listen at; server_start() begins to answer there, and has the only threads. */
enum err server_listen(struct server_options *options, struct fault *fault) MUST;
enum err server_start(struct store *store, const struct server_options *options, struct server **out,
                      struct fault *fault) MUST;
int server_port(const struct server *s);
void server_stop(struct server *s); /* drains: no new requests, running ones end */

/* Renders a route outside HTTP (tests, bench, `bereg routes`): same functions, same masks and log. */
struct buf;
enum err web_openapi(struct request *rq, struct buf *out);

#endif
