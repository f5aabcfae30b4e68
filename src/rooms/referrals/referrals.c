#include "guard/codes.h"
#include <stdio.h>
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/trust/trust.h"

/* The need itself may tell (help against addiction): its class stands beside the row. */
static uint32_t classes_of_need(struct text need)
{
    return code_classes("need", need);
}

static void event_of(struct change *ch, const char *kind, const struct referral_facts *r,
                     int64_t other, const char *ground)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = r->person,
                                     .case_id = r->case_id,
                                     .other_body = other,
                                     .classes = classes_of_need(r->need),
                                     .table = &referral_table,
                                     .object = r->id,
                                     .ground = ground});
}

bool result_counts_as_done(struct text result)
{
    char key[80];
    snprintf(key, sizeof key, "measure_result %.*s", TEXT_ARG(result));
    return text_is(pack_value("code", key, "done"), "yes");
}

const char *need_fault(struct request *rq, struct text need)
{
    uint32_t write = rq->viewer.role ? rq->viewer.role->write : 0;
    return classes_of_need(need) & ~write ? N_("Your role does not send referrals with this need")
                                          : NULL;
}

/* Needs that a law lays down are not asked by consent; where the packs want a consent on record, its
 * word alone is not enough. */
static const char *ground_fault(struct request *rq, const struct referral_ask *ask)
{
    const char *need = arena_z(rq->arena, ask->need);
    if (!text_is(ask->ground, "consent"))
        return NULL;
    if (text_is(pack_value("need", need, "by_law"), "yes"))
        return N_("This work runs by law, not by consent: choose the ground with its article");
    if (text_is(pack_value("need", need, "consent"), "yes") &&
        !consent_stands(rq, ask->person, ask->to_body, classes_of_need(ask->need)))
        return N_("No consent of the person for this body is recorded: record it on the card, or "
                  "choose another ground with its article");
    return NULL;
}

int64_t referral_send(struct change *ch, const struct referral_ask *ask)
{
    struct request *rq = ch->rq;
    const char *kind = arena_z(rq->arena, body_kind(rq, ask->to_body));
    if (rq->err)
        return 0;
    if (!kind_takes(text_of(kind), ask->need)) {
        rq_refuse(rq, N_("This body does not take referrals with such a need"));
        return 0;
    }
    if (ask->to_body == rq->viewer.body) {
        rq_refuse(rq, N_("A referral goes to another body"));
        return 0;
    }
    const char *fault = ground_fault(rq, ask);
    if (fault) {
        rq_refuse(rq, fault);
        return 0;
    }
    const struct calendar *calendar = calendar_here();
    int64_t due = ask->term ? calendar_due(calendar, rq->today, (int)ask->term, UNIT_WORKING_DAY)
                            : ask->due_on;
    int64_t term = ask->term ? ask->term : calendar_working_between(calendar, rq->today, due);
    union referral_record r = {
        .number = v_text(change_number(ch, "N")),
        .person_id = v_int(ask->person),
        .case_id = ask->case_id ? v_int(ask->case_id) : v_null(),
        .measure_id = ask->measure ? v_int(ask->measure) : v_null(),
        .from_body_id = v_int(rq->viewer.body),
        .to_body_id = v_int(ask->to_body),
        .from_account_id = v_int(rq->viewer.account),
        .need = v_text(ask->need),
        .ground = v_text(ask->ground),
        .note = v_text_or_null(ask->note),
        .state = v_z("sent"),
        .sent_on = v_date(rq->today),
        .term = v_int(term),
        .due_on = v_date(due),
        .classes = v_int(classes_of_need(ask->need)),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &referral_table, r.v);
    grant_open(ch, ask->person, ask->to_body, FACT_REFERRAL_SENT,
               access_rule(FACT_REFERRAL_SENT, kind, ask->need), "referral", id, 0);
    grant_open(ch, ask->person, rq->viewer.body, FACT_REFERRAL_SENDER,
               access_rule(FACT_REFERRAL_SENDER, rq->viewer.body_kind, ask->need), "referral", id,
               0);
    struct referral_facts facts = {
        .id = id, .person = ask->person, .case_id = ask->case_id, .need = ask->need};
    event_of(ch, "referral.sent", &facts, ask->to_body, arena_z(rq->arena, ask->ground));
    return rq->err ? 0 : id;
}

/* The district a person lives in, for choosing the receiver; 0: not known. */
static int64_t district_of(struct request *rq, int64_t person)
{
    union referral_district_row row = {0};
    q_referral_district(rq, &(struct referral_district_args){.person = v_int(person)}, &row);
    return v_as_int(row.district_id);
}

