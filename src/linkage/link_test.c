#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "linkage/link.h"
#include "linkage/names.h"
#include <stdio.h>

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct feature *F(struct arena *arena, enum link_kind kind, const char *value)
{
    struct link_field field = {.kind = kind, .cyrillic = true};
    struct feature *f = NEW(arena, struct feature);

    return link_feature(arena, &field, text_of(value), f) == LINK_GIVEN_VALUE ? f : NULL;
}

static void assert_level(struct arena *arena, enum link_kind kind, const char *a, const char *b, const char *level)
{
    int l = link_compare_field(kind, F(arena, kind, a), F(arena, kind, b)), back = link_compare_field(kind, F(arena, kind, b), F(arena, kind, a));
    const char *got = l == LINK_NONE ? "" : link_kinds[kind].levels[l];

    if (strcmp(got, level) != 0)
        fail_msg("'%s' and '%s': '%s', not '%s'", a, b, got, level);
    assert_int_equal(l, back);
}

static void test_levels_of_names(void **state)
{
    struct arena *a = *state;

    assert_level(a, LINK_FAMILY, "Семёнов", "СЕМЕНОВ ", "the same");
    assert_level(a, LINK_FAMILY, "Иванов", "Иванова", "the same but for the ending");
    assert_level(a, LINK_FAMILY, "Щербаков", "Shcherbakov", "sounds the same");
    assert_level(a, LINK_FAMILY, "Кузнецов", "Кузницов", "sounds the same");
    assert_level(a, LINK_FAMILY, "Макаров", "Маваров", "one letter off");
    assert_level(a, LINK_FAMILY, "Цой-Ким", "Ким", "one part of a double surname");
    assert_level(a, LINK_FAMILY, "Bdfyjd", "Иванов", "the same");
    assert_level(a, LINK_FAMILY, "Черных", "Чёрных", "the same");
    assert_level(a, LINK_FAMILY, "Дегтев", "Дегтяв", "one letter off");
    assert_level(a, LINK_FAMILY, "Иванов", "Кузнецов", "differs");
    assert_level(a, LINK_FAMILY, "", "Кузнецов", "");
    assert_level(a, LINK_FAMILY, "😀", "Кузнецов", "");
    assert_level(a, LINK_GIVEN, "Алексей", "Лёша", "a form of the same name");
    assert_level(a, LINK_GIVEN, "Саша", "Александра", "a form of the same name");
    assert_level(a, LINK_GIVEN, "Ержан", "Yerzhan", "a form of the same name");
    assert_level(a, LINK_GIVEN, "Алексей", "А.", "initial only");
    assert_level(a, LINK_GIVEN, "Алина", "Арина", "alike");
    assert_level(a, LINK_GIVEN, "Иван", "Пётр", "differs");
    assert_level(a, LINK_PATRONYMIC, "Петрович", "Петровна", "the same father's name");
    assert_level(a, LINK_PATRONYMIC, "Нұрланұлы", "Нурланович", "the same father's name");
    assert_level(a, LINK_PATRONYMIC, "Петрович", "Иванович", "differs");
}

static void test_levels_of_dates(void **state)
{
    struct arena *a = *state;

    assert_level(a, LINK_DATE, "1980-04-03", "03.04.1980", "the same");
    assert_level(a, LINK_DATE, "1980-04-03", "1980-03-04", "day and month change places");
    assert_level(a, LINK_DATE, "1980-04-03", "1981-04-03", "one digit off");
    assert_level(a, LINK_DATE, "1980-04-03", "1908-04-03", "one digit off");
    assert_level(a, LINK_DATE, "1980-04-03", "1980", "the same year, no more is known");
    assert_level(a, LINK_DATE, "1978-04-03", "1985-04-03", "the same day and month of another year");
    assert_level(a, LINK_DATE, "1980-04-03", "1980-05-04", "two digits off");
    assert_level(a, LINK_DATE, "1978-1982", "1980-05-04", "near years");
    assert_level(a, LINK_DATE, "около 1979", "1981-05-04", "near years");
    assert_level(a, LINK_DATE, "1980-04-03", "1965-11-27", "differs");
    assert_level(a, LINK_DATE, "19830275", "1983-02-25", "one digit off");
    struct feature f;
    struct link_field field = {.kind = LINK_DATE, .format = "%d.%m.%Y"};
    assert_int_equal(link_feature(a, &field, T("1980-04-03"), &f), LINK_BAD_VALUE);
    assert_int_equal(link_feature(a, &field, T("3.4.1980"), &f), LINK_GIVEN_VALUE);
    assert_int_equal(link_feature(a, &field, T(" "), &f), LINK_NO_VALUE);
    assert_int_equal(link_feature(a, &field, T("soon"), &f), LINK_BAD_VALUE);
}

