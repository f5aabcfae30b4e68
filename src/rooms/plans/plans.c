/* Working groups, meetings and invitations. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/retention.h"
#include "rooms/agencies/agencies.h"
#include "agencies_gen.h"
#include "papers_gen.h"
#include "rooms/papers/papers.h"
#include "rooms/plans/plans_rules.h"
#include "rooms/staff/staff.h"
#include "staff_gen.h"
#include "web/web.h"

void plans_tell(struct change *ch, const char *kind, const struct table *table, int64_t object, int64_t other_body)
{
    change_event(ch, &(struct event){.kind = kind, .other_body = other_body, .table = table, .object = object});
}

/* ---- what a meeting is ---- */

void meeting_read(struct request *rq, int64_t id, struct meeting *out)
{
    bool takes_part = false;
    *out = (struct meeting){0};
    if (rq->err)
        return;
    if (!q_meeting_facts(rq, &(struct meeting_facts_args){.id = v_int(id)}, &out->m)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    q_invitations_of(rq, &(struct invitations_of_args){.meeting = v_int(id)}, &out->who);
    for (size_t i = 0; i < out->who.n; i++) {
        const union invitations_of_row *v = &out->who.row[i];
        takes_part |= v_as_int(v->body_id) == rq->viewer.body;
        out->voting += v_as_int(v->votes) != 0;
        out->present += v_as_int(v->votes) && v_as_int(v->attended);
    }
    out->holds = v_as_int(out->m.body_id) == rq->viewer.body;
    out->keeps = out->holds && rq_may(rq, CAP_KEEP_MINUTES);
    out->chairs = out->holds && rq_may(rq, CAP_CHAIR_MEETING) && v_is(out->m.chair_id) &&
                  account_in_place_of(rq, v_as_int(out->m.chair_id), rq->today) == rq->viewer.account;
    if (!out->holds && !takes_part)
        rq_fail(rq, ERR_NOT_FOUND);
}

bool meeting_known(struct request *rq, int64_t id)
{
    struct meeting_seen_rows rows = {0};
    q_meeting_seen(rq, &(struct meeting_seen_args){.id = v_int(id)}, &rows);
    return rows.n > 0;
}

bool meeting_in(const struct meeting *m, const char *state)
{
    return text_is(v_as_text(m->m.state), state);
}

bool meeting_quorate(const struct meeting *m)
{
    return m->present > 0 && m->present * 100 >= v_as_int(m->m.quorum) * m->voting;
}

/* An active account of the body that may do this; CAP_SIGNED_IN: anything. */
static bool account_fits(struct request *rq, struct value account, int64_t body, enum cap cap)
{
    union account_facts_row a;
    const struct role *role;
    if (!q_account_facts(rq, &(struct account_facts_args){.id = account}, &a) || !v_as_int(a.active) ||
        v_as_int(a.body_id) != body)
        return false;
    role = role_find(arena_z(rq->arena, v_as_text(a.role)));
    return cap == CAP_SIGNED_IN || (role && role->caps & 1u << cap);
}

static void check_posts(struct request *rq, struct input *chair, struct input *secretary)
{
    if (v_is(chair->value) && !account_fits(rq, chair->value, rq->viewer.body, CAP_CHAIR_MEETING))
        input_reject(rq, chair, N_("The chair is somebody of your body whose role approves minutes"));
    if (v_is(secretary->value) && !account_fits(rq, secretary->value, rq->viewer.body, CAP_KEEP_MINUTES))
        input_reject(rq, secretary, N_("The secretary is somebody of your body whose role keeps minutes"));
}

/* Who is named for a body has to work there still. */
static void check_member(struct request *rq, struct input *body, struct input *account)
{
    union body_facts_row b;
    if (!v_is(body->value))
        return;
    if (!body_of(rq, v_as_int(body->value), &b) || !v_as_int(b.active))
        input_reject(rq, body, N_("The body is closed: choose another"));
    else if (v_is(account->value) && !account_fits(rq, account->value, v_as_int(body->value), CAP_SIGNED_IN))
        input_reject(rq, account, N_("This worker is not in the body, or has left it: choose another, or leave it to the body"));
}

/* ---- groups ---- */

static void may_call(struct request *rq)
{
    if (!rq_may(rq, CAP_CALL_MEETING))
        rq_fail(rq, ERR_FORBIDDEN);
}

static union work_group_record group_record(const struct work_group_form *f)
{
    return (union work_group_record){
        .name = f->name.value,         .kind = f->kind.value,     .basis = f->basis.value,
        .chair_id = f->chair_id.value, .secretary_id = f->secretary_id.value, .ballot = f->ballot.value,
        .quorum = f->quorum.value,     .majority = f->majority.value,         .tie = f->tie.value};
}

int64_t group_found(struct request *rq, struct work_group_form *form)
{
    struct change ch;
    may_call(rq);
    check_posts(rq, &form->chair_id, &form->secretary_id);
    change_begin(rq, &ch, NO_SUBJECT);
    union work_group_record r = group_record(form);
    r.body_id = v_int(rq->viewer.body);
    r.state = v_z("active");
    r.created_at = v_instant(rq->now);
    int64_t id = rq->mistakes ? 0 : change_insert(&ch, &work_group_table, r.v);
    plans_tell(&ch, "group.made", &work_group_table, id, 0);
    if (id)
        rq_redirect(rq, "/work-groups/%lld", (long long)id);
    return change_commit(&ch) ? 0 : id;
}

/* A group of the viewer's body that still works, locked. */
static void group_begin(struct request *rq, struct change *ch, int64_t id, union work_group_facts_row *g)
{
    may_call(rq);
    change_begin(rq, ch, SUBJECT(&work_group_table, id));
    if (rq->err)
        return;
    if (!q_work_group_facts(rq, &(struct work_group_facts_args){.id = v_int(id)}, g) ||
        v_as_int(g->body_id) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!text_is(v_as_text(g->state), "active"))
        rq_refuse(rq, N_("The group has ended"));
}

void group_change(struct request *rq, int64_t id, int64_t version, struct work_group_form *form)
{
    struct change ch;
    union work_group_facts_row g = {0};
    check_posts(rq, &form->chair_id, &form->secretary_id);
    group_begin(rq, &ch, id, &g);
    change_update(&ch, &work_group_table, id, version, group_record(form).v);
    plans_tell(&ch, "group.changed", &work_group_table, id, 0);
    change_commit(&ch);
}

void group_member_add(struct request *rq, int64_t id, struct group_member_form *form)
{
    struct change ch;
    union work_group_facts_row g = {0};
    struct group_members_now_rows now = {0};
    check_member(rq, &form->body_id, &form->account_id);
    group_begin(rq, &ch, id, &g);
    q_group_members_now(rq, &(struct group_members_now_args){.group_id = v_int(id)}, &now);
    for (size_t i = 0; i < now.n; i++)
        if (v_eq(now.row[i].body_id, form->body_id.value) &&
            v_as_int(now.row[i].account_id) == v_as_int(form->account_id.value))
            input_reject(rq, &form->body_id, N_("Is a member already"));
    union group_member_record r = {.group_id = v_int(id),
                                   .body_id = form->body_id.value,
                                   .account_id = form->account_id.value,
                                   .votes = v_int(v_as_int(form->votes.value) != 0),
                                   .since = v_date(rq->today)};
    if (!rq->mistakes)
        change_insert(&ch, &group_member_table, r.v);
    plans_tell(&ch, "group.changed", &work_group_table, id, v_as_int(form->body_id.value));
    change_commit(&ch);
}

void group_member_end(struct request *rq, int64_t id, int64_t member)
{
    struct change ch;
    union work_group_facts_row g = {0};
    union group_member_facts_row m = {0};
    group_begin(rq, &ch, id, &g);
    if (!rq->err && (!q_group_member_facts(rq, &(struct group_member_facts_args){.id = v_int(member)}, &m) ||
                     v_as_int(m.group_id) != id))
        rq_fail(rq, ERR_NOT_FOUND);
    union group_member_record r = {.until = v_date(rq->today)};
    change_update(&ch, &group_member_table, member, -1, r.v);
    plans_tell(&ch, "group.changed", &work_group_table, id, v_as_int(m.body_id));
    change_commit(&ch);
}

void group_end(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union work_group_facts_row g = {0};
    group_begin(rq, &ch, id, &g);
    union work_group_record r = {.state = v_z("ended")};
    change_update(&ch, &work_group_table, id, version, r.v);
    plans_tell(&ch, "group.changed", &work_group_table, id, 0);
    change_commit(&ch);
}

/* ---- a meeting is called ---- */

static void invite(struct change *ch, int64_t meeting, struct value body, struct value account, bool votes, bool standing)
{
    bool self = v_as_int(account) == ch->rq->viewer.account;
    union invitation_record r = {.meeting_id = v_int(meeting),
                                 .body_id = body,
                                 .account_id = account,
                                 .votes = v_int(votes),
                                 .standing = v_int(standing),
                                 .answer = v_z(self ? "comes" : "waiting"),
                                 .attended = v_int(0)};
    if (self)
        r.answered_at = v_instant(ch->rq->now);
    change_insert(ch, &invitation_table, r.v);
    plans_tell(ch, "meeting.invited", &meeting_table, meeting, v_as_int(body));
}

/* The members of the group, the chair, and the secretary, who does not vote. */
static void invite_all(struct change *ch, int64_t id, int64_t group, const union meeting_record *m)
{
    struct request *rq = ch->rq;
    struct group_members_now_rows now = {0};
    bool chair = false, secretary = v_eq(m->chair_id, m->secretary_id);
    if (group)
        q_group_members_now(rq, &(struct group_members_now_args){.group_id = v_int(group)}, &now);
    for (size_t i = 0; i < now.n; i++) {
        invite(ch, id, now.row[i].body_id, now.row[i].account_id, v_as_int(now.row[i].votes), true);
        chair |= v_is(now.row[i].account_id) && v_eq(now.row[i].account_id, m->chair_id);
        secretary |= v_is(now.row[i].account_id) && v_eq(now.row[i].account_id, m->secretary_id);
    }
    if (!chair)
        invite(ch, id, v_int(rq->viewer.body), m->chair_id, true, true);
    if (!secretary)
        invite(ch, id, v_int(rq->viewer.body), m->secretary_id, false, true);
}

/* The instant of day and time that were typed, which has not passed. */
static struct value instant_of(struct request *rq, struct input *on, struct input *time)
{
    int minutes;
    if (!v_is(on->value) || !v_is(time->value)) {
        if (!on->error)
            input_reject(rq, on, N_("Enter date and time"));
        return v_null();
    }
    if (time_parse(v_as_text(time->value), &minutes)) {
        input_reject(rq, time, N_("Write the time as 10:00"));
        return v_null();
    }
    int64_t at = instant_of_day(v_as_int(on->value)) + (int64_t)minutes * 60 * 1000000;
    if (at < rq->now)
        input_reject(rq, on, N_("This time has passed"));
    return v_instant(at);
}

int64_t meeting_call(struct request *rq, int64_t group, struct meeting_form *form, int64_t case_id,
                     struct item_case_form *item)
{
    struct change ch;
    struct meeting m;
    union work_group_facts_row g = {0};
    if (group)
        group_begin(rq, &ch, group, &g);
    else {
        may_call(rq);
        check_posts(rq, &form->chair_id, &form->secretary_id);
        change_begin(rq, &ch, NO_SUBJECT);
    }
    struct value at = instant_of(rq, &form->meets_on, &form->meets_time);
    union meeting_record r = {.subject = form->subject.value,
                              .kind = form->kind.value,
                              .chair_id = form->chair_id.value,
                              .secretary_id = form->secretary_id.value,
                              .ballot = form->ballot.value,
                              .quorum = form->quorum.value,
                              .majority = form->majority.value,
                              .tie = form->tie.value,
                              .meets_on = form->meets_on.value,
                              .meets_time = form->meets_time.value,
                              .meets_at = at,
                              .place = form->place.value,
                              .remote = v_int(v_as_int(form->remote.value) != 0),
                              .body_id = v_int(rq->viewer.body),
                              .state = v_z("planned"),
                              .created_at = v_instant(rq->now)};
    if (group) { /* as the order has it */
        r.group_id = v_int(group);
        r.kind = g.kind;
        r.chair_id = g.chair_id;
        r.secretary_id = g.secretary_id;
        r.ballot = g.ballot;
        r.quorum = g.quorum;
        r.majority = g.majority;
        r.tie = g.tie;
        if (!rq->err && (!v_is(g.chair_id) || !v_is(g.secretary_id)))
            rq_refuse(rq, N_("The group has no chair or no secretary: name them first"));
    }
    int64_t id = rq->mistakes ? 0 : change_insert(&ch, &meeting_table, r.v);
    plans_tell(&ch, "meeting.called", &meeting_table, id, 0);
    if (id)
        invite_all(&ch, id, group, &r);
    if (id && case_id) {
        meeting_read(rq, id, &m);
        item_put_case(&ch, &m, case_id, item);
    }
    if (id)
        rq_redirect(rq, "/meetings/%lld", (long long)id);
    return change_commit(&ch) ? 0 : id;
}

/* A meeting to come, which the viewer's body holds. */
static void planned_begin(struct request *rq, struct change *ch, int64_t id, struct meeting *m)
{
    may_call(rq);
    change_begin(rq, ch, SUBJECT(&meeting_table, id));
    meeting_read(rq, id, m);
    if (!rq->err && !m->holds)
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !meeting_in(m, "planned"))
        rq_refuse(rq, N_("The meeting is over, or was cancelled"));
}

