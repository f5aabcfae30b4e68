/* Bodies that take part: state bodies, institutions, NGOs, employers. */
#include "guard/room.h"

/* discloses: bits of classes that the very name of the body tells about a person it works with. */
static const struct field body_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"name", FIELD_TEXT, .label = N_("Body"), .max = 250, .required = true, .discloses = true},
    {"name_key", FIELD_TEXT, .max = 250, .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of body"), .list = "body_kind", .required = true},
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district"},
    {"discloses", FIELD_INT, .required = true, .initial = "0"},
    {"phone", FIELD_PHONE, .label = N_("Telephone"), .discloses = true},
    {"address", FIELD_TEXT, .label = N_("Address"), .max = 250, .discloses = true},
    {"contact", FIELD_TEXT, .label = N_("Contact person"), .max = 120, .discloses = true},
    {"active", FIELD_BOOL, .label = N_("Active"), .required = true, .initial = "1"},
};
const struct table body_table = {"body", N_("Body"), TABLE_FIELDS(body_fields),
                                 INDEXES({"body_name", "name_key, id"},
                                         {"body_kind", "kind, district_id"},
                                         {"body_district", "district_id"})};

static const struct form_field body_form_fields[] = {
    {"name"},
    {"kind"},
    {"district_id"},
    {"phone"},
    {"address"},
    {"contact"},
    {"active", .label = N_("Takes part: can send and take referrals")},
};
const struct form body_form = {"body_form", N_("Body"), &body_table, FORM_FIELDS(body_form_fields)};

/* What the list of bodies is narrowed by. */
static const struct form_field body_filter_form_fields[] = {
    {"name", .optional = true, .label = N_("Part of the name")},
    {"kind", .optional = true},
    {"district_id", .optional = true},
};
const struct form body_filter_form = {"body_filter_form", N_("Filter"), &body_table,
                                      FORM_FIELDS(body_filter_form_fields)};

const struct table *const agencies_tables[] = {&body_table, NULL};
const struct form *const agencies_forms[] = {&body_form, &body_filter_form, NULL};
