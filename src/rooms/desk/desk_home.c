/* The beginning of the day: what the viewer has to do, made of blocks by rights and by what there is. A line is a number of
 * things with a link to exactly these; it counts by the list behind the link (COUNTED in guard/door.h) or by the inbox's own
 * counters, so that both say the same. A room that has something for the morning adds one function and one entry of `lines`. */
#include "agencies_gen.h"
#include "cases_gen.h"
#include "desk_tpl.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "packs_gen.h"
#include "people_gen.h"
#include "plans_gen.h"
#include "programmes_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/cases/cases.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/duplicates/duplicates_pairs.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals.h"
#include "rooms/reports/reports.h"
#include "rooms/routing/routing.h"
#include "rooms/staff/staff.h"
#include "rooms/trust/trust.h"
#include "rooms/ways/ways.h"
#include "routing_gen.h"
#include "trust_gen.h"
#include "web/tr.h"
#include "web/web.h"
#include <stddef.h>

enum { URGENT = 6, WORKERS = 5, AWAY = 5, WORST = 5, PIECES = 3, PAIRS = 3 };

enum block { TERMS, PEOPLE, MEETINGS, BODY, REGION, SYSTEM, CONTROL, BLOCKS };

/* What several lines need, computed once. */
struct home {
    bool works; /* takes part in referrals: has an inbox */
    struct whose mine;
    struct duties d; /* of `mine` */
    struct lead lead;
};

struct home_line {
    const char *name;
    enum block block;
    enum cap cap;
    const char *one, *many; /* msgids; the number stands before them */
    const char *path;       /* {body}: the viewer's */
    const char *level;      /* overdue, today, new; null: in its time */
    size_t duty;            /* with `count` null: the member of struct duties */
    int64_t (*count)(struct request *rq, const struct home *h);
};

/* ---- counts ---- */

static int64_t of_rows(const struct rows *rows)
{
    return (int64_t)rows->n;
}

static int64_t late_of_others(struct request *rq, const struct home *h)
{
    (void)rq;
    return h->lead.body ? 0 : h->d.waiting_late; /* heads have the line of the whole body */
}

static int64_t late_to_body(struct request *rq, const struct home *h)
{
    return h->lead.body ? inbox_count(rq, "waiting_late", &(struct whose){0}) : 0;
}

static int64_t escalated(struct request *rq, const struct home *h)
{
    return h->lead.body ? inbox_count(rq, "escalated", &(struct whose){0}) : 0;
}

static int64_t late_in_body(struct request *rq, const struct home *h)
{
    return h->lead.body ? inbox_count(rq, "overdue", &(struct whose){0}) : 0;
}

static int64_t drafts_old(struct request *rq, const struct home *h)
{
    return h->d.drafts ? inbox_count(rq, "drafts_old", &h->mine) : 0;
}

static int64_t unread(struct request *rq, const struct home *h)
{
    (void)h;
    return messages_unread(rq, 0);
}

static int64_t asks(struct request *rq, const struct home *h)
{
    (void)h;
    return asks_waiting(rq);
}

static int64_t idle(struct request *rq, const struct home *h)
{
    struct case_list_rows rows = {0};
    (void)h;
    cases_idle(rq, COUNTED, &rows);
    return of_rows(&rows.rows);
}

static int64_t follow_ups(struct request *rq, const struct home *h)
{
    struct case_list_rows rows = {0};
    (void)h;
    cases_ending(rq, COUNTED, &rows);
    return of_rows(&rows.rows);
}

static int64_t programmes(struct request *rq, const struct home *h)
{
    struct programme_list_rows rows = {0};
    (void)h;
    q_programme_list(rq,
                     &(struct programme_list_args){.paging = COUNTED,
                                                   .account = v_int(rq->viewer.account),
                                                   .ends_by = v_date(terms_week(rq->today))},
                     &rows);
    return of_rows(&rows.rows);
}

static int64_t consents(struct request *rq, const struct home *h)
{
    struct consent_ending_rows rows = {0};
    (void)h;
    q_consent_ending(
        rq, &(struct consent_ending_args){.paging = COUNTED, .ends_by = v_date(terms_week(rq->today))}, &rows);
    return of_rows(&rows.rows);
}

