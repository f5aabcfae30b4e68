/* How a case goes through a scheme: a pure function of the scheme's graph, the state and one input.
 * No store, no clock, no chance: the same inputs in the same order give the same state, so that a
 * route can be replayed from its log.
 *
 * A token stands on each open step. An outcome sends it along the arrows of that outcome, several
 * targets go on in parallel. A step that several steps lead to joins them: with JOIN_ALL it opens
 * when something has arrived and no open step (or a waiting one before it in order) can bring
 * anything more from a side that has brought nothing yet, so a branch that ended elsewhere holds
 * nobody up; with JOIN_ANY at the first arrival. A token remembers in which rounds it has passed each
 * step: what comes late to a step that was opened meanwhile is absorbed, what comes around a circle
 * opens it anew. */
#ifndef ROUTING_ROUTING_ENGINE_H
#define ROUTING_ROUTING_ENGINE_H
#include <stdbool.h>
#include <stdint.h>

enum {
    ROUTING_STEPS = 60,
    ROUTING_ARROWS = 240,
    ROUTING_OUTCOMES = 48,
    ROUTING_ROUNDS = 99, /* then a step is decided by hand */
    ROUTING_OUT = -1     /* from: the beginning; to: the end */
};
enum routing_join { JOIN_ALL, JOIN_ANY };

/* The outcomes that every step can have; others are results of measures, each with one of the first
 * two as its general one. */
enum routing_outcome {
    OUTCOME_DONE,
    OUTCOME_NOT_DONE,
    OUTCOME_DECLINED,
    OUTCOME_SILENCE,
    OUTCOME_NO_BODY,
    OUTCOME_GENERAL
};

struct routing_graph {
    int n_steps, n_arrows;
    uint8_t join[ROUTING_STEPS];
    uint8_t general[ROUTING_OUTCOMES]; /* outcome whose arrows stand in for missing ones of its own */
    struct routing_arrow {
        int16_t from, to;
        uint8_t outcome;
    } arrows[ROUTING_ARROWS];
    /* By routing_prepare(). Bit t: an arrow (next), a path (reach) leads from the step to t; an arrow
     * leads from t to it (before; bit 63: from the beginning). exits: a path leads to the end. */
    uint64_t next[ROUTING_STEPS], before[ROUTING_STEPS], reach[ROUTING_STEPS], begun;
    bool exits[ROUTING_STEPS];
};
void routing_prepare(struct routing_graph *g);
/* Does an outcome of the step lead anywhere, by itself or by its general one? */
bool routing_leads(const struct routing_graph *g, int step, int outcome);

enum routing_place { STEP_CLOSED, STEP_OPEN, STEP_DECIDE /* ended without an arrow */ };
struct routing_state {
    bool started, ended, stopped;
    struct routing_token {
        uint8_t place, round; /* round: how often it was opened */
        bool waiting;         /* something has arrived and waits for the others */
        uint64_t sides;       /* from where, as in `before` */
        uint8_t passed[ROUTING_STEPS], arrived[ROUTING_STEPS]; /* rounds in which steps were passed */
    } step[ROUTING_STEPS];
};

enum routing_input_kind {
    INPUT_START,
    INPUT_OUTCOME,  /* of an open step, or what was decided for one that stands */
    INPUT_AGAIN,    /* a step that stands is opened anew */
    INPUT_CONCLUDE, /* its branch ends here */
    INPUT_STOP
};
struct routing_input {
    enum routing_input_kind kind;
    int step, round, outcome;
};

enum routing_action_kind { ACTION_OPEN, ACTION_CLOSE, ACTION_DECIDE, ACTION_WAIT, ACTION_END };
struct routing_actions {
    int n;
    struct routing_action {
        enum routing_action_kind kind;
        int step, round, outcome;
    } v[4 * ROUTING_STEPS + 8];
};

/* False, and nothing is changed: the input does not fit the state (answered already, another
 * round). */
bool routing_feed(const struct routing_graph *g, struct routing_state *s,
                  const struct routing_input *in, struct routing_actions *out);
/* The same case on another graph: map[s] is the step of `to` for each one of `from`, or ROUTING_OUT;
 * no two open ones may get the same. What is open and has no step there is closed. */
void routing_move(const struct routing_graph *from, const struct routing_graph *to, const int *map,
                  struct routing_state *s, struct routing_actions *out);
/* Somebody can go on, or it has ended. */
bool routing_alive(const struct routing_graph *g, const struct routing_state *s);

#endif