void meeting_invite(struct request *rq, int64_t id, struct invitation_form *form)
{
    struct change ch;
    struct meeting m;
    int64_t body = v_as_int(form->body_id.value);
    check_member(rq, &form->body_id, &form->account_id);
    planned_begin(rq, &ch, id, &m);
    for (size_t i = 0; i < m.who.n; i++)
        if (v_as_int(m.who.row[i].body_id) == body &&
            v_as_int(m.who.row[i].account_id) == v_as_int(form->account_id.value))
            input_reject(rq, &form->body_id, N_("Is invited already"));
    struct items_of_rows items = {0};
    q_items_of(rq, &(struct items_of_args){.meeting = v_int(id)}, &items);
    for (size_t i = 0; i < items.n && !v_is(m.m.group_id); i++)
        if (v_is(items.row[i].person_id) && access_barred(rq, body, v_as_int(items.row[i].person_id)) &&
            !access_hidden(rq, v_as_int(items.row[i].person_id))) {
            input_reject(rq, &form->body_id,
                         N_("The person is restricted and this body is not named: it would see nothing. "
                            "The body that set the restriction may name it"));
            break;
        }
    if (!rq->mistakes && !rq->err) {
        invite(&ch, id, form->body_id.value, form->account_id.value, v_as_int(form->votes.value) != 0, false);
        items_raise(&ch, &m, body);
        meeting_read(rq, id, &m);
        items_open(&ch, &m, v_as_int(m.m.meets_at));
    }
    change_commit(&ch);
}

