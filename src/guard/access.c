/* Grants and the access rows merged from them. Nobody else writes these tables. */
#include "guard/access.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <sodium.h>

/* Merged bits of live grants, and the first end among them (0: none ends). */
static uint32_t merge(struct request *rq, int64_t body, int64_t person, int64_t *recheck)
{
    struct grants_live_rows rows;
    q_grants_live(rq, &(struct grants_live_args){.person = v_int(person), .body = v_int(body)},
                  &rows);
    uint32_t bits = 0;
    *recheck = 0;
    for (size_t i = 0; i < rows.n; i++) {
        const union grants_live_row *g = &rows.row[i];
        int64_t until = v_as_int(g->until);
        bits |= v_is(g->due)
                    ? access_rule_of(v_as_text(g->fact), arena_z(rq->arena, v_as_text(g->kind)),
                                     v_as_text(g->reason), g->cap)
                    : (uint32_t)v_as_int(g->classes);
        if (until && (!*recheck || until < *recheck))
            *recheck = until;
    }
    return access_restricted(rq, body, person, bits);
}

static void refresh(struct change *ch, int64_t body, int64_t person)
{
    int64_t recheck;
    w_access_hold(ch, &(struct access_hold_args){.body = v_int(body), .person = v_int(person)});
    uint32_t bits = merge(ch->rq, body, person, &recheck);
    if (bits)
        w_access_put(
            ch, &(struct access_put_args){.body = v_int(body),
                                          .person = v_int(person),
                                          .bits = v_int(bits),
                                          .recheck_at = recheck ? v_instant(recheck) : v_null()});
    else
        w_access_drop(ch, &(struct access_drop_args){.body = v_int(body), .person = v_int(person)});
}

static void insert_grant(struct change *ch, int64_t person, int64_t body, enum fact fact,
                         struct text reason, uint32_t cap, uint32_t classes, const char *ref,
                         int64_t ref_id, int64_t until)
{
    union access_grant_record g = {.person_id = v_int(person),
                                   .body_id = v_int(body),
                                   .fact = v_z(fact_at(fact)),
                                   .reason = v_text_or_null(reason),
                                   .cap = cap == CLASS_ALL ? v_null() : v_int(cap),
                                   .classes = v_int(classes),
                                   .ref = v_z(ref),
                                   .ref_id = v_int(ref_id),
                                   .since = v_instant(ch->rq->now),
                                   .until = until ? v_instant(until) : v_null()};
    change_write(ch, &access_grant_table, g.v);
}

void grant_open(struct change *ch, int64_t person, int64_t body, enum fact fact, struct text reason,
                uint32_t cap, const char *ref, int64_t ref_id, int64_t until)
{
    struct request *rq = ch->rq;
    union body_kind_of_row b;
    if (rq->err || !q_body_kind_of(rq, &(struct body_kind_of_args){.id = v_int(body)}, &b))
        return;
    uint32_t classes = cap & access_rule(fact, arena_z(rq->arena, v_as_text(b.kind)), reason);
    /* also when the rules of today open nothing: those of tomorrow may */
    insert_grant(ch, person, body, fact, reason, cap, classes, ref, ref_id, until);
    if (classes)
        refresh(ch, body, person);
}

void grant_open_first(struct change *ch, int64_t person, int64_t body, enum fact fact,
                      uint32_t classes, const char *ref, int64_t ref_id, struct text name_key)
{
    if (ch->rq->err || !classes)
        return;
    insert_grant(ch, person, body, fact, T(""), CLASS_ALL, classes, ref, ref_id, 0);
    union access_record a = {.body_id = v_int(body),
                             .person_id = v_int(person),
                             .bits = v_int(classes),
                             .name_key = v_text(name_key)};
    change_write(ch, &access_table, a.v);
}

void grant_end(struct change *ch, int64_t person, int64_t body, const char *ref, int64_t ref_id)
{
    struct request *rq = ch->rq;
    struct grants_of_fact_rows rows;
    q_grants_of_fact(rq,
                     &(struct grants_of_fact_args){.ref = v_z(ref),
                                                   .ref_id = v_int(ref_id),
                                                   .person = v_int(person),
                                                   .body = body ? v_int(body) : (struct value){0}},
                     &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        w_grant_stop(ch, &(struct grant_stop_args){.id = rows.row[i].id});
        refresh(ch, v_as_int(rows.row[i].body_id), person);
    }
}

