#include "main/main.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "guard/leaf.h"
#include "rooms/packs/packs.h"
#include <stdio.h>
#include <stdlib.h>

const struct command commands[] = {
    {"init", cmd_init, "--db URL [--packs DIR]", "makes an empty register; its first account: bereg account"},
    {"account", cmd_account, "--db URL --login NAME {--name TEXT [--body TEXT] [--kind CODE] [--role CODE] | --reset}",
     "makes an account of an administrator at the machine, the first one of a new register, and prints its first password once; it has a\n"
     "term, and the owner must change it. --name: his full name. --body: the body that keeps the register, which is made when it is not\n"
     "there; --kind, --role: what it is and what the account may, by the packs' codes, where there is a choice. All other accounts are made\n"
     "on the administrator's page. --reset: when no administrator gets in any more, a new first password for this one; his second factor,\n"
     "sessions and tokens are ended"},
    {"demo", cmd_demo, "--db URL [--persons N] [--seed S] [--date D] [--packs DIR]",
     "makes the fictional region in a new register; the same seed gives the same region"},
    {"serve", cmd_serve, "--db URL [--listen HOST:PORT|unix:PATH] [--proxy ADDRESS,…|none] [--workers N] [--demo] [--no-jobs]\n"
     "      [--metrics HOST:PORT|unix:PATH] [--smtp URL --mail-from ADDRESS --site URL] [--scanner unix:PATH [--scanner-silent refuse|pass]]\n"
     "      [--breached FILE]",
     "serves the pages and the API; port 0 picks one and prints it; SIGTERM drains. --proxy: whose X-Forwarded-For and\n"
     "X-Forwarded-Proto are believed (without it: whoever asks from this host). --no-jobs: they run in `bereg jobs`. --scanner (or\n"
     "BEREG_SCANNER): the socket of clamd, which looks at each uploaded file before anything else does; what becomes of files while it is\n"
     "silent says --scanner-silent (BEREG_SCANNER_SILENT), as a rule refuse. --breached (BEREG_BREACHED): sorted SHA-1 digests of passwords\n"
     "known from thefts, a line each; nobody may choose one of them"},
    {"jobs", cmd_jobs, "--db URL [--once] [--smtp URL --mail-from ADDRESS --site URL]",
     "runs the jobs when they are due until SIGTERM, beside a server that has --no-jobs; --once: each once, then ends"},
    {"upgrade", cmd_upgrade, "--db URL [--need-backup] [--serve-role NAME]",
     "brings an older register up to date; --need-backup: only when a backup was made within a day. --serve-role: a role of PostgreSQL\n"
     "is given what serve, jobs and all commands but init, upgrade, demo and restore need, and no more; a later upgrade gives it anew"},
    {"backup", cmd_backup, "--db ADDRESS --to FILE --backup-key FILE | --verify FILE --backup-key FILE [--format csv] | --drilled --db ADDRESS",
     "writes the register as it is now into one sealed file (in a folder: called by its time), while it is served; --backup-key (or BEREG_BACKUP_KEY, or the systemd\n"
     "credential bereg.backup) names the making key. --verify reads such a file to its end, with the opening key, and tells what is\n"
     "in it; csv: table,rows,digest. --drilled notes that a restore was tried out elsewhere"},
    {"backup-key", cmd_backup_key, "--out FILE",
     "makes the two keys of backups: FILE opens them and is kept elsewhere, FILE.make makes them and lies at the serving machine"},
    {"restore", cmd_restore, "--from FILE --backup-key FILE --db URL",
     "makes the register of a backup in an empty place, on either engine; its key file (--keys) is not in the backup"},
    {"users", cmd_users, "--db URL", "prints accounts as CSV: login,role,body,name"},
    {"token", cmd_token, "--db URL --login NAME [--days N] [--name TEXT]", "prints an API token with that user's rights; it lasts as long as the packs say, or shorter. --name: what its owner knows it by"},
    {"fields", cmd_fields, "", "prints CSV: table,field,class,sealed"},
    {"access", cmd_access, "[--packs DIR]", "prints CSV: role or need,class,read,write"},
    {"routes", cmd_routes, "--db URL --login NAME", "prints CSV: method,path,example"},
    {"import", cmd_import,
     "KIND FILE --db URL --login NAME [--list NAME] [--category CODE] [--channel CODE] [--map FILE] [--dry-run] "
     "[--report FILE]",
     "imports a list: KIND is persons or services"},
    {"crosscheck", cmd_crosscheck,
     "offer OUT | answer IN OUT | take IN [OUT] --db URL --login NAME [--partner NAME --basis CODE --ground TEXT] "
     "[--by snils,iin,name]",
     "finds out with another register whom both know, without showing the others: offer makes the first file, answer takes it and "
     "makes the second, take takes the second (and makes the third) or the third, and prints CSV: person,key"},
    {"catalogue", cmd_catalogue,
     "import FILE|DIR --db URL --login NAME [--kind CODE] [--dry-run] | export --db URL --login NAME --format json|csv --out PATH",
     "the catalogue of services as files of HSDS 3.1. import prints a line for each service and each finding, parted by tabs; --kind: of "
     "bodies that are not known yet. export csv writes a folder, or a zip when PATH ends so"},
    {"report", cmd_report,
     "NAME --db URL --login NAME --period 2014-H1 [--against 2013-H1] [--format table|csv|json|xlsx]",
     "prints a report"},
    {"deadline", cmd_deadline,
     "--from DATE[THH:MM] {--rule ID | --calendar NAME --count N --unit UNIT [--month M]} [--suspend FROM..[TO]]… "
     "[--extend N [--extend-unit UNIT]] [--nonworking off|worked] [--packs DIR]",
     "prints the date due, of hours with the time when --from has one; needs no register. UNIT: working_day, day, hour, month, "
     "year, day_of_month, immediate (no number). --suspend, any number of times: days that do not count, without TO up to "
     "today. --nonworking: the non-working days of 2020 and 2021"},
    {"link", cmd_link, "A.csv [B.csv] --id COLUMN --field NAME=COLUMN… [--out pairs.csv]",
     "finds the rows of one table, or of two, that are of one person; needs no register. Writes CSV: id_a,id_b,weight, a line per\n"
     "pair judged the same (of two tables id_a is of A); the weight is in bits, above 0 for the same. Learns from the rows\n"
     "themselves; the model is summed up on stderr. NAME is a field of the register: family_name, given_name, patronymic,\n"
     "name (all three in one column), birth_date (birth_date=COLUMN:%d.%m.%Y; without a format the usual ones), sex,\n"
     "birth_place, settlement, snils, iin, document, phone, email, address, or text:ANYTHING for all else: what such a column\n"
     "holds (numbers, addresses, dates, e-mail, few values, words) is told from its values. COLUMN is a heading of the file"},
    {"process", cmd_process,
     "FILE --case COLUMN --activity COLUMN… --time COLUMN [--end COLUMN] [--format table|json|csv|svg|dot] [--out FILE]\n"
     "      [--top N] [--from DATE] [--to DATE] [--activities 0.x] [--arcs 0.x] [--separator C] [--time-format F] [--skip-bad]",
     "process mining of an event log in CSV or XLSX: which ways cases go; needs no register. Tells cases, events, activities, variants,\n"
     "durations, what directly follows what (arcs), and draws the map. COLUMN is a heading of the file; --activity given again joins\n"
     "columns by \"+\". Times: 2011-10-01T00:38:44.546+02:00, 2011-10-01 00:38:44, 2011/10/01 00:38:44.546, 01.10.2011 00:38, dates; without\n"
     "a zone they are UTC; others by --time-format, of %Y %y %m %b %d %H %M %S %f %z %p. --end: the column in which an event ends.\n"
     "A case's events stand in order of time, equal times in order of the file. A variant is a sequence of activities; an arc counts\n"
     "each time that b directly follows a, its time runs from the end of a to the start of b; a case lasts from its first event to its\n"
     "last end. Median: the middle value, of an even number the mean of both middle ones. --from, --to: cases that begin on these days.\n"
     "--activities, --arcs: the map shows the most frequent that are together this share; ways from start to end stay whole. --top: rows\n"
     "of each table (0: all). csv gives the arcs, in seconds. Wrong lines are named and end the work; --skip-bad leaves them out"},
    {"doctor", cmd_doctor, "--db URL [--packs DIR] [--smtp URL] [--scanner unix:PATH] [--lang ru|en]",
     "names what is wrong with the installation, why it matters and what to do; exit status 1 when something must be mended"},
    {"check", cmd_check, "--db URL", "looks for damage in data, access, logs and references"},
    {"audit", cmd_audit,
     "verify --db URL [--values] [--against HEAD.json] | head --db URL [--hook PROGRAM] | proof {--event ID | --read ID | --from HEAD.json} --db URL | "
     "check-proof FILE.json",
     "the sealed logs. verify: is every entry as it was sealed, is none removed, added or moved, do the signed heads fit; --values: are the\n"
     "values in the tables those that the log speaks of; --against: does the log still hold all that a head kept elsewhere has signed. head\n"
     "prints a signed head, or gives it to a program that takes it elsewhere, on its standard input. proof prints as JSON that an entry stands in the log, or (--from) that the log has only grown since a head.\n"
     "check-proof needs no register: it judges a proof of a Merkle tree (RFC 6962) by itself. Exit 1 when something does not fit"},
    {"rebuild", cmd_rebuild, "--db URL", "makes the sums of interaction between bodies anew from the log, in slices; others may work meanwhile"},
    {"keys", cmd_keys, "[add|rewrap] --db URL [--keys FILE]",
     "tells about the keys of sealed data; a new data key; a new master key in the key file"},
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
        if (c->run)
            fprintf(out, "  bereg %s %s\n      %s\n", c->name, c->usage, c->about);
    fputs("\nURL is sqlite:PATH or postgresql://…; a database on another machine needs sslmode=verify-full in it, or --db-without-tls\n"
          "(BEREG_DB_WITHOUT_TLS), which takes the way there as it is.  --now 2024-06-15T10:00 (or BEREG_NOW) sets the clock.\n"
          "--keys FILE (or BEREG_KEYS, or the systemd credential bereg.keys) names the file with the keys of sealed data.\n"
          "--smtp smtp://HOST:587 (or BEREG_SMTP) lets reminders go out; --mail-from (BEREG_MAIL_FROM) is their sender, --site\n"
          "(BEREG_SITE) the address that their links begin with, BEREG_SMTP_USER and BEREG_SMTP_PASSWORD (or the systemd\n"
          "credential bereg.smtp, two lines) sign in there.\n"
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
                 {"--date", &o->date},       {"--to", &o->to},           {"--keys", &o->keys},
                 {"--rule", &o->rule},       {"--nonworking", &o->nonworking},
                 {"--extend-unit", &o->extend_unit},
                 {"--partner", &o->partner}, {"--basis", &o->basis},       {"--ground", &o->ground},
                 {"--by", &o->by},
                 {"--smtp", &o->smtp},       {"--mail-from", &o->mail_from}, {"--site", &o->site},     {"--proxy", &o->proxy},
                 {"--id", &o->id},           {"--out", &o->out},
                 {"--kind", &o->kind},       {"--hook", &o->hook},         {"--name", &o->name},
                 {"--serve-role", &o->serve_role},
                 {"--scanner", &o->scanner}, {"--scanner-silent", &o->scanner_silent}, {"--breached", &o->breached},
                 {"--verify", &o->verify}, {"--metrics", &o->metrics}, {"--lang", &o->lang},   {"--backup-key", &o->backup_key},
                 {"--role", &o->role},       {"--body", &o->body},         {"--case", &o->case_},
                 {"--time", &o->time},       {"--end", &o->end},         {"--time-format", &o->time_format},
                 {"--separator", &o->separator}, {"--activities", &o->share_of_activities}, {"--arcs", &o->share_of_arcs}};
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
    if (strcmp(name, "--month") == 0)
        return number(value, 1, &o->month) && o->month <= 12;
    if (strcmp(name, "--days") == 0)
        return number(value, 1, &o->days);
    if (strcmp(name, "--extend") == 0)
        return number(value, 1, &o->extend);
    if (strcmp(name, "--suspend") == 0 && o->n_suspend < (int)(sizeof o->suspend / sizeof *o->suspend)) {
        o->suspend[o->n_suspend++] = value;
        return true;
    }
    if (strcmp(name, "--field") == 0 && o->n_fields < (int)(sizeof o->field / sizeof *o->field)) {
        o->field[o->n_fields++] = value;
        return true;
    }
    if (strcmp(name, "--activity") == 0 && o->n_activities < (int)(sizeof o->activity / sizeof *o->activity)) {
        o->activity[o->n_activities++] = value;
        return true;
    }
    if (strcmp(name, "--event") == 0)
        return number(value, 1, &o->event);
    if (strcmp(name, "--read") == 0)
        return number(value, 1, &o->read);
    if (strcmp(name, "--top") == 0)
        return o->has_top = number(value, 0, &o->top);
    if (strcmp(name, "--now") == 0)
        return clock_set(text_of(value)) == OK;
    return false;
}

