/* A calendar feed (iCalendar, RFC 5545) of all-day events and of events that begin at an instant. */
#ifndef FORMATS_ICALENDAR_H
#define FORMATS_ICALENDAR_H
#include "base/buf.h"

struct ical_day {
    int64_t day;         /* days since 1970: a date without a time zone */
    const char *uid;     /* the same for the same thing */
    const char *summary; /* UTF-8 */
    int64_t at;          /* instant, microseconds UTC, in place of the day: an hour that is not free; 0: the day */
};

/* name: of the calendar, as programs show it; at: instant of the making (DTSTAMP); refresh_hours: how often programs should
 * ask again. ERR_LIMIT when it does not fit into out. */
enum err ical_feed(struct buf *out, const char *name, int64_t at, int refresh_hours,
                   const struct ical_day *days, size_t n) MUST;

#endif