void meeting_move(struct request *rq, int64_t id, int64_t version, struct meeting_move_form *form)
{
    struct change ch;
    struct meeting m;
    struct value at = instant_of(rq, &form->meets_on, &form->meets_time);
    planned_begin(rq, &ch, id, &m);
    union meeting_record r = {.meets_on = form->meets_on.value,
                              .meets_time = form->meets_time.value,
                              .meets_at = at,
                              .place = form->place.value,
                              .reason = form->reason.value};
    if (!v_is(form->place.value))
        r.place = (struct value){0};
    change_update(&ch, &meeting_table, id, version, r.v);
    for (size_t i = 0; i < m.who.n && !rq->err; i++) { /* everybody is asked anew */
        union invitation_record v = {.answer = v_z("waiting"), .answered_at = v_null()};
        if (v_as_int(m.who.row[i].account_id) != rq->viewer.account)
            change_update(&ch, &invitation_table, v_as_int(m.who.row[i].id), -1, v.v);
    }
    items_close(&ch, id);
    items_open(&ch, &m, v_as_int(at));
    plans_tell(&ch, "meeting.postponed", &meeting_table, id, 0);
    change_commit(&ch);
}

void meeting_cancel(struct request *rq, int64_t id, int64_t version, struct meeting_move_form *form)
{
    struct change ch;
    struct meeting m;
    planned_begin(rq, &ch, id, &m);
    union meeting_record r = {.state = v_z("cancelled"), .reason = form->reason.value};
    change_update(&ch, &meeting_table, id, version, r.v);
    items_close(&ch, id);
    plans_tell(&ch, "meeting.cancelled", &meeting_table, id, 0);
    change_commit(&ch);
}

