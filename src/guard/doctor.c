#include "guard/doctor.h"
#include "guard/account.h"
#include "guard/change.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "guard_gen.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* From when on something is told. Not law, but what an operator would want to know. */
enum { MINUTE = 60, DAY = 86400, NODE_SILENT = 20 * MINUTE, SEAL_LATE = 10 * MINUTE, CLOCK_OFF = 2 * MINUTE, BACKUP_OLD = 2 * DAY, DRILL_OLD = 120 * DAY, HEAD_OLD = 2 * DAY, CHECK_OLD = 4 * DAY, KEY_OLD = 2 * 365 * DAY, DISK_PART = 10 };
static const int64_t SECOND = 1000000, DISK_LEAST = INT64_C(1) << 30, LOG_LARGE = INT64_C(256) << 20;

const struct finding doctor_schema = {true, N_("The register is of another version than the program"),
                                      N_("It is not served, so that nothing is written in a wrong form."),
                                      N_("Make a backup with the old version, then run: bereg upgrade"), {"", 0}};
const struct finding doctor_empty = {true, N_("There is no register here yet"), N_("Nobody can work."),
                                     N_("Make an empty one: bereg init, or bring one back from a backup: bereg restore"), {"", 0}};
const struct finding doctor_foreign = {true, N_("This version of the program cannot use the register"), N_("It is not served, so that nothing is written in a wrong form."),
                                       N_("Take away what was not restored to the end, and restore the backup again (bereg restore); serve what a newer version has upgraded by that version"), {"", 0}};
const struct finding doctor_opens = {true, N_("The register does not open"), N_("Nobody can work."), N_("Mend what is said here"), {"", 0}};
const struct finding doctor_writes = {true, N_("The register can be read and not written"), N_("It is not served; where it is served already, nothing more is stored."),
                                      N_("Run commands as the user of the service; give him the file and its folder, or on PostgreSQL his role its rights: bereg upgrade --serve-role NAME"), {"", 0}};
const struct finding doctor_packs = {false, N_("The packs on the disk are not those that the register works by"),
                                     N_("Terms, roles and lists are not what the files say."), N_("Look at the difference and apply it: bereg upgrade"), {"", 0}};
const struct finding doctor_mail = {true, N_("The mail server does not answer"), N_("Reminders do not go out."),
                                    N_("Check its address, the network and the settings --smtp"), {"", 0}};
const struct finding doctor_scanner = {true, N_("The virus scanner does not answer"), N_("Files are refused, or taken without being looked at, as --scanner-silent says."),
                                       N_("Start it (clamd), and check that the service may reach its socket: --scanner"), {"", 0}};

struct look {
    struct request *rq;
    finding_fn *found;
    void *ctx;
};

static void tell(struct look *l, bool bad, const char *what, const char *why, const char *todo, struct text detail)
{
    struct finding f = {bad, what, why, todo, detail};
    l->found(l->ctx, &f);
}

/* ---- files ---- */

