/* The calendar feed of a worker: how many referrals fall due on which day, when he goes to a meeting, and nothing else. Its address is a secret like an
 * API token, but opens only this. */
#include "base/date.h"
#include "desk_tpl.h"
#include "formats/icalendar.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/plans/plans.h"
#include "web/tr.h"
#include "web/web.h"
#include <pthread.h>

enum {
    FEED_MAX = 1 << 20,
    FEED_HOURS = 1,      /* how often calendar programs are asked to look */
    FEED_PER_MINUTE = 30 /* of one address */
};

static struct value hash_of(struct request *rq, struct text secret)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(false, secret, T("feed"), hex);
    return v_text((struct text){hex, 64});
}

struct text feed_make(struct request *rq)
{
    char secret[SECRET_LEN + 1];
    struct change ch;
    random_hex(secret, SECRET_LEN);
    change_begin(rq, &ch, SUBJECT(&account_table, rq->viewer.account));
    w_feed_put(&ch, &(struct feed_put_args){.account = v_int(rq->viewer.account),
                                            .hash = hash_of(rq, (struct text){secret, SECRET_LEN})});
    change_event(&ch, &(struct event){.kind = "feed.made",
                                      .table = &account_table,
                                      .object = rq->viewer.account});
    if (change_commit(&ch))
        return T("");
    struct text path = arena_printf(rq->arena, "/calendar/%s.ics", secret);
    return register_address(rq, arena_z(rq->arena, path));
}

void feed_end(struct request *rq)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, rq->viewer.account));
    w_feed_drop(&ch, &(struct feed_drop_args){.account = v_int(rq->viewer.account)});
    change_event(&ch, &(struct event){.kind = "feed.ended",
                                      .table = &account_table,
                                      .object = rq->viewer.account});
    change_commit(&ch);
}

/* ---- the answer ---- */

/* Calendar programs ask by themselves; one that asks without end gets nothing for the rest of the minute. In the memory of
 * this node, by the account. */
static bool too_often(const struct request *rq)
{
    enum { SLOTS = 1024 };
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        int64_t account, minute;
        int n;
    } slots[SLOTS];
    int64_t minute = clock_monotonic() / 60000000;
    size_t i = (size_t)rq->viewer.account % SLOTS;
    pthread_mutex_lock(&lock);
    if (slots[i].account != rq->viewer.account || slots[i].minute != minute) {
        slots[i].account = rq->viewer.account;
        slots[i].minute = minute;
        slots[i].n = 0;
    }
    bool over = ++slots[i].n > FEED_PER_MINUTE;
    pthread_mutex_unlock(&lock);
    return over;
}

static const char *uid(struct request *rq, const char *what)
{
    char hex[65];
    struct text account = arena_printf(rq->arena, "%lld", (long long)rq->viewer.account);
    hash_hex(true, account, T("feed"), hex); /* tells nobody which account it is */
    return arena_z(rq->arena, arena_printf(rq->arena, "%s-%.16s@bereg", what, hex));
}

static const char *words(struct request *rq, const char *msgid, int64_t n)
{
    return arena_z(rq->arena, arena_printf(rq->arena, "%s: %lld", tr(LANG_RU, msgid), (long long)n));
}

/* What is overdue stands at today, in one event that moves on with the days. */
static size_t events_of(struct request *rq, struct ical_day **out)
{
    struct due_day *days;
    struct whose mine = whose_mine(rq);
    size_t n = rq_may(rq, CAP_SEE_PERSON) ? duties_by_day(rq, &mine, &days) : 0, k = 0;
    struct plans_date *meetings;
    size_t n_meetings = plans_dates(rq, &meetings);
    struct ical_day *events = arena_array(rq->arena, n + n_meetings + 1, sizeof *events);
    int64_t overdue = 0;
    for (size_t i = 0; i < n && days[i].day < rq->today; i++)
        overdue += days[i].n;
    if (overdue)
        events[k++] = (struct ical_day){
            rq->today, uid(rq, "overdue"), words(rq, N_("Bereg: referrals overdue"), overdue)};
    for (size_t i = 0; i < n; i++) {
        char iso[11];
        date_iso(days[i].day, iso);
        if (days[i].day >= rq->today)
            events[k++] = (struct ical_day){days[i].day, uid(rq, iso),
                                            words(rq, N_("Bereg: referrals due"), days[i].n)};
    }
    for (size_t i = 0; i < n_meetings; i++) { /* neither what it is about nor who comes: the address may get about */
        struct text name = arena_printf(rq->arena, "meeting-%lld", (long long)meetings[i].id);
        events[k++] = (struct ical_day){.at = meetings[i].at,
                                        .uid = uid(rq, arena_z(rq->arena, name)),
                                        .summary = tr(LANG_RU, N_("Bereg: meeting"))};
    }
    *out = events;
    return k;
}

