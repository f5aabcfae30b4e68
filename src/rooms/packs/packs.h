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

/* What a section refuses: "file:line: [kind key]: what: about", without the place when the entry comes
 * from the register. */
enum err pack_wrong(const struct pack_entry *e, struct fault *fault, const char *what,
                    struct text about);

/* --- the register --- */

enum pack_what { PACK_ADDED, PACK_CHANGED, PACK_REMOVED };
struct pack_change {
    enum pack_what what;
    const struct pack_entry *before, *after; /* null where there is none */
};
struct pack_changes {
    size_t n, added, changed, removed;
    const struct pack_change *list;
    bool terms; /* terms may end on other days: calendars, rules of terms, the region's choice of them */
    /* Of these the days of the region's calendar that were worked and are off now, or the other way round, years by rule
     * too; 0 when there was none before. */
    size_t days;
    int64_t first_day, last_day;
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

/* Goes up by one whenever packs_apply changed what terms end on (pack_changes.terms: a holiday decree that came late), and
 * for nothing else; 0 in a register older than the counter. It stands in the register: who keeps dates due stores the
 * version they were computed by (a row of `setting`) and computes them anew when this one is greater, also after a restart
 * and on every node. The rules and calendars in use are those of the version, or newer. */
int64_t terms_version(struct request *rq);

/* --- entries in use --- */

const struct pack_entry *pack_find(const char *kind, struct text key); /* null: none */
/* Entries of a kind in the packs' order: begin with null, null at the end. */
const struct pack_entry *pack_next(const char *kind, const struct pack_entry *before);
/* One property: pack_value("code", "channel self", "group"); empty when there is none. */
struct text pack_value(const char *kind, const char *key, const char *name);
const char *pack_label(const struct pack_entry *e, enum lang lang);
/* A number of the house's own: terms_number("inbox", "soon") of [inbox terms]; 0 where there is none. */
int64_t terms_number(const char *kind, const char *name);
/* The last day that counts as this week: [inbox terms] soon, working days. */
int64_t terms_week(int64_t today);
/* Midnight so many days ago as [home terms] NAME says. */
struct value terms_ago(int64_t today, const char *name);
/* Is the word in the list of a property ("kinds = clinic narcology")? */
bool pack_prop_has(const struct pack_entry *e, const char *property, struct text word);

/* A code by what a list says: the code itself, its label in any language or a word of its property
 * `also`, compared as folded text. Retired codes are found too. */
struct code;
const struct code *code_by_words(struct arena *arena, const char *list, struct text words);

/* --- calendars and terms --- */

/* The region's own entry; before packs are in use: no name, UTC, no calendar. */
enum nonworking { NONWORKING_OFF, NONWORKING_WORKED }; /* calendar_work_nonworking() */
struct region {
    const char *name[LANG_COUNT];
    const char *calendar, *country;
    enum nonworking nonworking;
    int utc_offset; /* minutes */
};
const struct region *region_here(void);

const struct calendar *calendar_of(const char *name); /* null: there is none */
/* The region's; without packs one that knows weekends only. */
const struct calendar *calendar_here(void);

/* A rule of terms. The date due: packs_due.h. */
struct deadline_rule {
    const char *id, *event;
    const char *act;               /* null: the pack names none */
    const char *calendar;          /* null: the region's */
    const char *region;            /* where the number comes from; null: the law of the country */
    const char *label[LANG_COUNT]; /* null where the pack has none */
    bool verified;                 /* the number was seen in the act */
    bool counted;                  /* false: the act sets no number, or it is not known */
    enum unit unit;
    int count, month; /* month: with UNIT_MONTH_DAY 1..12, or 0 for any */
};
const struct deadline_rule *deadline_find(const char *id); /* null: there is none */
const struct deadline_rule *deadline_at(size_t i); /* in the packs' order; null behind the last */

/* For commands without a register: puts calendars, rules of terms and the region of a folder of packs to use, nothing else
 * of them. When the folder lacks the calendar or the rule (null: none is needed) all packs beside it are taken: a country that
 * the region's pack does not need. nonworking: in place of what the region's pack says; null: that. */
enum err packs_use_terms(const char *dir, const char *calendar, const char *rule,
                         const enum nonworking *nonworking, struct fault *fault) MUST;

#endif
