#include "process/process.h"
#include <stdlib.h>

/* --- order statistics --- */

/* Puts the k-th smallest at v[k], smaller ones before it, larger ones behind. The place to part is drawn, so that no order of values
 * makes it slow; equal values are parted off at once. */
static void select_kth(int64_t *v, size_t n, size_t k)
{
    size_t low = 0, high = n;
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15) ^ n;

    while (high - low > 1) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        int64_t pivot = v[low + seed % (high - low)];
        size_t less = low, i = low, more = high;
        while (i < more) {
            int64_t x = v[i];
            if (x < pivot) {
                v[i++] = v[less];
                v[less++] = x;
            } else if (x > pivot) {
                v[i] = v[--more];
                v[more] = x;
            } else {
                i++;
            }
        }
        if (k < less)
            high = less;
        else if (k >= more)
            low = more;
        else
            return;
    }
}

/* Between its neighbours in proportion; share is part / of. */
static double quantile(int64_t *v, size_t n, size_t part, size_t of)
{
    size_t at = (n - 1) * part, k = at / of, rest = at % of;

    select_kth(v, n, k);
    int64_t next = v[k];
    if (rest) {
        next = v[k + 1];
        for (size_t i = k + 2; i < n; i++)
            next = v[i] < next ? v[i] : next;
    }
    return (double)v[k] + (double)(next - v[k]) * (double)rest / (double)of;
}

struct process_spread process_spread(int64_t *v, size_t n)
{
    struct process_spread s = {.n = n};
    __int128 sum = 0;

    if (!n)
        return s;
    s.min = s.max = v[0];
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        s.min = v[i] < s.min ? v[i] : s.min;
        s.max = v[i] > s.max ? v[i] : s.max;
    }
    int64_t whole = (int64_t)(sum / (__int128)n);
    s.mean = (double)whole + (double)(int64_t)(sum % (__int128)n) / (double)n;
    s.median = quantile(v, n, 1, 2);
    s.p90 = quantile(v, n, 9, 10);
    return s;
}

/* --- order --- */

static bool in_order(const struct process_event *e, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (e[i].at < e[i - 1].at)
            return false;
    return true;
}

/* By time, equal ones as they stand: merging from runs of one on, without recursion. room has n places. */
static void sort_events(struct process_event *e, struct process_event *room, size_t n)
{
    struct process_event *from = e, *to = room;

    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t mid = low + width < n ? low + width : n, high = low + 2 * width < n ? low + 2 * width : n;
            size_t a = low, b = mid;
            for (size_t i = low; i < high; i++)
                to[i] = a < mid && (b >= high || from[a].at <= from[b].at) ? from[a++] : from[b++];
        }
        struct process_event *swap = from;
        from = to;
        to = swap;
    }
    if (from != e)
        memcpy(e, from, n * sizeof *e);
}

struct named {
    struct text name;
    uint32_t id;
};

static int by_name(const void *x, const void *y)
{
    return text_cmp(((const struct named *)x)->name, ((const struct named *)y)->name);
}

/* Activities get the numbers of the order of their names, so that results do not hang on the order of the file. */
static void number_activities(struct process_log *log, struct process *p)
{
    uint32_t n = log->activities.n;
    struct named *all = arena_array(log->arena, n + 1, sizeof *all);
    uint32_t *rank = arena_array(log->arena, n + 1, sizeof *rank);

    p->activity = arena_array(log->arena, n + 1, sizeof *p->activity);
    p->n_activities = n;
    for (uint32_t i = 0; i < n; i++)
        all[i] = (struct named){log->activities.name[i], i};
    qsort(all, n, sizeof *all, by_name);
    for (uint32_t i = 0; i < n; i++) {
        rank[all[i].id] = i;
        p->activity[i].name = all[i].name;
    }
    for (size_t i = 0; i < log->n; i++)
        log->event[i].activity = rank[log->event[i].activity];
}

