/* Hand-overs between bodies: states, deadlines, replies. What is asked and answered is read by the
 * two parties and the lead only (the queries' scope), so its class is that of the person standing
 * here at all; `classes` adds what the need tells.
 *
 * An open referral is always owed by one of its parties: `owing_body_id` (null of a closed one) by
 * `next_on` (or to the minute, `next_at`), and `waiting_body_id` waits for it. Inboxes, reminders and escalations read these;
 * referrals_terms.c
 * computes them from the state, the rules of terms and what was agreed about them. */
#include "guard/room.h"

static const struct field referral_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Referral number"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"case_id", FIELD_REF, .label = N_("Case"), .ref = "case_file"},
    {"measure_id", FIELD_INT},
    {"offer_id", FIELD_INT}, /* the first of those that ask several bodies for the same */
    {"from_body_id", FIELD_REF, .label = N_("From"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("To"), .ref = "body", .required = true},
    {"from_account_id", FIELD_REF, .ref = "account", .required = true},
    {"to_account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account"},
    {"need", FIELD_CODE, CLASS_IDENTITY, N_("Need"), .list = "need", .class_from = "classes",
     .required = true, .sealed = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis", .required = true},
    {"note", FIELD_TEXT, CLASS_IDENTITY, N_("What is asked"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "referral_state", .required = true},
    {"sent_on", FIELD_DATE, .label = N_("Sent on"), .required = true},
    {"term_from", FIELD_INSTANT}, /* of sending, or of sending again after completion */
    {"answer_rule", FIELD_TEXT, .max = 80}, /* [deadline ID]; null: that of the need, or of all */
    {"answer_by", FIELD_DATE, .label = N_("Answer by")},
    {"received_on", FIELD_DATE, .label = N_("Received on")},
    {"term", FIELD_INT, .label = N_("Term, working days"), .max = 365, .required = true},
    {"due_rule", FIELD_TEXT, .max = 60}, /* [deadline ID] of the packs; null: `term` by hand */
    {"fixed_on", FIELD_DATE},            /* a date that was named or agreed; null: by the term */
    {"due_on", FIELD_DATE, .label = N_("Due on"), .required = true},
    {"owing_body_id", FIELD_REF, .label = N_("Whose turn it is"), .ref = "body"},
    {"waiting_body_id", FIELD_REF, .ref = "body"}, /* the other party */
    {"next_on", FIELD_DATE, .label = N_("Next step by"), .required = true,
     .initial = "'2100-12-31'"},
    {"next_at", FIELD_INSTANT, .label = N_("Next step by")},
    {"escalation", FIELD_INT, .label = N_("Escalated to level"), .required = true, .initial = "0"},
    {"answered_on", FIELD_DATE, .label = N_("Answered on")},
    {"answer_late", FIELD_INT}, /* 1: an answer came behind the date by which it was due then; null: none has come */
    {"decline_reason", FIELD_CODE, CLASS_IDENTITY, N_("Reason of declining"),
     .list = "decline_reason", .class_from = "classes"},
    {"finished_on", FIELD_DATE, .label = N_("Finished on"), .past = true},
    {"result", FIELD_CODE, CLASS_IDENTITY, N_("Result"), .list = "measure_result",
     .class_from = "classes"},
    {"result_note", FIELD_TEXT, CLASS_IDENTITY, N_("Comment"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table referral_table = {
    "referral", N_("Referral"), TABLE_FIELDS(referral_fields),
    INDEXES({"referral_number", "number", true}, {"referral_person", "person_id, id"},
            {"referral_case", "case_id"}, {"referral_to", "to_body_id, state, due_on, id"},
            {"referral_from", "from_body_id, state, due_on, id"},
            {"referral_measure", "measure_id"}, {"referral_received", "to_body_id, id"},
            {"referral_sent", "from_body_id, id"},
            {"referral_owing", "owing_body_id, next_on, id", .filled = true},
            {"referral_waiting", "waiting_body_id, next_on, id", .filled = true},
            {"referral_offer", "offer_id, id", .filled = true})};

/* What was agreed about the term: a break, an extension, another date. */
static const struct field term_change_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"referral_id", FIELD_REF, .ref = "referral", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"kind", FIELD_CODE, .label = N_("Change of the term"), .list = "term_change", .required = true},
    {"ground", FIELD_CODE, CLASS_IDENTITY, N_("Ground"), .list = "term_ground",
     .class_from = "classes", .required = true},
    {"from_on", FIELD_DATE, .label = N_("From")},
    {"until_on", FIELD_DATE, .label = N_("To, inclusive")},
    {"more", FIELD_INT, .label = N_("Working days more"), .max = 365},
    {"date_on", FIELD_DATE, .label = N_("New date")},
    {"note", FIELD_TEXT, CLASS_IDENTITY, N_("Comment"), .max = 1000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "term_change_state", .required = true},
    {"body_id", FIELD_REF, .label = N_("Proposed by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"other_body_id", FIELD_REF, .ref = "body", .required = true}, /* the one that is asked */
    {"answered_on", FIELD_DATE, .label = N_("Answered on")},
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Written at"), .required = true},
};
const struct table term_change_table = {
    "term_change", N_("Change of the term"), TABLE_FIELDS(term_change_fields),
    INDEXES({"term_change_referral", "referral_id, id"}, {"term_change_person", "person_id"},
            {"term_change_asked", "other_body_id, state, id"})};

/* What the parties write to each other while the referral is open. */
static const struct field referral_message_fields[] = {
    FIELD_ROW_ID,
    {"referral_id", FIELD_REF, .ref = "referral", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Written by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"other_body_id", FIELD_REF, .ref = "body", .required = true}, /* for whom it is */
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Message"), .max = 4000, .lines = true,
     .class_from = "classes", .required = true, .sealed = true},
    {"read_on", FIELD_DATE, .label = N_("Read on")}, /* by the other side, as it says itself */
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Written at"), .required = true},
};
const struct table referral_message_table = {
    "referral_message", N_("Message of a referral"), TABLE_FIELDS(referral_message_fields),
    INDEXES({"referral_message_of", "referral_id, id"}, {"referral_message_person", "person_id"},
            {"referral_message_unread", "other_body_id, read_on, referral_id"})};

/* The one-time page of a body without an account. Its address and its code are known to nobody but who printed them: here stand
 * their hashes. `session_hash`: of the cookie of the one who has entered the code last. */
static const struct field referral_outside_fields[] = {
    FIELD_ROW_ID,
    {"referral_id", FIELD_REF, .ref = "referral", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Issued by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("To"), .ref = "body", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "outside_state", .required = true},
    {"address_hash", FIELD_TEXT, .max = 64, .required = true},
    {"code_hash", FIELD_TEXT, .max = 64, .required = true},
    {"tries", FIELD_INT, .required = true},
    {"session_hash", FIELD_TEXT, .max = 64},
    {"session_until", FIELD_INSTANT},
    {"until_on", FIELD_DATE, .label = N_("Valid until"), .required = true},
    {"opened_at", FIELD_INSTANT, .label = N_("Opened at")},
    {"created_at", FIELD_INSTANT, .label = N_("Issued at"), .required = true},
};
const struct table referral_outside_table = {
    "referral_outside", N_("One-time page"), TABLE_FIELDS(referral_outside_fields),
    INDEXES({"referral_outside_address", "address_hash", true},
            {"referral_outside_of", "referral_id, id"},
            {"referral_outside_person", "person_id"})};

/* An answer that came from outside: by the one-time page, or on paper, which the sender has recorded. */
static const struct field referral_answer_fields[] = {
    FIELD_ROW_ID,
    {"referral_id", FIELD_REF, .ref = "referral", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"way", FIELD_CODE, .label = N_("How the answer came"), .list = "answer_way", .required = true},
    {"answer", FIELD_CODE, .label = N_("Answer of the body"), .list = "referral_answer",
     .required = true},
    {"number", FIELD_TEXT, .label = N_("Number of the paper"), .max = 60},
    {"day", FIELD_DATE, .label = N_("Date of the paper"), .past = true},
    {"decline_reason", FIELD_CODE, CLASS_IDENTITY, N_("Reason of declining"),
     .list = "decline_reason", .class_from = "classes"},
    {"result", FIELD_CODE, CLASS_IDENTITY, N_("Result"), .list = "measure_result",
     .class_from = "classes"},
    {"note", FIELD_TEXT, CLASS_IDENTITY, N_("Comment"), .max = 2000, .lines = true,
     .class_from = "classes", .sealed = true},
    {"from_body_id", FIELD_REF, .ref = "body", .required = true}, /* the referral's parties */
    {"to_body_id", FIELD_REF, .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Recorded by"), .ref = "account"}, /* null: by the page */
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Written at"), .required = true},
};
const struct table referral_answer_table = {
    "referral_answer", N_("Answer from outside"), TABLE_FIELDS(referral_answer_fields),
    INDEXES({"referral_answer_of", "referral_id, id"}, {"referral_answer_person", "person_id"})};

static const struct form_field message_form_fields[] = {{"words"}};
const struct form message_form = {"message_form", N_("Message of a referral"),
                                  &referral_message_table, FORM_FIELDS(message_form_fields)};

static const struct form_field paper_answer_form_fields[] = {
    {"answer"}, {"number", .required = true}, {"day", .required = true},
    {"decline_reason"}, {"result"}, {"note"},
};
const struct form paper_answer_form = {"paper_answer_form", N_("Answer on paper"),
                                       &referral_answer_table,
                                       FORM_FIELDS(paper_answer_form_fields)};

static const struct form_field term_form_fields[] = {
    {"kind"}, {"ground"}, {"from_on"}, {"until_on"}, {"more"}, {"date_on"}, {"note"},
};
const struct form term_form = {"term_form", N_("Change of the term"), &term_change_table,
                               FORM_FIELDS(term_form_fields)};

static const struct form_field referral_form_fields[] = {
    {"to_body_id", .optional = true}, {"need"}, {"ground"}, {"term", .optional = true}, {"note"},
};
const struct form referral_form = {"referral_form", N_("Referral"), &referral_table,
                                   FORM_FIELDS(referral_form_fields)};

static const struct form_field decline_form_fields[] = {
    {"decline_reason", .required = true},
    {"result_note"},
};
const struct form decline_form = {"decline_form", N_("Declining of a referral"), &referral_table,
                                  FORM_FIELDS(decline_form_fields)};

/* Returned for completion: what is missing. */
static const struct form_field return_form_fields[] = {
    {"result_note", .required = true, .label = N_("What is missing")},
};
const struct form return_form = {"return_form", N_("Return for completion"), &referral_table,
                                 FORM_FIELDS(return_form_fields)};

/* Sent again after completion, or the text of a draft. */
static const struct form_field resend_form_fields[] = {
    {"note"},
};
const struct form resend_form = {"resend_form", N_("Completion of a referral"), &referral_table,
                                 FORM_FIELDS(resend_form_fields)};

static const struct form_field result_form_fields[] = {
    {"finished_on", .required = true},
    {"result", .required = true},
    {"result_note"},
};
const struct form result_form = {"result_form", N_("Result"), &referral_table,
                                 FORM_FIELDS(result_form_fields)};

const struct table *const referrals_tables[] = {&referral_table,         &term_change_table,
                                                &referral_message_table, &referral_outside_table,
                                                &referral_answer_table,  NULL};
const struct form *const referrals_forms[] = {&referral_form, &decline_form, &return_form,
                                              &resend_form,   &result_form,  &term_form,
                                              &message_form,  &paper_answer_form, NULL};