static bool same_folder(const char *a, const char *b)
{
    char one[4200], two[4200];
    struct stat x, y;
    const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
    snprintf(one, sizeof one, "%.*s", slash_a ? (int)(slash_a - a) + 1 : 1, slash_a ? a : ".");
    snprintf(two, sizeof two, "%.*s", slash_b ? (int)(slash_b - b) + 1 : 1, slash_b ? b : ".");
    return stat(one, &x) == 0 && stat(two, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void look_at_keys(struct look *l, const struct store_facts *facts, const union log_state_row *state)
{
    struct stat st;
    struct text path = text_of(keys_path());
    if (stat(keys_path(), &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO) & ~(mode_t)S_IRGRP)
        tell(l, true, N_("The key file can be read by other users of the machine"), N_("Who has it and the register reads all sealed data."),
             N_("chmod 600, and change the keys if anybody could have read it: bereg keys rewrap"), path);
    if (facts->path && same_folder(keys_path(), facts->path))
        tell(l, true, N_("The key file lies in the folder of the register"), N_("Who copies or steals the folder has the sealed data and the key to it."),
             N_("Move it to a folder of its own and name it with --keys or the systemd credential bereg.keys"), path);
    /* the first one is used since the register is sealed */
    const struct seal_key *used = key_in_use(l->rq->now);
    int64_t since = used && used->use_from ? used->use_from : v_as_int(state->begun_at);
    int64_t age = since ? (l->rq->now - since) / SECOND : 0;
    if (age > KEY_OLD)
        tell(l, false, N_("The data key has been in use for more than its term of two years"), N_("The longer one key seals, the more is open when it gets out."),
             N_("Make a new one: bereg keys add; the jobs seal older rows anew"), arena_printf(l->rq->arena, "%lld d", (long long)(age / DAY)));
}

static void look_at_files(struct look *l, const struct store_facts *facts)
{
    struct stat st;
    if (facts->path && stat(facts->path, &st) == 0) {
        if (st.st_mode & (S_IRWXG | S_IRWXO))
            tell(l, true, N_("Other users of the machine can read or change the file of the register"), N_("They need no password for it."),
                 N_("chmod 600"), text_of(facts->path));
        if (st.st_uid != geteuid())
            tell(l, false, N_("The file of the register belongs to another user than the one who asks"),
                 N_("What is run by a wrong user leaves files that the server cannot use."), N_("Run commands as the user of the service: sudo -u bereg-web bereg …"),
                 text_of(facts->path));
    }
    if (facts->disk && (facts->disk_free < DISK_LEAST || facts->disk_free * 100 / facts->disk < DISK_PART))
        tell(l, true, N_("The disk of the register is nearly full"), N_("When it is full nothing more is stored."), N_("Make room, or give it a larger disk"),
             arena_printf(l->rq->arena, "%lld MB", (long long)(facts->disk_free >> 20)));
    if (facts->log > LOG_LARGE)
        tell(l, false, N_("The write-ahead log has become large"), N_("Somebody reads for very long, or the server was killed; pages become slow."),
             N_("End what reads for hours (a backup that hangs, a tool), then start the server again"), arena_printf(l->rq->arena, "%lld MB", (long long)(facts->log >> 20)));
}

/* ---- the store ---- */

static void look_at_store(struct look *l, const struct store_facts *facts)
{
    union event_newest_row newest = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t off = facts->clock ? llabs(facts->clock / SECOND - now.tv_sec) : 0;
    q_event_newest(l->rq, &(struct event_newest_args){0}, &newest);
    int64_t ahead = (v_as_int(newest.at) - l->rq->now) / SECOND;
    if (off > CLOCK_OFF || ahead > CLOCK_OFF)
        tell(l, true, N_("The clock of this machine is far from that of the register"), N_("Terms, sessions and logs get wrong times."),
             N_("Set the time by NTP (timedatectl) on all machines"), arena_printf(l->rq->arena, "%lld s", (long long)(off > ahead ? off : ahead)));
    if (facts->loses[0])
        tell(l, true, N_("PostgreSQL is set so that stored changes can be lost"), N_("After a loss of power acknowledged work is gone, or the whole database."),
             N_("Set fsync, full_page_writes and synchronous_commit to on"), arena_text(l->rq->arena, text_of(facts->loses)));
    if (facts->plain[0])
        tell(l, true, N_("The database is on another machine, and the way there is not TLS with a checked certificate"),
             N_("Who listens on the network, or answers in its place, has the password and all that is not sealed."),
             N_("Add sslmode=verify-full and sslrootcert to the address, and serve without --db-without-tls"), arena_text(l->rq->arena, text_of(facts->plain)));
    if (facts->idle_slots)
        tell(l, false, N_("A replication slot of PostgreSQL that nobody reads keeps its log"), N_("The log grows until the disk is full."),
             N_("Start the standby again, or drop the slot"), arena_printf(l->rq->arena, "%lld", (long long)facts->idle_slots));
}

/* -1: never */
static int64_t seconds_since(struct request *rq, const char *setting)
{
    union setting_get_row row = {0};
    int64_t at;
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z(setting)}, &row) || text_int(v_as_text(row.value), 0, INT64_MAX, &at))
        return -1;
    return (rq->now - at) / SECOND;
}

