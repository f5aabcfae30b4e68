/* The page of a referral and what its two parties do with it. */
#include "papers_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/papers/papers.h"
#include "rooms/referrals/referrals_card.h"

/* Whose answer is not needed any more is told so, by number: the access has ended, nothing is shown of the person. */
static bool gone(struct request *rq, struct referral_card_page_page *page, int64_t id)
{
    struct referral_facts r = referral_facts(rq, id);
    bool taken = text_is(r.state, "taken");
    if (rq->err || r.to_body != rq->viewer.body || !(taken || text_is(r.state, "withdrawn")) ||
        access_hidden(rq, r.person) ||
        access_bits(rq, rq->viewer.body, r.person) & CLASS_BIT(CLASS_IDENTITY))
        return false;
    page->number = r.number;
    page->gone =
        taken ? N_("Another body has accepted this referral first: no answer is needed any more")
              : N_("The sender has withdrawn this referral: no answer is needed any more");
    return true;
}

/* What is written and attached; and of a body without an account, how it is reached. */
static void show_post(struct request *rq, struct referral_card_page_page *page)
{
    struct value id = page->referral.id;
    bool draft = text_is(v_as_text(page->referral.state), "draft");
    union messages_waiting_row waiting = {0};
    q_referral_messages(rq, &(struct referral_messages_args){.referral = id}, &page->messages);
    q_messages_waiting(rq, &(struct messages_waiting_args){.referral = id}, &waiting);
    attachments_of(rq, &(struct attached_to){.object = &referral_table, .id = v_as_int(id)}, &page->attachments);
    q_referral_answers(rq, &(struct referral_answers_args){.referral = id}, &page->answers);
    q_outside_pages(rq, &(struct outside_pages_args){.referral = id}, &page->pages);
    bool outside = outside_body(rq, v_as_int(page->referral.to_body_id));
    page->place = url_of(rq, "/referrals/%lld", (long long)v_as_int(id));
    page->unread = v_as_int(waiting.n) > 0;
    page->writes = page->open && !outside;
    page->thread = page->writes || page->messages.n;
    page->attaches = page->open || draft;
    page->by_letter = page->open && outside && !page->received;
    for (size_t i = 0; i < page->pages.n; i++)
        page->live = page->live || (text_is(v_as_text(page->pages.row[i].state), "live") &&
                                    v_as_int(page->pages.row[i].until_on) >= rq->today);
}

static enum err show_card(struct request *rq, struct referral_card_page_page *page)
{
    struct value id = rq_id(rq, "referral");
    if (!rq->err && gone(rq, page, v_as_int(id)))
        return rq_end(rq);
    q_referral_card(rq, &(struct referral_card_args){.id = id}, &page->referral);
    q_term_changes(rq, &(struct term_changes_args){.referral = id}, &page->terms);
    if (rq->err)
        return rq_end(rq);
    struct text state = v_as_text(page->referral.state);
    page->received = v_as_int(page->referral.to_body_id) == rq->viewer.body;
    page->open = referral_open(state);
    page->work = referral_at_work(state);
    page->waits = page->open && !page->work && !text_is(state, "returned");
    page->our_turn = v_as_int(page->referral.owing_body_id) == rq->viewer.body;
    page->late = page->open && v_as_int(page->referral.next_on) < rq->today;
    for (size_t i = 0; i < page->terms.n; i++)
        if (text_is(v_as_text(page->terms.row[i].state), "asked") &&
            v_as_int(page->terms.row[i].other_body_id) == rq->viewer.body)
            page->asked = page->terms.row[i];
    show_post(rq, page);
    struct referral_facts r = referral_facts(rq, v_as_int(id));
    if (!page->received && text_is(state, "declined"))
        next_bodies(rq, &r, &page->bodies);
    struct referral_terms t = referral_terms(rq, &r);
    packs_term(rq, t.answer_rule, &t.answer, &page->answer_term);
    packs_term(rq, t.result_rule, &t.result, &page->due_term);
    return rq_end(rq);
}

void referral_card_forms(struct referral_card_page_page *page)
{
    form_begin(&decline_form, page->decline.v);
    form_begin(&resend_form, page->resend.v);
    form_begin(&result_form, page->result.v);
    form_begin(&term_form, page->term.v);
    form_begin(&message_form, page->message.v);
}

ROUTE(GET, "/referrals/{referral}", referral_page_card, referral_card_page, SEE_PERSON)
static enum err referral_page_card(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    enum err err = show_card(rq, page);
    if (!err)
        page->resend.note.raw = v_as_text(page->referral.note);
    return err;
}

enum err referral_card_again(struct request *rq, struct referral_card_page_page *page)
{
    return rq_show_again(rq) ? show_card(rq, page) : rq_end(rq);
}

static int64_t version(struct request *rq)
{
    return rq_field_int(rq, "version");
}

/* Back to the card, or to the list when the access has ended. */
static void to_card(struct request *rq)
{
    rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
}

