#include "guard/safe.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAGIC = 16,
    NAME = 8,
    STREAM_KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    STREAM_HEAD = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    STREAM_MORE = crypto_secretstream_xchacha20poly1305_ABYTES,
    SEALED = STREAM_KEY + crypto_box_SEALBYTES,
    SIGNED = MAGIC + NAME + SEALED + STREAM_HEAD,
    HEAD = SIGNED + crypto_sign_BYTES,
    CHUNK = 64 << 10,
    KEY_FILE_MOST = 2000,
    BASE64 = sodium_base64_VARIANT_ORIGINAL
};
static const unsigned char magic[MAGIC] = "bereg sealed 1\n";
static const char open_word[] = "bereg-backup-open", make_word[] = "bereg-backup-make";

/* -- key files -- */

/* What either file holds; of the other's half zeros. */
struct pair {
    unsigned char name[NAME]; /* of both: the beginning of the hash of the public halves */
    unsigned char box_public[crypto_box_PUBLICKEYBYTES], box_secret[crypto_box_SECRETKEYBYTES];
    unsigned char sign_public[crypto_sign_PUBLICKEYBYTES], sign_secret[crypto_sign_SECRETKEYBYTES];
};

static void name_of(struct pair *p)
{
    crypto_generichash_state h;
    unsigned char all[crypto_generichash_BYTES_MIN];
    crypto_generichash_init(&h, NULL, 0, sizeof all);
    crypto_generichash_update(&h, p->box_public, sizeof p->box_public);
    crypto_generichash_update(&h, p->sign_public, sizeof p->sign_public);
    crypto_generichash_final(&h, all, sizeof all);
    memcpy(p->name, all, NAME);
}

static enum err write_key(const char *path, const char *remark, const char *word, const unsigned char *a, size_t n_a,
                          const unsigned char *b, size_t n_b, struct fault *fault)
{
    char one[200], two[200];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return fault_set(fault, ERR_IO, "the key file %s cannot be made: %s", path, strerror(why));
    }
    sodium_bin2base64(one, sizeof one, a, n_a, BASE64);
    sodium_bin2base64(two, sizeof two, b, n_b, BASE64);
    fprintf(f, "%s\n%s %s %s\n", remark, word, one, two);
    bool good = fflush(f) == 0 && fsync(fd) == 0;
    good = fclose(f) == 0 && good;
    sodium_memzero(one, sizeof one);
    sodium_memzero(two, sizeof two);
    if (good)
        return OK;
    (void)unlink(path);
    return fault_set(fault, ERR_IO, "the key file %s cannot be written", path);
}

enum err safe_keys_make(const char *path, struct fault *fault)
{
    struct pair p;
    char making[4096];
    if (sodium_init() < 0 || (size_t)snprintf(making, sizeof making, "%s.make", path) >= sizeof making)
        return fault_set(fault, ERR_INTERNAL, "the keys cannot be made");
    if (access(making, F_OK) == 0)
        return fault_set(fault, ERR_CONFLICT, "there is a file %s already", making);
    crypto_box_keypair(p.box_public, p.box_secret);
    crypto_sign_keypair(p.sign_public, p.sign_secret);
    enum err err = write_key(path,
                             "# Opens backups of Bereg. Keep it away from the serving machine and from the backups: who has it and a\n"
                             "# backup reads all but the sealed data, and without it no backup can be restored.",
                             open_word, p.box_secret, sizeof p.box_secret, p.sign_public, sizeof p.sign_public, fault);
    if (!err) {
        err = write_key(making, "# Makes backups of Bereg and cannot read them. Lies at the serving machine.", make_word,
                        p.box_public, sizeof p.box_public, p.sign_secret, sizeof p.sign_secret, fault);
        if (err)
            (void)unlink(path);
    }
    sodium_memzero(&p, sizeof p);
    return err;
}

static bool unbase(struct text t, unsigned char *out, size_t want)
{
    size_t n;
    return sodium_base642bin(out, want, t.s, t.n, NULL, &n, NULL, BASE64) == 0 && n == want;
}

