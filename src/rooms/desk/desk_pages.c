#include "desk_tpl.h"
#include "rooms/desk/desk.h"
#include "web/web.h"

ROUTE(GET, "/", desk_home, home, SIGNED_IN)
static enum err desk_home(struct request *rq, struct home_page *page)
{
    page->path = rq_may(rq, CAP_TAKE_REFERRAL) || rq_may(rq, CAP_SEND_REFERRAL) ? T("/inbox")
                 : rq_may(rq, CAP_SEE_PERSON)                                   ? T("/persons")
                 : rq_may(rq, CAP_SEE_REPORT)                                   ? T("/reports")
                 : rq_may(rq, CAP_AUDIT)                                        ? T("/log")
                 : rq_may(rq, CAP_ADMIN)                                        ? T("/accounts")
                                                                                : T("");
    if (page->path.n && !rq_is_api(rq))
        rq_redirect(rq, "%s", page->path.s);
    return rq_end(rq);
}

/* ---- inbox ---- */

enum {
    ANSWERS_DAYS = 14, /* how long an answer stands in the inbox */
    ANSWERS_WALK = 90  /* and how far behind its date due it is looked for */
};

static int64_t received(struct request *rq, struct inbox_received_count_args args,
                        struct value account)
{
    union inbox_received_count_row row = {0};
    args.account = account;
    q_inbox_received_count(rq, &args, &row);
    return v_as_int(row.n);
}

static void count(struct request *rq, struct inbox_page *page, struct value account)
{
    struct value today = v_date(rq->today), open = v_int(1);
    union inbox_answers_count_row answers = {0};
    union inbox_measures_count_row measures = {0};
    page->n_new = received(rq, (struct inbox_received_count_args){.state = v_z("sent")}, account);
    page->n_today =
        received(rq, (struct inbox_received_count_args){.open = open, .on = today}, account);
    page->n_overdue =
        received(rq, (struct inbox_received_count_args){.open = open, .before = today}, account);
    page->n_work =
        received(rq, (struct inbox_received_count_args){.state = v_z("accepted")}, account);
    q_inbox_answers_count(
        rq,
        &(struct inbox_answers_count_args){.due_from = v_date(rq->today - ANSWERS_WALK),
                                           .since = v_date(rq->today - ANSWERS_DAYS),
                                           .account = account},
        &answers);
    q_inbox_measures_count(rq, &(struct inbox_measures_count_args){.account = account}, &measures);
    union asks_open_row asks = {0};
    if (rq_may(rq, CAP_LEAD_CASE))
        q_asks_open(rq, &(struct asks_open_args){0}, &asks);
    page->n_asks = v_as_int(asks.n);
    union emergencies_waiting_row waiting = {0};
    if (rq_may(rq, CAP_REVIEW_EMERGENCY))
        q_emergencies_waiting(rq, &(struct emergencies_waiting_args){0}, &waiting);
    page->n_emergencies = v_as_int(waiting.n);
    page->n_answers = v_as_int(answers.n);
    page->n_measures = v_as_int(measures.n);
}

/* The rows of the other two statements have the same columns; the declared one keeps the place of
 * the page and the export. */
static void inbox_rows(struct request *rq, struct inbox_page *page, struct value account)
{
    struct paging paging = rq_paging(rq, &inbox_received_query);
    struct value today = v_date(rq->today);
    struct inbox_received_args args = {.paging = paging, .account = account};
    if (text_is(page->group, "answers")) {
        q_inbox_answers(rq,
                        &(struct inbox_answers_args){.paging = paging,
                                                     .due_from = v_date(rq->today - ANSWERS_WALK),
                                                     .since = v_date(rq->today - ANSWERS_DAYS),
                                                     .account = account},
                        (struct inbox_answers_rows *)&page->items);
        return;
    }
    if (text_is(page->group, "measures")) {
        q_inbox_measures(rq, &(struct inbox_measures_args){.paging = paging, .account = account},
                         (struct inbox_measures_rows *)&page->items);
        return;
    }
    if (text_is(page->group, "today")) {
        args.open = v_int(1);
        args.on = today;
    } else if (text_is(page->group, "overdue")) {
        args.open = v_int(1);
        args.before = today;
    } else {
        args.state = v_z(text_is(page->group, "work") ? "accepted" : "sent");
    }
    q_inbox_received(rq, &args, &page->items);
}

