#include "guard/backup.h"
#include "base/buf.h"
#include "guard/guard.h"
#include "guard/safe.h"
#include "guard_gen.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DIGEST = 32,
    ROW_MAX = 256 << 20,
    NAME_MAX_LEN = 100,
    FIELDS_MAX = 192,
    SHAPE_MAX = 1000, /* tables, numbered steps */
    SLICE = 20000 /* rows of a transaction while restoring */
};
enum { CELL_NULL, CELL_NUMBER, CELL_TEXT };

/* What lives for hours, and must not come back to life with an old state. */
static bool comes_back(const struct table *t)
{
    return t != &session_table && t != &sign_in_delay_table && t != &sign_in_try_table;
}

static void hex(const unsigned char h[DIGEST], char out[65])
{
    sodium_bin2hex(out, 65, h, DIGEST);
}

#define FORM "bereg backup 2"

/* How the values of a field are kept, which is all that a copy has to know of it; the types of fields are the program's own. */
static char kind_of(const struct field *f)
{
    enum value_kind kind = field_kind(f);
    return f->type == FIELD_ID ? 'k' : kind == V_DATE ? 'd' : kind == V_INSTANT ? 'i' : kind == V_INT ? 'n' : 't';
}

/* ---- writing ---- */

struct writing {
    struct safe_out *out;
    struct buf row;
    const struct table *table;
    crypto_generichash_state of_table, of_all;
    int64_t n;
};

static void put_number(struct buf *b, int64_t i)
{
    uint64_t u = (uint64_t)i << 1 ^ (i < 0 ? UINT64_MAX : 0);
    for (; u >= 0x80; u >>= 7)
        buf_char(b, (char)(u | 0x80));
    buf_char(b, (char)u);
}

static void put_text(struct buf *b, struct text t)
{
    put_number(b, (int64_t)t.n);
    buf_text(b, t);
}

static void put_cell(struct buf *b, struct value v)
{
    if (!v_is(v)) {
        buf_char(b, CELL_NULL);
    } else if (v.kind == V_TEXT || v.kind == V_CODE) {
        buf_char(b, CELL_TEXT);
        put_text(b, v_as_text(v));
    } else {
        buf_char(b, CELL_NUMBER);
        put_number(b, v.i);
    }
}

static void flush(struct writing *w)
{
    safe_put(w->out, w->row.s, w->row.n);
    buf_clear(&w->row);
}

static enum err put_row(void *ctx, const struct value *cells)
{
    struct writing *w = ctx;
    buf_char(&w->row, 1);
    for (size_t k = 0; k < w->table->n_fields; k++)
        put_cell(&w->row, cells[k]);
    if (buf_end(&w->row))
        return ERR_LIMIT;
    crypto_generichash_update(&w->of_table, (const unsigned char *)w->row.s, w->row.n);
    flush(w);
    w->n++;
    return safe_failed(w->out) ? ERR_IO : OK;
}

static enum err put_table(struct writing *w, struct conn *c)
{
    unsigned char h[DIGEST];
    int64_t next = 0;
    w->n = 0;
    crypto_generichash_init(&w->of_table, NULL, 0, sizeof h);
    enum err err = comes_back(w->table) ? conn_all(c, w->table, put_row, w) : OK;
    if (!err)
        err = schema_next(c, w->table, &next);
    crypto_generichash_final(&w->of_table, h, sizeof h);
    crypto_generichash_update(&w->of_all, h, sizeof h);
    buf_char(&w->row, 0);
    put_number(&w->row, w->n);
    put_number(&w->row, next);
    buf_add(&w->row, h, sizeof h);
    flush(w);
    return err;
}

static void put_head(struct writing *w, const struct backup *b)
{
    put_text(&w->row, T(FORM));
    put_text(&w->row, text_of(b->version));
    put_text(&w->row, text_of(b->reg));
    put_number(&w->row, b->made_at);
    put_text(&w->row, text_of(b->engine));
    flush(w);
}

