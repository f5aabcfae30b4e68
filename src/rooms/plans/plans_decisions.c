/* Decisions: drafted with the minutes, in force with their approval, then under control until the secretary takes them off. */
#include "agencies_gen.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/packs/packs_due.h"
#include "rooms/plans/plans_rules.h"
#include "rooms/programmes/programmes.h"
#include "staff_gen.h"
#include "web/web.h"
#include <stdio.h>

bool decision_read(struct request *rq, struct value id, union decision_case_row *out)
{
    union decision_task_row open;
    if (!q_decision_case(rq, &(struct decision_case_args){.id = id}, out)) {
        if (!q_decision_task(rq, &(struct decision_task_args){.id = id}, &open))
            return false;
        _Static_assert(sizeof open == sizeof *out, "both statements have the same columns");
        memcpy(out, &open, sizeof open);
    }
    if (text_is(v_as_text(out->vote), "open")) /* who watches the sums would know the votes */
        out->n_for = out->n_against = out->n_abstained = v_null();
    return true;
}

void decision_tell(struct change *ch, const char *kind, int64_t id, struct value person, struct value case_id, uint32_t classes,
                   int64_t other_body)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = v_as_int(person),
                                     .case_id = v_as_int(case_id),
                                     .other_body = other_body,
                                     .classes = classes,
                                     .table = &decision_table,
                                     .object = id});
}

/* ---- drafts ---- */

/* The date due by the term of the packs, counted from the meeting; a day that is named goes before it. */
static struct value due_by(struct request *rq, const struct meeting *m, struct input *term, struct input *due_on)
{
    char key[100];
    struct due due;
    if (v_is(due_on->value)) {
        if (v_as_int(due_on->value) < rq->today)
            input_reject(rq, due_on, N_("The date has passed"));
        return due_on->value;
    }
    snprintf(key, sizeof key, "decision_term %.*s", TEXT_ARG(v_as_text(term->value)));
    struct text rule = v_is(term->value) ? pack_value("code", key, "rule") : T("");
    if (!rule.n || !term_due(&(struct term){.rule = arena_z(rq->arena, rule), .from = v_as_int(m->m.meets_at)}, &due)) {
        input_reject(rq, due_on, N_("Name a day, or choose a term"));
        return v_null();
    }
    return v_date(due.day);
}

/* Whom it is addressed to works there still. */
static void check_owner(struct request *rq, struct input *body, struct input *account)
{
    union body_facts_row b;
    union account_facts_row a;
    if (v_is(body->value) && (!body_of(rq, v_as_int(body->value), &b) || !v_as_int(b.active)))
        input_reject(rq, body, N_("The body is closed: choose another"));
    if (v_is(account->value) && (!q_account_facts(rq, &(struct account_facts_args){.id = account->value}, &a) ||
                                 !v_as_int(a.active) || !v_eq(a.body_id, body->value)))
        input_reject(rq, account,
                     N_("This worker is not in the body, or has left it: choose another, or leave it to the body"));
}

/* The programme that the viewer's body leads for the case; 0: none. */
static int64_t programme_of(struct request *rq, struct value case_id)
{
    union programme_of_case_open_row g = {0};
    return v_is(case_id) && q_programme_of_case_open(rq, &(struct programme_of_case_open_args){.case_id = case_id}, &g)
               ? v_as_int(g.id)
               : 0;
}

/* Of a measure: its inputs, in the form of a new decision or of one that is taken into a programme. */
struct measure_inputs {
    struct input *goal, *need, *ground, *body, *due;
};

