/* Absences, and who stands in. */
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/staff/staff_rules.h"

enum { CHAIN = 16 }; /* circles are refused at entry; longer chains end here */

static bool works(struct request *rq, int64_t account)
{
    union account_facts_row a;
    return q_account_facts(rq, &(struct account_facts_args){.id = v_int(account)}, &a) &&
           v_as_int(a.active);
}

int64_t account_in_place_of(struct request *rq, int64_t account, int64_t day)
{
    int64_t at = account;
    for (int i = 0; i < CHAIN && at; i++) {
        union absence_on_row x;
        bool away = q_absence_on(
            rq, &(struct absence_on_args){.account = v_int(at), .day = v_date(day)}, &x);
        if (!away && works(rq, at))
            return at;
        at = away ? v_as_int(x.substitute_id) : 0;
    }
    return works(rq, account) ? account : 0;
}

/* What the work asks: the same classes, and to do with them what the absent one does. What heads do besides is not asked. */
static const uint32_t WORK = 1u << CAP_SEE_PERSON | 1u << CAP_LEAD_CASE | 1u << CAP_SEND_REFERRAL |
                             1u << CAP_TAKE_REFERRAL | 1u << CAP_RECORD_SERVICE;

bool stands_in_for(struct request *rq, struct value absent_role, struct value role)
{
    const struct role *a = role_find(arena_z(rq->arena, v_as_text(absent_role))),
                      *b = role_find(arena_z(rq->arena, v_as_text(role)));
    return a && b && !(a->read & ~b->read) && !(a->write & ~b->write) &&
           !(a->caps & WORK & ~b->caps);
}

/* Does the work come back to the absent one on some day of the period? */
static bool comes_back(struct request *rq, int64_t account, int64_t at, int64_t since,
                       int64_t until, int deep)
{
    struct absences_between_rows rows = {0};
    if (at == account)
        return true;
    if (deep == CHAIN)
        return true;
    q_absences_between(rq,
                       &(struct absences_between_args){
                           .account = v_int(at), .since = v_date(since), .until = v_date(until)},
                       &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t from = v_as_int(rows.row[i].since), to = v_as_int(rows.row[i].until);
        if (v_is(rows.row[i].substitute_id) &&
            comes_back(rq, account, v_as_int(rows.row[i].substitute_id), from > since ? from : since,
                       to < until ? to : until, deep + 1))
            return true;
    }
    return false;
}

static void check(struct request *rq, const union account_facts_row *who, struct absence_form *form)
{
    struct absences_between_rows rows = {0};
    union account_facts_row s = {0};
    int64_t since = v_as_int(form->since.value), until = v_as_int(form->until.value),
            substitute = v_as_int(form->substitute_id.value);
    if (until < since) {
        input_reject(rq, &form->until, N_("The last day is before the first"));
        return;
    }
    q_absences_between(
        rq,
        &(struct absences_between_args){
            .account = who->id, .since = v_date(since), .until = v_date(until)},
        &rows);
    if (rows.n)
        input_reject(rq, &form->since, N_("Another absence of the worker falls into these days"));
    if (!substitute)
        return;
    if (!q_account_facts(rq, &(struct account_facts_args){.id = v_int(substitute)}, &s) ||
        !v_as_int(s.active) || !v_eq(s.body_id, who->body_id) || substitute == v_as_int(who->id))
        input_reject(rq, &form->substitute_id, N_("Choose another worker of the body"));
    else if (!stands_in_for(rq, who->role, s.role))
        input_reject(rq, &form->substitute_id,
                     N_("The role of this worker does not allow all that the work asks"));
    else if (comes_back(rq, v_as_int(who->id), substitute, since, until, 0))
        input_reject(rq, &form->substitute_id,
                     N_("In these days this worker is absent and the work would come back: choose "
                        "somebody who is there"));
}

/* The worker himself, the head of his body, or the administrator. */
static bool may_enter(struct request *rq, int64_t account, int64_t body)
{
    return rq->viewer.account == account || body_led_by(rq, body);
}

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t body)
{
    change_event(ch, &(struct event){
                         .kind = kind, .other_body = body, .table = &absence_table, .object = id});
}

int64_t absence_record(struct request *rq, struct absence_form *form)
{
    struct change ch;
    union account_facts_row who = {0};
    int64_t id = 0;
    if (!q_account_facts(rq, &(struct account_facts_args){.id = form->account_id.value}, &who) ||
        !may_enter(rq, v_as_int(who.id), v_as_int(who.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    /* the body's row: two absences that together make a circle wait for each other */
    change_begin(rq, &ch, SUBJECT(&body_table, v_as_int(who.body_id)));
    if (!rq->err && !v_as_int(who.active))
        rq_refuse(rq, N_("The account has been ended"));
    if (!rq->err)
        check(rq, &who, form);
    if (!rq->err && !rq->mistakes) {
        union absence_record x = {.account_id = who.id,
                                  .body_id = who.body_id,
                                  .since = form->since.value,
                                  .until = form->until.value,
                                  .kind = form->kind.value,
                                  .substitute_id = form->substitute_id.value,
                                  .cancelled = v_int(0),
                                  .created_at = v_instant(rq->now)};
        id = change_insert(&ch, &absence_table, x.v);
        event_of(&ch, "absence.recorded", id, v_as_int(who.body_id));
    }
    return change_commit(&ch) ? 0 : id;
}

void absence_end(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union absence_facts_row x = {0};
    if (!q_absence_facts(rq, &(struct absence_facts_args){.id = v_int(id)}, &x))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!may_enter(rq, v_as_int(x.account_id), v_as_int(x.body_id)))
        rq_fail(rq, ERR_NOT_FOUND);
    change_begin(rq, &ch, SUBJECT(&body_table, v_as_int(x.body_id)));
    if (!rq->err && (v_as_int(x.cancelled) || v_as_int(x.until) < rq->today))
        rq_refuse(rq, N_("The absence is over already"));
    /* begun: yesterday was its last day; otherwise there was none */
    union absence_record r = {0};
    if (v_as_int(x.since) < rq->today)
        r.until = v_date(rq->today - 1);
    else
        r.cancelled = v_int(1);
    change_update(&ch, &absence_table, id, version, r.v);
    event_of(&ch, "absence.ended", id, v_as_int(x.body_id));
    change_commit(&ch);
}
