/* Pages of the ways: the map, variants, cases behind a figure, how schemes were kept to, what waits. */
#include "formats/process_graph.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/ways/ways_rules.h"
#include "ways_tpl.h"
#include "web/web.h"
#include <stdlib.h>

enum { WAIT = 1000000, VARIANTS_FIRST = 10, VARIANTS_MOST = 500, SHOWN_STEPS = 30, MAP_STEPS = 40, MAP_ARCS = 90, BODIES_MOST = 1000 };

/* ---- what is asked ---- */

static bool month_of(struct text t, int *month)
{
    int64_t year, m;
    if (t.n != 7 || t.s[4] != '-' || text_int((struct text){t.s, 4}, 1900, 2100, &year) || text_int((struct text){t.s + 5, 2}, 1, 12, &m))
        return false;
    *month = (int)(year * 100 + m);
    return true;
}

struct text way_month_text(struct request *rq, int month)
{
    return arena_printf(rq->arena, "%04d-%02d", month / 100, month % 100);
}

static int64_t number_of(struct request *rq, const char *name)
{
    int64_t n;
    return text_int(rq_param(rq, name), 1, INT64_MAX, &n) ? 0 : n;
}

/* Wrong words are left out of the filter; the page shows what holds. */
struct way_wish way_wish_of(struct request *rq)
{
    struct ymd today = date_ymd(rq->today);
    struct way_wish w = {.last = today.year * 100 + today.month, .first = (today.year - 1) * 100 + today.month, .scheme = rq_param(rq, "scheme")};
    (void)month_of(rq_param(rq, "from"), &w.first);
    (void)month_of(rq_param(rq, "to"), &w.last);
    if (text_starts(w.scheme, "*") || text_starts(w.scheme, WAY_PART) || w.scheme.n > 40)
        w.scheme = T("");
    w.district = number_of(rq, "district");
    w.body = number_of(rq, "body");
    w.region = rq_may(rq, CAP_REGION_INTERACTION);
    w.exact = !w.region || rq_may(rq, CAP_REPORT_PERSONS);
    struct text whose = rq_param(rq, "whose");
    w.whose = w.region || text_is(whose, "led") ? WAY_LED : text_is(whose, "worked") ? WAY_WORKED : WAY_ALL;
    if (!w.region)
        w.body = rq->viewer.body;
    if (w.whose == WAY_WORKED) /* the route is the lead's */
        w.scheme = T("");
    if (text_int(pack_value("ways", "map", "small"), 1, 1000, &w.small))
        w.small = 5;
    return w;
}

/* As it stands in addresses; of the region only led cases are counted. */
static struct text whose_code(const struct way_wish *w)
{
    return w->region || w->whose == WAY_ALL ? T("") : w->whose == WAY_LED ? T("led") : T("worked");
}

static struct value shown(struct request *rq, const struct way_wish *w, int64_t n)
{
    int64_t f = way_figure(w, n);
    return f < 0 ? v_text(arena_printf(rq->arena, "<%lld", (long long)w->small)) : v_int(f);
}

/* ---- choices of the filter ---- */

static void add_choice(struct way_choice_rows *out, struct value code, struct value label, bool chosen)
{
    out->row[out->n++] = (union way_choice_row){.code = code, .label = label, .chosen = v_int(chosen)};
}

static void choices(struct request *rq, const struct way_wish *w, struct way_choice_rows *schemes, struct way_choice_rows *districts,
                    struct way_choice_rows *bodies)
{
    struct way_scheme_names_rows s = {0};
    struct way_districts_rows d = {0};
    struct way_bodies_rows b = {0};
    q_way_scheme_names(rq, &(struct way_scheme_names_args){0}, &s);
    q_way_districts(rq, &(struct way_districts_args){0}, &d);
    if (w->region)
        q_way_bodies(rq, &(struct way_bodies_args){0}, &b);
    *schemes = (struct way_choice_rows){.query = &way_choice_query, .row = arena_array(rq->arena, s.n + 1, sizeof *schemes->row)};
    *districts = (struct way_choice_rows){.query = &way_choice_query, .row = arena_array(rq->arena, d.n + 1, sizeof *districts->row)};
    *bodies = (struct way_choice_rows){.query = &way_choice_query, .row = arena_array(rq->arena, b.n + 1, sizeof *bodies->row)};
    for (size_t i = 0; i < s.n; i++)
        if (i + 1 == s.n || !text_eq(v_as_text(s.row[i].code), v_as_text(s.row[i + 1].code))) /* by its newest name */
            add_choice(schemes, s.row[i].code, s.row[i].name, text_eq(v_as_text(s.row[i].code), w->scheme));
    for (size_t i = 0; i < d.n; i++)
        add_choice(districts, d.row[i].id, d.row[i].name, v_as_int(d.row[i].id) == w->district);
    for (size_t i = 0; i < b.n; i++)
        add_choice(bodies, b.row[i].id, b.row[i].name, v_as_int(b.row[i].id) == w->body);
}

