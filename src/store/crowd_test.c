/* Several at once, files and their locks, lost servers. */
#include "store/testing.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void test_files(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct env *e = *state;
    char path[100];
    struct stat st;

    upgrade(e);
    struct conn *c = reader(e);
    for (size_t k = 0; k < 3; k++) { /* personal data: for nobody else's eyes */
        snprintf(path, sizeof path, "%s/db%s", e->folder, ends[k]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    store_release(e->s, c);
    assert_int_equal(chdir(e->folder), 0); /* relative paths, and names SQLite would read as more */
    static const char *const names[] = {"sqlite:other", "sqlite:file:odd?mode=memory"};
    for (int k = 0; k < 2; k++) {
        struct store *s;
        struct fault f;
        assert_ok(store_open(names[k], true, &s, &f));
        assert_ok(schema_upgrade(s, all_tables, N_TABLES, &f));
        store_close(s);
        assert_int_equal(stat(names[k] + 7, &st), 0);
        assert_true(st.st_size > 0);
        unlink(names[k] + 7);
    }
    FILE *file = fopen("text", "w");
    assert_non_null(file);
    for (int k = 0; k < 1000; k++)
        fputs("no database\n", file);
    fclose(file);
    struct store *s;
    struct fault f;
    assert_ok(store_open("sqlite:text", true, &s, &f));
    assert_err(store_reader(s, &c, &f), ERR_STORE);
    assert_err(store_writer(s, &c, &f), ERR_STORE);
    assert_err(store_writer(s, &c, &f), ERR_STORE); /* the place of the writer was given back */
    store_close(s);
    unlink("text");
    assert_int_equal(chdir("/"), 0);
}

static void test_serve_lock(void **state)
{
    struct env *e = *state;
    struct store *other;
    struct fault f;

    assert_ok(store_serve_lock(e->s, &f));
    assert_ok(store_serve_lock(e->s, &f));
    assert_ok(store_open(e->url, false, &other, &f));
    if (e->engine == ENGINE_POSTGRES) {
        assert_ok(store_serve_lock(other, &f));
        store_close(other);
        return;
    }
    assert_err(store_serve_lock(other, &f), ERR_BUSY);
    assert_non_null(strstr(f.text, "another bereg serve is already using this file"));
    store_close(e->s);
    e->s = NULL;
    assert_ok(store_serve_lock(other, &f));
    store_close(other);

    /* It dies with the process, however it dies. */
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *s;
        bool good = store_open(e->url, false, &s, &f) == OK && store_serve_lock(s, &f) == OK;
        (void)!write(ready[1], good ? "y" : "n", 1);
        for (;;)
            pause();
    }
    char answer = 0;
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    assert_ok(store_open(e->url, false, &e->s, &f));
    assert_err(store_serve_lock(e->s, &f), ERR_BUSY);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    assert_ok(store_serve_lock(e->s, &f));
}

/* -- several at once -- */

struct queue {
    struct env *e;
    int nr;
    bool by_row;
    enum err err;
    pthread_t thread;
};

static atomic_int order, served[8];

static void *wait_for_writer(void *arg)
{
    struct queue *q = arg;
    struct conn *c;

    q->err = store_writer(q->e->s, &c, NULL);
    if (!q->err) {
        served[order++] = q->nr;
        usleep(1000);
        store_release(q->e->s, c);
    }
    return NULL;
}

static struct waiter *last_waiter(struct store *s)
{
    pthread_mutex_lock(&s->mutex);
    struct waiter *w = s->last;
    pthread_mutex_unlock(&s->mutex);
    return w;
}

static void test_writers_queue(void **state)
{
    struct env *e = *state;
    struct conn *c = writer(e), *none;
    struct queue q[8];

    order = 0;
    for (int k = 0; k < 8; k++) {
        struct waiter *before = last_waiter(e->s);
        q[k] = (struct queue){.e = e, .nr = k};
        pthread_create(&q[k].thread, NULL, wait_for_writer, &q[k]);
        while (last_waiter(e->s) == before)
            usleep(1000);
    }
    store_release(e->s, c);
    for (int k = 0; k < 8; k++) {
        pthread_join(q[k].thread, NULL);
        assert_ok(q[k].err);
        assert_int_equal(served[k], k); /* first come, first served */
    }
    c = writer(e);
    e->s->patience_ms = 100;
    int64_t begin = clock_monotonic();
    assert_err(store_writer(e->s, &none, NULL), ERR_BUSY);
    assert_true(clock_monotonic() - begin >= 99000);
    store_release(e->s, c);
    c = writer(e);
    store_release(e->s, c);
}

/* The command line works beside a running server. */
static void test_two_processes(void **state)
{
    struct env *e = *state;
    struct store *other;
    struct conn *theirs;
    struct value out[PERSON_N];

    upgrade(e);
    struct conn *c = writer(e);
    int64_t id = add_person(c, "A", OK);
    assert_ok(store_open(e->url, false, &other, NULL));
    other->patience_ms = 200;
    assert_ok(store_writer(other, &theirs, NULL));
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("B")};
    assert_ok(conn_begin(c));
    assert_ok(conn_update(c, &person_table, id, 1, v));
    enum err err = conn_begin(theirs);
    if (!err)
        err = conn_update(theirs, &person_table, id, 1, v);
    assert_err(err, ERR_BUSY);
    conn_rollback(theirs);
    assert_ok(conn_get(theirs, &person_table, id, e->arena, out)); /* reading goes on */
    assert_int_equal(out[PERSON_VERSION].i, 1);
    assert_ok(conn_commit(c));
    assert_ok(conn_begin(theirs));
    assert_err(conn_update(theirs, &person_table, id, 1, v), ERR_STALE);
    assert_ok(conn_update(theirs, &person_table, id, 2, v));
    assert_ok(conn_commit(theirs));
    assert_ok(conn_get(c, &person_table, id, e->arena, out));
    assert_int_equal(out[PERSON_VERSION].i, 3);
    store_release(other, theirs);
    store_close(other);
    store_release(e->s, c);
}