static void look_at_backups(struct look *l)
{
    int64_t made = seconds_since(l->rq, "backup_at"), tried = seconds_since(l->rq, "backup_drilled_at");
    if (made < 0 || made > BACKUP_OLD)
        tell(l, true, made < 0 ? N_("No backup was ever made") : N_("The last backup is old"), N_("What was entered since is lost with the disk."),
             N_("Run bereg backup each night from a timer"), made < 0 ? T("") : arena_printf(l->rq->arena, "%lld d", (long long)(made / DAY)));
    if (tried < 0 || tried > DRILL_OLD)
        tell(l, false, tried < 0 ? N_("No backup was ever restored on trial") : N_("It is long since a backup was restored on trial"),
             N_("Only a restore shows that backups, their key and the key file fit together."),
             N_("Restore one on another machine, run bereg check there, then note it: bereg backup --drilled"), T(""));
}

/* The server seals within seconds. */
static void look_at_seals(struct look *l)
{
    union log_waits_row waits = {0};
    q_log_waits(l->rq, &(struct log_waits_args){0}, &waits);
    int64_t event = v_is(waits.event_at) ? (l->rq->now - v_as_int(waits.event_at)) / SECOND : 0;
    int64_t read = v_is(waits.read_at) ? (l->rq->now - v_as_int(waits.read_at)) / SECOND : 0;
    int64_t late = event > read ? event : read;
    if (late > SEAL_LATE)
        tell(l, true, N_("Entries of the logs have long been waiting for their seal"), N_("Until it is there, who owns the register can change them and nobody sees it."),
             N_("Start the server; if it runs, its journal says why it does not seal them"), arena_printf(l->rq->arena, "%lld min", (long long)(late / MINUTE)));
    if (v_as_int(waits.headless))
        tell(l, true, N_("The logs are sealed, and no signed head stands in the register"), N_("Heads are never taken away by the program: somebody could have cut the logs off."),
             N_("Keep a copy of the register as it is, run bereg audit verify --against a head kept elsewhere, and tell the auditor"), T(""));
}

static void look_at_heads(struct look *l, const union log_state_row *state)
{
    int64_t given = v_is(state->given_at) ? (l->rq->now - v_as_int(state->given_at)) / SECOND : -1;
    int64_t since = v_as_int(v_is(state->checked_at) ? state->checked_at : state->begun_at);
    if (given < 0 || given > HEAD_OLD)
        tell(l, false, given < 0 ? N_("No signed head of the log was ever given to another place") : N_("It is long since a signed head of the log was given to another place"),
             N_("Who owns the register and its keys could cut the log off and sign it again; only a head kept elsewhere tells."),
             N_("Run bereg audit head --hook PROGRAM each day from a timer (deploy/systemd/bereg-head.timer)"), T(""));
    if (v_as_int(state->faults))
        tell(l, true, N_("The check of the logs has found what does not fit"), N_("Somebody has changed them behind the program, or the disk loses what was stored."),
             N_("Keep a copy of the register as it is, run bereg audit verify --against a head kept elsewhere, and tell the auditor: he sees the entries at /log/seal"),
             arena_printf(l->rq->arena, "%lld", (long long)v_as_int(state->faults)));
    if (since && (l->rq->now - since) / SECOND > CHECK_OLD)
        tell(l, false, N_("The logs have not been checked for long"), N_("What somebody has changed in them behind the program stays unnoticed."),
             N_("Look why the job trust.log_check does not run or fails"), arena_printf(l->rq->arena, "%lld d", (long long)((l->rq->now - since) / SECOND / DAY)));
}

