/* Production calendars: which days are worked. The days are data (packs/<country>/calendar), not code.
 * A year that no calendar names is computed by the weekend rule and its fixed holidays, and says so. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H
#include "base/text.h"

struct calendar;

enum unit { UNIT_WORKING_DAY, UNIT_DAY, UNIT_HOUR, UNIT_MONTH, UNIT_YEAR, UNIT_IMMEDIATE, UNIT_COUNT };

/* Empty: Saturdays and Sundays off. malloc'd; lives until calendar_free. */
struct calendar *calendar_new(void);
void calendar_free(struct calendar *c);
/* One line of a pack's calendar: year 2024; "off": 01-01..01-08 02-23 ; "work": 04-27 ; "short": 02-22. */
enum err calendar_set(struct calendar *c, int year, struct text off, struct text work,
                      struct text shorter, struct fault *fault) MUST;
/* Holidays by rule for the years not set: "01-01 01-07 03-08 ..." */
enum err calendar_fixed(struct calendar *c, struct text month_days, struct fault *fault) MUST;
bool calendar_known(const struct calendar *c, int year);
bool calendar_works(const struct calendar *c, int64_t day);
bool calendar_short(const struct calendar *c, int64_t day);

enum err unit_parse(struct text t, enum unit *unit) MUST; /* "working_day", "day", ... */
/* The date due: the term begins the day after `from`; a calendar term that ends on a day off ends on the next
 * working day (Civil Code of Russia, art. 191 and 193). count may be 0 or negative for days and months. */
int64_t calendar_due(const struct calendar *c, int64_t from, int count, enum unit unit);
int64_t calendar_working_between(const struct calendar *c, int64_t from, int64_t to); /* (from, to] */

#endif
