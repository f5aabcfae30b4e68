/* Changed rules of access: what grants open is computed anew, body by body, person by person. Until
 * a body is through, the door computes each of its rows by the rules in force: a narrower rule
 * closes with the commit of the packs. */
#include "guard/guard.h"
#include "guard_gen.h"
#include <time.h>

enum {
    SLICE_US = 15 * 1000, /* of the writer at a time; others wait for it */
    ROWS_FIRST = 200,
    ROWS_LEAST = 50,
    ROWS_MOST = 5000
};

void access_rules_changed(struct change *ch, struct text body_kind)
{
    w_rule_work_kind(ch, &(struct rule_work_kind_args){.kind = v_text(body_kind)});
}

void access_body_changed(struct change *ch, int64_t body)
{
    w_rule_work_body(ch, &(struct rule_work_body_args){.body = v_int(body)});
}

void law_work_begin(struct change *ch)
{
    w_setting_put(ch, &(struct setting_put_args){.name = v_z("law_work"), .value = v_z("0")});
}

/* The grants of one person to the body: rows [from, to). */
static void person_again(struct change *ch, struct value body, const char *kind,
                         const struct rule_work_grants_rows *rows, size_t from, size_t to)
{
    uint32_t bits = 0;
    int64_t recheck = 0;
    for (size_t i = from; i < to; i++) {
        const union rule_work_grants_row *g = &rows->row[i];
        int64_t until = v_as_int(g->until);
        uint32_t classes = access_rule_of(v_as_text(g->fact), kind, v_as_text(g->reason), g->cap);
        if (classes != (uint32_t)v_as_int(g->classes))
            w_grant_classes_put(
                ch, &(struct grant_classes_put_args){.id = g->id, .classes = v_int(classes)});
        if (until && until <= ch->rq->now)
            continue;
        bits |= classes;
        if (until && (!recheck || until < recheck))
            recheck = until;
    }
    const union rule_work_grants_row *g = &rows->row[from];
    bits = access_restricted(ch->rq, v_as_int(body), v_as_int(g->person_id), bits);
    if (bits == (uint32_t)v_as_int(g->bits) && recheck == v_as_int(g->recheck_at))
        return;
    if (bits)
        w_access_put(
            ch, &(struct access_put_args){.body = body,
                                          .person = g->person_id,
                                          .bits = v_int(bits),
                                          .recheck_at = recheck ? v_instant(recheck) : v_null()});
    else
        w_access_drop(ch, &(struct access_drop_args){.body = body, .person = g->person_id});
}

static void write_rows(struct change *ch, const union rule_work_next_row *work,
                       const struct rule_work_grants_rows *rows, size_t n)
{
    const char *kind = arena_z(ch->rq->arena, v_as_text(work->kind));
    enum err err = conn_batch(ch->rq->conn, true);
    for (size_t i = 0, end; i < n && !err && !ch->rq->err; i = end) {
        for (end = i + 1; end < n && v_eq(rows->row[end].person_id, rows->row[i].person_id);)
            end++;
        person_again(ch, work->body_id, kind, rows, i, end);
    }
    if (!err)
        err = conn_batch(ch->rq->conn, false);
    if (err)
        rq_fail(ch->rq, err);
}

/* The next persons of the next body; false when nothing is left. *rows: how many grants, then how
 * many next time. */
static bool slice(struct request *rq, size_t *rows)
{
    struct change ch;
    union rule_work_next_row work;
    struct rule_work_grants_rows grants = {0};
    if (!q_rule_work_next(rq, &(struct rule_work_next_args){0}, &work))
        return false;
    change_begin_alone(rq, &ch);
    packs_check(rq);
    int64_t began = clock_monotonic();
    bool there = q_rule_work_next(rq, &(struct rule_work_next_args){0}, &work);
    if (there)
        q_rule_work_grants(rq,
                           &(struct rule_work_grants_args){.body = work.body_id,
                                                           .after = work.person_at,
                                                           .rows = v_int((int64_t)*rows)},
                           &grants);
    size_t n = grants.n; /* the last person may go on behind the limit */
    bool all = n < *rows;
    while (!all && n && v_eq(grants.row[n - 1].person_id, grants.row[grants.n - 1].person_id))
        n--;
    write_rows(&ch, &work, &grants, n);
    if (all && there)
        w_rule_work_done(&ch, &(struct rule_work_done_args){.body = work.body_id});
    else if (n)
        w_rule_work_at(&ch, &(struct rule_work_at_args){.body = work.body_id,
                                                        .person = grants.row[n - 1].person_id});
    ch.events++; /* nothing happened to anybody: the change of packs has its event */
    change_commit(&ch);
    size_t next = (size_t)((int64_t)grants.n * SLICE_US / (clock_monotonic() - began + 1));
    *rows = !all && !n          ? *rows * 2
            : next < ROWS_LEAST ? ROWS_LEAST
            : next > ROWS_MOST  ? ROWS_MOST
                                : next;
    return there;
}

void rule_work_off(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    size_t rows = ROWS_FIRST;
    rq->arena = mine;
    while (rq_goes_on(rq) && slice(rq, &rows)) {
        arena_reset(mine);
        nanosleep(&(struct timespec){.tv_nsec = 2000000},
                  NULL); /* who waits for the writer gets it */
    }
    rq->arena = outer;
    arena_free(mine);
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT)
        rq->err = OK; /* another node is at the same work: it goes on */
}
