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

enum {
    ROWS = 200,
    TOLD = 1000,
    NEW = 1023 /* in place of a field: the row was put in. value: it has been seen */
};

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
    struct map values;
    struct map emptied, destroyed, joined; /* by person, 1: of nobody: the last event whose values are gone, and that let values go; cards joined once */
    int64_t *first_new;                    /* of each table: from this row on all were put in by events; 0: of none is known */
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
    if (f->type == FIELD_REF && !text_int(value, 1, INT64_MAX, &stored))
        return (uint64_t)stored << 1 | 1; /* row_of() */
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

/* Persons stand in maps by their numbers, which begin with 1: what belongs to nobody comes before them. */
static uint64_t whose(int64_t person)
{
    return (uint64_t)person + 1;
}

static void take(void *ctx, struct text table, int64_t id, struct text field, struct text value)
{
    struct run *r = ctx;
    size_t t = 0;
    while (t < r->n_tables && !text_is(table, r->tables[t]->name))
        t++;
    if (t < r->n_tables && id > 0 && text_is(field, CHANGED_NEW)) {
        put(&r->values, (struct written){.key = key_of(t, NEW, id), .event = v_as_int(r->now->id), .person = v_as_int(r->now->person_id)});
        if (!r->first_new[t] || id < r->first_new[t])
            r->first_new[t] = id;
        return;
    }
    int f = t < r->n_tables ? table_field(r->tables[t], field) : -1;
    if (f >= 0 && id > 0 && is_compared(r->tables[t], &r->tables[t]->fields[f]))
        put(&r->values, (struct written){.key = key_of(t, (size_t)f, id),
                                         .value = digest_of(r, r->tables[t], &r->tables[t]->fields[f], value),
                                         .event = v_as_int(r->now->id),
                                         .person = v_as_int(r->now->person_id)});
}

static bool is_blank(struct value changed)
{
    struct text t = v_as_text(changed);
    return v_is(changed) && t.n && strspn(t.s, " ") == t.n;
}

