#include "guard/keys.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MASTERS_MAX = 64,
    STATE_PLACES = 4,
    NAME_MAX_LEN = 16, /* of a master: hex digits of its hash */
    FILE_MOST = 16 << 10,
    WRAPPED = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + KEY_BYTES,
    BASE64 = sodium_base64_VARIANT_ORIGINAL
};
static const int64_t until_all_nodes_know = 60 * 1000000ll;

struct master {
    char name[NAME_MAX_LEN + 1];
    unsigned char key[KEY_BYTES];
};

struct masters {
    size_t n;
    struct master of[MASTERS_MAX];
};

static const char *given;
static char path[600];

/* A new set replaces the old one whole; the old one stays for who still points into it. */
struct set {
    struct set *older;
    size_t n;
    struct seal_key key[KEYS_MOST];
};
static _Atomic(struct set *) current;

void keys_file(const char *file)
{
    given = file;
}

const char *keys_path(void)
{
    return path;
}

/* -- the file -- */

static void make_folders(void)
{
    char dir[sizeof path];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
        (void)mkdir(dir, 0700);
    }
}

/* Where this user keeps the state of programs; where he has no home that can be written, a folder
 * of his own that outlives a restart. */
static void state_path(unsigned place, struct text id)
{
    const struct passwd *me = getpwuid(getuid());
    const char *homes[] = {getenv("HOME"), me ? me->pw_dir : NULL},
               *state = getenv("XDG_STATE_HOME");
    path[0] = '\0';
    if (place == 0 && state && access(state, X_OK) == 0)
        snprintf(path, sizeof path, "%s/bereg/%.*s.keys", state, TEXT_ARG(id));
    else if ((place == 1 || place == 2) && homes[place - 1] && access(homes[place - 1], X_OK) == 0)
        snprintf(path, sizeof path, "%s/.local/state/bereg/%.*s.keys", homes[place - 1],
                 TEXT_ARG(id));
    else if (place == STATE_PLACES - 1)
        snprintf(path, sizeof path, "/var/tmp/bereg-%d/%.*s.keys", (int)getuid(), TEXT_ARG(id));
}

/* Can a file be made there, by nobody else? */
static bool can_be_made(void)
{
    char dir[sizeof path];
    struct stat st;
    if (!path[0])
        return false;
    make_folders();
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    return stat(dir, &st) == 0 && st.st_uid == getuid() && access(dir, W_OK) == 0;
}

/* Where the file is; where it is nowhere yet, the first place in which it can be made. */
static enum err find_path(struct request *rq, struct fault *fault)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY"),
               *named = given ? given : getenv("BEREG_KEYS");
    union setting_get_row row = {0};
    if (named && *named) {
        snprintf(path, sizeof path, "%s", named);
        return OK;
    }
    if (credentials) {
        snprintf(path, sizeof path, "%s/bereg.keys", credentials);
        if (access(path, F_OK) == 0)
            return OK;
    }
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z("register")}, &row))
        return fault_set(fault, ERR_STORE, "the register has no name (table setting)");
    for (unsigned place = 0; place < STATE_PLACES; place++) {
        state_path(place, v_as_text(row.value));
        if (path[0] && access(path, F_OK) == 0)
            return OK;
    }
    for (unsigned place = 0; place < STATE_PLACES; place++) {
        state_path(place, v_as_text(row.value));
        if (can_be_made())
            return OK;
    }
    return fault_set(fault, ERR_IO,
                     "there is no place for the key file: name one with --keys FILE");
}

static void name_of(struct master *m)
{
    unsigned char h[NAME_MAX_LEN / 2];
    crypto_generichash(h, sizeof h, m->key, sizeof m->key, NULL, 0);
    sodium_bin2hex(m->name, sizeof m->name, h, sizeof h);
}

