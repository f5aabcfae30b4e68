#include "process/process.h"
#include <stdlib.h>

enum { NONE = UINT32_MAX };

struct ranked {
    uint64_t n;
    uint32_t id;
};

static int most_first(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* --- the way to each node whose rarest link is as frequent as can be (Dijkstra with a heap) --- */

struct reach {
    uint64_t width; /* of the rarest link on the way; 0: not reached */
    uint32_t hops, by; /* by: the link that the way comes by */
    bool done;
};

struct step {
    uint64_t width;
    uint32_t hops, node;
};

struct heap {
    struct step *v;
    size_t n;
};

static bool before(const struct step *a, const struct step *b)
{
    if (a->width != b->width)
        return a->width > b->width;
    return a->hops != b->hops ? a->hops < b->hops : a->node < b->node;
}

static void push(struct heap *h, struct step s)
{
    size_t i = h->n++;

    for (; i && before(&s, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
        h->v[i] = h->v[(i - 1) / 2];
    h->v[i] = s;
}

static struct step pop(struct heap *h)
{
    struct step top = h->v[0], last = h->v[--h->n];
    size_t i = 0, k;

    while ((k = 2 * i + 1) < h->n) {
        k += k + 1 < h->n && before(&h->v[k + 1], &h->v[k]);
        if (!before(&h->v[k], &last))
            break;
        h->v[i] = h->v[k];
        i = k;
    }
    h->v[i] = last;
    return top;
}

/* Ways from `root` along the links, or against them. */
static struct reach *reach_all(struct arena *arena, const struct process_map *m, uint32_t root, bool against)
{
    uint32_t *begin = arena_array(arena, (size_t)m->n_nodes + 2, sizeof *begin), *list = arena_array(arena, m->n_links + 1, sizeof *list);
    struct reach *r = arena_array(arena, m->n_nodes, sizeof *r);
    struct heap h = {arena_array(arena, m->n_links + 2, sizeof(struct step)), 0};

    for (size_t i = 0; i < m->n_links; i++)
        begin[(against ? m->link[i].to : m->link[i].from) + 2]++;
    for (uint32_t i = 2; i <= m->n_nodes; i++)
        begin[i] += begin[i - 1];
    for (size_t i = 0; i < m->n_links; i++)
        list[begin[(against ? m->link[i].to : m->link[i].from) + 1]++] = (uint32_t)i;
    for (uint32_t i = 0; i < m->n_nodes; i++)
        r[i].by = NONE;
    r[root].width = UINT64_MAX;
    push(&h, (struct step){UINT64_MAX, 0, root});
    while (h.n) {
        struct step s = pop(&h);
        if (r[s.node].done)
            continue;
        r[s.node].done = true;
        for (uint32_t k = begin[s.node]; k < begin[s.node + 1]; k++) {
            const struct process_link *l = &m->link[list[k]];
            struct step next = {l->n < s.width ? l->n : s.width, s.hops + 1, against ? l->from : l->to};
            struct reach *to = &r[next.node];
            if (to->done || next.width < to->width || (next.width == to->width && next.hops >= to->hops))
                continue;
            to->width = next.width;
            to->hops = next.hops;
            to->by = list[k];
            push(&h, next);
        }
    }
    return r;
}

/* Shows the way from a node to the root; only counts its new nodes when `count`. */
static uint32_t show_way(struct process_map *m, const struct reach *r, uint32_t node, bool against, bool count, size_t *links)
{
    uint32_t fresh = 0;

    while (r[node].by != NONE) {
        struct process_link *l = &m->link[r[node].by];
        node = against ? l->to : l->from;
        fresh += !m->shown[node];
        if (count)
            continue;
        *links += !l->shown;
        l->shown = m->shown[node] = true;
    }
    return fresh;
}

static void choose_nodes(struct arena *arena, struct process_map *m, const struct process_share *share, size_t *links)
{
    uint32_t n = m->n_nodes - 2, shown = 0;
    struct ranked *order = arena_array(arena, (size_t)n + 1, sizeof *order);
    const struct reach *in = reach_all(arena, m, n, false), *out = reach_all(arena, m, n + 1, true);
    double total = 0, sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        order[i] = (struct ranked){m->n[i], i};
        total += (double)m->n[i];
    }
    qsort(order, n, sizeof *order, most_first);
    for (uint32_t i = 0; i < n && (i == 0 || sum < share->nodes * total); i++) {
        uint32_t id = order[i].id;
        sum += (double)order[i].n;
        if (!order[i].n || !in[id].width || !out[id].width || in[id].hops > share->nodes_max + 1 || out[id].hops > share->nodes_max + 1)
            continue;
        /* What both ways share is counted twice: then the map stays a little smaller. */
        uint32_t fresh = !m->shown[id] + show_way(m, in, id, false, true, links) + show_way(m, out, id, true, true, links);
        if (shown + fresh > share->nodes_max)
            continue;
        m->shown[id] = true;
        show_way(m, in, id, false, false, links);
        show_way(m, out, id, true, false, links);
        shown = 0;
        for (uint32_t k = 0; k < n; k++)
            shown += m->shown[k];
    }
}

void process_map_choose(struct arena *arena, struct process_map *m, const struct process_share *share)
{
    struct ranked *order = arena_array(arena, m->n_links + 1, sizeof *order);
    double total = 0, sum = 0;
    size_t links = 0;

    m->shown = arena_array(arena, m->n_nodes, sizeof *m->shown);
    m->shown[m->n_nodes - 2] = m->shown[m->n_nodes - 1] = true;
    for (size_t i = 0; i < m->n_links; i++) {
        m->link[i].shown = false;
        order[i] = (struct ranked){m->link[i].n, (uint32_t)i};
        total += (double)m->link[i].n;
    }
    choose_nodes(arena, m, share, &links);
    qsort(order, m->n_links, sizeof *order, most_first);
    for (size_t i = 0; i < m->n_links && sum < share->links * total; i++) {
        struct process_link *l = &m->link[order[i].id];
        sum += (double)l->n;
        if (l->shown || !m->shown[l->from] || !m->shown[l->to] || links >= share->links_max)
            continue;
        l->shown = true;
        links++;
    }
}
