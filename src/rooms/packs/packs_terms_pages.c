/* Calendars and terms as pages, from the packs that the program runs by. */
#include "base/date.h"
#include "packs_tpl.h"
#include "rooms/packs/packs_due.h"
#include "rooms/packs/packs_own.h"
#include "web/tr.h"
#include "web/web.h"

enum { YEAR_MIN = 1900, YEAR_MAX = 2100 };

void packs_term(struct request *rq, const char *rule, const struct due *due,
                union packs_term_row *out)
{
    const struct deadline_rule *r = rule ? deadline_find(rule) : NULL;

    *out = (union packs_term_row){0};
    if (r) {
        out->label = v_z(r->label[rq->lang] ? r->label[rq->lang] : r->id);
        out->act = v_text_or_null(text_of(r->act));
        out->unverified = v_int(!r->verified);
    }
    if (due) {
        out->computed = v_int(!due->known);
        out->standing = v_int(due->standing);
    }
}

/* --- calendars --- */

static bool is_calendar(const struct pack_entry *e)
{
    return !memchr(e->key.s, ' ', e->key.n);
}

static struct value label_of(struct request *rq, const struct pack_entry *e)
{
    const char *label = pack_label(e, rq->lang);

    return *label ? v_z(label) : v_text(e->key);
}

static struct value base_of(struct request *rq, const struct pack_entry *e)
{
    const struct pack_entry *base =
        pack_prop(e, "base").n ? pack_find("calendar", pack_prop(e, "base")) : NULL;

    return base ? label_of(rq, base) : v_null();
}

static void fill_calendars(struct request *rq, struct text chosen, struct calendar_entry_rows *out)
{
    size_t n = 0;
    const char *here = region_here()->calendar;

    for (const struct pack_entry *e = NULL; (e = pack_next("calendar", e));)
        n += is_calendar(e);
    *out = (struct calendar_entry_rows){.row = arena_array(rq->arena, n + 1, sizeof *out->row),
                                        .query = &calendar_entry_query,
                                        .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("calendar", e));) {
        if (!is_calendar(e))
            continue;
        const struct calendar *c = calendar_of(arena_z(rq->arena, e->key));
        int first = YEAR_MIN, last = YEAR_MAX;
        while (first <= YEAR_MAX && !(c && calendar_known(c, first)))
            first++;
        while (last > first && !calendar_known(c, last))
            last--;
        out->row[out->n++] = (union calendar_entry_row){
            .name = v_text(e->key),
            .label = label_of(rq, e),
            .base = base_of(rq, e),
            .first = first <= YEAR_MAX ? v_int(first) : v_null(),
            .last = first <= YEAR_MAX ? v_int(last) : v_null(),
            .here = v_int(here && text_is(e->key, here)),
            .act = v_text_or_null(pack_prop(e, "act")),
            .unverified = v_int(!pack_yes(e, "verified")),
            .chosen = v_int(text_eq(e->key, chosen))};
    }
}

ROUTE(GET, "/calendars", packs_calendars, calendar_list_page, SIGNED_IN)
static enum err packs_calendars(struct request *rq, struct calendar_list_page_page *page)
{
    fill_calendars(rq, T(""), &page->items);
    return rq_end(rq);
}

/* --- one year --- */

/* The calendar that is shown, and the one it stands on. */
struct shown {
    const struct calendar *c, *base;
    int year;
};

static const char *kind_of(const struct shown *s, int64_t day, bool *regional)
{
    enum day_kind kind = calendar_kind(s->c, day);
    bool works = kind <= DAY_WORKED_WEEKEND;

    /* also a holiday that falls on a weekend of the country */
    *regional = s->base && (calendar_works(s->base, day) != works ||
                            (kind == DAY_OFF && calendar_kind(s->base, day) == DAY_WEEKEND));
    switch (kind) {
    case DAY_WORKED:
        return "";
    case DAY_SHORT:
        return "short";
    case DAY_WORKED_WEEKEND:
        return *regional ? "regional_worked" : "worked_weekend";
    case DAY_WEEKEND:
        return "weekend";
    case DAY_NONWORKING:
        return "nonworking";
    case DAY_OFF:
        break;
    }
    return *regional ? "regional_off" : "off";
}