ROUTE(GET, "/inbox", desk_inbox, inbox, SEE_PERSON)
static enum err desk_inbox(struct request *rq, struct inbox_page *page)
{
    static const char *const groups[] = {"new", "today", "overdue", "work", "answers", "measures"};
    struct text group = rq_param(rq, "group");
    page->group = T("new");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (text_is(group, groups[i]))
            page->group = text_of(groups[i]);
    page->whose = text_is(rq_param(rq, "whose"), "mine") ? T("mine") : T("all");
    struct value account =
        text_is(page->whose, "mine") ? v_int(rq->viewer.account) : (struct value){0};
    count(rq, page, account);
    inbox_rows(rq, page, account);
    for (size_t i = 0; i < page->items.n && !text_is(page->group, "answers"); i++) {
        union inbox_received_row *r = &page->items.row[i];
        int64_t late = desk_days_late(v_as_int(r->due_on), rq->today);
        r->late = late ? v_int(late) : r->late;
        r->today = v_int(v_as_int(r->due_on) == rq->today);
    }
    return rq_end(rq);
}

/* ---- a person ---- */

enum { SHOWN = 10 }; /* of services and notes, until all are asked for */

static bool cut(size_t *n, bool all)
{
    bool more = !all && *n > SHOWN;
    *n = more ? SHOWN : *n;
    return more;
}

ROUTE(GET, "/persons/{person}", desk_person, person_card_page, SEE_PERSON)
static enum err desk_person(struct request *rq, struct person_card_page_page *page)
{
    struct value person = rq_id(rq, "person");
    bool all = rq_param(rq, "all").n > 0;
    q_person_card(rq, &(struct person_card_args){.id = person}, &page->person);
    q_person_categories(rq, &(struct person_categories_args){.person = person}, &page->categories);
    q_sentences_of_person(rq, &(struct sentences_of_person_args){.person = person},
                          &page->sentences);
    q_consents_of_person(rq, &(struct consents_of_person_args){.person = person}, &page->consents);
    q_cases_of_person(rq, &(struct cases_of_person_args){.person = person}, &page->cases);
    q_person_referrals(rq, &(struct person_referrals_args){.person = person}, &page->referrals);
    q_services_of_person(rq, &(struct services_of_person_args){.person = person}, &page->services);
    q_note_list(rq, &(struct note_list_args){.person = person}, &page->notes);
    if (rq->err)
        return rq_end(rq);
    page->more_services = cut(&page->services.n, all || rq_is_api(rq));
    page->more_notes = cut(&page->notes.n, all || rq_is_api(rq));
    page->leads = v_as_int(page->person.lead_body_id) == rq->viewer.body;
    page->others = desk_others_at_work(rq, v_as_int(person));
    uint32_t criminal = CLASS_BIT(CLASS_CRIMINAL),
             write = rq->viewer.role ? rq->viewer.role->write : 0;
    uint32_t open = (uint32_t)v_as_int(page->person.bits);
    page->records_court = rq_may(rq, CAP_EDIT_PERSON) && write & open & criminal;
    page->court = page->sentences.n || page->records_court;
    if (page->person.birth_date.kind == V_DATE)
        page->age = years_between(page->person.birth_date.i, rq->today);
    for (size_t i = 0; i < page->cases.n; i++)
        if (!text_is(v_as_text(page->cases.row[i].state), "closed")) {
            page->open_case = page->cases.row[i];
            break;
        }
    return rq_end(rq);
}

/* ---- a case ---- */

