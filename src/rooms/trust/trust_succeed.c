/* A body is closed: a consent names whom the person trusts, so it does not pass to a successor; a restriction goes on, and the
 * successor answers for it. */
#include "guard/room.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/trust/trust_rules.h"

static void consents_end(struct change *ch, int64_t from, struct moved *m)
{
    struct request *rq = ch->rq;
    struct consents_to_rows rows = {0};
    q_consents_to(
        rq, &(struct consents_to_args){.body = v_int(from), .day = v_date(rq->today)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union consents_to_row *c = &rows.row[i];
        grant_end(ch, v_as_int(c->person_id), from, "consent", v_as_int(c->id));
        change_event(ch, &(struct event){.kind = "consent.recipient_closed",
                                         .person = v_as_int(c->person_id),
                                         .other_body = v_as_int(c->body_id),
                                         .classes = CLASS_BIT(CLASS_IDENTITY) |
                                                    (uint32_t)v_as_int(c->classes),
                                         .table = &consent_table,
                                         .object = v_as_int(c->id)});
        m->consents++;
    }
}

void trust_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct restrictions_of_body_rows rows = {0};
    if (!to)
        return;
    q_restrictions_of_body(rq, &(struct restrictions_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t id = v_as_int(rows.row[i].id), person = v_as_int(rows.row[i].person_id);
        union restriction_record x = {.body_id = v_int(to)};
        change_update(ch, &restriction_table, id, -1, x.v);
        if (access_barred(rq, to, person)) {
            union restriction_viewer_record v = {.restriction_id = v_int(id),
                                                 .person_id = v_int(person),
                                                 .body_id = v_int(to)};
            change_insert(ch, &restriction_viewer_table, v.v);
        }
        access_refresh(ch, person);
        change_event(ch, &(struct event){.kind = "restriction.passed",
                                         .person = person,
                                         .other_body = to,
                                         .classes = CLASS_BIT(CLASS_IDENTITY),
                                         .table = &restriction_table,
                                         .object = id});
    }
    consents_end(ch, from, m);
}
