#include "guard/leaf.h"
#include "base/json.h"
#include "base/log.h"
#include "guard/change.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "guard_gen.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROWS = 500,              /* leaves in one change: some ten milliseconds */
    PAGE = 4 * TILE,         /* leaves read at once */
    SIGN_S = 60,             /* between two heads while something happens */
    IDLE_S = 3600,           /* and while nothing does */
    BEHIND = 20000,          /* PostgreSQL: rows that became visible late are looked for among so many */
    WHOLE_S = 86400,         /* and now and then among all: of millions it takes seconds */
    ENTRY_MAX = 2000000
};

const struct table *log_table(int log)
{
    return log == LOG_EVENT ? &event_table : &read_table;
}

void log_entry(int log, const struct value *cells, struct buf *out)
{
    const struct table *t = log_table(log);
    struct json j = {.out = out};
    json_open(&j, '{');
    json_key(&j, "log");
    json_z(&j, t->name);
    for (size_t i = 0; i < t->n_fields; i++)
        if (v_is(cells[i])) {
            json_key(&j, t->fields[i].name);
            json_value(&j, cells[i]);
        }
    json_close(&j, '}');
}

/* ---- the trees as they stand ---- */

uint64_t leaves_count(struct request *rq, int log)
{
    union leaf_last_row last;
    return q_leaf_last(rq, &(struct leaf_last_args){.log = v_int(log)}, &last) ? (uint64_t)v_as_int(last.n) + 1 : 0;
}

static bool take_hash(struct request *rq, struct value v, struct hash *out)
{
    bool good = hash_parse(v_as_text(v), out);
    if (!good)
        rq_fail(rq, ERR_STORE);
    return good;
}

static bool add_leaves(struct request *rq, int log, uint64_t from, uint64_t to, struct merkle *m)
{
    struct leaf_range_rows rows;
    struct hash h;
    q_leaf_range(rq, &(struct leaf_range_args){.log = v_int(log), .from = v_int((int64_t)from), .to = v_int((int64_t)to)}, &rows);
    if (!rq->err && rows.n != to - from)
        rq_fail(rq, ERR_STORE);
    for (size_t i = 0; i < rows.n && !rq->err; i++)
        if (take_hash(rq, rows.row[i].hash, &h))
            merkle_add(m, &h, NULL);
    return !rq->err;
}

static bool add_tiles(struct request *rq, int log, uint64_t from, uint64_t to, struct merkle *m)
{
    struct leaf_tile_range_rows rows;
    struct hash h;
    q_leaf_tile_range(rq, &(struct leaf_tile_range_args){.log = v_int(log), .from = v_int((int64_t)from), .to = v_int((int64_t)to)}, &rows);
    if (!rq->err && rows.n != to - from)
        rq_fail(rq, ERR_STORE);
    for (size_t i = 0; i < rows.n && !rq->err; i++)
        if (take_hash(rq, rows.row[i].hash, &h))
            merkle_add_tile(m, &h);
    return !rq->err;
}

/* Leaves from … to-1; from is a multiple of TILE, or they lie within one tile. */
static bool add_range(struct request *rq, int log, uint64_t from, uint64_t to, struct merkle *m)
{
    while (to - from >= TILE && !(from % TILE)) {
        uint64_t tiles = (to - from) / TILE < PAGE ? (to - from) / TILE : PAGE;
        if (!add_tiles(rq, log, from / TILE, from / TILE + tiles, m))
            return false;
        from += tiles * TILE;
    }
    return from == to || add_leaves(rq, log, from, to, m);
}

bool leaves_range(void *ctx, uint64_t from, uint64_t to, struct hash *out)
{
    struct leaves *l = ctx;
    struct merkle m = {0};
    if (!add_range(l->rq, l->log, from, to, &m))
        return false;
    *out = merkle_root(&m);
    return true;
}

/* ---- heads ---- */

void head_registry(char out[17])
{
    char hex[65];
    hash_hex(true, T("register"), T(""), hex);
    memcpy(out, hex, 16);
    out[16] = '\0';
}

