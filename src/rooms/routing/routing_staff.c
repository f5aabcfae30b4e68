/* Routes when their specialist leaves or a body is closed. They count nothing of their own: the case
 * of a running route is open, and is counted. */
#include "guard/room.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/routing/routing_own.h"
#include "rooms/trust/trust.h"

static void tell(struct change *ch, const char *kind, struct value id, struct value person,
                 struct value case_id, struct value classes, int64_t other)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = v_as_int(person),
                                     .case_id = v_as_int(case_id),
                                     .other_body = other,
                                     .classes = (uint32_t)v_as_int(classes),
                                     .table = &route_table,
                                     .object = v_as_int(id)});
}

/* A route goes where its case has gone: the room of cases has shared them out already. */
void routing_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct routes_of_account_rows rows = {0};
    (void)m;
    if (to)
        q_routes_of_account(rq, &(struct routes_of_account_args){.account = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union routes_of_account_row *r = &rows.row[i];
        union route_record u = {.account_id = r->keeper};
        if (v_as_int(r->keeper) == from)
            continue;
        change_update(ch, &route_table, v_as_int(r->id), -1, u.v);
        tell(ch, "route.passed", r->id, r->person_id, r->case_id, r->classes, 0);
    }
}

/* What the closing body leads is led by the successor, what it was asked for the successor was asked
 * for. An account that leads is that of the case, which has passed already. */
void routing_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct routes_of_body_rows rows = {0};
    if (!to)
        return;
    q_routes_of_body(rq, &(struct routes_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union routes_of_body_row *r = &rows.row[i];
        bool running = text_is(v_as_text(r->state), "running");
        union route_record u = {.body_id = v_int(to)};
        if (access_barred(rq, to, v_as_int(r->person_id))) {
            m->barred++;
            continue;
        }
        if (running)
            u.account_id = r->keeper;
        change_update(ch, &route_table, v_as_int(r->id), -1, u.v);
        tell(ch, "route.successor", r->id, r->person_id, r->case_id, r->classes, to);
    }
    if (rq->err)
        return;
    w_route_steps_pass(ch, &(struct route_steps_pass_args){.from_body = v_int(from), .to_body = v_int(to)});
    w_route_offers_pass(ch,
                        &(struct route_offers_pass_args){.from_body = v_int(from), .to_body = v_int(to)});
}
