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

const struct table *const trust_tables[] = {&consent_table, NULL};
const struct form *const trust_forms[] = {&consent_form, &withdrawal_form, NULL};
