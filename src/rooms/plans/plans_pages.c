/* Pages of meetings: mine, one with agenda, invitations and its next step, its printed minutes. */
#include "agencies_gen.h"
#include "papers_gen.h"
#include "plans_tpl.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/plans/plans_show.h"
#include "web/web.h"

/* ---- lists ---- */

ROUTE(GET, "/meetings", plans_meetings, meeting_list_page, SIGNED_IN)
static enum err plans_meetings(struct request *rq, struct meeting_list_page_page *page)
{
    struct text when = rq_param(rq, "when");
    bool past = text_is(when, "past"), week = text_is(when, "week"), waiting = text_is(when, "waiting");
    bool prepare = text_is(when, "prepare"), minutes = text_is(when, "minutes");
    bool body = text_is(rq_param(rq, "whose"), "body");
    struct value today = v_instant(instant_of_day(rq->today)), none = {0};
    struct paging paging = rq_paging(rq, &meeting_list_query);
    page->when = past || week || waiting || prepare || minutes ? when : T("coming");
    page->whose = body ? T("body") : T("mine");
    if (!rq_param(rq, "sort").n)
        paging.sort = past ? MEETING_LIST_BY_LATEST : MEETING_LIST_BY_SOON;
    q_meeting_list(rq,
                   &(struct meeting_list_args){.paging = paging,
                                               .mine = body ? none : v_int(rq->viewer.account),
                                               .coming = past || minutes ? none : today,
                                               .past = past ? today : week ? v_instant(instant_of_day(terms_week(rq->today) + 1)) : none,
                                               .waiting = waiting ? v_z("waiting") : none,
                                               .prepare = prepare ? v_int(rq->viewer.account) : none,
                                               .minutes = minutes ? v_int(rq->viewer.account) : none},
                   &page->items);
    struct plans_duties duties;
    plans_duties(rq, &duties);
    page->n_decisions = duties.decisions;
    page->n_late = duties.late;
    return rq_end(rq);
}

/* ---- agenda and minutes ---- */

/* The rows of one question; a decision that the viewer may not read leaves its row, the question stands once. */
static void put(struct minutes_cases_rows *out, const union minutes_cases_row *rows, size_t n, struct value id, int64_t nr)
{
    bool begun = false, decided = false;
    for (size_t i = 0; i < n; i++)
        decided |= v_eq(rows[i].id, id) && v_is(rows[i].decision_id);
    for (size_t i = 0; i < n; i++) {
        if (!v_eq(rows[i].id, id) || (decided && !v_is(rows[i].decision_id)) || (!decided && begun))
            continue;
        out->row[out->n] = rows[i];
        if (text_is(v_as_text(rows[i].vote), "open")) /* who watches the sums would know the votes */
            out->row[out->n].n_for = out->row[out->n].n_against = out->row[out->n].n_abstained = v_null();
        out->row[out->n].nr = v_int(nr);
        out->row[out->n++].begins = v_int(!begun);
        begun = true;
    }
}

static bool among(const union minutes_cases_row *rows, size_t n, struct value id)
{
    for (size_t i = 0; i < n; i++)
        if (v_eq(rows[i].id, id))
            return true;
    return false;
}

void minutes_rows(struct request *rq, struct value meeting, struct minutes_cases_rows *out)
{
    struct minutes_cases_rows cases = {0};
    struct minutes_open_rows open = {0};
    struct items_of_rows all = {0};
    q_minutes_cases(rq, &(struct minutes_cases_args){.meeting = meeting}, &cases);
    q_minutes_open(rq, &(struct minutes_open_args){.meeting = meeting}, &open);
    q_items_of(rq, &(struct items_of_args){.meeting = meeting}, &all);
    _Static_assert(sizeof *open.row == sizeof *cases.row, "both statements have the same columns");
    const union minutes_cases_row *open_rows = (const union minutes_cases_row *)open.row;
    *out = cases;
    out->n = 0;
    out->row = arena_array(rq->arena, cases.n + open.n + all.n + 1, sizeof *out->row);
    int64_t nr = 0;
    for (size_t i = 0; i < all.n && !rq->err; i++) {
        const union items_of_row *item = &all.row[i];
        if (!v_is(item->person_id))
            put(out, open_rows, open.n, item->id, ++nr);
        else if (among(cases.row, cases.n, item->id))
            put(out, cases.row, cases.n, item->id, ++nr);
        else if (!access_hidden(rq, v_as_int(item->person_id)))
            out->row[out->n++] =
                (union minutes_cases_row){.nr = v_int(++nr), .begins = v_int(1), .hidden = v_int(1)};
    }
}

