#include "guard/rights.h"
#include "guard/change.h"
#include "guard/retention.h"

/* Two cards of one person: rows that both have are laid aside, and what was made for the joining goes when it is undone. */
static bool follows_a_person(const struct table *t)
{
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct field *f = &t->fields[i];
        const char *of = f->type == FIELD_REF ? f->ref : f->number_of;
        if (of && strcmp(of, "person") == 0 && f->when_merged == MERGE_MOVES)
            return true;
    }
    return false;
}

static bool destroyed_some_day(const struct table *t)
{
    const struct retained *k;
    for (size_t i = 0; (k = retained_at(i)); i++)
        if (k->table == t)
            return true;
    return false;
}

/* Statements that delete have said so before main (history_passed). */
static bool deleted_by_a_statement(const struct table *t)
{
    return !history_whole(t, &(struct field){.name = ""});
}

uint8_t table_rights(const struct table *t)
{
    uint8_t rights = RIGHT_SELECT | RIGHT_INSERT;
    if (!t->insert_only)
        rights |= RIGHT_UPDATE; /* rows are locked by it too */
    if (t->insert_only ? t->drops != NULL : follows_a_person(t) || destroyed_some_day(t) || deleted_by_a_statement(t))
        rights |= RIGHT_DELETE;
    return rights;
}
