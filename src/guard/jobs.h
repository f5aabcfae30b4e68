/* How the jobs went in this process: for the administrator, who sees on the first page what failed or does not run. Each node
 * knows its own jobs only. Threads: yes. */
#ifndef GUARD_JOBS_H
#define GUARD_JOBS_H
#include "guard/room.h"

enum { JOBS_MAX = 100 };

struct job_run {
    const char *name;
    int64_t at;   /* when it began last, by the clock of requests; 0: not yet */
    enum err err; /* how that ended */
    bool late;    /* should have begun again long ago */
    int64_t runs, failures;
    int64_t us; /* how long the last took */
};

/* At the beginning of a run, and at its end. slot: the job's place among all jobs. */
void job_began(size_t slot, const struct job *job, int64_t now);
void job_ended(size_t slot, enum err err);
/* All that have begun at least once, in the order of the slots. */
size_t jobs_runs(struct job_run out[JOBS_MAX]);

#endif
