/* Cross-checks without showing, what each side keeps until it has ended, and the persons that both know. */
#include "guard/room.h"

static const struct field crosscheck_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"code", FIELD_TEXT, .label = N_("Number of the cross-check"), .max = 32, .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"side", FIELD_CODE, .label = N_("Side"), .list = "crosscheck_side", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "crosscheck_state", .required = true},
    {"partner", FIELD_TEXT, .label = N_("Body or register on the other side"), .max = 200,
     .required = true},
    {"basis", FIELD_CODE, .label = N_("Legal ground"), .list = "legal_basis", .required = true},
    {"words", FIELD_TEXT, .label = N_("Agreement or decision: number and date"), .max = 250,
     .required = true},
    {"by_snils", FIELD_BOOL, .label = N_("SNILS"), .required = true, .initial = "0"},
    {"by_iin", FIELD_BOOL, .label = N_("IIN"), .required = true, .initial = "0"},
    {"by_name", FIELD_BOOL, .label = N_("Full name and date of birth"), .required = true,
     .initial = "0"},
    {"secret", FIELD_TEXT, .max = 60, .sealed = true}, /* gone when the cross-check has ended */
    {"keys_own", FIELD_INT, .label = N_("Own keys"), .required = true, .initial = "0"},
    {"keys_other", FIELD_INT, .label = N_("Keys of the other side"), .required = true,
     .initial = "0"},
    {"found", FIELD_INT, .label = N_("Known to both"), .required = true, .initial = "0"},
    {"found_keys", FIELD_INT, .required = true, .initial = "0"}, /* lines of the result */
    {"created_at", FIELD_INSTANT, .label = N_("Begun"), .required = true},
    {"finished_at", FIELD_INSTANT, .label = N_("Finished")},
};
const struct table crosscheck_table = {
    "crosscheck", N_("Cross-check without showing"), TABLE_FIELDS(crosscheck_fields),
    INDEXES({"crosscheck_code", "code, side", true}, {"crosscheck_body", "body_id, id"})};

/* What a side needs for its next step, some hundred lines a row: the own points in the order of the file ("person key point"),
 * those of the other side multiplied by the own secret ("point"), and the answer that goes back ("number"). */
static const struct field crosscheck_part_fields[] = {
    FIELD_ROW_ID,
    {"crosscheck_id", FIELD_REF, .ref = "crosscheck", .required = true},
    {"holds", FIELD_TEXT, .max = 10, .required = true}, /* own, other, result */
    {"part", FIELD_INT, .required = true},
    {"lines", FIELD_TEXT, CLASS_IDENTITY, .max = 100000, .lines = true, .sealed = true},
};
const struct table crosscheck_part_table = {
    "crosscheck_part", N_("Part of a cross-check"), TABLE_FIELDS(crosscheck_part_fields),
    INDEXES({"crosscheck_part_of", "crosscheck_id, holds, part", true})};

/* A person whom the other side knows as well. */
static const struct field crosscheck_match_fields[] = {
    FIELD_ROW_ID,
    {"crosscheck_id", FIELD_REF, .ref = "crosscheck", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"key", FIELD_CODE, CLASS_IDENTITY, N_("Known by"), .list = "crosscheck_key", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table crosscheck_match_table = {
    "crosscheck_match", N_("Person known to both sides"), TABLE_FIELDS(crosscheck_match_fields),
    INDEXES({"crosscheck_match_of", "crosscheck_id, person_id", true},
            {"crosscheck_match_person", "person_id, id"},
            {"crosscheck_match_body", "body_id, created_at"})};

static const struct form_field crosscheck_form_fields[] = {
    {"partner"}, {"basis"}, {"words"}, {"by_snils"}, {"by_iin"}, {"by_name"},
};
const struct form crosscheck_form = {"crosscheck_form", N_("Cross-check without showing"),
                                   &crosscheck_table, FORM_FIELDS(crosscheck_form_fields)};

const struct table *const crosscheck_tables[] = {&crosscheck_table, &crosscheck_part_table,
                                               &crosscheck_match_table, NULL};
const struct form *const crosscheck_forms[] = {&crosscheck_form, NULL};
