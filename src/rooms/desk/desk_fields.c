/* What the desk owns: the outbox of reminders and the addresses of calendar feeds. Neither holds anything about a person. */
#include "guard/room.h"

/* One mail to an account for a day. What it says is computed when it is sent. `claim`: of the node that is sending it. */
static const struct field reminder_fields[] = {
    FIELD_ROW_ID,
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"kind", FIELD_TEXT, .max = 20, .required = true}, /* [reminder KIND] of the packs */
    {"day", FIELD_DATE, .label = N_("Day"), .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "reminder_state", .required = true},
    {"tries", FIELD_INT, .label = N_("Tries"), .required = true},
    {"next_at", FIELD_INSTANT, .required = true},
    {"claim", FIELD_TEXT, .max = 32},
    {"claimed_at", FIELD_INSTANT},
    {"error", FIELD_TEXT, .label = N_("What went wrong"), .max = 200},
    {"sent_at", FIELD_INSTANT, .label = N_("Sent")},
};
const struct table reminder_table = {
    "reminder", TABLE_FIELDS(reminder_fields),
    INDEXES({"reminder_once", "account_id, kind, day", true}, {"reminder_state", "state, next_at, id"},
            {"reminder_day", "day"})};

/* The secret address of a calendar feed, one for an account; the table keeps its hash. */
static const struct field feed_fields[] = {
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Made"), .required = true},
};
const struct table feed_table = {"feed", TABLE_FIELDS(feed_fields), .key = "account_id",
                                 INDEXES({"feed_secret", "secret_hash", true})};

const struct table *const desk_tables[] = {&reminder_table, &feed_table, NULL};
const struct form *const desk_forms[] = {NULL};
