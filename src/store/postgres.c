/* The engine of a server. Numbers and dates travel as text: the server infers the types of
 * parameters. */
#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"
#include "store/engine.h"
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* What was sent in a pipeline and is not answered yet. */
struct pending {
    uint16_t id;
    enum { SENT_PREPARE, SENT_EXEC, SENT_TOUCH, SENT_SYNC } kind;
};

/* At most two stretches are under way, each of a prepare and an exec per statement and one sync. */
enum { STRETCH = 500, QUEUE = 4096, PARAMETERS_MAX = 64 << 20 };

struct pg_conn {
    struct conn c;
    PGconn *pg;
    bool *prepared; /* by sql->id */
    size_t n_prepared;
    struct buf text; /* parameters of the statement being sent */
    bool piped;
    struct pending *queue;
    unsigned head, tail; /* tail is the next free place */
    int unsynced, syncs;
};

static struct pg_conn *engine_of(struct conn *c)
{
    return (struct pg_conn *)c;
}

/* -- errors -- */

static enum err classify(const char *state)
{
    static const struct {
        const char *state;
        enum err err;
    } known[] = {
        {"23505", ERR_CONFLICT}, {"23P01", ERR_CONFLICT}, {"53100", ERR_FULL}, {"55P03", ERR_BUSY},
        {"40P01", ERR_BUSY},     {"40001", ERR_BUSY},     {"53300", ERR_BUSY}, {"57P03", ERR_BUSY},
    };

    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        if (strcmp(state, known[k].state) == 0)
            return known[k].err;
    }
    return strncmp(state, "54", 2) == 0 ? ERR_LIMIT : ERR_STORE;
}

/* Primary messages of these classes name tables, columns and constraints; those of others, and all
 * details, may quote what was given. */
static bool message_safe(const char *state)
{
    static const char safe[][3] = {"08", "23", "25", "40", "42", "53", "54", "55", "57", "P0"};

    for (size_t k = 0; k < sizeof safe / sizeof *safe; k++) {
        if (strncmp(state, safe[k], 2) == 0)
            return true;
    }
    return false;
}

/* The server ended the session, even if the socket does not show it yet. */
static bool is_farewell(const char *state)
{
    return strncmp(state, "57P0", 4) == 0 || strncmp(state, "08", 2) == 0;
}

/* Takes the reason from res (may be null) and clears it. */
static enum err failed(struct pg_conn *q, const struct sql *sql, PGresult *res)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    enum err err;

    if (PQstatus(q->pg) == CONNECTION_BAD || (state && is_farewell(state)))
        q->c.lost = true;
    if (!state) {
        err = conn_failed(&q->c, ERR_STORE, sql, "postgresql: %s",
                          q->c.lost ? "the connection is lost" : "no answer");
    } else {
        const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
        err = conn_failed(&q->c, classify(state), sql, "postgresql %s: %s", state,
                          message && message_safe(state) ? message : "data were refused");
    }
    PQclear(res);
    return err;
}