enum { ROUNDS = 60 };

/* `by_row`: the lock is the row's, else one that stands for no row. */
static enum err count_up(struct conn *c, bool by_row, struct arena *arena)
{
    struct value out[PERSON_N];
    enum err err = conn_begin(c);

    if (!err)
        err = by_row ? conn_lock_row(c, &person_table, 1) : conn_lock(c, 1);
    if (!err)
        err = conn_get(c, &person_table, 1, arena, out);
    if (err)
        return err;
    struct value v[PERSON_N] = {[PERSON_SEEN] = v_instant(out[PERSON_SEEN].i + 1)};
    err = conn_update(c, &person_table, 1, out[PERSON_VERSION].i, v);
    return err ? err : conn_commit(c);
}

static void *count_thread(void *arg)
{
    struct queue *q = arg;
    struct arena *arena = arena_new();

    for (int k = 0; k < ROUNDS && !q->err; k++) {
        struct conn *c;
        q->err = store_writer(q->e->s, &c, NULL);
        if (!q->err) {
            q->err = count_up(c, q->by_row, arena);
            store_release(q->e->s, c);
        }
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static void count_together(struct env *e, bool by_row)
{
    struct value out[PERSON_N];
    struct queue q[4];

    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("counter"), [PERSON_SEEN] = v_instant(0)};
    assert_ok(conn_insert(c, &person_table, v, NULL));
    assert_err(by_row ? conn_lock_row(c, &person_table, 1) : conn_lock(c, 1), ERR_INTERNAL);
    store_release(e->s, c);
    for (int k = 0; k < 4; k++) {
        q[k] = (struct queue){.e = e, .by_row = by_row};
        pthread_create(&q[k].thread, NULL, count_thread, &q[k]);
    }
    for (int k = 0; k < 4; k++) {
        pthread_join(q[k].thread, NULL);
        assert_ok(q[k].err);
    }
    c = reader(e);
    assert_ok(conn_get(c, &person_table, 1, e->arena, out));
    assert_int_equal(out[PERSON_SEEN].i, 4 * ROUNDS);
    store_release(e->s, c);
}

static void test_counting_together(void **state)
{
    count_together(*state, true);
}

static void test_counting_under_a_lock(void **state)
{
    count_together(*state, false);
}

/* -- a server that goes away -- */

static int64_t session(struct conn *c)
{
    return number(c, "select pg_backend_pid()");
}

static void kill_session(struct env *e, int64_t pid)
{
    struct conn *c = reader(e);
    char sql[100];

    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 5000)", (long long)pid);
    assert_ok(conn_script(c, sql, NULL));
    store_release(e->s, c);
}

static void test_lost_connection(void **state)
{
    struct env *e = *state;
    struct value out[PERSON_N];

    upgrade(e);
    struct conn *c = writer(e);
    add_person(c, "kept", OK);
    assert_ok(conn_begin(c));
    add_person(c, "lost", OK);
    kill_session(e, session(c));
    assert_err(conn_get(c, &person_table, 1, e->arena, out), ERR_STORE);
    add_person(c, "more", ERR_STORE);
    assert_err(conn_commit(c), ERR_STORE);
    assert_err(conn_begin(c), ERR_STORE);
    store_release(e->s, c);
    c = writer(e); /* a new one */
    assert_int_equal(number(c, "select count(*) from person"), 1);
    int64_t pid = session(c);
    store_release(e->s, c);
    kill_session(e, pid); /* while it lies idle: nobody notices */
    c = writer(e);
    assert_int_not_equal(session(c), pid);
    add_person(c, "next", OK);
    struct conn *r = reader(e);
    assert_int_equal(number(r, "select count(*) from person"), 2);
    kill_session(e, session(r));
    assert_err(conn_each(r, sql_of("select id from person", 0, "i"), NULL, NULL, NULL), ERR_STORE);
    store_release(e->s, r);
    store_release(e->s, c);
}

static void test_lost_in_batch(void **state)
{
    struct env *e = *state;

    upgrade(e);
    struct conn *c = writer(e);
    struct value v[PERSON_N] = {[PERSON_NAME] = v_z("A")};
    assert_ok(conn_begin(c));
    int64_t pid = session(c);
    assert_ok(conn_batch(c, true));
    for (int k = 0; k < 3000; k++) {
        enum err err = conn_insert(c, &person_table, v, NULL);
        assert_true(err == OK || err == ERR_STORE);
        if (k == 700)
            kill_session(e, pid);
    }
    assert_err(conn_batch(c, false), ERR_STORE);
    assert_err(conn_commit(c), ERR_STORE);
    store_release(e->s, c);
    c = writer(e);
    assert_int_equal(number(c, "select count(*) from person"), 0);
    store_release(e->s, c);
}

static const struct test tests[] = {
    {"files", test_files, ON_SQLITE},
    {"serve lock", test_serve_lock, ON_BOTH},
    {"writers queue", test_writers_queue, ON_SQLITE},
    {"two processes", test_two_processes, ON_BOTH},
    {"counting together", test_counting_together, ON_BOTH},
    {"counting under a lock", test_counting_under_a_lock, ON_BOTH},
    {"lost connection", test_lost_connection, ON_POSTGRES},
    {"lost in a batch", test_lost_in_batch, ON_POSTGRES},
};

int main(void)
{
    return RUN_TESTS("crowd", tests);
}
