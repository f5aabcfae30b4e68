/* Open referrals when their specialist leaves or a body is closed. */
#include "guard/room.h"
#include "rooms/agencies/agencies.h"
#include "rooms/referrals/referrals_rules.h"

static void tell(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t case_id,
                 int64_t other, struct value classes)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .case_id = case_id,
                                     .other_body = other,
                                     .classes = (uint32_t)v_as_int(classes),
                                     .table = &referral_table,
                                     .object = id});
}

/* A referral goes with the case it belongs to; the others are shared out evenly. */
void referrals_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct referrals_of_account_rows rows = {0};
    union referral_account_body_row of = {0};
    int64_t others = 0, quota, moved = 0;
    q_referral_account_body(rq, &(struct referral_account_body_args){.id = v_int(from)}, &of);
    q_referrals_of_account(
        rq, &(struct referrals_of_account_args){.account = v_int(from), .body = of.body_id}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        others += v_as_int(rows.row[i].keeper) != to && v_as_int(rows.row[i].keeper) != from;
    quota = to ? (others + m->parts - 1) / m->parts : 0;
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union referrals_of_account_row *r = &rows.row[i];
        int64_t person = v_as_int(r->person_id), body = v_as_int(of.body_id),
                keeper = v_as_int(r->keeper);
        bool told = body != rq->viewer.body || !access_hidden(rq, person);
        bool received =
            v_as_int(r->to_body_id) == body && v_as_int(r->to_account_id) == from;
        if (!to) {
            m->received += told && received;
            m->sent += told && !received;
            continue;
        }
        if (keeper != to && m->parts > 1 && (keeper == from || moved == quota))
            continue;
        if (access_hidden_from(rq, body, to, person)) {
            m->barred++;
            continue;
        }
        union referral_record u = {0};
        if (received)
            u.to_account_id = v_int(to);
        if (v_as_int(r->from_body_id) == body && v_as_int(r->from_account_id) == from)
            u.from_account_id = v_int(to);
        change_update(ch, &referral_table, v_as_int(r->id), -1, u.v);
        tell(ch, "referral.passed", v_as_int(r->id), person, v_as_int(r->case_id), 0, r->classes);
        m->received += told && received;
        m->sent += told && !received;
        moved += keeper != to;
    }
}

/* A referral of the closing body, and the other party of it. */
struct open_one {
    int64_t id, person, case_id, other;
    struct value classes;
    bool draft; /* the other party does not know of it */
};

/* One that would go to its own sender ends: both are the same body now. */
static void unite(struct change *ch, const struct open_one *r, int64_t to)
{
    struct referral_facts facts = referral_facts(ch->rq, r->id);
    union referral_record u = {.state = v_z(r->draft ? "dropped" : "withdrawn"), .finished_on = v_date(ch->rq->today)};
    referral_dates(ch->rq, &facts, &u);
    change_update(ch, &referral_table, r->id, -1, u.v);
    HOOK(ch->rq, referral_changed, ch, r->id);
    tell(ch, r->draft ? "referral.dropped" : "referral.withdrawn", r->id, r->person, r->case_id,
         r->draft ? 0 : to, r->classes);
    grant_end(ch, r->person, 0, "referral", r->id);
}

/* What stands under it goes with the party; a one-time page was another body's. */
static void post_passes(struct change *ch, int64_t id, int64_t from, int64_t to)
{
    struct value a = v_int(from), b = v_int(to), referral = v_int(id);
    w_term_changes_pass(ch, &(struct term_changes_pass_args){.referral = referral, .from = a, .to = b});
    w_referral_messages_pass(
        ch, &(struct referral_messages_pass_args){.referral = referral, .from = a, .to = b});
    w_outside_end(ch, &(struct outside_end_args){.referral = referral, .state = v_z("revoked")});
}

/* Received: re-addressed, the sender reads it in the event, the date due stays. Sent (by: an account): the successor's. */
static void pass_on(struct change *ch, const struct open_one *r, int64_t from, int64_t to, int64_t by)
{
    union referral_record u = {0};
    if (r->other == to) {
        unite(ch, r, to);
        return;
    }
    if (by) {
        u.from_body_id = v_int(to);
        u.from_account_id = v_int(by);
    } else {
        u.to_body_id = v_int(to);
        u.to_account_id = v_null();
    }
    struct referral_facts facts = referral_facts(ch->rq, r->id);
    referral_dates(ch->rq, &facts, &u); /* whose turn it is passes with the party */
    change_update(ch, &referral_table, r->id, -1, u.v);
    grant_pass(ch, from, to, "referral", r->id);
    post_passes(ch, r->id, from, to);
    tell(ch, by ? "referral.sender_changed" : "referral.readdressed", r->id, r->person, r->case_id,
         r->draft ? 0 : r->other, r->classes);
}

/* What is finished stays as it was, but its keeper is the successor: its own terms of retention, its post. */
static void finished_pass(struct change *ch, int64_t from, int64_t to)
{
    struct finished_of_body_rows rows = {0};
    if (!to)
        return;
    q_finished_of_body(ch->rq, &(struct finished_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !ch->rq->err; i++) {
        union referral_record u = {.from_body_id = v_int(to)};
        change_update(ch, &referral_table, v_as_int(rows.row[i].id), -1, u.v);
        post_passes(ch, v_as_int(rows.row[i].id), from, to);
    }
}

void referrals_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct received_of_body_rows received = {0};
    struct sent_of_body_rows sent = {0};
    int64_t by = to ? body_taker(rq, to, CAP_SEE_PERSON) : 0;
    q_received_of_body(rq, &(struct received_of_body_args){.body = v_int(from)}, &received);
    q_sent_of_body(rq, &(struct sent_of_body_args){.body = v_int(from)}, &sent);
    m->received += (int64_t)received.n;
    m->sent += (int64_t)sent.n;
    if (to && sent.n && !by)
        rq_refuse(rq, N_("Nobody of the successor works with persons: add an account there first"));
    for (size_t i = 0; to && i < received.n + sent.n && !rq->err; i++) {
        bool got = i < received.n;
        const union received_of_body_row *a = got ? &received.row[i] : NULL;
        const union sent_of_body_row *b = got ? NULL : &sent.row[i - received.n];
        struct open_one r = {.id = v_as_int(got ? a->id : b->id),
                             .person = v_as_int(got ? a->person_id : b->person_id),
                             .case_id = v_as_int(got ? a->case_id : b->case_id),
                             .other = v_as_int(got ? a->other_id : b->other_id),
                             .classes = got ? a->classes : b->classes,
                             .draft = !got && text_is(v_as_text(b->state), "draft")};
        if (access_barred(rq, to, r.person))
            m->barred++;
        else
            pass_on(ch, &r, from, to, got ? 0 : by);
    }
    finished_pass(ch, from, to);
}
