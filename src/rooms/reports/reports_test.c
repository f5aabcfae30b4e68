/* Rules of reports: protection of small numbers, ratios, half-years. */
#include "rooms/reports/reports_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* ---- tables ---- */

enum { ROWS_MAX = 8, COLS = 4, SMALL = 5 };

struct table_made {
    size_t rows; /* with the totals */
    struct figure cells[ROWS_MAX * COLS];
};

static struct figure *cell(struct table_made *t, size_t r, size_t c)
{
    return &t->cells[r * COLS + c];
}

static void add_up(struct table_made *t)
{
    for (size_t c = 0; c < COLS; c++)
        cell(t, t->rows - 1, c)->n = 0;
    for (size_t r = 0; r + 1 < t->rows; r++) {
        cell(t, r, COLS - 1)->n = 0;
        for (size_t c = 0; c + 1 < COLS; c++)
            cell(t, r, COLS - 1)->n += cell(t, r, c)->n;
        for (size_t c = 0; c < COLS; c++)
            cell(t, t->rows - 1, c)->n += cell(t, r, c)->n;
    }
}

/* One equation for each row and column over the hidden cells: can the k-th of them be told? Gauss
 * on doubles of 1 and -1 is exact enough for tables of this size. */
static bool computable(struct table_made *t, size_t wanted)
{
    enum { N = ROWS_MAX * COLS, E = ROWS_MAX + COLS };
    double m[E][N] = {{0}};
    int number[N], n = 0;
    for (size_t i = 0; i < t->rows * COLS; i++)
        number[i] = t->cells[i].state == FIGURE_SHOWN ? -1 : n++;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < COLS; c++)
            if (number[r * COLS + c] >= 0) {
                m[r][number[r * COLS + c]] = c + 1 == COLS ? -1 : 1;
                m[ROWS_MAX + c][number[r * COLS + c]] = r + 1 == t->rows ? -1 : 1;
            }
    bool used[E] = {false};
    for (int k = 0; k < n; k++) {
        int pivot = -1;
        for (int e = 0; e < E && pivot < 0; e++)
            if (!used[e] && (m[e][k] > 1e-9 || m[e][k] < -1e-9))
                pivot = e;
        if (pivot < 0)
            continue;
        used[pivot] = true;
        double by = m[pivot][k];
        for (int j = 0; j < n; j++)
            m[pivot][j] /= by;
        for (int e = 0; e < E; e++) {
            double f = m[e][k];
            for (int j = 0; e != pivot && j < n; j++)
                m[e][j] -= f * m[pivot][j];
        }
    }
    for (int e = 0; e < E; e++) { /* a line with this unknown alone */
        int others = 0;
        bool mine = false;
        for (int j = 0; j < n; j++) {
            bool here = m[e][j] > 1e-9 || m[e][j] < -1e-9;
            mine = mine || (here && j == number[wanted]);
            others += here && j != number[wanted];
        }
        if (mine && !others)
            return true;
    }
    return false;
}

static void check(struct table_made *t)
{
    for (size_t i = 0; i < t->rows * COLS; i++) {
        const struct figure *f = &t->cells[i];
        assert_int_equal(f->state == FIGURE_FEW, f->n > 0 && f->n < SMALL);
        if (f->state != FIGURE_SHOWN)
            assert_false(computable(t, i));
    }
}

static void test_random_tables(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 20000; round++) {
        struct table_made t = {.rows = 2 + (size_t)(rand() % (ROWS_MAX - 1))};
        int most = round % 3 == 0 ? 3 : round % 3 == 1 ? 12 : 200;
        for (size_t r = 0; r + 1 < t.rows; r++)
            for (size_t c = 0; c + 1 < COLS; c++)
                cell(&t, r, c)->n = rand() % most;
        add_up(&t);
        suppress(t.cells, t.rows, COLS, SMALL);
        check(&t);
    }
}

