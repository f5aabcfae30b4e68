/* Rules of the register that need no store: names, whole persons, keys, what is looked for. */
#include "rooms/people/people_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static int64_t day(int y, int m, int d)
{
    return date_from((struct ymd){y, m, d});
}

static void assert_text(struct text t, const char *z)
{
    if (!text_is(t, z))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARG(t), z);
}

static void test_names(void **state)
{
    static const char *const good[] = {"Иванов",      "Петров-Водкин", "Салтыков Щедрин", "О'Нил",
                                       "Оразғалиұлы", "Әлия",          "Smith",           "Müller",
                                       "Дж.",         "Гүлнәр-қызы"};
    static const char *const bad[] = {"",        " ",        "-",        "1",       "Иван0в",
                                      "<b>",     "Иванов;",  "=cmd",     "@Иванов", "Иванов/Петров",
                                      "Иванов☺", "«Иванов»", "Иванов\n", "№ 5",     "\xD0"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!person_name_good(text_of(good[i])))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (person_name_good(text_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

static union person_record someone(void)
{
    return (union person_record){.family_name = v_z("Лаптев"),
                                 .given_name = v_z("Игорь"),
                                 .patronymic = v_null(),
                                 .birth_date = v_date(day(1985, 3, 12))};
}

static void test_whole_person(void **state)
{
    (void)state;
    int64_t today = day(2024, 6, 14);
    int field;
    union person_record p = someone();
    assert_null(person_fault(&p, today, &field));
    assert_int_equal(field, -1);

    p.given_name = v_z("Игорь2");
    assert_non_null(person_fault(&p, today, &field));
    assert_int_equal(field, PERSON_GIVEN_NAME);

    p = someone();
    p.birth_date = v_date(today + 1);
    assert_non_null(person_fault(&p, today, &field));
    assert_int_equal(field, PERSON_BIRTH_DATE);
    p.birth_date = v_date(today);
    assert_null(person_fault(&p, today, &field));
    p.birth_date = v_date(day(1890, 1, 1));
    assert_non_null(person_fault(&p, today, &field));
    assert_int_equal(field, PERSON_BIRTH_DATE);
    p.death_date = v_date(day(1960, 1, 1)); /* who died may have been born long ago */
    assert_null(person_fault(&p, today, &field));

    p = someone();
    p.death_date = v_date(day(1985, 3, 11));
    assert_non_null(person_fault(&p, today, &field));
    assert_int_equal(field, PERSON_DEATH_DATE);
    p.death_date = p.birth_date;
    assert_null(person_fault(&p, today, &field));
    p.death_date = v_date(today + 1);
    assert_non_null(person_fault(&p, today, &field));

    p = (union person_record){.family_name = v_z("Неизвестный")}; /* without documents and date */
    assert_null(person_fault(&p, today, &field));
}

static void test_keys(void **state)
{
    (void)state;
    assert_text(person_name_key(arena, T("ПЁТРОВ-Водкин"), T("Кузьма"), T("")),
                "петров водкин кузьма");
    assert_text(person_name_key(arena, T("Әлиев"), T(""), T("Қайратұлы")), "алиев кайратулы");

    union person_record p = someone();
    assert_text(person_row_key(arena, &p), "лаптев игорь|1985-03-12|");
    p.birth_place = v_z("г. Приозёрск");
    assert_text(person_row_key(arena, &p), "лаптев игорь|1985-03-12|г. приозерск");
    p.snils = v_z("11223344595");
    assert_text(person_row_key(arena, &p), "11223344595");

    /* one name written two ways is one row of the list */
    union person_record a = {.family_name = v_z("Королёв"), .birth_date = p.birth_date};
    union person_record b = {.family_name = v_z("КОРОЛЕВ"), .birth_date = p.birth_date};
    assert_true(text_eq(person_row_key(arena, &a), person_row_key(arena, &b)));
}

static void test_range(void **state)
{
    (void)state;
    struct value from, end;
    person_name_range(arena, T("  Лап"), &from, &end);
    assert_text(v_as_text(from), "лап");
    struct text key = person_name_key(arena, T("Лаптев"), T("Игорь"), T(""));
    assert_true(text_cmp(key, v_as_text(from)) >= 0 && text_cmp(key, v_as_text(end)) < 0);
    key = person_name_key(arena, T("Ларин"), T(""), T(""));
    assert_false(text_cmp(key, v_as_text(from)) >= 0 && text_cmp(key, v_as_text(end)) < 0);
    person_name_range(arena, T(" "), &from, &end);
    assert_false(v_is(from) || v_is(end));
}

static void test_search(void **state)
{
    (void)state;
    struct person_search s;
    const char *message;

    assert_true(person_search_parse(arena, T("Лаптев Игорь 1985"), 0, &s, &message));
    assert_text(v_as_text(s.q), "лаптев игорь");
    assert_int_equal(s.born_from.i, day(1985, 1, 1));
    assert_int_equal(s.born_to.i, day(1985, 12, 31));
    /* whole words: "лаптев" finds "лаптев игорь", not "лаптева" */
    assert_true(person_search_parse(arena, T("Лаптев"), 1985, &s, &message));
    struct text he = person_name_key(arena, T("Лаптев"), T("Игорь"), T(""));
    struct text she = person_name_key(arena, T("Лаптева"), T("Ольга"), T(""));
    assert_true(text_cmp(he, v_as_text(s.q)) >= 0 && text_cmp(he, v_as_text(s.q_end)) < 0);
    assert_false(text_cmp(she, v_as_text(s.q)) >= 0 && text_cmp(she, v_as_text(s.q_end)) < 0);

    assert_true(person_search_parse(arena, T("112-233-445 95"), 0, &s, &message));
    assert_text(v_as_text(s.snils), "11223344595");
    assert_false(v_is(s.q));

    static const char *const little[] = {"Лаптев", "1985",           "",
                                         "Л 1985", "112-233-445 96", "Лаптев 1700"};
    for (size_t i = 0; i < sizeof little / sizeof *little; i++) {
        if (person_search_parse(arena, text_of(little[i]), 0, &s, &message))
            fail_msg("too little, but looked for: %s", little[i]);
        assert_non_null(message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),  cmocka_unit_test(test_whole_person),
        cmocka_unit_test(test_keys),   cmocka_unit_test(test_range),
        cmocka_unit_test(test_search),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
