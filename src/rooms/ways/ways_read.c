/* Figures from the kept sums. */
#include "guard/codes.h"
#include "rooms/ways/ways_rules.h"
#include "web/web.h"
#include <stdlib.h>

void days_add(struct arena *arena, struct day_counts *d, int64_t days, int64_t n)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        d->v = arena_grow(arena, d->v, d->cap * sizeof *d->v, cap * sizeof *d->v);
        d->cap = cap;
    }
    d->v[d->n++] = (struct day_count){days, n};
    d->all += n;
}

static int by_days(const void *x, const void *y)
{
    const struct day_count *a = x, *b = y;
    return (a->days > b->days) - (a->days < b->days);
}

int64_t days_quantile(struct day_counts *d, int64_t part, int64_t of)
{
    int64_t below = 0;
    if (!d->all)
        return -1;
    qsort(d->v, d->n, sizeof *d->v, by_days);
    for (size_t i = 0; i < d->n; i++) {
        below += d->v[i].n;
        if (below * of >= part * d->all)
            return d->v[i].days;
    }
    return d->v[d->n - 1].days;
}

int64_t way_figure(const struct way_wish *w, int64_t n)
{
    if (w->exact || n == 0)
        return n;
    return n < w->small ? -1 : (n + w->small / 2) / w->small * w->small;
}

/* ---- words ---- */

struct text way_step_words(struct request *rq, struct text code)
{
    const struct code_list *list = code_list("way_step");
    const struct code *c = list ? code_find(list, code) : NULL;
    const char *slash = code.n ? memchr(code.s, '/', code.n) : NULL;
    if (text_is(code, "^"))
        return text_of(tr(rq->lang, N_("Beginning")));
    if (text_is(code, "$"))
        return text_of(tr(rq->lang, N_("End of the case")));
    if (c)
        return text_of(c->label[rq->lang]);
    union way_step_label_row row = {0};
    if (slash && q_way_step_label(rq, &(struct way_step_label_args){.scheme = v_text((struct text){code.s, (size_t)(slash - code.s)}),
                                                                    .step = v_text((struct text){slash + 1, code.n - (size_t)(slash - code.s) - 1})},
                                  &row))
        return v_as_text(row.label);
    return code; /* of a step that no packs name any more */
}

/* ---- the picture ---- */

struct reading {
    struct request *rq;
    struct way_picture *out;
    size_t cap, n_slots;
    uint32_t *slot; /* arc + 1, by from * n + to */
};

static struct way_picture_arc *arc_of(struct reading *r, uint32_t from, uint32_t to)
{
    struct way_picture *p = r->out;
    for (size_t i = 0; i < p->n_arcs; i++) /* rows come in the order of arcs on both engines, or nearly: the last one first */
        if (p->arc[p->n_arcs - 1 - i].from == from && p->arc[p->n_arcs - 1 - i].to == to)
            return &p->arc[p->n_arcs - 1 - i];
    if (p->n_arcs == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 128;
        p->arc = arena_grow(r->rq->arena, p->arc, r->cap * sizeof *p->arc, cap * sizeof *p->arc);
        r->cap = cap;
    }
    p->arc[p->n_arcs] = (struct way_picture_arc){.from = from, .to = to};
    return &p->arc[p->n_arcs++];
}

static enum err take_arc(void *ctx, const struct value *cells)
{
    struct reading *r = ctx;
    const union way_arcs_row *row = (const union way_arcs_row *)cells;
    struct way_picture *p = r->out;
    struct text step = v_as_text(row->step), next = v_as_text(row->next_step);
    struct way_picture_arc *a = arc_of(r, process_name_id(&p->steps, r->rq->arena, step), process_name_id(&p->steps, r->rq->arena, next));
    int64_t n = v_as_int(row->n);
    days_add(r->rq->arena, &a->days, v_as_int(row->days), n);
    a->n += n;
    if (text_is(step, "^"))
        p->cases += n;
    if (text_is(next, "$")) {
        p->closed += n;
        days_add(r->rq->arena, &p->whole, v_as_int(row->days), n);
    }
    return OK;
}

static int by_frequency(const void *x, const void *y)
{
    const struct way_picture_arc *a = x, *b = y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->from != b->from ? (a->from < b->from ? -1 : 1) : (a->to > b->to) - (a->to < b->to);
}

int way_spans(const struct way_wish *w, struct way_span out[WAY_SPANS])
{
    int n = 0, first = w->first / 100 + (w->first % 100 > 1), last = w->last / 100 - (w->last % 100 < 12);
    if (w->scheme.n || w->district || w->body) {
        out[n++] = (struct way_span){.first = w->first,
                                     .last = w->last,
                                     .scheme = w->scheme.n ? v_text(w->scheme) : (struct value){0},
                                     .district = w->district ? v_int(w->district) : (struct value){0},
                                     .body = w->body ? v_int(w->body) : (struct value){0},
                                     .part = w->whose == WAY_LED ? v_z(WAY_PART) : (struct value){0}};
        if (w->whose == WAY_WORKED)
            out[0].scheme = v_z(WAY_PART);
        return n;
    }
    if (first > last) { /* no whole year in it */
        out[n++] = (struct way_span){.first = w->first, .last = w->last, .scheme = v_z("*")};
        return n;
    }
    out[n++] = (struct way_span){.first = first, .last = last, .scheme = v_z("**")};
    if (w->first < first * 100)
        out[n++] = (struct way_span){.first = w->first, .last = first * 100, .scheme = v_z("*")};
    if (w->last > last * 100 + 12)
        out[n++] = (struct way_span){.first = last * 100 + 13, .last = w->last, .scheme = v_z("*")};
    return n;
}

void way_picture_make(struct request *rq, const struct way_wish *w, struct way_picture *out)
{
    struct reading r = {.rq = rq, .out = out};
    struct way_span span[WAY_SPANS];
    *out = (struct way_picture){0};
    for (int i = 0, n = way_spans(w, span); i < n; i++) {
        struct way_arcs_args args = {.first = v_int(span[i].first), .last = v_int(span[i].last), .scheme = span[i].scheme,
                                     .district = span[i].district, .body = span[i].body, .part = span[i].part};
        each_way_arcs(rq, &args, take_arc, &r);
    }
    if (out->n_arcs)
        qsort(out->arc, out->n_arcs, sizeof *out->arc, by_frequency);
    out->label = arena_array(rq->arena, (size_t)out->steps.n + 1, sizeof *out->label);
    for (uint32_t i = 0; i < out->steps.n; i++)
        out->label[i] = way_step_words(rq, out->steps.name[i]);
}
