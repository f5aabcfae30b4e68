/* Restricted persons: who may know that they stand in the register. A body that is not named has no
 * row in `access`; its grants stay and work again when the restriction ends. */
#include "guard/change.h"
#include "guard_gen.h"

static bool live(struct request *rq, int64_t body, int64_t account, int64_t person,
                 union restriction_for_row *r)
{
    return q_restriction_for(rq,
                             &(struct restriction_for_args){.person = v_int(person),
                                                            .body = v_int(body),
                                                            .account = v_int(account)},
                             r);
}

bool access_hidden(struct request *rq, int64_t person)
{
    union restriction_for_row r;
    return !rq->viewer.system && live(rq, rq->viewer.body, rq->viewer.account, person, &r) &&
           !v_as_int(r.whole) && !v_as_int(r.mine);
}

bool access_hidden_from(struct request *rq, int64_t body, int64_t account, int64_t person)
{
    union restriction_for_row r;
    return live(rq, body, account, person, &r) && !v_as_int(r.whole) && !v_as_int(r.mine);
}

bool access_barred(struct request *rq, int64_t body, int64_t person)
{
    union restriction_for_row r;
    return live(rq, body, 0, person, &r) && !v_as_int(r.named);
}

uint32_t access_restricted(struct request *rq, int64_t body, int64_t person, uint32_t bits)
{
    union restriction_for_row r;
    if (!bits || !live(rq, body, 0, person, &r))
        return bits;
    return !v_as_int(r.named) ? 0 : v_as_int(r.whole) ? bits : bits | ACCESS_NAMED;
}

void restriction_end(struct change *ch, int64_t restriction, int64_t person, int64_t account)
{
    w_restriction_stop(
        ch, &(struct restriction_stop_args){.id = v_int(restriction),
                                            .account = account ? v_int(account) : v_null()});
    w_restriction_viewers_drop(
        ch, &(struct restriction_viewers_drop_args){.restriction = v_int(restriction)});
    access_refresh(ch, person);
    change_event(ch, &(struct event){.kind = account ? "restriction.lifted" : "restriction.ended",
                                     .person = person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &restriction_table,
                                     .object = restriction});
}

/* On PostgreSQL a grant that was made while the restriction was being set may not have seen it. */
static void put_right(struct request *rq)
{
    struct restricted_strays_rows rows;
    struct change ch;
    q_restricted_strays(rq, NULL, &rows);
    if (!rows.n)
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    for (size_t i = 0; i < rows.n; i++)
        access_refresh(&ch, v_as_int(rows.row[i].person_id));
    ch.events++; /* told when it was set */
    (void)change_commit(&ch);
}

void restriction_sweep(struct request *rq)
{
    put_right(rq);
    struct restrictions_over_rows rows = {.n = 1};
    while (rows.n && !rq->err) {
        q_restrictions_over(rq, NULL, &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++) {
            struct change ch;
            change_begin(rq, &ch, SUBJECT(&restriction_table, v_as_int(rows.row[i].id)));
            restriction_end(&ch, v_as_int(rows.row[i].id), v_as_int(rows.row[i].person_id), 0);
            if (change_commit(&ch))
                return;
        }
    }
}
