/* Pages of consents: lists of the body, a new one, one, its printed form, its withdrawal, its
 * papers. */
#include "papers_gen.h"
#include "papers_tpl.h"
#include "rooms/packs/packs.h"
#include "rooms/agencies/agencies.h"
#include "rooms/trust/trust_rules.h"
#include "trust_tpl.h"
#include "web/web.h"

enum { GONE_DAYS = 90 /* how long they stand in the list */ };

static enum err show_list(struct request *rq, struct consent_list_page_page *page)
{
    bool received = text_is(rq_param(rq, "side"), "received");
    bool ending = !received && text_is(rq_param(rq, "show"), "ending");
    page->side = received ? T("received") : ending ? T("ending") : T("taken");
    if (received)
        q_consent_received(
            rq, &(struct consent_received_args){.paging = rq_paging(rq, &consent_received_query)},
            (struct consent_received_rows *)&page->items);
    else if (ending)
        q_consent_ending(rq,
                         &(struct consent_ending_args){.paging = rq_paging(rq, &consent_ending_query),
                                                       .ends_by = v_date(terms_week(rq->today))},
                         (struct consent_ending_rows *)&page->items);
    else
        q_consent_taken(rq,
                        &(struct consent_taken_args){.paging = rq_paging(rq, &consent_taken_query)},
                        &page->items);
    if (!ending)
        q_consent_gone(rq, &(struct consent_gone_args){.since = v_date(rq->today - GONE_DAYS)},
                   &page->gone);
    for (size_t i = 0; i < page->gone.n; i++) {
        int64_t day;
        if (term_day("ru.152.destroy", v_as_int(page->gone.row[i].withdrawn_on), &day))
            page->gone.row[i].destroy_by = v_date(day);
    }
    return rq_end(rq);
}

ROUTE(GET, "/consents", consents_list, consent_list_page, SEE_PERSON)
static enum err consents_list(struct request *rq, struct consent_list_page_page *page)
{
    form_begin(&withdrawal_form, page->form.v);
    return show_list(rq, page);
}

