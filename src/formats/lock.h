/* The lock that a job puts on itself before it looks at strange bytes. */
#ifndef FORMATS_LOCK_H
#define FORMATS_LOCK_H
#include <stddef.h>

/* From here on the process may compute, read and write what it has open, and end; opening a file, a
 * socket or a program kills it. `seconds` of processor, `memory` bytes of addresses. Where the
 * system refuses the filter, the limits hold alone, and the log says so. */
void lock_in(int seconds, size_t memory);

#endif
