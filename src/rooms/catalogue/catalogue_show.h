/* What several pages of the catalogue show alike. */
#ifndef CATALOGUE_CATALOGUE_SHOW_H
#define CATALOGUE_CATALOGUE_SHOW_H
#include "guard/guard.h"
#include "rooms/catalogue/catalogue_rules.h"

/* Codes of a list, or districts, with those marked that were chosen. open_only: without codes that tell a sealed class. */
void catalogue_codes(struct request *rq, const char *list, const struct text *chosen, size_t n, bool open_only,
                     struct catalogue_choice_rows *out);
void catalogue_districts(struct request *rq, const int64_t *chosen, size_t n, struct catalogue_choice_rows *out);
/* The needs and categories of a service, with their words. */
void catalogue_words(struct request *rq, struct value service, struct catalogue_needs_rows *needs, struct catalogue_audiences_rows *who);
/* Fills the column `needs` of a list of services (column `id`) in words. */
void catalogue_fill_needs(struct request *rq, struct rows *rows, const struct query *q);

#endif
