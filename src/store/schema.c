/* Declared tables against actual ones, and the upgrade that makes them equal. */
#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"
#include "store/engine.h"
#include <stdio.h>
#include <strings.h>

/* Steps are added here, with the release that needs them, and never taken out. */
#define REASON_OF_REFERRALS                                                                        \
    "update access_grant set reason = (select r.need from referral r where r.id = ref_id)"         \
    " where ref = 'referral'"
/* The job referrals.terms computes the exact dates; what a programme had named stays. */
#define WHO_OWES                                                                                   \
    "update referral set owing_body_id = to_body_id, waiting_body_id = from_body_id,"              \
    " next_on = due_on, answer_by = due_on,"                                                       \
    " fixed_on = case when measure_id is not null then due_on end"                                 \
    " where state in ('sent', 'accepted')"
/* A table took its name; the index is made anew as person_by_name. */
#define NAME_FREED "drop index if exists person_name"
/* Sums of the ways of cases under other keys: they are made anew from the log. */
#define WAYS_DROPPED "drop table if exists way_case; drop table if exists way_sum; drop table if exists way_variant_sum"
#define WAYS_AGAIN "delete from log_position where reader = 'ways'"
/* Kept under a keyed digest, without a selector: their owners issue new ones. */
#define RECOVERY_DROPPED "drop index if exists factor_recovery_account; delete from factor_recovery where selector is null"
const struct schema_step schema_steps[] = {
    {"0001_reason_of_referrals", .sqlite = REASON_OF_REFERRALS, .postgres = REASON_OF_REFERRALS},
    {"0002_who_owes", .sqlite = WHO_OWES, .postgres = WHO_OWES},
    {"0003_name_of_an_index", .early = true, .sqlite = NAME_FREED, .postgres = NAME_FREED},
    {"0004_ways_of_parties", .early = true, .sqlite = WAYS_DROPPED, .postgres = WAYS_DROPPED},
    {"0005_ways_read_again", .sqlite = WAYS_AGAIN, .postgres = WAYS_AGAIN},
    {"0006_recovery_codes", .sqlite = RECOVERY_DROPPED, .postgres = RECOVERY_DROPPED},
    {0}};

static const struct field step_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"at", FIELD_INSTANT, .required = true},
};
static const struct table step_table = {
    .name = "schema_step", TABLE_FIELDS(step_fields), .key = "name"};

/* Stands in a register while it is being restored: its rows are not all there. */
#define RESTORING "restoring"

enum { DDL_MAX = 16 << 20 };

/* What is there. Cells of columns: table, column, type, not null; of objects: kind, name, text that
 * made it. */
struct actual {
    struct arena *arena;
    struct cells columns, objects, steps;
    bool has_steps;
};
enum { COL_TABLE, COL_NAME, COL_TYPE, COL_NOT_NULL, COL_COUNT };
enum { OBJ_KIND, OBJ_NAME, OBJ_TEXT, OBJ_COUNT };

/* What is to be done. */
struct plan {
    enum engine engine;
    const struct table *const *tables;
    size_t n;
    const struct actual *actual;
    struct buf ddl;     /* empty: nothing */
    struct fault first; /* the first thing missing */
    struct fault bad;   /* the first thing nobody can mend here */
};

static const char sqlite_columns[] =
    "select t.name, c.name, lower(c.type), c.\"notnull\""
    " from pragma_table_list t join pragma_table_xinfo(t.name) c"
    " where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'"
    " order by t.name, c.cid";
static const char sqlite_objects[] = "select type, name, sql from sqlite_schema"
                                     " where type in ('index', 'trigger') and sql is not null";

/* Tables of extensions are none of ours. Of indexes the text that made them stands in a comment, which anybody who changes them can leave
 * as it is; what guards the logs is told by the catalogue itself, in the words of schema_text.c: a trigger that is switched off, or
 * stands on conditions, has none. */
static const char postgres_columns[] =
    "select c.relname, a.attname, format_type(a.atttypid, null), a.attnotnull"
    " from pg_class c join pg_attribute a on a.attrelid = c.oid"
    " where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')"
    " and a.attnum > 0 and not a.attisdropped and not exists (select 1 from pg_depend d"
    " where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')"
    " order by c.relname, a.attnum";