void head_statement(const struct log_head *h, struct text registry, struct buf *out)
{
    char root[2 * HASH_BYTES + 1];
    buf_printf(out, "bereg log heads 1\nregister %.*s\nat %lld\n", TEXT_ARG(registry), (long long)h->at);
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        hash_print(&h->root[log], root);
        buf_printf(out, "%s %llu %s\n", log_table(log)->name, (unsigned long long)h->n[log], root);
    }
}

/* The rest of the line behind `name` and a blank. */
static bool line_of(struct text *rest, const char *name, struct text *out)
{
    size_t n = strlen(name);
    if (!text_split(rest, '\n', out) || out->n <= n || memcmp(out->s, name, n) != 0 || out->s[n] != ' ')
        return false;
    *out = (struct text){out->s + n + 1, out->n - n - 1};
    return true;
}

bool head_parse(struct text statement, struct log_head *out, struct text *registry)
{
    struct text line, word, rest = statement;
    int64_t n;
    *out = (struct log_head){0};
    if (!line_of(&rest, "bereg log heads", &line) || !text_is(line, "1") || !line_of(&rest, "register", registry) ||
        !line_of(&rest, "at", &line) || text_int(line, 0, INT64_MAX, &out->at))
        return false;
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        if (!line_of(&rest, log_table(log)->name, &line) || !text_split(&line, ' ', &word) || text_int(word, 0, INT64_MAX, &n) ||
            !hash_parse(line, &out->root[log]))
            return false;
        out->n[log] = (uint64_t)n;
    }
    return rest.n == 0;
}

bool head_of_row(const struct value *cells, struct log_head *out)
{
    enum { ID, AT, EVENT_N, EVENT_ROOT, READ_N, READ_ROOT, KEY, SIGNATURE };
    struct text key = v_as_text(cells[KEY]), signature = v_as_text(cells[SIGNATURE]);
    *out = (struct log_head){.at = v_as_int(cells[AT])};
    out->n[LOG_EVENT] = (uint64_t)v_as_int(cells[EVENT_N]);
    out->n[LOG_READ] = (uint64_t)v_as_int(cells[READ_N]);
    if (key.n >= sizeof out->key || signature.n >= sizeof out->signature || !hash_parse(v_as_text(cells[EVENT_ROOT]), &out->root[LOG_EVENT]) ||
        !hash_parse(v_as_text(cells[READ_ROOT]), &out->root[LOG_READ]))
        return false;
    memcpy(out->key, key.s, key.n);
    memcpy(out->signature, signature.s, signature.n);
    return true;
}

/* The pair of a data key: a register's signatures last as long as its sealed data. */
static void signing_pair(const struct seal_key *k, unsigned char public[crypto_sign_PUBLICKEYBYTES], unsigned char secret[crypto_sign_SECRETKEYBYTES])
{
    static const char purpose[] = "bereg log heads";
    unsigned char seed[crypto_sign_SEEDBYTES];
    crypto_generichash(seed, sizeof seed, (const unsigned char *)purpose, sizeof purpose, k->box, sizeof k->box);
    crypto_sign_seed_keypair(public, secret, seed);
    sodium_memzero(seed, sizeof seed);
}

bool head_key_ours(const char *key)
{
    for (unsigned number = 1; number <= KEYS_MOST; number++) {
        const struct seal_key *k = key_numbered(number);
        unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
        char hex[2 * crypto_sign_PUBLICKEYBYTES + 1];
        if (!k)
            continue;
        signing_pair(k, public, secret);
        sodium_memzero(secret, sizeof secret);
        sodium_bin2hex(hex, sizeof hex, public, sizeof public);
        if (strcmp(hex, key) == 0)
            return true;
    }
    return false;
}

