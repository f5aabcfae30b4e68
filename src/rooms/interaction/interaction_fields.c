/* What is known of each referral for the picture of interaction, and the sums of it. All of it follows from the event log and from
 * the referrals, and can be rebuilt. A need that is kept sealed stands under its cover here too, as in `referral`;
 * it is text, since a hundred thousand cells are read for a page, and none of them needs the words of its code. */
#include "guard/room.h"

/* One referral that has been sent. The pair is that of its sending (events), whoever has taken its place since; what became of it
 * is that of its row. flags: enum outcome of interaction_rules.h. */
static const struct field interaction_item_fields[] = {
    {"referral_id", FIELD_INT, .required = true},
    {"month", FIELD_INT}, /* of sending: 202406; null: not sent yet */
    {"sent_on", FIELD_DATE},
    {"from_body_id", FIELD_INT},
    {"to_body_id", FIELD_INT},
    {"accepted_on", FIELD_DATE},
    {"finished_on", FIELD_DATE}, /* of those with a result */
    {"need", FIELD_TEXT, .max = 60, .required = true},
    {"reason", FIELD_CODE, .label = N_("Reason of declining"), .list = "decline_reason"},
    {"flags", FIELD_INT, .required = true},
    {"open_state", FIELD_INT}, /* enum open_state; null: closed */
    {"next_by", FIELD_DATE},   /* of an open one: when its next step is due */
};
const struct table interaction_item_table = {
    "interaction_item", TABLE_FIELDS(interaction_item_fields), .key = "referral_id",
    INDEXES({"interaction_item_pair", "from_body_id, to_body_id, month, need"},
            {"interaction_item_open", "open_state, month, from_body_id, to_body_id, need, next_by, flags", .filled = true})};

/* Referrals sent in a month from one body to another with a need. */
static const struct field interaction_sum_fields[] = {
    {"month", FIELD_INT, .required = true},
    {"from_body_id", FIELD_INT, .required = true},
    {"to_body_id", FIELD_INT, .required = true},
    {"need", FIELD_TEXT, .max = 60, .required = true},
    {"sent", FIELD_INT, .label = N_("Sent"), .required = true},
    {"accepted", FIELD_INT, .label = N_("Taken on"), .required = true},
    {"returned", FIELD_INT, .label = N_("Returned for completion"), .required = true},
    {"declined", FIELD_INT, .label = N_("Declined"), .required = true},
    {"silent", FIELD_INT, .label = N_("No answer in time"), .required = true}, /* of those over or answered since */
    {"withdrawn", FIELD_INT, .label = N_("Withdrawn"), .required = true},
    {"taken", FIELD_INT, .label = N_("Taken by another body"), .required = true},
    {"done", FIELD_INT, .label = N_("Carried out"), .required = true},
    {"not_done", FIELD_INT, .label = N_("Not done"), .required = true},
    {"answered_in_time", FIELD_INT, .required = true},
    {"finished_in_time", FIELD_INT, .required = true},
};
const struct table interaction_sum_table = {
    "interaction_sum", TABLE_FIELDS(interaction_sum_fields),
    .key = "month, from_body_id, to_body_id, need",
    INDEXES({"interaction_sum_from", "from_body_id, month"}, {"interaction_sum_to", "to_body_id, month"})};

/* How many of them took so many calendar days from sending: what 1 to be accepted, 2 to a result (0 when it is
 * dated before the sending). */
static const struct field interaction_days_fields[] = {
    {"month", FIELD_INT, .required = true},
    {"from_body_id", FIELD_INT, .required = true},
    {"to_body_id", FIELD_INT, .required = true},
    {"need", FIELD_TEXT, .max = 60, .required = true},
    {"what", FIELD_INT, .required = true},
    {"days", FIELD_INT, .label = N_("Days"), .required = true},
    {"n", FIELD_INT, .label = N_("Referrals"), .required = true},
};
const struct table interaction_days_table = {
    "interaction_days", TABLE_FIELDS(interaction_days_fields),
    .key = "month, from_body_id, to_body_id, need, what, days",
    INDEXES({"interaction_days_from", "from_body_id, month"},
            {"interaction_days_to", "to_body_id, month"})};

static const struct field interaction_reason_fields[] = {
    {"month", FIELD_INT, .required = true},
    {"from_body_id", FIELD_INT, .required = true},
    {"to_body_id", FIELD_INT, .required = true},
    {"need", FIELD_TEXT, .max = 60, .required = true},
    {"reason", FIELD_CODE, .label = N_("Reason of declining"), .list = "decline_reason", .required = true},
    {"n", FIELD_INT, .label = N_("Referrals"), .required = true},
};
const struct table interaction_reason_table = {
    "interaction_reason", TABLE_FIELDS(interaction_reason_fields),
    .key = "month, from_body_id, to_body_id, need, reason",
    INDEXES({"interaction_reason_from", "from_body_id, month"},
            {"interaction_reason_to", "to_body_id, month"})};

/* Sums that are to be made anew. */
static const struct field interaction_due_fields[] = {
    {"from_body_id", FIELD_INT, .required = true},
    {"to_body_id", FIELD_INT, .required = true},
    {"month", FIELD_INT, .required = true},
};
const struct table interaction_due_table = {"interaction_due", TABLE_FIELDS(interaction_due_fields),
                                            .key = "from_body_id, to_body_id, month"};

/* Which body stands in the place of each today: itself, or the last of its successors. */
static const struct field interaction_body_fields[] = {
    {"body_id", FIELD_INT, .required = true},
    {"now_id", FIELD_INT, .required = true},
};
const struct table interaction_body_table = {"interaction_body", TABLE_FIELDS(interaction_body_fields),
                                             .key = "body_id",
                                             INDEXES({"interaction_body_now", "now_id, body_id"})};

const struct table *const interaction_tables[] = {
    &interaction_item_table,   &interaction_sum_table, &interaction_days_table,
    &interaction_reason_table, &interaction_due_table, &interaction_body_table, NULL};
const struct form *const interaction_forms[] = {NULL};
