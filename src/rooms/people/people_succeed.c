/* The lists of a closed body pass to its successor. */
#include "guard/room.h"
#include "people_gen.h"
#include "rooms/people/people_rules.h"

void person_lead_pass(struct change *ch, int64_t person, int64_t from, int64_t to)
{
    w_lead_pass(ch, &(struct lead_pass_args){
                        .person = v_int(person), .from_body = v_int(from), .to_body = v_int(to)});
}

/* An entry is no open work by itself: a body without a successor may be closed over its lists. Where the successor has the same
 * entry, the old one stays where it is and opens nothing any more. */
void people_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct listings_passing_rows rows = {0};
    if (!to)
        return;
    q_listings_passing(
        rq, &(struct listings_passing_args){.from_body = v_int(from), .to_body = v_int(to)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t id = v_as_int(rows.row[i].id), person = v_as_int(rows.row[i].person_id);
        if (v_as_int(rows.row[i].there)) {
            grant_end(ch, person, from, "listing", id);
            continue;
        }
        union listing_record l = {.body_id = v_int(to)};
        change_update(ch, &listing_table, id, -1, l.v);
        grant_pass(ch, from, to, "listing", id);
        person_lead_pass(ch, person, from, to);
        change_event(ch, &(struct event){.kind = "person.list_passed",
                                         .person = person,
                                         .other_body = to,
                                         .classes = CLASS_BIT(CLASS_IDENTITY),
                                         .table = &listing_table,
                                         .object = id});
        m->entries++;
    }
}