static const char postgres_objects[] =
    "select 'index', c.relname, obj_description(c.oid, 'pg_class') from pg_class c"
    " where c.relnamespace = current_schema()::regnamespace and c.relkind in ('i', 'I')"
    " union all select 'trigger', t.tgname, case when t.tgenabled in ('O', 'A') and t.tgqual is null"
    " and t.tgattr::text = '' and p.pronamespace = c.relnamespace then"
    " 'CREATE TRIGGER \"' || t.tgname || '\" before ' || case t.tgtype when 27 then 'update or delete'"
    " when 34 then 'truncate' end || ' on \"' || c.relname || '\" for each ' ||"
    " case t.tgtype & 1 when 1 then 'row' else 'statement' end || ' execute function ' || p.proname ||"
    " '(' || case t.tgnargs when 0 then '' when 1 then quote_literal(replace(encode(t.tgargs, 'escape'),"
    " '\\000', '')) end || ')' end from pg_trigger t"
    " join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid"
    " where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal"
    " union all select 'key', k.conname, null from pg_constraint k"
    " where k.connamespace = current_schema()::regnamespace and k.contype = 'f'"
    " union all select 'function', p.proname, 'create or replace function ' || p.proname || '(' ||"
    " pg_get_function_arguments(p.oid) || ') returns ' || pg_get_function_result(p.oid) || ' language ' ||"
    " l.lanname || case p.provolatile when 'i' then ' immutable' when 's' then ' stable' else '' end ||"
    " case p.proparallel when 's' then ' parallel safe' else '' end ||"
    " case when p.prosecdef or p.proisstrict or p.proconfig is not null then ' otherwise' else '' end ||"
    " ' as $$' || p.prosrc || '$$' from pg_proc p join pg_language l on l.oid = p.prolang"
    " where p.pronamespace = current_schema()::regnamespace";

static const uint8_t as_text[] = {V_TEXT, V_TEXT, V_TEXT};
static const uint8_t as_column[] = {V_TEXT, V_TEXT, V_TEXT, V_INT};
static const uint8_t in_order[] = {0, 1};

/* -- looking -- */

static bool is_own(const struct value *v, const char *name)
{
    return text_is(v_as_text(*v), name);
}

static const struct value *find_column(const struct actual *a, const char *table, const char *name)
{
    for (size_t k = 0; k < a->columns.rows; k++) {
        const struct value *row = a->columns.v + k * COL_COUNT;
        if (is_own(&row[COL_TABLE], table) && (!name || is_own(&row[COL_NAME], name)))
            return row;
    }
    return NULL;
}

static const struct value *find_object(const struct actual *a, const char *kind, const char *name)
{
    for (size_t k = 0; k < a->objects.rows; k++) {
        const struct value *row = a->objects.v + k * OBJ_COUNT;
        if (is_own(&row[OBJ_NAME], name) && is_own(&row[OBJ_KIND], kind))
            return row;
    }
    return NULL;
}

static enum err look(struct conn *c, struct arena *arena, struct actual *out)
{
    bool sqlite = conn_engine(c) == ENGINE_SQLITE;
    struct actual a = {.arena = arena};
    const struct sql columns = {.text = sqlite ? sqlite_columns : postgres_columns,
                                .n_columns = COL_COUNT,
                                .columns = as_column};
    const struct sql objects = {.text = sqlite ? sqlite_objects : postgres_objects,
                                .n_columns = OBJ_COUNT,
                                .columns = as_text};
    const struct sql steps = {
        .text = "select name from schema_step", .n_columns = 1, .columns = as_text};
    enum err err = conn_rows(c, &columns, NULL, arena, &a.columns);

    if (!err)
        err = conn_rows(c, &objects, NULL, arena, &a.objects);
    a.has_steps = !err && find_column(&a, step_table.name, NULL);
    if (a.has_steps)
        err = conn_rows(c, &steps, NULL, arena, &a.steps);
    if (!err)
        *out = a;
    return err;
}

static bool is_empty(const struct actual *a)
{
    for (size_t k = 0; k < a->columns.rows; k++) {
        if (!is_own(&a->columns.v[k * COL_COUNT + COL_TABLE], step_table.name))
            return false;
    }
    return true;
}

static bool step_done(const struct actual *a, const struct schema_step *step)
{
    for (size_t k = 0; k < a->steps.rows; k++) {
        if (is_own(&a->steps.v[k], step->name))
            return true;
    }
    return false;
}

