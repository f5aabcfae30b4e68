#include "rooms/trust/trust_log.h"
#include "guard/audit.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/packs/packs.h"
#include <stdlib.h>
#include <string.h>

static const int64_t minute_us = 60 * 1000 * 1000;
/* A claim is renewed each minute; one that is older belongs to a program that was killed. */
enum { CLAIM_MINUTES = 10, FAULTS_MOST = 1000 };

/* ---- the packs ---- */

static const struct pack_entry *rules(void)
{
    return pack_find("log_check", T("rules"));
}

static int64_t number(const char *name)
{
    const struct pack_entry *e = rules();
    int64_t n = 0;
    return e && text_int(pack_prop(e, name), 1, 1000, &n) == OK ? n : 0;
}

enum err log_check_take(const struct pack_entry *e, struct fault *fault)
{
    static const char *const numbers[] = {"new.days", "whole.days"};
    int64_t n;
    int minutes;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (text_int(pack_prop(e, numbers[i]), 1, 1000, &n))
            return fault_set(fault, ERR_SYNTAX, "%.*s: %s is a number of days", TEXT_ARG(e->place), numbers[i]);
    if (time_parse(pack_prop(e, "from"), &minutes) || time_parse(pack_prop(e, "to"), &minutes))
        return fault_set(fault, ERR_SYNTAX, "%.*s: from and to are times of day", TEXT_ARG(e->place));
    return OK;
}

/* ---- what is to be checked ---- */

struct task {
    bool due, whole;
    int64_t behind;   /* head up to which everything was looked at; 0: none */
    int64_t asked_by; /* 0: nobody */
};

static int64_t setting_int(struct request *rq, const char *name)
{
    union setting_get_row row;
    int64_t n = 0;
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z(name)}, &row) || text_int(v_as_text(row.value), 0, INT64_MAX, &n))
        return 0;
    return n;
}

static void setting_put_int(struct change *ch, const char *name, int64_t n)
{
    w_setting_put(ch, &(struct setting_put_args){.name = v_z(name), .value = v_text(arena_printf(ch->rq->arena, "%lld", (long long)n))});
}

static bool is_night(struct request *rq)
{
    int from = 0, to = 0;
    int64_t minute = (rq->now - instant_of_day(rq->today)) / minute_us;
    if (time_parse(pack_prop(rules(), "from"), &from) || time_parse(pack_prop(rules(), "to"), &to))
        return false;
    return minute >= from && minute < to;
}

/* At night on the day; where nobody works at night, the day after at any hour. */
static bool is_due(struct request *rq, int64_t since, int64_t days)
{
    int64_t past = rq->today - instant_day(since);
    return days && (past > days || (past == days && is_night(rq)));
}

/* From when on checks are due: the day on which the job has run for the first time. */
static int64_t begun_at(struct request *rq)
{
    struct change ch;
    int64_t at = setting_int(rq, "log_check_since");
    if (at)
        return at;
    change_begin(rq, &ch, NO_SUBJECT);
    setting_put_int(&ch, "log_check_since", rq->now);
    ch.events++; /* nothing happened to anybody */
    (void)change_commit(&ch);
    return rq->now;
}

static struct task task_of(struct request *rq)
{
    union log_check_newest_row last = {0}, whole = {0};
    struct task t = {.asked_by = setting_int(rq, "log_check_asked")};
    int64_t begun = begun_at(rq);
    bool any = q_log_check_newest(rq, &(struct log_check_newest_args){0}, &last);
    bool once = q_log_check_newest(rq, &(struct log_check_newest_args){.whole = v_int(1)}, &whole);
    t.whole = t.asked_by || is_due(rq, once ? v_as_int(whole.ended_at) : begun, number("whole.days"));
    t.due = t.whole || is_due(rq, any ? v_as_int(last.ended_at) : begun, number("new.days"));
    t.behind = t.whole || !any ? 0 : v_as_int(last.head_id);
    return t;
}

/* One node at a time. */
static bool claim(struct request *rq, bool first)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_LOG_CHECK);
    bool mine = !first || setting_int(rq, "log_check_claimed") < rq->now - CLAIM_MINUTES * minute_us;
    if (mine)
        setting_put_int(&ch, "log_check_claimed", clock_now());
    ch.events++; /* nothing happened to anybody */
    return change_commit(&ch) == OK && mine;
}

