/* Consents as facts: what is signed opens a grant, what is withdrawn ends it at once. */
#include "guard/codes.h"
#include "papers_gen.h"
#include "people_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_rules.h"
#include <stdio.h>

struct text purpose_prop(struct text purpose, const char *name)
{
    char key[100];
    snprintf(key, sizeof key, "consent_purpose %.*s", TEXT_ARG(purpose));
    return pack_value("code", key, name);
}

/* Classes that a purpose opens to a kind of body. */
static uint32_t opens_to(struct text purpose, const char *body_kind)
{
    uint32_t opens;
    if (classes_parse(purpose_prop(purpose, "opens"), &opens))
        return 0;
    return opens & access_rule(FACT_CONSENT, body_kind, T(""));
}

bool term_day(const char *id, int64_t from, int64_t *day)
{
    const struct deadline_rule *r = deadline_find(id);
    if (!r || !r->counted || (r->unit != UNIT_DAY && r->unit != UNIT_YEAR))
        return false;
    *day = r->unit == UNIT_DAY ? from + r->count : date_add_months(from, 12 * r->count);
    return true;
}

bool of_age(const union person_facts_row *p, int64_t day)
{
    int64_t from;
    struct value year = v_is(p->birth_year_to) ? p->birth_year_to : p->birth_year_from;
    struct value born = p->birth_date;
    if (!v_is(born) && v_is(year)) /* as young as the person may be */
        born = v_date(date_from((struct ymd){(int)v_as_int(year), 12, 31}));
    return !v_is(born) || !term_day("ru.full_age", v_as_int(born), &from) || day >= from;
}

/* A purpose that passes no data on: to be told that a body takes part. */
static bool names_only(struct text purpose)
{
    uint32_t opens;
    return classes_parse(purpose_prop(purpose, "opens"), &opens) == OK &&
           opens == CLASS_BIT(CLASS_IDENTITY);
}

/* Of somebody who cannot sign alone the representative does, and with what right. */
static void check_representative(struct request *rq, int64_t person, struct consent_form *form)
{
    union person_facts_row subject = {0};
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &subject);
    bool minor = v_is(form->signed_on.value) && !of_age(&subject, v_as_int(form->signed_on.value));
    if (minor && !v_is(form->representative.value))
        input_reject(rq, &form->representative,
                     N_("The person is under age: the representative signs"));
    if (v_is(form->representative.value) && !v_is(form->authority.value))
        input_reject(rq, &form->authority,
                     N_("Name the document by which the representative acts"));
}

bool works_with(struct request *rq, int64_t person)
{
    union consent_right_row right;
    return q_consent_right(
        rq, &(struct consent_right_args){.person = v_int(person), .body = v_int(rq->viewer.body)},
        &right);
}

static void check_term(struct request *rq, struct consent_form *form)
{
    int64_t months;
    if (v_is(form->until.value) && v_is(form->signed_on.value) &&
        text_int(purpose_prop(v_as_text(form->purpose.value), "months"), 1, 1200, &months) == OK &&
        v_as_int(form->until.value) > date_add_months(v_as_int(form->signed_on.value), (int)months))
        input_reject(rq, &form->until, N_("A consent of this purpose does not last so long"));
}

static uint32_t check(struct request *rq, int64_t person, struct consent_form *form)
{
    union body_facts_row to = {0};
    bool there = body_of(rq, v_as_int(form->to_body_id.value), &to) && v_as_int(to.active);
    if (!there)
        input_reject(rq, &form->to_body_id, N_("There is no such body that takes part"));
    if (there && access_barred(rq, v_as_int(form->to_body_id.value), person))
        input_reject(
            rq, &form->to_body_id,
            N_("The person is restricted and this body is not named: it would see nothing. "
               "The body that set the restriction may name it"));
    uint32_t opens =
        there ? opens_to(v_as_text(form->purpose.value), arena_z(rq->arena, v_as_text(to.kind)))
              : 0;
    if (there && !(opens & ~CLASS_BIT(CLASS_IDENTITY)) &&
        !names_only(v_as_text(form->purpose.value)))
        input_reject(rq, &form->purpose,
                     N_("A body of this kind does not get such data, not even with a consent"));
    if (v_is(form->until.value) && v_as_int(form->until.value) < rq->today)
        input_reject(rq, &form->until, N_("The consent has ended already"));
    if (v_is(form->until.value) && v_is(form->signed_on.value) &&
        v_as_int(form->until.value) < v_as_int(form->signed_on.value))
        input_reject(rq, &form->until, N_("The last day is before the first"));
    if (there && v_as_int(to.id) == rq->viewer.body)
        input_reject(
            rq, &form->to_body_id,
            N_("A body does not open data to itself: the body that has them takes the consent"));
    check_term(rq, form);
    check_representative(rq, person, form);
    return opens;
}

bool consent_stands(struct request *rq, int64_t person, int64_t to_body, uint32_t classes)
{
    struct consent_live_rows live;
    bool stands = false;
    q_consent_live(rq,
                   &(struct consent_live_args){
                       .person = v_int(person), .body = v_int(to_body), .day = v_date(rq->today)},
                   &live);
    for (size_t i = 0; i < live.n; i++)
        stands = stands || !(classes & ~(uint32_t)v_as_int(live.row[i].opens));
    return stands;
}

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person, int64_t other,
                     uint32_t classes, int64_t day)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = other,
                                     .classes = CLASS_BIT(CLASS_IDENTITY) | classes,
                                     .table = &consent_table,
                                     .object = id,
                                     .day = day,
                                     .ground = "consent"});
}

