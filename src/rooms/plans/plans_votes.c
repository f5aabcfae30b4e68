/* Votes: opened by who keeps the minutes once there is a quorum, cast once by each voting member who was there, counted by the order. */
#include "rooms/plans/plans_rules.h"
#include "rooms/staff/staff.h"

/* A draft of a meeting that votes, its meeting locked; facts are read behind the lock. */
static void begin(struct request *rq, struct change *ch, int64_t id, struct meeting *m, union decision_facts_row *d)
{
    union decision_case_row card = {0};
    if (!rq->err && !decision_read(rq, v_int(id), &card))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, ch, SUBJECT(&meeting_table, v_as_int(card.meeting_id)));
    meeting_read(rq, v_as_int(card.meeting_id), m);
    if (!rq->err && !q_decision_facts(rq, &(struct decision_facts_args){.id = v_int(id)}, d))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && (!meeting_in(m, "held") || text_is(v_as_text(m->m.ballot), "none")))
        rq_refuse(rq, N_("This meeting takes no votes, or its minutes are approved"));
}

static bool writes(struct request *rq, const struct meeting *m, const union decision_facts_row *d)
{
    union item_facts_row f = {0};
    q_item_facts(rq, &(struct item_facts_args){.id = d->item_id}, &f);
    return item_writes(rq, m, v_as_int(f.body_id));
}

/* Who keeps the minutes goes from one state of the vote to the next, while there is a quorum. */
static void begin_turn(struct request *rq, struct change *ch, int64_t id, struct meeting *m, union decision_facts_row *d, const char *stands, const char *otherwise)
{
    begin(rq, ch, id, m, d);
    if (!rq->err && !writes(rq, m, d))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !text_is(v_as_text(d->vote), stands))
        rq_refuse(rq, otherwise);
    if (!rq->err && !meeting_quorate(m))
        rq_refuse(rq, N_("There is no quorum: the decision cannot be voted on"));
}

static void end_turn(struct change *ch, int64_t id, int64_t version, const union decision_facts_row *d, const char *vote, const char *event)
{
    union decision_record r = {.vote = v_z(vote)};
    change_update(ch, &decision_table, id, version, r.v);
    decision_tell(ch, event, id, d->person_id, d->case_id, (uint32_t)v_as_int(d->classes), 0);
    change_commit(ch);
}

void vote_open(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct meeting m = {0};
    union decision_facts_row d = {0};
    begin_turn(rq, &ch, id, &m, &d, "none", N_("The decision is being voted on, or has been"));
    end_turn(&ch, id, version, &d, "open", "decision.vote_opened");
}

static bool has_voted(struct request *rq, int64_t decision, int64_t invitation)
{
    union vote_of_row v;
    return q_vote_of(rq, &(struct vote_of_args){.decision = v_int(decision), .invitation = v_int(invitation)}, &v);
}

/* Who sits there: the substitute where one was sent. */
static int64_t sitter(const union invitations_of_row *v)
{
    return v_as_int(v_is(v->substitute_id) ? v->substitute_id : v->account_id);
}

int64_t vote_right(struct request *rq, const struct meeting *m, int64_t decision)
{
    for (size_t i = 0; i < m->who.n; i++) {
        const union invitations_of_row *v = &m->who.row[i];
        if (v_as_int(v->votes) && v_as_int(v->attended) && v_as_int(v->body_id) == rq->viewer.body &&
            sitter(v) == rq->viewer.account && !has_voted(rq, decision, v_as_int(v->id)))
            return v_as_int(v->id);
    }
    return 0;
}

/* A vote that was given already is told apart from having none. */
static bool is_member(struct request *rq, const struct meeting *m)
{
    for (size_t i = 0; i < m->who.n; i++)
        if (v_as_int(m->who.row[i].votes) && v_as_int(m->who.row[i].attended) && sitter(&m->who.row[i]) == rq->viewer.account)
            return true;
    return false;
}

