/* Asking the lead for access, and the answer as a fact. */
#include "people_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/trust/trust_rules.h"

uint32_t ask_askable(struct request *rq, uint32_t bits)
{
    uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
    return access_rule(FACT_ASKED, rq->viewer.body_kind, T("")) & read & ~bits;
}

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t other,
                     const char *ground)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &access_ask_table,
                                     .object = id,
                                     .ground = ground});
}

int64_t ask_lead_for(struct request *rq, int64_t person, uint32_t classes, struct ask_form *form,
                     void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    union person_facts_row lead = {0};
    union ask_pending_row pending;
    int64_t id = 0;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    uint32_t bits = rq->err ? 0 : access_bits(rq, rq->viewer.body, person);
    if (!rq->err && !(bits & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &lead);
    int64_t to = v_as_int(lead.lead_body_id);
    classes &= ask_askable(rq, bits);
    if (!rq->err && !to)
        rq_refuse(rq, N_("Nobody leads this person yet: open a case of your own"));
    if (!rq->err && to == rq->viewer.body)
        rq_refuse(rq, N_("Your own body leads this person"));
    if (!rq->err && !classes)
        rq_mistake(rq, "class", N_("Tick what you ask for"));
    if (!rq->err &&
        q_ask_pending(
            rq, &(struct ask_pending_args){.person = v_int(person), .body = v_int(rq->viewer.body)},
            &pending))
        rq_refuse(rq, N_("Your body has asked already: the answer is awaited"));
    if (!rq->err && !rq->mistakes) {
        union access_ask_record r = {
            .person_id = v_int(person),
            .from_body_id = v_int(rq->viewer.body),
            .to_body_id = v_int(to),
            .account_id = v_int(rq->viewer.account),
            .classes = v_int(classes),
            .words = form->words.value,
            .state = v_z("asked"),
            .asked_on = v_date(rq->today),
        };
        id = change_insert(&ch, &access_ask_table, r.v);
        event_of(&ch, "access.asked", id, person, to, NULL);
        if (done && !rq->err)
            done(rq, id);
    }
    return change_commit(&ch) ? 0 : id;
}

void asks_pass_on(struct change *ch, int64_t person, int64_t lead)
{
    w_asks_to_lead(ch,
                   &(struct asks_to_lead_args){.person = v_int(person), .lead = v_int(lead)});
}

/* Who answers leads the person today, and the asker still works with him. */
static void check_parties(struct request *rq, int64_t person, int64_t asker)
{
    union person_facts_row lead = {0};
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &lead);
    if (!rq->err && v_as_int(lead.lead_body_id) != rq->viewer.body)
        rq_refuse(rq, N_("Another body leads this person now"));
    else if (!rq->err && !(access_bits(rq, asker, person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_refuse(rq, N_("The asker does not work with this person any more"));
}

static void too_long(struct request *rq, struct input *in, struct value last)
{
    in->error = N_("Access is not given for so long: at most until {a}");
    in->error_a = last;
    rq_mistake_of(rq, in->field->name, in->error, last);
}

static void check_answer(struct request *rq, bool yes, uint32_t gives, int64_t longest,
                         struct ask_answer_form *form)
{
    if (!yes && !v_is(form->answer.value))
        input_reject(rq, &form->answer, N_("Say why not: the asker works with it"));
    if (yes && !v_is(form->ground.value))
        input_reject(rq, &form->ground,
                     N_("Choose the ground in law on which data are passed on to another body"));
    if (yes && !v_is(form->until.value))
        input_reject(rq, &form->until, N_("Until when is the access open?"));
    if (yes && v_is(form->until.value) && v_as_int(form->until.value) < rq->today)
        input_reject(rq, &form->until, N_("The date is in the past"));
    if (yes && v_is(form->until.value) && longest &&
        instant_of_day(v_as_int(form->until.value)) > longest)
        too_long(rq, &form->until, v_date(instant_day(longest)));
    if (yes && !rq->mistakes && !gives)
        rq_refuse(rq, N_("Your body does not see these data itself"));
}

void ask_answer(struct request *rq, int64_t id, int64_t version, struct ask_answer_form *form)
{
    struct change ch;
    union ask_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&access_ask_table, id));
    if (!q_ask_facts(rq, &(struct ask_facts_args){.id = v_int(id)}, &now) ||
        v_as_int(now.to_body_id) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !text_is(v_as_text(now.state), "asked"))
        rq_refuse(rq, N_("The request has been answered already"));
    struct text state = v_as_text(form->state.value);
    bool yes = text_is(state, "given");
    if (!rq->err && !yes && !text_is(state, "declined"))
        input_reject(rq, &form->state, N_("Choose a decision"));
    int64_t person = v_as_int(now.person_id), asker = v_as_int(now.from_body_id);
    const char *kind = rq->err ? "" : arena_z(rq->arena, body_kind(rq, asker));
    uint32_t gives = rq->err ? 0
                             : (uint32_t)v_as_int(now.classes) &
                                   access_bits(rq, rq->viewer.body, person) &
                                   access_rule(FACT_ASKED, kind, T(""));
    if (rq->viewer.role)
        gives &= rq->viewer.role->read;
    if (!rq->err)
        check_parties(rq, person, asker);
    if (!rq->err)
        check_answer(rq, yes, gives, access_until(FACT_ASKED, kind, rq->now), form);
    if (!rq->err && yes && text_is(v_as_text(form->ground.value), "consent") &&
        !consent_stands(rq, person, asker, gives))
        input_reject(rq, &form->ground, N_("No such consent is on record"));
    if (!rq->err && !rq->mistakes) {
        union access_ask_record r = {.state = form->state.value,
                                     .answered_on = v_date(rq->today),
                                     .answer = form->answer.value};
        if (yes) {
            r.ground = form->ground.value;
            r.until = form->until.value;
            r.classes = v_int(gives);
        }
        change_update(&ch, &access_ask_table, id, version, r.v);
        if (yes)
            grant_open(&ch, person, asker, FACT_ASKED, T(""), gives, "access_ask", id,
                       instant_of_day(v_as_int(form->until.value) + 1));
        event_of(&ch, yes ? "access.given" : "access.declined", id, person, asker,
                 yes ? arena_z(rq->arena, v_as_text(form->ground.value)) : NULL);
    }
    (void)change_commit(&ch);
}

void ask_close(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union ask_facts_row now = {0};
    union person_facts_row lead = {0};
    change_begin(rq, &ch, SUBJECT(&access_ask_table, id));
    bool there = q_ask_facts(rq, &(struct ask_facts_args){.id = v_int(id)}, &now);
    q_person_facts(rq, &(struct person_facts_args){.id = now.person_id}, &lead);
    int64_t mine = rq->viewer.body;
    if (!there || (v_as_int(now.to_body_id) != mine && v_as_int(lead.lead_body_id) != mine))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !text_is(v_as_text(now.state), "given"))
        rq_refuse(rq, N_("No access is open by this request"));
    if (!rq->err) {
        union access_ask_record r = {.state = v_z("ended")};
        change_update(&ch, &access_ask_table, id, version, r.v);
        grant_end(&ch, v_as_int(now.person_id), 0, "access_ask", id);
        event_of(&ch, "access.closed", id, v_as_int(now.person_id), v_as_int(now.from_body_id),
                 NULL);
    }
    (void)change_commit(&ch);
}
