/* bereg demo: the fictional region in a new register. */
#include "main/demo.h"
#include "base/log.h"
#include "guard/account.h"
#include "guard/guard.h"
#include "rooms/packs/packs.h"
#include "rooms/interaction/interaction.h"
#include "rooms/reports/reports.h"
#include <stdio.h>
#include <stdlib.h>

enum { PERSONS = 3000, PERSONS_MAX = 9000000, YEARS = 3 };

/* A register that is being made can be made again: no waiting for the disk until the end. */
static enum err tune(struct store *store, bool before, uint32_t persons, struct fault *fault)
{
    struct conn *c;
    char hurry[160];
    bool postgres = store_engine(store) == ENGINE_POSTGRES;
    enum err err = store_writer(store, &c, fault);
    if (err)
        return err;
    snprintf(hurry, sizeof hurry,
             "pragma synchronous = off; pragma cache_size = -%u; pragma wal_autocheckpoint = 20000",
             16000 + persons / 4); /* KiB: a larger cache makes every commit slower */
    if (before)
        err = conn_script(c, postgres ? "set synchronous_commit = off" : hurry, fault);
    else
        err = conn_script(c,
                          postgres ? "set synchronous_commit = on"
                                   : "pragma synchronous = full; pragma wal_checkpoint(truncate)",
                          fault);
    store_release(store, c);
    return err;
}

static bool named(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

/* Indexes of the large tables that no rule needs while the demo is made are made at its end, in one
 * go. Until then the register counts as an older one: should the demo be interrupted, `bereg
 * upgrade` makes them. */
static enum err drop_indexes(struct store *store, struct fault *fault)
{
    static const char *const large[] = {"person", "person_category", "listing", "access_grant",
                                        "access", "event",           "service"};
    static const char *const needed[] = {"person_category_person", "access_grant_person",
                                         "access_grant_ref"};
    struct buf b = BUF(64000);
    struct conn *c;
    size_t n;
    const struct table *const *tables = register_tables(&n);
    for (size_t i = 0; i < n; i++)
        for (const struct index *x = named(tables[i]->name, large, 7) ? tables[i]->indexes : NULL;
             x && x->name; x++)
            if (!x->unique && !named(x->name, needed, 3))
                buf_printf(&b, "drop index if exists %s;", x->name);
    buf_char(&b, '\0');
    enum err err = buf_end(&b) ? ERR_LIMIT : store_writer(store, &c, fault);
    if (!err) {
        err = conn_script(c, b.s, fault);
        store_release(store, c);
    }
    buf_free(&b);
    return err;
}

static bool make(struct request *rq, struct plans *p, struct region_made *region, const char *hash)
{
    rq->today = p->first_day;
    rq->now = instant_of_day(p->first_day) + 8ll * 3600000000;
    demo_region(rq, p->seed, hash, region);
    if (!rq->err)
        demo_org(rq, region, p->first_day, p->today);
    if (rq->err) {
        fprintf(stderr, "bereg: the region could not be made: %s\n", err_name(rq->err));
        return false;
    }
    plans_make(p);
    if (!demo_steps(rq, p) || !demo_plans(rq, region, p->today))
        return false;
    struct change ch;
    rq->viewer =
        (struct viewer){.login = "", .name = "", .body_name = "", .body_kind = "", .system = true};
    demo_catalogue(rq, p->seed, region);
    change_begin(rq, &ch, NO_SUBJECT);
    change_event(&ch, &(struct event){.kind = "demo.made"});
    return change_commit(&ch) == OK;
}

static bool fill(struct store *store, struct plans *p, struct region_made *region, const char *hash,
                 struct fault *fault)
{
    struct request rq = {0};
    size_t n;
    const struct table *const *tables = register_tables(&n);
    if (tune(store, true, p->persons, fault) || (p->large && drop_indexes(store, fault)) ||
        request_open(store, NULL, &rq, fault))
        return false;
    bool good = make(&rq, p, region, hash) &&
                !(p->large && schema_upgrade(store, tables, n, fault));
    if (good)
        reports_rebuild(&rq);
    if (good)
        interaction_catch_up(&rq, 0);
    good = good && !rq.err;
    request_close(&rq);
    return !tune(store, false, p->persons, fault) && good;
}

/* The register is made on the first day, so that its log begins there. */
static bool set_clock(int64_t day)
{
    char at[24];
    date_iso(day, at);
    memcpy(at + DATE_ISO_LEN, "T08:00", 7);
    return clock_set(text_of(at)) == OK;
}

int cmd_demo(const struct options *o)
{
    struct store *store;
    struct fault fault = {0};
    struct region_made *region = calloc(1, sizeof *region);
    struct plans p = {.region = region,
                      .persons = (uint32_t)(o->persons ? o->persons : PERSONS),
                      .seed = o->has_seed ? (uint64_t)o->seed : 1};
    char hash[PASSWORD_HASH_LEN];
    int64_t began = clock_monotonic();
    bool good = false;

    clock_set_offset(3 * 60); /* what day it is in the demo region, before its packs are read */
    p.today = clock_today();
    if (!region || o->persons > PERSONS_MAX ||
        (o->date && date_parse_iso(text_of(o->date), &p.today))) {
        fprintf(stderr, "bereg: --persons takes 1 to %d, --date a day like 2024-06-15\n",
                PERSONS_MAX);
        free(region);
        return EXIT_USAGE;
    }
    p.first_day = date_add_months(p.today, -12 * YEARS);
    p.days = (uint32_t)(p.today - p.first_day);
    p.large = p.persons > LARGE;
    if (!set_clock(p.first_day) || !make_register(o, &store)) {
        free(region);
        return EXIT_REFUSED;
    }
    region->arena = arena_new();
    if (password_hash(T("bereg-demo"), hash))
        fault_set(&fault, ERR_INTERNAL, "the password could not be hashed");
    else
        good = fill(store, &p, region, hash, &fault);
    if (fault.err)
        refuse(&fault);
    close_register(store);
    if (good)
        printf("The region was made: %u persons, %d bodies, %d accounts (%.1f s)\n", p.persons,
               region->n_bodies, region->n_actors, (double)(clock_monotonic() - began) / 1e6);
    plans_free(&p);
    arena_free(region->arena);
    free(region);
    return good ? EXIT_OK : EXIT_REFUSED;
}
