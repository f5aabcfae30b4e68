#ifndef ROOMS_PLANS_PLANS_RULES_H
#define ROOMS_PLANS_PLANS_RULES_H
#include "plans_gen.h"
#include "rooms/plans/plans.h"

/* ---- groups and meetings (plans.c) ---- */

int64_t group_found(struct request *rq, struct work_group_form *form);
void group_change(struct request *rq, int64_t id, int64_t version, struct work_group_form *form);
void group_member_add(struct request *rq, int64_t id, struct group_member_form *form);
void group_member_end(struct request *rq, int64_t id, int64_t member);
void group_end(struct request *rq, int64_t id, int64_t version);

/* group 0: for once, by the form. case_id 0: no question yet. Returns the meeting's number. */
int64_t meeting_call(struct request *rq, int64_t group, struct meeting_form *form, int64_t case_id,
                     struct item_case_form *item);
void meeting_invite(struct request *rq, int64_t id, struct invitation_form *form);
void meeting_move(struct request *rq, int64_t id, int64_t version, struct meeting_move_form *form);
void meeting_cancel(struct request *rq, int64_t id, int64_t version, struct meeting_move_form *form);
void invitation_answer(struct request *rq, int64_t id, int64_t version, struct invitation_answer_form *form);

/* What a rule knows of a meeting once it is locked. ERR_NOT_FOUND when the viewer's body does not take part. */
struct meeting {
    union meeting_facts_row m;
    struct invitations_of_rows who;
    bool holds;  /* the viewer's body holds it */
    bool keeps;  /* and the viewer keeps its minutes */
    bool chairs; /* is its chair, or stands in for him */
    int voting, present; /* voting members, and how many of them were there */
};
void meeting_read(struct request *rq, int64_t id, struct meeting *out);
/* The same without an error; who carries a decision out need not have been there. */
bool meeting_known(struct request *rq, int64_t id);
bool meeting_in(const struct meeting *m, const char *state);
bool meeting_quorate(const struct meeting *m);
void plans_tell(struct change *ch, const char *kind, const struct table *table, int64_t object, int64_t other_body);

/* ---- agenda and minutes (plans_minutes.c) ---- */

/* One question as the viewer may read it. */
bool item_read(struct request *rq, struct value id, union item_case_row *out);
/* May the viewer write what was heard and decided of it? */
bool item_writes(struct request *rq, const struct meeting *m, int64_t item_body);
/* A question on a case that the viewer's body leads, inside the change that holds the meeting. */
int64_t item_put_case(struct change *ch, const struct meeting *m, int64_t case_id, struct item_case_form *form);
void item_add_case(struct request *rq, int64_t meeting, int64_t case_id, struct item_case_form *form);
void item_add(struct request *rq, int64_t meeting, struct item_open_form *form);
void item_remove(struct request *rq, int64_t id);
/* More classes for the questions of a meeting, since an invited body's name tells them. */
void items_raise(struct change *ch, const struct meeting *m, int64_t body);
/* What the invitation of a body to a question opens to it, where the packs have a rule for the fact and the lead named a law. */
void items_open(struct change *ch, const struct meeting *m, int64_t meets_at);
void items_close(struct change *ch, int64_t meeting);
void meeting_held(struct request *rq, int64_t id, int64_t version, const int64_t *there, size_t n);
void item_heard(struct request *rq, int64_t id, int64_t version, struct item_heard_form *form);
void minutes_approve(struct request *rq, int64_t id, int64_t version);
void minutes_add(struct request *rq, int64_t item, struct addendum_form *form);

/* ---- papers (plans_papers.c) ---- */

/* A question, a meeting or a decision, by its table, with what its papers belong to. False, and an error: the viewer does not read it. */
struct attached_to;
struct paper;
struct attachment_list_rows;
bool papers_place(struct request *rq, const struct table *object, int64_t id, struct attached_to *to);
/* Its papers; what covers all questions of a meeting is there for those only who read each of them. May the viewer attach more? */
bool papers_shown(struct request *rq, const struct table *object, int64_t id, struct attachment_list_rows *out);
void papers_change(struct request *rq, const struct table *object, int64_t id, int64_t back, const struct paper *paper);
/* What ends its term with the row. */
void papers_of_item(struct change *ch, int64_t id);
void papers_of_decision(struct change *ch, int64_t id);

/* ---- decisions and votes (plans_decisions.c, plans_votes.c) ---- */

bool decision_read(struct request *rq, struct value id, union decision_case_row *out);
void decision_draft(struct request *rq, int64_t item, struct decision_case_form *on_case, struct decision_open_form *open);
void decision_remove(struct request *rq, int64_t id, int64_t version);
/* In force: inside the change that approves the minutes. */
void decision_make(struct change *ch, const struct meeting *m, const union decisions_of_row *d);
void decision_to_measure(struct request *rq, int64_t id, int64_t version, struct take_measure_form *form);
void decision_report(struct request *rq, int64_t id, int64_t version, struct decision_report_form *form);
void decision_off(struct request *rq, int64_t id, int64_t version);
/* An event of a decision with its person, case and classes. */
void decision_tell(struct change *ch, const char *kind, int64_t id, struct value person, struct value case_id, uint32_t classes,
                   int64_t other_body);

void vote_open(struct request *rq, int64_t decision, int64_t version);
/* invitation 0: the viewer's own vote; otherwise recorded for a member who was there, in an open vote only. */
void vote_give(struct request *rq, int64_t decision, int64_t invitation, struct text choice);
void vote_close(struct request *rq, int64_t decision, int64_t version);
/* The invitation by which the viewer votes; 0: he does not, or has done so. */
int64_t vote_right(struct request *rq, const struct meeting *m, int64_t decision);

/* Hooks and findings (plans_staff.c). */
struct moved;
void plans_caseload_moving(struct change *ch, int64_t from, int64_t to, struct moved *m);
void plans_account_leaving(struct change *ch, int64_t account);
void plans_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m);
void plans_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx);

#endif
