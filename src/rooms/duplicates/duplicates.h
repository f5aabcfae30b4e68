/* Two cards of one person: joined field by field, and parted again. The room owns the joinings (person_merge), what both
 * cards said (merge_value) and the notes by which a joining is undone (merge_move).
 *
 * A card that was given up stays as a row (person.merged_into names the one kept): it has no grants, no access and no rows of other
 * rooms, and is never found. Logs stay with the number they were written for; who reads them by a person takes all whose
 * merged_into is he. Which rows follow is said by the declarations of fields (store/field.h, when_merged). */
#ifndef ROOMS_DUPLICATES_DUPLICATES_H
#define ROOMS_DUPLICATES_DUPLICATES_H
#include "guard/room.h"

extern const struct room duplicates_room;

enum { MERGE_FIELDS = 64 }; /* of person_form at most */

struct merge_wish {
    int64_t kept, gone;
    int64_t kept_version, gone_version; /* below 0: whatever they are */
    bool take[MERGE_FIELDS];            /* in the order of person_form: the value of the card given up */
    struct text words;                  /* why */
};

/* Joins two cards inside an open change; locks both, and checks all that can be wrong: rights of the viewer (the system's own rules
 * have none to check), restrictions, versions. Returns the number of the joining, 0 after a failure: ERR_NOT_FOUND where the viewer
 * may not know one of them, ERR_STALE, or ERR_REFUSED with a reason. No page is needed: a queue or a job may call it. */
int64_t person_merge(struct change *ch, const struct merge_wish *wish);

/* For hooks person_merged: a row that cannot stand beside another of the same person now gives way, with the grants that
 * rest on it, and comes back when the joining is undone. */
void merge_lay_aside(struct change *ch, const struct table *t, int64_t id);

#endif
