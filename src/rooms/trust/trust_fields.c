/* Consents: one document per purpose and recipient (152-ФЗ, ст. 9 as of 01.09.2025). */
#include "guard/room.h"

/* classes: what the purpose itself tells (help against addiction). opens: what the recipient gets.
 */
static const struct field consent_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Number of the consent"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Taken by"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("Recipient"), .ref = "body", .required = true},
    {"purpose", FIELD_CODE, CLASS_IDENTITY, N_("Purpose"), .list = "consent_purpose",
     .class_from = "classes", .required = true},
    {"form", FIELD_CODE, .label = N_("Form"), .list = "consent_form", .required = true},
    {"signed_on", FIELD_DATE, .label = N_("Signed on"), .required = true, .past = true},
    {"until", FIELD_DATE, .label = N_("Valid until"), .required = true},
    {"representative", FIELD_TEXT, CLASS_IDENTITY, N_("Representative"), .max = 200},
    {"authority", FIELD_TEXT, CLASS_IDENTITY, N_("Document of the representative"), .max = 250},
    {"withdrawn_on", FIELD_DATE, .label = N_("Withdrawn on"), .past = true},
    {"opens", FIELD_INT, .required = true},
    {"classes", FIELD_INT, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table consent_table = {
    "consent", N_("Consent"), TABLE_FIELDS(consent_fields),
    INDEXES({"consent_number", "number", true}, {"consent_person", "person_id, id"},
            {"consent_body", "body_id, id"}, {"consent_to", "to_body_id, id"})};

static const struct form_field consent_form_fields[] = {
    {"to_body_id"}, {"purpose"},        {"form"},      {"signed_on"},
    {"until"},      {"representative"}, {"authority"},
};
const struct form consent_form = {"consent_form", N_("Consent"), &consent_table,
                                  FORM_FIELDS(consent_form_fields)};

static const struct form_field withdrawal_form_fields[] = {
    {"withdrawn_on", .required = true},
};
const struct form withdrawal_form = {"withdrawal_form", N_("Withdrawal of the consent"),
                                     &consent_table, FORM_FIELDS(withdrawal_form_fields)};

/* A body asks the lead of a person for classes that no fact opens to it; the answer is a fact. */
static const struct field access_ask_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"from_body_id", FIELD_REF, .label = N_("Who asks"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("Lead"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"classes", FIELD_INT, .required = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("What it is needed for"), .max = 1000, .lines = true,
     .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "ask_state", .required = true},
    {"asked_on", FIELD_DATE, .label = N_("Asked on"), .required = true},
    {"answered_on", FIELD_DATE, .label = N_("Answered on")},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"until", FIELD_DATE, .label = N_("Open until")},
    {"answer", FIELD_TEXT, CLASS_IDENTITY, N_("Answer"), .max = 1000, .lines = true},
};
const struct table access_ask_table = {
    "access_ask", N_("Request for access"), TABLE_FIELDS(access_ask_fields),
    INDEXES({"access_ask_to", "to_body_id, id"}, {"access_ask_waits", "to_body_id, state"},
            {"access_ask_from", "from_body_id, id"}, {"access_ask_person", "person_id"})};

static const struct form_field ask_form_fields[] = {{"words"}};
const struct form ask_form = {"ask_form", N_("Request for access"), &access_ask_table,
                              FORM_FIELDS(ask_form_fields)};

static const struct form_field ask_answer_form_fields[] = {
    {"state", .label = N_("Decision")}, {"ground"}, {"until"}, {"answer"}};
const struct form ask_answer_form = {"ask_answer_form", N_("Answer to the request"),
                                     &access_ask_table, FORM_FIELDS(ask_answer_form_fields)};

/* Looked at once in an emergency. The words name nobody: the head and the auditor read them later,
 * without access to the person. */
static const struct field emergency_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person, number"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"reason", FIELD_CODE, .label = N_("Reason"), .list = "emergency_reason", .required = true},
    {"words", FIELD_TEXT, .label = N_("What has happened"), .max = 500, .lines = true,
     .required = true},
    {"opened_at", FIELD_INSTANT, .label = N_("Opened"), .required = true},
    {"until", FIELD_INSTANT, .label = N_("Ends"), .required = true},
    {"review", FIELD_CODE, .label = N_("Review"), .list = "emergency_review", .required = true},
    {"reviewed_on", FIELD_DATE, .label = N_("Reviewed on")},
    {"remark", FIELD_TEXT, .label = N_("Remark of the reviewer"), .max = 500, .lines = true},
};
const struct table emergency_table = {
    "emergency", N_("Emergency access"), TABLE_FIELDS(emergency_fields),
    INDEXES({"emergency_body", "body_id, review, id"}, {"emergency_person", "person_id, body_id"})};

static const struct form_field emergency_form_fields[] = {{"reason"}, {"words"}};
const struct form emergency_form = {"emergency_form", N_("Emergency access"), &emergency_table,
                                    FORM_FIELDS(emergency_form_fields)};

static const struct form_field review_form_fields[] = {{"review", .label = N_("Your judgement")},
                                                       {"remark"}};
const struct form review_form = {"review_form", N_("Review"), &emergency_table,
                                 FORM_FIELDS(review_form_fields)};

const struct table *const trust_tables[] = {&consent_table, &access_ask_table, &emergency_table,
                                            NULL};
const struct form *const trust_forms[] = {
    &consent_form,   &withdrawal_form, &ask_form, &ask_answer_form,
    &emergency_form, &review_form,     NULL};
