/* Sentences and orders as structured items. */
#include "guard/room.h"

/* Spent on a computed day or struck by a court: from `closes_on` on the class of the row is that of
 * spent convictions (court_spent.c). `classes` holds it when the job has noted that it is so. */
static const struct field sentence_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"article", FIELD_TEXT, CLASS_CRIMINAL, N_("Article"), .max = 200, .class_from = "classes",
     .required = true},
    {"punishment", FIELD_CODE, CLASS_CRIMINAL, N_("Punishment"), .list = "punishment",
     .class_from = "classes", .required = true},
    {"gravity", FIELD_CODE, CLASS_CRIMINAL, N_("Gravity of the crime"), .list = "crime_gravity",
     .class_from = "classes"},
    {"crime_age", FIELD_CODE, CLASS_CRIMINAL, N_("Age at the crime"), .list = "crime_age",
     .class_from = "classes"},
    {"court", FIELD_TEXT, CLASS_CRIMINAL, N_("Court"), .max = 200, .class_from = "classes"},
    {"decided_on", FIELD_DATE, CLASS_CRIMINAL, N_("Date of the decision"), .past = true,
     .class_from = "classes"},
    {"ends_on", FIELD_DATE, CLASS_CRIMINAL, N_("End of the term"), .class_from = "classes"},
    {"struck_on", FIELD_DATE, CLASS_CRIMINAL, N_("Struck by a court on"), .past = true,
     .class_from = "classes"},
    {"obligations", FIELD_TEXT, CLASS_CRIMINAL, N_("Obligations set by the court"), .max = 2000,
     .lines = true, .class_from = "classes", .sealed = true},
    {"closes_on", FIELD_DATE},
    {"executor_body_id", FIELD_REF, .label = N_("Body that executes the decision"), .ref = "body"},
    {"classes", FIELD_INT, .required = true, .initial = "0"},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table sentence_table = {
    "sentence", N_("Court decision"), TABLE_FIELDS(sentence_fields),
    INDEXES({"sentence_person", "person_id, id"}, {"sentence_closes", "closes_on", .filled = true},
            {"sentence_body", "body_id, id"})};

static const struct form_field sentence_form_fields[] = {
    {"article"}, {"punishment"}, {"gravity"}, {"crime_age"},
    {"court"},   {"decided_on"}, {"ends_on"}, {"obligations"},
    {"executor_body_id"},
};
const struct form sentence_form = {"sentence_form", N_("Court decision"), &sentence_table,
                                   FORM_FIELDS(sentence_form_fields)};

/* What comes later: another end, gravity and age from which the day of closing is computed, striking by a court, another
 * body that executes it. */
static const struct form_field sentence_change_form_fields[] = {
    {"ends_on"}, {"gravity"}, {"crime_age"}, {"struck_on"}, {"executor_body_id"}};
const struct form sentence_change_form = {"sentence_change_form", N_("Change of a court decision"),
                                          &sentence_table,
                                          FORM_FIELDS(sentence_change_form_fields)};

const struct table *const court_tables[] = {&sentence_table, NULL};
const struct form *const court_forms[] = {&sentence_form, &sentence_change_form, NULL};
