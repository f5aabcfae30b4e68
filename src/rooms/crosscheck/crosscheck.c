#include "rooms/crosscheck/crosscheck.h"
#include "guard/guard.h"
#include "guard/psi.h"
#include "rooms/crosscheck/crosscheck_text.h"
#include <stdlib.h>

enum {
    ROWS = 2000,     /* of persons read at a time */
    PART_LINES = 500, /* of crosscheck_part */
    MATCH_SLICE = 200 /* persons a change */
};

static const char *const key_codes[KEY_COUNT] = {"snils", "iin", "name"};

/* One key of an own person. */
struct own {
    int64_t person;
    enum crosscheck_key key;
    char point[PSI_POINT_LEN + 1];
};

struct owns {
    size_t n, cap;
    struct own *list;
    size_t most;
};

static const char *const too_many =
    N_("There are too many persons for the page: bereg crosscheck on the command line does it");
static const char *const wrong_file =
    N_("This is not a file of a cross-check, or it has been damaged on its way");

/* ---- the own points ---- */

static struct text key_text(struct arena *arena, const union crosscheck_persons_row *p,
                            enum crosscheck_key key)
{
    char day[DATE_ISO_LEN + 1];
    struct text number = v_as_text(key == KEY_SNILS ? p->snils : p->iin);
    if (key != KEY_NAME)
        return number.n ? arena_printf(arena, "%s:%.*s", key_codes[key], TEXT_ARG(number)) : number;
    if (p->birth_date.kind != V_DATE || !v_as_text(p->given_name).n)
        return T("");
    date_iso(p->birth_date.i, day);
    struct text name = v_as_text(p->name_key);
    return arena_printf(arena, "name:%.*s|%s", TEXT_ARG(name), day);
}

/* A place for one more; null after a failure. */
static struct own *one_more(struct request *rq, struct owns *o)
{
    if (o->n == o->most) {
        rq_refuse(rq, too_many);
        return NULL;
    }
    if (o->n == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 1024;
        struct own *more = realloc(o->list, cap * sizeof *more);
        if (!more) {
            rq_fail(rq, ERR_LIMIT);
            return NULL;
        }
        o->list = more;
        o->cap = cap;
    }
    return &o->list[o->n++];
}

static void add_own(struct request *rq, struct owns *o, struct text secret, struct text key,
                    int64_t person, enum crosscheck_key kind)
{
    struct own *w = one_more(rq, o);
    if (!w)
        return;
    *w = (struct own){.person = person, .key = kind};
    if (psi_point(secret, key, w->point))
        rq_fail(rq, ERR_INTERNAL);
}

static int by_point(const void *a, const void *b)
{
    const struct own *x = a, *y = b;
    int d = memcmp(x->point, y->point, PSI_POINT_LEN);
    return d ? d : (x->person > y->person) - (x->person < y->person);
}

/* Points in their own order tell nothing of the order of persons. */
static void collect(struct request *rq, struct text secret, unsigned keys, struct owns *o)
{
    struct arena *outer = rq->arena;
    int64_t after = 0;
    rq->arena = arena_new();
    for (bool more = true; more && !rq->err;) {
        struct crosscheck_persons_rows rows = {0};
        q_crosscheck_persons(
            rq,
            &(struct crosscheck_persons_args){.after = v_int(after),
                                            .identity = v_int(CLASS_BIT(CLASS_IDENTITY)),
                                            .rows = v_int(ROWS)},
            &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++)
            for (enum crosscheck_key k = 0; k < KEY_COUNT && !rq->err; k++) {
                struct text key = keys & 1u << k ? key_text(rq->arena, &rows.row[i], k) : T("");
                if (key.n)
                    add_own(rq, o, secret, key, v_as_int(rows.row[i].person_id), k);
            }
        more = rows.n == ROWS;
        if (rows.n)
            after = v_as_int(rows.row[rows.n - 1].person_id);
        arena_reset(rq->arena);
    }
    arena_free(rq->arena);
    rq->arena = outer;
    if (o->n)
        qsort(o->list, o->n, sizeof *o->list, by_point);
}

