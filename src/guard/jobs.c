#include "guard/jobs.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct job_run run;
    int64_t began; /* monotonic */
    int every;
} runs[JOBS_MAX];

enum { LATE_TIMES = 3, LATE_SECONDS = 600 }; /* others may work for long before it */

void job_began(size_t slot, const struct job *job, int64_t now)
{
    if (slot >= JOBS_MAX)
        return;
    pthread_mutex_lock(&lock);
    runs[slot].run.name = job->name;
    runs[slot].run.at = now;
    runs[slot].began = clock_monotonic();
    runs[slot].every = job->every;
    pthread_mutex_unlock(&lock);
}

void job_ended(size_t slot, enum err err)
{
    if (slot >= JOBS_MAX)
        return;
    pthread_mutex_lock(&lock);
    runs[slot].run.err = err;
    runs[slot].run.runs++;
    runs[slot].run.failures += err != OK;
    runs[slot].run.us = clock_monotonic() - runs[slot].began;
    pthread_mutex_unlock(&lock);
}

size_t jobs_runs(struct job_run out[JOBS_MAX])
{
    size_t n = 0;
    int64_t now = clock_monotonic();
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < JOBS_MAX; i++) {
        int64_t rest = (int64_t)(runs[i].every * LATE_TIMES + LATE_SECONDS) * 1000000;
        if (!runs[i].run.name)
            continue;
        out[n] = runs[i].run;
        out[n++].late = runs[i].every && now - runs[i].began > rest;
    }
    pthread_mutex_unlock(&lock);
    return n;
}
