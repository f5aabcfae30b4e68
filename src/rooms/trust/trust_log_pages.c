/* The auditor's page of the sealed logs: how they stand, what was signed, what the checks have found. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/log_proof.h"
#include "guard_gen.h"
#include "rooms/trust/trust_log.h"
#include "trust_tpl.h"
#include "web/web.h"
#include <string.h>

enum { HEAD_FILE = 10000 };

static struct value code_of(const char *log)
{
    const struct code_list *l = code_list("sealed_log");
    return (struct value){.kind = V_CODE, .list = l ? l->index : 0, .n = (uint32_t)strlen(log), .s = log};
}

static void put_log(struct request *rq, int log, int64_t waiting, const struct log_head *head, union log_stand_row *row)
{
    char root[2 * HASH_BYTES + 1];
    int64_t sealed = (int64_t)leaves_count(rq, log);
    hash_print(&head->root[log], root);
    *row = (union log_stand_row){.log = code_of(log_table(log)->name),
                                 .entries = v_int(sealed + waiting),
                                 .sealed = v_int(sealed),
                                 .size = v_int((int64_t)head->n[log]),
                                 .root = v_text(arena_text(rq->arena, text_of(head->at ? root : "")))};
}

static void show_logs(struct request *rq, struct log_seal_page_page *page)
{
    union log_waiting_row waiting = {0};
    struct log_head head = {0};
    page->logs = (struct log_stand_rows){.row = arena_array(rq->arena, LOG_END, sizeof *page->logs.row), .query = &log_stand_query, .next = T("")};
    q_log_waiting(rq, &(struct log_waiting_args){0}, &waiting);
    if (newest_head(rq, &head))
        page->signed_at = v_instant(head.at);
    put_log(rq, LOG_EVENT, v_as_int(waiting.events), &head, &page->logs.row[page->logs.n++]);
    put_log(rq, LOG_READ, v_as_int(waiting.reads), &head, &page->logs.row[page->logs.n++]);
}

static enum err show(struct request *rq, struct log_seal_page_page *page)
{
    page->sent = text_is(rq_param(rq, "show"), "sent");
    show_logs(rq, page);
    q_log_head_list(rq, &(struct log_head_list_args){.paging = rq_paging(rq, &log_head_list_query), .sent = page->sent ? v_int(1) : (struct value){0}}, &page->items);
    q_log_check_list(rq, &(struct log_check_list_args){0}, &page->checks);
    page->found = log_faults_open(rq);
    page->asked = log_check_asked(rq);
    return rq_end(rq);
}

int64_t log_faults_open(struct request *rq)
{
    struct log_fault_list_rows rows = {0};
    q_log_fault_list(rq, &(struct log_fault_list_args){.paging = COUNTED}, &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/log/faults", log_faults, log_fault_list_page, AUDIT)
static enum err log_faults(struct request *rq, struct log_fault_list_page_page *page)
{
    q_log_fault_list(rq, &(struct log_fault_list_args){.paging = rq_paging(rq, &log_fault_list_query)}, &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/log/seal", log_seal_show, log_seal_page, AUDIT)
static enum err log_seal_show(struct request *rq, struct log_seal_page_page *page)
{
    return show(rq, page);
}

ROUTE(POST, "/log/seal", log_seal_check, log_seal_page, AUDIT)
static enum err log_seal_check(struct request *rq, struct log_seal_page_page *page)
{
    rq_redirect(rq, "/log/seal");
    log_check_ask(rq);
    rq_flash(rq, N_("The check will begin within a minute; its result will stand here"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* The same document as that of `bereg audit head`. */
ROUTE(GET, "/log/heads/{head}", log_head_file, log_seal_page, AUDIT)
static enum err log_head_file(struct request *rq, struct log_seal_page_page *page)
{
    int64_t id = rq_id_int(rq, "head");
    union log_head_one_row row;
    struct log_head h;
    struct buf out = BUF(HEAD_FILE);
    struct json j = {.out = &out};
    (void)page;
    if (rq->err || !q_log_head_one(rq, &(struct log_head_one_args){.id = v_int(id)}, &row) || !head_of_row(row.v, &h)) {
        rq_fail(rq, ERR_NOT_FOUND);
    } else {
        put_head(&j, &h);
        buf_char(&out, '\n');
        rq_send_file(rq, "application/json", arena_printf(rq->arena, "log-head-%lld.json", (long long)id), arena_text(rq->arena, buf_get(&out)));
    }
    buf_free(&out);
    return rq_end(rq);
}