static bool is_good(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Text without parameters. */
static enum err command(struct pg_conn *q, const char *text)
{
    PGresult *res = PQexec(q->pg, text);

    if (!is_good(res))
        return failed(q, NULL, res);
    PQclear(res);
    return OK;
}

/* -- connections -- */

static enum err pg_attach(struct store *s, bool create, struct fault *fault)
{
    char plain[100];

    (void)create;
    return postgres_place(s->address, plain, fault);
}

static enum err pg_serve_lock(struct store *s, bool serve, struct fault *fault)
{
    (void)s;
    (void)serve;
    (void)fault;
    return OK; /* any number of servers may stand in front of one database */
}

static void pg_close(struct conn *c)
{
    struct pg_conn *q = engine_of(c);

    PQfinish(q->pg);
    buf_free(&q->text);
    free(q->prepared);
    free(q->queue);
    free(q);
}

static void no_notices(void *ctx, const PGresult *res)
{
    (void)ctx;
    (void)res;
}

static enum err connect_fault(PGconn *pg, struct fault *fault)
{
    char text[300];

    snprintf(text, sizeof text, "%s", pg ? PQerrorMessage(pg) : "no memory");
    for (char *p = text; *p; p++) {
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    }
    return fault_set(fault, ERR_STORE, "%s", text);
}

/* Readers plan each statement once: it goes along an index whatever it is asked, and planning again for each set of values cost several
 * times as much as the answer. Joins are loops, which end where the limit is reached; the planner, who takes a common key for a rare
 * one or the other way round, would hash all that a body knows (a search took 70 ms instead of 8). */
static enum err configure(struct pg_conn *q, const struct store *s, bool writer,
                          struct fault *fault)
{
    char settings[500];
    const char *encoding = PQparameterStatus(q->pg, "server_encoding");

    if (PQserverVersion(q->pg) < 140000)
        return fault_set(fault, ERR_STORE, "PostgreSQL 14 or newer is needed");
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return fault_set(fault, ERR_STORE, "the database must have the encoding UTF8");
    snprintf(settings, sizeof settings,
             "set datestyle = iso; set timezone = 'UTC'; set standard_conforming_strings = on;"
             "set lock_timeout = %d; %s",
             s->patience_ms,
             writer ? ""
                    : "set default_transaction_read_only = on; set statement_timeout = '60s';"
                      "set plan_cache_mode = force_generic_plan; set enable_hashjoin = off;"
                      "set enable_mergejoin = off;");
    enum err err = command(q, settings);
    return err ? fault_set(fault, err, "%s", q->c.error) : OK;
}

static enum err pg_open(struct store *s, bool writer, struct conn **out, struct fault *fault)
{
    /* What stands before dbname is overridden by the address, what stands behind it is not. */
    static const char *const names[] = {"connect_timeout", "fallback_application_name", "dbname",
                                        "client_encoding", NULL};
    const char *const values[] = {"10", "bereg", s->address, "UTF8", NULL};
    struct pg_conn *q = calloc(1, sizeof *q);
    enum err err;

    if (!q || !(q->queue = calloc(QUEUE, sizeof *q->queue))) {
        free(q);
        return fault_set(fault, ERR_INTERNAL, "no memory");
    }
    q->text = BUF(PARAMETERS_MAX);
    q->pg = PQconnectdbParams(names, values, 1);
    if (PQstatus(q->pg) != CONNECTION_OK) {
        err = connect_fault(q->pg, fault);
    } else {
        PQsetNoticeReceiver(q->pg, no_notices, NULL);
        err = configure(q, s, writer, fault);
    }
    if (err) {
        pg_close(&q->c);
        return err;
    }
    *out = &q->c;
    return OK;
}

/* A server that went away while the connection lay idle has left its farewell in the socket. */
static bool pg_alive(struct conn *c)
{
    struct pg_conn *q = engine_of(c);
    struct pollfd p = {.fd = PQsocket(q->pg), .events = POLLIN};

    if (PQstatus(q->pg) != CONNECTION_OK)
        return false;
    if (poll(&p, 1, 0) <= 0)
        return true;
    return PQconsumeInput(q->pg) && PQstatus(q->pg) == CONNECTION_OK &&
           poll(&p, 1, 0) == 0; /* still readable: closed */
}

/* -- parameters and prepared statements -- */

struct parameters {
    int n;
    const char *values[UINT8_MAX];
};

static bool put_parameter(struct buf *out, const struct value *v)
{
    char date[11];

    switch ((enum value_kind)v->kind) {
    case V_INT:
    case V_INSTANT:
        buf_int(out, v->i);
        break;
    case V_TEXT:
    case V_CODE:
        if (v->n && memchr(v->s, 0, v->n))
            return false;
        buf_add(out, v->s, v->n);
        break;
    case V_DATE:
        if (v->i < ISO_DAY_FIRST || v->i > ISO_DAY_LAST)
            return false;
        date_iso(v->i, date);
        buf_add(out, date, DATE_ISO_LEN);
        break;
    default:
        return false;
    }
    buf_char(out, '\0');
    return true;
}

static enum err parameters(struct pg_conn *q, const struct sql *sql, const struct value *args,
                           struct parameters *p)
{
    size_t at[UINT8_MAX];

    buf_clear(&q->text);
    p->n = sql->n_bind;
    for (int k = 0; k < p->n; k++) {
        const struct value *v = &args[sql->bind[k]];
        at[k] = SIZE_MAX;
        if (!v_is(*v))
            continue;
        at[k] = q->text.n;
        if (!put_parameter(&q->text, v))
            return conn_failed(&q->c, ERR_INTERNAL, sql, "argument %d cannot be stored", k + 1);
    }
    if (buf_end(&q->text))
        return conn_failed(&q->c, ERR_LIMIT, sql, "the arguments are too long");
    for (int k = 0; k < p->n; k++)
        p->values[k] = at[k] == SIZE_MAX ? NULL : q->text.s + at[k];
    return OK;
}

static const char *statement_name(const struct sql *sql, char name[16])
{
    name[0] = '\0'; /* without number: the unnamed statement */
    if (sql->id)
        snprintf(name, 16, "s%u", (unsigned)sql->id);
    return name;
}

static enum err room_for(struct pg_conn *q, size_t id)
{
    if (id < q->n_prepared)
        return OK;
    size_t n = (id / 256 + 1) * 256;
    bool *prepared = realloc(q->prepared, n * sizeof *prepared);
    if (!prepared)
        return conn_failed(&q->c, ERR_STORE, NULL, "no memory");
    memset(prepared + q->n_prepared, 0, (n - q->n_prepared) * sizeof *prepared);
    q->prepared = prepared;
    q->n_prepared = n;
    return OK;
}

/* The text in the server's notation; the caller frees it. */
static enum err statement_text(struct pg_conn *q, const struct sql *sql, struct buf *out)
{
    sql_dollars(sql->text, out);
    buf_char(out, '\0');
    return buf_end(out) ? conn_failed(&q->c, ERR_LIMIT, sql, "a statement is too long") : OK;
}

static enum err prepare(struct pg_conn *q, const struct sql *sql)
{
    struct buf text = BUF(1 << 20);
    char name[16];
    enum err err = room_for(q, sql->id);

    if (err || q->prepared[sql->id])
        return err;
    err = statement_text(q, sql, &text);
    if (!err) {
        PGresult *res = PQprepare(q->pg, statement_name(sql, name), text.s, 0, NULL);
        if (is_good(res)) {
            q->prepared[sql->id] = sql->id != 0;
            PQclear(res);
        } else {
            err = failed(q, sql, res);
        }
    }
    buf_free(&text);
    return err;
}

/* -- pipeline -- */

static void push(struct pg_conn *q, const struct sql *sql, int kind)
{
    q->queue[q->tail] = (struct pending){.id = sql ? sql->id : 0, .kind = kind};
    q->tail = (q->tail + 1) % QUEUE;
}

static void pipeline_lost(struct pg_conn *q)
{
    q->c.lost = true;
    q->head = q->tail = 0;
    q->unsynced = q->syncs = 0;
    q->piped = false;
    if (!q->c.broken)
        conn_failed(&q->c, ERR_STORE, NULL, "postgresql: the connection is lost in a batch");
}

static void answer(struct pg_conn *q, const struct pending *p, PGresult *res)
{
    if (is_good(res)) {
        if (p->kind == SENT_TOUCH && strcmp(PQcmdTuples(res), "0") == 0 && !q->c.broken)
            q->c.broken = ERR_STALE;
        PQclear(res);
        return;
    }
    if (p->kind == SENT_PREPARE)
        q->prepared[p->id] = false;
    if (PQresultStatus(res) == PGRES_PIPELINE_ABORTED || q->c.broken)
        PQclear(res);
    else
        failed(q, NULL, res);
}

/* Reads the answers up to and with the next sync. The first error breaks the transaction. */
static void read_stretch(struct pg_conn *q)
{
    while (q->head != q->tail) {
        struct pending p = q->queue[q->head];
        PGresult *res = PQgetResult(q->pg);

        if (!res || PQstatus(q->pg) == CONNECTION_BAD) {
            PQclear(res);
            pipeline_lost(q);
            return;
        }
        q->head = (q->head + 1) % QUEUE;
        if (p.kind == SENT_SYNC) {
            PQclear(res);
            q->syncs--;
            return;
        }
        answer(q, &p, res);
        while ((res = PQgetResult(q->pg))) /* the null that ends one statement's answers */
            PQclear(res);
    }
}

static void send_sync(struct pg_conn *q)
{
    if (!PQpipelineSync(q->pg)) {
        pipeline_lost(q);
        return;
    }
    push(q, NULL, SENT_SYNC);
    q->unsynced = 0;
    q->syncs++;
}

static enum err pg_settle(struct conn *c)
{
    struct pg_conn *q = engine_of(c);

    if (!q->piped)
        return OK;
    if (q->unsynced)
        send_sync(q);
    while (q->syncs > 0)
        read_stretch(q);
    if (q->piped && !PQexitPipelineMode(q->pg))
        pipeline_lost(q);
    q->piped = false;
    return c->broken;
}

static bool send_statement(struct pg_conn *q, const struct sql *sql, const struct parameters *p,
                           bool touch, const char *text)
{
    char name[16];

    statement_name(sql, name);
    if (text) {
        if (!PQsendPrepare(q->pg, name, text, 0, NULL))
            return false;
        push(q, sql, SENT_PREPARE);
        q->prepared[sql->id] = sql->id != 0;
    }
    if (!PQsendQueryPrepared(q->pg, name, p->n, p->values, NULL, NULL, 0))
        return false;
    push(q, sql, touch ? SENT_TOUCH : SENT_EXEC);
    return true;
}

static enum err pipe_exec(struct pg_conn *q, const struct sql *sql, const struct value *args,
                          bool touch)
{
    struct buf text = BUF(1 << 20);
    struct parameters p;
    enum err err = room_for(q, sql->id);

    if (!err)
        err = parameters(q, sql, args, &p);
    if (!err && !q->prepared[sql->id])
        err = statement_text(q, sql, &text);
    if (err)
        goto out;
    if (!q->piped && !PQenterPipelineMode(q->pg)) {
        err = failed(q, sql, NULL);
        goto out;
    }
    q->piped = true;
    if (!send_statement(q, sql, &p, touch, text.s)) {
        pipeline_lost(q);
    } else if (++q->unsynced >= STRETCH) {
        send_sync(q);
        if (q->syncs > 1) /* the server works on the last one meanwhile */
            read_stretch(q);
    }
    err = q->c.broken;
out:
    buf_free(&text);
    return err;
}

/* -- rows -- */

/* sum() of integers is numeric, exists() is boolean: both are numbers here. A fraction is cut, as
 * SQLite does. */
static bool number_of(const char *s, int64_t *out)
{
    bool minus = *s == '-';
    int64_t n = 0;

    if (strcmp(s, "t") == 0 || strcmp(s, "f") == 0) {
        *out = *s == 't';
        return true;
    }
    s += minus;
    if (*s < '0' || *s > '9')
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, *s - '0', &n))
            return false;
    }
    if (*s && *s != '.')
        return false;
    if (!minus && n == INT64_MIN)
        return false;
    *out = minus ? n : -n;
    return true;
}

