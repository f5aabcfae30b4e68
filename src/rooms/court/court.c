#include "rooms/court/court.h"
#include "rooms/court/court_rules.h"

static void check_dates(struct request *rq, int64_t person, struct sentence_form *form)
{
    union sentence_birth_row birth = {0};
    q_sentence_birth(rq, &(struct sentence_birth_args){.person = v_int(person)}, &birth);
    if (v_is(form->decided_on.value) && v_is(birth.birth_date) &&
        v_as_int(form->decided_on.value) < v_as_int(birth.birth_date))
        input_reject(rq, &form->decided_on, N_("The date is before the person's birth"));
    if (v_is(form->ends_on.value) && v_is(form->decided_on.value) &&
        v_as_int(form->ends_on.value) < v_as_int(form->decided_on.value))
        input_reject(rq, &form->ends_on, N_("The term ends before the decision"));
}

void sentence_record(struct request *rq, int64_t person, struct sentence_form *form)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_CRIMINAL)))
        rq_fail(rq, ERR_NOT_FOUND);
    check_dates(rq, person, form);
    union sentence_record r = {
        .person_id = v_int(person),
        .article = form->article.value,
        .punishment = form->punishment.value,
        .court = form->court.value,
        .decided_on = form->decided_on.value,
        .ends_on = form->ends_on.value,
        .obligations = form->obligations.value,
        .body_id = v_int(rq->viewer.body),
        .created_at = v_instant(rq->now),
    };
    int64_t id = rq->mistakes ? 0 : change_insert(&ch, &sentence_table, r.v);
    change_event(&ch, &(struct event){.kind = "sentence.recorded",
                                      .person = person,
                                      .classes = CLASS_BIT(CLASS_CRIMINAL),
                                      .table = &sentence_table,
                                      .object = id,
                                      .day = v_as_int(form->decided_on.value)});
    change_commit(&ch);
}

const struct room court_room = {.name = "court", .tables = court_tables, .forms = court_forms};
