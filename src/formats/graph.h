/* Drawings of directed graphs. Where things lie is found by graphviz in a child process without rights
 * (`bereg job graph`), which gets numbers and gives numbers; the markup is written here, so that no
 * text of people reaches the library and nothing of the library reaches the page. */
#ifndef FORMATS_GRAPH_H
#define FORMATS_GRAPH_H
#include "base/arena.h"

enum { GRAPH_NODES_MAX = 80, GRAPH_EDGES_MAX = 400, GRAPH_WEIGHT_MAX = 6 };

enum graph_look { GRAPH_PLAIN, GRAPH_END, GRAPH_NOW, GRAPH_DONE, GRAPH_WRONG };
struct graph_node {
    struct text title, sub; /* sub: a second line, may be empty */
    enum graph_look look;
    struct text href; /* it is a link to that address; empty: it is none */
};
struct graph_edge {
    int from, to; /* indexes of nodes */
    struct text label; /* lines */
    bool dashed;
    int weight; /* 0 as usual; 1…GRAPH_WEIGHT_MAX: how thick, and how straight it shall be */
    struct text href;
};
struct graph {
    bool alone; /* a file of its own, with its looks in it, instead of a part of a page */
    int n_nodes, n_edges;
    struct graph_node nodes[GRAPH_NODES_MAX];
    struct graph_edge edges[GRAPH_EDGES_MAX];
};

/* An <svg> element with classes b-graph…, without ids; title names it for those who do not see it. Links are reached by the keyboard in
 * the order of nodes and edges; that of an edge says from where to where it leads.
 * ERR_IO, ERR_LIMIT: there is no drawing. */
enum err graph_svg(const char *self_exe, const struct graph *g, struct text title, int seconds,
                   struct arena *arena, struct text *svg, struct fault *fault) MUST;

/* The child's side; exit status. */
int graph_job_main(void);

#endif
