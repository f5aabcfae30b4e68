// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include "process/process.h"
#include <stdio.h>
#include <stdlib.h>

static int begin(void **state)
{
    *state = arena_new();
    return 0;
}

static int end(void **state)
{
    arena_free(*state);
    return 0;
}

static uint64_t seed = 1;

static uint32_t draw(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % n;
}

static int ascending(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

    return (a > b) - (a < b);
}

static void spreads_are_those_of_sorted_values(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t n = 1 + draw(60);
        int64_t v[60], s[60];
        uint32_t range = 1 + draw(100);
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)(v[i] = s[i] = (int64_t)draw(range) * (round % 3 ? 1 : INT64_C(1000000000000)) - 50);
        qsort(s, n, sizeof *s, ascending);
        struct process_spread got = process_spread(v, n);
        assert_int_equal(got.min, s[0]);
        assert_int_equal(got.max, s[n - 1]);
        assert_true(got.median == (double)s[(n - 1) / 2] + (double)(s[n / 2] - s[(n - 1) / 2]) * 0.5);
        assert_true(got.mean - sum / (double)n < 1e-3 && sum / (double)n - got.mean < 1e-3);
        size_t k = (n - 1) * 9 / 10;
        double p90 = (double)s[k] + (n > 1 && (n - 1) * 9 % 10 ? (double)(s[k + 1] - s[k]) * (double)((n - 1) * 9 % 10) / 10 : 0);
        assert_true(got.p90 == p90);
    }
    assert_int_equal(process_spread(NULL, 0).n, 0);
    int64_t far[] = {INT64_C(-62135596800000000), INT64_C(253402300799999999)}; /* years 1 and 9999 */
    assert_true(process_spread(far, 2).median == 95633352000000000.0 - 0.5 || process_spread(far, 2).median == 95633351999999999.5);
}

static void equal_and_sorted_values_are_no_trap(void **state)
{
    enum { N = 300000 };
    int64_t *v = malloc(N * sizeof *v);
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        for (int64_t i = 0; i < N; i++)
            v[i] = kind == 0 ? 7 : kind == 1 ? i : N - i;
        struct process_spread s = process_spread(v, N); /* quadratic time would not end */
        assert_int_equal(s.n, N);
        assert_true(kind == 0 ? s.median == 7 && s.p90 == 7 : s.median > N / 2 - 2 && s.median < N / 2 + 2);
    }
    free(v);
}

static void add(struct process_log *log, const char *case_, const char *activity, int64_t at)
{
    assert_int_equal(process_log_add(log, text_of(case_), text_of(activity), at, at), OK);
}

static struct process run(struct process_log *log)
{
    struct process p;

    assert_int_equal(process_run(log, INT64_MIN, INT64_MAX, &p), OK);
    return p;
}

static void events_stand_by_time_then_as_added(void **state)
{
    struct process_log log;

    process_log_open(&log, *state);
    add(&log, "1", "c", 30);
    add(&log, "2", "z", -5);
    add(&log, "1", "b", 10);
    add(&log, "1", "a", 10);
    add(&log, "1", "b", 10);
    struct process p = run(&log);
    assert_int_equal(p.n_cases, 2);
    assert_int_equal(p.n_events, 5);
    char order[8] = "";
    for (size_t i = 0; i < p.cases[0].n; i++)
        order[i] = p.activity[p.event[p.cases[0].first + i].activity].name.s[0];
    assert_string_equal(order, "babc");
    assert_int_equal(p.cases[0].duration, 20);
    assert_int_equal(p.n_variants, 2);
    assert_int_equal(p.n_arcs, 3);
    process_close(&p);
}

/* Against the plainest merge: long cases whose events come in any order. */
static void long_cases_are_sorted_stably(void **state)
{
    enum { N = 5003 };
    struct process_log log;
    char name[12];

    process_log_open(&log, *state);
    for (int i = 0; i < N; i++) {
        (void)snprintf(name, sizeof name, "%05d", i);
        add(&log, "x", name, draw(50));
    }
    struct process p = run(&log);
    for (size_t i = 1; i < N; i++) {
        assert_true(p.event[i].at > p.event[i - 1].at || (p.event[i].at == p.event[i - 1].at && p.event[i].activity > p.event[i - 1].activity));
    }
    process_close(&p);
}

static void variants_do_not_hang_on_the_order_of_the_log(void **state)
{
    static const char *const ways[] = {"abc", "ab", "acb", "abc", "b", "ab", "abc"};
    struct process_log log;

    for (int turn = 0; turn < 2; turn++) {
        process_log_open(&log, *state);
        for (int c = 0; c < 7; c++) {
            char case_[2] = {(char)('0' + c), 0};
            const char *way = ways[turn ? 6 - c : c];
            for (int i = 0; way[i]; i++)
                add(&log, case_, (char[]){way[i], 0}, i);
        }
        struct process p = run(&log);
        assert_int_equal(p.n_variants, 4);
        static const size_t n[] = {3, 2, 1, 1}, length[] = {3, 2, 3, 1};
        for (int v = 0; v < 4; v++) {
            assert_int_equal(p.variant[v].n, n[v]);
            assert_int_equal(p.variant[v].length, length[v]);
        }
        process_close(&p);
    }
}

