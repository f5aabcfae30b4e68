/* The catalogue as rows of HSDS. Only what the public page shows goes out. */
#include "base/date.h"
#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/catalogue/catalogue_exchange.h"
#include "rooms/packs/packs.h"
#include "rooms/territory/territory.h"
#include "web/tr.h"
#include <ctype.h>
#include <stdlib.h>

enum { HOURS_MAX = 40 };

struct giving {
    struct request *rq;
    struct arena *arena;
    struct hsds_set *set;
    int group;
    struct text_set shared; /* ids of what stands once for all services */
};

struct text catalogue_term_uuid(struct arena *arena, const char *list, struct text code)
{
    return catalogue_uuid_of(arena, arena_printf(arena, "bereg %s", list), arena_z(arena, code), 0);
}

/* In the region's own language, whoever gives it out: so two files of one day are the same. */
static const char *label_of(const char *list, struct text code)
{
    const struct code *c = code_find(code_list(list), code);
    return c ? c->label[LANG_RU] : "";
}

static struct hsds_row *row(struct giving *g, int table, struct text id)
{
    struct hsds_row *r = hsds_add(g->set, table, g->group);
    hsds_put(g->arena, r, "id", id);
    return r;
}

static void put_value(struct giving *g, struct hsds_row *r, const char *name, struct value v)
{
    char iso[11];
    if (v.kind == V_DATE) {
        date_iso(v.i, iso);
        hsds_put(g->arena, r, name, arena_text(g->arena, text_of(iso)));
    } else if (v.kind == V_INT)
        hsds_put(g->arena, r, name, arena_printf(g->arena, "%lld", (long long)v.i));
    else
        hsds_put(g->arena, r, name, text_trim(v_as_text(v)));
}

/* What the specification asks for and nobody has said. */
static void put_or_dash(struct giving *g, struct hsds_row *r, const char *name, struct value v)
{
    put_value(g, r, name, v_as_text(v).n ? v : v_z("-"));
}

/* A code of a list of the packs as a term of a taxonomy. */
static void attribute(struct giving *g, const char *entity, struct text link, const char *list, const char *list_name, const char *type, struct text code)
{
    int group = g->group;
    struct text taxonomy = catalogue_uuid_of(g->arena, T("bereg taxonomy"), list, 0), term = catalogue_term_uuid(g->arena, list, code);
    g->group = -1;
    if (text_set_add(g->arena, &g->shared, taxonomy)) {
        struct hsds_row *t = row(g, HSDS_TAXONOMY, taxonomy);
        hsds_put(g->arena, t, "name", arena_printf(g->arena, "bereg-%s", list));
        hsds_put(g->arena, t, "description", text_of(list_name));
    }
    if (text_set_add(g->arena, &g->shared, term)) {
        struct hsds_row *t = row(g, HSDS_TAXONOMY_TERM, term);
        hsds_put(g->arena, t, "code", code);
        hsds_put(g->arena, t, "name", text_of(label_of(list, code)));
        hsds_put(g->arena, t, "description", text_of(label_of(list, code)));
        hsds_put(g->arena, t, "taxonomy", arena_printf(g->arena, "bereg-%s", list));
        hsds_put(g->arena, t, "taxonomy_id", taxonomy);
        hsds_put(g->arena, t, "language", T("ru"));
    }
    g->group = group;
    struct hsds_row *a = row(g, HSDS_ATTRIBUTE, catalogue_uuid_of(g->arena, link, arena_z(g->arena, term), 0));
    hsds_put(g->arena, a, "link_id", link);
    hsds_put(g->arena, a, "link_entity", text_of(entity));
    hsds_put(g->arena, a, "link_type", text_of(type));
    hsds_put(g->arena, a, "taxonomy_term_id", term);
}

