/* The fictional region of the demonstration: 12 districts, their bodies and staff, and persons with
 * three years of history. Everything about a person is decided first (demo_plan.c, demo_story.c) as
 * steps with a time; then the steps of all persons are carried out in the order of time
 * (demo_steps.c) through the rooms' own rules, each by the account and at the moment it belongs to.
 * So numbers, grants, events and their order are what the program itself would have left.
 *
 * All names are put together from lists of common ones (demo_names.c); no person is meant. Numbers
 * are such as nobody has. */
#ifndef MAIN_DEMO_H
#define MAIN_DEMO_H
#include "main/main.h"
#include "rooms/people/people.h"
#include "rooms/people/people_find.h"

/* ---- dice: the same seed, the same throws ---- */

struct dice {
    uint64_t s;
};
/* A stream of its own for each seed, person and purpose. */
struct dice dice_of(uint64_t seed, uint64_t person, uint64_t purpose);
uint32_t dice_below(struct dice *d, uint32_t n); /* 0 .. n-1; n > 0 */
int dice_between(struct dice *d, int low, int high);
bool dice_chance(struct dice *d, int percent);

/* ---- names ---- */

struct full_name {
    struct text family, given, patronymic; /* patronymic may be empty */
};
void demo_name(struct arena *arena, struct dice *d, bool female, struct full_name *out);
/* The i-th of the region's SNILS: right check digits, in the range above 990, where nobody has one.
 * n: how many there will be. */
struct text demo_snils(struct arena *arena, uint32_t i, uint32_t n);

/* ---- region ---- */

/* Kinds of bodies; the first six stand in every district. */
enum kind {
    K_SOCIAL,
    K_EMPLOYMENT,
    K_PENAL,
    K_POLICE,
    K_JUVENILE,
    K_CLINIC,
    K_DISTRICT, /* how many in each district */
    K_HOMELESS = K_DISTRICT,
    K_CRISIS,
    K_FAMILY,
    K_GUARDIAN,
    K_AIDS,
    K_NARCOLOGY,
    K_PSYCHIATRY,
    K_MENTAL_HOME,
    K_PRISON,
    K_NGO,
    K_PROBATION,
    K_EDUCATION,
    K_MINISTRY,
    K_CONTROL,
    K_OPERATOR,
    K_COUNT
};
enum { DISTRICTS = 12, BODIES_MAX = 128, ACTORS_MAX = 256, ACTORS_OF_BODY = 4, NO_ACTOR = 0xFFFF };

struct demo_district {
    int64_t id;
    int weight; /* of 100 persons */
    const char *const *settlements;
    int n_settlements;
};
struct demo_body {
    int64_t id;
    enum kind kind;
    int district;     /* -1: the whole region */
    uint32_t listed;  /* what its own list opens to it */
    const char *code; /* of the kind, in the packs */
    int n_actors;
    uint16_t actors[ACTORS_OF_BODY];
};
struct demo_actor {
    struct viewer viewer;
    int body;
};
struct region_made {
    struct arena *arena; /* of the names the viewers point to */
    struct demo_district districts[DISTRICTS];
    int n_bodies, n_actors;
    struct demo_body bodies[BODIES_MAX];
    struct demo_actor actors[ACTORS_MAX];
};
/* Districts, settlements, bodies and accounts in one change. hash: of the password of all. */
void demo_region(struct request *rq, uint64_t seed, const char *hash, struct region_made *out);
/* Heads, units, the coordinating body and agreements (demo_org.c). first, today: the days the history runs from and to. */
void demo_org(struct request *rq, const struct region_made *r, int64_t first, int64_t today);
/* Services of the bodies in the catalogue, as of the last day (demo_catalogue.c). */
void demo_catalogue(struct request *rq, uint64_t seed, const struct region_made *r);
/* The body of a kind that works with a district. */
int body_for(const struct region_made *r, enum kind kind, int district);
/* Somebody of its staff; NO_ACTOR when it has none. */
uint16_t actor_of(const struct region_made *r, int body, struct dice *d);

/* ---- words and tables (demo_words.c) ---- */

/* One for each category: who brings such persons in, from where, how old they are. */
struct profile {
    const char *category;
    int weight;         /* of 1,000 persons */
    enum kind entry[2]; /* the bodies that register them */
    const char *list;   /* "": by hand */
    const char *channels[4];
    int age_from, age_to, men; /* men of 100 */
    bool no_address, sentenced;
    int works[8]; /* what a programme may hold: indexes of demo_works, ended by -1 */
    int asks[4];  /* what the body that registers them asks of others, ended by -1 */
    bool leads;   /* the body leads the case itself */
    const char *situation;
};
extern const struct profile demo_profiles[];
extern const int n_demo_profiles;
int profile_of(const char *category);

/* A part of the common work: what is asked of whom on which ground. */
struct work {
    const char *need, *domain, *goal, *words, *ground;
    enum kind kind; /* K_COUNT: the lead itself */
    const char *services[3];
};
extern const struct work demo_works[];
int work_of(const char *need, enum kind kind);

struct topic_words {
    enum kind kind;
    const char *topic, *words;
};
extern const struct topic_words demo_notes[];
extern const int n_demo_notes;
extern const char *const demo_services[K_COUNT][8];
extern const char *const demo_results[5], *const demo_result_notes[5];
extern const char *const demo_reasons[6], *const demo_reason_notes[6];
extern const char *const demo_outcomes[8], *const demo_outcome_notes[8];
extern const char *const demo_punishments[6], *const demo_articles[8], *const demo_obligations[4];
extern const char *const demo_domains[10];
extern const char *const demo_streets[24];

/* ---- plans ---- */

