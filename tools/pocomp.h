/* The catalogue compiler. pocomp.c: options and output; pocomp_scan.c: messages in sources;
 * pocomp_read.c: .po files. */
#ifndef TOOLS_POCOMP_H
#define TOOLS_POCOMP_H
#include "base/buf.h"
#include "tpl_lex.h"
#include "web/tr.h"

/* A message: found in a source, or an entry of a catalogue. */
struct entry {
    const char *id;
    const char *plural; /* msgid of many, or null */
    const char *words[PLURAL_FORMS];
    const char *path;
    int line;
    bool fuzzy; /* marked as doubtful: counts as not translated */
    bool used;
};

/* Entries by id; their order is the order of adding. */
struct entries {
    struct arena *arena;
    struct entry *v;
    size_t n, cap;
    uint32_t *slots;
    size_t n_slots;
};
struct entry *entries_find(const struct entries *e, const char *id); /* null when there is none */
struct entry *entries_add(struct entries *e, struct entry entry);    /* the id is new */

/* Adds the messages of a source: .c .h by the marks _ N_ tr tr_n, .html by statements, .sql by
 * labels of columns. */
void scan_source(struct entries *out, const char *path);
/* Adds the entries of a catalogue; the same message translated in two ways is a mistake. `forms`:
 * of a plural. */
void read_po(struct entries *out, const char *path, int forms);
bool translated(const struct entry *e, int forms);

#endif
