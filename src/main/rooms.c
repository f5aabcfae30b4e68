/* The rooms of the house, from main/room_list.h. */
#include "guard/room.h"
#include "main/room_list.h"

#define X(name) extern const struct room name##_room;
ROOMS(X)
#undef X

const struct room *const rooms[] = {
#define X(name) &name##_room,
    ROOMS(X)
#undef X
        NULL};
