/* A list as CSV or XLSX: the same page function, asked again for the next rows until the end; the
 * same masks. */
#include "base/log.h"
#include "formats/csv.h"
#include "formats/xlsx.h"
#include "web/exchange.h"

/* The list of the page: `list=` names it, else the one called items, else the first. */
static const struct has *list_of(struct exchange *x)
{
    const struct view *view = x->route->view;
    struct text name = rq_param(&x->rq, "list");
    const struct has *first = NULL;

    for (size_t i = 0; i < view->n_has; i++) {
        const struct has *h = &view->has[i];
        if (h->kind != HAS_ROWS || !h->query)
            continue;
        if (name.n ? text_is(name, h->name) || text_is(name, h->query->name)
                   : strcmp(h->name, "items") == 0)
            return h;
        if (!first)
            first = h;
    }
    return name.n ? NULL : first;
}

static bool shown(const struct column *c)
{
    return !c->internal && c->label;
}

/* One of the two writers. */
struct table_out {
    struct xlsx_writer *xlsx;
    struct csv_writer csv;
    struct buf csv_bytes;
};

static void out_cell(struct exchange *x, struct table_out *out, struct value v)
{
    /* People read labels of codes, and which class is hidden. */
    if (v.kind == V_CODE || v.kind == V_HIDDEN)
        v = v_text(value_words(x->rq.arena, x->rq.lang, v));
    if (out->xlsx)
        xlsx_cell(out->xlsx, v);
    else
        csv_write_value(&out->csv, v);
}

static void out_head(struct table_out *out, struct text t)
{
    if (out->xlsx)
        xlsx_head(out->xlsx, t);
    else
        csv_write_cell(&out->csv, t);
}

static void out_row(struct table_out *out)
{
    if (out->xlsx)
        xlsx_row(out->xlsx);
    else
        csv_write_end(&out->csv);
}

/* For people: a semicolon and a mark, as Excel opens it here. For programs: a comma and nothing
 * before. */
static enum err out_begin(struct exchange *x, struct table_out *out)
{
    struct fault fault = {0};
    struct text hidden = text_of(tr(x->rq.lang, N_("hidden")));

    *out = (struct table_out){.csv_bytes = BUF(ANSWER_MAX)};
    if (x->format == FORMAT_XLSX)
        return xlsx_begin(text_of(x->route->view->name), hidden, &out->xlsx, &fault);
    out->csv = (struct csv_writer){.guard = !x->asked.api, .hidden = hidden};
    csv_begin(&out->csv, &out->csv_bytes, x->asked.api ? ',' : ';', !x->asked.api);
    return OK;
}

static enum err out_end(struct exchange *x, struct table_out *out, struct text *bytes)
{
    struct fault fault = {0};
    enum err err;

    if (out->xlsx) {
        err = xlsx_end(out->xlsx, x->rq.arena, bytes, &fault);
    } else {
        err = buf_end(&out->csv_bytes);
        if (!err)
            *bytes = arena_text(x->rq.arena, buf_get(&out->csv_bytes));
    }
    buf_free(&out->csv_bytes);
    return err;
}

static void write_rows(struct exchange *x, struct table_out *out, const struct rows *rows,
                       const struct query *q)
{
    for (size_t r = 0; r < rows->n; r++) {
        for (size_t c = 0; c < q->n_columns; c++)
            if (shown(&q->columns[c]))
                out_cell(x, out, rows->v[r * q->n_columns + c]);
        out_row(out);
    }
}

/* Rows of one call after another. False when the page was answered otherwise. */
static bool write_list(struct exchange *x, const struct has *list, struct table_out *out,
                       enum err *err)
{
    size_t n = 0;
    struct request *rq = &x->rq;
    const struct view *view = x->route->view;

    for (;;) {
        void *page = arena_alloc(rq->arena, view->size);
        x->export_taken = false;
        *err = x->route->run(rq, page);
        if (!*err)
            *err = rq_end(rq);
        if (*err || x->file_name.n || x->location.n)
            return false;
        const struct rows *rows = (const struct rows *)((const char *)page + list->offset);
        if (n && !x->export_taken)
            return true; /* a list that never goes on: these are the same rows once more */
        write_rows(x, out, rows, list->query);
        n += rows->n;
        if (!rows->next.n || rows->n == 0)
            return true;
        if (n >= EXPORT_MAX) {
            struct text cut = message_plain(
                rq->arena, rq->lang, N_("The list goes on: only the first {a} rows are here."),
                v_int((int64_t)n));
            out_cell(x, out, v_text(cut));
            out_row(out);
            return true;
        }
        /* a page may fill its list by another statement with the same columns */
        x->export_query = rows->query;
        x->export_after = rows->next;
    }
}

static void answer_table(struct exchange *x, struct text bytes)
{
    bool xlsx = x->format == FORMAT_XLSX;
    char day[DATE_ISO_LEN + 1];

    date_iso(x->rq.today, day);
    x->type = xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                   : "text/csv; charset=utf-8";
    x->out = bytes;
    x->file_name =
        arena_printf(x->rq.arena, "%s-%s.%s", x->route->view->name, day, xlsx ? "xlsx" : "csv");
    answer_file(x);
}

bool export_list(struct exchange *x)
{
    struct request *rq = &x->rq;
    const struct has *list = list_of(x);
    struct table_out out;
    struct text bytes;
    enum err err = OK;

    if (!list)
        return false;
    if (out_begin(x, &out)) {
        problem(x, 500, NULL);
        return true;
    }
    for (size_t c = 0; c < list->query->n_columns; c++)
        if (shown(&list->query->columns[c]))
            out_head(&out, text_of(x->asked.api ? list->query->columns[c].name
                                                : tr(rq->lang, list->query->columns[c].label)));
    out_row(&out);
    x->export_query = list->query;
    x->export_after = rq_param(rq, "after");
    bool whole = write_list(x, list, &out, &err);
    x->export_query = NULL;
    enum err end = out_end(x, &out, &bytes);
    if (whole && !end) {
        answer_table(x, bytes);
    } else if (whole) {
        log_error("%s: the export could not be written: %s", x->route->path, err_name(end));
        problem(x, end == ERR_LIMIT ? 413 : 500, NULL);
    } else {
        x->format = x->asked.api ? FORMAT_JSON : FORMAT_HTML;
        if (err)
            problem(x, problem_status(x, err), rq->reason);
        else if (x->file_name.n)
            answer_file(x); /* the page makes its own files */
        else
            answer_location(x, x->location);
    }
    return true;
}
