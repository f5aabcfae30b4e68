#include "base/calendar.h"
#include "base/date.h"
#include "base/log.h"
#include <stdlib.h>

enum {
    YEAR_FIRST = 1900,
    YEAR_LAST = 2100,
    LEAP_YEAR = 2000,
    COUNT_MAX = 36600,     /* a hundred years of days: more is a mistake of the rule */
    LONGEST_HOLIDAY = 400, /* so that a calendar without a single working day ends too */
};

/* A day of the year is a bit, 31 to each month: 29 February then moves nobody's number. */
struct days {
    uint64_t bits[6];
};

struct year {
    struct days off, work, shorter, nonworking;
};

struct calendar {
    struct year *years[YEAR_LAST - YEAR_FIRST + 1]; /* null: not set */
    struct days fixed;
    bool nonworking_worked;
    /* Working days among the first k days of the year: inboxes ask for years that are overdue. */
    uint16_t among[YEAR_LAST - YEAR_FIRST + 1][367];
};

static void count_year(struct calendar *c, int year);

static int slot(int month, int day)
{
    return (month - 1) * 31 + day - 1;
}

static void days_add(struct days *d, int at)
{
    d->bits[at / 64] |= UINT64_C(1) << at % 64;
}

static bool days_has(const struct days *d, struct ymd day)
{
    int at = slot(day.month, day.day);

    return d->bits[at / 64] >> at % 64 & 1;
}

struct calendar *calendar_new(void)
{
    struct calendar *c = calloc(1, sizeof *c);

    if (!c) {
        log_error("no memory for a calendar");
        abort();
    }
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++)
        count_year(c, year);
    return c;
}

void calendar_free(struct calendar *c)
{
    if (!c)
        return;
    for (int i = 0; i <= YEAR_LAST - YEAR_FIRST; i++)
        free(c->years[i]);
    free(c);
}

/* "04-27" of the year */
static bool parse_day(struct text t, int year, int *at)
{
    int64_t month, day;

    if (t.n != 5 || t.s[2] != '-' || text_int((struct text){t.s, 2}, 1, 12, &month) ||
        text_int((struct text){t.s + 3, 2}, 1, 31, &day) ||
        !date_exists(year, (int)month, (int)day))
        return false;
    *at = slot((int)month, (int)day);
    return true;
}

/* "01-01..01-08 02-23" */
static enum err parse_days(struct text list, int year, struct days *days, struct fault *fault)
{
    struct text part;

    while (text_split(&list, ' ', &part)) {
        struct text one = text_trim(part);
        int first, last;
        if (one.n == 0)
            continue;
        bool range = one.n == 12 && one.s[5] == '.' && one.s[6] == '.';
        struct text end = range ? (struct text){one.s + 7, 5} : one;
        struct text start = range ? (struct text){one.s, 5} : one;
        if (!parse_day(start, year, &first) || !parse_day(end, year, &last) || last < first)
            return fault_set(fault, ERR_SYNTAX,
                             "calendar of %d: not a day or a range of days: "
                             "'%.*s'",
                             year, one.n > 40 ? 40 : TEXT_ARG(one));
        for (int at = first; at <= last; at++)
            days_add(days, at);
    }
    return OK;
}

static bool meet(const struct days *a, const struct days *b)
{
    for (int i = 0; i < 6; i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}

enum err calendar_set(struct calendar *c, int year, struct text off, struct text work,
                      struct text shorter, struct fault *fault)
{
    struct year y = {0};
    enum err err;

    if (year < YEAR_FIRST || year > YEAR_LAST)
        return fault_set(fault, ERR_LIMIT, "calendar: the year %d is not within %d..%d", year,
                         YEAR_FIRST, YEAR_LAST);
    if ((err = parse_days(off, year, &y.off, fault)) ||
        (err = parse_days(work, year, &y.work, fault)) ||
        (err = parse_days(shorter, year, &y.shorter, fault)))
        return err;
    if (meet(&y.off, &y.work) || meet(&y.off, &y.shorter))
        return fault_set(fault, ERR_CONFLICT, "calendar of %d: a day is both off and worked", year);
    struct year **place = &c->years[year - YEAR_FIRST];
    if (!*place && !(*place = malloc(sizeof **place)))
        return fault_set(fault, ERR_LIMIT, "calendar of %d: no memory", year);
    **place = y;
    count_year(c, year);
    return OK;
}

enum err calendar_nonworking(struct calendar *c, int year, struct text days, struct fault *fault)
{
    struct year *y = year < YEAR_FIRST || year > YEAR_LAST ? NULL : c->years[year - YEAR_FIRST];
    struct days d = {0};

    if (!y)
        return fault_set(fault, ERR_NOT_FOUND, "calendar: the year %d is not set", year);
    enum err err = parse_days(days, year, &d, fault);
    if (err)
        return err;
    if (meet(&d, &y->off))
        return fault_set(fault, ERR_CONFLICT,
                         "calendar of %d: a day is off and non-working at the same time", year);
    y->nonworking = d;
    count_year(c, year);
    return OK;
}

void calendar_work_nonworking(struct calendar *c, bool worked)
{
    if (c->nonworking_worked == worked)
        return;
    c->nonworking_worked = worked;
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++)
        if (c->years[year - YEAR_FIRST])
            count_year(c, year);
}

enum err calendar_fixed(struct calendar *c, struct text month_days, struct fault *fault)
{
    struct days days = {0};
    enum err err = parse_days(month_days, LEAP_YEAR, &days, fault);

    if (err)
        return err;
    c->fixed = days;
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++)
        count_year(c, year);
    return OK;
}

static const struct year *year_of(const struct calendar *c, int year)
{
    return year < YEAR_FIRST || year > YEAR_LAST ? NULL : c->years[year - YEAR_FIRST];
}

