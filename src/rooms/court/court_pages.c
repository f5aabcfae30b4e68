#include "court_tpl.h"
#include "rooms/court/court_rules.h"
#include "web/web.h"

static enum err show(struct request *rq, struct sentence_new_page *page)
{
    q_sentence_person(rq, &(struct sentence_person_args){.person = rq_id(rq, "person")},
                      &page->person);
    executor_options(rq, T(""), &page->executors);
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/sentences/new", sentence_page_new, sentence_new, EDIT_PERSON)
static enum err sentence_page_new(struct request *rq, struct sentence_new_page *page)
{
    form_begin(&sentence_form, page->form.v);
    return show(rq, page);
}

ROUTE(POST, "/persons/{person}/sentences", sentence_page_record, sentence_new, EDIT_PERSON)
static enum err sentence_page_record(struct request *rq, struct sentence_new_page *page)
{
    show(rq, page);
    if (rq_read_form(rq, &sentence_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)rq_id_int(rq, "person"));
        sentence_record(rq, rq_id_int(rq, "person"), &page->form);
        rq_flash(rq, N_("The court decision has been recorded"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

static enum err show_change(struct request *rq, struct sentence_edit_page *page)
{
    q_sentence_card(rq,
                    &(struct sentence_card_args){.id = rq_id(rq, "sentence"),
                                                 .spent = v_int(CLASS_BIT(CLASS_SPENT))},
                    &page->sentence);
    if (!rq->err)
        executor_options(rq, v_as_text(page->sentence.punishment), &page->executors);
    return rq_end(rq);
}

ROUTE(GET, "/sentences/{sentence}", sentence_page_edit, sentence_edit, EDIT_PERSON)
static enum err sentence_page_edit(struct request *rq, struct sentence_edit_page *page)
{
    if (show_change(rq, page) == OK) {
        struct value row[] = {page->sentence.ends_on, page->sentence.gravity,
                              page->sentence.crime_age, page->sentence.struck_on,
                              page->sentence.executor_body_id};
        rq_fill_form(rq, &sentence_change_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}

ROUTE(POST, "/sentences/{sentence}", sentence_page_change, sentence_edit, EDIT_PERSON)
static enum err sentence_page_change(struct request *rq, struct sentence_edit_page *page)
{
    show_change(rq, page);
    if (rq_read_form(rq, &sentence_change_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)v_as_int(page->sentence.person_id));
        sentence_change(rq, rq_id_int(rq, "sentence"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The court decision has been changed"));
    }
    return rq_show_again(rq) ? show_change(rq, page) : rq_end(rq);
}

ROUTE(GET, "/sentences", sentence_page_uncomputed, sentence_list_page, EDIT_PERSON)
static enum err sentence_page_uncomputed(struct request *rq, struct sentence_list_page_page *page)
{
    q_sentence_uncomputed(
        rq, &(struct sentence_uncomputed_args){.paging = rq_paging(rq, &sentence_uncomputed_query)},
        &page->items);
    return rq_end(rq);
}
