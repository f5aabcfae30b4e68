/* The engine of routes: joins, circles, refusals; long random walks, each replayed from its log. */
#include "rooms/routing/routing_engine.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { WALKED = 100000, LOG = 8000 };

static uint64_t dice;
static int throw_below(int n)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int)(dice % (uint64_t)n);
}

static void arrow(struct routing_graph *g, int from, int outcome, int to)
{
    for (int i = 0; i < g->n_arrows; i++)
        if (g->arrows[i].from == from && g->arrows[i].to == to && g->arrows[i].outcome == outcome)
            return;
    g->arrows[g->n_arrows++] = (struct routing_arrow){(int16_t)from, (int16_t)to, (uint8_t)outcome};
}

static void generals(struct routing_graph *g)
{
    for (int i = 0; i < ROUTING_OUTCOMES; i++)
        g->general[i] = (uint8_t)(i < OUTCOME_GENERAL ? i : i % 2);
}

static bool say(const struct routing_graph *g, struct routing_state *s, int step, int outcome)
{
    struct routing_actions out;
    return routing_feed(g, s,
                        &(struct routing_input){INPUT_OUTCOME, step, s->step[step].round, outcome},
                        &out);
}

static void begin(const struct routing_graph *g, struct routing_state *s)
{
    struct routing_actions out;
    memset(s, 0, sizeof *s);
    assert_true(routing_feed(g, s, &(struct routing_input){INPUT_START, 0, 0, 0}, &out));
}

/* 0 → 1, 2, 3 → 4 → end; 2 may end by itself. */
static void fan(struct routing_graph *g, int join)
{
    memset(g, 0, sizeof *g);
    generals(g);
    g->n_steps = 5;
    g->join[4] = (uint8_t)join;
    arrow(g, ROUTING_OUT, 0, 0);
    for (int i = 1; i < 4; i++) {
        arrow(g, 0, OUTCOME_DONE, i);
        arrow(g, i, OUTCOME_DONE, 4);
    }
    arrow(g, 2, OUTCOME_NOT_DONE, ROUTING_OUT);
    arrow(g, 4, OUTCOME_DONE, ROUTING_OUT);
    routing_prepare(g);
}

static void joins_wait_for_all(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    fan(&g, JOIN_ALL);
    begin(&g, &s);
    assert_true(say(&g, &s, 0, OUTCOME_DONE));
    assert_true(say(&g, &s, 1, OUTCOME_DONE));
    assert_true(say(&g, &s, 3, OUTCOME_DONE));
    assert_int_equal(s.step[4].place, STEP_CLOSED);
    assert_true(s.step[4].waiting);
    assert_true(say(&g, &s, 2, OUTCOME_NOT_DONE)); /* that branch ends: nothing comes from there */
    assert_int_equal(s.step[4].place, STEP_OPEN);
    assert_int_equal(s.step[4].round, 1);
    assert_false(say(&g, &s, 2, OUTCOME_DONE)); /* an answer after the end of its step */
    assert_true(say(&g, &s, 4, OUTCOME_DONE));
    assert_true(s.ended);
}

static void joins_open_at_the_first(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    fan(&g, JOIN_ANY);
    begin(&g, &s);
    say(&g, &s, 0, OUTCOME_DONE);
    say(&g, &s, 3, OUTCOME_DONE);
    assert_int_equal(s.step[4].place, STEP_OPEN);
    say(&g, &s, 4, OUTCOME_DONE);
    assert_false(s.ended);
    say(&g, &s, 1, OUTCOME_DONE); /* late: absorbed */
    say(&g, &s, 2, OUTCOME_DONE);
    assert_int_equal(s.step[4].round, 1);
    assert_true(s.ended);
}