/* ERR_NOT_FOUND without a message when there is no file. */
static enum err read_file(struct masters *out, struct fault *fault)
{
    char text[FILE_MOST];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    out->n = 0;
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND
                               : fault_set(fault, ERR_IO, "the key file %s cannot be read: %s",
                                           path, strerror(errno));
    ssize_t n = read(fd, text, sizeof text);
    if (fstat(fd, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO) & ~(mode_t)S_IRGRP)
        log_error("the key file %s can be read by others; give it mode 0600", path);
    close(fd);
    if (n < 0 || n == (ssize_t)sizeof text)
        return fault_set(fault, ERR_IO, "the key file %s is too long or cannot be read", path);
    struct text rest = {text, (size_t)n}, line;
    while (text_split(&rest, '\n', &line)) {
        struct text name, word = text_trim(line);
        struct master m;
        size_t len;
        if (!word.n || word.s[0] == '#')
            continue;
        if (out->n == MASTERS_MAX || !text_split(&word, ' ', &name) ||
            sodium_base642bin(m.key, sizeof m.key, word.s, word.n, NULL, &len, NULL, BASE64) ||
            len != sizeof m.key)
            break;
        name_of(&m);
        if (!text_is(name, m.name))
            break;
        out->of[out->n++] = m;
        line.n = 0;
    }
    sodium_memzero(text, sizeof text);
    if (!out->n || (line.n && line.s[0] != '#'))
        return fault_set(fault, ERR_SYNTAX, "the key file %s is damaged", path);
    return OK;
}

/* The folder of the file, held against others who write the file; closing it lets go. -1: there is
 * none, or it cannot be read. */
static int hold_folder(void)
{
    char dir[sizeof path];
    const char *slash = strrchr(path, '/');
    snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX);
    return fd;
}

static void let_go(int folder)
{
    if (folder >= 0)
        close(folder);
}

/* Beside the old file first, so that a crash leaves one of the two. `fresh`: not over a file that
 * somebody else has just made. */
static enum err write_file(const struct masters *m, bool fresh, int folder, struct fault *fault)
{
    char aside[sizeof path + 32], line[sodium_base64_ENCODED_LEN(KEY_BYTES, BASE64)];
    snprintf(aside, sizeof aside, "%s.%d", path, (int)getpid());
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        return fault_set(fault, ERR_IO, "the key file %s cannot be written: %s", path,
                         strerror(errno));
    fputs(
        "# Keys of Bereg. Without them the sealed data of the register cannot be read by anybody.\n"
        "# Keep a copy in a safe place, never beside a backup of the register.\n",
        f);
    for (size_t i = 0; i < m->n; i++) {
        sodium_bin2base64(line, sizeof line, m->of[i].key, KEY_BYTES, BASE64);
        fprintf(f, "%s %s\n", m->of[i].name, line);
    }
    sodium_memzero(line, sizeof line);
    bool ok = fflush(f) == 0 && fsync(fd) == 0;
    ok = fclose(f) == 0 && ok;
    ok = ok && (fresh ? link(aside, path) == 0 || errno == EEXIST : rename(aside, path) == 0);
    if (fresh || !ok)
        (void)unlink(aside);
    if (folder >= 0)
        (void)fsync(folder); /* before the register needs the new name */
    return ok ? OK
              : fault_set(fault, ERR_IO, "the key file %s cannot be written: %s", path,
                          strerror(errno));
}

/* The masters of the file, with a new one for a new register behind: each has its own, so that
 * wrapping one anew takes nothing from another. A file that cannot be written serves as it is. */
static enum err masters_here(struct masters *m, struct fault *fault)
{
    struct fault ignored = {0};
    make_folders();
    int folder = hold_folder();
    enum err err = read_file(m, fault);
    bool fresh = err == ERR_NOT_FOUND;
    if ((!err || fresh) && m->n < MASTERS_MAX) {
        randombytes_buf(m->of[m->n].key, KEY_BYTES);
        name_of(&m->of[m->n++]);
        err = write_file(m, fresh, folder, fresh ? fault : &ignored);
        if (!err || !fresh)
            err = read_file(m, fault);
    }
    let_go(folder);
    return err;
}

/* -- data keys -- */

static struct text wrap(struct arena *arena, const unsigned char key[KEY_BYTES],
                        const struct master *m)
{
    unsigned char box[WRAPPED];
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, key, KEY_BYTES, box, m->key);
    size_t max = sodium_base64_ENCODED_LEN(WRAPPED, BASE64);
    char *out = arena_alloc(arena, max);
    sodium_bin2base64(out, max, box, WRAPPED, BASE64);
    return text_of(out);
}

static bool unwrap(struct text wrapped, const struct master *m, unsigned char key[KEY_BYTES])
{
    unsigned char box[WRAPPED];
    size_t n;
    return !sodium_base642bin(box, sizeof box, wrapped.s, wrapped.n, NULL, &n, NULL, BASE64) &&
           n == sizeof box &&
           !crypto_secretbox_open_easy(key, box + crypto_secretbox_NONCEBYTES,
                                       WRAPPED - crypto_secretbox_NONCEBYTES, box, m->key);
}