/* Texts belong to the result. */
static enum err cell_of(struct pg_conn *q, const struct sql *sql, const PGresult *res, int row,
                        int column, struct value *out)
{
    struct value v = {.kind = sql->columns[column]};
    const char *s = PQgetvalue(res, row, column);
    bool good = true;

    if (PQgetisnull(res, row, column)) {
        *out = (struct value){.kind = V_NONE};
        return OK;
    }
    switch (v.kind) {
    case V_INT:
    case V_INSTANT:
        good = number_of(s, &v.i);
        break;
    case V_DATE:
        good = iso_to_day(s, (size_t)PQgetlength(res, row, column), &v.i);
        break;
    default:
        v.s = s;
        v.n = (uint32_t)PQgetlength(res, row, column);
    }
    if (!good)
        return conn_failed(&q->c, ERR_STORE, sql, "column %d is not of its declared kind",
                           column + 1);
    *out = v;
    return OK;
}

static enum err columns_fit(struct pg_conn *q, const struct sql *sql, const PGresult *res)
{
    if (PQnfields(res) == sql->n_columns)
        return OK;
    return conn_failed(&q->c, ERR_INTERNAL, sql, "%d columns, declared as %d", PQnfields(res),
                       sql->n_columns);
}

/* Ready to run one statement and wait for it: pipelines are emptied, the statement is known. */
static enum err start(struct pg_conn *q, const struct sql *sql, const struct value *args,
                      struct parameters *p)
{
    enum err err = pg_settle(&q->c);

