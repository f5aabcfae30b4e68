/* Calendars, deadline rules, the region's own entry. A new set replaces the old one whole; the old
 * one stays for running requests. */
#include "base/date.h"
#include "rooms/packs/packs_own.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CALENDARS_MAX = 120, RULES_MAX = 1000, COUNT_MAX = 36500 };

struct named_calendar {
    const char *name;
    const struct named_calendar *base; /* null: stands alone */
    struct calendar *calendar;
    size_t n_years;
    struct year_text {
        int year;
        struct text off, work, shorter;
    } * years;
};

struct terms {
    struct terms *older; /* former sets stay for who still points into them */
    struct arena *arena;
    struct region region;
    size_t n_calendars, n_rules;
    struct named_calendar calendars[CALENDARS_MAX];
    struct deadline_rule rules[RULES_MAX];
};

static _Atomic(struct terms *) current;
static struct terms *next;

static struct terms *terms_new(void)
{
    struct terms *t = calloc(1, sizeof *t);

    if (!t)
        abort();
    t->arena = arena_new();
    return t;
}

static void terms_free(struct terms *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n_calendars; i++)
        calendar_free(t->calendars[i].calendar);
    arena_free(t->arena);
    free(t);
}

void terms_begin(void)
{
    terms_free(next); /* of entries that were refused */
    next = terms_new();
}

void terms_done(void)
{
    if (!next)
        return;
    next->older = current;
    current = next;
    next = NULL;
    if (current->region.name[LANG_RU])
        clock_set_offset(current->region.utc_offset);
}

/* --- [calendar NAME] and [calendar NAME YEAR] --- */

static struct named_calendar *calendar_in(struct terms *t, struct text name)
{
    for (size_t i = 0; t && i < t->n_calendars; i++)
        if (text_is(name, t->calendars[i].name))
            return &t->calendars[i];
    return NULL;
}

static struct text both(struct arena *arena, struct text a, struct text b)
{
    return arena_printf(arena, "%.*s %.*s", TEXT_ARG(a), TEXT_ARG(b));
}

/* The days of a year, with those of the calendar this one stands on. */
static enum err set_year(struct terms *t, struct named_calendar *c, struct year_text year,
                         const struct pack_entry *e, struct fault *fault)
{
    struct fault why = {0};

    for (size_t i = 0; c->base && i < c->base->n_years; i++)
        if (c->base->years[i].year == year.year) {
            const struct year_text *b = &c->base->years[i];
            year.off = both(t->arena, b->off, year.off);
            year.work = both(t->arena, b->work, year.work);
            year.shorter = both(t->arena, b->shorter, year.shorter);
        }
    if (calendar_set(c->calendar, year.year, year.off, year.work, year.shorter, &why))
        return pack_wrong(e, fault, why.text, (struct text){"", 0});
    for (size_t i = 0; i < c->n_years; i++)
        if (c->years[i].year == year.year) {
            c->years[i] = year;
            return OK;
        }
    c->years = arena_grow(t->arena, c->years, c->n_years * sizeof *c->years,
                          (c->n_years + 1) * sizeof *c->years);
    c->years[c->n_years++] = year;
    return OK;
}

static enum err take_calendar(struct terms *t, const struct pack_entry *e, struct fault *fault)
{
    struct fault why = {0};
    struct text base = pack_prop(e, "base");

    if (calendar_in(t, e->key))
        return pack_wrong(e, fault, "stands above already", e->key);
    if (t->n_calendars == CALENDARS_MAX)
        return pack_wrong(e, fault, "too many calendars", e->key);
    struct named_calendar *c = &t->calendars[t->n_calendars++];
    *c = (struct named_calendar){.name = arena_z(t->arena, e->key), .calendar = calendar_new()};
    struct text fixed = pack_prop(e, "fixed");
    if (base.n) {
        if (!(c->base = calendar_in(t, base)))
            return pack_wrong(e, fault, "base names a calendar that does not stand above", base);
        for (size_t i = 0; i < c->base->n_years; i++) {
            struct year_text nothing = {.year = c->base->years[i].year};
            nothing.off = nothing.work = nothing.shorter = (struct text){"", 0};
            enum err err = set_year(t, c, nothing, e, fault);
            if (err)
                return err;
        }
    }
    if (calendar_fixed(c->calendar, fixed, &why))
        return pack_wrong(e, fault, why.text, (struct text){"", 0});
    return OK;
}

