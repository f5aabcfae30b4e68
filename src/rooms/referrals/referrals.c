#include "base/log.h"
#include "guard/codes.h"
#include "papers_gen.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/packs/packs.h"
#include "rooms/papers/papers.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/trust/trust.h"
#include <stdio.h>

/* The need itself may tell (help against addiction): its class stands beside the row. */
static uint32_t classes_of_need(struct text need)
{
    return code_classes("need", need);
}

void referral_event(struct change *ch, const char *kind, const struct referral_facts *r,
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

/* Does the viewer's body know the person? What it has lost is not opened again by an old referral. */
static bool person_known(struct request *rq, int64_t person)
{
    return !access_hidden(rq, person) &&
           access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY);
}

/* May this be asked of this body now? Otherwise the reason. again: it was asked before, and only what has become wrong since
 * counts: agreements and pauses stop new referrals. */
static const char *send_fault(struct request *rq, const struct referral_ask *ask, bool again)
{
    const char *kind = arena_z(rq->arena, body_kind(rq, ask->to_body));
    if (rq->err)
        return NULL;
    if (!kind_takes(text_of(kind), ask->need))
        return N_("This body does not take referrals with such a need");
    if (!again && body_paused_until(rq, ask->to_body))
        return N_("The body has paused its intake: choose another, or ask it when it goes on");
    union body_facts_row to, from;
    if (!body_of(rq, ask->to_body, &to) || !v_as_int(to.active))
        return N_("The body is closed: choose another");
    if (!body_of(rq, rq->viewer.body, &from) || !v_as_int(from.active))
        return N_("Your body is closed: its successor goes on");
    const char *agreement =
        again ? NULL : agreement_fault(rq, rq->viewer.body, ask->to_body, ask->need, ask->scheme);
    if (agreement)
        return agreement;
    if (ask->to_body == rq->viewer.body)
        return N_("A referral goes to another body");
    if (access_barred(rq, ask->to_body, ask->person))
        return N_("The person is restricted and this body is not named: it would see nothing. "
                  "The body that set the restriction may name it");
    return ground_fault(rq, ask);
}

/* What the receiver and the sender see from the sending on. */
static void open_grants(struct change *ch, const struct referral_facts *r)
{
    grant_open(ch, r->person, r->to_body, FACT_REFERRAL_SENT, r->need, CLASS_ALL, "referral", r->id, 0);
    grant_open(ch, r->person, r->from_body, FACT_REFERRAL_SENDER, r->need, CLASS_ALL, "referral",
               r->id, 0);
}

int64_t referral_send(struct change *ch, const struct referral_ask *ask)
{
    struct request *rq = ch->rq;
    if (!rq->err && !person_known(rq, ask->person))
        rq_fail(rq, ERR_NOT_FOUND);
    const char *fault = rq->err ? NULL : send_fault(rq, ask, false);
    if (fault)
        rq_refuse(rq, fault);
    if (rq->err)
        return 0;
    const struct calendar *calendar = calendar_here();
    union referral_record r = {
        .number = v_text(change_number(ch, "N")),
        .person_id = v_int(ask->person),
        .case_id = ask->case_id ? v_int(ask->case_id) : v_null(),
        .measure_id = ask->measure ? v_int(ask->measure) : v_null(),
        .offer_id = ask->offer ? v_int(ask->offer) : v_null(),
        .from_body_id = v_int(rq->viewer.body),
        .to_body_id = v_int(ask->to_body),
        .from_account_id = v_int(rq->viewer.account),
        .need = v_text(ask->need),
        .ground = v_text(ask->ground),
        .note = v_text_or_null(ask->note),
        .state = v_z(ask->draft ? "draft" : "sent"),
        .sent_on = v_date(rq->today),
        .term_from = v_instant(rq->now),
        .term = v_int(ask->term || ask->rule
                          ? ask->term
                          : calendar_working_between(calendar, rq->today, ask->due_on)),
        .due_rule = ask->rule ? v_z(ask->rule) : v_null(),
        .answer_rule = ask->answer_rule ? v_z(ask->answer_rule) : v_null(),
        .fixed_on = ask->term || ask->rule ? v_null() : v_date(ask->due_on),
        .escalation = v_int(0),
        .classes = v_int(classes_of_need(ask->need)),
        .created_at = v_instant(rq->now),
    };
    struct referral_facts facts = {.person = ask->person,
                                   .case_id = ask->case_id,
                                   .need = ask->need,
                                   .from_body = rq->viewer.body,
                                   .to_body = ask->to_body};
    referral_dates(rq, &facts, &r);
    if (ask->rule) /* for the day on which the packs no longer have the rule */
        r.term = v_int(calendar_working_between(calendar, rq->today, v_as_int(r.due_on)));
    facts.id = change_insert(ch, &referral_table, r.v);
    if (!ask->draft)
        open_grants(ch, &facts);
    referral_event(ch, ask->draft ? "referral.drafted" : "referral.sent", &facts,
                   ask->draft ? 0 : ask->to_body, arena_z(rq->arena, ask->ground));
    return rq->err ? 0 : facts.id;
}