static const struct schema_step *first_pending(const struct actual *a,
                                               const struct schema_step *steps)
{
    for (; steps->name; steps++) {
        if (!step_done(a, steps))
            return steps;
    }
    return NULL;
}

/* A step this program does not know was made by a newer one. */
static enum err check_age(const struct actual *a, const struct schema_step *steps,
                          struct fault *fault)
{
    for (size_t k = 0; k < a->steps.rows; k++) {
        const struct schema_step *s = steps;
        while (s->name && !is_own(&a->steps.v[k], s->name))
            s++;
        if (!s->name)
            return fault_set(fault, ERR_STORE,
                             "the register was upgraded by a newer bereg (step %.*s)",
                             TEXT_ARG(v_as_text(a->steps.v[k])));
    }
    return OK;
}

/* -- comparing -- */

#define MISSING(p, ...)                                                                            \
    ((p)->first.err ? (void)0 : (void)fault_set(&(p)->first, ERR_STORE, __VA_ARGS__))
#define BAD(p, ...) ((p)->bad.err ? (void)0 : (void)fault_set(&(p)->bad, ERR_STORE, __VA_ARGS__))

static void put_text(struct buf *out, struct text t)
{
    buf_char(out, '\'');
    for (size_t k = 0; k < t.n; k++) {
        if (t.s[k] == '\'')
            buf_char(out, '\'');
        buf_char(out, t.s[k]);
    }
    buf_char(out, '\'');
}

/* Makes the object anew unless the text that made it is the declared one. `remark` is what
 * PostgreSQL's COMMENT is put on. */
static void plan_object(struct plan *p, const char *kind, const char *name, struct text ddl,
                        const char *drop, const char *remark)
{
    const struct value *row = find_object(p->actual, kind, name);

    if (row) {
        struct text made = v_as_text(row[OBJ_TEXT]);
        if (made.n == ddl.n && strncasecmp(made.s, ddl.s, ddl.n) == 0)
            return;
        if (drop)
            buf_printf(&p->ddl, "%s;\n", drop);
        MISSING(p, "%s %s is not as declared", kind, name);
    } else {
        MISSING(p, "%s %s is missing", kind, name);
    }
    buf_text(&p->ddl, ddl);
    buf_z(&p->ddl, ";\n");
    if (p->engine == ENGINE_POSTGRES) {
        buf_printf(&p->ddl, "comment on %s is ", remark);
        put_text(&p->ddl, ddl);
        buf_z(&p->ddl, ";\n");
    }
}

static void plan_indexes(struct plan *p, const struct table *t)
{
    struct buf ddl = BUF(4000), words = BUF(4000);

    for (const struct index *x = t->indexes; x && x->name; x++) {
        if (strlen(x->name) > 63)
            BAD(p, "index %s: the name is longer than 63 bytes", x->name);
        buf_clear(&ddl);
        buf_clear(&words);
        ddl_index(t, x, &ddl);
        buf_printf(&words, "drop index \"%s\"%cindex \"%s\"%c", x->name, 0, x->name, 0);
        if (buf_end(&ddl) || buf_end(&words))
            BAD(p, "index %s: the declaration is too long", x->name);
        else
            plan_object(p, "index", x->name, buf_get(&ddl), words.s, words.s + strlen(words.s) + 1);
    }
    buf_free(&words);
    buf_free(&ddl);
}

static void plan_triggers(struct plan *p, const struct table *t)
{
    struct buf ddl = BUF(4000), words = BUF(4000);

    for (int k = 0; t->insert_only && k < DDL_TRIGGERS; k++) {
        char name[64];
        bool sqlite = p->engine == ENGINE_SQLITE;
        buf_clear(&ddl);
        buf_clear(&words);
        ddl_trigger_name(p->engine, t, k, name);
        ddl_trigger(p->engine, t, k, &ddl);
        if (sqlite)
            buf_printf(&words, "drop trigger \"%s\"%c%c", name, 0, 0);
        else
            buf_printf(&words, "drop trigger \"%s\" on \"%s\"%ctrigger \"%s\" on \"%s\"%c", name,
                       t->name, 0, name, t->name, 0);
        if (buf_end(&ddl) || buf_end(&words))
            BAD(p, "table %s: the name is too long", t->name);
        else
            plan_object(p, "trigger", name, buf_get(&ddl), words.s, words.s + strlen(words.s) + 1);
    }
    buf_free(&words);
    buf_free(&ddl);
}