bool head_signed(const struct log_head *h, struct text statement)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];
    size_t n, k;
    return sodium_hex2bin(public, sizeof public, h->key, strlen(h->key), NULL, &n, NULL) == 0 && n == sizeof public &&
           sodium_hex2bin(signature, sizeof signature, h->signature, strlen(h->signature), NULL, &k, NULL) == 0 && k == sizeof signature &&
           crypto_sign_verify_detached(signature, (const unsigned char *)statement.s, statement.n, public) == 0;
}

static bool sign(struct request *rq, struct log_head *h)
{
    const struct seal_key *k = key_in_use(rq->now);
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    char registry[17];
    struct buf b = BUF(1000);
    if (!k)
        return rq_fail(rq, ERR_INTERNAL) == OK;
    signing_pair(k, public, secret);
    head_registry(registry);
    head_statement(h, text_of(registry), &b);
    crypto_sign_detached(signature, NULL, (const unsigned char *)b.s, b.n, secret);
    sodium_memzero(secret, sizeof secret);
    sodium_bin2hex(h->key, sizeof h->key, public, sizeof public);
    sodium_bin2hex(h->signature, sizeof h->signature, signature, sizeof signature);
    buf_free(&b);
    return true;
}

/* ---- sealing ---- */

static int64_t last_sealed(struct request *rq, int log)
{
    union leaf_last_row last;
    return q_leaf_last(rq, &(struct leaf_last_args){.log = v_int(log)}, &last) ? v_as_int(last.row_id) : 0;
}

/* What one sealer knows of the trees. Another may go on with them meanwhile: then it reads them again. */
struct sealer {
    struct store *store;
    struct merkle tree[LOG_END];
    bool known[LOG_END];
    int64_t last[LOG_END];       /* rows up to here have been looked at */
    int64_t whole_at, signed_at; /* monotonic; 0: not yet in this process, which begins behind the last leaf */
    bool fresh;                  /* leaves without a head */
};

static void know_tree(struct request *rq, struct sealer *s, int log)
{
    uint64_t n = leaves_count(rq, log);
    if (rq->err || (s->known[log] && s->tree[log].n == n))
        return;
    s->tree[log] = (struct merkle){0};
    s->known[log] = add_range(rq, log, 0, n, &s->tree[log]);
}

/* SQLite has one writer, so numbers come in the order of commits. On PostgreSQL a lower number may yet appear. */
static int64_t behind(const struct sealer *s, int log)
{
    if (store_engine(s->store) == ENGINE_SQLITE)
        return s->last[log];
    return s->last[log] > BEHIND ? s->last[log] - BEHIND : 0;
}

/* Numbers of rows without a leaf, the lowest first. *last: the last row of the log, if these are all. */
static size_t unsealed(struct request *rq, int log, int64_t after, int64_t ids[ROWS], int64_t *last)
{
    struct unsealed_events_rows events = {0};
    struct unsealed_reads_rows reads = {0};
    union event_last_row event = {0};
    union read_last_row read = {0};
    if (log == LOG_EVENT) {
        q_event_last(rq, &(struct event_last_args){0}, &event);
        q_unsealed_events(rq, &(struct unsealed_events_args){.after = v_int(after), .rows = v_int(ROWS)}, &events);
    } else {
        q_read_last(rq, &(struct read_last_args){0}, &read);
        q_unsealed_reads(rq, &(struct unsealed_reads_args){.after = v_int(after), .rows = v_int(ROWS)}, &reads);
    }
    *last = v_as_int(log == LOG_EVENT ? event.id : read.id);
    for (size_t i = 0; i < events.n; i++)
        ids[i] = v_as_int(events.row[i].id);
    for (size_t i = 0; i < reads.n; i++)
        ids[i] = v_as_int(reads.row[i].id);
    return events.n + reads.n;
}

