#include "guard/change.h"
#include "base/json.h"
#include "base/log.h"
#include "formats/changed.h"
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include <stdlib.h>

enum { VALUES_MAX = 4 << 20, CELLS_MAX = 192 /* fields of a table */ };

static void begin(struct request *rq, struct change *ch, bool alone, bool hasty)
{
    *ch = (struct change){.rq = rq};
    if (rq->err)
        return;
    struct fault fault = {0};
    struct conn *writer;
    conn_rollback(rq->conn); /* the view of a page that changes something ends here */
    enum err err = store_writer(rq->store, &writer, &fault);
    if (!err) {
        err = hasty ? conn_begin_hasty(writer) : conn_begin(writer);
        if (err)
            store_release(rq->store, writer);
    }
    if (err) {
        rq_fail(rq, err);
        return;
    }
    ch->open = true;
    ch->reader = rq->conn;
    rq->conn = writer;
    rq->change = ch;
    ch->values = ch->vouched = BUF(VALUES_MAX);
    err = alone ? conn_lock(rq->conn, LOCK_RULES) : conn_lock_shared(rq->conn, LOCK_RULES);
    if (err)
        rq_fail(rq, err);
}

void change_begin(struct request *rq, struct change *ch, struct subject subject)
{
    begin(rq, ch, false, false);
    packs_check(rq); /* a change runs by the packs that the register holds at its beginning */
    change_lock(ch, subject);
}

void change_begin_index(struct request *rq, struct change *ch)
{
    begin(rq, ch, false, true);
    packs_check(rq);
}

void change_begin_alone(struct request *rq, struct change *ch)
{
    begin(rq, ch, true, false);
}

void change_lock(struct change *ch, struct subject subject)
{
    if (ch->rq->err || !subject.table)
        return;
    enum err err = conn_lock_row(ch->rq->conn, subject.table, subject.id);
    if (err)
        rq_fail(ch->rq, err);
}

void change_lock_alone(struct change *ch, struct subject subject)
{
    if (ch->rq->err)
        return;
    enum err err = conn_lock_row_alone(ch->rq->conn, subject.table, subject.id);
    if (err)
        rq_fail(ch->rq, err);
}

void change_lock_for(struct change *ch, enum lock lock)
{
    if (ch->rq->err)
        return;
    enum err err = conn_lock(ch->rq->conn, lock);
    if (err)
        rq_fail(ch->rq, err);
}

/* A field of a class that the role may not write stops the change: forms do not offer it, so this
 * is a foreign hand. */
static bool may_write(struct request *rq, const struct table *t, const struct value *values)
{
    if (rq->viewer.system)
        return true;
    uint32_t write = rq->viewer.role ? rq->viewer.role->write : 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct field *f = &t->fields[i];
        if (values[i].kind == V_NONE)
            continue;
        uint32_t need = CLASS_BIT(f->cls);
        if (f->class_from && values[i].kind != V_NULL) {
            int k = table_field(t, text_of(f->class_from));
            if (k >= 0)
                need |= (uint32_t)v_as_int(values[k]);
        }
        if (need & ~write)
            return false;
    }
    return true;
}

/* As they are stored: what is sealed in the table is sealed here. */
static void keep_values(struct change *ch, const struct table *t, int64_t id, bool fresh,
                        const struct value *values)
{
    struct json j = {.out = &ch->values, .comma = ch->values.n > 0};
    json_open(&j, '{');
    json_key(&j, "table");
    json_z(&j, t->name);
    json_key(&j, "id");
    json_int(&j, id);
    if (fresh) {
        json_key(&j, CHANGED_NEW);
        json_int(&j, 1);
    }
    for (size_t i = 0; i < t->n_fields; i++)
        if (values[i].kind != V_NONE && t->fields[i].type != FIELD_ID) {
            json_key(&j, t->fields[i].name);
            if (values[i].kind == V_NULL)
                json_null(&j);
            else
                json_value(&j, values[i]);
        }
    json_close(&j, '}');
}

