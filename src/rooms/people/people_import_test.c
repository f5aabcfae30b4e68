/* Imports as far as they need no store: headings, cells, who a row is. */
#include "guard/codes.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_import_match.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct arena *arena;

static const char words[] =
    "[pack t]\n"
    "[code import_field full_name]\nlabel.ru = ФИО\nlabel.en = Full name\nalso = фамилия имя "
    "отчество\n"
    "[code import_field family_name]\nlabel.ru = Фамилия\nlabel.en = Surname\n"
    "[code import_field given_name]\nlabel.ru = Имя\nlabel.en = Given name\n"
    "[code import_field patronymic]\nlabel.ru = Отчество\nlabel.en = Patronymic\nalso = отчество "
    "при наличии\n"
    "[code import_field birth_date]\nlabel.ru = Дата рождения\nlabel.en = Date of birth\nalso = "
    "др\n"
    "[code import_field snils]\nlabel.ru = СНИЛС\nlabel.en = SNILS\n"
    "[code import_field sex]\nlabel.ru = Пол\nlabel.en = Sex\n"
    "[code import_field category]\nlabel.ru = Категория\nlabel.en = Category\n"
    "[code import_field channel]\nlabel.ru = Канал обращения\nlabel.en = Channel of entry\n"
    "[code import_field day]\nlabel.ru = Дата оказания\nlabel.en = Date of service\n"
    "[code sex male]\nlabel.ru = мужской\nlabel.en = male\nalso = м; муж; муж.\n"
    "[code sex female]\nlabel.ru = женский\nlabel.en = female\nalso = ж; жен\n";

static int setup(void **state)
{
    struct pack_entry *e;
    struct fault f = {0};
    size_t n;
    (void)state;
    arena = arena_new();
    if (pack_file_read(text_of(words), T("t/t.pack"), T("t"), arena, &e, &n, &f) ||
        packs_use(e, n, &f))
        fail_msg("%s", f.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void assert_text(struct text t, const char *z)
{
    if (!text_is(t, z))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARG(t), z);
}

static void test_heading_key(void **state)
{
    (void)state;
    assert_text(import_heading_key(arena, T(" Дата  рождения* (дд.мм.гггг) ")), "дата рождения");
    assert_text(import_heading_key(arena, T("Ф.И.О.:")), "фио");
    assert_text(import_heading_key(arena, T("№")), "");
    assert_text(import_heading_key(arena, T("Населённый_пункт")), "населенный пункт");
    assert_text(import_heading_key(arena, T("Отчество\n(при наличии)")), "отчество");
}

/* Maps headings given as one text divided by "|". */
static const char *map(const char *headings, int *fields, struct text *a)
{
    const struct import_target *persons = import_target_of(T("persons"));
    struct text rest = text_of(headings), part, h[20];
    size_t n = 0;
    assert_non_null(persons);
    while (text_split(&rest, '|', &part)) {
        h[n] = part;
        fields[n++] = -2;
    }
    *a = T("");
    return import_map(arena, persons, h, n, fields, a);
}

static void test_map(void **state)
{
    (void)state;
    int f[20];
    struct text a;
    const struct import_target *persons = import_target_of(T("persons"));

    assert_null(map("СНИЛС|Дата рождения|фамилия|Отряд|ИМЯ", f, &a));
    assert_int_equal(f[0], import_field_at(persons, "snils"));
    assert_int_equal(f[1], import_field_at(persons, "birth_date"));
    assert_int_equal(f[2], import_field_at(persons, "family_name"));
    assert_int_equal(f[3], -1);
    assert_int_equal(f[4], import_field_at(persons, "given_name"));

    assert_null(map("Ф.И.О.|ДР|Дата оказания", f, &a)); /* of another kind of list: not taken */
    assert_int_equal(f[0], import_field_at(persons, "full_name"));
    assert_int_equal(f[2], -1);

    assert_non_null(map("Фамилия|Дата рождения|ФАМИЛИЯ", f, &a));
    assert_text(a, "ФАМИЛИЯ");
    assert_non_null(map("Фамилия|Дата рождения|ДР", f, &a)); /* two columns of one field */
    assert_text(a, "Дата рождения");
    assert_non_null(map("Фамилия|Дата рождения|Отряд|отряд", f, &a));
    assert_null(map("Фамилия|Дата рождения||", f, &a)); /* columns without heading are left out */
}

static void test_map_whole(void **state)
{
    (void)state;
    struct import_run run = {
        .target = import_target_of(T("persons")), .category = T(""), .channel = T("")};
    struct text a;
    int f[20];

    assert_null(map("Имя|Дата рождения", f, &a));
    run.n_columns = 2;
    assert_non_null(import_map_run(&run, f, &a)); /* neither surname nor full name */
    assert_null(map("Фамилия|Имя", f, &a));
    assert_non_null(import_map_run(&run, f, &a)); /* nothing that tells namesakes apart */
    assert_text(a, "Дата рождения");
    assert_null(map("Фамилия|Дата рождения|Категория", f, &a));
    run.n_columns = 3;
    assert_non_null(import_map_run(&run, f, &a)); /* how they came is not said */
    assert_text(a, "Канал обращения");
    run.channel = T("self");
    assert_null(import_map_run(&run, f, &a));
    run.channel = T("");
    assert_null(map("Фамилия|Дата рождения|Категория|Канал обращения", f, &a));
    run.n_columns = 4;
    assert_null(import_map_run(&run, f, &a));
}

static void test_cells(void **state)
{
    (void)state;
    const struct text row[] = {T("а"), T(""), T("в; \"г\""), T("")};
    const struct text *back;
    struct text joined = import_join(arena, row, 4);
    assert_int_equal(import_split(arena, joined, &back), 4);
    for (int i = 0; i < 4; i++)
        assert_true(text_eq(row[i], back[i]));
    assert_int_equal(import_split(arena, T(""), &back), 1);

    struct text family, given, patronymic;
    split_full_name(T(" Оразов  Марат Қайрат ұлы "), &family, &given, &patronymic);
    assert_text(family, "Оразов");
    assert_text(given, "Марат");
    assert_text(patronymic, "Қайрат ұлы");
    split_full_name(T("Неизвестный"), &family, &given, &patronymic);
    assert_text(family, "Неизвестный");
    assert_int_equal(given.n + patronymic.n, 0);

    static const char *const same[] = {"Приозёрный", "Приозерный район", "ПРИОЗЁРНЫЙ Р-Н",
                                       "Приозёрный муниципальный район", "Приозерный р-н."};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_text(district_key(arena, text_of(same[i])), "приозерный");
    assert_text(district_key(arena, T("г. Приозёрск")), "приозерск");
    assert_text(join_address(arena, T("с. Ивановка"), T("ул. Мира, 3")),
                "с. Ивановка, ул. Мира, 3");
    assert_text(join_address(arena, T(""), T("ул. Мира, 3")), "ул. Мира, 3");
}

/* ---- values of a row ---- */

static struct role role = {.code = "t",
                           .write = CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_SOCIAL)};

