/* Rules of the register that need no store: names, whole persons, keys, what is looked for. */
#include "rooms/people/people_find.h"
#include "rooms/people/people_papers.h"
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

static void test_years(void **state)
{
    static const struct {
        const char *typed;
        int from, to;
    } good[] = {{"на вид 45–50 лет", 1973, 1979}, {"45-50", 1973, 1979}, {"около 45", 1978, 1979},
                {"1975–1980", 1975, 1980},        {"1978", 1978, 1978},  {"0", 2023, 2024}};
    static const char *const bad[] = {"",      "сорок",     "50-45",     "1980-1975", "45-1980",
                                      "2025",  "1879",      "45 46 47",  "12.03",     "121",
                                      "12/13", "1975-2025", "999999999", "#45"};
    struct years y;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!years_read(text_of(good[i].typed), day(2024, 6, 14), &y) || y.from != good[i].from ||
            y.to != good[i].to)
            fail_msg("%s: %lld–%lld", good[i].typed, (long long)y.from, (long long)y.to);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (years_read(text_of(bad[i]), day(2024, 6, 14), &y))
            fail_msg("taken: %s", bad[i]);
    assert_text(years_text(arena, v_int(1975), v_int(1980)), "1975–1980");
    assert_text(years_text(arena, v_int(1975), v_null()), "1975");
    assert_text(years_text(arena, v_null(), v_null()), "");
}

static void test_mixed_alphabets(void **state)
{
    static const struct {
        const char *name, *mended;
        enum mixed mixed;
    } names[] = {
        {"Иванов", "Иванов", MIXED_NOT},
        {"Smith", "Smith", MIXED_NOT},
        {"Петров-Smith", "Петров-Smith", MIXED_NOT},
        {"Ив\x61нов", "Иванов", MIXED_ALIKE},                /* Latin a */
        {"C\x6f\x6bолов Пётр", "Соколов Пётр", MIXED_ALIKE}, /* Latin C, o, k */
        {"Smi\xD1\x81h", "Smich", MIXED_ALIKE},              /* Cyrillic с */
        {"Ив\x66нов", "", MIXED_REALLY},
        {"Әлі\x78ан", "Әліхан", MIXED_ALIKE},
        {"", "", MIXED_NOT},
        {"-", "-", MIXED_NOT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text mended = T("");
        assert_int_equal(name_mixed(arena, text_of(names[i].name), &mended), names[i].mixed);
        if (names[i].mixed != MIXED_REALLY)
            assert_text(mended, names[i].mended);
    }
}

static void test_numbers_of_documents(void **state)
{
    (void)state;
    assert_true(pattern_fits(T("9999"), T("45 12")));
    assert_false(pattern_fits(T("9999"), T("45 1")));
    assert_false(pattern_fits(T("9999"), T("45123")));
    assert_true(pattern_fits(T("R-ЯЯ"), T("XII-АГ")));
    assert_true(pattern_fits(T("R-ЯЯ"), T("ХIIАГ"))); /* Russian Х, no dash */
    assert_true(pattern_fits(T("R-ЯЯ"), T("i-бю")));
    assert_false(pattern_fits(T("R-ЯЯ"), T("АГ")));
    assert_false(pattern_fits(T("R-ЯЯ"), T("XII-ДZ")));
    assert_true(pattern_fits(T("X9*"), T("N1 and more")));
    assert_false(pattern_fits(T("9"), T("")));
    assert_text(document_key(arena, T("ХII-аг"), T("№ 123 456")), "XIIAГ123456");
    assert_text(document_key(arena, T(""), T(" — ")), "");
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

static void test_typed(void **state)
{
    static const struct {
        const char *typed, *words;
        unsigned numbers;
        int year, month, day; /* month 0: a year only */
        bool switched, wrong;
    } cases[] = {
        {"Лаптев", "лаптев"},
        {"Лаптев 1985", "лаптев", 0, 1985},
        {"Лаптев Игорь, 1985 г.р.", "лаптев игорь", 0, 1985},
        {"Лаптев 03.04.1980", "лаптев", 0, 1980, 4, 3},
        {"1980-04-03", "", 0, 1980, 4, 3},
        {"03041980", "", 0, 1980, 4, 3},
        {"04.25.1980", "", 0, 1980, 4, 25},
        {"112-233-445 95", "", NUMBER_SNILS | NUMBER_DOCUMENT},
        {"112 233 445 95", "", NUMBER_SNILS | NUMBER_DOCUMENT},
        {"112-233-445 96", "", NUMBER_SNILS | NUMBER_DOCUMENT, .wrong = true},
        {"8 (912) 345-67-89", "", NUMBER_SNILS | NUMBER_PHONE | NUMBER_DOCUMENT},
        {"+7 912 345-67-89", "", NUMBER_PHONE | NUMBER_DOCUMENT},
        {"4510 123456", "", NUMBER_DOCUMENT},
        {"2005 123456", "", NUMBER_DOCUMENT},
        {"Kfgntd 1985", "лаптев", 0, 1985, .switched = true},
        {"Лаптев И.С.", "лаптев и с"},
        {"   ", ""},
        {"31.02.1980", "", NUMBER_DOCUMENT},
        {"Лаптев 1700", "лаптев"},
    };
    struct typed t;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text words = T("");
        typed_read(arena, text_of(cases[i].typed), 0, LAYOUT_LIKELY, &t);
        for (size_t k = 0; k < t.n; k++)
            words = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(words), k ? " " : "", TEXT_ARG(t.w[k].word));
        struct ymd d = t.dated ? date_ymd(t.date) : (struct ymd){0};
        if (!text_is(words, cases[i].words) || t.numbers != cases[i].numbers || t.year != cases[i].year || d.month != cases[i].month ||
            d.day != cases[i].day || t.switched != cases[i].switched || t.wrong_check != cases[i].wrong)
            fail_msg("%s: words %.*s, numbers %u, year %d, %d.%d, %d %d", cases[i].typed, TEXT_ARG(words), t.numbers, t.year, d.day, d.month,
                     t.switched, t.wrong_check);
    }
    typed_read(arena, T("Лаптев"), 1985, LAYOUT_LIKELY, &t);
    assert_int_equal(t.year, 1985);
    typed_read(arena, T("шмфтщм"), 0, LAYOUT_LIKELY, &t);
    assert_false(t.switched);
    typed_read(arena, T("шмфтщм"), 0, LAYOUT_OTHER, &t);
    assert_text(t.w[0].word, "ivanov");
    typed_read(arena, T("Kfgntd"), 0, LAYOUT_TYPED, &t);
    assert_false(t.switched);
    typed_read(arena, T("IV-МН 654321"), 0, LAYOUT_LIKELY, &t);
    assert_text(t.document, "IVMH654321");
}

