/* Pairs that may be one person. The job walks the register once, and again after each new model, then follows the event log: whoever
 * has come or changed is compared anew. A pair that was judged "not the same" comes back only when what is compared has changed
 * since and speaks for it more than before. */
#include "rooms/duplicates/duplicates_pairs.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include "rooms/duplicates/duplicates_rules.h"
#include "rooms/packs/packs.h"
#include <math.h>
#include <time.h>

enum {
    SLICE_US = 20 * 1000,
    PERSONS = 200, /* read at a time */
    EVENTS = 2000,
    LATE = 200, /* events that are read once more */
    IDENTITY = CLASS_BIT(CLASS_IDENTITY)
};

/* ---- the packs ---- */

static struct {
    bool sure;     /* pairs that are sure are joined by rule */
    int64_t least; /* tenths of bits that they need */
} joining = {.least = 300}, joining_taken;

static void joining_begin(void)
{
    joining_taken.sure = false;
    joining_taken.least = 300;
}

static enum err joining_take(const struct pack_entry *e, struct fault *fault)
{
    struct text sure = pack_prop(e, "sure"), bits = pack_prop(e, "bits");
    int64_t n = 30;
    for (size_t i = 0; i < e->n; i++)
        if (!text_is(e->props[i].name, "sure") && !text_is(e->props[i].name, "bits"))
            return pack_wrong(e, fault, "there is no such property here", e->props[i].name);
    if (!text_is(e->key, "pairs"))
        return pack_wrong(e, fault, "there is only [joining pairs], not", e->key);
    if (!text_is(sure, "yes") && !text_is(sure, "no"))
        return pack_wrong(e, fault, "sure is yes or no, not", sure);
    if (bits.n && text_int(bits, 10, 1000, &n))
        return pack_wrong(e, fault, "bits is a number from 10 to 1000, not", bits);
    joining_taken.sure = text_is(sure, "yes");
    joining_taken.least = n * 10;
    return OK;
}

static void joining_done(void)
{
    joining.sure = joining_taken.sure;
    joining.least = joining_taken.least;
}

const struct pack_section joining_sections[] = {
    {"joining", joining_begin, joining_take, joining_done}, {0}};

/* ---- a pair ---- */

static struct text compared_now(struct request *rq, int64_t a, int64_t b)
{
    return seal_digest(rq, "likely_pair.compared",
                       arena_printf(rq->arena, "%.*s|%.*s", TEXT_ARG(person_compared(rq, a)),
                                    TEXT_ARG(person_compared(rq, b))));
}

static void tell(struct change *ch, const char *kind, int64_t id, int64_t person)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .classes = person ? IDENTITY : 0,
                                     .table = &likely_pair_table,
                                     .object = id});
}

/* Offers a pair, or weighs one anew. */
static void put_pair(struct change *ch, int64_t person, const struct alike *found)
{
    struct request *rq = ch->rq;
    int64_t a = person < found->person ? person : found->person;
    int64_t b = person < found->person ? found->person : person;
    int64_t bits = lround(found->bits * 10);
    union pair_of_row now;
    union likely_pair_record r = {.bits = v_int(bits),
                                  .sure = v_int(found->verdict == ALIKE_SAME)};
    if (!alike_enough(&found->why))
        return;
    bool there = q_pair_of(rq, &(struct pair_of_args){.a = v_int(a), .b = v_int(b)}, &now);
    bool open = there && text_is(v_as_text(now.state), "open");
    if (there && !open && !text_is(v_as_text(now.state), "not_same"))
        return;
    if (open && v_as_int(now.bits) == bits)
        return;
    if (there && !open) { /* judged: only new facts that speak for it bring it back */
        struct text compared = compared_now(rq, a, b);
        if (text_eq(compared, v_as_text(now.compared)) || bits <= v_as_int(now.bits))
            return;
        r.state = v_z("open");
        r.body_id = r.account_id = r.reason = v_null();
        r.compared = v_text(compared);
        r.found_at = v_instant(rq->now);
    }
    if (there) {
        change_update(ch, &likely_pair_table, v_as_int(now.id), -1, r.v);
        tell(ch, open ? "pair.weighed" : "pair.found", v_as_int(now.id), 0);
        return;
    }
    r.person_id = v_int(a);
    r.other_id = v_int(b);
    r.state = v_z("open");
    r.compared = v_text(compared_now(rq, a, b));
    r.found_at = v_instant(rq->now);
    tell(ch, "pair.found", change_insert(ch, &likely_pair_table, r.v), 0);
}

