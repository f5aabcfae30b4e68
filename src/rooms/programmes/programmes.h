/* Individual programmes: goals, measures, responsible body and date of each. A measure of another body becomes a referral to it, and
 * takes that referral's result. The room owns programme, goal and measure. */
#ifndef ROOMS_PROGRAMMES_PROGRAMMES_H
#define ROOMS_PROGRAMMES_PROGRAMMES_H
#include "guard/room.h"

extern const struct room programmes_room;

#endif
