#include "guard/retention.h"
#include "guard/door.h"
#include "guard/log.h"
#include "guard_gen.h"
#include <stdlib.h>

const struct retained *retained_at(size_t i)
{
    size_t n = 0;
    while (rooms[n])
        n++;
    while (n--)
        for (const struct retained *k = rooms[n]->retains; k && k->name; k++)
            if (!i--)
                return k;
    return NULL;
}

const struct retained *retained_find(struct text name)
{
    const struct retained *k;
    for (size_t i = 0; (k = retained_at(i)); i++)
        if (text_is(name, k->name))
            return k;
    return NULL;
}

size_t retained_rows(struct request *rq, const struct retained *k, int64_t body, int64_t after,
                     int64_t before, size_t limit, struct retained_row **out)
{
    const struct {
        const char *name;
        struct value value;
    } given[] = {{"body", v_int(body)},
                 {"after", v_int(after)},
                 {"before", v_date(before)},
                 {"before_at", v_instant(instant_of_day(before))},
                 {"rows", v_int((int64_t)limit)}};
    enum { ARGS = sizeof given / sizeof *given, ID = 0, PERSON, CASE, SINCE, CLASSES, COLUMNS };
    struct value args[ARGS] = {{0}};
    struct rows rows;
    if (k->rows->n_args > ARGS || k->rows->n_columns != COLUMNS)
        abort(); /* the program's own statement has other columns than it should */
    for (size_t i = 0; i < k->rows->n_args; i++)
        for (size_t g = 0; g < ARGS; g++)
            if (strcmp(k->rows->args[i], given[g].name) == 0)
                args[i] = given[g].value;
    door_rows(rq, k->rows, args, &(struct paging){.limit = (int32_t)limit}, &rows);
    *out = arena_array(rq->arena, rows.n + 1, sizeof **out);
    for (size_t i = 0; i < rows.n; i++) {
        const struct value *v = rows.v + i * COLUMNS;
        (*out)[i] = (struct retained_row){.id = v_as_int(v[ID]),
                                          .person = v_as_int(v[PERSON]),
                                          .case_id = v_as_int(v[CASE]),
                                          .since = v[SINCE].kind == V_INSTANT
                                                       ? v_date(instant_day(v_as_int(v[SINCE])))
                                                       : v[SINCE],
                                          .classes = (uint32_t)v_as_int(v[CLASSES])};
    }
    return rows.n;
}

/* The declared references to the rows of a kind, in all rooms. Stops when the function says so. */
typedef bool reference_fn(struct request *rq, const struct table *t, size_t field, int64_t id);
static bool each_reference(struct request *rq, const struct retained *k, int64_t id, bool required,
                           reference_fn *fn)
{
    for (const struct room *const *room = rooms; *room; room++)
        for (const struct table *const *t = (*room)->tables; t && *t; t++)
            for (size_t i = 0; i < (*t)->n_fields && !rq->err; i++) {
                const struct field *f = &(*t)->fields[i];
                if (f->type == FIELD_REF && f->required == required &&
                    strcmp(f->ref, k->table->name) == 0 && fn(rq, *t, i, id))
                    return true;
            }
    return false;
}

static bool refers(struct request *rq, const struct table *t, size_t field, int64_t id)
{
    bool yes = false;
    enum err err = conn_refers(rq->conn, t, field, id, &yes);
    if (err)
        rq_fail(rq, err);
    return yes;
}

static bool unrefer(struct request *rq, const struct table *t, size_t field, int64_t id)
{
    enum err err = conn_unrefer(rq->conn, t, field, id);
    if (err)
        rq_fail(rq, err);
    return false;
}

bool retained_referred(struct request *rq, const struct retained *k, int64_t id)
{
    return k->stays ? k->stays(rq, id) : each_reference(rq, k, id, true, refers);
}

/* As long as what stood there: a row that became shorter would let SQLite move its neighbours together, and what it moves stays behind as bytes
 * of the page, out of reach of secure_delete. */
static struct value blanks(struct request *rq, size_t n)
{
    char *s = arena_alloc(rq->arena, n + 1);
    memset(s, ' ', n);
    return v_text((struct text){s, n});
}

static void empty_event(struct change *ch, struct value event, struct value changed)
{
    w_history_empty(ch, &(struct history_empty_args){.event = event,
                                                     .salt = blanks(ch->rq, 32),
                                                     .blanks = blanks(ch->rq, v_as_text(changed).n)});
}

void history_empty(struct change *ch, int64_t person, const struct table *table, int64_t id)
{
    struct request *rq = ch->rq;
    struct history_events_rows events = {0};
    struct value mark = {0};
    if (table)
        mark = v_text(arena_printf(rq->arena, "%%\"table\":\"%s\",\"id\":%lld,%%", table->name,
                                   (long long)id));
    q_history_events(rq, &(struct history_events_args){.person = v_int(person), .mark = mark},
                     &events);
    for (size_t i = 0; i < events.n; i++)
        empty_event(ch, events.row[i].id, events.row[i].changed);
}

void history_empty_of(struct change *ch, const struct table *table, const int64_t *ids, size_t n, int64_t since)
{
    struct request *rq = ch->rq;
    struct history_events_of_rows events = {0};
    int64_t from = INT64_MAX, to = 0;
    for (size_t i = 0; i < n; i++) {
        from = ids[i] < from ? ids[i] : from;
        to = ids[i] > to ? ids[i] : to;
    }
    q_history_events_of(rq,
                        &(struct history_events_of_args){.first = v_int(log_id_at(rq, since)), .object = v_z(table->name), .from = v_int(from), .to = v_int(to)},
                        &events);
    for (size_t i = 0; i < events.n; i++)
        for (size_t k = 0; k < n; k++)
            if (ids[k] == v_as_int(events.row[i].object_id))
                empty_event(ch, events.row[i].id, events.row[i].changed);
}

bool retained_destroy(struct change *ch, const struct retained *k, const struct retained_row *row)
{
    struct request *rq = ch->rq;
    if (retained_referred(rq, k, row->id) || rq->err)
        return false;
    if (k->papers)
        k->papers(ch, row->id);
    if (k->destroy)
        k->destroy(ch, row->id);
    if (row->person) {
        history_empty(ch, row->person, k->table, row->id);
        grant_end(ch, row->person, 0, k->table->name, row->id);
    }
    if (!k->destroy) {
        each_reference(rq, k, row->id, false, unrefer); /* a service goes on without its referral */
        enum err err = rq->err ? rq->err : conn_delete(rq->conn, k->table, row->id);
        if (err)
            rq_fail(rq, err);
    }
    return !rq->err;
}
