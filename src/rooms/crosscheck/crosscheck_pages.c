/* Pages of crosschecks: the list, an offer, an answer, one crosscheck with its next step. */
#include "crosscheck_tpl.h"
#include "rooms/crosscheck/crosscheck.h"
#include "web/web.h"

ROUTE(GET, "/crosschecks", crosschecks_list, crosscheck_list_page, CROSSCHECK)
static enum err crosschecks_list(struct request *rq, struct crosscheck_list_page_page *page)
{
    q_crosscheck_list(rq, &(struct crosscheck_list_args){.paging = rq_paging(rq, &crosscheck_list_query)},
                    &page->items);
    return rq_end(rq);
}

static void begun(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/crosschecks/%lld", (long long)id);
}

static struct crosscheck_terms terms_of(const struct crosscheck_form *f)
{
    return (struct crosscheck_terms){
        .partner = v_as_text(f->partner.value),
        .basis = v_as_text(f->basis.value),
        .words = v_as_text(f->words.value),
        .keys = (unsigned)((v_as_int(f->by_snils.value) != 0) << KEY_SNILS |
                           (v_as_int(f->by_iin.value) != 0) << KEY_IIN |
                           (v_as_int(f->by_name.value) != 0) << KEY_NAME),
    };
}

/* ---- an offer ---- */

ROUTE(GET, "/crosschecks/new", crosschecks_new, crosscheck_new, CROSSCHECK)
static enum err crosschecks_new(struct request *rq, struct crosscheck_new_page *page)
{
    form_begin(&crosscheck_form, page->form.v);
    page->form.by_snils.raw = page->form.by_name.raw = T("1");
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/crosschecks", crosschecks_create, crosscheck_new, CROSSCHECK)
static enum err crosschecks_create(struct request *rq, struct crosscheck_new_page *page)
{
    if (rq_read_form(rq, &crosscheck_form, page->form.v)) {
        struct crosscheck_terms t = terms_of(&page->form);
        crosscheck_offer(rq, &t, CROSSCHECK_KEYS_OF_PAGE, begun);
    }
    (void)rq_show_again(rq);
    return rq_end(rq);
}

/* ---- an answer ---- */

static bool file_of(struct request *rq, struct text *bytes)
{
    struct text name;
    return rq_upload(rq, "file", &name, bytes);
}

ROUTE(GET, "/crosschecks/answer", crosschecks_answer_new, crosscheck_answer, CROSSCHECK)
static enum err crosschecks_answer_new(struct request *rq, struct crosscheck_answer_page *page)
{
    form_begin(&crosscheck_form, page->form.v);
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/crosschecks/answer", crosschecks_answer, crosscheck_answer, CROSSCHECK)
static enum err crosschecks_answer(struct request *rq, struct crosscheck_answer_page *page)
{
    struct text bytes;
    bool good = rq_read_form(rq, &crosscheck_form, page->form.v);
    if (file_of(rq, &bytes) && good) {
        struct crosscheck_terms t = terms_of(&page->form);
        crosscheck_answer(rq, &t, bytes, CROSSCHECK_KEYS_OF_PAGE, begun);
    }
    (void)rq_show_again(rq);
    return rq_end(rq);
}

/* ---- one crosscheck ---- */

static enum err show(struct request *rq, struct crosscheck_card_page_page *page)
{
    struct value id = rq_id(rq, "crosscheck");
    q_crosscheck_card(rq, &(struct crosscheck_card_args){.id = id}, &page->crosscheck);
    q_crosscheck_found(rq,
                     &(struct crosscheck_found_args){.paging = rq_paging(rq, &crosscheck_found_query),
                                                   .crosscheck = id},
                     &page->items);
    bool waiting = text_is(v_as_text(page->crosscheck.state), "waiting");
    bool offered = text_is(v_as_text(page->crosscheck.side), "offer");
    page->waiting = waiting;
    page->offered = offered;
    page->finished = text_is(v_as_text(page->crosscheck.state), "finished");
    page->sends = waiting || (offered && page->finished);
    return rq_end(rq);
}

ROUTE(GET, "/crosschecks/{crosscheck}", crosschecks_card, crosscheck_card_page, CROSSCHECK)
static enum err crosschecks_card(struct request *rq, struct crosscheck_card_page_page *page)
{
    return show(rq, page);
}

ROUTE_SLOW(GET, "/crosschecks/{crosscheck}/file", crosschecks_file, crosscheck_card_page, CROSSCHECK)
static enum err crosschecks_file(struct request *rq, struct crosscheck_card_page_page *page)
{
    struct buf out = BUF((size_t)1 << 30);
    struct text name;
    if (show(rq, page))
        return rq_end(rq);
    if (crosscheck_file(rq, rq_id_int(rq, "crosscheck"), &out, &name) && !buf_end(&out))
        rq_send_file(rq, "text/plain; charset=utf-8", name, arena_text(rq->arena, buf_get(&out)));
    else
        rq_fail(rq, ERR_NOT_FOUND);
    buf_free(&out);
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/crosschecks/{crosscheck}/file", crosschecks_take, crosscheck_card_page, CROSSCHECK)
static enum err crosschecks_take(struct request *rq, struct crosscheck_card_page_page *page)
{
    struct text bytes;
    if (!show(rq, page) && file_of(rq, &bytes))
        crosscheck_take(rq, rq_id_int(rq, "crosscheck"), bytes, CROSSCHECK_KEYS_OF_PAGE, begun);
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/crosschecks/{crosscheck}/cancel", crosschecks_cancel, crosscheck_card_page, CROSSCHECK)
static enum err crosschecks_cancel(struct request *rq, struct crosscheck_card_page_page *page)
{
    int64_t id = rq_id_int(rq, "crosscheck");
    rq_redirect(rq, "/crosschecks/%lld", (long long)id);
    crosscheck_cancel(rq, id, rq_field_int(rq, "version"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