/* The same key of two cards is one point. */
static size_t different(const struct owns *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++)
        n += !i || memcmp(o->list[i].point, o->list[i - 1].point, PSI_POINT_LEN) != 0;
    return n;
}

/* ---- what a side keeps ---- */

static void put_part(struct change *ch, int64_t id, const char *holds, int64_t part, struct buf *b)
{
    if (buf_end(b))
        rq_fail(ch->rq, ERR_LIMIT);
    union crosscheck_part_record r = {.crosscheck_id = v_int(id),
                                    .holds = v_z(holds),
                                    .part = v_int(part),
                                    .lines = v_text(buf_get(b))};
    change_write(ch, &crosscheck_part_table, r.v);
    buf_clear(b);
}

/* line(i) writes the i-th of n lines. */
static void put_lines(struct change *ch, int64_t id, const char *holds, size_t n,
                      void (*line)(struct buf *b, const void *list, size_t i), const void *list)
{
    struct request *rq = ch->rq;
    struct arena *outer = rq->arena;
    struct buf b = BUF(100000);
    rq->arena = arena_new();
    for (size_t i = 0; i < n && !rq->err; i++) {
        line(&b, list, i);
        if ((i + 1) % PART_LINES == 0 || i + 1 == n) {
            put_part(ch, id, holds, (int64_t)(i / PART_LINES) + 1, &b);
            arena_reset(rq->arena);
        }
    }
    arena_free(rq->arena);
    rq->arena = outer;
    buf_free(&b);
}

static void own_line(struct buf *b, const void *list, size_t i)
{
    const struct own *w = (const struct own *)list + i;
    buf_printf(b, "%lld %d %s\n", (long long)w->person, (int)w->key, w->point);
}

static void point_line(struct buf *b, const void *list, size_t i)
{
    buf_printf(b, "%s\n", ((const char(*)[PSI_POINT_LEN + 1])list)[i]);
}

static void number_line(struct buf *b, const void *list, size_t i)
{
    buf_printf(b, "%lld\n", (long long)((const int64_t *)list)[i]);
}

/* Calls for each kept line. */
static void each_line(struct request *rq, int64_t id, const char *holds,
                      void (*line)(struct request *rq, void *ctx, struct text t), void *ctx)
{
    struct arena *outer = rq->arena;
    int64_t after = 0;
    rq->arena = arena_new();
    for (bool more = true; more && !rq->err;) {
        struct crosscheck_parts_rows rows = {0};
        q_crosscheck_parts(rq,
                         &(struct crosscheck_parts_args){.crosscheck = v_int(id),
                                                       .holds = v_z(holds),
                                                       .after = v_int(after),
                                                       .rows = v_int(20)},
                         &rows);
        for (size_t i = 0; i < rows.n; i++) {
            struct text rest = v_as_text(rows.row[i].lines), one;
            after = v_as_int(rows.row[i].part);
            while (!rq->err && text_split(&rest, '\n', &one))
                if (one.n)
                    line(rq, ctx, one);
        }
        more = rows.n == 20;
        arena_reset(rq->arena);
    }
    arena_free(rq->arena);
    rq->arena = outer;
}

static void keep_own(struct request *rq, void *ctx, struct text t)
{
    struct owns *o = ctx;
    struct text person, key;
    int64_t id, kind;
    if (!text_split(&t, ' ', &person) || !text_split(&t, ' ', &key) || t.n != PSI_POINT_LEN ||
        text_int(person, 1, INT64_MAX, &id) || text_int(key, 0, KEY_COUNT - 1, &kind)) {
        rq_fail(rq, ERR_INTERNAL);
        return;
    }
    struct own *w = one_more(rq, o);
    if (!w)
        return;
    *w = (struct own){.person = id, .key = (enum crosscheck_key)kind};
    memcpy(w->point, t.s, t.n);
}

/* ---- steps ---- */

static void tell(struct change *ch, const char *kind, int64_t id, int64_t person, const char *basis)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .classes = person ? CLASS_BIT(CLASS_IDENTITY) : 0,
                                     .table = person ? &crosscheck_match_table : &crosscheck_table,
                                     .object = id,
                                     .ground = basis});
}

