/* The engine of one file. */
#include "base/date.h"
#include "base/log.h"
#include "store/engine.h"
#include <errno.h>
#include <fcntl.h>
#include "store/mapvfs.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct sqlite_conn {
    struct conn c;
    sqlite3 *db;
    sqlite3_stmt **stmts; /* by sql->id */
    size_t n_stmts;
};

static const int64_t MMAP_DEFAULT = INT64_C(64) << 30;

static struct sqlite_conn *engine_of(struct conn *c)
{
    return (struct sqlite_conn *)c;
}

/* -- errors -- */

static enum err classify(sqlite3 *db, int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_CONFLICT;
    }
    switch (extended & 0xff) {
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_IOERR: {
        int e = sqlite3_system_errno(db);
        return e == ENOSPC || e == EDQUOT ? ERR_FULL : ERR_STORE;
    }
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    }
    return ERR_STORE;
}

/* Messages of constraints, of locks and of preparing hold names only. Those of running statements
 * may quote what was given (a search expression, a path into JSON). */
static enum err failed(struct sqlite_conn *q, const struct sql *sql, bool preparing)
{
    int code = sqlite3_extended_errcode(q->db);
    bool safe = preparing || (code & 0xff) == SQLITE_CONSTRAINT;

    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return conn_failed(&q->c, ERR_INTERNAL, sql, "sqlite: misuse");
    return conn_failed(&q->c, classify(q->db, code), sql, "sqlite %d: %s", code,
                       safe ? sqlite3_errmsg(q->db) : sqlite3_errstr(code));
}

/* -- functions in SQL -- */

static bool two_days(sqlite3_value **v, int n, int64_t *day)
{
    for (int k = 0; k < n; k++) {
        const char *s = (const char *)sqlite3_value_text(v[k]);
        if (!s || !iso_to_day(s, (size_t)sqlite3_value_bytes(v[k]), &day[k]))
            return false;
    }
    return true;
}

/* Null in, null out, as on PostgreSQL; what is no date is an error there too. */
static bool date_arguments(sqlite3_context *x, int n, sqlite3_value **v, int64_t *day)
{
    for (int k = 0; k < n; k++) {
        if (sqlite3_value_type(v[k]) == SQLITE_NULL)
            return false;
    }
    if (two_days(v, n, day))
        return true;
    sqlite3_result_error(x, "not a date", -1);
    return false;
}

static void sql_days_between(sqlite3_context *x, int n, sqlite3_value **v)
{
    int64_t day[2];

    if (date_arguments(x, n, v, day))
        sqlite3_result_int64(x, days_between(day[0], day[1]));
}

static void sql_years_between(sqlite3_context *x, int n, sqlite3_value **v)
{
    int64_t day[2];

    if (date_arguments(x, n, v, day))
        sqlite3_result_int64(x, years_between(day[0], day[1]));
}

static void sql_half_year(sqlite3_context *x, int n, sqlite3_value **v)
{
    int64_t day[2];

    if (date_arguments(x, n, v, day))
        sqlite3_result_int64(x, half_year(day[0]));
}

static void sql_year_month(sqlite3_context *x, int n, sqlite3_value **v)
{
    int64_t day[2];

    if (date_arguments(x, n, v, day))
        sqlite3_result_int64(x, year_month(day[0]));
}

static bool add_functions(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    return !sqlite3_create_function_v2(db, "days_between", 2, flags, NULL, sql_days_between, NULL,
                                       NULL, NULL) &&
           !sqlite3_create_function_v2(db, "years_between", 2, flags, NULL, sql_years_between, NULL,
                                       NULL, NULL) &&
           !sqlite3_create_function_v2(db, "half_year", 1, flags, NULL, sql_half_year, NULL, NULL,
                                       NULL) &&
           !sqlite3_create_function_v2(db, "year_month", 1, flags, NULL, sql_year_month, NULL, NULL,
                                       NULL);
}

/* -- the file -- */

static enum err sqlite_attach(struct store *s, bool create, struct fault *fault)
{
    const char *path = s->address;
    struct stat st;

