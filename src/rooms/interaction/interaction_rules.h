/* What the room's files share. */
#ifndef ROOMS_INTERACTION_INTERACTION_RULES_H
#define ROOMS_INTERACTION_INTERACTION_RULES_H
#include "interaction_gen.h"
#include "rooms/interaction/interaction.h"

/* interaction_item.flags; the numbers stand in interaction.sql too. */
enum outcome {
    WAS_ACCEPTED = 1,
    WAS_RETURNED = 2,
    IS_DECLINED = 4,
    WAS_SILENT = 8, /* answered behind its term, or over behind it without an answer */
    IS_WITHDRAWN = 16,
    IS_TAKEN = 32,
    IS_DONE = 64,
    IS_NOT_DONE = 128,
    ANSWERED_IN_TIME = 256,
    FINISHED_IN_TIME = 512
};
enum open_state { OPEN_WAITING = 1, OPEN_AT_WORK, OPEN_RETURNED };

enum measure {
    M_SENT,
    M_ACCEPTED,
    M_RETURNED,
    M_DECLINED,
    M_SILENT, /* with those that wait behind their term today */
    M_WITHDRAWN,
    M_TAKEN,
    M_DONE,
    M_NOT_DONE,
    M_ANSWERED_IN_TIME,
    M_FINISHED_IN_TIME,
    M_WAITING, /* for the receiver's answer */
    M_AT_WORK,
    M_TO_COMPLETE, /* returned: the sender's turn */
    M_LATE,        /* open, and its next step is due before today */
    MEASURES
};

/* How many took so many days. */
struct spread {
    int64_t *n;
    size_t cap;
    int64_t all;
};
/* The smallest number of days with at least part/of of all not above it; -1: there are none. */
int64_t quantile(const struct spread *s, int64_t part, int64_t of);
void spread_add(struct arena *arena, struct spread *s, int64_t days, int64_t n);

enum { TO_ACCEPT, TO_FINISH, SPREADS };
struct tally {
    int64_t n[MEASURES];
    bool off[MEASURES]; /* is not shown */
    struct spread days[SPREADS];
};
/* Hides numbers from 1 to below small of one row, and beside each as many as it takes that none follows from the others: a row is
 * sent = accepted + declined + withdrawn + taken + waiting + to_complete, accepted = at_work + done + not_done. */
void tally_protect(struct tally *t, int64_t small);
void tally_round(struct tally *t, int64_t to);

enum sector { SECTOR_STATE, SECTOR_NGO, SECTOR_EMPLOYER, SECTORS };

/* A body as the viewer is told of it. */
struct party {
    int64_t id, now; /* now: itself, or the last successor; 0: not named to this viewer */
    struct text name, kind;
    enum sector sector;
    int64_t district;
    uint32_t discloses;
    bool active;
};
struct parties {
    size_t n;
    struct party *of; /* by name */
    int64_t own;      /* the body that stands in the viewer's place today */
    struct party **by_id; /* sorted by id */
};
void parties_read(struct request *rq, struct parties *out);
const struct party *party_find(const struct parties *all, int64_t id);
/* The name, with those whose place it has taken. */
struct text party_words(struct request *rq, const struct parties *all, int64_t now);

/* What is asked for. */
struct wish {
    int first, last;  /* months, 202401 */
    int64_t from, to; /* 0: any */
    int from_sector, to_sector; /* -1: any */
    int64_t district;
    struct text need;
    bool region;   /* pairs of all bodies; otherwise those in which the viewer's takes part */
    bool exact;    /* small numbers are shown */
    int64_t small; /* as in the report of clients */
};

struct pair {
    int64_t from, to; /* as they stand now; 0: not named */
    struct tally t;
};
struct line { /* of a need or a month */
    struct text code;
    int month;
    struct tally t;
};
struct reason {
    struct text code;
    int64_t n;
};
struct picture {
    struct parties all;
    size_t n_pairs, cap_pairs, n_slots;
    struct pair *pairs;
    uint32_t *slots; /* hash of pairs: index + 1 */
    struct tally total, groups[SECTORS][SECTORS];
    size_t n_needs, n_months, n_reasons;
    struct line *needs, *months; /* months: of a region without exact figures they are half-years, 20241 */
    struct reason *reasons;
};
enum { NEEDS_MOST = 200, MONTHS_MOST = 1300, REASONS_MOST = 200 };

/* ERR_NOT_FOUND when the wish names a body or need of which the viewer may not be told. */
void picture_make(struct request *rq, const struct wish *w, struct picture *out);
int64_t interaction_small(void);

#endif
