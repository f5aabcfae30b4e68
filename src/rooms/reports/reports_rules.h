#ifndef ROOMS_REPORTS_REPORTS_RULES_H
#define ROOMS_REPORTS_REPORTS_RULES_H
#include "base/buf.h"
#include "reports_gen.h"
#include "rooms/reports/reports.h"

/* ---- figures ---- */

enum figure_state {
    FIGURE_SHOWN,
    FIGURE_FEW, /* from 1 to below `small`: shown as "<5" */
    FIGURE_OFF  /* hidden beside such a one, so that it cannot be computed */
};
struct figure {
    int64_t n;
    enum figure_state state;
};

/* Hides small numbers of a table and, beside each, as many others as it takes that no hidden number
 * can be computed from the shown ones. cells[row * cols + col]; the last row and the last column
 * are totals. A row adds up to its total; a column may not (a person of two categories is counted
 * once in the total) and is protected as if it did. */
void suppress(struct figure *cells, size_t rows, size_t cols, int64_t small);

/* "3.0": how many times `before` is in `now`, rounded half up; empty when there is nothing to
 * compare with. */
struct text ratio_text(struct arena *arena, int64_t now, int64_t before);

/* ---- the report ---- */

enum { GROUP_SELF, GROUP_REFERRED, GROUP_FOUND, GROUPS, FIGURE_ALL = GROUPS, FIGURES };
enum { NOW, BEFORE, SIDES };

struct report_line {
    struct text code; /* empty: the total */
    const char *label;
    struct figure f[SIDES][FIGURES];
};
struct report {
    const char *name, *title;
    int half[SIDES];
    size_t n; /* categories; lines[n] is the total */
    struct report_line *lines;
    int64_t small;
};

/* The half-years of a report from "2014-H1" and "2013-H1"; empty: this one, and the same of the
 * year before. False when a word is no half-year. */
bool report_halves(struct text period, struct text against, int64_t today, int half[SIDES]);
/* The viewer's report; ERR_NOT_FOUND when there is none of this name. */
void report_make(struct request *rq, const char *name, const int half[SIDES], struct report *out);
/* Is the category a line of the report that this viewer sees? Empty: the total. */
bool report_has_line(struct request *rq, const char *name, struct text category);
/* The group of a channel, and a group by its name or -1. */
int group_of_channel(struct text channel);
int group_of_name(struct text name);

/* The half-years to choose from, the newest first. */
void report_half_choices(struct request *rq, const int chosen[SIDES], struct report_half_rows *out);

/* ---- its outsides ---- */

void report_csv(const struct report *r, enum lang lang, bool for_people, struct buf *out);
enum err report_xlsx(const struct report *r, enum lang lang, struct arena *arena,
                     struct text *bytes, struct fault *fault) MUST;
void report_json(const struct report *r, struct arena *arena, struct buf *out);
void report_table(const struct report *r, enum lang lang, struct arena *arena, struct buf *out);

#endif
