/* Commands that do somebody's work: import, report, deadline. They act as the account of --login, with its rights. */
#include "main/main.h"
#include "base/date.h"
#include "rooms/packs/packs_due.h"
#include "rooms/people/people_import.h"
#include "rooms/reports/reports.h"
#include <stdio.h>
#include <stdlib.h>

bool open_as(const struct options *o, struct store **store, struct request *rq, int *status)
{
    struct fault fault = {0};
    *status = EXIT_USAGE;
    if (!o->login) {
        fprintf(stderr, "bereg: --login NAME is missing\n");
        return false;
    }
    *status = EXIT_REFUSED;
    if (!open_register(o, store))
        return false;
    if (request_open(*store, o->login, rq, &fault)) {
        refuse(&fault);
        store_close(*store);
        return false;
    }
    return true;
}

int cmd_import(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    int status;
    if (o->n_words != 2) {
        fprintf(stderr, "usage: bereg import KIND FILE --db URL --login NAME\n");
        return EXIT_USAGE;
    }
    if (!open_as(o, &store, &rq, &status))
        return status;
    struct import_options io = {.list = o->list,
                                .category = o->category,
                                .channel = o->channel,
                                .map = o->map,
                                .report = o->report,
                                .dry_run = o->dry_run};
    enum err err = import_file(&rq, o->word[0], o->word[1], &io, stdout, &fault);
    request_close(&rq);
    close_register(store);
    return err ? refuse(&fault) : EXIT_OK;
}

int cmd_report(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    int status;
    if (o->n_words != 1 || !o->period) {
        fprintf(stderr, "usage: bereg report NAME --db URL --login NAME --period 2014-H1\n");
        return EXIT_USAGE;
    }
    if (!open_as(o, &store, &rq, &status))
        return status;
    enum err err = report_command(&rq, o->word[0], o->period, o->against,
                                  o->format ? o->format : "table", stdout, &fault);
    request_close(&rq);
    close_register(store);
    return err ? refuse(&fault) : EXIT_OK;
}

/* --- bereg deadline --- */

static int deadline_usage(const char *what)
{
    fprintf(stderr,
            "bereg: %s\n"
            "usage: bereg deadline --calendar ru --from 2024-04-26 --count 5 --unit working_day\n"
            "       bereg deadline --rule ru.442.decision --from 2024-04-26 [--suspend 2024-05-02..2024-05-03] "
            "[--extend 5 --extend-unit day]\n"
            "       bereg deadline --help\n",
            what);
    return EXIT_USAGE;
}

/* "2024-05-08" or "2024-05-08T16:00"; minutes -1: no time. */
static bool day_and_time(const char *z, int64_t *day, int *minutes)
{
    struct text rest = text_of(z), date;
    char between = strchr(z, 'T') ? 'T' : ' ';

    *minutes = -1;
    if (!text_split(&rest, between, &date) || date_parse(date, day))
        return false;
    return !strchr(z, between) || time_parse(rest, minutes) == OK;
}

/* "2024-05-02..2024-05-03", "02.05.2024..03.05.2024"; without the end it goes on. */
static bool parse_break(const char *z, struct term_break *b)
{
    const char *dots = strstr(z, "..");

    if (!dots || date_parse((struct text){z, (size_t)(dots - z)}, &b->from))
        return false;
    b->until = 0;
    return !dots[2] || (date_parse(text_of(dots + 2), &b->until) == OK && b->until >= b->from);
}

/* What the command line says is no term at all: null, or what is wrong. */
static const char *deadline_wrong(const struct options *o, struct term *t, enum nonworking *nonworking)
{
    bool at_once = o->unit && strcmp(o->unit, "immediate") == 0;

    if (!o->from)
        return "--from is missing: the day of the event";
    if (o->rule && (o->has_count || o->unit || o->month))
        return "--rule has its own count and unit";
    if (!o->rule && (!o->calendar || !o->unit || (!o->has_count && !at_once)))
        return "--calendar, --count and --unit are needed, or --rule";
    if (!o->rule && unit_parse(text_of(o->unit), &t->unit))
        return "there is no such unit of terms";
    if (o->month && t->unit != UNIT_MONTH_DAY)
        return "--month goes with --unit day_of_month";
    if (t->unit == UNIT_MONTH_DAY && (o->count < 1 || o->count > 31))
        return "a day of the month is 1 to 31";
    if (o->extend_unit && (!o->extend || unit_parse(text_of(o->extend_unit), &t->more_unit)))
        return "--extend-unit is a unit of terms and goes with --extend";
    if (o->nonworking && strcmp(o->nonworking, "off") != 0 && strcmp(o->nonworking, "worked") != 0)
        return "--nonworking is off or worked";
    *nonworking = o->nonworking && *o->nonworking == 'w' ? NONWORKING_WORKED : NONWORKING_OFF;
    return NULL;
}

