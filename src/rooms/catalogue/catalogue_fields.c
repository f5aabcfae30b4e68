/* Services that bodies offer. Nothing here is about a person; what must not be told is where a confidential place lies. */
#include "guard/room.h"

/* A service of a body. `words` is what searches look through: folded, between blanks. uuid: its name in files of HSDS, kept
 * as it came. Days of waiting and free places carry the day on which they were said. */
static const struct field catalogue_service_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"uuid", FIELD_TEXT, .label = N_("HSDS identifier"), .max = 36, .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"name", FIELD_TEXT, .label = N_("Name of the service"), .max = 250, .required = true},
    {"name_key", FIELD_TEXT, .max = 250, .required = true},
    {"description", FIELD_TEXT, .label = N_("What is done"), .max = 4000, .lines = true},
    {"words", FIELD_TEXT, .max = 12000, .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "catalogue_state", .required = true},
    {"public", FIELD_BOOL, .label = N_("On the public page"), .required = true, .initial = "0"},
    {"conditions", FIELD_TEXT, .label = N_("For whom, on what conditions"), .max = 2000, .lines = true},
    {"sex", FIELD_CODE, .label = N_("Only for"), .list = "sex"},
    {"min_age", FIELD_INT, .label = N_("From the age of"), .max = 150},
    {"max_age", FIELD_INT, .label = N_("Up to the age of"), .max = 150},
    {"apply_how", FIELD_TEXT, .label = N_("How to apply"), .max = 2000, .lines = true},
    {"documents", FIELD_TEXT, .label = N_("What to bring"), .max = 2000, .lines = true},
    {"cost", FIELD_CODE, .label = N_("Payment"), .list = "catalogue_cost"},
    {"fees", FIELD_TEXT, .label = N_("About the payment"), .max = 1000, .lines = true},
    {"hours", FIELD_TEXT, .label = N_("Opening hours"), .max = 2000, .lines = true},
    {"languages", FIELD_TEXT, .label = N_("Languages"), .max = 120},
    {"phone", FIELD_TEXT, .label = N_("Telephone"), .max = 60},
    {"email", FIELD_TEXT, .label = N_("E-mail"), .max = 120},
    {"url", FIELD_TEXT, .label = N_("Site"), .max = 300},
    {"capacity", FIELD_INT, .label = N_("Places in all"), .max = 1000000},
    {"free", FIELD_INT, .label = N_("Free places"), .max = 1000000},
    {"free_on", FIELD_DATE, .label = N_("Free places as of")},
    {"wait_days", FIELD_INT, .label = N_("Waiting time, days"), .max = 3660},
    {"wait_on", FIELD_DATE, .label = N_("Waiting time as of")},
    {"measured_days", FIELD_INT, .label = N_("Measured waiting time, days"), .max = 3660},
    {"measured_on", FIELD_DATE, .label = N_("Measured on")},
    {"valid_from", FIELD_DATE, .label = N_("Given from")},
    {"valid_to", FIELD_DATE, .label = N_("Given until")},
    {"checked_on", FIELD_DATE, .label = N_("Last checked on"), .past = true, .required = true},
};
const struct table catalogue_service_table = {
    "catalogue_service", N_("Service of a body"), TABLE_FIELDS(catalogue_service_fields),
    INDEXES({"catalogue_service_uuid", "uuid", true}, {"catalogue_service_body", "body_id, id"},
            {"catalogue_service_name", "name_key, id"},
            {"catalogue_service_checked", "checked_on, id"})};

/* One row for each need, category and district of a service. Without a district it is given in the whole region. Needs and categories
 * are plain words, no codes that are masked: of a service they tell nothing about anybody. */
static const struct field catalogue_need_fields[] = {
    FIELD_ROW_ID,
    {"service_id", FIELD_REF, .ref = "catalogue_service", .required = true},
    {"need", FIELD_TEXT, .label = N_("Need"), .max = 60, .required = true},
};
const struct table catalogue_need_table = {
    "catalogue_need", N_("Need that a service serves"), TABLE_FIELDS(catalogue_need_fields),
    INDEXES({"catalogue_need_of", "service_id, need", true}, {"catalogue_need_need", "need, service_id"})};

static const struct field catalogue_audience_fields[] = {
    FIELD_ROW_ID,
    {"service_id", FIELD_REF, .ref = "catalogue_service", .required = true},
    {"category", FIELD_TEXT, .label = N_("For whom"), .max = 60, .required = true},
};
const struct table catalogue_audience_table = {
    "catalogue_audience", N_("Whom a service is for"), TABLE_FIELDS(catalogue_audience_fields),
    INDEXES({"catalogue_audience_of", "service_id, category", true})};

static const struct field catalogue_area_fields[] = {
    FIELD_ROW_ID,
    {"service_id", FIELD_REF, .ref = "catalogue_service", .required = true},
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district", .required = true},
};
const struct table catalogue_area_table = {
    "catalogue_area", N_("District that a service is given to"), TABLE_FIELDS(catalogue_area_fields),
    INDEXES({"catalogue_area_of", "service_id, district_id", true}, {"catalogue_area_district", "district_id"})};

