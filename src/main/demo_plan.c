/* What will happen to each person: lists, categories, court decisions, services; the common work is
 * in demo_story.c. */
#include "main/demo.h"
#include "rooms/packs/packs.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- steps and moments ---- */

void plan_step(struct plan *pl, uint32_t when, enum op op, uint16_t actor, struct step s)
{
    struct plans *p = pl->all;
    if (when >= p->days * DAY)
        return;
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 4096;
        struct step *steps = realloc(p->steps, cap * sizeof *steps);
        if (!steps)
            abort();
        p->steps = steps;
        p->cap = cap;
    }
    s.when = when;
    s.person = pl->person;
    s.seq = pl->seq++;
    s.actor = actor;
    s.op = (uint8_t)op;
    p->steps[p->n++] = s;
}

uint32_t plan_after(struct plan *pl, uint32_t when, int low, int high)
{
    const struct plans *p = pl->all;
    uint32_t day = when / DAY + (uint32_t)dice_between(&pl->dice, low, high);
    uint32_t minute = 8 * 60 + 30 + dice_below(&pl->dice, 8 * 60);
    if (day >= p->days) /* never, but still later than what went before */
        return when + minute > p->days * DAY ? when + minute : p->days * DAY;
    uint32_t t = p->next_work[day] * (uint32_t)DAY + minute;
    return t > when ? t : when + 3 + dice_below(&pl->dice, 30);
}

/* ---- one person ---- */

/* Early on whole lists were brought in; later persons come one by one, and stories gather towards
 * today. */
static uint32_t moment_of_entry(struct plan *pl, bool story, bool shown)
{
    struct plans *p = pl->all;
    uint32_t days = p->days, day;
    if (shown)
        day = days - (uint32_t)dice_between(&pl->dice, 60, 240);
    else if (story && dice_chance(&pl->dice, 40))
        day = days - (uint32_t)dice_between(&pl->dice, 5, 110);
    else if (dice_chance(&pl->dice, story ? 8 : 22))
        day = dice_below(&pl->dice, 30);
    else
        day = dice_below(&pl->dice, days - 2);
    day = p->last_work[day];
    return day * DAY + 8 * 60 + 30 + dice_below(&pl->dice, 8 * 60);
}

static void plan_entry(struct plan *pl, uint32_t when)
{
    struct dice *d = &pl->dice;
    const struct region_made *r = pl->all->region;
    pl->entered = when;
    enum kind kind = pl->profile->entry[dice_below(d, 2)];
    int place = pl->district;
    /* the bodies of the region that stand somewhere take persons from everywhere */
    if (kind == K_PRISON || kind == K_NGO)
        place = (int)dice_below(d, DISTRICTS);
    pl->entry_body = body_for(r, kind, place);
    pl->entry_actor = actor_of(r, pl->entry_body, d);
    int since = dice_chance(d, 15) ? -1 : (int)dice_below(d, 200);
    plan_step(pl, when, OP_ENTER, pl->entry_actor,
              (struct step){.target = (uint16_t)pl->entry_body,
                            .what = (uint16_t)(pl->profile - demo_profiles),
                            .slot = (uint8_t)dice_below(d, 4),
                            .n = (int16_t)since});
}

static void plan_sentence(struct plan *pl)
{
    struct dice *d = &pl->dice;
    if (!pl->profile->sentenced || !dice_chance(d, pl->all->large ? 10 : 92))
        return;
    bool prison = pl->all->region->bodies[pl->entry_body].kind == K_PRISON;
    plan_step(
        pl, plan_after(pl, pl->entered, 0, 3), OP_SENTENCE, pl->entry_actor,
        (struct step){.what = prison ? 5 : (uint16_t)dice_below(d, 5),
                      .n = (int16_t)(prison ? dice_between(d, 12, 60) : dice_between(d, 12, 40))});
}