/* On stderr: the rule with its act, and what makes the date less than certain. */
static void tell_doubts(const struct due *due)
{
    const struct deadline_rule *r = due->rule;

    if (r)
        fprintf(stderr, "bereg: %s: %s%s%s%s\n", r->id, r->label[LANG_RU] ? r->label[LANG_RU] : "",
                r->act ? "; " : "", r->act ? r->act : "",
                r->verified ? "" : "; not verified: the number is to be checked against the act");
    if (!due->known)
        fprintf(stderr, "bereg: no decree names this year in the calendar; it was computed by the rule of weekends and "
                        "fixed holidays\n");
    if (due->standing)
        fprintf(stderr, "bereg: the term is suspended; this is the date if it went on tomorrow\n");
}

int cmd_deadline(const struct options *o)
{
    enum { NUMBER_MAX = 10000, BREAKS_MAX = sizeof o->suspend / sizeof *o->suspend };
    struct fault fault = {0};
    struct term t = {.rule = o->rule, .calendar = o->calendar, .count = (int)o->count, .month = (int)o->month};
    struct term_break breaks[BREAKS_MAX];
    struct due due;
    enum nonworking nonworking;
    int64_t from;
    int minutes;
    char text[11];

    const char *wrong = deadline_wrong(o, &t, &nonworking);
    if (wrong)
        return deadline_usage(wrong);
    if (!day_and_time(o->from, &from, &minutes))
        return deadline_usage("--from is a day, 2024-04-26, or a day and a time, 2024-04-26T16:00");
    for (int i = 0; i < o->n_suspend; i++)
        if (!parse_break(o->suspend[i], &breaks[i]))
            return deadline_usage("--suspend is written FROM..TO, 2024-05-02..2024-05-03");
    if (o->count > NUMBER_MAX || o->count < -NUMBER_MAX || o->extend > NUMBER_MAX)
        return refuse(&(struct fault){ERR_LIMIT, "no term is longer than 10000 days, months or hours"});
    const char *dir = o->packs ? o->packs : getenv("BEREG_PACKS") ? getenv("BEREG_PACKS") : "packs";
    if (packs_use_terms(dir, o->calendar, o->rule, o->nonworking ? &nonworking : NULL, &fault))
        return refuse(&fault);
    const struct deadline_rule *rule = o->rule ? deadline_find(o->rule) : NULL;
    enum unit unit = rule ? rule->unit : t.unit;
    t.breaks = breaks;
    t.n_breaks = (size_t)o->n_suspend;
    t.more = (int)o->extend;
    if (!o->extend_unit)
        t.more_unit = unit;
    if (minutes < 0 && !rule && unit == UNIT_HOUR) /* from a day without a time: whole days */
        t.count = t.count / 24 * 24;
    t.from = instant_of_day(from) + (minutes < 0 ? 0 : minutes) * INT64_C(60000000);
    if (rule && !rule->counted)
        return refuse(&(struct fault){ERR_NOT_FOUND, "the act of this rule sets no number"});
    if (!term_due(&t, &due))
        return refuse(&(struct fault){ERR_LIMIT, "there is no such term: its number or its extension does not fit the unit"});
    date_iso(due.day, text);
    if (due.at && minutes >= 0) {
        int64_t at = (due.at - instant_of_day(due.day)) / 60000000;
        printf("%sT%02d:%02d\n", text, (int)(at / 60), (int)(at % 60));
    } else {
        puts(text);
    }
    tell_doubts(&due);
    return EXIT_OK;
}
