#include "guard/door.h"
#include "base/buf.h"
#include "base/log.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    KEYS_MAX = 3,
    BUILTINS = ARG_KEY - ARG_VIEWER_BODY + KEYS_MAX,
    ARGS_MAX = 63,
    COLUMNS_MAX = 64,
    PAGE_MAX = 1000,
    SQL_TEXT_MAX = 64 << 10,
    TOKEN_MAX = 2000
};

/* A query joined for one set of given arguments, one sort, with or without a place to go on after.
 * Made once. */
struct variant {
    uint64_t key;
    struct sql sql;
    uint8_t bind[128], columns[COLUMNS_MAX + KEYS_MAX];
    struct variant *next;
};

static pthread_mutex_t variants_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t variant_key(const struct query *q, const struct value *args, size_t sort,
                            bool after)
{
    uint64_t key = 0;
    for (size_t i = 0; i < q->n_pieces; i++)
        if (q->pieces[i].if_arg >= 0 && args[q->pieces[i].if_arg].kind != V_NONE)
            key |= 1ull << q->pieces[i].if_arg;
    return key << 8 | sort << 1 | after;
}

/* Copies SQL text, turning the mark and its byte into ?N and noting what N stands for. */
static void join(struct variant *v, struct buf *b, const struct query *q, const char *s)
{
    for (; *s; s++) {
        if (*s != ARG_MARK) {
            buf_char(b, *s);
            continue;
        }
        uint8_t arg = (uint8_t)ARG_OF_BYTE(*++s);
        v->bind[v->sql.n_bind++] =
            arg < ARG_VIEWER_BODY ? arg : (uint8_t)(q->n_args + (arg - ARG_VIEWER_BODY));
        buf_printf(b, "?%d", v->sql.n_bind);
    }
}

static struct variant *variant_make(struct query *q, const struct value *args, size_t sort,
                                    bool after, uint64_t key)
{
    struct variant *v = calloc(1, sizeof *v);
    struct buf b = BUF(SQL_TEXT_MAX);
    const struct sort *s = q->n_sorts ? &q->sorts[sort] : NULL;
    if (!v)
        abort();
    for (size_t i = 0; i < q->n_pieces; i++) {
        const struct piece *p = &q->pieces[i];
        if (p->if_arg >= 0 && args[p->if_arg].kind == V_NONE)
            continue;
        switch ((enum query_part)p->part) {
        case PART_TEXT:
            join(v, &b, q, p->sql);
            break;
        case PART_ORDER:
            join(v, &b, q, s->order);
            break;
        case PART_AFTER:
            join(v, &b, q, after ? s->after : "true");
            break;
        case PART_KEYS:
            join(v, &b, q, s->keys);
            break;
        }
    }
    buf_char(&b, '\0');
    if (buf_end(&b))
        abort(); /* statements are the program's own */
    v->key = key;
    size_t n = 0;
    for (; n < q->n_columns; n++)
        v->columns[n] = q->columns[n].kind;
    for (size_t k = 0; s && k < s->n_keys; k++)
        v->columns[n++] = s->key_kind[k];
    v->sql.text = b.s;
    v->sql.bind = v->bind;
    v->sql.columns = v->columns;
    v->sql.n_columns = (uint8_t)n;
    sql_intern(&v->sql);
    return v;
}

static const struct sql *variant_of(struct query *q, const struct value *args, size_t sort,
                                    bool after)
{
    _Atomic(struct variant *) *head = (_Atomic(struct variant *) *)&q->cache;
    uint64_t key = variant_key(q, args, sort, after);
    for (struct variant *v = *head; v; v = v->next)
        if (v->key == key)
            return &v->sql;
    pthread_mutex_lock(&variants_lock);
    struct variant *v = *head;
    while (v && v->key != key)
        v = v->next;
    if (!v) {
        v = variant_make(q, args, sort, after, key);
        v->next = *head;
        *head = v;
    }
    pthread_mutex_unlock(&variants_lock);
    return &v->sql;
}

/* The place after which a list goes on is sealed: it holds a sort key, which may be a name, and
 * stands in an address. */
