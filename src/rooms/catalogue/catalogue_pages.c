/* The catalogue for workers: who offers what, and the services and places that the viewer keeps. */
#include "catalogue_tpl.h"
#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/catalogue/catalogue_show.h"
#include "rooms/packs/packs.h"
#include "rooms/territory/territory.h"
#include "web/web.h"

/* ---- boxes to tick ---- */

static void choice_add(struct catalogue_choice_rows *out, struct text value, struct text label, bool chosen)
{
    out->row[out->n++] = (union catalogue_choice_row){.value = v_text(value), .label = v_text(label), .chosen = v_int(chosen)};
}

static void choice_begin(struct request *rq, struct catalogue_choice_rows *out, size_t n)
{
    out->row = arena_array(rq->arena, n ? n : 1, sizeof *out->row);
    out->n = 0;
    out->query = &catalogue_choice_query;
    out->next = T("");
}

void catalogue_codes(struct request *rq, const char *list, const struct text *chosen, size_t n, bool open_only,
                     struct catalogue_choice_rows *out)
{
    const struct code_list *l = code_list(list);
    choice_begin(rq, out, l ? l->n : 0);
    for (size_t i = 0; l && i < l->n; i++) {
        const struct code *c = &l->codes[i];
        bool there = false;
        for (size_t k = 0; k < n; k++)
            there = there || text_is(chosen[k], c->code);
        if (there || (!c->retired && !(open_only && c->classes & classes_sealed())))
            choice_add(out, text_of(c->code), text_of(c->label[rq->lang]), there);
    }
}

void catalogue_districts(struct request *rq, const int64_t *chosen, size_t n, struct catalogue_choice_rows *out)
{
    struct district_options_rows all = {0};
    territory_options(rq, &all);
    choice_begin(rq, out, all.n);
    for (size_t i = 0; i < all.n; i++) {
        bool there = false;
        for (size_t k = 0; k < n; k++)
            there = there || chosen[k] == v_as_int(all.row[i].id);
        choice_add(out, arena_printf(rq->arena, "%lld", (long long)v_as_int(all.row[i].id)), v_as_text(all.row[i].name), there);
    }
}

/* Codes of a list that were sent, each once; unknown ones are a mistake. */
static size_t codes_sent(struct request *rq, const char *name, const char *list, struct text **out)
{
    struct text *raw;
    size_t n = rq_field_all(rq, name, &raw), kept = 0;
    *out = arena_array(rq->arena, n ? n : 1, sizeof **out);
    for (size_t i = 0; i < n; i++) {
        bool twice = false;
        if (!raw[i].n)
            continue;
        for (size_t k = 0; k < kept; k++)
            twice = twice || text_eq((*out)[k], raw[i]);
        if (!code_find(code_list(list), raw[i]))
            rq_mistake(rq, name, N_("Choose a value from the list"));
        else if (!twice)
            (*out)[kept++] = raw[i];
    }
    return kept;
}

static size_t ids_sent(struct request *rq, const char *name, int64_t **out)
{
    struct text *raw;
    size_t n = rq_field_all(rq, name, &raw), kept = 0;
    *out = arena_array(rq->arena, n ? n : 1, sizeof **out);
    for (size_t i = 0; i < n; i++) {
        bool twice = false;
        int64_t id;
        if (!raw[i].n)
            continue;
        if (text_int(raw[i], 1, INT64_MAX, &id)) {
            rq_mistake(rq, name, N_("Choose a value from the list"));
            continue;
        }
        for (size_t k = 0; k < kept; k++)
            twice = twice || (*out)[k] == id;
        if (!twice)
            (*out)[kept++] = id;
    }
    return kept;
}

static struct catalogue_ticked ticked(struct request *rq)
{
    struct catalogue_ticked t = {0};
    t.n_needs = codes_sent(rq, "need", "need", &t.needs);
    t.n_categories = codes_sent(rq, "category", "category", &t.categories);
    t.n_areas = ids_sent(rq, "area", &t.areas);
    t.n_places = ids_sent(rq, "place", &t.places);
    for (size_t i = 0; i < t.n_areas; i++)
        if (!district_name(rq, t.areas[i]).n)
            rq_mistake(rq, "area", N_("Choose a value from the list"));
    return t;
}

