/* Linking the records of one or two tables in memory: who is in them more than once. */
#ifndef LINKAGE_LINK_H
#define LINKAGE_LINK_H
#include "linkage/model.h"

/* Rows of features, row by row; null: missing. With two tables the rows of the first stand first. */
struct link_set {
    const struct link_field *fields;
    int n_fields;
    const struct feature **row; /* n_rows * n_fields */
    size_t n_rows, n_first;     /* n_first: rows of the first table; n_rows when there is one */
};

struct link_pair {
    uint32_t a, b; /* rows, a < b */
    float bits;
};

struct link_result {
    struct link_model model;
    struct link_pair *pair; /* judged the same, each once, by rows; of two tables only across */
    size_t n_pairs;
    size_t persons, compared, distinct; /* clusters, pairs compared, rows that differ from all others */
};

/* Learns a model of the rows and judges pairs by it. All pairs of what is taken for one person are given, also those that are
 * not alike by themselves. Calls `each` for every pair in the order of rows and keeps none; stops when it returns false.
 * Shares of the features are filled in. Memory grows with the rows, not with the pairs. */
enum err link_run(const struct link_set *set, struct link_result *result,
                  bool (*each)(void *mine, const struct link_pair *pair), void *mine) MUST;

/* --- inside the floor --- */

struct link_candidate {
    uint32_t a, b;
    uint32_t blind; /* fields that had no part in finding it */
};
/* Candidates by several keys, each pair once; malloc'd. */
enum err link_candidates(const struct link_set *set, struct link_candidate **out, size_t *n) MUST;

struct link_edge {
    uint32_t a, b;
    float bits;
};
/* Who belongs together: cluster of each row, from 0; edges are sorted. Returns the number of clusters. */
size_t link_clusters(const struct link_set *set, const struct link_model *model, struct link_edge *edge, size_t n, uint32_t *cluster);

#endif
