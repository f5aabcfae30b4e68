/* Words of the catalogue: stems, opening hours. */
#include "rooms/catalogue/catalogue.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void same(struct text got, const char *wanted)
{
    if (!text_is(got, wanted))
        fail_msg("got \"%.*s\", wanted \"%s\"", TEXT_ARG(got), wanted);
}

static void test_stems(void **state)
{
    (void)state;
    same(catalogue_stem(T("документами")), "документ");
    same(catalogue_stem(T("документы")), "документ");
    same(catalogue_stem(T("восстановление")), "восстановлен");
    same(catalogue_stem(T("восстановлению")), "восстановлен");
    same(catalogue_stem(T("юридическая")), "юридическ");
    same(catalogue_stem(T("еда")), "еда"); /* too short to lose anything */
    same(catalogue_stem(T("112")), "112");
}

static void test_typed(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct value v[CATALOGUE_WORDS];
    catalogue_typed(arena, T("  Помощь  С%_' Документами и ещё много разных слов"), v);
    same(v_as_text(v[0]), "% помощ%");
    same(v_as_text(v[1]), "% документ%");
    assert_int_equal(v[3].kind, V_TEXT);
    catalogue_typed(arena, T("%%% _ я"), v); /* signs and single letters ask for nothing */
    assert_int_equal(v[0].kind, V_NONE);
    arena_free(arena);
}

static void test_hours(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct catalogue_hours h[4];
    size_t n;
    assert_int_equal(catalogue_hours_parse(arena, T("Пн–Чт, сб 9:00–18:00 обед 13:00–14:00\n\nвс. 10:00 - 24:00\nпо записи"), h, 4, &n), 0);
    assert_int_equal(n, 3);
    same(h[0].days, "MO,TU,WE,TH,SA");
    same(h[0].opens, "09:00");
    same(h[0].closes, "18:00");
    same(h[0].note, "обед 13:00–14:00");
    same(catalogue_hours_print(arena, &h[0]), "пн–чт, сб 09:00–18:00 обед 13:00–14:00");
    same(h[1].days, "SU");
    same(h[1].closes, "23:59");
    same(h[2].days, "");
    same(h[2].note, "по записи");
    assert_int_equal(catalogue_hours_parse(arena, T("ежедневно круглосуточно"), h, 4, &n), 0);
    same(catalogue_hours_print(arena, &h[0]), "ежедневно круглосуточно");
    assert_int_equal(catalogue_hours_parse(arena, T("пт–пн 09:00–10:00"), h, 4, &n), 0);
    same(h[0].days, "MO,FR,SA,SU");
    assert_int_equal(catalogue_hours_parse(arena, T("пн 09:00–10:00\nвт 18:00–09:00"), h, 4, &n), 2);
    assert_int_equal(catalogue_hours_parse(arena, T("пн 25:00–26:00"), h, 4, &n), 1);
    assert_int_equal(catalogue_hours_parse(arena, T("пн 9–18"), h, 4, &n), 1);
    assert_int_equal(catalogue_hours_parse(arena, T("а\nб\nв\nг\nд"), h, 4, &n), 5); /* no more than fit */
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stems), cmocka_unit_test(test_typed), cmocka_unit_test(test_hours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
