/* What a room tells the house. Down by a function, up by a hook, later by the log. */
#ifndef GUARD_ROOM_H
#define GUARD_ROOM_H
#include "guard/change.h"
#include "guard/form.h"

/* One entry of a pack: [kind key…] and its properties. */
struct pack_entry {
    struct text pack;  /* name of the pack: "ru" */
    struct text place; /* "packs/ru/people.pack:12"; empty when it comes from the register */
    struct text kind, key;
    size_t n;
    const struct pack_prop {
        struct text name, value;
    } * props;
};
/* Empty when absent. */
static inline struct text pack_prop(const struct pack_entry *e, const char *name)
{
    for (size_t i = 0; i < e->n; i++)
        if (text_is(e->props[i].name, name))
            return e->props[i].value;
    return (struct text){"", 0};
}

/* A kind of pack section that a room takes. `apply` is called for each entry of the kind after
 * loading, on start and whenever the packs change; begin before the first and done after the last
 * (either may be null). */
struct pack_section {
    const char *kind;
    void (*begin)(void);
    enum err (*apply)(const struct pack_entry *e, struct fault *fault);
    void (*done)(void);
};

/* `bereg import KIND FILE`. The room reads rows, stages them, applies them. */
struct import_kind {
    const char *name; /* "persons" */
    const char *label;
};

/* Work done after commit or by the clock; claimed in the database, so that one node does it. */
struct job {
    const char *name;
    int every;                       /* seconds between runs; 0: only when asked */
    void (*run)(struct request *rq); /* the system's viewer */
};

/* Closed set; run inside the transaction in room order; a hook refuses by rq_refuse(). */
struct hooks {
    void (*person_merged)(struct change *ch, int64_t kept, int64_t gone);
    void (*person_unmerged)(struct change *ch, int64_t kept, int64_t again);
    void (*case_closing)(struct change *ch, int64_t case_id);
    void (*referral_changed)(struct change *ch, int64_t referral);
    void (*body_closing)(struct change *ch, int64_t body);
    void (*account_leaving)(struct change *ch, int64_t account);
};

/* An existing object of a kind that this viewer may open, for `bereg routes` and the crawl of the
 * leak test: what stands for {person} in a route. 0: none. */
struct sample {
    const char *name;
    int64_t (*find)(struct request *rq);
};

struct room {
    const char *name;
    const struct table *const *tables; /* null-terminated */
    const struct form *const *forms;   /* null-terminated */
    const struct pack_section *packs;  /* each list ends with a null name */
    const struct job *jobs;
    const struct sample *samples;
    struct hooks hooks;
    /* Findings of `bereg check`: calls the function for each; null: nothing of its own to check. */
    void (*check)(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);
};

extern const struct room
    *const rooms[]; /* main/rooms.c, null-terminated, in the order of the house */

/* Calls a hook of every room in order until one refuses. */
#define HOOK(rq, name, ...)                                                                        \
    do {                                                                                           \
        for (const struct room *const *hook_room = rooms; *hook_room; hook_room++)                 \
            if (!(rq)->err && (*hook_room)->hooks.name)                                            \
                (*hook_room)->hooks.name(__VA_ARGS__);                                             \
    } while (0)

#endif