static void put_shape(struct writing *w, const struct backup_shape *shape)
{
    put_number(&w->row, (int64_t)shape->n_steps);
    for (size_t i = 0; i < shape->n_steps; i++)
        put_text(&w->row, shape->steps[i]);
    put_number(&w->row, (int64_t)shape->n);
    for (size_t i = 0; i < shape->n; i++) {
        const struct table *t = shape->tables[i];
        put_text(&w->row, text_of(t->name));
        put_number(&w->row, (int64_t)t->n_fields);
        for (size_t k = 0; k < t->n_fields; k++) {
            put_text(&w->row, text_of(t->fields[k].name));
            buf_char(&w->row, kind_of(&t->fields[k]));
            buf_char(&w->row, t->fields[k].required);
        }
    }
    crypto_generichash_update(&w->of_all, (const unsigned char *)w->row.s, w->row.n);
    flush(w);
}

static enum err put_all(struct writing *w, struct request *rq, struct backup *b)
{
    unsigned char h[DIGEST];
    struct backup_shape shape = {0};
    shape.tables = (const struct table **)register_tables(&shape.n);
    put_head(w, b);
    crypto_generichash_init(&w->of_all, NULL, 0, sizeof h);
    enum err err = conn_begin(rq->conn);
    if (!err)
        err = conn_unhurried(rq->conn);
    if (!err)
        err = schema_steps_made(rq->conn, rq->arena, &shape.steps, &shape.n_steps);
    if (!err)
        put_shape(w, &shape);
    for (size_t i = 0; !err && i < shape.n; i++) {
        w->table = shape.tables[i];
        err = put_table(w, rq->conn);
        b->rows += w->n;
    }
    conn_rollback(rq->conn);
    crypto_generichash_final(&w->of_all, h, sizeof h);
    safe_put(w->out, h, sizeof h);
    hex(h, b->digest);
    return err;
}

enum err backup_write(struct request *rq, const char *path, const char *making_key, struct backup *out, struct fault *fault)
{
    struct writing w = {.row = BUF(ROW_MAX)};
    union setting_get_row reg = {0};
    *out = (struct backup){.made_at = rq->now};
    snprintf(out->version, sizeof out->version, "%s", BEREG_VERSION);
    snprintf(out->engine, sizeof out->engine, "%s", conn_engine(rq->conn) == ENGINE_SQLITE ? "sqlite" : "postgresql");
    q_setting_get(rq, &(struct setting_get_args){.name = v_z("register")}, &reg);
    snprintf(out->reg, sizeof out->reg, "%.*s", TEXT_ARG(v_as_text(reg.value)));
    if (rq->err)
        return fault_set(fault, rq->err, "the register cannot be read");
    enum err err = safe_create(path, making_key, &w.out, fault);
    if (err)
        return err;
    err = put_all(&w, rq, out);
    bool disk = safe_failed(w.out);
    enum err end = safe_finish(w.out, !err || disk, &out->size, fault);
    buf_free(&w.row);
    if (end)
        return end;
    return err ? fault_set(fault, err, "the register could not be read to its end: %s", conn_error(rq->conn)) : OK;
}

/* ---- reading ---- */

struct reading {
    struct safe_in *in;
    struct arena *arena;
    struct fault *fault;
    struct buf row; /* bytes of the current row, for its digest */
    crypto_generichash_state of_table, of_all;
    struct backup_shape shape;
};

static enum err damaged(struct reading *r)
{
    return fault_set(r->fault, ERR_SYNTAX, "the backup is not in the form that this program knows");
}

static enum err get(struct reading *r, void *bytes, size_t n)
{
    enum err err = safe_get(r->in, bytes, n, r->fault);
    buf_add(&r->row, bytes, err ? 0 : n);
    return err;
}

static enum err get_number(struct reading *r, int64_t *out)
{
    uint64_t u = 0;
    unsigned char c = 0x80;
    for (int shift = 0; c & 0x80; shift += 7) {
        enum err err = get(r, &c, 1);
        if (err)
            return err;
        if (shift > 63)
            return damaged(r);
        u |= (uint64_t)(c & 0x7f) << shift;
    }
    *out = (int64_t)(u >> 1 ^ (u & 1 ? UINT64_MAX : 0));
    return OK;
}

