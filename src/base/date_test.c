#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/calendar.h"
#include "base/date.h"
#include <unistd.h>

static int64_t D(const char *iso)
{
    int64_t day = 0;

    if (date_parse_iso(text_of(iso), &day) != OK)
        fail_msg("bad date in the test: %s", iso);
    return day;
}

static void assert_day(int64_t day, const char *iso)
{
    char got[11];

    date_iso(day, got);
    assert_string_equal(got, iso);
}

/* --- date --- */

static void test_date_arithmetic(void **state)
{
    (void)state;
    assert_int_equal(D("1970-01-01"), 0);
    assert_int_equal(D("1969-12-31"), -1);
    assert_int_equal(D("2000-03-01"), 11017);
    assert_int_equal(D("1582-10-15"), DAY_MIN);
    assert_int_equal(D("2100-12-31"), DAY_MAX);
    struct ymd before = {1500, 12, 31};
    int64_t day = date_from((struct ymd){1501, 1, 1});
    for (int year = 1501; year <= 2500; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int d = 1; date_exists(year, month, d); d++, day++) {
                assert_int_equal(date_from((struct ymd){year, month, d}), day);
                struct ymd back = date_ymd(day);
                assert_true(back.year == year && back.month == month && back.day == d);
                assert_true(back.year != before.year || back.month != before.month ||
                            back.day == before.day + 1);
                before = back;
            }
        }
    }
    assert_int_equal(day - date_from((struct ymd){1501, 1, 1}), 365243); /* 1000 years, 243 leap */
}

static void test_date_exists(void **state)
{
    (void)state;
    assert_true(date_exists(2024, 2, 29));
    assert_false(date_exists(2023, 2, 29));
    assert_true(date_exists(2000, 2, 29));
    assert_false(date_exists(1900, 2, 29));
    assert_false(date_exists(2100, 2, 29));
    assert_false(date_exists(2024, 4, 31));
    assert_false(date_exists(2024, 13, 1));
    assert_false(date_exists(2024, 0, 1));
    assert_false(date_exists(2024, 1, 0));
    assert_true(date_exists(2024, 12, 31));
}

static void test_weekday(void **state)
{
    (void)state;
    assert_int_equal(date_weekday(0), 4); /* 1970-01-01, Thursday */
    assert_int_equal(date_weekday(D("2024-06-15")), 6);
    assert_int_equal(date_weekday(D("2024-06-16")), 7);
    assert_int_equal(date_weekday(D("2024-06-17")), 1);
    assert_int_equal(date_weekday(D("1969-12-29")), 1);
    assert_int_equal(date_weekday(D("1582-10-15")), 5);
}

static void test_add_months(void **state)
{
    (void)state;
    assert_day(date_add_months(D("2024-01-31"), 1), "2024-02-29");
    assert_day(date_add_months(D("2023-01-31"), 1), "2023-02-28");
    assert_day(date_add_months(D("2024-02-29"), 12), "2025-02-28");
    assert_day(date_add_months(D("2024-02-29"), 48), "2028-02-29");
    assert_day(date_add_months(D("2024-12-15"), 1), "2025-01-15");
    assert_day(date_add_months(D("2024-01-15"), -1), "2023-12-15");
    assert_day(date_add_months(D("2024-03-31"), -1), "2024-02-29");
    assert_day(date_add_months(D("2024-05-31"), 6), "2024-11-30");
    assert_day(date_add_months(D("1970-01-10"), -12 * 100), "1870-01-10");
}