/* May the viewer's body crosscheck at all, under these terms? */
static bool allowed(struct request *rq, const struct crosscheck_terms *t)
{
    if (!rq_may(rq, CAP_CROSSCHECK)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return false;
    }
    if (body_tells(rq->viewer.body) & classes_sealed())
        rq_refuse(rq, N_("The name of your body alone tells something of a person: it takes part in no cross-check"));
    else if (!(t->keys & ((1u << KEY_COUNT) - 1)))
        rq_mistake(rq, "by_snils", N_("Choose at least one key to compare by"));
    return !rq->err && !rq->mistakes;
}

/* The row of a new crosscheck with the own points and what else the side keeps. */
static int64_t begin(struct request *rq, const struct crosscheck_terms *t, const char *side,
                     struct text code, struct text secret, const struct owns *o,
                     const char (*other)[PSI_POINT_LEN + 1], size_t n_other,
                     void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union crosscheck_record x = {
        .code = v_text(code),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .side = v_z(side),
        .state = v_z("waiting"),
        .partner = v_text(t->partner),
        .basis = v_text(t->basis),
        .words = v_text(t->words),
        .by_snils = v_int(t->keys >> KEY_SNILS & 1),
        .by_iin = v_int(t->keys >> KEY_IIN & 1),
        .by_name = v_int(t->keys >> KEY_NAME & 1),
        .secret = v_text(secret),
        .keys_own = v_int((int64_t)different(o)),
        .keys_other = v_int((int64_t)n_other),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &crosscheck_table, x.v);
    put_lines(&ch, id, "own", o->n, own_line, o->list);
    put_lines(&ch, id, "other", n_other, point_line, other);
    tell(&ch, *side == 'o' ? "crosscheck.offered" : "crosscheck.answered", id, 0,
         arena_z(rq->arena, t->basis));
    if (done && !rq->err)
        done(rq, id);
    return change_commit(&ch) ? 0 : id;
}

int64_t crosscheck_offer(struct request *rq, const struct crosscheck_terms *terms, size_t most,
                       void (*done)(struct request *rq, int64_t id))
{
    char secret[PSI_SECRET_LEN + 1], code[33];
    struct owns o = {.most = most ? most : SIZE_MAX};
    int64_t id = 0;
    if (!allowed(rq, terms))
        return 0;
    psi_secret(secret);
    random_hex(code, 32);
    collect(rq, text_of(secret), terms->keys, &o);
    if (!rq->err && !o.n)
        rq_refuse(rq, N_("Your body has no persons with such keys"));
    if (!rq->err)
        id = begin(rq, terms, "offer", text_of(code), text_of(secret), &o, NULL, 0, done);
    free(o.list);
    return id;
}

/* Each point of the file once more, with the own secret. */
static char (*multiplied(struct request *rq, struct text secret, struct text lines,
                         size_t n))[PSI_POINT_LEN + 1]
{
    char(*out)[PSI_POINT_LEN + 1] = arena_array(rq->arena, n + 1, sizeof *out);
    struct text one;
    for (size_t i = 0; i < n; i++)
        if (!text_split(&lines, '\n', &one) || psi_again(secret, one, out[i])) {
            rq_mistake(rq, "file", wrong_file);
            return NULL;
        }
    return out;
}

