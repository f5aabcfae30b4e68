/* The letter to a body without an account, its one-time page, answers on paper. */
#include "base/utf8.h"
#include "formats/qr.h"
#include "guard/account.h"
#include "rooms/referrals/referrals_card.h"

/* ---- the sender's ---- */

static enum err show_letter(struct request *rq, struct referral_letter_page_page *page)
{
    q_referral_letter(rq, &(struct referral_letter_args){.id = rq_id(rq, "outside")}, &page->letter);
    return rq_end(rq);
}

ROUTE(GET, "/referrals/{outside}/letter", referral_page_letter, referral_letter_page, SEND_REFERRAL)
static enum err referral_page_letter(struct request *rq, struct referral_letter_page_page *page)
{
    outside_letter(rq, rq_id_int(rq, "outside"), true);
    return show_letter(rq, page);
}

/* Address and code are in this answer and nowhere else: the page is not asked for a second time. */
ROUTE(POST, "/referrals/{outside}/letter", referral_page_issue, referral_letter_page, SEND_REFERRAL)
static enum err referral_page_issue(struct request *rq, struct referral_letter_page_page *page)
{
    struct outside_issued issued;
    struct qr qr;
    outside_issue(rq, rq_id_int(rq, "outside"), &issued);
    if (show_letter(rq, page))
        return rq_end(rq);
    page->code = arena_text(rq->arena, text_of(issued.code));
    page->until = v_date(issued.until);
    page->address = arena_printf(rq->arena, "%.*s/outside/%s", TEXT_ARG(rq_site(rq)), issued.address);
    if (qr_make(rq->arena, page->address, &qr))
        rq_fail(rq, ERR_LIMIT);
    else
        page->qr.t = qr_svg(rq->arena, &qr);
    return rq_end(rq);
}

ROUTE(POST, "/referrals/{referral}/letter/revoke", referral_page_revoke, referral_card_page,
      SEND_REFERRAL)
static enum err referral_page_revoke(struct request *rq, struct referral_card_page_page *page)
{
    referral_card_forms(page);
    rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "referral"));
    outside_revoke(rq, rq_id_int(rq, "referral"));
    rq_flash(rq, N_("The one-time page is revoked: it opens no more"));
    return referral_card_again(rq, page);
}

static enum err show_paper(struct request *rq, struct referral_paper_page_page *page)
{
    outside_letter(rq, rq_id_int(rq, "outside"), false);
    q_referral_card(rq, &(struct referral_card_args){.id = rq_id(rq, "outside")}, &page->referral);
    page->work = referral_at_work(v_as_text(page->referral.state));
    return rq_end(rq);
}

ROUTE(GET, "/referrals/{outside}/paper", referral_page_paper_new, referral_paper_page, SEND_REFERRAL)
static enum err referral_page_paper_new(struct request *rq, struct referral_paper_page_page *page)
{
    form_begin(&paper_answer_form, page->form.v);
    return show_paper(rq, page);
}

