/* The picture, made from the kept sums and from what is open today.
 *
 * Whose figures: a viewer without the cap region_interaction sees pairs in which his own body takes part, exactly. Who sees the region
 * and not the persons behind the figures gets what cannot be subtracted: half-years, which do not overlap; rows of pairs in which small
 * numbers are hidden row by row, the same under every filter; and sums over several pairs rounded. */
#include "base/date.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/interaction/interaction_rules.h"
#include "rooms/packs/packs.h"
#include "web/tr.h"
#include <stdlib.h>

enum { HALVES_BEFORE = 3 }; /* in the trend of a region */

int64_t interaction_small(void)
{
    int64_t small;
    return text_int(pack_value("report", "clients-by-category", "small"), 1, 1000, &small) ? 5 : small;
}

/* ---- who takes part ---- */

static enum sector sector_of(struct request *rq, struct text kind)
{
    struct text s = pack_value("body_kind", arena_z(rq->arena, kind), "sector");
    return text_is(s, "ngo") ? SECTOR_NGO : text_is(s, "employer") ? SECTOR_EMPLOYER : SECTOR_STATE;
}

static int by_id(const void *a, const void *b)
{
    const struct party *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

void parties_read(struct request *rq, struct parties *out)
{
    struct interaction_bodies_rows rows = {0};
    q_interaction_bodies(rq, &(struct interaction_bodies_args){0}, &rows);
    *out = (struct parties){.n = rows.n};
    out->of = arena_array(rq->arena, rows.n + 1, sizeof *out->of);
    out->by_id = arena_array(rq->arena, rows.n + 1, sizeof *out->by_id);
    for (size_t i = 0; i < rows.n; i++) {
        const union interaction_bodies_row *b = &rows.row[i];
        out->of[i] = (struct party){.id = v_as_int(b->id),
                                    .now = v_is(b->kept) ? v_as_int(b->kept) : v_as_int(b->id),
                                    .name = v_as_text(b->name),
                                    .kind = v_as_text(b->kind),
                                    .sector = sector_of(rq, v_as_text(b->kind)),
                                    .district = v_as_int(b->district_id),
                                    .discloses = (uint32_t)v_as_int(b->discloses),
                                    .active = v_as_int(b->active) != 0};
        out->by_id[i] = &out->of[i];
        if (out->of[i].id == rq->viewer.body)
            out->own = out->of[i].now;
    }
    qsort(out->by_id, rows.n, sizeof *out->by_id, by_id);
}

const struct party *party_find(const struct parties *all, int64_t id)
{
    struct party key = {.id = id}, *k = &key, **found;
    found = bsearch(&k, all->by_id, all->n, sizeof *all->by_id, by_id);
    return found ? *found : NULL;
}

struct text party_words(struct request *rq, const struct parties *all, int64_t now)
{
    const struct party *p = now ? party_find(all, now) : NULL;
    struct text words = p ? p->name : text_of(tr(rq->lang, N_("Bodies that are not named here")));
    const char *before = NULL;
    for (size_t i = 0; p && i < all->n; i++) {
        const struct party *q = &all->of[i];
        if (q->now != now || q->id == now)
            continue;
        before = arena_printf(rq->arena, "%s%s%.*s", before ? before : "", before ? "; " : "", TEXT_ARG(q->name)).s;
    }
    if (before)
        words = arena_printf(rq->arena, "%.*s (%s %s)", TEXT_ARG(words), tr(rq->lang, N_("with the closed")), before);
    return words;
}

/* Names that tell a class which the viewer's role does not read are not told beside figures: an NGO to which one person came would
 * learn of him from the picture what his card hides. Of the region only what is kept sealed is not told apart. */
static void leave_unnamed(struct request *rq, const struct wish *w, struct parties *all)
{
    uint32_t hidden, read = rq->viewer.role ? rq->viewer.role->read : 0;
    read &= ~access_never(rq->viewer.body_kind);
    hidden = w->region ? classes_sealed() | CLASS_BIT(CLASS_VIOLENCE) : CLASS_ALL & ~read;
    if (rq->viewer.system || (w->region && w->exact))
        return;
    for (size_t i = 0; i < all->n; i++)
        if (all->of[i].discloses & hidden && all->of[i].now != all->own)
            all->of[i].now = 0;
}

/* ---- one cell after another ---- */

struct making {
    struct request *rq;
    const struct wish *w;
    struct picture *p;
    struct tally (*halves)[SECTORS][SECTORS]; /* of a region's trend */
    int half[HALVES_BEFORE + 1];
    int64_t from, to; /* the query's own, of the viewer's side; 0: any */
    uint32_t needs_hidden;
    /* what has been looked up already: a hundred thousand cells name a dozen needs */
    size_t n_met;
    struct {
        struct text need;
        size_t line;
    } met[NEEDS_MOST];
};

static int half_of(int64_t month)
{
    return (int)(month / 100 * 10 + (month % 100 <= 6 ? 1 : 2));
}

static struct pair *pair_at(struct making *m, int64_t from, int64_t to)
{
    struct picture *p = m->p;
    if (p->n_pairs * 2 >= p->n_slots) { /* first, or grown too full: all anew */
        p->n_slots = p->n_slots ? p->n_slots * 4 : 1024;
        p->slots = arena_array(m->rq->arena, p->n_slots, sizeof *p->slots);
        for (size_t i = 0; i < p->n_pairs; i++) {
            size_t h = ((uint64_t)p->pairs[i].from * 2654435761u + (uint64_t)p->pairs[i].to * 40503u) % p->n_slots;
            while (p->slots[h])
                h = (h + 1) % p->n_slots;
            p->slots[h] = (uint32_t)i + 1;
        }
    }
    size_t h = ((uint64_t)from * 2654435761u + (uint64_t)to * 40503u) % p->n_slots;
    for (; p->slots[h]; h = (h + 1) % p->n_slots)
        if (p->pairs[p->slots[h] - 1].from == from && p->pairs[p->slots[h] - 1].to == to)
            return &p->pairs[p->slots[h] - 1];
    if (p->n_pairs == p->cap_pairs) {
        size_t cap = p->cap_pairs ? p->cap_pairs * 2 : 256;
        struct pair *more = arena_array(m->rq->arena, cap, sizeof *more);
        if (p->n_pairs)
            memcpy(more, p->pairs, p->n_pairs * sizeof *more);
        p->pairs = more;
        p->cap_pairs = cap;
    }
    p->pairs[p->n_pairs] = (struct pair){.from = from, .to = to};
    p->slots[h] = (uint32_t)++p->n_pairs;
    return &p->pairs[p->n_pairs - 1];
}

/* What a need tells beyond what may be told stands under no name. */
static struct text need_code(const struct making *m, struct text need)
{
    return code_classes("need", need) & m->needs_hidden ? T("") : need;
}

static struct line *line_at(struct making *m, struct line **lines, size_t *n, size_t most, struct text code, int month)
{
    if (!*lines)
        *lines = arena_array(m->rq->arena, most, sizeof **lines);
    for (size_t i = *n; i-- > 0;)
        if ((*lines)[i].month == month && text_eq((*lines)[i].code, code))
            return &(*lines)[i];
    if (*n == most)
        return &(*lines)[most - 1];
    (*lines)[*n] = (struct line){.code = code.n ? arena_text(m->rq->arena, code) : T(""), .month = month};
    return &(*lines)[(*n)++];
}

static struct tally *need_tally(struct making *m, struct text need)
{
    struct picture *p = m->p;
    for (size_t i = 0; i < m->n_met; i++)
        if (text_eq(m->met[i].need, need))
            return &p->needs[m->met[i].line].t;
    struct line *l = line_at(m, &p->needs, &p->n_needs, NEEDS_MOST, need_code(m, need), 0);
    if (m->n_met < NEEDS_MOST) {
        m->met[m->n_met].need = arena_text(m->rq->arena, need);
        m->met[m->n_met++].line = (size_t)(l - p->needs);
    }
    return &l->t;
}

/* Where a cell counts: its pair, everything, a group, its need, its month. */
enum { PLACES = 5 };
static size_t places(struct making *m, int64_t from_id, int64_t to_id, struct text need, int64_t month, struct tally *out[PLACES])
{
    const struct wish *w = m->w;
    const struct party *from = party_find(&m->p->all, from_id), *to = party_find(&m->p->all, to_id);
    size_t n = 0;
    if (!from || !to || (!w->region && from->now != m->p->all.own && to->now != m->p->all.own))
        return 0;
    /* a pair of the viewer's own is read on both its sides, and counts on the sender's */
    if (m->to && from->now == m->p->all.own && !w->region)
        return 0;
    bool inside = !month || (month >= w->first && month <= w->last);
    bool fits = (!w->from || from->now == w->from) && (!w->to || to->now == w->to) &&
                (w->from_sector < 0 || (int)from->sector == w->from_sector) &&
                (w->to_sector < 0 || (int)to->sector == w->to_sector) &&
                (!w->district || (to->district ? to->district : from->district) == w->district);
    bool sums = w->exact ? fits : true; /* of a region: always of all, so that no two can be subtracted */
    if (inside && fits)
        out[n++] = &pair_at(m, from->now, to->now)->t;
    if (inside && sums) {
        out[n++] = &m->p->total;
        out[n++] = &m->p->groups[from->sector][to->sector];
        out[n++] = need_tally(m, need);
    }
    if (month && w->exact && sums)
        out[n++] = &line_at(m, &m->p->months, &m->p->n_months, MONTHS_MOST, T(""), (int)month)->t;
    for (int i = 0; month && m->halves && i <= HALVES_BEFORE; i++)
        if (half_of(month) == m->half[i])
            out[n++] = &m->halves[i][from->sector][to->sector];
    return n;
}

static enum err add_sums(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union pair_sums_row *r = (const union pair_sums_row *)cells;
    struct tally *t[PLACES];
    const int64_t n[] = {v_as_int(r->sent),      v_as_int(r->accepted), v_as_int(r->returned), v_as_int(r->declined),
                         v_as_int(r->silent),    v_as_int(r->withdrawn), v_as_int(r->taken),   v_as_int(r->done),
                         v_as_int(r->not_done),  v_as_int(r->answered_in_time), v_as_int(r->finished_in_time)};
    for (size_t k = places(m, v_as_int(r->from_body_id), v_as_int(r->to_body_id), v_as_text(r->need), v_as_int(r->month), t); k-- > 0;)
        for (int i = 0; i <= M_FINISHED_IN_TIME; i++)
            t[k]->n[i] += n[i];
    return m->rq->err;
}

static enum err add_open(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union pair_open_row *r = (const union pair_open_row *)cells;
    struct tally *t[PLACES];
    int64_t n = v_as_int(r->n);
    enum measure state = M_WAITING + (enum measure)(v_as_int(r->open_state) - OPEN_WAITING);
    for (size_t k = places(m, v_as_int(r->from_body_id), v_as_int(r->to_body_id), v_as_text(r->need), v_as_int(r->month), t); k-- > 0;) {
        t[k]->n[state] += n;
        t[k]->n[M_LATE] += v_as_int(r->late) ? n : 0;
        t[k]->n[M_SILENT] += v_as_int(r->silent) ? n : 0;
    }
    return m->rq->err;
}

static enum err add_days(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union pair_days_row *r = (const union pair_days_row *)cells;
    struct tally *t[PLACES];
    int what = (int)v_as_int(r->what) - 1;
    if (what < 0 || what >= SPREADS)
        return OK;
    for (size_t k = places(m, v_as_int(r->from_body_id), v_as_int(r->to_body_id), v_as_text(r->need), v_as_int(r->month), t); k-- > 0;)
        spread_add(m->rq->arena, &t[k]->days[what], v_as_int(r->days), v_as_int(r->n));
    return m->rq->err;
}

static enum err add_reason(void *ctx, const struct value *cells)
{
    struct making *m = ctx;
    const union pair_reasons_row *r = (const union pair_reasons_row *)cells;
    struct picture *p = m->p;
    struct tally *t[PLACES];
    size_t k, places_n = places(m, v_as_int(r->from_body_id), v_as_int(r->to_body_id), v_as_text(r->need), 0, t);
    bool counts = false;
    for (k = 0; k < places_n; k++)
        counts = counts || t[k] == &p->total;
    if (!counts)
        return OK;
    struct text code = code_classes("decline_reason", v_as_text(r->reason)) & m->needs_hidden ? T("") : v_as_text(r->reason);
    if (!p->reasons)
        p->reasons = arena_array(m->rq->arena, REASONS_MOST, sizeof *p->reasons);
    for (k = 0; k < p->n_reasons && !text_eq(p->reasons[k].code, code); k++)
        ;
    if (k == REASONS_MOST)
        k--;
    if (k == p->n_reasons)
        p->reasons[p->n_reasons++] = (struct reason){.code = code.n ? arena_text(m->rq->arena, code) : T("")};
    p->reasons[k].n += v_as_int(r->n);
    return OK;
}

static struct value or_any(int64_t id)
{
    return id ? v_int(id) : (struct value){0};
}

/* All sums, or those of one body on one side. */
static void read_sums(struct making *m, int first, int last)
{
    struct request *rq = m->rq;
    struct value a = v_int(m->w->first), b = v_int(last), from = or_any(m->from), to = or_any(m->to),
                 need = m->w->need.n ? v_text(m->w->need) : (struct value){0};
    each_pair_sums(rq, &(struct pair_sums_args){.first = v_int(first), .last = b, .from = from, .to = to, .need = need}, add_sums, m);
    each_pair_open(rq, &(struct pair_open_args){.first = v_int(first), .last = b, .from = from, .to = to, .need = need}, add_open, m);
    each_pair_days(rq, &(struct pair_days_args){.first = a, .last = b, .from = from, .to = to, .need = need}, add_days, m);
    each_pair_reasons(rq, &(struct pair_reasons_args){.first = a, .last = b, .from = from, .to = to, .need = need}, add_reason, m);
}

/* A half-year of the trend is the sum of its rounded groups, as the table of groups shows them. */
static void trend_of_region(struct making *m)
{
    struct picture *p = m->p;
    p->months = arena_array(m->rq->arena, HALVES_BEFORE + 1, sizeof *p->months);
    for (int i = HALVES_BEFORE; i >= 0; i--) {
        struct line *l = &p->months[p->n_months++];
        *l = (struct line){.code = T(""), .month = m->half[i]};
        for (int f = 0; f < SECTORS; f++)
            for (int t = 0; t < SECTORS; t++) {
                tally_round(&m->halves[i][f][t], m->w->small);
                for (int k = 0; k < MEASURES; k++)
                    l->t.n[k] += m->halves[i][f][t].n[k];
            }
    }
}

static void protect(struct making *m)
{
    struct picture *p = m->p;
    struct spread days[SPREADS];
    memcpy(days, p->total.days, sizeof days);
    p->total = (struct tally){0};
    memcpy(p->total.days, days, sizeof days);
    for (size_t i = 0; i < p->n_pairs; i++)
        tally_protect(&p->pairs[i].t, m->w->small);
    for (size_t i = 0; i < p->n_needs; i++)
        tally_round(&p->needs[i].t, m->w->small);
    for (size_t i = 0; i < p->n_reasons; i++)
        p->reasons[i].n = (p->reasons[i].n + m->w->small / 2) / m->w->small * m->w->small;
    for (int f = 0; f < SECTORS; f++)
        for (int t = 0; t < SECTORS; t++) {
            tally_round(&p->groups[f][t], m->w->small);
            for (int k = 0; k < MEASURES; k++)
                p->total.n[k] += p->groups[f][t].n[k];
        }
    trend_of_region(m);
}

static bool known_need(const struct making *m)
{
    const struct code_list *list = code_list("need");
    const struct code *code = list ? code_find(list, m->w->need) : NULL;
    return !m->w->need.n || (code && !code->cover && !(code->classes & m->needs_hidden));
}

/* A body that the viewer may be told of, by its number as it stands now. */
static bool known_party(const struct picture *p, int64_t now)
{
    const struct party *b = now ? party_find(&p->all, now) : NULL;
    return !now || (b && b->now == now);
}

static int month_line(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return x->month < y->month ? -1 : x->month > y->month;
}

/* The largest first; always in the same order. */
static int text_order(struct text a, struct text b)
{
    int c = memcmp(a.s, b.s, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int need_line(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int64_t m = x->t.n[M_SENT], n = y->t.n[M_SENT];
    return m != n ? (m < n) - (m > n) : text_order(x->code, y->code);
}

static int reason_line(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : text_order(x->code, y->code);
}

void picture_make(struct request *rq, const struct wish *w, struct picture *out)
{
    *out = (struct picture){0};
    struct making m = {.rq = rq, .w = w, .p = out};
    uint32_t read = rq->viewer.role ? rq->viewer.role->read & ~access_never(rq->viewer.body_kind) : CLASS_ALL;
    m.needs_hidden = rq->viewer.system || (w->region && w->exact) ? 0
                     : w->region ? classes_sealed() | CLASS_BIT(CLASS_VIOLENCE)
                                 : CLASS_ALL & ~read;
    parties_read(rq, &out->all);
    leave_unnamed(rq, w, &out->all);
    bool mine = w->region || !w->from || !w->to || w->from == out->all.own || w->to == out->all.own;
    if (!mine || !known_need(&m) || !known_party(out, w->from) || !known_party(out, w->to)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    int first = w->first;
    if (w->region && !w->exact) {
        m.halves = arena_array(rq->arena, HALVES_BEFORE + 1, sizeof *m.halves);
        for (int i = 0, half = half_of(w->last); i <= HALVES_BEFORE; i++, half = half % 10 == 2 ? half - 1 : half - 9)
            m.half[i] = half;
        first = m.half[HALVES_BEFORE] / 10 * 100 + (m.half[HALVES_BEFORE] % 10 == 1 ? 1 : 7);
    }
    if (w->region) {
        read_sums(&m, first, w->last);
    } else {
        for (size_t i = 0; i < out->all.n && !rq->err; i++) { /* the viewer's body, and whose place it took */
            if (out->all.of[i].now != out->all.own)
                continue;
            m.from = out->all.of[i].id, m.to = 0;
            read_sums(&m, first, w->last);
            m.from = 0, m.to = out->all.of[i].id;
            read_sums(&m, first, w->last);
        }
    }
    if (m.halves)
        protect(&m);
    else if (out->n_months)
        qsort(out->months, out->n_months, sizeof *out->months, month_line);
    if (out->n_needs)
        qsort(out->needs, out->n_needs, sizeof *out->needs, need_line);
    if (out->n_reasons)
        qsort(out->reasons, out->n_reasons, sizeof *out->reasons, reason_line);
}
