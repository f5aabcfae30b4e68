/* Groups, meetings and decisions when somebody leaves or a body closes; what `bereg check` looks at. */
#include "base/buf.h"
#include "rooms/agencies/agencies.h"
#include "rooms/plans/plans_rules.h"
#include <stdio.h>

static void decision_pass(struct change *ch, int64_t id, struct value person, struct value case_id, uint32_t classes,
                          const union decision_record *r, int64_t other)
{
    change_update(ch, &decision_table, id, -1, r->v);
    decision_tell(ch, "decision.passed", id, person, case_id, classes, other);
}

/* The head shares out what the worker owes by decisions. Nothing is counted: it stays with the body when nobody is named. */
void plans_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct decisions_of_account_rows rows = {0};
    if (!to)
        return;
    q_decisions_of_account(rq, &(struct decisions_of_account_args){.account = v_int(from)}, &rows);
    int64_t quota = ((int64_t)rows.n + m->parts - 1) / m->parts;
    for (size_t i = 0; i < rows.n && quota && !rq->err; i++) {
        const union decisions_of_account_row *d = &rows.row[i];
        if (v_is(d->person_id) && access_hidden_from(rq, v_as_int(d->body_id), to, v_as_int(d->person_id)))
            continue;
        union decision_record r = {.account_id = v_int(to)};
        decision_pass(ch, v_as_int(d->id), d->person_id, d->case_id, (uint32_t)v_as_int(d->classes), &r, 0);
        quota--;
    }
}

/* In place of whoever leaves: the head of the body, else nobody, and the body names somebody. */
static struct value in_place(struct request *rq, int64_t body, int64_t account)
{
    int64_t head = body_head(rq, body);
    return head && head != account ? v_int(head) : v_null();
}

static void posts_leave(struct change *ch, int64_t account)
{
    struct request *rq = ch->rq;
    struct groups_led_by_rows groups = {0};
    struct meetings_led_by_rows meetings = {0};
    q_groups_led_by(rq, &(struct groups_led_by_args){.account = v_int(account)}, &groups);
    q_meetings_led_by(rq, &(struct meetings_led_by_args){.account = v_int(account)}, &meetings);
    for (size_t i = 0; i < groups.n && !rq->err; i++) {
        const union groups_led_by_row *g = &groups.row[i];
        struct value other = in_place(rq, v_as_int(g->body_id), account);
        union work_group_record r = {0};
        if (v_as_int(g->chair_id) == account)
            r.chair_id = other;
        if (v_as_int(g->secretary_id) == account)
            r.secretary_id = other;
        change_update(ch, &work_group_table, v_as_int(g->id), -1, r.v);
        plans_tell(ch, "group.passed", &work_group_table, v_as_int(g->id), 0);
    }
    for (size_t i = 0; i < meetings.n && !rq->err; i++) {
        const union meetings_led_by_row *g = &meetings.row[i];
        struct value other = in_place(rq, v_as_int(g->body_id), account);
        union meeting_record r = {0};
        if (v_as_int(g->chair_id) == account)
            r.chair_id = other;
        if (v_as_int(g->secretary_id) == account)
            r.secretary_id = other;
        change_update(ch, &meeting_table, v_as_int(g->id), -1, r.v);
        plans_tell(ch, "meeting.passed", &meeting_table, v_as_int(g->id), 0);
    }
}

void plans_account_leaving(struct change *ch, int64_t account)
{
    struct request *rq = ch->rq;
    struct members_of_account_rows members = {0};
    struct invitations_of_account_rows asked = {0};
    struct decisions_of_account_rows rows = {0};
    posts_leave(ch, account);
    q_members_of_account(rq, &(struct members_of_account_args){.account = v_int(account)}, &members);
    q_invitations_of_account(rq, &(struct invitations_of_account_args){.account = v_int(account)}, &asked);
    q_decisions_of_account(rq, &(struct decisions_of_account_args){.account = v_int(account)}, &rows);
    for (size_t i = 0; i < members.n && !rq->err; i++) {
        union group_member_record r = {.account_id = v_null()};
        change_update(ch, &group_member_table, v_as_int(members.row[i].id), -1, r.v);
        plans_tell(ch, "group.changed", &work_group_table, v_as_int(members.row[i].group_id), 0);
    }
    for (size_t i = 0; i < asked.n && !rq->err; i++) { /* the body is asked anew */
        union invitation_record r = {.substitute_id = v_null(), .answer = v_z("waiting"), .answered_at = v_null()};
        if (v_as_int(asked.row[i].account_id) == account)
            r.account_id = v_null();
        change_update(ch, &invitation_table, v_as_int(asked.row[i].id), -1, r.v);
        plans_tell(ch, "meeting.changed", &meeting_table, v_as_int(asked.row[i].meeting_id), 0);
    }
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union decisions_of_account_row *d = &rows.row[i];
        struct value head = in_place(rq, v_as_int(d->body_id), account);
        if (v_is(head) && v_is(d->person_id) && access_hidden_from(rq, v_as_int(d->body_id), v_as_int(head), v_as_int(d->person_id)))
            head = v_null();
        union decision_record r = {.account_id = head};
        decision_pass(ch, v_as_int(d->id), d->person_id, d->case_id, (uint32_t)v_as_int(d->classes), &r, 0);
    }
}

