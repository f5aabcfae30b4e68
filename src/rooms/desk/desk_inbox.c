/* The inbox: what we owe, what others owe us, computed from the state of referrals; nothing of it is stored. */
#include "base/date.h"
#include "desk_tpl.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/plans/plans.h"
#include "rooms/referrals/referrals.h"
#include "rooms/trust/trust.h"
#include "web/web.h"

enum {
    COUNT_ROWS = 400,  /* of what a body owes, in one pass; where there is more each group is counted by itself */
    GROUP_ROWS = 150,  /* of each then: some may be hidden from the viewer */
    LATE_ROWS = 1000,  /* of what is overdue, for the head's first page */
    LOAD_ROWS = 50000, /* the table of workers and the calendar count everything */
    CHAIN = 16         /* of substitutes, as in rooms/staff */
};

#define WHOSE(w)                                                                                   \
    .account = (w)->account, .accounts = (w)->accounts, .unit = (w)->unit, .worker = (w)->worker,  \
    .nobody = (w)->nobody

/* ---- whose ---- */

/* Where the chain of substitutes of an absent worker ends. */
static int64_t stands_in(const struct absences_today_rows *away, int64_t account)
{
    for (int i = 0; i < CHAIN; i++) {
        bool absent = false;
        for (size_t k = 0; k < away->n && !absent; k++)
            if (v_as_int(away->row[k].account_id) == account) {
                absent = true;
                account = v_as_int(away->row[k].substitute_id);
            }
        if (!absent)
            return account;
    }
    return 0;
}

struct whose whose_mine(struct request *rq)
{
    struct absences_today_rows away = {0};
    q_absences_today(rq, &(struct absences_today_args){0}, &away);
    struct text all = arena_printf(rq->arena, " %lld ", (long long)rq->viewer.account);
    bool alone = true;
    for (size_t i = 0; i < away.n; i++) {
        int64_t absent = v_as_int(away.row[i].account_id);
        if (absent == rq->viewer.account || stands_in(&away, absent) != rq->viewer.account)
            continue;
        all = arena_printf(rq->arena, "%.*s%lld ", TEXT_ARG(all), (long long)absent);
        alone = false;
    }
    return alone ? (struct whose){.account = v_int(rq->viewer.account)}
                 : (struct whose){.accounts = v_text(all)};
}

static bool has_unit(const struct lead *lead, int64_t unit)
{
    for (size_t i = 0; i < lead->n_units; i++)
        if (lead->units[i] == unit)
            return true;
    return false;
}

struct lead lead_of(struct request *rq)
{
    struct lead lead = {.body = rq_may(rq, CAP_LEAD_BODY) ||
                                body_head(rq, rq->viewer.body) == rq->viewer.account};
    struct units_of_viewer_rows units = {0};
    if (lead.body)
        return lead;
    q_units_of_viewer(rq, &(struct units_of_viewer_args){0}, &units);
    lead.units = arena_array(rq->arena, units.n + 1, sizeof *lead.units);
    for (size_t found = 1; found;) { /* those headed, then those below, until no more are found */
        found = 0;
        for (size_t i = 0; i < units.n; i++) {
            int64_t id = v_as_int(units.row[i].id), parent = v_as_int(units.row[i].parent_id);
            bool headed = v_as_int(units.row[i].head_account_id) == rq->viewer.account;
            if ((headed || (parent && has_unit(&lead, parent))) && !has_unit(&lead, id)) {
                lead.units[lead.n_units++] = id;
                found++;
            }
        }
    }
    return lead;
}

bool leads(const struct lead *lead)
{
    return lead->body || lead->n_units;
}

/* ---- counting ---- */

/* Classes that the viewer's role reads of rows of any body. */
static uint32_t reads(const struct request *rq)
{
    return (rq->viewer.role ? rq->viewer.role->read : 0) & ~classes_of_owner();
}

/* Would the list show a row with these classes? */
static bool shown(uint32_t read, struct value classes, struct value bits)
{
    uint32_t open = read & (uint32_t)v_as_int(bits);
    return (open & CLASS_BIT(CLASS_IDENTITY)) && !((uint32_t)v_as_int(classes) & ~open);
}

