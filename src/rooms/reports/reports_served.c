/* The reader of the event log that keeps `served`. Persons touched by events of services,
 * categories and the register of persons are queued in served_due; their rows are then made anew
 * from services and categories, some thousands at a time, so that nobody waits for the writer. */
#include "guard/codes.h"
#include "reports_gen.h"
#include "rooms/reports/reports_rules.h"

enum {
    SLICE_US = 20 * 1000, /* of the writer at a time; others wait for it */
    EVENTS = 10000,       /* of the log at a time */
    PERSONS_FIRST = 100,
    PERSONS_LEAST = 20,
    PERSONS_MOST = 5000,
    PERSONS_ALONE = 20000 /* when nobody else is there */
};

static void queue(struct change *ch, int64_t first, int64_t last)
{
    w_served_due_events(
        ch, &(struct served_due_events_args){.first = v_int(first), .last = v_int(last)});
}

static const struct log_reader reader = {"served", queue};

/* Leaves out the sealed categories of those due. */
static void skip_covered(struct change *ch, struct value last)
{
    struct request *rq = ch->rq;
    const struct code_list *list = code_list("category");
    for (size_t i = 0; list && i < list->n && !rq->err; i++) {
        struct served_covered_rows rows;
        if (!list->codes[i].cover)
            continue;
        q_served_covered(rq,
                         &(struct served_covered_args){.last = last,
                                                       .category = v_z(list->codes[i].code)},
                         &rows);
        for (size_t k = 0; k < rows.n; k++)
            w_served_skip_add(ch, &(struct served_skip_add_args){.category = rows.row[k].id});
    }
}

/* Makes the rows of the next persons anew; false when nobody is due any more. *persons: how many,
 * then how many next time. */
static bool slice(struct request *rq, size_t *persons)
{
    struct served_due_next_rows due = {0};
    struct change ch;
    q_served_due_next(rq, &(struct served_due_next_args){.rows = v_int((int64_t)*persons)}, &due);
    if (!due.n)
        return false;
    struct value last = due.row[due.n - 1].person_id;
    change_begin_index(rq, &ch);
    int64_t began = clock_monotonic();
    log_reader_hold(&ch, &reader);
    w_served_drop(&ch, &(struct served_drop_args){.last = last});
    skip_covered(&ch, last);
    w_served_add(&ch, &(struct served_add_args){.last = last});
    w_served_add_total(&ch, &(struct served_add_total_args){.last = last});
    w_served_skip_drop(&ch, &(struct served_skip_drop_args){0});
    w_served_due_done(&ch, &(struct served_due_done_args){.last = last});
    commit_index(&ch);
    size_t next = (size_t)((int64_t)due.n * SLICE_US / (clock_monotonic() - began + 1));
    bool more = due.n == *persons;
    *persons = next < PERSONS_LEAST ? PERSONS_LEAST : next > PERSONS_MOST ? PERSONS_MOST : next;
    return more;
}

bool reports_catch_up(struct request *rq, int64_t budget)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t began = clock_monotonic();
    size_t persons = PERSONS_FIRST;
    bool reading = true, more = true;
    rq->arena = mine;
    while (more && !rq->err && !(budget && clock_monotonic() - began > budget)) {
        reading = reading && log_read_on(rq, &reader, EVENTS);
        more = slice(rq, &persons) || reading;
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
    return log_work_ended(rq, more);
}

void reports_rebuild(struct request *rq)
{
    struct change ch;
    size_t persons;
    change_begin_index(rq, &ch);
    w_served_due_all(&ch, &(struct served_due_all_args){0});
    log_reader_put(&ch, &reader, log_last_id(rq));
    commit_index(&ch);
    do
        persons = PERSONS_ALONE;
    while (!rq->err && slice(rq, &persons));
}

void reports_counted(struct request *rq, struct value *to, int64_t *behind)
{
    union log_at_get_row at = {0};
    union log_counted_row last = {0};
    union log_behind_row n = {0};
    q_log_at_get(rq, &(struct log_at_get_args){.reader = v_z(reader.name)}, &at);
    struct value id = v_int(v_as_int(at.event_id));
    q_log_counted(rq, &(struct log_counted_args){.id = id}, &last);
    q_log_behind(rq, &(struct log_behind_args){.id = id}, &n);
    *to = last.at;
    *behind = v_as_int(n.events) > v_as_int(n.persons) ? v_as_int(n.events) : v_as_int(n.persons);
}
