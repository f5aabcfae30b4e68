/* Locks that a process puts on itself and can never take off: a job before it looks at strange bytes, the server before it
 * listens to anybody. */
#ifndef FORMATS_LOCK_H
#define FORMATS_LOCK_H
#include <stdbool.h>
#include <stddef.h>

/* From here on the process may compute, read and write what it has open, and end; opening a file, a
 * socket or a program kills it. `seconds` of processor, `memory` bytes of addresses. Where the
 * system refuses the filter, the limits hold alone, and the log says so. */
void lock_in(int seconds, size_t memory);

/* Paths, each list ended by null; those that are not there are passed over. Of a folder everything below. */
struct lock_places {
    const char *const *keep; /* folders whose files are read, made, changed and removed */
    const char *const *read; /* beside what libraries of the system need */
};

/* To be called with one thread, behind the opening of what is opened once. From here on no file outside the places is
 * opened, none is made outside `keep`, no port is listened on anew, no program is started but this one again (its
 * children), no memory is both written and run; threads and children are bound too. A forbidden call fails; those that
 * only an attacker makes end the process. False, after a warning in the log: the system lacks some of it (Landlock came
 * with Linux 5.13); the rest holds. */
bool lock_server(const struct lock_places *places);

#endif