static void plan_column(struct plan *p, const struct table *t, const struct field *f)
{
    const struct value *row = find_column(p->actual, t->name, f->name);

    if (row) {
        bool not_null = f->type == FIELD_ID ? row[COL_NOT_NULL].i : ddl_not_null(t, f);
        if (!is_own(&row[COL_TYPE], ddl_type(p->engine, f)))
            BAD(p, "column %s.%s is %.*s, declared as %s: a numbered step is needed", t->name,
                f->name, TEXT_ARG(v_as_text(row[COL_TYPE])), ddl_type(p->engine, f));
        else if (not_null != row[COL_NOT_NULL].i)
            BAD(p, "column %s.%s %s null, declared otherwise: a numbered step is needed", t->name,
                f->name, not_null ? "can be" : "cannot be");
        return;
    }
    if (f->type == FIELD_ID || (ddl_not_null(t, f) && !f->initial)) {
        BAD(p, "column %s.%s is missing and has no default: a numbered step is needed", t->name,
            f->name);
        return;
    }
    MISSING(p, "column %s.%s is missing", t->name, f->name);
    buf_printf(&p->ddl, "alter table \"%s\" add column ", t->name);
    ddl_column(p->engine, t, f, &p->ddl);
    buf_z(&p->ddl, ";\n");
}

static void plan_table(struct plan *p, const struct table *t)
{
    if (find_column(p->actual, t->name, NULL)) {
        for (size_t k = 0; k < t->n_fields; k++)
            plan_column(p, t, &t->fields[k]);
    } else {
        MISSING(p, "table %s is missing", t->name);
        ddl_table(p->engine, t, &p->ddl);
        buf_z(&p->ddl, ";\n");
    }
    plan_indexes(p, t);
    plan_triggers(p, t);
}

static void plan_functions(struct plan *p)
{
    for (int k = 0; k < DDL_FUNCTIONS; k++) {
        char remark[96];
        snprintf(remark, sizeof remark, "function %s", ddl_function_names[k]);
        plan_object(p, "function", ddl_function_names[k], text_of(ddl_functions[k]), NULL, remark);
    }
}

/* PostgreSQL: when all tables are there. */
static void plan_foreign_keys(struct plan *p, const struct table *t)
{
    for (size_t k = 0; k < t->n_fields; k++) {
        char name[64];
        if (t->fields[k].type != FIELD_REF)
            continue;
        ddl_foreign_key_name(t, &t->fields[k], name);
        if (find_object(p->actual, "key", name))
            continue;
        MISSING(p, "reference %s is missing", name);
        ddl_foreign_key(t, &t->fields[k], &p->ddl);
        buf_z(&p->ddl, ";\n");
    }
}

static const struct table *declared(const struct plan *p, struct text name)
{
    if (text_is(name, step_table.name))
        return &step_table;
    for (size_t k = 0; k < p->n; k++) {
        if (text_is(name, p->tables[k]->name))
            return p->tables[k];
    }
    return NULL;
}

static void find_strangers(struct plan *p)
{
    const struct table *t = NULL;
    struct text last = {NULL, 0};

    for (size_t k = 0; k < p->actual->columns.rows; k++) {
        const struct value *row = p->actual->columns.v + k * COL_COUNT;
        struct text table = v_as_text(row[COL_TABLE]), column = v_as_text(row[COL_NAME]);
        if (!last.s || !text_eq(table, last))
            t = declared(p, table);
        last = table;
        if (!t && text_is(table, RESTORING))
            BAD(p, "it was not restored to the end: take it away, and restore the backup again");
        else if (!t)
            BAD(p, "table %.*s is not one of bereg's", TEXT_ARG(table));
        else if (table_field(t, column) < 0)
            BAD(p, "column %.*s.%.*s is not one of bereg's", TEXT_ARG(table), TEXT_ARG(column));
    }
}

static void plan_free(struct plan *p)
{
    buf_free(&p->ddl);
}

static void plan_make(struct plan *p, enum engine engine, const struct table *const *tables,
                      size_t n, const struct actual *a)
{
    *p =
        (struct plan){.engine = engine, .tables = tables, .n = n, .actual = a, .ddl = BUF(DDL_MAX)};
    find_strangers(p);
    if (engine == ENGINE_POSTGRES)
        plan_functions(p);
    plan_table(p, &step_table);
    for (size_t k = 0; k < n; k++)
        plan_table(p, tables[k]);
    for (size_t k = 0; engine == ENGINE_POSTGRES && k < n; k++)
        plan_foreign_keys(p, tables[k]);
}

