#include "guard/codes.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/log.h"

/* Sets replace each other whole; old ones are never freed while the program runs (packs change some
 * times a year, and requests may still hold labels of the former set). List numbers stay the same
 * from set to set. */
enum { LISTS_MAX = 256, BUCKETS = 4096 };

struct code_set {
    struct code_set *older; /* still reachable for leak checkers */
    struct arena *arena;
    size_t n;
    struct code_list lists[LISTS_MAX];
    size_t cap[LISTS_MAX];
    struct bucket {
        const struct code_list *list;
        const struct code *code;
        struct bucket *next;
    } * buckets[BUCKETS];
};

static _Atomic(struct code_set *) current;
static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static const char *names[LISTS_MAX]; /* number -> name, the same for all sets; 0 is no list */
static _Atomic size_t n_names = 1;

static uint16_t number_of(const char *name)
{
    pthread_mutex_lock(&names_lock);
    size_t i = 1, n = n_names;
    while (i < n && strcmp(names[i], name) != 0)
        i++;
    if (i == n && n < LISTS_MAX) {
        names[i] = strdup(name);
        n_names = n + 1;
    }
    pthread_mutex_unlock(&names_lock);
    return i < LISTS_MAX ? (uint16_t)i : 0;
}

static size_t bucket_of(uint16_t list, struct text code)
{
    uint32_t h = 2166136261u ^ list;
    for (size_t i = 0; i < code.n; i++)
        h = (h ^ (unsigned char)code.s[i]) * 16777619u;
    return h % BUCKETS;
}

struct code_set *code_set_new(void)
{
    struct code_set *set = calloc(1, sizeof *set);
    if (!set)
        abort();
    set->arena = arena_new();
    return set;
}

void code_set_add(struct code_set *set, const char *name, struct code code)
{
    uint16_t k = number_of(name);
    if (!k) {
        log_error("more than %d code lists", LISTS_MAX - 1);
        return;
    }
    struct code_list *list = &set->lists[k];
    struct code *codes = (struct code *)list->codes;
    if (list->n == set->cap[k]) {
        size_t cap = set->cap[k] ? set->cap[k] * 2 : 16;
        codes = arena_grow(set->arena, codes, set->cap[k] * sizeof *codes, cap * sizeof *codes);
        set->cap[k] = cap;
    }
    struct code *c = &codes[list->n];
    *c = code;
    c->code = arena_z(set->arena, text_of(code.code));
    for (int i = 0; i < LANG_COUNT; i++)
        c->label[i] = arena_z(set->arena, text_of(code.label[i] ? code.label[i] : code.code));
    c->cover = code.cover ? arena_z(set->arena, text_of(code.cover)) : NULL;
    c->act = code.act ? arena_z(set->arena, text_of(code.act)) : NULL;
    *list = (struct code_list){names[k], k, list->n + 1, codes};
}

const struct code_list *code_set_list(const struct code_set *set, size_t k)
{
    for (size_t i = 1; i < LISTS_MAX; i++)
        if (set->lists[i].n && !k--)
            return &set->lists[i];
    return NULL;
}

bool code_set_covered(const struct code_set *set, const char *name, unsigned number)
{
    return code_covered(&set->lists[number_of(name)], number) != NULL;
}

void code_set_drop(struct code_set *set)
{
    if (!set)
        return;
    arena_free(set->arena);
    free(set);
}

void code_set_use(struct code_set *set)
{
    for (size_t k = 1; k < LISTS_MAX; k++) {
        const struct code_list *list = &set->lists[k];
        for (size_t i = 0; i < list->n; i++) {
            struct bucket *b = NEW(set->arena, struct bucket);
            struct bucket **head =
                &set->buckets[bucket_of((uint16_t)k, text_of(list->codes[i].code))];
            *b = (struct bucket){list, &list->codes[i], *head};
            *head = b;
        }
    }
    set->older = current;
    current = set;
}

const struct code_list *code_list_at(uint16_t index)
{
    struct code_set *set = current;
    return set && index && index < LISTS_MAX && set->lists[index].n ? &set->lists[index] : NULL;
}

const struct code_list *code_list(const char *name)
{
    size_t n = n_names;
    for (size_t i = 1; name && i < n; i++)
        if (strcmp(names[i], name) == 0)
            return code_list_at((uint16_t)i);
    return NULL;
}

const struct code *code_find(const struct code_list *list, struct text code)
{
    struct code_set *set = current;
    if (!set || !list)
        return NULL;
    for (struct bucket *b = set->buckets[bucket_of(list->index, code)]; b; b = b->next)
        if (b->list->index == list->index && text_is(code, b->code->code))
            return b->code;
    return NULL;
}

const struct code *code_covered(const struct code_list *list, unsigned number)
{
    for (size_t i = 0; list && i < list->n; i++)
        if (list->codes[i].covered == number)
            return &list->codes[i];
    return NULL;
}

uint32_t code_classes(const char *list, struct text code)
{
    const struct code *c = code_find(code_list(list), code);
    return c ? c->classes : 0;
}
