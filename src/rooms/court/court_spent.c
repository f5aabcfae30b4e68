/* When a conviction is spent: by the pack's rules, which the law sets by kind of punishment and
 * gravity of the crime. */
#include "rooms/court/court_rules.h"
#include "rooms/packs/packs.h"

enum { SLICE = 100, MONTHS_MAX = 1200 };

enum err spending_take(const struct pack_entry *e, struct fault *fault)
{
    int64_t months;
    if (text_int(pack_prop(e, "months"), 0, MONTHS_MAX, &months) || !pack_prop(e, "punishment").n)
        return fault_set(fault, ERR_INPUT, "%.*s: [spending %.*s] wants months and punishment",
                         TEXT_ARG(e->place), TEXT_ARG(e->key));
    return OK;
}

/* A rule that does not name gravity or age is for all. */
static bool fits(const struct pack_entry *e, const char *property, struct text word)
{
    return !pack_prop(e, property).n || pack_prop_has(e, property, word);
}

struct value spent_from(struct text punishment, struct text gravity, struct text crime_age,
                        struct value ends_on, struct value struck_on)
{
    struct value spent = v_null();
    int64_t months;
    const struct pack_entry *e = NULL;
    while ((e = pack_next("spending", e)))
        if (pack_prop_has(e, "punishment", punishment) && fits(e, "gravity", gravity) &&
            fits(e, "age", crime_age.n ? crime_age : T("adult")))
            break;
    if (e && v_is(ends_on) && text_int(pack_prop(e, "months"), 0, MONTHS_MAX, &months) == OK)
        /* the last day of the term is a day of it */
        spent = v_date(date_add_months(v_as_int(ends_on), (int)months) + 1);
    if (v_is(struck_on) && (!v_is(spent) || v_as_int(struck_on) < v_as_int(spent)))
        spent = struck_on;
    return spent;
}

bool sentences_spent(struct request *rq, int64_t person)
{
    union sentence_any_row any;
    union sentence_standing_row standing;
    return q_sentence_any(rq, &(struct sentence_any_args){.person = v_int(person)}, &any) &&
           !q_sentence_standing(rq, &(struct sentence_standing_args){.person = v_int(person)},
                                &standing);
}

static size_t close_some(struct request *rq)
{
    struct change ch;
    struct sentence_due_rows due = {0};
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_RETENTION);
    q_sentence_due(
        rq,
        &(struct sentence_due_args){.spent = v_int(CLASS_BIT(CLASS_SPENT)), .rows = v_int(SLICE)},
        &due);
    for (size_t i = 0; i < due.n; i++) {
        union sentence_record r = {.classes = v_int(CLASS_BIT(CLASS_SPENT))};
        change_update(&ch, &sentence_table, v_as_int(due.row[i].id), -1, r.v);
        change_event(&ch,
                     &(struct event){.kind = "sentence.spent",
                                     .person = v_as_int(due.row[i].person_id),
                                     .classes = CLASS_BIT(CLASS_CRIMINAL) | CLASS_BIT(CLASS_SPENT),
                                     .table = &sentence_table,
                                     .object = v_as_int(due.row[i].id),
                                     .day = v_as_int(due.row[i].closes_on)});
    }
    if (!due.n)
        ch.events++; /* nothing to do */
    return change_commit(&ch) ? 0 : due.n;
}

void sentences_close(struct request *rq)
{
    while (close_some(rq) == SLICE)
        ;
}