static void plan_services(struct plan *pl, int low, int high)
{
    struct dice *d = &pl->dice;
    enum kind kind = pl->all->region->bodies[pl->entry_body].kind;
    uint32_t fitting[8], n = 0, day = pl->entered / DAY, span = pl->all->days - day;
    for (uint32_t k = 0; k < 8 && demo_services[kind][k]; k++)
        if (may_tell(pl, pl->entry_actor, "service", demo_services[kind][k]))
            fitting[n++] = k;
    for (int i = dice_between(d, low, high); i > 0 && n; i--) {
        uint32_t on = pl->all->last_work[day + dice_below(d, span)];
        uint32_t when = on * DAY + 9 * 60 + dice_below(d, 8 * 60);
        plan_step(
            pl, when > pl->entered ? when : plan_after(pl, pl->entered, 0, 0), OP_SERVE,
            pl->entry_actor,
            (struct step){.what = (uint16_t)((uint32_t)kind << 8 | fitting[dice_below(d, n)])});
    }
}

static void list_elsewhere(struct plan *pl, enum kind kind, uint32_t when, int category)
{
    struct plans *p = pl->all;
    int body = body_for(p->region, kind, pl->district);
    uint16_t actor = actor_of(p->region, body, &pl->dice);
    plan_step(pl, when, OP_LIST, actor,
              (struct step){.target = (uint16_t)body,
                            .what = category < 0 ? NO_CATEGORY : (uint16_t)category});
    if (actor != NO_ACTOR && !p->large && dice_chance(&pl->dice, 60)) {
        const char *service = demo_services[kind][0];
        if (service && may_tell(pl, actor, "service", service))
            plan_step(pl, plan_after(pl, when, 5, 90), OP_SERVE, actor,
                      (struct step){.what = (uint16_t)(kind << 8)});
    }
}

/* Persons are known to several bodies, each for a reason of its own. */
static void plan_second_list(struct plan *pl)
{
    static const struct {
        const char *category, *second;
        enum kind kind;
        int percent;
    } also[] = {
        {"sentenced_no_isolation", NULL, K_POLICE, 12},
        {"sentenced_no_isolation", "no_income", K_SOCIAL, 6},
        {"sentenced_no_isolation", "addiction", K_NARCOLOGY, 8},
        {"release_due", NULL, K_PROBATION, 12},
        {"supervised", NULL, K_PENAL, 25},
        {"homeless", "disabled", K_CLINIC, 8},
        {"homeless", "addiction", K_NARCOLOGY, 8},
        {"no_income", "addiction", K_NARCOLOGY, 5},
        {"family_sop", "family_difficult", K_SOCIAL, 12},
        {"leaving_mental_home", NULL, K_MENTAL_HOME, 60},
        {"living_with_hiv", NULL, K_CLINIC, 20},
        {"addiction", "living_with_hiv", K_AIDS, 10},
        {"addiction", NULL, K_POLICE, 10},
        {"disabled", "no_income", K_SOCIAL, 10},
    };
    for (size_t i = 0; i < sizeof also / sizeof also[0]; i++)
        if (strcmp(pl->profile->category, also[i].category) == 0 &&
            dice_chance(&pl->dice, pl->all->large ? also[i].percent / 2 : also[i].percent))
            list_elsewhere(pl, also[i].kind, plan_after(pl, pl->entered, 3, 300),
                           also[i].second ? profile_of(also[i].second) : -1);
}

/* Categories end: a term is served, a prisoner goes free. */
static void plan_ends(struct plan *pl)
{
    struct dice *d = &pl->dice;
    const char *c = pl->profile->category;
    uint16_t own = (uint16_t)(pl->profile - demo_profiles);
    bool due = strcmp(c, "release_due") == 0;
    if (!due && !(strcmp(c, "sentenced_no_isolation") == 0 && dice_chance(d, 30)) &&
        !dice_chance(d, 4))
        return;
    uint32_t when =
        due ? plan_after(pl, pl->entered, 30, 150) : plan_after(pl, pl->entered, 200, 900);
    plan_step(pl, when, OP_CATEGORY_END, pl->entry_actor,
              (struct step){.what = own, .target = (uint16_t)pl->entry_body});
    if (due)
        plan_step(pl, when + 1, OP_CATEGORY, pl->entry_actor,
                  (struct step){.what = (uint16_t)profile_of("released"),
                                .target = (uint16_t)pl->entry_body});
}

