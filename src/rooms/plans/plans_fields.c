/* Working groups, meetings, who is invited, agenda, votes, decisions, and what is added to minutes later. A question on a case has
 * its texts in classed fields, one on a problem in open ones, so that a problem needs nobody's grants and a case never lies open. */
#include "guard/room.h"

static const struct field work_group_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"name", FIELD_TEXT, .label = N_("Name of the group"), .max = 200, .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of meeting"), .list = "meeting_kind", .required = true},
    {"basis", FIELD_TEXT, .label = N_("Order by which it was founded"), .max = 250, .required = true},
    {"body_id", FIELD_REF, .label = N_("Body that holds the meetings"), .ref = "body", .required = true},
    {"chair_id", FIELD_REF, .label = N_("Chair"), .ref = "account"},
    {"secretary_id", FIELD_REF, .label = N_("Secretary"), .ref = "account"},
    {"ballot", FIELD_CODE, .label = N_("Vote"), .list = "ballot", .required = true},
    {"quorum", FIELD_INT, .label = N_("Quorum, percent of the voting members"), .max = 100, .required = true,
     .initial = "50"},
    {"majority", FIELD_CODE, .label = N_("Majority"), .list = "vote_majority", .required = true},
    {"tie", FIELD_CODE, .label = N_("With equal votes"), .list = "vote_tie", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "work_group_state", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table work_group_table = {
    "work_group", N_("Working group"), TABLE_FIELDS(work_group_fields),
    INDEXES({"work_group_body", "body_id, id"}, {"work_group_chair", "chair_id", .filled = true},
            {"work_group_secretary", "secretary_id", .filled = true})};

static const struct form_field work_group_form_fields[] = {
    {"name"},   {"kind"},   {"basis"},    {"chair_id", .required = true}, {"secretary_id", .required = true},
    {"ballot"}, {"quorum"}, {"majority"}, {"tie"},
};
const struct form work_group_form = {"work_group_form", N_("Working group"), &work_group_table,
                                     FORM_FIELDS(work_group_form_fields)};

static const struct field group_member_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"group_id", FIELD_REF, .ref = "work_group", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Member"), .ref = "account"}, /* null: the body names somebody */
    {"votes", FIELD_BOOL, .label = N_("Votes"), .required = true, .initial = "1"},
    {"since", FIELD_DATE, .label = N_("Since"), .required = true},
    {"until", FIELD_DATE, .label = N_("Until")},
};
const struct table group_member_table = {
    "group_member", N_("Member of a working group"), TABLE_FIELDS(group_member_fields),
    INDEXES({"group_member_group", "group_id, id"}, {"group_member_body", "body_id"},
            {"group_member_account", "account_id", .filled = true})};

static const struct form_field group_member_form_fields[] = {{"body_id"}, {"account_id"}, {"votes"}};
const struct form group_member_form = {"group_member_form", N_("Member of a working group"), &group_member_table,
                                       FORM_FIELDS(group_member_form_fields)};

static const struct field meeting_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"group_id", FIELD_REF, .label = N_("Working group"), .ref = "work_group"}, /* null: called for once */
    {"kind", FIELD_CODE, .label = N_("Kind of meeting"), .list = "meeting_kind", .required = true},
    {"subject", FIELD_TEXT, .label = N_("What it is about, without naming persons"), .max = 250},
    {"body_id", FIELD_REF, .label = N_("Body that holds the meetings"), .ref = "body", .required = true},
    {"chair_id", FIELD_REF, .label = N_("Chair"), .ref = "account"},
    {"secretary_id", FIELD_REF, .label = N_("Secretary"), .ref = "account"},
    {"meets_on", FIELD_DATE, .label = N_("Date of the meeting"), .required = true},
    {"meets_time", FIELD_TEXT, .label = N_("Time"), .max = 5, .required = true},
    {"meets_at", FIELD_INSTANT, .label = N_("Date and time"), .required = true}, /* both, as an instant */
    {"place", FIELD_TEXT, .label = N_("Place, or how to join from afar"), .max = 300, .required = true},
    {"remote", FIELD_BOOL, .label = N_("By video"), .required = true, .initial = "0"},
    {"ballot", FIELD_CODE, .label = N_("Vote"), .list = "ballot", .required = true},
    {"quorum", FIELD_INT, .label = N_("Quorum, percent of the voting members"), .max = 100, .required = true,
     .initial = "50"},
    {"majority", FIELD_CODE, .label = N_("Majority"), .list = "vote_majority", .required = true},
    {"tie", FIELD_CODE, .label = N_("With equal votes"), .list = "vote_tie", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "meeting_state", .required = true},
    {"reason", FIELD_TEXT, .label = N_("Why postponed or cancelled, without naming persons"), .max = 300},
    {"number", FIELD_TEXT, .label = N_("Number of the minutes"), .max = 30},
    {"approved_at", FIELD_INSTANT, .label = N_("Minutes approved")},
    {"approved_by_id", FIELD_REF, .label = N_("Approved by"), .ref = "account"},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table meeting_table = {
    "meeting", N_("Meeting"), TABLE_FIELDS(meeting_fields),
    INDEXES({"meeting_at", "meets_at, id"}, {"meeting_body", "body_id, meets_at"}, {"meeting_group", "group_id, meets_at"},
            {"meeting_chair", "chair_id", .filled = true}, {"meeting_secretary", "secretary_id", .filled = true})};

