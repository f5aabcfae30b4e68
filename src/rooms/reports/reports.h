/* Reports made from the work itself. The room owns `served` (who received a service in a half-year
 * while a category stood), kept up by a reader of the event log, and the positions of such readers.
 * Reports are described in the packs. */
#ifndef ROOMS_REPORTS_REPORTS_H
#define ROOMS_REPORTS_REPORTS_H
#include "guard/room.h"
#include <stdio.h>

extern const struct room reports_room;

/* `bereg report NAME`: prints the report of a period ("2014-H1") against another (null: the same
 * half-year before) as table, csv, json or xlsx, as the viewer may see it. */
enum err report_command(struct request *rq, const char *name, const char *period,
                        const char *against, const char *format, FILE *out,
                        struct fault *fault) MUST;

/* Takes in what the event log has that `served` does not know yet. budget: microseconds after which
 * it stops, 0: none. False when work is left. */
bool reports_catch_up(struct request *rq, int64_t budget);
/* Makes it whole, for a register that nobody else uses yet. */
void reports_rebuild(struct request *rq);

/* A reader of the event log keeps sums of a room up to date; its name is that of its position. `take` reads the events with numbers
 * of [first, last]; it may get the same one again, and late ones behind others. */
struct log_reader {
    const char *name;
    void (*take)(struct change *ch, int64_t first, int64_t last);
};
/* Takes the next events, so many at the most, and those that came late; false when the log is read to its end. */
bool log_read_on(struct request *rq, const struct log_reader *r, int64_t events);
/* Where it stands: the number of the last event it has read, 0: none. */
int64_t log_reader_at(struct request *rq, const struct log_reader *r);
/* How many numbers it has still to read. */
int64_t log_behind(struct request *rq, const struct log_reader *r);
int64_t log_last_id(struct request *rq);
/* One node works with the reader's sums at a time. Where it stands. */
void log_reader_hold(struct change *ch, const struct log_reader *r);
void log_reader_put(struct change *ch, const struct log_reader *r, int64_t at);
/* Commits what follows from the log alone: nothing happened to anybody, so there is no event. */
void commit_index(struct change *ch);
/* True when nothing is left and nothing has failed; another node at the same work is no failure. */
bool log_work_ended(struct request *rq, bool more);
/* Reports that the viewer may read, as /reports lists them; the instant of the last event that they count (V_NONE: none yet), and
 * how many events and persons wait to be counted, no further than to 100. */
struct report_list_rows;
void reports_of_viewer(struct request *rq, struct report_list_rows *out);
void reports_counted(struct request *rq, struct value *to, int64_t *behind);


#endif
