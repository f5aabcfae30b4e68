/* Passwords known from thefts elsewhere: a file of SHA-1 in 40 hexadecimal digits, a line each, sorted, with or without ":count", as the lists of
 * Have I Been Pwned come ("ordered by hash"). It is the operator's, may have 40 GB, and is looked into without being read whole; no password
 * leaves the machine. */
#ifndef GUARD_BREACHED_H
#define GUARD_BREACHED_H
#include "base/text.h"
#include <stdbool.h>

/* Before the lock and before threads. Null, or what is wrong (English, for the command line). Without a file no password is known. */
const char *breached_use(const char *path);
/* Some 35 reads of the file. Threads: any. */
bool breached(struct text password);

#endif
