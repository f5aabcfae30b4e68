/* Objects and fields of HSDS 3.1 that the catalogue knows, and what is made of them in memory. The order of fields is the order of
 * columns. */
#include "formats/hsds.h"
#include "formats/job_child.h"
#include <stdlib.h>

#define TO(t) .to = 1 + (t)
#define ID    {"id", HSDS_UUID, 1}

static const struct hsds_field organization[] = {
    ID, {"name", .required = 1}, {"alternate_name"}, {"description", .required = 1}, {"email", HSDS_EMAIL}, {"website", HSDS_URI},
    {"tax_status"}, {"tax_id"}, {"year_incorporated", HSDS_NUMBER}, {"legal_status"}, {"logo"}, {"uri", HSDS_URI},
    {"parent_organization_id", HSDS_UUID, TO(HSDS_ORGANIZATION)}};
static const struct hsds_field service[] = {
    ID, {"organization_id", HSDS_UUID, 2, TO(HSDS_ORGANIZATION)}, {"program_id", HSDS_UUID}, {"name", .required = 1}, {"alternate_name"},
    {"description"}, {"url", HSDS_URI}, {"email", HSDS_EMAIL},
    {"status", HSDS_ENUM, 1, " active | inactive | defunct | temporarily closed "}, {"interpretation_services"}, {"application_process"},
    {"fees_description"}, {"wait_time"}, {"fees"}, {"accreditations"}, {"eligibility_description"}, {"minimum_age", HSDS_NUMBER},
    {"maximum_age", HSDS_NUMBER}, {"assured_date", HSDS_DATE}, {"assurer_email", HSDS_EMAIL}, {"licenses"}, {"alert"},
    {"last_modified", HSDS_DATETIME}};
static const struct hsds_field service_at_location[] = {
    ID, {"service_id", HSDS_UUID, 2, TO(HSDS_SERVICE)}, {"location_id", HSDS_UUID, 2, TO(HSDS_LOCATION)}, {"description"}};
static const struct hsds_field location[] = {
    ID, {"location_type", HSDS_ENUM, 1, " physical | postal | virtual "}, {"url", HSDS_URI}, {"organization_id", HSDS_UUID, TO(HSDS_ORGANIZATION)},
    {"name"}, {"alternate_name"}, {"description"}, {"transportation"}, {"latitude", HSDS_NUMBER}, {"longitude", HSDS_NUMBER},
    {"external_identifier"}, {"external_identifier_type"}};
static const struct hsds_field address[] = {
    ID, {"location_id", HSDS_UUID, TO(HSDS_LOCATION)}, {"attention"}, {"address_1", .required = 1}, {"address_2"}, {"city", .required = 1}, {"region"},
    {"state_province", .required = 1}, {"postal_code", .required = 1}, {"country", .required = 1},
    {"address_type", HSDS_ENUM, 1, " physical | postal | virtual "}};
static const struct hsds_field phone[] = {
    ID, {"location_id", HSDS_UUID, TO(HSDS_LOCATION)}, {"service_id", HSDS_UUID, TO(HSDS_SERVICE)}, {"organization_id", HSDS_UUID, TO(HSDS_ORGANIZATION)},
    {"contact_id", HSDS_UUID}, {"service_at_location_id", HSDS_UUID, TO(HSDS_SERVICE_AT_LOCATION)}, {"number", .required = 1}, {"extension", HSDS_NUMBER}, {"type"},
    {"description"}};
static const struct hsds_field schedule[] = {
    ID, {"service_id", HSDS_UUID, TO(HSDS_SERVICE)}, {"location_id", HSDS_UUID, TO(HSDS_LOCATION)},
    {"service_at_location_id", HSDS_UUID, TO(HSDS_SERVICE_AT_LOCATION)}, {"valid_from", HSDS_DATE}, {"valid_to", HSDS_DATE}, {"dtstart", HSDS_DATE},
    {"timezone", HSDS_NUMBER}, {"until", HSDS_DATE}, {"count", HSDS_NUMBER}, {"wkst", HSDS_ENUM, 0, " MO | TU | WE | TH | FR | SA | SU "},
    {"freq", HSDS_ENUM, 0, " WEEKLY | MONTHLY "}, {"interval", HSDS_NUMBER}, {"byday"}, {"byweekno"}, {"bymonthday"}, {"byyearday"}, {"description"},
    {"opens_at", HSDS_TIME}, {"closes_at", HSDS_TIME}, {"schedule_link", HSDS_URI}, {"attending_type"}, {"notes"}};
