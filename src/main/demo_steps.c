/* Carries out the steps of the plans in the order of time, each as its account and at its moment.
 * Steps of lists gather in one change of some thousands; steps of the common work are the rooms'
 * own rules, each a change of its own. */
#include "guard/codes.h"
#include "main/demo.h"
#include "people_gen.h"
#include "rooms/cases/cases.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/court/court_rules.h"
#include "rooms/people/people_papers.h"
#include "rooms/programmes/programmes_rules.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/services/services_rules.h"
#include "rooms/trust/trust_rules.h"
#include <stdio.h>
#include <stdlib.h>

enum { SLICE = 5000 };

/* What became of a person with a story: the objects that later steps speak of. */
struct story {
    int64_t case_id, programme, route;
    int64_t referral[SLOTS], measure[SLOTS];
};

struct run {
    struct request *rq;
    const struct plans *p;
    struct change ch;
    bool open;
    int in_slice;
    uint32_t entered;
    int64_t *ids;      /* of persons */
    uint32_t *numbers; /* in which order they were registered */
    struct story *stories;
    const struct step *s; /* the one at work */
    int64_t person;
    struct story *story;
};

/* ---- changes ---- */

static bool settle(struct run *r)
{
    struct request *rq = r->rq;
    if (r->open) {
        r->ch.events += r->ch.events == 0; /* all of it stood already */
        change_commit(&r->ch);
        r->open = false;
        r->in_slice = 0;
    }
    if (rq->err || rq->mistakes)
        return false;
    arena_reset(rq->arena);
    rq->seen = NULL;
    rq->n_seen = rq->cap_seen = 0;
    return true;
}

static struct change *slice(struct run *r)
{
    if (!r->open) {
        words_refresh(r->rq);
        change_begin(r->rq, &r->ch, NO_SUBJECT);
        r->open = true;
    }
    r->in_slice++;
    return &r->ch;
}

static void act_as(struct run *r, const struct step *s)
{
    struct request *rq = r->rq;
    const struct region_made *region = r->p->region;
    int64_t day = r->p->first_day + s->when / DAY;
    rq->today = day;
    rq->now = instant_of_day(day) + (int64_t)(s->when % DAY) * 60000000 + (s->seq % 60) * 1000000;
    if (s->actor == NO_ACTOR) {
        const struct demo_body *b = &region->bodies[s->target];
        rq->viewer = (struct viewer){.body = b->id,
                                     .login = "",
                                     .name = "",
                                     .body_name = "",
                                     .body_kind = b->code,
                                     .system = true};
    } else {
        rq->viewer = region->actors[s->actor].viewer;
    }
}

static const struct profile *profile_at(const struct step *s)
{
    return &demo_profiles[s->what];
}

/* ---- persons ---- */

enum { THROWS_TWICE = 11, TWICE_FROM = 1000 };

static bool no_snils(const struct profile *p, struct dice *d)
{
    return !dice_chance(d, p->no_address ? 55 : 97);
}

/* All about a person but the SNILS follows from seed and number, so that another body's list says
 * the same. */
static void describe_first(struct run *r, uint32_t person, union person_record *out)
{
    const struct plans *p = r->p;
    struct arena *arena = r->rq->arena;
    const struct profile *profile = &demo_profiles[p->profile[person]];
    const struct demo_district *district = &p->region->districts[p->district[person]];
    struct dice d = dice_of(p->seed, person, 2);
    struct full_name name;
    bool female = !dice_chance(&d, profile->men);
    demo_name(arena, &d, female, &name);
    int age = dice_between(&d, profile->age_from, profile->age_to);
    const char *place = district->settlements[dice_below(&d, (uint32_t)district->n_settlements)];
    const char *born = p->region->districts[dice_below(&d, DISTRICTS)].settlements[0];
    *out = (union person_record){
        .family_name = v_text(name.family),
        .given_name = v_text(name.given),
        .patronymic = name.patronymic.n ? v_text(name.patronymic) : (struct value){0},
        .birth_date = v_date(p->today - 365 * age - age / 4 - (int64_t)dice_below(&d, 365)),
        .sex = v_z(female ? "female" : "male"),
        .birth_place = dice_chance(&d, 40) ? v_z(born) : (struct value){0},
        .district_id = v_int(district->id),
    };
    int throw = (int)dice_below(&d, 100);
    if (profile->no_address)
        out->identity_status =
            throw < 62 ? v_z("document") : v_z(throw < 90 ? "stated" : "inquiry");
    else
        out->identity_status = v_z("document");
    const char *street = demo_streets[dice_below(&d, 24)];
    int house = dice_between(&d, 1, 96), flat = dice_between(&d, -40, 80);
    if (!profile->no_address)
        out->address = v_text(
            flat > 0 ? arena_printf(arena, "%s, ул. %s, д. %d, кв. %d", place, street, house, flat)
                     : arena_printf(arena, "%s, ул. %s, д. %d", place, street, house));
    uint32_t phone = dice_below(&d, 9999999);
    if (dice_chance(&d, profile->no_address ? 20 : 65))
        out->phone = v_text(arena_printf(arena, "+7000%07u", phone));
    if (!no_snils(profile, &d))
        out->snils = v_text(demo_snils(arena, r->numbers[person], p->persons));
    demo_paperless(arena, p, person, out);
}

