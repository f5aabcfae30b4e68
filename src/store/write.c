/* Statements made from a table's declaration: one per table, set of fields and purpose, for the
 * whole program. */
#include "base/buf.h"
#include "base/log.h"
#include "store/engine.h"
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>

enum purpose {
    DO_INSERT,
    DO_INSERT_RETURNING,
    DO_UPDATE,
    DO_UPDATE_VERSION,
    DO_GET,
    DO_LOCK,
    DO_LOCK_ALONE,
    DO_LOCK_NAMED,
    DO_REFERS,
    DO_REFERRING,
    DO_WALK,
    DO_WALK_LOCKED,
    DO_WALK_NUMBER,
    DO_REPLACE,
    DO_UNREFER,
    DO_DELETE,
    DO_ALL,
};

/* A table has at most this many fields; one bit each. */
enum { FIELDS_MAX = 192, WORDS = FIELDS_MAX / 64, SLOTS = 1024 };

struct fields {
    uint64_t bits[WORDS];
};

struct made {
    const struct table *table;
    enum purpose purpose;
    struct fields set;
    struct sql sql;
    struct made *next;
};

static struct {
    pthread_mutex_t mutex;
    struct made *slots[SLOTS];
} all = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void add(struct fields *f, size_t k)
{
    f->bits[k / 64] |= UINT64_C(1) << k % 64;
}

static bool has(const struct fields *f, size_t k)
{
    return f->bits[k / 64] >> k % 64 & 1;
}

static size_t slot_of(const struct table *t, enum purpose purpose, const struct fields *set)
{
    uint64_t h = (uint64_t)(uintptr_t)t ^ (uint64_t)purpose << 56;

    for (int k = 0; k < WORDS; k++)
        h = (h ^ set->bits[k]) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 32) % SLOTS;
}

/* Text of an insert: the fields of the set in their order are the arguments. */
static void put_insert(struct buf *b, const struct table *t, const struct fields *set,
                       bool returning)
{
    int n = 0;

    buf_printf(b, "insert into \"%s\"", t->name);
    for (size_t k = 0; k < t->n_fields; k++) {
        if (has(set, k))
            buf_printf(b, "%s\"%s\"", n++ ? ", " : " (", t->fields[k].name);
    }
    buf_z(b, n ? ") values (" : " default values");
    for (int k = 1; k <= n; k++)
        buf_printf(b, "%s?%d", k > 1 ? ", " : "", k);
    if (n)
        buf_char(b, ')');
    if (returning)
        buf_z(b, " returning \"id\"");
}

/* The id follows the fields, the version follows the id. */
static void put_update(struct buf *b, const struct table *t, const struct fields *set,
                       bool versioned)
{
    int n = 0;

    buf_printf(b, "update \"%s\" set ", t->name);
    for (size_t k = 0; k < t->n_fields; k++) {
        if (!has(set, k))
            continue;
        buf_printf(b, "%s\"%s\" = ?%d", n ? ", " : "", t->fields[k].name, n + 1);
        n++;
    }
    if (table_field(t, T("version")) >= 0)
        buf_printf(b, "%s\"version\" = \"version\" + 1", n ? ", " : "");
    else if (n == 0)
        buf_z(b, "\"id\" = \"id\"");
    buf_printf(b, " where \"id\" = ?%d", n + 1);
    if (versioned)
        buf_printf(b, " and \"version\" = ?%d", n + 2);
}

static void put_get(struct buf *b, const struct table *t)
{
    buf_z(b, "select ");
    for (size_t k = 0; k < t->n_fields; k++)
        buf_printf(b, "%s\"%s\"", k ? ", " : "", t->fields[k].name);
    buf_printf(b, " from \"%s\" where \"id\" = ?1", t->name);
}

static const char *key_of(const struct table *t)
{
    return t->key ? t->key : "id";
}

/* All fields along the key. */
static void put_walk(struct buf *b, const struct table *t)
{
    buf_z(b, "select ");
    for (size_t k = 0; k < t->n_fields; k++)
        buf_printf(b, "%s\"%s\"", k ? ", " : "", t->fields[k].name);
    buf_printf(b, " from \"%s\" where \"%s\" > ?1 order by \"%s\" limit ?2", t->name, key_of(t),
               key_of(t));
}

/* All fields of all rows, in an order that both engines have alike. */
static void put_all(struct buf *b, const struct table *t)
{
    buf_z(b, "select ");
    for (size_t k = 0; k < t->n_fields; k++)
        buf_printf(b, "%s\"%s\"", k ? ", " : "", t->fields[k].name);
    buf_printf(b, " from \"%s\" order by %s", t->name, key_of(t));
}

