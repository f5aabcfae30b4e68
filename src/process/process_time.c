#include "base/date.h"
#include "process/process.h"

struct parts {
    int year, month, day, hour, minute, second, us, zone; /* zone: minutes east of UTC */
    bool pm, has_half;
};

static void blanks(struct text *t)
{
    while (text_take(t, ' '))
        continue;
}

/* Digits behind the point; what is finer than a microsecond is cut off. */
static bool fraction(struct text *t, int *us)
{
    int scale = 100000, n = 0, d;

    for (*us = 0; text_take_digits(t, 1, 1, &d); n++, scale /= 10)
        *us += d * scale;
    return n > 0;
}

static bool zone(struct text *t, int *minutes)
{
    int hour, minute = 0;

    *minutes = 0;
    if (text_take(t, 'Z') || text_take(t, 'z'))
        return true;
    bool west = text_take(t, '-');
    if ((!west && !text_take(t, '+')) || !text_take_digits(t, 2, 2, &hour))
        return false;
    bool colon = text_take(t, ':');
    if (!text_take_digits(t, 2, 2, &minute) && colon)
        return false;
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return hour <= 23 && minute <= 59;
}

static bool date(struct text *t, struct parts *p)
{
    struct text begin = *t;
    int a, b;

    if (text_take_digits(t, 4, 4, &a)) {
        p->year = a;
        if (text_take_digits(t, 4, 4, &b)) { /* 20111001 */
            p->month = b / 100;
            p->day = b % 100;
            return true;
        }
        char between = t->n ? t->s[0] : 0;
        return (between == '-' || between == '/' || between == '.') && text_take(t, between) && text_take_digits(t, 1, 2, &p->month) && text_take(t, between) &&
               text_take_digits(t, 1, 2, &p->day);
    }
    /* With strokes it might be the day or the month that stands first. */
    *t = begin;
    return text_take_digits(t, 1, 2, &p->day) && text_take(t, '.') && text_take_digits(t, 1, 2, &p->month) && text_take(t, '.') && text_take_digits(t, 4, 4, &p->year);
}

static enum err instant(const struct parts *p, int64_t *us)
{
    int hour = p->hour;

    if (p->has_half) {
        if (hour < 1 || hour > 12)
            return ERR_SYNTAX;
        hour = hour % 12 + (p->pm ? 12 : 0);
    }
    if (p->year < 1 || !date_exists(p->year, p->month, p->day) || hour > 23 || p->minute > 59 || p->second > 59)
        return ERR_SYNTAX;
    int64_t day = date_from((struct ymd){p->year, p->month, p->day});
    *us = ((day * 24 + hour) * 60 + p->minute - p->zone) * 60000000 + p->second * INT64_C(1000000) + p->us;
    return OK;
}

enum err process_time(struct text t, int64_t *us)
{
    struct parts p = {0};

    t = text_trim(t);
    if (!date(&t, &p))
        return ERR_SYNTAX;
    if (!t.n)
        return instant(&p, us);
    if (!text_take(&t, 'T') && !text_take(&t, ' '))
        return ERR_SYNTAX;
    blanks(&t);
    if (!text_take_digits(&t, 1, 2, &p.hour) || !text_take(&t, ':') || !text_take_digits(&t, 2, 2, &p.minute))
        return ERR_SYNTAX;
    if (text_take(&t, ':')) {
        if (!text_take_digits(&t, 2, 2, &p.second))
            return ERR_SYNTAX;
        if ((text_take(&t, '.') || text_take(&t, ',')) && !fraction(&t, &p.us))
            return ERR_SYNTAX;
    }
    blanks(&t);
    if (text_is(t, "UTC") || text_is(t, "GMT"))
        t.n = 0;
    if (t.n && (!zone(&t, &p.zone) || t.n))
        return ERR_SYNTAX;
    return instant(&p, us);
}

/* --- by a format --- */

static bool month_name(struct text *t, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char low[3];

    if (t->n < 3)
        return false;
    for (int i = 0; i < 3; i++)
        low[i] = (char)(t->s[i] | 0x20);
    for (int m = 0; m < 12; m++)
        if (memcmp(names + (size_t)m * 3, low, 3) == 0) {
            *month = m + 1;
            *t = (struct text){t->s + 3, t->n - 3};
            return true;
        }
    return false;
}

static bool half_of_day(struct text *t, struct parts *p)
{
    if (t->n < 2 || (t->s[1] | 0x20) != 'm')
        return false;
    char c = (char)(t->s[0] | 0x20);
    p->pm = c == 'p';
    p->has_half = true;
    *t = (struct text){t->s + 2, t->n - 2};
    return c == 'a' || c == 'p';
}

static bool part(struct text *t, char letter, struct parts *p)
{
    switch (letter) {
    case 'Y': return text_take_digits(t, 4, 4, &p->year);
    case 'y':
        if (!text_take_digits(t, 2, 2, &p->year))
            return false;
        p->year += p->year < 70 ? 2000 : 1900;
        return true;
    case 'm': return text_take_digits(t, 1, 2, &p->month);
    case 'b': return month_name(t, &p->month);
    case 'd': return text_take_digits(t, 1, 2, &p->day);
    case 'H':
    case 'I': return text_take_digits(t, 1, 2, &p->hour);
    case 'M': return text_take_digits(t, 1, 2, &p->minute);
    case 'S': return text_take_digits(t, 1, 2, &p->second);
    case 'f': return fraction(t, &p->us);
    case 'z': return zone(t, &p->zone);
    case 'p': return half_of_day(t, p);
    default: return false;
    }
}

bool process_time_format_good(const char *f)
{
    bool year = false, month = false, day = false;

    for (; *f; f++)
        if (*f == '%') {
            f++;
            if (!*f || !strchr("YymbdHIMSfzp", *f))
                return false;
            year = year || *f == 'Y' || *f == 'y';
            month = month || *f == 'm' || *f == 'b';
            day = day || *f == 'd';
        }
    return year && month && day;
}

enum err process_time_like(struct text t, const char *f, int64_t *us)
{
    struct parts p = {0};

    t = text_trim(t);
    for (; *f; f++) {
        if (*f == '%' && f[1] ? !part(&t, *++f, &p) : !text_take(&t, *f))
            return ERR_SYNTAX;
    }
    return t.n ? ERR_SYNTAX : instant(&p, us);
}
