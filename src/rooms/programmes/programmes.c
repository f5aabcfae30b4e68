#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/court/court.h"
#include "rooms/packs/packs.h"
#include "rooms/programmes/programmes_rules.h"
#include "rooms/referrals/referrals.h"
#include "web/web.h"
#include <string.h>

struct programme_facts programme_own(struct request *rq, int64_t id)
{
    union programme_facts_row_row row;
    if (!q_programme_facts_row(rq, &(struct programme_facts_row_args){.id = v_int(id)}, &row) ||
        v_as_int(row.body_id) != rq->viewer.body || access_hidden(rq, v_as_int(row.person_id))) {
        rq_fail(rq, ERR_NOT_FOUND);
        return (struct programme_facts){0};
    }
    return (struct programme_facts){id,
                                    v_as_int(row.version),
                                    v_as_int(row.person_id),
                                    v_as_int(row.body_id),
                                    v_as_int(row.case_id),
                                    v_as_text(row.state)};
}

static void event_of(struct change *ch, const char *kind, const struct programme_facts *p,
                     const struct table *table, int64_t object)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = p->person,
                                     .case_id = p->case_id,
                                     .classes = CLASS_BIT(CLASS_SOCIAL),
                                     .table = table,
                                     .object = object});
}

/* Begins a change of a programme that still may change. */
static struct programme_facts begin(struct request *rq, struct change *ch, int64_t id)
{
    change_begin(rq, ch, SUBJECT(&programme_table, id));
    struct programme_facts p = programme_own(rq, id);
    if (!rq->err && text_is(p.state, "closed"))
        rq_refuse(rq, N_("The programme is closed"));
    return p;
}

static void check_dates(struct request *rq, struct programme_form *form)
{
    if (v_is(form->ends_on.value) &&
        v_as_int(form->ends_on.value) < v_as_int(form->starts_on.value))
        input_reject(rq, &form->ends_on, N_("The end is before the beginning"));
}

bool programme_asks_court(struct request *rq, int64_t person)
{
    return rq->viewer.role && rq->viewer.role->write & access_bits(rq, rq->viewer.body, person) &
                                  CLASS_BIT(CLASS_CRIMINAL) &&
           !sentences_spent(rq, person);
}

static struct value court_note(struct request *rq, int64_t person, struct programme_form *form)
{
    return programme_asks_court(rq, person) ? form->court_note.value : (struct value){0};
}

void programme_create(struct request *rq, int64_t case_id, struct programme_form *form)
{
    struct change ch;
    check_dates(rq, form);
    change_begin(rq, &ch, SUBJECT(&case_file_table, case_id));
    struct case_facts c = case_own(rq, case_id);
    if (!rq->err && !c.open)
        rq_refuse(rq, N_("The case is closed"));
    union programme_record r = {
        .number = v_text(change_number(&ch, "P")),
        .case_id = v_int(case_id),
        .person_id = v_int(c.person),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .state = v_z("draft"),
        .starts_on = form->starts_on.value,
        .ends_on = form->ends_on.value,
        .court_note = court_note(rq, c.person, form),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &programme_table, r.v);
    struct programme_facts p = {.id = id, .person = c.person, .case_id = case_id};
    event_of(&ch, "programme.created", &p, &programme_table, id);
    if (!rq->err)
        case_advance(&ch, case_id, "programme");
    rq_redirect(rq, "/programmes/%lld", (long long)id);
    change_commit(&ch);
}

void programme_change(struct request *rq, int64_t id, int64_t version, struct programme_form *form)
{
    struct change ch;
    check_dates(rq, form);
    struct programme_facts p = begin(rq, &ch, id);
    union programme_record r = {.starts_on = form->starts_on.value,
                                .ends_on = form->ends_on.value,
                                .court_note = court_note(rq, p.person, form)};
    change_update(&ch, &programme_table, id, version, r.v);
    event_of(&ch, "programme.changed", &p, &programme_table, id);
    change_commit(&ch);
}

void goal_add(struct request *rq, int64_t programme, struct goal_form *form)
{
    uint32_t tells = code_classes("need_domain", v_as_text(form->domain.value));
    if (!rq->viewer.role || tells & ~rq->viewer.role->write) {
        input_reject(rq, &form->domain, N_("Your role does not set goals in this domain"));
        return;
    }
    struct change ch;
    struct programme_facts p = begin(rq, &ch, programme);
    union goal_record r = {
        .programme_id = v_int(programme),
        .person_id = v_int(p.person),
        .domain = form->domain.value,
        .words = form->words.value,
        .classes = v_int(CLASS_BIT(CLASS_SOCIAL) | tells),
    };
    int64_t id = change_insert(&ch, &goal_table, r.v);
    event_of(&ch, "programme.changed", &p, &goal_table, id);
    change_commit(&ch);
}

