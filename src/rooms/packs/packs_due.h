/* Terms: the one place where a date due comes from. Rules stand in the packs ([deadline ID]), days in their
 * calendars; what is counted and how follows the Civil Code of Russia, art. 190 to 194. */
#ifndef PACKS_PACKS_DUE_H
#define PACKS_PACKS_DUE_H
#include "rooms/packs/packs.h"

/* Days [from, until] that do not count, because the term was suspended; until 0: it still is. One whose end lies before
 * its beginning has no days; breaks may meet and stand in any order. */
struct term_break {
    int64_t from, until;
};

/* What a term is counted from and by. It begins the day after the event, however late in the day it was. */
struct term {
    const char *rule; /* id of [deadline ID], or null: unit, count and month below */
    enum unit unit;
    int count; /* negative: so long before the event; UNIT_MONTH_DAY: the day of the month */
    int month; /* with UNIT_MONTH_DAY: 1..12, 0 any */
    const char *calendar; /* null: the rule's, else the region's */
    int64_t from;         /* instant of the event, microseconds UTC; of a date: instant_of_day() */
    const struct term_break *breaks;
    size_t n_breaks;
    /* Extension: in the unit of the term it makes the term longer (30 days and 30 days are 60); in another unit it begins
     * where the term ended. Days of the month and "at once" are no extension. more 0: none. */
    enum unit more_unit;
    int more;
};

struct due {
    int64_t day;   /* date due */
    int64_t at;    /* instant, for hours and "at once"; 0: the whole day */
    bool known;    /* decrees name each year from the event to the day due; false: computed by rule */
    bool standing; /* suspended with no end yet: what it would be if the term went on tomorrow */
    const struct deadline_rule *rule; /* null without one; stays as long as the process */
};

/* The date due:
 * - working days: worked days after the event are counted; days of a break are not;
 * - days, months, years, day of the month: the end moves by the days of breaks that lie within the term; an end on a day
 *   off moves to the next working day, of a term before the event to the working day before;
 * - hours run from the instant, on days off too, and stand still in a break;
 * - at once: the instant of the event.
 * A term before an event (negative count) knows no breaks. False: no such rule or calendar, the act sets no number, or
 * the extension has no length. Needs packs in use; thread-safe; no allocation. */
bool term_due(const struct term *t, struct due *out) MUST;

/* --- beside a date due --- */

/* What the part packs_term.html shows beside a date due: the rule's label in the viewer's language with its act, whether the
 * number was checked against it, a year computed by rule, a term that stands. rule: id of [deadline ID], or null when the
 * number is somebody's own; due: null when it is not at hand (then nothing is said of years and suspension). Packs may have
 * dropped the rule since: then it is left out. Texts live as long as the process. */
union packs_term_row; /* packs_gen.h */
void packs_term(struct request *rq, const char *rule, const struct due *due, union packs_term_row *out);

#endif
