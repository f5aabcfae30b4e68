/* The one register of persons, the lists that brought them in, and the staging of imports. */
#include "guard/room.h"

static const struct field person_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"family_name", FIELD_TEXT, CLASS_IDENTITY, N_("Surname"), .max = 100, .required = true},
    {"given_name", FIELD_TEXT, CLASS_IDENTITY, N_("Given name"), .max = 100},
    {"patronymic", FIELD_TEXT, CLASS_IDENTITY, N_("Patronymic"), .max = 100},
    {"birth_date", FIELD_DATE, CLASS_IDENTITY, N_("Date of birth"), .past = true},
    {"sex", FIELD_CODE, CLASS_IDENTITY, N_("Sex"), .list = "sex"},
    {"birth_place", FIELD_TEXT, CLASS_IDENTITY, N_("Place of birth"), .max = 200},
    {"identity_status", FIELD_CODE, CLASS_IDENTITY, N_("Identity"), .list = "identity_status",
     .initial = "'document'"},
    {"snils", FIELD_SNILS, CLASS_IDENTITY, N_("SNILS")},
    {"iin", FIELD_IIN, CLASS_IDENTITY, N_("IIN")},
    {"death_date", FIELD_DATE, CLASS_IDENTITY, N_("Date of death"), .past = true},
    {"district_id", FIELD_REF, CLASS_CONTACT, N_("District"), .ref = "district"},
    {"address", FIELD_TEXT, CLASS_CONTACT, N_("Address"), .max = 250},
    {"phone", FIELD_PHONE, CLASS_CONTACT, N_("Telephone")},
    {"lead_body_id", FIELD_REF, .label = N_("Lead body"), .ref = "body"},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"created_at", FIELD_INSTANT, .label = N_("Registered"), .required = true},
};
const struct table person_table = {"person", N_("Person"), TABLE_FIELDS(person_fields),
                                   INDEXES({"person_name", "name_key, birth_date, id"},
                                           {"person_snils", "snils"}, {"person_iin", "iin"},
                                           {"person_import", "import_id"})};

static const struct form_field person_form_fields[] = {
    {"family_name"}, {"given_name"},      {"patronymic"}, {"birth_date"}, {"sex"},
    {"birth_place"}, {"identity_status"}, {"snils"},      {"iin"},        {"death_date"},
    {"district_id"}, {"address"},         {"phone"},
};
const struct form person_form = {"person_form", N_("Person"), &person_table,
                                 FORM_FIELDS(person_form_fields)};

/* Why a body works with the person. The code may carry a class of its own ("living with HIV"):
 * `classes` holds field and code together. */
static const struct field person_category_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"category", FIELD_CODE, CLASS_SOCIAL, N_("Category"), .list = "category",
     .class_from = "classes", .required = true},
    /* null: since before the list that brought the person in; it stands from the beginning */
    {"since", FIELD_DATE, CLASS_SOCIAL, N_("Since"), .past = true, .class_from = "classes"},
    {"until", FIELD_DATE, CLASS_SOCIAL, N_("Until"), .past = true, .class_from = "classes"},
    {"channel", FIELD_CODE, CLASS_SOCIAL, N_("Channel of entry"), .list = "channel",
     .class_from = "classes", .required = true},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"classes", FIELD_INT, .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table person_category_table = {
    "person_category", N_("Category of a person"), TABLE_FIELDS(person_category_fields),
    INDEXES({"person_category_person", "person_id, category"},
            {"person_category_open", "category, until, person_id"},
            {"person_category_import", "import_id"})};

static const struct form_field category_form_fields[] = {
    {"category"},
    {"since", .required = true},
    {"channel"},
};
const struct form category_form = {"category_form", N_("Category"), &person_category_table,
                                   FORM_FIELDS(category_form_fields)};

static const struct form_field category_end_form_fields[] = {
    {"until", .required = true, .label = N_("Last day")},
};
const struct form category_end_form = {"category_end_form", N_("End of the category"),
                                       &person_category_table,
                                       FORM_FIELDS(category_end_form_fields)};

