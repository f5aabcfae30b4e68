/* Bodies that take part: state bodies, institutions, NGOs, employers. */
#include "guard/room.h"

/* discloses: bits of classes that the very name of the body tells about a person it works with. */
static const struct field body_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"name", FIELD_TEXT, .label = N_("Body"), .max = 250, .required = true, .discloses = true},
    {"name_key", FIELD_TEXT, .max = 250, .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of body"), .list = "body_kind", .required = true},
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district"},
    {"discloses", FIELD_INT, .required = true, .initial = "0"},
    {"phone", FIELD_PHONE, .label = N_("Telephone"), .discloses = true, .sealed = true},
    {"address", FIELD_TEXT, .label = N_("Address"), .max = 250, .discloses = true, .sealed = true},
    {"contact", FIELD_TEXT, .label = N_("Contact person"), .max = 120, .discloses = true},
    {"active", FIELD_BOOL, .label = N_("Active"), .required = true, .initial = "1"},
    {"head_account_id", FIELD_REF, .label = N_("Head"), .ref = "account"},
    {"coordinator_id", FIELD_REF, .label = N_("Coordinating body"), .ref = "body"},
    {"paused_until", FIELD_DATE, .label = N_("Intake is paused until")},
    {"pause_reason", FIELD_TEXT, .label = N_("Reason of the pause"), .max = 250, .discloses = true},
    {"successor_id", FIELD_REF, .label = N_("Successor"), .ref = "body"},
};
const struct table body_table = {"body", N_("Body"), TABLE_FIELDS(body_fields),
                                 INDEXES({"body_name", "name_key, id"},
                                         {"body_successor", "successor_id", .filled = true},
                                         {"body_coordinator", "coordinator_id", .filled = true},
                                         {"body_kind", "kind, district_id"},
                                         {"body_district", "district_id"})};

/* What a body was called before: until the day before it was renamed. */
static const struct field body_former_fields[] = {
    FIELD_ROW_ID,
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"name", FIELD_TEXT, .label = N_("Former name"), .max = 250, .required = true, .discloses = true},
    {"name_key", FIELD_TEXT, .max = 250, .required = true},
    {"since", FIELD_DATE, .label = N_("From")},
    {"until", FIELD_DATE, .label = N_("Until"), .required = true},
};
const struct table body_former_table = {"body_former", N_("Former name of a body"),
                                        TABLE_FIELDS(body_former_fields),
                                        INDEXES({"body_former_of", "body_id, until, id"})};

/* A department of a body; `parent_id` is one of the same body. */
static const struct field unit_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"name", FIELD_TEXT, .label = N_("Unit"), .max = 200, .required = true, .discloses = true},
    {"parent_id", FIELD_REF, .label = N_("Part of the unit"), .ref = "unit"},
    {"head_account_id", FIELD_REF, .label = N_("Head of the unit"), .ref = "account"},
    {"active", FIELD_BOOL, .label = N_("Active"), .required = true, .initial = "1"},
};
const struct table unit_table = {"unit", N_("Unit"), TABLE_FIELDS(unit_fields),
                                 INDEXES({"unit_body", "body_id, id"})};

/* A document by which bodies act together: agreement, joint order. Parties and what it carries stand in rows of
 * their own. `until` empty: without end. */