static enum err get_text(struct reading *r, struct text *out)
{
    int64_t n;
    enum err err = get_number(r, &n);
    if (err)
        return err;
    if (n < 0 || n > ROW_MAX)
        return damaged(r);
    char *s = arena_alloc(r->arena, (size_t)n + 1);
    *out = (struct text){s, (size_t)n};
    return get(r, s, (size_t)n);
}

static enum err get_word(struct reading *r, char *out, size_t size)
{
    struct text t = {0};
    enum err err = get_text(r, &t);
    if (err)
        return err;
    if (t.n >= size)
        return damaged(r);
    snprintf(out, size, "%.*s", TEXT_ARG(t));
    return OK;
}

static enum err get_cell(struct reading *r, const struct field *f, struct value *out)
{
    unsigned char kind;
    enum err err = get(r, &kind, 1);
    struct text t = {0};
    *out = v_null();
    if (err || kind == CELL_NULL)
        return err;
    enum value_kind wanted = field_kind(f);
    bool text = wanted == V_TEXT || wanted == V_CODE;
    if (kind != (text ? CELL_TEXT : CELL_NUMBER))
        return damaged(r);
    out->kind = (uint8_t)(text ? V_TEXT : wanted);
    err = text ? get_text(r, &t) : get_number(r, &out->i);
    if (text && !err)
        *out = v_text(t);
    return err;
}

static enum err get_head(struct reading *r, struct backup *b)
{
    char form[sizeof b->version];
    enum err err = get_word(r, form, sizeof form);
    if (!err && strcmp(form, FORM) != 0)
        return fault_set(r->fault, ERR_CONFLICT, "the backup is in another form (%s): restore it with the bereg that made it, then run `bereg upgrade` "
                                                 "of this one", form);
    err = err ? err : get_word(r, b->version, sizeof b->version);
    err = err ? err : get_word(r, b->reg, sizeof b->reg);
    err = err ? err : get_number(r, &b->made_at);
    return err ? err : get_word(r, b->engine, sizeof b->engine);
}

/* Statements are kept by their table for as long as the program runs (store/write.c), so these tables are too. */
static struct arena *shapes;

static enum err get_count(struct reading *r, int64_t most, size_t *out)
{
    int64_t n;
    enum err err = get_number(r, &n);
    if (!err && (n < 0 || n > most))
        err = damaged(r);
    *out = err ? 0 : (size_t)n;
    return err;
}

/* A name as declarations have them: it comes to stand in SQL. */
static enum err get_name(struct reading *r, const char **out)
{
    char name[NAME_MAX_LEN];
    enum err err = get_word(r, name, sizeof name);
    if (!err && (!name[0] || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name)))
        err = damaged(r);
    *out = err ? NULL : arena_z(shapes, text_of(name));
    return err;
}

/* As this program declares it, or one that it no longer has. *same: nothing is to be upgraded. */
static enum err get_field(struct reading *r, const struct table *own, struct field *out, bool *same)
{
    static const struct {
        char kind;
        enum field_type type;
    } types[] = {{'k', FIELD_ID}, {'n', FIELD_INT}, {'i', FIELD_INSTANT}, {'d', FIELD_DATE}, {'t', FIELD_TEXT}};
    const char *name;
    unsigned char kind, required;
    enum err err = get_name(r, &name);
    err = err ? err : get(r, &kind, 1);
    err = err ? err : get(r, &required, 1);
    if (err)
        return err;
    int at = own ? table_field(own, text_of(name)) : -1;
    const struct field *f = at >= 0 ? &own->fields[at] : NULL;
    size_t i = 0;
    while (i < sizeof types / sizeof types[0] && types[i].kind != (char)kind)
        i++;
    if (i == sizeof types / sizeof types[0] || required > 1)
        return damaged(r);
    *same = *same && f && kind_of(f) == (char)kind && f->required == required;
    *out = f && kind_of(f) == (char)kind ? *f : (struct field){.name = name, .type = types[i].type};
    out->required = required;
    return OK;
}