void performer_options(struct request *rq, struct body_all_options_rows *out)
{
    size_t n = 0;
    body_options(rq, T(""), 0, 0, out);
    for (size_t i = 0; i < out->n; i++) {
        union body_all_options_row b = out->row[i];
        bool takes = false;
        for (const struct pack_entry *e = pack_next("need", NULL); e && !takes;
             e = pack_next("need", e))
            takes = pack_prop_has(e, "kinds", v_as_text(b.kind));
        if (!takes)
            continue;
        bool own = v_as_int(b.id) == rq->viewer.body;
        if (own)
            memmove(out->row + 1, out->row, n * sizeof *out->row);
        out->row[own ? 0 : n] = b;
        n++;
    }
    out->n = n;
}

enum { FAULT_GOAL, FAULT_NEED, FAULT_DUE, FAULT_BODY, FAULT_GROUND, FAULTS };

/* What only the rule knows of one field of a measure. */
static const char *fault_of(struct request *rq, const struct measure_ask *a, int field)
{
    union goal_facts_row goal;
    const char *fault;
    bool own = a->body == rq->viewer.body;
    switch (field) {
    case FAULT_GOAL:
        return q_goal_facts(rq, &(struct goal_facts_args){.id = v_int(a->goal)}, &goal) &&
                       v_as_int(goal.programme_id) == a->programme
                   ? NULL
                   : N_("Choose a value from the list");
    case FAULT_NEED:
        fault = need_fault(rq, a->need);
        return fault ? fault : a->need.n ? NULL : N_("Choose a value from the list");
    case FAULT_DUE:
        return a->due_on < rq->today ? N_("The date has passed") : NULL;
    case FAULT_BODY:
        return own || body_takes(rq, a->body, a->need) ? NULL
                                                       : N_("This body does not take referrals with such a need");
    default:
        return own || a->ground.n ? NULL
                                  : N_("Choose the ground in law on which data are passed on to another body");
    }
}

const char *measure_fault(struct request *rq, const struct measure_ask *ask, const char **field)
{
    static const char *const names[FAULTS] = {"goal_id", "need", "due_on", "body_id", "ground"};
    for (int i = 0; i < FAULTS; i++) {
        const char *fault = fault_of(rq, ask, i);
        if (fault) {
            *field = names[i];
            return fault;
        }
    }
    return NULL;
}

/* The measure of another body goes to it as a referral. */
static void send(struct change *ch, const struct programme_facts *p, int64_t measure,
                 struct referral_ask ask)
{
    ask.person = p->person;
    ask.case_id = p->case_id;
    ask.measure = measure;
    union measure_record sent = {.state = v_z("sent"), .referral_id = v_int(referral_send(ch, &ask))};
    change_update(ch, &measure_table, measure, -1, sent.v);
}

static int64_t set(struct change *ch, const struct programme_facts *p, const struct measure_ask *ask, bool later)
{
    struct request *rq = ch->rq;
    bool own = ask->body == rq->viewer.body;
    struct value ground = v_text_or_null(ask->ground);
    union measure_record r = {
        .programme_id = v_int(p->id),
        .goal_id = v_int(ask->goal),
        .case_id = v_int(p->case_id),
        .person_id = v_int(p->person),
        .words = v_text(ask->words),
        .need = v_text(ask->need),
        .body_id = v_int(ask->body),
        .ground = ground,
        .due_on = v_date(ask->due_on),
        .state = v_z(own ? "in_progress" : later ? "planned" : "sent"),
        .classes = v_int(code_classes("need", ask->need)),
    };
    int64_t id = rq->mistakes ? 0 : change_insert(ch, &measure_table, r.v);
    change_event(
        ch,
        &(struct event){.kind = "measure.set",
                        .person = p->person,
                        .case_id = p->case_id,
                        .other_body = own || later ? 0 : ask->body,
                        .classes = CLASS_BIT(CLASS_SOCIAL) | (uint32_t)v_as_int(r.classes),
                        .table = &measure_table,
                        .object = id,
                        .ground = own ? NULL : arena_z(rq->arena, v_as_text(ground))});
    if (!own && !later && id)
        send(ch, p, id,
             (struct referral_ask){.to_body = ask->body,
                                   .need = ask->need,
                                   .ground = ask->ground,
                                   .note = ask->words,
                                   .due_on = ask->due_on});
    return id;
}