/* Some were written down twice: another body knows the same person by a card of its own, a little otherwise. */
static void describe_again(struct run *r, uint32_t person, union person_record *out)
{
    struct dice d = dice_of(r->p->seed, person, THROWS_TWICE);
    if (r->p->persons < TWICE_FROM || person < 100 || !dice_chance(&d, 1) || !v_is(out->birth_date))
        return;
    union person_record other;
    describe_first(r, person - 1 - dice_below(&d, 90), &other);
    if (!v_is(other.birth_date) || !v_is(other.given_name))
        return;
    struct ymd born = date_ymd(other.birth_date.i);
    out->family_name = other.family_name;
    out->given_name = other.given_name;
    out->patronymic = dice_chance(&d, 70) ? other.patronymic : (struct value){0};
    out->sex = other.sex;
    out->birth_date = other.birth_date;
    if (born.day <= 12 && dice_chance(&d, 60))
        out->birth_date = v_date(date_from((struct ymd){born.year, born.day, born.month}));
    if (dice_chance(&d, 50))
        out->phone = other.phone;
    out->snils = (struct value){0};
}

static void describe(struct run *r, uint32_t person, union person_record *out)
{
    describe_first(r, person, out);
    describe_again(r, person, out);
}

/* Namesakes without a SNILS in one list get a number behind their key, as when a clerk enters them.
 */
static struct text key_in_list(struct run *r, int64_t body, struct text list,
                               union person_record *p)
{
    struct request *rq = r->rq;
    struct text key = person_row_key(rq->arena, p), now = key;
    if (v_is(p->snils))
        return key;
    for (int i = 2; i < 1000 && !rq->err; i++) {
        union listing_by_key_row row;
        if (!q_listing_by_key(rq,
                              &(struct listing_by_key_args){.body = v_int(body),
                                                            .list = v_text(list),
                                                            .row_key = v_text(now)},
                              &row))
            break;
        now = arena_printf(rq->arena, "%.*s|%d", TEXT_ARG(key), i);
    }
    return now;
}

/* Whose role does not write all of it (a doctor writes no addresses) has persons taken over from
 * its own system by the operator. */
static void as_operator(struct request *rq, const struct person_entry *e)
{
    uint32_t needed = CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_CONTACT) |
                      CLASS_BIT(CLASS_SOCIAL) | code_classes("category", e->category) |
                      code_classes("channel", e->channel);
    if (!rq->viewer.role || needed & ~rq->viewer.role->write)
        rq->viewer.system = true;
}

static void do_enter(struct run *r)
{
    const struct step *s = r->s;
    const struct profile *p = profile_at(s);
    const struct demo_body *b = &r->p->region->bodies[s->target];
    struct change *ch = slice(r);
    r->numbers[s->person] = r->entered++;
    struct person_entry e = {.body = b->id,
                             .grant = b->listed,
                             .list = text_of(p->list),
                             .category = text_of(p->category),
                             .channel = text_of(p->channels[s->slot]),
                             .since = s->n < 0 ? (struct value){0} : v_date(r->rq->today - s->n)};
    describe(r, s->person, &e.record);
    if (text_is(v_as_text(e.record.identity_status), "unknown"))
        e.record.family_name = v_text(person_nameless(ch, e.record.sex));
    e.record.name_key =
        v_text(person_name_key(r->rq->arena, v_as_text(e.record.family_name),
                               v_as_text(e.record.given_name), v_as_text(e.record.patronymic)));
    e.row_key = key_in_list(r, b->id, e.list, &e.record);
    as_operator(r->rq, &e);
    r->ids[s->person] = person_enter(ch, &e);
    demo_papers(ch, r->p, s->person, r->ids[s->person], &e.record, b->id);
}

