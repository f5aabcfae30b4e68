/* Classes, roles, needs and rules of grants: sections of the packs, kept in memory. As with code
 * lists, a new set replaces the old one whole and the old one is never freed: running requests
 * point into it. */
#include "base/arena.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/sign_in_rules.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { ROLES_MAX = 64, RULES_MAX = 512, NEEDS_MAX = 256, KINDS_MAX = 128, LAWS_MAX = 64 };

struct rules {
    struct rules *older; /* still reachable for leak checkers */
    struct arena *arena;
    uint32_t owner_only, sealed;
    size_t n_roles, n_grants, n_needs, n_kinds, n_laws;
    struct role roles[ROLES_MAX];
    struct grant_rule {
        enum fact fact;
        const char *kind; /* of body, or "*" */
        uint32_t classes;
        bool need;     /* and the classes of the need */
        bool law;      /* and those of the law */
        int64_t lasts; /* microseconds after the fact; 0: as long as the fact */
    } grants[RULES_MAX];
    struct need_rule {
        const char *code;
        uint32_t classes;
    } needs[NEEDS_MAX];
    struct kind_rule {
        const char *kind;
        uint32_t never;
    } kinds[KINDS_MAX];
    struct law laws[LAWS_MAX];
};

static _Atomic(struct rules *) current;
static struct rules *next;

/* One for all of the guard's sections: packs begin every section before they apply the first entry.
 */
static void rules_begin(void)
{
    if (next) { /* of entries that were refused */
        arena_free(next->arena);
        free(next);
    }
    next = calloc(1, sizeof *next);
    if (!next)
        abort();
    next->arena = arena_new();
}

static void rules_done(void)
{
    if (next) {
        next->older = current;
        current = next;
    }
    next = NULL;
}

static enum err wrong(struct fault *fault, const struct pack_entry *e, const char *what)
{
    return fault_set(fault, ERR_SYNTAX, "pack section [%.*s %.*s]: %s", TEXT_ARG(e->kind),
                     TEXT_ARG(e->key), what);
}

static bool yes(struct text t)
{
    return text_is(t, "yes");
}

static enum err take_class(const struct pack_entry *e, struct fault *fault)
{
    enum data_class c;
    if (class_parse(e->key, &c))
        return wrong(fault, e, "there is no such class of data");
    if (yes(pack_prop(e, "owner_only")))
        next->owner_only |= CLASS_BIT(c);
    if (yes(pack_prop(e, "sealed")))
        next->sealed |= CLASS_BIT(c);
    return OK;
}

static const char *const cap_names[CAP_COUNT] = {
#define X(id, name, label) [CAP_##id] = name,
    CAPS(X)
#undef X
};

static enum err take_role(const struct pack_entry *e, struct fault *fault)
{
    if (next->n_roles == ROLES_MAX)
        return wrong(fault, e, "too many roles");
    struct role r = {.code = arena_z(next->arena, e->key),
                     .label = arena_z(next->arena, pack_prop(e, "label.en"))};
    if (classes_parse(pack_prop(e, "read"), &r.read) ||
        classes_parse(pack_prop(e, "write"), &r.write))
        return wrong(fault, e, "read and write name classes of data");
    struct text second = pack_prop(e, "second_factor");
    if (second.n && !yes(second) && !text_is(second, "no"))
        return wrong(fault, e, "second_factor is yes or no");
    r.second_factor = yes(second);
    struct text rest = pack_prop(e, "caps"), part;
    while (text_split(&rest, ' ', &part)) {
        if (!part.n)
            continue;
        int cap = 1;
        while (cap < CAP_COUNT && !text_is(part, cap_names[cap]))
            cap++;
        if (cap == CAP_COUNT)
            return wrong(fault, e, "caps has a name that the program does not know");
        r.caps |= 1u << cap;
    }
    next->roles[next->n_roles++] = r;
    return OK;
}

