/* The region's territory. */
#include "guard/room.h"

static const struct field district_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"code", FIELD_TEXT, .label = N_("Code"), .max = 20, .required = true},
    {"name", FIELD_TEXT, .label = N_("District"), .max = 120, .required = true},
    {"name_key", FIELD_TEXT, .max = 120, .required = true},
};
const struct table district_table = {
    "district", N_("District"), TABLE_FIELDS(district_fields),
    INDEXES({"district_code", "code", true}, {"district_name", "name_key", true})};

static const struct form_field district_form_fields[] = {{"code"}, {"name"}};
const struct form district_form = {"district_form", N_("District"), &district_table,
                                   FORM_FIELDS(district_form_fields)};

static const struct field settlement_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district", .required = true},
    {"name", FIELD_TEXT, .label = N_("Settlement"), .max = 120, .required = true},
};
const struct table settlement_table = {"settlement", N_("Settlement"),
                                       TABLE_FIELDS(settlement_fields),
                                       INDEXES({"settlement_district", "district_id, name"})};

const struct table *const territory_tables[] = {&district_table, &settlement_table, NULL};
const struct form *const territory_forms[] = {&district_form, NULL};
