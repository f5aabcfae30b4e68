/* Pages of decisions under control: the list, one with its vote, report and end of control. */
#include "papers_gen.h"
#include "plans_tpl.h"
#include "programmes_gen.h"
#include "rooms/plans/plans_show.h"
#include "web/web.h"

ROUTE(GET, "/decisions", plans_decisions, decision_list_page, SIGNED_IN)
static enum err plans_decisions(struct request *rq, struct decision_list_page_page *page)
{
    static const char *const groups[] = {"open", "overdue", "due", "done", "not_done", "off", "all"};
    struct text group = rq_param(rq, "group");
    struct value none = {0}, today = v_date(rq->today);
    bool cases = text_is(rq_param(rq, "on"), "cases"), mine = text_is(rq_param(rq, "whose"), "mine");
    bool held = text_is(rq_param(rq, "whose"), "held");
    page->group = T("open");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (text_is(group, groups[i]))
            page->group = text_of(groups[i]);
    page->on = cases ? T("cases") : T("tasks");
    page->whose = mine ? T("mine") : held ? T("held") : T("all");
    bool overdue = text_is(page->group, "overdue"), due = text_is(page->group, "due"), all = text_is(page->group, "all");
    struct value state = overdue || due || all ? none : v_text(page->group);
    struct value owner = mine ? v_int(rq->viewer.body) : none;
    if (cases)
        q_decision_cases(rq,
                         &(struct decision_cases_args){.paging = rq_paging(rq, &decision_cases_query),
                                                       .owner = owner,
                                                       .held = held ? v_int(rq->viewer.body) : none,
                                                       .overdue = overdue ? today : none,
                                                       .due = due ? today : none,
                                                       .state = state},
                         &page->items);
    else
        q_decision_tasks(rq,
                         &(struct decision_tasks_args){.paging = rq_paging(rq, &decision_tasks_query),
                                                       .owner = owner,
                                                       .held = held ? v_int(rq->viewer.body) : none,
                                                       .overdue = overdue ? today : none,
                                                       .due = due ? today : none,
                                                       .state = state},
                         (struct decision_tasks_rows *)&page->items);
    return rq_end(rq);
}

static void fresh(struct request *rq, struct decision_card_page_page *page)
{
    char today[DATE_ISO_LEN + 1];
    form_begin(&decision_report_form, page->report.v);
    form_begin(&take_measure_form, page->take.v);
    form_begin(&vote_form, page->vote.v);
    date_dmy(rq->today, today);
    page->report.done_on.raw = arena_text(rq->arena, text_of(today));
    page->report.state.raw = T("done");
}

static bool ended(struct value measure_state)
{
    struct text s = v_as_text(measure_state);
    return s.n && !text_is(s, "planned") && !text_is(s, "sent") && !text_is(s, "in_progress");
}