/* The secret of the address, without ".ics". */
static struct text secret_of(struct request *rq)
{
    struct text t = rq_part(rq, "token");
    if (!text_ends(t, ".ics"))
        return T("");
    t.n -= 4;
    return t.n == SECRET_LEN ? t : T("");
}

ROUTE(GET, "/calendar/{token}", desk_calendar, reminders, PUBLIC)
static enum err desk_calendar(struct request *rq, struct reminders_page *page)
{
    struct ical_day *events;
    struct buf out = BUF(FEED_MAX);
    struct text secret = secret_of(rq);
    union feed_of_secret_row row = {0};
    (void)page;
    rq->viewer = (struct viewer){0}; /* whoever is signed in: the address speaks for its own account */
    if (!secret.n ||
        !q_feed_of_secret(rq, &(struct feed_of_secret_args){.hash = hash_of(rq, secret)}, &row) ||
        !viewer_of_login(rq, v_as_text(row.login), &rq->viewer)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    if (too_often(rq))
        rq_fail(rq, ERR_BUSY);
    size_t n = rq->err ? 0 : events_of(rq, &events);
    if (!rq->err && ical_feed(&out, tr(LANG_RU, N_("Bereg: terms")), rq->now, FEED_HOURS, events, n))
        rq_fail(rq, ERR_INTERNAL);
    if (!rq->err)
        rq_send_file(rq, "text/calendar; charset=utf-8", T("bereg.ics"), arena_text(rq->arena, buf_get(&out)));
    buf_free(&out);
    return rq_end(rq);
}

/* ---- the page of reminders and feed ---- */

static enum err show(struct request *rq, struct reminders_page *page)
{
    q_reminder_settings(rq, &(struct reminder_settings_args){0}, &page->settings);
    q_reminders_own(rq, &(struct reminders_own_args){0}, &page->items);
    page->sent = reminders_sent();
    page->at = pack_value("reminder", "daily", "at");
    return rq_end(rq);
}

ROUTE(GET, "/reminders", desk_reminders, reminders, SIGNED_IN)
static enum err desk_reminders(struct request *rq, struct reminders_page *page)
{
    return show(rq, page);
}

ROUTE(POST, "/reminders", desk_reminders_set, reminders, SIGNED_IN)
static enum err desk_reminders_set(struct request *rq, struct reminders_page *page)
{
    bool on = text_is(rq_field(rq, "on"), "1");
    (void)page;
    rq_redirect(rq, "/reminders");
    reminder_switch(rq, on);
    rq_flash(rq, on ? N_("Reminders by mail are on") : N_("Reminders by mail are off"));
    return rq_end(rq);
}

/* No redirect: the address is shown in this answer and never again. */
ROUTE(POST, "/reminders/calendar", desk_feed_make, reminders, SIGNED_IN)
static enum err desk_feed_make(struct request *rq, struct reminders_page *page)
{
    page->address = feed_make(rq);
    return show(rq, page);
}

ROUTE(POST, "/reminders/calendar/end", desk_feed_end, reminders, SIGNED_IN)
static enum err desk_feed_end(struct request *rq, struct reminders_page *page)
{
    (void)page;
    rq_redirect(rq, "/reminders");
    feed_end(rq);
    rq_flash(rq, N_("The calendar's address no longer works"));
    return rq_end(rq);
}
