/* A value that was changed in a table behind the program's back: not what the last event of its row has written. */
#include "formats/changed.h"
#include "guard/audit.h"
#include "guard/change.h"
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 200, TOLD = 1000 };

/* What was written last to a field of a row. key: table, field and row; 0: free. */
struct written {
    uint64_t key, value;
    int64_t event, person;
};

struct map {
    struct written *slot;
    size_t n, cap; /* cap: a power of two */
};

struct run {
    struct request *rq;
    const struct audit *audit;
    struct audit_values *out;
    const struct table *const *tables;
    size_t n_tables;
    struct map values, emptied, joined; /* of persons: the last event whose values were destroyed; cards joined once */
    unsigned char seed[crypto_shorthash_KEYBYTES];
    uint64_t found;
    const union history_all_row *now;
};

static void found(struct run *r, const char *text)
{
    if (r->found++ < TOLD)
        r->audit->found(r->audit->ctx, text);
}

static size_t place_of(const struct map *m, uint64_t key)
{
    size_t i = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (m->cap - 1);
    while (m->slot[i].key && m->slot[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void put(struct map *m, struct written w)
{
    if (m->n * 4 >= m->cap * 3) {
        struct map more = {.cap = m->cap ? m->cap * 2 : 1024};
        more.slot = calloc(more.cap, sizeof *more.slot);
        if (!more.slot)
            abort();
        for (size_t i = 0; i < m->cap; i++)
            if (m->slot[i].key)
                more.slot[place_of(&more, m->slot[i].key)] = m->slot[i];
        more.n = m->n;
        free(m->slot);
        *m = more;
    }
    size_t i = place_of(m, w.key);
    m->n += !m->slot[i].key;
    m->slot[i] = w;
}

static const struct written *get(const struct map *m, uint64_t key)
{
    const struct written *w = m->cap ? &m->slot[place_of(m, key)] : NULL;
    return w && w->key ? w : NULL;
}

/* The row's number takes 44 bits, field and table ten each. */
static uint64_t key_of(size_t table, size_t field, int64_t id)
{
    return (uint64_t)id << 20 | (uint64_t)field << 10 | (table + 1);
}

/* Fields whose last value stands in the history: not what follows cards that are joined, nor what retention empties. */
static bool is_compared(const struct table *t, const struct field *f)
{
    bool of_person = f->when_merged == MERGE_MOVES && ((f->ref && !strcmp(f->ref, "person")) || f->number_of);
    return f->type != FIELD_ID && strcmp(f->name, "version") != 0 && !of_person && history_whole(t, f);
}

/* The same number for the same meaning, however it is stored: boxes are opened, for other keys seal other bytes. */
static uint64_t digest_of(struct run *r, const struct table *t, const struct field *f, struct text value)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t digest;
    char name[128], plain[60];
    unsigned covered;
    int64_t stored;
    snprintf(name, sizeof name, "%s.%s", t->name, f->name);
    if (!value.s)
        return 0;
    if (f->type == FIELD_CLASSES && !text_int(value, INT64_MIN, INT64_MAX, &stored)) {
        uint32_t classes = seal_classes_of(stored, &covered);
        value = (struct text){plain, (size_t)snprintf(plain, sizeof plain, "%u %u", classes, covered)};
    } else if (f->sealed && f->type != FIELD_CODE && !seal_open_text(r->rq->arena, name, value, &value)) {
        return UINT64_MAX;
    }
    crypto_shorthash(out, (const unsigned char *)value.s, value.n, r->seed);
    memcpy(&digest, out, sizeof digest);
    return digest | 1;
}

static void take(void *ctx, struct text table, int64_t id, struct text field, struct text value)
{
    struct run *r = ctx;
    size_t t = 0;
    while (t < r->n_tables && !text_is(table, r->tables[t]->name))
        t++;
    int f = t < r->n_tables ? table_field(r->tables[t], field) : -1;
    if (f >= 0 && id > 0 && is_compared(r->tables[t], &r->tables[t]->fields[f]))
        put(&r->values, (struct written){.key = key_of(t, (size_t)f, id),
                                         .value = digest_of(r, r->tables[t], &r->tables[t]->fields[f], value),
                                         .event = v_as_int(r->now->id),
                                         .person = v_as_int(r->now->person_id)});
}

static enum err next_event(void *ctx, const struct value *cells)
{
    struct run *r = ctx;
    union history_all_row row;
    char digest[65], text[100];
    memcpy(row.v, cells, sizeof row.v);
    r->now = &row;
    r->out->events++;
    if (!v_is(row.kept)) {
        snprintf(text, sizeof text, "the values of event %" PRId64 " were removed", v_as_int(row.id));
        found(r, text);
    } else if (!v_is(row.changed) || *v_as_text(row.changed).s != '{') { /* destroyed by retention: the digest tells nothing */
        if (v_is(row.person_id))
            put(&r->emptied, (struct written){.key = (uint64_t)v_as_int(row.person_id), .event = v_as_int(row.id)});
    } else {
        hash_hex(false, v_as_text(row.salt), v_as_text(row.changed), digest);
        if (!text_is(v_as_text(row.digest), digest) || changed_read(v_as_text(row.changed), take, r)) {
            snprintf(text, sizeof text, "the values of event %" PRId64 " were changed", v_as_int(row.id));
            found(r, text);
        }
    }
    arena_reset(r->rq->arena);
    return OK;
}

/* As the history writes it; s null: nothing. */
static struct text cell_text(struct value v, char out[28])
{
    switch (v.kind) {
    case V_INT: return (struct text){out, (size_t)snprintf(out, 28, "%" PRId64, v.i)};
    case V_DATE: date_iso(v.i, out); return text_of(out);
    case V_INSTANT: instant_iso(v.i, out); return text_of(out);
    case V_TEXT:
    case V_CODE: return v_as_text(v);
    default: return (struct text){0};
    }
}

static void compare_cell(struct run *r, size_t table, size_t field, int64_t id, struct value cell)
{
    const struct table *t = r->tables[table];
    const struct field *f = &t->fields[field];
    const struct written *w = get(&r->values, key_of(table, field, id)), *emptied;
    char digits[28], text[200];
    if (!w)
        return;
    emptied = w->person ? get(&r->emptied, (uint64_t)w->person) : NULL;
    if ((emptied && emptied->event > w->event) || (w->person && get(&r->joined, (uint64_t)w->person)) ||
        (f->type == FIELD_REF && !f->required && !v_is(cell))) { /* what it named was destroyed */
        r->out->passed++;
        return;
    }
    r->out->compared++;
    if (digest_of(r, t, f, cell_text(cell, digits)) == w->value)
        return;
    snprintf(text, sizeof text, "%s %" PRId64 ": %s is not what event %" PRId64 " has written", t->name, id, f->name, w->event);
    found(r, text);
}

static void compare_table(struct run *r, size_t table)
{
    struct request *rq = r->rq;
    const struct table *t = r->tables[table];
    int key = table_field(t, T("id"));
    struct cells rows = {0};
    int64_t id = 0;
    do {
        arena_reset(rq->arena);
        enum err err = conn_walk(rq->conn, t, id, ROWS, rq->arena, &rows);
        if (err) {
            rq_fail(rq, err);
            return;
        }
        for (size_t i = 0; i < rows.rows; i++) {
            const struct value *cells = rows.v + i * t->n_fields;
            id = v_as_int(cells[key]);
            for (size_t f = 0; f < t->n_fields; f++)
                compare_cell(r, table, f, id, cells[f]);
        }
    } while (rows.rows == ROWS && !rq->err);
}

void audit_values(struct request *rq, const struct audit *a, struct audit_values *out)
{
    struct run r = {.rq = rq, .audit = a, .out = out};
    struct persons_joined_ever_rows joined;
    struct arena *outer = rq->arena;
    char text[60];
    *out = (struct audit_values){0};
    r.tables = register_tables(&r.n_tables);
    crypto_shorthash_keygen(r.seed);
    q_persons_joined_ever(rq, &(struct persons_joined_ever_args){0}, &joined);
    for (size_t i = 0; i < joined.n; i++) {
        put(&r.joined, (struct written){.key = (uint64_t)v_as_int(joined.row[i].kept_number)});
        put(&r.joined, (struct written){.key = (uint64_t)v_as_int(joined.row[i].gone_number)});
    }
    rq->arena = arena_new();
    enum err err = conn_begin(rq->conn); /* events and tables of one moment */
    if (err)
        rq_fail(rq, err);
    each_history_all(rq, &(struct history_all_args){0}, next_event, &r);
    for (size_t t = 0; t < r.n_tables && !rq->err; t++)
        if (table_field(r.tables[t], T("id")) >= 0 && !r.tables[t]->insert_only)
            compare_table(&r, t);
    conn_rollback(rq->conn);
    arena_free(rq->arena);
    rq->arena = outer;
    if (r.found > TOLD) {
        snprintf(text, sizeof text, "and %" PRIu64 " findings more", r.found - TOLD);
        a->found(a->ctx, text);
    }
    free(r.values.slot);
    free(r.emptied.slot);
    free(r.joined.slot);
}