/* ---- those who serve ---- */

static struct {
    char listen[200];
    bool is, demo;
} node;

void doctor_node_is(const char *listen, bool demo)
{
    snprintf(node.listen, sizeof node.listen, "%s", listen);
    node.demo = demo;
    node.is = true;
}

/* What a node says of itself, as one number. */
enum { NODE_DEMO = 1, NODE_OWNER = 2 };

void doctor_node(struct request *rq)
{
    struct change ch;
    struct store_facts facts;
    char host[40] = "";
    (void)gethostname(host, sizeof host - 1);
    if (store_facts(rq->conn, &facts)) {
        rq_fail(rq, ERR_STORE);
        return;
    }
    int says = (node.demo ? NODE_DEMO : 0) | (facts.owned ? NODE_OWNER : 0);
    change_begin(rq, &ch, NO_SUBJECT);
    w_setting_put(&ch, &(struct setting_put_args){
                           .name = v_text(arena_printf(rq->arena, "node.%s%s", host, node.is ? "" : " jobs")),
                           .value = v_text(arena_printf(rq->arena, "%lld %d %s", (long long)rq->now, says, node.is ? node.listen : "-"))});
    ch.events++; /* nothing happened to anybody */
    change_commit(&ch);
}

static bool is_loopback(struct text listen)
{
    return text_is(listen, "-") || text_starts(listen, "127.") || text_starts(listen, "localhost:") || text_starts(listen, "[::1]") || text_starts(listen, "unix:") ||
           text_starts(listen, "/");
}

static void look_at_nodes(struct look *l)
{
    struct nodes_rows rows = {0};
    int64_t newest = 0;
    q_nodes(l->rq, &(struct nodes_args){0}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        struct text rest = v_as_text(rows.row[i].value), at, number, name = v_as_text(rows.row[i].name);
        int64_t us = 0, says = 0;
        if (!text_split(&rest, ' ', &at) || !text_split(&rest, ' ', &number) || text_int(at, 0, INT64_MAX, &us) || text_int(number, 0, INT32_MAX, &says))
            continue;
        newest = us > newest ? us : newest;
        if ((l->rq->now - us) / SECOND > DAY)
            continue;
        if (!is_loopback(rest))
            tell(l, true, N_("The server listens openly, without TLS"), N_("Passwords and personal data go over the network in plain text."),
                 N_("Listen on 127.0.0.1 or a socket, and put nginx with TLS in front (docs/operations.md)"), rest);
        if (says & NODE_OWNER)
            tell(l, false, N_("The server works as the owner of PostgreSQL's tables"), N_("Who takes it over can take off the triggers that guard the logs, and change them."),
                 N_("Make a role that only serves (bereg upgrade --serve-role NAME) and serve by it"), (struct text){name.s + 5, name.n - 5});
        if (says & NODE_DEMO)
            tell(l, true, N_("The sign-in page offers the accounts of the demonstration"), N_("Anybody gets in by a click."), N_("Serve without --demo"), T(""));
    }
    if ((l->rq->now - newest) / SECOND > NODE_SILENT)
        tell(l, true, N_("The background work does not run"), N_("Grants do not end, lists are not applied, reminders and reports stand still."),
             N_("Start the server, or the timer that runs: bereg jobs --once"), T(""));
}

void doctor_plain_sign_in(struct request *rq)
{
    static _Atomic int64_t noted;
    struct change ch;
    if (rq->err || rq->now - noted < 60 * MINUTE * SECOND)
        return;
    noted = rq->now;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    w_setting_put(&ch, &(struct setting_put_args){.name = v_z("plain_sign_in_at"), .value = v_text(arena_printf(rq->arena, "%lld", (long long)rq->now))});
    ch.events++; /* the sign-in itself has one */
    change_commit(&ch);
}

