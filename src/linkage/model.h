/* Weights of evidence that two records are of one person (Fellegi and Sunter 1969), learnt without labels by EM, and kept as a
 * versioned text. A weight is in bits: log2 of how much likelier a level is between records of one person (m) than between
 * those of two (u). Values that agree weigh by their frequency: Иванов less than Цзю. Where a field follows from another (place
 * and postcode, surname and address of a family), u is that among strangers who agree in the other field. */
#ifndef LINKAGE_MODEL_H
#define LINKAGE_MODEL_H
#include "base/buf.h"
#include "linkage/compare.h"

/* A value that many persons have, in a model that is stored. */
struct link_often {
    uint64_t value;
    double share;
    int field;
};

struct link_model {
    struct link_field field[LINK_FIELDS_MAX];
    int n;
    double prior;          /* log2 of the odds that two records taken at random are of one person */
    double same, doubtful; /* thresholds in bits, the prior counted in: even odds, and 1 : 32 */
    double m[LINK_FIELDS_MAX][LINK_LEVELS_MAX], u[LINK_FIELDS_MAX][LINK_LEVELS_MAX];
    int parent[LINK_FIELDS_MAX]; /* the field that this one follows from; -1 none */
    double u_with[LINK_FIELDS_MAX][LINK_LEVELS_MAX]; /* u among strangers who agree in the parent */
    double twice[LINK_FIELDS_MAX], stem_twice[LINK_FIELDS_MAX]; /* chance that two persons share a value, a stem */
    struct link_often *often; /* by value and field; may be null */
    size_t n_often;
    /* made of the above by link_model_ready */
    double weight[LINK_FIELDS_MAX][LINK_LEVELS_MAX], weight_with[LINK_FIELDS_MAX][LINK_LEVELS_MAX];
};

/* Before any data was seen: what is usual of the kinds. */
void link_model_begin(struct link_model *model, const struct link_field *fields, int n);
void link_model_ready(struct link_model *model);

struct link_explain {
    int n;
    const char *forbidden; /* msgid, null: nothing forbids */
    struct {
        const char *level; /* msgid, null: a value is missing */
        double bits;
    } field[LINK_FIELDS_MAX];
};

/* Bits for (above 0) and against, prior included. out may be null. Forbidden pairs have their weight all the same. */
double link_score(const struct link_model *model, const struct feature *const *a, const struct feature *const *b,
                  struct link_explain *out);
double link_score_levels(const struct link_model *model, const uint8_t *levels); /* without frequencies */
double link_score_of(const struct link_model *model, const uint8_t *levels, const struct feature *const *a,
                     const struct feature *const *b); /* levels are known already */

/* Pairs with the same levels. */
struct link_pattern {
    uint8_t levels[LINK_FIELDS_MAX];
    float pairs;                   /* candidates */
    float random;                  /* of the pairs taken at random */
    float blind[LINK_FIELDS_MAX];  /* candidates found by other fields than this: those that may tell about it */
};
/* Strangers, and some that are not, who agree in one field. */
struct link_kin {
    uint8_t levels[LINK_FIELDS_MAX];
    int field;
};
struct link_sample {
    struct link_pattern *pattern;
    size_t n;
    double all_pairs; /* of the whole set */
    const struct link_kin *kin;
    size_t n_kin;
};

/* Learns m, u, prior and, of kin, what follows from what. */
void link_model_learn(struct link_model *model, const struct link_sample *sample);

/* Text form: lines of words, the first "bereg-link-model 1", the last "end". */
void link_model_print(const struct link_model *model, struct buf *out);
enum err link_model_parse(struct arena *arena, struct text t, struct link_model *model, struct fault *fault) MUST;
/* Fills shares of a feature from the often values of a stored model. */
void link_model_share(const struct link_model *model, int field, struct feature *f);

#endif