/* ---- the map ---- */

static struct text arc_words(struct request *rq, const struct way_picture *p, struct way_picture_arc *a, int64_t n)
{
    bool start = text_is(p->steps.name[a->from], "^"), end = text_is(p->steps.name[a->to], "$");
    if (start || end)
        return arena_printf(rq->arena, "%lld", (long long)n);
    return arena_printf(rq->arena, "%lld\n%lld %s", (long long)n, (long long)days_quantile(&a->days, 1, 2), tr(rq->lang, N_("d.")));
}

/* The list of the cases behind a figure of the map. next: empty for a step alone. */
static struct text behind_figure(struct request *rq, const struct way_wish *w, struct text step, struct text next)
{
    struct text whose = whose_code(w), from = way_month_text(rq, w->first), to = way_month_text(rq, w->last);
    return url_of(rq, "/ways/cases?step=%.*s&next=%.*s&from=%.*s&to=%.*s&scheme=%.*s&district=%lld&body=%lld&whose=%.*s", TEXT_ARG(step),
                  TEXT_ARG(next), TEXT_ARG(from), TEXT_ARG(to), TEXT_ARG(w->scheme), (long long)w->district, (long long)w->body, TEXT_ARG(whose))
        .t;
}

/* Start and end are the last nodes of a map. */
static void draw(struct request *rq, const struct way_wish *w, struct way_picture *p, struct svg *svg, bool *drawn)
{
    uint32_t n = 0, *node = arena_array(rq->arena, (size_t)p->steps.n + 1, sizeof *node);
    struct process_map m = {0};
    struct fault fault = {0};
    for (uint32_t i = 0; i < p->steps.n; i++)
        if (!text_is(p->steps.name[i], "^") && !text_is(p->steps.name[i], "$"))
            node[i] = n++;
    m.n_nodes = n + 2;
    m.n = arena_array(rq->arena, m.n_nodes, sizeof *m.n);
    m.link = arena_array(rq->arena, p->n_arcs + 1, sizeof *m.link);
    struct text *title = arena_array(rq->arena, m.n_nodes, sizeof *title), *sub = arena_array(rq->arena, m.n_nodes, sizeof *sub);
    struct text *label = arena_array(rq->arena, p->n_arcs + 1, sizeof *label);
    struct text *node_href = arena_array(rq->arena, m.n_nodes, sizeof *node_href);
    struct text *link_href = arena_array(rq->arena, p->n_arcs + 1, sizeof *link_href);
    bool persons = rq_may(rq, CAP_SEE_PERSON);
    for (uint32_t i = 0; i < p->steps.n; i++) {
        if (text_is(p->steps.name[i], "^"))
            node[i] = n;
        else if (text_is(p->steps.name[i], "$"))
            node[i] = n + 1;
        title[node[i]] = p->label[i];
        if (persons && node[i] < n)
            node_href[node[i]] = behind_figure(rq, w, p->steps.name[i], T(""));
    }
    title[n] = text_of(tr(rq->lang, N_("Beginning")));
    title[n + 1] = text_of(tr(rq->lang, N_("End of the case")));
    for (size_t i = 0; i < p->n_arcs; i++) {
        struct way_picture_arc *a = &p->arc[i];
        int64_t f = way_figure(w, a->n);
        if (f <= 0)
            continue;
        m.n[node[a->to]] += node[a->to] < n ? (uint64_t)a->n : 0;
        label[m.n_links] = arc_words(rq, p, a, f);
        if (persons)
            link_href[m.n_links] = behind_figure(rq, w, p->steps.name[a->from], p->steps.name[a->to]);
        m.link[m.n_links++] = (struct process_link){node[a->from], node[a->to], (uint64_t)f, false};
    }
    for (uint32_t i = 0; i < n; i++) {
        int64_t f = way_figure(w, (int64_t)m.n[i]);
        if (f > 0)
            sub[i] = arena_printf(rq->arena, "%lld", (long long)f);
    }
    process_map_choose(rq->arena, &m, &(struct process_share){.nodes = 1, .links = 0.8, .nodes_max = MAP_STEPS, .links_max = MAP_ARCS});
    struct process_drawing d = {text_of(tr(rq->lang, N_("Map of the ways of cases"))), title, sub, label, false, node_href, link_href};
    *drawn = process_graph_svg("/proc/self/exe", &m, &d, rq->arena, &svg->t, &fault) == OK;
}

