/* Dates are days since 1970-01-01 (proleptic Gregorian), instants microseconds UTC. No time zone database:
 * a register has one offset from UTC (pack section `region`), set once at start. */
#ifndef BASE_DATE_H
#define BASE_DATE_H
#include "base/text.h"

enum { DAY_MIN = -141427, DAY_MAX = 47846 }; /* 1582-10-15 .. 2100-12-31: outside is a mistake of the hand */

struct ymd {
    int year, month, day;
};

int64_t date_from(struct ymd d); /* the date must exist */
struct ymd date_ymd(int64_t day);
bool date_exists(int year, int month, int day);
int date_weekday(int64_t day); /* 1 Monday .. 7 Sunday */
int64_t date_add_months(int64_t day, int months); /* same number, or the last day of the month */
bool date_swapped(int64_t day, int64_t *other); /* day and month change places; false: no other date comes of it */

enum err date_parse_iso(struct text t, int64_t *day) MUST; /* 2024-06-15 only */
/* дд.мм.гггг with one or two digits, also with / or - between and a two-digit year refused; or ISO. */
enum err date_parse(struct text t, int64_t *day) MUST;
enum err time_parse(struct text t, int *minutes) MUST; /* "16:00", minutes since midnight */
enum { DATE_ISO_LEN = 10 };
void date_iso(int64_t day, char out[11]); /* 2024-06-15 and NUL */
void date_dmy(int64_t day, char out[11]); /* 15.06.2024 and NUL */

/* The same four as in SQL on both engines. */
int64_t days_between(int64_t from, int64_t to);
int years_between(int64_t from, int64_t to); /* full years: age of somebody born on `from` */
int half_year(int64_t day);                  /* 2014-H1 is 20141 */
int year_month(int64_t day);                 /* June 2014 is 201406 */
enum err half_year_parse(struct text t, int *half) MUST; /* "2014-H1" */
int64_t half_year_first(int half);
int64_t half_year_last(int half);
void half_year_name(int half, char out[9]); /* "2014-H1" and NUL */

/* The clock of the process. --now / BEREG_NOW fixes it; then it goes on from there. */
enum err clock_set(struct text local_iso) MUST; /* 2024-06-15T10:00[:SS] in the register's local time */
void clock_set_offset(int minutes);             /* local time minus UTC */
int64_t clock_now(void);                        /* microseconds UTC */
int64_t clock_today(void);                      /* local date */
int64_t clock_monotonic(void);                  /* microseconds, for measuring */
int64_t instant_day(int64_t us);                /* local date of an instant */
int64_t instant_of_day(int64_t day);            /* local midnight */
void instant_local(int64_t us, char out[17]);   /* "15.06.2024 10:00" and NUL */
void instant_iso(int64_t us, char out[28]);     /* "2024-06-15T07:00:00.000000Z" and NUL */

#endif