int64_t crosscheck_answer(struct request *rq, const struct crosscheck_terms *terms, struct text file,
                        size_t most, void (*done)(struct request *rq, int64_t id))
{
    struct crosscheck_text f;
    struct crosscheck_terms t = *terms;
    union crosscheck_by_code_row known;
    char secret[PSI_SECRET_LEN + 1];
    struct owns o = {.most = most ? most : SIZE_MAX};
    int64_t id = 0;

    if (!crosscheck_text_read(file, &f) || f.step != STEP_OFFER) {
        rq_mistake(rq, "file", wrong_file);
        return 0;
    }
    t.keys = f.keys;
    if (!allowed(rq, &t))
        return 0;
    if (most && f.n > most)
        rq_refuse(rq, too_many);
    if (q_crosscheck_by_code(
            rq, &(struct crosscheck_by_code_args){.code = v_text(f.code), .side = v_z("answer")},
            &known))
        rq_mistake(rq, "file", N_("This offer has been answered already"));
    if (q_crosscheck_by_code(
            rq, &(struct crosscheck_by_code_args){.code = v_text(f.code), .side = v_z("offer")},
            &known) &&
        v_as_int(known.body_id) == rq->viewer.body)
        rq_mistake(rq, "file", N_("This is the offer of your own body"));
    if (rq->err || rq->mistakes)
        return 0;
    psi_secret(secret);
    char(*other)[PSI_POINT_LEN + 1] = multiplied(rq, text_of(secret), f.lines, f.n);
    if (other)
        collect(rq, text_of(secret), t.keys, &o);
    if (other && !rq->err)
        id = begin(rq, &t, "answer", f.code, text_of(secret), &o, other, f.n, done);
    free(o.list);
    return id;
}

/* ---- who is known to both ---- */

struct hit {
    char point[PSI_POINT_LEN + 1];
    int64_t number; /* of the line */
};

static int by_hit(const void *a, const void *b)
{
    return memcmp(((const struct hit *)a)->point, ((const struct hit *)b)->point, PSI_POINT_LEN);
}

/* The own persons at the n-th different point get their strongest key. */
struct match {
    int64_t person;
    enum crosscheck_key key;
};

static int by_person(const void *a, const void *b)
{
    const struct match *x = a, *y = b;
    int d = (x->person > y->person) - (x->person < y->person);
    return d ? d : (int)x->key - (int)y->key;
}

/* Who may be named today of those who stood in the file: nobody restricted or out of sight since; who was joined with another card is
 * that one. 0: nobody. */
static int64_t person_now(struct request *rq, int64_t person)
{
    union crosscheck_person_now_row now;
    return q_crosscheck_person_now(
               rq,
               &(struct crosscheck_person_now_args){
                   .person = v_int(person), .identity = v_int(CLASS_BIT(CLASS_IDENTITY))},
               &now)
               ? v_as_int(now.person_id)
               : 0;
}

/* taken[i]: the i-th different point of the own file is known to the other side; false again where nobody of it may be named. */
static struct match *matches_of(struct request *rq, const struct owns *o, bool *taken, size_t *n)
{
    struct match *m = arena_array(rq->arena, o->n + 1, sizeof *m);
    size_t all = 0;
    for (size_t i = 0, end, place = 0; i < o->n; i = end, place++) {
        size_t before = all;
        for (end = i; end < o->n && memcmp(o->list[end].point, o->list[i].point, PSI_POINT_LEN) == 0; end++) {
            int64_t person = taken[place] ? person_now(rq, o->list[end].person) : 0;
            if (person)
                m[all++] = (struct match){person, o->list[end].key};
        }
        taken[place] = all > before;
    }
    qsort(m, all, sizeof *m, by_person);
    *n = 0;
    for (size_t i = 0; i < all; i++)
        if (!*n || m[*n - 1].person != m[i].person)
            m[(*n)++] = m[i];
    return m;
}

/* Slices, so that others write between them; what was cut off is taken up by the same file again. Who has been restricted or is
 * no longer seen since is not kept. */
static int64_t keep_matches(struct request *rq, int64_t id, const char *basis,
                            const struct match *m, size_t n)
{
    int64_t kept = 0;
    for (size_t i = 0; i < n && !rq->err;) {
        struct change ch;
        change_begin(rq, &ch, SUBJECT(&crosscheck_table, id));
        for (size_t end = i + MATCH_SLICE; i < n && i < end && !rq->err; i++) {
            union crosscheck_match_row_row row;
            if (!person_now(rq, m[i].person)) /* in this moment */
                continue;
            kept++;
            if (q_crosscheck_match_row(
                    rq,
                    &(struct crosscheck_match_row_args){.crosscheck = v_int(id),
                                                      .person = v_int(m[i].person)},
                    &row))
                continue;
            union crosscheck_match_record r = {.crosscheck_id = v_int(id),
                                             .person_id = v_int(m[i].person),
                                             .body_id = v_int(rq->viewer.body),
                                             .key = v_z(key_codes[m[i].key]),
                                             .created_at = v_instant(rq->now)};
            tell(&ch, "crosscheck.matched", change_insert(&ch, &crosscheck_match_table, r.v),
                 m[i].person, basis);
        }
        ch.events++; /* a slice may hold nothing new */
        (void)change_commit(&ch);
    }
    return kept;
}

