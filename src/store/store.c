/* The door itself: addresses, pools, transactions, and the way to the engine. */
#include "store/store.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"
#include "store/engine.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

struct waiter {
    pthread_cond_t cond;
    bool granted;
    struct waiter *next;
};

/* -- the store and its pools -- */

enum err store_open(const char *url, bool create, struct store **out, struct fault *fault)
{
    struct text u = text_of(url);
    const struct engine_ops *ops;
    const char *address;

    if (text_starts(u, "sqlite:")) {
        ops = &sqlite_ops;
        address = url + sizeof "sqlite:" - 1;
    } else if (text_starts(u, "postgresql://") || text_starts(u, "postgres://")) {
        ops = &postgres_ops;
        address = url;
    } else {
        return fault_set(fault, ERR_SYNTAX,
                         "the address of the register is sqlite:PATH or postgresql://HOST/NAME");
    }
    struct store *s = calloc(1, sizeof *s);
    if (!s || !(s->address = strdup(address))) {
        free(s);
        return fault_set(fault, ERR_INTERNAL, "no memory");
    }
    s->ops = ops;
    s->patience_ms = PATIENCE_MS;
    s->lock_fd = -1;
    pthread_mutex_init(&s->opening, NULL);
    pthread_mutex_init(&s->mutex, NULL);
    enum err err = ops->attach(s, create, fault);
    if (err) {
        store_close(s);
        return err;
    }
    *out = s;
    return OK;
}

static void close_all(struct conn *c)
{
    while (c) {
        struct conn *next = c->next;
        c->ops->close(c);
        c = next;
    }
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->given)
        log_error("store: closed while %d connections are in use", s->given);
    close_all(s->readers);
    close_all(s->writers); /* last: SQLite then folds its log into the file */
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    pthread_mutex_destroy(&s->mutex);
    pthread_mutex_destroy(&s->opening);
    free(s->address);
    free(s);
}

enum engine store_engine(const struct store *s)
{
    return s->ops->engine;
}

bool store_space(const struct store *s, int64_t *all, int64_t *left)
{
    return s->ops->space && s->ops->space(s, all, left);
}

enum err store_serve_lock(struct store *s, struct fault *fault)
{
    return s->ops->serve_lock(s, true, fault);
}

enum err store_alone(struct store *s, struct fault *fault)
{
    return s->ops->serve_lock(s, false, fault);
}

static struct conn *pop(struct store *s, struct conn **list)
{
    pthread_mutex_lock(&s->mutex);
    struct conn *c = *list;
    if (c)
        *list = c->next;
    pthread_mutex_unlock(&s->mutex);
    return c;
}

/* An idle connection that still lives, or a new one. */
static enum err take(struct store *s, bool writer, struct conn **out, struct fault *fault)
{
    struct conn *c;
    enum err err;

    while ((c = pop(s, writer ? &s->writers : &s->readers)) && !c->ops->alive(c))
        c->ops->close(c);
    if (!c) {
        err = s->ops->open(s, writer, &c, fault);
        if (err)
            return err;
        c->store = s;
        c->ops = s->ops;
        c->writer = writer;
    }
    pthread_mutex_lock(&s->mutex);
    s->given++;
    pthread_mutex_unlock(&s->mutex);
    c->next = NULL;
    c->error[0] = '\0';
    *out = c;
    return OK;
}

enum err store_reader(struct store *s, struct conn **out, struct fault *fault)
{
    return take(s, false, out, fault);
}

static void leave_queue(struct store *s, struct waiter *w)
{
    struct waiter **at = &s->first, *before = NULL;

    while (*at != w) {
        before = *at;
        at = &before->next;
    }
    *at = w->next;
    if (s->last == w)
        s->last = before;
}

/* First come, first served: a short change behind a row of imports waits for one slice, not for
 * all. */
static enum err queue_for_writer(struct store *s)
{
    struct waiter me = {.granted = false};
    struct timespec until;
    pthread_condattr_t attr;

    pthread_mutex_lock(&s->mutex);
    if (!s->writer_given) {
        s->writer_given = true;
        pthread_mutex_unlock(&s->mutex);
        return OK;
    }
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&me.cond, &attr);
    pthread_condattr_destroy(&attr);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += s->patience_ms / 1000;
    until.tv_nsec += (long)(s->patience_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    if (s->last)
        s->last->next = &me;
    else
        s->first = &me;
    s->last = &me;
    while (!me.granted && pthread_cond_timedwait(&me.cond, &s->mutex, &until) != ETIMEDOUT)
        ;
    if (!me.granted)
        leave_queue(s, &me);
    pthread_mutex_unlock(&s->mutex);
    pthread_cond_destroy(&me.cond);
    return me.granted ? OK : ERR_BUSY;
}

