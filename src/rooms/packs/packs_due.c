#include "rooms/packs/packs_due.h"
#include "base/date.h"
#include "rooms/packs/packs_own.h"

static const int64_t HOUR = INT64_C(3600) * 1000000;

/* Breaks with the day on which those without end are looked at. */
struct breaks {
    const struct term_break *b;
    size_t n;
    int64_t today;
};

static bool open_end(const struct term_break *b)
{
    return b->until == 0;
}

/* The last day that does not count. Days to come are not promised to a term that stands; a clock
 * that was set back does not make a break that has begun unbegun. */
static int64_t last_of(const struct breaks *s, const struct term_break *b)
{
    int64_t last = open_end(b) ? s->today : b->until;

    if (open_end(b) && last < b->from)
        last = b->from;
    return last > DAY_MAX ? DAY_MAX : last;
}

/* The first day from `day` on that counts. */
static int64_t counting(const struct breaks *s, int64_t day)
{
    for (size_t i = 0; i < s->n;) {
        int64_t last = last_of(s, &s->b[i]);
        if (s->b[i].from <= day && day <= last) {
            day = last + 1;
            i = 0; /* another one may begin there */
        } else {
            i++;
        }
    }
    return day;
}

/* The first day from `day` on that is worked and counts. */
static int64_t next_worked(const struct calendar *c, const struct breaks *s, int64_t day)
{
    for (;;) {
        int64_t counts = counting(s, day), worked = calendar_worked(c, counts, 1);
        if (worked == counts)
            return counts;
        day = worked; /* which a break may hold */
    }
}

static int64_t working_days(const struct calendar *c, const struct breaks *s, int64_t from,
                            int count)
{
    if (count == 0)
        return next_worked(c, s, from);
    for (; count > 0; count--)
        from = next_worked(c, s, from + 1);
    return from;
}

/* `days` counted days after `from`. */
static int64_t days_on(const struct breaks *s, int64_t from, int64_t days)
{
    for (; days > 0; days--)
        from = counting(s, from + 1);
    return from;
}

static int64_t end_of(const struct calendar *c, const struct breaks *s, int64_t from, int count,
                      enum unit unit, int month)
{
    int64_t end = unit == UNIT_MONTH_DAY ? calendar_month_day(from, count, month)
                                         : calendar_end(c, from, count, unit);
    if (!s->n || end < from || count < 0)
        return end;
    return unit == UNIT_WORKING_DAY ? working_days(c, s, from, count)
                                    : days_on(s, from, end - from);
}

/* An end on a day off: the next day that is worked and counts. */
static int64_t moved(const struct calendar *c, const struct breaks *s, int64_t end, int count)
{
    return count < 0 ? calendar_worked(c, end, -1) : next_worked(c, s, end);
}

static int64_t hours_on(const struct breaks *s, int64_t at, int64_t hours)
{
    int64_t left = hours * HOUR;

    while (left > 0) {
        int64_t day = instant_day(at), counts = counting(s, day);
        if (counts != day)
            at = instant_of_day(counts);
        int64_t stop = at + left;
        for (size_t i = 0; i < s->n; i++) { /* the next break that begins before the end */
            int64_t begins = s->b[i].from > DAY_MAX ? INT64_MAX : instant_of_day(s->b[i].from);
            if (begins > at && begins < stop && last_of(s, &s->b[i]) >= s->b[i].from)
                stop = begins;
        }
        left -= stop - at;
        at = stop;
    }
    return at + left;
}

static bool all_known(const struct calendar *c, int64_t a, int64_t b)
{
    int first = date_ymd(a < b ? a : b).year, last = date_ymd(a < b ? b : a).year;

    for (int year = first; year <= last; year++)
        if (!calendar_known(c, year))
            return false;
    return true;
}

static bool due_by(const struct term *t, const struct calendar *c, struct due *out)
{
    struct breaks s = {t->breaks, t->n_breaks, clock_today()};
    int64_t first = instant_day(t->from), end = first;
    bool same = t->more && t->more_unit == t->unit;

    if (!term_fits(t->unit, t->count, t->month) ||
        (t->more && (t->more_unit == UNIT_MONTH_DAY || t->more_unit == UNIT_IMMEDIATE ||
                     !term_fits(t->more_unit, t->more, 0))))
        return false;
    int count = t->count + (same ? t->more : 0);
    if (t->unit == UNIT_HOUR) {
        out->at = hours_on(&s, t->from, count);
        end = instant_day(out->at);
    } else if (t->unit == UNIT_IMMEDIATE) {
        out->at = t->from;
    } else {
        end = moved(c, &s, end_of(c, &s, first, count, t->unit, t->month), count);
    }
    if (t->more && !same && t->more_unit == UNIT_HOUR) {
        out->at = hours_on(&s, out->at ? out->at : instant_of_day(end + 1), t->more);
        end = instant_day(out->at);
    } else if (t->more && !same) {
        out->at = 0;
        end = moved(c, &s, end_of(c, &s, end, t->more, t->more_unit, 0), t->more);
    }
    out->day = end;
    out->known = all_known(c, first, end);
    for (size_t i = 0; i < s.n && t->unit != UNIT_IMMEDIATE; i++)
        if (open_end(&s.b[i]) && s.b[i].from <= end && count >= 0)
            out->standing = true;
    return true;
}

bool term_due(const struct term *t, struct due *out)
{
    struct term by = *t;
    const char *calendar = t->calendar;

    *out = (struct due){0};
    if (t->rule) {
        const struct deadline_rule *r = deadline_find(t->rule);
        out->rule = r;
        if (!r || !r->counted)
            return false;
        by.unit = r->unit;
        by.count = r->count;
        by.month = r->month;
        if (!calendar)
            calendar = r->calendar;
    }
    const struct calendar *c = calendar ? calendar_of(calendar) : calendar_here();
    return c && due_by(&by, c, out);
}