static const struct master *master_named(const struct masters *m, struct text name)
{
    for (size_t i = 0; i < m->n; i++)
        if (text_is(name, m->of[i].name))
            return &m->of[i];
    return NULL;
}

static void add_key(struct change *ch, int64_t number, const struct master *m, int64_t use_from)
{
    unsigned char key[KEY_BYTES];
    randombytes_buf(key, sizeof key);
    union data_key_record r = {.number = v_int(number),
                               .master = v_z(m->name),
                               .wrapped = v_text(wrap(ch->rq->arena, key, m)),
                               .use_from = v_instant(use_from)};
    change_write(ch, &data_key_table, r.v);
    sodium_memzero(key, sizeof key);
}

enum err keys_make(struct change *ch, struct fault *fault)
{
    struct masters m;
    char id[17];
    random_hex(id, 16);
    w_setting_first(ch, &(struct setting_first_args){.name = v_z("register"),
                                                     .value = v_text((struct text){id, 16})});
    enum err err = find_path(ch->rq, fault);
    if (!err)
        err = masters_here(&m, fault);
    if (!err)
        add_key(ch, 1, &m.of[m.n - 1], 0);
    sodium_memzero(&m, sizeof m);
    return err ? err : keys_load(ch->rq, fault);
}

enum err keys_first(struct request *rq, struct fault *fault)
{
    struct data_keys_rows rows;
    struct change ch;
    q_data_keys(rq, &(struct data_keys_args){0}, &rows);
    if (!rq->err && rows.n)
        return keys_load(rq, fault);
    change_begin(rq, &ch, NO_SUBJECT);
    if (keys_make(&ch, fault))
        rq_fail(rq, fault->err);
    change_event(&ch, &(struct event){.kind = "keys.added"});
    if (change_commit(&ch) && !fault->err)
        return fault_set(fault, rq->err, "the register's first data key could not be stored");
    return fault->err;
}

static enum err cannot_open(struct text master, bool there, struct fault *fault)
{
    if (there)
        return fault_set(fault, ERR_STORE, "a key of the register (table data_key) is damaged");
    return fault_set(
        fault, ERR_IO,
        "the key file %s is not this register's: it lacks the master key %.*s. Give the right "
        "one with --keys FILE, BEREG_KEYS or the systemd credential bereg.keys",
        path, TEXT_ARG(master));
}

static enum err unwrap_all(const struct data_keys_rows *rows, const struct masters *m,
                           struct set *s, struct fault *fault)
{
    for (size_t i = 0; i < rows->n; i++) {
        const union data_keys_row *r = &rows->row[i];
        const struct master *by = master_named(m, v_as_text(r->master));
        unsigned char key[KEY_BYTES];
        struct seal_key *k = &s->key[s->n++];
        if (!by || s->n > KEYS_MOST || !unwrap(v_as_text(r->wrapped), by, key))
            return cannot_open(v_as_text(r->master), by != NULL, fault);
        k->number = (unsigned)v_as_int(r->number);
        k->use_from = v_as_int(r->use_from);
        crypto_kdf_derive_from_key(k->box, sizeof k->box, 1, "bereg-bx", key);
        crypto_kdf_derive_from_key(k->tag, sizeof k->tag, 2, "bereg-tg", key);
        sodium_memzero(key, sizeof key);
    }
    return OK;
}

enum err keys_load(struct request *rq, struct fault *fault)
{
    struct data_keys_rows rows;
    struct masters m;
    q_data_keys(rq, &(struct data_keys_args){0}, &rows);
    if (rq->err)
        return fault_set(fault, rq->err, "the register's keys cannot be read");
    if (!rows.n)
        return fault_set(fault, ERR_STORE, "the register has no data key; run `bereg upgrade`");
    enum err err = find_path(rq, fault);
    if (!err)
        err = read_file(&m, fault);
    if (err == ERR_NOT_FOUND)
        return fault_set(
            fault, ERR_IO,
            "the key file %s is missing: without it the register's sealed data cannot be read. "
            "Put it back, or name it with --keys FILE, BEREG_KEYS or the systemd credential "
            "bereg.keys",
            path);
    if (err)
        return err;
    struct set *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    err = unwrap_all(&rows, &m, s, fault);
    sodium_memzero(&m, sizeof m);
    if (err) {
        free(s);
        return err;
    }
    s->older = current;
    current = s;
    return OK;
}