static const char *list_of(enum kind kind)
{
    switch (kind) {
    case K_POLICE:
        return "Профилактический учёт";
    case K_PENAL:
    case K_PROBATION:
        return "Состоящие на учёте инспекции";
    case K_CLINIC:
    case K_AIDS:
    case K_NARCOLOGY:
    case K_PSYCHIATRY:
        return "Диспансерное наблюдение";
    case K_MENTAL_HOME:
        return "Проживающие";
    default:
        return "";
    }
}

static void do_list(struct run *r)
{
    const struct step *s = r->s;
    const struct demo_body *b = &r->p->region->bodies[s->target];
    struct change *ch = slice(r);
    struct person_entry e = {.body = b->id, .grant = b->listed, .list = text_of(list_of(b->kind))};
    if (s->what != NO_CATEGORY) {
        e.category = text_of(profile_at(s)->category);
        e.channel = T("referred");
        e.since = v_date(r->rq->today);
    }
    describe(r, s->person, &e.record);
    e.row_key = key_in_list(r, b->id, e.list, &e.record);
    as_operator(r->rq, &e);
    person_enter_list(ch, r->person, &e);
}

static void do_category(struct run *r)
{
    const struct step *s = r->s;
    struct person_entry e = {.body = r->p->region->bodies[s->target].id,
                             .category = text_of(profile_at(s)->category),
                             .channel = T("referred"),
                             .since = v_date(r->rq->today)};
    as_operator(r->rq, &e);
    person_category_set(slice(r), r->person, &e);
}

static void do_category_end(struct run *r)
{
    struct request *rq = r->rq;
    union category_open_row open;
    struct text category = text_of(profile_at(r->s)->category);
    struct change *ch = slice(r);
    if (!q_category_open(
            rq,
            &(struct category_open_args){.person = v_int(r->person), .category = v_text(category)},
            &open))
        return;
    uint32_t classes = CLASS_BIT(CLASS_SOCIAL) | code_classes("category", category) |
                       code_classes("channel", v_as_text(open.channel));
    union person_category_record c = {.until = v_date(rq->today), .classes = v_int(classes)};
    change_update(ch, &person_category_table, v_as_int(open.id), -1, c.v);
    change_event(ch, &(struct event){.kind = "category.ended",
                                     .person = r->person,
                                     .classes = classes,
                                     .table = &person_category_table,
                                     .object = v_as_int(open.id)});
    law_refresh(ch, r->person);
}

static void do_sentence(struct run *r)
{
    const struct step *s = r->s;
    struct request *rq = r->rq;
    struct dice d = dice_of(r->p->seed, s->person, 3);
    struct change *ch = slice(r);
    int64_t decided = rq->today - dice_between(&d, 15, s->what == 5 ? 300 : 60);
    struct value ends = v_date(date_add_months(decided, s->n));
    struct text punishment = text_of(demo_punishments[s->what]);
    bool known = !text_is(punishment, "deferred"); /* of these the gravity has not been entered */
    union sentence_record c = {
        .person_id = v_int(r->person),
        .article = v_z(demo_articles[dice_below(&d, 8)]),
        .punishment = v_text(punishment),
        .gravity = known ? v_z("medium") : v_null(),
        .court = v_z("Прибрежный областной суд"),
        .decided_on = v_date(decided),
        .ends_on = ends,
        .closes_on = spent_from(punishment, known ? T("medium") : T(""), T(""), ends, v_null()),
        .body_id = v_int(rq->viewer.body),
        .created_at = v_instant(rq->now),
        .classes = v_int(0),
    };
    if (s->what != 5)
        c.obligations = v_z(demo_obligations[dice_below(&d, 4)]);
    int64_t id = change_insert(ch, &sentence_table, c.v);
    change_event(ch, &(struct event){.kind = "sentence.recorded",
                                     .person = r->person,
                                     .classes = CLASS_BIT(CLASS_CRIMINAL),
                                     .table = &sentence_table,
                                     .object = id});
}