static void say(struct fault *out, const struct fault *what)
{
    if (out)
        *out = *what;
}

enum err schema_state_steps(struct store *s, const struct table *const *tables, size_t n,
                            const struct schema_step *steps, int *state, struct fault *why)
{
    struct conn *c;
    struct actual a;
    struct plan p;
    struct fault newer;
    enum err err = store_reader(s, &c, why);

    if (err)
        return err;
    struct arena *arena = arena_new();
    err = look(c, arena, &a);
    if (err) {
        fault_set(why, err, "%s", conn_error(c));
        goto out;
    }
    const struct schema_step *pending = first_pending(&a, steps);
    plan_make(&p, conn_engine(c), tables, n, &a);
    if (is_empty(&a)) {
        *state = SCHEMA_EMPTY;
        fault_set(why, ERR_STORE, "the register is empty");
    } else if (check_age(&a, steps, &newer)) {
        *state = SCHEMA_FOREIGN;
        say(why, &newer);
    } else if (pending && a.has_steps) { /* what looks strange may be what the step is for */
        *state = SCHEMA_OLD;
        fault_set(why, ERR_STORE, "step %s was not made yet", pending->name);
    } else if (p.bad.err) {
        *state = SCHEMA_FOREIGN;
        say(why, &p.bad);
    } else if (p.ddl.n) {
        *state = SCHEMA_OLD;
        say(why, &p.first);
    } else {
        *state = SCHEMA_SAME;
    }
    plan_free(&p);
out:
    arena_free(arena);
    store_release(s, c);
    return err;
}

enum err schema_state(struct store *s, const struct table *const *tables, size_t n, int *state,
                      struct fault *why)
{
    return schema_state_steps(s, tables, n, schema_steps, state, why);
}

/* -- upgrade -- */

static enum err record_step(struct conn *c, const struct schema_step *step, struct fault *fault)
{
    const struct value values[] = {v_z(step->name), v_instant(clock_now())};
    const struct sql insert = {.text = "insert into schema_step (name, at) values (?1, ?2)",
                               .n_bind = 2,
                               .bind = in_order};
    enum err err = conn_exec(c, &insert, values, NULL);

    return err ? fault_set(fault, err, "step %s: %s", step->name, conn_error(c)) : OK;
}

static enum err run_step(struct conn *c, const struct schema_step *step, struct fault *fault)
{
    const char *sql = conn_engine(c) == ENGINE_SQLITE ? step->sqlite : step->postgres;
    struct fault why = {0};
    enum err err = OK;

    if (sql)
        err = conn_script(c, sql, &why);
    if (!err && step->run)
        err = step->run(c, &why);
    if (err)
        return fault_set(fault, err, "step %s: %s", step->name,
                         why.text[0] ? why.text : conn_error(c));
    log_info("schema: step %s made", step->name);
    return OK;
}

static enum err run_steps(struct conn *c, const struct actual *a, const struct schema_step *steps,
                          bool early, struct fault *fault)
{
    enum err err = OK;

    for (; !err && steps->name; steps++) {
        if (steps->early == early && !step_done(a, steps))
            err = run_step(c, steps, fault);
    }
    return err;
}

static enum err run_plan(struct conn *c, struct plan *p, struct fault *fault)
{
    if (p->bad.err) {
        say(fault, &p->bad);
        return p->bad.err;
    }
    if (p->ddl.n == 0)
        return OK;
    buf_char(&p->ddl, '\0');
    if (buf_end(&p->ddl))
        return fault_set(fault, ERR_LIMIT, "the schema is too long");
    return conn_script(c, p->ddl.s, fault);
}

/* Compares and mends; with `must_be_same`, mending means that the program contradicts itself. */
static enum err mend(struct conn *c, struct arena *arena, const struct table *const *tables,
                     size_t n, bool must_be_same, struct fault *fault)
{
    struct actual a;
    struct plan p;
    enum err err = look(c, arena, &a);

    if (err)
        return fault_set(fault, err, "%s", conn_error(c));
    plan_make(&p, conn_engine(c), tables, n, &a);
    if (must_be_same && !p.bad.err && p.ddl.n)
        err = fault_set(fault, ERR_INTERNAL, "after the upgrade: %s", p.first.text);
    else
        err = run_plan(c, &p, fault);
    plan_free(&p);
    return err;
}