/* This program's, when the table has all of its fields; else the number of the row, or none. */
static const char *key_of(const struct table *own, const struct table *t)
{
    struct text rest = text_of(own ? own->key : NULL), part;
    while (rest.n && text_split(&rest, ',', &part))
        if (table_field(t, text_trim(part)) < 0)
            return NULL;
    return own ? own->key : NULL;
}

/* *strange: a table that is not this program's, or has fields that are not. */
static enum err get_table_shape(struct reading *r, const struct table **out, bool *same, const char **strange)
{
    struct table *t = NEW(shapes, struct table);
    enum err err = get_name(r, &t->name);
    err = err ? err : get_count(r, FIELDS_MAX, &t->n_fields);
    if (err)
        return err;
    const struct table *own = register_table(text_of(t->name));
    struct field *fields = arena_array(shapes, t->n_fields, sizeof *fields);
    t->fields = fields;
    *same = *same && own && own->n_fields == t->n_fields;
    for (size_t k = 0; !err && k < t->n_fields; k++) {
        err = get_field(r, own, &fields[k], same);
        if (!err && (!own || table_field(own, text_of(fields[k].name)) < 0))
            *strange = t->name;
    }
    if (!err)
        t->key = key_of(own, t);
    *out = t;
    return err;
}

static enum err get_shape(struct reading *r, struct backup *b)
{
    bool same = true, early, left;
    const char *strange = NULL;
    size_t wanted;
    register_tables(&wanted);
    shapes = shapes ? shapes : arena_new();
    buf_clear(&r->row);
    struct backup_shape *s = &r->shape;
    enum err err = get_count(r, SHAPE_MAX, &s->n_steps);
    s->steps = arena_array(shapes, s->n_steps, sizeof *s->steps);
    for (size_t i = 0; !err && i < s->n_steps; i++) {
        const char *name;
        err = get_name(r, &name);
        s->steps[i] = text_of(name);
    }
    err = err ? err : get_count(r, SHAPE_MAX, &s->n);
    s->tables = arena_array(shapes, s->n, sizeof *s->tables);
    for (size_t i = 0; !err && i < s->n; i++)
        err = get_table_shape(r, &s->tables[i], &same, &strange);
    if (err)
        return err;
    crypto_generichash_update(&r->of_all, (const unsigned char *)r->row.s, r->row.n);
    err = schema_steps_left(s->steps, s->n_steps, &early, &left, r->fault);
    if (!err && strange && !early)
        err = fault_set(r->fault, ERR_CONFLICT, "the backup is of a newer bereg (%s): this one does not know all of its table %s", b->version, strange);
    b->older = !same || left || s->n != wanted;
    return err;
}

static enum err get_rows(struct reading *r, const struct table *t, const struct backup_visitor *visit, int64_t *rows)
{
    struct value cells[FIELDS_MAX];
    unsigned char more = 1;
    enum err err = OK;
    for (*rows = 0; !err; ++*rows) {
        arena_reset(r->arena);
        buf_clear(&r->row);
        err = get(r, &more, 1);
        if (err || !more)
            break;
        for (size_t k = 0; !err && k < t->n_fields; k++)
            err = get_cell(r, &t->fields[k], &cells[k]);
        if (err)
            break;
        crypto_generichash_update(&r->of_table, (const unsigned char *)r->row.s, r->row.n);
        if (visit && visit->row)
            err = visit->row(visit->ctx, t, cells, r->fault);
    }
    return err;
}

static enum err get_table(struct reading *r, const struct table *t, const struct backup_visitor *visit, struct backup *b)
{
    unsigned char own[DIGEST], given[DIGEST];
    int64_t rows, said, next;
    char digest[65];
    crypto_generichash_init(&r->of_table, NULL, 0, sizeof own);
    enum err err = get_rows(r, t, visit, &rows);
    err = err ? err : get_number(r, &said);
    err = err ? err : get_number(r, &next);
    err = err ? err : get(r, given, sizeof given);
    if (err)
        return err;
    crypto_generichash_final(&r->of_table, own, sizeof own);
    crypto_generichash_update(&r->of_all, own, sizeof own);
    if (said != rows || memcmp(own, given, sizeof own) != 0)
        return damaged(r);
    b->rows += rows;
    hex(own, digest);
    return visit && visit->table ? visit->table(visit->ctx, t, rows, next, digest, r->fault) : OK;
}