static void fill_month(struct request *rq, const struct shown *s, int month,
                       struct calendar_week_rows *out)
{
    int64_t day = date_from((struct ymd){s->year, month, 1});
    bool regional;

    *out = (struct calendar_week_rows){.row = arena_array(rq->arena, 6, sizeof *out->row),
                                       .query = &calendar_week_query,
                                       .next = T("")};
    for (; date_ymd(day).month == month; day++) {
        int weekday = date_weekday(day);
        if (!out->n || weekday == 1)
            out->row[out->n++] = (union calendar_week_row){0};
        struct value *cell = &out->row[out->n - 1].v[2 * (weekday - 1)];
        cell[0] = v_int(date_ymd(day).day);
        cell[1] = v_z(kind_of(s, day, &regional));
    }
}

/* Days that are not what their day of the week would be, and short ones. */
static void fill_days(struct request *rq, const struct shown *s, struct calendar_day_rows *out)
{
    int64_t first = date_from((struct ymd){s->year, 1, 1});
    bool regional;

    *out = (struct calendar_day_rows){.row = arena_array(rq->arena, 366, sizeof *out->row),
                                      .query = &calendar_day_query,
                                      .next = T("")};
    for (int64_t day = first; date_ymd(day).year == s->year; day++) {
        const char *kind = kind_of(s, day, &regional);
        if (*kind && strcmp(kind, "weekend") != 0)
            out->row[out->n++] = (union calendar_day_row){
                .day = v_date(day), .kind = v_z(kind), .regional = v_int(regional)};
    }
}

static void fill_years(struct request *rq, const struct shown *s,
                       struct calendar_year_choice_rows *out)
{
    int first = s->year, last = s->year;

    for (int year = YEAR_MIN; year <= YEAR_MAX; year++)
        if (calendar_known(s->c, year)) {
            first = year < first ? year : first;
            last = year + 1 > last ? year + 1 : last; /* the first one that is computed */
        }
    *out = (struct calendar_year_choice_rows){
        .row = arena_array(rq->arena, (size_t)(last - first) + 1, sizeof *out->row),
        .query = &calendar_year_choice_query,
        .next = T("")};
    for (int year = last; year >= first; year--)
        out->row[out->n++] =
            (union calendar_year_choice_row){.year = v_int(year),
                                             .computed = v_int(!calendar_known(s->c, year)),
                                             .chosen = v_int(year == s->year)};
}

/* Of the year's entry: its own, else that of the calendar below. */
static struct text year_prop(struct request *rq, const struct pack_entry *e, int year,
                             const char *name)
{
    for (; e; e = pack_find("calendar", pack_prop(e, "base"))) {
        struct text key = arena_printf(rq->arena, "%.*s %d", TEXT_ARG(e->key), year);
        const struct pack_entry *own = pack_find("calendar", key);
        if (own && pack_prop(own, name).n)
            return pack_prop(own, name);
        if (!pack_prop(e, "base").n)
            break;
    }
    return T("");
}

static void fill_year(struct request *rq, const struct pack_entry *e, const struct shown *s,
                      union calendar_year_row *out)
{
    int64_t before = date_from((struct ymd){s->year - 1, 12, 31}),
            last = date_from((struct ymd){s->year, 12, 31});
    int shorter = 0;

    for (int64_t day = before + 1; day <= last; day++)
        shorter += calendar_short(s->c, day);
    *out = (union calendar_year_row){
        .calendar = v_text(e->key),
        .label = label_of(rq, e),
        .year = v_int(s->year),
        .known = v_int(calendar_known(s->c, s->year)),
        .act = v_text_or_null(year_prop(rq, e, s->year, "act")),
        .unverified = v_int(!text_is(year_prop(rq, e, s->year, "verified"), "yes")),
        .nonworking_act = v_text_or_null(year_prop(rq, e, s->year, "nonworking.act")),
        .nonworking_worked = v_int(region_here()->nonworking == NONWORKING_WORKED),
        .worked = v_int(calendar_working_between(s->c, before, last)),
        .shorter = v_int(shorter),
        .base = base_of(rq, e)};
}

