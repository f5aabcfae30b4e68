/* The indicator engine. `served` is a sum kept by a log reader and can be rebuilt: who received at
 * least one service in a half-year while a category stood; category '' once per person. */
#include "guard/room.h"

static const struct field served_fields[] = {
    {"half", FIELD_INT, .label = N_("Half-year"), .required = true},
    {"category", FIELD_CODE, CLASS_SOCIAL, N_("Category"), .list = "category",
     .required = true},
    {"person_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_COMPUTED},
    {"channel", FIELD_CODE, CLASS_SOCIAL, N_("Channel of entry"), .list = "channel",
     .required = true},
    {"services", FIELD_INT, .label = N_("Services"), .required = true},
    {"classes", FIELD_INT, .required = true}, /* of former times; 0 */
};
const struct table served_table = {
    "served", TABLE_FIELDS(served_fields), .key = "half, category, person_id",
    INDEXES({"served_person", "person_id"}, {"served_report", "half, category, channel"})};

/* Ids of categories that a change of `served` leaves out; empty between changes. */
static const struct field served_skip_fields[] = {
    {"category_id", FIELD_INT, .required = true},
};
const struct table served_skip_table = {"served_skip", TABLE_FIELDS(served_skip_fields),
                                        .key = "category_id"};

/* Persons whose rows of `served` are to be made anew. */
static const struct field served_due_fields[] = {
    {"person_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_COMPUTED},
};
const struct table served_due_table = {"served_due", TABLE_FIELDS(served_due_fields),
                                       .key = "person_id"};

/* How far each reader of the event log has come; rows "served gap FIRST" keep numbers of events
 * that were not there yet (their changes had not been committed), up to event_id. */
static const struct field log_position_fields[] = {
    {"reader", FIELD_TEXT, .max = 60, .required = true},
    {"event_id", FIELD_INT, .required = true},
};
const struct table log_position_table = {"log_position", TABLE_FIELDS(log_position_fields),
                                         .key = "reader"};

const struct table *const reports_tables[] = {&served_table, &served_due_table, &served_skip_table,
                                              &log_position_table, NULL};
const struct form *const reports_forms[] = {NULL};
