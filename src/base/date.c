#include "base/date.h"
#include <stdatomic.h>
#include <time.h>

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* Four written digits of the year: arithmetic may leave them, the written form may not. */
enum { DAY_WRITTEN_MIN = -719528, DAY_WRITTEN_MAX = 2932896 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* --- the calendar: eras of 400 years that begin on 1 March, so that the leap day is the last ---
 */

int64_t date_from(struct ymd d)
{
    int64_t y = (int64_t)d.year - (d.month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t year = y - era * 400;
    int64_t day = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

    return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

struct ymd date_ymd(int64_t day)
{
    int64_t z = day + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t in_era = z - era * 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * in_year + 2) / 153;
    int month = (int)(march < 10 ? march + 3 : march - 9);

    return (struct ymd){(int)(year + era * 400 + (month <= 2)), month,
                        (int)(in_year - (153 * march + 2) / 5 + 1)};
}

static int month_length(int year, int month)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : length[month - 1];
}

bool date_exists(int year, int month, int day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= month_length(year, month);
}

bool date_swapped(int64_t day, int64_t *other)
{
    struct ymd d = date_ymd(day);

    if (d.month == d.day || !date_exists(d.year, d.day, d.month))
        return false;
    *other = date_from((struct ymd){d.year, d.day, d.month});
    return true;
}

int date_weekday(int64_t day)
{
    return (int)(day + 3 - floor_div(day + 3, 7) * 7) + 1; /* 1970-01-01 was a Thursday */
}

int64_t date_add_months(int64_t day, int months)
{
    struct ymd d = date_ymd(day);
    int64_t month = (int64_t)d.year * 12 + d.month - 1 + months;

    d.year = (int)floor_div(month, 12);
    d.month = (int)(month - (int64_t)d.year * 12) + 1;
    if (d.day > month_length(d.year, d.month))
        d.day = month_length(d.year, d.month);
    return date_from(d);
}

/* --- written dates --- */

static enum err day_in_range(int year, int month, int d, int64_t *day)
{
    if (!date_exists(year, month, d))
        return ERR_SYNTAX;
    int64_t at = date_from((struct ymd){year, month, d});
    if (at < DAY_MIN || at > DAY_MAX)
        return ERR_LIMIT;
    *day = at;
    return OK;
}

enum err date_parse_iso(struct text t, int64_t *day)
{
    int year, month, d;

    if (!text_take_digits(&t, 4, 4, &year) || !text_take(&t, '-') || !text_take_digits(&t, 2, 2, &month) ||
        !text_take(&t, '-') || !text_take_digits(&t, 2, 2, &d) || t.n != 0)
        return ERR_SYNTAX;
    return day_in_range(year, month, d, day);
}

enum err date_parse(struct text t, int64_t *day)
{
    int year, month, d;

