#include "rooms/catalogue/catalogue.h"
#include "base/date.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/catalogue/catalogue_rules.h"
#include "rooms/packs/packs.h"
#include "web/tr.h"

enum { HOURS_MAX = 40 };

/* ---- what the packs say ---- */

int64_t catalogue_checked_days(void)
{
    int64_t days;
    return text_int(pack_value("catalogue", "rules", "checked"), 1, 3660, &days) == OK ? days : 3660;
}

static bool rule_has(const char *name, struct text word)
{
    const struct pack_entry *e = pack_find("catalogue", T("rules"));
    return e && pack_prop_has(e, name, word);
}

bool catalogue_kind_hides(struct text kind)
{
    return rule_has("confidential_kinds", kind);
}

bool catalogue_need_hides(struct text need)
{
    return rule_has("confidential_needs", need);
}

static enum err section(const struct pack_entry *e, struct fault *fault)
{
    int64_t days;
    if (!text_is(e->key, "rules"))
        return pack_wrong(e, fault, "there is one section [catalogue rules]", e->key);
    if (text_int(pack_prop(e, "checked"), 1, 3660, &days))
        return pack_wrong(e, fault, "checked is a number of days", pack_prop(e, "checked"));
    for (size_t i = 0; i < e->n; i++)
        if (!text_is(e->props[i].name, "checked") && !text_is(e->props[i].name, "confidential_kinds") &&
            !text_is(e->props[i].name, "confidential_needs"))
            return pack_wrong(e, fault, "unknown property", e->props[i].name);
    return OK;
}

/* A kind or need that is hidden exists: a slip of the pen would publish an address. */
static enum err sections_fit(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    static const struct {
        const char *prop, *kind;
    } lists[] = {{"confidential_kinds", "body_kind"}, {"confidential_needs", "need"}};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2 && text_is(entries[i].kind, "catalogue"); k++) {
            struct text rest = pack_prop(&entries[i], lists[k].prop), word;
            while (text_split(&rest, ' ', &word)) {
                size_t j = 0;
                while (j < n && !(text_is(entries[j].kind, lists[k].kind) && text_eq(entries[j].key, word)))
                    j++;
                if (word.n && j == n)
                    return pack_wrong(&entries[i], fault, "no section of this name", word);
            }
        }
    return OK;
}

/* ---- who may ---- */

bool catalogue_keeps_all(const struct request *rq)
{
    return rq_may(rq, CAP_CATALOGUE) && (rq_may(rq, CAP_ADMIN) || rq_may(rq, CAP_COORDINATE));
}

bool catalogue_keeps(const struct request *rq, int64_t body)
{
    return catalogue_keeps_all(rq) || (rq_may(rq, CAP_CATALOGUE) && body && body == rq->viewer.body);
}

/* ---- identifiers ---- */

static struct text uuid_print(struct arena *arena, const char *hex, char version)
{
    return arena_printf(arena, "%.8s-%.4s-%c%.3s-a%.3s-%.12s", hex, hex + 8, version, hex + 12, hex + 15, hex + 18);
}

struct text catalogue_uuid_new(struct arena *arena)
{
    char hex[33];
    random_hex(hex, 32);
    return uuid_print(arena, hex, '4');
}

/* Of RFC 9562 the kind whose content is our own (8): BLAKE2b of both. */
struct text catalogue_uuid_of(struct arena *arena, struct text parent, const char *what, int64_t k)
{
    char hex[65];
    hash_hex(false, parent, arena_printf(arena, "%s %lld", what, (long long)k), hex);
    return uuid_print(arena, hex, '8');
}

struct text catalogue_body_uuid(struct change *ch, int64_t body)
{
    struct arena *arena = ch->rq->arena;
    union catalogue_body_of_row row;
    if (q_catalogue_body_of(ch->rq, &(struct catalogue_body_of_args){.body = v_int(body)}, &row))
        return v_as_text(row.uuid);
    union catalogue_body_record b = {.body_id = v_int(body), .uuid = v_text(catalogue_uuid_new(arena))};
    change_insert(ch, &catalogue_body_table, b.v);
    return v_as_text(b.uuid);
}

/* ---- writing ---- */

static void event_of(struct change *ch, const char *kind, const struct table *t, int64_t id, int64_t body)
{
    change_event(ch, &(struct event){.kind = kind, .other_body = body, .table = t, .object = id});
}

