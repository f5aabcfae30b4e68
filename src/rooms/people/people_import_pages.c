/* Pages of imports: upload, check, apply, take back. */
#include "people_tpl.h"
#include "base/log.h"
#include "guard/codes.h"
#include "rooms/people/people.h"
#include "rooms/people/people_import.h"
#include "web/tr.h"
#include "web/web.h"

enum { UPLOAD_BUDGET_US = 3 * 1000 * 1000, REPORT_MAX = 64 << 20, DECISIONS_MAX = 200 };

ROUTE(GET, "/imports", imports_list, import_list_page, IMPORT_LIST)
static enum err imports_list(struct request *rq, struct import_list_page_page *page)
{
    struct value state = rq_filter(rq, "state");
    page->state = state;
    q_import_list(
        rq, &(struct import_list_args){.paging = rq_paging(rq, &import_list_query), .state = state},
        &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/imports/new", imports_new, import_new, IMPORT_LIST)
static enum err imports_new(struct request *rq, struct import_new_page *page)
{
    form_begin(&import_form, page->form.v);
    page->form.kind.raw = T("persons");
    return rq_end(rq);
}

static void uploaded(struct request *rq, int64_t import)
{
    rq_redirect(rq, "/imports/%lld", (long long)import);
}

/* Most lists are done before the page is asked for. What fails here the job tries again: what was
 * asked is stored. */
static void work_at_once(struct request *rq, int64_t import)
{
    if (rq->err || rq->mistakes)
        return;
    (void)import_work(rq, import, UPLOAD_BUDGET_US);
    if (rq->err)
        log_warn("import %lld is left to the job: %s", (long long)import, err_name(rq->err));
    rq->err = OK;
}

ROUTE_SLOW(POST, "/imports", imports_create, import_new, IMPORT_LIST)
static enum err imports_create(struct request *rq, struct import_new_page *page)
{
    struct import_upload u = {.by_hand = text_is(rq_field(rq, "by_hand"), "1")};

    page->by_hand = u.by_hand;
    bool good = rq_read_form(rq, &import_form, page->form.v);
    good = rq_upload(rq, "file", &u.file_name, &u.bytes) && good;
    u.target = import_target_of(v_as_text(page->form.kind.value));
    if (good && !u.target) {
        input_reject(rq, &page->form.kind, N_("Lists of this kind are not taken"));
        good = false;
    }
    if (!good || rq->err)
        return rq_end(rq);
    u.list = v_as_text(page->form.list.value);
    u.category = v_as_text(page->form.category.value);
    u.channel = v_as_text(page->form.channel.value);
    int64_t id = import_stage(rq, &u, uploaded);
    work_at_once(rq, id);
    return rq_end(rq);
}

/* ---- one import ---- */

static bool one_of(struct text t, const char *const *words)
{
    for (; *words; words++)
        if (text_is(t, *words))
            return true;
    return false;
}

/* Rows of one state. They stand under no person yet, so they come by a rule's query: of the
 * viewer's own import only (import_card has said so), for a role that reads names. */
/* A doubtful row answers whether somebody is registered: who looks at it has looked for him. */
static void rows_sought(struct request *rq, const struct import_row_plain_rows *rows)
{
    for (size_t i = 0; i < rows->n && !rq->err; i++)
        if (text_is(v_as_text(rows->row[i].state), "doubtful"))
            person_sought(rq, v_as_text(rows->row[i].who));
}

static void load_rows(struct request *rq, int64_t import, struct text state,
                      struct import_row_view_rows *out)
{
    struct import_row_plain_rows rows = {0};
    if (rq->err || !rq->viewer.role || !(rq->viewer.role->read & CLASS_BIT(CLASS_IDENTITY)))
        return;
    q_import_row_plain(
        rq,
        &(struct import_row_plain_args){.paging = rq_paging(rq, &import_row_plain_query),
                                        .import = v_int(import),
                                        .state = v_text(state)},
        &rows);
    rows_sought(rq, &rows);
    out->n = rows.n;
    out->row = arena_array(rq->arena, rows.n + 1, sizeof *out->row);
    out->next = rows.next;
    out->query = &import_row_view_query;
    for (size_t i = 0; i < rows.n; i++) {
        const union import_row_plain_row *r = &rows.row[i];
        struct text reason = v_as_text(r->reason);
        out->row[i] = (union import_row_view_row){
            .id = r->id,
            .line = r->line,
            .state = r->state,
            .who = r->who,
            .field = r->field,
            .cell = r->cell,
            .reason = reason.n ? v_z(tr(rq->lang, arena_z(rq->arena, reason))) : r->reason,
            .differs = r->differs,
            .decision = r->decision};
    }
}

static void load_progress(struct request *rq, const union import_card_row *i, int64_t *done,
                          int64_t *total, bool *busy, bool *checking)
{
    static const char *const working[] = {"parsing", "checking", "applying", "cancelling", NULL};
    (void)rq;
    *busy = one_of(v_as_text(i->state), working);
    *checking = text_is(v_as_text(i->state), "checking");
    *done = v_as_int(*checking ? i->rows_checked : i->rows_done);
    *total = v_as_int(*checking ? i->rows_total : i->rows_due);
    if (*total < *done)
        *total = *done;
}

ROUTE(GET, "/imports/{import}", imports_show, import_page, IMPORT_LIST)
static enum err imports_show(struct request *rq, struct import_page_page *page)
{
    static const char *const shown[] = {"new",    "known",   "same",    "doubtful",
                                        "faulty", "applied", "skipped", NULL};
    static const char *const steps_ready[] = {"staged", "applied", NULL};
    int64_t id = rq_id_int(rq, "import");
    struct text state = rq_param(rq, "show");
    union import_due_row due = {0};

    q_import_card(rq, &(struct import_card_args){.id = v_int(id)}, &page->import);
    if (rq->err)
        return rq_end(rq);
    load_progress(rq, &page->import, &page->done, &page->total, &page->busy, &page->checking);
    q_import_columns(rq, &(struct import_columns_args){.import = v_int(id)}, &page->columns);
    struct text now = v_as_text(page->import.state);
    page->mapping = text_is(now, "columns");
    page->staged = text_is(now, "staged");
    page->applied = text_is(now, "applied");
    page->cancelled = text_is(now, "cancelled");
    page->loading = text_is(now, "loading");
    if (one_of(now, steps_ready)) {
        q_import_due(rq, &(struct import_due_args){.import = v_int(id)}, &due);
        page->due = v_as_int(due.due);
    }
    if (!one_of(state, shown))
        state = v_as_int(page->import.rows_faulty)     ? T("faulty")
                : v_as_int(page->import.rows_doubtful) ? T("doubtful")
                : page->applied                        ? T("applied")
                                                       : T("new");
    page->show = v_text(state);
    if (!page->busy && !page->mapping)
        load_rows(rq, id, state, &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/imports/{import}/progress", imports_progress, import_progress, IMPORT_LIST)
static enum err imports_progress(struct request *rq, struct import_progress_page *page)
{
    bool busy = false;
    q_import_card(rq, &(struct import_card_args){.id = rq_id(rq, "import")}, &page->import);
    load_progress(rq, &page->import, &page->done, &page->total, &busy, &page->checking);
    if (!rq->err && !busy)
        rq_answer_done(rq);
    return rq_end(rq);
}

static struct text file_of(struct request *rq, const union import_card_row *i, const char *what)
{
    return arena_printf(rq->arena, "%s-%lld.csv", what, (long long)v_as_int(i->id));
}

static void doubtful_sought(struct request *rq, int64_t import)
{
    struct text after = T("");
    do {
        struct import_row_plain_rows rows = {0};
        q_import_row_plain(rq,
                           &(struct import_row_plain_args){.paging = {.limit = 50, .after = after},
                                                           .import = v_int(import),
                                                           .state = v_z("doubtful")},
                           &rows);
        rows_sought(rq, &rows);
        after = rows.next;
    } while (after.n && !rq->err);
}

ROUTE_SLOW(GET, "/imports/{import}/faulty", imports_faulty, import_progress, IMPORT_LIST)
static enum err imports_faulty(struct request *rq, struct import_progress_page *page)
{
    bool doubtful = text_is(rq_param(rq, "show"), "doubtful");
    struct buf out = BUF(REPORT_MAX);

    q_import_card(rq, &(struct import_card_args){.id = rq_id(rq, "import")}, &page->import);
    if (!rq->err)
        import_report(rq, v_as_int(page->import.id), doubtful, &out);
    if (!rq->err && doubtful)
        doubtful_sought(rq, v_as_int(page->import.id));
    if (!rq->err && buf_end(&out) == OK)
        rq_send_file(rq, "text/csv; charset=utf-8",
                     file_of(rq, &page->import, doubtful ? "doubtful" : "faulty"),
                     arena_text(rq->arena, buf_get(&out)));
    else
        rq_fail(rq, ERR_LIMIT);
    buf_free(&out);
    return rq_end(rq);
}

/* What the buttons do. All answer with the page of the import. */
static enum err back_to(struct request *rq, union import_card_row *card)
{
    q_import_card(rq, &(struct import_card_args){.id = rq_id(rq, "import")}, card);
    if (!rq->err)
        rq_redirect(rq, "/imports/%lld", (long long)v_as_int(card->id));
    return rq->err;
}

ROUTE_SLOW(POST, "/imports/{import}/apply", imports_apply, import_progress, IMPORT_LIST)
static enum err imports_apply(struct request *rq, struct import_progress_page *page)
{
    if (back_to(rq, &page->import))
        return rq_end(rq);
    import_apply_start(rq, v_as_int(page->import.id));
    work_at_once(rq, v_as_int(page->import.id));
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/imports/{import}/cancel", imports_cancel, import_progress, IMPORT_LIST)
static enum err imports_cancel(struct request *rq, struct import_progress_page *page)
{
    if (back_to(rq, &page->import))
        return rq_end(rq);
    import_cancel(rq, v_as_int(page->import.id));
    work_at_once(rq, v_as_int(page->import.id));
    return rq_end(rq);
}

/* ---- doubtful rows ---- */

static struct value decision_of(struct text t)
{
    const struct code *code = t.n ? code_find(code_list("import_decision"), t) : NULL;
    return code ? v_z(code->code) : v_null();
}

ROUTE(POST, "/imports/{import}/decisions", imports_decide, import_progress, IMPORT_LIST)
static enum err imports_decide(struct request *rq, struct import_progress_page *page)
{
    struct text *rows;
    struct change ch;

    if (back_to(rq, &page->import))
        return rq_end(rq);
    rq_redirect(rq, "/imports/%lld?show=doubtful", (long long)v_as_int(page->import.id));
    size_t n = rq_field_all(rq, "row", &rows);
    change_begin(rq, &ch, SUBJECT(&list_import_table, v_as_int(page->import.id)));
    for (size_t i = 0; i < n && i < DECISIONS_MAX; i++) {
        int64_t id;
        if (text_int(rows[i], 1, INT64_MAX, &id))
            continue;
        struct text name = arena_printf(rq->arena, "decision-%lld", (long long)id);
        w_import_row_decide(
            &ch, &(struct import_row_decide_args){.id = v_int(id),
                                                  .import = page->import.id,
                                                  .decision = decision_of(rq_field(rq, name.s))});
    }
    for (int differs = 0; differs < 2; differs++) {
        struct value all = decision_of(rq_field(rq, differs ? "all_differing" : "all_alike"));
        if (v_is(all))
            w_import_rows_decide(&ch, &(struct import_rows_decide_args){.import = page->import.id,
                                                                        .decision = all,
                                                                        .differs = v_int(differs)});
    }
    ch.events++; /* staging only: what is decided has its events when it is applied */
    (void)change_commit(&ch);
    return rq_end(rq);
}

/* ---- columns ---- */

static void load_columns(struct request *rq, struct import_columns_page_page *page)
{
    q_import_card(rq, &(struct import_card_args){.id = rq_id(rq, "import")}, &page->import);
    q_import_columns(rq, &(struct import_columns_args){.import = page->import.id}, &page->columns);
    page->services = text_is(v_as_text(page->import.kind), "services");
}

ROUTE(GET, "/imports/{import}/columns", imports_columns, import_columns_page, IMPORT_LIST)
static enum err imports_columns(struct request *rq, struct import_columns_page_page *page)
{
    load_columns(rq, page);
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/imports/{import}/columns", imports_remap, import_columns_page, IMPORT_LIST)
static enum err imports_remap(struct request *rq, struct import_columns_page_page *page)
{
    int64_t ids[IMPORT_COLUMNS_MAX];
    struct text fields[IMPORT_COLUMNS_MAX];
    size_t n = 0;

    load_columns(rq, page);
    for (; n < page->columns.n && n < IMPORT_COLUMNS_MAX; n++) {
        ids[n] = v_as_int(page->columns.row[n].id);
        struct text name = arena_printf(rq->arena, "column-%lld", (long long)ids[n]);
        fields[n] = rq_field(rq, name.s);
        const struct code *code =
            fields[n].n ? code_find(code_list("import_field"), fields[n]) : NULL;
        fields[n] = text_of(code ? code->code : "");
        page->columns.row[n].field = fields[n].n ? v_text(fields[n]) : v_null();
    }
    rq_redirect(rq, "/imports/%lld", (long long)v_as_int(page->import.id));
    if (!rq->err)
        import_remap(rq, v_as_int(page->import.id), ids, fields, n);
    work_at_once(rq, v_as_int(page->import.id));
    return rq_end(rq);
}
