/* The command line: one function per command, options parsed once. */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H
#include "guard/room.h"

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* What the command line gave; null or 0 where it did not. */
struct options {
    const char *self; /* argv[0] */
    const char *db, *packs, *login, *listen, *map, *report, *period, *against, *format, *list, *category,
        *channel, *calendar, *from, *unit, *date, *to, *keys, *rule, *nonworking, *extend_unit, *partner, *basis,
        *ground, *by, *smtp, *mail_from, *site, *proxy, *id, *out, *kind,
        *verify, *backup_key, *metrics, *lang, *hook, *name, *serve_role, *scanner, *scanner_silent, *breached,
        *role, *body, *case_, *time, *end, *time_format, *separator, *share_of_activities, *share_of_arcs;
    const char *suspend[16]; /* FROM..TO each */
    int n_suspend;
    const char *field[32]; /* NAME=COLUMN each */
    int n_fields;
    const char *activity[4]; /* columns */
    int n_activities;
    const char *word[5]; /* what stands without a name, behind the command */
    int n_words;
    int64_t persons, seed, workers, count, month, extend, top, event, read, days;
    bool once, dry_run, demo, has_count, has_seed, has_top, skip_bad, values, drilled, need_backup, no_jobs, db_without_tls, reset;
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
/* Past the check of the schema, for an audit of what somebody has changed: *odd says what differs, or is empty. */
bool open_register_anyhow(const struct options *o, struct store **store, struct fault *odd);
/* open_register, and a request of --login; false after a message, and *status is the command's. */
bool open_as(const struct options *o, struct store **store, struct request *rq, int *status);
/* Could who runs the program change something in it? */
enum err register_writable(struct store *store, struct fault *fault);
/* For commands that may have changed something: seals what they wrote. */
void close_register(struct store *store);
/* A new register of --db with schema, key and packs; false after a message. */
bool make_register(const struct options *o, struct store **store);

/* Schema, packs, keys, indexes and sums as this program has them; false after a message. */
bool upgrade_register(const struct options *o, struct store *store);

int cmd_init(const struct options *o);
int cmd_upgrade(const struct options *o);
/* The folder of packs: --packs, BEREG_PACKS, or packs/demo. */
const char *packs_dir(const struct options *o);
int cmd_doctor(const struct options *o);
int cmd_check(const struct options *o);
int cmd_rebuild(const struct options *o);
int cmd_users(const struct options *o);
int cmd_account(const struct options *o);
int cmd_token(const struct options *o);
int cmd_fields(const struct options *o);
int cmd_access(const struct options *o);
int cmd_routes(const struct options *o);
int cmd_serve(const struct options *o);
int cmd_jobs(const struct options *o);
int cmd_import(const struct options *o);
int cmd_crosscheck(const struct options *o);
int cmd_catalogue(const struct options *o);
int cmd_report(const struct options *o);
int cmd_deadline(const struct options *o);
int cmd_demo(const struct options *o) __attribute__((weak)); /* null in the program that is installed: it has no demonstration */
int cmd_keys(const struct options *o);
int cmd_audit(const struct options *o);
int cmd_link(const struct options *o);
int cmd_backup(const struct options *o);
int cmd_backup_key(const struct options *o);
int cmd_restore(const struct options *o);
int cmd_process(const struct options *o);
int cmd_job(const struct options *o);

/* Runs what is due of all rooms' jobs; returns how many ran. */
int jobs_run(struct store *store, bool all);

#endif
