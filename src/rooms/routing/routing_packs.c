/* [scheme CODE] and [step SCHEME STEP] of the packs. Sections are collected as they come and refused
 * as a whole when all are there; what has changed is stored as a new version with the packs. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_rules.h"

enum { SCHEMES_MAX = 100 };

static struct {
    struct arena *arena;
    int n;
    struct scheme *v[SCHEMES_MAX];
} taken; /* under the lock of who takes packs */

static const struct text nothing = {"", 0};

static void begin(void)
{
    if (!taken.arena)
        taken.arena = arena_new();
    arena_reset(taken.arena);
    taken.n = 0;
}

static struct scheme *taken_as(struct text code)
{
    for (int i = 0; i < taken.n; i++)
        if (text_eq(taken.v[i]->code, code))
            return taken.v[i];
    if (taken.n == SCHEMES_MAX)
        return NULL;
    struct scheme *s = taken.v[taken.n++] = NEW(taken.arena, struct scheme);
    s->code = arena_text(taken.arena, code);
    s->source = T("pack");
    return s;
}

static bool among(struct text t, const char *words)
{
    struct text rest = text_of(words), word;
    while (text_split(&rest, ' ', &word))
        if (text_eq(t, word))
            return true;
    return false;
}

static enum err known(const struct pack_entry *e, const char *names, struct fault *fault)
{
    for (size_t i = 0; i < e->n; i++)
        if (!among(e->props[i].name, names) && !text_starts(e->props[i].name, "on."))
            return pack_wrong(e, fault, "there is no such property here", e->props[i].name);
    return OK;
}

static struct text kept(const struct pack_entry *e, const char *name)
{
    return arena_text(taken.arena, pack_prop(e, name));
}

/* A copy of the entry's key and place: entries of files go when their arena does. */
static const struct pack_entry *mark(const struct pack_entry *e)
{
    struct pack_entry *m = NEW(taken.arena, struct pack_entry);
    *m = (struct pack_entry){.place = arena_text(taken.arena, e->place),
                             .kind = arena_text(taken.arena, e->kind),
                             .key = arena_text(taken.arena, e->key)};
    return m;
}

static enum err add_arrows(struct scheme *s, const struct pack_entry *e, struct text from,
                           struct text outcome, struct text to, struct fault *fault)
{
    struct text rest = to, word;
    int before = s->n_arrows;
    while (text_split(&rest, ' ', &word)) {
        if (!word.n)
            continue;
        if (s->n_arrows == ROUTING_ARROWS)
            return pack_wrong(e, fault, "the scheme has too many arrows", word);
        for (int i = before; i < s->n_arrows; i++)
            if (text_eq(s->arrows[i].to, word))
                return pack_wrong(e, fault, "this target stands there twice", word);
        s->arrows[s->n_arrows++] =
            (struct scheme_arrow){from, arena_text(taken.arena, outcome),
                                  arena_text(taken.arena, word), false};
    }
    return s->n_arrows == before ? pack_wrong(e, fault, "no target is named", outcome) : OK;
}

static enum err take_scheme(const struct pack_entry *e, struct fault *fault)
{
    enum err err = known(e, "label.ru label.en situation start order order_date act verified", fault);
    struct scheme *s = err ? NULL : taken_as(e->key);
    struct text date = pack_prop(e, "order_date");
    int64_t day = 0;
    if (err)
        return err;
    if (!s)
        return pack_wrong(e, fault, "too many schemes", nothing);
    if (s->entry)
        return pack_wrong(e, fault, "stands above already", e->key);
    if (!scheme_code_good(e->key))
        return pack_wrong(e, fault, "the key is a word of small letters, digits and _", e->key);
    s->entry = mark(e);
    s->name = kept(e, "label.ru");
    s->situation = kept(e, "situation");
    s->order_number = kept(e, "order");
    if (!s->name.n || text_chars(s->name) > 200)
        return pack_wrong(e, fault, "label.ru must be there, with at most 200 letters", nothing);
    if (date.n && date_parse_iso(date, &day))
        return pack_wrong(e, fault, "order_date is a day as 2024-03-01", date);
    if (!date.n != !s->order_number.n)
        return pack_wrong(e, fault, "order and order_date go together", nothing);
    if (date.n)
        s->order_date = v_date(day);
    s->state = date.n ? T("approved") : T("draft");
    return add_arrows(s, e, T(""), T(""), pack_prop(e, "start"), fault);
}

