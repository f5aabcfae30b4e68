/* Reminders by mail. An outbox in the register: one row per account and day, made in the morning, sent by whichever node
 * claims it. A mail goes out at most once: the claim is committed before anything is sent, and a row whose end nobody has told
 * (the node was killed, or the server fell silent behind the text) is not sent again. A digest that is missing is found in
 * the inbox; one that comes twice teaches people not to read them. */
#include "base/date.h"
#include "base/log.h"
#include "formats/mail.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/plans/plans.h"
#include "rooms/referrals/referrals.h"
#include "rooms/staff/staff.h"
#include "web/tr.h"
#include <stdio.h>

#define KIND "daily"

enum {
    RUN_SECONDS = 20,  /* a run of the job ends then; the next goes on */
    LOST_MINUTES = 10, /* far more than a mail may take */
    CLAIM_LEN = 32
};
static const int64_t MINUTE = INT64_C(60) * 1000000;

/* ---- settings ---- */

static struct reminder_server server;

const char *reminder_server_use(const struct reminder_server *s)
{
    struct text site = text_of(s->site ? s->site : "");
    const char *wrong = mail_server_wrong(&s->mail);
    if (wrong)
        return wrong;
    if (!text_starts(site, "https://") && !text_starts(site, "http://"))
        return "the address of the register for links in mails is named like https://bereg.example";
    for (size_t i = 0; i < site.n; i++)
        if (site.s[i] <= ' ' || site.s[i] > '~')
            return "the address of the register holds a character that cannot stand there";
    server = *s;
    return NULL;
}

bool reminders_sent(void)
{
    return server.mail.url != NULL;
}

struct text register_address(struct request *rq, const char *path)
{
    struct text site = text_of(server.site ? server.site : "");
    while (site.n && site.s[site.n - 1] == '/')
        site.n--;
    return arena_printf(rq->arena, "%.*s%s", TEXT_ARG(site), path);
}

/* "08:30" in minutes; -1: no such time. */
static int minutes(struct text t)
{
    int64_t h, m;
    return t.n == 5 && t.s[2] == ':' && text_int((struct text){t.s, 2}, 0, 23, &h) == OK &&
                   text_int((struct text){t.s + 3, 2}, 0, 59, &m) == OK
               ? (int)(h * 60 + m)
               : -1;
}

static struct text setting(const char *name)
{
    return pack_value("reminder", KIND, name);
}

/* The pause before try n + 1; 0: it is given up. */
static int64_t pause_after(int64_t tries)
{
    struct text rest = setting("retry"), part;
    int64_t pause = 0;
    for (int64_t n = 1; text_split(&rest, ' ', &part);)
        if (part.n && n++ == tries && text_int(part, 1, 10000, &pause) == OK)
            return pause * MINUTE;
    return 0;
}

enum err reminder_take(const struct pack_entry *e, struct fault *fault)
{
    static const char *const groups[] = {"overdue", "today", "week", "new", "waiting_late", "answers", "proposals",
                                         "meetings"};
    struct text rest = pack_prop(e, "groups"), part;
    int64_t n;
    bool known = true;
    while (text_split(&rest, ' ', &part)) {
        bool found = !part.n;
        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
            found = found || text_is(part, groups[i]);
        known = known && found;
    }
    for (rest = pack_prop(e, "retry"); text_split(&rest, ' ', &part);)
        known = known && (!part.n || text_int(part, 1, 10000, &n) == OK);
    if (!known || minutes(pack_prop(e, "at")) < 0 || minutes(pack_prop(e, "until")) < 0 ||
        text_int(pack_prop(e, "keep"), 1, 1000, &n))
        return fault_set(fault, ERR_SYNTAX, "%.*s: a reminder needs at and until like 08:30, groups, retry in minutes, keep in days",
                         TEXT_ARG(e->place));
    return OK;
}

enum err inbox_take(const struct pack_entry *e, struct fault *fault)
{
    static const char *const names[] = {"soon", "answers", "answers_walk"};
    int64_t n;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_int(pack_prop(e, names[i]), 1, 1000, &n))
            return fault_set(fault, ERR_SYNTAX, "%.*s: %s is a number from 1 to 1000", TEXT_ARG(e->place),
                             names[i]);
    return OK;
}

void reminder_switch(struct request *rq, bool on)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, rq->viewer.account));
    w_reminders_set(&ch, &(struct reminders_set_args){.on = v_int(on), .id = v_int(rq->viewer.account)});
    change_event(&ch, &(struct event){.kind = on ? "reminders.on" : "reminders.off",
                                      .table = &account_table,
                                      .object = rq->viewer.account});
    change_commit(&ch);
}

/* ---- making ---- */

/* A change of the outbox alone: nothing happened to anybody. */
static void settle(struct change *ch)
{
    ch->events++;
    change_commit(ch);
}