static struct text organization(struct giving *g, int64_t body)
{
    union catalogue_body_of_row c;
    union body_facts_row b;
    if (!q_catalogue_body_of(g->rq, &(struct catalogue_body_of_args){.body = v_int(body)}, &c) || !body_of(g->rq, body, &b))
        return T("");
    struct text id = v_as_text(c.uuid);
    if (!text_set_add(g->arena, &g->shared, id))
        return id;
    int group = g->group;
    g->group = -1;
    struct hsds_row *o = row(g, HSDS_ORGANIZATION, id);
    put_value(g, o, "name", b.name);
    put_value(g, o, "description", v_as_text(c.description).n ? c.description : v_z(label_of("body_kind", v_as_text(b.kind))));
    put_value(g, o, "email", c.email);
    put_value(g, o, "website", c.url);
    attribute(g, "organization", id, "body_kind", "Виды органов и организаций", "kind", v_as_text(b.kind));
    struct text district = v_is(b.district_id) ? district_name(g->rq, v_as_int(b.district_id)) : T("");
    if (district.n) {
        struct hsds_row *a = row(g, HSDS_ATTRIBUTE, catalogue_uuid_of(g->arena, id, "district", 0));
        hsds_put(g->arena, a, "link_id", id);
        hsds_put(g->arena, a, "link_entity", T("organization"));
        hsds_put(g->arena, a, "link_type", T("district"));
        hsds_put(g->arena, a, "value", district);
        hsds_put(g->arena, a, "label", district);
        /* in tables each attribute has a term */
        struct text term = catalogue_term_uuid(g->arena, "district", T("district"));
        hsds_put(g->arena, a, "taxonomy_term_id", term);
        if (text_set_add(g->arena, &g->shared, term)) {
            struct hsds_row *t = row(g, HSDS_TAXONOMY_TERM, term);
            hsds_put(g->arena, t, "name", T("Район"));
            hsds_put(g->arena, t, "description", T("Район, который обслуживает орган"));
            hsds_put(g->arena, t, "code", T("district"));
        }
    }
    g->group = group;
    return id;
}