/* Others wait here; two upgrades at once become one and a look. The number spells "bereg". */
static enum err begin_alone(struct conn *c, struct fault *fault)
{
    enum err err = conn_begin(c);

    if (err)
        return fault_set(fault, err, "%s", conn_error(c));
    if (conn_engine(c) == ENGINE_POSTGRES)
        err = conn_script(c, "select pg_advisory_xact_lock(423088776551)", fault);
    return err;
}

static enum err upgrade(struct conn *c, struct arena *arena, const struct table *const *tables,
                        size_t n, const struct schema_step *steps, struct fault *fault)
{
    struct actual a;
    enum err err = look(c, arena, &a);

    if (err)
        return fault_set(fault, err, "%s", conn_error(c));
    bool fresh = is_empty(&a) || !a.has_steps; /* no step may touch tables of somebody else */
    err = check_age(&a, steps, fault);
    if (!err && !fresh)
        err = run_steps(c, &a, steps, true, fault);
    if (!err)
        err = mend(c, arena, tables, n, false, fault);
    if (!err && !fresh)
        err = run_steps(c, &a, steps, false, fault);
    for (const struct schema_step *s = steps; !err && s->name; s++) {
        if (!step_done(&a, s))
            err = record_step(c, s, fault);
    }
    if (!err)
        err = mend(c, arena, tables, n, true, fault);
    return err;
}

enum err schema_upgrade_steps(struct store *s, const struct table *const *tables, size_t n,
                              const struct schema_step *steps, struct fault *fault)
{
    struct conn *c;
    enum err err = store_writer(s, &c, fault);

    if (err)
        return err;
    struct arena *arena = arena_new();
    err = begin_alone(c, fault);
    if (!err)
        err = upgrade(c, arena, tables, n, steps, fault);
    if (!err) {
        err = conn_commit(c);
        if (err)
            fault_set(fault, err, "%s", conn_error(c));
    }
    arena_free(arena);
    store_release(s, c);
    return err;
}

enum err schema_upgrade(struct store *s, const struct table *const *tables, size_t n,
                        struct fault *fault)
{
    return schema_upgrade_steps(s, tables, n, schema_steps, fault);
}

enum err schema_sequences(struct conn *c, const struct table *const *tables, size_t n)
{
    struct buf sql = BUF(DDL_MAX);
    enum err err;

    if (conn_engine(c) != ENGINE_POSTGRES)
        return OK;
    for (size_t k = 0; k < n; k++) {
        const char *name = tables[k]->name;
        if (tables[k]->key || table_field(tables[k], T("id")) < 0)
            continue;
        /* Never backwards: the number of a deleted row is not given again. */
        buf_printf(&sql,
                   "select setval(pg_get_serial_sequence('\"%s\"', 'id'), greatest("
                   "(select coalesce(max(id), 0) + 1 from \"%s\"), (select last_value +"
                   " case when is_called then 1 else 0 end from \"%s_id_seq\")), false);\n",
                   name, name, name);
    }
    buf_char(&sql, '\0');
    err = buf_end(&sql);
    if (!err && sql.n > 1)
        err = conn_script(c, sql.s, NULL);
    buf_free(&sql);
    return err;
}

/* -- restoring -- */

enum err schema_steps_made(struct conn *c, struct arena *arena, struct text **names, size_t *n)
{
    struct cells made = {0};
    const struct sql sql = {.text = "select name from schema_step order by name", .n_columns = 1, .columns = (const uint8_t[]){V_TEXT}};
    enum err err = conn_rows(c, &sql, NULL, arena, &made);

    *n = err ? 0 : made.rows;
    *names = arena_array(arena, *n, sizeof **names);
    for (size_t k = 0; k < *n; k++)
        (*names)[k] = v_as_text(made.v[k]);
    return err;
}

enum err schema_steps_left(const struct text *names, size_t n, bool *early, bool *left, struct fault *fault)
{
    size_t known = 0;

    *early = *left = false;
    for (const struct schema_step *s = schema_steps; s->name; s++) {
        size_t k = 0;
        while (k < n && !text_is(names[k], s->name))
            k++;
        known += k < n;
        *left |= k == n;
        *early |= k == n && s->early;
    }
    return known == n ? OK : fault_set(fault, ERR_CONFLICT, "a newer bereg has made steps in it that this one does not know");
}