void referral_offer(struct change *ch, int64_t first)
{
    union referral_record u = {.offer_id = v_int(first)};
    change_update(ch, &referral_table, first, -1, u.v);
}

/* The district a person lives in, for choosing the receiver; 0: not known. */
static int64_t district_of(struct request *rq, int64_t person)
{
    union referral_district_row row = {0};
    q_referral_district(rq, &(struct referral_district_args){.person = v_int(person)}, &row);
    return v_as_int(row.district_id);
}

/* What is asked for one person, of all the bodies. Returns how many were sent; false in *placed: no body was named, and the
 * person's district has none. */
static size_t send_for(struct change *ch, const struct referral_batch *batch, int64_t person,
                       struct referral_ask ask, bool *placed)
{
    struct request *rq = ch->rq;
    int64_t own = batch->n_bodies ? 0 : body_of_district(rq, "social_centre", district_of(rq, person));
    const int64_t *bodies = batch->n_bodies ? batch->bodies : &own;
    size_t n = batch->n_bodies ? batch->n_bodies : own != 0, sent = 0;
    *placed = n > 0;
    ask.person = person;
    ask.offer = 0;
    for (size_t i = 0; i < n && !rq->err; i++) {
        ask.to_body = bodies[i];
        int64_t id = referral_send(ch, &ask);
        sent += id != 0;
        if (i == 0 && n > 1) {
            ask.offer = id;
            referral_offer(ch, id);
        }
    }
    return sent;
}

/* The term: a number of working days, or the rule that the packs have for the need. */
static void term_of(struct request *rq, struct referral_form *form, struct referral_ask *ask)
{
    struct text rule = pack_value("need", arena_z(rq->arena, ask->need), "result");
    ask->term = v_as_int(form->term.value);
    if (v_is(form->term.value) ? ask->term < 1 : !rule.n)
        input_reject(rq, &form->term, N_("At least one working day"));
    else if (!v_is(form->term.value))
        ask->rule = arena_z(rq->arena, rule);
}

size_t referrals_send(struct request *rq, const struct referral_batch *batch,
                      struct referral_form *form)
{
    size_t sent = 0, astray = 0;
    struct referral_ask ask = {.need = v_as_text(form->need.value),
                               .ground = v_as_text(form->ground.value),
                               .note = v_as_text(form->note.value),
                               .draft = batch->draft};
    const char *fault = need_fault(rq, ask.need);
    struct change ch;
    if (fault)
        input_reject(rq, &form->need, fault);
    term_of(rq, form, &ask);
    change_begin(rq, &ch, NO_SUBJECT);
    for (size_t i = 0; i < batch->n_persons && !rq->err && !rq->mistakes; i++) {
        bool placed;
        if (!(access_bits(rq, rq->viewer.body, batch->persons[i]) & CLASS_BIT(CLASS_IDENTITY))) {
            rq_fail(rq, ERR_NOT_FOUND);
            break;
        }
        sent += send_for(&ch, batch, batch->persons[i], ask, &placed);
        astray += !placed;
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
        .offer = v_as_int(row.offer_id),
        .from_body = v_as_int(row.from_body_id),
        .to_body = v_as_int(row.to_body_id),
        .from_account = v_as_int(row.from_account_id),
        .to_account = v_as_int(row.to_account_id),
        .number = v_as_text(row.number),
        .state = v_as_text(row.state),
        .need = v_as_text(row.need),
        .ground = v_as_text(row.ground),
        .note = v_as_text(row.note),
        .result = v_as_text(row.result),
        .result_note = v_as_text(row.result_note),
        .sent_on = v_as_int(row.sent_on),
        .answer_by = v_as_int(row.answer_by),
        .answer_late = v_as_int(row.answer_late) != 0,
        .due_on = v_as_int(row.due_on),
        .next_on = v_as_int(row.next_on),
        .owing_body = v_as_int(row.owing_body_id),
        .escalation = v_as_int(row.escalation),
        .finished_on = v_as_int(row.finished_on),
    };
}