/* ---- lists and cards ---- */

ROUTE(GET, "/catalogue", catalogue_page_list, catalogue_list_page, SIGNED_IN)
static enum err catalogue_page_list(struct request *rq, struct catalogue_list_page_page *page)
{
    struct value w[CATALOGUE_WORDS];
    page->q = rq_param(rq, "q");
    catalogue_typed(rq->arena, page->q, w);
    struct catalogue_list_args args = {.paging = rq_paging(rq, &catalogue_list_query),
                                       .body = rq_filter_int(rq, "body"),
                                       .state = rq_filter(rq, "state"),
                                       .need = rq_filter(rq, "need"),
                                       .district = rq_filter_int(rq, "district"),
                                       .word1 = w[0],
                                       .word2 = w[1],
                                       .word3 = w[2],
                                       .word4 = w[3]};
    page->old = rq_param(rq, "old").n > 0;
    int64_t older = rq->today - catalogue_checked_days();
    if (page->old)
        args.older = v_date(older);
    struct text need = v_as_text(args.need);
    int64_t district = v_as_int(args.district);
    page->filtered = page->q.n || v_is(args.body) || v_is(args.state) || need.n || district || page->old;
    catalogue_codes(rq, "need", &need, need.n ? 1 : 0, false, &page->needs);
    catalogue_districts(rq, &district, district ? 1 : 0, &page->districts);
    q_catalogue_list(rq, &args, &page->items);
    catalogue_fill_needs(rq, &page->items.rows, &catalogue_list_query);
    page->mine = rq_may(rq, CAP_CATALOGUE) && !catalogue_keeps_all(rq);
    page->all = catalogue_keeps_all(rq);
    page->body = rq->viewer.body;
    page->older = v_date(older);
    if (page->mine || page->all) {
        struct catalogue_old_args aged = {.older = page->older};
        if (page->mine)
            aged.body = v_int(rq->viewer.body);
        q_catalogue_old(rq, &aged, &page->aged);
    }
    return rq_end(rq);
}

void catalogue_fill_needs(struct request *rq, struct rows *rows, const struct query *q)
{
    int at = -1, id = -1;
    for (int i = 0; i < q->n_columns; i++) {
        if (!strcmp(q->columns[i].name, "needs"))
            at = i;
        if (!strcmp(q->columns[i].name, "id"))
            id = i;
    }
    for (size_t r = 0; at >= 0 && id >= 0 && r < rows->n && !rq->err; r++) {
        struct catalogue_needs_rows needs = {0};
        struct text out = T("");
        q_catalogue_needs(rq, &(struct catalogue_needs_args){.service = rows->v[r * q->n_columns + (size_t)id]}, &needs);
        for (size_t i = 0; i < needs.n; i++) {
            const struct code *c = code_find(code_list("need"), v_as_text(needs.row[i].need));
            out = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(out), out.n ? "; " : "", c ? c->label[rq->lang] : "");
        }
        rows->v[r * q->n_columns + (size_t)at] = v_text(out);
    }
}

static struct value label(struct request *rq, const char *list, struct value code)
{
    const struct code *c = code_find(code_list(list), v_as_text(code));
    return c ? v_z(c->label[rq->lang]) : code;
}

void catalogue_words(struct request *rq, struct value service, struct catalogue_needs_rows *needs, struct catalogue_audiences_rows *who)
{
    q_catalogue_needs(rq, &(struct catalogue_needs_args){.service = service}, needs);
    q_catalogue_audiences(rq, &(struct catalogue_audiences_args){.service = service}, who);
    for (size_t i = 0; i < needs->n; i++)
        needs->row[i].label = label(rq, "need", needs->row[i].need);
    for (size_t i = 0; i < who->n; i++)
        who->row[i].label = label(rq, "category", who->row[i].category);
}