static void fill_arcs(struct request *rq, const struct way_wish *w, struct way_picture *p, struct way_arc_rows *out)
{
    *out = (struct way_arc_rows){.query = &way_arc_query, .row = arena_array(rq->arena, p->n_arcs + 1, sizeof *out->row)};
    for (size_t i = 0; i < p->n_arcs; i++) {
        struct way_picture_arc *a = &p->arc[i];
        if (way_figure(w, a->n) < 0)
            continue;
        union way_arc_row *r = &out->row[out->n++];
        r->from_code = v_text(p->steps.name[a->from]);
        r->to_code = v_text(p->steps.name[a->to]);
        r->from_label = v_text(p->label[a->from]);
        r->to_label = v_text(p->label[a->to]);
        r->n = v_int(way_figure(w, a->n));
        r->median = v_int(days_quantile(&a->days, 1, 2));
        r->p90 = v_int(days_quantile(&a->days, 9, 10));
    }
}

/* ---- variants ---- */

struct variant {
    int64_t id, n;
    struct day_counts days;
    bool open;
};
struct variants {
    struct request *rq;
    size_t n, cap, n_slots;
    struct variant *v;
    uint32_t *slot;
    int64_t all;
};

static struct variant *variant_by(struct variants *v, int64_t id)
{
    if (v->n * 2 >= v->n_slots) {
        v->n_slots = v->n_slots ? v->n_slots * 2 : 1024;
        v->slot = arena_array(v->rq->arena, v->n_slots, sizeof *v->slot);
        for (size_t i = 0; i < v->n; i++) {
            size_t at = (uint64_t)v->v[i].id * UINT64_C(0x9E3779B97F4A7C15) >> 20 & (v->n_slots - 1);
            while (v->slot[at])
                at = (at + 1) & (v->n_slots - 1);
            v->slot[at] = (uint32_t)i + 1;
        }
    }
    size_t at = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 20 & (v->n_slots - 1);
    for (; v->slot[at]; at = (at + 1) & (v->n_slots - 1))
        if (v->v[v->slot[at] - 1].id == id)
            return &v->v[v->slot[at] - 1];
    if (v->n == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 256;
        v->v = arena_grow(v->rq->arena, v->v, v->cap * sizeof *v->v, cap * sizeof *v->v);
        v->cap = cap;
    }
    v->v[v->n] = (struct variant){.id = id};
    v->slot[at] = (uint32_t)++v->n;
    return &v->v[v->n - 1];
}

static enum err take_variant(void *ctx, const struct value *cells)
{
    struct variants *v = ctx;
    const union way_variants_row *r = (const union way_variants_row *)cells;
    struct variant *x = variant_by(v, v_as_int(r->variant_id));
    int64_t n = v_as_int(r->n), days = v_as_int(r->days);
    x->n += n;
    v->all += n;
    if (days >= 0)
        days_add(v->rq->arena, &x->days, days, n);
    else
        x->open = true;
    return OK;
}

static int most_cases(const void *x, const void *y)
{
    const struct variant *a = x, *b = y;
    return a->n != b->n ? (a->n > b->n ? -1 : 1) : (a->id > b->id) - (a->id < b->id);
}

