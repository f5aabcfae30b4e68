/* Tables of the guard floor: accounts and sessions, grants and access, the two logs. */
#include "guard/room.h"

static const struct field setting_fields[] = {
    {"name", FIELD_TEXT, .max = 60, .required = true},
    {"value", FIELD_TEXT, .max = 4000, .required = true},
};
const struct table setting_table = {"setting", TABLE_FIELDS(setting_fields), .key = "name"};

static const struct field counter_fields[] = {
    {"name", FIELD_TEXT, .max = 60, .required = true},
    {"value", FIELD_INT, .required = true},
};
const struct table counter_table = {"counter", TABLE_FIELDS(counter_fields), .key = "name"};

/* Data keys of what is stored sealed, each wrapped by a master key of the key file (guard/keys.h). */
static const struct field data_key_fields[] = {
    {"number", FIELD_INT, .required = true},
    {"master", FIELD_TEXT, .max = 16, .required = true},
    {"wrapped", FIELD_TEXT, .max = 200, .required = true},
    {"use_from", FIELD_INSTANT, .required = true},
};
const struct table data_key_table = {"data_key", TABLE_FIELDS(data_key_fields), .key = "number"};

static const struct field account_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"login", FIELD_TEXT, .label = N_("Login"), .max = 60, .required = true},
    {"name", FIELD_TEXT, .label = N_("Full name"), .max = 120, .required = true, .discloses = true},
    {"role", FIELD_CODE, .label = N_("Role"), .list = "role", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"post", FIELD_TEXT, .label = N_("Post"), .max = 120, .discloses = true},
    {"unit_id", FIELD_REF, .label = N_("Unit"), .ref = "unit"},
    {"email", FIELD_TEXT, .label = N_("E-mail for reminders"), .max = 254},
    {"reminders", FIELD_BOOL, .label = N_("Reminders by mail"), .required = true, .initial = "1"},
    {"password", FIELD_TEXT, .max = 200},
    {"password_until", FIELD_INSTANT}, /* it was made for an administrator, opens until then, and its owner must change it; null: the owner's own */
    {"active", FIELD_BOOL, .label = N_("Active"), .required = true, .initial = "1"},
    {"created_at", FIELD_INSTANT, .label = N_("Created"), .required = true},
    {"signed_in_at", FIELD_INSTANT, .label = N_("Last sign-in")},
    {"signed_in_from", FIELD_TEXT, .max = 64},
    {"failures", FIELD_INT, .required = true, .initial = "0"}, /* wrong passwords since the last sign-in */
    {"factor_reset_at", FIELD_INSTANT}, /* by an administrator, until the owner has read of it */
    {"epoch", FIELD_INT, .required = true, .initial = "0"}, /* raised whenever its sessions end together: what was proven before opens nothing */
    /* where the owner lives: for the rule about neighbours (rooms/trust) and for nothing else */
    {"settlement", FIELD_TEXT, .label = N_("Settlement of residence"), .max = 120, .sealed = true},
    {"street", FIELD_TEXT, .label = N_("Street of residence"), .max = 120, .sealed = true},
};
const struct table account_table = {
    "account", N_("Account"), TABLE_FIELDS(account_fields),
    INDEXES({"account_login", "login", true}, {"account_body", "body_id, login"},
            {"account_unit", "unit_id", .filled = true}, {"account_email", "email, id", .filled = true})};

static const struct field session_fields[] = {
    FIELD_ROW_ID,
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"csrf", FIELD_TEXT, .max = 64, .required = true},
    {"address", FIELD_TEXT, .max = 64, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
    {"seen_at", FIELD_INSTANT, .required = true},
    {"expires_at", FIELD_INSTANT, .required = true},
    {"browser", FIELD_TEXT, .label = N_("Browser"), .max = 60},
    {"way", FIELD_CODE, .label = N_("Way of signing in"), .list = "sign_in_way"},
    {"confirmed_at", FIELD_INSTANT}, /* the owner was asked for a secret last */
    {"before_at", FIELD_INSTANT},    /* the sign-in before this one, and what failed between the two */
    {"before_from", FIELD_TEXT, .max = 64},
    {"before_failures", FIELD_INT},
};
const struct table session_table = {
    "session", N_("Session"), TABLE_FIELDS(session_fields),
    INDEXES({"session_secret", "secret_hash", true}, {"session_account", "account_id, id"})};

/* A sign-in or an enrolment that has begun and lasts some minutes: bound to a cookie of its own, of which the hash is stored, and
 * gone with its first good end. Challenges and states follow from the cookie's secret and stand nowhere. */
