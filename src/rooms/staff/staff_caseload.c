/* The caseload of a worker: how much it is, and how it passes on. */
#include "base/buf.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/staff/staff_rules.h"
#include "web/tr.h"

struct moved caseload_of(struct request *rq, int64_t account)
{
    struct change ch = {.rq = rq};
    struct moved m = {0};
    HOOK(rq, caseload_moving, &ch, account, 0, &m);
    return m;
}

static int64_t whole(const struct moved *m)
{
    return m->cases + m->programmes + m->received + m->sent;
}

static void number(struct buf *out, struct request *rq, const char *words, int64_t n)
{
    if (n)
        buf_printf(out, "%s%s: %lld", out->n ? ", " : "", tr(rq->lang, words), (long long)n);
}

struct text caseload_words(struct request *rq, const struct moved *m)
{
    struct buf out = BUF(4000);
    number(&out, rq, N_("cases"), m->cases);
    number(&out, rq, N_("programmes"), m->programmes);
    number(&out, rq, N_("referrals received"), m->received);
    number(&out, rq, N_("referrals sent"), m->sent);
    struct text words = arena_text(rq->arena, buf_get(&out));
    buf_free(&out);
    return words;
}

/* Of restricted persons what nobody of those chosen may know of stays; then the change does not happen. */
static void pass(struct change *ch, const union account_facts_row *from, const int64_t *to, size_t n,
                 struct moved *m)
{
    struct request *rq = ch->rq;
    for (size_t i = 0; i < n && !rq->err; i++) {
        m->barred = 0;
        m->parts = (int)(n - i);
        HOOK(rq, caseload_moving, ch, v_as_int(from->id), to[i], m);
    }
    if (m->barred)
        rq_refuse(rq, N_("Some of the work is about restricted persons for whom the taker is not "
                         "named: name him there first, or choose another worker"));
    change_event(ch, &(struct event){.kind = "caseload.passed",
                                     .other_body = v_as_int(from->body_id),
                                     .table = &account_table,
                                     .object = v_as_int(from->id)});
}

static const char *taker_fault(struct request *rq, const union account_facts_row *from, int64_t to)
{
    union account_facts_row t;
    if (to == v_as_int(from->id) ||
        !q_account_facts(rq, &(struct account_facts_args){.id = v_int(to)}, &t) ||
        !v_as_int(t.active) || !v_eq(t.body_id, from->body_id))
        return N_("Choose another worker of the body");
    return stands_in_for(rq, from->role, t.role)
               ? NULL
               : N_("The role of this worker does not allow all that the work asks");
}

struct moved caseload_pass(struct request *rq, int64_t account, const int64_t *to, size_t n)
{
    struct change ch;
    struct moved m = {0};
    union account_facts_row from = {0};
    if (!rq->err &&
        (!q_account_facts(rq, &(struct account_facts_args){.id = v_int(account)}, &from) ||
         v_as_int(from.body_id) != rq->viewer.body || !rq_may(rq, CAP_LEAD_BODY)))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, &ch, SUBJECT(&body_table, rq->viewer.body));
    if (!rq->err && !n)
        rq_mistake(rq, "to", N_("Choose who takes the work over"));
    for (size_t i = 0; i < n && !rq->err; i++) {
        const char *fault = taker_fault(rq, &from, to[i]);
        for (size_t k = 0; k < i; k++)
            fault = to[k] == to[i] ? N_("Choose another worker of the body") : fault;
        if (fault)
            rq_mistake(rq, "to", fault);
    }
    struct moved before = caseload_of(rq, account);
    if (!rq->err && !rq->mistakes && !whole(&before))
        rq_refuse(rq, N_("The worker has no open work"));
    if (!rq->err && !rq->mistakes)
        pass(&ch, &from, to, n, &m);
    return change_commit(&ch) ? (struct moved){0} : m;
}

void caseload_leave(struct change *ch, const union account_facts_row *who, struct input *taker)
{
    struct request *rq = ch->rq;
    struct moved m = caseload_of(rq, v_as_int(who->id)), done = {0};
    int64_t to = v_as_int(taker->value);
    if (rq->err || !whole(&m))
        return;
    if (!to) {
        struct text words = caseload_words(rq, &m);
        input_reject(rq, taker,
                     arena_printf(rq->arena, "%s %.*s",
                                  tr(rq->lang, N_("The worker has open work: name who takes it over, "
                                                  "or the head passes it on first. Open:")),
                                  TEXT_ARG(words))
                         .s);
        return;
    }
    const char *fault = taker_fault(rq, who, to);
    if (fault)
        input_reject(rq, taker, fault);
    else
        pass(ch, who, &to, 1, &done);
}