static const struct form_field meeting_form_fields[] = {
    {"kind"},   {"subject"},  {"chair_id", .required = true}, {"secretary_id", .required = true},
    {"meets_on"}, {"meets_time"}, {"place"}, {"remote"},      {"ballot"}, {"quorum"},
    {"majority"}, {"tie"},
};
const struct form meeting_form = {"meeting_form", N_("Meeting"), &meeting_table, FORM_FIELDS(meeting_form_fields)};

static const struct form_field meeting_move_form_fields[] = {
    {"meets_on", .optional = true}, {"meets_time", .optional = true}, {"place", .optional = true}, {"reason", .required = true}};
const struct form meeting_move_form = {"meeting_move_form", N_("Another date of a meeting"), &meeting_table,
                                       FORM_FIELDS(meeting_move_form_fields)};

/* A body is invited, and in it somebody by name, or whom it names. */
static const struct field invitation_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"meeting_id", FIELD_REF, .ref = "meeting", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Member"), .ref = "account"},
    {"votes", FIELD_BOOL, .label = N_("Votes"), .required = true, .initial = "1"},
    {"standing", FIELD_BOOL, .required = true, .initial = "0"}, /* as a member of the group: tells nothing of a question */
    {"answer", FIELD_CODE, .label = N_("Answer"), .list = "invitation_answer", .required = true},
    {"substitute_id", FIELD_REF, .label = N_("Who comes instead"), .ref = "account"},
    {"attended", FIELD_BOOL, .label = N_("Was there"), .required = true, .initial = "0"},
    {"answered_at", FIELD_INSTANT, .label = N_("Answered")},
};
const struct table invitation_table = {
    "invitation", N_("Invitation to a meeting"), TABLE_FIELDS(invitation_fields),
    INDEXES({"invitation_meeting", "meeting_id, id"}, {"invitation_body", "body_id, meeting_id"},
            {"invitation_account", "account_id", .filled = true},
            {"invitation_substitute", "substitute_id", .filled = true})};

static const struct form_field invitation_form_fields[] = {{"body_id"}, {"account_id"}, {"votes"}};
const struct form invitation_form = {"invitation_form", N_("Invitation to a meeting"), &invitation_table,
                                     FORM_FIELDS(invitation_form_fields)};
static const struct form_field invitation_answer_form_fields[] = {{"answer"}, {"substitute_id"}};
const struct form invitation_answer_form = {"invitation_answer_form", N_("Answer to an invitation"), &invitation_table,
                                            FORM_FIELDS(invitation_answer_form_fields)};

/* Either person, case, topic, words, heard, or subject and said. classes: of the topic, and what the names of the lead and of
 * bodies that were invited for this question tell. */
