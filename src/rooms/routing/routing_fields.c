/* Routing schemes in versions, and the routes of cases along them. What a route tells (the situation,
 * the needs of its steps) stands in its `classes`: it is read whole or not at all. */
#include "guard/room.h"

static const struct field scheme_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"code", FIELD_TEXT, .label = N_("Code of the scheme"), .max = 40, .required = true},
    {"number", FIELD_INT, .label = N_("Version"), .required = true},
    {"name", FIELD_TEXT, .label = N_("Name of the scheme"), .max = 200, .required = true},
    {"situation", FIELD_CODE, .label = N_("Situation"), .list = "category", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "scheme_state", .required = true},
    {"order_number", FIELD_TEXT, .label = N_("Number of the joint order"), .max = 100},
    {"order_date", FIELD_DATE, .label = N_("Date of the joint order")},
    {"source", FIELD_CODE, .label = N_("Source"), .list = "scheme_source", .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"created_at", FIELD_INSTANT, .label = N_("Entered"), .required = true},
};
const struct table scheme_table = {
    "scheme", N_("Routing scheme"), TABLE_FIELDS(scheme_fields),
    INDEXES({"scheme_code", "code, number", true}, {"scheme_state", "state, situation, id"})};

static const struct form_field scheme_form_fields[] = {{"name"}, {"code"}, {"situation"}};
const struct form scheme_form = {"scheme_form", N_("Routing scheme"), &scheme_table,
                                 FORM_FIELDS(scheme_form_fields)};
static const struct form_field approve_form_fields[] = {
    {"order_number", .required = true}, {"order_date", .required = true}};
const struct form approve_form = {"approve_form", N_("Approval of a routing scheme"), &scheme_table,
                                  FORM_FIELDS(approve_form_fields)};

/* same_as: code of a step above it; kinds: words; rules: ids of [deadline ID]. */
static const struct field scheme_step_fields[] = {
    FIELD_ROW_ID,
    {"scheme_id", FIELD_REF, .ref = "scheme", .required = true},
    {"ord", FIELD_INT, .required = true},
    {"code", FIELD_TEXT, .label = N_("Code of the step"), .max = 40, .required = true},
    {"label", FIELD_TEXT, .label = N_("Step"), .max = 120, .required = true},
    {"place", FIELD_CODE, .label = N_("Where the body is taken from"), .list = "route_place",
     .required = true},
    {"same_as", FIELD_TEXT, .label = N_("Step whose body is taken"), .max = 40},
    {"kinds", FIELD_TEXT, .label = N_("Kinds of bodies"), .max = 400},
    {"need", FIELD_CODE, .label = N_("Need"), .list = "need"},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"expected", FIELD_TEXT, .label = N_("What is expected"), .max = 1000, .lines = true},
    {"answer_rule", FIELD_TEXT, .label = N_("Term of the answer"), .max = 80},
    {"result_rule", FIELD_TEXT, .label = N_("Term of the result"), .max = 80},
    {"offer", FIELD_CODE, .label = N_("To whom it is offered"), .list = "route_offer",
     .required = true},
    {"joining", FIELD_CODE, .label = N_("When several steps lead here"), .list = "route_join",
     .required = true},
    {"escalate", FIELD_CODE, .label = N_("To whom a silence is escalated"),
     .list = "route_escalation"},
};
const struct table scheme_step_table = {
    "scheme_step", N_("Step of a routing scheme"), TABLE_FIELDS(scheme_step_fields),
    INDEXES({"scheme_step_scheme", "scheme_id, ord", true})};

static const struct form_field step_form_fields[] = {
    {"label"},       {"code"},        {"place"}, {"same_as"},
    {"need"},        {"ground"},      {"expected"},
    {"answer_rule"}, {"result_rule"}, {"offer"}, {"joining"},
    {"escalate"}};
const struct form step_form = {"step_form", N_("Step of a routing scheme"), &scheme_step_table,
                               FORM_FIELDS(step_form_fields)};

/* from_step "": the beginning, without an outcome; to_step "end": the end. done: what the
 * packs said that the outcome counts for when the scheme was approved: logs of routes are replayed by
 * it, whatever the packs say later. */
static const struct field scheme_arrow_fields[] = {
    FIELD_ROW_ID,
    {"scheme_id", FIELD_REF, .ref = "scheme", .required = true},
    {"ord", FIELD_INT, .required = true},
    {"from_step", FIELD_TEXT, .max = 40, .required = true},
    {"outcome", FIELD_TEXT, .label = N_("Outcome"), .max = 40, .required = true},
    {"to_step", FIELD_TEXT, .label = N_("Next step"), .max = 40, .required = true},
    {"done", FIELD_BOOL, .required = true, .initial = "0"},
};
const struct table scheme_arrow_table = {
    "scheme_arrow", N_("Arrow of a routing scheme"), TABLE_FIELDS(scheme_arrow_fields),
    INDEXES({"scheme_arrow_scheme", "scheme_id, ord", true})};