void addenda_rows(struct request *rq, struct value meeting, struct addenda_cases_rows *out)
{
    struct addenda_open_rows open = {0};
    q_addenda_cases(rq, &(struct addenda_cases_args){.meeting = meeting}, out);
    q_addenda_open(rq, &(struct addenda_open_args){.meeting = meeting}, &open);
    _Static_assert(sizeof *open.row == sizeof *out->row, "both statements have the same columns");
    union addenda_cases_row *rows = arena_array(rq->arena, out->n + open.n + 1, sizeof *rows);
    size_t n = 0, i = 0, k = 0;
    while (i < out->n || k < open.n) {
        bool person = k == open.n || (i < out->n && v_as_int(out->row[i].id) < v_as_int(open.row[k].id));
        rows[n++] = person ? out->row[i++] : ((const union addenda_cases_row *)open.row)[k++];
    }
    out->row = rows;
    out->n = n;
}

/* ---- one meeting ---- */

static void fresh(struct meeting_card_page_page *page)
{
    form_begin(&invitation_form, page->invite.v);
    form_begin(&meeting_move_form, page->move.v);
    form_begin(&item_open_form, page->question.v);
    form_begin(&invitation_answer_form, page->answer.v);
    page->invite.votes.raw = T("1");
}

static enum err show(struct request *rq, struct meeting_card_page_page *page, int64_t id)
{
    struct meeting m;
    struct value asked = rq_filter_int(rq, "body");
    q_meeting_card(rq, &(struct meeting_card_args){.id = v_int(id)}, &page->meeting);
    meeting_read(rq, id, &m);
    minutes_rows(rq, v_int(id), &page->items);
    addenda_rows(rq, v_int(id), &page->addenda);
    q_invitation_list(rq, &(struct invitation_list_args){.meeting = v_int(id)}, &page->invited);
    if (rq->err)
        return rq_end(rq);
    page->attaches = papers_shown(rq, &meeting_table, id, &page->attachments);
    page->here = url_of(rq, "/meetings/%lld", (long long)id);
    page->planned = meeting_in(&m, "planned");
    page->held = meeting_in(&m, "held");
    page->approved = meeting_in(&m, "approved");
    page->begun = v_as_int(m.m.meets_at) <= rq->now;
    page->keeps = m.keeps;
    page->chairs = m.chairs;
    page->calls = m.holds && rq_may(rq, CAP_CALL_MEETING) && page->planned;
    page->quorate = meeting_quorate(&m);
    page->voting = m.voting;
    page->present = m.present;
    page->changes = m.keeps && (page->planned || page->held);
    if (page->calls) {
        body_options(rq, T(""), 0, 0, &page->bodies);
        if (v_is(asked)) {
            page->body = v_as_int(asked);
            q_accounts_of_body(rq, &(struct accounts_of_body_args){.body = asked}, &page->accounts);
        }
    }
    for (size_t i = 0; i < page->invited.n && page->planned; i++) {
        const union invitation_list_row *v = &page->invited.row[i];
        if (!v_as_int(v->own) || (v_is(v->account_id) && v_as_int(v->account_id) != rq->viewer.account))
            continue;
        page->mine = v_as_int(v->id);
        page->mine_version = v_as_int(v->version);
        page->mine_answer = v->answer;
        q_own_accounts(rq, &(struct own_accounts_args){0}, &page->colleagues);
        break;
    }
    return rq_end(rq);
}

ROUTE(GET, "/meetings/{meeting}", plans_meeting, meeting_card_page, SIGNED_IN)
static enum err plans_meeting(struct request *rq, struct meeting_card_page_page *page)
{
    fresh(page);
    return show(rq, page, rq_id_int(rq, "meeting"));
}

ROUTE(GET, "/meetings/{meeting}/minutes", plans_minutes, minutes_page, SIGNED_IN)
static enum err plans_minutes(struct request *rq, struct minutes_page_page *page)
{
    struct value id = rq_id(rq, "meeting");
    struct meeting m;
    q_meeting_card(rq, &(struct meeting_card_args){.id = id}, &page->meeting);
    meeting_read(rq, v_as_int(id), &m);
    if (!rq->err && !meeting_in(&m, "held") && !meeting_in(&m, "approved"))
        rq_fail(rq, ERR_NOT_FOUND);
    minutes_rows(rq, id, &page->items);
    addenda_rows(rq, id, &page->addenda);
    q_invitation_list(rq, &(struct invitation_list_args){.meeting = id}, &page->invited);
    page->approved = meeting_in(&m, "approved");
    page->voting = m.voting;
    page->present = m.present;
    return rq_end(rq);
}

