/* Individual programmes: goals, measures, responsible body and date of each. */
#include "guard/room.h"

static const struct field programme_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Programme number"), .max = 30, .required = true},
    {"case_id", FIELD_REF, .ref = "case_file", .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Lead body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account", .required = true},
    {"state", FIELD_CODE, CLASS_SOCIAL, N_("State"), .list = "programme_state", .required = true},
    {"starts_on", FIELD_DATE, CLASS_SOCIAL, N_("Begins on"), .required = true},
    {"ends_on", FIELD_DATE, CLASS_SOCIAL, N_("Ends on")},
    {"agreed_on", FIELD_DATE, CLASS_SOCIAL, N_("Agreed with the person on"), .past = true},
    {"court_note", FIELD_TEXT, CLASS_CRIMINAL, N_("How the court's decision is reflected"),
     .max = 2000, .lines = true, .sealed = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table programme_table = {
    "programme", N_("Individual programme"), TABLE_FIELDS(programme_fields),
    INDEXES({"programme_number", "number", true}, {"programme_case", "case_id, id"},
            {"programme_person", "person_id"}, {"programme_body", "body_id, id"},
            {"programme_account", "account_id"})};

static const struct form_field programme_form_fields[] = {
    {"starts_on"},
    {"ends_on"},
    {"court_note"},
};
const struct form programme_form = {"programme_form", N_("Individual programme"), &programme_table,
                                    FORM_FIELDS(programme_form_fields)};

static const struct form_field agree_form_fields[] = {
    {"agreed_on", .required = true},
};
const struct form agree_form = {"agree_form", N_("Agreement of the person"), &programme_table,
                                FORM_FIELDS(agree_form_fields)};

static const struct field goal_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"programme_id", FIELD_REF, .ref = "programme", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"domain", FIELD_CODE, CLASS_SOCIAL, N_("Domain"), .list = "need_domain",
     .class_from = "classes", .required = true, .sealed = true},
    {"words", FIELD_TEXT, CLASS_SOCIAL, N_("Goal"), .max = 500, .class_from = "classes",
     .required = true, .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
};
const struct table goal_table = {
    "goal", N_("Goal"), TABLE_FIELDS(goal_fields),
    INDEXES({"goal_programme", "programme_id, id"}, {"goal_person", "person_id"})};

static const struct form_field goal_form_fields[] = {
    {"domain"},
    {"words"},
};
const struct form goal_form = {"goal_form", N_("Goal"), &goal_table, FORM_FIELDS(goal_form_fields)};

static const struct field measure_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"programme_id", FIELD_REF, .ref = "programme", .required = true},
    {"goal_id", FIELD_REF, .label = N_("Goal"), .ref = "goal", .required = true},
    {"case_id", FIELD_REF, .ref = "case_file", .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Measure"), .max = 500, .class_from = "classes",
     .required = true, .sealed = true},
    {"need", FIELD_CODE, CLASS_IDENTITY, N_("Need"), .list = "need", .class_from = "classes",
     .required = true, .sealed = true},
    {"body_id", FIELD_REF, .label = N_("Responsible body"), .ref = "body", .required = true},
    {"ground", FIELD_CODE, .label = N_("Ground"),
     .list = "legal_basis"}, /* of another body's measure */
    {"due_on", FIELD_DATE, .label = N_("Due on"), .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "measure_state", .required = true},
    {"done_on", FIELD_DATE, .label = N_("Done on"), .past = true},
    {"result", FIELD_CODE, CLASS_IDENTITY, N_("Result"), .list = "measure_result",
     .class_from = "classes"},
    {"result_note", FIELD_TEXT, CLASS_IDENTITY, N_("Comment"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"referral_id", FIELD_REF, .label = N_("Referral"), .ref = "referral"},
    {"classes", FIELD_CLASSES, .required = true},
};
const struct table measure_table = {
    "measure", N_("Measure"), TABLE_FIELDS(measure_fields),
    INDEXES({"measure_programme", "programme_id, goal_id, id"}, {"measure_person", "person_id"},
            {"measure_case", "case_id"}, {"measure_body", "body_id, state, due_on, id"},
            {"measure_due", "body_id, due_on, id"}, {"measure_referral", "referral_id"}, {"measure_goal", "goal_id"})};

static const struct form_field measure_form_fields[] = {
    {"goal_id"}, {"words"}, {"need"}, {"body_id"}, {"ground"}, {"due_on"},
};
const struct form measure_form = {"measure_form", N_("Measure"), &measure_table,
                                  FORM_FIELDS(measure_form_fields)};

static const struct form_field measure_result_form_fields[] = {
    {"done_on", .required = true},
    {"result", .required = true},
    {"result_note"},
};
const struct form measure_result_form = {"measure_result_form", N_("Result of a measure"),
                                         &measure_table, FORM_FIELDS(measure_result_form_fields)};

const struct table *const programmes_tables[] = {&programme_table, &goal_table, &measure_table,
                                                 NULL};
const struct form *const programmes_forms[] = {&programme_form, &agree_form,          &goal_form,
                                               &measure_form,   &measure_result_form, NULL};
