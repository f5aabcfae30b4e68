/* Units of a body. The body's row is locked: what is checked of its units and workers stays so. */
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies_rules.h"

enum { DEEP = 8 };

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t body)
{
    change_event(ch, &(struct event){
                         .kind = kind, .other_body = body, .table = &unit_table, .object = id});
}

/* The parent is a unit of the same body and no part of this one; who heads it works in the body. */
static void check(struct request *rq, int64_t id, int64_t body, struct unit_form *form)
{
    union body_worker_row w;
    int64_t at = v_as_int(form->parent_id.value);
    for (int deep = 0; at && !rq->err; deep++) {
        union unit_facts_row u;
        if (at == id || deep == DEEP ||
            !q_unit_facts(rq, &(struct unit_facts_args){.id = v_int(at)}, &u) ||
            v_as_int(u.body_id) != body || !v_as_int(u.active)) {
            input_reject(rq, &form->parent_id, N_("Choose a unit of the body that is no part of this one"));
            break;
        }
        at = v_as_int(u.parent_id);
    }
    if (v_is(form->head_account_id.value) &&
        !q_body_worker(
            rq, &(struct body_worker_args){.id = form->head_account_id.value, .body = v_int(body)},
            &w))
        input_reject(rq, &form->head_account_id, N_("Choose among the workers of the body"));
}

int64_t unit_create(struct request *rq, int64_t body, struct unit_form *form)
{
    struct change ch;
    union body_facts_row b;
    int64_t id = 0;
    if (!body_led_by(rq, body))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&body_table, body));
    if (!rq->err && !body_of(rq, body, &b))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !v_as_int(b.active))
        rq_refuse(rq, N_("The body is closed"));
    check(rq, 0, body, form);
    if (!rq->err && !rq->mistakes) {
        union unit_record u = {.body_id = v_int(body),
                               .name = form->name.value,
                               .parent_id = form->parent_id.value,
                               .head_account_id = form->head_account_id.value,
                               .active = v_int(1)};
        id = change_insert(&ch, &unit_table, u.v);
        event_of(&ch, "unit.created", id, body);
    }
    return change_commit(&ch) ? 0 : id;
}

/* The unit as the viewer may change it; the change is begun on its body. */
static union unit_facts_row begin(struct request *rq, struct change *ch, int64_t id)
{
    union unit_facts_row u = {0};
    if (!rq->err && !q_unit_facts(rq, &(struct unit_facts_args){.id = v_int(id)}, &u))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !body_led_by(rq, v_as_int(u.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, ch, SUBJECT(&body_table, v_as_int(u.body_id)));
    return u;
}

void unit_change(struct request *rq, int64_t id, int64_t version, struct unit_form *form)
{
    struct change ch;
    union unit_facts_row now = begin(rq, &ch, id);
    union unit_parts_row parts = {0};
    check(rq, id, v_as_int(now.body_id), form);
    q_unit_parts(rq, &(struct unit_parts_args){.id = v_int(id)}, &parts);
    if (form->active.value.kind == V_INT && !v_as_int(form->active.value) &&
        (v_as_int(parts.parts) || v_as_int(parts.workers)))
        input_reject(rq, &form->active,
                     N_("The unit has workers or parts: move them to other units first"));
    union unit_record u = {.name = form->name.value,
                           .parent_id = form->parent_id.value,
                           .head_account_id = form->head_account_id.value,
                           .active = form->active.value};
    change_update(&ch, &unit_table, id, version, u.v);
    event_of(&ch, "unit.changed", id, v_as_int(now.body_id));
    change_commit(&ch);
}

void unit_members(struct request *rq, int64_t id, int64_t version, const int64_t *accounts,
                  size_t n)
{
    struct change ch;
    union unit_facts_row now = begin(rq, &ch, id);
    struct unit_workers_rows rows = {0};
    if (!rq->err && !v_as_int(now.active))
        rq_refuse(rq, N_("The unit does not work any more"));
    q_unit_workers(rq, &(struct unit_workers_args){.unit = v_int(id), .body = now.body_id}, &rows);
    for (size_t k = 0; k < n; k++) {
        size_t i = 0;
        while (i < rows.n && v_as_int(rows.row[i].id) != accounts[k])
            i++;
        if (i == rows.n) {
            rq_mistake(rq, "account", N_("Choose among the workers of the body"));
            break;
        }
    }
    for (size_t i = 0; i < rows.n && !rq->err && !rq->mistakes; i++) {
        bool chosen = false;
        for (size_t k = 0; k < n; k++)
            chosen = chosen || accounts[k] == v_as_int(rows.row[i].id);
        if (chosen == (v_as_int(rows.row[i].mine) != 0))
            continue;
        union account_record a = {.unit_id = chosen ? v_int(id) : v_null()};
        change_update(&ch, &account_table, v_as_int(rows.row[i].id), -1, a.v);
    }
    union unit_record u = {.active = v_int(1)}; /* the next version */
    change_update(&ch, &unit_table, id, version, u.v);
    event_of(&ch, "unit.members", id, v_as_int(now.body_id));
    change_commit(&ch);
}
