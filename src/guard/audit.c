#include "guard/audit.h"
#include "base/buf.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    LEAVES = 200,  /* with their rows, in one step */
    IDS = 1000,    /* numbers of rows, in one step */
    HEADS = 100,   /* read at once */
    PAGE = 4 * TILE,
    TOLD = 1000,
    UNSEALED = 1000, /* looked at again after a while */
    WAIT_S = 3,
    WAITS = 200, /* while a sealer makes way */
    ENTRY_MAX = 2000000
};
/* A row younger than this may still be sealed. One may also be older by so much than the head that covers it: requests are long. */
#define MINUTE (INT64_C(60) * 1000000)
#define LATE   (60 * MINUTE) /* and heads are signed each hour, when nothing happens too */

/* Heads along their numbers, beside the leaves: `before` covers none of what is still to come, `next` covers the next leaf. */
struct heads {
    struct log_head before, next, page[HEADS];
    bool has_before, has_next, end;
    size_t n, i;
    int64_t after; /* the row read last */
};

struct log_walk {
    struct merkle m;
    struct heads heads;
    uint64_t next, limit; /* leaves */
    uint64_t good;        /* leaves that a head has confirmed */
    bool begun, told, against_seen;
    bool broken;          /* leaves are missing: the roots say nothing more */
    int64_t row;          /* rows up to here have been looked at for want of a leaf */
    int64_t dropped;      /* retention has dropped rows up to here */
    int64_t unsealed[UNSEALED];
    size_t n_unsealed;
    int64_t bare, bare_to; /* rows that are sealed for long and that no head covers; 0: none */
};

struct audit_walk {
    struct request *rq;
    struct audit audit;
    struct audit_result out;
    struct arena *arena; /* of one step */
    struct buf entry;
    struct log_head first, last; /* what is behind the first is looked at; the newest of the beginning */
    int64_t first_id, last_id;   /* 0: none */
    struct log_walk of[LOG_END];
    int log;
    bool rows; /* of this log the leaves are done */
    uint64_t leaves; /* when it was waited last */
    int waits;
    uint64_t found;
    bool done;
};

static void found(struct audit_walk *r, struct audit_fault f, const char *fmt, ...) PRINTF(3, 4);
static void found(struct audit_walk *r, struct audit_fault f, const char *fmt, ...)
{
    char text[600];
    va_list args;
    if (r->found++ >= TOLD)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    f.text = text;
    if (r->audit.fault)
        r->audit.fault(r->audit.ctx, &f);
    else
        r->audit.found(r->audit.ctx, text);
}

static struct audit_fault at_head(const char *code, int log, int64_t at)
{
    return (struct audit_fault){.code = code, .log = log, .at = at};
}

static struct audit_fault at_rows(const char *code, int log, int64_t from, int64_t to)
{
    return (struct audit_fault){.code = code, .log = log, .from = from, .to = to};
}

static const char *name_of(int log)
{
    return log_table(log)->name;
}

/* ---- heads ---- */

static void check_head(struct audit_walk *r, const struct log_head *h, const struct log_head *before)
{
    char registry[17], when[28];
    struct buf b = BUF(1000);
    head_registry(registry);
    instant_iso(h->at, when);
    head_statement(h, text_of(registry), &b);
    if (!head_key_ours(h->key) || !head_signed(h, buf_get(&b)))
        found(r, at_head("head_unsigned", 0, h->at), "the head of %s is not signed by this register: its row was changed or added", when);
    for (int log = LOG_EVENT; before && log < LOG_END; log++)
        if (h->n[log] < before->n[log])
            found(r, at_head("head_fewer", log, h->at), "the head of %s has fewer entries of %s than the one before it", when, name_of(log));
    buf_free(&b);
}

static void read_heads(struct audit_walk *r, int log, struct heads *h)
{
    struct log_head_after_rows rows;
    q_log_head_after(r->rq, &(struct log_head_after_args){.after = v_int(h->after), .rows = v_int(HEADS)}, &rows);
    h->n = h->i = 0;
    h->end = r->rq->err || rows.n < HEADS;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t id = v_as_int(rows.row[i].id);
        if (id > r->last_id) { /* signed since the beginning */
            h->end = true;
            break;
        }
        h->after = id;
        if (head_of_row(rows.row[i].v, &h->page[h->n]))
            h->n++;
        else if (log == LOG_EVENT)
            found(r, at_head("head_unsigned", 0, 0), "head %" PRId64 " is damaged", id);
    }
}

