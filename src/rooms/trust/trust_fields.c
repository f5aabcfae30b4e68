/* Consents: one document per purpose and recipient (152-ФЗ, ст. 9 as of 01.09.2025). */
#include "guard/room.h"

/* classes: what the purpose itself tells (help against addiction). opens: what the recipient gets.
 */
static const struct field consent_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Number of the consent"), .max = 30, .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Taken by"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("Recipient"), .ref = "body", .required = true},
    {"purpose", FIELD_CODE, CLASS_IDENTITY, N_("Purpose"), .list = "consent_purpose",
     .class_from = "classes", .required = true, .sealed = true},
    {"form", FIELD_CODE, .label = N_("Form"), .list = "consent_form", .required = true},
    {"signed_on", FIELD_DATE, .label = N_("Signed on"), .required = true, .past = true},
    {"until", FIELD_DATE, .label = N_("Valid until"), .required = true},
    {"representative", FIELD_TEXT, CLASS_IDENTITY, N_("Representative"), .max = 200},
    {"authority", FIELD_TEXT, CLASS_IDENTITY, N_("Document of the representative"), .max = 250},
    {"withdrawn_on", FIELD_DATE, .label = N_("Withdrawn on"), .past = true},
    {"opens", FIELD_CLASSES, .required = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table consent_table = {
    "consent", N_("Consent"), TABLE_FIELDS(consent_fields),
    INDEXES({"consent_number", "number", true}, {"consent_person", "person_id, id"},
            {"consent_body", "body_id, id"}, {"consent_until", "body_id, until, id"}, {"consent_to", "to_body_id, id"})};

static const struct form_field consent_form_fields[] = {
    {"to_body_id"}, {"purpose"},        {"form"},      {"signed_on"},
    {"until"},      {"representative"}, {"authority"},
};
const struct form consent_form = {"consent_form", N_("Consent"), &consent_table,
                                  FORM_FIELDS(consent_form_fields)};

static const struct form_field withdrawal_form_fields[] = {
    {"withdrawn_on", .required = true},
};
const struct form withdrawal_form = {"withdrawal_form", N_("Withdrawal of the consent"),
                                     &consent_table, FORM_FIELDS(withdrawal_form_fields)};

/* A body asks the lead of a person for classes that no fact opens to it; the answer is a fact. */
static const struct field access_ask_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"from_body_id", FIELD_REF, .label = N_("Who asks"), .ref = "body", .required = true},
    {"to_body_id", FIELD_REF, .label = N_("Lead"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("What it is needed for"), .max = 1000, .lines = true,
     .required = true, .sealed = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "ask_state", .required = true},
    {"asked_on", FIELD_DATE, .label = N_("Asked on"), .required = true},
    {"answered_on", FIELD_DATE, .label = N_("Answered on")},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"until", FIELD_DATE, .label = N_("Open until")},
    {"answer", FIELD_TEXT, CLASS_IDENTITY, N_("Answer"), .max = 1000, .lines = true, .sealed = true},
};
const struct table access_ask_table = {
    "access_ask", N_("Request for access"), TABLE_FIELDS(access_ask_fields),
    INDEXES({"access_ask_to", "to_body_id, id"}, {"access_ask_waits", "to_body_id, state"},
            {"access_ask_from", "from_body_id, id"}, {"access_ask_person", "person_id"})};

static const struct form_field ask_form_fields[] = {{"words"}};
const struct form ask_form = {"ask_form", N_("Request for access"), &access_ask_table,
                              FORM_FIELDS(ask_form_fields)};

static const struct form_field ask_answer_form_fields[] = {
    {"state", .label = N_("Decision")}, {"ground"}, {"until"}, {"answer"}};
const struct form ask_answer_form = {"ask_answer_form", N_("Answer to the request"),
                                     &access_ask_table, FORM_FIELDS(ask_answer_form_fields)};

/* Looked at once in an emergency. The words name nobody: the head and the auditor read them later,
 * without access to the person. */
static const struct field emergency_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person, number"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"reason", FIELD_CODE, .label = N_("Reason"), .list = "emergency_reason", .required = true},
    {"words", FIELD_TEXT, .label = N_("What has happened"), .max = 500, .lines = true,
     .required = true, .sealed = true},
    {"opened_at", FIELD_INSTANT, .label = N_("Opened"), .required = true},
    {"until", FIELD_INSTANT, .label = N_("Ends"), .required = true},
    {"review", FIELD_CODE, .label = N_("Review"), .list = "emergency_review", .required = true},
    {"reviewed_on", FIELD_DATE, .label = N_("Reviewed on")},
    {"remark", FIELD_TEXT, .label = N_("Remark of the reviewer"), .max = 500, .lines = true, .sealed = true},
};
const struct table emergency_table = {
    "emergency", N_("Emergency access"), TABLE_FIELDS(emergency_fields),
    INDEXES({"emergency_body", "body_id, review, id"}, {"emergency_person", "person_id, body_id"})};

