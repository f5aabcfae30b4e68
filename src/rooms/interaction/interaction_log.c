/* The reader of the event log. Events are put together to one row for each referral (interaction_item); the pairs and months concerned
 * are queued, and their sums are made anew from those rows, so that an event read twice, or late, changes nothing. */
#include "base/date.h"
#include "guard/codes.h"
#include "rooms/interaction/interaction_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports.h"

enum {
    SLICE_US = 20 * 1000, /* of the writer at a time; others wait for it */
    STEP_FIRST = 2000,    /* events or rows */
    STEP_LEAST = 200,
    STEP_MOST = 20000,
    FAR = 100000, /* so far behind, all sums are queued at the end of the log */
    MONTHS_FIRST = 3
};

static void fold(struct change *ch, int64_t first, int64_t last)
{
    struct value a = v_int(first), b = v_int(last);
    w_items_fold(ch, &(struct items_fold_args){.first = a, .last = b});
    w_due_events(ch, &(struct due_events_args){.first = a, .last = b});
    w_due_destroyed(ch, &(struct due_destroyed_args){.first = a, .last = b});
    w_items_destroyed(ch, &(struct items_destroyed_args){.first = a, .last = b});
}

/* The pairs are queued when all is read; those of what is destroyed at once, since no row is left to find them by. */
static void fold_far(struct change *ch, int64_t first, int64_t last)
{
    struct value a = v_int(first), b = v_int(last);
    w_items_fold(ch, &(struct items_fold_args){.first = a, .last = b});
    w_due_destroyed(ch, &(struct due_destroyed_args){.first = a, .last = b});
    w_items_destroyed(ch, &(struct items_destroyed_args){.first = a, .last = b});
}

static const struct log_reader reader = {"interaction", fold}, far_reader = {"interaction", fold_far};

/* What is to be done before the log is followed event by event. The stage stands in the register, so that who was cut off, and who
 * works on another node, goes on from there. */
enum stage { FOLLOWS, CLEARS, READS_FAR, QUEUES };
static const struct log_reader stage_mark = {"interaction.stage", NULL};
/* In the stage QUEUES: the last referral whose pair is queued. */
static const struct log_reader queued_mark = {"interaction.queued", NULL};

static enum stage stage_of(struct request *rq)
{
    return (enum stage)log_reader_at(rq, &stage_mark);
}

/* A slice of a stage; false when another node has gone on to the next stage meanwhile. */
static bool stage_begin(struct change *ch, struct request *rq, enum stage stage)
{
    change_begin_index(rq, ch);
    log_reader_hold(ch, &reader);
    return stage_of(rq) == stage;
}

static void stage_put(struct change *ch, enum stage stage)
{
    log_reader_put(ch, &queued_mark, 0);
    log_reader_put(ch, &stage_mark, stage);
}

static void stage_set(struct request *rq, enum stage from, enum stage to)
{
    struct change ch;
    if (stage_begin(&ch, rq, from))
        stage_put(&ch, to);
    commit_index(&ch);
}

/* The first rows of what is kept go; at the end the log is read from its beginning. */
static void clear_on(struct request *rq, int64_t step)
{
    struct change ch;
    struct value rows = v_int(step);
    union days_next_row d = {0};
    union sums_next_row s = {0};
    union reasons_next_row r = {0};
    union items_next_row i = {0};
    if (!stage_begin(&ch, rq, CLEARS)) {
        /* another node has */
    } else if (q_days_next(rq, &(struct days_next_args){.rows = rows}, &d)) {
        w_days_clear(&ch, &(struct days_clear_args){.month = d.month, .from = d.from_body_id});
    } else if (q_sums_next(rq, &(struct sums_next_args){.rows = rows}, &s)) {
        w_sums_clear(&ch, &(struct sums_clear_args){.month = s.month, .from = s.from_body_id});
    } else if (q_reasons_next(rq, &(struct reasons_next_args){.rows = rows}, &r)) {
        w_reasons_clear(&ch, &(struct reasons_clear_args){.month = r.month, .from = r.from_body_id});
    } else if (q_items_next(rq, &(struct items_next_args){.after = v_int(0), .rows = rows}, &i)) {
        w_items_clear(&ch, &(struct items_clear_args){.last = i.referral_id});
    } else {
        log_reader_put(&ch, &reader, 0);
        stage_put(&ch, READS_FAR);
    }
    commit_index(&ch);
}

/* The pairs of the next referrals. */
static void queue_on(struct request *rq, int64_t step)
{
    struct change ch;
    union items_next_row i = {0};
    if (stage_begin(&ch, rq, QUEUES)) {
        struct value after = v_int(log_reader_at(rq, &queued_mark));
        if (q_items_next(rq, &(struct items_next_args){.after = after, .rows = v_int(step)}, &i)) {
            w_due_items(&ch, &(struct due_items_args){.after = after, .last = i.referral_id});
            log_reader_put(&ch, &queued_mark, v_as_int(i.referral_id));
        } else {
            stage_put(&ch, FOLLOWS);
        }
    }
    commit_index(&ch);
}