static void tidy(struct request *rq)
{
    struct change ch;
    int64_t keep = 0;
    union reminders_unsettled_row row;
    struct value before = v_instant(rq->now - LOST_MINUTES * MINUTE);
    if (text_int(setting("keep"), 1, 1000, &keep))
        return;
    struct value keep_from = v_date(rq->today - keep);
    if (!q_reminders_unsettled(
            rq, &(struct reminders_unsettled_args){.before = before, .keep_from = keep_from}, &row))
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    w_reminders_lost(&ch, &(struct reminders_lost_args){.before = before});
    w_reminders_stale(&ch, &(struct reminders_stale_args){0});
    w_reminders_forget(&ch, &(struct reminders_forget_args){.keep_from = keep_from});
    settle(&ch);
}

void reminders_make(struct request *rq)
{
    int64_t minute = (rq->now - instant_of_day(rq->today)) / MINUTE;
    if (!reminders_sent())
        return;
    tidy(rq);
    if (minute < minutes(setting("at")) || minute >= minutes(setting("until")) ||
        !calendar_works(calendar_here(), rq->today))
        return;
    for (bool more = true; more && !rq->err;) {
        struct reminders_missing_rows rows = {0};
        struct change ch;
        q_reminders_missing(rq, &(struct reminders_missing_args){.kind = v_z(KIND)}, &rows);
        more = rows.n > 0;
        if (!more || rq->err)
            return;
        change_begin(rq, &ch, NO_SUBJECT);
        for (size_t i = 0; i < rows.n; i++)
            w_reminder_put(&ch, &(struct reminder_put_args){.account = rows.row[i].id, .kind = v_z(KIND)});
        settle(&ch);
    }
}

/* ---- what a mail says ---- */

struct line {
    const char *group, *words;
    int64_t n;
};

static struct text number(struct request *rq, int64_t n)
{
    return n >= DUTIES_MAX ? T("99+") : arena_printf(rq->arena, "%lld", (long long)n);
}

static bool wanted(const char *group)
{
    struct text rest = setting("groups"), part;
    while (text_split(&rest, ' ', &part))
        if (text_is(part, group))
            return true;
    return false;
}

/* Numbers only, as the inbox counts them for this viewer, and where to look. Empty: there is nothing to tell. */
static struct text digest(struct request *rq)
{
    struct duties d;
    struct whose mine = whose_mine(rq);
    struct lead lead = lead_of(rq);
    struct text out = T("");
    struct plans_duties plans = {0};
    duties_count(rq, &mine, &d);
    plans_duties(rq, &plans);
    const struct line lines[] = {
        {"overdue", N_("Overdue"), d.overdue},
        {"today", N_("Due today"), d.today},
        {"week", N_("Due within the next working days"), d.week},
        {"new", N_("New, not answered yet"), d.fresh},
        {"proposals", N_("Proposals of another term that wait for your consent"), d.proposals},
        {"answers", N_("Answers to your referrals"), d.answers},
        {"waiting_late", N_("Others are late with what they owe you"), d.waiting_late},
        {"meetings", N_("Meetings to which you are invited and have not answered"), plans.invitations},
        {"meetings", N_("Decisions of meetings to be carried out"), plans.decisions},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i].n && wanted(lines[i].group))
            out = arena_printf(rq->arena, "%.*s%s: %.*s\n", TEXT_ARG(out), tr(rq->lang, lines[i].words),
                               TEXT_ARG(number(rq, lines[i].n)));
    int64_t late = leads(&lead) ? lead_overdue(rq, &lead) : 0;
    if (late)
        out = arena_printf(rq->arena, "%.*s%s: %lld\n", TEXT_ARG(out),
                           tr(rq->lang, lead.body ? N_("Overdue in the whole body")
                                                  : N_("Overdue in the units you head")),
                           (long long)late);
    int64_t unread = messages_unread(rq, rq->viewer.account);
    if (unread)
        out = arena_printf(rq->arena, "%.*s%s: %lld\n", TEXT_ARG(out),
                           tr(rq->lang, N_("Referrals with unread messages")), (long long)unread);
    struct agreement_ending_rows ending = {0};
    if (rq_may(rq, CAP_AGREEMENTS))
        agreements_ending(rq, 0, &ending);
    if (ending.n)
        out = arena_printf(rq->arena, "%.*s%s: %lld\n", TEXT_ARG(out),
                           tr(rq->lang, N_("Agreements that end soon")), (long long)ending.n);
    if (!out.n || rq->err)
        return T("");
    return arena_printf(rq->arena, "%.*s\n%s %.*s\n\n%s %.*s\n", TEXT_ARG(out), tr(rq->lang, N_("Open the inbox:")),
                        TEXT_ARG(register_address(rq, "/inbox?whose=mine")),
                        tr(rq->lang, N_("These reminders are switched off here:")),
                        TEXT_ARG(register_address(rq, "/reminders")));
}