static void look_at_administrators(struct look *l)
{
    struct accounts_entering_rows rows = {0};
    bool there = false;
    q_accounts_entering(l->rq, &(struct accounts_entering_args){0}, &rows);
    for (size_t i = 0; i < rows.n && !there; i++) {
        const struct role *role = role_find(arena_z(l->rq->arena, v_as_text(rows.row[i].role)));
        there = role && role->caps >> CAP_ADMIN & 1;
    }
    if (!there && !l->rq->err)
        tell(l, true, N_("No administrator can enter the register"),
             N_("There is none, or the terms of their first passwords are over: nobody makes accounts and bodies, or gives somebody a new password."),
             N_("Make one at the machine, or give one a new first password: bereg account, bereg account --reset"), T(""));
}

static void look_at_sign_ins(struct look *l)
{
    struct accounts_bare_rows bare = {0};
    int64_t plain = seconds_since(l->rq, "plain_sign_in_at");
    if (plain >= 0 && plain < DAY)
        tell(l, true, N_("Somebody signed in without TLS within a day"), N_("The password went over the network in plain text."),
             N_("Put nginx with TLS in front, so that port 80 only leads there (docs/operations.md)"), T(""));
    q_accounts_bare(l->rq, &(struct accounts_bare_args){0}, &bare);
    for (size_t i = 0; i < bare.n; i++) {
        const struct role *role = role_find(arena_z(l->rq->arena, v_as_text(bare.row[i].role)));
        if (role && role->second_factor)
            tell(l, false, N_("Accounts of a role that needs a second factor have none"), N_("Until they set one up, the password alone opens them, to whoever knows it."),
                 N_("Let them sign in and set it up, and switch off accounts that nobody uses"),
                 arena_printf(l->rq->arena, "%s, %lld", role->code, (long long)v_as_int(bare.row[i].n)));
    }
}

static void look_at_passwords(struct look *l)
{
    static const char word[] = "bereg-demo";
    struct account_passwords_rows rows = {0};
    q_account_passwords(l->rq, &(struct account_passwords_args){0}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (password_fits(arena_z(l->rq->arena, v_as_text(rows.row[i].password)), text_of(word))) {
            tell(l, true, N_("Accounts have the password of the demonstration"), N_("It is printed in the documentation: everybody knows it."),
                 N_("Real persons must not stand in this register before all accounts have other passwords"), v_as_text(rows.row[i].login));
            break;
        }
}

void doctor_look(struct request *rq, bool thorough, finding_fn *found, void *ctx)
{
    struct look l = {rq, found, ctx};
    struct store_facts facts;
    if (store_facts(rq->conn, &facts)) {
        struct finding f = doctor_opens;
        f.detail = arena_text(rq->arena, text_of(conn_error(rq->conn)));
        found(ctx, &f);
        return;
    }
    union log_state_row state = {0};
    q_log_state(rq, &(struct log_state_args){0}, &state);
    look_at_keys(&l, &facts, &state);
    look_at_files(&l, &facts);
    look_at_store(&l, &facts);
    look_at_nodes(&l);
    look_at_administrators(&l);
    look_at_sign_ins(&l);
    look_at_backups(&l);
    look_at_seals(&l);
    look_at_heads(&l, &state);
    union packs_unverified_row unverified = {0};
    q_packs_unverified(rq, &(struct packs_unverified_args){0}, &unverified);
    if (v_as_int(unverified.n))
        tell(&l, false, N_("Entries of the packs that nobody has checked against the act are in use"), N_("A term or list may not be what the law says."),
             N_("Look at /packs?verified=0, check them, and set verified = yes in the region's packs"), arena_printf(rq->arena, "%lld", (long long)v_as_int(unverified.n)));
    if (thorough)
        look_at_passwords(&l);
}