    if (!*path)
        return fault_set(fault, ERR_SYNTAX, "sqlite: a path must follow");
    if (strcmp(path, ":memory:") == 0)
        return fault_set(fault, ERR_SYNTAX,
                         "sqlite::memory: cannot be shared between connections; name a file");
    if (*path == ':' || strncmp(path, "file:", 5) == 0) { /* SQLite would read more than a path */
        size_t n = strlen(path) + sizeof "./";
        char *plain = malloc(n);
        if (!plain)
            return fault_set(fault, ERR_INTERNAL, "no memory");
        snprintf(plain, n, "./%s", path);
        free(s->address);
        path = s->address = plain;
    }
    if (create) { /* the log and its index get the same permissions from SQLite */
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return fault_set(fault, errno == ENOSPC ? ERR_FULL : ERR_IO, "%s: %s", path,
                             strerror(errno));
        close(fd);
    }
    if (stat(path, &st))
        return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                         "%s: %s; `bereg init` makes a register", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fault_set(fault, ERR_IO, "%s is not a file", path);
    return OK;
}

static enum err sqlite_serve_lock(struct store *s, bool serve, struct fault *fault)
{
    enum err err = ERR_IO;
    char *real = NULL, *name = NULL;
    int fd = -1;

    if (s->lock_fd >= 0)
        return OK;
    real = realpath(s->address, NULL); /* two names of one file are one lock */
    if (!real) {
        fault_set(fault, err, "%s: %s", s->address, strerror(errno));
        goto out;
    }
    size_t n = strlen(real) + sizeof ".lock";
    name = malloc(n);
    if (!name) {
        err = fault_set(fault, ERR_INTERNAL, "no memory");
        goto out;
    }
    snprintf(name, n, "%s.lock", real);
    fd = open(name, O_RDWR | (serve ? O_CREAT : 0) | O_CLOEXEC, 0600);
    if (fd < 0 && !serve && errno == ENOENT) { /* it was never served */
        err = OK;
        goto out;
    }
    if (fd < 0) {
        fault_set(fault, err, "%s: %s", name, strerror(errno));
        goto out;
    }
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK)
            err = fault_set(fault, ERR_BUSY,
                            serve ? "another bereg serve is already using this file (%s)"
                                  : "a bereg serve is using this file (%s): stop it first",
                            s->address);
        else
            fault_set(fault, err, "%s: %s", name, strerror(errno));
        goto out;
    }
    s->lock_fd = fd;
    fd = -1;
    err = OK;
out:
    if (fd >= 0)
        close(fd);
    free(name);
    free(real);
    return err;
}

/* -- connections -- */

static void sqlite_close(struct conn *c)
{
    struct sqlite_conn *q = engine_of(c);

    for (size_t k = 0; k < q->n_stmts; k++)
        sqlite3_finalize(q->stmts[k]);
    free(q->stmts);
    if (sqlite3_close(q->db) != SQLITE_OK)
        log_error("sqlite: a connection could not be closed: %s", sqlite3_errmsg(q->db));
    free(q);
}

static int64_t mmap_size(void)
{
    const char *set = getenv("BEREG_MMAP");
    int64_t size;

    if (set && text_int(text_of(set), 0, INT64_MAX, &size) == OK)
        return size;
    return MMAP_DEFAULT;
}

