/* The agenda and the minutes: questions, who was there, what was heard, approval, addenda. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/papers/papers.h"
#include "rooms/plans/plans_rules.h"
#include "web/web.h"

bool item_read(struct request *rq, struct value id, union item_case_row *out)
{
    union item_open_row open;
    if (q_item_case(rq, &(struct item_case_args){.id = id}, out))
        return true;
    if (!q_item_open(rq, &(struct item_open_args){.id = id}, &open))
        return false;
    _Static_assert(sizeof open == sizeof *out, "both statements have the same columns");
    memcpy(out, &open, sizeof open);
    return true;
}

bool item_writes(struct request *rq, const struct meeting *m, int64_t item_body)
{
    return m->keeps || (rq_may(rq, CAP_KEEP_MINUTES) && item_body == rq->viewer.body);
}

static void item_tell(struct change *ch, const char *kind, int64_t id, const union item_facts_row *i)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = v_as_int(i->person_id),
                                     .case_id = v_as_int(i->case_id),
                                     .classes = (uint32_t)v_as_int(i->classes),
                                     .table = &agenda_item_table,
                                     .object = id});
}

static int64_t last_place(struct request *rq, int64_t meeting)
{
    struct items_of_rows rows = {0};
    q_items_of(rq, &(struct items_of_args){.meeting = v_int(meeting)}, &rows);
    return rows.n ? v_as_int(rows.row[rows.n - 1].place) : 0;
}

/* What the composition of a meeting tells of each question on a case: who holds it, and who was invited beyond the group. */
static uint32_t meeting_tells(const struct meeting *m)
{
    uint32_t tells = body_tells(v_as_int(m->m.body_id));
    for (size_t i = 0; i < m->who.n; i++)
        if (!v_as_int(m->who.row[i].standing))
            tells |= body_tells(v_as_int(m->who.row[i].body_id));
    return tells;
}

int64_t item_put_case(struct change *ch, const struct meeting *m, int64_t case_id, struct item_case_form *form)
{
    struct request *rq = ch->rq;
    if (rq->err)
        return 0;
    struct case_facts c = case_own(rq, case_id);
    if (!rq->err && !c.open)
        rq_refuse(rq, N_("The case is closed"));
    uint32_t tells = code_classes("note_topic", v_as_text(form->topic.value)) | body_tells(c.body) | meeting_tells(m);
    if (!rq->viewer.role || tells & ~rq->viewer.role->write)
        input_reject(rq, &form->topic,
                     N_("Your role does not write what this topic, or the name of a body that takes part, tells"));
    for (size_t i = 0; i < m->who.n && !rq->err && !v_is(m->m.group_id); i++)
        if (access_barred(rq, v_as_int(m->who.row[i].body_id), c.person))
            rq_refuse(rq, N_("The person is restricted, and a body that is invited is not named: it would see nothing"));
    int64_t meeting = v_as_int(m->m.id);
    union agenda_item_record r = {.meeting_id = v_int(meeting),
                                  .place = v_int(last_place(rq, meeting) + 1),
                                  .person_id = v_int(c.person),
                                  .case_id = v_int(case_id),
                                  .body_id = v_int(rq->viewer.body),
                                  .topic = form->topic.value,
                                  .words = form->words.value,
                                  .ground = form->ground.value,
                                  .classes = v_int(tells)};
    int64_t id = rq->mistakes || rq->err ? 0 : change_insert(ch, &agenda_item_table, r.v);
    item_tell(ch, "agenda.added", id,
              &(union item_facts_row){.person_id = v_int(c.person), .case_id = v_int(case_id), .classes = v_int(tells)});
    if (id)
        items_open(ch, m, v_as_int(m->m.meets_at));
    return id;
}

/* Questions are put on the agenda, and what is not on it is taken up, until the minutes are approved. */
static void agenda_begin(struct request *rq, struct change *ch, int64_t meeting, struct meeting *m)
{
    change_begin(rq, ch, SUBJECT(&meeting_table, meeting));
    meeting_read(rq, meeting, m);
    if (!rq->err && !meeting_in(m, "planned") && !meeting_in(m, "held"))
        rq_refuse(rq, N_("The minutes are approved, or the meeting was cancelled: its agenda is closed"));
}

void item_add_case(struct request *rq, int64_t meeting, int64_t case_id, struct item_case_form *form)
{
    struct change ch;
    struct meeting m;
    if (!rq_may(rq, CAP_LEAD_CASE))
        rq_fail(rq, ERR_FORBIDDEN);
    agenda_begin(rq, &ch, meeting, &m);
    item_put_case(&ch, &m, case_id, form);
    change_commit(&ch);
}

void item_add(struct request *rq, int64_t meeting, struct item_open_form *form)
{
    struct change ch;
    struct meeting m;
    agenda_begin(rq, &ch, meeting, &m);
    if (!rq->err && !m.keeps)
        rq_fail(rq, ERR_FORBIDDEN);
    union agenda_item_record r = {.meeting_id = v_int(meeting),
                                  .place = v_int(last_place(rq, meeting) + 1),
                                  .body_id = v_int(rq->viewer.body),
                                  .subject = form->subject.value};
    int64_t id = change_insert(&ch, &agenda_item_table, r.v);
    item_tell(&ch, "agenda.added", id, &(union item_facts_row){0});
    change_commit(&ch);
}