static enum err take_year(struct terms *t, const struct pack_entry *e, struct fault *fault)
{
    struct text key = e->key, name;
    int64_t year;

    text_split(&key, ' ', &name);
    if (text_int(key, 1900, 2100, &year))
        return pack_wrong(e, fault, "the key is the name of a calendar and a year", e->key);
    struct named_calendar *c = calendar_in(t, name);
    if (!c)
        return pack_wrong(e, fault, "the section [calendar NAME] must stand above its years", name);
    struct year_text y = {.year = (int)year,
                          .off = arena_text(t->arena, pack_prop(e, "off")),
                          .work = arena_text(t->arena, pack_prop(e, "work")),
                          .shorter = arena_text(t->arena, pack_prop(e, "short"))};
    return set_year(t, c, y, e, fault);
}

static enum err calendar_entry(struct terms *t, const struct pack_entry *e, struct fault *fault)
{
    return memchr(e->key.s, ' ', e->key.n) ? take_year(t, e, fault) : take_calendar(t, e, fault);
}

enum err calendar_take(const struct pack_entry *e, struct fault *fault)
{
    return calendar_entry(next, e, fault);
}

const struct calendar *calendar_of(const char *name)
{
    const struct named_calendar *c = name ? calendar_in(current, text_of(name)) : NULL;

    return c ? c->calendar : NULL;
}

/* For a process without packs: weekends only. */
static struct calendar *no_packs;
static pthread_once_t no_packs_once = PTHREAD_ONCE_INIT;

static void make_no_packs(void)
{
    no_packs = calendar_new();
}

const struct calendar *calendar_here(void)
{
    const struct calendar *c = calendar_of(region_here()->calendar);

    if (c)
        return c;
    pthread_once(&no_packs_once, make_no_packs);
    return no_packs;
}

int64_t working_days_after(int64_t from, int count)
{
    return calendar_due(calendar_here(), from, count, UNIT_WORKING_DAY);
}

/* --- [deadline ID] --- */

static const char *text_or_null(struct arena *arena, struct text t)
{
    return t.n ? arena_z(arena, t) : NULL;
}

enum err deadline_take(const struct pack_entry *e, struct fault *fault)
{
    struct text count = pack_prop(e, "count"), unit = pack_prop(e, "unit");
    struct text month = pack_prop(e, "month");
    int64_t number = 0, month_number = 0;

    if (next->n_rules == RULES_MAX)
        return pack_wrong(e, fault, "too many deadline rules", e->key);
    struct deadline_rule r = {.id = arena_z(next->arena, e->key),
                              .event = text_or_null(next->arena, pack_prop(e, "event")),
                              .act = text_or_null(next->arena, pack_prop(e, "act")),
                              .calendar = text_or_null(next->arena, pack_prop(e, "calendar")),
                              .label = {text_or_null(next->arena, pack_prop(e, "label.ru")),
                                        text_or_null(next->arena, pack_prop(e, "label.en"))},
                              .verified = pack_yes(e, "verified"),
                              .counted = count.n > 0};
    if (!r.event)
        return pack_wrong(e, fault, "event must be there", (struct text){"", 0});
    if (text_is(unit, "day_of_month"))
        r.month_day = true;
    else if (unit_parse(unit, &r.unit))
        return pack_wrong(e, fault, "there is no such unit of terms", unit);
    if (r.unit == UNIT_IMMEDIATE && !r.month_day)
        r.counted = true;
    if (count.n &&
        text_int(count, r.month_day ? 1 : -COUNT_MAX, r.month_day ? 31 : COUNT_MAX, &number))
        return pack_wrong(e, fault, "count is not a number that this unit can have", count);
    if (month.n && (!r.month_day || text_int(month, 1, 12, &month_number)))
        return pack_wrong(e, fault, "month is 1 to 12 and goes with unit = day_of_month", month);
    r.count = (int)number;
    r.month = (int)month_number;
    next->rules[next->n_rules++] = r;
    return OK;
}

const struct deadline_rule *deadline_find(const char *id)
{
    const struct terms *t = current;

    for (size_t i = 0; t && i < t->n_rules; i++)
        if (strcmp(t->rules[i].id, id) == 0)
            return &t->rules[i];
    return NULL;
}

/* The next such day after `from`: "by the 15th", "by 15 July"; the last day of a month that has
 * fewer. */
static int64_t next_month_day(int64_t from, int day, int month)
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