static void name_person(struct change *ch, int64_t id)
{
    if (ch->named.first_new && id >= ch->named.first_new)
        return;
    for (size_t i = ch->named.n; i-- > 0;) /* the last is the likeliest */
        if (ch->named.id[i] == id)
            return;
    if (ch->named.n == ch->named.cap) {
        size_t cap = ch->named.cap ? ch->named.cap * 2 : 8;
        int64_t *more = arena_array(ch->rq->arena, cap, sizeof *more);
        if (ch->named.n)
            memcpy(more, ch->named.id, ch->named.n * sizeof *more);
        ch->named.id = more;
        ch->named.cap = cap;
    }
    ch->named.id[ch->named.n++] = id;
}

static void name_persons(struct change *ch, const struct table *t, const struct value *values,
                         int64_t id)
{
    if (!strcmp(t->name, "person") && id && (!ch->named.first_new || id < ch->named.first_new))
        ch->named.first_new = id;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct field *f = &t->fields[i];
        if (f->type == FIELD_REF && f->when_merged == MERGE_MOVES && values[i].kind == V_INT &&
            !strcmp(f->ref, "person"))
            name_person(ch, values[i].i);
    }
}

/* A card that was joined to another while this change was on its way: nothing more is written about it. */
static void check_persons(struct change *ch)
{
    struct request *rq = ch->rq;
    union person_joined_row row;
    for (size_t i = 0; i < ch->named.n && !rq->err; i++) {
        enum err err = conn_lock_row_named(rq->conn, register_table(T("person")), ch->named.id[i]);
        if (err)
            rq_fail(rq, err);
        if (q_person_joined(rq, &(struct person_joined_args){.id = v_int(ch->named.id[i])}, &row)) {
            rq->reason = N_("The card was joined with another one meanwhile: open it again");
            rq_fail(rq, ERR_CONFLICT);
        }
    }
}

static int64_t insert(struct change *ch, const struct table *t, const struct value *values,
                      struct value *cells)
{
    struct request *rq = ch->rq;
    int64_t id = 0;
    memcpy(cells, values, t->n_fields * sizeof *cells);
    seal_row(rq, t, cells);
    enum err err = rq->err ? rq->err : conn_insert(rq->conn, t, cells, t->key ? NULL : &id);
    if (err)
        rq_fail(rq, err);
    else
        name_persons(ch, t, values, id);
    return err ? 0 : id;
}

int64_t change_write(struct change *ch, const struct table *t, const struct value *values)
{
    struct value cells[CELLS_MAX];
    return ch->rq->err ? 0 : insert(ch, t, values, cells);
}

int64_t change_insert(struct change *ch, const struct table *t, const struct value *values)
{
    struct request *rq = ch->rq;
    struct value cells[CELLS_MAX];
    if (rq->err)
        return 0;
    if (!may_write(rq, t, values)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return 0;
    }
    int64_t id = insert(ch, t, values, cells);
    if (id)
        keep_values(ch, t, id, true, cells);
    return id;
}

