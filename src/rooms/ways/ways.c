/* The room: the reader of the log that keeps the sums, its job, what `bereg check` proves. Cases touched by events are queued in
 * way_due and their ways made anew; sums change by what a way counted for before and counts for now. */
#include "guard/log.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports.h"
#include "rooms/ways/ways_rules.h"

enum {
    SLICE_US = 20 * 1000, /* of the writer at a time; others wait for it */
    EVENTS = 10000,
    MANY = 3000, /* so many cases due: their months are put together in one go, or each sum would be written again with every slice */
    FAR = 100000, /* so many events behind, all cases are queued */
    QUEUED = 5000, /* of them at a time */
    CASES_FIRST = 50,
    CASES_LEAST = 5,
    CASES_MOST = 10000,
    ROWS_FIRST = 500,
    ROWS_LEAST = 50,
    ROWS_MOST = 20000
};

static const int64_t CHANGE_LASTS = INT64_C(3600) * 1000000;

static void queue(struct change *ch, int64_t first, int64_t last)
{
    struct value a = v_int(first), b = v_int(last);
    w_way_due_events(ch, &(struct way_due_events_args){.first = a, .last = b});
    w_way_due_persons(ch, &(struct way_due_persons_args){.first = a, .last = b});
    w_way_due_destroyed(ch, &(struct way_due_destroyed_args){.first = a, .last = b});
}

static const struct log_reader reader = {"ways", queue};

/* --- variants --- */