int64_t measure_set(struct change *ch, const struct measure_ask *ask)
{
    struct request *rq = ch->rq;
    const char *field, *fault;
    if (rq->err)
        return 0;
    change_lock(ch, SUBJECT(&programme_table, ask->programme));
    struct programme_facts p = programme_own(rq, ask->programme);
    if (!rq->err && text_is(p.state, "closed"))
        rq_refuse(rq, N_("The programme is closed"));
    fault = rq->err ? NULL : measure_fault(rq, ask, &field);
    if (fault)
        rq_refuse(rq, fault);
    return rq->err ? 0 : set(ch, &p, ask, false);
}

void measure_add(struct request *rq, int64_t programme, bool later, struct measure_form *form)
{
    struct change ch;
    struct programme_facts p = begin(rq, &ch, programme);
    struct measure_ask ask = {.programme = programme,
                              .goal = v_as_int(form->goal_id.value),
                              .body = v_as_int(form->body_id.value),
                              .due_on = v_as_int(form->due_on.value),
                              .words = v_as_text(form->words.value),
                              .need = v_as_text(form->need.value),
                              .ground = v_as_text(form->ground.value)};
    struct input *inputs[FAULTS] = {&form->goal_id, &form->need, &form->due_on, &form->body_id, &form->ground};
    for (int i = 0; i < FAULTS && !rq->err; i++) {
        const char *fault = fault_of(rq, &ask, i);
        if (fault)
            input_reject(rq, inputs[i], fault);
    }
    set(&ch, &p, &ask, later);
    change_commit(&ch);
}

size_t programme_send(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct programme_facts p = begin(rq, &ch, id);
    struct measures_planned_rows rows = {0};
    q_measures_planned(rq, &(struct measures_planned_args){.programme = v_int(id)}, &rows);
    if (!rq->err && !rows.n)
        rq_refuse(rq, N_("No measure of the programme waits to be sent"));
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union measures_planned_row *m = &rows.row[i];
        if (v_as_int(m->due_on) < rq->today)
            rq_refuse(rq, N_("The date of a planned measure has passed: cancel it and set another"));
        send(&ch, &p, v_as_int(m->id),
             (struct referral_ask){.to_body = v_as_int(m->body_id),
                                   .need = v_as_text(m->need),
                                   .ground = v_as_text(m->ground),
                                   .note = v_as_text(m->words),
                                   .due_on = v_as_int(m->due_on)});
    }
    change_update(&ch, &programme_table, id, version, (union programme_record){0}.v);
    event_of(&ch, "programme.sent", &p, &programme_table, id);
    return change_commit(&ch) ? 0 : rows.n;
}

void programme_agree(struct request *rq, int64_t id, int64_t version, int64_t day)
{
    struct change ch;
    struct programme_facts p = begin(rq, &ch, id);
    if (!rq->err && !text_is(p.state, "draft"))
        rq_refuse(rq, N_("The programme has been agreed already"));
    union programme_record r = {.state = v_z("agreed"), .agreed_on = v_date(day)};
    change_update(&ch, &programme_table, id, version, r.v);
    change_event(&ch, &(struct event){.kind = "programme.agreed",
                                      .person = p.person,
                                      .case_id = p.case_id,
                                      .classes = CLASS_BIT(CLASS_SOCIAL),
                                      .table = &programme_table,
                                      .object = id,
                                      .day = day});
    if (!rq->err)
        case_advance(&ch, p.case_id, "in_work");
    change_commit(&ch);
}

/* A measure of a programme that the viewer's body leads, in a state that may change. */
static struct programme_facts begin_measure(struct request *rq, struct change *ch, int64_t id,
                                            union measure_facts_row *m)
{
    change_begin(rq, ch, SUBJECT(&measure_table, id));
    if (!q_measure_facts(rq, &(struct measure_facts_args){.id = v_int(id)}, m)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return (struct programme_facts){0};
    }
    struct programme_facts p = programme_own(rq, v_as_int(m->programme_id));
    struct text state = v_as_text(m->state);
    if (!rq->err && !text_is(state, "in_progress") && !text_is(state, "sent") &&
        !text_is(state, "planned"))
        rq_refuse(rq, N_("The measure is finished already"));
    return p;
}

void measure_finish(struct request *rq, int64_t id, int64_t version,
                    struct measure_result_form *form)
{
    struct change ch;
    union measure_facts_row m = {0};
    struct programme_facts p = begin_measure(rq, &ch, id, &m);
    if (!rq->err && v_as_int(m.body_id) != rq->viewer.body)
        rq_refuse(rq, N_("The result of this measure is reported by the responsible body"));
    bool done = result_counts_as_done(v_as_text(form->result.value));
    union measure_record r = {.state = v_z(done ? "done" : "not_done"),
                              .done_on = form->done_on.value,
                              .result = form->result.value,
                              .result_note = form->result_note.value};
    change_update(&ch, &measure_table, id, version, r.v);
    event_of(&ch, done ? "measure.done" : "measure.not_done", &p, &measure_table, id);
    change_commit(&ch);
}