/* Hashes of the rows, read along the log: as a rule they lie side by side. */
static size_t hash_rows(struct request *rq, int log, const int64_t *ids, size_t n, struct hash *out)
{
    const struct table *t = log_table(log);
    struct buf b = BUF(ENTRY_MAX);
    size_t done = 0;
    while (done < n && !rq->err) {
        struct cells rows;
        enum err err = conn_walk(rq->conn, t, ids[done] - 1, (int64_t)(n - done), rq->arena, &rows);
        if (err)
            rq_fail(rq, err);
        size_t before = done;
        for (size_t i = 0; !err && i < rows.rows && done < n; i++) {
            const struct value *cells = rows.v + i * t->n_fields;
            if (v_as_int(cells[0]) != ids[done])
                continue;
            buf_clear(&b);
            log_entry(log, cells, &b);
            if (buf_end(&b))
                rq_fail(rq, ERR_LIMIT);
            out[done++] = merkle_leaf(buf_get(&b));
        }
        if (done == before) /* dropped by retention meanwhile */
            break;
    }
    buf_free(&b);
    return rq->err ? 0 : done;
}

static void write_leaf(struct change *ch, int log, struct merkle *m, int64_t row, const struct hash *h)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash tile;
    hash_print(h, hex);
    union leaf_record r = {.log = v_int(log), .n = v_int((int64_t)m->n), .row_id = v_int(row), .hash = v_z(hex)};
    change_write(ch, &leaf_table, r.v);
    if (merkle_add(m, h, &tile)) {
        hash_print(&tile, hex);
        union leaf_tile_record t = {.log = v_int(log), .n = v_int((int64_t)(m->n / TILE) - 1), .hash = v_z(hex)};
        change_write(ch, &leaf_tile_table, t.v);
    }
}

/* A change of the trees that only one sealer makes. False: another was there first. Leaves may be lost with the power, until a head
 * has been signed over them: its commit waits for the disk, and so for theirs. */
static bool alone(struct request *rq, struct change *ch, struct sealer *s, bool signs)
{
    bool same = true;
    if (signs)
        change_begin(rq, ch, NO_SUBJECT);
    else
        change_begin_index(rq, ch);
    change_lock_for(ch, LOCK_LEAVES);
    for (int log = LOG_EVENT; log < LOG_END; log++)
        if (s->known[log] && leaves_count(rq, log) != s->tree[log].n)
            same = s->known[log] = false;
    ch->events++; /* the log tells of others, not of itself */
    return same;
}

/* From the row behind *at on; false when nothing is left. Where another sealer was there first, the same rows once more. */
static bool seal_some(struct request *rq, struct sealer *s, int log, int64_t *at)
{
    int64_t ids[ROWS], last;
    struct hash h[ROWS];
    struct change ch;
    know_tree(rq, s, log);
    size_t found = unsealed(rq, log, *at, ids, &last);
    size_t n = hash_rows(rq, log, ids, found, h);
    if (!found && !rq->err)
        s->last[log] = last;
    if (!n || rq->err)
        return false;
    struct merkle grown = s->tree[log];
    bool same = alone(rq, &ch, s, false);
    for (size_t i = 0; same && i < n && !rq->err; i++)
        write_leaf(&ch, log, &grown, ids[i], &h[i]);
    if (change_commit(&ch))
        return false;
    if (same) {
        s->tree[log] = grown;
        *at = ids[n - 1];
        s->fresh = true;
    }
    return true;
}

static void write_head(struct request *rq, struct sealer *s)
{
    struct log_head h = {.at = rq->now};
    struct change ch;
    char root[LOG_END][2 * HASH_BYTES + 1];
    for (int log = LOG_EVENT; log < LOG_END; log++) {
        know_tree(rq, s, log);
        h.n[log] = s->tree[log].n;
        h.root[log] = merkle_root(&s->tree[log]);
        hash_print(&h.root[log], root[log]);
    }
    if (rq->err)
        return;
    bool same = alone(rq, &ch, s, true);
    if (same && sign(rq, &h)) {
        union log_head_record r = {.at = v_instant(h.at),
                                   .event_n = v_int((int64_t)h.n[LOG_EVENT]),
                                   .event_root = v_z(root[LOG_EVENT]),
                                   .read_n = v_int((int64_t)h.n[LOG_READ]),
                                   .read_root = v_z(root[LOG_READ]),
                                   .key = v_z(h.key),
                                   .signature = v_z(h.signature)};
        change_write(&ch, &log_head_table, r.v);
    }
    if (change_commit(&ch) == OK && same)
        s->fresh = false;
}

