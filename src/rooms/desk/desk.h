/* What shows several rooms together: the first page, the inbox of obligations with its reminders by mail and its calendar
 * feed, the card of a person, the page of a case, timelines, the auditor's log. Of its own the room has only the outbox of
 * reminders and the addresses of feeds (tables reminder and feed), which hold nothing about a person. It stands below all
 * others; the command line gives it the mail server. */
#ifndef ROOMS_DESK_DESK_H
#define ROOMS_DESK_DESK_H
#include "desk_gen.h"
#include "formats/mail.h"
#include "guard/room.h"

extern const struct room desk_room;

/* The safe signal: is a body at work for the person, by a case or an accepted referral, of which
 * the viewer is told nowhere else? Never which one, how many, since when. *signal: of what kind, in the words of the packs,
 * where a consent or an answer of the lead lets the viewer's body know; empty otherwise. */
bool desk_others_at_work(struct request *rq, int64_t person, struct text *signal);

/* Working days that have gone since the date due; at least 1 when it has passed, 0 when it has not.
 */
int64_t desk_days_late(int64_t due, int64_t today);

/* Where reminders go out and what their links begin with; the texts must live as long as the process. Null, or what is wrong
 * (English, for the command line); then nothing has changed. Without it no mail is made. */
struct reminder_server {
    struct mail_server mail;
    const char *site; /* https://bereg.example */
};
const char *reminder_server_use(const struct reminder_server *s);
/* A path of the register as an address that stands outside it; the path alone where no site was named. In the arena. */
struct text register_address(struct request *rq, const char *path);

#endif
