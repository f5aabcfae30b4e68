/* Posts and people of bodies. Accounts, roles and sessions are the guard's tables; this room has
 * their pages. */
#include "guard/room.h"

extern const struct table account_table;

/* Somebody is away and who stands in. `until` is the last day. Of what is cancelled the row stays. */
static const struct field absence_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"account_id", FIELD_REF, .label = N_("Who is absent"), .ref = "account", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"since", FIELD_DATE, .label = N_("First day"), .required = true},
    {"until", FIELD_DATE, .label = N_("Last day"), .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of absence"), .list = "absence_kind", .required = true},
    {"substitute_id", FIELD_REF, .label = N_("Who stands in"), .ref = "account"},
    {"cancelled", FIELD_BOOL, .required = true, .initial = "0"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table absence_table = {
    "absence", N_("Absence"), TABLE_FIELDS(absence_fields),
    INDEXES({"absence_account", "account_id, since, id"}, {"absence_body", "body_id, until, id"},
            {"absence_substitute", "substitute_id"})};

static const struct form_field absence_form_fields[] = {
    {"account_id"}, {"kind"}, {"since"}, {"until"}, {"substitute_id"},
};
const struct form absence_form = {"absence_form", N_("Absence"), &absence_table,
                                  FORM_FIELDS(absence_form_fields)};

static const struct form_field taker_form_fields[] = {
    {"substitute_id", .label = N_("Who takes over the open work")},
};
const struct form taker_form = {"taker_form", N_("Who takes over"), &absence_table,
                                FORM_FIELDS(taker_form_fields)};

static const struct form_field account_form_fields[] = {
    {"login"}, {"name"}, {"role"}, {"body_id"}, {"post"}, {"email"},
    {"active", .label = N_("May sign in")}, {"settlement"}, {"street"},
};
const struct form account_form = {"account_form", N_("Account"), &account_table,
                                  FORM_FIELDS(account_form_fields)};

static const struct form_field password_form_fields[] = {
    {"password", .required = true, .label = N_("New password"), .secret = true},
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

const struct table *const staff_tables[] = {&absence_table, NULL};
const struct form *const staff_forms[] = {&account_form, &password_form, &account_filter_form,
                                          &absence_form, &taker_form, NULL};