bool calendar_known(const struct calendar *c, int year)
{
    return year_of(c, year) != NULL;
}

bool calendar_works(const struct calendar *c, int64_t day)
{
    struct ymd d = date_ymd(day);
    const struct year *y = year_of(c, d.year);
    bool weekend = date_weekday(day) > 5;

    if (!y)
        return !weekend && !days_has(&c->fixed, d);
    if (days_has(&y->off, d) || (days_has(&y->nonworking, d) && !c->nonworking_worked))
        return false;
    /* A Saturday that is marked short is a Saturday that is worked. */
    return !weekend || days_has(&y->work, d) || days_has(&y->shorter, d);
}

static void count_year(struct calendar *c, int year)
{
    uint16_t *among = c->among[year - YEAR_FIRST];
    int64_t first = date_from((struct ymd){year, 1, 1});

    for (int k = 0; k < 366; k++)
        among[k + 1] = (uint16_t)(among[k] + calendar_works(c, first + k));
}

bool calendar_short(const struct calendar *c, int64_t day)
{
    struct ymd d = date_ymd(day);
    const struct year *y = year_of(c, d.year);

    return y && days_has(&y->shorter, d) && calendar_works(c, day);
}

enum day_kind calendar_kind(const struct calendar *c, int64_t day)
{
    struct ymd d = date_ymd(day);
    const struct year *y = year_of(c, d.year);
    bool weekend = date_weekday(day) > 5;

    if (calendar_works(c, day))
        return weekend                  ? DAY_WORKED_WEEKEND
               : calendar_short(c, day) ? DAY_SHORT
                                        : DAY_WORKED;
    if (days_has(y ? &y->off : &c->fixed, d))
        return DAY_OFF;
    return y && !weekend && days_has(&y->nonworking, d) ? DAY_NONWORKING : DAY_WEEKEND;
}

static const char *const unit_names[UNIT_COUNT] = {
    [UNIT_WORKING_DAY] = "working_day", [UNIT_DAY] = "day",
    [UNIT_HOUR] = "hour",               [UNIT_MONTH] = "month",
    [UNIT_YEAR] = "year",               [UNIT_IMMEDIATE] = "immediate",
    [UNIT_MONTH_DAY] = "day_of_month",
};

enum err unit_parse(struct text t, enum unit *unit)
{
    for (int i = 0; i < UNIT_COUNT; i++) {
        if (text_is(t, unit_names[i])) {
            *unit = (enum unit)i;
            return OK;
        }
    }
    return ERR_SYNTAX;
}

const char *unit_name(enum unit unit)
{
    return unit < UNIT_COUNT ? unit_names[unit] : "";
}

int64_t calendar_worked(const struct calendar *c, int64_t day, int direction)
{
    int64_t at = day;

    for (int i = 0; i < LONGEST_HOLIDAY; i++, at += direction)
        if (calendar_works(c, at))
            return at;
    return day;
}

static int64_t working_days(const struct calendar *c, int64_t from, int count)
{
    int direction = count < 0 ? -1 : 1;
    int64_t at = from;

    if (count == 0)
        return calendar_worked(c, from, 1);
    for (int left = count * direction; left > 0; left--)
        at = calendar_worked(c, at + direction, direction);
    return at;
}

int64_t calendar_month_day(int64_t from, int day, int month)
{
    struct ymd d = date_ymd(from);
    int64_t first = date_from((struct ymd){d.year, month ? month : d.month, 1});

    for (;;) {
        int64_t last = date_add_months(first, 1) - 1;
        int64_t at = first + day - 1 < last ? first + day - 1 : last;
        if (at > from)
            return at;
        first = date_add_months(first, month ? 12 : 1);
    }
}

int64_t calendar_end(const struct calendar *c, int64_t from, int count, enum unit unit)
{
    if (count > COUNT_MAX)
        count = COUNT_MAX;
    if (count < -COUNT_MAX)
        count = -COUNT_MAX;
    switch (unit) {
    case UNIT_WORKING_DAY:
        return working_days(c, from, count);
    case UNIT_DAY:
        return from + count;
    case UNIT_HOUR:
        return from + count / 24;
    case UNIT_MONTH:
        return date_add_months(from, count);
    case UNIT_YEAR:
        return date_add_months(from, count * 12);
    case UNIT_MONTH_DAY:
        return calendar_month_day(from, count, 0);
    case UNIT_IMMEDIATE:
    case UNIT_COUNT:
        break;
    }
    return from;
}

int64_t calendar_due(const struct calendar *c, int64_t from, int count, enum unit unit)
{
    int64_t end = calendar_end(c, from, count, unit);

    if (unit == UNIT_HOUR || unit == UNIT_IMMEDIATE || unit == UNIT_COUNT)
        return end; /* runs on days off too */
    /* "Not later than 30 days before": moving such a day forward would shorten what the law gives.
     */
    return calendar_worked(c, end, count < 0 ? -1 : 1);
}

int64_t calendar_working_between(const struct calendar *c, int64_t from, int64_t to)
{
    int64_t count = 0;

    if (to < from)
        return -calendar_working_between(c, to, from);
    for (int64_t day = from + 1; day <= to;) {
        int year = date_ymd(day).year;
        int64_t first = date_from((struct ymd){year, 1, 1}),
                next = date_from((struct ymd){year + 1, 1, 1}), end = to + 1 < next ? to + 1 : next;

        if (year < YEAR_FIRST || year > YEAR_LAST) {
            count += calendar_works(c, day++);
            continue;
        }
        const uint16_t *among = c->among[year - YEAR_FIRST];
        count += among[end - first] - among[day - first];
        day = end;
    }
    return count;
}