/* ---- the sender's further steps ---- */

/* A referral of the viewer's body in this state, to be changed now; otherwise the request fails. */
static struct referral_facts own_in(struct request *rq, struct change *ch, int64_t id,
                                    const char *state)
{
    struct referral_facts r = referral_locked(rq, ch, id);
    if (!rq->err && (!r.id || r.from_body != rq->viewer.body || !person_known(rq, r.person)))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !text_is(r.state, state))
        rq_refuse(rq, N_("The referral has changed meanwhile; open it again"));
    else if (!rq->err && offer_taken(rq, &r))
        rq_refuse(rq, N_("Another body of the same offer has it already"));
    return r;
}

/* It goes out now, for the first time or with what it lacked: the term runs anew. */
static void send_again(struct change *ch, struct referral_facts *r, int64_t version,
                       const struct resend_form *form)
{
    struct request *rq = ch->rq;
    struct referral_ask ask = {.person = r->person, .to_body = r->to_body, .need = r->need, .ground = r->ground};
    bool draft = text_is(r->state, "draft");
    const char *fault = rq->err ? NULL : send_fault(rq, &ask, !draft);
    if (fault)
        rq_refuse(rq, fault);
    union referral_record u = {.state = v_z("sent"),
                               .note = form->note.value,
                               .term_from = v_instant(rq->now),
                               .received_on = v_null(),
                               .answered_on = v_null(),
                               .escalation = v_int(0)};
    if (draft)
        u.sent_on = v_date(rq->today);
    else
        w_term_changes_over(ch, &(struct term_changes_over_args){.referral = v_int(r->id)});
    if (r->due_on < rq->today) /* a named day that has passed: the number of days runs anew */
        u.fixed_on = v_null();
    if (!rq->err)
        referral_dates(rq, r, &u);
    change_update(ch, &referral_table, r->id, version, u.v);
    if (draft && !rq->err)
        open_grants(ch, r);
    HOOK(rq, referral_changed, ch, r->id);
    referral_event(ch, draft ? "referral.sent" : "referral.resent", r, r->to_body,
                   arena_z(rq->arena, r->ground));
    change_commit(ch);
}

void referral_send_draft(struct request *rq, int64_t id, int64_t version, struct resend_form *form)
{
    struct change ch;
    struct referral_facts r = own_in(rq, &ch, id, "draft");
    send_again(&ch, &r, version, form);
}

void referral_resend(struct request *rq, int64_t id, int64_t version, struct resend_form *form)
{
    struct change ch;
    struct referral_facts r = own_in(rq, &ch, id, "returned");
    send_again(&ch, &r, version, form);
}

void referral_drop(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct referral_facts r = own_in(rq, &ch, id, "draft");
    union referral_record u = {.state = v_z("dropped"),
                               .finished_on = v_date(rq->today),
                               .owing_body_id = v_null(),
                               .waiting_body_id = v_null(),
                               .next_at = v_null()};
    change_update(&ch, &referral_table, id, version, u.v);
    referral_event(&ch, "referral.dropped", &r, 0, NULL);
    change_commit(&ch);
}