/* ---- services ---- */

static const char *service_at(const struct step *s)
{
    if (s->what == FOLLOW_UP_SERVICE)
        return "follow_up";
    if (s->what & WORK_SERVICE)
        return demo_works[(s->what & ~WORK_SERVICE) >> 2].services[s->what & 3];
    return demo_services[s->what >> 8][s->what & 0xFF];
}

/* In a case or referral by the rule; among those of its own list the body's access stands. */
static void do_serve(struct run *r)
{
    const struct step *s = r->s;
    struct request *rq = r->rq;
    const char *kind = service_at(s);
    if (s->slot != IN_NOTHING) {
        struct service_form form = {.kind.value = v_z(kind), .day.value = v_date(rq->today)};
        if (settle(r))
            service_record(rq, r->person, s->slot == IN_CASE ? r->story->case_id : 0,
                           s->slot >= IN_REFERRAL ? r->story->referral[s->slot - IN_REFERRAL] : 0,
                           &form);
        return;
    }
    struct change *ch = slice(r);
    uint32_t classes = service_classes(text_of(kind));
    union service_record c = {
        .person_id = v_int(r->person),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .kind = v_z(kind),
        .day = v_date(rq->today),
        .classes = v_int(classes),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &service_table, c.v);
    change_event(ch, &(struct event){.kind = "service.recorded",
                                     .person = r->person,
                                     .classes = classes,
                                     .table = &service_table,
                                     .object = id});
}

/* ---- referrals ---- */

static void do_refer(struct run *r)
{
    const struct step *s = r->s;
    const struct work *w = &demo_works[s->what];
    struct referral_ask ask = {.person = r->person,
                               .to_body = r->p->region->bodies[s->target].id,
                               .need = text_of(w->need),
                               .ground = text_of(w->ground),
                               .note = text_of(w->words)};
    if (s->n > 0)
        ask.term = s->n;
    else
        ask.due_on = r->p->today + s->n;
    r->story->referral[s->slot] = referral_send(slice(r), &ask);
}

static void do_decline(struct run *r)
{
    struct decline_form form = {.decline_reason.value = v_z(demo_reasons[r->s->what]),
                                .result_note.value = v_z(demo_reason_notes[r->s->what])};
    referral_decline(r->rq, r->story->referral[r->s->slot], -1, &form);
}

static void do_accept(struct run *r)
{
    int64_t opened;
    referral_accept(r->rq, r->story->referral[r->s->slot], -1, &opened);
    if (opened)
        r->story->case_id = opened;
}

static void do_finish(struct run *r)
{
    struct result_form form = {.finished_on.value = v_date(r->rq->today),
                               .result.value = v_z(demo_results[r->s->what]),
                               .result_note.value = v_z(demo_result_notes[r->s->what])};
    referral_finish(r->rq, r->story->referral[r->s->slot], -1, &form);
}

/* ---- cases ---- */

static void do_assess(struct run *r)
{
    const struct step *s = r->s;
    struct dice d = dice_of(r->p->seed, s->person, 4);
    static const char *const levels[] = {"some", "some", "urgent", "none"};
    struct need_answer answers[10];
    size_t n = 0;
    for (int i = 0; i < 10; i++)
        if (dice_chance(&d, 55) &&
            !(code_classes("need_domain", text_of(demo_domains[i])) & ~r->rq->viewer.role->write))
            answers[n++] = (struct need_answer){text_of(demo_domains[i]),
                                                text_of(levels[dice_below(&d, 4)]), T("")};
    struct assessment_form form = {.day.value = v_date(r->rq->today),
                                   .summary.value = v_z(profile_at(s)->situation)};
    assessment_record(r->rq, r->story->case_id, &form, answers, n);
}

static void do_programme(struct run *r)
{
    const struct step *s = r->s;
    struct programme_form form = {.starts_on.value = v_date(r->rq->today),
                                  .ends_on.value = v_date(date_add_months(r->rq->today, s->n))};
    if (profile_at(s)->sentenced)
        form.court_note.value =
            v_z("Обязанности, установленные судом, включены в программу отдельной целью.");
    programme_create(r->rq, r->story->case_id, &form);
    struct programmes_of_case_rows rows = {0}; /* the newest first */
    q_programmes_of_case(
        r->rq, &(struct programmes_of_case_args){.case_id = v_int(r->story->case_id)}, &rows);
    if (rows.n)
        r->story->programme = v_as_int(rows.row[0].id);
    else
        rq_fail(r->rq, ERR_NOT_FOUND);
}