static void labels(struct buf *out, const char *list, struct text code)
{
    const struct code *c = code_find(code_list(list), code);
    for (int lang = 0; c && lang < LANG_COUNT; lang++)
        buf_printf(out, " %s", c->label[lang]);
}

/* " name description … ": folded, with blanks for all that is no letter or digit, so that "% stem%" finds words by their
 * beginning. Places are not among them: a confidential one would be found by its street. */
static struct text words_of(struct request *rq, const struct catalogue_draft *d)
{
    enum { WORDS_MAX = 11000 };
    struct buf out = BUF(1 << 20);
    union body_facts_row b;
    buf_printf(&out, " %.*s %.*s %.*s", TEXT_ARG(v_as_text(d->r.name)), TEXT_ARG(v_as_text(d->r.description)),
               TEXT_ARG(v_as_text(d->r.conditions)));
    for (size_t i = 0; i < d->n_needs; i++)
        labels(&out, "need", d->needs[i]);
    for (size_t i = 0; i < d->n_categories; i++)
        labels(&out, "category", d->categories[i]);
    if (body_of(rq, d->body, &b))
        buf_printf(&out, " %.*s", TEXT_ARG(v_as_text(b.name)));
    struct text folded = text_fold(rq->arena, buf_get(&out));
    char *s = arena_alloc(rq->arena, folded.n + 3);
    size_t n = 0;
    s[n++] = ' ';
    for (size_t i = 0; i < folded.n && n < WORDS_MAX; i++) {
        unsigned char c = (unsigned char)folded.s[i];
        bool letter = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        if (letter || s[n - 1] != ' ')
            s[n++] = letter ? (char)c : ' ';
    }
    while (n > 1 && ((unsigned char)s[n - 1] & 0xC0) == 0x80) /* not in the middle of a letter */
        n--;
    if (n > 1 && (unsigned char)s[n - 1] >= 0xC0)
        n--;
    s[n++] = ' ';
    buf_free(&out);
    return (struct text){s, n};
}

/* What is confidential is not given out by a tick that was forgotten. */
static bool places_fit(struct request *rq, const struct catalogue_draft *d)
{
    bool hides = false;
    for (size_t i = 0; i < d->n_needs; i++)
        hides = hides || catalogue_need_hides(d->needs[i]);
    for (size_t i = 0; i < d->n_places; i++) {
        union catalogue_place_facts_row p;
        if (!q_catalogue_place_facts(rq, &(struct catalogue_place_facts_args){.id = v_int(d->places[i])}, &p) ||
            v_as_int(p.body_id) != d->body) {
            rq_mistake(rq, "place", N_("Choose among the places of the body"));
            return false;
        }
        if (hides && !v_as_int(p.confidential)) {
            rq_mistake(rq, "place", N_("A service for this need is given in confidential places only: mark the place so first"));
            return false;
        }
    }
    return true;
}

static void write_lists(struct change *ch, int64_t id, const struct catalogue_draft *d)
{
    struct value service = v_int(id);
    struct catalogue_ats_rows ats = {0};
    w_catalogue_need_drop(ch, &(struct catalogue_need_drop_args){.service = service});
    w_catalogue_audience_drop(ch, &(struct catalogue_audience_drop_args){.service = service});
    w_catalogue_area_drop(ch, &(struct catalogue_area_drop_args){.service = service});
    for (size_t i = 0; i < d->n_needs; i++) {
        union catalogue_need_record n = {.service_id = service, .need = v_text(d->needs[i])};
        change_insert(ch, &catalogue_need_table, n.v);
    }
    for (size_t i = 0; i < d->n_categories; i++) {
        union catalogue_audience_record a = {.service_id = service, .category = v_text(d->categories[i])};
        change_insert(ch, &catalogue_audience_table, a.v);
    }
    for (size_t i = 0; i < d->n_areas; i++) {
        union catalogue_area_record a = {.service_id = service, .district_id = v_int(d->areas[i])};
        change_insert(ch, &catalogue_area_table, a.v);
    }
    /* the identifier of a service at a place stays while the two stay together */
    q_catalogue_ats(ch->rq, &(struct catalogue_ats_args){.service = service}, &ats);
    for (size_t i = 0; i < ats.n; i++) {
        size_t k = 0;
        while (k < d->n_places && d->places[k] != v_as_int(ats.row[i].place_id))
            k++;
        if (k == d->n_places)
            w_catalogue_at_drop(ch, &(struct catalogue_at_drop_args){.service = service, .place = ats.row[i].place_id});
    }
    for (size_t k = 0; k < d->n_places; k++) {
        size_t i = 0;
        while (i < ats.n && d->places[k] != v_as_int(ats.row[i].place_id))
            i++;
        if (i < ats.n)
            continue;
        union catalogue_at_record at = {.uuid = v_text(d->at_uuids && d->at_uuids[k].n ? d->at_uuids[k] : catalogue_uuid_new(ch->rq->arena)),
                                        .service_id = service,
                                        .place_id = v_int(d->places[k])};
        change_insert(ch, &catalogue_at_table, at.v);
    }
}

