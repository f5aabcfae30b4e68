/* The room's own rules, called by its pages. */
#ifndef ROOMS_CASES_CASES_RULES_H
#define ROOMS_CASES_CASES_RULES_H
#include "cases_gen.h"

/* One domain of an assessment as answered; codes are checked. */
struct need_answer {
    struct text domain, level, note;
};
void assessment_record(struct request *rq, int64_t case_id, const struct assessment_form *form,
                       const struct need_answer *answers, size_t n);
/* A note of the class of its topic; case_id 0: in the person's file. */
void note_write(struct request *rq, int64_t person, int64_t case_id, struct note_form *form);
/* Closes the case, or lets it go on to follow-up when that has a date. */
void case_close(struct request *rq, int64_t id, int64_t version, struct case_close_form *form);
/* Opens a case at the person's own application. */
void case_start(struct request *rq, int64_t person, struct text channel, int64_t *id);

/* A person whom the lead sees into the family of its open case; the membership opens the person to it. */
void member_add(struct request *rq, int64_t case_id, int64_t person, struct member_form *form);
void member_end(struct request *rq, int64_t id, int64_t version, struct member_end_form *form);
/* The case closes: memberships end, the rule for closed cases goes for the members too. */
struct case_facts;
void members_close(struct change *ch, const struct case_facts *c, int64_t day);

/* Hooks (guard/room.h), in cases_staff.c. */
struct moved;
void cases_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m);
void cases_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);
/* in cases_family.c */
void cases_person_merged(struct change *ch, int64_t kept, int64_t gone);
void cases_person_unmerged(struct change *ch, int64_t kept, int64_t again);

#endif
