/* The common work on a person: one body asks another, a case is opened, needs are assessed, a
 * programme is made whose measures go to several bodies, each answers, and the case is closed. What
 * has not happened by today is left out by plan_step(), so that cases, referrals and measures stand
 * in all their states. */
#include "guard/codes.h"
#include "main/demo.h"

bool may_tell(const struct plan *pl, uint16_t actor, const char *list, const char *code)
{
    const struct role *role = actor == NO_ACTOR ? NULL : pl->all->region->actors[actor].viewer.role;
    return role && !(code_classes(list, text_of(code)) & ~role->write);
}

int note_for(struct plan *pl, uint16_t actor)
{
    const struct region_made *r = pl->all->region;
    int fitting[32], n = 0;
    for (int k = 0; k < n_demo_notes && n < 32; k++)
        if (actor != NO_ACTOR && demo_notes[k].kind == r->bodies[r->actors[actor].body].kind &&
            may_tell(pl, actor, "note_topic", demo_notes[k].topic))
            fitting[n++] = k;
    return n ? fitting[dice_below(&pl->dice, (uint32_t)n)] : -1;
}

static uint16_t result_of(struct plan *pl)
{
    int throw = (int)dice_below(&pl->dice, 100);
    return throw < 68 ? 0 : throw < 82 ? 1 : throw < 88 ? 2 : throw < 94 ? 3 : 4;
}

/* Most answer in time, some late. */
static uint32_t answer_after(struct plan *pl, uint32_t when)
{
    int throw = (int)dice_below(&pl->dice, 100);
    return throw < 78   ? plan_after(pl, when, 0, 5)
           : throw < 93 ? plan_after(pl, when, 6, 14)
                        : plan_after(pl, when, 15, 40);
}

/* Work is mostly finished in time too. */
static uint32_t finish_after(struct plan *pl, uint32_t when)
{
    return dice_chance(&pl->dice, 86) ? plan_after(pl, when, 2, 18) : plan_after(pl, when, 25, 60);
}

static int services_of(const struct work *w)
{
    int n = 0;
    while (n < 3 && w->services[n])
        n++;
    return n;
}

static uint32_t serve(struct plan *pl, uint32_t when, uint16_t actor, int work, int slot, int low,
                      int high)
{
    int n = services_of(&demo_works[work]);
    for (int i = dice_between(&pl->dice, low, high); i > 0 && n; i--) {
        int k = (int)dice_below(&pl->dice, (uint32_t)n);
        if (!may_tell(pl, actor, "service", demo_works[work].services[k]))
            continue;
        when = plan_after(pl, when, 1, 9);
        plan_step(
            pl, when, OP_SERVE, actor,
            (struct step){.slot = (uint8_t)slot, .what = (uint16_t)(WORK_SERVICE | work << 2 | k)});
    }
    return when;
}

/* What the receiver of a referral does; returns when it is over. declines: may it say no? */
static uint32_t answer(struct plan *pl, uint32_t when, int slot, int body, int work, bool declines)
{
    struct dice *d = &pl->dice;
    uint16_t actor = actor_of(pl->all->region, body, d);
    uint8_t s = (uint8_t)slot;
    if (actor == NO_ACTOR)
        return when;
    when = answer_after(pl, when);
    if (declines && dice_chance(d, 11)) {
        plan_step(pl, when, OP_DECLINE, actor,
                  (struct step){.slot = s, .what = (uint16_t)dice_below(d, 6)});
        return when;
    }
    plan_step(pl, when, OP_ACCEPT, actor, (struct step){.slot = s});
    when = serve(pl, when, actor, work, IN_REFERRAL + slot, 1, 3);
    when = finish_after(pl, when);
    plan_step(pl, when, OP_FINISH, actor, (struct step){.slot = s, .what = result_of(pl)});
    return when;
}

/* One measure from its setting to its end. */
static uint32_t measure(struct plan *pl, uint32_t when, uint16_t lead, int slot, int work)
{
    struct dice *d = &pl->dice;
    const struct region_made *r = pl->all->region;
    const struct work *w = &demo_works[work];
    uint8_t s = (uint8_t)slot;
    int own = r->actors[lead].body;
    int body = w->kind == K_COUNT ? own : body_for(r, w->kind, pl->district);
    plan_step(pl, when, OP_MEASURE, lead,
              (struct step){.slot = s,
                            .what = (uint16_t)work,
                            .target = (uint16_t)body,
                            .n = (int16_t)dice_between(d, 28, 80)});
    if (dice_chance(d, 4)) {
        when = plan_after(pl, when, 4, 60);
        plan_step(pl, when, OP_MEASURE_CANCEL, lead, (struct step){.slot = s});
        return when;
    }
    if (body != own)
        return answer(pl, when, slot, body, work, true);
    when = serve(pl, when + 30, lead, work, IN_CASE, 1, 3);
    when = finish_after(pl, when);
    plan_step(pl, when, OP_MEASURE_DONE, lead, (struct step){.slot = s, .what = result_of(pl)});
    return when;
}

