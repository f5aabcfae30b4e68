/* For the tests of the store, included once by each: one fresh register per test, on SQLite, and on
 * PostgreSQL when BEREG_TEST_PG names a server. */
#ifndef STORE_TESTING_H
#define STORE_TESTING_H
#include "base/date.h"
#include "base/log.h"
#include "store/engine.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define HELPER __attribute__((unused)) static

struct env {
    enum engine engine;
    char folder[64]; /* SQLite */
    char url[600];
    struct store *s;
    struct arena *arena;
};

#define assert_ok(e)       assert_int_equal((e), OK)
#define assert_err(e, err) assert_int_equal((e), (err))

/* Tables of the tests. */
enum { N_TABLES = 6 };
enum { PLACE_ID, PLACE_NAME, PLACE_N };
enum {
    PERSON_ID,
    PERSON_VERSION,
    PERSON_NAME,
    PERSON_BORN,
    PERSON_SEEN,
    PERSON_ALIVE,
    PERSON_PLACE,
    PERSON_SNILS,
    PERSON_KIND,
    PERSON_NOTE,
    PERSON_N
};
enum { DIARY_ID, DIARY_AT, DIARY_WHAT, DIARY_N };
enum { LEFT_ID, LEFT_OTHER, LEFT_N };

static const struct field place_fields[PLACE_N] = {
    FIELD_ROW_ID,
    {"name", FIELD_TEXT, .required = true},
};
HELPER const struct table place_table = {.name = "place", TABLE_FIELDS(place_fields)};

static const struct field person_fields[PERSON_N] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"name", FIELD_TEXT, CLASS_IDENTITY, .required = true, .max = 100},
    {"born", FIELD_DATE, CLASS_IDENTITY},
    {"seen", FIELD_INSTANT},
    {"alive", FIELD_BOOL, .required = true, .initial = "1"},
    {"place_id", FIELD_REF, .ref = "place"},
    {"snils", FIELD_SNILS, CLASS_IDENTITY},
    {"kind", FIELD_CODE, .list = "kind"},
    {"note", FIELD_TEXT, .lines = true},
};
HELPER const struct table person_table = {.name = "person",
                                          TABLE_FIELDS(person_fields),
                                          INDEXES({"person_name", "name, id"},
                                                  {"person_snils", "snils", .unique = true},
                                                  {"person_place", "place_id"})};

static const struct field access_fields[] = {
    {"place_id", FIELD_REF, .ref = "place"},
    {"person_id", FIELD_REF, .ref = "person"},
    {"bits", FIELD_INT, .required = true},
};
HELPER const struct table access_table = {
    .name = "access", TABLE_FIELDS(access_fields), .key = "place_id, person_id"};

static const struct field diary_fields[DIARY_N] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .required = true},
    {"what", FIELD_TEXT},
};
HELPER const struct table diary_table = {
    .name = "diary", TABLE_FIELDS(diary_fields), .insert_only = true};

static const struct field left_fields[LEFT_N] = {
    FIELD_ROW_ID, {"right_id", FIELD_REF, .ref = "right", .required = true}};
HELPER const struct table left_table = {.name = "left", TABLE_FIELDS(left_fields)};

static const struct field right_fields[LEFT_N] = {
    FIELD_ROW_ID, {"left_id", FIELD_REF, .ref = "left", .required = true}};
HELPER const struct table right_table = {.name = "right", TABLE_FIELDS(right_fields)};

HELPER const struct table *const all_tables[N_TABLES] = {&place_table, &person_table, &access_table,
                                                         &diary_table, &left_table,   &right_table};

HELPER void on_server(struct env *e, const char *verb)
{
    const char *base = getenv("BEREG_TEST_PG");
    struct store *s;
    struct conn *c;
    char sql[200];

    assert_ok(store_open(base, false, &s, NULL));
    assert_ok(store_writer(s, &c, NULL));
    snprintf(sql, sizeof sql, "drop schema if exists store_%d cascade; %s", getpid(), verb);
    assert_ok(conn_script(c, sql, NULL));
    store_release(s, c);
    store_close(s);
    snprintf(e->url, sizeof e->url, "%s%coptions=-csearch_path%%3Dstore_%d", base,
             strchr(base, '?') ? '&' : '?', getpid());
}

HELPER int env_set_up(void **state)
{
    struct env *e = *state;
    char verb[60];

    e->arena = arena_new();
    if (e->engine == ENGINE_SQLITE) {
        snprintf(e->folder, sizeof e->folder, "/tmp/bereg-store-XXXXXX");
        assert_non_null(mkdtemp(e->folder));
        snprintf(e->url, sizeof e->url, "sqlite:%s/db", e->folder);
    } else {
        snprintf(verb, sizeof verb, "create schema store_%d", getpid());
        on_server(e, verb);
    }
    assert_ok(store_open(e->url, true, &e->s, NULL));
    e->s->patience_ms = 3000;
    return 0;
}