int64_t catalogue_service_write(struct change *ch, int64_t id, int64_t version, struct catalogue_draft *d)
{
    struct request *rq = ch->rq;
    if (rq->err || rq->mistakes || !places_fit(rq, d))
        return 0;
    d->r.body_id = v_int(d->body);
    d->r.name_key = v_text(text_fold(rq->arena, v_as_text(d->r.name)));
    d->r.words = v_text(words_of(rq, d));
    if (d->r.checked_on.kind == V_NONE)
        d->r.checked_on = v_date(rq->today);
    if (!id && d->r.uuid.kind == V_NONE)
        d->r.uuid = v_text(catalogue_uuid_new(rq->arena));
    catalogue_body_uuid(ch, d->body);
    bool new = !id;
    if (new)
        id = change_insert(ch, &catalogue_service_table, d->r.v);
    else
        change_update(ch, &catalogue_service_table, id, version, d->r.v);
    if (rq->err)
        return 0;
    write_lists(ch, id, d);
    event_of(ch, new ? "catalogue.service_created" : "catalogue.service_changed", &catalogue_service_table, id, d->body);
    return rq->err ? 0 : id;
}

int64_t catalogue_place_write(struct change *ch, int64_t id, int64_t version, int64_t body,
                              union catalogue_place_record *r)
{
    struct request *rq = ch->rq;
    if (rq->err || rq->mistakes)
        return 0;
    r->body_id = v_int(body);
    if (catalogue_kind_hides(body_kind(rq, body)))
        r->confidential = v_int(1);
    if (r->city.kind != V_NONE)
        r->city_key = v_is(r->city) ? v_text(text_fold(rq->arena, v_as_text(r->city))) : v_null();
    /* what can be looked for in the bare table tells nothing of a place that is hidden */
    if (v_as_int(r->confidential)) {
        r->city_key = v_null();
        r->district_id = v_null();
    }
    bool new = !id;
    if (new && r->uuid.kind == V_NONE)
        r->uuid = v_text(catalogue_uuid_new(rq->arena));
    if (new)
        id = change_insert(ch, &catalogue_place_table, r->v);
    else
        change_update(ch, &catalogue_place_table, id, version, r->v);
    event_of(ch, new ? "catalogue.place_created" : "catalogue.place_changed", &catalogue_place_table, id, body);
    return rq->err ? 0 : id;
}

/* ---- by the form ---- */

