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
 * CSRF and its idempotency key before the function runs. SLOW routes go to the second queue. */
struct route {
    const char *method, *path;
    enum err (*run)(struct request *rq, void *page);
    const struct view *view;
    enum cap cap;
    bool slow;
};

#define ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, SLOW)                                              \
    static enum err FUNC(struct request *rq, struct PAGE##_page *page);                            \
    static enum err FUNC##_run(struct request *rq, void *page)                                     \
    {                                                                                              \
        return FUNC(rq, (struct PAGE##_page *)page);                                               \
    }                                                                                              \
    static const struct route FUNC##_route = {#METHOD, PATH, FUNC##_run, &PAGE##_view, CAP_##CAP,  \
                                              SLOW};                                               \
    static const struct route *const FUNC##_entry                                                  \
        __attribute__((used, section("bereg_routes"))) = &FUNC##_route;
#define ROUTE(METHOD, PATH, FUNC, PAGE, CAP)      ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, false)
#define ROUTE_SLOW(METHOD, PATH, FUNC, PAGE, CAP) ROUTE_AS(METHOD, PATH, FUNC, PAGE, CAP, true)

/* All routes, collected by the linker. */
const struct route *const *routes_all(size_t *n);

/* Input. Parts of the path by name; parameters of the query string; fields of the form or of the JSON body. */
struct value rq_id(struct request *rq, const char *name); /* {person}: a positive number, else ERR_NOT_FOUND */
int64_t rq_id_int(struct request *rq, const char *name);
struct text rq_param(struct request *rq, const char *name); /* empty when absent; valid UTF-8 */
size_t rq_param_all(struct request *rq, const char *name, struct text **out);
struct value rq_filter(struct request *rq, const char *name);      /* text, V_NONE when empty */
struct value rq_filter_int(struct request *rq, const char *name);  /* number, V_NONE when absent or wrong */
struct value rq_filter_date(struct request *rq, const char *name); /* дд.мм.гггг or ISO */
/* sort=, after=, limit= of the address, for a list. sorts by name of the query's sorts. */
struct paging rq_paging(struct request *rq, const struct query *q);
struct text rq_field(struct request *rq, const char *name); /* one raw field of the form */
size_t rq_field_all(struct request *rq, const char *name, struct text **out); /* checkboxes: all values */
int64_t rq_field_int(struct request *rq, const char *name); /* 0 when absent or wrong */
/* Reads all inputs of a form from what was sent; false when some are wrong (then rq_end() says ERR_INPUT). */
bool rq_read_form(struct request *rq, const struct form *form, struct input *inputs);
/* Fills inputs for showing, from a row of table t (all its fields); without t: values in the order of the form's fields. */
void rq_fill_form(struct request *rq, const struct form *form, struct input *inputs,
                  const struct table *t, const struct value *row);
/* Error of a rule beside its field; the form is shown again. */
void input_wrong(struct request *rq, struct input *in, const char *msgid);

/* One uploaded file of a multipart form; bytes live as long as the request. At most UPLOAD_MAX. */
enum { UPLOAD_MAX = 64 << 20, FORM_MAX = 1 << 20 };
bool rq_upload(struct request *rq, const char *name, struct text *file_name, struct text *bytes);

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

/* The server. Threads: one for events, `workers` for requests, 2 for slow ones. */
struct server;
struct server_options {
    const char *listen; /* HOST:PORT, port 0 picks one */
    int workers;        /* 0: 8 */
    bool demo;          /* the sign-in page offers the demo's accounts */
};
enum err server_start(struct store *store, const struct server_options *options, struct server **out,
                      struct fault *fault) MUST;
int server_port(const struct server *s);
void server_stop(struct server *s); /* drains: no new requests, running ones end */

/* Renders a route outside HTTP (tests, bench, `bereg routes`): same functions, same masks and log. */
struct buf;
enum err web_openapi(struct request *rq, struct buf *out);

#endif
