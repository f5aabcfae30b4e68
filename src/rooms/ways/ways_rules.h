/* What the room's files share. */
#ifndef ROOMS_WAYS_WAYS_RULES_H
#define ROOMS_WAYS_WAYS_RULES_H
#include "process/process.h"
#include "rooms/ways/ways.h"
#include "ways_gen.h"

enum { WAY_STEPS_MAX = 20000 }; /* of one case; what comes behind is not told */

/* ---- the way of one case (ways_make.c) ---- */

/* A case as its lead sees it, or as a body that works in it may: its own part, and the case itself. */
struct way {
    int64_t case_id, district, body, scheme_id;
    int month;
    struct text scheme; /* the code of its newest route's; "": none; WAY_PART */
    struct text steps, days; /* as stored */
    int64_t length, skipped, repeated, disordered, late;
    struct text dues; /* days by which open steps of its routes are due, in words, the first one first */
    int64_t tells;    /* of a part: classes that its routes tell */
};
struct way_list {
    size_t n, cap;
    struct way *way; /* by case and body, the lead first */
};
#define WAY_PART "+"
/* The ways of all cases that are due up to `last`, from the log; of a case without steps none. */
void ways_make(struct request *rq, int64_t last, struct way_list *out);
/* Do two say the same? */
bool way_same(const struct way *a, const struct way *b);

/* One round of a step of a route. */
struct way_round {
    struct text step;
    int64_t route, scheme, round, body, opened, due, closed, classes; /* days; closed, due: INT64_MIN: not */
};
/* How a case kept to the schemes of its routes; sets repeated, disordered, late, dues; of a part by the rounds of its body. */
struct way_schemes;
struct way_schemes *way_schemes_new(struct arena *arena);
void way_conform(struct request *rq, struct way_schemes *known, struct way *w, const struct way_round *round, size_t n);

/* ---- sums ---- */

struct way_key {
    int64_t district, body;
    int month;
    struct text scheme;
};
struct way_deltas;
struct way_deltas *deltas_new(struct arena *arena);
/* Adds (n 1) or takes away (n -1) what a way counts for: in its group, and in all together unless it is a part. */
void deltas_way(struct way_deltas *d, const struct way_key *key, struct text steps, struct text days, int64_t variant, int64_t n);
/* What the ways of a month give beyond what the sums say. */
void deltas_of_month(struct request *rq, int month, struct way_deltas *d);
/* Those that are not 0, in the order of the tables; variant 0: an arc. */
struct way_delta {
    struct way_key key;
    struct text step, next;
    int64_t days, variant, n;
};
size_t deltas_ready(struct way_deltas *d);
struct way_delta deltas_at(const struct way_deltas *d, size_t i);
/* Stores some of the ready ones, and what they are of whole years. */
void deltas_store(struct change *ch, const struct way_deltas *d, size_t first, size_t n);

/* What `bereg check` proves (ways_check.c). */
void ways_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);

/* ---- figures (ways_read.c) ---- */

/* What is asked for. */
struct way_wish {
    int first, last; /* months of opening, 202406 */
    struct text scheme; /* empty: any */
    int64_t district, body; /* 0: any; without the right for the region the viewer's own body */
    enum way_whose { WAY_ALL, WAY_LED, WAY_WORKED } whose; /* cases that the body leads, or works in; of the region: led */
    bool region;   /* the viewer may see the ways of all bodies */
    bool exact;    /* otherwise numbers below small are not shown and all others are rounded to it */
    int64_t small; /* [ways map] of the packs */
};

/* From the address of the page; what is wrong there is left out. */
struct way_wish way_wish_of(struct request *rq);
struct text way_month_text(struct request *rq, int month); /* "2024-06" */

/* The rows of the sums that make it up: of a group, or of all together by years and the months beside them. first > last: none. */
enum { WAY_SPANS = 3 };
struct way_span {
    int first, last;
    struct value scheme, district, body, part; /* none: any; part: WAY_PART, rows of this scheme are left out */
};
int way_spans(const struct way_wish *w, struct way_span out[WAY_SPANS]);

/* Numbers of days with how often each. */
struct day_counts {
    size_t n, cap;
    struct day_count {
        int64_t days, n;
    } *v;
    int64_t all;
};
void days_add(struct arena *arena, struct day_counts *d, int64_t days, int64_t n);
/* The smallest number of days with at least part/of of all not above it; -1: there are none. Sorts. */
int64_t days_quantile(struct day_counts *d, int64_t part, int64_t of);

struct way_picture_arc {
    uint32_t from, to; /* numbers of steps */
    struct day_counts days;
    int64_t n;
};
struct way_picture {
    struct process_names steps; /* their codes; "^" and "$" are among them */
    struct text *label;         /* of each, in the viewer's language */
    size_t n_arcs;
    struct way_picture_arc *arc; /* the most frequent first */
    int64_t cases, closed;
    struct day_counts whole; /* of closed cases */
};
void way_picture_make(struct request *rq, const struct way_wish *w, struct way_picture *out);
/* The words of a step by its code. */
struct text way_step_words(struct request *rq, struct text code);
/* As the viewer may be told it; -1: not at all. */
int64_t way_figure(const struct way_wish *w, int64_t n);

#endif