static const struct field sign_in_try_fields[] = {
    FIELD_ROW_ID,
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"what", FIELD_TEXT, .max = 20, .required = true}, /* second, passkey, register, confirm, oidc */
    {"account_id", FIELD_REF, .ref = "account"},      /* none: nobody is known yet */
    {"session_id", FIELD_INT},                        /* of an enrolment: only this session goes on with it */
    {"way", FIELD_TEXT, .max = 20},                   /* the first step of a sign-in */
    {"provider", FIELD_TEXT, .max = 40},
    {"next", FIELD_TEXT, .max = 1000},
    {"failures", FIELD_INT, .required = true},
    {"ends_at", FIELD_INSTANT, .required = true},
    {"epoch", FIELD_INT}, /* of the account, when its first step was proven */
};
const struct table sign_in_try_table = {
    "sign_in_try", TABLE_FIELDS(sign_in_try_fields),
    INDEXES({"sign_in_try_secret", "secret_hash", true}, {"sign_in_try_account", "account_id", .filled = true},
            {"sign_in_try_ends", "ends_at"})};

/* Codes of an authenticator program (RFC 6238). `pending`: shown for enrolment, not proven yet. `step`: the last one accepted. */
static const struct field factor_totp_fields[] = {
    FIELD_ROW_ID,
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"secret", FIELD_TEXT, .max = 64, .sealed = true},
    {"pending", FIELD_TEXT, .max = 64, .sealed = true},
    {"step", FIELD_INT, .required = true},
    {"made_at", FIELD_INSTANT, .label = N_("Set up")},
    {"used_at", FIELD_INSTANT, .label = N_("Last used")},
};
const struct table factor_totp_table = {"factor_totp", TABLE_FIELDS(factor_totp_fields),
                                        INDEXES({"factor_totp_account", "account_id", true})};

static const struct field factor_recovery_fields[] = {
    FIELD_ROW_ID,
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"selector", FIELD_TEXT, .max = 3}, /* the first letters, by which one row is found; null: of an older register, none is left after its upgrade */
    {"code_hash", FIELD_TEXT, .max = 200, .required = true}, /* of the others, as of a password */
    {"used_at", FIELD_INSTANT},
};
const struct table factor_recovery_table = {
    "factor_recovery", TABLE_FIELDS(factor_recovery_fields),
    INDEXES({"factor_recovery_selector", "account_id, selector", true})};

/* Passkeys (WebAuthn). `credential`: its id, base64url; `public_key`: as libfido2 gives it, base64url; `site`: the rp id. */
static const struct field passkey_fields[] = {
    FIELD_ROW_ID,
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"credential", FIELD_TEXT, .max = 1400, .required = true},
    {"credential_hash", FIELD_TEXT, .max = 64, .required = true},
    {"public_key", FIELD_TEXT, .max = 1400, .required = true},
    {"algorithm", FIELD_INT, .required = true},
    {"site", FIELD_TEXT, .max = 255, .required = true},
    {"uses", FIELD_INT, .required = true}, /* the authenticator's own counter */
    {"name", FIELD_TEXT, .label = N_("Name of the passkey"), .max = 60, .required = true},
    {"made_at", FIELD_INSTANT, .label = N_("Added"), .required = true},
    {"used_at", FIELD_INSTANT, .label = N_("Last used")},
};
const struct table passkey_table = {
    "passkey", N_("Passkey"), TABLE_FIELDS(passkey_fields),
    INDEXES({"passkey_credential", "credential_hash", true}, {"passkey_account", "account_id, id"})};

/* A provider's account that its owner has linked. Of who it is there the keyed hash. */
static const struct field sign_in_link_fields[] = {
    FIELD_ROW_ID,
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"provider", FIELD_TEXT, .max = 40, .required = true},
    {"subject_hash", FIELD_TEXT, .max = 64, .required = true},
    {"made_at", FIELD_INSTANT, .label = N_("Linked"), .required = true},
    {"used_at", FIELD_INSTANT, .label = N_("Last used")},
};
const struct table sign_in_link_table = {
    "sign_in_link", TABLE_FIELDS(sign_in_link_fields),
    INDEXES({"sign_in_link_subject", "provider, subject_hash", true},
            {"sign_in_link_account", "account_id, provider", true})};

