/* bereg audit: the sealed logs (guard/leaf.h). */
#include "base/json.h"
#include "formats/proof.h"
#include "guard/audit.h"
#include "guard/change.h"
#include "guard/guard.h"
#include "guard/log_proof.h"
#include "guard_gen.h"
#include "main/files.h"
#include "main/main.h"
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_json(struct buf *b)
{
    buf_char(b, '\n');
    fwrite(b->s, 1, b->n, stdout);
    buf_free(b);
}

/* ---- heads as files ---- */

/* The signature is right for the key in the file; whose key it is, is another question. */
static bool open_head(const struct head_file *f, struct log_head *out, struct text *registry)
{
    if (!f->statement.s || !f->key.s || !f->signature.s || f->key.n >= sizeof out->key || f->signature.n >= sizeof out->signature ||
        !head_parse(f->statement, out, registry))
        return false;
    memcpy(out->key, f->key.s, f->key.n);
    memcpy(out->signature, f->signature.s, f->signature.n);
    return head_signed(out, f->statement);
}

/* A head of this register out of a file; false after a message. */
static bool head_from(const char *path, struct arena *arena, struct log_head *out)
{
    struct buf b = BUF(PROOF_FILE_MAX);
    struct head_file file;
    struct fault fault = {0};
    struct text registry;
    char ours[17];
    bool good = file_read(path, &b);
    if (good && head_file_read(buf_get(&b), arena, &file, &fault)) {
        refuse(&fault);
        good = false;
    } else if (good) {
        head_registry(ours);
        good = open_head(&file, out, &registry);
        if (!good)
            fprintf(stderr, "bereg: %s: the signature does not fit what was signed\n", path);
        else if (!text_is(registry, ours) || !head_key_ours(out->key)) {
            fprintf(stderr, "bereg: %s: this head is of another register, or signed with a key that is not ours\n", path);
            good = false;
        }
    }
    buf_free(&b);
    return good;
}

/* ---- verify ---- */

struct findings {
    uint64_t n;
};

static void print_finding(void *ctx, const char *text)
{
    struct findings *f = ctx;
    f->n++;
    printf("%s\n", text);
}

static int verify(const struct options *o, struct request *rq, const struct fault *odd)
{
    struct findings findings = {0};
    struct log_head head;
    struct audit a = {.origin = true, .found = print_finding, .ctx = &findings};
    struct audit_result res;
    struct audit_values values;
    char hex[2 * HASH_BYTES + 1];
    int64_t began = clock_monotonic();
    if (o->against) {
        if (!head_from(o->against, rq->arena, &head))
            return EXIT_REFUSED;
        a.against = &head;
    }
    if (*odd->text)
        print_finding(&findings, odd->text);
    audit_verify(rq, &a, &res);
    for (int log = LOG_EVENT; log < LOG_END && !rq->err; log++) {
        hash_print(&res.root[log], hex);
        printf("%s: %" PRIu64 " entries, root %s\n", log_table(log)->name, res.n[log], hex);
    }
    if (!rq->err)
        printf("heads: %" PRIu64 "%s\n", res.heads, o->against ? ", and the one kept elsewhere" : "");
    if (res.young)
        printf("of the last minute, not sealed yet: %" PRIu64 "\n", res.young);
    if (o->values && !rq->err) {
        audit_values(rq, &a, &values);
        printf("values: %" PRIu64 " events, %" PRIu64 " values compared, %" PRIu64 " passed over\n", values.events, values.compared, values.passed);
    }
    if (rq->err) {
        fprintf(stderr, "bereg: the log could not be read to the end (%s)\n", err_name(rq->err));
        return EXIT_REFUSED;
    }
    if (findings.n)
        fprintf(stderr, "bereg: %" PRIu64 " findings\n", findings.n);
    else
        printf("The log is whole (%.1f s).\n", (double)(clock_monotonic() - began) / 1e6);
    return findings.n ? EXIT_REFUSED : EXIT_OK;
}

/* ---- head and proofs ---- */