static void check_service(struct request *rq, struct catalogue_service_form *f)
{
    struct catalogue_hours hours[HOURS_MAX];
    size_t n;
    if (v_is(f->min_age.value) && v_is(f->max_age.value) && v_as_int(f->max_age.value) < v_as_int(f->min_age.value))
        input_reject(rq, &f->max_age, N_("The upper age is below the lower one"));
    if (v_is(f->valid_from.value) && v_is(f->valid_to.value) && v_as_int(f->valid_to.value) < v_as_int(f->valid_from.value))
        input_reject(rq, &f->valid_to, N_("The last day is before the first"));
    if (v_is(f->free.value) != v_is(f->capacity.value))
        input_reject(rq, v_is(f->free.value) ? &f->capacity : &f->free, N_("Give both: places in all and free ones"));
    else if (v_is(f->free.value) && v_as_int(f->free.value) > v_as_int(f->capacity.value))
        input_reject(rq, &f->free, N_("More free places than places in all"));
    if (catalogue_hours_parse(rq->arena, v_as_text(f->hours.value), hours, HOURS_MAX, &n))
        input_reject(rq, &f->hours, N_("One line for each time: days, then hours, for example “пн–пт 09:00–18:00”"));
    struct text email = v_as_text(f->email.value), url = v_as_text(f->url.value), codes = v_as_text(f->languages.value), code;
    if (email.n && (!memchr(email.s, '@', email.n) || memchr(email.s, ' ', email.n)))
        input_reject(rq, &f->email, N_("This is no address of e-mail"));
    if (url.n && !text_starts(url, "https://") && !text_starts(url, "http://"))
        input_reject(rq, &f->url, N_("An address begins with https://"));
    while (text_split(&codes, ',', &code)) {
        code = text_trim(code);
        bool good = code.n >= 2 && code.n <= 3;
        for (size_t i = 0; i < code.n; i++)
            good = good && code.s[i] >= 'a' && code.s[i] <= 'z';
        if (!good) {
            input_reject(rq, &f->languages, N_("Codes of two or three Latin letters with commas between them: ru, kk"));
            break;
        }
    }
}

static void fill(struct request *rq, struct catalogue_draft *d, struct catalogue_service_form *f,
                 const struct catalogue_ticked *t)
{
    d->r = (union catalogue_service_record){.name = f->name.value, .description = f->description.value, .state = f->state.value,
                                            .public = v_int(v_as_int(f->public.value)), .conditions = f->conditions.value, .sex = f->sex.value,
                                            .min_age = f->min_age.value, .max_age = f->max_age.value, .apply_how = f->apply_how.value,
                                            .documents = f->documents.value, .cost = f->cost.value, .fees = f->fees.value,
                                            .hours = f->hours.value, .languages = f->languages.value, .phone = f->phone.value,
                                            .email = f->email.value, .url = f->url.value, .capacity = f->capacity.value, .free = f->free.value,
                                            .wait_days = f->wait_days.value, .valid_from = f->valid_from.value, .valid_to = f->valid_to.value};
    d->needs = t->needs;
    d->n_needs = t->n_needs;
    d->categories = t->categories;
    d->n_categories = t->n_categories;
    d->areas = t->areas;
    d->n_areas = t->n_areas;
    d->places = t->places;
    d->n_places = t->n_places;
    if (!t->n_needs)
        rq_mistake(rq, "need", N_("Choose at least one need"));
}

/* A figure that changed is of today; one that was taken away has no day. */
static struct value said_on(struct request *rq, struct value now, struct value before)
{
    if (!v_is(now))
        return now.kind == V_NULL ? v_null() : now;
    return v_eq(now, before) ? (struct value){0} : v_date(rq->today);
}

int64_t catalogue_service_create(struct request *rq, int64_t body, struct catalogue_service_form *form,
                                 const struct catalogue_ticked *t)
{
    struct change ch;
    struct catalogue_draft d = {.body = body};
    union body_facts_row b;
    if (!catalogue_keeps(rq, body))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&body_table, body));
    if (!rq->err && !body_of(rq, body, &b))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !v_as_int(b.active))
        rq_refuse(rq, N_("The body is closed"));
    check_service(rq, form);
    fill(rq, &d, form, t);
    d.r.free_on = said_on(rq, d.r.free, (struct value){0});
    d.r.wait_on = said_on(rq, d.r.wait_days, (struct value){0});
    int64_t id = catalogue_service_write(&ch, 0, -1, &d);
    return change_commit(&ch) ? 0 : id;
}