size_t referrals_send(struct request *rq, const int64_t *persons, size_t n,
                      struct referral_form *form)
{
    int64_t to = v_as_int(form->to_body_id.value);
    size_t sent = 0, astray = 0;
    const char *fault = need_fault(rq, v_as_text(form->need.value));
    struct change ch;
    if (fault)
        input_reject(rq, &form->need, fault);
    change_begin(rq, &ch, NO_SUBJECT);
    for (size_t i = 0; i < n && !rq->err && !fault; i++) {
        struct referral_ask ask = {.person = persons[i],
                                   .to_body = to,
                                   .need = v_as_text(form->need.value),
                                   .ground = v_as_text(form->ground.value),
                                   .note = v_as_text(form->note.value),
                                   .term = v_as_int(form->term.value)};
        if (!(access_bits(rq, rq->viewer.body, persons[i]) & CLASS_BIT(CLASS_IDENTITY))) {
            rq_fail(rq, ERR_NOT_FOUND);
            break;
        }
        if (!to)
            ask.to_body = body_of_district(rq, "social_centre", district_of(rq, persons[i]));
        if (!ask.to_body)
            astray++;
        else if (referral_send(&ch, &ask))
            sent++;
    }
    if (astray)
        rq_mistake_of(rq, NULL,
                      N_("{a} of the chosen persons have no district with a social centre: choose "
                         "the body yourself"),
                      v_int((int64_t)astray));
    return change_commit(&ch) ? 0 : sent;
}

struct referral_facts referral_facts(struct request *rq, int64_t id)
{
    union referral_facts_row_row row;
    if (!q_referral_facts_row(rq, &(struct referral_facts_row_args){.id = v_int(id)}, &row))
        return (struct referral_facts){0};
    return (struct referral_facts){
        .id = id,
        .version = v_as_int(row.version),
        .person = v_as_int(row.person_id),
        .case_id = v_as_int(row.case_id),
        .measure = v_as_int(row.measure_id),
        .from_body = v_as_int(row.from_body_id),
        .to_body = v_as_int(row.to_body_id),
        .number = v_as_text(row.number),
        .state = v_as_text(row.state),
        .need = v_as_text(row.need),
        .result = v_as_text(row.result),
        .result_note = v_as_text(row.result_note),
        .finished_on = v_as_int(row.finished_on),
    };
}

/* The referral as one of its parties may change it now; otherwise the request fails. */
static struct referral_facts party(struct request *rq, int64_t id, bool receiver, const char *state)
{
    struct referral_facts r = referral_facts(rq, id);
    if (rq->err)
        return r;
    if (!r.id || (receiver ? r.to_body : r.from_body) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!text_is(r.state, state))
        rq_refuse(rq, N_("The referral has been answered meanwhile; open it again"));
    return r;
}

/* Access ends with the fact: for the receiver always, for the sender too, whose own case or list
 * may still carry it. */
static void end_grants(struct change *ch, const struct referral_facts *r)
{
    grant_end(ch, r->person, 0, "referral", r->id);
}

void referral_accept(struct request *rq, int64_t id, int64_t version, int64_t *case_id)
{
    struct change ch;
    *case_id = 0;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = party(rq, id, true, "sent");
    union referral_record u = {.state = v_z("accepted"),
                               .answered_on = v_date(rq->today),
                               .to_account_id = v_int(rq->viewer.account)};
    if (!rq->err) {
        grant_end(&ch, r.person, r.to_body, "referral", id);
        grant_open(&ch, r.person, r.to_body, FACT_REFERRAL_ACCEPTED,
                   access_rule(FACT_REFERRAL_ACCEPTED, rq->viewer.body_kind, r.need), "referral",
                   id, 0);
        if (!r.case_id && rq_may(rq, CAP_LEAD_CASE)) {
            *case_id = case_open(&ch, r.person, r.to_body, "social_support", T("referred"));
            r.case_id = *case_id;
            u.case_id = v_int(*case_id);
        }
    }
    change_update(&ch, &referral_table, id, version, u.v);
    HOOK(rq, referral_changed, &ch, id);
    event_of(&ch, "referral.accepted", &r, r.from_body, NULL);
    if (change_commit(&ch))
        *case_id = 0;
}

