/* The one list of rooms; its order is the order of the house: a room may call rooms above it, never below.
 * tools/querycomp, tools/checkhouse and main/rooms.c all read it here. */
#ifndef MAIN_ROOM_LIST_H
#define MAIN_ROOM_LIST_H

#define ROOMS(X)                                                                                   \
    X(packs)                                                                                       \
    X(territory)                                                                                   \
    X(agencies)                                                                                    \
    X(staff)                                                                                       \
    X(catalogue)                                                                                   \
    X(people)                                                                                      \
    X(duplicates)                                                                                  \
    X(papers)                                                                                      \
    X(trust)                                                                                       \
    X(cases)                                                                                       \
    X(court)                                                                                       \
    X(referrals)                                                                                   \
    X(routing)                                                                                     \
    X(services)                                                                                    \
    X(programmes)                                                                                  \
    X(crosscheck)                                                                                  \
    X(reports)                                                                                     \
    X(interaction)                                                                                 \
    X(ways)                                                                                        \
    X(plans)                                                                                       \
    X(desk)

#endif
