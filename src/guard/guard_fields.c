/* Tables of the guard floor: accounts and sessions, grants and access, the two logs. */
#include "guard/room.h"

static const struct field setting_fields[] = {
    {"name", FIELD_TEXT, .max = 60, .required = true},
    {"value", FIELD_TEXT, .max = 4000, .required = true},
};
const struct table setting_table = {"setting", TABLE_FIELDS(setting_fields), .key = "name"};

static const struct field counter_fields[] = {
    {"name", FIELD_TEXT, .max = 60, .required = true},
    {"value", FIELD_INT, .required = true},
};
const struct table counter_table = {"counter", TABLE_FIELDS(counter_fields), .key = "name"};

static const struct field account_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"login", FIELD_TEXT, .label = N_("Login"), .max = 60, .required = true},
    {"name", FIELD_TEXT, .label = N_("Full name"), .max = 120, .required = true, .discloses = true},
    {"role", FIELD_CODE, .label = N_("Role"), .list = "role", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"post", FIELD_TEXT, .label = N_("Post"), .max = 120, .discloses = true},
    {"password", FIELD_TEXT, .max = 200},
    {"active", FIELD_BOOL, .label = N_("Active"), .required = true, .initial = "1"},
    {"created_at", FIELD_INSTANT, .label = N_("Created"), .required = true},
    {"signed_in_at", FIELD_INSTANT, .label = N_("Last sign-in")},
};
const struct table account_table = {
    "account", N_("Account"), TABLE_FIELDS(account_fields),
    INDEXES({"account_login", "login", true}, {"account_body", "body_id, login"})};

static const struct field session_fields[] = {
    FIELD_ROW_ID,
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"csrf", FIELD_TEXT, .max = 64, .required = true},
    {"address", FIELD_TEXT, .max = 64, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
    {"seen_at", FIELD_INSTANT, .required = true},
    {"expires_at", FIELD_INSTANT, .required = true},
};
const struct table session_table = {
    "session", TABLE_FIELDS(session_fields),
    INDEXES({"session_secret", "secret_hash", true}, {"session_account", "account_id"})};

static const struct field token_fields[] = {
    FIELD_ROW_ID,
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"name", FIELD_TEXT, .max = 100, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
    {"ended_at", FIELD_INSTANT},
};
const struct table token_table = {
    "token", TABLE_FIELDS(token_fields),
    INDEXES({"token_secret", "secret_hash", true}, {"token_account", "account_id"})};

/* key: keyed hash of login and address, so that the table names nobody who never was here */
static const struct field sign_in_delay_fields[] = {
    {"key", FIELD_TEXT, .max = 64, .required = true},
    {"failures", FIELD_INT, .required = true},
    {"until", FIELD_INSTANT, .required = true},
};
const struct table sign_in_delay_table = {"sign_in_delay", TABLE_FIELDS(sign_in_delay_fields),
                                          .key = "key"};

static const struct field idempotency_fields[] = {
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"route", FIELD_TEXT, .max = 200, .required = true},
    {"key", FIELD_TEXT, .max = 100, .required = true},
    {"body_hash", FIELD_TEXT, .max = 64, .required = true},
    {"location", FIELD_TEXT, .max = 400, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table idempotency_table = {"idempotency", TABLE_FIELDS(idempotency_fields),
                                        .key = "account_id, route, key",
                                        INDEXES({"idempotency_created", "created_at"})};

/* A grant is made by a fact (`ref`, `ref_id`: the fact's row) and ends with it. */
static const struct field access_grant_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"fact", FIELD_TEXT, .max = 40, .required = true},
    {"classes", FIELD_INT, .required = true},
    {"ref", FIELD_TEXT, .max = 40, .required = true},
    {"ref_id", FIELD_INT, .required = true},
    {"since", FIELD_INSTANT, .required = true},
    {"until", FIELD_INSTANT},
    {"ended_at", FIELD_INSTANT},
};
const struct table access_grant_table = {"access_grant", TABLE_FIELDS(access_grant_fields),
                                         INDEXES({"access_grant_person", "person_id, body_id"},
                                                 {"access_grant_ref", "ref, ref_id"},
                                                 {"access_grant_body", "body_id"})};