static int64_t steps(struct request *rq, const struct home *h)
{
    struct route_steps_waiting_rows rows = {0};
    (void)h;
    q_route_steps_waiting(rq, &(struct route_steps_waiting_args){.paging = COUNTED}, &rows);
    return of_rows(&rows.rows);
}

static int64_t twins(struct request *rq, const struct home *h)
{
    (void)h;
    return twins_waiting(rq);
}

static int64_t pairs(struct request *rq, const struct home *h)
{
    (void)h;
    return pairs_waiting(rq);
}

static int64_t meetings(struct request *rq, struct meeting_list_args args)
{
    struct meeting_list_rows rows = {0};
    args.paging = COUNTED;
    args.mine = v_int(rq->viewer.account);
    q_meeting_list(rq, &args, &rows);
    return of_rows(&rows.rows);
}

static int64_t meetings_week(struct request *rq, const struct home *h)
{
    (void)h;
    return meetings(rq, (struct meeting_list_args){.coming = v_instant(instant_of_day(rq->today)), .past = v_instant(instant_of_day(terms_week(rq->today) + 1))});
}

static int64_t invitations(struct request *rq, const struct home *h)
{
    (void)h;
    return meetings(rq, (struct meeting_list_args){.coming = v_instant(instant_of_day(rq->today)), .waiting = v_z("waiting")});
}

/* Not to be held as they are, and not told of when they were. */
static int64_t meetings_bare(struct request *rq, const struct home *h)
{
    (void)h;
    return meetings(rq, (struct meeting_list_args){.coming = v_instant(instant_of_day(rq->today)), .prepare = v_int(rq->viewer.account)});
}

static int64_t minutes(struct request *rq, const struct home *h)
{
    (void)h;
    return meetings(rq, (struct meeting_list_args){.minutes = v_int(rq->viewer.account)});
}

