/* The successor of a closed body executes the decisions that it had to. */
#include "guard/room.h"
#include "rooms/court/court_rules.h"

void court_body_succeeding(struct change *ch, int64_t from, int64_t to, struct moved *m)
{
    struct request *rq = ch->rq;
    struct sentences_of_executor_rows rows = {0};
    (void)m;
    if (!to)
        return;
    q_sentences_of_executor(rq, &(struct sentences_of_executor_args){.body = v_int(from)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t id = v_as_int(rows.row[i].id);
        union sentence_record s = {.executor_body_id = v_int(to)};
        change_update(ch, &sentence_table, id, -1, s.v);
        grant_pass(ch, from, to, "sentence", id);
        change_event(ch, &(struct event){.kind = "sentence.executor_changed",
                                         .person = v_as_int(rows.row[i].person_id),
                                         .other_body = to,
                                         .classes = (uint32_t)v_as_int(rows.row[i].classes),
                                         .table = &sentence_table,
                                         .object = id});
    }
}
