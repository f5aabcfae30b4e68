#include "desk_tpl.h"
#include "guard/guard.h"
#include "rooms/court/court.h"
#include "rooms/desk/desk.h"
#include "rooms/programmes/programmes.h"
#include "rooms/trust/trust.h"
#include "web/web.h"

/* ---- a person ---- */

enum { SHOWN = 10 }; /* of services and notes, until all are asked for */

static bool cut(size_t *n, bool all)
{
    bool more = !all && *n > SHOWN;
    *n = more ? SHOWN : *n;
    return more;
}

/* With the last conviction the categories close that came of it and have ended. */
static void close_categories(struct request *rq, int64_t person, struct person_categories_rows *c)
{
    size_t kept = 0;
    bool spent = sentences_spent(rq, person);
    for (size_t i = 0; i < c->n; i++)
        if (!spent || !v_is(c->row[i].until) ||
            !(v_as_int(c->row[i].classes) & CLASS_BIT(CLASS_CRIMINAL)))
            c->row[kept++] = c->row[i];
    c->n = kept;
}

ROUTE(GET, "/persons/{person}", desk_person, person_card_page, SEE_PERSON)
static enum err desk_person(struct request *rq, struct person_card_page_page *page)
{
    struct value person = rq_id(rq, "person");
    bool all = rq_param(rq, "all").n > 0;
    q_person_card(rq, &(struct person_card_args){.id = person}, &page->person);
    q_person_categories(rq, &(struct person_categories_args){.person = person}, &page->categories);
    q_person_names(rq, &(struct person_names_args){.person = person}, &page->names);
    q_person_documents(rq, &(struct person_documents_args){.person = person}, &page->documents);
    q_identifications(rq, &(struct identifications_args){.person = person}, &page->identified);
    q_sentences_of_person(rq, &(struct sentences_of_person_args){.person = person,
                                                             .spent = v_int(CLASS_BIT(CLASS_SPENT))},
                          &page->sentences);
    q_consents_of_person(rq, &(struct consents_of_person_args){.person = person}, &page->consents);
    q_cases_of_person(rq, &(struct cases_of_person_args){.person = person}, &page->cases);
    q_memberships_of_person(rq, &(struct memberships_of_person_args){.person = person},
                            &page->families);
    q_person_referrals(rq, &(struct person_referrals_args){.person = person}, &page->referrals);
    q_services_of_person(rq, &(struct services_of_person_args){.person = person}, &page->services);
    q_note_list(rq, &(struct note_list_args){.person = person}, &page->notes);
    q_restriction_of_person(rq, &(struct restriction_of_person_args){.person = person},
                            &page->restriction);
    q_merges_of_person(rq, &(struct merges_of_person_args){.person = person}, &page->merges);
    if (rq->err)
        return rq_end(rq);
    close_categories(rq, v_as_int(person), &page->categories);
    page->more_services = cut(&page->services.n, all || rq_is_api(rq));
    page->more_notes = cut(&page->notes.n, all || rq_is_api(rq));
    page->leads = v_as_int(page->person.lead_body_id) == rq->viewer.body;
    page->others = desk_others_at_work(rq, v_as_int(person), &page->signal);
    uint32_t criminal = CLASS_BIT(CLASS_CRIMINAL),
             write = rq->viewer.role ? rq->viewer.role->write : 0;
    uint32_t open = (uint32_t)v_as_int(page->person.bits);
    page->records_court = rq_may(rq, CAP_EDIT_PERSON) && write & open & criminal;
    page->settled = text_is(v_as_text(page->person.identity_status), "document");
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
    programme_plan(rq, page->current.id, &page->plan);
    for (size_t i = 0; i < page->plan.n; i++) {
        union programme_plan_row *m = &page->plan.row[i];
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
    q_members_of_case(rq, &(struct members_of_case_args){.case_id = id}, &page->members);
    q_holds_of_case(rq, &(struct holds_of_case_args){.case_id = id}, &page->holds);
    q_routes_of_case(rq, &(struct routes_of_case_args){.case_id = id}, &page->routes);
    q_case_timeline(rq, &(struct case_timeline_args){.case_id = id,
                                                 .spent = v_int(CLASS_BIT(CLASS_SPENT)),
                                                 .paging.limit = SHOWN},
                    &page->timeline);
    if (rq->err)
        return rq_end(rq);
    bool all = rq_param(rq, "all").n > 0 || rq_is_api(rq);
    page->more_services = cut(&page->services.n, all);
    page->more_notes = cut(&page->notes.n, all);
    page->others = desk_others_at_work(rq, v_as_int(person), &page->signal);
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
