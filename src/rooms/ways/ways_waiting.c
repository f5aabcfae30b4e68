/* Where cases wait: bodies that owe their next step beyond its term, and those that answered late in the period, by the harm: working
 * days beyond the term of all together. Referrals are counted, alike ones once with their number; nobody is named. */
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/ways/ways_rules.h"
#include "ways_tpl.h"
#include "web/web.h"
#include <stdlib.h>

enum what { ANSWER, RESULT, PAST, WHATS };
static const char *const what_codes[] = {"answer", "result", "past"};

struct place {
    int64_t body, n, late, harm;
    enum what what;
    struct text name;
    struct day_counts waited, terms; /* working days, of what is late */
};
struct places {
    struct request *rq;
    size_t n, cap;
    struct place *v;
};

static struct place *place_of(struct places *p, enum what what, int64_t body, struct text name)
{
    for (size_t i = p->n; i > 0; i--) /* rows come by body */
        if (p->v[i - 1].body == body && p->v[i - 1].what == what)
            return &p->v[i - 1];
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        p->v = arena_grow(p->rq->arena, p->v, p->cap * sizeof *p->v, cap * sizeof *p->v);
        p->cap = cap;
    }
    p->v[p->n] = (struct place){.body = body, .what = what, .name = arena_text(p->rq->arena, name)};
    return &p->v[p->n++];
}

static void late(struct places *p, struct place *x, int64_t from, int64_t by, int64_t until, int64_t n)
{
    const struct calendar *c = calendar_here();
    int64_t beyond = calendar_working_between(c, by, until);
    x->late += n;
    x->harm += beyond * n;
    days_add(p->rq->arena, &x->waited, calendar_working_between(c, from, until), n);
    days_add(p->rq->arena, &x->terms, calendar_working_between(c, from, by), n);
}

static enum err take_owed(void *ctx, const struct value *cells)
{
    struct places *p = ctx;
    const union way_owed_row *r = (const union way_owed_row *)cells;
    struct text state = v_as_text(r->state);
    bool answer = text_is(state, "sent") || text_is(state, "received") || text_is(state, "returned");
    struct place *x = place_of(p, answer ? ANSWER : RESULT, v_as_int(r->owing_body_id), v_as_text(r->name));
    int64_t n = v_as_int(r->n);
    x->n += n;
    if (v_as_int(r->next_on) < p->rq->today)
        late(p, x, v_as_int(r->sent_on), v_as_int(r->next_on), p->rq->today, n);
    return OK;
}

static enum err take_late(void *ctx, const struct value *cells)
{
    struct places *p = ctx;
    const union way_answered_row *r = (const union way_answered_row *)cells;
    struct place *x = place_of(p, PAST, v_as_int(r->to_body_id), v_as_text(r->name));
    late(p, x, v_as_int(r->sent_on), v_as_int(r->answer_by), v_as_int(r->answered_on), v_as_int(r->n));
    return OK;
}

static enum err take_all(void *ctx, const struct value *cells)
{
    struct places *p = ctx;
    const union way_answered_all_row *r = (const union way_answered_all_row *)cells;
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].what == PAST && p->v[i].body == v_as_int(r->to_body_id))
            p->v[i].n += v_as_int(r->n);
    return OK;
}

static int by_harm(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->harm != b->harm)
        return a->harm > b->harm ? -1 : 1;
    return a->body != b->body ? (a->body < b->body ? -1 : 1) : (int)a->what - (int)b->what;
}

