/* Terms of retention: from the packs' rules to the day on which something may be destroyed. */
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_retention.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct pack_prop note[] = {
    {T("label.ru"), T("Записи")},  {T("label.en"), T("Notes")},    {T("years"), T("5")},
    {T("years.health"), T("25")},  {T("months.violence"), T("3")}, /* shorter than the rule: of no
                                                                      use */
    {T("from_new_year"), T("yes")}};
static const struct pack_prop rows[] = {{T("label.ru"), T("Строки")},
                                        {T("label.en"), T("Rows")},
                                        {T("days"), T("90")},
                                        {T("second"), T("no")}};
static const struct pack_entry entries[] = {
    {.pack = T("t"), .kind = T("retention"), .key = T("note"), .n = 6, .props = note},
    {.pack = T("t"), .kind = T("retention"), .key = T("import_row"), .n = 4, .props = rows}};

static int setup(void **state)
{
    struct fault f = {0};

    (void)state;
    return packs_use(entries, 2, &f) ? -1 : 0;
}

static int64_t day(const char *iso)
{
    int64_t d;

    assert_int_equal(date_parse_iso(text_of(iso), &d), OK);
    return d;
}

static int64_t due(const char *kind, uint32_t classes, const char *since)
{
    const struct retained *k = retained_find(text_of(kind));
    struct term t;

    assert_true(retention_term(k, classes, &t));
    return retention_day(k, t, day(since));
}

static void test_terms(void **state)
{
    struct term t;

    (void)state;
    assert_int_equal(due("note", 0, "2024-01-01"), day("2030-01-01"));
    assert_int_equal(due("note", 0, "2024-12-31"),
                     day("2030-01-01")); /* the year's files together */
    assert_int_equal(due("note", CLASS_BIT(CLASS_HEALTH) | CLASS_BIT(CLASS_SOCIAL), "2024-06-21"),
                     day("2050-01-01"));
    assert_int_equal(due("note", CLASS_BIT(CLASS_VIOLENCE), "2024-06-21"), day("2030-01-01"));
    assert_int_equal(due("import_row", 0, "2024-06-21"), day("2024-09-20")); /* ninety whole days */
    assert_true(retention_second(retained_find(T("note"))));
    assert_false(retention_second(retained_find(T("import_row"))));
    assert_false(retention_term(retained_find(T("case_file")), 0, &t)); /* no rule: kept for ever */
}

/* Children are destroyed before what they refer to. */
static void test_order(void **state)
{
    const struct retained *k;
    int at[3] = {-1, -1, -1};

    (void)state;
    for (int i = 0; (k = retained_at((size_t)i)); i++) {
        static const char *const order[] = {"measure", "note", "person"};
        for (int j = 0; j < 3; j++)
            if (strcmp(k->name, order[j]) == 0)
                at[j] = i;
    }
    assert_true(at[0] >= 0 && at[0] < at[1] && at[1] < at[2]);
}

static void test_rule_refused(void **state)
{
    struct fault f = {0};

    (void)state;
    assert_int_equal(retention_take(&entries[0], &f), OK);
    assert_int_not_equal(retention_take(&(struct pack_entry){.key = T("note")}, &f), OK);
    assert_int_not_equal(
        retention_take(&(struct pack_entry){.key = T("everything"), .n = 6, .props = note}, &f),
        OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_terms), cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_rule_refused)};
    return cmocka_run_group_tests_name("retention", tests, setup, NULL);
}
