#ifndef ROOMS_PAPERS_PAPERS_RULES_H
#define ROOMS_PAPERS_PAPERS_RULES_H
#include "rooms/papers/papers.h"

/* A property of a code of the lists paper_type, paper_kind. */
struct text paper_prop(const char *list, const char *code, const char *name);
/* Of the bytes as they belong to this row under this number. */
void paper_digest(struct request *rq, const char *object, int64_t object_id, struct text number,
                  struct text bytes, char out[65]);

#endif