static const struct field agenda_item_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"meeting_id", FIELD_REF, .ref = "meeting", .required = true},
    {"place", FIELD_INT, .label = N_("Number of the question"), .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person"},
    {"case_id", FIELD_REF, .label = N_("Case"), .ref = "case_file"},
    {"body_id", FIELD_REF, .ref = "body", .required = true}, /* that put it on the agenda: of a case its lead */
    {"topic", FIELD_CODE, CLASS_IDENTITY, N_("Topic"), .list = "note_topic", .class_from = "classes", .sealed = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Question on the case"), .max = 500, .class_from = "classes",
     .sealed = true},
    {"heard", FIELD_TEXT, CLASS_IDENTITY, N_("What was heard on the case"), .max = 4000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"subject", FIELD_TEXT, .label = N_("Question, without naming persons"), .max = 500},
    {"said", FIELD_TEXT, .label = N_("What was heard, without naming persons"), .max = 4000, .lines = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"classes", FIELD_CLASSES}, /* none of what names nobody: its writer need not write any class */
};
const struct table agenda_item_table = {
    "agenda_item", N_("Question of the agenda"), TABLE_FIELDS(agenda_item_fields),
    INDEXES({"agenda_item_meeting", "meeting_id, place"}, {"agenda_item_person", "person_id", .filled = true},
            {"agenda_item_case", "case_id", .filled = true}, {"agenda_item_body", "body_id, id"})};

static const struct form_field item_case_form_fields[] = {
    {"topic", .required = true}, {"words", .required = true}, {"ground"}};
const struct form item_case_form = {"item_case_form", N_("Question on a case"), &agenda_item_table,
                                    FORM_FIELDS(item_case_form_fields)};
static const struct form_field item_open_form_fields[] = {{"subject", .required = true}};
const struct form item_open_form = {"item_open_form", N_("Question of the agenda"), &agenda_item_table,
                                    FORM_FIELDS(item_open_form_fields)};
static const struct form_field item_heard_form_fields[] = {{"heard"}, {"said"}};
const struct form item_heard_form = {"item_heard_form", N_("What was heard"), &agenda_item_table,
                                     FORM_FIELDS(item_heard_form_fields)};

