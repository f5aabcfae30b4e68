/* Calendars, deadline rules, the region's own entry. A new set replaces the old one whole; the old
 * one stays for running requests. */
#include "base/date.h"
#include "rooms/packs/packs_own.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CALENDARS_MAX = 120, RULES_MAX = 1000, YEARS_MAX = 100 };

struct named_calendar {
    const char *name;
    struct named_calendar *base; /* null: stands alone */
    bool is_base;
    struct text fixed;
    struct calendar *calendar;
    size_t n_years;
    struct year_text {
        int year;
        struct text off, work, shorter, nonworking;
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
    for (size_t i = 0; i < next->n_calendars; i++) /* before anybody reads them */
        calendar_work_nonworking(next->calendars[i].calendar,
                                 next->region.nonworking == NONWORKING_WORKED);
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

static const struct year_text *year_in(const struct named_calendar *c, int year)
{
    for (size_t i = 0; c && i < c->n_years; i++)
        if (c->years[i].year == year)
            return &c->years[i];
    return NULL;
}

/* The days of a year, with those of the calendar this one stands on. */
static enum err set_year(struct terms *t, struct named_calendar *c, struct year_text year,
                         const struct pack_entry *e, struct fault *fault)
{
    const struct year_text *b = year_in(c->base, year.year);
    struct fault why = {0};

    if (b) {
        year.off = both(t->arena, b->off, year.off);
        year.work = both(t->arena, b->work, year.work);
        year.shorter = both(t->arena, b->shorter, year.shorter);
        year.nonworking = both(t->arena, b->nonworking, year.nonworking);
    }
    if (calendar_set(c->calendar, year.year, year.off, year.work, year.shorter, &why) ||
        calendar_nonworking(c->calendar, year.year, year.nonworking, &why))
        return pack_wrong(e, fault, why.text, T(""));
    struct year_text *old = (struct year_text *)year_in(c, year.year);
    if (old) {
        *old = year;
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

    if (pack_only(e, "fixed base", fault))
        return ERR_SYNTAX;
    if (calendar_in(t, e->key))
        return pack_wrong(e, fault, "stands above already", e->key);
    if (t->n_calendars == CALENDARS_MAX)
        return pack_wrong(e, fault, "too many calendars", e->key);
    struct named_calendar *c = &t->calendars[t->n_calendars++];
    *c = (struct named_calendar){.name = arena_z(t->arena, e->key),
                                 .fixed = arena_text(t->arena, pack_prop(e, "fixed")),
                                 .calendar = calendar_new()};
    if (base.n) {
        if (!(c->base = calendar_in(t, base)) || c->base == c)
            return pack_wrong(e, fault, "base names a calendar that does not stand above", base);
        c->base->is_base = true;
        c->fixed = both(t->arena, c->base->fixed, c->fixed);
        for (size_t i = 0; i < c->base->n_years; i++) {
            struct year_text same = {.year = c->base->years[i].year};
            same.off = same.work = same.shorter = same.nonworking = T("");
            if (set_year(t, c, same, e, fault))
                return ERR_SYNTAX;
        }
    }
    if (calendar_fixed(c->calendar, c->fixed, &why))
        return pack_wrong(e, fault, why.text, T(""));
    return OK;
}

static enum err take_year(struct terms *t, const struct pack_entry *e, struct fault *fault)
{
    struct text key = e->key, name;
    int64_t year;

    if (pack_only(e, "off work short nonworking nonworking.act", fault))
        return ERR_SYNTAX;
    text_split(&key, ' ', &name);
    if (text_int(key, 1900, 2100, &year))
        return pack_wrong(e, fault, "the key is the name of a calendar and a year", e->key);
    struct named_calendar *c = calendar_in(t, name);
    if (!c)
        return pack_wrong(e, fault, "the section [calendar NAME] must stand above its years", name);
    if (c->is_base)
        return pack_wrong(e, fault, "a calendar above stands on this one; its years stand before",
                          name);
    if (c->base && !year_in(c->base, (int)year))
        return pack_wrong(e, fault, "the calendar it stands on does not name this year",
                          text_of(c->base->name));
    if (pack_prop(e, "nonworking.act").n && !pack_prop(e, "nonworking").n)
        return pack_wrong(e, fault, "nonworking.act goes with nonworking", T(""));
    struct year_text y = {.year = (int)year,
                          .off = arena_text(t->arena, pack_prop(e, "off")),
                          .work = arena_text(t->arena, pack_prop(e, "work")),
                          .shorter = arena_text(t->arena, pack_prop(e, "short")),
                          .nonworking = arena_text(t->arena, pack_prop(e, "nonworking"))};
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

/* --- [deadline ID] --- */

static const char *text_or_null(struct arena *arena, struct text t)
{
    return t.n ? arena_z(arena, t) : NULL;
}

/* What a number of this unit can be; the same as term_due() takes. */
static bool count_fits(enum unit unit, int64_t count, int64_t month)
{
    static const int days_of[] = {31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int most[UNIT_COUNT] = {
        [UNIT_WORKING_DAY] = YEARS_MAX * 366, [UNIT_DAY] = YEARS_MAX * 366,
        [UNIT_HOUR] = YEARS_MAX * 366 * 24,   [UNIT_MONTH] = YEARS_MAX * 12,
        [UNIT_YEAR] = YEARS_MAX};

    if (unit == UNIT_MONTH_DAY)
        return count >= 1 && count <= days_of[month];
    return count >= -most[unit] && count <= most[unit]; /* "at once" has none, or 0 */
}

bool term_fits(enum unit unit, int64_t count, int64_t month)
{
    return unit < UNIT_COUNT && month >= 0 && month <= 12 &&
           (month == 0 || unit == UNIT_MONTH_DAY) && count_fits(unit, count, month);
}

enum err deadline_take(const struct pack_entry *e, struct fault *fault)
{
    struct text count = pack_prop(e, "count"), unit = pack_prop(e, "unit");
    struct text month = pack_prop(e, "month"), calendar = pack_prop(e, "calendar");
    int64_t number = 0, month_number = 0;

    if (pack_only(e, "event unit count month calendar region", fault))
        return ERR_SYNTAX;
    if (!e->key.n || memchr(e->key.s, ' ', e->key.n))
        return pack_wrong(e, fault, "the key is one word", e->key);
    if (next->n_rules == RULES_MAX)
        return pack_wrong(e, fault, "too many deadline rules", e->key);
    struct deadline_rule r = {.id = arena_z(next->arena, e->key),
                              .event = text_or_null(next->arena, pack_prop(e, "event")),
                              .act = text_or_null(next->arena, pack_prop(e, "act")),
                              .calendar = text_or_null(next->arena, calendar),
                              .region = text_or_null(next->arena, pack_prop(e, "region")),
                              .label = {text_or_null(next->arena, pack_prop(e, "label.ru")),
                                        text_or_null(next->arena, pack_prop(e, "label.en"))},
                              .verified = pack_yes(e, "verified")};
    if (!r.event)
        return pack_wrong(e, fault, "event must be there", T(""));
    if (calendar.n && memchr(calendar.s, ' ', calendar.n))
        return pack_wrong(e, fault, "a term has one calendar", calendar);
    if (unit_parse(unit, &r.unit))
        return pack_wrong(e, fault, "there is no such unit of terms", unit);
    if (month.n && (r.unit != UNIT_MONTH_DAY || text_int(month, 1, 12, &month_number)))
        return pack_wrong(e, fault, "month is 1 to 12 and goes with unit = day_of_month", month);
    if (count.n && (text_int(count, INT32_MIN, INT32_MAX, &number) ||
                    !term_fits(r.unit, number, month_number)))
        return pack_wrong(e, fault, "count is not a number that this unit can have", count);
    r.counted = count.n > 0 || r.unit == UNIT_IMMEDIATE;
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

const struct deadline_rule *deadline_at(size_t i)
{
    const struct terms *t = current;

    return t && i < t->n_rules ? &t->rules[i] : NULL;
}

/* --- [region] --- */

static enum err region_entry(struct terms *t, const struct pack_entry *e, struct fault *fault)
{
    struct text offset = pack_prop(e, "utc_offset"), calendar = pack_prop(e, "calendar");
    struct text nonworking = pack_prop(e, "nonworking_days");
    int64_t hours, minutes;
    bool shaped = offset.n == 6 && (offset.s[0] == '+' || offset.s[0] == '-') && offset.s[3] == ':';

    if (e->key.n)
        return pack_wrong(e, fault, "the section [region] has no key", e->key);
    if (pack_only(e, "utc_offset calendar country nonworking_days", fault))
        return ERR_SYNTAX;
    if (calendar.n && memchr(calendar.s, ' ', calendar.n))
        return pack_wrong(e, fault, "a region has one calendar", calendar);
    if (nonworking.n && !text_is(nonworking, "off") && !text_is(nonworking, "worked"))
        return pack_wrong(e, fault, "nonworking_days is off or worked", nonworking);
    if (!pack_prop(e, "label.ru").n || !pack_prop(e, "label.en").n)
        return pack_wrong(e, fault, "label.ru and label.en must be there", T(""));
    if (!shaped || text_int((struct text){offset.s + 1, 2}, 0, 14, &hours) ||
        text_int((struct text){offset.s + 4, 2}, 0, 59, &minutes))
        return pack_wrong(e, fault, "utc_offset is written +03:00", offset);
    int total = (int)(hours * 60 + minutes);
    t->region = (struct region){.name = {arena_z(t->arena, pack_prop(e, "label.ru")),
                                            arena_z(t->arena, pack_prop(e, "label.en"))},
                                   .calendar = text_or_null(t->arena, calendar),
                                   .nonworking = text_is(nonworking, "worked") ? NONWORKING_WORKED
                                                                               : NONWORKING_OFF,
                                   .country = text_or_null(t->arena, pack_prop(e, "country")),
                                   .utc_offset = offset.s[0] == '-' ? -total : total};
    return OK;
}

enum err region_take(const struct pack_entry *e, struct fault *fault)
{
    return region_entry(next, e, fault);
}

const struct region *region_here(void)
{
    static const struct region nowhere = {.name = {"", ""}};
    const struct terms *t = current;

    return t && t->region.name[LANG_RU] ? &t->region : &nowhere;
}

/* --- what other packs change --- */

/* The region's calendar of a set of entries, inside terms of its own; null when there is none. */
static const struct calendar *calendar_within(struct terms *t, const struct pack_entry *entries,
                                              size_t n)
{
    struct fault none = {0};

    for (size_t i = 0; i < n; i++)
        if ((text_is(entries[i].kind, "calendar") && calendar_entry(t, &entries[i], &none)) ||
            (text_is(entries[i].kind, "region") && region_entry(t, &entries[i], &none)))
            return NULL;
    const struct named_calendar *c =
        t->region.calendar ? calendar_in(t, text_of(t->region.calendar)) : NULL;
    if (!c)
        return NULL;
    calendar_work_nonworking(c->calendar, t->region.nonworking == NONWORKING_WORKED);
    return c->calendar;
}

void terms_compare(const struct pack_entry *before, size_t n_before, const struct pack_entry *after,
                   size_t n_after, struct pack_changes *out)
{
    struct terms *t[2] = {terms_new(), terms_new()};
    const struct calendar *old = calendar_within(t[0], before, n_before),
                          *now = calendar_within(t[1], after, n_after);
    int64_t end = date_from((struct ymd){2100, 12, 31});

    out->days = 0;
    for (int64_t d = date_from((struct ymd){1900, 1, 1}); old && now && d <= end; d++) {
        if (calendar_works(old, d) == calendar_works(now, d))
            continue;
        if (!out->days++)
            out->first_day = d;
        out->last_day = d;
    }
    terms_free(t[0]);
    terms_free(t[1]);
}

/* --- without a register --- */

/* Calendars, rules of terms and the region of a folder of packs, without anything else of them. */
static enum err read_terms(const char *dir, struct fault *fault)
{
    struct arena *arena = arena_new();
    struct pack_entry *entries;
    size_t n = 0;
    enum err err = packs_load_dir(dir, arena, &entries, &n, fault);

    terms_begin();
    for (size_t i = 0; i < n && !err; i++) {
        if (text_is(entries[i].kind, "calendar"))
            err = calendar_take(&entries[i], fault);
        else if (text_is(entries[i].kind, "deadline"))
            err = deadline_take(&entries[i], fault);
        else if (text_is(entries[i].kind, "region"))
            err = region_take(&entries[i], fault);
    }
    arena_free(arena);
    return err;
}

static bool has_both(const char *calendar, const char *rule)
{
    bool has_rule = !rule;

    for (size_t i = 0; !has_rule && i < next->n_rules; i++)
        has_rule = strcmp(next->rules[i].id, rule) == 0;
    return has_rule && (!calendar || calendar_in(next, text_of(calendar)));
}

enum err packs_use_terms(const char *dir, const char *calendar, const char *rule,
                         const enum nonworking *nonworking, struct fault *fault)
{
    char beside[4096];
    struct fault none = {0};
    enum err err = read_terms(dir, fault);

    if (err)
        return err;
    if (!has_both(calendar, rule)) {
        int n = snprintf(beside, sizeof beside, "%s/..", dir);
        if (n < 0 || n >= (int)sizeof beside)
            return fault_set(fault, ERR_LIMIT, "packs: the name of the folder is too long");
        if (read_terms(beside, &none) || !has_both(calendar, NULL))
            return fault_set(fault, ERR_NOT_FOUND, "the packs in '%s' have no calendar '%s'", dir,
                             calendar ? calendar : "");
        if (!has_both(NULL, rule))
            return fault_set(fault, ERR_NOT_FOUND, "the packs in '%s' have no rule of terms '%s'",
                             dir, rule);
    }
    if (nonworking)
        next->region.nonworking = *nonworking;
    terms_done();
    return OK;
}

/* ---- numbers of the house's own ---- */

int64_t terms_number(const char *kind, const char *name)
{
    int64_t n = 0;
    struct text t = pack_value(kind, "terms", name);
    return t.n && text_int(t, 0, 10000, &n) == OK ? n : 0;
}

int64_t terms_week(int64_t today)
{
    return calendar_end(calendar_here(), today, (int)terms_number("inbox", "soon"), UNIT_WORKING_DAY);
}

struct value terms_ago(int64_t today, const char *name)
{
    return v_instant(instant_of_day(today - terms_number("home", name)));
}