static enum err show_card(struct request *rq, struct catalogue_card_page_page *page)
{
    struct value id = rq_id(rq, "offered");
    union catalogue_hidden_places_row hidden;
    q_catalogue_card(rq, &(struct catalogue_card_args){.id = id}, &page->service);
    if (rq->err)
        return rq_end(rq);
    catalogue_words(rq, id, &page->needs, &page->audiences);
    q_catalogue_areas(rq, &(struct catalogue_areas_args){.service = id}, &page->areas);
    q_catalogue_places_open(rq, &(struct catalogue_places_open_args){.service = id}, &page->places);
    page->hidden = q_catalogue_hidden_places(rq, &(struct catalogue_hidden_places_args){.service = id}, &hidden);
    page->languages = catalogue_languages(rq, v_as_text(page->service.languages));
    page->keeps = catalogue_keeps(rq, v_as_int(page->service.body_id));
    page->old = v_as_int(page->service.checked_on) < rq->today - catalogue_checked_days();
    return rq_end(rq);
}

ROUTE(GET, "/catalogue/{offered}", catalogue_page_card, catalogue_card_page, SIGNED_IN)
static enum err catalogue_page_card(struct request *rq, struct catalogue_card_page_page *page)
{
    show_card(rq, page);
    struct value row[] = {page->service.free, page->service.wait_days};
    if (!rq->err)
        rq_fill_form(rq, &catalogue_today_form, page->form.v, NULL, row);
    return rq_end(rq);
}

ROUTE(POST, "/catalogue/{offered}/today", catalogue_page_today, catalogue_card_page, CATALOGUE)
static enum err catalogue_page_today(struct request *rq, struct catalogue_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "offered");
    if (rq_read_form(rq, &catalogue_today_form, page->form.v)) {
        rq_redirect(rq, "/catalogue/%lld", (long long)id);
        catalogue_service_today(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("It is recorded that the service has been looked at today"));
    }
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

/* ---- the form of a service ---- */

static void prepare(struct request *rq, struct catalogue_service_edit_page *page, int64_t service, int64_t body,
                    const struct catalogue_ticked *t)
{
    union body_facts_row b;
    if (rq->err)
        return;
    if (!catalogue_keeps(rq, body) || !body_of(rq, body, &b)) {
        rq_fail(rq, catalogue_keeps_all(rq) ? ERR_NOT_FOUND : ERR_FORBIDDEN);
        return;
    }
    page->body = body;
    page->body_name = v_as_text(b.name);
    page->action = service ? url_of(rq, "/catalogue/%lld", (long long)service) : url_of(rq, "/catalogue?body=%lld", (long long)body);
    catalogue_codes(rq, "need", t->needs, t->n_needs, false, &page->needs);
    catalogue_codes(rq, "category", t->categories, t->n_categories, false, &page->categories);
    catalogue_districts(rq, t->areas, t->n_areas, &page->areas);
    q_catalogue_place_own(rq, &(struct catalogue_place_own_args){.body = v_int(body), .service = v_int(service)}, &page->places);
    for (size_t i = 0; i < page->places.n && rq_is_post(rq); i++) {
        union catalogue_place_own_row *p = &page->places.row[i];
        p->chosen = v_int(0);
        for (size_t k = 0; k < t->n_places; k++)
            if (t->places[k] == v_as_int(p->id))
                p->chosen = v_int(1);
    }
}

/* Whose service is written: the body of the address, else the viewer's own. */
static int64_t body_asked(struct request *rq)
{
    int64_t body = v_as_int(rq_filter_int(rq, "body"));
    return body ? body : rq->viewer.body;
}

ROUTE(GET, "/catalogue/new", catalogue_page_new, catalogue_service_edit, CATALOGUE)
static enum err catalogue_page_new(struct request *rq, struct catalogue_service_edit_page *page)
{
    union body_facts_row b;
    int64_t body = body_asked(rq), district = body_of(rq, body, &b) ? v_as_int(b.district_id) : 0;
    struct catalogue_ticked t = {.areas = &district, .n_areas = district ? 1 : 0};
    form_begin(&catalogue_service_form, page->form.v);
    page->form.state.value = v_z("active");
    page->form.languages.raw = T("ru");
    prepare(rq, page, 0, body, &t);
    return rq_end(rq);
}

