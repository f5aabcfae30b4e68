#include "guard/log_proof.h"
#include "guard/guard.h"
#include "guard_gen.h"

enum { ENTRY_MAX = 2000000, FIELDS_MAX = 64 };

void put_hash(struct json *j, const char *key, const struct hash *h)
{
    char hex[2 * HASH_BYTES + 1];
    hash_print(h, hex);
    json_key(j, key);
    json_z(j, hex);
}

void put_head(struct json *j, const struct log_head *h)
{
    char registry[17];
    struct buf statement = BUF(1000);
    head_registry(registry);
    head_statement(h, text_of(registry), &statement);
    json_open(j, '{');
    json_key(j, "statement");
    json_text(j, buf_get(&statement));
    json_key(j, "key");
    json_z(j, h->key);
    json_key(j, "signature");
    json_z(j, h->signature);
    json_key(j, "at");
    json_value(j, v_instant(h->at));
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        json_key(j, log_table(log)->name);
        json_open(j, '{');
        json_key(j, "tree_size");
        json_int(j, (int64_t)h->n[log]);
        put_hash(j, "root", &h->root[log]);
        json_close(j, '}');
    }
    json_close(j, '}');
    buf_free(&statement);
}

void put_path(struct json *j, const struct hash *path, int n)
{
    char hex[2 * HASH_BYTES + 1];
    json_key(j, "path");
    json_open(j, '[');
    for (int i = 0; i < n; i++) {
        hash_print(&path[i], hex);
        json_z(j, hex);
    }
    json_close(j, ']');
}

bool newest_head(struct request *rq, struct log_head *out)
{
    union log_head_last_row row;
    return q_log_head_last(rq, &(struct log_head_last_args){0}, &row) && head_of_row(row.v, out);
}

static enum err put_entry(struct request *rq, struct json *j, int log, int64_t row, uint32_t reads)
{
    struct value cells[FIELDS_MAX];
    struct buf b = BUF(ENTRY_MAX);
    enum err err = conn_get(rq->conn, log_table(log), row, rq->arena, cells);
    if (err)
        return err == ERR_NOT_FOUND && log == LOG_READ ? OK : err; /* a page that retention has dropped: its leaf remains */
    int classes = table_field(log_table(log), T("classes"));
    if (classes >= 0 && v_as_int(cells[classes]) & CLASS_ALL & ~(int64_t)reads)
        return OK;
    log_entry(log, cells, &b);
    json_key(j, "entry");
    json_text(j, buf_get(&b));
    buf_free(&b);
    return OK;
}

enum err put_inclusion(struct request *rq, struct json *j, int log, int64_t row, uint32_t reads)
{
    struct leaves leaves = {rq, log};
    struct hash path[PATH_MOST], leaf;
    struct log_head h;
    union leaf_of_row_row r;
    if (!q_leaf_of_row(rq, &(struct leaf_of_row_args){.log = v_int(log), .row = v_int(row)}, &r))
        return ERR_NOT_FOUND;
    if (!newest_head(rq, &h) || (uint64_t)v_as_int(r.n) >= h.n[log])
        return ERR_CONFLICT;
    if (!hash_parse(v_as_text(r.hash), &leaf))
        return ERR_STORE;
    int n = merkle_inclusion((uint64_t)v_as_int(r.n), h.n[log], leaves_range, &leaves, path);
    if (n < 0)
        return ERR_STORE;
    json_open(j, '{');
    json_key(j, "log");
    json_z(j, log_table(log)->name);
    json_key(j, "leaf_index");
    json_int(j, v_as_int(r.n));
    json_key(j, "tree_size");
    json_int(j, (int64_t)h.n[log]);
    put_hash(j, "leaf_hash", &leaf);
    put_path(j, path, n);
    put_hash(j, "root", &h.root[log]);
    enum err err = put_entry(rq, j, log, row, reads);
    json_key(j, "head");
    put_head(j, &h);
    json_close(j, '}');
    return err;
}
