/* Commands that serve and work: serve, jobs, job, routes. */
#include "base/log.h"
#include "formats/csv.h"
#include "formats/graph.h"
#include "formats/hsds.h"
#include "formats/lock.h"
#include "formats/oidc.h"
#include "formats/passkey.h"
#include "formats/scanner.h"
#include "guard/breached.h"
#include "formats/sheet.h"
#include "guard/doctor.h"
#include "guard/guard.h"
#include "guard/jobs.h"
#include "guard/keys.h"
#include "guard/leaf.h"
#include "guard/log.h"
#include "main/main.h"
#include "rooms/desk/desk.h"
#include "web/parse.h"
#include "web/web.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void on_stop(int sig)
{
    (void)sig;
    stopping = 1;
}

/* When each job ran last in this process: a node's own memory is enough, since jobs are idempotent and claim their work. */
static int64_t ran_at[JOBS_MAX];

static bool run_job(struct store *store, const struct job *job, size_t slot, bool all)
{
    int64_t now = clock_monotonic();
    if (slot >= JOBS_MAX || (!all && (!job->every || (ran_at[slot] && now - ran_at[slot] < job->every * 1000000ll))))
        return false;
    struct request rq;
    struct fault fault = {0};
    ran_at[slot] = now;
    if (request_open(store, NULL, &rq, &fault)) {
        log_error("job %s: %s", job->name, fault.text);
        return false;
    }
    rq.stop = &stopping;
    job_began(slot, job, rq.now);
    job->run(&rq);
    job_ended(slot, rq.err);
    if (rq.err)
        log_error("job %s: %s", job->name, err_name(rq.err));
    request_close(&rq);
    return true;
}

/* Those that stand apart, or the others. */
static int run_jobs(struct store *store, bool all, bool apart)
{
    size_t slot = 0;
    int n = 0;
    for (const struct job *j = guard_jobs; j->name; j++, slot++)
        n += j->apart == apart && run_job(store, j, slot, all);
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct job *j = (*r)->jobs; j && j->name; j++, slot++)
            n += j->apart == apart && run_job(store, j, slot, all);
    return n;
}

int jobs_run(struct store *store, bool all)
{
    int n = run_jobs(store, all, false);
    return n + run_jobs(store, all, true);
}

struct jobs_work {
    struct store *store;
    bool apart;
};