static const struct field token_fields[] = {
    FIELD_ROW_ID,
    {"secret_hash", FIELD_TEXT, .max = 64, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"name", FIELD_TEXT, .label = N_("Name of the token"), .max = 100, .required = true},
    {"created_at", FIELD_INSTANT, .label = N_("Made"), .required = true},
    {"until_at", FIELD_INSTANT, .label = N_("Lasts until")}, /* null: of an older register; it opens nothing before the upgrade gives it a term */
    {"used_at", FIELD_INSTANT, .label = N_("Last used")},
    {"ended_at", FIELD_INSTANT},
};
const struct table token_table = {
    "token", N_("Token of the API"), TABLE_FIELDS(token_fields),
    INDEXES({"token_secret", "secret_hash", true}, {"token_account", "account_id"})};

/* Each sign-in and each try that failed. account_id: none, when the login is nobody's. `origin`: digest of the address under a key
 * outside the register, so that tries from one place can be told from others without naming it. */
static const struct field sign_in_log_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"way", FIELD_CODE, .label = N_("Way of signing in"), .list = "sign_in_way", .required = true},
    {"good", FIELD_BOOL, .label = N_("Signed in"), .required = true},
    {"origin", FIELD_TEXT, .label = N_("Address, digest"), .max = 16, .required = true},
};
const struct table sign_in_log_table = {"sign_in_log", N_("Sign-in"), TABLE_FIELDS(sign_in_log_fields), .insert_only = true,
                                        INDEXES({"sign_in_log_at", "at, id"}, {"sign_in_log_origin", "origin, id"},
                                                {"sign_in_log_account", "account_id, id"}),
                                        .drops = "sign_in_drop"};

/* key: keyed hash of login and address, so that the table names nobody who never was here */
static const struct field sign_in_delay_fields[] = {
    {"key", FIELD_TEXT, .max = 64, .required = true},
    {"failures", FIELD_INT, .required = true},
    {"until", FIELD_INSTANT, .required = true},
};
const struct table sign_in_delay_table = {"sign_in_delay", TABLE_FIELDS(sign_in_delay_fields),
                                          .key = "key"};

static const struct field idempotency_fields[] = {
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"route", FIELD_TEXT, .max = 200, .required = true},
    {"key", FIELD_TEXT, .max = 100, .required = true},
    {"body_hash", FIELD_TEXT, .max = 64, .required = true},
    {"location", FIELD_TEXT, .max = 400, .required = true},
    {"created_at", FIELD_INSTANT, .required = true},
};
const struct table idempotency_table = {"idempotency", TABLE_FIELDS(idempotency_fields),
                                        .key = "account_id, route, key",
                                        INDEXES({"idempotency_created", "created_at"})};

/* A grant is made by a fact (`ref`, `ref_id`: the fact's row) and ends with it. */
static const struct field access_grant_fields[] = {
    FIELD_ROW_ID,
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"fact", FIELD_TEXT, .max = 40, .required = true},
    {"reason", FIELD_TEXT, .max = 120, .sealed = true}, /* what the rule asks for besides: a need; a law and its category */
    {"cap", FIELD_INT},                 /* what the fact itself names; null: all that the rule gives */
    {"classes", FIELD_INT, .required = true}, /* by the rules; while `rule_work` names the body, of old ones */
    {"ref", FIELD_TEXT, .max = 40, .required = true},
    {"ref_id", FIELD_INT, .required = true},
    {"since", FIELD_INSTANT, .required = true},
    {"until", FIELD_INSTANT},
    {"ended_at", FIELD_INSTANT},
};
const struct table access_grant_table = {"access_grant", TABLE_FIELDS(access_grant_fields),
                                         INDEXES({"access_grant_person", "person_id, body_id"},
                                                 {"access_grant_ref", "ref, ref_id"},
                                                 {"access_grant_of_body", "body_id, person_id"})};

/* Bodies whose grants are of older rules: worked off by persons up to `person_at`. Meanwhile the door computes each row. */
static const struct field rule_work_fields[] = {
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"person_at", FIELD_INT, .required = true},
};
const struct table rule_work_table = {"rule_work", TABLE_FIELDS(rule_work_fields),
                                      .key = "body_id"};

static const struct field access_fields[] = {
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true, .when_merged = MERGE_COMPUTED},
    {"bits", FIELD_INT, .required = true},
    {"recheck_at", FIELD_INSTANT},
    {"name_key", FIELD_TEXT, CLASS_IDENTITY, .max = 400, .required = true},
};
const struct table access_table = {
    "access", TABLE_FIELDS(access_fields), .key = "body_id, person_id",
    INDEXES({"access_name", "body_id, name_key, person_id"}, {"access_person", "person_id"},
            {"access_recheck", "recheck_at", .filled = true})};

