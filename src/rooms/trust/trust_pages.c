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

ROUTE(GET, "/persons/{person}/readers", trust_readers, person_readers, SEE_PERSON)
static enum err trust_readers(struct request *rq, struct person_readers_page *page)
{
    int64_t person = rq_id_int(rq, "person");
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
    for (size_t i = 0; i < page->items.n; i++) {
        union reader_list_row *r = &page->items.row[i];
        r->page = v_z(tr(rq->lang, page_words(v_as_text(r->page))));
        /* the class for which a body is hidden, and the post of its reader, would tell what its
         * name must not */
        if (r->read_by.kind == V_HIDDEN || r->post.kind == V_HIDDEN) {
            r->read_by = v_z(tr(rq->lang, N_("Another body takes part; contact the lead")));
            r->role = r->post = (struct value){0};
        }
    }
    return rq_end(rq);
}
