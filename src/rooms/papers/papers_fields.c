/* Scanned papers attached to what other rooms own. Nothing of a paper stands open in the tables:
 * its name, size and bytes are sealed, and its parts are all of one size. */
#include "guard/room.h"
#include "rooms/papers/papers.h"

/* object, object_id: the row it is attached to. classes: what that row tells. digest: of that row
 * and the bytes, so that parts of another paper are no parts of this one. */
static const struct field attachment_fields[] = {
    FIELD_ROW_ID,
    {"number", FIELD_TEXT, .label = N_("Number of the paper"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"object", FIELD_TEXT, .max = 60, .required = true},
    {"object_id", FIELD_INT, .required = true},
    {"body_id", FIELD_REF, .label = N_("Attached by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of paper"), .list = "paper_kind", .required = true},
    {"type", FIELD_CODE, .label = N_("Type of file"), .list = "paper_type", .required = true},
    {"name", FIELD_TEXT, CLASS_IDENTITY, N_("File name"), .max = 200, .class_from = "classes",
     .sealed = true},
    {"size", FIELD_TEXT, .max = 20, .sealed = true},
    {"digest", FIELD_TEXT, .max = 64, .sealed = true},
    {"parts", FIELD_INT, .required = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Attached"), .required = true},
    {"destroyed_at", FIELD_INSTANT, .label = N_("Destroyed for good")},
};
const struct table attachment_table = {
    "attachment", N_("Attached paper"), TABLE_FIELDS(attachment_fields),
    INDEXES({"attachment_number", "number", true}, {"attachment_object", "object, object_id, id"},
            {"attachment_person", "person_id"})};

static const struct field attachment_part_fields[] = {
    FIELD_ROW_ID,
    {"attachment_id", FIELD_REF, .ref = "attachment", .required = true},
    {"part", FIELD_INT, .required = true},
    {"content", FIELD_TEXT, CLASS_IDENTITY, .max = PART_BYTES, .required = true, .sealed = true},
};
const struct table attachment_part_table = {
    "attachment_part", N_("Part of a paper"), TABLE_FIELDS(attachment_part_fields),
    INDEXES({"attachment_part_of", "attachment_id, part", true})};

/* The same of rows that are about nobody: who reads such a row reads its papers, whatever his grants. Sealed like the others, since
 * nobody can know what somebody scans. */
static const struct field open_paper_fields[] = {
    FIELD_ROW_ID,
    {"number", FIELD_TEXT, .label = N_("Number of the paper"), .max = 30, .required = true},
    {"object", FIELD_TEXT, .max = 60, .required = true},
    {"object_id", FIELD_INT, .required = true},
    {"body_id", FIELD_REF, .label = N_("Attached by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of paper"), .list = "paper_kind", .required = true},
    {"type", FIELD_CODE, .label = N_("Type of file"), .list = "paper_type", .required = true},
    {"name", FIELD_TEXT, .label = N_("File name"), .max = 200, .sealed = true},
    {"size", FIELD_TEXT, .max = 20, .sealed = true},
    {"digest", FIELD_TEXT, .max = 64, .sealed = true},
    {"parts", FIELD_INT, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Attached"), .required = true},
    {"destroyed_at", FIELD_INSTANT, .label = N_("Destroyed for good")},
};
const struct table open_paper_table = {
    "open_paper", N_("Attached paper"), TABLE_FIELDS(open_paper_fields),
    INDEXES({"open_paper_number", "number", true}, {"open_paper_object", "object, object_id, id"})};

static const struct field open_paper_part_fields[] = {
    FIELD_ROW_ID,
    {"paper_id", FIELD_REF, .ref = "open_paper", .required = true},
    {"part", FIELD_INT, .required = true},
    {"content", FIELD_TEXT, .max = PART_BYTES, .required = true, .sealed = true},
};
const struct table open_paper_part_table = {
    "open_paper_part", N_("Part of a paper"), TABLE_FIELDS(open_paper_part_fields),
    INDEXES({"open_paper_part_of", "paper_id, part", true})};

static const struct form_field attachment_form_fields[] = {{"kind"}};
const struct form attachment_form = {"attachment_form", N_("Attached paper"), &attachment_table,
                                     FORM_FIELDS(attachment_form_fields)};

const struct table *const papers_tables[] = {&attachment_table, &attachment_part_table, &open_paper_table,
                                             &open_paper_part_table, NULL};
const struct form *const papers_forms[] = {&attachment_form, NULL};
