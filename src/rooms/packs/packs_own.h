/* Between the files of this room: what its sections keep. */
#ifndef PACKS_PACKS_OWN_H
#define PACKS_PACKS_OWN_H
#include "rooms/packs/packs.h"

/* "file:line: [kind key]: what" or "[kind key]: what". */
enum err pack_wrong(const struct pack_entry *e, struct fault *fault, const char *what,
                    struct text about);
bool pack_yes(const struct pack_entry *e, const char *property);

/* packs_codes.c: [code LIST CODE] and the code lists that other sections make. */
void codes_begin(void);
void codes_done(void);
enum err codes_take(const struct pack_entry *e, struct fault *fault);
enum err codes_take_kind(const struct pack_entry *e, struct fault *fault);
enum err entries_check(const struct pack_entry *entries, size_t n, struct fault *fault) MUST;
void entries_use(const struct pack_entry *entries, size_t n);

/* packs_terms.c: [calendar …], [deadline …], [region]. */
void terms_begin(void);
void terms_done(void);
enum err calendar_take(const struct pack_entry *e, struct fault *fault);
enum err deadline_take(const struct pack_entry *e, struct fault *fault);
enum err region_take(const struct pack_entry *e, struct fault *fault);

#endif