/* References are kept where they stand inside of the table's text. */
static const struct table *bare(struct arena *arena, enum engine engine, const struct table *t)
{
    struct table *b = NEW(arena, struct table);
    struct field *fields = arena_array(arena, t->n_fields, sizeof *fields);

    *b = *t;
    memcpy(fields, t->fields, t->n_fields * sizeof *fields);
    for (size_t k = 0; engine == ENGINE_POSTGRES && k < t->n_fields; k++) {
        if (fields[k].type == FIELD_REF)
            fields[k].type = FIELD_INT;
    }
    b->fields = fields;
    b->indexes = NULL;
    b->insert_only = false;
    return b;
}

static enum err make_bare(struct conn *c, struct arena *arena, const struct table *const *tables,
                          size_t n, const struct text *steps, size_t n_steps, struct fault *fault)
{
    struct actual a;
    struct plan p;
    enum err err = look(c, arena, &a);

    if (err)
        return fault_set(fault, err, "%s", conn_error(c));
    if (a.columns.rows)
        return fault_set(fault, ERR_CONFLICT, "a backup is restored into an empty place only: there is something already");
    const struct table **all = arena_array(arena, n, sizeof *all);
    for (size_t k = 0; k < n; k++)
        all[k] = bare(arena, conn_engine(c), tables[k]);
    plan_make(&p, conn_engine(c), all, n, &a);
    err = run_plan(c, &p, fault);
    plan_free(&p);
    for (size_t k = 0; !err && k < n_steps; k++)
        err = record_step(c, &(struct schema_step){.name = arena_z(arena, steps[k])}, fault);
    return err ? err : conn_script(c, "create table " RESTORING " (mark integer)", fault);
}

enum err schema_restore_begin(struct conn *c, const struct table *const *tables, size_t n,
                              const struct text *steps, size_t n_steps, struct fault *fault)
{
    enum err err = OK;

    if (conn_engine(c) == ENGINE_SQLITE) /* a connection's own; the next reader of the file has it on again */
        err = conn_script(c, "pragma foreign_keys = off", fault);
    if (!err)
        err = begin_alone(c, fault);
    if (err)
        return err;
    struct arena *arena = arena_new();
    err = make_bare(c, arena, tables, n, steps, n_steps, fault);
    arena_free(arena);
    if (err)
        conn_rollback(c);
    else if ((err = conn_commit(c)))
        fault_set(fault, err, "%s", conn_error(c));
    return err;
}

enum err schema_restore_end(struct conn *c, struct fault *fault)
{
    enum err err = conn_script(c, "drop table " RESTORING, fault);

    if (!err && (err = conn_commit(c)))
        fault_set(fault, err, "%s", conn_error(c));
    if (!err)
        err = conn_script(c, conn_engine(c) == ENGINE_SQLITE ? "pragma foreign_keys = on" : "analyze", fault);
    return err;
}

static bool has_sequence(const struct conn *c, const struct table *t)
{
    return conn_engine(c) == ENGINE_POSTGRES && !t->key && table_field(t, T("id")) >= 0;
}

static enum err keep_number(void *ctx, const struct value *cells)
{
    *(int64_t *)ctx = v_as_int(cells[0]);
    return OK;
}

enum err schema_next(struct conn *c, const struct table *t, int64_t *next)
{
    char text[200];
    const struct sql sql = {.text = text, .n_columns = 1, .columns = (const uint8_t[]){V_INT}};

    *next = 0;
    if (!has_sequence(c, t))
        return OK;
    snprintf(text, sizeof text, "select last_value + case when is_called then 1 else 0 end from \"%s_id_seq\"", t->name);
    return conn_each(c, &sql, NULL, keep_number, next);
}

enum err schema_next_set(struct conn *c, const struct table *t, int64_t next)
{
    char text[300];

    if (!has_sequence(c, t) || next < 1)
        return OK;
    snprintf(text, sizeof text,
             "select setval(pg_get_serial_sequence('\"%s\"', 'id'), %lld, false) from \"%s_id_seq\" where last_value + case when "
             "is_called then 1 else 0 end < %lld", t->name, (long long)next, t->name, (long long)next);
    return conn_script(c, text, NULL);
}

enum err conn_unhurried(struct conn *c)
{
    return conn_engine(c) == ENGINE_POSTGRES ? conn_script(c, "set local statement_timeout = 0", NULL) : OK;
}