static enum err take_need(const struct pack_entry *e, struct fault *fault)
{
    if (next->n_needs == NEEDS_MAX)
        return wrong(fault, e, "too many needs");
    struct need_rule n = {.code = arena_z(next->arena, e->key)};
    if (classes_parse(pack_prop(e, "classes"), &n.classes))
        return wrong(fault, e, "classes names classes of data");
    next->needs[next->n_needs++] = n;
    return OK;
}

static enum err take_kind(const struct pack_entry *e, struct fault *fault)
{
    if (next->n_kinds == KINDS_MAX)
        return wrong(fault, e, "too many kinds of bodies");
    struct kind_rule k = {.kind = arena_z(next->arena, e->key)};
    if (classes_parse(pack_prop(e, "never"), &k.never))
        return wrong(fault, e, "never names classes of data");
    next->kinds[next->n_kinds++] = k;
    return OK;
}

static enum err take_law(const struct pack_entry *e, struct fault *fault)
{
    if (next->n_laws == LAWS_MAX)
        return wrong(fault, e, "too many laws");
    struct law l = {.code = arena_z(next->arena, e->key),
                    .categories = arena_text(next->arena, pack_prop(e, "categories")),
                    .kinds = arena_text(next->arena, pack_prop(e, "kinds"))};
    if (classes_parse(pack_prop(e, "classes"), &l.classes))
        return wrong(fault, e, "classes names classes of data");
    next->laws[next->n_laws++] = l;
    return OK;
}

static const char *const fact_names[FACT_COUNT] = {
#define X(id, name) name,
    FACTS(X)
#undef X
};

static enum err take_grant(const struct pack_entry *e, struct fault *fault)
{
    if (next->n_grants == RULES_MAX)
        return wrong(fault, e, "too many rules of grants");
    struct text rest = e->key, fact, kind;
    if (!text_split(&rest, ' ', &fact) || !text_split(&rest, ' ', &kind))
        return wrong(fault, e, "the key is a fact and a kind of body, or *");
    struct grant_rule g = {.kind = arena_z(next->arena, kind)};
    int f = 0;
    while (f < FACT_COUNT && !text_is(fact, fact_names[f]))
        f++;
    if (f == FACT_COUNT)
        return wrong(fault, e, "there is no such fact");
    g.fact = (enum fact)f;
    struct text words = pack_prop(e, "classes"), word, days = pack_prop(e, "days"),
                minutes = pack_prop(e, "minutes");
    int64_t n = 0;
    if ((days.n && text_int(days, 0, 100000, &n)) || (minutes.n && text_int(minutes, 1, 1440, &n)))
        return wrong(fault, e, "days and minutes are numbers");
    g.lasts = n * (days.n ? 24 * 60 : 1) * 60000000ll;
    while (text_split(&words, ' ', &word)) {
        uint32_t bits = 0;
        if (text_is(word, "need"))
            g.need = true;
        else if (text_is(word, "law"))
            g.law = true;
        else if (word.n && classes_parse(word, &bits))
            return wrong(fault, e, "classes names classes of data, need or law");
        g.classes |= bits;
    }
    next->grants[next->n_grants++] = g;
    return OK;
}

const struct pack_section guard_packs[] = {{"class", rules_begin, take_class, NULL},
                                           {"role", NULL, take_role, NULL},
                                           {"need", NULL, take_need, NULL},
                                           {"body_kind", NULL, take_kind, NULL},
                                           {"law", NULL, take_law, NULL},
                                           {"grant", NULL, take_grant, rules_done},
                                           {"sign_in", sign_in_rules_begin, sign_in_rules_take, sign_in_rules_done},
                                           {"oidc", NULL, sign_in_provider_take, NULL},
                                           {0}};

const struct role *role_find(const char *code)
{
    struct rules *r = current;
    for (size_t i = 0; r && i < r->n_roles; i++)
        if (strcmp(r->roles[i].code, code) == 0)
            return &r->roles[i];
    return NULL;
}

const struct role *role_at(size_t i)
{
    struct rules *r = current;
    return r && i < r->n_roles ? &r->roles[i] : NULL;
}

uint32_t classes_of_owner(void)
{
    struct rules *r = current;
    return r ? r->owner_only : CLASS_ALL;
}

