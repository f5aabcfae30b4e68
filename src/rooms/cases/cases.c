#include "rooms/cases/cases.h"
#include "rooms/trust/trust.h"
#include "cases_gen.h"
#include "guard/codes.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/people/people.h"

/* The order of the stages: a case does not go back by itself. */
static const char *const stages[] = {"registered", "assessment", "programme", "in_work", NULL};

static int stage_of(struct text state)
{
    for (int i = 0; stages[i]; i++)
        if (text_is(state, stages[i]))
            return i;
    return -1;
}

int64_t case_open(struct change *ch, int64_t person, int64_t body, const char *kind,
                  struct text channel)
{
    struct request *rq = ch->rq;
    union case_file_record c = {
        .number = v_text(change_number(ch, "D")),
        .person_id = v_int(person),
        .body_id = v_int(body),
        .account_id = v_int(rq->viewer.account),
        .kind = v_z(kind),
        .state = v_z("registered"),
        .channel = v_text(channel),
        .opened_on = v_date(rq->today),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &case_file_table, c.v);
    grant_open(ch, person, body, FACT_CASE_OWN, T(""), CLASS_ALL, "case_file", id, 0);
    person_lead_set(ch, person, body);
    asks_pass_on(ch, person, body);
    change_event(ch, &(struct event){.kind = "case.opened",
                                     .person = person,
                                     .case_id = id,
                                     .classes = CLASS_BIT(CLASS_SOCIAL),
                                     .table = &case_file_table,
                                     .object = id});
    return id;
}

struct case_facts case_facts(struct request *rq, int64_t id)
{
    union case_facts_row_row row = {0};
    if (!q_case_facts_row(rq, &(struct case_facts_row_args){.id = v_int(id)}, &row))
        return (struct case_facts){0};
    return (struct case_facts){
        .id = id,
        .version = v_as_int(row.version),
        .person = v_as_int(row.person_id),
        .body = v_as_int(row.body_id),
        .opened_on = v_as_int(row.opened_on),
        .number = v_as_text(row.number),
        .state = v_as_text(row.state),
        .open = stage_of(v_as_text(row.state)) >= 0 || text_is(v_as_text(row.state), "suspended"),
    };
}

struct case_facts case_own(struct request *rq, int64_t id)
{
    struct case_facts c = case_facts(rq, id);
    if (!c.id || c.body != rq->viewer.body || access_hidden(rq, c.person)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return (struct case_facts){0};
    }
    return c;
}

void case_advance(struct change *ch, int64_t id, const char *state)
{
    struct case_facts c = case_facts(ch->rq, id);
    if (!c.open || stage_of(c.state) >= stage_of(text_of(state)))
        return;
    union case_file_record r = {.state = v_z(state)};
    change_update(ch, &case_file_table, id, -1, r.v);
    change_event(ch, &(struct event){.kind = "case.changed",
                                     .person = c.person,
                                     .case_id = id,
                                     .classes = CLASS_BIT(CLASS_SOCIAL),
                                     .table = &case_file_table,
                                     .object = id});
}

void assessment_record(struct request *rq, int64_t case_id, const struct assessment_form *form,
                       const struct need_answer *answers, size_t n)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&case_file_table, case_id));
    struct case_facts c = case_own(rq, case_id);
    if (!rq->err && !c.open)
        rq_refuse(rq, N_("The case is closed"));
    union assessment_record a = {
        .case_id = v_int(case_id),
        .person_id = v_int(c.person),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .day = form->day.value,
        .summary = form->summary.value,
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &assessment_table, a.v);
    for (size_t i = 0; i < n && !rq->err; i++) {
        union need_record r = {
            .assessment_id = v_int(id),
            .person_id = v_int(c.person),
            .domain = v_text(answers[i].domain),
            .level = v_text(answers[i].level),
            .note = v_text_or_null(answers[i].note),
            .classes = v_int(CLASS_BIT(CLASS_SOCIAL) | code_classes("need_domain", answers[i].domain)),
        };
        change_insert(&ch, &need_table, r.v);
    }
    change_event(&ch, &(struct event){.kind = "assessment.recorded",
                                      .person = c.person,
                                      .case_id = case_id,
                                      .classes = CLASS_BIT(CLASS_SOCIAL),
                                      .table = &assessment_table,
                                      .object = id,
                                      .day = v_as_int(form->day.value)});
    if (!rq->err)
        case_advance(&ch, case_id, "assessment");
    change_commit(&ch);
}

