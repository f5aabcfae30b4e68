/* Translation. msgids are English; the catalogues are written by tools/pocomp from po/<lang>/. */
#ifndef WEB_TR_H
#define WEB_TR_H
#include "base/i18n.h"
#include <stddef.h>
#include <stdint.h>

/* Never null: a msgid without translation is returned as it is, null gives "". Threads: yes. */
const char *tr(enum lang lang, const char *msgid);
/* Plural: msgid of one and of many; the catalogue has three forms for Russian. */
const char *tr_n(enum lang lang, const char *one, const char *many, int64_t n);

/* A catalogue as pocomp writes it: messages and a hash table of their numbers. */
enum { PLURAL_FORMS = 3 };
struct message {
    const char *id;
    const char *words[PLURAL_FORMS]; /* without plural only the first */
};
struct catalogue {
    const struct message *messages;
    const uint16_t *slots; /* number of a message + 1, or 0; power of two, open addressing */
    uint32_t mask;         /* slots - 1 */
    int (*plural)(int64_t n);
};
extern const struct catalogue *const catalogues[LANG_COUNT]; /* null: msgids are the language */

static inline uint32_t message_hash(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 16777619u;
    return h ^ h >> 15;
}

#endif