static void circles_count_rounds(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    fan(&g, JOIN_ANY);
    arrow(&g, 4, OUTCOME_NOT_DONE, 0);
    routing_prepare(&g);
    begin(&g, &s);
    say(&g, &s, 0, OUTCOME_DONE);
    say(&g, &s, 1, OUTCOME_DONE);
    say(&g, &s, 4, OUTCOME_NOT_DONE);
    assert_int_equal(s.step[0].place, STEP_OPEN); /* 2 and 3 could only come the same way */
    assert_int_equal(s.step[0].round, 2);
    say(&g, &s, 2, OUTCOME_DONE);
    assert_int_equal(s.step[4].round, 1); /* late for the first round */
    say(&g, &s, 0, OUTCOME_DONE);
    assert_int_equal(s.step[2].round, 2);
    assert_int_equal(s.step[3].round, 1);
    assert_true(s.step[3].waiting); /* its second round comes after its first */
    say(&g, &s, 3, OUTCOME_DONE);
    assert_int_equal(s.step[3].round, 2);
    say(&g, &s, 2, OUTCOME_DONE);
    assert_int_equal(s.step[4].round, 2);
}

/* Siblings inside a circle do not wait for each other, and a join there waits for its round. */
static void circles_hold_no_sibling_up(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    fan(&g, JOIN_ALL);
    arrow(&g, 4, OUTCOME_NOT_DONE, 0);
    routing_prepare(&g);
    begin(&g, &s);
    for (int round = 1; round < 4; round++) {
        say(&g, &s, 0, OUTCOME_DONE);
        for (int i = 1; i < 4; i++) {
            assert_int_equal(s.step[i].place, STEP_OPEN);
            assert_int_equal(s.step[4].place, STEP_CLOSED);
            say(&g, &s, i, OUTCOME_DONE);
        }
        assert_int_equal(s.step[4].round, round);
        say(&g, &s, 4, OUTCOME_NOT_DONE);
        assert_int_equal(s.step[0].round, round + 1);
    }
}

static void no_arrow_is_decided(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    struct routing_actions out;
    fan(&g, JOIN_ALL);
    begin(&g, &s);
    say(&g, &s, 0, OUTCOME_DECLINED);
    assert_int_equal(s.step[0].place, STEP_DECIDE);
    assert_false(s.ended);
    struct routing_input again = {INPUT_AGAIN, 0, 1, 0};
    assert_true(routing_feed(&g, &s, &again, &out));
    assert_int_equal(s.step[0].round, 2);
    assert_false(routing_feed(&g, &s, &again, &out)); /* of the former round */
    say(&g, &s, 0, OUTCOME_DONE);
    assert_int_equal(s.step[1].place, STEP_OPEN);
    assert_true(routing_feed(&g, &s, &(struct routing_input){INPUT_CONCLUDE, 1, 1, 0}, &out));
    assert_true(routing_feed(&g, &s, &(struct routing_input){INPUT_STOP, 0, 0, 0}, &out));
    assert_true(s.ended && s.stopped);
    assert_false(say(&g, &s, 2, OUTCOME_DONE));
}

static void results_fall_back(void **state)
{
    (void)state;
    struct routing_graph g;
    struct routing_state s;
    fan(&g, JOIN_ALL);
    g.general[7] = OUTCOME_DONE;
    begin(&g, &s);
    say(&g, &s, 0, 7);
    assert_int_equal(s.step[1].place, STEP_OPEN);
}

static void moves_to_another_version(void **state)
{
    (void)state;
    struct routing_graph g, h;
    struct routing_state s;
    struct routing_actions out;
    int map[5] = {4, 3, ROUTING_OUT, 1, 0};
    fan(&g, JOIN_ALL);
    memset(&h, 0, sizeof h);
    generals(&h);
    h.n_steps = 5;
    arrow(&h, ROUTING_OUT, 0, 4);
    arrow(&h, 4, OUTCOME_DONE, 3);
    arrow(&h, 4, OUTCOME_DONE, 1);
    arrow(&h, 3, OUTCOME_DONE, 0);
    arrow(&h, 1, OUTCOME_DONE, 0);
    arrow(&h, 0, OUTCOME_DONE, ROUTING_OUT);
    routing_prepare(&h);
    begin(&g, &s);
    say(&g, &s, 0, OUTCOME_DONE);
    say(&g, &s, 1, OUTCOME_DONE);
    routing_move(&g, &h, map, &s, &out);
    assert_true(s.step[0].waiting);
    assert_int_equal(s.step[1].place, STEP_OPEN);
    say(&h, &s, 1, OUTCOME_DONE);
    assert_int_equal(s.step[0].place, STEP_OPEN);
    say(&h, &s, 0, OUTCOME_DONE);
    assert_true(s.ended);
}

