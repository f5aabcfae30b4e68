#include "base/arena.h"
#include "base/log.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Under AddressSanitizer what was not handed out is poisoned, so that a step past the end of a
 * piece is found although malloc knows nothing of pieces. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { GAP = 16 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { ALIGN = alignof(max_align_t), FIRST_BLOCK = 16 * 1024, LARGEST_STEP = 1024 * 1024 };

struct block {
    struct block *older;
    size_t size, used; /* of bytes */
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t handed_out; /* in older blocks too */
};

static _Noreturn void no_memory(size_t size)
{
    log_error("no memory: %zu bytes were refused", size);
    abort();
}

static size_t round_up(size_t size)
{
    if (size > SIZE_MAX / 4)
        no_memory(size);
    return (size + GAP + ALIGN - 1) / ALIGN * ALIGN;
}

static void add_block(struct arena *arena, size_t least)
{
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;

    if (size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < least)
        size = least;
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        no_memory(size);
    b->older = arena->newest;
    b->size = size;
    b->used = 0;
    POISON(b->bytes, size);
    arena->newest = b;
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *older = b->older;
        UNPOISON(b->bytes, b->size);
        free(b);
        b = older;
    }
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (!arena)
        no_memory(sizeof *arena);
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->newest);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    struct block *keep = arena->newest;

    arena->handed_out = 0;
    if (!keep)
        return;
    free_blocks(keep->older);
    keep->older = NULL;
    if (keep->size > LARGEST_STEP) { /* one large import must not stay with a worker for ever */
        free_blocks(keep);
        arena->newest = NULL;
        return;
    }
    keep->used = 0;
    POISON(keep->bytes, keep->size);
}

size_t arena_used(const struct arena *arena)
{
    return arena->handed_out;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t room = round_up(size ? size : 1);

    if (!arena->newest || arena->newest->size - arena->newest->used < room)
        add_block(arena, room);
    struct block *b = arena->newest;
    void *p = b->bytes + b->used;
    b->used += room;
    arena->handed_out += size;
    UNPOISON(p, size);
    memset(p, 0, size);
    return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        no_memory(SIZE_MAX);
    return arena_alloc(arena, total);
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size)
{
    struct block *b = arena->newest;

    if (new_size <= old_size && old)
        return old;
    if (old && b) { /* the last piece grows where it lies */
        size_t old_room = round_up(old_size ? old_size : 1), room = round_up(new_size);
        if ((unsigned char *)old + old_room == b->bytes + b->used &&
            b->size - (b->used - old_room) >= room) {
            b->used += room - old_room;
            arena->handed_out += new_size - old_size;
            UNPOISON(old, new_size);
            memset((unsigned char *)old + old_size, 0, new_size - old_size);
            return old;
        }
    }
    void *p = arena_alloc(arena, new_size);
    if (old && old_size)
        memcpy(p, old, old_size);
    return p;
}

struct text arena_text(struct arena *arena, struct text t)
{
    char *s = arena_alloc(arena, t.n + 1);

    if (t.n)
        memcpy(s, t.s, t.n);
    return (struct text){s, t.n};
}

const char *arena_z(struct arena *arena, struct text t)
{
    return arena_text(arena, t).s;
}

struct text arena_printf(struct arena *arena, const char *fmt, ...)
{
    char small[256];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n < 0)
        return arena_text(arena, T(""));
    if ((size_t)n < sizeof small)
        return arena_text(arena, (struct text){small, (size_t)n});
    char *s = arena_alloc(arena, (size_t)n + 1);
    va_start(args, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, args);
    va_end(args);
    return (struct text){s, (size_t)n};
}
