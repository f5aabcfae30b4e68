#include "guard/door.h"
#include "base/buf.h"
#include "base/log.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/row.h"
#include "guard/seal.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    KEYS_MAX = 3,
    BUILTINS = ARG_KEY - ARG_VIEWER_BODY + KEYS_MAX,
    ARGS_MAX = 63,
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
    b[ARG_PLAIN_CLASSES - ARG_VIEWER_BODY] = v_int(STORED_CLASSES);
    row_cover_args(q, full);
    for (size_t k = 0; k < KEYS_MAX; k++)
        b[ARG_KEY - ARG_VIEWER_BODY + k] = keys[k];
}

/* False: the row is none of those asked for, or none for the viewer. */
static bool kept(struct request *rq, const struct query *q, const struct value *asked,
                 struct value *row, bool shown)
{
    int64_t seen[2] = {0};
    if (!row_open_codes(rq, q, asked, row) || (q->kind == QUERY_VIEWER && !row_mask(rq, q, row, seen)))
        return false;
    for (size_t a = 0; shown && a < 2; a++)
        if (seen[a])
            rq_saw(rq, seen[a]);
    return true;
}

/* Asks for a code that tells what the role does not read. */
static bool asks_too_much(const struct query *q, const struct value *args, uint32_t role)
{
    for (size_t i = 0; i < q->n_columns; i++) {
        const struct column *c = &q->columns[i];
        if (c->sealed == SEALED_CODE && c->asked >= 0 && v_is(args[c->asked]) &&
            code_classes(c->list, v_as_text(args[c->asked])) & ~role)
            return true;
    }
    return false;
}

/* Rows of one statement, added to those before. place: keys of the row that has filled the page.
 * False: a row for the next page is found too. */
static bool add_rows(struct request *rq, const struct query *q, const struct value *args,
                     const struct cells *cells, size_t n_columns, size_t limit, size_t sort,
                     struct value *place, bool counted, struct rows *out)
{
    for (size_t i = 0; i < cells->rows; i++) {
        const struct value *from = cells->v + i * n_columns;
        bool full = q->n_sorts && out->n == limit, hidden = rq->rest_hidden;
        struct value spare[COLUMNS_MAX], *row = full ? spare : out->v + out->n * q->n_columns;
        memmove(row, from, q->n_columns * sizeof *row);
        if (!kept(rq, q, args, row, !full && !counted))
            continue;
        if (counted) {
            if (++out->n == limit)
                return false;
            continue;
        }
        if (full) {
            rq->rest_hidden = hidden;
            out->next = seal(rq, q, sort, place);
            return false;
        }
        row_open_texts(rq, q, row);
        if (++out->n == limit && q->n_sorts)
            memcpy(place, from + q->n_columns, q->sorts[sort].n_keys * sizeof *place);
    }
    return true;
}

/* What SQL cannot see (seal.h, a rule that has changed) is left out here, and the page is filled
 * from behind: neither its length nor whether there is a next one tells that something was. */
void door_rows(struct request *rq, struct query *q, const struct value *args,
               const struct paging *paging, struct rows *out)
{
    *out = (struct rows){.query = q, .next = T("")};
    if (rq->err)
        return;
    uint32_t role = rq->viewer.role ? rq->viewer.role->read : 0;
    if (q->kind == QUERY_VIEWER && (q->uses & ~role || asks_too_much(q, args, role))) {
        rq->rest_hidden = true;
        return;
    }
    size_t sort = paging && paging->sort < q->n_sorts ? paging->sort : 0;
    int64_t limit = paging && paging->limit > 0 ? paging->limit : q->page ? q->page : 50;
    if (limit > PAGE_MAX)
        limit = PAGE_MAX;
    bool counted = paging && paging->counted, hidden = rq->rest_hidden;
    int64_t ask = limit + (q->n_sorts > 0 && !counted);
    struct value keys[KEYS_MAX] = {{0}}, place[KEYS_MAX] = {{0}}, full[ARGS_MAX + BUILTINS];
    bool after = q->n_sorts && paging && paging->after.n;
    if (after && !unseal(rq, q, sort, paging->after, keys))
        after = false;        /* a foreign or old token: the list begins anew */
    struct value *own = NULL; /* of a page in several statements */
    for (bool more = true, first = true; more && !rq->err; first = false) {
        const struct sql *sql = variant_of(q, args, sort, after);
        full_args(rq, q, args, ask, keys, full);
        struct cells cells;
        enum err err = conn_rows(rq->conn, sql, full, rq->arena, &cells);
        if (err) {
            log_error("query %s: %s: %s", q->name, err_name(err), conn_error(rq->conn));
            rq_fail(rq, err);
            return;
        }
        if (first) {
            out->v = cells.v; /* each row goes into its place, or into one before */
        } else if (!own) {
            own = arena_array(rq->arena, (size_t)limit * q->n_columns, sizeof *own);
            if (out->n)
                memcpy(own, out->v, out->n * q->n_columns * sizeof *own);
            out->v = own;
        }
        more = add_rows(rq, q, args, &cells, sql->n_columns, (size_t)limit, sort, place, counted, out) &&
               q->n_sorts && cells.rows == (size_t)ask;
        if (more)
            memcpy(keys, cells.v + (cells.rows - 1) * sql->n_columns + q->n_columns,
                   q->sorts[sort].n_keys * sizeof *keys);
        after = true;
        ask = ask < PAGE_MAX / 2 ? 2 * ask : PAGE_MAX;
    }
    if (counted) { /* nothing of them leaves */
        rq->rest_hidden = hidden;
        out->v = arena_array(rq->arena, (out->n + 1) * q->n_columns, sizeof *out->v);
    }
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
    struct request *rq;
    const struct query *q;
    const struct value *asked;
    row_fn *fn;
    void *ctx;
    struct value *row;
};

static enum err each_row(void *ctx, const struct value *cells)
{
    struct each *e = ctx;
    memcpy(e->row, cells, e->q->n_columns * sizeof *cells);
    if (!row_open_codes(e->rq, e->q, e->asked, e->row))
        return OK;
    row_open_texts(e->rq, e->q, e->row);
    return e->fn(e->ctx, e->row);
}

void door_each(struct request *rq, struct query *q, const struct value *args, row_fn *fn, void *ctx)
{
    if (rq->err)
        return;
    struct value keys[KEYS_MAX] = {{0}}, full[ARGS_MAX + BUILTINS], row[COLUMNS_MAX];
    struct each e = {rq, q, args, fn, ctx, row};
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
