/* The day on which a conviction is spent, by the rules of the shipped packs. */
#include "rooms/court/court_rules.h"
#include "rooms/packs/packs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static int setup(void **state)
{
    struct arena *arena = arena_new();
    struct pack_entry *e;
    struct fault f = {0};
    char here[PATH_MAX], path[PATH_MAX + 30];
    size_t n;
    const char *env = getenv("BEREG_PACKS_ALL");

    (void)state;
    snprintf(here, sizeof here, "%s", __FILE__);
    *strrchr(here, '/') = 0;
    if (env)
        snprintf(path, sizeof path, "%s/ru", env);
    else
        snprintf(path, sizeof path, "%s/../../../packs/ru", here);
    bool used = !packs_load_dir(path, arena, &e, &n, &f) && !packs_use(e, n, &f);
    arena_free(arena);
    return used ? 0 : -1;
}

static struct value day(const char *iso)
{
    int64_t d;

    if (!iso)
        return v_null();
    assert_int_equal(date_parse_iso(text_of(iso), &d), OK);
    return v_date(d);
}

static void test_spent(void **state)
{
    static const struct {
        const char *punishment, *gravity, *age, *ends, *struck, *spent;
    } cases[] = {
        {"suspended", "", "", "2024-06-20", NULL,
         "2024-06-21"}, /* the last day belongs to the term */
        {"suspended", "grave", "minor", "2024-02-29", NULL, "2024-03-01"},
        {"corrective_works", "", "", "2024-02-29", NULL, "2025-03-01"}, /* no 29 February */
        {"fine", "small", "adult", "2023-12-31", NULL, "2025-01-01"},
        {"fine", "small", "minor", "2023-08-31", NULL, "2024-03-01"},
        {"imprisonment", "small", "", "2020-05-10", NULL, "2023-05-11"},
        {"imprisonment", "medium", "minor", "2020-05-10", NULL, "2021-05-11"},
        {"parole", "grave", "adult", "2020-05-10", NULL, "2028-05-11"},
        {"imprisonment", "grave", "minor", "2020-05-10", NULL, "2023-05-11"},
        {"replaced", "especially_grave", "", "2020-05-10", NULL, "2030-05-11"},
        {"imprisonment", "", "", "2020-05-10", NULL, NULL}, /* the gravity is not known */
        {"imprisonment", "", "", "2020-05-10", "2022-01-15", "2022-01-15"},
        {"suspended", "", "", NULL, NULL, NULL}, /* no end of the term */
        {"suspended", "", "", NULL, "2022-01-15", "2022-01-15"},
        {"suspended", "", "", "2020-05-10", "2022-01-15",
         "2020-05-11"},                                    /* spent before it was struck */
        {"supervision", "", "", "2020-05-10", NULL, NULL}, /* no conviction, no rule */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value got =
            spent_from(text_of(cases[i].punishment), text_of(cases[i].gravity),
                       text_of(cases[i].age), day(cases[i].ends), day(cases[i].struck));
        struct value wanted = day(cases[i].spent);
        if (v_is(got) != v_is(wanted) || v_as_int(got) != v_as_int(wanted))
            fail_msg("case %zu: %s %s", i, cases[i].punishment, cases[i].gravity);
    }
}

static void test_rule_refused(void **state)
{
    struct fault f = {0};
    const struct pack_prop without[] = {{T("punishment"), T("fine")}};
    const struct pack_prop wrong[] = {{T("punishment"), T("fine")}, {T("months"), T("a year")}};
    const struct pack_prop right[] = {{T("punishment"), T("fine")}, {T("months"), T("12")}};

    (void)state;
    assert_int_not_equal(spending_take(&(struct pack_entry){.n = 1, .props = without}, &f), OK);
    assert_int_not_equal(spending_take(&(struct pack_entry){.n = 2, .props = wrong}, &f), OK);
    assert_int_equal(spending_take(&(struct pack_entry){.n = 2, .props = right}, &f), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spent),
                                       cmocka_unit_test(test_rule_refused)};
    return cmocka_run_group_tests_name("court", tests, setup, NULL);
}