/* One file somebody brought. */
static const struct field list_import_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"kind", FIELD_CODE, .label = N_("Kind of list"), .list = "import_kind", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"list", FIELD_TEXT, .label = N_("List"), .max = 120, .initial = "''"},
    {"file_name", FIELD_TEXT, .label = N_("File"), .max = 250, .required = true},
    {"category", FIELD_CODE, .label = N_("Category of everybody in the list"), .list = "category"},
    {"channel", FIELD_CODE, .label = N_("Channel of entry"), .list = "channel"},
    {"state", FIELD_CODE, .label = N_("State"), .list = "import_state", .required = true},
    {"rows_total", FIELD_INT, .label = N_("Rows"), .required = true, .initial = "0"},
    {"rows_checked", FIELD_INT, .label = N_("Rows checked"), .required = true, .initial = "0"},
    {"rows_new", FIELD_INT, .label = N_("New"), .required = true, .initial = "0"},
    {"rows_known", FIELD_INT, .label = N_("Already known"), .required = true, .initial = "0"},
    {"rows_doubtful", FIELD_INT, .label = N_("Doubtful"), .required = true, .initial = "0"},
    {"rows_faulty", FIELD_INT, .label = N_("Faulty"), .required = true, .initial = "0"},
    {"rows_due", FIELD_INT, .label = N_("To be applied"), .required = true, .initial = "0"},
    {"rows_done", FIELD_INT, .label = N_("Applied"), .required = true, .initial = "0"},
    {"created_at", FIELD_INSTANT, .label = N_("Uploaded"), .required = true},
    {"finished_at", FIELD_INSTANT, .label = N_("Finished")},
};
const struct table list_import_table = {
    "list_import", N_("Import"), TABLE_FIELDS(list_import_fields),
    INDEXES({"list_import_body", "body_id, id"}, {"list_import_state", "state, id"})};

static const struct form_field import_form_fields[] = {
    {"kind"},
    {"list"},
    {"category"},
    {"channel"},
};
const struct form import_form = {"import_form", N_("Import of a list"), &list_import_table,
                                 FORM_FIELDS(import_form_fields)};

/* The first line of the file: which field each column is taken for; none: it is not taken. */
static const struct field import_column_fields[] = {
    FIELD_ROW_ID,
    {"import_id", FIELD_REF, .ref = "list_import", .required = true},
    {"position", FIELD_INT, .label = N_("Column"), .required = true},
    {"heading", FIELD_TEXT, .label = N_("Heading"), .max = 120, .required = true},
    {"field", FIELD_CODE, .label = N_("Taken as"), .list = "import_field"},
};
const struct table import_column_table = {
    "import_column", N_("Column of an import"), TABLE_FIELDS(import_column_fields),
    INDEXES({"import_column_position", "import_id, position", true})};

/* The staging table: one row of the file. `cells` is the row as it came, divided by U+001F;
 * `row_key` makes rows of the same list the same. `who` and `cell` are for the preview, `before`
 * takes a change of a known person back: field, old and new value, divided by U+001F. */
static const struct field import_row_fields[] = {
    FIELD_ROW_ID,
    {"import_id", FIELD_REF, .ref = "list_import", .required = true},
    {"line", FIELD_INT, .label = N_("Line"), .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "import_row_state", .required = true},
    {"row_key", FIELD_TEXT, CLASS_IDENTITY, .max = 800},
    {"unreadable", FIELD_BOOL, .required = true, .initial = "0"}, /* by no matching of columns */
    {"cells", FIELD_TEXT, CLASS_IDENTITY, N_("Row"), .max = 200000},
    {"who", FIELD_TEXT, CLASS_IDENTITY, N_("Person"), .max = 400},
    {"field", FIELD_TEXT, .label = N_("Column"), .max = 120},
    {"cell", FIELD_TEXT, CLASS_IDENTITY, N_("In the file"), .max = 200},
    {"reason", FIELD_TEXT, .label = N_("Reason"), .max = 250},
    {"differs", FIELD_BOOL, .required = true, .initial = "0"},
    {"person_id", FIELD_INT},
    {"decision", FIELD_CODE, .label = N_("Decision"), .list = "import_decision"},
    {"before", FIELD_TEXT, CLASS_IDENTITY, .max = 20000},
};
const struct table import_row_table = {"import_row", N_("Row of an import"),
                                       TABLE_FIELDS(import_row_fields),
                                       INDEXES({"import_row_state", "import_id, state, line"},
                                               {"import_row_line", "import_id, line", true},
                                               {"import_row_key", "import_id, row_key"})};

/* Fact: a person stands in a body's list; it carries the body's grant. */
static const struct field listing_fields[] = {
    FIELD_ROW_ID,
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"list", FIELD_TEXT, .label = N_("List"), .max = 120, .required = true},
    {"row_key", FIELD_TEXT, CLASS_IDENTITY, .max = 800, .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"since", FIELD_DATE, .label = N_("Since"), .required = true},
};
const struct table listing_table = {"listing", N_("Entry of a list"), TABLE_FIELDS(listing_fields),
                                    INDEXES({"listing_key", "body_id, list, row_key", true},
                                            {"listing_person", "person_id, body_id"},
                                            {"listing_import", "import_id"})};

const struct table *const people_tables[] = {&person_table,
                                             &person_category_table,
                                             &list_import_table,
                                             &import_column_table,
                                             &import_row_table,
                                             &listing_table,
                                             NULL};
const struct form *const people_forms[] = {&person_form, &category_form, &category_end_form,
                                           &import_form, NULL};
