/* Declared tables against actual ones. */
#include "store/testing.h"
#include "base/buf.h"

static int state_of(struct env *e, const struct table *const *tables, size_t n, struct fault *why)
{
    int state = -1;

    *why = (struct fault){0};
    assert_ok(schema_state(e->s, tables, n, &state, why));
    return state;
}

static void script(struct env *e, const char *sql)
{
    struct conn *c = writer(e);
    struct fault f;

    if (conn_script(c, sql, &f)) {
        print_error("%s\n", f.text);
        fail();
    }
    store_release(e->s, c);
}

static void test_empty_to_same(void **state)
{
    struct env *e = *state;
    struct fault f;

    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_EMPTY);
    upgrade(e);
    if (state_of(e, all_tables, N_TABLES, &f) != SCHEMA_SAME)
        print_error("%s\n", f.text);
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_SAME);
    upgrade(e);
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_SAME);
}

/* The table as an older release had it, and as a newer one has it. */
static const struct field old_fields[] = {FIELD_ROW_ID, {"a", FIELD_TEXT}};
static const struct table old_table = {
    .name = "thing", TABLE_FIELDS(old_fields), INDEXES({"thing_a", "a"})};
static const struct field new_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"a", FIELD_TEXT},
    {"b", FIELD_BOOL, .required = true, .initial = "0"},
    {"d", FIELD_DATE, .required = true, .initial = "'2024-02-29'"},
    {"other_id", FIELD_REF, .ref = "thing"},
    {"it's", FIELD_CODE, .initial = "'it''s'"},
};
static const struct table new_table = {
    .name = "thing",
    TABLE_FIELDS(new_fields),
    INDEXES({"thing_a", "a, id"}, {"thing_b", "b", .unique = true}),
    .insert_only = true};
static const struct table *const old_tables[] = {&old_table};
static const struct table *const new_tables[] = {&new_table};

static void test_columns_and_indexes_are_added(void **state)
{
    struct env *e = *state;
    struct fault f;
    struct value out[7];

    assert_ok(schema_upgrade(e->s, old_tables, 1, &f));
    script(e, "insert into thing (a) values ('x')");
    assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_OLD);
    assert_non_null(strstr(f.text, "thing.version"));
    if (schema_upgrade(e->s, new_tables, 1, &f)) {
        print_error("%s\n", f.text);
        fail();
    }
    assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_SAME);
    struct conn *c = writer(e);
    assert_ok(conn_get(c, &new_table, 1, e->arena, out));
    assert_int_equal(out[1].i, 1);
    assert_int_equal(out[3].i, 0);
    assert_int_equal(out[4].i, date_from((struct ymd){2024, 2, 29}));
    assert_true(text_is(v_as_text(out[6]), "it's"));
    struct value v[7] = {[3] = v_int(1), [5] = v_int(99)};
    assert_err(conn_insert(c, &new_table, v, NULL), ERR_STORE); /* the reference is checked too */
    v[5] = v_int(1);
    assert_ok(conn_insert(c, &new_table, v, NULL));
    assert_err(conn_insert(c, &new_table, v, NULL), ERR_CONFLICT);
    store_release(e->s, c);

    script(e, "drop index thing_b");
    assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_OLD);
    assert_non_null(strstr(f.text, "thing_b"));
    script(e, "drop index thing_a; create index thing_a on thing (id)");
    assert_ok(schema_upgrade(e->s, new_tables, 1, &f));
    script(e, e->engine == ENGINE_SQLITE ? "drop trigger thing_no_delete"
                                         : "drop trigger thing_insert_only on thing");
    assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_OLD);
    assert_ok(schema_upgrade(e->s, new_tables, 1, &f));
    assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_SAME);
    if (e->engine == ENGINE_POSTGRES) {
        script(e, "alter table thing drop constraint thing_other_id_fkey; drop function half_year");
        assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_OLD);
        assert_ok(schema_upgrade(e->s, new_tables, 1, &f));
        assert_int_equal(state_of(e, new_tables, 1, &f), SCHEMA_SAME);
    }
}

