/* Cases that go along the approved schemes of the packs: most keep to them, some are late, some steps are passed over, some bodies decline
 * or stay silent. Planned with dice of their own; carried out through the rules of rooms/routing and rooms/referrals, as their
 * accounts. */
#include "cases_gen.h"
#include "main/demo.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/routing/routing_own.h"
#include <stdlib.h>

enum act { START, OWN, SKIP, ACCEPT, DECLINE, FINISH, CONCLUDE };
enum { DICE = 21, SCHEMES = 2, STEPS = 5 };

static const struct {
    const char *code;
    const char *categories[3];
    const char *steps[STEPS];
} schemes[SCHEMES] = {
    {"release", {"release_due", "released"}, {"intake", "papers", "work", "clinic", "support"}},
    {"homeless", {"homeless"}, {"shelter", "papers", "work", "close"}},
};
enum { INTAKE, PAPERS, WORK, CLINIC, SUPPORT };
enum { SHELTER, H_PAPERS, H_WORK, H_CLOSE };
static const char *const outcomes[] = {"done", "not_done"};

/* ---- what will happen ---- */

static int scheme_for(const struct plan *pl)
{
    for (int i = 0; i < SCHEMES; i++)
        for (int k = 0; k < 3 && schemes[i].categories[k]; k++)
            if (strcmp(schemes[i].categories[k], pl->profile->category) == 0)
                return i;
    return -1;
}

static void act(struct plan *pl, uint32_t when, uint16_t lead, enum act what, int scheme, int step, int outcome)
{
    plan_step(pl, when, OP_ROUTE, lead,
              (struct step){.slot = (uint8_t)what, .what = (uint16_t)(scheme << 8 | step), .n = (int16_t)outcome});
}

/* A body that is asked; returns when it is over. */
static uint32_t asked(struct plan *pl, uint32_t when, uint16_t lead, int scheme, int step)
{
    struct dice *d = &pl->dice;
    int throw = (int)dice_below(d, 100);
    if (throw < 8) { /* silence; the lead ends the branch, or waits */
        when = plan_after(pl, when, 20, 35);
        if (dice_chance(d, 60))
            act(pl, when, lead, CONCLUDE, scheme, step, 0);
        return when;
    }
    when = throw < 80 ? plan_after(pl, when, 0, 4) : plan_after(pl, when, 8, 16);
    if (throw >= 92) {
        act(pl, when, lead, DECLINE, scheme, step, 0);
        when = plan_after(pl, when, 1, 4); /* whoever is asked next */
    }
    act(pl, when, lead, ACCEPT, scheme, step, 0);
    when = dice_chance(d, 82) ? plan_after(pl, when, 2, 6) : plan_after(pl, when, 12, 25);
    act(pl, when, lead, FINISH, scheme, step, dice_chance(d, 12));
    return when;
}

/* A step that the lead does itself. */
static uint32_t own(struct plan *pl, uint32_t when, uint16_t lead, int scheme, int step, int low, int high, int outcome)
{
    int throw = (int)dice_below(&pl->dice, 100);
    when = throw < 84 ? plan_after(pl, when, low, high) : plan_after(pl, when, high + 6, high + 14);
    act(pl, when, lead, throw < 9 ? SKIP : OWN, scheme, step, outcome);
    return when;
}

static void released(struct plan *pl, uint32_t when, uint16_t lead)
{
    struct dice *d = &pl->dice;
    bool again = dice_chance(d, 12);
    for (int round = 0; round < 1 + again; round++) {
        uint32_t over = when = own(pl, when, lead, 0, INTAKE, 1, 4, 0);
        for (int step = PAPERS; step <= CLINIC; step++) {
            uint32_t end = asked(pl, when, lead, 0, step);
            over = end > over ? end : over;
        }
        when = own(pl, over, lead, 0, SUPPORT, 8, 25, again && !round);
    }
}

static void homeless(struct plan *pl, uint32_t when, uint16_t lead)
{
    uint32_t shelter = asked(pl, when, lead, 1, SHELTER), papers = asked(pl, when, lead, 1, H_PAPERS);
    when = asked(pl, shelter > papers ? shelter : papers, lead, 1, H_WORK);
    own(pl, when, lead, 1, H_CLOSE, 2, 12, 0);
}

void plan_route(struct plan *pl, uint32_t when, uint16_t lead)
{
    int64_t approved;
    int scheme = scheme_for(pl);
    struct plan mine = *pl; /* the dice of everything else fall as without it */
    mine.dice = dice_of(pl->all->seed, pl->person, DICE);
    if (scheme < 0 || !dice_chance(&mine.dice, 75))
        return;
    const struct pack_entry *e = pack_find("scheme", text_of(schemes[scheme].code));
    if (!e || date_parse_iso(pack_prop(e, "order_date"), &approved) || pl->all->first_day + when / DAY < approved)
        return;
    when = plan_after(&mine, when, 0, 2);
    act(&mine, when, lead, START, scheme, 0, 0);
    if (scheme == 0)
        released(&mine, when, lead);
    else
        homeless(&mine, when, lead);
    pl->seq = mine.seq;
}