static struct import_line read(struct request *rq, const char *field, const char *cell,
                               struct value *v)
{
    struct import_run run = {.rq = rq, .target = import_target_of(T("persons"))};
    static struct text cells[1];
    int f = import_field_at(run.target, field);
    cells[0] = text_of(cell);
    for (size_t i = 0; i < IMPORT_FIELDS_MAX; i++)
        run.column_of[i] = -1;
    run.column_of[f] = 0;
    struct import_line line = {.cells = cells, .n = 1, .field = -1};
    *v = import_value(&run, &line, f);
    return line;
}

static void test_values(void **state)
{
    (void)state;
    struct request rq = {.arena = arena, .today = date_from((struct ymd){2024, 6, 14})};
    struct value v;
    rq.viewer.role = &role;

    assert_int_equal(read(&rq, "birth_date", " 12.03.1985 ", &v).state, ROW_NEW);
    assert_int_equal(v.i, date_from((struct ymd){1985, 3, 12}));
    assert_int_equal(read(&rq, "birth_date", "31.02.1985", &v).state, ROW_FAULTY);
    assert_int_equal(v.kind, V_NONE);
    assert_int_equal(read(&rq, "birth_date", "", &v).state, ROW_NEW);
    assert_int_equal(v.kind, V_NULL);
    read(&rq, "snils", "112-233-445 95", &v);
    assert_text(v_as_text(v), "11223344595");
    struct import_line line = read(&rq, "snils", "112-233-445 96", &v);
    assert_int_equal(line.state, ROW_FAULTY);
    assert_int_equal(line.field, import_field_at(import_target_of(T("persons")), "snils"));
    assert_non_null(line.reason);
    static const char *const male[] = {"м", "М", "муж.", "мужской", "male"};
    for (size_t i = 0; i < sizeof male / sizeof *male; i++) {
        assert_int_equal(read(&rq, "sex", male[i], &v).state, ROW_NEW);
        assert_text(v_as_text(v), "male");
    }
    assert_int_equal(read(&rq, "sex", "1", &v).state, ROW_FAULTY);
    char *many = arena_alloc(arena, 5001);
    memset(many, 'a', 5000);
    assert_int_equal(read(&rq, "family_name", many, &v).state, ROW_FAULTY);
    /* what the role may not write, its lists do not bring in, right or wrong */
    assert_int_equal(read(&rq, "phone", "не телефон", &v).state, ROW_NEW);
    assert_int_equal(v.kind, V_NONE);
}