void note_write(struct request *rq, int64_t person, int64_t case_id, struct note_form *form)
{
    uint32_t classes = CLASS_BIT(CLASS_SOCIAL) | code_classes("note_topic", v_as_text(form->topic.value));
    uint32_t open = access_bits(rq, rq->viewer.body, person);
    if (!rq->viewer.role || classes & ~(rq->viewer.role->write & open)) {
        input_reject(rq, &form->topic, N_("Notes on this topic are not open to you for this person"));
        return;
    }
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union note_record r = {
        .person_id = v_int(person),
        .case_id = case_id ? v_int(case_id) : v_null(),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .day = form->day.value,
        .topic = form->topic.value,
        .words = form->words.value,
        .classes = v_int(classes),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &note_table, r.v);
    change_event(&ch, &(struct event){.kind = "note.written",
                                      .person = person,
                                      .case_id = case_id,
                                      .classes = classes,
                                      .table = &note_table,
                                      .object = id,
                                      .day = v_as_int(form->day.value)});
    change_commit(&ch);
}

void case_close(struct request *rq, int64_t id, int64_t version, struct case_close_form *form)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&case_file_table, id));
    struct case_facts c = case_own(rq, id);
    bool follow_up = v_is(form->follow_up_until.value);
    if (!rq->err && !c.open && !text_is(c.state, "follow_up"))
        rq_refuse(rq, N_("The case is closed already"));
    if (v_as_int(form->closed_on.value) < c.opened_on)
        input_reject(rq, &form->closed_on, N_("The case was opened later"));
    if (follow_up && v_as_int(form->follow_up_until.value) <= v_as_int(form->closed_on.value))
        input_reject(rq, &form->follow_up_until, N_("Follow-up ends after the closing"));
    if (!rq->err && !rq->mistakes)
        HOOK(rq, case_closing, &ch, id);
    union case_file_record r = {
        .state = v_z(follow_up ? "follow_up" : "closed"),
        .closed_on = form->closed_on.value,
        .outcome = form->outcome.value,
        .outcome_note = form->outcome_note.value,
        .follow_up_until = form->follow_up_until.value,
    };
    change_update(&ch, &case_file_table, id, version, r.v);
    if (!follow_up && !rq->err) { /* in follow-up the lead goes on working with the person */
        grant_end(&ch, c.person, c.body, "case_file", id);
        grant_open(&ch, c.person, c.body, FACT_CASE_CLOSED, T(""), CLASS_ALL, "case_closed", id,
                   access_until(FACT_CASE_CLOSED, rq->viewer.body_kind, rq->now));
        members_close(&ch, &c, v_as_int(form->closed_on.value));
    }
    change_event(&ch, &(struct event){.kind = follow_up ? "case.follow_up" : "case.closed",
                                      .person = c.person,
                                      .case_id = id,
                                      .classes = CLASS_BIT(CLASS_SOCIAL),
                                      .table = &case_file_table,
                                      .object = id,
                                      .day = v_as_int(form->closed_on.value)});
    change_commit(&ch);
}

void case_start(struct request *rq, int64_t person, struct text channel, int64_t *id)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    union case_of_person_row has;
    if (q_case_of_person(rq, &(struct case_of_person_args){.person = v_int(person),
                                                           .body = v_int(rq->viewer.body)},
                         &has))
        rq_refuse(rq, N_("Your body already leads an open case of this person"));
    *id = rq->err ? 0 : case_open(&ch, person, rq->viewer.body, "social_support", channel);
    change_commit(&ch);
}

static int64_t sample_case(struct request *rq)
{
    struct case_list_rows rows;
    q_case_list(rq, &(struct case_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_member(struct request *rq)
{
    union member_any_row row;
    return rq_may(rq, CAP_LEAD_CASE) &&
                   q_member_any(rq, &(struct member_any_args){.body = v_int(rq->viewer.body)}, &row)
               ? v_as_int(row.id)
               : 0;
}

static const struct sample samples[] = {{"case", sample_case}, {"member", sample_member}, {0}};

static const struct retained retains[] = {
    {"note", "case_closed", &note_table, &note_retained_query},
    {"need", "case_closed", &need_table, &need_retained_query},
    {"assessment", "case_closed", &assessment_table, &assessment_retained_query},
    {"case_file", "case_closed", &case_file_table, &case_retained_query},
    {0}};

const struct room cases_room = {.name = "cases",
                                .tables = cases_tables,
                                .forms = cases_forms,
                                .samples = samples,
                                .retains = retains,
                                .hooks = {.person_merged = cases_person_merged,
                                          .person_unmerged = cases_person_unmerged,
                                          .caseload_moving = cases_caseload_moving,
                                          .body_succeeding = cases_body_succeeding}};
