/* What a role that serves may do in PostgreSQL, and whether who asks may write at all. */
#include "base/buf.h"
#include "store/engine.h"
#include <stdio.h>

enum { TEXT_MAX = 1 << 20 };

static const uint8_t first[] = {0}, text[] = {V_TEXT};

static void put_name(struct buf *b, struct text name)
{
    buf_char(b, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.s[i] == '"')
            buf_char(b, '"');
        buf_char(b, name.s[i]);
    }
    buf_char(b, '"');
}

/* Is it there, and one that cannot act as the owner? */
static enum err check_role(struct conn *c, const char *role, struct fault *fault)
{
    static const uint8_t number[] = {V_INT};
    struct value name = v_z(role);
    const struct sql look = {.text = "select cast(count(t.oid) as bigint) from pg_roles r left join pg_class t on t.relnamespace ="
                                     " current_schema()::regnamespace and t.relkind = 'r' and pg_has_role(r.oid, t.relowner, 'member')"
                                     " where r.rolname = ?1 group by r.oid",
                             .n_bind = 1, .bind = first, .n_columns = 1, .columns = number};
    struct cells rows = {0};
    struct arena *arena = arena_new();
    enum err err = conn_rows(c, &look, &name, arena, &rows);

    if (err)
        err = fault_set(fault, err, "%s", conn_error(c));
    else if (!rows.rows)
        err = fault_set(fault, ERR_REFUSED, "there is no role %s in PostgreSQL: make it first (create role … login)", role);
    else if (v_as_int(rows.v[0]))
        err = fault_set(fault, ERR_REFUSED, "the role %s owns tables of the register, or may act as who does: it cannot be the one that only serves", role);
    arena_free(arena);
    return err;
}

static void put_table(struct buf *b, const char *table, bool numbered, unsigned rights, struct text role)
{
    static const char *const names[] = {"select", "insert", "update", "delete"};
    int n = 0;

    buf_printf(b, "revoke all on \"%s\" from ", table);
    put_name(b, role);
    buf_z(b, ";\ngrant ");
    for (int k = 0; k < 4; k++) {
        if (rights & 1u << k)
            buf_printf(b, "%s%s", n++ ? ", " : "", names[k]);
    }
    buf_printf(b, " on \"%s\" to ", table);
    put_name(b, role);
    buf_z(b, ";\n");
    if (numbered) { /* backups note the next number; giving numbers needs no right */
        buf_printf(b, "revoke all on sequence \"%s_id_seq\" from ", table);
        put_name(b, role);
        buf_printf(b, ";\ngrant select on sequence \"%s_id_seq\" to ", table);
        put_name(b, role);
        buf_z(b, ";\n");
    }
}

static enum err give(struct conn *c, const struct table *const *tables, const uint8_t *rights, size_t n, struct text role, struct fault *fault)
{
    struct buf b = BUF(TEXT_MAX);
    struct value name = v_text(role), schema = {0};
    const struct sql entry = {.text = "select case when has_schema_privilege(cast(?1 as name), current_schema(), 'usage') then '' else current_schema() end",
                              .n_bind = 1, .bind = first, .n_columns = 1, .columns = text};
    struct arena *arena = arena_new();
    struct cells rows;
    enum err err = conn_rows(c, &entry, &name, arena, &rows);

    if (!err && rows.rows)
        schema = rows.v[0];
    if (v_as_text(schema).n) {
        buf_z(&b, "grant usage on schema ");
        put_name(&b, v_as_text(schema));
        buf_z(&b, " to ");
        put_name(&b, role);
        buf_z(&b, ";\n");
    }
    put_table(&b, "schema_step", false, RIGHT_SELECT, role);
    for (size_t k = 0; k < n; k++)
        put_table(&b, tables[k]->name, !tables[k]->key && table_field(tables[k], T("id")) >= 0, rights[k], role);
    buf_char(&b, '\0');
    if (err)
        err = fault_set(fault, err, "%s", conn_error(c));
    else if (buf_end(&b))
        err = fault_set(fault, ERR_LIMIT, "the rights are too many");
    else
        err = conn_script(c, b.s, fault);
    buf_free(&b);
    arena_free(arena);
    return err;
}