/* ---- the check ---- */

struct faults {
    size_t n;
    struct audit_fault of[FAULTS_MOST];
};

static void take_fault(void *ctx, const struct audit_fault *f)
{
    struct faults *all = ctx;
    if (all->n == FAULTS_MOST || strcmp(f->code, "more") == 0)
        return;
    all->of[all->n] = *f;
    all->of[all->n++].text = NULL; /* it does not last */
}

static struct value or_none(int64_t n)
{
    return n ? v_int(n) : (struct value){0};
}

static void write_faults(struct change *ch, int64_t check, const struct faults *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct audit_fault *f = &all->of[i];
        union log_fault_record r = {.check_id = v_int(check), .kind = v_z(f->code), .from_row = or_none(f->from), .to_row = or_none(f->to)};
        if (f->log)
            r.log = v_z(log_table(f->log)->name);
        if (f->at)
            r.head_at = v_instant(f->at);
        change_write(ch, &log_fault_table, r.v);
    }
}

static bool write_check(struct request *rq, const struct task *t, int64_t begun, const struct audit_result *res, const struct faults *all)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union log_check_record r = {.whole = v_int(res->whole),
                                .begun_at = v_instant(begun),
                                .ended_at = v_instant(clock_now()),
                                .head_id = or_none(res->head),
                                .head_at = res->head ? v_instant(res->head_at) : (struct value){0},
                                .event_n = v_int((int64_t)res->n[LOG_EVENT]),
                                .read_n = v_int((int64_t)res->n[LOG_READ]),
                                .faults = v_int((int64_t)res->found),
                                .asked_by = or_none(t->asked_by)};
    int64_t id = change_insert(&ch, &log_check_table, r.v);
    write_faults(&ch, id, all);
    setting_put_int(&ch, "log_check_claimed", 0);
    if (t->asked_by)
        setting_put_int(&ch, "log_check_asked", 0);
    change_event(&ch, &(struct event){.kind = res->found ? "log.fault_found" : "log.checked", .table = &log_check_table, .object = id});
    return change_commit(&ch) == OK;
}

/* What was not ended begins again with the next run. */
static void give_back(struct request *rq)
{
    struct change ch;
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT)
        rq->err = OK;
    change_begin(rq, &ch, NO_SUBJECT);
    setting_put_int(&ch, "log_check_claimed", 0);
    ch.events++; /* nothing happened to anybody */
    (void)change_commit(&ch);
}

void log_check_run(struct request *rq)
{
    struct task t = task_of(rq);
    int64_t begun = clock_now(), renewed = clock_monotonic();
    struct audit_result res;
    if (!t.due || rq->err || !claim(rq, true))
        return;
    struct faults *all = calloc(1, sizeof *all);
    if (!all)
        abort();
    struct audit_walk *w = audit_begin(rq, &(struct audit){.origin = true, .fault = take_fault, .ctx = all}, t.behind);
    while (rq_goes_on(rq) && audit_step(w))
        if (clock_monotonic() - renewed > minute_us) {
            renewed = clock_monotonic();
            claim(rq, false);
        }
    bool done = audit_end(w, &res);
    if (rq->err == ERR_STORE) { /* by another hand, as a rule: who cannot read a log to its end says so */
        rq->err = OK;
        take_fault(all, &(struct audit_fault){.code = "unreadable"});
        res.found++;
        done = true;
    }
    if (!done || rq->err || !write_check(rq, &t, begun, &res, all))
        give_back(rq);
    free(all);
}

/* ---- the auditor ---- */

bool log_check_asked(struct request *rq)
{
    return setting_int(rq, "log_check_asked") != 0;
}

void log_check_ask(struct request *rq)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_LOG_CHECK);
    if (!rq_may(rq, CAP_AUDIT))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (log_check_asked(rq))
        rq_refuse(rq, N_("A check is asked for already"));
    setting_put_int(&ch, "log_check_asked", rq->viewer.account);
    change_event(&ch, &(struct event){.kind = "log.check_asked"});
    (void)change_commit(&ch);
}