/* ---- carrying it out ---- */

static void start(struct request *rq, const struct step *s, int64_t case_id, int64_t *route)
{
    union scheme_in_force_row row = {0};
    struct scheme *scheme = NEW(rq->arena, struct scheme);
    struct text code = text_of(schemes[s->what >> 8].code);
    if (!q_scheme_in_force(rq, &(struct scheme_in_force_args){.code = v_text(code)}, &row) || !scheme_load(rq, v_as_int(row.id), scheme))
        return;
    struct case_facts c = case_own(rq, case_id);
    if (rq->err || !c.open || !scheme_open_to(rq, scheme, c.person))
        return;
    *route = route_start(rq, case_id, scheme->id);
}

/* Does it still run, and may the lead lead it on? */
static bool leads(struct request *rq, int64_t route)
{
    struct on_route *r = NEW(rq->arena, struct on_route);
    const char *why;
    return route && route_load(rq, route, r, &why) && r->running && scheme_open_to(rq, &r->scheme, r->person);
}

/* The open round of a step. */
static bool open_step(struct request *rq, int64_t route, struct text code, union route_steps_all_row *out)
{
    struct route_steps_all_rows rows = {0};
    q_route_steps_all(rq, &(struct route_steps_all_args){.route = v_int(route)}, &rows);
    for (size_t i = rows.n; i > 0; i--)
        if (text_eq(v_as_text(rows.row[i - 1].step), code) && !text_is(v_as_text(rows.row[i - 1].state), "closed")) {
            *out = rows.row[i - 1];
            return true;
        }
    return false;
}

static const struct viewer *worker_of(const struct region_made *r, int64_t body, const struct step *s)
{
    struct dice d = dice_of(s->person, (uint64_t)body, DICE);
    for (int i = 0; i < r->n_bodies; i++)
        if (r->bodies[i].id == body) {
            uint16_t actor = actor_of(r, i, &d);
            return actor == NO_ACTOR ? NULL : &r->actors[actor].viewer;
        }
    return NULL;
}

/* The body that was asked last answers. */
static void answer(struct request *rq, const struct region_made *r, const struct step *s, struct value step)
{
    struct offers_of_step_rows offers = {0};
    q_offers_of_step(rq, &(struct offers_of_step_args){.step = step}, &offers);
    for (size_t i = offers.n; i > 0 && !rq->err; i--) {
        struct referral_facts f = referral_facts(rq, v_as_int(offers.row[i - 1].referral_id));
        const struct viewer *who = worker_of(r, f.to_body, s);
        bool waits = text_is(f.state, "sent") || text_is(f.state, "received"), accept = s->slot == ACCEPT, decline = s->slot == DECLINE;
        if (!who || (accept || decline ? !waits : !referral_at_work(f.state)))
            continue;
        int64_t opened;
        rq->viewer = *who;
        struct decline_form no = {.decline_reason.value = v_z(demo_reasons[s->person % 6]),
                                  .result_note.value = v_z(demo_reason_notes[s->person % 6])};
        int k = s->n ? 3 : 0;
        struct result_form done = {.finished_on.value = v_date(rq->today),
                                   .result.value = v_z(demo_results[k]),
                                   .result_note.value = v_z(demo_result_notes[k])};
        if (accept)
            referral_accept(rq, f.id, -1, &opened);
        else if (decline)
            referral_decline(rq, f.id, -1, &no);
        else
            referral_finish(rq, f.id, -1, &done);
        return;
    }
}

void demo_route(struct request *rq, const struct region_made *r, const struct step *s, int64_t case_id, int64_t *route)
{
    struct viewer lead = rq->viewer;
    union route_steps_all_row t = {0};
    struct text code = text_of(schemes[s->what >> 8].steps[s->what & 0xFF]);
    if (s->slot == START)
        start(rq, s, case_id, route);
    else if (!leads(rq, *route) || !open_step(rq, *route, code, &t))
        return;
    int64_t id = v_as_int(t.id), version = v_as_int(t.version);
    bool is_own = text_is(v_as_text(t.state), "own");
    struct outcome_form done = {.outcome.value = v_z(outcomes[s->n]), .note.value = v_z("Записано по итогам встречи.")};
    struct skip_form passed = {.outcome.value = v_z("done"), .note.value = v_z("Оценка проведена другой организацией, акт приложен к делу.")};
    switch ((enum act)s->slot) {
    case START:
        break;
    case OWN:
        if (is_own)
            route_outcome(rq, id, version, &done);
        break;
    case SKIP:
        if (is_own)
            route_skip(rq, id, version, &passed);
        break;
    case CONCLUDE:
        route_conclude(rq, id, version);
        break;
    default:
        answer(rq, r, s, t.id);
    }
    rq->viewer = lead;
    if (*route && !rq->err && !rq->mistakes)
        route_forward(rq, *route);
}

bool demo_route_runs(struct request *rq, int64_t case_id)
{
    struct route_of_case_open_rows rows = {0};
    q_route_of_case_open(rq, &(struct route_of_case_open_args){.case_id = v_int(case_id)}, &rows);
    return rows.n > 0;
}
