/* What a caller of the store may rely on, on both engines. */
#include "store/testing.h"
#include "base/buf.h"
#include "store/faultvfs.h"

/* -- declarations -- */

static void test_classes(void **state)
{
    enum data_class cls;
    uint32_t bits = 7;

    (void)state;
    for (int k = 0; k < CLASS_COUNT; k++) {
        assert_ok(class_parse(text_of(class_names[k]), &cls));
        assert_int_equal(cls, k);
        assert_non_null(class_labels[k]);
    }
    assert_err(class_parse(T("Identity"), &cls), ERR_SYNTAX);
    assert_ok(classes_parse(T("identity  contact"), &bits));
    assert_int_equal(bits, CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_CONTACT));
    assert_ok(classes_parse(T("all"), &bits));
    assert_int_equal(bits, CLASS_ALL);
    assert_ok(classes_parse(T("none"), &bits));
    assert_int_equal(bits, 0);
    assert_ok(classes_parse(T("open"), &bits));
    assert_int_equal(bits, 0);
    bits = 7;
    assert_err(classes_parse(T("identity secrets"), &bits), ERR_SYNTAX);
    assert_int_equal(bits, 7);
    assert_int_equal(table_field(&person_table, T("born")), PERSON_BORN);
    assert_int_equal(table_field(&person_table, T("bor")), -1);
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {"",
                                      "person.db",
                                      "sqlite:",
                                      "sqlite::memory:",
                                      "mysql://",
                                      "sqlite:/no/such/dir/db",
                                      "sqlite:/tmp",
                                      "postgresql://[::1"};
    struct store *s = NULL;
    struct fault f;

    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        f.text[0] = '\0';
        assert_int_not_equal(store_open(bad[k], true, &s, &f), OK);
        assert_int_not_equal(f.text[0], 0);
    }
    assert_err(store_open("sqlite:/tmp/no-such-register", false, &s, &f), ERR_NOT_FOUND);
    assert_ok(store_open("postgresql://nobody:secret@127.0.0.1:1/none", false, &s, &f));
    struct conn *c;
    assert_err(store_reader(s, &c, &f), ERR_STORE);
    assert_null(strstr(f.text, "secret"));
    store_close(s);
}