static int configure(struct sqlite_conn *q, bool writer)
{
    char pragmas[600];
    int rc;

    sqlite3_extended_result_codes(q->db, 1);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    /* A misspelt "column" must not quietly become a text. */
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (!add_functions(q->db))
        return SQLITE_NOMEM;
    /* automatic_index: where an index that stands is no covering one, the planner would read a whole log to make one for a statement.
     * recursive_triggers: `insert or replace` must not slip past the delete trigger of insert-only
     * tables. wal_autocheckpoint: pages that jobs write again and again are copied to the file once in 32 MB. */
    snprintf(pragmas, sizeof pragmas,
             "pragma journal_mode = wal; pragma synchronous = full; pragma mmap_size = %lld;"
             "pragma cache_size = -4000; pragma recursive_triggers = on; pragma automatic_index = off;"
             "pragma journal_size_limit = 67108864; pragma wal_autocheckpoint = 8000; pragma secure_delete = on; pragma query_only = %d;",
             (long long)mmap_size(), !writer);
    for (int tries = 0; tries < 20; tries++) { /* going over to WAL does not wait by itself */
        rc = sqlite3_exec(q->db, pragmas, NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(50);
    }
    return rc;
}

static enum err sqlite_open_conn(struct store *s, bool writer, struct conn **out,
                                 struct fault *fault)
{
    struct sqlite_conn *q = calloc(1, sizeof *q);

    if (!q)
        return fault_set(fault, ERR_INTERNAL, "no memory");
    pthread_mutex_lock(&s->opening);
    int rc = sqlite3_open_v2(s->address, &q->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             mapvfs_name(mmap_size()));
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(q->db, s->patience_ms);
        rc = configure(q, writer);
    }
    pthread_mutex_unlock(&s->opening);
    if (rc != SQLITE_OK) {
        enum err err = q->db ? classify(q->db, rc) : ERR_STORE;
        fault_set(fault, err, "%s: %s", s->address, q->db ? sqlite3_errmsg(q->db) : "no memory");
        sqlite3_close(q->db);
        free(q);
        return err;
    }
    *out = &q->c;
    return OK;
}

static bool sqlite_alive(struct conn *c)
{
    (void)c;
    return true;
}

/* -- statements -- */

static enum err room_for(struct sqlite_conn *q, size_t id)
{
    if (id < q->n_stmts)
        return OK;
    size_t n = (id / 256 + 1) * 256;
    sqlite3_stmt **stmts = realloc(q->stmts, n * sizeof *stmts);
    if (!stmts)
        return conn_failed(&q->c, ERR_STORE, NULL, "no memory");
    memset(stmts + q->n_stmts, 0, (n - q->n_stmts) * sizeof *stmts);
    q->stmts = stmts;
    q->n_stmts = n;
    return OK;
}

static enum err prepare(struct sqlite_conn *q, const struct sql *sql, sqlite3_stmt **out)
{
    sqlite3_stmt *stmt;
    enum err err = room_for(q, sql->id);

    if (err)
        return err;
    if (sqlite3_prepare_v3(q->db, sql->text, -1, sql->id ? SQLITE_PREPARE_PERSISTENT : 0, &stmt,
                           NULL))
        return failed(q, sql, true);
    int params = sqlite3_bind_parameter_count(stmt), columns = sqlite3_column_count(stmt);
    if (params != sql->n_bind || (sql->n_columns && columns != sql->n_columns)) {
        sqlite3_finalize(stmt);
        return conn_failed(&q->c, ERR_INTERNAL, sql,
                           "%d parameters and %d columns, declared as %d and %d", params, columns,
                           sql->n_bind, sql->n_columns);
    }
    if (sql->id)
        q->stmts[sql->id] = stmt;
    *out = stmt;
    return OK;
}

/* `dates` lives as long as the statement runs. */
static enum err bind(struct sqlite_conn *q, const struct sql *sql, const struct value *args,
                     sqlite3_stmt *stmt, char (*dates)[11])
{
    for (int k = 0; k < sql->n_bind; k++) {
        const struct value *v = &args[sql->bind[k]];
        int rc = SQLITE_MISUSE;

        switch ((enum value_kind)v->kind) {
        case V_NONE:
        case V_NULL:
            rc = sqlite3_bind_null(stmt, k + 1);
            break;
        case V_INT:
        case V_INSTANT:
            rc = sqlite3_bind_int64(stmt, k + 1, v->i);
            break;
        case V_TEXT:
        case V_CODE:
            if (v->n && memchr(v->s, 0, v->n))
                break;
            rc = sqlite3_bind_text(stmt, k + 1, v->n ? v->s : "", (int)v->n, SQLITE_STATIC);
            break;
        case V_DATE:
            if (v->i < ISO_DAY_FIRST || v->i > ISO_DAY_LAST)
                break;
            date_iso(v->i, dates[k]);
            rc = sqlite3_bind_text(stmt, k + 1, dates[k], DATE_ISO_LEN, SQLITE_STATIC);
            break;
        case V_HIDDEN:
            break;
        }
        if (rc == SQLITE_MISUSE)
            return conn_failed(&q->c, ERR_INTERNAL, sql, "argument %d cannot be stored", k + 1);
        if (rc != SQLITE_OK)
            return failed(q, sql, false);
    }
    return OK;
}