static void pass_writer_on(struct store *s)
{
    pthread_mutex_lock(&s->mutex);
    struct waiter *w = s->first;
    if (w) {
        s->first = w->next;
        if (!s->first)
            s->last = NULL;
        w->granted = true;
        pthread_cond_signal(&w->cond);
    } else {
        s->writer_given = false;
    }
    pthread_mutex_unlock(&s->mutex);
}

enum err store_writer(struct store *s, struct conn **out, struct fault *fault)
{
    if (s->ops->one_writer) {
        if (queue_for_writer(s))
            return fault_set(fault, ERR_BUSY, "other changes are being stored; try again");
    }
    enum err err = take(s, true, out, fault);
    if (err && s->ops->one_writer)
        pass_writer_on(s);
    return err;
}

void store_release(struct store *s, struct conn *c)
{
    if (!c)
        return;
    bool writer = c->writer;
    conn_rollback(c);
    c->running = false;
    pthread_mutex_lock(&s->mutex);
    s->given--;
    if (!c->lost) {
        struct conn **list = writer ? &s->writers : &s->readers;
        c->next = *list;
        *list = c;
        c = NULL;
    }
    pthread_mutex_unlock(&s->mutex);
    if (c)
        c->ops->close(c);
    if (writer && s->ops->one_writer)
        pass_writer_on(s);
}

/* -- statements -- */

void sql_intern(struct sql *sql)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static uint16_t last;

    pthread_mutex_lock(&mutex);
    bool full = sql->id == 0 && last == SQL_MAX;
    if (sql->id == 0 && !full)
        sql->id = ++last;
    pthread_mutex_unlock(&mutex);
    if (full)
        log_warn("store: more than %d statements; the others are prepared at each use", SQL_MAX);
}

enum err conn_failed(struct conn *c, enum err err, const struct sql *sql, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(c->error, sizeof c->error, fmt, args);
    va_end(args);
    enum log_level level = err == ERR_CONFLICT ? LOG_DEBUG : err == ERR_BUSY ? LOG_WARN : LOG_ERROR;
    if (sql)
        log_line(level, "database, %s: %s, in: %.120s", err_name(err), c->error, sql->text);
    else
        log_line(level, "database, %s: %s", err_name(err), c->error);
    if (c->in_tx && !c->broken)
        c->broken = err;
    return err;
}

enum err conn_ready(struct conn *c, const struct sql *sql)
{
    if (c->broken)
        return c->broken;
    if (c->lost)
        return ERR_STORE;
    if (c->running)
        return conn_failed(c, ERR_INTERNAL, sql, "a row function used its own connection");
    return OK;
}

enum err conn_rows(struct conn *c, const struct sql *sql, const struct value *args,
                   struct arena *arena, struct cells *out)
{
    enum err err = conn_ready(c, sql);

    return err ? err : c->ops->rows(c, sql, args, arena, out);
}

enum err conn_each(struct conn *c, const struct sql *sql, const struct value *args, row_fn *fn,
                   void *ctx)
{
    enum err err = conn_ready(c, sql);

    if (err)
        return err;
    c->running = true;
    err = c->ops->each(c, sql, args, fn, ctx);
    c->running = false;
    return err;
}

enum err conn_exec(struct conn *c, const struct sql *sql, const struct value *args,
                   int64_t *changed)
{
    int64_t n;
    enum err err = conn_ready(c, sql);

    if (!err)
        err = c->ops->exec(c, sql, args, false, &n);
    if (!err && changed)
        *changed = n;
    return err;
}

enum err conn_batch(struct conn *c, bool on)
{
    if (!on && c->batch) {
        c->batch = false;
        enum err err = c->ops->settle(c);
        return c->broken ? c->broken : err;
    }
    enum err err = conn_ready(c, NULL);
    if (err)
        return err;
    if (on && !c->in_tx)
        return conn_failed(c, ERR_INTERNAL, NULL, "a batch outside of a transaction");
    c->batch = on;
    return OK;
}

