/* The case of a person: kind, stages, channel of entry, assessment of needs, outcome. */
#include "guard/room.h"

static const struct field case_file_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Case number"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Lead body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account", .required = true},
    {"kind", FIELD_CODE, CLASS_SOCIAL, N_("Kind of case"), .list = "case_kind", .required = true},
    {"state", FIELD_CODE, CLASS_SOCIAL, N_("State"), .list = "case_state", .required = true},
    {"channel", FIELD_CODE, CLASS_SOCIAL, N_("Channel of entry"), .list = "channel",
     .required = true},
    {"opened_on", FIELD_DATE, CLASS_SOCIAL, N_("Opened on"), .past = true, .required = true},
    {"closed_on", FIELD_DATE, CLASS_SOCIAL, N_("Closed on"), .past = true},
    {"outcome", FIELD_CODE, CLASS_SOCIAL, N_("Outcome"), .list = "case_outcome"},
    {"outcome_note", FIELD_TEXT, CLASS_SOCIAL, N_("Comment on the outcome"), .max = 2000,
     .lines = true, .sealed = true},
    {"follow_up_until", FIELD_DATE, CLASS_SOCIAL, N_("Follow-up until")},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table case_file_table = {
    "case_file", N_("Case"), TABLE_FIELDS(case_file_fields),
    INDEXES({"case_file_number", "number", true}, {"case_file_person", "person_id, id"},
            {"case_file_body", "body_id, id"}, {"case_file_account", "account_id"})};

static const struct form_field case_close_form_fields[] = {
    {"closed_on", .required = true},
    {"outcome", .required = true},
    {"outcome_note"},
    {"follow_up_until"},
};
const struct form case_close_form = {"case_close_form", N_("Closing of the case"), &case_file_table,
                                     FORM_FIELDS(case_close_form_fields)};

static const struct form_field case_open_form_fields[] = {{"channel"}};
const struct form case_open_form = {"case_open_form", N_("Opening of a case"), &case_file_table,
                                    FORM_FIELDS(case_open_form_fields)};

static const struct field assessment_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"case_id", FIELD_REF, .ref = "case_file", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account", .required = true},
    {"day", FIELD_DATE, CLASS_SOCIAL, N_("Date of the assessment"), .past = true, .required = true},
    {"summary", FIELD_TEXT, CLASS_SOCIAL, N_("Conclusion"), .max = 4000, .lines = true, .sealed = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table assessment_table = {
    "assessment", N_("Assessment of needs"), TABLE_FIELDS(assessment_fields),
    INDEXES({"assessment_case", "case_id, id"}, {"assessment_person", "person_id"})};

static const struct form_field assessment_form_fields[] = {
    {"day"},
    {"summary"},
};
const struct form assessment_form = {"assessment_form", N_("Assessment of needs"),
                                     &assessment_table, FORM_FIELDS(assessment_form_fields)};

/* One domain of an assessment. The domain may tell a class of its own (health): `classes`. */
static const struct field need_fields[] = {
    FIELD_ROW_ID,
    {"assessment_id", FIELD_REF, .ref = "assessment", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"domain", FIELD_CODE, CLASS_SOCIAL, N_("Domain"), .list = "need_domain",
     .class_from = "classes", .required = true, .sealed = true},
    {"level", FIELD_CODE, CLASS_SOCIAL, N_("Level of need"), .list = "need_level", .class_from = "classes",
     .required = true},
    {"note", FIELD_TEXT, CLASS_SOCIAL, N_("Note"), .max = 1000, .class_from = "classes", .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
};
const struct table need_table = {
    "need", N_("Need"), TABLE_FIELDS(need_fields),
    INDEXES({"need_assessment", "assessment_id, id"}, {"need_person", "person_id"})};

/* A note in the person's file, of the class its author gives it; a note of a class seen by its
 * owner only (HIV) never leaves the body. */
static const struct field note_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"case_id", FIELD_REF, .ref = "case_file"},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Author"), .ref = "account", .required = true},
    {"day", FIELD_DATE, .label = N_("Date"), .past = true, .required = true},
    {"topic", FIELD_CODE, CLASS_IDENTITY, N_("Topic"), .list = "note_topic", .class_from = "classes",
     .required = true, .sealed = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Note"), .max = 4000, .lines = true,
     .class_from = "classes", .required = true, .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table note_table = {
    "note", N_("Note"), TABLE_FIELDS(note_fields),
    INDEXES({"note_person", "person_id, id"}, {"note_case", "case_id"}, {"note_body", "body_id, id"})};

static const struct form_field note_form_fields[] = {
    {"day"},
    {"topic"},
    {"words"},
};
const struct form note_form = {"note_form", N_("Note"), &note_table, FORM_FIELDS(note_form_fields)};

/* Fact: a person belongs to the family of a case; it opens the person to the lead. */
static const struct field case_member_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"case_id", FIELD_REF, .ref = "case_file", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"role", FIELD_CODE, CLASS_FAMILY, N_("Role in the family"), .list = "family_role",
     .required = true},
    {"since", FIELD_DATE, CLASS_FAMILY, N_("Since"), .past = true, .required = true},
    {"until", FIELD_DATE, CLASS_FAMILY, N_("Until"), .past = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table case_member_table = {
    "case_member", N_("Member of the family"), TABLE_FIELDS(case_member_fields),
    INDEXES({"case_member_case", "case_id, id"}, {"case_member_person", "person_id"})};

static const struct form_field member_form_fields[] = {{"role"}, {"since"}};
const struct form member_form = {"member_form", N_("Member of the family"), &case_member_table,
                                 FORM_FIELDS(member_form_fields)};

static const struct form_field member_end_form_fields[] = {
    {"until", .required = true, .label = N_("Last day")},
};
const struct form member_end_form = {"member_end_form", N_("End of the membership"),
                                     &case_member_table, FORM_FIELDS(member_end_form_fields)};

const struct table *const cases_tables[] = {&case_file_table, &assessment_table, &need_table,
                                            &note_table,      &case_member_table, NULL};
const struct form *const cases_forms[] = {&case_open_form, &case_close_form, &assessment_form, &note_form,
                                           &member_form,    &member_end_form, NULL};
