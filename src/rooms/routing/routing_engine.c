#include "rooms/routing/routing_engine.h"
#include <string.h>

#define BIT(i)    (UINT64_C(1) << (i))
#define BEGINNING BIT(63)

void routing_prepare(struct routing_graph *g)
{
    memset(g->next, 0, sizeof g->next);
    memset(g->before, 0, sizeof g->before);
    memset(g->exits, 0, sizeof g->exits);
    g->begun = 0;
    for (int i = 0; i < g->n_arrows; i++) {
        const struct routing_arrow *a = &g->arrows[i];
        if (a->to >= 0)
            g->before[a->to] |= a->from < 0 ? BEGINNING : BIT(a->from);
        if (a->from < 0 && a->to >= 0)
            g->begun |= BIT(a->to);
        else if (a->from >= 0 && a->to >= 0)
            g->next[a->from] |= BIT(a->to);
        else if (a->from >= 0)
            g->exits[a->from] = true;
    }
    memcpy(g->reach, g->next, sizeof g->reach);
    for (int k = 0; k < g->n_steps; k++)
        for (int i = 0; i < g->n_steps; i++)
            if (g->reach[i] & BIT(k))
                g->reach[i] |= g->reach[k];
    uint64_t end = 0;
    for (int i = 0; i < g->n_steps; i++)
        if (g->exits[i])
            end |= BIT(i);
    for (int i = 0; i < g->n_steps; i++) {
        g->exits[i] = g->exits[i] || (g->reach[i] & end);
        if (g->begun & BIT(i))
            g->begun |= g->reach[i];
    }
    for (int i = 0; i < g->n_steps; i++) /* of what was added behind its own number */
        if (g->begun & BIT(i))
            g->begun |= g->reach[i];
}

static bool has_arrow(const struct routing_graph *g, int step, int outcome)
{
    for (int i = 0; i < g->n_arrows; i++)
        if (g->arrows[i].from == step && g->arrows[i].outcome == outcome)
            return true;
    return false;
}

bool routing_leads(const struct routing_graph *g, int step, int outcome)
{
    return has_arrow(g, step, outcome) || has_arrow(g, step, g->general[outcome]);
}

static void act(struct routing_actions *out, enum routing_action_kind kind, int step, int round,
                int outcome)
{
    if (out->n < (int)(sizeof out->v / sizeof *out->v))
        out->v[out->n++] = (struct routing_action){kind, step, round, outcome};
}

static void open_step(struct routing_state *s, int x, struct routing_actions *out)
{
    struct routing_token *t = &s->step[x];

    memcpy(t->passed, t->arrived, sizeof t->passed);
    memset(t->arrived, 0, sizeof t->arrived);
    t->waiting = false;
    t->sides = 0;
    if (t->round >= ROUTING_ROUNDS) { /* around and around: somebody has to look */
        t->place = STEP_DECIDE;
        act(out, ACTION_DECIDE, x, t->round, OUTCOME_NOT_DONE);
        return;
    }
    t->round++;
    t->passed[x] = t->round;
    t->place = STEP_OPEN;
    act(out, ACTION_OPEN, x, t->round, 0);
}

/* Is the step open, or was it, by a token as far on as this one: is this its late companion? What has
 * passed the step itself in this round, or another that both have passed in a later one, is not. */
static bool late(const struct routing_graph *g, const struct routing_token *t, int x,
                 const uint8_t *passed)
{
    if (passed[x] >= t->round || t->round >= ROUTING_ROUNDS)
        return false;
    for (int i = 0; i < g->n_steps; i++)
        if (t->passed[i] && passed[i] > t->passed[i])
            return false;
    return true;
}

/* side: the step it comes from, as in `before`. */
static void arrive(const struct routing_graph *g, struct routing_state *s, int x, uint64_t side,
                   const uint8_t *passed, struct routing_actions *out)
{
    struct routing_token *t = &s->step[x];

    if (late(g, t, x, passed))
        return;
    for (int i = 0; i < g->n_steps; i++)
        if (passed[i] > t->arrived[i])
            t->arrived[i] = passed[i];
    t->sides |= side;
    if (g->join[x] == JOIN_ANY && t->place == STEP_CLOSED) {
        open_step(s, x, out);
        return;
    }
    if (!t->waiting)
        act(out, ACTION_WAIT, x, t->round + 1, 0);
    t->waiting = true;
}

/* Steps that a token on `from` can come to without passing x, itself among them. */
static uint64_t around(const struct routing_graph *g, int from, int x)
{
    uint64_t seen = BIT(from), fresh = seen;

    while (fresh) {
        uint64_t found = 0;
        for (int i = 0; i < g->n_steps; i++)
            if (fresh & BIT(i))
                found |= g->next[i];
        fresh = found & ~seen & ~BIT(x);
        seen |= fresh;
    }
    return seen;
}

static bool held_up(const struct routing_graph *g, const struct routing_state *s, int x)
{
    uint64_t came = s->step[x].sides, missing = g->before[x] & ~came;

    for (int i = 0; i < g->n_steps && missing; i++) {
        const struct routing_token *t = &s->step[i];
        bool before = t->waiting && i < x;
        if (i == x || (t->place == STEP_CLOSED && !before) || !(g->reach[i] & BIT(x)))
            continue;
        uint64_t steps = around(g, i, x);
        if ((steps & missing) && !(steps & came))
            return true;
    }
    return false;
}