int64_t consent_record(struct request *rq, int64_t person, struct consent_form *form,
                       void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !works_with(rq, person))
        rq_refuse(rq,
                  N_("Your body does not work with this person yet: accept the referral, or open a "
                     "case first"));
    uint32_t opens = rq->err ? 0 : check(rq, person, form);
    uint32_t tells = code_classes("consent_purpose", v_as_text(form->purpose.value));
    int64_t to = v_as_int(form->to_body_id.value), id = 0;
    if (!rq->err && !rq->mistakes) {
        union consent_record r = {
            .number = v_text(change_number(&ch, "S")),
            .person_id = v_int(person),
            .body_id = v_int(rq->viewer.body),
            .to_body_id = form->to_body_id.value,
            .purpose = form->purpose.value,
            .form = form->form.value,
            .signed_on = form->signed_on.value,
            .until = form->until.value,
            .representative = form->representative.value,
            .authority = form->authority.value,
            .opens = v_int(opens),
            .classes = v_int(tells),
            .account_id = v_int(rq->viewer.account),
            .created_at = v_instant(rq->now),
        };
        id = change_insert(&ch, &consent_table, r.v);
        grant_open(&ch, person, to, FACT_CONSENT, T(""), opens, "consent", id,
                   instant_of_day(v_as_int(form->until.value) + 1));
        event_of(&ch, "consent.given", id, person, to, tells, v_as_int(form->signed_on.value));
        if (done && !rq->err)
            done(rq, id);
    }
    return change_commit(&ch) ? 0 : id;
}

void consent_withdraw(struct request *rq, int64_t id, int64_t version, struct withdrawal_form *form)
{
    struct change ch;
    union consent_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&consent_table, id));
    int64_t mine = rq->viewer.body;
    if (!q_consent_facts(rq, &(struct consent_facts_args){.id = v_int(id)}, &now) ||
        (v_as_int(now.body_id) != mine && v_as_int(now.to_body_id) != mine))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_is(now.withdrawn_on))
        rq_refuse(rq, N_("The consent has been withdrawn already"));
    int64_t day = v_as_int(form->withdrawn_on.value), entered_by;
    if (!rq->err && day < v_as_int(now.signed_on))
        input_reject(rq, &form->withdrawn_on, N_("The date is before the day of signing"));
    else if (!rq->err && term_day("ru.consent.withdrawal_entry", day, &entered_by) &&
             entered_by < rq->today) /* it lay on a desk; the term of destruction runs from it */
        input_reject(rq, &form->withdrawn_on, N_("The date lies too far back"));
    union consent_record r = {.withdrawn_on = form->withdrawn_on.value, .classes = now.classes};
    int64_t person = v_as_int(now.person_id), taker = v_as_int(now.body_id);
    if (!rq->err && !rq->mistakes) {
        change_update(&ch, &consent_table, id, version, r.v);
        grant_end(&ch, person, 0, "consent", id);
        event_of(&ch, "consent.withdrawn", id, person,
                 taker == mine ? v_as_int(now.to_body_id) : taker, (uint32_t)v_as_int(now.classes),
                 v_as_int(form->withdrawn_on.value));
        HOOK(rq, consent_withdrawn, &ch, person, v_as_int(now.to_body_id));
    }
    (void)change_commit(&ch);
}

void consent_withdraw_by_number(struct request *rq, struct text number,
                                struct withdrawal_form *form)
{
    union consent_by_number_row row;
    if (!q_consent_by_number(rq,
                             &(struct consent_by_number_args){.number = v_text(number),
                                                              .body = v_int(rq->viewer.body)},
                             &row) ||
        access_hidden(rq, v_as_int(row.person_id)))
        rq_mistake(rq, "number", N_("Your body has neither taken nor received such a consent"));
    else
        consent_withdraw(rq, v_as_int(row.id), -1, form);
}

void consent_papers(struct request *rq, int64_t id, int64_t back, const struct paper *paper)
{
    struct change ch;
    union consent_facts_row now = {0};
    int64_t mine = rq->viewer.body;
    change_begin(rq, &ch, SUBJECT(&consent_table, id));
    /* again, behind the lock: a withdrawal may have come between the page and this */
    bool there = q_consent_facts(rq, &(struct consent_facts_args){.id = v_int(id)}, &now);
    int64_t person = v_as_int(now.person_id), taker = v_as_int(now.body_id),
            to = v_as_int(now.to_body_id);
    uint32_t classes = (uint32_t)v_as_int(now.classes), need = classes | CLASS_BIT(CLASS_IDENTITY);
    if (!there || (taker != mine && to != mine) || need & ~access_bits(rq, mine, person))
        rq_fail(rq, ERR_NOT_FOUND);
    attachment_change(&ch,
                      &(struct attached_to){.object = &consent_table,
                                            .id = id,
                                            .person = person,
                                            .other_body = taker == mine ? to : taker,
                                            .classes = classes},
                      back, paper);
    (void)change_commit(&ch);
}
