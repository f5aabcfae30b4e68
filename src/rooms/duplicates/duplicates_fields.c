/* Joined cards: which two, why, what was moved for it, and what each had said. */
#include "guard/room.h"

/* root_id: the card that stands for the person now; it moves on when that is joined with another, and is null when the person was
 * destroyed. kept_number, gone_number: the two cards as they were joined. No body and no account: by a rule. */
static const struct field person_merge_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"root_id", FIELD_REF, .label = N_("Person"), .ref = "person", .yields = true},
    {"kept_number", FIELD_INT, .label = N_("Card that was kept, number"), .required = true,
     .number_of = "person", .when_merged = MERGE_STAYS},
    {"gone_number", FIELD_INT, .label = N_("Card that was given up, number"), .required = true,
     .number_of = "person", .when_merged = MERGE_STAYS},
    {"body_id", FIELD_REF, .label = N_("Joined by"), .ref = "body"},
    {"account_id", FIELD_REF, .ref = "account"},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Why it is one person"), .max = 500, .lines = true,
     .required = true, .sealed = true},
    {"merged_at", FIELD_INSTANT, .label = N_("Joined"), .required = true},
    {"undone_at", FIELD_INSTANT, .label = N_("Parted")},
    {"undone_body_id", FIELD_REF, .ref = "body"},
    {"undone_account_id", FIELD_REF, .ref = "account"},
    {"undone_words", FIELD_TEXT, CLASS_IDENTITY, N_("Why they are two persons"), .max = 500,
     .lines = true, .sealed = true},
};
const struct table person_merge_table = {
    "person_merge", N_("Joining of two cards"), TABLE_FIELDS(person_merge_fields),
    INDEXES({"person_merge_root", "root_id, id", .filled = true},
            {"person_merge_body", "body_id, id", .filled = true},
            {"person_merge_kept", "kept_number"}, {"person_merge_gone", "gone_number"})};

/* One field of the cards: what both said, and what was put. */
static const struct field merge_value_fields[] = {
    FIELD_ROW_ID,
    {"merge_id", FIELD_REF, .ref = "person_merge", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true, .yields = true},
    {"field", FIELD_TEXT, .max = 60, .required = true},
    {"chosen", FIELD_BOOL, .label = N_("Taken from the card that was given up"), .required = true},
    {"before", FIELD_TEXT, CLASS_IDENTITY, N_("On the card that was kept"), .max = 500,
     .class_from = "classes", .sealed = true},
    {"other", FIELD_TEXT, CLASS_IDENTITY, N_("On the card that was given up"), .max = 500,
     .class_from = "classes", .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
};
const struct table merge_value_table = {
    "merge_value", N_("Value of a joined card"), TABLE_FIELDS(merge_value_fields),
    INDEXES({"merge_value_merge", "merge_id, id"}, {"merge_value_person", "person_id"})};

/* Notes of an open joining, by which it is undone. what:
 *   moved  the field named the card given up (person_number)
 *   own    it named the card kept, and goes on doing so
 *   value  a field has another value since (before, after)
 *   aside  the row gave way (before: its cells)
 *   made   the row was made for it */
static const struct field merge_move_fields[] = {
    {"merge_id", FIELD_REF, .ref = "person_merge", .required = true},
    {"what", FIELD_TEXT, .max = 10, .required = true},
    {"object", FIELD_TEXT, .max = 60, .required = true},
    {"field", FIELD_TEXT, .max = 60, .required = true},
    {"object_id", FIELD_INT, .required = true},
    {"person_number", FIELD_INT, .number_of = "person", .when_merged = MERGE_STAYS},
    {"before", FIELD_TEXT, CLASS_IDENTITY, .max = 400000, .sealed = true},
    {"after", FIELD_TEXT, CLASS_IDENTITY, .max = 4000, .sealed = true},
};
const struct table merge_move_table = {"merge_move", TABLE_FIELDS(merge_move_fields),
                                       .key = "merge_id, what, object, field, object_id",
                                       INDEXES({"merge_move_object", "object, object_id"})};

/* Two cards that may be of one person, the lower number first. bits: tenths. compared: digest of what was compared when it was
 * offered or judged. body_id, account_id, reason: who has said what; of an open pair: one side
 * says that it is one person. */
static const struct field likely_pair_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_STAYS},
    {"other_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_STAYS},
    {"bits", FIELD_INT, .required = true},
    {"sure", FIELD_BOOL, .required = true, .initial = "0"},
    {"state", FIELD_CODE, .label = N_("State"), .list = "pair_state", .required = true},
    {"compared", FIELD_TEXT, .max = 64, .required = true},
    {"body_id", FIELD_REF, .ref = "body"},
    {"account_id", FIELD_REF, .ref = "account"},
    {"reason", FIELD_TEXT, CLASS_IDENTITY, N_("Why"), .max = 500, .lines = true, .sealed = true},
    {"found_at", FIELD_INSTANT, .required = true},
    {"decided_at", FIELD_INSTANT},
};
const struct table likely_pair_table = {
    "likely_pair", N_("Perhaps one person"), TABLE_FIELDS(likely_pair_fields),
    INDEXES({"likely_pair_of", "person_id, other_id", true}, {"likely_pair_other", "other_id"},
            {"likely_pair_state", "state, sure, id"})};

static const struct form_field pair_form_fields[] = {{"reason", .required = true}};
const struct form pair_form = {"pair_form", N_("Decision on a pair"), &likely_pair_table,
                               FORM_FIELDS(pair_form_fields)};

static const struct form_field merge_form_fields[] = {{"words"}};
const struct form merge_form = {"merge_form", N_("Joining of two cards"), &person_merge_table,
                                FORM_FIELDS(merge_form_fields)};
static const struct form_field unmerge_form_fields[] = {{"undone_words", .required = true}};
const struct form unmerge_form = {"unmerge_form", N_("Parting of two cards"), &person_merge_table,
                                  FORM_FIELDS(unmerge_form_fields)};

const struct table *const duplicates_tables[] = {&person_merge_table, &merge_value_table,
                                                 &merge_move_table, &likely_pair_table, NULL};
const struct form *const duplicates_forms[] = {&merge_form, &unmerge_form, &pair_form, NULL};