static void put_replace(struct buf *b, const struct table *t, const struct fields *set)
{
    int n = 0;

    buf_printf(b, "update \"%s\" set ", t->name);
    for (size_t k = 0; k < t->n_fields; k++) {
        if (has(set, k)) {
            buf_printf(b, "%s\"%s\" = ?%d", n ? ", " : "", t->fields[k].name, n + 1);
            n++;
        }
    }
    buf_printf(b, " where \"%s\" = ?%d", key_of(t), n + 1);
}

static void put_refers(struct buf *b, const struct table *t, const struct fields *set)
{
    for (size_t k = 0; k < t->n_fields; k++) {
        if (has(set, k))
            buf_printf(b, "select 1 from \"%s\" where \"%s\" = ?1 limit 1", t->name,
                       t->fields[k].name);
    }
}

static void put_referring(struct buf *b, const struct table *t, const struct fields *set)
{
    buf_z(b, "select ");
    for (size_t k = 0; k < t->n_fields; k++)
        buf_printf(b, "%s\"%s\"", k ? ", " : "", t->fields[k].name);
    for (size_t k = 0; k < t->n_fields; k++) {
        if (has(set, k))
            buf_printf(b, " from \"%s\" where \"%s\" = ?1 order by \"id\"", t->name,
                       t->fields[k].name);
    }
}

static void put_unrefer(struct buf *b, const struct table *t, const struct fields *set)
{
    for (size_t k = 0; k < t->n_fields; k++) {
        if (has(set, k))
            buf_printf(b, "update \"%s\" set \"%s\" = null where \"%s\" = ?1", t->name,
                       t->fields[k].name, t->fields[k].name);
    }
}

static uint8_t *counting(size_t n)
{
    uint8_t *list = malloc(n + 1);

    for (size_t k = 0; list && k < n; k++)
        list[k] = (uint8_t)k;
    return list;
}

/* Fills in what the table and the purpose ask for; false without memory. */
static bool make(struct made *m)
{
    struct buf text = BUF(64000);
    const struct table *t = m->table;
    size_t n_bind = 0, n_columns = 0;

    for (size_t k = 0; k < t->n_fields; k++)
        n_bind += has(&m->set, k);
    switch (m->purpose) {
    case DO_INSERT:
    case DO_INSERT_RETURNING:
        n_columns = m->purpose == DO_INSERT_RETURNING;
        put_insert(&text, t, &m->set, n_columns);
        break;
    case DO_UPDATE:
    case DO_UPDATE_VERSION:
        n_bind += m->purpose == DO_UPDATE ? 1 : 2;
        put_update(&text, t, &m->set, m->purpose == DO_UPDATE_VERSION);
        break;
    case DO_GET:
        n_bind = 1;
        n_columns = t->n_fields;
        put_get(&text, t);
        break;
    case DO_LOCK: /* does not hold up others who only refer to the row */
        n_bind = n_columns = 1;
        buf_printf(&text, "select \"id\" from \"%s\" where \"id\" = ?1 for no key update", t->name);
        break;
    case DO_LOCK_ALONE:
        n_bind = n_columns = 1;
        buf_printf(&text, "select \"id\" from \"%s\" where \"id\" = ?1 for update", t->name);
        break;
    case DO_LOCK_NAMED: /* many at once; none beside who locks it alone */
        n_bind = n_columns = 1;
        buf_printf(&text, "select \"id\" from \"%s\" where \"id\" = ?1 for key share", t->name);
        break;
    case DO_REFERRING:
        n_columns = t->n_fields;
        put_referring(&text, t, &m->set);
        break;
    case DO_UNREFER:
        put_unrefer(&text, t, &m->set);
        break;
    case DO_DELETE:
        n_bind = 1;
        buf_printf(&text, "delete from \"%s\" where \"id\" = ?1", t->name);
        break;
    case DO_REFERS:
        n_columns = 1;
        put_refers(&text, t, &m->set);
        break;
    case DO_WALK:
    case DO_WALK_LOCKED:
        n_bind = 2;
        n_columns = t->n_fields;
        put_walk(&text, t);
        buf_z(&text, m->purpose == DO_WALK_LOCKED ? " for no key update" : "");
        break;
    case DO_WALK_NUMBER:
        n_bind = n_columns = 1;
        buf_printf(&text, "select min(\"%s\") from \"%s\" where \"%s\" > ?1", key_of(t), t->name, key_of(t));
        break;
    case DO_ALL:
        n_columns = t->n_fields;
        put_all(&text, t);
        break;
    case DO_REPLACE:
        n_bind++;
        put_replace(&text, t, &m->set);
        break;
    }
    buf_char(&text, '\0');
    uint8_t *bind = counting(n_bind), *columns = malloc(n_columns + 1);
    if (buf_end(&text) || !bind || !columns) {
        buf_free(&text);
        free(bind);
        free(columns);
        return false;
    }
    for (size_t k = 0; k < n_columns; k++)
        columns[k] = m->purpose == DO_GET || m->purpose == DO_ALL || m->purpose == DO_WALK || m->purpose == DO_WALK_LOCKED || m->purpose == DO_REFERRING
                         ? (uint8_t)field_kind(&t->fields[k]) : (uint8_t)V_INT;
    m->sql = (struct sql){.text = text.s,
                          .n_bind = (uint8_t)n_bind,
                          .bind = bind,
                          .n_columns = (uint8_t)n_columns,
                          .columns = columns};
    sql_intern(&m->sql);
    return true;
}

