/* Child processes of the program (`bereg job NAME`) that do what the server does not trust itself with:
 * strange bytes, foreign libraries. They lock themselves in (formats/lock.h). */
#ifndef FORMATS_JOB_CHILD_H
#define FORMATS_JOB_CHILD_H
#include "base/arena.h"
#include <sys/types.h>

/* The bytes as a file of memory to read from; -1 after a failure. */
int job_input(struct text bytes);
/* 0, or an errno. `seconds` of processor. */
int job_start(const char *self_exe, const char *name, int seconds, int in, int out, pid_t *pid);
/* Runs a job to its end: the bytes are its stdin, what it writes (at most `max`) comes into the arena.
 * ERR_IO: it could not be started, failed, wrote more, or took longer than `seconds`. */
enum err job_run(const char *self_exe, const char *name, struct text bytes, int seconds, size_t max,
                 struct arena *arena, struct text *out, struct fault *fault) MUST;

/* The child's side: seconds it may compute, as it was told; its whole stdin; its whole answer. */
int job_seconds(int otherwise);
struct buf;
enum err job_read(int fd, struct buf *in) MUST;
enum err job_write(int fd, struct text bytes) MUST;

#endif
