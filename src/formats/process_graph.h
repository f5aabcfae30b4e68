/* The drawing of a process map (process/process.h): arcs as thick as they are frequent. */
#ifndef FORMATS_PROCESS_GRAPH_H
#define FORMATS_PROCESS_GRAPH_H
#include "process/process.h"

enum { PROCESS_GRAPH_SECONDS = 10 };
struct process_drawing {
    struct text name;         /* of the drawing, for those who do not see it */
    const struct text *title; /* of each node, also of start and end */
    const struct text *sub;   /* a second line of each; may be empty */
    const struct text *label; /* of each link; lines */
    bool alone;               /* a file of its own (formats/graph.h) */
    const struct text *node_href, *link_href; /* addresses that they lead to; null: nowhere */
};
/* ERR_NOT_FOUND: nothing is shown; ERR_LIMIT: more than can be drawn; ERR_IO. */
enum err process_graph_svg(const char *self_exe, const struct process_map *map, const struct process_drawing *d,
                           struct arena *arena, struct text *svg, struct fault *fault) MUST;

#endif