static void groups_pass(struct change *ch, int64_t from, int64_t to)
{
    struct request *rq = ch->rq;
    struct groups_of_body_rows groups = {0};
    struct meetings_of_body_rows meetings = {0};
    struct value chair = v_int(body_taker(rq, to, CAP_CHAIR_MEETING)), secretary = v_int(body_taker(rq, to, CAP_KEEP_MINUTES));
    if (!v_as_int(chair))
        chair = v_null();
    if (!v_as_int(secretary))
        secretary = v_null();
    q_groups_of_body(rq, &(struct groups_of_body_args){.body = v_int(from)}, &groups);
    q_meetings_of_body(rq, &(struct meetings_of_body_args){.body = v_int(from)}, &meetings);
    for (size_t i = 0; i < groups.n && !rq->err; i++) {
        union work_group_record r = {.body_id = v_int(to), .chair_id = chair, .secretary_id = secretary};
        change_update(ch, &work_group_table, v_as_int(groups.row[i].id), -1, r.v);
        plans_tell(ch, "group.passed", &work_group_table, v_as_int(groups.row[i].id), to);
    }
    for (size_t i = 0; i < meetings.n && !rq->err; i++) {
        struct text state = v_as_text(meetings.row[i].state);
        union meeting_record r = {.body_id = v_int(to)};
        if (text_is(state, "planned") || text_is(state, "held")) { /* approved minutes name who they were */
            r.chair_id = chair;
            r.secretary_id = secretary;
        }
        change_update(ch, &meeting_table, v_as_int(meetings.row[i].id), -1, r.v);
        plans_tell(ch, "meeting.passed", &meeting_table, v_as_int(meetings.row[i].id), to);
    }
}

static void places_pass(struct change *ch, int64_t from, int64_t to)
{
    struct request *rq = ch->rq;
    struct members_of_body_rows members = {0};
    struct invitations_of_body_rows asked = {0};
    struct items_of_body_rows items = {0};
    q_members_of_body(rq, &(struct members_of_body_args){.body = v_int(from)}, &members);
    q_invitations_of_body(rq, &(struct invitations_of_body_args){.body = v_int(from)}, &asked);
    q_items_of_body(rq, &(struct items_of_body_args){.body = v_int(from)}, &items);
    for (size_t i = 0; i < members.n && !rq->err; i++) {
        union group_member_record r = {.body_id = v_int(to), .account_id = v_null()};
        change_update(ch, &group_member_table, v_as_int(members.row[i].id), -1, r.v);
        plans_tell(ch, "group.changed", &work_group_table, v_as_int(members.row[i].group_id), to);
    }
    for (size_t i = 0; i < asked.n && !rq->err; i++) {
        union invitation_record r = {.body_id = v_int(to)};
        if (text_is(v_as_text(asked.row[i].state), "planned")) {
            r.account_id = r.substitute_id = r.answered_at = v_null();
            r.answer = v_z("waiting");
        }
        change_update(ch, &invitation_table, v_as_int(asked.row[i].id), -1, r.v);
        plans_tell(ch, "meeting.changed", &meeting_table, v_as_int(asked.row[i].meeting_id), to);
    }
    for (size_t i = 0; i < items.n && !rq->err; i++) {
        union agenda_item_record r = {.body_id = v_int(to)};
        change_update(ch, &agenda_item_table, v_as_int(items.row[i].id), -1, r.v);
        if (v_is(items.row[i].person_id))
            grant_pass(ch, from, to, "agenda_item", v_as_int(items.row[i].id));
    }
}

void plans_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct decisions_of_body_rows rows = {0};
    q_decisions_of_body(rq, &(struct decisions_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union decisions_of_body_row *d = &rows.row[i];
        m->decisions++;
        if (!to)
            continue;
        union decision_record r = {.body_id = v_int(to), .account_id = v_null()};
        decision_pass(ch, v_as_int(d->id), d->person_id, d->case_id, (uint32_t)v_as_int(d->classes), &r, to);
    }
    if (!to)
        return;
    groups_pass(ch, from, to);
    places_pass(ch, from, to);
}

void plans_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    char text[160];
    struct votes_odd_rows votes = {0};
    struct choices_odd_rows choices = {0};
    struct decisions_odd_rows states = {0};
    q_votes_odd(rq, &(struct votes_odd_args){0}, &votes);
    q_choices_odd(rq, &(struct choices_odd_args){0}, &choices);
    q_decisions_odd(rq, &(struct decisions_odd_args){0}, &states);
    for (size_t i = 0; i < votes.n; i++) {
        snprintf(text, sizeof text, "decision %lld: the sums of the vote are not the number of votes", (long long)v_as_int(votes.row[i].id));
        found(ctx, text);
    }
    for (size_t i = 0; i < choices.n; i++) {
        snprintf(text, sizeof text, "decision %lld: the sums of the open vote are not those of its votes", (long long)v_as_int(choices.row[i].id));
        found(ctx, text);
    }
    for (size_t i = 0; i < states.n; i++) {
        snprintf(text, sizeof text, "decision %lld: its state does not fit its minutes", (long long)v_as_int(states.row[i].id));
        found(ctx, text);
    }
}