static void plan_notes(struct plan *pl, int low, int high)
{
    for (int i = dice_between(&pl->dice, low, high); i > 0; i--) {
        int k = note_for(pl, pl->entry_actor);
        if (k >= 0)
            plan_step(pl, plan_after(pl, pl->entered, 2, 200), OP_NOTE, pl->entry_actor,
                      (struct step){.what = (uint16_t)k});
    }
}

static void plan_person(struct plans *p, uint32_t person)
{
    struct plan pl = {.all = p, .dice = dice_of(p->seed, person, 1), .person = person};
    bool shown = person < p->n_shown;
    bool story = !shown && person < p->n_shown + p->n_stories;
    int profile = 0;
    if (shown) {
        shown_place(person, &pl.district, &profile);
    } else {
        int throw = (int)dice_below(&pl.dice, 100), weight = (int)dice_below(&pl.dice, 1000);
        while (pl.district < DISTRICTS - 1 &&
               (throw -= p->region->districts[pl.district].weight) >= 0)
            pl.district++;
        while (profile < n_demo_profiles - 1 && (weight -= demo_profiles[profile].weight) >= 0)
            profile++;
    }
    pl.profile = &demo_profiles[profile];
    p->district[person] = (uint8_t)pl.district;
    p->profile[person] = (uint8_t)profile;
    plan_entry(&pl, moment_of_entry(&pl, story, shown));
    plan_sentence(&pl);
    if (p->large)
        plan_services(&pl, 1, dice_chance(&pl.dice, 40) ? 2 : 1);
    else
        plan_services(&pl, 1, story ? 3 : 6);
    plan_second_list(&pl);
    plan_ends(&pl);
    if (!p->large || story)
        plan_notes(&pl, 0, pl.profile->weight < 60 ? 2 : 1);
    if (shown)
        plan_shown(&pl, person);
    else if (story)
        plan_story(&pl);
}

/* ---- all ---- */

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* The steps of lists go before the rules of the same day, so that a day of a million persons is one
 * change and not hundreds; no step of a list waits for a rule. */
static int by_day(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    uint32_t day = x->when / DAY, other = y->when / DAY;
    bool rule = step_is_rule(x), other_rule = step_is_rule(y);
    if (day != other)
        return day < other ? -1 : 1;
    return rule != other_rule ? rule - other_rule : by_time(a, b);
}

static void find_working_days(struct plans *p)
{
    const struct calendar *c = calendar_here();
    uint32_t last = 0;
    p->next_work = calloc(p->days + 1, sizeof *p->next_work);
    p->last_work = calloc(p->days + 1, sizeof *p->last_work);
    p->district = calloc(p->persons, 1);
    p->profile = calloc(p->persons, 1);
    if (!p->next_work || !p->last_work || !p->district || !p->profile)
        abort();
    for (uint32_t i = 0; i <= p->days; i++) {
        if (calendar_works(c, p->first_day + i))
            last = i;
        p->last_work[i] = (uint16_t)last;
    }
    uint32_t next = p->days;
    for (uint32_t i = p->days + 1; i-- > 0;) {
        if (calendar_works(c, p->first_day + i))
            next = i;
        p->next_work[i] = (uint16_t)next;
    }
}

void plans_make(struct plans *p)
{
    p->n_shown = p->persons / 4 < SHOWN ? p->persons / 4 : SHOWN;
    p->n_stories = p->large ? LARGE * 3 / 10 + (p->persons - LARGE) / 200 : p->persons * 3 / 10;
    find_working_days(p);
    for (uint32_t i = 0; i < p->persons; i++)
        plan_person(p, i);
    qsort(p->steps, p->n, sizeof *p->steps, p->large ? by_day : by_time);
}

void plans_free(struct plans *p)
{
    free(p->steps);
    free(p->next_work);
    free(p->last_work);
    free(p->district);
    free(p->profile);
}