/* Lives as long as the program; null without memory. */
static const struct sql *made(const struct table *t, enum purpose purpose, const struct fields *set)
{
    size_t slot = slot_of(t, purpose, set);
    struct made *m;

    pthread_mutex_lock(&all.mutex);
    for (m = all.slots[slot]; m; m = m->next) {
        if (m->table == t && m->purpose == purpose && !memcmp(&m->set, set, sizeof *set))
            break;
    }
    if (!m && (m = calloc(1, sizeof *m))) {
        m->table = t;
        m->purpose = purpose;
        m->set = *set;
        if (make(m)) {
            m->next = all.slots[slot];
            all.slots[slot] = m;
        } else {
            free(m);
            m = NULL;
        }
    }
    pthread_mutex_unlock(&all.mutex);
    return m ? &m->sql : NULL;
}

/* The row's own id is the key, and the declaration is one that fits. */
static enum err check_table(struct conn *c, const struct table *t, bool by_id)
{
    if (t->n_fields > FIELDS_MAX)
        return conn_failed(c, ERR_INTERNAL, NULL, "table %s has too many fields", t->name);
    if (by_id && (t->key || table_field(t, T("id")) < 0))
        return conn_failed(c, ERR_INTERNAL, NULL, "table %s has no id", t->name);
    return OK;
}

/* SQLite would store any text where PostgreSQL takes dates only. */
static enum err check_value(struct conn *c, const struct table *t, size_t k, const struct value *v)
{
    bool date = t->fields[k].type == FIELD_DATE;

    if (v->kind == V_NULL || date == (v->kind == V_DATE))
        return OK;
    return conn_failed(c, ERR_INTERNAL, NULL, "%s.%s: a value of another kind", t->name,
                       t->fields[k].name);
}

static enum err no_memory(struct conn *c)
{
    return conn_failed(c, ERR_STORE, NULL, "no memory");
}

static enum err keep_id(void *ctx, const struct value *cells)
{
    *(int64_t *)ctx = cells[0].i;
    return OK;
}

enum err conn_insert(struct conn *c, const struct table *t, const struct value *values, int64_t *id)
{
    struct value args[FIELDS_MAX];
    struct fields set = {0};
    size_t n = 0;
    int64_t given = 0, changed;
    bool wanted = id, is_given = false;
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, wanted);
    for (size_t k = 0; !err && k < t->n_fields; k++) {
        if (values[k].kind == V_NONE)
            continue;
        err = check_value(c, t, k, &values[k]);
        add(&set, k);
        args[n++] = values[k];
        if (t->fields[k].type == FIELD_ID && values[k].kind == V_INT) {
            given = values[k].i;
            is_given = true;
        }
    }
    if (err)
        return err;
    bool returning = wanted && !is_given && c->ops->engine == ENGINE_POSTGRES;
    if (wanted && !is_given && c->batch)
        return conn_failed(c, ERR_INTERNAL, NULL, "in a batch nobody waits for the new id of %s",
                           t->name);
    const struct sql *sql = made(t, returning ? DO_INSERT_RETURNING : DO_INSERT, &set);
    if (!sql)
        return no_memory(c);
    if (returning) {
        err = c->ops->each(c, sql, args, keep_id, &given);
    } else {
        err = c->ops->exec(c, sql, args, false, &changed);
        if (!err && wanted && !is_given)
            given = c->ops->last_id(c);
    }
    if (!err && wanted)
        *id = given;
    return err;
}

