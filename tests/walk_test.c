/* Cases walk along random schemes through the store: bodies answer at random, the lead decides at random, and after each step
 * everything must add up: no route is stuck, no referral is lost, each route's log replays to its rows.
 *     BEREG_WALK=STEPS       (3,000)   a hundred thousand takes some minutes
 *     BEREG_WALK_DB=URL      an empty register; without it a file of SQLite
 *     BEREG_WALK_SEED=N */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "agencies_gen.h"
#include "base/buf.h"
#include "base/date.h"
#include "guard/account.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/routing/routing_rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCHEMES = 12, CASES = 40, STEPS_MAX = 9, OPEN_MAX = 200, LOOK_EVERY = 500 };

static struct store *store;
static struct request rq;
static uint64_t dice = 88172645463325252u;
static int64_t cases[CASES], routes[CASES], steps_done, steps_wanted = 3000, ended;
static char file[100];

static const struct {
    const char *kind, *role, *logins[3];
} bodies[] = {
    {"social_centre", "social_worker", {"lead"}},
    {"employment_centre", "employment_specialist", {"job1", "job2"}},
    {"police", "police_officer", {"police1", "police2"}},
    {"clinic", "doctor", {"clinic1", "clinic2"}},
    {"homeless_centre", "social_worker", {"home1", "home2", "home3"}},
};
static const char *const works[][4] = {
    {"employment_centre", "employment", "employment_565", "region"},
    {"police", "documents", "powers", "region"},
    {"clinic", "medical_examination", "social_442", "region"},
    {"homeless_centre", "shelter", "social_442", "region"},
    {"clinic", "medical_examination", "social_442", "district"}, /* nobody of the district */
};

static int below(int n)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int)(dice % (uint64_t)n);
}

static void must(enum err err, const struct fault *fault)
{
    if (err)
        fail_msg("%s: %s", err_name(err), fault->text);
}

/* The viewer of the next step, with a clean error and an empty arena. */
static void as(const char *login)
{
    arena_reset(rq.arena);
    rq.err = OK;
    rq.reason = NULL;
    rq.mistakes = NULL;
    rq.seen = NULL;
    rq.n_seen = rq.cap_seen = 0;
    rq.rest_hidden = false;
    rq.now = clock_now();
    rq.today = clock_today();
    if (login)
        assert_true(viewer_of_login(&rq, text_of(arena_z(rq.arena, text_of(login))), &rq.viewer));
    else
        rq.viewer = (struct viewer){.system = true, .body_kind = ""};
}

/* Every step leads on, further steps and the end can always be reached. */
static void random_scheme(struct buf *out, int k)
{
    int n = 3 + below(STEPS_MAX - 3);
    buf_printf(out,
               "[scheme walk%d]\nlabel.ru = Прогулка %d\nlabel.en = Walk %d\nsituation = no_income\norder = %d\n"
               "order_date = 2024-06-01\nstart = s0%s\n",
               k, k, k, k + 1, below(2) ? " s1" : "");
    for (int i = 0; i < n; i++) {
        const char *const *w = works[below(5)];
        char next[20], far[20];
        snprintf(next, sizeof next, i + 1 < n ? "s%d" : "end", i + 1);
        snprintf(far, sizeof far, i + 2 < n ? "s%d" : "end", i + 2 < n ? i + 2 + below(n - i - 2) : 0);
        buf_printf(out, "[step walk%d s%d]\nlabel.ru = Шаг %d\nlabel.en = Step %d\nresult = ru.442.programme\njoin = %s\n", k, i,
                   i, i, below(4) ? "all" : "any");
        if (below(3) == 0)
            buf_z(out, "where = lead\n");
        else
            buf_printf(out,
                       "where = %s\nwho = %s\nneed = %s\nground = %s\nanswer = ru.210.request_answer\noffer = %s\n",
                       w[3], w[0], w[1], w[2], (const char *[]){"one", "next", "all"}[below(3)]);
        buf_printf(out, "on.done = %s", next);
        if (below(2) && strcmp(far, next))
            buf_printf(out, " %s", far);
        if (below(4))
            buf_printf(out, "\non.not_done = %s\n", next);
        else
            buf_printf(out, "\non.not_done = s%d\n", below(n)); /* a circle; its exit is on.done */
        if (below(2))
            buf_printf(out, "on.declined = %s\n", far);
        if (below(2))
            buf_printf(out, "on.no_body = %s\n", next);
    }
}