static const struct form_field emergency_form_fields[] = {{"reason"}, {"words"}};
const struct form emergency_form = {"emergency_form", N_("Emergency access"), &emergency_table,
                                    FORM_FIELDS(emergency_form_fields)};

static const struct form_field review_form_fields[] = {{"review", .label = N_("Your judgement")},
                                                       {"remark"}};
const struct form review_form = {"review_form", N_("Review"), &emergency_table,
                                 FORM_FIELDS(review_form_fields)};

/* While it lasts nothing of the case is destroyed. Cases and persons by number: the hold itself
 * holds no reference that would keep them for ever. */
static const struct field retention_hold_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"case_number", FIELD_INT, .required = true},
    {"person_id", FIELD_INT, .required = true, .number_of = "person"},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"reason", FIELD_CODE, CLASS_IDENTITY, N_("Why nothing is destroyed"), .list = "hold_reason",
     .required = true},
    {"paper", FIELD_TEXT, CLASS_IDENTITY, N_("Document, its number and date"), .max = 250,
     .required = true},
    {"placed_on", FIELD_DATE, .label = N_("Placed on"), .required = true},
    {"until", FIELD_DATE, .label = N_("Until")},
    {"lifted_on", FIELD_DATE, .label = N_("Lifted on")},
    {"lifted_by", FIELD_REF, .ref = "account"},
};
const struct table retention_hold_table = {
    "retention_hold", N_("Hold"), TABLE_FIELDS(retention_hold_fields),
    INDEXES({"retention_hold_case", "case_number"}, {"retention_hold_person", "person_id, body_id"},
            {"retention_hold_body", "body_id, id"})};

static const struct form_field hold_form_fields[] = {{"reason"}, {"paper"}, {"until"}};
const struct form hold_form = {"hold_form", N_("Hold"), &retention_hold_table,
                               FORM_FIELDS(hold_form_fields)};

/* Contents by the order of Roskomnadzor № 179 of 28.10.2022; persons by their numbers in the
 * register. */
static const struct field retention_act_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"number", FIELD_TEXT, .label = N_("Number of the act"), .max = 30, .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Prepared by"), .ref = "account", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "act_state", .required = true},
    {"prepared_on", FIELD_DATE, .label = N_("Prepared on"), .required = true},
    {"commission", FIELD_TEXT, .label = N_("Who destroys: post and name, one a line"), .max = 1000,
     .lines = true, .required = true},
    {"method", FIELD_CODE, .label = N_("Method"), .list = "destruction_method", .required = true},
    {"ground", FIELD_TEXT, .label = N_("Reason of destruction"), .max = 500, .required = true},
    {"confirmed_by", FIELD_REF, .label = N_("Confirmed by"), .ref = "account"},
    {"confirmed_on", FIELD_DATE, .label = N_("Confirmed on")},
    {"done_on", FIELD_DATE, .label = N_("Destroyed on")},
};
const struct table retention_act_table = {
    "retention_act", N_("Act of destruction"), TABLE_FIELDS(retention_act_fields),
    INDEXES({"retention_act_number", "number", true}, {"retention_act_body", "body_id, id"},
            {"retention_act_state", "state, id"})};

static const struct form_field act_form_fields[] = {{"commission"}, {"method"}, {"ground"}};
const struct form act_form = {"act_form", N_("Act of destruction"), &retention_act_table,
                              FORM_FIELDS(act_form_fields)};

