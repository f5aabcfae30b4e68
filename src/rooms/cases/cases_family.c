/* Members of a family case. The membership is the fact that opens a member to the lead. */
#include "cases_gen.h"
#include "people_gen.h"
#include "rooms/cases/cases.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/duplicates/duplicates.h"
#include "rooms/people/people.h"
#include "rooms/trust/trust.h"

static void tell(struct change *ch, const char *kind, int64_t case_id, int64_t person, int64_t id,
                 int64_t day)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .case_id = case_id,
                                     .classes = CLASS_BIT(CLASS_FAMILY),
                                     .table = &case_member_table,
                                     .object = id,
                                     .day = day});
}

void member_add(struct request *rq, int64_t case_id, int64_t person, struct member_form *form)
{
    struct change ch;
    union member_open_row open;
    union person_facts_row who = {0};
    change_begin(rq, &ch, SUBJECT(&case_file_table, case_id));
    struct case_facts c = case_own(rq, case_id);
    if (!rq->err && !c.open)
        rq_refuse(rq, N_("The case is closed"));
    bool seen = !rq->err && person &&
                access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY) &&
                q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &who);
    if (!rq->err && !seen)
        rq_mistake(rq, "person", N_("Choose a person whom your body sees"));
    else if (!rq->err && !works_with(rq, person))
        rq_mistake(rq, "person",
                   N_("Your body does not work with this person yet: accept the referral, or "
                      "register the person first"));
    else if (!rq->err && person == c.person)
        rq_mistake(rq, "person", N_("The case is this person's own"));
    else if (!rq->err &&
             q_member_open(
                 rq, &(struct member_open_args){.case_id = v_int(case_id), .person = v_int(person)},
                 &open))
        rq_mistake(rq, "person", N_("This person belongs to the case already"));
    if (v_is(form->since.value) && v_is(who.birth_date) &&
        v_as_int(form->since.value) < v_as_int(who.birth_date))
        input_reject(rq, &form->since, N_("The date is before the person's birth"));
    if (!rq->err && !rq->mistakes) {
        union case_member_record m = {.case_id = v_int(case_id),
                                      .person_id = v_int(person),
                                      .role = form->role.value,
                                      .since = form->since.value,
                                      .account_id = v_int(rq->viewer.account),
                                      .created_at = v_instant(rq->now)};
        int64_t id = change_insert(&ch, &case_member_table, m.v);
        grant_open(&ch, person, c.body, FACT_FAMILY, T(""), CLASS_ALL, "case_member", id, 0);
        tell(&ch, "case.member_added", case_id, person, id, v_as_int(form->since.value));
    }
    change_commit(&ch);
}

void member_end(struct request *rq, int64_t id, int64_t version, struct member_end_form *form)
{
    struct change ch;
    union member_facts_row m = {0};
    change_begin(rq, &ch, SUBJECT(&case_member_table, id));
    if (!q_member_facts(rq, &(struct member_facts_args){.id = v_int(id)}, &m))
        rq_fail(rq, ERR_NOT_FOUND);
    struct case_facts c = rq->err ? (struct case_facts){0} : case_own(rq, v_as_int(m.case_id));
    if (!rq->err && v_is(m.until))
        rq_refuse(rq, N_("The membership has ended already"));
    if (v_is(form->until.value) && v_as_int(form->until.value) < v_as_int(m.since))
        input_reject(rq, &form->until, N_("The last day is before the first"));
    if (!rq->err && !rq->mistakes) {
        union case_member_record r = {.until = form->until.value};
        change_update(&ch, &case_member_table, id, version, r.v);
        grant_end(&ch, v_as_int(m.person_id), 0, "case_member", id);
        tell(&ch, "case.member_ended", c.id, v_as_int(m.person_id), id,
             v_as_int(form->until.value));
    }
    change_commit(&ch);
}

void members_close(struct change *ch, const struct case_facts *c, int64_t day)
{
    struct request *rq = ch->rq;
    struct members_open_rows members = {0};
    q_members_open(rq, &(struct members_open_args){.case_id = v_int(c->id)}, &members);
    for (size_t i = 0; i < members.n && !rq->err; i++) {
        const union members_open_row *m = &members.row[i];
        int64_t person = v_as_int(m->person_id), id = v_as_int(m->id), since = v_as_int(m->since);
        union case_member_record r = {.until = v_date(day > since ? day : since)};
        change_update(ch, &case_member_table, id, -1, r.v);
        grant_end(ch, person, 0, "case_member", id);
        grant_open(ch, person, c->body, FACT_CASE_CLOSED, T(""), CLASS_ALL, "case_closed", c->id,
                   access_until(FACT_CASE_CLOSED, rq->viewer.body_kind, rq->now));
        tell(ch, "case.member_ended", c->id, person, id, day);
    }
}

/* ---- two cards of one person ---- */

/* Who leads stays, unless he has no open case any more and another has one. */
static void lead_again(struct change *ch, int64_t person, int64_t other)
{
    struct request *rq = ch->rq;
    union case_lead_row now = {0}, was = {0};
    q_case_lead(rq, &(struct case_lead_args){.person = v_int(person)}, &now);
    q_case_lead(rq, &(struct case_lead_args){.person = v_int(other)}, &was);
    int64_t lead = v_as_int(now.lead_body_id), theirs = v_as_int(was.lead_body_id);
    union case_of_person_row open;
    bool leads = lead && q_case_of_person(rq, &(struct case_of_person_args){.person = v_int(person), .body = v_int(lead)}, &open);
    bool they = theirs && q_case_of_person(rq, &(struct case_of_person_args){.person = v_int(person), .body = v_int(theirs)}, &open);
    int64_t next = leads ? lead : they ? theirs : v_is(now.newest) ? v_as_int(now.newest) : lead ? lead : theirs;
    if (!rq->err && next && next != lead)
        person_lead_set(ch, person, next);
}

void cases_person_merged(struct change *ch, int64_t kept, int64_t gone)
{
    struct members_twice_rows rows = {0};
    q_members_twice(ch->rq, &(struct members_twice_args){.person = v_int(kept)}, &rows);
    for (size_t i = 0; i < rows.n && !ch->rq->err; i++)
        merge_lay_aside(ch, &case_member_table, v_as_int(rows.row[i].id));
    lead_again(ch, kept, gone);
}

/* A case opened since the joining tells who leads whom it is about; whoever has no case of a person leads him no more. */
void cases_person_unmerged(struct change *ch, int64_t kept, int64_t again)
{
    struct request *rq = ch->rq;
    const int64_t both[] = {kept, again};
    for (size_t i = 0; i < 2 && !rq->err; i++) {
        union case_lead_since_row r = {0};
        q_case_lead_since(rq,
                          &(struct case_lead_since_args){.person = v_int(both[i]),
                                                         .merge = v_int(ch->merge)},
                          &r);
        bool lost = i == 0 && v_is(r.lead_body_id) && !v_as_int(r.stands);
        struct value lead = v_is(r.since) ? r.since : lost ? r.newest : r.lead_body_id;
        if (!rq->err && v_as_int(lead) != v_as_int(r.lead_body_id))
            person_lead_set(ch, both[i], v_as_int(lead));
    }
}