/* Each is judged once, beside the events. */
static void next_head(struct audit_walk *r, int log, struct heads *h)
{
    if (h->has_next) {
        h->before = h->next;
        h->has_before = true;
    }
    while (h->i == h->n && !h->end)
        read_heads(r, log, h);
    h->has_next = h->i < h->n;
    if (!h->has_next)
        return;
    h->next = h->page[h->i++];
    if (log != LOG_EVENT)
        return;
    r->out.heads++;
    check_head(r, &h->next, h->has_before ? &h->before : NULL);
}

/* ---- rows against leaves ---- */

enum err audit_rows(struct request *rq, const struct table *t, int64_t after, int64_t *limit, struct arena *arena, struct cells *out, int64_t *odd)
{
    *odd = 0;
    for (;; *limit /= 2) {
        enum err err = conn_walk(rq->conn, t, after, *limit, arena, out);
        if (err != ERR_STORE)
            return err;
        if (conn_in_transaction(rq->conn)) {
            conn_rollback(rq->conn);
            err = conn_begin(rq->conn);
        } else {
            err = OK;
        }
        if (err)
            return err;
        if (*limit == 1) {
            out->rows = 0;
            return conn_walk_number(rq->conn, t, after, odd);
        }
    }
}

struct sealed {
    int64_t row;
    uint64_t n;
    struct hash hash;
    int64_t first; /* not before this instant, by the heads around it; 0: not known */
};

/* An entry that was sealed between two heads is not much older than both. Both, since the clock of a demo register goes back and forth,
 * and after a halt rows are sealed that were written before it. With the first head everything begins. */
static int64_t not_before(const struct heads *h)
{
    if (!h->has_before || !h->has_next)
        return 0;
    return h->before.at < h->next.at ? h->before.at : h->next.at;
}

static void row_changed(struct audit_walk *r, int log, int64_t row)
{
    found(r, at_rows("row_changed", log, row, row), "%s %" PRId64 " was changed after it was sealed", name_of(log), row);
}

/* A killed program leaves a minute behind itself that it has sealed and not signed; one that runs signs it. */
static void check_covered(struct audit_walk *r, int log, const struct sealed *s, int64_t at)
{
    struct log_walk *w = &r->of[log];
    if (!r->audit.origin || s->n < r->last.n[log] || at > r->rq->now - LATE || r->last.at > r->rq->now - LATE)
        return;
    w->bare = w->bare ? w->bare : s->row;
    w->bare_to = s->row;
}

static void check_row(struct audit_walk *r, int log, const struct value *cells, const struct sealed *s)
{
    enum { ID, AT };
    struct hash now;
    char when[28], sealed[28];
    buf_clear(&r->entry);
    log_entry(log, cells, &r->entry);
    check_covered(r, log, s, v_as_int(cells[AT]));
    now = merkle_leaf(buf_get(&r->entry));
    if (buf_end(&r->entry) || !hash_same(&now, &s->hash)) {
        row_changed(r, log, s->row);
    } else if (r->audit.origin && s->first && v_as_int(cells[AT]) < s->first - LATE) {
        instant_iso(v_as_int(cells[AT]), when);
        instant_iso(s->first, sealed);
        struct audit_fault f = at_rows("row_dated_back", log, s->row, s->row);
        f.at = s->first;
        found(r, f, "%s %" PRId64 " is dated back: it says %s, but came into the log after %s",
              name_of(log), s->row, when, sealed);
    }
}

static void row_missing(struct audit_walk *r, int log, int64_t row, bool *asked)
{
    struct log_walk *w = &r->of[log];
    union reads_dropped_row dropped = {0};
    if (log == LOG_READ && row > w->dropped && !*asked) { /* perhaps meanwhile */
        q_reads_dropped(r->rq, &(struct reads_dropped_args){0}, &dropped);
        w->dropped = v_as_int(dropped.row);
        *asked = true;
    }
    if (log != LOG_READ || row > w->dropped)
        found(r, at_rows("row_removed", log, row, row), "%s %" PRId64 " was removed after it was sealed", name_of(log), row);
}

