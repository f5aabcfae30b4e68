/* What pages of schemes and routes show alike. */
#ifndef ROUTING_ROUTING_SHOW_H
#define ROUTING_ROUTING_SHOW_H
#include "rooms/routing/routing_own.h"
#include "web/web.h"

/* The drawing; state null: of the scheme alone. Empty when there is none: the table says the same. */
struct svg scheme_drawing(struct request *rq, const struct scheme *s,
                          const struct routing_state *state, const struct scheme_faults *faults);
/* The table beside it. faults may be null. */
void scheme_table_rows(struct request *rq, const struct scheme *s,
                       const struct scheme_faults *faults, struct scheme_step_list_rows *out);
/* "Begins with: A, B" */
struct text scheme_begins(struct request *rq, const struct scheme *s);
/* Which bodies do a step. */
struct text who_words(struct request *rq, const struct scheme *s, const struct scheme_step *t);
const char *code_words(const char *list, struct text code, enum lang lang);

/* Choices made by a page: rows of scheme_choice. */
void choices_begin(struct request *rq, struct scheme_choice_rows *out, size_t most);
void choice_add(struct scheme_choice_rows *out, struct text value, struct text label, bool chosen);
void choices_of_list(struct request *rq, const char *list, struct text chosen,
                     struct scheme_choice_rows *out);
/* Outcomes that a step can be given by hand: those that lead on, then done and not done. */
void choices_of_outcomes(struct request *rq, const struct scheme *s, int step, struct text chosen,
                         struct scheme_choice_rows *out);

void lines_begin(struct request *rq, struct scheme_line_rows *out, size_t most);
void fault_lines(struct request *rq, const struct scheme_faults *faults,
                 struct scheme_line_rows *out);

#endif