ROUTE(POST, "/catalogue", catalogue_page_create, catalogue_service_edit, CATALOGUE)
static enum err catalogue_page_create(struct request *rq, struct catalogue_service_edit_page *page)
{
    int64_t body = rq_field_int(rq, "body") ? rq_field_int(rq, "body") : body_asked(rq);
    struct catalogue_ticked t = ticked(rq);
    if (rq_read_form(rq, &catalogue_service_form, page->form.v)) {
        rq_redirect(rq, "/catalogue");
        int64_t id = catalogue_service_create(rq, body, &page->form, &t);
        if (id) {
            rq_redirect(rq, "/catalogue/%lld", (long long)id);
            rq_flash(rq, N_("The service stands in the catalogue"));
        }
    }
    if (rq_show_again(rq))
        prepare(rq, page, 0, body, &t);
    return rq_end(rq);
}

static struct catalogue_ticked ticked_now(struct request *rq, struct value service)
{
    struct catalogue_ticked t = {0};
    struct catalogue_needs_rows needs = {0};
    struct catalogue_audiences_rows who = {0};
    struct catalogue_areas_rows areas = {0};
    q_catalogue_needs(rq, &(struct catalogue_needs_args){.service = service}, &needs);
    q_catalogue_audiences(rq, &(struct catalogue_audiences_args){.service = service}, &who);
    q_catalogue_areas(rq, &(struct catalogue_areas_args){.service = service}, &areas);
    t.needs = arena_array(rq->arena, needs.n + 1, sizeof *t.needs);
    t.categories = arena_array(rq->arena, who.n + 1, sizeof *t.categories);
    t.areas = arena_array(rq->arena, areas.n + 1, sizeof *t.areas);
    for (size_t i = 0; i < needs.n; i++)
        t.needs[t.n_needs++] = v_as_text(needs.row[i].need);
    for (size_t i = 0; i < who.n; i++)
        t.categories[t.n_categories++] = v_as_text(who.row[i].category);
    for (size_t i = 0; i < areas.n; i++)
        t.areas[t.n_areas++] = v_as_int(areas.row[i].district_id);
    return t;
}

ROUTE(GET, "/catalogue/{kept}/edit", catalogue_page_edit, catalogue_service_edit, CATALOGUE)
static enum err catalogue_page_edit(struct request *rq, struct catalogue_service_edit_page *page)
{
    struct value id = rq_id(rq, "kept");
    q_catalogue_card(rq, &(struct catalogue_card_args){.id = id}, &page->service);
    if (rq->err)
        return rq_end(rq);
    const union catalogue_card_row *s = &page->service;
    struct value row[] = {s->name, s->description, s->state, s->public, s->conditions, s->sex, s->min_age, s->max_age, s->apply_how, s->documents,
                          s->cost, s->fees, s->hours, s->languages, s->phone, s->email, s->url, s->capacity, s->free, s->wait_days, s->valid_from, s->valid_to};
    struct catalogue_ticked t = ticked_now(rq, id);
    rq_fill_form(rq, &catalogue_service_form, page->form.v, NULL, row);
    prepare(rq, page, v_as_int(id), v_as_int(s->body_id), &t);
    return rq_end(rq);
}

ROUTE(POST, "/catalogue/{kept}", catalogue_page_change, catalogue_service_edit, CATALOGUE)
static enum err catalogue_page_change(struct request *rq, struct catalogue_service_edit_page *page)
{
    int64_t id = rq_id_int(rq, "kept");
    struct catalogue_ticked t = ticked(rq);
    if (rq_read_form(rq, &catalogue_service_form, page->form.v)) {
        rq_redirect(rq, "/catalogue/%lld", (long long)id);
        catalogue_service_change(rq, id, rq_field_int(rq, "version"), &page->form, &t);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq)) {
        q_catalogue_card(rq, &(struct catalogue_card_args){.id = v_int(id)}, &page->service);
        prepare(rq, page, id, v_as_int(page->service.body_id), &t);
    }
    return rq_end(rq);
}

/* ---- places ---- */