uint32_t classes_sealed(void)
{
    struct rules *r = current;
    return r ? r->sealed : CLASS_ALL;
}

uint32_t need_classes(struct text need)
{
    struct rules *r = current;
    for (size_t i = 0; r && i < r->n_needs; i++)
        if (text_is(need, r->needs[i].code))
            return r->needs[i].classes;
    return 0;
}

size_t need_count(void)
{
    struct rules *r = current;
    return r ? r->n_needs : 0;
}

const char *need_at(size_t i, uint32_t *classes)
{
    struct rules *r = current;
    *classes = r->needs[i].classes;
    return r->needs[i].code;
}

/* The rule for the body's own kind goes before the one for any kind; what a kind never gets is
 * taken off whatever says. */
static const struct grant_rule *rule_of(const struct rules *r, enum fact fact,
                                        const char *body_kind)
{
    const struct grant_rule *found = NULL;
    for (size_t i = 0; r && i < r->n_grants; i++) {
        const struct grant_rule *g = &r->grants[i];
        if (g->fact != fact)
            continue;
        if (strcmp(g->kind, body_kind) == 0)
            found = g;
        else if (!found && strcmp(g->kind, "*") == 0)
            found = g;
    }
    return found;
}

int64_t access_until(enum fact fact, const char *body_kind, int64_t now)
{
    const struct grant_rule *found = rule_of(current, fact, body_kind);
    return found && found->lasts ? now + found->lasts : 0;
}

uint32_t access_never(const char *body_kind)
{
    const struct rules *r = current;
    for (size_t i = 0; r && i < r->n_kinds; i++)
        if (strcmp(r->kinds[i].kind, body_kind) == 0)
            return r->kinds[i].never;
    return 0;
}

const struct law *law_at(size_t i)
{
    struct rules *r = current;
    return r && i < r->n_laws ? &r->laws[i] : NULL;
}

bool law_has(struct text words, struct text word)
{
    struct text one;
    while (text_split(&words, ' ', &one))
        if (one.n && text_eq(one, word))
            return true;
    return false;
}

struct text law_reason(struct arena *arena, const struct law *law, struct text category)
{
    return arena_printf(arena, "%s %.*s", law->code, TEXT_ARG(category));
}

/* The law of a reason, while it still names the category and the kind of body. */
static const struct law *law_of(struct text reason, const char *body_kind)
{
    struct text code;
    if (!text_split(&reason, ' ', &code))
        return NULL;
    for (size_t i = 0; law_at(i); i++)
        if (text_is(code, law_at(i)->code))
            return law_has(law_at(i)->categories, reason) &&
                           law_has(law_at(i)->kinds, text_of(body_kind))
                       ? law_at(i)
                       : NULL;
    return NULL;
}

uint32_t access_rule(enum fact fact, const char *body_kind, struct text reason)
{
    const struct grant_rule *found = rule_of(current, fact, body_kind);
    const struct law *law = fact == FACT_LAW ? law_of(reason, body_kind) : NULL;
    if (!found || (fact == FACT_LAW && !law))
        return 0;
    uint32_t bits = found->classes | (found->need ? need_classes(reason) : 0) |
                    (found->law && law ? law->classes : 0);
    return bits & ~access_never(body_kind);
}

uint32_t access_rule_of(struct text fact, const char *body_kind, struct text reason,
                        struct value cap)
{
    for (int f = 0; f < FACT_COUNT; f++)
        if (text_is(fact, fact_names[f]))
            return access_rule((enum fact)f, body_kind, reason) &
                   (v_is(cap) ? (uint32_t)v_as_int(cap) : CLASS_ALL);
    return 0;
}

const char *fact_at(size_t i)
{
    return i < FACT_COUNT ? fact_names[i] : NULL;
}

const char *body_kind_at(size_t i)
{
    struct rules *r = current;
    return r && i < r->n_kinds ? r->kinds[i].kind : NULL;
}

bool access_by_need(enum fact fact, const char *body_kind)
{
    const struct grant_rule *found = rule_of(current, fact, body_kind);
    return found && found->need;
}