/* The cross-check ends: nothing stays by which a point could be made again. */
static void finish(struct request *rq, int64_t id, const char *basis, int64_t found, size_t keys_other,
                   const int64_t *result, size_t n_result,
                   void (*done)(struct request *rq, int64_t id))
{
    struct change ch;
    union crosscheck_facts_row x = {0};
    change_begin(rq, &ch, SUBJECT(&crosscheck_table, id));
    if (q_crosscheck_facts(rq, &(struct crosscheck_facts_args){.id = v_int(id)}, &x) &&
        !text_is(v_as_text(x.state), "waiting"))
        rq_fail(rq, ERR_CONFLICT);
    union crosscheck_record r = {.state = v_z("finished"),
                               .found = v_int(found),
                               .found_keys = v_int((int64_t)n_result),
                               .finished_at = v_instant(rq->now)};
    if (keys_other)
        r.keys_other = v_int((int64_t)keys_other);
    change_update(&ch, &crosscheck_table, id, -1, r.v);
    w_crosscheck_end(&ch, &(struct crosscheck_end_args){.id = v_int(id)});
    if (result)
        put_lines(&ch, id, "result", n_result, number_line, result);
    w_crosscheck_parts_drop(&ch, &(struct crosscheck_parts_drop_args){.crosscheck = v_int(id), .but = v_z("result")});
    tell(&ch, "crosscheck.finished", id, 0, basis);
    if (done && !rq->err)
        done(rq, id);
    (void)change_commit(&ch);
}

/* The answer of the other side: own points multiplied there, in the order of the offer, and the other's points. */
static void take_answer(struct request *rq, const union crosscheck_facts_row *x, const struct owns *o,
                        const struct crosscheck_text *f, void (*done)(struct request *rq, int64_t id))
{
    struct text secret = v_as_text(x->secret), rest = f->lines, one;
    size_t n_own = different(o), n_other = f->n - f->n_doubled, n_match = 0, n_result = 0;
    if (f->n_doubled != n_own) {
        rq_mistake(rq, "file", wrong_file);
        return;
    }
    for (size_t i = 0; i < n_own; i++) /* looked at below */
        (void)text_split(&rest, '\n', &one);
    char(*other)[PSI_POINT_LEN + 1] = multiplied(rq, secret, rest, n_other);
    if (!other)
        return;
    struct hit *hits = arena_array(rq->arena, n_other + 1, sizeof *hits);
    for (size_t i = 0; i < n_other; i++) {
        memcpy(hits[i].point, other[i], sizeof hits[i].point);
        hits[i].number = (int64_t)i;
    }
    qsort(hits, n_other, sizeof *hits, by_hit);
    bool *taken = arena_array(rq->arena, n_own + 1, sizeof *taken);
    int64_t *result = arena_array(rq->arena, n_own + 1, sizeof *result);
    int64_t *number = arena_array(rq->arena, n_own + 1, sizeof *number);
    rest = f->lines;
    for (size_t i = 0; i < n_own && text_split(&rest, '\n', &one); i++) {
        struct hit wanted = {.number = 0};
        memcpy(wanted.point, one.s, PSI_POINT_LEN); /* lines are of this length: crosscheck_text_read */
        const struct hit *h = bsearch(&wanted, hits, n_other, sizeof *hits, by_hit);
        taken[i] = h != NULL;
        number[i] = h ? h->number : 0;
    }
    const struct match *m = matches_of(rq, o, taken, &n_match);
    for (size_t i = 0; i < n_own; i++)
        if (taken[i])
            result[n_result++] = number[i];
    const char *basis = arena_z(rq->arena, v_as_text(x->basis));
    int64_t found = keep_matches(rq, v_as_int(x->id), basis, m, n_match);
    finish(rq, v_as_int(x->id), basis, found, n_other, result, n_result, done);
}

