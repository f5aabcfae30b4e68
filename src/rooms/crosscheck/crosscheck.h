/* Cross-check without showing: two registers learn which persons both know, and nothing of the others (guard/psi.h). Three files go
 * there and back: the offer, the answer, the result. Each side learns only which of its own persons the other knows as well.
 * Keys are exact: SNILS, IIN, folded full name with date of birth.
 *
 * Who takes part: persons whom the own body sees, without restricted ones. A body whose very name tells a sealed fact
 * takes part in no crosscheck. The room owns crosscheck, crosscheck_part and crosscheck_match. */
#ifndef ROOMS_CROSSCHECK_CROSSCHECK_H
#define ROOMS_CROSSCHECK_CROSSCHECK_H
#include "crosscheck_gen.h"
#include "guard/room.h"

extern const struct room crosscheck_room;

enum crosscheck_key { KEY_SNILS, KEY_IIN, KEY_NAME, KEY_COUNT };

/* Under what terms; texts live as long as the request. */
struct crosscheck_terms {
    struct text partner, basis, words;
    unsigned keys; /* 1 << enum crosscheck_key */
};

/* More keys than that are a matter of minutes: then the command line does it. 0: as many as there are. */
enum { CROSSCHECK_KEYS_OF_PAGE = 20000 };

/* Each returns the id of the cross-check, 0 after a failure; done (null: nobody) is called inside the change. Files are texts of lines; what
 * is wrong with one is told as a mistake of the field "file". */
/* The offer: file 1. */
int64_t crosscheck_offer(struct request *rq, const struct crosscheck_terms *terms, size_t most,
                       void (*done)(struct request *rq, int64_t id));
/* Takes file 1 of the other side: file 2. The keys are those of the offer. */
int64_t crosscheck_answer(struct request *rq, const struct crosscheck_terms *terms, struct text file,
                        size_t most, void (*done)(struct request *rq, int64_t id));
/* Takes file 2 (who offered: then file 3 is there) or file 3 (who answered), and keeps who is known to both. */
void crosscheck_take(struct request *rq, int64_t id, struct text file, size_t most,
                   void (*done)(struct request *rq, int64_t id));
void crosscheck_cancel(struct request *rq, int64_t id, int64_t version);

/* The cross-check that an answer or a result belongs to; 0 with a mistake of the field "file". */
int64_t crosscheck_of_file(struct request *rq, struct text file);
/* The file that goes to the other side now; false: there is none. */
bool crosscheck_file(struct request *rq, int64_t id, struct buf *out, struct text *name);

#endif