void next_bodies(struct request *rq, const struct referral_facts *r, struct body_all_options_rows *out)
{
    struct offer_bodies_rows asked = {0};
    body_options(rq, r->need, district_of(rq, r->person), rq->viewer.body, out);
    q_offer_bodies(rq, &(struct offer_bodies_args){.offer = v_int(r->offer ? r->offer : r->id)}, &asked);
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        bool was = v_as_int(out->row[i].id) == r->to_body;
        for (size_t k = 0; k < asked.n; k++)
            was = was || v_eq(asked.row[k].to_body_id, out->row[i].id);
        if (!was)
            out->row[kept++] = out->row[i];
    }
    out->n = kept;
}

int64_t referral_offer_next(struct request *rq, int64_t id, int64_t to_body)
{
    struct change ch;
    struct referral_facts r = own_in(rq, &ch, id, "declined");
    struct body_all_options_rows bodies = {0};
    bool offered = false;
    if (!rq->err && r.case_id && !case_facts(rq, r.case_id).open)
        rq_refuse(rq, N_("The case of this referral is closed"));
    if (!rq->err)
        next_bodies(rq, &r, &bodies);
    for (size_t i = 0; i < bodies.n; i++)
        offered = offered || v_as_int(bodies.row[i].id) == to_body;
    if (!rq->err && !offered)
        rq_mistake(rq, "to_body_id", N_("Choose a body that takes this need and has not been asked yet"));
    union referral_facts_row_row row = {0};
    q_referral_facts_row(rq, &(struct referral_facts_row_args){.id = v_int(id)}, &row);
    struct referral_ask ask = {.person = r.person,
                               .case_id = r.case_id,
                               .measure = r.measure,
                               .to_body = to_body,
                               .need = r.need,
                               .ground = r.ground,
                               .note = r.note,
                               .term = v_as_int(row.term),
                               .rule = v_is(row.due_rule) ? arena_z(rq->arena, v_as_text(row.due_rule)) : NULL,
                               .offer = r.offer ? r.offer : id};
    if (ask.term < 1 && !ask.rule)
        ask.due_on = r.due_on < rq->today ? rq->today : r.due_on;
    if (!rq->err && !rq->mistakes && !r.offer)
        referral_offer(&ch, id);
    int64_t next = rq->err || rq->mistakes ? 0 : referral_send(&ch, &ask);
    if (next)
        HOOK(rq, referral_changed, &ch, next);
    return change_commit(&ch) ? 0 : next;
}

/* ---- what follows from elsewhere ---- */

bool measure_referred(struct request *rq, int64_t measure)
{
    struct referrals_of_measure_rows rows;
    q_referrals_of_measure(rq, &(struct referrals_of_measure_args){.measure = v_int(measure)}, &rows);
    return rows.n > 0;
}

void referral_withdraw_for(struct change *ch, int64_t measure)
{
    struct request *rq = ch->rq;
    struct referrals_of_measure_rows rows;
    q_referrals_of_measure(rq, &(struct referrals_of_measure_args){.measure = v_int(measure)},
                           &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct referral_facts r = referral_facts(rq, v_as_int(rows.row[i].id));
        if (referral_at_work(r.state))
            rq_refuse(rq, N_("Another body is at work on this measure; wait for its result"));
        else
            referral_end(ch, &r, -1, "withdrawn");
    }
}

bool referral_take_back(struct change *ch, int64_t id)
{
    struct referral_facts r = referral_facts(ch->rq, id);
    if (ch->rq->err || !referral_open(r.state) || referral_at_work(r.state))
        return false;
    referral_end(ch, &r, -1, "withdrawn");
    return !ch->rq->err;
}

/* What was passed on by a consent alone ends with it, answered or not, unless another consent bears it. */
static void on_consent_withdrawn(struct change *ch, int64_t person, int64_t to_body)
{
    struct request *rq = ch->rq;
    struct referrals_on_consent_rows rows;
    q_referrals_on_consent(
        rq,
        &(struct referrals_on_consent_args){.person = v_int(person), .body = v_int(to_body)},
        &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct referral_facts r = referral_facts(rq, v_as_int(rows.row[i].id));
        if (!consent_stands(rq, person, to_body, classes_of_need(r.need)))
            referral_end(ch, &r, -1, "withdrawn");
    }
}

