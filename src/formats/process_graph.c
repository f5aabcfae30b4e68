#include "formats/process_graph.h"
#include "formats/graph.h"
#include <math.h>

enum err process_graph_svg(const char *self_exe, const struct process_map *m, const struct process_drawing *d,
                           struct arena *arena, struct text *svg, struct fault *fault)
{
    struct graph *g = NEW(arena, struct graph);
    int *place = arena_array(arena, m->n_nodes, sizeof *place);
    uint64_t most = 1;

    g->alone = d->alone;
    for (uint32_t i = 0; i < m->n_nodes; i++) {
        if (!m->shown[i])
            continue;
        if (g->n_nodes == GRAPH_NODES_MAX)
            return fault_set(fault, ERR_LIMIT, "the map has more than %d activities; show a smaller share", GRAPH_NODES_MAX - 2);
        place[i] = g->n_nodes;
        g->nodes[g->n_nodes++] = (struct graph_node){d->title[i], d->sub[i], i + 2 < m->n_nodes ? GRAPH_PLAIN : GRAPH_END,
                                                        d->node_href ? d->node_href[i] : T("")};
    }
    for (size_t i = 0; i < m->n_links; i++)
        if (m->link[i].shown && m->link[i].n > most)
            most = m->link[i].n;
    for (size_t i = 0; i < m->n_links; i++) {
        const struct process_link *l = &m->link[i];
        if (!l->shown)
            continue;
        if (g->n_edges == GRAPH_EDGES_MAX)
            return fault_set(fault, ERR_LIMIT, "the map has more than %d arcs; show a smaller share", GRAPH_EDGES_MAX);
        int weight = 1 + (int)lround((GRAPH_WEIGHT_MAX - 1) * sqrt((double)l->n / (double)most));
        g->edges[g->n_edges++] = (struct graph_edge){place[l->from], place[l->to], d->label[i], false, weight, d->link_href ? d->link_href[i] : T("")};
    }
    if (!g->n_edges)
        return fault_set(fault, ERR_NOT_FOUND, "there is nothing to be drawn");
    return graph_svg(self_exe, g, d->name, PROCESS_GRAPH_SECONDS, arena, svg, fault);
}
