/* Proofs of entries of the logs, for the auditor: files that are judged without the register (guard/log_proof.h). An entry names bodies and persons
 * by number: where the log hides from him that they belong together, there is no proof either, which would let him try numbers out. It says too of which
 * class it is: where his role does not read that, the proof has the hash of the entry and not the entry, which the operator has (bereg audit proof). */
#include "desk_tpl.h"
#include "guard/guard.h"
#include "guard/log_proof.h"
#include "rooms/desk/desk_rules.h"
#include "web/web.h"

enum { PROOF_MAX = 4 << 20 };

static void send_proof(struct request *rq, int log, int64_t row)
{
    struct buf out = BUF(PROOF_MAX);
    struct json j = {.out = &out};
    enum err err = rq->err ? rq->err : put_inclusion(rq, &j, log, row, rq->viewer.role ? rq->viewer.role->read : 0);
    if (err == ERR_CONFLICT)
        rq_refuse(rq, N_("The entry is not signed yet: try again in a minute"));
    else if (err)
        rq_fail(rq, err);
    buf_char(&out, '\n');
    if (!rq->err)
        rq_send_file(rq, "application/json", arena_printf(rq->arena, "log-%s-%lld.json", log_table(log)->name, (long long)row),
                     arena_text(rq->arena, buf_get(&out)));
    buf_free(&out);
}

ROUTE(GET, "/log/events/{event}/proof", desk_event_proof, log_page, AUDIT)
static enum err desk_event_proof(struct request *rq, struct log_page_page *page)
{
    int64_t id = rq_id_int(rq, "event");
    union log_entry_parts_row parts = {0};
    (void)page;
    if (!q_log_entry_parts(rq, &(struct log_entry_parts_args){.id = v_int(id)}, &parts) ||
        (v_is(parts.person_id) && log_parts(rq, parts.body_id, parts.other_body_id, parts.restricted)))
        rq_fail(rq, ERR_NOT_FOUND);
    send_proof(rq, LOG_EVENT, id);
    return rq_end(rq);
}

ROUTE(GET, "/log/reads/{read}/proof", desk_read_proof, log_page, AUDIT)
static enum err desk_read_proof(struct request *rq, struct log_page_page *page)
{
    int64_t id = rq_id_int(rq, "read");
    union read_parts_row parts = {0};
    (void)page;
    if (!q_read_parts(rq, &(struct read_parts_args){.id = v_int(id)}, &parts) ||
        log_parts(rq, parts.body_id, (struct value){0}, parts.restricted))
        rq_fail(rq, ERR_NOT_FOUND);
    send_proof(rq, LOG_READ, id);
    return rq_end(rq);
}
