/* Programmes when their specialist leaves; programmes and measures when a body is closed. */
#include "guard/room.h"
#include "rooms/agencies/agencies.h"
#include "rooms/programmes/programmes_rules.h"

static void tell(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t case_id,
                 int64_t other)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .case_id = case_id,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_SOCIAL),
                                     .table = &programme_table,
                                     .object = id});
}

/* A programme goes with its case; those of colleagues' cases are shared out evenly. */
void programmes_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct programmes_of_account_rows rows = {0};
    int64_t others = 0, quota, moved = 0;
    q_programmes_of_account(rq, &(struct programmes_of_account_args){.account = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        others += v_as_int(rows.row[i].keeper) != to && v_as_int(rows.row[i].keeper) != from;
    quota = to ? (others + m->parts - 1) / m->parts : 0;
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union programmes_of_account_row *g = &rows.row[i];
        int64_t person = v_as_int(g->person_id), body = v_as_int(g->body_id),
                keeper = v_as_int(g->keeper);
        bool told = body != rq->viewer.body || !access_hidden(rq, person);
        if (!to) {
            m->programmes += told;
            continue;
        }
        if (keeper != to && m->parts > 1 && (keeper == from || moved == quota))
            continue;
        if (access_hidden_from(rq, body, to, person)) {
            m->barred++;
            continue;
        }
        union programme_record p = {.account_id = v_int(to)};
        change_update(ch, &programme_table, v_as_int(g->id), -1, p.v);
        tell(ch, "programme.passed", v_as_int(g->id), person, v_as_int(g->case_id), 0);
        m->programmes += told;
        moved += keeper != to;
    }
}

static void measures_pass(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct measures_of_body_rows rows = {0};
    q_measures_of_body(rq, &(struct measures_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union measures_of_body_row *r = &rows.row[i];
        m->measures++;
        if (!to)
            continue;
        union measure_record u = {.body_id = v_int(to)};
        change_update(ch, &measure_table, v_as_int(r->id), -1, u.v);
        change_event(ch, &(struct event){.kind = "measure.successor",
                                         .person = v_as_int(r->person_id),
                                         .case_id = v_as_int(r->case_id),
                                         .other_body = text_is(v_as_text(r->state), "planned") ? 0 : to,
                                         .classes = (uint32_t)v_as_int(r->classes),
                                         .table = &measure_table,
                                         .object = v_as_int(r->id)});
    }
}

void programmes_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct programmes_of_body_rows rows = {0};
    int64_t taker = to ? body_taker(rq, to, CAP_LEAD_CASE) : 0;
    q_programmes_of_body(rq, &(struct programmes_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union programmes_of_body_row *g = &rows.row[i];
        bool open = !text_is(v_as_text(g->state), "closed");
        m->programmes += open;
        if (!to)
            continue;
        union programme_record p = {.body_id = v_int(to)};
        if (open)
            p.account_id = v_int(taker);
        change_update(ch, &programme_table, v_as_int(g->id), -1, p.v);
        tell(ch, "programme.successor", v_as_int(g->id), v_as_int(g->person_id),
             v_as_int(g->case_id), to);
    }
    measures_pass(ch, from, to, m);
}