/* Rows of classes and bits: how many of them the list would show. */
static int64_t count_shown(const struct request *rq, const struct rows *rows)
{
    uint32_t read = reads(rq);
    int64_t n = 0;
    for (size_t i = 0; i < rows->n && n < DUTIES_MAX; i++)
        n += shown(read, rows->v[2 * i], rows->v[2 * i + 1]);
    return n;
}

enum bucket { OVERDUE, TODAY, WEEK, LATER };
static const char *const bucket_names[] = {"overdue", "today", "week", "later"};

/* The hours of a term may have passed on its last day. */
static enum bucket bucket_of(const struct request *rq, int64_t week, struct value on,
                             struct value at)
{
    int64_t day = v_as_int(on);
    bool passed = v_is(at) && v_as_int(at) < rq->now;
    if (day < rq->today || (day == rq->today && passed))
        return OVERDUE;
    return day == rq->today ? TODAY : day <= week ? WEEK : LATER;
}

static void add(int64_t *n)
{
    if (*n < DUTIES_MAX)
        ++*n;
}

/* One group of what a large body owes. */
static int64_t count_group(struct request *rq, struct inbox_owing_count_args args,
                           const struct whose *whose)
{
    struct inbox_owing_count_rows rows = {0};
    uint32_t read = reads(rq);
    int64_t n = 0;
    args.account = whose->account;
    args.accounts = whose->accounts;
    args.unit = whose->unit;
    args.worker = whose->worker;
    args.nobody = whose->nobody;
    args.rows = v_int(GROUP_ROWS);
    q_inbox_owing_count(rq, &args, &rows);
    for (size_t i = 0; i < rows.n && n < DUTIES_MAX; i++)
        n += shown(read, rows.row[i].classes, rows.row[i].bits);
    return n;
}

static void count_groups(struct request *rq, const struct whose *whose, struct duties *d)
{
    struct value one = v_int(1), week = v_date(terms_week(rq->today));
    d->fresh = count_group(rq, (struct inbox_owing_count_args){.fresh = one}, whose);
    d->work = count_group(rq, (struct inbox_owing_count_args){.work = one}, whose);
    d->overdue = count_group(rq, (struct inbox_owing_count_args){.overdue = one}, whose);
    d->today = count_group(rq, (struct inbox_owing_count_args){.day = one}, whose);
    d->week = count_group(rq, (struct inbox_owing_count_args){.week = week}, whose);
    d->later = count_group(rq, (struct inbox_owing_count_args){.later = week}, whose);
    d->all = d->overdue + d->today + d->week + d->later;
    if (d->all > DUTIES_MAX)
        d->all = DUTIES_MAX;
}

static void count_owing(struct request *rq, const struct whose *whose, struct duties *d)
{
    struct inbox_owing_count_rows rows = {0};
    uint32_t read = reads(rq);
    int64_t week = terms_week(rq->today);
    int64_t *const of[] = {&d->overdue, &d->today, &d->week, &d->later};
    q_inbox_owing_count(rq, &(struct inbox_owing_count_args){WHOSE(whose), .rows = v_int(COUNT_ROWS)},
                        &rows);
    if (rows.n == COUNT_ROWS) {
        count_groups(rq, whose, d);
        return;
    }
    for (size_t i = 0; i < rows.n; i++) {
        const union inbox_owing_count_row *r = &rows.row[i];
        struct text state = v_as_text(r->state);
        if (!shown(read, r->classes, r->bits))
            continue;
        add(&d->all);
        add(of[bucket_of(rq, week, r->next_on, r->next_at)]);
        if (text_is(state, "sent") || text_is(state, "received"))
            add(&d->fresh);
        else if (referral_at_work(state))
            add(&d->work);
    }
}

