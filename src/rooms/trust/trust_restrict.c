/* Restricted persons: who sets, names, lifts. What it does stands in guard/restrict.c. */
#include "base/date.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "people_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/trust/trust_rules.h"

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t other)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &restriction_table,
                                     .object = id});
}

static bool check(struct request *rq, struct restriction_form *form)
{
    if (v_is(form->until.value) && v_as_int(form->until.value) < rq->today)
        input_reject(rq, &form->until, N_("The date is in the past"));
    return !rq->mistakes && !rq->err;
}

static void name_one(struct change *ch, int64_t id, int64_t person, int64_t body, int64_t account)
{
    union restriction_viewer_record r = {.restriction_id = v_int(id),
                                         .person_id = v_int(person),
                                         .body_id = v_int(body),
                                         .account_id = account ? v_int(account) : v_null()};
    change_insert(ch, &restriction_viewer_table, r.v);
}

/* The viewer's own body: as a whole, or the chosen colleagues, the viewer among them. */
static void name_own(struct change *ch, int64_t id, int64_t person,
                     const struct restriction_who *who)
{
    struct request *rq = ch->rq;
    struct restriction_workers_rows rows;
    q_restriction_workers(rq, &(struct restriction_workers_args){.restriction = v_int(0)}, &rows);
    for (size_t k = 0; k < who->n; k++) {
        size_t i = 0;
        while (i < rows.n && v_as_int(rows.row[i].id) != who->account[k])
            i++;
        if (i == rows.n) {
            rq_mistake(rq, "account", N_("Choose among the workers of your body"));
            return;
        }
    }
    if (!who->n)
        name_one(ch, id, person, rq->viewer.body, 0);
    for (size_t i = 0; i < rows.n && who->n; i++) {
        int64_t account = v_as_int(rows.row[i].id);
        bool chosen = account == rq->viewer.account;
        for (size_t k = 0; k < who->n; k++)
            chosen = chosen || who->account[k] == account;
        if (chosen)
            name_one(ch, id, person, rq->viewer.body, account);
    }
}

int64_t restriction_set(struct request *rq, int64_t person, struct restriction_form *form,
                        const struct restriction_who *who,
                        void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    union restriction_live_row live;
    union person_facts_row subject = {0};
    int64_t id = 0;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !works_with(rq, person))
        rq_refuse(rq, N_("Your body does not work with this person yet: accept the referral, or "
                         "open a case first"));
    if (!rq->err &&
        q_restriction_live(rq, &(struct restriction_live_args){.person = v_int(person)}, &live))
        rq_refuse(rq, N_("The person is restricted already"));
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &subject);
    if (check(rq, form)) {
        union restriction_record r = {.person_id = v_int(person),
                                      .body_id = v_int(rq->viewer.body),
                                      .account_id = v_int(rq->viewer.account),
                                      .reason = form->reason.value,
                                      .words = form->words.value,
                                      .since = v_date(rq->today),
                                      .until = form->until.value};
        id = change_insert(&ch, &restriction_table, r.v);
        name_own(&ch, id, person, who);
        int64_t lead = v_as_int(subject.lead_body_id);
        if (who->lead && lead && lead != rq->viewer.body)
            name_one(&ch, id, person, lead, 0);
        access_refresh(&ch, person);
        event_of(&ch, "restriction.set", id, person, 0);
        if (done && !rq->err)
            done(rq, id);
    }
    return change_commit(&ch) ? 0 : id;
}

/* The restriction as the viewer may change it, with its next version begun; `set`: only the body
 * that has set it may. */