static struct text variant_words(struct request *rq, struct text steps)
{
    struct buf b = BUF(100000);
    struct text word;
    int n = 0;
    while (text_split(&steps, ' ', &word)) {
        if (!word.n || text_is(word, "^") || text_is(word, "$"))
            continue;
        if (n++ == SHOWN_STEPS) {
            buf_z(&b, " → …");
            break;
        }
        struct text label = way_step_words(rq, word);
        buf_printf(&b, "%s%.*s", n > 1 ? " → " : "", TEXT_ARG(label));
    }
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

/* Of equal ones the older; how many there are and are not shown. */
static void fill_variants(struct request *rq, const struct way_wish *w, size_t most, struct way_variant_row_rows *out, int64_t *count)
{
    struct variants v = {.rq = rq};
    struct way_span span[WAY_SPANS];
    for (int i = 0, k = way_spans(w, span); i < k; i++) {
        struct way_variants_args args = {.first = v_int(span[i].first), .last = v_int(span[i].last), .scheme = span[i].scheme,
                                         .district = span[i].district, .body = span[i].body, .part = span[i].part};
        each_way_variants(rq, &args, take_variant, &v);
    }
    if (v.n)
        qsort(v.v, v.n, sizeof *v.v, most_cases);
    *count = (int64_t)v.n;
    *out = (struct way_variant_row_rows){.query = &way_variant_row_query, .row = arena_array(rq->arena, most + 1, sizeof *out->row)};
    for (size_t i = 0; i < v.n && out->n < most && !rq->err; i++) {
        union way_variant_text_row text = {0};
        if (way_figure(w, v.v[i].n) < 0 || !q_way_variant_text(rq, &(struct way_variant_text_args){.id = v_int(v.v[i].id)}, &text))
            continue;
        int64_t median = days_quantile(&v.v[i].days, 1, 2);
        out->row[out->n++] = (union way_variant_row_row){.id = v_int(v.v[i].id),
                                                         .steps = v_text(variant_words(rq, v_as_text(text.steps))),
                                                         .length = text.length,
                                                         .n = v_int(way_figure(w, v.v[i].n)),
                                                         .share = v_int((v.v[i].n * 100 + v.all / 2) / v.all),
                                                         .median = median < 0 ? (struct value){0} : v_int(median),
                                                         .is_open = v_int(v.v[i].open)};
    }
}

/* ---- the page of the map ---- */

ROUTE(GET, "/ways", ways_page_map, way_page, SEE_INTERACTION)
static enum err ways_page_map(struct request *rq, struct way_page_page *page)
{
    struct way_wish w = way_wish_of(rq);
    struct way_picture p;
    page->behind = !ways_catch_up(rq, WAIT) && !rq->err;
    way_picture_make(rq, &w, &p);
    fill_arcs(rq, &w, &p, &page->items);
    fill_variants(rq, &w, VARIANTS_FIRST, &page->variants, &page->n_variants);
    choices(rq, &w, &page->schemes, &page->districts, &page->bodies);
    page->from = way_month_text(rq, w.first);
    page->to = way_month_text(rq, w.last);
    page->scheme = w.scheme;
    page->district = w.district;
    page->body = w.body;
    page->region = w.region;
    page->persons = rq_may(rq, CAP_SEE_PERSON);
    page->whose = whose_code(&w);
    page->exact = w.exact;
    page->small = w.small;
    page->cases = shown(rq, &w, p.cases);
    page->closed = shown(rq, &w, p.closed);
    int64_t median = days_quantile(&p.whole, 1, 2), p90 = days_quantile(&p.whole, 9, 10);
    if (median >= 0 && way_figure(&w, p.closed) >= 0) {
        page->median = v_int(median);
        page->p90 = v_int(p90);
    }
    if (!rq->err && !rq_is_api(rq) && p.n_arcs)
        draw(rq, &w, &p, &page->map, &page->drawn);
    return rq_end(rq);
}

ROUTE(GET, "/ways/variants", ways_page_variants, way_variants_page, SEE_INTERACTION)
static enum err ways_page_variants(struct request *rq, struct way_variants_page_page *page)
{
    struct way_wish w = way_wish_of(rq);
    (void)ways_catch_up(rq, WAIT);
    fill_variants(rq, &w, VARIANTS_MOST, &page->items, &page->n_variants);
    page->from = way_month_text(rq, w.first);
    page->to = way_month_text(rq, w.last);
    page->scheme = w.scheme;
    page->district = w.district;
    page->body = w.body;
    page->persons = rq_may(rq, CAP_SEE_PERSON);
    page->whose = whose_code(&w);
    page->exact = w.exact;
    page->small = w.small;
    return rq_end(rq);
}

/* ---- the cases behind a figure ---- */

static struct value one_if(struct request *rq, const char *what)
{
    return text_is(rq_param(rq, "deviation"), what) ? v_int(1) : (struct value){0};
}

static int64_t dues_past(struct text dues, int64_t today)
{
    struct text word;
    int64_t day, n = 0;
    while (text_split(&dues, ' ', &word))
        n += !text_int(word, INT32_MIN, INT32_MAX, &day) && day < today;
    return n;
}

ROUTE(GET, "/ways/cases", ways_page_cases, way_cases_page, SEE_INTERACTION)
static enum err ways_page_cases(struct request *rq, struct way_cases_page_page *page)
{
    struct way_wish w = way_wish_of(rq);
    struct text step = rq_param(rq, "step"), next = rq_param(rq, "next");
    struct value pair = {0}, none = {0};
    union way_case_count_row count = {0};
    int64_t variant = number_of(rq, "variant");
    int64_t version = number_of(rq, "version");
    if (step.n)
        pair = v_text(arena_printf(rq->arena, " %.*s%s%.*s ", TEXT_ARG(step), next.n ? " " : "", TEXT_ARG(next)));
    struct value scheme = w.whose == WAY_WORKED ? v_z(WAY_PART) : w.scheme.n ? v_text(w.scheme) : none;
    struct value part = w.whose == WAY_LED ? v_z(WAY_PART) : none;
    struct way_case_count_args args = {.first = v_int(w.first),
                                       .last = v_int(w.last),
                                       .pair = pair,
                                       .variant = variant ? v_int(variant) : none,
                                       .version = version ? v_int(version) : none,
                                       .scheme = scheme,
                                       .part = part,
                                       .district = w.district ? v_int(w.district) : none,
                                       .body = w.body ? v_int(w.body) : none,
                                       .skipped = one_if(rq, "skipped"),
                                       .repeated = one_if(rq, "repeated"),
                                       .disordered = one_if(rq, "disordered"),
                                       .late = one_if(rq, "late")};
    q_way_case_count(rq, &args, &count);
    page->items.query = &way_case_list_query;
    if (!w.body || w.body == rq->viewer.body) /* it shows those of the viewer's body */
        q_way_case_list(rq,
                    &(struct way_case_list_args){.paging = rq_paging(rq, &way_case_list_query),
                                                 .first = args.first,
                                                 .last = args.last,
                                                 .pair = args.pair,
                                                 .variant = args.variant,
                                                 .version = args.version,
                                                 .scheme = args.scheme,
                                                 .part = args.part,
                                                 .district = args.district,
                                                 .skipped = args.skipped,
                                                 .repeated = args.repeated,
                                                 .disordered = args.disordered,
                                                 .late = args.late},
                    &page->items);
    for (size_t i = 0; i < page->items.n; i++) { /* open steps beyond their term are late too, today */
        union way_case_list_row *r = &page->items.row[i];
        r->late = v_int(v_as_int(r->late) + dues_past(v_as_text(r->dues), rq->today));
    }
    int64_t hidden = v_as_int(count.cases) - v_as_int(count.visible);
    page->n = shown(rq, &w, v_as_int(count.cases));
    page->hidden = hidden >= w.small ? way_figure(&w, hidden) : 0;
    if (step.n)
        page->step = way_step_words(rq, step);
    if (step.n && next.n)
        page->next = way_step_words(rq, next);
    page->from = way_month_text(rq, w.first);
    page->to = way_month_text(rq, w.last);
    page->region = w.region;
    union way_variant_text_row text = {0};
    if (variant && q_way_variant_text(rq, &(struct way_variant_text_args){.id = v_int(variant)}, &text))
        page->steps = variant_words(rq, v_as_text(text.steps));
    return rq_end(rq);
}

/* ---- how schemes were kept to ---- */

ROUTE(GET, "/ways/conformance", ways_page_conformance, way_conformance_page, SEE_INTERACTION)
static enum err ways_page_conformance(struct request *rq, struct way_conformance_page_page *page)
{
    struct way_wish w = way_wish_of(rq);
    (void)ways_catch_up(rq, WAIT);
    q_way_conformance(rq,
                      &(struct way_conformance_args){.first = v_int(w.first),
                                                     .last = v_int(w.last),
                                                     .district = w.district ? v_int(w.district) : (struct value){0},
                                                     .body = w.body ? v_int(w.body) : (struct value){0},
                                                     .part = w.whose == WAY_LED ? v_z(WAY_PART) : (struct value){0},
                                                     .scheme = w.whose == WAY_WORKED ? v_z(WAY_PART) : (struct value){0}},
                      &page->items);
    for (size_t i = 0; i < page->items.n; i++) {
        union way_conformance_row *r = &page->items.row[i];
        struct value *figures[] = {&r->cases, &r->kept, &r->skipped, &r->repeated, &r->disordered, &r->late};
        for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
            *figures[k] = way_figure(&w, v_as_int(*figures[k])) < 0 ? (struct value){0} : v_int(way_figure(&w, v_as_int(*figures[k])));
    }
    page->from = way_month_text(rq, w.first);
    page->to = way_month_text(rq, w.last);
    page->persons = rq_may(rq, CAP_SEE_PERSON);
    page->region = w.region;
    page->whose = whose_code(&w);
    page->exact = w.exact;
    page->small = w.small;
    return rq_end(rq);
}