void invitation_answer(struct request *rq, int64_t id, int64_t version, struct invitation_answer_form *form)
{
    struct change ch;
    union invitation_facts_row v = {0};
    struct meeting m;
    if (!q_invitation_facts(rq, &(struct invitation_facts_args){.id = v_int(id)}, &v) ||
        v_as_int(v.body_id) != rq->viewer.body) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    change_begin(rq, &ch, SUBJECT(&meeting_table, v_as_int(v.meeting_id)));
    meeting_read(rq, v_as_int(v.meeting_id), &m);
    if (!rq->err && !meeting_in(&m, "planned"))
        rq_refuse(rq, N_("The meeting is over, or was cancelled"));
    int64_t named = v_as_int(v.account_id);
    if (!rq->err && named && account_in_place_of(rq, named, rq->today) != rq->viewer.account &&
        body_head(rq, rq->viewer.body) != rq->viewer.account)
        rq_refuse(rq, N_("Who is invited by name answers himself, or the head of the body"));
    struct text answer = v_as_text(form->answer.value);
    if (text_is(answer, "waiting"))
        input_reject(rq, &form->answer, N_("Choose an answer"));
    bool sends = text_is(answer, "substitute");
    if (sends && !account_fits(rq, form->substitute_id.value, rq->viewer.body, CAP_SIGNED_IN))
        input_reject(rq, &form->substitute_id, N_("Choose a worker of your body"));
    union invitation_record r = {.answer = form->answer.value,
                                 .substitute_id = sends ? form->substitute_id.value : v_null(),
                                 .answered_at = v_instant(rq->now)};
    if (!named && text_is(answer, "comes")) /* the body names whoever answers */
        r.account_id = v_int(rq->viewer.account);
    change_update(&ch, &invitation_table, id, version, r.v);
    plans_tell(&ch, "meeting.answered", &meeting_table, v_as_int(v.meeting_id), v_as_int(m.m.body_id));
    change_commit(&ch);
}