/* A case is not closed over the heads of those at work; what nobody has answered yet is taken back; the referral that opened it
 * is answered by its closing: the sender is never left without a reply. */
static void on_case_closing(struct change *ch, int64_t case_id)
{
    struct request *rq = ch->rq;
    struct referrals_of_case_rows rows;
    q_referrals_of_case(rq, &(struct referrals_of_case_args){.case_id = v_int(case_id)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct referral_facts r = referral_facts(rq, v_as_int(rows.row[i].id));
        bool ours = r.from_body == rq->viewer.body, work = referral_at_work(r.state);
        if (ours && text_is(r.state, "draft"))
            referral_end(ch, &r, -1, "dropped");
        else if (ours && !work)
            referral_end(ch, &r, -1, "withdrawn");
        else if (ours)
            rq_refuse(rq, N_("Other bodies are still at work on referrals of this case"));
        else if (r.to_body == rq->viewer.body && work)
            referral_end(ch, &r, -1, "done");
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

static int64_t sample_term(struct request *rq)
{
    struct term_changes_rows rows = {0};
    q_term_changes(rq, &(struct term_changes_args){.referral = v_int(sample_referral(rq))}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_document(struct request *rq)
{
    struct attachment_list_rows rows = {0};
    attachments_of(rq, &(struct attached_to){.object = &referral_table, .id = sample_referral(rq)}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_outside(struct request *rq)
{
    union outside_sample_row row = {0};
    q_outside_sample(rq, NULL, &row);
    return v_as_int(row.id);
}

/* Every day, and as soon as other calendars or rules are in the packs. */
static void compute_terms(struct request *rq)
{
    char now[60];
    union setting_get_row done = {0};
    snprintf(now, sizeof now, "%lld %lld", (long long)terms_version(rq), (long long)rq->today);
    q_setting_get(rq, &(struct setting_get_args){.name = v_z("referrals.terms")}, &done);
    if (rq->err || text_is(v_as_text(done.value), now))
        return;
    size_t moved = referrals_recompute(rq);
    if (moved)
        log_info("terms: %zu referrals have other dates", moved);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_setting_put(&ch, &(struct setting_put_args){.name = v_z("referrals.terms"), .value = v_z(now)});
    ch.events++; /* how far the work has come: nothing happened to anybody */
    change_commit(&ch);
}

static const struct sample samples[] = {{"referral", sample_referral}, {"term", sample_term},
                                        {"document", sample_document}, {"outside", sample_outside}, {0}};

static const struct job jobs[] = {{"referrals.terms", 60, compute_terms},
                                  {"referrals.escalate", 3600, referrals_escalate},
                                  {0}};
static const struct pack_section sections[] = {{"escalation", NULL, escalation_take, NULL}, {0}};

static void papers_of_referral(struct change *ch, int64_t id)
{
    attachments_destroy(ch, &referral_table, id);
}

static const struct retained retains[] = {
    {"referral_message", "case_closed", &referral_message_table, &message_retained_query},
    {"referral_answer", "case_closed", &referral_answer_table, &answer_retained_query},
    {"referral_outside", "case_closed", &referral_outside_table, &outside_retained_query},
    {"term_change", "case_closed", &term_change_table, &term_change_retained_query},
    {"referral", "case_closed", &referral_table, &referral_retained_query, .papers = papers_of_referral},
    {0}};

const struct room referrals_room = {.name = "referrals",
                                    .tables = referrals_tables,
                                    .forms = referrals_forms,
                                    .packs = sections,
                                    .jobs = jobs,
                                    .samples = samples,
                                    .retains = retains,
                                    .hooks = {.case_closing = on_case_closing,
                                              .consent_withdrawn = on_consent_withdrawn,
                                              .caseload_moving = referrals_caseload_moving,
                                              .body_succeeding = referrals_body_succeeding}};