/* The row of the newest goal; null after a failure. */
static const union programme_plan_row *newest_goal(struct run *r, struct programme_plan_rows *plan)
{
    struct request *rq = r->rq;
    if (rq->err || rq->mistakes)
        return NULL;
    *plan = (struct programme_plan_rows){0};
    q_programme_plan(rq, &(struct programme_plan_args){.programme = v_int(r->story->programme)},
                     plan);
    if (!plan->n)
        rq_fail(rq, ERR_NOT_FOUND);
    return plan->n ? &plan->row[plan->n - 1] : NULL;
}

/* A page with nothing on it: a region of some persons has the scans of their consents. */
enum { SCANS_UP_TO = 1000 };
static const char demo_scan[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

/* What is passed on by consent has one, for a year. */
static void take_consent(struct run *r, const struct work *w, int64_t body)
{
    struct request *rq = r->rq;
    union person_facts_row subject = {0};
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(r->person)}, &subject);
    struct consent_form form = {
        .to_body_id.value = v_int(body),
        .purpose.value = v_z(w->kind == K_CLINIC ? "health_for_programme" : "social_support"),
        .form.value = v_z("paper"),
        .signed_on.value = v_date(rq->today),
        .until.value = v_date(date_add_months(rq->today, 12))};
    if (!of_age(&subject, rq->today)) {
        form.representative.value = v_z("Законный представитель");
        form.authority.value = v_z("свидетельство о рождении");
    }
    int64_t id = consent_record(rq, r->person, &form, NULL);
    if (id && r->p->persons <= SCANS_UP_TO)
        consent_papers(rq, id, 0,
                       &(struct paper){.kind = v_z("consent"),
                                       .type = "pdf",
                                       .name = T("согласие.pdf"),
                                       .bytes = text_of(demo_scan)});
}

/* A goal and the measure for it. */
static void do_measure(struct run *r)
{
    const struct step *s = r->s;
    struct request *rq = r->rq;
    const struct work *w = &demo_works[s->what];
    int64_t body = r->p->region->bodies[s->target].id;
    struct programme_plan_rows plan;
    const union programme_plan_row *row;
    struct goal_form goal = {.domain.value = v_z(w->domain), .words.value = v_z(w->goal)};
    goal_add(rq, r->story->programme, &goal);
    if (!(row = newest_goal(r, &plan)))
        return;
    struct measure_form form = {.goal_id.value = row->goal_id,
                                .words.value = v_z(w->words),
                                .need.value = v_z(w->need),
                                .body_id.value = v_int(body),
                                .due_on.value = v_date(rq->today + s->n)};
    if (body != rq->viewer.body) {
        form.ground.value = v_z(w->ground);
        if (strcmp(w->ground, "consent") == 0)
            take_consent(r, w, body);
    }
    measure_add(rq, r->story->programme, false, &form);
    if (!(row = newest_goal(r, &plan)))
        return;
    r->story->measure[s->slot] = v_as_int(row->measure_id);
    r->story->referral[s->slot] = v_as_int(row->referral_id);
}

static void do_measure_done(struct run *r)
{
    struct measure_result_form form = {.done_on.value = v_date(r->rq->today),
                                       .result.value = v_z(demo_results[r->s->what]),
                                       .result_note.value = v_z(demo_result_notes[r->s->what])};
    measure_finish(r->rq, r->story->measure[r->s->slot], -1, &form);
}

static void do_note(struct run *r)
{
    const struct topic_words *w = &demo_notes[r->s->what];
    struct note_form form = {.day.value = v_date(r->rq->today),
                             .topic.value = v_z(w->topic),
                             .words.value = v_z(w->words)};
    note_write(r->rq, r->person, r->s->slot == IN_CASE ? r->story->case_id : 0, &form);
}