enum err conn_update(struct conn *c, const struct table *t, int64_t id, int64_t version,
                     const struct value *values)
{
    struct value args[FIELDS_MAX + 2];
    struct fields set = {0};
    size_t n = 0;
    int64_t changed;
    int versioned = table_field(t, T("version"));
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, true);
    if (!err && version >= 0 && versioned < 0)
        err = conn_failed(c, ERR_INTERNAL, NULL, "table %s has no version", t->name);
    for (size_t k = 0; !err && k < t->n_fields; k++) {
        if (values[k].kind == V_NONE || t->fields[k].type == FIELD_ID || (int)k == versioned)
            continue;
        err = check_value(c, t, k, &values[k]);
        add(&set, k);
        args[n++] = values[k];
    }
    if (err)
        return err;
    args[n++] = v_int(id);
    if (version >= 0)
        args[n++] = v_int(version);
    const struct sql *sql = made(t, version >= 0 ? DO_UPDATE_VERSION : DO_UPDATE, &set);
    if (!sql)
        return no_memory(c);
    err = c->ops->exec(c, sql, args, true, &changed);
    if (err || changed != 0)
        return err;
    if (c->batch && !c->broken) /* in a batch it shows at the end, on both engines */
        c->broken = ERR_STALE;
    return ERR_STALE;
}

enum err conn_get(struct conn *c, const struct table *t, int64_t id, struct arena *arena,
                  struct value *values)
{
    struct value args[] = {v_int(id)};
    struct cells row;
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, true);
    if (err)
        return err;
    const struct sql *sql = made(t, DO_GET, &(struct fields){{0}});
    if (!sql)
        return no_memory(c);
    err = c->ops->rows(c, sql, args, arena, &row);
    if (err)
        return err;
    if (row.rows == 0)
        return ERR_NOT_FOUND;
    memcpy(values, row.v, t->n_fields * sizeof *values);
    return OK;
}

enum err conn_delete(struct conn *c, const struct table *t, int64_t id)
{
    struct value args[] = {v_int(id)};
    int64_t changed;
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, true);
    if (err)
        return err;
    const struct sql *sql = made(t, DO_DELETE, &(struct fields){{0}});
    return sql ? c->ops->exec(c, sql, args, false, &changed) : no_memory(c);
}

void conn_forget(struct conn *c)
{
    enum { SMALL = 512 << 20 };
    char cut[150]; /* readers are not waited for: others wait for the writer */
    struct stat st;

    snprintf(cut, sizeof cut,
             "pragma busy_timeout = 0; pragma wal_checkpoint(truncate); pragma busy_timeout = %d",
             c->store->patience_ms);
    if (c->ops->engine != ENGINE_SQLITE)
        return;
    /* secure_delete does not reach what a page keeps of rows that once were moved to another when it became full. */
    if (stat(c->store->address, &st) == 0 && st.st_size < SMALL)
        (void)c->ops->script(c, "vacuum", NULL);
    else
        log_warn("the register is too large to be written anew in passing: bytes of what was destroyed may lie in it until `vacuum` is run");
    (void)c->ops->script(c, cut, NULL);
}

static enum err lock_row(struct conn *c, const struct table *t, int64_t id, enum purpose purpose)
{
    struct value args[] = {v_int(id)};
    int64_t changed;
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, true);
    if (!err && !c->in_tx)
        err = conn_failed(c, ERR_INTERNAL, NULL, "a row is locked outside of a transaction");
    if (err || c->ops->engine == ENGINE_SQLITE)
        return err;
    const struct sql *sql = made(t, purpose, &(struct fields){{0}});
    return sql ? c->ops->exec(c, sql, args, false, &changed) : no_memory(c);
}

enum err conn_lock_row(struct conn *c, const struct table *t, int64_t id)
{
    return lock_row(c, t, id, DO_LOCK);
}

enum err conn_lock_row_alone(struct conn *c, const struct table *t, int64_t id)
{
    return lock_row(c, t, id, DO_LOCK_ALONE);
}

enum err conn_lock_row_named(struct conn *c, const struct table *t, int64_t id)
{
    return lock_row(c, t, id, DO_LOCK_NAMED);
}

static enum err lock_for(struct conn *c, const struct sql *sql, int lock)
{
    struct value args[] = {v_int(lock)};
    int64_t changed;
    enum err err = conn_ready(c, NULL);