static const struct hsds_field service_area[] = {
    ID, {"service_id", HSDS_UUID, TO(HSDS_SERVICE)}, {"service_at_location_id", HSDS_UUID, TO(HSDS_SERVICE_AT_LOCATION)}, {"name"}, {"description"}, {"extent"},
    {"extent_type"}, {"uri"}};
static const struct hsds_field required_document[] = {ID, {"service_id", HSDS_UUID, TO(HSDS_SERVICE)}, {"document"}, {"uri", HSDS_URI}};
static const struct hsds_field language[] = {
    ID, {"service_id", HSDS_UUID, TO(HSDS_SERVICE)}, {"location_id", HSDS_UUID, TO(HSDS_LOCATION)}, {"phone_id", HSDS_UUID, TO(HSDS_PHONE)}, {"name"}, {"code"}, {"note"}};
static const struct hsds_field cost_option[] = {
    ID, {"service_id", HSDS_UUID, 2, TO(HSDS_SERVICE)}, {"valid_from", HSDS_DATE}, {"valid_to", HSDS_DATE}, {"option"}, {"currency"}, {"amount", HSDS_NUMBER},
    {"amount_description"}};
static const struct hsds_field accessibility[] = {ID, {"location_id", HSDS_UUID, TO(HSDS_LOCATION)}, {"description"}, {"details"}, {"url", HSDS_URI}};
static const struct hsds_field service_capacity[] = {
    ID, {"service_id", HSDS_UUID, 2, TO(HSDS_SERVICE)}, {"unit_id", HSDS_UUID, 2, TO(HSDS_UNIT)}, {"available", HSDS_NUMBER, 1}, {"maximum", HSDS_NUMBER}, {"description"},
    {"updated", HSDS_DATETIME, 1}};
static const struct hsds_field unit[] = {ID, {"name", .required = 1}, {"scheme"}, {"identifier"}, {"uri", HSDS_URI}};
static const struct hsds_field attribute[] = {
    ID, {"link_id", HSDS_UUID, 2}, {"taxonomy_term_id", HSDS_UUID, 2, TO(HSDS_TAXONOMY_TERM)}, {"link_type"}, {"link_entity", .required = 2}, {"value"}, {"label"}};
static const struct hsds_field taxonomy_term[] = {
    ID, {"code"}, {"name", .required = 1}, {"description", .required = 1}, {"parent_id", HSDS_UUID, TO(HSDS_TAXONOMY_TERM)}, {"taxonomy"}, {"language"},
    {"taxonomy_id", HSDS_UUID, TO(HSDS_TAXONOMY)}, {"term_uri", HSDS_URI}};
static const struct hsds_field taxonomy[] = {ID, {"name", .required = 1}, {"description", .required = 1}, {"uri", HSDS_URI}, {"version"}};

#define OBJECT(name, file) {#name, file, name, sizeof name / sizeof name[0]}
const struct hsds_object hsds_objects[HSDS_TABLES] = {
    OBJECT(organization, "organizations.csv"), OBJECT(service, "services.csv"), OBJECT(service_at_location, "service_at_location.csv"),
    OBJECT(location, "locations.csv"), OBJECT(address, "addresses.csv"), OBJECT(phone, "phones.csv"), OBJECT(schedule, "schedules.csv"),
    OBJECT(service_area, "service_areas.csv"), OBJECT(required_document, "required_documents.csv"), OBJECT(language, "languages.csv"),
    OBJECT(cost_option, "cost_options.csv"), OBJECT(accessibility, "accessibility.csv"), OBJECT(service_capacity, "service_capacity.csv"),
    OBJECT(unit, "units.csv"), OBJECT(attribute, "attributes.csv"), OBJECT(taxonomy_term, "taxonomy_terms.csv"), OBJECT(taxonomy, "taxonomies.csv")};

