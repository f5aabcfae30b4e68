/* The catalogue as files of HSDS 3.1, out and in. */
#ifndef CATALOGUE_CATALOGUE_EXCHANGE_H
#define CATALOGUE_CATALOGUE_EXCHANGE_H
#include "formats/hsds.h"
#include "rooms/catalogue/catalogue_rules.h"

/* What is on the public page, of all bodies; confidential places are left out with all that is theirs. With an event. Only for who
 * keeps the whole catalogue. */
void catalogue_export(struct request *rq, struct hsds_set *out);

/* What an import does, or would do. */
enum catalogue_deed { DEED_NEW, DEED_CHANGED, DEED_SAME, DEED_LEFT_OUT, DEED_COUNT };
struct catalogue_line {
    const char *kind;   /* "new", "changed", "same", "left_out" of a service; "wrong", "told" of a finding */
    struct text name;   /* of the service, or the file */
    struct text place;  /* "services.csv, line 3" */
    struct text field;  /* or the fields that change */
    struct text words;  /* in the viewer's language */
};
struct catalogue_report {
    size_t n, cap, count[DEED_COUNT], wrong;
    struct catalogue_line *lines;
};
/* answer: of hsds_read. kind: of bodies that are not known yet, when the file does not say it (empty: services of such bodies are
 * left out). dry: nothing is written. Each service is a change of its own: what is wrong holds up nothing else. */
void catalogue_import(struct request *rq, struct text answer, struct text kind, bool dry,
                      struct catalogue_report *out);

/* Keeps a file that was read until it is decided upon (for a day). Its number, 0 after a failure. */
int64_t catalogue_import_keep(struct request *rq, struct text file_name, struct text answer, struct value kind);
void catalogue_import_apply(struct request *rq, int64_t id, int64_t version);
/* The identifiers under which codes of a list stand in files. */
struct text catalogue_term_uuid(struct arena *arena, const char *list, struct text code);

#endif
