#include "people_gen.h"
#include "rooms/trust/trust.h"
#include "trust_gen.h"
#include "trust_tpl.h"
#include "web/tr.h"
#include "web/web.h"

/* Up to where the read log has its index by person; behind it the rows themselves are looked
 * through. */
static int64_t folded(struct request *rq)
{
    union read_folded_row row;
    int64_t id;
    if (!q_read_folded(rq, NULL, &row) || text_int(v_as_text(row.value), 0, INT64_MAX, &id))
        return 0;
    return id;
}

static bool is_met(const struct bodies_met_rows *met, int64_t lead, int64_t body)
{
    if (body == lead)
        return true;
    for (size_t i = 0; i < met->n; i++)
        if (v_as_int(met->row[i].body_id) == body || v_as_int(met->row[i].other_body_id) == body)
            return true;
    return false;
}

ROUTE(GET, "/persons/{person}/readers", trust_readers, person_readers, SEE_PERSON)
static enum err trust_readers(struct request *rq, struct person_readers_page *page)
{
    int64_t person = rq_id_int(rq, "person");
    struct bodies_met_rows met = {0};
    union person_facts_row facts = {0};
    q_readers_of(rq, &(struct readers_of_args){.person = v_int(person)}, &page->person);
    /* who looked tells that there is something to look at: for those only who see who the person is
     */
    if (!rq->err && page->person.family_name.kind == V_HIDDEN)
        rq_fail(rq, ERR_NOT_FOUND);
    q_reader_list(rq,
                  &(struct reader_list_args){
                      .paging = rq_paging(rq, &reader_list_query),
                      .person = v_int(person),
                      .folded = v_int(folded(rq)),
                      .mark = v_text(arena_printf(rq->arena, "%% %lld %%", (long long)person))},
                  &page->items);
    q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &facts);
    q_bodies_met(rq, &(struct bodies_met_args){.person = v_int(person)}, &met);
    for (size_t i = 0; i < page->items.n; i++) {
        union reader_list_row *r = &page->items.row[i];
        r->page = v_z(tr(rq->lang, page_words(v_as_text(r->page))));
        /* What is not named must not tell by that: so are all bodies which the viewer's has nothing
         * to do with. */
        if (r->read_by.kind == V_HIDDEN || r->post.kind == V_HIDDEN ||
            !is_met(&met, v_as_int(facts.lead_body_id), v_as_int(r->body_id))) {
            r->read_by = v_z(tr(rq->lang, N_("Another body takes part; contact the lead")));
            r->role = r->post = (struct value){0};
        }
    }
    return rq_end(rq);
}

/* ---- the statement for the person ---- */

/* A body whose name tells is not named to the printer; the person is told whom to ask. */
static struct value named(struct request *rq, struct value body)
{
    return body.kind == V_HIDDEN
               ? v_z(tr(rq->lang, N_("A body that will be named to the person in private")))
               : body;
}

static void read_period(struct request *rq, struct person_statement_page *page)
{
    char day[DATE_ISO_LEN + 1];
    struct value from = rq_filter_date(rq, "from"), to = rq_filter_date(rq, "to");
    page->from = v_is(from) ? from : v_date(date_add_months(rq->today, -12));
    page->to = v_is(to) ? to : v_date(rq->today);
    date_dmy(page->from.i, day);
    page->from_raw = arena_text(rq->arena, text_of(day));
    date_dmy(page->to.i, day);
    page->to_raw = arena_text(rq->arena, text_of(day));
}

/* 152-ФЗ, ст. 14: which data are processed, who has access, who has received them and on what
 * ground; without data of others: readers stand here by their posts. The lead body gives it. */
ROUTE(GET, "/persons/{person}/statement", trust_statement, person_statement, LEAD_CASE)
static enum err trust_statement(struct request *rq, struct person_statement_page *page)
{
    int64_t person = rq_id_int(rq, "person");
    q_why_person(rq, &(struct why_person_args){.person = v_int(person)}, &page->person);
    read_period(rq, page);
    page->leads = v_as_int(page->person.lead_body_id) == rq->viewer.body;
    if (rq->err || !page->leads)
        return rq_end(rq);
    q_statement_passed(
        rq,
        &(struct statement_passed_args){.person = v_int(person),
                                        .begin = v_instant(instant_of_day(page->from.i)),
                                        .end = v_instant(instant_of_day(page->to.i + 1))},
        &page->passed);
    q_statement_read(rq,
                     &(struct statement_read_args){
                         .person = v_int(person),
                         .begin = v_instant(instant_of_day(page->from.i)),
                         .end = v_instant(instant_of_day(page->to.i + 1)),
                         .folded = v_int(folded(rq)),
                         .mark = v_text(arena_printf(rq->arena, "%% %lld %%", (long long)person))},
                     &page->reads);
    for (size_t i = 0; i < page->passed.n; i++) {
        union statement_passed_row *e = &page->passed.row[i];
        e->body_name = named(rq, e->body_name);
        e->other_name = named(rq, e->other_name);
        if (text_is(v_as_text(e->kind), "emergency.opened")) { /* it took for itself */
            e->other_name = e->body_name;
            e->body_name = (struct value){0};
        }
    }
    for (size_t i = 0; i < page->reads.n; i++) {
        union statement_read_row *r = &page->reads.row[i];
        if (r->read_by.kind == V_HIDDEN)
            r->role = (struct value){0};
        r->read_by = named(rq, r->read_by);
        r->page = v_z(tr(rq->lang, page_words(v_as_text(r->page))));
    }
    return rq_end(rq);
}