static void test_levels_of_numbers_and_places(void **state)
{
    struct arena *a = *state;

    assert_level(a, LINK_SNILS, "112-233-445 95", "11223344595", "the same");
    assert_level(a, LINK_SNILS, "112-233-445 95", "112-233-454 95", "one digit off");
    assert_level(a, LINK_SNILS, "112-233-445 95", "987-654-321 00", "differs");
    assert_level(a, LINK_PHONE, "+7 (913) 123-45-67", "89131234567", "the same");
    assert_level(a, LINK_PHONE, "89131234567, 89080000001", "+79080000001", "the same");
    assert_level(a, LINK_PHONE, "89131234567", "89131234568", "one digit off");
    assert_level(a, LINK_PHONE, "1", "89131234568", "");
    assert_level(a, LINK_ADDRESS, "г. Омск, ул. Ленина, д. 5, кв. 7", "Омск Ленина 5 7", "the same");
    assert_level(a, LINK_ADDRESS, "г. Омск, ул. Ленина, д. 5, кв. 7", "ул. Ленина 5, Омск", "the same house");
    assert_level(a, LINK_ADDRESS, "г. Омск, ул. Ленина, д. 5", "г. Омск, ул. Ленина, д. 8", "the same words, other numbers");
    assert_level(a, LINK_ADDRESS, "г. Омск, ул. Ленина, д. 5", "г. Тара, ул. Мира, д. 31", "differs");
    assert_level(a, LINK_PLACE, "г. Омск", "Омск", "the same");
    assert_level(a, LINK_PLACE, "Омск", "Омская область, Омск", "one names more");
    assert_level(a, LINK_SEX, "м", "мужской", "the same");
    assert_level(a, LINK_SEX, "ж", "male", "differs");
    assert_level(a, LINK_SEX, "Жен.", "әйел", "the same");
    assert_level(a, LINK_SEX, "м", "не указан", "");
    assert_level(a, LINK_PLACE, "Нұр-Сұлтан қала", "Нур-Султан", "the same");
    assert_level(a, LINK_EMAIL, "anna@mail.ru", "Anna@mail.ru", "the same");
    assert_level(a, LINK_EMAIL, "anna@mail.ru", "anna@yandex.ru", "the same name at another provider");
    assert_level(a, LINK_NUMBER, "007", "7", "the same");
    assert_level(a, LINK_NUMBER, "0", "000", "the same");
    assert_level(a, LINK_NUMBER, "0", "25", "differs");
    assert_level(a, LINK_NUMBER, "-", "25", "");
    assert_level(a, LINK_TEXT, "Red House", "House, red", "the same but for order or sound");
}