/* Any graph in which every step is reached and leads to the end. */
static void random_graph(struct routing_graph *g)
{
    memset(g, 0, sizeof *g);
    generals(g);
    g->n_steps = 2 + throw_below(18);
    arrow(g, ROUTING_OUT, 0, 0);
    for (int i = 0; i < g->n_steps; i++) {
        g->join[i] = (uint8_t)(throw_below(4) == 0);
        if (i)
            arrow(g, throw_below(i), throw_below(3) ? OUTCOME_DONE : OUTCOME_NOT_DONE, i);
        int last = i + 1 == g->n_steps;
        arrow(g, i, OUTCOME_DONE, last ? ROUTING_OUT : i + 1 + throw_below(g->n_steps - i - 1));
        for (int k = throw_below(3); k > 0; k--)
            arrow(g, i, throw_below(8), throw_below(g->n_steps)); /* often a circle */
    }
    routing_prepare(g);
    for (int i = 0; i < g->n_steps; i++)
        assert_true((g->begun >> i & 1) && g->exits[i]);
}

static struct routing_input pick(const struct routing_graph *g, const struct routing_state *s)
{
    int open[ROUTING_STEPS], n = 0;
    for (int i = 0; i < g->n_steps; i++)
        if (s->step[i].place != STEP_CLOSED)
            open[n++] = i;
    assert_true(n > 0); /* nobody could go on */
    int step = open[throw_below(n)];
    struct routing_input in = {INPUT_OUTCOME, step, s->step[step].round, throw_below(8)};
    if (s->step[step].place == STEP_DECIDE)
        in.kind = throw_below(2) || s->step[step].round >= ROUTING_ROUNDS ? INPUT_CONCLUDE : INPUT_AGAIN;
    else if (throw_below(200) == 0)
        in.kind = INPUT_CONCLUDE;
    return in;
}

static void random_walks(void **state)
{
    (void)state;
    static struct routing_input log[LOG];
    static struct routing_state s, again;
    struct routing_graph g;
    struct routing_actions out;
    int walked = 0, cases = 0, joins = 0;
    for (uint64_t seed = 1; walked < WALKED; seed++) {
        int n = 0;
        dice = seed * UINT64_C(0x9E3779B97F4A7C15);
        random_graph(&g);
        memset(&s, 0, sizeof s);
        struct routing_input in = {INPUT_START, 0, 0, 0};
        while (!s.ended && n < LOG) {
            if (!routing_feed(&g, &s, &in, &out) || !routing_alive(&g, &s)) {
                printf("# seed %llu: stuck after %d inputs\n", (unsigned long long)seed, n);
                fail();
            }
            for (int i = 0; i < out.n; i++)
                joins += out.v[i].kind == ACTION_WAIT;
            log[n++] = in;
            if (!s.ended)
                in = pick(&g, &s);
        }
        if (!s.ended)
            printf("# seed %llu: does not end\n", (unsigned long long)seed);
        assert_true(s.ended);
        memset(&again, 0, sizeof again);
        for (int i = 0; i < n; i++)
            assert_true(routing_feed(&g, &again, &log[i], &out));
        if (memcmp(&s, &again, sizeof s) != 0)
            printf("# seed %llu: the replay differs\n", (unsigned long long)seed);
        assert_memory_equal(&s, &again, sizeof s);
        walked += n;
        cases++;
    }
    assert_true(joins > 1000);
    printf("# seeds 1 to %d: %d steps, none stuck\n", cases, walked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_wait_for_all),      cmocka_unit_test(joins_open_at_the_first),
        cmocka_unit_test(circles_count_rounds),
        cmocka_unit_test(circles_hold_no_sibling_up), cmocka_unit_test(no_arrow_is_decided),
        cmocka_unit_test(results_fall_back),       cmocka_unit_test(moves_to_another_version),
        cmocka_unit_test(random_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