/* How far the case has come: "done", "now" or nothing for each stage. */
static void stages(struct case_card_page_page *page)
{
    static const char *const names[] = {"registered", "assessment", "programme",
                                        "in_work",    "follow_up",  "closed"};
    struct text *at[] = {&page->registered, &page->assessment, &page->programme_stage,
                         &page->in_work,    &page->follow_up,  &page->closed};
    struct text state = v_as_text(page->c.state);
    size_t now = text_is(state, "suspended") ? 3 : 0; /* suspended while in work */
    for (size_t i = 0; i < 6; i++)
        if (text_is(state, names[i]))
            now = i;
    for (size_t i = 0; i < 6; i++)
        *at[i] = i < now ? T("done") : i == now ? T("now") : T("");
    if (now == 5 && !v_is(page->c.follow_up_until)) /* closed without follow-up */
        page->follow_up = T("");
}

/* The programme that is worked on, in full. */
static void plan(struct request *rq, struct case_card_page_page *page)
{
    for (size_t i = 0; i < page->programmes.n && !page->current.id.kind; i++)
        if (!text_is(v_as_text(page->programmes.row[i].state), "closed"))
            page->current = page->programmes.row[i];
    if (!page->current.id.kind && page->programmes.n)
        page->current = page->programmes.row[0];
    if (!page->current.id.kind)
        return;
    q_programme_plan(rq, &(struct programme_plan_args){.programme = page->current.id}, &page->plan);
    int64_t goal = 0;
    for (size_t i = 0; i < page->plan.n; i++) {
        union programme_plan_row *m = &page->plan.row[i];
        m->begins = v_int(v_as_int(m->goal_id) != goal);
        goal = v_as_int(m->goal_id);
        page->measures += m->measure_id.kind == V_INT;
        page->measures_done += text_is(v_as_text(m->state), "done");
        if (v_as_int(m->late))
            m->late = v_int(desk_days_late(v_as_int(m->due_on), rq->today));
    }
}

ROUTE(GET, "/cases/{case}", desk_case, case_card_page, SEE_PERSON)
static enum err desk_case(struct request *rq, struct case_card_page_page *page)
{
    struct value id = rq_id(rq, "case");
    q_case_card(rq, &(struct case_card_args){.id = id}, &page->c);
    if (rq->err)
        return rq_end(rq);
    struct value person = page->c.person_id;
    q_assessment_list(rq, &(struct assessment_list_args){.case_id = id}, &page->assessments);
    q_need_list(rq, &(struct need_list_args){.case_id = id}, &page->needs);
    q_programmes_of_case(rq, &(struct programmes_of_case_args){.case_id = id}, &page->programmes);
    plan(rq, page);
    q_person_referrals(rq, &(struct person_referrals_args){.person = person, .case_id = id},
                       &page->referrals);
    q_services_of_case(rq, &(struct services_of_case_args){.case_id = id}, &page->services);
    q_note_list(rq, &(struct note_list_args){.person = person}, &page->notes);
    q_case_timeline(rq, &(struct case_timeline_args){.case_id = id, .paging.limit = SHOWN},
                    &page->timeline);
    if (rq->err)
        return rq_end(rq);
    bool all = rq_param(rq, "all").n > 0 || rq_is_api(rq);
    page->more_services = cut(&page->services.n, all);
    page->more_notes = cut(&page->notes.n, all);
    page->others = desk_others_at_work(rq, v_as_int(person));
    page->is_open = !text_is(v_as_text(page->c.state), "closed");
    stages(page);
    /* the newest assessment is shown in full: its needs only */
    if (page->assessments.n) {
        size_t n = 0;
        for (size_t i = 0; i < page->needs.n; i++)
            if (v_as_int(page->needs.row[i].assessment_id) == v_as_int(page->assessments.row[0].id))
                page->needs.row[n++] = page->needs.row[i];
        page->needs.n = n;
        page->assessed = page->assessments.row[0];
    }
    return rq_end(rq);
}