static void do_close(struct run *r)
{
    const struct step *s = r->s;
    struct case_close_form form = {.closed_on.value = v_date(r->rq->today),
                                   .outcome.value = v_z(demo_outcomes[s->what]),
                                   .outcome_note.value = v_z(demo_outcome_notes[s->what])};
    if (s->n > 0)
        form.follow_up_until.value = v_date(r->rq->today + s->n);
    if (!r->story->route || !demo_route_runs(r->rq, r->story->case_id))
        case_close(r->rq, r->story->case_id, -1, &form);
}

/* ---- all ---- */

static void do_rule(struct run *r)
{
    const struct step *s = r->s;
    struct story *t = r->story;
    if (!settle(r))
        return;
    switch ((enum op)s->op) {
    case OP_ACCEPT:
        do_accept(r);
        break;
    case OP_DECLINE:
        do_decline(r);
        break;
    case OP_FINISH:
        do_finish(r);
        break;
    case OP_WITHDRAW:
        referral_withdraw(r->rq, t->referral[s->slot], -1);
        break;
    case OP_START_CASE:
        case_start(r->rq, r->person, text_of(profile_at(s)->channels[s->slot]), &t->case_id);
        break;
    case OP_ASSESS:
        do_assess(r);
        break;
    case OP_PROGRAMME:
        do_programme(r);
        break;
    case OP_MEASURE:
        do_measure(r);
        break;
    case OP_AGREE:
        programme_agree(r->rq, t->programme, -1, r->rq->today);
        break;
    case OP_MEASURE_DONE:
        do_measure_done(r);
        break;
    case OP_MEASURE_CANCEL:
        measure_cancel(r->rq, t->measure[s->slot], -1);
        break;
    case OP_NOTE:
        do_note(r);
        break;
    case OP_ROUTE:
        if (t->case_id)
            demo_route(r->rq, r->p->region, s, t->case_id, &t->route);
        break;
    default:
        do_close(r);
    }
}

static void do_step(struct run *r)
{
    switch ((enum op)r->s->op) {
    case OP_ENTER:
        do_enter(r);
        break;
    case OP_LIST:
        do_list(r);
        break;
    case OP_CATEGORY:
        do_category(r);
        break;
    case OP_CATEGORY_END:
        do_category_end(r);
        break;
    case OP_SENTENCE:
        do_sentence(r);
        break;
    case OP_SERVE:
        do_serve(r);
        break;
    case OP_REFER:
        do_refer(r);
        break;
    default:
        do_rule(r);
    }
}

static void complain(const struct run *r)
{
    const struct request *rq = r->rq;
    const struct step *s = r->s;
    fprintf(stderr, "bereg: the demo region could not be finished: %s", err_name(rq->err));
    if (rq->reason)
        fprintf(stderr, ", %s", rq->reason);
    for (const struct mistake *m = rq->mistakes; m; m = m->next)
        fprintf(stderr, ", %s: %s", m->field ? m->field : "", m->message);
    if (s)
        fprintf(stderr, " (person %u, step %u, operation %u, what %u, account %s)", s->person,
                s->seq, s->op, s->what, rq->viewer.login);
    fputc('\n', stderr);
}

bool demo_steps(struct request *rq, struct plans *p)
{
    struct run r = {.rq = rq, .p = p};
    uint32_t n_stories = p->n_shown + p->n_stories;
    struct story none = {0};
    r.ids = calloc(p->persons, sizeof *r.ids);
    r.numbers = calloc(p->persons, sizeof *r.numbers);
    r.stories = calloc(n_stories + 1, sizeof *r.stories);
    bool good = r.ids && r.numbers && r.stories;
    for (size_t i = 0; i < p->n && good; i++) {
        r.s = &p->steps[i];
        r.person = r.ids[r.s->person];
        r.story = r.s->person < n_stories ? &r.stories[r.s->person] : &none;
        act_as(&r, r.s);
        do_step(&r);
        good = !rq->err && !rq->mistakes && (r.in_slice < SLICE || settle(&r));
        if (p->persons >= 20000 && i && i * 20 / p->n != (i - 1) * 20 / p->n)
            fprintf(stderr, "%3zu %%: %u persons\n", i * 20 / p->n * 5, r.entered);
    }
    good = good && settle(&r);
    if (!good)
        complain(&r);
    if (r.open)
        change_commit(&r.ch); /* rolls back: the error stands */
    free(r.ids);
    free(r.numbers);
    free(r.stories);
    return good;
}