static void test_dollars(void **state)
{
    static const char *const pairs[][2] = {
        {"select ?1, ?12", "select $1, $12"},
        {"select '?1', ?1, 'it''s ?2'", "select '?1', $1, 'it''s ?2'"},
        {"select \"?1\" -- ?1\n, ?2", "select \"?1\" -- ?1\n, $2"},
        {"select /* ?1 */ ?1 - -?2 / ?3", "select /* ?1 */ $1 - -$2 / $3"},
        {"a ? b ?", "a ? b ?"},
        {"select 'open ?1", "select 'open ?1"},
        {"-- ?1", "-- ?1"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct buf b = BUF(1000);
        sql_dollars(pairs[k][0], &b);
        assert_true(text_is(buf_get(&b), pairs[k][1]));
        buf_free(&b);
    }
}

/* -- values -- */

static void test_round_trip(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    int64_t place, id;

    assert_ok(
        conn_insert(c, &place_table, (struct value[PLACE_N]){[PLACE_NAME] = v_z("Омск")}, &place));
    const struct value in[PERSON_N] = {
        [PERSON_NAME] = v_z("Әбдірахманов «Ёж» 'x' ?1 \\ \" %s 🙂"),
        [PERSON_BORN] = v_date(date_from((struct ymd){1904, 2, 29})),
        [PERSON_SEEN] = v_instant(INT64_C(-62135596800000000)),
        [PERSON_ALIVE] = v_int(0),
        [PERSON_PLACE] = v_int(place),
        [PERSON_SNILS] = v_z("11223344595"),
        [PERSON_KIND] = {.kind = V_CODE, .s = "homeless", .n = 8, .list = 4},
        [PERSON_NOTE] = v_text(T("")),
    };
    assert_ok(conn_insert(c, &person_table, in, &id));
    struct value out[PERSON_N];
    assert_ok(conn_get(c, &person_table, id, e->arena, out));
    assert_int_equal(out[PERSON_ID].i, id);
    assert_int_equal(out[PERSON_VERSION].i, 1);
    for (int k = PERSON_NAME; k < PERSON_N; k++)
        assert_true(v_eq(in[k], out[k]));
    assert_int_equal(out[PERSON_BORN].kind, V_DATE);
    assert_int_equal(out[PERSON_SEEN].kind, V_INSTANT);
    assert_int_equal(out[PERSON_KIND].kind, V_CODE);
    assert_int_equal(out[PERSON_KIND].list, 0);
    assert_int_equal(out[PERSON_NOTE].kind, V_TEXT); /* empty is not null */

    int64_t plain = add_person(c, "B", OK);
    assert_true(plain > id);
    assert_ok(conn_get(c, &person_table, plain, e->arena, out));
    assert_int_equal(out[PERSON_ALIVE].i, 1); /* the default */
    for (int k = PERSON_BORN; k < PERSON_N; k++) {
        if (k != PERSON_ALIVE)
            assert_int_equal(out[k].kind, V_NONE);
    }
    assert_err(conn_get(c, &person_table, 999, e->arena, out), ERR_NOT_FOUND);
    store_release(e->s, c);
}

static void test_extremes(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    const int64_t ints[] = {INT64_MIN, INT64_MAX, -1, 0, 1};
    const int64_t days[] = {ISO_DAY_FIRST, ISO_DAY_LAST, 0, -1};
    struct value out[PERSON_N];

    for (size_t k = 0; k < sizeof ints / sizeof *ints; k++) {
        struct value v[PERSON_N] = {[PERSON_NAME] = v_z("x"),
                                    [PERSON_SEEN] = v_instant(ints[k]),
                                    [PERSON_BORN] = v_date(days[k % 4])};
        int64_t id;
        assert_ok(conn_insert(c, &person_table, v, &id));
        assert_ok(conn_get(c, &person_table, id, e->arena, out));
        assert_true(out[PERSON_SEEN].i == ints[k]);
        assert_true(out[PERSON_BORN].i == days[k % 4]);
    }
    size_t n = 3000000;
    char *big = malloc(n);
    memset(big, 'x', n);
    struct value v[PERSON_N] = {
        [PERSON_NAME] = v_z("x"), [PERSON_NOTE] = v_text((struct text){big, n})};
    int64_t id;
    assert_ok(conn_insert(c, &person_table, v, &id));
    assert_ok(conn_get(c, &person_table, id, e->arena, out));
    assert_true(v_eq(v[PERSON_NOTE], out[PERSON_NOTE]));
    free(big);
    store_release(e->s, c);
}

/* What cannot be stored alike on both engines is refused on both. */
static void test_refused_values(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    const struct value bad[][PERSON_N] = {
        {[PERSON_NAME] = v_text(T("a\0b"))},
        {[PERSON_NAME] = v_z("a"), [PERSON_BORN] = v_z("yesterday")},
        {[PERSON_NAME] = v_z("a"), [PERSON_BORN] = v_int(3)},
        {[PERSON_NAME] = v_z("a"), [PERSON_BORN] = v_date(ISO_DAY_LAST + 1)},
        {[PERSON_NAME] = v_date(3)},
        {[PERSON_NAME] = {.kind = V_HIDDEN, .cls = CLASS_IDENTITY}},
    };

    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_err(conn_insert(c, &person_table, bad[k], NULL), ERR_INTERNAL);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("a"), [PERSON_ALIVE] = v_int(2)};
    assert_err(conn_insert(c, &person_table, v, NULL), ERR_STORE);
    v[PERSON_ALIVE] = v_int(1);
    v[PERSON_NAME] = v_null();
    assert_err(conn_insert(c, &person_table, v, NULL), ERR_STORE);
    assert_int_equal(number(c, "select count(*) from person"), 0);
    store_release(e->s, c);
}

