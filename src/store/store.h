/* The one SQL door, with SQLite and PostgreSQL behind it. Knows no persons and no rights.
 * SQL comes from compiled .sql files and from table declarations, never from callers' strings of user input.
 *
 * Threads: a store may be used by many; a connection by one at a time.
 *
 * After an error inside a transaction it can only be rolled back: every further call answers with the same error, on
 * both engines. ERR_STALE and the error of a row function are no such errors. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/arena.h"
#include "store/field.h"

struct store;
struct conn;

enum engine { ENGINE_SQLITE, ENGINE_POSTGRES };

/* "sqlite:PATH" or "postgresql://…". Opens no connection yet; `create` lets SQLite make the file. */
enum err store_open(const char *url, bool create, struct store **out, struct fault *fault) MUST;
/* PostgreSQL on another machine is refused by store_open() unless its address demands TLS with a checked certificate
 * (sslmode=verify-full), or the operator has said before that it is to be taken as it is. */
void store_allow_plain(void);
void store_close(struct store *s); /* all connections must be given back */
enum engine store_engine(const struct store *s);
/* Bytes of the disk where the register lies, and how many of them this program may still fill. False: it does not know the disk (PostgreSQL). */
bool store_space(const struct store *s, int64_t *all, int64_t *left);
/* One server per SQLite file: takes a lock that dies with the process. PostgreSQL: always granted. */
enum err store_serve_lock(struct store *s, struct fault *fault) MUST;
/* The same lock for who changes the schema under everybody: ERR_BUSY while a server has the file, and none begins meanwhile. Makes no
 * file of its own, which would belong to whoever runs the command. */
enum err store_alone(struct store *s, struct fault *fault) MUST;

/* Readers cannot write (query_only / default_transaction_read_only). Taken from a pool, made when none is idle.
 * The writer of SQLite is one, and taking it waits; PostgreSQL gives one of a pool. */
enum err store_reader(struct store *s, struct conn **out, struct fault *fault) MUST;
enum err store_writer(struct store *s, struct conn **out, struct fault *fault) MUST;
void store_release(struct store *s, struct conn *c); /* resets statements; rolls back what is open */

/* One statement. Parameters are written ?1 ?2 … in the order of `bind`; the engine's own form is made when it
 * is first prepared on a connection. Instances live as long as the program; `id` is given by sql_intern; without it
 * the statement is prepared at each use. */
struct sql {
    const char *text;
    uint16_t id;
    uint8_t n_bind;          /* how many parameters */
    const uint8_t *bind;     /* parameter k takes args[bind[k]] */
    uint8_t n_columns;       /* 0: returns no rows */
    const uint8_t *columns;  /* enum value_kind of each result column: V_INT, V_TEXT, V_DATE, V_INSTANT, V_CODE */
};

/* Gives the statement its number. Threads: yes. At most SQL_MAX of them. */
enum { SQL_MAX = 8192 };
void sql_intern(struct sql *sql);

struct cells {
    size_t rows;
    struct value *v; /* rows * n_columns, in the arena */
};

/* Runs and collects all rows. V_CODE cells come with list 0. Errors: CONFLICT (uniqueness), BUSY, FULL, STORE.
 * V_NULL and V_NONE arguments bind null. */
enum err conn_rows(struct conn *c, const struct sql *sql, const struct value *args,
                   struct arena *arena, struct cells *out) MUST;
/* The same row by row; the cells are valid inside the call only. The function stops it by returning an error, and
 * cannot use the same connection meanwhile (ERR_INTERNAL). */
typedef enum err row_fn(void *ctx, const struct value *cells);
enum err conn_each(struct conn *c, const struct sql *sql, const struct value *args, row_fn *fn,
                   void *ctx) MUST;
/* Without rows; *changed (may be null) is the number of rows touched. */
enum err conn_exec(struct conn *c, const struct sql *sql, const struct value *args,
                   int64_t *changed) MUST;
/* Between batch and its end PostgreSQL pipelines conn_exec: no waiting, no count, errors appear at the end
 * (of the batch or by commit). Inside a transaction only. Reading in between is fine and waits. conn_insert cannot
 * give a new id then (ERR_INTERNAL). */
enum err conn_batch(struct conn *c, bool on) MUST;