static enum err begin(struct sealer *s)
{
    struct request rq;
    struct fault fault = {0};
    enum err err = request_open(s->store, NULL, &rq, &fault);
    if (err)
        return err;
    for (int log = LOG_EVENT; log < LOG_END; log++)
        s->last[log] = last_sealed(&rq, log);
    err = rq.err;
    request_close(&rq);
    if (!err)
        s->whole_at = clock_monotonic();
    return err;
}

static enum err round_of(struct sealer *s, bool sign_now)
{
    struct request rq;
    struct fault fault = {0};
    int64_t now = clock_monotonic();
    bool more = true, whole = s->whole_at && store_engine(s->store) != ENGINE_SQLITE && now - s->whole_at > WHOLE_S * 1000000LL;
    int64_t at[LOG_END];
    enum err err = s->whole_at ? OK : begin(s);
    for (int log = LOG_EVENT; log < LOG_END; log++)
        at[log] = whole ? 0 : behind(s, log);
    while (more && !err) {
        err = request_open(s->store, NULL, &rq, &fault);
        if (err)
            break;
        more = false;
        for (int log = LOG_EVENT; log < LOG_END; log++)
            more |= seal_some(&rq, s, log, &at[log]);
        int64_t since = now - s->signed_at;
        bool due = s->fresh && (!s->signed_at || since > SIGN_S * 1000000LL);
        if (!more && !rq.err && (sign_now || due || since > IDLE_S * 1000000LL)) {
            write_head(&rq, s);
            s->signed_at = now;
        }
        err = rq.err;
        request_close(&rq);
    }
    if (err)
        s->known[LOG_EVENT] = s->known[LOG_READ] = false;
    else if (whole)
        s->whole_at = now;
    return err;
}

/* For a command that has changed something. */
enum err log_seal(struct store *store, bool sign_too)
{
    struct sealer *s = calloc(1, sizeof *s);
    enum err err = s ? OK : ERR_INTERNAL;
    if (!err) {
        s->store = store;
        s->signed_at = clock_monotonic();
        err = round_of(s, sign_too);
    }
    if (!err && s->fresh)
        err = round_of(s, true);
    free(s);
    return err;
}

/* ---- the thread ---- */

static struct {
    struct sealer sealer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool running, stop;
} own = {.lock = PTHREAD_MUTEX_INITIALIZER, .ends = PTHREAD_COND_INITIALIZER};

static void *run(void *unused)
{
    (void)unused;
    pthread_setname_np(pthread_self(), "sealer");
    for (bool stop = false; !stop;) {
        enum err err = round_of(&own.sealer, false);
        if (err && err != ERR_BUSY)
            log_error("the logs could not be sealed: %s", err_name(err));
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_mutex_lock(&own.lock);
        if (!own.stop)
            pthread_cond_timedwait(&own.ends, &own.lock, &until);
        stop = own.stop;
        pthread_mutex_unlock(&own.lock);
    }
    enum err err = round_of(&own.sealer, own.sealer.fresh);
    if (!err && own.sealer.fresh)
        err = round_of(&own.sealer, true);
    if (err)
        log_error("the logs could not be sealed at the end: %s", err_name(err));
    return NULL;
}

enum err sealer_start(struct store *store)
{
    own.sealer = (struct sealer){.store = store};
    own.stop = false;
    if (pthread_create(&own.thread, NULL, run, NULL))
        return ERR_INTERNAL;
    own.running = true;
    return OK;
}

void sealer_stop(void)
{
    if (!own.running)
        return;
    pthread_mutex_lock(&own.lock);
    own.stop = true;
    pthread_cond_signal(&own.ends);
    pthread_mutex_unlock(&own.lock);
    pthread_join(own.thread, NULL);
    own.running = false;
}