static void test_arithmetic(void **state)
{
    uint16_t long_a[130], long_b[130];

    (void)state;
#define CP(word) (const uint16_t *)u##word, sizeof(u##word) / 2 - 1
    assert_int_equal(name_edits(CP("abcd"), CP("abdc"), 2), 1);
    assert_int_equal(name_edits(CP("abcd"), CP("acbd"), 1), 1);
    assert_int_equal(name_edits(CP("abcd"), CP("bcd"), 1), 1);
    assert_int_equal(name_edits(CP("abcd"), CP("xbcy"), 1), 2);
    assert_int_equal(name_edits(CP("kitten"), CP("sitting"), 3), 3);
    assert_int_equal(name_edits(CP("kitten"), CP("sitting"), 2), 3);
    assert_int_equal(name_edits(CP(""), CP("ab"), 2), 2);
    assert_true(link_jaro(CP("martha"), CP("marhta")) > .9611 && link_jaro(CP("martha"), CP("marhta")) < .9612);
    assert_true(link_jaro(CP("dwayne"), CP("duane")) > .8399 && link_jaro(CP("dwayne"), CP("duane")) < .8401);
    assert_true(link_jaro(CP("dixon"), CP("dicksonx")) > .8132 && link_jaro(CP("dixon"), CP("dicksonx")) < .8134);
    assert_true(link_jaro(CP("abc"), CP("xyz")) == 0);
    for (int i = 0; i < 130; i++)
        long_a[i] = long_b[i] = (uint16_t)('a' + i % 26);
    assert_true(link_jaro(long_a, 130, long_b, 129) > .99);
    assert_int_equal(name_edits(long_a, 130, long_b, 129, 2), 1);
}

/* --- records --- */

enum { N_FIELDS = 7 };
static const struct link_field fields[N_FIELDS] = {{"family_name", LINK_FAMILY}, {"given_name", LINK_GIVEN}, {"patronymic", LINK_PATRONYMIC},
                                                   {"birth_date", LINK_DATE},    {"snils", LINK_SNILS},      {"phone", LINK_PHONE},
                                                   {"address", LINK_ADDRESS}};

struct record {
    const struct feature *f[N_FIELDS];
};

static struct record R(struct arena *arena, const char *family, const char *given, const char *father, const char *born, const char *snils,
                       const char *phone)
{
    const char *values[N_FIELDS] = {family, given, father, born, snils, phone, ""};
    struct record r;

    for (int i = 0; i < N_FIELDS; i++)
        r.f[i] = F(arena, fields[i].kind, values[i]);
    return r;
}

static const char *forbids(struct record a, struct record b)
{
    const char *x = link_forbids(fields, N_FIELDS, a.f, b.f), *y = link_forbids(fields, N_FIELDS, b.f, a.f);

    assert_ptr_equal(x, y);
    return x ? x : "";
}

static void test_what_forbids(void **state)
{
    struct arena *a = *state;
    struct record ivan = R(a, "Иванов", "Иван", "Петрович", "1980-04-03", "112-233-445 95", "");

    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Петрович", "1980-04-03", "087-654-303 00", "")), "Two valid SNILS that differ");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Петрович", "1980-04-03", "112-233-445 96", "")), "");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Иванович", "2003-11-27", "", "")), "Dates of birth a generation apart");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Иванович", "2010-04-03", "", "")), "Dates of birth a generation apart");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Петрович", "1908-04-03", "", "")), "");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Иван", "Петрович", "2003-11-27", "112-233-445 95", "")), "");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Олег", "Петрович", "1980-04-03", "", "")),
                        "Twins: one surname, father and date of birth, two given names");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Ваня", "Петрович", "1980-04-03", "", "")), "");
    assert_string_equal(forbids(R(a, "Иванова", "Мария", "Ильинична", "1980-04-03", "", ""), R(a, "Иванова", "Марина", "Ильинична", "1980-04-03", "", "")),
                        "Twins: one surname, father and date of birth, two given names");
    assert_string_equal(forbids(ivan, R(a, "Иванов", "Олег", "Петрович", "1980-04-03", "112-233-445 95", "")),
                        "Twins: one surname, father and date of birth, two given names");
}

static const char *forbids_of(struct arena *arena, const struct link_field *of, int n, const char *const *a, const char *const *b)
{
    const struct feature *x[LINK_FIELDS_MAX], *y[LINK_FIELDS_MAX];

    for (int i = 0; i < n; i++) {
        x[i] = F(arena, of[i].kind, a[i]);
        y[i] = F(arena, of[i].kind, b[i]);
    }
    const char *why = link_forbids(of, n, x, y);
    assert_ptr_equal(why, link_forbids(of, n, y, x));
    return why ? why : "";
}