static void test_date_parse(void **state)
{
    static const struct {
        const char *t, *iso; /* null: a syntax error; "": out of range */
    } rows[] = {
        {"15.06.2024", "2024-06-15"},
        {"5.6.2024", "2024-06-05"},
        {" 15/06/2024 ", "2024-06-15"},
        {"15-06-2024", "2024-06-15"},
        {"2024-06-15", "2024-06-15"},
        {"29.02.2024", "2024-02-29"},
        {"29.02.2023", NULL},
        {"31.04.2024", NULL},
        {"15.06.24", NULL},
        {"15.06-2024", NULL},
        {"15.06.20245", NULL},
        {"15.06.2024г", NULL},
        {"", NULL},
        {"15", NULL},
        {"15.", NULL},
        {"15.06", NULL},
        {"15.06.", NULL},
        {"015.06.2024", NULL},
        {"-5.06.2024", NULL},
        {"2024.06.15", NULL},
        {"2024-6-15", NULL},
        {"00.01.2024", NULL},
        {"14.10.1582", ""},
        {"01.01.2101", ""},
        {"15.10.1582", "1582-10-15"},
        {"31.12.2100", "2100-12-31"},
        {"15 06 2024", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t day = 12345;
        enum err err = date_parse(text_of(rows[i].t), &day);
        if (rows[i].iso && *rows[i].iso) {
            assert_int_equal(err, OK);
            assert_day(day, rows[i].iso);
        } else {
            if (err != (rows[i].iso ? ERR_LIMIT : ERR_SYNTAX))
                fail_msg("'%s' gives %s", rows[i].t, err_name(err));
            assert_int_equal(day, 12345);
        }
    }
    int64_t day = 12345;
    assert_int_equal(date_parse_iso(T("15.06.2024"), &day), ERR_SYNTAX);
    assert_int_equal(date_parse_iso(T("2024-06-15 "), &day), ERR_SYNTAX);
    assert_int_equal(date_parse_iso(T("2024-06-1"), &day), ERR_SYNTAX);
    assert_int_equal(date_parse_iso(T("2024-06-151"), &day), ERR_SYNTAX);
    assert_int_equal(date_parse_iso(T("2024/06/15"), &day), ERR_SYNTAX);
    assert_int_equal(date_parse_iso(T("1000-01-01"), &day), ERR_LIMIT);
    assert_int_equal(day, 12345);
}

static void test_time_parse(void **state)
{
    static const char *const wrong[] = {"", "24:00", "16:60", "1:00", "16.00", "16:0", "16:000", "-1:00"};
    int minutes = 7;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(time_parse(text_of(wrong[i]), &minutes), ERR_SYNTAX);
    assert_int_equal(minutes, 7);
    assert_int_equal(time_parse(T("00:00"), &minutes), OK);
    assert_int_equal(minutes, 0);
    assert_int_equal(time_parse(T("23:59"), &minutes), OK);
    assert_int_equal(minutes, 23 * 60 + 59);
}

static void test_date_print(void **state)
{
    char out[11];

    (void)state;
    date_iso(D("2024-06-05"), out);
    assert_string_equal(out, "2024-06-05");
    date_dmy(D("2024-06-05"), out);
    assert_string_equal(out, "05.06.2024");
    date_iso(INT64_MAX / 4, out); /* four digits whatever comes */
    assert_string_equal(out, "9999-12-31");
    date_iso(INT64_MIN / 4, out);
    assert_string_equal(out, "0000-01-01");
}

static void test_sql_three(void **state)
{
    char name[9];
    int half = 5;

    (void)state;
    assert_int_equal(days_between(D("2024-02-28"), D("2024-03-01")), 2);
    assert_int_equal(days_between(D("2024-03-01"), D("2024-02-28")), -2);
    assert_int_equal(years_between(D("2006-06-15"), D("2024-06-14")), 17);
    assert_int_equal(years_between(D("2006-06-15"), D("2024-06-15")), 18);
    assert_int_equal(years_between(D("2006-06-15"), D("2024-07-01")), 18);
    assert_int_equal(years_between(D("2006-06-15"), D("2024-05-30")), 17);
    assert_int_equal(years_between(D("2004-02-29"), D("2022-02-28")), 17);
    assert_int_equal(years_between(D("2004-02-29"), D("2022-03-01")), 18);
    assert_int_equal(years_between(D("2024-06-15"), D("2024-06-15")), 0);
    assert_int_equal(half_year(D("2014-06-30")), 20141);
    assert_int_equal(half_year(D("2014-07-01")), 20142);
    assert_int_equal(half_year(D("2014-12-31")), 20142);
    assert_int_equal(half_year(D("2015-01-01")), 20151);
    assert_int_equal(half_year_parse(T("2014-H2"), &half), OK);
    assert_int_equal(half, 20142);
    assert_int_equal(half_year_parse(T("2014-H3"), &half), ERR_SYNTAX);
    assert_int_equal(half_year_parse(T("2014-H0"), &half), ERR_SYNTAX);
    assert_int_equal(half_year_parse(T("2014-H1 "), &half), ERR_SYNTAX);
    assert_int_equal(half_year_parse(T("2014H1"), &half), ERR_SYNTAX);
    assert_int_equal(half_year_parse(T("0014-H1"), &half), ERR_LIMIT);
    assert_int_equal(half_year_parse(T("2101-H1"), &half), ERR_LIMIT);
    assert_int_equal(half, 20142);
    assert_int_equal(half_year_parse(T("1583-H1"), &half), OK);
    assert_int_equal(half, 15831);
    assert_int_equal(half_year_parse(T("2100-H2"), &half), OK);
    assert_day(half_year_first(20141), "2014-01-01");
    assert_day(half_year_last(20141), "2014-06-30");
    assert_day(half_year_first(20142), "2014-07-01");
    assert_day(half_year_last(20142), "2014-12-31");
    half_year_name(20141, name);
    assert_string_equal(name, "2014-H1");
}

static void test_clock(void **state)
{
    char local[17], iso[28];

    (void)state;
    int64_t real = clock_now();
    assert_true(real > instant_of_day(D("2023-01-01")));
    assert_true(clock_now() >= real);
    static const char *const wrong[] = {"",
                                        "2024-06-15",
                                        "2024-06-15T10",
                                        "2024-06-15 10:00",
                                        "2024-06-15T24:00",
                                        "2024-06-15T10:60",
                                        "2024-06-15T10:00:60",
                                        "2024-06-15T10:00:00Z",
                                        "2024-06-15T10:00:",
                                        "2024-02-30T10:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(clock_set(text_of(wrong[i])), ERR_SYNTAX);
    assert_true(clock_now() >= real && clock_now() < real + 60 * 1000000); /* untouched */

    /* Omsk is six hours before Greenwich; the order of the two calls does not matter. */
    assert_int_equal(clock_set(T("2024-06-15T02:30")), OK);
    clock_set_offset(6 * 60);
    int64_t now = clock_now();
    instant_local(now, local);
    assert_string_equal(local, "15.06.2024 02:30");
    instant_iso(now, iso);
    iso[17] = '\0';
    assert_string_equal(iso, "2024-06-14T20:30:");
    assert_day(clock_today(), "2024-06-15");
    usleep(2000);
    assert_true(clock_now() >= now + 2000); /* goes on */
    assert_day(instant_day(instant_of_day(D("2024-06-15"))), "2024-06-15");
    assert_day(instant_day(instant_of_day(D("2024-06-15")) - 1), "2024-06-14");
    instant_iso(instant_of_day(D("2024-06-15")), iso);
    assert_string_equal(iso, "2024-06-14T18:00:00.000000Z");
    assert_int_equal(clock_set(T("2024-06-15T23:59:59")), OK);
    assert_true(clock_now() < instant_of_day(D("2024-06-15")) + INT64_C(86402) * 1000000);
    assert_int_equal(clock_set(T("2024-06-15T23:59:57")), OK);
    instant_local(clock_now(), local);
    assert_string_equal(local, "15.06.2024 23:59");
    clock_set_offset(0);
    instant_iso(-1, iso);
    assert_string_equal(iso, "1969-12-31T23:59:59.999999Z");
    instant_local(-60000000, local);
    assert_string_equal(local, "31.12.1969 23:59");
    int64_t mono = clock_monotonic();
    assert_true(clock_monotonic() >= mono);
}

/* --- calendar --- */

static struct calendar *russia(void)
{
    struct calendar *c = calendar_new();

    assert_int_equal(calendar_set(c, 2024,
                                  T("01-01..01-08 02-23 03-08 04-29..05-01 05-09..05-10 06-12 "
                                    "11-04 12-30..12-31"),
                                  T("04-27 12-28"), T("02-22 03-07 05-08 06-11 11-02"), NULL),
                     OK);
    assert_int_equal(calendar_fixed(c, T("01-01 01-02 01-07 02-23 02-29 03-08 05-01 05-09"), NULL),
                     OK);
    return c;
}

static void test_calendar_days(void **state)
{
    struct calendar *c = russia();

    (void)state;
    assert_true(calendar_known(c, 2024));
    assert_false(calendar_known(c, 2023));
    assert_false(calendar_known(c, 1));
    assert_false(calendar_known(c, 9999));
    assert_true(calendar_works(c, D("2024-04-27")));  /* Saturday worked */
    assert_false(calendar_works(c, D("2024-04-28"))); /* Sunday */
    assert_false(calendar_works(c, D("2024-04-29"))); /* moved day off */
    assert_true(calendar_works(c, D("2024-05-02")));
    assert_false(calendar_works(c, D("2024-01-08")));
    assert_true(calendar_works(c, D("2024-01-09")));
    assert_true(calendar_works(c, D("2024-02-29"))); /* fixed days are for years not set */
    assert_true(calendar_works(c, D("2024-11-02"))); /* a short Saturday is worked */
    assert_true(calendar_short(c, D("2024-05-08")));
    assert_false(calendar_short(c, D("2024-05-07")));
    assert_false(calendar_works(c, D("2023-05-09"))); /* Tuesday, fixed */
    assert_true(calendar_works(c, D("2023-05-08")));
    assert_false(calendar_works(c, D("2028-02-29"))); /* fixed, Tuesday */
    assert_false(calendar_short(c, D("2023-05-08")));
    assert_true(calendar_works(c, D("1850-03-01"))); /* before all calendars: Friday */
    calendar_free(c);
    calendar_free(NULL);
}

static void test_calendar_faults(void **state)
{
    struct calendar *c = calendar_new();
    struct fault f = {0};
    static const char *const wrong[] = {
        "02-30",      "13-01", "1-1", "01-01..",     "01-08..01-01", "01-01..02-30",
        "2024-01-01", "01.01", "x",   "01-01.01-08", "01-01.x01-08", "01-01,01-02"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        f.text[0] = '\0';
        assert_int_equal(calendar_set(c, 2024, text_of(wrong[i]), T(""), T(""), &f), ERR_SYNTAX);
        assert_non_null(strstr(f.text, wrong[i]));
        assert_int_equal(calendar_set(c, 2024, T(""), text_of(wrong[i]), T(""), &f), ERR_SYNTAX);
        assert_int_equal(calendar_set(c, 2024, T(""), T(""), text_of(wrong[i]), &f), ERR_SYNTAX);
        assert_int_equal(calendar_fixed(c, text_of(wrong[i]), &f), ERR_SYNTAX);
    }
    assert_int_equal(calendar_set(c, 2023, T("02-29"), T(""), T(""), &f), ERR_SYNTAX);
    assert_int_equal(calendar_set(c, 2024, T("04-27"), T("04-27"), T(""), &f), ERR_CONFLICT);
    assert_int_equal(calendar_set(c, 2024, T("04-26"), T(""), T("04-26"), &f), ERR_CONFLICT);
    assert_int_equal(calendar_set(c, 2024, T("01-05"), T("01-05"), T(""), &f), ERR_CONFLICT);
    assert_int_equal(calendar_set(c, 1899, T(""), T(""), T(""), &f), ERR_LIMIT);
    assert_int_equal(calendar_set(c, 2101, T(""), T(""), T(""), &f), ERR_LIMIT);
    assert_int_equal(calendar_set(c, 1900, T("12-31"), T(""), T(""), &f), OK);
    assert_int_equal(calendar_set(c, 2100, T("12-31"), T(""), T(""), &f), OK);
    assert_true(calendar_known(c, 1900) && calendar_known(c, 2100));
    assert_false(calendar_works(c, D("1900-12-31")) || calendar_works(c, D("2100-12-31")));
    assert_false(calendar_known(c, 2024)); /* a refused line changes nothing */
    assert_int_equal(calendar_set(c, 2024, T("  02-29  03-01 "), T(""), T(""), &f), OK);
    assert_false(calendar_works(c, D("2024-02-29")) || calendar_works(c, D("2024-03-01")));
    assert_int_equal(calendar_set(c, 2024, T(""), T(""), T(""), &f), OK); /* replaces */
    assert_true(calendar_works(c, D("2024-02-29")));
    calendar_free(c);
}

static void test_calendar_nonworking(void **state)
{
    struct calendar *c = russia();
    struct fault f = {0};

    (void)state;
    assert_int_equal(calendar_nonworking(c, 2024, T("05-06..05-08 11-02"), &f), OK);
    assert_false(calendar_works(c, D("2024-05-06")) || calendar_works(c, D("2024-05-08")));
    assert_false(calendar_short(c, D("2024-05-08"))); /* short only when it is worked */
    assert_false(calendar_works(c, D("2024-11-02")));
    assert_int_equal(calendar_kind(c, D("2024-05-08")), DAY_NONWORKING);
    assert_int_equal(calendar_kind(c, D("2024-11-02")), DAY_WEEKEND);
    assert_day(calendar_due(c, D("2024-05-03"), 1, UNIT_WORKING_DAY), "2024-05-13");
    assert_int_equal(calendar_working_between(c, D("2024-05-03"), D("2024-05-13")), 1);
    calendar_work_nonworking(c, true);
    assert_true(calendar_works(c, D("2024-05-06")) && calendar_short(c, D("2024-05-08")));
    assert_day(calendar_due(c, D("2024-05-03"), 1, UNIT_WORKING_DAY), "2024-05-06");
    assert_int_equal(calendar_working_between(c, D("2024-05-03"), D("2024-05-13")), 4);
    calendar_work_nonworking(c, false);
    assert_int_equal(calendar_working_between(c, D("2024-05-03"), D("2024-05-13")), 1);
    assert_int_equal(calendar_nonworking(c, 2024, T("05-08 05-09"), &f), ERR_CONFLICT);
    assert_int_equal(calendar_nonworking(c, 2024, T("05-32"), &f), ERR_SYNTAX);
    assert_int_equal(calendar_nonworking(c, 2023, T("05-08"), &f), ERR_NOT_FOUND);
    assert_false(calendar_works(c, D("2024-05-06"))); /* what is refused changes nothing */
    assert_int_equal(calendar_kind(c, D("2024-05-07")), DAY_NONWORKING);
    assert_int_equal(calendar_kind(c, D("2024-05-02")), DAY_WORKED);
    assert_int_equal(calendar_kind(c, D("2024-06-11")), DAY_SHORT);
    assert_int_equal(calendar_kind(c, D("2024-04-27")), DAY_WORKED_WEEKEND);
    assert_int_equal(calendar_kind(c, D("2024-04-28")), DAY_WEEKEND);
    assert_int_equal(calendar_kind(c, D("2024-04-29")), DAY_OFF);
    assert_int_equal(calendar_kind(c, D("2023-05-09")), DAY_OFF); /* fixed */
    assert_int_equal(calendar_kind(c, D("2023-05-10")), DAY_WORKED);
    calendar_free(c);
}

static void test_calendar_due(void **state)
{
    static const struct {
        const char *from;
        int count;
        enum unit unit;
        const char *due;
    } rows[] = {
        /* Sat 27.04 is worked, 28.04-01.05 off, 2 and 3 worked, 4 and 5 off, 6 and 7 worked. */
        {"2024-04-26", 5, UNIT_WORKING_DAY, "2024-05-07"},
        {"2024-04-26", 1, UNIT_WORKING_DAY, "2024-04-27"},
        {"2024-04-26", 2, UNIT_WORKING_DAY, "2024-05-02"},
        {"2024-05-01", 1, UNIT_WORKING_DAY, "2024-05-02"}, /* begins on a day off */
        {"2024-05-08", 1, UNIT_WORKING_DAY, "2024-05-13"},
        {"2024-04-28", 0, UNIT_WORKING_DAY, "2024-05-02"},
        {"2024-04-27", 0, UNIT_WORKING_DAY, "2024-04-27"},
        {"2024-05-02", -1, UNIT_WORKING_DAY, "2024-04-27"},
        {"2024-05-13", -2, UNIT_WORKING_DAY, "2024-05-07"},
        {"2023-12-29", 1, UNIT_WORKING_DAY, "2024-01-09"}, /* over the year's end */
        {"2024-04-26", 1, UNIT_DAY, "2024-04-27"},
        {"2024-04-26", 2, UNIT_DAY, "2024-05-02"},  /* ends on Sunday before three days off */
        {"2024-05-30", 30, UNIT_DAY, "2024-07-01"}, /* 29.06 is a Saturday */
        {"2024-05-02", 0, UNIT_DAY, "2024-05-02"},
        {"2024-04-28", 0, UNIT_DAY, "2024-05-02"},
        {"2024-05-31", -30, UNIT_DAY, "2024-04-27"}, /* 01.05 is off: earlier, not later */
        {"2024-05-29", -1, UNIT_DAY, "2024-05-28"},
        {"2024-01-31", 1, UNIT_MONTH, "2024-02-29"},
        {"2024-03-12", 3, UNIT_MONTH, "2024-06-13"}, /* 12 June is a holiday */
        {"2024-03-31", -1, UNIT_MONTH, "2024-02-29"},
        {"2023-05-09", 1, UNIT_YEAR, "2024-05-13"},
        {"2024-02-29", 1, UNIT_YEAR, "2025-02-28"},
        {"2024-04-26", 24, UNIT_HOUR, "2024-04-27"},
        {"2024-04-27", 24, UNIT_HOUR, "2024-04-28"}, /* hours run on Sundays */
        {"2024-04-26", 72, UNIT_HOUR, "2024-04-29"},
        {"2024-04-26", 3, UNIT_HOUR, "2024-04-26"},
        {"2024-04-28", 5, UNIT_IMMEDIATE, "2024-04-28"},
    };
    struct calendar *c = russia();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_day(calendar_due(c, D(rows[i].from), rows[i].count, rows[i].unit), rows[i].due);
    (void)calendar_due(c, 0, INT32_MAX, UNIT_WORKING_DAY); /* ends soon, and no overflow */
    (void)calendar_due(c, 0, INT32_MIN, UNIT_YEAR);
    assert_int_equal(calendar_working_between(c, D("2024-04-26"), D("2024-05-07")), 5);
    assert_int_equal(calendar_working_between(c, D("2024-05-07"), D("2024-04-26")), -5);
    assert_int_equal(calendar_working_between(c, D("2024-04-26"), D("2024-04-26")), 0);
    assert_int_equal(calendar_working_between(c, D("2024-04-26"), D("2024-04-27")), 1);
    /* The official figure for the year. */
    assert_int_equal(calendar_working_between(c, D("2023-12-31"), D("2024-12-31")), 248);
    /* A calendar without a working day must not hang. */
    assert_int_equal(calendar_fixed(c, T("01-01..12-31"), NULL), OK);
    (void)calendar_due(c, D("2030-01-01"), 10, UNIT_WORKING_DAY);
    calendar_free(c);
}

static void test_unit(void **state)
{
    enum unit unit = UNIT_COUNT;

    (void)state;
    assert_int_equal(unit_parse(T("working_day"), &unit), OK);
    assert_int_equal(unit, UNIT_WORKING_DAY);
    assert_int_equal(unit_parse(T("immediate"), &unit), OK);
    assert_int_equal(unit, UNIT_IMMEDIATE);
    assert_int_equal(unit_parse(T("hour"), &unit), OK);
    assert_int_equal(unit, UNIT_HOUR);
    assert_string_equal(unit_name(UNIT_MONTH_DAY), "day_of_month");
    assert_string_equal(unit_name(UNIT_COUNT), "");
    assert_int_equal(unit_parse(T("days"), &unit), ERR_SYNTAX);
    assert_int_equal(unit, UNIT_HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_arithmetic), cmocka_unit_test(test_date_exists),
        cmocka_unit_test(test_weekday),         cmocka_unit_test(test_add_months),
        cmocka_unit_test(test_date_parse),      cmocka_unit_test(test_date_print),
        cmocka_unit_test(test_time_parse),
        cmocka_unit_test(test_sql_three),       cmocka_unit_test(test_clock),
        cmocka_unit_test(test_calendar_days),   cmocka_unit_test(test_calendar_faults),
        cmocka_unit_test(test_calendar_nonworking),
        cmocka_unit_test(test_calendar_due),    cmocka_unit_test(test_unit),
    };

    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