/* Of which cards the body sees who it is. */
static enum knows body_knows(struct request *rq, int64_t body, int64_t a, int64_t b)
{
    return (enum knows)((access_bits(rq, body, a) & IDENTITY ? KNOWS_FIRST : 0) |
                        (access_bits(rq, body, b) & IDENTITY ? KNOWS_SECOND : 0));
}

bool pair_open(struct request *rq, int64_t id, union pair_get_row *out, enum knows *knows)
{
    *knows = KNOWS_NONE;
    if (!q_pair_get(rq, &(struct pair_get_args){.id = v_int(id)}, out)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return false;
    }
    int64_t a = v_as_int(out->person_id), b = v_as_int(out->other_id);
    if (!access_hidden(rq, a) && !access_hidden(rq, b))
        *knows = body_knows(rq, rq->viewer.body, a, b);
    if (!*knows)
        rq_fail(rq, ERR_NOT_FOUND);
    return *knows != KNOWS_NONE;
}

/* The pair inside a change, still to be decided. */
static bool begin(struct request *rq, struct change *ch, int64_t id, struct text reason,
                  union pair_get_row *p, enum knows *knows)
{
    if (!rq_may(rq, CAP_JOIN_PERSONS)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return false;
    }
    change_begin(rq, ch, SUBJECT(&likely_pair_table, id));
    if (!pair_open(rq, id, p, knows))
        return true;
    if (!text_is(v_as_text(p->state), "open"))
        rq_refuse(rq, N_("This pair has been decided already"));
    else if (!text_trim(reason).n)
        rq_mistake(rq, "reason", N_("Write why"));
    return true;
}

static void decide(struct change *ch, int64_t id, int64_t version, const char *state,
                   struct text reason, const union pair_get_row *p)
{
    struct request *rq = ch->rq;
    int64_t a = v_as_int(p->person_id), b = v_as_int(p->other_id);
    union likely_pair_record r = {.state = v_z(state),
                                  .reason = v_text(text_trim(reason)),
                                  .body_id = v_int(rq->viewer.body),
                                  .account_id = v_int(rq->viewer.account),
                                  .decided_at = v_instant(rq->now)};
    if (!rq->err)
        r.compared = v_text(compared_now(rq, a, b));
    change_update(ch, &likely_pair_table, id, version, r.v);
    const char *kind = *state == 'n' ? "pair.parted" : "pair.confirmed";
    tell(ch, kind, id, a);
    tell(ch, kind, id, b);
}

void pair_part(struct request *rq, int64_t id, int64_t version, struct text reason)
{
    struct change ch;
    union pair_get_row p = {0};
    enum knows knows;
    if (!begin(rq, &ch, id, reason, &p, &knows))
        return;
    decide(&ch, id, version, "not_same", reason, &p);
    (void)change_commit(&ch);
}

void pair_confirm(struct request *rq, int64_t id, int64_t version, struct text reason)
{
    struct change ch;
    union pair_get_row p = {0};
    enum knows knows;
    if (!begin(rq, &ch, id, reason, &p, &knows))
        return;
    bool said = v_is(p.body_id);
    if (!rq->err && said && v_as_int(p.body_id) == rq->viewer.body)
        rq_refuse(rq, N_("Your body has said so already: the other side has not answered yet"));
    /* together they must know both cards, today: two bodies that know the same one decide nothing of the other */
    if (!rq->err && said &&
        (knows | body_knows(rq, v_as_int(p.body_id), v_as_int(p.person_id), v_as_int(p.other_id))) != KNOWS_BOTH)
        rq_refuse(rq, N_("The body that knows the other card has not answered yet"));
    decide(&ch, id, version, said ? "agreed" : "open", reason, &p);
    (void)change_commit(&ch);
}

/* ---- joining by the job ---- */

static bool restricted(struct request *rq, int64_t person)
{
    union person_restricted_row row;
    return q_person_restricted(rq, &(struct person_restricted_args){.person = v_int(person)}, &row);
}