/* Values go by an act of destruction or with a list that is taken back: a later event tells of it. Whose cards were joined, of either. */
static void check_let_go(struct run *r, int64_t person, int64_t event)
{
    const struct written *by = get(&r->destroyed, whose(person));
    char text[120];
    if ((by && by->event > event) || get(&r->joined, whose(person)))
        return;
    snprintf(text, sizeof text, "the values of event %" PRId64 " were emptied, and no later event lets them go", event);
    found(r, text);
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
    } else if (is_blank(row.changed)) { /* destroyed by retention: the digest tells nothing */
        check_let_go(r, v_as_int(row.person_id), v_as_int(row.id));
        put(&r->emptied, (struct written){.key = whose(v_as_int(row.person_id)), .event = v_as_int(row.id)});
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

/* May values of a row that this event has written have gone or moved since, with nothing left that says which? */
static bool is_open(struct run *r, int64_t person, int64_t event)
{
    const struct written *emptied = get(&r->emptied, whose(person));
    return (emptied && emptied->event > event) || (person && get(&r->joined, whose(person)));
}

/* What an optional reference had named stands there still: so nobody had to take the reference away. */
static bool still_there(struct run *r, const struct field *f, uint64_t written)
{
    const struct table *t = register_table(text_of(f->ref));
    struct cells rows = {0};
    int64_t row = (int64_t)(written >> 1), one = 1, odd;
    if (!t || table_field(t, T("id")) < 0)
        return false;
    enum err err = audit_rows(r->rq, t, row - 1, &one, r->rq->arena, &rows, &odd);
    if (err && err != ERR_NOT_FOUND)
        rq_fail(r->rq, err);
    return odd == row || (rows.rows && v_as_int(rows.v[table_field(t, T("id"))]) == row);
}

/* row: the insertion of this row; null: not known. */
static void compare_cell(struct run *r, size_t table, size_t field, int64_t id, struct value cell, const struct written *row)
{
    const struct table *t = r->tables[table];
    const struct field *f = &t->fields[field];
    const struct written *w = get(&r->values, key_of(table, field, id));
    bool never = !w && row && v_is(cell) && !f->initial && is_compared(t, f);
    char digits[28], text[200];
    if (!w && !never)
        return;
    const struct written *last = w ? w : row;
    if (is_open(r, last->person, last->event) ||
        (w && f->type == FIELD_REF && !f->required && !v_is(cell) && !still_there(r, f, w->value))) { /* what it named was destroyed */
        r->out->passed++;
        return;
    }
    r->out->compared++;
    if (never)
        snprintf(text, sizeof text, "%s %" PRId64 ": no event has written its %s", t->name, id, f->name);
    else if (digest_of(r, t, f, cell_text(cell, digits)) != w->value)
        snprintf(text, sizeof text, "%s %" PRId64 ": %s is not what event %" PRId64 " has written", t->name, id, f->name, w->event);
    else
        return;
    found(r, text);
}

/* Are its rows put in and taken away by changes with a history only? Then none comes from nowhere, and none goes without a word. */
static bool rows_whole(const struct run *r, size_t table)
{
    return r->first_new[table] && history_whole(r->tables[table], &(struct field){.name = ""});
}

/* No event has put it in, among such as were put in by events, and nothing that is gone can have told of it. */
static bool from_nowhere(struct run *r, size_t table, int64_t id, const struct value *cells)
{
    const struct table *t = r->tables[table];
    bool of_person = false;
    if (!rows_whole(r, table) || id < r->first_new[table])
        return false;
    for (size_t f = 0; f < t->n_fields; f++)
        if ((t->fields[f].ref && !strcmp(t->fields[f].ref, "person")) || (t->fields[f].number_of && !strcmp(t->fields[f].number_of, "person"))) {
            of_person = true;
            if (v_is(cells[f]) && is_open(r, v_as_int(cells[f]), 0))
                return false;
        }
    return of_person || !r->emptied.n;
}

static void compare_row(struct run *r, size_t table, int64_t id, const struct value *cells)
{
    const struct table *t = r->tables[table];
    char text[120];
    size_t at = r->values.cap ? place_of(&r->values, key_of(table, NEW, id)) : 0;
    struct written *row = r->values.cap && r->values.slot[at].key ? &r->values.slot[at] : NULL;
    if (row) {
        row->value = true;
    } else if (from_nowhere(r, table, id, cells)) {
        snprintf(text, sizeof text, "%s %" PRId64 " was put in by no event", t->name, id);
        found(r, text);
    }
    for (size_t f = 0; f < t->n_fields; f++)
        compare_cell(r, table, f, id, cells[f], row);
}

/* Rows that were put in and have not been met. */
static void tell_gone(struct run *r)
{
    char text[120];
    for (size_t i = 0; i < r->values.cap; i++) {
        const struct written *w = &r->values.slot[i];
        size_t table = (w->key & 1023) - 1;
        if (!w->key || (w->key >> 10 & 1023) != NEW || w->value || r->tables[table]->insert_only || !rows_whole(r, table) ||
            (w->person && get(&r->joined, whose(w->person))))
            continue;
        snprintf(text, sizeof text, "%s %" PRIu64 ", which event %" PRId64 " has put in, is gone", r->tables[table]->name, w->key >> 20, w->event);
        found(r, text);
    }
}

static void compare_table(struct run *r, size_t table)
{
    struct request *rq = r->rq;
    const struct table *t = r->tables[table];
    int key = table_field(t, T("id"));
    int64_t id = 0, asked, odd;
    struct cells rows = {0};
    char text[120];
    do {
        arena_reset(rq->arena);
        asked = ROWS;
        enum err err = audit_rows(rq, t, id, &asked, rq->arena, &rows, &odd);
        if (err) {
            rq_fail(rq, err);
            return;
        }
        for (size_t i = 0; i < rows.rows; i++) {
            const struct value *cells = rows.v + i * t->n_fields;
            id = v_as_int(cells[key]);
            compare_row(r, table, id, cells);
        }
        if (odd) {
            snprintf(text, sizeof text, "%s %" PRId64 " cannot be read: something in it is of another kind", t->name, odd);
            found(r, text);
            id = odd;
        }
    } while ((odd || rows.rows == (size_t)asked) && !rq->err);
}

/* Which cards were joined, and what has let values go, by the log. */
static void read_reasons(struct run *r)
{
    struct persons_joined_ever_rows joined;
    struct destructions_rows by;
    char text[120];
    q_persons_joined_ever(r->rq, &(struct persons_joined_ever_args){0}, &joined);
    for (size_t i = 0; i < joined.n; i++) {
        if (!v_as_int(joined.row[i].told)) {
            snprintf(text, sizeof text, "person_merge %" PRId64 " joins two cards, and no event tells of it", v_as_int(joined.row[i].id));
            found(r, text);
            continue;
        }
        put(&r->joined, (struct written){.key = whose(v_as_int(joined.row[i].kept_number))});
        put(&r->joined, (struct written){.key = whose(v_as_int(joined.row[i].gone_number))});
    }
    q_destructions(r->rq, &(struct destructions_args){0}, &by);
    for (size_t i = 0; i < by.n; i++)
        put(&r->destroyed, (struct written){.key = whose(v_as_int(by.row[i].person_id)), .event = v_as_int(by.row[i].last)});
}

void audit_values(struct request *rq, const struct audit *a, struct audit_values *out)
{
    struct run r = {.rq = rq, .audit = a, .out = out};
    struct arena *outer = rq->arena;
    char text[60];
    *out = (struct audit_values){0};
    r.tables = register_tables(&r.n_tables);
    r.first_new = calloc(r.n_tables, sizeof *r.first_new);
    if (!r.first_new)
        abort();
    crypto_shorthash_keygen(r.seed);
    rq->arena = arena_new();
    enum err err = conn_begin(rq->conn); /* events and tables of one moment */
    if (err)
        rq_fail(rq, err);
    read_reasons(&r);
    each_history_all(rq, &(struct history_all_args){0}, next_event, &r);
    for (size_t t = 0; t < r.n_tables && !rq->err; t++)
        if (table_field(r.tables[t], T("id")) >= 0 && !r.tables[t]->insert_only)
            compare_table(&r, t);
    if (!rq->err)
        tell_gone(&r);
    conn_rollback(rq->conn);
    arena_free(rq->arena);
    rq->arena = outer;
    if (r.found > TOLD) {
        snprintf(text, sizeof text, "and %" PRIu64 " findings more", r.found - TOLD);
        a->found(a->ctx, text);
    }
    free(r.first_new);
    free(r.values.slot);
    free(r.emptied.slot);
    free(r.destroyed.slot);
    free(r.joined.slot);
}