static void test_columns(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct cells r;

    for (int k = 1; k <= 3; k++) {
        struct value v[PLACE_N] = {[PLACE_ID] = v_int(k), [PLACE_NAME] = v_z("п")};
        assert_ok(conn_insert(c, &place_table, v, NULL));
    }
    /* What the engines answer with their own types: numeric, boolean, real; a fraction is cut. */
    const struct sql *q =
        sql_of("select sum(id), exists(select 1 from place), count(*), max(id) * 2.6, null,"
               " min(name), id from place where id > ?2 and name = ?1 and id < ?3 + 1 group by id"
               " order by id limit ?4",
               4, "iiiictt");
    const struct value args[] = {v_z("п"), v_int(1), v_int(7), v_int(5)};
    assert_ok(conn_rows(c, q, args, e->arena, &r));
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.v[0].i, 2);
    assert_int_equal(r.v[1].i, 1);
    assert_int_equal(r.v[2].i, 1);
    assert_int_equal(r.v[3].i, 5);
    assert_int_equal(r.v[4].kind, V_NONE);
    assert_true(text_is(v_as_text(r.v[5]), "п"));
    assert_true(text_is(v_as_text(r.v[6]), "2"));
    assert_true(text_is(v_as_text(r.v[7 + 6]), "3"));
    const struct sql *none = sql_of("select id from place where id > ?1", 1, "i");
    assert_ok(conn_rows(c, none, (struct value[]){v_int(50)}, e->arena, &r));
    assert_int_equal(r.rows, 0);
    assert_ok(conn_rows(c, none, (struct value[]){{.kind = V_NONE}}, e->arena, &r));
    assert_int_equal(r.rows, 0);
    assert_err(conn_rows(c, sql_of("select id, name from place", 0, "i"), NULL, e->arena, &r),
               ERR_INTERNAL);
    struct sql unnumbered = *none;
    unnumbered.id = 0;
    for (int k = 0; k < 3; k++) {
        assert_ok(conn_rows(c, &unnumbered, (struct value[]){v_int(k)}, e->arena, &r));
        assert_int_equal(r.rows, 3 - k);
    }
    store_release(e->s, c);
}

static void test_sorting(void **state)
{
    static const char *const names[] = {"Яна", "яна", "A", "a", "_", "Ё", "е", "Zz", "é", ""};
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct cells r;

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        add_person(c, names[k], OK);
    assert_ok(conn_rows(c, sql_of("select name from person order by name, id", 0, "t"), NULL,
                        e->arena, &r));
    for (size_t k = 1; k < r.rows; k++)
        assert_true(text_cmp(v_as_text(r.v[k - 1]), v_as_text(r.v[k])) < 0);
    store_release(e->s, c);
}

static void test_date_functions(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = reader(e);
    const struct sql *q = sql_of("select days_between(a, b), years_between(a, b), half_year(a), year_month(a) from"
                                 " (select cast(?1 as text) as a, cast(?2 as text) as b) t",
                                 2, "iiii");
    const struct sql *pg = sql_of("select days_between(?1, ?2), years_between(?1, ?2),"
                                  " half_year(?1), year_month(?1)",
                                  2, "iiii");
    uint32_t seed = 1;
    struct cells r;

    if (e->engine == ENGINE_POSTGRES)
        q = pg;
    for (int k = 0; k < 2000; k++) {
        int64_t day[2];
        for (int i = 0; i < 2; i++) {
            seed = seed * 1664525 + 1013904223;
            day[i] = k % 4 == 0 ? date_from((struct ymd){1904 + seed % 120 / 4 * 4, 2, 27}) +
                                      (seed >> 12) % 4
                                : (int64_t)((seed >> 8) % 80000) - 40000;
        }
        assert_ok(conn_rows(c, q, (struct value[]){v_date(day[0]), v_date(day[1])}, e->arena, &r));
        assert_int_equal(r.v[0].i, days_between(day[0], day[1]));
        assert_int_equal(r.v[1].i, years_between(day[0], day[1]));
        assert_int_equal(r.v[2].i, half_year(day[0]));
        assert_int_equal(r.v[3].i, year_month(day[0]));
    }
    const struct value some[] = {v_date(date_from((struct ymd){2014, 3, 1})), {.kind = V_NONE}};
    assert_ok(conn_rows(c, q, some, e->arena, &r));
    assert_int_equal(r.v[0].kind, V_NONE);
    assert_int_equal(r.v[1].kind, V_NONE);
    assert_int_equal(r.v[2].i, 20141);
    store_release(e->s, c);
}