static void make_register(void)
{
    struct fault fault = {0};
    size_t n, m;
    const struct table *const *tables = register_tables(&n);
    const char *url = getenv("BEREG_WALK_DB");
    char own[120];
    snprintf(file, sizeof file, "/tmp/bereg-walk-%d.db", (int)getpid());
    snprintf(own, sizeof own, "sqlite:%s", file);
    must(store_open(url ? url : own, true, &store, &fault), &fault);
    must(schema_upgrade(store, tables, n, &fault), &fault);
    must(request_open(store, NULL, &rq, &fault), &fault);
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    must(guard_init(&ch, &fault), &fault);
    change_event(&ch, &(struct event){.kind = "register.made"});
    assert_int_equal(change_commit(&ch), OK);
    struct pack_entry *entries, *more, *all;
    const char *dir = getenv("BEREG_PACKS");
    must(packs_load_dir(dir ? dir : "packs/demo", rq.arena, &entries, &n, &fault), &fault);
    struct buf text = BUF(1u << 20);
    for (int k = 0; k < SCHEMES; k++)
        random_scheme(&text, k);
    must(pack_file_read(buf_get(&text), T("walk.pack"), T("demo"), rq.arena, &more, &m, &fault), &fault);
    all = arena_array(rq.arena, n + m, sizeof *all);
    memcpy(all, entries, n * sizeof *all);
    memcpy(all + n, more, m * sizeof *all);
    must(packs_apply(&rq, all, n + m, NULL, &fault), &fault);
    must(guard_start(store, &fault), &fault);
    buf_free(&text);
}

static void make_bodies(void)
{
    struct change ch;
    as(NULL);
    change_begin(&rq, &ch, NO_SUBJECT);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (int k = 0; k < 3 && bodies[i].logins[k]; k++) {
            struct value name = v_z(bodies[i].logins[k]);
            int64_t body = change_insert(
                &ch, &body_table,
                (union body_record){.name = name, .name_key = name, .kind = v_z(bodies[i].kind), .active = v_int(1)}.v);
            change_insert(&ch, &account_table,
                          (union account_record){.login = name, .name = name, .role = v_z(bodies[i].role),
                                                 .body_id = v_int(body), .active = v_int(1), .reminders = v_int(0),
                                                 .created_at = v_instant(rq.now)}
                              .v);
        }
    change_event(&ch, &(struct event){.kind = "body.changed"});
    assert_int_equal(change_commit(&ch), OK);
    for (int i = 0; i < CASES; i++) {
        as("lead");
        change_begin(&rq, &ch, NO_SUBJECT);
        struct person_entry e = {
            .record = {.family_name = v_text(arena_printf(rq.arena, "Путников%d", i)),
                       .given_name = v_z("Иван"), .identity_status = v_z("document")},
            .body = rq.viewer.body,
            .grant = access_rule(FACT_LISTED, "social_centre", T("")),
            .category = T("no_income"),
            .channel = T("self"),
        };
        int64_t person = person_enter(&ch, &e);
        cases[i] = case_open(&ch, person, rq.viewer.body, "social_support", T("self"));
        assert_int_equal(change_commit(&ch), OK);
    }
}

static int setup(void **state)
{
    (void)state;
    if (getenv("BEREG_WALK"))
        steps_wanted = strtoll(getenv("BEREG_WALK"), NULL, 10);
    if (getenv("BEREG_WALK_SEED"))
        dice = strtoull(getenv("BEREG_WALK_SEED"), NULL, 10);
    printf("# BEREG_WALK_SEED=%llu\n", (unsigned long long)dice);
    make_register();
    make_bodies();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    request_close(&rq);
    store_close(store);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char path[120];
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
    return 0;
}

/* ---- the walk ---- */

static void forward(int64_t route)
{
    as("lead");
    route_forward(&rq, route);
    if (rq.err)
        fail_msg("route %lld is not led on: %s", (long long)route, err_name(rq.err));
}

/* What was done may be refused (a role does not write a reason, another was faster), never fail. */
static void done(const char *what)
{
    steps_done++;
    if (rq.err && rq.err != ERR_REFUSED && rq.err != ERR_INPUT && rq.err != ERR_STALE)
        fail_msg("%s: %s", what, err_name(rq.err));
}

static const char *login_of(int64_t body)
{
    static char login[40];
    union body_facts_row b;
    as(NULL);
    assert_true(q_body_facts(&rq, &(struct body_facts_args){.id = v_int(body)}, &b));
    snprintf(login, sizeof login, "%.*s", TEXT_ARG(v_as_text(b.name)));
    return login;
}