const struct hsds_inside hsds_insides[] = {
    {HSDS_SERVICE, HSDS_ORGANIZATION, "organization", "organization_id", true},
    {HSDS_SERVICE, HSDS_PHONE, "phones", "service_id", false},
    {HSDS_SERVICE, HSDS_SCHEDULE, "schedules", "service_id", false},
    {HSDS_SERVICE, HSDS_SERVICE_AREA, "service_areas", "service_id", false},
    {HSDS_SERVICE, HSDS_SERVICE_AT_LOCATION, "service_at_locations", "service_id", false},
    {HSDS_SERVICE, HSDS_LANGUAGE, "languages", "service_id", false},
    {HSDS_SERVICE, HSDS_COST_OPTION, "cost_options", "service_id", false},
    {HSDS_SERVICE, HSDS_REQUIRED_DOCUMENT, "required_documents", "service_id", false},
    {HSDS_SERVICE, HSDS_SERVICE_CAPACITY, "capacities", "service_id", false},
    {HSDS_SERVICE, HSDS_ATTRIBUTE, "attributes", "link_id", false},
    {HSDS_ORGANIZATION, HSDS_PHONE, "phones", "organization_id", false},
    {HSDS_ORGANIZATION, HSDS_LOCATION, "locations", "organization_id", false},
    {HSDS_ORGANIZATION, HSDS_ATTRIBUTE, "attributes", "link_id", false},
    {HSDS_ORGANIZATION, HSDS_SERVICE, "services", "organization_id", false},
    {HSDS_SERVICE_AT_LOCATION, HSDS_LOCATION, "location", "location_id", true},
    {HSDS_SERVICE_AT_LOCATION, HSDS_SERVICE_AREA, "service_areas", "service_at_location_id", false},
    {HSDS_SERVICE_AT_LOCATION, HSDS_PHONE, "phones", "service_at_location_id", false},
    {HSDS_SERVICE_AT_LOCATION, HSDS_SCHEDULE, "schedules", "service_at_location_id", false},
    {HSDS_SERVICE_AT_LOCATION, HSDS_ATTRIBUTE, "attributes", "link_id", false},
    {HSDS_LOCATION, HSDS_ADDRESS, "addresses", "location_id", false},
    {HSDS_LOCATION, HSDS_PHONE, "phones", "location_id", false},
    {HSDS_LOCATION, HSDS_SCHEDULE, "schedules", "location_id", false},
    {HSDS_LOCATION, HSDS_LANGUAGE, "languages", "location_id", false},
    {HSDS_LOCATION, HSDS_ACCESSIBILITY, "accessibility", "location_id", false},
    {HSDS_LOCATION, HSDS_ATTRIBUTE, "attributes", "link_id", false},
    {HSDS_PHONE, HSDS_LANGUAGE, "languages", "phone_id", false},
    {HSDS_SERVICE_CAPACITY, HSDS_UNIT, "unit", "unit_id", true},
    {HSDS_ATTRIBUTE, HSDS_TAXONOMY_TERM, "taxonomy_term", "taxonomy_term_id", true},
    {HSDS_TAXONOMY_TERM, HSDS_TAXONOMY, "taxonomy_detail", "taxonomy_id", true},
};
const size_t hsds_n_insides = sizeof hsds_insides / sizeof hsds_insides[0];

int hsds_field_at(int table, const char *name)
{
    for (size_t i = 0; i < hsds_objects[table].n; i++)
        if (!strcmp(hsds_objects[table].fields[i].name, name))
            return (int)i;
    return -1;
}

struct text hsds_get(const struct hsds_row *row, const char *name)
{
    int at = hsds_field_at(row->table, name);
    if (at < 0)
        abort(); /* a slip of the pen in this program */
    return row->value[at].n ? row->value[at] : T("");
}

struct hsds_row *hsds_add(struct hsds_set *set, int table, int group)
{
    if (set->n == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 64;
        set->rows = arena_grow(set->arena, set->rows, set->cap * sizeof *set->rows, cap * sizeof *set->rows);
        set->cap = cap;
    }
    struct hsds_row *row = &set->rows[set->n++];
    *row = (struct hsds_row){.table = table, .group = group};
    return row;
}

