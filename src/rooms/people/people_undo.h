/* Taking imports of persons back. */
#ifndef ROOMS_PEOPLE_PEOPLE_UNDO_H
#define ROOMS_PEOPLE_PEOPLE_UNDO_H
#include "rooms/people/people.h"

/* Fields that a change sets, with the values before and after: for import_row.before. */
struct text changed_values(struct arena *arena, const union person_record *set,
                           const union person_facts_row *now);
size_t persons_undo(struct change *ch, int64_t import, size_t limit);
/* Does a table of another room refer to the person? */
bool person_used(struct request *rq, int64_t person);
/* The card with its categories, entries of lists, grants and all its history, past its term. */
void person_erase(struct change *ch, int64_t id);

#endif
