/* What differs between regions and countries, as data: code lists, calendars, terms, roles, rules
 * of grants. The room reads text files (pack_file.h), shows how they differ from what the register
 * holds, stores them as one change, and at start gives every entry to the rooms that take its kind
 * (struct pack_section in guard/room.h). It owns the table pack_entry and the calendars, deadline
 * rules and the region's own entry in memory. packs/README.md describes the sections. */
#ifndef PACKS_PACKS_H
#define PACKS_PACKS_H
#include "base/calendar.h"
#include "guard/room.h"
#include <stdio.h>

/* --- files --- */

/* Reads a pack: a folder of *.pack files with a section [pack NAME], after the packs it needs
 * (folders beside it). Of a folder that holds only folders, all packs in it. An entry replaces one
 * of a pack that its own pack needs. */
enum err packs_load_dir(const char *dir, struct arena *arena, struct pack_entry **entries,
                        size_t *n, struct fault *fault) MUST;

/* --- the register --- */

enum pack_what { PACK_ADDED, PACK_CHANGED, PACK_REMOVED };
struct pack_change {
    enum pack_what what;
    const struct pack_entry *before, *after; /* null where there is none */
};
struct pack_changes {
    size_t n, added, changed, removed;
    const struct pack_change *list;
};
/* What would change, in the order of the packs; removed ones at the end. */
void packs_diff(struct request *rq, const struct pack_entry *entries, size_t n,
                struct pack_changes *out);
/* Checks the entries, stores them as one change and puts them to use in this process. `out` may be
 * null. */
enum err packs_apply(struct request *rq, const struct pack_entry *entries, size_t n,
                     struct pack_changes *out, struct fault *fault) MUST;
/* Reads the register's entries and puts them to use; call after the schema is there, before
 * guard_start. */
enum err packs_start(struct store *store, struct fault *fault) MUST;
/* Puts entries to use without a register: tests. */
enum err packs_use(const struct pack_entry *entries, size_t n, struct fault *fault) MUST;
void packs_print_diff(FILE *out, const struct pack_changes *changes);

/* --- entries in use --- */

const struct pack_entry *pack_find(const char *kind, struct text key); /* null: none */
/* Entries of a kind in the packs' order: begin with null, null at the end. */
const struct pack_entry *pack_next(const char *kind, const struct pack_entry *before);
/* One property: pack_value("code", "channel self", "group"); empty when there is none. */
struct text pack_value(const char *kind, const char *key, const char *name);
const char *pack_label(const struct pack_entry *e, enum lang lang);
/* Is the word in the list of a property ("kinds = clinic narcology")? */
bool pack_prop_has(const struct pack_entry *e, const char *property, struct text word);

/* A code by what a list says: the code itself, its label in any language or a word of its property
 * `also`, compared as folded text. Retired codes are found too. */
struct code;
const struct code *code_by_words(struct arena *arena, const char *list, struct text words);

/* --- calendars and terms --- */

/* The region's own entry; before packs are in use: no name, UTC, no calendar. */
struct region {
    const char *name[LANG_COUNT];
    const char *calendar, *country;
    int utc_offset; /* minutes */
};
const struct region *region_here(void);

const struct calendar *calendar_of(const char *name); /* null: there is none */
/* The region's; without packs one that knows weekends only. */
const struct calendar *calendar_here(void);
/* The date due of a term in working days by the region's calendar. */
int64_t working_days_after(int64_t from, int count);

struct deadline_rule {
    const char *id, *event, *act;
    const char *calendar;          /* null: the region's */
    const char *label[LANG_COUNT]; /* null where the pack has none */
    bool verified;
    bool counted;   /* false: the act sets no number, or it is not known */
    bool month_day; /* "until the 15th": count is the day of month, month 0 or the month it lies in
                     */
    enum unit unit;
    int count, month;
};
const struct deadline_rule *deadline_find(const char *id);
/* False when the rule is unknown or has no number. */
bool deadline_due(const char *id, int64_t from, int64_t *due) MUST;
int64_t deadline_rule_due(const struct deadline_rule *r, const struct calendar *c, int64_t from);

/* `bereg deadline`: reads the calendar from files, no register. known: the packs name every year
 * the term touches. */
enum err packs_deadline(const char *packs_dir, const char *calendar, int64_t day, int count,
                        enum unit unit, int64_t *due, bool *known, struct fault *fault) MUST;

#endif