static bool parse(struct options *o, int argc, char **argv)
{
    const struct {
        const char *name;
        bool *to;
    } flags[] = {{"--once", &o->once}, {"--dry-run", &o->dry_run}, {"--demo", &o->demo}, {"--skip-bad", &o->skip_bad}, {"--values", &o->values},
                 {"--drilled", &o->drilled}, {"--need-backup", &o->need_backup}, {"--no-jobs", &o->no_jobs},
                 {"--db-without-tls", &o->db_without_tls}, {"--reset", &o->reset}};
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
    const struct table *const *tables = register_tables(&n);
    if (schema_state(*store, tables, n, &state, &fault)) {
        refuse(&fault);
    } else if (state == SCHEMA_EMPTY) {
        fprintf(stderr, "bereg: there is no register yet; make one with `bereg init`\n");
    } else if (state == SCHEMA_FOREIGN) {
        fprintf(stderr, "bereg: the register cannot be used by this version: %s\n", fault.text);
    } else if (state != SCHEMA_SAME) {
        fprintf(stderr, "bereg: the register has another version (%s); run `bereg upgrade --db %s`\n",
                fault.text, o->db);
    } else {
        return true;
    }
    store_close(*store);
    return false;
}

static bool start(const struct options *o, struct store *store)
{
    struct fault fault = {0};
    keys_file(o->keys);
    if (packs_start(store, &fault) || guard_start(store, &fault)) {
        refuse(&fault);
        store_close(store);
        return false;
    }
    clock_set_offset(region_here()->utc_offset);
    return true;
}