/* ---- a meeting is called ---- */

static enum err show_new(struct request *rq, struct meeting_new_page *page)
{
    struct value case_id = rq_filter_int(rq, "case"), group = rq_filter_int(rq, "group");
    if (rq_is_post(rq)) {
        int64_t c = rq_field_int(rq, "case"), g = rq_field_int(rq, "group");
        case_id = c ? v_int(c) : (struct value){0};
        group = g ? v_int(g) : (struct value){0};
    }
    page->on_case = v_is(case_id);
    page->of_group = v_is(group);
    if (page->on_case)
        q_agenda_case(rq, &(struct agenda_case_args){.id = case_id}, &page->case_);
    if (page->of_group)
        q_work_group_card(rq, &(struct work_group_card_args){.id = group}, &page->group);
    q_own_accounts(rq, &(struct own_accounts_args){0}, &page->accounts);
    return rq_end(rq);
}

static void fill_group(struct request *rq, struct meeting_new_page *page)
{
    const union work_group_card_row *g = &page->group;
    struct meeting_form *f = &page->form;
    if (!page->of_group || rq->err)
        return;
    struct value row[] = {g->kind,  v_null(), g->chair_id, g->secretary_id, v_null(),    v_null(),
                          v_null(), v_null(), g->ballot,   g->quorum,       g->majority, g->tie};
    rq_fill_form(rq, &meeting_form, f->v, NULL, row);
}