/* ---- sending ---- */

/* Takes a row of the outbox for this node; false when another was quicker. */
static bool claim(struct request *rq, int64_t id, char hex[CLAIM_LEN + 1], union reminder_facts_row *r)
{
    struct change ch;
    struct value mine;
    random_hex(hex, CLAIM_LEN);
    mine = v_text((struct text){hex, CLAIM_LEN});
    change_begin(rq, &ch, NO_SUBJECT);
    w_reminder_claim(&ch, &(struct reminder_claim_args){.id = v_int(id), .claim = mine});
    bool there = q_reminder_facts(rq, &(struct reminder_facts_args){.id = v_int(id)}, r);
    settle(&ch);
    return !rq->err && there && text_is(v_as_text(r->state), "sending") && v_eq(r->claim, mine);
}

static void tell(struct request *rq, int64_t id, const char *hex, const char *state, const char *error,
                 int64_t next)
{
    struct change ch;
    bool sent = strcmp(state, "sent") == 0;
    int64_t now = clock_now();
    change_begin(rq, &ch, NO_SUBJECT);
    w_reminder_end(&ch, &(struct reminder_end_args){.id = v_int(id),
                                                    .claim = v_text((struct text){hex, CLAIM_LEN}),
                                                    .state = v_z(state),
                                                    .error = error ? v_z(error) : v_null(),
                                                    .sent = sent ? v_instant(now) : v_null(),
                                                    .next = v_instant(next ? next : now)});
    settle(&ch);
}

/* Counts as the account sees it, by a request of its own; empty: it is not written to. */
static struct text text_for(struct request *rq, const union reminder_facts_row *r)
{
    struct request own;
    struct fault fault = {0};
    struct text text = T("");
    int64_t account = v_as_int(r->account_id);
    bool wants = v_as_int(r->active) && v_as_int(r->reminders) && v_is(r->email);
    if (!wants || account_in_place_of(rq, account, rq->today) != account)
        return text; /* who is away is not reminded: the one who stands in counts for him */
    if (request_open(rq->store, arena_z(rq->arena, v_as_text(r->login)), &own, &fault))
        return text;
    text = arena_text(rq->arena, digest(&own));
    request_close(&own);
    return text;
}

/* False when the server is not to be tried again in this run. */
static bool send_one(struct request *rq, struct mailer *mailer, int64_t id)
{
    char hex[CLAIM_LEN + 1], why[MAIL_WHY], date[11];
    union reminder_facts_row r = {0};
    if (!claim(rq, id, hex, &r))
        return !rq->err;
    struct text text = text_for(rq, &r);
    if (!text.n) {
        tell(rq, id, hex, "empty", NULL, 0);
        return true;
    }
    date_dmy(v_as_int(r.day), date);
    struct text number = arena_printf(rq->arena, "%s.%s.%lld", KIND, date, (long long)id);
    struct mail mail = {.to = arena_z(rq->arena, v_as_text(r.email)),
                        .id = arena_z(rq->arena, number),
                        .subject = arena_printf(rq->arena, "%s %s", tr(LANG_RU, N_("Bereg: terms on")), date),
                        .text = text,
                        .at = clock_now()};
    enum mail_end end = mailer_send(mailer, &mail, why);
    int64_t pause = pause_after(v_as_int(r.tries));
    if (end != MAIL_SENT)
        log_warn("a reminder was not sent: %s", why);
    if (end == MAIL_SENT)
        tell(rq, id, hex, "sent", NULL, 0);
    else if (end == MAIL_UNKNOWN)
        tell(rq, id, hex, "unknown", why, 0);
    else if (end == MAIL_LATER && pause)
        tell(rq, id, hex, "waiting", why, rq->now + pause);
    else
        tell(rq, id, hex, "failed", why, 0);
    return end == MAIL_SENT || end == MAIL_NEVER;
}

void reminders_send(struct request *rq)
{
    struct arena *outer = rq->arena, *mine;
    struct mailer *mailer = NULL;
    union reminder_next_row next;
    int64_t end = clock_monotonic() + RUN_SECONDS * INT64_C(1000000);
    if (!reminders_sent())
        return;
    mine = arena_new();
    for (bool more = true; more && !rq->err && clock_monotonic() < end;) {
        rq->arena = mine;
        more = q_reminder_next(rq, &(struct reminder_next_args){0}, &next);
        if (more && !mailer)
            mailer = mailer_open(&server.mail);
        if (more)
            more = mailer && send_one(rq, mailer, v_as_int(next.id));
        arena_reset(mine);
    }
    mailer_close(mailer);
    rq->arena = outer;
    arena_free(mine);
}