/* -- changes -- */

static void test_update(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    int64_t id = add_person(c, "A", OK);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("B"), [PERSON_NOTE] = v_z("n")}, out[PERSON_N];

    assert_ok(conn_update(c, &person_table, id, 1, v));
    assert_err(conn_update(c, &person_table, id, 1, v), ERR_STALE);
    assert_ok(conn_update(c, &person_table, id, 2, (struct value[PERSON_N]){{0}}));
    assert_err(conn_update(c, &person_table, id + 1, -1, v), ERR_STALE);
    struct value w[PERSON_N] = {[PERSON_ID] = v_int(77),
                                [PERSON_VERSION] = v_int(77),
                                [PERSON_NOTE] = v_null(),
                                [PERSON_BORN] = v_date(0)};
    assert_ok(conn_update(c, &person_table, id, -1, w)); /* id and version are not the caller's */
    assert_ok(conn_get(c, &person_table, id, e->arena, out));
    assert_int_equal(out[PERSON_VERSION].i, 4);
    assert_true(text_is(v_as_text(out[PERSON_NAME]), "B"));
    assert_int_equal(out[PERSON_NOTE].kind, V_NONE);
    assert_int_equal(out[PERSON_BORN].kind, V_DATE);

    /* A stale row does not break the transaction: the caller reads the newer version. */
    assert_ok(conn_begin(c));
    assert_err(conn_update(c, &person_table, id, 1, v), ERR_STALE);
    assert_ok(conn_get(c, &person_table, id, e->arena, out));
    assert_ok(conn_commit(c));

    int64_t place;
    assert_ok(
        conn_insert(c, &place_table, (struct value[PLACE_N]){[PLACE_NAME] = v_z("x")}, &place));
    assert_ok(conn_update(c, &place_table, place, -1, (struct value[PLACE_N]){{0}}));
    assert_err(conn_update(c, &place_table, place, 1, (struct value[PLACE_N]){{0}}), ERR_INTERNAL);
    assert_err(conn_get(c, &access_table, 1, e->arena, out), ERR_INTERNAL);
    store_release(e->s, c);
}

static void test_exec(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    const struct sql *all = sql_of("update person set note = ?1 where name <> ?2", 2, "");
    int64_t n = -5;

    for (int k = 0; k < 4; k++)
        add_person(c, k ? "A" : "B", OK);
    assert_ok(conn_exec(c, all, (struct value[]){v_z("x"), v_z("B")}, &n));
    assert_int_equal(n, 3);
    assert_ok(conn_exec(c, all, (struct value[]){v_int(5), v_z("A")}, &n));
    assert_int_equal(n, 1);
    assert_ok(conn_exec(c, sql_of("delete from person where id < 0", 0, ""), NULL, &n));
    assert_int_equal(n, 0);
    assert_int_equal(number(c, "select count(*) from person where note = '5'"), 1);
    store_release(e->s, c);
}

static void test_uniqueness(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("A"), [PERSON_SNILS] = v_z("11223344595")};

    assert_ok(conn_insert(c, &person_table, v, NULL));
    assert_err(conn_insert(c, &person_table, v, NULL), ERR_CONFLICT);
    assert_null(strstr(conn_error(c), "11223344595")); /* it goes to the log */
    v[PERSON_SNILS] = v_null();
    v[PERSON_ID] = v_int(1);
    assert_err(conn_insert(c, &person_table, v, NULL), ERR_CONFLICT);
    assert_int_equal(number(c, "select count(*) from person"), 1);
    store_release(e->s, c);
}

