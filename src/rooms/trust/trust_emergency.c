/* Emergency access: at once, short, on record, judged afterwards. */
#include "people_gen.h"
#include "rooms/trust/trust_rules.h"

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t other)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &emergency_table,
                                     .object = id,
                                     .ground = "vital"});
}

int64_t emergency_open(struct request *rq, int64_t person, struct emergency_form *form)
{
    struct change ch;
    union person_facts_row subject = {0};
    int64_t id = 0, until = access_until(FACT_EMERGENCY, rq->viewer.body_kind, rq->now);
    uint32_t opens = access_rule(FACT_EMERGENCY, rq->viewer.body_kind, T(""));
    change_begin(rq, &ch, NO_SUBJECT);
    if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &subject))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && (!opens || !until))
        rq_fail(rq, ERR_FORBIDDEN);
    union emergency_running_row running;
    if (!rq->err &&
        q_emergency_running(rq,
                            &(struct emergency_running_args){.person = v_int(person),
                                                             .body = v_int(rq->viewer.body)},
                            &running))
        rq_refuse(rq, N_("An emergency access of your body is open already: open the card"));
    if (!rq->err && !rq->mistakes) {
        union emergency_record r = {
            .person_id = v_int(person),
            .body_id = v_int(rq->viewer.body),
            .account_id = v_int(rq->viewer.account),
            .reason = form->reason.value,
            .words = form->words.value,
            .opened_at = v_instant(rq->now),
            .until = v_instant(until),
            .review = v_z("waiting"),
        };
        id = change_insert(&ch, &emergency_table, r.v);
        grant_open(&ch, person, rq->viewer.body, FACT_EMERGENCY, T(""), CLASS_ALL, "emergency",
                   id, until);
        event_of(&ch, "emergency.opened", id, person, v_as_int(subject.lead_body_id));
    }
    return change_commit(&ch) ? 0 : id;
}

void emergency_review(struct request *rq, int64_t id, int64_t version, struct review_form *form)
{
    struct change ch;
    union emergency_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&emergency_table, id));
    if (!q_emergency_facts(rq, &(struct emergency_facts_args){.id = v_int(id)}, &now) ||
        v_as_int(now.body_id) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_as_int(now.account_id) == rq->viewer.account)
        rq_refuse(rq, N_("Your own emergency access is judged by somebody else"));
    if (!rq->err && !text_is(v_as_text(now.review), "waiting"))
        rq_refuse(rq, N_("The access has been judged already"));
    struct text review = v_as_text(form->review.value);
    if (!rq->err && !text_is(review, "justified") && !text_is(review, "not_justified"))
        input_reject(rq, &form->review, N_("Choose a judgement"));
    if (!rq->err && text_is(review, "not_justified") && !v_is(form->remark.value))
        input_reject(rq, &form->remark, N_("Say why it was not justified"));
    if (!rq->err && !rq->mistakes) {
        union emergency_record r = {.review = form->review.value,
                                    .reviewed_on = v_date(rq->today),
                                    .remark = form->remark.value};
        change_update(&ch, &emergency_table, id, version, r.v);
        event_of(&ch, "emergency.reviewed", id, v_as_int(now.person_id), 0);
    }
    (void)change_commit(&ch);
}