static void note(struct plan *pl, uint32_t when, uint16_t lead, int low, int high)
{
    int k = note_for(pl, lead);
    if (k >= 0)
        plan_step(pl, plan_after(pl, when, low, high), OP_NOTE, lead,
                  (struct step){.what = (uint16_t)k, .slot = IN_CASE});
}

static uint32_t close_case(struct plan *pl, uint32_t when, uint16_t lead, int outcome)
{
    struct dice *d = &pl->dice;
    bool follow = outcome < 5 && dice_chance(d, 40);
    plan_step(pl, when, OP_CLOSE, lead,
              (struct step){.what = (uint16_t)outcome, .n = follow ? 180 : 0});
    if (!follow)
        return when;
    for (int i = dice_between(d, 1, 2); i > 0; i--)
        plan_step(pl, plan_after(pl, when, 20, 170), OP_SERVE, lead,
                  (struct step){.slot = IN_CASE, .what = FOLLOW_UP_SERVICE});
    when = plan_after(pl, when, 181, 200);
    plan_step(pl, when, OP_CLOSE, lead, (struct step){.what = (uint16_t)outcome});
    return when;
}

/* From the opening of the case to its closing. */
static void plan_case(struct plan *pl, uint32_t when, uint16_t lead)
{
    struct dice *d = &pl->dice;
    const struct profile *p = pl->profile;
    uint16_t profile = (uint16_t)(p - demo_profiles);
    when = plan_after(pl, when, 1, 9);
    plan_step(pl, when, OP_ASSESS, lead, (struct step){.what = profile});
    plan_route(pl, when, lead);
    if (dice_chance(d, 35) && strcmp(p->category, "no_income") != 0)
        plan_step(pl, when + 9, OP_CATEGORY, lead,
                  (struct step){.what = (uint16_t)profile_of("no_income"),
                                .target = (uint16_t)pl->all->region->actors[lead].body});
    if (dice_chance(d, 50))
        note(pl, when, lead, 1, 15);
    if (dice_chance(d, 14)) { /* it does not come to a programme */
        close_case(pl, plan_after(pl, when, 20, 90), lead, dice_between(d, 6, 7));
        return;
    }
    when = plan_after(pl, when, 1, 12);
    plan_step(pl, when, OP_PROGRAMME, lead,
              (struct step){.what = profile, .n = (int16_t)dice_between(d, 4, 12)});
    int works[8], n = 0, taken = 0;
    for (int i = 0; p->works[i] >= 0; i++)
        if (may_tell(pl, lead, "need", demo_works[p->works[i]].need) &&
            may_tell(pl, lead, "need_domain", demo_works[p->works[i]].domain))
            works[n++] = p->works[i];
    uint32_t set = when, end = when;
    for (int i = dice_between(d, 2, n < 4 ? n : 4), slot = FIRST_MEASURE; i > 0; i--, slot++) {
        int k = (int)dice_below(d, (uint32_t)n);
        while (taken >> k & 1)
            k = (k + 1) % n;
        taken |= 1 << k;
        set += 2 + dice_below(d, 6);
        uint32_t over = measure(pl, set, lead, slot, works[k]);
        end = over > end ? over : end;
    }
    plan_step(pl, plan_after(pl, set, 0, 6), OP_AGREE, lead, (struct step){0});
    if (dice_chance(d, 60))
        note(pl, set, lead, 1, 6);
    if (end < plan_after(pl, set, 7, 7)) /* all was declined or done at once */
        end = plan_after(pl, set, 8, 30);
    if (dice_chance(d, 88))
        close_case(pl, plan_after(pl, end, 5, 45), lead, dice_between(d, 0, 7));
}

/* The body that knows the person asks another one; who leads cases opens one by accepting. */
static void plan_asked(struct plan *pl, uint32_t when, int work)
{
    struct dice *d = &pl->dice;
    const struct region_made *r = pl->all->region;
    int body = body_for(r, demo_works[work].kind, pl->district);
    uint16_t lead = actor_of(r, body, d);
    bool leads = lead != NO_ACTOR &&
                 rq_may(&(struct request){.viewer = r->actors[lead].viewer}, CAP_LEAD_CASE);
    int term = leads ? 10 * dice_between(d, 6, 12) : 5 * dice_between(d, 2, 6);
    plan_step(pl, when, OP_REFER, pl->entry_actor,
              (struct step){
                  .slot = 0, .what = (uint16_t)work, .target = (uint16_t)body, .n = (int16_t)term});
    if (lead == NO_ACTOR)
        return;
    if (dice_chance(d, 3)) {
        plan_step(pl, plan_after(pl, when, 0, 2), OP_WITHDRAW, pl->entry_actor,
                  (struct step){.slot = 0});
        return;
    }
    if (!leads) {
        answer(pl, when, 0, body, work, true);
        return;
    }
    when = answer_after(pl, when);
    if (dice_chance(d, 9))
        plan_step(pl, when, OP_DECLINE, lead,
                  (struct step){.slot = 0, .what = (uint16_t)dice_below(d, 6)});
    else {
        plan_step(pl, when, OP_ACCEPT, lead, (struct step){.slot = 0});
        plan_case(pl, when, lead);
    }
}