void referral_decline(struct request *rq, int64_t id, int64_t version, struct decline_form *form)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = party(rq, id, true, "sent");
    union referral_record u = {.state = v_z("declined"),
                               .answered_on = v_date(rq->today),
                               .finished_on = v_date(rq->today),
                               .to_account_id = v_int(rq->viewer.account),
                               .decline_reason = form->decline_reason.value,
                               .result_note = form->result_note.value};
    change_update(&ch, &referral_table, id, version, u.v);
    HOOK(rq, referral_changed, &ch, id);
    event_of(&ch, "referral.declined", &r, r.from_body, NULL);
    if (!rq->err)
        end_grants(&ch, &r);
    change_commit(&ch);
}

void referral_finish(struct request *rq, int64_t id, int64_t version, struct result_form *form)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = party(rq, id, true, "accepted");
    bool done = result_counts_as_done(v_as_text(form->result.value));
    union referral_record u = {.state = v_z(done ? "done" : "not_done"),
                               .finished_on = form->finished_on.value,
                               .result = form->result.value,
                               .result_note = form->result_note.value};
    change_update(&ch, &referral_table, id, version, u.v);
    HOOK(rq, referral_changed, &ch, id);
    event_of(&ch, done ? "referral.done" : "referral.not_done", &r, r.from_body, NULL);
    if (!rq->err)
        end_grants(&ch, &r);
    change_commit(&ch);
}

static void withdraw(struct change *ch, const struct referral_facts *r, int64_t version)
{
    union referral_record u = {.state = v_z("withdrawn"), .finished_on = v_date(ch->rq->today)};
    change_update(ch, &referral_table, r->id, version, u.v);
    HOOK(ch->rq, referral_changed, ch, r->id);
    event_of(ch, "referral.withdrawn", r, r->to_body, NULL);
    if (!ch->rq->err)
        end_grants(ch, r);
}

void referral_withdraw(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = party(rq, id, false, "sent");
    if (!rq->err)
        withdraw(&ch, &r, version);
    change_commit(&ch);
}

void referral_withdraw_for(struct change *ch, int64_t measure)
{
    struct request *rq = ch->rq;
    struct referrals_of_measure_rows rows;
    q_referrals_of_measure(rq, &(struct referrals_of_measure_args){.measure = v_int(measure)},
                           &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct referral_facts r = referral_facts(rq, v_as_int(rows.row[i].id));
        if (text_is(r.state, "sent"))
            withdraw(ch, &r, -1);
        else if (text_is(r.state, "accepted"))
            rq_refuse(rq, N_("Another body is at work on this measure; wait for its result"));
    }
}

/* The referral that opened the case is answered by its closing: the sender is never left without a
 * reply. */
static void answer_by_case(struct change *ch, const struct referral_facts *r)
{
    union referral_record u = {
        .state = v_z("done"), .finished_on = v_date(ch->rq->today), .result = v_z("full")};
    change_update(ch, &referral_table, r->id, -1, u.v);
    HOOK(ch->rq, referral_changed, ch, r->id);
    event_of(ch, "referral.done", r, r->from_body, NULL);
    if (!ch->rq->err)
        end_grants(ch, r);
}

/* A case is not closed over the heads of those at work; what nobody has answered yet is taken back.
 */
static void on_case_closing(struct change *ch, int64_t case_id)
{
    struct request *rq = ch->rq;
    struct referrals_of_case_rows rows;
    q_referrals_of_case(rq, &(struct referrals_of_case_args){.case_id = v_int(case_id)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct referral_facts r = referral_facts(rq, v_as_int(rows.row[i].id));
        if (r.from_body == rq->viewer.body && text_is(r.state, "sent"))
            withdraw(ch, &r, -1);
        else if (r.from_body == rq->viewer.body && text_is(r.state, "accepted"))
            rq_refuse(rq, N_("Other bodies are still at work on referrals of this case"));
        else if (r.to_body == rq->viewer.body && text_is(r.state, "accepted"))
            answer_by_case(ch, &r);
    }
}

static int64_t sample_referral(struct request *rq)
{
    struct referral_list_rows received;
    struct referral_list_sent_rows sent;
    q_referral_list(rq, &(struct referral_list_args){.paging.limit = 1}, &received);
    if (received.n)
        return v_as_int(received.row[0].id);
    q_referral_list_sent(rq, &(struct referral_list_sent_args){.paging.limit = 1}, &sent);
    return sent.n ? v_as_int(sent.row[0].id) : 0;
}

static const struct sample samples[] = {{"referral", sample_referral}, {0}};

const struct room referrals_room = {.name = "referrals",
                                    .tables = referrals_tables,
                                    .forms = referrals_forms,
                                    .samples = samples,
                                    .hooks = {.case_closing = on_case_closing}};