/* Without a name the region's calendar, without a year the running one. */
ROUTE(GET, "/calendars/year", packs_calendar_year, calendar_year_page, SIGNED_IN)
static enum err packs_calendar_year(struct request *rq, struct calendar_year_page_page *page)
{
    struct text name = rq_param(rq, "calendar");
    const struct value year = rq_filter_int(rq, "year");
    struct shown s = {.year = v_is(year) ? (int)v_as_int(year) : date_ymd(rq->today).year};

    if (!name.n && region_here()->calendar)
        name = text_of(region_here()->calendar);
    const struct pack_entry *e = name.n ? pack_find("calendar", name) : NULL;
    s.c = e ? calendar_of(arena_z(rq->arena, name)) : NULL;
    if (!s.c || (v_is(year) && (v_as_int(year) < YEAR_MIN || v_as_int(year) > YEAR_MAX))) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    s.base = calendar_of(arena_z(rq->arena, pack_prop(e, "base")));
    fill_year(rq, e, &s, &page->shown);
    fill_days(rq, &s, &page->items);
    fill_years(rq, &s, &page->years);
    fill_calendars(rq, name, &page->calendars);
    struct calendar_week_rows *const months[] = {
        &page->m1, &page->m2, &page->m3, &page->m4,  &page->m5,  &page->m6,
        &page->m7, &page->m8, &page->m9, &page->m10, &page->m11, &page->m12};
    for (int month = 1; month <= 12; month++)
        fill_month(rq, &s, month, months[month - 1]);
    return rq_end(rq);
}

/* --- terms --- */

static void fill_rules(struct request *rq, struct text chosen, struct deadline_entry_rows *out)
{
    size_t n = 0;

    while (deadline_at(n))
        n++;
    *out = (struct deadline_entry_rows){.row = arena_array(rq->arena, n + 1, sizeof *out->row),
                                        .query = &deadline_entry_query,
                                        .next = T("")};
    for (const struct deadline_rule *r; (r = deadline_at(out->n));) {
        bool number = r->counted && r->unit != UNIT_IMMEDIATE;
        out->row[out->n++] = (union deadline_entry_row){
            .rule = v_z(r->id),
            .label = v_z(r->label[rq->lang] ? r->label[rq->lang] : r->id),
            .event = v_z(r->event),
            .counted = v_int(r->counted),
            .unit = v_z(unit_name(r->unit)),
            .count = number ? v_int(r->count < 0 ? -r->count : r->count) : v_null(),
            .before = v_int(number && r->count < 0),
            .month = r->month ? v_int(r->month) : v_null(),
            .act = v_text_or_null(text_of(r->act)),
            .unverified = v_int(!r->verified),
            .region = v_text_or_null(text_of(r->region)),
            .calendar = v_text_or_null(text_of(r->calendar)),
            .chosen = v_int(text_is(chosen, r->id))};
    }
}

static void fill_units(struct request *rq, struct text chosen, bool extends,
                       struct term_unit_rows *out)
{
    static const char *const words[UNIT_COUNT] = {
        [UNIT_WORKING_DAY] = N_("working days"), [UNIT_DAY] = N_("calendar days"),
        [UNIT_HOUR] = N_("hours"),               [UNIT_MONTH] = N_("months"),
        [UNIT_YEAR] = N_("years"),               [UNIT_IMMEDIATE] = N_("at once"),
        [UNIT_MONTH_DAY] = N_("by the day of the month")};

    *out = (struct term_unit_rows){.row = arena_array(rq->arena, UNIT_COUNT, sizeof *out->row),
                                   .query = &term_unit_query,
                                   .next = T("")};
    for (int unit = 0; unit < UNIT_COUNT; unit++)
        if (!extends || (unit != UNIT_IMMEDIATE && unit != UNIT_MONTH_DAY))
            out->row[out->n++] = (union term_unit_row){
                .unit = v_z(unit_name((enum unit)unit)),
                .words = v_z(tr(rq->lang, words[unit])),
                .chosen = v_int(text_is(chosen, unit_name((enum unit)unit)))};
}

