/* The room's own rules and what its files share. */
#ifndef ROUTING_ROUTING_RULES_H
#define ROUTING_ROUTING_RULES_H
#include "rooms/routing/routing.h"
#include "rooms/routing/routing_engine.h"
#include "routing_gen.h"

/* ---- a scheme in memory: texts live where it was made ---- */

struct scheme_step {
    struct text code, label, place, same_as, kinds, need, ground, expected, answer_rule, result_rule,
        offer, joining, escalate;
    const struct pack_entry *entry; /* null: from the register */
};
struct scheme_arrow {
    struct text from, outcome, to; /* from "": the beginning; to "end": the end */
    bool done; /* of what is approved: counted the outcome as done then? */
};
struct scheme {
    int64_t id, version, number; /* number: which version of the scheme */
    struct text code, name, situation, state, order_number, source;
    struct value order_date;
    int n_steps, n_arrows;
    struct scheme_step steps[ROUTING_STEPS];
    struct scheme_arrow arrows[ROUTING_ARROWS];
    const struct pack_entry *entry;
};

/* False: there is none (no error). */
bool scheme_load(struct request *rq, int64_t id, struct scheme *out);
/* Codes of schemes and steps: small letters, digits, _; not "end". */
bool scheme_code_good(struct text code);
int scheme_step_of(const struct scheme *s, struct text code); /* index, or -1 */
/* Outcomes by number: the general ones, then those that its arrows name. */
int scheme_outcome(const struct scheme *s, struct text code); /* -1: it names no such */
struct text scheme_outcome_code(const struct scheme *s, int outcome);
void scheme_graph(const struct scheme *s, struct routing_graph *g);
/* As pack text that loads again to the same scheme;. */
void scheme_print(const struct scheme *s, struct buf *out);
bool scheme_same(const struct scheme *a, const struct scheme *b);
/* Inside a change: a new version. */
int64_t scheme_store(struct change *ch, const struct scheme *s);
/* Its steps and arrows alone. */
void scheme_parts_store(struct change *ch, int64_t id, const struct scheme *s);

/* Is the outcome's code one that steps can have? Its words; `end` and steps are no outcomes. */
bool outcome_known(struct text code);
const char *outcome_words(struct text code, enum lang lang);

/* ---- what is wrong with it (routing_check.c) ---- */

struct scheme_fault {
    struct text step; /* label; empty: of the scheme as a whole */
    const char *words; /* msgid, may hold {a} */
    struct text a;
    bool grave; /* it cannot be approved so */
};
struct scheme_faults {
    size_t n;
    struct scheme_fault v[200];
};
void scheme_check(struct request *rq, const struct scheme *s, struct scheme_faults *out);
/* Does a code tell a class that is stored sealed? No scheme may name it, a draft neither. */
bool situation_sealed(struct text situation);
bool need_sealed(struct text need);
extern const char scheme_sealed_situation[], scheme_sealed_need[]; /* msgids that say so */
const char *scheme_sealed(const struct scheme *s); /* the first of them that fits; null: none */

/* ---- packs ---- */

extern const struct pack_section routing_packs[];
void routing_packs_stored(struct change *ch);

/* ---- editing drafts (routing_edit.c); scheme: its row, version of the page ---- */

int64_t scheme_new(struct request *rq, struct scheme_form *form);
int64_t scheme_copy(struct request *rq, int64_t scheme);
void scheme_rename(struct request *rq, int64_t scheme, int64_t version, struct scheme_form *form);
/* step: index, -1 for a new one behind the last. */
void scheme_step_put(struct request *rq, int64_t scheme, int64_t version, int step,
                     struct step_form *form, struct text kinds);
void scheme_step_drop(struct request *rq, int64_t scheme, int64_t version, int step);
void scheme_arrow_add(struct request *rq, int64_t scheme, int64_t version, struct text from,
                      struct text outcome, struct text to);
void scheme_arrow_drop(struct request *rq, int64_t scheme, int64_t version, int arrow);
void scheme_approve(struct request *rq, int64_t scheme, int64_t version, struct approve_form *form);
void scheme_retire(struct request *rq, int64_t scheme, int64_t version);

/* ---- routes (routing.c) ---- */

struct on_route {
    int64_t id, version, scheme_id, person, case_id, body, account;
    struct text state;
    uint32_t classes;
    bool running;
    struct scheme scheme;
    struct routing_graph graph;
    struct routing_state now;
};
/* By its log; false: there is none, or it cannot be replayed (then *why says so). */
bool route_load(struct request *rq, int64_t id, struct on_route *out, const char **why);
int64_t route_start(struct request *rq, int64_t case_id, int64_t scheme);
/* For a step that the lead does itself, or for one that waits for a decision. */
void route_outcome(struct request *rq, int64_t route_step, int64_t version,
                   struct outcome_form *form);
void route_skip(struct request *rq, int64_t route_step, int64_t version, struct skip_form *form);
void route_choose(struct request *rq, int64_t route_step, int64_t version,
                  struct choose_form *form);
void route_again(struct request *rq, int64_t route_step, int64_t version);
void route_conclude(struct request *rq, int64_t route_step, int64_t version);
void route_stop(struct request *rq, int64_t route, int64_t version, struct stop_form *form);
/* map: for each step of the route's scheme that is open the code of one of the new, or "-". */
void route_move(struct request *rq, int64_t route, int64_t version, int64_t scheme, const int *map);
/* Sends, takes back and answers what has come, as the viewer. Refusals leave the step with the lead. */
void route_forward(struct request *rq, int64_t route);
/* The same for all routes that wait for it, each as its lead's account. */
void routes_forward(struct request *rq);
void routes_silence(struct request *rq);
/* Bodies that can take a step, the nearest first. */
size_t route_bodies(struct request *rq, const struct on_route *r, const struct scheme_step *s,
                    int64_t district, int64_t *out, size_t max);

#endif
