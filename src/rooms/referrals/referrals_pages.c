#include "referrals_tpl.h"
#include "rooms/packs/packs.h"
#include "rooms/referrals/referrals_rules.h"
#include "web/web.h"

enum { CHOSEN_MAX = 500 };

ROUTE(GET, "/referrals", referral_page_list, referral_list_page, SEE_PERSON)
static enum err referral_page_list(struct request *rq, struct referral_list_page_page *page)
{
    page->way = rq_param(rq, "way");
    page->state = rq_param(rq, "state");
    if (!page->way.n)
        page->way = rq_may(rq, CAP_TAKE_REFERRAL) ? T("received") : T("sent");
    struct value state = rq_filter(rq, "state"), person = rq_filter_int(rq, "person");
    if (text_is(page->way, "sent")) {
        struct referral_list_sent_rows rows;
        q_referral_list_sent(
            rq,
            &(struct referral_list_sent_args){.paging = rq_paging(rq, &referral_list_sent_query),
                                              .state = state,
                                              .person = person},
            &rows);
        page->items.rows = rows.rows; /* the same columns */
    } else {
        q_referral_list(rq,
                        &(struct referral_list_args){.paging = rq_paging(rq, &referral_list_query),
                                                     .state = state,
                                                     .person = person},
                        &page->items);
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

static size_t chosen_ids(struct request *rq, int64_t **ids)
{
    struct text *raw;
    size_t n = rq_is_post(rq) ? rq_field_all(rq, "person", &raw) : rq_param_all(rq, "person", &raw);
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
    q_referral_bodies(rq, &(struct referral_bodies_args){0}, &page->bodies);
    return rq_end(rq);
}

ROUTE(GET, "/referrals/new", referral_page_new, referral_new, SEND_REFERRAL)
static enum err referral_page_new(struct request *rq, struct referral_new_page *page)
{
    int64_t *ids;
    size_t n = chosen_ids(rq, &ids);
    form_begin(&referral_form, page->form.v);
    page->form.term.raw = T("5");
    return show_new(rq, page, ids, n);
}

ROUTE(POST, "/referrals", referral_page_send, referral_new, SEND_REFERRAL)
static enum err referral_page_send(struct request *rq, struct referral_new_page *page)
{
    int64_t *ids;
    size_t n = chosen_ids(rq, &ids);
    if (!n)
        rq_mistake(rq, NULL, N_("Nobody was chosen: tick persons in the list first"));
    if (rq_read_form(rq, &referral_form, page->form.v) && n) {
        if (v_as_int(page->form.term.value) < 1)
            input_reject(rq, &page->form.term, N_("At least one working day"));
        rq_redirect(rq, "/referrals?way=sent");
        if (!rq->mistakes && referrals_send(rq, ids, n, &page->form))
            rq_flash(rq, N_("The referrals have been sent"));
    }
    return rq_show_again(rq) ? show_new(rq, page, ids, n) : rq_end(rq);
}

static enum err show_card(struct request *rq, struct referral_card_page_page *page)
{
    q_referral_card(rq, &(struct referral_card_args){.id = rq_id(rq, "referral")}, &page->referral);
    page->received = v_as_int(page->referral.to_body_id) == rq->viewer.body;
    page->late = v_as_int(page->referral.due_on) < rq->today;
    return rq_end(rq);
}

static void begin_forms(struct referral_card_page_page *page)
{
    form_begin(&decline_form, page->decline.v);
    form_begin(&result_form, page->result.v);
}

ROUTE(GET, "/referrals/{referral}", referral_page_card, referral_card_page, SEE_PERSON)
static enum err referral_page_card(struct request *rq, struct referral_card_page_page *page)
{
    begin_forms(page);
    return show_card(rq, page);
}

/* After a change that did not happen for the user's reasons the card comes back with the word. */
static enum err done_or_card(struct request *rq, struct referral_card_page_page *page)
{
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

ROUTE(POST, "/referrals/{referral}/accept", referral_page_accept, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_accept(struct request *rq, struct referral_card_page_page *page)
{
    int64_t case_id;
    begin_forms(page);
    rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
    referral_accept(rq, rq_id_int(rq, "referral"), rq_field_int(rq, "version"), &case_id);
    if (case_id) {
        rq_redirect(rq, "/cases/%lld", (long long)case_id);
        rq_flash(rq, N_("The referral has been accepted, a case has been opened"));
    } else if (!rq->err) {
        rq_flash(rq, N_("The referral has been accepted"));
    }
    return done_or_card(rq, page);
}

ROUTE(POST, "/referrals/{referral}/decline", referral_page_decline, referral_card_page,
      TAKE_REFERRAL)
static enum err referral_page_decline(struct request *rq, struct referral_card_page_page *page)
{
    begin_forms(page);
    if (rq_read_form(rq, &decline_form, page->decline.v)) {
        rq_redirect(rq, "/inbox");
        referral_decline(rq, rq_id_int(rq, "referral"), rq_field_int(rq, "version"),
                         &page->decline);
        rq_flash(rq, N_("The referral has been declined; the sender sees the reason"));
    }
    return done_or_card(rq, page);
}

ROUTE(POST, "/referrals/{referral}/result", referral_page_result, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_result(struct request *rq, struct referral_card_page_page *page)
{
    begin_forms(page);
    if (rq_read_form(rq, &result_form, page->result.v)) {
        rq_redirect(rq, "/inbox");
        referral_finish(rq, rq_id_int(rq, "referral"), rq_field_int(rq, "version"), &page->result);
        rq_flash(rq, N_("The result has been sent; your access to the person has ended with it"));
    }
    return done_or_card(rq, page);
}

ROUTE(POST, "/referrals/{referral}/withdraw", referral_page_withdraw, referral_card_page,
      SEND_REFERRAL)
static enum err referral_page_withdraw(struct request *rq, struct referral_card_page_page *page)
{
    begin_forms(page);
    rq_redirect(rq, "/referrals?way=sent");
    referral_withdraw(rq, rq_id_int(rq, "referral"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The referral has been withdrawn"));
    return done_or_card(rq, page);
}