static enum err take_step(const struct pack_entry *e, struct fault *fault)
{
    enum err err = known(e,
                         "label.ru label.en where same who need ground expect answer result offer "
                         "join escalate act verified",
                         fault);
    struct text key = e->key, scheme;
    if (err)
        return err;
    text_split(&key, ' ', &scheme);
    if (!scheme_code_good(scheme) || !scheme_code_good(key))
        return pack_wrong(e, fault, "the key is the code of a scheme and that of a step", e->key);
    struct scheme *s = taken_as(scheme);
    if (!s || s->n_steps == ROUTING_STEPS)
        return pack_wrong(e, fault, "too many steps", e->key);
    struct scheme_step *t = &s->steps[s->n_steps++];
    *t = (struct scheme_step){.code = arena_text(taken.arena, key),
                              .label = kept(e, "label.ru"),
                              .place = kept(e, "where"),
                              .same_as = kept(e, "same"),
                              .kinds = kept(e, "who"),
                              .need = kept(e, "need"),
                              .ground = kept(e, "ground"),
                              .expected = kept(e, "expect"),
                              .answer_rule = kept(e, "answer"),
                              .result_rule = kept(e, "result"),
                              .offer = kept(e, "offer"),
                              .joining = kept(e, "join"),
                              .escalate = kept(e, "escalate"),
                              .entry = mark(e)};
    t->offer = t->offer.n ? t->offer : T("one");
    t->joining = t->joining.n ? t->joining : T("all");
    if (!t->label.n || text_chars(t->label) > 120)
        return pack_wrong(e, fault, "label.ru must be there, with at most 120 letters", nothing);
    for (size_t i = 0; i < e->n && !err; i++)
        if (text_starts(e->props[i].name, "on.")) {
            struct text outcome = {e->props[i].name.s + 3, e->props[i].name.n - 3};
            err = add_arrows(s, e, t->code, outcome, e->props[i].value, fault);
        }
    return err;
}

/* ---- when all are there ---- */

struct all {
    const struct pack_entry *entries;
    size_t n;
    struct fault *fault;
};

static const struct pack_entry *entry(const struct all *a, const char *kind, const char *list,
                                      struct text key)
{
    size_t n = strlen(list);
    for (size_t i = 0; i < a->n; i++) {
        struct text k = a->entries[i].key;
        if (!text_is(a->entries[i].kind, kind) || (n && (k.n <= n || strncmp(k.s, list, n) != 0)))
            continue;
        if (text_eq((struct text){k.s + n, k.n - n}, key))
            return &a->entries[i];
    }
    return NULL;
}

static enum err wants(const struct all *a, const struct pack_entry *e, const char *kind,
                      const char *list, struct text key, bool must, const char *what)
{
    if (!key.n && !must)
        return OK;
    return entry(a, kind, list, key) ? OK : pack_wrong(e, a->fault, what, key);
}

static enum err check_kinds(const struct all *a, const struct scheme_step *t)
{
    const struct pack_entry *need = entry(a, "need", "", t->need);
    struct text rest = t->kinds, word;
    while (text_split(&rest, ' ', &word)) {
        if (!word.n)
            continue;
        if (!entry(a, "body_kind", "", word))
            return pack_wrong(t->entry, a->fault, "there is no such kind of body", word);
        if (need && !pack_prop_has(need, "kinds", word))
            return pack_wrong(t->entry, a->fault, "bodies of this kind do not take the need", word);
    }
    return OK;
}

static enum err check_step(const struct all *a, const struct scheme *s, const struct scheme_step *t)
{
    const struct pack_entry *e = t->entry;
    bool lead = text_is(t->place, "lead"), same = text_is(t->place, "same");
    enum err err = wants(a, e, "code", "route_place ", t->place, true,
                         "where is one of district, region, lead, same");
    if (!err)
        err = wants(a, e, "code", "route_offer ", t->offer, true, "offer is one of one, next, all");
    if (!err)
        err = wants(a, e, "code", "route_join ", t->joining, true, "join is one of all, any");
    if (!err)
        err = wants(a, e, "code", "route_escalation ", t->escalate, false,
                    "there is nobody of this name to escalate to");
    if (!err)
        err = wants(a, e, "need", "", t->need, !lead, "there is no such need");
    if (!err)
        err = wants(a, e, "code", "legal_basis ", t->ground, !lead, "there is no such ground in law");
    if (!err)
        err = wants(a, e, "deadline", "", t->answer_rule, false, "answer names no deadline rule");
    if (!err)
        err = wants(a, e, "deadline", "", t->result_rule, false, "result names no deadline rule");
    if (!err)
        err = check_kinds(a, t);
    if (!err && !lead && !same && !t->kinds.n)
        err = pack_wrong(e, a->fault, "who must be there: kinds of bodies", nothing);
    if (!err && same && (scheme_step_of(s, t->same_as) < 0 || text_eq(t->same_as, t->code)))
        err = pack_wrong(e, a->fault, "same names no other step", t->same_as);
    if (!err && !same && t->same_as.n)
        err = pack_wrong(e, a->fault, "same goes with where = same", t->same_as);
    return err;
}