    if (!err)
        err = prepare(q, sql);
    if (!err)
        err = parameters(q, sql, args, p);
    return err;
}

static enum err run(struct pg_conn *q, const struct sql *sql, const struct value *args,
                    PGresult **out)
{
    struct parameters p;
    char name[16];
    enum err err = start(q, sql, args, &p);

    if (err)
        return err;
    PGresult *res = PQexecPrepared(q->pg, statement_name(sql, name), p.n, p.values, NULL, NULL, 0);
    if (!is_good(res))
        return failed(q, sql, res);
    *out = res;
    return OK;
}

static enum err pg_rows(struct conn *c, const struct sql *sql, const struct value *args,
                        struct arena *arena, struct cells *out)
{
    struct pg_conn *q = engine_of(c);
    struct collector k = {.arena = arena, .columns = sql->n_columns};
    PGresult *res = NULL;
    enum err err = run(q, sql, args, &res);

    if (!err)
        err = columns_fit(q, sql, res);
    if (err)
        goto out;
    int rows = PQntuples(res);
    k.room = (size_t)rows;
    k.v = rows ? arena_array(arena, (size_t)rows, k.columns * sizeof *k.v) : NULL;
    for (int r = 0; !err && r < rows; r++) {
        struct value *row = collector_row(&k);
        for (int i = 0; !err && i < sql->n_columns; i++) {
            err = cell_of(q, sql, res, r, i, &row[i]);
            if (!err && (row[i].kind == V_TEXT || row[i].kind == V_CODE))
                row[i].s = collector_text(&k, row[i].s, row[i].n);
        }
    }
    if (!err)
        *out = (struct cells){k.rows, k.v};
out:
    PQclear(res);
    return err;
}