static const struct field agreement_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Number of the agreement"), .max = 60, .required = true},
    {"signed_on", FIELD_DATE, .label = N_("Signed on"), .past = true, .required = true},
    {"subject", FIELD_TEXT, .label = N_("Subject"), .max = 500, .lines = true, .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of document"), .list = "agreement_kind", .required = true},
    {"since", FIELD_DATE, .label = N_("In force from"), .required = true},
    {"until", FIELD_DATE, .label = N_("In force until")},
    {"state", FIELD_CODE, .label = N_("State"), .list = "agreement_state", .required = true},
    {"ended_on", FIELD_DATE, .label = N_("Ended early on"), .past = true},
    {"end_reason", FIELD_TEXT, .label = N_("Reason of the early end"), .max = 500, .lines = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table agreement_table = {
    "agreement", N_("Agreement"), TABLE_FIELDS(agreement_fields),
    INDEXES({"agreement_state", "state, until, id"}, {"agreement_signed", "signed_on, id"})};

/* One body, or all bodies of a kind. */
static const struct field agreement_party_fields[] = {
    FIELD_ROW_ID,
    {"agreement_id", FIELD_REF, .ref = "agreement", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body"},
    {"kind", FIELD_CODE, .label = N_("All bodies of the kind"), .list = "body_kind"},
};
const struct table agreement_party_table = {
    "agreement_party", N_("Party of an agreement"), TABLE_FIELDS(agreement_party_fields),
    INDEXES({"agreement_party_of", "agreement_id, id"}, {"agreement_party_body", "body_id"})};

/* A need, a routing scheme by its code, or (both empty) everything. */
static const struct field agreement_carries_fields[] = {
    FIELD_ROW_ID,
    {"agreement_id", FIELD_REF, .ref = "agreement", .required = true},
    {"need", FIELD_CODE, .label = N_("Need"), .list = "need"},
    {"scheme", FIELD_TEXT, .label = N_("Code of a routing scheme"), .max = 60},
};
const struct table agreement_carries_table = {
    "agreement_carries", N_("What an agreement carries"), TABLE_FIELDS(agreement_carries_fields),
    INDEXES({"agreement_carries_of", "agreement_id, id"})};

static const struct form_field body_form_fields[] = {
    {"name"},
    {"kind"},
    {"district_id"},
    {"phone"},
    {"address"},
    {"contact"},
    {"head_account_id"},
    {"coordinator_id"},
    {"active", .label = N_("Takes part: can send and take referrals")},
    {"successor_id", .label = N_("Successor: takes over what is open when the body is closed")},
};
const struct form body_form = {"body_form", N_("Body"), &body_table, FORM_FIELDS(body_form_fields)};

/* What the list of bodies is narrowed by. */
static const struct form_field body_filter_form_fields[] = {
    {"name", .optional = true, .label = N_("Part of the name")},
    {"kind", .optional = true},
    {"district_id", .optional = true},
};
const struct form body_filter_form = {"body_filter_form", N_("Filter"), &body_table,
                                      FORM_FIELDS(body_filter_form_fields)};

static const struct form_field pause_form_fields[] = {
    {"paused_until"},
    {"pause_reason"},
};
const struct form pause_form = {"pause_form", N_("Pause of the intake"), &body_table,
                                FORM_FIELDS(pause_form_fields)};

static const struct form_field unit_form_fields[] = {
    {"name"},
    {"parent_id"},
    {"head_account_id"},
    {"active", .label = N_("The unit works")},
};
const struct form unit_form = {"unit_form", N_("Unit"), &unit_table, FORM_FIELDS(unit_form_fields)};

static const struct form_field agreement_form_fields[] = {
    {"number"}, {"kind"}, {"signed_on"}, {"subject"}, {"since"}, {"until"},
};
const struct form agreement_form = {"agreement_form", N_("Agreement"), &agreement_table,
                                    FORM_FIELDS(agreement_form_fields)};

static const struct form_field agreement_end_form_fields[] = {
    {"ended_on", .required = true},
    {"end_reason", .required = true},
};
const struct form agreement_end_form = {"agreement_end_form", N_("Early end of the agreement"),
                                        &agreement_table, FORM_FIELDS(agreement_end_form_fields)};

static const struct form_field party_form_fields[] = {{"body_id"}, {"kind"}};
const struct form party_form = {"party_form", N_("Party of an agreement"), &agreement_party_table,
                                FORM_FIELDS(party_form_fields)};

static const struct form_field carries_form_fields[] = {{"need"}, {"scheme"}};
const struct form carries_form = {"carries_form", N_("What an agreement carries"),
                                  &agreement_carries_table, FORM_FIELDS(carries_form_fields)};

/* What the list of agreements is narrowed by. */
static const struct form_field agreement_filter_form_fields[] = {
    {"kind", .optional = true},
    {"state", .optional = true},
};
const struct form agreement_filter_form = {"agreement_filter_form", N_("Filter"), &agreement_table,
                                           FORM_FIELDS(agreement_filter_form_fields)};

const struct table *const agencies_tables[] = {
    &body_table,      &body_former_table,     &unit_table,
    &agreement_table, &agreement_party_table, &agreement_carries_table, NULL};
const struct form *const agencies_forms[] = {
    &body_form,          &body_filter_form, &pause_form,   &unit_form,
    &agreement_form,     &agreement_end_form, &party_form, &carries_form,
    &agreement_filter_form, NULL};
