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

#endif