/* The card that stands by a document is kept, else the older one. What cannot be joined goes back to people. */
static void join(struct request *rq, int64_t pair, int64_t a, int64_t b, struct text words)
{
    struct change ch;
    union person_record first, second;
    if (restricted(rq, a) || restricted(rq, b) || !card_get(rq, a, &first) || !card_get(rq, b, &second))
        return;
    if (v_is(first.merged_into) || v_is(second.merged_into))
        return;
    bool paper = text_is(v_as_text(first.identity_status), "document");
    bool other_paper = text_is(v_as_text(second.identity_status), "document");
    bool turn = other_paper && !paper;
    struct merge_wish w = {.kept = turn ? b : a,
                           .gone = turn ? a : b,
                           .kept_version = v_as_int(turn ? second.version : first.version),
                           .gone_version = v_as_int(turn ? first.version : second.version),
                           .words = words};
    merge_defaults(rq, turn ? &second : &first, turn ? &first : &second, w.take);
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_alone(&ch, SUBJECT(&person_table, a < b ? a : b));
    change_lock_alone(&ch, SUBJECT(&person_table, a < b ? b : a));
    if (restricted(rq, a) || restricted(rq, b)) /* in this moment */
        rq_fail(rq, ERR_STALE);
    else
        (void)person_merge(&ch, &w);
    enum err err = change_commit(&ch);
    if (err == OK)
        return;
    if (err == ERR_STALE) { /* somebody was at a card: the next run looks again */
        rq->err = OK;
        rq->mistakes = NULL;
        return;
    }
    log_info("pair %lld was not joined: %s", (long long)pair, rq->reason ? rq->reason : err_name(rq->err));
    rq->err = rq->err == ERR_BUSY ? rq->err : OK;
    rq->reason = NULL;
    rq->mistakes = NULL;
    change_begin(rq, &ch, SUBJECT(&likely_pair_table, pair));
    union likely_pair_record r = {.state = v_z("open"),
                                  .sure = v_int(0),
                                  .body_id = v_null(),
                                  .account_id = v_null()};
    change_update(&ch, &likely_pair_table, pair, -1, r.v);
    tell(&ch, "pair.found", pair, 0);
    (void)change_commit(&ch);
}

static void join_agreed(struct request *rq)
{
    int64_t after = 0;
    for (bool more = true; more && !rq->err;) {
        struct pairs_agreed_rows rows = {0};
        q_pairs_agreed(rq, &(struct pairs_agreed_args){.after = v_int(after)}, &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++) {
            after = v_as_int(rows.row[i].id);
            join(rq, after, v_as_int(rows.row[i].person_id), v_as_int(rows.row[i].other_id),
                 v_as_text(rows.row[i].reason));
        }
        more = rows.n == 50;
    }
}

static bool agrees(const struct alike *a, enum alike_field f, int most)
{
    const struct link_kind_info *k = &link_kinds[alike_fields[f].kind];
    for (int l = 0; a->why.field[f].level && l <= most; l++)
        if (strcmp(a->why.field[f].level, k->levels[l]) == 0)
            return true;
    return false;
}

/* Whatever the weights say, nobody is joined without a look whose date of birth, surname and given name are not the same. */
static bool beyond_doubt(const struct alike *a)
{
    return a->verdict == ALIKE_SAME && !a->other_name && a->bits * 10 >= (double)joining.least &&
           agrees(a, ALIKE_BORN, 0) && agrees(a, ALIKE_FAMILY, link_kinds[LINK_FAMILY].agree) &&
           agrees(a, ALIKE_GIVEN, link_kinds[LINK_GIVEN].agree);
}

static void join_sure(struct request *rq)
{
    int64_t after = 0;
    for (bool more = joining.sure; more && !rq->err;) {
        struct pairs_sure_rows rows = {0};
        q_pairs_sure(
            rq, &(struct pairs_sure_args){.least = v_int(joining.least), .after = v_int(after)},
            &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++) {
            struct alike now;
            int64_t a = v_as_int(rows.row[i].person_id), b = v_as_int(rows.row[i].other_id);
            after = v_as_int(rows.row[i].id);
            /* as they are today, not as they were when found */
            if (person_compare(rq, a, b, &now) && beyond_doubt(&now))
                join(rq, after, a, b, T(N_("Joined by rule: the cards agree beyond doubt")));
        }
        more = rows.n == 50;
    }
}