/* One result of single-row mode: a row, or the end. */
static enum err give_row(struct pg_conn *q, const struct sql *sql, PGresult *res, row_fn *fn,
                         void *ctx)
{
    struct value cells[UINT8_MAX];
    enum err err = OK;

    if (PQresultStatus(res) != PGRES_SINGLE_TUPLE && !is_good(res))
        return failed(q, sql, res);
    if (PQntuples(res) == 1) {
        err = columns_fit(q, sql, res);
        for (int i = 0; !err && i < sql->n_columns; i++)
            err = cell_of(q, sql, res, 0, i, &cells[i]);
        if (!err)
            err = fn(ctx, cells);
    }
    PQclear(res);
    return err;
}

static enum err pg_each(struct conn *c, const struct sql *sql, const struct value *args, row_fn *fn,
                        void *ctx)
{
    struct pg_conn *q = engine_of(c);
    struct parameters p;
    char name[16];
    PGresult *res;
    enum err err = start(q, sql, args, &p);

    if (err)
        return err;
    if (!PQsendQueryPrepared(q->pg, statement_name(sql, name), p.n, p.values, NULL, NULL, 0) ||
        !PQsetSingleRowMode(q->pg))
        return failed(q, sql, NULL);
    while ((res = PQgetResult(q->pg))) {
        if (err) /* stopped: the rest is read over, for a cancelled query would break the
                    transaction */
            PQclear(res);
        else
            err = give_row(q, sql, res, fn, ctx);
    }
    if (!err && PQstatus(q->pg) == CONNECTION_BAD)
        err = failed(q, sql, NULL);
    return err;
}

static enum err pg_exec(struct conn *c, const struct sql *sql, const struct value *args, bool touch,
                        int64_t *changed)
{
    struct pg_conn *q = engine_of(c);
    PGresult *res = NULL;

    if (c->batch) {
        *changed = -1;
        return pipe_exec(q, sql, args, touch);
    }
    enum err err = run(q, sql, args, &res);
    if (!err) {
        *changed = 0;
        if (PQresultStatus(res) == PGRES_COMMAND_OK || sql->n_columns == 0)
            (void)number_of(PQcmdTuples(res), changed);
    }
    PQclear(res);
    return err;
}

/* -- transactions -- */

static enum err pg_begin(struct conn *c)
{
    /* Readers get one view of everything, as on SQLite. */
    const char *text = !c->writer ? "begin isolation level repeatable read" : c->hasty ? "begin; set local synchronous_commit = off" : "begin";
    c->hasty = false; /* it is the transaction's own */
    return command(engine_of(c), text);
}

static enum err pg_commit(struct conn *c)
{
    struct pg_conn *q = engine_of(c);
    PGresult *res = PQexec(q->pg, "commit");

    if (!is_good(res)) /* after a lost connection nobody knows whether it was stored */
        return failed(q, NULL, res);
    bool stored = strcmp(PQcmdStatus(res), "COMMIT") == 0;
    PQclear(res);
    return stored ? OK : conn_failed(c, ERR_STORE, NULL, "the transaction was rolled back");
}

static void pg_rollback(struct conn *c)
{
    struct pg_conn *q = engine_of(c);

    if (!c->lost)
        (void)pg_settle(c);
    if (c->lost || PQtransactionStatus(q->pg) == PQTRANS_IDLE)
        return;
    PGresult *res = PQexec(q->pg, "rollback");
    if (!is_good(res))
        c->lost = true;
    PQclear(res);
}

static enum err pg_script(struct conn *c, const char *sql, struct fault *fault)
{
    enum err err = pg_settle(c);

    if (!err)
        err = command(engine_of(c), sql);
    return err ? fault_set(fault, err, "%s", c->error) : OK;
}

const struct engine_ops postgres_ops = {
    .engine = ENGINE_POSTGRES,
    .attach = pg_attach,
    .serve_lock = pg_serve_lock,
    .open = pg_open,
    .close = pg_close,
    .alive = pg_alive,
    .rows = pg_rows,
    .each = pg_each,
    .exec = pg_exec,
    .settle = pg_settle,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .script = pg_script,
};
