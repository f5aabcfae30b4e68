/* What becomes of a referral at the body that it was sent to, and how it ends. Replies are owed: no state is left without
 * somebody whose turn it is. */
#include "guard/codes.h"
#include "rooms/cases/cases.h"
#include "rooms/referrals/referrals_rules.h"

bool referral_at_work(struct text state)
{
    return text_is(state, "accepted") || text_is(state, "in_progress");
}

bool referral_open(struct text state)
{
    return text_is(state, "sent") || text_is(state, "received") || text_is(state, "returned") ||
           referral_at_work(state);
}

static bool waits(struct text state)
{
    return text_is(state, "sent") || text_is(state, "received");
}

/* Why an answer comes too late. */
static const char *too_late(struct text state)
{
    if (text_is(state, "withdrawn"))
        return N_("The sender has withdrawn this referral: no answer is needed any more");
    if (text_is(state, "taken"))
        return N_("Another body has accepted this referral first: no answer is needed any more");
    if (text_is(state, "returned"))
        return N_("The referral has been returned to the sender and waits for completion");
    return N_("The referral has been answered meanwhile; open it again");
}

/* The body that answers: the viewer's, or the one without an account that he stands in for. */
static int64_t acting(const struct request *rq)
{
    return rq->stead ? rq->stead->body : rq->viewer.body;
}

struct referral_facts referral_locked(struct request *rq, struct change *ch, int64_t id)
{
    struct referral_facts seen = referral_facts(rq, id); /* an offer never changes */
    change_begin(rq, ch, SUBJECT(&referral_table, seen.offer && seen.offer < id ? seen.offer : id));
    if (seen.offer && seen.offer < id)
        change_lock(ch, SUBJECT(&referral_table, id));
    return referral_facts(rq, id);
}

bool offer_taken(struct request *rq, const struct referral_facts *r)
{
    struct offer_bodies_rows rows = {0};
    if (!r->offer)
        return false;
    q_offer_bodies(rq, &(struct offer_bodies_args){.offer = v_int(r->offer)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        struct text state = v_as_text(rows.row[i].state);
        if (referral_at_work(state) || text_is(state, "done") || text_is(state, "not_done"))
            return true;
    }
    return false;
}

/* The referral as the viewer's body may change it now; otherwise the request fails. */
static struct referral_facts begin(struct request *rq, struct change *ch, int64_t id, bool receiver,
                                   bool (*fits)(struct text state))
{
    struct referral_facts r = referral_locked(rq, ch, id);
    if (rq->err)
        return r;
    bool known = r.id && (receiver ? r.to_body == acting(rq) : r.from_body == rq->viewer.body) &&
                 !access_hidden(rq, r.person);
    if (!known || (receiver && (text_is(r.state, "draft") || text_is(r.state, "dropped"))))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!fits(r.state))
        rq_refuse(rq, too_late(r.state));
    return r;
}

static int64_t other_party(const struct request *rq, const struct referral_facts *r)
{
    return rq->viewer.body == r->to_body ? r->from_body : r->to_body;
}

/* Whose account takes it; a body that answers from outside has none. */
static struct value taker(const struct request *rq)
{
    return rq->stead ? v_null() : v_int(rq->viewer.account);
}

/* Was it answered in time? Calendars and rules change later, what was in time stays so. */
static struct value answer_late(const struct request *rq, const struct referral_facts *r)
{
    return v_int(r->answer_late || rq->today > r->answer_by);
}

/* Writes the new state with the dates that follow, tells the rooms below. */
static void move(struct change *ch, const struct referral_facts *r, int64_t version,
                 union referral_record *u, const char *event, int64_t other)
{
    struct request *rq = ch->rq;
    if (!rq->err)
        referral_dates(rq, r, u);
    if (v_as_int(u->next_on) >= rq->today || v_as_int(u->owing_body_id) != r->owing_body)
        u->escalation = v_int(0); /* what is late stays told */
    change_update(ch, &referral_table, r->id, version, u->v);
    HOOK(rq, referral_changed, ch, r->id);
    referral_event(ch, event, r, other, NULL);
    outside_moved(ch, r, v_as_text(u->state));
}

/* Access ends with the fact: for the receiver always, for the sender too, whose own case or list
 * may still carry it. */
static void end_grants(struct change *ch, const struct referral_facts *r)
{
    if (!ch->rq->err)
        grant_end(ch, r->person, 0, "referral", r->id);
}

void referral_end(struct change *ch, const struct referral_facts *r, int64_t version,
                  const char *state)
{
    struct request *rq = ch->rq;
    union referral_record u = {.state = v_z(state), .finished_on = v_date(rq->today)};
    if (strcmp(state, "done") == 0)
        u.result = v_z("full");
    bool told = !text_is(r->state, "draft");
    move(ch, r, version, &u, arena_printf(rq->arena, "referral.%s", state).s,
         told ? other_party(rq, r) : 0);
    end_grants(ch, r);
}

