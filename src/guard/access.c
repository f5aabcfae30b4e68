/* Grants and the access rows merged from them. Nobody else writes these tables. */
#include "guard/access.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include <sodium.h>

/* Merged bits of live grants, and the first end among them (0: none ends). */
static uint32_t merge(struct request *rq, int64_t body, int64_t person, int64_t *recheck)
{
    struct grants_live_rows rows;
    q_grants_live(rq,
                  &(struct grants_live_args){
                      .person = v_int(person), .body = v_int(body)},
                  &rows);
    uint32_t bits = 0;
    *recheck = 0;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t until = v_as_int(rows.row[i].until);
        bits |= (uint32_t)v_as_int(rows.row[i].classes);
        if (until && (!*recheck || until < *recheck))
            *recheck = until;
    }
    return bits;
}

static void refresh(struct change *ch, int64_t body, int64_t person)
{
    int64_t recheck;
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
                         uint32_t classes, const char *ref, int64_t ref_id, int64_t until)
{
    static const char *const names[FACT_COUNT] = {
#define X(id, name) name,
        FACTS(X)
#undef X
    };
    union access_grant_record g = {.person_id = v_int(person),
                                   .body_id = v_int(body),
                                   .fact = v_z(names[fact]),
                                   .classes = v_int(classes),
                                   .ref = v_z(ref),
                                   .ref_id = v_int(ref_id),
                                   .since = v_instant(ch->rq->now),
                                   .until = until ? v_instant(until) : v_null()};
    change_write(ch, &access_grant_table, g.v);
}

void grant_open(struct change *ch, int64_t person, int64_t body, enum fact fact, uint32_t classes,
                const char *ref, int64_t ref_id, int64_t until)
{
    if (ch->rq->err || !classes)
        return;
    insert_grant(ch, person, body, fact, classes, ref, ref_id, until);
    refresh(ch, body, person);
}

void grant_open_first(struct change *ch, int64_t person, int64_t body, enum fact fact,
                      uint32_t classes, const char *ref, int64_t ref_id, struct text name_key)
{
    if (ch->rq->err || !classes)
        return;
    insert_grant(ch, person, body, fact, classes, ref, ref_id, 0);
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
        w_grant_stop(ch,
                     &(struct grant_stop_args){.id = rows.row[i].id});
        refresh(ch, v_as_int(rows.row[i].body_id), person);
    }
}

void access_refresh(struct change *ch, int64_t person)
{
    struct grant_bodies_rows rows;
    q_grant_bodies(ch->rq, &(struct grant_bodies_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n && !ch->rq->err; i++)
        refresh(ch, v_as_int(rows.row[i].body_id), person);
}

void access_forget(struct change *ch, int64_t person)
{
    w_access_forget_rows(ch, &(struct access_forget_rows_args){.person = v_int(person)});
    w_grants_forget(ch, &(struct grants_forget_args){.person = v_int(person)});
}

uint32_t access_bits(struct request *rq, int64_t body, int64_t person)
{
    union access_row_row row;
    if (!q_access_row(rq, &(struct access_row_args){.body = v_int(body), .person = v_int(person)},
                      &row))
        return 0;
    int64_t recheck = v_as_int(row.recheck_at);
    return recheck && recheck <= rq->now ? merge(rq, body, person, &recheck)
                                         : (uint32_t)v_as_int(row.bits);
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
    return good;
}

/* Rows whose first end has passed: rewritten, so that lists stay short. The door does not wait for
 * this. */
void access_sweep(struct request *rq)
{
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
    size_t at;
    int64_t person, body, recheck;
    uint32_t bits;
    bool any;
    void (*found)(void *ctx, const char *text);
    void *ctx;
};

static void compare(struct walk *w)
{
    if (!w->any)
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
        w->found(w->ctx,
                 arena_printf(w->rq->arena, "grants of body %lld to person %lld have no access row",
                              (long long)w->body, (long long)w->person)
                     .s);
        return;
    }
    /* Past its term a row is as it may be: the door recomputes it, the sweep rewrites it. */
    int64_t recheck = v_as_int(a->recheck_at);
    bool due = recheck && recheck <= w->rq->now;
    if (!due && (uint32_t)v_as_int(a->bits) != w->bits)
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
    }
    w->bits |= (uint32_t)v_as_int(g->classes);
    return OK;
}

void access_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct walk w = {.rq = rq, .found = found, .ctx = ctx};
    q_access_all(rq, &(struct access_all_args){0}, &w.rows);
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