/* The program gets the head on its standard input; what it does with it is the region's matter. */
static bool give_away(const char *program, const struct buf *head)
{
    int to[2], status = -1;
    pid_t child;
    posix_spawn_file_actions_t actions;
    char *const argv[] = {(char *)(uintptr_t)program, NULL};
    if (pipe2(to, O_CLOEXEC))
        return false;
    signal(SIGPIPE, SIG_IGN);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    int no = posix_spawn(&child, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    bool whole = !no && write(to[1], head->s, head->n) == (ssize_t)head->n; /* less than a pipe holds */
    close(to[1]);
    return !no && waitpid(child, &status, 0) == child && whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* That it was given away, the auditor sees beside it. */
static int note_given(struct request *rq, int64_t head, int64_t head_at)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union log_head_sent_record r = {.head_id = v_int(head), .at = v_instant(rq->now), .head_at = v_instant(head_at)};
    change_write(&ch, &log_head_sent_table, r.v);
    ch.events++; /* nothing happened to anybody */
    return change_commit(&ch) ? EXIT_REFUSED : EXIT_OK;
}

static int print_head(struct request *rq, const char *hook)
{
    struct log_head h;
    union log_head_last_row row;
    struct buf b = BUF(10000);
    struct json j = {.out = &b};
    if (!q_log_head_last(rq, &(struct log_head_last_args){0}, &row) || !head_of_row(row.v, &h))
        return refuse(&(struct fault){ERR_STORE, "the newest head cannot be read"});
    put_head(&j, &h);
    if (!hook) {
        print_json(&b);
        return EXIT_OK;
    }
    bool given = give_away(hook, &b);
    buf_free(&b);
    if (given)
        return note_given(rq, v_as_int(row.id), h.at);
    fprintf(stderr, "bereg: %s has not taken the head: it is kept nowhere else\n", hook);
    return EXIT_REFUSED;
}

static int print_inclusion(struct request *rq, int log, int64_t row)
{
    struct buf b = BUF(4 << 20);
    struct json j = {.out = &b};
    switch (put_inclusion(rq, &j, log, row, CLASS_ALL)) {
    case OK:
        print_json(&b);
        return EXIT_OK;
    case ERR_NOT_FOUND:
        return refuse(&(struct fault){ERR_NOT_FOUND, "the log has no such sealed entry"});
    default:
        return refuse(&(struct fault){ERR_STORE, "the leaves cannot be read: run `bereg audit verify`"});
    }
}

/* A list: a proof for each of the two logs. An old tree without entries needs none. */
static int print_consistency(struct request *rq, const char *from)
{
    struct hash path[PATH_MOST];
    struct log_head old, now;
    struct buf b = BUF(1 << 20);
    struct json j = {.out = &b};
    if (!head_from(from, rq->arena, &old))
        return EXIT_REFUSED;
    if (!newest_head(rq, &now))
        return refuse(&(struct fault){ERR_STORE, "the newest head cannot be read"});
    json_open(&j, '[');
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        struct leaves leaves = {rq, log};
        if (old.n[log] > now.n[log])
            return refuse(&(struct fault){ERR_CONFLICT, "the log was cut off: it has fewer entries than that head"});
        if (!old.n[log])
            continue;
        int n = merkle_consistency(old.n[log], now.n[log], leaves_range, &leaves, path);
        if (n < 0)
            return refuse(&(struct fault){ERR_STORE, "the leaves cannot be read: run `bereg audit verify`"});
        if (!merkle_consistent(old.n[log], &old.root[log], now.n[log], &now.root[log], path, (size_t)n))
            return refuse(&(struct fault){ERR_CONFLICT, "the log has not grown out of that head: entries that it covers were changed"});
        json_open(&j, '{');
        json_key(&j, "log");
        json_z(&j, log_table(log)->name);
        json_key(&j, "size1");
        json_int(&j, (int64_t)old.n[log]);
        json_key(&j, "size2");
        json_int(&j, (int64_t)now.n[log]);
        put_hash(&j, "root1", &old.root[log]);
        put_hash(&j, "root2", &now.root[log]);
        put_path(&j, path, n);
        json_key(&j, "head");
        put_head(&j, &now);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    print_json(&b);
    return EXIT_OK;
}

/* ---- check-proof ---- */

/* Null: it holds; or why it does not. */
static const char *proof_fault(const struct proof *p)
{
    struct hash root, old_root, leaf, path[PROOF_PATH], made;
    bool whole = hash_parse(p->root, &root);
    for (size_t i = 0; i < p->n_path; i++)
        if (!hash_parse(p->path[i], &path[i]))
            return "the path holds something that is no hash";
    if (p->consistency) {
        if (p->old == p->size && !p->n_path) /* whatever the roots are */
            return text_eq(p->root, p->old_root) ? NULL : "the trees are of one size, but their roots differ";
        if (!whole || !hash_parse(p->old_root, &old_root))
            return "a root is missing or no hash";
        return merkle_consistent(p->old, &old_root, p->size, &root, path, p->n_path) ? NULL : "the older tree is not the beginning of the other";
    }
    if (p->entry.s) {
        made = merkle_leaf(p->entry);
        if (p->leaf_hash.s && (!hash_parse(p->leaf_hash, &leaf) || !hash_same(&leaf, &made)))
            return "the entry is not the one of the leaf";
        leaf = made;
    } else if (!hash_parse(p->leaf_hash, &leaf)) {
        return "the leaf's hash is missing or none";
    }
    if (!whole)
        return "the root is missing or no hash";
    return merkle_included(&leaf, p->index, p->size, &root, path, p->n_path) ? NULL : "the leaf is not in the tree";
}

static const char *head_fault(const struct proof *p)
{
    struct log_head h;
    struct text registry;
    struct hash root;
    if (!p->head.statement.s)
        return NULL;
    if (!open_head(&p->head, &h, &registry))
        return "the signature of the head does not fit";
    for (int log = LOG_EVENT; log < LOG_END; log++)
        if (h.n[log] == p->size && hash_parse(p->root, &root) && hash_same(&root, &h.root[log]))
            return NULL;
    return "the head has signed another tree";
}

static int check_proof(const char *path)
{
    struct buf b = BUF(PROOF_FILE_MAX);
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct proof *proofs = NULL;
    size_t n = 0, bad = 0;
    int status = EXIT_REFUSED;
    if (!file_read(path, &b)) {
        n = 0;
    } else if (proofs_read(buf_get(&b), arena, &proofs, &n, &fault)) {
        refuse(&fault);
    } else {
        for (size_t i = 0; i < n; i++) {
            const char *wrong = proof_fault(&proofs[i]);
            if (!wrong)
                wrong = head_fault(&proofs[i]);
            bad += wrong != NULL;
            printf("%s%s%s", wrong ? "not valid: " : "valid", wrong ? wrong : "", proofs[i].head.key.s && !wrong ? ", signed by the key " : "\n");
            if (proofs[i].head.key.s && !wrong)
                printf("%.*s\n", TEXT_ARG(proofs[i].head.key));
        }
        status = bad ? EXIT_REFUSED : EXIT_OK;
    }
    arena_free(arena);
    buf_free(&b);
    return status;
}

/* ---- the command ---- */

static int usage(const char *what)
{
    fprintf(stderr, "bereg: %s\nusage: bereg audit verify|head|proof --db URL; bereg audit check-proof FILE.json; bereg audit --help\n", what);
    return EXIT_USAGE;
}

int cmd_audit(const struct options *o)
{
    const char *what = o->n_words ? o->word[0] : "";
    bool is_verify = strcmp(what, "verify") == 0, is_head = strcmp(what, "head") == 0, is_proof = strcmp(what, "proof") == 0;
    struct store *store;
    struct request rq;
    struct fault fault = {0}, odd = {0};
    if (strcmp(what, "check-proof") == 0)
        return o->n_words == 2 ? check_proof(o->word[1]) : usage("check-proof takes a file");
    if (!(is_verify || is_head || is_proof) || o->n_words != 1)
        return usage("audit does one of verify, head, proof, check-proof");
    if (is_proof && !o->event + !o->read + !o->from != 2)
        return usage("proof takes one of --event ID, --read ID, --from HEAD.json");
    if (!o->db)
        return usage("--db URL is missing: sqlite:PATH or postgresql://…");
    if (!(is_verify ? open_register_anyhow(o, &store, &odd) : open_register(o, &store)))
        return EXIT_REFUSED;
    /* What is asked for is asked of all that is committed now. Verifying writes nothing. */
    enum err err = is_verify ? OK : log_seal(store, true);
    if (err)
        fault_set(&fault, err, "the logs could not be sealed (%s)", err_name(err));
    if (err || request_open(store, NULL, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    int status = is_verify ? verify(o, &rq, &odd)
                 : is_head ? print_head(&rq, o->hook)
                 : o->from ? print_consistency(&rq, o->from)
                           : print_inclusion(&rq, o->event ? LOG_EVENT : LOG_READ, o->event ? o->event : o->read);
    request_close(&rq);
    store_close(store);
    return status;
}