static void count_waiting(struct request *rq, const struct whose *whose, struct duties *d)
{
    struct inbox_waiting_count_rows rows = {0};
    uint32_t read = reads(rq);
    q_inbox_waiting_count(
        rq, &(struct inbox_waiting_count_args){WHOSE(whose), .rows = v_int(2 * DUTIES_MAX)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        const union inbox_waiting_count_row *r = &rows.row[i];
        if (!shown(read, r->classes, r->bits))
            continue;
        add(&d->waiting);
        if (bucket_of(rq, rq->today, r->next_on, r->next_at) == OVERDUE)
            add(&d->waiting_late);
    }
}

/* Since when answers stand in the inbox, and how far behind its date due one is looked for. */
static struct value answers_since(const struct request *rq)
{
    return v_date(rq->today - terms_number("inbox", "answers"));
}

static struct value answers_from(const struct request *rq)
{
    return v_date(rq->today - terms_number("inbox", "answers_walk"));
}

void duties_count(struct request *rq, const struct whose *whose, struct duties *out)
{
    struct inbox_answers_count_rows answers = {0};
    struct inbox_proposals_count_rows proposals = {0};
    struct inbox_drafts_count_rows drafts = {0};
    struct inbox_measures_count_rows measures = {0};
    *out = (struct duties){0};
    count_owing(rq, whose, out);
    count_waiting(rq, whose, out);
    q_inbox_answers_count(rq,
                          &(struct inbox_answers_count_args){.due_from = answers_from(rq),
                                                             .since = answers_since(rq),
                                                             WHOSE(whose)},
                          &answers);
    q_inbox_proposals_count(rq, &(struct inbox_proposals_count_args){WHOSE(whose)}, &proposals);
    q_inbox_drafts_count(rq, &(struct inbox_drafts_count_args){WHOSE(whose)}, &drafts);
    q_inbox_measures_count(rq, &(struct inbox_measures_count_args){WHOSE(whose)}, &measures);
    out->answers = count_shown(rq, &answers.rows);
    out->proposals = count_shown(rq, &proposals.rows);
    out->drafts = count_shown(rq, &drafts.rows);
    out->measures = count_shown(rq, &measures.rows);
}

size_t duties_by_day(struct request *rq, const struct whose *whose, struct due_day **out)
{
    struct inbox_owing_count_rows rows = {0};
    uint32_t read = reads(rq);
    size_t n = 0;
    q_inbox_owing_count(rq, &(struct inbox_owing_count_args){WHOSE(whose), .rows = v_int(LOAD_ROWS)},
                        &rows);
    struct due_day *days = arena_array(rq->arena, rows.n + 1, sizeof *days);
    for (size_t i = 0; i < rows.n; i++) {
        int64_t day = v_as_int(rows.row[i].next_on);
        if (!shown(read, rows.row[i].classes, rows.row[i].bits))
            continue;
        if (!n || days[n - 1].day != day)
            days[n++] = (struct due_day){.day = day};
        days[n - 1].n++;
    }
    *out = days;
    return n;
}

/* ---- the page ---- */

/* The rows of all statements have the same columns; the first one's keep the place of the page and of the export. */
#define INTO(out, query) ((struct query##_rows *)(out))

void inbox_rows(struct request *rq, struct text g, struct paging paging, const struct whose *whose,
                struct inbox_owing_rows *out)
{
    struct value one = v_int(1), none = {0}, week = v_date(terms_week(rq->today));
    if (text_is(g, "answers")) {
        q_inbox_answers(rq,
                        &(struct inbox_answers_args){.paging = paging,
                                                     .due_from = answers_from(rq),
                                                     .since = answers_since(rq),
                                                     WHOSE(whose)},
                        INTO(out, inbox_answers));
    } else if (text_is(g, "measures")) {
        q_inbox_measures(rq, &(struct inbox_measures_args){.paging = paging, WHOSE(whose)},
                         INTO(out, inbox_measures));
    } else if (text_starts(g, "waiting")) {
        q_inbox_waiting(rq,
                        &(struct inbox_waiting_args){.paging = paging,
                                                     .overdue = text_is(g, "waiting_late") ? one : none,
                                                     WHOSE(whose)},
                        INTO(out, inbox_waiting));
    } else if (text_is(g, "proposals")) {
        q_inbox_proposals(rq, &(struct inbox_proposals_args){.paging = paging, WHOSE(whose)},
                          INTO(out, inbox_proposals));
    } else if (text_starts(g, "drafts")) {
        struct value old = terms_ago(rq->today, "drafts");
        q_inbox_drafts(rq,
                       &(struct inbox_drafts_args){.paging = paging,
                                                   .before = text_is(g, "drafts_old") ? old : none,
                                                   WHOSE(whose)},
                       INTO(out, inbox_drafts));
    } else {
        q_inbox_owing(rq,
                      &(struct inbox_owing_args){.paging = paging,
                                                 .fresh = text_is(g, "new") ? one : none,
                                                 .work = text_is(g, "work") ? one : none,
                                                 .overdue = text_is(g, "overdue") ? one : none,
                                                 .day = text_is(g, "today") ? one : none,
                                                 .week = text_is(g, "week") ? week : none,
                                                 .later = text_is(g, "later") ? week : none,
                                                 .escalated = text_is(g, "escalated") ? one : none,
                                                 WHOSE(whose)},
                      out);
    }
}

int64_t inbox_count(struct request *rq, const char *group, const struct whose *whose)
{
    struct inbox_owing_rows rows = {0};
    inbox_rows(rq, text_of(group), (struct paging){.limit = DUTIES_MAX, .counted = true}, whose, &rows);
    return (int64_t)rows.n;
}

/* How late, how near; and above the first row of each stretch of dates its heading, in the list of everything. */
static void mark_rows(struct request *rq, bool headed, struct inbox_owing_rows *rows)
{
    int64_t week = terms_week(rq->today);
    int before = -1;
    for (size_t i = 0; i < rows->n; i++) {
        union inbox_owing_row *r = &rows->row[i];
        enum bucket bucket = bucket_of(rq, week, r->due_on, r->due_at);
        int64_t late = desk_days_late(v_as_int(r->due_on), rq->today);
        if (late)
            r->late = v_int(late);
        r->today = v_int(v_as_int(r->due_on) != rq->today ? 0 : bucket == OVERDUE ? 2 : 1);
        r->soon = v_int(bucket == WEEK);
        if (headed && (int)bucket != before)
            r->bucket = v_z(bucket_names[bucket]);
        before = (int)bucket;
    }
}

void inbox_urgent(struct request *rq, const struct whose *whose, int32_t most, struct inbox_owing_rows *out)
{
    int64_t week = terms_week(rq->today);
    inbox_rows(rq, T("soon"), (struct paging){.limit = most}, whose, out);
    mark_rows(rq, false, out);
    for (size_t i = 0; i < out->n; i++)
        if (bucket_of(rq, week, out->row[i].due_on, out->row[i].due_at) == LATER)
            out->n = i;
}

/* The filter of the address. A worker is named by heads' table and by colleagues alike: the list shows everybody the
 * whole body's rows anyway. */
static struct whose whose_asked(struct request *rq, struct inbox_page *page)
{
    struct text asked = rq_param(rq, "whose"), worker = rq_param(rq, "worker");
    struct whose whose = {0};
    page->whose = T("all");
    if (text_is(worker, "none")) {
        page->worker = T("none");
        whose.nobody = v_int(1);
        return whose;
    }
    union worker_name_row name = {0};
    struct value id = rq_filter_int(rq, "worker");
    if (v_is(id) && q_worker_name(rq, &(struct worker_name_args){.id = id}, &name)) {
        page->worker = worker;
        page->worker_name = v_as_text(name.name);
        whose.worker = id;
        return whose;
    }
    if (text_is(asked, "mine")) {
        page->whose = T("mine");
        return whose_mine(rq);
    }
    if (text_is(asked, "unit") && rq->viewer.unit) {
        page->whose = T("unit");
        whose.unit = v_int(rq->viewer.unit);
    }
    return whose;
}

static void small_lines(struct request *rq, struct inbox_page *page)
{
    page->n_asks = rq_may(rq, CAP_LEAD_CASE) ? asks_waiting(rq) : 0;
    page->n_emergencies = rq_may(rq, CAP_REVIEW_EMERGENCY) ? emergencies_waiting(rq) : 0;
    page->n_twins = rq_may(rq, CAP_RESTRICT) ? twins_waiting(rq) : 0;
    page->n_messages = messages_unread(rq, 0);
    struct plans_duties plans;
    plans_duties(rq, &plans);
    page->n_invitations = plans.invitations;
    page->n_decisions = plans.decisions;
    page->n_decisions_late = plans.late;
}

ROUTE(GET, "/inbox", desk_inbox, inbox, SEE_PERSON)
static enum err desk_inbox(struct request *rq, struct inbox_page *page)
{
    static const char *const groups[] = {"all",       "new",     "overdue", "today",     "week",
                                         "later",     "work",    "waiting", "answers",   "proposals",
                                         "drafts",    "measures", "escalated", "waiting_late", "drafts_old"};
    struct text group = rq_param(rq, "group");
    struct duties d;
    page->group = T("all");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (text_is(group, groups[i]))
            page->group = text_of(groups[i]);
    struct whose whose = whose_asked(rq, page);
    duties_count(rq, &whose, &d);
    page->n_all = d.all;
    page->n_new = d.fresh;
    page->n_overdue = d.overdue;
    page->n_today = d.today;
    page->n_week = d.week;
    page->n_later = d.later;
    page->n_work = d.work;
    page->n_waiting = d.waiting;
    page->n_waiting_late = d.waiting_late;
    page->n_answers = d.answers;
    page->n_proposals = d.proposals;
    page->n_drafts = d.drafts;
    page->n_measures = d.measures;
    page->soon = terms_number("inbox", "soon");
    page->has_unit = rq->viewer.unit != 0;
    struct lead lead = lead_of(rq);
    page->leads = leads(&lead);
    small_lines(rq, page);
    inbox_rows(rq, page->group, rq_paging(rq, &inbox_owing_query), &whose, &page->items);
    if (!text_is(page->group, "answers") && !text_starts(page->group, "drafts"))
        mark_rows(rq, text_is(page->group, "all") && !text_is(rq_param(rq, "sort"), "newest"), &page->items);
    return rq_end(rq);
}

/* ---- the load of workers ---- */

/* Numbers beside the workers; the last one stands for nobody. */
struct load {
    int64_t open, today, overdue, waiting;
};

struct tally {
    const struct workers_load_rows *workers;
    struct load *of;
};

static struct load *load_of(const struct tally *t, struct value worker)
{
    for (size_t i = 0; i < t->workers->n && v_is(worker); i++)
        if (v_eq(t->workers->row[i].id, worker))
            return &t->of[i];
    return &t->of[t->workers->n];
}

static void tally_rows(struct request *rq, struct tally *t)
{
    struct inbox_owing_count_rows owing = {0};
    struct inbox_waiting_count_rows waiting = {0};
    uint32_t read = reads(rq);
    q_inbox_owing_count(rq, &(struct inbox_owing_count_args){.rows = v_int(LOAD_ROWS)}, &owing);
    q_inbox_waiting_count(rq, &(struct inbox_waiting_count_args){.rows = v_int(LOAD_ROWS)}, &waiting);
    for (size_t i = 0; i < owing.n; i++) {
        const union inbox_owing_count_row *r = &owing.row[i];
        struct load *load = load_of(t, r->worker);
        if (!shown(read, r->classes, r->bits))
            continue;
        enum bucket bucket = bucket_of(rq, rq->today, r->next_on, r->next_at);
        load->open++;
        load->today += bucket == TODAY;
        load->overdue += bucket == OVERDUE;
    }
    for (size_t i = 0; i < waiting.n; i++)
        if (shown(read, waiting.row[i].classes, waiting.row[i].bits))
            load_of(t, waiting.row[i].worker)->waiting++;
}

static bool in_lead(const struct lead *lead, struct value unit)
{
    return lead->body || (v_is(unit) && has_unit(lead, v_as_int(unit)));
}

static struct tally tally_of(struct request *rq, struct workers_load_rows *workers)
{
    q_workers_load(rq, &(struct workers_load_args){0}, workers);
    struct tally t = {.workers = workers,
                      .of = arena_array(rq->arena, workers->n + 1, sizeof *t.of)};
    tally_rows(rq, &t);
    return t;
}

/* The overdue of the part that is headed, by worker. */
void lead_workers(struct request *rq, const struct lead *lead, size_t most, struct workers_load_rows *out)
{
    struct inbox_owing_count_rows rows = {0};
    struct workers_load_rows all = {0};
    uint32_t read = reads(rq);
    q_inbox_owing_count(rq, &(struct inbox_owing_count_args){.overdue = v_int(1), .rows = v_int(LATE_ROWS)}, &rows);
    *out = (struct workers_load_rows){.query = &workers_load_query, .next = T("")};
    if (!rows.n || rows.n == LATE_ROWS) /* of a part of them who has most would be told wrongly */
        return;
    q_workers_load(rq, &(struct workers_load_args){0}, &all);
    struct tally t = {.workers = &all, .of = arena_array(rq->arena, all.n + 1, sizeof *t.of)};
    for (size_t i = 0; i < rows.n; i++)
        if (shown(read, rows.row[i].classes, rows.row[i].bits))
            load_of(&t, rows.row[i].worker)->overdue++;
    out->row = arena_array(rq->arena, most, sizeof *out->row);
    while (out->n < most) {
        size_t best = all.n;
        bool found = lead->body && t.of[best].overdue;
        for (size_t i = 0; i < all.n; i++)
            if (t.of[i].overdue && in_lead(lead, all.row[i].unit_id) && (!found || t.of[i].overdue > t.of[best].overdue)) {
                best = i;
                found = true;
            }
        if (!found)
            return;
        if (best < all.n)
            out->row[out->n] = all.row[best];
        out->row[out->n++].n_overdue = v_int(t.of[best].overdue);
        t.of[best].overdue = 0;
    }
}

int64_t lead_overdue(struct request *rq, const struct lead *lead)
{
    struct workers_load_rows workers = {0};
    struct tally t = tally_of(rq, &workers);
    int64_t n = lead->body ? t.of[workers.n].overdue : 0;
    for (size_t i = 0; i < workers.n; i++)
        if (in_lead(lead, workers.row[i].unit_id))
            n += t.of[i].overdue;
    return n;
}

ROUTE(GET, "/inbox/workers", desk_workers, inbox_workers, SEE_PERSON)
static enum err desk_workers(struct request *rq, struct inbox_workers_page *page)
{
    struct lead lead = lead_of(rq);
    struct absences_today_rows away = {0};
    size_t kept = 0;
    struct tally t = tally_of(rq, &page->items);
    q_absences_today(rq, &(struct absences_today_args){0}, &away);
    if (rq->err)
        return rq_end(rq);
    page->whole_body = lead.body;
    page->n_open = t.of[page->items.n].open;
    page->n_today = t.of[page->items.n].today;
    page->n_overdue = t.of[page->items.n].overdue;
    page->n_waiting = t.of[page->items.n].waiting;
    for (size_t i = 0; i < page->items.n; i++) {
        union workers_load_row r = page->items.row[i];
        struct load load = t.of[i];
        bool left = !v_as_int(r.active) && !load.open && !load.waiting;
        bool own = v_as_int(r.id) == rq->viewer.account; /* who heads nothing sees his own load */
        if (left || (!own && !in_lead(&lead, r.unit_id)))
            continue;
        r.n_open = v_int(load.open);
        r.n_today = v_int(load.today);
        r.n_overdue = v_int(load.overdue);
        r.n_waiting = v_int(load.waiting);
        r.away = v_int(0);
        for (size_t k = 0; k < away.n; k++)
            if (v_eq(away.row[k].account_id, r.id))
                r.away = v_int(1);
        page->items.row[kept++] = r;
    }
    page->items.n = kept;
    return rq_end(rq);
}