static union restriction_facts_row begin(struct request *rq, struct change *ch, int64_t id,
                                         int64_t version, bool set)
{
    union restriction_facts_row now = {0};
    change_begin(rq, ch, SUBJECT(&restriction_table, id));
    if (!q_restriction_facts(rq, &(struct restriction_facts_args){.id = v_int(id)}, &now) ||
        !(access_bits(rq, rq->viewer.body, v_as_int(now.person_id)) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && set && v_as_int(now.body_id) != rq->viewer.body)
        rq_refuse(rq, N_("Only the body that has set the restriction changes it"));
    if (!rq->err && v_as_int(now.version) != version)
        rq_fail(rq, ERR_STALE);
    return now;
}

void restriction_change(struct request *rq, int64_t id, int64_t version,
                        struct restriction_form *form)
{
    struct change ch;
    union restriction_facts_row now = begin(rq, &ch, id, version, true);
    if (check(rq, form)) {
        union restriction_record r = {
            .reason = form->reason.value, .words = form->words.value, .until = form->until.value};
        change_update(&ch, &restriction_table, id, version, r.v);
        event_of(&ch, "restriction.changed", id, v_as_int(now.person_id), 0);
    }
    (void)change_commit(&ch);
}

/* After a change of the viewers: the next version, access anew. */
static void viewers_changed(struct change *ch, int64_t id, int64_t version, int64_t person,
                            int64_t body)
{
    union restriction_record r = {.account_id = v_int(ch->rq->viewer.account)};
    change_update(ch, &restriction_table, id, version, r.v);
    access_refresh(ch, person);
    event_of(ch, "restriction.viewers", id, person, body);
    (void)change_commit(ch);
}

void restriction_name(struct request *rq, int64_t id, int64_t version, struct viewer_form *form)
{
    struct change ch;
    union restriction_facts_row now = begin(rq, &ch, id, version, true);
    union body_facts_row to = {0};
    int64_t body = v_as_int(form->body_id.value), person = v_as_int(now.person_id);
    if (!rq->err && (!body_of(rq, body, &to) || !v_as_int(to.active)))
        input_reject(rq, &form->body_id, N_("There is no such body that takes part"));
    if (!rq->err && !access_barred(rq, body, person))
        input_reject(rq, &form->body_id, N_("This body is named already"));
    if (!rq->mistakes)
        name_one(&ch, id, person, body, 0);
    viewers_changed(&ch, id, version, person, body);
}

void restriction_unname(struct request *rq, int64_t id, int64_t version, int64_t body)
{
    struct change ch;
    union restriction_facts_row now = begin(rq, &ch, id, version, true);
    if (!rq->err && body == rq->viewer.body)
        rq_refuse(rq, N_("The body that has set the restriction stays named: lift it instead"));
    w_restriction_unname(
        &ch, &(struct restriction_unname_args){.restriction = v_int(id), .body = v_int(body)});
    viewers_changed(&ch, id, version, v_as_int(now.person_id), body);
}

void restriction_workers(struct request *rq, int64_t id, int64_t version,
                         const struct restriction_who *who)
{
    struct change ch;
    union restriction_facts_row now = begin(rq, &ch, id, version, false);
    w_restriction_unname(&ch, &(struct restriction_unname_args){.restriction = v_int(id),
                                                                .body = v_int(rq->viewer.body)});
    name_own(&ch, id, v_as_int(now.person_id), who);
    viewers_changed(&ch, id, version, v_as_int(now.person_id), 0);
}

void restriction_lift(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union restriction_facts_row now = begin(rq, &ch, id, version, true);
    if (!rq->err)
        restriction_end(&ch, id, v_as_int(now.person_id), rq->viewer.account);
    (void)change_commit(&ch);
}

void restriction_account_leaving(struct change *ch, int64_t account)
{
    union restriction_last_row last;
    if (q_restriction_last(ch->rq, &(struct restriction_last_args){.account = v_int(account)},
                           &last))
        rq_refuse(ch->rq, N_("Only this account of its body is named for a restricted person: the "
                             "body names another worker first"));
}

/* ---- who may be the same ---- */

enum { IDENTITY = CLASS_BIT(CLASS_IDENTITY) };

void twins_found(struct request *rq, struct twin_list_rows *out, bool all)
{
    struct twin_pairs_rows pairs = {0};
    uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
    q_twin_pairs(rq, NULL, &pairs);
    *out = (struct twin_list_rows){.query = &twin_list_query, .next = T("")};
    out->row = arena_array(rq->arena, pairs.n ? pairs.n : 1, sizeof *out->row);
    for (size_t i = 0; i < pairs.n; i++) {
        const union twin_pairs_row *p = &pairs.row[i];
        if ((v_is(p->verdict) && !all) ||
            !(access_bits(rq, rq->viewer.body, v_as_int(p->person_id)) & read & IDENTITY))
            continue;
        out->row[out->n++] = (union twin_list_row){.person_id = p->person_id,
                                                   .family_name = p->family_name,
                                                   .given_name = p->given_name,
                                                   .patronymic = p->patronymic,
                                                   .birth_date = p->birth_date,
                                                   .other_id = p->other_id,
                                                   .other_family = p->other_family,
                                                   .other_given = p->other_given,
                                                   .other_patronymic = p->other_patronymic,
                                                   .other_born = p->other_born,
                                                   .other_since = p->other_since,
                                                   .by_number = p->by_number,
                                                   .verdict = p->verdict};
    }
}

int64_t twins_waiting(struct request *rq)
{
    struct twin_list_rows rows;
    twins_found(rq, &rows, false);
    return (int64_t)rows.n;
}

void twin_judge(struct request *rq, int64_t person, int64_t other, struct twin_form *form)
{
    struct change ch;
    struct twin_list_rows rows;
    size_t i = 0;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    twins_found(rq, &rows, false);
    while (i < rows.n &&
           (v_as_int(rows.row[i].person_id) != person || v_as_int(rows.row[i].other_id) != other))
        i++;
    if (i == rows.n)
        rq_fail(rq, ERR_NOT_FOUND);
    union restriction_twin_record r = {.person_id = v_int(person),
                                       .other_id = v_int(other),
                                       .verdict = form->verdict.value,
                                       .body_id = v_int(rq->viewer.body),
                                       .account_id = v_int(rq->viewer.account),
                                       .day = v_date(rq->today)};
    int64_t id = change_insert(&ch, &restriction_twin_table, r.v);
    change_event(&ch, &(struct event){.kind = "restriction.twin",
                                      .person = person,
                                      .classes = IDENTITY,
                                      .table = &restriction_twin_table,
                                      .object = id});
    (void)change_commit(&ch);
}
