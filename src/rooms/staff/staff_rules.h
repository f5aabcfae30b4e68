/* The room's own rules, called by its pages. */
#ifndef STAFF_STAFF_RULES_H
#define STAFF_STAFF_RULES_H
#include "rooms/staff/staff.h"

int64_t account_create(struct request *rq, struct account_form *form,
                       struct password_form *password);
void account_change(struct request *rq, int64_t id, int64_t version, struct account_form *form);
/* Sets a new password and ends the account's sessions. */
void account_password(struct request *rq, int64_t id, struct password_form *password);

#endif
