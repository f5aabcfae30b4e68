/* The read log. Notes of many requests are committed together: while one group is being written the
 * next gathers, and between two groups at least GROUP_US pass, since a commit costs more than many
 * a page. A note that comes after a pause is written at once. */
#include "guard/log.h"
#include "base/log.h"
#include "guard/change.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    GROUP_US = 20 * 1000,
    FOLD_PERSONS = 2000, /* index rows in one change: some ten milliseconds */
    FOLD_ROWS = 100,
    FOLD_TAIL = 50000, /* pages that the search for one person reads through without trouble */
    NIGHT_BEGINS = 1,  /* hours of local time */
    NIGHT_ENDS = 5,
};

struct note {
    int64_t at, account, body, card_of;
    const char *page, *refused; /* refused: no page, but that one was refused */
    struct text persons; /* empty: the page showed nobody */
    const int64_t *watched;
    size_t n_watched;
    enum err err;
    bool done;
    bool alone; /* nobody waits for it; it is freed when it is written */
    struct note *next;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t some, written;
    struct note *first, **end;
    bool running, stop;
    pthread_t thread;
    struct store *store;
} group = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .some = PTHREAD_COND_INITIALIZER,
           .written = PTHREAD_COND_INITIALIZER};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* " 12 15 318 ": each id once, a blank on both sides so that one id can be looked for. */
static struct text packed(struct request *rq)
{
    qsort(rq->seen, rq->n_seen, sizeof *rq->seen, by_number);
    char *s = arena_alloc(rq->arena, rq->n_seen * 21 + 2);
    size_t n = 0;
    s[n++] = ' ';
    for (size_t i = 0; i < rq->n_seen; i++)
        if (!i || rq->seen[i] != rq->seen[i - 1])
            n += (size_t)snprintf(s + n, 22, "%lld ", (long long)rq->seen[i]);
    return (struct text){s, n};
}

static enum err write_refusal(struct conn *c, const struct note *note)
{
    union refusal_note_record r = {.at = v_instant(note->at), .account_id = v_int(note->account), .body_id = v_int(note->body), .kind = v_z(note->refused)};
    return conn_insert(c, &refusal_note_table, r.v, NULL);
}

static enum err write_note(struct conn *c, const struct note *note)
{
    if (note->refused)
        return write_refusal(c, note);
    union read_record r = {
        .at = v_instant(note->at), .page = v_z(note->page), .persons = v_text(note->persons)};
    if (note->account)
        r.account_id = v_int(note->account);
    if (note->body)
        r.body_id = v_int(note->body);
    int64_t id = 0;
    enum err err = note->persons.n ? conn_insert(c, &read_table, r.v, &id) : OK;
    for (size_t i = 0; i < note->n_watched && !err; i++) {
        union search_note_record s = {.at = r.at, .account_id = r.account_id, .body_id = r.body_id, .watched_id = v_int(note->watched[i])};
        if (id)
            s.read_id = v_int(id);
        err = conn_insert(c, &search_note_table, s.v, NULL);
    }
    if (!err && note->card_of) {
        union read_person_record p = {.person_id = v_int(note->card_of), .read_id = v_int(id)};
        err = conn_insert(c, &read_person_table, p.v, NULL);
    }
    return err;
}

static enum err write_group(struct store *store, const struct note *notes)
{
    struct conn *c;
    struct fault fault = {0};
    enum err err = store_writer(store, &c, &fault);
    if (err)
        return err;
    err = conn_begin(c);
    for (const struct note *n = notes; n && !err; n = n->next)
        err = write_note(c, n);
    if (!err)
        err = conn_commit(c);
    if (err)
        conn_rollback(c);
    store_release(store, c);
    return err;
}

static void let_gather(int64_t until)
{
    int64_t rest = until - clock_monotonic();
    if (rest <= 0 || group.stop)
        return;
    pthread_mutex_unlock(&group.lock);
    nanosleep(&(struct timespec){.tv_nsec = (long)rest * 1000}, NULL);
    pthread_mutex_lock(&group.lock);
}

