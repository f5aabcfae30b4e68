/* The whole register as one sealed file (guard/safe.h), in a form that belongs to neither engine: each declared table with its
 * fields' names and its rows along the key. Boxes stay closed as they are stored; master keys are never in it (guard/keys.h).
 *
 *     head     "bereg backup 2", version of the program, number of the register, when it was read, engine; numbered steps that were
 *              made; tables: name, fields, each with name, kind of its values, and whether there is one in each row
 *     table    1 and the cells of a row, …; 0, number of rows, number of the next row, BLAKE2b-256 of its rows
 *     end      BLAKE2b-256 of the head's steps and tables and of all tables
 *
 * A newer program restores it as it was, with the tables of then, and upgrades that as it would have upgraded the register. Sessions
 * and delays of sign-ins do not come back: who was signed out stays so. Memory: one row. */
#ifndef GUARD_BACKUP_H
#define GUARD_BACKUP_H
#include "guard/request.h"

/* Of a backup: filled while it is written or read. */
struct backup {
    char version[40], engine[16], reg[24];
    int64_t made_at;           /* the instant whose state it holds */
    int64_t rows, size;        /* size: of the file, when it was written */
    char digest[65];           /* hex */
    bool older;                /* its tables are those of an older program */
};

/* The tables as they were, and the numbered steps that were made. Lives as long as the program. */
struct backup_shape {
    const struct table **tables;
    struct text *steps;
    size_t n, n_steps;
};

/* What reading a backup calls; each may be null. Cells are valid inside of the call. */
struct backup_visitor {
    /* Before the first row. */
    enum err (*begin)(void *ctx, const struct backup_shape *shape, struct fault *fault);
    enum err (*row)(void *ctx, const struct table *t, struct value *cells, struct fault *fault);
    /* Behind a table's last row. next: schema_next(). */
    enum err (*table)(void *ctx, const struct table *t, int64_t rows, int64_t next, const char *digest, struct fault *fault);
    void *ctx;
};

/* Writes the register of rq as it is at one moment, while others go on working. */
enum err backup_write(struct request *rq, const char *path, const char *making_key, struct backup *out, struct fault *fault) MUST;
/* Reads all of it, and says what is wrong with it. */
enum err backup_read(const char *path, const char *opening_key, const struct backup_visitor *visit, struct backup *out,
                     struct fault *fault) MUST;
/* Makes a register of it in an empty place; an older one is to be upgraded then. *out: as backup_read() has just told, so that nothing
 * is written of what is not whole. */
enum err backup_restore(const char *path, const char *opening_key, struct store *to, struct backup *out, struct fault *fault) MUST;

#endif
