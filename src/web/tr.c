#include "web/tr.h"
#include <string.h>

static const struct message *find(enum lang lang, const char *id)
{
    const struct catalogue *c = catalogues[lang];

    if (!c)
        return NULL;
    for (uint32_t i = message_hash(id);; i++) {
        uint16_t slot = c->slots[i & c->mask];
        if (!slot)
            return NULL;
        if (strcmp(c->messages[slot - 1].id, id) == 0)
            return &c->messages[slot - 1];
    }
}

const char *tr(enum lang lang, const char *msgid)
{
    if (!msgid)
        return "";
    const struct message *m = find(lang, msgid);
    return m ? m->words[0] : msgid;
}

const char *tr_n(enum lang lang, const char *one, const char *many, int64_t n)
{
    const struct message *m = find(lang, one);

    if (!m || !m->words[1])
        return n == 1 ? one : many;
    const char *words = m->words[catalogues[lang]->plural(n)];
    return words ? words : many;
}
