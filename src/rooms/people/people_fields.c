/* The one register of persons, the lists that brought them in, and the staging of imports. */
#include "guard/room.h"

static const struct field person_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"family_name", FIELD_TEXT, CLASS_IDENTITY, N_("Surname"), .max = 100, .required = true},
    {"given_name", FIELD_TEXT, CLASS_IDENTITY, N_("Given name"), .max = 100},
    {"patronymic", FIELD_TEXT, CLASS_IDENTITY, N_("Patronymic"), .max = 100},
    {"birth_date", FIELD_DATE, CLASS_IDENTITY, N_("Date of birth"), .past = true},
    /* by appearance or by what the person says, while the date is not known; one year: `to` is null
     */
    {"birth_year_from", FIELD_INT, CLASS_IDENTITY, N_("Born about, from the year"), .max = 2200},
    {"birth_year_to", FIELD_INT, CLASS_IDENTITY, N_("Born about, to the year"), .max = 2200},
    {"sex", FIELD_CODE, CLASS_IDENTITY, N_("Sex"), .list = "sex"},
    {"birth_place", FIELD_TEXT, CLASS_IDENTITY, N_("Place of birth"), .max = 200},
    {"identity_status", FIELD_CODE, CLASS_IDENTITY, N_("Identity"), .list = "identity_status",
     .initial = "'document'"},
    {"snils", FIELD_SNILS, CLASS_IDENTITY, N_("SNILS")},
    {"iin", FIELD_IIN, CLASS_IDENTITY, N_("IIN")},
    {"death_date", FIELD_DATE, CLASS_IDENTITY, N_("Date of death"), .past = true},
    {"signs", FIELD_TEXT, CLASS_IDENTITY, N_("Distinguishing signs"), .max = 500, .sealed = true},
    {"district_id", FIELD_REF, CLASS_CONTACT, N_("District"), .ref = "district"},
    {"address", FIELD_TEXT, CLASS_CONTACT, N_("Address"), .max = 250},
    {"phone", FIELD_PHONE, CLASS_CONTACT, N_("Telephone")},
    {"met_at", FIELD_TEXT, CLASS_CONTACT, N_("Where the person was met"), .max = 200},
    {"lead_body_id", FIELD_REF, .label = N_("Lead body"), .ref = "body"},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    /* The card of the same person that was kept when the two were joined; such a card has no grants and is never found. */
    {"merged_into", FIELD_REF, .ref = "person"},
    {"created_at", FIELD_INSTANT, .label = N_("Registered"), .required = true},
};
const struct table person_table = {"person", N_("Person"), TABLE_FIELDS(person_fields),
                                   INDEXES({"person_by_name", "name_key, birth_date, id"},
                                           {"person_snils", "snils"}, {"person_iin", "iin"},
                                           {"person_import", "import_id"},
                                           {"person_merged", "merged_into", .filled = true})};

static const struct form_field person_form_fields[] = {
    /* who has no surname is called by an alias, or a word of the packs (people_papers.c) */
    {"family_name", .optional = true},
    {"given_name"},
    {"patronymic"},
    {"birth_date"},
    {"birth_year_from"},
    {"birth_year_to"},
    {"sex"},
    {"birth_place"},
    {"identity_status"},
    {"snils"},
    {"iin"},
    {"death_date"},
    {"signs"},
    {"district_id"},
    {"address"},
    {"phone"},
    {"met_at"},
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
     .class_from = "classes", .required = true, .sealed = true},
    /* null: since before the list that brought the person in; it stands from the beginning */
    {"since", FIELD_DATE, CLASS_SOCIAL, N_("Since"), .past = true, .class_from = "classes"},
    {"until", FIELD_DATE, CLASS_SOCIAL, N_("Until"), .past = true, .class_from = "classes"},
    {"channel", FIELD_CODE, CLASS_SOCIAL, N_("Channel of entry"), .list = "channel",
     .class_from = "classes", .required = true},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"classes", FIELD_CLASSES, .required = true},
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

/* ---- what the search looks along (people_keys.h) ---- */

/* Words that stand in names: a vocabulary, in which what is typed is found misspelt or in part. It tells of nobody: words
 * stay when persons go. */
static const struct field name_word_fields[] = {
    FIELD_ROW_ID,
    {"word", FIELD_TEXT, .max = 400, .required = true},
};
const struct table name_word_table = {"name_word", NULL, TABLE_FIELDS(name_word_fields),
                                      INDEXES({"name_word_word", "word"})};