/* Events by case: counted, then laid down in their places. at[c] is where case c begins. */
static enum err lay_by_case(struct process_log *log, struct process *p, size_t *at)
{
    uint32_t n_cases = log->cases.n;

    p->event = malloc((log->n + 1) * sizeof *p->event);
    if (!p->event)
        return ERR_LIMIT;
    for (size_t i = 0; i < log->n; i++)
        at[log->event[i].case_ + 1]++;
    for (uint32_t c = 0; c < n_cases; c++)
        at[c + 1] += at[c];
    for (size_t i = 0; i < log->n; i++)
        p->event[at[log->event[i].case_]++] = log->event[i];
    for (uint32_t c = n_cases; c > 0; c--)
        at[c] = at[c - 1];
    at[0] = 0;
    p->n_events = log->n;
    return OK;
}

static enum err order_cases(struct process_log *log, struct process *p, const size_t *at, int64_t from, int64_t to)
{
    struct process_event *room = NULL;
    size_t room_n = 0, kept = 0;

    p->cases = arena_array(log->arena, (size_t)log->cases.n + 1, sizeof *p->cases);
    for (uint32_t c = 0; c < log->cases.n; c++) {
        struct process_event *e = p->event + at[c];
        size_t n = at[c + 1] - at[c];
        if (!in_order(e, n)) {
            if (n > room_n) {
                free(room);
                room_n = n;
                room = malloc(n * sizeof *room);
                if (!room)
                    return ERR_LIMIT;
            }
            sort_events(e, room, n);
        }
        if (e[0].at < from || e[0].at >= to)
            continue;
        int64_t end = e[0].end;
        for (size_t i = 1; i < n; i++)
            end = e[i].end > end ? e[i].end : end;
        memmove(p->event + kept, e, n * sizeof *e); /* what is left out before it leaves room */
        p->cases[p->n_cases++] = (struct process_case){.name = c, .first = kept, .n = n, .at = e[0].at, .duration = end - e[0].at};
        kept += n;
    }
    p->n_events = kept;
    free(room);
    return OK;
}

/* --- variants --- */

