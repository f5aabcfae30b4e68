/* Production calendars: which days are worked. The days are data (packs/<country>/calendar), not code.
 * A year that no calendar names is computed by the weekend rule and its fixed holidays, and says so. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H
#include "base/text.h"

struct calendar;

enum unit {
    UNIT_WORKING_DAY,
    UNIT_DAY,
    UNIT_HOUR,
    UNIT_MONTH,
    UNIT_YEAR,
    UNIT_IMMEDIATE,
    UNIT_MONTH_DAY, /* "by the 15th": the count is a day of the month */
    UNIT_COUNT
};

/* Empty: Saturdays and Sundays off. malloc'd; lives until calendar_free. */
struct calendar *calendar_new(void);
void calendar_free(struct calendar *c);
/* One line of a pack's calendar: year 2024; "off": 01-01..01-08 02-23 ; "work": 04-27 ; "short": 02-22. */
enum err calendar_set(struct calendar *c, int year, struct text off, struct text work,
                      struct text shorter, struct fault *fault) MUST;
/* Days of a year already set, declared non-working with pay kept by an act of its own (Russia, 2020 and 2021): "03-30..04-30".
 * Whether a term counts them is a matter of view, so calendar_work_nonworking decides for the whole calendar: off (as it
 * begins), or worked, as if the act had not been. */
enum err calendar_nonworking(struct calendar *c, int year, struct text days, struct fault *fault) MUST;
void calendar_work_nonworking(struct calendar *c, bool worked);
/* Holidays by rule for the years not set: "01-01 01-07 03-08 ..." */
enum err calendar_fixed(struct calendar *c, struct text month_days, struct fault *fault) MUST;
bool calendar_known(const struct calendar *c, int year);
bool calendar_works(const struct calendar *c, int64_t day);
bool calendar_short(const struct calendar *c, int64_t day); /* worked, but one hour less */
enum day_kind {
    DAY_WORKED,
    DAY_SHORT,
    DAY_WORKED_WEEKEND, /* a Saturday or Sunday that is worked, short or not */
    DAY_WEEKEND,
    DAY_OFF,       /* a holiday, or a day off moved here */
    DAY_NONWORKING /* off by an act of its own, see above */
};
enum day_kind calendar_kind(const struct calendar *c, int64_t day);

/* The worked day nearest to `day` in the direction (1 or -1): the day itself when it is worked. */
int64_t calendar_worked(const struct calendar *c, int64_t day, int direction);

enum err unit_parse(struct text t, enum unit *unit) MUST; /* "working_day", "day", ... */
const char *unit_name(enum unit unit);                    /* the same word; "" for UNIT_COUNT */
/* The last day of a term: it begins the day after `from`, working days are counted, of months and years it is the day of
 * the same number, or the last of its month; hours that do not fill a day end on the day itself. A day off is not moved.
 * count may be 0 or negative ("not later than 30 days before"). UNIT_MONTH_DAY: the next day of that number after `from`.
 * What rules, suspension and extension make of it: rooms/packs/packs_due.h. */
int64_t calendar_end(const struct calendar *c, int64_t from, int count, enum unit unit);
/* The date due: calendar_end, and a calendar term that ends on a day off ends on the next working day, one that is
 * counted back on the working day before (Civil Code of Russia, art. 191 and 193). */
int64_t calendar_due(const struct calendar *c, int64_t from, int count, enum unit unit);
/* The next day of the month `day` (1..31, the last day of a shorter month) after `from`; month 1..12, or 0 for any. */
int64_t calendar_month_day(int64_t from, int day, int month);
int64_t calendar_working_between(const struct calendar *c, int64_t from, int64_t to); /* (from, to] */

#endif