static void test_limits(void **state)
{
    (void)state;
    /* 4 and 4 beside a shown 8 would be told by their limits. */
    struct table_made t = {.rows = 3};
    const int64_t n[2][3] = {{4, 4, 0}, {30, 40, 50}};
    for (size_t r = 0; r < 2; r++)
        for (size_t c = 0; c < 3; c++)
            cell(&t, r, c)->n = n[r][c];
    add_up(&t);
    suppress(t.cells, t.rows, COLS, SMALL);
    check(&t);
    assert_int_not_equal(cell(&t, 0, 3)->state, FIGURE_SHOWN);
    /* 1 and 1 beside a 2 that is few itself tell nothing more. */
    struct table_made u = {.rows = 3};
    cell(&u, 0, 0)->n = cell(&u, 0, 1)->n = 1;
    cell(&u, 1, 0)->n = cell(&u, 1, 1)->n = cell(&u, 1, 2)->n = 20;
    add_up(&u);
    suppress(u.cells, u.rows, COLS, SMALL);
    check(&u);
    assert_int_equal(cell(&u, 0, 3)->state, FIGURE_FEW);
}

static void test_nothing_small(void **state)
{
    (void)state;
    struct table_made t = {.rows = 3};
    for (size_t r = 0; r < 2; r++)
        for (size_t c = 0; c < 3; c++)
            cell(&t, r, c)->n = (int64_t)(r * 3 + c) * 7;
    add_up(&t);
    suppress(t.cells, t.rows, COLS, SMALL);
    for (size_t i = 0; i < t.rows * COLS; i++)
        assert_int_equal(t.cells[i].state, FIGURE_SHOWN);
    suppress(t.cells, 0, 0, SMALL);
}

/* A column that does not add up (one person in two categories) is protected all the same. */
static void test_overlap(void **state)
{
    (void)state;
    struct table_made t = {.rows = 4};
    const int64_t n[4][4] = {{3, 20, 10, 33}, {15, 25, 11, 51}, {9, 8, 30, 47}, {25, 50, 48, 123}};
    for (size_t r = 0; r < 4; r++)
        for (size_t c = 0; c < 4; c++)
            cell(&t, r, c)->n = n[r][c];
    suppress(t.cells, t.rows, COLS, SMALL);
    check(&t);
    size_t in_row = 0, in_column = 0;
    for (size_t c = 0; c < 4; c++)
        in_row += cell(&t, 0, c)->state != FIGURE_SHOWN;
    for (size_t r = 0; r < 4; r++)
        in_column += cell(&t, r, 0)->state != FIGURE_SHOWN;
    assert_true(in_row >= 2);
    assert_true(in_column >= 2);
}

static void test_too_large(void **state)
{
    (void)state;
    size_t rows = 100;
    struct figure *cells = calloc(rows * COLS, sizeof *cells);
    for (size_t i = 0; i < rows * COLS; i++)
        cells[i].n = (int64_t)(i % 9);
    suppress(cells, rows, COLS, SMALL);
    for (size_t i = 0; i < rows * COLS; i++)
        assert_int_equal(cells[i].state == FIGURE_SHOWN, cells[i].n == 0);
    free(cells);
}

/* ---- words ---- */

static void test_ratio(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_true(text_is(ratio_text(arena, 630, 210), "3.0"));
    assert_true(text_is(ratio_text(arena, 478, 67), "7.1"));
    assert_true(text_is(ratio_text(arena, 838, 1025), "0.8"));
    assert_true(text_is(ratio_text(arena, 0, 7), "0.0"));
    assert_true(text_is(ratio_text(arena, 199, 200), "1.0"));
    assert_int_equal(ratio_text(arena, 5, 0).n, 0);
    arena_free(arena);
}

static void test_halves(void **state)
{
    int half[SIDES];
    int64_t day = date_from((struct ymd){2014, 6, 30});
    (void)state;
    assert_true(report_halves(T(""), T(""), day, half));
    assert_int_equal(half[NOW], 20141);
    assert_int_equal(half[BEFORE], 20131);
    assert_true(report_halves(T("2014-H2"), T(""), day, half));
    assert_int_equal(half[NOW], 20142);
    assert_int_equal(half[BEFORE], 20132);
    assert_true(report_halves(T("2014-H1"), T("2013-H2"), day, half));
    assert_int_equal(half[BEFORE], 20132);
    assert_false(report_halves(T("2014-H3"), T(""), day, half));
    assert_false(report_halves(T("2014"), T(""), day, half));
    assert_false(report_halves(T("2014-H1"), T("H1"), day, half));
}

static void test_groups(void **state)
{
    (void)state;
    assert_int_equal(group_of_name(T("self")), GROUP_SELF);
    assert_int_equal(group_of_name(T("referred")), GROUP_REFERRED);
    assert_int_equal(group_of_name(T("found")), GROUP_FOUND);
    assert_int_equal(group_of_name(T("")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_tables), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nothing_small), cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_too_large),     cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_halves),        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
