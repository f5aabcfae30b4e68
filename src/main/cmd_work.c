/* Commands that do somebody's work: import, report, deadline. They act as the account of --login, with its rights. */
#include "main/main.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_import.h"
#include "rooms/reports/reports.h"
#include <stdio.h>
#include <stdlib.h>

/* Opens the register as --login; false after a message and with *status set. */
static bool open_as(const struct options *o, struct store **store, struct request *rq, int *status)
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
    store_close(store);
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
    store_close(store);
    return err ? refuse(&fault) : EXIT_OK;
}

int cmd_deadline(const struct options *o)
{
    struct fault fault = {0};
    int64_t from, due;
    enum unit unit;
    bool known;
    char text[11];
    if (!o->calendar || !o->from || !o->unit || !o->has_count || date_parse(text_of(o->from), &from) ||
        unit_parse(text_of(o->unit), &unit)) {
        fprintf(stderr, "usage: bereg deadline --calendar ru --from 2024-04-26 --count 5 --unit working_day\n");
        return EXIT_USAGE;
    }
    enum { COUNT_MAX = 10000 };
    if (o->count > COUNT_MAX || o->count < -COUNT_MAX)
        return refuse(&(struct fault){ERR_LIMIT, "no term is longer than 10000 days, months or hours"});
    const char *dir = o->packs ? o->packs : getenv("BEREG_PACKS") ? getenv("BEREG_PACKS") : "packs";
    if (packs_deadline(dir, o->calendar, from, (int)o->count, unit, &due, &known, &fault))
        return refuse(&fault);
    date_iso(due, text);
    puts(text);
    if (!known)
        fprintf(stderr, "bereg: no decree names this year in the calendar; it was computed by the rule of weekends and "
                        "fixed holidays\n");
    return EXIT_OK;
}
