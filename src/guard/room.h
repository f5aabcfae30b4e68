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
 * loading, on start and whenever the packs change; begin before the first, check behind the last with
 * all entries of all kinds (nothing is in use before it agrees), done when they are in use (each may
 * be null). */
struct pack_section {
    const char *kind;
    void (*begin)(void);
    enum err (*apply)(const struct pack_entry *e, struct fault *fault);
    void (*done)(void);
    enum err (*check)(const struct pack_entry *entries, size_t n, struct fault *fault);
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
    bool apart; /* waits for others (a mail server): runs in a thread where it keeps no other job waiting */
};

/* Rows that are kept for a term only: [retention NAME] of the packs says how long after what. `rows` is a query of the room,
 * `for: rule`, with the arguments body, after, before (before_at: as an instant) and rows, in the order of the numbers, and
 * the columns id, person_id, case_id, since (a day or an instant; null: the statement itself asks), classes. */
struct query;
struct retained {
    const char *name;
    const char *after; /* code of list retention_after: the event from which the term runs */
    const struct table *table;
    struct query *rows; /* null, and no table: dropped by a job of its own, without an act */
    /* Null: a row stays while another names it that cannot be without it, and is deleted by itself; optional references to it
     * are cleared. */
    bool (*stays)(struct request *rq, int64_t id);
    void (*destroy)(struct change *ch, int64_t id);
    void (*papers)(struct change *ch, int64_t id); /* what hangs on the row by its number only; null: nothing */
};

/* What hooks have moved from one account or body to another, or (to 0) only counted. */
struct moved {
    int64_t cases, programmes, measures, received, sent; /* referrals: received and sent */
    int64_t decisions; /* of meetings, to be carried out */
    int64_t entries;  /* of the body's own lists */
    int64_t consents; /* to a closing body, which do not pass */
    int64_t barred;   /* not moved: about restricted persons, whom the taker may not know of */
    int parts;        /* of a caseload: how many takers are still to come, this one among them; 1: takes all that is left */
};

/* Closed set; run inside the transaction in room order; a hook refuses by rq_refuse(). */
struct hooks {
    void (*person_merged)(struct change *ch, int64_t kept, int64_t gone);
    void (*person_unmerged)(struct change *ch, int64_t kept, int64_t again);
    /* The card of a person is about to be destroyed for good: what yields to that goes with it. */
    void (*person_erased)(struct change *ch, int64_t person);
    void (*case_closing)(struct change *ch, int64_t case_id);
    void (*referral_changed)(struct change *ch, int64_t referral);
    void (*consent_withdrawn)(struct change *ch, int64_t person, int64_t to_body);
    /* Persons are being looked for by these words, folded surnames without their endings among them. Outside of a change; takes as
     * long whatever it finds, and shows nothing. */
    void (*person_sought)(struct request *rq, const struct text *words, size_t n);
    void (*body_closing)(struct change *ch, int64_t body);
    void (*account_leaving)(struct change *ch, int64_t account);
    /* A new password, or another body or role: secrets that open something without the password are taken away. */
    void (*account_secured)(struct change *ch, int64_t account);
    /* Open work of an account passes to another of the same body. to 0: only counted, outside of a change too (then of ch only
     * rq is read). What the viewer may not know of is not counted, but moved. Adds to *m. */
    void (*caseload_moving)(struct change *ch, int64_t from, int64_t to, struct moved *m);
    /* A body is closed and another of its kind takes its place: facts pass with their grants. to 0: open work is only counted. */
    void (*body_succeeding)(struct change *ch, int64_t from, int64_t to, struct moved *m);
    void (*packs_stored)(struct change *ch); /* entries that sections have taken are being stored */
    void (*packs_stale)(struct request *rq); /* the register holds newer packs than this process */
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
    const struct retained *retains; /* what refers to others stands first */
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