static void a_period_takes_cases_by_their_beginning(void **state)
{
    struct process_log log;
    struct process p;

    process_log_open(&log, *state);
    add(&log, "1", "a", 10);
    add(&log, "1", "b", 99);
    add(&log, "2", "a", 20);
    add(&log, "3", "a", 30);
    add(&log, "3", "b", 15);
    assert_int_equal(process_run(&log, 15, 20, &p), OK);
    assert_int_equal(p.n_cases, 1);
    assert_int_equal(p.n_events, 2);
    assert_true(text_is(p.case_name[p.cases[0].name], "3"));
    process_close(&p);
    process_log_open(&log, *state);
    assert_int_equal(process_run(&log, 0, 1, &p), OK); /* nothing at all */
    assert_int_equal(p.n_cases + p.n_variants + p.n_arcs, 0);
    process_close(&p);
}

/* Each node that is shown is on a way of shown links, whatever the shares. */
static void maps_are_whole(void **state)
{
    enum { NODES = 14, LINKS = 40 };
    struct arena *arena = *state;

    for (int round = 0; round < 500; round++) {
        uint64_t n[NODES] = {0};
        struct process_link link[LINKS];
        struct process_map m = {.n_nodes = NODES, .n = n, .link = link};
        for (uint32_t i = 0; i < NODES - 2; i++)
            n[i] = draw(100);
        for (int i = 0; i < LINKS; i++) {
            uint32_t from = draw(NODES - 1), to = draw(NODES - 1);
            link[m.n_links++] = (struct process_link){from == NODES - 2 ? NODES - 2 : from, to == NODES - 2 ? NODES - 1 : to, 1 + draw(50), true};
        }
        struct process_share share = {draw(11) / 10.0, draw(11) / 10.0, 1 + draw(12), 100};
        process_map_choose(arena, &m, &share);
        uint32_t shown = 0;
        bool begun[NODES] = {[NODES - 2] = true}, ended[NODES] = {[NODES - 1] = true};
        for (int k = 0; k < NODES; k++)
            for (size_t i = 0; i < m.n_links; i++)
                if (link[i].shown) {
                    assert_true(m.shown[link[i].from] && m.shown[link[i].to]);
                    begun[link[i].to] |= begun[link[i].from];
                    ended[link[i].from] |= ended[link[i].to];
                }
        for (uint32_t i = 0; i < NODES - 2; i++) {
            shown += m.shown[i];
            assert_true(!m.shown[i] || (begun[i] && ended[i]));
        }
        assert_true(shown <= share.nodes_max);
    }
}

static void times_are_read(void **state)
{
    static const struct {
        const char *written;
        int64_t us;
    } good[] = {
        {"1970-01-01", 0}, {"1970-01-01T00:00:00.000001Z", 1}, {"1969-12-31 23:59:59", -1000000}, {" 01.01.1970 03:00 +03:00 ", 0},
        {"1970/01/01 00:00:01.5", 1500000}, {"0001-01-01", INT64_C(-62135596800000000)}, {"9999-12-31 23:59:59", INT64_C(253402300799000000)},
    };
    static const char *const wrong[] = {"", " ", "1970", "1970-1", "1970-01-32", "1900-02-29", "1970-01-01T", "1970-01-01 1", "1970-01-01 01:1", "1970-01-01 01:01:1",
                                        "1970-01-01 25:00", "1970-01-01x", "1970-01-01 00:00 Z1", "1970-01-01 00:00+1", "01/02/1970", "1970-01/01", "19700101 T"};
    int64_t us;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(process_time(text_of(good[i].written), &us), OK);
        assert_int_equal(us, good[i].us);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(process_time(text_of(wrong[i]), &us), ERR_SYNTAX);
    assert_int_equal(process_time_like(T("12/31/69 11:59:59 pm"), "%m/%d/%y %I:%M:%S %p", &us), OK);
    assert_int_equal(us, INT64_C(3155759999000000)); /* the end of 2069 */
    assert_int_equal(process_time_like(T("13:00 pm 1.1.1970"), "%I:%M %p %d.%m.%Y", &us), ERR_SYNTAX);
    assert_true(process_time_format_good("%Y%m%d") && !process_time_format_good("%Y%m") && !process_time_format_good("%Y%m%d%q") && !process_time_format_good("%Y-%m-%d%"));
}

/* Bytes of any kind: nothing but an answer. */
static void times_stand_any_bytes(void **state)
{
    static const char letters[] = "0123456789-/.: TZ+,";
    int64_t us;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char t[32];
        size_t n = draw(sizeof t);
        char *copy = malloc(n + 1);
        for (size_t k = 0; k < n; k++)
            copy[k] = t[k] = letters[draw(sizeof letters)];
        if (process_time((struct text){copy, n}, &us) == OK)
            assert_true(us >= INT64_C(-62135683200000000) && us < INT64_C(253402387200000000));
        (void)!process_time_like((struct text){copy, n}, "%Y-%m-%d %H:%M:%S%f%z%b%p", &us);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_are_those_of_sorted_values),
        cmocka_unit_test(equal_and_sorted_values_are_no_trap),
        cmocka_unit_test_setup_teardown(events_stand_by_time_then_as_added, begin, end),
        cmocka_unit_test_setup_teardown(long_cases_are_sorted_stably, begin, end),
        cmocka_unit_test_setup_teardown(variants_do_not_hang_on_the_order_of_the_log, begin, end),
        cmocka_unit_test_setup_teardown(a_period_takes_cases_by_their_beginning, begin, end),
        cmocka_unit_test_setup_teardown(maps_are_whole, begin, end),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(times_stand_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