bool open_register(const struct options *o, struct store **store)
{
    return open_store(o, false, false, store) && start(o, *store);
}

bool open_register_anyhow(const struct options *o, struct store **store, struct fault *odd)
{
    int state;
    size_t n;
    const struct table *const *tables = register_tables(&n);
    if (!open_store(o, false, true, store))
        return false;
    if (schema_state(*store, tables, n, &state, odd) || state == SCHEMA_EMPTY) {
        refuse(state == SCHEMA_EMPTY ? &(struct fault){ERR_NOT_FOUND, "there is no register"} : odd);
        store_close(*store);
        return false;
    }
    return start(o, *store);
}

void close_register(struct store *store)
{
    enum err err = log_seal(store, false);
    if (err)
        fprintf(stderr, "bereg: the logs could not be sealed now (%s); the server or the next command does it\n", err_name(err));
    store_close(store);
}

/* Where the lock of the server lets temporary files be made. SQLite asks for it once, when it is used first. */
static void name_temporary_folder(void)
{
    const char *given = getenv("TMPDIR");
    setenv("SQLITE_TMPDIR", given && *given ? given : "/tmp", 1);
}

int main(int argc, char **argv)
{
    struct options o = {.self = "/proc/self/exe"};
    name_temporary_folder();
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
        if (strcmp(argv[1], c->name) != 0 || !c->run)
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
        const char *plain = getenv("BEREG_DB_WITHOUT_TLS");
        if (o.db_without_tls || (plain && *plain))
            store_allow_plain();
        if (strstr(c->usage, "--db URL") && !o.db && c->run != cmd_audit /* one of its ways needs none */) {
            fprintf(stderr, "bereg: --db URL is missing: sqlite:PATH or postgresql://…\nusage: bereg %s %s\n",
                    c->name, c->usage);
            return EXIT_USAGE;
        }
        return c->run(&o);
    }
    fprintf(stderr, "bereg: there is no command \"%s\"; `bereg --help` lists them\n", argv[1]);
    return EXIT_USAGE;
}
