/* The region's districts and settlements: their names, and how lists write them. The room owns the
 * tables district and settlement. */
#ifndef TERRITORY_TERRITORY_H
#define TERRITORY_TERRITORY_H
#include "guard/change.h"
#include "territory_gen.h"

/* All districts by name, for selects: {% field form.district_id options=districts %}. */
void territory_options(struct request *rq, struct district_options_rows *out);

/* 0: there is none. The name is compared as folded text and without the words "район", "р-н",
 * "муниципальный", "городской", "округ", "г.", so that "Приозёрный р-н" finds "Приозёрный район".
 */
int64_t district_of_code(struct request *rq, struct text code);
int64_t district_of_name(struct request *rq, struct text name);
/* Name by id; empty when there is none. */
struct text district_name(struct request *rq, int64_t id);

/* All names at once, for imports of many rows. Lives in the request's arena; no names after a
 * failure. */
struct districts;
const struct districts *districts_read(struct request *rq);
/* By name or code, as above. The arena is for the comparison. */
int64_t districts_find(const struct districts *d, struct arena *arena, struct text name);

/* Inside a change, for the demo and for pages. */
int64_t district_add(struct change *ch, struct text code, struct text name);
int64_t settlement_add(struct change *ch, int64_t district, struct text name);

/* The name without words of kind, folded; for tests. */
struct text district_core(struct arena *arena, struct text name);

#endif
