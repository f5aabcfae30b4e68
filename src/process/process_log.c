#include "process/process.h"
#include <stdlib.h>

struct process_slot {
    uint32_t hash, id; /* id + 1; 0: free */
};

static uint64_t hash_text(struct text t)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ t.n, word = 0;
    size_t i = 0;

    for (; i + 8 <= t.n; i += 8) {
        memcpy(&word, t.s + i, 8);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    word = 0;
    if (i < t.n)
        memcpy(&word, t.s + i, t.n - i);
    h = (h ^ word) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 29;
}

static void more_slots(struct process_names *names, struct arena *arena)
{
    struct process_slot *old = names->slot;
    uint32_t n = names->n_slots, mask;

    names->n_slots = n ? n * 2 : 256;
    names->slot = arena_array(arena, names->n_slots, sizeof *names->slot);
    mask = names->n_slots - 1;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].id) {
            uint32_t at = old[i].hash & mask;
            while (names->slot[at].id)
                at = (at + 1) & mask;
            names->slot[at] = old[i];
        }
}

/* Rows of one case mostly stand together: the name met last is looked at first. */
uint32_t process_name_id(struct process_names *names, struct arena *arena, struct text t)
{
    if (names->n && text_eq(names->name[names->last], t))
        return names->last;
    if (names->n * UINT64_C(2) >= names->n_slots)
        more_slots(names, arena);
    uint32_t hash = (uint32_t)hash_text(t), mask = names->n_slots - 1, at = hash & mask;
    for (; names->slot[at].id; at = (at + 1) & mask)
        if (names->slot[at].hash == hash && text_eq(names->name[names->slot[at].id - 1], t))
            return names->last = names->slot[at].id - 1;
    if (names->n == names->cap) {
        uint32_t cap = names->cap ? names->cap * 2 : 128;
        names->name = arena_grow(arena, names->name, names->cap * sizeof *names->name, cap * sizeof *names->name);
        names->cap = cap;
    }
    names->name[names->n] = arena_text(arena, t);
    names->slot[at] = (struct process_slot){hash, names->n + 1};
    return names->last = names->n++;
}

void process_log_open(struct process_log *log, struct arena *arena)
{
    *log = (struct process_log){.arena = arena};
}

enum err process_log_add(struct process_log *log, struct text case_, struct text activity, int64_t at, int64_t end)
{
    if (log->n == log->cap) {
        size_t cap = log->cap ? log->cap + log->cap / 2 : 4096;
        struct process_event *more = log->n < PROCESS_EVENTS_MAX ? realloc(log->event, cap * sizeof *more) : NULL;
        if (!more)
            return ERR_LIMIT;
        log->event = more;
        log->cap = cap;
    }
    log->event[log->n++] = (struct process_event){at, end, process_name_id(&log->cases, log->arena, case_),
                                                  process_name_id(&log->activities, log->arena, activity)};
    return OK;
}

void process_log_close(struct process_log *log)
{
    free(log->event);
    log->event = NULL;
    log->n = log->cap = 0;
}