    t = text_trim(t);
    if (t.n == DATE_ISO_LEN && t.s[4] == '-')
        return date_parse_iso(t, day);
    if (!text_take_digits(&t, 1, 2, &d) || t.n == 0)
        return ERR_SYNTAX;
    char sep = t.s[0];
    if ((sep != '.' && sep != '/' && sep != '-') || !text_take(&t, sep) ||
        !text_take_digits(&t, 1, 2, &month) || !text_take(&t, sep) || !text_take_digits(&t, 4, 4, &year) ||
        t.n != 0)
        return ERR_SYNTAX;
    return day_in_range(year, month, d, day);
}

static void put_digits(char *out, int number, int digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

static struct ymd written(int64_t day)
{
    if (day < DAY_WRITTEN_MIN)
        day = DAY_WRITTEN_MIN;
    if (day > DAY_WRITTEN_MAX)
        day = DAY_WRITTEN_MAX;
    return date_ymd(day);
}

enum err time_parse(struct text t, int *minutes)
{
    int64_t hour, minute;

    if (t.n != 5 || t.s[2] != ':' || text_int((struct text){t.s, 2}, 0, 23, &hour) ||
        text_int((struct text){t.s + 3, 2}, 0, 59, &minute))
        return ERR_SYNTAX;
    *minutes = (int)(hour * 60 + minute);
    return OK;
}

void date_iso(int64_t day, char out[11])
{
    struct ymd d = written(day);

    put_digits(out, d.year, 4);
    out[4] = '-';
    put_digits(out + 5, d.month, 2);
    out[7] = '-';
    put_digits(out + 8, d.day, 2);
    out[10] = '\0';
}

void date_dmy(int64_t day, char out[11])
{
    struct ymd d = written(day);

    put_digits(out, d.day, 2);
    out[2] = '.';
    put_digits(out + 3, d.month, 2);
    out[5] = '.';
    put_digits(out + 6, d.year, 4);
    out[10] = '\0';
}

/* --- the three of SQL --- */

int64_t days_between(int64_t from, int64_t to)
{
    return to - from;
}

int years_between(int64_t from, int64_t to)
{
    struct ymd a = date_ymd(from), b = date_ymd(to);
    bool before = b.month < a.month || (b.month == a.month && b.day < a.day);

    return b.year - a.year - before;
}

int half_year(int64_t day)
{
    struct ymd d = date_ymd(day);

    return d.year * 10 + (d.month <= 6 ? 1 : 2);
}

int year_month(int64_t day)
{
    struct ymd d = date_ymd(day);

    return d.year * 100 + d.month;
}

enum err half_year_parse(struct text t, int *half)
{
    int year, h;

    if (!text_take_digits(&t, 4, 4, &year) || !text_take(&t, '-') || !text_take(&t, 'H') ||
        !text_take_digits(&t, 1, 1, &h) || t.n != 0 || h < 1 || h > 2)
        return ERR_SYNTAX;
    if (year < 1583 || year > 2100)
        return ERR_LIMIT;
    *half = year * 10 + h;
    return OK;
}

int64_t half_year_first(int half)
{
    return date_from((struct ymd){half / 10, half % 10 == 1 ? 1 : 7, 1});
}

int64_t half_year_last(int half)
{
    return half % 10 == 1 ? date_from((struct ymd){half / 10, 6, 30})
                          : date_from((struct ymd){half / 10, 12, 31});
}

void half_year_name(int half, char out[9])
{
    put_digits(out, half / 10 % 10000, 4);
    out[4] = '-';
    out[5] = 'H';
    out[6] = (char)('0' + half % 10);
    out[7] = '\0';
}

/* --- the clock ---
 *
 * Set at start, read by all threads after it. What --now gives is kept as local time, so that the
 * offset of the register may be learnt later than the command line was read. */

static atomic_int offset_minutes;
static atomic_bool fixed;
static _Atomic int64_t fixed_local, fixed_at;

static int64_t now_of(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t offset_us(void)
{
    return (int64_t)atomic_load_explicit(&offset_minutes, memory_order_relaxed) * 60 * 1000000;
}

enum err clock_set(struct text local_iso)
{
    int64_t day;
    int hour, minute, second = 0;
    struct text t = local_iso;

    if (t.n < DATE_ISO_LEN)
        return ERR_SYNTAX;
    enum err err = date_parse_iso((struct text){t.s, DATE_ISO_LEN}, &day);
    if (err)
        return err;
    t = (struct text){t.s + DATE_ISO_LEN, t.n - DATE_ISO_LEN};
    if (!text_take(&t, 'T') || !text_take_digits(&t, 2, 2, &hour) || !text_take(&t, ':') ||
        !text_take_digits(&t, 2, 2, &minute))
        return ERR_SYNTAX;
    if (t.n && (!text_take(&t, ':') || !text_take_digits(&t, 2, 2, &second)))
        return ERR_SYNTAX;
    if (t.n || hour > 23 || minute > 59 || second > 59)
        return ERR_SYNTAX;
    int64_t in_day = (int64_t)(hour * 60 + minute) * 60 + second;
    atomic_store(&fixed_local, day * DAY_US + in_day * 1000000);
    atomic_store(&fixed_at, clock_monotonic());
    atomic_store(&fixed, true);
    return OK;
}

void clock_set_offset(int minutes)
{
    atomic_store(&offset_minutes, minutes);
}

int64_t clock_now(void)
{
    if (!atomic_load_explicit(&fixed, memory_order_acquire))
        return now_of(CLOCK_REALTIME);
    return atomic_load(&fixed_local) - offset_us() + clock_monotonic() - atomic_load(&fixed_at);
}

int64_t clock_today(void)
{
    return instant_day(clock_now());
}

int64_t clock_monotonic(void)
{
    return now_of(CLOCK_MONOTONIC);
}

int64_t instant_day(int64_t us)
{
    return floor_div(us + offset_us(), DAY_US);
}

int64_t instant_of_day(int64_t day)
{
    return day * DAY_US - offset_us();
}

void instant_local(int64_t us, char out[17])
{
    int64_t local = us + offset_us();
    int64_t day = floor_div(local, DAY_US);
    int minute = (int)((local - day * DAY_US) / 60000000);

    date_dmy(day, out);
    out[10] = ' ';
    put_digits(out + 11, minute / 60, 2);
    out[13] = ':';
    put_digits(out + 14, minute % 60, 2);
    out[16] = '\0';
}

void instant_iso(int64_t us, char out[28])
{
    int64_t day = floor_div(us, DAY_US);
    int64_t in_day = us - day * DAY_US;
    int second = (int)(in_day / 1000000);

    date_iso(day, out);
    out[10] = 'T';
    put_digits(out + 11, second / 3600, 2);
    out[13] = ':';
    put_digits(out + 14, second / 60 % 60, 2);
    out[16] = ':';
    put_digits(out + 17, second % 60, 2);
    out[19] = '.';
    put_digits(out + 20, (int)(in_day % 1000000), 6);
    out[26] = 'Z';
    out[27] = '\0';
}
