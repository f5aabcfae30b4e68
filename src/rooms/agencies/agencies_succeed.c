/* Closing of a body: what is open passes to a successor, or the body stays. */
#include "base/buf.h"
#include "rooms/agencies/agencies_rules.h"
#include "web/tr.h"

static void number(struct buf *out, struct request *rq, const char *words, int64_t n)
{
    if (n)
        buf_printf(out, "%s%s: %lld", out->n ? ", " : "", tr(rq->lang, words), (long long)n);
}

/* "Open cases: 5, programmes: 3 …", in the viewer's language. */
static const char *told(struct request *rq, const struct moved *m)
{
    struct buf out = BUF(4000);
    number(&out, rq, N_("cases"), m->cases);
    number(&out, rq, N_("programmes"), m->programmes);
    number(&out, rq, N_("measures"), m->measures);
    number(&out, rq, N_("referrals received"), m->received);
    number(&out, rq, N_("referrals sent"), m->sent);
    number(&out, rq, N_("decisions of meetings"), m->decisions);
    const char *words = arena_printf(rq->arena, "%s %.*s",
                                     tr(rq->lang, N_("The body has open work; name a successor. Open:")),
                                     TEXT_ARG(buf_get(&out)))
                            .s;
    buf_free(&out);
    return words;
}

/* Agreements bind the successor as they bound the body. */
static void agreements_pass(struct change *ch, int64_t from, int64_t to)
{
    struct request *rq = ch->rq;
    struct parties_of_body_rows rows = {0};
    q_parties_of_body(
        rq, &(struct parties_of_body_args){.from_body = v_int(from), .to_body = v_int(to)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        if (v_as_int(rows.row[i].there))
            continue;
        union agreement_party_record p = {.body_id = v_int(to)};
        change_update(ch, &agreement_party_table, v_as_int(rows.row[i].id), -1, p.v);
        change_event(ch, &(struct event){.kind = "agreement.changed",
                                         .other_body = to,
                                         .table = &agreement_table,
                                         .object = v_as_int(rows.row[i].agreement_id)});
    }
}

struct value body_succeed(struct change *ch, const union body_facts_row *now,
                          struct body_form *form)
{
    struct request *rq = ch->rq;
    struct moved m = {0};
    int64_t from = v_as_int(now->id), to = v_as_int(form->successor_id.value);
    union body_facts_row s;
    if (!to) {
        HOOK(rq, body_succeeding, ch, from, 0, &m);
        if (m.cases + m.programmes + m.measures + m.received + m.sent + m.decisions)
            input_reject(rq, &form->successor_id, told(rq, &m));
        return v_null();
    }
    if (to == from || !body_of(rq, to, &s) || !v_as_int(s.active) || !v_eq(s.kind, now->kind)) {
        input_reject(rq, &form->successor_id, N_("The successor is an active body of the same kind"));
        return v_null();
    }
    change_lock(ch, SUBJECT(&body_table, to));
    HOOK(rq, body_succeeding, ch, from, to, &m);
    if (m.barred && !rq->err)
        input_reject(rq, &form->successor_id,
                     N_("Some of the work is about restricted persons for whom the successor is not "
                        "named: the body that set the restriction names it first"));
    agreements_pass(ch, from, to);
    w_successors_forward(
        ch, &(struct successors_forward_args){.to_body = v_int(to), .from_body = v_int(from)});
    w_coordinators_forward(
        ch, &(struct coordinators_forward_args){.to_body = v_int(to), .from_body = v_int(from)});
    return v_int(to);
}