void plan_story(struct plan *pl)
{
    struct dice *d = &pl->dice;
    const struct profile *p = pl->profile;
    const struct region_made *r = pl->all->region;
    int asks[4], n = 0;
    for (int i = 0; p->asks[i] >= 0; i++)
        if (body_for(r, demo_works[p->asks[i]].kind, pl->district) != pl->entry_body)
            asks[n++] = p->asks[i];
    if (pl->entry_actor == NO_ACTOR)
        return;
    bool may_lead =
        rq_may(&(struct request){.viewer = r->actors[pl->entry_actor].viewer}, CAP_LEAD_CASE);
    uint32_t when = plan_after(pl, pl->entered, may_lead ? 0 : 2, may_lead ? 10 : 60);
    if (may_lead && (!n || dice_chance(d, p->leads ? 80 : 50))) {
        plan_step(pl, when, OP_START_CASE, pl->entry_actor,
                  (struct step){.what = (uint16_t)(p - demo_profiles),
                                .slot = (uint8_t)dice_below(d, 4)});
        plan_case(pl, when, pl->entry_actor);
        return;
    }
    if (!n)
        return;
    plan_asked(pl, when, asks[dice_below(d, (uint32_t)n)]);
    if (!dice_chance(d, 25))
        return;
    /* and one matter more, by itself */
    int work = work_of(p->sentenced ? "supervision" : "legal_aid", p->sentenced ? K_POLICE : K_NGO);
    int body = body_for(r, demo_works[work].kind, pl->district);
    if (body == pl->entry_body)
        return;
    when = plan_after(pl, when, 3, 90);
    plan_step(pl, when, OP_REFER, pl->entry_actor,
              (struct step){
                  .slot = FREE_SLOT, .what = (uint16_t)work, .target = (uint16_t)body, .n = 15});
    answer(pl, when, FREE_SLOT, body, work, true);
}

/* ---- the inboxes ---- */

enum {
    WAITS,
    DUE_TODAY,
    LATE,
    AT_WORK,
    WAYS = 4,
    RECEIVERS = 7,
    ROUND = WAYS * RECEIVERS,
    FIRST_ROUNDS = 3
};

/* Who asks whom for what. */
static const struct {
    const char *need, *category;
    enum kind to;
} receivers[RECEIVERS] = {
    {"social_support", "sentenced_no_isolation", K_SOCIAL},
    {"employment", "no_income", K_EMPLOYMENT},
    {"medical_examination", "no_income", K_CLINIC},
    {"documents", "other", K_POLICE},
    {"family_work", "family_difficult", K_JUVENILE},
    {"legal_aid", "no_income", K_NGO},
    {"supervision", "released", K_PENAL},
};

void shown_place(uint32_t number, int *district, int *profile)
{
    *district = number < FIRST_ROUNDS * ROUND
                    ? 0
                    : 1 + (int)((number - FIRST_ROUNDS * ROUND) / ROUND) % (DISTRICTS - 1);
    *profile = profile_of(receivers[number % RECEIVERS].category);
}

/* So many working days before today, in office hours. */
static uint32_t before_today(struct plan *pl, int low, int high)
{
    const struct plans *p = pl->all;
    uint32_t day = p->days;
    for (int i = dice_between(&pl->dice, low, high); i > 0 && day; i--)
        day = p->last_work[day - 1];
    return day * DAY + 8 * 60 + 30 + dice_below(&pl->dice, 8 * 60);
}

void plan_shown(struct plan *pl, uint32_t number)
{
    struct dice *d = &pl->dice;
    const struct region_made *r = pl->all->region;
    int way = (int)(number % ROUND / RECEIVERS);
    enum kind kind = receivers[number % RECEIVERS].to;
    int work = work_of(receivers[number % RECEIVERS].need, kind);
    int body = body_for(r, kind, pl->district);
    struct step s = {.slot = FREE_SLOT, .what = (uint16_t)work, .target = (uint16_t)body, .n = 5};
    uint32_t when;
    switch (way) {
    case WAITS:
        when = before_today(pl, 1, 2);
        break;
    case DUE_TODAY:
        when = before_today(pl, 4, 7);
        s.n = 0;
        break;
    case LATE:
        when = before_today(pl, 9, 16);
        s.n = (int16_t)-dice_between(d, 1, 5);
        break;
    default:
        when = before_today(pl, 10, 25);
        s.n = 30;
    }
    plan_step(pl, when, OP_REFER, pl->entry_actor, s);
    uint16_t actor = actor_of(r, body, d);
    if (way != AT_WORK || actor == NO_ACTOR)
        return;
    when = plan_after(pl, when, 1, 4);
    plan_step(pl, when, OP_ACCEPT, actor, (struct step){.slot = FREE_SLOT});
    serve(pl, when, actor, work, IN_REFERRAL + FREE_SLOT, 1, 1);
}
