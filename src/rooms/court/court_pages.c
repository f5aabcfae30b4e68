#include "court_tpl.h"
#include "rooms/court/court_rules.h"
#include "web/web.h"

static enum err show(struct request *rq, struct sentence_new_page *page)
{
    q_sentence_person(rq, &(struct sentence_person_args){.person = rq_id(rq, "person")},
                      &page->person);
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
