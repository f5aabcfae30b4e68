/* Region packs as stored in the register: entries of text files, compared before they are applied.
 */
#include "guard/room.h"

/* label, act, verified stand in props too; columns of their own for the page. */
static const struct field pack_entry_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"pack", FIELD_TEXT, .label = N_("Pack"), .max = 60, .required = true},
    {"kind", FIELD_TEXT, .label = N_("Section"), .max = 60, .required = true},
    {"key", FIELD_TEXT, .label = N_("Key"), .max = 200, .required = true},
    {"ord", FIELD_INT, .required = true},
    {"label", FIELD_TEXT, .label = N_("Label"), .max = 20000},
    {"act", FIELD_TEXT, .label = N_("Source act"), .max = 20000},
    {"verified", FIELD_BOOL, .label = N_("Checked against the act"), .required = true,
     .initial = "0"},
    {"props", FIELD_TEXT, .label = N_("Properties"), .max = 20000, .lines = true, .required = true},
};
const struct table pack_entry_table = {
    "pack_entry", N_("Entry of a pack"), TABLE_FIELDS(pack_entry_fields),
    INDEXES({"pack_entry_key", "kind, key", true}, {"pack_entry_ord", "ord, id"})};

const struct table *const packs_tables[] = {&pack_entry_table, NULL};
const struct form *const packs_forms[] = {NULL};
