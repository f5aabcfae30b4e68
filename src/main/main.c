#include "main/main.h"
#include "base/log.h"
#include "guard/guard.h"
#include "rooms/packs/packs.h"
#include <stdio.h>
#include <stdlib.h>

const struct command commands[] = {
    {"init", cmd_init, "--db URL [--packs DIR]", "makes an empty register"},
    {"demo", cmd_demo, "--db URL [--persons N] [--seed S] [--date D] [--packs DIR]",
     "makes the fictional region in a new register; the same seed gives the same region"},
    {"serve", cmd_serve, "--db URL [--listen HOST:PORT] [--workers N] [--demo]",
     "serves the pages and the API; port 0 picks one and prints it; SIGTERM drains"},
    {"jobs", cmd_jobs, "--db URL --once", "runs the jobs that are due, then ends"},
    {"upgrade", cmd_upgrade, "--db URL", "brings an older register up to date"},
    {"users", cmd_users, "--db URL", "prints accounts as CSV: login,role,body,name"},
    {"token", cmd_token, "--db URL --login NAME", "prints an API token with that user's rights"},
    {"fields", cmd_fields, "", "prints CSV: table,field,class,sealed"},
    {"access", cmd_access, "[--packs DIR]", "prints CSV: role or need,class,read,write"},
    {"routes", cmd_routes, "--db URL --login NAME", "prints CSV: method,path,example"},
    {"import", cmd_import,
     "KIND FILE --db URL --login NAME [--list NAME] [--category CODE] [--channel CODE] [--map FILE] [--dry-run] "
     "[--report FILE]",
     "imports a list: KIND is persons or services"},
    {"report", cmd_report,
     "NAME --db URL --login NAME --period 2014-H1 [--against 2013-H1] [--format table|csv|json|xlsx]",
     "prints a report"},
    {"deadline", cmd_deadline,
     "--calendar ru --from 2024-04-26 --count 5 --unit working_day [--packs DIR]",
     "prints the date due; needs no register"},
    {"check", cmd_check, "--db URL", "looks for damage in data, access, logs and references"},
    {"job", cmd_job, "NAME", "a child process of the server; not for people"},
    {0}};

int refuse(const struct fault *fault)
{
    fprintf(stderr, "bereg: %s\n", fault->text);
    return EXIT_REFUSED;
}

static void help(FILE *out)
{
    fputs("Bereg: bodies of a region act together for one person.\n\n", out);
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  bereg %s %s\n      %s\n", c->name, c->usage, c->about);
    fputs("\nURL is sqlite:PATH or postgresql://…  --now 2024-06-15T10:00 (or BEREG_NOW) sets the clock.\n"
          "Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n", out);
}

static bool number(const char *z, int64_t min, int64_t *out)
{
    return text_int(text_of(z), min, INT64_MAX, out) == OK;
}

/* One option with its value; false: unknown, or the value does not fit. */
static bool take(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name, **to;
    } words[] = {{"--db", &o->db},           {"--packs", &o->packs},       {"--login", &o->login},
                 {"--listen", &o->listen},   {"--map", &o->map},           {"--report", &o->report},
                 {"--period", &o->period},   {"--against", &o->against},   {"--format", &o->format},
                 {"--list", &o->list},       {"--category", &o->category}, {"--channel", &o->channel},
                 {"--calendar", &o->calendar}, {"--from", &o->from},       {"--unit", &o->unit},
                 {"--date", &o->date},       {"--to", &o->to}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(name, words[i].name) == 0) {
            *words[i].to = value;
            return true;
        }
    if (strcmp(name, "--persons") == 0)
        return number(value, 1, &o->persons);
    if (strcmp(name, "--workers") == 0)
        return number(value, 1, &o->workers);
    if (strcmp(name, "--seed") == 0)
        return o->has_seed = number(value, 0, &o->seed);
    if (strcmp(name, "--count") == 0)
        return o->has_count = number(value, -10000, &o->count);
    if (strcmp(name, "--now") == 0)
        return clock_set(text_of(value)) == OK;
    return false;
}

static bool parse(struct options *o, int argc, char **argv)
{
    const struct {
        const char *name;
        bool *to;
    } flags[] = {{"--once", &o->once}, {"--dry-run", &o->dry_run}, {"--demo", &o->demo}};
    for (int i = 2; i < argc; i++) {
        bool flag = false;
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
            if (strcmp(argv[i], flags[k].name) == 0)
                flag = *flags[k].to = true;
        if (flag)
            continue;
        if (strncmp(argv[i], "--", 2) == 0) {
            if (i + 1 >= argc || !take(o, argv[i], argv[i + 1])) {
                fprintf(stderr, "bereg: wrong option or value: %s\n", argv[i]);
                return false;
            }
            i++;
        } else if (o->n_words < 4) {
            o->word[o->n_words++] = argv[i];
        } else {
            fprintf(stderr, "bereg: too many words: %s\n", argv[i]);
            return false;
        }
    }
    return true;
}

bool open_store(const struct options *o, bool create, bool any, struct store **store)
{
    struct fault fault = {0};
    int state;
    if (store_open(o->db, create, store, &fault)) {
        refuse(&fault);
        return false;
    }
    if (any)
        return true;
    size_t n;
    const struct table *const *tables = all_tables(&n);
    if (schema_state(*store, tables, n, &state, &fault)) {
        refuse(&fault);
    } else if (state == SCHEMA_EMPTY) {
        fprintf(stderr, "bereg: there is no register yet; make one with `bereg init` or `bereg demo`\n");
    } else if (state != SCHEMA_SAME) {
        fprintf(stderr, "bereg: the register has another version (%s); run `bereg upgrade --db %s`\n",
                fault.text, o->db);
    } else {
        return true;
    }
    store_close(*store);
    return false;
}

bool open_register(const struct options *o, struct store **store)
{
    struct fault fault = {0};
    if (!open_store(o, false, false, store))
        return false;
    if (packs_start(*store, &fault) || guard_start(*store, &fault)) {
        refuse(&fault);
        store_close(*store);
        return false;
    }
    clock_set_offset(region_here()->utc_offset);
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.self = "/proc/self/exe"};
    const char *now = getenv("BEREG_NOW");
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("bereg " BEREG_VERSION);
        return EXIT_OK;
    }
    if (now && *now && clock_set(text_of(now))) {
        fprintf(stderr, "bereg: BEREG_NOW is not a time like 2024-06-15T10:00\n");
        return EXIT_USAGE;
    }
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(argv[1], c->name) != 0)
            continue;
        for (int i = 2; i < argc; i++)
            if (strcmp(argv[i], "--help") == 0) {
                printf("bereg %s %s\n\n%s\n", c->name, c->usage, c->about);
                return EXIT_OK;
            }
        if (!parse(&o, argc, argv)) {
            fprintf(stderr, "usage: bereg %s %s\n", c->name, c->usage);
            return EXIT_USAGE;
        }
        if (strstr(c->usage, "--db URL") && !o.db) {
            fprintf(stderr, "bereg: --db URL is missing: sqlite:PATH or postgresql://…\nusage: bereg %s %s\n",
                    c->name, c->usage);
            return EXIT_USAGE;
        }
        return c->run(&o);
    }
    fprintf(stderr, "bereg: there is no command \"%s\"; `bereg --help` lists them\n", argv[1]);
    return EXIT_USAGE;
}
