/* The checks of the sealed logs (guard/audit.h) that the program makes by itself, and when the auditor asks. How often stands in [log_check
 * rules] of the packs. Tables: log_check, log_fault. */
#ifndef ROOMS_TRUST_TRUST_LOG_H
#define ROOMS_TRUST_TRUST_LOG_H
#include "rooms/trust/trust_rules.h"

/* [log_check rules]: refuses what is no number, no time of day. */
enum err log_check_take(const struct pack_entry *e, struct fault *fault);
/* The job: checks what came since the last check, or everything, when it is time for that or somebody has asked. In steps, outside of any
 * view or change of some length; one node at a time; what is cut off begins again. */
void log_check_run(struct request *rq);
/* Asks the job for a check of everything. Who may: cap `audit`. */
void log_check_ask(struct request *rq);
/* Is a check asked for that has not ended yet? */
bool log_check_asked(struct request *rq);

#endif
