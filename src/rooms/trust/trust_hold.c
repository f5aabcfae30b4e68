/* A hold on a case: while it lasts nothing of the case, and nothing that the body keeps of the
 * person, is destroyed. */
#include "rooms/trust/trust_retention.h"

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person,
                     int64_t case_id)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .case_id = case_id,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &retention_hold_table,
                                     .object = id});
}

void hold_place(struct request *rq, int64_t case_id, int64_t person, struct hold_form *form)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch,
                    LOCK_RETENTION); /* what is being destroyed right now is gone before, or held */
    if (v_is(form->until.value) && v_as_int(form->until.value) < rq->today)
        input_reject(rq, &form->until, N_("The date is in the past"));
    if (!rq->err && !rq->mistakes) {
        union retention_hold_record r = {
            .case_number = v_int(case_id),
            .person_id = v_int(person),
            .body_id = v_int(rq->viewer.body),
            .account_id = v_int(rq->viewer.account),
            .reason = form->reason.value,
            .paper = form->paper.value,
            .placed_on = v_date(rq->today),
            .until = form->until.value,
        };
        int64_t id = change_insert(&ch, &retention_hold_table, r.v);
        event_of(&ch, "retention.held", id, person, case_id);
    }
    (void)change_commit(&ch);
}

void hold_lift(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union hold_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&retention_hold_table, id));
    if (!rq->err && (!q_hold_facts(rq, &(struct hold_facts_args){.id = v_int(id)}, &now) ||
                     v_as_int(now.body_id) != rq->viewer.body))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_is(now.lifted_on))
        rq_refuse(rq, N_("The hold has been lifted already"));
    if (!rq->err) {
        union retention_hold_record r = {.lifted_on = v_date(rq->today),
                                         .lifted_by = v_int(rq->viewer.account)};
        change_update(&ch, &retention_hold_table, id, version, r.v);
        event_of(&ch, "retention.released", id, v_as_int(now.person_id), v_as_int(now.case_number));
    }
    (void)change_commit(&ch);
}
