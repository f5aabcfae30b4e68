/* Terms: dates worked out by hand over the calendar of Russia, and what must hold for all terms. */
#include "rooms/packs/packs_due.h"
#include "base/date.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static int64_t day(const char *iso)
{
    int64_t d;

    assert_int_equal(date_parse_iso(text_of(iso), &d), OK);
    return d;
}

/* "2024-05-08" or "2024-05-08T16:00" of the region */
static int64_t at(const char *iso)
{
    int hour = 0, minute = 0;
    char date[11];

    snprintf(date, sizeof date, "%.10s", iso);
    if (iso[10])
        assert_int_equal(sscanf(iso + 10, "T%2d:%2d", &hour, &minute), 2);
    return instant_of_day(day(date)) + (hour * 60 + minute) * INT64_C(60000000);
}

static int setup(void **state)
{
    char path[PATH_MAX], here[PATH_MAX];
    struct arena *arena = arena_new();
    struct pack_entry *e;
    struct fault f = {0};
    size_t n;
    const char *env = getenv("BEREG_PACKS_ALL");

    (void)state;
    snprintf(here, sizeof here, "%s", __FILE__);
    *strrchr(here, '/') = 0;
    if (env)
        snprintf(path, sizeof path, "%s/demo", env);
    else
        snprintf(path, sizeof path, "%.3000s/../../../packs/demo", here);
    if (packs_load_dir(path, arena, &e, &n, &f) || packs_use(e, n, &f))
        fail_msg("%s", f.text);
    arena_free(arena);
    return 0;
}

/* The date due, with the time when the term has one. */
static void assert_due(const struct term *t, const char *want, const char *what)
{
    struct due due;
    char got[40], date[11];

    assert_true(term_due(t, &due));
    date_iso(due.day, date);
    snprintf(got, sizeof got, "%s", date);
    if (due.at) {
        int64_t minutes = (due.at - instant_of_day(due.day)) / 60000000;
        snprintf(got, sizeof got, "%sT%02d:%02d", date, (int)(minutes / 60) % 24,
                 (int)(minutes % 60));
    }
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s, not %s", what, got, want);
}

struct row {
    const char *what, *from;
    int count;
    enum unit unit;
    const char *breaks[6]; /* from, until, … */
    int more;
    enum unit more_unit;
    const char *due;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        struct term_break breaks[3];
        size_t n_breaks = 0;
        for (; n_breaks < 3 && r->breaks[2 * n_breaks]; n_breaks++)
            breaks[n_breaks] = (struct term_break){
                day(r->breaks[2 * n_breaks]),
                *r->breaks[2 * n_breaks + 1] ? day(r->breaks[2 * n_breaks + 1]) : 0};
        assert_due(&(struct term){.unit = r->unit,
                                  .calendar = "ru",
                                  .count = r->count,
                                  .from = at(r->from),
                                  .breaks = breaks,
                                  .n_breaks = n_breaks,
                                  .more = r->more,
                                  .more_unit = r->more_unit},
                   r->due, r->what);
    }
}