/* Who may know that the person stands in the register at all. One live restriction of a person
 * (ended_at null); its viewers go with it. Reason and ground are read by the body that has set it. */
static const struct field restriction_fields[] = {
    FIELD_ROW_ID,
    FIELD_VERSION,
    {"person_id", FIELD_REF, .label = N_("Person"), .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Set by"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"reason", FIELD_CODE, CLASS_IDENTITY, N_("Reason"), .list = "restriction_reason",
     .required = true},
    {"words", FIELD_TEXT, CLASS_IDENTITY, N_("Ground: decision, order or request"), .max = 500,
     .lines = true, .required = true, .sealed = true},
    {"since", FIELD_DATE, .label = N_("Since"), .required = true},
    {"until", FIELD_DATE, .label = N_("Last day")},
    {"ended_at", FIELD_INSTANT, .label = N_("Ended")},
    {"ended_account_id", FIELD_REF, .ref = "account"},
};
const struct table restriction_table = {
    "restriction", N_("Restriction"), TABLE_FIELDS(restriction_fields),
    INDEXES({"restriction_person", "person_id, ended_at"}, {"restriction_until", "until"})};

/* A body that goes on seeing the person: as a whole (no account), or these accounts of it. */
static const struct field restriction_viewer_fields[] = {
    FIELD_ROW_ID,
    {"restriction_id", FIELD_REF, .ref = "restriction", .required = true},
    {"person_id", FIELD_REF, .ref = "person", .required = true},
    {"body_id", FIELD_REF, .label = N_("Body"), .ref = "body", .required = true},
    {"account_id", FIELD_REF, .label = N_("Worker"), .ref = "account"},
};
const struct table restriction_viewer_table = {
    "restriction_viewer", N_("Who goes on seeing the person"),
    TABLE_FIELDS(restriction_viewer_fields),
    INDEXES({"restriction_viewer_person", "person_id, body_id, account_id"},
            {"restriction_viewer_of", "restriction_id"},
            {"restriction_viewer_account", "account_id", .filled = true})};

/* Ids only: personal data stands in `history`, which retention can empty. */
static const struct field event_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
    {"day", FIELD_DATE, .label = N_("Date of the event"), .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"body_id", FIELD_REF, .ref = "body"},
    {"person_id", FIELD_INT, .number_of = "person", .when_merged = MERGE_STAYS},
    {"case_id", FIELD_INT},
    {"other_body_id", FIELD_REF, .ref = "body"},
    {"kind", FIELD_CODE, .label = N_("What"), .list = "event_kind", .required = true},
    {"ground", FIELD_CODE, .label = N_("Ground"), .list = "legal_basis"},
    {"object", FIELD_TEXT, .max = 40},
    {"object_id", FIELD_INT},
    {"import_id", FIELD_INT}, /* by applying or taking back this list; none: by hand */
    {"classes", FIELD_CLASSES, .required = true, .initial = "0"},
    {"digest", FIELD_TEXT, .max = 64},
};
const struct table event_table = {
    "event", TABLE_FIELDS(event_fields), .insert_only = true,
    INDEXES({"event_person", "person_id, id"}, {"event_case", "case_id, id"})};

/* Salt and values behind an event's digest. Values are of any class: only rules read them. */
static const struct field history_fields[] = {
    {"event_id", FIELD_INT, .required = true},
    {"salt", FIELD_TEXT, .max = 64},
    {"changed", FIELD_TEXT, CLASS_IDENTITY, .max = 100000},
};
const struct table history_table = {"history", TABLE_FIELDS(history_fields), .key = "event_id"};

/* One row per page shown; `persons`: ids, space before and after each. */
static const struct field read_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("When"), .required = true},
    {"account_id", FIELD_REF, .ref = "account"},
    {"body_id", FIELD_REF, .ref = "body"},
    {"page", FIELD_TEXT, .label = N_("Page"), .max = 100, .required = true},
    {"persons", FIELD_TEXT, .max = 1000000, .required = true},
};
const struct table read_table = {"read", TABLE_FIELDS(read_fields), .insert_only = true,
                                 .drops = "read_drop"};

static const struct field read_person_fields[] = {
    {"person_id", FIELD_INT, .required = true, .number_of = "person", .when_merged = MERGE_STAYS},
    {"read_id", FIELD_INT, .required = true},
};
const struct table read_person_table = {"read_person", TABLE_FIELDS(read_person_fields),
                                        .key = "person_id, read_id"};