/* Whoever holds the paper may bring the withdrawal: it takes data from nobody but the recipient. */
ROUTE(POST, "/consents/withdraw", consents_withdraw_number, consent_list_page, SEE_PERSON)
static enum err consents_withdraw_number(struct request *rq, struct consent_list_page_page *page)
{
    page->number = text_trim(rq_field(rq, "number"));
    if (rq_read_form(rq, &withdrawal_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/consents");
        consent_withdraw_by_number(rq, page->number, &page->form);
        rq_flash(rq, N_("The consent is withdrawn, the access by it is closed"));
    }
    return !rq->mistakes && !rq_show_again(rq) ? rq_end(rq) : show_list(rq, page);
}

/* ---- a new one ---- */

static enum err show_new(struct request *rq, struct consent_new_page *page)
{
    q_why_person(rq, &(struct why_person_args){.person = rq_id(rq, "person")}, &page->person);
    body_options(rq, T(""), 0, 0, &page->bodies);
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/consents/new", consents_new, consent_new, RECORD_CONSENT)
static enum err consents_new(struct request *rq, struct consent_new_page *page)
{
    char day[DATE_ISO_LEN + 1];
    form_begin(&consent_form, page->form.v);
    page->form.form.raw = T("paper");
    date_dmy(rq->today, day);
    page->form.signed_on.raw = arena_text(rq->arena, text_of(day));
    date_dmy(date_add_months(rq->today, 12), day);
    page->form.until.raw = arena_text(rq->arena, text_of(day));
    return show_new(rq, page);
}

static void recorded(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/consents/%lld", (long long)id);
}

ROUTE(POST, "/persons/{person}/consents", consents_create, consent_new, RECORD_CONSENT)
static enum err consents_create(struct request *rq, struct consent_new_page *page)
{
    show_new(rq, page);
    if (rq_read_form(rq, &consent_form, page->form.v) && !rq->err) {
        consent_record(rq, rq_id_int(rq, "person"), &page->form, recorded);
        rq_flash(rq, N_("The consent has been recorded"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

/* ---- one ---- */

static enum err show(struct request *rq, struct consent_card_page_page *page)
{
    q_consent_card(rq, &(struct consent_card_args){.id = rq_id(rq, "consent")}, &page->consent);
    attachments_of(rq, &(struct attached_to){.object = &consent_table, .id = v_as_int(page->consent.id)}, &page->attachments);
    paper_kinds(rq, &consent_table, &page->kinds);
    page->place = url_of(rq, "/consents/%lld", (long long)v_as_int(page->consent.id));
    page->stands = !v_is(page->consent.withdrawn_on) && v_as_int(page->consent.until) >= rq->today;
    return rq_end(rq);
}

static void fresh_withdrawal(struct request *rq, struct consent_card_page_page *page)
{
    char today[DATE_ISO_LEN + 1];
    form_begin(&withdrawal_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.withdrawn_on.raw = arena_text(rq->arena, text_of(today));
}

ROUTE(GET, "/consents/{consent}", consents_show, consent_card_page, SEE_PERSON)
static enum err consents_show(struct request *rq, struct consent_card_page_page *page)
{
    fresh_withdrawal(rq, page);
    form_begin(&attachment_form, page->paper_form.v);
    return show(rq, page);
}

ROUTE(POST, "/consents/{consent}/withdraw", consents_withdraw, consent_card_page, RECORD_CONSENT)
static enum err consents_withdraw(struct request *rq, struct consent_card_page_page *page)
{
    form_begin(&attachment_form, page->paper_form.v);
    show(rq, page);
    if (rq_read_form(rq, &withdrawal_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/consents?side=%s",
                    v_as_int(page->consent.to_body_id) == rq->viewer.body ? "received" : "taken");
        consent_withdraw(rq, rq_id_int(rq, "consent"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The consent is withdrawn, the access by it is closed"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* The document that the person signs, with what the law wants in it. */
ROUTE(GET, "/consents/{consent}/print", consents_print, consent_print, SEE_PERSON)
static enum err consents_print(struct request *rq, struct consent_print_page *page)
{
    q_consent_card(rq, &(struct consent_card_args){.id = rq_id(rq, "consent")}, &page->consent);
    page->list = purpose_prop(v_as_text(page->consent.purpose), "list");
    return rq_end(rq);
}

/* ---- its scanned papers ---- */

ROUTE_SLOW(POST, "/consents/{consent}/attachments", consents_attach, consent_card_page,
           RECORD_CONSENT)
static enum err consents_attach(struct request *rq, struct consent_card_page_page *page)
{
    struct paper paper = {0};
    fresh_withdrawal(rq, page);
    form_begin(&attachment_form, page->paper_form.v);
    show(rq, page);
    if (!rq->err && paper_read(rq, &page->paper_form, &paper)) {
        rq_redirect(rq, "/consents/%lld", (long long)rq_id_int(rq, "consent"));
        consent_papers(rq, rq_id_int(rq, "consent"), 0, &paper);
        rq_flash(rq, N_("The paper is attached"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* Who reads the consent reads its papers. */
static int64_t readable(struct request *rq, union consent_card_row *consent)
{
    q_consent_card(rq, &(struct consent_card_args){.id = rq_id(rq, "consent")}, consent);
    return v_as_int(consent->id);
}

ROUTE_SLOW(GET, "/consents/{consent}/attachments/{attachment}", consents_paper, paper_back,
           SEE_PERSON)
static enum err consents_paper(struct request *rq, struct paper_back_page *page)
{
    union consent_card_row consent = {0};
    int64_t id = readable(rq, &consent);
    (void)page;
    if (!rq->err)
        attachment_send(rq, &(struct attached_to){.object = &consent_table, .id = id}, rq_id_int(rq, "attachment"));
    return rq_end(rq);
}

static enum err show_back(struct request *rq, struct paper_back_page *page)
{
    union consent_card_row consent = {0};
    int64_t id = readable(rq, &consent);
    struct text number = v_as_text(consent.number);
    page->place = url_of(rq, "/consents/%lld", (long long)id);
    page->title = arena_printf(rq->arena, "%s %.*s", tr(rq->lang, N_("Consent")), TEXT_ARG(number));
    if (!rq->err)
        paper_back_show(rq, &(struct attached_to){.object = &consent_table, .id = id}, rq_id_int(rq, "attachment"), page);
    return rq_end(rq);
}

ROUTE(GET, "/consents/{consent}/attachments/{attachment}/back", consents_paper_back, paper_back,
      RECORD_CONSENT)
static enum err consents_paper_back(struct request *rq, struct paper_back_page *page)
{
    form_begin(&attachment_form, page->form.v);
    return show_back(rq, page);
}

ROUTE_SLOW(POST, "/consents/{consent}/attachments/{attachment}/back", consents_take_back,
           paper_back, RECORD_CONSENT)
static enum err consents_take_back(struct request *rq, struct paper_back_page *page)
{
    struct paper paper = {0};
    form_begin(&attachment_form, page->form.v);
    show_back(rq, page);
    bool instead = paper_given(rq);
    if (!rq->err && (!instead || paper_read(rq, &page->form, &paper))) {
        rq_redirect(rq, "/consents/%lld", (long long)rq_id_int(rq, "consent"));
        consent_papers(rq, rq_id_int(rq, "consent"), rq_id_int(rq, "attachment"),
                       instead ? &paper : NULL);
        rq_flash(rq, N_("The wrong paper is destroyed"));
    }
    return rq_show_again(rq) ? show_back(rq, page) : rq_end(rq);
}