/* A hash of what a person may be looked for by, where no column has an index for it. What it finds is compared again. */
static const struct field person_key_fields[] = {
    {"key", FIELD_INT, .required = true},
    {"person_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_STAYS},
};
const struct table person_key_table = {"person_key", NULL, TABLE_FIELDS(person_key_fields),
                                       .key = "key, person_id", INDEXES({0})};

/* A model by which persons are compared (people_alike.h): weights learnt from the register, frequencies of values as hashes. */
static const struct field link_model_fields[] = {
    FIELD_ROW_ID,
    {"text", FIELD_TEXT, .max = 200000, .lines = true, .required = true},
    {"learnt_at", FIELD_INSTANT, .label = N_("Learnt"), .required = true},
    {"persons", FIELD_INT, .label = N_("Persons it was learnt from"), .required = true},
    {"pairs", FIELD_INT, .label = N_("Pairs compared"), .required = true},
};
const struct table link_model_table = {"link_model", N_("Model of comparison"),
                                       TABLE_FIELDS(link_model_fields), INDEXES({0})};

/* Other names of a person: the card holds the one that counts now. */
static const struct field person_name_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"kind", FIELD_CODE, CLASS_IDENTITY, N_("Kind of name"), .list = "name_kind", .required = true},
    {"name", FIELD_TEXT, CLASS_IDENTITY, N_("Other name"), .max = 200, .required = true},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true}, /* text_fold() */
    {"since", FIELD_DATE, CLASS_IDENTITY, N_("Since"), .past = true},
    {"until", FIELD_DATE, CLASS_IDENTITY, N_("Until"), .past = true},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table person_name_table = {
    "person_name", N_("Other name of a person"), TABLE_FIELDS(person_name_fields),
    INDEXES({"person_name_key", "name_key, person_id"}, {"person_name_person", "person_id"},
            {"person_name_import", "import_id", .filled = true})};

static const struct form_field name_form_fields[] = {{"kind"}, {"name"}, {"since"}, {"until"}};
const struct form name_form = {"name_form", N_("Other name"), &person_name_table,
                               FORM_FIELDS(name_form_fields)};

/* Documents of a person, also those lost or being restored. The kind may tell something by itself
 * (a certificate of release): `classes` holds field and code together. */
static const struct field person_document_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"kind", FIELD_CODE, CLASS_IDENTITY, N_("Document kind"), .list = "document_kind",
     .class_from = "classes", .required = true, .sealed = true},
    {"series", FIELD_TEXT, CLASS_IDENTITY, N_("Series"), .max = 20, .class_from = "classes"},
    {"number", FIELD_TEXT, CLASS_IDENTITY, N_("Document number"), .max = 40,
     .class_from = "classes"},
    /* series and number, capital letters and digits only; null: no number is known */
    {"number_key", FIELD_TEXT, CLASS_IDENTITY, .max = 60, .class_from = "classes"},
    {"issued_on", FIELD_DATE, CLASS_IDENTITY, N_("Issued on"), .past = true,
     .class_from = "classes"},
    {"issued_by", FIELD_TEXT, CLASS_IDENTITY, N_("Document issued by"), .max = 250,
     .class_from = "classes"},
    {"issuer_code", FIELD_TEXT, CLASS_IDENTITY, N_("Code of the issuing unit"), .max = 10,
     .class_from = "classes"},
    {"valid_until", FIELD_DATE, CLASS_IDENTITY, N_("Valid until"), .class_from = "classes"},
    {"state", FIELD_CODE, CLASS_IDENTITY, N_("State of the document"), .list = "document_state",
     .class_from = "classes", .required = true},
    {"step", FIELD_CODE, CLASS_IDENTITY, N_("Step of restoring"), .list = "doc_restore_step",
     .class_from = "classes"},
    {"state_on", FIELD_DATE, CLASS_IDENTITY, N_("Since when it is so"), .past = true,
     .class_from = "classes"},
    {"body_id", FIELD_REF, .label = N_("Source"), .ref = "body", .required = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"import_id", FIELD_REF, .ref = "list_import"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table person_document_table = {
    "person_document", N_("Document of a person"), TABLE_FIELDS(person_document_fields),
    INDEXES({"person_document_number", "number_key, person_id", .filled = true},
            {"person_document_person", "person_id"},
            {"person_document_import", "import_id", .filled = true})};

static const struct form_field document_form_fields[] = {
    {"kind"},        {"series"},      {"number"}, {"issued_on"}, {"issued_by"},
    {"issuer_code"}, {"valid_until"}, {"state"},  {"step"},      {"state_on"},
};
const struct form document_form = {"document_form", N_("Document of a person"),
                                   &person_document_table, FORM_FIELDS(document_form_fields)};

/* The document by which somebody was identified, if it was by one. */
static const struct form_field identify_document_form_fields[] = {
    {"kind", .optional = true},
    {"series"},
    {"number"},
    {"issued_on"},
    {"issued_by"},
    {"issuer_code"},
    {"valid_until"},
};
const struct form identify_document_form = {"identify_document_form", N_("Document of a person"),
                                            &person_document_table,
                                            FORM_FIELDS(identify_document_form_fields)};

/* How and when it was found out who a person is, and what stood on the card until then. */
static const struct field identification_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"day", FIELD_DATE, CLASS_IDENTITY, N_("Established on"), .past = true, .required = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("How the identity was established"), .max = 1000,
     .required = true, .lines = true, .sealed = true},
    {"identity_status", FIELD_CODE, CLASS_IDENTITY, N_("Identity"), .list = "identity_status",
     .required = true},
    {"before_name", FIELD_TEXT, CLASS_IDENTITY, N_("Name until then"), .max = 310,
     .required = true},
    {"before_status", FIELD_CODE, CLASS_IDENTITY, N_("Identity until then"),
     .list = "identity_status", .required = true},
    {"before_from", FIELD_INT, CLASS_IDENTITY, N_("Born about, from the year")},
    {"before_to", FIELD_INT, CLASS_IDENTITY, N_("Born about, to the year")},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Entered by"), .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table identification_table = {"identification", N_("Identification of a person"),
                                           TABLE_FIELDS(identification_fields),
                                           INDEXES({"identification_person", "person_id, id"})};