/* The next slice; false when the log is read to its end. *step: how many rows or events, then how many next time. */
static bool read_on(struct request *rq, int64_t *step)
{
    int64_t began = clock_monotonic();
    bool more = true;
    switch (stage_of(rq)) {
    case CLEARS:
        clear_on(rq, *step);
        break;
    case READS_FAR:
        if (!log_read_on(rq, &far_reader, *step) && !rq->err)
            stage_set(rq, READS_FAR, QUEUES);
        break;
    case QUEUES:
        queue_on(rq, *step);
        break;
    case FOLLOWS:
        if (log_behind(rq, &reader) > FAR)
            stage_set(rq, FOLLOWS, READS_FAR);
        else
            more = log_read_on(rq, &reader, *step);
        break;
    }
    int64_t next = *step * SLICE_US / (clock_monotonic() - began + 1);
    *step = next < STEP_LEAST ? STEP_LEAST : next > STEP_MOST ? STEP_MOST : next;
    return more;
}

/* The sums of one pair, for its first months that are due; false when nothing is. */
static bool add_up(struct change *ch, int64_t rows, int64_t *months)
{
    struct request *rq = ch->rq;
    union due_pair_row pair = {0};
    struct due_months_rows due = {0};
    if (!q_due_pair(rq, &(struct due_pair_args){0}, &pair))
        return false;
    struct value f = pair.from_body_id, t = pair.to_body_id;
    q_due_months(rq, &(struct due_months_args){.from = f, .to = t, .rows = v_int(rows)}, &due);
    if (!due.n)
        return false;
    struct value last = due.row[due.n - 1].month;
    w_sums_drop(ch, &(struct sums_drop_args){.from = f, .to = t, .last = last});
    w_days_drop(ch, &(struct days_drop_args){.from = f, .to = t, .last = last});
    w_reasons_drop(ch, &(struct reasons_drop_args){.from = f, .to = t, .last = last});
    w_sums_add(ch, &(struct sums_add_args){.from = f, .to = t, .last = last});
    w_days_add(ch, &(struct days_add_args){.from = f, .to = t, .last = last});
    w_days_add_results(ch, &(struct days_add_results_args){.from = f, .to = t, .last = last});
    w_reasons_add(ch, &(struct reasons_add_args){.from = f, .to = t, .last = last});
    w_due_done(ch, &(struct due_done_args){.from = f, .to = t, .last = last});
    *months += (int64_t)due.n;
    return !rq->err;
}

/* Some pairs in one change. */
static bool slice(struct request *rq, int64_t *rows)
{
    union due_pair_row any = {0};
    struct change ch;
    int64_t months = 0;
    if (rq->err || !q_due_pair(rq, &(struct due_pair_args){0}, &any))
        return false;
    change_begin_index(rq, &ch);
    int64_t began = clock_monotonic(), took;
    log_reader_hold(&ch, &reader);
    bool more = true;
    do {
        more = add_up(&ch, *rows, &months);
        took = clock_monotonic() - began;
    } while (more && took < SLICE_US / 2);
    commit_index(&ch);
    int64_t fit = months * SLICE_US / (took + 1);
    *rows = fit < 1 ? 1 : fit > 60 ? 60 : fit;
    return more;
}

/* A body that is closed counts with its last successor. */
static void keep_bodies(struct request *rq)
{
    struct interaction_bodies_rows rows = {0};
    struct change ch = {0};
    q_interaction_bodies(rq, &(struct interaction_bodies_args){0}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union interaction_bodies_row *b = &rows.row[i];
        for (size_t steps = 0; v_is(b->successor_id) && steps < rows.n; steps++) {
            size_t k = 0;
            while (k < rows.n && v_as_int(rows.row[k].id) != v_as_int(b->successor_id))
                k++;
            if (k == rows.n)
                break;
            b = &rows.row[k];
        }
        if (v_is(rows.row[i].kept) && v_as_int(rows.row[i].kept) == v_as_int(b->id))
            continue;
        if (!ch.open)
            change_begin_index(rq, &ch);
        w_body_now_put(&ch, &(struct body_now_put_args){.body = rows.row[i].id, .stands = b->id});
    }
    if (ch.open)
        commit_index(&ch);
}

bool interaction_catch_up(struct request *rq, int64_t budget)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t began = clock_monotonic(), step = STEP_FIRST, rows = MONTHS_FIRST;
    bool reading = true, more = true;
    rq->arena = mine;
    keep_bodies(rq);
    while (more && !rq->err && !(budget && clock_monotonic() - began > budget)) {
        if (reading)
            reading = read_on(rq, &step);
        more = reading || slice(rq, &rows);
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
    return log_work_ended(rq, more);
}

void interaction_rebuild(struct request *rq)
{
    struct change ch;
    change_begin_index(rq, &ch);
    log_reader_hold(&ch, &reader);
    stage_put(&ch, CLEARS);
    commit_index(&ch);
}

static enum err add_wait(void *ctx, const struct value *cells)
{
    const union wait_days_row *row = (const union wait_days_row *)cells;
    struct { struct arena *arena; struct spread s; } *c = ctx;
    spread_add(c->arena, &c->s, v_as_int(row->days), v_as_int(row->n));
    return OK;
}

bool interaction_wait(struct request *rq, int64_t body, struct text need, int64_t *days)
{
    const struct code_list *list = code_list("need");
    const struct code *code = list && need.n ? code_find(list, need) : NULL;
    struct { struct arena *arena; struct spread s; } c = {.arena = rq->arena};
    if (need.n && (!code || code->cover))
        return false;
    each_wait_days(rq,
                   &(struct wait_days_args){.stands = v_int(body),
                                            .first = v_int(year_month(date_add_months(rq->today, -5))),
                                            .last = v_int(year_month(rq->today)),
                                            .need = need.n ? v_text(need) : (struct value){0}},
                   add_wait, &c);
    *days = quantile(&c.s, 1, 2);
    return !rq->err && c.s.all >= interaction_small();
}