/* Writers: BEGIN IMMEDIATE on SQLite. Readers: one view of everything until the end. */
enum err conn_begin(struct conn *c) MUST;
/* A writer's, whose commit does not wait for the disk: for what is made again from other rows. A loss of power may take it, whole, and
 * nothing that was committed before it or has waited since. */
enum err conn_begin_hasty(struct conn *c) MUST;
enum err conn_commit(struct conn *c) MUST; /* afterwards no transaction is open, also when it failed */
void conn_rollback(struct conn *c);
bool conn_in_transaction(const struct conn *c);
enum engine conn_engine(const struct conn *c);
const char *conn_error(const struct conn *c); /* last message of the engine, for the process log */
/* PostgreSQL: lock the row until commit. SQLite's writer holds everything already: does nothing. */
enum err conn_lock_row(struct conn *c, const struct table *t, int64_t id) MUST;
/* The same, alone even beside those who only hold on to it by conn_lock_row_named: many may do that at once. (References are
 * checked at the commit, so that a row which names another does not hold on to it by itself.) */
enum err conn_lock_row_alone(struct conn *c, const struct table *t, int64_t id) MUST;
enum err conn_lock_row_named(struct conn *c, const struct table *t, int64_t id) MUST;
/* The same for what no row stands for; numbers are the callers' (change.h). */
enum err conn_lock(struct conn *c, int lock) MUST;
enum err conn_lock_shared(struct conn *c, int lock) MUST; /* many at once, none beside conn_lock */
/* Free text without result: DDL of migrations and tests. */
enum err conn_script(struct conn *c, const char *sql, struct fault *fault) MUST;

/* Insert, update by id and version, made from the declaration and kept per connection. */
/* values has one cell per field; V_NONE leaves the default. *id (may be null) is the new row's. */
enum err conn_insert(struct conn *c, const struct table *t, const struct value *values,
                     int64_t *id) MUST;
/* Sets the fields that are not V_NONE where id = id and version = version (version < 0: any), counts the version
 * up if the table has one. ERR_STALE when no row matched. */
enum err conn_update(struct conn *c, const struct table *t, int64_t id, int64_t version,
                     const struct value *values) MUST;
/* Takes a row away for good (guard/retention.c). */
enum err conn_delete(struct conn *c, const struct table *t, int64_t id) MUST;
/* A writer outside of a transaction, after something was deleted for good. SQLite overwrites what is deleted in its file; here
 * the write-ahead log is emptied too, if nobody reads. PostgreSQL: VACUUM overwrites in its time. */
void conn_forget(struct conn *c);
/* One row by its id, all fields; ERR_NOT_FOUND. */
enum err conn_get(struct conn *c, const struct table *t, int64_t id, struct arena *arena,
                  struct value *values) MUST;

/* Rows behind a key (id, or the one number that is the table's key) along it, with all fields; and other values in a row,
 * which keeps its version: for what is stored in another form and says the same. */
enum err conn_walk(struct conn *c, const struct table *t, int64_t after, int64_t limit,
                   struct arena *arena, struct cells *out) MUST;
/* The key of the first row behind this one, whatever else stands in it; ERR_NOT_FOUND. */
enum err conn_walk_number(struct conn *c, const struct table *t, int64_t after, int64_t *number) MUST;
enum err conn_replace(struct conn *c, const struct table *t, int64_t key, const struct value *values) MUST;
/* Rows that name this id in one of their fields, with all fields, along the key. */
enum err conn_referring(struct conn *c, const struct table *t, size_t field, int64_t id,
                        struct arena *arena, struct cells *out) MUST;
/* Does a row of the table name this id in one of its FIELD_REFs? For walking the declared references. */
enum err conn_refers(struct conn *c, const struct table *t, size_t field, int64_t id,
                     bool *yes) MUST;

/* Rows that name this id in an optional FIELD_REF do so no more. */
enum err conn_unrefer(struct conn *c, const struct table *t, size_t field, int64_t id) MUST;

/* All rows along the key, one after another, for copies of the whole register: in the order of the other engine, and without the
 * limit of time that readers of PostgreSQL have (inside a transaction only). */
enum err conn_all(struct conn *c, const struct table *t, row_fn *fn, void *ctx) MUST;
enum err conn_unhurried(struct conn *c) MUST;