static void test_strangers_are_named(void **state)
{
    struct env *e = *state;
    struct fault f;

    upgrade(e);
    script(e, "create table song (id integer primary key)");
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_FOREIGN);
    assert_non_null(strstr(f.text, "song"));
    assert_int_not_equal(schema_upgrade(e->s, all_tables, N_TABLES, &f), OK);
    assert_non_null(strstr(f.text, "song"));
    script(e, "drop table song; alter table person add column shoe_size text");
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_FOREIGN);
    assert_non_null(strstr(f.text, "person.shoe_size"));
    script(e, "alter table person drop column shoe_size");
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_SAME);
    script(e, "insert into schema_step (name, at) values ('9999_future', 1)");
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_FOREIGN);
    assert_non_null(strstr(f.text, "9999_future"));
    assert_int_not_equal(schema_upgrade(e->s, all_tables, N_TABLES, &f), OK);
}

static void test_differences_need_steps(void **state)
{
    struct env *e = *state;
    struct fault f;
    static const struct field required[] = {FIELD_ROW_ID, {"a", FIELD_TEXT, .required = true}};
    static const struct field number[] = {FIELD_ROW_ID, {"a", FIELD_INT}};
    static const struct field more[] = {
        FIELD_ROW_ID, {"a", FIELD_TEXT}, {"b", FIELD_TEXT, .required = true}};
    static const struct table changed[] = {
        {.name = "thing", TABLE_FIELDS(required)},
        {.name = "thing", TABLE_FIELDS(number)},
        {.name = "thing", TABLE_FIELDS(more)},
    };

    assert_ok(schema_upgrade(e->s, old_tables, 1, &f));
    for (int k = 0; k < 3; k++) {
        const struct table *const tables[] = {&changed[k]};
        assert_int_equal(state_of(e, tables, 1, &f), SCHEMA_FOREIGN);
        assert_non_null(strstr(f.text, k == 2 ? "thing.b" : "thing.a"));
        assert_int_not_equal(schema_upgrade(e->s, tables, 1, &f), OK);
    }
    assert_int_equal(state_of(e, old_tables, 1, &f), SCHEMA_SAME);
}

static const struct field renamed_fields[] = {FIELD_ROW_ID, {"b", FIELD_TEXT}, {"c", FIELD_TEXT}};
static const struct table renamed_table = {
    .name = "thing", TABLE_FIELDS(renamed_fields), INDEXES({"thing_a", "b"})};

static int runs;

static enum err count_run(struct conn *c, struct fault *fault)
{
    runs++;
    return conn_script(c, "update thing set c = 'from step'", fault);
}

static enum err refuse(struct conn *c, struct fault *fault)
{
    (void)c;
    return fault_set(fault, ERR_REFUSED, "not today");
}

static void test_steps_run_once(void **state)
{
    static const struct schema_step steps[] = {{"0001_rename", true,
                                                "alter table thing rename column a to b",
                                                "alter table thing rename column a to b", NULL},
                                               {"0002_fill", false, NULL, NULL, count_run},
                                               {0}};
    static const struct schema_step failing[] = {
        {"0001_rename", true, "", "", NULL},
        {"0002_fill", false, "", "", NULL},
        {"0003_no", false, "delete from thing", "delete from thing", refuse},
        {0}};
    const struct table *const tables[] = {&renamed_table};
    struct env *e = *state;
    struct fault f;
    int st;

    runs = 0;
    assert_ok(schema_upgrade_steps(e->s, old_tables, 1, &(struct schema_step){0}, &f));
    script(e, "insert into thing (a) values ('kept')");
    assert_ok(schema_state_steps(e->s, tables, 1, steps, &st, &f));
    assert_int_equal(st, SCHEMA_OLD);
    for (int k = 0; k < 2; k++) {
        if (schema_upgrade_steps(e->s, tables, 1, steps, &f)) {
            print_error("%s\n", f.text);
            fail();
        }
        assert_int_equal(runs, 1);
    }
    struct conn *c = reader(e);
    assert_int_equal(number(c, "select count(*) from thing where b = 'kept' and c = 'from step'"),
                     1);
    assert_err(schema_upgrade_steps(e->s, tables, 1, failing, &f), ERR_REFUSED);
    assert_non_null(strstr(f.text, "0003_no: not today"));
    assert_int_equal(number(c, "select count(*) from thing"), 1); /* all or nothing */
    store_release(e->s, c);
    assert_ok(schema_state_steps(e->s, tables, 1, steps, &st, &f));
    assert_int_equal(st, SCHEMA_SAME);
}