/* ---- for the desk ---- */

void plans_duties(struct request *rq, struct plans_duties *out)
{
    union invitations_waiting_row asked = {0};
    union tasks_due_row tasks = {0};
    struct tasks_of_cases_rows rows = {0};
    uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
    q_invitations_waiting(rq, &(struct invitations_waiting_args){0}, &asked);
    q_tasks_due(rq, &(struct tasks_due_args){0}, &tasks);
    q_tasks_of_cases(rq, &(struct tasks_of_cases_args){0}, &rows);
    *out = (struct plans_duties){v_as_int(asked.n), v_as_int(tasks.n), v_as_int(tasks.late)};
    for (size_t i = 0; i < rows.n; i++) {
        uint32_t open = read & ~classes_of_owner() & (uint32_t)v_as_int(rows.row[i].bits);
        uint32_t asks = (uint32_t)v_as_int(rows.row[i].classes) | CLASS_BIT(CLASS_IDENTITY);
        if (asks & ~open || access_hidden(rq, v_as_int(rows.row[i].person_id)))
            continue;
        out->decisions++;
        out->late += v_as_int(rows.row[i].due_on) < rq->today;
    }
}

size_t plans_dates(struct request *rq, struct plans_date **out)
{
    struct meetings_of_account_rows rows = {0};
    q_meetings_of_account(rq, &(struct meetings_of_account_args){.from_at = v_instant(instant_of_day(rq->today))}, &rows);
    *out = arena_array(rq->arena, rows.n + 1, sizeof **out);
    for (size_t i = 0; i < rows.n; i++)
        (*out)[i] = (struct plans_date){v_as_int(rows.row[i].id), v_as_int(rows.row[i].meets_at)};
    return rows.n;
}

