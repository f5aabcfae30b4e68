/* Consents, who looked and why, asking for access, emergencies. The logs are the guard's tables; the
 * room shows them to those who may see the person. */
#ifndef ROOMS_TRUST_TRUST_H
#define ROOMS_TRUST_TRUST_H
#include "guard/room.h"

extern const struct room trust_room;

/* Does a consent stand by which the body may receive these classes of the person's data today? */
bool consent_stands(struct request *rq, int64_t person, int64_t to_body, uint32_t classes);

/* What a page of the read log is called: msgid for the path of a route or the name of a command. */
const char *page_words(struct text page);

#endif
