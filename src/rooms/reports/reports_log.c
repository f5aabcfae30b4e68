/* How readers follow the event log. On PostgreSQL a change committed later may bring events with
 * smaller numbers than those already read. Numbers that are missing are therefore kept as gaps and
 * looked at again, until they are older than any change may last. */
#include "guard/log.h"
#include "guard_gen.h"
#include "reports_gen.h"
#include "rooms/reports/reports_rules.h"

enum { IDS = 10000 };
static const int64_t change_lasts = 3600 * 1000000ll;

static void keep_gap(struct change *ch, const struct log_reader *r, int64_t first, int64_t last)
{
    struct text name = arena_printf(ch->rq->arena, "%s gap %lld", r->name, (long long)first);
    w_log_at_put(ch, &(struct log_at_put_args){.reader = v_text(name), .event = v_int(last)});
}

/* Keeps the missing numbers of [first, last] as gaps. */
static void find_gaps(struct change *ch, const struct log_reader *r, int64_t first, int64_t last)
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
                keep_gap(ch, r, expected, id - 1);
            expected = id + 1;
        }
    }
    if (expected <= last)
        keep_gap(ch, r, expected, last);
}

/* The gaps first: what is committed between the two statements is then in one or in both. */
static void take(struct change *ch, const struct log_reader *r, int64_t first, int64_t last)
{
    find_gaps(ch, r, first, last);
    r->take(ch, first, last);
}

static struct log_gaps_args gaps_of(struct request *rq, const struct log_reader *r)
{
    return (struct log_gaps_args){.from = v_text(arena_printf(rq->arena, "%s gap ", r->name)),
                                  .to = v_text(arena_printf(rq->arena, "%s gap!", r->name))};
}

/* Gaps that have been filled since, or never will be. */
static void look_into_gaps(struct change *ch, const struct log_reader *r)
{
    struct request *rq = ch->rq;
    struct log_gaps_rows gaps;
    struct log_gaps_args asked = gaps_of(rq, r);
    q_log_gaps(rq, &asked, &gaps);
    for (size_t i = 0; i < gaps.n && !rq->err; i++) {
        struct text name = v_as_text(gaps.row[i].reader);
        int64_t first, last = v_as_int(gaps.row[i].event_id);
        size_t skip = strlen(r->name) + 5;
        union log_event_from_row e = {0};
        if (name.n <= skip ||
            text_int((struct text){name.s + skip, name.n - skip}, 1, INT64_MAX, &first))
            continue;
        bool any = q_log_event_from(rq, &(struct log_event_from_args){.id = v_int(first)}, &e);
        bool filled = any && v_as_int(e.id) <= last;
        if (!filled && !(any && v_as_int(e.at) < rq->now - change_lasts))
            continue;
        w_log_at_drop(ch, &(struct log_at_drop_args){.reader = gaps.row[i].reader});
        if (filled)
            take(ch, r, first, last);
    }
}

void commit_index(struct change *ch)
{
    ch->events++;
    change_commit(ch);
}

static bool position(struct request *rq, const struct log_reader *r, int64_t *at)
{
    union log_at_get_row row = {0};
    bool there = q_log_at_get(rq, &(struct log_at_get_args){.reader = v_z(r->name)}, &row);
    *at = v_as_int(row.event_id);
    return there;
}

int64_t log_last_id(struct request *rq)
{
    union log_last_row row = {0};
    q_log_last(rq, &(struct log_last_args){0}, &row);
    return v_as_int(row.id);
}

int64_t log_reader_at(struct request *rq, const struct log_reader *r)
{
    int64_t at;
    (void)position(rq, r, &at);
    return at;
}

int64_t log_behind(struct request *rq, const struct log_reader *r)
{
    int64_t at = log_reader_at(rq, r), last = log_last_id(rq);
    return last > at ? last - at : 0;
}

void log_reader_hold(struct change *ch, const struct log_reader *r)
{
    w_log_at_hold(ch, &(struct log_at_hold_args){.reader = v_z(r->name)});
}

void log_reader_put(struct change *ch, const struct log_reader *r, int64_t at)
{
    w_log_at_put(ch, &(struct log_at_put_args){.reader = v_z(r->name), .event = v_int(at)});
}

bool log_read_on(struct request *rq, const struct log_reader *r, int64_t events)
{
    struct log_gaps_rows gaps;
    struct log_gaps_args asked = gaps_of(rq, r);
    int64_t at;
    bool begun = position(rq, r, &at);
    q_log_gaps(rq, &asked, &gaps);
    if (rq->err || (begun && at >= log_last_id(rq) && !gaps.n))
        return false;
    struct change ch;
    change_begin_index(rq, &ch);
    log_reader_hold(&ch, r);
    (void)position(rq, r, &at);
    int64_t last = log_last_id(rq), to = last - at > events ? at + events : last;
    if (to > at)
        take(&ch, r, at + 1, to);
    look_into_gaps(&ch, r);
    log_reader_put(&ch, r, to);
    commit_index(&ch);
    return to < last;
}

bool log_work_ended(struct request *rq, bool more)
{
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT) {
        rq->err = OK;
        return false;
    }
    return !more && !rq->err;
}