enum op {
    OP_ENTER, /* what: profile; slot: channel; n: days since the category stands, -1 unknown;
                 target: body */
    OP_LIST,  /* into another body's list; what: profile whose category it sets, or NO_CATEGORY */
    OP_CATEGORY,     /* what: profile */
    OP_CATEGORY_END, /* what: profile */
    OP_SENTENCE,     /* what: punishment; n: months */
    OP_SERVE,        /* what: service (kind << 8 | number); slot: IN_NOTHING, IN_CASE, IN_REFERRAL +
                      * referral slot.        WORK_SERVICE | work << 2 | number: a service of a work */
    OP_REFER, /* slot; what: work; target: body; n: term in working days, or due day before today,
                 negative or 0 */
    OP_RULES, /* from here each step is a change of its own */
    OP_ACCEPT = OP_RULES, /* slot */
    OP_DECLINE,           /* slot; what: reason */
    OP_FINISH,            /* slot; what: result */
    OP_WITHDRAW,          /* slot */
    OP_START_CASE,        /* what: profile; slot: channel */
    OP_ASSESS,            /* what: profile */
    OP_PROGRAMME,         /* n: months; what: profile */
    OP_MEASURE,           /* slot; what: work; target: body; n: days until due */
    OP_AGREE,
    OP_MEASURE_DONE,   /* slot; what: result */
    OP_MEASURE_CANCEL, /* slot */
    OP_NOTE,           /* what: note; slot: IN_NOTHING or IN_CASE */
    OP_CLOSE,          /* what: outcome; n: days of follow-up, 0 none */
    OP_ROUTE,          /* slot: what is done; what: scheme << 8 | step; n: outcome (demo_routes.c) */
};
enum {
    IN_NOTHING,
    IN_CASE,
    IN_REFERRAL,
    NO_CATEGORY = 0xFFFF,
    WORK_SERVICE = 0x8000,
    FOLLOW_UP_SERVICE = WORK_SERVICE | 3,
    SLOTS = 8, /* of referrals: 0 opens the case, 1..5 belong to measures, 6 and 7 stand alone */
    FIRST_MEASURE = 1,
    LAST_MEASURE = 5,
    FREE_SLOT = 6,
    DAY = 24 * 60
};
struct step {
    uint32_t when; /* minutes since the first day */
    uint32_t person;
    uint16_t seq, actor, target, what;
    int16_t n;
    uint8_t op, slot;
};

/* Is it a change of its own? */
static inline bool step_is_rule(const struct step *s)
{
    return s->op >= OP_RULES || (s->op == OP_SERVE && s->slot != IN_NOTHING);
}

enum { LARGE = 20000 };

struct plans {
    const struct region_made *region;
    uint64_t seed;
    uint32_t persons;
    int64_t first_day, today;
    uint32_t days;                   /* from first_day to today */
    uint16_t *next_work, *last_work; /* day number -> the nearest working one, itself included */
    bool large;                      /* more than LARGE persons: short histories, few stories */
    uint32_t n_stories, n_shown;
    uint8_t *district, *profile; /* of each person */
    struct step *steps;
    size_t n, cap;
};
void plans_make(struct plans *p);
void plans_free(struct plans *p);

/* One person's plan. */
struct plan {
    struct plans *all;
    struct dice dice;
    uint32_t person;
    uint16_t seq;
    int district;
    const struct profile *profile;
    int entry_body;
    uint16_t entry_actor;
    uint32_t entered;
};
/* Keeps a step; what lies behind today has not happened yet and is left out. */
void plan_step(struct plan *pl, uint32_t when, enum op op, uint16_t actor, struct step s);
/* A moment in office hours on a working day `low` to `high` days later, always later. */
uint32_t plan_after(struct plan *pl, uint32_t when, int low, int high);
/* Does the role of this account write what the code tells? */
bool may_tell(const struct plan *pl, uint16_t actor, const char *list, const char *code);
/* A note that somebody of this body and role would write; -1: none. */
int note_for(struct plan *pl, uint16_t actor);
/* The common work on a person (demo_story.c): referral, case, programme, measures, outcome. */
void plan_story(struct plan *pl);
/* A referral without a case that waits, is due today, is late or is at work, for the inboxes. */
void plan_shown(struct plan *pl, uint32_t number);
/* Which district and which profile the persons of the inboxes have. */
void shown_place(uint32_t number, int *district, int *profile);
enum { SHOWN = 3 * 28 + (DISTRICTS - 1) * 28 };

/* ---- papers (demo_papers.c) ---- */

/* Turns some of those without an address into persons of whom neither date nor document is known. */
void demo_paperless(struct arena *arena, const struct plans *p, uint32_t person,
                    union person_record *out);
/* Other names and documents of a person who has just been entered, with the number `id`. */
void demo_papers(struct change *ch, const struct plans *p, uint32_t person, int64_t id,
                 const union person_record *r, int64_t body);

/* ---- routes (demo_routes.c) ---- */

/* Some cases of a situation go along the approved scheme for it from `when` on; most keep to it. */
void plan_route(struct plan *pl, uint32_t when, uint16_t lead);
/* Does one step of it as the viewer, who leads the case; nothing when the route stands otherwise by then. route: its number, 0 before it
 * has begun. */
void demo_route(struct request *rq, const struct region_made *r, const struct step *s, int64_t case_id, int64_t *route);
/* A case is not closed while a route of it runs. */
bool demo_route_runs(struct request *rq, int64_t case_id);

/* ---- meetings (demo_plans.c) ---- */

/* False after a message on stderr. today: the day of the demonstration. */
bool demo_plans(struct request *rq, const struct region_made *r, int64_t today);

/* ---- carrying out ---- */

/* False after a message on stderr. */
bool demo_steps(struct request *rq, struct plans *p);

#endif
