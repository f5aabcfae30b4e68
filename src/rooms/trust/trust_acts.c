/* Acts of destruction: prepared by one, confirmed by another, carried out by the job in slices, so
 * that nobody waits for the writer. Every slice is one change that takes rows, empties their
 * history, notes their numbers in the act and writes its events; an act cut short goes on where it
 * stopped, since what is gone is not due any more. */
#include "agencies_gen.h"
#include "rooms/trust/trust_retention.h"

enum { SLICE_ROWS = 50, SLICE_US = 30 * 1000 };

static void event_of(struct change *ch, const char *kind, int64_t act, int64_t body)
{
    change_event(
        ch, &(struct event){
                .kind = kind, .other_body = body, .table = &retention_act_table, .object = act});
}

int64_t act_prepare(struct request *rq, const struct retained *const *kinds, size_t n,
                    struct act_form *form, void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    int64_t id = 0;
    union act_open_row open;
    if (!n)
        rq_mistake(rq, "kind", N_("Choose what is to be destroyed"));
    change_begin(rq, &ch, SUBJECT(&body_table, rq->viewer.body));
    if (!rq->err && q_act_open(rq, &(struct act_open_args){0}, &open))
        rq_refuse(rq, N_("An act of your body is not finished yet: confirm or cancel it first"));
    if (!rq->err && !rq->mistakes) {
        union retention_act_record r = {
            .number = v_text(change_number(&ch, "A")),
            .body_id = v_int(rq->viewer.body),
            .account_id = v_int(rq->viewer.account),
            .state = v_z("prepared"),
            .prepared_on = v_date(rq->today),
            .commission = form->commission.value,
            .method = form->method.value,
            .ground = form->ground.value,
        };
        id = change_insert(&ch, &retention_act_table, r.v);
        for (size_t i = 0; i < n; i++) {
            union retention_act_kind_record k = {.act_id = v_int(id),
                                                 .kind = v_z(kinds[i]->name),
                                                 .day = v_date(rq->today),
                                                 .destroyed = v_int(0),
                                                 .kept = v_int(0)};
            change_insert(&ch, &retention_act_kind_table, k.v);
        }
        event_of(&ch, "retention.prepared", id, 0);
        if (done && !rq->err)
            done(rq, id);
    }
    return change_commit(&ch) ? 0 : id;
}

/* The act of the viewer's body in this state; fails the request when it is another's or in another
 * state. */
static void find(struct request *rq, int64_t id, const char *state, union act_facts_row *out)
{
    if (rq->err)
        return;
    if (!q_act_facts(rq, &(struct act_facts_args){.id = v_int(id)}, out) ||
        v_as_int(out->body_id) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!text_is(v_as_text(out->state), state))
        rq_refuse(rq, N_("The act has been confirmed or cancelled already"));
}

static bool wants_second(struct request *rq, int64_t act)
{
    struct act_kinds_plain_rows kinds = {0};
    bool second = false;
    q_act_kinds_plain(rq, &(struct act_kinds_plain_args){.act = v_int(act)}, &kinds);
    for (size_t i = 0; i < kinds.n; i++) {
        const struct retained *k = retained_find(v_as_text(kinds.row[i].kind));
        second |= !k || retention_second(k);
    }
    return second;
}

void act_confirm(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union act_facts_row act = {0};
    change_begin(rq, &ch, SUBJECT(&retention_act_table, id));
    find(rq, id, "prepared", &act);
    if (!rq->err && v_as_int(act.account_id) == rq->viewer.account && wants_second(rq, id))
        rq_refuse(rq, N_("Somebody else than who prepared the act confirms it"));
    if (!rq->err) {
        union retention_act_record r = {.state = v_z("destroying"),
                                        .confirmed_by = v_int(rq->viewer.account),
                                        .confirmed_on = v_date(rq->today)};
        change_update(&ch, &retention_act_table, id, version, r.v);
        event_of(&ch, "retention.confirmed", id, 0);
    }
    (void)change_commit(&ch);
}

void act_cancel(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union act_facts_row act = {0};
    change_begin(rq, &ch, SUBJECT(&retention_act_table, id));
    find(rq, id, "prepared", &act);
    if (!rq->err) {
        union retention_act_record r = {.state = v_z("cancelled")};
        change_update(&ch, &retention_act_table, id, version, r.v);
        event_of(&ch, "retention.cancelled", id, 0);
    }
    (void)change_commit(&ch);
}

/* ---- carrying out ---- */

/* One kind of one act, and how far this run has come. */
struct lot {
    int64_t act, body, row; /* row: of retention_act_kind */
    int64_t day, after;
    const struct retained *kind;
    int64_t kept;
};