static void test_memo(void **state)
{
    (void)state;
    struct import_run run = {0};
    static const struct field one = {"one", FIELD_TEXT}, two = {"two", FIELD_TEXT};
    import_memo_keep(&run, &one, T("а"), v_int(1));
    import_memo_keep(&run, &two, T("а"), v_int(2));
    assert_int_equal(import_memo_find(&run, &one, T("а"))->value.i, 1);
    assert_int_equal(import_memo_find(&run, &two, T("а"))->value.i, 2);
    assert_null(import_memo_find(&run, &one, T("б")));
    for (int i = 0; i < IMPORT_MEMO; i++)
        import_memo_keep(&run, &one, arena_printf(arena, "%d", i), v_int(i));
    assert_null(import_memo_find(&run, &two, T("а")));
    assert_int_equal(import_memo_find(&run, &one, T("31"))->value.i, 31);
}

/* ---- who a row is ---- */

static enum match who(const union person_record *row, const struct candidate *c, size_t n,
                      size_t *which)
{
    const char *reason = NULL;
    bool by_snils = false;
    *which = 99;
    enum match m = match_person(arena, row, c, n, which, &reason, &by_snils);
    assert_int_equal(m == MATCH_DOUBT, reason != NULL);
    return m;
}

static void test_match(void **state)
{
    (void)state;
    int64_t born = date_from((struct ymd){1985, 3, 12});
    union person_record row = {
        .name_key = v_z("лаптев игорь"), .birth_date = v_date(born), .snils = v_z("11223344595")};
    union person_record nameless = row;
    nameless.snils = v_null();
    struct candidate same = {1, T("лаптев игорь"), T("11223344595"), T(""), born, true, false};
    struct candidate other_name = same, other_day = same, no_number = same, other_number = same;
    other_name.name_key = T("сомов игорь");
    other_day.birth_date++;
    no_number.snils = T("");
    other_number.snils = T("12345678964");
    size_t which;

    assert_int_equal(who(&row, NULL, 0, &which), MATCH_NONE);
    assert_int_equal(who(&row, &same, 1, &which), MATCH_SURE);
    assert_int_equal(which, 0);
    assert_int_equal(who(&row, &other_name, 1, &which), MATCH_DOUBT);
    assert_int_equal(who(&row, &other_day, 1, &which), MATCH_DOUBT);
    assert_int_equal(who(&row, &other_number, 1, &which), MATCH_NONE); /* namesakes of one day */
    assert_int_equal(who(&row, &no_number, 1, &which), MATCH_DOUBT);
    assert_int_equal(who(&nameless, &same, 1, &which), MATCH_DOUBT);

    /* the body's own: known, unless the places of birth differ or there are two of them */
    no_number.own = true;
    assert_int_equal(who(&row, &no_number, 1, &which), MATCH_SURE);
    assert_int_equal(who(&nameless, &no_number, 1, &which), MATCH_SURE);
    no_number.birth_place = T("Приозёрск");
    nameless.birth_place = v_z("ПРИОЗЕРСК");
    assert_int_equal(who(&nameless, &no_number, 1, &which), MATCH_SURE);
    nameless.birth_place = v_z("Заречье");
    assert_int_equal(who(&nameless, &no_number, 1, &which), MATCH_DOUBT);
    nameless.birth_place = v_null();
    const struct candidate two[] = {no_number, same};
    assert_int_equal(who(&nameless, two, 2, &which), MATCH_DOUBT);

    /* the holder of the number goes before a namesake */
    const struct candidate both[] = {no_number, same};
    assert_int_equal(who(&row, both, 2, &which), MATCH_SURE);
    assert_int_equal(which, 1);

    union person_record dateless = {
        .name_key = v_z("лаптев игорь"), .snils = v_null(), .birth_date = v_null()};
    assert_int_equal(who(&dateless, &same, 1, &which), MATCH_NONE);
}

static void test_who(void **state)
{
    (void)state;
    struct value born = v_date(date_from((struct ymd){1985, 3, 12}));
    assert_text(import_who(arena, T("Лаптев"), T("Игорь"), T(""), born),
                "Лаптев Игорь, 12.03.1985");
    assert_text(import_who(arena, T(""), T("Игорь"), T(""), v_null()), "Игорь");
    assert_text(import_who(arena, T(""), T(""), T(""), born), "12.03.1985");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heading_key), cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_whole),   cmocka_unit_test(test_cells),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_memo),
        cmocka_unit_test(test_match),       cmocka_unit_test(test_who),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