/* A measure is asked for by a goal and a need; both or none. */
static void check_measure(struct request *rq, struct value case_id, const struct measure_inputs *in, struct value body, struct value due)
{
    if (!v_is(in->goal->value) && !v_is(in->need->value))
        return;
    int64_t programme = programme_of(rq, case_id);
    const char *field = NULL;
    const char *fault = !programme ? N_("Your body leads no programme of this case")
                                   : measure_fault(rq,
                                                   &(struct measure_ask){.programme = programme,
                                                                         .goal = v_as_int(in->goal->value),
                                                                         .need = v_as_text(in->need->value),
                                                                         .body = v_as_int(body),
                                                                         .ground = v_as_text(in->ground->value),
                                                                         .due_on = v_as_int(due)},
                                                   &field);
    struct text at = text_of(field ? field : "goal_id");
    if (fault)
        input_reject(rq,
                     text_is(at, "need")      ? in->need
                     : text_is(at, "ground")  ? in->ground
                     : text_is(at, "due_on")  ? in->due
                     : text_is(at, "body_id") ? in->body
                                              : in->goal,
                     fault);
}

void decision_draft(struct request *rq, int64_t item_id, struct decision_case_form *on_case, struct decision_open_form *open)
{
    struct change ch;
    struct meeting m;
    union item_case_row item = {0};
    union item_facts_row f = {0};
    if (!item_read(rq, v_int(item_id), &item) || !q_item_facts(rq, &(struct item_facts_args){.id = v_int(item_id)}, &f))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, &ch, SUBJECT(&meeting_table, v_as_int(item.meeting_id)));
    meeting_read(rq, v_as_int(item.meeting_id), &m);
    if (!rq->err && !item_writes(rq, &m, v_as_int(f.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !meeting_in(&m, "held"))
        rq_refuse(rq, N_("Minutes are written after the meeting, until they are approved"));
    bool person = v_is(item.person_id);
    struct input *body = person ? &on_case->body_id : &open->body_id;
    struct input *account = person ? &on_case->account_id : &open->account_id;
    check_owner(rq, body, account);
    struct value due = person ? due_by(rq, &m, &on_case->term, &on_case->due_on) : due_by(rq, &m, &open->term, &open->due_on);
    uint32_t classes = 0;
    union decision_record r = {.meeting_id = item.meeting_id,
                               .item_id = v_int(item_id),
                               .body_id = body->value,
                               .account_id = account->value,
                               .due_on = due,
                               .state = v_z("draft"),
                               .vote = v_z("none"),
                               .n_for = v_int(0),
                               .n_against = v_int(0),
                               .n_abstained = v_int(0)};
    if (person) {
        classes = (uint32_t)v_as_int(item.classes) | code_classes("need", v_as_text(on_case->need.value));
        check_measure(rq, item.case_id,
                      &(struct measure_inputs){&on_case->goal_id, &on_case->need, &on_case->ground, &on_case->body_id, &on_case->due_on},
                      body->value, due);
        if (v_is(body->value) && access_barred(rq, v_as_int(body->value), v_as_int(item.person_id)))
            input_reject(rq, body,
                         N_("The person is restricted and this body is not named: it would see nothing. "
                            "The body that set the restriction may name it"));
        r.person_id = item.person_id;
        r.case_id = item.case_id;
        r.words = on_case->words.value;
        r.term = on_case->term.value;
        r.goal_id = on_case->goal_id.value;
        r.need = v_is(on_case->need.value) ? on_case->need.value : v_null();
        r.ground = on_case->ground.value;
        r.classes = v_int(classes);
    } else {
        r.task = open->task.value;
        r.term = open->term.value;
    }
    int64_t id = rq->mistakes ? 0 : change_insert(&ch, &decision_table, r.v);
    decision_tell(&ch, "decision.drafted", id, r.person_id, r.case_id, classes, 0);
    change_commit(&ch);
}

/* A decision that the viewer reads, with its meeting locked; facts are read behind the lock. */
static void decision_begin(struct request *rq, struct change *ch, int64_t id, struct meeting *m, union decision_case_row *card,
                           union decision_facts_row *d)
{
    if (!rq->err && !decision_read(rq, v_int(id), card))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, ch, SUBJECT(&meeting_table, v_as_int(card->meeting_id)));
    if (!rq->err && !q_decision_facts(rq, &(struct decision_facts_args){.id = v_int(id)}, d))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_as_int(d->body_id) != rq->viewer.body) /* who carries it out need not take part */
        meeting_read(rq, v_as_int(card->meeting_id), m);
    else if (!rq->err) {
        q_meeting_facts(rq, &(struct meeting_facts_args){.id = card->meeting_id}, &m->m);
        m->holds = v_as_int(m->m.body_id) == rq->viewer.body;
        m->keeps = m->holds && rq_may(rq, CAP_KEEP_MINUTES);
    }
}