/* A question that the viewer may read and write, with its meeting locked. */
static void item_begin(struct request *rq, struct change *ch, int64_t id, struct meeting *m, union item_case_row *item)
{
    union item_facts_row f = {0};
    if (!rq->err && (!item_read(rq, v_int(id), item) || !q_item_facts(rq, &(struct item_facts_args){.id = v_int(id)}, &f)))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, ch, SUBJECT(&meeting_table, v_as_int(f.meeting_id)));
    meeting_read(rq, v_as_int(f.meeting_id), m);
    if (!rq->err && !item_writes(rq, m, v_as_int(f.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
}

static union item_facts_row facts_of(const union item_case_row *i)
{
    return (union item_facts_row){
        .person_id = i->person_id, .case_id = i->case_id, .classes = v_is(i->classes) ? i->classes : v_int(0)};
}

void item_remove(struct request *rq, int64_t id)
{
    struct change ch;
    struct meeting m;
    union item_case_row item = {0};
    item_begin(rq, &ch, id, &m, &item);
    if (!rq->err && !meeting_in(&m, "planned"))
        rq_refuse(rq, N_("The meeting is over, or was cancelled"));
    union item_facts_row f = facts_of(&item);
    if (v_is(item.person_id))
        grant_end(&ch, v_as_int(item.person_id), 0, "agenda_item", id);
    attachments_destroy(&ch, &agenda_item_table, id);
    item_tell(&ch, "agenda.removed", id, &f);
    w_item_drop(&ch, &(struct item_drop_args){.id = v_int(id)});
    change_commit(&ch);
}

void items_raise(struct change *ch, const struct meeting *m, int64_t body)
{
    struct request *rq = ch->rq;
    struct items_of_rows rows = {0};
    uint32_t tells = body_tells(body);
    if (!tells || rq->err)
        return;
    q_items_of(rq, &(struct items_of_args){.meeting = m->m.id}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        union item_plain_row p = {0};
        if (!v_is(rows.row[i].person_id))
            continue;
        q_item_plain(rq, &(struct item_plain_args){.id = rows.row[i].id}, &p);
        uint32_t classes = (uint32_t)v_as_int(p.classes) | tells;
        if (!rq->viewer.role || classes & ~rq->viewer.role->write) {
            rq_refuse(rq, N_("The name of this body alone tells something of the person that your role does not write: ask it by a referral"));
            return;
        }
        union agenda_item_record r = {.topic = p.topic, .words = p.words, .classes = v_int(classes)};
        change_update(ch, &agenda_item_table, v_as_int(rows.row[i].id), -1, r.v);
    }
}

/* ---- what an invitation opens ---- */

void items_open(struct change *ch, const struct meeting *m, int64_t meets_at)
{
    struct request *rq = ch->rq;
    struct items_of_rows rows = {0};
    if (rq->err)
        return;
    q_items_of(rq, &(struct items_of_args){.meeting = m->m.id}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union items_of_row *item = &rows.row[i];
        struct text ground = v_as_text(item->ground);
        if (!v_is(item->person_id) || !ground.n || text_is(ground, "consent"))
            continue;
        int64_t person = v_as_int(item->person_id), lead = v_as_int(item->body_id);
        uint32_t cap = access_bits(rq, lead, person) & ~ACCESS_NAMED;
        grant_end(ch, person, 0, "agenda_item", v_as_int(item->id));
        for (size_t k = 0; k < m->who.n && !rq->err; k++) {
            int64_t body = v_as_int(m->who.row[k].body_id);
            const char *kind = arena_z(rq->arena, body_kind(rq, body));
            bool again = false;
            for (size_t j = 0; j < k; j++)
                again |= v_as_int(m->who.row[j].body_id) == body;
            if (again || body == lead || !access_rule(FACT_CONFERENCE, kind, T("")))
                continue;
            int64_t until = access_until(FACT_CONFERENCE, kind, meets_at);
            if (!until) /* never without an end */
                until = instant_of_day(instant_day(meets_at) + 1);
            grant_open(ch, person, body, FACT_CONFERENCE, T(""), cap, "agenda_item", v_as_int(item->id), until);
        }
    }
}

void items_close(struct change *ch, int64_t meeting)
{
    struct request *rq = ch->rq;
    struct items_of_rows rows = {0};
    if (rq->err)
        return;
    q_items_of(rq, &(struct items_of_args){.meeting = v_int(meeting)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++)
        if (v_is(rows.row[i].person_id))
            grant_end(ch, v_as_int(rows.row[i].person_id), 0, "agenda_item", v_as_int(rows.row[i].id));
}

/* ---- minutes ---- */

void meeting_held(struct request *rq, int64_t id, int64_t version, const int64_t *there, size_t n)
{
    struct change ch;
    struct meeting m;
    bool anybody = false;
    change_begin(rq, &ch, SUBJECT(&meeting_table, id));
    meeting_read(rq, id, &m);
    bool planned = meeting_in(&m, "planned");
    if (!rq->err && !m.keeps)
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !planned && !meeting_in(&m, "held"))
        rq_refuse(rq, N_("The minutes are approved, or the meeting was cancelled"));
    if (!rq->err && v_as_int(m.m.meets_at) > rq->now)
        rq_refuse(rq, N_("The meeting has not begun yet"));
    for (size_t i = 0; i < m.who.n && !rq->err; i++) {
        bool was = false;
        for (size_t k = 0; k < n; k++)
            was |= there[k] == v_as_int(m.who.row[i].id);
        anybody |= was;
        union invitation_record v = {.attended = v_int(was)};
        if (was != (v_as_int(m.who.row[i].attended) != 0))
            change_update(&ch, &invitation_table, v_as_int(m.who.row[i].id), -1, v.v);
    }
    if (!rq->err && !anybody)
        rq_refuse(rq, N_("Mark who was there"));
    union meeting_record r = {.state = v_z("held")};
    if (planned && !rq->err)
        r.number = v_text(change_number(&ch, "M"));
    change_update(&ch, &meeting_table, id, version, r.v);
    plans_tell(&ch, planned ? "meeting.held" : "meeting.changed", &meeting_table, id, 0);
    change_commit(&ch);
}

void item_heard(struct request *rq, int64_t id, int64_t version, struct item_heard_form *form)
{
    struct change ch;
    struct meeting m;
    union item_case_row item = {0};
    item_begin(rq, &ch, id, &m, &item);
    if (!rq->err && !meeting_in(&m, "held"))
        rq_refuse(rq, N_("Minutes are written after the meeting, until they are approved"));
    union agenda_item_record r = {0};
    if (v_is(item.person_id)) {
        r.heard = form->heard.value;
        r.classes = item.classes; /* for the right to write them; they stay as they are */
    } else
        r.said = form->said.value;
    change_update(&ch, &agenda_item_table, id, version, r.v);
    union item_facts_row f = facts_of(&item);
    item_tell(&ch, "agenda.heard", id, &f);
    change_commit(&ch);
}

void minutes_approve(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct meeting m;
    struct decisions_of_rows all = {0};
    change_begin(rq, &ch, SUBJECT(&meeting_table, id));
    meeting_read(rq, id, &m);
    if (!rq->err && !m.chairs)
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && meeting_in(&m, "approved")) {
        rq->reason = N_("The minutes are approved already");
        rq_fail(rq, ERR_CONFLICT);
    }
    if (!rq->err && !meeting_in(&m, "held"))
        rq_refuse(rq, N_("The meeting has no minutes yet"));
    q_decisions_of(rq, &(struct decisions_of_args){.meeting = v_int(id)}, &all);
    if (!rq->err && all.n && !meeting_quorate(&m))
        rq_refuse(rq, N_("There was no quorum: decisions cannot be approved"));
    bool votes = !text_is(v_as_text(m.m.ballot), "none");
    for (size_t i = 0; i < all.n && !rq->err; i++) {
        struct text vote = v_as_text(all.row[i].vote);
        if (votes && !text_is(vote, "adopted") && !text_is(vote, "rejected"))
            rq_refuse(rq, N_("Some decision has not been voted on, or its vote goes on"));
    }
    union meeting_record r = {.state = v_z("approved"),
                              .approved_at = v_instant(rq->now),
                              .approved_by_id = v_int(rq->viewer.account)};
    change_update(&ch, &meeting_table, id, version, r.v);
    for (size_t i = 0; i < all.n && !rq->err; i++)
        decision_make(&ch, &m, &all.row[i]);
    plans_tell(&ch, "minutes.approved", &meeting_table, id, 0);
    change_commit(&ch);
}

void minutes_add(struct request *rq, int64_t item_id, struct addendum_form *form)
{
    struct change ch;
    struct meeting m;
    union item_case_row item = {0};
    item_begin(rq, &ch, item_id, &m, &item);
    if (!rq->err && !meeting_in(&m, "approved"))
        rq_refuse(rq, N_("The minutes are not approved yet: write it there"));
    bool person = v_is(item.person_id);
    struct input *in = person ? &form->words : &form->said;
    if (!v_is(in->value))
        input_reject(rq, in, N_("Write what is added"));
    union minutes_addendum_record r = {.meeting_id = item.meeting_id,
                                       .item_id = v_int(item_id),
                                       .person_id = person ? item.person_id : v_null(),
                                       .words = person ? in->value : (struct value){0},
                                       .said = person ? v_null() : in->value,
                                       .account_id = v_int(rq->viewer.account),
                                       .created_at = v_instant(rq->now),
                                       .classes = person ? item.classes : (struct value){0}};
    if (!rq->mistakes)
        change_insert(&ch, &minutes_addendum_table, r.v);
    union item_facts_row f = facts_of(&item);
    item_tell(&ch, "minutes.addendum", item_id, &f);
    change_commit(&ch);
}