enum err backup_read(const char *path, const char *opening_key, const struct backup_visitor *visit, struct backup *out,
                     struct fault *fault)
{
    struct reading r = {.fault = fault, .row = BUF(ROW_MAX)};
    unsigned char own[DIGEST], given[DIGEST];
    *out = (struct backup){0};
    enum err err = safe_open(path, opening_key, &r.in, fault);
    if (err)
        return err;
    r.arena = arena_new();
    crypto_generichash_init(&r.of_all, NULL, 0, sizeof own);
    err = get_head(&r, out);
    err = err ? err : get_shape(&r, out);
    if (!err && visit && visit->begin)
        err = visit->begin(visit->ctx, &r.shape, fault);
    for (size_t i = 0; !err && i < r.shape.n; i++)
        err = get_table(&r, r.shape.tables[i], visit, out);
    err = err ? err : get(&r, given, sizeof given);
    crypto_generichash_final(&r.of_all, own, sizeof own);
    if (!err && memcmp(own, given, sizeof own) != 0)
        err = damaged(&r);
    err = err ? err : safe_end(r.in, fault);
    hex(own, out->digest);
    safe_close(r.in);
    buf_free(&r.row);
    arena_free(r.arena);
    return err;
}

/* ---- restoring ---- */

struct restoring {
    struct conn *conn;
    int n; /* rows of the open transaction */
};

static enum err said(struct restoring *r, enum err err, struct fault *fault)
{
    return err ? fault_set(fault, err, "the register could not be written%s%s", err == ERR_FULL ? ": the disk is full " : ": ",
                           conn_error(r->conn)) : OK;
}

static enum err begin(struct restoring *r)
{
    enum err err = conn_begin(r->conn);
    r->n = 0;
    return err ? err : conn_batch(r->conn, true);
}

static enum err put_back(void *ctx, const struct table *t, struct value *cells, struct fault *fault)
{
    struct restoring *r = ctx;
    enum err err = OK;
    if (r->n++ == SLICE) {
        err = conn_commit(r->conn);
        err = err ? err : begin(r);
    }
    return said(r, err ? err : conn_insert(r->conn, t, cells, NULL), fault);
}

static enum err table_back(void *ctx, const struct table *t, int64_t rows, int64_t next, const char *digest, struct fault *fault)
{
    struct restoring *r = ctx;
    (void)rows, (void)digest;
    enum err err = conn_batch(r->conn, false);
    err = err ? err : schema_sequences(r->conn, &t, 1);
    err = err ? err : schema_next_set(r->conn, t, next);
    return said(r, err ? err : conn_batch(r->conn, true), fault);
}

static enum err make_tables(void *ctx, const struct backup_shape *shape, struct fault *fault)
{
    struct restoring *r = ctx;
    enum err err = schema_restore_begin(r->conn, shape->tables, shape->n, shape->steps, shape->n_steps, fault);
    return err ? err : said(r, begin(r), fault);
}

static enum err fill(struct restoring *r, const char *path, const char *opening_key, struct backup *out, struct fault *fault)
{
    struct backup_visitor visit = {.begin = make_tables, .row = put_back, .table = table_back, .ctx = r};
    char first[65];
    memcpy(first, out->digest, sizeof first);
    enum err err = backup_read(path, opening_key, &visit, out, fault);
    if (!err && memcmp(first, out->digest, sizeof first) != 0)
        err = fault_set(fault, ERR_CONFLICT, "the backup was changed while it was read");
    err = err ? err : said(r, conn_batch(r->conn, false), fault);
    return err ? err : schema_restore_end(r->conn, fault);
}

enum err backup_restore(const char *path, const char *opening_key, struct store *to, struct backup *out, struct fault *fault)
{
    struct restoring r = {0};
    size_t n;
    const struct table *const *tables = register_tables(&n);
    enum err err = store_writer(to, &r.conn, fault);
    if (err)
        return err;
    err = fill(&r, path, opening_key, out, fault);
    store_release(to, r.conn);
    return err || out->older ? err : schema_upgrade(to, tables, n, fault);
}
