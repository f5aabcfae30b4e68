/* What the pages, the reminders and the calendar feed of the desk share. */
#ifndef ROOMS_DESK_DESK_RULES_H
#define ROOMS_DESK_DESK_RULES_H
#include "rooms/desk/desk.h"

/* ---- obligations (desk_inbox.c) ---- */

/* Whose obligations of the viewer's body: arguments of the inbox's queries, all empty for the whole body. What nobody has
 * taken yet is everybody's. */
struct whose {
    struct value account;  /* one */
    struct value accounts; /* or several: text, numbers with blanks around each */
    struct value unit, worker, nobody;
};
/* The viewer's own, and those of the absent ones for whom he stands in today. */
struct whose whose_mine(struct request *rq);

/* Numbers of what the viewer sees, each no further than to DUTIES_MAX. */
enum { DUTIES_MAX = 100 };
struct duties {
    int64_t all, fresh, overdue, today, week, later, work; /* what we owe */
    int64_t waiting, waiting_late;                         /* what others owe us */
    int64_t answers, proposals, drafts, measures;
};
void duties_count(struct request *rq, const struct whose *whose, struct duties *out);
/* A group of the inbox by the name in its address ("overdue", "waiting_late", …; else everything owed), and how many rows
 * it shows, no further than to DUTIES_MAX. */
void inbox_rows(struct request *rq, struct text group, struct paging paging, const struct whose *whose,
                struct inbox_owing_rows *out);
int64_t inbox_count(struct request *rq, const char *group, const struct whose *whose);
/* What is overdue or due this week, the oldest first, marked as in the inbox. */
void inbox_urgent(struct request *rq, const struct whose *whose, int32_t most, struct inbox_owing_rows *out);

/* What falls due by days: what is owed, in the order of the dates. */
struct due_day {
    int64_t day, n;
};
size_t duties_by_day(struct request *rq, const struct whose *whose, struct due_day **out);

/* The part of the body whose load the viewer may see as a head. */
struct lead {
    bool body; /* all of it */
    size_t n_units;
    int64_t *units; /* those he heads, with all below them */
};
struct lead lead_of(struct request *rq);
bool leads(const struct lead *lead);
/* Its workers with the most overdue obligations, the most first (no id: what nobody has taken); none where there is too much to
 * be told apart at a glance. */
void lead_workers(struct request *rq, const struct lead *lead, size_t most, struct workers_load_rows *out);

/* ---- the beginning of the day (desk_home.c) ---- */

/* How many rows /system?show=WHICH has ("disk", "jobs", "mails", "imports", "rules"), no further than to 100. */
int64_t system_count(struct request *rq, const char *which);
/* How many events of a kind the log has within its usual period, no further than to 100. */
int64_t log_count(struct request *rq, const char *kind);
/* What the log parts from the auditor (desk_timeline.c): a person, and a body whose very name tells what his role does not read; a restricted
 * person, and anything. restricted: how many are. */
bool log_parts(const struct request *rq, struct value body, struct value other_body, struct value restricted);
enum err home_take(const struct pack_entry *e, struct fault *fault); /* [home terms] */

/* ---- reminders by mail (desk_reminders.c) ---- */

/* Whether they are sent at all: an SMTP server is named (desk.h). */
bool reminders_sent(void);
enum err reminder_take(const struct pack_entry *e, struct fault *fault); /* [reminder KIND] */
enum err inbox_take(const struct pack_entry *e, struct fault *fault);    /* [inbox terms] */
void reminder_switch(struct request *rq, bool on);
void reminders_make(struct request *rq);
void reminders_send(struct request *rq);
/* Of the digest: how many overdue obligations the part of the body has that the viewer heads. */
int64_t lead_overdue(struct request *rq, const struct lead *lead);

/* ---- calendar feed (desk_feed.c) ---- */

/* A new secret address of the viewer's feed, in place of the one he had; shown once. */
struct text feed_make(struct request *rq);
void feed_end(struct request *rq);

#endif
