/* Rows of HSDS into the catalogue: what they mean here, how that differs from what stands, and the writing of it. */
#include "base/date.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/catalogue/catalogue_exchange.h"
#include "rooms/packs/packs.h"
#include "rooms/territory/territory.h"
#include "web/tr.h"
#include <stdlib.h>
#include <strings.h>

enum { MANY = 64, LINES_MAX = 5000, KEPT_DAYS = 1 };

/* A place of a service as the file says it. */
struct place {
    int64_t id; /* 0: not there yet */
    struct text uuid, at;
    union catalogue_place_record r;
};
/* A service as the file says it. */
struct offer {
    const struct hsds_row *row, *org;
    int64_t id, body;
    struct catalogue_draft d;
    struct text needs[MANY], categories[MANY];
    int64_t areas[MANY], places[MANY];
    struct text ats[MANY];
    struct place place[MANY];
    size_t n_place;
};
struct taking {
    struct request *rq;
    struct arena *arena;
    struct hsds_set set;
    struct catalogue_report *out;
    struct text kind;
    bool dry;
    const struct hsds_row **by_id, **by_owner; /* sorted */
};

/* ---- rows by what they hang on ---- */

static struct text owner_of(const struct hsds_row *r)
{
    static const char *const columns[] = {"link_id", "service_at_location_id", "service_id", "location_id", "organization_id", "phone_id"};
    if (r->table == HSDS_SERVICE || r->table == HSDS_LOCATION || r->table == HSDS_ORGANIZATION)
        return T("");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (r->table == HSDS_SERVICE_AT_LOCATION && i != 2)
            continue;
        int at = hsds_field_at(r->table, columns[i]);
        if (at >= 0 && r->value[at].n)
            return r->value[at];
    }
    return T("");
}

static int by_id(const void *a, const void *b)
{
    const struct hsds_row *x = *(const struct hsds_row *const *)a, *y = *(const struct hsds_row *const *)b;
    return x->table != y->table ? x->table - y->table : text_cmp(x->value[0], y->value[0]);
}

/* Rows of one owner stay in the order of the file. */
static int by_owner(const void *a, const void *b)
{
    const struct hsds_row *x = *(const struct hsds_row *const *)a, *y = *(const struct hsds_row *const *)b;
    int c = x->table != y->table ? x->table - y->table : text_cmp(owner_of(x), owner_of(y));
    return c ? c : x < y ? -1 : x > y;
}

