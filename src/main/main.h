/* The command line: one function per command, options parsed once. */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H
#include "guard/room.h"

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* What the command line gave; null or 0 where it did not. */
struct options {
    const char *self; /* argv[0] */
    const char *db, *packs, *login, *listen, *map, *report, *period, *against, *format, *list, *category,
        *channel, *calendar, *from, *unit, *date, *to;
    const char *word[4]; /* what stands without a name, behind the command */
    int n_words;
    int64_t persons, seed, workers, count;
    bool once, dry_run, demo, has_count, has_seed;
};

struct command {
    const char *name;
    int (*run)(const struct options *o);
    const char *usage; /* options as in --help */
    const char *about; /* one line */
};
extern const struct command commands[]; /* ends with a null name */

/* Says what is wrong on stderr; returns EXIT_REFUSED. */
int refuse(const struct fault *fault);
/* Opens the store of --db; false after a message. The schema must be current unless `any`. */
bool open_store(const struct options *o, bool create, bool any, struct store **store);
/* open_store, then packs and guard: what every command on persons needs. */
bool open_register(const struct options *o, struct store **store);
/* A new register of --db with schema, key and packs; false after a message. */
bool make_register(const struct options *o, struct store **store);
/* All declared tables, guard's first. */
const struct table *const *all_tables(size_t *n);

int cmd_init(const struct options *o);
int cmd_upgrade(const struct options *o);
int cmd_check(const struct options *o);
int cmd_users(const struct options *o);
int cmd_token(const struct options *o);
int cmd_fields(const struct options *o);
int cmd_access(const struct options *o);
int cmd_routes(const struct options *o);
int cmd_serve(const struct options *o);
int cmd_jobs(const struct options *o);
int cmd_import(const struct options *o);
int cmd_report(const struct options *o);
int cmd_deadline(const struct options *o);
int cmd_demo(const struct options *o);
int cmd_job(const struct options *o);

/* Runs what is due of all rooms' jobs; returns how many ran. */
int jobs_run(struct store *store, bool all);

#endif