static int64_t item_body_of(struct request *rq, struct value item)
{
    union item_facts_row f = {0};
    q_item_facts(rq, &(struct item_facts_args){.id = item}, &f);
    return v_as_int(f.body_id);
}

void decision_remove(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct meeting m = {0};
    union decision_case_row card = {0};
    union decision_facts_row d = {0};
    decision_begin(rq, &ch, id, &m, &card, &d);
    if (!rq->err && !item_writes(rq, &m, item_body_of(rq, d.item_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !text_is(v_as_text(d.state), "draft"))
        rq_refuse(rq, N_("The minutes are approved: the decision is not changed any more"));
    if (!rq->err && v_as_int(d.version) != version)
        rq_fail(rq, ERR_STALE);
    w_votes_drop(&ch, &(struct votes_drop_args){.decision = v_int(id)});
    w_decision_drop(&ch, &(struct decision_drop_args){.id = v_int(id)});
    decision_tell(&ch, "decision.removed", id, d.person_id, d.case_id, (uint32_t)v_as_int(d.classes), 0);
    change_commit(&ch);
}

/* ---- in force ---- */

/* By the programme's own rules, as its lead; what cannot be a measure now stays a task. */
static int64_t to_measure(struct change *ch, int64_t programme, int64_t id, struct value words, struct value body, struct value due,
                          struct value goal, struct value need, struct value ground, struct value case_id, struct value person,
                          uint32_t classes)
{
    int64_t measure = measure_set(ch, &(struct measure_ask){.programme = programme,
                                                            .goal = v_as_int(goal),
                                                            .words = v_as_text(words),
                                                            .need = v_as_text(need),
                                                            .body = v_as_int(body),
                                                            .ground = v_as_text(ground),
                                                            .due_on = v_as_int(due)});
    union decision_record r = {.measure_id = v_int(measure)};
    if (measure)
        change_update(ch, &decision_table, id, -1, r.v);
    decision_tell(ch, "decision.measure", id, person, case_id, classes, 0);
    return measure;
}

void decision_make(struct change *ch, const struct meeting *m, const union decisions_of_row *d)
{
    struct request *rq = ch->rq;
    bool votes = !text_is(v_as_text(m->m.ballot), "none");
    bool taken = !votes || text_is(v_as_text(d->vote), "adopted");
    uint32_t classes = (uint32_t)v_as_int(d->classes), write = rq->viewer.role ? rq->viewer.role->write : 0;
    int64_t id = v_as_int(d->id), body = v_as_int(d->body_id);
    union decision_record r = {.state = v_z(taken ? "open" : "rejected")};
    change_update(ch, &decision_table, id, -1, r.v);
    decision_tell(ch, taken ? "decision.made" : "decision.rejected", id, d->person_id, d->case_id, classes,
                  taken && body != rq->viewer.body ? body : 0);
    if (!taken || !v_is(d->goal_id) || rq->err)
        return;
    int64_t programme = programme_of(rq, d->case_id);
    const char *field;
    if (programme && !(classes & ~write) && !access_hidden(rq, v_as_int(d->person_id)) &&
        !measure_fault(rq,
                       &(struct measure_ask){.programme = programme,
                                             .goal = v_as_int(d->goal_id),
                                             .need = v_as_text(d->need),
                                             .body = body,
                                             .ground = v_as_text(d->ground),
                                             .due_on = v_as_int(d->due_on)},
                       &field))
        to_measure(ch, programme, id, d->words, d->body_id, d->due_on, d->goal_id, d->need, d->ground, d->case_id, d->person_id,
                   classes);
}

/* The lead takes into its programme what a meeting elsewhere has decided. */
void decision_to_measure(struct request *rq, int64_t id, int64_t version, struct take_measure_form *form)
{
    struct change ch;
    struct meeting m = {0};
    union decision_case_row card = {0};
    union decision_facts_row d = {0};
    if (!rq_may(rq, CAP_LEAD_CASE))
        rq_fail(rq, ERR_FORBIDDEN);
    decision_begin(rq, &ch, id, &m, &card, &d);
    if (!rq->err && item_body_of(rq, d.item_id) != rq->viewer.body)
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && (!text_is(v_as_text(d.state), "open") || v_is(d.measure_id)))
        rq_refuse(rq, N_("The decision is not in force, or is a measure already"));
    if (!rq->err && v_as_int(d.version) != version)
        rq_fail(rq, ERR_STALE);
    if (!rq->err) /* whose body and date are the decision's: what is wrong with them is said at the need */
        check_measure(rq, d.case_id,
                      &(struct measure_inputs){&form->goal_id, &form->need, &form->ground, &form->need, &form->need}, d.body_id, d.due_on);
    if (!rq->err && !rq->mistakes)
        to_measure(&ch, programme_of(rq, d.case_id), id, d.words, d.body_id, d.due_on, form->goal_id.value, form->need.value,
                   form->ground.value, d.case_id, d.person_id, (uint32_t)v_as_int(d.classes));
    change_commit(&ch);
}

/* ---- control ---- */

void decision_report(struct request *rq, int64_t id, int64_t version, struct decision_report_form *form)
{
    struct change ch;
    struct meeting m = {0};
    union decision_case_row card = {0};
    union decision_facts_row d = {0};
    struct text state = v_as_text(form->state.value);
    if (!text_is(state, "done") && !text_is(state, "not_done"))
        input_reject(rq, &form->state, N_("Choose a value from the list"));
    decision_begin(rq, &ch, id, &m, &card, &d);
    if (!rq->err && v_as_int(d.body_id) != rq->viewer.body && !m.keeps)
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && v_is(d.measure_id))
        rq_refuse(rq, N_("The decision is a measure of the programme: its result stands there"));
    else if (!rq->err && !text_is(v_as_text(d.state), "open"))
        rq_refuse(rq, N_("The decision is not to be carried out, or has been reported on"));
    bool person = v_is(d.person_id);
    struct input *note = person ? &form->result_note : &form->report;
    if (text_is(state, "not_done") && !v_is(note->value))
        input_reject(rq, note, N_("Say why it was not done"));
    union decision_record r = {.state = form->state.value, .done_on = form->done_on.value};
    if (person) {
        r.result_note = note->value;
        r.classes = d.classes; /* for the right to write them; they stay as they are */
    } else
        r.report = note->value;
    change_update(&ch, &decision_table, id, version, r.v);
    decision_tell(&ch, "decision.reported", id, d.person_id, d.case_id, (uint32_t)v_as_int(d.classes), v_as_int(m.m.body_id));
    change_commit(&ch);
}

void decision_off(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct meeting m = {0};
    union decision_case_row card = {0};
    union decision_facts_row d = {0};
    union decision_measure_state_row x = {0};
    decision_begin(rq, &ch, id, &m, &card, &d);
    if (!rq->err && !m.keeps)
        rq_fail(rq, ERR_FORBIDDEN);
    struct text state = v_as_text(d.state);
    bool ended = text_is(state, "done") || text_is(state, "not_done");
    if (!rq->err && v_is(d.measure_id) &&
        q_decision_measure_state(rq, &(struct decision_measure_state_args){.measure = d.measure_id}, &x)) {
        struct text s = v_as_text(x.state);
        ended = text_is(state, "open") && !text_is(s, "planned") && !text_is(s, "sent") && !text_is(s, "in_progress");
    }
    if (!rq->err && !ended)
        rq_refuse(rq, N_("Nothing has been reported on the decision yet: it stays under control"));
    union decision_record r = {.state = v_z("off"), .off_on = v_date(rq->today)};
    change_update(&ch, &decision_table, id, version, r.v);
    decision_tell(&ch, "decision.off", id, d.person_id, d.case_id, (uint32_t)v_as_int(d.classes), 0);
    change_commit(&ch);
}