ROUTE(GET, "/meetings/new", plans_meeting_new, meeting_new, CALL_MEETING)
static enum err plans_meeting_new(struct request *rq, struct meeting_new_page *page)
{
    form_begin(&meeting_form, page->form.v);
    form_begin(&item_case_form, page->item.v);
    page->form.quorum.raw = T("50");
    page->form.ballot.raw = T("none");
    page->form.majority.raw = T("present");
    page->form.tie.raw = T("fails");
    page->form.secretary_id.raw = arena_printf(rq->arena, "%lld", (long long)rq->viewer.account);
    if (rq_param(rq, "case").n)
        page->form.kind.raw = T("conference");
    show_new(rq, page);
    fill_group(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/meetings", plans_meeting_create, meeting_new, CALL_MEETING)
static enum err plans_meeting_create(struct request *rq, struct meeting_new_page *page)
{
    int64_t case_id = rq_field_int(rq, "case"), group = rq_field_int(rq, "group");
    form_begin(&item_case_form, page->item.v);
    bool good = rq_read_form(rq, &meeting_form, page->form.v);
    if (case_id)
        good &= rq_read_form(rq, &item_case_form, page->item.v);
    if (good) {
        meeting_call(rq, group, &page->form, case_id, &page->item);
        rq_flash(rq, N_("The meeting is called: invite who is to come"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

/* ---- what is done with it ---- */

ROUTE(POST, "/meetings/{meeting}/invite", plans_invite, meeting_card_page, CALL_MEETING)
static enum err plans_invite(struct request *rq, struct meeting_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "meeting");
    fresh(page);
    if (rq_read_form(rq, &invitation_form, page->invite.v)) {
        rq_redirect(rq, "/meetings/%lld", (long long)id);
        meeting_invite(rq, id, &page->invite);
    }
    return rq_show_again(rq) ? show(rq, page, id) : rq_end(rq);
}

/* What is done to a meeting by the form of another date. */
static enum err move_by(struct request *rq, struct meeting_card_page_page *page,
                        void (*rule)(struct request *rq, int64_t id, int64_t version, struct meeting_move_form *form), const char *words)
{
    int64_t id = rq_id_int(rq, "meeting");
    fresh(page);
    if (rq_read_form(rq, &meeting_move_form, page->move.v)) {
        rq_redirect(rq, "/meetings/%lld", (long long)id);
        rule(rq, id, rq_field_int(rq, "version"), &page->move);
        rq_flash(rq, words);
    }
    return rq_show_again(rq) ? show(rq, page, id) : rq_end(rq);
}

ROUTE(POST, "/meetings/{meeting}/move", plans_move, meeting_card_page, CALL_MEETING)
static enum err plans_move(struct request *rq, struct meeting_card_page_page *page)
{
    return move_by(rq, page, meeting_move, N_("The meeting is postponed; who was invited is asked anew"));
}

ROUTE(POST, "/meetings/{meeting}/cancel", plans_cancel, meeting_card_page, CALL_MEETING)
static enum err plans_cancel(struct request *rq, struct meeting_card_page_page *page)
{
    return move_by(rq, page, meeting_cancel, N_("The meeting is cancelled"));
}

ROUTE(POST, "/meetings/{meeting}/items", plans_item_add, meeting_card_page, KEEP_MINUTES)
static enum err plans_item_add(struct request *rq, struct meeting_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "meeting");
    fresh(page);
    if (rq_read_form(rq, &item_open_form, page->question.v)) {
        rq_redirect(rq, "/meetings/%lld", (long long)id);
        item_add(rq, id, &page->question);
    }
    return rq_show_again(rq) ? show(rq, page, id) : rq_end(rq);
}

ROUTE(POST, "/meetings/{meeting}/held", plans_held, meeting_card_page, KEEP_MINUTES)
static enum err plans_held(struct request *rq, struct meeting_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "meeting");
    struct text *given;
    size_t n = rq_field_all(rq, "there", &given), k = 0;
    int64_t *there = arena_array(rq->arena, n + 1, sizeof *there);
    for (size_t i = 0; i < n; i++)
        if (text_int(given[i], 1, INT64_MAX, &there[k]) == OK)
            k++;
    fresh(page);
    rq_redirect(rq, "/meetings/%lld", (long long)id);
    meeting_held(rq, id, rq_field_int(rq, "version"), there, k);
    return rq_show_again(rq) ? show(rq, page, id) : rq_end(rq);
}

ROUTE(POST, "/meetings/{meeting}/approve", plans_approve, meeting_card_page, CHAIR_MEETING)
static enum err plans_approve(struct request *rq, struct meeting_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "meeting");
    fresh(page);
    rq_redirect(rq, "/meetings/%lld", (long long)id);
    minutes_approve(rq, id, rq_field_int(rq, "version"));
    rq_flash(rq, N_("The minutes are approved, the decisions are in force"));
    return rq_show_again(rq) ? show(rq, page, id) : rq_end(rq);
}

ROUTE(POST, "/invitations/{invitation}", plans_answer, meeting_card_page, SIGNED_IN)
static enum err plans_answer(struct request *rq, struct meeting_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "invitation");
    union invitation_facts_row v = {0};
    if (!q_invitation_facts(rq, &(struct invitation_facts_args){.id = v_int(id)}, &v))
        rq_fail(rq, ERR_NOT_FOUND);
    fresh(page);
    if (rq_read_form(rq, &invitation_answer_form, page->answer.v) && !rq->err) {
        rq_redirect(rq, "/meetings/%lld", (long long)v_as_int(v.meeting_id));
        invitation_answer(rq, id, rq_field_int(rq, "version"), &page->answer);
        rq_flash(rq, N_("The answer is recorded"));
    }
    return rq_show_again(rq) ? show(rq, page, v_as_int(v.meeting_id)) : rq_end(rq);
}

/* ---- a case is brought to a meeting that is called ---- */

static enum err show_agenda(struct request *rq, struct case_agenda_page *page)
{
    q_agenda_case(rq, &(struct agenda_case_args){.id = rq_id(rq, "case")}, &page->case_);
    q_meetings_to_come(rq, &(struct meetings_to_come_args){0}, &page->meetings);
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/agenda", plans_case_agenda, case_agenda, LEAD_CASE)
static enum err plans_case_agenda(struct request *rq, struct case_agenda_page *page)
{
    form_begin(&item_case_form, page->item.v);
    return show_agenda(rq, page);
}

ROUTE(POST, "/cases/{case}/agenda", plans_case_agenda_put, case_agenda, LEAD_CASE)
static enum err plans_case_agenda_put(struct request *rq, struct case_agenda_page *page)
{
    int64_t meeting = rq_field_int(rq, "meeting");
    bool good = rq_read_form(rq, &item_case_form, page->item.v);
    if (!meeting)
        rq_mistake(rq, "meeting", N_("Choose a meeting"));
    if (good && meeting) {
        rq_redirect(rq, "/meetings/%lld", (long long)meeting);
        item_add_case(rq, meeting, rq_id_int(rq, "case"), &page->item);
        rq_flash(rq, N_("The question is on the agenda"));
    }
    return rq_show_again(rq) ? show_agenda(rq, page) : rq_end(rq);
}
