/* Pairs make persons: the surest pairs are joined first, and two groups only when on the whole their records belong together. So
 * one bridge between two persons does not join them, and two poor records of one person are found through a third. */
#include "linkage/link.h"
#include <stdlib.h>

enum { LOOKED_AT = 64, FORBIDDING_MAX = 4096 };

/* One comparison says no more than this, or one wild record would outweigh ten good ones. */
static const double loudest = 12;

struct groups {
    const struct link_set *set;
    const struct link_model *model;
    uint32_t *of, *next, *last, *size; /* group of a row; rows of a group as a chain from its first; both by first row */
};

static const struct feature *const *record(const struct link_set *set, size_t row)
{
    return (const struct feature *const *)set->row + row * (size_t)set->n_fields;
}

static bool forbidden(const struct groups *g, uint32_t a, uint32_t b)
{
    return link_forbids(g->set->fields, g->set->n_fields, record(g->set, a), record(g->set, b)) != NULL;
}

/* Whether the groups that begin with rows a and b are one person. Of large groups a part is looked at, evenly. */
static bool belong(const struct groups *g, uint32_t a, uint32_t b)
{
    uint64_t pairs = (uint64_t)g->size[a] * g->size[b], step = pairs / LOOKED_AT + 1, k = 0;
    uint64_t guard = pairs / FORBIDDING_MAX + 1;
    double sum = 0;

    for (uint32_t i = a, n = 0; n < g->size[a]; i = g->next[i], n++)
        for (uint32_t j = b, o = 0; o < g->size[b]; j = g->next[j], o++, k++) {
            if (k % guard == 0 && forbidden(g, i, j))
                return false;
            if (k % step)
                continue;
            double bits = link_score(g->model, record(g->set, i), record(g->set, j), NULL) - g->model->same;
            sum += bits > loudest ? loudest : bits < -loudest ? -loudest : bits;
        }
    return sum >= 0;
}

static void join(struct groups *g, uint32_t a, uint32_t b)
{
    if (g->size[a] < g->size[b]) {
        uint32_t swap = a;
        a = b, b = swap;
    }
    for (uint32_t j = b, o = 0; o < g->size[b]; j = g->next[j], o++)
        g->of[j] = a;
    g->next[g->last[a]] = b;
    g->last[a] = g->last[b];
    g->size[a] += g->size[b];
}

static int by_bits(const void *x, const void *y)
{
    const struct link_edge *a = x, *b = y;

    return a->bits != b->bits ? (a->bits > b->bits ? -1 : 1) : a->a != b->a ? (a->a < b->a ? -1 : 1) : a->b < b->b ? -1 : a->b > b->b;
}

size_t link_clusters(const struct link_set *set, const struct link_model *model, struct link_edge *edge, size_t n, uint32_t *cluster)
{
    size_t rows = set->n_rows, found = 0;
    uint32_t *memory = malloc((rows * 4 + 1) * sizeof *memory);

    if (!memory)
        return 0;
    struct groups g = {set, model, memory, memory + rows, memory + 2 * rows, memory + 3 * rows};
    for (uint32_t i = 0; i < rows; i++) {
        g.of[i] = g.next[i] = g.last[i] = i;
        g.size[i] = 1;
    }
    qsort(edge, n, sizeof *edge, by_bits);
    for (int again = 0; again < 2; again++) /* what did not belong to a part may belong to the whole */
        for (size_t i = 0; i < n; i++) {
            uint32_t a = g.of[edge[i].a], b = g.of[edge[i].b];
            if (a != b && belong(&g, a, b))
                join(&g, a, b);
        }
    for (uint32_t i = 0; i < rows; i++)
        if (g.of[i] == i)
            g.last[i] = (uint32_t)found++;
    for (uint32_t i = 0; i < rows; i++)
        cluster[i] = g.last[g.of[i]];
    free(memory);
    return found;
}