static void *run(void *unused)
{
    (void)unused;
    pthread_setname_np(pthread_self(), "read log");
    pthread_mutex_lock(&group.lock);
    for (int64_t last = 0;;) {
        while (!group.first && !group.stop)
            pthread_cond_wait(&group.some, &group.lock);
        let_gather(last + GROUP_US);
        struct note *notes = group.first;
        if (!notes)
            break;
        last = clock_monotonic();
        group.first = NULL;
        group.end = &group.first;
        pthread_mutex_unlock(&group.lock);
        enum err err = write_group(group.store, notes);
        if (err)
            log_error("the read log could not be written: %s", err_name(err));
        pthread_mutex_lock(&group.lock);
        for (struct note *n = notes, *next; n; n = next) {
            next = n->next; /* its owner may go on as soon as it is done */
            n->err = err;
            n->done = true;
            if (n->alone)
                free(n);
        }
        pthread_cond_broadcast(&group.written);
    }
    pthread_mutex_unlock(&group.lock);
    return NULL;
}

static void hand_over(struct note *note)
{
    *group.end = note;
    group.end = &note->next;
    pthread_cond_signal(&group.some);
}

/* A page that showed nobody waits for no note, so it must not wait for this one either: that would tell that a word is watched. */
static enum err note_search(struct request *rq, const char *page)
{
    struct {
        struct note note;
        int64_t watched[WATCHED_MOST];
    } *own = calloc(1, sizeof *own);
    if (!own)
        return ERR_INTERNAL;
    memcpy(own->watched, rq->watched, sizeof own->watched);
    own->note = (struct note){.at = rq->now,
                              .account = rq->viewer.account,
                              .body = rq->viewer.body,
                              .page = page,
                              .watched = own->watched,
                              .n_watched = rq->n_watched,
                              .alone = true};
    rq->n_watched = 0;
    if (!group.running) {
        enum err err = write_group(rq->store, &own->note);
        free(own);
        return err;
    }
    pthread_mutex_lock(&group.lock);
    hand_over(&own->note);
    pthread_mutex_unlock(&group.lock);
    return OK;
}

void refusal_log(struct request *rq, const char *what)
{
    struct note *note = calloc(1, sizeof *note);
    enum err err = ERR_INTERNAL;
    if (note && rq->viewer.body) {
        *note = (struct note){.at = rq->now, .account = rq->viewer.account, .body = rq->viewer.body, .refused = what, .alone = true};
        if (group.running) {
            pthread_mutex_lock(&group.lock);
            hand_over(note);
            pthread_mutex_unlock(&group.lock);
            return;
        }
        err = write_group(rq->store, note);
    }
    free(note);
    if (err)
        log_error("a refusal could not be noted: %s", err_name(err));
}

enum err read_log(struct request *rq, const char *page, int64_t card_of)
{
    if (rq->viewer.system || (!rq->n_seen && !rq->n_watched))
        return OK;
    if (!rq->n_seen)
        return note_search(rq, page);
    struct note note = {.at = rq->now,
                        .account = rq->viewer.account,
                        .body = rq->viewer.body,
                        .card_of = card_of,
                        .page = page,
                        .persons = packed(rq),
                        .watched = rq->watched,
                        .n_watched = rq->n_watched};
    rq->n_seen = rq->n_watched = 0;
    if (!group.running)
        return write_group(rq->store, &note);
    pthread_mutex_lock(&group.lock);
    hand_over(&note);
    while (!note.done)
        pthread_cond_wait(&group.written, &group.lock);
    pthread_mutex_unlock(&group.lock);
    return note.err;
}

enum err read_log_start(struct store *store)
{
    group.store = store;
    group.first = NULL;
    group.end = &group.first;
    group.stop = false;
    if (pthread_create(&group.thread, NULL, run, NULL))
        return ERR_INTERNAL;
    group.running = true;
    return OK;
}

void read_log_stop(void)
{
    if (!group.running)
        return;
    pthread_mutex_lock(&group.lock);
    group.stop = true;
    pthread_cond_signal(&group.some);
    pthread_mutex_unlock(&group.lock);
    pthread_join(group.thread, NULL);
    group.running = false;
}

int64_t log_id_at(struct request *rq, int64_t instant)
{
    union event_last_row last = {0};
    q_event_last(rq, &(struct event_last_args){0}, &last);
    int64_t low = 1, high = v_as_int(last.id) + 1;
    while (low < high && !rq->err) {
        int64_t middle = low + (high - low) / 2;
        union log_event_from_row e = {0};
        if (!q_log_event_from(rq, &(struct log_event_from_args){.id = v_int(middle)}, &e) ||
            v_as_int(e.at) >= instant)
            high = middle;
        else
            low = v_as_int(e.id) + 1;
    }
    return low;
}

/* ---- the index by person ---- */

static int64_t folded_to(struct request *rq)
{
    union setting_get_row at;
    int64_t id = 0;
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z("read_folded")}, &at) ||
        text_int(v_as_text(at.value), 0, INT64_MAX, &id))
        return 0;
    return id;
}