/* -- transactions -- */

enum err conn_begin_hasty(struct conn *c)
{
    c->hasty = true;
    enum err err = conn_begin(c);
    if (err && !c->in_tx)
        c->hasty = false;
    return err;
}

enum err conn_begin(struct conn *c)
{
    enum err err = conn_ready(c, NULL);

    if (err)
        return err;
    if (c->in_tx)
        return conn_failed(c, ERR_INTERNAL, NULL, "begin inside a transaction");
    err = c->ops->begin(c);
    if (err)
        return err;
    c->in_tx = true;
    return OK;
}

/* Whatever comes of it, no transaction is open afterwards. */
enum err conn_commit(struct conn *c)
{
    enum err err = OK;

    if (!c->in_tx)
        return conn_failed(c, ERR_INTERNAL, NULL, "commit without begin");
    if (c->batch)
        err = conn_batch(c, false);
    if (!err)
        err = conn_ready(c, NULL);
    if (!err)
        err = c->ops->commit(c);
    if (err) {
        conn_rollback(c);
        return err;
    }
    c->in_tx = false;
    return OK;
}

void conn_rollback(struct conn *c)
{
    if (c->in_tx)
        c->ops->rollback(c);
    c->in_tx = false;
    c->batch = false;
    c->broken = OK;
}

bool conn_in_transaction(const struct conn *c)
{
    return c->in_tx;
}

enum engine conn_engine(const struct conn *c)
{
    return c->ops->engine;
}

const char *conn_error(const struct conn *c)
{
    return c->error;
}

enum err conn_script(struct conn *c, const char *sql, struct fault *fault)
{
    enum err err = conn_ready(c, NULL);

    if (err)
        return fault_set(fault, err, "%s", c->error[0] ? c->error : "the connection is not usable");
    return c->ops->script(c, sql, fault);
}

/* -- what the engines share -- */

enum { FIRST_ROWS = 8, SPARE = 2048 };

struct value *collector_row(struct collector *k)
{
    if (k->rows == k->room) {
        size_t size = k->columns * sizeof *k->v, more = k->room ? k->room * 2 : FIRST_ROWS;
        k->v = arena_grow(k->arena, k->v, k->room * size, more * size);
        k->room = more;
    }
    return k->v + k->rows++ * k->columns;
}

const char *collector_text(struct collector *k, const char *s, size_t n)
{
    if (n >= SPARE / 4)
        return arena_z(k->arena, (struct text){s, n});
    if (n + 1 > k->n_spare) {
        k->spare = arena_alloc(k->arena, SPARE);
        k->n_spare = SPARE;
    }
    char *copy = k->spare;
    if (n)
        memcpy(copy, s, n);
    copy[n] = '\0';
    k->spare += n + 1;
    k->n_spare -= n + 1;
    return copy;
}

bool iso_to_day(const char *s, size_t n, int64_t *day)
{
    static const char form[] = "dddd-dd-dd";
    int part[3] = {0}, at = 0;

    if (n != sizeof form - 1)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (form[i] == '-') {
            if (s[i] != '-')
                return false;
            at++;
        } else if (s[i] >= '0' && s[i] <= '9') {
            part[at] = part[at] * 10 + (s[i] - '0');
        } else {
            return false;
        }
    }
    if (!date_exists(part[0], part[1], part[2]))
        return false;
    *day = date_from((struct ymd){part[0], part[1], part[2]});
    return true;
}

/* End of the quoted text or comment that begins at s; s itself when none does. */
static const char *past_quoted(const char *s)
{
    const char *end = s;

    if (*s == '\'' || *s == '"') {
        end = strchr(s + 1, *s);
        end = end ? end + 1 : NULL;
    } else if (s[0] == '-' && s[1] == '-') {
        end = strchr(s, '\n');
    } else if (s[0] == '/' && s[1] == '*') {
        end = strstr(s + 2, "*/");
        end = end ? end + 2 : NULL;
    }
    return end ? end : s + strlen(s);
}

void sql_dollars(const char *sql, struct buf *out)
{
    for (const char *s = sql; *s;) {
        const char *end = past_quoted(s);
        if (end > s) {
            buf_add(out, s, (size_t)(end - s));
            s = end;
            continue;
        }
        buf_char(out, *s == '?' && s[1] >= '1' && s[1] <= '9' ? '$' : *s);
        s++;
    }
}
