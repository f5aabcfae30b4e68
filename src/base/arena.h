/* Memory that is given back all at once: what lives as long as a request is taken from its arena.
 * Sizes are bounded by the limits of input and paging, so an allocation that the system refuses
 * ends the process with a word in the log; callers never see null. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/text.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);  /* null is fine */
void arena_reset(struct arena *arena); /* empty again; keeps one block */
size_t arena_used(const struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);              /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t size); /* zeroed; aborts on overflow */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);
struct text arena_text(struct arena *arena, struct text t); /* a copy, NUL-terminated */
const char *arena_z(struct arena *arena, struct text t);    /* a copy as C string */
struct text arena_printf(struct arena *arena, const char *fmt, ...) PRINTF(2, 3);

#define NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
