/* Agreements: what bodies have signed to act together, and what may be sent only under one. */
#include "base/buf.h"
#include "base/date.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies_rules.h"
#include "rooms/packs/packs.h"
#include "web/tr.h"

static bool in_force(const union agreements_between_row *g, int64_t day)
{
    return text_is(v_as_text(g->state), "in_force") && v_as_int(g->since) <= day &&
           (!v_is(g->until) || v_as_int(g->until) >= day);
}

/* {number} and {date} of a message, in the viewer's language. */
static const char *told(struct request *rq, const char *msgid, struct text number, int64_t day)
{
    struct buf out = BUF(4000); /* longer than any words of ours */
    char date[11];
    date_dmy(day, date);
    for (const char *s = tr(rq->lang, msgid); *s;) {
        if (!strncmp(s, "{number}", 8)) {
            buf_text(&out, number);
            s += 8;
        } else if (!strncmp(s, "{date}", 6)) {
            buf_z(&out, date);
            s += 6;
        } else
            buf_char(&out, *s++);
    }
    const char *words = arena_z(rq->arena, buf_get(&out));
    buf_free(&out);
    return words;
}

const char *agreement_fault(struct request *rq, int64_t from_body, int64_t to_body,
                            struct text need, struct text scheme)
{
    const struct pack_entry *e = pack_find("need", need);
    union body_facts_row from, to;
    if (!e || !pack_prop(e, "agreement").n || !body_of(rq, from_body, &from) ||
        !body_of(rq, to_body, &to) || !pack_prop_has(e, "agreement", v_as_text(to.kind)))
        return NULL;
    struct agreements_between_rows rows = {0};
    q_agreements_between(rq,
                         &(struct agreements_between_args){.from_body = v_int(from_body),
                                                           .from_kind = from.kind,
                                                           .to_body = v_int(to_body),
                                                           .to_kind = to.kind,
                                                           .need = v_text(need),
                                                           .scheme = v_text(scheme)},
                         &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (in_force(&rows.row[i], rq->today))
            return NULL;
    if (!rows.n)
        return N_("Such referrals go to this body only under an agreement, and none of both bodies "
                  "carries this need");
    const union agreements_between_row *g = &rows.row[0];
    if (text_is(v_as_text(g->state), "ended"))
        return told(rq, N_("Agreement No. {number} with this body was ended on {date}: new referrals "
                           "need another one"),
                    v_as_text(g->number), v_as_int(g->ended_on));
    if (v_as_int(g->since) > rq->today)
        return told(rq, N_("Agreement No. {number} with this body comes into force on {date} only"),
                    v_as_text(g->number), v_as_int(g->since));
    return told(rq, N_("Agreement No. {number} with this body ended on {date}: new referrals need "
                       "another one"),
                v_as_text(g->number), v_as_int(g->until));
}

bool agreement_stands(struct request *rq, int64_t to_body, struct text need, struct text scheme)
{
    const struct pack_entry *e = pack_find("need", need);
    union body_facts_row to;
    if (!e || !pack_prop(e, "agreement").n || !body_of(rq, to_body, &to) ||
        !pack_prop_has(e, "agreement", v_as_text(to.kind)))
        return true;
    struct agreements_between_rows rows = {0};
    q_agreements_between(rq,
                         &(struct agreements_between_args){.to_body = v_int(to_body),
                                                           .to_kind = to.kind,
                                                           .need = v_text(need),
                                                           .scheme = v_text(scheme)},
                         &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (in_force(&rows.row[i], rq->today))
            return true;
    return false;
}

int64_t agreements_soon(struct request *rq)
{
    const struct pack_entry *e = pack_find("agreement", T(""));
    int64_t days;
    return rq->today + (e && text_int(pack_prop(e, "remind"), 0, 3660, &days) == OK ? days : 0);
}

enum err agreement_section(const struct pack_entry *e, struct fault *fault)
{
    int64_t days;
    if (text_int(pack_prop(e, "remind"), 0, 3660, &days) == OK)
        return OK;
    return fault_set(fault, ERR_SYNTAX, "%.*s: remind is a number of days", TEXT_ARG(e->place));
}

void agreements_ending(struct request *rq, int64_t body, struct agreement_ending_rows *out)
{
    struct agreement_ending_args args = {.soon = v_date(agreements_soon(rq))};
    if (body) {
        args.body = v_int(body);
        args.body_kind = v_text(body_kind(rq, body));
    }
    q_agreement_ending(rq, &args, out);
}

bool agreement_readable(struct request *rq, int64_t id)
{
    union agreement_is_of_row row;
    return rq_may(rq, CAP_AGREEMENTS) ||
           (rq_may(rq, CAP_LEAD_BODY) &&
            q_agreement_is_of(rq,
                              &(struct agreement_is_of_args){.agreement = v_int(id),
                                                             .body = v_int(rq->viewer.body),
                                                             .kind = v_z(rq->viewer.body_kind)},
                              &row));
}

/* --- changes --- */

static void event_of(struct change *ch, const char *kind, int64_t id)
{
    change_event(ch, &(struct event){.kind = kind, .table = &agreement_table, .object = id});
}

static void check_dates(struct request *rq, struct agreement_form *form)
{
    if (v_is(form->until.value) && v_is(form->since.value) &&
        v_as_int(form->until.value) < v_as_int(form->since.value))
        input_reject(rq, &form->until, N_("The last day is before the first"));
}

int64_t agreement_create(struct request *rq, struct agreement_form *form)
{
    struct change ch;
    if (!rq_may(rq, CAP_AGREEMENTS))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    check_dates(rq, form);
    union agreement_record g = {.number = form->number.value,
                                .signed_on = form->signed_on.value,
                                .subject = form->subject.value,
                                .kind = form->kind.value,
                                .since = form->since.value,
                                .until = form->until.value,
                                .state = v_z("draft"),
                                .account_id = v_int(rq->viewer.account),
                                .created_at = v_instant(rq->now)};
    int64_t id = change_insert(&ch, &agreement_table, g.v);
    event_of(&ch, "agreement.created", id);
    return change_commit(&ch) ? 0 : id;
}

/* The agreement as it may be changed: a draft, or one that has been signed. */
static union agreement_facts_row begin(struct request *rq, struct change *ch, int64_t id, bool draft)
{
    union agreement_facts_row g = {0};
    if (!rq_may(rq, CAP_AGREEMENTS))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, ch, SUBJECT(&agreement_table, id));
    if (!rq->err && !q_agreement_facts(rq, &(struct agreement_facts_args){.id = v_int(id)}, &g))
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return g;
    if (text_is(v_as_text(g.state), "ended"))
        rq_refuse(rq, N_("The agreement has been ended"));
    else if (draft && !text_is(v_as_text(g.state), "draft"))
        rq_refuse(rq, N_("The agreement is signed: its parties and what it carries stand; record "
                         "another agreement instead"));
    return g;
}

void agreement_change(struct request *rq, int64_t id, int64_t version, struct agreement_form *form)
{
    struct change ch;
    begin(rq, &ch, id, false);
    check_dates(rq, form);
    union agreement_record g = {.number = form->number.value,
                                .signed_on = form->signed_on.value,
                                .subject = form->subject.value,
                                .kind = form->kind.value,
                                .since = form->since.value,
                                .until = form->until.value};
    change_update(&ch, &agreement_table, id, version, g.v);
    event_of(&ch, "agreement.changed", id);
    change_commit(&ch);
}

/* The next version of the row, so that two do not work on one draft. */
static void touched(struct change *ch, int64_t id, int64_t version)
{
    union agreement_record g = {.state = v_z("draft")};
    change_update(ch, &agreement_table, id, version, g.v);
    event_of(ch, "agreement.changed", id);
    change_commit(ch);
}

void agreement_party_add(struct request *rq, int64_t id, int64_t version, struct party_form *form)
{
    struct change ch;
    union party_there_row there;
    begin(rq, &ch, id, true);
    if (v_is(form->body_id.value) == v_is(form->kind.value))
        input_reject(rq, &form->body_id, N_("Choose one: a body, or all bodies of a kind"));
    else if (!rq->err && q_party_there(rq,
                                       &(struct party_there_args){.agreement = v_int(id),
                                                                  .body = form->body_id.value,
                                                                  .kind = form->kind.value},
                                       &there))
        input_reject(rq, v_is(form->kind.value) ? &form->kind : &form->body_id,
                     N_("It is a party already"));
    if (!rq->err && !rq->mistakes) {
        union agreement_party_record p = {.agreement_id = v_int(id),
                                          .body_id = form->body_id.value,
                                          .kind = form->kind.value};
        change_insert(&ch, &agreement_party_table, p.v);
    }
    touched(&ch, id, version);
}

static bool code_good(struct text code)
{
    for (size_t i = 0; i < code.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_.-", code.s[i]))
            return false;
    return true;
}

void agreement_carries_add(struct request *rq, int64_t id, int64_t version,
                           struct carries_form *form)
{
    struct change ch;
    union carried_there_row there;
    begin(rq, &ch, id, true);
    if (v_is(form->need.value) && v_is(form->scheme.value))
        input_reject(rq, &form->scheme, N_("One at a time: a need, a scheme, or nothing for everything"));
    else if (!code_good(v_as_text(form->scheme.value)))
        input_reject(rq, &form->scheme, N_("Small Latin letters, digits, dots, dashes"));
    else if (!rq->err && q_carried_there(rq,
                                         &(struct carried_there_args){.agreement = v_int(id),
                                                                      .need = form->need.value,
                                                                      .scheme = form->scheme.value},
                                         &there))
        input_reject(rq, v_is(form->scheme.value) ? &form->scheme : &form->need,
                     N_("The agreement carries it already"));
    if (!rq->err && !rq->mistakes) {
        union agreement_carries_record k = {.agreement_id = v_int(id),
                                            .need = form->need.value,
                                            .scheme = form->scheme.value};
        change_insert(&ch, &agreement_carries_table, k.v);
    }
    touched(&ch, id, version);
}

void agreement_drop(struct request *rq, int64_t id, int64_t version, int64_t row, bool carried)
{
    struct change ch;
    begin(rq, &ch, id, true);
    if (carried)
        w_agreement_carries_drop(
            &ch, &(struct agreement_carries_drop_args){.id = v_int(row), .agreement = v_int(id)});
    else
        w_agreement_party_drop(
            &ch, &(struct agreement_party_drop_args){.id = v_int(row), .agreement = v_int(id)});
    touched(&ch, id, version);
}

void agreement_sign(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union agreement_counts_row n = {0};
    begin(rq, &ch, id, true);
    if (!rq->err)
        q_agreement_counts(rq, &(struct agreement_counts_args){.id = v_int(id)}, &n);
    if (!rq->err && v_as_int(n.parties) < 2)
        rq_refuse(rq, N_("An agreement has two parties at least: add them first"));
    else if (!rq->err && !v_as_int(n.carried))
        rq_refuse(rq, N_("Say what the agreement carries: needs, schemes, or everything"));
    union agreement_record g = {.state = v_z("in_force")};
    change_update(&ch, &agreement_table, id, version, g.v);
    event_of(&ch, "agreement.signed", id);
    change_commit(&ch);
}

void agreement_end(struct request *rq, int64_t id, int64_t version, struct agreement_end_form *form)
{
    struct change ch;
    union agreement_facts_row now = begin(rq, &ch, id, false);
    if (v_is(form->ended_on.value) && text_is(v_as_text(now.state), "in_force") &&
        v_as_int(form->ended_on.value) < v_as_int(now.since))
        input_reject(rq, &form->ended_on, N_("The agreement was not in force yet"));
    union agreement_record g = {.state = v_z("ended"),
                                .ended_on = form->ended_on.value,
                                .end_reason = form->end_reason.value};
    change_update(&ch, &agreement_table, id, version, g.v);
    event_of(&ch, "agreement.ended", id);
    change_commit(&ch);
}