/* goal_id, need, ground: with them a decision on a case becomes a measure of its programme, which then says how far it is. */
static const struct field decision_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"meeting_id", FIELD_REF, .ref = "meeting", .required = true},
    {"item_id", FIELD_REF, .ref = "agenda_item", .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person"},
    {"case_id", FIELD_REF, .label = N_("Case"), .ref = "case_file"},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Decided on the case"), .max = 500, .class_from = "classes",
     .sealed = true},
    {"task", FIELD_TEXT, .label = N_("Decided, without naming persons"), .max = 500},
    {"body_id", FIELD_REF, .label = N_("Who carries it out"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Responsible worker"), .ref = "account"},
    {"term", FIELD_CODE, .label = N_("Term"), .list = "decision_term"},
    {"due_on", FIELD_DATE, .label = N_("Due on"), .required = true},
    {"goal_id", FIELD_REF, .label = N_("Goal of the programme"), .ref = "goal"},
    {"need", FIELD_CODE, CLASS_IDENTITY, N_("Need"), .list = "need", .class_from = "classes", .sealed = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"measure_id", FIELD_REF, .label = N_("Measure"), .ref = "measure"},
    {"state", FIELD_CODE, .label = N_("State"), .list = "decision_state", .required = true},
    {"vote", FIELD_CODE, .label = N_("Vote"), .list = "vote_state", .required = true},
    {"n_for", FIELD_INT, .label = N_("For"), .required = true, .initial = "0"},
    {"n_against", FIELD_INT, .label = N_("Against"), .required = true, .initial = "0"},
    {"n_abstained", FIELD_INT, .label = N_("Abstained"), .required = true, .initial = "0"},
    {"done_on", FIELD_DATE, .label = N_("Done on"), .past = true},
    {"result_note", FIELD_TEXT, CLASS_IDENTITY, N_("Report on the case"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"report", FIELD_TEXT, .label = N_("Report, without naming persons"), .max = 2000, .lines = true},
    {"off_on", FIELD_DATE, .label = N_("Taken off control")},
    {"classes", FIELD_CLASSES}, /* none of what names nobody: its writer need not write any class */
};
const struct table decision_table = {
    "decision", N_("Decision of a meeting"), TABLE_FIELDS(decision_fields),
    INDEXES({"decision_meeting", "meeting_id, item_id, id"}, {"decision_item", "item_id"}, {"decision_person", "person_id", .filled = true},
            {"decision_case", "case_id", .filled = true}, {"decision_body", "body_id, state, due_on, id"},
            {"decision_due", "due_on, id"}, {"decision_state", "state, due_on, id"}, {"decision_owner", "body_id, due_on, id"}, {"decision_account", "account_id", .filled = true},
            {"decision_measure", "measure_id", .filled = true}, {"decision_goal", "goal_id", .filled = true})};

static const struct form_field decision_case_form_fields[] = {
    {"words", .required = true}, {"body_id"}, {"account_id"}, {"term"}, {"due_on", .optional = true},
    {"goal_id"}, {"need"}, {"ground"},
};
const struct form decision_case_form = {"decision_case_form", N_("Decision on a case"), &decision_table,
                                        FORM_FIELDS(decision_case_form_fields)};
static const struct form_field take_measure_form_fields[] = {
    {"goal_id", .required = true}, {"need", .required = true}, {"ground"}};
const struct form take_measure_form = {"take_measure_form", N_("Measure by a decision"), &decision_table,
                                       FORM_FIELDS(take_measure_form_fields)};
static const struct form_field decision_open_form_fields[] = {
    {"task", .required = true}, {"body_id"}, {"account_id"}, {"term"}, {"due_on", .optional = true}};
const struct form decision_open_form = {"decision_open_form", N_("Decision of a meeting"), &decision_table,
                                        FORM_FIELDS(decision_open_form_fields)};
static const struct form_field decision_report_form_fields[] = {
    {"done_on", .required = true}, {"state"}, {"result_note"}, {"report"}};
const struct form decision_report_form = {"decision_report_form", N_("Report on a decision"), &decision_table,
                                          FORM_FIELDS(decision_report_form_fields)};

/* Who has voted; in an open vote also how. Of a secret one only the sums of the decision are kept, and no choice is in the log. */
static const struct field vote_cast_fields[] = {
    FIELD_ROW_ID,
    {"decision_id", FIELD_INT, .number_of = "decision", .required = true},
    {"invitation_id", FIELD_INT, .number_of = "invitation", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true}, /* who has cast or recorded it */
    {"choice", FIELD_CODE, .label = N_("Vote cast"), .list = "vote_choice"},
};
const struct table vote_cast_table = {
    "vote_cast", N_("Vote"), TABLE_FIELDS(vote_cast_fields),
    INDEXES({"vote_cast_once", "decision_id, invitation_id", true}, {"vote_cast_account", "account_id"})};

static const struct form_field vote_form_fields[] = {{"choice", .required = true}};
const struct form vote_form = {"vote_form", N_("Vote"), &vote_cast_table, FORM_FIELDS(vote_form_fields)};

/* Approved minutes are not changed; what was wrong is said beside it. */
static const struct field minutes_addendum_fields[] = {
    FIELD_ROW_ID,
    {"meeting_id", FIELD_REF, .ref = "meeting", .required = true},
    {"item_id", FIELD_REF, .ref = "agenda_item", .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person"},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Addendum on the case"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"said", FIELD_TEXT, .label = N_("Addendum, without naming persons"), .max = 2000, .lines = true},
    {"account_id", FIELD_REF, .label = N_("Author"), .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Added"), .required = true},
    {"classes", FIELD_CLASSES}, /* none of what names nobody: its writer need not write any class */
};
const struct table minutes_addendum_table = {
    "minutes_addendum", N_("Addendum to minutes"), TABLE_FIELDS(minutes_addendum_fields),
    INDEXES({"minutes_addendum_meeting", "meeting_id, id"}, {"minutes_addendum_item", "item_id"},
            {"minutes_addendum_person", "person_id", .filled = true}, {"minutes_addendum_account", "account_id"})};

static const struct form_field addendum_form_fields[] = {{"words"}, {"said"}};
const struct form addendum_form = {"addendum_form", N_("Addendum to minutes"), &minutes_addendum_table,
                                   FORM_FIELDS(addendum_form_fields)};

const struct table *const plans_tables[] = {
    &work_group_table, &group_member_table, &meeting_table,  &invitation_table,       &agenda_item_table,
    &decision_table,   &vote_cast_table,    &minutes_addendum_table, NULL};
const struct form *const plans_forms[] = {
    &work_group_form,    &group_member_form,  &meeting_form,         &meeting_move_form, &invitation_form,
    &invitation_answer_form, &item_case_form, &item_open_form,       &item_heard_form,   &decision_case_form,
    &decision_open_form, &take_measure_form,  &decision_report_form, &vote_form,          &addendum_form,     NULL};