static bool take_key(struct text words, struct pair *p, bool *opens)
{
    struct text kind, one;
    if (!text_split(&words, ' ', &kind) || !text_split(&words, ' ', &one))
        return false;
    *opens = text_is(kind, open_word);
    if (*opens) {
        if (!unbase(one, p->box_secret, sizeof p->box_secret) || !unbase(words, p->sign_public, sizeof p->sign_public))
            return false;
        crypto_scalarmult_base(p->box_public, p->box_secret);
    } else {
        if (!text_is(kind, make_word) || !unbase(one, p->box_public, sizeof p->box_public) ||
            !unbase(words, p->sign_secret, sizeof p->sign_secret))
            return false;
        crypto_sign_ed25519_sk_to_pk(p->sign_public, p->sign_secret);
    }
    name_of(p);
    return true;
}

static enum err read_key(const char *path, bool to_open, struct pair *p, struct fault *fault)
{
    char bytes[KEY_FILE_MOST];
    struct stat st;
    bool opens = false, found = false;
    *p = (struct pair){0};
    if (sodium_init() < 0)
        return fault_set(fault, ERR_INTERNAL, "libsodium does not start");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    int why = errno;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO) & ~(mode_t)S_IRGRP)
        log_error("the key file %s can be read by others; give it mode 0600", path);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return fault_set(fault, ERR_IO, "the backup key %s cannot be read: %s", path, strerror(why));
    struct text rest = {bytes, (size_t)n}, line;
    while (!found && text_split(&rest, '\n', &line)) {
        line = text_trim(line);
        if (line.n && line.s[0] != '#')
            found = take_key(line, p, &opens);
    }
    sodium_memzero(bytes, sizeof bytes);
    if (!found)
        return fault_set(fault, ERR_SYNTAX, "%s is no backup key; `bereg backup-key --out FILE` makes one", path);
    if (opens == to_open)
        return OK;
    sodium_memzero(p, sizeof *p);
    return to_open ? fault_set(fault, ERR_FORBIDDEN,
                               "%s makes backups and cannot read them: reading needs the key that was made with it and is kept elsewhere", path)
                   : fault_set(fault, ERR_FORBIDDEN,
                               "%s opens backups and must not lie at the serving machine; name the file that ends with .make", path);
}

/* -- writing -- */

struct safe_out {
    FILE *f;
    char path[4000], part[4010];
    crypto_secretstream_xchacha20poly1305_state stream;
    size_t n;
    int64_t size;
    int error;
    unsigned char plain[CHUNK], sealed[4 + CHUNK + STREAM_MORE];
};

static void put_bytes(struct safe_out *s, const void *bytes, size_t n)
{
    if (!s->error && fwrite(bytes, 1, n, s->f) != n)
        s->error = errno ? errno : EIO;
    s->size += (int64_t)n;
}

static void put_chunk(struct safe_out *s, unsigned char tag)
{
    unsigned long long n;
    crypto_secretstream_xchacha20poly1305_push(&s->stream, s->sealed + 4, &n, s->plain, s->n, NULL, 0, tag);
    for (int i = 0; i < 4; i++)
        s->sealed[i] = (unsigned char)(n >> 8 * i);
    put_bytes(s, s->sealed, (size_t)n + 4);
    s->n = 0;
}

static void put_head(struct safe_out *s, const struct pair *p)
{
    unsigned char head[HEAD], key[STREAM_KEY], *at = head;
    memcpy(at, magic, MAGIC);
    memcpy(at += MAGIC, p->name, NAME);
    crypto_secretstream_xchacha20poly1305_keygen(key);
    crypto_box_seal(at += NAME, key, sizeof key, p->box_public);
    crypto_secretstream_xchacha20poly1305_init_push(&s->stream, at += SEALED, key);
    crypto_sign_detached(head + SIGNED, NULL, head, SIGNED, p->sign_secret);
    sodium_memzero(key, sizeof key);
    put_bytes(s, head, sizeof head);
}