static const struct hsds_row *row_of(const struct taking *t, int table, struct text id)
{
    size_t lo = 0, hi = t->set.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        const struct hsds_row *r = t->by_id[mid];
        int c = r->table != table ? r->table - table : text_cmp(r->value[0], id);
        if (!c)
            return r;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* The k-th row of a table that hangs on an object; null behind the last. */
static const struct hsds_row *inside(const struct taking *t, int table, struct text owner, size_t k)
{
    size_t lo = 0, hi = t->set.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        const struct hsds_row *r = t->by_owner[mid];
        if (r->table != table ? r->table < table : text_cmp(owner_of(r), owner) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    lo += k;
    const struct hsds_row *r = lo < t->set.n ? t->by_owner[lo] : NULL;
    return owner.n && r && r->table == table && text_eq(owner_of(r), owner) ? r : NULL;
}

/* ---- the report ---- */

static void line(struct taking *t, const char *kind, struct text name, struct text place, struct text field, struct text words)
{
    struct catalogue_report *out = t->out;
    if (out->n == LINES_MAX)
        return;
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 64;
        out->lines = arena_grow(t->arena, out->lines, out->cap * sizeof *out->lines, cap * sizeof *out->lines);
        out->cap = cap;
    }
    out->lines[out->n++] = (struct catalogue_line){kind, name, place, field, words};
}

static struct text place_of(struct taking *t, struct text file, int64_t at)
{
    return at ? arena_printf(t->arena, "%.*s, %s %lld", TEXT_ARG(file), tr(t->rq->lang, N_("line")), (long long)at) : file;
}

static void say(struct taking *t, const struct hsds_row *r, bool wrong, const char *field, const char *msgid, struct text about)
{
    const char *words = tr(t->rq->lang, msgid);
    t->out->wrong += wrong;
    line(t, wrong ? "wrong" : "told", T(""), place_of(t, r->file, r->line), text_of(field),
         about.n ? arena_printf(t->arena, "%s: %.*s", words, TEXT_ARG(about)) : text_of(words));
}

static void say_findings(struct taking *t)
{
    for (size_t i = 0; i < t->set.n_findings; i++) {
        const struct hsds_finding *f = &t->set.findings[i];
        const char *words = tr(t->rq->lang, arena_z(t->arena, f->words));
        t->out->wrong += f->wrong;
        line(t, f->wrong ? "wrong" : "told", T(""), place_of(t, f->file, f->line), f->field,
             f->about.n ? arena_printf(t->arena, "%s: %.*s", words, TEXT_ARG(f->about)) : text_of(words));
    }
}

static bool damaged(const struct taking *t, const struct hsds_row *r)
{
    for (size_t i = 0; r && i < t->set.n_findings; i++)
        if (t->set.findings[i].wrong && text_eq(t->set.findings[i].of, r->value[0]))
            return true;
    return false;
}

/* ---- what a service says ---- */

static struct value opt(struct text t)
{
    return t.n && !text_is(t, "-") ? v_text(t) : v_null();
}

/* A text that fits the field; a longer one is cut, and it is told. */
static struct value fit(struct taking *t, const struct hsds_row *r, const char *name, int max)
{
    struct text s = hsds_get(r, name);
    if (text_chars(s) > (size_t)max) {
        say(t, r, false, name, N_("the text is too long for the register and was cut"), T(""));
        size_t n = s.n < (size_t)max ? s.n : (size_t)max;
        while (n && ((unsigned char)s.s[n] & 0xC0) == 0x80)
            n--;
        s.n = n;
    }
    return opt(text_trim(s));
}

static struct value number(struct text t, int64_t max)
{
    int64_t i;
    struct text whole = {t.s, 0};
    while (whole.n < t.n && t.s[whole.n] != '.')
        whole.n++;
    return whole.n && text_int(whole, 0, max, &i) == OK ? v_int(i) : v_null();
}

static struct value day(struct text t)
{
    int64_t d;
    struct text head = {t.s, t.n < 10 ? t.n : 10};
    return t.n && date_parse_iso(head, &d) == OK ? v_date(d) : v_null();
}

/* The code of one of our lists that a term stands for: by its identifier, by its code of our taxonomy, by its words. */
static struct text code_of(struct taking *t, const char *list, const struct hsds_row *term)
{
    const struct code_list *l = code_list(list);
    for (size_t i = 0; l && i < l->n; i++)
        if (text_eq(catalogue_term_uuid(t->arena, list, text_of(l->codes[i].code)), term->value[0]))
            return text_of(l->codes[i].code);
    if (text_is(hsds_get(term, "taxonomy"), arena_printf(t->arena, "bereg-%s", list).s) && code_find(l, hsds_get(term, "code")))
        return hsds_get(term, "code");
    const struct code *c = code_by_words(t->arena, list, hsds_get(term, "name"));
    return c ? text_of(c->code) : T("");
}

static void add_code(struct text *codes, size_t *n, struct text code)
{
    for (size_t i = 0; i < *n; i++)
        if (text_eq(codes[i], code))
            return;
    if (*n < MANY)
        codes[(*n)++] = code;
}

static void attributes(struct taking *t, struct offer *o)
{
    const struct hsds_row *a;
    struct text id = o->row->value[0];
    for (size_t k = 0; (a = inside(t, HSDS_ATTRIBUTE, id, k)); k++) {
        struct text type = hsds_get(a, "link_type"), code;
        const struct hsds_row *term = row_of(t, HSDS_TAXONOMY_TERM, hsds_get(a, "taxonomy_term_id"));
        if (!term)
            continue;
        if (text_is(type, "sex") && (code = code_of(t, "sex", term)).n)
            o->d.r.sex = v_text(code);
        else if (text_is(type, "cost") && (code = code_of(t, "catalogue_cost", term)).n)
            o->d.r.cost = v_text(code);
        else if (!text_is(type, "audience") && (code = code_of(t, "need", term)).n)
            add_code(o->needs, &o->d.n_needs, code);
        else if ((code = code_of(t, "category", term)).n)
            add_code(o->categories, &o->d.n_categories, code);
        else
            say(t, a, false, "taxonomy_term_id", N_("the packs have no such need or category"), hsds_get(term, "name"));
    }
}

static struct text without_zone(struct text clock)
{
    return (struct text){clock.s, clock.n > 5 ? 5 : clock.n};
}

/* Of the service itself, of it at a place, or of the place: to the register it is one. */
static void schedules(struct taking *t, struct offer *o, struct text owner, struct text *lines)
{
    const struct hsds_row *s;
    for (size_t k = 0; (s = inside(t, HSDS_SCHEDULE, owner, k)); k++) {
        struct text days = hsds_get(s, "byday"), note = hsds_get(s, "description").n ? hsds_get(s, "description") : hsds_get(s, "notes");
        if (text_is(hsds_get(s, "freq"), "MONTHLY") || hsds_get(s, "bymonthday").n)
            say(t, s, false, "freq", N_("the register knows weekly hours only: what is said in words stays"), T(""));
        struct catalogue_hours h = {.days = text_is(hsds_get(s, "freq"), "MONTHLY") ? T("") : days, .opens = without_zone(hsds_get(s, "opens_at")),
                                    .closes = without_zone(hsds_get(s, "closes_at")), .note = note};
        if (!h.opens.n || !h.closes.n)
            h.opens = h.closes = T("");
        else if (!h.days.n)
            h.days = T("MO,TU,WE,TH,FR,SA,SU");
        struct text out = catalogue_hours_print(t->arena, &h);
        if (out.n)
            *lines = arena_printf(t->arena, "%.*s%s%.*s", TEXT_ARG(*lines), lines->n ? "\n" : "", TEXT_ARG(out));
        if (!v_is(o->d.r.valid_from))
            o->d.r.valid_from = day(hsds_get(s, "valid_from"));
        if (!v_is(o->d.r.valid_to))
            o->d.r.valid_to = day(hsds_get(s, "valid_to"));
    }
}

static void areas(struct taking *t, struct offer *o, struct text owner)
{
    const struct hsds_row *a;
    for (size_t k = 0; (a = inside(t, HSDS_SERVICE_AREA, owner, k)); k++) {
        struct text name = hsds_get(a, "name").n ? hsds_get(a, "name") : hsds_get(a, "description");
        int64_t id = name.n ? district_of_name(t->rq, name) : 0;
        bool twice = false;
        for (size_t i = 0; i < o->d.n_areas; i++)
            twice = twice || o->areas[i] == id;
        if (!id)
            say(t, a, false, "name", N_("the register has no such district"), name);
        else if (!twice && o->d.n_areas < MANY)
            o->areas[o->d.n_areas++] = id;
    }
}

/* "14 days, declared 2024-06-01", as we write it; other words are told. */
static void wait(struct taking *t, struct offer *o)
{
    struct text s = hsds_get(o->row, "wait_time"), n = {s.s, 0};
    int64_t days;
    while (n.n < s.n && s.s[n.n] >= '0' && s.s[n.n] <= '9')
        n.n++;
    o->d.r.wait_days = o->d.r.wait_on = v_null();
    if (!s.n)
        return;
    struct text unit = {s.s + n.n, s.n - n.n};
    if (text_int(n, 0, 3660, &days) || !(text_starts(unit, " day") || text_starts(unit, " дн"))) {
        say(t, o->row, false, "wait_time", N_("the waiting time is no number of days and is left out"), s);
        return;
    }
    o->d.r.wait_days = v_int(days);
    struct value on = s.n > 10 ? day((struct text){s.s + s.n - 10, 10}) : v_null();
    o->d.r.wait_on = v_is(on) ? on : v_date(t->rq->today);
}

static struct value first_phone(struct taking *t, struct text owner)
{
    const struct hsds_row *p = inside(t, HSDS_PHONE, owner, 0);
    if (!p)
        return v_null();
    struct text n = hsds_get(p, "number"), ext = hsds_get(p, "extension");
    n = ext.n ? arena_printf(t->arena, "%.*s #%.*s", TEXT_ARG(n), TEXT_ARG(ext)) : n;
    if (text_chars(n) > 60) {
        say(t, p, false, "number", N_("the text is too long for the register and was cut"), T(""));
        return v_null();
    }
    return opt(n);
}

/* Rows that are one text here: documents line by line, languages with commas. */
static struct value joined(struct taking *t, int table, struct text owner, const char *name, const char *between, size_t max)
{
    struct text out = T("");
    const struct hsds_row *r;
    for (size_t k = 0; (r = inside(t, table, owner, k)); k++) {
        struct text part = hsds_get(r, name);
        if (part.n && out.n + part.n < max)
            out = arena_printf(t->arena, "%.*s%s%.*s", TEXT_ARG(out), out.n ? between : "", TEXT_ARG(part));
    }
    return opt(out);
}

static void costs(struct taking *t, struct offer *o)
{
    const struct hsds_row *c = inside(t, HSDS_COST_OPTION, o->row->value[0], 0);
    if (!c || v_is(o->d.r.cost))
        return;
    struct text amount = hsds_get(c, "amount");
    o->d.r.cost = amount.n && strspn(amount.s, "0.") >= amount.n ? v_z("free") : v_z("paid");
}

/* One place of the service. False: it cannot be taken, and the reason was said. */
static void place(struct taking *t, struct offer *o, const struct hsds_row *at)
{
    const struct hsds_row *l = row_of(t, HSDS_LOCATION, hsds_get(at, "location_id")), *a, *x;
    union catalogue_place_by_uuid_row found;
    if (!l || o->n_place == MANY)
        return;
    if (text_is(hsds_get(l, "location_type"), "virtual")) {
        say(t, l, false, "location_type", N_("a place of the web is left out: it has no address"), hsds_get(l, "url"));
        return;
    }
    struct place *p = &o->place[o->n_place];
    *p = (struct place){.uuid = l->value[0], .at = at->value[0]};
    if (q_catalogue_place_by_uuid(t->rq, &(struct catalogue_place_by_uuid_args){.uuid = v_text(p->uuid)}, &found)) {
        if (o->body && v_as_int(found.body_id) != o->body) {
            say(t, l, true, "id", N_("the place is of another body here"), hsds_get(l, "name"));
            return;
        }
        p->id = v_as_int(found.id);
    }
    a = inside(t, HSDS_ADDRESS, l->value[0], 0);
    p->r = (union catalogue_place_record){.uuid = v_text(p->uuid), .phone = first_phone(t, l->value[0]), .route_there = fit(t, l, "transportation", 1000), .active = v_int(1)};
    p->r.address = p->r.city = p->r.postal_code = p->r.province = p->r.country = p->r.district_id = v_null();
    if (a) {
        struct text second = hsds_get(a, "address_2"), country = hsds_get(a, "country");
        p->r.address = second.n ? v_text(arena_printf(t->arena, "%.*s, %.*s", TEXT_ARG(hsds_get(a, "address_1")), TEXT_ARG(second))) : fit(t, a, "address_1", 250);
        p->r.city = fit(t, a, "city", 120);
        p->r.postal_code = fit(t, a, "postal_code", 20);
        p->r.province = fit(t, a, "state_province", 120);
        p->r.country = country.n == 2 ? v_text(country) : v_null();
        if (country.n && region_here()->country && strncasecmp(arena_z(t->arena, country), region_here()->country, 3) != 0)
            say(t, a, false, "country", N_("the address is of another country: it is kept as it stands, without a district"), country);
        int64_t district = hsds_get(a, "region").n ? district_of_name(t->rq, hsds_get(a, "region")) : 0;
        p->r.district_id = district ? v_int(district) : v_null();
    }
    struct value name = fit(t, l, "name", 250);
    p->r.name = v_is(name) ? name : v_is(p->r.address) ? p->r.address : v_z("-");
    x = inside(t, HSDS_ACCESSIBILITY, l->value[0], 0);
    p->r.access = x ? fit(t, x, "description", 1000) : v_null();
    for (size_t i = 0; i < o->d.n_needs; i++)
        if (catalogue_need_hides(o->needs[i]))
            p->r.confidential = v_int(1);
    o->n_place++;
}

static const char *state_of(struct text status)
{
    return text_is(status, "active") ? "active" : text_is(status, "temporarily closed") ? "paused" : "closed";
}

static void read_offer(struct taking *t, struct offer *o)
{
    const struct hsds_row *r = o->row, *at, *c;
    struct text id = r->value[0], hours = T("");
    o->d = (struct catalogue_draft){.body = o->body, .needs = o->needs, .categories = o->categories, .areas = o->areas, .places = o->places, .at_uuids = o->ats};
    o->d.r = (union catalogue_service_record){.uuid = v_text(id), .name = fit(t, r, "name", 250), .description = fit(t, r, "description", 4000),
                                              .state = v_z(state_of(hsds_get(r, "status"))), .conditions = fit(t, r, "eligibility_description", 2000), .sex = v_null(),
                                              .min_age = number(hsds_get(r, "minimum_age"), 150), .max_age = number(hsds_get(r, "maximum_age"), 150),
                                              .apply_how = fit(t, r, "application_process", 2000), .cost = v_null(), .fees = fit(t, r, "fees_description", 1000),
                                              .email = fit(t, r, "email", 120), .url = fit(t, r, "url", 300), .capacity = v_null(), .free = v_null(), .free_on = v_null(),
                                              .valid_from = v_null(), .valid_to = v_null(), .checked_on = day(hsds_get(r, "assured_date"))};
    if (!v_is(o->d.r.checked_on) || v_as_int(o->d.r.checked_on) > t->rq->today)
        o->d.r.checked_on = v_date(t->rq->today);
    o->d.r.documents = joined(t, HSDS_REQUIRED_DOCUMENT, id, "document", "\n", 1900);
    o->d.r.languages = joined(t, HSDS_LANGUAGE, id, "code", ", ", 100);
    o->d.r.phone = first_phone(t, id);
    attributes(t, o);
    costs(t, o);
    wait(t, o);
    schedules(t, o, id, &hours);
    areas(t, o, id);
    if ((c = inside(t, HSDS_SERVICE_CAPACITY, id, 0)) && hsds_get(c, "available").n) {
        o->d.r.free = number(hsds_get(c, "available"), 1000000);
        o->d.r.capacity = hsds_get(c, "maximum").n ? number(hsds_get(c, "maximum"), 1000000) : o->d.r.free;
        o->d.r.free_on = day(hsds_get(c, "updated"));
        if (!v_is(o->d.r.free) || !v_is(o->d.r.capacity) || v_as_int(o->d.r.free) > v_as_int(o->d.r.capacity)) {
            say(t, c, false, "available", N_("more free places than places in all: they are left out"), hsds_get(c, "available"));
            o->d.r.free = o->d.r.capacity = o->d.r.free_on = v_null();
        }
    }
    for (size_t k = 0; (at = inside(t, HSDS_SERVICE_AT_LOCATION, id, k)); k++) {
        schedules(t, o, at->value[0], &hours);
        schedules(t, o, hsds_get(at, "location_id"), &hours);
        areas(t, o, at->value[0]);
        place(t, o, at);
    }
    if (hours.n > 1900) {
        say(t, r, false, "schedules", N_("the text is too long for the register and was cut"), T(""));
        hours = T("");
    }
    o->d.r.hours = opt(hours);
    o->d.r.public = v_int(1);
    if (v_is(o->d.r.min_age) && v_is(o->d.r.max_age) && v_as_int(o->d.r.max_age) < v_as_int(o->d.r.min_age)) {
        say(t, r, false, "maximum_age", N_("the upper age is below the lower one: both are left out"), hsds_get(r, "maximum_age"));
        o->d.r.min_age = o->d.r.max_age = v_null();
    }
    if (v_is(o->d.r.valid_from) && v_is(o->d.r.valid_to) && v_as_int(o->d.r.valid_to) < v_as_int(o->d.r.valid_from)) {
        say(t, r, false, "valid_to", N_("the last day is before the first: both are left out"), T(""));
        o->d.r.valid_from = o->d.r.valid_to = v_null();
    }
}

/* ---- how it differs ---- */

static void differs(struct taking *t, struct text *names, const char *label, struct value a, struct value b)
{
    bool same = v_is(a) == v_is(b) && (!v_is(a) || v_eq(a, b) || (v_as_text(a).n && text_eq(v_as_text(a), v_as_text(b))));
    if (!same)
        *names = arena_printf(t->arena, "%.*s%s%s", TEXT_ARG(*names), names->n ? ", " : "", tr(t->rq->lang, label));
}

static bool codes_same(const struct text *a, size_t n, const struct text *b, size_t m)
{
    size_t hits = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            hits += text_eq(a[i], b[k]);
    return n == m && hits == n;
}

/* The same hours may be written in several ways. */
static struct value hours_plain(struct taking *t, struct value v)
{
    struct catalogue_hours h[MANY];
    struct text out = T("");
    size_t n;
    if (!v_as_text(v).n || catalogue_hours_parse(t->arena, v_as_text(v), h, MANY, &n))
        return v;
    for (size_t i = 0; i < n; i++)
        out = arena_printf(t->arena, "%.*s%s%.*s", TEXT_ARG(out), out.n ? "\n" : "", TEXT_ARG(catalogue_hours_print(t->arena, &h[i])));
    return v_text(out);
}

/* The names of what would change; empty: nothing. */
static struct text difference(struct taking *t, const struct offer *o)
{
    struct text names = T("");
    union catalogue_card_row s;
    struct catalogue_needs_rows needs = {0};
    struct catalogue_audiences_rows who = {0};
    struct catalogue_areas_rows area = {0};
    struct catalogue_ats_rows ats = {0};
    struct value id = v_int(o->id);
    const union catalogue_service_record *r = &o->d.r;
    q_catalogue_card(t->rq, &(struct catalogue_card_args){.id = id}, &s);
    q_catalogue_needs(t->rq, &(struct catalogue_needs_args){.service = id}, &needs);
    q_catalogue_audiences(t->rq, &(struct catalogue_audiences_args){.service = id}, &who);
    q_catalogue_areas(t->rq, &(struct catalogue_areas_args){.service = id}, &area);
    q_catalogue_ats(t->rq, &(struct catalogue_ats_args){.service = id}, &ats);
    if (t->rq->err)
        return names;
    const struct {
        const char *label;
        struct value a, b;
    } pairs[] = {{N_("Name of the service"), s.name, r->name}, {N_("What is done"), s.description, r->description}, {N_("State"), s.state, r->state},
                 {N_("For whom, on what conditions"), s.conditions, r->conditions}, {N_("Only for"), s.sex, r->sex}, {N_("From the age of"), s.min_age, r->min_age},
                 {N_("Up to the age of"), s.max_age, r->max_age}, {N_("How to apply"), s.apply_how, r->apply_how}, {N_("What to bring"), s.documents, r->documents},
                 {N_("Payment"), s.cost, r->cost}, {N_("About the payment"), s.fees, r->fees}, {N_("Opening hours"), hours_plain(t, s.hours), hours_plain(t, r->hours)}, {N_("Languages"), s.languages, r->languages},
                 {N_("Telephone"), s.phone, r->phone}, {N_("E-mail"), s.email, r->email}, {N_("Site"), s.url, r->url}, {N_("Places in all"), s.capacity, r->capacity},
                 {N_("Free places"), s.free, r->free}, {N_("Free places as of"), s.free_on, r->free_on}, {N_("Waiting time, days"), s.wait_days, r->wait_days},
                 {N_("Waiting time as of"), s.wait_on, r->wait_on}, {N_("Given from"), s.valid_from, r->valid_from}, {N_("Given until"), s.valid_to, r->valid_to},
                 {N_("Last checked on"), s.checked_on, r->checked_on}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        differs(t, &names, pairs[i].label, pairs[i].a, pairs[i].b);
    struct text *codes = arena_array(t->arena, needs.n + who.n + 1, sizeof *codes);
    for (size_t i = 0; i < needs.n; i++)
        codes[i] = v_as_text(needs.row[i].need);
    if (!codes_same(codes, needs.n, o->needs, o->d.n_needs))
        differs(t, &names, N_("Needs"), v_int(0), v_int(1));
    for (size_t i = 0; i < who.n; i++)
        codes[i] = v_as_text(who.row[i].category);
    if (!codes_same(codes, who.n, o->categories, o->d.n_categories))
        differs(t, &names, N_("For whom"), v_int(0), v_int(1));
    size_t hits = 0;
    for (size_t i = 0; i < area.n; i++)
        for (size_t k = 0; k < o->d.n_areas; k++)
            hits += v_as_int(area.row[i].district_id) == o->areas[k];
    if (area.n != o->d.n_areas || hits != area.n)
        differs(t, &names, N_("Districts"), v_int(0), v_int(1));
    bool places = false;
    size_t open = 0;
    for (size_t i = 0; i < ats.n; i++) {
        union catalogue_place_facts_row f;
        open += q_catalogue_place_facts(t->rq, &(struct catalogue_place_facts_args){.id = ats.row[i].place_id}, &f) && !v_as_int(f.confidential) && v_as_int(f.active);
    }
    size_t named = 0;
    for (size_t k = 0; k < o->n_place; k++) {
        union catalogue_place_card_row p;
        const union catalogue_place_record *q = &o->place[k].r;
        struct text n = T("");
        if (!o->place[k].id) {
            places = true;
            continue;
        }
        q_catalogue_place_card(t->rq, &(struct catalogue_place_card_args){.id = v_int(o->place[k].id)}, &p);
        if (t->rq->err || v_as_int(p.confidential)) /* what is confidential here no file opens or changes */
            continue;
        named++;
        differs(t, &n, "a", p.name, q->name);
        differs(t, &n, "a", p.address, q->address);
        differs(t, &n, "a", p.city, q->city);
        differs(t, &n, "a", p.postal_code, q->postal_code);
        differs(t, &n, "a", p.phone, q->phone);
        differs(t, &n, "a", p.access, q->access);
        differs(t, &n, "a", p.route_there, q->route_there);
        differs(t, &n, "a", p.district_id, q->district_id);
        places = places || n.n;
    }
    if (places || open != named)
        differs(t, &names, N_("Places"), v_int(0), v_int(1));
    return names;
}

/* ---- whose it is ---- */

static struct text organization_kind(struct taking *t, const struct hsds_row *org, struct text *district)
{
    const struct hsds_row *a;
    struct text kind = T("");
    *district = T("");
    for (size_t k = 0; (a = inside(t, HSDS_ATTRIBUTE, org->value[0], k)); k++) {
        const struct hsds_row *term = row_of(t, HSDS_TAXONOMY_TERM, hsds_get(a, "taxonomy_term_id"));
        if (text_is(hsds_get(a, "link_type"), "district"))
            *district = hsds_get(a, "value");
        else if (term && text_is(hsds_get(a, "link_type"), "kind"))
            kind = code_of(t, "body_kind", term);
    }
    return kind.n ? kind : t->kind;
}

/* The body of an organization here: by its identifier, by its name. 0: there is none yet. */
static int64_t body_here(struct taking *t, const struct hsds_row *org)
{
    union catalogue_body_by_uuid_row b;
    if (q_catalogue_body_by_uuid(t->rq, &(struct catalogue_body_by_uuid_args){.uuid = v_text(org->value[0])}, &b))
        return v_as_int(b.body_id);
    return body_of_name(t->rq, hsds_get(org, "name"));
}

/* Inside the change: the body, made when it is not there, with what HSDS says of it. */
static int64_t body_write(struct taking *t, struct change *ch, const struct hsds_row *org)
{
    union catalogue_body_of_row c = {0};
    struct text district, kind = organization_kind(t, org, &district);
    int64_t body = body_here(t, org);
    if (!body) {
        struct body_new b = {.name = v_as_text(fit(t, org, "name", 250)), .kind = kind, .district = district.n ? district_of_name(t->rq, district) : 0};
        body = body_add(ch, &b);
        law_work_begin(ch);
    }
    union catalogue_body_record r = {.body_id = v_int(body), .uuid = v_text(org->value[0]), .description = fit(t, org, "description", 4000),
                                     .email = fit(t, org, "email", 120), .url = fit(t, org, "website", 300)};
    if (!q_catalogue_body_of(t->rq, &(struct catalogue_body_of_args){.body = v_int(body)}, &c)) {
        change_insert(ch, &catalogue_body_table, r.v);
    } else {
        struct text n = T("");
        r.uuid = (struct value){0}; /* a body keeps the name under which it went out */
        differs(t, &n, "a", c.description, r.description);
        differs(t, &n, "a", c.email, r.email);
        differs(t, &n, "a", c.url, r.url);
        const struct code *label = code_find(code_list("body_kind"), body_kind(t->rq, body));
        bool ours = !v_is(c.description) && label && text_is(v_as_text(r.description), label->label[LANG_RU]);
        if (ours)
            r.description = (struct value){0};
        if (!n.n || (ours && v_is(c.email) == v_is(r.email) && v_is(c.url) == v_is(r.url)))
            return body;
        change_update(ch, &catalogue_body_table, v_as_int(c.id), -1, r.v);
    }
    change_event(ch, &(struct event){.kind = "catalogue.body_changed", .other_body = body, .table = &body_table, .object = body});
    return body;
}

static int64_t place_here(struct taking *t, struct text uuid)
{
    union catalogue_place_by_uuid_row p;
    return q_catalogue_place_by_uuid(t->rq, &(struct catalogue_place_by_uuid_args){.uuid = v_text(uuid)}, &p) ? v_as_int(p.id) : 0;
}

static void write_offer(struct taking *t, struct offer *o)
{
    struct change ch;
    change_begin(t->rq, &ch, NO_SUBJECT);
    bool new = !o->body;
    o->d.body = o->body = body_write(t, &ch, o->org);
    for (size_t k = 0; k < o->n_place && !t->rq->err; k++) {
        union catalogue_place_facts_row f = {0};
        struct place *p = &o->place[k];
        if (!p->id) /* another service of the file may have brought it */
            p->id = place_here(t, p->uuid);
        if (p->id && q_catalogue_place_facts(t->rq, &(struct catalogue_place_facts_args){.id = v_int(p->id)}, &f) && v_as_int(f.confidential))
            p->r = (union catalogue_place_record){0};
        if (!p->id || !v_as_int(f.confidential)) {
            if (p->id)
                p->r.uuid = (struct value){0};
            p->id = catalogue_place_write(&ch, p->id, -1, o->body, &p->r);
        }
        o->ats[o->d.n_places] = p->at;
        o->places[o->d.n_places++] = p->id;
    }
    /* places that a file cannot know of stay */
    struct catalogue_ats_rows ats = {0};
    if (o->id)
        q_catalogue_ats(t->rq, &(struct catalogue_ats_args){.service = v_int(o->id)}, &ats);
    for (size_t i = 0; i < ats.n; i++) {
        union catalogue_place_facts_row f;
        int64_t id = v_as_int(ats.row[i].place_id);
        bool there = false;
        for (size_t k = 0; k < o->d.n_places; k++)
            there = there || o->places[k] == id;
        if (!there && o->d.n_places < MANY && q_catalogue_place_facts(t->rq, &(struct catalogue_place_facts_args){.id = v_int(id)}, &f) &&
            (v_as_int(f.confidential) || !v_as_int(f.active)))
            o->places[o->d.n_places++] = id;
    }
    if (o->id) {
        o->d.r.uuid = (struct value){0};
        o->d.r.public = (struct value){0};
    }
    catalogue_service_write(&ch, o->id, -1, &o->d);
    if (!change_commit(&ch) && new)
        guard_bodies_changed(t->rq);
}

static struct text counted(struct catalogue_report *out, enum catalogue_deed deed)
{
    static const char *const names[] = {"new", "changed", "same", "left_out"};
    out->count[deed]++;
    return text_of(names[deed]);
}

/* One service: read, compared, and written unless it is only looked at. */
static void take(struct taking *t, const struct hsds_row *r)
{
    union catalogue_service_by_uuid_row s;
    struct text district, names = T("");
    struct offer *o = NEW(t->arena, struct offer);
    struct text name = hsds_get(r, "name").n ? hsds_get(r, "name") : r->value[0];
    const char *against = NULL;
    *o = (struct offer){.row = r, .org = row_of(t, HSDS_ORGANIZATION, hsds_get(r, "organization_id"))};
    if (q_catalogue_service_by_uuid(t->rq, &(struct catalogue_service_by_uuid_args){.uuid = v_text(r->value[0])}, &s))
        o->id = v_as_int(s.id);
    if (damaged(t, r))
        against = N_("the service has mistakes");
    else if (!o->org || damaged(t, o->org))
        against = N_("the service has no organization, or one with mistakes");
    else {
        o->body = body_here(t, o->org);
        if (!o->body && !organization_kind(t, o->org, &district).n)
            against = N_("the organization is not known here: say of what kind such bodies are");
        else if (!o->body && !rq_may(t->rq, CAP_ADMIN))
            against = N_("the organization is not known here, and only the administrator adds bodies");
        else if (o->id && v_as_int(s.body_id) != o->body)
            against = N_("the service is of another body here");
    }
    if (!against) {
        read_offer(t, o);
        for (size_t k = 0; k < 7 && !against; k++) {
            static const int tables[] = {HSDS_PHONE, HSDS_SCHEDULE, HSDS_SERVICE_AREA, HSDS_SERVICE_CAPACITY, HSDS_SERVICE_AT_LOCATION, HSDS_REQUIRED_DOCUMENT, HSDS_ATTRIBUTE};
            const struct hsds_row *x;
            for (size_t i = 0; (x = inside(t, tables[k], r->value[0], i)) && !against; i++)
                against = damaged(t, x) ? N_("what belongs to the service has mistakes") : NULL;
        }
        if (!against && !o->d.n_needs)
            against = N_("none of its needs is known here");
    }
    if (against) {
        line(t, arena_z(t->arena, counted(t->out, DEED_LEFT_OUT)), name, place_of(t, r->file, r->line), T(""), text_of(tr(t->rq->lang, against)));
        return;
    }
    enum catalogue_deed deed = DEED_NEW;
    if (o->id) {
        names = difference(t, o);
        deed = names.n ? DEED_CHANGED : DEED_SAME;
    }
    line(t, arena_z(t->arena, counted(t->out, deed)), name, place_of(t, r->file, r->line), names, T(""));
    if (t->dry || deed == DEED_SAME || t->rq->err)
        return;
    write_offer(t, o);
    if (t->rq->err || t->rq->mistakes) { /* said beside the service; the others go on */
        const char *words = t->rq->mistakes ? t->rq->mistakes->message : t->rq->reason ? t->rq->reason : N_("it could not be stored");
        if (t->rq->err != ERR_INPUT && t->rq->err != ERR_REFUSED && t->rq->err != ERR_CONFLICT)
            return;
        t->rq->err = OK;
        t->rq->mistakes = NULL;
        say(t, r, true, "", words, name);
    }
}

void catalogue_import(struct request *rq, struct text answer, struct text kind, bool dry, struct catalogue_report *out)
{
    struct taking t = {.rq = rq, .arena = rq->arena, .out = out, .kind = kind, .dry = dry};
    struct change ch;
    *out = (struct catalogue_report){0};
    if (!catalogue_keeps_all(rq)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    hsds_parse(answer, rq->arena, &t.set);
    t.by_id = arena_array(rq->arena, t.set.n + 1, sizeof *t.by_id);
    t.by_owner = arena_array(rq->arena, t.set.n + 1, sizeof *t.by_owner);
    for (size_t i = 0; i < t.set.n; i++)
        t.by_id[i] = t.by_owner[i] = &t.set.rows[i];
    qsort(t.by_id, t.set.n, sizeof *t.by_id, by_id);
    qsort(t.by_owner, t.set.n, sizeof *t.by_owner, by_owner);
    for (size_t i = 0; i < t.set.n && !rq->err; i++)
        if (t.set.rows[i].table == HSDS_SERVICE)
            take(&t, &t.set.rows[i]);
    say_findings(&t);
    if (dry || rq->err)
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    change_event(&ch, &(struct event){.kind = "catalogue.imported"});
    change_commit(&ch);
}

int64_t catalogue_import_keep(struct request *rq, struct text file_name, struct text answer, struct value kind)
{
    struct change ch;
    if (!catalogue_keeps_all(rq))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    w_catalogue_import_forget(&ch, &(struct catalogue_import_forget_args){.before = v_instant(rq->now - KEPT_DAYS * 86400ll * 1000000)});
    union catalogue_import_record r = {.file_name = v_text(file_name), .account_id = v_int(rq->viewer.account), .created_at = v_instant(rq->now),
                                       .kind = kind, .content = v_text(answer)};
    int64_t id = change_insert(&ch, &catalogue_import_table, r.v);
    change_event(&ch, &(struct event){.kind = "catalogue.import_read", .table = &catalogue_import_table, .object = id});
    return change_commit(&ch) ? 0 : id;
}

void catalogue_import_apply(struct request *rq, int64_t id, int64_t version)
{
    struct change ch;
    union catalogue_import_content_row i = {0};
    struct catalogue_report report;
    if (!catalogue_keeps_all(rq))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !q_catalogue_import_content(rq, &(struct catalogue_import_content_args){.id = v_int(id)}, &i))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && (v_is(i.applied_at) || !v_as_text(i.content).n))
        rq_refuse(rq, N_("The file has been imported, or it is older than a day: read it again"));
    if (rq->err)
        return;
    /* marked first, so that a second press does nothing */
    change_begin(rq, &ch, SUBJECT(&catalogue_import_table, id));
    union catalogue_import_record r = {.applied_at = v_instant(rq->now)};
    change_update(&ch, &catalogue_import_table, id, version, r.v);
    change_event(&ch, &(struct event){.kind = "catalogue.import_read", .table = &catalogue_import_table, .object = id});
    if (!change_commit(&ch))
        catalogue_import(rq, v_as_text(i.content), v_as_text(i.kind), false, &report);
}
