/* After a new data key: rows sealed with an older one are sealed anew, table by table along their
 * keys, a slice at a time. Insert-only logs keep what they have, so no data key is ever thrown
 * away. `bereg check` walks the same way. */
#include "base/log.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "guard/seal.h"
#include "guard_gen.h"

enum { ROWS = 200, CELLS_MAX = 192 };

/* Number of the row in its key. */
static int64_t key_cell(const struct table *t, const struct value *cells)
{
    int k = table_field(t, text_of(t->key ? t->key : "id"));
    return k < 0 ? 0 : v_as_int(cells[k]);
}

static bool is_walked(const struct table *t)
{
    return seal_table(t) && !t->insert_only && table_field(t, text_of(t->key ? t->key : "id")) >= 0;
}

/* How far the work has come, in the setting "sealing": the key's number, then the table and the
 * last row; a key alone: all is done. */
struct place {
    int64_t key, row;
    struct text table;
};

static struct place place_get(struct request *rq)
{
    struct place p = {0};
    union setting_get_row s;
    struct text word, rest;
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z("sealing")}, &s))
        return p;
    rest = v_as_text(s.value);
    if (!text_split(&rest, ' ', &word) || text_int(word, 0, KEYS_MOST, &p.key) ||
        !text_split(&rest, ' ', &p.table) || text_int(rest, 0, INT64_MAX, &p.row))
        p.row = 0;
    return p;
}

static void place_put(struct change *ch, const struct place *p)
{
    struct text t = arena_printf(ch->rq->arena, p->table.n ? "%lld %.*s %lld" : "%lld",
                                 (long long)p->key, TEXT_ARG(p->table), (long long)p->row);
    w_setting_put(ch, &(struct setting_put_args){.name = v_z("sealing"), .value = v_text(t)});
    ch->events++; /* the same data in another form: nothing happened to anybody */
}

/* The next rows of a table; *row: the last one, 0 behind the end. */
static void slice(struct change *ch, const struct table *t, int64_t *row)
{
    struct request *rq = ch->rq;
    struct cells rows;
    enum err err = conn_walk(rq->conn, t, *row, ROWS, rq->arena, &rows);
    if (err) {
        rq_fail(rq, err);
        return;
    }
    for (size_t i = 0; i < rows.rows && !rq->err; i++) {
        struct value cells[CELLS_MAX];
        bool old;
        memcpy(cells, rows.v + i * t->n_fields, t->n_fields * sizeof *cells);
        *row = key_cell(t, cells);
        if (!seal_open_row(rq, t, cells, &old)) {
            log_error("a box of table %s, row %lld cannot be opened", t->name, (long long)*row);
            continue;
        }
        if (!old)
            continue;
        seal_row(rq, t, cells);
        err = rq->err ? rq->err : conn_replace(rq->conn, t, *row, cells);
        if (err)
            rq_fail(rq, err);
    }
    if (rows.rows < ROWS)
        *row = 0;
}

/* The table behind that of the place; null behind the last. */
static const struct table *table_after(struct text name)
{
    size_t n;
    const struct table *const *all = register_tables(&n);
    bool seen = !name.n;
    for (size_t i = 0; i < n; i++) {
        if (seen && is_walked(all[i]))
            return all[i];
        seen = seen || text_is(name, all[i]->name);
    }
    return NULL;
}

void seal_again(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    const struct seal_key *k = key_in_use(rq->now);
    for (bool more = k != NULL; more && !rq->err;) {
        rq->arena = mine;
        struct place p = place_get(rq);
        if (p.key > k->number) /* of other nodes; this one has not learnt of it yet */
            break;
        if (p.key < k->number)
            p = (struct place){.key = k->number, .table = text_of(table_after(T(""))->name)};
        else if (!p.table.n)
            break;
        const struct table *t = register_table(p.table);
        struct change ch;
        change_begin(rq, &ch, NO_SUBJECT);
        if (t)
            slice(&ch, t, &p.row);
        if (!p.row) {
            t = table_after(p.table);
            p.table = t ? text_of(t->name) : T("");
        }
        place_put(&ch, &p);
        more = change_commit(&ch) == OK;
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
}

bool seal_done(struct request *rq)
{
    const struct seal_key *k = key_in_use(rq->now);
    struct place p = place_get(rq);
    return k && p.key == k->number && !p.table.n;
}

void seal_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    size_t n;
    const struct table *const *all = register_tables(&n);
    struct arena *outer = rq->arena, *mine = arena_new();
    for (size_t i = 0; i < n && !rq->err; i++) {
        const struct table *t = all[i];
        int64_t row = is_walked(t) ? 0 : -1;
        while (row >= 0 && !rq->err) {
            struct cells rows;
            rq->arena = mine;
            enum err err = conn_walk(rq->conn, t, row, ROWS, mine, &rows);
            if (err)
                rq_fail(rq, err);
            for (size_t k = 0; !err && k < rows.rows; k++) {
                bool old;
                struct value *cells = rows.v + k * t->n_fields;
                row = key_cell(t, cells);
                if (!seal_open_row(rq, t, cells, &old))
                    found(ctx, arena_printf(mine, "a box of table %s, row %lld cannot be opened",
                                            t->name, (long long)row)
                                   .s);
            }
            if (err || rows.rows < ROWS)
                row = -1;
            arena_reset(mine);
        }
    }
    rq->arena = outer;
    arena_free(mine);
}
