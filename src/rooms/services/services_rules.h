#ifndef ROOMS_SERVICES_SERVICES_RULES_H
#define ROOMS_SERVICES_SERVICES_RULES_H
#include "rooms/services/services.h"
#include "services_gen.h"

/* Records one service of the viewer's body. case_id and referral: 0 when none. */
void service_record(struct request *rq, int64_t person, int64_t case_id, int64_t referral,
                    struct service_form *form);

#endif