void measure_cancel(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union measure_facts_row m = {0};
    struct programme_facts p = begin_measure(rq, &ch, id, &m);
    union measure_record r = {.state = v_z("cancelled")};
    change_update(&ch, &measure_table, id, version, r.v);
    if (!rq->err)
        referral_withdraw_for(&ch, id);
    event_of(&ch, "measure.cancelled", &p, &measure_table, id);
    change_commit(&ch);
}

/* The measure goes with its referral: in work, declined, withdrawn, done. */
static void on_referral(struct change *ch, int64_t referral)
{
    struct request *rq = ch->rq;
    struct referral_facts f = referral_facts(rq, referral);
    if (!f.measure)
        return;
    union measure_record r = {.due_on = v_date(f.due_on)};
    bool work = referral_at_work(f.state), asked = referral_open(f.state) && !work;
    bool ended = text_is(f.state, "declined") || text_is(f.state, "withdrawn") || text_is(f.state, "taken");
    if (ended && measure_referred(rq, f.measure))
        return; /* another body has it, or is still asked */
    if (work || asked) { /* also when it is offered to another body after a refusal */
        r.state = v_z(work ? "in_progress" : "sent");
        r.body_id = v_int(f.to_body);
        r.referral_id = v_int(f.id);
    } else if (ended)
        r.state = v_z(text_is(f.state, "declined") ? "declined" : "cancelled");
    else if (text_is(f.state, "done") || text_is(f.state, "not_done")) {
        r.state = v_text(f.state);
        r.done_on = v_date(f.finished_on);
        r.result = v_text(f.result);
        r.result_note = v_text_or_null(f.result_note);
    } else
        return;
    change_update(ch, &measure_table, f.measure, -1, r.v);
}

static void on_case_closing(struct change *ch, int64_t case_id)
{
    struct request *rq = ch->rq;
    struct measures_open_rows open;
    q_measures_open(rq, &(struct measures_open_args){.case_id = v_int(case_id)}, &open);
    if (open.n) {
        rq_refuse(rq,
                  N_("The programme has measures without a result: finish or cancel them first"));
        return;
    }
    struct programmes_open_rows rows;
    q_programmes_open(rq, &(struct programmes_open_args){.case_id = v_int(case_id)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        union programme_record r = {.state = v_z("closed")};
        change_update(ch, &programme_table, v_as_int(rows.row[i].id), -1, r.v);
    }
}

static int64_t sample_programme(struct request *rq)
{
    struct programme_list_rows rows;
    q_programme_list(rq, &(struct programme_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_measure(struct request *rq)
{
    struct measure_list_rows rows;
    q_measure_list(rq, &(struct measure_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {
    {"programme", sample_programme}, {"measure", sample_measure}, {0}};

static bool same_goal(const struct programme_plan_rows *p, size_t i, size_t k)
{
    return v_as_int(p->row[i].goal_id) == v_as_int(p->row[k].goal_id);
}

/* A measure that the viewer does not see leaves its goal's row; the goal stands there once, as if it had none. */
void programme_plan(struct request *rq, struct value programme, struct programme_plan_rows *out)
{
    size_t kept = 0;
    q_programme_plan(rq, &(struct programme_plan_args){.programme = programme}, out);
    for (size_t i = 0; i < out->n; i++) {
        bool first = !kept || !same_goal(out, kept - 1, i), last = i + 1 == out->n || !same_goal(out, i + 1, i);
        if (!v_is(out->row[i].measure_id) && !(first && last))
            continue;
        out->row[kept] = out->row[i];
        out->row[kept++].begins = v_int(first);
    }
    out->n = kept;
}

static const struct retained retains[] = {
    {"measure", "case_closed", &measure_table, &measure_retained_query},
    {"goal", "case_closed", &goal_table, &goal_retained_query},
    {"programme", "case_closed", &programme_table, &programme_retained_query},
    {0}};

const struct room programmes_room = {
    .name = "programmes",
    .tables = programmes_tables,
    .forms = programmes_forms,
    .samples = samples,
    .retains = retains,
    .hooks = {.referral_changed = on_referral,
              .case_closing = on_case_closing,
              .caseload_moving = programmes_caseload_moving,
              .body_succeeding = programmes_body_succeeding}};