void referral_receive(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, true, waits);
    if (!rq->err && !text_is(r.state, "sent"))
        rq_refuse(rq, N_("The receipt has been marked already"));
    union referral_record u = {.state = v_z("received"), .received_on = v_date(rq->today)};
    move(&ch, &r, version, &u, "referral.received", other_party(rq, &r));
    change_commit(&ch);
}

/* The other bodies of an offer are told that it has been taken. */
static void take_offer(struct change *ch, const struct referral_facts *r)
{
    struct request *rq = ch->rq;
    struct referrals_offered_rows rows = {0};
    if (!r->offer)
        return;
    q_referrals_offered(rq,
                        &(struct referrals_offered_args){.offer = v_int(r->offer), .id = v_int(r->id)},
                        &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        change_lock(ch, SUBJECT(&referral_table, v_as_int(rows.row[i].id)));
        struct referral_facts other = referral_facts(rq, v_as_int(rows.row[i].id));
        if (!referral_open(other.state) || referral_at_work(other.state))
            continue; /* a withdrawn consent has ended it meanwhile */
        union referral_record u = {.state = v_z("taken"), .finished_on = v_date(rq->today)};
        move(ch, &other, -1, &u, "referral.taken", other.to_body);
        end_grants(ch, &other);
    }
}

void referral_accept(struct request *rq, int64_t id, int64_t version, int64_t *case_id)
{
    struct change ch;
    *case_id = 0;
    struct referral_facts r = begin(rq, &ch, id, true, waits);
    if (!rq->err && offer_taken(rq, &r))
        rq_refuse(rq, too_late(T("taken")));
    union referral_record u = {.state = v_z("accepted"),
                               .answered_on = v_date(rq->today),
                               .answer_late = answer_late(rq, &r),
                               .to_account_id = taker(rq)};
    if (!rq->err) {
        grant_end(&ch, r.person, r.to_body, "referral", id);
        grant_open(&ch, r.person, r.to_body, FACT_REFERRAL_ACCEPTED, r.need, CLASS_ALL, "referral",
                   id, 0);
        if (!r.case_id && !rq->stead && rq_may(rq, CAP_LEAD_CASE)) {
            *case_id = case_open(&ch, r.person, r.to_body, "social_support", T("referred"));
            r.case_id = *case_id;
            u.case_id = v_int(*case_id);
        }
    }
    move(&ch, &r, version, &u, "referral.accepted", other_party(rq, &r));
    if (!rq->err)
        take_offer(&ch, &r);
    if (change_commit(&ch))
        *case_id = 0;
}

void referral_begin(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, true, referral_at_work);
    if (!rq->err && !text_is(r.state, "accepted"))
        rq_refuse(rq, N_("The work has begun already"));
    union referral_record u = {.state = v_z("in_progress")};
    move(&ch, &r, version, &u, "referral.progress", other_party(rq, &r));
    change_commit(&ch);
}

void referral_decline(struct request *rq, int64_t id, int64_t version, struct decline_form *form)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, true, waits);
    union referral_record u = {.state = v_z("declined"),
                               .answered_on = v_date(rq->today),
                               .answer_late = answer_late(rq, &r),
                               .finished_on = v_date(rq->today),
                               .to_account_id = taker(rq),
                               .decline_reason = form->decline_reason.value,
                               .result_note = form->result_note.value};
    move(&ch, &r, version, &u, "referral.declined", other_party(rq, &r));
    end_grants(&ch, &r);
    change_commit(&ch);
}

void referral_return(struct request *rq, int64_t id, int64_t version, struct return_form *form)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, true, waits);
    union referral_record u = {.state = v_z("returned"),
                               .answered_on = v_date(rq->today),
                               .answer_late = answer_late(rq, &r),
                               .term_from = v_instant(rq->now),
                               .to_account_id = taker(rq),
                               .result_note = form->result_note.value};
    move(&ch, &r, version, &u, "referral.returned", other_party(rq, &r));
    change_commit(&ch);
}

void referral_finish(struct request *rq, int64_t id, int64_t version, struct result_form *form)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, true, referral_at_work);
    if (!rq->err && v_as_int(form->finished_on.value) < r.sent_on)
        input_reject(rq, &form->finished_on, N_("The referral was sent later"));
    bool done = result_counts_as_done(v_as_text(form->result.value));
    union referral_record u = {.state = v_z(done ? "done" : "not_done"),
                               .finished_on = form->finished_on.value,
                               .result = form->result.value,
                               .result_note = form->result_note.value};
    move(&ch, &r, version, &u, done ? "referral.done" : "referral.not_done", other_party(rq, &r));
    end_grants(&ch, &r);
    change_commit(&ch);
}

static bool not_at_work(struct text state)
{
    return referral_open(state) && !referral_at_work(state);
}

void referral_withdraw(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id, false, not_at_work);
    if (!rq->err)
        referral_end(&ch, &r, version, "withdrawn");
    change_commit(&ch);
}
