#include "guard/guard.h"
#include "referrals_tpl.h"
#include "guard/codes.h"
#include "rooms/agencies/agencies.h"
#include "rooms/catalogue/catalogue.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals_rules.h"
#include "rooms/territory/territory.h"
#include "web/web.h"

enum { CHOSEN_MAX = 500, OFFERS_MAX = 6 };

ROUTE(GET, "/referrals", referral_page_list, referral_list_page, SEE_PERSON)
static enum err referral_page_list(struct request *rq, struct referral_list_page_page *page)
{
    page->way = rq_param(rq, "way");
    page->state = rq_param(rq, "state");
    if (!page->way.n)
        page->way = rq_may(rq, CAP_TAKE_REFERRAL) ? T("received") : T("sent");
    struct value state = rq_filter(rq, "state"), person = rq_filter_int(rq, "person"), before = {0};
    if (text_is(page->state, "overdue")) { /* no state of its own: it follows from the dates */
        before = v_date(rq->today);
        state = (struct value){0};
    }
    if (text_is(page->way, "sent")) {
        struct referral_list_sent_rows rows;
        q_referral_list_sent(
            rq,
            &(struct referral_list_sent_args){.paging = rq_paging(rq, &referral_list_sent_query),
                                              .state = state,
                                              .before = before,
                                              .person = person},
            &rows);
        page->items.rows = rows.rows; /* the same columns */
    } else {
        q_referral_list(rq,
                        &(struct referral_list_args){.paging = rq_paging(rq, &referral_list_query),
                                                     .state = state,
                                                     .before = before,
                                                     .person = person},
                        &page->items);
    }
    for (size_t i = 0; i < page->items.n; i++) {
        union referral_list_row *r = &page->items.row[i];
        r->late = v_int(v_is(r->owing_body_id) && v_as_int(r->next_on) < rq->today);
    }
    return rq_end(rq);
}

/* The persons chosen in a list: those that the viewer may name. */
static void chosen_persons(struct request *rq, const int64_t *ids, size_t n,
                           struct referral_person_rows *out)
{
    out->row = arena_array(rq->arena, n ? n : 1, sizeof *out->row);
    out->n = 0;
    out->query = &referral_person_query;
    out->next = T("");
    for (size_t i = 0; i < n; i++) {
        struct referral_person_rows one;
        q_referral_person(rq, &(struct referral_person_args){.person = v_int(ids[i])}, &one);
        if (one.n)
            out->row[out->n++] = one.row[0];
    }
}

static size_t chosen_ids(struct request *rq, const char *name, int64_t **ids)
{
    struct text *raw;
    size_t n = rq_is_post(rq) ? rq_field_all(rq, name, &raw) : rq_param_all(rq, name, &raw);
    size_t k = 0;
    *ids = arena_array(rq->arena, n ? n : 1, sizeof **ids);
    for (size_t i = 0; i < n && k < CHOSEN_MAX; i++)
        if (text_int(raw[i], 1, INT64_MAX, &(*ids)[k]) == OK)
            k++;
    return k;
}

static enum err show_new(struct request *rq, struct referral_new_page *page, const int64_t *ids,
                         size_t n)
{
    chosen_persons(rq, ids, n, &page->persons);
    page->many = page->persons.n > 1;
    struct bodies_signing_in_rows known = {0};
    q_referral_bodies(rq, &(struct referral_bodies_args){0}, &page->bodies);
    q_bodies_signing_in(rq, NULL, &known);
    for (size_t i = 0; i < page->bodies.n; i++) {
        union referral_bodies_row *b = &page->bodies.row[i];
        b->name = v_text(outside_name(rq, &known, v_as_int(b->id), v_as_text(b->name)));
    }
    return rq_end(rq);
}

/* ---- delays, for the coordinating body ---- */

void delays_of_region(struct request *rq, struct paging paging, struct value body, struct delay_list_rows *out)
{
    q_delay_list(rq,
                 &(struct delay_list_args){
                     .paging = paging, .level = v_int(escalation_of_coordinator()), .body = body},
                 out);
}

void delay_worst(struct request *rq, size_t most, struct delay_figures_rows *out)
{
    q_delay_figures(rq, &(struct delay_figures_args){.level = v_int(escalation_of_coordinator())}, out);
    if (out->n > most)
        out->n = most;
}

ROUTE(GET, "/delays", referral_page_delays, delay_list_page, COORDINATE)
static enum err referral_page_delays(struct request *rq, struct delay_list_page_page *page)
{
    delays_of_region(rq, rq_paging(rq, &delay_list_query), rq_filter_int(rq, "body"), &page->items);
    delay_worst(rq, SIZE_MAX, &page->figures);
    for (size_t i = 0; i < page->items.n; i++) {
        union delay_list_row *r = &page->items.row[i];
        uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
        uint32_t tells = body_tells(v_as_int(r->owing_body_id)) | body_tells(v_as_int(r->waiting_body_id));
        if (tells & ~read) { /* with the number it would be told of somebody */
            r->number = v_null();
            r->sent_on = v_null();
        }
        r->late =
            v_int(calendar_working_between(calendar_here(), v_as_int(r->next_on), rq->today));
    }
    return rq_end(rq);
}

ROUTE(GET, "/referrals/new", referral_page_new, referral_new, SEND_REFERRAL)
static enum err referral_page_new(struct request *rq, struct referral_new_page *page)
{
    int64_t *ids;
    size_t n = chosen_ids(rq, "person", &ids);
    form_begin(&referral_form, page->form.v);
    page->form.term.raw = T("5");
    struct text need = rq_param(rq, "need");
    if (code_find(code_list("need"), need))
        page->form.need.value = v_text(need);
    return show_new(rq, page, ids, n);
}

