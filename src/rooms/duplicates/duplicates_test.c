/* Which numbers of persons follow when two cards are joined: nothing that names a person may be without a declaration. */
#include "guard/guard.h"
#include "rooms/duplicates/duplicates_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

static void test_declared(void **state)
{
    size_t n;
    const struct table *const *all = register_tables(&n);
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < all[i]->n_fields; f++) {
            const struct field *d = &all[i]->fields[f];
            const char *of = d->type == FIELD_REF ? d->ref : d->number_of;
            bool named = ends_with(d->name, "person_id") || ends_with(d->name, "person_number");
            if (named && (!of || strcmp(of, "person") != 0))
                fail_msg("%s.%s names a person and does not say so", all[i]->name, d->name);
            if (d->when_merged != MERGE_MOVES && (!of || strcmp(of, "person") != 0))
                fail_msg("%s.%s says what becomes of a person it does not name", all[i]->name, d->name);
            if (d->number_of && d->type != FIELD_INT)
                fail_msg("%s.%s: a number of another table is an INT", all[i]->name, d->name);
        }
}

static bool first_of_index(const struct table *t, const char *field)
{
    size_t n = strlen(field);
    for (const struct index *x = t->indexes; x && x->name; x++)
        if (!strncmp(x->columns, field, n) && (x->columns[n] == ',' || !x->columns[n]))
            return true;
    return false;
}

/* What moves is found by an index, and noted by the number of its row. */
static void test_walked(void **state)
{
    struct person_ref refs[PERSON_REFS];
    size_t n = person_refs(refs);
    (void)state;
    assert_true(n > 20 && n < PERSON_REFS);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = refs[i].table;
        const char *field = t->fields[refs[i].field].name;
        if (t->key || table_field(t, T("id")) < 0)
            fail_msg("%s.%s moves, but its table has no id", t->name, field);
        if (t->insert_only)
            fail_msg("%s.%s moves, but its table is insert-only", t->name, field);
        if (!first_of_index(t, field))
            fail_msg("%s.%s moves, but no index begins with it", t->name, field);
    }
}

static void test_logs_stay(void **state)
{
    struct person_ref refs[PERSON_REFS];
    size_t n = person_refs(refs);
    static const char *const stay[] = {"event", "read_person", "access", "served", "served_due", "retention_row"};
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof stay / sizeof stay[0]; k++)
            assert_string_not_equal(refs[i].table->name, stay[k]);
}

static void test_cells(void **state)
{
    struct arena *arena = arena_new();
    struct value in[] = {v_int(-5),        v_null(),     v_text(T("5:i7\n\"")), v_date(-400),
                         v_instant(1 << 30), v_text(T("")), {.kind = V_CODE, .n = 2, .s = "ab"}, {0}};
    enum { N = sizeof in / sizeof in[0] };
    struct value out[N];
    (void)state;
    struct text t = cells_text(arena, in, N);
    assert_true(cells_value(t, out, N));
    for (size_t i = 0; i < N; i++)
        if (v_is(in[i]))
            assert_true(v_eq(in[i], out[i]));
        else
            assert_false(v_is(out[i]));
    assert_false(cells_value(t, out, N - 1));
    for (size_t n = 0; n < t.n; n++) /* cut anywhere it is no row */
        assert_false(cells_value((struct text){t.s, n}, out, N));
    assert_false(cells_value(T("9999999999:i1"), out, 1));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_walked),
        cmocka_unit_test(test_logs_stay),
        cmocka_unit_test(test_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