/* Schema: declared tables against actual ones. */
enum { SCHEMA_SAME, SCHEMA_EMPTY, SCHEMA_OLD, SCHEMA_FOREIGN /* columns or tables nobody declared */ };
enum err schema_state(struct store *s, const struct table *const *tables, size_t n, int *state,
                      struct fault *why) MUST;
/* Makes tables, nullable or defaulted columns, indexes and triggers that are missing; runs numbered steps once.
 * PostgreSQL under an advisory lock. */
enum err schema_upgrade(struct store *s, const struct table *const *tables, size_t n,
                        struct fault *fault) MUST;
/* Names of the numbered steps that were made here, which a copy of the register takes along. */
enum err schema_steps_made(struct conn *c, struct arena *arena, struct text **names, size_t *n) MUST;
/* What these lack of the program's own. ERR_CONFLICT: a newer program has made one of them. *early: one is left that may rename or
 * drop tables; *left: any. */
enum err schema_steps_left(const struct text *names, size_t n, bool *early, bool *left, struct fault *fault) MUST;
/* A register made from a copy. begin: bare tables, without what would be kept up at each row, these steps as made, and a mark by which
 * everybody refuses the register (SCHEMA_FOREIGN); ERR_CONFLICT when anything is there. Then rows are inserted in transactions of any
 * size on `c`, references in any order. end: commits the transaction that is open with the mark taken away; schema_upgrade makes the rest. */
enum err schema_restore_begin(struct conn *c, const struct table *const *tables, size_t n, const struct text *steps, size_t n_steps,
                              struct fault *fault) MUST;
enum err schema_restore_end(struct conn *c, struct fault *fault) MUST;
/* What a role that does not own the tables may do with one. */
enum { RIGHT_SELECT = 1, RIGHT_INSERT = 2, RIGHT_UPDATE = 4, RIGHT_DELETE = 8 };
/* PostgreSQL: gives a role these rights, one set for each table, and takes back all others that it had on them; role null: each role that was
 * given rights before. Writes how many roles there were. ERR_REFUSED: there is no such role, or it owns the tables. SQLite: nothing. */
enum err schema_grant(struct store *s, const struct table *const *tables, const uint8_t *rights, size_t n, const char *role, int *roles,
                      struct fault *fault) MUST;
/* Can who asks write here, and on PostgreSQL all that these rights are for? ERR_REFUSED says why not. Nothing is written. */
enum err schema_writable(struct store *s, const struct table *const *tables, const uint8_t *rights, size_t n, struct fault *fault) MUST;
/* DDL text of one table, for the build's in-memory database and for the docs. Appends to out. */
struct buf;
void schema_ddl(enum engine engine, const struct table *t, struct buf *out);
/* PostgreSQL: after rows were inserted with given ids, the sequence goes on behind the greatest. */
enum err schema_sequences(struct conn *c, const struct table *const *tables, size_t n) MUST;
/* The number that the table's next row would be given (0: it has none of its own, or SQLite, which takes the greatest and one); and:
 * no number below it is given from now on. */
enum err schema_next(struct conn *c, const struct table *t, int64_t *next) MUST;
enum err schema_next_set(struct conn *c, const struct table *t, int64_t next) MUST;

/* What the engine and its disk say of how they are run. */
struct store_facts {
    const char *path;         /* of SQLite's file; null on PostgreSQL. Lives as long as the store */
    int64_t log;              /* bytes of SQLite's write-ahead log */
    int64_t disk, disk_free;  /* bytes of SQLite's disk */
    int64_t clock;            /* of PostgreSQL's machine, microseconds UTC; 0: this one */
    char plain[100];          /* PostgreSQL's other machine, to which the way is not sure; empty: none */
    int64_t owned;            /* tables of PostgreSQL that this role owns, or could as who does: it can take off their triggers */
    int64_t idle_slots;       /* replication slots that nobody reads */
    char loses[200];          /* settings of PostgreSQL by which commits may be lost: "fsync = off"; empty: none */
};
enum err store_facts(struct conn *c, struct store_facts *out) MUST;
/* Bytes on the disk; of SQLite *log (may be null) are those of the write-ahead log beside, of PostgreSQL 0. */
enum err store_size(struct conn *c, int64_t *bytes, int64_t *log) MUST;

/* What the engine itself finds damaged: pages, indexes, references. One call of `found` for each. */
void store_check(struct conn *c, void (*found)(void *ctx, const char *text), void *ctx);

#endif
