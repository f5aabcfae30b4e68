/* The feed, read back by the parser of libical itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/date.h"
#include "formats/icalendar.h"
#include <libical/ical.h>

static const int64_t at = INT64_C(1718348400) * 1000000; /* 14 June 2024, 07:00 UTC */

static void test_feed(void **state)
{
    (void)state;
    int64_t day = date_from((struct ymd){2024, 12, 31});
    const struct ical_day days[] = {
        {day, "due-2024-12-31-7@bereg", "Направления, срок которых истекает в этот день: 3; «ёж», запятая, и\nстрока"},
        {day + 1, "due-2025-01-01-7@bereg", "a very long summary that has to be folded because it does not fit into a line of 75 bytes"},
    };
    struct buf out = BUF(10000);
    assert_int_equal(ical_feed(&out, "Берег", at, 1, days, 2), OK);
    buf_char(&out, '\0');
    for (const char *line = out.s, *end; (end = strstr(line, "\r\n")); line = end + 2)
        assert_true(end - line <= 75);
    icalcomponent *c = icalparser_parse_string(out.s);
    assert_non_null(c);
    assert_int_equal(icalcomponent_count_errors(c), 0);
    assert_true(icalrestriction_check(c));
    assert_int_equal(icalcomponent_count_components(c, ICAL_VEVENT_COMPONENT), 2);
    icalcomponent *e = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT);
    for (size_t i = 0; i < 2; i++, e = icalcomponent_get_next_component(c, ICAL_VEVENT_COMPONENT)) {
        struct icaltimetype start = icalcomponent_get_dtstart(e), end = icalcomponent_get_dtend(e);
        assert_string_equal(icalcomponent_get_uid(e), days[i].uid);
        assert_string_equal(icalcomponent_get_summary(e), days[i].summary);
        assert_true(icaltime_is_date(start) && icaltime_is_date(end));
        assert_int_equal(date_from((struct ymd){start.year, start.month, start.day}), days[i].day);
        assert_int_equal(date_from((struct ymd){end.year, end.month, end.day}), days[i].day + 1);
    }
    icalcomponent_free(c);
    buf_free(&out);
}

static void test_instant(void **state)
{
    (void)state;
    const struct ical_day days[] = {{.at = at, .uid = "meeting-1@bereg", .summary = "Заседание"}};
    struct buf out = BUF(10000);
    assert_int_equal(ical_feed(&out, "Берег", at, 1, days, 1), OK);
    buf_char(&out, '\0');
    icalcomponent *c = icalparser_parse_string(out.s);
    assert_non_null(c);
    assert_true(icalrestriction_check(c));
    icalcomponent *e = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT);
    struct icaltimetype start = icalcomponent_get_dtstart(e), end = icalcomponent_get_dtend(e);
    assert_false(icaltime_is_date(start));
    assert_true(icaltime_is_utc(start));
    assert_int_equal(icaltime_as_timet(start), at / 1000000);
    assert_int_equal(icaltime_as_timet(end), at / 1000000 + 3600);
    icalcomponent_free(c);
    buf_free(&out);
}

static void test_empty_and_limit(void **state)
{
    (void)state;
    struct buf out = BUF(1000), small = BUF(20);
    assert_int_equal(ical_feed(&out, "Берег", at, 1, NULL, 0), OK);
    buf_char(&out, '\0');
    icalcomponent *c = icalparser_parse_string(out.s);
    assert_non_null(c);
    assert_int_equal(icalcomponent_count_components(c, ICAL_VEVENT_COMPONENT), 0);
    icalcomponent_free(c);
    assert_int_equal(ical_feed(&small, "Берег", at, 1, NULL, 0), ERR_LIMIT);
    buf_free(&out);
    buf_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_feed), cmocka_unit_test(test_instant),
                                       cmocka_unit_test(test_empty_and_limit)};
    return cmocka_run_group_tests_name("icalendar", tests, NULL, NULL);
}