ROUTE(POST, "/referrals/{referral}/receive", referral_page_receive, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_receive(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    to_card(rq);
    referral_receive(rq, rq_id_int(rq, "referral"), version(rq));
    rq_flash(rq, N_("The receipt has been marked; the sender sees it"));
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/accept", referral_page_accept, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_accept(struct request *rq, struct referral_card_page_page *page)
{
    int64_t case_id;
    referral_card_forms(page);
    to_card(rq);
    referral_accept(rq, rq_id_int(rq, "referral"), version(rq), &case_id);
    if (case_id) {
        rq_redirect(rq, "/cases/%lld", (long long)case_id);
        rq_flash(rq, N_("The referral has been accepted, a case has been opened"));
    } else if (!rq->err) {
        rq_flash(rq, N_("The referral has been accepted"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/begin", referral_page_begin, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_begin(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    to_card(rq);
    referral_begin(rq, rq_id_int(rq, "referral"), version(rq));
    rq_flash(rq, N_("The beginning of the work has been marked; the sender sees it"));
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/decline", referral_page_decline, referral_card_page,
      TAKE_REFERRAL)
static enum err referral_page_decline(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    if (rq_read_form(rq, &decline_form, page->decline.v)) {
        rq_redirect(rq, "/inbox");
        referral_decline(rq, rq_id_int(rq, "referral"), version(rq), &page->decline);
        rq_flash(rq, N_("The referral has been declined; the sender sees the reason"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/return", referral_page_return, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_return(struct request *rq, struct referral_card_page_page *page)
{
    struct return_form *form = NEW(rq->arena, struct return_form);
    referral_card_forms(page);
    if (rq_read_form(rq, &return_form, form->v)) {
        to_card(rq);
        referral_return(rq, rq_id_int(rq, "referral"), version(rq), form);
        rq_flash(rq, N_("The referral has been returned; the sender sees what is missing"));
    }
    page->decline.result_note = form->result_note; /* one field for both answers */
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/result", referral_page_result, referral_card_page, TAKE_REFERRAL)
static enum err referral_page_result(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    if (rq_read_form(rq, &result_form, page->result.v)) {
        rq_redirect(rq, "/inbox");
        referral_finish(rq, rq_id_int(rq, "referral"), version(rq), &page->result);
        rq_flash(rq, N_("The result has been sent; your access to the person has ended with it"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/withdraw", referral_page_withdraw, referral_card_page,
      SEND_REFERRAL)
static enum err referral_page_withdraw(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    rq_redirect(rq, "/referrals?way=sent");
    referral_withdraw(rq, rq_id_int(rq, "referral"), version(rq));
    rq_flash(rq, N_("The referral has been withdrawn"));
    return referral_card_again(rq, page);
}

/* A draft is sent; what was returned is sent again. */
ROUTE(POST, "/referrals/{referral}/send", referral_page_resend, referral_card_page, SEND_REFERRAL)
static enum err referral_page_resend(struct request *rq, struct referral_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "referral");
    referral_card_forms(page);
    if (rq_read_form(rq, &resend_form, page->resend.v)) {
        to_card(rq);
        if (text_is(referral_facts(rq, id).state, "draft"))
            referral_send_draft(rq, id, version(rq), &page->resend);
        else
            referral_resend(rq, id, version(rq), &page->resend);
        rq_flash(rq, N_("The referral has been sent"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/drop", referral_page_drop, referral_card_page, SEND_REFERRAL)
static enum err referral_page_drop(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    rq_redirect(rq, "/referrals?way=sent");
    referral_drop(rq, rq_id_int(rq, "referral"), version(rq));
    rq_flash(rq, N_("The draft has been deleted"));
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/next", referral_page_next, referral_card_page, SEND_REFERRAL)
static enum err referral_page_next(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    int64_t next = referral_offer_next(rq, rq_id_int(rq, "referral"), rq_field_int(rq, "to_body_id"));
    if (next) {
        rq_redirect(rq, "/referrals/%lld", (long long)next);
        rq_flash(rq, N_("The referral has been sent"));
    }
    return referral_card_again(rq, page);
}

/* ---- terms ---- */

ROUTE(POST, "/referrals/{referral}/term", referral_page_term, referral_card_page, SEE_PERSON)
static enum err referral_page_term(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    if (rq_read_form(rq, &term_form, page->term.v)) {
        to_card(rq);
        term_propose(rq, rq_id_int(rq, "referral"), &page->term);
        rq_flash(rq, N_("The change of the term has been written down; the other side sees it"));
    }
    return referral_card_again(rq, page);
}

ROUTE(POST, "/referrals/{referral}/term/{term}", referral_page_term_answer, referral_card_page,
      SEE_PERSON)
static enum err referral_page_term_answer(struct request *rq, struct referral_card_page_page *page)
{
    bool agrees = text_is(rq_field(rq, "answer"), "agree");
    referral_card_forms(page);
    if (!agrees && !text_is(rq_field(rq, "answer"), "refuse"))
        rq_mistake(rq, "answer", N_("Agree or refuse"));
    to_card(rq);
    if (!rq->mistakes)
        term_answer(rq, rq_id_int(rq, "referral"), rq_id_int(rq, "term"), version(rq), agrees);
    rq_flash(rq, agrees ? N_("The new term is agreed") : N_("The term stays as it was"));
    return referral_card_again(rq, page);
}