/* "{late} of {n} wait for an answer of {body}; median {median} working days; term {term}" */
static struct text words_of(struct request *rq, const struct place *x, struct value late, struct value n, int64_t median, int64_t term)
{
    static const char *const words[] = {N_("{late} of {n} wait for an answer beyond the term: {body}; median {median} working days, term {term}"),
                                        N_("{late} of {n} wait for the result beyond the term: {body}; median {median} working days, term {term}"),
                                        N_("{late} of {n} were answered beyond the term: {body}; median {median} working days, term {term}")};
    const char *z = tr(rq->lang, words[x->what]);
    struct buf b = BUF(2000);
    while (*z) {
        const char *end = *z == '{' ? strchr(z, '}') : NULL;
        if (!end) {
            buf_char(&b, *z++);
            continue;
        }
        struct text name = {z + 1, (size_t)(end - z - 1)};
        z = end + 1;
        if (text_is(name, "body"))
            buf_text(&b, x->name);
        else
            buf_int(&b, text_is(name, "late") ? v_as_int(late) : text_is(name, "n") ? v_as_int(n) : text_is(name, "median") ? median : term);
    }
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

int64_t ways_silent(struct request *rq)
{
    struct way_wish w = way_wish_of(rq);
    struct way_silent_rows bodies = {0};
    struct way_silent_to_rows partners = {0};
    if (!w.region)
        q_way_silent_to(rq, &(struct way_silent_to_args){0}, &partners);
    else
        q_way_silent(rq, &(struct way_silent_args){.most = v_int(w.exact ? 1 : w.small)}, &bodies);
    return (int64_t)(bodies.n + partners.n);
}

ROUTE(GET, "/ways/waiting", ways_page_waiting, way_waiting_page, SEE_INTERACTION)
static enum err ways_page_waiting(struct request *rq, struct way_waiting_page_page *page)
{
    struct way_wish w = way_wish_of(rq);
    struct places p = {.rq = rq};
    struct value party = w.region ? (struct value){0} : v_int(rq->viewer.body);
    struct value first = v_date(date_from((struct ymd){w.first / 100, w.first % 100, 1}));
    struct value last = v_date(date_add_months(date_from((struct ymd){w.last / 100, w.last % 100, 1}), 1) - 1);
    for (int i = 0; i < WHATS; i++)
        if (text_is(rq_param(rq, "what"), what_codes[i]))
            page->what = text_of(what_codes[i]);
    bool now = page->what.n && !text_is(page->what, what_codes[PAST]), others = text_is(rq_param(rq, "of"), "others");
    each_way_owed(rq, &(struct way_owed_args){.party = party}, take_owed, &p);
    if (!now)
        each_way_answered(rq, &(struct way_answered_args){.first = first, .last = last, .party = party}, take_late, &p);
    if (!now)
        each_way_answered_all(rq, &(struct way_answered_all_args){.first = first, .last = last, .party = party}, take_all, &p);
    if (p.n)
        qsort(p.v, p.n, sizeof *p.v, by_harm);
    const struct code_list *list = code_list("way_wait");
    page->items = (struct way_waiting_rows){.query = &way_waiting_query, .row = arena_array(rq->arena, p.n + 1, sizeof *page->items.row)};
    for (size_t i = 0; i < p.n && p.v[i].late; i++) {
        struct place *x = &p.v[i];
        if (way_figure(&w, x->late) < 0 || (others && x->body == rq->viewer.body) || (page->what.n && !text_is(page->what, what_codes[x->what])))
            continue;
        struct value n = v_int(way_figure(&w, x->n)), beyond = v_int(way_figure(&w, x->late)), what = v_z(what_codes[x->what]);
        int64_t median = days_quantile(&x->waited, 1, 2), term = days_quantile(&x->terms, 1, 2);
        what.kind = V_CODE;
        what.list = list ? list->index : 0;
        page->items.row[page->items.n++] = (union way_waiting_row){.words = v_text(words_of(rq, x, beyond, n, median, term)),
                                                                   .body_id = v_int(x->body),
                                                                   .name = v_text(x->name),
                                                                   .what = what,
                                                                   .late = beyond,
                                                                   .n = n,
                                                                   .median = v_int(median),
                                                                   .term = v_int(term),
                                                                   .harm = v_int(way_figure(&w, x->harm) < 0 ? 0 : way_figure(&w, x->harm))};
    }
    page->from = way_month_text(rq, w.first);
    page->to = way_month_text(rq, w.last);
    page->exact = w.exact;
    page->small = w.small;
    return rq_end(rq);
}