static void test_references(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value l[LEFT_N] = {[LEFT_ID] = v_int(1), [LEFT_OTHER] = v_int(2)};
    struct value r[LEFT_N] = {[LEFT_ID] = v_int(2), [LEFT_OTHER] = v_int(1)};

    assert_ok(conn_begin(c)); /* each before the other */
    assert_ok(conn_insert(c, &left_table, l, NULL));
    assert_ok(conn_insert(c, &right_table, r, NULL));
    assert_ok(conn_commit(c));
    l[LEFT_ID] = v_int(5);
    l[LEFT_OTHER] = v_int(6);
    assert_ok(conn_begin(c));
    assert_ok(conn_insert(c, &left_table, l, NULL));
    assert_err(conn_commit(c), ERR_STORE); /* found at the end */
    assert_false(conn_in_transaction(c));
    assert_int_equal(number(c, "select count(*) from \"left\""), 1);
    store_release(e->s, c);
}

/* -- transactions -- */

static void test_broken_transaction(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value bad[PERSON_N] = {[PERSON_ID] = v_int(1), [PERSON_NAME] = v_z("A")}, out[PERSON_N];

    assert_int_equal(add_person(c, "first", OK), 1);
    assert_ok(conn_begin(c));
    add_person(c, "before", OK);
    assert_err(conn_insert(c, &person_table, bad, NULL), ERR_CONFLICT);
    add_person(c, "after", ERR_CONFLICT); /* the same answer until the end */
    assert_err(conn_get(c, &person_table, 1, e->arena, out), ERR_CONFLICT);
    assert_err(conn_script(c, "delete from person", NULL), ERR_CONFLICT);
    assert_err(conn_commit(c), ERR_CONFLICT);
    assert_false(conn_in_transaction(c));
    assert_int_equal(number(c, "select count(*) from person"), 1);

    assert_ok(conn_begin(c));
    add_person(c, "x", OK);
    conn_rollback(c);
    conn_rollback(c);
    assert_int_equal(number(c, "select count(*) from person"), 1);
    assert_err(conn_commit(c), ERR_INTERNAL);
    assert_ok(conn_begin(c));
    assert_err(conn_begin(c), ERR_INTERNAL);
    assert_err(conn_commit(c), ERR_INTERNAL);

    assert_ok(conn_begin(c));
    add_person(c, "forgotten", OK);
    store_release(e->s, c); /* rolls back */
    c = writer(e);
    assert_false(conn_in_transaction(c));
    assert_int_equal(number(c, "select count(*) from person"), 1);
    store_release(e->s, c);
}

static void test_readers_only_read(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *w = writer(e), *r = reader(e);

    add_person(r, "A", ERR_STORE);
    assert_err(conn_script(r, "create table evil (x integer)", NULL), ERR_STORE);
    assert_ok(conn_begin(r)); /* one view of everything until its end */
    assert_int_equal(number(r, "select count(*) from person"), 0);
    add_person(w, "A", OK);
    assert_int_equal(number(r, "select count(*) from person"), 0);
    assert_ok(conn_commit(r));
    assert_int_equal(number(r, "select count(*) from person"), 1);
    store_release(e->s, r);
    store_release(e->s, w);
}

/* -- row by row -- */

struct walk {
    struct conn *c;
    int64_t seen, stop_at;
    enum err inner;
};

static enum err step(void *ctx, const struct value *cells)
{
    struct walk *w = ctx;
    struct arena *arena = arena_new();
    struct cells r;

    assert_int_equal(cells[0].i, w->seen + 1);
    assert_int_equal(v_as_text(cells[1]).n, 6);
    if (w->seen == 0)
        w->inner = conn_rows(w->c, sql_of("select 1 where 1 = ?1", 1, "i"), cells, arena, &r);
    arena_free(arena);
    return ++w->seen == w->stop_at ? ERR_LIMIT : OK;
}