static void *upgrade_thread(void *arg)
{
    struct env *e = arg;
    struct store *s;
    struct fault f;

    enum err err = store_open(e->url, true, &s, &f);
    if (!err) {
        err = schema_upgrade(s, all_tables, N_TABLES, &f);
        store_close(s);
    }
    return (void *)(intptr_t)err;
}

static void test_upgrades_at_once(void **state)
{
    struct env *e = *state;
    pthread_t threads[4];
    struct fault f;

    for (int k = 0; k < 4; k++)
        pthread_create(&threads[k], NULL, upgrade_thread, e);
    for (int k = 0; k < 4; k++) {
        void *err;
        pthread_join(threads[k], &err);
        assert_ok((intptr_t)err);
    }
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_SAME);
}

/* The build makes its database in memory of these texts alone. */
static void test_ddl_alone(void **state)
{
    struct env *e = *state;
    struct buf ddl = BUF(1 << 20);
    struct fault f;

    if (e->engine == ENGINE_POSTGRES) { /* foreign keys there stand behind each table */
        upgrade(e);
        for (int k = 0; k < N_TABLES; k++)
            schema_ddl(e->engine, all_tables[k], &ddl);
        buf_char(&ddl, '\0');
        assert_non_null(strstr(ddl.s, "references \"place\"(id) deferrable initially deferred;"));
        buf_free(&ddl);
        return;
    }
    for (int k = 0; k < N_TABLES; k++)
        schema_ddl(e->engine, all_tables[k], &ddl);
    buf_char(&ddl, '\0');
    assert_ok(buf_end(&ddl));
    script(e, ddl.s);
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_OLD); /* schema_step only */
    assert_non_null(strstr(f.text, "schema_step"));
    upgrade(e);
    assert_int_equal(state_of(e, all_tables, N_TABLES, &f), SCHEMA_SAME);
    buf_free(&ddl);
}

static void test_insert_only(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    static const char *const forbidden[] = {
        "update diary set what = 'forged'",
        "delete from diary",
        "insert or replace into diary (id, at, what) values (1, 2, 'forged')",
        "truncate diary",
        "insert into diary (id, at) values (1, 2) on conflict (id) do update set what = 'forged'",
    };
    struct value v[DIARY_N] = {[DIARY_AT] = v_instant(1), [DIARY_WHAT] = v_z("true")};
    int64_t id;

    assert_ok(conn_insert(c, &diary_table, v, &id));
    assert_int_equal(id, 1);
    for (size_t k = 0; k < sizeof forbidden / sizeof *forbidden; k++)
        assert_err(conn_script(c, forbidden[k], NULL), ERR_STORE);
    assert_err(conn_script(c, forbidden[0], NULL), ERR_STORE);
    assert_non_null(strstr(conn_error(c), "diary is insert-only"));
    assert_int_equal(number(c, "select count(*) from diary where what = 'true' and at = 1"), 1);
    store_release(e->s, c);
}

static void test_sequences(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PLACE_N] = {[PLACE_NAME] = v_z("x")};
    int64_t id;

    assert_ok(schema_sequences(c, all_tables, N_TABLES));
    assert_ok(conn_insert(c, &place_table, v, &id));
    assert_int_equal(id, 1); /* an empty table is left as it is */
    v[PLACE_ID] = v_int(500);
    assert_ok(conn_insert(c, &place_table, v, &id));
    assert_ok(schema_sequences(c, all_tables, N_TABLES));
    v[PLACE_ID] = (struct value){.kind = V_NONE};
    assert_ok(conn_insert(c, &place_table, v, &id));
    assert_int_equal(id, 501);
    assert_ok(schema_sequences(c, all_tables, N_TABLES));
    assert_ok(conn_insert(c, &place_table, v, &id));
    assert_int_equal(id, 502);
    store_release(e->s, c);
}

static const struct test tests[] = {
    {"empty to same", test_empty_to_same, ON_BOTH},
    {"additions", test_columns_and_indexes_are_added, ON_BOTH},
    {"strangers", test_strangers_are_named, ON_BOTH},
    {"differences", test_differences_need_steps, ON_BOTH},
    {"steps", test_steps_run_once, ON_BOTH},
    {"two upgrades at once", test_upgrades_at_once, ON_BOTH},
    {"ddl alone", test_ddl_alone, ON_BOTH},
    {"insert-only", test_insert_only, ON_BOTH},
    {"sequences", test_sequences, ON_BOTH},
};

int main(void)
{
    return RUN_TESTS("schema", tests);
}