    if (!err && !c->in_tx)
        err = conn_failed(c, ERR_INTERNAL, NULL, "a lock is taken outside of a transaction");
    if (err || c->ops->engine == ENGINE_SQLITE)
        return err;
    return c->ops->exec(c, sql, args, false, &changed);
}

/* 4230: a space of its own beside the lock of upgrades */
static const uint8_t bind_first[] = {0};

enum err conn_lock(struct conn *c, int lock)
{
    static struct sql sql = {.text = "select pg_advisory_xact_lock(4230, cast(?1 as integer))",
                             .n_bind = 1,
                             .bind = bind_first};
    return lock_for(c, &sql, lock);
}

enum err conn_lock_shared(struct conn *c, int lock)
{
    static struct sql sql = {
        .text = "select pg_advisory_xact_lock_shared(4230, cast(?1 as integer))",
        .n_bind = 1,
        .bind = bind_first};
    return lock_for(c, &sql, lock);
}

enum err conn_walk(struct conn *c, const struct table *t, int64_t after, int64_t limit,
                   struct arena *arena, struct cells *out)
{
    struct value args[] = {v_int(after), v_int(limit)};
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, false);
    if (err)
        return err;
    bool lock = c->in_tx && c->writer && c->ops->engine == ENGINE_POSTGRES && !t->insert_only; /* which never change */
    const struct sql *sql = made(t, lock ? DO_WALK_LOCKED : DO_WALK, &(struct fields){{0}});
    return sql ? c->ops->rows(c, sql, args, arena, out) : no_memory(c);
}

enum err conn_walk_number(struct conn *c, const struct table *t, int64_t after, int64_t *number)
{
    enum err err = check_table(c, t, false);
    const struct sql *sql = err ? NULL : made(t, DO_WALK_NUMBER, &(struct fields){{0}});

    *number = after;
    if (!err)
        err = sql ? conn_each(c, sql, (struct value[]){v_int(after)}, keep_id, number) : no_memory(c);
    return err ? err : *number > after ? OK : ERR_NOT_FOUND;
}

enum err conn_all(struct conn *c, const struct table *t, row_fn *fn, void *ctx)
{
    enum err err = check_table(c, t, false);

    if (err)
        return err;
    const struct sql *sql = made(t, DO_ALL, &(struct fields){{0}});
    return sql ? conn_each(c, sql, NULL, fn, ctx) : no_memory(c);
}

enum err conn_replace(struct conn *c, const struct table *t, int64_t key, const struct value *values)
{
    struct value args[FIELDS_MAX + 1];
    struct fields set = {0};
    size_t n = 0;
    int64_t changed;
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, false);
    for (size_t k = 0; !err && k < t->n_fields; k++) {
        if (values[k].kind == V_NONE)
            continue;
        add(&set, k);
        args[n++] = values[k];
    }
    if (err || !n)
        return err;
    args[n++] = v_int(key);
    const struct sql *sql = made(t, DO_REPLACE, &set);
    return sql ? c->ops->exec(c, sql, args, false, &changed) : no_memory(c);
}

/* A statement about the rows whose field refers to one. */
static enum err by_field(struct conn *c, const struct table *t, size_t field, enum purpose purpose, bool by_id, const struct sql **sql)
{
    struct fields set = {0};
    enum err err = conn_ready(c, NULL);

    if (!err)
        err = check_table(c, t, by_id);
    if (err)
        return err;
    add(&set, field);
    *sql = made(t, purpose, &set);
    return *sql ? OK : no_memory(c);
}

enum err conn_referring(struct conn *c, const struct table *t, size_t field, int64_t id,
                        struct arena *arena, struct cells *out)
{
    struct value args[] = {v_int(id)};
    const struct sql *sql;
    enum err err = by_field(c, t, field, DO_REFERRING, true, &sql);

    return err ? err : c->ops->rows(c, sql, args, arena, out);
}

enum err conn_refers(struct conn *c, const struct table *t, size_t field, int64_t id, bool *yes)
{
    struct value args[] = {v_int(id)};
    const struct sql *sql;
    int64_t one = 0;
    enum err err = by_field(c, t, field, DO_REFERS, false, &sql);

    if (!err)
        err = c->ops->each(c, sql, args, keep_id, &one);
    if (!err)
        *yes = one != 0;
    return err;
}

enum err conn_unrefer(struct conn *c, const struct table *t, size_t field, int64_t id)
{
    struct value args[] = {v_int(id)};
    const struct sql *sql;
    int64_t changed;
    enum err err = by_field(c, t, field, DO_UNREFER, false, &sql);

    return err ? err : c->ops->exec(c, sql, args, false, &changed);
}