/* day: what is past its term on it; kept: due, but held or still referred to. */
static const struct field retention_act_kind_fields[] = {
    FIELD_ROW_ID,
    {"act_id", FIELD_REF, .ref = "retention_act", .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of document"), .list = "retention", .required = true},
    {"day", FIELD_DATE, .required = true},
    {"destroyed", FIELD_INT, .label = N_("Destroyed"), .required = true},
    {"kept", FIELD_INT, .label = N_("Kept back"), .required = true},
};
const struct table retention_act_kind_table = {
    "retention_act_kind", TABLE_FIELDS(retention_act_kind_fields),
    INDEXES({"retention_act_kind_act", "act_id, kind", true})};

/* What the act destroyed, by number. */
static const struct field retention_row_fields[] = {
    FIELD_ROW_ID,
    {"act_id", FIELD_REF, .ref = "retention_act", .required = true},
    {"kind", FIELD_CODE, .label = N_("Kind of document"), .list = "retention", .required = true},
    {"row_number", FIELD_INT, .label = N_("Number in the register"), .required = true},
    {"person_number", FIELD_INT, .label = N_("Person, number"), .number_of = "person",
     .when_merged = MERGE_STAYS},
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
};
const struct table retention_row_table = {
    "retention_row", TABLE_FIELDS(retention_row_fields),
    INDEXES({"retention_row_act", "act_id, id"},
            {"retention_row_person", "act_id, person_number"})};

/* Restrictions themselves are the guard's (guard_fields.c); here are their forms. */
extern const struct table restriction_table, restriction_viewer_table;

static const struct form_field restriction_form_fields[] = {{"reason"}, {"words"}, {"until"}};
const struct form restriction_form = {"restriction_form", N_("Restriction"), &restriction_table,
                                      FORM_FIELDS(restriction_form_fields)};

static const struct form_field viewer_form_fields[] = {{"body_id"}};
const struct form viewer_form = {"viewer_form", N_("Another body"), &restriction_viewer_table,
                                 FORM_FIELDS(viewer_form_fields)};

/* What a named viewer has said of a pair: a restricted person, and somebody registered by others who
 * may be the same. */
static const struct field restriction_twin_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"other_id", FIELD_REF, .ref = "person", .required = true},
    {"verdict", FIELD_CODE, .label = N_("Looked at"), .list = "twin_verdict", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"day", FIELD_DATE, .required = true},
};
const struct table restriction_twin_table = {
    "restriction_twin", N_("Possible twin of a restricted person"),
    TABLE_FIELDS(restriction_twin_fields),
    INDEXES({"restriction_twin_pair", "person_id, other_id", true},
            {"restriction_twin_other", "other_id"})};

static const struct form_field twin_form_fields[] = {{"verdict"}};
const struct form twin_form = {"twin_form", N_("Looked at"), &restriction_twin_table,
                               FORM_FIELDS(twin_form_fields)};

/* ---- suspicion: what the rules have found in the read log ---- */

/* One row per rule, account and day, and where the rule is about one person, person; it grows while the day goes on. The person by
 * number, as in the log itself. */
static const struct field suspicion_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"rule", FIELD_CODE, .label = N_("Rule"), .list = "suspicion_rule", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"person_id", FIELD_INT, .label = N_("Person, number"), .number_of = "person", .when_merged = MERGE_STAYS},
    {"watched_id", FIELD_REF, .ref = "watched_word"},
    {"day", FIELD_DATE, .label = N_("Day"), .required = true},
    {"n", FIELD_INT, .label = N_("How many"), .required = true},
    {"usual", FIELD_INT, .label = N_("Usual")},
    {"covered_by", FIELD_INT}, /* an item that was explained lately says as much: this one is raised when it says more */
    {"first_read", FIELD_INT},
    {"last_read", FIELD_INT},
    {"raised_at", FIELD_INSTANT, .label = N_("Raised"), .required = true},
    {"explained_by", FIELD_REF, .ref = "account"},
    {"explained_at", FIELD_INSTANT, .label = N_("Explained")},
    {"words", FIELD_TEXT, .label = N_("Explanation"), .max = 2000, .lines = true, .sealed = true},
};
const struct table suspicion_table = {
    "suspicion", N_("Suspicion"), TABLE_FIELDS(suspicion_fields),
    INDEXES({"suspicion_account", "account_id, day, rule"}, {"suspicion_body", "body_id, id"},
            {"suspicion_rule", "rule, id"}, {"suspicion_day", "day, id"},
            {"suspicion_person", "person_id, id", .filled = true})};

static const struct form_field explanation_form_fields[] = {{"words", .required = true}};
const struct form explanation_form = {"explanation_form", N_("Explanation"), &suspicion_table,
                                      FORM_FIELDS(explanation_form_fields)};

/* What an account was shown on a day, as far as the job has walked: the sets (numbers of persons as in `read`) only while the day
 * is young, the numbers as long as they tell what is usual. */
