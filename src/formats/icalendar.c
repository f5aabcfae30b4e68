#include "formats/icalendar.h"
#include "base/date.h"
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static struct icaltimetype instant(int64_t at)
{
    return icaltime_from_timet_with_zone((time_t)(at / 1000000), 0, icaltimezone_get_utc_timezone());
}

static struct icaltimetype whole_day(int64_t day)
{
    struct ymd d = date_ymd(day);
    struct icaltimetype t = icaltime_null_date();
    t.year = d.year;
    t.month = d.month;
    t.day = d.day;
    return t;
}

static const int64_t hour = INT64_C(3600) * 1000000;

static icalcomponent *event(const struct ical_day *d, int64_t at)
{
    icalcomponent *e = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    icalcomponent_add_property(e, icalproperty_new_uid(d->uid));
    icalcomponent_add_property(e, icalproperty_new_dtstamp(instant(at)));
    icalcomponent_add_property(e, icalproperty_new_dtstart(d->at ? instant(d->at) : whole_day(d->day)));
    icalcomponent_add_property(e, icalproperty_new_dtend(d->at ? instant(d->at + hour) : whole_day(d->day + 1)));
    icalcomponent_add_property(e, icalproperty_new_summary(d->summary));
    icalcomponent_add_property(e, icalproperty_new_transp(d->at ? ICAL_TRANSP_OPAQUE : ICAL_TRANSP_TRANSPARENT));
    icalcomponent_add_property(e, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    return e;
}

static void extra(icalcomponent *c, const char *name, const char *value)
{
    icalproperty *p = icalproperty_new_x(value);
    icalproperty_set_x_name(p, name);
    icalcomponent_add_property(c, p);
}

enum err ical_feed(struct buf *out, const char *name, int64_t at, int refresh_hours,
                   const struct ical_day *days, size_t n)
{
    char refresh[20];
    snprintf(refresh, sizeof refresh, "PT%dH", refresh_hours);
    icalcomponent *c = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    icalcomponent_add_property(c, icalproperty_new_version("2.0"));
    icalcomponent_add_property(c, icalproperty_new_prodid("-//Bereg//Bereg//RU"));
    extra(c, "X-WR-CALNAME", name);
    extra(c, "X-PUBLISHED-TTL", refresh);
    for (size_t i = 0; i < n; i++)
        icalcomponent_add_component(c, event(&days[i], at));
    char *text = icalcomponent_as_ical_string_r(c); /* malloc'd, of this call only: threads */
    icalcomponent_free(c);
    if (!text)
        return ERR_INTERNAL;
    buf_z(out, text);
    free(text);
    return buf_end(out);
}