static enum err start(struct sqlite_conn *q, const struct sql *sql, const struct value *args,
                      sqlite3_stmt **out, char (*dates)[11])
{
    sqlite3_stmt *stmt = sql->id && sql->id < q->n_stmts ? q->stmts[sql->id] : NULL;

    if (!stmt) {
        enum err err = prepare(q, sql, &stmt);
        if (err)
            return err;
    }
    *out = stmt;
    return bind(q, sql, args, stmt, dates);
}

/* A statement left unfinished would hold its snapshot, and the log of changes could not be folded
 * in. */
static void finish(const struct sql *sql, sqlite3_stmt *stmt)
{
    if (sql->id)
        sqlite3_reset(stmt);
    else
        sqlite3_finalize(stmt);
}

/* Cells of the current row; texts belong to the statement. One call per cell takes the connection's
 * mutex and error state into account; what follows on the value itself needs neither, as one thread
 * uses a connection. */
static enum err cells_of(struct sqlite_conn *q, const struct sql *sql, sqlite3_stmt *stmt,
                         struct value *out)
{
    for (int k = 0; k < sql->n_columns; k++) {
        sqlite3_value *cell = sqlite3_column_value(stmt, k);
        struct value v = {.kind = sql->columns[k]};

        if (sqlite3_value_type(cell) == SQLITE_NULL) {
            out[k] = (struct value){.kind = V_NONE};
            continue;
        }
        if (v.kind == V_INT || v.kind == V_INSTANT) {
            v.i = sqlite3_value_int64(cell);
            out[k] = v;
            continue;
        }
        const char *text = (const char *)sqlite3_value_text(cell);
        size_t n = (size_t)sqlite3_value_bytes(cell);
        if (!text)
            return conn_failed(&q->c, ERR_STORE, sql, "no memory");
        if (v.kind != V_DATE) {
            v.s = text;
            v.n = (uint32_t)n;
        } else if (!iso_to_day(text, n, &v.i)) {
            return conn_failed(&q->c, ERR_STORE, sql, "column %d is not a date", k + 1);
        }
        out[k] = v;
    }
    return OK;
}

static enum err sqlite_each(struct conn *c, const struct sql *sql, const struct value *args,
                            row_fn *fn, void *ctx)
{
    struct sqlite_conn *q = engine_of(c);
    char dates[UINT8_MAX][11];
    struct value cells[UINT8_MAX];
    sqlite3_stmt *stmt = NULL;
    int rc;
    enum err err = start(q, sql, args, &stmt, dates);

    while (!err && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW) {
            err = failed(q, sql, false);
            break;
        }
        err = cells_of(q, sql, stmt, cells);
        if (!err)
            err = fn(ctx, cells);
    }
    if (stmt)
        finish(sql, stmt);
    return err;
}

static enum err sqlite_rows(struct conn *c, const struct sql *sql, const struct value *args,
                            struct arena *arena, struct cells *out)
{
    struct sqlite_conn *q = engine_of(c);
    struct collector k = {.arena = arena, .columns = sql->n_columns};
    char dates[UINT8_MAX][11];
    sqlite3_stmt *stmt = NULL;
    int rc;
    enum err err = start(q, sql, args, &stmt, dates);

    while (!err && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW) {
            err = failed(q, sql, false);
            break;
        }
        struct value *row = collector_row(&k);
        err = cells_of(q, sql, stmt, row);
        for (size_t i = 0; !err && i < k.columns; i++) {
            if (row[i].kind == V_TEXT || row[i].kind == V_CODE)
                row[i].s = collector_text(&k, row[i].s, row[i].n);
        }
    }
    if (stmt)
        finish(sql, stmt);
    if (!err)
        *out = (struct cells){k.rows, k.v};
    return err;
}

