/* Hand-overs between bodies: states, deadlines, replies. What is asked and answered is read by the
 * two parties and the lead only (the queries' scope), so its class is that of the person standing
 * here at all; `classes` adds what the need tells. */
#include "guard/room.h"

static const struct field referral_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Referral number"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"case_id", FIELD_REF, .label = N_("Case"), .ref = "case_file"},
    {"measure_id", FIELD_INT},
    {"from_body_id", FIELD_REF, .label = N_("From"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("To"), .ref = "body", .required = true},
    {"from_account_id", FIELD_REF, .ref = "account", .required = true},
    {"to_account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account"},
    {"need", FIELD_CODE, CLASS_IDENTITY, N_("Need"), .list = "need", .class_from = "classes",
     .required = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis", .required = true},
    {"note", FIELD_TEXT, CLASS_IDENTITY, N_("What is asked"), .max = 2000, .lines = true,
     .class_from = "classes"},
    {"state", FIELD_CODE, .label = N_("State"), .list = "referral_state", .required = true},
    {"sent_on", FIELD_DATE, .label = N_("Sent on"), .required = true},
    {"term", FIELD_INT, .label = N_("Term, working days"), .max = 365, .required = true},
    {"due_on", FIELD_DATE, .label = N_("Due on"), .required = true},
    {"answered_on", FIELD_DATE, .label = N_("Answered on")},
    {"decline_reason", FIELD_CODE, CLASS_IDENTITY, N_("Reason of declining"),
     .list = "decline_reason", .class_from = "classes"},
    {"finished_on", FIELD_DATE, .label = N_("Finished on")},
    {"result", FIELD_CODE, CLASS_IDENTITY, N_("Result"), .list = "measure_result",
     .class_from = "classes"},
    {"result_note", FIELD_TEXT, CLASS_IDENTITY, N_("Comment"), .max = 2000, .lines = true,
     .class_from = "classes"},
    {"classes", FIELD_INT, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table referral_table = {
    "referral", N_("Referral"), TABLE_FIELDS(referral_fields),
    INDEXES({"referral_number", "number", true}, {"referral_person", "person_id, id"},
            {"referral_case", "case_id"}, {"referral_to", "to_body_id, state, due_on, id"},
            {"referral_from", "from_body_id, state, due_on, id"},
            {"referral_measure", "measure_id"}, {"referral_received", "to_body_id, id"},
            {"referral_sent", "from_body_id, id"})};

static const struct form_field referral_form_fields[] = {
    {"to_body_id", .optional = true}, {"need"}, {"ground"}, {"term"}, {"note"},
};
const struct form referral_form = {"referral_form", N_("Referral"), &referral_table,
                                   FORM_FIELDS(referral_form_fields)};

static const struct form_field decline_form_fields[] = {
    {"decline_reason", .required = true},
    {"result_note"},
};
const struct form decline_form = {"decline_form", N_("Declining of a referral"), &referral_table,
                                  FORM_FIELDS(decline_form_fields)};

static const struct form_field result_form_fields[] = {
    {"finished_on", .required = true},
    {"result", .required = true},
    {"result_note"},
};
const struct form result_form = {"result_form", N_("Result"), &referral_table,
                                 FORM_FIELDS(result_form_fields)};

const struct table *const referrals_tables[] = {&referral_table, NULL};
const struct form *const referrals_forms[] = {&referral_form, &decline_form, &result_form, NULL};
