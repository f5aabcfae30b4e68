/* Sentences and orders as structured items. */
#include "guard/room.h"

static const struct field sentence_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"article", FIELD_TEXT, CLASS_CRIMINAL, N_("Article"), .max = 200, .required = true},
    {"punishment", FIELD_CODE, CLASS_CRIMINAL, N_("Punishment"), .list = "punishment",
     .required = true},
    {"court", FIELD_TEXT, CLASS_CRIMINAL, N_("Court"), .max = 200},
    {"decided_on", FIELD_DATE, CLASS_CRIMINAL, N_("Date of the decision"), .past = true},
    {"ends_on", FIELD_DATE, CLASS_CRIMINAL, N_("End of the term")},
    {"obligations", FIELD_TEXT, CLASS_CRIMINAL, N_("Obligations set by the court"), .max = 2000,
     .lines = true},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table sentence_table = {"sentence", N_("Court decision"),
                                     TABLE_FIELDS(sentence_fields),
                                     INDEXES({"sentence_person", "person_id, id"})};

static const struct form_field sentence_form_fields[] = {
    {"article"}, {"punishment"}, {"court"}, {"decided_on"}, {"ends_on"}, {"obligations"},
};
const struct form sentence_form = {"sentence_form", N_("Court decision"), &sentence_table,
                                   FORM_FIELDS(sentence_form_fields)};

const struct table *const court_tables[] = {&sentence_table, NULL};
const struct form *const court_forms[] = {&sentence_form, NULL};