/* Where services are given. Of a confidential place (a shelter) nothing leaves the body that owns it but that it is there. */
static const struct field catalogue_place_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"uuid", FIELD_TEXT, .label = N_("HSDS identifier"), .max = 36, .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"name", FIELD_TEXT, .label = N_("Name of the place"), .max = 250, .required = true, .sealed = true},
    {"address", FIELD_TEXT, .label = N_("Street, house"), .max = 250, .sealed = true},
    {"city", FIELD_TEXT, .label = N_("Settlement"), .max = 120, .sealed = true},
    {"city_key", FIELD_TEXT, .max = 120},
    {"district_id", FIELD_REF, .label = N_("District"), .ref = "district"},
    {"province", FIELD_TEXT, .label = N_("Region"), .max = 120},
    {"postal_code", FIELD_TEXT, .label = N_("Postal code"), .max = 20, .sealed = true},
    {"country", FIELD_TEXT, .label = N_("Country (two letters)"), .max = 2},
    {"phone", FIELD_TEXT, .label = N_("Telephone"), .max = 60, .sealed = true},
    {"access", FIELD_TEXT, .label = N_("Accessibility"), .max = 1000, .lines = true},
    {"route_there", FIELD_TEXT, .label = N_("How to get there"), .max = 1000, .lines = true, .sealed = true},
    {"confidential", FIELD_BOOL, .label = N_("Confidential place: the address is told to nobody outside the body"), .required = true, .initial = "0"},
    {"active", FIELD_BOOL, .label = N_("The place is in use"), .required = true, .initial = "1"},
};
const struct table catalogue_place_table = {
    "catalogue_place", N_("Place of services"), TABLE_FIELDS(catalogue_place_fields),
    INDEXES({"catalogue_place_uuid", "uuid", true}, {"catalogue_place_body", "body_id, id"},
            {"catalogue_place_city", "city_key", .filled = true})};

static const struct field catalogue_at_fields[] = {
    FIELD_ROW_ID,
    {"uuid", FIELD_TEXT, .max = 36, .required = true},
    {"service_id", FIELD_REF, .ref = "catalogue_service", .required = true},
    {"place_id", FIELD_REF, .ref = "catalogue_place", .required = true},
};
const struct table catalogue_at_table = {
    "catalogue_at", N_("Service at a place"), TABLE_FIELDS(catalogue_at_fields),
    INDEXES({"catalogue_at_of", "service_id, place_id", true}, {"catalogue_at_place", "place_id"})};

/* What HSDS knows of a body and the register does not. */
static const struct field catalogue_body_fields[] = {
    FIELD_ROW_ID,
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"uuid", FIELD_TEXT, .label = N_("HSDS identifier"), .max = 36, .required = true},
    {"description", FIELD_TEXT, .label = N_("About the body"), .max = 4000, .lines = true},
    {"email", FIELD_TEXT, .label = N_("E-mail"), .max = 120},
    {"url", FIELD_TEXT, .label = N_("Site"), .max = 300},
};
const struct table catalogue_body_table = {
    "catalogue_body", N_("Body in the catalogue"), TABLE_FIELDS(catalogue_body_fields),
    INDEXES({"catalogue_body_of", "body_id", true}, {"catalogue_body_uuid", "uuid", true})};

/* A file as it was read, kept between the preview and the decision. `content`: what the child process made of it. */
static const struct field catalogue_import_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"file_name", FIELD_TEXT, .label = N_("File"), .max = 250, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Read at"), .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of bodies that are not known yet"), .list = "body_kind"},
    {"content", FIELD_TEXT},
    {"applied_at", FIELD_INSTANT, .label = N_("Imported at")},
};
const struct table catalogue_import_table = {"catalogue_import", N_("Import of the catalogue"),
                                             TABLE_FIELDS(catalogue_import_fields), INDEXES({0})};

static const struct form_field catalogue_service_form_fields[] = {
    {"name"}, {"description"}, {"state"}, {"public"}, {"conditions"}, {"sex"}, {"min_age"}, {"max_age"}, {"apply_how"},
    {"documents"}, {"cost"}, {"fees"}, {"hours"}, {"languages"}, {"phone"}, {"email"}, {"url"}, {"capacity"}, {"free"},
    {"wait_days"}, {"valid_from"}, {"valid_to"},
};
const struct form catalogue_service_form = {"catalogue_service_form", N_("Service"), &catalogue_service_table,
                                            FORM_FIELDS(catalogue_service_form_fields)};

/* What changes from day to day. */
static const struct form_field catalogue_today_form_fields[] = {{"free"}, {"wait_days"}};
const struct form catalogue_today_form = {"catalogue_today_form", N_("Today"), &catalogue_service_table,
                                          FORM_FIELDS(catalogue_today_form_fields)};

static const struct form_field catalogue_place_form_fields[] = {
    {"name"}, {"district_id"}, {"city"}, {"address"}, {"postal_code"}, {"phone"}, {"access"}, {"route_there"}, {"confidential"}, {"active"},
};
const struct form catalogue_place_form = {"catalogue_place_form", N_("Place"), &catalogue_place_table,
                                          FORM_FIELDS(catalogue_place_form_fields)};

static const struct form_field catalogue_import_form_fields[] = {{"kind"}};
const struct form catalogue_import_form = {"catalogue_import_form", N_("Import"), &catalogue_import_table,
                                           FORM_FIELDS(catalogue_import_form_fields)};

const struct table *const catalogue_tables[] = {
    &catalogue_service_table, &catalogue_need_table, &catalogue_audience_table, &catalogue_area_table, &catalogue_place_table,
    &catalogue_at_table, &catalogue_body_table, &catalogue_import_table, NULL};
const struct form *const catalogue_forms[] = {&catalogue_service_form, &catalogue_today_form, &catalogue_place_form,
                                              &catalogue_import_form, NULL};
