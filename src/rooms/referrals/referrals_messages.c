/* What the parties of a referral write to each other, and the papers that they attach to it. */
#include "guard/codes.h"
#include "rooms/papers/papers.h"
#include "rooms/referrals/referrals_rules.h"

/* The referral, locked, as one of its parties that reads it; otherwise the request fails. */
static struct referral_facts begin(struct request *rq, struct change *ch, int64_t id)
{
    change_begin(rq, ch, SUBJECT(&referral_table, id));
    struct referral_facts r = referral_facts(rq, id);
    if (rq->err)
        return r;
    bool untold = text_is(r.state, "draft") || text_is(r.state, "dropped");
    bool party = r.from_body == rq->viewer.body || (r.to_body == rq->viewer.body && !untold);
    uint32_t tells = CLASS_BIT(CLASS_IDENTITY) | code_classes("need", r.need);
    uint32_t reads = rq->viewer.role ? rq->viewer.role->read : 0;
    if (!r.id || !party || access_hidden(rq, r.person) ||
        tells & ~(access_bits(rq, rq->viewer.body, r.person) & reads))
        rq_fail(rq, ERR_NOT_FOUND);
    return r;
}

static int64_t other_of(const struct request *rq, const struct referral_facts *r)
{
    return r->from_body == rq->viewer.body ? r->to_body : r->from_body;
}

static int64_t waiting(struct request *rq, int64_t id)
{
    union messages_waiting_row row = {0};
    q_messages_waiting(rq, &(struct messages_waiting_args){.referral = v_int(id)}, &row);
    return v_as_int(row.n);
}

static void mark(struct change *ch, const struct referral_facts *r)
{
    w_messages_mark_read(ch, &(struct messages_mark_read_args){.referral = v_int(r->id),
                                                               .body = v_int(ch->rq->viewer.body)});
}

void referral_write(struct request *rq, int64_t id, struct message_form *form)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id);
    if (!rq->err && !referral_open(r.state))
        rq_refuse(rq, N_("The referral is closed: nothing is written in it any more"));
    if (!rq->err && outside_body(rq, r.to_body))
        rq_refuse(rq, N_("The receiver has no account and reads no messages: write it a letter"));
    union referral_message_record m = {
        .referral_id = v_int(id),
        .person_id = v_int(r.person),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .other_body_id = v_int(other_of(rq, &r)),
        .words = form->words.value,
        .classes = v_int(code_classes("need", r.need)),
        .created_at = v_instant(rq->now),
    };
    if (!rq->err) {
        mark(&ch, &r); /* who answers has read */
        change_insert(&ch, &referral_message_table, m.v);
        referral_event(&ch, "referral.message", &r, other_of(rq, &r), NULL);
    }
    change_commit(&ch);
}

void referral_messages_read(struct request *rq, int64_t id)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id);
    if (!rq->err && !waiting(rq, id)) {
        ch.events++; /* a colleague was faster: nothing is left to mark */
    } else if (!rq->err) {
        mark(&ch, &r);
        referral_event(&ch, "referral.message_read", &r, other_of(rq, &r), NULL);
    }
    change_commit(&ch);
}

int64_t messages_unread(struct request *rq, int64_t account)
{
    struct messages_unread_rows rows = {0};
    int64_t n = 0;
    struct messages_unread_args args = {.account = account ? v_int(account) : (struct value){0}};
    q_messages_unread(rq, &args, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        uint32_t classes = (uint32_t)v_as_int(rows.row[i].classes) | CLASS_BIT(CLASS_IDENTITY);
        uint32_t reads = rq->viewer.role ? rq->viewer.role->read : 0;
        n += !(classes & ~((uint32_t)v_as_int(rows.row[i].bits) & reads));
    }
    return n;
}

void referral_papers(struct request *rq, int64_t id, int64_t back, const struct paper *paper)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, id);
    bool draft = text_is(r.state, "draft");
    if (!rq->err && paper && !back && !draft && !referral_open(r.state))
        rq_refuse(rq, N_("The referral is closed: nothing is attached to it any more"));
    attachment_change(&ch,
                      &(struct attached_to){.object = &referral_table,
                                            .id = id,
                                            .person = r.person,
                                            .other_body = draft ? 0 : other_of(rq, &r),
                                            .classes = code_classes("need", r.need)},
                      back, paper);
    change_commit(&ch);
}