/* ---- the room ---- */

static int64_t sample_meeting(struct request *rq)
{
    struct meeting_list_rows rows = {0};
    q_meeting_list(rq, &(struct meeting_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_group(struct request *rq)
{
    struct work_group_list_rows rows = {0};
    q_work_group_list(rq, &(struct work_group_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_own_group(struct request *rq)
{
    struct work_group_list_rows rows = {0};
    q_work_group_list(rq, &(struct work_group_list_args){.paging.limit = 50}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_as_int(rows.row[i].body_id) == rq->viewer.body)
            return v_as_int(rows.row[i].id);
    return 0;
}

static int64_t sample_item(struct request *rq)
{
    struct minutes_cases_rows cases = {0};
    struct minutes_open_rows rows = {0};
    struct value meeting = v_int(sample_meeting(rq));
    q_minutes_cases(rq, &(struct minutes_cases_args){.meeting = meeting}, &cases);
    if (cases.n)
        return v_as_int(cases.row[0].id);
    q_minutes_open(rq, &(struct minutes_open_args){.meeting = meeting}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_paper(struct request *rq)
{
    struct attachment_list_rows rows = {0};
    (void)papers_shown(rq, &agenda_item_table, sample_item(rq), &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_decision(struct request *rq)
{
    struct decision_cases_rows cases = {0};
    struct decision_tasks_rows rows = {0};
    q_decision_cases(rq, &(struct decision_cases_args){.paging.limit = 1}, &cases);
    if (cases.n)
        return v_as_int(cases.row[0].id);
    q_decision_tasks(rq, &(struct decision_tasks_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_meeting_paper(struct request *rq)
{
    struct attachment_list_rows rows = {0};
    int64_t id = sample_meeting(rq);
    if (id)
        (void)papers_shown(rq, &meeting_table, id, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_decision_paper(struct request *rq)
{
    struct attachment_list_rows rows = {0};
    int64_t id = sample_decision(rq);
    if (id)
        (void)papers_shown(rq, &decision_table, id, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_invitation(struct request *rq)
{
    struct invitation_list_rows rows = {0};
    q_invitation_list(rq, &(struct invitation_list_args){.meeting = v_int(sample_meeting(rq))}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_as_int(rows.row[i].own))
            return v_as_int(rows.row[i].id);
    return 0;
}

static const struct sample samples[] = {{"meeting", sample_meeting},   {"work_group", sample_group},
                                        {"own_group", sample_own_group}, {"item_paper", sample_paper},
                                        {"meeting_paper", sample_meeting_paper}, {"decision_paper", sample_decision_paper},
                                        {"item", sample_item},         {"decision", sample_decision},
                                        {"invitation", sample_invitation}, {0}};

static const struct retained retains[] = {
    {"minutes_addendum", "meeting_held", &minutes_addendum_table, &minutes_addendum_retained_query},
    {"decision", "meeting_held", &decision_table, &decision_retained_query, .papers = papers_of_decision},
    {"agenda_item", "meeting_held", &agenda_item_table, &agenda_item_retained_query, .papers = papers_of_item},
    {0}};

const struct room plans_room = {.name = "plans",
                                .tables = plans_tables,
                                .forms = plans_forms,
                                .samples = samples,
                                .retains = retains,
                                .hooks = {.caseload_moving = plans_caseload_moving,
                                          .account_leaving = plans_account_leaving,
                                          .body_succeeding = plans_body_succeeding},
                                .check = plans_check};