static struct text seal(struct request *rq, const struct query *q, size_t sort,
                        const struct value *keys)
{
    unsigned char plain[TOKEN_MAX], box[TOKEN_MAX + 64], nonce_and_box[TOKEN_MAX + 128];
    size_t n = 0;
    plain[n++] = (unsigned char)sort;
    for (size_t k = 0; k < q->sorts[sort].n_keys; k++) {
        struct text t = v_as_text(keys[k]);
        int64_t i = v_as_int(keys[k]);
        plain[n++] = keys[k].kind;
        if (keys[k].kind == V_TEXT || keys[k].kind == V_CODE) {
            if (n + 2 + t.n + 16 > sizeof plain)
                return T("");
            plain[n++] = (unsigned char)(t.n >> 8);
            plain[n++] = (unsigned char)t.n;
            memcpy(plain + n, t.s, t.n);
            n += t.n;
        } else {
            memcpy(plain + n, &i, sizeof i);
            n += sizeof i;
        }
    }
    unsigned long long box_n;
    randombytes_buf(nonce_and_box, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, &box_n, plain, n,
                                               (const unsigned char *)q->name, strlen(q->name),
                                               NULL, nonce_and_box, guard_key());
    memcpy(nonce_and_box + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, box, box_n);
    size_t total = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + box_n;
    size_t max = sodium_base64_encoded_len(total, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(rq->arena, max);
    sodium_bin2base64(out, max, nonce_and_box, total, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(out);
}

static bool unseal(struct request *rq, const struct query *q, size_t sort, struct text token,
                   struct value *keys)
{
    unsigned char bytes[TOKEN_MAX + 128], plain[TOKEN_MAX + 128];
    size_t n;
    unsigned long long plain_n;
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    if (sodium_base642bin(bytes, sizeof bytes, token.s, token.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        n < NONCE ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_n, NULL, bytes + NONCE, n - NONCE,
                                                   (const unsigned char *)q->name, strlen(q->name),
                                                   bytes, guard_key()) ||
        !plain_n || plain[0] != sort)
        return false;
    size_t at = 1;
    for (size_t k = 0; k < q->sorts[sort].n_keys; k++) {
        uint8_t kind = plain[at++];
        if (kind == V_TEXT || kind == V_CODE) {
            size_t len = (size_t)plain[at] << 8 | plain[at + 1];
            keys[k] = v_text(arena_text(rq->arena, (struct text){(char *)plain + at + 2, len}));
            at += 2 + len;
        } else {
            keys[k] = (struct value){.kind = kind};
            memcpy(&keys[k].i, plain + at, sizeof keys[k].i);
            at += sizeof keys[k].i;
        }
    }
    return true;
}

/* Arguments as the statement binds them: the query's own, then what the door knows. */
static void full_args(struct request *rq, const struct query *q, const struct value *args,
                      int64_t limit, const struct value *keys, struct value *full)
{
    uint32_t role = rq->viewer.role ? rq->viewer.role->read : rq->viewer.system ? CLASS_ALL : 0;
    if (q->n_args)
        memcpy(full, args, q->n_args * sizeof *args);
    struct value *b = full + q->n_args;
    b[ARG_VIEWER_BODY - ARG_VIEWER_BODY] = v_int(rq->viewer.body);
    b[ARG_VIEWER_ACCOUNT - ARG_VIEWER_BODY] = v_int(rq->viewer.account);
    b[ARG_USES - ARG_VIEWER_BODY] = v_int(q->uses & role);
    b[ARG_ROLE_BITS - ARG_VIEWER_BODY] = v_int(role);
    b[ARG_TODAY - ARG_VIEWER_BODY] = v_date(rq->today);
    b[ARG_NOW - ARG_VIEWER_BODY] = v_instant(rq->now);
    b[ARG_LIMIT - ARG_VIEWER_BODY] = v_int(limit);
    for (size_t k = 0; k < KEYS_MAX; k++)
        b[ARG_KEY - ARG_VIEWER_BODY + k] = keys[k];
}

static uint32_t row_bits(struct request *rq, const struct about *about, const struct value *row)
{
    int64_t person = v_as_int(row[about->id]);
    uint32_t bits = (uint32_t)v_as_int(row[about->bits]);
    int64_t recheck = v_as_int(row[about->recheck]);
    if (person)
        rq_saw(rq, person);
    if (recheck && recheck <= rq->now)
        bits = access_bits(rq, rq->viewer.body, person);
    return bits & (rq->viewer.role ? rq->viewer.role->read : 0);
}

/* The mark names the class of the column, which is the same in every row. A class that comes from the row, the code or the
 * body is not named: it would tell what was hidden. */
static void hide(struct request *rq, struct value *v, const struct column *c, uint32_t lacking)
{
    bool own = lacking & CLASS_BIT(c->cls);
    *v = (struct value){.kind = V_HIDDEN, .cls = own ? c->cls : CLASS_OPEN};
    rq->rest_hidden = true;
}

/* What a value needs to be seen: the class of its column, of its row, of its code, of the body it
 * names. */
static uint32_t classes_of(const struct query *q, const struct column *c, const struct value *row,
                           const struct value *v, int64_t viewer_body)
{
    uint32_t need = CLASS_BIT(c->cls);
    if (c->class_from >= 0)
        need |= (uint32_t)v_as_int(row[c->class_from]);
    if (v->kind == V_CODE) {
        const struct code *code = code_find(code_list_at(v->list), v_as_text(*v));
        need |= code ? code->classes : 0;
    }
    if (c->discloses >= 0) {
        int64_t body = v_as_int(row[c->discloses]);
        if (body && body != viewer_body)
            need |= body_tells(body);
    }
    (void)q;
    return need;
}

/* False: the access that brought the row has ended by itself, and the sweep has not yet taken it away. */
static bool mask(struct request *rq, const struct query *q, struct value *row)
{
    uint32_t bits[2] = {0, 0}, own = classes_of_owner();
    uint32_t need[COLUMNS_MAX];
    for (size_t a = 0; a < q->n_about; a++) {
        int64_t recheck = v_as_int(row[q->about[a].recheck]);
        bits[a] = row_bits(rq, &q->about[a], row);
        if (recheck && recheck <= rq->now && !bits[a])
            return false;
    }
    if (q->owner < 0 || v_as_int(row[q->owner]) != rq->viewer.body)
        bits[0] &= ~own, bits[1] &= ~own;
    for (size_t i = 0; i < q->n_columns; i++)
        need[i] = classes_of(q, &q->columns[i], row, &row[i], rq->viewer.body);
    for (size_t i = 0; i < q->n_columns; i++) {
        const struct column *c = &q->columns[i];
        uint32_t have = c->about >= 0 ? bits[c->about] : q->n_about ? bits[0] : 0;
        /* a column's own class hides an empty cell too: the mark must not tell that there is something */
        if (CLASS_BIT(c->cls) & ~have || (need[i] & ~have && v_is(row[i])))
            hide(rq, &row[i], c, need[i] & ~have);
    }
    return true;
}

static void set_lists(const struct query *q, struct value *row)
{
    for (size_t i = 0; i < q->n_columns; i++)
        if (row[i].kind == V_CODE && q->columns[i].list) {
            const struct code_list *list = code_list(q->columns[i].list);
            row[i].list = list ? list->index : 0;
        }
}

void door_rows(struct request *rq, struct query *q, const struct value *args,
               const struct paging *paging, struct rows *out)
{
    *out = (struct rows){.query = q, .next = T("")};
    if (rq->err)
        return;
    uint32_t role = rq->viewer.role ? rq->viewer.role->read : 0;
    if (q->kind == QUERY_VIEWER && q->uses & ~role) {
        rq->rest_hidden = true;
        return;
    }
    size_t sort = paging && paging->sort < q->n_sorts ? paging->sort : 0;
    int64_t limit = paging && paging->limit > 0 ? paging->limit : q->page ? q->page : 50;
    if (limit > PAGE_MAX)
        limit = PAGE_MAX;
    struct value keys[KEYS_MAX] = {{0}}, full[ARGS_MAX + BUILTINS];
    bool after = q->n_sorts && paging && paging->after.n;
    if (after && !unseal(rq, q, sort, paging->after, keys))
        after = false; /* a foreign or old token: the list begins anew */
    const struct sql *sql = variant_of(q, args, sort, after);
    full_args(rq, q, args, limit + (q->n_sorts > 0), keys, full);
    struct cells cells;
    enum err err = conn_rows(rq->conn, sql, full, rq->arena, &cells);
    if (err) {
        log_error("query %s: %s: %s", q->name, err_name(err), conn_error(rq->conn));
        rq_fail(rq, err);
        return;
    }
    out->n = cells.rows;
    if (q->n_sorts && cells.rows > (size_t)limit) {
        out->n = (size_t)limit;
        const struct value *last = cells.v + (out->n - 1) * sql->n_columns;
        out->next = seal(rq, q, sort, last + q->n_columns);
    }
    out->v = cells.v;
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        struct value *row = out->v + kept * q->n_columns;
        memmove(row, cells.v + i * sql->n_columns, q->n_columns * sizeof *row);
        set_lists(q, row);
        kept += q->kind != QUERY_VIEWER || mask(rq, q, row);
    }
    out->n = kept;
}

bool door_one(struct request *rq, struct query *q, const struct value *args, struct value *out)
{
    struct rows rows;
    memset(out, 0, q->n_columns * sizeof *out);
    door_rows(rq, q, args, NULL, &rows);
    if (!rows.n) {
        if (q->one && !rq->err)
            rq_fail(rq, ERR_NOT_FOUND);
        return false;
    }
    memcpy(out, rows.v, q->n_columns * sizeof *out);
    return true;
}

struct each {
    const struct query *q;
    row_fn *fn;
    void *ctx;
    struct value *row;
};

static enum err each_row(void *ctx, const struct value *cells)
{
    struct each *e = ctx;
    memcpy(e->row, cells, e->q->n_columns * sizeof *cells);
    set_lists(e->q, e->row);
    return e->fn(e->ctx, e->row);
}

void door_each(struct request *rq, struct query *q, const struct value *args, row_fn *fn, void *ctx)
{
    if (rq->err)
        return;
    struct value keys[KEYS_MAX] = {{0}}, full[ARGS_MAX + BUILTINS], row[COLUMNS_MAX];
    struct each e = {q, fn, ctx, row};
    if (q->kind == QUERY_VIEWER) { /* masked rows are collected: they are noted as seen */
        rq_fail(rq, ERR_INTERNAL);
        return;
    }
    const struct sql *sql = variant_of(q, args, 0, false);
    full_args(rq, q, args, INT32_MAX, keys, full);
    enum err err = conn_each(rq->conn, sql, full, each_row, &e);
    if (err) {
        log_error("query %s: %s: %s", q->name, err_name(err), conn_error(rq->conn));
        rq_fail(rq, err);
    }
}