static uint64_t hash_of(struct text t, uint64_t h)
{
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.s[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

/* By a name of 128 bits, compared in full: another sequence of the same name takes the next one. */
static int64_t variant_of(struct change *ch, const struct way *w)
{
    struct request *rq = ch->rq;
    uint64_t a = hash_of(w->steps, UINT64_C(0xcbf29ce484222325)), b = hash_of(w->steps, UINT64_C(0x9E3779B97F4A7C15));
    for (; !rq->err; b++) {
        struct value name = v_text(arena_printf(rq->arena, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b));
        union way_variant_find_row row = {0};
        if (!q_way_variant_find(rq, &(struct way_variant_find_args){.hash = name}, &row)) {
            union way_variant_record r = {.hash = name, .steps = v_text(w->steps), .length = v_int(w->length)};
            return change_write(ch, &way_variant_table, r.v);
        }
        if (text_eq(v_as_text(row.steps), w->steps))
            return v_as_int(row.id);
    }
    return 0;
}

/* Variants met in a slice are looked up once. */
struct variants {
    struct process_names name;
    int64_t *id;
    size_t cap;
};

static int64_t known_variant(struct change *ch, struct variants *v, const struct way *w)
{
    struct arena *arena = ch->rq->arena;
    uint32_t before = v->name.n, k = process_name_id(&v->name, arena, w->steps);
    if (k >= v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 256;
        v->id = arena_grow(arena, v->id, v->cap * sizeof *v->id, cap * sizeof *v->id);
        v->cap = cap;
    }
    if (v->name.n > before)
        v->id[k] = variant_of(ch, w);
    return v->id[k];
}

/* --- months whose sums are behind --- */

/* While a month stands in way_stale its ways change without its sums. Whoever changes it counts its stamp up, so that what was
 * computed from former ways is not stored. */
struct stale {
    struct way_stale_rows rows;
    size_t n, cap;
    struct stale_month {
        int month;
        bool here, touched;
    } *v;
};

static struct stale_month *stale_month(struct arena *arena, struct stale *s, int month)
{
    for (size_t i = s->n; i > 0; i--)
        if (s->v[i - 1].month == month)
            return &s->v[i - 1];
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        s->v = arena_grow(arena, s->v, s->cap * sizeof *s->v, cap * sizeof *s->v);
        s->cap = cap;
    }
    s->v[s->n] = (struct stale_month){.month = month};
    return &s->v[s->n++];
}

static void stale_read(struct request *rq, struct stale *s)
{
    *s = (struct stale){0};
    q_way_stale(rq, &(struct way_stale_args){0}, &s->rows);
    for (size_t i = 0; i < s->rows.n; i++)
        stale_month(rq->arena, s, (int)v_as_int(s->rows.row[i].month))->here = true;
}

/* --- a slice --- */

struct counting {
    struct request *rq;
    struct way_deltas *deltas;
    struct stale stale;
    bool many;
};

static void count_way(struct counting *c, const struct way_key *key, struct text steps, struct text days, int64_t variant, int64_t n)
{
    struct stale_month *m = stale_month(c->rq->arena, &c->stale, key->month);
    if (m->here || c->many)
        m->touched = true;
    else
        deltas_way(c->deltas, key, steps, days, variant, n);
}

static enum err take_away(void *ctx, const struct value *cells)
{
    const union way_case_kept_row *r = (const union way_case_kept_row *)cells;
    struct way_key key = {v_as_int(r->district_id), v_as_int(r->body_id), (int)v_as_int(r->month), v_as_text(r->scheme)};
    count_way(ctx, &key, v_as_text(r->steps), v_as_text(r->days), v_as_int(r->variant_id), -1);
    return OK;
}

static void store_way(struct change *ch, const struct way *w, int64_t variant)
{
    struct text dues = w->dues, first;
    int64_t day;
    bool open = text_split(&dues, ' ', &first) && !text_int(first, INT32_MIN, INT32_MAX, &day);
    w_way_case_add(ch, &(struct way_case_add_args){.case_id = v_int(w->case_id),
                                                   .month = v_int(w->month),
                                                   .scheme = v_text(w->scheme),
                                                   .district = v_int(w->district),
                                                   .body = v_int(w->body),
                                                   .variant = v_int(variant),
                                                   .days = v_text(w->days),
                                                   .scheme_id = v_int(w->scheme_id),
                                                   .skipped = v_int(w->skipped),
                                                   .repeated = v_int(w->repeated),
                                                   .disordered = v_int(w->disordered),
                                                   .late = v_int(w->late),
                                                   .dues = v_text(w->dues),
                                                   .open_due = open ? v_date(day) : v_null(),
                                                   .tells = v_int(w->tells)});
}

/* How much of something fits into a slice, by how long the last one took. */
static size_t next_size(size_t done, int64_t took, size_t now, size_t least, size_t most)
{
    size_t next = (size_t)((int64_t)done * SLICE_US / (took + 1));
    next = next > now * 4 ? now * 4 : next;
    return next < least ? least : next > most ? most : next;
}

/* Makes the ways of the next cases anew; false when none is due. *cases: how many, then how many next time. */
static bool slice(struct request *rq, bool many, size_t *cases)
{
    struct way_due_next_rows due = {0};
    struct way_list list;
    struct variants variants = {0};
    struct counting c = {.rq = rq, .many = many};
    struct change ch;
    q_way_due_next(rq, &(struct way_due_next_args){.rows = v_int((int64_t)*cases)}, &due);
    if (!due.n)
        return false;
    int64_t last = v_as_int(due.row[due.n - 1].case_id), began = clock_monotonic();
    change_begin_index(rq, &ch);
    log_reader_hold(&ch, &reader);
    c.deltas = deltas_new(rq->arena);
    stale_read(rq, &c.stale);
    each_way_case_kept(rq, &(struct way_case_kept_args){.last = v_int(last)}, take_away, &c);
    w_way_case_drop(&ch, &(struct way_case_drop_args){.last = v_int(last)});
    ways_make(rq, last, &list);
    for (size_t i = 0; i < list.n && !rq->err; i++) {
        const struct way *w = &list.way[i];
        int64_t variant = known_variant(&ch, &variants, w);
        count_way(&c, &(struct way_key){w->district, w->body, w->month, w->scheme}, w->steps, w->days, variant, 1);
        store_way(&ch, w, variant);
    }
    deltas_store(&ch, c.deltas, 0, deltas_ready(c.deltas));
    for (size_t i = 0; i < c.stale.n; i++)
        if (c.stale.v[i].touched)
            w_way_stale_put(&ch, &(struct way_stale_put_args){.month = v_int(c.stale.v[i].month)});
    w_way_due_done(&ch, &(struct way_due_done_args){.last = v_int(last)});
    commit_index(&ch);
    bool more = due.n == *cases;
    *cases = next_size(due.n, clock_monotonic() - began, *cases, CASES_LEAST, CASES_MOST);
    return more;
}

static bool stamp_is(struct request *rq, int64_t month, int64_t stamp)
{
    struct way_stale_rows rows = {0};
    q_way_stale(rq, &(struct way_stale_args){0}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_as_int(rows.row[i].month) == month)
            return v_as_int(rows.row[i].stamp) == stamp;
    return false;
}

/* Brings the sums of one month behind to its ways: what is to be stored is found by reading, then stored in slices. Another
 * node, or a process that died, leaves a part stored; what is left is found once more. False when no month is behind. */
static bool settle(struct request *rq)
{
    struct way_stale_rows rows = {0};
    size_t size = ROWS_FIRST, at = 0;
    q_way_stale(rq, &(struct way_stale_args){0}, &rows);
    if (!rows.n || rq->err)
        return false;
    int64_t month = v_as_int(rows.row[0].month), stamp = v_as_int(rows.row[0].stamp);
    struct way_deltas *deltas = deltas_new(rq->arena);
    deltas_of_month(rq, (int)month, deltas);
    size_t n = deltas_ready(deltas);
    for (bool done = false; !done && !rq->err;) {
        struct change ch;
        size_t k = n - at < size ? n - at : size;
        change_begin_index(rq, &ch);
        log_reader_hold(&ch, &reader);
        int64_t began = clock_monotonic();
        done = at + k == n;
        if (!stamp_is(rq, month, stamp))
            rq_fail(rq, ERR_CONFLICT); /* another node has changed it meanwhile */
        deltas_store(&ch, deltas, at, k);
        if (done)
            w_way_stale_drop(&ch, &(struct way_stale_drop_args){.month = v_int(month)});
        else
            w_way_stale_put(&ch, &(struct way_stale_put_args){.month = v_int(month)});
        commit_index(&ch);
        at += k;
        stamp++;
        size = next_size(k, clock_monotonic() - began, size, ROWS_LEAST, ROWS_MOST);
    }
    rq->err = rq->err == ERR_CONFLICT ? OK : rq->err;
    return true;
}

/* Far behind (an older register, sums that were thrown away) each case is queued once, instead of with each of its events. What was
 * committed lately is read as always: behind it events may still come. */
static void jump(struct request *rq)
{
    struct change ch;
    union way_case_last_row last = {0};
    int64_t to = log_id_at(rq, rq->now - CHANGE_LASTS) - 1;
    if (log_behind(rq, &reader) <= FAR || to <= log_last_id(rq) - log_behind(rq, &reader))
        return;
    q_way_case_last(rq, &(struct way_case_last_args){0}, &last);
    for (int64_t first = 1; first <= v_as_int(last.id) && !rq->err; first += QUEUED) {
        change_begin_index(rq, &ch);
        log_reader_hold(&ch, &reader);
        w_way_due_some(&ch, &(struct way_due_some_args){.first = v_int(first), .last = v_int(first + QUEUED - 1)});
        commit_index(&ch);
    }
    change_begin_index(rq, &ch);
    log_reader_hold(&ch, &reader);
    log_reader_put(&ch, &reader, to);
    commit_index(&ch);
}

static bool many_due(struct request *rq)
{
    struct way_due_next_rows due = {0};
    q_way_due_next(rq, &(struct way_due_next_args){.rows = v_int(MANY)}, &due);
    return due.n == MANY;
}

bool ways_catch_up(struct request *rq, int64_t budget)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t began = clock_monotonic();
    size_t cases = CASES_FIRST;
    jump(rq);
    bool many = many_due(rq), reading = true, more = true;
    rq->arena = mine;
    while (more && !rq->err && !(budget && clock_monotonic() - began > budget)) {
        reading = reading && log_read_on(rq, &reader, EVENTS);
        more = slice(rq, many, &cases) || reading || settle(rq);
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
    return log_work_ended(rq, more);
}

/* --- the room --- */

static void keep_sums(struct request *rq)
{
    (void)ways_catch_up(rq, 0);
}

static const struct job jobs[] = {{"ways.sums", 5, keep_sums}, {0}};

static enum err take_map(const struct pack_entry *e, struct fault *fault)
{
    int64_t small;
    for (size_t i = 0; i < e->n; i++)
        if (!text_is(e->props[i].name, "small"))
            return pack_wrong(e, fault, "there is no such property", e->props[i].name);
    return text_int(pack_prop(e, "small"), 1, 1000, &small) ? pack_wrong(e, fault, "small is a number from 1 to 1000", pack_prop(e, "small")) : OK;
}

static const struct pack_section sections[] = {{"ways", NULL, take_map, NULL, NULL}, {0}};

const struct room ways_room = {.name = "ways", .tables = ways_tables, .forms = ways_forms, .jobs = jobs, .packs = sections, .check = ways_check};