static void answer(int64_t referral)
{
    as(NULL);
    struct referral_facts f = referral_facts(&rq, referral);
    char state[20];
    snprintf(state, sizeof state, "%.*s", TEXT_ARG(f.state));
    int64_t none;
    if (strcmp(state, "returned") == 0 || below(30) == 0) { /* the sender's turn, or he thinks better of it */
        as("lead");
        if (strcmp(state, "returned") == 0)
            referral_resend(&rq, referral, -1, &(struct resend_form){.note.value = v_z("дополнено")});
        else
            referral_withdraw(&rq, referral, -1);
        done("the sender");
        return;
    }
    as(login_of(f.to_body));
    if (strcmp(state, "accepted") == 0 && below(3) == 0)
        referral_begin(&rq, referral, -1);
    else if (strcmp(state, "accepted") == 0 || strcmp(state, "in_progress") == 0)
        referral_finish(&rq, referral, -1,
                        &(struct result_form){.finished_on.value = v_date(rq.today),
                                              .result.value = v_z((const char *[]){"full", "part", "none", "refused"}[below(4)])});
    else if (strcmp(state, "sent") == 0 && below(4) == 0)
        referral_receive(&rq, referral, -1);
    else if (below(8) == 0)
        referral_return(&rq, referral, -1, &(struct return_form){.result_note.value = v_z("нет копии")});
    else if (below(4) == 0)
        referral_decline(&rq, referral, -1,
                         &(struct decline_form){.decline_reason.value = v_z("no_capacity"), .result_note.value = v_null()});
    else
        referral_accept(&rq, referral, -1, &none);
    done(state);
}

static void decide(int64_t step, int64_t version, const char *state)
{
    as("lead");
    if (strcmp(state, "own") == 0)
        route_outcome(&rq, step, version,
                      &(struct outcome_form){.outcome.value = v_z(below(3) ? "done" : "not_done"), .note.value = v_null()});
    else if (strcmp(state, "decide") == 0 && below(2))
        route_again(&rq, step, version);
    else if (strcmp(state, "decide") == 0)
        route_conclude(&rq, step, version);
    else
        route_skip(&rq, step, version,
                   &(struct skip_form){.outcome.value = v_z("done"), .note.value = v_z("прогулка")});
    done(state);
}

struct choice {
    int64_t step, version, referral;
    char state[12];
};

/* All that anybody could do on the route now. */
static int choices_of(int64_t route, struct choice *out)
{
    struct route_steps_all_rows steps;
    int n = 0;
    as(NULL);
    q_route_steps_all(&rq, &(struct route_steps_all_args){.route = v_int(route)}, &steps);
    for (size_t i = 0; i < steps.n && n < OPEN_MAX; i++) {
        struct choice c = {.step = v_as_int(steps.row[i].id), .version = v_as_int(steps.row[i].version)};
        snprintf(c.state, sizeof c.state, "%.*s", TEXT_ARG(v_as_text(steps.row[i].state)));
        if (strcmp(c.state, "closed") == 0)
            continue;
        if (strcmp(c.state, "offered") && strcmp(c.state, "at_work")) {
            out[n++] = c;
            continue;
        }
        struct offers_of_step_rows offers;
        q_offers_of_step(&rq, &(struct offers_of_step_args){.step = steps.row[i].id}, &offers);
        for (size_t k = 0; k < offers.n && n < OPEN_MAX; k++) {
            c.referral = v_as_int(offers.row[k].referral_id);
            if (referral_open(referral_facts(&rq, c.referral).state))
                out[n++] = c;
        }
    }
    return n;
}

static void found(void *ctx, const char *text)
{
    (void)ctx;
    fail_msg("check: %s", text);
}

static void look(void)
{
    as(NULL);
    routing_room.check(&rq, found, NULL);
    assert_int_equal(rq.err, OK);
}

static void walk(void **state)
{
    (void)state;
    static struct choice open[OPEN_MAX];
    while (steps_done < steps_wanted) {
        int i = below(CASES);
        if (!routes[i]) {
            as("lead");
            struct text code = arena_printf(rq.arena, "walk%d", below(SCHEMES));
            union scheme_in_force_row s;
            assert_true(q_scheme_in_force(&rq, &(struct scheme_in_force_args){.code = v_text(code)}, &s));
            routes[i] = route_start(&rq, cases[i], v_as_int(s.id));
            if (rq.err)
                fail_msg("no route begins: %s %s", err_name(rq.err), rq.reason ? rq.reason : "");
            forward(routes[i]);
            continue;
        }
        int n = choices_of(routes[i], open);
        union route_facts_row_row f;
        assert_true(q_route_facts_row(&rq, &(struct route_facts_row_args){.id = v_int(routes[i])}, &f));
        if (!text_is(v_as_text(f.state), "running")) {
            assert_int_equal(n, 0); /* nothing is left of an ended route */
            routes[i] = 0;
            ended++;
            continue;
        }
        if (!n)
            fail_msg("route %lld is stuck: nobody can do anything", (long long)routes[i]);
        const struct choice *c = &open[below(n)];
        if (c->referral)
            answer(c->referral);
        else
            decide(c->step, c->version, c->state);
        forward(routes[i]);
        if (steps_done % LOOK_EVERY == 0)
            look();
    }
    look();
    printf("# %lld steps, %lld routes ended\n", (long long)steps_done, (long long)ended);
    assert_true(ended > steps_wanted / 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(walk)};
    return cmocka_run_group_tests_name("walk", tests, setup, teardown);
}
