/* How long what is kept, by the packs' rules, and what is past it. */
#include "rooms/trust/trust_retention.h"
#include "guard/account.h"
#include "guard/log.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_suspicion.h"
#include <stdio.h>

enum { TERM_MAX = 1200, LOT = 200, YEAR_MONTHS = 12 };

/* "years", or "years.health" for rows that tell that class. */
static int number(const struct pack_entry *e, const char *unit, const char *cls)
{
    char name[60];
    int64_t n;
    snprintf(name, sizeof name, "%s%s%s", unit, cls ? "." : "", cls ? cls : "");
    return text_int(pack_prop(e, name), 1, TERM_MAX, &n) == OK ? (int)n : 0;
}

static struct term term_in(const struct pack_entry *e, const char *cls)
{
    return (struct term){.months = number(e, "years", cls) * YEAR_MONTHS + number(e, "months", cls),
                         .days = number(e, "days", cls)};
}

static bool is_term(struct term t)
{
    return t.months || t.days;
}

enum err retention_take(const struct pack_entry *e, struct fault *fault)
{
    if (!retained_find(e->key))
        return fault_set(fault, ERR_INPUT, "%.*s: nothing of this name is kept",
                         TEXT_ARG(e->place));
    if (!is_term(term_in(e, NULL)))
        return fault_set(fault, ERR_INPUT, "%.*s: [retention %.*s] wants years, months or days",
                         TEXT_ARG(e->place), TEXT_ARG(e->key));
    return OK;
}

static bool from_new_year(const struct pack_entry *e)
{
    return text_is(pack_prop(e, "from_new_year"), "yes");
}

static int64_t after_term(const struct pack_entry *e, struct term t, int64_t since)
{
    if (from_new_year(e))
        since = date_from((struct ymd){date_ymd(since).year, YEAR_MONTHS, 31});
    return date_add_months(since, t.months) + t.days + 1; /* its last day belongs to the term */
}

bool retention_term(const struct retained *k, uint32_t classes, struct term *out)
{
    const struct pack_entry *e = pack_find("retention", text_of(k->name));
    if (!e)
        return false;
    *out = term_in(e, NULL);
    for (int c = 1; c < CLASS_COUNT; c++) {
        struct term t = term_in(e, class_names[c]);
        if (classes & CLASS_BIT(c) && is_term(t) && after_term(e, t, 0) > after_term(e, *out, 0))
            *out = t;
    }
    return true;
}

int64_t retention_day(const struct retained *k, struct term term, int64_t since)
{
    return after_term(pack_find("retention", text_of(k->name)), term, since);
}

bool retention_second(const struct retained *k)
{
    const struct pack_entry *e = pack_find("retention", text_of(k->name));
    return !e || !text_is(pack_prop(e, "second"), "no");
}

bool retention_held(struct request *rq, int64_t body, const struct retained_row *row)
{
    union hold_live_row of_person;
    union hold_of_case_row of_case;
    return (row->person &&
            q_hold_live(rq,
                        &(struct hold_live_args){.person = v_int(row->person), .body = v_int(body)},
                        &of_person)) ||
           (row->case_id &&
            q_hold_of_case(rq, &(struct hold_of_case_args){.case_id = v_int(row->case_id)},
                           &of_case));
}

/* No row that began to be kept later can be due. */
static int64_t latest(const struct retained *k, int64_t day)
{
    struct term t;
    if (!retention_term(k, 0, &t))
        return DAY_MIN;
    day = date_add_months(day, -t.months) - t.days;
    if (from_new_year(pack_find("retention", text_of(k->name)))) /* the year it ended in counts whole */
        day = date_from((struct ymd){date_ymd(day).year, 1, 1});
    return day;
}

static bool past(const struct retained *k, const struct retained_row *row, int64_t day)
{
    struct term t;
    return retention_term(k, row->classes, &t) &&
           (!v_is(row->since) || retention_day(k, t, v_as_int(row->since)) <= day);
}

size_t retention_due(struct request *rq, const struct retained *k, int64_t body, int64_t day,
                     int64_t *after, size_t max, struct retained_row *out)
{
    int64_t before = latest(k, day);
    struct retained_row *rows;
    size_t n = 0, got = LOT;
    while (k->rows && n < max && got == LOT && before > DAY_MIN && !rq->err) {
        got = retained_rows(rq, k, body, *after, before, LOT, &rows);
        for (size_t i = 0; i < got && n < max; i++) {
            *after = rows[i].id;
            if (past(k, &rows[i], day))
                out[n++] = rows[i];
        }
    }
    return n;
}

bool retention_still_due(struct request *rq, const struct retained *k, int64_t body, int64_t day,
                         int64_t id)
{
    struct retained_row *row;
    return retained_rows(rq, k, body, id - 1, latest(k, day), 1, &row) && row->id == id &&
           past(k, row, day);
}

void reads_drop(struct request *rq)
{
    int64_t before = latest(retained_find(T("read")), rq->today);
    if (before > DAY_MIN) {
        read_log_drop(rq, instant_of_day(before));
        reader_days_past(rq, before);
    }
    before = latest(retained_find(T("sign_in")), rq->today);
    if (before > DAY_MIN)
        sign_in_log_drop(rq, instant_of_day(before));
    if (suspicion_drop(rq, latest(retained_find(T("suspicion")), rq->today), latest(retained_find(T("watched_word")), rq->today),
                       latest(retained_find(T("search_note")), rq->today)))
        forget_destroyed(rq);
}
