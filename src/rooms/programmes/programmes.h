/* Individual programmes: goals, measures, responsible body and date of each. A measure of another body becomes a referral to it, and
 * takes that referral's result. The room owns programme, goal and measure. */
#ifndef ROOMS_PROGRAMMES_PROGRAMMES_H
#define ROOMS_PROGRAMMES_PROGRAMMES_H
#include "guard/room.h"

extern const struct room programmes_room;
struct programme_plan_rows;

/* Goals of a programme, each with its measures; `begins` marks a goal's first row. */
void programme_plan(struct request *rq, struct value programme, struct programme_plan_rows *out);

/* A measure as another room asks for it, in a programme that the viewer's body leads; ground: where the body is another one. */
struct measure_ask {
    int64_t programme, goal, body, due_on;
    struct text words, need, ground;
};
/* Null: the programme's rules let it be set now. Otherwise the words why not, and the field of the measure that they are about. */
const char *measure_fault(struct request *rq, const struct measure_ask *ask, const char **field);
/* Sets it inside a change, and sends it as a referral where the body is another one. Returns the measure, 0 after a failure. */
int64_t measure_set(struct change *ch, const struct measure_ask *ask);

#endif
