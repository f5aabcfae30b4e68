/* A working group of the region and conferences of its first centre: one held with minutes and decisions, one to come of each. Through
 * the rooms' own rules, after the history of persons. */
#include "base/date.h"
#include "cases_gen.h"
#include "main/demo.h"
#include "plans_gen.h"
#include "rooms/packs/packs.h"
#include "rooms/plans/plans_rules.h"
#include <stdio.h>
#include <string.h>

struct act {
    struct request *rq;
    const struct region_made *r;
    int64_t today;
};

static const struct viewer *who(const struct act *a, const char *login)
{
    for (int i = 0; i < a->r->n_actors; i++)
        if (!strcmp(a->r->actors[i].viewer.login, login))
            return &a->r->actors[i].viewer;
    return NULL;
}

/* The last working day not after that many days from the day of the demonstration. */
static int64_t working(const struct act *a, int days)
{
    int64_t day = a->today + days;
    while (!calendar_works(calendar_here(), day))
        day--;
    return day;
}

/* From here on `login` acts, so many days from the day of the demonstration, at that hour. */
static void as(const struct act *a, const char *login, int days, int hour)
{
    a->rq->today = working(a, days);
    a->rq->now = instant_of_day(a->rq->today) + hour * INT64_C(3600000000);
    a->rq->viewer = *who(a, login);
}

static void fill(struct input *in, struct value v)
{
    in->value = v;
}

static void fill_rules(struct input *ballot, struct input *quorum, struct input *majority, struct input *tie, const char *votes)
{
    fill(ballot, v_z(votes));
    fill(quorum, v_int(50));
    fill(majority, v_z("present"));
    fill(tie, v_z("chair"));
}

static int64_t call(const struct act *a, int64_t group, const char *kind, const char *chair, const char *secretary, int days,
                    const char *subject, const char *place, int64_t case_id, const char *topic, const char *words)
{
    struct meeting_form f;
    struct item_case_form item;
    form_begin(&meeting_form, f.v);
    form_begin(&item_case_form, item.v);
    fill(&f.kind, v_z(kind));
    fill(&f.subject, subject ? v_z(subject) : v_null());
    fill(&f.chair_id, v_int(who(a, chair)->account));
    fill(&f.secretary_id, v_int(who(a, secretary)->account));
    fill(&f.meets_on, v_date(working(a, days)));
    fill(&f.meets_time, v_z("11:00"));
    fill(&f.place, v_z(place));
    fill_rules(&f.ballot, &f.quorum, &f.majority, &f.tie, "none");
    if (case_id) {
        fill(&item.topic, v_z(topic));
        fill(&item.words, v_z(words));
    }
    return meeting_call(a->rq, group, &f, case_id, &item);
}

static void invite(const struct act *a, int64_t meeting, const char *login)
{
    struct invitation_form f;
    form_begin(&invitation_form, f.v);
    fill(&f.body_id, v_int(who(a, login)->body));
    fill(&f.account_id, v_int(who(a, login)->account));
    fill(&f.votes, v_int(1));
    meeting_invite(a->rq, meeting, &f);
}

static void hold(const struct act *a, int64_t meeting)
{
    struct invitations_of_rows rows = {0};
    int64_t there[64];
    size_t n = 0;
    q_invitations_of(a->rq, &(struct invitations_of_args){.meeting = v_int(meeting)}, &rows);
    for (size_t i = 0; i < rows.n && n < 64; i++)
        if (v_is(rows.row[i].account_id))
            there[n++] = v_as_int(rows.row[i].id);
    meeting_held(a->rq, meeting, -1, there, n);
}

static int64_t last_item(const struct act *a, int64_t meeting)
{
    struct items_of_rows rows = {0};
    q_items_of(a->rq, &(struct items_of_args){.meeting = v_int(meeting)}, &rows);
    return rows.n ? v_as_int(rows.row[rows.n - 1].id) : 0;
}

static void question(const struct act *a, int64_t meeting, const char *subject)
{
    struct item_open_form f;
    form_begin(&item_open_form, f.v);
    fill(&f.subject, v_z(subject));
    item_add(a->rq, meeting, &f);
}

static void heard(const struct act *a, int64_t item, bool on_case, const char *words)
{
    struct item_heard_form f;
    form_begin(&item_heard_form, f.v);
    fill(on_case ? &f.heard : &f.said, v_z(words));
    item_heard(a->rq, item, -1, &f);
}

static void decide(const struct act *a, int64_t item, const char *words, const char *owner, int due)
{
    struct decision_case_form c;
    struct decision_open_form o;
    struct value body = v_int(who(a, owner)->body), day = v_date(working(a, due));
    form_begin(&decision_case_form, c.v);
    form_begin(&decision_open_form, o.v);
    fill(&c.words, v_z(words));
    fill(&c.body_id, body);
    fill(&c.due_on, day);
    fill(&o.task, v_z(words));
    fill(&o.body_id, body);
    fill(&o.due_on, day);
    decision_draft(a->rq, item, &c, &o);
}

/* All who were there vote for all that was drafted. */
static void vote_all(const struct act *a, int64_t meeting)
{
    struct decisions_of_rows drafts = {0};
    struct invitations_of_rows members = {0};
    q_decisions_of(a->rq, &(struct decisions_of_args){.meeting = v_int(meeting)}, &drafts);
    q_invitations_of(a->rq, &(struct invitations_of_args){.meeting = v_int(meeting)}, &members);
    for (size_t i = 0; i < drafts.n; i++) {
        int64_t id = v_as_int(drafts.row[i].id);
        vote_open(a->rq, id, -1);
        for (size_t k = 0; k < members.n; k++)
            if (v_as_int(members.row[k].votes) && v_as_int(members.row[k].attended))
                vote_give(a->rq, id, v_as_int(members.row[k].id), k == 2 && i == 1 ? T("abstained") : T("for"));
        vote_close(a->rq, id, -1);
    }
}

