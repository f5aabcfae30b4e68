/* Posts and people of bodies. Accounts, roles and sessions are the guard's tables; this room has
 * their pages. */
#include "guard/room.h"

extern const struct table account_table;

static const struct form_field account_form_fields[] = {
    {"login"}, {"name"}, {"role"}, {"body_id"}, {"post"}, {"active", .label = N_("May sign in")},
};
const struct form account_form = {"account_form", N_("Account"), &account_table,
                                  FORM_FIELDS(account_form_fields)};

static const struct form_field password_form_fields[] = {
    {"password", .required = true, .label = N_("New password")},
};
const struct form password_form = {"password_form", N_("Password"), &account_table,
                                   FORM_FIELDS(password_form_fields)};

/* What the list of accounts is narrowed by. */
static const struct form_field account_filter_form_fields[] = {
    {"name", .optional = true, .label = N_("Part of the name or login")},
    {"role", .optional = true},
    {"body_id", .optional = true},
};
const struct form account_filter_form = {"account_filter_form", N_("Filter"), &account_table,
                                         FORM_FIELDS(account_filter_form_fields)};

const struct table *const staff_tables[] = {NULL};
const struct form *const staff_forms[] = {&account_form, &password_form, &account_filter_form,
                                          NULL};