void change_update(struct change *ch, const struct table *t, int64_t id, int64_t version,
                   const struct value *values)
{
    struct request *rq = ch->rq;
    if (rq->err)
        return;
    if (!may_write(rq, t, values)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    struct value cells[CELLS_MAX];
    memcpy(cells, values, t->n_fields * sizeof *cells);
    seal_row(rq, t, cells);
    if (rq->err)
        return;
    enum err err = conn_update(rq->conn, t, id, version, cells);
    if (err)
        rq_fail(rq, err);
    else
        keep_values(ch, t, id, false, cells);
}

void change_run(struct change *ch, struct sql *sql, const struct value *args)
{
    if (ch->rq->err)
        return;
    enum err err = conn_exec(ch->rq->conn, sql, args, NULL);
    if (err)
        rq_fail(ch->rq, err);
}

/* The event that waits, with the values that it vouches for. */
static void write_event(struct change *ch)
{
    struct request *rq = ch->rq;
    const struct event *e = &ch->event;
    if (rq->err || !e->kind)
        return;
    if (buf_end(&ch->vouched)) {
        rq_fail(rq, ERR_LIMIT);
        return;
    }
    char salt[33], digest[65];
    struct text values = buf_get(&ch->vouched);
    if (values.n) {
        random_hex(salt, 32);
        hash_hex(false, (struct text){salt, 32}, values, digest);
    }
    union event_record r = {
        .at = v_instant(rq->now),
        .day = v_date(e->day ? e->day : rq->today),
        .kind = v_z(e->kind),
        .classes = v_int(e->classes),
    };
    if (ch->event_account)
        r.account_id = v_int(ch->event_account);
    if (ch->event_body)
        r.body_id = v_int(ch->event_body);
    if (e->person)
        r.person_id = v_int(e->person);
    if (e->case_id)
        r.case_id = v_int(e->case_id);
    if (e->other_body)
        r.other_body_id = v_int(e->other_body);
    if (e->ground)
        r.ground = v_z(e->ground);
    if (e->table)
        r.object = v_z(e->table->name);
    if (e->object)
        r.object_id = v_int(e->object);
    if (ch->import)
        r.import_id = v_int(ch->import);
    if (values.n)
        r.digest = v_text((struct text){digest, 64});
    int64_t id = change_write(ch, &event_table, r.v);
    if (id && values.n) {
        union history_record h = {.event_id = v_int(id),
                                  .salt = v_text((struct text){salt, 32}),
                                  .changed = v_text(values)};
        change_write(ch, &history_table, h.v);
    }
    ch->event.kind = NULL;
    buf_clear(&ch->vouched);
}

void change_event(struct change *ch, const struct event *e)
{
    write_event(ch);
    struct buf empty = ch->vouched;
    ch->event = *e;
    ch->event_account = ch->rq->viewer.account;
    ch->event_body = ch->rq->viewer.body;
    ch->vouched = ch->values;
    ch->values = empty;
    ch->events++;
}

/* What was written behind the last event belongs to it. */
static void write_last_event(struct change *ch)
{
    struct text rest = buf_get(&ch->values);
    if (rest.n && ch->vouched.n)
        buf_char(&ch->vouched, ',');
    buf_text(&ch->vouched, rest);
    write_event(ch);
}

enum err change_commit(struct change *ch)
{
    struct request *rq = ch->rq;
    if (!ch->open)
        return rq_end(rq);
    if (!rq->err && rq->mistakes)
        rq->err = ERR_INPUT;
    if (!rq->err && !ch->events) {
        log_error("a change without an event was refused");
        rq_fail(rq, ERR_INTERNAL);
    }
    write_last_event(ch);
    check_persons(ch);
    if (!rq->err && !ch->aside && rq->on_commit)
        rq->on_commit(ch);
    if (!rq->err) {
        enum err err = conn_commit(rq->conn);
        if (err)
            rq_fail(rq, err);
    }
    if (rq->err)
        conn_rollback(rq->conn);
    store_release(rq->store, rq->conn);
    rq->conn = ch->reader;
    rq->change = NULL;
    ch->open = false;
    buf_free(&ch->values);
    buf_free(&ch->vouched);
    return rq->err;
}

struct text change_number(struct change *ch, const char *series)
{
    struct request *rq = ch->rq;
    int year = date_ymd(rq->today).year;
    struct text name = arena_printf(rq->arena, "%s-%d", series, year);
    w_counter_bump(ch, &(struct counter_bump_args){.name = v_text(name)});
    union counter_get_row row = {0};
    q_counter_get(rq, &(struct counter_get_args){.name = v_text(name)}, &row);
    return arena_printf(rq->arena, "%s-%06lld", name.s, (long long)v_as_int(row.value));
}

/* ---- what statements write past the history ---- */

static struct {
    const char *table, *column;
} passed[2000];
static size_t n_passed;

void history_passed(const char *table, const char *column)
{
    if (n_passed == sizeof passed / sizeof *passed)
        abort();
    passed[n_passed].table = table;
    passed[n_passed++].column = column;
}

bool history_whole(const struct table *t, const struct field *f)
{
    for (size_t i = 0; i < n_passed; i++)
        if (strcmp(passed[i].table, t->name) == 0 && strcmp(passed[i].column, f->name) == 0)
            return false;
    return true;
}
