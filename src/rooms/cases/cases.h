/* Cases: the file of one person in one leading body, from opening over assessment and programme to its outcome.
 * The room owns case_file, assessment, need and note. An open case is the fact behind the lead's grant; closing it ends
 * the grant of the work and leaves the one that the rules give for closed cases. */
#ifndef ROOMS_CASES_CASES_H
#define ROOMS_CASES_CASES_H
#include "guard/room.h"

extern const struct room cases_room;
extern const struct table case_file_table;

/* Opens a case inside a change: number, grant, lead of the person. Codes: lists case_kind and channel. */
int64_t case_open(struct change *ch, int64_t person, int64_t body, const char *kind,
                  struct text channel);

/* What rules of other rooms need of a case. */
struct case_facts {
    int64_t id, version, person, body, opened_on;
    struct text number, state; /* in the arena */
    bool open;                 /* neither closed nor in follow-up */
};
/* Of the viewer's own body only; ERR_NOT_FOUND otherwise. */
struct case_facts case_own(struct request *rq, int64_t id);
/* Any case, for hooks and rules. */
struct case_facts case_facts(struct request *rq, int64_t id);
/* Moves an open case on ("programme", "in_work"); nothing when it already stands there or further. */
void case_advance(struct change *ch, int64_t id, const char *state);

/* Of the viewer's own: cases in which he has entered nothing for [home terms] idle days; cases whose follow-up ends this week. */
struct case_list_rows;
struct paging;
void cases_idle(struct request *rq, struct paging paging, struct case_list_rows *out);
void cases_ending(struct request *rq, struct paging paging, struct case_list_rows *out);

#endif
