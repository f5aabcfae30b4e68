/* The reader of the event log that keeps `served`. Persons touched by events of services,
 * categories and the register of persons are queued in served_due; their rows are then made anew
 * from services and categories, some thousands at a time, so that nobody waits for the writer.
 *
 * On PostgreSQL a change committed later may bring events with smaller numbers than those already
 * read. Numbers that are missing are therefore kept as gaps and looked at again, until they are
 * older than any change may last. */
#include "reports_gen.h"
#include "rooms/reports/reports_rules.h"

enum {
    SLICE_US = 20 * 1000, /* of the writer at a time; others wait for it */
    EVENTS = 10000,       /* of the log at a time */
    PERSONS_FIRST = 100,
    PERSONS_LEAST = 20,
    PERSONS_MOST = 5000,
    PERSONS_ALONE = 20000, /* when nobody else is there */
    IDS = 10000
};
static const int64_t change_lasts = 3600 * 1000000ll;
static const char *const reader = "served";

int64_t log_id_at(struct request *rq, int64_t instant)
{
    union log_last_row last = {0};
    q_log_last(rq, &(struct log_last_args){0}, &last);
    int64_t low = 1, high = v_as_int(last.id) + 1;
    while (low < high && !rq->err) {
        int64_t middle = low + (high - low) / 2;
        union log_event_from_row e = {0};
        if (!q_log_event_from(rq, &(struct log_event_from_args){.id = v_int(middle)}, &e) ||
            v_as_int(e.at) >= instant)
            high = middle;
        else
            low = v_as_int(e.id) + 1;
    }
    return low;
}

static void keep_gap(struct change *ch, int64_t first, int64_t last)
{
    struct text name = arena_printf(ch->rq->arena, "%s gap %lld", reader, (long long)first);
    w_log_at_put(ch, &(struct log_at_put_args){.reader = v_text(name), .event = v_int(last)});
}

/* Keeps the missing numbers of [first, last] as gaps. */
static void find_gaps(struct change *ch, int64_t first, int64_t last)
{
    struct request *rq = ch->rq;
    int64_t young = log_id_at(rq, rq->now - change_lasts), expected = first > young ? first : young;
    for (size_t n = IDS; n == IDS && expected <= last && !rq->err;) {
        struct log_ids_rows ids;
        q_log_ids(rq, &(struct log_ids_args){.first = v_int(expected), .last = v_int(last)}, &ids);
        n = ids.n;
        for (size_t i = 0; i < n; i++) {
            int64_t id = v_as_int(ids.row[i].id);
            if (id > expected)
                keep_gap(ch, expected, id - 1);
            expected = id + 1;
        }
    }
    if (expected <= last)
        keep_gap(ch, expected, last);
}

/* The gaps first: what is committed between the two statements is then in one or in both. */
static void queue(struct change *ch, int64_t first, int64_t last)
{
    find_gaps(ch, first, last);
    w_served_due_events(
        ch, &(struct served_due_events_args){.first = v_int(first), .last = v_int(last)});
}

/* Gaps that have been filled since, or never will be. */
static void look_into_gaps(struct change *ch, const struct log_gaps_rows *gaps)
{
    struct request *rq = ch->rq;
    for (size_t i = 0; i < gaps->n && !rq->err; i++) {
        struct text name = v_as_text(gaps->row[i].reader);
        int64_t first, last = v_as_int(gaps->row[i].event_id);
        size_t skip = strlen(reader) + 5;
        union log_event_from_row e = {0};
        if (name.n <= skip ||
            text_int((struct text){name.s + skip, name.n - skip}, 1, INT64_MAX, &first))
            continue;
        bool any = q_log_event_from(rq, &(struct log_event_from_args){.id = v_int(first)}, &e);
        bool filled = any && v_as_int(e.id) <= last;
        if (!filled && !(any && v_as_int(e.at) < rq->now - change_lasts))
            continue;
        w_log_at_drop(ch, &(struct log_at_drop_args){.reader = gaps->row[i].reader});
        if (filled)
            queue(ch, first, last);
    }
}

/* An index of the log itself: nothing happened to anybody, so no event is written. */
static void commit_index(struct change *ch)
{
    ch->events++;
    change_commit(ch);
}

static bool position(struct request *rq, int64_t *at)
{
    union log_at_get_row row = {0};
    bool there = q_log_at_get(rq, &(struct log_at_get_args){.reader = v_z(reader)}, &row);
    *at = v_as_int(row.event_id);
    return there;
}

static int64_t last_event(struct request *rq)
{
    union log_last_row row = {0};
    q_log_last(rq, &(struct log_last_args){0}, &row);
    return v_as_int(row.id);
}

/* Queues whom the next events of the log have touched; false when it is read to its end. */
static bool read_on(struct request *rq)
{
    struct log_gaps_rows gaps;
    int64_t at;
    bool begun = position(rq, &at);
    q_log_gaps(rq, &(struct log_gaps_args){0}, &gaps);
    if (rq->err || (begun && at >= last_event(rq) && !gaps.n))
        return false;
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_log_at_hold(&ch, &(struct log_at_hold_args){.reader = v_z(reader)});
    (void)position(rq, &at);
    int64_t last = last_event(rq), to = last - at > EVENTS ? at + EVENTS : last;
    if (to > at)
        queue(&ch, at + 1, to);
    q_log_gaps(rq, &(struct log_gaps_args){0}, &gaps);
    look_into_gaps(&ch, &gaps);
    w_log_at_put(&ch, &(struct log_at_put_args){.reader = v_z(reader), .event = v_int(to)});
    commit_index(&ch);
    return to < last;
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
    change_begin(rq, &ch, NO_SUBJECT);
    int64_t began = clock_monotonic();
    w_log_at_hold(&ch, &(struct log_at_hold_args){.reader = v_z(reader)});
    w_served_drop(&ch, &(struct served_drop_args){.last = last});
    w_served_add(&ch, &(struct served_add_args){.last = last});
    w_served_add_total(&ch, &(struct served_add_total_args){.last = last});
    w_served_due_done(&ch, &(struct served_due_done_args){.last = last});
    commit_index(&ch);
    size_t next = (size_t)((int64_t)due.n * SLICE_US / (clock_monotonic() - began + 1));
    bool more = due.n == *persons;
    *persons = next < PERSONS_LEAST ? PERSONS_LEAST : next > PERSONS_MOST ? PERSONS_MOST : next;
    return more;
}

/* Another node may be at the same work: it goes on then. */
static bool end_of_work(struct request *rq, bool more)
{
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT) {
        rq->err = OK;
        return false;
    }
    return !more && !rq->err;
}

bool reports_catch_up(struct request *rq, int64_t budget)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t began = clock_monotonic();
    size_t persons = PERSONS_FIRST;
    bool reading = true, more = true;
    rq->arena = mine;
    while (more && !rq->err && !(budget && clock_monotonic() - began > budget)) {
        reading = reading && read_on(rq);
        more = slice(rq, &persons) || reading;
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
    return end_of_work(rq, more);
}

void reports_rebuild(struct request *rq)
{
    struct change ch;
    size_t persons;
    change_begin(rq, &ch, NO_SUBJECT);
    w_served_due_all(&ch, &(struct served_due_all_args){0});
    w_log_at_put(&ch, &(struct log_at_put_args){.reader = v_z(reader),
                                                .event = v_int(last_event(rq))});
    commit_index(&ch);
    do
        persons = PERSONS_ALONE;
    while (!rq->err && slice(rq, &persons));
}