/* The service as the viewer may change it. */
static union catalogue_facts_row begin(struct request *rq, struct change *ch, int64_t id)
{
    union catalogue_facts_row s = {0};
    change_begin(rq, ch, SUBJECT(&catalogue_service_table, id));
    if (!rq->err && !q_catalogue_facts(rq, &(struct catalogue_facts_args){.id = v_int(id)}, &s))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !catalogue_keeps(rq, v_as_int(s.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    return s;
}

void catalogue_service_change(struct request *rq, int64_t id, int64_t version,
                              struct catalogue_service_form *form, const struct catalogue_ticked *t)
{
    struct change ch;
    union catalogue_facts_row now = begin(rq, &ch, id);
    struct catalogue_draft d = {.body = v_as_int(now.body_id)};
    check_service(rq, form);
    fill(rq, &d, form, t);
    d.r.free_on = said_on(rq, d.r.free, now.free);
    d.r.wait_on = said_on(rq, d.r.wait_days, now.wait_days);
    catalogue_service_write(&ch, id, version, &d);
    change_commit(&ch);
}

void catalogue_service_today(struct request *rq, int64_t id, int64_t version, struct catalogue_today_form *form)
{
    struct change ch;
    union catalogue_facts_row now = begin(rq, &ch, id);
    union catalogue_service_record r = {.free = form->free.value, .wait_days = form->wait_days.value, .checked_on = v_date(rq->today)};
    if (v_is(r.free) && v_as_int(r.free) > v_as_int(now.capacity))
        input_reject(rq, &form->free, N_("More free places than places in all"));
    if (!v_is(now.capacity) || !v_is(r.free))
        r.free = (struct value){0};
    else
        r.free_on = v_date(rq->today);
    if (r.wait_days.kind != V_NONE)
        r.wait_on = v_is(r.wait_days) ? v_date(rq->today) : v_null();
    change_update(&ch, &catalogue_service_table, id, version, r.v);
    event_of(&ch, "catalogue.service_checked", &catalogue_service_table, id, v_as_int(now.body_id));
    change_commit(&ch);
}

static union catalogue_place_record place_of(struct catalogue_place_form *f)
{
    return (union catalogue_place_record){.name = f->name.value, .address = f->address.value, .city = f->city.value,
                                          .district_id = f->district_id.value, .postal_code = f->postal_code.value, .phone = f->phone.value,
                                          .access = f->access.value, .route_there = f->route_there.value,
                                          .confidential = v_int(v_as_int(f->confidential.value)), .active = v_int(v_as_int(f->active.value))};
}

int64_t catalogue_place_create(struct request *rq, int64_t body, struct catalogue_place_form *form)
{
    struct change ch;
    union catalogue_place_record r = place_of(form);
    union body_facts_row b;
    if (!catalogue_keeps(rq, body))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&body_table, body));
    if (!rq->err && !body_of(rq, body, &b))
        rq_fail(rq, ERR_NOT_FOUND);
    int64_t id = catalogue_place_write(&ch, 0, -1, body, &r);
    return change_commit(&ch) ? 0 : id;
}

