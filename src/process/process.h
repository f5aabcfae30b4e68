/* Process mining of an event log: which ways cases go. Knows no persons and no register: cases and activities are names,
 * instants are microseconds UTC.
 *
 * Definitions, those of the field (van der Aalst, Process Mining, 2016, ch. 5–7; PM4Py, bupaR and Disco count so):
 *   trace      the events of one case by their time, equal times in the order in which they were added
 *   variant    the sequence of activities of a trace; two cases are of one variant when their sequences are equal
 *   arc        a is directly followed by b in a trace; counted each time. Its time: from the end of a to the start of b, never below 0
 *   self loop  an arc from an activity to itself
 *   start, end the first and the last activity of a trace
 *   duration   of a case: from the start of its first event to the latest end among its events
 *   median     the middle value, of an even number the mean of both middle ones; p90 between its neighbours in proportion
 *              (type 7 of Hyndman and Fan, the default of NumPy and R) */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H
#include "base/arena.h"

struct process_event {
    int64_t at, end; /* end: the same as at for what has no length */
    uint32_t case_, activity;
};

/* Texts, each once. */
struct process_names {
    struct text *name;
    uint32_t n, cap, last;
    struct process_slot *slot;
    uint32_t n_slots;
};

struct process_log {
    struct arena *arena;
    struct process_names cases, activities;
    struct process_event *event; /* malloc'd */
    size_t n, cap;
};

/* Values in microseconds, mean and quantiles not rounded; all 0 when n is 0. */
struct process_spread {
    size_t n;
    int64_t min, max;
    double mean, median, p90;
};

struct process_case {
    uint32_t name, variant;
    size_t first, n; /* its events */
    int64_t at, duration;
};

struct process_activity {
    struct text name;
    size_t n, cases, starts, ends, loops;
    struct process_spread time; /* from start to end of an event */
};

struct process_arc {
    uint32_t from, to;
    size_t n, cases;
    struct process_spread time;
};

struct process_variant {
    size_t first, length; /* activities of the events from `first` on */
    size_t n;
    struct process_spread duration;
};

/* The number of a text, from 0; a new one when it is met first. Copies it into the arena. */
uint32_t process_name_id(struct process_names *names, struct arena *arena, struct text t);

/* What a log tells. Activities by name; arcs and variants by frequency, then by name; cases in the order they were met. */
struct process {
    struct process_event *event; /* by case, each in its order; malloc'd */
    size_t n_events;
    struct process_case *cases;
    size_t n_cases;
    const struct text *case_name; /* by process_case.name */
    struct process_activity *activity;
    uint32_t n_activities;
    struct process_arc *arc;
    size_t n_arcs;
    struct process_variant *variant;
    size_t n_variants;
    struct process_spread duration;
};

enum { PROCESS_EVENTS_MAX = 1 << 30 };

void process_log_open(struct process_log *log, struct arena *arena);
/* ERR_LIMIT: more events than can be counted, or than there is memory for. end >= at. */
enum err process_log_add(struct process_log *log, struct text case_, struct text activity, int64_t at, int64_t end) MUST;
void process_log_close(struct process_log *log);

/* Counts; of cases whose first event is in [from, to) only (INT64_MIN, INT64_MAX: all). Uses the log up; names stay in its arena. */
enum err process_run(struct process_log *log, int64_t from, int64_t to, struct process *out) MUST;
void process_close(struct process *p);

/* Of n values, whose order is lost. */
struct process_spread process_spread(int64_t *values, size_t n);

/* --- the map: what of it is shown --- */

/* Nodes of a map are numbers; two of them, the last, are the start and the end of every case. */
struct process_link {
    uint32_t from, to;
    uint64_t n;
    bool shown;
};
struct process_map {
    uint32_t n_nodes; /* with start and end: n_nodes - 2 and n_nodes - 1 */
    uint64_t *n;      /* how often each happened */
    bool *shown;
    struct process_link *link;
    size_t n_links;
};
struct process_share {
    double nodes, links;   /* 0…1: the most frequent that are together this share of all events, of all moves */
    uint32_t nodes_max;    /* not more than these are shown */
    size_t links_max;
};
/* Marks what is shown. Each node that is shown lies on a way from start to end by links that are shown, the most frequent ways
 * (their rarest link is as frequent as can be); for that, nodes and links beyond the shares may come along. */
void process_map_choose(struct arena *arena, struct process_map *map, const struct process_share *share);

/* --- written times --- */

/* "2011-10-01T00:38:44.546+02:00" and its like: a date (2011-10-01, 2011/10/01, 20111001, 01.10.2011), then, behind T or blanks, hours and minutes,
 * seconds and a fraction if any, and Z or an offset if any; without an offset UTC. Years 1 to 9999. ERR_SYNTAX. */
enum err process_time(struct text t, int64_t *us) MUST;
/* By a format of %Y %m %d %H %M %S %f (fraction) %y (1970–2069) %z %b (Jan) %p (AM); other letters stand for themselves. */
enum err process_time_like(struct text t, const char *format, int64_t *us) MUST;
bool process_time_format_good(const char *format);

#endif