void grant_pass(struct change *ch, int64_t from, int64_t to, const char *ref, int64_t ref_id)
{
    struct request *rq = ch->rq;
    struct grants_passing_rows rows = {0};
    q_grants_passing(
        rq, &(struct grants_passing_args){.ref = v_z(ref), .ref_id = v_int(ref_id), .body = v_int(from)},
        &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union grants_passing_row *g = &rows.row[i];
        int64_t person = v_as_int(g->person_id);
        w_grant_stop(ch, &(struct grant_stop_args){.id = g->id});
        refresh(ch, from, person);
        for (size_t k = 0; fact_at(k); k++)
            if (text_is(v_as_text(g->fact), fact_at(k)))
                grant_open(ch, person, to, (enum fact)k, v_as_text(g->reason),
                           v_is(g->cap) ? (uint32_t)v_as_int(g->cap) : CLASS_ALL, ref, ref_id,
                           v_as_int(g->until));
    }
}

void access_refresh(struct change *ch, int64_t person)
{
    struct grant_bodies_rows rows;
    q_grant_bodies(ch->rq, &(struct grant_bodies_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n && !ch->rq->err; i++)
        refresh(ch, v_as_int(rows.row[i].body_id), person);
}

void access_leave(struct change *ch, int64_t person)
{
    w_access_forget_rows(ch, &(struct access_forget_rows_args){.person = v_int(person)});
}

int64_t person_joined_to(struct request *rq, int64_t person)
{
    union person_joined_row row;
    if (!q_person_joined(rq, &(struct person_joined_args){.id = v_int(person)}, &row))
        return 0;
    int64_t kept = v_as_int(row.merged_into);
    return access_bits(rq, rq->viewer.body, kept) & CLASS_BIT(CLASS_IDENTITY) ? kept : 0;
}

void access_forget(struct change *ch, int64_t person)
{
    w_access_forget_rows(ch, &(struct access_forget_rows_args){.person = v_int(person)});
    w_grants_forget(ch, &(struct grants_forget_args){.person = v_int(person)});
    w_restrictions_forget(ch, &(struct restrictions_forget_args){.person = v_int(person)});
}

uint32_t access_bits(struct request *rq, int64_t body, int64_t person)
{
    union access_row_row row;
    if (!q_access_row(rq, &(struct access_row_args){.body = v_int(body), .person = v_int(person)},
                      &row))
        return 0;
    int64_t recheck = v_as_int(row.recheck_at);
    bool due = v_is(row.due) || (recheck && recheck <= rq->now);
    uint32_t bits = due ? merge(rq, body, person, &recheck) : (uint32_t)v_as_int(row.bits);
    if (bits & ACCESS_NAMED && body == rq->viewer.body && access_hidden(rq, person))
        return 0;
    return bits & ~ACCESS_NAMED;
}

static struct text mark_of(struct request *rq, int64_t person, int64_t day)
{
    char *hex = arena_alloc(rq->arena, 65);
    struct text what = arena_printf(rq->arena, "%lld %lld %lld", (long long)person,
                                    (long long)rq->viewer.account, (long long)day);
    hash_hex(true, what, T("sight"), hex);
    return (struct text){hex, 32};
}

struct text sight_mark(struct request *rq, int64_t person)
{
    return mark_of(rq, person, rq->today);
}

bool sight_good(struct request *rq, int64_t person, struct text mark)
{
    bool good = false;
    for (int ago = 0; ago < 2 && mark.n == 32; ago++) /* a search before midnight counts */
        good |= sodium_memcmp(mark.s, mark_of(rq, person, rq->today - ago).s, 32) == 0;
    union person_joined_row joined; /* restricted, or joined with another card, since the search */
    return good && !access_hidden(rq, person) &&
           !q_person_joined(rq, &(struct person_joined_args){.id = v_int(person)}, &joined);
}

/* Rows whose first end has passed: rewritten, so that lists stay short. The door does not wait for
 * this. */
void access_sweep(struct request *rq)
{
    restriction_sweep(rq);
    for (size_t n = 1; n && !rq->err;) {
        struct access_due_rows rows;
        q_access_due(rq, &(struct access_due_args){0}, &rows);
        n = rows.n;
        if (!n)
            return;
        struct change ch;
        change_begin(rq, &ch, NO_SUBJECT);
        for (size_t i = 0; i < n && !rq->err; i++) {
            refresh(&ch, v_as_int(rows.row[i].body_id), v_as_int(rows.row[i].person_id));
            change_event(&ch, &(struct event){.kind = "grant.ended",
                                              .person = v_as_int(rows.row[i].person_id),
                                              .other_body = v_as_int(rows.row[i].body_id)});
        }
        if (change_commit(&ch))
            return;
    }
}

/* bereg check: access against grants, both walked in the same order. */
struct walk {
    struct request *rq;
    struct access_all_rows rows;
    struct restricted_viewers_rows viewers;
    size_t at, viewers_at;
    int64_t person, body, recheck;
    uint32_t bits;
    bool any, due; /* due: the body's grants are being worked off by new rules */
    void (*found)(void *ctx, const char *text);
    void *ctx;
};

/* What a restriction of the person leaves to the body; all stand in the order of persons. */
static uint32_t left(struct walk *w)
{
    const struct restricted_viewers_rows *r = &w->viewers;
    uint32_t bits = w->bits;
    while (w->viewers_at < r->n && v_as_int(r->row[w->viewers_at].person_id) < w->person)
        w->viewers_at++;
    for (size_t i = w->viewers_at; i < r->n && v_as_int(r->row[i].person_id) == w->person; i++) {
        bits = i == w->viewers_at ? 0 : bits;
        if (v_as_int(r->row[i].body_id) == w->body)
            return v_is(r->row[i].account_id) ? w->bits | ACCESS_NAMED : w->bits;
    }
    return bits;
}

static void compare(struct walk *w)
{
    uint32_t bits = w->any ? left(w) : 0;
    if (!bits) /* a row that stands there all the same has no grant that counts */
        return;
    const union access_all_row *a = w->at < w->rows.n ? &w->rows.row[w->at] : NULL;
    int64_t p = a ? v_as_int(a->person_id) : INT64_MAX, b = a ? v_as_int(a->body_id) : INT64_MAX;
    while (a && (p < w->person || (p == w->person && b < w->body))) {
        int64_t recheck = v_as_int(a->recheck_at);
        if (!recheck || recheck > w->rq->now)
            w->found(w->ctx,
                     arena_printf(w->rq->arena, "access of body %lld to person %lld has no grant",
                                  (long long)b, (long long)p)
                         .s);
        a = ++w->at < w->rows.n ? &w->rows.row[w->at] : NULL;
        p = a ? v_as_int(a->person_id) : INT64_MAX;
        b = a ? v_as_int(a->body_id) : INT64_MAX;
    }
    if (!a || p != w->person || b != w->body) {
        if (!w->bits || w->due)
            return;
        w->found(w->ctx,
                 arena_printf(w->rq->arena, "grants of body %lld to person %lld have no access row",
                              (long long)w->body, (long long)w->person)
                     .s);
        return;
    }
    /* Past its term a row is as it may be: the door recomputes it, the sweep rewrites it. */
    int64_t recheck = v_as_int(a->recheck_at);
    bool due = w->due || (recheck && recheck <= w->rq->now);
    if (!due && (uint32_t)v_as_int(a->bits) != bits)
        w->found(w->ctx, arena_printf(w->rq->arena,
                                      "access of body %lld to person %lld differs from its grants",
                                      (long long)b, (long long)p)
                             .s);
    w->at++;
}

static enum err next_grant(void *ctx, const struct value *cells)
{
    struct walk *w = ctx;
    const union grants_all_row *g = (const union grants_all_row *)cells;
    int64_t until = v_as_int(g->until);
    if (until && until <= w->rq->now)
        return OK;
    int64_t person = v_as_int(g->person_id), body = v_as_int(g->body_id);
    if (!w->any || person != w->person || body != w->body) {
        compare(w);
        w->person = person;
        w->body = body;
        w->bits = 0;
        w->any = true;
        w->due = v_is(g->due);
    }
    w->bits |= (uint32_t)v_as_int(g->classes);
    return OK;
}

void access_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct walk w = {.rq = rq, .found = found, .ctx = ctx};
    q_access_all(rq, &(struct access_all_args){0}, &w.rows);
    q_restricted_viewers(rq, NULL, &w.viewers);
    each_grants_all(rq, &(struct grants_all_args){0}, next_grant, &w);
    compare(&w);
    w.person = w.body = INT64_MAX;
    if (w.at < w.rows.n) {
        w.any = true;
        for (; w.at < w.rows.n; w.at++) {
            int64_t recheck = v_as_int(w.rows.row[w.at].recheck_at);
            if (!recheck || recheck > rq->now)
                found(ctx,
                      arena_printf(rq->arena, "access of body %lld to person %lld has no grant",
                                   (long long)v_as_int(w.rows.row[w.at].body_id),
                                   (long long)v_as_int(w.rows.row[w.at].person_id))
                          .s);
        }
    }
}
