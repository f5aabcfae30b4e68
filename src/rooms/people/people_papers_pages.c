/* Pages of other names and documents of a person, and of finding out who somebody is. */
#include "people_tpl.h"
#include "rooms/people/people_papers.h"
#include "web/web.h"

/* 404 for a person the body does not know. */
static int64_t load_person(struct request *rq, union person_card_row *out)
{
    q_person_card(rq, &(struct person_card_args){.id = rq_id(rq, "person")}, out);
    return rq_id_int(rq, "person");
}

/* A number that is written otherwise than usual is asked about once; programs compare by
 * themselves. */
static struct odd odd_of(struct request *rq)
{
    return (struct odd){.stands = rq_is_api(rq) || rq_field(rq, "odd").n > 0};
}

static void back_to_card(struct request *rq, int64_t person)
{
    rq_redirect(rq, "/persons/%lld", (long long)person);
}

static struct text today_text(struct request *rq)
{
    char today[DATE_ISO_LEN + 1];
    date_dmy(rq->today, today);
    return arena_text(rq->arena, text_of(today));
}

/* ---- other names ---- */

ROUTE(GET, "/persons/{person}/names/new", people_name_new, person_name_new, EDIT_PERSON)
static enum err people_name_new(struct request *rq, struct person_name_new_page *page)
{
    load_person(rq, &page->person);
    form_begin(&name_form, page->form.v);
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/names", people_name_add, person_name_new, EDIT_PERSON)
static enum err people_name_add(struct request *rq, struct person_name_new_page *page)
{
    int64_t person = load_person(rq, &page->person);
    if (rq_read_form(rq, &name_form, page->form.v) && !rq->err) {
        back_to_card(rq, person);
        person_name_add(rq, person, &page->form);
    }
    return rq_end(rq);
}

static void load_name(struct request *rq, union person_name_row_row *out)
{
    q_person_name_row(
        rq, &(struct person_name_row_args){.id = rq_id(rq, "name"), .person = rq_id(rq, "person")},
        out);
}

ROUTE(GET, "/persons/{person}/names/{name}", people_name_edit, person_name_edit, EDIT_PERSON)
static enum err people_name_edit(struct request *rq, struct person_name_edit_page *page)
{
    load_person(rq, &page->person);
    load_name(rq, &page->name);
    page->version = v_as_int(page->name.version);
    rq_fill_form(rq, &name_form, page->form.v, NULL, page->name.v);
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/names/{name}", people_name_change, person_name_edit, EDIT_PERSON)
static enum err people_name_change(struct request *rq, struct person_name_edit_page *page)
{
    int64_t person = load_person(rq, &page->person);
    load_name(rq, &page->name);
    page->version = rq_field_int(rq, "version");
    if (rq_read_form(rq, &name_form, page->form.v) && !rq->err) {
        back_to_card(rq, person);
        person_name_change(rq, person, rq_id_int(rq, "name"), page->version, &page->form);
    }
    return rq_end(rq);
}

/* ---- documents ---- */

ROUTE(GET, "/persons/{person}/documents/new", people_document_new, person_document_new, EDIT_PERSON)
static enum err people_document_new(struct request *rq, struct person_document_new_page *page)
{
    load_person(rq, &page->person);
    form_begin(&document_form, page->form.v);
    page->form.state.raw = T("valid");
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/documents", people_document_add, person_document_new, EDIT_PERSON)
static enum err people_document_add(struct request *rq, struct person_document_new_page *page)
{
    int64_t person = load_person(rq, &page->person);
    struct odd odd = odd_of(rq);
    if (rq_read_form(rq, &document_form, page->form.v) && !rq->err) {
        back_to_card(rq, person);
        person_document_add(rq, person, &page->form, &odd);
    }
    page->asks_odd = odd.asked || odd.stands;
    page->odd = odd.stands;
    return rq_end(rq);
}

static void load_document(struct request *rq, union person_document_row_row *out)
{
    q_person_document_row(
        rq,
        &(struct person_document_row_args){.id = rq_id(rq, "paper"), .person = rq_id(rq, "person")},
        out);
}

ROUTE(GET, "/persons/{person}/documents/{paper}", people_document_edit, person_document_edit,
      EDIT_PERSON)
static enum err people_document_edit(struct request *rq, struct person_document_edit_page *page)
{
    load_person(rq, &page->person);
    load_document(rq, &page->document);
    page->version = v_as_int(page->document.version);
    rq_fill_form(rq, &document_form, page->form.v, NULL, page->document.v);
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/documents/{paper}", people_document_change, person_document_edit,
      EDIT_PERSON)
static enum err people_document_change(struct request *rq, struct person_document_edit_page *page)
{
    int64_t person = load_person(rq, &page->person);
    struct odd odd = odd_of(rq);
    load_document(rq, &page->document);
    page->version = rq_field_int(rq, "version");
    if (rq_read_form(rq, &document_form, page->form.v) && !rq->err) {
        back_to_card(rq, person);
        person_document_change(rq, person, rq_id_int(rq, "paper"), page->version, &page->form,
                               &odd);
    }
    page->asks_odd = odd.asked || odd.stands;
    page->odd = odd.stands;
    return rq_end(rq);
}

/* ---- identification ---- */

ROUTE(GET, "/persons/{person}/identify", people_identify_new, person_identify, EDIT_PERSON)
static enum err people_identify_new(struct request *rq, struct person_identify_page *page)
{
    union person_identify_row_row row = {0};
    load_person(rq, &page->person);
    q_person_identify_row(rq, &(struct person_identify_row_args){.id = rq_id(rq, "person")}, &row);
    if (rq->err)
        return rq_end(rq);
    page->version = v_as_int(row.version);
    rq_fill_form(rq, &identify_form, page->form.v, NULL, row.v);
    page->form.identity_status.raw = T("document");
    if (name_is_made(v_as_text(row.family_name))) /* the number is no surname */
        page->form.family_name.raw = T("");
    form_begin(&identification_form, page->how.v);
    form_begin(&identify_document_form, page->document.v);
    page->how.day.raw = today_text(rq);
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/identify", people_identify, person_identify, EDIT_PERSON)
static enum err people_identify(struct request *rq, struct person_identify_page *page)
{
    int64_t person = load_person(rq, &page->person);
    struct odd odd = odd_of(rq);
    page->version = rq_field_int(rq, "version");
    bool good = rq_read_form(rq, &identify_form, page->form.v);
    good = rq_read_form(rq, &identification_form, page->how.v) && good;
    good = rq_read_form(rq, &identify_document_form, page->document.v) && good;
    if (good && !rq->err) {
        back_to_card(rq, person);
        person_establish(rq, person, page->version, &page->form, &page->how, &page->document, &odd);
    }
    page->asks_odd = odd.asked || odd.stands;
    page->odd = odd.stands;
    return rq_end(rq);
}