ROUTE(GET, "/catalogue/places", catalogue_page_places, catalogue_places_page, CATALOGUE)
static enum err catalogue_page_places(struct request *rq, struct catalogue_places_page_page *page)
{
    union body_facts_row b;
    page->body = body_asked(rq);
    if (!catalogue_keeps(rq, page->body))
        return rq_fail(rq, ERR_FORBIDDEN);
    if (!body_of(rq, page->body, &b))
        return rq_fail(rq, ERR_NOT_FOUND);
    page->body_name = v_as_text(b.name);
    q_catalogue_place_own(rq, &(struct catalogue_place_own_args){.body = v_int(page->body)}, &page->items);
    return rq_end(rq);
}

static void prepare_place(struct request *rq, struct catalogue_place_edit_page *page, int64_t place, int64_t body)
{
    union body_facts_row b;
    if (rq->err)
        return;
    if (!catalogue_keeps(rq, body)) {
        rq_fail(rq, ERR_FORBIDDEN);
        return;
    }
    if (!body_of(rq, body, &b)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    page->body = body;
    page->body_name = v_as_text(b.name);
    page->hides = catalogue_kind_hides(v_as_text(b.kind));
    page->action = place ? url_of(rq, "/catalogue/places/%lld", (long long)place) : url_of(rq, "/catalogue/places?body=%lld", (long long)body);
    territory_options(rq, &page->districts);
}

ROUTE(GET, "/catalogue/places/new", catalogue_page_place_new, catalogue_place_edit, CATALOGUE)
static enum err catalogue_page_place_new(struct request *rq, struct catalogue_place_edit_page *page)
{
    form_begin(&catalogue_place_form, page->form.v);
    page->form.active.value = v_int(1);
    prepare_place(rq, page, 0, body_asked(rq));
    return rq_end(rq);
}

ROUTE(POST, "/catalogue/places", catalogue_page_place_create, catalogue_place_edit, CATALOGUE)
static enum err catalogue_page_place_create(struct request *rq, struct catalogue_place_edit_page *page)
{
    int64_t body = rq_field_int(rq, "body") ? rq_field_int(rq, "body") : body_asked(rq);
    if (rq_read_form(rq, &catalogue_place_form, page->form.v)) {
        rq_redirect(rq, "/catalogue/places?body=%lld", (long long)body);
        catalogue_place_create(rq, body, &page->form);
        rq_flash(rq, N_("The place has been added"));
    }
    if (rq_show_again(rq))
        prepare_place(rq, page, 0, body);
    return rq_end(rq);
}

static void place_read(struct request *rq, struct catalogue_place_edit_page *page)
{
    union catalogue_place_facts_row p;
    struct value id = rq_id(rq, "place");
    if (!rq->err && (!q_catalogue_place_facts(rq, &(struct catalogue_place_facts_args){.id = id}, &p) || !catalogue_keeps(rq, v_as_int(p.body_id))))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err)
        q_catalogue_place_card(rq, &(struct catalogue_place_card_args){.id = id}, &page->place);
    prepare_place(rq, page, v_as_int(id), v_as_int(page->place.body_id));
}

ROUTE(GET, "/catalogue/places/{place}/edit", catalogue_page_place_edit, catalogue_place_edit, CATALOGUE)
static enum err catalogue_page_place_edit(struct request *rq, struct catalogue_place_edit_page *page)
{
    place_read(rq, page);
    if (!rq->err) {
        const union catalogue_place_card_row *p = &page->place;
        struct value row[] = {p->name, p->district_id, p->city, p->address, p->postal_code, p->phone, p->access, p->route_there, p->confidential, p->active};
        rq_fill_form(rq, &catalogue_place_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/catalogue/places/{place}", catalogue_page_place_change, catalogue_place_edit, CATALOGUE)
static enum err catalogue_page_place_change(struct request *rq, struct catalogue_place_edit_page *page)
{
    int64_t id = rq_id_int(rq, "place");
    if (rq_read_form(rq, &catalogue_place_form, page->form.v)) {
        rq_redirect(rq, "/catalogue/places");
        catalogue_place_change(rq, id, rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        place_read(rq, page);
    return rq_end(rq);
}