static void schedules(struct giving *g, struct text service, const union catalogue_card_row *s)
{
    struct catalogue_hours hours[HOURS_MAX];
    size_t n = 0;
    int offset = region_here()->utc_offset;
    struct text zone = arena_printf(g->arena, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
    if (catalogue_hours_parse(g->arena, v_as_text(s->hours), hours, HOURS_MAX, &n)) {
        hours[0] = (struct catalogue_hours){.note = v_as_text(s->hours)};
        n = 1;
    }
    if (!n && (v_is(s->valid_from) || v_is(s->valid_to))) {
        hours[0] = (struct catalogue_hours){.note = T("")};
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        struct hsds_row *r = row(g, HSDS_SCHEDULE, catalogue_uuid_of(g->arena, service, "schedule", (int64_t)i));
        hsds_put(g->arena, r, "service_id", service);
        put_value(g, r, "valid_from", s->valid_from);
        put_value(g, r, "valid_to", s->valid_to);
        if (hours[i].days.n) {
            hsds_put(g->arena, r, "freq", T("WEEKLY"));
            hsds_put(g->arena, r, "byday", hours[i].days);
        }
        if (hours[i].opens.n) {
            hsds_put(g->arena, r, "opens_at", arena_printf(g->arena, "%.*s%.*s", TEXT_ARG(hours[i].opens), TEXT_ARG(zone)));
            hsds_put(g->arena, r, "closes_at", arena_printf(g->arena, "%.*s%.*s", TEXT_ARG(hours[i].closes), TEXT_ARG(zone)));
        }
        hsds_put(g->arena, r, "description", hours[i].note);
    }
}

static void phone(struct giving *g, const char *column, struct text parent, struct value number)
{
    if (!v_as_text(number).n)
        return;
    struct hsds_row *r = row(g, HSDS_PHONE, catalogue_uuid_of(g->arena, parent, "phone", 0));
    hsds_put(g->arena, r, column, parent);
    put_value(g, r, "number", number);
    hsds_put(g->arena, r, "type", T("voice"));
}

/* The region's own, as ISO 3166-1 writes it. */
static struct value country(struct giving *g)
{
    const char *z = region_here()->country;
    return z && strlen(z) == 2 ? v_text(arena_printf(g->arena, "%c%c", toupper((unsigned char)z[0]), toupper((unsigned char)z[1]))) : v_z("-");
}

/* A confidential place goes nowhere: not as a link, not as a name. One that is not in use neither. */
static void places(struct giving *g, int64_t id, struct text service, struct text organization)
{
    struct catalogue_ats_rows ats = {0};
    q_catalogue_ats(g->rq, &(struct catalogue_ats_args){.service = v_int(id)}, &ats);
    for (size_t i = 0; i < ats.n && !g->rq->err; i++) {
        union catalogue_place_facts_row f;
        union catalogue_place_card_row p;
        if (!q_catalogue_place_facts(g->rq, &(struct catalogue_place_facts_args){.id = ats.row[i].place_id}, &f) || v_as_int(f.confidential) ||
            !v_as_int(f.active))
            continue;
        q_catalogue_place_card(g->rq, &(struct catalogue_place_card_args){.id = ats.row[i].place_id}, &p);
        struct text place = v_as_text(f.uuid);
        struct hsds_row *at = row(g, HSDS_SERVICE_AT_LOCATION, v_as_text(ats.row[i].uuid));
        hsds_put(g->arena, at, "service_id", service);
        hsds_put(g->arena, at, "location_id", place);
        if (!text_set_add(g->arena, &g->shared, place))
            continue;
        /* one place of several services stands once in tables, and by its id inside each service of JSON */
        int group = g->group;
        g->group = -1;
        struct hsds_row *l = row(g, HSDS_LOCATION, place);
        hsds_put(g->arena, l, "location_type", T("physical"));
        hsds_put(g->arena, l, "organization_id", organization);
        put_value(g, l, "name", p.name);
        put_value(g, l, "transportation", p.route_there);
        struct hsds_row *a = row(g, HSDS_ADDRESS, catalogue_uuid_of(g->arena, place, "address", 0));
        hsds_put(g->arena, a, "location_id", place);
        put_or_dash(g, a, "address_1", p.address);
        put_or_dash(g, a, "city", p.city);
        if (v_is(p.district_id))
            hsds_put(g->arena, a, "region", district_name(g->rq, v_as_int(p.district_id)));
        put_or_dash(g, a, "state_province", v_as_text(p.province).n ? p.province : v_z(region_here()->name[LANG_RU]));
        put_or_dash(g, a, "postal_code", p.postal_code);
        put_or_dash(g, a, "country", v_as_text(p.country).n ? p.country : country(g));
        hsds_put(g->arena, a, "address_type", T("physical"));
        phone(g, "location_id", place, p.phone);
        if (v_as_text(p.access).n) {
            struct hsds_row *x = row(g, HSDS_ACCESSIBILITY, catalogue_uuid_of(g->arena, place, "accessibility", 0));
            hsds_put(g->arena, x, "location_id", place);
            put_value(g, x, "description", p.access);
        }
        g->group = group;
    }
}

static void capacity(struct giving *g, struct text service, const union catalogue_card_row *s)
{
    char iso[11];
    if (!v_is(s->capacity) || !v_is(s->free) || !v_is(s->free_on))
        return;
    struct text unit = catalogue_uuid_of(g->arena, T("bereg"), "unit place", 0);
    struct hsds_row *c = row(g, HSDS_SERVICE_CAPACITY, catalogue_uuid_of(g->arena, service, "capacity", 0));
    date_iso(v_as_int(s->free_on), iso);
    hsds_put(g->arena, c, "service_id", service);
    hsds_put(g->arena, c, "unit_id", unit);
    put_value(g, c, "available", s->free);
    put_value(g, c, "maximum", s->capacity);
    hsds_put(g->arena, c, "updated", arena_printf(g->arena, "%sT00:00:00Z", iso));
    if (text_set_add(g->arena, &g->shared, unit)) {
        int group = g->group;
        g->group = -1;
        hsds_put(g->arena, row(g, HSDS_UNIT, unit), "name", T("место"));
        g->group = group;
    }
}

static void lists(struct giving *g, struct value id, struct text service, const union catalogue_card_row *s)
{
    struct catalogue_needs_rows needs = {0};
    struct catalogue_audiences_rows who = {0};
    struct catalogue_areas_rows areas = {0};
    struct text rest = v_as_text(s->documents), part;
    int64_t k = 0;
    q_catalogue_needs(g->rq, &(struct catalogue_needs_args){.service = id}, &needs);
    q_catalogue_audiences(g->rq, &(struct catalogue_audiences_args){.service = id}, &who);
    q_catalogue_areas(g->rq, &(struct catalogue_areas_args){.service = id}, &areas);
    for (size_t i = 0; i < needs.n; i++)
        attribute(g, "service", service, "need", "Потребности", "need", v_as_text(needs.row[i].need));
    for (size_t i = 0; i < who.n; i++)
        attribute(g, "service", service, "category", "Категории граждан", "audience", v_as_text(who.row[i].category));
    if (v_is(s->sex))
        attribute(g, "service", service, "sex", "Пол", "sex", v_as_text(s->sex));
    if (v_is(s->cost))
        attribute(g, "service", service, "catalogue_cost", "Оплата", "cost", v_as_text(s->cost));
    for (size_t i = 0; i < areas.n; i++) {
        struct hsds_row *r = row(g, HSDS_SERVICE_AREA, catalogue_uuid_of(g->arena, service, "area", v_as_int(areas.row[i].district_id)));
        struct text name = v_as_text(areas.row[i].name);
        hsds_put(g->arena, r, "id", catalogue_uuid_of(g->arena, service, arena_z(g->arena, name), 0));
        hsds_put(g->arena, r, "service_id", service);
        hsds_put(g->arena, r, "name", name);
    }
    for (; text_split(&rest, '\n', &part); k++) {
        if (!text_trim(part).n)
            continue;
        struct hsds_row *r = row(g, HSDS_REQUIRED_DOCUMENT, catalogue_uuid_of(g->arena, service, "document", k));
        hsds_put(g->arena, r, "service_id", service);
        hsds_put(g->arena, r, "document", text_trim(part));
    }
    for (rest = v_as_text(s->languages), k = 0; text_split(&rest, ',', &part); k++) {
        part = text_trim(part);
        struct hsds_row *r = row(g, HSDS_LANGUAGE, catalogue_uuid_of(g->arena, service, "language", k));
        const char *label = label_of("catalogue_language", part);
        hsds_put(g->arena, r, "service_id", service);
        hsds_put(g->arena, r, "name", *label ? text_of(label) : part);
        hsds_put(g->arena, r, "code", part);
    }
    if (text_is(v_as_text(s->cost), "free")) {
        struct hsds_row *r = row(g, HSDS_COST_OPTION, catalogue_uuid_of(g->arena, service, "cost", 0));
        hsds_put(g->arena, r, "service_id", service);
        hsds_put(g->arena, r, "amount", T("0"));
        hsds_put(g->arena, r, "amount_description", text_of(label_of("catalogue_cost", T("free"))));
    }
}

static const char *status_of(struct text state)
{
    return text_is(state, "active") ? "active" : text_is(state, "paused") ? "temporarily closed" : "inactive";
}

static void service(struct giving *g, struct value id)
{
    union catalogue_card_row s;
    q_catalogue_card(g->rq, &(struct catalogue_card_args){.id = id}, &s);
    if (g->rq->err)
        return;
    struct text uuid = v_as_text(s.uuid), org = organization(g, v_as_int(s.body_id));
    struct hsds_row *r = row(g, HSDS_SERVICE, uuid);
    hsds_put(g->arena, r, "organization_id", org);
    put_value(g, r, "name", s.name);
    put_value(g, r, "description", s.description);
    put_value(g, r, "url", s.url);
    put_value(g, r, "email", s.email);
    hsds_put(g->arena, r, "status", text_of(status_of(v_as_text(s.state))));
    put_value(g, r, "application_process", s.apply_how);
    put_value(g, r, "fees_description", s.fees);
    put_value(g, r, "eligibility_description", s.conditions);
    put_value(g, r, "minimum_age", s.min_age);
    put_value(g, r, "maximum_age", s.max_age);
    put_value(g, r, "assured_date", s.checked_on);
    if (v_is(s.wait_days)) {
        char iso[11] = "";
        if (v_is(s.wait_on))
            date_iso(v_as_int(s.wait_on), iso);
        hsds_put(g->arena, r, "wait_time", arena_printf(g->arena, "%lld days%s%s", (long long)v_as_int(s.wait_days), *iso ? ", declared " : "", iso));
    }
    phone(g, "service_id", uuid, s.phone);
    schedules(g, uuid, &s);
    lists(g, id, uuid, &s);
    capacity(g, uuid, &s);
    places(g, v_as_int(id), uuid, org);
    g->group++;
}

void catalogue_export(struct request *rq, struct hsds_set *out)
{
    struct change ch;
    struct catalogue_export_services_rows rows = {0};
    *out = (struct hsds_set){.arena = rq->arena};
    struct giving g = {.rq = rq, .arena = rq->arena, .set = out};
    if (!catalogue_keeps_all(rq)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    q_catalogue_export_services(rq, NULL, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++)
        service(&g, rows.row[i].id);
    change_begin(rq, &ch, NO_SUBJECT);
    change_event(&ch, &(struct event){.kind = "catalogue.exported"});
    change_commit(&ch);
}
