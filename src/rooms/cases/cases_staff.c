/* Cases when their specialist leaves or the lead body is closed. */
#include "guard/room.h"
#include "cases_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/people/people.h"
#include "rooms/trust/trust.h"

static void tell(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t other)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .case_id = id,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_SOCIAL),
                                     .table = &case_file_table,
                                     .object = id});
}

void cases_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct cases_of_account_rows rows = {0};
    q_cases_of_account(rq, &(struct cases_of_account_args){.account = v_int(from)}, &rows);
    int64_t quota = to ? ((int64_t)rows.n + m->parts - 1) / m->parts : 0, moved = 0;
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t id = v_as_int(rows.row[i].id), person = v_as_int(rows.row[i].person_id),
                body = v_as_int(rows.row[i].body_id);
        bool told = body != rq->viewer.body || !access_hidden(rq, person);
        if (!to) {
            m->cases += told;
            continue;
        }
        if (moved == quota)
            return;
        if (access_hidden_from(rq, body, to, person)) {
            m->barred++;
            continue;
        }
        union case_file_record c = {.account_id = v_int(to)};
        change_update(ch, &case_file_table, id, -1, c.v);
        tell(ch, "case.passed", id, person, 0);
        m->cases += told;
        moved++;
    }
}

/* Everything of the case that its lead alone reads goes with it. */
static void pass_on(struct change *ch, const union cases_of_body_row *row, int64_t from, int64_t to,
                    int64_t taker)
{
    struct request *rq = ch->rq;
    int64_t id = v_as_int(row->id), person = v_as_int(row->person_id);
    bool open = !text_is(v_as_text(row->state), "closed");
    struct members_of_rows members = {0};
    union case_file_record c = {.body_id = v_int(to)};
    if (open)
        c.account_id = v_int(taker);
    change_update(ch, &case_file_table, id, -1, c.v);
    w_assessments_pass(ch, &(struct assessments_pass_args){
                               .case_id = v_int(id), .from_body = v_int(from), .to_body = v_int(to)});
    grant_pass(ch, from, to, "case_file", id);
    grant_pass(ch, from, to, "case_closed", id);
    q_members_of(rq, &(struct members_of_args){.case_id = v_int(id)}, &members);
    for (size_t i = 0; i < members.n && !rq->err; i++)
        grant_pass(ch, from, to, "case_member", v_as_int(members.row[i].id));
    person_lead_pass(ch, person, from, to);
    if (open)
        asks_pass_on(ch, person, to);
    tell(ch, "case.successor", id, person, to);
}

void cases_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct cases_of_body_rows rows = {0};
    int64_t taker = to ? body_taker(rq, to, CAP_LEAD_CASE) : 0;
    q_cases_of_body(rq, &(struct cases_of_body_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        bool open = !text_is(v_as_text(rows.row[i].state), "closed");
        if (!to) {
            m->cases += open;
            continue;
        }
        if (access_barred(rq, to, v_as_int(rows.row[i].person_id))) {
            m->barred++;
            continue;
        }
        if (open && !taker) {
            rq_refuse(rq, N_("Nobody of the successor leads cases: add an account there first"));
            return;
        }
        pass_on(ch, &rows.row[i], from, to, taker);
        m->cases += open;
    }
    if (to && !rq->err)
        w_notes_pass(ch, &(struct notes_pass_args){.from_body = v_int(from), .to_body = v_int(to)});
}