static void *jobs_thread(void *arg)
{
    const struct jobs_work *work = arg;
    pthread_setname_np(pthread_self(), work->apart ? "jobs apart" : "jobs");
    while (!stopping) {
        run_jobs(work->store, false, work->apart);
        for (int i = 0; i < 10 && !stopping; i++)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return NULL;
}

/* Two threads: those that stand apart, and the others one after another. */
struct jobs_hands {
    struct jobs_work work[2];
    pthread_t thread[2];
    bool there[2];
};

static void jobs_begin(struct jobs_hands *h, struct store *store)
{
    for (int i = 0; i < 2; i++) {
        h->work[i] = (struct jobs_work){.store = store, .apart = i == 1};
        h->there[i] = pthread_create(&h->thread[i], NULL, jobs_thread, &h->work[i]) == 0;
        if (!h->there[i])
            log_error("a thread of the jobs could not be started");
    }
}

static void jobs_end(struct jobs_hands *h)
{
    for (int i = 0; i < 2; i++)
        if (h->there[i])
            pthread_join(h->thread[i], NULL);
}

static void stop_by_signal(void)
{
    struct sigaction sa = {.sa_handler = on_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void until_stopped(void)
{
    while (!stopping)
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
}

/* ---- the mail server ---- */

static const char *given(const char *option, const char *variable)
{
    const char *z = option ? option : getenv(variable);
    return z && *z ? z : NULL;
}

/* User and password in the two lines of the systemd credential, where the environment has none. */
static void mail_login(struct mail_server *s)
{
    static char lines[1000];
    char path[4096];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    s->user = given(NULL, "BEREG_SMTP_USER");
    s->password = given(NULL, "BEREG_SMTP_PASSWORD");
    if (s->user || !folder)
        return;
    snprintf(path, sizeof path, "%s/bereg.smtp", folder);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(lines, 1, sizeof lines - 1, f) : 0;
    if (f)
        fclose(f);
    lines[n] = '\0';
    char *rest = lines, *user = strsep(&rest, "\r\n");
    while (rest && (*rest == '\r' || *rest == '\n'))
        rest++;
    if (user && *user && rest) {
        s->user = user;
        s->password = strsep(&rest, "\r\n");
    }
}

/* False after a message. Without --smtp no mail is made. */
static bool use_mail(const struct options *o)
{
    struct reminder_server s = {.mail = {.url = given(o->smtp, "BEREG_SMTP"),
                                         .from = given(o->mail_from, "BEREG_MAIL_FROM")},
                                .site = given(o->site, "BEREG_SITE")};
    if (!s.mail.url)
        return true;
    mail_login(&s.mail);
    const char *wrong = reminder_server_use(&s);
    if (wrong)
        fprintf(stderr, "bereg: %s\n", wrong);
    return !wrong;
}

/* False after a message. Without --scanner files are taken as they come. */
static bool use_scanner(const struct options *o)
{
    const char *where = given(o->scanner, "BEREG_SCANNER"), *silent = given(o->scanner_silent, "BEREG_SCANNER_SILENT");
    const char *wrong = where ? scanner_use(where, silent) : NULL;
    if (wrong)
        fprintf(stderr, "bereg: %s\n", wrong);
    else if (where && !scanner_answers())
        log_warn("the virus scanner at %s does not answer: files are %s", where, scanner_passes() ? "taken without being looked at" : "refused");
    return !wrong;
}

/* False after a message. */
static bool use_breached(const struct options *o)
{
    const char *path = given(o->breached, "BEREG_BREACHED"), *wrong = path ? breached_use(path) : NULL;
    if (wrong)
        fprintf(stderr, "bereg: %s\n", wrong);
    return !wrong;
}

/* ---- the lock ---- */

static const char *folder_of(char out[4096], const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    snprintf(out, 4096, "%.*s", n ? (int)n : 1, n ? path : slash ? "/" : ".");
    return out;
}

/* The file that a parameter of the register's address names; false: none. */
static bool file_named(const char *url, const char *name, char out[4096])
{
    struct arena *arena = arena_new();
    const char *query = strchr(url, '?');
    struct text rest = text_of(query ? query + 1 : ""), part, value = T("");
    size_t n = strlen(name);
    while (text_split(&rest, '&', &part))
        if (part.n > n && part.s[n] == '=' && strncmp(part.s, name, n) == 0)
            value = (struct text){part.s + n + 1, part.n - n - 1};
    bool good = value.n && parse_percent(arena, value, false, &value) == OK;
    if (good)
        snprintf(out, 4096, "%.*s", TEXT_ARG(value));
    arena_free(arena);
    return good;
}

/* What libpq reads for a new connection: passwords, certificates, services. */
static void postgres_files(const char *url, const char **read, size_t room)
{
    static const char *const parameters[] = {"passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl"};
    static const char *const variables[] = {"PGPASSFILE", "PGSERVICEFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL"};
    static const char *const at_home[] = {".pgpass", ".postgresql", ".pg_service.conf"};
    static char named[5][4096], homes[3][4096];
    const char *home = getenv("HOME");
    size_t n = 0;
    for (size_t i = 0; i < 5 && n < room; i++)
        if (file_named(url, parameters[i], named[i]))
            read[n++] = named[i];
    for (size_t i = 0; i < 6 && n < room; i++)
        if (getenv(variables[i]))
            read[n++] = getenv(variables[i]);
    for (size_t i = 0; home && i < 3 && n < room; i++) {
        snprintf(homes[i], sizeof homes[i], "%s/%s", home, at_home[i]);
        read[n++] = homes[i];
    }
}

/* Behind the opening of register, keys and port. What is used later: the register's folder (SQLite makes its log and index
 * anew), the folder of temporary files, the key file (written anew by `bereg keys` beside us), files of libpq. */
static void lock(const struct options *o)
{
    static char register_folder[4096], keys_folder[4096];
    const char *keep[3] = {getenv("SQLITE_TMPDIR")};
    const char *read[17] = {folder_of(keys_folder, keys_path())};
    if (strncmp(o->db, "sqlite:", 7) == 0) {
        char *real = realpath(o->db + 7, NULL);
        keep[1] = folder_of(register_folder, real ? real : o->db + 7);
        free(real);
    } else {
        postgres_files(o->db, read + 1, 15);
    }
    (void)lock_server(&(struct lock_places){.keep = keep, .read = read});
}

int cmd_serve(const struct options *o)
{
    struct store *store;
    struct server *server;
    struct fault fault = {0};
    struct jobs_hands jobs = {0};
    struct server_options so = {.listen = o->listen ? o->listen : "127.0.0.1:8080",
                                .proxies = o->proxy,
                                .metrics = given(o->metrics, "BEREG_METRICS"),
                                .workers = (int)o->workers,
                                .demo = o->demo,
                                .site = given(o->site, "BEREG_SITE")};
    if (o->demo && !cmd_demo) {
        fprintf(stderr, "bereg: this program has no demonstration; ./run in the sources has\n");
        return EXIT_USAGE;
    }
    if (!use_mail(o) || !use_scanner(o) || !use_breached(o))
        return EXIT_USAGE;
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (store_serve_lock(store, &fault) || register_writable(store, &fault) || server_listen(&so, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    lock(o);
    if (read_log_start(store) || sealer_start(store) || server_start(store, &so, &server, &fault)) {
        read_log_stop();
        sealer_stop();
        store_close(store);
        return refuse(&fault);
    }
    if (isatty(STDERR_FILENO))
        log_set_level(LOG_WARN); /* who tries it out at a terminal is not shown each answer */
    doctor_node_is(so.listen, o->demo);
    stop_by_signal();
    if (!o->no_jobs)
        jobs_begin(&jobs, store);
    const char *colon = strrchr(so.listen, ':');
    if (server_port(server))
        printf("Bereg is ready: http://%.*s:%d\n", colon ? (int)(colon - so.listen) : 0, so.listen,
               server_port(server));
    else
        printf("Bereg is ready: %s\n", so.listen);
    fflush(stdout);
    until_stopped();
    server_stop(server);
    jobs_end(&jobs);
    read_log_stop();
    sealer_stop(); /* the last: it seals what the others wrote */
    store_close(store);
    return EXIT_OK;
}

int cmd_jobs(const struct options *o)
{
    struct store *store;
    struct fault fault = {0};
    if (!use_mail(o))
        return EXIT_USAGE;
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (register_writable(store, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    stop_by_signal();
    lock(o);
    if (!o->once) {
        struct jobs_hands jobs = {0};
        if (sealer_start(store))
            log_error("the logs are sealed by the server only");
        jobs_begin(&jobs, store);
        puts("The jobs are running");
        fflush(stdout);
        until_stopped();
        jobs_end(&jobs);
        sealer_stop();
        store_close(store);
        return jobs.there[0] && jobs.there[1] ? EXIT_OK : EXIT_REFUSED;
    }
    int n = jobs_run(store, true);
    close_register(store);
    printf("%d jobs were run\n", n);
    return EXIT_OK;
}

int cmd_job(const struct options *o)
{
    if (o->n_words == 1 && strcmp(o->word[0], "sheet") == 0)
        return sheet_job_main();
    if (o->n_words == 1 && strncmp(o->word[0], "log", 3) == 0 && strlen(o->word[0]) <= 4)
        return sheet_log_job_main(o->word[0][3]); /* the delimiter stands behind the name */
    if (o->n_words == 1 && strcmp(o->word[0], "graph") == 0)
        return graph_job_main();
    if (o->n_words == 1 && strcmp(o->word[0], "hsds") == 0)
        return hsds_job_main();
    if (o->n_words == 1 && strcmp(o->word[0], "passkey") == 0)
        return passkey_job_main();
    if (o->n_words == 1 && strcmp(o->word[0], "oidc") == 0)
        return oidc_job_main();
    fprintf(stderr, "bereg: there is no such job of a child process\n");
    return EXIT_USAGE;
}

/* An existing address: each {name} is answered by the sample of that name, for this viewer. */
static bool example_of(struct request *rq, const char *path, struct buf *out)
{
    for (const char *p = path; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            buf_char(out, *p++);
            continue;
        }
        int64_t id = 0;
        for (const struct room *const *r = rooms; *r && !id; r++)
            for (const struct sample *s = (*r)->samples; s && s->name && !id; s++)
                if (strlen(s->name) == (size_t)(end - p - 1) && strncmp(s->name, p + 1, strlen(s->name)) == 0)
                    id = s->find(rq);
        rq->err = OK; /* a role that may not list them simply has none */
        if (!id)
            return false;
        buf_int(out, id);
        p = end + 1;
    }
    return true;
}

int cmd_routes(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    size_t n;
    if (!o->login) {
        fprintf(stderr, "bereg: --login NAME is missing\n");
        return EXIT_USAGE;
    }
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, o->login, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    const struct route *const *routes = routes_all(&n);
    puts("method,path,example");
    for (size_t i = 0; i < n; i++) {
        struct buf b = BUF(4096);
        bool there = route_may(&rq, routes[i]) && example_of(&rq, routes[i]->path, &b);
        printf("%s,%s,%.*s\n", routes[i]->method, routes[i]->path, there ? (int)b.n : 0, b.s ? b.s : "");
        buf_free(&b);
    }
    request_close(&rq);
    store_close(store);
    return EXIT_OK;
}
