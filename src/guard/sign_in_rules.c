/* As with roles: a new set replaces the old one whole, which is never freed, for requests point into it. */
#include "guard/sign_in_rules.h"
#include "base/arena.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

enum { PROVIDERS_MAX = 8 };

struct set {
    struct set *older;
    struct arena *arena;
    struct sign_in_rules rules;
    size_t n;
    struct provider providers[PROVIDERS_MAX];
};

#define SECOND 1000000ll
#define MINUTE (60 * SECOND)
#define DAY    (24 * 60 * MINUTE)

/* Of a register whose packs are older than these rules. */
static const struct sign_in_rules strict = {.password_min = 15,
                                            .idle = 30 * MINUTE,
                                            .longest = 12 * 60 * MINUTE,
                                            .confirm = 10 * MINUTE,
                                            .steps = 5 * MINUTE,
                                            .free = 3,
                                            .slowest = 60 * SECOND,
                                            .address_free = 30,
                                            .address_slowest = 10 * SECOND,
                                            .address_forget = 60 * MINUTE,
                                            .recovery = 10,
                                            .sessions = 3,
                                            .first_password = DAY,
                                            .token = 30 * DAY,
                                            .code_steps = 0,
                                            .code_sha256 = true,
                                            .words = {"", 0}};

static _Atomic(struct set *) current;
static struct set *next;

const struct sign_in_rules *sign_in_rules(void)
{
    struct set *s = current;
    return s ? &s->rules : &strict;
}

const struct provider *provider_at(size_t i)
{
    struct set *s = current;
    return s && i < s->n ? &s->providers[i] : NULL;
}

const struct provider *provider_find(struct text name)
{
    for (size_t i = 0; provider_at(i); i++)
        if (text_is(name, provider_at(i)->name))
            return provider_at(i);
    return NULL;
}

void sign_in_rules_begin(void)
{
    if (next) { /* of entries that were refused */
        arena_free(next->arena);
        free(next);
    }
    next = calloc(1, sizeof *next);
    if (!next)
        abort();
    next->arena = arena_new();
    next->rules = strict;
}

void sign_in_rules_done(void)
{
    if (next) {
        next->older = current;
        current = next;
    }
    next = NULL;
}

static const struct {
    const char *name;
    size_t at;
    int64_t unit, least, most;
} numbers[] = {
#define N(name, unit, least, most) {#name, offsetof(struct sign_in_rules, name), unit, least, most}
    N(password_min, 1, 8, 64),        N(idle, MINUTE, 1, 24 * 60),   N(longest, 60 * MINUTE, 1, 168),
    N(confirm, MINUTE, 1, 24 * 60),   N(steps, MINUTE, 1, 60),       N(free, 1, 1, 20),
    N(slowest, SECOND, 1, 3600),      N(address_free, 1, 5, 100000), N(address_slowest, SECOND, 1, 3600),
    N(address_forget, MINUTE, 1, 1440), N(recovery, 1, 5, 20),           N(token, DAY, 1, 366),
    N(first_password, DAY, 1, 30),    N(sessions, 1, 1, 100),          N(code_steps, 1, 0, 1),
#undef N
};

static enum err wrong(struct fault *fault, const struct pack_entry *e, const char *what)
{
    return fault_set(fault, ERR_SYNTAX, "pack section [%.*s %.*s]: %s", TEXT_ARG(e->kind), TEXT_ARG(e->key), what);
}

enum err sign_in_rules_take(const struct pack_entry *e, struct fault *fault)
{
    if (!text_is(e->key, "rules"))
        return wrong(fault, e, "the key is rules");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct text t = pack_prop(e, numbers[i].name);
        int64_t n;
        if (!t.n)
            continue;
        if (text_int(t, numbers[i].least, numbers[i].most, &n))
            return fault_set(fault, ERR_SYNTAX, "pack section [sign_in rules]: %s is a number from %lld to %lld",
                             numbers[i].name, (long long)numbers[i].least, (long long)numbers[i].most);
        *(int64_t *)((char *)&next->rules + numbers[i].at) = n * numbers[i].unit;
    }
    struct text hash = pack_prop(e, "code_hash");
    if (hash.n && !text_is(hash, "SHA1") && !text_is(hash, "SHA256"))
        return wrong(fault, e, "code_hash is SHA1 or SHA256");
    if (hash.n)
        next->rules.code_sha256 = text_is(hash, "SHA256");
    next->rules.words = text_fold(next->arena, pack_prop(e, "password_words"));
    return OK;
}

enum err sign_in_provider_take(const struct pack_entry *e, struct fault *fault)
{
    struct provider p = {.name = arena_z(next->arena, e->key),
                         .label_ru = arena_z(next->arena, pack_prop(e, "label.ru")),
                         .label_en = arena_z(next->arena, pack_prop(e, "label.en")),
                         .issuer = arena_z(next->arena, pack_prop(e, "issuer")),
                         .client_id = arena_z(next->arena, pack_prop(e, "client_id")),
                         .scope = arena_z(next->arena, pack_prop(e, "scope")),
                         .algorithms = arena_text(next->arena, pack_prop(e, "algorithms"))};
    struct text rest = p.algorithms, word, issuer = text_of(p.issuer);
    if (next->n == PROVIDERS_MAX || e->key.n > 40)
        return wrong(fault, e, "too many providers, or a name over 40 letters");
    while (text_split(&rest, ' ', &word))
        if (word.n && !text_is(word, "RS256") && !text_is(word, "ES256"))
            return wrong(fault, e, "algorithms are RS256, ES256 or both");
    if (!p.algorithms.n || !p.client_id[0] || !p.label_ru[0] || !p.label_en[0])
        return wrong(fault, e, "a provider needs label.ru, label.en, issuer, client_id and algorithms");
    if (!text_starts(issuer, "https://") && !text_starts(issuer, "http://127.0.0.1:"))
        return wrong(fault, e, "issuer is an address that begins with https:// (or http://127.0.0.1: for trials)");
    if (!p.scope[0])
        p.scope = "openid";
    next->providers[next->n++] = p;
    return OK;
}