static uint64_t hash_trace(const struct process_event *e, size_t n)
{
    uint64_t h = n;

    for (size_t i = 0; i < n; i++) {
        h = (h ^ e[i].activity) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    return h;
}

static int cmp_trace(const struct process_event *a, size_t na, const struct process_event *b, size_t nb)
{
    for (size_t i = 0; i < na && i < nb; i++)
        if (a[i].activity != b[i].activity)
            return a[i].activity < b[i].activity ? -1 : 1;
    return (na > nb) - (na < nb);
}

struct variant_order {
    const struct process *p;
    struct process_variant v;
    uint32_t id;
};

static int by_frequency(const void *x, const void *y)
{
    const struct variant_order *a = x, *b = y;

    if (a->v.n != b->v.n)
        return a->v.n > b->v.n ? -1 : 1;
    return cmp_trace(a->p->event + a->v.first, a->v.length, b->p->event + b->v.first, b->v.length);
}

static void find_variants(struct process *p, struct arena *arena)
{
    size_t slots = 16, n = 0;

    while (slots < p->n_cases * 2)
        slots *= 2;
    struct found {
        uint64_t hash;
        uint32_t id; /* + 1 */
    } *slot = arena_array(arena, slots, sizeof *slot);
    struct variant_order *v = arena_array(arena, p->n_cases + 1, sizeof *v);
    for (size_t c = 0; c < p->n_cases; c++) {
        struct process_case *case_ = &p->cases[c];
        const struct process_event *e = p->event + case_->first;
        uint64_t hash = hash_trace(e, case_->n);
        size_t at = hash & (slots - 1);
        for (; slot[at].id; at = (at + 1) & (slots - 1)) {
            const struct process_variant *o = &v[slot[at].id - 1].v;
            if (slot[at].hash == hash && cmp_trace(e, case_->n, p->event + o->first, o->length) == 0)
                break;
        }
        if (!slot[at].id) {
            v[n] = (struct variant_order){p, {.first = case_->first, .length = case_->n}, (uint32_t)n};
            slot[at].hash = hash;
            slot[at].id = (uint32_t)++n;
        }
        case_->variant = slot[at].id - 1;
        v[case_->variant].v.n++;
    }
    qsort(v, n, sizeof *v, by_frequency);
    p->variant = arena_array(arena, n + 1, sizeof *p->variant);
    p->n_variants = n;
    uint32_t *rank = arena_array(arena, n + 1, sizeof *rank);
    for (size_t i = 0; i < n; i++) {
        p->variant[i] = v[i].v;
        rank[v[i].id] = (uint32_t)i;
    }
    for (size_t c = 0; c < p->n_cases; c++)
        p->cases[c].variant = rank[p->cases[c].variant];
}

/* --- groups of values: counted, laid side by side, summed up --- */

struct groups {
    int64_t *value;
    size_t *begin; /* n_groups + 1 */
};

static enum err groups_open(struct groups *g, struct arena *arena, size_t n_groups, size_t n_values)
{
    g->begin = arena_array(arena, n_groups + 1, sizeof *g->begin);
    g->value = malloc((n_values + 1) * sizeof *g->value);
    return g->value ? OK : ERR_LIMIT;
}

static enum err variant_times(struct process *p, struct arena *arena)
{
    struct groups g;
    size_t at = 0;
    enum err err = groups_open(&g, arena, p->n_variants, p->n_cases);

    if (err)
        return err;
    for (size_t v = 0; v < p->n_variants; v++) {
        g.begin[v] = at;
        at += p->variant[v].n;
    }
    for (size_t c = 0; c < p->n_cases; c++)
        g.value[g.begin[p->cases[c].variant]++] = p->cases[c].duration;
    for (size_t v = 0; v < p->n_variants; v++)
        p->variant[v].duration = process_spread(g.value + g.begin[v] - p->variant[v].n, p->variant[v].n);
    p->duration = process_spread(g.value, p->n_cases);
    free(g.value);
    return OK;
}

static enum err activity_times(struct process *p, struct arena *arena)
{
    struct groups g;
    size_t at = 0;
    size_t *seen = arena_array(arena, (size_t)p->n_activities + 1, sizeof *seen); /* last case + 1 */
    enum err err = groups_open(&g, arena, p->n_activities, p->n_events);

    if (err)
        return err;
    for (size_t c = 0; c < p->n_cases; c++) {
        const struct process_case *case_ = &p->cases[c];
        const struct process_event *e = p->event + case_->first;
        for (size_t i = 0; i < case_->n; i++) {
            struct process_activity *a = &p->activity[e[i].activity];
            a->n++;
            a->cases += seen[e[i].activity] != c + 1;
            seen[e[i].activity] = c + 1;
        }
        p->activity[e[0].activity].starts++;
        p->activity[e[case_->n - 1].activity].ends++;
    }
    for (uint32_t a = 0; a < p->n_activities; a++) {
        g.begin[a] = at;
        at += p->activity[a].n;
    }
    for (size_t i = 0; i < p->n_events; i++)
        g.value[g.begin[p->event[i].activity]++] = p->event[i].end - p->event[i].at;
    for (uint32_t a = 0; a < p->n_activities; a++)
        p->activity[a].time = process_spread(g.value + g.begin[a] - p->activity[a].n, p->activity[a].n);
    free(g.value);
    return OK;
}

/* --- arcs --- */

struct arcs {
    struct process_arc *arc;
    size_t *seen; /* of each, last case + 1 */
    size_t n, cap;
    uint32_t *slot; /* id + 1 */
    size_t slots;
};

static size_t arc_slot(const struct arcs *a, uint32_t from, uint32_t to)
{
    uint64_t h = ((uint64_t)from << 32 | to) * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (h ^ h >> 32) & (a->slots - 1);

    while (a->slot[at] && (a->arc[a->slot[at] - 1].from != from || a->arc[a->slot[at] - 1].to != to))
        at = (at + 1) & (a->slots - 1);
    return at;
}

static uint32_t arc_id(struct arcs *a, struct arena *arena, uint32_t from, uint32_t to)
{
    if (a->n * 2 >= a->slots) {
        a->slots = a->slots ? a->slots * 2 : 1024;
        a->slot = arena_array(arena, a->slots, sizeof *a->slot);
        for (size_t i = 0; i < a->n; i++)
            a->slot[arc_slot(a, a->arc[i].from, a->arc[i].to)] = (uint32_t)i + 1;
    }
    size_t at = arc_slot(a, from, to);
    if (a->slot[at])
        return a->slot[at] - 1;
    if (a->n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 256;
        a->arc = arena_grow(arena, a->arc, a->cap * sizeof *a->arc, cap * sizeof *a->arc);
        a->seen = arena_grow(arena, a->seen, a->cap * sizeof *a->seen, cap * sizeof *a->seen);
        a->cap = cap;
    }
    a->arc[a->n] = (struct process_arc){.from = from, .to = to};
    a->slot[at] = (uint32_t)a->n + 1;
    return (uint32_t)a->n++;
}

static int arc_order(const void *x, const void *y)
{
    const struct process_arc *a = x, *b = y;

    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

static int64_t between(const struct process_event *e)
{
    return e[1].at > e[0].end ? e[1].at - e[0].end : 0;
}

static enum err find_arcs(struct process *p, struct arena *arena)
{
    struct arcs a = {0};
    struct groups g;
    size_t moves = 0, at = 0;
    uint32_t *id = malloc((p->n_events + 1) * sizeof *id);

    if (!id)
        return ERR_LIMIT;
    for (size_t c = 0; c < p->n_cases; c++) {
        const struct process_event *e = p->event + p->cases[c].first;
        for (size_t i = 0; i + 1 < p->cases[c].n; i++) {
            uint32_t k = id[moves++] = arc_id(&a, arena, e[i].activity, e[i + 1].activity);
            a.arc[k].n++;
            a.arc[k].cases += a.seen[k] != c + 1;
            a.seen[k] = c + 1;
        }
    }
    enum err err = groups_open(&g, arena, a.n, moves);
    if (err)
        goto out;
    for (size_t k = 0; k < a.n; k++) {
        g.begin[k] = at;
        at += a.arc[k].n;
    }
    moves = 0;
    for (size_t c = 0; c < p->n_cases; c++) {
        const struct process_event *e = p->event + p->cases[c].first;
        for (size_t i = 0; i + 1 < p->cases[c].n; i++)
            g.value[g.begin[id[moves++]]++] = between(e + i);
    }
    for (size_t k = 0; k < a.n; k++) {
        a.arc[k].time = process_spread(g.value + g.begin[k] - a.arc[k].n, a.arc[k].n);
        if (a.arc[k].from == a.arc[k].to)
            p->activity[a.arc[k].from].loops = a.arc[k].n;
    }
    free(g.value);
    if (a.n)
        qsort(a.arc, a.n, sizeof *a.arc, arc_order);
    p->arc = a.arc;
    p->n_arcs = a.n;
out:
    free(id);
    return err;
}

enum err process_run(struct process_log *log, int64_t from, int64_t to, struct process *out)
{
    struct arena *arena = log->arena;
    size_t *at = arena_array(arena, (size_t)log->cases.n + 2, sizeof *at);

    *out = (struct process){.case_name = log->cases.name};
    number_activities(log, out);
    enum err err = lay_by_case(log, out, at);
    process_log_close(log);
    if (!err)
        err = order_cases(log, out, at, from, to);
    if (!err) {
        find_variants(out, arena);
        err = variant_times(out, arena);
    }
    if (!err)
        err = activity_times(out, arena);
    if (!err)
        err = find_arcs(out, arena);
    if (err)
        process_close(out);
    return err;
}

void process_close(struct process *p)
{
    free(p->event);
    p->event = NULL;
}