static void test_each(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *w = writer(e), *c = reader(e);
    const struct sql *q = sql_of("select id, name from person order by id", 0, "it");
    char name[16];

    assert_ok(conn_begin(w));
    for (int k = 0; k < 3000; k++) {
        snprintf(name, sizeof name, "%06d", k);
        add_person(w, name, OK);
    }
    assert_ok(conn_commit(w));
    store_release(e->s, w);
    struct walk walk = {.c = c};
    assert_ok(conn_each(c, q, NULL, step, &walk));
    assert_int_equal(walk.seen, 3000);
    assert_err(walk.inner, ERR_INTERNAL); /* one thing at a time */
    assert_ok(conn_begin(c));
    walk = (struct walk){.c = c, .seen = 0, .stop_at = 10};
    walk.inner = OK;
    conn_rollback(c);
    assert_err(conn_each(c, q, NULL, step, &walk), ERR_LIMIT);
    assert_int_equal(walk.seen, 10);
    assert_int_equal(number(c, "select count(*) from person"), 3000);
    store_release(e->s, c);
}

/* -- batches -- */

static void test_batch(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("A")}, out[PERSON_N];
    int64_t id;

    assert_err(conn_batch(c, true), ERR_INTERNAL);
    assert_ok(conn_begin(c));
    assert_ok(conn_batch(c, true));
    for (int k = 1; k <= 2500; k++) {
        v[PERSON_ID] = v_int(k);
        v[PERSON_BORN] = k % 3 ? v_date(k) : (struct value){.kind = V_NONE};
        assert_ok(conn_insert(c, &person_table, v, &id));
        assert_int_equal(id, k);
        if (k == 1200) { /* reading in between waits */
            assert_ok(conn_get(c, &person_table, 1200, e->arena, out));
            assert_int_equal(number(c, "select count(*) from person"), 1200);
            assert_ok(conn_lock_row(c, &person_table, 7));
        }
    }
    assert_ok(conn_update(c, &person_table, 2500, 1, v));
    assert_ok(conn_batch(c, false));
    assert_ok(conn_batch(c, false));
    assert_ok(conn_commit(c));
    assert_int_equal(number(c, "select count(*) from person"), 2500);

    assert_ok(conn_begin(c));
    assert_ok(conn_batch(c, true));
    v[PERSON_ID] = (struct value){.kind = V_NONE};
    assert_err(conn_insert(c, &person_table, v, &id), ERR_INTERNAL);
    conn_rollback(c);
    store_release(e->s, c);
}

static void test_batch_errors(void **state)
{
    struct env *e = *state;
    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("A")};
    int64_t id = add_person(c, "first", OK);

    for (int at = 0; at < 1300; at += 433) { /* in the first, a middle and the last stretch */
        enum err err = OK;
        assert_ok(conn_begin(c));
        assert_ok(conn_batch(c, true));
        for (int k = 0; k < 1300; k++) {
            v[PERSON_ID] = v_int(k == at ? id : 100 + k);
            enum err now = conn_insert(c, &person_table, v, NULL);
            assert_true(now == OK || now == ERR_CONFLICT);
            err = err ? err : now;
        }
        assert_err(conn_batch(c, false), ERR_CONFLICT);
        assert_err(conn_commit(c), ERR_CONFLICT);
        assert_int_equal(number(c, "select count(*) from person"), 1);
    }
    v[PERSON_ID] = (struct value){.kind = V_NONE};
    assert_ok(conn_begin(c));
    assert_ok(conn_batch(c, true));
    enum err now = conn_update(c, &person_table, id, 9, v);
    assert_true(now == OK || now == ERR_STALE);
    assert_err(conn_batch(c, false), ERR_STALE);
    assert_err(conn_commit(c), ERR_STALE);
    assert_ok(conn_begin(c)); /* commit ends a batch too, and a new statement may fail in one */
    assert_ok(conn_batch(c, true));
    now =
        conn_exec(c, sql_of("update nothing set x = ?1", 1, ""), (struct value[]){v_int(1)}, NULL);
    assert_true(now == OK || now == ERR_STORE);
    assert_err(conn_commit(c), ERR_STORE);
    assert_ok(conn_begin(c));
    assert_ok(conn_batch(c, true));
    assert_ok(conn_update(c, &person_table, id, 1, v));
    assert_ok(conn_commit(c));
    store_release(e->s, c);
}

