/* Copies of the whole register: backup, backup-key, restore. */
#include "guard/backup.h"
#include "guard/guard.h"
#include "guard/safe.h"
#include "guard_gen.h"
#include "main/main.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --backup-key, BEREG_BACKUP_KEY, or the systemd credential; null after a message. */
static const char *backup_key(const struct options *o)
{
    static char path[4096];
    const char *named = o->backup_key ? o->backup_key : getenv("BEREG_BACKUP_KEY"), *folder = getenv("CREDENTIALS_DIRECTORY");
    if (named && *named)
        return named;
    if (folder && (size_t)snprintf(path, sizeof path, "%s/bereg.backup", folder) < sizeof path && access(path, F_OK) == 0)
        return path;
    fprintf(stderr, "bereg: --backup-key FILE is missing; `bereg backup-key --out FILE` makes one\n");
    return NULL;
}

int cmd_backup_key(const struct options *o)
{
    struct fault fault = {0};
    if (!o->out) {
        fprintf(stderr, "bereg: --out FILE is missing\n");
        return EXIT_USAGE;
    }
    if (safe_keys_make(o->out, &fault))
        return refuse(&fault);
    printf("%s opens backups: keep two copies away from this machine and from the backups, then take it away from here.\n"
           "%s.make makes backups and cannot read them: it stays here.\n", o->out, o->out);
    return EXIT_OK;
}

static void tell(const struct backup *b)
{
    char at[28];
    instant_iso(b->made_at, at);
    printf("Register %s as of %s, bereg %s, %s: %lld rows, digest %.16s\n", b->reg, at, b->version, b->engine,
           (long long)b->rows, b->digest);
}

static enum err tell_table(void *ctx, const struct table *t, int64_t rows, int64_t next, const char *digest, struct fault *fault)
{
    (void)ctx, (void)next, (void)fault;
    printf("%s,%lld,%s\n", t->name, (long long)rows, digest);
    return OK;
}

static int verify(const struct options *o, const char *key)
{
    struct backup b;
    struct fault fault = {0};
    bool csv = o->format && strcmp(o->format, "csv") == 0;
    struct backup_visitor visit = {.table = csv ? tell_table : NULL};
    if (csv)
        puts("table,rows,digest");
    if (backup_read(o->verify, key, &visit, &b, &fault))
        return refuse(&fault);
    if (!csv) {
        tell(&b);
        puts("The backup is whole.");
    }
    return EXIT_OK;
}

/* What happened to the register as a whole, with its time in `setting` for who asks how old it is. */
static enum err note(struct request *rq, const char *setting, int64_t at, const char *kind)
{
    struct change ch;
    struct text number = arena_printf(rq->arena, "%lld", (long long)at);
    change_begin(rq, &ch, NO_SUBJECT);
    w_setting_put(&ch, &(struct setting_put_args){.name = v_z(setting), .value = v_text(number)});
    change_event(&ch, &(struct event){.kind = kind});
    return change_commit(&ch);
}

static bool open_request(const struct options *o, struct store **store, struct request *rq)
{
    struct fault fault = {0};
    if (!open_register(o, store))
        return false;
    if (!request_open(*store, NULL, rq, &fault))
        return true;
    refuse(&fault);
    store_close(*store);
    return false;
}

/* Into a folder goes a file called by its time, bereg-20240614T100000Z: for a timer. */
static const char *place(struct request *rq, const char *to)
{
    struct stat st;
    char at[28], name[20];
    size_t n = 0;
    if (stat(to, &st) || !S_ISDIR(st.st_mode))
        return to;
    instant_iso(rq->now, at);
    for (const char *p = at; *p && *p != '.' && n + 1 < sizeof name; p++)
        if (*p != '-' && *p != ':' && *p != 'Z')
            name[n++] = *p;
    name[n] = '\0';
    return arena_printf(rq->arena, "%s/bereg-%sZ", to, name).s;
}

int cmd_backup(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct backup b;
    struct fault fault = {0};
    const char *to = o->to, *key = o->drilled ? "" : backup_key(o);
    if (!key)
        return EXIT_USAGE;
    if (o->verify)
        return verify(o, key);
    if (!o->db || (!o->to && !o->drilled)) {
        fprintf(stderr, "bereg: --db URL and --to FILE are missing\n");
        return EXIT_USAGE;
    }
    if (nice(10) < 0) { /* the pages go first; who may not even step back works as he is */
    }
    if (!open_request(o, &store, &rq))
        return EXIT_REFUSED;
    if (to)
        to = place(&rq, to);
    int64_t began = clock_monotonic();
    enum err err = o->drilled ? OK : backup_write(&rq, to, key, &b, &fault);
    bool made = !err;
    if (!err && note(&rq, o->drilled ? "backup_drilled_at" : "backup_at", rq.now, o->drilled ? "backup.drilled" : "backup.made"))
        err = fault_set(&fault, rq.err, "%s", o->drilled ? "it could not be noted in the register"
                                                         : "the backup is whole, but it could not be noted in the register");
    if (made && !o->drilled) {
        double s = (double)(clock_monotonic() - began) / 1e6;
        tell(&b);
        printf("%s: %.1f MB in %.1f s\n", to, (double)b.size / 1e6, s);
    }
    request_close(&rq);
    close_register(store);
    return err ? refuse(&fault) : EXIT_OK;
}

int cmd_restore(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct backup b;
    struct fault fault = {0};
    const char *key = backup_key(o);
    if (!o->from || !key) {
        if (!o->from)
            fprintf(stderr, "bereg: --from FILE is missing\n");
        return EXIT_USAGE;
    }
    if (backup_read(o->from, key, NULL, &b, &fault)) /* before the file of a register is made */
        return refuse(&fault);
    if (!open_store(o, true, true, &store))
        return EXIT_REFUSED;
    int64_t began = clock_monotonic();
    enum err err = store_alone(store, &fault);
    if (!err)
        err = backup_restore(o->from, key, store, &b, &fault);
    if (err) {
        store_close(store);
        return refuse(&fault);
    }
    tell(&b);
    printf("It was restored in %.1f s.\n", (double)(clock_monotonic() - began) / 1e6);
    if (b.older)
        puts("It is of an older bereg: it is upgraded now.");
    bool current = !b.older || upgrade_register(o, store);
    store_close(store);
    if (!current) {
        fprintf(stderr, "bereg: the rows are all there, the upgrade is missing: run `bereg upgrade --db %s`\n", o->db);
        return EXIT_REFUSED;
    }
    if (!open_request(o, &store, &rq)) {
        fprintf(stderr, "bereg: the rows are all there. The key file is not in a backup: give it with --keys before the register is served\n");
        return EXIT_OK;
    }
    if (note(&rq, "restored_at", rq.now, "register.restored"))
        fprintf(stderr, "bereg: that it was restored could not be noted in it (%s)\n", err_name(rq.err));
    request_close(&rq);
    close_register(store);
    puts("Run `bereg check` on it before it is served.");
    return EXIT_OK;
}