HELPER int env_tear_down(void **state)
{
    struct env *e = *state;
    static const char *const ends[] = {"db", "db-wal", "db-shm", "db.lock"};
    char path[100];

    assert_int_equal(e->s->given, 0);
    store_close(e->s);
    arena_free(e->arena);
    if (e->engine == ENGINE_POSTGRES) {
        on_server(e, "");
        return 0;
    }
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        snprintf(path, sizeof path, "%s/%s", e->folder, ends[k]);
        unlink(path);
    }
    rmdir(e->folder);
    return 0;
}

/* A statement with parameters in their order; kinds of columns: i number, t text, d date, c code, s
 * instant. */
HELPER const struct sql *sql_of(const char *text, int n_bind, const char *kinds)
{
    static struct made {
        struct sql sql;
        uint8_t columns[16];
        struct made *next;
    } * all;
    static const uint8_t bind[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    struct made *m;

    pthread_mutex_lock(&mutex);
    for (m = all; m && strcmp(m->sql.text, text) != 0; m = m->next)
        ;
    if (!m) {
        m = calloc(1, sizeof *m);
        size_t n = strlen(kinds);
        for (size_t k = 0; k < n; k++)
            m->columns[k] = kinds[k] == 'i'   ? V_INT
                            : kinds[k] == 'd' ? V_DATE
                            : kinds[k] == 's' ? V_INSTANT
                            : kinds[k] == 'c' ? V_CODE
                                              : V_TEXT;
        m->sql = (struct sql){.text = text,
                              .n_bind = (uint8_t)n_bind,
                              .bind = bind,
                              .n_columns = (uint8_t)n,
                              .columns = m->columns};
        sql_intern(&m->sql);
        m->next = all;
        all = m;
    }
    pthread_mutex_unlock(&mutex);
    return &m->sql;
}

/* The one number it returns. */
HELPER int64_t number(struct conn *c, const char *text)
{
    struct arena *arena = arena_new();
    struct cells cells;

    assert_ok(conn_rows(c, sql_of(text, 0, "i"), NULL, arena, &cells));
    assert_int_equal(cells.rows, 1);
    int64_t n = cells.v[0].i;
    arena_free(arena);
    return n;
}

HELPER void taken(enum err err, const struct fault *f)
{
    if (err)
        print_error("%s\n", f->text);
    assert_ok(err);
}

HELPER struct conn *writer(struct env *e)
{
    struct fault f;
    struct conn *c = NULL;

    taken(store_writer(e->s, &c, &f), &f);
    return c;
}

HELPER struct conn *reader(struct env *e)
{
    struct fault f;
    struct conn *c = NULL;

    taken(store_reader(e->s, &c, &f), &f);
    return c;
}

HELPER void upgrade(struct env *e)
{
    struct fault f;

    taken(schema_upgrade(e->s, all_tables, N_TABLES, &f), &f);
}

HELPER int64_t add_person(struct conn *c, const char *name, enum err expected)
{
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z(name)};
    int64_t id = 0;

    assert_err(conn_insert(c, &person_table, v, &id), expected);
    return id;
}

/* -- running -- */

struct test {
    const char *name;
    CMUnitTestFunction run;
    enum { ON_BOTH, ON_SQLITE, ON_POSTGRES, ON_NONE } on;
};

enum { TESTS_MAX = 64 };

/* All tests on every engine there is; the exit status. */
HELPER int run_on_engines(const char *group, const struct test *tests, int n_tests)
{
    static struct env sqlite = {.engine = ENGINE_SQLITE}, postgres = {.engine = ENGINE_POSTGRES};
    static char names[TESTS_MAX][60];
    struct CMUnitTest all[TESTS_MAX] = {{0}};
    int n = 0;

    for (int engine = 0; engine < 2; engine++) {
        if (engine && !getenv("BEREG_TEST_PG"))
            continue;
        for (int k = 0; k < n_tests; k++) {
            const struct test *t = &tests[k];
            if (t->on == (engine ? ON_SQLITE : ON_POSTGRES) || (engine && t->on == ON_NONE))
                continue;
            const char *where = t->on == ON_NONE ? group : engine ? "postgresql" : "sqlite";
            snprintf(names[n], sizeof *names, "%s: %s", where, t->name);
            all[n] = (struct CMUnitTest){.name = names[n], .test_func = t->run};
            if (t->on != ON_NONE) {
                all[n].setup_func = env_set_up;
                all[n].teardown_func = env_tear_down;
                all[n].initial_state = engine ? &postgres : &sqlite;
            }
            n++;
        }
    }
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* failures are what is asked for here */
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name(group, all, NULL, NULL);
}

#define RUN_TESTS(group, tests)                                                                    \
    run_on_engines(group, tests, (int)(sizeof(tests) / sizeof(tests)[0]))

#endif
