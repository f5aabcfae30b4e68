/* Services delivered: date of the event and date of entry are two fields. The kind of service tells classes of its
 * own (`classes`); beside them it needs what every taking part needs. */
#include "guard/room.h"

static const struct field service_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"case_id", FIELD_REF, .ref = "case_file"},
    {"referral_id", FIELD_REF, .ref = "referral"},
    {"body_id", FIELD_REF, .label = N_("Institution"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account", .required = true},
    {"kind", FIELD_CODE, CLASS_IDENTITY, N_("Service"), .list = "service", .class_from = "classes",
     .required = true, .sealed = true},
    {"day", FIELD_DATE, .label = N_("Date of service"), .past = true, .required = true},
    {"note", FIELD_TEXT, CLASS_IDENTITY, N_("Note"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"created_at", FIELD_INSTANT, .label = N_("Entered"), .required = true},
};
const struct table service_table = {
    "service", N_("Service"), TABLE_FIELDS(service_fields),
    INDEXES({"service_person", "person_id, day, id"}, {"service_case", "case_id"},
            {"service_body", "body_id, day, id"}, {"service_import", "import_id"},
            {"service_referral", "referral_id"})};

static const struct form_field service_form_fields[] = {
    {"kind"},
    {"day"},
    {"note"},
};
const struct form service_form = {"service_form", N_("Service"), &service_table,
                                  FORM_FIELDS(service_form_fields)};

const struct table *const services_tables[] = {&service_table, NULL};
const struct form *const services_forms[] = {&service_form, NULL};