/* Dates other than that of birth say nothing, and papers of twins are one digit off. */
static void test_what_guards_look_at(void **state)
{
    enum { N = 6 };
    static const struct link_field of[N] = {{"death_date", LINK_DATE},       {"family_name", LINK_FAMILY}, {"given_name", LINK_GIVEN},
                                            {"patronymic", LINK_PATRONYMIC}, {"birth_date", LINK_DATE},    {"document", LINK_IDENTIFIER}};
    const char *ivan[N] = {"2020-01-02", "Иванов", "Иван", "Петрович", "1980-04-03", "5801424265"};
    const char *twin[N] = {"2001-11-27", "Иванов", "Олег", "Петрович", "1980-04-03", "5801424266"};
    const char *of_one_paper[N] = {"", "Иванов", "Олег", "Петрович", "1980-04-03", "5801424265"};
    const char *himself[N] = {"2001-11-27", "Иванов", "Иван", "Петрович", "1980-04-03", ""};
    const char *son[N] = {"2020-01-02", "Иванов", "Иван", "Иванович", "2003-11-27", "5801424266"};
    const char *slip[N] = {"", "Иванов", "Иван", "Петрович", "2003-11-27", "5801424265"};
    const struct link_field no_birth[N] = {of[0], of[1], of[2], of[3], {"registered", LINK_DATE}, of[5]};

    assert_string_equal(forbids_of(*state, of, N, ivan, twin), "Twins: one surname, father and date of birth, two given names");
    assert_string_equal(forbids_of(*state, of, N, ivan, of_one_paper), "Twins: one surname, father and date of birth, two given names");
    assert_string_equal(forbids_of(*state, of, N, ivan, himself), "");
    assert_string_equal(forbids_of(*state, of, N, ivan, son), "Dates of birth a generation apart");
    assert_string_equal(forbids_of(*state, of, N, ivan, slip), "");
    assert_string_equal(forbids_of(*state, no_birth, N, ivan, son), "");
    assert_string_equal(forbids_of(*state, no_birth, N, ivan, twin), "");
}

static void test_places_changed(void **state)
{
    struct arena *a = *state;
    struct record x = R(a, "Иванов", "Иван", "", "", "", ""), y = R(a, "Иван", "Иванов", "", "", "", "");
    struct record z = R(a, "Иван", "Кузьма", "", "", "", "");
    uint8_t levels[LINK_FIELDS_MAX];

    link_compare(fields, N_FIELDS, x.f, y.f, levels);
    assert_string_equal(link_kinds[LINK_FAMILY].levels[levels[0]], "in another field");
    assert_int_equal(levels[1], LINK_NONE); /* counted once */
    link_compare(fields, N_FIELDS, x.f, z.f, levels);
    assert_string_equal(link_kinds[LINK_FAMILY].levels[levels[0]], "alike");
}

static void test_hash(void **state)
{
    (void)state;
    /* stored in models: another value here is another version of all of them */
    assert_int_equal(link_hash(T("иванов")), UINT64_C(0x64807b6952c57f40));
}

