#include "guard/change.h"
#include "base/json.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <stdlib.h>

enum { VALUES_MAX = 4 << 20 };

void change_begin(struct request *rq, struct change *ch, struct subject subject)
{
    *ch = (struct change){.rq = rq};
    if (rq->err)
        return;
    struct fault fault = {0};
    struct conn *writer;
    conn_rollback(rq->conn); /* the view of a page that changes something ends here */
    enum err err = store_writer(rq->store, &writer, &fault);
    if (!err) {
        err = conn_begin(writer);
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
    ch->values = BUF(VALUES_MAX);
    change_lock(ch, subject);
}

void change_lock(struct change *ch, struct subject subject)
{
    if (ch->rq->err || !subject.table)
        return;
    enum err err = conn_lock_row(ch->rq->conn, subject.table, subject.id);
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

static void keep_values(struct change *ch, const struct table *t, int64_t id,
                        const struct value *values)
{
    struct json j = {.out = &ch->values, .comma = ch->values.n > 0};
    json_open(&j, '{');
    json_key(&j, "table");
    json_z(&j, t->name);
    json_key(&j, "id");
    json_int(&j, id);
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

int64_t change_write(struct change *ch, const struct table *t, const struct value *values)
{
    int64_t id = 0;
    if (ch->rq->err)
        return 0;
    enum err err = conn_insert(ch->rq->conn, t, values, t->key ? NULL : &id);
    if (err)
        rq_fail(ch->rq, err);
    return err ? 0 : id;
}

int64_t change_insert(struct change *ch, const struct table *t, const struct value *values)
{
    struct request *rq = ch->rq;
    if (rq->err)
        return 0;
    if (!may_write(rq, t, values)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return 0;
    }
    int64_t id = change_write(ch, t, values);
    if (id)
        keep_values(ch, t, id, values);
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
    enum err err = conn_update(rq->conn, t, id, version, values);
    if (err)
        rq_fail(rq, err);
    else
        keep_values(ch, t, id, values);
}

void change_run(struct change *ch, struct sql *sql, const struct value *args)
{
    if (ch->rq->err)
        return;
    enum err err = conn_exec(ch->rq->conn, sql, args, NULL);
    if (err)
        rq_fail(ch->rq, err);
}

void change_event(struct change *ch, const struct event *e)
{
    struct request *rq = ch->rq;
    if (rq->err)
        return;
    if (buf_end(&ch->values)) {
        rq_fail(rq, ERR_LIMIT);
        return;
    }
    char salt[33], digest[65];
    struct text values = buf_get(&ch->values);
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
    if (rq->viewer.account)
        r.account_id = v_int(rq->viewer.account);
    if (rq->viewer.body)
        r.body_id = v_int(rq->viewer.body);
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
    buf_clear(&ch->values);
    ch->events++;
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
    if (!rq->err && rq->on_commit)
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