/* The result: numbers of the own points that the other side knows too. */
static void take_result(struct request *rq, const union crosscheck_facts_row *x, const struct owns *o,
                        const struct crosscheck_text *f, void (*done)(struct request *rq, int64_t id))
{
    size_t n_own = different(o), n_match = 0;
    bool *taken = arena_array(rq->arena, n_own + 1, sizeof *taken);
    struct text rest = f->lines, one;
    for (size_t i = 0; i < f->n && text_split(&rest, '\n', &one); i++) {
        int64_t at;
        if (text_int(one, 0, (int64_t)n_own - 1, &at)) {
            rq_mistake(rq, "file", wrong_file);
            return;
        }
        taken[at] = true;
    }
    const struct match *m = matches_of(rq, o, taken, &n_match);
    const char *basis = arena_z(rq->arena, v_as_text(x->basis));
    int64_t found = keep_matches(rq, v_as_int(x->id), basis, m, n_match);
    finish(rq, v_as_int(x->id), basis, found, 0, NULL, 0, done);
}

void crosscheck_take(struct request *rq, int64_t id, struct text file, size_t most,
                   void (*done)(struct request *rq, int64_t id))
{
    union crosscheck_facts_row x = {0};
    struct crosscheck_text f;
    if (!rq_may(rq, CAP_CROSSCHECK) ||
        !q_crosscheck_facts(rq, &(struct crosscheck_facts_args){.id = v_int(id)}, &x)) {
        rq_fail(rq, rq_may(rq, CAP_CROSSCHECK) ? ERR_NOT_FOUND : ERR_FORBIDDEN);
        return;
    }
    bool offered = text_is(v_as_text(x.side), "offer");
    if (!text_is(v_as_text(x.state), "waiting"))
        rq_refuse(rq, N_("This cross-check has ended already"));
    else if (!crosscheck_text_read(file, &f) || f.step != (offered ? STEP_ANSWER : STEP_RESULT))
        rq_mistake(rq, "file", wrong_file);
    else if (!text_eq(f.code, v_as_text(x.code)))
        rq_mistake(rq, "file", N_("This file belongs to another cross-check"));
    else if (most && f.n > 2 * most)
        rq_refuse(rq, too_many);
    if (rq->err || rq->mistakes)
        return;
    struct owns o = {.most = SIZE_MAX};
    each_line(rq, id, "own", keep_own, &o);
    if (!rq->err && offered)
        take_answer(rq, &x, &o, &f, done);
    else if (!rq->err)
        take_result(rq, &x, &o, &f, done);
    free(o.list);
}

void crosscheck_cancel(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union crosscheck_facts_row x = {0};
    if (!rq_may(rq, CAP_CROSSCHECK)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    change_begin(rq, &ch, SUBJECT(&crosscheck_table, id));
    if (!q_crosscheck_facts(rq, &(struct crosscheck_facts_args){.id = v_int(id)}, &x))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!text_is(v_as_text(x.state), "waiting"))
        rq_refuse(rq, N_("This cross-check has ended already"));
    union crosscheck_record r = {.state = v_z("cancelled"), .finished_at = v_instant(rq->now)};
    change_update(&ch, &crosscheck_table, id, version, r.v);
    w_crosscheck_end(&ch, &(struct crosscheck_end_args){.id = v_int(id)});
    w_crosscheck_parts_drop(
        &ch, &(struct crosscheck_parts_drop_args){.crosscheck = v_int(id), .but = v_z("")});
    tell(&ch, "crosscheck.cancelled", id, 0, NULL);
    (void)change_commit(&ch);
}

/* ---- files ---- */