static int by_row(const void *a, const void *b)
{
    const struct sealed *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

/* As a rule they lie side by side in the log. */
static void check_rows(struct audit_walk *r, int log, struct sealed *s, size_t n)
{
    const struct table *t = log_table(log);
    bool asked_dropped = false;
    qsort(s, n, sizeof *s, by_row);
    for (size_t i = 0; i < n && !r->rq->err;) {
        struct cells rows;
        int64_t asked = (int64_t)(n - i), odd;
        enum err err = audit_rows(r->rq, t, s[i].row - 1, &asked, r->arena, &rows, &odd);
        if (err) {
            rq_fail(r->rq, err);
            return;
        }
        if (odd) {
            for (; i < n && s[i].row < odd; i++)
                row_missing(r, log, s[i].row, &asked_dropped);
            if (i < n && s[i].row == odd)
                row_changed(r, log, s[i++].row);
            continue;
        }
        for (size_t k = 0; k < rows.rows && i < n; k++) {
            const struct value *cells = rows.v + k * t->n_fields;
            int64_t id = v_as_int(cells[0]);
            for (; i < n && s[i].row < id; i++)
                row_missing(r, log, s[i].row, &asked_dropped);
            if (i < n && s[i].row == id)
                check_row(r, log, cells, &s[i++]);
        }
        for (; rows.rows < (size_t)asked && i < n; i++)
            row_missing(r, log, s[i].row, &asked_dropped);
    }
}

/* ---- leaves against roots, along their numbers ---- */

/* "event 1021 to 1044", of the rows behind leaves from … to-1. */
static void rows_between(struct audit_walk *r, int log, uint64_t from, uint64_t to, struct audit_fault *f, char *out, size_t size)
{
    struct leaf_range_rows rows;
    int64_t low = INT64_MAX, high = 0;
    for (uint64_t n = from; n < to && !r->rq->err; n += PAGE) {
        uint64_t end = to - n < PAGE ? to : n + PAGE;
        q_leaf_range(r->rq, &(struct leaf_range_args){.log = v_int(log), .from = v_int((int64_t)n), .to = v_int((int64_t)end)}, &rows);
        for (size_t i = 0; i < rows.n; i++) {
            int64_t row = v_as_int(rows.row[i].row_id);
            low = row < low ? row : low;
            high = row > high ? row : high;
        }
    }
    f->log = log;
    f->from = low < high ? low : high;
    f->to = high;
    snprintf(out, size, low == high ? "%s %" PRId64 : "%s %" PRId64 " to %" PRId64, name_of(log), low, high);
}

static void compare_head(struct audit_walk *r, int log, const struct log_head *h, const char *which)
{
    struct log_walk *w = &r->of[log];
    char when[28], rows[100];
    struct audit_fault f = {.code = "root_differs", .at = h->at};
    struct hash root = merkle_root(&w->m);
    if (hash_same(&root, &h->root[log])) {
        w->good = h->n[log];
        return;
    }
    if (w->told)
        return;
    w->told = true; /* all later ones do not fit either */
    instant_iso(h->at, when);
    rows_between(r, log, w->good < h->n[log] ? w->good : 0, h->n[log], &f, rows, sizeof rows); /* a head of ours may have fitted at the same place */
    found(r, f, "%s does not fit %s of %s: among %s an entry was replaced together with its leaf, moved, or put in between", name_of(log), which,
          when, rows);
}

static void compare_heads(struct audit_walk *r, int log)
{
    struct log_walk *w = &r->of[log];
    const struct log_head *against = r->audit.against;
    while (w->heads.has_next && w->heads.next.n[log] <= w->m.n) {
        if (w->heads.next.n[log] == w->m.n && !w->broken)
            compare_head(r, log, &w->heads.next, "the head");
        next_head(r, log, &w->heads);
    }
    if (against && !w->against_seen && against->n[log] == w->m.n && !w->broken) {
        w->against_seen = true;
        compare_head(r, log, against, "the head kept elsewhere,");
    }
}

/* Leaves that were moved stand in another order than their rows; those that a second sealer put in late do so too, and fit their tile. */
static void tell_tile(struct audit_walk *r, int log, uint64_t tile)
{
    struct leaf_range_rows rows;
    struct audit_fault f = {.code = "root_differs"};
    char text[100];
    int64_t highest = 0;
    bool any = false;
    uint64_t from = tile * TILE;
    q_leaf_range(r->rq, &(struct leaf_range_args){.log = v_int(log), .from = v_int((int64_t)from), .to = v_int((int64_t)from + TILE)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        int64_t row = v_as_int(rows.row[i].row_id);
        if (row < highest) {
            found(r, at_rows("order_differs", log, row, highest), "%s %" PRId64 " and %" PRId64 " stand in another order than they were sealed in", name_of(log),
                  row, highest);
            any = true;
        }
        highest = row > highest ? row : highest;
    }
    if (any)
        return;
    rows_between(r, log, from, from + TILE, &f, text, sizeof text);
    found(r, f, "among %s an entry was replaced together with its leaf", text);
}

static void check_tile(struct audit_walk *r, int log, uint64_t n, const struct hash *tile)
{
    struct leaf_tile_range_rows rows;
    struct hash kept;
    q_leaf_tile_range(r->rq, &(struct leaf_tile_range_args){.log = v_int(log), .from = v_int((int64_t)n), .to = v_int((int64_t)n + 1)}, &rows);
    if (r->rq->err)
        return;
    if (!rows.n)
        found(r, at_head("tile_removed", log, 0), "the root of tile %" PRIu64 " of %s was removed", n, name_of(log));
    else if (!hash_parse(v_as_text(rows.row[0].hash), &kept) || !hash_same(&kept, tile))
        tell_tile(r, log, n);
}

static void leaf_missing(struct audit_walk *r, int log, uint64_t n)
{
    if (r->of[log].broken)
        return;
    r->of[log].broken = true;
    found(r, at_head("leaf_removed", log, 0), "leaf %" PRIu64 " of %s was removed: the rest cannot be compared with the heads", n, name_of(log));
}

/* Over a hole to the next leaf, however wide somebody has made it. */
static void next_leaf(struct audit_walk *r, int log, uint64_t from)
{
    struct log_walk *w = &r->of[log];
    union leaf_next_row leaf;
    w->next = w->limit;
    if (q_leaf_next(r->rq, &(struct leaf_next_args){.log = v_int(log), .from = v_int((int64_t)from)}, &leaf) && (uint64_t)v_as_int(leaf.n) > from)
        w->next = (uint64_t)v_as_int(leaf.n);
}

/* Some leaves with their rows; false behind the last. */
static bool check_leaves(struct audit_walk *r, int log)
{
    struct log_walk *w = &r->of[log];
    struct leaf_range_rows rows;
    size_t n = 0;
    struct sealed s[LEAVES];
    struct hash tile;
    if (w->next >= w->limit)
        return false;
    uint64_t to = w->limit - w->next < LEAVES ? w->limit : w->next + LEAVES;
    q_leaf_range(r->rq, &(struct leaf_range_args){.log = v_int(log), .from = v_int((int64_t)w->next), .to = v_int((int64_t)to)}, &rows);
    for (size_t i = 0; i < rows.n && !r->rq->err; i++) {
        struct sealed now = {v_as_int(rows.row[i].row_id), (uint64_t)v_as_int(rows.row[i].n), .first = not_before(&w->heads)};
        if (now.n != w->next + i)
            leaf_missing(r, log, w->next + i);
        if (!hash_parse(v_as_text(rows.row[i].hash), &now.hash))
            memset(&now.hash, 0, sizeof now.hash);
        if (w->broken)
            w->m.n = now.n + 1;
        else if (merkle_add(&w->m, &now.hash, &tile))
            check_tile(r, log, w->m.n / TILE - 1, &tile);
        compare_heads(r, log);
        if (now.row > 0)
            s[n++] = now;
        else
            found(r, at_head("leaf_removed", log, 0), "leaf %" PRIu64 " of %s was put out of its place: it names no row", now.n, name_of(log));
    }
    if (rows.n < to - w->next && !r->rq->err)
        leaf_missing(r, log, w->next + rows.n);
    if (rows.n)
        w->next = to;
    else
        next_leaf(r, log, to);
    check_rows(r, log, s, n);
    return !r->rq->err;
}

/* Behind the last leaf. */
static void check_end(struct audit_walk *r, int log)
{
    struct log_walk *w = &r->of[log];
    char when[28];
    const struct log_head *h = w->heads.has_next ? &r->last : NULL;
    r->out.n[log] = w->m.n;
    r->out.root[log] = merkle_root(&w->m);
    if (w->m.n && !r->last_id && !r->rq->err)
        found(r, at_head("head_removed", log, 0), "%s has %" PRIu64 " sealed entries and no head: nothing has ever signed them, or the heads were taken away",
              name_of(log), w->m.n);
    else if (w->bare)
        found(r, at_rows("head_removed", log, w->bare, w->bare_to), "%s %" PRId64 " to %" PRId64 " were sealed, but no head covers them: the newest ones were taken away, "
              "or nothing has run since", name_of(log), w->bare, w->bare_to);
    if (r->audit.against && !w->against_seen)
        h = r->audit.against;
    if (!h || w->broken || r->rq->err)
        return;
    instant_iso(h->at, when);
    found(r, at_head("cut_off", log, h->at), "%s was cut off: the head of %s has %" PRIu64 " entries, now there are %" PRIu64, name_of(log), when,
          h->n[log], w->m.n);
}

/* What the register itself remembers of its heads. */
static void check_remembered(struct audit_walk *r)
{
    struct log_heads_gone_rows gone;
    q_log_heads_gone(r->rq, &(struct log_heads_gone_args){.rows = v_int(HEADS)}, &gone);
    for (size_t i = 0; i < gone.n; i++) {
        char when[28];
        int64_t at = v_as_int(gone.row[i].at);
        instant_iso(at, when);
        found(r, at_head("head_removed", 0, at), "head %" PRId64 ", which was %s on %s, was removed or replaced", v_as_int(gone.row[i].head_id),
              v_as_int(gone.row[i].sent) ? "given to another place" : "compared by a check", when);
    }
}

/* ---- where the walk begins ---- */

/* Numbers of rows behind `after`, at most IDS. */
static size_t numbers(struct audit_walk *r, int log, int64_t after, int64_t ids[IDS])
{
    struct event_numbers_rows events = {0};
    struct read_numbers_rows reads = {0};
    if (log == LOG_EVENT)
        q_event_numbers(r->rq, &(struct event_numbers_args){.after = v_int(after), .rows = v_int(IDS)}, &events);
    else
        q_read_numbers(r->rq, &(struct read_numbers_args){.after = v_int(after), .rows = v_int(IDS)}, &reads);
    for (size_t i = 0; i < events.n; i++)
        ids[i] = v_as_int(events.row[i].id);
    for (size_t i = 0; i < reads.n; i++)
        ids[i] = v_as_int(reads.row[i].id);
    return events.n + reads.n;
}

/* The program numbers from 1 on, and seals from there. */
static void check_below(struct audit_walk *r, int log)
{
    int64_t ids[IDS];
    size_t n = numbers(r, log, INT64_MIN, ids);
    for (size_t i = 0; i < n && ids[i] < 1; i++)
        found(r, at_rows("row_unsealed", log, ids[i], ids[i]), "%s %" PRId64 " is not sealed: no program gives such a number", name_of(log), ids[i]);
}

/* The right edge of the tree that a head has signed, from tiles and leaves as they stand: it must have that root again. */
static void edge_of(struct audit_walk *r, int log, uint64_t n)
{
    struct log_walk *w = &r->of[log];
    struct hash h;
    for (uint64_t tile = 0, tiles = n / TILE; tile < tiles && !w->broken && !r->rq->err; tile += PAGE) {
        struct leaf_tile_range_rows rows;
        uint64_t end = tiles - tile < PAGE ? tiles : tile + PAGE;
        q_leaf_tile_range(r->rq, &(struct leaf_tile_range_args){.log = v_int(log), .from = v_int((int64_t)tile), .to = v_int((int64_t)end)}, &rows);
        if (rows.n != end - tile && !r->rq->err) {
            w->broken = true;
            found(r, at_head("tile_removed", log, 0), "roots of tiles %" PRIu64 " to %" PRIu64 " of %s were removed", tile, end - 1, name_of(log));
        }
        for (size_t i = 0; i < rows.n && !w->broken; i++) {
            if (!hash_parse(v_as_text(rows.row[i].hash), &h))
                memset(&h, 0, sizeof h);
            merkle_add_tile(&w->m, &h);
        }
        arena_reset(r->arena);
    }
    struct leaf_range_rows rest = {0};
    uint64_t from = n / TILE * TILE;
    if (n > from)
        q_leaf_range(r->rq, &(struct leaf_range_args){.log = v_int(log), .from = v_int((int64_t)from), .to = v_int((int64_t)n)}, &rest);
    if (rest.n != n - from && !r->rq->err)
        leaf_missing(r, log, from + rest.n);
    for (size_t i = 0; i < rest.n && !w->broken; i++) {
        if (!hash_parse(v_as_text(rest.row[i].hash), &h))
            memset(&h, 0, sizeof h);
        merkle_add(&w->m, &h, NULL);
    }
    if (w->broken)
        w->m.n = n; /* its numbers go on, its root says nothing */
}

static void begin_log(struct audit_walk *r, int log)
{
    struct log_walk *w = &r->of[log];
    union leaf_at_row leaf;
    uint64_t from = r->first_id ? r->first.n[log] : 0;
    w->begun = true;
    w->next = from;
    w->heads.after = r->first_id;
    if (from) {
        edge_of(r, log, from);
        w->good = 0;
        if (!w->broken && !r->rq->err)
            compare_head(r, log, &r->first, "the head");
        if (q_leaf_at(r->rq, &(struct leaf_at_args){.log = v_int(log), .n = v_int((int64_t)from - 1)}, &leaf))
            w->row = v_as_int(leaf.row_id);
    }
    w->heads.before = r->first;
    w->heads.has_before = r->first_id != 0;
    if (r->first_id && log == LOG_EVENT)
        check_head(r, &r->first, NULL);
    if (log == LOG_EVENT)
        check_remembered(r);
    check_below(r, log);
    next_head(r, log, &w->heads);
    compare_heads(r, log);
}

/* ---- rows without a leaf ---- */

/* Of the last minute; not one that says it is of the future, nor one that says nothing that can be read. */
static bool is_young(struct audit_walk *r, int log, int64_t row)
{
    enum { AT = 1 };
    struct cells rows;
    int64_t one = 1, odd;
    enum err err = audit_rows(r->rq, log_table(log), row - 1, &one, r->arena, &rows, &odd);
    if (err) {
        rq_fail(r->rq, err);
        return true;
    }
    int64_t at = rows.rows ? v_as_int(rows.v[AT]) : 0;
    return at > r->rq->now - MINUTE && at < r->rq->now + LATE;
}

static void check_unsealed(struct audit_walk *r, int log, int64_t row)
{
    struct log_walk *w = &r->of[log];
    if (!r->audit.origin || is_young(r, log, row))
        r->out.young++;
    else if (w->n_unsealed < UNSEALED)
        w->unsealed[w->n_unsealed++] = row;
    else
        found(r, at_rows("row_unsealed", log, row, row), "%s %" PRId64 " is not sealed", name_of(log), row);
}

/* Some numbers of rows beside those of the leaves; false behind the last. */
static bool check_numbers(struct audit_walk *r, int log)
{
    struct log_walk *w = &r->of[log];
    struct leaf_rows_between_rows leaves = {0};
    int64_t ids[IDS];
    size_t n = numbers(r, log, w->row, ids), k = 0;
    if (!n || r->rq->err)
        return false;
    q_leaf_rows_between(r->rq, &(struct leaf_rows_between_args){.log = v_int(log), .after = v_int(ids[0] - 1), .to = v_int(ids[n - 1])}, &leaves);
    for (size_t i = 0; i < n && !r->rq->err; i++) {
        while (k < leaves.n && v_as_int(leaves.row[k].row_id) < ids[i])
            k++;
        if (k == leaves.n || v_as_int(leaves.row[k].row_id) != ids[i])
            check_unsealed(r, log, ids[i]);
    }
    w->row = ids[n - 1];
    return n == IDS;
}

/* What was not sealed when it was looked at: a sealer may have been at work. True: it is still, so that it is to be waited again. */
static bool look_again(struct audit_walk *r)
{
    struct request *rq = r->rq;
    union leaf_of_row_row leaf;
    size_t left = 0;
    if (!r->of[LOG_EVENT].n_unsealed && !r->of[LOG_READ].n_unsealed)
        return false;
    conn_rollback(rq->conn);
    nanosleep(&(struct timespec){.tv_sec = WAIT_S}, NULL);
    uint64_t leaves = leaves_count(rq, LOG_EVENT) + leaves_count(rq, LOG_READ);
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        struct log_walk *w = &r->of[log];
        size_t n = 0;
        for (size_t i = 0; i < w->n_unsealed && !rq->err; i++)
            if (!q_leaf_of_row(rq, &(struct leaf_of_row_args){.log = v_int(log), .row = v_int(w->unsealed[i])}, &leaf))
                w->unsealed[n++] = w->unsealed[i];
        left += w->n_unsealed = n;
    }
    bool goes_on = left && leaves > r->leaves && r->waits++ < WAITS;
    r->leaves = leaves;
    for (int log = LOG_EVENT; log < LOG_END && !goes_on && !rq->err; log++)
        for (size_t i = 0; i < r->of[log].n_unsealed; i++)
            found(r, at_rows("row_unsealed", log, r->of[log].unsealed[i], r->of[log].unsealed[i]),
                  "%s %" PRId64 " is not sealed: it was not written by the program, or nothing has run since", name_of(log), r->of[log].unsealed[i]);
    return goes_on && !rq->err;
}

/* ---- the walk ---- */

struct audit_walk *audit_begin(struct request *rq, const struct audit *a, int64_t behind)
{
    struct audit_walk *r = calloc(1, sizeof *r);
    union log_head_one_row first;
    union log_head_last_row last;
    if (!r)
        abort();
    r->rq = rq;
    r->audit = *a;
    r->arena = arena_new();
    r->entry = BUF(ENTRY_MAX);
    r->log = LOG_EVENT;
    if (behind && q_log_head_one(rq, &(struct log_head_one_args){.id = v_int(behind)}, &first) && head_of_row(first.v, &r->first))
        r->first_id = behind;
    /* The head before the leaves: what is signed later covers what is not walked. */
    if (q_log_head_last(rq, &(struct log_head_last_args){0}, &last)) {
        r->last_id = v_as_int(last.id);
        (void)head_of_row(last.v, &r->last);
    }
    for (int log = LOG_EVENT; log < LOG_END; log++)
        r->of[log].limit = leaves_count(rq, log);
    r->leaves = r->of[LOG_EVENT].limit + r->of[LOG_READ].limit;
    r->out.head = r->last_id;
    r->out.head_at = r->last.at;
    r->out.whole = !r->first_id;
    return r;
}

/* One step of this log; false: it is done. */
static bool step(struct audit_walk *r)
{
    struct log_walk *w = &r->of[r->log];
    if (!w->begun) {
        begin_log(r, r->log);
        return true;
    }
    if (!r->rows) {
        if (check_leaves(r, r->log))
            return true;
        check_end(r, r->log);
        r->rows = true;
    }
    return check_numbers(r, r->log);
}

bool audit_step(struct audit_walk *r)
{
    struct arena *outer = r->rq->arena;
    char text[60];
    if (r->done || r->rq->err)
        return false;
    r->rq->arena = r->arena;
    if (r->log < LOG_END) {
        if (!step(r)) {
            r->log++;
            r->rows = false;
        }
    } else if (!look_again(r)) {
        r->done = true;
        if (r->found > TOLD) {
            uint64_t more = r->found - TOLD;
            r->found = 0; /* so that this one is told */
            snprintf(text, sizeof text, "and %" PRIu64 " findings more", more);
            found(r, at_head("more", 0, 0), "%s", text);
            r->found = TOLD + more;
        }
    }
    arena_reset(r->arena);
    r->rq->arena = outer;
    return !r->done && !r->rq->err;
}

bool audit_end(struct audit_walk *r, struct audit_result *out)
{
    bool done = r->done && !r->rq->err;
    r->out.found = r->found;
    *out = r->out;
    buf_free(&r->entry);
    arena_free(r->arena);
    free(r);
    return done;
}

void audit_verify(struct request *rq, const struct audit *a, struct audit_result *out)
{
    enum err err = conn_in_transaction(rq->conn) ? OK : conn_begin(rq->conn);
    if (err)
        rq_fail(rq, err);
    struct audit_walk *r = audit_begin(rq, a, 0);
    while (audit_step(r))
        ;
    audit_end(r, out);
    conn_rollback(rq->conn);
}
