/* Sums of the ways of cases: numbers, codes of steps and bodies; nobody's data. */
#include "guard/room.h"

/* Cases whose way is to be made anew. */
static const struct field way_due_fields[] = {
    {"case_id", FIELD_INT, .required = true},
};
const struct table way_due_table = {"way_due", TABLE_FIELDS(way_due_fields), .key = "case_id"};

/* A sequence of steps: " ^ opened sent accepted closed $ "; without $ the case is open. hash names it. */
static const struct field way_variant_fields[] = {
    FIELD_ROW_ID,
    {"hash", FIELD_TEXT, .max = 40, .required = true},
    {"steps", FIELD_TEXT, .label = N_("Steps"), .max = 2000000, .required = true},
    {"length", FIELD_INT, .label = N_("Number of steps"), .required = true},
};
const struct table way_variant_table = {"way_variant", TABLE_FIELDS(way_variant_fields), INDEXES({"way_variant_hash", "hash", true})};

/* A case as its lead sees it, and as each body that works in it may (scheme '+'; ways_make.c). days: of each step since the first, in
 * words. month: of its opening, 202406. scheme: the code of its newest route's; "": none. The others: how it kept to the scheme
 * (ways_conform.c), of a case on a route; open_due is the first of dues. tells: classes of the routes of a part, plain ones. */
static const struct field way_case_fields[] = {
    {"case_id", FIELD_INT, .required = true},
    {"month", FIELD_INT, .required = true},
    {"scheme", FIELD_TEXT, .max = 40, .required = true},
    {"district_id", FIELD_INT, .required = true},
    {"body_id", FIELD_INT, .required = true},
    {"variant_id", FIELD_INT, .required = true},
    {"days", FIELD_TEXT, .max = 2000000, .required = true},
    {"scheme_id", FIELD_INT, .required = true},
    {"skipped", FIELD_INT, .required = true},
    {"repeated", FIELD_INT, .required = true},
    {"disordered", FIELD_INT, .required = true},
    {"late", FIELD_INT, .required = true},
    {"dues", FIELD_TEXT, .max = 4000, .required = true},
    {"open_due", FIELD_DATE},
    {"tells", FIELD_INT, .required = true},
};
const struct table way_case_table = {"way_case", TABLE_FIELDS(way_case_fields), .key = "case_id, body_id",
                                     INDEXES({"way_case_month", "month, case_id"}, {"way_case_variant", "variant_id, case_id"}, {"way_case_body", "body_id, case_id"},
                                             {"way_case_scheme", "scheme_id, case_id"})};

/* Months whose ways have changed so much that their sums are made from them in one go; stamp: how often since. */
static const struct field way_stale_fields[] = {
    {"month", FIELD_INT, .required = true},
    {"stamp", FIELD_INT, .required = true},
};
const struct table way_stale_table = {"way_stale", TABLE_FIELDS(way_stale_fields), .key = "month"};

/* Arcs with the number of days they took. Rows of scheme '*' are of all schemes, districts and bodies together,
 * those of '**' of whole years of them (month: 2024), those of '+' of a body that works in cases that others lead. ^ is the start,
 * $ the end, whose days are those of the whole case. */
static const struct field way_sum_fields[] = {
    {"scheme", FIELD_TEXT, .max = 40, .required = true},
    {"district_id", FIELD_INT, .required = true},
    {"body_id", FIELD_INT, .required = true},
    {"month", FIELD_INT, .required = true},
    {"step", FIELD_TEXT, .max = 90, .required = true},
    {"next_step", FIELD_TEXT, .max = 90, .required = true},
    {"days", FIELD_INT, .required = true},
    {"n", FIELD_INT, .required = true},
};
const struct table way_sum_table = {"way_sum", TABLE_FIELDS(way_sum_fields), .key = "scheme, month, district_id, body_id, step, next_step, days",
                                    INDEXES({"way_sum_body", "body_id, month"}, {"way_sum_district", "district_id, month"})};

/* Cases of a variant; days of the whole case, -1 while it is open. */
static const struct field way_variant_sum_fields[] = {
    {"scheme", FIELD_TEXT, .max = 40, .required = true},
    {"district_id", FIELD_INT, .required = true},
    {"body_id", FIELD_INT, .required = true},
    {"month", FIELD_INT, .required = true},
    {"variant_id", FIELD_INT, .required = true},
    {"days", FIELD_INT, .required = true},
    {"n", FIELD_INT, .required = true},
};
const struct table way_variant_sum_table = {"way_variant_sum", TABLE_FIELDS(way_variant_sum_fields),
                                            .key = "scheme, month, district_id, body_id, variant_id, days",
                                            INDEXES({"way_variant_sum_body", "body_id, month"}, {"way_variant_sum_district", "district_id, month"})};

const struct table *const ways_tables[] = {&way_due_table, &way_variant_table, &way_case_table, &way_stale_table, &way_sum_table, &way_variant_sum_table, NULL};
const struct form *const ways_forms[] = {NULL};