static enum err sqlite_exec(struct conn *c, const struct sql *sql, const struct value *args,
                            bool touch, int64_t *changed)
{
    struct sqlite_conn *q = engine_of(c);
    char dates[UINT8_MAX][11];
    sqlite3_stmt *stmt = NULL;
    int rc;
    enum err err = start(q, sql, args, &stmt, dates);

    (void)touch; /* the count is known at once */
    if (!err) {
        while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
            ;
        if (rc != SQLITE_DONE)
            err = failed(q, sql, false);
        else
            *changed = sqlite3_stmt_readonly(stmt) ? 0 : sqlite3_changes64(q->db);
    }
    if (stmt)
        finish(sql, stmt);
    return err;
}

static enum err sqlite_settle(struct conn *c)
{
    (void)c;
    return OK;
}

/* -- transactions -- */

static enum err command(struct sqlite_conn *q, const char *text)
{
    return sqlite3_exec(q->db, text, NULL, NULL, NULL) ? failed(q, NULL, true) : OK;
}

/* The next commit waits for the disk again. */
static void waits_again(struct conn *c)
{
    if (c->hasty && sqlite3_exec(engine_of(c)->db, "pragma synchronous = full", NULL, NULL, NULL) != SQLITE_OK)
        c->lost = true;
    c->hasty = false;
}

static enum err sqlite_begin(struct conn *c)
{
    /* A transaction that begins reading and goes on to write would fail instead of waiting. */
    enum err err = c->hasty ? command(engine_of(c), "pragma synchronous = normal") : OK;
    if (!err)
        err = command(engine_of(c), c->writer ? "begin immediate" : "begin");
    if (err)
        waits_again(c);
    return err;
}

static enum err sqlite_commit(struct conn *c)
{
    struct sqlite_conn *q = engine_of(c);

    if (sqlite3_get_autocommit(q->db)) /* the engine has rolled back by itself */
        return conn_failed(c, ERR_STORE, NULL, "the transaction was rolled back by SQLite");
    enum err err = command(q, "commit");
    if (!err)
        waits_again(c);
    return err;
}

static void sqlite_rollback(struct conn *c)
{
    struct sqlite_conn *q = engine_of(c);

    if (!sqlite3_get_autocommit(q->db) && sqlite3_exec(q->db, "rollback", NULL, NULL, NULL) != SQLITE_OK) {
        log_error("sqlite: rollback failed: %s", sqlite3_errmsg(q->db));
        c->lost = true; /* closing it rolls back */
    }
    waits_again(c);
}

static enum err sqlite_script(struct conn *c, const char *sql, struct fault *fault)
{
    enum err err = command(engine_of(c), sql);

    return err ? fault_set(fault, err, "%s", c->error) : OK;
}

static int64_t sqlite_last_id(struct conn *c)
{
    return sqlite3_last_insert_rowid(engine_of(c)->db);
}

static bool sqlite_space(const struct store *s, int64_t *all, int64_t *left)
{
    struct statvfs v;

    if (statvfs(s->address, &v) || !v.f_blocks)
        return false;
    *all = (int64_t)(v.f_blocks * v.f_frsize);
    *left = (int64_t)(v.f_bavail * v.f_frsize); /* not what is kept for root */
    return true;
}

const struct engine_ops sqlite_ops = {
    .engine = ENGINE_SQLITE,
    .one_writer = true,
    .attach = sqlite_attach,
    .serve_lock = sqlite_serve_lock,
    .open = sqlite_open_conn,
    .close = sqlite_close,
    .alive = sqlite_alive,
    .rows = sqlite_rows,
    .each = sqlite_each,
    .exec = sqlite_exec,
    .settle = sqlite_settle,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .script = sqlite_script,
    .last_id = sqlite_last_id,
    .space = sqlite_space,
};
