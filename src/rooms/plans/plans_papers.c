/* Papers of questions, meetings and decisions. A question or a decision on a case has papers of that person, under its classes; all
 * others are about nobody and read by whoever reads the row. What covers a whole meeting (the signed minutes) tells of every
 * question: it is there for those only who read each of them, and goes with the last question on a case. */
#include "papers_gen.h"
#include "rooms/papers/papers.h"
#include "rooms/plans/plans_rules.h"

bool papers_place(struct request *rq, const struct table *object, int64_t id, struct attached_to *to)
{
    union item_case_row item = {0};
    union decision_case_row d = {0};
    struct meeting m;
    struct value person = v_null(), classes = v_null();
    bool reads;
    if (object == &agenda_item_table) {
        reads = item_read(rq, v_int(id), &item);
        person = item.person_id;
        classes = item.classes;
    } else if (object == &decision_table) {
        reads = decision_read(rq, v_int(id), &d);
        person = d.person_id;
        classes = d.classes;
    } else {
        meeting_read(rq, id, &m);
        reads = !rq->err;
    }
    if (!reads)
        rq_fail(rq, ERR_NOT_FOUND);
    *to = (struct attached_to){.object = object, .id = id, .person = v_as_int(person), .open = !v_is(person)};
    to->classes = v_is(classes) ? (uint32_t)v_as_int(classes) : 0;
    return !rq->err;
}

static bool reads_all_questions(struct request *rq, int64_t meeting)
{
    struct items_of_rows items = {0};
    q_items_of(rq, &(struct items_of_args){.meeting = v_int(meeting)}, &items);
    for (size_t i = 0; i < items.n; i++) {
        union item_case_row item;
        if (!item_read(rq, items.row[i].id, &item))
            return false;
    }
    return !rq->err;
}

static bool may_attach(struct request *rq, const struct table *object, int64_t id)
{
    struct meeting m = {0};
    if (object == &agenda_item_table) {
        union item_facts_row item = {0};
        q_item_facts(rq, &(struct item_facts_args){.id = v_int(id)}, &item);
        meeting_read(rq, v_as_int(item.meeting_id), &m);
        return !rq->err && item_writes(rq, &m, v_as_int(item.body_id)) && (meeting_in(&m, "planned") || meeting_in(&m, "held"));
    }
    if (object == &meeting_table) {
        meeting_read(rq, id, &m);
        return !rq->err && m.keeps && !meeting_in(&m, "cancelled");
    }
    union decision_facts_row d = {0};
    q_decision_facts(rq, &(struct decision_facts_args){.id = v_int(id)}, &d);
    struct text state = v_as_text(d.state);
    if (meeting_known(rq, v_as_int(d.meeting_id)))
        meeting_read(rq, v_as_int(d.meeting_id), &m);
    return !rq->err && (m.keeps || v_as_int(d.body_id) == rq->viewer.body) &&
           (text_is(state, "open") || text_is(state, "done") || text_is(state, "not_done"));
}

bool papers_shown(struct request *rq, const struct table *object, int64_t id, struct attachment_list_rows *out)
{
    struct attached_to to;
    size_t n = 0;
    bool asked = false, all = false;
    *out = (struct attachment_list_rows){.next = T("")};
    if (!papers_place(rq, object, id, &to))
        return false;
    attachments_of(rq, &to, out);
    for (size_t i = 0; i < out->n; i++) {
        if (paper_kind_is(rq, out->row[i].kind, "minutes")) {
            all = asked ? all : reads_all_questions(rq, id);
            asked = true;
            if (!all)
                continue;
        }
        out->row[n++] = out->row[i];
    }
    out->n = n;
    return may_attach(rq, object, id);
}

void papers_change(struct request *rq, const struct table *object, int64_t id, int64_t back, const struct paper *paper)
{
    struct change ch;
    struct attached_to to = {0};
    struct meeting m;
    union item_facts_row item = {0};
    union decision_facts_row d = {0};
    int64_t meeting = id;
    if (object == &agenda_item_table && q_item_facts(rq, &(struct item_facts_args){.id = v_int(id)}, &item))
        meeting = v_as_int(item.meeting_id);
    if (object == &decision_table && q_decision_facts(rq, &(struct decision_facts_args){.id = v_int(id)}, &d))
        meeting = v_as_int(d.meeting_id);
    change_begin(rq, &ch, SUBJECT(&meeting_table, meeting));
    if (papers_place(rq, object, id, &to) && !may_attach(rq, object, id))
        rq_refuse(rq, N_("Nothing can be attached here any more, or it is not yours to do"));
    if (!rq->err && paper && paper_kind_is(rq, paper->kind, "minutes")) {
        meeting_read(rq, meeting, &m);
        if (!meeting_in(&m, "approved"))
            rq_mistake(rq, "kind", N_("The minutes have not been approved yet"));
        else if (!reads_all_questions(rq, meeting))
            rq_refuse(rq, N_("The minutes have questions that you do not read: whoever reads all of them attaches the paper"));
    }
    attachment_change(&ch, &to, back, paper);
    change_commit(&ch);
}

void papers_of_item(struct change *ch, int64_t id)
{
    union item_facts_row item = {0};
    struct items_of_rows items = {0};
    bool others = false;
    attachments_destroy(ch, &agenda_item_table, id);
    if (!q_item_facts(ch->rq, &(struct item_facts_args){.id = v_int(id)}, &item))
        return;
    q_items_of(ch->rq, &(struct items_of_args){.meeting = item.meeting_id}, &items);
    for (size_t i = 0; i < items.n; i++)
        others |= v_is(items.row[i].person_id) && v_as_int(items.row[i].id) != id;
    if (!others)
        open_papers_destroy(ch, &meeting_table, v_as_int(item.meeting_id), "minutes");
}

void papers_of_decision(struct change *ch, int64_t id)
{
    attachments_destroy(ch, &decision_table, id);
}