ROUTE(POST, "/referrals/{outside}/paper", referral_page_on_paper, referral_paper_page, SEND_REFERRAL)
static enum err referral_page_on_paper(struct request *rq, struct referral_paper_page_page *page)
{
    form_begin(&paper_answer_form, page->form.v);
    if (rq_read_form(rq, &paper_answer_form, page->form.v)) {
        struct text answer = v_as_text(page->form.answer.value);
        rq_redirect(rq, "/referrals/%lld", (long long)rq_id_int(rq, "outside"));
        if (text_is(answer, "declined") || text_is(answer, "finished"))
            rq_redirect(rq, "/referrals?way=sent"); /* the access may have ended with it */
        referral_on_paper(rq, rq_id_int(rq, "outside"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The answer on paper has been recorded"));
    }
    return rq_show_again(rq) ? show_paper(rq, page) : rq_end(rq);
}

/* ---- the one-time page ---- */

static const char COOKIE[] = "outside";

/* "И. П. С.": enough to find the letter, nothing to who has found the page only. */
static struct text initials(struct request *rq, const union outside_referral_row *r)
{
    const struct value *names[] = {&r->family_name, &r->given_name, &r->patronymic};
    struct text out = T("");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct text t = v_as_text(*names[i]);
        uint32_t c;
        size_t n = t.n ? utf8_next(t.s, t.n, &c) : 0;
        if (n)
            out = arena_printf(rq->arena, "%.*s%s%.*s.", TEXT_ARG(out), out.n ? " " : "", (int)n, t.s);
    }
    return out;
}

static void begin(struct request *rq, struct outside_page_page *page)
{
    rq_secret_address(rq);
    rq->evenly = true;
    form_begin(&decline_form, page->decline.v);
    form_begin(&result_form, page->result.v);
    page->place = url_of(rq, "/outside/%.*s", TEXT_ARG(rq_param(rq, "address")));
}

/* The referral as it stands, to who has entered the code; to anybody else, whatever the reason, the form of the code. */
static enum err show(struct request *rq, struct outside_page_page *page, int64_t referral)
{
    q_outside_referral(rq, &(struct outside_referral_args){.id = v_int(referral)}, &page->referral);
    if (rq->err == ERR_NOT_FOUND)
        rq->err = OK; /* the access has ended, and so has the page */
    struct text state = v_as_text(page->referral.state);
    page->initials = initials(rq, &page->referral);
    page->open = referral_open(state);
    page->work = referral_at_work(state);
    page->waits = page->open && !page->work && !text_is(state, "returned");
    return rq_end(rq);
}

static enum err closed(struct request *rq, struct outside_page_page *page)
{
    page->wrong = N_("The code does not fit, or this page has ended: ask the body that sent the letter");
    rq_mistake(rq, "code", page->wrong);
    return rq_end(rq);
}

ROUTE(GET, "/outside/{address}", outside_show, outside_page, PUBLIC)
static enum err outside_show(struct request *rq, struct outside_page_page *page)
{
    int64_t referral;
    begin(rq, page);
    if (outside_session(rq, rq_param(rq, "address"), rq_cookie(rq, COOKIE, page->place), &referral))
        return show(rq, page, referral);
    return rq_end(rq);
}

ROUTE(POST, "/outside/{address}", outside_code, outside_page, PUBLIC)
static enum err outside_code(struct request *rq, struct outside_page_page *page)
{
    char secret[SECRET_LEN + 1];
    int64_t referral;
    struct text address = rq_param(rq, "address"), code = text_trim(rq_field(rq, "code"));
    begin(rq, page);
    int64_t wait = outside_wait(rq, address, rq_address(rq));
    if (!rq->err && wait > 0) {
        if (web_wait(rq, wait)) {
            page->wrong = N_("Too many tries. Wait a minute, then try again");
            rq_mistake(rq, "code", page->wrong);
        }
        return rq_end(rq);
    }
    if (!outside_enter(rq, address, code.n == CODE_LEN ? code : T(""), rq_address(rq), secret, &referral))
        return rq->err ? rq_end(rq) : closed(rq, page);
    rq_set_cookie(rq, COOKIE, text_of(secret), page->place);
    rq_redirect(rq, "%s", arena_z(rq->arena, page->place.t));
    return rq_end(rq);
}

static const char *answer(struct request *rq, struct outside_page_page *page, int64_t referral)
{
    struct text what = rq_field(rq, "answer");
    int64_t version = rq_field_int(rq, "version"), none;
    union referral_answer_record x = {.way = v_z("page"), .answer = v_text(what)};
    outside_answers(rq, rq->viewer.body, x.v);
    if (text_is(what, "accepted")) {
        referral_accept(rq, referral, version, &none);
        return N_("The referral has been accepted. When the work is done, open this page again and report the result");
    }
    if (text_is(what, "returned")) {
        struct return_form *form = NEW(rq->arena, struct return_form);
        if (rq_read_form(rq, &return_form, form->v)) {
            x.note = form->result_note.value;
            referral_return(rq, referral, version, form);
        }
        page->decline.result_note = form->result_note; /* one field for both answers */
        return N_("The referral has been returned; the sender sees what is missing");
    }
    if (text_is(what, "declined")) {
        if (rq_read_form(rq, &decline_form, page->decline.v)) {
            x.decline_reason = page->decline.decline_reason.value;
            x.note = page->decline.result_note.value;
            referral_decline(rq, referral, version, &page->decline);
        }
        return N_("The referral has been declined; the sender sees the reason. This page has ended");
    }
    if (!text_is(what, "finished")) {
        rq_mistake(rq, "answer", N_("Choose an answer"));
    } else if (rq_read_form(rq, &result_form, page->result.v)) {
        x.result = page->result.result.value;
        x.note = page->result.result_note.value;
        referral_finish(rq, referral, version, &page->result);
    }
    return N_("The result has been sent. This page has ended");
}

ROUTE(POST, "/outside/{address}/answer", outside_answer, outside_page, PUBLIC)
static enum err outside_answer(struct request *rq, struct outside_page_page *page)
{
    int64_t referral;
    begin(rq, page);
    if (!outside_session(rq, rq_param(rq, "address"), rq_cookie(rq, COOKIE, page->place), &referral))
        return rq->err ? rq_end(rq) : closed(rq, page);
    const char *said = answer(rq, page, referral);
    if (rq_show_again(rq)) { /* also after another window has ended the page */
        show(rq, page, referral);
        return page->open || rq->err ? rq_end(rq) : closed(rq, page);
    }
    if (rq->err == ERR_NOT_FOUND) { /* the access has ended in this very moment */
        rq->err = OK;
        return closed(rq, page);
    }
    if (!rq->err) {
        page->said = said;
        show(rq, page, referral);
    }
    return rq_end(rq);
}