static bool worth_folding(struct request *rq)
{
    union read_last_row last;
    int64_t hour = (rq->now - instant_of_day(rq->today)) / (3600LL * 1000 * 1000);
    return (hour >= NIGHT_BEGINS && hour < NIGHT_ENDS) ||
           (q_read_last(rq, NULL, &last) && v_as_int(last.id) - folded_to(rq) > FOLD_TAIL);
}

/* How many persons the page showed. */
static size_t fold_page(struct change *ch, const union read_after_row *row)
{
    struct text rest = v_as_text(row->persons), part;
    int64_t person;
    size_t n = 0;
    while (text_split(&rest, ' ', &part))
        if (part.n && text_int(part, 1, INT64_MAX, &person) == OK) {
            w_read_person_put(
                ch, &(struct read_person_put_args){.person = v_int(person), .read = row->id});
            n++;
        }
    return n;
}

/* False when nothing is left. Numbers and times do not run in the same order, and PostgreSQL may
 * yet show a lower number: at the first page of the last minute the folding stops. */
static bool fold_some(struct request *rq)
{
    struct read_after_rows rows = {0};
    struct change ch;
    size_t n = 0, persons = 0;
    int64_t young = rq->now - 60LL * 1000 * 1000;
    q_read_after(
        rq, &(struct read_after_args){.id = v_int(folded_to(rq)), .rows = v_int(FOLD_ROWS)}, &rows);
    if (!rows.n || v_as_int(rows.row[0].at) >= young)
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    while (n < rows.n && persons < FOLD_PERSONS && v_as_int(rows.row[n].at) < young)
        persons += fold_page(&ch, &rows.row[n++]);
    struct text last = arena_printf(rq->arena, "%lld", (long long)v_as_int(rows.row[n - 1].id));
    w_setting_put(&ch,
                  &(struct setting_put_args){.name = v_z("read_folded"), .value = v_text(last)});
    ch.events++; /* an index of the log itself: nothing happened to anybody */
    return change_commit(&ch) == OK;
}

void read_log_fold(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    bool more = worth_folding(rq);
    rq->arena = mine;
    while (more && !rq->err) {
        more = fold_some(rq);
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
}

/* ---- retention ---- */

static void drop_page(struct change *ch, const union read_after_row *row)
{
    struct request *rq = ch->rq;
    struct text rest = v_as_text(row->persons), part;
    int64_t person;
    while (text_split(&rest, ' ', &part))
        if (part.n && text_int(part, 1, INT64_MAX, &person) == OK)
            w_read_person_drop(
                ch, &(struct read_person_drop_args){.person = v_int(person), .read = row->id});
    enum err err = rq->err ? rq->err : conn_delete(rq->conn, &read_table, v_as_int(row->id));
    if (err)
        rq_fail(rq, err);
}

void log_let_go(struct change *ch, const struct table *log, int64_t before)
{
    struct text limit = arena_printf(ch->rq->arena, "%lld", (long long)before);
    w_setting_put(ch, &(struct setting_put_args){.name = v_z(log->drops), .value = v_text(limit)});
}

void log_drop(struct request *rq, int64_t before, bool (*some)(struct request *rq, int64_t before))
{
    struct arena *outer = rq->arena, *mine = arena_new();
    rq->arena = mine;
    while (rq_goes_on(rq) && some(rq, before))
        arena_reset(mine);
    rq->arena = outer;
    arena_free(mine);
}

/* False when nothing is left. What is not in the index yet waits for the night. */
static bool drop_some(struct request *rq, int64_t before)
{
    struct read_after_rows rows = {0};
    struct change ch;
    size_t n = 0;
    int64_t folded = folded_to(rq);
    q_read_after(rq, &(struct read_after_args){.id = v_int(0), .rows = v_int(FOLD_ROWS)}, &rows);
    while (n < rows.n && v_as_int(rows.row[n].at) < before && v_as_int(rows.row[n].id) <= folded)
        n++;
    if (!n)
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    log_let_go(&ch, &read_table, before);
    for (size_t i = 0; i < n && !rq->err; i++)
        drop_page(&ch, &rows.row[i]);
    change_event(&ch, &(struct event){.kind = "retention.reads",
                                      .table = &read_table,
                                      .object = v_as_int(rows.row[n - 1].id)});
    return change_commit(&ch) == OK;
}

void read_log_drop(struct request *rq, int64_t before)
{
    log_drop(rq, before, drop_some);
}