int64_t deadline_rule_due(const struct deadline_rule *r, const struct calendar *c, int64_t from)
{
    if (r->month_day) /* 0 days on: a day off goes to the next working day */
        return calendar_due(c, next_month_day(from, r->count, r->month), 0, UNIT_DAY);
    return calendar_due(c, from, r->count, r->unit);
}

bool deadline_due(const char *id, int64_t from, int64_t *due)
{
    const struct deadline_rule *r = deadline_find(id);

    if (!r || !r->counted)
        return false;
    const struct calendar *own = calendar_of(r->calendar);
    *due = deadline_rule_due(r, own ? own : calendar_here(), from);
    return true;
}

/* --- [region] --- */

enum err region_take(const struct pack_entry *e, struct fault *fault)
{
    struct text offset = pack_prop(e, "utc_offset");
    int64_t hours, minutes;
    bool shaped = offset.n == 6 && (offset.s[0] == '+' || offset.s[0] == '-') && offset.s[3] == ':';

    if (e->key.n)
        return pack_wrong(e, fault, "the section [region] has no key", e->key);
    if (!pack_prop(e, "label.ru").n || !pack_prop(e, "label.en").n)
        return pack_wrong(e, fault, "label.ru and label.en must be there", (struct text){"", 0});
    if (!shaped || text_int((struct text){offset.s + 1, 2}, 0, 14, &hours) ||
        text_int((struct text){offset.s + 4, 2}, 0, 59, &minutes))
        return pack_wrong(e, fault, "utc_offset is written +03:00", offset);
    int total = (int)(hours * 60 + minutes);
    next->region = (struct region){.name = {arena_z(next->arena, pack_prop(e, "label.ru")),
                                            arena_z(next->arena, pack_prop(e, "label.en"))},
                                   .calendar = text_or_null(next->arena, pack_prop(e, "calendar")),
                                   .country = text_or_null(next->arena, pack_prop(e, "country")),
                                   .utc_offset = offset.s[0] == '-' ? -total : total};
    return OK;
}

const struct region *region_here(void)
{
    static const struct region nowhere = {.name = {"", ""}};
    const struct terms *t = current;

    return t && t->region.name[LANG_RU] ? &t->region : &nowhere;
}

/* --- bereg deadline --- */

/* Calendars of a folder of packs, without anything else of them. */
static enum err read_calendars(const char *dir, struct terms *t, struct fault *fault)
{
    struct arena *arena = arena_new();
    struct pack_entry *entries;
    size_t n = 0;
    enum err err = packs_load_dir(dir, arena, &entries, &n, fault);

    for (size_t i = 0; i < n && !err; i++)
        if (text_is(entries[i].kind, "calendar"))
            err = calendar_entry(t, &entries[i], fault);
    arena_free(arena);
    return err;
}

/* A calendar of a country that the region's pack does not need stands in a pack beside it. */
static enum err read_beside(const char *dir, const char *calendar, struct terms **t,
                            struct fault *fault)
{
    char path[4096];
    struct fault none = {0};
    int n = snprintf(path, sizeof path, "%s/..", dir);

    if (n < 0 || n >= (int)sizeof path)
        return fault_set(fault, ERR_LIMIT, "packs: the name of the folder is too long");
    terms_free(*t);
    *t = terms_new();
    if (read_calendars(path, *t, &none) || !calendar_in(*t, text_of(calendar)))
        return fault_set(fault, ERR_NOT_FOUND, "the packs in '%s' have no calendar '%s'", dir,
                         calendar);
    return OK;
}

enum err packs_deadline(const char *packs_dir, const char *calendar, int64_t day, int count,
                        enum unit unit, int64_t *due, bool *known, struct fault *fault)
{
    struct terms *t = terms_new();
    enum err err = read_calendars(packs_dir, t, fault);

    if (!err && !calendar_in(t, text_of(calendar)))
        err = read_beside(packs_dir, calendar, &t, fault);
    const struct named_calendar *c = err ? NULL : calendar_in(t, text_of(calendar));
    if (c) {
        *due = calendar_due(c->calendar, day, count, unit);
        *known = true;
        int first = date_ymd(day < *due ? day : *due).year;
        int last = date_ymd(day < *due ? *due : day).year;
        for (int year = first; year <= last; year++)
            *known = *known && calendar_known(c->calendar, year);
    }
    terms_free(t);
    return err;
}