static void test_score(void **state)
{
    struct arena *a = *state;
    struct record ivan = R(a, "Иванов", "Иван", "Петрович", "1980-04-03", "", ""), vanya = R(a, "Иванов", "Ваня", "Петрович", "1980-03-04", "", "");
    struct record oleg = R(a, "Кузнецов", "Олег", "Ильич", "1971-12-30", "", "");
    struct link_model model, read;
    struct link_explain why;
    struct buf text = BUF(100000);
    struct fault fault = {0};

    link_model_begin(&model, fields, N_FIELDS);
    double same = link_score(&model, ivan.f, vanya.f, &why), other = link_score(&model, ivan.f, oleg.f, NULL), sum = model.prior;
    assert_true(same > model.same && other < model.doubtful);
    assert_string_equal(why.field[1].level, "a form of the same name");
    assert_string_equal(why.field[3].level, "day and month change places");
    assert_null(why.field[4].level);
    for (int i = 0; i < why.n; i++)
        sum += why.field[i].bits;
    assert_true(sum > same - 1e-9 && sum < same + 1e-9);

    model.often = (struct link_often[]){{ivan.f[0]->exact, .02, 0}};
    model.n_often = 1;
    link_model_print(&model, &text);
    assert_int_equal(link_model_parse(a, buf_get(&text), &read, &fault), OK);
    double again = link_score(&read, ivan.f, vanya.f, NULL);
    assert_true(again > same - .01 && again < same + .01);
    struct feature f = *ivan.f[0];
    link_model_share(&read, 0, &f);
    assert_true(f.share > .0199 && f.share < .0201);
    link_model_share(&read, 1, &f);
    assert_true(f.share == 0);
    for (size_t n = 0; n < text.n; n++) /* a part of a model is none */
        assert_int_not_equal(link_model_parse(a, (struct text){text.s, n}, &read, NULL), OK);
    buf_free(&text);
}

/* --- tables --- */

struct found {
    struct link_pair pair[64];
    size_t n;
};

static bool note_pair(void *mine, const struct link_pair *pair)
{
    struct found *f = mine;

    f->pair[f->n++] = *pair;
    return f->n < 64;
}

static void test_run(void **state)
{
    struct arena *a = *state;
    enum { ROWS = 9 };
    struct record rows[ROWS] = {
        R(a, "Иванов", "Иван", "Петрович", "1980-04-03", "", "89131234567"), R(a, "Орлова", "Зоя", "Ильинична", "1961-01-02", "", ""),
        R(a, "Иванов", "Ваня", "Петрович", "1980-03-04", "", ""),            R(a, "Ким", "Олег", "", "1990-05-06", "", ""),
        R(a, "Орлова", "Зоя", "Ильинична", "1961-01-02", "", ""),            R(a, "Иванов", "Пётр", "Петрович", "1980-04-03", "", "89131234567"),
        R(a, "Белов", "Юрий", "Олегович", "1975-07-08", "", ""),             R(a, "Ivanov", "Ivan", "Petrovich", "1980-04-03", "", ""),
        R(a, "Чернов", "Лев", "Денисович", "1955-09-10", "", "")};
    const struct feature **row = arena_array(a, ROWS * N_FIELDS, sizeof *row);
    struct found f = {.n = 0};
    struct link_result result;

    for (int i = 0; i < ROWS; i++)
        memcpy(row + i * N_FIELDS, rows[i].f, sizeof rows[i].f);
    struct link_set set = {fields, N_FIELDS, row, ROWS, ROWS};
    assert_int_equal(link_run(&set, &result, note_pair, &f), OK);
    assert_int_equal(f.n, 4); /* the twin Пётр is with nobody */
    assert_true(f.pair[0].a == 0 && f.pair[0].b == 2 && f.pair[1].a == 0 && f.pair[1].b == 7 && f.pair[2].a == 1 && f.pair[2].b == 4 &&
                f.pair[3].a == 2 && f.pair[3].b == 7);
    f.n = 0;
    set.n_first = 3; /* two tables: only across */
    assert_int_equal(link_run(&set, &result, note_pair, &f), OK);
    assert_int_equal(f.n, 3);
    for (size_t i = 0; i < f.n; i++)
        assert_true(f.pair[i].a < 3 && f.pair[i].b >= 3);
    set.n_rows = set.n_first = 0;
    f.n = 0;
    assert_int_equal(link_run(&set, &result, note_pair, &f), OK);
    assert_int_equal(f.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_levels_of_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_levels_of_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_levels_of_numbers_and_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arithmetic, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_forbids, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_guards_look_at, setup, teardown),
        cmocka_unit_test_setup_teardown(test_places_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(test_score, setup, teardown),
        cmocka_unit_test_setup_teardown(test_run, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