/* ---- the walk ---- */

static int64_t position(struct request *rq, const char *name)
{
    union setting_get_row row;
    int64_t at = -1;
    if (q_setting_get(rq, &(struct setting_get_args){.name = v_z(name)}, &row) &&
        text_int(v_as_text(row.value), -1, INT64_MAX, &at))
        at = -1;
    return at;
}

static void put_position(struct change *ch, const char *name, int64_t at)
{
    w_setting_put(ch, &(struct setting_put_args){
                          .name = v_z(name),
                          .value = v_text(arena_printf(ch->rq->arena, "%lld", (long long)at))});
}

/* What came of comparing one person. */
struct finding {
    int64_t person;
    size_t n;
    struct alike found[ALIKE_MOST];
};

static bool compare(struct request *rq, int64_t person, struct finding *f)
{
    union person_record p;
    f->person = person;
    f->n = 0;
    if (!card_get(rq, person, &p) || v_is(p.merged_into))
        return false;
    f->n = person_alike(rq, &p, person, ALIKE_WIDE, f->found);
    return f->n > 0;
}

static bool concerns(struct text kind)
{
    return text_starts(kind, "person."); /* also joined and parted: both cards say something else then */
}

/* Writes what was found, and how far the work has come, unless another node was faster. */
static void write_slice(struct request *rq, const char *name, int64_t was, int64_t at,
                        const struct finding *f, size_t n)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_PAIRS);
    if (position(rq, name) == was) {
        for (size_t i = 0; i < n && !rq->err; i++)
            for (size_t k = 0; k < f[i].n; k++)
                put_pair(&ch, f[i].person, &f[i].found[k]);
        put_position(&ch, name, at);
    }
    ch.events++; /* each pair has its own */
    (void)change_commit(&ch);
}

/* The work is for the night: it takes a third of a processor at most. */
static void let_others(int64_t worked_us)
{
    int64_t pause = 2 * worked_us + 1000;
    nanosleep(&(struct timespec){.tv_sec = pause / 1000000, .tv_nsec = pause % 1000000 * 1000}, NULL);
}

/* Compares the persons; marks[i] is how far the work has come behind the i-th. */
static void compare_all(struct request *rq, const char *name, const int64_t *persons,
                        const int64_t *marks, size_t n)
{
    enum { FOUND = 16 };
    struct arena *outer = rq->arena, *scratch = arena_new();
    struct finding *f = arena_array(outer, FOUND, sizeof *f);
    int64_t was = position(rq, name);
    rq->arena = scratch;
    for (size_t i = 0; i < n && rq_goes_on(rq);) {
        size_t found = 0;
        int64_t began = clock_monotonic();
        for (; i < n && found < FOUND && clock_monotonic() - began < SLICE_US; i++) {
            if (persons[i])
                found += compare(rq, persons[i], &f[found]);
            arena_reset(scratch); /* what was found holds nothing of it */
        }
        write_slice(rq, name, was, marks[i - 1], f, found);
        arena_reset(scratch);
        was = marks[i - 1];
        let_others(clock_monotonic() - began);
    }
    rq->arena = outer;
    arena_free(scratch);
}

/* All persons, once for each model. */
static bool walk(struct request *rq)
{
    struct pairs_persons_rows rows = {0};
    int64_t at = position(rq, "pairs_person"), *ids;
    q_pairs_persons(rq, &(struct pairs_persons_args){.after = v_int(at), .rows = v_int(PERSONS)}, &rows);
    ids = arena_array(rq->arena, rows.n + 1, sizeof *ids);
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = v_as_int(rows.row[i].id);
    if (rows.n)
        compare_all(rq, "pairs_person", ids, ids, rows.n);
    return rows.n == PERSONS;
}