static int64_t recorded_for(struct request *rq, const struct meeting *m, const union decision_facts_row *d, int64_t decision,
                            int64_t invitation)
{
    if (!writes(rq, m, d) || !text_is(v_as_text(m->m.ballot), "open")) {
        rq_fail(rq, ERR_FORBIDDEN);
        return 0;
    }
    for (size_t i = 0; i < m->who.n; i++)
        if (v_as_int(m->who.row[i].id) == invitation && v_as_int(m->who.row[i].votes) && v_as_int(m->who.row[i].attended))
            return has_voted(rq, decision, invitation) ? 0 : invitation;
    rq_fail(rq, ERR_NOT_FOUND);
    return 0;
}

void vote_give(struct request *rq, int64_t id, int64_t invitation, struct text choice)
{
    struct change ch;
    struct meeting m = {0};
    union decision_facts_row d = {0};
    begin(rq, &ch, id, &m, &d);
    if (!rq->err && !text_is(v_as_text(d.vote), "open"))
        rq_refuse(rq, N_("The vote has not been opened, or is over"));
    bool known = text_is(choice, "for") || text_is(choice, "against") || text_is(choice, "abstained");
    if (!rq->err && !known)
        rq_mistake(rq, "choice", N_("Choose a value from the list"));
    int64_t by = 0;
    if (!rq->err && invitation)
        by = recorded_for(rq, &m, &d, id, invitation);
    else if (!rq->err)
        by = vote_right(rq, &m, id);
    if (!rq->err && !by && !invitation && !is_member(rq, &m))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !by)
        rq_refuse(rq, N_("This vote has been cast already"));
    bool open = text_is(v_as_text(m.m.ballot), "open");
    union vote_cast_record r = {.decision_id = v_int(id),
                                .invitation_id = v_int(by),
                                .account_id = v_int(rq->viewer.account),
                                .choice = open ? v_text(choice) : v_null()};
    if (!rq->mistakes)
        change_insert(&ch, &vote_cast_table, r.v);
    /* Not by change_update: what it writes stands in the history beside the account. */
    w_ballot_count(&ch, &(struct ballot_count_args){.id = v_int(id),
                                                    .n_for = v_int(text_is(choice, "for")),
                                                    .n_against = v_int(text_is(choice, "against")),
                                                    .n_abstained = v_int(text_is(choice, "abstained"))});
    decision_tell(&ch, "decision.voted", id, d.person_id, d.case_id, (uint32_t)v_as_int(d.classes), 0);
    change_commit(&ch);
}

/* The chair's vote where votes are equal: known in an open vote only. */
static bool chair_is_for(struct request *rq, const struct meeting *m, int64_t decision)
{
    union vote_of_row v;
    for (size_t i = 0; i < m->who.n; i++)
        if (v_is(m->m.chair_id) && v_eq(m->who.row[i].account_id, m->m.chair_id) &&
            q_vote_of(rq, &(struct vote_of_args){.decision = v_int(decision), .invitation = m->who.row[i].id}, &v))
            return text_is(v_as_text(v.choice), "for");
    return false;
}

static bool adopted(struct request *rq, const struct meeting *m, const union decision_facts_row *d, int64_t id)
{
    struct text rule = v_as_text(m->m.majority);
    int64_t yes = v_as_int(d->n_for), no = v_as_int(d->n_against);
    bool by_chair = text_is(v_as_text(m->m.tie), "chair") && chair_is_for(rq, m, id);
    if (text_is(rule, "two_thirds"))
        return yes * 3 >= m->present * 2;
    if (text_is(rule, "all"))
        return yes * 2 > m->voting;
    if (text_is(rule, "cast"))
        return yes > no || (yes == no && yes && by_chair);
    return yes * 2 > m->present || (yes * 2 == m->present && yes == no && by_chair);
}

void vote_close(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct meeting m = {0};
    union decision_facts_row d = {0};
    begin_turn(rq, &ch, id, &m, &d, "open", N_("The vote has not been opened, or is over"));
    end_turn(&ch, id, version, &d, !rq->err && adopted(rq, &m, &d, id) ? "adopted" : "rejected", "decision.vote_closed");
}