static enum err show(struct request *rq, struct decision_card_page_page *page)
{
    struct value id = rq_id(rq, "decision");
    struct meeting m = {0};
    union item_facts_row item = {0};
    union votes_cast_n_row cast = {0};
    if (!decision_read(rq, id, &page->d)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    page->attaches = papers_shown(rq, &decision_table, v_as_int(id), &page->attachments);
    page->here = url_of(rq, "/decisions/%lld", (long long)v_as_int(id));
    const union decision_case_row *d = &page->d;
    struct text state = v_as_text(d->state), vote = v_as_text(d->vote);
    q_item_facts(rq, &(struct item_facts_args){.id = d->item_id}, &item);
    page->in_meeting = meeting_known(rq, v_as_int(d->meeting_id));
    if (page->in_meeting) {
        meeting_read(rq, v_as_int(d->meeting_id), &m);
        bool held = meeting_in(&m, "held"), writes = item_writes(rq, &m, v_as_int(item.body_id));
        bool votes = held && !text_is(v_as_text(m.m.ballot), "none");
        page->open_ballot = text_is(v_as_text(m.m.ballot), "open");
        page->removes = held && writes;
        page->opens = votes && writes && text_is(vote, "none");
        page->quorate = meeting_quorate(&m);
        page->closes = votes && writes && text_is(vote, "open");
        page->ballots = votes && text_is(vote, "open") && vote_right(rq, &m, v_as_int(id)) != 0;
        page->present = m.present;
        if (votes || !text_is(vote, "none")) {
            q_votes_cast_n(rq, &(struct votes_cast_n_args){.decision = id}, &cast);
            page->n_cast = v_as_int(cast.n);
            if (page->open_ballot)
                q_votes_open(rq, &(struct votes_open_args){.decision = id}, &page->votes);
        }
        if (page->closes && page->open_ballot)
            q_invitation_list(rq, &(struct invitation_list_args){.meeting = d->meeting_id}, &page->members);
    }
    page->counted = text_is(vote, "adopted") || text_is(vote, "rejected");
    page->on_person = v_is(d->person_id);
    bool open = text_is(state, "open"), task = !v_is(d->measure_id);
    page->reports = open && task && (v_as_int(d->owner_id) == rq->viewer.body || m.keeps);
    page->off = m.keeps && (text_is(state, "done") || text_is(state, "not_done") || (open && ended(d->measure_state)));
    page->takes = open && task && page->on_person && rq_may(rq, CAP_LEAD_CASE) && v_as_int(item.body_id) == rq->viewer.body;
    union programme_of_case_open_row g = {0};
    if (page->takes &&
        q_programme_of_case_open(rq, &(struct programme_of_case_open_args){.case_id = d->case_id}, &g))
        q_goal_options(rq, &(struct goal_options_args){.programme = g.id}, &page->goals);
    page->takes = page->takes && page->goals.n > 0;
    return rq_end(rq);
}

ROUTE(GET, "/decisions/{decision}", plans_decision, decision_card_page, SIGNED_IN)
static enum err plans_decision(struct request *rq, struct decision_card_page_page *page)
{
    fresh(rq, page);
    return show(rq, page);
}

/* Back to the page after what was done. */
static enum err done(struct request *rq, struct decision_card_page_page *page)
{
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

static int64_t begin(struct request *rq, struct decision_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "decision");
    fresh(rq, page);
    rq_redirect(rq, "/decisions/%lld", (long long)id);
    return id;
}

ROUTE(POST, "/decisions/{decision}/remove", plans_decision_remove, decision_card_page, KEEP_MINUTES)
static enum err plans_decision_remove(struct request *rq, struct decision_card_page_page *page)
{
    int64_t id = begin(rq, page);
    union decision_case_row d = {0};
    if (decision_read(rq, v_int(id), &d))
        rq_redirect(rq, "/agenda-items/%lld", (long long)v_as_int(d.item_id));
    decision_remove(rq, id, rq_field_int(rq, "version"));
    return done(rq, page);
}

ROUTE(POST, "/decisions/{decision}/vote", plans_vote, decision_card_page, SIGNED_IN)
static enum err plans_vote(struct request *rq, struct decision_card_page_page *page)
{
    int64_t id = begin(rq, page);
    if (rq_read_form(rq, &vote_form, page->vote.v))
        vote_give(rq, id, rq_field_int(rq, "invitation"), v_as_text(page->vote.choice.value));
    rq_flash(rq, N_("The vote is cast"));
    return done(rq, page);
}

/* Both ends of a vote, and the end of control. */
static enum err step(struct request *rq, struct decision_card_page_page *page, void (*rule)(struct request *rq, int64_t id, int64_t version), const char *words)
{
    rule(rq, begin(rq, page), rq_field_int(rq, "version"));
    if (words)
        rq_flash(rq, words);
    return done(rq, page);
}

ROUTE(POST, "/decisions/{decision}/vote/open", plans_vote_open, decision_card_page, KEEP_MINUTES)
static enum err plans_vote_open(struct request *rq, struct decision_card_page_page *page)
{
    return step(rq, page, vote_open, NULL);
}

ROUTE(POST, "/decisions/{decision}/vote/close", plans_vote_close, decision_card_page, KEEP_MINUTES)
static enum err plans_vote_close(struct request *rq, struct decision_card_page_page *page)
{
    return step(rq, page, vote_close, NULL);
}

ROUTE(POST, "/decisions/{decision}/report", plans_decision_report, decision_card_page, SIGNED_IN)
static enum err plans_decision_report(struct request *rq, struct decision_card_page_page *page)
{
    int64_t id = begin(rq, page);
    if (rq_read_form(rq, &decision_report_form, page->report.v))
        decision_report(rq, id, rq_field_int(rq, "version"), &page->report);
    rq_flash(rq, N_("The report is recorded"));
    return done(rq, page);
}

ROUTE(POST, "/decisions/{decision}/off", plans_decision_off, decision_card_page, KEEP_MINUTES)
static enum err plans_decision_off(struct request *rq, struct decision_card_page_page *page)
{
    return step(rq, page, decision_off, N_("The decision is taken off control"));
}

ROUTE(POST, "/decisions/{decision}/measure", plans_decision_measure, decision_card_page, LEAD_CASE)
static enum err plans_decision_measure(struct request *rq, struct decision_card_page_page *page)
{
    int64_t id = begin(rq, page);
    if (rq_read_form(rq, &take_measure_form, page->take.v))
        decision_to_measure(rq, id, rq_field_int(rq, "version"), &page->take);
    rq_flash(rq, N_("The decision is a measure of the programme now"));
    return done(rq, page);
}
