/* Private to store/: what the two engines give, and what they share. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H
#include "store/store.h"
#include <pthread.h>

struct engine_ops {
    enum engine engine;
    bool one_writer; /* the store keeps one writing connection, and callers queue for it */

    /* Looks at the address without opening a connection. */
    enum err (*attach)(struct store *s, bool create, struct fault *fault);
    enum err (*serve_lock)(struct store *s, bool serve, struct fault *fault);
    enum err (*open)(struct store *s, bool writer, struct conn **out, struct fault *fault);
    void (*close)(struct conn *c);
    bool (*alive)(struct conn *c); /* false: an idle connection is closed instead of given out */

    /* Those that fail have called conn_failed. A row function's error is passed on without that. */
    enum err (*rows)(struct conn *c, const struct sql *sql, const struct value *args,
                     struct arena *arena, struct cells *out);
    enum err (*each)(struct conn *c, const struct sql *sql, const struct value *args, row_fn *fn,
                     void *ctx);
    /* `touch`: in a batch, no row touched is ERR_STALE. *changed is -1 when nobody waited. */
    enum err (*exec)(struct conn *c, const struct sql *sql, const struct value *args, bool touch,
                     int64_t *changed);
    enum err (*settle)(struct conn *c); /* waits for what was pipelined */
    enum err (*begin)(struct conn *c);
    enum err (*commit)(struct conn *c);
    void (*rollback)(struct conn *c);
    enum err (*script)(struct conn *c, const char *sql, struct fault *fault);
    int64_t (*last_id)(struct conn *c); /* SQLite only */
    bool (*space)(const struct store *s, int64_t *all, int64_t *left); /* null: on another machine, perhaps */
};

extern const struct engine_ops sqlite_ops, postgres_ops;

/* `plain`: the other machine to which the way is not sure, else empty. ERR_REFUSED when nobody has allowed such a one; ERR_SYNTAX. */
enum err postgres_place(const char *address, char plain[100], struct fault *fault) MUST;

/* The engines put their own things behind this. */
struct conn {
    struct store *store;
    const struct engine_ops *ops;
    struct conn *next; /* in the list of idle ones */
    bool writer;
    bool in_tx;
    bool hasty;      /* the open transaction's commit does not wait for the disk */
    bool batch;
    bool running;    /* a row function is being called */
    bool lost;       /* the engine is gone or in doubt: closed when given back */
    enum err broken; /* why the open transaction can only be rolled back */
    char error[400];
};

struct waiter;

struct store {
    const struct engine_ops *ops;
    char *address;   /* SQLite: path; PostgreSQL: URL */
    int patience_ms; /* how long locks are waited for */
    int lock_fd;     /* of serve, or -1 */
    pthread_mutex_t opening;
    pthread_mutex_t mutex; /* guards the rest */
    struct conn *readers, *writers;
    int given; /* connections not yet given back */
    bool writer_given;
    struct waiter *first, *last; /* for the one writer, in order of arrival */
};

/* Keeps and logs the reason, breaks an open transaction, returns err. The message holds no values
 * of rows: it goes to the log. sql may be null. */
enum err conn_failed(struct conn *c, enum err err, const struct sql *sql, const char *fmt, ...)
    PRINTF(4, 5);
/* OK, or why this connection cannot run anything now. */
enum err conn_ready(struct conn *c, const struct sql *sql) MUST;

/* Rows of unknown number on their way into an arena. */
struct collector {
    struct arena *arena;
    struct value *v;
    size_t rows, room, columns;
    char *spare; /* for short texts */
    size_t n_spare;
};
struct value *collector_row(struct collector *k);
const char *collector_text(struct collector *k, const char *s,
                           size_t n); /* a copy, NUL-terminated */

/* Dates as both engines write them; false when it is none. */
bool iso_to_day(const char *s, size_t n, int64_t *day);
enum { ISO_DAY_FIRST = -719162, ISO_DAY_LAST = 2932896 }; /* 0001-01-01 .. 9999-12-31 */

/* Copies sql with ?N as $N, outside of quotes and comments. */
void sql_dollars(const char *sql, struct buf *out);

/* A change of the schema that comparing cannot find out: rename, split, backfill. Runs once, in
 * order, inside the transaction of the upgrade. A new register counts all of them as done. */
struct schema_step {
    const char *name; /* "0007_split_address" */
    bool early;       /* before tables and columns are added: renames */
    const char *sqlite, *postgres;
    enum err (*run)(struct conn *c, struct fault *fault);
};
extern const struct schema_step schema_steps[]; /* ends with a null name */
enum err schema_state_steps(struct store *s, const struct table *const *tables, size_t n,
                            const struct schema_step *steps, int *state, struct fault *why) MUST;
enum err schema_upgrade_steps(struct store *s, const struct table *const *tables, size_t n,
                              const struct schema_step *steps, struct fault *fault) MUST;

/* schema_text.c: pieces of DDL without a semicolon; names are quoted. */
void ddl_table(enum engine engine, const struct table *t, struct buf *out);
void ddl_column(enum engine engine, const struct table *t, const struct field *f, struct buf *out);
const char *ddl_type(enum engine engine, const struct field *f);
bool ddl_not_null(const struct table *t, const struct field *f);
void ddl_index(const struct table *t, const struct index *x, struct buf *out);
void ddl_foreign_key(const struct table *t, const struct field *f, struct buf *out);
void ddl_foreign_key_name(const struct table *t, const struct field *f, char out[64]);
enum { DDL_TRIGGERS = 2, DDL_FUNCTIONS = 5 };
void ddl_trigger_name(enum engine engine, const struct table *t, int k, char out[64]);
void ddl_trigger(enum engine engine, const struct table *t, int k, struct buf *out);
extern const char *const ddl_function_names[DDL_FUNCTIONS]; /* PostgreSQL only */
extern const char *const ddl_functions[DDL_FUNCTIONS];

#endif