/* Joins that nothing can reach any more open; without a token left the route ends. */
static void settle(const struct routing_graph *g, struct routing_state *s,
                   struct routing_actions *out)
{
    for (int x = 0; x < g->n_steps;) {
        if (s->step[x].waiting && s->step[x].place == STEP_CLOSED && !held_up(g, s, x)) {
            open_step(s, x, out);
            x = 0;
        } else {
            x++;
        }
    }
    for (int i = 0; i < g->n_steps; i++)
        if (s->step[i].place != STEP_CLOSED || s->step[i].waiting)
            return;
    s->ended = true;
    act(out, ACTION_END, 0, 0, 0);
}

static void fire(const struct routing_graph *g, struct routing_state *s, int step, int outcome,
                 struct routing_actions *out)
{
    struct routing_token *t = &s->step[step];
    uint8_t passed[ROUTING_STEPS];
    int by = has_arrow(g, step, outcome) ? outcome : g->general[outcome];

    if (!has_arrow(g, step, by)) {
        t->place = STEP_DECIDE;
        act(out, ACTION_DECIDE, step, t->round, outcome);
        return;
    }
    t->place = STEP_CLOSED;
    act(out, ACTION_CLOSE, step, t->round, outcome);
    memcpy(passed, t->passed, sizeof passed); /* an arrow back to itself writes there */
    for (int i = 0; i < g->n_arrows; i++)
        if (g->arrows[i].from == step && g->arrows[i].outcome == by && g->arrows[i].to >= 0)
            arrive(g, s, g->arrows[i].to, BIT(step), passed, out);
}

static void start(const struct routing_graph *g, struct routing_state *s,
                  struct routing_actions *out)
{
    static const uint8_t nothing[ROUTING_STEPS];

    s->started = true;
    for (int i = 0; i < g->n_arrows; i++)
        if (g->arrows[i].from < 0 && g->arrows[i].to >= 0)
            arrive(g, s, g->arrows[i].to, BEGINNING, nothing, out);
}

static void stop(const struct routing_graph *g, struct routing_state *s,
                 struct routing_actions *out)
{
    for (int i = 0; i < g->n_steps; i++) {
        if (s->step[i].place != STEP_CLOSED)
            act(out, ACTION_CLOSE, i, s->step[i].round, OUTCOME_NOT_DONE);
        s->step[i].place = STEP_CLOSED;
        s->step[i].waiting = false;
        s->step[i].sides = 0;
    }
    s->stopped = true;
}

bool routing_feed(const struct routing_graph *g, struct routing_state *s,
                  const struct routing_input *in, struct routing_actions *out)
{
    out->n = 0;
    if (in->kind == INPUT_START) {
        if (s->started)
            return false;
        start(g, s, out);
        settle(g, s, out);
        return true;
    }
    if (!s->started || s->ended)
        return false;
    if (in->kind == INPUT_STOP) {
        stop(g, s, out);
        settle(g, s, out);
        return true;
    }
    if (in->step < 0 || in->step >= g->n_steps)
        return false;
    struct routing_token *t = &s->step[in->step];
    if (t->place == STEP_CLOSED || t->round != in->round)
        return false;
    switch (in->kind) {
    case INPUT_OUTCOME:
        if (in->outcome < 0 || in->outcome >= ROUTING_OUTCOMES)
            return false;
        fire(g, s, in->step, in->outcome, out);
        break;
    case INPUT_AGAIN:
        if (t->place != STEP_DECIDE || t->round >= ROUTING_ROUNDS)
            return false;
        act(out, ACTION_CLOSE, in->step, t->round, OUTCOME_NOT_DONE);
        t->place = STEP_OPEN;
        t->passed[in->step] = ++t->round;
        act(out, ACTION_OPEN, in->step, t->round, 0);
        break;
    default: /* INPUT_CONCLUDE */
        act(out, ACTION_CLOSE, in->step, t->round, in->outcome);
        t->place = STEP_CLOSED;
        break;
    }
    settle(g, s, out);
    return true;
}

void routing_move(const struct routing_graph *from, const struct routing_graph *to, const int *map,
                  struct routing_state *s, struct routing_actions *out)
{
    struct routing_state was = *s;

    out->n = 0;
    memset(s->step, 0, sizeof s->step);
    for (int i = 0; i < from->n_steps; i++) {
        const struct routing_token *t = &was.step[i];
        if (map[i] < 0) {
            if (t->place != STEP_CLOSED)
                act(out, ACTION_CLOSE, i, t->round, OUTCOME_NOT_DONE);
            continue;
        }
        struct routing_token *u = &s->step[map[i]];
        u->round = t->round;
        u->place = t->place;
        u->waiting = t->waiting;
        u->sides = t->sides & BEGINNING;
        for (int k = 0; k < from->n_steps; k++)
            if (map[k] >= 0) {
                u->passed[map[k]] = t->passed[k];
                u->arrived[map[k]] = t->arrived[k];
                if (t->sides & BIT(k))
                    u->sides |= BIT(map[k]);
            }
    }
    settle(to, s, out);
}

bool routing_alive(const struct routing_graph *g, const struct routing_state *s)
{
    if (!s->started || s->ended)
        return true;
    for (int i = 0; i < g->n_steps; i++)
        if (s->step[i].place != STEP_CLOSED)
            return true;
    return false;
}