/* ---- who offers what is needed ---- */

/* What has been filled in so far, not judged yet. */
static void filled_so_far(struct request *rq, struct referral_form *form)
{
    form_begin(&referral_form, form->v);
    for (size_t i = 0; i < referral_form.n; i++) {
        input_read(rq->arena, &form->v[i], rq_field(rq, referral_form.fields[i].name), false);
        form->v[i].error = NULL;
    }
}

/* The words why the service's body cannot be chosen; null: it can. */
static const char *pick_fault(struct request *rq, const union catalogue_offers_row *s, struct text need)
{
    if (!text_is(v_as_text(s->state), "active"))
        return tr(rq->lang, N_("The service is paused"));
    if (!body_takes(rq, v_as_int(s->body_id), need))
        return tr(rq->lang, N_("The body takes no such referrals now"));
    const char *fault = agreement_fault(rq, rq->viewer.body, v_as_int(s->body_id), need, T(""));
    return fault ? tr(rq->lang, fault) : NULL;
}

ROUTE(POST, "/referrals/pick", referral_page_pick, referral_pick, SEND_REFERRAL)
static enum err referral_page_pick(struct request *rq, struct referral_pick_page *page)
{
    int64_t *ids;
    struct text *also;
    size_t n = chosen_ids(rq, "person", &ids), n_also = rq_field_all(rq, "also", &also);
    struct catalogue_offers_rows offers = {0};
    filled_so_far(rq, &page->form);
    chosen_persons(rq, ids, n, &page->persons);
    page->also.row = arena_array(rq->arena, n_also + 1, sizeof *page->also.row);
    page->also.query = &catalogue_choice_query;
    for (size_t i = 0; i < n_also; i++)
        page->also.row[page->also.n++].value = v_text(also[i]);
    page->need = page->form.need.value;
    page->items.query = &referral_pick_row_query;
    struct text need = v_as_text(page->need);
    if (!need.n)
        return rq_end(rq);
    /* of somebody whose address the viewer may not know the district is not guessed from the list either */
    if (page->persons.n == 1 && page->persons.row[0].district.kind == V_TEXT)
        page->district = page->persons.row[0].district;
    catalogue_offers(rq, need, district_of_name(rq, v_as_text(page->district)), &offers);
    page->items.row = arena_array(rq->arena, offers.n + 1, sizeof *page->items.row);
    for (size_t i = 0; i < offers.n; i++) {
        const union catalogue_offers_row *s = &offers.row[i];
        if (v_as_int(s->body_id) == rq->viewer.body || !kind_takes(v_as_text(s->body_kind), need))
            continue;
        page->items.row[page->items.n++] = (union referral_pick_row_row){
            .service_id = s->id, .service = s->name, .body_id = s->body_id, .body_name = s->body_name, .capacity = s->capacity, .free = s->free,
            .free_on = s->free_on, .wait_days = s->wait_days, .wait_on = s->wait_on, .measured_days = s->measured_days,
            .fault = v_z(pick_fault(rq, s, need))};
    }
    return rq_end(rq);
}

/* Back from there, with the body that was chosen. */
ROUTE(POST, "/referrals/new", referral_page_picked, referral_new, SEND_REFERRAL)
static enum err referral_page_picked(struct request *rq, struct referral_new_page *page)
{
    int64_t *ids, body = rq_field_int(rq, "pick");
    size_t n = chosen_ids(rq, "person", &ids);
    filled_so_far(rq, &page->form);
    if (body > 0) {
        page->form.to_body_id.value = v_int(body);
        page->form.to_body_id.raw = arena_printf(rq->arena, "%lld", (long long)body);
    }
    return show_new(rq, page, ids, n);
}

/* The body of the form and those that the same is offered to besides, each once. */
static size_t chosen_bodies(struct request *rq, struct referral_form *form, int64_t **bodies)
{
    int64_t *also, first = v_as_int(form->to_body_id.value);
    size_t n = chosen_ids(rq, "also", &also), kept = 0;
    *bodies = arena_array(rq->arena, n + 1, sizeof **bodies);
    if (first)
        (*bodies)[kept++] = first;
    for (size_t i = 0; i < n && kept < OFFERS_MAX; i++) {
        bool twice = false;
        for (size_t k = 0; k < kept; k++)
            twice = twice || (*bodies)[k] == also[i];
        struct input in = form->to_body_id;
        in.value = v_int(also[i]);
        if (!form_ref_stands(rq, &in))
            input_reject(rq, &form->to_body_id, N_("Choose a value from the list"));
        else if (!twice)
            (*bodies)[kept++] = also[i];
    }
    return kept;
}

ROUTE(POST, "/referrals", referral_page_send, referral_new, SEND_REFERRAL)
static enum err referral_page_send(struct request *rq, struct referral_new_page *page)
{
    int64_t *ids, *bodies;
    size_t n = chosen_ids(rq, "person", &ids);
    struct referral_batch batch = {
        .persons = ids, .n_persons = n, .draft = rq_field(rq, "draft").n > 0};
    if (!n)
        rq_mistake(rq, NULL, N_("Nobody was chosen: tick persons in the list first"));
    if (rq_read_form(rq, &referral_form, page->form.v) && n) {
        batch.n_bodies = chosen_bodies(rq, &page->form, &bodies);
        batch.bodies = bodies;
        rq_redirect(rq, batch.draft ? "/referrals?way=sent&state=draft" : "/referrals?way=sent");
        if (!rq->mistakes && referrals_send(rq, &batch, &page->form))
            rq_flash(rq, batch.draft ? N_("The draft has been kept; the receiver does not know of it")
                                     : N_("The referrals have been sent"));
    }
    return rq_show_again(rq) ? show_new(rq, page, ids, n) : rq_end(rq);
}
