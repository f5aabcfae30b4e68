/* Counts, quantiles, and what small numbers ask for. */
#include "rooms/interaction/interaction_rules.h"

int64_t quantile(const struct spread *s, int64_t part, int64_t of)
{
    int64_t below = 0;
    for (size_t d = 0; s->all && d < s->cap; d++) {
        below += s->n[d];
        if (below * of >= part * s->all)
            return (int64_t)d;
    }
    return -1;
}

void spread_add(struct arena *arena, struct spread *s, int64_t days, int64_t n)
{
    size_t d = days < 0 ? 0 : (size_t)days;
    if (d >= s->cap) {
        size_t cap = s->cap ? s->cap : 32;
        while (cap <= d)
            cap *= 2;
        int64_t *more = arena_array(arena, cap, sizeof *more);
        if (s->cap)
            memcpy(more, s->n, s->cap * sizeof *more);
        s->n = more;
        s->cap = cap;
    }
    s->n[d] += n;
    s->all += n;
}

/* One sum: a total and its parts. One unknown would follow from the rest; then the smallest other part is hidden too. */
static bool hide_second(struct tally *t, enum measure total, const enum measure *parts, size_t n)
{
    size_t hidden = t->off[total];
    const enum measure *best = NULL;
    for (size_t i = 0; i < n; i++)
        hidden += t->off[parts[i]];
    if (hidden != 1)
        return false;
    for (size_t i = 0; i < n; i++) {
        const enum measure *m = &parts[i];
        if (t->off[*m])
            continue;
        bool better = !best || (t->n[*best] == 0 && t->n[*m] > 0) ||
                      (t->n[*m] > 0 && t->n[*m] < t->n[*best]);
        best = better ? m : best;
    }
    t->off[best ? *best : total] = true;
    return true;
}

void tally_protect(struct tally *t, int64_t small)
{
    static const enum measure after[] = {M_AT_WORK, M_DONE, M_NOT_DONE};
    static const enum measure answers[] = {M_ACCEPTED, M_DECLINED,    M_WITHDRAWN,
                                           M_TAKEN,    M_TO_COMPLETE, M_WAITING};
    for (int m = 0; m < MEASURES; m++)
        t->off[m] = (t->n[m] > 0 && t->n[m] < small) || (t->n[M_SENT] > 0 && t->n[M_SENT] < small);
    for (bool more = true; more;)
        more = hide_second(t, M_SENT, answers, sizeof answers / sizeof *answers) ||
               hide_second(t, M_ACCEPTED, after, sizeof after / sizeof *after);
}

void tally_round(struct tally *t, int64_t to)
{
    for (int m = 0; m < MEASURES; m++)
        t->n[m] = (t->n[m] + to / 2) / to * to;
}