/* Is what was opened still what stands under the name? Who held it before us has taken it away, or given it its own name. */
static bool stands(int fd, const char *path)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The part belongs to who holds its lock, which dies with him: what somebody who was killed has left is written over. */
static enum err open_part(struct safe_out *s, struct fault *fault)
{
    for (;;) {
        int fd = open(s->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
        bool busy = fd >= 0 && !held && errno == EWOULDBLOCK, ours = held && stands(fd, s->part);
        if (ours && ftruncate(fd, 0) == 0 && (s->f = fdopen(fd, "w")))
            return OK;
        int why = errno;
        if (fd >= 0)
            close(fd);
        if (busy)
            return fault_set(fault, ERR_BUSY, "another backup to %s is being made just now", s->path);
        if (!held || ours)
            return fault_set(fault, ERR_IO, "%s cannot be written: %s", s->part, strerror(why));
    }
}

enum err safe_create(const char *path, const char *making_key, struct safe_out **out, struct fault *fault)
{
    struct pair p;
    struct safe_out *s = calloc(1, sizeof *s);
    if (!s)
        return fault_set(fault, ERR_INTERNAL, "no memory");
    enum err err = read_key(making_key, false, &p, fault);
    if (!err && (size_t)snprintf(s->path, sizeof s->path, "%s", path) >= sizeof s->path)
        err = fault_set(fault, ERR_LIMIT, "the name of the file is too long");
    snprintf(s->part, sizeof s->part, "%s.part", s->path);
    if (!err)
        err = open_part(s, fault);
    if (!err && access(path, F_OK) == 0) { /* looked for behind the lock, under which it gets its name */
        err = fault_set(fault, ERR_CONFLICT, "there is a file %s already; nothing is written over a backup", path);
        (void)unlink(s->part);
        fclose(s->f);
    }
    if (err) {
        sodium_memzero(&p, sizeof p);
        free(s);
        return err;
    }
    put_head(s, &p);
    sodium_memzero(&p, sizeof p);
    *out = s;
    return OK;
}

void safe_put(struct safe_out *s, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;
    while (n && !s->error) {
        size_t take = n < CHUNK - s->n ? n : CHUNK - s->n;
        memcpy(s->plain + s->n, from, take);
        s->n += take;
        from += take;
        n -= take;
        if (s->n == CHUNK)
            put_chunk(s, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    }
}

bool safe_failed(const struct safe_out *s)
{
    return s->error != 0;
}

/* The name itself must outlive a loss of power too. A folder that may be written and not read is not opened: then all of its disk
 * is brought up. */
static bool sync_folder(const struct safe_out *s)
{
    char dir[4010];
    const char *slash = strrchr(s->path, '/');
    snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - s->path) + 1 : 1, slash ? s->path : ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = (fd >= 0 && fsync(fd) == 0) || syncfs(fileno(s->f)) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* What came to stand there meanwhile is not written over, where the file system can tell. */
static int take_name(const struct safe_out *s)
{
    int bad = renameat2(AT_FDCWD, s->part, AT_FDCWD, s->path, RENAME_NOREPLACE);
    return bad && errno == EINVAL ? rename(s->part, s->path) : bad;
}

enum err safe_finish(struct safe_out *s, bool good, int64_t *size, struct fault *fault)
{
    enum err err = OK;
    if (good)
        put_chunk(s, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    if (good && !s->error && (fflush(s->f) || fsync(fileno(s->f)) || take_name(s)))
        s->error = errno;
    if (!good || s->error)
        (void)unlink(s->part); /* ours: the lock ends with the closing */
    if (good && s->error)
        err = fault_set(fault, s->error == ENOSPC || s->error == EDQUOT || s->error == EFBIG ? ERR_FULL : ERR_IO,
                        "the backup %s was not made: %s", s->path, strerror(s->error));
    else if (good && !sync_folder(s))
        err = fault_set(fault, ERR_IO, "the backup %s is there and whole, but a loss of power may take it away: its folder was not brought to the disk (%s)",
                        s->path, strerror(errno));
    fclose(s->f);
    if (size)
        *size = s->size;
    sodium_memzero(s, sizeof *s);
    free(s);
    return err;
}

/* -- reading -- */

struct safe_in {
    FILE *f;
    char path[4000];
    crypto_secretstream_xchacha20poly1305_state stream;
    size_t at, n;
    bool last;
    unsigned char plain[CHUNK], sealed[CHUNK + STREAM_MORE];
};

static enum err read_head(struct safe_in *s, const struct pair *p, struct fault *fault)
{
    unsigned char head[HEAD], key[STREAM_KEY];
    const unsigned char *name = head + MAGIC, *sealed = name + NAME, *stream = sealed + SEALED;
    size_t n = fread(head, 1, sizeof head, s->f);
    if (n < MAGIC || memcmp(head, magic, MAGIC) != 0)
        return fault_set(fault, ERR_SYNTAX, "%s is no backup of Bereg, or of a version that this program does not know", s->path);
    if (n < HEAD)
        return fault_set(fault, ERR_SYNTAX, "the backup %s is cut off", s->path);
    if (memcmp(name, p->name, NAME) != 0)
        return fault_set(fault, ERR_FORBIDDEN, "the backup %s was made for another backup key", s->path);
    if (crypto_sign_verify_detached(head + SIGNED, head, SIGNED, p->sign_public))
        return fault_set(fault, ERR_FORBIDDEN, "the backup %s was not made with this key, or its beginning was changed", s->path);
    if (crypto_box_seal_open(key, sealed, SEALED, p->box_public, p->box_secret) ||
        crypto_secretstream_xchacha20poly1305_init_pull(&s->stream, stream, key))
        return fault_set(fault, ERR_FORBIDDEN, "the backup %s cannot be opened with this key", s->path);
    sodium_memzero(key, sizeof key);
    return OK;
}

enum err safe_open(const char *path, const char *opening_key, struct safe_in **out, struct fault *fault)
{
    struct pair p;
    enum err err = read_key(opening_key, true, &p, fault);
    struct safe_in *s = err ? NULL : calloc(1, sizeof *s);
    if (err)
        return err;
    if (!s)
        return fault_set(fault, ERR_INTERNAL, "no memory");
    snprintf(s->path, sizeof s->path, "%s", path);
    s->f = fopen(path, "rbe");
    err = s->f ? read_head(s, &p, fault) : fault_set(fault, ERR_IO, "the backup %s cannot be read: %s", path, strerror(errno));
    sodium_memzero(&p, sizeof p);
    if (err)
        safe_close(s);
    else
        *out = s;
    return err;
}

static enum err next_chunk(struct safe_in *s, struct fault *fault)
{
    unsigned char length[4], tag;
    unsigned long long got;
    size_t have = fread(length, 1, sizeof length, s->f);
    size_t n = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (have < sizeof length)
        return fault_set(fault, ERR_SYNTAX, "the backup %s is cut off", s->path);
    if (n < STREAM_MORE || n > sizeof s->sealed)
        return fault_set(fault, ERR_SYNTAX, "the backup %s was changed", s->path);
    if (fread(s->sealed, 1, n, s->f) != n)
        return fault_set(fault, ERR_SYNTAX, "the backup %s is cut off", s->path);
    if (crypto_secretstream_xchacha20poly1305_pull(&s->stream, s->plain, &got, &tag, s->sealed, n, NULL, 0))
        return fault_set(fault, ERR_SYNTAX, "the backup %s was changed, or its parts stand in another order", s->path);
    s->at = 0;
    s->n = (size_t)got;
    s->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return OK;
}

enum err safe_get(struct safe_in *s, void *bytes, size_t n, struct fault *fault)
{
    unsigned char *to = bytes;
    while (n) {
        if (s->at == s->n) {
            if (s->last)
                return fault_set(fault, ERR_SYNTAX, "the backup %s ends too early", s->path);
            enum err err = next_chunk(s, fault);
            if (err)
                return err;
            continue;
        }
        size_t take = n < s->n - s->at ? n : s->n - s->at;
        memcpy(to, s->plain + s->at, take);
        s->at += take;
        to += take;
        n -= take;
    }
    return OK;
}

enum err safe_end(struct safe_in *s, struct fault *fault)
{
    if (s->at == s->n && !s->last) {
        enum err err = next_chunk(s, fault);
        if (err)
            return err;
    }
    if (!s->last || s->at != s->n || fgetc(s->f) != EOF)
        return fault_set(fault, ERR_SYNTAX, "something stands behind the end of the backup %s", s->path);
    return OK;
}

void safe_close(struct safe_in *s)
{
    if (!s)
        return;
    if (s->f)
        fclose(s->f);
    sodium_memzero(s, sizeof *s);
    free(s);
}