static void destroy(struct change *ch, struct lot *lot, const struct retained_row *row,
                    int64_t *destroyed)
{
    struct request *rq = ch->rq;
    if (retention_held(rq, lot->body, row) || !retained_destroy(ch, lot->kind, row)) {
        lot->kept++;
        return;
    }
    union retention_row_record r = {.act_id = v_int(lot->act),
                                    .kind = v_z(lot->kind->name),
                                    .row_number = v_int(row->id),
                                    .person_number = row->person ? v_int(row->person) : v_null(),
                                    .at = v_instant(rq->now)};
    change_write(ch, &retention_row_table, r.v);
    change_event(ch, &(struct event){.kind = "retention.destroyed",
                                     .person = row->person,
                                     .case_id = row->case_id,
                                     .other_body = lot->body,
                                     .classes = row->person ? CLASS_BIT(CLASS_IDENTITY) : 0,
                                     .table = &retention_act_table,
                                     .object = lot->act});
    ++*destroyed;
}

/* What may be due is looked for before the writer is taken. False: nothing more of this kind is
 * due. */
static bool slice(struct request *rq, struct lot *lot)
{
    struct change ch;
    struct retained_row rows[SLICE_ROWS];
    int64_t destroyed = 0;
    size_t n = retention_due(rq, lot->kind, lot->body, lot->day, &lot->after, SLICE_ROWS, rows),
           i = 0;
    if (!n || rq->err)
        return false;
    change_begin(rq, &ch, SUBJECT(&retention_act_table, lot->act));
    change_lock_for(&ch, LOCK_RETENTION);
    for (int64_t begin = clock_monotonic();
         i < n && !rq->err && clock_monotonic() - begin < SLICE_US; i++)
        if (retention_still_due(rq, lot->kind, lot->body, lot->day, rows[i].id))
            destroy(&ch, lot, &rows[i], &destroyed);
    if (i < n)
        lot->after = rows[i].id - 1;
    if (destroyed)
        w_act_kind_count(
            &ch, &(struct act_kind_count_args){.id = v_int(lot->row), .more = v_int(destroyed)});
    else
        ch.events++; /* all of them are kept back */
    return change_commit(&ch) == OK;
}

static void finish(struct request *rq, int64_t act, int64_t body)
{
    struct change ch;
    union act_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&retention_act_table, act));
    q_act_facts(rq, &(struct act_facts_args){.id = v_int(act)}, &now);
    if (!rq->err && text_is(v_as_text(now.state), "destroying")) {
        union retention_act_record r = {.state = v_z("done"), .done_on = v_date(rq->today)};
        change_update(&ch, &retention_act_table, act, -1, r.v);
        event_of(&ch, "retention.done", act, body);
    } else {
        ch.events++; /* another node was faster */
    }
    (void)change_commit(&ch);
}

static void carry_out(struct request *rq, int64_t act, int64_t body)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    struct act_kinds_plain_rows kinds = {0};
    const struct retained *k;
    q_act_kinds_plain(rq, &(struct act_kinds_plain_args){.act = v_int(act)}, &kinds);
    for (size_t o = 0; (k = retained_at(o)) && !rq->err; o++)
        for (size_t i = 0; i < kinds.n && !rq->err; i++) {
            struct lot lot = {.act = act,
                              .body = body,
                              .row = v_as_int(kinds.row[i].id),
                              .day = v_as_int(kinds.row[i].day),
                              .kind = k};
            if (!text_is(v_as_text(kinds.row[i].kind), k->name))
                continue;
            rq->arena = mine;
            while (slice(rq, &lot))
                arena_reset(mine);
            rq->arena = outer;
            struct change ch;
            change_begin(rq, &ch, NO_SUBJECT);
            w_act_kind_kept(
                &ch, &(struct act_kind_kept_args){.id = v_int(lot.row), .kept = v_int(lot.kept)});
            ch.events++; /* a figure of the act */
            (void)change_commit(&ch);
        }
    arena_free(mine);
    if (!rq->err)
        finish(rq, act, body);
}

void forget_destroyed(struct request *rq)
{
    struct conn *writer;
    conn_rollback(rq->conn); /* our own view would keep the log */
    if (store_writer(rq->store, &writer, NULL) == OK) {
        conn_forget(writer);
        store_release(rq->store, writer);
    }
}

void acts_carry_out(struct request *rq)
{
    struct acts_confirmed_rows acts = {0};
    q_acts_confirmed(rq, NULL, &acts);
    if (!acts.n || rq->err)
        return;
    for (size_t i = 0; i < acts.n && !rq->err; i++)
        carry_out(rq, v_as_int(acts.row[i].id), v_as_int(acts.row[i].body_id));
    forget_destroyed(rq);
}