/* Texts of the specification may hold markup, ours hold none: what would be taken for it is written so that it is read as it stands. */
static struct text as_markup(struct arena *arena, struct text t)
{
    bool some = false;
    for (size_t i = 0; i + 1 < t.n; i++) {
        char c = t.s[i + 1];
        some = some || t.s[i] == '<' || (t.s[i] == '&' && (c == '#' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')));
    }
    if (!some)
        return t;
    char *s = arena_alloc(arena, t.n * 5 + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        const char *as = t.s[i] == '<' ? "&lt;" : t.s[i] == '>' ? "&gt;" : t.s[i] == '&' ? "&amp;" : NULL;
        if (as) {
            memcpy(s + n, as, strlen(as));
            n += strlen(as);
        } else
            s[n++] = t.s[i];
    }
    return (struct text){s, n};
}

void hsds_put(struct arena *arena, struct hsds_row *row, const char *name, struct text value)
{
    int at = hsds_field_at(row->table, name);
    if (at < 0)
        abort();
    row->value[at] = hsds_objects[row->table].fields[at].type == HSDS_TEXT ? as_markup(arena, value) : value;
}

/* ---- the child's answer ----
 * Lines of fields parted by tabs; in a field \\, \t and \n stand for what would part:
 *     R table file line value value …       in the order of the object's fields
 *     W|N file line field words about id    wrong, or told only */

static struct text opened(struct arena *arena, struct text t)
{
    if (!memchr(t.s, '\\', t.n))
        return t;
    char *s = arena_alloc(arena, t.n);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        if (c == '\\' && i + 1 < t.n) {
            c = t.s[++i];
            c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
        }
        s[n++] = c;
    }
    return (struct text){s, n};
}

/* The next field of the line, which may be empty. */
static struct text next(struct arena *arena, struct text *rest)
{
    const char *tab = rest->n ? memchr(rest->s, '\t', rest->n) : NULL;
    size_t n = tab ? (size_t)(tab - rest->s) : rest->n;
    struct text out = {rest->s, n};
    n += tab != NULL;
    *rest = (struct text){rest->s + n, rest->n - n};
    return out.n ? opened(arena, out) : T("");
}

static int64_t number(struct text t)
{
    int64_t i;
    return text_int(t, 0, INT64_MAX, &i) == OK ? i : 0;
}

void hsds_parse(struct text answer, struct arena *arena, struct hsds_set *out)
{
    struct text line;
    *out = (struct hsds_set){.arena = arena};
    while (text_split(&answer, '\n', &line)) {
        struct text kind = next(arena, &line);
        if (text_is(kind, "R")) {
            int64_t table = number(next(arena, &line));
            if (table >= HSDS_TABLES)
                continue;
            struct hsds_row *row = hsds_add(out, (int)table, -1);
            row->file = next(arena, &line);
            row->line = number(next(arena, &line));
            for (size_t i = 0; i < hsds_objects[table].n; i++)
                row->value[i] = next(arena, &line);
        } else if (text_is(kind, "W") || text_is(kind, "N")) {
            if (out->n_findings == out->cap_findings) {
                size_t cap = out->cap_findings ? out->cap_findings * 2 : 32;
                out->findings = arena_grow(arena, out->findings, out->cap_findings * sizeof *out->findings, cap * sizeof *out->findings);
                out->cap_findings = cap;
            }
            struct hsds_finding *f = &out->findings[out->n_findings++];
            f->wrong = text_is(kind, "W");
            f->file = next(arena, &line);
            f->line = number(next(arena, &line));
            f->field = next(arena, &line);
            f->words = next(arena, &line);
            f->about = next(arena, &line);
            f->of = next(arena, &line);
        }
    }
}

/* ---- the way to the child ---- */

static const char folder_mark[] = "HSDSDIR1\n";

void hsds_folder_begin(struct buf *out)
{
    buf_z(out, folder_mark);
}

void hsds_folder_add(struct buf *out, struct text name, struct text bytes)
{
    buf_printf(out, "%.*s\n%zu\n", TEXT_ARG(name), bytes.n);
    buf_text(out, bytes);
}

enum err hsds_read(const char *self_exe, struct text bytes, struct text file_name, int seconds, struct arena *arena,
                   struct text *answer, struct fault *fault)
{
    enum { ANSWER_MAX = 256 << 20 };
    struct buf ask = BUF((size_t)HSDS_FILE_MAX + 4096);
    buf_printf(&ask, "%.*s\n", TEXT_ARG(file_name));
    buf_text(&ask, bytes);
    enum err err = buf_end(&ask);
    if (err)
        fault_set(fault, err, "the file is larger than %d MB", HSDS_FILE_MAX >> 20);
    else
        err = job_run(self_exe, "hsds", buf_get(&ask), seconds, ANSWER_MAX, arena, answer, fault);
    buf_free(&ask);
    return err;
}