static const struct field reader_day_fields[] = {
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"day", FIELD_DATE, .required = true},
    {"first_read", FIELD_INT, .required = true},
    {"shown", FIELD_INT, .required = true},
    {"persons", FIELD_TEXT, .max = 10000000},
    {"away", FIELD_TEXT, .max = 10000000},  /* cards of persons of other districts, without own work */
    {"night", FIELD_TEXT, .max = 10000000}, /* cards outside of the hours */
};
/* How many requests of an account were refused on a day, and for what. */
static const struct field refusal_day_fields[] = {
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"day", FIELD_DATE, .required = true},
    {"kind", FIELD_CODE, .label = N_("Refused for"), .list = "refusal", .required = true},
    {"n", FIELD_INT, .label = N_("How many"), .required = true},
};
const struct table refusal_day_table = {"refusal_day", TABLE_FIELDS(refusal_day_fields), .key = "account_id, day, kind",
                                        INDEXES({"refusal_day_day", "day, account_id"})};

const struct table reader_day_table = {"reader_day", TABLE_FIELDS(reader_day_fields), .key = "account_id, day",
                                       INDEXES({"reader_day_day", "day, account_id"})};

/* A surname by which nobody should look without work: a digest of it under the register's key. */
static const struct field watched_word_fields[] = {
    FIELD_ROW_ID,
    {"word", FIELD_TEXT, .label = N_("Surname"), .max = 100, .required = true},
    {"label", FIELD_TEXT, .label = N_("Label that does not tell the name"), .max = 120, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"until", FIELD_DATE, .label = N_("Last day"), .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Since"), .required = true},
};
const struct table watched_word_table = {"watched_word", N_("Watched surname"), TABLE_FIELDS(watched_word_fields),
                                         INDEXES({"watched_word_word", "word, until"})};

static const struct form_field watched_form_fields[] = {{"word"}, {"label"}, {"until"}};
const struct form watched_form = {"watched_form", N_("Watched surname"), &watched_word_table,
                                  FORM_FIELDS(watched_form_fields)};

/* ---- checks of the sealed logs ---- */

/* head_id: the newest head that it has compared; the next one goes on behind it. */
static const struct field log_check_fields[] = {
    FIELD_ROW_ID,
    {"whole", FIELD_BOOL, .label = N_("Of everything"), .required = true},
    {"begun_at", FIELD_INSTANT, .label = N_("Begun"), .required = true},
    {"ended_at", FIELD_INSTANT, .label = N_("Check ended"), .required = true},
    {"head_id", FIELD_INT},
    {"head_at", FIELD_INSTANT}, /* as log_head_sent has it */
    {"event_n", FIELD_INT, .label = N_("Events"), .required = true},
    {"read_n", FIELD_INT, .label = N_("Pages shown"), .required = true},
    {"faults", FIELD_INT, .label = N_("Faults"), .required = true},
    {"asked_by", FIELD_REF, .ref = "account"},
};
const struct table log_check_table = {"log_check", N_("Check of the logs"), TABLE_FIELDS(log_check_fields), .insert_only = true};

/* What does not fit: at rows of a log, or at a head. */
static const struct field log_fault_fields[] = {
    FIELD_ROW_ID,
    {"check_id", FIELD_REF, .ref = "log_check", .required = true},
    {"kind", FIELD_CODE, .label = N_("What does not fit"), .list = "log_fault", .required = true},
    {"log", FIELD_CODE, .label = N_("Log"), .list = "sealed_log"},
    {"from_row", FIELD_INT, .label = N_("Entries from")},
    {"to_row", FIELD_INT, .label = N_("Entries to")},
    {"head_at", FIELD_INSTANT, .label = N_("Signature of")},
};
const struct table log_fault_table = {"log_fault", N_("Fault of a log"), TABLE_FIELDS(log_fault_fields), .insert_only = true,
                                      INDEXES({"log_fault_check", "check_id, id"})};

const struct table *const trust_tables[] = {
    &consent_table,       &access_ask_table,         &emergency_table,     &retention_hold_table,
    &retention_act_table, &retention_act_kind_table, &retention_row_table, &restriction_twin_table,
    &watched_word_table,  &suspicion_table,          &reader_day_table,    &refusal_day_table,
    &log_check_table,     &log_fault_table,     NULL};
const struct form *const trust_forms[] = {
    &consent_form,  &withdrawal_form,  &ask_form,    &ask_answer_form, &emergency_form, &review_form,
    &hold_form,     &act_form,         &restriction_form, &viewer_form, &twin_form,
    &explanation_form, &watched_form, NULL};
