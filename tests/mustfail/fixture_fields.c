/* A small house for the fixtures of tools/querycomp: one table of each kind of trouble. */
#include "guard/form.h"
#include "main/room_list.h"

static const struct field person_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"family_name", FIELD_TEXT, CLASS_IDENTITY, N_("Surname"), .max = 100, .required = true},
    {"given_name", FIELD_TEXT, CLASS_IDENTITY, N_("Given name"), .max = 100},
    {"birth_date", FIELD_DATE, CLASS_IDENTITY, N_("Born"), .past = true},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district"},
    {"hiv_status", FIELD_CODE, CLASS_HIV, N_("HIV status"), .list = "hiv_status"},
    {"category", FIELD_CODE, .label = N_("Category"), .list = "category"},
    {"note", FIELD_TEXT, CLASS_SOCIAL, N_("Note"), .max = 1000},
};
const struct table person_table = {"person", N_("Person"), TABLE_FIELDS(person_fields)};

static const struct field access_fields[] = {
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"bits", FIELD_INT, .required = true},
    {"recheck_at", FIELD_INSTANT},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
};
const struct table access_table = {"access", TABLE_FIELDS(access_fields),
                                   .key = "body_id, person_id",
                                   INDEXES({"access_name", "body_id, name_key, person_id"})};

static const struct field restriction_viewer_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"account_id", FIELD_INT},
};
const struct table restriction_viewer_table = {
    "restriction_viewer", TABLE_FIELDS(restriction_viewer_fields),
    INDEXES({"restriction_viewer_person", "person_id, body_id, account_id"})};

static const struct field body_fields[] = {
    FIELD_ROW_ID,
    {"name", FIELD_TEXT, .label = N_("Name"), .max = 200, .required = true, .discloses = true},
    {"kind", FIELD_CODE, .label = N_("Kind"), .list = "body_kind", .required = true},
};
const struct table body_table = {"body", N_("Body"), TABLE_FIELDS(body_fields)};

static const struct field district_fields[] = {
    FIELD_ROW_ID,
    {"name", FIELD_TEXT, .label = N_("District"), .max = 200, .required = true},
};
const struct table district_table = {"district", N_("District"), TABLE_FIELDS(district_fields)};

static const struct field note_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"classes", FIELD_INT, .required = true},
    {"text", FIELD_TEXT, .label = N_("Text"), .class_from = "classes", .max = 4000, .lines = true},
    {"made_at", FIELD_INSTANT, .label = N_("When"), .required = true},
};
const struct table note_table = {"note", N_("Note"), TABLE_FIELDS(note_fields)};

static const struct field health_fields[] = {
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"dispensary_id", FIELD_REF, CLASS_HEALTH, N_("Dispensary"), .ref = "body"},
    {"disability", FIELD_CODE, CLASS_HEALTH, N_("Disability"), .list = "disability"},
};
const struct table health_table = {"health", N_("Health"), TABLE_FIELDS(health_fields),
                                   .key = "person_id"};

static const struct field pair_fields[] = {
    FIELD_ROW_ID,
    {"a_id", FIELD_REF, .ref = "person", .required = true},
    {"b_id", FIELD_REF, .ref = "person", .required = true},
    {"score", FIELD_INT, .label = N_("Likeness"), .required = true},
};
const struct table pair_table = {"pair", N_("Pair"), TABLE_FIELDS(pair_fields)};

static const struct field trace_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person"},
    {"text", FIELD_TEXT, .max = 100},
    {"n", FIELD_INT},
};
const struct table trace_table = {"trace", TABLE_FIELDS(trace_fields), .insert_only = true};

const struct table *const guard_tables[] = {&person_table,   &access_table, &body_table,
                                            &district_table, &note_table,   &health_table,
                                            &pair_table,     &trace_table,  &restriction_viewer_table,
                                            NULL};

static const struct form_field person_form_fields[] = {
    {"family_name", .required = true},
    {"given_name"},
    {"birth_date"},
};
const struct form person_form = {"person_form", N_("Person"), &person_table,
                                 FORM_FIELDS(person_form_fields)};
const struct form *const guard_forms[] = {&person_form, NULL};

/* no rooms in this house */
#define EMPTY(room)                                                                                \
    const struct table *const room##_tables[] = {NULL};                                            \
    const struct form *const room##_forms[] = {NULL};
ROOMS(EMPTY)