void catalogue_place_change(struct request *rq, int64_t id, int64_t version, struct catalogue_place_form *form)
{
    struct change ch;
    union catalogue_place_record r = place_of(form);
    union catalogue_place_facts_row now = {0};
    struct catalogue_services_at_rows at = {0};
    change_begin(rq, &ch, SUBJECT(&catalogue_place_table, id));
    if (!rq->err && !q_catalogue_place_facts(rq, &(struct catalogue_place_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !catalogue_keeps(rq, v_as_int(now.body_id)))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && v_as_int(now.confidential) && !v_as_int(r.confidential)) {
        q_catalogue_services_at(rq, &(struct catalogue_services_at_args){.place = v_int(id)}, &at);
        for (size_t i = 0; i < at.n; i++) {
            struct catalogue_needs_rows needs = {0};
            q_catalogue_needs(rq, &(struct catalogue_needs_args){.service = at.row[i].service_id}, &needs);
            for (size_t k = 0; k < needs.n; k++)
                if (catalogue_need_hides(v_as_text(needs.row[k].need)) && !rq->mistakes)
                    input_reject(rq, &form->confidential, N_("A service is given here whose place is told to nobody"));
        }
    }
    catalogue_place_write(&ch, id, version, v_as_int(now.body_id), &r);
    change_commit(&ch);
}

/* ---- for other rooms ---- */

void catalogue_measured_wait_set(struct change *ch, int64_t service, int64_t days)
{
    union catalogue_facts_row now;
    struct value v = days < 0 ? v_null() : v_int(days);
    if (!q_catalogue_facts(ch->rq, &(struct catalogue_facts_args){.id = v_int(service)}, &now) ||
        (v_is(now.measured_days) == v_is(v) && (!v_is(v) || v_eq(now.measured_days, v))))
        return;
    union catalogue_service_record r = {.measured_days = v, .measured_on = days < 0 ? v_null() : v_date(ch->rq->today)};
    change_update(ch, &catalogue_service_table, service, -1, r.v);
    event_of(ch, "catalogue.wait_measured", &catalogue_service_table, service, v_as_int(now.body_id));
}

static bool goes_before(const union catalogue_offers_row *a, const union catalogue_offers_row *b)
{
    bool works_a = text_is(v_as_text(a->state), "active"), works_b = text_is(v_as_text(b->state), "active");
    if (works_a != works_b)
        return works_a;
    if (v_as_int(a->near) != v_as_int(b->near))
        return v_as_int(a->near) > v_as_int(b->near);
    /* full places come last; who counts none stands between */
    int free_a = !v_is(a->free) ? 1 : v_as_int(a->free) > 0 ? 2 : 0;
    int free_b = !v_is(b->free) ? 1 : v_as_int(b->free) > 0 ? 2 : 0;
    if (free_a != free_b)
        return free_a > free_b;
    int64_t wait_a = v_is(a->wait_days) ? v_as_int(a->wait_days) : 3661;
    int64_t wait_b = v_is(b->wait_days) ? v_as_int(b->wait_days) : 3661;
    return wait_a < wait_b;
}

void catalogue_offers(struct request *rq, struct text need, int64_t district, struct catalogue_offers_rows *out)
{
    q_catalogue_offers(rq, &(struct catalogue_offers_args){.need = v_text(need), .district = district ? v_int(district) : (struct value){0}}, out);
    for (size_t i = 1; i < out->n; i++) {
        union catalogue_offers_row row = out->row[i];
        size_t k = i;
        for (; k && goes_before(&row, &out->row[k - 1]); k--)
            out->row[k] = out->row[k - 1];
        out->row[k] = row;
    }
}

/* The successor gives what the body gave. */
static void body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct catalogue_services_of_rows rows = {0};
    (void)m; /* services without a body are closed with it, they hold nothing up */
    if (!to)
        return;
    q_catalogue_services_of(ch->rq, &(struct catalogue_services_of_args){.body = v_int(from)}, &rows);
    w_catalogue_places_forward(ch, &(struct catalogue_places_forward_args){.from_body = v_int(from), .to_body = v_int(to)});
    w_catalogue_services_forward(ch, &(struct catalogue_services_forward_args){.from_body = v_int(from), .to_body = v_int(to)});
    for (size_t i = 0; i < rows.n; i++)
        event_of(ch, "catalogue.service_changed", &catalogue_service_table, v_as_int(rows.row[i].id), to);
}

/* ---- the room ---- */

static int64_t sample_service(struct request *rq)
{
    union catalogue_sample_service_row s;
    return q_catalogue_sample_service(rq, NULL, &s) ? v_as_int(s.id) : 0;
}

static int64_t sample_public(struct request *rq)
{
    union catalogue_sample_public_row s;
    return q_catalogue_sample_public(rq, NULL, &s) ? v_as_int(s.id) : 0;
}

static int64_t sample_own(struct request *rq)
{
    union catalogue_sample_own_row s;
    return rq_may(rq, CAP_CATALOGUE) && q_catalogue_sample_own(rq, &(struct catalogue_sample_own_args){.body = v_int(rq->viewer.body)}, &s)
               ? v_as_int(s.id)
               : 0;
}

static int64_t sample_place(struct request *rq)
{
    union catalogue_sample_place_row p;
    return rq_may(rq, CAP_CATALOGUE) && q_catalogue_sample_place(rq, &(struct catalogue_sample_place_args){.body = v_int(rq->viewer.body)}, &p)
               ? v_as_int(p.id)
               : 0;
}

static int64_t sample_import(struct request *rq)
{
    union catalogue_sample_import_row i;
    return catalogue_keeps_all(rq) && q_catalogue_sample_import(rq, NULL, &i) ? v_as_int(i.id) : 0;
}

static const struct sample samples[] = {{"offered", sample_service},
                                        {"help", sample_public},
                                        {"kept", sample_own},
                                        {"place", sample_place},
                                        {"hsds", sample_import},
                                        {0}};
static const struct pack_section sections[] = {{"catalogue", NULL, section, NULL, sections_fit}, {0}};

const struct room catalogue_room = {.name = "catalogue",
                                    .tables = catalogue_tables,
                                    .forms = catalogue_forms,
                                    .packs = sections,
                                    .samples = samples,
                                    .hooks = {.body_succeeding = body_succeeding}};