static const struct pack_entry *place_of(const struct scheme *s, struct text step)
{
    int i = scheme_step_of(s, step);
    return i < 0 ? s->entry : s->steps[i].entry;
}

/* Routes would show in the tables whom such a fact is about. */
static bool tells_sealed(const struct all *a, const struct pack_entry *e)
{
    struct text rest = e ? pack_prop(e, "tells") : nothing, word;
    while (text_split(&rest, ' ', &word)) {
        const struct pack_entry *cls = word.n ? entry(a, "class", "", word) : NULL;
        if (cls && text_is(pack_prop(cls, "sealed"), "yes"))
            return true;
    }
    return false;
}

static enum err check_scheme(const struct all *a, struct scheme *s)
{
    enum err err = OK;
    if (!s->entry)
        return pack_wrong(s->steps[0].entry, a->fault, "there is no scheme of this code", s->code);
    err = wants(a, s->entry, "code", "category ", s->situation, true, "there is no such situation");
    if (!err && tells_sealed(a, entry(a, "code", "category ", s->situation)))
        err = pack_wrong(s->entry, a->fault, "the situation tells a sealed class", s->situation);
    for (int i = 0; i < s->n_steps && !err; i++) {
        err = check_step(a, s, &s->steps[i]);
        if (!err && tells_sealed(a, entry(a, "need", "", s->steps[i].need)))
            err = pack_wrong(s->steps[i].entry, a->fault, "the need tells a sealed class", s->steps[i].need);
    }
    for (int i = 0; i < s->n_arrows && !err; i++) {
        struct scheme_arrow *w = &s->arrows[i];
        const struct pack_entry *e = place_of(s, w->from);
        const struct pack_entry *result = entry(a, "code", "measure_result ", w->outcome);
        w->done = result && text_is(pack_prop(result, "done"), "yes");
        if (!text_is(w->to, "end") && scheme_step_of(s, w->to) < 0)
            err = pack_wrong(e, a->fault, "the scheme has no such step", w->to);
        else if (w->from.n && !entry(a, "code", "route_outcome ", w->outcome) && !result)
            err = pack_wrong(e, a->fault, "there is no such outcome", w->outcome);
    }
    return err;
}

static enum err check(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    struct all a = {entries, n, fault};
    enum err err = OK;
    for (int i = 0; i < taken.n && !err; i++)
        err = check_scheme(&a, taken.v[i]);
    return err;
}

const struct pack_section routing_packs[] = {
    {"scheme", begin, take_scheme, NULL, check}, {"step", NULL, take_step, NULL, NULL}, {0}};

/* The newest version from packs is compared; what was made in the form since stays as it is. */
void routing_packs_stored(struct change *ch)
{
    struct request *rq = ch->rq;
    struct scheme *was = NEW(rq->arena, struct scheme);
    for (int i = 0; i < taken.n && !rq->err; i++) {
        const struct scheme *s = taken.v[i];
        union scheme_from_packs_row row;
        if (q_scheme_from_packs(rq, &(struct scheme_from_packs_args){.code = v_text(s->code)}, &row) &&
            scheme_load(rq, v_as_int(row.id), was) && scheme_same(was, s))
            continue;
        int64_t id = scheme_store(ch, s);
        bool approved = text_is(s->state, "approved");
        if (approved)
            w_scheme_supersede(ch, &(struct scheme_supersede_args){.code = v_text(s->code),
                                                                   .but = v_int(id)});
        change_event(ch, &(struct event){.kind = approved ? "scheme.approved" : "scheme.drafted",
                                         .table = &scheme_table,
                                         .object = id});
    }
}
