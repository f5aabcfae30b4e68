/* Consents, who looked and why, asking for access, emergencies. The logs are the guard's tables;
 * the room shows them to those who may see the person. */
#ifndef ROOMS_TRUST_TRUST_H
#define ROOMS_TRUST_TRUST_H
#include "guard/door.h"
#include "guard/room.h"

extern const struct room trust_room;

/* Does a consent stand by which the body may receive these classes of the person's data today? */
bool consent_stands(struct request *rq, int64_t person, int64_t to_body, uint32_t classes);

/* Nothing of the case is destroyed from now on, for a reason and until a day or until it is lifted.
 * The caller has made sure that the viewer's body leads it. */
struct hold_form;
void hold_place(struct request *rq, int64_t case_id, int64_t person, struct hold_form *form);

/* Does the viewer's body work with the person? What it has by an emergency or an unanswered referral is no ground for
 * opening more. */
bool works_with(struct request *rq, int64_t person);

/* What waits for the viewer, as the lists show it, no further than to 100: requests for access to be answered by his body, emergency
 * accesses of it to be judged; and emergency accesses of all bodies that should have been judged before that instant. */
int64_t asks_waiting(struct request *rq);
int64_t emergencies_waiting(struct request *rq);
int64_t emergencies_late(struct request *rq);

/* What the auditor looks into, of all bodies, as /retention/control and /restrictions/control list it: acts of destruction carried out
 * lately, or not confirmed yet; restrictions set or ended lately. [home terms] control: how long that is. */
struct act_control_rows;
struct restriction_control_rows;
void acts_of_all(struct request *rq, struct paging paging, bool done, struct act_control_rows *out);
void restrictions_of_all(struct request *rq, struct paging paging, bool ended, struct restriction_control_rows *out);

/* What the rules of suspicion have raised lately without an explanation, for the auditor; what the head is asked about. No further
 * than to 100. */
int64_t suspicions_open(struct request *rq);
int64_t explanations_waiting(struct request *rq);

/* What the checks of the sealed logs have found since the last one of everything, for the auditor; no further than to 100. */
int64_t log_faults_open(struct request *rq);

/* How many persons registered by others may be restricted ones of the viewer, to be looked at. */
int64_t twins_waiting(struct request *rq);

/* Another body leads the person now: requests that wait go to it. */
void asks_pass_on(struct change *ch, int64_t person, int64_t lead);

/* What the safe signal may name to the viewer's body beyond "another body takes part": an entry [signal …] of the packs, and
 * the consent or the answered request (table and id) by which it may. They say nothing of whether such a body is there. */
enum { SIGNALS_MOST = 8 };
struct signals {
    size_t n;
    struct signal {
        const struct pack_entry *entry;
        const char *ref;
        int64_t ref_id;
        struct value ground, until;
    } v[SIGNALS_MOST];
};
void signals_open(struct request *rq, int64_t person, struct signals *out);

/* What a page of the read log is called: msgid for the path of a route or the name of a command. */
const char *page_words(struct text page);

#endif