void keys_reload(struct request *rq)
{
    struct fault fault = {0};
    struct data_keys_rows rows;
    const struct set *s = current;
    q_data_keys(rq, &(struct data_keys_args){0}, &rows);
    if (!rq->err && s && rows.n != s->n && keys_load(rq, &fault))
        log_error("%s", fault.text);
}

size_t keys_count(void)
{
    const struct set *s = current;
    return s ? s->n : 0;
}

const struct seal_key *key_in_use(int64_t now)
{
    const struct set *s = current;
    const struct seal_key *found = NULL;
    for (size_t i = 0; s && i < s->n; i++)
        if (!found || s->key[i].use_from <= now)
            found = &s->key[i];
    return found;
}

const struct seal_key *key_numbered(unsigned number)
{
    const struct set *s = current;
    for (size_t i = 0; s && i < s->n; i++)
        if (s->key[i].number == number)
            return &s->key[i];
    return NULL;
}

/* -- new keys -- */

enum err keys_add(struct request *rq, struct fault *fault)
{
    struct data_keys_rows rows;
    struct masters m;
    struct change ch;
    enum err err = read_file(&m, fault);
    if (err)
        return err;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_KEYS);
    q_data_keys(rq, &(struct data_keys_args){0}, &rows);
    if (rows.n == KEYS_MOST)
        rq_fail(rq, ERR_LIMIT);
    const struct master *own =
        rows.n ? master_named(&m, v_as_text(rows.row[rows.n - 1].master)) : NULL;
    if (!rq->err && !own)
        rq_fail(rq, ERR_STORE);
    if (!rq->err)
        add_key(&ch, v_as_int(rows.row[rows.n - 1].number) + 1, own,
                rq->now + until_all_nodes_know);
    change_event(&ch, &(struct event){.kind = "keys.added"});
    sodium_memzero(&m, sizeof m);
    if (change_commit(&ch))
        return fault_set(fault, rq->err, "no key was added (a register has at most %d)", KEYS_MOST);
    return keys_load(rq, fault);
}

enum err keys_rewrap(struct request *rq, struct fault *fault)
{
    struct data_keys_rows rows;
    struct masters m;
    struct change ch;
    int folder = hold_folder(); /* who reads the file between would write the fresh one away */
    enum err err = read_file(&m, fault);
    if (!err && m.n == MASTERS_MAX)
        err = fault_set(fault, ERR_LIMIT, "the key file %s is full", path);
    struct master *fresh = &m.of[err ? 0 : m.n++];
    if (!err) {
        randombytes_buf(fresh->key, KEY_BYTES);
        name_of(fresh);
        err = write_file(&m, false, folder, fault); /* before the register needs it */
    }
    if (err) {
        let_go(folder);
        return err;
    }
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_KEYS);
    q_data_keys(rq, &(struct data_keys_args){0}, &rows);
    struct masters left = m;
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        struct text old = v_as_text(rows.row[i].master);
        const struct master *by = master_named(&m, old);
        unsigned char key[KEY_BYTES];
        if (!by || !unwrap(v_as_text(rows.row[i].wrapped), by, key)) {
            rq_fail(rq, ERR_STORE);
            break;
        }
        w_data_key_wrap(
            &ch, &(struct data_key_wrap_args){.number = rows.row[i].number,
                                              .master = v_z(fresh->name),
                                              .wrapped = v_text(wrap(rq->arena, key, fresh))});
        sodium_memzero(key, sizeof key);
        size_t kept = 0;
        for (size_t k = 0; k < left.n; k++)
            if (!text_is(old, left.of[k].name))
                left.of[kept++] = left.of[k];
        left.n = kept;
    }
    change_event(&ch, &(struct event){.kind = "keys.rewrapped"});
    if (change_commit(&ch))
        err = fault_set(fault, rq->err,
                        "the keys were not wrapped anew; the file %s keeps the old ones too", path);
    else
        err = write_file(&left, false, folder, fault);
    let_go(folder);
    sodium_memzero(&m, sizeof m);
    sodium_memzero(&left, sizeof left);
    return err ? err : keys_load(rq, fault);
}
