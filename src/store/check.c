#include "base/log.h"
#include "store/store.h"
#include <stdio.h>

struct check {
    void (*found)(void *ctx, const char *text);
    void *ctx;
};

static enum err pragma_row(void *ctx, const struct value *cells)
{
    struct check *c = ctx;
    struct text t = v_as_text(cells[0]);
    char line[400];
    if (text_is(t, "ok"))
        return OK;
    snprintf(line, sizeof line, "SQLite: %.*s", TEXT_ARG(t));
    c->found(c->ctx, line);
    return OK;
}

void store_check(struct conn *conn, void (*found)(void *ctx, const char *text), void *ctx)
{
    static const uint8_t text_column[] = {V_TEXT};
    static struct sql integrity = {.text = "select integrity_check from pragma_integrity_check",
                                   .n_columns = 1,
                                   .columns = text_column};
    static struct sql foreign = {.text = "select 'row ' || coalesce(rowid, 0) || ' of ' || "
                                         "\"table\" || ' refers to a row of ' || parent "
                                         "|| ' that is not there' from pragma_foreign_key_check",
                                 .n_columns = 1,
                                 .columns = text_column};
    struct check c = {found, ctx};
    if (conn_engine(conn) != ENGINE_SQLITE)
        return; /* PostgreSQL keeps its references itself and has checksums of its own */
    if (!integrity.id) {
        sql_intern(&integrity);
        sql_intern(&foreign);
    }
    if (conn_each(conn, &integrity, NULL, pragma_row, &c) ||
        conn_each(conn, &foreign, NULL, pragma_row, &c))
        found(ctx, "SQLite could not check the file");
}
