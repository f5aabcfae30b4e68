/* Bodies that take part: state bodies, institutions, NGOs, employers. The room owns the table body.
 * What a kind of body can take, never sees and tells by its name stands in the packs ([body_kind
 * …], [need …]). */
#ifndef AGENCIES_AGENCIES_H
#define AGENCIES_AGENCIES_H
#include "agencies_gen.h"
#include "guard/change.h"

/* Facts of a body; false when there is none (ERR is not set). */
bool body_of(struct request *rq, int64_t body, union body_facts_row *out);
struct text body_kind(struct request *rq, int64_t body);
/* Classes that the name of the body tells, from its row. */
uint32_t body_discloses(struct request *rq, int64_t body);
/* The body of a kind that works for a district; 0: there is none. */
int64_t body_of_district(struct request *rq, const char *kind, int64_t district);
/* By its name as lists write it, folded; 0: there is none. */
int64_t body_of_name(struct request *rq, struct text name);
/* Can bodies of this kind take this need? Can this body, now? */
bool kind_takes(struct text kind, struct text need);
bool body_takes(struct request *rq, int64_t body, struct text need);

/* Options of selects: active bodies by name. need: only those whose kind takes it (empty: all);
 * district: its bodies first (0: no matter); never `but` (0: nobody). */
void body_options(struct request *rq, struct text need, int64_t district, int64_t but,
                  struct body_all_options_rows *out);

/* Makes a body inside a change, with its event; discloses comes from the kind. After the commit
 * call guard_bodies_changed() when names that tell were added. */
struct body_new {
    struct text name, kind;
    int64_t district; /* 0: the whole region */
    struct text phone, address, contact;
};
int64_t body_add(struct change *ch, const struct body_new *b);

#endif