static int64_t tasks_late(struct request *rq, const struct home *h)
{
    struct decision_tasks_rows rows = {0};
    (void)h;
    q_decision_tasks(rq, &(struct decision_tasks_args){.paging = COUNTED, .overdue = v_date(rq->today), .held = v_int(rq->viewer.body)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t tasks_on_cases_late(struct request *rq, const struct home *h)
{
    struct decision_cases_rows rows = {0};
    (void)h;
    if (rq_may(rq, CAP_CHAIR_MEETING))
        q_decision_cases(rq, &(struct decision_cases_args){.paging = COUNTED, .overdue = v_date(rq->today), .held = v_int(rq->viewer.body)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t tasks(struct request *rq, const struct home *h)
{
    struct decision_tasks_rows rows = {0};
    (void)h;
    q_decision_tasks(rq,
                     &(struct decision_tasks_args){.paging = COUNTED,
                                                   .owner = v_int(rq->viewer.body),
                                                   .state = v_z("open")},
                     &rows);
    return of_rows(&rows.rows);
}

static int64_t tasks_on_cases(struct request *rq, const struct home *h)
{
    struct decision_cases_rows rows = {0};
    (void)h;
    q_decision_cases(rq,
                     &(struct decision_cases_args){.paging = COUNTED,
                                                   .owner = v_int(rq->viewer.body),
                                                   .state = v_z("open")},
                     &rows);
    return of_rows(&rows.rows);
}

static int64_t imports(struct request *rq, const char *state)
{
    struct import_list_rows rows = {0};
    q_import_list(rq, &(struct import_list_args){.paging = COUNTED, .state = v_z(state)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t imports_checked(struct request *rq, const struct home *h)
{
    (void)h;
    return imports(rq, "staged");
}

static int64_t imports_columns(struct request *rq, const struct home *h)
{
    (void)h;
    return imports(rq, "columns");
}

static int64_t emergencies(struct request *rq, const struct home *h)
{
    (void)h;
    return emergencies_waiting(rq);
}

static int64_t absent(struct request *rq, const struct home *h)
{
    struct absence_list_rows rows = {0};
    (void)h;
    q_absence_list(
        rq, &(struct absence_list_args){.paging = COUNTED, .body = v_int(rq->viewer.body), .running = v_int(1)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t absent_uncovered(struct request *rq, const struct home *h)
{
    struct absence_list_rows rows = {0};
    (void)h;
    q_absence_list(rq,
                   &(struct absence_list_args){
                       .paging = COUNTED, .body = v_int(rq->viewer.body), .uncovered = v_date(terms_week(rq->today))},
                   &rows);
    return of_rows(&rows.rows);
}

static int64_t partners_silent(struct request *rq, const struct home *h)
{
    return h->lead.body && !rq_may(rq, CAP_REGION_INTERACTION) ? ways_silent(rq) : 0;
}

static int64_t bodies_silent(struct request *rq, const struct home *h)
{
    (void)h;
    return ways_silent(rq);
}

static int64_t steps_stuck(struct request *rq, const struct home *h)
{
    struct route_steps_stuck_rows rows = {0};
    (void)h;
    route_steps_stuck(rq, COUNTED, &rows);
    return of_rows(&rows.rows);
}

static int64_t agreements(struct request *rq, int64_t body)
{
    struct agreement_ending_rows rows = {0};
    agreements_ending(rq, body, &rows);
    return of_rows(&rows.rows);
}

static int64_t agreements_of_body(struct request *rq, const struct home *h)
{
    (void)h;
    return rq_may(rq, CAP_AGREEMENTS) ? 0 : agreements(rq, rq->viewer.body); /* who records them has all of them */
}

static int64_t agreements_of_all(struct request *rq, const struct home *h)
{
    (void)h;
    return agreements(rq, 0);
}

static int64_t acts(struct request *rq, const struct home *h)
{
    struct act_list_rows rows = {0};
    (void)h;
    q_act_list(rq, &(struct act_list_args){.paging = COUNTED, .state = v_z("prepared")}, &rows);
    return of_rows(&rows.rows);
}

static int64_t delays(struct request *rq, const struct home *h)
{
    struct delay_list_rows rows = {0};
    (void)h;
    delays_of_region(rq, COUNTED, (struct value){0}, &rows);
    return of_rows(&rows.rows);
}

static int64_t schemes(struct request *rq, const struct home *h)
{
    struct scheme_list_rows rows = {0};
    (void)h;
    q_scheme_list(rq, &(struct scheme_list_args){.paging = COUNTED, .state = v_z("draft")}, &rows);
    return of_rows(&rows.rows);
}

static int64_t rules_unverified(struct request *rq, const struct home *h)
{
    struct pack_entry_list_rows rows = {0};
    (void)h;
    q_pack_entry_list(rq, &(struct pack_entry_list_args){.paging = COUNTED, .verified = v_int(0)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t accounts_unused(struct request *rq, const struct home *h)
{
    (void)h;
    return accounts_count(rq, "unused");
}

static int64_t accounts_uncovered(struct request *rq, const struct home *h)
{
    (void)h;
    return accounts_count(rq, "uncovered");
}

static int64_t bodies_headless(struct request *rq, const struct home *h)
{
    struct body_list_rows rows = {0};
    (void)h;
    q_body_list(rq, &(struct body_list_args){.paging = COUNTED, .headless = v_int(1)}, &rows);
    return of_rows(&rows.rows);
}

static int64_t jobs_wrong(struct request *rq, const struct home *h)
{
    (void)h;
    return system_count(rq, "jobs");
}

static int64_t mails_unsent(struct request *rq, const struct home *h)
{
    (void)h;
    return system_count(rq, "mails");
}

static int64_t rules_applied(struct request *rq, const struct home *h)
{
    (void)h;
    return system_count(rq, "rules");
}

static int64_t imports_stopped(struct request *rq, const struct home *h)
{
    (void)h;
    return system_count(rq, "imports");
}

static int64_t disk_full(struct request *rq, const struct home *h)
{
    (void)h;
    return system_count(rq, "disk");
}

static int64_t acts_of_bodies(struct request *rq, bool done)
{
    struct act_control_rows rows = {0};
    acts_of_all(rq, COUNTED, done, &rows);
    return of_rows(&rows.rows);
}

static int64_t acts_unconfirmed(struct request *rq, const struct home *h)
{
    (void)h;
    return acts_of_bodies(rq, false);
}

static int64_t acts_done(struct request *rq, const struct home *h)
{
    (void)h;
    return acts_of_bodies(rq, true);
}

static int64_t restrictions(struct request *rq, bool ended)
{
    struct restriction_control_rows rows = {0};
    restrictions_of_all(rq, COUNTED, ended, &rows);
    return of_rows(&rows.rows);
}

static int64_t restrictions_set(struct request *rq, const struct home *h)
{
    (void)h;
    return restrictions(rq, false);
}

static int64_t restrictions_ended(struct request *rq, const struct home *h)
{
    (void)h;
    return restrictions(rq, true);
}

static int64_t sealed_counted(struct request *rq, const struct home *h)
{
    (void)h;
    return log_count(rq, "sealed.counted");
}

static int64_t emergencies_unjudged(struct request *rq, const struct home *h)
{
    (void)h;
    return emergencies_late(rq);
}

static int64_t suspicions(struct request *rq, const struct home *h)
{
    (void)h;
    return suspicions_open(rq);
}

static int64_t log_faults(struct request *rq, const struct home *h)
{
    (void)h;
    return log_faults_open(rq);
}

static int64_t explanations(struct request *rq, const struct home *h)
{
    (void)h;
    return explanations_waiting(rq);
}

/* ---- the lines ---- */

#define DUTY(member) .duty = offsetof(struct duties, member)

/* In the order in which they stand. */
static const struct home_line lines[] = {
    {"overdue", TERMS, CAP_SEE_PERSON, NN_("referral is overdue", "referrals are overdue"),
     "/inbox?group=overdue&whose=mine", "overdue", DUTY(overdue)},
    {"today", TERMS, CAP_SEE_PERSON, NN_("referral is due today", "referrals are due today"),
     "/inbox?group=today&whose=mine", "today", DUTY(today)},
    {"week", TERMS, CAP_SEE_PERSON, NN_("referral is due this week", "referrals are due this week"),
     "/inbox?group=week&whose=mine", NULL, DUTY(week)},
    {"new", TERMS, CAP_SEE_PERSON, NN_("new referral waits for an answer", "new referrals wait for an answer"),
     "/inbox?group=new&whose=mine", "new", DUTY(fresh)},
    {"proposals", TERMS, CAP_SEE_PERSON,
     NN_("proposal of another term waits for consent", "proposals of another term wait for consent"),
     "/inbox?group=proposals&whose=mine", "today", DUTY(proposals)},
    {"messages", TERMS, CAP_SEE_PERSON, NN_("referral with unread messages", "referrals with unread messages"),
     "/referrals/unread", "new", .count = unread},
    {"answers", TERMS, CAP_SEE_PERSON, NN_("answer to referrals has come", "answers to referrals have come"),
     "/inbox?group=answers&whose=mine", NULL, DUTY(answers)},
    {"waiting_late", TERMS, CAP_SEE_PERSON,
     NN_("referral of ours is overdue with others", "referrals of ours are overdue with others"),
     "/inbox?group=waiting_late&whose=mine", NULL, .count = late_of_others},
    {"measures", TERMS, CAP_SEE_PERSON, NN_("measure of our own is to be done", "measures of our own are to be done"),
     "/inbox?group=measures&whose=mine", NULL, DUTY(measures)},
    {"drafts", TERMS, CAP_SEE_PERSON, NN_("draft has not been sent for long", "drafts have not been sent for long"),
     "/inbox?group=drafts_old&whose=mine", NULL, .count = drafts_old},

    {"decisions_late", MEETINGS, CAP_CHAIR_MEETING,
     NN_("decision under control is past its date", "decisions under control are past their dates"),
     "/decisions?group=overdue&whose=held", "overdue", .count = tasks_late},
    {"decisions_late_on_cases", MEETINGS, CAP_SEE_PERSON,
     NN_("decision on a case is past its date", "decisions on cases are past their dates"),
     "/decisions?on=cases&group=overdue&whose=held", "overdue", .count = tasks_on_cases_late},
    {"invitations", MEETINGS, CAP_SIGNED_IN,
     NN_("invitation to a meeting waits for an answer", "invitations to meetings wait for an answer"),
     "/meetings?when=waiting", "new", .count = invitations},
    {"meetings", MEETINGS, CAP_SIGNED_IN, NN_("meeting this week", "meetings this week"), "/meetings?when=week", NULL,
     .count = meetings_week},
    {"tasks", MEETINGS, CAP_SIGNED_IN,
     NN_("decision of a meeting is to be carried out by the body", "decisions of meetings are to be carried out by the body"),
     "/decisions?whose=mine", "today", .count = tasks},
    {"tasks_on_cases", MEETINGS, CAP_SEE_PERSON,
     NN_("decision on a case is to be carried out by the body", "decisions on cases are to be carried out by the body"),
     "/decisions?on=cases&whose=mine", "today", .count = tasks_on_cases},

    {"prepare", MEETINGS, CAP_KEEP_MINUTES,
     NN_("meeting has no agenda or nobody is invited", "meetings have no agenda or nobody is invited"),
     "/meetings?when=prepare", NULL, .count = meetings_bare},
    {"minutes", MEETINGS, CAP_KEEP_MINUTES, NN_("meeting waits for its minutes", "meetings wait for their minutes"),
     "/meetings?when=minutes", NULL, .count = minutes},

    {"asks", PEOPLE, CAP_LEAD_CASE, NN_("request for access waits for an answer", "requests for access wait for an answer"),
     "/asks?show=open", "today", .count = asks},
    {"steps", PEOPLE, CAP_LEAD_CASE, NN_("step of a route waits for a decision", "steps of routes wait for a decision"),
     "/routes/waiting", "today", .count = steps},
    {"idle", PEOPLE, CAP_LEAD_CASE, NN_("case of mine without entries for long", "cases of mine without entries for long"),
     "/cases?whose=mine&state=idle", NULL, .count = idle},
    {"follow_ups", PEOPLE, CAP_LEAD_CASE, NN_("follow-up ends this week", "follow-ups end this week"),
     "/cases?whose=mine&state=ending", NULL, .count = follow_ups},
    {"programmes", PEOPLE, CAP_LEAD_CASE, NN_("programme of mine ends this week", "programmes of mine end this week"),
     "/programmes?whose=mine&state=ending", NULL, .count = programmes},
    {"consents", PEOPLE, CAP_RECORD_CONSENT, NN_("consent ends this week", "consents end this week"),
     "/consents?show=ending", NULL, .count = consents},
    {"twins", PEOPLE, CAP_RESTRICT, NN_("person may be a restricted one", "persons may be restricted ones"),
     "/restrictions/twins", "overdue", .count = twins},
    {"pairs", PEOPLE, CAP_JOIN_PERSONS, NN_("pair of cards may be one person", "pairs of cards may be one person"),
     "/pairs", NULL, .count = pairs},
    {"imports", PEOPLE, CAP_IMPORT_LIST, NN_("list has been checked and waits", "lists have been checked and wait"),
     "/imports?state=staged", NULL, .count = imports_checked},
    {"columns", PEOPLE, CAP_IMPORT_LIST, NN_("list waits for its columns", "lists wait for their columns"),
     "/imports?state=columns", NULL, .count = imports_columns},

    {"body_overdue", BODY, CAP_SEE_PERSON, NN_("referral is overdue in the whole body", "referrals are overdue in the whole body"),
     "/inbox?group=overdue", "overdue", .count = late_in_body},
    {"escalated", BODY, CAP_SEE_PERSON, NN_("referral has been told upwards", "referrals have been told upwards"),
     "/inbox?group=escalated", "overdue", .count = escalated},
    {"emergencies", BODY, CAP_REVIEW_EMERGENCY, NN_("emergency access is to be judged", "emergency accesses are to be judged"),
     "/emergencies", "today", .count = emergencies},
    {"body_waiting", BODY, CAP_SEE_PERSON, NN_("referral of the body is overdue with others", "referrals of the body are overdue with others"),
     "/inbox?group=waiting_late", NULL, .count = late_to_body},
    {"partners", BODY, CAP_SEE_INTERACTION, NN_("body does not answer us in time", "bodies do not answer us in time"),
     "/ways/waiting?what=answer&of=others", NULL, .count = partners_silent},
    {"absent_uncovered", BODY, CAP_LEAD_BODY,
     NN_("absence of this week without anybody who stands in", "absences of this week without anybody who stands in"),
     "/bodies/{body}/absences?show=uncovered", "today", .count = absent_uncovered},
    {"absent", BODY, CAP_LEAD_BODY, NN_("worker is absent today", "workers are absent today"),
     "/bodies/{body}/absences?show=now", NULL, .count = absent},
    {"body_agreements", BODY, CAP_LEAD_BODY, NN_("agreement ends soon", "agreements end soon"),
     "/bodies/{body}/agreements?show=ending", NULL, .count = agreements_of_body},
    {"explanations", BODY, CAP_LEAD_BODY, NN_("question of the audit waits for an explanation", "questions of the audit wait for an explanation"),
     "/explanations", "today", .count = explanations},
    {"acts", BODY, CAP_DESTROY, NN_("act of destruction waits for confirmation", "acts of destruction wait for confirmation"),
     "/retention/acts?show=prepared", NULL, .count = acts},

    {"delays", REGION, CAP_COORDINATE, NN_("referral waits too long between bodies", "referrals wait too long between bodies"),
     "/delays", "overdue", .count = delays},
    {"stuck", REGION, CAP_COORDINATE, NN_("step of a route does not go on", "steps of routes do not go on"),
     "/routes/stuck", "today", .count = steps_stuck},
    {"silent", REGION, CAP_REGION_INTERACTION, NN_("body does not answer in time", "bodies do not answer in time"),
     "/ways/waiting?what=answer", NULL, .count = bodies_silent},
    {"agreements", REGION, CAP_AGREEMENTS, NN_("agreement ends soon", "agreements end soon"),
     "/agreements?show=ending", NULL, .count = agreements_of_all},
    {"schemes", REGION, CAP_ROUTE_SCHEMES, NN_("routing scheme waits for approval", "routing schemes wait for approval"),
     "/schemes?state=draft", NULL, .count = schemes},

    {"disk", SYSTEM, CAP_ADMIN, NN_("disk has little space left for the register", "disks have little space left for the register"),
     "/system?show=disk", "overdue", .count = disk_full},
    {"jobs", SYSTEM, CAP_ADMIN, NN_("background work fails or does not run", "kinds of background work fail or do not run"),
     "/system?show=jobs", "overdue", .count = jobs_wrong},
    {"mails", SYSTEM, CAP_ADMIN, NN_("mail could not be sent", "mails could not be sent"),
     "/system?show=mails", "today", .count = mails_unsent},
    {"imports_stopped", SYSTEM, CAP_ADMIN, NN_("list that was brought in does not go on", "lists that were brought in do not go on"),
     "/system?show=imports", "today", .count = imports_stopped},
    {"rules", SYSTEM, CAP_ADMIN, NN_("body or law by which access is being counted anew", "bodies or laws by which access is being counted anew"),
     "/system?show=rules", NULL, .count = rules_applied},
    {"uncovered", SYSTEM, CAP_ADMIN, NN_("absent worker without anybody who stands in", "absent workers without anybody who stands in"),
     "/accounts?show=uncovered", "today", .count = accounts_uncovered},
    {"headless", SYSTEM, CAP_ADMIN, NN_("body with accounts has no head", "bodies with accounts have no head"),
     "/bodies?show=headless", NULL, .count = bodies_headless},
    {"unused", SYSTEM, CAP_ADMIN, NN_("account has never been used", "accounts have never been used"),
     "/accounts?show=unused", NULL, .count = accounts_unused},
    {"unverified", SYSTEM, CAP_ADMIN, NN_("rule in force is not checked against its act", "rules in force are not checked against their acts"),
     "/packs?verified=0", NULL, .count = rules_unverified},

    {"log_faults", CONTROL, CAP_AUDIT, NN_("entry or signature of the logs does not fit", "entries or signatures of the logs do not fit"),
     "/log/faults", "overdue", .count = log_faults},
    {"unjudged", CONTROL, CAP_AUDIT, NN_("emergency access has not been judged in time", "emergency accesses have not been judged in time"),
     "/emergencies/late", "overdue", .count = emergencies_unjudged},
    {"suspicions", CONTROL, CAP_AUDIT, NN_("suspicion without an explanation", "suspicions without an explanation"),
     "/suspicions?show=open", "today", .count = suspicions},
    {"acts_unconfirmed", CONTROL, CAP_AUDIT, NN_("act of destruction is not confirmed", "acts of destruction are not confirmed"),
     "/retention/control?show=prepared", NULL, .count = acts_unconfirmed},
    {"acts_done", CONTROL, CAP_AUDIT, NN_("act of destruction was carried out lately", "acts of destruction were carried out lately"),
     "/retention/control?show=done", NULL, .count = acts_done},
    {"restrictions_set", CONTROL, CAP_AUDIT, NN_("restriction was set lately", "restrictions were set lately"),
     "/restrictions/control?show=set", NULL, .count = restrictions_set},
    {"restrictions_ended", CONTROL, CAP_AUDIT, NN_("restriction was lifted or has ended lately", "restrictions were lifted or have ended lately"),
     "/restrictions/control?show=ended", NULL, .count = restrictions_ended},
    {"sealed_counted", CONTROL, CAP_AUDIT, NN_("counting of sealed facts", "countings of sealed facts"),
     "/log?kind=sealed.counted", NULL, .count = sealed_counted},
};

/* The pieces of an address, since a template writes each by itself: at most /p1/p2/p3?k1=v1&k2=v2&k3=v3. */
static void pieces(struct text path, union home_line_row *r)
{
    struct value *const parts[PIECES] = {&r->p1, &r->p2, &r->p3};
    struct value *const pairs[PAIRS][2] = {{&r->k1, &r->v1}, {&r->k2, &r->v2}, {&r->k3, &r->v3}};
    struct text query = path, place, one, key;
    text_split(&query, '?', &place);
    text_split(&place, '/', &one); /* nothing stands before the first "/" */
    for (size_t i = 0; i < PIECES && text_split(&place, '/', &one); i++)
        *parts[i] = v_text(one);
    for (size_t i = 0; i < PAIRS && text_split(&query, '&', &one); i++) {
        text_split(&one, '=', &key);
        *pairs[i][0] = v_text(key);
        *pairs[i][1] = v_text(one);
    }
}

static struct text path_of(struct request *rq, const char *path)
{
    const char *body = strstr(path, "{body}");
    return body ? arena_printf(rq->arena, "%.*s%lld%s", (int)(body - path), path, (long long)rq->viewer.body,
                               body + strlen("{body}"))
                : text_of(path);
}

static int64_t counted(struct request *rq, const struct home *h, const struct home_line *l)
{
    if (!rq_may(rq, l->cap) || (l->block == TERMS && !h->works))
        return 0;
    int64_t n = l->count ? l->count(rq, h) : *(const int64_t *)(const void *)((const char *)&h->d + l->duty);
    return n < DUTIES_MAX ? n : DUTIES_MAX;
}

static void put_line(struct request *rq, const struct home_line *l, int64_t n, struct home_line_rows *out)
{
    struct text path = path_of(rq, l->path);
    union home_line_row *r = &out->row[out->n++];
    *r = (union home_line_row){.name = v_z(l->name),
                               .n = v_int(n),
                               .words = v_z(tr_n(rq->lang, l->one, l->many, n)),
                               .level = v_z(l->level ? l->level : ""),
                               .path = v_text(path)};
    pieces(path, r);
}

/* ---- the page ---- */

static void terms_of(struct request *rq, struct home *h, struct home_page *page)
{
    h->works = rq_may(rq, CAP_SEE_PERSON) && (rq_may(rq, CAP_TAKE_REFERRAL) || rq_may(rq, CAP_SEND_REFERRAL));
    h->lead = h->works ? lead_of(rq) : (struct lead){0};
    if (!h->works)
        return;
    h->mine = whose_mine(rq);
    duties_count(rq, &h->mine, &h->d);
    inbox_urgent(rq, &h->mine, URGENT, &page->urgent);
    if (leads(&h->lead))
        lead_workers(rq, &h->lead, WORKERS, &page->workers);
}

/* Beside the number of those who are absent, who they are. */
static void away(struct request *rq, struct home_page *page)
{
    q_absence_list(rq,
                   &(struct absence_list_args){
                       .paging.limit = AWAY, .body = v_int(rq->viewer.body), .running = v_int(1)},
                   &page->away);
    page->body = rq->viewer.body;
}

static void reports(struct request *rq, struct home_page *page)
{
    reports_of_viewer(rq, &page->reports);
    reports_counted(rq, &page->counted_to, &page->behind);
    int half = half_year(rq->today);
    page->period = arena_printf(rq->arena, "%d-H%d", half / 10, half % 10);
    page->half = half % 10;
    page->year = half / 10;
}

/* Where one goes when nothing waits. */
static void next_step(struct request *rq, const struct home *h, struct home_page *page)
{
    page->next = h->works                            ? T("inbox")
                 : rq_may(rq, CAP_SEE_PERSON)         ? T("persons")
                 : rq_may(rq, CAP_COORDINATE)         ? T("delays")
                 : rq_may(rq, CAP_SEE_REPORT)         ? T("reports")
                 : rq_may(rq, CAP_ADMIN)              ? T("accounts")
                 : rq_may(rq, CAP_AUDIT)              ? T("log")
                                                      : T("");
}

ROUTE(GET, "/", desk_home, home, SIGNED_IN)
static enum err desk_home(struct request *rq, struct home_page *page)
{
    struct home h = {0};
    struct home_line_rows *const blocks[BLOCKS] = {&page->terms,  &page->people, &page->meetings, &page->body_lines,
                                                   &page->region, &page->system, &page->control};
    page->day = v_date(rq->today);
    if (rq->session)
        q_session_before(rq, &(struct session_before_args){.id = v_int(rq->session)}, &page->before);
    for (size_t i = 0; i < BLOCKS; i++)
        *blocks[i] = (struct home_line_rows){.row = arena_array(rq->arena, sizeof lines / sizeof *lines, sizeof *blocks[i]->row),
                                             .query = &home_line_query,
                                             .next = T("")};
    terms_of(rq, &h, page);
    for (size_t i = 0; i < sizeof lines / sizeof *lines && !rq->err; i++) {
        int64_t n = counted(rq, &h, &lines[i]);
        if (n && !rq->err)
            put_line(rq, &lines[i], n, blocks[lines[i].block]);
    }
    if (rq_may(rq, CAP_LEAD_BODY))
        away(rq, page);
    if (rq_may(rq, CAP_COORDINATE))
        delay_worst(rq, WORST, &page->worst);
    if (rq_may(rq, CAP_SEE_REPORT) && !rq_may(rq, CAP_SEE_PERSON))
        reports(rq, page);
    page->all_done = !page->urgent.n && !page->workers.n && !page->worst.n && !page->reports.n;
    for (size_t i = 0; i < BLOCKS; i++)
        page->all_done = page->all_done && !blocks[i]->n;
    next_step(rq, &h, page);
    return rq_end(rq);
}

enum err home_take(const struct pack_entry *e, struct fault *fault)
{
    static const char *const names[] = {"drafts", "idle", "emergency", "unused", "mails", "stuck", "control", "import", "disk"};
    int64_t n;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_int(pack_prop(e, names[i]), 0, 10000, &n))
            return fault_set(fault, ERR_SYNTAX, "%.*s: %s is a number", TEXT_ARG(e->place), names[i]);
    return OK;
}
