#include "base/log.h"
#include "store/engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

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

static enum err keep_number(void *ctx, const struct value *cells)
{
    *(int64_t *)ctx = v_as_int(cells[0]);
    return OK;
}

enum err store_size(struct conn *c, int64_t *bytes, int64_t *log)
{
    static const uint8_t number[] = {V_INT};
    const struct sql size = {.text = "select pg_database_size(current_database())", .n_columns = 1, .columns = number};
    char wal[4200];
    struct stat st;

    *bytes = 0;
    if (log)
        *log = 0;
    if (conn_engine(c) == ENGINE_POSTGRES)
        return conn_each(c, &size, NULL, keep_number, bytes);
    snprintf(wal, sizeof wal, "%s-wal", c->store->address);
    if (stat(c->store->address, &st))
        return ERR_IO;
    *bytes = st.st_size;
    if (log && stat(wal, &st) == 0)
        *log = st.st_size;
    return OK;
}

static enum err add_setting(void *ctx, const struct value *cells)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, sizeof((struct store_facts *)0)->loses - n, "%s%.*s", n ? ", " : "", TEXT_ARG(v_as_text(cells[0])));
    return OK;
}

static enum err facts_of_postgres(struct conn *c, struct store_facts *out)
{
    static const uint8_t number[] = {V_INT}, text[] = {V_TEXT};
    const struct sql clock = {.text = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)", .n_columns = 1, .columns = number};
    const struct sql slots = {.text = "select count(*) from pg_replication_slots where not active", .n_columns = 1, .columns = number};
    const struct sql owned = {.text = "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"
                                      " and pg_has_role(relowner, 'member')",
                              .n_columns = 1,
                              .columns = number};
    const struct sql loses = {.text = "select name || ' = ' || setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')"
                                      " and setting = 'off' order by name",
                              .n_columns = 1,
                              .columns = text};
    enum err err = conn_each(c, &clock, NULL, keep_number, &out->clock);
    struct fault fault;
    if (!err)
        err = conn_each(c, &slots, NULL, keep_number, &out->idle_slots);
    if (!err)
        err = conn_each(c, &owned, NULL, keep_number, &out->owned);
    if (!err && postgres_place(c->store->address, out->plain, &fault)) /* it was allowed when it was opened */
        out->plain[0] = '\0';
    return err ? err : conn_each(c, &loses, NULL, add_setting, out->loses);
}

enum err store_facts(struct conn *c, struct store_facts *out)
{
    struct statvfs disk;
    int64_t bytes;

    *out = (struct store_facts){0};
    if (conn_engine(c) == ENGINE_POSTGRES)
        return facts_of_postgres(c, out);
    out->path = c->store->address;
    if (statvfs(out->path, &disk) == 0) {
        out->disk = (int64_t)(disk.f_blocks * disk.f_frsize);
        out->disk_free = (int64_t)(disk.f_bavail * disk.f_frsize);
    }
    return store_size(c, &bytes, &out->log);
}
