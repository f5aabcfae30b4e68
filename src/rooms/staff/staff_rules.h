/* The room's own rules, called by its pages. */
#ifndef STAFF_STAFF_RULES_H
#define STAFF_STAFF_RULES_H
#include "guard/room.h"
#include "rooms/staff/staff.h"

/* first: the password made for it, told to nobody else. */
int64_t account_create(struct request *rq, struct account_form *form, struct first_password *first);
/* taker: to whom the open work of an account passes that is ended or goes to another body. */
void account_change(struct request *rq, int64_t id, int64_t version, struct account_form *form,
                    struct taker_form *taker);
/* The hash of a new password; false, with the mistake at the form's field, when it is none that may be. */
bool new_password(struct request *rq, struct password_form *form, struct text login, char out[PASSWORD_HASH_LEN]);
/* The viewer's own: his other sessions end, this one gets another secret. */
void password_change(struct request *rq, struct password_form *password, char secret[SECRET_LEN + 1]);
/* A new first password of the account of another; its sessions end. */
bool account_password(struct request *rq, int64_t id, struct first_password *first);

/* Asks for the own password, as slowly after wrong ones as a sign-in. */
bool own_password(struct request *rq, struct text password, const char *field);
/* False: nobody is here by a session, or secrets are to be given first; then the request is led there, and from there to the place. */
bool confirmed_for(struct request *rq, struct text place);

union account_card_row;
/* Whom the viewer may sign out: the administrator everybody, a head the workers of the own body. To others there is nobody
 * (ERR_NOT_FOUND, and false). */
bool signs_out(struct request *rq, struct value account, union account_card_row *a);

/* May somebody of this role do the work of one of that role? */
bool stands_in_for(struct request *rq, struct value absent_role, struct value role);
/* An absence of the viewer's own account, or by the head of the body or the administrator of any. */
int64_t absence_record(struct request *rq, struct absence_form *form);
/* From today on the worker is there. */
void absence_end(struct request *rq, int64_t id, int64_t version);

/* Open work of an account, as far as the viewer may know of it. */
struct moved caseload_of(struct request *rq, int64_t account);
/* "cases: 5, referrals sent: 2", in the viewer's language. */
struct text caseload_words(struct request *rq, const struct moved *m);
/* By the head: all open work of the account to one colleague, or evenly to several. Returns what was moved. */
struct moved caseload_pass(struct request *rq, int64_t account, const int64_t *to, size_t n);
/* Inside the change by which the account leaves: its open work goes to the taker, or a mistake tells how much it is. */
union account_facts_row;
void caseload_leave(struct change *ch, const union account_facts_row *who, struct input *taker);

#endif