/* What was asked, as a term; what is wrong with it, or null. */
static const char *read_term(struct request *rq, struct term *t, struct term_break *b)
{
    struct text from = text_trim(rq_param(rq, "from")), time = text_trim(rq_param(rq, "time"));
    struct text stop = text_trim(rq_param(rq, "stop")), go_on = text_trim(rq_param(rq, "go_on"));
    struct text count = text_trim(rq_param(rq, "count")), more = text_trim(rq_param(rq, "more"));
    struct text rule = rq_param(rq, "rule"), more_unit = rq_param(rq, "more_unit");
    struct text calendar = rq_param(rq, "calendar");
    int64_t day = rq->today, number = 0;
    int minutes = 0;

    if (from.n && date_parse(from, &day))
        return N_("Write the day of the event as dd.mm.yyyy");
    if (time.n && time_parse(time, &minutes))
        return N_("Write the time as hh:mm");
    if (rule.n) {
        t->rule = arena_z(rq->arena, rule);
        if (!deadline_find(t->rule))
            return N_("There is no such term in the packs");
        if (!deadline_find(t->rule)->counted)
            return N_("The act of this term sets no number");
        t->unit = deadline_find(t->rule)->unit;
    } else if (unit_parse(rq_param(rq, "unit"), &t->unit)) {
        return N_("Choose a unit of the term");
    } else if (t->unit != UNIT_IMMEDIATE &&
               (text_int(count, INT32_MIN, INT32_MAX, &number) || !term_fits(t->unit, number, 0))) {
        return N_("Write a number that such a term can have");
    }
    t->count = (int)number;
    t->from = instant_of_day(day) + minutes * INT64_C(60000000);
    t->calendar = calendar.n ? arena_z(rq->arena, calendar) : NULL;
    if (t->calendar && !calendar_of(t->calendar))
        return N_("There is no such calendar in the packs");
    if (stop.n || go_on.n) {
        if (date_parse(stop, &b->from) || (go_on.n && date_parse(go_on, &b->until)) ||
            (go_on.n && b->until < b->from))
            return N_("Write the first and the last day of the suspension as dd.mm.yyyy");
        t->breaks = b;
        t->n_breaks = 1;
    }
    t->more_unit = t->unit;
    if (more.n && (text_int(more, 1, INT32_MAX, &number) ||
                   (more_unit.n && unit_parse(more_unit, &t->more_unit)) ||
                   t->more_unit == UNIT_IMMEDIATE || t->more_unit == UNIT_MONTH_DAY ||
                   !term_fits(t->more_unit, number, 0)))
        return N_("Write a number and a unit that an extension can have");
    t->more = more.n ? (int)number : 0;
    return NULL;
}

static struct text asked(struct request *rq, const char *name)
{
    return text_trim(rq_param(rq, name));
}

ROUTE(GET, "/deadlines", packs_deadlines, deadline_list_page, SIGNED_IN)
static enum err packs_deadlines(struct request *rq, struct deadline_list_page_page *page)
{
    struct term t = {0};
    struct term_break b = {0};
    struct due due;
    char today[11];

    date_dmy(rq->today, today);
    page->from = asked(rq, "from").n ? asked(rq, "from") : text_of(arena_z(rq->arena, text_of(today)));
    page->time = asked(rq, "time");
    page->count = asked(rq, "count");
    page->more = asked(rq, "more");
    page->stop = asked(rq, "stop");
    page->go_on = asked(rq, "go_on");
    fill_rules(rq, rq_param(rq, "rule"), &page->items);
    fill_units(rq, rq_param(rq, "unit"), false, &page->units);
    fill_units(rq, rq_param(rq, "more_unit"), true, &page->more_units);
    fill_calendars(rq, rq_param(rq, "calendar"), &page->calendars);
    if (!rq_param(rq, "rule").n && !page->count.n && !text_is(rq_param(rq, "unit"), "immediate"))
        return rq_end(rq);
    page->wrong = read_term(rq, &t, &b);
    if (!page->wrong && !term_due(&t, &due))
        page->wrong = N_("There is no such term");
    if (!page->wrong) {
        page->answer = (union term_answer_row){.day = v_date(due.day),
                                               .at = due.at ? v_instant(due.at) : v_null(),
                                               .computed = v_int(!due.known),
                                               .standing = v_int(due.standing)};
        packs_term(rq, t.rule, &due, &page->term);
    }
    return rq_end(rq);
}