/* 2024: 27 April is worked; 29 April to 1 May, 9 and 10 May, 12 June are off. */
static void test_breaks(void **state)
{
    static const struct row rows[] = {
        {"none", "2024-04-26", 5, UNIT_WORKING_DAY, {0}, 0, 0, "2024-05-07"},
        {"two worked days", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-05-02", "2024-05-03"}, 0, 0,
         "2024-05-13"},
        {"over holidays", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-04-28", "2024-05-05"}, 0, 0,
         "2024-05-13"},
        {"holidays only", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-04-28", "2024-05-01"}, 0, 0,
         "2024-05-07"},
        {"three that meet and overlap", "2024-04-26", 5, UNIT_WORKING_DAY,
         {"2024-05-06", "2024-05-06", "2024-05-02", "2024-05-03", "2024-05-03", "2024-05-05"}, 0, 0,
         "2024-05-14"},
        {"before the event", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-04-01", "2024-04-26"}, 0, 0,
         "2024-05-07"},
        {"the end before the beginning", "2024-04-26", 5, UNIT_WORKING_DAY,
         {"2024-05-03", "2024-05-02"}, 0, 0, "2024-05-07"},
        {"after the end", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-05-08", "2024-05-31"}, 0, 0,
         "2024-05-07"},
        {"the last day", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-05-07", "2024-05-07"}, 0, 0,
         "2024-05-08"},
        {"none, on a day that does not count", "2024-05-02", 0, UNIT_WORKING_DAY,
         {"2024-05-02", "2024-05-02"}, 0, 0, "2024-05-03"},
        {"days: to a Sunday", "2024-05-30", 10, UNIT_DAY, {0}, 0, 0, "2024-06-10"},
        {"days: three on, to a holiday", "2024-05-30", 10, UNIT_DAY, {"2024-06-03", "2024-06-05"},
         0, 0, "2024-06-13"},
        {"days: behind the Sunday it ends on", "2024-05-30", 10, UNIT_DAY,
         {"2024-06-10", "2024-06-12"}, 0, 0, "2024-06-13"},
        {"days: behind the end", "2024-05-30", 10, UNIT_DAY, {"2024-06-11", "2024-06-20"}, 0, 0,
         "2024-06-10"},
        {"month: five days of February", "2024-01-31", 1, UNIT_MONTH, {"2024-02-10", "2024-02-14"},
         0, 0, "2024-03-05"},
        {"month: begun before the event", "2024-01-31", 1, UNIT_MONTH, {"2024-01-20", "2024-02-02"},
         0, 0, "2024-03-04"}, /* 2 March is a Saturday */
        {"year", "2023-06-14", 1, UNIT_YEAR, {"2023-07-01", "2023-07-31"}, 0, 0, "2024-07-15"},
        {"by the 15th: four days on", "2024-06-30", 15, UNIT_MONTH_DAY, {"2024-07-01", "2024-07-04"},
         0, 0, "2024-07-19"},
        {"hours: two days of standing", "2024-05-08T16:00", 24, UNIT_HOUR,
         {"2024-05-09", "2024-05-10"}, 0, 0, "2024-05-11T16:00"},
        {"hours: the event within", "2024-05-09T10:00", 24, UNIT_HOUR, {"2024-05-09", "2024-05-09"},
         0, 0, "2024-05-11T00:00"},
        {"hours: two breaks", "2024-05-08T16:00", 72, UNIT_HOUR,
         {"2024-05-12", "2024-05-12", "2024-05-09", "2024-05-09"}, 0, 0, "2024-05-13T16:00"},
        {"back: no breaks", "2024-06-30", -30, UNIT_DAY, {"2024-06-01", "2024-06-10"}, 0, 0,
         "2024-05-31"},
        {"at once", "2024-05-01T21:15", 0, UNIT_IMMEDIATE, {"2024-05-01", "2024-05-03"}, 0, 0,
         "2024-05-01T21:15"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_hours(void **state)
{
    static const struct row rows[] = {
        {"the same time the next day, off too", "2024-05-08T16:00", 24, UNIT_HOUR, {0}, 0, 0,
         "2024-05-09T16:00"},
        {"some hours", "2024-05-08T16:00", 5, UNIT_HOUR, {0}, 0, 0, "2024-05-08T21:00"},
        {"over midnight", "2024-05-08T23:59", 1, UNIT_HOUR, {0}, 0, 0, "2024-05-09T00:59"},
        {"over 29 February", "2024-02-28T10:00", 48, UNIT_HOUR, {0}, 0, 0, "2024-03-01T10:00"},
        {"over the year's end", "2024-12-31T20:30", 72, UNIT_HOUR, {0}, 0, 0, "2025-01-03T20:30"},
        {"back", "2024-05-09T01:00", -2, UNIT_HOUR, {0}, 0, 0, "2024-05-08T23:00"},
        {"late in the day is that day", "2024-04-26T23:59", 1, UNIT_WORKING_DAY, {0}, 0, 0,
         "2024-04-27"},
        {"early in the day too", "2024-04-26T00:00", 1, UNIT_WORKING_DAY, {0}, 0, 0, "2024-04-27"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_extension(void **state)
{
    static const struct row rows[] = {
        {"30 and 30 days are 60", "2024-04-01", 30, UNIT_DAY, {0}, 30, UNIT_DAY, "2024-05-31"},
        {"5 and 5 working days", "2024-04-26", 5, UNIT_WORKING_DAY, {0}, 5, UNIT_WORKING_DAY,
         "2024-05-16"},
        {"a month on working days", "2024-04-26", 5, UNIT_WORKING_DAY, {0}, 1, UNIT_MONTH,
         "2024-06-07"},
        {"working days behind an end that moved", "2024-03-31", 1, UNIT_MONTH, {0}, 3,
         UNIT_WORKING_DAY, "2024-05-07"},
        {"January and two months", "2024-01-31", 1, UNIT_MONTH, {0}, 1, UNIT_MONTH, "2024-04-01"},
        {"a break in the extension", "2024-04-26", 5, UNIT_WORKING_DAY, {"2024-05-08", "2024-05-13"},
         2, UNIT_WORKING_DAY, "2024-05-15"},
        {"breaks in both", "2024-04-26", 1, UNIT_WORKING_DAY,
         {"2024-04-27", "2024-04-27", "2024-05-03", "2024-05-03"}, 10, UNIT_DAY, "2024-05-13"},
        {"hours on hours", "2024-05-08T16:00", 24, UNIT_HOUR, {0}, 12, UNIT_HOUR,
         "2024-05-10T04:00"},
        {"hours on a day: from its end", "2024-05-06", 1, UNIT_DAY, {0}, 10, UNIT_HOUR,
         "2024-05-08T10:00"},
        {"a day on hours: the whole day", "2024-05-06T16:00", 24, UNIT_HOUR, {0}, 1, UNIT_DAY,
         "2024-05-08"},
        {"working days at once", "2024-05-08T12:00", 0, UNIT_IMMEDIATE, {0}, 1, UNIT_WORKING_DAY,
         "2024-05-13"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* Suspended with no end yet: today does not count either. */
static void test_standing(void **state)
{
    struct term_break open = {day("2024-05-02"), 0};
    struct term t = {.unit = UNIT_WORKING_DAY,
                     .calendar = "ru",
                     .count = 5,
                     .from = at("2024-04-26"),
                     .breaks = &open,
                     .n_breaks = 1};
    struct due due;

    (void)state;
    assert_int_equal(clock_set(T("2024-05-06T10:00")), OK);
    assert_due(&t, "2024-05-14", "from the 7th on"); /* 27 April; 7, 8, 13, 14 May */
    assert_true(term_due(&t, &due) && due.standing);
    assert_int_equal(clock_set(T("2024-05-07T10:00")), OK);
    assert_due(&t, "2024-05-15", "a day later, a day later");
    assert_int_equal(clock_set(T("2024-04-20T10:00")), OK); /* the clock set back */
    assert_due(&t, "2024-05-08", "a break that has begun has one day at least");
    assert_true(term_due(&t, &due) && due.standing);
    assert_int_equal(clock_set(T("2024-06-14T10:00")), OK);
    open.from = day("2024-05-08"); /* when the term was over */
    assert_due(&t, "2024-05-07", "ended before");
    assert_true(term_due(&t, &due) && !due.standing);
    open = (struct term_break){day("2024-05-02"), day("2024-05-03")};
    assert_true(term_due(&t, &due) && !due.standing);
    open = (struct term_break){day("2024-06-14"), 0};
    t = (struct term){.unit = UNIT_HOUR,
                      .count = 24,
                      .from = at("2024-06-13T18:00"),
                      .breaks = &open,
                      .n_breaks = 1};
    assert_due(&t, "2024-06-15T18:00", "hours that stand");
    assert_true(term_due(&t, &due) && due.standing);
    t.unit = UNIT_IMMEDIATE;
    t.count = 0;
    assert_true(term_due(&t, &due) && !due.standing);
}

static void test_known(void **state)
{
    struct due due;
    struct term t = {
        .unit = UNIT_WORKING_DAY, .calendar = "ru", .count = 1, .from = at("2024-06-14")};

    (void)state;
    assert_true(term_due(&t, &due) && due.known && !due.rule && !due.at);
    t.from = at("2026-12-30"); /* 31 December is off; 2027 has no decree: 1 to 8 January are */
    assert_due(&t, "2027-01-11", "into a year without a decree");
    assert_true(term_due(&t, &due) && !due.known);
    t.from = at("2010-12-31"); /* out of one */
    assert_true(term_due(&t, &due) && !due.known);
    t = (struct term){.unit = UNIT_YEAR, .calendar = "ru", .count = 3, .from = at("2024-06-14")};
    assert_true(term_due(&t, &due) && !due.known);
}

static void test_rules(void **state)
{
    struct due due;
    struct term t = {.rule = "ru.120.srcn_parents", .from = at("2024-06-14T22:30")};

    (void)state;
    assert_due(&t, "2024-06-15T10:30", "12 hours by rule");
    assert_true(term_due(&t, &due) && due.rule && !due.rule->verified);
    assert_string_equal(due.rule->act, "120-ФЗ, ст. 13");
    t.rule = "ru.120.survey"; /* the term's own unit and count are not looked at */
    t.unit = UNIT_YEAR;
    t.count = 7;
    assert_due(&t, "2024-06-19", "5 days by rule");
    assert_true(term_due(&t, &due) && due.rule->region);
    t.more_unit = UNIT_DAY;
    t.more = 5;
    assert_due(&t, "2024-06-24", "extended by 5");
    t.rule = "ru.10fz.assessment";
    assert_false(term_due(&t, &due)); /* the act sets no number */
    assert_true(due.rule && !due.rule->counted);
    t.rule = "ru.none";
    assert_false(term_due(&t, &due));
    t = (struct term){.calendar = "mars", .unit = UNIT_DAY, .count = 1, .from = at("2024-06-14")};
    assert_false(term_due(&t, &due));
    t = (struct term){.unit = UNIT_DAY, .count = INT_MAX, .from = at("2024-06-14")};
    assert_false(term_due(&t, &due));
    t = (struct term){.unit = UNIT_DAY, .count = 36000, .more_unit = UNIT_DAY, .more = INT_MAX};
    assert_false(term_due(&t, &due));
    t = (struct term){.unit = UNIT_COUNT, .count = 1};
    assert_false(term_due(&t, &due));
    t = (struct term){.unit = UNIT_MONTH_DAY, .count = 0};
    assert_false(term_due(&t, &due));
    t = (struct term){.unit = UNIT_DAY, .count = 1, .more_unit = UNIT_MONTH_DAY, .more = 3};
    assert_false(term_due(&t, &due));
}

/* --- what holds for all terms --- */

static uint32_t seed = 20240614;

static int pick(int below)
{
    seed = seed * 1664525 + 1013904223;
    return (int)(seed >> 8) % below;
}

static bool within(const struct term *t, int64_t d)
{
    for (size_t i = 0; i < t->n_breaks; i++)
        if (t->breaks[i].from <= d && d <= t->breaks[i].until)
            return true;
    return false;
}

static void test_all(void **state)
{
    const struct calendar *c = calendar_of("ru");

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct term_break breaks[4];
        enum unit units[] = {UNIT_WORKING_DAY, UNIT_DAY, UNIT_MONTH, UNIT_YEAR};
        int64_t from = day("2011-01-01") + pick(5400);
        struct term t = {.unit = units[pick(4)], .count = pick(40), .calendar = "ru"};
        struct due plain, due, longer;
        if (t.unit == UNIT_YEAR)
            t.count %= 4;
        t.from = instant_of_day(from) + pick(24 * 60) * INT64_C(60000000);
        assert_true(term_due(&t, &plain));
        assert_int_equal(plain.day, calendar_due(c, from, t.count, t.unit));
        for (size_t k = 0; k < 4; k++) {
            breaks[k].from = from - 5 + pick(60);
            breaks[k].until = breaks[k].from - 2 + pick(20);
        }
        t.breaks = breaks;
        t.n_breaks = (size_t)pick(5);
        assert_true(term_due(&t, &due));
        assert_true(due.day >= plain.day); /* a break gives time, it takes none */
        assert_true(calendar_works(c, due.day) && !within(&t, due.day));
        if (t.unit == UNIT_WORKING_DAY && t.count) { /* counted one by one */
            int counted = 0;
            for (int64_t d = from + 1; d <= due.day; d++)
                counted += calendar_works(c, d) && !within(&t, d);
            assert_int_equal(counted, t.count);
        } else if (t.unit == UNIT_DAY && t.count) {
            int counted = 0; /* all days that count, but for days off at the end */
            int64_t end = from;
            while (counted < t.count)
                counted += !within(&t, ++end);
            while (!calendar_works(c, end) || within(&t, end))
                end++;
            assert_int_equal(end, due.day);
        }
        t.count++;
        assert_true(term_due(&t, &longer) && longer.day >= due.day);
        t.count--;
        t.more_unit = UNIT_WORKING_DAY;
        t.more = 1 + pick(10);
        assert_true(term_due(&t, &longer) && longer.day >= due.day + (t.count > 0));
        t.n_breaks = 0;
        t.more = 0;
        t.unit = UNIT_HOUR; /* runs with the clock */
        assert_true(term_due(&t, &due));
        assert_true(due.at == t.from + t.count * INT64_C(3600000000));
        assert_int_equal(due.day, instant_day(due.at));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaks),   cmocka_unit_test(test_hours), cmocka_unit_test(test_extension),
        cmocka_unit_test(test_standing), cmocka_unit_test(test_known), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_all),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