static const struct field access_fields[] = {
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"bits", FIELD_INT, .required = true},
    {"recheck_at", FIELD_INSTANT},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
};
const struct table access_table = {
    "access", TABLE_FIELDS(access_fields), .key = "body_id, person_id",
    INDEXES({"access_name", "body_id, name_key, person_id"}, {"access_person", "person_id"},
            {"access_recheck", "recheck_at", .filled = true})};

/* Ids only: personal data stands in `history`, which retention can empty. */
static const struct field event_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
    {"day", FIELD_DATE, .label = N_("Date of the event"), .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"body_id", FIELD_REF, .ref = "body"},
    {"person_id", FIELD_INT},
    {"case_id", FIELD_INT},
    {"other_body_id", FIELD_REF, .ref = "body"},
    {"kind", FIELD_CODE, .label = N_("What"), .list = "event_kind", .required = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"object", FIELD_TEXT, .max = 40},
    {"object_id", FIELD_INT},
    {"import_id", FIELD_INT}, /* by applying or taking back this list; none: by hand */
    {"classes", FIELD_INT, .required = true, .initial = "0"},
    {"digest", FIELD_TEXT, .max = 64},
};
const struct table event_table = {
    "event", TABLE_FIELDS(event_fields), .insert_only = true,
    INDEXES({"event_person", "person_id, id"}, {"event_case", "case_id, id"})};

/* Salt and values behind an event's digest. Values are of any class: only rules read them. */
static const struct field history_fields[] = {
    {"event_id", FIELD_INT, .required = true},
    {"salt", FIELD_TEXT, .max = 64},
    {"changed", FIELD_TEXT, CLASS_IDENTITY, .max = 100000},
};
const struct table history_table = {"history", TABLE_FIELDS(history_fields), .key = "event_id"};

/* One row per page shown; `persons`: ids, space before and after each. */
static const struct field read_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"body_id", FIELD_REF, .ref = "body"},
    {"page", FIELD_TEXT, .label = N_("Page"), .max = 100, .required = true},
    {"persons", FIELD_TEXT, .max = 1000000, .required = true},
};
const struct table read_table = {"read", TABLE_FIELDS(read_fields), .insert_only = true};

static const struct field read_person_fields[] = {
    {"person_id", FIELD_INT, .required = true},
    {"read_id", FIELD_INT, .required = true},
};
const struct table read_person_table = {"read_person", TABLE_FIELDS(read_person_fields),
                                        .key = "person_id, read_id"};

/* Leaves of the Merkle trees over both logs (log 1: event, 2: read). */
static const struct field leaf_fields[] = {
    {"log", FIELD_INT, .required = true},
    {"n", FIELD_INT, .required = true},
    {"row_id", FIELD_INT, .required = true},
    {"hash", FIELD_TEXT, .max = 64, .required = true},
};
const struct table leaf_table = {"leaf", TABLE_FIELDS(leaf_fields), .key = "log, n",
                                 .insert_only = true, INDEXES({"leaf_row", "log, row_id", true})};

const struct table *const guard_tables[] = {
    &setting_table,       &counter_table,     &account_table,      &session_table, &token_table,
    &sign_in_delay_table, &idempotency_table, &access_grant_table, &access_table,  &event_table,
    &history_table,       &read_table,        &read_person_table,  &leaf_table,    NULL};

static const struct form_field sign_in_form_fields[] = {
    {"login", .required = true},
    {"password", .required = true, .label = N_("Password")},
};
const struct form sign_in_form = {"sign_in_form", N_("Sign in"), &account_table,
                                  FORM_FIELDS(sign_in_form_fields)};

const struct form *const guard_forms[] = {&sign_in_form, NULL};
