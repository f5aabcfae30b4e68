/* A rehearsal: the cases of a year go through a scheme in memory, with the waiting times and outcomes
 * that referrals with the same need to the same kinds of bodies really had. Persons are only counted;
 * the same register gives the same figures. */
#ifndef ROUTING_ROUTING_REHEARSE_H
#define ROUTING_ROUTING_REHEARSE_H
#include "rooms/routing/routing_rules.h"

enum { REHEARSE_BODIES = 1000 };

struct rehearsal {
    int64_t from, until; /* days, `until` is not in it */
    int64_t cases, ended, stuck;
    int64_t median, late; /* days to the end: of half of the cases, of nine in ten */
    struct rehearsed_step {
        int64_t cases, known; /* known: how many referrals of the year speak for it */
        int64_t median, stuck, no_body;
    } steps[ROUTING_STEPS];
    size_t n_bodies;
    struct rehearsed_body {
        int64_t id, referrals;
        struct text name;
    } bodies[REHEARSE_BODIES];
};
void scheme_rehearse(struct request *rq, const struct scheme *s, struct rehearsal *out);

#endif