static bool follow(struct request *rq)
{
    struct pairs_events_rows rows = {0};
    int64_t at = position(rq, "pairs_event"), *ids, *marks;
    /* numbers are given before the commit: some events back may have come behind what was read */
    q_pairs_events(rq,
                   &(struct pairs_events_args){.after = v_int(at > LATE ? at - LATE : 0), .rows = v_int(EVENTS)},
                   &rows);
    if (!rows.n || v_as_int(rows.row[rows.n - 1].id) <= at)
        return false;
    ids = arena_array(rq->arena, rows.n + 1, sizeof *ids);
    marks = arena_array(rq->arena, rows.n + 1, sizeof *marks);
    for (size_t i = 0; i < rows.n; i++) {
        marks[i] = v_as_int(rows.row[i].id);
        ids[i] = concerns(v_as_text(rows.row[i].kind)) ? v_as_int(rows.row[i].person_id) : 0;
        for (size_t k = i > 50 ? i - 50 : 0; k < i && ids[i]; k++) /* one person, several events */
            if (ids[k] == ids[i])
                ids[k] = 0;
    }
    bool any = false;
    for (size_t i = 0; i < rows.n; i++)
        any = any || ids[i];
    if (any)
        compare_all(rq, "pairs_event", ids, marks, rows.n);
    else /* nothing to compare: keep the place, but not for the own events alone */
        write_slice(rq, "pairs_event", at, marks[rows.n - 1], NULL, 0);
    return rows.n == EVENTS;
}

/* A first start, or a new model: the walk begins, and the log is followed from here. */
static void start(struct request *rq)
{
    union link_model_newest_row model = {0};
    union pairs_last_event_row last = {0};
    bool learnt = q_link_model_newest(rq, NULL, &model);
    int64_t id = learnt ? v_as_int(model.id) : 0;
    if (position(rq, "pairs_model") == id)
        return;
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_PAIRS);
    (void)q_pairs_last_event(rq, NULL, &last);
    put_position(&ch, "pairs_model", id);
    put_position(&ch, "pairs_person", 0);
    if (position(rq, "pairs_event") < 0)
        put_position(&ch, "pairs_event", v_as_int(last.id));
    ch.events++;
    (void)change_commit(&ch);
}

/* A list that is being read, checked or applied goes first; its persons are compared when it is done. */
static bool waits(struct request *rq)
{
    union pairs_wait_row list;
    return q_pairs_wait(rq, NULL, &list);
}

void pairs_job(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    rq->arena = mine;
    start(rq);
    for (bool more = true; more && rq_goes_on(rq) && !waits(rq);) {
        more = walk(rq);
        arena_reset(mine);
    }
    for (bool more = true; more && rq_goes_on(rq) && !waits(rq);) {
        more = follow(rq);
        arena_reset(mine);
    }
    join_agreed(rq);
    join_sure(rq);
    rq->arena = outer;
    arena_free(mine);
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT)
        rq->err = OK; /* another node is at the same work */
}

/* ---- with joinings ---- */

void pairs_person_merged(struct change *ch, int64_t kept, int64_t gone)
{
    w_pairs_joined(ch, &(struct pairs_joined_args){.a = v_int(kept < gone ? kept : gone),
                                                   .b = v_int(kept < gone ? gone : kept)});
    w_pairs_stop(ch, &(struct pairs_stop_args){.gone = v_int(gone)});
}

void pairs_parted(struct change *ch, int64_t kept, int64_t gone, struct text why)
{
    struct request *rq = ch->rq;
    int64_t a = kept < gone ? kept : gone, b = kept < gone ? gone : kept;
    union pair_of_row now;
    struct alike found = {.person = b};
    bool there = q_pair_of(rq, &(struct pair_of_args){.a = v_int(a), .b = v_int(b)}, &now);
    (void)person_compare(rq, a, b, &found);
    union likely_pair_record r = {.bits = v_int(lround(found.bits * 10)),
                                  .sure = v_int(0),
                                  .state = v_z("not_same"),
                                  .compared = v_text(compared_now(rq, a, b)),
                                  .body_id = rq->viewer.body ? v_int(rq->viewer.body) : v_null(),
                                  .account_id = rq->viewer.account ? v_int(rq->viewer.account) : v_null(),
                                  .reason = v_text_or_null(why),
                                  .decided_at = v_instant(rq->now)};
    if (there) {
        change_update(ch, &likely_pair_table, v_as_int(now.id), -1, r.v);
        return;
    }
    r.person_id = v_int(a);
    r.other_id = v_int(b);
    r.found_at = v_instant(rq->now);
    change_insert(ch, &likely_pair_table, r.v);
}

void pairs_person_erased(struct change *ch, int64_t person)
{
    w_pairs_erased(ch, &(struct pairs_erased_args){.person = v_int(person)});
}