/* -- a disk that runs full -- */

enum { ROWS = 6000 }; /* more than the cache holds, so that writing begins before the commit */

static enum err big_change(struct conn *c)
{
    char note[900];
    enum err err = conn_begin(c);

    memset(note, 'n', sizeof note);
    struct value v[PERSON_N] = {
        [PERSON_NAME] = v_z("new"), [PERSON_NOTE] = v_text((struct text){note, sizeof note})};
    for (int k = 0; !err && k < ROWS; k++)
        err = conn_insert(c, &person_table, v, NULL);
    if (!err)
        err = conn_exec(c, sql_of("update place set name = name || 'x'", 0, ""), NULL, NULL);
    if (conn_in_transaction(c)) {
        enum err end = conn_commit(c);
        err = err ? err : end;
    }
    return err;
}

static void test_full_disk(void **state)
{
    struct env *e = *state;
    int failures = 0;

    upgrade(e);
    struct conn *c = writer(e);
    assert_ok(conn_insert(c, &place_table, (struct value[PLACE_N]){[PLACE_NAME] = v_z("x")}, NULL));
    store_release(e->s, c);
    for (int after = 0, done = 0; !done; after += 1 + after / 3) {
        for (int stays = 0; stays < 2; stays++) {
            c = writer(e);
            struct conn *r = reader(e);
            fault_vfs_arm(after, stays);
            enum err err = big_change(c);
            /* The reader does not see a part of it either, while the disk is full. */
            int64_t rows = number(r, "select count(*) from person");
            int64_t changed = number(r, "select count(*) from place where name = 'x'") ? 0 : ROWS;
            bool fired = fault_vfs_disarm();
            assert_true(err == OK || err == ERR_FULL);
            assert_int_equal(rows, err ? 0 : ROWS);
            assert_int_equal(changed, rows);
            failures += err == ERR_FULL;
            done = !fired;
            store_release(e->s, r);
            assert_ok(conn_script(c, "delete from person; update place set name = 'x'", NULL));
            store_release(e->s, c);
            store_close(e->s); /* and what a new start finds */
            assert_ok(store_open(e->url, false, &e->s, NULL));
            r = reader(e);
            assert_int_equal(number(r, "select count(*) from person"), 0);
            assert_int_equal(number(r, "select count(*) from pragma_integrity_check"
                                       " where integrity_check <> 'ok'"),
                             0);
            store_release(e->s, r);
        }
    }
    assert_true(failures > 20);
}

static const struct test tests[] = {
    {"classes", test_classes, ON_NONE},
    {"addresses", test_addresses, ON_NONE},
    {"dollars", test_dollars, ON_NONE},
    {"round trip", test_round_trip, ON_BOTH},
    {"extremes", test_extremes, ON_BOTH},
    {"refused values", test_refused_values, ON_BOTH},
    {"columns", test_columns, ON_BOTH},
    {"sorting", test_sorting, ON_BOTH},
    {"date functions", test_date_functions, ON_BOTH},
    {"update", test_update, ON_BOTH},
    {"exec", test_exec, ON_BOTH},
    {"uniqueness", test_uniqueness, ON_BOTH},
    {"references", test_references, ON_BOTH},
    {"broken transaction", test_broken_transaction, ON_BOTH},
    {"readers only read", test_readers_only_read, ON_BOTH},
    {"each", test_each, ON_BOTH},
    {"batch", test_batch, ON_BOTH},
    {"batch errors", test_batch_errors, ON_BOTH},
    {"full disk", test_full_disk, ON_SQLITE},
};

int main(void)
{
    fault_vfs_install();
    return RUN_TESTS("store", tests);
}