/* A watched word was looked for (guard/log.h): waits for the job that raises it (rooms/trust), which takes it away. read_id: the
 * page that was shown; null: it showed nobody. */
static const struct field search_note_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"watched_id", FIELD_INT, .required = true},
    {"read_id", FIELD_INT},
};
const struct table search_note_table = {"search_note", TABLE_FIELDS(search_note_fields)};

/* A request of an account was refused (web/exchange.h): waits for the job that counts it (rooms/trust), which takes it away. */
static const struct field refusal_note_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .required = true},
    {"account_id", FIELD_REF, .ref = "account", .required = true},
    {"body_id", FIELD_REF, .ref = "body", .required = true},
    {"kind", FIELD_TEXT, .max = 20, .required = true},
};
const struct table refusal_note_table = {"refusal_note", TABLE_FIELDS(refusal_note_fields)};

/* Leaves of the Merkle trees over both logs (log 1: event, 2: read). */
static const struct field leaf_fields[] = {
    {"log", FIELD_INT, .required = true},
    {"n", FIELD_INT, .required = true},
    {"row_id", FIELD_INT, .required = true},
    {"hash", FIELD_TEXT, .max = 64, .required = true},
};
const struct table leaf_table = {"leaf", TABLE_FIELDS(leaf_fields), .key = "log, n",
                                 .insert_only = true, INDEXES({"leaf_row", "log, row_id", true})};

/* Roots of whole subtrees of TILE leaves (guard/merkle.h): n counts them. They follow from the leaves. */
static const struct field leaf_tile_fields[] = {
    {"log", FIELD_INT, .required = true},
    {"n", FIELD_INT, .required = true},
    {"hash", FIELD_TEXT, .max = 64, .required = true},
};
const struct table leaf_tile_table = {"leaf_tile", TABLE_FIELDS(leaf_tile_fields), .key = "log, n",
                                      .insert_only = true};

/* What was signed: how many leaves both trees had, and their roots (guard/leaf.h). */
static const struct field log_head_fields[] = {
    FIELD_ROW_ID,
    {"at", FIELD_INSTANT, .label = N_("Signed"), .required = true},
    {"event_n", FIELD_INT, .label = N_("Events"), .required = true},
    {"event_root", FIELD_TEXT, .label = N_("Root of the events"), .max = 64, .required = true},
    {"read_n", FIELD_INT, .label = N_("Pages shown"), .required = true},
    {"read_root", FIELD_TEXT, .label = N_("Root of the pages shown"), .max = 64, .required = true},
    {"key", FIELD_TEXT, .max = 64, .required = true},
    {"signature", FIELD_TEXT, .max = 128, .required = true},
};
const struct table log_head_table = {"log_head", TABLE_FIELDS(log_head_fields), .insert_only = true};

/* That a head was given to another place (bereg audit head --hook). */
static const struct field log_head_sent_fields[] = {
    FIELD_ROW_ID,
    {"head_id", FIELD_INT, .required = true},
    {"at", FIELD_INSTANT, .label = N_("Given to another place"), .required = true},
    {"head_at", FIELD_INSTANT}, /* by which it is told from another one that has taken its number */
};
const struct table log_head_sent_table = {"log_head_sent", TABLE_FIELDS(log_head_sent_fields), .insert_only = true,
                                          INDEXES({"log_head_sent_head", "head_id, id"})};

const struct table *const guard_tables[] = {
    &setting_table,     &counter_table,     &data_key_table,           &account_table,
    &session_table,     &sign_in_try_table, &factor_totp_table,        &factor_recovery_table,
    &passkey_table,     &sign_in_link_table,
    &token_table,       &sign_in_delay_table,      &idempotency_table,
    &access_grant_table, &access_table,     &rule_work_table,          &restriction_table,
    &restriction_viewer_table, &event_table, &history_table,           &read_table,
    &read_person_table, &search_note_table, &refusal_note_table, &leaf_table,        &leaf_tile_table,          &log_head_table,
    &log_head_sent_table, &sign_in_log_table, NULL};

static const struct form_field sign_in_form_fields[] = {
    {"login", .required = true},
    {"password", .required = true, .label = N_("Password")},
};
const struct form sign_in_form = {"sign_in_form", N_("Sign in"), &account_table,
                                  FORM_FIELDS(sign_in_form_fields)};

static const struct form_field passkey_form_fields[] = {{"name"}};
const struct form passkey_form = {"passkey_form", N_("Passkey"), &passkey_table, FORM_FIELDS(passkey_form_fields)};

const struct form *const guard_forms[] = {&sign_in_form, &passkey_form, NULL};
