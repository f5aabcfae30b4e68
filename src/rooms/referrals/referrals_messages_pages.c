/* Messages and papers of a referral: routes beside its card. */
#include "papers_gen.h"
#include "papers_tpl.h"
#include "rooms/papers/papers.h"
#include "rooms/referrals/referrals_card.h"

ROUTE(GET, "/referrals/unread", referral_page_unread, referral_unread_page, SEE_PERSON)
static enum err referral_page_unread(struct request *rq, struct referral_unread_page_page *page)
{
    q_referrals_unread(rq, &(struct referrals_unread_args){0}, &page->items);
    return rq_end(rq);
}

ROUTE(POST, "/referrals/{referral}/messages", referral_page_write, referral_card_page, SEE_PERSON)
static enum err referral_page_write(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    if (rq_read_form(rq, &message_form, page->message.v)) {
        rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
        referral_write(rq, rq_id_int(rq, "referral"), &page->message);
        rq_flash(rq, N_("The message has been sent; the other side sees it"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/messages/read", referral_page_read, referral_card_page, SEE_PERSON)
static enum err referral_page_read(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
    referral_messages_read(rq, rq_id_int(rq, "referral"));
    return referral_card_again(rq, page);
}

/* ---- papers ---- */

/* Who reads the referral reads its papers. The words and the place of its card. */
static int64_t readable(struct request *rq, struct text *title, struct url *place)
{
    union referral_card_row r = {0};
    q_referral_card(rq, &(struct referral_card_args){.id = rq_id(rq, "referral")}, &r);
    *place = url_of(rq, "/referrals/%lld", (long long)v_as_int(r.id));
    *title = arena_printf(rq->arena, "%s %.*s", tr(rq->lang, N_("Referral")),
                          TEXT_ARG(v_as_text(r.number)));
    return v_as_int(r.id);
}

static enum err show_new(struct request *rq, struct paper_new_page *page)
{
    readable(rq, &page->title, &page->place);
    paper_kinds(rq, &referral_table, &page->kinds);
    return rq_end(rq);
}

ROUTE(GET, "/referrals/{referral}/attachments/new", referral_page_new_paper, paper_new, SEE_PERSON)
static enum err referral_page_new_paper(struct request *rq, struct paper_new_page *page)
{
    form_begin(&attachment_form, page->form.v);
    return show_new(rq, page);
}

ROUTE_SLOW(POST, "/referrals/{referral}/attachments", referral_page_attach, paper_new, SEE_PERSON)
static enum err referral_page_attach(struct request *rq, struct paper_new_page *page)
{
    struct paper paper = {0};
    form_begin(&attachment_form, page->form.v);
    show_new(rq, page);
    if (!rq->err && paper_read(rq, &page->form, &paper)) {
        rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
        referral_papers(rq, rq_id_int(rq, "referral"), 0, &paper);
        rq_flash(rq, N_("The paper is attached"));
    }
    return rq_show_again(rq) ? show_new(rq, page) : rq_end(rq);
}

ROUTE_SLOW(GET, "/referrals/{referral}/attachments/{document}", referral_page_paper, paper_back,
           SEE_PERSON)
static enum err referral_page_paper(struct request *rq, struct paper_back_page *page)
{
    int64_t id = readable(rq, &page->title, &page->place);
    if (!rq->err)
        attachment_send(rq, &(struct attached_to){.object = &referral_table, .id = id}, rq_id_int(rq, "document"));
    return rq_end(rq);
}

static enum err show_back(struct request *rq, struct paper_back_page *page)
{
    int64_t id = readable(rq, &page->title, &page->place);
    if (!rq->err)
        paper_back_show(rq, &(struct attached_to){.object = &referral_table, .id = id}, rq_id_int(rq, "document"), page);
    return rq_end(rq);
}

ROUTE(GET, "/referrals/{referral}/attachments/{document}/back", referral_page_paper_back,
      paper_back, SEE_PERSON)
static enum err referral_page_paper_back(struct request *rq, struct paper_back_page *page)
{
    form_begin(&attachment_form, page->form.v);
    return show_back(rq, page);
}

ROUTE_SLOW(POST, "/referrals/{referral}/attachments/{document}/back", referral_page_take_back,
           paper_back, SEE_PERSON)
static enum err referral_page_take_back(struct request *rq, struct paper_back_page *page)
{
    struct paper paper = {0};
    form_begin(&attachment_form, page->form.v);
    show_back(rq, page);
    bool instead = paper_given(rq);
    if (!rq->err && (!instead || paper_read(rq, &page->form, &paper))) {
        rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
        referral_papers(rq, rq_id_int(rq, "referral"), rq_id_int(rq, "document"),
                        instead ? &paper : NULL);
        rq_flash(rq, N_("The wrong paper is destroyed"));
    }
    return rq_show_again(rq) ? show_back(rq, page) : rq_end(rq);
}