static void report_first(const struct act *a, int64_t meeting, const char *login, const char *words)
{
    struct decisions_of_rows all = {0};
    struct decision_report_form f;
    q_decisions_of(a->rq, &(struct decisions_of_args){.meeting = v_int(meeting)}, &all);
    as(a, login, -6, 12);
    form_begin(&decision_report_form, f.v);
    fill(&f.state, v_z("done"));
    fill(&f.done_on, v_date(a->rq->today));
    fill(&f.report, v_z(words));
    if (all.n)
        decision_report(a->rq, v_as_int(all.row[0].id), -1, &f);
}

static void group_of_region(const struct act *a)
{
    static const char *const members[] = {"head1", "employment1", "penal1", "police1", "ngo1"};
    struct request *rq = a->rq;
    struct work_group_form f;
    as(a, "coordinator", -120, 10);
    form_begin(&work_group_form, f.v);
    fill(&f.name, v_z("Рабочая группа по занятости и жилью освободившихся"));
    fill(&f.kind, v_z("working_group"));
    fill(&f.basis, v_z("Распоряжение № 31-р, пункт 2"));
    fill(&f.chair_id, v_int(rq->viewer.account));
    fill(&f.secretary_id, v_int(rq->viewer.account));
    fill_rules(&f.ballot, &f.quorum, &f.majority, &f.tie, "open");
    int64_t group = group_found(rq, &f);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct group_member_form m;
        form_begin(&group_member_form, m.v);
        fill(&m.body_id, v_int(who(a, members[i])->body));
        fill(&m.account_id, v_int(who(a, members[i])->account));
        fill(&m.votes, v_int(1));
        group_member_add(rq, group, &m);
    }
    as(a, "coordinator", -45, 10);
    int64_t held = call(a, group, "working_group", "coordinator", "coordinator", -35, "Итоги первого квартала",
                        "Координационный совет, зал заседаний", 0, NULL, NULL);
    question(a, held, "О приёме на работу лиц, освободившихся из мест лишения свободы");
    question(a, held, "О временном жилье в районах");
    as(a, "coordinator", -35, 13);
    hold(a, held);
    struct items_of_rows items = {0};
    q_items_of(rq, &(struct items_of_args){.meeting = v_int(held)}, &items);
    if (items.n == 2) {
        heard(a, v_as_int(items.row[0].id), false,
              "Центр занятости сообщил о числе вакансий без запретов. Инспекция просит обмениваться списками вакансий ежемесячно.");
        decide(a, v_as_int(items.row[0].id), "Провести ярмарку вакансий для освободившихся", "employment1", 20);
        decide(a, v_as_int(items.row[1].id), "Представить перечень мест временного проживания по району", "head1", -5);
        decide(a, v_as_int(items.row[1].id), "Подготовить предложения о сопровождении силами организации", "ngo1", 30);
    }
    vote_all(a, held);
    as(a, "coordinator", -31, 10);
    minutes_approve(rq, held, -1);
    report_first(a, held, "employment1", "Ярмарка проведена, приняли участие 14 работодателей.");
    as(a, "coordinator", -8, 10);
    int64_t coming = call(a, group, "working_group", "coordinator", "coordinator", 6, "Исполнение решений, план на полугодие",
                          "Координационный совет, зал заседаний", 0, NULL, NULL);
    question(a, coming, "Об исполнении решений предыдущего заседания");
}

static void conferences(const struct act *a)
{
    struct request *rq = a->rq;
    struct case_list_rows cases = {0};
    int64_t open[2] = {0};
    size_t n = 0;
    as(a, "head1", -14, 9);
    q_case_list(rq, &(struct case_list_args){0}, &cases);
    for (size_t i = 0; i < cases.n && n < 2; i++)
        if (!text_is(v_as_text(cases.row[i].state), "closed") && !text_is(v_as_text(cases.row[i].state), "follow_up") &&
            v_as_int(cases.row[i].opened_on) < rq->today)
            open[n++] = v_as_int(cases.row[i].id);
    if (n < 2) /* a very small region */
        return;
    int64_t held = call(a, 0, "interagency_conference", "head1", "head1", -9, NULL, "Центр социального обслуживания, кабинет 5",
                        open[0], "general", "План помощи на ближайшие месяцы");
    invite(a, held, "juvenile1");
    invite(a, held, "penal1");
    as(a, "head1", -9, 13);
    hold(a, held);
    int64_t item = last_item(a, held);
    heard(a, item, true, "Участники обсудили, что сделано по делу, и что мешает восстановлению документов и трудоустройству.");
    decide(a, item, "Сопроводить на приём в центр занятости", "head1", 9);
    decide(a, item, "Уточнить сведения и сообщить ведущему органу", "penal1", -1);
    as(a, "head1", -8, 10);
    minutes_approve(rq, held, -1);
    as(a, "head1", -1, 10);
    int64_t coming = call(a, 0, "conference", "head1", "head1", 4, NULL, "Центр социального обслуживания, кабинет 5", open[1], "general",
                          "Ход индивидуальной программы");
    invite(a, coming, "juvenile1");
    invite(a, coming, "employment1");
}

bool demo_plans(struct request *rq, const struct region_made *r, int64_t today)
{
    struct act a = {rq, r, today};
    group_of_region(&a);
    conferences(&a);
    if (!rq->err && !rq->mistakes)
        return true;
    fprintf(stderr, "bereg: the meetings could not be made: %s %s %s\n", err_name(rq->err), rq->reason ? rq->reason : "",
            rq->mistakes ? rq->mistakes->message : "");
    return false;
}
