/* Between the files of this room: what its sections keep. */
#ifndef PACKS_PACKS_OWN_H
#define PACKS_PACKS_OWN_H
#include "rooms/packs/packs.h"

/* Refuses a property that is none of `names` (words), nor one that every section can have, and a
 * verified or retired that is not yes or no. */
enum err pack_only(const struct pack_entry *e, const char *names, struct fault *fault) MUST;
bool pack_yes(const struct pack_entry *e, const char *property);

/* packs_codes.c: [code LIST CODE] and the code lists that other sections make. */
void codes_begin(void);
void codes_done(void);
enum err codes_take(const struct pack_entry *e, struct fault *fault);
enum err codes_take_kind(const struct pack_entry *e, struct fault *fault);
/* Every code that tells a sealed class has its cover. */
enum err codes_check(uint32_t sealed, struct fault *fault) MUST;
/* No section has a property that nobody reads. For entries that are to be stored; what stands in a register is taken as it is. */
enum err entries_known(const struct pack_entry *entries, size_t n, struct fault *fault) MUST;
enum err entries_check(const struct pack_entry *entries, size_t n, struct fault *fault) MUST;
void entries_use(const struct pack_entry *entries, size_t n);

/* packs_terms.c: [calendar …], [deadline …], [region]. */
void terms_begin(void);
void terms_done(void);
enum err calendar_take(const struct pack_entry *e, struct fault *fault);
enum err deadline_take(const struct pack_entry *e, struct fault *fault);
enum err region_take(const struct pack_entry *e, struct fault *fault);
/* Days of the region's calendar that are worked in one set of entries and off in the other, into days, first_day, last_day. */
void terms_compare(const struct pack_entry *before, size_t n_before, const struct pack_entry *after,
                   size_t n_after, struct pack_changes *out);
/* Can a term have such a number? A hundred years at the most; month 0: any. */
bool term_fits(enum unit unit, int64_t count, int64_t month);

#endif