int64_t crosscheck_of_file(struct request *rq, struct text file)
{
    struct crosscheck_text f;
    union crosscheck_by_code_row x;
    if (crosscheck_text_read(file, &f) && f.step != STEP_OFFER &&
        q_crosscheck_by_code(
            rq,
            &(struct crosscheck_by_code_args){
                .code = v_text(f.code), .side = v_z(f.step == STEP_ANSWER ? "offer" : "answer")},
            &x) &&
        v_as_int(x.body_id) == rq->viewer.body)
        return v_as_int(x.id);
    rq_mistake(rq, "file", N_("No cross-check of your body waits for this file"));
    return 0;
}

struct writer {
    struct buf *out;
    char kept[PSI_POINT_LEN]; /* the point written last */
};

static void write_line(struct request *rq, void *ctx, struct text t)
{
    struct writer *w = ctx;
    (void)rq;
    buf_text(w->out, t);
    buf_char(w->out, '\n');
}

/* The point of "person key point", each once. */
static void write_own(struct request *rq, void *ctx, struct text t)
{
    struct writer *w = ctx;
    if (t.n < PSI_POINT_LEN) {
        rq_fail(rq, ERR_INTERNAL);
        return;
    }
    struct text point = {t.s + t.n - PSI_POINT_LEN, PSI_POINT_LEN};
    if (memcmp(w->kept, point.s, point.n) == 0)
        return;
    memcpy(w->kept, point.s, point.n);
    write_line(rq, ctx, point);
}

bool crosscheck_file(struct request *rq, int64_t id, struct buf *out, struct text *name)
{
    union crosscheck_facts_row x = {0};
    if (!rq_may(rq, CAP_CROSSCHECK) ||
        !q_crosscheck_facts(rq, &(struct crosscheck_facts_args){.id = v_int(id)}, &x)) {
        rq_fail(rq, rq_may(rq, CAP_CROSSCHECK) ? ERR_NOT_FOUND : ERR_FORBIDDEN);
        return false;
    }
    bool offered = text_is(v_as_text(x.side), "offer");
    bool waits = text_is(v_as_text(x.state), "waiting");
    if (!waits && !(offered && text_is(v_as_text(x.state), "finished")))
        return false;
    struct crosscheck_text f = {.step = !waits ? STEP_RESULT : offered ? STEP_OFFER : STEP_ANSWER,
                              .code = v_as_text(x.code),
                              .keys = (unsigned)(v_as_int(x.by_snils) << KEY_SNILS |
                                                 v_as_int(x.by_iin) << KEY_IIN |
                                                 v_as_int(x.by_name) << KEY_NAME)};
    f.n_doubled = f.step == STEP_ANSWER ? (size_t)v_as_int(x.keys_other) : 0;
    f.n = f.step == STEP_RESULT ? (size_t)v_as_int(x.found_keys) : (size_t)v_as_int(x.keys_own) + f.n_doubled;
    struct writer w = {.out = out};
    crosscheck_text_begin(out, &f);
    if (f.step == STEP_ANSWER)
        each_line(rq, id, "other", write_line, &w);
    if (f.step == STEP_RESULT)
        each_line(rq, id, "result", write_line, &w);
    else
        each_line(rq, id, "own", write_own, &w);
    *name = arena_printf(rq->arena, "crosscheck-%.8s-%d.txt", v_as_text(x.code).s, f.step + 1);
    return !rq->err;
}

/* ---- the room ---- */

static int64_t sample_crosscheck(struct request *rq)
{
    struct crosscheck_list_rows rows = {0};
    if (!rq_may(rq, CAP_CROSSCHECK))
        return 0;
    q_crosscheck_list(rq, &(struct crosscheck_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"crosscheck", sample_crosscheck}, {0}};

static const struct retained retains[] = {
    {"crosscheck_match", "crosscheckd", &crosscheck_match_table, &crosscheck_match_retained_query}, {0}};

extern const struct table *const crosscheck_tables[];
extern const struct form *const crosscheck_forms[];

const struct room crosscheck_room = {.name = "crosscheck",
                                   .tables = crosscheck_tables,
                                   .forms = crosscheck_forms,
                                   .samples = samples,
                                   .retains = retains};