/* Who may add to a table without owning it was given rights here before. */
static enum err those_before(struct conn *c, const struct table *t, struct arena *arena, struct cells *out)
{
    struct value name = v_z(t->name);
    const struct sql look = {.text = "select r.rolname from pg_class k cross join aclexplode(k.relacl) a join pg_roles r on r.oid = a.grantee"
                                     " where k.relnamespace = current_schema()::regnamespace and k.relname = ?1 and a.privilege_type = 'INSERT'"
                                     " and not pg_has_role(r.oid, k.relowner, 'member') order by r.rolname",
                             .n_bind = 1, .bind = first, .n_columns = 1, .columns = text};

    return conn_rows(c, &look, &name, arena, out);
}

enum err schema_grant(struct store *s, const struct table *const *tables, const uint8_t *rights, size_t n, const char *role, int *roles,
                      struct fault *fault)
{
    struct conn *c;
    struct cells names = {0};
    struct value one = role ? v_z(role) : (struct value){0};

    *roles = 0;
    if (store_engine(s) != ENGINE_POSTGRES)
        return role ? fault_set(fault, ERR_REFUSED, "SQLite has no roles: --serve-role is for PostgreSQL") : OK;
    enum err err = store_writer(s, &c, fault);
    if (err)
        return err;
    struct arena *arena = arena_new();
    err = conn_begin(c);
    if (!err)
        err = role ? check_role(c, role, fault) : those_before(c, tables[0], arena, &names);
    if (role)
        names = (struct cells){1, &one};
    for (size_t i = 0; !err && i < names.rows; i++, (*roles)++)
        err = give(c, tables, rights, n, v_as_text(names.v[i]), fault);
    if (!err)
        err = conn_commit(c);
    if (err && !fault->err)
        err = fault_set(fault, err, "%s", conn_error(c));
    arena_free(arena);
    store_release(s, c);
    return err;
}

/* Of PostgreSQL: one row for each thing that is missing. */
static enum err what_is_missing(struct conn *c, const struct table *const *tables, const uint8_t *rights, size_t n, struct arena *arena, struct cells *out)
{
    static const char *const names[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
    struct buf b = BUF(TEXT_MAX);

    buf_z(&b, "select 'its server only reads' where current_setting('transaction_read_only') = 'on'");
    for (size_t k = 0; k < n; k++) {
        buf_printf(&b, "\nunion all select 'no right to write ' || '%s' where not (true", tables[k]->name);
        for (int i = 0; i < 4; i++) {
            if (rights[k] & 1u << i)
                buf_printf(&b, " and has_table_privilege('\"%s\"', '%s')", tables[k]->name, names[i]);
        }
        buf_char(&b, ')');
    }
    buf_z(&b, "\nlimit 1");
    buf_char(&b, '\0');
    const struct sql look = {.text = b.s, .n_columns = 1, .columns = text};
    enum err err = buf_end(&b) ? ERR_LIMIT : conn_rows(c, &look, NULL, arena, out);
    buf_free(&b);
    return err;
}

enum err schema_writable(struct store *s, const struct table *const *tables, const uint8_t *rights, size_t n, struct fault *fault)
{
    struct conn *c;
    struct cells missing = {0};
    enum err err = store_writer(s, &c, fault);

    if (err == ERR_BUSY) /* by those who write */
        return OK;
    if (err)
        return err;
    struct arena *arena = arena_new();
    err = conn_begin(c);
    if (!err && conn_engine(c) == ENGINE_SQLITE) /* which begins to write where it cannot, and says so at the first statement */
        err = conn_script(c, "update schema_step set at = at where false", NULL);
    else if (!err)
        err = what_is_missing(c, tables, rights, n, arena, &missing);
    if (err && err != ERR_BUSY)
        err = fault_set(fault, ERR_REFUSED, "the register cannot be written: %s", conn_error(c));
    else if (missing.rows)
        err = fault_set(fault, ERR_REFUSED, "the register cannot be written: %.*s", TEXT_ARG(v_as_text(missing.v[0])));
    else
        err = OK;
    arena_free(arena);
    store_release(s, c);
    return err;
}
