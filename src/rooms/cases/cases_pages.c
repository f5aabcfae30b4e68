#include "cases_tpl.h"
#include "guard/codes.h"
#include "rooms/cases/cases.h"
#include "rooms/cases/cases_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust.h"
#include "web/web.h"

void cases_idle(struct request *rq, struct paging paging, struct case_list_rows *out)
{
    q_case_list_idle(rq,
                     &(struct case_list_idle_args){.paging = paging,
                                                   .before = terms_ago(rq->today, "idle")},
                     (struct case_list_idle_rows *)out);
}

void cases_ending(struct request *rq, struct paging paging, struct case_list_rows *out)
{
    q_case_list_ending(rq, &(struct case_list_ending_args){.paging = paging, .ends_by = v_date(terms_week(rq->today))},
                       (struct case_list_ending_rows *)out);
}

ROUTE(GET, "/cases", case_page_list, case_list_page, SEE_PERSON)
static enum err case_page_list(struct request *rq, struct case_list_page_page *page)
{
    struct value mine = text_is(rq_param(rq, "whose"), "mine") ? v_int(rq->viewer.account)
                                                               : (struct value){0};
    page->whose = rq_param(rq, "whose");
    page->state = rq_param(rq, "state");
    if (text_is(page->state, "idle") || text_is(page->state, "ending")) { /* one's own */
        page->whose = T("mine");
        if (text_is(page->state, "idle"))
            cases_idle(rq, rq_paging(rq, &case_list_idle_query), &page->items);
        else
            cases_ending(rq, rq_paging(rq, &case_list_ending_query), &page->items);
    } else if (page->state.n) /* by state only where the role reads it: another statement, the same columns */
        q_case_list_state(rq, &(struct case_list_state_args){.paging = rq_paging(rq, &case_list_state_query),
                                                             .state = v_text(page->state),
                                                             .account = mine},
                          (struct case_list_state_rows *)&page->items);
    else
        q_case_list(rq, &(struct case_list_args){.paging = rq_paging(rq, &case_list_query), .account = mine},
                    &page->items);
    return rq_end(rq);
}

/* A case at the person's own application, without a referral. */
ROUTE(GET, "/cases/new", case_page_new, case_new, LEAD_CASE)
static enum err case_page_new(struct request *rq, struct case_new_page *page)
{
    struct value person = rq_filter_int(rq, "person");
    if (!v_is(person)) { /* a case begins with a person */
        rq_redirect(rq, "/persons");
        return rq_end(rq);
    }
    q_case_person(rq, &(struct case_person_args){.person = person}, &page->person);
    form_begin(&case_open_form, page->form.v);
    return rq_end(rq);
}

ROUTE(POST, "/cases", case_page_open, case_new, LEAD_CASE)
static enum err case_page_open(struct request *rq, struct case_new_page *page)
{
    int64_t id = 0, person = rq_field_int(rq, "person");
    if (rq_read_form(rq, &case_open_form, page->form.v)) {
        case_start(rq, person, v_as_text(page->form.channel.value), &id);
        if (id)
            rq_redirect(rq, "/cases/%lld", (long long)id);
    }
    if (!rq_show_again(rq))
        return rq_end(rq);
    q_case_person(rq, &(struct case_person_args){.person = v_int(person)}, &page->person);
    return rq_end(rq);
}

/* The head of a page about one case of the viewer's body. */
static void head(struct request *rq, union case_card_row *row)
{
    q_case_card(rq, &(struct case_card_args){.id = rq_id(rq, "case")}, row);
}

/* One question for each domain that the role may answer, with what was typed. */
static void need_questions(struct request *rq, struct need_questions_rows *out)
{
    q_need_questions(rq, &(struct need_questions_args){0}, out);
    uint32_t write = rq->viewer.role ? rq->viewer.role->write : 0;
    const struct code_list *domains = code_list("need_domain");
    size_t n = 0;
    for (size_t i = 0; domains && i < out->n; i++) {
        union need_questions_row *q = &out->row[i];
        struct text code = v_as_text(q->domain);
        if (code_classes("need_domain", code) & ~write)
            continue;
        q->domain = (struct value){
            .kind = V_CODE, .list = domains->index, .n = (uint32_t)code.n, .s = code.s};
        q->level = v_text(rq_field(rq, arena_printf(rq->arena, "level_%.*s", TEXT_ARG(code)).s));
        q->note = v_text(rq_field(rq, arena_printf(rq->arena, "note_%.*s", TEXT_ARG(code)).s));
        out->row[n++] = *q;
    }
    out->n = n;
}

ROUTE(GET, "/cases/{case}/assessment", case_page_assess, case_assessment, LEAD_CASE)
static enum err case_page_assess(struct request *rq, struct case_assessment_page *page)
{
    head(rq, &page->c);
    form_begin(&assessment_form, page->form.v);
    char today[11];
    date_dmy(rq->today, today);
    page->form.day.raw = arena_text(rq->arena, text_of(today));
    need_questions(rq, &page->domains);
    return rq_end(rq);
}