static const struct field route_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"scheme_id", FIELD_REF, .ref = "scheme", .required = true},
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"case_id", FIELD_REF, .ref = "case_file", .required = true},
    {"body_id", FIELD_REF, .label = N_("Lead body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Specialist"), .ref = "account", .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "route_state", .required = true},
    {"started_on", FIELD_DATE, .label = N_("Begun on"), .required = true},
    {"ended_on", FIELD_DATE, .label = N_("Ended on")},
    {"reason", FIELD_TEXT, CLASS_SOCIAL, N_("Reason"), .max = 1000, .lines = true, .sealed = true},
    {"classes", FIELD_CLASSES, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table route_table = {
    "route", N_("Route"), TABLE_FIELDS(route_fields),
    INDEXES({"route_case", "case_id, id"}, {"route_person", "person_id"},
            {"route_body", "body_id, id"}, {"route_account", "account_id"}, {"route_scheme", "scheme_id, state"})};

/* One round of a step. wait: why it stands with the lead. */
static const struct field route_step_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"route_id", FIELD_REF, .ref = "route", .required = true},
    {"step", FIELD_TEXT, .label = N_("Step"), .max = 40, .required = true},
    {"round", FIELD_INT, .label = N_("Round"), .required = true},
    {"state", FIELD_CODE, .label = N_("State"), .list = "route_step_state", .required = true},
    {"wait", FIELD_CODE, .label = N_("Why it waits"), .list = "route_wait"},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body"},
    {"opened_on", FIELD_DATE, .label = N_("Opened on"), .required = true},
    {"answer_due", FIELD_DATE, .label = N_("Answer due on")},
    {"due_on", FIELD_DATE, .label = N_("Due on")},
    {"outcome", FIELD_TEXT, .label = N_("Outcome"), .max = 40},
    {"silent_on", FIELD_DATE, .label = N_("Not answered since")},
    {"closed_on", FIELD_DATE, .label = N_("Finished on")},
    {"note", FIELD_TEXT, CLASS_SOCIAL, N_("Comment"), .max = 1000, .lines = true, .sealed = true},
};
const struct table route_step_table = {
    "route_step", N_("Step of a route"), TABLE_FIELDS(route_step_fields),
    INDEXES({"route_step_route", "route_id, step, round", true}, {"route_step_body", "body_id"},
            {"route_step_state", "state, id"}, {"route_step_silent", "state, answer_due, id"})};

static const struct form_field outcome_form_fields[] = {{"outcome", .required = true}, {"note"}};
const struct form outcome_form = {"outcome_form", N_("Outcome of a step"), &route_step_table,
                                  FORM_FIELDS(outcome_form_fields)};
static const struct form_field skip_form_fields[] = {
    {"outcome", .required = true}, {"note", .required = true, .label = N_("Reason")}};
const struct form skip_form = {"skip_form", N_("Skipping of a step"), &route_step_table,
                               FORM_FIELDS(skip_form_fields)};
static const struct form_field choose_form_fields[] = {{"body_id", .required = true}};
const struct form choose_form = {"choose_form", N_("Choice of a body"), &route_step_table,
                                 FORM_FIELDS(choose_form_fields)};
static const struct form_field stop_form_fields[] = {{"reason", .required = true}};
const struct form stop_form = {"stop_form", N_("Stopping of a route"), &route_table,
                               FORM_FIELDS(stop_form_fields)};

/* A referral sent for a step; all of a step are one offer (referrals.h). todo: 1 it was answered, 2 it is to
 * be taken back; nothing once the route has been led on by it. */
static const struct field route_offer_fields[] = {
    FIELD_ROW_ID,
    {"route_id", FIELD_REF, .ref = "route", .required = true},
    {"route_step_id", FIELD_REF, .ref = "route_step", .required = true},
    {"referral_id", FIELD_REF, .ref = "referral"},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"todo", FIELD_INT, .max = 2},
};
const struct table route_offer_table = {
    "route_offer", N_("Offer of a step"), TABLE_FIELDS(route_offer_fields),
    INDEXES({"route_offer_step", "route_step_id, id"}, {"route_offer_referral", "referral_id"},
            {"route_offer_route", "route_id"}, {"route_offer_body", "body_id"},
            {"route_offer_todo", "todo, id", .filled = true})};

/* What the engine was given, in order: the state follows from it alone (`bereg check`). Codes and
 * numbers only. kind: start, outcome, again, conclude, stop, move. step: of a move the pairs
 * "old=new". */
static const struct field route_input_fields[] = {
    FIELD_ROW_ID,
    {"route_id", FIELD_INT, .required = true},
    {"kind", FIELD_TEXT, .max = 20, .required = true},
    {"scheme_id", FIELD_REF, .ref = "scheme", .required = true},
    {"step", FIELD_TEXT, .max = 6000, .required = true},
    {"round", FIELD_INT, .required = true},
    {"outcome", FIELD_TEXT, .max = 40, .required = true},
    {"at", FIELD_INSTANT, .required = true},
    {"account_id", FIELD_INT},
};
const struct table route_input_table = {"route_input",
                                        N_("Input of a route"),
                                        TABLE_FIELDS(route_input_fields),
                                        INDEXES({"route_input_route", "route_id, id"})};

const struct table *const routing_tables[] = {
    &scheme_table,     &scheme_step_table, &scheme_arrow_table, &route_table,
    &route_step_table, &route_offer_table, &route_input_table,  NULL};
const struct form *const routing_forms[] = {&scheme_form,  &approve_form, &step_form,   &outcome_form,
                                            &skip_form,    &choose_form,  &stop_form,   NULL};