static const struct form_field identification_form_fields[] = {{"day"}, {"words"}};
const struct form identification_form = {"identification_form", N_("Identification of a person"),
                                         &identification_table,
                                         FORM_FIELDS(identification_form_fields)};

static const struct form_field identify_form_fields[] = {
    {"identity_status", .required = true},
    {"family_name"},
    {"given_name"},
    {"patronymic"},
    {"birth_date"},
    {"sex"},
    {"birth_place"},
    {"snils"},
    {"iin"},
};
const struct form identify_form = {"identify_form", N_("Identification of a person"), &person_table,
                                   FORM_FIELDS(identify_form_fields)};

/* One file somebody brought. */
static const struct field list_import_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"kind", FIELD_CODE, .label = N_("Kind of list"), .list = "import_kind", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"list", FIELD_TEXT, .label = N_("List"), .max = 120, .initial = "''"},
    {"file_name", FIELD_TEXT, .label = N_("File"), .max = 250, .required = true},
    {"category", FIELD_CODE, .label = N_("Category of everybody in the list"), .list = "category",
     .sealed = true},
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
    {"cells", FIELD_TEXT, CLASS_IDENTITY, N_("Row"), .max = 200000, .sealed = true},
    {"who", FIELD_TEXT, CLASS_IDENTITY, N_("Person"), .max = 400},
    {"field", FIELD_TEXT, .label = N_("Column"), .max = 120},
    {"cell", FIELD_TEXT, CLASS_IDENTITY, N_("In the file"), .max = 200, .sealed = true},
    {"reason", FIELD_TEXT, .label = N_("Reason"), .max = 250},
    {"differs", FIELD_BOOL, .required = true, .initial = "0"},
    {"person_id", FIELD_INT, .number_of = "person"},
    {"decision", FIELD_CODE, .label = N_("Decision"), .list = "import_decision"},
    {"before", FIELD_TEXT, CLASS_IDENTITY, .max = 20000},
};
const struct table import_row_table = {
    "import_row", N_("Row of an import"), TABLE_FIELDS(import_row_fields),
    INDEXES({"import_row_state", "import_id, state, line"},
            {"import_row_line", "import_id, line", true}, {"import_row_key", "import_id, row_key"},
            {"import_row_person", "person_id", .filled = true})};

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
                                            {"listing_body", "body_id, person_id"},
                                            {"listing_import", "import_id"})};

const struct table *const people_tables[] = {&person_table,
                                             &person_category_table,
                                             &person_name_table,
                                             &person_document_table,
                                             &identification_table,
                                             &name_word_table,
                                             &person_key_table,
                                             &link_model_table,
                                             &list_import_table,
                                             &import_column_table,
                                             &import_row_table,
                                             &listing_table,
                                             NULL};
const struct form *const people_forms[] = {&person_form,
                                           &category_form,
                                           &category_end_form,
                                           &name_form,
                                           &document_form,
                                           &identify_document_form,
                                           &identification_form,
                                           &identify_form,
                                           &import_form,
                                           NULL};