/* Domains with their levels: fields level_CODE and note_CODE; what is not answered is not recorded. */
static size_t read_answers(struct request *rq, struct need_answer **answers)
{
    const struct code_list *domains = code_list("need_domain"), *levels = code_list("need_level");
    size_t n = 0;
    *answers = arena_array(rq->arena, domains ? domains->n : 1, sizeof **answers);
    for (size_t i = 0; domains && i < domains->n; i++) {
        const char *code = domains->codes[i].code;
        struct text level = rq_field(rq, arena_printf(rq->arena, "level_%s", code).s);
        struct text note = text_trim(rq_field(rq, arena_printf(rq->arena, "note_%s", code).s));
        if (!level.n)
            continue;
        if (!code_find(levels, level))
            rq_mistake(rq, NULL, N_("Choose a value from the list"));
        else if (text_chars(note) > 1000)
            rq_mistake(rq, NULL, N_("A note on a need has at most 1,000 characters"));
        else
            (*answers)[n++] = (struct need_answer){text_of(code), level, note};
    }
    return n;
}

ROUTE(POST, "/cases/{case}/assessment", case_page_assessed, case_assessment, LEAD_CASE)
static enum err case_page_assessed(struct request *rq, struct case_assessment_page *page)
{
    struct need_answer *answers;
    bool read = rq_read_form(rq, &assessment_form, page->form.v);
    size_t n = read_answers(rq, &answers);
    if (!n)
        rq_mistake(rq, NULL, N_("Answer at least one domain"));
    if (read && !rq->mistakes) {
        rq_redirect(rq, "/cases/%lld", (long long)rq_id_int(rq, "case"));
        assessment_record(rq, rq_id_int(rq, "case"), &page->form, answers, n);
        rq_flash(rq, N_("The assessment has been recorded"));
    }
    if (!rq_show_again(rq))
        return rq_end(rq);
    head(rq, &page->c);
    need_questions(rq, &page->domains);
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/close", case_page_closing, case_close_page, LEAD_CASE)
static enum err case_page_closing(struct request *rq, struct case_close_page_page *page)
{
    head(rq, &page->c);
    char today[11];
    form_begin(&case_close_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.closed_on.raw = arena_text(rq->arena, text_of(today));
    return rq_end(rq);
}

ROUTE(POST, "/cases/{case}/close", case_page_close, case_close_page, LEAD_CASE)
static enum err case_page_close(struct request *rq, struct case_close_page_page *page)
{
    if (rq_read_form(rq, &case_close_form, page->form.v)) {
        rq_redirect(rq, "/cases");
        case_close(rq, rq_id_int(rq, "case"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The case has been closed"));
    }
    if (!rq_show_again(rq))
        return rq_end(rq);
    head(rq, &page->c);
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/notes/new", note_page_new, note_new, SEE_PERSON)
static enum err note_page_new(struct request *rq, struct note_new_page *page)
{
    q_case_person(rq, &(struct case_person_args){.person = rq_id(rq, "person")}, &page->person);
    form_begin(&note_form, page->form.v);
    char today[11];
    date_dmy(rq->today, today);
    page->form.day.raw = arena_text(rq->arena, text_of(today));
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/notes", note_page_write, note_new, SEE_PERSON)
static enum err note_page_write(struct request *rq, struct note_new_page *page)
{
    q_case_person(rq, &(struct case_person_args){.person = rq_id(rq, "person")}, &page->person);
    if (rq_read_form(rq, &note_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)rq_id_int(rq, "person"));
        note_write(rq, rq_id_int(rq, "person"), 0, &page->form);
        rq_flash(rq, N_("The note has been written"));
    }
    (void)rq_show_again(rq);
    return rq_end(rq);
}

/* ---- hold ---- */

static enum err show_hold(struct request *rq, struct case_hold_page *page)
{
    head(rq, &page->c);
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/hold", case_page_hold, case_hold, LEAD_CASE)
static enum err case_page_hold(struct request *rq, struct case_hold_page *page)
{
    form_begin(&hold_form, page->form.v);
    return show_hold(rq, page);
}

ROUTE(POST, "/cases/{case}/hold", case_page_held, case_hold, LEAD_CASE)
static enum err case_page_held(struct request *rq, struct case_hold_page *page)
{
    show_hold(rq, page);
    if (rq_read_form(rq, &hold_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/cases/%lld", (long long)rq_id_int(rq, "case"));
        hold_place(rq, rq_id_int(rq, "case"), v_as_int(page->c.person_id), &page->form);
        rq_flash(rq, N_("Nothing of the case is destroyed while the hold lasts"));
    }
    return rq_show_again(rq) ? show_hold(rq, page) : rq_end(rq);
}