static enum how match(const char *typed, const char *is)
{
    struct typed_word a, b;
    enum how how;

    typed_word(arena, text_of(typed), &a);
    typed_word(arena, text_of(is), &b);
    (void)word_match(&a, &b, &how);
    return how;
}

static void test_match(void **state)
{
    (void)state;
    assert_int_equal(match("иванов", "иванов"), HOW_TYPED);
    assert_int_equal(match("ива", "иванов"), HOW_BEGINS);
    assert_int_equal(match("и", "иванов"), HOW_INITIAL);
    assert_int_equal(match("иванова", "иванов"), HOW_ENDING);
    assert_int_equal(match("ivanov", "иванов"), HOW_LATIN);
    assert_int_equal(match("леша", "алексей"), HOW_FORM);
    assert_int_equal(match("иваноф", "иванов"), HOW_SPELLING);
    assert_int_equal(match("иавнов", "иванов"), HOW_SPELLING);
    assert_int_equal(match("вано", "иванов"), HOW_INSIDE);
    assert_int_equal(match("петров", "иванов"), HOW_NONE);
    assert_int_equal(match("дом17", "дом18"), HOW_NONE);
}

/* The same person has the same keys however he is written, another has others. */
static void test_search_keys(void **state)
{
    struct key_facts a = {.family = T("Семёнова"), .given = T("Наталья"), .patronymic = T("Юрьевна"), .born = true, .birth_date = day(1980, 4, 3)};
    struct key_facts b = a;
    struct person_keys x, y;

    (void)state;
    person_keys_of(arena, &a, &x);
    assert_int_equal(x.n, 4);
    b.family = T("Semyonova");
    person_keys_of(arena, &b, &y);
    assert_memory_equal(x.key, y.key, x.n * sizeof x.key[0]);
    assert_true(key_surname_year(arena, T("симёнов"), 1980) == x.key[1]);
    b.birth_date = day(1980, 4, 4);
    person_keys_of(arena, &b, &y);
    assert_true(x.key[0] != y.key[0] && x.key[1] == y.key[1]);
    assert_true(key_phone(T("89123456789")) == key_phone(T("79123456789")));
    struct text place[4];
    assert_int_equal(place_words(arena, T("г. Дальнереченск, ул. Лесная, д. 1"), place, 4), 1);
    assert_text(place[0], "дальнереченск");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_years),
        cmocka_unit_test(test_mixed_alphabets),
        cmocka_unit_test(test_numbers_of_documents),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_whole_person),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_search_keys),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
